"""How much a text looks like one that people write: what tells the right encoding of a file from those that make rubbish of it.

Every encoding gets the same bytes; its reading is weighed as the logarithm of how usual its letters are, each with its neighbours,
in the language that fits a word best (`letters.py`). Only the difference between two readings means anything.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from math import log
from typing import NamedTuple

from sfa.reading.codecs import CODECS
from sfa.reading.letters import COMMON, LETTERS

SURE = 5.0
"""A reading that much more likely (148 times) than the next different one is taken without asking."""
_OWN_LETTERS = frozenset(
    ("cp1251", "koi8_u", "cp866", "iso8859-5", "mac_cyrillic", "cp1253", "iso8859-7", "cp737", "cp1255", "cp1256"),
)
_PLAIN = -3.0
_KEPT = 10_000  # words whose weights are remembered
_DAMAGE = -40.0  # what an undecodable byte costs: more than any letter
_FEW = 60  # pieces that show which encodings are worth trying on all
_HOPELESS = 100.0
_CUT = 60  # bytes: pieces that long may end within a character
_FOREIGN = 4.0  # what a word in another language than most costs
_RARE = {"sq": 4.0, "is": 2.0, "ca": 2.0, **dict.fromkeys(("de", "fr", "es", "pt", "it", "nl", "pl", "ru"), 0.0)}  # others: 1
_WORDS = frozenset("àèéòóùáíÀÉÓÁÍвикоусяВИКОУСЯіїηοΗΟ")  # that are one letter long
_NEAR = (0.9, -0.4, -1.6)  # how much likelier than any letter a neighbour of each group is
_STRANGER = -3.2
_LANGUAGE = {"gb18030": "zh_Hans", "cp950": "zh_Hant", "big5hkscs": "zh_Hant", "cp932": "ja", "euc_jp": "ja", "cp949": "ko"}
_LEVELS = {"zh_Hans": ("gb2312", 0xD7), "zh_Hant": ("big5", 0xC6), "ja": ("euc_jp", 0xCF), "ko": ("euc_kr", 0xC8)}
_MARKS = {c: weight for weight, marks in ((-6.0, "’\u00a0ªº"), (-7.0, "–—…°€"), (-7.5, "‘“”£«»™©•"), (-8.5, "®·´§¡¿№„‚¥")) for c in marks}
_ANYWHERE = "’·´\u00ad"
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_PARTS = re.compile(
    f"([{_LATIN}\u0370-\u03ff\u0400-\u052f\u05d0-\u05ea\u0621-\u06d3]+)"
    "|([\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff66-\uff9f\u3005]+)|(.)",
    re.DOTALL,
)


class Reading(NamedTuple):
    """What one encoding makes of the sample: its weight, the texts, and whether they are text rather than rubbish."""

    codec: str
    weight: float
    texts: tuple[str, ...]
    sound: bool


def rank(tokens: list[bytes], codecs: dict[str, float] = CODECS) -> list[Reading]:
    """The encodings that can read every token, the likeliest first; of several that read all alike only the first.

    `tokens` are pieces of the file with bytes beyond ASCII."""
    first = _ranked(tokens[:_FEW], codecs)
    if len(tokens) <= _FEW or not first:
        return first
    hopeful = {each.codec for each in _ranked(tokens[:_FEW], codecs, alike=True) if first[0].weight - each.weight < _HOPELESS}
    return _ranked(tokens, {codec: prior for codec, prior in codecs.items() if codec in hopeful})


def _ranked(tokens: list[bytes], codecs: dict[str, float], alike: bool = False) -> list[Reading]:
    found: list[Reading] = []
    known: set[tuple[str, ...]] = set()
    for codec, prior in codecs.items():
        texts = _decoded(tokens, codec)
        if texts is None or (texts in known and not alike):
            continue
        language = _LANGUAGE.get(codec, "")
        total = _together([_weigh(text, language) for text in texts])
        high = sum(c > "\x7f" for text in texts for c in text)
        plain = sum(map(len, texts)) - high
        mean = (total - _PLAIN * plain) / max(1, high)
        known.add(texts)
        found.append(Reading(codec, total + prior, texts, mean > _floor(codec, high)))
    return sorted(found, key=lambda reading: -reading.weight)


def _floor(codec: str, characters: int) -> float:
    """The mean weight of a character beyond ASCII below which a reading is rubbish."""
    if codec in _LANGUAGE:
        return -9.2 if characters > 5 else -10.5
    return -5.0 if codec in _OWN_LETTERS else -7.5 if characters > 3 else -9.5


def _decoded(tokens: list[bytes], codec: str) -> tuple[str, ...] | None:
    """The tokens as `codec` reads them; None where it cannot. A few among many may be damaged: where, is found out later."""
    texts, damaged = [], 0
    for token in tokens:
        try:
            text = token.decode(codec)
        except UnicodeDecodeError as error:
            if len(token) < _CUT or error.start < len(token) - 4:
                damaged += 1
                if damaged * 10 > len(tokens):
                    return None
                text = token.decode(codec, "replace")
            else:
                text = token[: error.start].decode(codec)  # a long piece was cut in the middle of a character
        texts.append(unicodedata.normalize("NFC", text))
    return tuple(texts)


def _together(weighed: list[tuple[float, tuple[tuple[float, ...], ...]]]) -> float:
    """The weight of all texts, whose words are mostly of one language: a word of another one costs a little more."""
    total = sum(weight for weight, _ in weighed)
    words = [by for _, some in weighed for by in some]
    if not words:
        return total
    best = [max(by) for by in words]
    return total + max(
        sum(max(by[n], top - _FOREIGN) for by, top in zip(words, best, strict=True)) - _RARE.get(name, 1.0)
        for n, name in enumerate(LETTERS)
    )


@lru_cache(_KEPT)
def _weigh(text: str, language: str) -> tuple[float, tuple[tuple[float, ...], ...]]:
    """The weight of a text without its words of an alphabet, and theirs in each language."""
    total, before, words = 0.0, "", []
    for part in _PARTS.finditer(text):
        word, han, _ = part.groups()
        if word and word.isascii():
            total += _PLAIN * len(word)
        elif word:
            case, by = _word(word)
            total += case
            words.append(by)
        elif han:
            total += _characters(han, language)
        else:
            total += _mark(text, part.start())
        kind = "han" if han else "word" if word else ""
        if {kind, before} == {"han", "word"}:
            beside = text[part.start() - 1] if han else text[part.start()]
            total -= 5.0 if beside.islower() else 1.5
        before = kind
    return total, tuple(words)


# --- alphabets --------------------------------------------------------------------------------------------------------------


@cache
def _languages() -> list[dict[str, tuple[float, dict[str, float], dict[str, float]]]]:
    """For each language: letter → its weight, and what each neighbour before and behind it adds."""

    def groups(text: str) -> dict[str, float]:
        return {c: weight for group, weight in zip(text.split(","), _NEAR, strict=False) for c in group}

    out = []
    for table in LETTERS.values():
        letters = {}
        for entry in table.split():
            before, _, behind = entry[2:].partition(":")
            letters[entry[0]] = ((int(entry[1]) - 9) * log(2) + (_PLAIN if entry[0] < "\u0370" else 0.0), groups(before), groups(behind))
        out.append(letters)
    return out


@lru_cache(_KEPT)
def _word(word: str) -> tuple[float, tuple[float, ...]]:
    """What its capitals and scripts cost a word, and its weight in each language."""
    scripts = {sum(c >= first for first in "\u0370\u0400\u0590\u0600") for c in word}
    cost = _case(word) - 10.0 * (len(scripts) - 1) - (0.0 if len(word) > 1 else 2.0 if word in _WORDS else 6.0)
    low, turkish = word.replace("İ", "i").lower(), word.replace("İ", "i").replace("I", "ı").lower()
    return cost, tuple(_in_language(turkish if n == "tr" else low, letters) for n, letters in zip(LETTERS, _languages(), strict=True))


def _in_language(word: str, letters: dict[str, tuple[float, dict[str, float], dict[str, float]]]) -> float:
    total = 0.0
    last = len(word) - 1
    for i, c in enumerate(word):
        if "a" <= c <= "z":
            total += _PLAIN
        elif entry := letters.get(c):
            weight, before, behind = entry
            total += weight + before.get(word[i - 1] if i else "^", _STRANGER) + behind.get(word[i + 1] if i < last else "$", _STRANGER)
        else:
            total -= 13.0
    return total


def _case(word: str) -> float:
    """What capitals in odd places cost: JosÚ, oПХБЕР."""
    rest = word[1:]
    if rest.islower() or word.isupper() or not word[1:]:
        return 0.0
    cost = 0.0
    for a, b in zip(word, rest, strict=False):
        if a.islower() and b.isupper():
            cost -= 2.0 if b.isascii() else 7.0
    lows = sum(c.islower() for c in rest)
    return cost - (2.0 if 0 < lows < len(rest) and word[:2].isupper() else 0.0)


# --- very many characters ---------------------------------------------------------------------------------------------------


def _characters(text: str, language: str) -> float:
    if language == "ja" and len(text) > 2 and all("\uff66" <= c <= "\uff9f" for c in text):
        return (-4.2 if len(text) > 5 else -5.2) * len(text)  # a file of half-width letters, as banks have them
    return sum(_character(c, language) for c in text)


@lru_cache(_KEPT)
def _character(c: str, language: str) -> float:
    if not language or c in "\u3005":
        return -9.0 if language else -14.0
    codec, last = _LEVELS[language]
    if c in _common(language):
        return log((0.5 if language == "ja" else 0.85) / len(COMMON[language]))
    if "\u3040" <= c <= "\u30ff":
        return -6.0 if language == "ja" else -12.0
    if "\uff66" <= c <= "\uff9f":
        return -11.5
    if (c >= "\uac00") != (language == "ko"):
        return -14.5
    try:
        lead = c.encode(codec)[0]
    except UnicodeEncodeError:
        return -14.5
    return -10.0 if lead <= last else -12.5


@cache
def _common(language: str) -> frozenset[str]:
    return frozenset(COMMON[language])


# --- marks ------------------------------------------------------------------------------------------------------------------


def _mark(text: str, at: int) -> float:
    c = text[at]
    if c < "\x7f":
        return _PLAIN
    if c == "\ufffd":
        return _DAMAGE
    weight = _MARKS.get(c)
    if weight is None:
        category = unicodedata.category(c)
        if "\uff01" <= c <= "\uff5e" or "\u3000" <= c <= "\u3011":
            weight = -8.5
        else:
            weight = -18.0 if category[0] == "C" else -16.0 if "\u2500" <= c <= "\u25ff" else -11.0 if c <= "\xff" else -14.0
    inside = 0 < at < len(text) - 1 and text[at - 1].isalpha() and text[at + 1].isalpha() and text[at - 1] < "\u2e80"
    odd = (at and text[at - 1].islower() and c in "„‚¡¿") or (c in "©®™°ªº•…" and text[at + 1 : at + 2].isalpha())
    return weight - (6.0 if inside and c not in _ANYWHERE else 4.0 if odd else 0.0)
