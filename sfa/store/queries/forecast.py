"""The deals of a forecast, counted and added up in SQL; rows, roll-up and targets are made of them in `sales/goals.py`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales import dates
from sfa.sales.filters import Condition
from sfa.sales.forecast import BEFORE, IN, LATE, UNDATED, Fiscal, Group, Person, span_of
from sfa.sales.goals import of_quotas
from sfa.sales.kinds import CATEGORIES
from sfa.sales.targets import Quota, Quotas
from sfa.store.database import Store
from sfa.store.queries import dimensions, rates, scope
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.scope import Scope, Stages
from sfa.store.schema import q
from sfa.store.where import where

Row = tuple[Any, ...]
ONE = 100
"""What one deal is under the measure count: hundredths, so that weighted counts are exact."""


class Ask(NamedTuple):
    """What a forecast is asked for: the period, conditions on deals, the people whose deals count (None: everyone's), and what is
    added up: revenue (the amount), count, or a money field of the company's own."""

    period: dates.Period
    conditions: list[Condition]
    only: frozenset[int] | None = None
    measure: str = "revenue"


class Counted(NamedTuple):
    """What the database knows of a forecast: groups as (values of the dimensions, owner, group), the people with their reporting lines,
    the quotas by product family (None where the filters or dimensions are not a quota's), the rates that open deals were converted at."""

    dimensions: list[Dimension]
    groups: list[tuple[tuple[Any, ...], Any, Group]]
    people: dict[int, Person]
    quotas: dict[str | None, Quotas] | None
    rates: list[rates.Rate]


class Deal(NamedTuple):
    """One deal of a forecast, as a cell is made of it. `value` is in minor units of `currency` (None: blank), `amount`, `weighted` and
    `plan` in those of the report; `rate_day` is that of the rate used, "" where none was needed."""

    id: int
    values: tuple[Any, ...]
    owner: Any
    category: str
    place: int
    value: int | None
    currency: str | None
    amount: int
    weighted: int
    plan: int
    rate_day: str


PLACES = len((IN, LATE, BEFORE, UNDATED))
COLUMNS = [(category, place) for category in CATEGORIES for place in range(PLACES)]
"""Where deals of one group stand: forecast category and place. The database groups by the number: short to sort and to compare."""
PROBABILITY = "coalesce(t.probability,(SELECT s.probability FROM stage s WHERE s.id=t.stage),0)"


OPEN_CATEGORY = "coalesce(nullif(t.category,'closed'),(SELECT nullif(s.category,'closed') FROM stage s WHERE s.id=t.stage),'pipeline')"
"""The SQL of an open deal's category: it is never closed, so where an outside program says so, or nothing, its stage's holds."""


def category(ends: Stages) -> str:
    """The SQL of the forecast category: closed for won deals."""
    return ends.if_won("'closed'", OPEN_CATEGORY)


def measured(store: Store, measure: str) -> str:
    """The SQL of what a measure adds up, over alias t. Raises UsageError naming the measures."""
    if measure == "count":
        return str(ONE)
    if measure == "revenue":
        return "t.amount"
    fields = [f.name for f in store.kinds["opportunity"].fields if f.type == "money" and f.name != "amount"]
    if measure not in fields:
        known = ", ".join(["revenue", "count", *fields])
        raise UsageError(
            say("there is no measure {measure!r}", measure=measure[:60]),
            say("Measures: {known}. An own one: sfa config field add opp NAME money", known=known),
        )
    return f"t.{q(measure)}"


def counted(store: Store, by: str, ask: Ask) -> Counted:
    """Count the deals of a period by `by`. Raises UsageError for an unknown dimension, Refused for a missing rate."""
    within = scope.scope(store, ask.period, ask.conditions)
    own, ends = own_sql(store, within)
    asked = dimensions.parse(store, by, own)
    family, known = _family(ask.conditions)
    of_them = known and of_quotas([d.name for d in asked])
    quotas = _quotas(store, within, ask, family) if of_them else None
    query = _Query(store, _only(within, own["owner"], ask.only), ends, asked, own, measured(store, ask.measure), quotas is not None)
    rows = query.rows()
    used: list[rates.Rate] = []
    if any(r[-1] for r in rows):
        query.convert(plan=bool(quotas))
        rows = query.rows()
        if any(r[-1] for r in rows):
            query.refuse()
        used = rates.used(store, query.currencies(), within.day)
    return Counted(asked, query.groups(rows), people(store, within.period, ask.only), quotas, used)


def deals(store: Store, by: str, ask: Ask) -> list[Deal]:
    """The deals that `counted` counts, one by one, in the same currency and with the same rates."""
    within = scope.scope(store, ask.period, ask.conditions)
    own, ends = own_sql(store, within)
    asked = dimensions.parse(store, by, own)
    query = _Query(store, _only(within, own["owner"], ask.only), ends, asked, own, measured(store, ask.measure), True)
    query.convert(plan=True)
    return query.deals()


def own_sql(store: Store, within: Scope) -> tuple[dict[str, str], Stages]:
    """The SQL of owner (credited with a won deal), month and category of a forecast's deals; and the stages by outcome."""
    ends = scope.stages(store)
    month = scope.time(store, within, ends.if_won("t.closed", "t." + scope.CLOSE))
    return {"owner": scope.owner(store, within, ends), "month": month, "category": category(ends)}, ends


def _only(within: Scope, owner: str, only: Collection[int] | None) -> Scope:
    return within if only is None else within._replace(where=f"({within.where}) AND {in_those(owner, only)}")


def in_those(owner: str, only: Collection[int]) -> str:
    """The condition that the owner (SQL) is one of these people."""
    return f"({owner}) IN ({','.join(map(str, sorted(only)))})"


def people(store: Store, period: dates.Period | None, only: Collection[int] | None) -> dict[int, Person]:
    """The people of a report with their reporting lines; of `only` these, reporting lines to others are cut."""
    found = scope.people(store, period)
    return found if only is None else {p: person for p, person in found.items() if p in only}


class _Query:
    """The one grouped statement. It adds amounts up as they are and counts those in other currencies (the last column); `convert`
    makes it one that converts every deal and counts in that column those without a rate."""

    def __init__(
        self, store: Store, within: Scope, ends: Stages, asked: list[Dimension], own: dict[str, str], value: str, with_owner: bool
    ) -> None:
        self.store, self.within, self.ends, self.value = store, within, ends, value
        self.keys = [d.sql for d in asked]
        self.asked = len(self.keys)
        if with_owner and own["owner"] not in self.keys:
            self.keys.append(own["owner"])
        self.owner = self.keys.index(own["owner"]) if own["owner"] in self.keys else -1
        self.category, self.joins = own["category"], dimensions.joins(asked)
        self.amount, self.plan, self.rate_day, self.converted = value, "NULL", "''", False
        self.money = value != str(ONE)
        self.odd, self.bounded = f"t.currency<>'{store.currency}'" if self.money else "0", True
        self.day = ends.if_won("t.closed", f"'{within.day}'")

    def convert(self, plan: bool) -> None:
        """From here on: closed deals at the rate of their day, open ones at today's; `plan`: closed ones also at that of the period's
        first day."""
        if not self.money:
            return
        rates.prepare(self.store)
        self.converted = True
        self.joins += " " + rates.join("fx", "t.currency", self.day)
        self.amount = rates.converted(self.store, "fx", self.value, "t.currency")
        self.rate_day = f"CASE WHEN t.currency='{self.store.currency}' THEN '' ELSE fx.start END"
        self.bounded, lacking = False, f"({self.amount}) IS NULL"
        if plan and self.within.period:
            first = f"'{self.within.start}'"
            self.joins += " " + rates.join("fp", self.ends.if_won("t.currency", "NULL"), first)
            self.plan = self.ends.if_won(rates.converted(self.store, "fp", self.value, "t.currency"), "NULL")
            lacking += f" OR {self.ends.if_won(f'({self.plan}) IS NULL', '0')}"
        self.odd = f"{self.value} IS NOT NULL AND ({lacking})"

    @property
    def scope(self) -> tuple[str, list[Any]]:
        within, close = self.within, "t." + scope.CLOSE
        due = f"({close}<'{within.end}' OR {close} IS NULL)" if within.period else "1"
        closed = f"t.stage IN ({self.ends.won}) AND t.closed>='{within.start}' AND t.closed<'{within.end}'" if self.ends.won else "0"
        return f"({closed} OR {due} AND {self.ends.open}) AND {within.where}", within.params

    @property
    def place(self) -> str:
        """The SQL of where a deal stands: in the period, late, before it, undated."""
        return self.ends.if_won("0", self._open_place)

    @property
    def _open_place(self) -> str:
        close, start, today = "t." + scope.CLOSE, self.within.start, str(self.within.day)
        return f"CASE WHEN {close}>='{max(start, today)}' THEN 0 WHEN {close}>='{start}' THEN 1 WHEN {close} IS NULL THEN 3 ELSE 2 END"

    def rows(self) -> list[Row]:
        """Keys, column (of COLUMNS), deals, filled, amount, weighted, plan, odd ones."""
        numbers = " ".join(f"WHEN {c!r} THEN {i * PLACES}" for i, c in enumerate(CATEGORIES))
        column = self.ends.if_won(str(COLUMNS.index(("closed", IN))), f"CASE {OPEN_CATEGORY} {numbers} END+{self._open_place}")
        keys = ",".join(f"{sql} AS k{i}" for i, sql in enumerate([*self.keys, column]))
        share = rates.weighted(self.amount, PROBABILITY, self.bounded)
        clause, params = self.scope
        by = ",".join(f"k{i}" for i in range(len(self.keys) + 1))
        # LIMIT keeps SQLite from putting the columns of deals into its sorting instead of the few numbers that are made of them.
        one = f"{self.value} AS v,{share} AS w,{self.odd} AS odd"
        one += f",{self.amount} AS a,{self.plan} AS p" if self.converted else ""
        sums = "sum(a),sum(w),sum(p)" if self.converted else "sum(v),sum(w),NULL"
        sql = (
            f"SELECT {by},count(*),count(v),{sums},sum(odd)"
            f" FROM (SELECT {keys},{one} FROM opportunity t {self.joins} WHERE {clause} LIMIT -1) GROUP BY {by}"
        )
        return self.store.db.execute(sql, params).fetchall()

    def groups(self, rows: list[Row]) -> list[tuple[tuple[Any, ...], Any, Group]]:
        """The rows as (values, owner, group)."""
        out, asked, n, at, alike = [], self.asked, len(self.keys), self.owner, self.plan == "NULL"
        for row in rows:
            column, many, filled, amount, share, plan, _ = row[n:]
            name, place = COLUMNS[column]
            group = Group(name, place, many, filled, amount or 0, share or 0, (amount if alike else plan) or 0)
            out.append((row[:asked], row[at] if at >= 0 else None, group))
        return out

    def deals(self) -> list[Deal]:
        """The deals themselves, largest first."""
        clause, params = self.scope
        share = rates.weighted(self.amount, PROBABILITY, self.bounded)
        sql = (
            f"SELECT t.id,{','.join(self.keys)},{self.category},{self.place},{self.value},t.currency,{self.amount},{share},{self.plan},"
            f"{self.rate_day} FROM opportunity t {self.joins} WHERE {clause} ORDER BY {len(self.keys) + 6} DESC, t.id"
        )
        out, n = [], 1 + len(self.keys)
        for row in self.store.db.execute(sql, params):
            name, place, value, currency, amount, weighted, plan, day = row[n:]
            plan = amount if self.plan == "NULL" else plan
            weight = 0 if name in ("closed", "omitted") else weighted or 0
            owner = row[1 + self.owner] if self.owner >= 0 else None
            out.append(
                Deal(row[0], row[1 : 1 + self.asked], owner, name, place, value, currency, amount or 0, weight, plan or 0, day or "")
            )
        return out

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
            f" WHERE {clause} AND {self.value} IS NOT NULL AND (({self.amount}) IS NULL OR"
            f" {self.ends.if_won(f'({self.plan}) IS NULL', '0')}) ORDER BY 1,2 LIMIT 1"
        )
        raise rates.missing(self.store, *self.store.db.execute(sql, params).fetchone())


