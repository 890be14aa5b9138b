"""The few statistics that reports need, over counts: a rate's interval, mean and median of a histogram.

No sampling, no tests of difference; a rate without a denominator is None everywhere, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping

WEAK = 30
"""A rate over fewer cases than this is marked as weak."""

Z = 1.959963984540054
"""The standard normal's 97.5 % point: two-sided 95 %."""


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
