"""Logging what happened: a call, an e-mail, a visit or anything else on any record, with the step that comes next and what it does to the
deal. What a person said is read in `saying.py`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands import planned, saying
from sfa.commands.nouns import Json, Yes, assignment, differences, tell
from sfa.commands.saying import Entry, Target
from sfa.commands.session import Session
from sfa.errors import Ambiguous, Refused, UsageError
from sfa.messages import say, together
from sfa.sales import refs
from sfa.sales.kinds import ACTIVITY_KINDS, ACTIVITY_OUTCOMES, Kind
from sfa.store import attaching, deals, intake, lookup
from sfa.store.database import Store
from sfa.store.operations import Operation, operation

Record = dict[str, Any]


def command(
    ctx: typer.Context,
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="An account, contact, lead or deal: its reference or name; - for the last one.")
    ],
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="call, email, visit, meeting, letter, fax, web, chat, event or note.", show_default=False)
    ] = "",
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="What happened; - reads it from stdin.", show_default=False)
    ] = None,
    next: Annotated[str, typer.Option("--next", metavar="TEXT", help="The next step; on an opportunity it becomes the deal's.")] = "",
    due: Annotated[str, typer.Option("--due", metavar="DATE", help="When the next step is due: a day, or 'fri 10:00'.")] = "",
    priority: Annotated[str, typer.Option("--priority", metavar="CHOICE", help="Of the next step: high, normal, low.")] = "",
    move: Annotated[str, typer.Option("--move", metavar="VERB|STAGE", help="Move the deal too, as sfa opp VERB does.")] = "",
    deal: Annotated[str, typer.Option("--deal", metavar="REF", help="On which deal; none keeps it on what was named.")] = "",
    when: Annotated[str, typer.Option("--when", metavar="TIME", help="When it happened (default: now).")] = "",
    contact: Annotated[
        list[str] | None, typer.Option("--contact", metavar="REF", help="With whom; once for each, the main one first.")
    ] = None,
    duration: Annotated[str, typer.Option("--duration", metavar="TIME", help="How long it took: 45m, 1h30.")] = "",
    outcome: Annotated[
        str, typer.Option("--outcome", metavar="CHOICE", help=f"How it ended: {', '.join(o.replace('_', ' ') for o in ACTIVITY_OUTCOMES)}.")
    ] = "",
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="WORD", help="A word to find it by; once for each.")] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Keep the text as it is: @, +, # and $ mean nothing.")] = False,
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Log a call, e-mail, visit or anything else that happened on a record.

    A sentence that begins with what happened needs no kind: 'called, wants the quote'. An account or contact named by its name stands for
    its one open deal. The next step is kept on the deal too; field=value sets other fields of it. A new lead becomes one that is worked on.

    Short tokens in the text are understood, and told: @wei @anna (with whom), -> send quote (the next step), +3d or +fri 10:00 (when it
    is due), !high (how urgent it is), '$48k' (the deal's amount), 45m or 1h30 (how long it took), #call (the kind), #pricing (a tag). In
    single quotes: the shell has a meaning for $ and ! of its own.

    Whoever wants no calls, e-mails, letters, messages or visits, or is not to be contacted, is named in a warning. So is what else there is
    at the hour of the next step, and a due day that nobody works on.

    Examples:
      sfa log 'Blue Harbor renewal' call 'Budget approved' --next 'Send quote' --due +3d
      sfa log 'blue harbor' visit 'Showed @wei the meter -> send quote +fri' --deal O-1 --move propose
      sfa log 'blue harbor' meeting 'Prices #pricing 1h30' --contact wei --outcome positive
      sfa log L-1 email 'Sent the brochure' --when 'yesterday 16:00'
    """
    session: Session = ctx.obj
    _in_order(ref, kind, text or [])
    kind = kind or _asked(ref)
    with session.store(write=True) as store:
        on = _target(store, ref, deal)
        rest, fields = _fields(store.kinds["opportunity"], [] if plain else text or [])
        rest = text or [] if plain else rest
        given = {"next_step": next, "due": due, "when": when, "priority": priority, "duration": duration, "outcome": outcome}
        entry = saying.entry(store, on, kind, rest, {**given, "tags": ",".join(tag or [])}, contact or [], plain)
        entry = entry._replace(deal={**entry.deal, **fields}, move=move)
        _wanted_deal(store, on, entry)
        if move and output.interactive():
            _ask_for_stage(store, on.record, entry)
        with operation(store, session.command) as op:
            number, made, also = _write(op, on, entry)
        tell(
            store,
            store.kinds["activity"],
            number,
            say("Logged {kind}", kind=made["kind"]),
            json,
            say(" on {where}{also}", where=_where(store, on), also=also),
        )
        _after(store, on, entry, number, made)


