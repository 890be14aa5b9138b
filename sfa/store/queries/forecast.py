"""The deals of a forecast, counted and added up in SQL; rows, roll-up and targets are made of them in `sales/rollup.py`."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sfa.sales import dates
from sfa.sales.filters import Condition
from sfa.sales.forecast import Fiscal, Group, Person, Quota, span_of
from sfa.sales.rollup import of_quotas
from sfa.store.database import Store
from sfa.store.queries import dimensions, rates, scope
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.scope import Scope, Stages
from sfa.store.where import where

Row = tuple[Any, ...]


class Counted(NamedTuple):
    """What the database knows of a forecast: groups as (values of the dimensions, owner, group), the people with their reporting lines,
    each person's quotas (None where the filters or dimensions are not a quota's), the rates that open deals were converted at."""

    dimensions: list[Dimension]
    groups: list[tuple[tuple[Any, ...], Any, Group]]
    people: dict[int, Person]
    quotas: dict[int, list[Quota]] | None
    rates: list[rates.Rate]


PROBABILITY = "coalesce(t.probability,(SELECT s.probability FROM stage s WHERE s.id=t.stage),0)"


def category(ends: Stages) -> str:
    """The SQL of the forecast category: closed for won deals; an open deal is never closed, so where an outside program says so, or
    nothing, its stage's holds."""
    stage = "(SELECT nullif(s.category,'closed') FROM stage s WHERE s.id=t.stage)"
    return ends.if_won("'closed'", f"coalesce(nullif(t.category,'closed'),{stage},'pipeline')")


