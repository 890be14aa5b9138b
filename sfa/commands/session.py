"""One run of the program: the settings in force, the command as typed, and the database it opens."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sfa.errors import UsageError
from sfa.messages import say
from sfa.settings import Settings

if TYPE_CHECKING:
    from sfa.output import View
    from sfa.store.database import Store
    from sfa.store.duplicates import Rules


class Session:
    """What a command needs from the run that it belongs to. `wrote`: an operation of it was kept; `early`: a connection that finding the
    command needed and that the command goes on with."""

    def __init__(self, argv: list[str], given: dict[str, str]) -> None:
        self.argv, self.settings, self.wrote = argv, Settings(given), False
        self.early: Any = None

    @property
    def command(self) -> str:
        """The command as typed, as the operation log keeps it."""
        return shlex.join(self.argv)

    @contextmanager
    def store(self, *, write: bool = False, as_of: str = "") -> Iterator[Store]:
        """The database of this run; read-only as of a past moment when `as_of` is given (a date means the end of that day)."""
        from sfa.store.database import connect, errors

        calendar = self.settings.calendar()
        path = self.settings.get("db")
        early, self.early = self.early, None
        opened = connect(path, calendar, write=write, me=self.settings.get("me"), currency=self.settings.get("currency"), early=early)
        opened.phones, opened.phone_country = self.settings.get("phones"), self.settings.get("phone_country")
        self._watch(opened)
        try:
            with errors(path):
                if as_of:
                    from sfa.sales.moments import parse_past, parse_stamp

                    ends = parse_stamp(calendar.today.isoformat(), calendar, end=True)
                    moment = parse_stamp(as_of, calendar, end=True)
                    moment = moment if moment <= ends else parse_past(as_of, calendar, end=True)
                    if moment > max(calendar.now, ends):
                        raise UsageError(
                            say("--as-of {as_of!r} is in the future", as_of=as_of[:60]), "It shows what was true at a past moment."
                        )
                    opened.show_as_of(moment)
                yield opened
        finally:
            self.wrote |= opened.wrote
            opened.close()

    def _watch(self, store: Store) -> None:
        """Let the hooks know of operations, where there are any; within a hook, keep a `before` one from writing."""
        inside = self.settings.environment.get("SFA_HOOK", "")
        folder = os.path.join(os.path.dirname(self.settings.path), "hooks")
        if inside or (os.path.isdir(folder) and self.settings.get("hooks") == "on"):
            from sfa.commands.hooks import Hooks

            store.watcher = Hooks(store, folder, int(self.settings.get("hook_timeout")), inside)

    def go_on_with(self, connection: Any) -> None:
        """Keep a connection (or None) for the command that is found."""
        self.end()
        self.early = connection

    def end(self) -> None:
        """Close what no command went on with."""
        if self.early is not None:
            self.early.close()
            self.early = None

    def rules(self, least: int | None = None) -> Rules:
        """The thresholds in force for what counts as a duplicate."""
        from sfa.store.duplicates import Rules

        score = int(self.settings.get("duplicates_score")) if least is None else least
        return Rules(score, int(self.settings.get("duplicates_similar")))

    @property
    def wants_json(self) -> bool:
        """Whether errors are told as JSON too."""
        return "--json" in self.argv or "--format=json" in self.argv or ("--format" in self.argv and "json" in self.argv)


def view(store: Store, format: str, raw: bool = False) -> View:
    """How this store's sheets are shown."""
    from sfa.output import View

    return View(format, store.site, store.calendar, raw)
