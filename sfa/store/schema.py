"""Tables, history tables, triggers and indexes, made from the kinds.

K holds what is true now, K_history the superseded versions (system versioning as in SQL:2011). The triggers stamp every row with the
operation that wrote it and keep what it replaces; callers never do. The one-row table `writing` names the operation in progress; where
it is empty another program is writing, and the trigger opens an operation for it.
"""

from __future__ import annotations

from sfa.sales.kinds import KINDS, Field, Kind
from sfa.sales.refs import SPAN

APPLICATION = 0x73666131
"""PRAGMA application_id of our files: 'sfa1'."""

OUTSIDE = "(another program)"
NOW_MS = "CAST((julianday('now')-2440587.5)*86400000.0 AS INTEGER)"
NEXT_OP = f"(SELECT (max(coalesce(max(id)>>20,0)+1,{NOW_MS})<<20)|(SELECT site FROM this) FROM op)"
STASHED = -1
"""until_op of a version set aside by an outside INSERT that may yet turn out to be a REPLACE, an upsert or ignored."""

_INDEXED_KINDS = ("account", "contact", "lead", "opportunity")
_INDEXED = {("opportunity", "owner"), ("opportunity", "close"), ("opportunity", "closed"), ("activity", "when")}
DATE_GLOB = "[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]"

BASE = """
CREATE TABLE this(site INTEGER NOT NULL CHECK(site BETWEEN 0 AND 1048575), made TEXT NOT NULL, secret TEXT) STRICT;
CREATE TABLE op(id INTEGER PRIMARY KEY, actor INTEGER, command TEXT NOT NULL, undoes INTEGER REFERENCES op(id)) STRICT;
CREATE INDEX op_undoes ON op(undoes) WHERE undoes IS NOT NULL;
CREATE TABLE writing(op INTEGER NOT NULL, since INTEGER NOT NULL) STRICT;
CREATE TABLE counter(kind TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE unindexed(kind TEXT NOT NULL, id INTEGER NOT NULL, old TEXT, PRIMARY KEY(kind, id)) STRICT, WITHOUT ROWID;
CREATE TABLE erased(kind TEXT NOT NULL, hash TEXT NOT NULL, PRIMARY KEY(kind, hash)) STRICT, WITHOUT ROWID;
"""


def q(name: str) -> str:
    """A column or table name, quoted: some are words of SQL (order, group)."""
    return f'"{name}"'


def column_type(field: Field) -> str:
    """The STRICT type of a field's column."""
    if field.type in ("money", "ref", "bool", "percent", "id", "duration"):
        return "INTEGER"
    return "ANY" if field.type == "number" else "TEXT"


def column(kind: Kind, field: Field) -> str:
    """The column definition of a field in the table of current records: its type, its constraints."""
    name, parts = q(field.name), [q(field.name), column_type(field)]
    if field.required:
        parts.append("NOT NULL")
    if field.type == "ref":
        parts.append(f"REFERENCES {q(field.to)}(id) DEFERRABLE INITIALLY DEFERRED")
    elif field.type == "choice" and not field.many and not field.user:
        parts.append(f"CHECK({name} IN ({','.join(repr(c) for c in field.choices)}))")
    elif field.type == "bool":
        parts.append(f"CHECK({name} IN (0,1))")
    elif field.type == "percent":
        parts.append(f"CHECK({name} BETWEEN 0 AND 100)")
    elif field.type == "date":
        parts.append(f"CHECK({name} GLOB '{DATE_GLOB}')")
    elif field.type == "duration":
        parts.append(f"CHECK({name}>=0)")
    elif field.type == "cadence":
        parts.append(f"CHECK({name} GLOB '[1-9]*[dwmy]')")
    elif field.type == "birthday":
        parts.append(f"CHECK({name} GLOB '{DATE_GLOB}' OR {name} GLOB '--[01][0-9]-[0-3][0-9]')")
    elif field.type == "currency":
        parts.append(f"CHECK(length({name})=3)")
    elif field.type == "number":
        parts.append(f"CHECK({name} IS NULL OR typeof({name}) IN ('integer','real'))")
    elif field.type == "money" and "currency" in kind.columns:
        parts.append(f'CHECK({name} IS NULL OR "currency" IS NOT NULL)')
    elif field.required:
        parts.append(f"CHECK({name}<>'')")
    return " ".join(parts)


