"""How the expected close of open deals moved, and what became of the deals that a locked period counted on."""

from __future__ import annotations

from typing import Any, NamedTuple

from sfa.sales import dates
from sfa.sales.filters import Condition
from sfa.sales.forecast import IN, LATE, Person
from sfa.sales.slippage import Slips, fate, slips
from sfa.store.database import Store
from sfa.store.queries import dimensions, scope, versions
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.forecast import Ask, category, deals, own_sql
from sfa.store.queries.rates import Converter

COUNTED_ON = ("commit", "most_likely", "best_case")
"""The categories of open deals that a forecast counts on."""


class Deal(NamedTuple):
    """An open deal: the values of the dimensions, what names it, its amount (minor units of the report's currency, at today's rate), and
    how its expected close moved."""

    id: int
    values: tuple[Any, ...]
    name: str
    owner: int | None
    stage: str | None
    close: str | None
    amount: int
    slips: Slips


class Found(NamedTuple):
    """Open deals, the dimensions that they are counted by, the people."""

    dimensions: list[Dimension]
    deals: list[Deal]
    people: dict[int, Person]


_MOVED = (
    " AND EXISTS(SELECT 1 FROM main.opportunity_history h LEFT JOIN main.opportunity c ON c.id=h.id WHERE h.id=i.id"
    ' AND h."close" IS NOT c."close")'
)
"""Deals whose expected close was ever another one: of the others no versions are read."""


def moved(store: Store, by: str, period: dates.Period | None, conditions: list[Condition]) -> Found:
    """The open deals that fit, with `period` those due in it; `by` is "" for none. Raises UsageError for an unknown dimension, Refused for
    a missing rate."""
    within, ends, close = scope.scope(store, period, conditions), scope.stages(store), f"t.{scope.CLOSE}"
    own = {"owner": "t.owner", "month": scope.time(store, within, close), "category": category(ends)}
    asked = dimensions.parse(store, by, own) if by else []
    due = f" AND {close}>='{within.start}' AND {close}<'{within.end}'" if within.period else ""
    versions.choose(store, f"{ends.open} AND {within.where}{due}", within.params)
    calendar, read, convert = scope.calendar(store), versions.Reader(store), Converter(store)
    found = {
        number: slips(read.moves(held), lambda day: dates.fiscal_month_index(day, calendar))
        for number, held in versions.versions(store, _MOVED)
    }
    keys = "".join(f",{d.sql}" for d in asked)
    sql = (
        f"SELECT t.id,t.name,t.owner,s.name,{close},t.amount,t.currency{keys} FROM opportunity t LEFT JOIN stage s ON s.id=t.stage"
        f" {dimensions.joins(asked)} WHERE t.id IN (SELECT id FROM temp.asked)"
    )
    out = []
    for number, name, owner, stage, day, amount, currency, *values in store.db.execute(sql):
        still = Slips(0, 0, 0, None if day is None else 0, day, None)
        value = convert(amount, currency, str(calendar.today))
        out.append(Deal(number, tuple(values), name, owner, stage, day, value, found.get(number, still)))
    return Found(asked, out, scope.people(store, within.period))


class Fated(NamedTuple):
    """A deal that a lock counted on: the values of the dimensions then, its owner, its amount at the lock's rates, what became of it."""

    values: tuple[Any, ...]
    owner: Any
    amount: int
    fate: str


class Lock(NamedTuple):
    """One locked period."""

    dimensions: list[Dimension]
    deals: list[Fated]
    people: dict[int, Person]


def locked(store: Store, by: str, ask: Ask, moment: int) -> Lock:
    """What a period's forecast counted on at `moment` (operation scale): its open deals in commit, most likely and best case, due in it;
    and what became of them by what the store shows. Raises UsageError and Refused like `forecast.counted`."""
    with store.past(moment):
        asked = dimensions.parse(store, by, own_sql(store, scope.scope(store, ask.period, ask.conditions))[0])
        then = [d for d in deals(store, by, ask) if d.category in COUNTED_ON and d.place in (IN, LATE)]
    sql = "SELECT t.id,coalesce(s.outcome,'open'),t.closed FROM opportunity t LEFT JOIN stage s ON s.id=t.stage WHERE t.id IN ({})"
    now: dict[int, tuple[str, str | None]] = {}
    for start in range(0, len(then), 500):
        marks = ",".join(str(d.id) for d in then[start : start + 500])
        now |= {r[0]: (r[1], r[2]) for r in store.db.execute(sql.format(marks))}
    first, end = ask.period.start.isoformat(), ask.period.end.isoformat()
    fated = []
    for d in then:
        outcome, closed = now.get(d.id, (None, None))
        fated.append(Fated(d.values, d.owner, d.amount, fate(outcome, closed, first, end)))
    return Lock(asked, fated, scope.people(store, ask.period))
