"""`sfa report stale`: open deals that have been silent for longer than is usual in their stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import Explain, Versus, explained, stood
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, asked, extra, heading, limited, period_of, write
from sfa.messages import say

if TYPE_CHECKING:
    from datetime import date

    from sfa.sales.dates import Period
    from sfa.store.database import Store
    from sfa.store.queries.health import Deal

STALE = (
    Figure("amount", "money", "Amount"),
    Figure("silent_days", "count", "Silent"),
    Figure("usual_days", "count", "Usual"),
    Figure("last_touch", "words", "Last touch", drop=1),
    Figure("touch_kind", "text", "Kind", drop=4),
    Figure("rep", "text", "Rep", drop=2),
    Figure("stage", "text", "Stage", drop=3),
    Figure("next_step", "text", "Next step", drop=6),
    Figure("next_due", "words", "Due", drop=5),
    Figure("usual_from", "text", people=False),
    Figure("usual_n", "count", people=False),
)
COMPARED = (Figure("stale_before", "bool", people=False),)


def stale(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    days: Annotated[int | None, typer.Option("--days", metavar="N", min=0, help="Stale after this many days in every stage.")] = None,
    versus: Versus = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report open deals without an activity or change of stage for longer than usual.

    Usual is learnt stage by stage: 9 of 10 silences of deals that were won were no longer. --days sets it; where fewer than 30 silences are
    known the setting health_silent_days holds. The largest amount first. --versus tells how many were stale on the day that it names, or
    as far into that period as this one is.

    Examples:
      sfa report stale --days 3
      sfa report stale owner:me --period 'this quarter' --format csv
    """
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("stale")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        found = _found(session, store, span if period else None, words, days)
        rows, learnt = found.rows, found.learnt
        rows.sort(key=lambda r: (-r["amount"], -r["silent_days"], r["deal#"]))
        total = {"amount": _sum(found)}
        title = heading(store, "Stale deals", span if period else None, "amount")
        more = {**extra(store, span), "open_deals": found.open, "stale_deals": len(rows), "learnt_from_won_deals": learnt}
        dims = [("deal", "" if chosen in ("table", "md", "html") else "opportunity")]
        notes = _notes(found, days, int(session.settings.get("health_silent_days")))
        if versus:
            with stood(session, store, span if period else None, versus) as (past, due, day):
                then = _found(session, past, due, words, days)
            still = _mark(found, then)
            more["versus"] = _was(store, then, still, due, day)
            notes.append(_said(store, then, still, due, day))
        figures = (*STALE, *COMPARED) if versus else STALE
        table = Table(dims, figures, rows, total if rows else None, store.currency, title, notes, more, mark=_marked)
        return write(store, limited(table, words), chosen)


stale.words = True  # type: ignore[attr-defined]


class Found(NamedTuple):
    """The stale deals among so many open ones, and how many won deals told what is usual."""

    rows: list[dict[str, Any]]
    open: int
    learnt: int


def _found(session: Session, store: Store, span: Period | None, words: list[str] | None, days: int | None) -> Found:
    """The stale deals at the store's moment, those due in a period. Raises Refused for a missing rate: they are added up."""
    from sfa.store.queries import health as query
    from sfa.store.queries import rates, scope

    usual, learnt = query.learn(store)
    deals = query.gather(store, asked(store, words), usual, span)
    names, set_to = query.owners(store), int(session.settings.get("health_silent_days"))
    every = [_row(d, names, days, set_to) for d in deals]
    stale = [(d, r) for d, r in zip(deals, every, strict=True) if r["silent_days"] > r["usual_days"]]
    for deal, _ in stale:
        if deal.currency != store.currency:
            raise rates.missing(store, deal.currency, scope.calendar(store).today.isoformat())
    return Found([r for _, r in stale], len(deals), learnt)


def _mark(found: Found, then: Found) -> int:
    """Mark the deals that were stale at the other moment too; how many they are."""
    before = {r["deal#"] for r in then.rows}
    for row in found.rows:
        row["stale_before"] = row["deal#"] in before
    return sum(r["stale_before"] for r in found.rows)


def _was(store: Store, then: Found, still: int, due: Period | None, day: date) -> dict[str, Any]:
    """What was stale at the other moment, as JSON."""
    from sfa.sales import money

    amount = {"amount": money.text(_sum(then), store.currency), "currency": store.currency}
    period = {"start": due.start.isoformat(), "end": due.end.isoformat()} if due else None
    counts = {"open_deals": then.open, "stale_deals": len(then.rows), "amount": amount, "still_stale": still}
    return {"as_of": day.isoformat(), "period": period, **counts}


def _said(store: Store, then: Found, still: int, due: Period | None, day: date) -> str:
    """What was stale at the other moment, for people."""
    from sfa.sales.dates import describe
    from sfa.sales.money import human

    of = say(" due {describe}", describe=describe(due)) if due else ""
    left = say(", {amount}; {still:,} of them still are", amount=human(_sum(then), store.currency), still=still) if then.rows else ""
    return say(
        "On {day} {count:,} of {open:,} open deals{of} were stale{left}", day=day, count=len(then.rows), open=then.open, of=of, left=left
    )


def _sum(found: Found) -> int:
    return sum(r["amount"] for r in found.rows)


def _row(d: Deal, names: dict[Any, str], days: int | None, set_to: int) -> dict[str, Any]:
    f = d.facts
    learnt = f.usual.silence if days is None else None
    return {
        "deal": d.name,
        "deal#": d.id,
        "amount": d.amount,
        "silent_days": f.silent,
        "usual_days": days if days is not None else set_to if learnt is None else learnt,
        "usual_from": "option" if days is not None else "setting" if learnt is None else "won deals",
        "usual_n": f.usual.silences if learnt is not None else None,
        "last_touch": f.last_touch,
        "touch_kind": d.touch_kind,
        "rep": names.get(d.owner),
        "stage": f.stage,
        "next_step": f.next_step,
        "next_due": f.step_due,
    }


def _marked(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return shown + "*" if figure.name == "usual_days" and row.get("usual_from") == "setting" else shown


def _notes(found: Found, days: int | None, set_to: int) -> list[str]:
    notes = [say("{count:,} of {open:,} open deals", count=len(found.rows), open=found.open)]
    if days is None:
        notes[0] += say("; what is usual was learnt from {learnt:,} won deals", learnt=found.learnt)
    if any(r["usual_from"] == "setting" for r in found.rows):
        notes.append(say("* too few won deals to learn from: the setting health_silent_days, {set_to}", set_to=set_to))
    return notes