def tables(kind: Kind) -> str:
    """The two tables of a kind and their indexes."""
    name = kind.name
    body = ", ".join(column(kind, f) for f in kind.stored)
    past = ", ".join(f"{q(f.name)} {column_type(f)}" for f in kind.stored)
    out = [
        # AUTOINCREMENT: a program that inserts without an id never gets the id of a deleted record.
        f"CREATE TABLE {q(name)}(id INTEGER PRIMARY KEY AUTOINCREMENT, {body},"
        " op INTEGER NOT NULL DEFAULT 0, since INTEGER NOT NULL DEFAULT 0) STRICT",
        f"CREATE TABLE {q(name + '_history')}(id INTEGER NOT NULL, {past}, op INTEGER NOT NULL, since INTEGER NOT NULL,"
        " until_op INTEGER NOT NULL, until INTEGER NOT NULL) STRICT",
        *indexes(kind).values(),
    ]
    if kind.search:
        out.append(search_table(kind))
    return ";\n".join(out) + ";\n"


def search_table(kind: Kind, schema: str = "main", name: str = "") -> str:
    """The SQL of a kind's full-text index, or of another one like it."""
    table = f"{schema}.{q(name or kind.name + '_search')}"
    return f"CREATE VIRTUAL TABLE {table} USING fts5(text, content='', tokenize=\"unicode61 remove_diacritics 2\")"


def indexes(kind: Kind) -> dict[str, str]:
    """name → SQL of a kind's indexes; the history's are (id, since, until), so that the version of a moment is found without
    reading those before it, (op), (until_op) and (until, since)."""
    name = kind.name
    made = {
        f"{name}_op": f"ON {q(name)}(op)",
        # With the stage in it, the visits of deals to stages are found in this index alone.
        f"{name}_history_id": f"ON {q(name + '_history')}(id, since, until{', stage' if name == 'opportunity' else ''})",
        f"{name}_history_op": f"ON {q(name + '_history')}(op)",
        f"{name}_history_until_op": f"ON {q(name + '_history')}(until_op)",
        f"{name}_history_until": f"ON {q(name + '_history')}(until, since)",
    }
    for f in kind.stored:
        if f.name in ("name", "company") and not kind.unique:
            made[f"{name}_{f.name}"] = f"ON {q(name)}({q(f.name)} COLLATE NOCASE)"
        elif (f.type == "email" and not f.many) or (f.type == "ref" and f.to in _INDEXED_KINDS) or (name, f.name) in _INDEXED:
            # SQLite never uses an index that is partial by IS NOT NULL where the column cannot be NULL.
            made[f"{name}_{f.name}"] = f"ON {q(name)}({q(f.name)})" + ("" if f.required else f" WHERE {q(f.name)} IS NOT NULL")
    if name == "activity":
        # With the owner in it, what one person has planned is found among everybody's in this index alone.
        made["activity_when"] = 'ON "activity"("when", "owner")'
        # The open next steps of a person in the order of their days, and which step of a record is its newest.
        made["activity_open"] = 'ON "activity"("owner", "due") WHERE "next_step" IS NOT NULL AND "done" IS NOT 1'
        made["activity_step"] = 'ON "activity"("opportunity", "when") WHERE "next_step" IS NOT NULL'
        # When a contact was last reached is found in this index alone, the newest first.
        made["activity_contact"] = 'ON "activity"("contact", "when") WHERE "contact" IS NOT NULL'
    if name == "contact":
        # Of a person's contacts, those who said how often they want to hear from us, and whose birthday is known.
        made["contact_cadence"] = 'ON "contact"("owner") WHERE "cadence" IS NOT NULL'
        made["contact_birthday"] = 'ON "contact"("owner", substr("birthday",-5)) WHERE "birthday" IS NOT NULL'
    if name == "task":
        made["task_open"] = 'ON "task"("owner", "due") WHERE "done" IS NULL'
    if name == "lead":
        made["lead_new"] = 'ON "lead"("owner", "created") WHERE "status"=\'new\''
    if name == "opportunity":
        made["opportunity_op"] = 'ON "opportunity"("op", "owner")'
        # Closed deals are found by their closed date; a person's open ones, and which of them nobody has planned anything for, here alone.
        own = '"owner", "stage", "close", "amount", "currency", "closed"'
        made["opportunity_running"] = f'ON "opportunity"({own}) WHERE "closed" IS NULL'
        made["opportunity_stepless"] = f'ON "opportunity"({own}, "next_step") WHERE "next_step" IS NULL AND "closed" IS NULL'
        made["opportunity_revisit"] = 'ON "opportunity"("owner", "revisit") WHERE "revisit" IS NOT NULL'
        # Closed versions that were superseded are few: who is credited with a won deal is found in this index alone.
        made["opportunity_history_closed"] = (
            'ON "opportunity_history"("id", "since", "until", "owner", "stage", "closed") WHERE "closed" IS NOT NULL'
        )
    if name == "external":
        made["external_record"] = 'ON "external"("kind", "record")'
    sql = {i: f"CREATE INDEX {q('ix_' + i)} {on}" for i, on in made.items()}
    if kind.unique:
        sql[f"{name}_unique"] = f"CREATE UNIQUE INDEX {q('ix_' + name + '_unique')} ON {q(name)}({', '.join(_key(kind))})"
    return sql


