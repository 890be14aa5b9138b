"""Which period is compared with which, and bands."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import BadValue, UsageError
from sfa.sales.bands import BANDS
from sfa.sales.comparison import compared, shifted, standing
from sfa.sales.dates import Calendar, parse_period


def calendar(day: str = "2026-11-23", **more: object) -> Calendar:
    today = date.fromisoformat(day)
    return Calendar(today, datetime(today.year, today.month, today.day, 12, tzinfo=UTC), **more)  # type: ignore[arg-type]


def days(period: object) -> str:
    return f"{period.start}/{period.end}"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("period", "versus", "this", "other"),
    [
        ("2026-Q3", "previous", "2026-07-01/2026-10-01", "2026-04-01/2026-07-01"),
        ("2026-Q3", "last-year", "2026-07-01/2026-10-01", "2025-07-01/2025-10-01"),
        ("2026-Q3", "Last Year", "2026-07-01/2026-10-01", "2025-07-01/2025-10-01"),
        ("2026-Q3", "2024", "2026-07-01/2026-10-01", "2024-01-01/2025-01-01"),
        # The quarter in progress: 54 days of it, and of the other.
        ("2026-Q4", "previous", "2026-10-01/2026-11-24", "2026-07-01/2026-08-24"),
        ("2026-Q4", "last-year", "2026-10-01/2026-11-24", "2025-10-01/2025-11-24"),
        ("2026", "last-year", "2026-01-01/2026-11-24", "2025-01-01/2025-11-24"),
        ("2026-11", "2026-Q3", "2026-11-01/2026-11-24", "2026-07-01/2026-07-24"),
        ("ytd", "last-year", "2026-01-01/2026-11-24", "2025-01-01/2025-11-24"),
        ("2026-01-01..", "last-year", "2026-01-01/2026-11-24", "2025-01-01/2025-11-24"),
        # The other one is not over.
        ("2025-Q4", "2026-Q4", "2025-10-01/2025-11-24", "2026-10-01/2026-11-24"),
        ("2026-11-16", "2026-Q4", "2026-11-16/2026-11-17", "2026-10-01/2026-11-24"),
        # Not begun: whole.
        ("2027-Q1", "last-year", "2027-01-01/2027-04-01", "2026-01-01/2026-04-01"),
        ("2026-W40", "last-year", "2026-09-28/2026-10-05", "2025-09-29/2025-10-06"),
        ("2026-W40", "previous", "2026-09-28/2026-10-05", "2026-09-21/2026-09-28"),
        ("2025-02", "last-year", "2025-02-01/2025-03-01", "2024-02-01/2024-03-01"),
        ("2025-02-28", "last-year", "2025-02-28/2025-03-01", "2024-02-28/2024-02-29"),
        ("2024-02-29", "last-year", "2024-02-29/2024-03-01", "2023-02-28/2023-03-01"),
        ("2026-03-10..2026-04-09", "previous", "2026-03-10/2026-04-10", "2026-02-07/2026-03-10"),
    ],
)
def test_parts_that_are_compared(period: str, versus: str, this: str, other: str) -> None:
    cal = calendar()
    found = compared(parse_period(period, cal), versus, cal)
    assert (days(found.this), days(found.other)) == (this, other)
    assert found.whole_other.start == found.other.start


def test_the_year_after_a_leap_day() -> None:
    """By the day of the year, not by number of days."""
    cal = calendar("2028-03-01")
    found = compared(parse_period("2028", cal), "last-year", cal)
    assert days(found.other) == "2027-01-01/2027-03-02"
    assert (found.other.end - found.other.start).days + 1 == (found.this.end - found.this.start).days


@pytest.mark.parametrize(
    ("period", "versus", "other"),
    [
        ("FY26-Q1", "last-year", "FY25-Q1"),
        ("FY26-Q1", "previous", "FY25-Q4"),
        ("FY26-M02", "last-year", "FY25-M02"),
        ("FY26", "last-year", "FY25"),
        ("FY26-Q1", "FY24-Q3", "FY24-Q3"),
    ],
)
@pytest.mark.parametrize("weeks", ["", "4-4-5", "4-5-4", "5-4-4"])
def test_fiscal_periods_are_compared_with_fiscal_ones(period: str, versus: str, other: str, weeks: str) -> None:
    cal = calendar("2029-01-01", fiscal_month=2, fiscal_weeks=weeks)
    found = compared(parse_period(period, cal), versus, cal)
    assert found.other == parse_period(other, cal)
    assert found.other.name == other


def test_a_running_fiscal_year_of_weeks() -> None:
    """As many days of the year before, whose first day is another."""
    cal = calendar("2026-11-23", fiscal_month=2, fiscal_weeks="4-5-4", fiscal_named_by="start")
    found = compared(parse_period("FY26", cal), "last-year", cal)
    assert found.whole.start == date(2026, 2, 2) and found.whole_other.start == date(2025, 2, 3)
    assert found.other.end - found.other.start == found.this.end - found.this.start


@given(
    st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 800), st.integers(-400, 1200), st.sampled_from(["previous", "last-year"])
)
def test_parts_are_within_and_as_long(start: date, length: int, into: int, versus: str) -> None:
    today = start + timedelta(days=into)
    cal = calendar(today.isoformat())
    period = parse_period(f"{start}..{start + timedelta(days=length - 1)}", cal)
    found = compared(period, versus, cal)
    assert period.start == found.this.start <= found.this.end <= period.end
    assert found.other.start == found.whole_other.start and found.other.end <= found.whole_other.end
    assert found.other.start < found.this.start
    if versus == "previous":
        assert found.whole_other.end == period.start
    cut = next((p for p in (found.whole, found.whole_other) if p.start <= today < p.end - timedelta(days=1)), None)
    assert found.partly is (cut is not None and (found.this, found.other) != (found.whole, found.whole_other))
    if cut is None:
        assert (found.this, found.other) == (found.whole, found.whole_other)
    else:
        # As many days of both, one fewer or more around a leap day, fewer where one is shorter.
        elapsed = today + timedelta(days=1) - cut.start
        for part, whole in ((found.this, found.whole), (found.other, found.whole_other)):
            assert part.end == whole.end or abs((part.end - part.start) - elapsed) <= timedelta(days=1)
            assert part.end - part.start <= elapsed + timedelta(days=1)


def test_what_has_nothing_before_it() -> None:
    cal = calendar()
    for versus in ("previous", "last-year"):
        with pytest.raises(UsageError, match="all time"):
            compared(parse_period("all", cal), versus, cal)
    with pytest.raises(BadValue):
        compared(parse_period("2026", cal), "someday", cal)


@pytest.mark.parametrize(
    ("period", "versus", "other", "day"),
    [
        (None, "last-year", None, "2025-11-23"),
        (None, "2026-Q3", None, "2026-09-30"),
        ("2026-Q4", "previous", "2026-Q3", "2026-08-23"),
        ("2026-Q4", "last-year", "2025-Q4", "2025-11-23"),
        ("2027-Q1", "last-year", "2026-Q1", "2025-11-23"),
        ("2027-Q1", "previous", "2026-Q4", "2026-08-23"),
    ],
)
def test_how_things_stood(period: str | None, versus: str, other: str | None, day: str) -> None:
    cal = calendar()
    found, when = standing(parse_period(period, cal) if period else None, versus, cal)
    assert (found.name if found else None, str(when)) == (other, day)


def test_the_future_did_not_stand_yet() -> None:
    cal = calendar()
    for period, versus in ((None, "2027"), (None, "today"), ("2026-Q4", "2027-Q1")):
        with pytest.raises(UsageError, match="not in the past"):
            standing(parse_period(period, cal) if period else None, versus, cal)
    with pytest.raises(UsageError, match="no period before"):
        standing(None, "previous", cal)


def test_months_stand_beside_those_they_are_compared_with() -> None:
    cal = calendar()
    this, other = parse_period("2026", cal), parse_period("2025", cal)
    assert shifted("2025-11", this, other, cal) == "2026-11"
    assert shifted("2026-06", parse_period("2026-Q3", cal), parse_period("2026-Q2", cal), cal) == "2026-09"
    weeks = calendar("2026-11-23", fiscal_month=2, fiscal_weeks="4-5-4", fiscal_named_by="start")
    this, other = parse_period("FY26", weeks), parse_period("FY25", weeks)
    assert shifted("2025-03-10", this, other, weeks) == str(parse_period("FY26-M02", weeks).start)


@pytest.mark.parametrize(
    ("name", "value", "label"),
    [
        ("account_size", 9, "1–9"),
        ("account_size", 10, "10–49"),
        ("account_size", 249, "50–249"),
        ("account_size", 1000, "1,000+"),
        ("cycle", 0, "0–30"),
        ("cycle", 31, "31–60"),
        ("cycle", 181, "181+"),
        ("pushes", 0, "0"),
        ("pushes", 2, "2"),
        ("pushes", 7, "3+"),
        ("deal_size", -5, "under 1k"),
        ("deal_size", 1_999_99, "1k–2k"),
        ("deal_size", 500_000_00, "500k–1m"),
        ("deal_size", 10**12, "1m+"),
        ("account_revenue", 1_000_000_00, "1m–2m"),
    ],
)
def test_bands(name: str, value: int, label: str) -> None:
    band = BANDS[name].of(value)
    assert band is not None
    assert BANDS[name].label(band, "USD") == label


def test_what_is_below_the_lowest_band_is_in_none() -> None:
    assert BANDS["cycle"].of(-1) is None
    assert BANDS["account_size"].of(0) is None
    for bands in BANDS.values():
        assert list(bands.edges) == sorted(set(bands.edges))
        labels = [bands.label(i, "USD") for i in range(len(bands.edges) + 1)]
        assert len(set(labels)) == len(labels)
