"""How often deals are touched and leads are answered, added up. A touch is an activity; which ones count is the store's business."""

from __future__ import annotations

from collections.abc import Sequence

from sfa.sales.kinds import ACTIVITY_KINDS

OUTCOMES = ("won", "lost", "open")


class Touching:
    """Deals of one outcome: how many, how many with a touch at all, number of touches → deals, touches by kind, days of silence → deals."""

    __slots__ = ("by_kind", "counts", "deals", "silent", "touched")

    def __init__(self) -> None:
        self.deals = self.touched = 0
        self.counts: dict[int, int] = {}
        self.by_kind = [0] * len(ACTIVITY_KINDS)
        self.silent: dict[int, int] = {}

    def add(self, touches: Sequence[int], silent: int | None, deals: int) -> None:
        """Add deals with as many touches of each kind each; `silent` are the days since the last one, None where nobody asks."""
        n = sum(touches)
        self.deals += deals
        self.touched += deals if n else 0
        self.counts[n] = self.counts.get(n, 0) + deals
        for i, each in enumerate(touches):
            self.by_kind[i] += each * deals
        if silent is not None:
            self.silent[silent] = self.silent.get(silent, 0) + deals


class Leading:
    """Leads of one row. Each is counted in every step that it reached, so that no step has more than the one before: a lead that became
    a deal was qualified, a won one converted. One that was disqualified after it was qualified counts as both."""

    __slots__ = ("answers", "converted", "disqualified", "leads", "qualified", "undated", "won")

    def __init__(self) -> None:
        self.leads = self.qualified = self.converted = self.won = self.disqualified = self.undated = 0
        self.answers: dict[int, int] = {}

    def add(self, status: str, qualified: bool, outcome: str | None, answered: int | None, dated: bool, leads: int) -> None:
        """Add leads of a status; `qualified` whether they ever were, `outcome` that of the deal that they became, `answered` the days to
        the first activity, `dated` whether they have a day of creation."""
        self.leads += leads
        converted = status == "converted"
        self.qualified += leads if qualified or converted else 0
        self.converted += leads if converted else 0
        self.won += leads if converted and outcome == "won" else 0
        self.disqualified += leads if status == "disqualified" else 0
        if answered is not None:
            self.answers[answered] = self.answers.get(answered, 0) + leads
        elif not dated:
            self.undated += leads
