"""What an event or a task of a calendar makes of a record here: its fields, and whether the calendar or the record is the newer one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from sfa.sales.names import company_key, folded
from sfa.sales.tasks import CLASH

Record = dict[str, Any]
LONGEST_NAME, SHORTEST_NAME = 6, 6
"""Words of a company's name at most, and letters of a name of one word at least, by which it is found in a text."""
ANSWERS = {"ACCEPTED": "accepted", "TENTATIVE": "tentative", "NEEDS-ACTION": "open"}
"""What an invited person answered, in a calendar's word → ours."""
DECLINED = "DECLINED"
LONGEST_PLACE = 60


def answer(people: tuple[tuple[str, str, str], ...], own: set[str]) -> str:
    """What the person themselves answered, in a calendar's word; "" where they were not asked."""
    return next((said for _, address, said in people if address in own and said), "")


def text(summary: str, location: str) -> str:
    """An appointment in words: what, and where unless that is a link."""
    place = location if location and len(location) <= LONGEST_PLACE and "://" not in location and location not in summary else ""
    return f"{summary or '(no title)'}{f' ({place})' if place else ''}"


def kind_of(location: str) -> str:
    """What an appointment is, where nobody says it: a visit where it has a place to go to, else a meeting."""
    online = "://" in location or re.search(r"(?i)\b(?:teams|zoom|meet|webex|skype|online|video|virtual|call|phone|telefon)\b", location)
    return "visit" if location.strip() and not online else "meeting"


def priority(number: int) -> str:
    """A calendar's priority, 1 to 9 and 0 for none, as ours."""
    return "high" if 1 <= number <= 4 else "low" if number >= 6 else "normal"


def number(priority: str | None) -> int:
    """Our priority as a calendar's."""
    return {"high": 1, "low": 9}.get(priority or "", 0)


def different(record: Record, made: Record) -> Record:
    """The fields of an appointment that the calendar says otherwise. What was written below the first line of its text is nobody's but
    ours, and whom it is with is only filled in: of both, `others` are the contacts beside the main one."""
    out = {n: v for n, v in made.items() if n in ("when", "due", "at", "name", "priority", "repeat") and record.get(n) != v}
    if made.get("duration") and made["duration"] != (record.get("duration") or CLASH):
        # What nobody gave a length goes out as an hour, and comes back so.
        out["duration"] = made["duration"]
    if "text" in made and not (record.get("text") or "").startswith(made["text"]):
        rest = (record.get("text") or "").partition("\n")[2]
        out["text"] = f"{made['text']}\n{rest}" if rest else made["text"]
    linked = any(record.get(n) is not None for n in ("contact", "lead", "account", "opportunity"))
    if not linked:
        out |= {n: made[n] for n in ("contact", "lead", "account", "opportunity", "others") if made.get(n)}
    elif record.get("contact") is not None:
        # Where somebody else was made the main contact here, the calendar's are not added to them.
        there = [record["contact"], *record.get("others", ())]
        more = [n for n in made.get("others", ()) if n not in there]
        if more and made.get("contact") in there:
            out["others"] = [*record.get("others", ()), *more]
    return out


def company_names(names: Iterable[tuple[int, str]]) -> dict[str, int]:
    """What companies may be called in a text → account; names that are too short to mean anybody, or those of several, are not in it."""
    found: dict[str, set[int]] = {}
    for number, name in names:
        key = company_key(name)
        if " " in key or len(key) >= (SHORTEST_NAME if key.isascii() else 2):
            found.setdefault(key, set()).add(number)
    return {key: next(iter(numbers)) for key, numbers in found.items() if len(numbers) == 1}


def named(text: str, companies: Mapping[str, int]) -> int | None:
    """The one account whose name stands in a text, whole, whatever its capitals, accents and legal form; a longer name goes before one
    that is a part of it. None for none and for several."""
    words = re.findall(r"\w+", folded(text).replace("'", "").replace("’", ""))
    found: dict[int, None] = {}
    at = 0
    while at < len(words):
        for size in range(min(LONGEST_NAME, len(words) - at), 0, -1):
            if (number := companies.get(" ".join(words[at : at + size]))) is not None:
                found[number] = None
                at += size - 1
                break
        at += 1
    if not found and not text.isascii():
        # Chinese, Japanese and Korean put no blanks between words.
        whole = folded(text)
        found = {number: None for key, number in companies.items() if not key.isascii() and key in whole}
    return next(iter(found)) if len(found) == 1 else None
