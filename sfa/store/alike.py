"""Records like one that is being added, or like those that a load brought: found by the indexes that there are, so that adding stays
quick in a database of any size. The whole search is `duplicates.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from json import dumps
from typing import Any

from sfa.sales import matching
from sfa.sales.kinds import Kind
from sfa.sales.matching import Verdict
from sfa.sales.names import company_key
from sfa.store import textindex
from sfa.store.database import Store
from sfa.store.duplicates import Rules, Who, compared, dismissed
from sfa.store.leads import accounts_like, escaped, same_email
from sfa.store.schema import q

Record = dict[str, Any]
MOST = 200
"""Candidates of one sort looked at for one record."""
SINGLY = 100
"""New records of a load that are compared one by one with what is there; more are counted in SQL."""


def like(store: Store, kind: Kind, number: int, rules: Rules) -> list[tuple[Who, Verdict]]:
    """The records that are likely the same as this one, the surest first: of a contact or lead contacts and leads, of an account
    accounts. Converted leads and what a person has said is not the same are left out."""
    record = next((r for _, r in compared(store, kind, "t.id=?", (number,))), None)
    if record is None:
        return []
    out = []
    own, apart = (kind.name, number), dismissed(store)
    mine = matching.company_of(record) if kind.name == "account" else matching.person_of(record)
    for name in ("account",) if kind.name == "account" else ("contact", "lead"):
        other = store.kinds[name]
        numbers = _companies(store, record) if name == "account" else _people(store, other, record)
        clause = "t.id IN (SELECT value FROM json_each(?))" + (" AND t.converted IS NULL" if name == "lead" else "")
        for found, candidate in compared(store, other, clause, (dumps(numbers),)):
            if (name, found) == own or frozenset((own, (name, found))) in apart:
                continue
            verdict = (
                matching.companies(mine, matching.company_of(candidate), rules.least)
                if isinstance(mine, matching.Company)
                else matching.people(mine, matching.person_of(candidate), rules.least, rules.similar)
            )
            if verdict.level and verdict.score >= rules.least:
                out.append(((name, found), verdict))
    return sorted(out, key=lambda o: -o[1].score)


def _people(store: Store, kind: Kind, record: Record) -> list[int]:
    """Ids of the contacts, or leads, that may be this person: by e-mail, name in either order, company, phone."""
    read, table = store.db.execute, q(kind.name)
    found = set(same_email(store, kind.name, record))
    first, last = record.get("first_name"), record.get("last_name")
    names = [record.get("name"), f"{last} {first}" if first and last else None, f"{last}{first}" if first and last else None]
    for name in filter(None, names):
        found |= {r[0] for r in read(f"SELECT id FROM {table} WHERE name=? COLLATE NOCASE LIMIT {MOST}", (name,))}
    if firm := record.get("company"):
        places = _places(store, kind, firm)
        column = "account" if kind.name == "contact" else "company"
        sql = f"SELECT id FROM {table} WHERE {column} IN (SELECT value FROM json_each(?)) LIMIT {MOST}"
        found |= {r[0] for r in read(sql, (dumps(places),))}
    for phone in filter(None, (record.get("phone"), record.get("mobile"))):
        found |= _indexed(store, kind, phone)
    return sorted(found)


def _places(store: Store, kind: Kind, firm: str) -> list[Any]:
    """Where people of a company stand: its accounts (for contacts), or the ways that leads write it, but for the legal form."""
    key, start = company_key(firm), firm.split()[0]
    if kind.name == "contact":
        return [a["id"] for a in accounts_like(store, firm) if company_key(a["name"]) == key]
    sql = f"SELECT DISTINCT company FROM lead WHERE company=?1 COLLATE NOCASE OR company LIKE ?2 ESCAPE '\\' LIMIT {MOST}"
    return [c for (c,) in store.db.execute(sql, (firm, escaped(start) + "%")) if company_key(c) == key]


def _companies(store: Store, record: Record) -> list[int]:
    """Ids of the accounts that may be this company: by the beginning of the name, domain, phone."""
    found = {a["id"] for a in accounts_like(store, record.get("name") or "")}
    for domain in matching.company_of(record).domains:
        found |= _indexed(store, store.kinds["account"], domain)
    if phone := record.get("phone"):
        found |= {r[0] for r in store.db.execute(f"SELECT id FROM account WHERE phone=? LIMIT {MOST}", (phone,))}
    return sorted(found)


def _indexed(store: Store, kind: Kind, text: str) -> set[int]:
    """The records in whose text index all words of `text` stand."""
    wanted = textindex.match(text)
    if not wanted:
        return set()
    table = q(kind.name + "_search")
    return {r[0] for r in store.db.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT {MOST}", (wanted,))}


def loaded(store: Store, kind: Kind, ranges: Sequence[tuple[int, int]], rules: Rules) -> int | None:
    """How many of the records that a load brought, by ranges of ids, are likely there twice; None where that was not looked for.

    Many are counted in SQL: the same name at the same company, and leads that are contacts by their e-mail."""
    if kind.name not in ("contact", "account", "lead") or not ranges:
        return 0
    many = sum(last - first + 1 for first, last in ranges)
    if many <= SINGLY:
        return sum(bool(like(store, kind, n, rules)) for first, last in ranges for n in range(first, last + 1))
    if kind.name == "account":
        return None
    first = min(r[0] for r in ranges)
    firm, same = ("account", "") if kind.name == "contact" else ("company", " COLLATE NOCASE")
    table = q(kind.name)
    # Most companies stand there once: those that do not are found in their index alone.
    shared = f"SELECT {firm} AS c FROM {table} WHERE {firm} IS NOT NULL GROUP BY {firm}{same} HAVING count(*)>1"
    groups = (
        f"SELECT sum(id>=?1) AS new, count(*) AS every FROM ({shared}) CROSS JOIN {table} ON {firm}=c{same}"
        " GROUP BY c, name COLLATE NOCASE HAVING count(*)>1 AND max(id)>=?1"
    )
    alike = store.db.execute(f"SELECT coalesce(sum(new-(new=every)),0) FROM ({groups})", (first,)).fetchone()[0]
    other = "contact o WHERE" if kind.name == "lead" else "lead o WHERE o.converted IS NULL AND"
    mails = f"SELECT count(*) FROM {table} t WHERE t.id>=? AND EXISTS(SELECT 1 FROM {other} o.email=t.email)"
    return int(alike) + int(store.db.execute(mails, (first,)).fetchone()[0])
