"""`sfa report coverage`: whether the open pipeline is enough for what is left of the quotas, several periods side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.forecast.asking import Currency, Team, asking, told, whose
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import Explain, Versus, explained, stood
from sfa.commands.tables import Figure, PeriodOption, Table, extra, heading, write
from sfa.errors import UsageError
from sfa.messages import lines, say, together

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfa.sales.dates import Period
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask

COVERAGE = (
    Figure("period", "text"),
    Figure("quota", "money"),
    Figure("closed", "money"),
    Figure("gap", "money"),
    Figure("open_pipeline", "money"),
    Figure("coverage", "times"),
    Figure("required_coverage", "times"),
    Figure("met", "bool"),
    Figure("short", "bool"),
)
"""What a program reads: a row a person and period."""
BEFORE = ("quota", "closed", "gap", "open_pipeline", "coverage", "met")
COMPARED = (*(f._replace(name=f"before_{f.name}") for f in COVERAGE if f.name in BEFORE), Figure("change", "times"))
Found = list[tuple["Period", list[dict[str, Any]], dict[str, Any]]]
"""Periods, each with the rows of its people and everyone together."""


def coverage(
    ctx: typer.Context,
    period: PeriodOption = "",
    periods: Annotated[int, typer.Option("--periods", metavar="N", min=1, max=12, help="How many periods, the first one on.")] = 3,
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="rep (with their managers), or manager alone.")] = "rep",
    team: Team = "",
    currency: Currency = "",
    versus: Versus = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report open pipeline against the gap to quota, this period and the next ones.

    Coverage = open pipeline / gap; a ! marks one below the required coverage: the pipeline at a period's start / the part of it that was
    won in it, over the last 4 ended periods. Managers stand with everyone below. Who has no quota has no row. --versus sets the coverage of
    another period, and of those after it, as they stood as far into it as today is into this one.

    Examples:
      sfa report coverage
      sfa report coverage --periods 2 --by manager --format csv
    """
    if explain:
        return explained("coverage")
    chosen = output.chosen_format(format, json)
    if by not in ("rep", "manager"):
        raise UsageError(say("--by is not {by!r}", by=by[:60]), "Values: rep, manager")
    with asking(ctx.obj, period, team=team, currency=currency, as_of=as_of) as (store, ask):
        found, learnt = _found(store, ask, periods, by)
        about, people = told(None, "", team), chosen in ("table", "md", "html")
        if not versus:
            return write(store, _table(store, found, learnt, by, about, people), chosen)
        with stood(ctx.obj, store, ask.period, versus) as (past, other, day):
            past.currency = store.currency
            then, _ = _found(past, ask._replace(period=other or ask.period, only=whose(past, other or ask.period, "", team)), periods, by)
        made = _table(store, _beside(found, then), learnt, by, about, people, [span for span, _, _ in then])
        first, *rest = lines(made.title)
        before = say("Before: {names} as of {day}", names=_names([s for s, _, _ in then]), day=day)
        made = made._replace(title=together("\n", [first, before, *rest]))
        made.extra["versus"] = {"as_of": str(day), "periods": [_named(span) for span, _, _ in then]}
        return write(store, made, chosen)


def _found(store: Store, ask: Ask, periods: int, by: str) -> tuple[Found, int]:
    """Each period with its rows and its total, at the store's moment; and of how many ended periods the required coverage is."""
    from sfa.commands.forecast.pace import required, standings
    from sfa.commands.forecast.said import by_rep

    needed, learnt = required(store, ask._replace(period=_running(store, ask.period)))
    found: Found = []
    for span in _spans(store, ask.period, periods):
        counted, made = by_rep(store, ask._replace(period=span))
        rows, total = standings(store, ask._replace(period=span), counted, made, needed)
        rows = [r for r in rows if by == "rep" or r["rep#"] in made.managers]
        found.append((span, [_judged(r) for r in rows], _judged(total)))
    return found, learnt


def _beside(found: Found, then: Found) -> Found:
    """The periods with the figures of those that they are compared with, by their place in the row."""
    out: Found = []
    for (span, rows, total), (_, old, before_total) in zip(found, then, strict=True):
        known = {r["rep#"]: r for r in old}
        out.append((span, [{**r, **_before(r, known.get(r["rep#"]))} for r in rows], {**total, **_before(total, before_total)}))
    return out


def _before(row: dict[str, Any], then: dict[str, Any] | None) -> dict[str, Any]:
    old = then or {}
    now, was = row["coverage"], old.get("coverage")
    return {**{f"before_{n}": old.get(n) for n in BEFORE}, "change": now - was if now is not None and was is not None else None}


