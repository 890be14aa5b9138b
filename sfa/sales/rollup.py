"""Which rows of a report a counted group belongs to: people become managers, teams and regions, days become months and quarters.

Values of dimensions are ids, texts or None for blank; what they are called is the store's business."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from sfa.sales.dates import Period
from sfa.sales.forecast import NOBODY, Fiscal, Person, Tree, span_of, tree

PEOPLE = ("rep", "manager", "team", "region")
DATED = ("month", "quarter")
"""Dimensions that a quota has, the one that settles the others first."""
Key = tuple[Any, ...]


class Slicer(NamedTuple):
    """Turns the values that groups were counted by into rows' keys: months and quarters become periods. `names` are the dimensions."""

    names: tuple[str, ...]
    people: Mapping[int, Person]
    lines: Tree
    fiscal: Fiscal | None
    spans: dict[tuple[str, str], Period]
    known: dict[Key, list[Key]]

    def rows_of(self, values: Sequence[Any]) -> list[Key]:
        """The keys of the rows that a group with these values belongs to: one, except that a deal counts for every manager above."""
        values = tuple(values)
        found = self.known.get(values)
        if found is None:
            found = self.known[values] = list(product(*(self._spread(n, v) for n, v in zip(self.names, values, strict=False))))
        return found

    def _spread(self, name: str, value: Any) -> Sequence[Any]:
        if name == "manager":
            return self.lines.above(value or NOBODY) or (None,)
        if name in ("team", "region"):
            found = self.people.get(value)
            return ((getattr(found, name) or None) if found else None,)
        if name in DATED and value:
            if (name, value) not in self.spans:
                self.spans[name, value] = span_of(name, value, self.fiscal)
            return (self.spans[name, value],)
        return (None if value == "" else value,)


def slicer(names: Sequence[str], people: Mapping[int, Person], present: Iterable[Any], fiscal: Fiscal | None = None) -> Slicer:
    """A slicer for a report in which the owners `present` occur (None for nobody)."""
    return Slicer(tuple(names), people, tree(people, {p or NOBODY for p in present}), fiscal, {}, {})
