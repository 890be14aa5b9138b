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
        return "docs/figures.md#" + self.section.lower().replace(" ", "-").replace("/", "").replace(",", "")


DISCOUNT = (
    "With --discount each deal counts as one unit of its product: discount = 1 − Σ amount ÷ Σ list price, of the won deals with an amount"
    " whose product has a list price above 0 (Listed), at the rate of the closed date; lost ones apart, at their last non-zero open amount."
    " The list price is the product's as it stands, not that of the deal's day. Below 0: sold above list. A * marks fewer than 30 deals."
)
DEFINITIONS = {
    "pipeline": Definition(
        (
            "The deals that are open, as they stand; with --period those expected to close in it.",
            "Weighted = the sum of amount × probability, each rounded half-even; omitted deals have none.",
            "Overdue = their expected close has passed. Age = days since they were opened.",
            "Against a compared period: the deals due in it that were open on the day as far into it as today is into this one; without a"
            " period, all that were open then.",
        ),
        "Pipeline",
    ),
    "slippage": Definition(
        (
            "A push is a move of an open deal's expected close into a later fiscal month; later moves are all moves to a later day, days"
            " what they add up to. Changes that were undone count for nothing; a blank in between is no way round.",
            "The rate is of the open deals that were pushed at least once, with its Wilson 95 % interval.",
            "Slip rate of a locked period = the open commit + most likely + best case at the lock that was not won in the period ÷ all of"
            " it, each deal at the lock's amount and rates. Lost: lost by the period's end. Slipped: the rest, deleted deals among them.",
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
    "winloss": Definition(
        (
            "Deals count by their closed date, with their latest outcome; one that is open again counts as open.",
            "Win rate = won ÷ (won + lost), with Wilson's 95 % interval; by value Σ won ÷ Σ (won + lost), a lost deal at its last non-zero"
            " open amount, – where over 20 % of the losses have none.",
            "Of losses = the row's part of all lost deals, of lost amount of all that was lost. Days = closed − opened, of won deals.",
            "Without a period deals of all time count. Against a compared period: the change of the win rate in points with Newcombe's 95 %"
            " interval; ! where it is more than chance: both rates rest on 30 deals or more, and p of the two-proportion z test, times the"
            " number of such rows, is below 0.05. A period that is not over is compared with as many days of the other.",
            "Below the table: the rows that win least and most, where they differ from all others by more than chance, 30 deals or more"
            " on either side, p times the number of such rows below 0.05; the second without the first. Never by reason or stage, which"
            " follow from the outcome.",
            "Pushes = moves of the expected close into a later fiscal month. Deal sizes are bands of the amount in the report's currency.",
            "With --shared a loss with two reasons is divided in proportion to their weights (1 where none is set).",
            DISCOUNT,
        ),
        "Win/loss by dimension",
    ),
    "competitors": Definition(
        (
            "Met = closed deals in which the competitor was named, won or lost.",
            "Win rate with it, and without it: of all other closed deals. The difference in points has Newcombe's 95 % interval.",
            "Named below the table: who differs by more than chance (two-proportion z test, p times the number of competitors met 30 times"
            " or more below 0.05).",
        ),
        "Win/loss by dimension",
    ),
    "reasons": Definition(
        (
            "Lost deals by primary reason and the month or quarter of their closed date; the share is of all deals lost then.",
            "The newest columns stay where a terminal is narrow.",
        ),
        "Win/loss by dimension",
    ),
    "lost-from": Definition(
        (
            "Lost deals by the last open stage that they were in; (none) where the file knows them only as lost.",
            "Days = closed − opened. A lost deal counts at its last non-zero open amount.",
            DISCOUNT,
        ),
        "Win/loss by dimension",
    ),
    "leaderboard": Definition(
        (
            "Ranked by won amount. A won deal is credited to its owner at winning, a lost one to its owner.",
            "Who has closed fewer than 30 deals, won or lost, stands last without a rank: the win rate says little.",
            DISCOUNT,
        ),
        "Win/loss by dimension",
    ),
    "funnel": Definition(
        (
            "A row's deals are those that entered the stage in the period: were first in it or past it. Each counts once; a skipped stage "
            "counts as passed.",
            "Conversion = ever reached a later open stage or won ÷ entered. Lost is never success; deals still open are shown as such.",
            "Median days = time in the stage of closed visits with a known start, of the deals of the row.",
            "Of the first = of the deals that entered the pipeline's first stage in the period, those that ever reached this one.",
            "Leads (--leads): created in the period; qualified = ever, converted, won = the deal that they became is won.",
        ),
        "Stage visits and funnel",
    ),
    "visits": Definition(
        (
            "One row for every time that a deal came into a stage. Versions in one stage that follow each other are one visit.",
            "Before a deal's first version nothing is known: the first stage of its pipeline was entered on the opening day, the start of "
            "any other is unknown unless the deal was opened on the day of that version.",
            "Days = hours between start and end, to the nearest one, ÷ 24.",
        ),
        "Stage visits and funnel",
    ),
    "cycle": Definition(
        (
            "Sales cycle = closed − opened in days, of deals closed in the period; won and lost apart.",
            "Time in a stage = closed visits that ended in the period, in hours ÷ 24. Visits that last stand apart with their age: "
            "they are not over, and would make the stage look faster than it is.",
            "90 % within = the 90th percentile by nearest rank: the least value that at least 90 % of the cases do not exceed.",
            "Visits of unknown start and cycles below zero are left out and counted.",
        ),
        "Cycle, velocity and cohorts",
    ),
    "velocity": Definition(
        (
            "Velocity = open qualified deals × average won amount × win rate by count ÷ mean sales cycle of won deals, an amount a day.",
            "Qualified = open in any stage after the first of its pipeline. The other three are of the deals closed in the period.",
            "Never the win rate by value: size would count twice. It is no sum: the total is not that of the rows.",
        ),
        "Cycle, velocity and cohorts",
    ),
    "cohort": Definition(
        (
            "A row's deals are those that were opened in its month or quarter. Conversion = won so far ÷ created.",
            "30 d = share of the created that was won at most 30 days after opening; blank until every deal of the row is so old.",
            "Won amounts are at the rate of the closed date.",
            "With --versus both are looked at when they were of one age, by their dates: what was closed later counts as open.",
        ),
        "Cycle, velocity and cohorts",
    ),
    "activity": Definition(
        (
            "Touch = an activity logged on the deal itself, up to the day it was closed.",
            "A deal = touches ÷ deals, those without any included. Silent days = days since the last touch of an open deal that has one.",
            "Response (--leads) = days from a lead's creation to the first activity on it.",
        ),
        "Activity and concentration",
    ),
    "cadence": Definition(
        (
            "Contact = a day with an activity of any kind but a note that reached the person, as the main contact or among others; no"
            " answer, busy, wrong number, no show and cancelled reached nobody, nor do e-mails, letters, faxes, chats and web forms that"
            " came in. Several on one day are one.",
            "Wanted = days of the period ÷ days of the cadence (a month 30.44, a year 365.25). Only days up to now count, and only those"
            " from the day on which the contact became known: its first version or its first activity.",
            "Over = more contacts than wanted, rounded up. Under = fewer than wanted, rounded down, or the next one is overdue.",
            "Next due = the last contact plus the cadence, months clipping to their last day; now where there was none.",
            "Who is not to be contacted wants none: contacts after the day of that opt-out are over.",
        ),
        "Activity and concentration",
    ),
    "concentration": Definition(
        (
            "Won revenue of the period by account, the largest first. Share = of the revenue of all accounts.",
            "A = the largest accounts until 80 % are reached, B = until 95 %, C = the rest; the account that crosses an edge is still of "
            "the class before it. An account without revenue is C.",
            "The top 20 % of the accounts are rounded up to whole ones.",
        ),
        "Activity and concentration",
    ),
}
"""Report → what its figures mean."""
