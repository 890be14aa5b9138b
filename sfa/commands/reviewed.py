"""Which deals were reviewed today: remembered in the state folder, so that a review goes on where it was left."""

from __future__ import annotations

import json
import os

from sfa import output
from sfa.messages import say
from sfa.settings import Settings

KEPT = 50
"""Databases and people that are remembered at most."""


class Reviewed:
    """The deals that one user has reviewed today in one database."""

    def __init__(self, settings: Settings, db: str, me: str, today: str) -> None:
        self.path = os.path.join(settings.state, "reviewed.json")
        self.key, self.today = f"{os.path.abspath(db)}\t{me}", today
        self.ids: set[int] = set(self._all().get(self.key, {}).get(today, []))

    def _all(self) -> dict[str, dict[str, list[int]]]:
        try:
            with open(self.path, encoding="utf-8") as file:
                found = json.load(file)
            return {k: v for k, v in found.items() if isinstance(v, dict)}
        except (OSError, ValueError, AttributeError):
            return {}

    def add(self, number: int) -> None:
        """Remember a deal, at once: a closed terminal loses nothing."""
        self.ids.add(number)
        self._write()

    def forget(self, number: int) -> None:
        """Have a deal reviewed again."""
        self.ids.discard(number)
        self._write()

    def _write(self) -> None:
        others = {k: v for k, v in self._all().items() if k != self.key}
        kept = {**dict(list(others.items())[-KEPT:]), self.key: {self.today: sorted(self.ids)}}
        try:
            os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump(kept, file)
            os.replace(self.path + ".new", self.path)
        except OSError as error:
            output.warning(say("what was reviewed cannot be remembered: {why}: {path}", why=error.strerror, path=self.path))
