"""A forecast's rows with their targets and totals, out of counted groups: by person, team or manager, in the whole period or in each of
its months or quarters, and by product family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sfa.sales.dates import Period
from sfa.sales.forecast import BEFORE, NOBODY, UNDATED, Figures, Fiscal, Group, Person, add, blank_row, roll_up, span_of
from sfa.sales.rollup import DATED, PEOPLE, Key, Slicer, slicer
from sfa.sales.targets import Assigned, Quotas, Target, bearers, own_target, targets, total_target

MOST_TIMES = 120
"""Months or quarters that are filled up with empty rows; a longer period shows only those with deals."""
Counted = tuple[Key, Any, Group]
"""(values of the dimensions, owner, group)."""


class Row(NamedTuple):
    """One row of a forecast; `target` is None where a quota says nothing about it."""

    key: Key
    figures: Figures
    target: Target | None = None


class Forecast(NamedTuple):
    """A forecast's rows, its total, and with one row a rep the subtotal of each manager (own deals and all reports below); `assigned`
    is what people have as quotas in the period."""

    rows: list[Row]
    total: Row
    managers: dict[int, Row]
    assigned: Assigned
    slicer: Slicer


def forecast(
    names: Sequence[str],
    groups: Sequence[Counted],
    people: Mapping[int, Person],
    quotas: Mapping[str | None, Quotas] | None,
    period: Period,
    fiscal: Fiscal | None = None,
    also: Iterable[int] = (),
) -> Forecast:
    """The forecast of `groups`. Beside the owners of deals and who has a quota, the people of `also` have a row by rep.

    `quotas` holds those of each product family and, under None, those of all products; it is None where the filters or dimensions are
    not a quota's.

    Groups due before the period and undated ones have no month: they stand in the total alone where rows are months."""
    assigned = (quotas or {}).get(None, Quotas()).within(period)
    others = {*also} & people.keys()
    by = slicer(names, people, {owner for _, owner, _ in groups} | {*assigned.people} & people.keys() | others, fiscal)
    rows: dict[Key, list[int]] = defaultdict(blank_row)
    own: dict[int, list[int]] = defaultdict(blank_row)
    dated = any(n in DATED for n in names)
    for values, owner, group in groups:
        add(own[owner or NOBODY], group)
        if not (dated and group.place in (BEFORE, UNDATED)):
            for key in by.rows_of(values):
                add(rows[key], group)
    person = {p: Figures(*f) for p, f in own.items()}
    whole = Figures()
    for f in person.values():
        whole = whole.plus(f)
    found = {key: Figures(*f) for key, f in rows.items()}
    goal: Goals | FamilyGoals | None = None
    if quotas is not None:
        goal = FamilyGoals(by, groups, quotas, period) if "family" in names else Goals(by, groups, quotas.get(None, Quotas()), period)
        found = {**{key: Figures() for key in goal.needed()}, **found}
    if tuple(names) == ("rep",):
        found = {**{(p,): Figures() for p in others if not by.lines.reports[p]}, **found}
    out = [Row(key, f, goal.of(key, f) if goal else None) for key, f in found.items()]
    total = Row((), whole, goal.total() if goal else None)
    managers = {}
    if tuple(names) == ("rep",):
        rolled = roll_up(by.lines, person)
        reach = goal.reach(period) if isinstance(goal, Goals) else {}
        managers = {m: Row((m,), rolled[m], reach.get(m)) for m in by.lines.managers()}
    return Forecast(out, total, managers, assigned, by)


def of_quotas(names: Sequence[str]) -> bool:
    """Whether a quota can be said of each row: rows are people, times, a person at a time, or any of these and a product family. Of two
    dimensions of people one is rep."""
    people = [n for n in names if n in PEOPLE]
    return all(n in (*PEOPLE, *DATED, "family") for n in names) and (len(people) < 2 or "rep" in people)


def _first(names: Sequence[str], of: Sequence[str]) -> int | None:
    """Where the first of `of` that is among the names stands: a rep settles the team, a month its quarter."""
    return next((names.index(n) for n in of if n in names), None)


class Goals:
    """Targets of rows: by person, team or manager, for the whole period or for one of its months or quarters."""

    def __init__(self, by: Slicer, groups: Iterable[Counted], quotas: Quotas, period: Period) -> None:
        self.by, self.quotas, self.period = by, quotas, period
        self.when = _first(by.names, DATED)
        self.who = _first(by.names, PEOPLE)
        self.known: dict[Period, dict[int, Target]] = {}
        self.assigned: dict[Period, Assigned] = {}
        own: dict[Period | None, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
        for values, owner, (category, place, deals, _, _, _, plan) in groups:
            if place in (BEFORE, UNDATED) or category == "omitted":
                continue
            sums = own[None if self.when is None else by.rows_of(values)[0][self.when]][owner or NOBODY]
            sums[0] += plan if category == "closed" else 0
            sums[1] += deals
        whole: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        for found in own.values():
            for person, (plan, n) in found.items():
                whole[person][0] += plan
                whole[person][1] += n
        own[None] = whole
        self.own = {t: {p: Figures(plan=plan, n_closed=n) for p, (plan, n) in found.items()} for t, found in own.items()}

    def needed(self) -> list[Key]:
        """Rows that must stand even without a deal: people with a quota where rows are people, every month or quarter where rows are
        those and somebody has a quota, people in the months of their quotas where rows are both."""
        everyone = self._bearing(self.assigned_in(self.period))
        if not everyone:
            return []
        out: list[Key] = []
        for day, span in [("", self.period)] if self.when is None else self._times():
            people: Collection[int] = (
                [NOBODY] if self.who is None else everyone if self.when is None else self._bearing(self.assigned_in(span))
            )
            if self.who is not None and self.by.names[self.who] == "rep":
                people = [p for p in people if own_target(self.by.lines, self.assigned_in(span), p, Figures()).quota is not None]
            for person in people:
                out += self.by.rows_of([day if n in DATED else person for n in self.by.names])
        return out

    def _bearing(self, assigned: Assigned) -> list[int]:
        """Those with a quota who are in this report."""
        return [p for p in assigned.people if p in self.by.lines.level]

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

    def assigned_in(self, span: Period) -> Assigned:
        """What people's quotas come to in these days."""
        if span not in self.assigned:
            self.assigned[span] = self.quotas.within(span)
        return self.assigned[span]

    def span(self, key: Key) -> tuple[Period | None, Period]:
        """The month or quarter of a row, and its days within the period."""
        value = None if self.when is None else key[self.when]
        if value is None:
            return None, self.period
        return value, self._within(value)

    def reach(self, span: Period, time: Period | None = None) -> dict[int, Target]:
        """Everyone's target with all below them, in these days."""
        if span not in self.known:
            self.known[span] = targets(self.by.lines, self.assigned_in(span), self.own.get(time, {}))
        return self.known[span]

    def total(self) -> Target:
        """The target of everyone together."""
        return self._roots(self.period)

    def _roots(self, span: Period, time: Period | None = None) -> Target:
        reach = self.reach(span, time)
        return total_target(reach[p] for p in self.by.lines.order if self.by.lines.manager[p] is None)

    def of(self, key: Key, figures: Figures) -> Target:
        """The target of a row."""
        time, span = self.span(key)
        if self.who is None:
            return self._roots(span, time)
        value, name = key[self.who], self.by.names[self.who]
        if name == "rep":
            return own_target(self.by.lines, self.assigned_in(span), value or NOBODY, figures)
        if name == "manager" and value is not None:
            return self.reach(span, time)[value]
        found = bearers(self.by.lines, self.assigned_in(span), self.own.get(time, {}))
        return total_target(target for person, target in found.items() if self._belongs(person, value))

    def _belongs(self, person: int, value: Any) -> bool:
        assert self.who is not None
        return any(key[0] == value for key in self.by._replace(names=(self.by.names[self.who],), known={}).rows_of((person,)))


