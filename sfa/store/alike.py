"""Records like one that is being added, or like those that a load brought: found by the indexes that there are, so that adding stays
quick in a database of any size. The whole search is `duplicates.py`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from json import dumps
from typing import Any, NamedTuple

from sfa.messages import say
from sfa.sales import matching
from sfa.sales.kinds import Kind
from sfa.sales.matching import Verdict
from sfa.sales.names import company_key
from sfa.store import textindex
from sfa.store.database import Store
from sfa.store.duplicates import MATCHED, Rules, Who, compared, dismissed, find
from sfa.store.leads import accounts_like, escaped, same_email
from sfa.store.schema import q

Record = dict[str, Any]
MOST = 200
"""Candidates of one sort looked at for one record."""
SINGLY = 100
"""New records of a load that are compared one by one with what is there."""
SEARCHED = 100_000
"""Accounts, or contacts, up to which a load's new ones are looked for by the whole search."""
ARRIVING = {"contact": ("contact", "lead"), "account": ("account",), "lead": ("lead", "contact")}
"""What new records of a kind are compared with."""


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


# What a load brought ----------------------------------------------------------------------------------------------------------------


class Likely(NamedTuple):
    """Of the records that a load brought, how `many` are likely there twice, `by` what they agree in, in words; `twins` says of
    each of them which record it likely is, where all that they agree in was looked at (`whole`)."""

    many: int
    by: Counter[str]
    twins: dict[int, tuple[Who, Verdict]]
    whole: bool


def loaded(store: Store, kind: Kind, ranges: Sequence[tuple[int, int]], rules: Rules, whole: bool = False) -> Likely:
    """Which of the records that a load brought, by ranges of ids, are likely there twice: of two new ones the later is.

    Few are compared one by one, more by the keys of the whole search; of leads, and of very many, what tells most is counted in SQL,
    unless `whole` is wanted whatever it costs."""
    many = sum(last - first + 1 for first, last in ranges)
    if kind.name not in MATCHED or not many:
        return Likely(0, Counter(), {}, True)
    if many <= SINGLY:
        return _counted(_singly(store, kind, ranges, rules))
    held = store.db.execute(f"SELECT count(*) FROM {q(kind.name)}").fetchone()[0]
    if whole or (kind.name != "lead" and held <= SEARCHED):
        return _counted(_searched(store, kind, ranges, rules))
    by = _same_firms(store, ranges) if kind.name == "account" else _same_people(store, kind, ranges[0][0])
    return Likely(by.total(), by, {}, False)


def _counted(twins: dict[int, tuple[Who, Verdict]]) -> Likely:
    return Likely(len(twins), Counter(", ".join(v.evidence) for _, v in twins.values()), twins, True)


def _singly(store: Store, kind: Kind, ranges: Sequence[tuple[int, int]], rules: Rules) -> dict[int, tuple[Who, Verdict]]:
    out = {}
    for number in (n for first, last in ranges for n in range(first, last + 1)):
        for who, verdict in like(store, kind, number, rules):
            if who[0] != kind.name or who[1] < number:
                out[number] = (who, verdict)
                break
    return out


def _searched(store: Store, kind: Kind, ranges: Sequence[tuple[int, int]], rules: Rules) -> dict[int, tuple[Who, Verdict]]:
    new = {n for first, last in ranges for n in range(first, last + 1)}
    out: dict[int, tuple[Who, Verdict]] = {}
    found = find(store, kind, ARRIVING[kind.name], [], rules, only=new)
    for keep, merge, verdict in found.pairs:
        for one, other in ((keep, merge), (merge, keep)):
            if one[0] == kind.name and one[1] in new and (other[0] != kind.name or other[1] < one[1]):
                out.setdefault(one[1], (other, verdict))
    return out


def _same_firms(store: Store, ranges: Sequence[tuple[int, int]]) -> Counter[str]:
    """How many new accounts are called like another one but for the legal form."""
    there: set[str] = set()
    same = 0
    first = ranges[0][0]
    for number, name in store.db.execute("SELECT id, name FROM account ORDER BY id"):
        key = company_key(name)
        same += number >= first and key in there
        there.add(key)
    return Counter({"name": same} if same else {})


def _same_people(store: Store, kind: Kind, first: int) -> Counter[str]:
    """How many new people have the name of another one at the same company, and how many the e-mail of a contact (leads) or lead."""
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
    mailed = store.db.execute(mails, (first,)).fetchone()[0]
    of = "contact" if kind.name == "lead" else "lead"
    return Counter({k: n for k, n in (("name, company", int(alike)), (say("e-mail of a {of}", of=of), int(mailed))) if n})
