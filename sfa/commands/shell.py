"""`sfa shell`: one process for many commands, typed by a person or read from a script. Each runs as if it had been started alone: settings,
actor and database are looked up anew, and no error ends the rest."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, TextIO

import typer

from sfa import output
from sfa.commands.session import Session
from sfa.errors import SfaError, UsageError
from sfa.messages import say
from sfa.settings import Settings
from sfa.wrapping import cell_width

HISTORY = "shell_history"
ENDS = ("exit", "quit")
_QUOTED = r"'[^']*'|\"(?:\\.|[^\"\\])*\"|\\."
_PLUMBING = r"(?<!\S)(\||\|\||>|>>|2>|<|&|&&|;)(?!\S)"
KeepGoing = Annotated[bool, typer.Option("--keep-going", help="Go on behind a command that failed; the exit code is the first failure's.")]


def command(ctx: typer.Context, keep_going: KeepGoing = False) -> None:
    """Type commands one after the other, without sfa in front; they answer at once.

    Tab completes commands, options, values, references and names; the arrows bring back what was typed, Ctrl-R searches it; Ctrl-C drops a
    line, Ctrl-D ends. Quotes are as in any shell. From a pipe it reads a command a line (# begins a comment) and stops at the first that
    fails, with its exit code.

    Examples:
      sfa shell
      printf 'opp list is:mine\\nforecast\\n' | sfa shell
      cat commands.txt | sfa shell --keep-going
    """
    session: Session = ctx.obj
    given = dict(session.settings.given)
    if output.interactive():
        return _typed(given, keep_going)
    with _own_input() as lines:
        return _script(lines, given, keep_going)


def words(line: str, backslash: bool = True) -> list[str]:
    """The words of a line, quoted as in a shell. On Windows a backslash is a letter as any other (`backslash` False). Raises UsageError
    for a quote that is not closed, and for what only a real shell can do."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=False)
    lexer.whitespace_split, lexer.commenters = True, ""
    lexer.escape = "\\" if backslash else ""
    try:
        found = list(lexer)
    except ValueError:
        raise _unclosed(line) from None
    bare = re.sub(_QUOTED, lambda quoted: "x" * len(quoted[0]), line)
    if plumbing := re.search(_PLUMBING, bare):
        raise UsageError(
            say(
                "{plumbing!r} has no meaning here\n  {line}\n  {caret}",
                plumbing=plumbing[1],
                line=line,
                caret=_caret(line, plumbing.start(1), len(plumbing[1])),
            ),
            "In quotes it is text. To write into a file: export KIND -o FILE; pipes are the other shell's.",
        )
    return found[1:] if found[:1] == ["sfa"] else found


def _unclosed(line: str) -> UsageError:
    """What to say of a quote without its fellow: where it opens."""
    rest = re.sub(_QUOTED, lambda quoted: "x" * len(quoted[0]), line)
    at = next((i for i, c in enumerate(rest) if c in "'\""), len(rest) - 1)
    which = "double" if line[at] == "'" else "single"
    hint = (
        say("Put a text that holds one in {which} quotes.", which=which)
        if line[at] in "'\""
        else "A backslash needs a character behind it."
    )
    return UsageError(say("a quote is not closed\n  {line}\n  {caret}", line=line, caret=_caret(line, at, 1)), hint)


def _caret(line: str, at: int, length: int) -> str:
    return " " * cell_width(line[:at]) + "^" * length


def _run(line: str, given: dict[str, str]) -> int:
    """Run one line and return its exit code. Every error is told here or by the command."""
    from sfa.cli import run

    try:
        argv = words(line, backslash=os.name != "nt")
    except SfaError as error:
        output.error(error, False)
        return error.exit_code
    code = run(argv, given) if argv else 0
    output.flush()
    return code


# Typed by a person ------------------------------------------------------------------------------------------------------------------


def _typed(given: dict[str, str], keep_going: bool) -> None:
    from sfa.prompting import Line

    if keep_going:
        raise UsageError("--keep-going is for commands from a pipe or a file", "At the keyboard no error ends the shell.")
    if output.no_escapes():
        ask = output.typed
        output.message("Commands without sfa in front; help explains, Ctrl-D ends.")
    else:
        ask = Line(os.path.join(Settings().state, HISTORY), lambda: _setting("db", given)).ask
        output.message("Commands without sfa in front; Tab completes, help explains, Ctrl-D ends.")
    code = 0
    while (typed := _asked(ask, f"{f'[{code}] ' if code else ''}{_prompt(given)}> ")) is not None:
        if typed.strip() in ENDS:
            return
        code = _run(typed, given) if typed.strip() else 0


def _asked(ask: Callable[[str], str], prompt: str) -> str | None:
    """The next line, "" for one that was dropped, None at the end."""
    try:
        return ask(prompt)
    except KeyboardInterrupt:
        return ""
    except EOFError:
        return None


def _prompt(given: dict[str, str]) -> str:
    """The database and the user, as they stand now."""
    name = os.path.basename(_setting("db", given)).removesuffix(".db")
    return " ".join(part for part in (name, _setting("me", given)) if part.isprintable() and part) or "sfa"


def _setting(name: str, given: dict[str, str]) -> str:
    try:
        return Settings(given).get(name)
    except SfaError:
        # A damaged config file is told by the next command.
        return ""


# Read from a script -----------------------------------------------------------------------------------------------------------------


class Stopped(SfaError):
    """A line of a script failed; the exit code is the line's."""

    kind = "script"

    def __init__(self, message: str, hint: str, code: int) -> None:
        super().__init__(message, hint)
        self.exit_code = code


@contextmanager
def _own_input() -> Iterator[TextIO]:
    """The lines of stdin; the commands themselves find nothing there, and ask nobody."""
    lines, sys.stdin = sys.stdin, open(os.devnull, encoding="utf-8")  # noqa: SIM115
    try:
        yield lines
    finally:
        sys.stdin.close()
        sys.stdin = lines


def _script(lines: TextIO, given: dict[str, str], keep_going: bool) -> None:
    """Run a command a line. Raises Stopped at the first that fails; with `keep_going` at the end, for the first that did."""
    failed: list[tuple[int, str, int]] = []
    for number, line in enumerate(lines, 1):
        text = line.removeprefix("\ufeff").strip() if number == 1 else line.strip()
        if not text or text.startswith("#"):
            continue
        if text in ENDS:
            break
        if code := _run(text, given):
            failed.append((number, text, code))
            if not keep_going:
                raise Stopped(
                    say("line {number} failed with exit code {code}: {short}", number=number, code=code, short=_short(text)),
                    "Nothing behind it was run.",
                    code,
                )
            output.message(say("Line {number} failed with exit code {code}: {short}", number=number, code=code, short=_short(text)))
    if failed:
        count = say("{count} lines failed", count=len(failed)) if len(failed) > 1 else "1 line failed"
        raise Stopped(
            say("{count}, the first of them line {failed}: {short}", count=count, failed=failed[0][0], short=_short(failed[0][1])),
            "",
            failed[0][2],
        )


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
