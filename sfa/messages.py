"""Texts for people as values: what is said, and what fills it. A message is its English text and knows its template, so that the place
where it reaches a person can say it in that person's language (`languages.py`), and whatever decided it need not know that there are any.

What a template is filled with stays as it is: names, amounts and references are data. A message within a message is said in that language
too.
"""

from __future__ import annotations

from typing import Any


class Message(str):
    """A text in English, with the template and the values that it was made of."""

    template: str
    values: dict[str, Any]

    def __add__(self, other: str) -> str:
        return say("{this}{that}", this=self, that=other)

    def __radd__(self, other: str) -> str:
        return say("{that}{this}", that=other, this=self)


def say(template: str, /, **values: Any) -> str:
    """The message of a template: `say("{count} deals of {name}", count=3, name="Acme")`."""
    made = Message(template.format(**values))
    made.template, made.values = template, values
    return made


def joined(separator: str, parts: Any) -> str:
    """Messages and other texts in a row, as `separator.join` has them."""
    texts = [str(p) if p.__class__ is not Message and not isinstance(p, str) else p for p in parts]
    values = {f"_{i}": text for i, text in enumerate(texts)}
    return say(separator.replace("{", "{{").replace("}", "}}").join(f"{{{name}}}" for name in values), **values)
