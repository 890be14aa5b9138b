"""`sfa forecast accuracy`: how good forecasts and calls were, as they stood some days into each period, against what was closed in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.forecast.asking import Currency, Team, asking, told
from sfa.commands.nouns import Format, Json
from sfa.commands.tables import Figure, Table, heading, write
from sfa.errors import BadValue, UsageError
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.sales.accuracy import Accuracy, Pair
    from sfa.sales.dates import Period
    from sfa.sales.forecast import Person, Tree
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask

OF = ("commit", "most_likely", "best_case")


class Locked(NamedTuple):
    """One period: everyone's own forecast at the lock, the calls that stood then, everyone's own closed, the reporting lines at its end."""

    period: Period
    lines: Tree
    forecast: dict[int, int]
    calls: dict[int, int]
    closed: dict[int, int]


def accuracy(
    ctx: typer.Context,
    period: Annotated[
        str, typer.Option("--period", "-p", metavar="PERIOD", help="The last period looked at (default: last quarter).")
    ] = "",
    periods: Annotated[int, typer.Option("--periods", metavar="N", min=1, max=40, help="How many periods, the last one back.")] = 8,
    locked: Annotated[
        str, typer.Option("--locked", metavar="+14d", help="When the forecast is taken: this far into each period.")
    ] = "+14d",
    of: Annotated[str, typer.Option("--of", metavar="COLUMN", help="commit, most_likely or best_case.")] = "commit",
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="rep or manager.")] = "rep",
    team: Team = "",
    currency: Currency = "",
    format: Format = "",
    json: Json = False,
) -> None:
    """Measure how good earlier forecasts and calls were.

    The state and the calls some days into each period against what was closed in it. Error = forecast - actual; Bias is the mean error,
    as a part of the actuals (+ is over-forecast); WAPE adds up the errors whatever their sign; a hit is within 10 %. Ranked are those with
    8 periods or more. By manager the bias and hits are the team's, WAPE adds up the reps' own errors.

    Examples:
      sfa forecast accuracy --locked +14d
      sfa forecast accuracy --period 2026-Q3 --periods 4 --of best_case --by manager --json
    """
    chosen = output.chosen_format(format, json)
    if of.replace("-", "_") not in OF:
        raise UsageError(say("--of is not {of!r}", of=of[:60]), say("Values: {of}", of=together(", ", OF)))
    if by not in ("rep", "manager"):
        raise UsageError(say("--by is not {by!r}", by=by[:60]), "Values: rep, manager")
    column = of.replace("-", "_")
    with asking(ctx.obj, period, team=team, currency=currency, ended=True) as (store, ask):
        spans = last_spans(store, ask.period, periods)
        found = [lock(store, ask._replace(period=s), column, locked) for s in spans]
        known = [f for f in found if f is not None]
        write(store, table(store, ask, known, len(found) - len(known), by, column, locked, told(None, "", team), chosen), chosen)


def last_spans(store: Store, last: Period, many: int) -> list[Period]:
    """The last periods of one kind, oldest first. Raises UsageError for one that has not ended."""
    from sfa.sales.dates import before

    if last.end > store.calendar.today:
        raise UsageError(
            say("{name} has not ended, so nobody knows yet what became of its forecast", name=last.name),
            "Name an ended one, as in 'last quarter'.",
        )
    spans = [last]
    while len(spans) < many:
        spans.append(before(spans[-1], store.calendar))
    return spans[::-1]


def locked_day(store: Store, span: Period, locked: str) -> date:
    """The day at whose end a period is locked. Raises UsageError."""
    from sfa.sales.dates import parse_date

    try:
        day = parse_date(locked, store.calendar._replace(today=span.start))
    except BadValue as error:
        raise UsageError(f"--locked: {error.message}", "As in +14d or +2w: so far into each period.") from None
    if not span.start <= day < span.end:
        raise UsageError(
            say("--locked {locked!r} is not within {name}", locked=locked[:20], name=span.name),
            "As in +14d or +2w: so far into each period.",
        )
    return day


def locked_moment(store: Store, day: date) -> int | None:
    """The end of that day (operation scale); None where the history of the deals begins later."""
    from sfa.store.queries import scope

    moment = scope.moment_of(store, day + timedelta(days=1)) - 1
    return None if moment < scope.history_begins(store) else moment


def lock(store: Store, ask: Ask, column: str, locked: str) -> Locked | None:
    """One period as it stood at the lock and as it ended; None where the history of the deals begins later. Raises UsageError."""
    from sfa.sales.forecast import NOBODY, Figures, add, blank_row, cumulative, tree
    from sfa.store.queries import calls as query
    from sfa.store.queries.forecast import counted

    day = locked_day(store, ask.period, locked)
    moment = locked_moment(store, day)
    if moment is None:
        return None

    def own() -> tuple[dict[int, Figures], dict[int, Person]]:
        rows: dict[int, list[int]] = {}
        found = counted(store, "rep", ask)
        for values, _, group in found.groups:
            add(rows.setdefault(values[0] or NOBODY, blank_row()), group)
        return {p: Figures(*r) for p, r in rows.items()}, found.people

    with store.past(moment):
        then, _ = own()
        said = query.calls(store, ask.period, day)
    now, people = own()
    forecast = {p: getattr(cumulative(f), column) for p, f in then.items()}
    calls = {p: amount for p, c in said.items() if (amount := c.of(column)) is not None and (ask.only is None or p in ask.only)}
    closed = {p: f.closed for p, f in now.items()}
    lines = tree(people, {*forecast, *closed, *calls})
    return Locked(ask.period, lines, {p: v for p, v in forecast.items() if v}, calls, {p: v for p, v in closed.items() if v})


class Result(NamedTuple):
    """The accuracy of one person: of the roll-up and of their own calls."""

    rollup: Accuracy
    calls: Accuracy


def results(found: Sequence[Locked], by: str) -> dict[int, Result]:
    """person → accuracy: of each rep's own deals, or of each manager's team."""
    from sfa.sales.accuracy import Pair, accuracy

    rolled: dict[int, list[Pair]] = {}
    parts: dict[int, list[Pair]] = {}
    called: dict[int, list[Pair]] = {}
    for period in found:
        name = period.period.name
        team = {p: _below(period.lines, p) for p in period.lines.order}
        for person in period.lines.order:
            members = team[person] if by == "manager" else {person}
            if by == "manager" and len(members) < 2:
                continue
            own = [Pair(name, period.forecast.get(p, 0), period.closed.get(p, 0)) for p in members]
            own = [pair for pair in own if pair.forecast or pair.actual]
            if own:
                rolled.setdefault(person, []).append(_sum(name, own))
                parts.setdefault(person, []).extend(own)
            if person in period.calls:
                closed = sum(period.closed.get(p, 0) for p in team[person])
                called.setdefault(person, []).append(Pair(name, period.calls[person], closed))
    people = dict.fromkeys((*rolled, *(p for p in called if by == "rep" or p in rolled)))
    return {p: Result(accuracy(rolled.get(p, []), parts.get(p, [])), accuracy(called.get(p, []))) for p in people}


def total(found: Sequence[Locked]) -> Result:
    """Everyone together: the absolute errors are those of the reps. Of calls only those of whom nobody above has called count, each
    against what was closed below."""
    from sfa.sales.accuracy import Pair, accuracy

    whole, parts, called = [], [], []
    for period in found:
        people = {*period.forecast, *period.closed}
        own = [Pair(period.period.name, period.forecast.get(p, 0), period.closed.get(p, 0)) for p in people]
        whole.append(_sum(period.period.name, own))
        parts += own
        tops = [p for p in period.calls if not {*_above(period.lines, p)} & period.calls.keys()]
        closed = sum(period.closed.get(p, 0) for top in tops for p in _below(period.lines, top))
        if tops:
            called.append(Pair(period.period.name, sum(period.calls[p] for p in tops), closed))
    return Result(accuracy(whole, parts), accuracy(called))


def _above(lines: Tree, person: int) -> list[int]:
    out, at = [], lines.manager[person]
    while at is not None:
        out.append(at)
        at = lines.manager[at]
    return out


def _sum(name: str, pairs: Sequence[Pair]) -> Pair:
    from sfa.sales.accuracy import Pair

    return Pair(name, sum(p.forecast for p in pairs), sum(p.actual for p in pairs))


def _below(lines: Tree, person: int) -> set[int]:
    found, waiting = {person}, [person]
    while waiting:
        new = lines.reports[waiting.pop()]
        found.update(new)
        waiting += new
    return found


def table(store: Store, ask: Ask, found: Sequence[Locked], early: int, by: str, column: str, locked: str, about: str, format: str) -> Table:
    """A row a person, best ranked first, then by WAPE."""
    from sfa.sales.accuracy import RANKED, ranks
    from sfa.store.queries.scope import people

    named = people(store, None)
    rows_of = results(found, by)
    # Early in a period the deals tell little: where people have called for long enough, they are ranked by that.
    by_calls = any(r.calls.n >= RANKED for r in rows_of.values())
    rank = ranks({p: r.calls if by_calls else r.rollup for p, r in rows_of.items() if p})
    order = sorted(rows_of, key=lambda p: (rank.get(p, 10**9), rows_of[p].rollup.wape is None, rows_of[p].rollup.wape or 0, p))
    rows: list[dict[str, Any]] = [
        {by: named[p].name if p in named else None, f"{by}#": p or None, "rank": rank.get(p), **_cells(rows_of[p])} for p in order
    ]
    figures = [
        Figure("rank", "count", "Rank", people=bool(rank), drop=4),
        Figure("periods", "count", "Periods", drop=2),
        Figure("forecast", "money", "Forecast", drop=5),
        Figure("actual", "money", "Actual", drop=5),
        Figure("bias", "money", people=False),
        Figure("bias_rate", "signed", "Bias"),
        Figure("wape", "ratio", "WAPE"),
        Figure("hits", "count", people=False),
        Figure("hit_rate", "ratio", "Hits", drop=3),
        *_call_figures(any(r["call_periods"] for r in rows)),
    ]
    span = say("{name} to {name2}", name=found[0].period.name, name2=found[-1].period.name) if found else ask.period.name
    title = heading(
        store,
        say("Accuracy of {field}, {span}, locked {locked} into each period", field=column.replace("_", " "), span=span, locked=locked),
        None,
        by,
    )
    notes = (
        [say("{early} period{s} left out: the history of the deals begins later", early=early, s="s" if early > 1 else "")] if early else []
    )
    if rank:
        notes.append(
            say(
                "Ranked by the WAPE of {word}, from {ranked} periods on",
                word="their calls" if by_calls else "their roll-ups",
                ranked=RANKED,
            )
        )
    if rows and not rank:
        notes.append(say("Nobody is ranked: that takes {ranked} periods, there are {count}", ranked=RANKED, count=len(found)))
    more: Mapping[str, Any] = {"periods": [_json(p) for p in found], "locked": locked, "column": column, "currency": store.currency}
    people_view = format in ("table", "md", "html")
    dims = [(by, "")] if people_view else [(by, "user")]
    return Table(dims, figures, rows, _cells(total(found)), store.currency, title + ("\n" + about if about else ""), notes, dict(more))


def _json(found: Locked) -> dict[str, str]:
    return {"name": found.period.name, "start": found.period.start.isoformat(), "end": found.period.end.isoformat()}


def _call_figures(any_calls: bool) -> list[Figure]:
    return [
        Figure("call_periods", "count", "Calls", people=any_calls, drop=2),
        Figure("call_forecast", "money", people=False),
        Figure("call_actual", "money", people=False),
        Figure("call_bias_rate", "signed", "Call bias", people=any_calls, drop=1),
        Figure("call_wape", "ratio", "Call WAPE", people=any_calls),
        Figure("call_hits", "count", people=False),
        Figure("call_hit_rate", "ratio", "Call hits", people=any_calls, drop=1),
    ]


def _cells(result: Result) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for prefix, a in (("", result.rollup), ("call_", result.calls)):
        out |= {f"{prefix}periods": a.n, f"{prefix}forecast": a.forecast, f"{prefix}actual": a.actual}
        out |= {f"{prefix}bias": None if a.bias is None else round(a.bias), f"{prefix}bias_rate": a.bias_rate, f"{prefix}wape": a.wape}
        out |= {f"{prefix}hits": a.hits, f"{prefix}hit_rate": a.hit_rate}
    return out
