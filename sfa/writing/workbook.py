"""Sheets as an Excel workbook: dates are dates, amounts are numbers with their currency beside, ids are texts, formulas never.

Written row by row, so that a million rows fit in memory; the library (extra `sheets`) is imported when a workbook is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from sfa.errors import SfaError
from sfa.messages import say
from sfa.sales import moments, money, values
from sfa.sales.dates import Calendar
from sfa.sales.sheets import Column, Sheet
from sfa.writing import separated

if TYPE_CHECKING:
    from sfa.output import View

MOST_ROWS = 1_048_575
"""Rows that a worksheet has room for, below its header; more go on in another one."""
LONGEST = 32_767
"""Characters that a cell has room for."""
_FIRST = date(1900, 3, 1)
"""The first day that all spreadsheets agree on; earlier ones are texts."""


class Written(NamedTuple):
    """How many rows were written, and how many texts were cut."""

    rows: int
    cut: int


def write(path: str, sheets: Iterable[tuple[str, Sheet]], view: View) -> Written:
    """Write sheets, each with its title, to a new workbook. Raises SfaError where the library is not there."""
    try:
        from xlsxwriter import Workbook
    except ImportError:
        raise SfaError("Excel files need a library that is not there", "pip install 'sfa[sheets]'") from None
    # Text is text: neither formulas nor links nor numbers are seen in it.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = Workbook(path, options)
    formats: dict[str, Any] = {}

    def formatted(pattern: str) -> Any:
        if pattern not in formats:
            formats[pattern] = book.add_format({"num_format": pattern})
        return formats[pattern]

    head = book.add_format({"bold": True})
    rows = cut = 0
    for title, sheet in sheets:
        done = _Page(book, title, _columns(sheet.columns), view, head, formatted).fill(sheet)
        rows, cut = rows + done.rows, cut + done.cut
    # The same content makes the same bytes.
    book.set_properties({"created": datetime(2000, 1, 1)})
    book.close()
    return Written(rows, cut)


def _columns(columns: Sequence[Column]) -> list[Column]:
    """The columns, with a currency beside amounts where none of them says it."""
    from sfa.sales.kinds import Field

    if any(c.field.type == "currency" for c in columns):
        return list(columns)
    out = []
    for c in columns:
        out.append(c)
        if c.field.type == "money" and c.beside >= 0:
            out.append(Column(say("{name} currency", name=c.name), Field("currency", "currency"), c.beside))
    return out


class _Page:
    """One sheet being written, over as many worksheets as it needs."""

    def __init__(self, book: Any, title: str, columns: list[Column], view: View, head: Any, formatted: Callable[[str], Any]) -> None:
        self.book, self.title, self.columns, self.view, self.head, self.formatted = book, title, columns, view, head, formatted
        self.pages = self.cut = 0

    def fill(self, sheet: Sheet) -> Written:
        writers = [self._writer(c) for c in self.columns]
        page, at, many = self._page(), 0, 0
        for row, out in _both(sheet, self.columns, self.view):
            if at == MOST_ROWS:
                page, at = self._page(), 0
            at += 1
            many += 1
            for i, (write, cell) in enumerate(zip(writers, out, strict=True)):
                if cell is not None and cell != "":
                    write(page, at, i, cell, row)
        return Written(many, self.cut)

    def _page(self) -> Any:
        self.pages += 1
        page = self.book.add_worksheet((self.title + (f" {self.pages}" if self.pages > 1 else ""))[:31])
        page.freeze_panes(1, 0)
        for i, c in enumerate(self.columns):
            page.set_column(i, i, max(10, min(40, len(c.name) + 2)))
            page.write_string(0, i, c.name, self.head)
        return page

    def _writer(self, column: Column) -> Callable[[Any, int, int, Any, tuple[Any, ...]], Any]:
        """A function that writes one cell of a column: (page, row, column, cell, stored row)."""
        kind, beside, formatted = column.field.type, column.beside, self.formatted
        if kind == "money":
            patterns = {e: "#,##0" + ("." + "0" * e if e else "") for e in range(5)}

            def amount(page: Any, y: int, x: int, cell: Any, row: tuple[Any, ...]) -> None:
                digits = money.exponent(row[beside] or "USD" if beside >= 0 else "USD")
                page.write_number(y, x, float(cell), formatted(patterns[digits]))

            return amount
        if kind == "date":
            return lambda page, y, x, cell, row: self._date(page, y, x, cell)
        if kind == "stamp":
            return lambda page, y, x, cell, row: self._stamp(page, y, x, cell, self.view.calendar)
        if kind in ("number", "percent", "count") and column.names is None:
            return lambda page, y, x, cell, row: page.write_number(y, x, cell)
        if kind == "bool" and column.names is None:
            return lambda page, y, x, cell, row: page.write_boolean(y, x, cell == "yes")
        return lambda page, y, x, cell, row: self._text(page, y, x, cell)

    def _date(self, page: Any, y: int, x: int, cell: str) -> None:
        try:
            day = date.fromisoformat(cell)
        except ValueError:
            return self._text(page, y, x, cell)
        if day < _FIRST:
            return self._text(page, y, x, cell)
        page.write_datetime(y, x, datetime(day.year, day.month, day.day), self.formatted("yyyy-mm-dd"))
        return None

    def _stamp(self, page: Any, y: int, x: int, cell: str, calendar: Calendar) -> None:
        try:
            moment = datetime.fromisoformat(moments.local_text(cell, calendar))
        except ValueError:
            return self._text(page, y, x, cell)
        page.write_datetime(y, x, moment, self.formatted("yyyy-mm-dd hh:mm"))
        return None

    def _text(self, page: Any, y: int, x: int, cell: Any) -> None:
        text = str(cell) if self.view.raw else values.visible(str(cell))
        self.cut += len(text) > LONGEST
        page.write_string(y, x, text[:LONGEST])


def _both(sheet: Sheet, columns: list[Column], view: View) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Each row as it is stored, and its cells."""
    from collections import deque

    stored: deque[tuple[Any, ...]] = deque()

    def kept() -> Iterator[tuple[Any, ...]]:
        for row in sheet.rows:
            stored.append(row)
            yield row

    for out in separated.rows(sheet._replace(rows=kept()), columns, view):
        yield stored.popleft(), out
