"""How long deals take: sales cycles, time in stages, velocity, and cohorts by the time they were opened. Definitions: FORMULAS, "Win/loss".

A percentile is by nearest rank: the least value that at least so many per cent of the cases do not exceed. A median is the mean of the
middle two where their number is even."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import NamedTuple

from sfa.sales.money import half_even
from sfa.sales.statistics import mean, median, percentile, ratio

NINETY = 90
AGES = (30, 60, 90, 180)
"""Days within which the deals of a cohort are looked at."""


class Closed(NamedTuple):
    """Closed deals counted together: `won` or not, `cycle` days from opened to closed (None where a date is missing)."""

    won: bool
    cycle: int | None
    deals: int


class Ended:
    """The closed deals of one row, added up. Cycles below zero and unknown ones are counted apart."""

    __slots__ = ("cycles", "lost_cycles", "negative", "undated", "won")

    def __init__(self) -> None:
        self.won = self.negative = self.undated = 0
        self.cycles: dict[int, int] = {}
        self.lost_cycles: dict[int, int] = {}

    def add(self, c: Closed) -> None:
        """Add deals."""
        self.won += c.deals if c.won else 0
        if c.cycle is None:
            self.undated += c.deals
        elif c.cycle < 0:
            self.negative += c.deals
        else:
            counts = self.cycles if c.won else self.lost_cycles
            counts[c.cycle] = counts.get(c.cycle, 0) + c.deals


class Times:
    """Durations of one row, added up: of what is over, of what lasts, and the number of those whose beginning is unknown. `unit` is the
    number of a histogram's values in a day: 24 for hours."""

    __slots__ = ("lasting", "over", "unit", "unknown", "unknown_lasting")

    def __init__(self, unit: int) -> None:
        self.over: dict[int, int] = {}
        self.lasting: dict[int, int] = {}
        self.unknown = self.unknown_lasting = 0
        self.unit = unit

    def add(self, length: int | None, cases: int, lasts: bool = False) -> None:
        """Add cases of one length; None or below zero: unknown."""
        if length is None or length < 0:
            if lasts:
                self.unknown_lasting += cases
            else:
                self.unknown += cases
            return
        counts = self.lasting if lasts else self.over
        counts[length] = counts.get(length, 0) + cases


class Summary(NamedTuple):
    """n and days of what is over, number and median age in days of what lasts, and those left out; days are None where n is 0."""

    n: int
    mean_days: float | None
    median_days: float | None
    p90_days: float | None
    open: int
    open_median_days: float | None
    unknown_start: int


def summary(times: Times) -> Summary:
    """Mean, median and 90th percentile in days; what lasts stands apart, since it is not over."""
    found = (mean(times.over), median(times.over), percentile(times.over, NINETY), median(times.lasting))
    days = [None if v is None else v / times.unit for v in found]
    still = sum(times.lasting.values()) + times.unknown_lasting
    return Summary(sum(times.over.values()), days[0], days[1], days[2], still, days[3], times.unknown + times.unknown_lasting)


class Pace(NamedTuple):
    """What velocity is made of: open qualified deals; of the deals closed in the period those won and lost, the amount of the won ones,
    the sum of their sales cycles in days and the number of these; deals with a negative or an unknown cycle, and those closed on no day."""

    qualified: int = 0
    won: int = 0
    lost: int = 0
    amount: int = 0
    days: int = 0
    timed: int = 0
    negative: int = 0
    unknown: int = 0
    undated: int = 0

    def plus(self, other: Pace) -> Pace:
        """Both together."""
        return Pace(*map(int.__add__, self, other))


class Velocity(NamedTuple):
    """Three of the four factors and what all make: minor units, and minor units a day, half to even; None where a factor is."""

    average_won: int | None
    win_rate: float | None
    cycle_mean_days: float | None
    velocity: int | None


def velocity(p: Pace) -> Velocity:
    """Open qualified deals × average won amount × win rate by count ÷ mean sales cycle of the won deals, a day. Never the win rate by
    value: size would count twice. Nothing is rounded in between. None where every deal was closed on the day that it was opened."""
    closed = p.won + p.lost
    # The average is the amount ÷ won, the win rate won ÷ closed: won itself falls out of their product.
    speed = Fraction(p.qualified * p.amount * p.timed, closed * p.days) if p.won and p.days else None
    return Velocity(
        half_even(p.amount, p.won) if p.won else None,
        ratio(p.won, closed),
        ratio(p.days, p.timed),
        None if speed is None else half_even(speed.numerator, speed.denominator),
    )


class Opened:
    """The deals of one cohort, added up: how many were created, how they stand, and the ages at which they were won."""

    __slots__ = ("amount", "created", "lost", "negative", "open", "undated", "won", "won_at")

    def __init__(self) -> None:
        self.created = self.won = self.lost = self.open = self.amount = self.undated = self.negative = 0
        self.won_at: dict[int, int] = {}

    def add(self, outcome: str, age: int | None, deals: int, amount: int) -> None:
        """Add deals of one outcome and age. Those won on no known day, or before they were opened, are of no age."""
        self.created += deals
        if outcome == "won":
            self.won += deals
            self.amount += amount
            if age is None:
                self.undated += deals
            elif age < 0:
                self.negative += deals
            else:
                self.won_at[age] = self.won_at.get(age, 0) + deals
        elif outcome == "lost":
            self.lost += deals
        else:
            self.open += deals

    def within(self, days: int) -> int:
        """How many were won at most so many days after they were opened."""
        return sum(deals for age, deals in self.won_at.items() if age <= days)


def ripe(last: date, days: int, today: date) -> bool:
    """Whether every deal of a cohort whose last day of opening is `last` is so many days old: before that its share would only grow."""
    return (today - last).days >= days


# Concentration ----------------------------------------------------------------------------------------------------------------------


class Share(NamedTuple):
    """One account in the order of its revenue: rank from 1, share of the whole, share of all up to this one, class A, B or C."""

    rank: int
    amount: int
    share: float | None
    cumulative: float | None
    grade: str


def graded(amounts: Iterable[int], a: int, b: int) -> list[Share]:
    """Accounts by falling amount: A while those before have less than `a` per cent of the whole, B while less than `b`, C the rest; an
    account without revenue is C. The account that crosses an edge is still of the class before it."""
    falling = sorted(amounts, reverse=True)
    whole, before, out = sum(x for x in falling if x > 0), 0, []
    for rank, amount in enumerate(falling, 1):
        grade = "C" if amount <= 0 else "A" if before * 100 < a * whole else "B" if before * 100 < b * whole else "C"
        before += max(amount, 0)
        out.append(Share(rank, amount, ratio(amount, whole), ratio(before, whole), grade))
    return out


def top(shares: list[Share], percent: int) -> tuple[int, float | None]:
    """How many accounts the top `percent` per cent are, rounded up, and what share of the whole they bring."""
    n = -(-len(shares) * percent // 100)
    return n, shares[n - 1].cumulative if n else None
