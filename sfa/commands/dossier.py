"""`sfa export person`: all that is held about one person, in one folder, for the person who asks: JSON for programs, a page to read."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sfa import output
from sfa.commands.history import find as find_record
from sfa.commands.history import stamp, worded
from sfa.commands.session import Session
from sfa.errors import Declined, NotFound, UsageError
from sfa.messages import say, together
from sfa.sales import refs
from sfa.sales.values import clean
from sfa.store import dossier, erase, history, participants, persons
from sfa.store.database import Store

DATA, PAGE = "person.json", "person.md"


def export(session: Session, words: list[str], folder: str, yes: bool) -> None:
    """Write all that is held about the person that `words` name into a new folder; whole or not at all."""
    if len(words) != 1:
        raise UsageError("name the person", "sfa export person REF|EMAIL --output FOLDER")
    if not folder:
        raise UsageError("a person's data go into a folder", "Add --output FOLDER.")
    from json import dumps

    with session.store() as store:
        found = _find(store, words[0])
        who = erase.together(erase.person(store, *r) for r in found.certain)
        told = gathered(store, who)
        with _folder(folder, yes) as inside:
            _write(os.path.join(inside, DATA), dumps(told, ensure_ascii=False, indent=2) + "\n")
            _write(os.path.join(inside, PAGE), "\n".join(page(told)) + "\n")
        for record, because in found.likely:
            output.warning(
                say(
                    "{named} may be the same person ({because} agree) and is not in it",
                    named=persons.named(store, record),
                    because=together(", ", because),
                )
            )
        names = ", ".join(refs.show(*r, store.site) for r in who.records)
        many = len(who.activities)
        logged = say(" with {many:,} activit{ies}", many=many, ies="ies" if many > 1 else "y") if many else ""
        output.message(say("Wrote {names}{logged} to {folder}", names=names, logged=logged, folder=folder))


def _find(store: Store, text: str) -> persons.Found:
    """The person: by reference, a deleted one too, else by e-mail, phone or name."""
    given = refs.parse(text, store.site)
    if given:
        kind, number = find_record(store, text, erase.PERSONS)
        if kind.name not in erase.PERSONS:
            raise UsageError(say("{ref} is not a person", ref=refs.show(kind.name, number, store.site)), "Contacts, leads and users are.")
        return persons.grown(store, [(kind.name, number)])
    if not clean(text):
        raise NotFound("an empty text names nobody")
    return persons.find(store, text)


def gathered(store: Store, who: erase.Person) -> dict[str, Any]:
    """All that is held, as JSON: values as people see them, references by name."""
    return {
        "made": stamp(store.now_ms),
        "records": [_record(store, *r) for r in who.records],
        "activities": [_record(store, "activity", n) for n in who.activities],
        "opportunities": [_deal(store, n, role) for n, role in dossier.deals(store, who.records)],
        "opt_outs": [
            {"record": refs.show(*r, store.site), "channel": f.name.removeprefix("opt_out_"), "given": value, "recorded": stamp(at)}
            for r in who.records
            for f, value, at in dossier.optouts(store, r)
        ],
        "origin": [
            {"record": refs.show(*r, store.site), "when": stamp(o.at), "who": o.actor, "command": o.command, "first": o.first}
            for r in who.records
            for o in dossier.origins(store, r)
        ],
        "mentions": [{"record": refs.show(k, n, store.site), "field": f, "text": t} for k, n, f, t in dossier.mentions(store, who)],
        "commands": [{"when": stamp(at), "who": actor, "command": command} for at, actor, command in dossier.commands(store, who)],
        "copies": erase.copies(store.path),
    }


def _record(store: Store, kind_name: str, number: int) -> dict[str, Any]:
    """One record: what holds, and each change of each field."""
    kind = dossier.with_taken_back(store, kind_name)
    versions = history.versions(store, kind, number)
    last = versions[-1]
    currency = last.get("currency")
    fields = {f.name: worded(store, kind, f.name, last[f.name], currency) for f in kind.stored if last.get(f.name) is not None}
    if beside := participants.others(store, number) if kind_name == "activity" else []:
        fields["others"] = ", ".join(str(worded(store, kind, "others", n, None)) for n in beside)
    return {
        "ref": refs.show(kind_name, number, store.site),
        "id": refs.long_form(kind_name, number),
        "kind": kind_name,
        "deleted": last["until"] is not None,
        "fields": fields,
        "external_ids": dossier.externals(store, kind_name, number),
        "history": [
            {
                "when": stamp(c.at),
                "who": c.actor,
                "what": c.what,
                "field": c.field or None,
                "before": worded(store, kind, c.field, c.before, c.currencies[0]),
                "after": worded(store, kind, c.field, c.after, c.currencies[1]),
                "command": c.command,
            }
            for c in history.record(store, kind, number)
        ],
    }


def _deal(store: Store, number: int, role: str | None) -> dict[str, Any]:
    kind = store.kinds["opportunity"]
    deal = history.versions(store, kind, number)[-1]
    shown = {n: worded(store, kind, n, deal[n], deal["currency"]) for n in ("name", "account", "stage", "opened", "closed")}
    return {"ref": refs.show("opportunity", number, store.site), **shown, "role": role}


# The page ----------------------------------------------------------------------------------------------------------------------------


def page(told: dict[str, Any]) -> Iterator[str]:
    """The lines of a page in Markdown that says the same for people."""
    yield "# What is held about this person"
    yield from ("", say("Made {made}. The file {data} says the same for programs.", made=told["made"], data=DATA))
    yield from _records("Records", told["records"])
    yield from _part(
        "Opt-outs",
        (
            say(
                "{record}, {channel}: {given} (recorded {recorded})",
                record=o["record"],
                channel=o["channel"],
                given=o["given"],
                recorded=o["recorded"],
            )
            for o in told["opt_outs"]
        ),
    )
    origin = (
        say(
            "{record}: {word} {when} by {who}, `{command}`",
            record=o["record"],
            word="made" if o["first"] else "imported again",
            when=o["when"],
            who=o["who"] or "nobody",
            command=o["command"],
        )
        for o in told["origin"]
    )
    yield from _part("Where it came from", origin)
    deals = (" · ".join(str(v) for v in (d["ref"], d["name"], d["account"], d["stage"], d["role"]) if v) for d in told["opportunities"])
    yield from _part("Opportunities", deals)
    yield from _records("Activities", told["activities"])
    yield from _part(
        "What others' records say",
        (say("{record}, {field}: {text}", record=m["record"], field=m["field"], text=m["text"]) for m in told["mentions"]),
    )
    yield from _part("Commands", (f"{c['when']} {c['who']}: `{c['command']}`" for c in told["commands"]))
    yield from _part("Copies of the database that hold the same", told["copies"])


def _records(title: str, records: list[dict[str, Any]]) -> Iterator[str]:
    if records:
        yield from ("", f"## {title}")
    for record in records:
        gone = ", deleted" if record["deleted"] else ""
        yield from ("", f"### {record['ref']} ({record['kind']}{gone})", "")
        fields = {**record["fields"], **({"external ids": ", ".join(record["external_ids"])} if record["external_ids"] else {})}
        yield from (say("- {name}: {flat}", name=name.replace("_", " "), flat=_flat(value)) for name, value in fields.items())
        changes = [c for c in record["history"] if c["what"] != "created"]
        if changes:
            yield from ("", "Changes:", "")
            for c in changes:
                said = (
                    say("{field} {before} → {after}", field=c["field"], before=c["before"] or "blank", after=c["after"] or "blank")
                    if c["field"]
                    else c["what"]
                )
                yield say("- {when} {who}: {flat}", when=c["when"], who=c["who"], flat=_flat(said))


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    shown = [f"- {_flat(line)}" for line in lines]
    if shown:
        yield from ("", f"## {title}", "", *shown)


def _flat(text: Any) -> str:
    """A text in one line of Markdown, its signs and control characters without their powers."""
    plain = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return plain.replace("<", "&lt;").replace("[", "\\[")


# The folder --------------------------------------------------------------------------------------------------------------------------


def _write(path: str, text: str) -> None:
    with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8", newline="\n") as f:
        f.write(text)


@contextmanager
def _folder(path: str, yes: bool) -> Iterator[str]:
    """A new folder that takes the name `path` when all is written; with `yes` in the place of one that we wrote. Raises Declined."""
    import shutil
    import tempfile

    path = os.path.abspath(path)
    if os.path.exists(path):
        ours = os.path.isdir(path) and set(os.listdir(path)) <= {DATA, PAGE}
        if not ours:
            raise Declined(say("{path!r} is there already and holds something else", path=path), "Name another folder.")
        if os.listdir(path) and not yes:
            raise Declined(say("{path!r} is there already", path=path), "Name another folder, or add --yes to write it anew.")
    try:
        made = tempfile.mkdtemp(prefix=".sfa-", dir=os.path.dirname(path))
    except OSError as error:
        raise UsageError(say("{path!r} cannot be written: {why}", path=path, why=error.strerror)) from None
    try:
        yield made
        if os.path.isdir(path):
            shutil.rmtree(path)
        os.rename(made, path)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
