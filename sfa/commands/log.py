"""Logging what happened: a call, an e-mail, a visit or a note on any record, with the step that comes next."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import Json, Yes, tell
from sfa.commands.session import Session
from sfa.errors import Refused, UsageError
from sfa.sales import refs, values
from sfa.sales.kinds import Kind
from sfa.store import deals, intake, lookup
from sfa.store.database import Store
from sfa.store.operations import Operation, operation

Record = dict[str, Any]
ON = ("account", "contact", "lead", "opportunity")
"""Kinds of records that something can be logged on."""


def command(
    ctx: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="An account, contact, lead or opportunity: its reference or name.")],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="call, email, visit or note.")],
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="What happened; - reads it from stdin.", show_default=False)
    ] = None,
    next: Annotated[str, typer.Option("--next", metavar="TEXT", help="The next step; on an opportunity it becomes the deal's.")] = "",
    due: Annotated[str, typer.Option("--due", metavar="DATE", help="When the next step is due.")] = "",
    when: Annotated[str, typer.Option("--when", metavar="TIME", help="When it happened (default: now).")] = "",
    contact: Annotated[str, typer.Option("--contact", metavar="REF", help="With whom.")] = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Log a call, e-mail, visit or note on a record.

    The next step of a deal is kept on the deal too. A new lead becomes one that is worked on.

    Examples:
      sfa log 'Blue Harbor renewal' call 'Budget approved' --next 'Send quote' --due +3d
      sfa log L-1 email 'Sent the brochure' --when 'yesterday 16:00'
    """
    session: Session = ctx.obj
    if due and not next:
        raise UsageError("--due is the date of a next step", "Add --next 'what is to be done'.")
    given = {"text": _text(text), "next_step": next, "due": due, "when": when, "contact": contact}
    with session.store(write=True) as store:
        activity, texts = store.kinds["activity"], {"kind": kind, **{k: v for k, v in given.items() if v}}
        with operation(store, session.command) as op:
            on, record = lookup.any_kind(store, ref)
            made = {**intake.stored(store, activity, texts, {"account": _account(on, record)}), **_on(on, record)}
            number = deals.add(op, activity, made)
            also = _consequences(op, on, record, made)
        where = f"{refs.show(on.name, record['id'], store.site)} {lookup.label(on, record)}"
        tell(store, activity, number, f"Logged {made['kind']}", json, f" on {where}{also}")
        _warn(store, made)


def _text(words: list[str] | None) -> str:
    """What happened: the words, stdin for a lone dash, or a person's answer. Raises UsageError for nothing."""
    text = " ".join(words or [])
    if text == "-":
        text = _stdin()
    elif not text and output.interactive():
        text = output.ask("What happened")
    if not values.clean(text):
        raise UsageError("the text is missing", "Say what happened, as in: sfa log O-12 call 'Talked to Wei'; - reads stdin.")
    return text


def _stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("stdin is not UTF-8 text", "Convert it first, as with: iconv -t utf-8") from None


def _account(on: Kind, record: Record) -> int | None:
    return record["id"] if on.name == "account" else record.get("account")


def _on(on: Kind, record: Record) -> Record:
    """The activity's link to the record. Raises for a kind that nothing is logged on and for a lead that was converted."""
    if on.name not in ON:
        raise UsageError(f"nothing is logged on a {on.noun}", f"Name one of: {', '.join(ON)}.")
    if on.name == "lead" and record["converted"]:
        raise Refused("a converted lead is read-only", "Log it on the contact or the opportunity that it became.")
    return {on.name: record["id"]}


def _consequences(op: Operation, on: Kind, record: Record, activity: Record) -> str:
    """What logging changes on the record itself, in words: a deal's next step, a new lead's status."""
    if on.name == "opportunity" and activity.get("next_step"):
        deals.change(op, on, record, {"next_step": activity["next_step"]})
        return ", and set the deal's next step"
    if on.name == "lead" and record["status"] == "new":
        deals.change(op, on, record, {"status": "working"})
        return "; the lead is being worked on now (status working)"
    return ""


def _warn(store: Store, activity: Record) -> None:
    from sfa.sales.moments import stamp_text

    if (activity.get("when") or "") > stamp_text(store.calendar.now):
        output.warning("this is in the future; a plan is better logged with --next and --due")
