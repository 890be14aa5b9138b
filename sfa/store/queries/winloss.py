"""Closed deals for win/loss, counted and added up in SQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sfa.sales import dates
from sfa.sales.filters import Condition
from sfa.sales.forecast import Person
from sfa.sales.winloss import Group, Listed
from sfa.store.database import Store
from sfa.store.queries import dimensions, rates, scope
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.forecast import category
from sfa.store.queries.scope import Scope, Stages


class Closed(NamedTuple):
    """Closed deals of a period as (values of the dimensions, group), the people, and what the report leaves out: deals closed in the
    period and open again, and closed ones without a closed date. `converted` tells whether other currencies occurred."""

    dimensions: list[Dimension]
    groups: list[tuple[tuple[Any, ...], Group]]
    people: dict[int, Person]
    reopened: int
    undated: int
    converted: bool


FEW = 5000
"""Up to so many deals of a period are looked up by the index without a thought."""
NUMBERS = {"cycle": "d", "deal_size": "a", "pushes": "n"}
"""Dimension → what `_Query` calls the number that its bands are of."""


def closed(
    store: Store, by: str, period: dates.Period, conditions: list[Condition], also: Sequence[str] = (), discount: bool = False
) -> Closed:
    """Count the deals closed in a period by `by`. With fields in `also` those are dimensions behind these, and the deal itself where it
    has a secondary reason; with `discount` what they would be at list price. Raises UsageError for an unknown dimension, Refused for a
    missing rate."""
    within = scope.scope(store, period, conditions)
    ends = scope.stages(store)
    remembers = bool(store.db.execute("SELECT EXISTS(SELECT 1 FROM main.opportunity_history)").fetchone()[0])
    own = {
        "owner": scope.owner(store, within, ends),
        "month": scope.time(store, within, "t.closed"),
        "category": category(ends),
        "stage": scope.last_open(ends, "h.stage") if remembers else "NULL",
        **NUMBERS,
    }
    asked = dimensions.parse(store, by, own) + [d for name in also for d in dimensions.parse(store, name, own)]
    asked += [Dimension("deal", "CASE WHEN t.secondary_reason IS NOT NULL THEN t.id END")] if also else []
    query = _Query(store, within, ends, asked, remembers, discount)
    rows = query.rows()
    foreign = any(r[-1] for r in rows)
    if foreign:
        query.convert()
        rows = query.rows()
        if any(r[-1] for r in rows):
            query.refuse()
    n = len(asked)
    groups = [(r[:n], _group(*r[n:-1])) for r in rows]
    people = scope.people(store, within.period)
    return Closed(asked, groups, people, _reopened(store, within, ends) if remembers else 0, query.undated(), foreign)


def _group(won: int, deals: int, filled: int, amount: int | None, days: str | None, *listed: int | None) -> Group:
    """A group from its columns; the last three are there where list prices were asked for."""
    at_list = Listed(*(n or 0 for n in listed)) if listed else None
    return Group(bool(won), deals, filled, amount or 0, _histogram(days), at_list)


def _histogram(listed: str | None) -> dict[int, int]:
    """Number → how often it stands in a text of numbers with commas between."""
    return {int(days): deals for days, deals in Counter(listed.split(",")).items()} if listed else {}


def pushes(store: Store, ends: Stages, clause: str, params: list[Any]) -> str:
    """The SQL of a deal's push count, over alias t: how often its expected close moved into a later fiscal month while it was open, see
    `slippage.slips`; NULL for a deal that has no expected close. Of the deals that fit the clause those that were pushed are counted once,
    into a temporary table."""
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS pushed(id INTEGER PRIMARY KEY, n INTEGER)")
    store.db.execute("DELETE FROM temp.pushed")
    month = "substr(day,1,7)"
    if store.calendar.fiscal_weeks:
        number = lru_cache(None)(lambda day: dates.fiscal_month_index(date.fromisoformat(day), store.calendar))
        store.db.create_function("sfa_fiscal_month", 1, number, deterministic=True)
        month = "sfa_fiscal_month(day)"
    past = f" AND since<={store.moment}" if store.moment is not None else ""
    close, still = scope.CLOSE, ends.open.replace("t.", "")
    store.db.execute(
        f"""INSERT INTO temp.pushed
