"""`sfa report slippage`: how often open deals were pushed into a later month, and what of a locked forecast was not won in its period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import (
    WEAKNESS,
    Explain,
    Versus,
    aligned,
    before,
    columns,
    explained,
)
from sfa.commands.report.shared import rows as rows_of
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, limited, period_of, write
from sfa.errors import UsageError
from sfa.messages import say

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.sales.filters import Condition
    from sfa.sales.slippage import Locked, Pushed
    from sfa.store.database import Store
    from sfa.store.queries.dimensions import Dimension
    from sfa.store.queries.slippage import Deal, Found

DEALS = (
    Figure("pushes", "count", "Pushes"),
    Figure("later_moves", "count", "Later moves", drop=5),
    Figure("days_moved", "count", "Days"),
    Figure("net_days", "count", people=False),
    Figure("amount", "money", "Amount"),
    Figure("first_close", "text", "First close", drop=3),
    Figure("close", "text", "Close"),
    Figure("last_moved", "text", "Last moved", drop=2),
    Figure("moved_by", "text", "By", drop=4),
    Figure("rep", "text", "Rep", drop=1),
    Figure("stage", "text", "Stage", drop=6),
)
GROUPS = (
    Figure("count", "count", "Deals"),
    Figure("pushed_count", "count", "Pushed"),
    Figure("pushed_rate", "ratio", "Rate"),
    Figure("pushed_rate_low", "ratio", people=False),
    Figure("pushed_rate_high", "ratio", people=False),
    Figure("pushes", "count", "Pushes"),
    Figure("later_moves", "count", "Later moves", drop=3),
    Figure("days_moved", "count", "Days", drop=2),
    Figure("amount", "money", "Amount", drop=4),
    Figure("pushed_amount", "money", "Pushed amount", drop=1),
    Figure("weak", "bool", people=False),
)
LOCKED = (
    Figure("count", "count", "Deals"),
    Figure("forecast", "money", "At the lock"),
    Figure("slip_rate", "ratio", "Slip rate"),
    Figure("slipped_rate", "ratio", "Slipped"),
    Figure("lost_rate", "ratio", "Lost"),
    Figure("won", "money", "Won amount", drop=2),
    Figure("slipped", "money", "Slipped amount", drop=1),
    Figure("lost", "money", "Lost amount", drop=3),
    Figure("removed", "money", people=False),
    *(Figure(f"{name}_count", "count", people=False) for name in ("won", "slipped", "lost", "removed")),
    Figure("slip_rate_by_count", "ratio", "By count", drop=4),
    Figure("slip_rate_by_count_low", "ratio", people=False),
    Figure("slip_rate_by_count_high", "ratio", people=False),
    Figure("weak", "bool", people=False),
)
COMPARED = (
    Figure("before_count", "count", people=False),
    Figure("before_forecast", "money", people=False),
    Figure("before_slip_rate", "ratio", "Before"),
    Figure("change", "points", "Change"),
)


class Fates(NamedTuple):
    """What became of the locked deals of some periods: by row and in total, the periods of known history and how many others, the
    dimensions and the people in order."""

    rows: dict[tuple[Any, ...], Locked]
    total: Locked
    known: list[Period]
    early: int
    dimensions: list[Dimension]
    order: Sequence[int]


def slippage(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: Annotated[
        str, typer.Option("--by", metavar="A[,B]", help="deal, or rep, manager, team, stage, …; of locked periods also period.")
    ] = "",
    locked: Annotated[
        str, typer.Option("--locked", metavar="+14d", help="The slip rate of ended periods instead, locked this far into each.")
    ] = "",
    periods: Annotated[int, typer.Option("--periods", metavar="N", min=1, max=40, help="How many locked periods, the last one back.")] = 4,
    versus: Versus = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report pushed deals: how often the expected close moved into a later month.

    A row an open deal with its pushes, days moved, and who moved it last when; or by rep, stage, … With --locked: of commit, most likely
    and best case as they stood some days into each ended period, what was not won in it, slipped and lost apart; --versus sets the rate
    of as many periods of a year before (last-year), just before them (previous), or up to a named one beside it.

    Examples:
      sfa report slippage --by rep
      sfa report slippage --locked +14d --periods 2 --json
      sfa report slippage --locked +14d --versus previous
    """
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("slippage")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        if locked:
            made = _locked(store, words, period, by or "period", locked, periods, versus, chosen)
            return write(store, limited(made, words), chosen)
        if versus:
            raise UsageError("open deals have no period before them", "Compare locked periods: --locked +14d --versus last-year.")
        return write(store, limited(_moved(store, words, period, by if by != "deal" else "", chosen), words), chosen)


slippage.words = True  # type: ignore[attr-defined]


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    weak = figure.name in ("pushed_rate", "slip_rate") and row.get("weak") and row.get(figure.name) is not None
    return shown + "*" if weak else shown


