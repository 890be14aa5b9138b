"""Open deals for the pipeline report, counted and added up in SQL."""

from __future__ import annotations

from typing import Any, NamedTuple

from sfa.sales import dates
from sfa.sales.filters import Condition
from sfa.sales.forecast import Person
from sfa.store.database import Store
from sfa.store.queries import dimensions, rates, scope
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.forecast import PROBABILITY, category


class Open(NamedTuple):
    """Open deals of one row. Amounts in minor units of the company currency; `weighted` leaves omitted deals out; `days` is the sum of
    the ages of those that have an opening day, `aged` their number; `overdue` those whose expected close has passed."""

    deals: int = 0
    amount: int = 0
    weighted: int = 0
    overdue: int = 0
    overdue_amount: int = 0
    days: int = 0
    aged: int = 0
    blank: int = 0

    def plus(self, other: Open) -> Open:
        """Both together."""
        return Open(*map(int.__add__, self, other))


class Pipeline(NamedTuple):
    """Open deals as (values of the dimensions, figures), the people, and the rates that were used."""

    dimensions: list[Dimension]
    groups: list[tuple[tuple[Any, ...], Open]]
    people: dict[int, Person]
    rates: list[rates.Rate]


def pipeline(store: Store, by: str, period: dates.Period | None, conditions: list[Condition]) -> Pipeline:
    """Count the open deals by `by`; those due in `period`, all and undated ones too without one. Raises UsageError for an unknown
    dimension, Refused for a missing rate."""
    within = scope.scope(store, period, conditions)
    ends = scope.stages(store)
    close, today = "t." + scope.CLOSE, within.day
    asked = dimensions.parse(store, by, {"owner": "t.owner", "month": scope.time(store, within, close), "category": category(ends)})
    clause = f"{ends.open} AND {within.where}" + (f" AND {close}>='{within.start}' AND {close}<'{within.end}'" if within.period else "")
    sql = f"SELECT DISTINCT t.currency FROM opportunity t WHERE {clause} AND t.amount IS NOT NULL AND t.currency<>?"
    foreign = [r[0] for r in store.db.execute(sql, (*within.params, store.currency))]
    used = [rates.rate_on(store, c, today) for c in sorted(foreign)]
    amount, joins = "t.amount", dimensions.joins(asked)
    if foreign:
        rates.prepare(store)
        amount = rates.converted(store, "fx", "t.amount", "t.currency")
        joins += " " + rates.join("fx", "t.currency", f"'{today}'")
    share = f"CASE WHEN {category(ends)}='omitted' THEN 0 ELSE {rates.weighted(amount, PROBABILITY, not foreign)} END"
    late, age = f"{close}<'{today}'", f"CAST(julianday('{today}')-julianday(t.opened) AS INTEGER)"
    sql = (
        f"SELECT {','.join(d.sql for d in asked)},count(*),sum({amount}),sum({share}),sum({late}),sum(CASE WHEN {late} THEN {amount} END),"
        f"sum({age}),count(t.opened),count(*)-count(t.amount) FROM opportunity t {joins} WHERE {clause}"
        f" GROUP BY {','.join(str(i + 1) for i in range(len(asked)))}"
    )
    n = len(asked)
    groups = [(r[:n], Open(*(v or 0 for v in r[n:]))) for r in store.db.execute(sql, within.params)]
    return Pipeline(asked, groups, scope.people(store, within.period), used)
