"""The funnel: of the deals that entered a stage, how many went on. Definitions: FORMULAS, "Win/loss", stage conversion."""

from __future__ import annotations

from typing import NamedTuple

from sfa.sales.statistics import ratio


class Step(NamedTuple):
    """One stage of a funnel: of the deals that `entered` it in the period, how many ever reached a later open stage or were won
    (`advanced`), and how they stand now: won, lost, or still open; `undecided` are the open ones that have not advanced. `of_first` counts
    other deals: those that entered the first stage in the period and ever reached this one; it never rises along the funnel."""

    entered: int = 0
    advanced: int = 0
    won: int = 0
    lost: int = 0
    open: int = 0
    undecided: int = 0
    of_first: int = 0

    def plus(self, other: Step) -> Step:
        """Both together."""
        return Step(*map(int.__add__, self, other))


def conversion(step: Step) -> float | None:
    """Advanced ÷ entered. Lost is never success, a deal counts once, a skipped stage counts as passed. None where nobody entered."""
    return ratio(step.advanced, step.entered)
