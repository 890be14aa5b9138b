"""What a terminal without more letters than ASCII is shown (LC_ALL=C): lines, arrows, accents and signs each by something that is as wide,
so that tables stay tables. Pipes are not touched: what a program reads is UTF-8 in every locale."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

INSTEAD = {
    **dict.fromkeys("─━‐‑‒–—−·•", "-"),
    **dict.fromkeys("│┊┃", "|"),
    **dict.fromkeys("█▇▆▅", "#"),
    **dict.fromkeys("▓▄▃", "+"),
    **dict.fromkeys("░▂▁", "-"),
    **dict.fromkeys("●○", "o"),
    **dict.fromkeys("“”„«»", '"'),
    **dict.fromkeys("‘’‚", "'"),
    "├": "[",
    "┤": "]",
    "…": ".",
    "→": ">",
    "←": "<",
    "×": "x",
    "≤": "<",
    "≥": ">",
    "\u00a0": " ",
    "\u202f": " ",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "ß": "s",
    "ł": "l",
    "Ł": "L",
    "ø": "o",
    "Ø": "O",
    "æ": "a",
    "Æ": "A",
    "đ": "d",
    "ı": "i",
}


def wanted(environment: Mapping[str, str]) -> bool:
    """Whether the locale knows nothing but ASCII."""
    return (environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG") or "") in ("C", "POSIX")


def use(*streams: Any) -> None:
    """Write nothing but ASCII on those streams that are terminals."""
    codecs.register_error("sfa.plainly", _replaced)
    for stream in streams:
        if stream.isatty() and hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="ascii", errors="sfa.plainly")


def text(whole: str) -> str:
    """A text in ASCII."""
    return whole if whole.isascii() else "".join(letter if letter.isascii() else shown(letter) for letter in whole)


def _replaced(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError)
    return "".join(map(shown, error.object[error.start : error.end])), error.end


def shown(letter: str) -> str:
    """A letter in ASCII: what stands for it, its base letter, else a question mark as wide as it is."""
    from unicodedata import category, east_asian_width, normalize

    if letter in INSTEAD:
        return INSTEAD[letter]
    if category(letter) in ("Mn", "Me", "Cf"):
        return ""
    wide = 2 if east_asian_width(letter) in "WF" else 1
    base = normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return base.ljust(wide) if 0 < len(base) <= wide else "?" * wide
