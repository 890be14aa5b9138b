"""What is captured from mailboxes and call logs in the file: who has which address, what was captured before, and the writing of it.

An external id keeps each message and call from being captured twice; one whose activity a person deleted is not captured again. What a
mail or a call is to the company is decided in `sales/mails.py` and `sales/calllog.py`.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sfa.sales import appointments, countries, mails, names, phones, refs
from sfa.sales.holders import Holder
from sfa.sales.moments import stamp_text
from sfa.store import bulk, deals, lookup, participants
from sfa.store.database import Store
from sfa.store.operations import Operation, find_me

MAIL, CALLS, CALENDAR = "mail", "calls", "calendar"
"""The sources of external ids."""
COLUMNS = ("when", "kind", "direction", "text", "opportunity", "contact", "lead", "account", "owner", "duration", "outcome")
_BY_PROGRAM = r"(?:--\w+(?:=\S+| '[^']*'| \S+) )*(?:capture|import) "
"""How the commands begin that follow files: what they wrote nobody has written by hand."""
DIGITS = 8
"""Last digits by which a number is known that names no country."""
MANY = 6_000
"""New records from which on it pays to do without what guards single writes."""


class Entry(NamedTuple):
    """One activity to be: its external id, its stored values, the contacts beside the main one."""

    id: str
    when: str
    kind: str
    direction: str | None
    text: str
    opportunity: int | None = None
    contact: int | None = None
    lead: int | None = None
    account: int | None = None
    owner: int | None = None
    duration: int | None = None
    outcome: str | None = None
    others: tuple[int, ...] = ()


def own_addresses(store: Store, more: Iterable[str]) -> dict[str, int | None]:
    """Address → user, of every user; further ones of the person's own are theirs."""
    own: dict[str, int | None] = dict.fromkeys((a.strip().lower() for a in more if a.strip()), find_me(store))
    own.update(store.db.execute("SELECT lower(email), id FROM user WHERE email IS NOT NULL").fetchall())
    return own


def company_domains(store: Store) -> dict[str, int]:
    """Domain → account, by the accounts' websites, else by the addresses of their contacts."""
    webs: dict[str, set[int]] = defaultdict(set)
    for number, website in store.db.execute("SELECT id, website FROM account WHERE website IS NOT NULL"):
        for found in names.domains({"website": website}):
            webs[found].add(number)
    people: dict[str, set[int]] = defaultdict(set)
    sql = "SELECT substr(email,instr(email,'@')+1), account FROM contact WHERE email IS NOT NULL AND account IS NOT NULL GROUP BY 1,2"
    for found, number in store.db.execute(sql):
        people[found].add(number)
    return {**mails.of_company(people), **mails.of_company(webs)}


def there(store: Store, source: str, ids: Sequence[str]) -> set[str]:
    """Those of the external ids that activities have."""
    from json import dumps

    sql = (
        "SELECT external FROM external WHERE \"kind\"='activity' AND coalesce(source,'')=? AND external IN (SELECT value FROM json_each(?))"
    )
    return {row[0] for row in store.db.execute(sql, (source, dumps(list(ids))))}


def deleted(store: Store, source: str, kind: str = "activity") -> set[str]:
    """The external ids of activities (or tasks) that a person deleted: taking a capture back is not that, nor what a calendar took off."""
    sql = (
        "SELECT h.external, o.command FROM main.external_history h JOIN op o ON o.id=h.until_op"
        " WHERE h.\"kind\"=? AND coalesce(h.source,'')=? AND o.undoes IS NULL"
        " AND NOT EXISTS(SELECT 1 FROM op u WHERE u.undoes=o.id)"
    )
    return {text for text, command in store.db.execute(sql, (kind, source)) if not re.match(_BY_PROGRAM, command)}


def threads(store: Store, ids: Iterable[str]) -> dict[str, int]:
    """Message id → deal, of messages that were captured on one."""
    from json import dumps

    sql = (
        "SELECT e.external, a.opportunity FROM external e JOIN activity a ON a.id=e.record WHERE e.\"kind\"='activity'"
        " AND coalesce(e.source,'')='mail' AND a.opportunity IS NOT NULL AND e.external IN (SELECT value FROM json_each(?))"
    )
    return dict(store.db.execute(sql, (dumps(sorted({*ids})),)).fetchall())


def write(op: Operation, source: str, entries: Sequence[Entry]) -> None:
    """Write new activities with their external ids, in the order of their time."""
    if not entries:
        return
    kind = op.store.kinds["activity"]
    first = bulk.next_number(op.store, kind.name)
    me = find_me(op.store)
    rows = ((first + i, *e[1:9], e.owner or me, e.duration, e.outcome, 0) for i, e in enumerate(entries))
    gates = bulk.Gates(op, kind.name, indexes=False) if len(entries) >= MANY else None
    bulk.insert(op, kind.name, (*COLUMNS, "done"), rows, len(entries))
    bulk.link(op, kind.name, [(first + i, e.id) for i, e in enumerate(entries)], source)
    participants.load(op, [(first + i, other) for i, e in enumerate(entries) for other in e.others])
    if gates:
        gates.put_back()
    bulk.index(op, kind, [(first, first + len(entries) - 1)])


