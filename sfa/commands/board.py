"""`sfa opp board`: open deals by stage, as many as the terminal has room for, marked by their health."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands import health
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.session import Session, view
from sfa.messages import say, together
from sfa.store.database import Store

MOST_MARKED = 2_000
"""Deals of a board whose health is shown."""


def board(
    ctx: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILTER]...", show_default=False)] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-n", metavar="N", min=0, help="Deals a column; 0 shows all (default: as many as fit, all for programs)."),
    ] = None,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Show open opportunities by stage, with counts and sums.

    Those that close first stand first. Deals at risk are marked ! and red, those to watch ~ and magenta, by the rules of sfa opp health; a
    date with ! has passed.

    Examples:
      sfa opp board owner:me
      sfa opp board close:2026-Q4 --limit 3
    """
    from sfa.store import filtering
    from sfa.store.queries import board as query
    from sfa.store.queries.scope import snapshot

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store:
        conditions = filtering.conditions(store, words, store.kinds["opportunity"])
        columns = query.board(store, conditions, limit if limit is not None else _room() if chosen == "table" else 0)
        if chosen == "table":
            shown = [d.id for c in columns for d in c.deals]
            with snapshot(store):
                # Where somebody asks for more deals than anybody looks at, their health would take longer than they.
                marks = health.marks(store, shown, health.limits(session)) if len(shown) <= MOST_MARKED else {}
            output.board([(c.stage, c.summary(), c.cards(store, marks)) for c in columns], _about(store, columns, marks))
        else:
            output.sheet(query.as_sheet(columns), view(store, chosen))


def _room() -> int:
    """The deals of a column that a terminal has the lines for: two each, besides heading, sums, rule, the rest, legend and prompt."""
    return max((output.height() - 7) // 2, 3) if output.height() else 8


def _marked(text: str) -> str:
    return say("{text}", text=text)


def _about(store: Store, columns: list[Any], marks: dict[int, str]) -> list[str]:
    """What the marks on a board mean, and which rates its sums are without."""
    from sfa.store.queries import rates

    meant = {"!": "! at risk", "~": "~ to watch"}
    said = [text for mark, text in meant.items() if mark in marks.values()]
    today = store.calendar.today.isoformat()
    late = any(d.close and d.close < today for c in columns for d in c.deals)
    legend = [*said, *(["a date with ! has passed"] if late else []), *(["why: sfa opp health REF"] if said else [])]
    missing = rates.lacking(store, (currency for c in columns for _, currency in c.sums))
    return [together("; ", map(_marked, legend))] * bool(legend) + rates.untold(store, missing)


board.words = True  # type: ignore[attr-defined]
