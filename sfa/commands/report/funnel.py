"""`sfa report funnel`: how many deals went on from each stage, how long that took, what became of them; with --leads the same of leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf
from sfa.commands.pages import Out, printable, report
from sfa.commands.report.shared import (
    CHANGE,
    WEAKNESS,
    Explain,
    Versus,
    against,
    chance_notes,
    change_cells,
    change_marked,
    columns,
    explained,
    tested,
    titled,
    versus_of,
    with_before,
)
from sfa.commands.report.sliced import PEOPLE_READ, OneBy, in_order, one, slices
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, period_of
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.sales.funnel import Step
    from sfa.sales.statistics import Difference
    from sfa.store.database import Store
    from sfa.store.queries.funnel import Funnel

    Key = tuple[Any, ...]
    Stage = tuple[str, str]

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
    Figure("undecided", "count", people=False),
    Figure("of_first", "count", "Of the first", drop=1),
    Figure("weak", "bool", people=False),
)
COMPARED = (
    Figure("before_entered", "count", people=False),
    Figure("before_advanced", "count", people=False),
    Figure("before_open", "count", "Open before", drop=4),
    Figure("before_undecided", "count", people=False),
    Figure("before_conversion", "ratio", "Before"),
    *CHANGE,
)


@with_filters
@printable
def funnel(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: OneBy = "",
    leads: Annotated[bool, typer.Option("--leads", help="Of leads: qualified, converted, won; filters and --by too.")] = False,
    versus: Versus = "",
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report stage by stage how many deals went on, were won or lost, or are still open.

    A row's deals are those that entered the stage in the period (all time without one); each counts once, a skipped stage counts as
    passed. Conversion = reached a later stage or won / entered. Median days are of closed visits. The last column follows the deals that
    entered the first stage. Conversions of fewer than 30 deals carry a *. --versus sets the conversion of the deals that entered in another
    period beside it; all as they stand now, so that earlier ones had longer to go on.

    Examples:
      sfa report funnel
      sfa report funnel --period 2026 source:web --json
      sfa report funnel --period ytd --versus last-year
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
        span, pair = against(store, period_of(store, period, "all"), versus)
        if leads:
            from sfa.commands.report.leads import funnel as of_leads

            table = of_leads(store, by, span, pair, words, chosen)
            return report(session, store, table, out, "funnel", lambda: pictures.lead_funnel(table), words)
        conditions = asked(store, words)
        found = query.funnel(store, one(by, "a funnel"), span, conditions)
        other = query.funnel(store, by, pair.other, conditions) if pair else None
        taken = [*FUNNEL, *COMPARED, Figure("pipeline", "text"), Figure("stage", "text")]
        found = found._replace(dimensions=apart(found.dimensions, taken))
        stages = [*found.stages, *(s for s in (other.stages if other else []) if s not in found.stages)]
        several = len({name for name, _ in stages}) > 1
        dims = [("pipeline", ""), ("stage", "")] if several or chosen not in PEOPLE_READ else [("stage", "")]
        rows = _rows(store, found, other, stages)
        more = {**extra(store, span), **versus_of(pair), "assumed_earlier_stages": found.assumed, "leads": found.leads}
        title = titled(heading(store, "Funnel", span, f"{by},stage" if by else "stage"), pair)
        shown = [*columns(found.dimensions, chosen), *dims]
        figures = [
            f._replace(people=f.people and (f.name != "of_first" or any(r["of_first"] != r["entered"] for r in rows))) for f in FUNNEL
        ]
        figures = with_before(figures, COMPARED, pair, chosen in PEOPLE_READ)
        table = Table(shown, figures, rows, None, store.currency, title, _notes(found, rows), more, mark=_starred_step)
        return report(session, store, table, out, "funnel", lambda: pictures.funnels(table), words)


def _rows(store: Store, found: Funnel, other: Funnel | None, stages: list[Stage]) -> list[dict[str, Any]]:
    """A row for each stage of each slice, beside the same of another period."""
    from sfa.sales.funnel import Step
    from sfa.sales.statistics import difference, least_difference

    steps, hours = _added(store, found)
    before = _added(store, other)[0] if other else {}
    by_rows = slices(store, found.dimensions, found.people, [v for v, *_ in found.steps], None)
    cells = [(key, float(sum(s.entered for s in steps.get(key, {}).values())), key) for key in dict.fromkeys((*steps, *before))]
    out: list[dict[str, Any]] = []
    changes: list[tuple[Difference | None, Difference | None]] = []
    for labels, key in in_order(store, found.dimensions, by_rows, cells):
        for stage in stages:
            now, then = steps.get(key, {}).get(stage), before.get(key, {}).get(stage)
            if now is None and then is None:
                continue
            row = {**labels, "pipeline": stage[0], "stage": stage[1], **_step_cells(now or Step(), hours.get((key, stage), {}))}
            if other:
                now, then = now or Step(), then or Step()
                old = _step_cells(then, {})
                row |= {f"before_{n}": old[n] for n in ("entered", "advanced", "open", "undecided", "conversion")}
                least = least_difference(now.advanced, now.entered, now.undecided, then.advanced, then.entered, then.undecided)
                changes.append((difference(now.advanced, now.entered, then.advanced, then.entered), least))
            out.append(row)
    tests = tested(change for change, _ in changes)
    for row, pair in zip(out, changes, strict=other is not None):
        row |= change_cells(pair[0], tests, pair[1])
    return out


def _added(store: Store, found: Funnel) -> tuple[dict[Key, dict[Stage, Step]], dict[tuple[Key, Stage], dict[int, int]]]:
    """The figures of each slice by stage, and the hours of its closed visits (length → visits)."""
    from sfa.sales.funnel import Step

    by_rows = slices(store, found.dimensions, found.people, [v for v, *_ in found.steps], None)
    steps: dict[Key, dict[Stage, Step]] = {}
    hours: dict[tuple[Key, Stage], dict[int, int]] = {}
    for values, stage, step in found.steps:
        for key in by_rows.rows_of(values):
            row = steps.setdefault(key, {})
            row[stage] = row.get(stage, Step()).plus(step)
    for values, stage, length, visits in found.stays:
        for key in by_rows.rows_of(values):
            counts = hours.setdefault((key, stage), {})
            counts[length] = counts.get(length, 0) + visits
    return steps, hours


def _step_cells(step: Any, hours: dict[int, int]) -> dict[str, Any]:
    from sfa.sales.funnel import conversion
    from sfa.sales.statistics import WEAK, median, wilson

    low, high = wilson(step.advanced, step.entered) or (None, None)
    middle = median(hours)
    out = {**step._asdict(), "conversion": conversion(step), "conversion_low": low, "conversion_high": high}
    return {**out, "median_days": None if middle is None else middle / 24, "visits": sum(hours.values()), "weak": step.entered < WEAK}


def _starred_step(row: dict[str, Any], figure: Figure, shown: str) -> str:
    weak = figure.name == "conversion" and row.get("weak") and row.get("conversion") is not None
    return shown + "*" if weak else change_marked(row, figure, shown)


def _notes(found: Funnel, rows: list[dict[str, Any]]) -> list[str]:
    notes = [WEAKNESS] if any(row["weak"] and row["entered"] for row in rows) else []
    notes += chance_notes(rows)
    if any(row.get("before_entered") and (row["undecided"] or row["before_undecided"]) for row in rows):
        notes.append(
            "Deals that are still open may yet go on, and earlier ones had longer to: ! only where it stays whatever becomes of them"
        )
    if found.assumed:
        notes.append(
            say(
                "{assumed:,} deals first known past the first stage: they count as having passed it on their opening day",
                assumed=found.assumed,
            )
        )
    if found.leads:
        told = together(", ", [say("{n:,} {what}", n=n, what=status) for status, n in sorted(found.leads.items(), key=lambda x: -x[1])])
        notes.append(say("Leads created: {leads:,}, of which {told}; more with --leads", leads=sum(found.leads.values()), told=told))
    return notes
