"""What is planned as a calendar: a file or a folder that a calendar program subscribes to, and tasks as to-dos."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime

from sfa import output
from sfa.commands.files import may_write, written_whole
from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales import appointments, moments, refs, values
from sfa.store import lookup
from sfa.store.database import Store
from sfa.store.queries import feed
from sfa.store.queries.feed import Planned
from sfa.writing import schedule
from sfa.writing.exchange import PRODUCT

_OWN_FILE = re.compile(r"(?:AC|K)-[0-9a-z]{4}-[0-9]{1,12}(?:-next)?\.ics")
"""What the files are called that we write into a folder."""


def write(store: Store, path: str, people: list[int], start: date, end: date, yes: bool) -> None:
    """Write what is planned for `people` into a file, or a file each into a folder, where those of what is planned no more go.

    A file that we wrote is written over unasked. Raises Declined for another one."""
    parts = {_uid(store, p): _part(store, p) for p in feed.planned(store, people, start, end)}
    if os.path.isdir(path):
        wrote, gone = _folder(path, parts)
        output.message(
            say(
                "Wrote {count:,} appointments and tasks to {path}: {wrote:,} changed, {gone:,} taken off",
                count=len(parts),
                path=path,
                wrote=wrote,
                gone=gone,
            )
        )
        return
    if os.path.splitext(path)[1].lower() not in (".ics", ".ical"):
        raise UsageError(say("{path!r} is no calendar's name", path=path[-60:]), "End it in .ics, or name a folder that is there.")
    may_write(path, yes, _is_ours)
    with written_whole(path) as stream:
        stream.write(schedule.whole(list(parts.values())))
    output.message(say("Wrote {count:,} appointments and tasks to {path}", count=len(parts), path=path))


def _folder(path: str, parts: dict[str, str]) -> tuple[int, int]:
    """Bring a folder up to date: (files written, files taken off). One that says the same stays as it is."""
    wrote = 0
    for uid, part in parts.items():
        name, text = os.path.join(path, f"{uid}.ics"), schedule.whole([part])
        if not os.path.exists(name) or _read(name) != text:
            with written_whole(name) as stream:
                stream.write(text)
            wrote += 1
    gone = [n for n in os.listdir(path) if _OWN_FILE.fullmatch(n) and n.removesuffix(".ics") not in parts]
    for name in gone:
        if _is_ours(os.path.join(path, name)):
            os.remove(os.path.join(path, name))
    return wrote, len(gone)


def _read(path: str) -> str:
    with open(path, encoding="utf-8", newline="", errors="replace") as stream:
        return stream.read()


def _is_ours(path: str) -> bool:
    """Whether a file is a calendar that we wrote."""
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            head = stream.read(400)
    except OSError:
        return False
    return head.startswith("BEGIN:VCALENDAR") and f"PRODID:{PRODUCT}" in head


def _uid(store: Store, planned: Planned) -> str:
    from sfa.reading.calendars import NEXT

    return refs.long_form(planned.kind, planned.id) + (NEXT if planned.step else "")


def _part(store: Store, planned: Planned) -> str:
    """An appointment as an event, everything else as a to-do."""
    of = schedule.Version(_uid(store, planned), planned.number, planned.since.replace(microsecond=0))
    told, what = _about(store, planned), values.visible(planned.what)
    if planned.of or (planned.at and not planned.done and not planned.step):
        when = moment(store, planned.day, planned.at)
        assert when is not None
        return schedule.appointment(of, what, told, when, planned.of or "appointment", planned.answer, planned.minutes)
    done = date.fromisoformat(planned.done) if planned.done else None
    due = moment(store, planned.day, planned.at)
    return schedule.todo(of, what, told, due, appointments.number(planned.priority), done, planned.repeat)


def moment(store: Store, day: str | None, at: str | None) -> datetime | date | None:
    """A day, or with a time of day that moment in UTC."""
    if day is None or not at:
        return date.fromisoformat(day) if day else None
    return moments.parse_stamp(f"{day} {at}", store.calendar).astimezone(UTC)


def _about(store: Store, planned: Planned) -> str:
    """What there is to know beside it, for a telephone's screen: the note, what it is about, with whom."""
    lines = [planned.note] if planned.note else []
    if planned.about:
        kind, number, name = planned.about
        lines.append(f"{refs.show(kind, number, store.site)} {name}{_whose(store, kind, number)}")
    if planned.contact is not None:
        name, phone, email = feed.reached(store, planned.contact)
        lines.append(", ".join(filter(None, (name, phone, email))))
    return values.visible("\n".join(dict.fromkeys(lines)))


def _whose(store: Store, kind: str, number: int) -> str:
    if kind != "opportunity":
        return ""
    account = (lookup.get(store, kind, number) or {}).get("account")
    return say(", {lookup}", lookup=(lookup.get(store, "account", account) or {}).get("name")) if account else ""
