"""`sfa report winloss`: won and lost deals with win rates, amounts and sales cycles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import columns, owners
from sfa.commands.report.shared import rows as rows_of
from sfa.commands.session import Session
from sfa.commands.tables import (
    By,
    Figure,
    Filters,
    PeriodOption,
    Table,
    apart,
    asked,
    extra,
    heading,
    period_of,
    write,
)

if TYPE_CHECKING:
    from sfa.sales.winloss import Outcomes

WINLOSS = (
    Figure("won_count", "count", "Won"),
    Figure("lost_count", "count", "Lost"),
    Figure("win_rate", "ratio", "Win rate"),
    Figure("win_rate_low", "ratio", people=False),
    Figure("win_rate_high", "ratio", people=False),
    Figure("interval", "words", "Interval", drop=3),
    Figure("win_rate_by_value", "ratio", "By value", drop=4),
    Figure("won_amount", "money", "Won amount"),
    Figure("lost_amount", "money", "Lost amount", drop=5),
    Figure("average_deal", "money", "Average deal", drop=2),
    Figure("cycle_mean_days", "days", "Mean days", drop=6),
    Figure("cycle_median_days", "days", "Median days", drop=1),
    Figure("lost_cycle_mean_days", "days", people=False),
    Figure("lost_cycle_median_days", "days", people=False),
    Figure("lost_without_amount", "count", people=False),
    Figure("weak", "bool", people=False),
)


def winloss(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: By = "reason",
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report won and lost deals with win rates, amounts and sales cycles.

    Deals count by their closed date; without --period all time. Win rate = won / (won + lost), with the interval that holds it with 95 %
    confidence; by value a lost deal counts at its last open amount. Rates of fewer than 30 deals carry a *. By stage is the open stage
    that the deal was closed from.

    Examples:
      sfa report winloss --by rep --period 2026
      sfa report winloss --by competitor,product type:new --json
    """
    from sfa.sales.rollup import slicer
    from sfa.sales.winloss import Outcomes
    from sfa.store.queries import winloss as query
    from sfa.store.queries.forecast import fiscal
    from sfa.store.queries.scope import snapshot

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        found = query.closed(store, by, span, asked(store, words))
        found = found._replace(dimensions=apart(found.dimensions, WINLOSS))
        by_rows = slicer([d.name for d in found.dimensions], found.people, owners(found), fiscal(store, span))
        rows: dict[tuple[Any, ...], Outcomes] = {}
        total = Outcomes()
        for values, group in found.groups:
            total.add(group)
            for key in by_rows.rows_of(values):
                rows.setdefault(key, Outcomes()).add(group)
        cells = [(k, o.won_amount + o.lost_amount, _outcome_cells(o)) for k, o in rows.items()]
        made = rows_of(store, found.dimensions, cells, by_rows.lines.order if by_rows.names[0] == "manager" else ())
        more = {**extra(store, span), **_left_out(total, found.reopened, found.undated)}
        title = heading(store, "Win/loss", span, by) + (", each deal at the rate of its closed date" if found.converted else "")
        figures = [f for f in WINLOSS if f.type != "words" or chosen in ("table", "md", "html")]
        table = Table(
            columns(found.dimensions, chosen), figures, made, _outcome_cells(total), store.currency, title, _said(more, made), more
        )
        write(store, table._replace(mark=_starred), chosen)


winloss.words = True  # type: ignore[attr-defined]


def _outcome_cells(o: Outcomes) -> dict[str, Any]:
    from sfa.sales.winloss import rates

    r = rates(o)
    low, high = r.win_rate_low, r.win_rate_high
    return {
        "won_count": o.won_count,
        "lost_count": o.lost_count,
        "won_amount": o.won_amount,
        "lost_amount": o.lost_amount,
        "lost_without_amount": o.lost_blank,
        "interval": "–" if low is None or high is None else f"{low * 100:.1f}–{high * 100:.1f} %",
        **r._asdict(),
    }


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return shown + "*" if figure.name == "win_rate" and row.get("weak") and row.get("win_rate") is not None else shown


def _left_out(total: Outcomes, reopened: int, undated: int) -> dict[str, Any]:
    """What the figures leave out, each counted."""
    return {
        "left_out": {
            "lost_without_amount": total.lost_blank,
            "negative_cycles": total.negative,
            "cycles_without_dates": total.undated,
            "closed_without_date": undated,
            "reopened_since": reopened,
        }
    }


def _said(more: dict[str, Any], rows: Sequence[dict[str, Any]]) -> list[str]:
    out = more["left_out"]
    said = {
        "lost_without_amount": "lost without an amount: not in lost amount and win rate by value (– where over 20 % of the losses)",
        "negative_cycles": "closed before they were opened: not in the days",
        "cycles_without_dates": "without an opening date: not in the days",
        "closed_without_date": "closed without a closed date: in no period",
        "reopened_since": "reopened since: counted as open",
    }
    return [f"{out[name]:,} {text}" for name, text in said.items() if out[name]]
