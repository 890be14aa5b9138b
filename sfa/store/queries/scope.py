"""What every report starts from: its period and filters, the day and the moment it speaks of, stages by outcome, the people and their
reporting lines, and who is credited with a won deal."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sfa.sales import dates, moments
from sfa.sales.filters import Condition
from sfa.store.database import Store
from sfa.store.where import where

if TYPE_CHECKING:
    from sfa.sales.forecast import Person

SITE_BITS = 20
CLOSE = '"close"'
"""The column of the expected close date: its name is a word of SQL."""
CYCLE = "CAST(julianday(t.closed)-julianday(t.opened) AS INTEGER)"
"""The SQL of a deal's sales cycle in days."""


class Scope(NamedTuple):
    """A report's deals: those that fit `where` (over alias t), in `period`; None for all time. `day` is today, or the as-of day."""

    period: dates.Period | None
    day: date
    where: str
    params: list[Any]

    @property
    def start(self) -> str:
        return self.period.start.isoformat() if self.period else "0000"

    @property
    def end(self) -> str:
        return self.period.end.isoformat() if self.period else "9999"


def scope(store: Store, period: dates.Period | None, conditions: list[Condition]) -> Scope:
    """The scope that a report's options describe. A period without a beginning and an end is no period."""
    if period is not None and (period.start, period.end) == (dates.FIRST, dates.LAST):
        period = None
    sql, params = where(store, store.kinds["opportunity"], conditions)
    return Scope(period, calendar(store).today, sql, params)


@contextmanager
def snapshot(store: Store) -> Iterator[None]:
    """One view of the file for all queries of a report, whatever others write meanwhile. A report makes many objects and hardly any
    garbage: nothing is collected meanwhile, and none of them is looked through afterwards."""
    store.db.execute("BEGIN")
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        store.db.execute("ROLLBACK")


def now(store: Store) -> datetime:
    """The moment a report speaks of: the as-of moment, else now."""
    return store.calendar.now if store.moment is None else at(store.moment)


def latest(store: Store) -> int:
    """The last moment that a report knows of: the as-of one, else now, or the last operation where that is ahead of the clock."""
    if store.moment is not None:
        return store.moment
    last: int = store.db.execute("SELECT max(id) FROM op").fetchone()[0] or 0
    return max(int(store.calendar.now.timestamp() * 1000) << SITE_BITS, last) | (1 << SITE_BITS) - 1


def at(moment: int) -> datetime:
    """A moment on the scale of operations as a time."""
    return datetime.fromtimestamp((moment >> SITE_BITS) / 1000, UTC)


def calendar(store: Store) -> dates.Calendar:
    """The calendar on the day a report speaks of, so that `this quarter` and `overdue` mean what they meant then."""
    return store.calendar if store.moment is None else _calendar(store.moment, store.calendar)


@lru_cache(16)
def _calendar(moment: int, at: dates.Calendar) -> dates.Calendar:
    then = datetime.fromtimestamp((moment >> SITE_BITS) / 1000, UTC)
    return at._replace(today=date.fromisoformat(moments.local_text(then.isoformat(), at)[:10]), now=then)


def moment_of(store: Store, day: date) -> int:
    """The beginning of a day in the company's time zone, on the scale of operations."""
    return int(moments.parse_stamp(day.isoformat(), store.calendar).timestamp() * 1000) << SITE_BITS


def history_begins(store: Store) -> int:
    """From which moment on the file tells how things stood: its first operation, or the first version of a deal that was loaded with its
    past."""
    first: int = store.db.execute("SELECT min(id) FROM op").fetchone()[0]
    imports = "SELECT id FROM op WHERE command LIKE '%import%'"
    sql = f"SELECT min(since) FROM main.opportunity_history WHERE op IN ({imports}) AND op=until_op AND since>0"
    return min(first, store.db.execute(sql).fetchone()[0] or first)


def default_period(store: Store) -> dates.Period:
    """The quarter in progress: the fiscal one where the fiscal year does not begin in January, or is one of weeks."""
    at = calendar(store)
    return dates.parse_period("this quarter" if at.fiscal_month == 1 and not at.fiscal_weeks else "this fq", at)


