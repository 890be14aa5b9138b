"""Converting leads: finding the account and contact that are there already, and writing what a lead becomes in one operation.

What is carried over and what counts as the same person is decided in `sales/conversion.py` and `sales/matching.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple

from sfa.errors import Ambiguous
from sfa.messages import say
from sfa.sales import conversion
from sfa.sales.names import emails
from sfa.sales.refs import show
from sfa.store import deals, lookup, people
from sfa.store.database import Store
from sfa.store.operations import Operation
from sfa.store.schema import q

Record = dict[str, Any]
MOST = 1000
"""Candidates compared at most."""


class Wish(NamedTuple):
    """What the person decided: existing records, or that a new one is to be made whatever matches. `account_name` names a new account.
    `opportunity` holds stored values for the deal; None makes none. `role` is the contact's on the deal."""

    account: Record | None = None
    contact: Record | None = None
    new_account: bool = False
    new_contact: bool = False
    account_name: str = ""
    opportunity: Record | None = None
    role: str | None = None


class Converted(NamedTuple):
    """What a lead became. `made` names which of account and contact are new, `activities` counts the open ones moved along."""

    account: int
    contact: int
    opportunity: int | None
    made: tuple[str, ...]
    activities: int


def convert(op: Operation, lead: Record, wish: Wish) -> Converted:
    """Convert `lead`. Raises Refused (converted before, disqualified), Ambiguous naming the option that decides."""
    store = op.store
    conversion.check(lead)
    lead_as = {**lead, "company": wish.account_name} if wish.account_name else lead
    account, contact = _people(store, lead_as, wish)
    account_id = _account(op, lead_as, account)
    contact_id = _contact(op, lead, contact, account_id)
    waiting = _open_activities(store, lead["id"])
    deal = None if wish.opportunity is None else _opportunity(op, lead, account_id, contact_id, wish, waiting)
    for number, *_ in waiting:
        op.update("activity", number, {"contact": contact_id, **({"opportunity": deal} if deal else {})})
    for (number,) in store.db.execute("SELECT id FROM task WHERE lead=? AND done IS NULL", (lead["id"],)).fetchall():
        op.update("task", number, {"contact": contact_id, **({"opportunity": deal} if deal else {})})
    today = store.calendar.today.isoformat()
    op.update("lead", lead["id"], conversion.became(account_id, contact_id, deal, today))
    made = tuple(name for name, found in (("account", account), ("contact", contact)) if found is None)
    return Converted(account_id, contact_id, deal, made, len(waiting))


def _people(store: Store, lead: Record, wish: Wish) -> tuple[Record | None, Record | None]:
    """The existing account and contact that the lead becomes part of; None where a new one is to be made."""
    by_name = conversion.Match(wish.account, ())
    if not (wish.account or wish.new_account or (wish.contact and wish.contact["account"])):
        matched = lookup.get(store, "account", lead["matched_account"]) if lead.get("matched_account") else None
        by_name = (
            conversion.Match(matched, ()) if matched else conversion.match_account(lead, accounts_like(store, lead.get("company") or ""))
        )
    contact = wish.contact
    if contact is None and not wish.new_contact:
        contact = _one(store, "contact", conversion.match_contact(lead, contacts_like(store, lead, by_name.found)))
    home: int | None = contact["account"] if contact else None
    if home is not None and any(c["id"] == home for c in by_name.choices):
        by_name = conversion.Match(lookup.get(store, "account", home), ())
    account = _one(store, "account", by_name)
    if contact is None or home is None or (account and account["id"] == home):
        return account, contact
    if wish.contact and (wish.account or wish.new_account):
        return account, contact
    if wish.contact or not (lead.get("company") or wish.account or wish.new_account):
        return lookup.get(store, "account", home), contact
    raise _elsewhere(store, contact, account["name"] if account else lead.get("company") or lead["name"])


def _elsewhere(store: Store, contact: Record, company: str) -> Ambiguous:
    here, theirs = show("contact", contact["id"], store.site), show("account", contact["account"], store.site)
    name = (lookup.get(store, "account", contact["account"]) or {}).get("name")
    return Ambiguous(
        say(
            "the person is there already: {here} {name}, but at {theirs} {name2}, not at {company}",
            here=here,
            name=contact["name"],
            theirs=theirs,
            name2=name,
            company=company,
        ),
        say("--contact {here} takes this person; --new-contact makes another.", here=here),
    )


def _one(store: Store, kind: str, match: conversion.Match) -> Record | None:
    if match.choices:
        lines = "\n".join(_line(store, kind, c) for c in match.choices[:8])
        first = show(kind, match.choices[0]["id"], store.site)
        raise Ambiguous(
            say(
                "the lead's {kind} may be {word}:\n{lines}",
                kind=kind,
                word="one of these" if len(match.choices) > 1 else "this one",
                lines=lines,
            ),
            say("--{kind} {first} takes it; --new-{kind} makes a new one.", kind=kind, first=first),
        )
    return match.found


