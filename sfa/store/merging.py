"""Making one record of several: the survivor gets what the others know, all that belongs to them becomes its own, and their references
go on meaning it. The rules are in `sales/merging.py`; the versions that were before stay in the history, so that `undo` takes it all back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from sfa.errors import Refused, UsageError
from sfa.messages import say
from sfa.sales import merging
from sfa.sales.kinds import Kind, referrers
from sfa.sales.refs import long_form, show
from sfa.store import lookup
from sfa.store.database import Store
from sfa.store.duplicates import MATCHED, NOT
from sfa.store.lookup import MERGED, WAS
from sfa.store.operations import Operation
from sfa.store.schema import q

Record = dict[str, Any]


class Plan(NamedTuple):
    """A merge decided upon: the records, the survivor first, the others by their last change; what each field will hold; and how many
    records of each kind belong to the others."""

    kind: Kind
    records: list[Record]
    chosen: dict[str, merging.Choice]
    moving: dict[str, int]


def plan(store: Store, kind: Kind, numbers: Sequence[int], takes: dict[str, int] | None = None) -> Plan:
    """How the records with these ids become one; the first survives. `takes` says whose value of a field wins (field → id).

    Raises UsageError, Refused for leads that were converted."""
    if kind.name not in MATCHED:
        raise UsageError(say("{plural} are not merged", plural=kind.plural), "Contacts, accounts and leads are.")
    found = [lookup.get(store, kind.name, n) for n in numbers]
    records = [r for r in found if r]
    if len({r["id"] for r in records}) < 2:
        raise UsageError("these are one record already")
    if kind.name == "lead":
        _not_converted(store, records)
    records = [records[0], *sorted(records[1:], key=lambda r: (-r["since"], r["id"]))]
    places = {r["id"]: at for at, r in enumerate(records)}
    chosen = merging.merged(kind, records, {name: places[n] for name, n in (takes or {}).items()})
    if kind.name == "account" and "parent" in chosen:
        chosen["parent"] = _above(store, records, chosen["parent"])
    return Plan(kind, records, chosen, _belonging(store, kind, [r["id"] for r in records[1:]]))


def _not_converted(store: Store, records: Sequence[Record]) -> None:
    for r in records:
        if r.get("converted"):
            contact = show("contact", r["contact"], store.site) if r.get("contact") else ""
            raise Refused(
                say(
                    "{ref} {label} was converted and is read-only",
                    ref=show("lead", r["id"], store.site),
                    label=lookup.label(store.kinds["lead"], r),
                ),
                say("Convert the other lead to the same contact: sfa lead convert REF --contact {contact} --no-opp", contact=contact)
                if contact
                else "",
            )


def _above(store: Store, records: Sequence[Record], parent: merging.Choice) -> merging.Choice:
    """The merged account's parent; none where it would stand above itself."""
    own, above = {r["id"] for r in records}, parent.value
    seen: set[int] = set()
    while above is not None and above not in seen:
        seen.add(above)
        above = (lookup.get(store, "account", above) or {}).get("parent")
        if above in own:
            return merging.Choice(None, 0, "no circle")
    return parent


def _belonging(store: Store, kind: Kind, numbers: Sequence[int]) -> dict[str, int]:
    """Kind → how many records refer to those with these ids."""
    out: Counter[str] = Counter()
    marks = ",".join("?" * len(numbers))
    for name in dict.fromkeys(other.name for other, _ in referrers(store.kinds, kind.name)):
        fields = [f.name for other, f in referrers(store.kinds, kind.name) if other.name == name]
        clause = " OR ".join(f"{q(f)} IN ({marks})" for f in fields)
        many = store.db.execute(f"SELECT count(*) FROM {q(name)} WHERE {clause}", [*numbers] * len(fields)).fetchone()[0]
        if many:
            out[name] = many
    return dict(out)


def carry_out(op: Operation, plan: Plan) -> Record:
    """Write a merge; returns what changed in the survivor."""
    kind, survivor = plan.kind, plan.records[0]
    for loser in plan.records[1:]:
        _move(op, kind, survivor["id"], loser["id"])
        _names(op, kind, survivor["id"], loser)
        op.delete(kind.name, loser["id"])
    return op.update(kind.name, survivor["id"], merging.changes(survivor, plan.chosen))


