"""Finding all that is one person: contacts, leads and users, deleted ones too, whatever their spelling.

How names, addresses and numbers are compared is `sales/persons.py`'s, when two records are one person `sales/matching.py`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from sfa.errors import Ambiguous, NotFound
from sfa.messages import say
from sfa.sales.matching import NO
from sfa.sales.matching import person as compare
from sfa.sales.names import emails as _emails
from sfa.sales.names import is_role, mailbox
from sfa.sales.persons import name_keys
from sfa.sales.phones import phone_key
from sfa.sales.refs import show
from sfa.sales.values import clean, quoted
from sfa.store import history, lookup
from sfa.store.database import Store
from sfa.store.queries.scope import taken_back
from sfa.store.schema import q

PERSONS = ("contact", "lead", "user")
Record = tuple[str, int]
_PHONES = ("phone", "mobile", "other_phones")
_DOMAINS = {"gmail.com": ("gmail.com", "googlemail.com")}


class Found(NamedTuple):
    """A person's records: those that certainly are theirs, and others that likely are, with what agrees."""

    certain: list[Record]
    likely: list[tuple[Record, tuple[str, ...]]]


def find(store: Store, text: str, likely: bool = False) -> Found:
    """The person whom a name, an e-mail address or a phone number means; with `likely`, what only likely is theirs is theirs too.

    Raises NotFound; Ambiguous where records that it fits are not certainly one person."""
    text = clean(text)
    test = _asks_for(text)
    seeds = [r for kind in PERSONS for r in _scan(store, kind, test)]
    if not seeds:
        raise NotFound(say("no contact, lead or user is {text}", text=quoted(text)), "`sfa search TEXT` looks everywhere.")
    by_phone = "@" not in text and not re.search(r"[^\W\d_]", text)
    groups = _groups(store, seeds, by_name_too=by_phone, likely=likely)
    if len(groups) > 1:
        lines = "\n".join("  " + ", ".join(named(store, r) for r in group) for group in groups[:8])
        first = show(*groups[0][0], store.site)
        raise Ambiguous(
            say("{text} may be {count} persons:\n{lines}", text=quoted(text), count=len(groups), lines=lines)
            + ("\n  …" if len(groups) > 8 else ""),
            say("Name the person by e-mail or reference, as in {first}", first=first)
            + ("." if likely else "; --likely takes those that agree in two fields."),
        )
    return grown(store, groups[0], likely)


def grown(store: Store, records: Iterable[Record], likely: bool = False) -> Found:
    """All that is the person of these records: what has one of their personal e-mails, what a lead became, and what likely is theirs."""
    certain = list(dict.fromkeys(records))
    while True:
        more = [r for r in (*_converted(store, certain), *_same_mail(store, certain)) if r not in certain]
        if not more:
            maybe = _likely(store, certain)
            if not maybe or not likely:
                return Found(certain, maybe)
            more = [r for r, _ in maybe]
        certain += list(dict.fromkeys(more))


def named(store: Store, record: Record) -> str:
    """A person's record as a message names it, a deleted one by what it was last."""
    known = latest(store, record)
    beside = known.get("company") or known.get("email") or ""
    return f"{show(*record, store.site)} {lookup.label(store.kinds[record[0]], known)}{f' ({beside})' if beside else ''}".strip()


def latest(store: Store, record: Record) -> dict[str, Any]:
    """The last version of a record, with `company`, the name of a contact's account."""
    kind, number = record
    versions = history.versions(store, store.kinds[kind], number)
    if not versions:
        raise NotFound(say("no {kind} has the reference {ref}", kind=kind, ref=show(kind, number, store.site)))
    found = dict(versions[-1])
    if kind == "contact" and found.get("account"):
        found["company"] = (lookup.get(store, "account", found["account"]) or {}).get("name")
    return found


class _Test(NamedTuple):
    """How a person is looked for: a test of a row with these `columns`, and SQL that leaves out rows that cannot pass it."""

    passes: Callable[[dict[str, Any]], bool]
    columns: tuple[str, ...]
    clause: str = "1"
    params: tuple[str, ...] = ()


def _asks_for(text: str) -> _Test:
    """The test for what a text says of somebody: an e-mail, a phone number, else a name."""
    if "@" in text:
        return _with_mail({mailbox(text)})
    if not re.search(r"[^\W\d_]", text):
        digits = phone_key(text)
        return _Test(lambda row: len(digits) >= 6 and any(_agree(digits, phone_key(p)) for p in _phones(row)), _PHONES)
    return _with_name(name_keys(text))


def _with_name(keys: frozenset[str]) -> _Test:
    return _Test(lambda row: bool(keys & _names(row)), ("name", "first_name", "last_name"))


def _with_mail(wanted: set[str]) -> _Test:
    """Only addresses of the same domains are compared; Gmail has two."""
    domains = sorted({d for m in wanted for d in _DOMAINS.get(m.rpartition("@")[2], (m.rpartition("@")[2],))})
    clause = " OR ".join("instr(lower(coalesce(email,'')||','||coalesce(other_emails,'')),?)>0" for _ in domains)
    return _Test(
        lambda row: bool(wanted & {mailbox(m) for m in _emails(row)}), ("email", "other_emails"), clause, tuple("@" + d for d in domains)
    )


