"""Rows as CSV and TSV, for pipes and files: a few hundred at a time are turned into columns, made text column by column, and put together.

A call a column is cheaper than one a cell: most columns of most rows hold nothing that must be quoted or defused, which one look at all
their cells together shows. What the cells say is decided in `sales/values.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TextIO

from sfa.sales import money, refs, values
from sfa.sales.sheets import Column, Sheet

if TYPE_CHECKING:
    from sfa.output import View

BATCH = 500
TEXTUAL = frozenset(("text", "ref", "email", "phone", "choice", "external", "optout", "currency", "people"))
"""Types of cells that people filled: what a spreadsheet would run is defused in them."""
_FIGURES = frozenset(("money", "percent", "count", "ratio", "days", "bool", "self"))
"""Types of cells that never need quotes."""
_RUN = "=+-@\t\r'"
_MARK = "|"
# Not compiled here: most commands write TSV, and need none of them.
_RUNNING = r"\|[=+\-@\t\r']"
_QUOTED = '[",\r\n]'
_ODD = r"""[",\r\n]|\A[=+\-@\t']"""
_Columns = Sequence[Sequence[Any]]
_Cells = Callable[[_Columns], Iterable[Any]]
_Texts = Callable[[Iterable[Any]], Iterable[str]]


def write(data: Sheet, columns: Sequence[Column], view: View, stream: TextIO) -> None:
    """TSV (tabs and line ends in cells become blanks) or CSV with a header row, without a total: whoever adds up a column must not count
    twice. CSV cells that a spreadsheet would run are defused with an apostrophe unless `view.raw`."""
    comma = view.format == "csv"
    made = [(_raw_column(c, view), _csv(c, view.raw) if comma else _tsv(c)) for c in columns]
    join = ("," if comma else "\t").join
    stream.write(join(map(_quoted, [c.name for c in columns]) if comma else [c.name for c in columns]) + "\n")
    rows = iter(data.rows)
    while some := list(islice(rows, BATCH)):
        by = list(zip(*some, strict=True))
        lines = list(map(join, zip(*(texts(cells(by)) for cells, texts in made), strict=True)))
        if comma and len(made) == 1:
            # A line without anything would be no row.
            lines = [line or '""' for line in lines]
        lines.append("")
        stream.write("\n".join(lines))


def _raw_column(column: Column, view: View) -> _Cells:
    """A function from the stored columns of a few rows to the cells of one column, None for blank."""
    field, at, beside = column.field, column.at, column.beside
    if column.names is not None:
        get = column.names.get
        return lambda by: map(get, by[at])
    if field.type == "self":
        if field.name == "id":
            return lambda by: refs.long_forms(field.to, by[at])
        name = refs.shower(field.to, view.site)
        return lambda by: [None if v is None else name(field.to, v) for v in by[at]]
    if field.type == "people":
        # Names may be borne by several, or hold a comma.
        return lambda by: [v and ",".join(refs.long_form(field.to, int(n)) for n in v.split(",")) for v in by[beside]]
    if field.type == "money":
        return lambda by: money.texts(by[at], by[beside])
    if field.type in ("bool", "period"):
        return lambda by: [values.raw(field, v, "", view.calendar) for v in by[at]]
    if field.type in ("ratio", "days"):
        return lambda by: [None if v is None else f"{v:.6g}" for v in by[at]]
    if column.apart:
        apart = column.apart
        return lambda by: [refs.long_form(field.to, b) if a in apart else a for a, b in zip(by[at], by[beside], strict=True)]
    return lambda by: by[at]


def _csv(column: Column, raw: bool) -> _Texts:
    """A function from the cells of a column to the texts between the commas."""
    if column.field.type in _FIGURES and column.names is None:
        return _plain
    tidy = not raw and column.field.type in TEXTUAL
    odd, running = re.compile(_ODD if tidy else _QUOTED).search, re.compile(_RUNNING).search
    known: dict[Any, str] = {}

    def one(cell: Any) -> str:
        text = cell if cell.__class__ is str else str(cell)
        if odd(text) is None and (text.isprintable() or not tidy):
            return text
        return _quoted(defused(text) if tidy else text)

    def texts(cells: Iterable[Any]) -> Iterable[str]:
        if not isinstance(cells, tuple):
            cells = list(cells)
        filled = [c for c in cells if c is not None] if None in cells else cells
        if not filled:
            return [""] * len(cells)
        if filled[0].__class__ is str:
            try:
                whole = _MARK + _MARK.join(filled)
            except TypeError:
                whole = '"'
            if '"' not in whole and "," not in whole and whole.isprintable() and not (tidy and running(whole)):
                return cells if filled is cells else ["" if c is None else c for c in cells]
        if len(different := {*filled}) * 4 > len(filled):
            if tidy:
                return ["" if c is None else c if odd(c) is None and c.isprintable() else one(c) for c in cells]
            return ["" if c is None else one(c) for c in cells]
        if len(known) > BATCH * 100:
            known.clear()
        for cell in different - known.keys():
            known[cell] = one(cell)
        return ["" if c is None else known[c] for c in cells]

    return texts


def _plain(cells: Iterable[Any]) -> Iterable[str]:
    return ["" if c is None else c if c.__class__ is str else str(c) for c in cells]


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if re.search(_QUOTED, text) else text


def _tsv(column: Column) -> _Texts:
    if column.field.type not in TEXTUAL:
        return _plain
    return lambda cells: ["" if c is None else _flat(c if c.__class__ is str else str(c)) for c in cells]


def _flat(text: str) -> str:
    """A text without control characters on one line, for TSV."""
    return text if text.isprintable() else values.visible(text).replace("\t", " ").replace("\n", " ")


def defused(text: Any) -> Any:
    """A text that no spreadsheet runs, for CSV."""
    if text and not text.isprintable():
        text = values.visible(text)
    return "'" + text if text and text[0] in _RUN and not _harmless(text) else text


def _harmless(text: str) -> bool:
    """A phone number or a plain number is nothing that a spreadsheet would run. An apostrophe is taken for ours, and doubled, only where
    what follows it would be run, so that an import can take ours off again."""
    if text[0] == "'":
        behind = text.lstrip("'")
        return not behind or behind[0] not in _RUN
    return text[0] in "+-" and all(c in "0123456789 ().-/" for c in text[1:])


def rows(data: Sheet, columns: Sequence[Column], view: View) -> Iterator[tuple[Any, ...]]:
    """The rows as cells of files that are not text (None for blank): what `write` would write, neither quoted nor defused."""
    made = [_raw_column(c, view) for c in columns]
    stream = iter(data.rows)
    while some := list(islice(stream, BATCH)):
        by = list(zip(*some, strict=True))
        yield from zip(*(cells(by) for cells in made), strict=True)
