"""Records as a plain SQLite file for other tools: one table a kind, readable without knowing this program.

Names stand for references, their ids in a column beside; amounts are numbers with decimals, times and dates ISO texts, yes and no 1 and 0.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from sfa.sales.sheets import Column
from sfa.store.schema import q

_TYPES = {"money": "REAL", "number": "NUMERIC", "percent": "INTEGER", "bool": "INTEGER", "count": "INTEGER"}


def write(path: str, tables: Iterable[tuple[str, Sequence[Column], Iterable[tuple[Any, ...]]]]) -> int:
    """Write tables, each with its name, its columns and its rows, to an empty file; returns the number of rows."""
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=OFF")
        db.execute("BEGIN")
        rows = sum(_table(db, *table) for table in tables)
        db.execute("COMMIT")
        return rows
    finally:
        db.close()


def _table(db: sqlite3.Connection, name: str, columns: Sequence[Column], rows: Iterable[tuple[Any, ...]]) -> int:
    made = ", ".join(f"{q(c.name)} {_TYPES.get(c.field.type, 'TEXT')}{' PRIMARY KEY' if c.name == 'id' else ''}" for c in columns)
    db.execute(f"CREATE TABLE {q(name)}({made})")
    marks = ",".join("(? = 'yes')" if c.field.type == "bool" else "?" for c in columns)
    db.executemany(f"INSERT INTO {q(name)} VALUES({marks})", rows)
    return int(db.execute(f"SELECT count(*) FROM {q(name)}").fetchone()[0])
