"""Days, periods and moments as people and exported files write them, read against a calendar that the caller hands over.

Not here: the clock (`Calendar` carries it), which field wants a day and which a moment, and any table. Every reader raises
BadValue for what it cannot read and nothing else. "The zone" is the company's time zone. A local time that a clock change
skips is read as if the clock had not changed yet (02:30 becomes 03:30); one that occurs twice is the first of the two.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sfa.errors import did_you_mean
from sfa.messages import say
from sfa.sales.writtendays import DATE_HINT as DATE_HINT
from sfa.sales.writtendays import FIRST as FIRST
from sfa.sales.writtendays import LAST as LAST
from sfa.sales.writtendays import MONTHS, full_year, index, month_number, month_start
from sfa.sales.writtendays import ORDERS as ORDERS
from sfa.sales.writtendays import Unreadable as Unreadable
from sfa.sales.writtendays import written_date as written_date

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# How many months each unit of a calendar, and with an f of a fiscal year, has.
_SIZES = {"m": 1, "q": 3, "h": 6, "y": 12, "fm": 1, "fq": 3, "fh": 6, "fy": 12}
_FISCAL = {12: "", 6: "-H{}", 3: "-Q{}", 1: "-M{:02d}"}
"""The months of a part of a fiscal year → how its name ends."""
_UNITS = {"day": "d", "week": "w", "month": "m", "quarter": "q", "half": "h", "halve": "h", "year": "y"}

_PERIOD_HINT = "periods look like 2026-Q4, FY26-Q1, 2026-11, 'last quarter', 'last 90 days', ytd or 2026-01-01..2026-03-31"


class Calendar(NamedTuple):
    """What reading depends on: `now` is aware and UTC, `today` its day in the zone.

    fiscal_month: the month in which the fiscal year starts. fiscal_named_by: whether the calendar year of its "start" or its
    "end" names it. order: what 03/04/26 means, "ymd", "dmy", "mdy" or "" where nobody has said. time_zone: IANA name, "" is UTC.
    fiscal_weeks: "" for fiscal years of months, else the weeks of a quarter's months, "4-4-5", "4-5-4" or "5-4-4": a year then begins
    on the fiscal_week_start ("monday") nearest to the first of fiscal_month, and is named as if it began on that first.
    working: working days and hours, "sun-thu 8:00-16:00" (`workdays` reads it; "" is Monday to Friday). off: the public holidays of a
    year by their day, None where no country is known.
    """

    today: date
    now: datetime
    fiscal_month: int = 1
    fiscal_named_by: str = "end"
    order: str = ""
    time_zone: str = ""
    fiscal_weeks: str = ""
    fiscal_week_start: str = "monday"
    working: str = ""
    off: Callable[[int], Mapping[date, str]] | None = None


class Period(NamedTuple):
    """The days from `start` up to but without `end`; parse_period reads `name` back as the same period."""

    start: date
    end: date
    name: str


# ---- days


def parse_date(text: str, cal: Calendar) -> date:
    """Read a day.

    ISO forms (2026-11-23, 2026/11/23, 20261123); 23/11/2026 where a number above 12 or cal.order says which is the day; 23 nov
    2026, Nov 23, 2026, 2026年11月23日, without a year the next such day, today included; today, tomorrow, yesterday; +3d -2w +1m
    +1q +1y, "in 3 days", "2 weeks ago", months clipping to their last day; +3wd, "in 3 working days"; fri is today or the first
    Friday after it, "next fri" the first after today, "last fri" the last before, "fri of next week" that one; 今天, 周五, 下周五, 3天后,
    月底 and the like (`chinesedays.py`); sow som soq soh soy and eow eom eoq eoh eoy
    (weeks are Monday to Sunday), sofq sofy eofq eofy for fiscal ones, "start of" or "end of" any period. Of a timestamp, its day in
    the zone.
    """
    try:
        return within(read_date(plainly(text), cal))
    except Unreadable as fault:
        raise fault.about(text) from None


def add_months(day: date, count: int) -> date:
    """`day` `count` months on or back; a day its month does not have becomes the month's last."""
    first = month_start(month_number(day) + count)
    return first.replace(day=min(day.day, (month_start(month_number(first) + 1) - first).days))


