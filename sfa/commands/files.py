"""Files that commands write beside the database: whole or not at all, and never over something else unasked."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from sfa.errors import Declined, Refused, UsageError
from sfa.messages import say


def may_write(path: str, yes: bool, ours: Callable[[str], bool] = lambda path: False) -> None:
    """Raise Declined where `path` is there already, unless --yes was given or the file is one that we wrote (`ours`); UsageError and
    Refused where it is something that nobody can mean, as a database of sfa's."""
    if os.path.isdir(path):
        raise UsageError(say("{path!r} is a folder", path=path), "Name a file in it.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise UsageError(
            say("{path!r} is no file but a device or a pipe, which cannot be written whole or not at all", path=path), "Name a file."
        )
    if is_database(path):
        raise Refused(say("{path!r} is a database of sfa, and nothing is written over one", path=path), "Name another file.")
    if os.path.exists(path) and not yes and not ours(path):
        raise Declined(say("{path!r} is there already", path=path), "Name another file, or add --yes to write over it.")


def is_database(path: str) -> bool:
    """Whether the file at `path` is a database of sfa, by the mark in its header."""
    from sfa.store.schema import APPLICATION

    try:
        with open(path, "rb") as stream:
            head = stream.read(72)
    except OSError:
        return False
    return head.startswith(b"SQLite format 3\0") and int.from_bytes(head[68:72], "big") == APPLICATION


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
        made = tempfile.TemporaryFile("w+", encoding="utf-8", errors="backslashreplace", newline="", dir=folder)  # noqa: SIM115
    except OSError as error:
        raise UsageError(say("{path!r} cannot be written: {why}", path=path, why=error.strerror)) from None
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
        raise UsageError(say("{path!r} cannot be written: {why}", path=path, why=error.strerror)) from None
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
