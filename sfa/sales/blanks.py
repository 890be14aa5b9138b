"""Which words of a file stand for a blank cell, and in which columns they do: a person may be called None, a price never is.

The words are a setting, and by column in a map file.
"""

from __future__ import annotations

import re

from sfa.sales.kinds import Field, Kind

_NAMES = ("name", "first_name", "last_name")
_NO_NAME = r"[#()<>\[\]\\]|--|\A-+\Z"


def blank_words(setting: str) -> frozenset[str]:
    """The words of the setting, as they are written there."""
    return frozenset(w for w in (w.strip() for w in setting.split(",")) if w)


def of(kind: Kind, field: Field, words: frozenset[str]) -> frozenset[str]:
    """Those of `words` that stand for a blank cell in `field`; where capitals do not matter, in lower case and as written.

    In a person's name: only what cannot be one (#N/A, (null), --None--, -). In other texts and references also what is no plain word
    (N/A, NULL in capitals): a rating may be none. In amounts, dates and the like every word."""
    if field.choices:
        own = {c.lower() for c in field.choices}
        words = frozenset(w for w in words if w.lower() not in own)
    if "last_name" in kind.by_name and field.name in _NAMES:
        return frozenset(w for w in words if re.search(_NO_NAME, w))
    if field.type in ("text", "external", "ref", "people"):
        signs = [w for w in words if not w.isalpha()]
        return frozenset([*signs, *(w.lower() for w in signs), *(w for w in words if w.isalpha() and w.isupper())])
    return frozenset([*words, *(w.lower() for w in words)])
