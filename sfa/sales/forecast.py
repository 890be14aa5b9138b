"""The forecast's arithmetic: figures of a period, cumulative columns, and who reports to whom.

Amounts are integers in minor units of one currency. Which deals count is the store's business, how figures look that of commands.
Definitions: FORMULAS, "Forecast".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from sfa.sales.dates import Period, add_months

NOBODY = 0
"""The person of deals without an owner; no user has this id."""

SINGLE = ("closed", "commit", "most_likely", "best_case", "pipeline")


class Figures(NamedTuple):
    """What one row of a forecast adds up: amounts in minor units, then counts of deals.

    closed … pipeline: each category alone, within the period. weighted: of open deals that are not omitted. plan: closed at the rate
    of the period's first day. overdue: of which the expected close has passed (still in their columns). before, undated: due before
    the period, without a date; outside every total. n_blank: deals in the columns without an amount. All of these leave omitted deals
    out; n_omitted counts those of the period."""

    closed: int = 0
    commit: int = 0
    most_likely: int = 0
    best_case: int = 0
    pipeline: int = 0
    weighted: int = 0
    plan: int = 0
    overdue: int = 0
    before: int = 0
    undated: int = 0
    n_closed: int = 0
    n_commit: int = 0
    n_most_likely: int = 0
    n_best_case: int = 0
    n_pipeline: int = 0
    n_overdue: int = 0
    n_before: int = 0
    n_undated: int = 0
    n_blank: int = 0
    n_omitted: int = 0

    def plus(self, other: Figures) -> Figures:
        """Both together, figure by figure."""
        return Figures(*map(int.__add__, self, other))

    @property
    def deals(self) -> int:
        """How many deals stand in the columns."""
        return self.n_closed + self.n_commit + self.n_most_likely + self.n_best_case + self.n_pipeline


class Cumulative(NamedTuple):
    """The cumulative columns, in minor units."""

    commit: int
    most_likely: int
    best_case: int
    open_pipeline: int


COLUMNS = ("commit", "most_likely", "best_case")
"""The cumulative columns that calls and adjustments are about."""


def cumulative(f: Figures) -> Cumulative:
    """Commit = closed + commit; Most likely = + most likely; Best case = + best case; Open pipeline = pipeline + best case + most
    likely + commit, without closed. Omitted is in none. Source: Salesforce Collaborative Forecasts, cumulative columns."""
    commit = f.closed + f.commit
    likely = commit + f.most_likely
    return Cumulative(commit, likely, likely + f.best_case, f.pipeline + f.best_case + f.most_likely + f.commit)


# Figures from counted groups --------------------------------------------------------------------------------------------------------

_AT = {name: i for i, name in enumerate(Figures._fields)}
_PAIRS = {name: (_AT[name], _AT["n_" + name]) for name in (*SINGLE, "before", "undated")}
IN, LATE, BEFORE, UNDATED = range(4)
"""Where a deal stands: in the period, in it with the date passed, due before it, without a date."""


class Group(NamedTuple):
    """Deals counted together. `amount`, `weighted` and `plan` are sums in minor units, `filled` how many have an amount; `category` is
    closed for won deals."""

    category: str
    place: int
    deals: int
    filled: int
    amount: int
    weighted: int
    plan: int = 0


def add(into: list[int], g: Group) -> None:
    """Add a group to a row under way, a list in the order of Figures."""
    category, place, deals, filled, amount, weighted, plan = g
    if category == "omitted":
        if place in (IN, LATE):
            into[_AT["n_omitted"]] += deals
        return
    at, n = _PAIRS["before" if place == BEFORE else "undated" if place == UNDATED else category]
    into[at] += amount
    into[n] += deals
    if place in (BEFORE, UNDATED):
        return
    into[_AT["n_blank"]] += deals - filled
    if category == "closed":
        into[_AT["plan"]] += plan
        return
    into[_AT["weighted"]] += weighted
    if place == LATE:
        into[_AT["overdue"]] += amount
        into[_AT["n_overdue"]] += deals


def blank_row() -> list[int]:
    """A row to add groups to."""
    return [0] * len(Figures._fields)


# Reporting lines --------------------------------------------------------------------------------------------------------------------


class Person(NamedTuple):
    """A user as the report's moment knows them; `manager` is another's id or None, `active` whether they are now."""

    id: int
    name: str
    manager: int | None = None
    team: str | None = None
    region: str | None = None
    active: bool = True


class Tree(NamedTuple):
    """Who reports to whom among the people of a report and everyone above them. `order` has managers before their reports, `level` is 0
    at the top. `heads` manage somebody, in this report or not. Deals of nobody belong to NOBODY, who reports to nobody."""

    order: tuple[int, ...]
    level: dict[int, int]
    manager: dict[int, int | None]
    reports: dict[int, tuple[int, ...]]
    heads: frozenset[int]

    def managers(self) -> list[int]:
        """Everyone with reports in this report, from the top down."""
        return [p for p in self.order if self.reports[p]]

    def above(self, person: int) -> list[int]:
        """The managers whose roll-up has this person's deals: the person too where others report to them, then all above."""
        out = [person] if person in self.heads else []
        at = self.manager[person]
        while at is not None:
            out.append(at)
            at = self.manager[at]
        return out


