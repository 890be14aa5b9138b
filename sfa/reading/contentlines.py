"""The lines that vCards and iCalendar files are made of (RFC 6350 and 5545, vCard 2.1): told apart, put together, escaped and folded.

What the properties mean is in `cards.py`, `calendars.py` and, for writing, `exchange.py`. The libraries were tried on real files first.
vobject (0.9.9) gives up a whole file at the first line that it cannot read, which happened with 2 of 19 exports of address books, cuts
names at a comma, says nothing of lines, and brings pytz and six; icalendar (7.3) reads no vCard 2.1 and no groups. Neither can tell
a card that never ends from its neighbour. Calendars are read and written by icalendar, component by component.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TextIO

from sfa.messages import say

_PROPERTY = re.compile(r'(?:([\w-]+)\.)?([\w-]+)((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)', re.DOTALL)
_LOOSE = re.compile(r"(?:([\w-]+)\.)?([\w-]+)((?:;[^:]*)?):(.*)", re.DOTALL)
_PARAMETER = re.compile(r'[^;"]*(?:"[^"]*"[^;"]*)*|[^;]*')
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*\Z")
_ESCAPED = re.compile(r"\\([nN,;:\"\\])")
_ESCAPED_21 = re.compile(r"\\([,;:])")
LONGEST = 24 << 20
"""Characters of a card or an event; what goes on for longer was never one, and would fill the memory."""
_WIDTH = 75  # octets of a line, without its end


class Problem(Exception):
    """Why a card or an event cannot be trusted, and the line that shows it."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(say("line {line}: {why}", line=line, why=why))


class Property(NamedTuple):
    """One property: its line (from 1), group, name and value as they stand in the file, parameters by upper-case name (bare ones of
    vCard 2.1 are types)."""

    line: int
    group: str
    name: str
    parameters: dict[str, list[str]]
    value: str

    @property
    def types(self) -> set[str]:
        """The words that say what kind of phone, address … this is, in lower case."""
        return {t.strip().lower() for each in self.parameters.get("TYPE", []) for t in each.split(",") if t.strip()}

    @property
    def encoding(self) -> str:
        return "".join(self.parameters.get("ENCODING", ["8BIT"])[-1:]).upper()


def physical(stream: TextIO) -> Iterator[tuple[int, str]]:
    """The lines of a text (opened with newline="") with their numbers, without what ends them: CR, LF or both, or the CR CR LF that some
    phones write."""
    number, before = 0, ""
    for line in stream:
        if not (line == "\r\n" and before.endswith("\r")):
            number += 1
            yield number, line.rstrip("\r\n")
        before = line


def logical(lines: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Unfolded lines: those that begin with a blank go on the one before, so does what follows the = at the end of a quoted-printable
    one, and base64 that nobody indented."""
    start, parts, soft, binary, printable = 0, [""], False, False, False
    for number, line in lines:
        if not line.strip():
            soft = binary = False
            continue
        if soft or (line[0] in " \t" and start):
            parts.append(line if soft else line[1:])
        elif binary and _BASE64.match(line):
            parts.append(line)
        else:
            if start:
                yield start, "".join(parts)
            start, parts = number, [line]
            head = line.partition(":")[0].upper()
            binary = "BASE64" in head or "ENCODING=B" in head
            printable = "QUOTED-PRINTABLE" in head
        soft = printable and line.endswith("=")
        if soft:
            parts[-1] = parts[-1][:-1]
    if start:
        yield start, "".join(parts)


def parse(line: int, text: str) -> Property:
    """The property in an unfolded line. Raises Problem."""
    found = _PROPERTY.match(text) or _LOOSE.match(text)
    if not found:
        short = text.strip()
        raise Problem(
            line,
            say(
                "{short!r}{word} is no property: a line that should have been folded?",
                short=short[:40],
                word="…" if len(short) > 40 else "",
            ),
        )
    group, name, given, value = found.groups()
    parameters: dict[str, list[str]] = {}
    for each in _PARAMETER.findall(given) if given else ():
        key, equals, text = each.strip().partition("=")
        if not each.strip():
            continue
        if not equals:
            key, text = ("ENCODING" if key.upper() in ("BASE64", "QUOTED-PRINTABLE") else "TYPE"), key
        parameters.setdefault(key.strip().upper(), []).append(text.strip().strip('"'))
    return Property(line, group or "", name.upper(), parameters, value)


def text_of(found: Property, raw: str, codec: str, old: bool, strict: bool = True) -> str:
    """What a value, or a part of one, says: quoted-printable by the property's CHARSET, else by `codec`; escapes, fewer in `old` vCard 2.1.
    Raises Problem for bytes that are not text, unless they need not be (`strict`)."""
    text = raw
    if found.encoding == "QUOTED-PRINTABLE":
        from binascii import a2b_qp

        charset = "".join(found.parameters.get("CHARSET", [])[:1]) or codec
        try:
            text = a2b_qp(raw.encode("ascii" if raw.isascii() else charset)).decode(charset, "strict" if strict else "replace")
        except (UnicodeDecodeError, LookupError, ValueError):
            raise Problem(found.line, say("{name} cannot be read as {charset}", name=found.name, charset=charset[:30])) from None
    text = _ESCAPED_21.sub(r"\1", text) if old else unescaped(text)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def unescaped(text: str) -> str:
    """A text value without its escapes (vCard 3.0, 4.0, iCalendar); a backslash that escapes nothing stays."""
    return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], text)


def parts_of(value: str) -> list[str]:
    """The parts of a structured value (N, ADR, ORG), still escaped."""
    if "\\" not in value:
        return value.split(";")
    return [p.replace("\0", "\\") for p in re.split(r"(?<!\\);", value.replace("\\\\", "\0\0"))]


# Writing ----------------------------------------------------------------------------------------------------------------------------


def escaped(text: str) -> str:
    """A text as a vCard 3.0 value."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace(",", "\\,").replace(";", "\\;")


def folded(line: str) -> str:
    """A line as it is written: no longer than 75 octets, then on in the next one behind a blank, no character cut."""
    if len(line) <= _WIDTH and line.isascii():
        return line + "\r\n"
    out, room = [], _WIDTH
    for character in line:
        size = len(character.encode("utf-8", "replace"))
        if size > room:
            out.append("\r\n ")
            room = _WIDTH - 1
        out.append(character)
        room -= size
    return "".join(out) + "\r\n"
