"""What short tokens in a logged text mean: `@wei` who, `+3d` by when, `!high` how urgent, `$48k` how much, `45m` how long, `#call` what
kind, `#demo` a tag, `-> send quote` what comes next.

Pure reading: who `@wei` is, and which deal an amount is of, the store finds out. A word that only looks like a token stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sfa.errors import BadValue, UsageError
from sfa.messages import say
from sfa.sales.dates import Calendar, parse_date
from sfa.sales.tasks import clock

_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d|(?:1[0-2]|[1-9])(?::[0-5]\d)? ?[ap]m"
_WORD = re.compile(
    rf"(?<!\S)(?:@(?P<person>\w[^\s@，。；：！？、]*?)|\#(?P<mark>\w[\w-]*)|(?P<due>\+\w[\w-]*)(?: (?:at )?(?P<clock>{_CLOCK}))?"
    r"|!(?P<priority>high|normal|low)"
    r"|(?P<duration>\d{1,2}h(?:[0-5]?\dm?)?|\d{1,3}m(?:in)?)|(?P<amount>[$€£¥₹]\d(?:[\d.,']*\d)?(?:k|m|bn)?))"
    r"(?P<end>[.,;:!?]*)(?=\s|$|[，。；：！？、])",
    re.I,
)
_NEXT = re.compile(r"(?:^|\s)(?:->|=>|→)\s*")

HAPPENED = {
    **dict.fromkeys(("called", "phoned", "rang", "spoke", "talked"), "call"),
    **dict.fromkeys(("emailed", "mailed", "wrote"), "email"),
    **dict.fromkeys(("visited", "toured"), "visit"),
    "met": "meeting",
    "chatted": "chat",
    "noted": "note",
}
"""A verb that a sentence may begin with → the kind of what happened."""


def happened(word: str, kinds: Sequence[str]) -> str:
    """The kind that the first word of a sentence says (`called, wants the quote`); "" for any other."""
    found = HAPPENED.get(word.partition(" ")[0].rstrip(",.;:!").lower(), "")
    return found if found in kinds else ""


class Person(str):
    """A name behind an @, as typed; dots and underscores in it stand for blanks."""

    @property
    def name(self) -> str:
        return re.sub("[._]", " ", self)


class Tag(str):
    """A word behind a # that is no kind. At the end of a text it is a tag alone, within a sentence its word stays there too."""


class Length(str):
    """How long it took, as typed. Like a tag it stays in the middle of a sentence, which may be about 30m of cable."""


class Said(NamedTuple):
    """A text as understood. `text` and `next_step` are pieces, the Persons among them still to be named; `due` is a day (ISO), with a time
    behind it where one follows (`+fri 10:00`); `duration` is as
    typed; `tokens` are the other tokens as typed: field → token."""

    text: list[str]
    next_step: list[str]
    due: str = ""
    amount: str = ""
    kind: str = ""
    priority: str = ""
    duration: str = ""
    tags: tuple[str, ...] = ()
    tokens: tuple[tuple[str, str], ...] = ()

    @property
    def people(self) -> list[Person]:
        return list(dict.fromkeys(p for p in (*self.text, *self.next_step) if isinstance(p, Person)))


