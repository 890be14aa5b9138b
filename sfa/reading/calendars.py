"""Calendars (iCalendar, RFC 5545) as a table: one row an event, a task or a journal entry, columns named like our fields.

The properties are read by the library icalendar, one component at a time: so a bad one costs itself alone and has its line. A repeated
event is one row, its first time. Whom the attendees are is not known here: their addresses stand in the columns of contact and lead.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TextIO

from sfa.messages import say
from sfa.reading.contentlines import LONGEST, physical, unescaped
from sfa.reading.tabular import Row
from sfa.sales.appointments import kind_of
from sfa.sales.kinds import ACTIVITY_KINDS
from sfa.sales.spans import LONGEST as LONGEST_STAY

COLUMNS = (
    "id",
    "external_id",
    "when",
    "kind",
    "text",
    "contact",
    "lead",
    "next_step",
    "due",
    "done",
    "ends",
    "duration",
    "location",
    "categories",
    "url",
)
NEXT = "-next"
"""What the UID of a task ends with that this program wrote beside an activity, for its next step."""
_READ = ("VEVENT", "VTODO", "VJOURNAL")
_WHOLE = (*_READ, "VTIMEZONE", "VFREEBUSY")
_OURS = "X-SFA-"
_OWN_ID = re.compile(r"(?i)AC-[0-9a-z]{4}-[0-9]{1,12}\Z")
_KINDS = {
    "call": r"call|phone|telephone|anruf|telefonat|appel|llamada|电话|電話",
    "email": r"e-?mail|mail|邮件|メール",
    "note": r"note|notiz|备注",
    "visit": r"visit|besuch|visite|visita|拜访|訪問",
    "meeting": r"meeting|termin|appointment|réunion|reunión|riunione|会议|会議",
    **{kind: kind for kind in ACTIVITY_KINDS if kind not in ("call", "email", "note", "visit", "meeting")},
}


class Item(NamedTuple):
    """One component of a calendar as it stands in the file: where it begins, its name, its lines, why it cannot be trusted."""

    line: int
    name: str
    lines: list[str]
    problem: str = ""


class _Known(NamedTuple):
    """What is known of a file before its events are read: UIDs of repeated events, and what is passed over."""

    masters: set[str]
    passed: Counter[str]


def survey(stream: TextIO, codec: str) -> tuple[list[str], list[str]]:
    """The columns that the events of a file fill, in our order, and what there is to say about the file."""
    known = _look(stream)
    used, many, repeated = Counter[str](), 0, 0
    for item in items(stream):
        if not _passed(item, known):
            many += 1
            repeated += any(re.match(r"(?i)RRULE|RDATE", line) for line in item.lines)
            used.update(name for name, text in _cells(item)[0].items() if text)
    notes = [say("{many:,} event{s} and tasks", many=many, s="s" if many != 1 else "") if many != 1 else "1 event or task"]
    if repeated:
        notes.append(
            say("{repeated:,} repeated event{s}: only the first time of each is taken", repeated=repeated, s="s" if repeated > 1 else "")
        )
    notes += [f"{n:,} {what}" for what, n in known.passed.items()]
    order = {name: n for n, name in enumerate(COLUMNS)}
    return sorted(used, key=lambda name: (order.get(name, len(order)), name)) or ["text"], notes


def rows(stream: TextIO, codec: str, header: list[str]) -> Iterator[Row]:
    """Each event, task and journal entry as a row of `header`."""
    known = _look(stream)
    for item in items(stream):
        if not _passed(item, known):
            cells, problem = _cells(item)
            yield Row(item.line, [cells.get(name, "") for name in header], problem)


def items(stream: TextIO) -> Iterator[Item]:
    """Every component, in order; one that does not end stands there with a problem, and so does text outside all of them."""
    start, name, within, stray, size = 0, "", 0, False, 0
    lines: list[str] = []
    stream.seek(0)
    for number, line in physical(stream):
        mark, _, what = line.strip("\ufeff \t").upper().partition(":")
        what = what.strip()
        if mark == "BEGIN" and (what in _WHOLE or what == "VCALENDAR"):
            if start:
                yield Item(
                    start,
                    name,
                    lines,
                    say("line {start}: this {name} never ends: another begins in line {number}", start=start, name=name, number=number),
                )
            start, name, lines, size = (0, "", [], 0) if what == "VCALENDAR" else (number, what, [], 0)
            within += what == "VCALENDAR"
            stray = False
        elif mark == "END" and start and what == name:
            long = (
                say("line {start}: this {name} is longer than {longest} million characters", start=start, name=name, longest=LONGEST >> 20)
                if size > LONGEST
                else ""
            )
            yield Item(start, name, lines, long)
            start = 0
        elif mark == "END" and what == "VCALENDAR":
            if start:
                yield Item(start, name, lines, say("line {start}: this {name} never ends", start=start, name=name))
            start, within = 0, max(0, within - 1)
        elif start:
            size += len(line)
            if size <= LONGEST:
                lines.append(line)
        elif not within and line.strip("\ufeff \t\x1a"):
            if not stray:
                yield Item(
                    number, "VEVENT", [], say("line {number}: {line!r} belongs to no calendar", number=number, line=line.strip()[:40])
                )
            stray = True
    if start:
        yield Item(start, name, lines, say("line {start}: this {name} never ends", start=start, name=name))


def _look(stream: TextIO) -> _Known:
    """Go through a file once before it is read: time zones are made known, repeated events counted."""
    masters: set[str] = set()
    changed: list[str] = []
    passed = Counter[str]()
    forget_zones()
    for item in items(stream):
        if item.name == "VTIMEZONE":
            learn_zone(item)
        elif item.name == "VFREEBUSY":
            passed["lists of free and busy times left out"] += 1
        elif _value(item, "RECURRENCE-ID"):
            changed.append(_value(item, "UID"))
        else:
            masters.add(_value(item, "UID"))
            passed["cancelled, left out"] += _value(item, "STATUS").upper() == "CANCELLED"
            passed["next steps, which are their activities'"] += is_next(item)
    passed["changed times of repeated events left out"] += sum(uid in masters for uid in changed)
    return _Known(masters, +passed)


def _passed(item: Item, known: _Known) -> bool:
    """Whether a component is no row of its own."""
    if item.name not in _READ:
        return True
    if _value(item, "RECURRENCE-ID"):
        return _value(item, "UID") in known.masters
    return not item.problem and (_value(item, "STATUS").upper() == "CANCELLED" or is_next(item))


def is_next(item: Item) -> bool:
    uid = _value(item, "UID")
    return item.name == "VTODO" and uid.endswith(NEXT) and bool(_OWN_ID.match(uid.removesuffix(NEXT)))


def _value(item: Item, name: str) -> str:
    """A property's value as it stands in the lines, of those that are neither escaped nor long."""
    found = next((line for line in item.lines if re.match(name + r"[;:]", line, re.IGNORECASE)), "")
    return found.partition(":")[2].strip()


