"""Win/loss figures: rates by count and by value, average deal, sales cycle. Definitions: FORMULAS, "Win/loss".

Amounts are integers in minor units of one currency. An outcome is a deal's latest; which deals count is the store's business."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sfa.sales.money import half_even
from sfa.sales.statistics import WEAK, Difference, difference, mean, median, ratio, wilson

Key = tuple[Any, ...]
"""The values of a row in its dimensions; None is blank."""
MOST_BLANK = 20
"""Per cent of lost deals without an amount above which a win rate by value says nothing."""


class Listed(NamedTuple):
    """The deals among others that have an amount and a product with a list price above 0: how many `deals`, the `amount` that they were
    sold for, and what they come to at `list` price, each as one unit of its product."""

    deals: int = 0
    amount: int = 0
    list: int = 0

    def plus(self, other: Listed) -> Listed:
        """Both together."""
        return Listed(self.deals + other.deals, self.amount + other.amount, self.list + other.list)

    @property
    def discount(self) -> float | None:
        """1 − Σ amount ÷ Σ list, below 0 where more than the list price was paid; None without any.

        Source: FORMULAS, "Profit/loss view: discount % from list". A large deal weighs more than a small one: it is the discount on the
        whole, not the mean of the deals' own."""
        return (self.list - self.amount) / self.list if self.list else None


class Group(NamedTuple):
    """Closed deals counted together: `won` or not, how many there are, how many are `filled` with an amount (a lost deal with its last
    non-zero open one), `amount` their sum, `cycles` days from opened to closed → deals (those without a date are in none). `listed` tells
    what those with an amount would be worth at list price, where that was asked for."""

    won: bool
    deals: int
    filled: int
    amount: int
    cycles: Mapping[int, int]
    listed: Listed | None = None


class Outcomes:
    """The closed deals of one row, added up group by group."""

    __slots__ = (
        "cycles",
        "listed",
        "lost_amount",
        "lost_blank",
        "lost_count",
        "lost_cycles",
        "lost_listed",
        "negative",
        "undated",
        "won_amount",
        "won_count",
    )

    def __init__(self) -> None:
        self.won_count = self.lost_count = self.won_amount = self.lost_amount = self.lost_blank = self.negative = self.undated = 0
        self.cycles: dict[int, int] = {}
        self.lost_cycles: dict[int, int] = {}
        self.listed = self.lost_listed = Listed()

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
        if g.listed and g.won:
            self.listed = self.listed.plus(g.listed)
        elif g.listed:
            self.lost_listed = self.lost_listed.plus(g.listed)
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


def against_others(o: Outcomes, total: Outcomes) -> Difference | None:
    """The win rate by count of some deals less that of all others of the total; None where there are no others."""
    return difference(o.won_count, o.count, total.won_count - o.won_count, total.count - o.count)


def change(o: Outcomes, before: Outcomes) -> Difference | None:
    """The win rate by count less that of an earlier period; None where either has no deals."""
    return difference(o.won_count, o.count, before.won_count, before.count)


def notable(rows: Mapping[Key, Outcomes], total: Outcomes) -> list[tuple[Key, Difference]]:
    """The row that wins least and the one that wins most, each only where it differs from all others by more than chance, the surer one
    first. The second is compared with the others without the first: what one row does is not put down to all the rest.

    Rows of fewer than 30 deals are never named, nor are those of what is blank. Who looks at many rows finds a striking one by chance:
    the p of each counts as often as there are rows that could be named (Bonferroni)."""
    found = _extremes(rows, total)
    if not found:
        return []
    first = min(found, key=lambda pair: (pair[1].p, -abs(pair[1].value)))
    if sum(o.count for o in rows.values()) == total.count:  # a deal that counts for several managers cannot be taken away from one
        found = _extremes({k: o for k, o in rows.items() if k != first[0]}, total, rows[first[0]])
    second = [pair for pair in found if pair[0] != first[0] and (pair[1].value > 0) is not (first[1].value > 0)]
    return [first, *second]


def _extremes(rows: Mapping[Key, Outcomes], total: Outcomes, aside: Outcomes | None = None) -> list[tuple[Key, Difference]]:
    """Of the rows that differ from the others of the total (without those `aside`) by more than chance, the one that wins least and the
    one that wins most, where they win less and more than the others."""
    won, count = total.won_count - (aside.won_count if aside else 0), total.count - (aside.count if aside else 0)
    strong = {}
    for key, o in rows.items():
        found = difference(o.won_count, o.count, won - o.won_count, count - o.count)
        if None not in key and found is not None and not found.weak:
            strong[key] = found
    tests = len(strong) + (aside is not None)
    telling = [(key, found) for key, found in strong.items() if found.more_than_chance(tests)]

    def rate(pair: tuple[Key, Difference]) -> float:
        return rows[pair[0]].won_count / rows[pair[0]].count

    less, more = ([pair for pair in telling if (pair[1].value > 0) is better] for better in (False, True))
    return ([min(less, key=rate)] if less else []) + ([max(more, key=rate)] if more else [])


class Share(NamedTuple):
    """What of the losses is put down to one reason: hundredths of deals, and minor units."""

    deals: int = 0
    amount: int = 0

    def plus(self, deals: int, amount: int) -> Share:
        """With so much more."""
        return Share(self.deals + deals, self.amount + amount)


def shared_losses(
    names: Sequence[str],
    groups: Iterable[tuple[Key, Group]],
    reasons: Mapping[int, tuple[float | None, str | None]],
    rows_of: Callable[[Key], Iterable[Key]],
) -> dict[Key | None, Share]:
    """Losses put down to both reasons of a deal in proportion to their weights, by row and (under None) in total.

    `names` are what groups were counted by: the report's dimensions, of which one is reason or reason_group, then reason where it is not
    among them, secondary_reason, and the deal where it has one, so that each is shared by itself. `reasons` is id → (weight, group);
    `rows_of` finds the rows of the dimensions' values. All shares add up to the losses."""
    from sfa.sales.reasons import shares

    by = "reason" if names.count("reason_group") == 0 else "reason_group"
    wide, place = names.index("reason"), names.index(by)
    second = names.index("secondary_reason")
    asked = second if by == "reason" else wide
    out: dict[Key | None, Share] = {None: Share()}
    for values, g in groups:
        if g.won:
            continue
        parts = [(values[wide], g.deals * 100, g.amount)]
        if values[second] is not None:
            both = (values[wide], values[second])
            weights = [reasons[r][0] if r in reasons else None for r in both]
            parts = list(zip(both, shares(g.deals * 100, *weights), shares(g.amount, *weights), strict=True))
        for reason, deals, amount in parts:
            own = reason if by == "reason" else reasons[reason][1] if reason in reasons else None
            out[None] = out[None].plus(deals, amount)
            for key in rows_of(tuple(own if i == place else v for i, v in enumerate(values[:asked]))):
                out[key] = out.get(key, Share()).plus(deals, amount)
    return out