def plainly(text: str) -> str:
    """Lower case, single spaces, ASCII digits and marks."""
    if len(text) > 200:
        raise Unreadable("is too long for a date", DATE_HINT)
    if not text.isascii():
        from sfa.sales.chinesedays import in_english
        from sfa.sales.money import plain

        text = in_english(plain(text).strip())
    return " ".join(text.lower().split())


def within(day: date) -> date:
    if not FIRST <= day < LAST:
        raise Unreadable("is outside the years 1900 to 2200")
    return day


def read_date(s: str, cal: Calendar) -> date:
    day = find_day(s, cal)
    if day is not None:
        return day
    from sfa.sales import moments

    if (timed := moments.split_time(s)) is None:
        near = did_you_mean(s, "today", "tomorrow", "yesterday", *_WEEKDAYS, *MONTHS) if s.isalpha() else ""
        raise Unreadable("is not a date" if s else "is blank where a date is needed", near + DATE_HINT)
    return moments.day_in_zone(timed, cal)


def find_day(s: str, cal: Calendar) -> date | None:
    return written_date(s, cal.order, cal.today) or _relative_date(s, cal)


def signed(s: str) -> str:
    """ "in 3 days" as "+3 days", "3 days ago" as "-3 days"."""
    return "+" + s[3:] if s.startswith("in ") else "-" + s[:-4] if s.endswith(" ago") else s


def _relative_date(s: str, cal: Calendar) -> date | None:
    words = {"today": 0, "now": 0, "tomorrow": 1, "yesterday": -1}
    if s in words:
        return cal.today + timedelta(days=words[s])
    if m := re.fullmatch(r"([+-])(\d{1,4}) ?(d|w|m|q|y|days?|weeks?|months?|quarters?|years?)", signed(s)):
        count = int(m[1] + m[2])
        unit = m[3][0]
        if unit in "dw":
            return cal.today + timedelta(days=count * (7 if unit == "w" else 1))
        return add_months(cal.today, count * _SIZES[unit])
    if m := re.fullmatch(r"([+-])(\d{1,4}) ?(?:wd|work(?:ing )?days?|business days?)", signed(s).replace("next working day", "+1wd")):
        from sfa.sales.workdays import moved

        return moved(cal, int(m[1] + m[2]))
    if m := re.fullmatch(r"(?:(this|next|last) )?([a-z]{3,9})", s):
        weekday = index(m[2], _WEEKDAYS)
        if weekday is not None:
            ahead = (weekday - cal.today.weekday()) % 7
            return cal.today + timedelta(days=ahead or 7 if m[1] == "next" else ahead - 7 if m[1] == "last" else ahead)
    if (m := re.fullmatch(r"([a-z]{3,9}) of (this|next|last) week", s)) and (weekday := index(m[1], _WEEKDAYS)) is not None:
        weeks = {"this": 0, "next": 7, "last": -7}[m[2]]
        return cal.today + timedelta(days=weekday - cal.today.weekday() + weeks)
    if m := re.fullmatch(r"([se])o(f?[mqhy]|w)|(start|beginning|end) of (?:the )?(.+)", s):
        unit = m[2] or _unit(m[4])
        period = _block(cal.today, unit, 0, 1, cal) if unit else _read_period(m[4], cal)
        return period.start if (m[1] or m[3])[0] in "sb" else period.end - timedelta(days=1)
    return None


# ---- periods


def parse_period(text: str, cal: Calendar) -> Period:
    """Read a period.

    2026, 2026-H1, 2026-Q4 (Q4 alone: this year's), 2026-11, nov 2026, 2026-W47; FY26, FY26-H1, FY26-Q1, FY26-M03; this, last or
    next day, week, month, quarter, half, year, fq, fy; ytd qtd mtd fytd fqtd up to and including today; "last 90 days" ends
    with today and "next 30 days" starts with it, "last 4 quarters" are the whole ones before this and "next 2 months" the
    whole ones after; A..B from the first day of A to the last of B, either side open, any days or periods; all; else the one
    day that parse_date reads. The name is canonical: equal days have the same one, unless they were asked for as fiscal.
    """
    try:
        s = plainly(text)
        period = _read_range(s, cal) if ".." in s else _read_period(s, cal)
        within(period.start)
        within(period.end - timedelta(days=1))
    except Unreadable as fault:
        raise fault.about(text) from None
    return period


