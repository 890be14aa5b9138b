"""Proving that the file is whole: SQLite's own checks, the history of every record, the operations, the triggers, the search index.

`check` only reads and returns what is wrong, in words. The repairs are here too, each in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sfa.messages import say
from sfa.sales.kinds import Kind
from sfa.sales.refs import SPAN, show
from sfa.store import migrations, schema, textindex
from sfa.store.database import Store, errors
from sfa.store.operations import DAY_MS
from sfa.store.schema import STASHED, q, search_text

MOST = 5
"""Examples named of each kind of trouble."""


def check(store: Store, step: Callable[[str], None] = lambda _: None) -> list[str]:
    """Everything that is wrong with the file, a line each; an empty list is a proof of health. `step` hears what is being looked at."""
    out: list[str] = []
    parts: list[tuple[str, Callable[[Store], Iterator[str]]]] = [
        ("file", _file),
        ("schema", _schema),
        ("operations", _operations),
        ("history", histories),
        ("external ids", _external),
        ("search index", _search),
    ]
    for name, part in parts:
        step(name)
        try:
            out += part(store)
        except sqlite3.DatabaseError as error:
            out.append(f"{name}: {error}")
            if name == "file":
                break
    return out


def broken(store: Store) -> Iterator[str]:
    """What is wrong with the records themselves, a line each: references, versions, external ids. For a database just made of a dump."""
    yield from _dangling(store)
    yield from histories(store)
    yield from _external(store)


def _file(store: Store) -> Iterator[str]:
    for (text,) in store.db.execute("PRAGMA integrity_check(20)"):
        if text != "ok":
            yield say("SQLite: {text}", text=text)
    yield from _dangling(store)


def _dangling(store: Store) -> Iterator[str]:
    for n, (table, row, to, _) in enumerate(store.db.execute("PRAGMA foreign_key_check")):
        if n < 20:
            yield say("{table} {first} refers to {article} that is not there", table=table, first=row, article=_article(to))


def _article(name: str) -> str:
    return ("an " if name[0] in "aeio" else "a ") + name.replace("_", " ")


def _schema(store: Store) -> Iterator[str]:
    """Tables, columns, triggers and indexes are those that the kinds ask for."""
    from sqlite_utils import Database

    db = Database(store.db, execute_plugins=False)
    tables = set(db.table_names())
    triggers = {t.name: t.sql for t in db.triggers}
    indexes = dict(store.db.execute("SELECT name, sql FROM sqlite_master WHERE type='index' AND sql IS NOT NULL"))
    hint = "`sfa db check --repair-schema` makes it anew"
    for kind in store.kinds.values():
        for name in (kind.name, kind.name + "_history", *([kind.name + "_search"] if kind.search else [])):
            if name not in tables:
                yield say("the table {name} is missing", name=name)
        if not {kind.name, kind.name + "_history"} <= tables:
            continue
        for table in (kind.name, kind.name + "_history"):
            there = {c.name for c in db.table(table).columns}
            yield from (say("{table} has no column {c}", table=table, c=c) for c in kind.columns if c not in there)
        whole = migrations.with_columns(store.db, kind)
        for name, sql in schema.triggers(whole).items():
            if triggers.get(name) != sql:
                yield say(
                    "the trigger {name} is {word}; {hint}",
                    name=name,
                    word="other than it should be" if name in triggers else "missing",
                    hint=hint,
                )
        for name, sql in schema.indexes(whole).items():
            if indexes.get("ix_" + name) != sql:
                yield say(
                    "the index ix_{name} is {word}; {hint}",
                    name=name,
                    word="other than it should be" if "ix_" + name in indexes else "missing",
                    hint=hint,
                )


def _operations(store: Store) -> Iterator[str]:
    read = store.db.execute
    if read("SELECT 1 FROM writing").fetchone():
        yield "another program left a row in the table `writing`; the next write takes it away"
    if read("SELECT count(*) FROM this").fetchone()[0] != 1:
        yield "the table `this` should have one row"
    last = read("SELECT coalesce(max(id),0) FROM op").fetchone()[0] >> 20
    if last > store.now_ms + DAY_MS:
        when = datetime.fromtimestamp(last / 1000, UTC)
        yield say("the last operation is ahead of the clock ({when:%Y-%m-%d %H:%M} UTC); `sfa db check --repair-clock` mends it", when=when)
    users = "SELECT id FROM user UNION SELECT id FROM user_history"
    unknown = read(f"SELECT count(*) FROM op WHERE actor IS NOT NULL AND actor NOT IN ({users})").fetchone()[0]
    if unknown:
        yield say("{unknown} operations were done by a user that never was", unknown=unknown)
    for kind in store.kinds.values():
        n = read("SELECT n FROM counter WHERE kind=?", (kind.name,)).fetchone()
        high = read(
            f"SELECT coalesce(max(id),0) FROM {q(kind.name)} WHERE id BETWEEN ? AND ?",
            (store.site * SPAN, store.site * SPAN + SPAN - 1),
        ).fetchone()[0]
        if n is None or (high and n[0] < high % SPAN):
            yield say("the counter of {plural} is behind its records", plural=kind.plural or kind.name)


def histories(store: Store) -> Iterator[str]:
    """What is wrong with the versions of records, a line each."""
    for kind in store.kinds.values():
        yield from _history(store, kind)


_WRONG = {
    "a version ends before it begins": "until IS NOT NULL AND (until<since OR (until_op<op))",
    "a version holds from after its own operation": "since>op OR until>until_op",
    "the current version is older than one of its history": "until IS NULL AND next_since IS NOT NULL",
    "two versions overlap": "next_since<until",
    "its operations are out of order": "next_op<until_op AND NOT loaded",
    "a version ends where the next begins, but by another operation": "until=next_since AND until_op<>next_op AND NOT loaded",
    "there is a gap between two versions": "until<next_since AND until_op=next_op AND NOT loaded",
}


def _history(store: Store, kind: Kind) -> Iterator[str]:
    """Every version of a record begins where the former ended, by the operation that ended it; or the record was deleted meanwhile."""
    k, h = q(kind.name), q(kind.name + "_history")
    versions = (
        f"SELECT id,op,since,until_op,until,op=until_op AS loaded FROM {h} WHERE since>0 AND until_op<>{STASHED}"
        f" UNION ALL SELECT id,op,since,NULL,NULL,0 FROM {k}"
    )
    chain = (
        "SELECT *, lead(op) OVER w AS next_op, lead(since) OVER w AS next_since FROM v"
        " WINDOW w AS (PARTITION BY id ORDER BY since, coalesce(until_op,9223372036854775807))"
    )
    flags = ",".join(f"coalesce({sql},0)" for sql in _WRONG.values())
    some = " OR ".join(f"coalesce({sql},0)" for sql in _WRONG.values())
    rows = store.db.execute(f"WITH v AS ({versions}), c AS ({chain}) SELECT id,{flags} FROM c WHERE {some} LIMIT 200").fetchall()
    for i, what in enumerate(_WRONG, 1):
        numbers = list(dict.fromkeys(r[0] for r in rows if r[i]))
        if numbers:
            yield f"{_named(store, kind, numbers)}: {what}"
    for table, column in ((k, "op"), (h, "op"), (h, "until_op")):
        sql = f"SELECT id FROM {table} WHERE {column} NOT IN (SELECT id FROM op) AND {column}<>{STASHED} LIMIT 200"
        if numbers := [r[0] for r in store.db.execute(sql)]:
            yield say("{named}: written by an operation that is not known", named=_named(store, kind, numbers))


def _named(store: Store, kind: Kind, numbers: list[int]) -> str:
    names = [show(kind.name, n, store.site) if kind.prefix else f"{kind.name} {n}" for n in numbers[:MOST]]
    return ", ".join(names) + (say(" and {count} more", count=len(numbers) - MOST) if len(numbers) > MOST else "")


def _external(store: Store) -> Iterator[str]:
    for name, count in store.db.execute('SELECT "kind", count(*) FROM external GROUP BY 1').fetchall():
        if name not in store.kinds:
            yield say("{count} external ids are of an unknown kind {name!r}", count=count, name=name)
            continue
        rows = store.db.execute(
            f'SELECT external FROM external WHERE "kind"=? AND record NOT IN (SELECT id FROM {q(name)}) LIMIT 50', (name,)
        ).fetchall()
        if rows:
            shown = ", ".join(repr(r[0]) for r in rows[:MOST])
            yield say(
                "{count} external ids belong to {article} that is not there: {shown}", count=len(rows), article=_article(name), shown=shown
            )


def _search(store: Store) -> Iterator[str]:
    """The index holds what it should: the words of a fresh one made on the side are the same, word for word."""
    textindex.register(store)
    for kind in store.kinds.values():
        if kind.search:
            try:
                if not _same_words(store, kind):
                    yield say(
                        "the search index of {plural} is not up to date; `sfa db check --repair-search` makes it anew", plural=kind.plural
                    )
            except sqlite3.DatabaseError as error:
                yield say(
                    "the search index of {plural} is damaged ({error}); `sfa db check --repair-search` makes it anew",
                    plural=kind.plural,
                    error=error,
                )


def _same_words(store: Store, kind: Kind) -> bool:
    """Records that wait to be indexed are known to the index by the text that `unindexed` keeps."""
    db, name = store.db, kind.name + "_search"
    waiting = f"SELECT id FROM unindexed WHERE kind='{kind.name}'"
    expected = (
        f"SELECT id,spaced({search_text(kind)}) AS text FROM main.{q(kind.name)} WHERE id NOT IN ({waiting})"
        f" UNION ALL SELECT id,spaced(old) FROM unindexed WHERE kind='{kind.name}' AND old IS NOT NULL"
    )
    for table in ("checked", "checked_words", "known_words"):
        db.execute(f"DROP TABLE IF EXISTS temp.{table}")
    db.execute(schema.search_table(kind, "temp", "checked"))
    db.execute(f"INSERT INTO temp.checked(rowid,text) {expected}")
    db.execute("CREATE VIRTUAL TABLE temp.checked_words USING fts5vocab(temp,'checked','row')")
    db.execute(f"CREATE VIRTUAL TABLE temp.known_words USING fts5vocab(main,{q(name)},'row')")
    sums = [
        (f"SELECT count(*),total(id),total(id%9973) FROM {table}" for table in (f"main.{q(name + '_docsize')}", "temp.checked_docsize"))
    ]
    same = len({db.execute(sql).fetchone() for part in sums for sql in part}) == 1
    for a, b in (("checked_words", "known_words"), ("known_words", "checked_words")):
        same = same and not db.execute(f"SELECT * FROM temp.{a} EXCEPT SELECT * FROM temp.{b} LIMIT 1").fetchone()
    for table in ("checked_words", "known_words", "checked"):
        db.execute(f"DROP TABLE temp.{table}")
    return same


@contextmanager
def _transaction(store: Store) -> Iterator[None]:
    store.db.execute("BEGIN IMMEDIATE")
    try:
        yield
        store.db.execute("COMMIT")
    except BaseException:
        if store.db.in_transaction:
            store.db.execute("ROLLBACK")
        raise


# Repairs ----------------------------------------------------------------------------------------------------------------------------


def repair_search(store: Store) -> None:
    """Make every search index anew."""
    with errors(store.path), _transaction(store):
        for kind in store.kinds.values():
            if kind.search:
                store.db.execute(f"DROP TABLE IF EXISTS main.{q(kind.name + '_search')}")
                store.db.execute(schema.search_table(kind))
                textindex.fill(store, kind.name)


def repair_schema(store: Store) -> None:
    """Make triggers and indexes anew, and the tables of kinds that have none."""
    with errors(store.path), _transaction(store):
        migrations.remake(store.db)


def repair_clock(store: Store) -> tuple[int, str]:
    """Renumber the operations that are ahead of the clock so that they end now, in their order; returns how many, and the copy of the
    file made before.

    Every moment on the operations' scale that lies ahead (since, until, effective dates too) moves along one rising mapping, so that
    histories stay whole. Dates that people typed stay as they are."""
    now = store.now_ms
    if store.db.execute("SELECT max(id)>>20 FROM op").fetchone()[0] <= now:
        return 0, ""
    saved = migrations.free_name(f"{store.path}.before-repair-{datetime.now(UTC):%Y%m%dT%H%M%S}", ".backup")
    migrations.backup(store.path, saved)
    # op.undoes refers to op.id, which changes under it.
    store.db.execute("PRAGMA foreign_keys=OFF")
    try:
        with errors(store.path), _transaction(store):
            moved = _make_mapping(store, (now << 20) | 0xFFFFF, now)
            _shift(store)
    finally:
        store.db.execute("PRAGMA foreign_keys=ON")
    return moved, saved


_MOMENTS = {"": ("op", "since"), "_history": ("op", "since", "until_op", "until")}


def _make_mapping(store: Store, edge: int, now: int) -> int:
    """Fill the temporary table `shift` (old, new) with every moment after `edge`; returns how many operations are among them."""
    db = store.db
    parts = ["SELECT id FROM op WHERE id>?1"]
    for kind in store.kinds.values():
        for ending, columns in _MOMENTS.items():
            # Past versions that were taken back are kept with negative times.
            parts += [f"SELECT abs({c}) FROM {q(kind.name + ending)} WHERE abs({c})>?1" for c in columns]
    ahead = sorted({r[0] for part in parts for r in db.execute(part, (edge,))})
    last = db.execute("SELECT coalesce(max(id),0) FROM op WHERE id<=?", (edge,)).fetchone()[0] >> 20
    start = max(last + 1, now - len(ahead) + 1)
    new = {old: (start + i) << 20 | old & 0xFFFFF for i, old in enumerate(ahead)}
    db.execute("CREATE TEMP TABLE shift(old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
    db.executemany("INSERT INTO temp.shift VALUES(?,?)", ((a, b) for a, b in new.items() if a != b))
    return int(db.execute("SELECT count(*) FROM op WHERE id IN (SELECT old FROM temp.shift)").fetchone()[0])


def _shift(store: Store) -> None:
    """Move every moment that `shift` names. Triggers stay silent, because `op` changes too wherever `since` does."""
    db = store.db
    moved = "SELECT old FROM temp.shift"
    for kind in store.kinds.values():
        for ending, columns in _MOMENTS.items():
            sets = ",".join(f"{c}=coalesce(iif({c}<0,-1,1)*(SELECT new FROM temp.shift WHERE old=abs({c})),{c})" for c in columns)
            some = " OR ".join(f"abs({c}) IN ({moved})" for c in columns)
            db.execute(f"UPDATE {q(kind.name + ending)} SET {sets} WHERE {some}")
    db.execute(f"UPDATE op SET undoes=(SELECT new FROM temp.shift WHERE old=undoes) WHERE undoes IN ({moved})")
    # Twice, because a new number may still belong to another operation that is yet to move.
    db.execute(f"UPDATE op SET id=-(SELECT new FROM temp.shift WHERE old=op.id) WHERE id IN ({moved})")
    db.execute("UPDATE op SET id=-id WHERE id<0")
    db.execute("DROP TABLE temp.shift")
