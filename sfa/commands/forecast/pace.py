"""`sfa forecast pace`: how far everyone is against the time that has passed, and whether the open pipeline is enough for what is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.forecast.asking import Currency, Measure, Rep, Team, asking, told
from sfa.commands.forecast.table import in_unit, met
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.tables import Figure, PeriodOption, Table, extra, heading, write
from sfa.messages import say

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.sales.goals import Forecast
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask, Counted

LOOKED_BACK = 4
"""Ended periods that the required coverage is learnt from."""


def pace(
    ctx: typer.Context,
    period: PeriodOption = "",
    rep: Rep = "",
    team: Team = "",
    measure: Measure = "revenue",
    currency: Currency = "",
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Show attainment against the time that has passed, and coverage against what was needed.

    Pace = attainment / elapsed share of the period: below 1 is behind an even pace; the bar shows attainment, its mark the time. Coverage
    = open pipeline / gap. Required = the pipeline at the period's start / the part of it that was won in it, over the last 4 ended
    periods of the kind; a - where history does not tell.

    Examples:
      sfa forecast pace --period 2026-Q4
      sfa forecast pace --team EMEA --json
    """
    from sfa.commands.forecast.said import by_rep

    chosen = output.chosen_format(format, json)
    with asking(ctx.obj, period, rep=rep, team=team, measure=measure, currency=currency, as_of=as_of) as (store, ask):
        found, made = by_rep(store, ask)
        write(store, table(store, ask, found, made, chosen, told(None, rep, team)), chosen)


def table(store: Store, ask: Ask, found: Counted, made: Forecast, format: str, about: str) -> Table:
    """A row a person with a quota, managers with all below."""
    from sfa.sales.targets import elapsed
    from sfa.store.queries.scope import calendar

    share = elapsed(ask.period, calendar(store).today)
    needed, periods = required(store, ask)
    people = format in ("table", "md", "html")
    rows, total = standings(store, ask, found, made, needed)
    for row in (*rows, total):
        row["bar"] = output.mark_bar(row["attainment"], share) if row["attainment"] is not None else ""
    if people:
        rows = [{**row, "rep": "  " * row["level"] + row["rep"]} for row in rows]
    figures = in_unit(
        ask,
        [
            Figure("level", "count", people=False),
            Figure("quota", "money", "Quota", drop=3),
            Figure("closed", "money", "Closed"),
            Figure("attainment", "ratio", "Attained"),
            Figure("bar", "words", " ", people=format == "table"),
            Figure("pace", "times", "Pace"),
            Figure("gap", "money", "Gap", drop=4),
            Figure("open_pipeline", "money", "Open pipeline", drop=5),
            Figure("coverage", "times", "Coverage"),
            Figure("required_coverage", "times", "Required"),
        ],
    )
    if not people:
        figures = [f for f in figures if f.name != "bar"]
    title = heading(store, "Pace", ask.period, "rep", found.rates) + ("\n" + about if about else "")
    notes = [say("{share:.0f} % of the period has passed", share=share * 100)]
    if rows:
        notes.append("Closed is what attainment counts: of people with a quota, at the rates of the period's first day")
        notes.append(
            say("Required coverage: of the last {periods} ended periods", periods=periods)
            if periods
            else "Required coverage: no history reaches back"
        )
    more = {**extra(store, ask.period, found.rates), "elapsed": share, "required_from_periods": periods}
    dims = [("rep", "")] if people else [("rep", "user")]
    return Table(dims, figures, rows, total if rows else None, store.currency, title, notes, more, mark=met)


def standings(
    store: Store, ask: Ask, found: Counted, made: Forecast, needed: Mapping[int | None, float]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """How everyone with a quota stands, in the order of the tree, managers with all below; and everyone together. `needed` is the
    required coverage by person."""
    from sfa.sales.forecast import NOBODY, Figures, cumulative
    from sfa.sales.targets import Target, attainment, coverage, gap
    from sfa.sales.targets import pace as pace_of
    from sfa.store.queries.scope import calendar

    today = calendar(store).today
    own = {row.key[0] or NOBODY: row for row in made.rows}
    lines = made.slicer.lines

    def cells(figures: Figures, target: Target | None, need: float | None) -> dict[str, Any]:
        t = target or Target()
        left, pipeline = gap(t), cumulative(figures).open_pipeline
        out: dict[str, Any] = {"quota": t.quota, "closed": t.counted if t.quota is not None else figures.plan, "gap": left}
        out |= {"attainment": attainment(t), "pace": pace_of(t, ask.period, today), "open_pipeline": pipeline}
        return out | {"coverage": coverage(t, pipeline), "required_coverage": need, "met": left is not None and left <= 0}

    rows = []
    for person in lines.order:
        row = made.managers.get(person) or own.get(person)
        if row is None or row.target is None or row.target.quota is None:
            continue
        named = {"rep": found.people[person].name, "rep#": person, "level": lines.level[person]}
        rows.append({**named, **cells(row.figures, row.target, needed.get(person))})
    return rows, cells(made.total.figures, made.total.target, needed.get(None))


def required(store: Store, ask: Ask) -> tuple[dict[int | None, float], int]:
    """person → required coverage with all below, None for everyone; and how many ended periods it is of.

    Pipeline at the period's start ÷ the part of it won in that period. Source: FORMULAS, "Required coverage"."""
    from sfa.sales.dates import before

    pipeline: dict[int | None, int] = {}
    won: dict[int | None, int] = {}
    span, periods = ask.period, 0
    for _ in range(LOOKED_BACK):
        span = before(span, store.calendar)
        if (sums := _start(store, ask, span)) is None:
            break
        periods += 1
        for into, found in ((pipeline, sums[0]), (won, sums[1])):
            for person, amount in found.items():
                into[person] = into.get(person, 0) + amount
    return {p: amount / won[p] for p, amount in pipeline.items() if won.get(p, 0) > 0}, periods


def _start(store: Store, ask: Ask, span: Period) -> tuple[Mapping[int | None, int], Mapping[int | None, int]] | None:
    """(Pipeline at the start of a period, what of it was won in it), each by person with all below and under None for everyone; None
    where the history of the deals begins later, or the period has not ended."""
    from sfa.sales.forecast import IN, LATE, NOBODY, tree
    from sfa.store.queries import scope
    from sfa.store.queries.forecast import deals

    start = scope.moment_of(store, span.start) - 1
    if start < scope.history_begins(store) or span.end > scope.calendar(store).today:
        return None
    asked = ask._replace(period=span)
    with store.past(start):
        open_then = [d for d in deals(store, "rep", asked) if d.place in (IN, LATE) and d.category not in ("closed", "omitted")]
    won_now = scope.won_in(store, span)
    people = scope.people(store, span)
    lines = tree(people, {d.owner or NOBODY for d in open_then})
    sums: tuple[dict[int | None, int], dict[int | None, int]] = ({}, {})
    for d in open_then:
        at: int | None = d.owner or NOBODY
        chain: list[int | None] = [None]
        while at is not None:
            chain.append(at)
            at = lines.manager[at]
        for person in chain:
            sums[0][person] = sums[0].get(person, 0) + d.amount
            if d.id in won_now:
                sums[1][person] = sums[1].get(person, 0) + d.amount
    return sums