def tree(people: Mapping[int, Person], present: Iterable[int]) -> Tree:
    """The tree over the people `present` and all their managers. A circle, which only an outside program could write, is cut at its
    lowest id."""
    manager: dict[int, int | None] = {}
    for start in present:
        at: int | None = start
        while at is not None and at not in manager:
            found = people[at].manager if at in people else None
            manager[at] = found if found in people else None
            at = manager[at]
    _cut_circles(manager)
    names = {p: people[p].name.casefold() if p in people else "\uffff" for p in manager}
    below: dict[int | None, list[int]] = {}
    for person, over in manager.items():
        below.setdefault(over, []).append(person)
    for group in below.values():
        group.sort(key=lambda p: (p not in below, names[p], p))
    order, level = [], {}
    waiting = [(p, 0) for p in reversed(below.get(None, []))]
    while waiting:
        person, depth = waiting.pop()
        order.append(person)
        level[person] = depth
        waiting += [(p, depth + 1) for p in reversed(below.get(person, []))]
    heads = frozenset(p.manager for p in people.values() if p.manager in manager and p.manager is not None)
    return Tree(tuple(order), level, manager, {p: tuple(below.get(p, ())) for p in manager}, heads)


def _cut_circles(manager: dict[int, int | None]) -> None:
    done: set[int] = set()
    for start in manager:
        path: dict[int, None] = {}
        at: int | None = start
        while at is not None and at not in done and at not in path:
            path[at] = None
            at = manager[at]
        if at is not None and at in path:
            walk = list(path)
            manager[min(walk[walk.index(at) :])] = None
        done.update(path)


def below(people: Mapping[int, Person], person: int) -> frozenset[int]:
    """A person and everyone who reports to them, at any depth."""
    reports: dict[int | None, list[int]] = {}
    for p in people.values():
        reports.setdefault(p.manager, []).append(p.id)
    found, waiting = {person}, [person]
    while waiting:
        new = [p for p in reports.get(waiting.pop(), ()) if p not in found]
        found.update(new)
        waiting += new
    return frozenset(found)


def roll_up(lines: Tree, own: Mapping[int, Figures]) -> dict[int, Figures]:
    """Each person's own figures plus those of everyone below, at any depth."""
    out = {p: own.get(p, Figures()) for p in lines.order}
    for person in reversed(lines.order):
        over = lines.manager[person]
        if over is not None:
            out[over] = out[over].plus(out[person])
    return out


Fiscal = Callable[[str, date], Period]
"""Finds the "month" or "quarter" of a fiscal calendar that a day is in."""


def span_of(unit: str, day: str, fiscal: Fiscal | None = None) -> Period:
    """The month or quarter that a day (2026-11-29, or 2026-11 for any of a month's) is in: the calendar's, or what `fiscal` finds."""
    start = date.fromisoformat(day if len(day) > 7 else day + "-01")
    if fiscal is not None:
        return fiscal(unit, start)
    start = start.replace(day=1)
    if unit == "month":
        return Period(start, add_months(start, 1), start.isoformat()[:7])
    start = start.replace(month=(start.month - 1) // 3 * 3 + 1)
    return Period(start, add_months(start, 3), f"{start.year}-Q{start.month // 3 + 1}")
