"""A whole database as tables of rows, and back: every version of every record, the operations, the counters, as they are stored.

What stands in a file for each is decided here; the files themselves are `commands/whole.py`'s. Amounts are in smallest units, references
are ids, times on the operations' scale: nothing is rounded, nothing looked up, so that what comes back is the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, NamedTuple

from sfa.errors import DatabaseError, Refused
from sfa.messages import say
from sfa.sales.dates import Calendar
from sfa.sales.kinds import KINDS, Field, Kind
from sfa.store import check, migrations, schema, textindex
from sfa.store.database import Store, errors
from sfa.store.schema import q

ENDED = ("until_op", "until")
"""The columns that versions have which were superseded; blank in those that are current."""
_PASSING = ("writing", "unindexed")
"""Tables of ours that hold something within an operation only."""
BATCH = 2_000
MARK = "\\"
"""In front of a text that is empty, begins with this very mark, or stands where a number could."""


class Part(NamedTuple):
    """One table of a dump: its name, its columns, which of them hold integers and which any type; `versions` where it is a kind's, and
    superseded versions stand among the current ones."""

    table: str
    columns: tuple[str, ...]
    integers: frozenset[str]
    loose: frozenset[str]
    versions: bool


class Whole(NamedTuple):
    """What a dump is of, beside its rows: the schema's version, the SQL of its tables and of its triggers, the highest ids given."""

    schema: int
    tables: dict[str, str]
    triggers: dict[str, str]
    sequences: dict[str, int]


def ours() -> list[str]:
    """The names of the tables that this version of the schema has, without the text indexes."""
    return [n for n in re.findall(r'CREATE TABLE "?(\w+)"?\s*\(', schema.whole()) if n not in _PASSING]


def whole(store: Store) -> Whole:
    """The tables of a database. Rows are read in one transaction: see `steady`."""
    known = {*ours(), *_PASSING}
    of_type = "SELECT name, sql FROM main.sqlite_master WHERE type=? AND tbl_name IN (SELECT value FROM json_each(?)) ORDER BY name"
    from json import dumps

    tables, triggers = (dict(store.db.execute(of_type, (t, dumps([*known]))).fetchall()) for t in ("table", "trigger"))
    sequences = store.db.execute("SELECT name, seq FROM main.sqlite_sequence ORDER BY name").fetchall()
    version = store.db.execute("PRAGMA main.user_version").fetchone()[0]
    return Whole(version, tables, triggers, {n: seq for n, seq in sequences if n in known})


@contextmanager
def steady(store: Store) -> Iterator[None]:
    """Within this all reads see one moment, whatever others write meanwhile."""
    store.db.execute("BEGIN")
    try:
        yield
    finally:
        # An error of the disk ends a transaction by itself.
        if store.db.in_transaction:
            store.db.execute("ROLLBACK")


def parts(store: Store) -> list[Part]:
    """The tables to dump, what others refer to first."""
    kinds = store.kinds
    plain = [n for n in ours() if n not in kinds and n.removesuffix("_history") not in kinds]
    return [_part(store, n, n in kinds) for n in (*plain, *kinds)]


def _part(store: Store, table: str, versions: bool) -> Part:
    found = store.db.execute(f"PRAGMA main.table_info({q(table)})").fetchall()
    names = tuple(r[1] for r in found)
    integers = {r[1] for r in found if r[2] == "INTEGER"} | (set(ENDED) if versions else set())
    loose = frozenset(r[1] for r in found if r[2] == "ANY")
    return Part(table, (*names, *ENDED) if versions else names, frozenset(integers), loose, versions)


# Out --------------------------------------------------------------------------------------------------------------------------------


