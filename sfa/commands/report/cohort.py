"""`sfa report cohort`: what became of the deals that were opened in each month or quarter."""

from __future__ import annotations

from datetime import date, timedelta
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
    aligned,
    before,
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
from sfa.commands.report.sliced import PEOPLE_READ, in_order, slices
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, period_of
from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales.durations import AGES, Opened

if TYPE_CHECKING:
    from sfa.sales.comparison import Compared
    from sfa.sales.dates import Period
    from sfa.store.database import Store
    from sfa.store.queries.cycles import Cohorts

FIGURES = (
    Figure("created", "count", "Created"),
    Figure("won", "count", "Won", drop=2),
    Figure("lost", "count", "Lost", drop=3),
    Figure("open", "count", "Open", drop=1),
    Figure("conversion", "ratio", "Conversion"),
    Figure("conversion_low", "ratio", people=False),
    Figure("conversion_high", "ratio", people=False),
    Figure("won_amount", "money", "Won amount", drop=4),
    *(Figure(f"within_{days}_days", "ratio", f"{days} d") for days in AGES),
    *(Figure(f"won_within_{days}_days", "count", people=False) for days in AGES),
    Figure("weak", "bool", people=False),
)
COMPARED = (
    Figure("before_created", "count", "Created before", drop=5),
    Figure("before_won", "count", people=False),
    Figure("before_lost", "count", people=False),
    Figure("before_open", "count", people=False),
    Figure("before_conversion", "ratio", "Before"),
    *CHANGE,
)


