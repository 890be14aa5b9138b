"""Taking operations back and doing them again: all or nothing, or with `partial` whatever nothing later stands against.

An undo is an operation of its own; a redo is the undo of an undo. Both work from the two tables of each kind alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from sfa.errors import Ambiguous, NotFound, Refused
from sfa.messages import say, together
from sfa.sales.kinds import Field, Kind, referrers, with_user_fields
from sfa.sales.refs import show
from sfa.store.database import Store
from sfa.store.operations import Operation, find_me, operation
from sfa.store.schema import q


class Clash(NamedTuple):
    """Why a part of an operation cannot be taken back."""

    kind: str
    id: int
    why: str


class Plan(NamedTuple):
    """What taking one operation back would write in one kind: ids to delete, ids to restore from history, fields to set back by id."""

    kind: Kind
    delete: set[int]
    restore: set[int]
    change: dict[int, tuple[str, ...]]


UNDONE = "EXISTS(SELECT 1 FROM op u WHERE u.undoes=op.id AND NOT EXISTS(SELECT 1 FROM op r WHERE r.undoes=u.id))"
"""SQL: whether the row of `op` at hand stands taken back. Undos are two deep at most: a redo, and taking a redo back is an undo."""

CHUNK = 10_000
"""Records compared at a time: a bulk edit of any size fits in memory."""

FOR_GOOD = "(op.command GLOB 'erase *' OR op.command='db purge')"
"""SQL: whether the row of `op` at hand is an erasure, the one thing that nobody takes back."""


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
        f"SELECT id FROM op WHERE actor=? AND undoes IS NULL AND NOT {UNDONE} AND NOT {FOR_GOOD} ORDER BY id DESC LIMIT 1", (me,)
    ).fetchone()
    if row is None:
        raise NotFound(
            "there is nothing of yours to take back", "`sfa history` lists what was done; `sfa undo OPERATION` takes back another's."
        )
    return int(row[0])


def undo(store: Store, target: int, command: str, *, partial: bool = False, dry_run: bool = False) -> tuple[int, list[Clash]]:
    """Take operation `target` back. Returns how many records it wrote and the clashes it left alone (only with `partial`).

    Raises Ambiguous (exit 5) listing every clash, NotFound for an operation that is not there or was undone already, Refused for one
    that is for good."""
    loaded = _takeable(store, target)
    if (again := _redone(store, target)) is not None:
        return undo(store, again, command, partial=partial, dry_run=dry_run)
    with operation(store, command, effective=_since(store, target), undoes=target) as op:
        _not_twice(store, target, op.id)
        _know_again(store, target)
        plans, clashes = _plans(store, target)
        clashes += _fields_in_use(store, plans)
        written = _loaded_past(store, target, loaded)
        if clashes and not partial:
            raise _conflict(store, clashes)
        while dangling := _try(op, plans, target):
            clashes += dangling
            if not partial:
                raise _conflict(store, clashes)
            _spare(store, plans, dangling)
        written += sum(len(plan.delete) + len(plan.restore) + len(plan.change) for plan in plans)
        op.changes = 0 if dry_run else max(written, 0 if partial else 1)
    store.load_kinds()
    return written, clashes


def _know_again(store: Store, target: int) -> None:
    """Make known the company's own fields that `target` took away: records that come back with them hold values in them."""
    sql = 'SELECT "kind",name,"type",label,choices FROM field_history WHERE until_op=?1 AND op<>?1 AND id NOT IN (SELECT id FROM field)'
    for kind, name, of, label, choices in store.db.execute(sql + " ORDER BY id", (target,)).fetchall():
        if name not in store.kinds[kind].by_name:
            field = Field(name, of, label or "", choices=tuple((choices or "").split(",")) if choices else (), user=True)
            store.kinds = {**store.kinds, kind: with_user_fields(store.kinds[kind], [field])}


