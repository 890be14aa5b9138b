"""Appointments and tasks as a calendar program takes them: events and to-dos (RFC 5545) that stay the same while nothing changes.

What was logged goes out as `exchange.py` has it; this is what is planned. UIDs are the records' own global ids, SEQUENCE counts their
versions, LAST-MODIFIED is when the present one began: a program knows by them what it has seen, and `sfa capture calendar` what was changed
there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

TODO = ("name", "due", "at", "priority", "done", "repeat", "note")
"""Fields of a task that a to-do has a place for."""
LENGTH = timedelta(hours=1)
"""How long an appointment takes as far as anybody knows."""


class Version(NamedTuple):
    """Which state of a record this is: its global id, how many there were before it, when it began."""

    uid: str
    number: int
    since: datetime


def appointment(of: Version, what: str, about: str, when: datetime | date, kind: str, answer: str = "", minutes: int = 0) -> str:
    """A planned activity, or a task with a time, as an event; a date for one that takes the day. One that nobody has answered yet is
    tentative."""
    from icalendar import Event

    event: Any = Event()
    _stamp(event, of)
    event.add("DTSTART", when)
    if isinstance(when, datetime):
        event.add("DURATION", timedelta(minutes=minutes) if minutes else LENGTH)
    event.add("SUMMARY", what)
    if about:
        event.add("DESCRIPTION", about)
    event.add("CATEGORIES", [kind.upper()])
    event.add("STATUS", "TENTATIVE" if answer in ("tentative", "open") else "CONFIRMED")
    return str(event.to_ical(), "utf-8")


def todo(
    of: Version,
    what: str,
    about: str,
    due: datetime | date | None,
    priority: int = 0,
    done: date | None = None,
    repeat: str = "",
    also: Mapping[str, str] | None = None,
) -> str:
    """A task, or a next step, as a to-do; the values of `also` go along under their own names."""
    from icalendar import Todo, vRecur, vText

    task: Any = Todo()
    _stamp(task, of)
    task.add("SUMMARY", what)
    if about:
        task.add("DESCRIPTION", about)
    if due is not None:
        task.add("DUE", due)
        if repeat:
            # What repeats needs a start, which the rule is counted from.
            task.add("DTSTART", due)
            task.add("RRULE", vRecur.from_ical(repeat))
    if priority:
        task.add("PRIORITY", priority)
    task.add("STATUS", "COMPLETED" if done else "NEEDS-ACTION")
    if done:
        task.add("COMPLETED", datetime(done.year, done.month, done.day, 12, tzinfo=UTC))
    for name, text in (also or {}).items():
        task.add("X-SFA-" + name.upper().replace("_", "-").replace(".", "-"), vText(text))
    return str(task.to_ical(), "utf-8")


def _stamp(component: Any, of: Version) -> None:
    component.add("UID", of.uid)
    component.add("DTSTAMP", of.since)
    component.add("LAST-MODIFIED", of.since)
    component.add("SEQUENCE", of.number)


def whole(parts: Sequence[str]) -> str:
    """A calendar of these events and to-dos."""
    from sfa.writing.exchange import calendar_begin, calendar_end

    return calendar_begin() + "".join(parts) + calendar_end()
