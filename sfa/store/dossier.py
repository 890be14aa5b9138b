"""All that is held about one person, read together: their records with every version, what was logged with them, the deals that they are
on, their opt-outs, where the data came from, and where others wrote about them."""

from __future__ import annotations

from typing import Any, NamedTuple

from sfa.sales.kinds import Field, Kind
from sfa.store import erase, history
from sfa.store.database import Store
from sfa.store.erase import Record
from sfa.store.migrations import with_columns
from sfa.store.schema import q


class Origin(NamedTuple):
    """An operation that wrote a record: when (ms), who, by which command; `first` where it made it."""

    at: int
    actor: str
    command: str
    first: bool


def origins(store: Store, record: Record) -> list[Origin]:
    """How a record came to be, and every import that wrote to it since."""
    changes = history.record(store, store.kinds[record[0]], record[1])
    seen: dict[int, Origin] = {}
    for change in changes:
        if change.op not in seen and (not seen or change.command.split()[:1] == ["import"]):
            seen[change.op] = Origin(change.at, change.actor, change.command, not seen)
    return list(seen.values())


def with_taken_back(store: Store, kind: str) -> Kind:
    """A kind with the fields of the company's own that were taken back, whose data is still in the file."""
    return with_columns(store.db, store.kinds[kind])


def externals(store: Store, kind: str, number: int) -> list[str]:
    """How other systems call or called a record."""
    where = "\"kind\"=?1 AND record=?2 AND substr(coalesce(source,''),1,1)<>'#'"
    sql = f"SELECT external FROM external WHERE {where} UNION SELECT external FROM external_history WHERE {where}"
    return [r[0] for r in store.db.execute(sql, (kind, number))]


def optouts(store: Store, record: Record) -> list[tuple[Field, str, int]]:
    """(field, value, since when in ms) of a record's opt-outs; the value is the date and the source as they were given."""
    kind = store.kinds[record[0]]
    out = []
    for field in (f for f in kind.fields if f.type == "optout"):
        found = [c for c in history.record(store, kind, record[1]) if c.field == field.name and c.after]
        if found:
            out.append((field, found[-1].after, found[-1].at))
    return out


def deals(store: Store, records: list[Record]) -> list[tuple[int, str | None]]:
    """(id, role) of every opportunity that the person is or was on; a lead's is the one that it became."""
    out: dict[int, str | None] = {}
    for kind, number in records:
        if kind == "contact":
            for table in ("opportunity", "opportunity_history"):
                out.update((r[0], None) for r in store.db.execute(f"SELECT id FROM {table} WHERE contact=?", (number,)))
            for table in ("opportunity_contact_history", "opportunity_contact"):
                out.update(store.db.execute(f"SELECT opportunity, role FROM {table} WHERE contact=?", (number,)).fetchall())
        elif kind == "lead":
            found = store.db.execute("SELECT opportunity FROM lead WHERE id=? AND opportunity IS NOT NULL", (number,))
            out.update((r[0], None) for r in found if r[0] not in out)
    return sorted(out.items())


def mentions(store: Store, who: erase.Person) -> list[tuple[str, int, str, str]]:
    """(kind, id, field, text) of what others' records say of the person now, by any spelling of name, e-mail or phone."""
    traces = erase.traces(store, who.records)
    if not traces:
        return []
    own = {*who.records, *(("activity", a) for a in who.activities)}
    store.db.create_function("tells", 1, lambda text: isinstance(text, str) and bool(traces.spans(text)), deterministic=True)
    out: list[tuple[str, int, str, str]] = []
    for kind in store.kinds.values():
        for field in erase.free_text(with_columns(store.db, kind)) if kind.prefix else []:
            rows = store.db.execute(f"SELECT id,{q(field.name)} FROM {q(kind.name)} WHERE tells({q(field.name)})")
            out += [(kind.name, n, field.name, text) for n, text in rows if (kind.name, n) not in own]
    return out


def commands(store: Store, who: erase.Person) -> list[tuple[int, str, str]]:
    """(when in ms, who, the command as typed) of operations whose words tell of the person."""
    traces = erase.traces(store, who.records)
    rows: list[Any] = store.db.execute(
        "SELECT o.id>>20, coalesce(u.name,''), o.command FROM op o LEFT JOIN user u ON u.id=o.actor"
    ).fetchall()
    return [(at, actor, command) for at, actor, command in rows if traces.spans(command)]
