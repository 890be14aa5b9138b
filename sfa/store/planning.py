"""Tasks and next steps in the file: what follows when one is done, what else is planned at a time, what one is about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, NamedTuple

from sfa.messages import say
from sfa.sales import moments, refs, tasks
from sfa.sales.kinds import Kind
from sfa.store import deals, lookup
from sfa.store.database import Store
from sfa.store.operations import Operation

Record = dict[str, Any]
ABOUT = ("opportunity", "lead", "contact", "account")
"""What a task or an activity is about, the most specific first."""


def called(kind: Kind, record: Record) -> str:
    """What is to be done: a task's name, an activity's next step."""
    text = str(record["name"] if kind.name == "task" else record["next_step"])
    return text if len(text) <= 60 else text[:59] + "…"


def about(store: Store, task: Record) -> str:
    """` on O-12 Dock cranes`, or nothing."""
    for name in ABOUT:
        if task.get(name) is not None:
            record = lookup.get(store, name, task[name]) or {}
            return say(" on {ref} {label}", ref=refs.show(name, task[name], store.site), label=lookup.label(store.kinds[name], record))
    return ""


def only_open(store: Store, text: str) -> int | None:
    """The only open task whose name is `text` or holds every word of it; None for none or several: then all tasks are looked through."""
    for sql, params in (
        ("name=? COLLATE NOCASE", [text.strip()]),
        (" AND ".join("instr(lower(name),?)" for _ in text.split()) or "0", text.lower().split()),
    ):
        found = store.db.execute(f"SELECT id FROM task WHERE done IS NULL AND {sql} LIMIT 2", params).fetchall()
        if found:
            return int(found[0][0]) if len(found) == 1 else None
    return None


def only_step(store: Store, text: str) -> int | None:
    """The only activity whose open next step holds every word of `text`, of one's own activities; None for none or several."""
    from sfa.store.operations import find_me

    sql = " AND ".join("instr(lower(next_step),?)" for _ in text.split()) or "0"
    own = f"SELECT id FROM activity WHERE owner=? AND next_step IS NOT NULL AND done IS NOT 1 AND {sql} LIMIT 2"
    found = store.db.execute(own, [find_me(store), *text.lower().split()]).fetchall()
    return int(found[0][0]) if len(found) == 1 else None


def finish(op: Operation, kind: Kind, record: Record) -> tuple[str, str]:
    """Mark a task or an activity's next step as done; returns what it was and what followed, in words."""
    store = op.store
    today = store.calendar.today
    named = f"{refs.show(kind.name, record['id'], store.site)} {called(kind, record)}"
    if kind.name == "activity":
        deals.change(op, kind, record, {"done": 1})
        return named, _off_the_deal(op, record)
    deals.change(op, kind, record, {"done": today.isoformat()})
    following = tasks.successor(record, today)
    if following is None:
        return named, "; it was the last one" if record.get("repeat") else ""
    number = deals.add(op, kind, following)
    return (
        named,
        say(
            "; the next one is {ref}, {day:%a} {due}",
            ref=refs.show(kind.name, number, store.site),
            day=date.fromisoformat(following["due"]),
            due=following["due"],
        ),
    )


def _off_the_deal(op: Operation, activity: Record) -> str:
    """A deal whose next step was this one has none any more, or that of its newest activity whose step is still open."""
    if activity.get("opportunity") is None:
        return ""
    kind = op.store.kinds["opportunity"]
    deal = lookup.get(op.store, kind.name, activity["opportunity"])
    if deal is None or deal["next_step"] != activity["next_step"]:
        return ""
    deals.change(op, kind, deal, {"next_step": None})
    return say("; {ref} {label} has no next step now", ref=refs.show(kind.name, deal["id"], op.store.site), label=lookup.label(kind, deal))


def clashes(store: Store, kind: Kind, record: Record) -> list[tuple[str, str, str]]:
    """(reference, what, time) of what else the owner has at the hour of a task or next step with a time, or of an activity to come: tasks,
    next steps and planned activities."""
    own = _hour(store, kind, record)
    if own is None or not record.get("owner"):
        return []
    day, at, length = own
    planned = [p for p in _planned(store, record["owner"], day) if p[:2] != (kind.name, record["id"])]
    near = tasks.clashes(at, length, [(p.at, p.length) for p in planned])
    return [(refs.show(p.kind, p.id, store.site), p.text, p.at) for p, clash in zip(planned, near, strict=True) if clash]


def _hour(store: Store, kind: Kind, record: Record) -> tuple[date, str, int] | None:
    """The day, the time and the minutes that a record is planned for; of an activity those of its next step, else its own if it is to
    come."""
    if record.get("at") and record.get("due"):
        return date.fromisoformat(record["due"]), record["at"], tasks.CLASH
    when = record.get("when") if kind.name == "activity" else None
    if not when or when <= moments.stamp_text(store.calendar.now):
        return None
    local = moments.local_text(when, store.calendar)
    return date.fromisoformat(local[:10]), local[11:16], record.get("duration") or tasks.CLASH


class _Plan(NamedTuple):
    """Something with a time on a day."""

    kind: str
    id: int
    text: str
    at: str
    length: int


def _planned(store: Store, owner: int, day: date) -> list[_Plan]:
    """What a person has on a day, with times, in their order."""
    cal, day_text = store.calendar, day.isoformat()
    start, end = (moments.stamp_text(moments.parse_stamp(d.isoformat(), cal)) for d in (day, day + timedelta(days=1)))
    read, label = store.db.execute, lookup.label
    tasks_ = "SELECT id,name,at FROM task WHERE owner=? AND due=? AND done IS NULL AND at IS NOT NULL"
    steps = "SELECT id,next_step,at FROM activity WHERE owner=? AND due=? AND next_step IS NOT NULL AND done IS NOT 1 AND at IS NOT NULL"
    found = [_Plan("task", n, text, at, tasks.CLASH) for n, text, at in read(tasks_, (owner, day_text)).fetchall()]
    found += [_Plan("activity", n, text, at, tasks.CLASH) for n, text, at in read(steps, (owner, day_text)).fetchall()]
    come = 'SELECT id,"text","when",duration FROM activity WHERE "when">=? AND "when"<? AND "when">? AND owner=?'
    for n, text, when, length in read(come, (start, end, moments.stamp_text(cal.now), owner)).fetchall():
        at = moments.local_text(when, cal)[11:16]
        found.append(_Plan("activity", n, label(store.kinds["activity"], {"text": text}), at, length or tasks.CLASH))
    return sorted(found, key=lambda p: (p.at, p.kind, p.id))