def _key(kind: Kind, row: str = "") -> list[str]:
    """The expressions that no two current records share; `row` is NEW. or empty."""
    cols = [(kind.by_name[u], row + q(u)) for u in kind.unique]
    return [c + (" COLLATE NOCASE" if f.name == "name" else "") if f.required else f"coalesce({c},'')" for f, c in cols]


def search_text(kind: Kind, row: str = "") -> str:
    """The SQL expression of what search finds a record by; `row` is NEW., OLD. or a table's alias with a dot."""
    return "trim(" + "||' '||".join(f"coalesce({row}{q(f)},'')" for f in kind.search) + ")"


def triggers(kind: Kind) -> dict[str, str]:
    """name → SQL of a kind's triggers. Other programs' INSERT, UPDATE, DELETE, REPLACE and upserts leave history too."""
    k, h, n = q(kind.name), q(kind.name + "_history"), kind.name
    names = ",".join(q(c) for c in kind.columns)
    old = ",".join("OLD." + q(c) for c in kind.columns)
    mine = "(SELECT op FROM writing)"
    op = f"coalesce({mine},(SELECT max(id) FROM op))"
    since = "coalesce((SELECT since FROM writing),(SELECT max(id) FROM op))"
    outside = f"INSERT INTO op(id,command) SELECT {NEXT_OP},'{OUTSIDE}' WHERE NOT EXISTS(SELECT 1 FROM writing);"
    unstash = f"DELETE FROM {h} WHERE id=OLD.id AND until_op={STASHED};"
    keep = (
        f"INSERT INTO {h}(id,{names},op,since,until_op,until) SELECT OLD.id,{old},OLD.op,OLD.since,{op},{since} WHERE OLD.op IS NOT {mine};"
    )
    # No INSERT OR IGNORE here: the conflict clause of the outer statement would replace the trigger's own.
    pending = f"EXISTS(SELECT 1 FROM unindexed u WHERE u.kind='{n}' AND u.id="
    reindex = (
        f"INSERT INTO unindexed(kind,id,old) SELECT '{n}',OLD.id,{search_text(kind, 'OLD.')} WHERE NOT {pending}OLD.id);\n"
        if kind.search
        else ""
    )
    same_key = " AND ".join(f"{a} IS {b}" for a, b in zip(_key(kind), _key(kind, "NEW."), strict=True))
    same = f"id=NEW.id OR ({same_key})" if kind.unique else "id=NEW.id"
    out = {
        f"{n}_replace": f"BEFORE INSERT ON {k} WHEN NEW.op IS NOT {mine} AND EXISTS(SELECT 1 FROM {k} WHERE {same})"
        f" BEGIN\n{_stash(kind, same)}END",
        f"{n}_insert": f"AFTER INSERT ON {k} WHEN NEW.op IS NOT {mine} BEGIN\n{outside}\n"
        f"{_settle(k, h, op, since, 'id=NEW.id OR ')}{_drop_stash(h)}UPDATE {k} SET op={op}, since={since} WHERE id=NEW.id;\n"
        f"UPDATE counter SET n=max(n,NEW.id%{SPAN}) WHERE kind='{n}' AND NEW.id/{SPAN}=(SELECT site FROM this);\n"
        + (f"INSERT INTO unindexed(kind,id) SELECT '{n}',NEW.id WHERE NOT {pending}NEW.id);\n" if kind.search else "")
        + "END",
        f"{n}_update": f"AFTER UPDATE ON {k} WHEN NEW.op=OLD.op AND OLD.op IS NOT {mine} BEGIN\n{unstash}\n{outside}\n"
        + (_settle(k, h, op, since) + _drop_stash(h) if kind.unique else "")
        + f"{keep}\nUPDATE {k} SET op={op}, since={since} WHERE id=NEW.id;\nEND",
        f"{n}_delete": f"AFTER DELETE ON {k} BEGIN\n{unstash}\n{outside}\n{keep}\n{reindex}END",
        f"{n}_id": f"BEFORE UPDATE OF id ON {k} WHEN NEW.id<>OLD.id BEGIN SELECT RAISE(ABORT,'ids never change'); END",
    }
    if kind.unique:
        other = f"id<>NEW.id AND {same_key}"
        out[f"{n}_replace_by_update"] = (
            f"BEFORE UPDATE OF {','.join(q(u) for u in kind.unique)} ON {k} WHEN EXISTS(SELECT 1 FROM {k} WHERE {other})"
            f" BEGIN\n{_stash(kind, other)}END"
        )
    if kind.search:
        changed = " OR ".join(f"OLD.{q(f)} IS NOT NEW.{q(f)}" for f in kind.search)
        out[f"{n}_reindex"] = f"AFTER UPDATE OF {','.join(q(f) for f in kind.search)} ON {k} WHEN {changed} BEGIN\n{reindex}END"
    return {name: f"CREATE TRIGGER {q(name)} {body}" for name, body in out.items()}


