"""Days and periods said in Chinese, on Monday 23 November 2026."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from sfa.errors import BadValue
from sfa.sales.dates import Calendar, parse_date, parse_period
from sfa.sales.moments import parse_stamp

MONDAY = Calendar(date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("UTC")))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        *(("今天", "2026-11-23"), ("明天", "2026-11-24"), ("后天", "2026-11-25"), ("大后天", "2026-11-26"), ("昨天", "2026-11-22")),
        *(("周五", "2026-11-27"), ("星期五", "2026-11-27"), ("礼拜天", "2026-11-29"), ("周一", "2026-11-23"), ("本周五", "2026-11-27")),
        *(("下周五", "2026-12-04"), ("下个星期一", "2026-11-30"), ("上周五", "2026-11-20")),
        *(
            ("3天后", "2026-11-26"),
            ("两周后", "2026-12-07"),
            ("1个月后", "2026-12-23"),
            ("十天前", "2026-11-13"),
            ("三个月之后", "2027-02-23"),
        ),
        *(("月底", "2026-11-30"), ("年底", "2026-12-31"), ("季度末", "2026-12-31"), ("年初", "2026-01-01")),
        *(("fri of next week", "2026-12-04"), ("mon of last week", "2026-11-16"), ("2026年11月30日", "2026-11-30")),
    ],
)
def test_days(text: str, day: str) -> None:
    assert parse_date(text, MONDAY).isoformat() == day


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("本周", "2026-11-23", "2026-11-30"),
        ("下个月", "2026-12-01", "2027-01-01"),
        ("上季度", "2026-07-01", "2026-10-01"),
        ("今年", "2026-01-01", "2027-01-01"),
    ],
)
def test_periods(text: str, start: str, end: str) -> None:
    found = parse_period(text, MONDAY)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)


def test_with_a_time() -> None:
    assert parse_stamp("周五 14:30", MONDAY) == parse_stamp("fri 14:30", MONDAY) == parse_stamp("周五14：30", MONDAY)


@pytest.mark.parametrize("text", ["周八", "下下周五", "很快", "天后", "周"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(BadValue):
        parse_date(text, MONDAY)
