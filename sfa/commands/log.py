"""Logging what happened: a call, an e-mail, a visit or a note on any record, with the step that comes next and what it does to the deal."""

from __future__ import annotations

import sys
from typing import Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.nouns import Json, Yes, assignment, differences, tell
from sfa.commands.session import Session
from sfa.errors import Ambiguous, BadValue, NotFound, Refused, UsageError
from sfa.sales import refs, shorthand, values
from sfa.sales.kinds import Kind
from sfa.store import attaching, deals, intake, lookup
from sfa.store.database import Store
from sfa.store.operations import Operation, operation

Record = dict[str, Any]
FOLLOW_UP = "follow up"
"""The next step of a date alone, where the deal has none that it could be the date of."""


class Target(NamedTuple):
    """What is logged on: a record, the account or contact that was named and whose deal it is, the open deals of one that is none itself,
    and whether the deal is its only open one."""

    kind: Kind
    record: Record
    through: tuple[Kind, Record] | None
    others: list[int]
    only: bool = False


class Entry(NamedTuple):
    """What is to be written: the activity's texts, the deal's texts, the stage to move to, the tokens as they were understood."""

    activity: dict[str, str]
    deal: dict[str, str]
    move: str
    understood: list[str]


def command(
    ctx: typer.Context,
    ref: Annotated[
        str, typer.Argument(metavar="REF", help="An account, contact, lead or deal: its reference or name; - for the last one.")
    ],
    kind: Annotated[str, typer.Argument(metavar="KIND", help="call, email, visit or note.")],
    text: Annotated[
        list[str] | None, typer.Argument(metavar="TEXT", help="What happened; - reads it from stdin.", show_default=False)
    ] = None,
    next: Annotated[str, typer.Option("--next", metavar="TEXT", help="The next step; on an opportunity it becomes the deal's.")] = "",
    due: Annotated[str, typer.Option("--due", metavar="DATE", help="When the next step is due.")] = "",
    move: Annotated[str, typer.Option("--move", metavar="VERB|STAGE", help="Move the deal too, as sfa opp VERB does.")] = "",
    deal: Annotated[str, typer.Option("--deal", metavar="REF", help="On which deal; none keeps it on what was named.")] = "",
    when: Annotated[str, typer.Option("--when", metavar="TIME", help="When it happened (default: now).")] = "",
    contact: Annotated[str, typer.Option("--contact", metavar="REF", help="With whom.")] = "",
    plain: Annotated[bool, typer.Option("--plain", help="Keep the text as it is: @, +, # and $ mean nothing.")] = False,
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Log a call, e-mail, visit or note on a record.

    An account or contact named by its name stands for its one open deal. The next step is kept on the deal too; field=value sets other
    fields of it. A new lead becomes one that is worked on.

    Short tokens in the text are understood, and told: @wei (with whom), -> send quote (the next step), +3d or +fri (when it is due),
    '$48k' (the deal's amount, in single quotes), #call (the kind).

    Examples:
      sfa log 'Blue Harbor renewal' call 'Budget approved' --next 'Send quote' --due +3d
      sfa log 'blue harbor' visit 'Showed @wei the meter -> send quote +fri' --deal O-1 --move propose
      sfa log L-1 email 'Sent the brochure' --when 'yesterday 16:00'
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        on = _target(store, ref, deal)
        rest, fields = _fields(store.kinds["opportunity"], [] if plain else text or [])
        rest = text or [] if plain else rest
        entry = _entry(store, on, kind, rest, {"next_step": next, "due": due, "when": when, "contact": contact}, plain)
        entry = entry._replace(deal={**entry.deal, **fields}, move=move)
        _wanted_deal(store, on, entry)
        if move and output.interactive():
            _ask_for_stage(store, on.record, entry)
        with operation(store, session.command) as op:
            number, made, also = _write(op, on, entry)
        tell(store, store.kinds["activity"], number, f"Logged {made['kind']}", json, f" on {_where(store, on)}{also}")
        _after(store, on, entry, made)


def _target(store: Store, ref: str, deal: str) -> Target:
    """The record to log on. Raises for a kind that nothing is logged on and for a lead that was converted."""
    kind, record = attaching.target(store, ref)
    if kind.name not in attaching.ON:
        raise UsageError(f"nothing is logged on a {kind.noun}", f"Name one of: {', '.join(sorted(attaching.ON))}.")
    if kind.name == "lead" and record["converted"]:
        raise Refused("a converted lead is read-only", "Log it on the contact or the opportunity that it became.")
    here, others = (kind, record), attaching.open_deals(store, kind, record)
    opportunity = store.kinds["opportunity"]
    if deal and deal.lower() != "none":
        if kind.name not in ("account", "contact"):
            raise UsageError(f"--deal goes with an account or a contact, not with a {kind.noun}")
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


def _entry(store: Store, on: Target, kind: str, words: list[str], given: dict[str, str], plain: bool) -> Entry:
    """What the words and options say. Raises UsageError for no text and for a date of no next step."""
    field = store.kinds["activity"].field("kind")
    kind, words = (kind, words) if plain else _arranged(store, kind, words)
    text, typed = _text(words)
    said = shorthand.read(typed, store.calendar, field.choices) if typed and not plain else shorthand.Said([typed], [])
    names, told = _people(store, on, said)
    happened, then = shorthand.joined(said.text, names), shorthand.joined(said.next_step, names)
    if (said.next_step and given["next_step"]) or (said.due and given["due"]):
        raise UsageError(
            "the next step or its date is given twice", "Give it as an option or in the text; --plain keeps the text as it is."
        )
    if given["due"] and not given["next_step"] and not then:
        raise UsageError("--due is the date of a next step", "Add --next 'what is to be done'.")
    first = refs.show("contact", told[0][1]["id"], store.site) if told and on.kind.name != "contact" and not given["contact"] else ""
    step = given["next_step"] or then or ((on.record.get("next_step") or FOLLOW_UP) if said.due else "")
    # Who a pasted text is about needs no words of its own.
    typed_only = any(p.strip() for p in said.text if not isinstance(p, shorthand.Person))
    happened = " ".join(t for t in (happened if typed_only or not text else "", text) if t)
    made = {"kind": kind or said.kind, "text": happened, "next_step": step, "due": given["due"] or said.due, "when": given["when"]}
    made["contact"] = given["contact"] or first
    if not values.clean(happened):
        raise UsageError("the text is missing", "Say what happened, as in: sfa log O-12 call 'Talked to Wei'; - reads stdin.")
    understood = [f"{_typed(p)} as {refs.show('contact', r['id'], store.site)} {r['name']}" for p, r in told]
    understood += _understood(store, said, then, step)
    return Entry({k: v for k, v in made.items() if v}, {"amount": said.amount} if said.amount else {}, "", understood)


def _typed(person: shorthand.Person) -> str:
    return f"@{person}"


def _arranged(store: Store, kind: str, words: list[str]) -> tuple[str, list[str]]:
    """(kind, words of the text): tokens may stand before the kind; a sentence in its place is a note, or what #call in it says."""
    field = store.kinds["activity"].field("kind")
    everything = [kind, *words]
    for i, word in enumerate(everything):
        try:
            return values.choose(field, word), everything[:i] + everything[i + 1 :]
        except BadValue:
            if not shorthand.is_token(word, store.calendar, field.choices):
                break
    said = shorthand.read(" ".join(everything), store.calendar, field.choices)
    if said.kind:
        return "", everything
    return ("note", everything) if " " in kind.strip() else (kind, words)


def _text(words: list[str]) -> tuple[str, str]:
    """(text from stdin, text typed): the words, stdin for a lone dash; at a terminal without any a person's editor or answer."""
    if not words and output.interactive():
        from sfa.commands import editor

        if editor.chosen():
            return "", editor.asked(
                "\n# What happened. Lines with # are left out; an empty text logs nothing.\n# @wei -> send quote +fri\n"
            )
        return "", output.ask("What happened")
    read = _stdin() if "-" in words else ""
    return values.clean(read), " ".join(w for w in words if w != "-")


def _stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError("stdin is not UTF-8 text", "Convert it first, as with: iconv -t utf-8") from None


def _people(store: Store, on: Target, said: shorthand.Said) -> tuple[dict[shorthand.Person, str], list[tuple[shorthand.Person, Record]]]:
    """The contacts behind the @ of a text. Raises NotFound and Ambiguous, with the way to keep the word as it is."""
    account = on.record["id"] if on.kind.name == "account" else on.record.get("account")
    found = []
    for p in said.people:
        try:
            found.append((p, attaching.person(store, p.name, account, on.record if on.kind.name == "opportunity" else None)))
        except (NotFound, Ambiguous) as error:
            error.hint = f"{error.hint} --plain keeps {_typed(p)} as text."
            raise
    return {p: record["name"] for p, record in found}, found


def _understood(store: Store, said: shorthand.Said, then: str, step: str) -> list[str]:
    """The tokens besides people, each with what it means here."""
    out = [f"-> as the next step {values.quoted(then)}"] if then else []
    for role, token in said.tokens:
        if role == "due":
            from datetime import date

            out.append(f"{token} as due {date.fromisoformat(said.due):%a} {said.due}" + ("" if then else f" ({step})"))
        elif role == "kind":
            out.append(f"{token} as the kind")
    return out


def _wanted_deal(store: Store, on: Target, entry: Entry) -> None:
    """Raise where the deal is to be changed and there is none, or more than one."""
    if on.kind.name == "opportunity" or not (entry.move or set(entry.deal) - {"amount"} or (entry.deal and on.others)):
        return
    name = lookup.label(on.kind, on.record)
    if on.others:
        raise Ambiguous(
            f"{name} has {len(on.others)} open deals: {attaching.listing(store, on.others)}",
            f"Say which one is changed: --deal {refs.show('opportunity', on.others[0], store.site)}",
        )
    raise Refused(f"{name} has no open deal to change", "Name the deal, or leave --move and field=value out.")


def _ask_for_stage(store: Store, deal: Record, entry: Entry) -> None:
    from sfa.commands.opp import ask_for_stage

    ask_for_stage(store.kinds["opportunity"], intake.stage(store, entry.move, deal["pipeline"]), deal, entry.deal)


def _write(op: Operation, on: Target, entry: Entry) -> tuple[int, Record, str]:
    """Write the activity and what follows from it; returns its id, its values, what else was changed in words."""
    store, activity = op.store, op.store.kinds["activity"]
    account = on.record["id"] if on.kind.name == "account" else on.record.get("account")
    links = {on.kind.name: on.record["id"]}
    if on.through and on.through[0].name == "contact" and "contact" not in entry.activity:
        links["contact"] = on.through[1]["id"]
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
    return (", and set the deal's next step" if step else "") + (f"; {said}" if said else "")


def _where(store: Store, on: Target) -> str:
    where = f"{refs.show(on.kind.name, on.record['id'], store.site)} {lookup.label(on.kind, on.record)}"
    return f"{where}, {'the open' if on.only else 'a'} deal of {lookup.label(*on.through)}" if on.through else where


def _after(store: Store, on: Target, entry: Entry, made: Record) -> None:
    """What a person should know afterwards: how tokens were read, which deal it may be about, a date that is to come."""
    from sfa.sales.moments import stamp_text

    understood = list(entry.understood)
    if "amount" in entry.deal and entry.deal["amount"][0] in "$€£¥₹":
        understood.append(
            f"{entry.deal['amount']} as " + ("the deal's amount" if on.kind.name == "opportunity" else "text: there is no open deal")
        )
    if understood:
        output.message(f"Read {'; '.join(understood)}.")
    if on.others:
        first = refs.show("opportunity", on.others[0], store.site)
        output.message(f"Its open deals: {attaching.listing(store, on.others)}. For one of them: --deal {first}")
    if (made.get("when") or "") > stamp_text(store.calendar.now):
        output.warning("this is in the future; a plan is better logged with --next and --due")
