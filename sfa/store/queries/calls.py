"""Calls, adjustments and judgments of a period, in the report's currency, as of the moment that the report shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sfa.sales import dates
from sfa.sales.calls import Adjustment, Call, Judgment
from sfa.sales.forecast import IN, LATE
from sfa.store.database import Store
from sfa.store.queries import rates
from sfa.store.queries.forecast import Ask, Deal, deals

NATURAL = {
    "commit": ("commit",),
    "most_likely": ("commit", "most_likely"),
    "best_case": ("commit", "most_likely", "best_case"),
}
"""Cumulative column → the categories of open deals in it."""


def key_of(period: dates.Period) -> str:
    """How a period is stored."""
    return dates.period_key(period.start, period.end)


def spoken_of(store: Store, period: dates.Period) -> set[int]:
    """The people who have called, or whom somebody has adjusted, in a period."""
    sql = "SELECT owner FROM forecast_call WHERE period=?1 UNION SELECT owner FROM forecast_adjustment WHERE period=?1"
    return {r[0] for r in store.db.execute(sql, (key_of(period),))}


def _into(store: Store, day: date) -> Callable[[int | None, str | None], int | None]:
    """A function from an amount and its currency to the report's, at the rate of a day."""
    known: dict[str, rates.Rate] = {}

    def convert(amount: int | None, currency: str | None) -> int | None:
        if amount is None or currency is None or currency == store.currency:
            return amount
        if currency not in known:
            known[currency] = rates.rate_on(store, currency, day)
        return rates.convert(amount, known[currency])

    return convert


def calls(store: Store, period: dates.Period, day: date) -> dict[int, Call]:
    """person → call. Raises Refused for a missing rate."""
    into = _into(store, day)
    names = 'owner,currency,note,made,"commit",best_case,rollup_commit,rollup_best_case'
    out = {}
    for owner, currency, note, made, *amounts in store.db.execute(f"SELECT {names} FROM forecast_call WHERE period=?", (key_of(period),)):
        said = [into(a, currency) for a in amounts]
        out[owner] = Call(owner, (said[0], said[1]), (said[2] or 0, said[3] or 0), note or "", made)
    return out


def adjustments(store: Store, period: dates.Period, day: date) -> list[Adjustment]:
    """What managers say of their reports, those no longer in force too. Raises Refused for a missing rate."""
    into = _into(store, day)
    sql = 'SELECT owner,manager,"column",amount,gross,currency,note,made FROM forecast_adjustment WHERE period=? ORDER BY id'
    return [
        Adjustment(owner, manager, column, into(amount, currency) or 0, into(gross, currency) or 0, note or "", made)
        for owner, manager, column, amount, gross, currency, note, made in store.db.execute(sql, (key_of(period),))
    ]


def judgments(store: Store, ask: Ask) -> list[Judgment]:
    """Managers' judgments on deals that are still open and due in the period."""
    sql = 'SELECT opportunity,manager,"column",included,note,made FROM forecast_judgment WHERE period=? ORDER BY id'
    rows: list[Any] = store.db.execute(sql, (key_of(ask.period),)).fetchall()
    if not rows:
        return []
    found = {d.id: d for d in deals(store, "rep", ask) if d.place in (IN, LATE) and d.category != "closed"}
    return [
        Judgment(
            deal,
            manager,
            column,
            bool(included),
            found[deal].owner or 0,
            found[deal].amount,
            natural(found[deal], column),
            note or "",
            made,
        )
        for deal, manager, column, included, note, made in rows
        if deal in found
    ]


def natural(deal: Deal, column: str) -> bool:
    """Whether a deal's own category puts it into a cumulative column."""
    return deal.category in NATURAL[column]
