"""Win/loss by three dimensions over a million closed deals against hand-written SQL in the sqlite3 shell and in DuckDB, whole processes."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from filling import deals_unguarded, opened
from measure import Row, cpu, environment, ratio, sfa

REPS, COMPETITORS, SITE = 200, 12, 10**12
KEYS = ("t.owner,t.reason", "t.competitor")
COMMANDS = tuple(
    sfa("report", "winloss", "--period", "2024-01-01..2026-12-31", "--by", by, "--format", "tsv") for by in ("rep,reason", "competitor")
)


def prepare(path: Path, rows: int) -> Path:
    """Make a database with `rows` closed deals of 200 reps and 12 competitors over three years, loaded in one stroke."""
    store = opened(path)
    db, site = store.db, store.site * SITE
    op = db.execute("SELECT max(id) FROM op").fetchone()[0]
    ends = {o: n for n, o in db.execute("SELECT id,outcome FROM stage WHERE outcome<>'open'")}
    reasons: dict[str, list[int]] = {"won": [], "lost": []}
    for number, outcome in db.execute("SELECT id,outcome FROM reason ORDER BY id"):
        reasons[outcome].append(number)
    for pragma in ("cache_size=-500000", "synchronous=OFF"):
        db.execute("PRAGMA " + pragma)
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO writing VALUES(?,?)", (op, op))
    people = ((site + i, f"Rep {i}", f"Team {i % 8}") for i in range(2, REPS + 2))
    db.executemany("INSERT INTO user(id,name,team,active) VALUES(?,?,?,1)", people)
    rivals = ((site + i, f"Rival {i}") for i in range(1, COMPETITORS + 1))
    db.executemany("INSERT INTO account(id,name,types) VALUES(?,?,'competitor')", rivals)
    with deals_unguarded(store):
        db.executemany(
            "INSERT INTO opportunity(id,name,owner,pipeline,stage,amount,currency,opened,closed,reason,competitor,op,since)"
            " VALUES(?,?,?,?,?,?,'USD',?,?,?,?,?,?)",
            _deals(rows, site, ends, reasons, op),
        )
    db.execute("DELETE FROM writing")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


def _deals(rows: int, site: int, ends: dict[str, int], reasons: dict[str, list[int]], op: int) -> Iterator[tuple[object, ...]]:
    from datetime import date, timedelta

    days = [(date(2023, 1, 1) + timedelta(days=i)).isoformat() for i in range(1461)]
    dice = random.Random(7).random
    for i in range(1, rows + 1):
        outcome = "won" if dice() < 0.5 else "lost"
        closed = 365 + int(dice() * 1096)
        opened = closed - int(dice() * dice() * 360)
        rival = site + 1 + int(dice() * COMPETITORS) if dice() < 0.6 else None
        why = reasons[outcome][int(dice() * len(reasons[outcome]))]
        own = (site + 2 + int(dice() * REPS), site + 1, ends[outcome], 100_000 + int(dice() * 20_000_000))
        yield (site + i, f"Deal {i}", *own, days[opened], days[closed], why, rival, op, op)


def base_sql(keys: str) -> str:
    """What a person would write: won, lost, amounts, average deal and mean cycle of each group. Like the program, it goes through all deals
    instead of looking each up by the index on closed dates, which would take more than twice as long."""
    won = "CASE WHEN s.outcome='won' THEN"
    return (
        f"SELECT {keys},sum(s.outcome='won'),sum(s.outcome='lost'),sum({won} t.amount END),sum({won} NULL ELSE t.amount END),"
        f"avg({won} t.amount END),avg({won} julianday(t.closed)-julianday(t.opened) END)"
        " FROM opportunity t NOT INDEXED JOIN stage s ON s.id=t.stage"
        f" WHERE s.outcome<>'open' AND t.closed>='2024-01-01' AND t.closed<'2027-01-01' GROUP BY {keys} ORDER BY {keys};"
    )


def ours(path: Path) -> float:
    """CPU seconds of the program's two reports."""
    return sum(cpu(command, environment(path)) for command in COMMANDS)


def base(path: Path) -> float:
    """CPU seconds of the same figures in the sqlite3 shell."""
    return sum(cpu(["sqlite3", "-separator", "\t", str(path), base_sql(keys)], environment(path)) for keys in KEYS)


DUCK = """
import duckdb, sys
db = duckdb.connect(sys.argv[1])
for keys in sys.argv[2:]:
    won = "FILTER (WHERE outcome='won')"
    print(db.execute(
        f"SELECT {keys},count(*) {won},count(*) FILTER (WHERE outcome='lost'),sum(amount) {won},sum(amount) FILTER (WHERE outcome='lost'),"
        f"avg(amount) {won},avg(closed-opened) {won},median(closed-opened) {won} FROM deal GROUP BY {keys} ORDER BY {keys}"
    ).fetchall())
"""


def duck(path: Path) -> float:
    """CPU seconds of the same figures in DuckDB, from a copy of the closed deals in its own columns."""
    import duckdb

    copy, text = path.with_suffix(".duckdb"), path.with_suffix(".csv")
    if not copy.exists():
        sql = "SELECT t.owner,t.reason,t.competitor,s.outcome,t.amount,t.opened,t.closed FROM opportunity t JOIN stage s ON s.id=t.stage"
        with text.open("w") as out:
            subprocess.run(["sqlite3", "-csv", "-header", str(path), sql], stdout=out, check=True)
        db = duckdb.connect(str(copy))
        db.execute(f"CREATE TABLE deal AS FROM read_csv('{text}')")
        db.close()
    return cpu([sys.executable, "-c", DUCK, str(copy), "owner,reason", "competitor"])


def rows(folder: Path, deals: int = 1_000_000) -> list[Row]:
    """Win/loss by rep and reason and by competitor over 1,000,000 closed deals ≤ 2 × the same SQL in the sqlite3 shell."""
    path = prepare(folder / "closed.db", deals)
    if sqlite3.connect(path).execute("SELECT count(*) FROM opportunity WHERE closed IS NOT NULL").fetchone()[0] != deals:
        raise RuntimeError("the benchmark's database was not made")
    note = "DuckDB is not installed: not compared"
    if find_spec("duckdb"):
        note = f"{ratio(lambda: ours(path), lambda: duck(path), 3):.1f} x DuckDB on a copy in its own columns"
    found = ratio(lambda: ours(path), lambda: base(path), 5)
    return [Row(f"sfa report winloss by 3 dimensions, {deals:,} deals", "hand-written SQL in the sqlite3 shell", 2.0, found, note)]
