"""The few statistics that reports need, over counts: a rate's interval, the difference of two rates, mean and median of a histogram.

No sampling; a rate without a denominator is None everywhere, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import erfc, sqrt
from typing import NamedTuple

WEAK = 30
"""A rate over fewer cases than this is marked as weak."""

Z = 1.959963984540054
"""The standard normal's 97.5 % point: two-sided 95 %."""

CHANCE = 0.05
"""A difference that chance alone makes less often than this is more than chance."""


def ratio(part: int, whole: int) -> float | None:
    """part ÷ whole as a fraction of 1, None where the whole is 0."""
    return part / whole if whole else None


def wilson(successes: int, n: int) -> tuple[float, float] | None:
    """Wilson's score interval at 95 % for `successes` of `n`, as fractions of 1; None for n = 0.

    Source: E. B. Wilson, 1927: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n). Its ends are exactly 0 and 1 where p is."""
    if not n:
        return None
    p, zz = successes / n, Z * Z
    middle = p + zz / (2 * n)
    reach: float = Z * (p * (1 - p) / n + zz / (4 * n * n)) ** 0.5
    low, high = (middle - reach) / (1 + zz / n), (middle + reach) / (1 + zz / n)
    return (0.0 if successes == 0 else max(0.0, low)), (1.0 if successes == n else min(1.0, high))


class Difference(NamedTuple):
    """How far one rate is from another: `value` and the ends of its 95 % interval as fractions of 1, `p` how often chance alone would
    make a difference as large. `weak`: one of the rates rests on fewer than 30 cases."""

    value: float
    low: float
    high: float
    p: float
    weak: bool

    def more_than_chance(self, tests: int = 1) -> bool:
        """Whether both rates rest on 30 cases or more and p is below 0.05; where the largest of several differences is looked for, below
        0.05 ÷ their number (Bonferroni)."""
        return not self.weak and self.p * tests < CHANCE


def difference(successes: int, n: int, other: int, m: int) -> Difference | None:
    """The rate of `successes` of `n` less that of `other` of `m`; None where either has no cases.

    Interval: R. G. Newcombe, 1998, method 10, from both Wilson intervals: d − √((p₁−l₁)² + (u₂−p₂)²) to d + √((u₁−p₁)² + (p₂−l₂)²).
    p: the two-sided z test of two proportions with a pooled variance, 1 where all cases are alike."""
    first, second = wilson(successes, n), wilson(other, m)
    if first is None or second is None:
        return None
    p, q, pooled = successes / n, other / m, (successes + other) / (n + m)
    low = p - q - sqrt((p - first[0]) ** 2 + (second[1] - q) ** 2)
    high = p - q + sqrt((first[1] - p) ** 2 + (q - second[0]) ** 2)
    spread = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return Difference(p - q, low, high, erfc(abs(p - q) / spread / sqrt(2)) if spread else 1.0, min(n, m) < WEAK)


def least_difference(successes: int, n: int, undecided: int, other: int, m: int, other_undecided: int) -> Difference | None:
    """The difference of two rates as small as the cases that are not decided yet, among `n` and `m` but not among the successes, can make
    it: those of the lower rate all succeed, those of the higher one all fail. None where they could turn it round, or make both alike."""
    plain = difference(successes, n, other, m)
    if plain is None or not plain.value:
        return None
    falls = plain.value < 0
    found = difference(successes + undecided, n, other, m) if falls else difference(successes, n, other + other_undecided, m)
    return found if found and found.value and (found.value < 0) is falls else None


def mean(counts: Mapping[int, int]) -> float | None:
    """The mean of a histogram value → count; None where it is empty."""
    n = sum(counts.values())
    return sum(value * count for value, count in counts.items()) / n if n else None


def median(counts: Mapping[int, int]) -> float | None:
    """The median of a histogram value → count, the mean of the middle two for an even number; None where it is empty."""
    n = sum(counts.values())
    if not n:
        return None
    low, high, seen = (n - 1) // 2, n // 2, 0
    first: int | None = None
    for value in sorted(counts):
        seen += counts[value]
        if first is None and seen > low:
            first = value
        if first is not None and seen > high:
            return (first + value) / 2
    return None


def percentile(counts: Mapping[int, int], percent: int) -> int | None:
    """The least value of a histogram value → count that at least `percent` per cent of its cases do not exceed (nearest rank); None where
    it is empty."""
    n, seen = sum(counts.values()), 0
    for value in sorted(counts):
        seen += counts[value]
        if seen * 100 >= percent * n:
            return value
    return None


WIDTHS = (1, 2, 5, 7, 10, 14, 20, 30, 60, 90, 180, 365)
"""Of the bins of a histogram of days; wider ones are whole multiples of a year."""
BINS = 12


def histogram(counts: Mapping[int, int]) -> list[tuple[int, int | None, int]]:
    """(first value, last value, cases) of equally wide bins, BINS at most, empty ones between too, up to the one that 95 % of the cases do
    not exceed; what lies above is in one more bin without an end (None). Values are 0 or more."""
    if not counts:
        return []
    least, most, end = min(counts), max(counts), percentile(counts, 95) or 0
    years = (365 * n for n in range(2, end // 365 + 3))
    width = next(w for w in (*WIDTHS, *years) if end // w - least // w < BINS)
    first, last = least // width, end // width
    found = [0] * (last - first + 1)
    above = 0
    for value, cases in counts.items():
        if value // width > last:
            above += cases
        else:
            found[value // width - first] += cases
    out: list[tuple[int, int | None, int]] = [((first + i) * width, (first + i + 1) * width - 1, n) for i, n in enumerate(found)]
    return [*out, ((last + 1) * width, None, above)] if most // width > last else out
