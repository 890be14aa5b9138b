"""The people of somebody's book who are to be thought of: who wants to be heard from by now, and whose birthday it is.

Whoever is not to be contacted is in neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sfa.messages import say
from sfa.sales import birthdays as days
from sfa.sales import cadence, moments
from sfa.store import wishes
from sfa.store.database import Store
from sfa.store.queries import scope
from sfa.store.queries.day import Item, Part


class Due(NamedTuple):
    """A contact, when they were last reached (ISO, None: never), and when the next contact is due (None: at once)."""

    id: int
    name: str
    owner: int | None
    cadence: str
    last: str | None
    due: date | None


def reached(alias: str = "a") -> str:
    """SQL: whether the activity `alias` reached whom it was with; of past ones alone it is asked."""
    lists = (cadence.NOT_CONTACT, cadence.NOT_REACHED, cadence.WRITTEN)
    kinds, outcomes, written = (",".join(f"'{w}'" for w in words) for words in lists)
    return (
        f"{alias}.kind NOT IN ({kinds}) AND ({alias}.outcome IS NULL OR {alias}.outcome NOT IN ({outcomes}))"
        f" AND ({alias}.direction IS NOT 'in' OR {alias}.kind NOT IN ({written}))"
    )


def last_reached(now: str, contact: str = "t.id") -> str:
    """SQL: the moment of the last activity up to `now` that reached a contact, as the main one or among others; each found by an index."""
    mine = (
        f'SELECT a."when" FROM activity a WHERE a.contact={contact} AND a."when"<=\'{now}\' AND {reached()} ORDER BY a."when" DESC LIMIT 1'
    )
    beside = (
        f'SELECT max(a."when") FROM activity_contact x CROSS JOIN activity a ON a.id=x.activity WHERE x.contact={contact}'
        f" AND a.\"when\"<='{now}' AND {reached()}"
    )
    return f"nullif(max(coalesce(({mine}),''),coalesce(({beside}),'')),'')"


def due(store: Store, owners: Sequence[int], before: date) -> list[Due]:
    """The contacts whose wanted contact is due before a day, the longest due first."""
    cal = scope.calendar(store)
    sql = (
        f"SELECT t.id,t.name,t.owner,t.cadence,{last_reached(moments.stamp_text(scope.now(store)))} FROM contact t"
        f" WHERE t.cadence IS NOT NULL AND t.owner IN ({','.join(map(str, owners))}) AND t.do_not_contact IS NULL"
    )
    found = []
    for number, name, owner, every, last in store.db.execute(sql).fetchall():
        day = date.fromisoformat(moments.local_text(last, cal)[:10]) if last else None
        then = cadence.due(every, day)
        if (then or cal.today) < before:
            found.append(Due(number, name, owner, every, last, then))
    return sorted(found, key=lambda d: (d.due or date.min, d.name, d.id))


def contacts(store: Store, owners: Sequence[int], start: date | None, end: date, most: int) -> Part:
    """Contacts who are due before `end`, from `start` on; with the channel to contact them by and what they prefer."""
    today = scope.calendar(store).today
    asked = [d for d in due(store, owners, end) if start is None or (d.due or today) >= start]
    out: list[Item] = []
    left = len(asked)
    for d in asked:
        if most and len(out) == most:
            break
        left -= 1
        if (item := _due_item(store, d)) is not None:
            out.append(item)
    return Part(out, left)


def _due_item(store: Store, d: Due) -> Item | None:
    from sfa.sales.wishes import preference, proposed

    who = wishes.of(store, "contact", d.id)
    channel = proposed(who) if who else None
    if who is None or channel is None:
        return None
    said = ", ".join(filter(None, (cadence.words(d.cadence), "never yet" if d.last is None else "", preference(who))))
    day = d.due.isoformat() if d.due else scope.calendar(store).today.isoformat()
    return Item("contacts", day, None, "contact", d.id, f"{d.name}: {said}", _account(store, d.id), d.owner, more="", channel=channel)


def by_channel(store: Store, items: Sequence[Item]) -> list[Item]:
    """Lines about leads and deals with the channel to contact them by, as the lead or the deal's contact wants it; a call where nothing is
    known, none for those who are not to be contacted."""
    from sfa.sales.wishes import proposed

    out = []
    for item in items:
        kind, number = item.kind, item.id
        if kind == "opportunity":
            kind, number = "contact", store.db.execute("SELECT contact FROM opportunity WHERE id=?", (item.id,)).fetchone()[0]
        who = wishes.of(store, kind, number) if number is not None else None
        out.append(item._replace(channel=(proposed(who) or "") if who and (who.barred or who.channel) else "call"))
    return out


def _account(store: Store, contact: int) -> tuple[str, int, str] | None:
    row = store.db.execute("SELECT a.id,a.name FROM contact c JOIN account a ON a.id=c.account WHERE c.id=?", (contact,)).fetchone()
    return ("account", row[0], row[1]) if row else None


def birthdays(store: Store, owners: Sequence[int], start: date, end: date) -> list[Item]:
    """The birthdays of contacts from `start` up to but without `end`, by day."""
    from sfa.sales.wishes import proposed

    keys = days.keys(start, end)
    spans = " OR ".join("substr(birthday,-5) BETWEEN ? AND ?" for _ in keys)
    out = []
    for owner in owners:
        sql = f"SELECT id,name,birthday FROM contact WHERE birthday IS NOT NULL AND owner=? AND ({spans}) AND do_not_contact IS NULL"
        for number, name, birthday in store.db.execute(sql, (owner, *(k for pair in keys for k in pair))).fetchall():
            day, who = days.between(birthday, start, end), wishes.of(store, "contact", number)
            channel = proposed(who) if who else None
            if day is None or channel is None:
                continue
            age = days.turns(birthday, day)
            text = name if age is None else say("{name} turns {age}", name=name, age=age)
            item = Item("birthdays", day.isoformat(), None, "contact", number, text, _account(store, number), owner, channel=channel)
            out.append(item)
    return sorted(out, key=lambda i: (i.day or "", i.text, i.id))