def redo_target(store: Store, named: int) -> int:
    """The undo that doing operation `named` again takes back: the one in force of it, or itself where it is one. Raises NotFound."""
    row = store.db.execute(
        "SELECT id FROM op u WHERE ?1 IN (u.undoes, u.id) AND u.undoes IS NOT NULL AND NOT EXISTS(SELECT 1 FROM op r WHERE r.undoes=u.id)"
        " AND (SELECT undoes FROM op WHERE id=u.undoes) IS NULL ORDER BY id DESC LIMIT 1",
        (named,),
    ).fetchone()
    if row is None:
        raise NotFound("this operation is not taken back, so it cannot be done again", "`sfa history` lists what was done.")
    return int(row[0])


def _takeable(store: Store, target: int) -> int | None:
    """What `target` undoes, if anything. Raises NotFound where it is not there, Refused where it is for good."""
    row = store.db.execute(f"SELECT undoes, {FOR_GOOD}, command='(new database)' FROM op WHERE id=?", (target,)).fetchone()
    if row is None:
        raise NotFound(say("there is no operation {target}", target=target), "`sfa history` lists them.")
    if row[1]:
        raise Refused("an erasure cannot be taken back", "The data is gone from every version.")
    if row[2]:
        raise Refused("the making of the database cannot be taken back", "Delete the file instead; `sfa db path` tells where it is.")
    return None if row[0] is None else int(row[0])


def _not_twice(store: Store, target: int, mine: int) -> None:
    sql = "SELECT 1 FROM op u WHERE u.undoes=? AND u.id<>? AND NOT EXISTS(SELECT 1 FROM op r WHERE r.undoes=u.id)"
    if store.db.execute(sql, (target, mine)).fetchone():
        raise NotFound("this operation was taken back already", "`sfa redo` does it again.")


def _since(store: Store, target: int) -> int | None:
    """From when taking `target` back holds: now (None), but where it was dated back (--effective), from then, so that no past moment
    keeps what was taken back; unless a record that it touched was changed since."""
    since = None
    for kind in store.kinds.values():
        k, h = q(kind.name), q(kind.name + "_history")
        row = store.db.execute(
            f"SELECT since FROM {k} WHERE op=?1 UNION ALL SELECT until FROM {h} WHERE until_op=?1 AND op<>?1 LIMIT 1",
            (target,),
        ).fetchone()
        if row and row[0] < target:
            since = int(row[0])
            ids = f"SELECT id FROM {h} WHERE until_op=?1 UNION SELECT id FROM {h} WHERE op=?1"
            if store.db.execute(f"SELECT 1 FROM {k} WHERE id IN ({ids}) AND since>?2 LIMIT 1", (target, since)).fetchone():
                return None
        elif row:
            return None
    return since


def _conflict(store: Store, clashes: Sequence[Clash]) -> Ambiguous:
    return Ambiguous(
        say("{count} later change{word} against it:\n", count=len(clashes), word="s stand" if len(clashes) != 1 else " stands")
        + list_clashes(store, clashes),
        "--partial takes back the rest.",
    )


def _try(op: Operation, plans: Sequence[Plan], target: int) -> list[Clash]:
    """Carry the plans out; where that leaves references without their record, take it all back and return them."""
    db = op.store.db
    db.execute("SAVEPOINT attempt")
    for plan in plans:
        _write(op, plan, target)
    if dangling := _dangling(op, plans):
        db.execute("ROLLBACK TO attempt")
    db.execute("RELEASE attempt")
    return dangling


def _spare(store: Store, plans: Sequence[Plan], clashes: Sequence[Clash]) -> None:
    """Take the clashing records out of the plans, and the external ids of those that stay."""
    spared = {(c.kind, c.id) for c in clashes}
    for plan in plans:
        if plan.kind.name == "external":
            named = store.db.execute('SELECT id, "kind", record FROM external').fetchall() if plan.delete else []
            spared |= {("external", i) for i, kind, record in named if (kind, record) in spared}
    for plan in plans:
        gone = {i for kind, i in spared if kind == plan.kind.name}
        plan.delete.difference_update(gone)
        plan.restore.difference_update(gone)
        for number in gone:
            plan.change.pop(number, None)


