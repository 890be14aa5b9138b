"""Activities counted for reports: how often deals were touched, when last, and how soon leads were answered.

A touch is an activity on the deal itself, up to the day on which it was closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from functools import lru_cache
from typing import Any, NamedTuple

from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales import dates, moments
from sfa.sales.filters import Condition
from sfa.sales.forecast import Person
from sfa.sales.kinds import ACTIVITY_KINDS
from sfa.sales.moments import stamp_text
from sfa.store.database import Store
from sfa.store.queries import dimensions, scope, visits
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.scope import Stages
from sfa.store.schema import q
from sfa.store.where import where

Row = tuple[Any, ...]


class Touched(NamedTuple):
    """Deals counted together: `outcome` won, lost or open, `touches` of each by kind of activity, days since the last one (None: not open,
    or none)."""

    outcome: str
    touches: tuple[int, ...]
    silent: int | None
    deals: int


class Touches(NamedTuple):
    """Deals as (values of the dimensions, group), the people, and the number of closed deals without a closed date."""

    dimensions: list[Dimension]
    groups: list[tuple[Row, Touched]]
    people: dict[int, Person]
    undated: int


def touches(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Touches:
    """The deals closed in a period and all open ones, by `by` ("" for none)."""
    within, ends = scope.scope(store, period, conditions), scope.stages(store)
    asked = dimensions.parse(store, by, {"month": "NULL", "category": "NULL", "owner": scope.owner(store, within, ends)}) if by else []
    visits.days(store, f"SELECT DISTINCT t.closed FROM opportunity t WHERE {within.where}", within.params)
    now = stamp_text(scope.now(store))
    kinds = ",".join(f"sum(a.kind='{kind}') AS {kind}" for kind in ACTIVITY_KINDS)
    # Moments are kept as texts that sort by time; those of one form alone are compared.
    ended = f"coalesce(strftime('%Y-%m-%dT%H:%M:%SZ',(d.ends>>{scope.SITE_BITS})/1000,'unixepoch'),'{now}z')"
    per_deal = (
        f'SELECT t.id,{kinds},max(a."when") AS last FROM opportunity t LEFT JOIN temp.day d ON d.day=t.closed'
        f' JOIN activity a ON a.opportunity=t.id AND a."when"<{ended} AND a."when"<=\'{now}\' WHERE {within.where} GROUP BY t.id'
    )
    closed = f"t.closed>='{within.start}' AND t.closed<'{within.end}'"
    silent = f"CAST(julianday('{within.day}')-julianday({local_day(store, 'p.last')}) AS INTEGER)"
    keys = [d.sql for d in asked]
    columns = [*keys, outcome(ends), *(f"coalesce(p.{kind},0)" for kind in ACTIVITY_KINDS), f"CASE WHEN {ends.open} THEN {silent} END"]
    sql = (
        f"SELECT {','.join(columns)},count(*) FROM opportunity t LEFT JOIN ({per_deal}) p ON p.id=t.id {dimensions.joins(asked)}"
        f" WHERE {within.where} AND ({ends.open} OR {closed}) GROUP BY {','.join(str(i + 1) for i in range(len(columns)))}"
    )
    n, m = len(keys), len(ACTIVITY_KINDS)
    groups = [(r[:n], Touched(r[n], r[n + 1 : n + 1 + m], r[n + 1 + m], r[n + 2 + m])) for r in store.db.execute(sql, within.params * 2)]
    undated = f"SELECT count(*) FROM opportunity t WHERE NOT {ends.open} AND t.closed IS NULL AND {within.where}"
    return Touches(asked, groups, scope.people(store, within.period), store.db.execute(undated, within.params).fetchone()[0])


def outcome(ends: Stages, alias: str = "t") -> str:
    """The SQL of how a deal stands: won, lost or open."""
    named = [f"WHEN {alias}.stage IN ({ids}) THEN '{name}'" for ids, name in ((ends.won, "won"), (ends.lost, "lost")) if ids]
    return f"CASE {' '.join(named)} ELSE 'open' END" if named else "'open'"


def local_day(store: Store, stamp: str) -> str:
    """The SQL of the day in the company's zone on which a stored moment lies."""
    if moments.zone_of(store.calendar) is UTC:
        return f"substr({stamp},1,10)"
    found = lru_cache(None)(lambda text: moments.local_text(text, store.calendar)[:10])
    store.db.create_function("sfa_local_day", 1, lambda text: text and found(text), deterministic=True)
    return f"sfa_local_day({stamp})"


# Leads ------------------------------------------------------------------------------------------------------------------------------


class Lead(NamedTuple):
    """Leads counted together: the value of the field that they are sliced by, status, whether they ever were qualified, how the deal that
    they became stands (won, lost, open; None: none), days from creation to the first activity (None: none yet, or created on no day),
    whether they have a day of creation."""

    value: Any
    status: str
    qualified: bool
    outcome: str | None
    answered: int | None
    dated: bool
    leads: int


def leads(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Iterator[Lead]:
    """The leads created in a period (of all time those without a day too) by one of their fields, "" for none, with what became of them.
    Raises UsageError for an unknown field."""
    sql, params = where(store, store.kinds["lead"], conditions)
    within, ends = scope.scope(store, period, []), scope.stages(store)
    clause = f"t.created>='{within.start}' AND t.created<'{within.end}'" if within.period else "1"
    first = (
        'SELECT a.lead,min(a."when") AS first FROM activity a WHERE a.lead IS NOT NULL'
        f" AND a.\"when\"<='{stamp_text(scope.now(store))}' GROUP BY a.lead"
    )
    past = f" AND h.since<={store.moment}" if store.moment is not None else ""
    once = f"SELECT 1 FROM main.lead_history h WHERE h.id=t.id AND h.status='qualified' AND h.since>0 AND h.until>h.since{past}"
    columns = [
        f"t.{q(by)}" if by else "NULL",
        "coalesce(t.status,'new')",
        f"t.status IN ('qualified','converted') IS TRUE OR EXISTS({once})",
        f"CASE WHEN o.id IS NOT NULL THEN {outcome(ends, 'o')} END",
        f"max(CAST(julianday({local_day(store, 'f.first')})-julianday(t.created) AS INTEGER),0)",
        "t.created IS NOT NULL",
    ]
    text = (
        f"SELECT {','.join(columns)},count(*) FROM lead t LEFT JOIN ({first}) f ON f.lead=t.id"
        f" LEFT JOIN opportunity o ON o.id=t.opportunity WHERE {clause} AND {sql} GROUP BY 1,2,3,4,5,6"
    )
    for row in store.db.execute(text, params):
        yield Lead(row[0], row[1], bool(row[2]), row[3], row[4], bool(row[5]), row[6])


def lead_dimension(store: Store, by: str) -> Dimension:
    """The dimension that a field of leads is. Raises UsageError naming those that there are."""
    name = by.strip().lower().replace("-", "_")
    name = "owner" if name == "rep" else name
    kind = store.kinds["lead"]
    known = [f.name for f in kind.stored if f.type in dimensions.SLICED and not f.many and not f.personal and not f.managed]
    if name not in known:
        raise UsageError(say("leads cannot be sliced by {name!r}", name=name[:60]), say("Fields: {known}", known=together(", ", known)))
    return Dimension(name, f"t.{q(name)}", (), kind.field(name).to)
