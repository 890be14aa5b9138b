"""What a person says happened, read: the words and tokens of `sfa log` become an entry, before anything is written."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

from sfa import output
from sfa.errors import Ambiguous, BadValue, NotFound, UsageError
from sfa.messages import say
from sfa.sales import refs, shorthand, values
from sfa.sales.kinds import Kind
from sfa.store import attaching
from sfa.store.database import Store

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


def entry(store: Store, on: Target, kind: str, words: list[str], given: dict[str, str], contacts: list[str], plain: bool) -> Entry:
    """What the words and options say; `contacts` are those named by options. Raises UsageError for no text, for a thing said twice and for
    a date or priority of no next step."""
    field = store.kinds["activity"].field("kind")
    kind, words = (kind, words) if plain else _arranged(store, kind, words)
    text, typed = _text(words)
    said = shorthand.read(typed, store.calendar, field.choices) if typed and not plain else shorthand.Said([typed], [])
    names, told = _people(store, on, said)
    happened, then = shorthand.joined(said.text, names), shorthand.joined(said.next_step, names)
    step = given["next_step"] or then or ((on.record.get("next_step") or FOLLOW_UP) if said.due else "")
    _once(said, given, step if said.due else given["next_step"] or then)
    # Who a pasted text is about needs no words of its own.
    typed_only = any(p.strip() for p in said.text if not isinstance(p, shorthand.Person))
    happened = " ".join(t for t in (happened if typed_only or not text else "", text) if t)
    made = {**given, "kind": kind or said.kind, "text": happened, "next_step": step, **_with(store, on, contacts, [r for _, r in told])}
    made |= {n: given.get(n) or getattr(said, n) for n in ("due", "priority", "duration")}
    made["tags"] = ",".join(t for t in (given.get("tags", ""), *said.tags) if t)
    if not values.clean(happened):
        raise UsageError("the text is missing", "Say what happened, as in: sfa log O-12 call 'Talked to Wei'; - reads stdin.")
    understood = [
        say("{typed} as {ref} {name}", typed=_typed(p), ref=refs.show("contact", r["id"], store.site), name=r["name"]) for p, r in told
    ]
    understood += _understood(store, said, then, step)
    return Entry({k: v for k, v in made.items() if v}, {"amount": said.amount} if said.amount else {}, "", understood)


def _once(said: shorthand.Said, given: dict[str, str], step: str) -> None:
    """Raise where an option and a token say the same thing, or something is said of a next step that there is none of."""
    if (said.next_step and given["next_step"]) or (said.due and given["due"]):
        raise UsageError(
            "the next step or its date is given twice", "Give it as an option or in the text; --plain keeps the text as it is."
        )
    for name in ("priority", "duration"):
        if getattr(said, name) and given.get(name):
            raise UsageError(
                say("the {name} is given twice", name=name), say("Give --{name} or the token; --plain keeps the text as it is.", name=name)
            )
    if given["due"] and not step:
        raise UsageError("--due is the date of a next step", "Add --next 'what is to be done'.")
    if not step and (said.priority or given.get("priority")):
        word = f"!{said.priority}" if said.priority else "--priority"
        raise UsageError(
            say("{word} is the priority of a next step", word=word), "Add -> what is to be done, or +3d; --plain keeps the text as it is."
        )


def _with(store: Store, on: Target, named: list[str], told: list[Record]) -> dict[str, str]:
    """Who took part, by reference: the main contact and the others. Whom it is logged on comes first, then who was named by options."""
    account = _account(on)
    deal = on.record if on.kind.name == "opportunity" else None
    own = [record for kind, record in ((on.kind, on.record), on.through or (on.kind, {})) if kind.name == "contact" and record]
    people = [*own, *(attaching.person(store, text, account, deal) for text in named), *told]
    shown = list(dict.fromkeys(refs.show("contact", p["id"], store.site) for p in people))
    return {"contact": "".join(shown[:1]), "others": ",".join(shown[1:])}


def _account(on: Target) -> int | None:
    found: int | None = on.record["id"] if on.kind.name == "account" else on.record.get("account")
    return found


def _typed(person: shorthand.Person) -> str:
    return f"@{person}"


def _arranged(store: Store, kind: str, words: list[str]) -> tuple[str, list[str]]:
    """(kind, words of the text): tokens may stand before the kind; a sentence in its place is a note, or what #call in it or its
    first word (called, met) says."""
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
    if sentence := shorthand.happened(kind, field.choices):
        return sentence, everything
    return ("note", everything) if " " in kind.strip() else (kind, words)


def _text(words: list[str]) -> tuple[str, str]:
    """(text from stdin, text typed): the words, stdin for a lone dash; at a terminal without any a person's editor or answer."""
    if not words and output.interactive():
        from sfa.commands import editor

        if editor.chosen():
            return "", editor.asked(
                "\n# What happened. Lines with # are left out; an empty text logs nothing.\n"
                "# @wei @anna 45m #pricing -> send quote +fri !high\n"
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
    found = []
    for p in said.people:
        try:
            found.append((p, attaching.person(store, p.name, _account(on), on.record if on.kind.name == "opportunity" else None)))
        except (NotFound, Ambiguous) as error:
            error.hint = say("{hint} --plain keeps {typed} as text.", hint=error.hint, typed=_typed(p))
            raise
    return {p: record["name"] for p, record in found}, found


def _understood(store: Store, said: shorthand.Said, then: str, step: str) -> list[str]:
    """The tokens besides people, each with what it means here."""
    out = [say("-> as the next step {then}", then=values.quoted(then))] if then else []
    for role, token in said.tokens:
        if role == "due":
            from datetime import date

            out.append(
                say("{token} as due {day:%a} {due}", token=token, day=date.fromisoformat(said.due[:10]), due=said.due)
                + ("" if then else say(" ({step})", step=step))
            )
        elif role == "priority":
            out.append(say("{token} as the priority of: {step}", token=token, step=step))
        elif role == "duration":
            from sfa.sales.spans import minutes
            from sfa.sales.spans import words as worded

            out.append(say("{token} as {worded} of duration", token=token, worded=worded(minutes(token))))
        elif role == "kind":
            out.append(say("{token} as the kind", token=token))
    return out + [say("#{tag} as a tag", tag=tag) for tag in said.tags]
