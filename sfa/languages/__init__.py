"""The language that people are spoken to in: the place where a message leaves the program in it.

`messages.py` makes messages, in English; here they are looked up in the catalogue of the language in force (gettext's .mo files beside this
one; `make languages` brings them up to date). JSON, TSV and CSV stay as they are whatever the language: programs read them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from gettext import GNUTranslations
from typing import Any

from sfa.messages import Message

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
FOLDER = os.path.dirname(__file__)
DOMAIN = "sfa"


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
        template = _found(text.template, context)
        return template.format(**{name: _filling(value) for name, value in text.values.items()})
    return _found(text, context)


def _found(text: str, context: str) -> str:
    catalogue = Speech.catalogue
    if catalogue is None:
        return text
    return catalogue.pgettext(context, text) if context else catalogue.gettext(text)


def _filling(value: Any) -> Any:
    """What fills a message: messages are spoken, and sentences of the program that stand for themselves; all else is data."""
    if isinstance(value, Message) or (value.__class__ is str and " " in value):
        return spoken(value)
    return value
