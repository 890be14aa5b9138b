"""How often a person wants to be contacted, and whether they are: what `weekly` and `every 6w` mean, when the next contact is due, who is
contacted too often and who too seldom.

A contact is a day on which something that reached the person was logged with them; which activities do is said here, which there are the
store finds out.
"""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from typing import NamedTuple

from sfa.errors import BadValue, did_you_mean
from sfa.messages import say
from sfa.sales.dates import add_months

NOT_CONTACT = ("note",)
"""Kinds of activities that reach nobody."""
NOT_REACHED = ("no_answer", "busy", "wrong_number", "no_show", "cancelled")
"""Outcomes of activities that reached nobody."""
WRITTEN = ("email", "letter", "fax", "chat", "web")
"""Kinds of activities that reach nobody where they came in: somebody who writes was not written to. Whoever calls is spoken with."""
UNDER, OVER, AS_WANTED = "under", "over", "as wanted"
PERIOD = 90
"""Days that are looked at where nobody names a period."""
_UNITS = {"d": "day", "w": "week", "m": "month", "y": "year"}
_DAYS = {"d": 1.0, "w": 7.0, "m": 365.25 / 12, "y": 365.25}
_NAMED = {
    "daily": "1d",
    "weekly": "1w",
    "biweekly": "2w",
    "fortnightly": "2w",
    "monthly": "1m",
    "bimonthly": "2m",
    "quarterly": "3m",
    "half-yearly": "6m",
    "halfyearly": "6m",
    "semiannually": "6m",
    "yearly": "1y",
    "annually": "1y",
}
_SHOWN = {"1d": "daily", "1w": "weekly", "1m": "monthly", "3m": "quarterly", "1y": "yearly"}
_HINT = "As in weekly, monthly, quarterly or 'every 6w'."


def parse(text: str) -> str:
    """A frequency in its stored form: a number and d, w, m or y (`6w`). Raises BadValue."""
    plain = " ".join(text.lower().split())
    if plain in _NAMED:
        return _NAMED[plain]
    found = re.fullmatch(r"(?:every )?(?:(\d{1,3}) ?)?(d|w|m|q|y|days?|weeks?|months?|quarters?|years?)", plain)
    if not found or (found[1] is None and not plain.startswith("every ")) or found[1] in ("0", "00", "000"):
        raise BadValue(say("{text!r} is not a frequency", text=text[:60]), did_you_mean(plain[:60], *_NAMED) + _HINT)
    count, unit = int(found[1] or 1), found[2][0]
    return f"{count * 3}m" if unit == "q" else f"{count}{unit}"


def words(value: str) -> str:
    """`monthly`, `every 6 weeks`."""
    if value in _SHOWN:
        return _SHOWN[value]
    count, unit = int(value[:-1]), _UNITS[value[-1]]
    return say("every {count} {unit}s", count=count, unit=unit) if count > 1 else say("every {unit}", unit=unit)


def days(value: str) -> float:
    """How many days lie between two contacts on average: a month is 30.44 days, a year 365.25."""
    return int(value[:-1]) * _DAYS[value[-1]]


def due(value: str, last: date | None) -> date | None:
    """The day on which the next contact is due: so long after the last one, months clipping to their last day; None (at once) where
    there was none."""
    if last is None:
        return None
    count, unit = int(value[:-1]), value[-1]
    try:
        return (
            add_months(last, count * (12 if unit == "y" else 1))
            if unit in "my"
            else last + timedelta(days=count * (7 if unit == "w" else 1))
        )
    except (OverflowError, ValueError):
        return date.max


class Rating(NamedTuple):
    """How often somebody wanted to be contacted in a period, how often they were, what that is (under, over, as wanted), when the next
    contact is due (None: at once), and whether that has passed."""

    wanted: float
    actual: int
    rating: str
    due: date | None
    late: bool


def rated(cadence: str | None, barred: bool, contacts: int, length: int, last: date | None, today: date) -> Rating:
    """One person's rating over the `length` days that were looked at.

    wanted = days ÷ days between contacts; nobody who is not to be contacted wants any. over = more contacts than wanted, rounded up;
    under = fewer than wanted, rounded down, or the next one's day has passed; else as wanted."""
    if barred or cadence is None:
        return Rating(0.0, contacts, OVER if barred and contacts else AS_WANTED, None, False)
    wanted = length / days(cadence)
    following = due(cadence, last)
    late = following is None or following < today
    under = contacts < math.floor(wanted) or late
    return Rating(wanted, contacts, OVER if contacts > math.ceil(wanted) else UNDER if under else AS_WANTED, following, late)
