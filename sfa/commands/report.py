"""Reports on closed and open deals: win/loss, pipeline, funnel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
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
    labelled,
    ordered,
    period_of,
    record_of,
    write,
)

if TYPE_CHECKING:
    from sfa.sales.winloss import Outcomes
    from sfa.store.database import Store
    from sfa.store.queries.dimensions import Dimension

WEAKNESS = "* fewer than 30 deals: a weak rate"

# Win/loss ---------------------------------------------------------------------------------------------------------------------------

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
        by_rows = slicer([d.name for d in found.dimensions], found.people, _owners(found), fiscal(store, span))
        rows: dict[tuple[Any, ...], Outcomes] = {}
        total = Outcomes()
        for values, group in found.groups:
            total.add(group)
            for key in by_rows.rows_of(values):
                rows.setdefault(key, Outcomes()).add(group)
        cells = [(k, o.won_amount + o.lost_amount, _outcome_cells(o)) for k, o in rows.items()]
        made = _rows(store, found.dimensions, cells, by_rows.lines.order if by_rows.names[0] == "manager" else ())
        more = {**extra(store, span), **_left_out(total, found.reopened, found.undated)}
        title = heading(store, "Win/loss", span, by) + (", each deal at the rate of its closed date" if found.converted else "")
        figures = [f for f in WINLOSS if f.type != "words" or chosen in ("table", "md", "html")]
        table = Table(
            _columns(found.dimensions, chosen), figures, made, _outcome_cells(total), store.currency, title, _said(more, made), more
        )
        write(store, table._replace(mark=_starred), chosen)


winloss.words = True  # type: ignore[attr-defined]


def _owners(found: Any) -> set[Any]:
    """The people in charge of counted deals, where a dimension is about people."""
    at = [i for i, d in enumerate(found.dimensions) if d.to == "user"]
    return {values[i] for values, _ in found.groups for i in at if values[i] is None or values[i] in found.people}


def _columns(dimensions: Sequence[Dimension], format: str) -> list[tuple[str, str]]:
    return [(d.name, "" if format in ("table", "md", "html") else record_of(d)) for d in dimensions]


def _rows(
    store: Store, dimensions: Sequence[Dimension], cells: Sequence[tuple[tuple[Any, ...], float, dict[str, Any]]], people: Sequence[int]
) -> list[dict[str, Any]]:
    """Rows in order: (key, weight, figures) with the names of their keys."""
    from sfa.store.queries.dimensions import Labels

    labels = [Labels(store, d, {key[i] for key, _, _ in cells}) for i, d in enumerate(dimensions)]
    by_key = {key: figures for key, _, figures in cells}
    keys = ordered(dimensions, labels, [(key, weight) for key, weight, _ in cells], people)
    return [{**labelled(dimensions, labels, key), **by_key[key]} for key in keys]


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


# Pipeline ---------------------------------------------------------------------------------------------------------------------------

PIPELINE = (
    Figure("count", "count", "Deals"),
    Figure("amount", "money", "Amount"),
    Figure("weighted", "money", "Weighted", drop=2),
    Figure("average_age_days", "days", "Average age", drop=3),
    Figure("overdue_count", "count", "Overdue"),
    Figure("overdue", "money", "Overdue amount", drop=4),
    Figure("without_amount", "count", people=False),
)


def pipeline(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: By = "stage",
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report the open deals: number, amount, weighted amount, age, overdue ones.

    All open deals, or with --period those expected to close in it. Weighted = amount x probability; omitted deals have none.

    Examples:
      sfa report pipeline
      sfa report pipeline --by rep,category --period 2026-Q4 --format csv
    """
    from sfa.sales.rollup import slicer
    from sfa.store.queries import pipeline as query
    from sfa.store.queries.forecast import fiscal
    from sfa.store.queries.scope import snapshot

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        found = query.pipeline(store, by, span if period else None, asked(store, words))
        found = found._replace(dimensions=apart(found.dimensions, PIPELINE))
        by_rows = slicer([d.name for d in found.dimensions], found.people, _owners(found), fiscal(store, span))
        rows: dict[tuple[Any, ...], query.Open] = {}
        total = query.Open()
        for values, group in found.groups:
            total = total.plus(group)
            for key in by_rows.rows_of(values):
                rows[key] = rows.get(key, query.Open()).plus(group)
        cells = [(k, float(o.amount), _open_cells(o)) for k, o in rows.items()]
        made = _rows(store, found.dimensions, cells, by_rows.lines.order if by_rows.names[0] == "manager" else ())
        title = heading(store, "Pipeline", span if period else None, by, found.rates)
        notes = [f"Deals without an amount, counted as 0: {total.blank:,}"] if total.blank else []
        more = extra(store, span, found.rates)
        table = Table(_columns(found.dimensions, chosen), PIPELINE, made, _open_cells(total), store.currency, title, notes, more)
        write(store, table, chosen)


