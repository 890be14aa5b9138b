"""Everything that comes from a file of rows: bytes, encoding, dialect, header, and records with their line numbers.

The reading counterpart of output.py. It knows no kind, field or database. It never guesses silently: what it decided stands
in `Dialect.notes`, and a record that cannot be trusted carries the reason in `Row.problem`.
"""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from types import TracebackType
from typing import IO, TYPE_CHECKING, NamedTuple

from sfa.errors import BadValue, NotFound, Refused, SfaError, UsageError

if TYPE_CHECKING:
    import _csv

_CHUNK = 1 << 20  # bytes read, or characters of lines held, at a time
_CELL_LIMIT = 12 << 20  # characters; a quote that stays open for longer counts as never closed
_LINE_LIMIT = 64 << 20  # bytes without a line end: no table, and too much to hold in memory
_SAMPLE = 50  # records looked at to find the delimiter and the header
_DELIMITERS = ",;\t|"
_NEVER = -2  # a quote that is opened and not closed
_SOUND = -1

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


class Dialect(NamedTuple):
    """How a file was read. `header_line` is the header's first physical line (from 1; 0 when the file has none)."""

    encoding: str
    delimiter: str
    quote: str
    header_line: int
    notes: tuple[str, ...]


class Row(NamedTuple):
    """One record: the physical line where it starts (from 1), its cells, and why it cannot be trusted ("" when it can).

    A row without a problem has exactly as many cells as the header. One with a problem keeps the cells as they stand in the file.
    """

    line: int
    cells: list[str]
    problem: str


class Table:
    """An open file of rows: iterate it once, close it (or use it as a context manager)."""

    def __init__(self, header: list[str], dialect: Dialect, rows: Iterator[Row], resources: ExitStack) -> None:
        self.header = header
        self.dialect = dialect
        self._rows = rows
        self._resources = resources

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def __enter__(self) -> Table:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._resources.close()


def open_table(path: str, *, encoding: str = "", delimiter: str = "", header: bool = True) -> Table:
    """Open a delimited text file ("-": standard input; gzip is unpacked) and find its encoding, delimiter and header.

    `encoding` and `delimiter` override the detection; `header=False` names the columns "column 1", "column 2", ….
    Raises NotFound (no such file), UsageError (a folder), Refused (not permitted), BadValue (empty, binary, damaged or undecodable).
    """
    import zlib

    name = "standard input" if path == "-" else repr(path[-60:])
    delimiter = _given_delimiter(delimiter)
    with ExitStack() as resources:
        try:
            raw = _open_bytes(path, name, resources)
            found = _find_encoding(raw, name, encoding)
            raw.seek(found.skip)
        except (EOFError, zlib.error) as error:
            raise BadValue(f"{name} is a damaged gzip file: {error}") from error
        except OSError as error:
            raise SfaError(f"cannot read {name}: {error.strerror or error}") from error
        if csv.field_size_limit() < _CELL_LIMIT:
            csv.field_size_limit(_CELL_LIMIT)
        text = resources.enter_context(io.TextIOWrapper(raw, encoding=found.codec, newline=""))
        layout = _find_layout(text.readlines(_CHUNK), name, delimiter, header)
        notes = (*found.notes, *layout.notes)
        dialect = Dialect(found.codec, layout.delimiter, layout.quote, layout.header_line, notes)
        lines = layout.lines[layout.skip :]
        rows = _Records(lines, layout.skip, text.readlines, layout.delimiter, layout.quote, len(layout.header), found.nul)
        return Table(layout.header, dialect, iter(rows), resources.pop_all())


def _given_delimiter(delimiter: str) -> str:
    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter.lower(), delimiter)
    if len(delimiter) > 1 or delimiter in ('"', "\r", "\n"):
        raise BadValue(f"{delimiter[:60]!r} is no delimiter", "give one character, or the word tab")
    return delimiter


# --- bytes ------------------------------------------------------------------------------------------------------------------


def _open_bytes(path: str, name: str, resources: ExitStack) -> IO[bytes]:
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
        shutil.copyfileobj(raw, spool, _CHUNK)
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


# --- encoding ---------------------------------------------------------------------------------------------------------------


class _Encoding(NamedTuple):
    codec: str
    skip: int  # bytes of the byte order mark
    nul: bool  # NUL characters occur: rows must be searched for them
    notes: tuple[str, ...]


class _Survey(NamedTuple):
    bad: int  # position of the first byte that cannot be decoded, -1: none
    nul: bool


