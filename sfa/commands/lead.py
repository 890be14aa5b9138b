"""Leads: the common verbs, qualifying and disqualifying, and converting into account, contact and opportunity."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.grouping import for_kind
from sfa.commands.nouns import Json, Words, Yes, assigning, differences, split, tell, verbs
from sfa.commands.session import Session
from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales import values
from sfa.sales.kinds import Kind
from sfa.store import deals, intake, lookup
from sfa.store.database import Store
from sfa.store.operations import operation

Record = dict[str, Any]
Ref = Annotated[str, typer.Argument(metavar="REF", help="A reference such as L-12, or a name or part of one.")]


def assignments(kind: Kind, words: list[str] | None) -> dict[str, str]:
    """The field=value words. Raises UsageError for any other word."""
    rest, assigned = split(kind, words)
    if rest:
        raise UsageError(say("{rest} has no place here", rest=values.quoted(rest[0])), "Give fields as field=value or as options.")
    return assigned


def _set_status(session: Session, ref: str, status: str, words: list[str] | None, fields: dict[str, str], json: bool) -> None:
    """Give a lead its status and fields in one operation, and say so."""
    with session.store(write=True) as store:
        kind = store.kinds["lead"]
        with operation(store, session.command) as op:
            before = lookup.find(store, kind, ref)
            given = {**intake.stored(store, kind, {**assignments(kind, words), **fields}, before), "status": status}
            if status == "qualified" and "reason" not in given:
                given["reason"] = None
            changed = deals.change(op, kind, before, given)
        if not changed:
            return output.message(say("Nothing to change: {label} is {status} already.", label=lookup.label(kind, before), status=status))
        tell(store, kind, before["id"], status.capitalize(), json, ": " + differences(store, kind, before, changed))
    return None


def qualify(
    ctx: typer.Context,
    kind: Kind,
    ref: Ref,
    words: Words = None,
    json: Json = False,
    yes: Yes = False,
    fields: dict[str, str] | None = None,
) -> None:
    """Qualify a lead: it is worth selling to.

    Other fields can be set in the same breath. A reason for an earlier disqualification goes.

    Examples:
      sfa lead qualify L-1 --rating hot
      sfa lead qualify 'Mary Cole' title='Head of Buying'
    """
    _set_status(ctx.obj, ref, "qualified", words, fields or {}, json)


def disqualify(
    ctx: typer.Context,
    ref: Ref,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in your own words.")] = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Disqualify a lead: nothing is to be sold there.

    Examples:
      sfa lead disqualify L-1 --reason 'student, no budget'
      sfa lead disqualify 'Mary Cole' --reason 'left the company'
    """
    if not reason and output.interactive():
        reason = output.ask("Reason")
    _set_status(ctx.obj, ref, "disqualified", None, {"reason": reason} if reason else {}, json)


