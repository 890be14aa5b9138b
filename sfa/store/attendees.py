"""Who has which e-mail address: contacts, leads that were not converted, users."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from sfa.sales.attendees import Known, Person
from sfa.sales.holders import Holder
from sfa.sales.refs import long_form
from sfa.store.database import Store


def known(store: Store) -> Known:
    """A function from addresses to the people who have them, first or further ones."""
    find = holders(store)

    def people(addresses: set[str]) -> dict[str, set[Person]]:
        return {address: {_person(*h) for h in found} for address, found in find(addresses).items()}

    return people


def holders(store: Store) -> Callable[[Iterable[str]], dict[str, set[Holder]]]:
    """A function from addresses to the contacts, leads and users who have them, first or further ones; addresses that nobody has are not
    in it."""
    others = _others(store)

    def find(addresses: Iterable[str]) -> dict[str, set[Holder]]:
        from json import dumps

        out: dict[str, set[Holder]] = defaultdict(set)
        wanted = set(addresses)
        listed = dumps(sorted(wanted))
        for kind, where in (("contact", ""), ("lead", " AND converted IS NULL"), ("user", "")):
            account = "account" if kind == "contact" else "NULL"
            sql = f"SELECT id, email, {account} FROM {kind} WHERE email IN (SELECT value FROM json_each(?)){where}"
            for number, email, belongs in store.db.execute(sql, (listed,)):
                out[email].add((kind, number, belongs))
        for address in wanted & others.keys():
            out[address] |= others[address]
        return out

    return find


def _others(store: Store) -> dict[str, set[Holder]]:
    """Further addresses of contacts and leads."""
    out: dict[str, set[Holder]] = defaultdict(set)
    for kind, where in (("contact", ""), ("lead", " AND converted IS NULL")):
        account = "account" if kind == "contact" else "NULL"
        for number, texts, belongs in store.db.execute(
            f"SELECT id, other_emails, {account} FROM {kind} WHERE other_emails IS NOT NULL{where}"
        ):
            for address in texts.split(","):
                out[address].add((kind, number, belongs))
    return out


def _person(kind: str, number: int, account: int | None) -> Person:
    return Person(kind, long_form(kind, number), long_form("account", account) if account else None)
