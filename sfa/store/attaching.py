"""What a logged text belongs to: the record that a person names, and its one open deal, if it has one."""

from __future__ import annotations

from typing import Any

from sfa.errors import Ambiguous, NotFound
from sfa.messages import say
from sfa.sales import refs
from sfa.sales.kinds import Kind
from sfa.store import lookup
from sfa.store.database import Store

Record = dict[str, Any]
ON = ("opportunity", "account", "contact", "lead")
"""Kinds of records that something can be logged on."""
_OPEN = "SELECT o.id FROM opportunity o JOIN stage s ON s.id=o.stage AND s.outcome='open' WHERE "
_OF_CONTACT = "o.id IN (SELECT id FROM opportunity WHERE contact=?1 UNION SELECT opportunity FROM opportunity_contact WHERE contact=?1)"


def target(store: Store, text: str) -> tuple[Kind, Record]:
    """The record that `text` names. An account goes before its own deals and contacts, an open deal before closed ones of the same name.

    Raises NotFound, Ambiguous."""
    found = lookup.all_kinds(store, text, ON)
    if len(found) > 1:
        found = _family(store, found) or _likely_first(store, found)
    return lookup.the_one(store, text, found)


def open_deal(store: Store, text: str) -> Record:
    """The deal that `text` names, the only open one before closed ones of the same name. Raises NotFound, Ambiguous."""
    kind = store.kinds["opportunity"]
    try:
        return lookup.find(store, kind, text)
    except Ambiguous:
        found = _open_of(store, lookup.all_matching(store, kind, text))
        if not found:
            raise
        return lookup.the_one(store, text, [(kind, n) for n in found])[1]


def _open_of(store: Store, deals: list[int]) -> list[int]:
    """Those of some deals that are open, one's own first, the soonest expected close first."""
    from sfa.store.operations import find_me

    sql = _OPEN + f'o.id IN ({",".join(map(str, deals))}) ORDER BY o.owner IS NOT ?, o."close" IS NULL, o."close", o.id'
    return [row[0] for row in store.db.execute(sql, (find_me(store),))]


def _likely_first(store: Store, found: list[tuple[Kind, int]]) -> list[tuple[Kind, int]]:
    """Several records in the order in which a person looks for theirs: accounts, open deals, people; closed deals where there is nothing
    else."""
    deals = [(k, n) for k, n in found if k.name == "opportunity"]
    running = [(deals[0][0], n) for n in _open_of(store, [n for _, n in deals])] if deals else []
    others = [(k, n) for k, n in found if k.name not in ("opportunity", "account")]
    return [*((k, n) for k, n in found if k.name == "account"), *running, *others] or found


def _family(store: Store, found: list[tuple[Kind, int]]) -> list[tuple[Kind, int]]:
    """The one of several that is meant without saying so; [] where nothing tells."""
    records = [(kind, lookup.get(store, kind.name, number) or {}) for kind, number in found]
    accounts = [number for kind, number in found if kind.name == "account"]
    if len(accounts) == 1 and all(r["id"] == accounts[0] if k.name == "account" else r.get("account") == accounts[0] for k, r in records):
        return [(kind, number) for kind, number in found if kind.name == "account"]
    if all(kind.name == "opportunity" for kind, _ in found):
        marks = ",".join("?" * len(found))
        open_ones = store.db.execute(f"{_OPEN} o.id IN ({marks}) LIMIT 2", [n for _, n in found]).fetchall()
        return [(found[0][0], open_ones[0][0])] if len(open_ones) == 1 else []
    return []


def open_deals(store: Store, kind: Kind, record: Record, most: int = 50) -> list[int]:
    """The open deals of an account, or of a contact who is on them, soonest expected close first."""
    if kind.name == "account":
        sql = _OPEN + 'o.account=?1 ORDER BY o."close" IS NULL, o."close", o.id LIMIT ?2'
    elif kind.name == "contact":
        sql = _OPEN + _OF_CONTACT + ' ORDER BY o."close" IS NULL, o."close", o.id LIMIT ?2'
    else:
        return []
    return [row[0] for row in store.db.execute(sql, (record["id"], most))]


class Running:
    """The deals that were running on a day: what was said in the past belongs to what was open then. Asked for thousands of messages, it
    remembers."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.known: dict[tuple[str, int], list[tuple[int, str, str]]] = {}
        self.accounts: dict[int, int | None] = {}

    def deal(self, contact: int | None, account: int | None, day: str) -> tuple[int | None, bool]:
        """(The one deal that a contact was on, else the one of the account; whether there were several, so that none is meant)."""
        for kind, number in (("contact", contact), ("account", account)):
            found = self._on(kind, number, day) if number is not None else []
            if found:
                return (found[0], False) if len(found) == 1 else (None, True)
        return None, False

    def account(self, deal: int) -> int | None:
        """Whose deal it is."""
        if deal not in self.accounts:
            row = self.store.db.execute("SELECT account FROM opportunity WHERE id=?", (deal,)).fetchone()
            self.accounts[deal] = row[0] if row else None
        return self.accounts[deal]

    def _on(self, kind: str, number: int, day: str) -> list[int]:
        if (kind, number) not in self.known:
            on = "o.account=?1" if kind == "account" else _OF_CONTACT
            sql = (
                "SELECT o.id, coalesce(o.opened,''), coalesce(o.closed,CASE WHEN s.outcome='open' THEN '9999' ELSE '' END)"
                f" FROM opportunity o JOIN stage s ON s.id=o.stage WHERE {on}"
            )
            self.known[kind, number] = self.store.db.execute(sql, (number,)).fetchall()
        return [n for n, opened, closed in self.known[kind, number] if opened <= day <= closed]


def listing(store: Store, deals: list[int], most: int = 3) -> str:
    """Deals in words: `O-1 Renewal, O-4 Pilot and 2 more`."""
    kind = store.kinds["opportunity"]
    shown = [f"{refs.show(kind.name, n, store.site)} {lookup.label(kind, lookup.get(store, kind.name, n) or {})}" for n in deals[:most]]
    return ", ".join(shown) + (say(" and {count} more", count=len(deals) - most) if len(deals) > most else "")


def person(store: Store, text: str, account: int | None, deal: Record | None) -> Record:
    """The contact that `text` names: of the deal's people, else of the account's, else of all. Raises NotFound, Ambiguous."""
    kind = store.kinds["contact"]
    try:
        return lookup.find(store, kind, text, {"account": account} if account else None)
    except NotFound:
        if not account:
            raise
        return lookup.find(store, kind, text)
    except Ambiguous:
        if deal is None:
            raise
        sql = "SELECT contact FROM opportunity_contact WHERE opportunity=?1 UNION SELECT contact FROM opportunity WHERE id=?1"
        on_it = {row[0] for row in store.db.execute(sql, (deal["id"],))}
        among = [n for n in lookup.all_matching(store, kind, text) if n in on_it]
        found = lookup.get(store, kind.name, among[0]) if len(among) == 1 else None
        if found is None:
            raise
        return found


def deal_of(store: Store, text: str, among: list[int]) -> Record:
    """The deal that `text` names, those among the open ones given first. Raises NotFound, Ambiguous."""
    kind = store.kinds["opportunity"]
    try:
        return lookup.find(store, kind, text)
    except Ambiguous:
        own = [n for n in lookup.all_matching(store, kind, text) if n in among]
        found = lookup.get(store, kind.name, own[0]) if len(own) == 1 else None
        if found is None:
            raise
        return found