# Quotas -----------------------------------------------------------------------------------------------------------------------------


def _family(conditions: list[Condition]) -> tuple[str | None, bool]:
    """(The one product family that the conditions name, whether quotas know all conditions: they are of people, periods and families)."""
    families = [c for c in conditions if c.path == "product.family" and c.op == ":" and len(c.values) == 1 and not c.negated]
    others = [c for c in conditions if c not in families]
    known = all(c.path.partition(".")[0] == "owner" or (c.path, c.values) == ("is", ("mine",)) for c in others)
    return (families[0].values[0].casefold() if families else None), known and len(families) < 2


def _quotas(store: Store, within: Scope, ask: Ask, family: str | None) -> dict[str | None, Quotas]:
    """The quotas of the measure in the report's currency, at the rate of the period's first day (of a quota's own first day for all
    time), by family; of the one `family` alone under None, as if they were those of all products. Counts are in hundredths."""
    clause, params = where(store, store.kinds["quota"], [c for c in ask.conditions if c.path != "product.family"])
    out: dict[str | None, dict[str, dict[int, list[Quota]]]] = {}
    convert: rates.Converter | None = None
    names = 't.owner,t.period,t.covers,t.family,t.amount,t."count",t.currency'
    rows = store.db.execute(f"SELECT {names} FROM quota t WHERE ({clause}) AND t.measure=? ORDER BY t.id", [*params, ask.measure])
    for owner, key, covers, of, amount, count, currency in rows.fetchall():
        days = dates.parse_period_key(key)
        if within.period and (days.end <= within.period.start or within.period.end <= days.start):
            continue
        if ask.only is not None and owner not in ask.only:
            continue
        if family is not None and (of or "").casefold() != family:
            continue
        if ask.measure == "count":
            amount = round((count or 0) * ONE)
        elif currency != store.currency:
            convert = convert or rates.Converter(store)
            amount = convert(amount, currency, (within.period or days).start.isoformat())
        by_cover = out.setdefault(None if family is not None else of, {"own": {}, "team": {}})
        by_cover[covers].setdefault(owner, []).append(Quota(days.start, days.end, amount))
    return {name: Quotas(**by_cover) for name, by_cover in out.items()}


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
