"""Which period a report's period is compared with (`--versus`), and which parts of both where one is not over yet.

Pure: the calendar carries today. What is compared is the report's business."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales import dates
from sfa.sales.dates import Calendar, Period

LAST_YEAR, PREVIOUS = "last-year", "previous"
_DAY = timedelta(days=1)


class Compared(NamedTuple):
    """Two parts that are compared, `this` and `other`, and the whole periods that they are parts of. They differ from those only where
    one is not over yet."""

    this: Period
    other: Period
    whole: Period
    whole_other: Period

    @property
    def partly(self) -> bool:
        """Whether only elapsed parts are compared."""
        return (self.this, self.other) != (self.whole, self.whole_other)


def compared(period: Period, versus: str, cal: Calendar) -> Compared:
    """The period that `versus` names for a period, and the parts of both to compare.

    last-year: the same period of the year before; of a fiscal period the fiscal one, of a calendar week the 52 weeks before. previous:
    the one of the same kind before. Else any period. Where one is not over, both are cut to as many days as have elapsed of it, today
    included; last year's to the same day of the year. One that has not begun is compared whole. Raises UsageError for a period that
    nothing is before, BadValue for one that cannot be read."""
    text = versus.strip().lower().replace("_", "-").replace(" ", "-")
    began = period
    if period.end == dates.LAST and period.start <= cal.today:
        period = _named(period.start, cal.today + _DAY)
    if text in (LAST_YEAR, PREVIOUS) and began.start == dates.FIRST:
        raise UsageError("all time has no period before it", "Name one: --period 2026 --versus last-year.")
    if text == LAST_YEAR:
        other = year_before(period, cal)
    elif text == PREVIOUS:
        other = dates.before(period, cal)
    else:
        other = dates.parse_period(versus, cal)
    this_part, other_part = period, other
    if _running(period, cal):
        days = cal.today + _DAY - period.start
        this_part = _named(period.start, cal.today + _DAY)
        end = same_day(cal.today, period, other, text == LAST_YEAR) + _DAY if text == LAST_YEAR else other.start + days
        other_part = _cut(other, end)
    elif _running(other, cal):
        other_part = _named(other.start, cal.today + _DAY)
        this_part = _cut(period, period.start + (cal.today + _DAY - other.start))
    return Compared(this_part, other_part, period, other)


def standing(period: Period | None, versus: str, cal: Calendar) -> tuple[Period | None, date]:
    """For what stands open and not for what happened: the period whose deals are compared, and the day on which they are looked at,
    which lies in that period (or as far before or behind it) as today does in the report's own.

    Without a period: a year ago, or the last day of a period that is named. Raises UsageError where that is no day of the past."""
    if period is None:
        text = versus.strip().lower().replace("_", "-").replace(" ", "-")
        if text == PREVIOUS:
            raise UsageError("there is no period before all time", "Name a day or a period: --versus 2026-09-30")
        day = dates.add_months(cal.today, -12) if text == LAST_YEAR else dates.parse_period(versus, cal).end - _DAY
        other = None
    else:
        found = compared(period, versus, cal)
        other = found.whole_other
        by_year = other == year_before(period, cal)
        day = same_day(cal.today, period, other, by_year)
    if day >= cal.today:
        raise UsageError(
            say("--versus {versus!r} is not in the past", versus=versus[:60]),
            "Open deals are compared with how they stood on an earlier day.",
        )
    return other, day


def ages(period: Period, versus: str, cal: Calendar) -> tuple[Compared, date, date]:
    """For what began in two periods and goes on: the parts of both that have elapsed, and the day on which each is looked at, so that both
    are of one age: today, and the day that lies as far from the other period; of the other period is the later one, the other way round.

    Raises UsageError, BadValue as `compared`."""
    found = compared(period, versus, cal)
    by_year = found.whole_other == year_before(found.whole, cal)
    day = same_day(cal.today, found.whole, found.whole_other, by_year)
    if day <= cal.today:
        return found, cal.today, day
    return found, same_day(cal.today, found.whole_other, found.whole), cal.today


def year_before(period: Period, cal: Calendar) -> Period:
    """The same period of the year before: under fiscal names and of whole fiscal months the fiscal year's, of calendar weeks 52 weeks
    before, else the same days."""
    if period.name.startswith("FY") or dates.of_fiscal_weeks(period, cal):
        return dates.fiscal_months_on(period, -12, cal)
    start, last = period.start, period.end - _DAY
    if start.weekday() == 0 and (period.end - start).days == 7 and "W" in period.name:
        return _named(start - 52 * 7 * _DAY, period.end - 52 * 7 * _DAY)
    if start.day == period.end.day == 1:
        return _named(dates.add_months(start, -12), dates.add_months(period.end, -12))
    return _named(dates.add_months(start, -12), dates.add_months(last, -12) + _DAY)


def same_day(day: date, period: Period, other: Period, by_year: bool = False) -> date:
    """The day that lies in (or as far from) another period as `day` does in its own; `by_year`: the same day of the year before, where
    both begin on the same day of the year."""
    if by_year and (other.start.month, other.start.day) == (period.start.month, period.start.day):
        return dates.add_months(day, 12 * (other.start.year - period.start.year))
    return other.start + (day - period.start)


def shifted(value: str, this: Period, other: Period, cal: Calendar) -> str:
    """The month of `this` that a month of `other` is compared with, as reports group by them: 2026-11 or, in fiscal years of weeks, a day
    of it."""
    day = date.fromisoformat(value if len(value) > 7 else value + "-01")
    if dates.of_fiscal_weeks(this, cal):
        gap = dates.fiscal_month_index(this.start, cal) - dates.fiscal_month_index(other.start, cal)
        return dates.fiscal_months_on(dates.fiscal_month(day, cal), gap, cal).start.isoformat()
    gap = (this.start.year - other.start.year) * 12 + this.start.month - other.start.month
    return dates.add_months(day, gap).isoformat()[:7]


def _running(period: Period, cal: Calendar) -> bool:
    return period.start <= cal.today < period.end - _DAY


def _cut(period: Period, end: date) -> Period:
    return period if end >= period.end else _named(period.start, end)


def _named(start: date, end: date) -> Period:
    return dates.parse_period_key(dates.period_key(start, end))