def list_clashes(store: Store, clashes: Sequence[Clash], most: int = 20) -> str:
    """The clashes, a line each."""
    lines = [f"  {show(c.kind, c.id, store.site) if store.kinds[c.kind].prefix else c.kind}: {c.why}" for c in clashes[:most]]
    return together("\n", lines + ([say("  and {count} more", count=len(clashes) - most)] if len(clashes) > most else []))


def _redone(store: Store, target: int) -> int | None:
    """The operation that `target` did again, when it is a redo: taking a redo back is taking that operation back."""
    row = store.db.execute("SELECT x.undoes FROM op o JOIN op x ON x.id=o.undoes WHERE o.id=?", (target,)).fetchone()
    return row[0] if row else None


def _plans(store: Store, target: int) -> tuple[list[Plan], list[Clash]]:
    plans, clashes = [], []
    for kind in store.kinds.values():
        plan, stand = _plan(store, kind, target)
        clashes += stand
        if plan.delete or plan.restore or plan.change:
            plans.append(plan)
    return plans, clashes


def _plan(store: Store, kind: Kind, target: int) -> tuple[Plan, list[Clash]]:
    """Compare what `target` found, what it left and what is there now: in bulk for records it made or deleted that nobody touched
    since, record by record for the others."""
    k, h = q(kind.name), q(kind.name + "_history")
    read = store.db.execute
    found = f"SELECT id FROM {h} WHERE until_op=?1 AND op<>?1"
    left = f"SELECT id FROM {h} WHERE op=?1 AND until_op<>?1"
    made = {r[0] for r in read(f"SELECT id FROM {k} WHERE op=?1 EXCEPT {found}", (target,))}
    ended = {r[0] for r in read(f"{found} EXCEPT {left} EXCEPT SELECT id FROM {k} WHERE id IN ({found})", (target,))}
    plan: Plan = Plan(kind, made, ended, {})
    clashes: list[Clash] = []
    touched = sorted({r[0] for r in read(f"SELECT id FROM {k} WHERE op=?1 UNION {found} UNION {left}", (target,))} - made - ended)
    for start in range(0, len(touched), CHUNK):
        clashes += _compare_some(store, plan, target, touched[start : start + CHUNK])
    return plan, clashes


def _compare_some(store: Store, plan: Plan, target: int, numbers: list[int]) -> list[Clash]:
    """Decide record by record; returns the clashes and puts the rest into the plan."""
    k, h = q(plan.kind.name), q(plan.kind.name + "_history")
    cols, read = ",".join(q(c) for c in plan.kind.columns), store.db.execute
    _list(store, numbers)
    some = "id IN (SELECT id FROM temp.touched)"
    now = {r[0]: r[1:] for r in read(f"SELECT id,{cols} FROM {k} WHERE {some}")}
    before = {r[0]: r[1:] for r in read(f"SELECT id,{cols} FROM {h} WHERE until_op=?1 AND op<>?1 AND {some}", (target,))}
    after = {r[0]: r[1:] for r in read(f"SELECT id,{cols} FROM {h} WHERE op=?1 AND until_op<>?1 AND {some}", (target,))}
    after |= {r[0]: r[1:] for r in read(f"SELECT id,{cols} FROM {k} WHERE op=?1 AND {some}", (target,))}
    clashes = []
    for number in numbers:
        back, why = _compare(plan.kind, before.get(number), after.get(number), now.get(number))
        clashes += [Clash(plan.kind.name, number, w) for w in why]
        if back is None:
            plan.delete.add(number)
        elif back:
            plan.change[number] = back
    return clashes


