"""A forecast by rep and month over a million opportunities against the same grouped SQL in the sqlite3 shell, whole processes."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from filling import deals_unguarded, opened
from measure import Row, cpu, environment, ratio, sfa

REPS, MANAGERS, SITE = 200, 20, 10**12
PERIOD = ("2024-01-01", "2027-01-01")
COMMAND = sfa("forecast", "--period", "2024-01-01..2026-12-31", "--by", "rep,month", "--format", "tsv")


def prepare(path: Path, rows: int) -> Path:
    """Make a database with `rows` opportunities of 200 reps under 20 managers over three years, loaded in one stroke."""
    store = opened(path)
    db, site = store.db, store.site * SITE
    op = db.execute("SELECT max(id) FROM op").fetchone()[0]
    stages = db.execute('SELECT id,outcome,probability,category FROM stage ORDER BY "order"').fetchall()
    pipeline = db.execute("SELECT min(id) FROM pipeline").fetchone()[0]
    dice = random.Random(7)
    db.execute("PRAGMA cache_size=-500000")
    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO writing VALUES(?,?)", (op, op))
    people = [
        (site + i, f"Rep {i}", site + 1 + i % MANAGERS if i > MANAGERS else None, f"Team {i % 8}", op, op) for i in range(1, REPS + 1)
    ]
    db.executemany("INSERT INTO user(id,name,manager,team,active,op,since) VALUES(?,?,?,?,1,?,?)", people)
    quotas = [(site + i, site + i, 30_000_000 + i * 1000, op, op) for i in range(MANAGERS + 1, REPS + 1)]
    db.executemany(
        "INSERT INTO quota(id,owner,period,covers,measure,amount,currency,op,since)"
        " VALUES(?,?,'2026-01-01/2027-01-01','own','revenue',?,'USD',?,?)",
        quotas,
    )
    with deals_unguarded(store):
        db.executemany(
            'INSERT INTO opportunity(id,name,owner,pipeline,stage,amount,currency,"close",closed,opened,probability,category,op,since)'
            " VALUES(?,?,?,?,?,?,'USD',?,?,?,?,?,?,?)",
            (_deal(dice, site, i, stages, pipeline, op) for i in range(1, rows + 1)),
        )
    db.execute("DELETE FROM writing")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


def _deal(dice: random.Random, site: int, i: int, stages: list[tuple[int, str, int, str]], pipeline: int, op: int) -> tuple[object, ...]:
    stage, outcome, probability, category = stages[min(int(dice.random() * 8), 5)]
    year, month, day = 2024 + int(dice.random() * 3), 1 + int(dice.random() * 12), 1 + int(dice.random() * 28)
    date = f"{year}-{month:02}-{day:02}"
    closed = None if outcome == "open" else date
    amount = 100_000 + int(dice.random() * 20_000_000)
    owner = site + 1 + int(dice.random() * REPS)
    return (site + i, f"Deal {i}", owner, pipeline, stage, amount, date, closed, f"{year - 1}-06-15", probability, category, op, op)


def base_sql(start: str, end: str) -> str:
    """What a person would write: for each rep and month the amount of each category, the weighted amount, the overdue one, the number."""
    parts = ",".join(f"sum(CASE WHEN c='{c}' THEN amount END)" for c in ("closed", "commit", "most_likely", "best_case", "pipeline"))
    return f"""SELECT owner,substr(d,1,7),{parts},sum(CASE WHEN o='open' THEN round(amount*probability/100.0) END),
 sum(CASE WHEN o='open' AND d<date('now') THEN amount END),count(*)
FROM (SELECT t.owner,CASE WHEN s.outcome='won' THEN t.closed ELSE t."close" END d,s.outcome o,
 CASE WHEN s.outcome='won' THEN 'closed' ELSE t.category END c,t.amount,t.probability
 FROM opportunity t JOIN stage s ON s.id=t.stage WHERE s.outcome<>'lost')
WHERE d>='{start}' AND d<'{end}' GROUP BY 1,2 ORDER BY 1,2;"""


def ours(path: Path) -> float:
    """CPU seconds of the program's report."""
    return cpu(COMMAND, environment(path))


def base(path: Path) -> float:
    """CPU seconds of the same figures in the sqlite3 shell."""
    return cpu(["sqlite3", "-separator", "\t", str(path), base_sql(*PERIOD)], environment(path))


def rows(folder: Path, deals: int = 1_000_000) -> list[Row]:
    """Forecast by rep and month over 1,000,000 opportunities ≤ 2 × the same SQL in the sqlite3 shell."""
    path = prepare(folder / "million.db", deals)
    if not sqlite3.connect(path).execute("SELECT count(*) FROM opportunity").fetchone()[0] == deals:
        raise RuntimeError("the benchmark's database was not made")
    found = ratio(lambda: ours(path), lambda: base(path), 5)
    return [Row(f"sfa forecast --by rep,month, {deals:,} deals", "the same grouped SQL in the sqlite3 shell", 2, found)]
