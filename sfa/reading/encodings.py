"""A file's bytes and what encoding they are in: unpacked, byte order marks, UTF-8, UTF-16, else by what its text looks like.

Never a silent guess. How text is weighed: `reading/guess.py`; the rows in it are `tabular.py`'s.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING, NamedTuple

from sfa.errors import BadValue, NotFound, Refused, UsageError
from sfa.messages import say, together
from sfa.reading.codecs import CODECS
from sfa.reading.table import CHUNK
from sfa.sales.values import quoted

if TYPE_CHECKING:
    from sfa.reading.guess import Reading

_LINE_LIMIT = 64 << 20  # bytes without a line end: no table, and too much to hold in memory

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII_INSIDE = {"utf-8", *CODECS}  # bytes below 0x80 always mean ASCII: such chunks need no decoding
# What files that are said to be in one of these are really in: the same and more characters.
_WIDER = {"utf-8-sig": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "shift_jis": "cp932", "euc_kr": "cp949"}
_CSV_HINT = "open it in a spreadsheet and save it as CSV (UTF-8)"
_UNPACK = "unpack it first (gzip, bzip2 and xz are read as they are)"
_MAGIC = (  # how the first bytes look, what that is, what to do about it
    (rb"PK\x03\x04.*?xl/", "an Excel workbook (XLSX)", "save it as CSV (UTF-8)"),
    (rb"PK\x03\x04.*?(?:\[Content_Types\]|docProps/|vnd\.oasis)", "an Office document", "save it as CSV (UTF-8)"),
    (rb"PK(?:\x03\x04|\x05\x06)", "a ZIP archive", "unpack it and import the files inside"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (XLS)", "save it as CSV (UTF-8)"),
    (rb"SQLite format 3\x00", "a SQLite database", "export the table as CSV first"),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|BM.{4}\x00{4}", "a picture", ""),
    (rb"%PDF-", "a PDF document", ""),
    (rb"7z\xbc\xaf\x27\x1c|\x28\xb5\x2f\xfd|Rar!\x1a", "a compressed file", _UNPACK),
    (rb"PAR1[\x00-\x1f]", "a Parquet file", "export it as CSV first"),
    (rb"\s*<(?:html|!doctype|table|\?xml)", "an HTML or XML page", _CSV_HINT),
)


def open_bytes(path: str, name: str, resources: ExitStack) -> IO[bytes]:
    """A seekable stream of the file's bytes, unpacked; what can only be read once is kept in a temporary file."""
    raw: IO[bytes]
    if path == "-":
        raw = sys.stdin.buffer
    else:
        if os.path.isdir(path):
            raise UsageError(say("{name} is a folder", name=name), "name one file in it")
        try:
            raw = resources.enter_context(open(path, "rb"))  # noqa: SIM115
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise NotFound(say("there is no file {name}", name=name)) from error
        except PermissionError as error:
            raise Refused(say("the file {name} may not be read", name=name), "ask for permission to read it") from error
    if path == "-" or not raw.seekable():
        import shutil
        import tempfile

        spool = resources.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        shutil.copyfileobj(raw, spool, CHUNK)
        raw = spool
    raw.seek(0)
    head = raw.read(10)
    raw.seek(0)
    if head.startswith(b"\x1f\x8b"):
        import gzip

        return resources.enter_context(io.BufferedReader(gzip.GzipFile(fileobj=raw)))
    if re.match(rb"BZh[1-9]1AY&SY", head):
        import bz2

        return resources.enter_context(io.BufferedReader(bz2.BZ2File(raw)))
    if head.startswith(b"\xfd7zXZ\x00"):
        import lzma

        return resources.enter_context(io.BufferedReader(lzma.LZMAFile(raw)))
    return raw


def refuse_binary(head: bytes, name: str, wide: bool) -> None:
    for pattern, what, hint in _MAGIC:
        if re.match(pattern, head, re.DOTALL | re.IGNORECASE):
            raise BadValue(say("{name} is {what}, not a text file of rows", name=name, what=what), hint)
    # A stray NUL spoils one record; NULs in the first line or all over mean that this was never text.
    first_line = re.split(rb"[\r\n]", head.lstrip(b"\r\n"), maxsplit=1)[0]
    if not wide and (b"\0" in first_line or head.count(b"\0") * 8 > len(head)):
        raise BadValue(say("{name} is a binary file, not a text file of rows", name=name), _CSV_HINT)