def _compare(
    kind: Kind, was: tuple[Any, ...] | None, left: tuple[Any, ...] | None, there: tuple[Any, ...] | None
) -> tuple[tuple[str, ...] | None, list[str]]:
    """(fields to set back, or None to delete the record; why parts cannot be taken back) for one record."""
    if left is None:
        return (), [] if there == was else ["was made again since"]
    if was is None:
        if there == left:
            return None, []
        return (), [] if there is None else ["was changed since it was made"]
    if there is None:
        # An update that wrote what was there already, as other programs' do, asks for nothing back.
        return (), [] if was == left else ["was deleted since"]
    back, stand = [], []
    for field, b, a, n in zip(kind.stored, was, left, there, strict=True):
        # An opt-out that stands is never lifted.
        if a == b or n == b or (field.sticky and b is None and n is not None):
            continue
        if n == a:
            back.append(field.name)
        else:
            stand.append(say("{title} was changed again since", title=field.title))
    return tuple(back), stand


def _list(store: Store, numbers: Iterable[int]) -> None:
    """Put ids where SQL can join them: the temporary table `touched`."""
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS touched(id INTEGER PRIMARY KEY)")
    store.db.execute("DELETE FROM temp.touched")
    store.db.executemany("INSERT INTO temp.touched VALUES(?)", ((n,) for n in numbers))


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


def _write(op: Operation, plan: Plan, target: int) -> None:
    """Carry out a plan; the triggers keep what it replaces."""
    anew = _anew(op.store, plan, target) if plan.kind.unique else []
    gone = plan.delete.union(row[0] for row in anew)
    if gone:
        _list(op.store, gone)
        op.store.db.execute(f"DELETE FROM {q(plan.kind.name)} WHERE id IN (SELECT id FROM temp.touched)")
    if plan.restore:
        _restore(op, plan, target)
    if anew:
        columns = ",".join(q(c) for c in ("id", *plan.kind.columns))
        marks = ",".join("?" * (len(plan.kind.columns) + 1))
        _unique(plan, lambda: op.store.db.executemany(f"INSERT INTO {q(plan.kind.name)}({columns}) VALUES({marks})", anew))
    else:
        _change(op, plan, target)


def _anew(store: Store, plan: Plan, target: int) -> list[tuple[Any, ...]]:
    """The whole rows that the plan's changes make. Records with a key are taken out and put in again: two of them may swap theirs."""
    _list(store, plan.change)
    cols, some = ",".join(q(c) for c in plan.kind.columns), "id IN (SELECT id FROM temp.touched)"
    now = store.db.execute(f"SELECT id,{cols} FROM {q(plan.kind.name)} WHERE {some}").fetchall()
    past = f"SELECT id,{cols} FROM {q(plan.kind.name + '_history')} WHERE until_op=?1 AND op<>?1 AND {some}"
    was = {r[0]: r for r in store.db.execute(past, (target,))}
    names = ("id", *plan.kind.columns)
    return [tuple(was[r[0]][i] if n in plan.change[r[0]] else r[i] for i, n in enumerate(names)) for r in now]


def _restore(op: Operation, plan: Plan, target: int) -> None:
    """Bring deleted records back, stamped here: many times faster than by the triggers."""
    db, kind = op.store.db, plan.kind
    _list(op.store, plan.restore)
    cols = ",".join(q(c) for c in kind.columns)
    sql = (
        f"INSERT INTO {q(kind.name)}(id,{cols},op,since) SELECT id,{cols},?,? FROM {q(kind.name + '_history')}"
        " WHERE until_op=? AND op<>until_op AND id IN (SELECT id FROM temp.touched)"
    )
    _unique(plan, lambda: db.execute(sql, (op.id, op.since, target)))
    if kind.search:
        # Records that this very transaction deleted are noted already, with the text that the index knows.
        db.execute(
            "INSERT INTO unindexed(kind,id) SELECT ?1,id FROM temp.touched WHERE id NOT IN (SELECT id FROM unindexed WHERE kind=?1)",
            (kind.name,),
        )


