"""What a seller types all day, with 100,000 accounts and 1,000,000 deals: a deal named by parts and by a slip of the keys, logging,
editing, searching and completing, each a whole process."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import shell_speed
from filling import deals_unguarded, opened
from measure import Row, cpu, environment, ratio

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
    from sfa.store import textindex

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


CASES = (
    ("sfa opp show O-12", ("opp", "show", "O-12"), 5.0),
    ("sfa opp show, parts of a name in any order", ("opp", "show", "{parts}"), 5.0),
    ("sfa opp win, a slip of the keys: what was meant", ("opp", "win", "{slip}"), 5.0),
    ("sfa search, first page", ("search", "renewal"), 6.0),
    ("sfa search with a slip", ("search", "robtics {word}", "--format", "table"), 6.0),
    ("sfa log on a deal", ("log", "O-13", "call", "spoke to them"), 5.0),
    ("sfa log on an account by its name", ("log", "{account}", "call", "spoke to them"), 5.0),
    ("sfa opp edit", ("opp", "edit", "O-12", "amount+=1"), 5.0),
    ("completion of a command", ("__complete", "fish", "opp", "pro"), 2.0),
    ("completion of a reference", ("__complete", "fish", "opp", "show", "O-12"), 2.0),
    ("completion of a name", ("__complete", "fish", "opp", "show", "acme"), 2.0),
)


def rows(folder: Path, accounts: int = 100_000, deals: int = 1_000_000) -> list[Row]:
    """Lookups, log and edit ≤ 5 ×, search ≤ 6 ×, completion ≤ 2 × `python -c 'import sqlite3'`; a command in a shell ≤ 20 ms."""
    import sqlite3

    path = prepare(folder / "quick.db", accounts, deals)
    env = environment(path) | {"XDG_CACHE_HOME": str(folder)}
    db = sqlite3.connect(path)
    name, account = db.execute(
        "SELECT o.name,a.name FROM opportunity o JOIN account a ON a.id=o.account GROUP BY o.name HAVING count(*)=1 LIMIT 1 OFFSET 999"
    ).fetchone()
    db.close()
    _, word, kind, _, *what = name.split()
    said = {
        "parts": f"{what[0][:4]} {word.lower()} {kind[:3]} {what[-1]}",
        "slip": f"{word} {kind[0]}{kind[2:]} {what[0]} {what[-1]}",
        "account": account,
        "word": word,
    }

    def base() -> float:
        return cpu([sys.executable, "-c", "import sqlite3"], env)

    out = []
    for what_, argv, bound in CASES:
        words = [w.format(**said) for w in argv]
        found = ratio(lambda words=words: cpu([sys.executable, "-m", "sfa", *words], env, ok=(0, 3, 5)), base, 11)
        out.append(Row(f"{what_}, {deals:,} deals", "python -c 'import sqlite3'", bound, found, " ".join(words)))
    return [*out, *shell_speed.answers(env, f"{deals:,} deals", folder, ("log", "opp edit", "opp show", "search", "task add"))]
