"""`sfa report winloss`: won and lost deals by any one or two dimensions; and the same with other columns, as reports of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf
from sfa.commands.pages import Out, printable, report
from sfa.commands.report.outcomes import REASONED, Preset, compute, table
from sfa.commands.report.shared import Explain, Versus, explained
from sfa.commands.session import Session
from sfa.commands.tables import By, Filters, PeriodOption, asked, period_of

if TYPE_CHECKING:
    from sfa.page import Bars

Shared = Annotated[bool, typer.Option("--shared", help="Only losses, shared between primary and secondary reason by weight.")]
Discount = Annotated[
    bool,
    typer.Option("--discount", help="Count each deal as one unit of its product, and show its discount from the list price."),
]

WINLOSS = Preset(
    "Win/loss",
    {
        "won_count": 0,
        "lost_count": 0,
        "win_rate": 0,
        "interval": 3,
        "win_rate_by_value": 4,
        "won_amount": 0,
        "lost_amount": 5,
        "loss_share": 8,
        "loss_share_by_value": 9,
        "listed_count": 11,
        "list_amount": 10,
        "discount": 0,
        "average_deal": 2,
        "cycle_mean_days": 6,
        "cycle_median_days": 1,
        "change": 0,
        "change_interval": 7,
        "before_win_rate": 3,
    },
    every=True,
)
BY_REASON = WINLOSS._replace(
    shown={
        "won_count": 0,
        "lost_count": 0,
        "loss_share": 0,
        "lost_amount": 0,
        "loss_share_by_value": 0,
        "won_amount": 2,
        "average_lost": 3,
        "listed_count": 11,
        "list_amount": 10,
        "discount": 0,
        "lost_listed_count": 11,
        "lost_list_amount": 10,
        "lost_discount": 0,
        "lost_cycle_median_days": 1,
        "win_rate": 4,
    }
)
SHARED = BY_REASON._replace(
    shown={
        "lost_count": 0,
        "shared_lost_count": 0,
        "shared_loss_share": 0,
        "lost_amount": 0,
        "shared_lost_amount": 0,
        "shared_loss_share_by_value": 0,
        "lost_listed_count": 11,
        "lost_list_amount": 10,
        "lost_discount": 0,
    }
)
COMPETITORS = Preset(
    "Competitors",
    {
        "count": 0,
        "won_count": 0,
        "lost_count": 0,
        "win_rate": 0,
        "interval": 2,
        "others_win_rate": 0,
        "difference": 0,
        "difference_interval": 0,
        "change": 0,
        "won_amount": 1,
        "lost_amount": 3,
    },
)
LOST_FROM = Preset(
    "Lost from",
    {
        "lost_count": 0,
        "loss_share": 0,
        "lost_amount": 0,
        "loss_share_by_value": 0,
        "average_lost": 1,
        "lost_listed_count": 11,
        "lost_list_amount": 10,
        "lost_discount": 0,
        "lost_cycle_mean_days": 1,
        "lost_cycle_median_days": 0,
        "before_lost_count": 0,
        "before_lost_amount": 0,
    },
    notable=False,
)
LEADERBOARD = Preset(
    "Leaderboard",
    {
        "won_amount": 0,
        "won_count": 0,
        "win_rate": 0,
        "interval": 1,
        "listed_count": 11,
        "list_amount": 10,
        "discount": 0,
        "average_deal": 1,
        "cycle_median_days": 0,
        "cycle_mean_days": 2,
        "change": 0,
        "before_won_amount": 0,
    },
    ranked=True,
)


@with_filters
@printable
def winloss(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: By = "reason",
    versus: Versus = "",
    shared: Shared = False,
    discount: Discount = False,
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report won and lost deals with win rates, amounts and sales cycles.

    Deals count by their closed date; without --period all time. Beside what other reports are sliced by: reason_group, secondary_reason,
    competitor, deal_size, account_size, account_revenue, pushes, cycle; stage is the open one that a deal was closed from. Rates of fewer
    than 30 deals carry a *; a row that differs from all others by more than chance is named below the table.

    Examples:
      sfa report winloss --by rep --period 2026
      sfa report winloss --by competitor,product type:new --json
      sfa report winloss --by source --period ytd --versus last-year
      sfa report winloss --by product --discount
      sfa report winloss --by rep --chart
    """
    names = {n.strip().lower().replace("-", "_") for n in by.split(",")} | {"reason_group" if "group" in by.split(",") else ""}
    preset = SHARED if shared else BY_REASON if names & {*REASONED} else WINLOSS
    _report(ctx, preset, "winloss", words, period, by, versus, explain, out, as_of, shared, discount)


@with_filters
@printable
def competitors(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    versus: Versus = "",
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report how often each competitor was met, and the win rate with and without it.

    Without = all deals where it was not named. The difference has its interval; a competitor that costs or brings deals by more than
    chance is named below the table.

    Examples:
      sfa report competitors
      sfa report competitors --period 2026 --versus last-year
    """
    _report(ctx, COMPETITORS, "competitors", words, period, "competitor", versus, explain, out, as_of)


@with_filters
@printable
def lost_from(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    versus: Versus = "",
    discount: Discount = False,
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report from which stage deals are lost, after how many days, and how much.

    The stage is the last open one before the loss; the days are those from opened to closed.

    Examples:
      sfa report lost-from
      sfa report lost-from --period 'last 4 quarters' source:web --json
    """
    _report(ctx, LOST_FROM, "lost-from", words, period, "stage", versus, explain, out, as_of, discount=discount)


@with_filters
@printable
def leaderboard(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: Annotated[str, typer.Option("--by", metavar="A", help="Rank by rep, team, region, product, …")] = "rep",
    versus: Versus = "",
    discount: Discount = False,
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Rank the reps by what they won, with win rate, average deal and cycle.

    A won deal is credited to its owner at winning. Reps of fewer than 30 closed deals stand last, without a rank.

    Examples:
      sfa report leaderboard --period ytd
      sfa report leaderboard --by team --period 2026-Q4 --versus previous
    """
    _report(ctx, LEADERBOARD, "leaderboard", words, period, by, versus, explain, out, as_of, discount=discount)


def _report(
    ctx: typer.Context,
    preset: Preset,
    name: str,
    words: Sequence[str] | None,
    period: str,
    by: str,
    versus: str,
    explain: bool,
    out: Out,
    as_of: str,
    shared: bool = False,
    discount: bool = False,
) -> None:
    """One report: its definition, or its table, picture or page."""
    from sfa.commands.report import pictures
    from sfa.store.queries.scope import snapshot

    if explain:
        explained(name)
        return
    session: Session = ctx.obj
    with session.store(as_of=as_of) as store, snapshot(store):
        conditions = asked(store, [*(words or []), *(["is:lost"] if shared or preset is LOST_FROM else [])])
        made = compute(store, by, period_of(store, period, "all"), conditions, versus, shared, discount)
        shown = table(made, preset, by, out.format)

        def drawn() -> Sequence[Bars]:
            rated = preset in (WINLOSS, COMPETITORS, LEADERBOARD)
            return pictures.rates(shown, "win_rate", "count", "Win rate") if rated else pictures.losses(shown)

        report(session, store, shown, out, name, drawn, words)
