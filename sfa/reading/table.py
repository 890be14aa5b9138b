"""What every reader gives: a table of text cells with a header, its rows with their lines, and why a row cannot be trusted."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from types import TracebackType
from typing import Any, NamedTuple

from sfa.errors import BadValue
from sfa.messages import say

CHUNK = 1 << 20
"""Bytes read, or characters of lines held, at a time."""
SAMPLE = 50
"""Records looked at to find the header."""
PLACES = 100
"""Places of problems that are kept to be shown."""


class Dialect(NamedTuple):
    """How a file was read. `header_line` is the header's first physical line (from 1; 0 when the file has none); `form` is CSV (all
    delimited text), JSON, NDJSON, sheet, SQLite, vCard or iCalendar, and `part` the sheet, table or array of it. What has no
    encoding, delimiter or quote has ""."""

    encoding: str
    delimiter: str
    quote: str
    header_line: int
    notes: tuple[str, ...]
    form: str = "CSV"
    part: str = ""


class Row(NamedTuple):
    """One record: the physical line where it starts (from 1), its cells, and why it cannot be trusted ("" when it can).

    A row without a problem has exactly as many cells as the header. One with a problem keeps the cells as they stand in the file.
    """

    line: int
    cells: list[str]
    problem: str


def _once() -> Table:
    raise ValueError("this table cannot be opened again")


class Table:
    """An open file of rows: iterate it once, close it (or use it as a context manager). `again` opens it a second time, read in the
    same way. `places` shows where the first rows with a problem go wrong: line → its text, and the column (from 1)."""

    def __init__(
        self,
        header: list[str],
        dialect: Dialect,
        rows: Iterator[Row],
        resources: ExitStack,
        again: Callable[[], Table] | None = None,
        places: dict[int, tuple[str, int]] | None = None,
    ) -> None:
        self.header = header
        self.dialect = dialect
        self.again: Callable[[], Table] = again or _once
        self.places = places if places is not None else {}
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


# --- cells and names --------------------------------------------------------------------------------------------------------


def text_of(value: Any) -> str:
    """A value of a sheet, of JSON or of a database as the text of a cell: dates as ISO, figures without noise (48000, 0.3)."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _figure(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() and value.tzinfo is None else value.isoformat(" ", "seconds")
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _figure(value: float) -> str:
    """A float with the 15 digits that a spreadsheet keeps, never with an exponent."""
    short = f"{value:.15g}" if value else "0"
    if "e" in short and value == value and abs(value) != float("inf"):
        from decimal import Decimal

        return f"{Decimal(short):f}"
    return short


def unique_names(cells: list[str]) -> tuple[list[str], list[str]]:
    """Header cells as unique, readable names, and a note for each that had to be made up or changed."""
    plain = [" ".join(cell.replace("\ufeff", "").split()) for cell in cells]
    taken, names, notes = set(plain), [], []
    for number, name in enumerate(plain, 1):
        unique, again = name or f"column {number}", 2
        while unique in names or (unique != name and unique in taken):
            unique, again = f"{name or f'column {number}'} ({again})", again + 1
        if name and unique != name:
            notes.append(say("column {number} repeats the name {name!r} and is called {unique!r}", number=number, name=name, unique=unique))
        names.append(unique)
    return names, notes


def is_preamble(cells: list[str], width: int) -> bool:
    """Whether a record above the table is a title or a note: far narrower, or (saved by a spreadsheet) one or two cells of many.

    A header that names fewer than a third of its columns would be taken for one, if fuller rows follow.
    """
    filled = sum(1 for cell in cells if cell.strip())
    return len(cells) * 2 <= width or (filled <= 2 and filled * 3 <= width)


def is_numeric(cell: str) -> bool:
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))


def excerpt(line: str, column: int, room: int = 70) -> str:
    """A line's text around a column (from 1), and below it a caret under that place; wide characters count twice."""
    from unicodedata import combining, east_asian_width

    at = column - 1
    start = max(0, at - room // 2) if len(line) > room else 0
    shown = "".join(c if c.isprintable() else " " for c in line[start : start + room])
    before = ("…" if start else "") + shown[: at - start]
    wide = sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in before)
    return f"{'…' if start else ''}{shown}{'…' if start + room < len(line) else ''}\n{' ' * wide}^"


# --- rows that are not from delimited text ----------------------------------------------------------------------------------


class Grid(NamedTuple):
    """Rows below their header: the names, the header's line (0: none), notes, and the rows."""

    header: list[str]
    line: int
    notes: tuple[str, ...]
    rows: Iterator[Row]


def grid(cells: Iterator[tuple[int, list[str]]], header: bool, name: str) -> Grid:
    """A sheet's rows, each with its number: where the header is, lines above it skipped. Raises BadValue where nothing is filled in."""
    filled = ((line, row) for line, row in cells if any(map(str.strip, row)))
    sample = list(islice(filled, SAMPLE))
    if not sample:
        raise BadValue(say("file is empty: {name}", name=name))
    width = max(n for _, row in sample for n, cell in enumerate(row, 1) if cell.strip())
    if not header:
        return Grid([f"column {n + 1}" for n in range(width)], 0, (), checked(chain(sample, filled), width))
    at = next((n for n, (_, row) in enumerate(sample) if not is_preamble(row[:width], width)), 0)
    line, top = sample[at]
    notes = [say("{at} line{s} before the header skipped", at=at, s="s" if at > 1 else "")] if at else []
    if any(map(is_numeric, top)):
        notes.append(say("line {line} is read as the header although it holds figures", line=line))
    names, renamed = unique_names((top + [""] * width)[:width])
    return Grid(names, line, (*notes, *renamed), checked(chain(sample[at + 1 :], filled), width))


def checked(cells: Iterable[tuple[int, list[str]]], width: int) -> Iterator[Row]:
    """Rows of `width` cells out of numbered lists of cells; what does not fit has a problem."""
    for line, row in cells:
        problem = ""
        if len(row) > width and any(map(str.strip, row[width:])):
            extra = next(cell for cell in row[width:] if cell.strip())
            problem = say(
                "line {line}: {count} cells where the header has {width}; {extra!r} is too many",
                line=line,
                count=len(row),
                width=width,
                extra=extra[:60],
            )
        elif len(row) != width:
            row = (row + [""] * width)[:width]
        yield Row(line, row, problem or unfit(line, row))


def unfit(line: int, row: list[str]) -> str:
    """Why the text of a row cannot be kept: a NUL character, or half of one; "" when it can."""
    text = "".join(row)
    if "\0" in text:
        return say(
            "line {line}: cell {at} holds a NUL character",
            line=line,
            at=next((n for n, cell in enumerate(row, 1) if chr(0) in cell)),
        )
    if not text.isascii() and any("\ud800" <= c <= "\udfff" for c in text):
        spoiled = next(n for n, cell in enumerate(row, 1) if any("\ud800" <= c <= "\udfff" for c in cell))
        return say("line {line}: cell {spoiled} holds half a character (a lone surrogate)", line=line, spoiled=spoiled)
    return ""
