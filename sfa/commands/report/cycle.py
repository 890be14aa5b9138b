"""`sfa report cycle`: how long deals take, from opened to closed and in each stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf
from sfa.commands.pages import Out, printable, report
from sfa.commands.report.shared import (
    Explain,
    Versus,
    against,
    before,
    change_marked,
    columns,
    explained,
    titled,
    versus_of,
    with_before,
)
from sfa.commands.report.sliced import PEOPLE_READ, OneBy, in_order, one, slices
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, period_of
from sfa.messages import say

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
COMPARED = (
    Figure("before_n", "count", "n before", drop=3),
    Figure("before_median_days", "days", "Median before"),
    Figure("change", "days", "Change"),
)


class Added(NamedTuple):
    """Closed deals and visits to stages by row; all closed deals, and all visits, each once."""

    closed: dict[Any, Ended]
    stays: dict[Any, dict[int | None, Times]]
    total: Ended
    visits: dict[str, int]


@with_filters
@printable
def cycle(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: OneBy = "",
    versus: Versus = "",
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report how long deals take: won and lost ones from opened to closed, and their visits to each stage.

    Deals count by their closed date, visits by the day they ended; without --period all time. Visits that last stand apart with their
    age now: they are not over. Figures of fewer than 30 cases carry a *. --versus sets the median of another period beside each.

    Examples:
      sfa report cycle
      sfa report cycle --by rep --period 2026 --json
      sfa report cycle --period ytd --versus last-year
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
        span, pair = against(store, period_of(store, period, "all"), versus)
        conditions = asked(store, words)
        found = query.cycles(store, one(by, "a sales cycle"), span, conditions)
        other = query.cycles(store, by, pair.other, conditions) if pair else None
        found = found._replace(dimensions=apart(found.dimensions, (*FIGURES, *COMPARED)))
        now = _added(store, found)
        rows = _rows(store, found, now, _added(store, other) if other else None, chosen)
        left_out, visits = _left_out(found, now), now.visits
        title = titled(heading(store, "Sales cycle and time in stage", span, by or "stage"), pair)
        dims = [*columns(found.dimensions, chosen), ("step", "")]
        if chosen not in PEOPLE_READ:
            dims.append(("stage", "stage"))
        more = {**extra(store, span), **versus_of(pair), "left_out": left_out, "visits": visits}
        figures = with_before(FIGURES, COMPARED, pair, chosen in PEOPLE_READ)
        table = Table(dims, figures, rows, None, store.currency, title, _notes(left_out, rows), more, mark=_starred)
        return report(session, store, table, out, "cycle", lambda: pictures.cycles(table), words)


def _added(store: Store, found: Cycles) -> Added:
    """The deals and the visits of each slice."""
    from sfa.sales.durations import Ended, Times

    by_rows = slices(store, found.dimensions, found.people, [v for v, _ in (*found.groups, *found.stays)], None)
    made = Added({}, {}, Ended(), {"closed": 0, "open": 0, "unknown_start": 0})
    for values, group in found.groups:
        made.total.add(group)
        for key in by_rows.rows_of(values):
            made.closed.setdefault(key, Ended()).add(group)
    for values, stay in found.stays:
        made.visits["open" if stay.is_open else "closed"] += stay.visits
        made.visits["unknown_start"] += stay.visits if stay.hours is None else 0
        for key in by_rows.rows_of(values):
            times = made.stays.setdefault(key, {}).setdefault(stay.stage, Times(24))
            times.add(stay.hours, stay.visits, stay.is_open)
    if not found.dimensions:
        made.closed.setdefault((), Ended())
    return made


def _rows(store: Store, found: Cycles, now: Added, then: Added | None, format: str) -> list[dict[str, Any]]:
    """The steps of each slice, beside the same of another period."""
    both = [now, then] if then else [now]
    by_rows = slices(store, found.dimensions, found.people, [v for v, _ in (*found.groups, *found.stays)], None)
    keys = dict.fromkeys(k for x in both for k in (*x.closed, *x.stays))
    cells = [(k, float(now.closed[k].won if k in now.closed else 0), k) for k in keys]
    names = _stages(store, {s for x in both for by_stage in x.stays.values() for s in by_stage})
    rows = []
    for labels, key in in_order(store, found.dimensions, by_rows, cells):
        mine = {s: name for s, name in names.items() if any(s in x.stays.get(key, {}) for x in both)}
        steps = _steps(now, key, mine, format)
        if then:
            old = _steps(then, key, mine, format)
            steps = [{**a, **before(a, b, ("n", "median_days"), "median_days")} for a, b in zip(steps, old, strict=True)]
        rows += [{**labels, **step} for step in steps]
    return rows


def _left_out(found: Cycles, made: Added) -> dict[str, int]:
    """What the rows leave out, of every deal once."""
    return {
        "negative_cycles": made.total.negative,
        "cycles_without_dates": made.total.undated,
        "closed_without_date": found.undated,
        "visits_of_unknown_start": made.visits["unknown_start"],
    }


def _stages(store: Store, present: set[int | None]) -> dict[int | None, str | None]:
    """The stages that occur, in the order of their pipelines."""
    from sfa.store.queries.dimensions import Dimension, Labels

    labels = Labels(store, Dimension("stage", "", (), "stage"), present)
    return {s: labels.name(s) for s in sorted(present, key=lambda s: (s is None, labels.ranks.get(s, 0)))}


def _steps(made: Added, key: Any, names: dict[int | None, str | None], format: str) -> list[dict[str, Any]]:
    """The rows of one slice: won deals, lost ones, then its stages."""
    from sfa.sales.durations import Ended, Times, summary
    from sfa.sales.statistics import WEAK

    people = format in PEOPLE_READ
    closed, stays = made.closed.get(key) or Ended(), made.stays.get(key, {})
    out = []
    for step, counts in (("won", closed.cycles), ("lost", closed.lost_cycles)):
        times = Times(1)
        times.over = counts
        figures = summary(times)._asdict() | {"open": None, "unknown_start": None}
        out.append(
            {
                "step": say("{capitalize} deals", capitalize=step.capitalize()) if people else step,
                "stage": None,
                "stage#": None,
                **figures,
                "lengths": counts,
            }
        )
    for stage, name in names.items():
        label = say("In {name}", name=name or "no stage") if people else "stage"
        out.append({"step": label, "stage": name, "stage#": stage, **summary(stays.get(stage) or Times(24))._asdict()})
    return [{**row, "weak": row["n"] < WEAK} for row in out]


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    if figure.name == "open_median_days" and row.get("open") is None:
        return ""
    weak = figure.name in ("median_days", "p90_days") and row.get("weak") and row.get(figure.name) is not None
    return shown + "*" if weak else change_marked(row, figure, shown)


def _notes(left_out: dict[str, int], rows: list[dict[str, Any]]) -> list[str]:
    said = {
        "negative_cycles": "deals closed before they were opened: not in the days",
        "cycles_without_dates": "closed deals without an opening date: not in the days",
        "closed_without_date": "closed deals without a closed date: in no period",
        "visits_of_unknown_start": "visits that began before anything is known of the deal: not in the days",
    }
    notes = ["* fewer than 30 cases: a weak figure"] if any(r["weak"] and r["n"] for r in rows) else []
    return [*notes, *(say("{many:,} {what}", many=left_out[name], what=text) for name, text in said.items() if left_out[name])]
