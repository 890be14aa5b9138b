"""Contacts who said how often they want to be contacted, or that they do not want it at all, with how often they were.

What counts as a contact, and what is too often, is `sales/cadence.py`'s."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from sfa.sales import moments
from sfa.sales.dates import Period
from sfa.sales.filters import Condition
from sfa.store import optouts, wishes
from sfa.store.database import Store
from sfa.store.queries import scope
from sfa.store.queries.people import last_reached, reached
from sfa.store.where import where


class Contacted(NamedTuple):
    """A contact: the account and the owner by name and id, the owner's team, the wishes, since when they are not to be contacted at all
    (ISO), the day of the last contact, how many days of the period count for them, and on which of these there was a contact."""

    id: int
    name: str
    account: tuple[str | None, int | None]
    owner: tuple[str | None, int | None]
    team: str | None
    cadence: str | None
    channel: str | None
    barred: str | None
    last: date | None
    length: int
    days: frozenset[date]


def contacted(store: Store, period: Period, conditions: list[Condition]) -> list[Contacted]:
    """The contacts that fit, who have a cadence or are not to be contacted. Of a period only what is past counts, and of that only what is
    after the day on which the contact became known: its first version or its first activity, whichever was earlier."""
    cal = scope.calendar(store)
    end = min(period.end, cal.today + timedelta(days=1))
    now = min(moments.stamp_text(scope.now(store)), _stamp(store, end))
    no = optouts.opted_out("contact", optouts.EVERYTHING, "t")
    clause, params = where(store, store.kinds["contact"], conditions)
    asked = f"(t.cadence IS NOT NULL OR {no}) AND {clause}"
    sql = (
        f"SELECT t.id,t.name,a.name,t.account,u.name,t.owner,u.team,t.cadence,t.channel,{no},{last_reached(now)} FROM contact t"
        f" LEFT JOIN account a ON a.id=t.account LEFT JOIN user u ON u.id=t.owner WHERE {asked}"
    )
    days = _days(store, asked, params, _stamp(store, period.start), now)
    out = []
    for row in store.db.execute(sql, params).fetchall():
        number, barred = row[0], None
        if row[9]:
            who = wishes.of(store, "contact", number)
            barred = (who.barred.get(optouts.EVERYTHING) if who else None) or ""
        known = _known_since(store, number)
        start = max(period.start, known)
        mine = frozenset(d for d in days.get(number, ()) if d >= start and not (barred and d.isoformat() <= barred[:10]))
        length = max((end - start).days, 0)
        team, cadence, channel = row[6:9]
        out.append(Contacted(number, row[1], row[2:4], row[4:6], team, cadence, channel, barred, _day(store, row[10]), length, mine))
    return out


def _stamp(store: Store, day: date) -> str:
    return moments.stamp_text(moments.parse_stamp(day.isoformat(), store.calendar))


def _day(store: Store, stamp: str | None) -> date | None:
    return date.fromisoformat(moments.local_text(stamp, store.calendar)[:10]) if stamp else None


def _days(store: Store, asked: str, params: list[Any], start: str, end: str) -> dict[int, set[date]]:
    """Contact → the days between two moments on which they were reached."""
    within = f"a.\"when\">='{start}' AND a.\"when\"<='{end}' AND {reached()}"
    sql = (
        f'SELECT t.id,a."when" FROM contact t CROSS JOIN activity a ON a.contact=t.id WHERE {asked} AND {within}'
        f' UNION SELECT t.id,a."when" FROM contact t CROSS JOIN activity_contact x ON x.contact=t.id'
        f" CROSS JOIN activity a ON a.id=x.activity WHERE {asked} AND {within}"
    )
    out: dict[int, set[date]] = {}
    for number, when in store.db.execute(sql, params * 2):
        day = _day(store, when)
        assert day is not None
        out.setdefault(number, set()).add(day)
    return out


def _known_since(store: Store, contact: int) -> date:
    """The day on which a contact became known."""
    versions = "SELECT since FROM main.contact WHERE id=?1 UNION ALL SELECT since FROM main.contact_history WHERE id=?1 AND since>0"
    first = store.db.execute(f"SELECT min(since) FROM ({versions})", (contact,)).fetchone()[0]
    mine = (
        'SELECT min("when") FROM activity WHERE contact=?1',
        'SELECT min(a."when") FROM activity_contact x CROSS JOIN activity a ON a.id=x.activity WHERE x.contact=?1',
    )
    found = [_day(store, store.db.execute(sql, (contact,)).fetchone()[0]) for sql in mine]
    return min(d for d in (_day(store, scope.at(first).isoformat()), *found) if d is not None)