def rows(store: Store, part: Part) -> Iterator[tuple[Any, ...]]:
    """The rows of a table in an order that the same rows always have: records by id, each from its oldest version to its newest."""
    shown = [_text_sql(part, c) for c in part.columns if c not in ENDED or not part.versions]
    if not part.versions:
        where = _operations(store) if part.table == "op" and store.moment is not None else "1"
        sql = f"SELECT {','.join(shown)} FROM main.{q(part.table)} WHERE {where} ORDER BY {_key(store, part.table)}"
        if part.table == "op" and store.moment is not None:
            sql = sql.replace('"actor"', _known_actor(store), 1)
        return iter(store.db.execute(sql))
    order = "id, until IS NULL, since, until, op, until_op, n"
    now, past = _sources(store, part)
    names = ",".join(q(c) for c in part.columns)
    both = f"SELECT {names}, n FROM ({now}) UNION ALL SELECT {names}, n FROM ({past})"
    return iter(store.db.execute(f"SELECT {','.join((*shown, *ENDED))} FROM ({both}) ORDER BY {order}"))


def _key(store: Store, table: str) -> str:
    """What the rows of a table are sorted by: its primary key, else the order in which they were written."""
    key = sorted((r[5], r[1]) for r in store.db.execute(f"PRAGMA main.table_info({q(table)})") if r[5])
    return ",".join(q(name) for _, name in key) or "rowid"


def _text_sql(part: Part, name: str) -> str:
    """A column as it is written: blank is NULL, so an empty text needs a mark."""
    column = q(name)
    if name in part.integers:
        return column
    if name in part.loose:
        return f"CASE WHEN typeof({column})='text' THEN '{MARK}'||{column} ELSE {column} END"
    return f"CASE WHEN {column}='' OR substr({column},1,1)='{MARK}' THEN '{MARK}'||{column} ELSE {column} END"


def _sources(store: Store, part: Part) -> tuple[str, str]:
    """The SELECTs of the current versions and of the superseded ones, now or as of the store's moment."""
    table, history = f"main.{q(part.table)}", f"main.{q(part.table + '_history')}"
    own = [c for c in part.columns if c not in ENDED]
    names = ",".join(q(c) for c in own)
    past = f"SELECT {names},until_op,until,rowid AS n FROM {history}"
    moment = store.moment
    if moment is None:
        return f"SELECT {names},NULL AS until_op,NULL AS until,0 AS n FROM {table}", past
    kind = migrations.with_columns(store.db, store.kinds[part.table])
    shown = ",".join(_kept(store, kind, kind.by_name.get(c), c) for c in own)
    there = " AND ".join([*(f"{_there(f)}" for f in kind.stored if f.type == "ref" and f.required), _linked(store, kind), "1"])
    now = f"SELECT {shown},NULL AS until_op,NULL AS until,0 AS n FROM ({schema.shown(kind, moment)}) WHERE {there}"
    return now, f"{past} WHERE until<={moment} AND since>0 AND until>0 AND until_op<>{schema.STASHED}"


def _there(field: Field) -> str:
    # The temporary views of the moment have the tables' names.
    return f"{q(field.name)} IN (SELECT id FROM {q(field.to)})"


def _kept(store: Store, kind: Kind, field: Field | None, name: str) -> str:
    """A column as of a moment: what was loaded or dated back may refer to what was made later, and is left blank then."""
    if field is None or field.type != "ref" or field.required:
        return q(name)
    return f"CASE WHEN {_there(field)} THEN {q(name)} END AS {q(name)}"


def _linked(store: Store, kind: Kind) -> str:
    if kind.name != "external":
        return "1"
    each = [f"(\"kind\"='{k}' AND record IN (SELECT id FROM {q(k)}))" for k in store.kinds if k != "external"]
    return f"({' OR '.join(each)})"


