"""`sfa report pipeline`: the open deals as they stand, and as they stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import Explain, Versus, aligned, columns, explained, owners, stood
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
    limited,
    period_of,
    write,
)
from sfa.messages import lines, say, together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfa.sales.dates import Period
    from sfa.sales.rollup import Slicer
    from sfa.store.database import Store
    from sfa.store.queries.pipeline import Open
    from sfa.store.queries.pipeline import Pipeline as Found

PIPELINE = (
    Figure("count", "count", "Deals"),
    Figure("amount", "money", "Amount"),
    Figure("weighted", "money", "Weighted", drop=2),
    Figure("average_age_days", "days", "Average age", drop=3),
    Figure("overdue_count", "count", "Overdue"),
    Figure("overdue", "money", "Overdue amount", drop=4),
    Figure("without_amount", "count", people=False),
)
COMPARED = (
    Figure("before_count", "count", "Deals before"),
    Figure("before_amount", "money", "Amount before"),
    Figure("before_weighted", "money", "Weighted before", drop=5),
    Figure("change_amount", "money", "Change"),
)


class Sliced(NamedTuple):
    """Open deals by row and in total."""

    found: Found
    slicer: Slicer
    rows: dict[tuple[Any, ...], Open]
    total: Open


@with_filters
def pipeline(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: By = "stage",
    versus: Versus = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report the open deals: number, amount, weighted amount, age, overdue ones.

    All open deals, or with --period those expected to close in it. Weighted = amount x probability; omitted deals have none. --versus
    shows beside them how the other period's deals stood as far into it as this one is, without --period how all stood then.

    Examples:
      sfa report pipeline
      sfa report pipeline --by rep,category --period 2026-Q4 --format csv
    """
    from sfa.sales.dates import describe
    from sfa.store.queries import scope

    if explain:
        explained("pipeline")
        return
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, scope.snapshot(store):
        span = period_of(store, period, "all")
        now = _sliced(store, by, span if period else None, words)
        if not versus:
            write(store, limited(_table(store, now, None, span, bool(period), by, chosen), words), chosen)
            return
        with stood(session, store, span if period else None, versus) as (past, other, day):
            then = _sliced(past, by, other, words, span if period else None)
        made = _table(store, now, then, span, bool(period), by, chosen)
        first, *rest = lines(made.title)
        due = say("those due {describe} ", describe=describe(other)) if other else ""
        made = made._replace(title=together("\n", [first, say("Before: {due}as of {day}", due=due, day=day), *rest]))
        made.extra["versus"] = {"as_of": str(day), "period": {"start": str(other.start), "end": str(other.end)} if other else None}
        write(store, limited(made, words), chosen)


def _sliced(store: Store, by: str, due: Period | None, words: Sequence[str] | None, span: Period | None = None) -> Sliced:
    """The open deals, those due in a period, at the store's moment; `span` is the period whose months they are shown beside."""
    from sfa.sales import dates
    from sfa.sales.rollup import slicer
    from sfa.store.queries import pipeline as query
    from sfa.store.queries.forecast import fiscal

    found = query.pipeline(store, by, due, asked(store, words))
    found = found._replace(dimensions=apart(found.dimensions, PIPELINE + COMPARED))
    if span and due:
        found = found._replace(groups=aligned(store, found.dimensions, found.groups, span, due))
    whole = span or due or dates.Period(dates.FIRST, dates.LAST, "all")
    by_rows = slicer([d.name for d in found.dimensions], found.people, owners(found), fiscal(store, whole))
    rows: dict[tuple[Any, ...], Open] = {}
    total = query.Open()
    for values, group in found.groups:
        total = total.plus(group)
        for key in by_rows.rows_of(values):
            rows[key] = rows.get(key, query.Open()).plus(group)
    return Sliced(found, by_rows, rows, total)


def _table(store: Store, now: Sliced, then: Sliced | None, span: Period, dated: bool, by: str, chosen: str) -> Table:
    from sfa.store.queries.pipeline import Open

    found, before = now.found, then.rows if then else {}
    keys = {**now.rows, **before}
    cells = [
        (k, float(now.rows.get(k, Open()).amount), _open_cells(now.rows.get(k, Open()), before.get(k, Open()) if then else None))
        for k in keys
    ]
    people = now.slicer.lines.order if now.slicer.names[0] == "manager" else ()
    made = rows_of(store, found.dimensions, cells, people)
    title = heading(store, "Pipeline", span if dated else None, by, found.rates)
    notes = [say("Deals without an amount, counted as 0: {blank:,}", blank=now.total.blank)] if now.total.blank else []
    more = extra(store, span, found.rates)
    figures = PIPELINE + (COMPARED if then else ())
    total = _open_cells(now.total, then.total if then else None)
    return Table(columns(found.dimensions, chosen), figures, made, total, store.currency, title, notes, more)


def _open_cells(o: Open, before: Open | None = None) -> dict[str, Any]:
    out = {
        "count": o.deals,
        "amount": o.amount,
        "weighted": o.weighted,
        "average_age_days": o.days / o.aged if o.aged else None,
        "overdue_count": o.overdue,
        "overdue": o.overdue_amount,
        "without_amount": o.blank,
    }
    if before is not None:
        out |= {"before_count": before.deals, "before_amount": before.amount, "before_weighted": before.weighted}
        out["change_amount"] = o.amount - before.amount
    return out