def _spans(store: Store, first: Period, many: int) -> list[Period]:
    from sfa.sales.dates import after

    spans = [first]
    while len(spans) < many:
        spans.append(after(spans[-1], store.calendar))
    return spans


def _running(store: Store, first: Period) -> Period:
    """The period of the kind that is in progress, where the first one is still to come: what is required is learnt from those before it."""
    from sfa.sales.dates import before
    from sfa.store.queries.scope import calendar

    while first.start > calendar(store).today:
        first = before(first, store.calendar)
    return first


def _judged(row: dict[str, Any]) -> dict[str, Any]:
    """With whether the coverage is below the required one."""
    have, need = row["coverage"], row["required_coverage"]
    return {**row, "short": have is not None and need is not None and have < need}


def _names(spans: Sequence[Period]) -> str:
    return spans[0].name if len(spans) == 1 else say("{name} to {name2}", name=spans[0].name, name2=spans[-1].name)


def _named(span: Period) -> dict[str, str]:
    """A period for JSON, half-open."""
    return {"name": span.name, "start": span.start.isoformat(), "end": span.end.isoformat()}


def _table(store: Store, found: Found, learnt: int, by: str, about: str, people: bool, then: Sequence[Period] = ()) -> Table:
    spans = [span for span, _, _ in found]
    names = _names(spans)
    title = heading(store, say("Coverage {names}", names=names), None, by) + ("\n" + about if about else "")
    any_rows = any(rows for _, rows, _ in found)
    note = (
        say("Required coverage: of the last {learnt} ended periods", learnt=learnt)
        if learnt
        else "Required coverage: no history reaches back"
    )
    notes = [note] * any_rows
    if people:
        figures, rows, total = _side_by_side(found, then)
        if any(r.get(f"{i}_short") for r in (*rows, total) for i in range(len(spans))):
            notes.append("! below the required coverage")
        return Table([("rep", "")], figures, rows, total if any_rows else None, store.currency, title, notes, {}, mark=_marked)
    more = {k: v for k, v in extra(store, spans[0]).items() if k != "period"}
    more["periods"] = [_named(s) for s in spans]
    every = (*COVERAGE, *COMPARED) if then else COVERAGE
    more |= {"required_from_periods": learnt, "totals": [_total(every, span, total, store.currency) for span, _, total in found]}
    flat = [{**row, "period": span.name} for span, rows, _ in found for row in rows]
    return Table([("rep", "user")], every, flat, None, store.currency, title, notes, more)


def _total(figures: Sequence[Figure], span: Period, total: dict[str, Any], currency: str) -> dict[str, Any]:
    """Everyone together in one period, as JSON."""
    from sfa.sales import money

    out: dict[str, Any] = {"period": span.name}
    for f in figures[1:]:
        value = total[f.name]
        out[f.name] = {"amount": money.text(value, currency), "currency": currency} if f.type == "money" and value is not None else value
    return out


def _side_by_side(found: Found, then: Sequence[Period]) -> tuple[list[Figure], list[dict[str, Any]], dict[str, Any]]:
    """A row a person with the columns of every period beside each other, for people; the last periods' go first for want of room."""
    figures: list[Figure] = []
    rows: dict[int, dict[str, Any]] = {}
    total: dict[str, Any] = {"required_coverage": found[0][2]["required_coverage"]}
    for i, (span, of_span, whole) in enumerate(found):
        figures += [
            Figure(f"{i}_gap", "money", say("{name} gap", name=span.name), drop=2 * i + 1),
            Figure(f"{i}_open_pipeline", "money", say("{name} pipeline", name=span.name), drop=2 * i + 2),
            Figure(f"{i}_coverage", "times", say("{name} coverage", name=span.name)),
            *([Figure(f"{i}_before_coverage", "times", say("{name} before", name=then[i].name), drop=i)] if then else []),
        ]
        total |= _numbered(i, whole)
        for row in of_span:
            label = "  " * row["level"] + row["rep"]
            at = rows.setdefault(row["rep#"], {"rep": label, "required_coverage": row["required_coverage"]})
            at |= _numbered(i, row)
    return [*figures, Figure("required_coverage", "times", "Required")], [*rows.values()], total


def _numbered(i: int, row: dict[str, Any]) -> dict[str, Any]:
    return {f"{i}_{name}": row.get(name) for name in ("gap", "open_pipeline", "coverage", "met", "short", "before_coverage", "before_met")}


def _marked(row: dict[str, Any], figure: Figure, shown: str) -> str:
    at, _, name = figure.name.partition("_")
    if name == "before_coverage":
        return "met" if row.get(f"{at}_before_met") else shown
    if name != "coverage" or not at.isdigit():
        return shown
    return "met" if row.get(f"{at}_met") else shown + "!" if row.get(f"{at}_short") else shown