def answered(op: Operation, leads: Iterable[int]) -> int:
    """New leads that were written to or called are worked on from now on; returns how many there are."""
    kind, many = op.store.kinds["lead"], 0
    for number in sorted({*leads}):
        lead: dict[str, Any] = lookup.get(op.store, kind.name, number) or {}
        if lead.get("status") == "new":
            deals.change(op, kind, lead, {"status": "working"})
            many += 1
    return many


class Numbers:
    """Who has which phone number: contacts, leads that were not converted, accounts. Numbers that name no country are known by their
    last digits, where these are nobody else's."""

    def __init__(self, store: Store) -> None:
        self.region = store.phone_country
        self.by_number: dict[str, set[Holder]] = defaultdict(set)
        self.by_end: dict[str, set[Holder]] = defaultdict(set)
        for kind, columns, where in (
            ("contact", "phone,mobile,other_phones,country,account", ""),
            ("lead", "phone,mobile,other_phones,country,NULL", " WHERE converted IS NULL"),
            ("account", "phone,NULL,NULL,country,id", ""),
        ):
            for number, phone, mobile, others, country, account in store.db.execute(f"SELECT id,{columns} FROM {kind}{where}"):
                if phone or mobile or others:
                    region = countries.region(country) if country else ""
                    for text in (phone, mobile, *(others or "").split(",")):
                        if text:
                            self._add(text, region or self.region, (kind, number, account))

    def _add(self, text: str, region: str, holder: Holder) -> None:
        number = text.partition(" x")[0] if text.startswith("+") else phones.normal(text, region) or text
        self.by_number[number].add(holder)
        digits = phones.phone_key(number)
        if len(digits) >= DIGITS:
            self.by_end[digits[-DIGITS:]].add(holder)

    def of(self, text: str) -> tuple[str, set[Holder]]:
        """(A number in the form that it is kept in as far as that is known, those who have it)."""
        normal = phones.normal(text, self.region)
        number = (normal or text).partition(" x")[0]
        found = self.by_number.get(number, set())
        digits = phones.phone_key(text)
        if not found and normal is None and len(digits) >= DIGITS:
            alike = self.by_end.get(digits[-DIGITS:], set())
            found = alike if len(alike) == 1 else set()
        return number, found


def users(store: Store) -> dict[str, int]:
    """Names and e-mails of users in lower case → id."""
    out: dict[str, int] = {}
    for number, name, email in store.db.execute("SELECT id, lower(name), lower(email) FROM user ORDER BY id DESC"):
        out |= {text: number for text in (name, email) if text}
    return out


# Calendars --------------------------------------------------------------------------------------------------------------------------


def companies(store: Store) -> dict[str, int]:
    """What accounts may be called in an event → account."""
    return appointments.company_names(store.db.execute("SELECT id, name FROM account").fetchall())


_OF_CALENDARS = "coalesce(source,'') IN ('calendar','','#id')"
"""Where the ids of events stand: those captured, those imported before they had a source, those of another database."""


def called(store: Store, kind: str, uid: str) -> int | None:
    """The activity or task that a calendar knows by this UID: this program's own id, or an external one."""
    given = lookup.resolved(store, uid) if refs.parse(uid, store.site) else None
    if given and given[0] == kind and lookup.get(store, *given):
        return given[1]
    row = store.db.execute(f'SELECT record FROM external WHERE "kind"=? AND {_OF_CALENDARS} AND external=?', (kind, uid)).fetchone()
    return row[0] if row else None


def times_of(store: Store, uid: str) -> dict[str, int]:
    """The times of a repeated event that are activities: what each is known by → its id."""
    sql = f"SELECT external, record FROM external WHERE \"kind\"='activity' AND {_OF_CALENDARS} AND external>=? AND external<?"
    found = dict(store.db.execute(sql, (f"{uid}/", f"{uid}0")).fetchall())
    first = called(store, "activity", uid)
    return found if first is None else {**found, uid: first}


def followed(store: Store, files: Sequence[str], after: str) -> dict[int, str]:
    """Appointments after a moment that were captured from these very files → the UID of their event."""
    sql = (
        "SELECT e.record, e.external, o.command FROM external e JOIN activity a ON a.id=e.record JOIN op o ON o.id=e.op"
        ' WHERE e."kind"=\'activity\' AND e.source=? AND a."when">? ORDER BY a."when"'
    )
    wanted = {shlex.quote(f) for f in files}
    return {
        record: re.sub(r"/\d{8}(?:T\d{6}Z?)?\Z", "", external)
        for record, external, command in store.db.execute(sql, (CALENDAR, after))
        if re.match(_BY_PROGRAM, command) and not wanted.isdisjoint(command.split())
    }


def written_by_hand(store: Store, record: dict[str, Any]) -> bool:
    """Whether a record's present version was written by anything else than a capture or an import."""
    row = store.db.execute("SELECT command FROM op WHERE id=?", (record["op"],)).fetchone()
    return row is None or (not row[0].startswith(("capture ", "import ")) and " capture " not in f" {row[0]}")


def changed_at(record: dict[str, Any]) -> str:
    """When a record's present version began, as a stored moment."""
    return stamp_text(datetime.fromtimestamp((record["since"] >> 20) / 1000, UTC))
