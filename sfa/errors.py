"""Every error a person may meet: a message, a hint and an exit code. Nothing else in the program decides an exit code."""

from __future__ import annotations

from functools import lru_cache

from sfa.messages import say, together


class SfaError(Exception):
    """Base of all expected errors. `message` says what is wrong, `hint` (may be empty) what to do about it."""

    exit_code = 1
    kind = "error"

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Declined(SfaError):
    """A person answered no, or a confirmation was needed and nobody could be asked."""

    kind = "declined"


class UsageError(SfaError):
    """The command line itself is wrong: an unknown field, a value that cannot be read, options that exclude each other."""

    exit_code = 2
    kind = "usage"


class BadValue(UsageError):
    """A value that cannot be read as what it should be (a date, an amount, a choice)."""

    kind = "value"


class NotFound(SfaError):
    """A reference, file or setting that is not there."""

    exit_code = 3
    kind = "not_found"


class Refused(SfaError):
    """A rule of selling or of the data says no; nothing was changed."""

    exit_code = 4
    kind = "refused"


class Ambiguous(SfaError):
    """Several things match, or what is asked clashes with what happened since."""

    exit_code = 5
    kind = "conflict"


class DatabaseError(SfaError):
    """The database is missing, locked, damaged, foreign, newer, full or read-only."""

    exit_code = 6
    kind = "database"


class RejectedRows(SfaError):
    """An import finished and left rejected rows behind."""

    exit_code = 7
    kind = "rejected"


@lru_cache(1024)
def did_you_mean(word: str, *known: str) -> str:
    """`Did you mean 'x'? ` to stand in front of a hint, or nothing. Remembered: a column of a file may hold the same slip many times."""
    from difflib import get_close_matches

    plain = {k.lower().replace("_", " "): k for k in known}
    near = get_close_matches(word.strip().lower().replace("_", " "), plain, 2, 0.65)
    return say("Did you mean {near}? ", near=together(" or ", (repr(plain[n]) for n in near))) if near else ""
