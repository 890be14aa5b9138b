"""People's names: split into first and last, joined, and turned round where a list has the last name first. Nothing is ever lost: what is
no part of either stays in the whole name.
"""

from __future__ import annotations

import re

_PREFIXES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "sir",
        "dame",
        "rev",
        "hon",
        "herr",
        "frau",
        "hr",
        "fr",
        "mag",
        "dipl",
        "ing",
        "dott",
        "ir",
        "drs",
        "mme",
        "mlle",
        "m",
        "sr",
        "sra",
        "srta",
        "don",
        "doña",
        "capt",
    ]
)
_SUFFIXES = frozenset(
    ["jr", "sr", "ii", "iii", "iv", "v", "phd", "md", "mba", "esq", "cpa", "dds", "jd", "rn", "pmp", "msc", "bsc", "ma", "llm", "ret"]
)
_PARTICLES = frozenset(
    [
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "ter",
        "ten",
        "zu",
        "zum",
        "zur",
        "bin",
        "ibn",
        "al",
        "el",
        "af",
        "av",
        "mac",
        "san",
        "st",
    ]
)
_COMPANIES = frozenset(
    ["inc", "ltd", "llc", "llp", "plc", "gmbh", "ag", "sa", "bv", "co", "corp", "kg", "srl", "spa", "limited", "incorporated", "company"]
)


def is_cjk(text: str) -> bool:
    """Whether a name is written in Chinese characters, kana or Hangul throughout."""
    letters = [c for c in text if not c.isspace() and c not in "・·"]
    return bool(letters) and all(
        "\u3040" <= c <= "\u30ff" or "\u3400" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" or c == "々" for c in letters
    )


def split(name: str) -> tuple[str, str]:
    """(First name, last name) of a whole one of several words; ("", "") where it cannot be told, as of one word.

    Titles in front and what follows a name (Jr., PhD) are in neither; van, de, bin and the like go with the last name; a name in Chinese,
    Japanese or Korean has the family first."""
    if found := last_first(name):
        return found
    words = name.replace(",", " ").split()
    if is_cjk(name):
        return (words[1], words[0]) if len(words) == 2 else ("", "")
    while (
        len(words) > 2
        and _folded(words[0]) in _PREFIXES
        and (words[0][-1] == "." or len(words[0]) > 2 or _folded(words[0]) in ("mr", "ms", "dr"))
    ):
        words = words[1:]
    while len(words) > 1 and _folded(words[-1]) in _SUFFIXES and "." not in words[-1][:-1]:
        words = words[:-1]
    if len(words) < 2 or _folded(words[-1]) in _COMPANIES:
        return "", ""
    if len(words) == 2 and words[0][-1] == "." and _folded(words[0]) in _PREFIXES:
        return "", words[1]
    at = len(words) - 1
    while at > 1 and words[at - 1].islower() and _folded(words[at - 1]) in _PARTICLES:
        at -= 1
    return " ".join(words[:at]), " ".join(words[at:])


def last_first(name: str) -> tuple[str, str] | None:
    """(First name, last name) of a name that has the last one first, behind a comma (`Zhang, Wei`); None for any other: a suffix
    (`King, Jr.`) and a company (`Acme, Inc.`) stay behind theirs."""
    last, comma, first = (part.strip() for part in name.partition(","))
    if not comma or not last or not first or "," in first or re.search(r"[\d&@/]", name):
        return None
    words = [*map(_folded, first.split())]
    titled = any(_folded(w) in _PREFIXES and "." in w for w in name.split()) or words[-1] in _SUFFIXES
    if titled or any(w in _COMPANIES for w in words) or all(w in _SUFFIXES for w in words) or len(words) > 3 or len(last.split()) > 3:
        return None
    return first, last


def _folded(word: str) -> str:
    return word.replace(".", "").casefold()
