"""Texts for people as values: what is said, and what fills it. A message is its English text and knows its template, so that the place
where it reaches a person can say it in that person's language (`languages.py`), and whatever decided it need not know that there are any.

What a template is filled with stays as it is: names, amounts and references are data. A message within a message is said in that language
too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

BEHIND, BEFORE = "{this}{that}", "{that}{this}"
"""The templates of a message with a text behind it, or before it."""


class Message(str):
    """A text in English, with the template and the values that it was made of."""

    template: str
    values: dict[str, Any]

    def __add__(self, other: str) -> str:
        return say(BEHIND, this=self, that=other)

    def __radd__(self, other: str) -> str:
        return say(BEFORE, this=self, that=other)

    def removeprefix(self, prefix: str, /) -> str:
        """The message without another one that it begins with."""
        if isinstance(prefix, Message) and self.startswith(prefix) and self.template.startswith(prefix.template):
            return say(self.template[len(prefix.template) :], **self.values)
        return super().removeprefix(prefix)


class Scaled:
    """A number that is written in units, as 1.2m: in those of English as a text, in others where it is said in another language."""

    def within(self, units: Sequence[tuple[int, str]]) -> str:
        """The number in the first of `units` (power of ten, its sign) that it has at least one of."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.within(scale(UNITS))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


UNITS = "9:bn 6:m 3:k"
"""Powers of ten and what stands for them; a message of its own, because Chinese counts in others."""


def scale(units: str) -> list[tuple[int, str]]:
    """The units of a text such as UNITS."""
    return [(int(power), sign) for power, _, sign in (unit.partition(":") for unit in units.split())]


def lines(text: str) -> list[str]:
    """The lines of a text; those of messages that were put below one another (`together`), or behind one another, stay messages."""
    if not isinstance(text, Message):
        return text.split("\n")
    parts = list(text.values.values())
    if re.fullmatch(r"\{\w+\}(?:\n\{\w+\})+", text.template):
        return [line for part in parts for line in lines(str(part) if not isinstance(part, str) else part)]
    if text.template in (BEHIND, BEFORE):
        first, then = [lines(p) for p in parts] if text.template == BEHIND else [lines(p) for p in reversed(parts)]
        return [*first[:-1], together("", [first[-1], then[0]]) if first[-1] and then[0] else first[-1] or then[0], *then[1:]]
    return text.split("\n") if "\n" in text else [text]


def say(template: str, /, **values: Any) -> str:
    """The message of a template: `say("{count} deals of {name}", count=3, name="Acme")`."""
    made = Message(template.format(**values))
    made.template, made.values = template, values
    return made


def together(separator: str, parts: Any) -> str:
    """Messages and other texts in a row, as `separator.join` has them."""
    texts = [str(p) if p.__class__ is not Message and not isinstance(p, str) else p for p in parts]
    values = {f"_{i}": text for i, text in enumerate(texts)}
    return say(separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in values), **values)