def _in_order(ref: str, kind: str, text: list[str]) -> None:
    """Raise UsageError with the line in its order where what happened stands before whom it was with: `log call acme …`."""
    import shlex

    if ref.lower() in ACTIVITY_KINDS and kind and kind.lower() not in ACTIVITY_KINDS:
        raise UsageError(say("name the record first, then {kind}", kind=ref.lower()), f"sfa log {shlex.join([kind, ref.lower(), *text])}")


def _asked(ref: str) -> str:
    """What kind of thing happened, where only the record was named. Raises UsageError with the whole line where nobody can be asked."""
    if not output.interactive():
        import shlex

        raise UsageError("say what happened", f"sfa log {shlex.quote(ref)} call 'Talked to Wei'")
    return output.ask("Call, email, visit, meeting or note") or "note"


def _target(store: Store, ref: str, deal: str) -> Target:
    """The record to log on. Raises for a kind that nothing is logged on and for a lead that was converted."""
    kind, record = attaching.target(store, ref)
    if kind.name not in attaching.ON:
        raise UsageError(
            say("nothing is logged on a {noun}", noun=kind.noun), say("Name one of: {on}.", on=together(", ", sorted(attaching.ON)))
        )
    if kind.name == "lead" and record["converted"]:
        raise Refused("a converted lead is read-only", "Log it on the contact or the opportunity that it became.")
    here, others = (kind, record), attaching.open_deals(store, kind, record)
    opportunity = store.kinds["opportunity"]
    if deal and deal.lower() != "none":
        if kind.name not in ("account", "contact"):
            raise UsageError(say("--deal goes with an account or a contact, not with a {noun}", noun=kind.noun))
        return Target(opportunity, attaching.deal_of(store, deal, others), here, [])
    if len(others) == 1 and not deal and not refs.parse(ref, store.site):
        found = lookup.get(store, opportunity.name, others[0])
        assert found is not None
        return Target(opportunity, found, here, [], only=True)
    return Target(kind, record, None, [] if deal or refs.parse(ref, store.site) else others)


def _fields(deal: Kind, words: list[str]) -> tuple[list[str], dict[str, str]]:
    """The words of the text, and what `field=value` sets on the deal; other words with = are text."""
    found = [(word, assignment(deal, word)) for word in words]
    return [word for word, set_ in found if not set_], dict(set_ for _, set_ in found if set_)


def _wanted_deal(store: Store, on: Target, entry: Entry) -> None:
    """Raise where the deal is to be changed and there is none, or more than one."""
    if on.kind.name == "opportunity" or not (entry.move or set(entry.deal) - {"amount"} or (entry.deal and on.others)):
        return
    name = lookup.label(on.kind, on.record)
    if on.others:
        raise Ambiguous(
            say("{name} has {count} open deals: {listing}", name=name, count=len(on.others), listing=attaching.listing(store, on.others)),
            say("Say which one is changed: --deal {ref}", ref=refs.show("opportunity", on.others[0], store.site)),
        )
    raise Refused(say("{name} has no open deal to change", name=name), "Name the deal, or leave --move and field=value out.")