# Pushes of open deals ---------------------------------------------------------------------------------------------------------------


def _moved(store: Store, words: list[str] | None, period: str, by: str, format: str) -> Table:
    from sfa.sales.slippage import Pushed
    from sfa.store.queries import slippage as query

    span = period_of(store, period, "all")
    found = query.moved(store, by, span if period else None, asked(store, words))
    total = Pushed()
    for d in found.deals:
        total = total.plus(d.slips, d.amount)
    title = heading(store, "Slippage", span if period else None, by or "deal")
    undated = sum(d.close is None for d in found.deals)
    more = {**extra(store, span), "left_out": {"without_expected_close": undated}}
    notes = [say("{pushed:,} of {deals:,} open deals were pushed into a later month", pushed=total.pushed, deals=total.deals)]
    notes += [say("{undated:,} without an expected close now", undated=undated)] if undated else []
    if by:
        made = _grouped(store, found, span)
        notes += [WEAKNESS] if any(r["weak"] for r in made) else []
        dims = columns(apart(found.dimensions, GROUPS), format)
        return Table(dims, GROUPS, made, _push_cells(total), store.currency, title, notes, more, mark=_starred)
    rows = _deal_rows(store, found.deals)
    whole = {"pushes": total.pushes, "later_moves": total.later, "days_moved": total.days, "amount": sum(r["amount"] for r in rows)}
    dims = [("deal", "" if format in ("table", "md", "html") else "opportunity")]
    return Table(dims, DEALS, rows, whole if rows else None, store.currency, title, notes, {**more, "open": _push_cells(total)})


def _deal_rows(store: Store, deals: list[Deal]) -> list[dict[str, Any]]:
    """The deals that moved later at least once, the most pushed first."""
    from sfa.sales.moments import local_text, stamp_text
    from sfa.store.queries import scope
    from sfa.store.queries.health import owners

    names = owners(store)
    some = sorted((d for d in deals if d.slips.later), key=lambda d: (-d.slips.pushes, -d.slips.days, -d.amount, d.id))
    rows = []
    for d in some:
        s, last = d.slips, d.slips.last
        when = local_text(stamp_text(scope.at(last.since)), store.calendar)[:10] if last else None
        rows.append(
            {
                "deal": d.name,
                "deal#": d.id,
                "pushes": s.pushes,
                "later_moves": s.later,
                "days_moved": s.days,
                "net_days": s.net,
                "amount": d.amount,
                "first_close": s.first,
                "close": d.close,
                "last_moved": when,
                "moved_by": names.get(last.actor) if last else None,
                "rep": names.get(d.owner),
                "stage": d.stage,
            }
        )
    return rows


def _grouped(store: Store, found: Found, span: Period) -> list[dict[str, Any]]:
    from sfa.sales.rollup import slicer
    from sfa.sales.slippage import Pushed
    from sfa.store.queries.forecast import fiscal

    dims = apart(found.dimensions, GROUPS)
    by_rows = slicer([d.name for d in found.dimensions], found.people, {d.owner for d in found.deals}, fiscal(store, span))
    rows: dict[tuple[Any, ...], Pushed] = {}
    for d in found.deals:
        for key in by_rows.rows_of(d.values):
            rows[key] = rows.get(key, Pushed()).plus(d.slips, d.amount)
    cells = [(k, float(p.pushed_amount), _push_cells(p)) for k, p in rows.items()]
    return rows_of(store, dims, cells, by_rows.lines.order if by_rows.names[0] == "manager" else ())


def _push_cells(p: Pushed) -> dict[str, Any]:
    from sfa.sales.statistics import WEAK, ratio, wilson

    low, high = wilson(p.pushed, p.deals) or (None, None)
    return {
        "count": p.deals,
        "pushed_count": p.pushed,
        "pushed_rate": ratio(p.pushed, p.deals),
        "pushed_rate_low": low,
        "pushed_rate_high": high,
        "pushes": p.pushes,
        "later_moves": p.later,
        "days_moved": p.days,
        "amount": p.amount,
        "pushed_amount": p.pushed_amount,
        "weak": p.deals < WEAK,
    }


# Locked periods ---------------------------------------------------------------------------------------------------------------------


