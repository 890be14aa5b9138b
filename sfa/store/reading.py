"""Running a query that somebody else wrote: it can read the tables and views, and nothing else. Its errors in plain words."""

from __future__ import annotations

import difflib
import re
import sqlite3
from typing import Any, NamedTuple

from sfa.errors import Refused, UsageError
from sfa.messages import say
from sfa.sales import money
from sfa.sales.dates import Period
from sfa.sales.refs import show
from sfa.store import views
from sfa.store.database import Store
from sfa.store.queries import rates

_ALLOWED = (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
_TELLING = ("table_info", "table_xinfo", "table_list", "index_list", "index_info", "foreign_key_list")
"""Pragmas that only tell how tables are made."""
_SECRET = ("this", "erased")
"""Tables of which nothing is read: by their key it could be told who was erased."""
_LOCKED = ("locked", "busy", "disk I/O", "malformed", "not a database")
"""Errors that are the file's and not the query's."""


class Answer(NamedTuple):
    """The names of the columns, each once, and the rows."""

    columns: list[str]
    rows: list[tuple[Any, ...]]


def run(store: Store, sql: str, period: Period) -> Answer:
    """The answer to one SELECT. Raises UsageError for anything that would write, and for mistakes in it; Refused for a missing rate."""
    db = store.db
    db.create_function("sfa_ref", 2, lambda kind, number: None if number is None else show(kind, number, store.site), deterministic=True)
    db.create_function("money", 2, _written, deterministic=True)
    lacking: list[Refused] = []
    db.create_function("sfa_missing", 2, lambda currency, day: _stop(store, lacking, currency, day))
    views.make(store, sql, period)
    db.execute("PRAGMA query_only=ON")
    db.set_authorizer(_authorized)
    db.set_progress_handler(lambda: 0, 1_000_000)  # Python looks for Ctrl-C only while it runs something of its own
    try:
        cursor = db.execute(sql)
        if cursor.description is None:
            raise UsageError("this is no question: it has no answer to print", "Begin with SELECT, WITH or VALUES.")
        return Answer(_distinct([d[0] for d in cursor.description]), cursor.fetchall())
    except sqlite3.Warning as error:
        raise _several() from error
    except sqlite3.ProgrammingError as error:
        raise (
            _several()
            if "one statement" in str(error)
            else UsageError(say("SQL: {error}", error=error), "Write the values into the query.")
        ) from error
    except sqlite3.DatabaseError as error:
        if lacking:
            raise lacking[0] from None
        if str(error) == "interrupted":
            raise KeyboardInterrupt from None
        if any(part in str(error) for part in _LOCKED):
            raise
        raise _in_words(store, str(error), period) from error
    except ValueError as error:
        raise UsageError("the query is not valid text", "It holds characters that SQL cannot.") from error
    finally:
        db.set_authorizer(None)
        db.set_progress_handler(None, 0)


def _stop(store: Store, lacking: list[Refused], currency: str, day: str) -> None:
    """Stop the query where a rate is missing. SQLite passes on that a function failed and not why: that is kept in `lacking`."""
    lacking.append(rates.missing(store, currency, day))
    raise lacking[-1]


def _written(amount: int | None, currency: str | None) -> str | None:
    """The SQL function money(): minor units as a text with decimals."""
    return None if amount is None or currency is None else money.text(amount, currency)


def _authorized(action: int, first: str | None, second: str | None, database: str | None, inside: str | None) -> int:
    """Whether SQLite may do this: reading is all that is allowed."""
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first in _TELLING else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and first in _SECRET:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second == "load_extension":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _distinct(names: list[str]) -> list[str]:
    """The names with a number behind those that came before: JSON has each once."""
    out: list[str] = []
    for name in names:
        made, n = name, 1
        while made in out:
            n += 1
            made = f"{name}_{n}"
        out.append(made)
    return out


def _several() -> UsageError:
    return UsageError("only one statement at a time", "Leave out what stands behind the semicolon.")


def _in_words(store: Store, text: str, period: Period) -> UsageError:
    """What is wrong with the query."""
    if "not authorized" in text or "prohibited" in text or "readonly" in text:
        return UsageError("sfa sql only reads: this would do more", "Changes are made with commands, such as sfa opp edit.")
    known = {v.name: [c.name for c in v.columns] for v in views.views(store, period)}
    if found := re.search(r"no such table: (?:\w+\.)?(.+)", text):
        near = difflib.get_close_matches(found[1].lower(), [*known, *(f"v_{n}" for n in store.kinds)], 1)
        if f"v_{found[1].lower()}" in known:
            near = [f"v_{found[1].lower()}"]
        hint = say("Did you mean {near}? ", near=near[0]) if near else ""
        return UsageError(say("there is no table or view {found!r}", found=found[1][:60]), hint + "sfa sql --views lists the views.")
    if found := re.search(r"no such column: (?:\w+\.)?(.+)", text):
        near = difflib.get_close_matches(found[1].lower(), sorted({c for names in known.values() for c in names}), 1)
        hint = say("Did you mean {near}? ", near=near[0]) if near else ""
        return UsageError(
            say("there is no column {found!r}", found=found[1][:60]),
            hint + "sfa sql --views lists the columns; texts stand in 'single quotes'.",
        )
    if found := re.search(r'near "(.*)": syntax error', text, re.DOTALL):
        return UsageError(say("the SQL cannot be read near {found!r}", found=found[1][:60]), "Texts stand in 'single quotes'.")
    return UsageError(say("SQL: {text}", text=text[:200]), "sfa sql --views lists the views and their columns.")
