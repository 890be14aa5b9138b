"""Rows of a file that refer to records of their own kind which are not there yet (a parent, a manager): in which order they can be loaded.

Nothing here reads or writes the database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sfa.sales.rows import Columns
from sfa.sales.rows import Line as Line


class Waiting(NamedTuple):
    """A row that refers to records of its own kind: how those are called (`awaits`), how itself may be called (`offers`)."""

    row: Line
    awaits: frozenset[str]
    offers: frozenset[str]


def waiting(row: Line, i: int, texts: dict[str, list[Any]], columns: Columns, own: list[Any] | None, external: list[Any] | None) -> Waiting:
    """Row `i` of a batch as one that waits; `texts` are its references to its own kind, as they stand in the file."""
    offers = [own[i] if own else None, external[i] if external else None, *(columns[n][i] for n in ("name", "email") if n in columns)]
    awaits = [values[i] for values in texts.values()]
    return Waiting(row, frozenset(_folded(awaits)), frozenset(_folded(offers)))


def _folded(texts: Iterable[Any]) -> list[str]:
    return [t.casefold() for t in texts if isinstance(t, str)]


def levels(rows: Sequence[Waiting]) -> tuple[list[list[Waiting]], list[Waiting]]:
    """Rows in groups, each row in a group after those that it waits for; and the rows that wait for each other in a circle."""
    by_name: dict[str, list[int]] = {}
    for i, w in enumerate(rows):
        for name in w.offers:
            by_name.setdefault(name, []).append(i)
    before = [{j for name in w.awaits for j in by_name.get(name, ())} for w in rows]
    after: dict[int, list[int]] = {}
    for i, needed in enumerate(before):
        for j in needed:
            after.setdefault(j, []).append(i)
    out, ready = [], [i for i, needed in enumerate(before) if not needed]
    left = [len(needed) for needed in before]
    done: set[int] = set()
    while ready:
        out.append([rows[i] for i in ready])
        done.update(ready)
        following = []
        for j in ready:
            for i in after.get(j, ()):
                left[i] -= 1
                if not left[i]:
                    following.append(i)
        ready = sorted(following)
    return out, [w for i, w in enumerate(rows) if i not in done]
