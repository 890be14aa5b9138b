"""Listing: 10,000 opportunities as CSV against a script that reads the same columns and writes them with the csv module."""

from __future__ import annotations

import sys
from pathlib import Path

from measure import ROOT, Row, cpu, environment, ratio, sfa

MAKE = """
import sys
sys.path.insert(0, {root!r})
from sfa.settings import Settings
from sfa.store.database import connect
from sfa.store.operations import operation
store = connect({db!r}, Settings().calendar(), write=True, me="anna")
with operation(store, "bench") as op:
    accounts = [op.insert("account", {{"name": f"Account {{i}}"}}) for i in range(200)]
    stages = [r[0] for r in store.db.execute("SELECT id FROM stage WHERE outcome='open'")]
    fixed = {{"currency": "USD", "opened": "2026-01-05", "probability": 50, "category": "pipeline"}}
    for i in range(10_000):
        op.insert("opportunity", {{
            "name": f"Deal {{i}} — Ünïted", "account": accounts[i % 200], "stage": stages[i % len(stages)],
            "amount": 1_000_00 + i * 137, "close": f"2026-{{i % 12 + 1:02}}-15", **fixed,
        }})
"""
BASE = """
import csv, sqlite3, sys
db = sqlite3.connect({db!r})
rows = db.execute('''SELECT o.id, o.name, a.name, u.name, s.name, o.amount / 100.0, o.currency, o."close", o.opened, o.probability,
 o.category FROM opportunity o LEFT JOIN account a ON a.id=o.account LEFT JOIN user u ON u.id=o.owner
 LEFT JOIN stage s ON s.id=o.stage ORDER BY o."close", o.id''')
out = csv.writer(sys.stdout)
out.writerow([c[0] for c in rows.description])
out.writerows(rows)
"""
COLUMNS = "ref,name,account,owner,stage,amount,currency,close,opened,probability,category"


def rows(folder: Path) -> list[Row]:
    """A 10,000-row listing ≤ 2 × CPU of plain csv output."""
    db = folder / "listing.db"
    env = environment(db)
    cpu([sys.executable, "-c", MAKE.format(root=str(ROOT), db=str(db))], env)
    command = sfa("opp", "list", "--format", "csv", "--columns", COLUMNS)
    plain = [sys.executable, "-c", BASE.format(db=str(db))]
    found = ratio(lambda: cpu(command, env), lambda: cpu(plain, env), 11)
    return [Row("sfa opp list --format csv, 10,000 rows", "csv.writer over sqlite3", 2.0, found)]