def _operations(store: Store) -> str:
    """The operations that were by the store's moment, and those later ones that wrote what held then (loaded or dated back)."""
    ids = [str(store.moment)]
    wanted = [f"SELECT id FROM main.op WHERE id<={ids[0]}"]
    for kind in store.kinds.values():
        k, h = f"main.{q(kind.name)}", f"main.{q(kind.name + '_history')}"
        wanted += [
            f"SELECT op FROM {k} WHERE since<={store.moment}",
            f"SELECT op FROM {h} WHERE since BETWEEN 1 AND {store.moment}",
            f"SELECT until_op FROM {h} WHERE since>0 AND until BETWEEN 1 AND {store.moment}",
        ]
    named = " UNION ".join(wanted)
    undone = "SELECT undoes FROM main.op JOIN o USING(id) WHERE undoes IS NOT NULL"
    return f"id IN (WITH RECURSIVE o(id) AS ({named} UNION {undone}) SELECT id FROM o)"


def _known_actor(store: Store) -> str:
    users = f"SELECT id FROM user UNION SELECT id FROM main.user_history WHERE until<={store.moment} AND since>0"
    return f'CASE WHEN "actor" IN ({users}) THEN "actor" END'


# In ---------------------------------------------------------------------------------------------------------------------------------


def is_new(path: str) -> bool:
    """Whether there is no database at `path`, or one that nobody has written to."""
    import os
    import sqlite3

    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return True
    with errors(path):
        db = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
                return True
            if db.execute("PRAGMA application_id").fetchone()[0] != schema.APPLICATION:
                return False
            return not db.execute("SELECT 1 FROM op WHERE command<>'(new database)' LIMIT 1").fetchone()
        finally:
            db.close()


class Wrong(Exception):
    """A row that does not fit its table: the row's place in the part (from 0), and why."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(why)
        self.at, self.why = at, why


def restore(
    path: str,
    calendar: Calendar,
    of: Whole,
    read: Iterable[tuple[str, Sequence[str], Callable[[], Iterable[Sequence[str]]]]],
    wrong: Callable[[str, Wrong], Exception],
) -> None:
    """Make the database at `path`, which must be new, out of a dump: `read` gives (table, columns, its rows as texts). One transaction;
    whatever goes wrong leaves nothing. `wrong` makes the error for a row. Raises Refused where what comes out is not sound."""
    import os
    import sqlite3

    if not is_new(path):
        raise Refused(
            say("{path} holds records already", path=path),
            "A bundle becomes a new database: name one that is not there yet, sfa --db FILE import …",
        )
    made = not os.path.exists(path)
    with errors(path):
        try:
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise DatabaseError(
                say("{path} cannot be made: {why}", path=path, why=error.strerror), "Name another file with --db or SFA_DB."
            ) from None
        db = sqlite3.connect(os.path.abspath(path), isolation_level=None, timeout=30)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=FULL")
            db.execute("BEGIN IMMEDIATE")
            _fill(path, db, calendar, of, read, wrong)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            db.close()
            if made:
                for end in ("", "-wal", "-shm"):
                    if os.path.exists(path + end):
                        os.remove(path + end)
            raise
        db.close()


def _fill(path: str, db: Any, calendar: Calendar, of: Whole, read: Any, wrong: Any) -> None:
    import sqlite3

    if not is_empty(db):
        _drop_all(db)
    for sql in of.tables.values():
        db.execute(sql)
    for sql in re.findall(r"CREATE INDEX [^;]+", schema.BASE):
        db.execute(sql)
    for table, columns, rows in read:
        try:
            _load(db, table, columns, rows())
        except Wrong as error:
            raise wrong(table, error) from None
    db.execute("DELETE FROM sqlite_sequence")
    db.executemany("INSERT INTO sqlite_sequence(name,seq) VALUES(?,?)", of.sequences.items())
    if of.schema < migrations.VERSION:
        # The steps change records, and what they replace is kept by the triggers of their time.
        for sql in of.triggers.values():
            db.execute(sql)
        for step in migrations.STEPS[of.schema - 1 :]:
            step(db)
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            db.execute(f"DROP TRIGGER {q(name)}")
    db.execute(f"PRAGMA user_version={migrations.VERSION}")
    db.execute(f"PRAGMA application_id={schema.APPLICATION}")
    have = {r[0] for r in db.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    for kind in KINDS.values():
        if kind.search and kind.name in have:
            db.execute(schema.search_table(kind))
    migrations.remake(db)
    try:
        store = Store(path, db, calendar)
    except (TypeError, sqlite3.Error) as error:
        raise Refused(say("this bundle makes no sound database: {error}", error=error)) from None
    for kind in store.kinds.values():
        if kind.search:
            textindex.fill(store, kind.name)
    if trouble := list(check.broken(store)):
        raise Refused("this bundle makes no sound database:\n  " + "\n  ".join(trouble[:10]), "Nothing was written.")


def is_empty(db: Any) -> bool:
    return db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


def _drop_all(db: Any) -> None:
    """Take everything away that a new database has."""
    virtual = "SELECT name FROM sqlite_master WHERE type='table' AND sql LIKE 'CREATE VIRTUAL%'"
    others = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
    for sql in (virtual, others):
        for (name,) in db.execute(sql).fetchall():
            db.execute(f"DROP TABLE {q(name)}")


def _load(db: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Insert the rows of one part. Raises Wrong for one that the table does not take."""
    types = {r[1]: r[2] for r in db.execute(f"PRAGMA table_info({q(table)})")}
    versions = tuple(columns[-2:]) == ENDED
    own = columns[:-2] if versions else columns
    now = _inserting(table, own, types)
    past = _inserting(table + "_history", columns, {**types, **dict.fromkeys(ENDED, "INTEGER")})
    loose = [i for i, c in enumerate(columns) if types.get(c) == "ANY"]
    stream, done = iter(rows), 0
    while some := list(islice(stream, BATCH)):
        numbered = list(enumerate(some, done))
        if loose:
            for at, row in numbered:
                _loosen(at, row, loose)  # type: ignore[arg-type]
        if versions:
            _insert(db, now, [(at, row[:-2]) for at, row in numbered if not row[-1]])
            _insert(db, past, [(at, row) for at, row in numbered if row[-1]])
        else:
            _insert(db, now, numbered)
        done += len(some)


