"""Other products' tasks, events, calls, meetings and notes as activities: when they were, what was said, what is still to be done.

Pure: headers and texts in, columns made of others out (`derived.py`). What is asked of each kind of record `recipes.py` says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sfa.sales.derived import Derived, is_true, long_id
from sfa.sales.mapping import plain

_CLOSING = "isclosed status taskstatus hstaskstatus activitystatus done iscompleted"
_OVER = frozenset(
    ("completed", "complete", "done", "closed", "held", "notheld", "canceled", "cancelled", "erledigt", "abgeschlossen", "已完成")
)
"""What the state of a task that is over is called, plain."""
_MOMENTS = (
    "completeddatetime completedat markedasdonetime completiondate closedtime activitydatetime startdatetime callstarttime"
    " meetingstarttime hsmeetingstarttime starttime startdate datestart hstimestamp timestamp"
)
_DAYS = "activitydate duedate taskduedate datedue"
_MADE = "createddate createdate hscreatedate createdtime createdon datecreated dateentered addtime"
_ENDS = "enddatetime endtime meetingendtime hsmeetingendtime dateend"
_SUBJECTS = (
    "subject title tasktitle calltitle meetingname meetingtitle tasksubject emailsubject notetitle notecontent content hsnotebody notebody"
    " body hsbodypreview"
)
_TEXTS = "description tasknotes callnotes meetingdescription internalmeetingnotes note"
_TYPES = "tasksubtype activitytype type tasktype calltype eventsubtype eventtype"
_KINDS = {
    "call": "call",
    "email": "email",
    "mail": "email",
    "meeting": "meeting",
    "lunch": "meeting",
    "visit": "visit",
    "demo": "visit",
    "event": "visit",
    "letter": "letter",
    "fax": "fax",
    "chat": "chat",
}
"""A part of what a kind of activity is called, plain → our kind."""
_WHO = (("whoid", {"contact": ("003",), "lead": ("00Q",)}), ("whatid", {"opportunity": ("006",), "account": ("001",)}))
_LENGTHS = {
    "calldurationinseconds": 60, "calldurationseconds": 60, "hscallduration": 60_000, "calldurationmilliseconds": 60_000,
}  # fmt: skip
"""Columns of how long a call took, and how many of their units are a minute."""
_DIRECTIONS = {"outbound": "out", "outgoing": "out", "inbound": "in", "incoming": "in", "missed": "in"}


def activity(name: str, header: Sequence[str], fed: set[str]) -> list[Derived]:
    """The columns made of those of a file called `name` (its stem), whose headers are plain; `fed` are the fields that columns feed as they
    are. A task that is not done is a note made when it was, with the subject as next step."""
    name = name.removeprefix("engagement")
    places = _finder(header)
    scheduled = name.startswith(("event", "meeting", "call"))
    closing = () if scheduled else places(_CLOSING)
    out = _moments(places, closing)
    subject, texts = places(_SUBJECTS), (*places(_SUBJECTS), *places(_TEXTS))
    if texts or "text" not in fed:
        out.append(Derived("text", texts, lambda *cells: "\n".join(dict.fromkeys(c.strip() for c in cells if c.strip())) or "(no subject)"))
    out += _kinds(name, places, fed)
    if (lengths := _lengths(header, places)) and "duration" not in fed:
        out.append(lengths)
    days = places(_DAYS)
    if subject and days and closing:
        wide = len(closing)
        out.append(Derived("next_step", (*closing, subject[0]), lambda *c: c[-1] if _is_open(c[:wide]) else ""))
        out.append(Derived("due", (*closing, days[0]), lambda *c: c[-1] if _is_open(c[:wide]) else ""))
        if "done" in fed:
            out.append(Derived("done", closing, lambda *c: ""))
    for column, begins in _WHO:
        for field, prefixes in begins.items():
            if at := places(column):
                out.append(Derived(field, (*at, *(places("accountid") if field == "account" else ())), _pointing(prefixes)))
    return out


def _finder(header: Sequence[str]) -> Callable[[str], tuple[int, ...]]:
    """Which places have the columns of some names, in the order of these; Pipedrive puts the entity in front of each name."""
    bare = [
        h.removeprefix("activity") if "activitysubject" in header else h.removeprefix("note") if "noteuser" in header else h for h in header
    ]
    at = {h: i for names in (bare, header) for i, h in reversed(list(enumerate(names)))}
    return lambda names: tuple(dict.fromkeys(at[n] for n in names.split() if n in at))


def _moments(places: Callable[[str], tuple[int, ...]], closing: tuple[int, ...]) -> list[Derived]:
    """When an activity was: of one that is to be done, when it was made."""
    moments, days, clock, made = places(_MOMENTS), places(_DAYS), places("duetime"), places(_MADE)

    def when(*cells: str) -> str:
        parts, at = [], 0
        for group in (closing, moments, days, clock[:1], made):
            parts.append([c.strip() for c in cells[at : at + len(group)]])
            at += len(group)
        state, first, day, hour, creation = parts
        if hour and hour[0] and day and day[0]:
            day = [f"{day[0]} {hour[0]}", *day[1:]]
        order = (*first, *creation, *day) if _is_open(state) else (*first, *day, *creation)
        return next((c for c in order if c), "")

    return [Derived("when", (*closing, *moments, *days, *clock[:1], *made), when)] if moments or days or made else []


def _is_open(state: Sequence[str]) -> bool:
    """Whether a task is still to be done by the cells that say its state; one without any is not."""
    return bool(state) and not any(is_true(c) or plain(c) in _OVER for c in state)


def _kinds(name: str, places: Callable[[str], tuple[int, ...]], fed: set[str]) -> list[Derived]:
    out = []
    usual = next(
        (
            kind
            for start, kind in (("meeting", "meeting"), ("event", "visit"), ("call", "call"), ("email", "email"))
            if name.startswith(start)
        ),
        "note",
    )
    if (types := places(_TYPES)) or "kind" not in fed:
        out.append(Derived("kind", types, lambda *cells: _kind(cells, usual)))
    if "direction" not in fed and (ways := places("calldirection calltype")):
        out.append(Derived("direction", ways[:1], lambda cell: _DIRECTIONS.get(plain(cell), "")))
    return out


def _kind(cells: Sequence[str], usual: str) -> str:
    words = [plain(c) for c in cells]
    return next((kind for word in words for part, kind in _KINDS.items() if part in word), usual)


def _lengths(header: Sequence[str], places: Callable[[str], tuple[int, ...]]) -> Derived | None:
    """How long something took, in minutes: as a column says, or from its beginning to its end."""
    for column, unit in _LENGTHS.items():
        if column in header:
            return Derived("duration", (header.index(column),), lambda cell, unit=unit: _minutes(cell, unit))
    begins, ends = places(_MOMENTS.partition("activitydatetime ")[2]), places(_ENDS)
    return Derived("duration", (begins[0], ends[0]), _between) if begins and ends else None


def _minutes(cell: str, unit: int) -> str:
    """A length in whole minutes begun; blank for none and for what is no number."""
    text = cell.strip()
    return str(-(-int(text) // unit)) if text.isascii() and text.isdigit() and int(text) else ""


def _between(begin: str, end: str) -> str:
    """The minutes between two moments in the international form; blank where they are written otherwise, or are more than a day."""
    try:
        seconds = (datetime.fromisoformat(end.strip()) - datetime.fromisoformat(begin.strip())).total_seconds()
    except (ValueError, TypeError):
        return ""
    return str(round(seconds / 60)) if 30 <= seconds <= 24 * 3600 else ""


def _pointing(prefixes: tuple[str, ...]) -> Callable[..., str]:
    """The first of some ids that is of a kind, by what ids of the kind begin with."""
    return lambda *cells: next((long_id(c.strip()) for c in cells if c.strip().startswith(prefixes)), "")
