"""Files that commands write beside the database: whole or not at all, and never over something else unasked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from sfa.errors import Declined, UsageError


def may_write(path: str, yes: bool, ours: Callable[[str], bool] = lambda path: False) -> None:
    """Raise Declined where `path` is there already, unless --yes was given or the file is one that we wrote (`ours`)."""
    if os.path.isdir(path):
        raise UsageError(f"{path!r} is a folder", "Name a file in it.")
    if os.path.exists(path) and not yes and not ours(path):
        raise Declined(f"{path!r} is there already", "Name another file, or add --yes to write over it.")


@contextmanager
def written_whole(path: str) -> Iterator[TextIO]:
    """A text file (UTF-8) that takes the name `path` when all is written; an error leaves nothing behind. Raises UsageError."""
    with made_whole(path) as name, open(name, "w", encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def nameless(path: str) -> Iterator[TextIO]:
    """A text file to be read again, on the disk where `path` is to be, which is gone with the program. What no text can be (half of a
    character) is written as its number. Raises UsageError."""
    import tempfile

    folder = os.path.dirname(os.path.abspath(path))
    try:
        made = tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace", newline="", dir=folder)
    except OSError as error:
        raise UsageError(f"{path!r} cannot be written: {error.strerror}") from None
    with made as stream:
        yield stream


@contextmanager
def made_whole(path: str, mode: int = 0o666) -> Iterator[str]:
    """The name of an empty file that takes the name `path` when something was made of it, with the rights `mode` as far as the umask has
    them; an error leaves nothing behind. Raises UsageError."""
    import tempfile

    folder = os.path.dirname(os.path.abspath(path))
    try:
        handle, name = tempfile.mkstemp(prefix=".sfa-", suffix=".part", dir=folder)
    except OSError as error:
        raise UsageError(f"{path!r} cannot be written: {error.strerror}") from None
    os.close(handle)
    try:
        yield name
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, mode & ~umask)
        os.replace(name, path)
    except BaseException:
        if os.path.exists(name):
            os.remove(name)
        raise
