"""The only writer. One operation is one command, one transaction, one row in `op`; the triggers keep what it replaces.

Taking operations back is in `undo.py`, what they did in `history.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sfa.errors import DatabaseError, Refused, UsageError
from sfa.messages import say
from sfa.sales.kinds import Kind, referrers
from sfa.sales.refs import SPAN, show
from sfa.store.database import Store, errors
from sfa.store.schema import q
from sfa.store.textindex import index_pending

DAY_MS = 86_400_000
_SECRET = r"(?i)((?:password|passwd|secret|token|api[-_]?key)[=: ]\s*)(\S+)"


class Operation:
    """The operation in progress: insert, update, delete. Made by `operation`, never directly."""

    def __init__(self, store: Store, number: int, since: int) -> None:
        self.store, self.id, self.since = store, number, since
        self.changes = 0

    def new_id(self, kind: str, many: int = 1) -> int:
        """The first of `many` fresh ids of a kind, from its counter: ids are never reused."""
        n: int = self.store.db.execute("UPDATE counter SET n=n+? WHERE kind=? RETURNING n", (many, kind)).fetchone()[0]
        return self.store.site * SPAN + n - many + 1

    def insert(self, kind: str, values: dict[str, Any]) -> int:
        """Add a record of stored values and return its id. `external_id` goes to the table of external ids."""
        values = dict(values)
        external = values.pop("external_id", None)
        number = self.new_id(kind)
        names = [n for n, v in values.items() if v is not None]
        self.store.db.execute(
            f"INSERT INTO {q(kind)}(id{''.join(',' + q(n) for n in names)}) VALUES(?{',?' * len(names)})",
            (number, *(values[n] for n in names)),
        )
        self.changes += 1
        if external:
            self.link(kind, number, external)
        return number

    def update(self, kind: str, number: int, values: dict[str, Any]) -> dict[str, Any]:
        """Write those of `values` that differ from what the record holds and return them ({} when nothing differs)."""
        values = dict(values)
        linked: dict[str, Any] = {}
        if "external_id" in values:
            external = values.pop("external_id")
            if external is None or self.external(kind, number) != external:
                linked = {"external_id": external}
                self.link(kind, number, external)
        if not values:
            return linked
        now = self.store.db.execute(f"SELECT op,since,{','.join(q(n) for n in values)} FROM {q(kind)} WHERE id=?", (number,)).fetchone()
        changed = {n: v for (n, v), before in zip(values.items(), now[2:], strict=True) if v != before}
        if changed:
            if now[0] != self.id and now[1] >= self.since:
                raise Refused(
                    "a change cannot take effect before the version that it replaces began", "Give a later --effective date, or none."
                )
            self.store.db.execute(f"UPDATE {q(kind)} SET {','.join(q(n) + '=?' for n in changed)} WHERE id=?", (*changed.values(), number))
            self.changes += 1
        return changed | linked

    def delete(self, kind: str, number: int) -> None:
        """Delete a record with its external ids and its place in other records' contact lists."""
        for (row,) in self.store.db.execute('SELECT id FROM external WHERE "kind"=? AND record=?', (kind, number)).fetchall():
            self.store.db.execute("DELETE FROM external WHERE id=?", (row,))
        if kind in ("opportunity", "contact"):
            self.store.db.execute(f"DELETE FROM opportunity_contact WHERE {q(kind)}=?", (number,))
        if kind in ("activity", "contact"):
            self.store.db.execute(f"DELETE FROM activity_contact WHERE {q(kind)}=?", (number,))
        self.store.db.execute(f"DELETE FROM {q(kind)} WHERE id=?", (number,))
        self.changes += 1

    def external(self, kind: str, number: int, source: str = "") -> str | None:
        row = self.store.db.execute(
            "SELECT external FROM external WHERE \"kind\"=? AND record=? AND coalesce(source,'')=?", (kind, number, source)
        ).fetchone()
        return row[0] if row else None

    def link(self, kind: str, number: int, external: str | None, source: str = "") -> None:
        """Say how another system calls a record (None takes it back). Raises Refused where another record has that id."""
        db = self.store.db
        taken = db.execute(
            "SELECT record FROM external WHERE \"kind\"=? AND coalesce(source,'')=? AND external=?", (kind, source, external)
        ).fetchone()
        if taken and taken[0] != number:
            raise Refused(
                say("the external id {external!r} already belongs to {ref}", external=external, ref=show(kind, taken[0], self.store.site))
            )
        db.execute("DELETE FROM external WHERE \"kind\"=? AND record=? AND coalesce(source,'')=?", (kind, number, source))
        if external:
            db.execute(
                'INSERT INTO external(id,"kind",record,source,external) VALUES(?,?,?,?,?)',
                (self.new_id("external"), kind, number, source or None, external),
            )
        self.changes += 1


@contextmanager
def tried(op: Operation) -> Iterator[None]:
    """What is done inside is taken back at its end, within the operation: to see what would come of it."""
    db, changes, functions = op.store.db, op.changes, set(op.store.functions)
    db.execute("SAVEPOINT tried")
    try:
        yield
    finally:
        db.execute("ROLLBACK TO tried")
        db.execute("RELEASE tried")
        op.changes, op.store.functions = changes, functions


