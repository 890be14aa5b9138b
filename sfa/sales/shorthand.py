"""What short tokens in a logged text mean: `@wei` who, `+3d` by when, `$48k` how much, `#call` what kind, `-> send quote` what comes next.

Pure reading: who `@wei` is, and which deal an amount is of, the store finds out. A word that only looks like a token stays text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sfa.errors import BadValue, UsageError
from sfa.sales.dates import Calendar, parse_date

_WORD = re.compile(
    r"(?<!\S)(?:@(?P<person>\w[^\s@，。；：！？、]*?)|\#(?P<kind>\w+)|(?P<due>\+\w[\w-]*)|(?P<amount>[$€£¥₹]\d(?:[\d.,']*\d)?(?:k|m|bn)?))"
    r"(?P<end>[.,;:!?]*)(?=\s|$|[，。；：！？、])",
    re.I,
)
_NEXT = re.compile(r"(?:^|\s)(?:->|=>|→)\s*")


class Person(str):
    """A name behind an @, as typed; dots and underscores in it stand for blanks."""

    @property
    def name(self) -> str:
        return re.sub("[._]", " ", self)


class Said(NamedTuple):
    """A text as understood. `text` and `next_step` are pieces, the Persons among them still to be named; `due` is ISO; `tokens` are the
    other tokens as typed: field → token."""

    text: list[str]
    next_step: list[str]
    due: str = ""
    amount: str = ""
    kind: str = ""
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
        if role == "person":
            pieces += [before, Person(value), match["end"]]
            continue
        if role in found and found[role][1] != value:
            raise UsageError(f"{found[role][0]} and {token}: which of them?", "Give one of them, or --plain to keep both as text.")
        found[role] = (token, value)
        # An amount is part of the sentence; a date and a kind are not.
        pieces += [before, token, match["end"]] if role == "amount" else [before.rstrip() if match["end"] else before, match["end"]]
    happened, then = _parted([*pieces, text[at:]])
    values = {role: value for role, (_, value) in found.items()}
    return Said(happened, then, **values, tokens=tuple((role, token) for role, (token, _) in found.items()))


def _meaning(match: re.Match[str], calendar: Calendar, kinds: Sequence[str]) -> tuple[str, str]:
    """(role, value) of what looks like a token; ("", "") where it is plain text after all."""
    if match["person"]:
        return "person", match["person"]
    if match["amount"]:
        return "amount", match["amount"]
    if match["kind"]:
        near = [k for k in kinds if k == match["kind"].lower()]
        return ("kind", near[0]) if near else ("", "")
    return ("due", day) if (day := due_day(match["due"], calendar)) else ("", "")


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
        if not isinstance(piece, Person) and (arrow := _NEXT.search(piece)):
            return [*pieces[:i], piece[: arrow.start()]], [piece[arrow.end() :], *pieces[i + 1 :]]
    return pieces, []


def joined(pieces: Sequence[str], names: dict[Person, str]) -> str:
    """The pieces as one text, people by their names, the gaps that tokens left closed."""
    text = "".join(names[p] if isinstance(p, Person) else p for p in pieces)
    return re.sub(r"[ \t]{2,}", " ", text).strip()
