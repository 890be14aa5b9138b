"""What is to be won and how far it is: quotas, their parts, the targets of people and teams made of them, attainment, gap and coverage.

Amounts are integers in minor units of one currency. Definitions: FORMULAS, "Forecast" (quota, attainment, gap, coverage)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from sfa.sales.dates import Period, add_months
from sfa.sales.forecast import Figures, Tree
from sfa.sales.money import allocate


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


def elapsed(period: Period, today: date) -> float:
    """The share of a period's days that has passed, today included, as a fraction of 1."""
    days = (period.end - period.start).days
    return min(max((today - period.start).days + 1, 0), days) / days


def pace(target: Target, period: Period, today: date) -> float | None:
    """Attainment ÷ elapsed share of the period: below 1 is behind an even pace. None without a quota and before the period."""
    reached = attainment(target)
    share = elapsed(period, today) if reached is not None else 0
    return reached / share if reached is not None and share else None


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
    touching = [q for q in quotas if q.start < end and start < q.end]
    if len(touching) < 2 and all(q.start <= start and end <= q.end for q in touching):
        return part(touching[0], start, end) if touching else None
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
    """The part of a quota that falls on some days within it: divided evenly over its quarters, a quarter over its months, each time by
    largest remainder, so that parts that meet add up to the whole. What is not of whole months is divided by its days: over quarters of
    13 weeks, those over weeks, a week over its days."""
    if start <= q.start and q.end <= end:
        return q.amount
    pieces, weights = _pieces(q.start, q.end)
    shares = allocate(q.amount, weights)
    return sum(part(Quota(a, b, share), start, end) for (a, b), share in zip(pieces, shares, strict=True) if a < end and start < b)


@lru_cache(256)
def _pieces(start: date, end: date) -> tuple[list[tuple[date, date]], list[int]]:
    """What a span is cut into, and how much weighs each piece. A year of 53 weeks has its odd week in the last quarter."""
    count = (end.year - start.year) * 12 + end.month - start.month
    step = 3 if count > 3 and count % 3 == 0 else 1
    if count > 1 and add_months(start, count) == end:
        edges = [add_months(start, i) for i in range(0, count + 1, step)]
        return [*pairwise(edges)], [1] * (len(edges) - 1)
    days = (end - start).days
    step = 91 if days >= 2 * 91 else 7 if days >= 2 * 7 else 1
    edges = [*(start + timedelta(days=step * i) for i in range(days // step)), end]
    return [*pairwise(edges)], [(b - a).days for a, b in pairwise(edges)]


class Quotas(NamedTuple):
    """person → quotas: of their own deals, and of their team's (theirs and those of everyone below)."""

    own: Mapping[int, Sequence[Quota]] = {}
    team: Mapping[int, Sequence[Quota]] = {}

    def within(self, period: Period) -> Assigned:
        """What each person's quotas come to in a period."""
        return Assigned(*({p: n for p, q in part.items() if (n := quota_for(q, period.start, period.end)) is not None} for part in self))


class Assigned(NamedTuple):
    """person → quota of one period, in minor units: of their own deals, of their team's."""

    own: Mapping[int, int] = {}
    team: Mapping[int, int] = {}

    @property
    def people(self) -> list[int]:
        """Everyone who has one."""
        return list(dict.fromkeys((*self.own, *self.team)))


def targets(lines: Tree, quota: Assigned, own: Mapping[int, Figures]) -> dict[int, Target]:
    """The target of everyone with all below them. The team's quota is the one set for it, else the person's own and the sum of the
    reports' targets: parents and children are never added together. Of people without a quota nothing counts, unless one is set above."""
    whole = {p: own.get(p, Figures()).plan for p in lines.order}
    out: dict[int, Target] = {}
    for person in reversed(lines.order):
        below = lines.reports[person]
        alone = whole[person]
        whole[person] += sum(whole[p] for p in below)
        if person in quota.team:
            out[person] = Target(quota.team[person], whole[person])
            continue
        out[person] = total_target([out[p] for p in below])
        if person in quota.own:
            out[person] = total_target([out[person], Target(quota.own[person], alone)])
        elif person in own and own[person].deals:
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


def own_target(lines: Tree, quota: Assigned, person: int, own: Figures) -> Target:
    """One person's target without their reports; a team of one is the person."""
    amount = quota.own.get(person)
    if amount is None and not lines.reports.get(person):
        amount = quota.team.get(person)
    return Target() if amount is None else Target(amount, own.plan)


def bearers(lines: Tree, quota: Assigned, own: Mapping[int, Figures]) -> dict[int, Target]:
    """The targets that nobody divides further: own quotas, and those of teams in which nobody has one. They add up without counting
    anything twice."""
    out = {p: Target(amount, own.get(p, Figures()).plan) for p, amount in quota.own.items() if p in lines.level}
    has: set[int] = set()
    reach: dict[int, Target] | None = None
    for person in reversed(lines.order):
        below = any(p in has for p in lines.reports[person])
        if person in quota.team and not below and person not in quota.own:
            reach = reach or targets(lines, quota, own)
            out[person] = reach[person]
        if below or person in quota.own or person in quota.team:
            has.add(person)
    return out


def over_assigned(lines: Tree, quota: Assigned, person: int) -> tuple[int, int] | None:
    """(quota set for a team, sum of what is assigned within it: the manager's own and the reports' targets), where both exist."""
    if person not in quota.team:
        return None
    bare = targets(lines, quota._replace(team={p: v for p, v in quota.team.items() if p != person}), {})
    below = bare[person].quota
    return None if below is None else (quota.team[person], below)