@contextmanager
def operation(
    store: Store, command: str, *, effective: int | None = None, undoes: int | None = None, adds_users: bool = False
) -> Iterator[Operation]:
    """One transaction: everything inside is written whole or not at all, an operation that changed nothing leaves no trace.

    `effective` (operation scale) dates the new versions back; one that `adds_users` may add the very user who acts. Raises
    DatabaseError (exit 6) where the file's last operation is more than a day ahead of the clock, UsageError under --as-of."""
    if store.moment is not None:
        raise UsageError("nothing can be written under --as-of", "Leave --as-of out to change what is true now.")
    if store.watcher:
        store.watcher.opening()
    with errors(store.path):
        db, before = store.db, store.wrote
        db.execute("BEGIN IMMEDIATE")
        try:
            actor = find_me(store) if adds_users else _actor(store)
            op = Operation(store, *_open(store, actor, secretless(command), effective, undoes, room=adds_users))
            yield op
            if op.changes:
                if adds_users and actor is None and store.me:
                    _act_afterwards(op)
                index_pending(store)
                db.execute("DELETE FROM writing")
                if store.watcher:
                    store.watcher.before(op)
                store.wrote = True
                db.execute("COMMIT")
            else:
                db.execute("ROLLBACK")
        except BaseException as error:
            # Who interrupts the very commit comes too late: it is done by then, and the transaction over.
            if db.in_transaction or isinstance(error, Exception):
                store.wrote = before
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        if store.watcher and op.changes:
            store.watcher.after(op)


def secretless(command: str) -> str:
    """The command as it is remembered: what looks like a secret is replaced, and it is cut at 2,000 characters."""
    return re.sub(_SECRET, r"\1***", command)[:2000].encode("utf-8", "replace").decode()


def _next(store: Store) -> int:
    last: int = store.db.execute("SELECT coalesce(max(id),0) FROM op").fetchone()[0] >> 20
    if last > store.now_ms + DAY_MS:
        raise DatabaseError(
            "the file's last operation is more than a day ahead of the clock",
            "Set the clock right, or `sfa db check --repair-clock` if it was wrong then.",
        )
    return (max(last + 1, store.now_ms) << 20) | store.site


def _open(store: Store, actor: int | None, command: str, effective: int | None, undoes: int | None, room: bool = False) -> tuple[int, int]:
    """Begin an operation; with `room` the moment before it stays free."""
    number = _next(store) + (room << 20)
    store.db.execute("INSERT INTO op(id,actor,command,undoes) VALUES(?,?,?,?)", (number, actor, command, undoes))
    since = min(effective, number) if effective else number
    # No other writer can be at work now: a row here is another program's leaving.
    store.db.execute("DELETE FROM writing")
    store.db.execute("INSERT INTO writing VALUES(?,?)", (number, since))
    return number, since


_ME = """
SELECT id FROM user WHERE lower(name)=?1 OR email=?1 OR email LIKE replace(replace(?1,'%',''),'_','\\_')||'@%' ESCAPE '\\'
ORDER BY lower(name)<>?1, email IS NOT ?1, id LIMIT 1
"""


def find_me(store: Store) -> int | None:
    """The user that `me` names: by name, by e-mail, by the part of the e-mail before the @, by a first name that only one has."""
    me = store.me.lower()
    found = store.db.execute(_ME, (me,)).fetchone()
    if found is None:
        named = store.db.execute("SELECT id FROM user WHERE substr(lower(name),1,length(?1)+1)=?1||' ' LIMIT 2", (me,)).fetchall()
        found = named[0] if len(named) == 1 else None
    return found[0] if found else None


def _actor(store: Store) -> int | None:
    """The id of the user who acts; made one on the first write, under an operation of nobody's, which `undo` does not take."""
    if not store.me:
        return None
    found = find_me(store)
    if found is None:
        op = Operation(store, *_open(store, None, say("(first write of {me})", me=store.me), None, None))
        found = op.insert("user", {"name": store.me, "active": 1})
        store.db.execute("DELETE FROM writing")
    return found


def _act_afterwards(op: Operation) -> None:
    """Name the actor of an operation that added users: the one that `me` names by now, else one made at the moment kept free before it."""
    db, me = op.store.db, find_me(op.store)
    if me is None:
        before = op.id - (1 << 20)
        db.execute("INSERT INTO op(id,command) VALUES(?,?)", (before, f"(first write of {op.store.me})"))
        db.execute("UPDATE writing SET op=?1, since=?1", (before,))
        me = op.insert("user", {"name": op.store.me, "active": 1})
    db.execute("UPDATE op SET actor=? WHERE id=?", (me, op.id))


def referring(store: Store, kind: Kind, numbers: Sequence[int]) -> list[tuple[str, str, int]]:
    """(kind, field, id) of every current record that refers to one of `numbers`; lists of contacts do not count."""
    out = []
    for other, field in referrers(store.kinds, kind.name):
        if other.name in ("opportunity_contact", "activity_contact"):
            continue
        for start in range(0, len(numbers), 500):
            part = numbers[start : start + 500]
            marks = ",".join("?" * len(part))
            rows = store.db.execute(f"SELECT id FROM {q(other.name)} WHERE {q(field.name)} IN ({marks})", part)
            out += [(other.name, field.name, r[0]) for r in rows]
    return out


def delete_cascade(op: Operation, kind: Kind, numbers: Sequence[int]) -> int:
    """Delete records and everything that cannot be without them, blank the other references to them. Returns how many were deleted."""
    done: set[tuple[str, int]] = set()
    waiting = [(kind.name, n) for n in numbers]
    while waiting:
        name, number = waiting.pop()
        if (name, number) in done:
            continue
        done.add((name, number))
        for other, field, row in referring(op.store, op.store.kinds[name], [number]):
            if (
                other == "activity"
                or op.store.kinds[other].field(field).required
                or (name == "account" and field == "account" and other != "lead")
            ):
                waiting.append((other, row))
            else:
                op.update(other, row, {field: None})
    for name, number in done:
        op.delete(name, number)
    return len(done)
