"""Birthdays, with the year or without: how they are read and when they fall.

Whoever was born on 29 February celebrates on the 28th in years that have none."""

from __future__ import annotations

import re
from datetime import date, timedelta

from sfa.errors import BadValue
from sfa.messages import say
from sfa.sales.dates import Calendar, parse_date

LEAP = 2000
"""A year that has a 29 February, for days without a year."""


def parse(text: str, calendar: Calendar) -> str:
    """A birthday as it is stored: `1980-05-01`, or `--05-01` where no year is given. One in a year to come is kept as it is: the day is
    right more often than not, and a contact is no worse for it. Raises BadValue."""
    plain = text.strip()
    if found := re.fullmatch(r"(?:--)?(\d\d)-?(\d\d)", plain):
        month, day = int(found[1]), int(found[2])
        try:
            return date(LEAP, month, day).strftime("--%m-%d")
        except ValueError:
            raise BadValue(say("{text!r} is a day that does not exist", text=text[:60]), "A month and a day, as in 05-01.") from None
    if re.fullmatch(
        r"(?i)(?:\d{1,2}(?:st|nd|rd|th)?(?: of)?[ .-]*[a-z]{3,9}\.?|[a-z]{3,9}\.?[ -]?\d{1,2}(?:st|nd|rd|th)?|\d{1,2}月\d{1,2}[日號号]?)",
        plain,
    ):
        # Read in a year of its own: the next such day is no matter here.
        anchored = calendar._replace(today=date(LEAP, 1, 1))
        return f"--{parse_date(plain, anchored):%m-%d}"
    found_day = parse_date(plain, calendar)
    if found_day > calendar.today and re.fullmatch(r"(?i)(?:\d{1,2}\D+\d{1,2}|.*[a-z])\D+\d\d", plain):
        # Nobody is born yet in the years that two digits stand for elsewhere.
        found_day = found_day.replace(year=found_day.year - 100)
    return found_day.isoformat()


def falls(value: str, year: int) -> date:
    """The day in a year on which a birthday falls."""
    month, day = int(value[-5:-3]), int(value[-2:])
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, 2, 28)


def between(value: str, start: date, end: date) -> date | None:
    """The first day from `start` up to but without `end` on which a birthday falls, or None."""
    return next((d for year in range(start.year, end.year + 1) if start <= (d := falls(value, year)) < end), None)


def turns(value: str, day: date) -> int | None:
    """How old somebody becomes on their birthday `day`; None where the year is not known, or cannot be right."""
    age = 0 if value.startswith("-") else day.year - int(value[:4])
    return age if age > 0 else None


def keys(start: date, end: date) -> list[tuple[str, str]]:
    """The spans of `MM-DD` (both ends included) that birthdays from `start` up to but without `end` have."""
    last = end - timedelta(days=1)
    if (end - start).days >= 365:
        return [("01-01", "12-31")]
    first, stop = f"{start:%m-%d}", f"{last:%m-%d}"
    if stop == "02-28" and not _leap(last.year):
        stop = "02-29"
    return [(first, stop)] if start.year == last.year else [(first, "12-31"), ("01-01", stop)]


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def words(value: str) -> str:
    """`1980-05-01`, or `05-01` where the year is not known."""
    return value.removeprefix("--")
