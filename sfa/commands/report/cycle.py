"""`sfa report cycle`: how long deals take, from opened to closed and in each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf
from sfa.commands.pages import Out, printable, report
from sfa.commands.report.shared import Explain, columns, explained
from sfa.commands.report.sliced import PEOPLE_READ, OneBy, in_order, one, slices
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, period_of

if TYPE_CHECKING:
    from sfa.sales.durations import Ended, Times
    from sfa.store.database import Store
    from sfa.store.queries.cycles import Cycles

FIGURES = (
    Figure("n", "count", "n"),
    Figure("mean_days", "days", "Mean days", drop=2),
    Figure("median_days", "days", "Median"),
    Figure("p90_days", "days", "90 % within"),
    Figure("open", "count", "Open now", drop=1),
    Figure("open_median_days", "days", "Their age", drop=1),
    Figure("unknown_start", "count", people=False),
    Figure("weak", "bool", people=False),
)


@with_filters
@printable
def cycle(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: OneBy = "",
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report how long deals take: won and lost ones from opened to closed, and their visits to each stage.

    Deals count by their closed date, visits by the day they ended; without --period all time. Visits that last stand apart with their
    age now: they are not over. Figures of fewer than 30 cases carry a *.

    Examples:
      sfa report cycle
      sfa report cycle --by rep --period 2026 --json
      sfa report cycle --chart
    """
    from sfa.commands.report import pictures
    from sfa.store.queries import cycles as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("cycle")
    session: Session = ctx.obj
    chosen = out.format
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        found = query.cycles(store, one(by, "a sales cycle"), span, asked(store, words))
        found = found._replace(dimensions=apart(found.dimensions, FIGURES))
        rows, left_out, visits = _rows(store, found, chosen)
        title = heading(store, "Sales cycle and time in stage", span, by or "stage")
        dims = [*columns(found.dimensions, chosen), ("step", "")]
        if chosen not in PEOPLE_READ:
            dims.append(("stage", "stage"))
        more = {**extra(store, span), "left_out": left_out, "visits": visits}
        table = Table(dims, FIGURES, rows, None, store.currency, title, _notes(left_out, rows), more, mark=_starred)
        return report(session, store, table, out, "cycle", lambda: pictures.cycles(table), words)


def _rows(store: Store, found: Cycles, format: str) -> tuple[list[dict[str, Any]], dict[str, int], dict[str, int]]:
    """Rows of steps, what they leave out, and the number of visits; the last two of every deal once."""
    from sfa.sales.durations import Ended, Times

    by_rows = slices(store, found.dimensions, found.people, [v for v, _ in (*found.groups, *found.stays)], None)
    closed: dict[Any, Ended] = {}
    stays: dict[Any, dict[int | None, Times]] = {}
    total, visits = Ended(), {"closed": 0, "open": 0, "unknown_start": 0}
    for values, group in found.groups:
        total.add(group)
        for key in by_rows.rows_of(values):
            closed.setdefault(key, Ended()).add(group)
    for values, stay in found.stays:
        visits["open" if stay.is_open else "closed"] += stay.visits
        visits["unknown_start"] += stay.visits if stay.hours is None else 0
        for key in by_rows.rows_of(values):
            times = stays.setdefault(key, {}).setdefault(stay.stage, Times(24))
            times.add(stay.hours, stay.visits, stay.is_open)
    if not found.dimensions:
        closed.setdefault((), Ended())
    cells = [(k, float(closed[k].won if k in closed else 0), k) for k in dict.fromkeys((*closed, *stays))]
    names = _stages(store, {s for by_stage in stays.values() for s in by_stage})
    rows = []
    for labels, key in in_order(store, found.dimensions, by_rows, cells):
        rows += [{**labels, **step} for step in _steps(closed.get(key) or Ended(), stays.get(key, {}), names, format)]
    out = {
        "negative_cycles": total.negative,
        "cycles_without_dates": total.undated,
        "closed_without_date": found.undated,
        "visits_of_unknown_start": visits["unknown_start"],
    }
    return rows, out, visits


def _stages(store: Store, present: set[int | None]) -> dict[int | None, str | None]:
    """The stages that occur, in the order of their pipelines."""
    from sfa.store.queries.dimensions import Dimension, Labels

    labels = Labels(store, Dimension("stage", "", (), "stage"), present)
    return {s: labels.name(s) for s in sorted(present, key=lambda s: (s is None, labels.ranks.get(s, 0)))}


def _steps(closed: Ended, stays: dict[int | None, Times], names: dict[int | None, str | None], format: str) -> list[dict[str, Any]]:
    """The rows of one slice: won deals, lost ones, then its stages."""
    from sfa.sales.durations import Times, summary
    from sfa.sales.statistics import WEAK

    people = format in PEOPLE_READ
    out = []
    for step, counts in (("won", closed.cycles), ("lost", closed.lost_cycles)):
        times = Times(1)
        times.over = counts
        figures = summary(times)._asdict() | {"open": None, "unknown_start": None}
        out.append({"step": f"{step.capitalize()} deals" if people else step, "stage": None, "stage#": None, **figures, "lengths": counts})
    for stage, name in names.items():
        if stage in stays:
            label = f"In {name or 'no stage'}" if people else "stage"
            out.append({"step": label, "stage": name, "stage#": stage, **summary(stays[stage])._asdict()})
    return [{**row, "weak": row["n"] < WEAK} for row in out]


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    if figure.name == "open_median_days" and row.get("open") is None:
        return ""
    return shown + "*" if figure.name in ("median_days", "p90_days") and row.get("weak") and row.get(figure.name) is not None else shown


def _notes(left_out: dict[str, int], rows: list[dict[str, Any]]) -> list[str]:
    said = {
        "negative_cycles": "deals closed before they were opened: not in the days",
        "cycles_without_dates": "closed deals without an opening date: not in the days",
        "closed_without_date": "closed deals without a closed date: in no period",
        "visits_of_unknown_start": "visits that began before anything is known of the deal: not in the days",
    }
    notes = ["* fewer than 30 cases: a weak figure"] if any(r["weak"] and r["n"] for r in rows) else []
    return [*notes, *(f"{left_out[name]:,} {text}" for name, text in said.items() if left_out[name])]