def _stash(kind: Kind, where: str) -> str:
    """Set aside the records that the coming INSERT or UPDATE may replace: without recursive triggers no DELETE trigger tells of them."""
    k, h = q(kind.name), q(kind.name + "_history")
    names = ",".join(q(c) for c in kind.columns)
    out = (
        f"{_drop_stash(h)}INSERT INTO {h}(id,{names},op,since,until_op,until) SELECT id,{names},op,since,{STASHED},{STASHED} FROM {k}"
        f" WHERE ({where}) AND op IS NOT (SELECT op FROM writing);\n"
    )
    if kind.search:
        out += (
            f"INSERT INTO unindexed(kind,id,old) SELECT '{kind.name}',id,{search_text(kind)} FROM {k} WHERE ({where})"
            f" AND NOT EXISTS(SELECT 1 FROM unindexed u WHERE u.kind='{kind.name}' AND u.id={k}.id);\n"
        )
    return out


def _drop_stash(h: str) -> str:
    return f"DELETE FROM {h} WHERE until_op={STASHED};\n"


def _settle(k: str, h: str, op: str, since: str, replaced: str = "") -> str:
    """Of what was set aside, end the versions whose record is gone: the others were not replaced after all (OR IGNORE, DO NOTHING)."""
    gone = f"({replaced}NOT EXISTS(SELECT 1 FROM {k} WHERE {k}.id={h}.id))"
    return f"UPDATE {h} SET until_op={op}, until={since} WHERE until_op={STASHED} AND {gone};\n"


def view(kind: Kind, moment: int) -> str:
    """A temporary view named like the table, that shows it as it was at `moment` (an operation's scale)."""
    return f"CREATE TEMP VIEW {q(kind.name)} AS {shown(kind, moment)}"


def shown(kind: Kind, moment: int, ids: str = "") -> str:
    """The SELECT of a kind's records as they were at `moment`; with `ids`, a table of ids, of these alone, found one by one."""
    names = ",".join("k." + q(c) for c in ("id", *kind.columns, "op", "since"))
    now, past = f"main.{q(kind.name)}", f"main.{q(kind.name + '_history')}"
    held = f"k.since<={moment} AND k.until>{moment} AND k.since>0"
    if not ids:
        return f"SELECT {names} FROM {now} k WHERE k.since<={moment} UNION ALL SELECT {names} FROM {past} k WHERE {held}"
    # A CROSS JOIN is never turned round: the ids come first, whatever the planner thinks of their number. Of the versions of a record
    # only the last one that had begun is looked at.
    begun = f"SELECT h.rowid FROM {past} h WHERE h.id=i.id AND h.since BETWEEN 1 AND {moment} AND h.until>0"
    return (
        f"SELECT {names} FROM {ids} i CROSS JOIN {now} k ON k.id=i.id WHERE k.since<={moment} UNION ALL"
        f" SELECT {names} FROM {ids} i CROSS JOIN {past} k ON k.rowid=({begun} ORDER BY h.since DESC, h.until DESC LIMIT 1) WHERE {held}"
    )


def whole(kinds: dict[str, Kind] = KINDS) -> str:
    """The SQL of a new database, without its first records."""
    out = [BASE]
    for kind in kinds.values():
        out += [tables(kind), ";\n".join(triggers(kind).values()), ";\n", f"INSERT INTO counter VALUES('{kind.name}',0);\n"]
    return "".join(out)
