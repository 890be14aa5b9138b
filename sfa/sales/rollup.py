"""Rows of a report out of counted groups: which rows a group belongs to, and a forecast's rows with their targets and totals.

Values of dimensions are ids, texts or None for blank; what they are called is the store's business."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from sfa.sales.dates import Period
from sfa.sales.forecast import (
    BEFORE,
    NOBODY,
    UNDATED,
    Figures,
    Fiscal,
    Group,
    Person,
    Quota,
    Target,
    Tree,
    add,
    blank_row,
    by_part,
    own_target,
    roll_up,
    span_of,
    targets,
    total_target,
    tree,
)

PEOPLE = ("rep", "manager", "team", "region")
DATED = ("month", "quarter")
"""Dimensions that a quota has, the one that settles the others first."""
MOST_TIMES = 120
"""Months or quarters that are filled up with empty rows; a longer period shows only those with deals."""
Key = tuple[Any, ...]


class Slicer(NamedTuple):
    """Turns the values that groups were counted by into rows' keys: months and quarters become periods. `names` are the dimensions."""

    names: tuple[str, ...]
    people: Mapping[int, Person]
    lines: Tree
    fiscal: Fiscal | None
    spans: dict[tuple[str, str], Period]
    known: dict[Key, list[Key]]

    def rows_of(self, values: Sequence[Any]) -> list[Key]:
        """The keys of the rows that a group with these values belongs to: one, except that a deal counts for every manager above."""
        values = tuple(values)
        if values not in self.known:
            self.known[values] = list(product(*(self._spread(n, v) for n, v in zip(self.names, values, strict=False))))
        return self.known[values]

    def _spread(self, name: str, value: Any) -> Sequence[Any]:
        if name == "manager":
            return self.lines.above(value or NOBODY) or (None,)
        if name in ("team", "region"):
            found = self.people.get(value)
            return ((getattr(found, name) or None) if found else None,)
        if name in DATED and value:
            if (name, value) not in self.spans:
                self.spans[name, value] = span_of(name, value, self.fiscal)
            return (self.spans[name, value],)
        return (None if value == "" else value,)


def slicer(names: Sequence[str], people: Mapping[int, Person], present: Iterable[Any], fiscal: Fiscal | None = None) -> Slicer:
    """A slicer for a report in which the owners `present` occur (None for nobody)."""
    return Slicer(tuple(names), people, tree(people, {p or NOBODY for p in present}), fiscal, {}, {})


class Row(NamedTuple):
    """One row of a forecast; `target` is None where a quota says nothing about it."""

    key: Key
    figures: Figures
    target: Target | None = None


class Forecast(NamedTuple):
    """A forecast's rows, its total, and with one row a rep the subtotal of each manager (own deals and all reports below); `assigned`
    is the quota set for each person in the period."""

    rows: list[Row]
    total: Row
    managers: dict[int, Row]
    assigned: dict[int, int]
    slicer: Slicer


def forecast(
    names: Sequence[str],
    groups: Sequence[tuple[Key, Any, Group]],
    people: Mapping[int, Person],
    quotas: Mapping[int, Sequence[Quota]] | None,
    period: Period,
    fiscal: Fiscal | None = None,
) -> Forecast:
    """The forecast of `groups`: (values of the dimensions, owner, group). `quotas` None where filters or dimensions are not a quota's.

    Groups due before the period and undated ones have no month: they stand in the total alone where rows are months."""
    assigned = by_part(quotas, period) if quotas is not None else {}
    by = slicer(names, people, {owner for _, owner, _ in groups} | assigned.keys(), fiscal)
    rows: dict[Key, list[int]] = {}
    own: dict[int, list[int]] = {}
    dated = any(n in DATED for n in names)
    for values, owner, group in groups:
        add(own.setdefault(owner or NOBODY, blank_row()), group)
        if not (dated and group.place in (BEFORE, UNDATED)):
            for key in by.rows_of(values):
                add(rows.setdefault(key, blank_row()), group)
    person = {p: Figures(*f) for p, f in own.items()}
    whole = Figures()
    for f in person.values():
        whole = whole.plus(f)
    found = {key: Figures(*f) for key, f in rows.items()}
    goal = _Goals(by, groups, quotas, period) if quotas is not None else None
    if goal is not None:
        found = {**{key: Figures() for key in goal.keys(assigned)}, **found}
    out = [Row(key, f, goal.of(key, f) if goal else None) for key, f in found.items()]
    total = Row((), whole, total_target(goal.roots(period)) if goal else None)
    managers = {}
    if tuple(names) == ("rep",):
        rolled = roll_up(by.lines, person)
        reach = goal.reach(period) if goal else {}
        managers = {m: Row((m,), rolled[m], reach.get(m)) for m in by.lines.managers()}
    return Forecast(out, total, managers, assigned, by)


