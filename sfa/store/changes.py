"""What one operation did to the records, before and after: for hooks, which see it before it is kept too.

The records are read as of the moments around it, chunk by chunk, so that an operation of any size fits in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sfa.sales.kinds import Kind
from sfa.sales.sheets import Column
from sfa.store import records
from sfa.store.database import Store
from sfa.store.operations import Operation
from sfa.store.schema import q

CHUNK = 500
INNER = ("external", "assignment_turn")
"""Kinds that nobody sees as records."""
Row = tuple[Any, ...]


class Side(NamedTuple):
    """The rows of some records at one moment, by id, and the columns that they have."""

    columns: list[Column]
    rows: dict[int, Row]


class Counts(NamedTuple):
    """How many records of a kind were made, changed and deleted."""

    added: int
    changed: int
    deleted: int


def about(store: Store, op: Operation) -> tuple[str, int | None, int | None, str]:
    """(command, what it undoes, the actor's id, the actor's name) of an operation."""
    sql = "SELECT o.command,o.undoes,o.actor,coalesce(u.name,'') FROM op o LEFT JOIN main.user u ON u.id=o.actor WHERE o.id=?"
    row: tuple[str, int | None, int | None, str] = store.db.execute(sql, (op.id,)).fetchone()
    return row


def counts(store: Store, op: Operation) -> dict[str, Counts]:
    """The kinds that an operation touched, with how many of their records."""
    out = {}
    for kind in store.kinds.values():
        if kind.name not in INNER:
            left, found = _ids(kind)
            of = (left, found, f"{left} INTERSECT {found}")
            sql = f"SELECT {', '.join(f'(SELECT count(*) FROM ({ids}))' for ids in of)}"
            written, ended, both = store.db.execute(sql, (op.id,)).fetchone()
            if written or ended:
                out[kind.name] = Counts(written - both, both, ended - both)
    return out


def _ids(kind: Kind) -> tuple[str, str]:
    """(SQL of the ids that operation ?1 left a version of, of those that it ended a version of)."""
    past = q(kind.name + "_history")
    left = f"SELECT id FROM main.{q(kind.name)} WHERE op=?1 UNION SELECT id FROM main.{past} WHERE op=?1 AND until_op<>?1"
    return left, f"SELECT id FROM main.{past} WHERE until_op=?1 AND op<>?1"


def sides(store: Store, op: Operation, kind: Kind) -> Iterator[tuple[list[int], Side, Side]]:
    """(ids, before, after) of the records of a kind that an operation touched, some at a time."""
    left, found = _ids(kind)
    numbers = [r[0] for r in store.db.execute(f"{left} UNION {found} ORDER BY 1", (op.id,))]
    for start in range(0, len(numbers), CHUNK):
        some = numbers[start : start + CHUNK]
        yield some, _side(store, kind, some, op.since - 1), _side(store, kind, some, op.id)


def _side(store: Store, kind: Kind, numbers: list[int], moment: int) -> Side:
    names = [*(["ref"] if kind.prefix else []), *(f.name for f in kind.fields)]
    within = f"t.id IN ({','.join(map(str, numbers))})"
    with store.past(moment):
        sheet = records.select(store, kind, names, [], "id", within=within, beside=("t.id AS number",))
        return Side(sheet.columns, {row[-1]: row for row in sheet.rows})
