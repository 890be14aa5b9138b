"""Random operations of ours and of another program, undone and done again, compared with a model in plain dicts: what is true now,
and what was true after every operation since the first."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from storekit import at, last, open_store, outside

from sfa.errors import Ambiguous, Refused
from sfa.store.check import check, histories
from sfa.store.operations import operation, referring
from sfa.store.undo import undo

FIELDS = {
    "account": ("name", "parent", "industry", "description"),
    "contact": ("name", "account", "title", "opt_out_email"),
    "reason": ("name", "outcome", "group"),
}
REFS = {("account", "parent"): "account", ("contact", "account"): "account"}
Row = tuple[Any, ...]
World = dict[tuple[str, int], Row]

WORDS = st.sampled_from(["Ada", "Bo", "北京", "Çelik", "d'Or", "fn(x)"])
NAMES = st.sampled_from(["Price", "price", "Fit", "Time", "No need"])
MAYBE = st.none() | WORDS
PICK = st.integers(0, 10**6)


class Done:
    """One operation as the model remembers it: what each record was before and after, and which operation it takes back."""

    def __init__(self, op: int, before: World, after: World, undoes: int | None = None) -> None:
        keys = before.keys() | after.keys()
        self.op, self.undoes, self.single = op, undoes, True
        self.changes = {k: (before.get(k), after.get(k)) for k in keys if before.get(k) != after.get(k)}
        self.after = after


class Machine(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.path = self.folder / "sfa.db"
        self.store = open_store(self.path)
        self.others = [outside(self.path), outside(self.path, recursive=True)]
        for db in (self.store.db, *self.others):
            db.execute("PRAGMA synchronous=OFF")  # nobody pulls the plug here
        with operation(self.store, "user") as op:
            op.insert("user", {"name": "Ben"})
        empty = self.read()
        with operation(self.store, "first") as op:
            op.insert("account", {"name": "Root"})
        self.world = self.read()
        self.log: list[Done] = [Done(last(self.store), empty, self.world)]
        self.ever: dict[str, set[int]] = {k: set() for k in FIELDS}

    def teardown(self) -> None:
        if hasattr(self, "store"):
            assert check(self.store) == []
            for done in self.log:
                self.compare_as_of(done)
            self.store.close()
            for db in self.others:
                db.close()
            shutil.rmtree(self.folder)

    # What the database says, and what the model says ------------------------------------------------------------------------------

    def read(self, db: sqlite3.Connection | None = None) -> World:
        out: World = {}
        for kind, names in FIELDS.items():
            columns = ",".join(f'"{n}"' for n in names)
            for row in (db or self.store.db).execute(f"SELECT id,{columns} FROM {kind}"):
                out[kind, row[0]] = row[1:]
        return out

    def ids(self, kind: str) -> list[int]:
        return sorted(i for k, i in self.world if k == kind)

    def pick(self, kind: str, n: int) -> int | None:
        ids = self.ids(kind)
        return ids[n % len(ids)] if ids else None

    def note(self, world: World, undoes: int | None = None) -> None:
        """The model's next state."""
        if world != self.world:
            self.log.append(Done(last(self.store), self.world, world, undoes))
            self.world = world

    def changed(self, kind: str, number: int, **values: Any) -> World:
        row = dict(zip(FIELDS[kind], self.world.get((kind, number), (None,) * 9), strict=False)) | values
        return {**self.world, (kind, number): tuple(row[f] for f in FIELDS[kind])}

    def dangling(self, world: World) -> bool:
        return any(
            row[FIELDS[kind].index(field)] is not None and (to, row[FIELDS[kind].index(field)]) not in world
            for (kind, field), to in REFS.items()
            for (k, _), row in world.items()
            if k == kind
        )

    def taken(self, world: World) -> bool:
        names = [row[0].lower() for (k, _), row in world.items() if k == "reason"]
        return len(names) != len(set(names))

    @invariant()
    def same_now(self) -> None:
        if hasattr(self, "store"):
            assert self.read() == self.world
            self.seen = last(self.store)

    @invariant()
    def healthy(self) -> None:
        """The histories after every step; all else in `teardown`, because it takes longer."""
        if hasattr(self, "store"):
            assert list(histories(self.store)) == []

    def compare_as_of(self, done: Done) -> None:
        past = at(self.path, done.op)
        try:
            assert self.read(past.db) == done.after
        finally:
            past.close()

    @precondition(lambda self: hasattr(self, "log"))
    @rule(n=PICK)
    def as_of(self, n: int) -> None:
        self.compare_as_of(self.log[n % len(self.log)])

    # Ours -------------------------------------------------------------------------------------------------------------------------

    @rule(name=WORDS, industry=MAYBE, n=PICK, child=st.booleans())
    def add_account_with_contacts(self, name: str, industry: str | None, n: int, child: bool) -> None:
        parent = self.pick("account", n) if child else None
        with operation(self.store, "add") as op:
            a = op.insert("account", {"name": name, "parent": parent, "industry": industry})
            c = op.insert("contact", {"name": name + " 1", "account": a})
            op.update("contact", c, {"title": "made and changed at once"})
        self.fresh("account", a)
        self.fresh("contact", c)
        world = self.changed("account", a, name=name, parent=parent, industry=industry, description=None)
        row = (name + " 1", a, "made and changed at once", None)
        self.note({**world, ("contact", c): row})

    def fresh(self, kind: str, number: int) -> None:
        """Ids are never given twice."""
        assert number not in self.ever[kind]
        self.ever[kind].add(number)

    @rule(n=PICK, industry=MAYBE, text=MAYBE)
    def edit_account(self, n: int, industry: str | None, text: str | None) -> None:
        if number := self.pick("account", n):
            with operation(self.store, "edit") as op:
                op.update("account", number, {"industry": industry})
                op.update("account", number, {"description": text})
            self.note(self.changed("account", number, industry=industry, description=text))

    @rule(n=PICK, m=PICK, to=PICK)
    def move_contacts(self, n: int, m: int, to: int) -> None:
        ids = {i for i in (self.pick("contact", n), self.pick("contact", m)) if i}
        account = self.pick("account", to)
        world = self.world
        with operation(self.store, "edit several") as op:
            for i in ids:
                op.update("contact", i, {"account": account})
                world = {**world, ("contact", i): (world["contact", i][0], account, *world["contact", i][2:])}
        self.note(world)

    @rule(n=PICK)
    def opt_out(self, n: int) -> None:
        if number := self.pick("contact", n):
            with operation(self.store, "opt out") as op:
                op.update("contact", number, {"opt_out_email": "2026-11-23 asked"})
            self.note(self.changed("contact", number, opt_out_email="2026-11-23 asked"))

    @rule(kind=st.sampled_from(["account", "contact", "reason"]), n=PICK, m=PICK)
    def delete(self, kind: str, n: int, m: int) -> None:
        ids = sorted({i for i in (self.pick(kind, n), self.pick(kind, m)) if i})
        world = {k: v for k, v in self.world.items() if not (k[0] == kind and k[1] in ids)}
        outer = [r for r in referring(self.store, self.store.kinds[kind], ids) if not (r[0] == kind and r[2] in ids)]
        assert bool(outer) == self.dangling(world)
        try:
            with operation(self.store, "delete") as op:
                for i in ids:
                    op.delete(kind, i)
            assert not self.dangling(world)
            self.note(world)
        except Refused:
            assert self.dangling(world)

    @rule(name=WORDS)
    def add_and_delete_at_once(self, name: str) -> None:
        with operation(self.store, "in and out") as op:
            number = op.insert("account", {"name": name})
            op.delete("account", number)
        self.fresh("account", number)

    # Undo and redo ----------------------------------------------------------------------------------------------------------------

    def undone(self, done: Done) -> tuple[World | None, bool]:
        """(the world after taking `done` back, or None for a clash; whether it is the same world)."""
        world = dict(self.world)
        for key, (before, after) in done.changes.items():
            now = world.get(key)
            if before is None and now is not None:
                if now != after:
                    return None, False
                del world[key]
            elif after is None:
                if now is None and before is not None:
                    world[key] = before
                elif now != before:
                    return None, False
            elif before is not None:
                if now is None:
                    return None, False
                row = list(now)
                for i, (b, a, n) in enumerate(zip(before, after, now, strict=True)):
                    sticky = FIELDS[key[0]][i] == "opt_out_email" and b is None and n is not None
                    if a == b or n == b or sticky:
                        continue
                    if n != a:
                        return None, False
                    row[i] = b
                world[key] = tuple(row)
        return (None, False) if self.dangling(world) or self.taken(world) else (world, True)

    @rule(n=PICK)
    def undo_any(self, n: int) -> None:
        """Undo of any operation, undos and redos among them (an undo of an undo is a redo)."""
        done = self.log[n % len(self.log)]
        standing = [d for d in self.log if d.undoes == done.op and not any(r.undoes == d.op for r in self.log)]
        redo = next((d for d in self.log if done.undoes is not None and d.op == done.undoes and d.undoes is not None), None)
        if standing or redo or not done.single:
            return
        expected, _ = self.undone(done)
        before = last(self.store)
        try:
            undo(self.store, done.op, "undo")
        except Ambiguous as error:
            assert expected is None, f"refused: {error} {done.changes}"
            assert last(self.store) == before
            return
        assert expected is not None, f"not refused: {done.changes}"
        # An undo with nothing left to write is remembered all the same, so that it is not taken again.
        self.log.append(Done(last(self.store), self.world, expected, done.op))
        self.world = expected

    # Another program --------------------------------------------------------------------------------------------------------------

    def elsewhere(self, n: int, sql: str, *values: Any) -> bool:
        """Run one statement in another program; returns whether it was accepted."""
        try:
            self.others[n % 2].execute(sql, values)
            return True
        except sqlite3.IntegrityError:
            return False

    @rule(n=PICK, m=PICK, industry=WORDS)
    def outside_update(self, n: int, m: int, industry: str) -> None:
        if number := self.pick("account", m):
            count = self.store.db.execute("SELECT count(*) FROM op").fetchone()[0]
            assert self.elsewhere(n, "UPDATE account SET industry=? WHERE id=?", industry, number)
            assert self.store.db.execute("SELECT count(*) FROM op").fetchone()[0] == count + 1
            self.settle(self.changed("account", number, industry=industry))

    @rule(n=PICK, name=WORDS)
    def outside_insert(self, n: int, name: str) -> None:
        assert self.elsewhere(n, "INSERT INTO account(name) VALUES(?)", name)
        number = self.store.db.execute("SELECT max(id) FROM account").fetchone()[0]
        self.fresh("account", number)
        self.settle(self.changed("account", number, name=name, parent=None, industry=None, description=None))

    @rule(n=PICK, kind=st.sampled_from(["account", "contact", "reason"]), m=PICK)
    def outside_delete(self, n: int, kind: str, m: int) -> None:
        if number := self.pick(kind, m):
            world = {k: v for k, v in self.world.items() if k != (kind, number)}
            assert self.elsewhere(n, f"DELETE FROM {kind} WHERE id=?", number) != self.dangling(world)
            if not self.dangling(world):
                self.settle(world)

    @rule(
        n=PICK,
        name=NAMES,
        group=WORDS,
        m=PICK,
        verb=st.sampled_from(["INSERT", "REPLACE", "INSERT OR IGNORE", "INSERT OR FAIL"]),
        own=st.booleans(),
    )
    def outside_reason(self, n: int, name: str, group: str, m: int, verb: str, own: bool) -> None:
        """Insert, replace or ignore a reason: its id and its name (capitals forgiven) may both be taken."""
        number = self.pick("reason", m) if own else None
        clash = {i for i in self.ids("reason") if i == number or self.world["reason", i][0].lower() == name.lower()}
        ok = self.elsewhere(n, f"{verb} INTO reason(id,name,outcome,\"group\") VALUES(?,?,'lost',?)", number, name, group)
        assert ok == (not clash or verb in ("REPLACE", "INSERT OR IGNORE"))
        if ok and (not clash or verb == "REPLACE"):
            made = number or self.store.db.execute("SELECT id FROM reason WHERE name=?", (name,)).fetchone()[0]
            world = {k: v for k, v in self.world.items() if not (k[0] == "reason" and k[1] in clash)}
            self.settle({**world, ("reason", made): (name, "lost", group)})

    @rule(n=PICK, group=WORDS, m=PICK, nothing=st.booleans())
    def outside_upsert(self, n: int, group: str, m: int, nothing: bool) -> None:
        if number := self.pick("reason", m):
            then = "NOTHING" if nothing else 'UPDATE SET "group"=excluded."group"'
            sql = f"INSERT INTO reason(id,name,outcome,\"group\") VALUES(?,'never used','won',?) ON CONFLICT(id) DO {then}"
            assert self.elsewhere(n, sql, number, group)
            if not nothing:
                self.settle(self.changed("reason", number, group=group))

    @rule(n=PICK, m=PICK, name=NAMES)
    def outside_update_or_replace(self, n: int, m: int, name: str) -> None:
        if number := self.pick("reason", m):
            gone = {i for i in self.ids("reason") if i != number and self.world["reason", i][0].lower() == name.lower()}
            assert self.elsewhere(n, "UPDATE OR REPLACE reason SET name=? WHERE id=?", name, number)
            world = {k: v for k, v in self.changed("reason", number, name=name).items() if not (k[0] == "reason" and k[1] in gone)}
            self.settle(world)

    def settle(self, world: World) -> None:
        """One statement may be several operations in a row, each changing one record: the model takes them back only where it is one."""
        ops = [r[0] for r in self.store.db.execute("SELECT id FROM op WHERE id>? ORDER BY id", (self.seen,))]
        assert ops
        self.log.append(Done(ops[-1], self.world, world))
        self.log[-1].single = len(ops) == 1
        self.world = world


Machine.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)
TestMachine = Machine.TestCase
