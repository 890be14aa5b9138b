"""How a forecast stood at each of several moments, in one pass over the versions of the deals: each version counts for the moments between
its beginning and its end, so that many moments cost little more than one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sfa.sales.filters import leaves
from sfa.sales.forecast import Figures, Group, add, blank_row
from sfa.store.database import Store
from sfa.store.queries import rates, scope
from sfa.store.queries.forecast import PROBABILITY, Ask, category, counted, measured
from sfa.store.schema import q
from sfa.store.where import where


def trend(store: Store, ask: Ask, moments: Sequence[int]) -> list[Figures]:
    """The total of a forecast at each moment (operation scale, rising), each as `--as-of` that moment shows it: closed, the categories
    and weighted; what is overdue or outside the period is not looked at. Raises Refused for a missing rate."""
    if not moments:
        return []
    return _in_one_pass(store, ask, moments) if _steady(store, ask, moments[0]) else [_at(store, ask, m) for m in moments]


def _steady(store: Store, ask: Ask, first: int) -> bool:
    """Whether a version of a deal says by itself what it counted as: its stages are today's, no filter looks at other records or at the
    day, and nobody's deals are told apart, since won ones are credited to their owner at winning."""
    if ask.only is not None or any("." in c.path or c.path == "is" or c.path.startswith("owner") for c in leaves(ask.conditions)):
        return False
    changed = "SELECT 1 FROM main.stage WHERE since>?1 UNION ALL SELECT 1 FROM main.stage_history WHERE until>?1 AND until_op>0 LIMIT 1"
    return store.db.execute(changed, (first,)).fetchone() is None


def _at(store: Store, ask: Ask, moment: int) -> Figures:
    with store.past(moment):
        row = blank_row()
        for _, _, group in counted(store, "category", ask).groups:
            add(row, group)
    return Figures(*row)


def _in_one_pass(store: Store, ask: Ask, moments: Sequence[int]) -> list[Figures]:
    kind = store.kinds["opportunity"]
    within = scope.scope(store, ask.period, ask.conditions)
    ends = scope.stages(store)
    of = category(ends)
    value = measured(store, ask.measure)
    clause, params = where(store, kind, ask.conditions)
    # Filters may look at any column; without them fewer are carried through the union, which is half of its cost.
    needed = {"stage", "category", "probability", "close", "closed", "currency", *(f.name for f in kind.fields if f.type == "money")}
    names = ",".join(q(c) for c in ("id", *kind.columns, "since") if ask.conditions or c in needed or c == "since")
    first, last = moments[0], moments[-1]
    versions = (
        f"SELECT {names},9223372036854775807 AS until FROM main.opportunity WHERE since<={last}"
        f" UNION ALL SELECT {names},until FROM main.opportunity_history WHERE until>{first} AND since<={last} AND since>0 AND until_op>0"
    )
    begin, end = _place("t.since", moments), _place("t.until", moments)
    close, start, stop = f"t.{scope.CLOSE}", within.start, within.end
    due = f"{close}>='{start}' AND {close}<'{stop}' AND {ends.open} AND {of}<>'omitted'"
    won = f"t.stage IN ({ends.won}) AND t.closed>='{start}' AND t.closed<'{stop}'" if ends.won else "0"
    base = f"FROM ({versions}) t WHERE (({due}) OR ({won})) AND ({clause}) AND {begin}<{end}"
    home = f"t.currency='{store.currency}' OR {value} IS NULL" if value.startswith("t.") else "1"
    weight = rates.weighted(value, PROBABILITY, True)
    # LIMIT keeps SQLite from putting the columns of deals into its sorting instead of the few numbers that are made of them.
    one = f"SELECT {of} AS c,{begin} AS b,{end} AS e,{value} AS v,{weight} AS w {base} AND ({home}) LIMIT -1"
    grouped = f"SELECT c,b,e,count(*),count(v),sum(v),sum(w) FROM ({one}) GROUP BY c,b,e"
    sums = [blank_row() for _ in range(len(moments) + 1)]
    for name, since, until, deals, filled, amount, share in store.db.execute(grouped, params):
        add(sums[since], Group(name, 0, deals, filled, amount or 0, share or 0))
        add(sums[until], Group(name, 0, -deals, -filled, -(amount or 0), -(share or 0)))
    rows, running = [], blank_row()
    for step in sums[: len(moments)]:
        running = [a + b for a, b in zip(running, step, strict=True)]
        rows.append([*running])
    if home != "1":
        sql = f"SELECT {of},{begin},{end},{value},t.currency,t.closed,{PROBABILITY} {base} AND NOT ({home})"
        _foreign(store, store.db.execute(sql, params).fetchall(), moments, rows)
    return [Figures(*row) for row in rows]


def _place(column: str, moments: Sequence[int], before: int = 0) -> str:
    """The SQL of how many of the moments lie before what a column holds: a search by halves."""
    if not moments:
        return str(before)
    middle = len(moments) // 2
    above, below = _place(column, moments[middle + 1 :], before + middle + 1), _place(column, moments[:middle], before)
    return f"CASE WHEN {column}>{moments[middle]} THEN {above} ELSE {below} END"


def _foreign(store: Store, versions: Sequence[Any], moments: Sequence[int], rows: list[list[int]]) -> None:
    """Add the versions in other currencies, each at every moment at the rates of then."""
    from sfa.sales.money import share

    if not versions:
        return
    known: list[tuple[rates.Converter, date]] = []
    for moment in moments:
        with store.past(moment):
            known.append((rates.Converter(store), scope.calendar(store).today))
    for name, since, until, value, currency, closed, percent in versions:
        for i in range(since, until):
            convert, today = known[i]
            amount = convert(value, currency, closed if name == "closed" else str(today))
            add(rows[i], Group(name, 0, 1, 1, amount, share(amount, percent)))