def _line(store: Store, kind: str, record: Record) -> str:
    beside = record.get("email") or record.get("country") or ""
    return f"  {show(kind, record['id'], store.site):8} {lookup.label(store.kinds[kind], record)}  {beside}".rstrip()


def accounts_like(store: Store, company: str) -> list[Record]:
    """Accounts whose name begins as `company` does: the candidates for being the same."""
    words = company.split()
    if not words:
        return []
    start = words[0].rstrip(".,")
    plain = next((i for i, c in enumerate(start) if not c.isascii()), len(start))
    starts = {start[:plain]} if plain else {start[0].lower(), start[0].upper()}
    likes = [escaped(s) + "%" for s in sorted(starts)]
    where = " OR ".join("name LIKE ? ESCAPE '\\'" for _ in likes)
    rows = store.db.execute(
        f"SELECT id FROM account WHERE name=? COLLATE NOCASE UNION SELECT id FROM account WHERE {where}", (company, *likes)
    )
    return _records(store, "account", [r[0] for r in rows.fetchmany(MOST)])


def contacts_like(store: Store, lead: Record, account: Record | None) -> list[Record]:
    """Contacts that may be the lead's person: with one of their e-mails, or at `account`. Each has `company`, its account's name."""
    numbers = same_email(store, "contact", lead)
    if account:
        rows = store.db.execute("SELECT id FROM contact WHERE account=? LIMIT ?", (account["id"], MOST))
        numbers = list(dict.fromkeys([*numbers, *(r[0] for r in rows)]))
    found = _records(store, "contact", numbers)
    names = {n: (lookup.get(store, "account", n) or {}).get("name") for n in {c["account"] for c in found} if n is not None}
    return [{**c, "company": names.get(c["account"])} for c in found]


def same_email(store: Store, kind: str, record: Record) -> list[int]:
    """Ids of the contacts, or leads, that have one of the record's e-mails; the record itself may be among them."""
    wanted = sorted(emails(record))
    if not wanted:
        return []
    marks = ",".join("?" * len(wanted))
    others = " OR ".join("','||other_emails||',' LIKE ? ESCAPE '\\'" for _ in wanted)
    like = [f"%,{escaped(e)},%" for e in wanted]
    rows = store.db.execute(
        f"SELECT id FROM {q(kind)} WHERE email IN ({marks}) UNION SELECT id FROM {q(kind)} WHERE other_emails IS NOT NULL AND ({others})"
        " ORDER BY 1",
        (*wanted, *like),
    )
    return [r[0] for r in rows.fetchmany(MOST)]


def escaped(text: str) -> str:
    """A text as a part of an SQL pattern."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _records(store: Store, kind: str, numbers: Sequence[int]) -> list[Record]:
    return [r for r in (lookup.get(store, kind, n) for n in numbers) if r]


def _own(store: Store, kind: str) -> list[str]:
    """The company's own fields that leads and `kind` both have, of the same type."""
    lead = {f.name: f.type for f in store.kinds["lead"].fields if f.user}
    return [f.name for f in store.kinds[kind].fields if f.user and lead.get(f.name) == f.type]


def _account(op: Operation, lead: Record, found: Record | None) -> int:
    kind, own = op.store.kinds["account"], _own(op.store, "account")
    if found is None:
        return deals.add(op, kind, conversion.account_of(lead, own))
    deals.change(op, kind, found, conversion.account_blanks(lead, found, own))
    return int(found["id"])


def _contact(op: Operation, lead: Record, found: Record | None, account: int) -> int:
    kind, own = op.store.kinds["contact"], _own(op.store, "contact")
    if found is None:
        return deals.add(op, kind, conversion.contact_of(lead, account, own))
    deals.change(op, kind, found, conversion.contact_blanks(lead, found, account, own))
    return int(found["id"])


def _opportunity(op: Operation, lead: Record, account: int, contact: int, wish: Wish, waiting: Sequence[tuple[int, str]]) -> int:
    """The deal, with the contact as its primary one and the soonest open step as its next step."""
    from sfa.sales.dates import fiscal_quarter

    store, kind = op.store, op.store.kinds["opportunity"]
    end = fiscal_quarter(store.calendar.today, store.calendar).end - timedelta(days=1)
    given = dict(wish.opportunity or {})
    if waiting:
        given.setdefault("next_step", waiting[0][1])
    values = conversion.opportunity_of(lead, account, contact, given, end.isoformat(), _own(store, "opportunity"))
    number = deals.add(op, kind, values)
    deal, who = lookup.get(store, "opportunity", number), lookup.get(store, "contact", contact)
    assert deal and who
    people.on_deal(op, deal, who, wish.role, primary=True)
    return number


def _open_activities(store: Store, lead: int) -> list[tuple[int, str]]:
    """(id, next step) of a lead's activities whose next step is still to be done, the soonest first."""
    rows = store.db.execute(
        "SELECT id, next_step FROM activity WHERE lead=? AND next_step IS NOT NULL AND done IS NOT 1 ORDER BY due IS NULL, due, id", (lead,)
    )
    return [(r[0], r[1]) for r in rows]
