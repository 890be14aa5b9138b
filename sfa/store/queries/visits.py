"""Visits of deals to stages, as the two tables of opportunities tell them: one for every time that a deal came into a stage.

Versions that follow each other in one stage are one visit, coming back is another; what was taken back by `undo` is none. A visit is
closed once a later version is in another stage, else open. Before a deal's first version nothing is known: where it was opened on an
earlier day, the first stage of its pipeline was entered at the beginning of that day, and of any other stage the start is unknown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, NamedTuple

from sfa.errors import BadValue
from sfa.sales.dates import FIRST, LAST
from sfa.sales.filters import Condition
from sfa.store.database import Store
from sfa.store.queries import scope
from sfa.store.where import where


def length(start: str, end: str) -> str:
    """The SQL of the hours between two moments on the scale of operations, whose lowest bits say nothing of time, to the nearest one."""
    return f"(max((({end})>>{scope.SITE_BITS})-(({start})>>{scope.SITE_BITS}),0)+1800000)/3600000"


SPANS = "(SELECT id,stage,entered,start,lead(entered) OVER (PARTITION BY id ORDER BY entered) AS left FROM temp.visit)"
"""The visits that `prepare` found: deal, stage, from when it is known (`entered`), when it began (`start`, NULL: unknown), when the next
one began (`left`, NULL: still there); all on the scale of operations."""


class Visit(NamedTuple):
    """One visit. `entered` and `left` are moments on the scale of operations, None where the start is unknown and where the deal is still
    there, `hours` those between them; `owner`, `amount` and `currency` are the deal's as it left, or as it is now; `outcome` is
    that of the stage."""

    deal: int
    name: str
    pipeline: str | None
    stage: str | None
    outcome: str
    entered: int | None
    left: int | None
    hours: int | None
    owner: int | None
    owner_name: str | None
    amount: int | None
    currency: str | None


def prepare(store: Store, conditions: list[Condition]) -> None:
    """Find the visits of the deals that the store shows and that fit, into the temporary table `visit`; see `SPANS`."""
    sql, params = where(store, store.kinds["opportunity"], conditions)
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS visit(id INT,entered INT,stage INT,start INT,PRIMARY KEY(id,entered)) WITHOUT ROWID")
    store.db.execute("DELETE FROM temp.visit")
    days(store, f"SELECT DISTINCT t.opened FROM opportunity t WHERE {sql}", params)
    past = f" AND since<={store.moment}" if store.moment is not None else ""
    mine = f" AND id IN (SELECT t.id FROM opportunity t WHERE {sql})" if conditions else ""
    ever = f"since>0 AND until>since{past}{mine}{_undone(store)}"
    versions = (
        f"SELECT id,coalesce(stage,0) AS stage,since FROM main.opportunity_history WHERE {ever}"
        f" UNION ALL SELECT id,coalesce(stage,0),since FROM main.opportunity WHERE 1{past}{mine}"
    )
    first = f"SELECT id,stage,since,lag(stage,1,-1) OVER (PARTITION BY id ORDER BY since) AS before FROM ({versions})"
    start = f"WHEN v.before<>-1 OR d.ends>v.since THEN v.since WHEN v.stage IN ({','.join(firsts(store))}) THEN d.begins"
    store.db.execute(
        f"INSERT INTO temp.visit(id,entered,stage,start) SELECT v.id,v.since,nullif(v.stage,0),CASE {start} END FROM ({first}) v"
        " JOIN opportunity t ON t.id=v.id LEFT JOIN temp.day d ON d.day=t.opened WHERE v.before<>v.stage",
        params * 2 if conditions else [],
    )


def _undone(store: Store) -> str:
    """The condition that leaves out versions that were taken back by `undo`: what was a mistake is no visit. They are few, and found once:
    that a version is among them can be told without reading it."""
    by_then = f" AND u.id<={store.moment}" if store.moment is not None else ""
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS undone(version INTEGER PRIMARY KEY)")
    store.db.execute("DELETE FROM temp.undone")
    found = store.db.execute(
        "INSERT INTO temp.undone SELECT h.rowid FROM op u CROSS JOIN main.opportunity_history h ON h.until_op=u.id AND h.op=u.undoes"
        f" WHERE u.undoes IS NOT NULL{by_then}"
    )
    return " AND opportunity_history.rowid NOT IN (SELECT version FROM temp.undone)" if found.rowcount else ""


def days(store: Store, sql: str, params: list[Any]) -> None:
    """Fill the temporary table `day` with the moments at which each day that a statement finds begins and ends in the company's zone.
    What another program wrote and is no day is left out."""
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS day(day TEXT PRIMARY KEY,begins INT,ends INT) WITHOUT ROWID")
    store.db.execute("DELETE FROM temp.day")
    for (text,) in store.db.execute(sql, params).fetchall():
        with suppress(ValueError, TypeError, BadValue):
            on = date.fromisoformat(text)
            edge = scope.moment_of(store, on), scope.moment_of(store, on + timedelta(days=1))
            store.db.execute("INSERT INTO temp.day VALUES(?,?,?)", (text, *edge))


def firsts(store: Store) -> list[str]:
    """The first open stage of each pipeline; a deal without a stage is before all of them."""
    found: dict[int, str] = {}
    for number, pipeline in store.db.execute("SELECT id,pipeline FROM stage WHERE outcome='open' ORDER BY \"order\",id"):
        found.setdefault(pipeline, str(number))
    return ["0", *found.values()]


def listed(store: Store, conditions: list[Condition]) -> Iterator[Visit]:
    """Every visit of the deals that fit, by deal and in order of time."""
    prepare(store, conditions)
    # As it left, a deal was what its last version before said; while it is there, what it is now.
    leaving = "SELECT h.rowid FROM main.opportunity_history h WHERE h.id=v.id AND h.since<v.left AND h.since>0 AND h.until>h.since"
    owner, amount, currency = (f"CASE WHEN v.left IS NULL THEN t.{n} ELSE h.{n} END" for n in ("owner", "amount", "currency"))
    sql = (
        f"SELECT v.id,t.name,p.name,s.name,coalesce(s.outcome,'open'),v.start,v.left,{length('v.start', 'v.left')},"
        f"{owner},u.name,{amount},{currency} FROM {SPANS} v"
        " CROSS JOIN opportunity t ON t.id=v.id LEFT JOIN stage s ON s.id=v.stage LEFT JOIN pipeline p ON p.id=s.pipeline"
        f" LEFT JOIN main.opportunity_history h ON h.rowid=({leaving} ORDER BY h.since DESC LIMIT 1) LEFT JOIN user u ON u.id={owner}"
        " ORDER BY v.id,v.entered"
    )
    for row in store.db.execute(sql):
        yield Visit(*row)


class Stay(NamedTuple):
    """Visits to one open stage counted together: `hours` from start to end (to now where `is_open`), None: unknown start."""

    stage: int | None
    is_open: bool
    hours: int | None
    visits: int


def stays(store: Store, within: scope.Scope, keys: list[str], joins: str) -> Iterator[tuple[tuple[Any, ...], Stay]]:
    """(values of `keys` over alias t, stay): the visits to open stages that ended in the period, and those that last. After `prepare`."""
    begins, finishes = edges(store, within)
    now = int(scope.now(store).timestamp() * 1000) << scope.SITE_BITS
    ended = "SELECT id FROM stage WHERE outcome<>'open'"
    columns = ",".join((*keys, "v.stage", "v.left IS NULL", length("v.start", f"coalesce(v.left,{now})")))
    sql = (
        f"SELECT {columns},count(*) FROM {SPANS} v {f'JOIN opportunity t ON t.id=v.id {joins}' if keys else ''}"
        f" WHERE (v.stage IN ({ended})) IS NOT TRUE AND (v.left IS NULL OR v.left>={begins} AND v.left<{finishes})"
        f" GROUP BY {','.join(str(i + 1) for i in range(len(keys) + 3))}"
    )
    for row in store.db.execute(sql):
        values, (stage, is_open, hours, visits) = row[: len(keys)], row[len(keys) :]
        yield values, Stay(stage, bool(is_open), hours, visits)


def edges(store: Store, within: scope.Scope) -> tuple[int, int]:
    """The period's first moment and the one after its last, on the scale of operations."""
    if within.period is None:
        return 0, 2**62
    first = 0 if within.period.start <= FIRST else scope.moment_of(store, within.period.start)
    return first, 2**62 if within.period.end >= LAST else scope.moment_of(store, within.period.end)
