"""Days, periods and moments: what is read and refused, names that read back, periods that tile, clocks that change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given
from hypothesis import strategies as st

from sfa.errors import BadValue
from sfa.sales import datecolumns, dates, moments
from sfa.sales.dates import Calendar, Period

FRIDAY = Calendar(date(2026, 11, 20), datetime(2026, 11, 20, 9, 15, tzinfo=UTC), 4, "end", "", "Europe/Berlin")

DAYS = st.dates(dates.FIRST, dates.LAST - timedelta(days=1))
CALENDARS = st.builds(
    lambda day, *fiscal: Calendar(day, datetime(day.year, day.month, day.day, 12, tzinfo=UTC), *fiscal),
    st.dates(date(1950, 1, 1), date(2150, 1, 1)),
    st.integers(1, 12),
    st.sampled_from(["start", "end"]),
    st.sampled_from(["", *dates.ORDERS]),
    st.just(""),
    st.sampled_from(["", "4-4-5", "4-5-4", "5-4-4"]),
    st.sampled_from(["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]),
)
OF_MONTHS = CALENDARS.map(lambda cal: cal._replace(fiscal_weeks=""))
OF_WEEKS = CALENDARS.filter(lambda cal: bool(cal.fiscal_weeks))
# Text that is nearly a date: pieces of the grammar in any order.
PIECES = """2026 26 9999 fy q4 h1 w47 m03 - / .. . : t z + 3 9 d m last next this end of start in ago days quarters
eom eoq fri may 29 feb 年 月 日 ２ today now am pm ,"""
TEXTS = st.text() | st.lists(st.sampled_from([*PIECES.split(), " "]), max_size=8).map("".join)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-23", "2026-11-23"),
        ("20261123", "2026-11-23"),
        ("2026/1/5", "2026-01-05"),
        (" TODAY ", "2026-11-20"),
        ("tomorrow", "2026-11-21"),
        ("yesterday", "2026-11-19"),
        ("+3d", "2026-11-23"),
        ("-2w", "2026-11-06"),
        ("+1m", "2026-12-20"),
        ("+1q", "2027-02-20"),
        ("-1y", "2025-11-20"),
        ("in 3 days", "2026-11-23"),
        ("2 weeks ago", "2026-11-06"),
        # 2026-11-20 is a Friday: the bare name includes it, next and last do not.
        ("fri", "2026-11-20"),
        ("this friday", "2026-11-20"),
        ("next fri", "2026-11-27"),
        ("last fri", "2026-11-13"),
        ("Thursday", "2026-11-26"),
        ("next thu", "2026-11-26"),
        ("last thurs", "2026-11-19"),
        ("sow", "2026-11-16"),
        ("eow", "2026-11-22"),
        ("som", "2026-11-01"),
        ("eom", "2026-11-30"),
        ("soq", "2026-10-01"),
        ("eoq", "2026-12-31"),
        ("soy", "2026-01-01"),
        ("eoy", "2026-12-31"),
        ("eofq", "2026-12-31"),
        ("sofy", "2026-04-01"),
        ("eofy", "2027-03-31"),
        ("end of month", "2026-11-30"),
        ("end of the quarter", "2026-12-31"),
        ("start of next month", "2026-12-01"),
        ("end of fy27-q1", "2026-06-30"),
        ("15 mar 2024", "2024-03-15"),
        ("Mar 15, 2024", "2024-03-15"),
        ("March 15th 2024", "2024-03-15"),
        ("15-Mar-24", "2024-03-15"),
        ("1st of may 2026", "2026-05-01"),
        ("2024-Mar-15", "2024-03-15"),
        ("15 mar", "2027-03-15"),
        ("20 nov", "2026-11-20"),
        ("29 feb", "2028-02-29"),
        ("2026年11月23日", "2026-11-23"),
        ("11月23日", "2026-11-23"),
        ("２０２６－１１－２３", "2026-11-23"),
        ("13/04/26", "2026-04-13"),
        ("04/13/2026", "2026-04-13"),
        ("12/13/2026", "2026-12-13"),
        ("13/12/2026", "2026-12-13"),
        ("04.04.26", "2026-04-04"),
        ("13/04/69", "1969-04-13"),
        ("13/04/68", "2068-04-13"),
        # Of a timestamp, its day in Berlin.
        ("2024-01-22T23:36:47.000+0000", "2024-01-23"),
        ("2024-01-22T23:36:47", "2024-01-22"),
        ("fri 14:30", "2026-11-20"),
    ],
)
def test_days_that_are_read(text: str, day: str) -> None:
    assert dates.parse_date(text, FRIDAY).isoformat() == day


@pytest.mark.parametrize(
    ("order", "text", "day"),
    [
        ("dmy", "03/04/26", "2026-04-03"),
        ("mdy", "03/04/26", "2026-03-04"),
        ("ymd", "03/04/26", "2003-04-26"),
        ("dmy", "3.4.2026", "2026-04-03"),
        ("mdy", "3-4-2026", "2026-03-04"),
        ("ymd", "13/04/2026", "2026-04-13"),
        ("mdy", "2026-03-04", "2026-03-04"),
    ],
)
def test_the_set_order_decides(order: str, text: str, day: str) -> None:
    assert dates.parse_date(text, FRIDAY._replace(order=order)).isoformat() == day


@pytest.mark.parametrize(
    ("order", "text", "message", "hint"),
    [
        ("", "", "blank", "2026-11-23"),
        ("", "soon", "'soon' is not a date", "+3d"),
        ("", "12", "'12' is not a date", ""),
        ("", "3/4", "is not a date", ""),
        ("", "03/04/26", "two different days", "sfa config set date_order dmy"),
        ("", "11/12/26", "two different days", "2026-12-11 or 2026-11-12"),
        ("dmy", "12/13/2026", "order dmy", "2026-12-13"),
        ("", "2200-12-32", "does not exist", ""),
        ("ymd", "03/04/2026", "two different days", "2026-04-03 or 2026-03-04"),
        ("dmy", "04/13/2026", "order dmy", "2026-04-13"),
        ("mdy", "13/04/2026", "order mdy", "2026-04-13"),
        ("", "2026-02-30", "does not exist", "February 2026 has 28 days"),
        ("", "31 apr 2026", "does not exist", "April 2026 has 30 days"),
        ("", "30 feb", "does not exist", ""),
        ("", "2026-13-01", "no month 13", ""),
        ("", "2026-00-01", "no month 0", ""),
        ("", "1899-12-31", "1900 to 2200", ""),
        ("", "2201-01-01", "1900 to 2200", ""),
        ("", "+9999y", "1900 to 2200", ""),
        ("", "-9999m", "1900 to 2200", ""),
        ("", "3:00 2:00", "is not a date", ""),
        ("", "x" * 5000, "too long", ""),
    ],
)
def test_days_that_are_refused(order: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(BadValue) as caught:
        dates.parse_date(text, FRIDAY._replace(order=order))
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert len(caught.value.message) < 140


@given(TEXTS, CALENDARS)
def test_any_text_is_read_or_refused(text: str, cal: Calendar) -> None:
    cell = datecolumns.date_reader(cal.order)
    for read in (dates.parse_date, dates.parse_period, moments.parse_stamp, lambda text, _: cell(text)):
        try:
            read(text, cal)
        except BadValue as error:
            assert error.message.isprintable()


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d %b %Y", "%B %d, %Y", "%d-%b-%Y", "%Y年%m月%d日"]), CALENDARS)
def test_every_spelling_of_a_day_reads_the_same(day: date, pattern: str, cal: Calendar) -> None:
    assert dates.parse_date(day.strftime(pattern), cal) == day


@given(DAYS, st.integers(-2000, 2000))
@example(date(2024, 1, 31), 1)
@example(date(2024, 2, 29), 12)
def test_months_on_clip_to_the_months_end(day: date, count: int) -> None:
    assert dates.add_months(day, count) == day + relativedelta(months=count)


@given(CALENDARS, st.integers(0, 6))
def test_weekdays_are_near_and_on_their_side_of_today(cal: Calendar, weekday: int) -> None:
    name = "mon tue wed thu fri sat sun".split()[weekday]  # noqa: SIM905
    days = {word: dates.parse_date(f"{word} {name}".strip(), cal) for word in ("", "next", "last")}
    assert {day.weekday() for day in days.values()} == {weekday}
    ahead = {word: (day - cal.today).days for word, day in days.items()}
    assert 0 <= ahead[""] <= 6 and 1 <= ahead["next"] <= 7 and -7 <= ahead["last"] <= -1


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["2026-01-31", "", "2026/02/01"], "ymd"),
        (["03/04/26", "13/04/26"], "dmy"),
        (["03/04/26", "04/13/26", "n/a", "2026-01-01"], "mdy"),
        (["02/24/26 02:18 AM"], "mdy"),
        (["03.04.2026", "31.12.2026"], "dmy"),
        (["99/12/31", "98/01/02"], "ymd"),
        # Impossible in any order: says nothing about the others.
        (["45/13/2026", "12/31/2026"], "mdy"),
        (["03/04/26", "2026-01-31"], None),
        (["03/04/26", "12/12/2026"], None),
        (["", "  "], None),
        (["15-Mar-24"], None),
    ],
)
def test_what_a_column_proves(cells: list[str], order: str | None) -> None:
    assert datecolumns.prove_order(iter(cells)) == order


@pytest.mark.parametrize("cells", [["13/04/26", "04/13/26"], ["99/12/31", "13/04/2026"], ["31/12/99", "99/12/31", "12/31/99"]])
def test_a_column_that_contradicts_itself(cells: list[str]) -> None:
    with pytest.raises(BadValue) as caught:
        datecolumns.prove_order(cells)
    assert sum(cell in caught.value.message for cell in cells) == 2


@given(st.lists(st.dates(date(1970, 1, 1), date(2060, 1, 1)), min_size=1), st.sampled_from([("dmy", "%d/%m/%Y"), ("mdy", "%m/%d/%y")]))
def test_a_column_in_one_order_proves_it_or_nothing(days: list[date], written: tuple[str, str]) -> None:
    order, pattern = written
    cells = [day.strftime(pattern) for day in days]
    proved = datecolumns.prove_order(cells)
    assert proved == (order if any(day.day > 12 for day in days) else None)
    read = datecolumns.date_reader(order)
    assert [read(cell) for cell in cells] == [day.isoformat() for day in days]


@pytest.mark.parametrize(
    ("order", "text", "iso"),
    [
        ("dmy", "03/04/26", "2026-04-03"),
        ("mdy", "03/04/26", "2026-03-04"),
        ("ymd", "26/04/03", "2026-04-03"),
        ("dmy", "2026-03-04", "2026-03-04"),
        ("dmy", "2026-03-04T23:59:00Z", "2026-03-04"),
        ("dmy", "2026-03-04 10:00:00", "2026-03-04"),
        ("mdy", "02/24/26 02:18 AM", "2026-02-24"),
        ("dmy", "15-Mar-24", "2024-03-15"),
        ("dmy", "31.12.69", "1969-12-31"),
        ("dmy", "31.12.68", "2068-12-31"),
        ("", "31.12.68", "2068-12-31"),
        ("dmy", "", None),
        ("dmy", "  ", None),
        ("%d.%m.%Y", "04.03.2026", "2026-03-04"),
        ("%d.%m.%Y", "04.03.2026 12:00", "2026-03-04"),
        ("%d.%m.%Y", "2026-03-04", "2026-03-04"),
        ("%b %d %Y %H:%M", "Mar 4 2026 10:00", "2026-03-04"),
        ("%d.%m.%Y", " ", None),
    ],
)
def test_cells_of_a_column(order: str, text: str, iso: str | None) -> None:
    read = datecolumns.date_reader(order)
    assert read(text) == iso
    assert read(text) == iso  # and again, from the cache


@pytest.mark.parametrize(
    ("order", "text"),
    [
        *(("dmy", cell) for cell in ("04/13/2026", "2026-02-30", "tomorrow", "15 mar", "1850-01-01", "2026-01-01Tx", "2026-01-01x")),
        ("", "03/04/26"),
        *(("%d.%m.%Y", cell) for cell in ("2026-02-30", "03/04/2026", "03.04.1850")),
    ],
)
def test_cells_that_are_refused(order: str, text: str) -> None:
    read = datecolumns.date_reader(order)
    for _ in range(2):
        with pytest.raises(BadValue):
            read(text)


@pytest.mark.parametrize("pattern", ["dmY", "%", "%d.%m", "%H:%M", "%Q", "%Y-%m"])
def test_patterns_that_give_no_date(pattern: str) -> None:
    with pytest.raises(BadValue):
        datecolumns.date_reader(pattern)


def test_a_reader_forgets_rather_than_grows() -> None:
    read = datecolumns.date_reader("dmy")
    days = [date(1950, 1, 1) + timedelta(days=i) for i in range(10_000)]
    assert [read(day.strftime("%d/%m/%Y")) for day in days] == [day.isoformat() for day in days]


@pytest.mark.parametrize(
    ("text", "start", "last", "name"),
    [
        ("2026", "2026-01-01", "2026-12-31", "2026"),
        ("2026-H1", "2026-01-01", "2026-06-30", "2026-H1"),
        ("2026-H2", "2026-07-01", "2026-12-31", "2026-H2"),
        ("2026-q4", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("2026Q4", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("Q4 2026", "2026-10-01", "2026-12-31", "2026-Q4"),
        ("q1", "2026-01-01", "2026-03-31", "2026-Q1"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-02"),
        ("nov 2026", "2026-11-01", "2026-11-30", "2026-11"),
        ("2026年11月", "2026-11-01", "2026-11-30", "2026-11"),
        ("2026-W47", "2026-11-16", "2026-11-22", "2026-W47"),
        ("2026-W53", "2026-12-28", "2027-01-03", "2026-W53"),
        ("2026-11-23", "2026-11-23", "2026-11-23", "2026-11-23"),
        # The fiscal year starts in April and is named by its end.
        ("FY26", "2025-04-01", "2026-03-31", "FY26"),
        ("fy2026", "2025-04-01", "2026-03-31", "FY26"),
        ("FY26-Q1", "2025-04-01", "2025-06-30", "FY26-Q1"),
        ("Q4 FY26", "2026-01-01", "2026-03-31", "FY26-Q4"),
        ("FY26-H2", "2025-10-01", "2026-03-31", "FY26-H2"),
        ("FY26-M03", "2025-06-01", "2025-06-30", "FY26-M03"),
        ("FY2105", "2104-04-01", "2105-03-31", "FY2105"),
        ("this month", "2026-11-01", "2026-11-30", "2026-11"),
        ("last quarter", "2026-07-01", "2026-09-30", "2026-Q3"),
        ("next year", "2027-01-01", "2027-12-31", "2027"),
        ("last week", "2026-11-09", "2026-11-15", "2026-W46"),
        ("this fq", "2026-10-01", "2026-12-31", "FY27-Q3"),
        ("last fiscal year", "2025-04-01", "2026-03-31", "FY26"),
        ("today", "2026-11-20", "2026-11-20", "2026-11-20"),
        ("yesterday", "2026-11-19", "2026-11-19", "2026-11-19"),
        ("last day", "2026-11-19", "2026-11-19", "2026-11-19"),
        ("last fri", "2026-11-13", "2026-11-13", "2026-11-13"),
        ("last 90 days", "2026-08-23", "2026-11-20", "2026-08-23..2026-11-20"),
        ("next 30 days", "2026-11-20", "2026-12-19", "2026-11-20..2026-12-19"),
        ("last 4 quarters", "2025-10-01", "2026-09-30", "2025-10-01..2026-09-30"),
        ("last 2 fy", "2024-04-01", "2026-03-31", "2024-04-01..2026-03-31"),
        ("next 2 months", "2026-12-01", "2027-01-31", "2026-12-01..2027-01-31"),
        ("last 2 halves", "2025-07-01", "2026-06-30", "2025-07-01..2026-06-30"),
        ("ytd", "2026-01-01", "2026-11-20", "2026-01-01..2026-11-20"),
        ("qtd", "2026-10-01", "2026-11-20", "2026-10-01..2026-11-20"),
        ("mtd", "2026-11-01", "2026-11-20", "2026-11-01..2026-11-20"),
        ("fytd", "2026-04-01", "2026-11-20", "2026-04-01..2026-11-20"),
        ("2026-01-01..2026-03-31", "2026-01-01", "2026-03-31", "2026-Q1"),
        ("2026-Q1..2026-Q3", "2026-01-01", "2026-09-30", "2026-01-01..2026-09-30"),
        ("today..+30d", "2026-11-20", "2026-12-20", "2026-11-20..2026-12-20"),
        ("2026-11-23..2026-11-23", "2026-11-23", "2026-11-23", "2026-11-23"),
        ("2026-06-01 ..", "2026-06-01", "2200-12-31", "2026-06-01..2200-12-31"),
        ("all", "1900-01-01", "2200-12-31", "all"),
    ],
)
def test_periods_that_are_read(text: str, start: str, last: str, name: str) -> None:
    period = dates.parse_period(text, FRIDAY)
    assert (period.start.isoformat(), (period.end - timedelta(days=1)).isoformat(), period.name) == (start, last, name)
    assert dates.parse_period(name, FRIDAY) == period


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "blank", "2026-Q4"),
        ("soon", "'soon' is not a period", "2026-Q4"),
        ("2026-Q5", "is not a period", "Q1 to Q4"),
        ("2026-13", "is not a period", "M1 to M12"),
        ("2025-W53", "is not a period", "W1 to W52"),
        ("FY26-W03", "is not a period", "FY26-Q1"),
        ("last 0 days", "is not a period", ""),
        ("2026-12..2026-11", "ends before it starts", ""),
        ("2026..2027..2028", "is not a period", ""),
        ("2026-02-30", "does not exist", "28 days"),
        ("1899", "1900 to 2200", ""),
        ("FY1900", "1900 to 2200", ""),  # begins in April 1899
        ("next 9999 years", "1900 to 2200", ""),
        ("next 9999 fy", "1900 to 2200", ""),
        ("last 2100 fy", "1900 to 2200", ""),
        ("FY26-M13", "is not a period", "M1 to M12"),
    ],
)
@pytest.mark.parametrize("weeks", ["", "4-4-5"])
def test_periods_that_are_refused(text: str, message: str, hint: str, weeks: str) -> None:
    with pytest.raises(BadValue) as caught:
        dates.parse_period(text, FRIDAY._replace(fiscal_weeks=weeks))
    assert message in caught.value.message
    assert hint in caught.value.hint


SPANS = st.one_of(
    st.integers(1950, 2150).map(str),
    st.builds("{}-{}{}".format, st.integers(1950, 2150), st.just("H"), st.integers(1, 2)),
    st.builds("{}-{}{}".format, st.integers(1950, 2150), st.just("Q"), st.integers(1, 4)),
    st.builds("{}-W{:02d}".format, st.integers(1950, 2150), st.integers(1, 52)),
    st.builds("{}-{:02d}".format, st.integers(1950, 2150), st.integers(1, 12)),
    st.builds("FY{:02d}-{}".format, st.integers(0, 99), st.sampled_from(["Q1", "Q2", "Q3", "Q4", "H1", "H2", "M01", "M12"])),
    st.builds("FY{}".format, st.integers(1950, 2150)),
    st.builds("{}..{}".format, st.dates(date(1950, 1, 1), date(2000, 1, 1)), st.dates(date(2000, 1, 1), date(2150, 1, 1))),
    st.builds("{} {}".format, st.sampled_from(["this", "last", "next"]), st.sampled_from(["day", "week", "half", "fm", "fq", "fh", "fy"])),
    st.builds(
        "{} {} {}s".format, st.sampled_from(["last", "next"]), st.integers(1, 99), st.sampled_from(["day", "week", "month", "quarter"])
    ),
    st.sampled_from(["ytd", "qtd", "mtd", "wtd", "fytd", "fqtd", "all", "today", "..today", "today.."]),
)


@given(SPANS, CALENDARS)
def test_names_and_keys_read_back(text: str, cal: Calendar) -> None:
    period = dates.parse_period(text, cal)
    assert period.start < period.end
    assert dates.parse_period(period.name, cal) == period
    stored = dates.parse_period_key(dates.period_key(period.start, period.end))
    assert (stored.start, stored.end) == (period.start, period.end)
    assert stored.name == period.name or period.name.startswith("FY")


@given(CALENDARS, st.sampled_from(["day", "week", "month", "quarter", "half", "year", "fm", "fq", "fh", "fy"]))
def test_last_this_and_next_tile(cal: Calendar, unit: str) -> None:
    last, this, following = (dates.parse_period(f"{word} {unit}", cal) for word in ("last", "this", "next"))
    assert last.end == this.start <= cal.today < this.end == following.start


@given(st.integers(1950, 2150), CALENDARS, st.sampled_from(["", "FY"]))
def test_the_parts_of_a_year_tile_it(year: int, cal: Calendar, prefix: str) -> None:
    whole = dates.parse_period(f"{prefix}{year}", cal)
    for letter, count in (("H", 2), ("Q", 4), ("M", 12)):
        parts = [dates.parse_period(f"{prefix}{year}-{letter}{n}", cal) for n in range(1, count + 1)]
        assert parts[0].start == whole.start and parts[-1].end == whole.end
        assert all(one.end == other.start for one, other in pairwise(parts))
    following = dates.parse_period(f"{prefix}{year + 1}", cal)
    assert whole.end == following.start


@given(OF_MONTHS)
def test_a_fiscal_year_starts_in_its_month_and_has_the_year_of_its_start_or_end(cal: Calendar) -> None:
    fiscal = dates.parse_period("this fy", cal)
    assert (fiscal.start.month, fiscal.start.day) == (cal.fiscal_month, 1)
    last = fiscal.end - timedelta(days=1)
    named = fiscal.start.year if cal.fiscal_named_by == "start" else last.year
    assert fiscal.name in (f"FY{named}", f"FY{named % 100:02d}")


@pytest.mark.parametrize("month", range(1, 13))
def test_the_first_day_of_a_fiscal_year(month: int) -> None:
    by_start, by_end = (FRIDAY._replace(fiscal_month=month, fiscal_named_by=name) for name in ("start", "end"))
    assert dates.parse_period("FY26", by_start).start == date(2026, month, 1)
    # Only a fiscal year that starts in January ends in the year in which it starts.
    assert dates.parse_period("FY26", by_end).start == date(2026 if month == 1 else 2025, month, 1)


@given(OF_MONTHS)
def test_fiscal_months_count_up_by_one(cal: Calendar) -> None:
    # Twelve months from the fiscal year's first day are months 0 to 11 of the year in which it starts.
    first = dates.parse_period("this fy", cal).start
    indexes = [dates.fiscal_month_index(first + relativedelta(months=n, day=31), cal) for n in range(12)]
    assert indexes == [first.year * 12 + n for n in range(12)]
    quarter = dates.fiscal_quarter(cal.today, cal)
    assert quarter == dates.parse_period("this fq", cal)
    assert quarter.start <= cal.today < quarter.end
    assert quarter.start + relativedelta(months=3) == quarter.end


# Fiscal years of whole weeks. Retailers': the Sunday nearest to 1 February, 4-5-4, named by their start.
RETAIL = FRIDAY._replace(fiscal_month=2, fiscal_named_by="start", fiscal_weeks="4-5-4", fiscal_week_start="sunday")
# The Monday nearest to 1 January: the years of ISO weeks.
WEEKS = FRIDAY._replace(fiscal_month=1, fiscal_weeks="4-4-5")


@pytest.mark.parametrize(
    ("text", "start", "last", "weeks"),
    [
        # As the National Retail Federation publishes them.
        ("FY2023", "2023-01-29", "2024-02-03", 53),
        ("FY2024", "2024-02-04", "2025-02-01", 52),
        ("FY2025", "2025-02-02", "2026-01-31", 52),
        ("FY2026", "2026-02-01", "2027-01-30", 52),
        ("FY24-M01", "2024-02-04", "2024-03-02", 4),
        ("FY24-M02", "2024-03-03", "2024-04-06", 5),
        ("FY24-M03", "2024-04-07", "2024-05-04", 4),
        ("FY24-Q2", "2024-05-05", "2024-08-03", 13),
        ("FY24-H2", "2024-08-04", "2025-02-01", 26),
        # The 53rd week is the last month's, and with it the last quarter's and half's.
        ("FY23-M11", "2023-11-26", "2023-12-30", 5),
        ("FY23-M12", "2023-12-31", "2024-02-03", 5),
        ("FY23-Q4", "2023-10-29", "2024-02-03", 14),
        ("FY23-H2", "2023-07-30", "2024-02-03", 27),
        # Today is 2026-11-20.
        ("this fm", "2026-11-01", "2026-11-28", 4),
        ("this fq", "2026-11-01", "2027-01-30", 13),
        ("this fh", "2026-08-02", "2027-01-30", 26),
        ("this fy", "2026-02-01", "2027-01-30", 52),
        ("last fm", "2026-10-04", "2026-10-31", 4),
        ("next fq", "2027-01-31", "2027-05-01", 13),
        ("next 2 fq", "2027-01-31", "2027-07-31", 26),
        ("last 2 fy", "2024-02-04", "2026-01-31", 104),
        ("FY26-Q1..FY26-Q3", "2026-02-01", "2026-10-31", 39),
    ],
)
def test_periods_of_fiscal_weeks(text: str, start: str, last: str, weeks: int) -> None:
    period = dates.parse_period(text, RETAIL)
    assert (period.start.isoformat(), (period.end - timedelta(days=1)).isoformat()) == (start, last)
    assert (period.end - period.start).days == 7 * weeks


@pytest.mark.parametrize(
    ("text", "start", "last"),
    [
        ("fytd", "2026-02-01", "2026-11-20"),
        ("fqtd", "2026-11-01", "2026-11-20"),
        ("sofq..eofq", "2026-11-01", "2027-01-30"),
        ("sofm..eofm", "2026-11-01", "2026-11-28"),
        ("sofy..eofy", "2026-02-01", "2027-01-30"),
        ("end of last fq..end of FY26-M10", "2026-10-31", "2026-11-28"),
        # The calendar's own quarters and weeks know nothing of it.
        ("this quarter", "2026-10-01", "2026-12-31"),
        ("this week", "2026-11-16", "2026-11-22"),
    ],
)
def test_edges_of_fiscal_weeks(text: str, start: str, last: str) -> None:
    period = dates.parse_period(text, RETAIL)
    assert (period.start.isoformat(), (period.end - timedelta(days=1)).isoformat()) == (start, last)


def test_retail_years_of_53_weeks() -> None:
    spans = {year: dates.parse_period(f"FY{year}", RETAIL) for year in range(1998, 2028)}
    # Those that the National Retail Federation lists.
    assert [year for year, span in spans.items() if (span.end - span.start).days == 371] == [2000, 2006, 2012, 2017, 2023]


@given(st.integers(1950, 2150), st.sampled_from(["start", "end"]))
def test_mondays_nearest_to_january_begin_the_years_of_iso_weeks(year: int, named: str) -> None:
    span = dates.parse_period(f"FY{year}", WEEKS._replace(fiscal_named_by=named))
    assert span.start == date.fromisocalendar(year, 1, 1)
    assert span.end == date.fromisocalendar(year + 1, 1, 1)


@given(st.integers(1950, 2150), OF_WEEKS)
@example(2026, RETAIL)
@example(2023, WEEKS)
def test_a_fiscal_year_of_weeks_begins_near_the_first_and_has_its_pattern(year: int, cal: Calendar) -> None:
    whole = dates.parse_period(f"FY{year}", cal)
    began = year - (cal.fiscal_named_by == "end" and cal.fiscal_month > 1)
    first = date(began, cal.fiscal_month, 1)
    near = [day for n in range(-3, 4) if f"{(day := first + timedelta(days=n)):%A}".lower() == cal.fiscal_week_start]
    assert [whole.start] == near
    weeks = [(month.end - month.start).days / 7 for n in range(1, 13) for month in [dates.parse_period(f"FY{year}-M{n:02d}", cal)]]
    pattern = [int(n) for n in cal.fiscal_weeks.split("-")] * 4
    assert weeks in (pattern, [*pattern[:-1], pattern[-1] + 1])


@given(DAYS, OF_WEEKS)
def test_every_day_is_in_one_fiscal_month_of_weeks(day: date, cal: Calendar) -> None:
    month, quarter = dates.fiscal_month(day, cal), dates.fiscal_quarter(day, cal)
    assert month.start <= day < month.end
    assert quarter.start <= month.start and month.end <= quarter.end
    index = dates.fiscal_month_index(day, cal)
    assert month.name.endswith(f"-M{index % 12 + 1:02d}") and quarter.name.endswith(f"-Q{index % 12 // 3 + 1}")
    for inside in (month.start, month.end - timedelta(days=1)):
        assert dates.fiscal_month_index(inside, cal) == index
        assert dates.fiscal_month(inside, cal) == month
    assert dates.fiscal_month_index(month.end, cal) == index + 1
    assert dates.fiscal_month_index(month.start - timedelta(days=1), cal) == index - 1


@given(st.sampled_from(["fm", "fq", "fh", "fy"]), st.sampled_from(["this", "last", "next"]), CALENDARS)
def test_stored_fiscal_periods_have_a_name_for_people(unit: str, word: str, cal: Calendar) -> None:
    asked = dates.parse_period(f"{word} {unit}", cal)
    stored = dates.parse_period_key(dates.period_key(asked.start, asked.end))
    name = dates.name_for_people(stored, cal)
    # A calendar name goes first; without one it is the fiscal one, and reads back.
    assert name == (asked.name if ".." in stored.name else stored.name)
    assert dates.parse_period(name, cal)[:2] == asked[:2]


@pytest.mark.parametrize(
    "text",
    ["2026-02-01..2026-03-01", "2026-02-02..2026-02-28", "2026-11-01..2026-12-31", "FY26-M02..FY26-M04", "2026-06-01 ..", "all", "2026"],
)
def test_other_ranges_have_no_fiscal_name(text: str) -> None:
    period = dates.parse_period(text, RETAIL)
    assert dates.name_for_people(period, RETAIL) == period.name


@pytest.mark.parametrize("text", ["last 2025 fy", "next 7973 fy", "next 9999 fm"])
def test_years_of_weeks_beyond_what_can_be_read(text: str) -> None:
    """Where dates themselves end: the Sunday before the first day of year 1."""
    with pytest.raises(BadValue, match="1900 to 2200"):
        dates.parse_period(text, WEEKS._replace(fiscal_week_start="sunday"))


@pytest.mark.parametrize(
    ("text", "of_weeks"),
    [
        ("FY26", True),
        ("FY26-M03", True),
        ("last 2 fq", True),
        ("FY26-Q1..FY26-Q3", True),
        ("FY26-Q1..today", False),
        ("2026-Q1", False),
        ("2026-02", False),
        ("2026-01-15..2026-04-30", False),
        ("all", False),
    ],
)
def test_periods_whose_months_are_of_weeks(text: str, of_weeks: bool) -> None:
    assert dates.of_fiscal_weeks(dates.parse_period(text, RETAIL), RETAIL) is of_weeks
    months = RETAIL._replace(fiscal_weeks="")
    assert not dates.of_fiscal_weeks(dates.parse_period(text, months), months)


@given(SPANS, CALENDARS)
def test_months_tile_a_period(text: str, cal: Calendar) -> None:
    period = dates.parse_period(text, cal)
    pieces = dates.months(period)
    assert pieces[0].start == period.start and pieces[-1].end == period.end
    assert all(one.end == other.start for one, other in pairwise(pieces))
    assert all((piece.start.year, piece.start.month) == ((last := piece.end - timedelta(days=1)).year, last.month) for piece in pieces)


def test_months_are_cut_at_the_edges() -> None:
    names = [piece.name for piece in dates.months(dates.parse_period("2026-01-15..2026-03-31", FRIDAY))]
    assert names == ["2026-01-15..2026-01-31", "2026-02", "2026-03"]


@pytest.mark.parametrize(
    ("text", "heading"),
    [
        ("2026-Q4", "2026-Q4 (2026-10-01 to 2026-12-31)"),
        ("FY26-Q1", "FY26-Q1 (2025-04-01 to 2025-06-30)"),
        ("today", "2026-11-20"),
        ("ytd", "2026-01-01 to 2026-11-20"),
    ],
)
def test_headings(text: str, heading: str) -> None:
    assert dates.describe(dates.parse_period(text, FRIDAY)) == heading


def test_keys() -> None:
    assert dates.period_key(date(2026, 10, 1), date(2027, 1, 1)) == "2026-10-01/2027-01-01"
    assert dates.parse_period_key("2026-10-01/2027-01-01") == Period(date(2026, 10, 1), date(2027, 1, 1), "2026-Q4")
    with pytest.raises(ValueError, match="cannot start"):
        dates.period_key(date(2026, 1, 1), date(2026, 1, 1))
    for key in ("", "2026-10-01", "2027-01-01/2026-10-01", "2026-Q4", "a/b"):
        with pytest.raises(BadValue):
            dates.parse_period_key(key)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("now", "2026-11-20T09:15:00Z"),
        ("-2h", "2026-11-20T07:15:00Z"),
        ("+30min", "2026-11-20T09:45:00Z"),
        ("2 hours ago", "2026-11-20T07:15:00Z"),
        ("2024-01-22T20:36:47.000+0000", "2024-01-22T20:36:47Z"),
        ("2024-01-22T20:36:47Z", "2024-01-22T20:36:47Z"),
        ("2024-01-22 20:36:47-05:30", "2024-01-23T02:06:47Z"),
        ("20240122T203647Z", "2024-01-22T20:36:47Z"),
        ("02/24/26 02:18 AM", "2026-02-24T01:18:00Z"),
        ("2024-01-22T20:36:47+01", "2024-01-22T19:36:47Z"),
        ("02/24/26 12:18 am", "2026-02-23T23:18:00Z"),
        ("2026-02-24 1am", "2026-02-24T00:00:00Z"),
        ("02/24/26 12:18 PM", "2026-02-24T11:18:00Z"),
        # Berlin is an hour ahead of UTC in winter, two in summer.
        ("fri 14:30", "2026-11-20T13:30:00Z"),
        ("tomorrow 9:00", "2026-11-21T08:00:00Z"),
        ("tomorrow at 9am", "2026-11-21T08:00:00Z"),
        ("14:30", "2026-11-20T13:30:00Z"),
        ("2026-07-01 14:30", "2026-07-01T12:30:00Z"),
        ("2026-11-23", "2026-11-22T23:00:00Z"),
        # 2026-03-29 02:30 is skipped (as if still winter: 03:30 summer time), 2026-10-25 02:30 occurs twice (the first, in summer).
        ("2026-03-29 02:30", "2026-03-29T01:30:00Z"),
        ("2026-10-25 02:30", "2026-10-25T00:30:00Z"),
    ],
)
def test_moments_that_are_read(text: str, stored: str) -> None:
    assert moments.stamp_text(moments.parse_stamp(text, FRIDAY)) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "25:00",
        "13pm",
        "0am",
        "9:60",
        "foo 14:30",
        "2026-02-30 10:00",
        "2026-01-01 10:00+99",
        "2026-01-01 10:00+14:01",
        "03/04/26 10:00",
    ],
)
def test_moments_that_are_refused(text: str) -> None:
    with pytest.raises(BadValue):
        moments.parse_stamp(text, FRIDAY)


ZONES = [
    "",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Beirut",
    "Pacific/Apia",
]


@given(st.dates(date(1970, 1, 1), date(2037, 1, 1)), st.sampled_from(ZONES))
@example(date(2018, 11, 4), "America/Sao_Paulo")  # began at 01:00: midnight was skipped
@example(date(2026, 3, 29), "Europe/Berlin")
@example(date(2011, 12, 29), "Pacific/Apia")  # the next day did not exist
def test_a_day_runs_from_its_first_moment_to_the_next_days(day: date, name: str) -> None:
    cal = FRIDAY._replace(time_zone=name)
    start, end = moments.parse_stamp(day.isoformat(), cal), moments.parse_stamp(day.isoformat(), cal, end=True)
    assert end + timedelta(milliseconds=1) == moments.parse_stamp((day + timedelta(days=1)).isoformat(), cal)
    zone = ZoneInfo(name or "UTC")
    if (name, day) != ("Pacific/Apia", date(2011, 12, 30)):
        assert start.astimezone(zone).date() == end.astimezone(zone).date() == day
        assert (start - timedelta(milliseconds=1)).astimezone(zone).date() < day


def test_days_of_23_and_25_hours() -> None:
    hours = [
        round((moments.parse_stamp(day, FRIDAY, end=True) - moments.parse_stamp(day, FRIDAY)).total_seconds() / 3600, 3)
        for day in ("2026-03-29", "2026-10-25", "2026-11-20")
    ]
    assert hours == [23, 25, 24]


@given(st.datetimes(datetime(1971, 1, 1), datetime(2199, 1, 1)), st.sampled_from(ZONES))
def test_stored_moments_read_back(moment: datetime, name: str) -> None:
    cal = FRIDAY._replace(time_zone=name)
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    stored = moments.stamp_text(aware)
    assert stored == moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert moments.parse_stamp(stored, cal) == aware
    assert moments.local_text(stored, cal) == aware.astimezone(ZoneInfo(name or "UTC")).strftime("%Y-%m-%d %H:%M")


def test_moments_for_people() -> None:
    assert moments.local_text("2026-11-23T09:15:00Z", FRIDAY) == "2026-11-23 10:15"
    for text in ("", "soon", "2026-13-01T00:00:00Z"):
        with pytest.raises(BadValue):
            moments.local_text(text, FRIDAY)
    with pytest.raises(ValueError, match="without a time zone"):
        moments.stamp_text(datetime(2026, 1, 1))


@pytest.mark.parametrize("name", ["Mars/Base", "America", "../etc/passwd", "\0", "ü"])
def test_a_zone_that_is_none(name: str) -> None:
    with pytest.raises(BadValue, match="is not a time zone"):
        moments.parse_stamp("2026-11-23", FRIDAY._replace(time_zone=name))


@pytest.mark.parametrize(
    ("period", "following"),
    [
        ("2026-Q4", "2027-Q1"),
        ("2026-12", "2027-01"),
        ("2026", "2027"),
        ("2026-H2", "2027-H1"),
        ("FY27-Q4", "FY28-Q1"),
        ("FY27", "FY28"),
        ("FY27-M12", "FY28-M01"),
        ("2026-W53", "2027-W01"),
        ("2026-11-20", "2026-11-21"),
        ("2026-11-01..2026-11-10", "2026-11-11..2026-11-20"),
    ],
)
def test_the_period_after(period: str, following: str) -> None:
    found = dates.after(dates.parse_period(period, FRIDAY), FRIDAY)
    assert found == dates.parse_period(following, FRIDAY)


@given(st.sampled_from(["%d-Q2", "%d-03", "%d", "FY%d-Q3", "FY%d", "FY%d-M05", "%d-W20", "%d-05-17"]), st.integers(1950, 2100), CALENDARS)
def test_before_takes_back_after(form: str, year: int, cal: Calendar) -> None:
    period = dates.parse_period(form % year, cal)
    assert dates.before(dates.after(period, cal), cal) == period
