"""The discount from list price of `sfa report winloss`, `leaderboard` and `lost-from` against plain Python over the listings."""

from __future__ import annotations

import random
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from test_reports import RATES, converted, minor

Sfa = Any
Row = dict[str, Any]
KEYS = {"listed_count", "list_amount", "discount"}
LOST_KEYS = {"lost_" + k for k in KEYS}
PRODUCTS = {
    "Crane": (1_000_000, "USD"),
    "Kran": (777_777, "EUR"),
    "Sensor": (12_345, "JPY"),
    "Advice": (None, "USD"),
    "Sample": (0, "USD"),
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """150 closed deals in three currencies of products in three, some without a price, a product or an amount."""
    from sfa.settings import Settings
    from sfa.store import deals as writer
    from sfa.store.database import connect
    from sfa.store.operations import operation

    path = tmp_path_factory.mktemp("discount") / "company.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
        store = connect(str(path), Settings().calendar(), write=True, me="Boss", currency="USD")
    dice = random.Random(5)
    ids: dict[str | None, int | None] = {None: None}
    stages = dict(store.db.execute("SELECT name,id FROM stage").fetchall())
    with operation(store, "company") as op:
        for name in ("Ann", "Ben"):
            ids[name] = op.insert("user", {"name": name, "active": 1})
        for name, (price, currency) in PRODUCTS.items():
            ids[name] = op.insert("product", {"name": name, "list_price": price, "currency": currency, "active": 1})
        for currency, dated in RATES.items():
            for day, rate in dated:
                op.insert("rate", {"currency": currency, "base": "USD", "date": day, "rate": rate})
    for i in range(150):
        given = {
            "name": f"Deal {i}",
            "owner": ids[dice.choice(["Ann", "Ann", "Ann", "Ben"])],
            "product": ids[dice.choice([*PRODUCTS, "Crane", "Kran", "Crane", None])],
            "amount": dice.choice([None, 0, *[int(10 ** dice.uniform(5, 6.2)) for _ in range(9)]]),
            "currency": dice.choice(["USD", "USD", "EUR", "JPY"]),
            "stage": stages[dice.choice(["Prospecting", "Proposal"])],
            "opened": "2026-01-02",
        }
        with operation(store, "add") as op:
            number = writer.add(op, store.kinds["opportunity"], {k: v for k, v in given.items() if v is not None})
        with operation(store, "close") as op:
            day = f"2026-{dice.choice(['10', '11'])}-{dice.randint(1, 22):02}"
            op.update("opportunity", number, {"stage": stages[dice.choice(["Won", "Lost"])], "closed": day})
    store.close()
    return path


@pytest.fixture
def at(company: Path, sfa: Sfa) -> Sfa:
    sfa.monkeypatch.setenv("SFA_DB", str(company))
    return sfa


def listed(deals: list[Row], prices: dict[str | None, Row | None], stage: str) -> tuple[int, int, float | None]:
    """(deals, cents at list price, discount) of the won or lost deals with an amount and a list price."""
    pairs = []
    for d in deals:
        price = prices.get(d["product"])
        has = d["amount"] is not None and (stage == "Won" or minor(d["amount"]) != 0)
        if d["stage"] == stage and has and price is not None and minor(price) > 0:
            pairs.append((converted(d["amount"], d["closed"]) or 0, converted(price, d["closed"]) or 0))
    amount, whole = (sum(p[i] for p in pairs) for i in (0, 1))
    return len(pairs), whole, float(1 - Fraction(amount, whole)) if whole else None


def check(row: Row, deals: list[Row], prices: dict[str | None, Row | None], lost: str = "") -> None:
    count, whole, discount = listed(deals, prices, "Lost" if lost else "Won")
    assert (row[lost + "listed_count"], minor(row[lost + "list_amount"])) == (count, whole)
    assert row[lost + "discount"] == (None if discount is None else pytest.approx(discount, abs=1e-12))


def prices_of(at: Sfa) -> dict[str | None, Row | None]:
    return {p["name"]: p["list_price"] for p in at.ok("product", "list", "--json").json}


@pytest.mark.parametrize("by", ["rep", "product", "month", "currency"])
def test_discounts_from_the_listings(at: Sfa, by: str) -> None:
    """A product in another currency than the deal, both at the rate of the closed date; without price or amount a deal is left out."""
    deals, prices = at.ok("opp", "list", "--json").json, prices_of(at)
    key = {"rep": "owner", "month": "closed"}.get(by, by)
    report = at.ok("report", "winloss", "--by", by, "--discount", "--json").json
    assert {d["stage"] for d in deals} == {"Won", "Lost"}
    assert 20 < report["total"]["listed_count"] < report["total"]["won_count"]
    for row in (*report["rows"], report["total"]):
        value = row.get(by)
        own = [d for d in deals if row is report["total"] or (d[key] or "")[: len(value or "") if by == "month" else None] == (value or "")]
        assert len(own) == row["won_count"] + row["lost_count"]
        check(row, own, prices)
        check(row, own, prices, "lost_")
    without = [r for r in report["rows"] if r.get("product", "") in ("Advice", "Sample", None)]
    assert len(without) == (3 if by == "product" else 0)
    assert all((r["listed_count"], r["discount"]) == (0, None) for r in without)


def test_the_presets_say_the_same(at: Sfa) -> None:
    deals, prices = at.ok("opp", "list", "--json").json, prices_of(at)
    check(at.ok("report", "leaderboard", "--discount", "--json").json["total"], deals, prices)
    report = at.ok("report", "lost-from", "--discount", "--json").json
    check(report["total"], deals, prices, "lost_")
    assert sum(r["lost_listed_count"] for r in report["rows"]) == report["total"]["lost_listed_count"] > 20


@pytest.mark.parametrize(("name", "keys"), [("winloss", KEYS | LOST_KEYS), ("leaderboard", KEYS), ("lost-from", LOST_KEYS)])
def test_nothing_changes_without_the_option(at: Sfa, name: str, keys: set[str]) -> None:
    plain, more = (at.ok("report", name, *extra, "--json").json for extra in ([], ["--discount"]))
    for row, other in zip((*plain["rows"], plain["total"]), (*more["rows"], more["total"]), strict=True):
        assert other.keys() - row.keys() == keys
        assert {k: other[k] for k in row} == row
    assert plain.keys() == more.keys()


def test_people_see_what_a_discount_rests_on(at: Sfa) -> None:
    """A star below 30 deals; the note tells how many of the won deals."""
    at.monkeypatch.setenv("COLUMNS", "200")
    report = at.ok("report", "winloss", "--by", "rep", "--discount", "--json").json
    text = at.ok("report", "winloss", "--by", "rep", "--discount", "--format", "table").out
    total = report["total"]
    assert f"Discount: of {total['listed_count']} of {total['won_count']} won deals" in text
    ben = next(r for r in report["rows"] if r["rep"] == "Ben")
    assert 0 < ben["listed_count"] < 30 <= total["listed_count"]
    line, last = (next(x for x in text.splitlines() if x.startswith(n)) for n in ("Ben", "Total"))
    assert f"{ben['discount'] * 100:+.1f} %*" in line
    assert f"{total['discount'] * 100:+.1f} %" in last and f"{total['discount'] * 100:+.1f} %*" not in last
    assert "* fewer than 30 deals" in text
    assert "Discount" not in at.ok("report", "winloss", "--by", "rep", "--format", "table").out


@pytest.mark.parametrize("argv", [["winloss"], ["winloss", "--by", "rep"], ["lost-from"], ["leaderboard"], ["winloss", "--shared"]])
def test_it_fits_a_narrow_terminal_and_every_format(at: Sfa, argv: list[str]) -> None:
    import sys

    for shape in ("tsv", "csv", "ndjson", "md", "html"):
        assert "discount" in at.ok("report", *argv, "--discount", "--format", shape).out.lower(), shape
    at.monkeypatch.setenv("COLUMNS", "80")
    at.monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: True, raising=False)
    compared = ["--period", "2026-11", "--versus", "previous"]
    text = re.sub("\x1b\\[[0-9;]*m", "", at.ok("report", *argv, *compared, "--discount", "--format", "table").out)
    assert max(map(len, text.splitlines())) <= 80 and "…" not in text and "Discount" in text
    assert "one unit" in at.ok("report", argv[0], "--explain").out


