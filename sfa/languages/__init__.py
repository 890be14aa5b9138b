"""The language that people are spoken to in: the place where a message leaves the program in it.

`messages.py` makes messages, in English; here they are looked up in the catalogue of the language in force (gettext's .mo files beside this
one; `make languages` brings them up to date). JSON, TSV and CSV stay as they are whatever the language: programs read them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import date
from gettext import GNUTranslations
from typing import Any

from sfa.messages import UNITS, Message, Scaled, scale

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
FOLDER = os.path.dirname(__file__)
DOMAIN = "sfa"
CONTEXTS = {**dict.fromkeys(("noun", "plural", "word"), "noun"), **dict.fromkeys(("title", "field"), "column"), "what": ""}
"""What a place in a template is called that a kind of record fills, the name of a field, or a word that says what it is about."""


class Speech:
    """The language in force, one in a process as its locale is; English needs no catalogue."""

    name = "en"
    catalogue: GNUTranslations | None = None


def use(name: str) -> None:
    """Speak the language `name`, one of LANGUAGES, from here on."""
    if name == Speech.name:
        return
    Speech.name, Speech.catalogue = name, None
    if name != "en":
        import gettext

        with open(os.path.join(FOLDER, name, "LC_MESSAGES", f"{DOMAIN}.mo"), "rb") as file:
            Speech.catalogue = GNUTranslations(file)
        # What the library of commands says itself (Options, Arguments, required) is in the same catalogue.
        gettext.bindtextdomain(DOMAIN, FOLDER)
        gettext.textdomain(DOMAIN)
        os.environ["LANGUAGE"] = name


def of_locale(environment: Mapping[str, str]) -> str:
    """The language that a locale asks for, English where there is none or it is not spoken here."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environment.get(variable, ""):
            name = locale.partition(".")[0].partition("@")[0]
            if name in ("zh_CN", "zh_SG", "zh_Hans", "zh"):
                return "zh_CN"
            return "en"
    return "en"


def spoken(text: str, context: str = "") -> str:
    """A text in the language in force. A message is looked up by its template; another text as it stands; data that the catalogue does not
    have stays. `context` tells short texts apart that mean two things: column (a heading), noun (a kind of record), help."""
    if Speech.catalogue is None or not text:
        return text
    if isinstance(text, Message):
        template = (
            _found(text.template, context)
            if not text.template.startswith("{_0}")
            else re.sub(r"(?<=\}).+?(?=\{_)", _between, text.template)
        )
        return template.format(**{name: _filling(name, value) for name, value in text.values.items()})
    return _found(text, context)


def _between(found: re.Match[str]) -> str:
    """What stands between the members of a list."""
    return _found(found[0], "list")


def _found(text: str, context: str) -> str:
    catalogue = Speech.catalogue
    if catalogue is None:
        return text
    found = catalogue.pgettext(context, text) if context else text
    if found == text:
        found = catalogue.gettext(text)
    if found == text and " " in text and not text.endswith("."):
        # A sentence that stands in brackets has lost its full stop.
        whole = catalogue.gettext(text + ".")
        found = found if whole == text + "." else whole.rstrip("。.")
    return found


def _filling(name: str, value: Any) -> Any:
    """What fills a message: messages, sentences of the program that stand alone and kinds of records are spoken; all else is data."""
    context = CONTEXTS.get(name.rstrip("0123456789"))
    if context is not None and isinstance(value, str):
        return _Text(spoken(value, context))
    if isinstance(value, Message) or (value.__class__ is str and " " in value):
        return _Text(spoken(value))
    if isinstance(value, Scaled):
        return value.within(scale(spoken(UNITS, "number")))
    return _Day(value) if isinstance(value, date) else value


class _Text(str):
    """A text in a message: what it is filled up to (`{title:<16}`) are columns of the terminal."""

    def __format__(self, spec: str) -> str:
        if found := re.fullmatch(r"([<>])(\d+)", spec):
            from sfa.wrapping import cell_width

            blanks = " " * (int(found[2]) - cell_width(self))
            return f"{self}{blanks}" if found[1] == "<" else f"{blanks}{self}"
        return super().__format__(spec)


class _Day:
    """A day in a message: the names of weekdays and months are spoken."""

    def __init__(self, day: date) -> None:
        self._whole = day

    def __format__(self, spec: str) -> str:
        named = re.sub("%[aAbB]", lambda found: spoken(self._whole.strftime(found[0]), "day"), spec)
        return format(self._whole, named)

    def __str__(self) -> str:
        return str(self._whole)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._whole, name)
