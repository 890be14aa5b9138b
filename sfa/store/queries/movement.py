"""What moved between two moments, as the two tables of opportunities tell it: the deals that changed, each at both moments, and those that
did not, added up. Legs are made of them in `sales/movement.py`.

Only what changed is looked at deal by deal, so that a week's movement of a million deals costs little more than its forecast."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sfa.errors import Refused
from sfa.messages import say
from sfa.sales import moments
from sfa.sales.filters import leaves
from sfa.sales.forecast import Person
from sfa.store.database import Store
from sfa.store.queries import dimensions, rates, scope
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.forecast import Ask, in_those, measured, own_sql, people
from sfa.store.schema import q, shown

Row = tuple[Any, ...]
MOVING = ("month", "quarter", "stage", "category")
"""Dimensions whose value changes as a deal leaves: it leaves the row that it was in."""


class State(NamedTuple):
    """A deal at one moment: values of the dimensions, outcome, ISO days, whether it is in scope, amount as it is and its currency."""

    id: int
    values: Row
    outcome: str
    close: str | None
    closed: str | None
    scope: bool
    amount: int | None
    currency: str | None


class Still(NamedTuple):
    """Deals that did not change, counted together: open and in the window, or won in it."""

    values: Row
    won: bool
    deals: int
    amount: int
    own: int
    value: int


class Opening(NamedTuple):
    """Converts what was open at the earlier moment as its report did, at the rate of its `day`. Where nobody had set one by then, the
    later moment's holds: nothing could have been reported, and no rate that is set today would be known then."""

    then: rates.Converter
    day: str
    now: rates.Converter
    today: str

    def __call__(self, amount: int | None, currency: str | None) -> int:
        if self.then.knows(currency, self.day):
            return self.then(amount, currency, self.day)
        return self.now(amount, currency, self.today)


class Moved(NamedTuple):
    """Everything that a movement is made of. `changed` are (before, after, how it came) of each deal that changed; `now` converts at the
    later moment's rates, `today` being its day in the company's time zone; `opening` what was open at the earlier one."""

    dimensions: list[Dimension]
    people: dict[int, Person]
    changed: list[tuple[State | None, State | None, str]]
    still: list[Still]
    now: rates.Converter
    today: str
    opening: Opening


def movement(store: Store, by: str, ask: Ask, since: int) -> Moved:
    """What moved between `since` (operation scale) and the moment that the store shows. Raises Refused where no history reaches back so
    far, and for a missing rate."""
    _reaches(store, since)
    until = store.moment if store.moment is not None else 2**62
    with store.past(since):
        then, day = rates.Converter(store), scope.calendar(store).today
        earlier = _Ends(store, by, ask)
        _candidates(store, earlier, ask, since, until)
        before = earlier.states()
    # The later moment comes last: who is credited with won deals then is what the deals that did not change are read with.
    now, today = rates.Converter(store), scope.calendar(store).today.isoformat()
    found = _Ends(store, by, ask)
    after = found.states()
    touched = [n for n in {**before, **after} if _counts(before.get(n)) or _counts(after.get(n))]
    ends = [(_state(before.get(n)), _state(after.get(n)), n) for n in touched]
    born = _born(store, since, day, [n for was, _, n in ends if was is None])
    changed = [(was, now_is, born.get(n, "new")) for was, now_is, n in ends]
    opening = Opening(then, day.isoformat(), now, today)
    still = list(found.still(opening))
    return Moved(found.dimensions, people(store, ask.period, ask.only), changed, still, now, today, opening)


def _reaches(store: Store, since: int) -> None:
    """Refuse a moment before anything is known of any deal."""
    begin = scope.history_begins(store)
    if since < begin:
        # People write minutes: the next whole one is the earliest that they can ask for.
        text = moments.local_text(moments.stamp_text(scope.at(begin + (60_000 << scope.SITE_BITS))), store.calendar)
        raise Refused("nothing is known of any deal so early", say("History begins then: --since '{text}'", text=text))


def _counts(row: Row | None) -> bool:
    """Whether a deal may stand in the window: those that do at neither moment have no legs."""
    return row is not None and bool(row[0])


def _state(row: Row | None) -> State | None:
    """A row of `states` as a State: behind the id stand the values of the dimensions, six other fields come last."""
    return None if row is None else State(row[1], row[2:-6], row[-6], row[-5], row[-4], bool(row[-3]), row[-2], row[-1])