def _ask_for_stage(store: Store, deal: Record, entry: Entry) -> None:
    from sfa.commands.opp import ask_for_stage

    ask_for_stage(store, store.kinds["opportunity"], intake.stage(store, entry.move, deal["pipeline"]), deal, entry.deal)


def _write(op: Operation, on: Target, entry: Entry) -> tuple[int, Record, str]:
    """Write the activity and what follows from it; returns its id, its values, what else was changed in words."""
    store, activity = op.store, op.store.kinds["activity"]
    account = on.record["id"] if on.kind.name == "account" else on.record.get("account")
    links = {on.kind.name: on.record["id"]}
    made = {**intake.stored(store, activity, entry.activity, {"account": account}), **links}
    number = deals.add(op, activity, made)
    return number, made, _consequences(op, on, made, entry)


def _consequences(op: Operation, on: Target, activity: Record, entry: Entry) -> str:
    """What logging changes on the record itself, in words: a deal's next step, amount and stage, a new lead's status."""
    store = op.store
    if on.kind.name == "lead" and on.record["status"] == "new":
        deals.change(op, on.kind, on.record, {"status": "working"})
        return "; the lead is being worked on now (status working)"
    if on.kind.name != "opportunity":
        return ""
    before = lookup.get(store, on.kind.name, on.record["id"]) or on.record
    given = intake.stored(store, on.kind, entry.deal, before)
    step = {"next_step": activity["next_step"]} if activity.get("next_step") else {}
    if entry.move:
        given["stage"] = intake.stage(store, entry.move, before["pipeline"])["id"]
    changed = deals.change(op, on.kind, before, {**step, **given})
    said = differences(store, on.kind, before, {k: v for k, v in changed.items() if k not in step})
    return (", and set the deal's next step" if step else "") + (say("; {said}", said=said) if said else "")


def _where(store: Store, on: Target) -> str:
    where = f"{refs.show(on.kind.name, on.record['id'], store.site)} {lookup.label(on.kind, on.record)}"
    return (
        say("{where}, {word} deal of {label}", where=where, word="the open" if on.only else "a", label=lookup.label(*on.through))
        if on.through
        else where
    )


def _after(store: Store, on: Target, entry: Entry, number: int, made: Record) -> None:
    """What a person should know afterwards: how tokens were read, which deal it may be about, whom it was with against their wishes, what
    else there is at that hour, a date that is to come."""
    from sfa.sales.moments import stamp_text

    understood = list(entry.understood)
    if "amount" in entry.deal and entry.deal["amount"][0] in "$€£¥₹":
        understood.append(
            say("{amount} as ", amount=entry.deal["amount"])
            + ("the deal's amount" if on.kind.name == "opportunity" else "text: there is no open deal")
        )
    if understood:
        output.message(say("Read {understood}.", understood=together("; ", understood)))
    if on.others:
        first = refs.show("opportunity", on.others[0], store.site)
        output.message(
            say("Its open deals: {listing}. For one of them: --deal {first}", listing=attaching.listing(store, on.others), first=first)
        )
    _wishes(store, on, made)
    planned.tell(store, store.kinds["activity"], number)
    if (made.get("when") or "") > stamp_text(store.calendar.now):
        output.warning("this is in the future; a plan is better logged with --next and --due")


def _wishes(store: Store, on: Target, made: Record) -> None:
    """Warn where somebody does not want what was done, and say what those prefer who want it otherwise."""
    from sfa.sales.wishes import preference, refusal
    from sfa.store import wishes

    people = [("contact", n) for n in (made.get("contact"), *made.get("others", ())) if n]
    for kind, number in [("lead", on.record["id"])] if on.kind.name == "lead" else people:
        who = wishes.of(store, kind, number)
        if who is None:
            continue
        if said := refusal(who, made["kind"]):
            output.warning(said)
        elif who.channel and who.channel != made["kind"] and made["kind"] != "note":
            output.message(say("{name} {preference}.", name=who.name, preference=preference(who)))
