"""Who else took part in an activity: its contact is the main one, the others stand in a table of their own, with its history."""

from __future__ import annotations

from collections.abc import Sequence

from sfa.sales.fields import PEOPLE_END
from sfa.store import bulk
from sfa.store.database import Store
from sfa.store.operations import Operation

TABLE = "activity_contact"


def others(store: Store, activity: int) -> list[int]:
    """The ids of the contacts besides the main one, in the order in which they were named."""
    return [r[0] for r in store.db.execute(f"SELECT contact FROM {TABLE} WHERE activity=? ORDER BY id", (activity,))]


def put(op: Operation, activity: int, wanted: Sequence[int]) -> bool:
    """Make `wanted` the other contacts of an activity; returns whether that changed anything."""
    there = dict(op.store.db.execute(f"SELECT contact, id FROM {TABLE} WHERE activity=? ORDER BY id", (activity,)).fetchall())
    for contact, row in there.items():
        if contact not in wanted:
            op.delete(TABLE, row)
    for contact in dict.fromkeys(wanted):
        if contact not in there:
            op.insert(TABLE, {"activity": activity, "contact": contact})
    return [*there] != [*dict.fromkeys(wanted)]


def load(op: Operation, pairs: Sequence[tuple[int, int]]) -> None:
    """Add (activity, contact) for new activities, many at once."""
    first = bulk.next_number(op.store, TABLE)
    bulk.insert(op, TABLE, ("activity", "contact"), ((first + n, *pair) for n, pair in enumerate(pairs)), len(pairs))


def names_sql(alias: str) -> str:
    """SQL: the names of the other contacts of the activity `alias`, each with a mark behind it but the last."""
    rows = f"SELECT c.name FROM {TABLE} x JOIN contact c ON c.id=x.contact WHERE x.activity={alias}.id ORDER BY x.id"
    return f"(SELECT group_concat(name,char({ord(PEOPLE_END)})) FROM ({rows}))"


def ids_sql(alias: str) -> str:
    """SQL: their ids, with commas between them."""
    return f"(SELECT group_concat(contact) FROM (SELECT contact FROM {TABLE} WHERE activity={alias}.id ORDER BY id))"
