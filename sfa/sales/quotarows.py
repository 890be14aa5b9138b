"""Rows of a file as quotas: one of each row in a long table, one of each filled cell in a wide one (`wide.py` says which columns).

A row is taken whole: where one of its cells is bad, none of its quotas is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sfa.errors import BadValue, UsageError
from sfa.messages import say
from sfa.sales import quotas
from sfa.sales.cells import Amounts, Bad, Reader, each, note, reader, text_of
from sfa.sales.datecolumns import date_reader
from sfa.sales.dates import Calendar, Period, describe, fiscal_month, parse_period, period_key
from sfa.sales.kinds import Field
from sfa.sales.mapping import Plan
from sfa.sales.rows import Columns, Line, RowReader
from sfa.sales.values import Context, quoted
from sfa.sales.wide import Part, Wide, resolve

NONE = ("-", "–", "—", "NULL", "null", "Null", "N/A", "n/a", "NA", "#N/A", "none", "None", "nil")
"""What stands in a cell where there is no quota."""
_LENGTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_FIGURES = ("amount", "count")


class _Source(NamedTuple):
    """Where quotas of a row come from: the place of the cell (-1: `text` for every row), how it is called in reasons, its period (None:
    that of the row), readers of it as an amount and as a count."""

    at: int
    field: Field
    part: Part | None
    counted: bool
    amounts: Amounts
    counts: Reader
    text: str = ""


class Figure(NamedTuple):
    """One quota of a row: the column that it is from (for reasons), that column's period (None: the row's), its values."""

    field: Field
    part: Part | None
    quota: dict[str, Any]


class _OfColumn(Exception):
    """A reason against a row, of one of its columns."""

    def __init__(self, field: Field, why: BadValue) -> None:
        self.field, self.why = field, why


class QuotaRows(RowReader):
    """Reads batches of rows as quotas. `known` says what measures and families there are; `notes` counts rows that hold none."""

    def __init__(self, plan: Plan, wide: Sequence[Wide], context: Context, orders: dict[int, str], known: quotas.Known) -> None:
        figures = [c for c in plan.columns if c.field.name in _FIGURES]
        rest = tuple(c for c in plan.columns if c.field.name not in (*_FIGURES, "period"))
        constants = {n: t for n, t in plan.map.set.items() if n not in (*_FIGURES, "period")}
        super().__init__(plan._replace(columns=rest, map=plan.map._replace(set=constants)), context, orders)
        self.known, self.given = known, plan.map
        self.names |= {"period", "measure", "currency", *_FIGURES}
        self.periods = [c.at for c in plan.feeding("period")]
        self.day = date_reader(next((orders[at] for at in self.periods if at in orders), "") or plan.map.dates or context.calendar.order)
        self.base = plan.map.set.get("period", "")
        if self.base:
            try:
                self._whole(self.base)
            except BadValue as error:
                raise UsageError(say("[set] period: {message}", message=error.message), error.hint) from None
        self.seen: dict[tuple[str, Part | None], str] = {}
        self.sources = [self._source(c.at, c.header, None, c.field.name == "count") for c in figures]
        self.sources += [self._source(-1, n, None, n == "count", plan.map.set[n]) for n in _FIGURES if n in plan.map.set]
        self.sources += [self._source(w.at, w.header, w.part, w.counted) for w in wide]
        if not self.sources:
            raise UsageError("no column of the file holds quotas", "Say with --map which is the amount (or the count).")

    def _source(self, at: int, header: str, part: Part | None, count: bool, text: str = "") -> _Source:
        """Amounts of a column and counts in it are read by the same rules of the map."""
        fields = {n: self.kind.field(n)._replace(label=header) for n in _FIGURES}
        replace = {n: dict.fromkeys(NONE, "") | self.given.values.get(n, {}) for n in _FIGURES}
        factor = {n: self.given.multiply.get(n, 1) for n in _FIGURES}
        amounts = Amounts(fields["amount"], self.context, factor["amount"], replace["amount"])
        counts = reader(fields["count"], self.context, "", replace["count"], factor["count"])
        return _Source(at, fields["amount"], part, count, amounts, counts, text)

    def batch(self, rows: Sequence[Line], again: bool = False) -> tuple[list[Line], Columns, Bad]:
        """The quotas of these rows: the row of each, their values, and why rows are bad (such a row stands for itself, once)."""
        columns, bad = self.read([r.cells for r in rows], again)
        bases = self._bases(rows, bad)
        named = {"measure": self._named("measure", quotas.measure, columns, len(rows), bad)}
        if "family" in columns:
            named["family"] = self._named("family", quotas.family, columns, len(rows), bad)
        columns |= named
        found: list[list[Figure]] = [[] for _ in rows]
        for source in self.sources:
            for i, figure in self._figures(source, rows, columns, bad):
                found[i].append(figure)
        for i, mine in enumerate(found):
            if i not in bad:
                try:
                    self._complete(mine, bases[i], columns["id"][i] if "id" in columns else None)
                except _OfColumn as error:
                    note(bad, i, error.field, error.why)
        return self._spread(rows, columns, found, bad)

    def _bases(self, rows: Sequence[Line], bad: Bad) -> list[str]:
        """The text of each row's own period, "" where it has none."""
        if not self.periods:
            return [self.base] * len(rows)
        replace = self.given.values.get("period", {})

        def read(cell: str) -> str:
            text = text_of(cell)
            return replace.get(text, text)

        return [text or "" for text in each(read, self.kind.field("period"), [r.cells[self.periods[0]] for r in rows], bad)]

    def _named(self, name: str, read: Callable[[str, quotas.Known], str], columns: Columns, many: int, bad: Bad) -> list[Any]:
        """The measures or families that the rows name, by their own names; None where a row names none."""
        cells = columns.get(name) or [None] * many
        return each(lambda cell: read(cell, self.known) if cell else None, self.kind.field(name), cells, bad)

    def _figures(self, source: _Source, rows: Sequence[Line], columns: Columns, bad: Bad) -> list[tuple[int, Figure]]:
        """(Row, figure) of every filled cell of a source: a count where the row or the map says so, else an amount."""
        many = len(rows)
        cells = [row.cells[source.at] if source.at >= 0 else source.text for row in rows]
        counted = [source.counted or measure == quotas.COUNT for measure in columns["measure"]]
        given = columns.get("currency") or [None] * many
        families = columns.get("family") or [None] * many
        named: list[str | None] = [None] * many
        amounts = source.amounts.read(["" if c else cell for cell, c in zip(cells, counted, strict=True)], given, named, bad)
        counts = source.counts([cell if c else "" for cell, c in zip(cells, counted, strict=True)], bad)
        out = []
        for i in range(many):
            if amounts[i] is not None or counts[i] is not None:
                measure = columns["measure"][i] or (quotas.COUNT if counted[i] else quotas.REVENUE)
                quota = {"measure": measure, "family": families[i], "amount": amounts[i], "count": counts[i]}
                out.append((i, Figure(source.field, source.part, {**quota, "currency": given[i] or named[i]})))
        return out

    def _complete(self, mine: list[Figure], base: str, own: str | None) -> None:
        """Give the quotas of one row their periods and hold them against the rules. Raises _OfColumn."""
        once: dict[tuple[str, str], str] = {}
        for field, part, quota in mine:
            try:
                quota["period"] = self._period(base, part)
            except BadValue as error:
                raise _OfColumn(self.kind.field("period"), error) from None
            try:
                quotas.checked(quota, self.known)
                key = quota["period"], quota["measure"]
                if key in once:
                    raise BadValue(say("it is the same quota as {once}", once=quoted(once[key])), "Leave one of the columns out.")
                if once and own:
                    raise BadValue("a reference is of one quota, and the row holds several")
            except BadValue as error:
                raise _OfColumn(field, error) from None
            once[key] = field.title

    def _period(self, base: str, part: Part | None) -> str:
        """The stored period of a quota. Raises BadValue."""
        if (base, part) not in self.seen:
            calendar = self.context.calendar
            period = resolve(part, base, calendar) if part else self._whole(base)
            self.seen[base, part] = period_key(period.start, period.end)
        return self.seen[base, part]

    def _whole(self, text: str) -> Period:
        """The period that a cell names, or that begins on the date in it where the map says how long those are."""
        calendar, length = self.context.calendar, self.given.length
        if not text:
            raise BadValue("a new quota needs it: no such column, or its cell is blank")
        if length:
            try:
                day = self.day(text)
            except BadValue:
                day = None
            if day:
                return begun(parse_period(day, calendar), length, self.given.snap, calendar)
        period = parse_period(text, calendar)
        if (period.end - period.start).days == 1 and length != "day":
            raise BadValue(
                say("{text} is a day", text=quoted(text)), 'How long its period is, a map file says: [period] length = "quarter"'
            )
        return period

    def _spread(self, rows: Sequence[Line], columns: Columns, found: list[list[Figure]], bad: Bad) -> tuple[list[Line], Columns, Bad]:
        picked: list[tuple[int, dict[str, Any]]] = []
        for i, mine in enumerate(found):
            if i not in bad and not mine:
                self.notes["rows without any quota"] += 1
            picked += [(i, {})] if i in bad else [(i, figure.quota) for figure in mine]
        own = ("period", "measure", "currency", *_FIGURES, *(["family"] if "family" in columns else []))
        out: Columns = {name: [values[i] for i, _ in picked] for name, values in columns.items() if name not in own}
        out |= {name: [quota.get(name) for _, quota in picked] for name in own}
        return [rows[i] for i, _ in picked], out, {n: bad[i] for n, (i, _) in enumerate(picked) if i in bad}


def begun(day: Period, length: str, snap: str, cal: Calendar) -> Period:
    """The period of a length that begins on a day, which is the first of a month (fiscal where years are of weeks); under `snap` "nearest"
    it begins with the month whose first day is nearest, the earlier of two. Raises BadValue."""
    if length == "day":
        return day
    first = fiscal_month(day.start, cal)
    if snap == "nearest" and first.end - day.start < day.start - first.start:
        first = fiscal_month(first.end, cal)
    elif snap != "nearest" and first.start != day.start:
        raise BadValue(
            say("{describe} is not the first day of a month", describe=describe(day)),
            'A map file can take the month that begins nearest: [period] snap = "nearest"',
        )
    last = first
    for _ in range(_LENGTHS[length] - 1):
        last = fiscal_month(last.end, cal)
    return Period(first.start, last.end, "")
