"""The records that a shell completes to: names and references, found by index, on a connection of its own that only reads.

Imports sqlite3 alone: every press of Tab is a process.
"""

import sqlite3

SPAN = 10**12
MOST = 50
NAMED = ("opportunity", "account", "contact", "lead", "product", "user", "stage", "pipeline", "reason")
_OPEN = " AND t.stage IN (SELECT id FROM stage WHERE outcome='open')"


def records(path: str, kinds: "list[tuple[str, str]]", begun: str) -> "list[tuple[str, str]]":
    """(what is inserted, what stands beside it) for a reference or name that begins like this; `kinds` are (kind, prefix) pairs.

    With nothing typed the records that were changed last; references have their names beside them, names their references."""
    db = _opened(path)
    try:
        site = db.execute("SELECT site FROM this").fetchone()[0]
        out: list[tuple[str, str]] = []
        for kind, prefix in kinds:
            out += _of_kind(db, kind, prefix, site, begun)
        return out[:MOST]
    finally:
        db.close()


def _opened(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=0.2, isolation_level=None)
    db.execute("PRAGMA query_only=1")
    return db


def _of_kind(db: sqlite3.Connection, kind: str, prefix: str, site: int, begun: str) -> "list[tuple[str, str]]":
    name = "name" if kind in NAMED else '"text"' if kind == "activity" else "''"
    if not begun:
        of = _OPEN if kind == "opportunity" else ""
        rows = db.execute(f'SELECT id,{name} FROM "{kind}" t WHERE 1{of} ORDER BY op DESC LIMIT 20')
        return [(_ref(prefix, n, site), label) for n, label in rows]
    digits = _digits(begun, prefix)
    if digits is not None:
        found: list[tuple[int, str]] = []
        for low, high in _ranges(digits):
            sql = f'SELECT id,{name} FROM "{kind}" WHERE id BETWEEN ? AND ? LIMIT ?'
            found += db.execute(sql, (site * SPAN + low, site * SPAN + high, MOST - len(found))).fetchall()
        return [(_ref(prefix, n, site), label) for n, label in found]
    if name != "name":
        return []
    sql = (
        f'SELECT id,name FROM "{kind}" WHERE name>=? COLLATE NOCASE AND name<? COLLATE NOCASE GROUP BY name COLLATE NOCASE'
        " ORDER BY name COLLATE NOCASE LIMIT ?"
    )
    return [(label, _ref(prefix, n, site)) for n, label in db.execute(sql, (begun, begun + "\U0010ffff", MOST))]


def _ref(prefix: str, number: int, site: int) -> str:
    home, n = divmod(number, SPAN)
    if home == site:
        return f"{prefix}-{n}"
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    return f"{prefix}-{''.join(alphabet[home >> shift & 31] for shift in (15, 10, 5, 0))}-{n}"


def _digits(begun: str, prefix: str) -> "str | None":
    """The digits of a reference that was begun: `1` of O-1 and o1, "" of O-; None for anything else."""
    head, rest = begun[: len(prefix)].upper(), begun[len(prefix) :]
    digits = rest[1:] if rest[:1] == "-" else rest
    return digits if head == prefix and ((digits.isascii() and digits.isdigit()) or rest == "-") else None


def _ranges(digits: str) -> "list[tuple[int, int]]":
    """The numbers that begin with these digits: 1, 10 to 19, 100 to 199 …"""
    if not digits:
        return [(1, SPAN - 1)]
    first = int(digits)
    return [(first * 10**k, (first + 1) * 10**k - 1) for k in range(8)] if first else []


def verbs(path: str) -> "list[tuple[str, str]]":
    """(verb, stage) of the company's stages."""
    db = _opened(path)
    try:
        return db.execute('SELECT lower(verb),name FROM stage WHERE verb IS NOT NULL GROUP BY 1 ORDER BY min("order")').fetchall()
    finally:
        db.close()


def filters(path: str, kind: str, begun: str) -> "list[tuple[str, str]]":
    """(name, condition) of the saved filters whose name begins like this: those of a kind, or with "" of all."""
    db = _opened(path)
    try:
        of = '"kind"=?2' if kind else "?2=''"
        sql = (
            f"SELECT name,condition FROM saved_filter WHERE substr(lower(name),1,length(?1))=lower(?1) AND {of} ORDER BY name LIMIT {MOST}"
        )
        return db.execute(sql, (begun, kind)).fetchall()
    finally:
        db.close()
