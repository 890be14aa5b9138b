"""What the reports on deals share: their people, columns and rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.tables import labelled, ordered, record_of

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.store.database import Store
    from sfa.store.queries.dimensions import Dimension

Values = tuple[Any, ...]
"""What a group was counted by, in the order of the dimensions."""
Explain = Annotated[bool, typer.Option("--explain", help="Print what the figures mean instead.")]
Versus = Annotated[str, typer.Option("--versus", metavar="PERIOD", help="Compare with last-year, previous, or any period.")]
WEAKNESS = "* fewer than 30 deals: a weak rate"


def owners(found: Any) -> set[Any]:
    """The people in charge of counted deals, where a dimension is about people."""
    at = [i for i, d in enumerate(found.dimensions) if d.to == "user"]
    return {values[i] for values, _ in found.groups for i in at if values[i] is None or values[i] in found.people}


def columns(dimensions: Sequence[Dimension], format: str) -> list[tuple[str, str]]:
    """The columns of the dimensions: with the records that they are for programs."""
    return [(d.name, "" if format in ("table", "md", "html") else record_of(d)) for d in dimensions]


def rows(
    store: Store, dimensions: Sequence[Dimension], cells: Sequence[tuple[tuple[Any, ...], float, dict[str, Any]]], people: Sequence[int]
) -> list[dict[str, Any]]:
    """Rows in order: (key, weight, figures) with the names of their keys."""
    from sfa.store.queries.dimensions import Labels

    labels = [Labels(store, d, {key[i] for key, _, _ in cells}) for i, d in enumerate(dimensions)]
    by_key = {key: figures for key, _, figures in cells}
    keys = ordered(dimensions, labels, [(key, weight) for key, weight, _ in cells], people)
    return [{**labelled(dimensions, labels, key), **by_key[key]} for key in keys]


def aligned(
    store: Store, dimensions: Sequence[Dimension], groups: Sequence[tuple[Values, Any]], span: Period, other: Period
) -> list[tuple[Values, Any]]:
    """The groups of a period that `span` is compared with, their months as those of `span` that they stand beside."""
    from sfa.sales.comparison import shifted

    at = [i for i, d in enumerate(dimensions) if d.name in ("month", "quarter")]
    if not at:
        return [*groups]

    def moved(values: Values) -> Values:
        return tuple(shifted(v, span, other, store.calendar) if i in at and v else v for i, v in enumerate(values))

    return [(moved(values), group) for values, group in groups]


def explained(name: str) -> None:
    """Write what a report's figures mean, and where the manual says more."""
    from sfa.sales.definitions import DEFINITIONS

    definition = DEFINITIONS[name]
    for sentence in definition.says:
        output.paragraph(sentence)
    output.line(f"More: {definition.link}")
