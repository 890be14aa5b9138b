"""`sfa report velocity`: how much revenue a day the pipeline brings at the present pace, and its four factors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import WEAKNESS, Explain, Versus, against, columns, explained, titled, versus_of
from sfa.commands.report.sliced import OneBy, in_order, one, slices
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, limited, period_of, write
from sfa.messages import say

if TYPE_CHECKING:
    from sfa.sales.comparison import Compared
    from sfa.sales.dates import Period
    from sfa.sales.durations import Pace
    from sfa.sales.filters import Condition
    from sfa.store.database import Store
    from sfa.store.queries.cycles import Paces

FIGURES = (
    Figure("open_qualified", "count", "Open qualified"),
    Figure("average_won", "money", "Average won"),
    Figure("win_rate", "ratio", "Win rate"),
    Figure("closed_count", "count", "of n", drop=2),
    Figure("cycle_mean_days", "days", "Mean days"),
    Figure("velocity", "money", "Per day"),
    Figure("win_rate_low", "ratio", people=False),
    Figure("win_rate_high", "ratio", people=False),
    Figure("won_count", "count", people=False),
    Figure("cycles", "count", people=False),
    Figure("weak", "bool", people=False),
)
FACTORS = ("open_qualified", "average_won", "win_rate", "cycle_mean_days", "velocity")
COMPARED = (
    Figure("before_open_qualified", "count", people=False),
    Figure("before_average_won", "money", people=False),
    Figure("before_win_rate", "ratio", people=False),
    Figure("before_cycle_mean_days", "days", people=False),
    Figure("before_velocity", "money", "Before", drop=1),
    Figure("change", "signed", "Change"),
)


@with_filters
def velocity(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: OneBy = "",
    versus: Versus = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report the pipeline's velocity: revenue a day, with the four factors that make it.

    Velocity = open deals past the first stage x average won amount x win rate by count / mean sales cycle. The last three are of the
    deals closed in the period (all time without one). --versus sets the deals closed in another period and those open at its end beside
    them. Rates of fewer than 30 closed deals carry a *.

    Examples:
      sfa report velocity --period ytd --versus last-year
      sfa report velocity --by rep --format csv
    """
    from sfa.store.queries import cycles as query
    from sfa.store.queries import scope

    if explain:
        return explained("velocity")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, scope.snapshot(store):
        conditions = asked(store, words)
        span, pair = against(store, period_of(store, period, "all"), versus)
        found = query.pace(store, one(by, "velocity"), span, conditions)
        dims = apart(found.dimensions, (*FIGURES, *COMPARED))
        made, total = _added(store, found, found.groups)
        rows = {key: _cells(p) for key, p in made.items() if p.qualified or p.won or p.lost}
        whole, notes, more = _cells(total), _notes(rows, total), {**extra(store, span), **versus_of(pair)}
        more["left_out"] = {"negative_cycles": total.negative, "cycles_without_dates": total.unknown, "closed_without_date": total.undated}
        if pair:
            known = _compare(store, by, pair, conditions, rows, whole)
            notes += (
                [] if known else [say("Nothing is known of the deals that were open before {end}: no velocity before", end=pair.other.end)]
            )
        by_rows = slices(store, dims, found.people, rows, None)
        cells = [(key, float(r["open_qualified"]), r) for key, r in rows.items()]
        lines = [{**labels, **r} for labels, r in in_order(store, dims, by_rows._replace(names=tuple(d.name for d in dims)), cells)]
        below = whole if dims or chosen == "json" else None
        figures = FIGURES + COMPARED if pair else FIGURES
        title = _title(store, span, by, pair, found.converted)
        table = Table(columns(dims, chosen), figures, lines if dims else [whole], below, store.currency, title, notes, more, mark=_starred)
        return write(store, limited(table, words), chosen)


def _title(store: Store, span: Period, by: str, pair: Compared | None, converted: bool) -> str:
    more = say(", won deals at the rate of their closed date") if converted else ""
    return titled(heading(store, "Velocity", span, by, more=more), pair)


def _added(store: Store, found: Paces, groups: Sequence[tuple[Any, Pace]]) -> tuple[dict[Any, Pace], Pace]:
    """The groups by row, and all together."""
    from sfa.sales.durations import Pace

    by_rows = slices(store, found.dimensions, found.people, [v for v, _ in groups], None)
    made: dict[Any, Pace] = {}
    total = Pace()
    for values, group in groups:
        total = total.plus(group)
        for key in by_rows.rows_of(values):
            made[key] = made.get(key, Pace()).plus(group)
    return made, total


def _compare(
    store: Store, by: str, pair: Compared, conditions: list[Condition], rows: dict[Any, dict[str, Any]], whole: dict[str, Any]
) -> bool:
    """Set the figures of another period beside those of each row: the deals closed in it, and those that were open at its end. Tells
    whether these are known."""
    from sfa.sales.durations import Pace
    from sfa.store.queries import cycles as query
    from sfa.store.queries import scope

    found = query.pace(store, by, pair.other, conditions)
    open_then = query.qualified(store, by, conditions, scope.moment_of(store, pair.other.end) - 1)
    groups = [(values, p._replace(qualified=0)) for values, p in found.groups]
    made, total = _added(store, found, [*groups, *(open_then or ())])
    for key in made.keys() - rows.keys():
        if made[key].qualified or made[key].won or made[key].lost:
            rows[key] = _cells(Pace())
    for key, row in [*rows.items(), (None, whole)]:
        before = _cells(total if row is whole else made.get(key, Pace()))
        if open_then is None:
            before |= {"open_qualified": None, "velocity": None}
        row |= {f"before_{n}": before[n] for n in FACTORS}
        now, then = row["velocity"], before["velocity"]
        row["change"] = now / then - 1 if now is not None and then else None
    return open_then is not None


LEFT_OUT = {
    "negative_cycles": "deals closed before they were opened: not in the days",
    "cycles_without_dates": "closed deals without an opening date: not in the days",
    "closed_without_date": "closed deals without a closed date: in no period",
}


def _notes(rows: dict[Any, dict[str, Any]], total: Pace) -> list[str]:
    left_out = {"negative_cycles": total.negative, "cycles_without_dates": total.unknown, "closed_without_date": total.undated}
    weak = any(r["weak"] and r["closed_count"] for r in (*rows.values(), _cells(total)))
    return [
        *([WEAKNESS] if weak else []),
        *(say("{many:,} {what}", many=left_out[name], what=text) for name, text in LEFT_OUT.items() if left_out[name]),
    ]


def _cells(p: Pace) -> dict[str, Any]:
    from sfa.sales.durations import velocity as made_of
    from sfa.sales.statistics import WEAK, wilson

    n = p.won + p.lost
    low, high = wilson(p.won, n) or (None, None)
    rest = {"win_rate_low": low, "win_rate_high": high, "won_count": p.won, "closed_count": n, "cycles": p.timed, "weak": n < WEAK}
    return {"open_qualified": p.qualified, **made_of(p)._asdict(), **rest}


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return shown + "*" if figure.name in ("win_rate", "velocity") and row.get("weak") and row.get(figure.name) is not None else shown