def last_period(store: Store) -> dates.Period:
    """The quarter before the one in progress, of the same kind: the last one that is over."""
    return dates.before(default_period(store), calendar(store))


def time(store: Store, within: Scope, day: str) -> str:
    """The SQL of what months and quarters are found by: the month of a day, or the day itself where fiscal months are of weeks."""
    weeks = within.period is not None and dates.of_fiscal_weeks(within.period, store.calendar)
    return f"date({day})" if weeks else f"substr({day},1,7)"


class Stages(NamedTuple):
    """Ids of the stages by outcome, as SQL lists: `t.stage IN (…)`. A deal without a stage is open."""

    won: str
    lost: str

    def if_won(self, yes: str, no: str) -> str:
        """The SQL of one value for won deals and another for the rest."""
        return f"CASE WHEN t.stage IN ({self.won}) THEN {yes} ELSE {no} END" if self.won else no

    @property
    def open(self) -> str:
        """The condition of an open deal."""
        return f"(t.stage IN ({','.join(x for x in (self.won, self.lost) if x)})) IS NOT TRUE"


def taken_back(version: str, moment: int | None = None) -> str:
    """The condition that a version (an alias of a history table) was taken back by `undo`, by `moment` (operation scale) where it is given:
    what was a mistake never was. The undos come first: they are few, and most versions are none of theirs."""
    by_then = f" AND u.id<={moment}" if moment is not None else ""
    undone = f"SELECT 1 FROM op u WHERE u.id={version}.until_op AND u.undoes={version}.op{by_then}"
    return f"({version}.until_op IN (SELECT id FROM op WHERE undoes IS NOT NULL) AND EXISTS({undone}))"


def last_open(ends: Stages, what: str, more: str = "") -> str:
    """The SQL of `what` (over alias h) in the last version before the current one in which a deal was open; `more` limits the versions."""
    ended = ",".join(x for x in (ends.won, ends.lost) if x) or "NULL"
    return (
        f"(SELECT {what} FROM main.opportunity_history h WHERE h.id=t.id AND h.since<t.since AND h.until_op>0"
        f" AND (h.stage IN ({ended})) IS NOT TRUE{more} AND NOT {taken_back('h')} ORDER BY h.since DESC LIMIT 1)"
    )


def answered(ends: Stages) -> str:
    """The condition that the account of a lost deal has a deal that was opened (and is open) or won on the day of the loss or after it."""
    won = f" OR (n.stage IN ({ends.won}) AND n.closed>=t.closed)" if ends.won else ""
    is_open = ends.open.replace("t.stage", "n.stage")
    return f"EXISTS(SELECT 1 FROM opportunity n WHERE n.account=t.account AND n.id<>t.id AND (({is_open} AND n.opened>=t.closed){won}))"


def stages(store: Store) -> Stages:
    """The stages that end a deal."""
    found: dict[str, list[str]] = {"won": [], "lost": []}
    for number, outcome in store.db.execute("SELECT id,outcome FROM stage"):
        if outcome in found:
            found[outcome].append(str(number))
    return Stages(",".join(found["won"]), ",".join(found["lost"]))


def won_in(store: Store, period: dates.Period) -> set[int]:
    """The ids of the deals that were won in a period."""
    ends = stages(store)
    if not ends.won:
        return set()
    sql = f"SELECT id FROM opportunity WHERE stage IN ({ends.won}) AND closed>=? AND closed<?"
    return {r[0] for r in store.db.execute(sql, (period.start.isoformat(), period.end.isoformat()))}


# People -----------------------------------------------------------------------------------------------------------------------------


