"""What the reports over stage visits and time share: one optional slice, and rows of it in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa.commands.report.shared import rows as rows_of
from sfa.errors import UsageError
from sfa.messages import say

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.sales.rollup import Slicer
    from sfa.store.database import Store
    from sfa.store.queries.dimensions import Dimension

OneBy = Annotated[str, typer.Option("--by", metavar="A", help="Slice by rep, manager, team, product, source, industry, … or any field.")]
PEOPLE_READ = ("table", "md", "html")
"""Formats for people; the others are for programs."""


def one(by: str, report: str) -> str:
    """The one dimension asked for, "" for none. Raises UsageError for two, and for what changes while a deal lives."""
    name = by.strip().lower().replace("-", "_")
    if "," in name:
        raise UsageError(say("{report} is sliced by one dimension", report=report), "As in --by rep.")
    if name in ("month", "quarter", "stage", "category"):
        raise UsageError(
            say("{report} is not sliced by {name}", report=report, name=name),
            "Open and closed deals stand beside each other in it: choose days with --period.",
        )
    return by


def slices(
    store: Store, dimensions: Sequence[Dimension], people: dict[int, Any], values: Iterable[tuple[Any, ...]], span: Period | None
) -> Slicer:
    """The slicer of a report in which groups with these values of its dimensions occur."""
    from sfa.sales.rollup import slicer
    from sfa.store.queries.forecast import fiscal

    at = [i for i, d in enumerate(dimensions) if d.to == "user"]
    present = {v[i] for v in values for i in at}
    known = {p for p in present if p is None or p in people}
    return slicer([d.name for d in dimensions], people, known, fiscal(store, span) if span else None)


def in_order(
    store: Store, dimensions: Sequence[Dimension], by_rows: Slicer, cells: Sequence[tuple[tuple[Any, ...], float, Any]]
) -> list[tuple[dict[str, Any], Any]]:
    """(labels of the key, figures) of each row, from (key, weight, figures), in the order of a report."""
    if not dimensions:
        return [({}, figures) for _, _, figures in cells]
    people = by_rows.lines.order if by_rows.names[0] == "manager" else ()
    found = rows_of(store, dimensions, [(key, weight, {"": figures}) for key, weight, figures in cells], people)
    return [({k: v for k, v in row.items() if k}, row[""]) for row in found]