def _agree(one: str, other: str) -> bool:
    return one == other or (len(one) >= 8 and len(other) >= 8 and (one.endswith(other) or other.endswith(one)))


def _phones(row: dict[str, Any]) -> list[str]:
    texts = (row.get("phone") or "", row.get("mobile") or "", *(row.get("other_phones") or "").split(","))
    return [t for t in texts if t]


def _names(row: dict[str, Any]) -> frozenset[str]:
    whole, parts = row.get("name") or "", " ".join(p for p in (row.get("first_name"), row.get("last_name")) if p)
    return name_keys(whole) | name_keys(parts) if parts and parts != whole else name_keys(whole)


def _scan(store: Store, kind: str, test: _Test) -> list[Record]:
    """The records of a kind, past versions and deleted ones too, that pass a test. What `undo` took back never was: a merge that was a
    mistake makes nobody the other."""
    names = [n for n in test.columns if n in store.kinds[kind].columns]
    if not names:
        return []
    clause = test.clause if "other_emails" in store.kinds[kind].columns else test.clause.replace("other_emails", "NULL")
    columns = ",".join(q(n) for n in names)
    now = f"SELECT id,{columns} FROM {q(kind)} WHERE {clause}"
    once = f"SELECT id,{columns} FROM {q(kind + '_history')} v WHERE ({clause}) AND NOT {taken_back('v')}"
    found: dict[int, None] = {}
    for number, *values in store.db.execute(f"{now} UNION ALL {once}", test.params * 2):
        if number not in found and test.passes(dict(zip(names, values, strict=True))):
            found[number] = None
    return [(kind, n) for n in sorted(found)]


def _mails(store: Store, records: Iterable[Record]) -> set[str]:
    """The personal mailboxes that records had in any version that was not taken back."""
    undone = set(store.db.execute("SELECT undoes,id FROM op WHERE undoes IS NOT NULL"))
    out: set[str] = set()
    for kind, number in records:
        for version in history.versions(store, store.kinds[kind], number):
            if (version["op"], version["until_op"]) not in undone:
                out |= {mailbox(m) for m in _emails(version) if not is_role(m)}
    return out


def _same_mail(store: Store, records: list[Record]) -> list[Record]:
    wanted = _mails(store, records)
    if not wanted:
        return []
    return [r for kind in PERSONS for r in _scan(store, kind, _with_mail(wanted))]


def _converted(store: Store, records: list[Record]) -> list[Record]:
    """The contacts that leads became, and the leads that became contacts."""
    out: list[Record] = []
    for kind, number in records:
        if kind in ("lead", "contact"):
            mine, theirs = ("id", "contact") if kind == "lead" else ("contact", "id")
            sql = f"SELECT {theirs} FROM lead WHERE {mine}=?1 UNION"
            sql += f" SELECT {theirs} FROM lead_history v WHERE {mine}=?1 AND NOT {taken_back('v')}"
            other = "contact" if kind == "lead" else "lead"
            out += [(other, r[0]) for r in store.db.execute(sql, (number,)) if r[0] is not None]
    return out


def _likely(store: Store, records: list[Record]) -> list[tuple[Record, tuple[str, ...]]]:
    """Other contacts and leads with the name, in any spelling, and another field that agrees."""
    own = [latest(store, r) for r in records]
    keys = frozenset().union(*(_names(o) for o in own))
    out = []
    for kind in ("contact", "lead"):
        for record in _scan(store, kind, _with_name(keys)):
            if record not in records:
                other = latest(store, record)
                because = next((b for b in (_because(o, other) for o in own) if b), ())
                if because:
                    out.append((record, because))
    return out


def _because(one: dict[str, Any], other: dict[str, Any]) -> tuple[str, ...]:
    """What two people have in common where they likely are one, whatever the spelling of their names."""
    alike = {**other, "first_name": one.get("first_name"), "last_name": one.get("last_name"), "name": one.get("name")}
    verdict = compare(one, alike if _names(one) & _names(other) else other)
    return () if verdict.level == NO else verdict.because


def _groups(store: Store, seeds: list[Record], by_name_too: bool, likely: bool) -> list[list[Record]]:
    """The seeds, those together that are one person."""
    groups: list[list[Record]] = []
    for seed in seeds:
        if any(seed in g for g in groups):
            continue
        mine = grown(store, [seed], likely).certain
        group = [s for s in seeds if s in mine]
        if by_name_too:
            keys = _names(latest(store, seed))
            group += [s for s in seeds if s not in group and keys & _names(latest(store, s))]
        merged = [g for g in groups if any(r in g for r in group)]
        groups = [g for g in groups if g not in merged] + [list(dict.fromkeys([*(r for g in merged for r in g), *group]))]
    return groups
