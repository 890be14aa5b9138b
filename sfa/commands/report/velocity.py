"""`sfa report velocity`: how much revenue a day the pipeline brings at the present pace, and its four factors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import WEAKNESS, Explain, columns, explained
from sfa.commands.report.sliced import OneBy, in_order, one, slices
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, period_of, write

if TYPE_CHECKING:
    from sfa.sales.durations import Pace
    from sfa.store.database import Store
    from sfa.store.queries.cycles import Paces

FIGURES = (
    Figure("open_qualified", "count", "Open qualified"),
    Figure("average_won", "money", "Average won"),
    Figure("win_rate", "ratio", "Win rate"),
    Figure("closed_count", "count", "of n", drop=2),
    Figure("cycle_mean_days", "days", "Mean days"),
    Figure("velocity", "money", "Per day"),
    Figure("win_rate_low", "ratio", people=False),
    Figure("win_rate_high", "ratio", people=False),
    Figure("won_count", "count", people=False),
    Figure("cycles", "count", people=False),
    Figure("weak", "bool", people=False),
)


@with_filters
def velocity(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: OneBy = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report the pipeline's velocity: revenue a day, with the four factors that make it.

    Velocity = open deals past the first stage x average won amount x win rate by count / mean sales cycle. The last three are of the
    deals closed in the period (all time without one). Rates of fewer than 30 closed deals carry a *.

    Examples:
      sfa report velocity --period 2026
      sfa report velocity --by rep --format csv
    """
    from sfa.store.queries import cycles as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("velocity")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        found = query.pace(store, one(by, "velocity"), span, asked(store, words))
        found = found._replace(dimensions=apart(found.dimensions, FIGURES))
        rows, total, left_out = _rows(store, found)
        title = heading(store, "Velocity", span, by).replace(" by \n", "\n")
        if found.converted:
            title += ", won deals at the rate of their closed date"
        notes = [WEAKNESS] if any(r["weak"] and r["closed_count"] for r in (*rows, total)) else []
        notes += [f"{left_out[name]:,} {text}" for name, text in LEFT_OUT.items() if left_out[name]]
        dims = columns(found.dimensions, chosen)
        more = {**extra(store, span), "left_out": left_out}
        below = total if dims or chosen == "json" else None
        table = Table(dims, FIGURES, rows if dims else [total], below, store.currency, title, notes, more, mark=_starred)
        return write(store, table, chosen)


LEFT_OUT = {
    "negative_cycles": "deals closed before they were opened: not in the days",
    "cycles_without_dates": "closed deals without an opening date: not in the days",
    "closed_without_date": "closed deals without a closed date: in no period",
}


def _rows(store: Store, found: Paces) -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, int]]:
    """Rows, total, and what is left out."""
    from sfa.sales.durations import Pace

    by_rows = slices(store, found.dimensions, found.people, [v for v, _ in found.groups], None)
    made: dict[Any, Pace] = {}
    total = Pace()
    for values, group in found.groups:
        total = total.plus(group)
        for key in by_rows.rows_of(values):
            made[key] = made.get(key, Pace()).plus(group)
    cells = [(key, float(p.qualified), _cells(p)) for key, p in made.items() if p.qualified or p.won or p.lost]
    rows = [{**labels, **figures} for labels, figures in in_order(store, found.dimensions, by_rows, cells)]
    out = {"negative_cycles": total.negative, "cycles_without_dates": total.unknown, "closed_without_date": total.undated}
    return rows, _cells(total), out


def _cells(p: Pace) -> dict[str, Any]:
    from sfa.sales.durations import velocity as made_of
    from sfa.sales.statistics import WEAK, wilson

    n = p.won + p.lost
    low, high = wilson(p.won, n) or (None, None)
    rest = {"win_rate_low": low, "win_rate_high": high, "won_count": p.won, "closed_count": n, "cycles": p.timed, "weak": n < WEAK}
    return {"open_qualified": p.qualified, **made_of(p)._asdict(), **rest}


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return shown + "*" if figure.name in ("win_rate", "velocity") and row.get("weak") and row.get(figure.name) is not None else shown
