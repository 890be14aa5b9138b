"""What a task is by its rules: a day with or without a time, a way to repeat, and what comes after it is done."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from sfa.errors import BadValue, UsageError
from sfa.messages import say

Record = dict[str, Any]
_TIME = r"(?i)(?:(?P<day>.*?\S)\s+(?:at\s+)?|(?P<iso>\d{4}-\d\d-\d\d)T)?(?P<clock>\d{1,2}:\d\d|\d{1,2}(?::\d\d)?\s?[ap]m)\Z"
CLASH = 60
"""Minutes that an appointment takes."""


def timed(texts: dict[str, str]) -> dict[str, str]:
    """The fields as typed, with the time of day in `due` ('fri 14:30') moved to `at`; a time alone is today's."""
    found = re.match(_TIME, (texts.get("due") or "").strip())
    if found:
        return {**texts, "due": found["day"] or found["iso"] or "today", "at": found["clock"]}
    return texts


def clock(text: str) -> str:
    """A time of day as `14:30`, from 14:30, 9:00, 2pm or 2:30 pm. Raises BadValue."""
    m = re.fullmatch(r"(\d{1,2})(?::(\d\d))?\s?([ap]m)?", text.strip().lower(), re.A)
    if m and (m[2] or m[3]):
        hour, minute = int(m[1]), int(m[2] or 0)
        if m[3]:
            hour = hour % 12 + (12 if m[3] == "pm" else 0) if 1 <= hour <= 12 else 24
        if hour < 24 and minute < 60:
            return f"{hour:02}:{minute:02}"
    raise BadValue(say("time: {text!r} is not a time of day", text=text[:60]), "As in 14:30 or 2pm.")


def planned(given: Record, before: Record | None, today: date) -> Record:
    """A task's values by its rules: `given` as stored, with the time and the way to repeat in one form. Raises BadValue, UsageError."""
    out, whole = dict(given), {**(before or {}), **given}
    if given.get("at"):
        out["at"] = clock(given["at"])
    from sfa.sales import recurrence

    rule, due = whole.get("repeat"), whole.get("due")
    if given.get("repeat"):
        out["repeat"] = rule = recurrence.parse(given["repeat"], date.fromisoformat(due) if due else today)
    if rule and not due:
        if before is not None and "due" in given:
            raise UsageError("a task that repeats needs a day", "Blank repeat too: repeat=")
        start = recurrence.first(rule, today)
        if start is None:
            raise BadValue(say("{rule} has no day to come", rule=rule))
        out["due"] = due = start.isoformat()
    if whole.get("at") and not due:
        if before is None or "at" in given:
            raise UsageError("a time needs a day", "As in --due 'fri 14:30'.")
        out["at"] = None
    if before is not None and "due" in given and given["due"] != before.get("due") and "snoozed" not in given:
        out["snoozed"] = None
    if before is not None and before.get("repeat") and before.get("due") and "due" in given and "repeat" not in given:
        # Moving one of several moves no other: the day that it had counts when the next one is made.
        out["slot"] = before.get("slot") or before["due"]
    elif "repeat" in given and before is not None:
        out["slot"] = None
    return out


def step_timed(given: Record, before: Record | None) -> Record:
    """An activity's values, its next step's time in one form: a time needs a day, and goes with it. Raises BadValue, UsageError."""
    out, whole = dict(given), {**(before or {}), **given}
    if given.get("at"):
        out["at"] = clock(given["at"])
    if whole.get("at") and not whole.get("due"):
        if given.get("at"):
            raise UsageError("a time needs a day", "As in --due 'fri 14:30'.")
        out["at"] = None
    return out


def successor(task: Record, done: date) -> Record | None:
    """The task that comes after one that repeats and is done; None where nothing does."""
    if not task.get("repeat") or not task.get("due"):
        return None
    from sfa.sales import recurrence

    found = recurrence.following(task["repeat"], date.fromisoformat(task.get("slot") or task["due"]), done)
    if found is None:
        return None
    kept = ("name", "at", "priority", "opportunity", "account", "contact", "lead", "owner", "note")
    return {**{n: task.get(n) for n in kept}, "due": found[0].isoformat(), "repeat": found[1]}


def day_of(due: str | None, snoozed: str | None) -> str | None:
    """The day on which a task asks for attention: due, or later where it was snoozed."""
    return max(due or snoozed or "", snoozed or "") or None


def late(day: str | None, today: date) -> str:
    """How a day stands to today, in a few characters: `today`, `3 d late`, the weekday of the week to come, else the date."""
    if day is None:
        return ""
    then = date.fromisoformat(day)
    days = (today - then).days
    if days > 0:
        return say("{days} d late", days=days) if days < 1000 else say("late")
    if days == 0:
        return say("today")
    return say("{then:%a}", then=then) if then < today + timedelta(days=7) else f"{then:%m-%d}" if then.year == today.year else day


def clashes(at: str, length: int, others: list[tuple[str, int]]) -> list[bool]:
    """Which of the others (time of day, minutes) overlap what begins `at` and takes `length` minutes."""

    def minutes(t: str) -> int:
        return int(t[:2]) * 60 + int(t[3:5])

    start = minutes(at)
    return [start < minutes(t) + long and minutes(t) < start + length for t, long in others]