def describe(period: Period) -> str:
    """For headings: "2026-Q4 (2026-10-01 to 2026-12-31)", just the name of a single day or a range."""
    last = period.end - timedelta(days=1)
    if ".." in period.name or period.start == last:
        first, _, ends = period.name.partition("..")
        return say("{first} to {last}", first=first, last=ends) if ends else first
    return say("{name} ({start} to {last})", name=period.name, start=period.start, last=last)


def period_key(start: date, end: date) -> str:
    """The stored form of a half-open period: "2026-10-01/2027-01-01". ValueError unless start < end."""
    if start >= end:
        raise ValueError(say("a period cannot start on {start} and end before {end}", start=start, end=end))
    return f"{start}/{end}"


def parse_period_key(key: str) -> Period:
    """The period of a stored key, under its best calendar name (year, half, quarter, month, week, day, else A..B)."""
    start, _, end = key.partition("/")
    try:
        first, last = date.fromisoformat(start), date.fromisoformat(end)
        period_key(first, last)
    except ValueError:
        raise Unreadable("is not a stored period", "it should look like 2026-10-01/2027-01-01").about(key) from None
    return _named(first, last)


def name_for_people(period: Period, cal: Calendar) -> str:
    """The name of a period: of one that only the fiscal calendar has a name for, that one (FY26-M03)."""
    if ".." in period.name:
        first = fiscal_month_index(period.start, cal)
        size = fiscal_month_index(period.end, cal) - first
        if size in _FISCAL and first % size == 0 and (found := _fiscal(first, size, cal))[:2] == period[:2]:
            return found.name
    return period.name


def months(period: Period) -> list[Period]:
    """The calendar months of a period, in order, the first and last cut at its edges."""
    numbers = range(month_number(period.start), month_number(period.end - timedelta(days=1)) + 1)
    return [_named(max(period.start, month_start(n)), min(period.end, month_start(n + 1))) for n in numbers]


def fiscal_month_index(day: date, cal: Calendar) -> int:
    """An integer that grows by one a fiscal month: 12 × the year in which the fiscal year starts + months since its start."""
    if not cal.fiscal_weeks:
        return month_number(day) - (cal.fiscal_month - 1)
    from sfa.sales import weeks

    return weeks.month_number(day, cal.fiscal_month, _WEEKDAYS.index(cal.fiscal_week_start), cal.fiscal_weeks)


def fiscal_month(day: date, cal: Calendar) -> Period:
    """The fiscal month that `day` is in."""
    return _block(day, "fm", 0, 1, cal)


def fiscal_quarter(day: date, cal: Calendar) -> Period:
    """The fiscal quarter that `day` is in."""
    return _block(day, "fq", 0, 1, cal)


def before(period: Period, cal: Calendar) -> Period:
    """The period of the same kind that ends where this one begins: the quarter before a quarter, as many days before any other."""
    day = period.start - timedelta(days=1)
    if period.name.startswith("FY"):
        part = period.name.partition("-")[2][:1].lower()
        return _block(day, "f" + (part or "y"), 0, 1, cal)
    months = month_number(period.end) - month_number(period.start) if period.start.day == period.end.day == 1 else 0
    return _named(add_months(period.start, -months) if months else period.start - (period.end - period.start), period.start)


def after(period: Period, cal: Calendar) -> Period:
    """The period of the same kind that begins where this one ends."""
    if period.name.startswith("FY"):
        return _block(period.end, "f" + (period.name.partition("-")[2][:1].lower() or "y"), 0, 1, cal)
    months = month_number(period.end) - month_number(period.start) if period.start.day == period.end.day == 1 else 0
    return _named(period.end, add_months(period.end, months) if months else period.end + (period.end - period.start))