def parsed(item: Item) -> Any:
    from icalendar import Component

    lines = [f"BEGIN:{item.name}", *(line for line in item.lines if line.strip()), f"END:{item.name}", ""]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Component.from_ical("\r\n".join(lines))


def forget_zones() -> None:
    """Forget the time zones that other files define: two mean different ones by `Customized Time Zone`."""
    from icalendar.timezone import tzp

    tzp.use_default()


def learn_zone(item: Item) -> None:
    """Make a time zone that a file defines known to the library; one that it cannot use is told where an event needs it."""
    from icalendar import Calendar

    lines = ["BEGIN:VCALENDAR", f"BEGIN:{item.name}", *item.lines, f"END:{item.name}", "END:VCALENDAR", ""]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            Calendar.from_ical("\r\n".join(lines))
        except Exception:  # The library raises what it happens to.
            return


def _cells(item: Item) -> tuple[dict[str, str], str]:
    """The cells of a component by column, and why it cannot be trusted."""
    cells: dict[str, str] = {}
    broken = ""
    try:
        event = parsed(item)
        broken = next((why for name, why in event.errors if name in (None, "DTSTART", "DUE", "COMPLETED", "UID")), "")
        _fill(cells, event, item.name)
    except Unfit as error:
        broken = broken or str(error)
    except Exception as error:  # The library raises what it happens to on what is no iCalendar at all.
        said = " ".join(str(error).split())
        broken = broken or say("not to be read as {name}: {said}", name=item.name, said=said[:80])
    return cells, item.problem or (say("line {line}: {broken}", line=item.line, broken=broken[:120]) if broken else "")


class Unfit(Exception):
    """Why an event cannot be an activity."""


