"""Names by the beginnings of their words in any order, and names that were probably meant: both from the search index, so that a
million names are never read.

The index holds other texts too (next steps, notes): what it finds is held against the name itself. Not under --as-of, where there is
no index.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

from sfa.sales import spelling
from sfa.sales.kinds import Kind
from sfa.store import textindex
from sfa.store.database import Store
from sfa.store.schema import q

LABELS = {"lead": "t.name||' '||coalesce(t.company,'')"}
BESIDE = ("opportunity", "contact")
"""Kinds whose records are also called by the name of their account."""
MOST_CANDIDATES = 300
"""Records that the index finds and that are held against the name; more of them are too many to tell apart."""
MOST_ACCOUNTS = 200
LONGEST = 6
"""Words; nobody calls a record by more."""
LARGE = 200_000
"""From how many records on no list of names is read from end to end."""


def indexed(store: Store, kind: Kind) -> bool:
    """Whether the index knows every name of this kind as it is now."""
    if store.moment is not None or "name" not in kind.search:
        return False
    return store.db.execute("SELECT 1 FROM unindexed WHERE kind=? LIMIT 1", (kind.name,)).fetchone() is None


def large(store: Store, kind: Kind) -> bool:
    """Whether there have been so many records of this kind that reading all names takes long."""
    row = store.db.execute("SELECT n FROM counter WHERE kind=?", (kind.name,)).fetchone()
    return bool(row and row[0] > LARGE)


def begun(store: Store, kind: Kind, text: str, most: int = 51) -> list[int] | None:
    """The ids of records in whose name each word of `text` begins one; where none has, also counting the name of their account.

    None where the index cannot tell: it is behind, or there are too many."""
    parts = _parts(text)
    if not parts or len(parts) > LONGEST or not indexed(store, kind):
        return None
    table, search = q(kind.name), q(kind.name + "_search")
    hits = f"SELECT rowid FROM {search} WHERE {search} MATCH ? LIMIT ?"
    sql = f"SELECT t.id,{LABELS.get(kind.name, 't.name')} FROM {table} t WHERE t.id IN ({hits})"
    if wanted := textindex.wanted(store, kind.name, " ".join(_telling(parts))):
        rows = store.db.execute(sql, (wanted, MOST_CANDIDATES)).fetchall()
        found = _fitting(text, parts, rows)
        if found or len(rows) == MOST_CANDIDATES:
            return None if len(found) <= most and len(rows) == MOST_CANDIDATES else found[:most]
    return _of_account(store, kind, parts, most) if kind.name in BESIDE else []


def _of_account(store: Store, kind: Kind, parts: list[str], most: int) -> list[int]:
    """The ids where some of the parts begin words of the account's name, and the others of the record's own."""
    if not indexed(store, store.kinds["account"]):
        return []
    sql = (
        f"SELECT t.id,a.name||' '||t.name FROM {q(kind.name)} t JOIN account a ON a.id=t.account WHERE t.account IN"
        " (SELECT rowid FROM account_search WHERE account_search MATCH ? LIMIT ?) LIMIT ?"
    )
    for size in range(1, len(parts) + 1):
        for some in combinations(parts, size):
            wanted = textindex.wanted(store, "account", " ".join(some))
            count = "SELECT count(*) FROM (SELECT 1 FROM account_search WHERE account_search MATCH ? LIMIT ?)"
            if not wanted or store.db.execute(count, (wanted, MOST_ACCOUNTS + 1)).fetchone()[0] > MOST_ACCOUNTS:
                continue
            rows = store.db.execute(sql, (wanted, MOST_ACCOUNTS, 20 * MOST_ACCOUNTS))
            if found := _fitting(" ".join(parts), parts, rows.fetchall()):
                return found[:most]
    return []


def _fitting(text: str, parts: Sequence[str], rows: Sequence[tuple[int, str]]) -> list[int]:
    """The ids of the labels that fit; where some do so accents and all, these alone."""
    found = [(n, label) for n, label in rows if _fits(parts, label)]
    same = text.casefold().split()
    return [n for n, label in found if all(p in label.casefold() for p in same)] or [n for n, _ in found]


def _parts(text: str) -> list[str]:
    return [p for p in textindex.folded(text).split() if re.search(r"\w", p)]


def _telling(parts: list[str]) -> list[str]:
    """The parts that are worth asking the index for: years and syllables, which very many names have, are seen in the names it finds."""
    return [p for p in parts if len(p) > 2 and not p.isdigit()] or parts


def _fits(parts: Sequence[str], label: str) -> bool:
    """Whether every part begins a word of the label; one with signs in it, and Chinese, may stand anywhere."""
    whole = textindex.folded(label)
    words = re.findall(r"\w+", whole)
    return all(any(w.startswith(p) for w in words) or (not (p.isascii() and p.isalnum()) and p in whole) for p in parts)


# What was probably meant ------------------------------------------------------------------------------------------------------------


def corrected(store: Store, kind: Kind, text: str, most: int = 3) -> list[tuple[int, str]]:
    """(slips, text as it was probably meant), best first: near words in the place of each word that no record has."""
    choices: list[list[tuple[int, str]]] = []
    searched = [kind, store.kinds["account"]] if kind.name in BESIDE else [kind]
    words = re.findall(r"\w+", textindex.folded(text))
    if not words or len(words) > LONGEST or not all(indexed(store, k) for k in searched):
        return []
    for word in words:
        if any(_known(store, k, word) for k in searched):
            choices.append([(0, word)])
        elif spelling.allowed(word) and (near := spelling.nearest(word, {t for k in searched for t in _terms(store, k, word)})):
            choices.append(near)
        else:
            return []
    made = sorted((sum(d for d, _ in some), " ".join(w for _, w in some)) for some in product(*choices))
    return [m for m in made if m[0]][:most]


def meant(store: Store, kind: Kind, text: str, most: int = 3) -> list[int]:
    """The ids of the records that a mistyped name probably means, best first."""
    key = (kind.name, text)
    if key not in store.meant:
        found = _beside_known(store, kind, re.findall(r"\w+", textindex.folded(text)))
        least = 0
        for slips, better in [] if found else corrected(store, kind, text):
            if found and slips > least:
                break
            found, least = found + (begun(store, kind, better, most + 1) or []), slips
        store.meant[key] = list(dict.fromkeys(found))[: most + 1]
    return store.meant[key]


def _beside_known(store: Store, kind: Kind, words: list[str]) -> list[int]:
    """The ids of the records whose names have the words that are right, and for the others near ones: those with the fewest slips."""
    if len(words) > LONGEST or not indexed(store, kind):
        return []
    right = _telling([w for w in words if len(w) > 2 and not w.isdigit() and _known(store, kind, w)])
    if not right or len(right) == len(words):
        return []
    search = q(kind.name + "_search")
    label = "a.name||' '||t.name" if kind.name in BESIDE else LABELS.get(kind.name, "t.name")
    join = "LEFT JOIN account a ON a.id=t.account" if kind.name in BESIDE else ""
    hits = f"SELECT rowid FROM {search} WHERE {search} MATCH ? LIMIT ?"
    sql = f"SELECT t.id,coalesce({label},t.name) FROM {q(kind.name)} t {join} WHERE t.id IN ({hits})"
    slips: dict[int, int] = {}
    for number, text in store.db.execute(sql, (textindex.wanted(store, kind.name, " ".join(right)), MOST_CANDIDATES)):
        there = re.findall(r"\w+", textindex.folded(text))
        far: list[int] = [
            0 if any(t.startswith(w) for t in there) else next((d for d, _ in spelling.nearest(w, there, 1)), -1) for w in words
        ]
        total = sum(far)
        if total and min(far) >= 0:
            slips[number] = total
    return [n for n, d in slips.items() if d == min(slips.values())]


def _known(store: Store, kind: Kind, word: str) -> bool:
    if word.isascii() and word.isalnum():
        return bool(textindex.beginning(store, kind.name, word, 1))
    search = q(kind.name + "_search")
    sql = f"SELECT 1 FROM {search} WHERE {search} MATCH ? LIMIT 1"
    return store.db.execute(sql, (textindex.match(word),)).fetchone() is not None


def _terms(store: Store, kind: Kind, word: str) -> list[str]:
    """The words of the index that begin like `word`, give or take a slip among its first letters; where none is near, those that share the
    first one."""
    name = f"words_of_{kind.name}"
    if name not in store.functions:
        store.db.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.{q(name)} USING fts5vocab(main, {q(kind.name + '_search')}, 'row')")
        store.functions.add(name)

    def beginning(letters: str) -> list[str]:
        sql = f"SELECT term FROM temp.{q(name)} WHERE term>=? AND term<?"
        return [row[0] for row in store.db.execute(sql, (letters, letters[:-1] + chr(ord(letters[-1]) + 1)))]

    # As it stands, its first two letters swapped, the second one too many, the first one too many.
    for letters in dict.fromkeys((word[:2], word[1::-1], word[0] + word[2:3], word[1:3], word[0])):
        if spelling.nearest(word, close := beginning(letters), 1):
            return close
    return []


def names(store: Store, kind: Kind, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """id and name of records, in the order of `numbers`."""
    marks = ",".join("?" * len(numbers))
    rows = dict(store.db.execute(f"SELECT id,name FROM {q(kind.name)} WHERE id IN ({marks})", list(numbers)).fetchall())
    return [{"id": n, "name": rows[n]} for n in numbers if n in rows]
