"""Working days and hours, public holidays, and dates counted in working days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import BadValue
from sfa.sales import workdays
from sfa.sales.dates import Calendar, parse_date

XMAS = {date(2026, 12, 25): "Christmas Day", date(2026, 12, 26): "Boxing Day", date(2027, 1, 1): "New Year's Day"}


def off(year: int) -> dict[date, str]:
    return {d: name for d, name in XMAS.items() if d.year == year}


def at(day: str, working: str = "", holidays: bool = True) -> Calendar:
    d = date.fromisoformat(day)
    return Calendar(d, datetime(d.year, d.month, d.day, 12, tzinfo=UTC), working=working, off=off if holidays else None)


@pytest.mark.parametrize(
    ("text", "days", "span"),
    [
        ("", (0, 1, 2, 3, 4), ""),
        ("mon-fri", (0, 1, 2, 3, 4), ""),
        ("Mon-Fri 9-17", (0, 1, 2, 3, 4), "09:00-17:00"),
        ("sun-thu 8:00-16:30", (0, 1, 2, 3, 6), "08:00-16:30"),
        ("monday, wednesday,fri 9:30 - 12:00", (0, 2, 4), "09:30-12:00"),
        ("fri-mon", (0, 4, 5, 6), ""),
        ("8-24", (0, 1, 2, 3, 4), "08:00-24:00"),
    ],
)
def test_working_hours(text: str, days: tuple[int, ...], span: str) -> None:
    got = workdays.hours(text)
    assert (tuple(sorted(got.days)), f"{got.start}-{got.end}".strip("-")) == (days, span)


@pytest.mark.parametrize("text", ["mo-fr", "mon-tue-wed", "9-17-18", "mon 17-9", "mon 25-26", "mon 9:70-10", "always", "mon,", "9"])
def test_what_is_no_working_hours(text: str) -> None:
    with pytest.raises(BadValue):
        workdays.hours(text)


@pytest.mark.parametrize(
    ("today", "text", "working", "day"),
    [
        # 2026-11-23 is a Monday.
        ("2026-11-23", "+3wd", "", "2026-11-26"),
        ("2026-11-23", "+5wd", "", "2026-11-30"),
        ("2026-11-27", "+1wd", "", "2026-11-30"),
        ("2026-11-28", "+1wd", "", "2026-11-30"),
        ("2026-11-28", "+0wd", "", "2026-11-30"),
        ("2026-11-27", "+0wd", "", "2026-11-27"),
        ("2026-11-23", "-1wd", "", "2026-11-20"),
        ("2026-11-23", "in 2 working days", "", "2026-11-25"),
        ("2026-11-23", "2 working days ago", "", "2026-11-19"),
        ("2026-11-27", "next working day", "", "2026-11-30"),
        # Christmas on a Friday, Boxing Day on a Saturday, New Year on a Friday.
        ("2026-12-24", "+1wd", "", "2026-12-28"),
        ("2026-12-24", "+5wd", "", "2027-01-04"),
        ("2026-11-26", "+1wd", "sun-thu", "2026-11-29"),
        # Calendar days stay calendar days.
        ("2026-12-24", "+3d", "", "2026-12-27"),
    ],
)
def test_dates_in_working_days(today: str, text: str, working: str, day: str) -> None:
    assert parse_date(text, at(today, working)).isoformat() == day


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(-60, 60), st.sampled_from(["", "sun-thu", "sat", "mon,wed"]))
def test_so_many_working_days_lie_between(day: date, count: int, working: str) -> None:
    cal = at(day.isoformat(), working)
    then = workdays.moved(cal, count)
    first, last = (day, then) if count >= 0 else (then - timedelta(days=1), day - timedelta(days=1))
    between = [first + timedelta(days=i) for i in range(1, (last - first).days + 1)]
    worked = [d for d in between if d.weekday() in workdays.hours(working).days and d not in XMAS]
    if count:
        assert len(worked) == abs(count) and then in (worked[-1], worked[0])
    else:
        assert not workdays.why_off(then, cal) and (then == day or worked == [then])


def test_too_far() -> None:
    with pytest.raises(BadValue, match="1900 to 2200"):
        parse_date("+9999wd", at("2190-01-01"))


@pytest.mark.parametrize(
    ("day", "working", "said"),
    [
        ("2026-11-27", "", ""),
        ("2026-11-28", "", "Sat 2026-11-28 is a weekend; the next working day is Mon 2026-11-30"),
        ("2026-11-27", "sun-thu", "Fri 2026-11-27 is no working day; the next working day is Sun 2026-11-29"),
        ("2026-12-25", "", "Fri 2026-12-25 is Christmas Day; the next working day is Mon 2026-12-28"),
    ],
)
def test_what_is_said_of_a_due_day(day: str, working: str, said: str) -> None:
    assert workdays.told(date.fromisoformat(day), at("2026-11-23", working)) == said


@pytest.mark.parametrize(
    ("at_", "said"), [("08:59", "Mon–Fri 09:00–17:00"), ("09:00", ""), ("16:59", ""), ("17:00", "Mon–Fri 09:00–17:00")]
)
def test_hours_outside(at_: str, said: str) -> None:
    assert workdays.outside(at_, at("2026-11-23", "9-17")) == said
    assert workdays.outside(at_, at("2026-11-23")) == ""
