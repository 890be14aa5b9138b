"""What has changed in the schema since the first release, in order. Append only: a file that was made last year walks through all of it.

Each step takes a connection inside one transaction with foreign keys off; afterwards the triggers and indexes are made anew from the
kinds. Before the first step the file is backed up beside itself.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sfa.errors import DatabaseError
from sfa.sales.kinds import KINDS, Field, Kind, with_user_fields
from sfa.sales.refs import SPAN
from sfa.store import schema

Step = Callable[[sqlite3.Connection], None]


def _forecasting(db: sqlite3.Connection) -> None:
    """2: administrators; renewals; quotas of one's own or of the team, of families and of counts. Until now the quota of whoever had
    reports was the team's."""
    db.execute('ALTER TABLE user ADD COLUMN "admin" INTEGER CHECK("admin" IN (0,1))')
    db.execute('ALTER TABLE user_history ADD COLUMN "admin" INTEGER')
    _rebuilt(db, "opportunity", lambda sql: sql.replace("('new','existing')", "('new','existing','renewal')"))
    more = (
        "\"covers\" TEXT NOT NULL DEFAULT 'own' CHECK(\"covers\" IN ('own','team')), \"measure\" TEXT NOT NULL DEFAULT 'revenue'"
        ' CHECK("measure"<>\'\'), "family" TEXT, "count" ANY CHECK("count" IS NULL OR typeof("count") IN (\'integer\',\'real\'))'
    )
    _rebuilt(
        db,
        "quota",
        lambda sql: sql.replace('"amount" INTEGER NOT NULL', '"amount" INTEGER').replace(" op INTEGER", f" {more}, op INTEGER", 1),
    )
    for column in ("covers TEXT", "measure TEXT", "family TEXT", '"count" ANY'):
        db.execute(f"ALTER TABLE quota_history ADD COLUMN {column}")
    heads = "(SELECT manager FROM user UNION SELECT manager FROM user_history)"
    for table in ("quota", "quota_history"):
        db.execute(f"UPDATE {table} SET measure='revenue', covers=CASE WHEN owner IN {heads} THEN 'team' ELSE 'own' END")


def _rebuilt(db: sqlite3.Connection, table: str, change: Callable[[str], str]) -> None:
    """Make a table anew with other constraints; its rows and the numbers it has given stay, its triggers and indexes do not."""
    sql = db.execute("SELECT sql FROM main.sqlite_master WHERE type='table' AND name=?", (table,)).fetchone()[0]
    columns = ",".join(schema.q(r[1]) for r in db.execute(f"PRAGMA main.table_info({schema.q(table)})"))
    new = schema.q(table + "_new")
    db.execute(change(sql).replace(schema.q(table), new, 1))
    db.execute(f"INSERT INTO {new}({columns}) SELECT {columns} FROM {schema.q(table)}")
    seq = db.execute("SELECT seq FROM sqlite_sequence WHERE name=?", (table,)).fetchone()
    db.execute(f"DROP TABLE {schema.q(table)}")
    db.execute(f"ALTER TABLE {new} RENAME TO {schema.q(table)}")
    db.execute("DELETE FROM sqlite_sequence WHERE name=?", (table,))
    db.execute("INSERT INTO sqlite_sequence(name,seq) VALUES(?,?)", (table, seq[0]))


def _reasoning(db: sqlite3.Connection) -> None:
    """3: reasons that tell whether and when to try again, secondary reasons, revisits, fields that a stage requires."""
    number = "ANY CHECK({0} IS NULL OR typeof({0}) IN ('integer','real'))"
    weight, months = (f"{name} {number.format(name)}" for name in ("weight", "revisit_months"))
    added = {
        "reason": (weight, "recoverable INTEGER CHECK(recoverable IN (0,1))", months),
        "stage": ("required_fields TEXT",),
        "opportunity": (
            "secondary_reason INTEGER REFERENCES reason(id) DEFERRABLE INITIALLY DEFERRED",
            "reason_note TEXT",
            "revisit TEXT CHECK(revisit GLOB '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]')",
        ),
    }
    for table, columns in added.items():
        for column in columns:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
            name, kind = column.split(" ")[:2]
            db.execute(f"ALTER TABLE {table}_history ADD COLUMN {name} {kind}")
    # Right after the last operation: a migration asks no clock.
    db.execute("INSERT INTO op(id,command) SELECT (((max(id)>>20)+1)<<20)|(SELECT site FROM this),'(a newer version of sfa)' FROM op")
    db.execute("INSERT INTO writing SELECT max(id),max(id) FROM op")
    known = [(r, m, n) for n, r, m in _REVISITS]
    db.executemany("UPDATE reason SET recoverable=?, revisit_months=? WHERE name=? AND outcome='lost'", known)
    db.execute("DELETE FROM writing")


