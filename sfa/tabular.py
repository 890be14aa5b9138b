"""Everything that comes from a file of rows: dialect, header, and records with their line numbers; bytes and encoding: `encodings.py`.

The reading counterpart of output.py. It knows no kind, field or database. It never guesses silently: what it decided stands
in `Dialect.notes`, and a record that cannot be trusted carries the reason in `Row.problem`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple

from sfa.encodings import CHUNK, find_encoding, open_bytes
from sfa.errors import BadValue, SfaError

if TYPE_CHECKING:
    import _csv

_CELL_LIMIT = 12 << 20  # characters; a quote that stays open for longer counts as never closed
_SAMPLE = 50  # records looked at to find the delimiter and the header
_DELIMITERS = ",;\t|"
_NEVER = -2  # a quote that is opened and not closed
_SOUND = -1


class Dialect(NamedTuple):
    """How a file was read. `header_line` is the header's first physical line (from 1; 0 when the file has none). `form` is what it holds
    where that is no delimited text: vCard, iCalendar."""

    encoding: str
    delimiter: str
    quote: str
    header_line: int
    notes: tuple[str, ...]
    form: str = ""


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
    """Open a delimited text file, or one of vCards or a calendar, and find its encoding, delimiter and header ("-": standard input; gzip
    is unpacked).

    `encoding` and `delimiter` override the detection; `header=False` names the columns "column 1", "column 2", ….
    Raises NotFound (no such file), UsageError (a folder), Refused (not permitted), BadValue (empty, binary, damaged or undecodable).
    """
    import zlib

    from sfa.lined import open_lined

    name = "standard input" if path == "-" else repr(path[-60:])
    delimiter = _given_delimiter(delimiter)
    with ExitStack() as resources:
        try:
            raw = open_bytes(path, name, resources)
            found = find_encoding(raw, name, encoding)
            raw.seek(found.skip)
        except (EOFError, zlib.error) as error:
            raise BadValue(f"{name} is a damaged gzip file: {error}") from error
        except OSError as error:
            raise SfaError(f"cannot read {name}: {error.strerror or error}") from error
        if lined := open_lined(raw, found, name, resources):
            return lined
        if csv.field_size_limit() < _CELL_LIMIT:
            csv.field_size_limit(_CELL_LIMIT)
        text = resources.enter_context(io.TextIOWrapper(raw, encoding=found.codec, newline=""))
        layout = _find_layout(text.readlines(CHUNK), name, delimiter, header)
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
    whole = sum(map(len, lines)) < CHUNK
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
        more = self._more(min(max(CHUNK, sum(map(len, rest))), 4 * CHUNK)) if self._more else []
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
