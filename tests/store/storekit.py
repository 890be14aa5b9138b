"""What the store's tests share: a store with a clock of its own, and a second program that writes into the same file."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sfa.sales.dates import Calendar
from sfa.store.database import Store, connect
from sfa.store.operations import operation

NOW = datetime(2076, 11, 23, 12, tzinfo=UTC)
"""The tests' own clock. It is ahead of the machine's, which stamps what other programs write, for as long as anyone runs them."""


def open_store(path: Path, *, write: bool = True, now: datetime = NOW, me: str = "anna", zone: str = "UTC") -> Store:
    return connect(str(path), Calendar(now.date(), now, time_zone=zone), write=write, me=me)


def outside(path: Path, *, recursive: bool = False) -> sqlite3.Connection:
    """Another program: a plain connection that knows nothing of us."""
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    db.execute("PRAGMA foreign_keys=ON")
    db.execute(f"PRAGMA recursive_triggers={'ON' if recursive else 'OFF'}")
    return db


def add(store: Store, kind: str, command: str = "add", /, **values: Any) -> int:
    with operation(store, command) as op:
        return op.insert(kind, values)


def edit(store: Store, kind: str, number: int, command: str = "edit", /, **values: Any) -> int:
    """Returns the operation."""
    with operation(store, command) as op:
        op.update(kind, number, values)
        return op.id


def remove(store: Store, kind: str, *numbers: int) -> int:
    with operation(store, "delete") as op:
        for n in numbers:
            op.delete(kind, n)
        return op.id


def last(store: Store) -> int:
    return int(store.db.execute("SELECT max(id) FROM op").fetchone()[0])


def table(store: Store, kind: str, *columns: str) -> dict[int, Any]:
    """id → its columns (a single one bare)."""
    rows = store.db.execute(f'SELECT id,{",".join(chr(34) + c + chr(34) for c in columns)} FROM "{kind}"')
    return {r[0]: r[1] if len(columns) == 1 else r[1:] for r in rows}


def at(path: Path, op: int) -> Store:
    """A store that shows the moment right after operation `op`."""
    store = open_store(path, write=False)
    store.show_as_of(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=op >> 20))
    return store