def _move(op: Operation, kind: Kind, to: int, of: int) -> None:
    """Everything that refers to record `of` refers to `to`."""
    db = op.store.db
    for other, field in referrers(op.store.kinds, kind.name):
        if other.unique:
            _move_unique(op, other, field.name, to, of)
        else:
            # What a record may not be is itself: no account is its own parent.
            own = f" AND id<>{to}" if other.name == kind.name else ""
            op.changes += db.execute(f"UPDATE {q(other.name)} SET {q(field.name)}=? WHERE {q(field.name)}=?{own}", (to, of)).rowcount
            if own:
                op.changes += db.execute(
                    f"UPDATE {q(other.name)} SET {q(field.name)}=NULL WHERE id=? AND {q(field.name)}=?", (to, of)
                ).rowcount
    if kind.name == "contact":
        _once(op, to)


def _once(op: Operation, contact: int) -> None:
    """Who is the main contact of an activity is none of its others."""
    sql = "SELECT x.id FROM activity_contact x JOIN activity a ON a.id=x.activity WHERE x.contact=?1 AND a.contact=?1"
    for (row,) in op.store.db.execute(sql, (contact,)).fetchall():
        op.delete("activity_contact", row)


def _move_unique(op: Operation, other: Kind, field: str, to: int, of: int) -> None:
    """Move links of which there may be one alone (a contact on a deal): where the survivor has it, its blanks are filled."""
    db = op.store.db
    rest = [f.name for f in other.stored if f.name not in other.unique]
    same = " AND ".join(f"m.{q(u)} IS t.{q(u)}" for u in other.unique if u != field)
    rows = db.execute(
        f"SELECT t.id, m.id{''.join(f', t.{q(n)}' for n in rest)} FROM {q(other.name)} t"
        f" LEFT JOIN {q(other.name)} m ON m.{q(field)}=? AND {same} WHERE t.{q(field)}=?",
        (to, of),
    ).fetchall()
    for number, there, *values in rows:
        if there is None:
            op.update(other.name, number, {field: to})
            continue
        kept = db.execute(f"SELECT id{''.join(f', {q(n)}' for n in rest)} FROM {q(other.name)} WHERE id=?", (there,)).fetchone()[1:]
        op.update(other.name, there, {n: v for n, v, k in zip(rest, values, kept, strict=True) if k is None and v is not None})
        op.delete(other.name, number)


def _names(op: Operation, kind: Kind, to: int, loser: Record) -> None:
    """Whatever the record was called by is the survivor's now: its reference, its ids in other systems, its name or e-mail, by which a
    row of a file is known."""
    db, of = op.store.db, loser["id"]
    _forget_dismissals(op, kind, of)
    op.changes += db.execute('UPDATE external SET record=? WHERE "kind"=? AND record=?', (to, kind.name, of)).rowcount
    called = [(MERGED, long_form(kind.name, of))]
    called += [(WAS, loser[n]) for n in kind.key if loser.get(n)]
    for source, text in called:
        taken = db.execute(
            "SELECT 1 FROM external WHERE \"kind\"=? AND coalesce(source,'')=? AND external=?", (kind.name, source, text)
        ).fetchone()
        if not taken:
            db.execute(
                'INSERT INTO external(id,"kind",record,source,external) VALUES(?,?,?,?,?)',
                (op.new_id("external"), kind.name, to, source, text),
            )
    op.changes += 1


def _forget_dismissals(op: Operation, kind: Kind, of: int) -> None:
    """That a record is not the same as others was said of it, not of the survivor."""
    own = long_form(kind.name, of)
    rows = op.store.db.execute(
        f"SELECT id, external FROM external WHERE \"kind\" IN {MATCHED} AND coalesce(source,'')=?", (NOT,)
    ).fetchall()
    for number, text in rows:
        if own in text.split():
            op.store.db.execute("DELETE FROM external WHERE id=?", (number,))