def _find_encoding(raw: IO[bytes], name: str, given: str) -> _Encoding:
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
        return _Encoding(
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
    return _Encoding(codec, 0, survey.nul, (f"read as {label} (a guess), for example {_sample_text(raw, codec)!r}",))


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
        chunk = raw.read(_CHUNK)
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
    while left > 0 and (chunk := raw.read(min(left, _CHUNK))):
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
    while (chunk := raw.read(_CHUNK)) and votes.total() < 100_000:
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


# --- dialect and header -----------------------------------------------------------------------------------------------------


class _Layout(NamedTuple):
    lines: list[str]
    delimiter: str
    quote: str
    header: list[str]
    header_line: int
    skip: int  # physical lines to leave out before the first record
    notes: tuple[str, ...]


class _Reading(NamedTuple):
    """The sample as one delimiter splits it: rows with the last line of each, the usual width, the header's place, the fit (0 to 1)."""

    delimiter: str
    rows: list[tuple[Row, int]]
    width: int
    at: int
    fit: float


def _find_layout(lines: list[str], name: str, delimiter: str, header: bool) -> _Layout:
    skip, notes, quote = 0, [], _quote(lines)
    if lines and (told := re.fullmatch(r'"?sep=([^"])"?[\r\n]*', lines[0], re.IGNORECASE)):
        skip, delimiter = 1, delimiter or told[1]
        notes.append(f"line 1 names the delimiter: {told[1]!r}")
    best = _best_reading(lines, skip, delimiter, quote)
    if not best.rows:
        raise BadValue(f"file is empty: {name}")
    if not header:
        return _Layout(lines, best.delimiter, quote, [f"column {n + 1}" for n in range(best.width)], 0, skip, tuple(notes))
    row, last = best.rows[best.at]
    if row.problem:
        raise BadValue(f"the header of {name} cannot be read: {row.problem}", "mend the quotes in the file")
    if best.at:
        above = row.line - 1 - skip
        notes.append(f"{above} line{'s' if above > 1 else ''} before the header skipped")
    if any(_numeric(cell) for cell in row.cells):
        notes.append(f"line {row.line} is read as the header although it holds figures")
    names, renamed = _names(row.cells)
    return _Layout(lines, best.delimiter, quote, names, row.line, last, (*notes, *renamed))


def _quote(lines: list[str]) -> str:
    sample = [line.strip() for line in lines[:_SAMPLE] if line.strip()]
    single = sample and all(re.match(r"'[^'\"]*'(?:[,;\t|]|$)", line) for line in sample)
    return "'" if single and not any('"' in line for line in sample) else '"'


def _best_reading(lines: list[str], skip: int, delimiter: str, quote: str) -> _Reading:
    """The delimiter whose records agree best about their width; then the wider one, then the comma."""
    readings = [_reading(lines, skip, each, quote) for each in delimiter or _DELIMITERS]
    usable = [each for each in readings if each.width > 1 and _convincing(each, lines)]
    if usable:
        return max(usable, key=lambda each: (each.fit / 2 if each.at else each.fit, each.width))
    return readings[0]._replace(width=max(1, readings[0].width) if delimiter else 1, at=0)


def _reading(lines: list[str], skip: int, delimiter: str, quote: str) -> _Reading:
    whole = sum(map(len, lines)) < _CHUNK
    records = _Records(lines[skip:], skip, (lambda size: []) if whole else None, delimiter, quote)
    rows = [(row, records.end) for row in islice(records, _SAMPLE)]
    if not rows:
        return _Reading(delimiter, rows, 0, 0, 0.0)
    widths = Counter(len(row.cells) for row, _ in rows if not row.problem) or Counter({len(rows[0][0].cells): 1})
    often = max(widths.values())
    usual = [width for width, times in widths.items() if times == often]
    first = len(rows[0][0].cells)
    width = first if first in usual else max(usual)
    at = next((n for n, (row, _) in enumerate(rows) if not _preamble(row.cells, width)), 0)
    return _Reading(delimiter, rows, width, at, often / len(rows))


def _preamble(cells: list[str], width: int) -> bool:
    """Whether a record above the table is a title or a note: far narrower, or (saved by a spreadsheet) one or two cells of many.

    A header that names fewer than a third of its columns would be taken for one, if fuller rows follow.
    """
    filled = sum(1 for cell in cells if cell.strip())
    return len(cells) * 2 <= width or (filled <= 2 and filled * 3 <= width)


def _convincing(reading: _Reading, lines: list[str]) -> bool:
    """Lines before the header are only believed where the table below is regular: a list of addresses is one column, not a table."""
    if not reading.at:
        return True
    below = [row for row, _ in reading.rows[reading.at :]]
    regular = sum(1 for row in below if len(row.cells) == reading.width and not row.problem)
    parted = not lines[below[0].line - 2].strip()
    return regular >= 0.75 * len(below) and (reading.width > 2 or parted)


def _numeric(cell: str) -> bool:
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))