def test_the_price_is_the_one_the_product_has(sfa: Sfa) -> None:
    """Not that of the day of the deal; in an earlier state of the file it is the one known then."""
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-20T12:00:00Z")
    sfa.ok("product", "add", "Crane", "list_price=100")
    sfa.ok("opp", "add", "Deal", "--product", "Crane", "--amount", "90")
    sfa.ok("opp", "win", "Deal")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    sfa.ok("product", "edit", "Crane", "list_price=60")
    now, then = (sfa.ok("report", "winloss", "--discount", "--json", *x).json["total"] for x in ([], ["--as-of", "2026-11-21"]))
    assert (now["discount"], then["discount"]) == (-0.5, 0.1)


def test_a_lost_deal_counts_at_its_last_amount(sfa: Sfa) -> None:
    sfa.ok("product", "add", "Crane", "list_price=100")
    sfa.ok("opp", "add", "Deal", "--product", "Crane", "--amount", "80")
    sfa.ok("opp", "edit", "Deal", "amount=0")
    sfa.ok("opp", "lose", "Deal", "--reason", "no budget")
    total = sfa.ok("report", "lost-from", "--discount", "--json").json["total"]
    assert (total["lost_listed_count"], minor(total["lost_list_amount"]), total["lost_discount"]) == (1, 10_000, 0.2)


def test_a_list_price_without_a_rate_is_refused_by_name(sfa: Sfa) -> None:
    sfa.ok("product", "add", "Kran", "list_price=100", "currency=CHF")
    sfa.ok("opp", "add", "Deal", "--product", "Kran", "--amount", "80")
    sfa.ok("opp", "win", "Deal", "closed=2026-11-03")
    assert sfa.ok("report", "winloss", "--json").json["total"]["won_count"] == 1
    failed = sfa("report", "winloss", "--discount", "--json")
    assert (failed.code, failed.out) == (4, "")
    assert "no exchange rate of CHF to USD on 2026-11-03" in failed.err
