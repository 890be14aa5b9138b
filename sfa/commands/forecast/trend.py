"""`sfa forecast trend`: how a period's forecast and its calls stood, week after week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.forecast.asking import Currency, Measure, Rep, Team, asking, told
from sfa.commands.forecast.table import in_unit
from sfa.commands.grouping import words as with_filters
from sfa.commands.pages import Out, printable, report
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, extra, heading
from sfa.errors import UsageError
from sfa.languages import spoken
from sfa.messages import say, together
from sfa.wrapping import cell_width

if TYPE_CHECKING:
    from sfa.page import Lines
    from sfa.sales.forecast import Figures
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask

EVERY = ("day", "week", "month")
MOST = 400
"""Moments that one trend shows."""
SHOWN = {"closed": "Closed", "commit": "Commit", "best_case": "Best case", "open_pipeline": "Open pipeline", "weighted": "Weighted"}
CALLED = {"called_commit": "Commit call", "called_best_case": "Best call"}


class Point(NamedTuple):
    """How a forecast stood at one moment: `day` names it, `calls` are the calls of commit and best case, None where nobody had called."""

    moment: int
    day: date
    figures: Figures
    calls: tuple[int | None, int | None]


@with_filters
@printable
def trend(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    every: Annotated[str, typer.Option("--every", metavar="UNIT", help="day, week or month: how it stood at the end of each.")] = "week",
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="From when (default: the period's first day).")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="Until when (default: today, or the period's last day).")] = "",
    rep: Rep = "",
    team: Team = "",
    measure: Measure = "revenue",
    currency: Currency = "",
    *,
    out: Out,
) -> None:
    """Show how a period's forecast stood at the end of each week.

    Every line is what `sfa forecast --as-of` that day shows. Calls are those that stood then: of the people at the top, or where they had
    not called the sum of their reports'. Moments before the history of the deals begins are left out.

    Examples:
      sfa forecast trend --period 2026-Q4
      sfa forecast trend --every day --since -10d --format csv
      sfa forecast trend --chart
    """
    with asking(ctx.obj, period, words, rep=rep, team=team, measure=measure, currency=currency) as (store, ask):
        found, skipped = points(store, ask, every, since, until)
        # Beside a chart nobody needs its small copy below the table.
        made = table(store, ask, found, skipped, every, told(words, rep, team), "" if out.chart else out.format)
        report(ctx.obj, store, made, out, "trend", lambda: lines(store, ask, found, every))


def points(store: Store, ask: Ask, every: str, since: str = "", until: str = "") -> tuple[list[Point], int]:
    """The trend's points, and how many moments lie before the history of the deals. Raises UsageError."""
    from sfa.store.queries import scope
    from sfa.store.queries.trend import trend as query

    days = _days(store, ask, every, since, until)
    now = scope.latest(store)
    moments = [min(scope.moment_of(store, day + timedelta(days=1)) - 1, now) for day in days]
    begin = scope.history_begins(store)
    first = next((i for i, m in enumerate(moments) if m >= begin), len(moments))
    days, moments = days[first:], moments[first:]
    called = [_called(store, ask, m) for m in moments]
    return [Point(m, d, f, c) for m, d, f, c in zip(moments, days, query(store, ask, moments), called, strict=True)], first


def _days(store: Store, ask: Ask, every: str, since: str, until: str) -> list[date]:
    """The last day of every unit from `since` to `until`; the day of `until` itself last."""
    from sfa.sales.dates import add_months, parse_date
    from sfa.store.queries import scope

    if every not in EVERY:
        raise UsageError(say("--every is not {every!r}", every=every[:60]), say("Values: {every}", every=together(", ", EVERY)))
    at_then = scope.calendar(store)
    start = parse_date(since, at_then) if since else ask.period.start
    end = min(parse_date(until, at_then) if until else ask.period.end - timedelta(days=1), at_then.today)
    if start > end:
        raise UsageError(say("the trend would begin on {start} and end on {end}", start=start, end=end), "Give an earlier --since.")
    days: list[date] = []
    at = start
    while at < end and len(days) <= MOST:
        if every == "month":
            last = add_months(at.replace(day=1), 1) - timedelta(days=1)
        else:
            last = at if every == "day" else at + timedelta(days=6 - at.weekday())
        if last < end:
            days.append(last)
        at = last + timedelta(days=1)
    if len(days) > MOST:
        raise UsageError(say("these are more than {most} moments", most=MOST), "Give a later --since, or --every week or month.")
    return [*days, end]


