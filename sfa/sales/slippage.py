"""Slippage: how often deals were pushed, and what became of a forecast that was locked. Definitions: FORMULAS, "Push count", "Slip rate".

A push is a move of the expected close into a later fiscal month. Amounts are integers in minor units of one currency."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from sfa.sales.statistics import ratio

WON, LOST, SLIPPED, REMOVED = FATES = ("won", "lost", "slipped", "removed")
"""What became of a deal of a locked period: won in it; lost by its end; neither; deleted."""


class Version(NamedTuple):
    """One version of a deal: from when (operation scale) and by whom (a user's id), its expected close (ISO), whether it was open."""

    since: int
    actor: int | None
    close: str | None
    open: bool


class Slips(NamedTuple):
    """How a deal's expected close moved. `pushes` are moves into a later fiscal month, `later` all moves to a later day, `days` what
    these add up to; `net` the days from the `first` date to the last one (None without any); `last` the version of the last later move."""

    pushes: int
    later: int
    days: int
    net: int | None
    first: str | None
    last: Version | None


def slips(versions: Iterable[Version], month: Callable[[date], int]) -> Slips:
    """The moves in a deal's versions, oldest first; `month` numbers the fiscal months.

    Only moves of an open deal count. A date that is taken away and set again is compared with the one before: a blank is no way round."""
    pushes = later = days = 0
    first: str | None = None
    before: str | None = None
    at: date | None = None
    last: Version | None = None
    for v in versions:
        if v.close is None or not v.open or v.close == before:
            continue
        day, before = date.fromisoformat(v.close), v.close
        if at is not None and day > at:
            later += 1
            days += (day - at).days
            pushes += month(day) > month(at)
            last = v
        first, at = first or v.close, day
    net = (at - date.fromisoformat(first)).days if at is not None and first else None
    return Slips(pushes, later, days, net, first, last)


class Pushed(NamedTuple):
    """Deals of one row: all, those that were pushed at least once, their amount; pushes, later moves and days moved of all."""

    deals: int = 0
    pushed: int = 0
    amount: int = 0
    pushed_amount: int = 0
    pushes: int = 0
    later: int = 0
    days: int = 0

    def plus(self, found: Slips, amount: int) -> Pushed:
        """With another deal."""
        some = found.pushes > 0
        more = Pushed(1, some, amount, amount if some else 0, found.pushes, found.later, found.days)
        return Pushed(*map(int.__add__, self, more))


def fate(outcome: str | None, closed: str | None, start: str, end: str) -> str:
    """What became of a deal that was forecast for the period from `start` up to but without `end` (ISO): `outcome` is open, won or lost,
    None where it was deleted; `closed` its closed date."""
    if outcome is None:
        return REMOVED
    if outcome == "won" and closed is not None and start <= closed < end:
        return WON
    return LOST if outcome == "lost" and (closed is None or closed < end) else SLIPPED


class Locked:
    """The deals that a lock counted on, by what became of them: numbers and amounts at the lock."""

    __slots__ = ("amount", "count")

    def __init__(self) -> None:
        self.amount = dict.fromkeys(FATES, 0)
        self.count = dict.fromkeys(FATES, 0)

    def add(self, what: str, amount: int) -> None:
        """Add a deal."""
        self.amount[what] += amount
        self.count[what] += 1

    @property
    def deals(self) -> int:
        return sum(self.count.values())

    @property
    def forecast(self) -> int:
        """The amount at the lock."""
        return sum(self.amount.values())

    def rate(self, *fates: str) -> float | None:
        """The part of the amount at the lock that came to these ends; None where nothing was counted on."""
        return ratio(sum(self.amount[f] for f in fates), self.forecast)
