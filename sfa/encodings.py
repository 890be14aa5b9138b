"""A file's bytes and what encoding they are in: gzip, byte order marks, UTF-8, UTF-16, GB18030, Western; never a silent guess.

The rows in the text are `tabular.py`'s.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
from collections import Counter
from contextlib import ExitStack
from itertools import islice
from typing import IO, NamedTuple

from sfa.errors import BadValue, NotFound, Refused, UsageError

CHUNK = 1 << 20
"""Bytes read, or characters of lines held, at a time."""
_LINE_LIMIT = 64 << 20  # bytes without a line end: no table, and too much to hold in memory

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII_INSIDE = {"utf-8", "gb18030", "cp1252", "iso8859-1"}  # bytes below 0x80 always mean ASCII: such chunks need no decoding
_CSV_HINT = "open it in a spreadsheet and save it as CSV (UTF-8)"
_UNPACK = "unpack it first (gzip is read as it is)"
_MAGIC = (  # how the first bytes look, what that is, what to do about it
    (rb"PK\x03\x04.*?xl/", "an Excel workbook (XLSX)", "save it as CSV (UTF-8)"),
    (rb"PK\x03\x04.*?(?:\[Content_Types\]|docProps/|vnd\.oasis)", "an Office document", "save it as CSV (UTF-8)"),
    (rb"PK(?:\x03\x04|\x05\x06)", "a ZIP archive", "unpack it and import the files inside"),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook (XLS)", "save it as CSV (UTF-8)"),
    (rb"SQLite format 3\x00", "a SQLite database", "export the table as CSV first"),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|BM.{4}\x00{4}", "a picture", ""),
    (rb"%PDF-", "a PDF document", ""),
    (rb"BZh[1-9]1AY&SY|\xfd7zXZ\x00|7z\xbc\xaf\x27\x1c|\x28\xb5\x2f\xfd|Rar!\x1a", "a compressed file", _UNPACK),
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
            raise UsageError(f"{name} is a folder", "name one file in it")
        try:
            raw = resources.enter_context(open(path, "rb"))  # noqa: SIM115
        except (FileNotFoundError, NotADirectoryError, ValueError) as error:
            raise NotFound(f"there is no file {name}") from error
        except PermissionError as error:
            raise Refused(f"the file {name} may not be read", "ask for permission to read it") from error
    if path == "-" or not raw.seekable():
        import shutil
        import tempfile

        spool = resources.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
        shutil.copyfileobj(raw, spool, CHUNK)
        raw = spool
    raw.seek(0)
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    if packed:
        import gzip

        return resources.enter_context(io.BufferedReader(gzip.GzipFile(fileobj=raw)))
    return raw


def _refuse_binary(head: bytes, name: str, wide: bool) -> None:
    for pattern, what, hint in _MAGIC:
        if re.match(pattern, head, re.DOTALL | re.IGNORECASE):
            raise BadValue(f"{name} is {what}, not a text file of rows", hint)
    # A stray NUL spoils one record; NULs in the first line or all over mean that this was never text.
    first_line = re.split(rb"[\r\n]", head.lstrip(b"\r\n"), maxsplit=1)[0]
    if not wide and (b"\0" in first_line or head.count(b"\0") * 8 > len(head)):
        raise BadValue(f"{name} is a binary file, not a text file of rows", _CSV_HINT)


class Encoding(NamedTuple):
    codec: str
    skip: int  # bytes of the byte order mark
    nul: bool  # NUL characters occur: rows must be searched for them
    notes: tuple[str, ...]


class _Survey(NamedTuple):
    bad: int  # position of the first byte that cannot be decoded, -1: none
    nul: bool


def find_encoding(raw: IO[bytes], name: str, given: str) -> Encoding:
    """Explicit, byte order mark, UTF-16 by its NULs, valid UTF-8, then a guess: the whole file is proved to decode."""
    head = raw.read(1 << 16)
    if not head.strip(b"\r\n \t"):
        raise BadValue(f"file is empty: {name}")
    skip, marked = next(((len(bom), codec) for bom, codec in _BOMS if head.startswith(bom)), (0, ""))
    codec = _given_codec(given) or marked or _utf16_by_nuls(head)
    if given and marked and codec in (marked, marked[:6]):
        codec = marked  # "utf-16" with a mark: the mark says which end
    elif codec != marked:
        skip = 0
        if codec in ("utf-16", "utf-32"):
            codec = _utf16_by_nuls(head) or f"{codec}-le"
    _refuse_binary(head[skip:], name, wide=codec.startswith(("utf-16", "utf-32")))
    survey = _survey(raw, codec or "utf-8", skip, name)
    if survey.bad < 0:
        return Encoding(
            codec or "utf-8",
            skip,
            survey.nul,
            (f"read as {codec.upper()} without byte order mark",) if codec and not (given or marked) else (),
        )
    if codec:
        raise _undecodable(raw, codec, skip, survey.bad, name)
    codec = _guess(raw, survey.bad, name)
    survey = _survey(raw, codec, 0, name)
    if survey.bad >= 0 and codec == "cp1252":
        codec, survey = "iso8859-1", _Survey(-1, survey.nul or _survey(raw, "iso8859-1", 0, name).nul)
    if survey.bad >= 0:
        raise _undecodable(raw, codec, 0, survey.bad, name)
    label = {"gb18030": "GB18030", "iso8859-1": "Latin-1"}.get(codec, codec)
    return Encoding(codec, 0, survey.nul, (f"read as {label} (a guess), for example {_sample_text(raw, codec)!r}",))


def _given_codec(encoding: str) -> str:
    if not encoding:
        return ""
    try:
        codec = codecs.lookup(encoding)
        if codec.name not in ("idna", "punycode") and isinstance(
            "".encode(codec.name), bytes
        ):  # rot13 and its like turn text into text and raise here
            return {"utf-8-sig": "utf-8"}.get(codec.name, codec.name)
    except (LookupError, ValueError, UnicodeError):
        pass
    raise BadValue(f"unknown encoding {encoding[:60]!r}", "for example utf-8, utf-16, gb18030, big5, shift_jis, cp1252, cp850")


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
    position, unbroken, nul, pending = skip, 0, False, b""
    while True:
        chunk = raw.read(CHUNK)
        if chunk and not pending and codec in _ASCII_INSIDE and chunk.isascii():
            nul = nul or b"\0" in chunk
        else:
            try:
                nul = "\0" in decoder.decode(chunk, not chunk) or nul
            except UnicodeDecodeError as error:
                return _Survey(position - len(pending) + error.start, nul)
            pending = decoder.getstate()[0]
        if not chunk:
            return _Survey(-1, nul)
        position += len(chunk)
        unbroken = 0 if b"\n" in chunk or b"\r" in chunk else unbroken + len(chunk)
        if unbroken > _LINE_LIMIT:
            raise BadValue(f"{name} is not a text file of rows: {unbroken >> 20} MB without a line end")


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
    where = f"line {line}, byte {bad + 1} of the file (0x{byte})"
    return BadValue(f"{name} cannot be read as {codec.upper()}: {where}", "name the right one with --encoding, or mend the file")


_HIGH = re.compile(rb"([A-Za-z]?)([\x80-\xff]+)(?=([A-Za-z]?))")
_LETTERS = frozenset(range(0xC0, 0x100)) - {0xD7, 0xF7} | {0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F}
_MARKS = frozenset(b"\x80\x82\x84\x85\x91\x92\x93\x94\x95\x96\x97\x99\xa0\xa3\xa7\xa9\xab\xae\xb0\xb4\xb7\xba\xbb\xbf\xaa\xb2\xb3\xa1")


def _guess(raw: IO[bytes], bad: int, name: str) -> str:
    """GB18030 or cp1252 by what the bytes above 0x7F look like; BadValue where neither is believable."""
    votes: Counter[str] = Counter()
    raw.seek(0)
    while (chunk := raw.read(CHUNK)) and votes.total() < 100_000:
        for found in islice(_HIGH.finditer(chunk), 20_000):
            _vote(votes, *found.groups())
    chinese, latin, other = votes["chinese"], votes["latin"], votes["other"]
    if votes["utf-8"] > 0.7 * (chinese + latin + other):
        raise _undecodable(raw, "utf-8", 0, bad, name)
    if chinese >= 3 * (latin + other) and chinese:
        return "gb18030"
    if latin >= chinese + other and latin:
        return "cp1252"
    message = f"cannot tell the encoding of {name}: it is not UTF-8, and reads neither as Chinese nor as Western text"
    raise BadValue(message, "name it: --encoding cp850, big5, shift_jis, gb18030, cp1252, …")


def _vote(votes: Counter[str], before: bytes, run: bytes, after: bytes) -> None:
    """Count one run of bytes above 0x7F for what it may be: two-byte Chinese characters, or Latin letters among ASCII ones."""
    size = len(run)
    if size > 1:
        try:
            run.decode("utf-8")
            votes["utf-8"] += size
        except UnicodeDecodeError:
            pass
    if size <= 2 and before and after and all(byte in _LETTERS for byte in run):
        votes["latin"] += size
    elif size == 1:
        inside = run != b"\x92" and before and (after or run in b"\x82\x84")  # cp850 has é and ä where cp1252 has low quotes
        votes["latin" if run[0] in _LETTERS or (run[0] in _MARKS and not inside) else "other"] += 1
    else:
        for lead, trail in zip(run[::2], run[1::2], strict=False):
            # GB 2312: 0xB0-0xD7 the 3,755 common characters, to 0xF7 the rarer, 0xA1-0xA3 punctuation and full-width letters.
            common = 0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA3 or (lead <= 0xF7 and lead >= 0xD8 and not (before or after))
            votes["chinese" if common and trail >= 0xA1 else "other"] += 2


def _sample_text(raw: IO[bytes], codec: str) -> str:
    """The first cell-like piece of text that is not plain ASCII, as the codec reads it."""
    raw.seek(0)
    reader = codecs.getreader(codec)(raw)
    while line := reader.readline(4096):
        if found := re.search(r"[^,;\t|\"\r\n]{0,20}[^\x00-\x7f][^,;\t|\"\r\n]{0,20}", line):
            return found[0].strip()
    return ""
