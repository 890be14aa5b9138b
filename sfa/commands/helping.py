"""Help in the language in force: what the library of commands writes in English and breaks between blanks alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from typer._click.core import Context
from typer._click.formatting import HelpFormatter

from sfa.languages import spoken
from sfa.messages import say
from sfa.wrapping import cell_width, lines

_WRONG = (
    (
        r"No such option: (?P<option>\S+)(?: \(Possible options: (?P<near>.*)\)| Did you mean (?P<one>\S+)\?)?",
        "No such option: {option}{more}",
    ),
    (r"Missing argument '(?P<name>.*)'", "Missing argument {name!r}"),
    (r"Missing option '(?P<name>.*)'", "Missing option {name!r}"),
    (r"Option '(?P<name>.*)' requires an argument", "Option {name!r} requires an argument"),
    (r"Option '(?P<name>.*)' does not take a value", "Option {name!r} does not take a value"),
    (r"Got unexpected extra arguments? \((?P<words>.*)\)", "Got unexpected extra arguments ({words})"),
    (
        r"Invalid value for '(?P<name>[^']*)'(?: / '[^']*')?: '?(?P<given>.*?)'? is not a valid int(?:eger| range)",
        "{name}: {given!r} is no number",
    ),
    (
        r"Invalid value for '(?P<name>[^']*)'(?: / '[^']*')?: (?P<given>.*) is not in the range (?P<range>.*)",
        "{name}: {given} is not {range}",
    ),
)
"""What the library says of a command line that is none, as patterns, and the message that stands for it."""


def misread(text: str) -> str:
    """What the library says of a command line, as a message."""
    for pattern, template in _WRONG:
        if found := re.fullmatch(pattern, text):
            given = {name: value for name, value in found.groupdict().items() if value}
            near = given.pop("near", "") or given.pop("one", "")
            more = {"more": say("; there is {near}", near=near) if near else ""} if "{more}" in template else {}
            return say(template, **given, **more)
    return text


def begin() -> None:
    """Have all help of this process written so."""
    Context.formatter_class = Formatter


class Formatter(HelpFormatter):
    """Writes help with every fixed word of it spoken, and lines broken by the columns that they take."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, spoken("Usage: ") if prefix is None else prefix)

    def write_text(self, text: str) -> None:
        paragraphs = (p if p.startswith("\b") else _broken(p, self.width - self.current_indent) for p in text.split("\n\n"))
        super().write_text("\n\n".join(paragraphs))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        first = min(max((len(term) for term, _ in rows), default=0), col_max) + col_spacing
        room = max(self.width - first - 2, 10)
        super().write_dl([(term, _broken(spoken(about), room)) for term, about in rows], col_max, col_spacing)


def _broken(text: str, room: int) -> str:
    """A paragraph as lines that the library leaves as they are, where it has wide characters."""
    if cell_width(text) == len(text):
        return text
    return "\b\n" + "\n".join(lines(" ".join(text.split()), room))
