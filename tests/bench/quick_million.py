"""What a seller types all day, with 100,000 accounts and 1,000,000 deals: a deal named by parts and by a slip of the keys, logging,
editing, searching and completing, each a whole process."""

from __future__ import annotations

import random
from pathlib import Path

from filling import deals_unguarded, opened

SITE = 10**12
FIRST = [
    "Acme",
    "Blue",
    "Star",
    "Iron",
    "North",
    "Cedar",
    "Silver",
    "Harbour",
    "Granite",
    "Falcon",
    "Orchard",
    "Summit",
    "Coral",
    "Vector",
    "Delta",
    "Juniper",
    "Lotus",
    "Meridian",
]
SECOND = [
    "Harbor",
    "Foods",
    "Paper",
    "Ferries",
    "Logistics",
    "Metering",
    "Pumps",
    "Textiles",
    "Chemicals",
    "Shipping",
    "Robotics",
    "Glass",
    "Energy",
    "Dairy",
    "Optics",
    "Mining",
]
WHAT = [
    "Renewal",
    "Flow meters",
    "Dock scanners",
    "Pressure sensors",
    "Service contract",
    "Spare parts",
    "Retrofit",
    "Pilot line",
    "Gauges",
    "Valves",
]


def prepare(path: Path, accounts: int, deals: int) -> Path:
    """Make a database of companies with ten deals each, loaded in one stroke, its search index filled."""
    from sfa.store import migrations, textindex

    store = opened(path)
    db, site = store.db, store.site * SITE
    op = db.execute("SELECT max(id) FROM op").fetchone()[0]
    stages = db.execute('SELECT id,outcome,probability,category FROM stage ORDER BY "order"').fetchall()
    pipeline = db.execute("SELECT min(id) FROM pipeline").fetchone()[0]
    dice = random.Random(11)
    names = [f"{dice.choice(FIRST)} {_word(dice)} {dice.choice(SECOND)}" for _ in range(accounts)]
    db.execute("PRAGMA cache_size=-500000")
    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO writing VALUES(?,?)", (op, op))
    db.execute("INSERT INTO user(id,name,active,op,since) VALUES(?,?,1,?,?)", (site + 1, "anna", op, op))
    db.executemany("INSERT INTO account(id,name,op,since) VALUES(?,?,?,?)", ((site + i, n, op, op) for i, n in enumerate(names, 1)))
    with deals_unguarded(store):
        db.executemany(
            'INSERT INTO opportunity(id,name,account,owner,pipeline,stage,amount,currency,"close",closed,opened,probability,category,op,'
            "since) VALUES(?,?,?,?,?,?,?,'USD',?,?,'2026-01-15',?,?,?,?)",
            (_deal(dice, site, i, names, stages, pipeline, op) for i in range(1, deals + 1)),
        )
    db.execute("UPDATE counter SET n=? WHERE kind IN ('account','opportunity','user')", (deals,))
    for kind in ("account", "opportunity", "user"):
        textindex.fill(store, kind)
    db.execute("DELETE FROM writing")
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    assert migrations.VERSION
    return path


def _word(dice: random.Random) -> str:
    """A made-up name: two or three syllables."""
    return "".join(dice.choice("bdfgklmnprstvz") + dice.choice("aeiou") for _ in range(dice.choice((2, 3, 3)))).title()


def _deal(
    dice: random.Random, site: int, i: int, names: list[str], stages: list[tuple[int, str, int, str]], pipeline: int, op: int
) -> tuple[object, ...]:
    whose = int(dice.random() * len(names))
    stage, outcome, probability, category = stages[min(int(dice.random() * 8), 5)]
    day = f"2026-{1 + int(dice.random() * 12):02}-{1 + int(dice.random() * 28):02}"
    name = f"{names[whose]} — {dice.choice(WHAT)} {2020 + int(dice.random() * 8)}"
    amount = 100_000 + int(dice.random() * 20_000_000)
    return (
        site + i,
        name,
        site + whose + 1,
        site + 1,
        pipeline,
        stage,
        amount,
        day,
        None if outcome == "open" else day,
        probability,
        category,
        op,
        op,
    )