class _Ends:
    """The statements over the opportunities that the store shows at this moment."""

    def __init__(self, store: Store, by: str, ask: Ask) -> None:
        self.store, self.ask = store, ask
        self.within = scope.scope(store, ask.period, ask.conditions)
        self.own, self.ends = own_sql(store, self.within)
        self.dimensions = dimensions.parse(store, by, self.own) if by else []
        self.keys = [d.sql for d in self.dimensions] or ["NULL"]
        self.joins = dimensions.joins(self.dimensions)
        self.value = measured(store, ask.measure)
        self.currency = "t.currency" if self.value.startswith("t.") else f"'{store.currency}'"
        only = "" if ask.only is None else f" AND {in_those(self.own['owner'], ask.only)}"
        self.where = f"({self.within.where}){only}"

    @property
    def outcome(self) -> str:
        won, lost = (
            f"WHEN t.stage IN ({ids}) THEN '{name}' " if ids else "" for ids, name in ((self.ends.won, "won"), (self.ends.lost, "lost"))
        )
        return f"CASE {won}{lost}ELSE 'open' END" if won or lost else "'open'"

    def states(self) -> dict[int, Row]:
        """id → row of every deal of the temporary table `moved`: whether it counts in the window at all, then the fields of State."""
        kind = self.store.kinds["opportunity"]
        moment = self.store.moment
        source = f"({shown(kind, moment, 'temp.moved')})" if moment is not None else "temp.moved m CROSS JOIN main.opportunity"
        on = "" if moment is not None else " ON t.id=m.id"
        start, end, close = self.within.start, self.within.end, f"t.{scope.CLOSE}"
        fits = f"({self.where}) AND NOT ({self.outcome}='open' AND {self.own['category']}='omitted')"
        sql = (
            f"SELECT ({close}>='{start}' AND {close}<'{end}' OR t.closed>='{start}' AND t.closed<'{end}'),t.id,{','.join(self.keys)},"
            f"{self.outcome},{close},t.closed,({fits}) IS TRUE,{self.value},{self.currency} FROM {source} t{on} {self.joins}"
        )
        return {row[1]: row for row in self.store.db.execute(sql, self.within.params)}

    @property
    def counting(self) -> str:
        """The condition of the deals that stand in the window and did not change."""
        # The + keep SQLite from looking deals up one by one by their dates: a period that holds a tenth of them is read sooner in a row.
        start, end, due = self.within.start, self.within.end, f"+t.{scope.CLOSE}"
        close = f"{due}>='{start}' AND {due}<'{end}' AND {self.ends.open} AND {self.own['category']}<>'omitted'"
        won = f"t.stage IN ({self.ends.won}) AND +t.closed>='{start}' AND +t.closed<'{end}'" if self.ends.won else "0"
        return f"(({close}) OR ({won})) AND {self.where} AND t.id NOT IN (SELECT id FROM temp.moved)"

    def still(self, opening: Opening) -> Iterator[Still]:
        """The deals that did not change: those in the report's currency added up, the others converted one by one."""
        n, won = len(self.keys), self.ends.if_won("1", "0")
        own = f"{self.currency} IS '{self.store.currency}' OR {self.value} IS NULL"
        base = f"FROM opportunity t {self.joins} WHERE {self.counting}"
        names = ",".join(f"k{i}" for i in range(n + 1))
        keys = ",".join(f"{key} AS k{i}" for i, key in enumerate([*self.keys, won]))
        # LIMIT keeps SQLite from putting the columns of deals into its sorting instead of the few numbers that are made of them.
        one = f"SELECT {keys},({own}) AS own,CASE WHEN {own} THEN {self.value} END AS v {base} LIMIT -1"
        sql = f"SELECT {names},count(*),sum(own),sum(v) FROM ({one}) GROUP BY {names}"
        foreign = 0
        for row in self.store.db.execute(sql, self.within.params):
            deals, counted, amount = row[n + 1 :]
            foreign += deals - counted
            if counted:
                yield Still(row[:n], bool(row[n]), counted, amount or 0, amount or 0, amount or 0)
        if not foreign:
            return
        sql = f"SELECT {','.join(self.keys)},{won},{self.value},t.currency,t.closed {base} AND NOT ({own})"
        now, today = opening.now, opening.today
        for row in self.store.db.execute(sql, self.within.params):
            is_won, amount, currency, closed = row[n:]
            if is_won:
                yield Still(row[:n], True, 1, 0, 0, now(amount, currency, closed))
            else:
                yield Still(row[:n], False, 1, now(amount, currency, today), opening(amount, currency), 0)


