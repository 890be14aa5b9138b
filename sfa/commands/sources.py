"""The files of an import before anything is loaded: opened, matched to fields, the order of day and month in their dates proved.

Reading bytes and rows is `sfa/tabular.py`'s; which column is which field `sales/mapping.py` says.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import chain, islice
from typing import NamedTuple, Protocol

from sfa.errors import BadValue, UsageError
from sfa.lined import check_kind
from sfa.sales import histories, mapping, wide
from sfa.sales.datecolumns import prove_order
from sfa.sales.dates import Calendar
from sfa.sales.kinds import Kind
from sfa.sales.values import quoted
from sfa.tabular import Row, Table, open_table

SAMPLE = 200
"""Rows looked at before the rest is read."""
_ORDERS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}


class Source(NamedTuple):
    """A file ready to be loaded. `orders` is how each column of dates is written; `notes` say what was found out about the file; `wide`
    are the columns that hold a quota of one period each."""

    name: str
    table: Table
    plan: mapping.Plan
    orders: dict[int, str]
    sample: list[Row]
    notes: tuple[str, ...]
    wide: tuple[wide.Wide, ...] = ()
    header: tuple[str, ...] = ()
    """The file's own columns, where others were made of them."""

    @property
    def own_header(self) -> Sequence[str]:
        return self.header or self.table.header

    def own_cells(self, cells: Sequence[str]) -> Sequence[str]:
        """The file's own cells of a row."""
        return cells[: len(self.header)] if self.header and len(cells) == len(self.table.header) else cells

    def rows(self) -> Iterator[Row]:
        """Every row, once."""
        return chain(self.sample, self.table)


def read_map(path: str, kind: Kind) -> mapping.Map:
    """The map file at `path` ("" is none). Raises UsageError."""
    if not path:
        return mapping.Map()
    try:
        with open(path, encoding="utf-8-sig") as stream:
            return mapping.read_map(stream.read(), kind, path)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(f"the map file {quoted(path)} cannot be read: {why}") from None


class Shaping(Protocol):
    """What makes a file of a bundle fit: columns made of others, rows left out."""

    def shaped(self, table: Table, again: bool = False) -> Table:
        """The table with its columns and rows as they are loaded; read `again` where nothing is to be counted."""

    def plan(self, table: Table, samples: list[list[str]]) -> mapping.Plan:
        """Where its columns go."""


def open_source(
    path: str,
    kind: Kind,
    given: mapping.Map,
    calendar: Calendar,
    encoding: str,
    delimiter: str,
    resources: ExitStack,
    shaping: Shaping | None = None,
) -> Source:
    """Open a file ("-": standard input, kept in a temporary file) and find out what it holds."""
    name, path = ("standard input", _spooled(resources)) if path == "-" else (path, path)
    try:
        table = resources.enter_context(open_table(path, encoding=encoding, delimiter=delimiter, header=not given.header))
    except BadValue as error:
        raise BadValue(error.message.replace(repr(path[-60:]), name), error.hint) from None
    check_kind(table.dialect.form, kind.name, name)
    header: tuple[str, ...] = ()
    if shaping:
        header, table = tuple(table.header), shaping.shaped(table)
    sample = list(islice(table, SAMPLE))
    if given.header:
        _name_columns(table, sample, given.header)
    cells = [r.cells for r in sample if not r.problem]
    found: wide.Found | None = None
    if shaping:
        plan = shaping.plan(table, cells)
    elif kind.name == "history":
        plan = histories.shape(table.header, cells, given)
    elif kind.name == "quota":
        plan, found = wide.match(kind, table.header, cells, given, calendar)
    else:
        plan = mapping.match(kind, table.header, cells, given)
    orders, notes = _orders(path, table, plan, sample, shaping)
    shape = [histories.SHAPES[plan.kind.name]] if kind.name == "history" else []
    totals = [f"{name}: taken for a total of other columns, left out" for _, name in found.totals] if found else []
    all_notes = (*table.dialect.notes, *shape, *notes, *totals)
    return Source(name, table, plan, orders, sample, all_notes, found.columns if found else (), header)


def _name_columns(table: Table, sample: list[Row], names: tuple[str, ...]) -> None:
    """Give a file without a header the names that the map has for its columns; one that has them after all (rejected rows) keeps its own.

    Raises UsageError where they are not as many."""
    first = sample[0].cells if sample and not sample[0].problem else []
    if tuple(cell.strip() for cell in first[: len(names)]) == names:
        table.header = sample.pop(0).cells
    elif len(table.header) != len(names):
        raise UsageError(f"[format] header names {len(names)} columns, the file has {len(table.header)}")
    else:
        table.header = list(names)


def _spooled(resources: ExitStack) -> str:
    import shutil
    import tempfile

    folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="sfa-"))
    path = os.path.join(folder, "standard-input")
    with open(path, "wb") as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream, 1 << 20)
    return path


def _orders(
    path: str, table: Table, plan: mapping.Plan, sample: list[Row], shaping: Shaping | None = None
) -> tuple[dict[int, str], list[str]]:
    """How the columns of dates are written: by what a whole column proves, or what the file's other columns prove; and notes of it.

    The file is read through once more, but only where its first rows hold dates that are not plain ISO."""
    columns = mapping.date_columns(plan)
    cells = {c.at: [r.cells[c.at].strip() for r in sample if c.at < len(r.cells)] for c in columns}
    # A column that is blank at the beginning of a long file may be anything further on.
    unsure = [c for c in columns if not all(map(mapping.settled, cells[c.at])) or (not any(cells[c.at]) and len(sample) == SAMPLE)]
    seen: dict[int, set[str]] = {c.at: set() for c in unsure}
    if unsure:
        _collect(path, table, seen, not plan.map.header, shaping)
    orders: dict[int, str] = {}
    for c in unsure:
        try:
            proved = prove_order(seen[c.at])
        except BadValue as error:
            hint = "Say how dates are written: [format] dates in a map file."
            raise UsageError(f"column {quoted(c.header)}: {error.message}", hint) from None
        if proved:
            orders[c.at] = proved
    notes = [f"{c.header}: dates read {_ORDERS[orders[c.at]]}, as the whole column proves" for c in unsure if c.at in orders]
    one = set(orders.values())
    if len(one) == 1:
        order = one.pop()
        for c in columns:
            if c.at not in orders:
                orders[c.at] = order
                if c in unsure:
                    notes.append(f"{c.header}: dates read {_ORDERS[order]}, as the file's other columns prove")
    return orders, notes


def _collect(path: str, table: Table, seen: dict[int, set[str]], header: bool, shaping: Shaping | None) -> None:
    """The different days in columns of a file, from a second reading."""
    places = list(seen.items())
    with open_table(path, encoding=table.dialect.encoding, delimiter=table.dialect.delimiter, header=header) as again:
        for row in shaping.shaped(again, again=True) if shaping else again:
            if not row.problem:
                for at, cells in places:
                    cells.add(row.cells[at].strip()[:10])


def is_rejects(path: str) -> bool:
    """Whether a file is one of rejected rows that an import wrote."""
    try:
        with open(path, encoding="utf-8") as stream:
            head = stream.readline(1 << 16)
    except (OSError, UnicodeDecodeError):
        return False
    return bool(re.search(r"sfa_line,sfa_reason\s*$", head))
