"""Win/loss figures: rates by count and by value, average deal, sales cycle; and stage conversion. Definitions: FORMULAS, "Win/loss".

Amounts are integers in minor units of one currency. An outcome is a deal's latest; which deals count is the store's business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sfa.sales.money import half_even
from sfa.sales.statistics import WEAK, mean, median, ratio, wilson

MOST_BLANK = 20
"""Per cent of lost deals without an amount above which a win rate by value says nothing."""


class Group(NamedTuple):
    """Closed deals counted together: `won` or not, how many there are, how many are `filled` with an amount (a lost deal with its last
    non-zero open one), `amount` their sum, `cycles` days from opened to closed → deals (those without a date are in none)."""

    won: bool
    deals: int
    filled: int
    amount: int
    cycles: Mapping[int, int]


class Outcomes:
    """The closed deals of one row, added up group by group."""

    __slots__ = ("cycles", "lost_amount", "lost_blank", "lost_count", "lost_cycles", "negative", "undated", "won_amount", "won_count")

    def __init__(self) -> None:
        self.won_count = self.lost_count = self.won_amount = self.lost_amount = self.lost_blank = self.negative = self.undated = 0
        self.cycles: dict[int, int] = {}
        self.lost_cycles: dict[int, int] = {}

    @property
    def count(self) -> int:
        """Won and lost together."""
        return self.won_count + self.lost_count

    def add(self, g: Group) -> None:
        """Add a group. Cycles below zero and unknown ones are counted apart."""
        if g.won:
            self.won_count += g.deals
            self.won_amount += g.amount
        else:
            self.lost_count += g.deals
            self.lost_amount += g.amount
            self.lost_blank += g.deals - g.filled
        into = self.cycles if g.won else self.lost_cycles
        self.undated += g.deals
        for days, deals in g.cycles.items():
            self.undated -= deals
            if days < 0:
                self.negative += deals
            else:
                into[days] = into.get(days, 0) + deals


class Rates(NamedTuple):
    """What is made of outcomes: rates and ends of intervals as fractions of 1, amounts in minor units, cycles in days; None where there
    is nothing to divide by. `weak`: the rate rests on fewer than 30 deals."""

    win_rate: float | None
    win_rate_low: float | None
    win_rate_high: float | None
    win_rate_by_value: float | None
    average_deal: int | None
    cycle_mean_days: float | None
    cycle_median_days: float | None
    lost_cycle_mean_days: float | None
    lost_cycle_median_days: float | None
    weak: bool


def rates(o: Outcomes) -> Rates:
    """Win rate = won ÷ (won + lost) by count, with its Wilson 95 % interval; average deal = Σ won ÷ n won, half to even; cycle = closed −
    opened of won deals (lost ones apart)."""
    n = o.count
    interval = wilson(o.won_count, n)
    return Rates(
        ratio(o.won_count, n),
        interval[0] if interval else None,
        interval[1] if interval else None,
        by_value(o),
        half_even(o.won_amount, o.won_count) if o.won_count else None,
        mean(o.cycles),
        median(o.cycles),
        mean(o.lost_cycles),
        median(o.lost_cycles),
        n < WEAK,
    )


def by_value(o: Outcomes) -> float | None:
    """Σ won ÷ Σ (won + lost), a lost deal at its last non-zero open amount. Lost deals without one are left out; where they are over
    20 % of the losses there is no rate."""
    if o.lost_blank * 100 > MOST_BLANK * o.lost_count:
        return None
    whole = o.won_amount + o.lost_amount
    return o.won_amount / whole if whole > 0 else None


class Step(NamedTuple):
    """One stage of a funnel: of the deals that `entered` it in the period, how many ever reached a later open stage or were won
    (`advanced`), and how they stand now: won, lost, or still open."""

    entered: int
    advanced: int
    won: int
    lost: int
    open: int


def conversion(step: Step) -> float | None:
    """Advanced ÷ entered. Lost is never success, a deal counts once, a skipped stage counts as passed. None where nobody entered."""
    return ratio(step.advanced, step.entered)