_REVISITS = (
    ("Too expensive", 1, 6),
    ("Missing feature", 1, 12),
    ("Lost to competitor", 1, 12),
    ("No decision", 1, 6),
    ("No budget", 1, 12),
    ("Bad timing", 1, 6),
    ("No longer responding", 1, 9),
)
"""Of the default reasons for losses: whether to try again, and after how many months."""


def _assigning(db: sqlite3.Connection) -> None:
    """4: rules that give new leads and accounts to people. Their tables are made with the triggers and indexes, as those of every new
    kind; a file from before has no rule."""


def _phoning(db: sqlite3.Connection) -> None:
    """5: phone numbers as they were written, beside the one form that they are kept in. Numbers that are there stay as they are."""
    for table, columns in (
        ("account", ("phone_written",)),
        ("contact", ("phone_written", "mobile_written", "other_phones_written")),
        ("lead", ("phone_written", "mobile_written", "other_phones_written")),
    ):
        for column in columns:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")
            db.execute(f"ALTER TABLE {table}_history ADD COLUMN {column} TEXT")


def _planning(db: sqlite3.Connection) -> None:
    """6: tasks, and the indexes by which a person's day is found. They are made with the triggers, as those of every new kind."""


def _preferring(db: sqlite3.Connection) -> None:
    """7: what contacts wish and do not want, their birthdays; of activities the duration, the outcome, tags, who else was there, and the
    time and priority of the next step; more kinds of them. A company's own field that is called so keeps its values under another name."""
    glob = schema.DATE_GLOB
    off = ("opt_out_visit TEXT", "do_not_contact TEXT")
    channels = "'call','email','visit','meeting','letter','fax','chat'"
    outcomes = "'reached','left_message','no_answer','busy','wrong_number','no_show','cancelled','positive','neutral','negative'"
    added = {
        "contact": (
            *off,
            "cadence TEXT CHECK(cadence GLOB '[1-9]*[dwmy]')",
            f"channel TEXT CHECK(channel IN ({channels}))",
            "language TEXT",
            "times TEXT",
            f"birthday TEXT CHECK(birthday GLOB '{glob}' OR birthday GLOB '--[01][0-9]-[0-3][0-9]')",
        ),
        "lead": off,
        "activity": (
            "at TEXT",
            "priority TEXT CHECK(priority IN ('high','normal','low'))",
            "duration INTEGER CHECK(duration>=0)",
            f"outcome TEXT CHECK(outcome IN ({outcomes}))",
            "tags TEXT",
        ),
    }
    for table, columns in added.items():
        _add(db, table, columns)
    kinds = "'call','email','visit','note'"
    _rebuilt(db, "activity", lambda sql: sql.replace(f"({kinds})", f"({kinds},'meeting','letter','fax','web','chat','event')"))
    # A birthday that was kept in a field of the company's own is one.
    for table in ("contact", "contact_history"):
        if "own_birthday" in {r[1] for r in db.execute(f"PRAGMA main.table_info({table})")}:
            db.execute(f"UPDATE {table} SET birthday=own_birthday WHERE own_birthday GLOB '{glob}'")


def _add(db: sqlite3.Connection, table: str, columns: Sequence[str]) -> None:
    """Give a kind columns, each `NAME TYPE …`, and its history the same without the checks."""
    _aside(db, table, [c.split(" ")[0] for c in columns])
    for column in columns:
        name, kind = column.split(" ")[:2]
        db.execute(f'ALTER TABLE {table} ADD COLUMN "{name}" {column.partition(" ")[2]}')
        db.execute(f'ALTER TABLE {table}_history ADD COLUMN "{name}" {kind}')


def _aside(db: sqlite3.Connection, table: str, names: Sequence[str]) -> None:
    """Rename columns of the company's own that stand where ours are to be, so that nothing in them is lost."""
    taken = {r[1] for r in db.execute(f"PRAGMA main.table_info({table})")}
    sql = "SELECT name FROM main.sqlite_master WHERE type='trigger' AND tbl_name IN (?,'field')"
    for (trigger,) in db.execute(sql, (table,)).fetchall():
        # They are made anew after the last step; what a migration does leaves no history.
        db.execute(f"DROP TRIGGER {schema.q(trigger)}")
    for name in (n for n in names if n in taken):
        new = next(n for n in (f"own_{name}", *(f"own_{name}_{i}" for i in range(2, 99))) if n not in taken)
        for each in (table, f"{table}_history"):
            db.execute(f'ALTER TABLE {each} RENAME COLUMN "{name}" TO "{new}"')
        for each in ("field", "field_history"):
            db.execute(f'UPDATE {each} SET name=? WHERE "kind"=? AND name=?', (new, table, name))


