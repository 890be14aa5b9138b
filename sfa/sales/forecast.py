"""The forecast's arithmetic: figures of a period, cumulative columns, quotas and who reports to whom.

Amounts are integers in minor units of one currency. Which deals count is the store's business, how figures look that of commands.
Definitions: FORMULAS, "Forecast".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sfa.sales.dates import Period, add_months
from sfa.sales.money import allocate

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


def cumulative(f: Figures) -> Cumulative:
    """Commit = closed + commit; Most likely = + most likely; Best case = + best case; Open pipeline = pipeline + best case + most
    likely + commit, without closed. Omitted is in none. Source: Salesforce Collaborative Forecasts, cumulative columns."""
    commit = f.closed + f.commit
    likely = commit + f.most_likely
    return Cumulative(commit, likely, likely + f.best_case, f.pipeline + f.best_case + f.most_likely + f.commit)


class Target(NamedTuple):
    """A quota and what counts towards it, both at the plan rate (that of the period's first day), in minor units: `quota` is None
    where nobody has one, `counted` the closed amount of those who have; `without` the people with deals whom no quota covers."""

    quota: int | None = None
    counted: int = 0
    without: tuple[int, ...] = ()


def attainment(target: Target) -> float | None:
    """Closed won ÷ quota, of people with a quota; None without one and for a quota of zero."""
    return target.counted / target.quota if target.quota else None


def gap(target: Target) -> int | None:
    """Quota − closed, in minor units; negative when exceeded, None without a quota."""
    return None if target.quota is None else target.quota - target.counted


def coverage(target: Target, open_pipeline: int) -> float | None:
    """Open pipeline in the period ÷ gap; None without a quota and where the gap is met (≤ 0)."""
    left = gap(target)
    return open_pipeline / left if left is not None and left > 0 else None


# Figures from counted groups --------------------------------------------------------------------------------------------------------

_AT = {name: i for i, name in enumerate(Figures._fields)}
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
    if g.category == "omitted":
        if g.place in (IN, LATE):
            into[_AT["n_omitted"]] += g.deals
        return
    if g.place in (BEFORE, UNDATED):
        name = "before" if g.place == BEFORE else "undated"
        into[_AT[name]] += g.amount
        into[_AT["n_" + name]] += g.deals
        return
    into[_AT[g.category]] += g.amount
    into[_AT["n_" + g.category]] += g.deals
    into[_AT["n_blank"]] += g.deals - g.filled
    if g.category == "closed":
        into[_AT["plan"]] += g.plan
        return
    into[_AT["weighted"]] += g.weighted
    if g.place == LATE:
        into[_AT["overdue"]] += g.amount
        into[_AT["n_overdue"]] += g.deals


def blank_row() -> list[int]:
    """A row to add groups to."""
    return [0] * len(Figures._fields)


# Reporting lines --------------------------------------------------------------------------------------------------------------------


class Person(NamedTuple):
    """A user as the report's moment knows them; `manager` is another's id or None."""

    id: int
    name: str
    manager: int | None = None
    team: str | None = None
    region: str | None = None


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


def roll_up(lines: Tree, own: Mapping[int, Figures]) -> dict[int, Figures]:
    """Each person's own figures plus those of everyone below, at any depth."""
    out = {p: own.get(p, Figures()) for p in lines.order}
    for person in reversed(lines.order):
        over = lines.manager[person]
        if over is not None:
            out[over] = out[over].plus(out[person])
    return out


def targets(lines: Tree, quota: Mapping[int, int], own: Mapping[int, Figures]) -> dict[int, Target]:
    """The target of everyone with all below them. A manager's quota is the one set for them, else the sum of their reports' targets:
    parents and children are never added together. Of reports without a quota nothing counts, unless a quota is set above them."""
    whole = {p: own.get(p, Figures()).plan for p in lines.order}
    out: dict[int, Target] = {}
    for person in reversed(lines.order):
        below = lines.reports[person]
        whole[person] += sum(whole[p] for p in below)
        if person in quota:
            out[person] = Target(quota[person], whole[person])
            continue
        out[person] = total_target([out[p] for p in below])
        if person in own and own[person].deals:
            out[person] = out[person]._replace(without=(*out[person].without, person))
    return out


def total_target(parts: Iterable[Target]) -> Target:
    """Targets of people apart from each other, added."""
    quota: int | None = None
    counted = 0
    without: list[int] = []
    for part in parts:
        if part.quota is not None:
            quota = (quota or 0) + part.quota
        counted += part.counted
        without += part.without
    return Target(quota, counted, tuple(without))


def own_target(lines: Tree, quota: Mapping[int, int], person: int, own: Figures) -> Target:
    """One person's target without their reports: a manager's quota belongs to the team, so a manager has none of their own."""
    if person in quota and not lines.reports.get(person):
        return Target(quota[person], own.plan)
    return Target()


def over_assigned(lines: Tree, quota: Mapping[int, int], person: int) -> tuple[int, int] | None:
    """(quota set for a manager, sum of what is assigned directly below), where both exist."""
    if person not in quota:
        return None
    bare = targets(lines, {p: v for p, v in quota.items() if p != person}, {})
    below = total_target(bare[p] for p in lines.reports[person]).quota
    return None if below is None else (quota[person], below)


# Quotas -----------------------------------------------------------------------------------------------------------------------------


class Quota(NamedTuple):
    """An amount in minor units for the days from `start` up to but without `end`."""

    start: date
    end: date
    amount: int


def quota_for(quotas: Sequence[Quota], start: date, end: date) -> int | None:
    """One person's quota for a period, in minor units; None where nothing covers any of it.

    The largest quotas within these days, so first of all the one of exactly these; for the days that none of those covers the part of
    the shortest quota around them. So finer beats a part of coarser, and nothing is counted twice. Source: FORMULAS, "Attainment"."""
    taken: list[Quota] = []
    for q in sorted((q for q in quotas if start <= q.start and q.end <= end), key=lambda q: (q.start - q.end, q.start)):
        if all(q.end <= t.start or t.end <= q.start for t in taken):
            taken.append(q)
    amounts = [q.amount for q in taken]
    for first, last in _uncovered(sorted(taken), quotas, start, end):
        around = [q for q in quotas if q.start <= first and last <= q.end]
        if around:
            q = min(around, key=lambda q: (q.end - q.start, q.start))
            amounts.append(part(q, first, last))
    return sum(amounts) if amounts else None


def _uncovered(taken: Sequence[Quota], quotas: Sequence[Quota], start: date, end: date) -> list[tuple[date, date]]:
    """The stretches of a period that none of `taken` covers, cut wherever another quota begins or ends."""
    edges = sorted({start, end, *(d for q in quotas for d in (q.start, q.end) if start < d < end)})
    return [(a, b) for a, b in pairwise(edges) if not any(t.start <= a and b <= t.end for t in taken)]


def in_part(quotas: Sequence[Quota], start: date, end: date) -> bool:
    """Whether quotas cover some days of a period and not others: what was closed on those counts towards a quota not meant for them."""
    touching = sorted((q.start, q.end) for q in quotas if q.start < end and start < q.end)
    reached = start
    for first, last in touching:
        if first > reached:
            return True
        reached = max(reached, last)
    return bool(touching) and reached < end


def part(q: Quota, start: date, end: date) -> int:
    """The part of a quota that falls on some days within it: divided evenly over its quarters, a quarter over its months, a month over
    its days, each time by largest remainder, so that parts that meet add up to the whole."""
    if start <= q.start and q.end <= end:
        return q.amount
    pieces = _pieces(q.start, q.end)
    shares = allocate(q.amount, [1] * len(pieces))
    return sum(part(Quota(a, b, share), start, end) for (a, b), share in zip(pieces, shares, strict=True) if a < end and start < b)


@lru_cache(256)
def _pieces(start: date, end: date) -> list[tuple[date, date]]:
    count = (end.year - start.year) * 12 + end.month - start.month
    step = 3 if count > 3 and count % 3 == 0 else 1
    if count > 1 and add_months(start, count) == end:
        edges = [add_months(start, i) for i in range(0, count + 1, step)]
    else:
        edges = [start + timedelta(days=i) for i in range((end - start).days + 1)]
    return [*pairwise(edges)]


def by_part(quotas: Mapping[int, Sequence[Quota]], period: Period) -> dict[int, int]:
    """person → quota for a period, of everyone who has one."""
    found = ((person, quota_for(own, period.start, period.end)) for person, own in quotas.items())
    return {person: amount for person, amount in found if amount is not None}


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