def of_quotas(names: Sequence[str]) -> bool:
    """Whether a quota can be said of each row: rows are people, times, or a person at a time. Of two dimensions of people one is rep."""
    people = [n for n in names if n in PEOPLE]
    return all(n in (*PEOPLE, *DATED) for n in names) and (len(people) < 2 or "rep" in people)


def _first(names: Sequence[str], of: Sequence[str]) -> int | None:
    """Where the first of `of` that is among the names stands: a rep settles the team, a month its quarter."""
    return next((names.index(n) for n in of if n in names), None)


class _Goals:
    """Targets of rows: by person, team or manager, for the whole period or for one of its months or quarters."""

    def __init__(self, by: Slicer, groups: Sequence[tuple[Key, Any, Group]], quotas: Mapping[int, Sequence[Quota]], period: Period) -> None:
        self.by, self.quotas, self.period = by, quotas, period
        self.when = _first(by.names, DATED)
        self.who = _first(by.names, PEOPLE)
        self.known: dict[Period, dict[int, Target]] = {}
        self.assigned: dict[Period, dict[int, int]] = {}
        own: dict[Period | None, dict[int, list[int]]] = {}
        for values, owner, group in groups:
            if group.place in (BEFORE, UNDATED) or group.category == "omitted":
                continue
            times = {None} if self.when is None else {None, *(key[self.when] for key in by.rows_of(values))}
            for time in times:
                sums = own.setdefault(time, {}).setdefault(owner or NOBODY, [0, 0])
                sums[0] += group.plan if group.category == "closed" else 0
                sums[1] += group.deals
        self.own = {t: {p: Figures(plan=plan, n_closed=n) for p, (plan, n) in found.items()} for t, found in own.items()}

    def keys(self, assigned: Collection[int]) -> list[Key]:
        """Rows that must stand even without a deal: people with a quota where rows are people, every month or quarter where rows are
        those and somebody has a quota, people in the months of their quotas where rows are both."""
        if not assigned:
            return []
        out: list[Key] = []
        for day, span in [("", self.period)] if self.when is None else self._times():
            people = [NOBODY] if self.who is None else assigned if self.when is None else self.assigned_in(span)
            if self.who is not None and self.by.names[self.who] == "rep":
                people = [p for p in people if not self.by.lines.reports[p]]
            for person in people:
                out += self.by.rows_of([day if n in DATED else person for n in self.by.names])
        return out

    def _times(self) -> list[tuple[str, Period]]:
        """The months or quarters of the period: any day in each, and its days within the period."""
        assert self.when is not None
        out: list[tuple[str, Period]] = []
        at = self.period.start
        while at < self.period.end and len(out) < MOST_TIMES:
            time = span_of(self.by.names[self.when], at.isoformat(), self.by.fiscal)
            out.append((at.isoformat(), self._within(time)))
            at = time.end
        return out if at >= self.period.end else []

    def _within(self, time: Period) -> Period:
        return Period(max(time.start, self.period.start), min(time.end, self.period.end), time.name)

    def assigned_in(self, span: Period) -> dict[int, int]:
        """person → quota for these days."""
        if span not in self.assigned:
            self.assigned[span] = by_part(self.quotas, span)
        return self.assigned[span]

    def span(self, key: Key) -> tuple[Period | None, Period]:
        """The month or quarter of a row, and its days within the period."""
        value = None if self.when is None else key[self.when]
        if value is None:
            return None, self.period
        return value, self._within(value)

    def reach(self, span: Period, time: Period | None = None) -> dict[int, Target]:
        if span not in self.known:
            self.known[span] = targets(self.by.lines, self.assigned_in(span), self.own.get(time, {}))
        return self.known[span]

    def roots(self, span: Period, time: Period | None = None) -> list[Target]:
        reach = self.reach(span, time)
        return [reach[p] for p in self.by.lines.order if self.by.lines.manager[p] is None]

    def of(self, key: Key, figures: Figures) -> Target:
        time, span = self.span(key)
        if self.who is None:
            return total_target(self.roots(span, time))
        reach, value = self.reach(span, time), key[self.who]
        name = self.by.names[self.who]
        if name == "rep":
            return own_target(self.by.lines, self.assigned[span], value or NOBODY, figures)
        if name == "manager" and value is not None:
            return reach[value]
        lines = self.by.lines
        bearers = [p for p in lines.order if reach[p].quota is not None and p in self.assigned[span] and not self._below(p, span)]
        return total_target(reach[p] for p in bearers if self._belongs(p, value))

    def _belongs(self, person: int, value: Any) -> bool:
        assert self.who is not None
        return any(key[0] == value for key in self.by._replace(names=(self.by.names[self.who],), known={}).rows_of((person,)))

    def _below(self, person: int, span: Period) -> bool:
        """Whether somebody below has a quota: parents and children are never added together."""
        waiting = list(self.by.lines.reports[person])
        while waiting:
            at = waiting.pop()
            if at in self.assigned[span]:
                return True
            waiting += self.by.lines.reports[at]
        return False