def _names(cells: list[str]) -> tuple[list[str], list[str]]:
    """Header cells as unique, readable names, and a note for each that had to be made up or changed."""
    plain = [" ".join(cell.replace("\ufeff", "").split()) for cell in cells]
    taken, names, notes = set(plain), [], []
    for number, name in enumerate(plain, 1):
        unique, again = name or f"column {number}", 2
        while unique in names or (unique != name and unique in taken):
            unique, again = f"{name or f'column {number}'} ({again})", again + 1
        if name and unique != name:
            notes.append(f"column {number} repeats the name {name!r} and is called {unique!r}")
        names.append(unique)
    return names, notes


# --- records ----------------------------------------------------------------------------------------------------------------


class _Records:
    """Rows out of physical lines. The lines are held in batches, so that those of a damaged record can be read a second time.

    `before`: physical lines ahead of `lines`. `more`: gives further lines, [] at the end; None stops where the lines end.
    `width`: cells a row has; 0 takes every width. The strict csv reader finds misplaced quotes at no cost; whatever is not
    a plain full record on one line goes through `_examine`.
    """

    def __init__(
        self,
        lines: list[str],
        before: int,
        more: Callable[[int], list[str]] | None,
        delimiter: str,
        quote: str,
        width: int = 0,
        nul: bool = False,
    ) -> None:
        self.lines, self.before, self.end = lines, before, before
        self._more, self._delimiter, self._quote, self._width, self._nul = more, delimiter, quote, width, nul
        self._quoted = re.compile(f"{quote}[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+{quote}")
        self._lost = False  # after a damaged record, until a full one shows that lines and records agree again
        self._careful = nul or not width

    def __iter__(self) -> Iterator[Row]:
        width, new, strip, blanks = self._width, tuple.__new__, str.strip, [""] * self._width
        while self.lines or self._extend():
            lines, start = self.lines, 0
            while start < len(lines):
                offset, before = start, self.before
                reader = self._reader(offset)
                try:
                    for cells in reader:
                        end = offset + reader.line_num
                        if end == start + 1 and not self._careful and cells and len(cells) <= width:
                            if (cells[0] and not cells[0].isspace()) or any(map(strip, cells)):
                                if len(cells) < width:
                                    cells += blanks[len(cells) :]
                                yield new(Row, (before + end, cells, ""))
                            start = end
                            continue
                        row, start = self._examine(cells, start, end)
                        self.end = before + start
                        if row is not None:
                            yield row
                        if start < end:
                            break  # a damaged record: the lines it swallowed are read again
                except csv.Error:
                    end = offset + reader.line_num
                    if end >= len(lines) and self._more is None:
                        return
                    if end >= len(lines) and self._extend(start):
                        lines, start = self.lines, 0
                        continue
                    row, start = self._damaged(start, end)
                    self.end = before + start
                    yield row
            self.lines, self.before = [], self.before + start

    def _reader(self, start: int) -> _csv.Reader:
        # Going through the indices makes no copy of the lines however often a damaged record makes us start anew.
        lines: Iterable[str] = map(self.lines.__getitem__, range(start, len(self.lines))) if start else self.lines
        return csv.reader(lines, delimiter=self._delimiter, quotechar=self._quote, strict=True)

    def _extend(self, start: int = 0) -> bool:
        """Let go of the lines before `start` and fetch more behind the rest; False, and nothing changed, at the end of the file."""
        rest = self.lines[start:]
        # More each time, or a long record would be read anew too often; but not without bounds, or much is held in memory.
        more = self._more(min(max(_CHUNK, sum(map(len, rest))), 4 * _CHUNK)) if self._more else []
        if more:
            self.lines, self.before = rest + more, self.before + start
        return bool(more)

    def _examine(self, cells: list[str], start: int, end: int) -> tuple[Row | None, int]:
        """The row (None for a blank record) of a record in lines[start:end], and where the next record starts."""
        line, width = self.before + start + 1, self._width
        if not any(map(str.strip, cells)):
            return None, end
        if end - start > 1 and self._swallowed(cells, start, end):
            return self._damaged(start, end)
        problem = ""
        if width and len(cells) > width and any(cell.strip() for cell in cells[width:]):
            extra = next(cell for cell in cells[width:] if cell.strip())
            problem = f"line {line}: {len(cells)} cells where the header has {width}; {extra[:60]!r} is too many"
        elif len(cells) < width and self._lost:
            problem = f"line {line}: only {len(cells)} of {width} cells, right after a damaged record: perhaps a part of it"
        elif width:
            self._lost, self._careful = False, self._nul
            cells = cells if len(cells) == width else cells[:width] + [""] * (width - len(cells))
        if self._nul and not problem and (spoiled := [n for n, cell in enumerate(cells, 1) if "\0" in cell]):
            problem = f"line {line}: cell {spoiled[0]} holds a NUL character"
        return Row(line, cells, problem), end

    def _swallowed(self, cells: list[str], start: int, end: int) -> bool:
        """Whether a cell that goes over a line end is really an unclosed quote that ran into its neighbours.

        It is when there are cells too many, or when each line is a full record by itself. The latter may be chance (a note with
        as many commas as the table has): four delimiters in place are proof enough where the cells come out right.
        """
        width = self._width
        if width < 2:
            return False
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            return True
        if len(cells) == width and (width - 1) * (end - start - 1) < 4:
            return False
        lines = self.lines[start:end]
        if any(line.count(self._delimiter) < width - 1 for line in lines):
            return False
        return all(sum(1 for _ in self._walk(line.rstrip("\r\n"))) == width for line in lines)

    def _damaged(self, start: int, end: int) -> tuple[Row, int]:
        """The row to report for a record in lines[start:end] whose quotes are wrong, and where to go on reading.

        Reading goes on after the line of the bad opening quote. The lines behind it hold no quote that could open
        another long record before the one that ended this, so that each line is read a few times at most.
        """
        text = "".join(self.lines[start:end]).rstrip("\r\n")
        first = self.before + start + 1
        opened, stray = -1, _SOUND
        for cell, position, fault in self._walk(text):
            if fault != _SOUND or "\n" in cell or "\r" in cell:
                opened, stray = position, fault
            if fault != _SOUND:
                break
        if opened < 0:
            return Row(first, text.split(self._delimiter), f"line {first}: a cell is longer than {_CELL_LIMIT} characters"), end
        line, column = _place(text, opened, first)
        after, after_column = _place(text, stray, first) if stray >= 0 else (line, column)
        if stray == _NEVER:
            problem = f"line {line}, column {column}: a quote is opened here and never closed"
        elif stray == _SOUND:
            problem = f"line {line}, column {column}: a quote is opened here and takes in the lines after it"
        elif after == line:
            problem = f"line {line}, column {after_column}: text follows a closing quote"
        else:
            problem = f"line {line}, column {column}: a quote is opened here and not closed before line {after}, column {after_column}"
        resume = start + line - first + 1
        parts = list(self._walk("".join(self.lines[start:resume]).rstrip("\r\n")))
        if any(fault == _NEVER for _, _, fault in parts):
            self._lost = self._careful = True
        return Row(first, [cell for cell, _, _ in parts], problem), resume

    def _walk(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Split a record as far as its quotes allow: (cell, position, fault).

        The fault is _SOUND, _NEVER (quote not closed) or the position where text follows the closing quote; a cell with a
        fault is given raw, up to the next delimiter.
        """
        quote, position = self._quote, 0
        while True:
            found = self._quoted.match(text, position)
            stop = found.end() if found else 0
            if found and (stop == len(text) or text[stop] == self._delimiter):
                yield text[position + 1 : stop - 1].replace(quote * 2, quote), position, _SOUND
            else:
                fault = stop if found else _NEVER if text.startswith(quote, position) else _SOUND
                stop = text.find(self._delimiter, position)
                stop = len(text) if stop < 0 else stop
                yield text[position:stop], position, fault
            if stop == len(text):
                return
            position = stop + 1


def _place(text: str, position: int, first: int) -> tuple[int, int]:
    """Line and column (from 1, in characters) of a position in text that starts in line `first`."""
    before = text[:position]
    line = first + before.count("\n") + before.count("\r") - before.count("\r\n")
    return line, position - max(before.rfind("\n"), before.rfind("\r"))
