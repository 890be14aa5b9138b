"""Texts broken into lines of a terminal, in scripts with blanks between words and in those without: a Chinese, Japanese or Korean character
takes two columns, and a line may end behind any of them but not before a closing mark."""

from __future__ import annotations

import re

_WIDE = r"[\u1100-\u11ff\u2e80-\u4dbf\u4e00-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef]"
_PARTS = rf"`[^`\s]*\0[^`\s]*`|\([^()\s]*\0[^()\s]*\)|{_WIDE}|[^\s\u1100-\u11ff\u2e80-\uffef]+|\S|\s+"
"""Commands that stay whole (their blanks are NULs here), wide characters one by one, words, blanks; compiled where a text is broken, which
takes longer than all else here."""
_NEVER_FIRST = frozenset("，。、；：！？）」』】》〉”’…—")
_NEVER_LAST = frozenset("（「『【《〈“‘")


def cell_width(text: str) -> int:
    """The columns of a terminal that a text takes."""
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def lines(text: str, room: int, indent: str = "") -> list[str]:
    """A text as lines of at most `room` columns, those after the first behind `indent`; what cannot be broken stays whole."""
    if cell_width(text) <= room:
        return [text.rstrip()]
    out: list[str] = []
    now, wide = "", 0
    for piece in _pieces(text):
        size = cell_width(piece)
        if now.strip() and not piece.isspace() and wide + size > room:
            out.append(now.rstrip())
            now, wide = indent, len(indent)
        if piece.isspace() and not now.strip() and out:
            continue
        now += piece
        wide += size
    return [*out, now.rstrip()]


def _pieces(text: str) -> list[str]:
    """Words, blanks and single wide characters, with the marks that may not stand apart from them."""
    out: list[str] = []
    for piece in re.findall(_PARTS, text):
        if out and (piece in _NEVER_FIRST or out[-1][-1] in _NEVER_LAST) and not out[-1].isspace():
            out[-1] += piece
        else:
            out.append(piece)
    return out


def explained(text: str, room: int) -> list[str]:
    """Lines of help in `room` columns: what is too long goes on below the words that explain, which stand right of two blanks or more."""
    out: list[str] = []
    for part in text.split("\n"):
        start = re.match(r" *(?:\S+(?: \S+)*? {2,})*(?=\S)", part)
        left = cell_width(start[0]) if start else 0
        out += lines(part, room, " " * (left if left <= room * 2 // 3 else 21))
    return out


_COMMAND = r"`[^`]*`|\([^()]*\bsfa [^()]*\)"
"""What stands whole in a message, to be copied: a command in backticks or in brackets."""


def broken(text: str, room: int) -> str:
    """A message in `room` columns: lines go on below, indented, between words but not within a command. What is a command alone or at its
    end, and what an arrow points into, stays whole."""
    parts = text.split("\n")
    pointed = [set(below.strip()) == {"^"} for below in (*parts[1:], "")]
    out: list[str] = []
    for part, whole in zip(parts, pointed, strict=True):
        if cell_width(part) <= room or whole or re.search(r"(^|\s)sfa ", re.sub(_COMMAND, "", part)):
            out.append(part)
            continue
        kept = re.sub(_COMMAND, lambda found: found[0].replace(" ", "\0"), part)
        indent = " " * (len(part) - len(part.lstrip()) + 2)
        out += [below.replace("\0", " ") for below in lines(kept, max(room, 20), indent)]
    return "\n".join(out)
