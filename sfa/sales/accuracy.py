"""How good forecasts were: what was forecast at a moment in each period against what was closed in it.

Amounts are integers in minor units of one currency. Source: FORMULAS, "Accuracy": error = forecast − actual; bias = mean signed error, also
as Σ error ÷ Σ |actual|; WAPE = Σ |error| ÷ Σ |actual|, error by error; hit = within ±10 %."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

HIT = 10
"""Per cent of the actual within which a forecast hits."""
RANKED = 8
"""Periods from which on somebody is ranked."""


class Pair(NamedTuple):
    """A forecast of one period and what came of it."""

    period: str
    forecast: int
    actual: int


class Accuracy(NamedTuple):
    """Of `n` periods: sums, mean signed error (+ is over-forecast), that as a part of the actuals, WAPE and hit rate; None where nothing
    was closed, or nothing forecast."""

    n: int
    forecast: int
    actual: int
    bias: float | None
    bias_rate: float | None
    wape: float | None
    hits: int
    hit_rate: float | None


def accuracy(pairs: Sequence[Pair], parts: Sequence[Pair] | None = None) -> Accuracy:
    """The accuracy of forecasts. `parts` are those of each rep where `pairs` are a team's: the absolute errors are theirs, so that one
    rep's luck does not hide another's miss."""
    errors = [p.forecast - p.actual for p in pairs]
    within = pairs if parts is None else parts
    size = sum(abs(p.actual) for p in within)
    absolute = sum(abs(p.forecast - p.actual) for p in within)
    whole = sum(abs(p.actual) for p in pairs)
    n, hits = len(pairs), sum(hit(p) for p in pairs)
    return Accuracy(
        n,
        sum(p.forecast for p in pairs),
        sum(p.actual for p in pairs),
        sum(errors) / n if n else None,
        sum(errors) / whole if whole else None,
        absolute / size if size else None,
        hits,
        hits / n if n else None,
    )


def hit(pair: Pair) -> bool:
    """Whether a forecast is within ±10 % of what came."""
    return abs(pair.forecast - pair.actual) * 100 <= HIT * abs(pair.actual)


def ranks(found: dict[int, Accuracy]) -> dict[int, int]:
    """person → rank by WAPE, the smallest first; only those with enough periods and something closed. Equal ones share a rank."""
    able = sorted((a.wape, p) for p, a in found.items() if a.n >= RANKED and a.wape is not None)
    return {p: 1 + sum(other < wape for other, _ in able) for wape, p in able}
