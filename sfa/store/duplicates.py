"""Records that are likely one: the store's people and companies brought to the comparison of `sales/blocking.py`, and which pairs a person
has said are not the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, NamedTuple

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales import blocking, matching
from sfa.sales.filters import Condition
from sfa.sales.kinds import Kind
from sfa.sales.matching import Verdict
from sfa.sales.refs import long_form, parse, show
from sfa.store.database import Store
from sfa.store.operations import Operation
from sfa.store.schema import q
from sfa.store.where import where

Record = dict[str, Any]
Who = tuple[str, int]
NOT = "#not"
"""The source under which it is remembered that two records are not the same, by both their ids."""
MATCHED = ("contact", "account", "lead")
_REGISTERED = r"(?i)vat|tax|ust|regist|duns|siren|siret|hrb|\bein\b|ico\b|信用代码|税号|法人番号"
_COMPARED = {
    "contact": "name first_name last_name email other_emails phone mobile other_phones street city postal_code country",
    "lead": "name first_name last_name company website email other_emails phone mobile other_phones street city postal_code country",
    "account": "name website phone street city postal_code country",
}
_LONG_ID = 12
"""Characters from which on the same external id of two sources means the same record; a shorter one may be any number."""


class Rules(NamedTuple):
    """The thresholds in force: the score from which on a pair is shown, how alike misspelt words are (per cent)."""

    least: int = matching.SCORE
    similar: int = matching.SIMILAR


class Twins(NamedTuple):
    """Two records that are likely one: the one to keep, the other, and why."""

    keep: Who
    merge: Who
    verdict: Verdict


class Found(NamedTuple):
    """What a search found, the surest first: pairs, clusters of records, keys that too many share, how many records were asked about,
    and pairs left out because a person has said that they are not the same."""

    pairs: list[Twins]
    clusters: list[list[Who]]
    crowds: list[blocking.Crowd]
    records: int
    dismissed: int


def find(
    store: Store,
    kind: Kind,
    against: Iterable[str],
    conditions: list[Condition],
    rules: Rules,
    progress: Callable[[int], None] = lambda n: None,
    only: Collection[int] | None = None,
) -> Found:
    """The likely duplicates among records of `kind`, and between them and those of the kinds `against`. With conditions, or ids that are
    asked about `only`, at least one of the two is such a one. Converted leads are left out: what they became stands for them."""
    others = [n for n in against if n != kind.name]
    as_companies = "account" in (kind.name, *others)
    search = _search(as_companies, rules)
    chosen: Collection[int] | None = _chosen(store, kind, conditions)
    if only is not None:
        chosen = only if chosen is None else {*chosen} & {*only}
    ids: list[Who] = []
    asked = bytearray()
    for name in (*(n for n in MATCHED if n in others), kind.name):
        for number, record in _records(store, store.kinds[name], as_companies):
            search.add(record)
            ids.append((name, number))
            asked.append(name == kind.name and (chosen is None or number in chosen))
            if not len(ids) % 5_000:
                progress(len(ids))
    among = kind.name in against
    apart, own = dismissed(store), kind.name
    left: list[int] = []

    def wanted(one: int, other: int) -> bool:
        if not (asked[one] or asked[other]) or not (among or ids[one][0] != own or ids[other][0] != own):
            return False
        if apart and frozenset((ids[one], ids[other])) in apart:
            left.append(one)
            return False
        return True

    pairs = sorted(search.pairs(wanted), key=lambda p: (-p.verdict.score, p.one, p.other))
    groups = [[ids[p] for p in c] for c in blocking.clusters(pairs)]
    twins = [Twins(ids[p.one], ids[p.other], p.verdict) for p in pairs]
    return Found(twins, groups, sorted(search.crowds, key=lambda c: (-c.records, c.key)), sum(asked), len(set(left)))


def _search(as_companies: bool, rules: Rules) -> blocking.Search:
    if as_companies:
        return blocking.Search(
            matching.Company._make, blocking.company_keys, lambda a, b: matching.companies(a, b, rules.least), rules.least
        )
    compare = matching.people
    return blocking.Search(matching.Person._make, blocking.person_keys, lambda a, b: compare(a, b, rules.least, rules.similar), rules.least)


def _chosen(store: Store, kind: Kind, conditions: list[Condition]) -> set[int] | None:
    if not conditions:
        return None
    clause, params = where(store, kind, conditions)
    return {r[0] for r in store.db.execute(f"SELECT t.id FROM {q(kind.name)} t WHERE {clause}", params)}


def compared(store: Store, kind: Kind, clause: str = "1", params: Iterable[Any] = ()) -> Iterator[tuple[int, Record]]:
    """(id, what is compared) of the records of a kind that fit a clause over the alias `t`."""
    names = _COMPARED[kind.name].split()
    registered = [f.name for f in kind.fields if f.user and f.type == "text" and re.search(_REGISTERED, f"{f.name} {f.label}")]
    columns = ["t.id", *(f"t.{q(n)}" for n in (*names, *registered))]
    joined, keys = "", ["id", *names, *registered]
    if kind.name == "contact":
        joined = "LEFT JOIN account a ON a.id=t.account"
        columns += ["a.name", "a.website"]
        keys += ["company", "website"]
    outside = _outside(store, kind)
    sql = f"SELECT {','.join(columns)} FROM {q(kind.name)} t {joined} WHERE {clause} ORDER BY t.id"
    for row in store.db.execute(sql, tuple(params)):
        record = dict(zip(keys, row, strict=True))
        number = row[0]
        if outside and number in outside:
            record["external_id"] = outside[number]
        if registered:
            own = [f"{n} {re.sub(r'[^0-9a-z]', '', v.lower())}" for n in registered if (v := record[n])]
            record["external_id"] = (*record.get("external_id", ()), *own)
        yield number, record


def _records(store: Store, kind: Kind, as_companies: bool) -> Iterator[tuple[int, Any]]:
    """(id, what is compared, made ready) of every record of a kind."""
    clause = "t.converted IS NULL" if kind.name == "lead" else "1"
    for number, record in compared(store, kind, clause):
        if not as_companies:
            yield number, matching.person_of(record)
        elif kind.name == "account" or record.get("company"):
            yield number, matching.company_of(record if kind.name == "account" else {**record, "name": record["company"]})


def _outside(store: Store, kind: Kind) -> dict[int, tuple[str, ...]]:
    """Record → its external ids that another source, or another kind of record, has too."""
    long = f"substr(coalesce(source,''),1,1)<>'#' AND length(external)>={_LONG_ID}"
    twice = f"SELECT external FROM external WHERE {long} GROUP BY external HAVING count(*)>1"
    out: dict[int, tuple[str, ...]] = {}
    for number, external in store.db.execute(
        f'SELECT record, external FROM external WHERE "kind"=? AND {long} AND external IN ({twice})', (kind.name,)
    ):
        out[number] = (*out.get(number, ()), external)
    return out


# What a person has said -------------------------------------------------------------------------------------------------------------


def dismiss(op: Operation, records: list[Who]) -> int:
    """Remember that no two of these records are the same; returns how many pairs that is news about."""
    from itertools import combinations

    known = dismissed(op.store)
    new = [p for p in combinations(sorted(set(records)), 2) if frozenset(p) not in known]
    for one, other in new:
        op.store.db.execute(
            'INSERT INTO external(id,"kind",record,source,external) VALUES(?,?,?,?,?)',
            (op.new_id("external"), one[0], one[1], NOT, f"{long_form(*one)} {long_form(*other)}"),
        )
        op.changes += 1
    return len(new)


def dismissed(store: Store) -> set[frozenset[Who]]:
    """The pairs that a person has said are not the same."""
    rows = store.db.execute(f"SELECT external FROM external WHERE \"kind\" IN {MATCHED} AND coalesce(source,'')=?", (NOT,))
    out = set()
    for (text,) in rows:
        pair = [parse(part, store.site) for part in text.split()]
        out.add(frozenset(p for p in pair if p))
    return out


def made_by(store: Store, kind: Kind, op: int) -> set[int]:
    """The ids of the records of `kind` that an operation made."""
    k, h = q(kind.name), q(kind.name + "_history")
    sql = f"SELECT id FROM {k} WHERE op=?1 UNION SELECT id FROM {h} WHERE op=?1 EXCEPT SELECT id FROM {h} WHERE until_op=?1"
    return {r[0] for r in store.db.execute(sql, (op,))}


def in_words(store: Store, who: Who) -> str:
    """A record's reference."""
    return show(*who, store.site)


def check_kinds(kind: str, against: str) -> tuple[str, ...]:
    """The kinds that records of `kind` are compared with. Raises UsageError for what cannot be compared."""
    if kind not in MATCHED:
        raise UsageError(say("duplicates are looked for among contacts, accounts and leads, not {kind}s", kind=kind))
    usual = {"contact": ("contact",), "account": ("account",), "lead": ("lead", "contact")}[kind]
    if not against:
        return usual
    if kind != "lead" and against != kind:
        raise UsageError(say("{kind}s are compared with each other alone", kind=kind), "sfa duplicates lead --against contact")
    return (against,)
