"""Forgetting a person for good: `sfa erase`."""

from __future__ import annotations

from typing import Annotated

import typer

from sfa import output
from sfa.commands.history import find
from sfa.commands.nouns import DryRun, Yes
from sfa.commands.session import Session
from sfa.errors import UsageError
from sfa.sales import refs
from sfa.store import erase, history, lookup
from sfa.store.database import Store


def command(
    ctx: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="REF", help="A contact, lead or user; a deleted one by its reference.")],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Erase a person: blank personal data in every version, for good.

    Names, addresses and the text of their activities go, from the history, the commands and the search index too; ids, amounts, stages and
    dates stay. An import cannot bring the e-mail back. This cannot be undone.

    Examples:
      sfa erase L-1 --yes
      sfa erase 'Wei Zhang' --dry-run
    """
    session: Session = ctx.obj
    with session.store() as store:
        kind, number = find(store, ref, erase.PERSONS)
        if kind.name not in erase.PERSONS:
            raise UsageError(f"{kind.noun} {refs.show(kind.name, number, store.site)} is not a person", "Contacts, leads and users are.")
        who = erase.person(store, kind.name, number)
        names = ", ".join(_named(store, k, n) for k, n in who.records)
        activities = f" and the text of {len(who.activities)} activities" if who.activities else ""
        if dry_run:
            return output.message(f"Nothing was written; {names}{activities} would be erased.")
        output.confirm(f"Erase {names}{activities}, for good?", yes)
        done = erase.erase(store, who)
        _tell(store, who, done)
    return None


def _named(store: Store, kind: str, number: int) -> str:
    label = lookup.label(store.kinds[kind], history.versions(store, store.kinds[kind], number)[-1])
    return f"{refs.show(kind, number, store.site)} {label}".strip()


def _tell(store: Store, who: erase.Person, done: erase.Erased) -> None:
    names = ", ".join(refs.show(k, n, store.site) for k, n in who.records)
    output.message(
        f"Erased {names}: {done.versions} versions, the words of {done.commands} commands, {done.mentions} mentions elsewhere. "
        "This cannot be taken back."
    )
    if who.namesakes:
        others = ", ".join(refs.show(k, n, store.site) for k, n in who.namesakes)
        output.warning(f"the same e-mail is still held by {others}: erase them too if they are the same person.")
    if done.busy:
        output.warning("another program has the file open: run `sfa db vacuum` when it has closed it, so that no trace stays.")
    if copies := erase.copies(store.path):
        output.warning("these copies still hold the data:\n" + "\n".join(f"  {c}" for c in copies))
