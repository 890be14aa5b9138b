"""An export of a million opportunities as CSV against the sqlite3 shell writing the same cells: names of references, decimal amounts."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from filling import deals_unguarded, opened
from measure import Row, cpu, environment, memory, ratio, sfa

SITE = 10**12
ACCOUNTS, REPS = 20_000, 200
WORDS = ("Blue", "Harbor", "Müller", "Steel, Ltd", "北京科技", "Optics", "Ünïted", '"Best" Foods', "Paper", "Systems")
NEXT = ("send quote", "call back on Monday", "waiting for the signature, they said", "-", "visit the plant")
REFERENCES = ("account", "contact", "owner", "pipeline", "stage", "product", "reason", "secondary_reason", "competitor")


def prepare(path: Path, rows: int) -> Path:
    """Make a database with `rows` opportunities of 20,000 accounts, every second with a next step, every third with an external id."""
    store = opened(path)
    db, site = store.db, store.site * SITE
    op = db.execute("SELECT max(id) FROM op").fetchone()[0]
    stages = db.execute('SELECT id,outcome,probability,category FROM stage ORDER BY "order"').fetchall()
    reasons = [r[0] for r in db.execute("SELECT id FROM reason WHERE outcome='lost'")]
    dice = random.Random(5)
    pick = dice.choice
    db.execute("PRAGMA cache_size=-500000")
    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO writing VALUES(?,?)", (op, op))
    named = ((site + i, f"{pick(WORDS)} {pick(WORDS)} {i}", op, op) for i in range(1, ACCOUNTS + 1))
    db.executemany("INSERT INTO account(id,name,op,since) VALUES(?,?,?,?)", named)
    people = ((site + i, f"Rep {i}", op, op) for i in range(1, REPS + 1))
    db.executemany("INSERT INTO user(id,name,active,op,since) VALUES(?,?,1,?,?)", people)
    with deals_unguarded(store):
        db.executemany(
            'INSERT INTO opportunity(id,name,account,owner,pipeline,stage,amount,currency,"close",closed,opened,probability,category,'
            "source,next_step,reason,description,op,since) VALUES(?,?,?,?,?,?,?,'USD',?,?,?,?,?,?,?,?,?,?,?)",
            (_deal(dice, site, i, stages, reasons, op) for i in range(1, rows + 1)),
        )
    for name in ("external_replace", "external_insert"):
        db.execute(f"DROP TRIGGER {name}")
    db.executemany(
        "INSERT INTO external(id,kind,record,external,op,since) VALUES(?,'opportunity',?,?,?,?)",
        ((site + i, site + i * 3, f"006{i:012}", op, op) for i in range(1, rows // 3)),
    )
    from sfa.store import migrations

    migrations.remake_kind(db, store.kinds["external"])
    db.execute("DELETE FROM writing")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


def _deal(
    dice: random.Random, site: int, i: int, stages: list[tuple[int, str, int, str]], reasons: list[int], op: int
) -> tuple[object, ...]:
    stage, outcome, probability, category = stages[min(int(dice.random() * 8), 5)]
    date = f"{2024 + int(dice.random() * 3)}-{1 + int(dice.random() * 12):02}-{1 + int(dice.random() * 28):02}"
    closed = None if outcome == "open" else date
    account = 1 + int(dice.random() * ACCOUNTS)
    return (
        *(site + i, f"{dice.choice(WORDS)} deal {i}", site + account, site + 1 + int(dice.random() * REPS), site + 1, stage),
        *(None if i % 20 == 0 else 100_000 + int(dice.random() * 20_000_000), date, closed, "2023-06-15", probability, category, "web"),
        *(dice.choice(NEXT) if i % 2 else None, dice.choice(reasons) if outcome == "lost" else None),
        *("Talked about it,\nat length" if i % 10 == 0 else None, op, op),
    )


def base_sql(db: sqlite3.Connection) -> str:
    """What a person would write for the same columns in the same order."""
    columns = [r[1] for r in db.execute("PRAGMA table_info(opportunity)") if r[1] not in ("op", "since")]
    shown = {"amount": "printf('%.2f',t.amount/100.0)", **{r: f"{r}.name" for r in REFERENCES}}
    tables = {"competitor": "account", "owner": "user", "secondary_reason": "reason"}
    joins = " ".join(f"LEFT JOIN {tables.get(r, r)} {r} ON {r}.id=t.{r}" for r in REFERENCES)
    external = "(SELECT e.external FROM external e WHERE e.kind='opportunity' AND e.record=t.id)"
    listed = ",".join(shown.get(c, f't."{c}"') for c in columns)
    return f"SELECT {listed},{external} FROM opportunity t {joins} ORDER BY t.id;"


def rows(folder: Path, deals: int = 1_000_000) -> list[Row]:
    """1,000,000 opportunities with all their fields ≤ 2.5 × the CPU of `sqlite3 -csv`."""
    path = prepare(folder / "million.db", deals)
    env = environment(path)
    command = sfa("export", "opp")
    plain = ["sqlite3", "-csv", "-header", str(path), base_sql(sqlite3.connect(path))]
    found = ratio(lambda: cpu(command, env), lambda: cpu(plain, env), 3)
    most = memory(command, env)
    return [Row(f"sfa export opp, {deals:,} deals", "sqlite3 -csv, the same columns", 2.5, found, f"{most} MiB at most" if most else "")]
