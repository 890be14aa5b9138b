"""Writing many records at once, and what dumping them needs. Rows are stamped here, so that no trigger has to do it one by one.

Which rows are written is decided in `loading.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from sfa.sales.kinds import Kind
from sfa.store import textindex
from sfa.store.database import Store
from sfa.store.operations import Operation
from sfa.store.schema import q

CACHE = -24_000
"""Pages held in memory while loading (SQLite's cache_size, KiB): random writes into the indexes stay out of the file."""

VALUES = 900
"""Values handed over by one INSERT of a load: a statement a row would take half as long again. Every SQLite takes 999."""


def ready(store: Store) -> None:
    """Make the connection fit for a load; call it outside a transaction."""
    store.db.execute(f"PRAGMA cache_size={CACHE}")


def next_number(store: Store, kind: str) -> int:
    """The id that the next new record of a kind will have."""
    from sfa.sales.refs import SPAN

    n: int = store.db.execute("SELECT n FROM counter WHERE kind=?", (kind,)).fetchone()[0]
    return store.site * SPAN + n + 1


class Gates:
    """What makes single writes safe and costs most in a long load: the triggers that stamp and keep (these rows come stamped, and there
    is nothing yet to keep) and, where the table was empty, its indexes. They are put aside within the transaction and put back in it, so
    that nobody else ever sees the table without them."""

    def __init__(self, op: Operation, kind: str, indexes: bool) -> None:
        self.db = op.store.db
        names = [f"{k}_{t}" for k in (kind, "external") for t in ("replace", "insert")]
        where = f"type='trigger' AND name IN ({','.join('?' * len(names))})"
        if indexes:
            where += f" OR type='index' AND tbl_name='{kind}' AND sql LIKE 'CREATE INDEX%'"
        found = self.db.execute(f"SELECT type, name, sql FROM main.sqlite_master WHERE {where}", names).fetchall()
        for type, name, _ in found:
            self.db.execute(f"DROP {type} main.{q(name)}")
        self.aside = [sql for _, _, sql in found]

    def put_back(self) -> None:
        """Make them again; the indexes are filled in one go."""
        for sql in self.aside:
            self.db.execute(sql)
        self.aside = []


def insert(op: Operation, kind: str, names: Sequence[str], rows: Iterable[tuple[Any, ...]], many: int) -> None:
    """Insert `many` rows (id, then the values of `names`) with consecutive ids from `next_number` on, stamped by this operation."""
    if not many:
        return
    op.new_id(kind, many)
    columns = ",".join(q(n) for n in ("id", *names, "op", "since"))
    head = f"INSERT INTO {q(kind)}({columns}) VALUES"
    marks = f"({','.join('?' * (len(names) + 1))},{op.id},{op.since})"
    stream, together = iter(rows), VALUES // (len(names) + 1)
    if many >= together:
        several = head + ",".join([marks] * together)
        for _ in range(many // together):
            op.store.db.execute(several, list(chain.from_iterable(islice(stream, together))))
    op.store.db.executemany(head + marks, stream)
    op.changes += many


def link(op: Operation, kind: str, pairs: Sequence[tuple[int, str]], source: str) -> None:
    """Say how another system calls records: (record, external id)."""
    first = next_number(op.store, "external")
    rows = ((first + i, kind, record, source or None, external) for i, (record, external) in enumerate(pairs))
    insert(op, "external", ("kind", "record", "source", "external"), rows, len(pairs))


def relink(op: Operation, kind: str, pairs: Sequence[tuple[int, str]], source: str) -> None:
    """The same for records that may have an external id of that source, which the new one replaces."""
    sql = "DELETE FROM external WHERE \"kind\"=? AND record=? AND coalesce(source,'')=?"
    op.store.db.executemany(sql, ((kind, record, source) for record, _ in pairs))
    link(op, kind, pairs, source)


def update(op: Operation, kind: str, changes: dict[int, dict[str, Any]]) -> None:
    """Write the changed fields of records (id → field → value); the triggers keep what they replace."""
    by_fields: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for number, fields in changes.items():
        if fields:
            by_fields.setdefault(tuple(fields), []).append((*fields.values(), number))
    for names, rows in by_fields.items():
        op.store.db.executemany(f"UPDATE {q(kind)} SET {','.join(q(n) + '=?' for n in names)} WHERE id=?", rows)
        op.changes += len(rows)


def index(op: Operation, kind: Kind, ranges: Sequence[tuple[int, int]]) -> None:
    """Bring inserted rows, given by ranges of ids, into the text index. Those that were changed again in the same operation were noted
    by the triggers with a text that the index never had."""
    if kind.search:
        for first, last in ranges:
            textindex.add(op.store, kind.name, first, last)
            op.store.db.execute("DELETE FROM unindexed WHERE kind=? AND id BETWEEN ? AND ?", (kind.name, first, last))


def records(store: Store, kind: Kind, numbers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """id → record of stored values, for many ids in one read."""
    from json import dumps

    names = ("id", *kind.columns)
    sql = f"SELECT {','.join(q(n) for n in names)} FROM {q(kind.name)} WHERE id IN (SELECT value FROM json_each(?))"
    return {r[0]: dict(zip(names, r, strict=True)) for r in store.db.execute(sql, (dumps(list(numbers)),))}


def unclear_names(store: Store, kind: Kind) -> set[str]:
    """Names that do not say which record of `kind` is meant: borne by several, or another record's external id."""
    if "name" not in kind.columns or kind.name == "stage":
        return set()
    rows = store.db.execute(
        f"SELECT name FROM {q(kind.name)} GROUP BY name HAVING count(*)>1"
        f' UNION SELECT r.name FROM {q(kind.name)} r JOIN external e ON e.external=r.name AND e."kind"=? AND e.record<>r.id',
        (kind.name,),
    )
    return {r[0] for r in rows}


NAMES = 200_000
"""Records of a kind whose names are held in memory while others are dumped; of more they are looked up row by row."""


def names(store: Store, kind: Kind, unclear: set[str]) -> dict[int, str] | None:
    """id → what an export calls a record of `kind`: its name, its own long reference where the name is one of the `unclear`; None where
    there are too many."""
    from sfa.sales.refs import long_form

    if "name" not in kind.columns or store.db.execute(f"SELECT count(*) FROM {q(kind.name)}").fetchone()[0] > NAMES:
        return None
    found = dict(store.db.execute(f"SELECT id, name FROM {q(kind.name)}").fetchall())
    return {i: long_form(kind.name, i) if n in unclear else n for i, n in found.items()} if unclear else found