class FamilyGoals:
    """Targets of rows of which one dimension is the product family: each family has goals of its own, made of its quotas alone."""

    def __init__(self, by: Slicer, groups: Sequence[Counted], quotas: Mapping[str | None, Quotas], period: Period) -> None:
        self.at = by.names.index("family")
        rest = by._replace(names=tuple(n for n in by.names if n != "family"), known={})
        parted: dict[Any, list[Counted]] = {family: [] for family in quotas}
        for values, owner, group in groups:
            if values[self.at] in parted:
                parted[values[self.at]].append((self._without(values), owner, group))
        self.goals = {family: Goals(rest, parted[family], quotas[family], period) for family in quotas if family is not None}

    def _without(self, values: Sequence[Any]) -> Key:
        return (*values[: self.at], *values[self.at + 1 :])

    def needed(self) -> list[Key]:
        """Rows that must stand even without a deal."""
        return [(*key[: self.at], family, *key[self.at :]) for family, goals in self.goals.items() for key in goals.needed()]

    def of(self, key: Key, figures: Figures) -> Target:
        """The target of a row."""
        goals = self.goals.get(key[self.at])
        return goals.of(self._without(key), figures) if goals else Target()

    def total(self) -> Target:
        """The targets of all families together. Who is without one says nothing: nobody needs a quota for each family."""
        return total_target(goals.total() for goals in self.goals.values())._replace(without=())
