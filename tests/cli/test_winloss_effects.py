"""78,000 deals with known effects built in: the report finds the one that is there, announces none that is not, and marks what is weak."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

Sfa = Any
DEALS = 78_000
PRODUCTS = ("Meter", "Valve", "Pump", "Gauge", "Sensor", "Filter")
RIVALS = ("Halver", *(f"Rival {i}" for i in range(1, 9)))
SOURCES = ("web", "referral", "event", "partner")
WEAK = {"fax": 0.0, "radio": 1.0, "poster": 0.5}
"""Sources of 25 deals each, at these win rates."""


class Effects:
    """The made deals: counts by dimension, value and outcome, as they were made."""

    def __init__(self) -> None:
        self.count: Counter[tuple[str, str | None, bool]] = Counter()

    def rate(self, dimension: str, value: str | None) -> tuple[int, int]:
        won = self.count[dimension, value, True]
        return won, won + self.count[dimension, value, False]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Effects]:
    """Every second deal is won, but where Halver was met every fourth; nothing else makes a difference."""
    from sfa.settings import Settings
    from sfa.store import migrations, schema
    from sfa.store.database import connect

    path = tmp_path_factory.mktemp("effects") / "effects.db"
    store = connect(str(path), Settings().calendar(), write=True, me="anna", currency="USD")
    db, site = store.db, store.site * 10**12
    op = db.execute("SELECT max(id) FROM op").fetchone()[0]
    ends = {outcome: number for number, outcome in db.execute("SELECT id,outcome FROM stage WHERE outcome<>'open'")}
    effects, dice = Effects(), random.Random(78_000)
    first = date(2025, 1, 1)

    def deal(i: int) -> tuple[Any, ...]:
        rival = dice.choice(RIVALS) if dice.random() < 0.5 else None
        product = dice.choice(PRODUCTS)
        source = dice.choice(SOURCES)
        won = dice.random() < (0.25 if rival == "Halver" else 0.5)
        if i < 25 * len(WEAK):
            source, rival = [*WEAK][i // 25], None
            won = i % 25 < 25 * WEAK[source]
        for dimension, value in (("competitor", rival), ("product", product), ("source", source)):
            effects.count[dimension, value, won] += 1
        closed = first + timedelta(days=dice.randrange(690))
        return (
            *(site + i + 1, f"Deal {i}", site + 1, site + 1, ends["won" if won else "lost"], dice.randrange(10**5, 10**7), "USD"),
            *((closed - timedelta(days=dice.randrange(1, 200))).isoformat(), closed.isoformat(), source),
            *(site + 1 + PRODUCTS.index(product), site + 1 + RIVALS.index(rival) if rival else None, op, op),
        )

    db.execute("PRAGMA synchronous=OFF")
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO writing VALUES(?,?)", (op, op))
    db.execute("INSERT INTO user(id,name,active) VALUES(?,'anna',1)", (site + 1,))
    db.executemany("INSERT INTO product(id,name,active) VALUES(?,?,1)", [(site + i, n) for i, n in enumerate(PRODUCTS, 1)])
    db.executemany("INSERT INTO account(id,name,types) VALUES(?,?,'competitor')", [(site + i, n) for i, n in enumerate(RIVALS, 1)])
    kind = store.kinds["opportunity"]
    for name in schema.triggers(kind):
        db.execute(f'DROP TRIGGER "{name}"')
    columns = "id,name,owner,pipeline,stage,amount,currency,opened,closed,source,product,competitor,op,since"
    db.executemany(f"INSERT INTO opportunity({columns}) VALUES({','.join('?' * 14)})", map(deal, range(DEALS)))
    migrations.remake_kind(db, kind)
    db.execute("DELETE FROM writing")
    db.execute("COMMIT")
    store.close()
    return path, effects


@pytest.fixture
def report(made: tuple[Path, Effects], sfa: Sfa) -> Any:
    sfa.monkeypatch.setenv("SFA_DB", str(made[0]))
    return lambda *argv: sfa.ok("report", *argv)


def test_every_rate_is_what_was_built_in(report: Any, made: tuple[Path, Effects]) -> None:
    for by in ("competitor", "product", "source"):
        rows = report("winloss", "--by", by, "--json").json["rows"]
        assert sum(r["won_count"] + r["lost_count"] for r in rows) == DEALS
        for row in rows:
            won, n = made[1].rate(by, row[by])
            assert (row["won_count"], row["won_count"] + row["lost_count"], row["win_rate"]) == (won, n, won / n)
            assert row["win_rate_low"] < row["win_rate"] < row["win_rate_high"] or row["win_rate"] in (0, 1)


def test_the_competitor_that_halves_the_rate_is_named_and_no_other(report: Any) -> None:
    found = report("competitors", "--json").json
    assert [n["row"] for n in found["notable"]] == ["Halver"]
    (row,) = (r for r in found["rows"] if r["competitor"] == "Halver")
    assert row["win_rate"] == pytest.approx(0.25, abs=0.02) and row["others_win_rate"] == pytest.approx(0.5, abs=0.01)
    assert row["difference_high"] < -0.2 and row["difference_p"] < 1e-100
    text = report("winloss", "--by", "competitor", "--format", "table").out
    assert "Halver: 2" in text and text.count("more than chance") == 1


def test_a_product_without_effect_is_not_announced(report: Any) -> None:
    found = report("winloss", "--by", "product", "--json").json
    assert found["notable"] == []
    assert "more than chance" not in report("winloss", "--by", "product", "--format", "table").out
    by_month = report("winloss", "--by", "month", "--json").json
    assert by_month["notable"] == [] and len(by_month["rows"]) == 23


def test_weak_groups_are_marked_and_never_named(report: Any) -> None:
    found = report("winloss", "--by", "source", "--json").json
    assert {r["source"]: r["win_rate"] for r in found["rows"] if r["weak"]} == pytest.approx(WEAK, abs=0.021)
    assert found["notable"] == []
    text = report("winloss", "--by", "source", "--format", "table").out
    assert {line.split()[0] for line in text.splitlines() if " %*" in line} == WEAK.keys()
    assert "* fewer than 30 deals: a weak rate" in text
    ranked = report("leaderboard", "--by", "source", "--json").json["rows"]
    assert {r["source"] for r in ranked if r["rank"] is None} == WEAK.keys()


def test_nothing_changed_from_one_year_to_the_next(report: Any) -> None:
    found = report("winloss", "--by", "product", "--period", "2026", "--versus", "last-year", "--json").json
    assert [r["product"] for r in found["rows"] if r["change_more_than_chance"]] == []
    assert found["total"]["before_won_count"] + found["total"]["before_lost_count"] > 30_000
