"""What is said where a record is added that is there already, as the setting `duplicates` has it: warn, block or nothing; and where a
new lead or contact belongs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sfa import output
from sfa.commands.session import Session
from sfa.errors import Refused
from sfa.messages import say, together
from sfa.sales import refs
from sfa.sales.kinds import Kind
from sfa.store import lookup
from sfa.store.alike import like
from sfa.store.belonging import FIELD, of
from sfa.store.database import Store


class Belonging(NamedTuple):
    """Where a new record belongs: the field that says so, what is told of it, the accounts among which it is not sure."""

    fields: dict[str, int] = {}
    told: str = ""
    choices: tuple[int, ...] = ()

    def unsure(self, store: Store, kind: Kind, number: int) -> list[str]:
        """What to say where several accounts fit."""
        if not self.choices:
            return []
        named = ", ".join(_account(store, a) for a in self.choices[:SHOWN]) + (", …" if len(self.choices) > SHOWN else "")
        ref, field = refs.show(kind.name, number, store.site), FIELD[kind.name]
        how = f"sfa {kind.noun} edit {ref} {field}={refs.show('account', self.choices[0], store.site)}"
        return [say("it may belong to {named}, and was linked to none: {how}", named=named, how=how)]


def worded(evidence: Iterable[str]) -> str:
    """Why two records are likely one, in words."""
    return together(", ", [say("{title}", title=what) for what in evidence])


def belonging(session: Session, store: Store, kind: Kind, given: dict[str, Any]) -> Belonging:
    """The account that a new lead or contact surely belongs to, where the setting `duplicates` says link."""
    if kind.name not in FIELD or session.settings.get("duplicates") != "link":
        return Belonging()
    found = of(store, kind.name, given)
    if found.account is None:
        return Belonging(choices=found.choices)
    return Belonging(
        {FIELD[kind.name]: found.account}, say(", of {account} ({because})", account=_account(store, found.account), because=found.because)
    )


def _account(store: Store, number: int) -> str:
    return f"{refs.show('account', number, store.site)} {lookup.label(store.kinds['account'], lookup.get(store, 'account', number) or {})}"


SHOWN = 3
"""Records that are named."""


def lines(session: Session, store: Store, kind: Kind, number: int, yes: bool) -> list[str]:
    """What to say of records like the one just added, as the setting `duplicates` has it: a line each. Raises Refused where it says block
    and nobody answers that the record is another one."""
    mode = session.settings.get("duplicates")
    if mode == "off" or kind.name not in ("account", "contact", "lead"):
        return []
    found = like(store, kind, number, session.rules())
    own = refs.show(kind.name, number, store.site)
    out = []
    for (other, twin), verdict in found[:SHOWN]:
        ref, name = refs.show(other, twin, store.site), lookup.label(store.kinds[other], lookup.get(store, other, twin) or {})
        lead, contact = (own, ref) if kind.name == "lead" else (ref, own)
        how = f"sfa merge {ref} {own}" if other == kind.name else f"sfa lead convert {lead} --contact {contact} --no-opp"
        out.append(
            say(
                "{ref} {name} is {word}: {evidence}",
                ref=ref,
                name=name,
                word="the same" if verdict.level == "certain" else "likely the same",
                evidence=worded(verdict.evidence),
            )
            + (say("; make them one: {how}", how=how) if mode != "block" or yes else "")
        )
    if out and mode == "block" and not yes:
        told = "\n  ".join(out)
        if not output.interactive():
            raise Refused(say("this {word} is there already:\n  {told}", word=kind.word, told=told), "--yes adds it all the same.")
        output.message(told)
        output.confirm(say("Add the {word} all the same?", word=kind.word), yes)
        return []
    return out
