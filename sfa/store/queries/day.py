"""What a day, or a period, asks of people: appointments, tasks, next steps, deals that want a look, leads, revisits, what others changed.

Every query goes by an index of its own, so that it costs what it finds and not what the file holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sfa.errors import NotFound
from sfa.messages import say, together
from sfa.sales import moments
from sfa.store.database import Store
from sfa.store.operations import find_me
from sfa.store.queries import rates, scope
from sfa.store.schema import q

LOOK_BACK = 30
"""Days: next steps and revisits that are late for longer are counted, and listed elsewhere."""


class Item(NamedTuple):
    """One line of a day. `day` (ISO) and `at` (a clock's time) are when; `kind` and `id` the record; `text` what is to be done or what
    happened; `about` the (kind, id, name) that it is about; `amount` minor units of `currency`;
    `channel` the kind of activity to contact somebody by."""

    section: str
    day: str | None
    at: str | None
    kind: str
    id: int
    text: str
    about: tuple[str, int, str] | None = None
    owner: int | None = None
    amount: int | None = None
    currency: str | None = None
    more: str = ""
    channel: str = ""


class Part(NamedTuple):
    """A section's items, at most as many as were asked for; `left` counts those left out."""

    items: list[Item]
    left: int = 0


def people(store: Store, rep: int | None, team: bool) -> list[int]:
    """Whose day it is: one person's, or theirs and that of everyone who reports to them. Raises NotFound where nobody is `me` yet."""
    number = rep if rep is not None else find_me(store)
    if number is None:
        raise NotFound(
            say("there is no user called {me!r} yet", me=store.me), "Your first write makes one; or name one: --rep NAME, sfa --me NAME."
        )
    if not team:
        return [number]
    lines: dict[int, list[int]] = {}
    for user, manager in store.db.execute("SELECT id,manager FROM user WHERE manager IS NOT NULL"):
        lines.setdefault(manager, []).append(user)
    found = [number]
    for user in found:
        found += [n for n in lines.get(user, ()) if n not in found]
    return found


_ABOUT = (("opportunity", "o"), ("lead", "l"), ("contact", "c"), ("account", "a"))


def joined(alias: str) -> tuple[str, str]:
    """The columns and joins of what a task or an activity is about."""
    columns = ",".join(f"{alias}.{name},{short}.name" for name, short in _ABOUT)
    return columns, " ".join(f"LEFT JOIN {name} {short} ON {short}.id={alias}.{name}" for name, short in _ABOUT)


def about(row: Sequence[Any]) -> tuple[str, int, str] | None:
    """The most specific of the four (id, name) pairs."""
    return next(((name, row[i * 2], row[i * 2 + 1] or "") for i, (name, _) in enumerate(_ABOUT) if row[i * 2] is not None), None)


def listed(numbers: Sequence[int]) -> str:
    """Ids as SQL lists them."""
    return f"({','.join(map(str, numbers))})"


def appointments(store: Store, owners: Sequence[int], start: date, end: date) -> list[Item]:
    """Planned activities from `start` up to but without `end`, tasks and next steps with a time; of today those that
    are still to come, that last, or take the whole day."""
    cal = scope.calendar(store)
    first, stop = (moments.parse_stamp(d.isoformat(), cal) for d in (start, end))
    begin, last, now = (moments.stamp_text(m) for m in (first, stop, cal.now))
    midnight = moments.stamp_text(moments.parse_stamp(cal.today.isoformat(), cal))
    columns, joins = joined("t")
    sql = (
        f'SELECT t.id,t."when",t.kind,t."text",t.owner,t.answer,{columns} FROM activity t {joins} WHERE t."when">=? AND t."when"<?'
        f' AND t.owner IN {listed(owners)} AND (t."when">? OR {_lasting(midnight, now)}) ORDER BY t."when"'
    )
    out = []
    unsure = {"open": " (not answered yet)", "tentative": " (tentative)"}
    for number, when, kind, text, owner, answer, *rest in store.db.execute(sql, (begin, last, now)):
        local, what = moments.local_text(when, cal), f"{kind}: {text}{unsure.get(answer, '')}"
        at = None if local[11:] == "00:00" else local[11:]
        out.append(Item("appointments", local[:10], at, "activity", number, what, about(rest), owner, channel=kind))
    timed = [i for i in (*tasks(store, owners, start, end), *steps(store, owners, start, end)) if i.at]
    return sorted([*out, *(i._replace(section="appointments") for i in timed)], key=lambda i: (i.day or "", i.at or ""))


def _lasting(midnight: str, now: str) -> str:
    """SQL: whether an activity that has begun is not over. What was logged afterwards is no plan: it was there before it began, or a
    calendar has it."""
    ends = "strftime('%Y-%m-%dT%H:%M:%SZ',t.\"when\",'+'||t.duration||' minutes')"
    begins = f"CAST(strftime('%s',t.\"when\") AS INTEGER)*1000<<{scope.SITE_BITS}"
    captured = "SELECT 1 FROM external e WHERE e.\"kind\"='activity' AND e.record=t.id AND e.source='calendar'"
    return f"(t.\"when\"='{midnight}' OR {ends}>'{now}') AND (t.since<{begins} OR EXISTS({captured}))"


def tasks(store: Store, owners: Sequence[int], start: date | None, end: date) -> list[Item]:
    """The open tasks whose day is before `end`, from `start` on; without a start, late ones and those without a day too."""
    columns, joins = joined("t")
    day = "max(coalesce(t.due,t.snoozed),coalesce(t.snoozed,t.due))"
    since = f" AND {day}>='{start}'" if start else ""
    dated = f"(t.due<'{end}' AND {day}<'{end}'{since})"
    undated = f" OR (t.due IS NULL AND (t.snoozed IS NULL OR t.snoozed<'{end}'))" if start is None else ""
    sql = (
        f"SELECT t.id,{day},t.at,t.name,t.owner,t.priority,{columns} FROM task t {joins} WHERE t.done IS NULL"
        f" AND t.owner IN {listed(owners)} AND ({dated}{undated})"
    )
    rows = sorted(store.db.execute(sql).fetchall(), key=lambda r: (_URGENCY.get(r[5], 1), r[1] is None, r[1] or "", r[2] or "~", r[0]))
    return [Item("tasks", r[1], r[2], "task", r[0], _MARKS.get(r[5], "") + r[3], about(r[6:]), r[4]) for r in rows]


_URGENCY = {"high": 0, "low": 2}
_MARKS = {"high": "! "}


def steps(store: Store, owners: Sequence[int], start: date, end: date) -> list[Item]:
    """Open next steps that are due from `start` up to but without `end`, urgent ones first, then the latest. A deal's next step is that of
    its newest activity with one: an earlier one was replaced by it. Closed deals ask for nothing."""
    columns, joins = joined("t")
    ends = scope.stages(store)
    newer = 'SELECT 1 FROM activity n WHERE n.opportunity=t.opportunity AND n."when">t."when" AND n.next_step IS NOT NULL'
    sql = (
        f"SELECT t.id,t.due,t.at,t.priority,t.next_step,t.owner,{columns} FROM activity t {joins}"
        f" WHERE t.next_step IS NOT NULL AND t.done IS NOT 1 AND t.owner IN {listed(owners)} AND t.due>=? AND t.due<?"
        f" AND NOT EXISTS({newer}) AND {ends.open.replace('t.stage', 'o.stage')} ORDER BY t.due DESC,t.id"
    )
    rows = sorted(store.db.execute(sql, (start.isoformat(), end.isoformat())), key=lambda r: _URGENCY.get(r[3], 1))
    return [Item("steps", r[1], r[2], "activity", r[0], _MARKS.get(r[3], "") + r[4], about(r[6:]), r[5]) for r in rows]


def older_steps(store: Store, owners: Sequence[int], before: date) -> int:
    """How many open next steps were due before a day."""
    sql = f"SELECT count(*) FROM activity t WHERE t.next_step IS NOT NULL AND t.done IS NOT 1 AND t.owner IN {listed(owners)} AND t.due<?"
    return int(store.db.execute(sql, (before.isoformat(),)).fetchone()[0])


def closings(store: Store, owners: Sequence[int], start: date | None, end: date, most: int) -> Part:
    """Open deals that are expected to close before `end`, from `start` on, the most money first."""
    since = f" AND t.\"close\">='{start}'" if start else ""
    return _deals(store, "late" if start is None else "closing", f"{_running(store, owners)} AND t.\"close\"<'{end}'{since}", most)


def stepless(store: Store, owners: Sequence[int], today: date, most: int) -> Part:
    """Open deals for which nobody has planned anything: no next step, no open step of an activity, no open task; without those whose
    expected close has passed, which ask for more than that."""
    planned = (
        "SELECT 1 FROM activity n WHERE n.opportunity=t.id AND n.next_step IS NOT NULL AND n.done IS NOT 1",
        "SELECT 1 FROM task k WHERE k.opportunity=t.id AND k.done IS NULL",
    )
    nothing = together(" AND ", (f"NOT EXISTS({p})" for p in planned))
    due = f"coalesce(t.\"close\",'9999')>='{today}'"
    return _deals(store, "stepless", f"t.next_step IS NULL AND {_running(store, owners)} AND {due} AND {nothing}", most, few=True)


def _running(store: Store, owners: Sequence[int]) -> str:
    open_ones = ",".join(str(r[0]) for r in store.db.execute("SELECT id FROM stage WHERE outcome='open'"))
    return f"t.closed IS NULL AND t.owner IN {listed(owners)} AND t.stage IN ({open_ones})"


_DEAL = (
    'SELECT t.name,t."close",t.owner,t.amount,t.currency,a.id,a.name FROM opportunity t LEFT JOIN account a ON a.id=t.account WHERE t.id=?'
)


def _deals(store: Store, section: str, clause: str, most: int, few: bool = False) -> Part:
    """The deals that fit, the most money first at today's rates; one without a rate counts at its face. The largest of each currency are
    chosen in SQL: a rate changes no order within one. Where they are `few` and hard to find, they are read once."""
    source = f"FROM opportunity t WHERE {clause}"
    if few:
        found = store.db.execute(f"SELECT t.id,t.amount,t.currency {source}").fetchall()
        return _largest(store, section, found, most, len(found))
    many = dict(store.db.execute(f"SELECT t.currency,count(*) {source} GROUP BY t.currency").fetchall())
    largest = f"SELECT t.id,t.amount,t.currency {source} AND t.currency IS ? ORDER BY t.amount DESC,t.id LIMIT ?"
    found = [row for c in many for row in store.db.execute(largest, (c, most or -1))]
    return _largest(store, section, found, most, sum(many.values()))


def _largest(store: Store, section: str, found: list[tuple[int, int | None, str | None]], most: int, whole: int) -> Part:
    """The largest `most` of some deals (id, amount, currency), which are `whole` in all."""
    others = sorted({c for _, _, c in found if c and c != store.currency})
    at = {r.currency: r for r in rates.used(store, others, scope.calendar(store).today)} if others else {}
    worth = sorted((-(rates.convert(a or 0, at[c]) if c in at else a or 0), n) for n, a, c in found)
    first = [n for _, n in worth[: most or None]]
    out = []
    for number in first:
        name, close, owner, amount, currency, account, called = store.db.execute(_DEAL, (number,)).fetchone()
        whose = ("account", account, called) if account is not None else None
        out.append(Item(section, close, None, "opportunity", number, name, whose, owner, amount, currency))
    return Part(out, whole - len(out))


def waiting(store: Store, owners: Sequence[int], most: int) -> Part:
    """New leads that nothing was logged on yet, the newest first: the sooner they are answered, the more of them buy."""
    unanswered = "t.do_not_contact IS NULL AND NOT EXISTS(SELECT 1 FROM activity a WHERE a.lead=t.id)"
    clause = f"t.status='new' AND t.owner IN {listed(owners)} AND {unanswered}"
    found = store.db.execute(f"SELECT t.id FROM lead t WHERE {clause} ORDER BY t.created DESC,t.id DESC").fetchall()
    out = []
    for (number,) in found[: most or None]:
        name, company, created, owner = store.db.execute("SELECT name,company,created,owner FROM lead WHERE id=?", (number,)).fetchone()
        out.append(
            Item("leads", created, None, "lead", number, name if not company or company == name else f"{name}, {company}", None, owner)
        )
    return Part(out, len(found) - len(out))


def revisits(store: Store, owners: Sequence[int], start: date, end: date, most: int) -> Part:
    """Lost deals whose revisit falls from `start` up to but without `end`, the latest first, without those that the
    account has answered."""
    ends = scope.stages(store)
    if not ends.lost:
        return Part([])
    sql = (
        "SELECT t.id,t.name,t.revisit,t.owner,t.amount,t.currency,a.id,a.name FROM opportunity t LEFT JOIN account a ON a.id=t.account"
        f" WHERE t.owner IN {listed(owners)} AND t.revisit>=? AND t.revisit<? AND t.stage IN ({ends.lost}) AND NOT {scope.answered(ends)}"
        " ORDER BY t.revisit DESC,t.id"
    )
    rows = store.db.execute(sql, (start.isoformat(), end.isoformat())).fetchall()
    made = []
    for number, name, day, owner, amount, currency, account, called in rows[: most or None]:
        whose = ("account", account, called) if account is not None else None
        made.append(Item("revisits", day, None, "opportunity", number, name, whose, owner, amount, currency))
    return Part(made, len(rows) - len(made))


# What others changed ----------------------------------------------------------------------------------------------------------------


def last_own(store: Store, me: int, before: date) -> int | None:
    """The person's last operation before a day."""
    row = store.db.execute("SELECT max(id) FROM op WHERE actor=? AND id<?", (me, scope.moment_of(store, before))).fetchone()
    return row[0] if row else None


TOLD = ("owner", "stage", "amount", "close", "next_step", "name")
"""The fields of a deal whose change is told."""


def changes(store: Store, me: int, since: int, most: int) -> Part:
    """What others, or programs and imports, did to one's deals after an operation: new ones, changed ones, ones given away or deleted."""
    mine = "o.id>? AND o.actor IS NOT ? AND NOT EXISTS(SELECT 1 FROM op u WHERE u.undoes=o.id)"
    touched = (
        f"SELECT t.id,o.id FROM op o CROSS JOIN opportunity t ON t.op=o.id WHERE {mine} AND t.owner=?"
        f" UNION SELECT h.id,o.id FROM op o CROSS JOIN main.opportunity_history h ON h.until_op=o.id"
        f" WHERE {mine} AND h.owner=? AND h.until>h.since"
    )
    latest: dict[int, int] = {}
    for number, op in store.db.execute(touched, (since, me, me) * 2):
        latest[number] = max(op, latest.get(number, 0))
    made: list[Item] = []
    order = sorted(latest, key=lambda n: -latest[n])
    for at, number in enumerate(order):
        if most and len(made) == most:
            return Part(made, len(order) - at)
        if (item := _changed(store, number, latest[number], me, since)) is not None:
            made.append(item)
    return Part(made)


def _changed(store: Store, number: int, op: int, me: int, since: int) -> Item | None:
    """What became of one deal since an operation; None where nothing that is told is different."""
    columns = ",".join(q(n) for n in (*TOLD, "currency"))
    now = store.db.execute(f"SELECT {columns} FROM opportunity WHERE id=?", (number,)).fetchone()
    then = store.db.execute(
        f"SELECT {columns} FROM main.opportunity_history WHERE id=? AND since<=? AND until>? ORDER BY since DESC LIMIT 1",
        (number, since, since),
    ).fetchone()
    actor = store.db.execute("SELECT u.name FROM op o LEFT JOIN user u ON u.id=o.actor WHERE o.id=?", (op,)).fetchone()[0]
    moment = moments.local_text(scope.at(op).isoformat(), store.calendar)
    names = (*TOLD, "currency")
    if now is None:
        what = "deleted"
    elif then is None:
        what = "new"
    else:
        what = _difference(store, dict(zip(names, then, strict=True)), dict(zip(names, now, strict=True)))
        if not what:
            return None
    called = (now or then)[names.index("name")]
    by = f"{what} (by {actor})" if actor else say("{what} (by another program)", what=what)
    return Item("changes", moment[:10], moment[11:], "opportunity", number, called, None, me, more=by)


def _difference(store: Store, then: dict[str, Any], now: dict[str, Any]) -> str:
    from sfa.sales import values

    kind, said = store.kinds["opportunity"], []
    for name in TOLD:
        if then[name] == now[name]:
            continue
        field, shown = kind.by_name[name], []
        for record in (then, now):
            value = record[name]
            if field.type == "ref" and value is not None:
                value = (store.db.execute(f"SELECT name FROM {q(field.to)} WHERE id=?", (value,)).fetchone() or ("?",))[0]
            elif value is not None:
                value = values.human(field, value, record["currency"] or store.currency, store.calendar)
            shown.append(value or "none")
        said.append(f"{'' if name in ('stage', 'amount') else field.title + ' '}{shown[0]} → {shown[1]}")
    return ", ".join(said)


def coming(store: Store, owners: Sequence[int], today: date) -> str | None:
    """The first day after today on which a task, a step or a planned activity waits; None where nothing does."""
    after = (today + timedelta(days=1)).isoformat()
    start = moments.stamp_text(moments.parse_stamp(after, scope.calendar(store)))
    owned = f"owner IN {listed(owners)}"
    found = [
        store.db.execute(f"SELECT min(due) FROM task WHERE done IS NULL AND {owned} AND due>=?", (after,)).fetchone()[0],
        store.db.execute(
            f"SELECT min(due) FROM activity WHERE next_step IS NOT NULL AND done IS NOT 1 AND {owned} AND due>=?", (after,)
        ).fetchone()[0],
        store.db.execute(f'SELECT min("when") FROM activity WHERE "when">=? AND owner IN {listed(owners)}', (start,)).fetchone()[0],
    ]
    return min((d[:10] for d in found if d), default=None)


def latest(store: Store) -> int:
    """The last operation."""
    return int(store.db.execute("SELECT coalesce(max(id),0) FROM op").fetchone()[0])


def names(store: Store, numbers: Sequence[int]) -> dict[int, str]:
    """id → name of people."""
    return dict(store.db.execute(f"SELECT id,name FROM user WHERE id IN {listed(numbers)}").fetchall())


def busy(store: Store, owners: Sequence[int], start: date, end: date) -> dict[str, list[int]]:
    """ISO day → how many appointments, tasks and next steps without a time, expected closes, birthdays and contacts due it has, from
    `start` up to but without `end`."""
    from sfa.store.queries import people as book

    out: dict[str, list[int]] = {}
    parts = (
        appointments(store, owners, start, end),
        [i for i in tasks(store, owners, start, end) if not i.at],
        [i for i in steps(store, owners, start, end) if not i.at],
        closings(store, owners, start, end, 0).items,
        book.birthdays(store, owners, start, end),
        book.contacts(store, owners, start, end, 0).items,
    )
    for at, items in enumerate(parts):
        for item in items:
            if item.day:
                out.setdefault(item.day, [0] * len(parts))[at] += 1
    return out
