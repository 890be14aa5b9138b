"""Deals by how long they took: closed ones with their sales cycles, open qualified ones, and whole cohorts by when they were opened."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sfa.sales import dates
from sfa.sales.durations import Closed, Pace
from sfa.sales.filters import Condition
from sfa.sales.forecast import Person
from sfa.store.database import Store
from sfa.store.queries import dimensions, rates, scope, visits
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.forecast import category
from sfa.store.queries.scope import CYCLE, Scope, Stages
from sfa.store.queries.touches import outcome
from sfa.store.queries.visits import Stay

Row = tuple[Any, ...]
WON, LOST, UNDATED, QUALIFIED = 1, 2, 3, 4
"""How a deal stands to a velocity: won or lost in the period, closed on no day, open and qualified."""


class Cycles(NamedTuple):
    """Closed deals of a period as (values of the dimensions, group), visits to stages likewise, the people, and the number of closed deals
    without a closed date."""

    dimensions: list[Dimension]
    groups: list[tuple[Row, Closed]]
    stays: list[tuple[Row, Stay]]
    people: dict[int, Person]
    undated: int


def cycles(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Cycles:
    """The deals closed in a period and the visits to stages that ended in it or last, by `by` ("" for none)."""
    ask = _Ask(store, by, period, conditions)
    n = len(ask.keys)
    rows = ask.grouped([*ask.keys, ask.ends.if_won("1", "0"), CYCLE], "count(*)", f"{ask.ended} AND {ask.dated}")
    groups = [(r[:n], Closed(bool(r[n]), r[n + 1], r[n + 2])) for r in rows]
    visits.prepare(store, conditions)
    stays = list(visits.stays(store, ask.within, ask.keys, ask.joins))
    undated = ask.grouped([], "count(*)", f"{ask.ended} AND t.closed IS NULL")[0][0]
    return Cycles(ask.dimensions, groups, stays, ask.people, undated)


class Paces(NamedTuple):
    """What velocity is made of as (values of the dimensions, pace), the people, and whether other currencies occurred."""

    dimensions: list[Dimension]
    groups: list[tuple[Row, Pace]]
    people: dict[int, Person]
    converted: bool


def pace(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Paces:
    """The deals closed in a period with their won amounts, and the open qualified ones, by `by`. Raises Refused for a missing rate.

    All in one walk over the deals: a company has a million of them, and each walk takes a good part of a second."""
    ask = _Ask(store, by, period, conditions)
    rows = ask.paces("t.amount", f"t.currency<>'{store.currency}'")
    foreign = any(r[-1] for r in rows)
    if foreign:
        rates.prepare(store)
        ask.joins += " " + rates.join("fx", "t.currency", "t.closed")
        amount = rates.converted(store, "fx", "t.amount", "t.currency")
        rows = ask.paces(amount, f"({amount}) IS NULL")
        if any(r[-1] for r in rows):
            ask.refuse(amount)
    n = len(ask.keys)
    groups = [(r[:n], _pace(*r[n:-1])) for r in rows]
    return Paces(ask.dimensions, groups, ask.people, foreign)


def qualified(store: Store, by: str, conditions: list[Condition], moment: int) -> list[tuple[Row, Pace]] | None:
    """The open qualified deals at an earlier moment; None where nothing was known then."""
    if moment < scope.history_begins(store):
        return None
    with store.past(moment):
        ask = _Ask(store, by, None, conditions)
        rows = ask.grouped(ask.keys, "count(*)", f"NOT coalesce({ask.ended},0) AND {ask.later}")
    return [(r[:-1], Pace(qualified=r[-1])) for r in rows if r[-1]]


def _pace(state: int, deals: int, amount: int | None, days: int | None, timed: int, negative: int | None, unknown: int) -> Pace:
    if state == QUALIFIED:
        return Pace(qualified=deals)
    if state == UNDATED:
        return Pace(undated=deals)
    closed = Pace(negative=negative or 0, unknown=unknown)
    if state == LOST:
        return closed._replace(lost=deals)
    return closed._replace(won=deals, amount=amount or 0, days=days or 0, timed=timed)


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

    @property
    def later(self) -> str:
        """The condition of a deal in any stage after the first of its pipeline."""
        return f"t.stage NOT IN ({','.join(visits.firsts(self.store))})"

    def grouped(self, keys: list[str], figures: str, where: str) -> list[Row]:
        """The rows of one grouped statement over the deals that fit the filters and `where`."""
        group = f" GROUP BY {','.join(str(i + 1) for i in range(len(keys)))}" if keys else ""
        sql = f"SELECT {','.join([*keys, figures])} FROM opportunity t {self.joins} WHERE {where} AND {self.within.where}{group}"
        return self.store.db.execute(sql, self.within.params).fetchall()

    def paces(self, amount: str, odd: str) -> list[Row]:
        """Keys, state, deals, won amount, days, timed ones, negative ones, unknown ones; and how many of the won amounts are odd."""
        closed = f"CASE WHEN t.closed IS NULL THEN {UNDATED} WHEN {self.dated} THEN {self.ends.if_won(str(WON), str(LOST))} END"
        keys = [f"k{i}" for i in range(len(self.keys))]
        one = [f"{sql} AS {key}" for sql, key in zip(self.keys, keys, strict=True)]
        one += [f"CASE WHEN {self.ended} THEN {closed} WHEN {self.later} THEN {QUALIFIED} END AS state", f"{CYCLE} AS days"]
        one += [f"{amount} AS amount", f"t.amount IS NOT NULL AND {odd} AS odd"]
        # LIMIT keeps SQLite from sorting the columns of deals instead of the few numbers that are made of them.
        inner = f"SELECT {','.join(one)} FROM opportunity t {self.joins} WHERE {self.within.where} LIMIT -1"
        sums = (
            f"count(*),sum(CASE WHEN state={WON} THEN amount END),sum(CASE WHEN days>=0 THEN days END),count(CASE WHEN days>=0 THEN 1 END)"
        )
        rest = f"sum(days<0),count(*)-count(days),sum(CASE WHEN state={WON} THEN odd END)"
        group = ",".join([*keys, "state"])
        return self.store.db.execute(
            f"SELECT {group},{sums},{rest} FROM ({inner}) WHERE state IS NOT NULL GROUP BY {group}", self.within.params
        ).fetchall()

    def won_amount(self) -> tuple[str, bool]:
        """The SQL of a won deal's amount at the rate of its closed date, and whether any needed one. Raises Refused for a missing rate."""
        amount = self.ends.if_won("t.amount", "NULL")
        if not self.grouped([], "count(*)", f"{self._won} AND t.currency<>'{self.store.currency}'")[0][0]:
            return amount, False
        rates.prepare(self.store)
        self.joins += " " + rates.join("fx", "t.currency", "t.closed")
        converted = rates.converted(self.store, "fx", "t.amount", "t.currency")
        self.refuse(converted)
        return self.ends.if_won(converted, "NULL"), True

    @property
    def _won(self) -> str:
        return f"t.stage IN ({self.ends.won}) AND {self.dated} AND t.amount IS NOT NULL"

    def refuse(self, converted: str) -> None:
        """Raise Refused naming the first rate that a won deal misses, if there is one."""
        missing = self.grouped([], "min(t.currency||t.closed)", f"{self._won} AND ({converted}) IS NULL")[0][0]
        if missing:
            raise rates.missing(self.store, missing[:3], missing[3:])


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


def cohorts(store: Store, by: str, period: dates.Period, conditions: list[Condition], day: date | None = None) -> Cohorts:
    """The deals opened in a period by `by`, whose month and quarter are those of opening; with `day` as their dates say that they stood
    then: what was closed later is open. Raises Refused for a missing rate."""
    ask = _Ask(store, by, period, conditions, "t.opened")
    amount, foreign = ask.won_amount()
    stood, age, n = outcome(ask.ends), f"CASE WHEN {ask.ended} THEN {CYCLE} END", len(ask.keys)
    if day is not None:
        later = f"t.closed>'{day.isoformat()}'"
        stood, age, amount = (
            f"CASE WHEN {later} THEN 'open' ELSE {stood} END",
            f"CASE WHEN {later} THEN NULL ELSE {age} END",
            (f"CASE WHEN {later} THEN NULL ELSE {amount} END"),
        )
    rows = ask.grouped([*ask.keys, stood, age], f"count(*),sum({amount})", ask.dated)
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