WITH these AS MATERIALIZED (SELECT t.id FROM opportunity t WHERE {clause}), versions AS (
 SELECT id,since,{close} day FROM main.opportunity_history h
  WHERE id IN these AND {close} IS NOT NULL AND {still} AND since>0 AND until_op>0{past} AND NOT {scope.taken_back("h", store.moment)}
 UNION ALL SELECT id,since,{close} FROM main.opportunity WHERE id IN these AND {close} IS NOT NULL AND {still}{past}),
moves AS (SELECT id,{month}>lag({month}) OVER (PARTITION BY id ORDER BY since) later FROM versions)
SELECT id,sum(later) FROM moves WHERE later GROUP BY id""",
        params,
    )
    return f"coalesce((SELECT p.n FROM temp.pushed p WHERE p.id=t.id),CASE WHEN t.{close} IS NOT NULL THEN 0 END)"


class _Query:
    """The one grouped statement, with amounts as they are or converted; see `forecast._Query`."""

    def __init__(self, store: Store, within: Scope, ends: Stages, asked: list[Dimension], remembers: bool, discount: bool) -> None:
        self.store, self.within, self.ends, self.asked = store, within, ends, asked
        self.joins, self.closed = dimensions.joins(asked), self._through()
        self.won = ends.if_won("1", "0")
        # A lost deal counts at its last non-zero open amount; imported as lost it has none, and counts at its own.
        self.raw, self.currency = ends.if_won("t.amount", "nullif(t.amount,0)"), "t.currency"
        if remembers:
            last = scope.last_open(ends, "h.rowid", " AND h.amount<>0")
            self.joins += f" LEFT JOIN main.opportunity_history l ON l.rowid={ends.if_won('NULL', last)}"
            self.raw = ends.if_won("t.amount", "coalesce(l.amount,nullif(t.amount,0))")
            self.currency = "CASE WHEN l.rowid IS NULL THEN t.currency ELSE l.currency END"
        self.amount, self.odd = self.raw, f"({self.currency})<>'{store.currency}'"
        self.raw_list = self.list = ""
        if discount:
            self.joins += " LEFT JOIN product lp ON lp.id=t.product"
            self.raw_list = self.list = f"CASE WHEN lp.list_price>0 AND ({self.raw}) IS NOT NULL THEN lp.list_price END"
            self.odd += f" OR (({self.list}) IS NOT NULL AND lp.currency<>'{store.currency}')"
        self.pushes = pushes(store, ends, *self.scope()) if any(d.name == "pushes" and d.banded for d in asked) else ""

    def convert(self) -> None:
        """From here on: amounts at the rate of the closed date, and the last column counts those without a rate."""
        rates.prepare(self.store)
        self.joins += " " + rates.join("fx", f"({self.currency})", "t.closed")
        self.amount = rates.converted(self.store, "fx", f"({self.raw})", f"({self.currency})")
        self.odd = f"({self.raw}) IS NOT NULL AND ({self.amount}) IS NULL"
        if self.list:
            self.joins += " " + rates.join("fl", "lp.currency", "t.closed")
            self.list = rates.converted(self.store, "fl", f"({self.raw_list})", "lp.currency")
            self.odd = f"({self.odd}) OR (({self.raw_list}) IS NOT NULL AND ({self.list}) IS NULL)"

    def scope(self, dated: bool = True) -> tuple[str, list[Any]]:
        ended = ",".join(x for x in (self.ends.won, self.ends.lost) if x)
        days = f"{self.closed}>='{self.within.start}' AND {self.closed}<'{self.within.end}'" if dated else "+t.closed IS NULL"
        return f"t.stage IN ({ended}) AND {days} AND {self.within.where}", self.within.params

    def _through(self) -> str:
        """The closed date as a condition names it. Where a period has many of the deals, to go through them all is many times as fast as
        to look each up by the index: a function keeps SQLite from that, also from going along the whole index."""
        of = f"FROM opportunity WHERE closed>='{self.within.start}' AND closed<'{self.within.end}'"
        many = self.store.db.execute(f"SELECT count(*) FROM (SELECT 1 {of} LIMIT {FEW})").fetchone()[0] == FEW
        if many:
            share = f"SELECT 10*(SELECT count(*) {of})>(SELECT count(*) FROM opportunity)"
            many = bool(self.store.db.execute(share).fetchone()[0])
        return "ifnull(t.closed,'')" if many else "t.closed"

    def rows(self) -> list[tuple[Any, ...]]:
        """Keys, won, deals, filled, amount, cycles (a text of all days); where list prices are asked for, of the deals that have one how
        many, their amount, at list price; odd ones."""
        own = [d.banded and d.name in NUMBERS for d in self.asked]
        keys = [d.sql if mine else f"k{i}" for i, (d, mine) in enumerate(zip(self.asked, own, strict=True))]
        one = [f"{d.sql} AS k{i}" for i, (d, mine) in enumerate(zip(self.asked, own, strict=True)) if not mine]
        one += [f"{self.won} AS w", f"{self.amount} AS a", f"{self.odd} AS odd"]
        one.append("CAST(julianday(t.closed)-julianday(t.opened) AS INTEGER) AS d")
        one += [f"{self.pushes} AS n"] if self.pushes else []
        one += [f"{self.list} AS l"] if self.list else []
        listed = "count(l),sum(CASE WHEN l IS NOT NULL THEN a END),sum(l)," if self.list else ""
        clause, params = self.scope()
        by = ",".join(str(i + 1) for i in range(len(keys) + 1))
        # LIMIT keeps SQLite from sorting the columns of deals instead of the few numbers that are made of them. All days of a group come
        # as one text: far fewer rows than a group for each number of days.
        sql = (
            f"SELECT {','.join([*keys, 'w'])},count(*),count(a),sum(a),group_concat(d),{listed}sum(odd)"
            f" FROM (SELECT {','.join(one)} FROM opportunity t {self.joins} WHERE {clause} LIMIT -1) GROUP BY {by}"
        )
        return self.store.db.execute(sql, params).fetchall()

    def undated(self) -> int:
        """Closed deals without a closed date: in no period."""
        clause, params = self.scope(dated=False)
        return int(self.store.db.execute(f"SELECT count(*) FROM opportunity t WHERE {clause}", params).fetchone()[0])

    def refuse(self) -> None:
        """Raise Refused naming the first rate that is missing."""
        clause, params = self.scope()
        known = f"({self.raw}) IS NULL OR ({self.amount}) IS NOT NULL"
        currency = f"CASE WHEN {known} THEN lp.currency ELSE {self.currency} END" if self.list else self.currency
        sql = f"SELECT {currency},t.closed FROM opportunity t {self.joins} WHERE {clause} AND ({self.odd}) ORDER BY 1,2 LIMIT 1"
        raise rates.missing(self.store, *self.store.db.execute(sql, params).fetchone())


def _reopened(store: Store, within: Scope, ends: Stages) -> int:
    """Deals that were closed in the period and are open again; what was closed by mistake and taken back never was."""
    ended = ",".join(x for x in (ends.won, ends.lost) if x)
    sql = (
        f"SELECT count(*) FROM opportunity t WHERE {ends.open} AND {within.where} AND EXISTS(SELECT 1 FROM main.opportunity_history h"
        f" WHERE h.id=t.id AND h.since<t.since AND h.until_op>0 AND h.stage IN ({ended}) AND h.closed>='{within.start}'"
        f" AND h.closed<'{within.end}' AND NOT {scope.taken_back('h')})"
    )
    return int(store.db.execute(sql, within.params).fetchone()[0])


def reasons(store: Store) -> dict[int, tuple[float | None, str | None]]:
    """Reason → its weight (None: 1) and its group."""
    return {number: (weight, group) for number, weight, group in store.db.execute('SELECT id,weight,"group" FROM reason')}
