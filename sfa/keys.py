"""One key from the keyboard, without Enter: on a terminal of POSIX by termios, on Windows by msvcrt."""

from __future__ import annotations

import os
import sys

END = "\x04"
"""Ctrl-D, and what is read where the terminal has gone."""


def read() -> str:
    """The next key in lower case; "" for one that is no character (an arrow, a function key). Ctrl-C raises KeyboardInterrupt."""
    return _windows() if os.name == "nt" else _posix()


def _windows() -> str:
    import msvcrt

    key: str = msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
    if key in ("\x00", "\xe0"):
        msvcrt.getwch()  # type: ignore[attr-defined,unused-ignore]
        return ""
    if key == "\x03":
        raise KeyboardInterrupt
    return key.lower()


def _posix() -> str:
    import select
    import termios
    import tty

    at = sys.stdin.fileno()
    before = termios.tcgetattr(at)
    try:
        tty.setcbreak(at, termios.TCSADRAIN)
        key = os.read(at, 1)
        if key == b"\x1b" and select.select([at], [], [], 0.02)[0] and os.read(at, 1) in (b"[", b"O"):
            # The rest of an arrow's sequence is no key of its own; it ends with a letter or ~.
            while (more := os.read(at, 1)) and not b"@" <= more <= b"~":
                pass
        elif key > b"\x7f":
            # Nor are the bytes that follow the first one of a letter outside ASCII.
            os.read(at, {0xC: 1, 0xD: 1, 0xE: 2, 0xF: 3}.get(key[0] >> 4, 0) or 1)
    finally:
        termios.tcsetattr(at, termios.TCSADRAIN, before)
    if not key:
        return END
    return key.decode("ascii").lower() if b"\x1b" != key <= b"\x7f" else ""
