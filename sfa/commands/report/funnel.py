"""`sfa report funnel`: how many deals went on from each stage, were won, lost, or are still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import WEAKNESS
from sfa.commands.session import Session
from sfa.commands.tables import (
    Figure,
    Filters,
    PeriodOption,
    Table,
    asked,
    extra,
    heading,
    period_of,
    write,
)

if TYPE_CHECKING:
    pass

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
