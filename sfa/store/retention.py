"""What has been kept too long: leads, contacts and activities with which nothing happened since a day. Erasing them is `erase.py`'s.

What must stay, stays: people on open deals, converted leads, people who share an e-mail with somebody who stays, and opt-outs of people
without an e-mail, of whom no keyed hash could keep an import from bringing them back.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from sfa.sales.groups import OPT_OUTS
from sfa.sales.names import mailbox
from sfa.sales.persons import Traces, name_keys
from sfa.store import erase
from sfa.store.database import Store
from sfa.store.erase import ERASED, Record
from sfa.store.schema import q

KINDS = ("lead", "contact", "activity")
_DAY = "date(({}.since>>20)/1000,'unixepoch')"
_OPEN_DEAL = "o.stage IN (SELECT id FROM stage WHERE outcome='open')"


class Old(NamedTuple):
    """A record that has been kept too long: what it is called, and the day of the last thing that happened with it."""

    kind: str
    id: int
    label: str
    last: str


class Due(NamedTuple):
    """What is to go, and how many too old records stay for which reason."""

    old: list[Old]
    kept: Counter[str]


def due(store: Store, cutoffs: dict[str, str]) -> Due:
    """What is older than the days in `cutoffs` (kind → ISO date), for the kinds that are in it."""
    old: list[Old] = []
    kept: Counter[str] = Counter()
    for kind in (k for k in KINDS if k in cutoffs):
        for number, label, last, reason in store.db.execute(_sql(kind), {"cutoff": cutoffs[kind], "erased": ERASED}):
            if reason:
                kept[reason] += 1
            else:
                old.append(Old(kind, number, label, last))
    return _without_shared(store, old, kept)


def _sql(kind: str) -> str:
    """(id, label, last day, why it stays or NULL) of every record of a kind that is older than :cutoff and not erased yet."""
    if kind == "activity":
        last = f'max(substr(t."when",1,10),{_DAY.format("t")})'
        label, body = "substr(t.text,1,60)", "t.text<>:erased"
        reason = (
            "CASE WHEN t.next_step IS NOT NULL AND t.done IS NOT 1 THEN 'with an open next step'"
            f" WHEN EXISTS(SELECT 1 FROM opportunity o WHERE o.id=t.opportunity AND {_OPEN_DEAL}) THEN 'on an open deal' END"
        )
    else:
        also = " OR a.id IN (SELECT activity FROM activity_contact WHERE contact=t.id)"
        mine = f"a.{kind}=t.id" + (also + " OR a.lead IN (SELECT id FROM lead WHERE contact=t.id)" if kind == "contact" else "")
        touched = f"max(substr(a.\"when\",1,10),{_DAY.format('a')},CASE WHEN a.done IS NOT 1 THEN coalesce(a.due,'') ELSE '' END)"
        parts = [_DAY.format("t"), f"coalesce((SELECT max({touched}) FROM activity a WHERE {mine}),'')"]
        if kind == "contact":
            parts.append(f"coalesce((SELECT max({_DAY.format('o')}) FROM opportunity o WHERE {_deals()}),'')")
        last = f"max({','.join(parts)})"
        label, body = "t.name", "t.name<>:erased"
        outs = " OR ".join(f"t.{name} IS NOT NULL" for name in OPT_OUTS)
        reason = (
            "CASE "
            + ("WHEN t.converted IS NOT NULL THEN 'converted' " if kind == "lead" else "")
            + (
                f"WHEN EXISTS(SELECT 1 FROM opportunity o WHERE {_deals()} AND {_OPEN_DEAL}) THEN 'on an open deal' "
                if kind == "contact"
                else ""
            )
            + f"WHEN ({outs}) AND t.email IS NULL AND t.other_emails IS NULL THEN 'opted out without an e-mail' END"
        )
    return (
        f"SELECT id, label, last, CASE WHEN last<:cutoff THEN reason END FROM (SELECT t.id, {label} label, {last} last, {reason} reason"
        f" FROM {q(kind)} t WHERE {body}) WHERE last<:cutoff ORDER BY last, id"
    )


def _deals() -> str:
    return "(o.contact=t.id OR o.id IN (SELECT opportunity FROM opportunity_contact WHERE contact=t.id))"


def _without_shared(store: Store, old: list[Old], kept: Counter[str]) -> Due:
    """What is to go without the people whose e-mail somebody who stays has too: they are one person, and that one is still known."""
    going = {(o.kind, o.id) for o in old}
    # With a contact goes the lead that it was.
    going |= {("lead", n) for n, c in store.db.execute("SELECT id, contact FROM lead WHERE contact IS NOT NULL") if ("contact", c) in going}
    mine = {o: _mailboxes(store, o) for o in old if o.kind != "activity"}
    staying = {m for kind in erase.PERSONS for number, mails in _all_mails(store, kind) if (kind, number) not in going for m in mails}
    out = []
    for one in old:
        if one.kind != "activity" and mine[one] & staying:
            kept["with the e-mail of somebody who stays"] += 1
        else:
            out.append(one)
    return Due(out, kept)


def _mailboxes(store: Store, one: Old) -> set[str]:
    row = store.db.execute(f"SELECT email, other_emails FROM {q(one.kind)} WHERE id=?", (one.id,)).fetchone()
    return _split(*row)


def _all_mails(store: Store, kind: str) -> list[tuple[int, set[str]]]:
    other = "other_emails" if kind != "user" else "NULL"
    rows = store.db.execute(f"SELECT id, email, {other} FROM {q(kind)} WHERE email IS NOT NULL OR {other} IS NOT NULL")
    return [(n, _split(email, others)) for n, email, others in rows]


def _split(email: str | None, others: str | None) -> set[str]:
    return {mailbox(m) for m in (email or "", *(others or "").split(",")) if m.strip()}


def purge(store: Store, found: Due, command: str) -> erase.Erased:
    """Erase what is due, in one operation. People may come back by an import, but for those who opted out. Raises DatabaseError."""
    whole = [erase.person(store, o.kind, o.id) for o in found.old if o.kind != "activity"]
    who = erase.together([*whole, erase.Person([], [o.id for o in found.old if o.kind == "activity"], [])])
    return erase.erase(store, who, command, blocked=_opted_out(store, who.records), needle=_needle(store, who.records))


def _opted_out(store: Store, records: list[Record]) -> list[Record]:
    """Of the records, those whose person opted out of anything, in any version."""
    outs = " OR ".join(f"{name} IS NOT NULL" for name in OPT_OUTS)
    sql = "SELECT 1 FROM {0} WHERE id=?1 AND ({1}) UNION ALL SELECT 1 FROM {0}_history WHERE id=?1 AND ({1}) LIMIT 1"
    return [(k, n) for k, n in records if k != "user" and store.db.execute(sql.format(k, outs), (n,)).fetchone()]


def _needle(store: Store, records: list[Record]) -> Traces:
    """What is looked for in texts: names and numbers that nobody who stays has."""
    going = set(records)
    names, phones = (dict.fromkeys(erase.values(store, records, of)) for of in ("name", "phone"))
    kept_keys: set[str] = set()
    kept_phones: set[str] = set()
    for kind in (*erase.PERSONS, "account"):
        columns = [f.name for f in store.kinds[kind].stored if f.type == "phone"]
        sql = f"SELECT id, name{''.join(',' + q(c) for c in columns)} FROM {q(kind)}"
        for number, name, *numbers in store.db.execute(sql):
            if (kind, number) not in going:
                kept_keys |= name_keys(name)
                kept_phones |= {p for text in numbers if text for p in text.split(",")}
    return Traces(
        [n for n in names if not name_keys(n) & kept_keys],
        erase.values(store, records, "email"),
        [p for p in phones if p not in kept_phones],
    )