def _change(op: Operation, plan: Plan, target: int) -> None:
    """Set fields back to what they were, one statement for all records that share the fields."""
    k, h = q(plan.kind.name), q(plan.kind.name + "_history")
    by_fields: dict[tuple[str, ...], list[int]] = {}
    for number, fields in plan.change.items():
        by_fields.setdefault(fields, []).append(number)
    for fields, numbers in by_fields.items():
        _list(op.store, numbers)
        names = ",".join(q(n) for n in fields)
        # The + keeps SQLite from searching by until_op, which a bulk edit shares with all its records.
        former = f"SELECT {names} FROM {h} h WHERE h.id={k}.id AND +h.until_op=?1 AND h.op<>?1"
        op.store.db.execute(f"UPDATE {k} SET ({names})=({former}) WHERE id IN (SELECT id FROM temp.touched)", (target,))


def _unique(plan: Plan, write: Callable[[], object]) -> None:
    """Write; where a name or another key has been taken since, say so as a conflict."""
    import sqlite3

    try:
        write()
    except sqlite3.IntegrityError as error:
        if "UNIQUE" not in str(error):
            raise
        what = " and ".join(plan.kind.unique) or "id"
        raise Ambiguous(
            say("another {name} has the same {what} by now", name=plan.kind.name.replace("_", " "), what=what),
            "Change that one first; `sfa history` tells when it was made.",
        ) from None


def _dangling(op: Operation, plans: Sequence[Plan]) -> list[Clash]:
    """References that the plans, already written, leave without their record."""
    out = []
    store, read = op.store, op.store.db.execute
    for plan in plans:
        if plan.delete:
            _list(store, plan.delete)
            for other, field in referrers(store.kinds, plan.kind.name):
                rows = read(
                    f"SELECT r.{q(field.name)}, r.id FROM {q(other.name)} r WHERE r.{q(field.name)} IN (SELECT id FROM temp.touched)"
                )
                out += [
                    Clash(plan.kind.name, to, say("is referred to by {who} ({title})", who=_who(store, other, r), title=field.title))
                    for to, r in rows
                ]
            rows = read(
                'SELECT record, external FROM external WHERE "kind"=? AND record IN (SELECT id FROM temp.touched)', (plan.kind.name,)
            )
            out += [
                Clash(plan.kind.name, to, say("is referred to by a later import (as {external!r})", external=external))
                for to, external in rows
            ]
        if plan.restore or plan.change:
            for field in (f for f in plan.kind.fields if f.type == "ref"):
                rows = read(
                    f"SELECT r.id, r.{q(field.name)} FROM {q(plan.kind.name)} r WHERE r.op=?"
                    f" AND r.{q(field.name)} IS NOT NULL AND NOT EXISTS(SELECT 1 FROM {q(field.to)} t WHERE t.id=r.{q(field.name)})",
                    (op.id,),
                )
                out += [
                    Clash(plan.kind.name, n, say("its {title} {ref} is gone", title=field.title, ref=show(field.to, to, store.site)))
                    for n, to in rows
                ]
    return out


def _fields_in_use(store: Store, plans: Sequence[Plan]) -> list[Clash]:
    """Fields of the company's own that would go while records, those aside that go or are blanked with them, hold values in them."""
    out = []
    by_kind = {plan.kind.name: plan for plan in plans}
    for number in (n for plan in plans if plan.kind.name == "field" for n in plan.delete):
        kind, name = store.db.execute('SELECT "kind", name FROM field WHERE id=?', (number,)).fetchone()
        plan = by_kind.get(kind)
        _list(store, plan.delete.union(n for n, fields in plan.change.items() if name in fields) if plan else ())
        left = "id NOT IN (SELECT id FROM temp.touched)"
        used = store.db.execute(f"SELECT count(*) FROM {q(kind)} WHERE {q(name)} IS NOT NULL AND {left}").fetchone()[0]
        if used:
            out.append(Clash("field", number, say("is referred to by {used} records that hold a value in {name}", used=used, name=name)))
    return out


def _who(store: Store, kind: Kind, number: int) -> str:
    return show(kind.name, number, store.site) if kind.prefix else kind.name.replace("_", " ")
