"""`sfa report winback`: the lost deals that are due to be tried again, a list to work through."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import Explain, Versus, explained, stood
from sfa.commands.session import Session, view
from sfa.commands.tables import Figure, Filters, Table, asked, heading, limited, write
from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales.sheets import Sheet, column

if TYPE_CHECKING:
    from sfa.store.database import Store
    from sfa.store.queries.winback import Lost, Winback

FIGURES = (
    Figure("account", "text", "Account", drop=2),
    Figure("contact", "text", "Contact", drop=4),
    Figure("owner", "text", "Owner", drop=5),
    Figure("lost_amount", "money", "Lost"),
    Figure("reason", "text", "Reason"),
    Figure("competitor", "text", "Competitor", drop=3),
    Figure("closed", "words", "Closed", drop=6),
    Figure("revisit", "words", "Revisit"),
    Figure("days_overdue", "count", "Days due", drop=1),
)


def winback(
    ctx: typer.Context,
    words: Filters = None,
    within: Annotated[str, typer.Option("--within", metavar="TIME", help="Look ahead: 30d, 6w, 3m.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="Look ahead to a day.")] = "",
    versus: Versus = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report the lost deals that are due to be tried again, the largest first.

    A deal that was lost for a recoverable reason has a revisit date (sfa opp lose). It is due on that day; it leaves the list when it is
    reopened, when the date is moved or blanked, and when its account has a newer open or won deal. --versus tells what was
    due on an earlier day.

    Examples:
      sfa report winback is:mine
      sfa report winback --within 90d reason.group:price --json
    """
    from sfa.store.queries import winback as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("winback")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        last = _last(store, within, until)
        found = query.winback(store, last, asked(store, words))
        before = _stood(session, store, last, versus, words) if versus else None
        if chosen in ("table", "md", "html"):
            return _show(store, found, last, words, chosen, [_said(store, found, *before)] if before else [])
        return output.sheet(
            _sheet(store, found, last, _was(store, found, *before) if before else {}), view(store, chosen), as_report=chosen == "json"
        )


winback.words = True  # type: ignore[attr-defined]


def _last(store: Store, within: str, until: str) -> date:
    """The day up to which deals are due: today, or as far ahead as was asked. Raises UsageError, BadValue."""
    from sfa.sales.dates import parse_date
    from sfa.store.queries.scope import calendar

    cal = calendar(store)
    if within and until:
        raise UsageError("--within and --until exclude each other")
    if not within:
        return parse_date(until, cal) if until else cal.today
    if not within[:1].isdigit():
        raise UsageError(
            say("--within {within!r} is no length of time", within=within[:60]), "As in --within 30d, 6w or 3m; --until takes a date."
        )
    return parse_date(f"+{within}", cal)


def _stood(session: Session, store: Store, last: date, versus: str, words: list[str] | None) -> tuple[Winback, date]:
    """What was due on the day that `--versus` names, as far ahead as is looked now; and that day."""
    from sfa.store.queries import winback as query
    from sfa.store.queries.scope import calendar

    with stood(session, store, None, versus) as (past, _, day):
        return query.winback(past, day + (last - calendar(store).today), asked(past, words)), day


def _was(store: Store, found: Winback, then: Winback, day: date) -> dict[str, Any]:
    """What was due on the other day, as JSON."""
    from sfa.sales import money

    amount = {"amount": money.text(_sum(then), store.currency), "currency": store.currency}
    return {"versus": {"as_of": day.isoformat(), "due": len(then.deals), "lost_amount": amount, "still_due": _still(found, then)}}


def _said(store: Store, found: Winback, then: Winback, day: date) -> str:
    """What was due on the other day, for people."""
    from sfa.sales.money import human

    left = (
        say(", {amount}; {still:,} of them still are", amount=human(_sum(then), store.currency), still=_still(found, then))
        if then.deals
        else ""
    )
    return say("On {day} {count:,} were due{left}", day=day, count=len(then.deals), left=left)


