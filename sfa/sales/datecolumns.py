"""Whole columns of dates, as imports read them: which order a column proves, and a fast reader for it. Single dates are `dates.py`'s."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from sfa.messages import say
from sfa.sales.dates import DATE_HINT, ORDERS, Unreadable, plainly, within, written_date

_CACHED = 4096
NUMBERED = ("serial", "epoch")
"""Days as numbers: a spreadsheet's, from 1899-12-30 on; seconds or milliseconds since 1970 in UTC."""
_SERIAL = r"([2-7]\d{4})(?:\.(\d+))?"
_EPOCH = r"\d{9,10}|\d{12,13}"


FRACTION = "fraction"
"""How a column of percentages is written whose figures are parts of 1."""


def fractions(cells: Iterable[str], sheet: bool) -> str:
    """How percentages are written: as parts of 1 where the whole column is such, else "". In a spreadsheet, where a cell shows 100 % and
    holds a 1, no other figure is needed to prove it."""
    filled = {c.strip() for c in cells} - {""}
    if not filled or not all(re.fullmatch(r"[01](?:\.\d+)?|\.\d+", c) and float(c) <= 1 for c in filled):
        return ""
    return FRACTION if any(0 < float(c) < 1 for c in filled) or (sheet and any(float(c) == 1 for c in filled)) else ""


def numbered(cells: Iterable[str]) -> str:
    """How a whole column of numbers writes days: "serial", "epoch", or "" where it does not prove to (one other cell is enough)."""
    filled = {c.strip() for c in cells} - {""}
    for order, form in (("serial", _SERIAL), ("epoch", _EPOCH)):
        if filled and all(re.fullmatch(form, c) for c in filled):
            return order
    return ""


def stamp_of(text: str, order: str) -> str:
    """The moment that a number means, "2026-11-23T09:15:00Z". Raises BadValue."""
    form = _SERIAL if order == "serial" else _EPOCH
    if (found := re.fullmatch(form, text.strip())) is None:
        raise Unreadable("is not a day's number, as its column has them").about(text)
    if order == "serial":
        seconds = (int(found[1]) - 25_569) * 86_400 + round(float(f"0.{found[2] or 0}") * 86_400)
    else:
        seconds = int(found[0]) // (1000 if len(found[0]) > 10 else 1)
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"


def prove_order(samples: Iterable[str]) -> str | None:
    """The order that a whole column of cells proves: "ymd" (ISO cells alone too), "dmy" or "mdy"; None when it proves none.

    Blank cells, cells with a month's name and cells that are no dates prove nothing. Two-digit years first are believed only
    when years last are impossible. Raises BadValue, quoting two cells, when no one order fits all.
    """
    highest, shown = [0, 0, 0], ["", "", ""]
    iso = four_last = False
    cell = re.compile(r"\s*(?:[^\W\d_]{2,10}\.?,?\s+)?(\d{1,2}|\d{4})[-/.](\d{1,2})[-/.](\d{4}|\d{1,2})(?!\d)").match
    for text in samples:
        if (m := cell(text)) is None:
            continue
        values = int(m[1]), int(m[2]), int(m[3])
        if len(m[1]) == 4:
            iso = True
        elif not (values[0] > 12 < values[1]) and (values[0] <= 31 or values[2] <= 31):
            four_last = four_last or len(m[3]) == 4
            for i, value in enumerate(values):
                if value > highest[i]:
                    highest[i], shown[i] = value, text.strip()
    first, second, third = highest
    if not first:
        return "ymd" if iso else None
    fits = [order for order, day, month in (("dmy", first, second), ("mdy", second, first)) if day <= 31 and month <= 12]
    if not fits and second <= 12 and third <= 31 and not four_last:
        fits = ["ymd"]
    if not fits:
        other = shown[1] if shown[1] != shown[0] else shown[2]
        raise Unreadable(say("and {other!r} are not in one order of day and month", other=other[:60]), "write dates as 2026-11-23").about(
            shown[0]
        )
    return fits[0] if len(fits) == 1 else None


def date_reader(order_or_format: str) -> Callable[[str], str | None]:
    """A fast reader for the cells of one column: ISO text of the day, None for a blank cell, BadValue for any other.

    `order_or_format` is "ymd", "dmy", "mdy", a strptime pattern that gives a whole date, or "" to read only what is certain by
    itself; so date_reader(prove_order(cells) or cal.order) always works. ISO days are read whichever it is.
    A time after the date is ignored, its zone too: the day is the one written. Two-digit years: 00 to 68 are 2000 to 2068.
    """
    if order_or_format in NUMBERED:
        read: Callable[[str], str | None] = lambda text: stamp_of(text, order_or_format)[:10] if text.strip() else None  # noqa: E731
    elif "%" in order_or_format:
        read = _pattern_reader(order_or_format)
    elif order_or_format in ("", *ORDERS):
        read = _order_reader(order_or_format)
    else:
        raise Unreadable("is not a date order or pattern", "use ymd, dmy, mdy or a pattern such as %d.%m.%Y").about(order_or_format)
    cache: dict[str, str | None] = {}

    def reader(text: str) -> str | None:
        try:
            return cache[text]
        except KeyError:
            pass
        if len(cache) >= _CACHED:
            cache.clear()
        try:
            cache[text] = _iso_cell(text) or read(text)
        except Unreadable as fault:
            raise fault.about(text) from None
        return cache[text]

    return reader


def _iso_cell(text: str) -> str | None:
    """The day of a plain ISO cell, quickly; None for every other cell, wrong days included."""
    if text[4:5] != "-" or not (len(text) == 10 or (text[10:11] in ("T", " ") and text[11:12].isdigit())):
        return None
    try:
        return within(date.fromisoformat(text[:10])).isoformat()
    except ValueError:
        return None


def _order_reader(order: str) -> Callable[[str], str | None]:
    def read(text: str) -> str | None:
        s = re.sub(r"(?:(?<=\d)t|[ ,]+)(?:\d{1,2}:\d\d.*|\d{1,2} ?[ap]m)$", "", plainly(text))
        if not s:
            return None
        day = written_date(s, order, None)
        if day is None:
            raise Unreadable("is not a date", say("dates here are read in the order {order}", order=order) if order else DATE_HINT)
        return day.isoformat()

    return read


def _pattern_reader(pattern: str) -> Callable[[str], str | None]:
    probe = datetime(2026, 11, 23, 9, 15)
    try:
        whole = datetime.strptime(probe.strftime(pattern), pattern).date() == probe.date()
    except ValueError:
        whole = False
    if not whole:
        hint = "%d day, %m month, %b month's name, %Y year, %y its last two digits: %d.%m.%Y"
        raise Unreadable("does not give a whole date", hint).about(pattern)
    size = len(pattern.split())

    def read(text: str) -> str | None:
        words = text.split()
        # The second try leaves out a time that follows the date.
        for s in (" ".join(words), " ".join(words[:size])) if words else ():
            try:
                return within(datetime.strptime(s, pattern).date()).isoformat()
            except Unreadable:
                raise
            except ValueError:
                continue
        if words:
            raise Unreadable(say("is not a date of the pattern {pattern}", pattern=pattern))
        return None

    return read