class Encoding(NamedTuple):
    codec: str
    skip: int  # bytes of the byte order mark
    nul: bool  # NUL characters occur: rows must be searched for them
    notes: tuple[str, ...]


class Unsure(BadValue):
    """Several encodings read a file differently, and none is much likelier: `readings` are (codec, how it reads the samples)."""

    def __init__(self, name: str, readings: list[tuple[str, list[str]]]) -> None:
        self.readings = readings
        wide = max(len(codec) for codec, _ in readings)
        lines = [f"\n  {codec:<{wide}}  {', '.join(map(quoted, texts))}" for codec, texts in readings]
        super().__init__(
            say("cannot be sure of the encoding of {name}, which may be read as{lines}", name=name, lines="".join(lines)),
            say("name the right one: --encoding {readings}", readings=together(" or ", (codec for codec, _ in readings))),
        )


class _Survey(NamedTuple):
    bad: int  # position of the first byte that cannot be decoded, -1: none
    nul: bool
    beyond: int  # bytes beyond ASCII


_OF_UTF8 = re.compile(rb"(?im)^(?:BEGIN:VCALENDAR|VERSION:4\.0|PRODID:-//sfa//.*)\r?$").search
"""Calendars, vCards of version 4 and what this program writes are UTF-8 by their own rules: nothing is to be doubted."""


def find_encoding(raw: IO[bytes], name: str, given: str) -> Encoding:
    """Explicit, byte order mark, UTF-16 by its NULs, valid UTF-8, then a guess: the whole file is proved to decode.

    Raises BadValue for what is no text, Unsure where several encodings are believable."""
    head = raw.read(1 << 16)
    if not head.strip(b"\r\n \t"):
        raise BadValue(say("file is empty: {name}", name=name))
    skip, marked = next(((len(bom), codec) for bom, codec in _BOMS if head.startswith(bom)), (0, ""))
    codec = _given_codec(given) or marked or _utf16_by_nuls(head) or ("iso2022_jp" if b"\x1b$" in head and head.isascii() else "")
    if given and marked and codec in (marked, marked[:6]):
        codec = marked  # "utf-16" with a mark: the mark says which end
    elif codec != marked:
        skip = 0
        if codec in ("utf-16", "utf-32"):
            codec = _utf16_by_nuls(head) or f"{codec}-le"
    refuse_binary(head[skip:], name, wide=codec.startswith(("utf-16", "utf-32")))
    survey = _survey(raw, codec or "utf-8", skip, name)
    if survey.bad < 0:
        if not codec and 0 < survey.beyond <= _DOUBTFUL and not _OF_UTF8(head):
            _doubt_utf8(raw, name)
        found = (say("read as {label} without byte order mark", label=label(codec)),) if codec and not (given or marked) else ()
        return Encoding(codec or "utf-8", skip, survey.nul, found)
    if codec:
        raise _undecodable(raw, codec, skip, survey.bad, name)
    codec = _guess(raw, survey.bad, name)
    survey = _survey(raw, codec, 0, name)
    if survey.bad >= 0:
        raise _undecodable(raw, codec, 0, survey.bad, name)
    return Encoding(
        codec,
        0,
        survey.nul,
        (say("read as {label} (a guess), for example {sample_text}", label=label(codec), sample_text=quoted(_sample_text(raw, codec))),),
    )


_LABELS = {
    "gb18030": "GB18030",
    "cp950": "Big5 (cp950)",
    "big5hkscs": "Big5 (HKSCS)",
    "cp932": "Shift_JIS (cp932)",
    "cp949": "EUC-KR (cp949)",
    "euc_jp": "EUC-JP",
    "iso8859-1": "Latin-1",
    "iso2022_jp": "ISO-2022-JP",
    "koi8_u": "KOI8-U",
}


def label(codec: str) -> str:
    """What people call an encoding."""
    return _LABELS.get(codec) or (codec.upper() if codec.startswith("utf") else codec)


