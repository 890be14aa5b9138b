"""The files of an import before anything is loaded: opened, matched to fields, the order of day and month in their dates proved.

Reading bytes and rows is `sfa/reading/tabular.py`'s, tables of a SQLite file `store/foreign.py`'s; which column is which field
`sales/mapping.py` says.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain, islice
from typing import NamedTuple, Protocol

from sfa import output
from sfa.errors import BadValue, SfaError, UsageError
from sfa.messages import say
from sfa.reading.encodings import Unsure
from sfa.reading.lined import check_kind
from sfa.reading.table import checked, text_of, unique_names
from sfa.reading.tabular import Dialect, Row, Table, open_table
from sfa.sales import histories, inference, mapping, profiles, wide
from sfa.sales.datecolumns import FRACTION, fractions, numbered, prove_order
from sfa.sales.dates import Calendar
from sfa.sales.kinds import Field, Kind, with_user_fields
from sfa.sales.values import quoted
from sfa.store import foreign

SAMPLE = 200
"""Rows looked at before the rest is read."""
_ORDERS = {
    "dmy": "read day first",
    "mdy": "read month first",
    "ymd": "read year first",
    "serial": "are a spreadsheet's numbers of days",
    "epoch": "are seconds or milliseconds since 1970",
}


class Source(NamedTuple):
    """A file ready to be loaded. `orders` is how each column of dates is written; `notes` say what was found out about the file; `wide`
    are the columns that hold a quota of one period each, `created` the company's own fields that it brings along, `size`
    its bytes (0: packed)."""

    name: str
    table: Table
    plan: mapping.Plan
    orders: dict[int, str]
    sample: list[Row]
    notes: tuple[str, ...]
    wide: tuple[wide.Wide, ...] = ()
    created: tuple[Field, ...] = ()
    size: int = 0
    header: tuple[str, ...] = ()
    """The file's own columns, where others were made of them."""

    @property
    def rows_at_most(self) -> int:
        """About how many rows there are, by the bytes of the first of them; 0 where all are known or it cannot be told."""
        if len(self.sample) < SAMPLE or self.size <= 0:
            return 0
        each = sum(sum(map(len, map(str.encode, map(_lenient, r.cells)))) + len(r.cells) for r in self.sample) / len(self.sample)
        return round(self.size / max(each, 1))

    @property
    def own_header(self) -> Sequence[str]:
        return self.header or self.table.header

    def own_cells(self, cells: Sequence[str]) -> Sequence[str]:
        """The file's own cells of a row."""
        return cells[: len(self.header)] if self.header and len(cells) == len(self.table.header) else cells

    def opened_again(self) -> Source:
        """The same file, to be read a second time."""
        again = self.table.again()
        again.header = self.table.header
        first = self.sample[0].line if self.sample else 0
        return self._replace(table=again, sample=list(islice((r for r in again if r.line >= first), SAMPLE)))

    def rows(self) -> Iterator[Row]:
        """Every row, once."""
        return chain(self.sample, self.table)