def people(store: Store, period: dates.Period | None) -> dict[int, Person]:
    """id → person with the reporting lines, team and region of the earlier of the report's moment and the period's end.

    Before a person's history begins, the first manager, team and region that are known of them hold: to name a manager for the first
    time says how it was, to name another later does not rewrite an ended period. Names are those of the report's moment."""
    at = store.moment
    if period is not None and period.end <= calendar(store).today:
        at = moment_of(store, period.end) - 1
    versions: dict[int, list[tuple[Any, ...]]] = {}
    rows = store.db.execute(
        "SELECT id,name,manager,team,region,active,since FROM main.user UNION ALL"
        " SELECT id,name,manager,team,region,active,since FROM main.user_history WHERE since>0 AND until_op>0 ORDER BY 1,7"
    )
    for row in rows:
        versions.setdefault(row[0], []).append(row)
    names = dict(store.db.execute("SELECT id,name FROM user").fetchall())
    return {number: _at(found, at, names.get(number)) for number, found in versions.items()}


def _at(versions: list[tuple[Any, ...]], moment: int | None, name: str | None) -> Person:
    from sfa.sales.forecast import Person

    number, last, active = versions[-1][0], versions[-1], versions[-1][5] != 0
    if moment is not None:
        held = [v for v in versions if v[6] <= moment]
        if held:
            last, active = held[-1], held[-1][5] != 0
        else:
            last = (number, last[1], *(next((v[i] for v in versions if v[i] is not None), None) for i in (2, 3, 4)))
    return Person(number, name or versions[-1][1], last[2], last[3], last[4], active)


# Credit -----------------------------------------------------------------------------------------------------------------------------


def owner(store: Store, within: Scope, ends: Stages) -> str:
    """The SQL of who is credited with a deal: its owner; of a won deal the owner at winning, where it was handed over since.

    Those deals are few: they are looked up once, into a temporary table. Where the won versions of a deal meet without a gap up to the
    one that holds, the first of them tells; an index has these versions alone."""
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS credit(id INTEGER PRIMARY KEY, owner INTEGER)")
    store.db.execute("DELETE FROM temp.credit")
    if not ends.won:
        return "t.owner"
    dated = " AND t.closed>=? AND t.closed<?" if within.period else ""
    edges = [within.start, within.end] if within.period else []
    holding = ["main.opportunity t ON t.id=h.id"]
    if (at := store.moment) is not None:
        # In a join SQLite would first make the whole view of that moment.
        past = f"t.closed IS NOT NULL AND t.since>0 AND t.until>{at}"
        holding = [f"{holding[0]} AND t.since<={at}", f"main.opportunity_history t ON t.id=h.id AND {past} AND t.since<={at}"]
    # Beside min() SQLite takes the other columns from the row that has the minimum.
    parts = [
        "SELECT t.id,t.owner,t.since,h.owner,min(h.since),sum(h.until-h.since)=t.since-min(h.since) AS whole"
        f" FROM main.opportunity_history h CROSS JOIN {table} WHERE h.closed IS NOT NULL AND h.stage IN ({ends.won}) AND h.since>0"
        f" AND h.until>0 AND h.since<t.since AND t.stage IN ({ends.won}){dated} GROUP BY h.id HAVING h.owner IS NOT t.owner OR NOT whole"
        for table in holding
    ]
    rows = store.db.execute(" UNION ALL ".join(parts), edges * len(parts)).fetchall()
    won = {int(s) for s in ends.won.split(",")}
    credited = [
        (number, who)
        for number, now_owner, since, first_owner, _, whole in rows
        if (who := first_owner if whole else _at_winning(store, number, now_owner, since, won)) != now_owner
    ]
    if not credited:
        return "t.owner"
    store.db.executemany("INSERT INTO temp.credit VALUES(?,?)", credited)
    handed = f"t.stage IN ({ends.won}) AND t.id IN (SELECT id FROM temp.credit)"
    return f"CASE WHEN {handed} THEN (SELECT owner FROM temp.credit c WHERE c.id=t.id) ELSE t.owner END"


def _at_winning(store: Store, number: int, owner: int | None, since: int, won: set[int]) -> int | None:
    """The owner in the version in which a deal became won for the last time."""
    versions = store.db.execute(
        "SELECT owner,stage FROM main.opportunity_history WHERE id=? AND since<? AND since>0 AND until>0 ORDER BY since DESC",
        (number, since),
    )
    for who, stage in versions:
        if stage not in won:
            break
        owner = who
    return owner