def fiscal_months_on(period: Period, count: int, cal: Calendar) -> Period:
    """A period of whole fiscal months `count` fiscal months on or back, under a fiscal name where there is one."""
    first = fiscal_month_index(period.start, cal) + count
    size = fiscal_month_index(period.end, cal) - first + count
    if size in _FISCAL and first % size == 0:
        return _fiscal(first, size, cal)
    return _named(_fiscal_start(first, cal), _fiscal_start(first + size, cal))


def of_fiscal_weeks(period: Period, cal: Calendar) -> bool:
    """Whether the months and quarters of a period are those of a fiscal year of weeks: it was asked for as fiscal, or is a range from
    the first day of a fiscal month to the last of another."""
    if not cal.fiscal_weeks or period.name.startswith("FY"):
        return bool(cal.fiscal_weeks)
    return ".." in period.name and all(fiscal_month(day, cal).start == day for day in (period.start, period.end))


def _fiscal_start(number: int, cal: Calendar) -> date:
    """The first day of a fiscal month by its fiscal_month_index."""
    if not cal.fiscal_weeks:
        return month_start(number + cal.fiscal_month - 1)
    from sfa.sales import weeks

    if not 1000 <= number // 12 <= 3000:  # further than any day that can be read, and nowhere near where date ends
        raise Unreadable("is outside the years 1900 to 2200")
    return weeks.month_start(number, cal.fiscal_month, _WEEKDAYS.index(cal.fiscal_week_start), cal.fiscal_weeks)


def _unit(word: str) -> str:
    """One letter for a unit's name, "f" before it for a fiscal one; "" for no unit."""
    if re.fullmatch("f[mqhy]", word):
        return word
    fiscal = "f" if word.startswith("fiscal ") else ""
    unit = _UNITS.get(word.removeprefix("fiscal ").removesuffix("s"), "")
    return "" if fiscal and unit in ("d", "w", "") else fiscal + unit


