"""Tables of another program's SQLite file, read as they are: never written to, also while others write to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import quote

from sfa.errors import BadValue, DatabaseError, UsageError
from sfa.messages import say, together

MAGIC = b"SQLite format 3\0"
BATCH = 500
_FAULTS = (sqlite3.Error, UnicodeError, OverflowError)  # the module cannot always decode what it says about a damaged file


class Foreign:
    """A SQLite file opened for reading, and the one table or view of it that is wanted; closed by `resources`.

    Raises UsageError where that is not clear, BadValue where the file is damaged, DatabaseError where it is locked."""

    def __init__(self, path: str, name: str, wanted: str, resources: ExitStack) -> None:
        self.name = name
        self.db = sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True, isolation_level=None, timeout=5)
        resources.callback(self.db.close)
        self.db.text_factory = bytes
        try:
            self.db.execute("PRAGMA trusted_schema=OFF")
            self.db.execute("BEGIN")  # one state of the file, whatever others write meanwhile
            self.table = self._choose(wanted)
            self.columns = [each[0] for each in self.db.execute(f"SELECT * FROM {_quoted(self.table)} LIMIT 0").description]
        except _FAULTS as error:
            raise self._wrong(error) from None

    def _choose(self, wanted: str) -> str:
        sql = "SELECT name FROM sqlite_master WHERE type IN ('table','view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        names: list[str] = [each.decode("utf-8", "replace") for (each,) in self.db.execute(sql)]
        if wanted:
            fits = [n for n in names if n == wanted] or [n for n in names if n.lower() == wanted.lower()]
            if not fits:
                raise UsageError(
                    say("{name} has no table {wanted!r}", name=self.name, wanted=wanted[:60]),
                    say("It has: {names}", names=together(", ", names)[:500]) if names else "",
                )
            return fits[0]
        if not names:
            raise BadValue(say("{name} is a SQLite database without tables", name=self.name))
        if len(names) > 1:
            raise UsageError(
                say("{name} has {count} tables", name=self.name, count=len(names)),
                say("Name one: --table NAME. It has: {names}", names=together(", ", names)[:500]),
            )
        return names[0]

    def rows(self) -> Iterator[list[Any]]:
        """The rows, their values as SQLite has them, texts as str; bytes that are no UTF-8 text stay bytes."""
        try:
            cursor = self.db.execute(f"SELECT * FROM {_quoted(self.table)}")
            while some := cursor.fetchmany(BATCH):
                for row in some:
                    yield [_plain(value) if type(value) is bytes else value for value in row]
        except _FAULTS as error:
            raise self._wrong(error) from None

    def _wrong(self, error: Exception) -> BadValue | DatabaseError:
        said = str(error)
        if "locked" in said or "busy" in said:
            return DatabaseError(say("{name} is locked by another program", name=self.name), "Try again when it is done, or copy the file.")
        return BadValue(say("{name} cannot be read as a SQLite database: {said}", name=self.name, said=said[:200]))


def _plain(value: bytes) -> str | bytes:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
