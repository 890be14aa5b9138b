"""`sfa report visits`: every visit of deals to stages, as the reports over stages count them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import typer

from sfa import output
from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import Explain, explained
from sfa.commands.report.sliced import PEOPLE_READ
from sfa.commands.session import Session, view
from sfa.commands.tables import Filters, asked

if TYPE_CHECKING:
    from sfa.store.queries.visits import Visit

COLUMNS = (
    ("opportunity", "ref", 0, 1),
    ("pipeline", "text", 2, -1),
    ("stage", "text", 3, -1),
    ("outcome", "text", 4, -1),
    ("entered", "stamp", 5, -1),
    ("left", "stamp", 6, -1),
    ("days", "days", 7, -1),
    ("owner", "ref", 8, 9),
    ("amount", "money", 10, 11),
)


@with_filters
def visits(
    ctx: typer.Context,
    words: Filters = None,
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """List every visit of deals to stages: when it began and ended, whose the deal was, its amount on leaving.

    Versions that follow each other in one stage are one visit, coming back is another. Without an end it lasts; without a beginning it
    began before anything is known of the deal.

    Examples:
      sfa report visits O-1
      sfa report visits stage:won --format csv
    """
    from sfa.sales.sheets import Sheet, column
    from sfa.store.queries import visits as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("visits")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    people = chosen in PEOPLE_READ
    with session.store(as_of=as_of) as store, snapshot(store):
        rows = _rows(query.listed(store, asked(store, words)))
        shown = [c for c in COLUMNS if not people or c[0] not in ("pipeline", "outcome")]
        kinds = {"opportunity": "opportunity", "owner": "user"}
        columns = [column(name, of, at, beside, to=kinds.get(name, "")) for name, of, at, beside in shown]
        return output.sheet(Sheet(columns, rows), view(store, chosen))


def _rows(found: Iterable[Visit]) -> Iterator[tuple[Any, ...]]:
    """The rows of COLUMNS; days are made of whole hours, as in the reports."""
    from sfa.sales.moments import stamp_text
    from sfa.store.queries.scope import at

    for v in found:
        days = None if v.hours is None else v.hours / 24
        moments = (None if m is None else stamp_text(at(m)) for m in (v.entered, v.left))
        yield (v.name, v.deal, v.pipeline, v.stage, v.outcome, *moments, days, v.owner_name, v.owner, v.amount, v.currency)
