"""What moved in a forecast between two moments: each deal's legs, and the waterfall that they add up to.

Amounts are integers in minor units of one currency at the later moment's rates. A deal is in when it is open, not omitted, in scope and due
in the window. Source: FORMULAS, "Movement"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from sfa.errors import SfaError
from sfa.messages import say

ENTRIES = ("new", "imported", "pulled_in", "pushed_in", "reopened", "transferred_in")
CHANGES = ("increased", "decreased")
EXITS = ("won", "lost", "pushed_out", "pulled_out", "transferred_out", "removed")
CLOSED = ("newly_won", "amended", "reopened_won")
"""The legs of what is closed: won since; changed in amount, day or owner, deleted; open or lost again."""
BELOW, WITHIN, BEYOND, UNDATED = "below", "within", "beyond", "undated"
"""Where a day lies to the window."""


class End(NamedTuple):
    """A deal at one of the two moments. `outcome` is open, won or lost; `due` and `closed` say where its days lie to the window; `scope`
    whether it is within the filters and, open, not omitted; `amount` at the later moment's rate (0 where blank), `own` what the report
    of its own moment counted; `value` of a won deal at the rate of its closed day; `rows` the keys of the rows that it belongs to, or
    that it leaves, `closed_rows` those in which it is closed."""

    outcome: str
    due: str
    closed: str
    scope: bool
    amount: int
    own: int
    value: int
    rows: Sequence[Any]
    closed_rows: Sequence[Any] = ()

    @property
    def is_in(self) -> bool:
        return self.outcome == "open" and self.due == WITHIN and self.scope

    @property
    def is_closed(self) -> bool:
        """Whether it counts as closed in the window."""
        return self.outcome == "won" and self.closed == WITHIN and self.scope


class Leg(NamedTuple):
    """One leg of one deal in one row (None: the total)."""

    row: Any
    name: str
    amount: int


class Steps:
    """A waterfall under way: opening, currency, every leg, closing; and the same of what is closed. Amounts and numbers of deals."""

    __slots__ = ("amount", "count")

    def __init__(self) -> None:
        self.amount: dict[str, int] = {}
        self.count: dict[str, int] = {}

    def add(self, name: str, amount: int, deals: int = 1) -> None:
        """Add deals to a leg."""
        self.amount[name] = self.amount.get(name, 0) + amount
        self.count[name] = self.count.get(name, 0) + deals

    def of(self, name: str) -> int:
        """The amount of a leg."""
        return self.amount.get(name, 0)

    def check(self, what: str) -> None:
        """Fail loudly where an identity does not hold: opening + currency + entries + increases − decreases − exits = closing, and
        closed then + newly won + amended − reopened = closed now."""
        entries = sum(self.of(n) for n in ENTRIES) + self.of("increased")
        exits = sum(self.of(n) for n in EXITS) + self.of("decreased")
        closed = self.of("closed_then") + self.of("newly_won") + self.of("amended") - self.of("reopened_won")
        if self.of("opening") + self.of("currency") + entries - exits != self.of("closing") or closed != self.of("closed_now"):
            raise SfaError(say("the movement of {what} does not add up", what=what), "This is a mistake of the program; please report it.")


def legs(before: End | None, after: End | None, born: str = "new") -> list[Leg]:
    """Every leg of a deal, in its rows and in the total. None where it was not there; `born` says how it came: new or imported.

    A deal that goes from one row to another is transferred at its earlier amount; what changes of it, and how it leaves, is the later
    row's. So every leg adds up to the total's."""
    whole = _total(before, after, born)
    out = [Leg(None, name, amount) for name, amount in whole]
    was, now = _rows(before, after)
    if before and before.is_in:
        for row in was:
            out += [Leg(row, "opening", before.own), Leg(row, "currency", before.amount - before.own)]
            if row not in now:
                out.append(Leg(row, "transferred_out", before.amount))
        out += [Leg(row, "transferred_in", before.amount) for row in now if row not in was]
        whole = whole[2:]
    out += [Leg(row, name, amount) for row in now for name, amount in whole]
    return out + _closed_legs(before, after)


def _rows(before: End | None, after: End | None) -> tuple[Sequence[Any], Sequence[Any]]:
    was = before.rows if before else ()
    return was, after.rows if after else was


def _total(before: End | None, after: End | None, born: str) -> list[tuple[str, int]]:
    """The legs of a deal in the total: opening, currency, entry, change, exit, closing."""
    out: list[tuple[str, int]] = []
    if before and before.is_in:
        out += [("opening", before.own), ("currency", before.amount - before.own)]
        start = before.amount
    elif after and (after.is_in or (after.is_closed and not (before and before.outcome == "won"))):
        start = before.amount if before and after.is_in else after.amount
        out.append((_entry(before, born), start))
    else:
        return []
    end = start if after is None else after.amount
    if end != start:
        out.append(("increased", end - start) if end > start else ("decreased", start - end))
    out.append(("closing", end) if after and after.is_in else (_exit(after), end))
    return out


def _entry(before: End | None, born: str) -> str:
    """How a deal that was not in came in."""
    if before is None:
        return born
    if before.outcome != "open":
        return "reopened"
    if before.due in (BEYOND, UNDATED):
        return "pulled_in"
    return "pushed_in" if before.due == BELOW else "transferred_in"


def _exit(after: End | None) -> str:
    """How a deal that was in went out. A deal won on a day outside the window was pulled or pushed out of it."""
    if after is None:
        return "removed"
    if after.outcome == "lost":
        return "lost"
    day = after.closed if after.outcome == "won" else after.due
    if day == WITHIN:
        return "won" if after.outcome == "won" and after.scope else "transferred_out"
    return "pulled_out" if day == BELOW else "pushed_out"


def _closed_legs(before: End | None, after: End | None) -> list[Leg]:
    """The legs of what is closed in the window, in rows and total."""
    was, now = bool(before and before.is_closed), bool(after and after.is_closed)
    if not was and not now:
        return []
    out = []
    rows_before, rows_after = (before.closed_rows if before and was else ()), (after.closed_rows if after and now else ())
    for row in (None, *dict.fromkeys((*rows_before, *rows_after))):
        then = before.value if before and was and (row is None or row in rows_before) else None
        current = after.value if after and now and (row is None or row in rows_after) else None
        if then is not None:
            out.append(Leg(row, "closed_then", then))
        if current is not None:
            out.append(Leg(row, "closed_now", current))
        if then is not None and current is not None:
            out += [Leg(row, "amended", current - then)] if current != then else []
        elif then is not None:
            again = after is not None and after.outcome != "won"
            out.append(Leg(row, "reopened_won", then) if again else Leg(row, "amended", -then))
        elif current is not None:
            moved = bool(before and before.outcome == "won")
            out.append(Leg(row, "amended" if moved else "newly_won", current))
    return out


class Stop(NamedTuple):
    """What a deal was for a while: in the pipeline of the window or not; its amount as it is written, in minor units."""

    inside: bool
    amount: int | None
    currency: str | None


def goes_round(way: Sequence[Stop], won: bool) -> bool:
    """Whether a deal went a way that legs, which compare its ends, do not tell: in and out more often than they say, or its amount up
    and down while it was in. The first stop is that of the earlier moment; `won` says that it is won at the later one, so that having
    come in and gone out is told."""
    turns = sum(a.inside != b.inside for a, b in pairwise(way))
    told = 1 if way[0].inside != way[-1].inside else 2 if won and not way[0].inside else 0
    steps = [(a, b) for a, b in pairwise([w for w in way if w.inside]) if a.currency == b.currency]
    signs = {(b.amount or 0) > (a.amount or 0) for a, b in steps if (a.amount or 0) != (b.amount or 0)}
    return turns > told or len(signs) > 1


def where_is(day: str | None, start: str, end: str) -> str:
    """Where an ISO day lies to the window from `start` up to but without `end`."""
    if day is None:
        return UNDATED
    return BELOW if day < start else WITHIN if day < end else BEYOND


def add_up(steps: dict[Any, Steps], found: Iterable[Leg]) -> None:
    """Add legs to the waterfalls of their rows; an opening, currency or closing of 0 still counts its deal once."""
    for leg in found:
        if leg.name != "currency" or leg.amount:
            steps.setdefault(leg.row, Steps()).add(leg.name, leg.amount)
