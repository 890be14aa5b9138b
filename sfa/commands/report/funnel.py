"""`sfa report funnel`: how many deals went on from each stage, how long that took, what became of them; with --leads the same of leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf
from sfa.commands.pages import Out, printable, report
from sfa.commands.report.shared import WEAKNESS, Explain, columns, explained
from sfa.commands.report.sliced import PEOPLE_READ, OneBy, in_order, one, slices
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, period_of

if TYPE_CHECKING:
    from sfa.store.database import Store
    from sfa.store.queries.funnel import Funnel

FUNNEL = (
    Figure("entered", "count", "Entered"),
    Figure("advanced", "count", "Reached later"),
    Figure("conversion", "ratio", "Conversion"),
    Figure("conversion_low", "ratio", people=False),
    Figure("conversion_high", "ratio", people=False),
    Figure("median_days", "days", "Median days", drop=2),
    Figure("visits", "count", people=False),
    Figure("won", "count", "Won"),
    Figure("lost", "count", "Lost", drop=3),
    Figure("open", "count", "Still open"),
    Figure("of_first", "count", "Of the first", drop=1),
    Figure("weak", "bool", people=False),
)


@with_filters
@printable
def funnel(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: OneBy = "",
    leads: Annotated[bool, typer.Option("--leads", help="Of leads: qualified, converted, won; filters and --by too.")] = False,
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report stage by stage how many deals went on, were won or lost, or are still open.

    A row's deals are those that entered the stage in the period (all time without one); each counts once, a skipped stage counts as
    passed. Conversion = reached a later stage or won / entered. Median days are of closed visits. The last column follows the deals that
    entered the first stage. Conversions of fewer than 30 deals carry a *.

    Examples:
      sfa report funnel
      sfa report funnel --period 2026 source:web --json
      sfa report funnel --leads --by owner
      sfa report funnel --chart
    """
    from sfa.commands.report import pictures
    from sfa.store.queries import funnel as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("funnel")
    session: Session = ctx.obj
    chosen = out.format
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        if leads:
            from sfa.commands.report.leads import funnel as of_leads

            table = of_leads(store, by, span, words, chosen)
            return report(session, store, table, out, "funnel", lambda: pictures.lead_funnel(table), words)
        found = query.funnel(store, one(by, "a funnel"), span, asked(store, words))
        taken = [*FUNNEL, Figure("pipeline", "text"), Figure("stage", "text")]
        found = found._replace(dimensions=apart(found.dimensions, taken))
        several = len({name for name, _ in found.stages}) > 1
        dims = [("pipeline", ""), ("stage", "")] if several or chosen not in PEOPLE_READ else [("stage", "")]
        rows = _rows(store, found)
        more = {**extra(store, span), "assumed_earlier_stages": found.assumed, "leads": found.leads}
        title = heading(store, "Funnel", span, f"{by},stage" if by else "stage")
        shown = [*columns(found.dimensions, chosen), *dims]
        figures = [
            f._replace(people=f.people and (f.name != "of_first" or any(r["of_first"] != r["entered"] for r in rows))) for f in FUNNEL
        ]
        table = Table(shown, figures, rows, None, store.currency, title, _notes(found, rows), more, mark=_starred_step)
        return report(session, store, table, out, "funnel", lambda: pictures.funnels(table), words)


def _rows(store: Store, found: Funnel) -> list[dict[str, Any]]:
    """A row for each stage of each slice."""
    from sfa.sales.funnel import Step

    by_rows = slices(store, found.dimensions, found.people, [v for v, *_ in found.steps], None)
    steps: dict[Any, dict[tuple[str, str], Step]] = {}
    hours: dict[Any, dict[int, int]] = {}
    for values, stage, step in found.steps:
        for key in by_rows.rows_of(values):
            row = steps.setdefault(key, {})
            row[stage] = row.get(stage, Step()).plus(step)
    for values, stage, length, visits in found.stays:
        for key in by_rows.rows_of(values):
            counts = hours.setdefault((key, stage), {})
            counts[length] = counts.get(length, 0) + visits
    cells = [(key, float(sum(s.entered for s in of.values())), key) for key, of in steps.items()]
    out = []
    for labels, key in in_order(store, found.dimensions, by_rows, cells):
        for stage in found.stages:
            if stage in steps[key]:
                named = {"pipeline": stage[0], "stage": stage[1]}
                out.append({**labels, **named, **_step_cells(steps[key][stage], hours.get((key, stage), {}))})
    return out


def _step_cells(step: Any, hours: dict[int, int]) -> dict[str, Any]:
    from sfa.sales.funnel import conversion
    from sfa.sales.statistics import WEAK, median, wilson

    low, high = wilson(step.advanced, step.entered) or (None, None)
    middle = median(hours)
    out = {**step._asdict(), "conversion": conversion(step), "conversion_low": low, "conversion_high": high}
    return {**out, "median_days": None if middle is None else middle / 24, "visits": sum(hours.values()), "weak": step.entered < WEAK}


def _starred_step(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return shown + "*" if figure.name == "conversion" and row.get("weak") and row.get("conversion") is not None else shown


def _notes(found: Funnel, rows: list[dict[str, Any]]) -> list[str]:
    notes = [WEAKNESS] if any(row["weak"] and row["entered"] for row in rows) else []
    if found.assumed:
        notes.append(f"{found.assumed:,} deals first known past the first stage: they count as having passed it on their opening day")
    if found.leads:
        told = ", ".join(f"{n:,} {status}" for status, n in sorted(found.leads.items(), key=lambda x: -x[1]))
        notes.append(f"Leads created: {sum(found.leads.values()):,}, of which {told}; more with --leads")
    return notes
