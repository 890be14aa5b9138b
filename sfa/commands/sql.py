"""`sfa sql`: questions in SQL, read-only, over views that carry the same definitions as the reports."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.session import Session, view
from sfa.commands.tables import PeriodOption, period_of
from sfa.errors import UsageError
from sfa.sales.sheets import Column, Sheet, column

if TYPE_CHECKING:
    from sfa.store.database import Store

EXACT = 2**53
"""Greater integers are texts in JSON: other programs would round them."""


def command(
    ctx: typer.Context,
    query: Annotated[str, typer.Argument(metavar="[SQL]", help="One SELECT.", show_default=False)] = "",
    views: Annotated[bool, typer.Option("--views", help="List the views with their columns and what they mean.")] = False,
    period: PeriodOption = "",
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Ask in SQL: one SELECT over views that say what the reports say.

    v_opportunity, v_closed, v_forecast (of --period), v_stage_visit, v_account, v_activity, v_user, v_quota and more; --views lists them.
    Amounts are in minor units; money(amount, currency) writes them out. Nothing can be written.

    Examples:
      sfa sql "SELECT stage, money(sum(amount_home), 'USD') FROM v_opportunity GROUP BY stage"
      sfa sql "SELECT owner, avg(won) FROM v_closed GROUP BY owner" --format csv
      sfa sql --views --format md
    """
    from sfa.store.queries.scope import snapshot

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    if views == bool(query.strip()):
        raise UsageError("give one query, or --views", "As in: sfa sql 'SELECT name, amount FROM v_opportunity'")
    with session.store(as_of=as_of) as store, snapshot(store):
        output.sheet(_listed(store, period) if views else _answer(store, query, period, chosen), view(store, chosen))


def _listed(store: Store, period: str) -> Sheet:
    from sfa.store.views import views

    rows = []
    for v in views(store, period_of(store, period)):
        rows.append((v.name, "", v.about))
        rows += [(v.name, c.name, c.meaning) for c in v.columns]
    return Sheet([column("view", "text", 0), column("column", "text", 1), column("meaning", "text", 2)], rows, wrap=True)


def _answer(store: Store, query: str, period: str, format: str) -> Sheet:
    from sfa.store.reading import run

    names, rows = run(store, query, period_of(store, period))
    kinds = [_type(name, [row[i] for row in rows]) for i, name in enumerate(names)]
    texts = [kind == "text" for kind in kinds]
    cells = [tuple(_cell(value, text, format) for value, text in zip(row, texts, strict=True)) for row in rows]
    columns: list[Column] = [column(name, kind, i, label=name) for i, (name, kind) in enumerate(zip(names, kinds, strict=True))]
    return Sheet(columns, cells)


def _type(name: str, values: Sequence[Any]) -> str:
    """What a column holds, by its values: numbers, unless they name records."""
    numbers = all(isinstance(v, int | float) for v in values if v is not None)
    return "number" if numbers and name != "id" and not name.endswith("_id") else "text"


def _cell(value: Any, text: bool, format: str) -> Any:
    """A value as it is written; in JSON numbers stay numbers as far as others read them exactly."""
    if isinstance(value, bytes):
        return value.hex()
    if format in ("json", "ndjson"):
        exact = value is None or isinstance(value, str) or (value - value == 0 and (isinstance(value, float) or abs(value) <= EXACT))
        return value if exact else str(value)
    return str(value) if text and value is not None else value