def _lenient(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def read_map(path: str, kind: Kind) -> mapping.Map:
    """The map file at `path` ("" is none). Raises UsageError."""
    return mapping.read_map(map_text(path), kind, path) if path else mapping.Map()


def map_text(path: str) -> str:
    """What stands in a map file. Raises UsageError."""
    try:
        with open(path, encoding="utf-8-sig") as stream:
            return stream.read()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UsageError(say("the map file {path} cannot be read: {why}", path=quoted(path), why=why)) from None


class Ways(NamedTuple):
    """How files are to be read: encoding and delimiter ("": found out), the profile ("": recognised), whether columns that are no field's
    make one, the sheet of a workbook, the table of a SQLite file or a JSON document."""

    encoding: str = ""
    delimiter: str = ""
    profile: str = ""
    create_fields: bool = False
    sheet: str = ""
    table: str = ""


class Shaping(Protocol):
    """What makes a file of a bundle fit: columns made of others, rows left out."""

    def shaped(self, table: Table, again: bool = False) -> Table:
        """The table with its columns and rows as they are loaded; read `again` where nothing is to be counted."""

    def plan(self, table: Table, samples: list[list[str]]) -> mapping.Plan:
        """Where its columns go."""


def open_source(
    path: str, kind: Kind, given: mapping.Map, calendar: Calendar, ways: Ways, resources: ExitStack, shaping: Shaping | None = None
) -> Source:
    """Open a file ("-": standard input, kept in a temporary file) and find out what it holds."""
    name, path = ("standard input", spooled(resources)) if path == "-" else (path, path)
    try:
        table = resources.enter_context(_opened(path, ways.encoding, ways.delimiter, ways.sheet, ways.table, not given.header))
    except SfaError as error:
        error.message = error.message.replace(repr(path[-60:]), name if len(name) < 200 else f"…{name[-60:]}")
        error.args = (error.message,)
        raise
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
        wanted = ways.profile or given.profile
        profile = profiles.called(wanted) if wanted else profiles.recognise(table.header)
        try:
            plan = mapping.match(kind, table.header, cells, given, profile, guess=True)
        except UsageError as error:
            error.hint = " ".join(filter(None, (error.hint, *(f"({note})" for note in table.dialect.notes if "--sheet" in note))))
            raise
    created: tuple[Field, ...] = ()
    if ways.create_fields:
        plan, created = _with_fields(table, plan)
    orders, notes = _orders(table, plan, sample, _told_orders(table.header, cells))
    with open(path, "rb") as stream:
        size = 0 if stream.read(2) in (b"\x1f\x8b", b"PK", b"BZ", b"\xfd7", b"SQ", b"\xd0\xcf") else os.path.getsize(path)
    shape = [histories.SHAPES[plan.kind.name]] if kind.name == "history" else []
    totals = [say("{name}: taken for a total of other columns, left out", name=name) for _, name in found.totals] if found else []
    said = (*table.dialect.notes, *shape, *notes, *totals)
    return Source(name, table, plan, orders, sample, said, found.columns if found else (), created, size, header)


def _with_fields(table: Table, plan: mapping.Plan) -> tuple[mapping.Plan, tuple[Field, ...]]:
    """The plan with a field of the company's own for each column that goes nowhere and holds anything, and these fields. The file is read
    through once more."""
    from sfa.store.fields import RESERVED

    columns = {at: inference.Column(header) for at, header in plan.left}
    places = list(columns.items())
    with table.again() as again:
        for row in again:
            if not row.problem:
                for at, column in places:
                    column.see(row.cells[at].strip())
    made = inference.fields(plan.kind, columns, RESERVED)
    more = [mapping.Mapped(at, table.header[at], field) for at, field in made.items()]
    left = tuple((at, header) for at, header in plan.left if at not in made)
    kind = with_user_fields(plan.kind, list(made.values()))
    return plan._replace(kind=kind, columns=tuple(sorted((*plan.columns, *more))), left=left), tuple(made.values())


def without(found: Source, at: int) -> Source:
    """A source whose column at this place goes nowhere after all."""
    plan = found.plan
    left = tuple(sorted((*plan.left, *((c.at, c.header) for c in plan.columns if c.at == at))))
    return found._replace(plan=plan._replace(columns=tuple(c for c in plan.columns if c.at != at), left=left))


def _opened(path: str, encoding: str, delimiter: str, sheet: str, table: str, header: bool) -> Table:
    """The file's rows; a person is asked for the encoding where several are believable."""
    if _is_sqlite(path):
        if sheet:
            raise UsageError(say("{path!r} has tables, no sheets", path=path[-60:]), "Name one of them with --table.")
        if encoding or delimiter:
            raise UsageError(say("{path!r} is a SQLite database, not text", path=path[-60:]), "Leave --encoding and --delimiter out.")
        return _sqlite(path, table)
    read = partial(open_table, path, delimiter=delimiter, header=header, sheet=sheet, table=table)
    try:
        return read(encoding=encoding)
    except Unsure as error:
        if not output.interactive():
            raise
        return read(encoding=ask_encoding(error))


def ask_encoding(unsure: Unsure) -> str:
    """The encoding that a person picks by how it reads the samples. Raises the error itself where none is picked."""
    output.message(unsure.message.partition("\n")[0])
    wide = max(len(codec) for codec, _ in unsure.readings)
    for n, (codec, texts) in enumerate(unsure.readings, 1):
        output.message(f"  {n}  {codec:<{wide}}  {', '.join(map(quoted, texts))}")
    answer = output.ask(say("Which is right? 1 to {count}, or nothing to stop", count=len(unsure.readings)))
    if answer.isdecimal() and 1 <= int(answer) <= len(unsure.readings):
        return unsure.readings[int(answer) - 1][0]
    if answer in dict(unsure.readings):
        return answer
    raise unsure


def _is_sqlite(path: str) -> bool:
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as stream:
            return stream.read(len(foreign.MAGIC)) == foreign.MAGIC
    except (OSError, ValueError):
        return False  # opening it as text says what is wrong


def _sqlite(path: str, wanted: str) -> Table:
    """A table of a SQLite file; its rows are numbered from 1."""
    with ExitStack() as resources:
        found = foreign.Foreign(path, repr(path[-60:]), wanted, resources)
        header, notes = unique_names(found.columns)
        cells = ((line, list(map(text_of, row))) for line, row in enumerate(found.rows(), 1))
        filled = ((line, row) for line, row in cells if any(map(str.strip, row)))
        dialect = Dialect("", "", "", 0, tuple(notes), "SQLite", found.table)
        return Table(header, dialect, checked(filled, len(header)), resources.pop_all(), partial(_sqlite, path, found.table))


def _name_columns(table: Table, sample: list[Row], names: tuple[str, ...]) -> None:
    """Give a file without a header the names that the map has for its columns; one that has them after all (rejected rows) keeps its own.

    Raises UsageError where they are not as many."""
    first = sample[0].cells if sample and not sample[0].problem else []
    if tuple(cell.strip() for cell in first[: len(names)]) == names:
        table.header = sample.pop(0).cells
    elif len(table.header) != len(names):
        raise UsageError(say("[format] header names {count} columns, the file has {count2}", count=len(names), count2=len(table.header)))
    else:
        table.header = list(names)


def spooled(resources: ExitStack) -> str:
    """Standard input in a file that goes with the `resources`."""
    import shutil
    import tempfile

    folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="sfa-"))
    path = os.path.join(folder, "standard-input")
    with open(path, "wb") as stream:
        shutil.copyfileobj(sys.stdin.buffer, stream, 1 << 20)
    return path