def _given_codec(encoding: str) -> str:
    if not encoding:
        return ""
    try:
        codec = codecs.lookup(encoding)
        if codec.name not in ("idna", "punycode") and isinstance(
            "".encode(codec.name), bytes
        ):  # rot13 and its like turn text into text and raise here
            return _WIDER.get(codec.name, codec.name)
    except (LookupError, ValueError, UnicodeError):
        pass
    raise BadValue(
        say("unknown encoding {encoding!r}", encoding=encoding[:60]), "for example utf-8, utf-16, gb18030, big5, shift_jis, cp1252, cp850"
    )


def _utf16_by_nuls(head: bytes) -> str:
    """The codec if NULs stand on one side of the byte pairs, as delimiters, line ends and Latin letters have them, else ""."""
    if b"\0" not in head:
        return ""
    pairs = len(head) // 2
    for codec, other, side in (("utf-16-le", head[0::2], head[1::2]), ("utf-16-be", head[1::2], head[0::2])):
        nuls = side.count(0)
        breaks = any(low in b"\r\n" and not high for low, high in zip(other, side, strict=False))
        if nuls * 20 > pairs and other.count(0) * 10 <= nuls and (breaks or nuls * 2 > pairs):
            return codec
    return ""


def _survey(raw: IO[bytes], codec: str, skip: int, name: str) -> _Survey:
    """Decode the whole file once, in chunks: where the first undecodable byte is, and whether there are NULs."""
    raw.seek(skip)
    decoder = codecs.getincrementaldecoder(codec)()
    position, unbroken, nul, pending, beyond = skip, 0, False, b"", 0
    while True:
        chunk = raw.read(CHUNK)
        if chunk and not pending and codec in _ASCII_INSIDE and chunk.isascii():
            nul = nul or b"\0" in chunk
        else:
            if beyond <= _DOUBTFUL:
                beyond += len(chunk.translate(None, _ASCII))
            try:
                nul = "\0" in decoder.decode(chunk, not chunk) or nul
            except UnicodeDecodeError as error:
                return _Survey(position - len(pending) + error.start, nul, beyond)
            pending = decoder.getstate()[0]
        if not chunk:
            return _Survey(-1, nul, beyond)
        position += len(chunk)
        unbroken = 0 if b"\n" in chunk or b"\r" in chunk else unbroken + len(chunk)
        if unbroken > _LINE_LIMIT:
            raise BadValue(say("{name} is not a text file of rows: {unbroken} MB without a line end", name=name, unbroken=unbroken >> 20))


def _undecodable(raw: IO[bytes], codec: str, skip: int, bad: int, name: str) -> BadValue:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(codec)("replace"), translate=True)
    raw.seek(skip)
    line, left = 1, bad - skip
    while left > 0 and (chunk := raw.read(min(left, CHUNK))):
        line += decoder.decode(chunk).count("\n")
        left -= len(chunk)
    line += decoder.decode(b"", True).count("\n")  # a CR at the very end was held back
    raw.seek(bad)
    byte = raw.read(1).hex().upper()
    where = say("line {line}, byte {bad} of the file (0x{byte})", line=line, bad=bad + 1, byte=byte)
    return BadValue(
        say("{name} cannot be read as {codec}: {where}", name=name, codec=codec.upper(), where=where),
        "name the right one with --encoding, or mend the file",
    )


_ASCII = bytes(range(0x80))
_DOUBTFUL = 24
"""Bytes beyond ASCII up to which valid UTF-8 may be chance: a Chinese name or two."""
_PARTING = b' ,;"\t\r\n\0'
_PARTS = re.compile(b"[" + _PARTING + b"]")
_FAR = 300
_LOOKS = 100
_EACH = 6
"""Pieces of text that are looked at for each byte beyond ASCII."""
_LONG = 60
_SHOWN = 3


def _tokens(raw: IO[bytes]) -> list[bytes]:
    """Different pieces of the whole file (cells, words) with bytes beyond ASCII: some for every such byte, however late it comes."""
    seen: Counter[int] = Counter()
    found: dict[bytes, None] = {}
    rest = b""
    raw.seek(0)
    while chunk := raw.read(CHUNK):
        rest += chunk
        if rest.isascii():
            rest = b""
            continue
        cut = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1 or len(rest)
        part, rest = rest[:cut], rest[cut:]
        _gather(part, seen, found)
    _gather(rest, seen, found)
    return list(found)


