"""Bands that numbers are sliced by: where each begins, and what it is called. One table, so that every report has the same ones."""

from __future__ import annotations

from typing import NamedTuple

from sfa.messages import say


class Bands(NamedTuple):
    """Bands of whole numbers: the first goes from `lowest` up to the first of `edges`, the others begin at one each; what is below the
    lowest is in none. `money`: the numbers are minor units of the report's currency."""

    edges: tuple[int, ...]
    lowest: int | None = None
    money: bool = False

    def of(self, value: int) -> int | None:
        """Which band a number is in, from 0; None below the lowest."""
        return None if self.lowest is not None and value < self.lowest else sum(value >= edge for edge in self.edges)

    def label(self, band: int, currency: str = "") -> str:
        """What a band is called: "10–49", "1,000+", of money "10k–20k" and "under 1k"."""
        low = self.edges[band - 1] if band else self.lowest
        high = self.edges[band] if band < len(self.edges) else None
        if self.money:
            from sfa.sales import money

            ends = [None if e is None else str(money.Short(e, currency)) for e in (low, high)]
            return say("under {ends}", ends=ends[1]) if low is None else f"{ends[0]}+" if high is None else f"{ends[0]}–{ends[1]}"
        if high is None:
            return f"{low:,}+"
        return f"{low:,}" if high - 1 == low else say("under {high:,}", high=high) if low is None else f"{low:,}–{high - 1:,}"


def _steps(first: int, count: int) -> tuple[int, ...]:
    """Edges in steps of 1, 2, 5 from `first` on."""
    return tuple(first * (1, 2, 5)[i % 3] * 10 ** (i // 3) for i in range(count))


BANDS = {
    "deal_size": Bands(_steps(100_000, 10), money=True),
    "account_size": Bands((10, 50, 250, 1000), 1),
    "account_revenue": Bands(_steps(100_000_000, 10), money=True),
    "cycle": Bands((31, 61, 91, 181), 0),
    "pushes": Bands((1, 2, 3), 0),
}
"""Dimension → its bands: deal sizes from 1,000 to 1,000,000 of a currency with cents (the same number of minor units of any other), an
account's employees, its annual revenue from 1 million to 1,000 million, days from opened to closed, times pushed out."""
