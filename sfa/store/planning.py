"""Tasks and next steps in the file: what follows when one is done, what else is planned at a time, what one is about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

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
            return f" on {refs.show(name, task[name], store.site)} {lookup.label(store.kinds[name], record)}"
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
        f"; the next one is {refs.show(kind.name, number, store.site)}, {date.fromisoformat(following['due']):%a} {following['due']}",
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
    return f"; {refs.show(kind.name, deal['id'], op.store.site)} {lookup.label(kind, deal)} has no next step now"


def clashes(store: Store, task: Record) -> list[tuple[str, str, str]]:
    """(reference, what, time) of what else the owner has within an hour of a task with a time: tasks and planned activities."""
    if not (task.get("at") and task.get("due") and task.get("owner") and not task.get("done")):
        return []
    cal = store.calendar
    day = date.fromisoformat(task["due"])
    start, end = (moments.stamp_text(moments.parse_stamp(d.isoformat(), cal)) for d in (day, day + timedelta(days=1)))
    planned = store.db.execute(
        "SELECT id,name,at FROM task WHERE owner=? AND due=? AND done IS NULL AND at IS NOT NULL AND id<>? ORDER BY at",
        (task["owner"], task["due"], task["id"]),
    ).fetchall()
    found = [(refs.show("task", n, store.site), name, at) for n, name, at in planned]
    now = moments.stamp_text(cal.now)
    logged = 'SELECT id,"text","when" FROM activity WHERE "when">=? AND "when"<? AND "when">? AND owner=? ORDER BY "when"'
    for n, text, when in store.db.execute(logged, (start, end, now, task["owner"])).fetchall():
        found.append(
            (
                refs.show("activity", n, store.site),
                lookup.label(store.kinds["activity"], {"text": text}),
                moments.local_text(when, cal)[11:],
            )
        )
    near = set(tasks.clashes(task["at"], [at for _, _, at in found]))
    return [f for f in found if f[2] in near]
