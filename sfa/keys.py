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
        # The rest of an arrow's sequence, or of a letter of several bytes, is no key of its own.
        while (key == b"\x1b" or key > b"\x7f") and select.select([at], [], [], 0.02)[0]:
            if not os.read(at, 1):
                break
    finally:
        termios.tcsetattr(at, termios.TCSADRAIN, before)
    if not key:
        return END
    return key.decode("ascii").lower() if b"\x1b" != key <= b"\x7f" else ""
