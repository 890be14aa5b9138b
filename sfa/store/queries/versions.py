"""Every version of many deals, read in one statement, and the days of their touches: what slippage, stale deals and health are told by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sfa.sales import moments
from sfa.sales.slippage import Version
from sfa.store.database import Store
from sfa.store.queries import scope, visits
from sfa.store.queries.movement import is_load


class Held(NamedTuple):
    """One version of a deal: from when (operation scale), by which operation; what it held."""

    id: int
    since: int
    op: int
    stage: int | None
    close: str | None
    amount: int | None
    currency: str | None


def choose(store: Store, clause: str, params: Iterable[Any], more: str = "") -> None:
    """Fill the temporary table `asked` with the deals (alias t) that the rest of this module speaks of."""
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS asked(id INTEGER PRIMARY KEY)")
    store.db.execute("DELETE FROM temp.asked")
    store.db.execute(f"INSERT INTO temp.asked SELECT t.id FROM opportunity t WHERE {clause} {more}", [*params])


def versions(store: Store, more: str = "") -> Iterator[tuple[int, list[Held]]]:
    """(deal, its versions, oldest first) of the deals asked for that have any: what had begun at the store's moment and was not taken back
    by `undo`. `more` is a condition on the deals (alias i)."""
    at = store.moment
    begun = "" if at is None else f" AND k.since<={at}"
    names = 'k.stage,k."close",k.amount,k.currency'
    # A CROSS JOIN is never turned round: the deals come first, and each one's versions are found in an index.
    sql = (
        f"SELECT k.id,k.since,k.op,{names} FROM temp.asked i CROSS JOIN main.opportunity_history k ON k.id=i.id"
        f" WHERE k.since>0 AND k.until_op>0 AND k.until>k.since{begun} AND NOT {scope.taken_back('k', at)}{more}"
        f" UNION ALL SELECT k.id,k.since,k.op,{names} FROM temp.asked i CROSS JOIN main.opportunity k ON k.id=i.id WHERE 1{begun}{more}"
        " ORDER BY 1,2"
    )
    for number, rows in groupby(store.db.execute(sql, ()), key=itemgetter(0)):
        yield number, [Held(*r) for r in rows]


class Reader:
    """Turns versions into what the rules take: days in the company's time zone, stages that are open, who did it."""

    def __init__(self, store: Store) -> None:
        self.zone = moments.zone_of(store.calendar)
        self.ended = {r[0] for r in store.db.execute("SELECT id FROM stage WHERE outcome IN ('won','lost')")}
        self.firsts = {int(stage) for stage in visits.firsts(store)}
        # What was loaded was not done by who loaded it.
        self.actors = {op: None if is_load(command) else who for op, who, command in store.db.execute("SELECT id,actor,command FROM op")}

    def is_open(self, stage: int | None) -> bool:
        """Whether a deal in this stage is open; one without a stage is, and one in a stage that was deleted since."""
        return stage not in self.ended

    def day(self, since: int) -> int:
        """The day of a moment on the scale of operations, as an ordinal."""
        return datetime.fromtimestamp((since >> scope.SITE_BITS) / 1000, self.zone).toordinal()

    def stamped(self, stamp: str) -> int:
        """The day of a stored moment, as an ordinal."""
        return datetime.fromisoformat(stamp).astimezone(self.zone).toordinal()

    def entered(self, held: list[Held], opened: str | None) -> tuple[list[tuple[int, int | None]], bool]:
        """The stages that a deal entered with the days, None while it was closed; and whether the start of the first is known.

        The first version counts from the day the deal was opened, else from its own. Opened on an earlier day, it began in the first stage
        of its pipeline; where it is known in a later one alone, nobody knows since when. `visits` says the same of a stage's visits."""
        born, first = self.day(held[0].since), held[0].stage
        start = date.fromisoformat(opened).toordinal() if opened else born
        known = opened is not None and (start >= born or (first or 0) in self.firsts)
        out: list[tuple[int, int | None]] = [(min(start, born), first if self.is_open(first) else None)]
        for v in held[1:]:
            stage = v.stage if self.is_open(v.stage) else None
            if out[-1][1] != stage:
                out.append((self.day(v.since), stage))
        return out, known

    def moves(self, held: list[Held]) -> Iterator[Version]:
        """The versions as slippage sees them."""
        for v in held:
            yield Version(v.since, self.actors.get(v.op), v.close, self.is_open(v.stage))


def touches(store: Store) -> Iterator[tuple[int, str, str]]:
    """(deal, moment as stored, kind) of every activity so far on the deals asked for, and on the leads that they came from."""
    now = moments.stamp_text(scope.now(store))
    for source, field in (("a.opportunity", "opportunity"), ("l.opportunity", "lead")):
        join = "" if field == "opportunity" else " JOIN lead l ON l.id=a.lead"
        sql = f'SELECT {source},a."when",a.kind FROM activity a{join} WHERE {source} IN (SELECT id FROM temp.asked) AND a."when"<=?'
        yield from store.db.execute(sql, (now,))
