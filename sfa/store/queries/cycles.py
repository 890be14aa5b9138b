"""Deals by how long they took: closed ones with their sales cycles, open qualified ones, and whole cohorts by when they were opened."""

from __future__ import annotations

from typing import Any, NamedTuple

from sfa.sales import dates
from sfa.sales.durations import Closed
from sfa.sales.filters import Condition
from sfa.sales.forecast import Person
from sfa.store.database import Store
from sfa.store.queries import dimensions, rates, scope, visits
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.forecast import category
from sfa.store.queries.scope import Scope, Stages
from sfa.store.queries.touches import outcome
from sfa.store.queries.visits import Stay

Row = tuple[Any, ...]
CYCLE = "CAST(julianday(t.closed)-julianday(t.opened) AS INTEGER)"


class Cycles(NamedTuple):
    """Closed deals of a period as (values of the dimensions, group), the people, and the number of closed deals without a closed date.
    `stays` are visits to stages likewise, `qualified` the number of open deals past the first stage of their pipeline."""

    dimensions: list[Dimension]
    groups: list[tuple[Row, Closed]]
    people: dict[int, Person]
    undated: int
    stays: list[tuple[Row, Stay]] = []
    qualified: list[tuple[Row, int]] = []
    converted: bool = False


def cycles(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Cycles:
    """The deals closed in a period and the visits to stages that ended in it or last, by `by` ("" for none). Amounts are not read."""
    ask = _Ask(store, by, period, conditions)
    groups = ask.closed("0")
    visits.prepare(store, conditions)
    found = list(visits.stays(store, ask.within, ask.keys, ask.joins))
    return Cycles(ask.dimensions, groups, ask.people, ask.undated(), stays=found)


def pace(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Cycles:
    """The deals closed in a period with their won amounts, and the open qualified ones. Raises Refused for a missing rate."""
    ask = _Ask(store, by, period, conditions)
    amount, foreign = ask.won_amount()
    groups = ask.closed(f"sum({amount})")
    return Cycles(ask.dimensions, groups, ask.people, ask.undated(), qualified=ask.qualified(), converted=foreign)


class _Ask:
    """The statements over the opportunities that the store shows."""

    def __init__(self, store: Store, by: str, period: dates.Period | None, conditions: list[Condition], day: str = "t.closed") -> None:
        self.store = store
        self.within: Scope = scope.scope(store, period, conditions)
        self.ends: Stages = scope.stages(store)
        own = {"month": scope.time(store, self.within, day), "category": category(self.ends)}
        self.dimensions = dimensions.parse(store, by, {**own, "owner": scope.owner(store, self.within, self.ends)}) if by else []
        self.keys = [d.sql for d in self.dimensions]
        self.joins = dimensions.joins(self.dimensions)
        self.people = scope.people(store, self.within.period)
        self.ended = f"t.stage IN ({','.join(x for x in (self.ends.won, self.ends.lost) if x)})"
        self.day = day

    @property
    def dated(self) -> str:
        return f"{self.day}>='{self.within.start}' AND {self.day}<'{self.within.end}'"

    def grouped(self, keys: list[str], figures: str, where: str) -> list[Row]:
        """The rows of one grouped statement over the deals that fit the filters and `where`."""
        group = f" GROUP BY {','.join(str(i + 1) for i in range(len(keys)))}" if keys else ""
        sql = f"SELECT {','.join([*keys, figures])} FROM opportunity t {self.joins} WHERE {where} AND {self.within.where}{group}"
        return self.store.db.execute(sql, self.within.params).fetchall()

    def closed(self, amount: str) -> list[tuple[Row, Closed]]:
        """Closed deals of the period by the dimensions, outcome and cycle; `amount` is the SQL of what they bring together."""
        n = len(self.keys)
        keys = [*self.keys, self.ends.if_won("1", "0"), CYCLE]
        rows = self.grouped(keys, f"count(*),{amount}", f"{self.ended} AND {self.dated}")
        return [(r[:n], Closed(bool(r[n]), r[n + 1], r[n + 2], r[n + 3] or 0)) for r in rows]

    def undated(self) -> int:
        """Deals that fit and have no day to be counted by: closed ones without a closed date."""
        return int(self.grouped([], "count(*)", f"{self.ended} AND {self.day} IS NULL")[0][0])

    def qualified(self) -> list[tuple[Row, int]]:
        """The number of open deals in any stage after the first of its pipeline, by the dimensions."""
        later = f"t.stage NOT IN ({','.join(visits.firsts(self.store))})"
        rows = self.grouped(self.keys, "count(*)", f"{self.ends.open} AND {later}")
        return [(r[:-1], r[-1]) for r in rows if r[-1]]

    def won_amount(self) -> tuple[str, bool]:
        """The SQL of a won deal's amount at the rate of its closed date, and whether any needed one. Raises Refused for a missing rate."""
        amount = self.ends.if_won("t.amount", "NULL")
        won = f"{self.ended} AND {self.dated} AND ({amount}) IS NOT NULL AND t.currency<>'{self.store.currency}'"
        if not self.grouped([], "count(*)", won)[0][0]:
            return amount, False
        rates.prepare(self.store)
        self.joins += " " + rates.join("fx", "t.currency", "t.closed")
        converted = self.ends.if_won(rates.converted(self.store, "fx", "t.amount", "t.currency"), "NULL")
        missing = self.grouped([], "min(t.currency||t.closed)", f"{won} AND ({converted}) IS NULL")[0][0]
        if missing:
            raise rates.missing(self.store, missing[:3], missing[3:])
        return converted, True


class Cohort(NamedTuple):
    """Deals counted together that were opened in one month or quarter: `outcome` is open, won or lost, `age` the days from opened to
    closed (None: not closed, or undated), `amount` that of won ones."""

    outcome: str
    age: int | None
    deals: int
    amount: int


class Cohorts(NamedTuple):
    """Deals by when they were opened as (values of the dimensions, cohort), the people, and the number of deals without an opening date."""

    dimensions: list[Dimension]
    groups: list[tuple[Row, Cohort]]
    people: dict[int, Person]
    undated: int
    converted: bool


def cohorts(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Cohorts:
    """The deals opened in a period by `by`, whose month and quarter are those of opening. Raises Refused for a missing rate."""
    ask = _Ask(store, by, period, conditions, "t.opened")
    amount, foreign = ask.won_amount()
    n = len(ask.keys)
    rows = ask.grouped([*ask.keys, outcome(ask.ends), f"CASE WHEN {ask.ended} THEN {CYCLE} END"], f"count(*),sum({amount})", ask.dated)
    undated = int(ask.grouped([], "count(*)", "t.opened IS NULL")[0][0])
    groups = [(r[:n], Cohort(r[n], r[n + 1], r[n + 2], r[n + 3] or 0)) for r in rows]
    return Cohorts(ask.dimensions, groups, ask.people, undated, foreign)


class Revenue(NamedTuple):
    """What deals won in a period bring: (account or None, amount, deals) each, the number of won deals without an amount and of those
    without a closed date, and whether other currencies occurred."""

    accounts: list[tuple[int | None, int, int]]
    blank: int
    undated: int
    converted: bool


def revenue(store: Store, period: dates.Period, conditions: list[Condition]) -> Revenue:
    """Won revenue by account. Raises Refused for a missing rate."""
    ask = _Ask(store, "", period, conditions)
    amount, foreign = ask.won_amount()
    won = f"t.stage IN ({ask.ends.won})"
    rows = ask.grouped(["t.account"], f"sum({amount}),count(*),count(*)-count(t.amount)", f"{won} AND {ask.dated}")
    undated = int(ask.grouped([], "count(*)", f"{won} AND t.closed IS NULL")[0][0])
    return Revenue([(r[0], r[1] or 0, r[2]) for r in rows], sum(r[3] for r in rows), undated, foreign)