def counted(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Counted:
    """Count the deals of a period by `by`. Raises UsageError for an unknown dimension, Refused for a missing rate."""
    within = scope.scope(store, period, conditions)
    ends = scope.stages(store)
    month = scope.time(store, within, ends.if_won("t.closed", "t." + scope.CLOSE))
    own = {"owner": scope.owner(store, within, ends), "month": month, "category": category(ends)}
    asked = dimensions.parse(store, by, own)
    quotas = _quotas(store, within, conditions) if _of_quotas(asked, conditions) else None
    query = _Query(store, within, ends, asked, own, with_owner=quotas is not None)
    rows = query.rows()
    used: list[rates.Rate] = []
    if any(r[-1] for r in rows):
        query.convert(plan=bool(quotas))
        rows = query.rows()
        if any(r[-1] for r in rows):
            query.refuse()
        used = rates.used(store, query.currencies(), within.day)
    return Counted(asked, [query.group(r) for r in rows], scope.people(store, within.period), quotas, used)


class _Query:
    """The one grouped statement. It adds amounts up as they are and counts those in other currencies (the last column); `convert`
    makes it one that converts every deal and counts in that column those without a rate."""

    def __init__(self, store: Store, within: Scope, ends: Stages, asked: list[Dimension], own: dict[str, str], with_owner: bool) -> None:
        self.store, self.within, self.ends = store, within, ends
        self.keys = [d.sql for d in asked]
        self.asked = len(self.keys)
        if with_owner and own["owner"] not in self.keys:
            self.keys.append(own["owner"])
        self.owner = self.keys.index(own["owner"]) if own["owner"] in self.keys else -1
        self.category, self.joins = own["category"], dimensions.joins(asked)
        self.amount, self.plan = "t.amount", "NULL"
        self.odd, self.bounded = f"count(nullif(t.currency,'{store.currency}'))", True
        self.day = ends.if_won("t.closed", f"'{within.day}'")

    def convert(self, plan: bool) -> None:
        """From here on: closed deals at the rate of their day, open ones at today's; `plan`: closed ones also at that of the period's
        first day."""
        rates.prepare(self.store)
        self.joins += " " + rates.join("fx", "t.currency", self.day)
        self.amount = rates.converted(self.store, "fx", "t.amount", "t.currency")
        self.bounded, lacking = False, f"({self.amount}) IS NULL"
        if plan and self.within.period:
            first = f"'{self.within.start}'"
            self.joins += " " + rates.join("fp", self.ends.if_won("t.currency", "NULL"), first)
            self.plan = self.ends.if_won(rates.converted(self.store, "fp", "t.amount", "t.currency"), "NULL")
            lacking += f" OR {self.ends.if_won(f'({self.plan}) IS NULL', '0')}"
        self.odd = f"sum(t.amount IS NOT NULL AND ({lacking}))"

    @property
    def scope(self) -> tuple[str, list[Any]]:
        within, close = self.within, "t." + scope.CLOSE
        due = f"({close}<'{within.end}' OR {close} IS NULL)" if within.period else "1"
        closed = f"t.stage IN ({self.ends.won}) AND t.closed>='{within.start}' AND t.closed<'{within.end}'" if self.ends.won else "0"
        return f"({closed} OR {due} AND {self.ends.open}) AND {within.where}", within.params

    def rows(self) -> list[Row]:
        """Keys, category, place, deals, filled, amount, weighted, plan, odd ones."""
        close, start, today = "t." + scope.CLOSE, self.within.start, str(self.within.day)
        place = f"CASE WHEN {close}>='{max(start, today)}' THEN 0 WHEN {close}>='{start}' THEN 1 WHEN {close} IS NULL THEN 3 ELSE 2 END"
        keys = [*self.keys, self.category, self.ends.if_won("0", place)]
        share = rates.weighted(self.amount, PROBABILITY, self.bounded)
        clause, params = self.scope
        sql = (
            f"SELECT {','.join(keys)},count(*),count(t.amount),sum({self.amount}),sum({share}),sum({self.plan}),{self.odd}"
            f" FROM opportunity t {self.joins} WHERE {clause} GROUP BY {','.join(str(i + 1) for i in range(len(keys)))}"
        )
        return self.store.db.execute(sql, params).fetchall()

    def group(self, row: Row) -> tuple[tuple[Any, ...], Any, Group]:
        """A row as (values, owner, group)."""
        values, n = row[: self.asked], len(self.keys)
        name, place, deals, filled, amount, share, plan, _ = row[n:]
        group = Group(name, place, deals, filled, amount or 0, share or 0, (amount if self.plan == "NULL" else plan) or 0)
        return values, row[self.owner] if self.owner >= 0 else None, group

    def currencies(self) -> list[str]:
        """The other currencies that occur."""
        clause, params = self.scope
        sql = f"SELECT DISTINCT t.currency FROM opportunity t WHERE {clause} AND t.currency<>'{self.store.currency}' ORDER BY 1"
        return [r[0] for r in self.store.db.execute(sql, params)]

    def refuse(self) -> None:
        """Raise Refused naming the first rate that is missing."""
        clause, params = self.scope
        first, day = f"'{self.within.start}'", self.day
        sql = (
            f"SELECT t.currency,CASE WHEN ({self.amount}) IS NULL THEN {day} ELSE {first} END FROM opportunity t {self.joins}"
            f" WHERE {clause} AND t.amount IS NOT NULL AND (({self.amount}) IS NULL OR"
            f" {self.ends.if_won(f'({self.plan}) IS NULL', '0')}) ORDER BY 1,2 LIMIT 1"
        )
        raise rates.missing(self.store, *self.store.db.execute(sql, params).fetchone())


# Quotas -----------------------------------------------------------------------------------------------------------------------------


def _of_quotas(asked: list[Dimension], conditions: list[Condition]) -> bool:
    """Whether quotas know the dimensions and filters of a forecast: they are of people and periods."""
    return of_quotas([d.name for d in asked]) and all(
        c.path.partition(".")[0] == "owner" or (c.path, c.values) == ("is", ("mine",)) for c in conditions
    )


def _quotas(store: Store, within: Scope, conditions: list[Condition]) -> dict[int, list[Quota]]:
    """person → quotas in the company currency, at the rate of the period's first day (of a quota's own first day for all time)."""
    clause, params = where(store, store.kinds["quota"], conditions)
    out: dict[int, list[Quota]] = {}
    rows = store.db.execute(f"SELECT t.owner,t.period,t.amount,t.currency FROM quota t WHERE {clause} ORDER BY t.id", params)
    for owner, key, amount, currency in rows.fetchall():
        days = dates.parse_period_key(key)
        if within.period and (days.end <= within.period.start or within.period.end <= days.start):
            continue
        if currency != store.currency:
            amount = rates.convert(amount, rates.rate_on(store, currency, within.period.start if within.period else days.start))
        out.setdefault(owner, []).append(Quota(days.start, days.end, amount))
    return out


def fiscal(store: Store, period: dates.Period) -> Fiscal | None:
    """The function from a unit and a day to the fiscal quarter or month, where the period is a fiscal one; None where both are the
    calendar's. A month of a fiscal year of months is a calendar month."""
    at = store.calendar
    weeks = dates.of_fiscal_weeks(period, at)
    if not weeks and (at.fiscal_month == 1 or not period.name.startswith("FY")):
        return None

    def found(unit: str, day: date) -> dates.Period:
        if unit == "quarter":
            return dates.fiscal_quarter(day, at)
        return dates.fiscal_month(day, at) if weeks else span_of(unit, day.isoformat())

    return found
