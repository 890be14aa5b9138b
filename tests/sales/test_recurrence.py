"""Repeating tasks: words, rules of RFC 5545, the day that comes next."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import BadValue
from sfa.sales import recurrence
from sfa.sales.recurrence import describe, first, following, parse

MON = date(2026, 11, 23)
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@pytest.mark.parametrize(
    ("words", "rule", "told"),
    [
        ("daily", "FREQ=DAILY", "every day"),
        ("Weekly", "FREQ=WEEKLY;BYDAY=MO", "every week on Mon"),
        ("every 2 weeks", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Mon"),
        ("every other week", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Mon"),
        ("every thu, mon and tue", "FREQ=WEEKLY;BYDAY=MO,TU,TH", "every week on Mon, Tue, Thu"),
        ("every fridays", "FREQ=WEEKLY;BYDAY=FR", "every week on Fri"),
        ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every week on Mon, Tue, Wed, Thu, Fri"),
        ("monthly", "FREQ=MONTHLY;BYMONTHDAY=23", "every month on day 23"),
        ("quarterly", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=23", "every 3 months on day 23"),
        ("yearly", "FREQ=YEARLY;BYMONTHDAY=23;BYMONTH=11", "every year on 11-23"),
        ("rrule:freq=monthly;byday=-1fr", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("COUNT=3;FREQ=DAILY", "FREQ=DAILY;COUNT=3", "every day, 3 more"),
        ("FREQ=DAILY;UNTIL=20261231T235959Z", "FREQ=DAILY;UNTIL=20261231T235959Z", "every day, until 2026-12-31"),
    ],
)
def test_words_and_rules(words: str, rule: str, told: str) -> None:
    assert sorted(parse(words, MON).split(";")) == sorted(rule.split(";"))
    assert describe(parse(words, MON)) == told
    assert parse(parse(words, MON), MON) == parse(words, MON)


@pytest.mark.parametrize(
    "text",
    [
        *("", "now and then", "every", "every 0 days", "every blue monday", "2 weeks", "FREQ=HOURLY", "FREQ=DAILY;COUNT=0", "INTERVAL=2"),
        *("FREQ=DAILY;COUNT=2;UNTIL=20270101", "FREQ=DAILY;BYSETPOS=1", "FREQ=DAILY;FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=0"),
        *("FREQ=YEARLY;BYMONTH=13", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;UNTIL=20261345", "FREQ=DAILY\nEXDATE:20260101"),
    ],
)
def test_what_cannot_be_read_is_refused_with_examples(text: str) -> None:
    with pytest.raises(BadValue) as error:
        parse(text, MON)
    assert "every 2 weeks" in error.value.hint


@given(st.text(max_size=60) | st.text("FREQ=DAILYWKMONTH;BY0123-+,", max_size=60), DAYS)
def test_no_text_crashes(text: str, day: date) -> None:
    try:
        rule = parse(text, day)
    except BadValue:
        return
    assert describe(rule)


@given(DAYS, st.integers(0, 400))
def test_weekly_keeps_its_weekday_and_skips_what_passed(due: date, late: int) -> None:
    done = due + timedelta(days=late)
    found = following(parse("weekly", due), due, done)
    assert found
    assert found[0].weekday() == due.weekday()
    assert timedelta(0) < found[0] - done <= timedelta(days=7)


@given(DAYS, st.integers(1, 30))
def test_monthly_is_the_same_day_or_the_last_one(due: date, months: int) -> None:
    """Computed by hand: month after month, the day or the month's length where that is less. The 31st never wanders."""
    rule, day = parse("monthly", due), due
    for n in range(1, months + 1):
        found = following(rule, day, day)
        assert found
        day, rule = found
        year, month = divmod(due.year * 12 + due.month - 1 + n, 12)
        assert day == date(year, month + 1, min(due.day, monthrange(year, month + 1)[1]))


def test_a_leap_day_comes_every_year_on_the_last_of_february() -> None:
    rule, day, seen = parse("yearly", date(2028, 2, 29)), date(2028, 2, 29), []
    for _ in range(4):
        found = following(rule, day, day)
        assert found
        day, rule = found
        seen.append(day.isoformat())
    assert seen == ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]


def test_a_written_rule_leaves_out_the_months_that_have_no_such_day() -> None:
    rule = parse("FREQ=MONTHLY;BYMONTHDAY=31", date(2026, 1, 31))
    assert following(rule, date(2026, 1, 31), date(2026, 1, 31)) == (date(2026, 3, 31), rule)


@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1)])
def test_a_change_of_the_clock_moves_no_day(day: date) -> None:
    before = day - timedelta(days=1)
    assert following("FREQ=DAILY", before, before) == (day, "FREQ=DAILY")
    assert following("FREQ=DAILY", day, day) == (day + timedelta(days=1), "FREQ=DAILY")


@given(DAYS, st.integers(1, 12), st.integers(1, 5))
def test_a_count_is_used_up(due: date, count: int, step: int) -> None:
    """The task itself is the first; so many are there in all."""
    rule, day, seen = f"FREQ=DAILY;INTERVAL={step};COUNT={count}", due, 1
    while found := following(rule, day, day):
        day, rule = found
        seen += 1
    assert seen == count
    assert (day - due).days == step * (count - 1)


def test_a_rule_ends_on_its_day() -> None:
    rule = "FREQ=WEEKLY;BYDAY=MO;UNTIL=20261207"
    assert following(rule, MON, MON) == (date(2026, 11, 30), rule)
    assert following(rule, date(2026, 12, 7), date(2026, 12, 7)) is None
    assert following(rule, MON, date(2027, 1, 5)) is None


def test_the_first_day_may_be_today() -> None:
    assert first("FREQ=WEEKLY;BYDAY=MO", MON) == MON
    assert first("FREQ=WEEKLY;BYDAY=TU", MON) == date(2026, 11, 24)
    assert recurrence.DAYS[MON.weekday()] == "MO"
