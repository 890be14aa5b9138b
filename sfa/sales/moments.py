"""Moments: dates with a time of day, in the company's time zone, stored in UTC. Days and periods are `dates.py`'s."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import NamedTuple

from sfa.errors import BadValue
from sfa.messages import say
from sfa.sales.dates import DATE_HINT, Calendar, Unreadable, find_day, plainly, read_date, signed, within

_STAMP_HINT = "write it as '2026-11-23 14:30', 'fri 14:30', 2026-11-23T14:30:00Z, now or -2h"


class _Timed(NamedTuple):
    """A text cut into its date ("" for none), its time of day and, where it names one, its zone."""

    day: str
    clock: time
    zone: tzinfo | None


def parse_stamp(text: str, cal: Calendar, end: bool = False) -> datetime:
    """Read a moment, aware and UTC.

    ISO timestamps, Salesforce's 2024-01-22T20:36:47.000+0000 and 02/24/26 02:18 AM, any day of parse_date with a time ("fri
    14:30", "tomorrow 9am") or a time alone for today; without a zone in the zone. A day alone is its start, with `end` its last
    millisecond. now; -2h, +30min, "2 hours ago" count from now.
    """
    try:
        return _read_stamp(plainly(text), cal, end)
    except Unreadable as fault:
        raise fault.about(text) from None


def parse_past(text: str, cal: Calendar, *, end: bool = False) -> datetime:
    """As `parse_stamp` for what can only lie behind: a weekday (`mon`) is the last one."""
    found = parse_stamp(text, cal, end=end)
    if found > cal.now and text.strip().isalpha():
        try:
            return parse_stamp(f"last {text.strip()}", cal, end=end)
        except BadValue:
            return found
    return found


def stamp_text(moment: datetime) -> str:
    """The stored form of an aware moment, whole seconds, UTC: "2026-11-23T09:15:00Z"."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be stored")
    return moment.astimezone(UTC).isoformat()[:19] + "Z"


def local_text(stamp: str, cal: Calendar) -> str:
    """A stored moment for people, in the zone, to the minute: "2026-11-23 10:15"."""
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        raise Unreadable("is not a stored timestamp", "it should look like 2026-11-23T09:15:00Z").about(stamp) from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(zone_of(cal)).isoformat(" ")[:16]
    except OverflowError:
        raise Unreadable("is outside the years 1900 to 2200").about(stamp) from None


def zone_of(cal: Calendar) -> tzinfo:
    if cal.time_zone in ("", "UTC"):
        return UTC
    if cal.time_zone == "local":
        from dateutil.tz import tzlocal

        return tzlocal()
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(cal.time_zone)
    except (KeyError, ValueError, OSError):
        hint = "`sfa config set time_zone Europe/Berlin`, or another IANA name"
        raise BadValue(say("{time_zone!r} is not a time zone", time_zone=cal.time_zone[:60]), hint) from None


def _read_stamp(s: str, cal: Calendar, end: bool) -> datetime:
    if s == "now":
        return cal.now
    if m := re.fullmatch(r"([+-])(\d{1,6}) ?(h|hours?|min|minutes?)", signed(s)):
        count = int(m[1] + m[2])
        moment = cal.now + (timedelta(hours=count) if m[3][0] == "h" else timedelta(minutes=count))
        within(moment.date())
        return moment
    if timed := split_time(s):
        return moment_at(timed, cal)
    try:
        day = within(read_date(s, cal))
    except Unreadable as fault:
        raise Unreadable(fault.why, _STAMP_HINT if fault.hint == DATE_HINT else fault.hint) from None
    if end:
        return _utc(day + timedelta(days=1), time(), zone_of(cal)) - timedelta(milliseconds=1)
    return _utc(day, time(), zone_of(cal))


def split_time(s: str) -> _Timed | None:
    """The parts of a text that ends with a time of day; None when it does not."""
    s = re.sub(r"^(\d{8}t\d\d)(\d\d)(\d\d)?", lambda m: f"{m[1]}:{m[2]}" + (f":{m[3]}" if m[3] else ""), s)
    m = re.fullmatch(
        r"(?:(?P<day>.*?)(?:(?<=\d)t|,? at |[ ,]+))??"
        r"(?P<hour>\d{1,2})(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?)?(?: ?(?P<half>[ap])\.?m\.?)?"
        r"(?: ?(?P<zone>z|utc|gmt|[+-]\d\d(?::?\d\d)?))?",
        s,
    )
    if m is None or not (m["minute"] or m["half"]):
        return None
    hour, minute, second = (int(m[name] or 0) for name in ("hour", "minute", "second"))
    if m["half"]:
        hour = hour % 12 + (12 if m["half"] == "p" else 0) if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59 or second > 59:
        raise Unreadable("has a time that no clock shows", _STAMP_HINT)
    clock = time(hour, minute, second, int((m["part"] or "")[:6].ljust(6, "0")))
    return _Timed(m["day"] or "", clock, _offset(m["zone"] or ""))


def _offset(zone: str) -> tzinfo | None:
    if not zone.strip("zutcgm"):
        return UTC if zone else None
    minutes = int(zone[1:3]) * 60 + int(zone[3:].lstrip(":") or 0)
    if minutes > 14 * 60:
        raise Unreadable("has a time zone that no place keeps", _STAMP_HINT)
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def day_of(timed: _Timed, cal: Calendar) -> date:
    day = find_day(timed.day, cal) if timed.day else cal.today
    if day is None:
        raise Unreadable("is not a date with a time", _STAMP_HINT)
    return within(day)


def day_in_zone(timed: _Timed, cal: Calendar) -> date:
    """The day of a written moment: in the company's zone when it names one of its own."""
    return moment_at(timed, cal).astimezone(zone_of(cal)).date() if timed.zone else day_of(timed, cal)


def moment_at(timed: _Timed, cal: Calendar) -> datetime:
    return _utc(day_of(timed, cal), timed.clock, timed.zone or zone_of(cal))


def _utc(day: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