def _capturing(db: sqlite3.Connection) -> None:
    """8: which way a mail or a call went, what was answered to an invitation."""
    answers = "'accepted','tentative','open'"
    _add(db, "activity", ("direction TEXT CHECK(direction IN ('in','out'))", f"answer TEXT CHECK(answer IN ({answers}))"))


def _belonging(db: sqlite3.Connection) -> None:
    """9: the account that a lead belongs to before it is converted; what campaign leads, contacts and deals came from, by its name."""
    _add(db, "lead", ("matched_account INTEGER REFERENCES account(id) DEFERRABLE INITIALLY DEFERRED",))
    for table in ("lead", "contact", "opportunity"):
        _add(db, table, ("campaign TEXT",))


def _filtering(db: sqlite3.Connection) -> None:
    """10: filters under a name. Their tables are made with the triggers, as those of every new kind."""


STEPS: tuple[Step, ...] = (_forecasting, _reasoning, _assigning, _phoning, _planning, _preferring, _capturing, _belonging, _filtering)
"""Step i takes a file from version i + 1 to i + 2."""

VERSION = 1 + len(STEPS)


def create(db: sqlite3.Connection, site: int, moment: int, made: str, version: int = VERSION) -> None:
    """Make the tables and the default pipeline in an empty file, within the caller's transaction. `moment` is the time in ms."""
    for statement in _statements(schema.whole()):
        db.execute(statement)
    db.execute("INSERT INTO this(site,made) VALUES(?,?)", (site, made))
    db.executemany("INSERT INTO sqlite_sequence(name,seq) VALUES(?,?)", [(kind, site * SPAN) for kind in KINDS])
    db.execute(f"PRAGMA user_version={version}")
    db.execute(f"PRAGMA application_id={schema.APPLICATION}")
    first_records(db, site, (moment << 20) | site)


def _statements(script: str) -> list[str]:
    """The script's statements one by one: executescript would commit the caller's transaction."""
    out, lines = [], []
    for line in script.split("\n"):
        lines.append(line)
        if line.rstrip().endswith(";") and sqlite3.complete_statement("\n".join(lines)):
            out.append("\n".join(lines))
            lines = []
    return [s for s in out if s.strip(" ;\n")]


DEFAULT_STAGES = (
    ("Prospecting", 1, 10, "pipeline", "open", None),
    ("Qualification", 2, 20, "pipeline", "open", "qualify"),
    ("Proposal", 3, 50, "best_case", "open", "propose"),
    ("Negotiation", 4, 75, "commit", "open", "negotiate"),
    ("Won", 5, 100, "closed", "won", "win"),
    ("Lost", 6, 0, "omitted", "lost", "lose"),
)
DEFAULT_REASONS = (
    ("Best fit", "won", "product"),
    ("Best price", "won", "price"),
    ("Relationship", "won", "relationship"),
    ("Too expensive", "lost", "price"),
    ("Missing feature", "lost", "product"),
    ("Lost to competitor", "lost", "competitor"),
    ("No decision", "lost", "no decision"),
    ("No budget", "lost", "qualification"),
    ("Bad timing", "lost", "timing"),
    ("No longer responding", "lost", "relationship"),
)


def first_records(db: sqlite3.Connection, site: int, op: int) -> None:
    """The default pipeline and the default reasons, under an operation of nobody's, which `undo` therefore never takes by itself."""
    base = site * SPAN
    db.execute("INSERT INTO op(id,command) VALUES(?,'(new database)')", (op,))
    db.execute("INSERT INTO writing VALUES(?,?)", (op, op))
    db.execute("INSERT INTO pipeline(id,name,description) VALUES(?,'Sales','The default pipeline')", (base + 1,))
    db.executemany(
        'INSERT INTO stage(id,name,pipeline,"order",probability,category,outcome,verb) VALUES(?,?,?,?,?,?,?,?)',
        [(base + i, name, base + 1, *rest) for i, (name, *rest) in enumerate(DEFAULT_STAGES, 1)],
    )
    db.executemany(
        'INSERT INTO reason(id,name,outcome,"group") VALUES(?,?,?,?)', [(base + i, *r) for i, r in enumerate(DEFAULT_REASONS, 1)]
    )
    db.executemany("UPDATE reason SET recoverable=?, revisit_months=? WHERE name=?", [(r, m, n) for n, r, m in _REVISITS])
    for kind, n in (("pipeline", 1), ("stage", len(DEFAULT_STAGES)), ("reason", len(DEFAULT_REASONS))):
        db.execute("UPDATE counter SET n=? WHERE kind=?", (n, kind))
    db.execute("DELETE FROM writing")


