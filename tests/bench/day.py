"""A seller's day in a large company: today, week and a task done, over 100,000 accounts, a million deals and five million activities."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import shell_speed
from filling import opened, unguarded
from measure import Row, cpu, environment, ratio, sfa

REPS, SITE, LEADS, TASKS = 200, 10**12, 50_000, 20_000
ACCOUNTS, DEALS, ACTIVITIES, CONTACTS = 100_000, 1_000_000, 5_000_000, 200_000
ROWS = tuple[object, ...]


def prepare(path: Path, accounts: int = ACCOUNTS, deals: int = DEALS, activities: int = ACTIVITIES) -> Path:
    """Make the database, loaded in one stroke: three years that end next summer, half of the deals open, every third activity with a next
    step, one in seven of those not done, some fifty of each person's activities planned for the next two weeks; a thousand contacts a
    person, each with 25 activities, one in twenty of them with a cadence and three with a birthday."""
    store = opened(path)
    db, site = store.db, store.site * SITE
    op = db.execute("SELECT max(id) FROM op").fetchone()[0]
    stages = db.execute('SELECT id,outcome,probability,category FROM stage ORDER BY "order"').fetchall()
    pipeline = db.execute("SELECT min(id) FROM pipeline").fetchone()[0]
    db.execute("PRAGMA cache_size=-500000")
    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO writing VALUES(?,?)", (op, op))
    with unguarded(store, "user", "account", "contact", "lead", "opportunity", "activity", "task"):
        people = ((site + i, "Anna" if i == 1 else f"Rep {i}", None if i == 1 else site + 1, op, op) for i in range(1, REPS + 1))
        db.executemany("INSERT INTO user(id,name,manager,active,op,since) VALUES(?,?,?,1,?,?)", people)
        db.executemany(
            "INSERT INTO account(id,name,types,owner,op,since) VALUES(?,?,'customer',?,?,?)",
            ((site + i, f"Account {i}", site + 1 + i % REPS, op, op) for i in range(1, accounts + 1)),
        )
        db.executemany(
            "INSERT INTO contact(id,name,account,owner,cadence,channel,birthday,op,since) VALUES(?,?,?,?,?,?,?,?,?)",
            (
                (
                    *(site + i, f"Person {i}", site + 1 + i % accounts, site + 1 + i % REPS),
                    *("1m" if i // REPS % 20 < 1 else None, "email" if i // REPS % 40 < 1 else None),
                    *(f"--{1 + i % 12:02}-{1 + i % 28:02}" if i // REPS % 20 < 3 else None, op, op),
                )
                for i in range(1, CONTACTS + 1)
            ),
        )
        days = [(date.today() + timedelta(days=i)).isoformat() for i in range(-900, 200)]
        dice = random.Random(7).random
        db.executemany(
            "INSERT INTO lead(id,name,company,status,owner,created,op,since) VALUES(?,?,?,?,?,?,?,?)",
            (
                (site + i, f"Lead {i}", f"Company {i}", "new" if dice() < 0.1 else "working", site + 1 + i % REPS, days[i % 900], op, op)
                for i in range(1, LEADS + 1)
            ),
        )
        db.executemany(
            'INSERT INTO opportunity(id,name,account,owner,pipeline,stage,amount,currency,"close",closed,opened,probability,category,'
            "next_step,revisit,op,since) VALUES(?,?,?,?,?,?,?,'USD',?,?,?,?,?,?,?,?,?)",
            _deals(deals, accounts, site, stages, pipeline, days, op),
        )
        db.executemany(
            'INSERT INTO activity(id,"when",kind,"text",opportunity,contact,owner,next_step,due,done,op,since)'
            " VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
            _activities(activities, deals, site, days, op),
        )
        db.executemany(
            "INSERT INTO task(id,name,due,priority,opportunity,owner,done,op,since) VALUES(?,?,?,'normal',?,?,?,?,?)",
            (
                (site + i, f"Task {i}", days[i % 1100], site + i, site + 1 + i % REPS, days[i % 900] if dice() < 0.8 else None, op, op)
                for i in range(1, TASKS + 1)
            ),
        )
    for kind, n in (
        ("user", REPS),
        ("account", accounts),
        ("contact", CONTACTS),
        ("lead", LEADS),
        ("opportunity", deals),
        ("activity", activities),
        ("task", TASKS),
    ):
        db.execute("UPDATE counter SET n=? WHERE kind=?", (n, kind))
    db.execute("DELETE FROM writing")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return path


def _deals(
    rows: int, accounts: int, site: int, stages: list[tuple[int, str, int, str]], pipeline: int, days: list[str], op: int
) -> Iterator[ROWS]:
    dice = random.Random(11).random
    for i in range(1, rows + 1):
        stage, outcome, probability, category = stages[min(int(dice() * 8), 5)]
        at = int(dice() * 900)
        close = days[at + int(dice() * 200)] if outcome == "open" else days[at]
        revisit = days[min(at + 180, 1099)] if outcome == "lost" else None
        step = None if dice() < 0.3 else "call again"
        own = (site + 1 + i % accounts, site + 1 + i % REPS, pipeline, stage, 100_000 + int(dice() * 20_000_000))
        ended = close if outcome != "open" else None
        yield (site + i, f"Deal {i}", *own, close, ended, days[max(at - 90, 0)], probability, category, step, revisit, op, op)


def _activities(rows: int, deals: int, site: int, days: list[str], op: int) -> Iterator[ROWS]:
    dice = random.Random(13).random
    kinds = ("call", "email", "visit", "note")
    for i in range(1, rows + 1):
        at, deal = 900 + i % 14 if i % 100 == 0 and dice() < 0.2 else int(dice() * 900), 1 + i % deals
        step = i % 3 == 0
        told = ("send the quote" if step else None, days[min(at + 5, 1099)] if step else None, int(dice() < 0.85) if step else None)
        yield (
            site + i,
            f"{days[at]}T{8 + i % 9:02}:00:00Z",
            kinds[i % 4],
            f"Talked about it, {i}",
            site + deal,
            site + 1 + deal % CONTACTS,
            site + 1 + deal % REPS,
            *told,
            op,
            op,
        )


CASES = (
    ("sfa today", ("today", "--format", "table"), 5.0),
    ("sfa week", ("week", "--format", "table"), 5.0),
    ("sfa opp list -n 20", ("opp", "list", "-n", "20"), 6.0),
    ("sfa opp list is:open -n 20", ("opp", "list", "is:open", "-n", "20"), 6.0),
    ("sfa opp list is:mine is:open -n 20", ("opp", "list", "is:mine", "is:open", "-n", "20"), 6.0),
    ("sfa opp list -n 20 --sort -close", ("opp", "list", "-n", "20", "--sort", "-close"), 6.0),
    ("sfa opp list -n 20 --sort name", ("opp", "list", "-n", "20", "--sort", "name"), 6.0),
    ("sfa activity list -n 20", ("activity", "list", "-n", "20"), 6.0),
    ("sfa opp list -n 20 --sort -amount", ("opp", "list", "-n", "20", "--sort", "-amount"), 20.0),
)


def rows(folder: Path) -> list[Row]:
    """today, week and task add ≤ 5 ×, the first page of a list in the order of an index ≤ 6 × CPU of
    `python -c 'import sqlite3'`; in another order, for which all records are looked at, ≤ 20 ×."""
    path = prepare(folder / "day.db")
    env = environment(path)
    numbers = iter(range(1, 1000))

    def base() -> float:
        return cpu([sys.executable, "-c", "import sqlite3"], env)

    def done() -> float:
        return cpu(sfa("task", "add", f"call {next(numbers)}", "--due", "+1d"), env)

    size = f"{DEALS:,} deals, {ACTIVITIES:,} activities"
    made = [
        Row(f"{what}, {size}", "python -c 'import sqlite3'", bound, ratio(lambda argv=argv: cpu(sfa(*argv), env), base, 11))
        for what, argv, bound in CASES
    ]
    made.append(Row(f"sfa task add, {size}", "python -c 'import sqlite3'", 5.0, ratio(done, base, 11)))
    return [*made, *shell_speed.answers(env, "5 million activities", folder, ("today", "task add"))]