def written_orders(found: Source) -> str:
    """How the dates of a file are written, for a file of its rejected rows: one word, or a word a column; "" where each row says it."""
    from json import dumps

    told = {found.table.header[at]: order for at, order in found.orders.items() if order != "ymd"}
    return "" if not told else next(iter(told.values())) if {*told.values()} <= {"dmy"} or {*told.values()} <= {"mdy"} else dumps(told)


def _told_orders(header: Sequence[str], cells: list[list[str]]) -> dict[str, str]:
    """How the file of rejected rows that this is says that dates are written: header → order, under "" for all."""
    from json import loads

    at = next((i for i, name in enumerate(header) if name == mapping.DATES), -1)
    said = {row[at].strip() for row in cells} if at >= 0 else set()
    text = said.pop() if len(said) == 1 else ""
    if not text.startswith("{"):
        return {"": text} if text in ("dmy", "mdy") else {}
    try:
        found = loads(text)
    except ValueError:
        return {}
    return {k: v for k, v in found.items() if v in (*_ORDERS, FRACTION)} if isinstance(found, dict) else {}


def _orders(table: Table, plan: mapping.Plan, sample: list[Row], told: dict[str, str]) -> tuple[dict[int, str], list[str]]:
    """How the columns of dates and percentages are written: as the file itself has it (`told`), by what a whole column proves, or what the
    file's other columns prove; and notes of it.

    The file is read through once more, but only where its first rows hold dates that are not plain ISO."""
    given = {c.at: order for c in plan.columns if (order := told.get(c.header) or (told.get("", "") if c.field.type != "percent" else ""))}
    columns = [c for c in mapping.date_columns(plan) if c.at not in given]
    parts = [
        c for c in plan.columns if c.field.type == "percent" and c.at not in given and _fractions(table, [r.cells[c.at] for r in sample])
    ]
    cells = {c.at: [r.cells[c.at].strip() for r in sample if c.at < len(r.cells)] for c in columns}
    # A column that is blank at the beginning of a long file may be anything further on.
    unsure = [c for c in columns if not all(map(mapping.settled, cells[c.at])) or (not any(cells[c.at]) and len(sample) == SAMPLE)]
    seen: dict[int, set[str]] = {c.at: set() for c in (*unsure, *parts)}
    if seen:
        _collect(table, seen)
    orders: dict[int, str] = given | {c.at: FRACTION for c in parts if _fractions(table, seen[c.at])}
    shares = [say("{header}: parts of 1, as the whole column proves", header=c.header) for c in parts if c.at in orders]
    for c in unsure:
        try:
            proved = numbered(seen[c.at]) or prove_order(seen[c.at])
        except BadValue as error:
            hint = "Say how dates are written: [format] dates in a map file."
            raise UsageError(say("column {header}: {message}", header=quoted(c.header), message=error.message), hint) from None
        if proved:
            orders[c.at] = proved
    notes = [
        say("{header}: dates {orders}, as the whole column proves", header=c.header, orders=_ORDERS[orders[c.at]])
        for c in unsure
        if c.at in orders
    ]
    notes += shares
    one = set(orders.values()) & {"dmy", "mdy", "ymd"}
    if len(one) == 1:
        order = one.pop()
        for c in columns:
            if c.at not in orders:
                orders[c.at] = order
                if c in unsure:
                    notes.append(say("{header}: dates {orders}, as the file's other columns prove", header=c.header, orders=_ORDERS[order]))
    return orders, notes


def _fractions(table: Table, cells: Iterable[str]) -> bool:
    return bool(fractions(cells, table.dialect.form == "sheet"))


def _collect(table: Table, seen: dict[int, set[str]]) -> None:
    """The different days in columns of a file, from a second reading."""
    places = list(seen.items())
    with table.again() as again:
        for row in again:
            if not row.problem:
                for at, cells in places:
                    cell = row.cells[at].strip()
                    cells.add(cell if cell.isdigit() else cell[:10])


def is_rejects(path: str) -> bool:
    """Whether a file is one of rejected rows that an import wrote."""
    try:
        with open(path, encoding="utf-8") as stream:
            head = stream.readline(1 << 16)
    except (OSError, UnicodeDecodeError):
        return False
    return bool(re.search(r"sfa_line,sfa_reason\s*$", head))