def read(text: str, calendar: Calendar, kinds: Sequence[str]) -> Said:
    """The tokens of `text`, which must stand alone between blanks. Raises UsageError where one thing is said twice."""
    pieces: list[str] = []
    found: dict[str, tuple[str, str]] = {}
    at = 0
    for match in _WORD.finditer(text):
        role, value = _meaning(match, calendar, kinds)
        if not role:
            continue
        before, at = text[at : match.start()], match.end()
        token = match[0][: len(match[0]) - len(match["end"])]
        if role in ("person", "tag"):
            pieces += [before, Person(value) if role == "person" else Tag(value), match["end"]]
            continue
        if role in found and found[role][1] != value:
            raise UsageError(
                say("{found} and {token}: which of them?", found=found[role][0], token=token),
                "Give one of them, or --plain to keep both as text.",
            )
        found[role] = (token, value)
        # An amount is part of the sentence; a date and a kind are not.
        stays = token if role == "amount" else Length(token) if role == "duration" else ""
        pieces += [before, stays, match["end"]] if stays else [before.rstrip() if match["end"] else before, match["end"]]
    pieces.append(text[at:])
    happened, then = (_without_last_tags(part) for part in _parted(pieces))
    tags = tuple(dict.fromkeys(t.casefold() for t in pieces if isinstance(t, Tag)))
    values = {role: value for role, (_, value) in found.items()}
    return Said(happened, then, **values, tags=tags, tokens=tuple((role, token) for role, (token, _) in found.items()))


def _meaning(match: re.Match[str], calendar: Calendar, kinds: Sequence[str]) -> tuple[str, str]:
    """(role, value) of what looks like a token; ("", "") where it is plain text after all."""
    if match["person"]:
        return "person", match["person"]
    if match["amount"]:
        return "amount", match["amount"]
    if word := match["mark"]:
        if word.lower() in kinds:
            return "kind", word.lower()
        return ("tag", word) if re.search(r"[^\W\d_]", word) else ("", "")
    for role in ("priority", "duration"):
        if match[role]:
            return role, match[role].lower()
    if not (day := due_day(match["due"], calendar)):
        return "", ""
    return "due", f"{day} {clock(match['clock'])}" if match["clock"] else day


def due_day(token: str, calendar: Calendar) -> str:
    """The day of `+3d`, `+fri` or `+eom` as ISO; "" for anything else, such as the beginning of a phone number."""
    for text in (token, token[1:]):
        if not text.isdigit():
            try:
                return parse_date(text, calendar).isoformat()
            except BadValue:
                continue
    return ""


def is_token(word: str, calendar: Calendar, kinds: Sequence[str]) -> bool:
    """Whether a whole word of the command line is a token."""
    match = _WORD.fullmatch(word)
    return match is not None and _meaning(match, calendar, kinds)[0] != ""


def _parted(pieces: list[str]) -> tuple[list[str], list[str]]:
    """What happened and what comes next, which an arrow parts; without an arrow there is no next step."""
    for i, piece in enumerate(pieces):
        if not isinstance(piece, Person | Tag | Length) and (arrow := _NEXT.search(piece)):
            return [*pieces[:i], piece[: arrow.start()]], [piece[arrow.end() :], *pieces[i + 1 :]]
    return pieces, []


def _without_last_tags(pieces: list[str]) -> list[str]:
    """The pieces without the tags and lengths that nothing but blanks and marks follows; of the marks around them the end of a sentence
    stays."""
    end = len(pieces)
    while end and (isinstance(pieces[end - 1], Tag | Length) or not pieces[end - 1].strip(" .,;:!?")):
        end -= 1
    if not any(isinstance(p, Tag | Length) for p in pieces[end:]):
        return pieces
    rest = "".join(p for p in pieces[end:] if not isinstance(p, Tag | Length))
    kept = pieces[:end]
    if kept and not isinstance(kept[-1], Person):
        kept[-1] = kept[-1].rstrip(" ,;:")
    return [*kept, re.sub(r"[\s,;:]+", "", rest)[:1]]


def joined(pieces: Sequence[str], names: dict[Person, str]) -> str:
    """The pieces as one text, people by their names, the gaps that tokens left closed."""
    pieces = [p for p in pieces if p]
    named = [names[p] if isinstance(p, Person) else p for p in pieces]
    for i in range(1, len(pieces) - 1):
        # People named one after the other are a list.
        if isinstance(pieces[i - 1], Person) and isinstance(pieces[i + 1], Person) and pieces[i].isspace():
            named[i] = ", "
    text = "".join(named)
    return re.sub(r"[ \t]{2,}", " ", text).strip()