def _still(found: Winback, then: Winback) -> int:
    return len({d.id for d in found.deals} & {d.id for d in then.deals})


def _show(store: Store, found: Winback, last: date, words: list[str] | None, format: str, said: list[str]) -> None:
    """The list for people."""
    from sfa.sales.refs import show

    rows = [{**d._asdict(), "ref": show("opportunity", d.id, store.site), "deal": d.name, "lost_amount": d.amount} for d in found.deals]
    days = [_overdue(store, d) for d in found.deals]
    rows = [{**row, "days_overdue": n if n >= 0 else say("in {it}", it=-n)} for row, n in zip(rows, days, strict=True)]
    more = say(", each deal at the rate of the day it was lost") if found.converted else ""
    title = heading(store, "Lost deals to try again", None, last.isoformat(), more=more)
    notes = [*_notes(found, rows), *said]
    if not rows:
        # Nothing but the notes has something to say.
        output.message(together("\n", ["No lost deal is due to be tried again.", *notes]))
        return None
    table = Table([("ref", ""), ("deal", "")], FIGURES, rows, {"lost_amount": _sum(found)}, store.currency, title, notes, {}, wrap=True)
    return write(store, limited(table, words), format)


def _sheet(store: Store, found: Winback, last: date, was: dict[str, Any]) -> Sheet:
    """The list for programs: every field, references with what they refer to."""
    from sfa.store.queries.winback import NAMED

    columns = [column("ref", "self", 0, to="opportunity"), column("deal", "text", 1)]
    columns += [column(field, "ref", 2 + 2 * i, 3 + 2 * i, to=to) for i, (field, to) in enumerate(NAMED)]
    at = 2 + 2 * len(NAMED)
    columns += [column("lost_amount", "money", at, at + 5), column("closed", "date", at + 1), column("revisit", "date", at + 2)]
    columns += [column("days_overdue", "number", at + 3), column("reason_note", "text", at + 4)]
    rows = [(*d[:at], d.amount, d.closed, d.revisit, _overdue(store, d), d.note, store.currency) for d in found.deals]
    total = (*[None] * at, _sum(found), *[None] * 4, store.currency)
    return Sheet(columns, rows, total, extra={**_more(store, last, found), **was})


def _overdue(store: Store, deal: Lost) -> int:
    """Days since the deal is due; below 0 it is still to come."""
    from sfa.store.queries.scope import calendar

    return (calendar(store).today - date.fromisoformat(deal.revisit)).days


def _sum(found: Winback) -> int:
    return sum(d.amount or 0 for d in found.deals)


def _more(store: Store, last: date, found: Winback) -> dict[str, Any]:
    """What stands beside the rows in JSON."""
    from sfa.sales.moments import stamp_text
    from sfa.store.queries import scope

    return {
        "until": last.isoformat(),
        "as_of": stamp_text(scope.now(store)),
        "currency": store.currency,
        "due_later": {"count": found.later, "next": found.next},
        "left_out": {"account_has_newer_deal": found.answered, "recoverable_without_revisit": found.undated},
    }


def _notes(found: Winback, rows: list[dict[str, Any]]) -> list[str]:
    notes = []
    if rows:
        notes.append(say("To take one up again: sfa opp reopen {ref}; to put it off: sfa opp edit {ref} revisit=+3m", ref=rows[0]["ref"]))
    if blank := sum(r["lost_amount"] is None for r in rows):
        notes.append(say("{blank:,} without an amount: last in the list, 0 in the total", blank=blank))
    if found.answered:
        notes.append(say("{answered:,} due but left out: the account has a newer open or won deal", answered=found.answered))
    if found.later:
        notes.append(say("{later:,} due later, the next on {next}: --until {next}", later=found.later, next=found.next))
    if found.undated:
        notes.append(
            say(
                "{undated:,} lost for a recoverable reason without a revisit date: sfa opp edit REF revisit=DATE sets one",
                undated=found.undated,
            )
        )
    return notes
