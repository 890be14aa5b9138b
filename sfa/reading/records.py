"""Records of delimited text out of physical lines: quotes that are wrong are found and reported, and take in no neighbour."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from sfa.messages import say
from sfa.reading.table import CHUNK, PLACES, Row

if TYPE_CHECKING:
    import _csv

CELL_LIMIT = 12 << 20
"""Characters; a quote that stays open for longer counts as never closed."""
_NEVER = -2  # a quote that is opened and not closed
_SOUND = -1
_BLANKS = re.compile(" +")
_END_OF_FILE = ["\x1a"]  # as DOS programs mark it


class Split(NamedTuple):
    """How records are split: the delimiter, the quote, whether blanks stand between them, whether backslashes escape (`escapes.py`)."""

    delimiter: str
    quote: str
    spaced: bool = False
    escaped: bool = False


class Records:
    """Rows out of physical lines. The lines are held in batches, so that those of a damaged record can be read a second time.

    `before`: physical lines ahead of `lines`. `more`: gives further lines, [] at the end; None stops where the lines end.
    `width`: cells a row has; 0 takes every width. `header`: its cells, which are no row when they come again.
    The strict csv reader finds misplaced quotes at no cost; whatever is not a plain full record on one line goes through
    `_examine`.
    """

    def __init__(
        self,
        lines: list[str],
        before: int,
        more: Callable[[int], list[str]] | None,
        how: Split,
        width: int = 0,
        nul: bool = False,
        header: list[str] | None = None,
    ) -> None:
        if csv.field_size_limit() < CELL_LIMIT:
            csv.field_size_limit(CELL_LIMIT)
        self.lines, self.before, self.end = lines, before, before
        self.places: dict[int, tuple[str, int]] = {}
        self.how, quote = how, re.escape(how.quote)
        self._more, self._delimiter, self._quote, self._width, self._nul = more, how.delimiter, how.quote, width, nul
        self._header = header if header and width > 1 else [""]
        self._quoted = re.compile(f"{quote}[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+{quote}")
        self._lost = False  # after a damaged record, until a full one shows that lines and records agree again
        self._careful = nul or not width

    def __iter__(self) -> Iterator[Row]:
        width, new, strip, blanks = self._width, tuple.__new__, str.strip, [""] * self._width
        name = self._header[0]
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
                                    if cells == _END_OF_FILE:
                                        start = end
                                        continue
                                    cells += blanks[len(cells) :]
                                elif width == 1 and cells == _END_OF_FILE:
                                    start = end
                                    continue
                                elif cells[0] == name and cells == self._header:
                                    self._mark(before + end, lines[start].rstrip("\r\n"), 1)
                                    yield Row(before + end, cells, say("line {before}: this is the header again", before=before + end))
                                    start = end
                                    continue
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
        return csv.reader(lines, delimiter=self._delimiter, quotechar=self._quote, strict=True, skipinitialspace=self.how.spaced)

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
            problem = say(
                "line {line}: {count} cells where the header has {width}; {extra!r} is too many",
                line=line,
                count=len(cells),
                width=width,
                extra=extra[:60],
            )
            if end == start + 1:
                text = self.lines[start].rstrip("\r\n")
                place = next((at for n, (cell, at, _) in enumerate(self._walk(text)) if n >= width and cell.strip()), 0)
                self._mark(line, text, place + 1)
        elif len(cells) < width and self._lost:
            problem = say(
                "line {line}: only {count} of {width} cells, right after a damaged record: perhaps a part of it",
                line=line,
                count=len(cells),
                width=width,
            )
        elif width:
            self._lost, self._careful = False, self._nul
            cells = cells if len(cells) == width else cells[:width] + [""] * (width - len(cells))
        if self._nul and not problem and (spoiled := [n for n, cell in enumerate(cells, 1) if "\0" in cell]):
            problem = say("line {line}: cell {spoiled} holds a NUL character", line=line, spoiled=spoiled[0])
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
            return Row(
                first,
                text.split(self._delimiter),
                say("line {first}: a cell is longer than {cell_limit} characters", first=first, cell_limit=CELL_LIMIT),
            ), end
        line, column = place(text, opened, first)
        after, after_column = place(text, stray, first) if stray >= 0 else (line, column)
        if stray == _NEVER:
            problem = say("line {line}, column {column}: a quote is opened here and never closed", line=line, column=column)
        elif stray == _SOUND:
            problem = say("line {line}, column {column}: a quote is opened here and takes in the lines after it", line=line, column=column)
        elif after == line:
            problem = say("line {line}, column {after_column}: text follows a closing quote", line=line, after_column=after_column)
        else:
            problem = say(
                "line {line}, column {column}: a quote is opened here and not closed before line {after}, column {after_column}",
                line=line,
                column=column,
                after=after,
                after_column=after_column,
            )
        resume = start + line - first + 1
        if stray >= 0 and after == line:
            column = after_column
        self._mark(first, self.lines[resume - 1].rstrip("\r\n"), column)
        parts = list(self._walk("".join(self.lines[start:resume]).rstrip("\r\n")))
        if any(fault == _NEVER for _, _, fault in parts):
            self._lost = self._careful = True
        return Row(first, [cell for cell, _, _ in parts], problem), resume

    def _mark(self, line: int, text: str, column: int) -> None:
        """Keep the place of the problem of the record that starts in `line`, to be shown."""
        if len(self.places) < PLACES:
            self.places[line] = (text, column)

    def _walk(self, text: str) -> Iterator[tuple[str, int, int]]:
        """Split a record as far as its quotes allow: (cell, position, fault).

        The fault is _SOUND, _NEVER (quote not closed) or the position where text follows the closing quote; a cell with a
        fault is given raw, up to the next delimiter.
        """
        quote, position = self._quote, 0
        while True:
            if self.how.spaced and (blanks := _BLANKS.match(text, position)) and text.startswith(quote, blanks.end()):
                position = blanks.end()
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


def place(text: str, position: int, first: int) -> tuple[int, int]:
    """Line and column (from 1, in characters) of a position in text that starts in line `first`."""
    before = text[:position]
    line = first + before.count("\n") + before.count("\r") - before.count("\r\n")
    return line, position - max(before.rfind("\n"), before.rfind("\r"))
