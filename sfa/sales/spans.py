"""How long something took: minutes, as people write them (45m, 1h30, 1:30, 1.5h, 90) and read them."""

from __future__ import annotations

import re

from sfa.errors import BadValue
from sfa.messages import say

LONGEST = 7 * 24 * 60
"""Minutes; what took longer than a week was no single activity."""
_HOURS = r"(?:(\d{1,3})(?:[.,](\d{1,2}))? ?h(?:ours?|rs?)?)?"
_MINUTES = r"(?:(\d{1,5}) ?(?:m|min|mins|minutes?)?)?"
_FORM = re.compile(rf"{_HOURS} ?{_MINUTES}\Z")


def minutes(text: str) -> int:
    """The minutes that `text` says. Raises BadValue."""
    plain = " ".join(text.lower().split())
    clock = re.fullmatch(r"(\d{1,3}):([0-5]\d)(?::[0-5]\d)?", plain)
    found = _FORM.match(plain) if plain else None
    if clock:
        made = int(clock[1]) * 60 + int(clock[2])
    elif found and not (found[2] and found[3]):
        made = int(found[1] or 0) * 60 + int(found[3] or 0)
        made += round(60 * int(found[2]) / 10 ** len(found[2])) if found[2] else 0
    else:
        raise BadValue(say("{text!r} is not a length of time", text=text[:60]), "As in 45m, 1h30 or 90 (minutes).")
    if made > LONGEST:
        raise BadValue(say("{text!r} is longer than a week", text=text[:60]))
    return made


def is_token(word: str) -> bool:
    """Whether a word of a text says a length of time and can be nothing else: 45m or 1h30, not a bare number."""
    return re.fullmatch(r"(?:\d{1,2}h(?:[0-5]?\dm?)?|\d{1,3}min|\d{1,3}m)", word.lower()) is not None


def words(count: int) -> str:
    """`45 min`, `1 h`, `1 h 30`."""
    hours, rest = divmod(count, 60)
    return say("{rest} min", rest=rest) if not hours else f"{hours} h {rest:02}" if rest else f"{hours} h"