def _locked(store: Store, words: list[str] | None, period: str, by: str, locked: str, many: int, versus: str, format: str) -> Table:
    from sfa.commands.forecast.accuracy import last_spans
    from sfa.sales.slippage import Locked
    from sfa.store.queries.scope import last_period

    last = period_of(store, period) if period else last_period(store)
    spans, conditions = last_spans(store, last, many), asked(store, words)
    others = _others(store, spans, versus) if versus else []
    now = _fates(store, conditions, by, locked, spans, spans)
    then = _fates(store, conditions, by, locked, others, spans) if versus else None
    cells = {k: _lock_cells(now.rows.get(k) or Locked()) for k in ({**now.rows, **then.rows} if then else now.rows)}
    total, dims = _lock_cells(now.total), now.dimensions or (then.dimensions if then else [])
    if then:
        compared = ("count", "forecast", "slip_rate")
        for k, row in cells.items():
            row |= before(row, _lock_cells(then.rows[k]) if k in then.rows else None, compared, "slip_rate")
        total |= before(total, _lock_cells(then.total), compared, "slip_rate")
    made = (
        [{"period": s.name, **cells[s.name,]} for s in spans if (s.name,) in cells]
        if by == "period"
        else rows_of(store, dims, [(k, float(o["forecast"]), o) for k, o in cells.items()], now.order)
    )
    names = say("{name} to {name2}", name=now.known[0].name, name2=now.known[-1].name) if now.known else last.name
    title = heading(store, say("Slip rate, {names}, locked {locked} into each period", names=names, locked=locked), None, by)
    title = title.replace("\n", f"\nAgainst {others[0].name} to {others[-1].name}\n", 1) if others else title
    early = now.early + (then.early if then else 0)
    notes = (
        [say("{early} period{s} left out: the history of the deals begins later", early=early, s="s" if early > 1 else "")] if early else []
    )
    notes += [WEAKNESS] if any(r["weak"] for r in made) else []
    more: dict[str, Any] = {"periods": [_json(s) for s in now.known]}
    if then:
        more["versus"] = [_json(s) for s in then.known]
    more |= {"locked": locked, "currency": store.currency, "left_out": {"periods_before_history": early}}
    shown = [("period", "")] if by == "period" else columns(dims, format)
    figures = LOCKED + COMPARED if then else LOCKED
    return Table(shown, figures, made, total, store.currency, title, notes, more, mark=_starred)


def _others(store: Store, spans: list[Period], versus: str) -> list[Period]:
    """The periods that ended ones are compared with, one for each. Raises UsageError, BadValue."""
    from sfa.commands.forecast.accuracy import last_spans
    from sfa.sales.comparison import PREVIOUS, compared

    first = versus.strip().lower() == PREVIOUS
    return last_spans(store, compared(spans[0 if first else -1], versus, store.calendar).whole_other, len(spans))


def _fates(store: Store, conditions: list[Condition], by: str, locked: str, spans: list[Period], shown: list[Period]) -> Fates:
    """What became of the deals that were in the forecast of each period, in the rows of the periods that they are shown at."""
    from sfa.commands.forecast.accuracy import locked_day, locked_moment
    from sfa.sales.rollup import slicer
    from sfa.sales.slippage import Locked
    from sfa.store.queries import slippage as query
    from sfa.store.queries.forecast import Ask, fiscal

    made = Fates({}, Locked(), [], 0, [], ())
    for span, beside in zip(spans, shown, strict=True):
        moment = locked_moment(store, locked_day(store, span, locked))
        if moment is None:
            made = made._replace(early=made.early + 1)
            continue
        made.known.append(span)
        found = query.locked(store, "rep" if by == "period" else by, Ask(span, conditions), moment)
        by_rows = slicer([d.name for d in found.dimensions], found.people, {d.owner for d in found.deals}, fiscal(store, beside))
        order = by_rows.lines.order if by_rows.names[0] == "manager" else ()
        made = made._replace(dimensions=apart(found.dimensions, LOCKED + COMPARED), order=order)
        if by == "period":
            made.rows.setdefault((beside.name,), Locked())
        for values, d in aligned(store, found.dimensions, [(d.values, d) for d in found.deals], beside, span):
            made.total.add(d.fate, d.amount)
            for key in [(beside.name,)] if by == "period" else by_rows.rows_of(values):
                made.rows.setdefault(key, Locked()).add(d.fate, d.amount)
    return made


def _json(span: Period) -> dict[str, str]:
    return {"name": span.name, "start": span.start.isoformat(), "end": span.end.isoformat()}


def _lock_cells(o: Locked) -> dict[str, Any]:
    from sfa.sales.slippage import FATES, LOST, REMOVED, SLIPPED, WON
    from sfa.sales.statistics import WEAK, ratio, wilson

    missed = o.deals - o.count[WON]
    low, high = wilson(missed, o.deals) or (None, None)
    out: dict[str, Any] = {"count": o.deals, "forecast": o.forecast, **o.amount, **{f"{f}_count": o.count[f] for f in FATES}}
    out |= {"slip_rate": o.rate(SLIPPED, LOST, REMOVED), "slipped_rate": o.rate(SLIPPED, REMOVED), "lost_rate": o.rate(LOST)}
    out |= {"slip_rate_by_count": ratio(missed, o.deals), "slip_rate_by_count_low": low, "slip_rate_by_count_high": high}
    return out | {"weak": o.deals < WEAK}
