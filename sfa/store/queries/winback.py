"""Lost deals that are worth another try: those whose revisit has come, what was lost with them, and which the account has answered
since."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from sfa.sales.filters import Condition
from sfa.store.database import Store
from sfa.store.queries import scope
from sfa.store.queries.rates import Converter


class Lost(NamedTuple):
    """A lost deal whose revisit has come: names with the ids behind them, `amount` in minor units of the report's currency (None: it never
    had one), ISO days."""

    id: int
    name: str
    account: str | None
    account_id: int | None
    contact: str | None
    contact_id: int | None
    owner: str | None
    owner_id: int | None
    reason: str | None
    reason_id: int | None
    secondary_reason: str | None
    secondary_reason_id: int | None
    competitor: str | None
    competitor_id: int | None
    note: str | None
    closed: str | None
    revisit: str
    amount: int | None


class Winback(NamedTuple):
    """The deals, the largest first. `answered`: due too, but the account has a newer open or won deal; `later`: due after the day, the
    first on `next`; `undated`: lost for a recoverable reason, without a revisit. `converted` tells whether other currencies occurred."""

    deals: list[Lost]
    answered: int
    later: int
    next: str | None
    undated: int
    converted: bool


NAMED = (("account", "account"), ("contact", "contact"), ("owner", "user"), ("reason", "reason"), ("secondary_reason", "reason"),
         ("competitor", "account"))  # fmt: skip
"""Reference of a deal → what it points to."""


_CLOSED = Lost._fields.index("closed")


def winback(store: Store, until: date, conditions: list[Condition]) -> Winback:
    """The lost deals that are to be tried again by the end of `until`. Raises Refused for a missing rate."""
    within = scope.scope(store, None, conditions)
    ends = scope.stages(store)
    if not ends.lost:
        return Winback([], 0, 0, None, 0, False)
    lost, params = f"t.stage IN ({ends.lost}) AND {within.where}", within.params
    rows = store.db.execute(f"{_sql(ends)} WHERE t.revisit<=? AND {lost}", [until.isoformat(), *params]).fetchall()
    convert, today = Converter(store), within.day.isoformat()
    deals = []
    for row in rows:
        *known, amount, currency, newer = row
        if not newer:
            exact = None if amount is None else convert(amount, currency, row[_CLOSED] or today)
            deals.append(Lost._make((*known, exact)))
    deals.sort(key=lambda d: (d.amount is None, -(d.amount or 0), d.revisit, d.id))
    converted = any(r[-2] != store.currency for r in rows if r[-3] is not None and not r[-1])
    later = f"SELECT count(*),min(t.revisit) FROM opportunity t WHERE t.revisit>? AND {lost} AND NOT {scope.answered(ends)}"
    many, first = store.db.execute(later, [until.isoformat(), *params]).fetchone()
    blank = f"SELECT count(*) FROM opportunity t JOIN reason r ON r.id=t.reason AND r.recoverable=1 WHERE t.revisit IS NULL AND {lost}"
    undated = store.db.execute(blank, params).fetchone()[0]
    return Winback(deals, len(rows) - len(deals), many, first, undated, converted)


def _sql(ends: scope.Stages) -> str:
    """Id, name, the named references with their ids, note, closed, revisit, amount, currency, whether there is a newer deal.

    The amount is the last one above or below zero that the deal had while it was open, else its own, as in win/loss."""
    names = ",".join(f"j_{field}.name,t.{field}" for field, _ in NAMED)
    joins = " ".join(f"LEFT JOIN {kind} j_{field} ON j_{field}.id=t.{field}" for field, kind in NAMED)
    last = scope.last_open(ends, "h.rowid", " AND h.amount<>0")
    amount = "coalesce(l.amount,nullif(t.amount,0)),CASE WHEN l.rowid IS NULL THEN t.currency ELSE l.currency END"
    return (
        f"SELECT t.id,t.name,{names},t.reason_note,t.closed,t.revisit,{amount},{scope.answered(ends)}"
        f" FROM opportunity t {joins} LEFT JOIN main.opportunity_history l ON l.rowid={last}"
    )
