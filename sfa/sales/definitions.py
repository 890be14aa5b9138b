"""What each report's figures mean, in a few sentences: `--explain` prints them. The manual (docs/figures.md) says the same at length."""

from __future__ import annotations

from typing import NamedTuple


class Definition(NamedTuple):
    """`says` are sentences, one a line; `section` is the heading of docs/figures.md that says more."""

    says: tuple[str, ...]
    section: str

    @property
    def link(self) -> str:
        """The page of the manual."""
        return "docs/figures.md#" + self.section.lower().replace(" ", "-").replace("/", "")


DEFINITIONS = {
    "pipeline": Definition(
        (
            "The deals that are open, as they stand; with --period those expected to close in it.",
            "Weighted = the sum of amount × probability, each rounded half-even; omitted deals have none.",
            "Overdue = their expected close has passed. Age = days since they were opened.",
        ),
        "Pipeline and funnel",
    ),
    "slippage": Definition(
        (
            "A push is a move of an open deal's expected close into a later fiscal month; later moves are all moves to a later day, days what"
            " they add up to. Changes that were undone count for nothing; a blank in between is no way round.",
            "The rate is of the open deals that were pushed at least once, with its Wilson 95 % interval.",
            "Slip rate of a locked period = the open commit + most likely + best case at the lock that was not won in the period ÷ all of it,"
            " each deal at the lock's amount and rates. Lost: lost by the period's end. Slipped: the rest, deleted deals among them.",
        ),
        "Slippage",
    ),
    "stale": Definition(
        (
            "A touch is an activity, a change of stage or the opening. A deal is stale when it was silent for more days than usual in its"
            " stage.",
            "Usual: of the times between two touches of deals that were won, by the stage in which they began, 9 of 10 were no longer."
            " Learnt from the 5,000 deals won last, of two years at most, where at least 30 such times are known; elsewhere the setting"
            " health_silent_days.",
        ),
        "Stale deals",
    ),
    "coverage": Definition(
        (
            "Coverage = open pipeline due in the period ÷ gap (quota − closed), managers with everyone below.",
            "Required coverage = pipeline at a period's start ÷ the part of it won in that period, over the last 4 ended periods before the"
            " first one shown.",
            "Short: the coverage is below the required one.",
        ),
        "Coverage",
    ),
    "health": Definition(
        (
            "Rules over what is known of an open deal: expected close past or missing; pushed into a later fiscal month (health_pushes"
            " times); longer in its stage than 9 of 10 won deals; without an activity or change of stage for longer than 9 of 10 of their"
            " silences in this stage; planned to close sooner after entering its stage than 9 of 10 of them were won; amount cut from its"
            " peak by health_cut_percent; no contact as decision maker, economic buyer or executive sponsor, where roles are recorded at"
            " all; a competitor named; no next step, or an overdue one.",
            "What is usual is learnt from the 5,000 deals won last, of two years at most, where at least 30 cases tell; silence is"
            " health_silent_days elsewhere.",
            "Good has no reason, risk health_risk of them, watch is between. At risk is the amount of the deals that are a risk.",
        ),
        "Deal health",
    ),
    "winback": Definition(
        (
            "Lost deals whose revisit date has come. Losing for a recoverable reason sets the date: the day of the loss plus the reason's"
            " months (sfa reason list), on the last day of a month that is too short.",
            "Lost = the last amount above or below 0 that the deal had while open, else its own, at the rate of the day it was lost.",
            "Left out, and counted: deals whose account has an open deal opened on the day of the loss or later, or a deal won since.",
            "Overdue = days from the revisit date to today; below 0 it is still to come.",
        ),
        "Winning back",
    ),
}
"""Report → what its figures mean."""