def convert(
    ctx: typer.Context,
    ref: Ref,
    words: Annotated[list[str] | None, typer.Argument(metavar="[FIELD=VALUE]...", show_default=False)] = None,
    account: Annotated[
        str, typer.Option("--account", metavar="REF", help="The account it belongs to; with --new-account the new one's name.")
    ] = "",
    contact: Annotated[str, typer.Option("--contact", metavar="REF", help="The contact that the person is already.")] = "",
    new_account: Annotated[bool, typer.Option("--new-account", help="Make a new account whatever matches.")] = False,
    new_contact: Annotated[bool, typer.Option("--new-contact", help="Make a new contact whatever matches.")] = False,
    opp: Annotated[str, typer.Option("--opp", metavar="NAME", help="The opportunity's name (default: the account's).")] = "",
    no_opp: Annotated[bool, typer.Option("--no-opp", help="Make no opportunity.")] = False,
    amount: Annotated[str, typer.Option("--amount", metavar="MONEY", help="The opportunity's amount.")] = "",
    close: Annotated[
        str, typer.Option("--close", metavar="DATE", help="Its expected close date (default: the end of the fiscal quarter).")
    ] = "",
    stage: Annotated[str, typer.Option("--stage", metavar="STAGE", help="Its stage (default: the pipeline's first).")] = "",
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="The contact's role on it, such as champion.")] = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Convert a lead into an account, a contact and an opportunity.

    An account of that name and a contact with that e-mail are taken and their blanks filled; otherwise new ones are made. Where it is not
    sure, nothing is written and the choices are listed. Words such as product='Flow Meter' set fields of the opportunity. Open next steps
    move along; the lead becomes read-only. `sfa undo` takes all of it back.

    Examples:
      sfa lead convert L-1 --amount 12k --role decision_maker
      sfa lead convert 'Mary Cole' --account 'Blue Harbor' --no-opp
    """
    from sfa.store import leads

    session: Session = ctx.obj
    texts = {k: v for k, v in (("name", opp), ("amount", amount), ("close", close), ("stage", stage)) if v}
    _check_options(account, contact, new_account, new_contact, no_opp, bool(texts or words or role))
    with session.store(write=True) as store:
        kind, deal = store.kinds["lead"], store.kinds["opportunity"]
        texts = {**assignments(deal, words), **texts}
        with operation(store, session.command) as op:
            lead = lookup.find(store, kind, ref)
            wish = leads.Wish(
                lookup.find(store, store.kinds["account"], account) if account and not new_account else None,
                lookup.find(store, store.kinds["contact"], contact) if contact else None,
                new_account,
                new_contact,
                values.clean(account) if new_account else "",
                None if no_opp else intake.stored(store, deal, texts),
                intake.role(store, role),
            )
            done = leads.convert(op, lead, wish)
        tell(store, kind, lead["id"], "Converted", json, _became(store, done))
        _warn(store, done.opportunity)


def _check_options(account: str, contact: str, new_account: bool, new_contact: bool, no_opp: bool, about_opp: bool) -> None:
    if contact and new_contact:
        raise UsageError("--contact and --new-contact exclude each other")
    if no_opp and about_opp:
        raise UsageError("--no-opp makes no opportunity, so nothing can be said about it")


def _became(store: Store, done: Any) -> str:
    """What a lead became, in words."""
    from sfa.sales.refs import show

    parts = []
    for name, number in (("account", done.account), ("contact", done.contact), ("opportunity", done.opportunity)):
        if number is not None:
            record = lookup.get(store, name, number) or {}
            called = {"noun": name, "ref": show(name, number, store.site), "label": lookup.label(store.kinds[name], record)}
            new = name in done.made or name == "opportunity"
            parts.append(say("new {noun} {ref} {label}", **called) if new else say("{noun} {ref} {label}", **called))
    if done.activities:
        parts.append(
            say("{activities} open activit{ies} moved along", activities=done.activities, ies="y" if done.activities == 1 else "ies")
        )
    return say(" → {parts}", parts=together(", ", parts))


def _warn(store: Store, opportunity: int | None) -> None:
    from sfa.sales.pipeline import warnings

    if opportunity is not None:
        for text in warnings(lookup.get(store, "opportunity", opportunity) or {}, store.calendar.today.isoformat()):
            output.warning(text)


COMMANDS = {
    **verbs(
        "lead",
        {
            "add": "sfa lead add 'Jo Park' --company 'Delta Foods' --email jo@deltafoods.example --source web\n"
            "sfa lead add first_name=Ana last_name=Silva company='Porto Mills' rating=hot",
            "list": "sfa lead list is:open owner:me --sort -created\n"
            "sfa lead list status:new source:web -email:none --columns ref,name,company,email",
            "show": "sfa lead show 'Mary Cole'\nsfa lead show L-1 --json",
            "edit": "sfa lead edit L-1 rating=hot phone='+44 20 5550 0101'\n"
            "sfa lead edit status:new company~foods owner='Ben Okafor' --yes",
            "delete": "sfa lead delete L-1 --yes\nsfa lead delete 'Mary Cole' --dry-run",
        },
    ),
    "qualify": for_kind("lead", qualify, skip=("company", "title", "email", "phone", "country", "source", "status", "owner", "name")),
    "disqualify": disqualify,
    "assign": assigning("lead"),
    "convert": convert,
}