def migrate(db: sqlite3.Connection, path: str, steps: Sequence[Step] = STEPS) -> str:
    """Bring the file to the newest version: backup, steps, triggers, foreign key check, commit. Returns the backup's path.

    Two processes may arrive here at once: the second waits for the lock, finds nothing left to do and returns ""."""
    newest = 1 + len(steps)
    saved = ""
    db.execute("PRAGMA foreign_keys=OFF")
    db.execute("BEGIN IMMEDIATE")
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version < newest:
            saved = free_name(f"{path}.v{version}-{datetime.now(UTC):%Y%m%dT%H%M%S}", ".backup")
            backup(path, saved)
        for number in range(version, newest):
            steps[number - 1](db)
        remake(db)
        if broken := db.execute("PRAGMA foreign_key_check").fetchall():
            raise DatabaseError(
                f"the migration would leave {len(broken)} dangling references", f"Nothing was changed; the copy is {saved}."
            )
        db.execute(f"PRAGMA user_version={max(version, newest)}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
    finally:
        db.execute("PRAGMA foreign_keys=ON")
    return saved


def free_name(stem: str, ending: str) -> str:
    """The first of STEM.ENDING, STEM-2.ENDING, … that no file has."""
    name, n = stem + ending, 2
    while os.path.exists(name):
        name, n = f"{stem}-{n}{ending}", n + 1
    return name


def backup(path: str, target: str) -> None:
    """Copy the database to a new file `target`, safely while others write. The copy is readable by its owner alone.

    It reads through a connection of its own: one that holds the write lock would wait for itself."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    source, to = sqlite3.connect(path, timeout=10), sqlite3.connect(target, isolation_level=None)
    try:
        source.execute("SELECT 1 FROM sqlite_master").fetchone()
        source.backup(to)
        to.execute("PRAGMA journal_mode=DELETE")
    except BaseException:
        to.close()
        os.remove(target)
        raise
    finally:
        source.close()
        to.close()


def user_fields(db: sqlite3.Connection) -> dict[str, list[Field]]:
    """The company's own fields by kind, as the `field` table describes them."""
    out: dict[str, list[Field]] = {}
    for kind, name, of, label, choices in db.execute('SELECT kind,name,"type",label,choices FROM main.field ORDER BY id'):
        picks = tuple(c.strip() for c in (choices or "").split(",") if c.strip())
        out.setdefault(kind, []).append(Field(name, of, label or "", choices=picks, user=True))
    return out


def with_columns(db: sqlite3.Connection, kind: Kind) -> Kind:
    """`kind` with every column its table physically has: fields that were taken back keep their column and their history. A company's
    own stand in the order in which they were made, so that the same table always makes the same triggers."""
    made = [(r[1], r[2]) for r in db.execute(f"PRAGMA main.table_info({schema.q(kind.name)})")]
    known, places = {*kind.columns, "id", "op", "since"}, {name: at for at, (name, _) in enumerate(made)}
    extra = [Field(n, "number" if of == "ANY" else "money" if of == "INTEGER" else "text", user=True) for n, of in made if n not in known]
    whole = with_user_fields(kind, extra)
    return whole._replace(fields=tuple(sorted(whole.fields, key=lambda f: places.get(f.name, 0) if f.user else -1)))


def remake(db: sqlite3.Connection) -> None:
    """Make triggers and indexes anew from the kinds, and the tables of kinds that are new."""
    have = {r[0] for r in db.execute("SELECT name FROM main.sqlite_master WHERE type='table'")}
    for kind in KINDS.values():
        if kind.name not in have:
            for statement in _statements(schema.tables(kind)):
                db.execute(statement)
            db.execute("INSERT INTO counter VALUES(?,0)", (kind.name,))
            db.execute("INSERT INTO sqlite_sequence(name,seq) SELECT ?,site*? FROM this", (kind.name, SPAN))
        remake_kind(db, with_columns(db, kind))


def remake_kind(db: sqlite3.Connection, kind: Kind) -> None:
    """The triggers and indexes of one kind, dropped and made anew."""
    for name, sql in schema.triggers(kind).items():
        db.execute(f"DROP TRIGGER IF EXISTS main.{schema.q(name)}")
        db.execute(sql)
    for name, sql in schema.indexes(kind).items():
        db.execute(f"DROP INDEX IF EXISTS main.{schema.q('ix_' + name)}")
        db.execute(sql)
