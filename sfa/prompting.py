"""The line that a person types in `sfa shell`: edited, completed, remembered. What is done with it is `commands/shell.py`'s.

prompt_toolkit and not the standard library's readline: it runs on Windows too, shows what a reference is beside it, and is the same
everywhere. It is imported here alone.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import History
from prompt_toolkit.styles import Style

from sfa import completing, plainly

KEPT = 2_000
"""Lines of the history."""

LOOK = {
    "completion-menu": "noinherit",
    "completion-menu.completion.current": "noinherit reverse",
    "completion-menu.meta.completion": "noinherit",
    "completion-menu.meta.completion.current": "noinherit reverse",
    "scrollbar.background": "noinherit",
    "scrollbar.button": "noinherit reverse",
    "search": "noinherit reverse",
    "matching-bracket.other": "noinherit",
    "matching-bracket.cursor": "noinherit",
    "aborting": "noinherit",
    "exiting": "noinherit",
}
"""The terminal's own colours, exchanged where something is chosen: readable on dark and on light. prompt_toolkit's are greys of 256."""


class Line:
    """Asks for lines. `database` tells the file that names are completed from; `history` is the file of what was typed."""

    def __init__(self, history: str, database: Callable[[], str]) -> None:
        self.session: PromptSession[str] = PromptSession(
            history=_Remembered(history),
            completer=_Names(database),
            complete_while_typing=False,
            enable_history_search=True,
            mouse_support=False,
            style=Style.from_dict(LOOK),
            output=_ascii_output(),
        )

    def ask(self, prompt: str) -> str:
        """The next line. Raises EOFError at Ctrl-D, KeyboardInterrupt at Ctrl-C."""
        return self.session.prompt(prompt)


def _ascii_output() -> Any:
    """Where the locale knows only ASCII, a terminal on which each letter is replaced by what is as wide, so that the cursor stays where
    it seems to be; else None, prompt_toolkit's own."""
    if os.name == "nt" or not plainly.wanted(os.environ):
        return None
    from prompt_toolkit.output.defaults import create_output

    made: Any = create_output()
    write = made.write
    made.write = lambda data: write(plainly.text(data))
    return made


class _Remembered(History):
    """What was typed, a line each in a file that only its owner reads. A line that begins with a blank is not kept."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def load_history_strings(self) -> Iterable[str]:
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                lines = [line.rstrip("\n") for line in file]
            if len(lines) > KEPT * 2:
                lines = lines[-KEPT:]
                self._write("w", "".join(line + "\n" for line in lines))
        except OSError:
            return []
        return reversed(lines)

    def store_string(self, string: str) -> None:
        if string.strip() and not string.startswith(" ") and "\n" not in string:
            try:
                self._write("a", string.rstrip() + "\n")
            except OSError:
                # Without a history the shell still works.
                pass

    def _write(self, mode: str, text: str) -> None:
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        with open(self.path, mode, encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(text)


class _Names(Completer):
    """What Tab offers: the same as in any other shell, with what it is beside it."""

    def __init__(self, database: Callable[[], str]) -> None:
        self.database = database
        self.grammar: dict[str, Any] = {}

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        typed = document.text_before_cursor
        words, start = completing.split(typed)
        words = words[1:] if words[0] == "sfa" and len(words) > 1 else words
        try:
            self.grammar = self.grammar or completing.read_grammar()
            found = completing.candidates(words[:-1], words[-1], self.database(), self.grammar)
        except Exception:
            # As everywhere, completion never fails loudly.
            return
        for value, help in found:
            yield Completion(
                _quoted(value) + ("" if value[-1] in "=:" else " "),
                start_position=start - len(typed),
                display=value,
                display_meta=" ".join(help.split()),
            )


def _quoted(value: str) -> str:
    """A word as it is typed in the shell; behind = and : more may follow, so nothing is quoted that need not be."""
    if not any(c.isspace() or c in "'\"\\" for c in value):
        return value
    return f"'{value}'" if "'" not in value else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