pipeline.words = True  # type: ignore[attr-defined]


def _open_cells(o: Any) -> dict[str, Any]:
    return {
        "count": o.deals,
        "amount": o.amount,
        "weighted": o.weighted,
        "average_age_days": o.days / o.aged if o.aged else None,
        "overdue_count": o.overdue,
        "overdue": o.overdue_amount,
        "without_amount": o.blank,
    }


# Funnel -----------------------------------------------------------------------------------------------------------------------------

FUNNEL = (
    Figure("entered", "count", "Entered"),
    Figure("advanced", "count", "Reached later"),
    Figure("conversion", "ratio", "Conversion"),
    Figure("conversion_low", "ratio", people=False),
    Figure("conversion_high", "ratio", people=False),
    Figure("won", "count", "Won"),
    Figure("lost", "count", "Lost", drop=1),
    Figure("open", "count", "Still open"),
    Figure("weak", "bool", people=False),
)


def funnel(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report stage by stage how many deals went on, were won or lost, or are still open.

    A row's deals are those that entered the stage in the period (all time without one); each counts once, a skipped stage counts as
    passed. Conversion = reached a later stage or won / entered. Conversions of fewer than 30 deals carry a *.

    Examples:
      sfa report funnel
      sfa report funnel --period 2026 source:web --json
    """
    from sfa.store.queries import winloss as query
    from sfa.store.queries.scope import snapshot

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        found = query.funnel(store, span, asked(store, words))
        several = len({name for name, _ in found.steps}) > 1
        dims = [("pipeline", ""), ("stage", "")] if several or chosen not in ("table", "md", "html") else [("stage", "")]
        rows = [{"pipeline": name, "stage": stage, **_step_cells(step)} for (name, stage), step in found.steps.items()]
        more = {**extra(store, span), "assumed_earlier_stages": found.assumed, "leads": found.leads}
        table = Table(dims, FUNNEL, rows, None, store.currency, heading(store, "Funnel", span, "stage"), _funnel_notes(found), more)
        write(store, table._replace(mark=_starred_step), chosen)


funnel.words = True  # type: ignore[attr-defined]


def _step_cells(step: Any) -> dict[str, Any]:
    from sfa.sales.statistics import WEAK, wilson
    from sfa.sales.winloss import conversion

    low, high = wilson(step.advanced, step.entered) or (None, None)
    weak = step.entered < WEAK
    return {**step._asdict(), "conversion": conversion(step), "conversion_low": low, "conversion_high": high, "weak": weak}


def _starred_step(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return shown + "*" if figure.name == "conversion" and row.get("weak") and row.get("conversion") is not None else shown


def _funnel_notes(found: Any) -> list[str]:
    from sfa.sales.statistics import WEAK

    notes = [WEAKNESS] if any(0 < step.entered < WEAK for step in found.steps.values()) else []
    if found.assumed:
        notes.append(f"{found.assumed:,} deals first known past the first stage: they count as having passed it on their opening day")
    if found.leads:
        told = ", ".join(f"{n:,} {status}" for status, n in sorted(found.leads.items(), key=lambda x: -x[1]))
        notes.append(f"Leads created: {sum(found.leads.values()):,}, of which {told}")
    return notes


COMMANDS = {"winloss": winloss, "pipeline": pipeline, "funnel": funnel}
