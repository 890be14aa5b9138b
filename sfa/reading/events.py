"""Calendars as a calendar program means them: events with their times, who was asked and what they answered, tasks; the newest state of
each where a folder holds several.

`calendars.py` reads the same files as a table, a row an event.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any, NamedTuple

from sfa.errors import BadValue, NotFound, UsageError
from sfa.messages import say
from sfa.reading import calendars
from sfa.reading.calendars import Item, Unfit

ENDINGS = (".ics", ".ical", ".ifb", ".icalendar")


class Series(NamedTuple):
    """How an event repeats: the rule (without UNTIL) and its last moment by the clock on the wall there, its first time, the zone of it
    (None: a whole day, or wherever one is), times left out and times added as texts of moments."""

    rule: str
    until: datetime | None
    start: datetime
    zone: tzinfo | None
    whole_day: bool
    left_out: frozenset[str]
    added: tuple[str, ...]


class Event(NamedTuple):
    """One event or task. `at` is the time of a series that it is about ("": all of it); moments are texts: a day, a moment in UTC (…Z) or
    one of wherever one is. `minutes`: how long it takes (None: not told, or whole days); `later_too`: it changes all later times of its
    series as well. `people` are (name, address, answer); `order` tells the newer of two states of it, `modified` (UTC, or "") when
    it was changed."""

    line: int
    task: bool
    uid: str
    at: str
    method: str
    status: str
    start: str
    due: str
    series: Series | None
    summary: str
    description: str
    location: str
    kind: str
    done: str
    priority: int
    people: tuple[tuple[str, str, str], ...]
    order: tuple[int, str]
    modified: str
    problem: str = ""
    minutes: int | None = None
    later_too: bool = False


def read(path: str) -> tuple[list[Event], list[str], int]:
    """The events of a calendar file, or of all in a folder: (of each the newest state, names of files that are no calendar, older states
    left out). Raises NotFound, UsageError."""
    if not os.path.exists(path):
        raise NotFound(say("there is no file or folder {path!r}", path=path[-60:]))
    files = list(_files(path)) if os.path.isdir(path) else [path]
    strange: list[str] = []
    found: list[Event] = []
    for name in files:
        text = _text(name)
        if text is None:
            if not os.path.isdir(path):
                raise UsageError(say("{path!r} is no calendar", path=path[-60:]), "It takes iCalendar files (.ics) and folders of them.")
            strange.append(os.path.basename(name))
        else:
            found += _events(text)
    newest, older = _newest(found)
    return newest, strange, older


def _files(folder: str) -> Iterator[str]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        yield from (os.path.join(where, n) for n in sorted(names) if n.lower().endswith(ENDINGS))


def _text(path: str) -> str | None:
    """The text of a calendar file; None for another."""
    try:
        with open(path, "rb") as stream:
            raw = stream.read()
    except OSError as error:
        raise UsageError(say("{path!r} cannot be read: {why}", path=path[-60:], why=error.strerror)) from None
    for codec in ("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "cp1252"):
        try:
            text = raw.decode(codec)
        except UnicodeDecodeError:
            continue
        return text if re.match(r"\s*BEGIN[ \t]*:[ \t]*VCALENDAR", text, re.IGNORECASE) else None
    return None


def _events(text: str) -> Iterator[Event]:
    stream = io.StringIO(text, newline="")
    method = re.search(r"(?im)^METHOD[^:\r\n]*:[ \t]*(\w+)", text)
    calendars.forget_zones()
    for item in calendars.items(stream):
        if item.name == "VTIMEZONE":
            calendars.learn_zone(item)
    for item in calendars.items(stream):
        if item.name in ("VEVENT", "VTODO"):
            yield _event(item, method[1].upper() if method else "")


def _event(item: Item, method: str) -> Event:
    """An event as it stands in the file; one that cannot be read has a problem, and as much as could be."""
    blank = Event(item.line, item.name == "VTODO", "", "", method, "", "", "", None, "", "", "", "", "", 0, (), (0, ""), "", item.problem)
    if item.problem:
        return blank
    try:
        found = calendars.parsed(item)
        broken = next((why for name, why in found.errors if name in (None, "DTSTART", "DUE", "COMPLETED", "UID", "RECURRENCE-ID")), "")
        return (
            blank._replace(problem=say("line {line}: {broken}", line=item.line, broken=broken[:120])) if broken else _filled(blank, found)
        )
    except Unfit as error:
        return blank._replace(problem=say("line {line}: {error}", line=item.line, error=error))
    except Exception as error:  # The library raises what it happens to on what is no iCalendar at all.
        said = " ".join(str(error).split())
        return blank._replace(problem=say("line {line}: not to be read as {name}: {said}", line=item.line, name=item.name, said=said[:80]))


def _filled(blank: Event, found: Any) -> Event:
    text, moment = calendars.text_of, calendars.moment_of
    stamped, changed = moment(found, "DTSTAMP"), moment(found, "LAST-MODIFIED")
    number, priority = text(found, "SEQUENCE"), text(found, "PRIORITY")
    finished = text(found, "STATUS").upper() == "COMPLETED" or text(found, "PERCENT-COMPLETE") == "100"
    event = blank._replace(
        uid=text(found, "UID"),
        at=moment(found, "RECURRENCE-ID"),
        status=text(found, "STATUS").upper(),
        start=moment(found, "DTSTART"),
        due=moment(found, "DUE"),
        series=_series(found),
        summary=" ".join(text(found, "SUMMARY").split()),
        description=text(found, "DESCRIPTION"),
        location=" ".join(text(found, "LOCATION").split()),
        kind=next(filter(None, calendars.kinds_of(found).values()), ""),
        done=moment(found, "COMPLETED") or (stamped or "yes" if finished else ""),
        priority=int(priority) if priority.isascii() and priority.isdigit() else 0,
        people=tuple(calendars.people(found)),
        order=(int(number) if number.isascii() and number.isdigit() else 0, changed or stamped),
        # In a message DTSTAMP says when it was written; elsewhere often only when the file was.
        modified=changed or (stamped if blank.method else ""),
        minutes=calendars.minutes_of(found),
        later_too="RECURRENCE-ID" in found and found["RECURRENCE-ID"].params.get("RANGE", "").upper() == "THISANDFUTURE",
    )
    if not event.uid:
        raise Unfit("it has no UID, so that nobody could know it again")
    if not event.task and not event.start:
        raise Unfit("this event has no start (DTSTART)")
    return event


def _newest(found: Iterable[Event]) -> tuple[list[Event], int]:
    """Of several states of one event the newest alone; answers to invitations (METHOD:REPLY) are no states of it."""
    latest: dict[tuple[str, str, str, str], Event] = {}
    older = 0
    for number, event in enumerate(found):
        answer = ",".join(address for _, address, _ in event.people) if event.method == "REPLY" else ""
        key = (event.uid or say("line {number}", number=number), event.at, answer, event.problem)
        if key in latest:
            older += 1
            if event.order < latest[key].order:
                continue
        latest[key] = event
    return list(latest.values()), older


# Repeated events --------------------------------------------------------------------------------------------------------------------


def _series(found: Any) -> Series | None:
    """How an event repeats; None for one that does not. Of several rules the first counts."""
    rules = found.get("RRULE")
    rule = rules[0] if isinstance(rules, list) and rules else rules
    added = _moments(found, "RDATE")
    if not rule and not added:
        return None
    first = found["DTSTART"].dt
    whole = not isinstance(first, datetime)
    start = datetime.combine(first, time()) if whole else first.replace(tzinfo=None)
    zone = None if whole else first.tzinfo
    parts = dict(part.split("=", 1) for part in str(rule.to_ical(), "ascii").upper().split(";")) if rule else {}
    until = _until(parts.pop("UNTIL", ""), zone)
    for name, own in (("BYHOUR", start.hour), ("BYMINUTE", start.minute), ("BYSECOND", start.second)):
        if parts.get(name) == str(own):
            # What says nothing but its start.
            del parts[name]
    plain = ";".join(f"{n}={v}" for n, v in parts.items())
    return Series(plain, until, start, zone, whole, frozenset(_moments(found, "EXDATE")), tuple(added))


def _until(text: str, zone: tzinfo | None) -> datetime | None:
    if not text:
        return None
    if "T" not in text:
        return datetime.combine(datetime.strptime(text[:8], "%Y%m%d").date(), time(23, 59, 59))
    moment = datetime.strptime(text[:15], "%Y%m%dT%H%M%S")
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None) if zone and text.endswith("Z") else moment


def _moments(found: Any, name: str) -> list[str]:
    """The moments of a property that holds several, or stands several times."""
    values = found.get(name) or []
    every = [each for value in (values if isinstance(values, list) else [values]) for each in getattr(value, "dts", [])]
    # A period (RDATE;VALUE=PERIOD) is its beginning and its end.
    begun = [each.dt[0] if isinstance(each.dt, tuple) else each.dt for each in every]
    return [_moment(each, None) for each in begun if isinstance(each, date)]


def _moment(when: date, zone: tzinfo | None) -> str:
    if not isinstance(when, datetime):
        return when.isoformat()
    aware = when if when.tzinfo or zone is None else when.replace(tzinfo=zone)
    return aware.astimezone(UTC).isoformat()[:19] + "Z" if aware.tzinfo else when.isoformat()[:19]


def times(series: Series, first: date, last: date) -> list[str]:
    """The moments of a series on the days from `first` to `last`, without those left out. Raises BadValue for a rule that is not
    understood."""
    from sfa.sales.recurrence import occurrences

    found = occurrences(series.rule, series.start, series.until, first, last) if series.rule else []
    own = [_moment(m.date() if series.whole_day else m, series.zone) for m in found]
    if not series.rule and first <= series.start.date() <= last:
        own = [_moment(series.start.date() if series.whole_day else series.start, series.zone)]
    more = [m for m in series.added if first.isoformat() <= m[:10] <= last.isoformat()]
    return [m for m in sorted({*own, *more}) if m not in series.left_out]


def readable(series: Series) -> bool:
    """Whether the rule of a series is understood."""
    try:
        times(series, series.start.date(), series.start.date())
    except (BadValue, ValueError, TypeError, OverflowError):
        return False
    return True
