"""How long data of persons are kept: spans such as `24m` or `3y`, and the day before which nothing may have happened."""

from __future__ import annotations

import re
from datetime import date

from sfa.errors import BadValue
from sfa.messages import say


def months(name: str, text: str) -> int:
    """The months of a span. Raises BadValue, naming the setting `name`."""
    found = re.fullmatch(r"([1-9][0-9]{0,2})([my])", text.strip().lower(), re.ASCII)
    if not found:
        raise BadValue(say("{name}: {text!r} is no span", name=name, text=text[:60]), "Give months or years, such as 24m or 3y.")
    return int(found[1]) * (12 if found[2] == "y" else 1)


def cutoff(today: date, span: int) -> date:
    """The day `span` months before `today`; a day that its month has not is the month's last."""
    from calendar import monthrange

    year, month = divmod(today.year * 12 + today.month - 1 - span, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
