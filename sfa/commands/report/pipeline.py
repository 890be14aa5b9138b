"""`sfa report pipeline`: the open deals as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import Explain, columns, explained, owners
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
    pass

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
    explain: Explain = False,
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

    if explain:
        return explained("pipeline")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        found = query.pipeline(store, by, span if period else None, asked(store, words))
        found = found._replace(dimensions=apart(found.dimensions, PIPELINE))
        by_rows = slicer([d.name for d in found.dimensions], found.people, owners(found), fiscal(store, span))
        rows: dict[tuple[Any, ...], query.Open] = {}
        total = query.Open()
        for values, group in found.groups:
            total = total.plus(group)
            for key in by_rows.rows_of(values):
                rows[key] = rows.get(key, query.Open()).plus(group)
        cells = [(k, float(o.amount), _open_cells(o)) for k, o in rows.items()]
        made = rows_of(store, found.dimensions, cells, by_rows.lines.order if by_rows.names[0] == "manager" else ())
        title = heading(store, "Pipeline", span if period else None, by, found.rates)
        notes = [f"Deals without an amount, counted as 0: {total.blank:,}"] if total.blank else []
        more = extra(store, span, found.rates)
        table = Table(columns(found.dimensions, chosen), PIPELINE, made, _open_cells(total), store.currency, title, notes, more)
        return write(store, table, chosen)


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
