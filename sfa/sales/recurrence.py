"""Repeating tasks: the rules of RFC 5545 (RRULE) by python-dateutil, the words that people use for them, and which day comes next.

A task's day is a date in the company's calendar and its time a clock's: a change of the clock moves neither.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from sfa.errors import BadValue
from sfa.messages import say, together
from sfa.sales.dates import LAST

HINT = "daily, weekdays, weekly, monthly, quarterly, yearly, 'every 2 weeks', 'every mon, thu', or an RRULE such as FREQ=MONTHLY;BYDAY=-1FR"
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNITS = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_WORDS = {
    "daily": "1 day",
    "weekly": "1 week",
    "fortnightly": "2 week",
    "biweekly": "2 week",
    "monthly": "1 month",
    "quarterly": "3 month",
    "yearly": "1 year",
    "annually": "1 year",
}
_SIGNED = r"[+-]?[1-9]\d{0,2}"
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "COUNT": r"[1-9]\d{0,3}",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "BYDAY": r"(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU)(?:,(?:[+-]?\d{1,2})?(?:MO|TU|WE|TH|FR|SA|SU))*",
    "BYMONTH": r"(?:[1-9]|1[0-2])(?:,(?:[1-9]|1[0-2]))*",
    **{f"BY{part}": rf"{_SIGNED}(?:,{_SIGNED})*" for part in ("MONTHDAY", "YEARDAY", "WEEKNO", "SETPOS")},
    "WKST": "|".join(DAYS),
}
"""The parts of a rule that are understood, and what each may be."""
MOST = 2_000
"""Times of one rule that are counted up."""
_REACH = 60 * 366
"""Days ahead in which the next day of a rule is looked for: a leap day may be 8 years off."""


def parse(text: str, due: date) -> str:
    """The canonical rule that `text` means for a task that is due on `due`. Raises BadValue.

    Words fix the day that they repeat, so that putting one task off does not move all that follow. The 29th to 31st become the last day of
    shorter months, 29 February the 28th; a rule written out means what RFC 5545 says, which leaves such months out."""
    words = " ".join(text.lower().split())
    if (made := _worded(words, due)) is not None:
        return made
    plain = text.strip().upper().removeprefix("RRULE:")
    if "FREQ=" not in plain:
        raise BadValue(say("{text!r} is no way to repeat", text=text[:60]), HINT)
    return _checked(plain, text)


def _worded(words: str, due: date) -> str | None:
    if words in ("weekdays", "every weekday", "every working day"):
        return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    spelt = _WORDS.get(words, "")
    if m := re.fullmatch(r"(?:every )?(\d{1,3}|other)? ?(day|week|month|year|quarter)s?", spelt or words):
        if not spelt and not words.startswith("every"):
            return None
        count, unit = 2 if m[1] == "other" else int(m[1] or 1), m[2]
        if unit == "quarter":
            count, unit = count * 3, "month"
        if not 1 <= count <= 999:
            return None
        step = f";INTERVAL={count}" if count > 1 else ""
        return f"FREQ={_UNITS[unit]}{step}{_fixed(unit, due)}"
    if m := re.fullmatch(r"every (.+)", words):
        named = [_weekday(w) for w in re.split(r"[ ,]+(?:and )?", m[1])]
        if all(d is not None for d in named):
            return f"FREQ=WEEKLY;BYDAY={','.join(DAYS[d] for d in sorted({d for d in named if d is not None}))}"
    return None


def _weekday(word: str) -> int | None:
    found = [i for i, name in enumerate(_NAMES) if word.startswith(name.lower())]
    return found[0] if found and len(word) >= 3 and (word.rstrip("s") in _LONG[found[0]] or word in _LONG[found[0]]) else None


_LONG = tuple(
    tuple(name[:n] for n in range(3, len(name) + 1))
    for name in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
)


def _fixed(unit: str, due: date) -> str:
    """The part that fixes the day of a week, month or year."""
    if unit == "week":
        return f";BYDAY={DAYS[due.weekday()]}"
    if unit == "month":
        return f";BYMONTHDAY={due.day}" if due.day <= 28 else f";BYMONTHDAY={','.join(map(str, range(28, due.day + 1)))};BYSETPOS=-1"
    if unit == "year":
        leap = (due.month, due.day) == (2, 29)
        return f";BYMONTH={due.month};BYMONTHDAY={'28,29;BYSETPOS=-1' if leap else due.day}"
    return ""


def _checked(rule: str, text: str) -> str:
    """The rule with its parts in order. Raises BadValue for what RFC 5545 does not know or does not allow together."""
    parts: dict[str, str] = {}
    for part in rule.strip(";").split(";"):
        name, _, value = part.partition("=")
        if name not in _PARTS or name in parts or not re.fullmatch(_PARTS[name], value, re.A):
            raise BadValue(say("{text!r}: {part!r} is not a part of a rule that tasks repeat by", text=text[:60], part=part[:30]), HINT)
        parts[name] = value
    if "COUNT" in parts and "UNTIL" in parts:
        raise BadValue(say("{text!r}: COUNT and UNTIL exclude each other", text=text[:60]), HINT)
    if "BYSETPOS" in parts and not any(n.startswith("BY") and n != "BYSETPOS" for n in parts):
        raise BadValue(say("{text!r}: BYSETPOS chooses among the days of another BY… part", text=text[:60]), HINT)
    made = ";".join(f"{n}={parts[n]}" for n in _PARTS if n in parts)
    try:
        found = next(iter(_days(parts, date(2024, 1, 1))), None)
        if "UNTIL" in parts:
            _until(parts["UNTIL"])
    except (ValueError, TypeError, OverflowError):
        raise BadValue(say("{text!r} is no rule of RFC 5545", text=text[:60]), HINT) from None
    if found is None:
        raise BadValue(say("{text!r} names a day that never comes", text=text[:60]), HINT)
    return made


def _days(parts: dict[str, str], start: date) -> Any:
    """The days of a rule from `start` on, as python-dateutil counts them, without COUNT and UNTIL."""
    from dateutil.rrule import rrulestr

    end = min(start + timedelta(days=_REACH), LAST)
    text = ";".join(f"{n}={v}" for n, v in parts.items() if n not in ("COUNT", "UNTIL"))
    return rrulestr(f"{text};UNTIL={end:%Y%m%d}", dtstart=datetime(start.year, start.month, start.day))


def occurrences(rule: str, start: datetime, until: datetime | None, first: date, last: date) -> list[datetime]:
    """The times of a rule (without UNTIL: that is `until`) from `start` on that fall on the days from `first` to `last`, by a clock on the
    wall. Raises BadValue for a rule that is not understood."""
    from dateutil.rrule import rrulestr

    out: list[datetime] = []
    for moment in rrulestr(_checked(rule.upper(), rule), dtstart=start):
        if moment.date() > last or (until and moment > until) or len(out) == MOST:
            break
        if moment.date() >= first:
            out.append(moment)
    return out


def _until(text: str) -> date:
    return datetime.strptime(text[:8], "%Y%m%d").date()


def first(rule: str, today: date) -> date | None:
    """The first day of a rule, today included."""
    found = next(iter(_days(_split(rule), today)), None)
    return found.date() if found else None


def following(rule: str, due: date, done: date) -> tuple[date, str] | None:
    """The next day of a rule after a task that was due on `due` and done on `done`, with the rule that is left; None where it ends.

    Days that passed before it was done are not caught up on. The task itself counts as one of COUNT."""
    parts = _split(rule)
    passed = 0
    for moment in _days(parts, due):
        day = moment.date()
        if day <= due:
            continue
        passed += 1
        if "UNTIL" in parts and day > _until(parts["UNTIL"]):
            return None
        if day > done:
            break
    else:
        return None
    if "COUNT" in parts:
        left = int(parts["COUNT"]) - passed
        if left < 1:
            return None
        parts["COUNT"] = str(left)
    return day, ";".join(f"{n}={v}" for n, v in parts.items())


def _split(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.split(";"))


def describe(rule: str) -> str:
    """A rule in words where it is a plain one, else as it is written: `every 2 weeks on Mon`."""
    parts = _split(rule)
    unit = {v: k for k, v in _UNITS.items()}[parts["FREQ"]]
    count = int(parts.get("INTERVAL", "1"))
    words = say("every {count} {unit}s", count=count, unit=unit) if count > 1 else say("every {unit}", unit=unit)
    left = {n: v for n, v in parts.items() if n not in ("FREQ", "INTERVAL", "COUNT", "UNTIL")}
    if unit == "week" and set(left) == {"BYDAY"} and all(d in DAYS for d in left["BYDAY"].split(",")):
        words += say(" on {byday}", byday=together(", ", (_NAMES[DAYS.index(d)] for d in left["BYDAY"].split(","))))
    elif unit == "month" and set(left) in ({"BYMONTHDAY"}, {"BYMONTHDAY", "BYSETPOS"}) and left.get("BYSETPOS", "-1") == "-1":
        last = left["BYMONTHDAY"].split(",")[-1]
        words += say(" on day {last}", last=last) + (" or the last" if "BYSETPOS" in left else "")
    elif unit == "year" and set(left) <= {"BYMONTH", "BYMONTHDAY", "BYSETPOS"} and {"BYMONTH", "BYMONTHDAY"} <= set(left):
        words += say(
            " on {bymonth:02}-{zfill}", bymonth=int(left["BYMONTH"].split(",")[0]), zfill=left["BYMONTHDAY"].split(",")[-1].zfill(2)
        )
    elif left:
        return rule
    if "COUNT" in parts:
        words += say(", {count} more", count=parts["COUNT"]) if parts["COUNT"] != "1" else ", for the last time"
    return words + (say(", until {until}", until=_until(parts["UNTIL"])) if "UNTIL" in parts else "")
