"""Days that a text spells out: 2026-11-23, 23/11/2026, 23 nov 2026, 2026年11月23日; and what reading them shares with `dates.py`.

That is the days that there are, why a text cannot be read, and months as numbers. Relative days and periods are not here.
"""

import re
from datetime import date, timedelta

from sfa.errors import BadValue
from sfa.messages import say

FIRST, LAST = date(1900, 1, 1), date(2201, 1, 1)
"""The days that can be read, half-open: the years 1900 to 2200."""

ORDERS = ("ymd", "dmy", "mdy")
DATE_HINT = "write it as 2026-11-23, 23 nov 2026, today, +3d, fri or eom"
# fmt: off
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)
# fmt: on


class Unreadable(ValueError):
    """Why a text cannot be read, worded to follow the quoted text."""

    def __init__(self, why: str, hint: str = "") -> None:
        super().__init__(why)
        self.why, self.hint = why, hint

    def about(self, text: str) -> BadValue:
        return BadValue(say("{text!r} {why}", text=text if len(text) <= 60 else text[:59] + "…", why=self.why), self.hint)


def written_date(s: str, order: str, today: date | None) -> date | None:
    """The day that `s` spells out, None when it is no such thing; without `today` a year is needed."""
    if m := re.fullmatch(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", s):
        return _day(int(m[1]), int(m[3]), int(m[4]))
    if m := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", s):
        return _day(int(m[1]), int(m[2]), int(m[3]))
    if m := re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d\d)", s):
        return _ordered(int(m[1]), int(m[3]), m[4], order)
    if m := re.fullmatch(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号號]?", s):
        return _year_or_next(m[1], int(m[2]), int(m[3]), today)
    if m := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)?[-/. ]*([a-z]{3,9})\.?(?:[-/., ]+(\d{4}|\d\d))?", s):
        day, word, year = m.groups()
    elif m := re.fullmatch(r"([a-z]{3,9})\.?[- ]?(\d{1,2})(?:st|nd|rd|th)?(?:[-, ]+(\d{4}|\d\d))?", s):
        word, day, year = m.groups()
    elif m := re.fullmatch(r"(\d{4})[-/ ]([a-z]{3,9})[-/ ](\d{1,2})", s):
        year, word, day = m.groups()
    else:
        return None
    month = index(word, MONTHS)
    return None if month is None else _year_or_next(year, month + 1, int(day), today)


def index(word: str, names: tuple[str, ...]) -> int | None:
    """Which of `names` begins with `word`, three letters at least."""
    return next((i for i, name in enumerate(names) if len(word) >= 3 and name.startswith(word)), None)


def _day(year: int, month: int, day: int) -> date:
    if not FIRST.year <= year < LAST.year:
        raise Unreadable("is outside the years 1900 to 2200")
    if not 1 <= month <= 12:
        raise Unreadable(say("is not a date: there is no month {month}", month=month), DATE_HINT)
    last = (month_start(year * 12 + month) - timedelta(days=1)).day
    if not 1 <= day <= last:
        raise Unreadable(
            "is a day that does not exist", say("{months} {year} has {last} days", months=MONTHS[month - 1].title(), year=year, last=last)
        )
    return date(year, month, day)


def full_year(digits: str) -> int:
    """The year of four digits, or of two: 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999."""
    year = int(digits)
    return year if len(digits) > 2 else year + (2000 if year < 69 else 1900)


def _year_or_next(year: str | None, month: int, day: int, today: date | None) -> date | None:
    if year:
        return _day(full_year(year), month, day)
    if today is None:
        return None
    if (month, day) == (2, 29):
        years = (y for y in range(today.year, today.year + 9) if y % 4 == 0 and (y % 100 or y % 400 == 0))
        return next(leap for y in years if (leap := date(y, 2, 29)) >= today)
    found = _day(today.year, month, day)
    return found if found >= today else found.replace(year=today.year + 1)


def _ordered(first: int, second: int, third: str, order: str) -> date:
    """Of 03/04/26: the order says which is what, or a number above 12 does."""
    if order == "ymd" and len(third) == 2:
        return _day(full_year(f"{first:02d}"), second, int(third))
    year = full_year(third)
    if order not in ("dmy", "mdy"):
        if first <= 12 and second <= 12 and first != second:
            hint = say(
                "write {year}-{second:02d}-{first:02d} or {year}-{first:02d}-{second:02d}, or say once which comes first: ",
                year=year,
                second=second,
                first=first,
            )
            raise Unreadable("may be two different days", hint + "`sfa config set date_order dmy` (or mdy)")
        order = "mdy" if second > 12 >= first else "dmy"
    day, month = (first, second) if order == "dmy" else (second, first)
    if month > 12 >= day:
        raise Unreadable(
            say("is not a date in the order {order}", order=order),
            say("write {year}-{day:02d}-{month:02d}", year=year, day=day, month=month),
        )
    return _day(year, month, day)


def month_number(day: date) -> int:
    return day.year * 12 + day.month - 1


def month_start(number: int) -> date:
    year, month = divmod(number, 12)
    if not 1 <= year <= 9999:
        raise Unreadable("is outside the years 1900 to 2200")
    return date(year, month + 1, 1)
