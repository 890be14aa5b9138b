"""Which days and hours people work: the setting `working_hours`, and public holidays, which the calendar hands over.

Where the holidays of a country come from is not known here (`sfa/daysoff.py`). Without a setting Monday to Friday are working days, of any
hours.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from sfa.errors import BadValue
from sfa.messages import say
from sfa.sales.dates import Calendar
from sfa.sales.writtendays import FIRST, LAST, Unreadable

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HINT = "As in 'mon-fri 9:00-17:30' or 'sun-thu'."


class Hours(NamedTuple):
    """Working days (0 is Monday), and from when to when: "09:00" and "17:30", "" where the hours do not matter."""

    days: frozenset[int]
    start: str = ""
    end: str = ""

    def __str__(self) -> str:
        shown = ", ".join(DAYS[d].capitalize() for d in sorted(self.days))
        if len(self.days) > 2:
            first = next((d for d in self.days if (d - 1) % 7 not in self.days), 0)
            run = [(first + i) % 7 for i in range(len(self.days))]
            shown = f"{DAYS[run[0]].capitalize()}–{DAYS[run[-1]].capitalize()}" if {*run} == self.days else shown
        return f"{shown} {self.start}–{self.end}" if self.start else shown


@lru_cache(8)
def hours(text: str) -> Hours:
    """The working days and hours that `text` says: `mon-fri`, `sun-thu 8:00-16:00`, `mon,wed,fri 9-17`. Raises BadValue."""
    if not text.strip():
        return Hours(frozenset(range(5)))
    words = re.fullmatch(r"([a-z, -]*?)\s*(?:(\d{1,2}(?::\d\d)?)\s*[-–]\s*(\d{1,2}(?::\d\d)?))?", text.strip().lower())
    if not words:
        raise BadValue(say("{text!r} is not working hours", text=text[:60]), _HINT)
    days: set[int] = set()
    for part in (p.strip() for p in (words[1] or "mon-fri").split(",")):
        ends = [next((i for i, d in enumerate(DAYS) if len(w) > 2 and _long(d).startswith(w)), -1) for w in re.split(r"\s*-\s*", part)]
        if len(ends) > 2 or min(ends) < 0:
            raise BadValue(say("{part!r} is not a day of the week, or a span of them", part=part[:60]), _HINT)
        days |= {(ends[0] + i) % 7 for i in range((ends[-1] - ends[0]) % 7 + 1)}
    if not words[2]:
        return Hours(frozenset(days))
    start, end = (f"{int(t.partition(':')[0]):02}:{t.partition(':')[2] or '00'}" for t in (words[2], words[3]))
    if not "00:00" <= start < end <= "24:00" or start[3:] > "59" or end[3:] > "59":
        raise BadValue(say("{words}-{words2} is no span of a day", words=words[2], words2=words[3]), _HINT)
    return Hours(frozenset(days), start, end)


def _long(day: str) -> str:
    return {"tue": "tues", "wed": "wednes", "thu": "thurs", "sat": "satur"}.get(day, day) + "day"


def holiday(day: date, cal: Calendar) -> str:
    """The name of the public holiday that a day is, or ""."""
    return (cal.off(day.year).get(day) or "") if cal.off else ""


def why_off(day: date, cal: Calendar) -> str:
    """Why nobody works on a day: the name of its holiday, or that it is none of the working days; "" for a working day."""
    if name := holiday(day, cal):
        return name
    return "" if day.weekday() in hours(cal.working).days else "a weekend" if day.weekday() > 4 else "no working day"


def next_working(day: date, cal: Calendar) -> date:
    """The first working day after `day`; the day after it where there are no working days within a year."""
    return next((d for i in range(1, 367) if not why_off(d := day + timedelta(days=i), cal)), day + timedelta(days=1))


def moved(cal: Calendar, count: int) -> date:
    """The day `count` working days after today, before it where it is negative; 0 is today, or the next working day."""
    day, left, step = cal.today, abs(count), timedelta(days=1 if count >= 0 else -1)
    while left or (not count and why_off(day, cal)):
        day += step
        if not FIRST <= day < LAST:
            raise Unreadable("is outside the years 1900 to 2200")
        left -= not why_off(day, cal) and left > 0
    return day


def outside(at: str, cal: Calendar) -> str:
    """The working hours in words where a time of day (`18:30`) lies outside them, else ""."""
    own = hours(cal.working)
    return str(own) if own.start and not own.start <= at < own.end else ""


def told(day: date, cal: Calendar) -> str:
    """What is to be said of a due day that nobody works on, with the next working day; "" for any other."""
    why = why_off(day, cal)
    if not why:
        return ""
    then = next_working(day, cal)
    return say("{day:%a} {day} is {why}; the next working day is {then:%a} {then}", day=day, why=why, then=then)
