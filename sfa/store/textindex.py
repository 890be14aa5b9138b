"""The full-text index (FTS5): Chinese, Japanese and Korean are indexed character by character.

Triggers note which records it has not seen yet (`unindexed`, with the text it knew them by); here they are brought in, one by one after
a small write, in bulk after a load. Searching is in `records.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from sfa.store.database import Store
from sfa.store.schema import q, search_text

_CJK = "([\u1100-\u11ff\u2e80-\u30ff\u3130-\u318f\u31f0-\u4dbf\u4e00-\ua4cf\uac00-\ud7af\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff])"
BULK = 5_000
"""Above this many unindexed records of a kind its index is filled anew."""


def spaced(text: str | None) -> str:
    """`text` with blanks around each Chinese, Japanese or Korean character, so that each is a word of its own."""
    if text is None or text.isascii():
        return text or ""
    return _runs()(lambda run: f" {' '.join(run[0])} ", text)


@cache
def _runs() -> Callable[[Callable[[re.Match[str]], str], str], str]:
    # Compiled when first needed: every command loads this file.
    return re.compile(_CJK + "+").sub


def folded(text: str | None) -> str:
    """`text` without capitals and accents, as the index compares it."""
    if text is None or text.isascii():
        return (text or "").lower()
    from unicodedata import normalize

    return "".join(c for c in normalize("NFKD", text.casefold()) if not "\u0300" <= c <= "\u036f")


def register(store: Store) -> None:
    """Give the connection the functions that the index and a scan of records call."""
    # Once a connection: SQLite refuses to replace a function while a statement is still open.
    if "spaced" not in store.functions:
        store.db.create_function("spaced", 1, spaced, deterministic=True)
        store.db.create_function("folded", 1, folded, deterministic=True)
        store.functions.add("spaced")


def index_pending(store: Store) -> None:
    """Bring every record that the triggers noted into the index, within the caller's transaction."""
    waiting = store.db.execute("SELECT kind, count(*) FROM unindexed GROUP BY kind").fetchall()
    if not waiting:
        return
    register(store)
    for name, count in waiting:
        if count > BULK:
            fill(store, name)
        else:
            _one_by_one(store, name)
    store.db.execute("DELETE FROM unindexed")


def _one_by_one(store: Store, name: str) -> None:
    table, text = q(name + "_search"), search_text(store.kinds[name])
    rows = store.db.execute(
        f"SELECT u.id, u.old, r.id, {text} FROM unindexed u LEFT JOIN {q(name)} r ON r.id=u.id WHERE u.kind=?", (name,)
    ).fetchall()
    for number, old, there, new in rows:
        if old is not None:
            store.db.execute(f"INSERT INTO {table}({table},rowid,text) VALUES('delete',?,?)", (number, spaced(old)))
        if there is not None:
            store.db.execute(f"INSERT INTO {table}(rowid,text) VALUES(?,?)", (number, spaced(new)))


def fill(store: Store, name: str) -> None:
    """Make the index of a kind anew from its current records."""
    register(store)
    table = q(name + "_search")
    store.db.execute(f"INSERT INTO {table}({table}) VALUES('delete-all')")
    store.db.execute(f"INSERT INTO {table}(rowid,text) SELECT id,spaced({search_text(store.kinds[name])}) FROM main.{q(name)}")
    store.db.execute("DELETE FROM unindexed WHERE kind=?", (name,))


def add(store: Store, name: str, first: int, last: int) -> None:
    """Index the records that a bulk load inserted and stamped itself, by their range of ids."""
    register(store)
    # A call into Python for every text costs less than SQLite's own look at whether it is plain ASCII.
    made = f"SELECT id,spaced({search_text(store.kinds[name])}) FROM {q(name)} WHERE id BETWEEN ? AND ?"
    store.db.execute(f"INSERT INTO {q(name + '_search')}(rowid,text) {made}", (first, last))


def match(text: str) -> str:
    """The FTS5 query for what a person typed: every word must begin a word of the record, in any order; CJK runs are phrases."""
    words = []
    for word in re.findall(r"\w+", text):
        parts = spaced(word).split()
        words.append('"' + " ".join(parts) + '"' + ("" if re.search(_CJK, parts[-1]) else "*"))
    return " ".join(words)


FEW = 12
"""Words of the index that a beginning is spelled out as."""


def wanted(store: Store, name: str, text: str) -> str | None:
    """As `match`, for the index of one kind, each beginning spelled out as the words that begin so, where they are few: FTS5 leaps through
    the lists of whole words, and reads those of a beginning from end to end. None where no word begins like one of them."""
    out = []
    for word in re.findall(r"\w+", text):
        begun = beginning(store, name, word, FEW + 1) if word.isascii() and word.isalnum() else None
        if begun == []:
            return None
        few = " OR ".join(f'"{w}"' for w in begun) if begun and len(begun) <= FEW else ""
        out.append(f"({few})" if few else match(word))
    return " AND ".join(out)


def beginning(store: Store, name: str, letters: str, most: int) -> list[str]:
    """Up to `most` words of a kind's index that begin with these ASCII letters or digits, one look-up each."""
    table, letters = f"entries_of_{name}", letters.lower()
    if table not in store.functions:
        store.db.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{q(table)} USING fts5vocab(main, {q(name + '_search')}, 'instance')")
        store.functions.add(table)
    found: list[str] = []
    after = letters
    while len(found) < most:
        row = store.db.execute(f"SELECT term FROM temp.{q(table)} WHERE term>=? LIMIT 1", (after,)).fetchone()
        if row is None or not row[0].startswith(letters):
            break
        found.append(row[0])
        after = row[0] + "\x01"
    return found