def _fill(cells: dict[str, str], event: Any, name: str) -> None:
    uid = text_of(event, "UID")
    if event.get("RECURRENCE-ID"):
        uid = of_time(uid, moment_of(event, "RECURRENCE-ID"))
    cells["id" if _OWN_ID.match(uid) else "external_id"] = uid
    summary, description = text_of(event, "SUMMARY"), text_of(event, "DESCRIPTION")
    cells["text"] = description if description.startswith(summary) else f"{summary}\n{description}".strip()
    kinds = kinds_of(event)
    cells["kind"] = next(filter(None, kinds.values()), "") or (kind_of(text_of(event, "LOCATION")) if name == "VEVENT" else "note")
    cells["categories"] = ", ".join(w for w, kind in kinds.items() if not kind)
    cells["location"], cells["url"] = text_of(event, "LOCATION"), text_of(event, "URL")
    cells["contact"] = cells["lead"] = ", ".join(dict.fromkeys(address for _, address, _ in people(event)))
    for key in event:
        if key.upper().startswith(_OURS):
            cells[key.upper().removeprefix(_OURS).lower().replace("-", "_")] = unescaped(text_of(event, key))
    if name == "VTODO":
        cells["next_step"] = summary or description.partition("\n")[0]
        cells["due"] = moment_of(event, "DUE")[:10]
        done = text_of(event, "STATUS").upper() == "COMPLETED" or "COMPLETED" in event or text_of(event, "PERCENT-COMPLETE") == "100"
        cells["done"] = "yes" if done else "no"
        cells["when"] = (moment_of(event, "COMPLETED") if done else "") or moment_of(event, "CREATED") or moment_of(event, "DTSTAMP")
        return
    cells["when"] = moment_of(event, "DTSTART") or (moment_of(event, "DTSTAMP") if name == "VJOURNAL" else "")
    cells["ends"] = moment_of(event, "DTEND")
    cells["duration"] = str(minutes_of(event) or "")
    if not cells["when"]:
        raise Unfit("this event has no start (DTSTART)")


def minutes_of(event: Any) -> int | None:
    """How long an event with a time of day takes, in minutes."""
    start, end, length = (getattr(event.get(n), "dt", getattr(event.get(n), "td", None)) for n in ("DTSTART", "DTEND", "DURATION"))
    if not isinstance(start, datetime):
        return None
    if isinstance(end, datetime) and (start.tzinfo is None) == (end.tzinfo is None):
        # Two moments of one zone are subtracted by the clock on the wall, which jumps.
        length = end.astimezone(UTC) - start.astimezone(UTC) if start.tzinfo else end - start
    made = round(length.total_seconds() / 60) if isinstance(length, timedelta) else 0
    return made if 0 < made <= LONGEST_STAY else None


def text_of(event: Any, name: str) -> str:
    value = event.get(name)
    value = value[0] if isinstance(value, list) and value else value
    if value is None or isinstance(value, list):
        return ""
    return str(value).replace("\r\n", "\n").strip()


def of_time(uid: str, moment: str) -> str:
    """What one time of a repeated event is known by."""
    return f"{uid}/{re.sub('[-:]', '', moment)}" if moment else uid


def kinds_of(event: Any) -> dict[str, str]:
    """Each category of an event with the kind of activity that it names, if any."""
    words = categories(event)
    return {w: next((k for k, p in _KINDS.items() if re.search(rf"(?i)(?<![a-z])(?:{p})(?![a-z])", w)), "") for w in words}


def categories(event: Any) -> list[str]:
    found = event.get("CATEGORIES") or []
    groups = found if isinstance(found, list) else [found]
    return [str(c).strip() for g in groups for c in getattr(g, "cats", [g]) if str(c).strip()]


def people(event: Any) -> list[tuple[str, str, str]]:
    """(Name, address, what they answered) of those who were there, the organizer behind the attendees."""
    out = []
    for name in ("ATTENDEE", "ORGANIZER"):
        found = event.get(name) or []
        for each in found if isinstance(found, list) else [found]:
            address = re.sub(r"(?i)^mailto:", "", str(each)).strip().lower()
            if "@" in address:
                given = getattr(each, "params", {})
                out.append((str(given.get("CN", "")), address, str(given.get("PARTSTAT", "")).upper()))
    return out


def moment_of(event: Any, name: str) -> str:
    """A date, or a moment in UTC, or (where the file names no zone) in whatever zone the company is in; "" for what is neither."""
    from icalendar.prop import vBroken

    value = event.get(name)
    if isinstance(value, vBroken) or not hasattr(value, "dt"):
        return ""
    when, zone = value.dt, value.params.get("TZID")
    if isinstance(when, datetime):
        if when.tzinfo is not None:
            return when.astimezone(UTC).isoformat()[:19] + "Z"
        if zone:
            raise Unfit(say("{name}: the time zone {zone!r} is not known", name=name, zone=str(zone)[:60]))
    return str(when.isoformat()) if hasattr(when, "isoformat") else ""
