"""What is planned, as a calendar program is told of it: appointments, tasks, next steps, each with what it is about and its version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sfa.sales import moments
from sfa.store.database import Store
from sfa.store.queries import scope
from sfa.store.queries.day import about, joined, listed, steps


class Planned(NamedTuple):
    """One thing that is planned. `kind` and `id` are the record, `what` what is to be done, `day` (ISO) and `at` (a clock's time) when,
    `of` the kind of activity ("" for a task), `step` whether it is an activity's next step; how many versions there were before, and since
    when it is so."""

    kind: str
    id: int
    what: str
    day: str | None
    at: str | None
    about: tuple[str, int, str] | None
    contact: int | None
    number: int
    since: datetime
    of: str = ""
    step: bool = False
    answer: str = ""
    note: str = ""
    priority: str = ""
    done: str = ""
    repeat: str = ""
    minutes: int = 0


def planned(store: Store, owners: Sequence[int], start: date, end: date) -> list[Planned]:
    """Activities to come, and visits, meetings and events from `start` on, up to but without `end`; open tasks and those done since then;
    open next steps. What was captured from a calendar is there already, and left out."""
    made = [*_appointments(store, owners, start, end), *_tasks(store, owners, start), *_steps(store, owners, start, end)]
    captured = {
        (kind, number)
        for kind, number in store.db.execute(
            "SELECT \"kind\", record FROM external WHERE source='calendar' AND \"kind\" IN ('activity','task')"
        )
    }
    return [p for p in made if p.step or (p.kind, p.id) not in captured]


def _version(table: str) -> str:
    return f"(SELECT count(*) FROM main.{table}_history h WHERE h.id=t.id AND h.since>0), t.since"


def _appointments(store: Store, owners: Sequence[int], start: date, end: date) -> list[Planned]:
    cal = scope.calendar(store)
    first, last = (moments.stamp_text(moments.parse_stamp(d.isoformat(), cal)) for d in (start, end))
    columns, joins = joined("t")
    sql = (
        f'SELECT t.id,t."when",t.kind,t."text",t.answer,t.duration,t.contact,{_version("activity")},{columns} FROM activity t {joins}'
        f' WHERE t."when">=? AND t."when"<? AND t.owner IN {listed(owners)}'
        " AND (t.\"when\">? OR t.kind IN ('visit','meeting','event')) ORDER BY t.\"when\",t.id"
    )
    out = []
    for number, when, kind, text, answer, length, contact, versions, since, *rest in store.db.execute(
        sql, (first, last, moments.stamp_text(cal.now))
    ):
        local = moments.local_text(when, cal)
        whole = local[11:] == "00:00"
        what = text.partition("\n")[0]
        made = Planned(
            "activity", number, what, local[:10], None if whole else local[11:], about(rest), contact, versions, scope.at(since), kind
        )
        out.append(made._replace(answer=answer or "", minutes=length or 0))
    return out


def _tasks(store: Store, owners: Sequence[int], start: date) -> list[Planned]:
    columns, joins = joined("t")
    sql = (
        f"SELECT t.id,t.name,t.due,t.at,t.contact,t.note,t.priority,t.done,t.repeat,{_version('task')},{columns} FROM task t {joins}"
        f" WHERE t.owner IN {listed(owners)} AND (t.done IS NULL OR t.done>=?) ORDER BY t.due IS NULL,t.due,t.id"
    )
    out = []
    for number, name, due, at, contact, note, priority, done, repeat, versions, since, *rest in store.db.execute(sql, (start.isoformat(),)):
        made = Planned("task", number, name, due, at, about(rest), contact, versions, scope.at(since))
        out.append(made._replace(note=note or "", priority=priority or "", done=done or "", repeat=repeat or ""))
    return out


def _steps(store: Store, owners: Sequence[int], start: date, end: date) -> list[Planned]:
    out = []
    for item in steps(store, owners, start, end):
        sql = f"SELECT t.next_step,t.priority,t.contact,{_version('activity')} FROM activity t WHERE t.id=?"
        what, priority, contact, versions, since = store.db.execute(sql, (item.id,)).fetchone()
        made = Planned("activity", item.id, what, item.day, item.at, item.about, contact, versions, scope.at(since), step=True)
        out.append(made._replace(priority=priority or ""))
    return out


def version(store: Store, kind: str, number: int) -> tuple[int, datetime]:
    """How many versions of a record there were before the present one, and since when that is so."""
    versions, since = store.db.execute(f"SELECT {_version(kind)} FROM {kind} t WHERE t.id=?", (number,)).fetchone()
    return versions, scope.at(since)


def reached(store: Store, contact: int) -> tuple[str, str | None, str | None]:
    """A contact's name, and the phone and e-mail by which they may be reached."""
    sql = (
        "SELECT name, CASE WHEN opt_out_phone IS NULL THEN coalesce(mobile,phone) END, CASE WHEN opt_out_email IS NULL THEN email END"
        " FROM contact WHERE id=?"
    )
    name, phone, email = store.db.execute(sql, (contact,)).fetchone()
    return name, phone, email
