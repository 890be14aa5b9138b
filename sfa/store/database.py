"""Opening the database file: creating, checking, migrating, read-only and as-of connections, and its errors in plain words.

What is read stands in `records.py` and `queries/`, what is written in `operations.py`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from sfa.errors import DatabaseError, Refused
from sfa.messages import say
from sfa.sales.dates import Calendar
from sfa.sales.kinds import KINDS, Kind, with_user_fields
from sfa.sales.refs import SITES
from sfa.store import migrations, schema
from sfa.store.schema import q

if TYPE_CHECKING:
    from typing import Any, Protocol

    class Watcher(Protocol):
        """Who is told of operations: before one begins, before it is kept (raising keeps it from being), and after it was."""

        def opening(self) -> None: ...
        def before(self, op: Any) -> None: ...
        def after(self, op: Any) -> None: ...


WAIT = 30.0
"""Seconds that a write waits for another process to finish its own."""


class Store:
    """An open database. `db` is the connection, `kinds` the kinds with the company's own fields, `site` this file's number,
    `moment` the past moment that reads show (operation scale), or None for now, `functions` those of ours that SQL may call, `meant` what
    mistyped names were found to mean. `currency` is that of totals: `home`, the company's, unless a report is asked for in another.
    `wrote`: an operation of this run was kept. `watcher` is told of operations."""

    def __init__(self, path: str, db: sqlite3.Connection, calendar: Calendar, me: str = "", currency: str = "USD") -> None:
        self.path, self.db, self.calendar, self.me, self.currency = path, db, calendar, me, currency
        self.home = currency
        self.phones, self.phone_country = "e164", ""
        self.moment: int | None = None
        self.wrote = False
        self.watcher: Watcher | None = None
        self.functions: set[str] = set()
        self.meant: dict[tuple[str, str], list[int]] = {}
        self.site: int = db.execute("SELECT site FROM this").fetchone()[0]
        self.kinds: dict[str, Kind] = KINDS
        self.load_kinds()

    def load_kinds(self) -> None:
        """Read the company's own fields again."""
        own = migrations.user_fields(self.db)
        self.kinds = {name: with_user_fields(kind, own.get(name, [])) for name, kind in KINDS.items()} if own else KINDS

    def show_as_of(self, moment: datetime) -> None:
        """From here on every read shows the past: temporary views named like the tables shadow them. Nothing can be written."""
        self._show((int(moment.timestamp() * 1000) << 20) | 0xFFFFF)

    def _show(self, moment: int | None) -> None:
        for kind in self.kinds.values():
            if self.moment is not None:
                self.db.execute(f"DROP VIEW temp.{q(kind.name)}")
            if moment is not None:
                self.db.execute(schema.view(kind, moment))
        self.moment = moment

    @contextmanager
    def past(self, moment: int | None) -> Iterator[None]:
        """Within this, reads show the past `moment` (operation scale), or now, whatever they show around it."""
        before = self.moment
        self._show(moment)
        try:
            yield
        finally:
            self._show(before)

    @property
    def now_ms(self) -> int:
        return int(self.calendar.now.timestamp() * 1000)

    def close(self) -> None:
        self.db.close()


@contextmanager
def errors(path: str) -> Iterator[None]:
    """SQLite's errors inside become ours: locked, read-only, full, damaged, not a database (exit 6), refused by a rule (exit 4)."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise Refused(say("the database refuses this: {error}", error=error), "Nothing was changed.") from error
    except sqlite3.DatabaseError as error:
        raise in_words(error, path) from error


def in_words(error: sqlite3.DatabaseError, path: str) -> DatabaseError:
    """The plain words for an error of SQLite's."""
    text = str(error)
    for part, message, hint in (
        ("locked", say("{path} is locked by another program", path=path), "Close what is writing to it, or try again in a moment."),
        ("not a database", say("{path} is not an sfa database", path=path), "Name another file with --db or SFA_DB."),
        ("malformed", say("{path} is damaged", path=path), "Copy it aside, then restore a backup; `sfa db check` tells more."),
        ("full", say("the disk that holds {path} is full", path=path), "Nothing was changed. Free some space and try again."),
        ("readonly", say("{path} cannot be written", path=path), "Check the permissions of the file and of its folder."),
        (
            "unable to open",
            say("{path} cannot be opened", path=path),
            "Check that the folder exists and that you may read and write there.",
        ),
        ("disk I/O", say("{path} cannot be read or written: {text}", path=path, text=text), "The disk may be full or failing."),
        ("too big", "a value is too big to be stored", "Nothing was changed."),
    ):
        if part in text:
            return DatabaseError(message, hint)
    return DatabaseError(say("{path}: {text}", path=path, text=text))