def _called(store: Store, ask: Ask, moment: int) -> tuple[int | None, int | None]:
    """The calls of the whole report as they stood then."""
    from sfa.sales import calls as rules
    from sfa.sales.forecast import tree
    from sfa.store.queries import calls as query
    from sfa.store.queries import scope
    from sfa.store.queries.forecast import people

    if ask.conditions or ask.measure != "revenue":
        return None, None
    with store.past(moment):
        found = query.calls(store, ask.period, scope.calendar(store).today)
        if not found:
            return None, None
        known = people(store, ask.period, ask.only)
    said = {p: c for p, c in found.items() if p in known}
    lines = tree(known, said)
    sums = []
    for column in ("commit", "best_case"):
        reach = rules.called(lines, said, column)
        tops = [reach[p][0] for p in lines.order if lines.manager[p] is None and p in reach]
        sums.append(sum(tops) if tops else None)
    return sums[0], sums[1]


def cells(point: Point) -> dict[str, Any]:
    """The figures of a point by name."""
    from sfa.sales.forecast import cumulative

    c = cumulative(point.figures)
    out: dict[str, Any] = {"closed": point.figures.closed, "weighted": point.figures.weighted, **c._asdict()}
    return {**out, "called_commit": point.calls[0], "called_best_case": point.calls[1]}


def table(store: Store, ask: Ask, found: Sequence[Point], skipped: int, every: str, about: str, format: str) -> Table:
    """A row a moment."""
    rows = [{"day": str(p.day), **cells(p)} for p in found]
    likely = any(p.figures.n_most_likely for p in found)
    figures = [
        Figure("closed", "money", "Closed"),
        Figure("commit", "money", "Commit"),
        Figure("most_likely", "money", "Most likely", people=likely, drop=4),
        Figure("best_case", "money", "Best case"),
        Figure("open_pipeline", "money", "Open pipeline", drop=1),
        Figure("weighted", "money", "Weighted", drop=5),
        *(Figure(n, "money", label, people=any(r[n] is not None for r in rows), drop=2) for n, label in CALLED.items()),
    ]
    figures = in_unit(ask, figures)
    title = heading(store, "Trend", ask.period, every) + ("\n" + about if about else "")
    notes = (
        [say("{skipped} earlier {every}s are left out: the history of the deals begins later", skipped=skipped, every=every)]
        if skipped
        else []
    )
    if format == "table":
        notes = [*_sparklines(rows, figures), *notes]
    return Table([("day", "")], figures, rows, None, store.currency, title, notes, {**extra(store, ask.period), "every": every})


def lines(store: Store, ask: Ask, found: Sequence[Point], every: str) -> list[Lines]:
    """The trend as a chart, where it has more than one point; without the weighted amount, which runs between the others."""
    from sfa.commands.tables import quantity
    from sfa.page import Lines, Series
    from sfa.sales import money

    if len(found) < 2:
        return []
    rows, counted = [cells(p) for p in found], ask.measure == "count"
    unit = 100 if counted else 10 ** money.exponent(store.currency)
    series = []
    for name, label in {**SHOWN, **CALLED}.items():
        values = [r[name] for r in rows]
        if name == "weighted" or all(v is None for v in values):
            continue
        last = next((v for v in reversed(values) if v is not None), 0)
        text = f"{quantity(last):,}" if counted else money.short(last, store.currency)
        series.append(Series(label, tuple(None if v is None else v / unit for v in values), text))
    return [Lines(say("How it stood each {every}", every=every), tuple(p.day.isoformat()[5:] for p in found), tuple(series))]


def _sparklines(rows: Sequence[dict[str, Any]], figures: Sequence[Figure]) -> list[str]:
    """A line of small bars for each figure that people see."""
    shown = [f for f in figures if f.people and len(rows) > 1]
    names = {f.name: spoken(f.label, "column") for f in shown}
    wide = max(map(cell_width, names.values()), default=0)
    lines = [(names[f.name], output.sparkline([r[f.name] for r in rows])) for f in shown]
    return [f"{name}{' ' * (wide - cell_width(name))}  {line}" for name, line in lines]
