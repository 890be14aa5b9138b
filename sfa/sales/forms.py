"""A record as a commented text to be edited by hand (TOML), and that text read back.

Pure: which text a value has and what a text means for a field are the caller's; where in the text something is wrong is said here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sfa.messages import say
from sfa.sales.fields import TYPES, Field

MARK = "#!"
"""How the lines begin that say what is wrong; they are left out when the text is read again."""


class Fault(NamedTuple):
    """What is wrong with a form: the line (from 0; -1 is the whole), the columns it is about, why, a hint."""

    line: int
    start: int
    end: int
    why: str


def written(title: str, fields: Sequence[Field], texts: Mapping[str, str]) -> str:
    """The form of a record: a line `name = "text"` for each field, with a comment that says what it takes."""
    wide = max(len(f.name) for f in fields)
    lines = [
        f"# {title}",
        "# Save and close to write it; unchanged or emptied, nothing is. An empty text clears a field, a line left out does not.",
        "",
    ]
    for field in fields:
        also = [*(["required"] if field.required else []), *(["several, by commas"] if field.many else [])]
        comment = "; ".join([t for t in (_takes(field), *also) if t])
        value = _toml(texts.get(field.name, ""))
        lines.append(f"{field.name:<{wide}} = {value}" + (f"  # {comment}" if comment and "\n" not in value else ""))
    return "\n".join(lines) + "\n"


def _takes(field: Field) -> str:
    """What a field takes, in words; nothing for any text."""
    if field.choices:
        return ", ".join(field.choices)
    if field.type == "ref":
        return field.to.replace("_", " ")
    return "" if field.type == "text" else TYPES.get(field.type, "")


def _toml(text: str) -> str:
    if "\n" in text and "'''" not in text:
        return f"'''\n{text}'''"
    import json

    # JSON's escapes are TOML's, but that DEL stays as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def cleaned(form: str) -> str:
    """The form without the lines that said what was wrong."""
    return "".join(line for line in form.splitlines(keepends=True) if not line.startswith(MARK))


def read(form: str) -> tuple[dict[str, str], Fault | None]:
    """(field → text, None), or what is wrong with the form as TOML."""
    import tomllib

    try:
        found = tomllib.loads(form)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(at[1]) - 1, int(at[2]) - 1) if at else (form.count("\n") - 1, 0)
        why = re.sub(r" \(at .*\)$", "", str(error))
        return {}, Fault(line, column, column + 1, say("this is not TOML: {why}{why2}", why=why[0].lower(), why2=why[1:]))
    out = {}
    for name, value in found.items():
        if isinstance(value, dict | list):
            return {}, fault(form, name, say("{name} takes one text", name=name))
        out[name] = _text(value)
    return out, None


def _text(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def fault(form: str, name: str, why: str, *, key: bool = False) -> Fault:
    """What is wrong with the field `name` where it stands in the form: with its value, or with the `key` itself."""
    for i, line in enumerate(form.splitlines()):
        found = re.match(rf"""\s*["']?({re.escape(name)})["']?\s*=\s*(.*?)\s*(?:  #.*)?$""", line)
        if found:
            start, end = found.span(1 if key else 2)
            return Fault(i, start, max(end, start + 1), why)
    return Fault(-1, 0, 1, f"{name}: {why}")


def marked(form: str, wrong: Fault, hint: str = "") -> str:
    """The form with lines below the wrong one that point at it and say why."""
    lines = form.splitlines()
    said = [f"{MARK} {wrong.why}", *([f"{MARK} {hint}"] if hint else [])]
    if wrong.line < 0:
        return "\n".join([*said, *lines]) + "\n"
    return "\n".join([*lines[: wrong.line + 1], caret(lines[wrong.line], wrong, MARK), *said, *lines[wrong.line + 1 :]]) + "\n"


def caret(line: str, wrong: Fault, mark: str = "") -> str:
    """The line of carets below what is wrong, behind the mark where there is room; wide (CJK) characters take two columns."""
    from unicodedata import east_asian_width

    def wide(text: str) -> int:
        return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

    before, about = wide(line[: wrong.start]), max(wide(line[wrong.start : wrong.end]), 1)
    return f"{mark}{' ' * (before - len(mark))}{'^' * (about - max(len(mark) - before, 0))}" if about + before > len(mark) else f"{mark}^"