def _inserting(table: str, columns: Sequence[str], types: dict[str, str]) -> str:
    """The INSERT of texts: a blank is NULL, a mark in front is taken off. SQLite makes integers of them, and refuses what is none."""
    forms = {"INTEGER": "nullif(?{0},'')", "ANY": "?{0}"}
    text = f"CASE WHEN substr(?{{0}},1,1)='{MARK}' THEN substr(?{{0}},2) ELSE nullif(?{{0}},'') END"
    values = ",".join(forms.get(types.get(c, ""), text).format(i) for i, c in enumerate(columns, 1))
    return f"INSERT INTO {q(table)}({','.join(map(q, columns))}) VALUES({values})"


def _loosen(at: int, row: list[Any], places: Sequence[int]) -> None:
    """Numbers of columns that take any type, as what they were."""
    for i in places:
        text = row[i]
        try:
            row[i] = None if not text else text[1:] if text[0] == MARK else int(text) if re.fullmatch(r"-?\d+", text) else float(text)
        except ValueError:
            raise Wrong(at, say("{text!r} is not a number", text=text[:60])) from None


def _insert(db: Any, sql: str, rows: Sequence[tuple[int, Sequence[Any]]]) -> None:
    import sqlite3

    at = 0

    def each() -> Iterator[Sequence[Any]]:
        nonlocal at
        for at, row in rows:  # noqa: B007
            yield row

    try:
        db.executemany(sql, each())
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError) as error:
        raise Wrong(at, str(error)) from None


def makes(what: str, name: str, sql: object) -> bool:
    """Whether a text from a manifest is a statement that makes the table or trigger (`what`) called `name`, and no more."""
    begins = isinstance(sql, str) and re.match(rf'CREATE {what} "?{re.escape(name)}"?[\s(]', sql)
    return bool(begins) and not re.match(r"CREATE TABLE \S+\s+AS\s", str(sql))