@with_filters
@printable
def cohort(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: Annotated[str, typer.Option("--by", metavar="A[,B]", help="month or quarter of opening; behind it any other dimension.")] = "month",
    versus: Versus = "",
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report what became of the deals opened in each month or quarter: won, lost, open, conversion.

    Conversion = won / created so far. The last columns are the share that was won within 30, 60, 90 and 180 days of opening, blank until
    all deals of the row are so old. Rates of fewer than 30 deals carry a *. --versus sets the deals opened in another period beside them,
    as they stood at the same age.

    Examples:
      sfa report cohort --period 2026 --versus last-year
      sfa report cohort --by quarter,source --json
    """
    from sfa.commands.report.pictures import rates
    from sfa.store.queries import cycles as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("cohort")
    session: Session = ctx.obj
    chosen = out.format
    if by.strip().lower().partition(",")[0] not in ("month", "quarter"):
        raise UsageError("a cohort is of a month or a quarter", "As in --by quarter or --by month,source.")
    with session.store(as_of=as_of) as store, snapshot(store):
        span, conditions = period_of(store, period, "all"), asked(store, words)
        pair, day, then_day = _compared(store, span, versus)
        span = pair.this if pair else span
        found = query.cohorts(store, by, span, conditions, day if pair else None)
        found = found._replace(dimensions=apart(found.dimensions, FIGURES))
        rows, total = _rows(store, found, span, day)
        whole = _cells(total, None, None)
        title = heading(store, "Deals opened", span, by, more=say(", won ones at the rate of their closed date") if found.converted else "")
        left_out = {"without_opening_date": found.undated, "won_without_date": total.undated, "won_before_opened": total.negative}
        notes = [WEAKNESS] if any(r["weak"] for r in rows) else []
        notes += [say("{many:,} {what}", many=left_out[name], what=text) for name, text in LEFT_OUT.items() if left_out[name]]
        more = {**extra(store, span), **versus_of(pair), "left_out": left_out}
        if pair:
            then = query.cohorts(store, by, pair.other, conditions, then_day)
            then = then._replace(dimensions=found.dimensions, groups=aligned(store, found.dimensions, then.groups, span, pair.other))
            old, before_total = _rows(store, then, span, then_day)
            rows = _beside(rows, old, [d.name for d in found.dimensions])
            _change([(whole, _cells(before_total, None, None))])
            notes += [
                say("Before: as they stood on {then_day}, at the age of these on {day}", then_day=then_day, day=day),
                *chance_notes([*rows, whole]),
            ]
            more["versus"] |= {"as_of": then_day.isoformat()}
        figures = with_before(FIGURES, COMPARED, pair, chosen in PEOPLE_READ)
        table = Table(columns(found.dimensions, chosen), figures, rows, whole, store.currency, titled(title, pair), notes, more)
        table = table._replace(mark=_starred if chosen in PEOPLE_READ else None)
        return report(session, store, table, out, "cohort", lambda: rates(table, "conversion", "created", "Conversion"), words)


def _compared(store: Store, span: Period, versus: str) -> tuple[Compared | None, date, date]:
    """What the cohorts are compared with, and the days on which they and those are looked at."""
    from sfa.sales.comparison import ages
    from sfa.store.queries import scope

    calendar = scope.calendar(store)
    return ages(span, versus, calendar) if versus else (None, calendar.today, calendar.today)


def _beside(rows: list[dict[str, Any]], old: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """The rows with those of the other period beside them, last those that had deals only then; their changes."""
    then = {tuple(r[n] for n in names): r for r in old}
    keys = {tuple(r[n] for n in names) for r in rows}
    labels = {k for r in old for k in r if k.rstrip("#") in names}
    gone = [{**{k: r.get(k) for k in labels}, **_cells(Opened(), None, None)} for key, r in then.items() if key not in keys]
    every = [*rows, *gone]
    none = _cells(Opened(), None, None)
    _change([(r, then.get(tuple(r[n] for n in names), none)) for r in every])
    return every


def _change(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Set the change of the conversion into each row, beside what it was."""
    from sfa.sales.statistics import difference, least_difference

    def counts(row: dict[str, Any]) -> tuple[int, int, int]:
        return row["won"], row["created"], row["open"]

    changes = [difference(*counts(now)[:2], *counts(then)[:2]) for now, then in pairs]
    tests = tested(changes)
    for (now, then), change in zip(pairs, changes, strict=True):
        now |= before(now, then, ("created", "won", "lost", "open", "conversion"), "conversion")
        now |= change_cells(change, tests, least_difference(*counts(now), *counts(then)))


LEFT_OUT = {
    "without_opening_date": "deals without an opening date: in no cohort",
    "won_without_date": "won deals without a closed date: won, but within no number of days",
    "won_before_opened": "deals won before they were opened: won, but within no number of days",
}


def _rows(store: Store, found: Cohorts, span: Period, today: date) -> tuple[list[dict[str, Any]], Opened]:
    """A row for each cohort, and all of them together, looked at on a day."""
    by_rows = slices(store, found.dimensions, found.people, [v for v, _ in found.groups], span)
    opened: dict[Any, Opened] = {}
    total = Opened()
    for values, group in found.groups:
        total.add(*group)
        for key in by_rows.rows_of(values):
            opened.setdefault(key, Opened()).add(*group)
    cells = [(key, float(o.created), _cells(o, key[0].end - timedelta(days=1), today)) for key, o in opened.items()]
    return [{**labels, **figures} for labels, figures in in_order(store, found.dimensions, by_rows, cells)], total


def _cells(o: Opened, last: date | None, today: date | None) -> dict[str, Any]:
    """Figures of a cohort whose last day is `last`; the total is of cohorts of several ages and has none by age."""
    from sfa.sales.durations import ripe
    from sfa.sales.statistics import WEAK, ratio, wilson

    low, high = wilson(o.won, o.created) or (None, None)
    out: dict[str, Any] = {n: getattr(o, n) for n in ("created", "won", "lost", "open")}
    out |= {"conversion": ratio(o.won, o.created), "conversion_low": low, "conversion_high": high, "won_amount": o.amount}
    for days in AGES:
        old = last is not None and today is not None and ripe(last, days, today)
        out[f"won_within_{days}_days"] = o.within(days) if old else None
        out[f"within_{days}_days"] = ratio(o.within(days), o.created) if old else None
    return {**out, "weak": o.created < WEAK}


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    shown = change_marked(row, figure, shown)
    if figure.name.startswith("within_") and row.get(figure.name) is None:
        return ""
    rates = figure.name == "conversion" or figure.name.startswith("within_")
    return shown + "*" if rates and row.get("weak") and row.get(figure.name) is not None else shown
