"""A person's own editor: writing a text in it, and where the text is kept when it cannot be used."""

from __future__ import annotations

import os
import sys

from sfa import output
from sfa.errors import Declined, UsageError
from sfa.messages import say


def program() -> list[str]:
    """The editor's command: $VISUAL, $EDITOR, on a terminal the system's usual one. Raises UsageError where there is none."""
    import shlex

    named = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not named and not output.interactive():
        raise UsageError("there is no editor to write it in", "Set EDITOR, as in: export EDITOR=nano")
    return shlex.split(named or ("notepad" if os.name == "nt" else "vi"), posix=os.name != "nt")


def chosen() -> bool:
    """Whether a person has said which editor is theirs."""
    return bool(os.environ.get("VISUAL") or os.environ.get("EDITOR"))


def kept(text: str, ending: str) -> str:
    """The path of a new file that holds `text`; only its owner can read it."""
    import tempfile

    handle, path = tempfile.mkstemp(ending, "sfa-")
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return path


def edit(path: str) -> str:
    """The text of the file at `path` after the editor has ended. Raises Declined where the editor fails."""
    import subprocess

    words = program()
    try:
        code = subprocess.run([*words, path], stdout=sys.stdout.fileno() if output.to_terminal() else None).returncode
    except OSError as error:
        raise Declined(
            say("the editor {words!r} cannot be started: {why}", words=words[0], why=error.strerror),
            "EDITOR names it; the text is kept in " + path,
        ) from None
    if code:
        raise Declined(
            say("the editor {words!r} ended with {code}", words=words[0], code=code),
            say("Nothing was changed; the text is kept in {path}", path=path),
        )
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError:
        raise UsageError(say("{path} is not UTF-8 text", path=path), "Save it as UTF-8.") from None


def asked(template: str, ending: str = ".txt") -> str:
    """What a person writes over a template whose lines with # are comments; without those lines."""
    path = kept(template, ending)
    text = edit(path)
    os.unlink(path)
    return "\n".join(line for line in text.split("\n") if not line.startswith("#")).strip()