def connect(
    path: str, calendar: Calendar, *, write: bool, me: str = "", currency: str = "USD", early: sqlite3.Connection | None = None
) -> Store:
    """Open the database at `path`. With `write` a missing file is created (0600). `early` is a connection that this run has `opened`
    already. Raises DatabaseError."""
    _must_be_a_file(path)
    missing = not os.path.exists(path) or os.path.getsize(path) == 0
    if missing and not write:
        raise _none_yet(path)
    with errors(path):
        db = _fresh(path, calendar) if missing else _existing(path, write, early)
        try:
            if not missing and not _begun(db):
                if not write:
                    raise _none_yet(path)
                _make(db, calendar)
            _check_version(db, path)
            return Store(path, db, calendar, me, currency)
        except BaseException:
            db.close()
            raise


def _must_be_a_file(path: str) -> None:
    if os.path.isdir(path):
        raise DatabaseError(say("{path} is a folder, not a database file", path=path), "Name a file with --db or SFA_DB.")
    if os.path.exists(path) and not os.path.isfile(path):
        raise DatabaseError(say("{path} is not an ordinary file", path=path), "Name another file with --db or SFA_DB.")


def _none_yet(path: str) -> DatabaseError:
    return DatabaseError(
        say("there is no database at {path} yet", path=path),
        "The first write makes it: `sfa opp add`, `sfa import`. To look around first: `sfa demo`.",
    )


def _begun(db: sqlite3.Connection) -> bool:
    """Whether the file has any table: one that another process is making, or was killed while making, has none yet."""
    return bool(db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() or db.execute("PRAGMA application_id").fetchone()[0])


def _pragmas(db: sqlite3.Connection) -> None:
    db.execute("PRAGMA foreign_keys=ON")
    db.execute("PRAGMA synchronous=FULL")


def opened(path: str) -> sqlite3.Connection:
    """A connection to a file that may be written."""
    return sqlite3.connect(os.path.abspath(path), isolation_level=None, timeout=WAIT)


def _existing(path: str, write: bool, early: sqlite3.Connection | None) -> sqlite3.Connection:
    writable = os.access(path, os.W_OK) and os.access(os.path.dirname(os.path.abspath(path)), os.W_OK)
    if write and not writable:
        raise DatabaseError(say("{path} cannot be written", path=path), "Check the permissions of the file and of its folder.")
    if writable:
        db = early or opened(path)
        _pragmas(db)
        return db
    from urllib.parse import quote

    # Without permission to make the -shm file beside it, a WAL database can only be read as one that nobody is changing.
    mode = "mode=ro" if os.path.exists(path + "-shm") else "immutable=1"
    return sqlite3.connect(f"file:{quote(os.path.abspath(path))}?{mode}", uri=True, isolation_level=None, timeout=WAIT)


def _fresh(path: str, calendar: Calendar) -> sqlite3.Connection:
    """A new file, readable by its owner alone, and the database in it."""
    try:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise DatabaseError(
            say("{path} cannot be made: {why}", path=path, why=error.strerror), "Name another file with --db or SFA_DB."
        ) from None
    db = sqlite3.connect(os.path.abspath(path), isolation_level=None, timeout=WAIT)
    try:
        _pragmas(db)
        _make(db, calendar)
    except BaseException:
        db.close()
        raise
    return db


def _make(db: sqlite3.Connection, calendar: Calendar) -> None:
    """Make the database under BEGIN IMMEDIATE: of two processes arriving together one makes it and the other finds it."""
    import secrets

    _to_wal(db)
    db.execute("BEGIN IMMEDIATE")
    try:
        if not _begun(db):
            moment = int(calendar.now.timestamp() * 1000)
            migrations.create(db, secrets.randbelow(SITES), moment, calendar.now.isoformat(timespec="seconds"))
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _to_wal(db: sqlite3.Connection) -> None:
    """Switch the file to WAL. SQLite doesn't wait for others here, so we do."""
    import time

    until = time.monotonic() + WAIT
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)


def _check_version(db: sqlite3.Connection, path: str) -> None:
    if db.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION:
        raise DatabaseError(say("{path} is not an sfa database", path=path), "Name another file with --db or SFA_DB.")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > migrations.VERSION:
        raise DatabaseError(
            say(
                "{path} was written by a newer sfa (schema {version}, this one knows {version2})",
                path=path,
                version=version,
                version2=migrations.VERSION,
            ),
            "Update sfa: pip install --upgrade sfa",
        )
    if version < migrations.VERSION:
        migrations.migrate(db, path)


def holds_command(path: str, beginning: str) -> bool:
    """Whether the file is a database of ours in whose log a command begins like this; False for anything else."""
    try:
        db = sqlite3.connect(path, timeout=5)
        try:
            return bool(db.execute("SELECT 1 FROM op WHERE command LIKE ?||'%' LIMIT 1", (beginning,)).fetchone())
        finally:
            db.close()
    except sqlite3.Error:
        return False


def columns_of(kind: Kind) -> str:
    """id, the kind's columns, op and since, quoted and comma-joined."""
    return ",".join(q(c) for c in ("id", *kind.columns, "op", "since"))
