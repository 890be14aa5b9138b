"""One person under many spellings: in names (order, accents, capitals, scripts), e-mail addresses and phone numbers, and in free text.

Whether two records are one person is `matching.py`'s; here a person is known, and all that is theirs is looked for. Pure functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sfa.sales.names import folded, mailbox
from sfa.sales.phones import phone_key

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa"})
_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3"
_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f])*")
_GAP = re.compile(r"(?:[\s,'’\"\\-]|\.\s){1,6}\Z")
_MAIL = re.compile(r"[A-Za-z0-9.%+_'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_BEFORE = "'.%-"
_VARIED = re.compile(r"[aouAOU][eE]|['`]")
_DIGITS = re.compile(r"\+?\(?\d[\d\s().\-/]{4,40}\d")
SHORTEST = 6
"""Digits of the shortest phone number that is looked for in texts."""


def spellings(name: str) -> set[tuple[str, ...]]:
    """The ways of writing a name, as tuples of folded words: family name first or last, umlauts in one letter or two, an apostrophe or
    none. A name in Chinese, Japanese or Korean is one word, whether or not it was written with blanks."""
    import unicodedata

    plain = unicodedata.normalize("NFC", name.strip()).lower()
    out: set[tuple[str, ...]] = set()
    for text in (plain, plain.translate(_UMLAUTS), re.sub(r"([aou])e", r"\1", plain), re.sub(r"['’`]", "", plain)):
        words = tuple(folded(w) for w in _WORD.findall(text))
        if not words:
            continue
        if re.fullmatch(f"[{_CJK}]+", "".join(words)):
            whole = "".join(words)
            out |= {(whole,), (whole[1:] + whole[:1],), (whole[-1:] + whole[:-1],), words, words[::-1]}
        else:
            out |= {words, (words[-1], *words[:-1]), (*words[1:], words[0])}
    return out


def name_keys(name: str) -> frozenset[str]:
    """What two spellings of one name have in common: at least one of these."""
    if name.isascii() and not _VARIED.search(name):
        # The short way of most names, for the many that one name is compared with.
        words = sorted(re.findall(r"[a-z0-9]+", name.lower()))
        return frozenset((" ".join(words),)) if words else frozenset()
    return frozenset("".join(sorted(s[0])) if len(s) == 1 and not s[0].isascii() else " ".join(sorted(s)) for s in spellings(name))


class Traces:
    """All that says who somebody is, to be found in texts: names, e-mail addresses, phone numbers. A name of one word in Latin letters is
    too common to look for."""

    def __init__(self, names: Iterable[str], emails: Iterable[str], phones: Iterable[str]) -> None:
        self.names: dict[str, set[tuple[str, ...]]] = {}
        self.whole: set[str] = set()
        for name in names:
            for words in spellings(name):
                if len(words) > 1:
                    self.names.setdefault(words[0], set()).add(words)
                elif not words[0].isascii() and len(words[0]) > 1:
                    self.whole.add(words[0])
        self.sizes = sorted({len(w) for w in self.whole}, reverse=True)
        self.mailboxes = {mailbox(m) for m in emails}
        foreign = [re.escape(m.strip()) for m in emails if not _MAIL.fullmatch(m.strip())]
        self.foreign = re.compile("|".join(foreign), re.IGNORECASE) if foreign else None
        self.phones = {k for k in (re.sub(r"\D", "", p) for p in phones) if len(k) >= SHORTEST}
        self.phones |= {phone_key(p) for p in self.phones if len(phone_key(p)) >= SHORTEST}
        self.ends: dict[str, set[str]] = {}
        for digits in self.phones:
            self.ends.setdefault(digits[-8:], set()).add(digits)

    def __bool__(self) -> bool:
        return bool(self.names or self.whole or self.mailboxes or self.phones)

    def scrub(self, text: str, put: str) -> str:
        """`text` with every trace replaced by `put`."""
        spans = self.spans(text)
        if not spans:
            return text
        out, at = [], 0
        for start, end in spans:
            if start >= at:
                out += [text[at:start], put]
            at = max(at, end)
        return "".join([*out, text[at:]])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """(start, end) of every trace in `text`, in order; they may overlap."""
        out = []
        if self.mailboxes and "@" in text:
            out += [_rid(m) for m in _MAIL.finditer(text) if mailbox(m[0].lstrip(_BEFORE)) in self.mailboxes]
            if self.foreign:
                out += [m.span() for m in self.foreign.finditer(text)]
        if self.phones:
            for run in _DIGITS.finditer(text):
                out += self._numbers(run[0], run.start())
        if self.names or self.whole:
            out += self._named(text)
        return sorted(out)

    def _numbers(self, text: str, start: int) -> Iterable[tuple[int, int]]:
        """The phones in a run of digits and what may stand between them: any groups of it that follow each other."""
        groups = list(re.finditer(r"\d+", text))
        for i in range(len(groups)):
            digits = ""
            for j in range(i, len(groups)):
                digits += groups[j][0]
                if len(digits) >= SHORTEST and self._is_phone(digits):
                    begin = groups[i].start()
                    while begin and text[begin - 1] in "+(":
                        begin -= 1
                    yield start + begin, start + groups[j].end()

    def _is_phone(self, digits: str) -> bool:
        plain = digits.lstrip("0")
        if digits in self.phones or plain in self.phones:
            return True
        return len(plain) >= 8 and any(p.endswith(plain) or plain.endswith(p) for p in self.ends.get(plain[-8:], ()))

    def _named(self, text: str) -> Iterable[tuple[int, int]]:
        words = list(_WORD.finditer(text))
        plain = [folded(w[0]) for w in words]
        for i, word in enumerate(plain):
            for name in self.names.get(word, ()):
                last = i + len(name) - 1
                if tuple(plain[i : last + 1]) == name and all(
                    _GAP.match(text[words[j].end() : words[j + 1].start()]) for j in range(i, last)
                ):
                    yield words[i].start(), words[last].end()
            if self.sizes and not word.isascii() and len(word) == len(words[i][0]):
                for size in self.sizes:
                    for k in range(len(word) - size + 1):
                        if word[k : k + size] in self.whole:
                            yield words[i].start() + k, words[i].start() + k + size


def _rid(found: re.Match[str]) -> tuple[int, int]:
    """The span of an address without signs that stand in front of it."""
    return found.end() - len(found[0].lstrip(_BEFORE)), found.end()