def _block(day: date, unit: str, shift: int, count: int, cal: Calendar) -> Period:
    """`count` whole units from the one that `day` is in, moved by `shift` units."""
    if unit in ("d", "w"):
        length = 1 if unit == "d" else 7
        start = day - timedelta(days=day.weekday() if unit == "w" else 0) + timedelta(days=shift * length)
        return _named(start, start + timedelta(days=count * length))
    size = _SIZES[unit]
    if unit[0] != "f":
        return _span((month_number(day) // size + shift) * size, size * count)
    first = (fiscal_month_index(day, cal) // size + shift) * size
    return _fiscal(first, size, cal) if count == 1 else _named(_fiscal_start(first, cal), _fiscal_start(first + size * count, cal))


def _span(first: int, size: int) -> Period:
    return _named(month_start(first), month_start(first + size))


def _fiscal(first: int, size: int, cal: Calendar) -> Period:
    """The fiscal year, half, quarter or month of `size` months from the one with the fiscal_month_index `first`, under its name."""
    start_year, into = divmod(first, 12)
    year = start_year + (cal.fiscal_month > 1 and cal.fiscal_named_by == "end")
    digits = f"{year % 100:02d}" if 1969 <= year <= 2068 else f"{year:04d}"
    part = _FISCAL[size].format(into // size + 1)
    return Period(_fiscal_start(first, cal), _fiscal_start(first + size, cal), f"FY{digits}{part}")


def _named(start: date, end: date) -> Period:
    """The period under its best calendar name."""
    name = f"{start}..{end - timedelta(days=1)}"
    year, month = start.year, start.month
    days = (end - start).days
    size = month_number(end) - month_number(start) if start.day == end.day == 1 else 0
    if (start, end) == (FIRST, LAST):
        name = "all"
    elif size == 12 and month == 1:
        name = f"{year}"
    elif size == 6 and month in (1, 7):
        name = f"{year}-H{1 + month // 7}"
    elif size == 3 and month % 3 == 1:
        name = f"{year}-Q{1 + month // 3}"
    elif size == 1:
        name = f"{year}-{month:02d}"
    elif days == 7 and start.weekday() == 0:
        week = start.isocalendar()
        name = f"{week.year}-W{week.week:02d}"
    elif days == 1:
        name = f"{start}"
    return Period(start, end, name)


def _read_range(s: str, cal: Calendar) -> Period:
    left, _, right = (side.strip() for side in s.partition(".."))
    start = _read_period(left, cal).start if left else FIRST
    end = _read_period(right, cal).end if right else LAST
    if start >= end:
        raise Unreadable(say("ends before it starts: {start} to {end}", start=start, end=end - timedelta(days=1)))
    return _named(start, end)


def _read_period(s: str, cal: Calendar) -> Period:
    period = _relative_period(s, cal) or _written_period(s, cal)
    if period is not None:
        return period
    try:
        day = within(read_date(s, cal))
    except Unreadable as fault:
        if fault.hint == DATE_HINT:
            raise Unreadable("is not a period" if s else "is blank where a period is needed", _PERIOD_HINT) from None
        raise
    return _named(day, day + timedelta(days=1))


def _relative_period(s: str, cal: Calendar) -> Period | None:
    if s == "all":
        return _named(FIRST, LAST)
    if m := re.fullmatch(r"(f?[yqm]|w)td", s):
        return _named(_block(cal.today, m[1], 0, 1, cal).start, cal.today + timedelta(days=1))
    m = re.fullmatch(r"(this|current|last|past|previous|next) (?:(\d{1,4}) )?([a-z ]+)", s)
    unit = _unit(m[3]) if m else ""
    if m is None or not unit or m[2] == "0":
        return None
    if m[1] in ("this", "current"):
        return None if m[2] else _block(cal.today, unit, 0, 1, cal)
    count = int(m[2] or 1)
    # Days count today in, whole units leave the running one out; "last day" is yesterday.
    running = 1 if unit == "d" and m[2] else 0
    shift = 1 - running if m[1] == "next" else running - count
    return _block(cal.today, unit, shift, count, cal)


def _written_period(s: str, cal: Calendar) -> Period | None:
    if m := re.fullmatch(r"(\d{4})(?:年|[-/](\d{1,2})|年(\d{1,2})月)?", s):
        month = m[2] or m[3]
        return _numbered(int(m[1]), "m" if month else "y", int(month or 1), cal)
    if m := re.fullmatch(r"([a-z]{3,9})\.?[-, ]+(\d{4})", s):
        month_index = index(m[1], MONTHS)
        return None if month_index is None else _numbered(int(m[2]), "m", month_index + 1, cal)
    if m := re.fullmatch(r"([qhmw]\d{1,2})[-/ ](fy ?(?:\d{4}|\d\d)|\d{4})", s):
        s = f"{m[2]}-{m[1]}"
    if m := re.fullmatch(r"fy ?(\d{4}|\d\d)(?:[-/ ]?([qhm])(\d{1,2}))?", s):
        return _numbered(full_year(m[1]), "f" + (m[2] or "y"), int(m[3] or 1), cal)
    if m := re.fullmatch(r"(\d{4})?[-/ ]?([qhmw])(\d{1,2})", s):
        return _numbered(int(m[1] or cal.today.year), m[2], int(m[3]), cal)
    return None


def _numbered(year: int, unit: str, number: int, cal: Calendar) -> Period:
    """The `number`-th unit of a calendar or fiscal year."""
    if not FIRST.year <= year < LAST.year:
        raise Unreadable("is outside the years 1900 to 2200")
    last = date(year, 12, 28).isocalendar().week if unit == "w" else 12 // _SIZES[unit]
    if not 1 <= number <= last:
        letter = unit[-1].upper()
        raise Unreadable("is not a period", say("{year} has {letter}1 to {letter}{last}", year=year, letter=letter, last=last))
    if unit == "w":
        monday = date.fromisocalendar(year, number, 1)
        return _named(monday, monday + timedelta(days=7))
    size = _SIZES[unit]
    if unit[0] != "f":
        return _span(year * 12 + (number - 1) * size, size)
    start_year = year - (cal.fiscal_month > 1 and cal.fiscal_named_by == "end")
    return _fiscal(start_year * 12 + (number - 1) * size, size, cal)
