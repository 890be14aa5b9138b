"""Fiscal years of whole weeks, as retailers keep them: 52 or 53 weeks in twelve months of 4 or 5, every quarter 13 weeks.

A year begins on the week's first day that is nearest to the first of its month, so never more than 3 days away, and years follow
each other without a gap. Source: the 4-5-4 calendar of the National Retail Federation, whose 53rd week is the last month's too. Not
here: what such years and their parts are called (`dates`).
"""

from datetime import date, timedelta


def year_start(year: int, month: int, weekday: int) -> date:
    """The first day of the fiscal year that begins around the first of this month; `weekday` 0 is Monday, as in `date.weekday`."""
    first = date(year, month, 1)
    into = (first.weekday() - weekday) % 7
    return first + timedelta(days=7 - into if into > 3 else -into)


def month_start(number: int, month: int, weekday: int, pattern: str) -> date:
    """The first day of a fiscal month: `number` is 12 × the year of `year_start` + 0 to 11, `pattern` the weeks of a quarter's months
    ("4-4-5")."""
    year, index = divmod(number, 12)
    quarter, into = divmod(index, 3)
    weeks = 13 * quarter + sum(_weeks(pattern)[:into])
    return year_start(year, month, weekday) + timedelta(weeks=weeks)


def month_number(day: date, month: int, weekday: int, pattern: str) -> int:
    """The number of the fiscal month that `day` is in, as `month_start` takes it."""
    year = day.year
    # The year's first day may lie in December before or in January after the calendar year of its name.
    while year_start(year, month, weekday) > day:
        year -= 1
    while year_start(year + 1, month, weekday) <= day:
        year += 1
    week = (day - year_start(year, month, weekday)).days // 7
    quarter = min(week // 13, 3)
    first, second, _ = _weeks(pattern)
    into = week - 13 * quarter
    return year * 12 + quarter * 3 + (into >= first) + (into >= first + second)


def _weeks(pattern: str) -> list[int]:
    return [int(n) for n in pattern.split("-")]
