"""Forgetting a person for good: `sfa erase`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sfa import output
from sfa.commands.history import find
from sfa.commands.nouns import DryRun, Yes
from sfa.commands.session import Session
from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales import refs
from sfa.sales.persons import Traces
from sfa.store import erase, history, lookup, persons
from sfa.store.database import Store

SHOWN = 20
"""Records that a preview lists."""


def command(
    ctx: typer.Context,
    given: Annotated[
        list[str] | None, typer.Argument(metavar="[REF]...", help="Contacts, leads or users, all one person; deleted ones by reference.")
    ] = None,
    person: Annotated[
        str, typer.Option("--person", metavar="WHO", help="All that is the person with this name, e-mail or phone, in any spelling.")
    ] = "",
    likely: Annotated[bool, typer.Option("--likely", help="With --person: also what only likely is theirs.")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Erase a person: blank personal data in every version, for good.

    Names, addresses and the text of their activities go, from the history, the commands and the search index too, what others wrote about
    them, and what you typed of them in `sfa shell`; ids, amounts, stages and dates stay. An import cannot bring the e-mail back. This
    cannot be undone.

    --person finds their contacts, leads and users by name (in any order, without accents, in any script), e-mail (with or without a tag)
    or phone, and then all that has one of their e-mails. A name that several bear stops and lists them. What likely is theirs, by the name
    and another field, is listed, and is erased with --likely or where you name it.

    Examples:
      sfa erase L-1 --yes
      sfa erase --person 'Wei Zhang' --dry-run
    """
    session: Session = ctx.obj
    if bool(given) == bool(person.strip()):
        raise UsageError("name the person", "A reference, or --person with a name, an e-mail or a phone number; not both.")
    if likely and not person:
        raise UsageError("--likely goes with --person")
    with session.store() as store:
        found = persons.find(store, person, likely) if person else persons.Found([_one(store, ref) for ref in given or []], [])
        who = erase.together(erase.person(store, *r) for r in found.certain)
        activities = say(" and the text of {count} activities", count=len(who.activities)) if who.activities else ""
        names = _preview(store, who, found)
        if dry_run:
            return output.message(say("Nothing was written; {names}{activities} would be erased.", names=names, activities=activities))
        output.confirm(say("Erase {names}{activities}, for good?", names=names, activities=activities), yes)
        needle = erase.traces(store, who.records)
        done = erase.erase(store, who, needle=needle)
        _forget_typed(session, needle)
        _tell(store, who, done)
    return None


def _forget_typed(session: Session, needle: Traces) -> None:
    """Take the lines that tell of the person out of what is remembered of `sfa shell`."""
    from sfa.commands.shell import HISTORY

    path = os.path.join(session.settings.state, HISTORY)
    if not needle or not os.path.exists(path):
        return
    with open(path, "r+", encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
        kept = [line for line in lines if not needle.spans(line)]
        if len(kept) < len(lines):
            file.seek(0)
            file.writelines(kept)
            file.truncate()


def _one(store: Store, ref: str) -> persons.Record:
    kind, number = find(store, ref, erase.PERSONS)
    if kind.name not in erase.PERSONS:
        raise UsageError(
            say("{noun} {ref} is not a person", noun=kind.noun, ref=refs.show(kind.name, number, store.site)),
            "Contacts, leads and users are.",
        )
    return kind.name, number


def _preview(store: Store, who: erase.Person, found: persons.Found) -> str:
    """What would go, in a few words; several records, and what likely belongs to them, are listed."""
    if len(who.records) > 2:
        for record in who.records[:SHOWN]:
            output.message(say("  {named}", named=persons.named(store, record)))
        if len(who.records) > SHOWN:
            output.message(say("  and {count:,} more", count=len(who.records) - SHOWN))
    if found.likely:
        lines = together(
            "\n",
            (
                say("  {named}: {because} agree", named=persons.named(store, r), because=together(", ", because))
                for r, because in found.likely[:SHOWN]
            ),
        )
        refs_of = " ".join(refs.show(*r, store.site) for r, _ in found.likely[:3])
        output.warning(
            say(
                "likely the same person, and left as they are:\n{lines}\n  --likely takes them too; or name them: sfa erase {refs_of}",
                lines=lines,
                refs_of=refs_of,
            )
        )
    return (
        ", ".join(_named(store, k, n) for k, n in who.records)
        if len(who.records) <= 2
        else say("these {count:,} records", count=len(who.records))
    )


def _named(store: Store, kind: str, number: int) -> str:
    label = lookup.label(store.kinds[kind], history.versions(store, store.kinds[kind], number)[-1])
    return f"{refs.show(kind, number, store.site)} {label}".strip()


def _tell(store: Store, who: erase.Person, done: erase.Erased) -> None:
    names = ", ".join(refs.show(k, n, store.site) for k, n in who.records[:SHOWN]) + (" …" if len(who.records) > SHOWN else "")
    output.message(
        say(
            "Erased {names}: {versions} versions, the words of {commands} commands, {mentions} mentions "
            "elsewhere. This cannot be taken back.",
            names=names,
            versions=done.versions,
            commands=done.commands,
            mentions=done.mentions,
        )
    )
    if who.namesakes:
        others = ", ".join(refs.show(k, n, store.site) for k, n in who.namesakes)
        output.warning(say("the same e-mail is still held by {others}: erase them too if they are the same person.", others=others))
    warn_of_copies(store, done)


def warn_of_copies(store: Store, done: erase.Erased) -> None:
    """Say where the data may still lie."""
    if done.busy:
        output.warning("another program has the file open: run `sfa db vacuum` when it has closed it, so that no trace stays.")
    if copies := erase.copies(store.path):
        output.warning("these copies still hold the data:\n" + together("\n", (say("  {c}", c=c) for c in copies)))