def _gather(part: bytes, seen: Counter[int], found: dict[bytes, None]) -> None:
    wanted = bytes(byte for byte in set(part.translate(None, _ASCII)) if seen[byte] < _EACH)
    while wanted:
        pattern = re.compile(b"[" + re.escape(wanted) + b"]")
        at = 0
        for _ in range(_LOOKS):
            if not (match := pattern.search(part, at)):
                break
            piece, at = _piece(part, match.start())
            if piece and piece not in found and any(seen[byte] < _EACH for byte in piece if byte >= 0x80):
                found[piece] = None
                seen.update({byte for byte in piece if byte >= 0x80})
        # Bytes that are still too few need not be looked for again here, unless common ones took all the room.
        left = bytes(byte for byte in wanted if not seen[byte])
        wanted = left if len(left) < len(wanted) else b""


def _piece(part: bytes, at: int) -> tuple[bytes, int]:
    """The piece of text around a byte, and where to look on. It begins behind a byte that is no part of a character in any encoding."""
    before = part[max(0, at - _FAR) : at]
    begin = 1 + max(before.rfind(bytes((each,))) for each in _PARTING)
    if not begin and at > _FAR:
        return b"", at + 1
    start = at - len(before) + begin
    after = _PARTS.search(part, at)
    stop = after.start() if after else len(part)
    return part[start : min(stop, max(start + _LONG, at + 8))], max(stop, at + 1)


def _guess(raw: IO[bytes], bad: int, name: str) -> str:
    """The encoding in which the file is text in some language. Raises BadValue where there is none, Unsure where there are several."""
    from sfa.reading.guess import SURE, rank

    tokens = _tokens(raw)
    runs = [run for token in tokens for run in re.findall(rb"[\x80-\xff]{2,}", token)]
    if sum(len(run) for run in runs if _is_utf8(run)) > 0.7 * sum(len(token.translate(None, _ASCII)) for token in tokens):
        raise _undecodable(raw, "utf-8", 0, bad, name)
    readings = rank(tokens)
    if not any(each.sound for each in readings):
        raise BadValue(
            say("cannot tell the encoding of {name}: it is not UTF-8, and looks like no text in any that is known here", name=name),
            "name it: --encoding cp850, big5, shift_jis, gb18030, cp1252, …",
        )
    best = next(each for each in readings if each.sound)
    close = [each for each in readings if best.weight - each.weight < (SURE if each.sound else 0)]
    if len(close) > 1:
        raise _unsure(name, close[:5])
    return best.codec


def _is_utf8(run: bytes) -> bool:
    try:
        run.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _doubt_utf8(raw: IO[bytes], name: str) -> None:
    """Raise Unsure where the few characters beyond ASCII of a file that is valid UTF-8 look more like another encoding's."""
    tokens = _tokens(raw)
    if any(byte >= 0xE0 for token in tokens for byte in token):
        return  # three bytes in a row that fit by chance, and nothing but such: too unlikely
    from sfa.reading.guess import rank

    ranked = rank(tokens, {"utf-8": 8 + 0.5 * sum(byte >= 0x80 for token in tokens for byte in token), **CODECS})
    place = next((n for n, each in enumerate(ranked) if each.codec == "utf-8"), 0)
    if better := [each for each in ranked[:place] if each.sound]:
        raise _unsure(name, [ranked[place], *better[:4]])


def _unsure(name: str, close: Sequence[Reading]) -> Unsure:
    differing = [texts for texts in zip(*(each.texts for each in close), strict=True) if len(set(texts)) > 1]
    # The samples that most of them read differently say most.
    differing.sort(key=lambda texts: -len(set(texts)))
    return Unsure(name, [(each.codec, [texts[n] for texts in differing[:_SHOWN]]) for n, each in enumerate(close)])


def _sample_text(raw: IO[bytes], codec: str) -> str:
    """The first cell-like piece of text that is not plain ASCII, as the codec reads it."""
    raw.seek(0)
    reader = codecs.getreader(codec)(raw)
    while line := reader.readline(4096):
        if not line.isascii() and (found := re.search(r"[^,;\t|\"\r\n]{0,20}[^\x00-\x7f][^,;\t|\"\r\n]{0,20}", line)):
            return found[0].strip()
    return ""
