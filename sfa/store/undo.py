"""Taking operations back and doing them again: all or nothing, or with `partial` whatever nothing later stands against.

An undo is an operation of its own; a redo is the undo of an undo. Both work from the two tables of each kind alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sfa.errors import Ambiguous, NotFound
from sfa.sales.kinds import Kind, referrers
from sfa.sales.refs import show
from sfa.store.database import Store
from sfa.store.operations import find_me, operation
from sfa.store.schema import q


class Clash(NamedTuple):
    """Why a part of an operation cannot be taken back."""

    kind: str
    id: int
    why: str


class Plan(NamedTuple):
    """What taking one operation back would write in one kind: records to delete, to restore (whole rows) and to change (id → fields)."""

    kind: Kind
    delete: list[int]
    restore: list[tuple[int, dict[str, Any]]]
    change: list[tuple[int, dict[str, Any]]]


UNDONE = "EXISTS(SELECT 1 FROM op u WHERE u.undoes=op.id AND NOT EXISTS(SELECT 1 FROM op r WHERE r.undoes=u.id))"
"""SQL: whether the row of `op` at hand stands taken back. Undos are two deep at most: a redo, and taking a redo back is an undo."""


def latest(store: Store, *, redo: bool = False) -> int:
    """The operation that a bare `undo` takes: the actor's latest that is neither undone nor itself an undo; with `redo` the actor's
    latest undo with no newer operation. Raises NotFound."""
    me = find_me(store)
    if redo:
        row = store.db.execute(f"SELECT id, undoes FROM op WHERE actor=? AND NOT {UNDONE} ORDER BY id DESC LIMIT 1", (me,)).fetchone()
        # A redo is the undo of an undo: what may be done again is an undo of something that is not itself an undo.
        while row and row[1] is not None and store.db.execute("SELECT undoes FROM op WHERE id=?", (row[1],)).fetchone()[0] is not None:
            row = store.db.execute(
                f"SELECT id, undoes FROM op WHERE actor=? AND id<? AND NOT {UNDONE} ORDER BY id DESC LIMIT 1", (me, row[0])
            ).fetchone()
        if row is None or row[1] is None:
            raise NotFound("there is nothing to do again", "`sfa history` lists what was done.")
        return int(row[0])
    row = store.db.execute(
        f"SELECT id FROM op WHERE actor=? AND undoes IS NULL AND NOT {UNDONE} ORDER BY id DESC LIMIT 1", (me,)
    ).fetchone()
    if row is None:
        raise NotFound(
            "there is nothing of yours to take back", "`sfa history` lists what was done; `sfa undo OPERATION` takes back another's."
        )
    return int(row[0])


def undo(store: Store, target: int, command: str, *, partial: bool = False, dry_run: bool = False) -> tuple[int, list[Clash]]:
    """Take operation `target` back. Returns how many records it wrote and the clashes it left alone (only with `partial`).

    Raises Ambiguous (exit 5) listing every clash, NotFound for an operation that is not there or was undone already."""
    row = store.db.execute("SELECT undoes FROM op WHERE id=?", (target,)).fetchone()
    if row is None:
        raise NotFound(f"there is no operation {target}", "`sfa history` lists them.")
    if (again := _redone(store, target)) is not None:
        return undo(store, again, command, partial=partial, dry_run=dry_run)
    if _is_undone(store, target):
        raise NotFound("this operation was taken back already", "`sfa redo` does it again.")
    with operation(store, command, undoes=target) as op:
        plans, clashes = _plans(store, target)
        clashes += _fields_in_use(store, plans)
        written = _loaded_past(store, target, row[0])
        for plan in plans:
            written += _write(op, plan)
        clashes += _dangling(store, plans)
        if clashes and not partial:
            raise Ambiguous(
                f"{len(clashes)} later changes stand against it:\n" + list_clashes(store, clashes), "--partial takes back the rest."
            )
        if any(c.why.startswith("is referred to") for c in clashes):
            raise Ambiguous(
                "records that it made are referred to:\n" + list_clashes(store, clashes), "Take back what refers to them first."
            )
        op.changes = 0 if dry_run else max(written, 0 if partial else 1)
    store.load_kinds()
    return written, clashes


def list_clashes(store: Store, clashes: Sequence[Clash], most: int = 20) -> str:
    """The clashes, a line each."""
    lines = [f"  {show(c.kind, c.id, store.site) if store.kinds[c.kind].prefix else c.kind}: {c.why}" for c in clashes[:most]]
    return "\n".join(lines + ([f"  and {len(clashes) - most} more"] if len(clashes) > most else []))


def _redone(store: Store, target: int) -> int | None:
    """The operation that `target` did again, when it is a redo: taking a redo back is taking that operation back."""
    row = store.db.execute("SELECT x.undoes FROM op o JOIN op x ON x.id=o.undoes WHERE o.id=?", (target,)).fetchone()
    return row[0] if row else None


def _is_undone(store: Store, target: int) -> bool:
    return bool(store.db.execute(f"SELECT 1 FROM op WHERE id=? AND {UNDONE}", (target,)).fetchone())


def _plans(store: Store, target: int) -> tuple[list[Plan], list[Clash]]:
    plans, clashes = [], []
    for kind in store.kinds.values():
        plan, stand = _plan(store, kind, target)
        clashes += stand
        if plan.delete or plan.restore or plan.change:
            plans.append(plan)
    return plans, clashes


def _plan(store: Store, kind: Kind, target: int) -> tuple[Plan, list[Clash]]:
    """Compare, record by record, what `target` found, what it left and what is there now."""
    names = kind.columns
    cols, now_table, past = ",".join(q(c) for c in names), q(kind.name), q(kind.name + "_history")
    read = store.db.execute
    before = {r[0]: r[1:] for r in read(f"SELECT id,{cols} FROM {past} WHERE until_op=? AND op<>?", (target, target))}
    after = {r[0]: r[1:] for r in read(f"SELECT id,{cols} FROM {past} WHERE op=? AND until_op<>?", (target, target))}
    after |= {r[0]: r[1:] for r in read(f"SELECT id,{cols} FROM {now_table} WHERE op=?", (target,))}
    touched = before.keys() | after.keys()
    now = _current(store, kind, touched)
    plan, clashes = Plan(kind, [], [], []), []
    for number in sorted(touched):
        was, left, there = before.get(number), after.get(number), now.get(number)
        if left is None:
            if there is None:
                plan.restore.append((number, dict(zip(names, was or (), strict=True))))
            elif there != was:
                clashes.append(Clash(kind.name, number, "was made again since"))
        elif was is None:
            if there == left:
                plan.delete.append(number)
            elif there is not None:
                clashes.append(Clash(kind.name, number, "was changed since it was made"))
        elif there is None:
            clashes.append(Clash(kind.name, number, "was deleted since"))
        else:
            back, stand = _fields(kind, was, left, there)
            clashes += [Clash(kind.name, number, f"{name} was changed again since") for name in stand]
            if back:
                plan.change.append((number, back))
    return plan, clashes


def _fields(kind: Kind, was: tuple[Any, ...], left: tuple[Any, ...], there: tuple[Any, ...]) -> tuple[dict[str, Any], list[str]]:
    """(fields to set back, fields changed again later). An opt-out that stands is never lifted."""
    back, stand = {}, []
    for field, b, a, n in zip(kind.stored, was, left, there, strict=True):
        if a == b or n == b or (field.sticky and b is None and n is not None):
            continue
        if n == a:
            back[field.name] = b
        else:
            stand.append(field.name)
    return back, stand


def _current(store: Store, kind: Kind, numbers: Any) -> dict[int, tuple[Any, ...]]:
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS touched(id INTEGER PRIMARY KEY)")
    store.db.execute("DELETE FROM temp.touched")
    store.db.executemany("INSERT INTO temp.touched VALUES(?)", ((n,) for n in numbers))
    cols = ",".join("r." + q(c) for c in kind.columns)
    return {r[0]: r[1:] for r in store.db.execute(f"SELECT r.id,{cols} FROM temp.touched t JOIN {q(kind.name)} r ON r.id=t.id")}


def _loaded_past(store: Store, target: int, undoes: int | None) -> int:
    """Hide the past versions that `target` loaded (`import history`), or show them again when `target` is the undo of that load.

    Hidden ones are kept with negative times: no moment sees them, and nothing is lost."""
    load, written = undoes or target, 0
    for kind in store.kinds.values():
        past = q(kind.name + "_history")
        where = "since<0" if undoes else "since>0"
        written += store.db.execute(
            f"UPDATE {past} SET since=-since, until=-until WHERE op=? AND until_op=? AND {where}", (load, load)
        ).rowcount
    return written


def _write(op: Any, plan: Plan) -> int:
    """Carry out a plan; the triggers keep what it replaces."""
    db, table = op.store.db, q(plan.kind.name)
    db.executemany(f"DELETE FROM {table} WHERE id=?", ((n,) for n in plan.delete))
    if plan.restore:
        names = plan.kind.columns
        db.executemany(
            f"INSERT INTO {table}(id,{','.join(q(c) for c in names)}) VALUES(?{',?' * len(names)})",
            ((n, *row.values()) for n, row in plan.restore),
        )
    by_fields: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for number, fields in plan.change:
        by_fields.setdefault(tuple(fields), []).append((*fields.values(), number))
    for names, rows in by_fields.items():
        db.executemany(f"UPDATE {table} SET {','.join(q(n) + '=?' for n in names)} WHERE id=?", rows)
    return len(plan.delete) + len(plan.restore) + len(plan.change)


def _dangling(store: Store, plans: Sequence[Plan]) -> list[Clash]:
    """References that the plans, already written, leave without their record."""
    out = []
    for plan in plans:
        if plan.delete:
            _current(store, plan.kind, plan.delete)
            for other, field in referrers(store.kinds, plan.kind.name):
                rows = store.db.execute(
                    f"SELECT r.{q(field.name)}, r.id FROM {q(other.name)} r WHERE r.{q(field.name)} IN (SELECT id FROM temp.touched)"
                )
                out += [Clash(plan.kind.name, to, f"is referred to by {_who(store, other, r)} ({field.title})") for to, r in rows]
            rows = store.db.execute(
                'SELECT record, external FROM external WHERE "kind"=? AND record IN (SELECT id FROM temp.touched)', (plan.kind.name,)
            )
            out += [Clash(plan.kind.name, to, f"is referred to by a later import (as {external!r})") for to, external in rows]
        for number, row in (*plan.restore, *plan.change):
            for field in plan.kind.fields:
                target = row.get(field.name) if field.type == "ref" else None
                if target is not None and not store.db.execute(f"SELECT 1 FROM {q(field.to)} WHERE id=?", (target,)).fetchone():
                    out.append(Clash(plan.kind.name, number, f"its {field.title} {show(field.to, target, store.site)} is gone"))
    return out


def _fields_in_use(store: Store, plans: Sequence[Plan]) -> list[Clash]:
    """Fields of the company's own that would go while records hold values in them."""
    out = []
    for number in (n for plan in plans if plan.kind.name == "field" for n in plan.delete):
        kind, name = store.db.execute('SELECT "kind", name FROM field WHERE id=?', (number,)).fetchone()
        used = store.db.execute(f"SELECT count(*) FROM {q(kind)} WHERE {q(name)} IS NOT NULL").fetchone()[0]
        if used:
            out.append(Clash("field", number, f"is referred to by {used} records that hold a value in {name}"))
    return out


def _who(store: Store, kind: Kind, number: int) -> str:
    return show(kind.name, number, store.site) if kind.prefix else kind.name.replace("_", " ")