# Which deals changed ----------------------------------------------------------------------------------------------------------------


def _candidates(store: Store, found: _Ends, ask: Ask, since: int, until: int) -> None:
    """Fill the temporary table `moved` with the deals that changed, or of which something that they refer to did."""
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS moved(id INTEGER PRIMARY KEY)")
    store.db.execute("DELETE FROM temp.moved")
    past = "main.opportunity_history"
    store.db.execute(
        "INSERT OR IGNORE INTO temp.moved"
        " SELECT id FROM main.opportunity WHERE op>?1 AND since>?1 AND since<=?2"
        f" UNION SELECT id FROM {past} WHERE until>?1 AND until<=?2 AND since>0 AND until_op>0"
        f" UNION SELECT id FROM {past} WHERE until>?2 AND since>?1 AND since<=?2 AND until_op>0",
        (since, until),
    )
    for field, kind in _consulted(store, found, ask):
        names = q(kind), q(kind + "_history")
        changed = (
            f"SELECT id FROM main.{names[0]} WHERE since>?1 AND since<=?2"
            f" UNION SELECT id FROM main.{names[1]} WHERE until>?1 AND until<=?2 AND since>0 AND until_op>0"
        )
        if store.db.execute(f"SELECT 1 FROM ({changed}) LIMIT 1", (since, until)).fetchone():
            store.db.execute(
                f"INSERT OR IGNORE INTO temp.moved SELECT t.id FROM opportunity t WHERE t.{q(field)} IN ({changed})", (since, until)
            )


def touched(store: Store) -> list[int]:
    """The ids of all deals that changed between the two moments of the movement last asked for, those outside the window too."""
    return [r[0] for r in store.db.execute("SELECT id FROM temp.moved ORDER BY id")]


def _consulted(store: Store, found: _Ends, ask: Ask) -> list[tuple[str, str]]:
    """(field, kind) of every reference of a deal that the stages, the dimensions or the filters look through."""
    kind = store.kinds["opportunity"]
    fields = {"stage"} | {c.path.partition(".")[0] for c in leaves(ask.conditions) if "." in c.path}
    fields |= {f.name for f in kind.fields if f.type == "ref" and any(f" j_{f.name} " in j for d in found.dimensions for j in d.joins)}
    return [(name, kind.field(name).to) for name in sorted(fields)]


def _born(store: Store, since: int, day: date, new: Iterable[int]) -> dict[int, str]:
    """How deals came that were not there: imported, else new.

    A first import brings what was known elsewhere long before. Once deals have been imported before the earlier moment, a later import
    brings new ones too, and so does a past that was loaded: those opened since."""
    loads = store.db.execute("SELECT command FROM op WHERE id<=? AND (command LIKE '%import%' OR command LIKE '%demo%')", (since,))
    earlier = any(is_load(command) for (command,) in loads)
    commands: dict[int, bool] = {}
    out = {}
    for number, op, opened, begun in _firsts(store, new, since):
        if op not in commands:
            row = store.db.execute("SELECT command FROM op WHERE id=?", (op,)).fetchone()
            commands[op] = bool(row) and is_load(row[0])
        fresh = (earlier or begun < op) and opened is not None and opened >= day.isoformat()
        out[number] = "imported" if commands[op] and not fresh else "new"
    return out


def _firsts(store: Store, numbers: Iterable[int], since: int) -> Iterator[Row]:
    """(id, operation, opening date, beginning) of each deal's first version after a moment."""
    names = "SELECT id,op,opened,since FROM main.opportunity"
    known = f"{names}_history WHERE id=?1 AND since>?2 AND until_op>0 UNION ALL {names} WHERE id=?1 AND since>?2"
    sql = f"SELECT id,op,opened,since FROM ({known}) ORDER BY since LIMIT 1"
    for number in numbers:
        yield from store.db.execute(sql, (number, since))


_GLOBALS = r"(?:--?(?:db|me)(?:=\S+|\s+(?:'[^']*'|\S+))\s+)*"


def is_load(command: str) -> bool:
    """Whether a command, as the log keeps it, loads records of another system."""
    return bool(re.match(_GLOBALS + r"(?:import|demo)(?:\s|$)", command))
