"""The steps of a user who brings the Maven CRM files: users, accounts, products, 8,800 opportunities. The figures are computed here, with
the csv module and Decimal."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from exports import folder_of, rows

ACCOUNTS = """
# The file's revenue is in millions of dollars.
[multiply]
annual_revenue = 1000000
"""
PIPELINE = """
[values.stage]
Engaging = "Qualification"
{product}
[set]
currency = "USD"
[format]
dates = "mdy"
"""
GTX = '[values.product]\nGTXPro = "GTX Pro"'


@pytest.fixture
def maven(shared: Path, sfa: Sfa) -> Path:
    folder = folder_of(shared, "maven_crm")
    (sfa.folder / "accounts.toml").write_text(ACCOUNTS)
    (sfa.folder / "pipeline.toml").write_text(PIPELINE.format(product=GTX))
    (sfa.folder / "no_gtx.toml").write_text(PIPELINE.format(product=""))
    return folder


def load(sfa: Sfa, maven: Path) -> dict[str, dict[str, Any]]:
    steps = {
        "user": ("sales_teams.csv", "--on-missing", "create"),
        "account": ("accounts.csv", "--map", "accounts.toml"),
        "product": ("products.csv",),
        "opp": ("sales_pipeline.csv", "--map", "pipeline.toml"),
    }
    return {kind: sfa.ok("import", kind, str(maven / file), *more, "--json").json for kind, (file, *more) in steps.items()}


def test_every_row_arrives(sfa: Sfa, maven: Path) -> None:
    done = load(sfa, maven)
    teams, accounts, products, deals = (rows(maven / f"{f}.csv") for f in ("sales_teams", "accounts", "products", "sales_pipeline"))
    managers = {t["manager"] for t in teams}
    assert (len(accounts), len(products), len(deals)) == (85, 7, 8800)
    assert {k: d["new"] for k, d in done.items()} == {"user": len(teams), "account": 85, "product": 7, "opp": 8800}
    assert done["user"]["created"] == {"user": len(managers)}
    assert all(d["rejected"] == 0 and not d["blanked"] for d in done.values())
    left = {k: {c["column"]: c["cells"] for c in d["left_out"]} for k, d in done.items()}
    assert left == {"user": {}, "account": {"year_established": 85}, "product": {}, "opp": {}}


def test_sums_of_won_and_lost(sfa: Sfa, maven: Path) -> None:
    load(sfa, maven)
    file = rows(maven / "sales_pipeline.csv")
    found: list[dict[str, Any]] = sfa.ok("opp", "list", "--json").json
    won = [r for r in file if r["deal_stage"] == "Won"]
    ours = [d for d in found if d["stage"] == "Won"]
    assert (len(won), sum(Decimal(r["close_value"]) for r in won)) == (4238, 10_005_534)
    assert (len(ours), sum(Decimal(d["amount"]["amount"]) for d in ours)) == (4238, 10_005_534)
    stages = Counter({"Engaging": "Qualification"}.get(r["deal_stage"], r["deal_stage"]) for r in file)
    assert Counter(d["stage"] for d in found) == stages and stages["Lost"] == 2473

    def day(text: str) -> str | None:
        month, _, rest = text.partition("/")
        middle, _, year = rest.partition("/")
        return f"{year}-{int(month):02}-{int(middle):02}" if text else None

    wanted = {
        r["opportunity_id"]: (
            r["account"] or None,
            r["sales_agent"],
            {"GTXPro": "GTX Pro"}.get(r["product"], r["product"]),
            day(r["engage_date"]),
            day(r["close_date"]),
            Decimal(r["close_value"]) if r["close_value"] else None,
        )
        for r in file
    }
    assert {
        d["external_id"]: (
            d["account"],
            d["owner"],
            d["product"],
            d["opened"],
            d["closed"],
            Decimal(d["amount"]["amount"]) if d["amount"] else None,
        )
        for d in found
    } == wanted


def test_accounts_as_written(sfa: Sfa, maven: Path) -> None:
    load(sfa, maven)
    wanted = {
        r["account"]: (r["sector"], Decimal(r["revenue"]) * 10**6, int(r["employees"]), r["office_location"], r["subsidiary_of"] or None)
        for r in rows(maven / "accounts.csv")
    }
    found = {
        a["name"]: (a["industry"], Decimal(a["annual_revenue"]["amount"]), a["employees"], a["country"], a["parent"])
        for a in sfa.ok("account", "list", "--json").json
    }
    assert found == wanted
    assert {"technolgy", "Philipines"} <= {cell for row in found.values() for cell in row if isinstance(cell, str)}


def test_a_product_by_another_name_is_never_silently_blank(sfa: Sfa, maven: Path) -> None:
    for kind, file, *more in (
        ("user", "sales_teams.csv", "--on-missing", "create"),
        ("account", "accounts.csv"),
        ("product", "products.csv"),
    ):
        sfa.ok("import", kind, str(maven / file), *more)
    odd = sum(r["product"] == "GTXPro" for r in rows(maven / "sales_pipeline.csv"))
    assert odd == 1480
    refused = sfa("import", "opp", str(maven / "sales_pipeline.csv"), "--map", "no_gtx.toml")
    assert refused.code == 4 and "1,480 rows cannot be loaded" in refused.err
    assert "no product is called 'GTXPro'; did you mean 'GTX Pro'?" in refused.err
    assert sfa.ok("opp", "list", "--json").json == []
    partly = sfa("import", "opp", str(maven / "sales_pipeline.csv"), "--map", "no_gtx.toml", "--rejects", "bad.csv", "--json")
    assert (partly.code, partly.json["new"], partly.json["rejected"]) == (7, 8800 - odd, odd)
    mended = sfa.ok("import", "opp", "bad.csv", "--map", "pipeline.toml", "--json").json
    assert (mended["new"], mended["left_out"]) == (odd, [])


def test_the_same_files_again_change_nothing(sfa: Sfa, maven: Path) -> None:
    load(sfa, maven)
    again = load(sfa, maven)
    assert {k: (d["unchanged"] == d["read"], d["operation"]) for k, d in again.items()} == dict.fromkeys(again, (True, None))


def day(text: str) -> date:
    """A day of the file, month first."""
    month, number, year = map(int, text.split("/"))
    return date(year, month, number)


def test_stale_deals_and_views(sfa: Sfa, maven: Path) -> None:
    """Of won deals nothing is known but their last stage, so nothing is learnt: the setting holds. The views add up to the file."""
    sfa.monkeypatch.setenv("SFA_TODAY", "2018-01-05T12:00:00Z")
    load(sfa, maven)
    file = rows(maven / "sales_pipeline.csv")
    engaged = [day(r["engage_date"]) for r in file if r["deal_stage"] == "Engaging"]
    report = sfa.ok("report", "stale", "--json").json
    assert report["learnt_from_won_deals"] == 0
    assert report["open_deals"] == sum(r["deal_stage"] in ("Engaging", "Prospecting") for r in file)
    silent = Counter((date(2018, 1, 5) - d).days for d in engaged)
    assert Counter(r["silent_days"] for r in report["rows"]) == Counter({n: k for n, k in silent.items() if n > 14})
    assert {(r["usual_days"], r["usual_from"], r["last_touch"] is None) for r in report["rows"]} == {(14, "setting", False)}
    health = sfa.ok("opp", "health", "--json").json
    assert health["deals"] == report["open_deals"]
    assert not [r for r in health["rows"] if {"stalled", "hurried", "contact"} & {w["rule"] for w in r["why"]}]
    quarter = "substr(closed,1,4)||'-Q'||((substr(closed,6,2)+2)/3)"
    query = f"SELECT {quarter} q,sum(won*amount_home) a,sum(won) w,count(*) n FROM v_closed GROUP BY 1"
    views = {r["q"]: (r["a"], r["w"], r["n"]) for r in sfa.ok("sql", query, "--json").json}
    wanted: dict[str, tuple[int, int, int]] = {}
    for r in file:
        if r["deal_stage"] in ("Won", "Lost"):
            closed = day(r["close_date"])
            quarter = f"{closed.year}-Q{(closed.month + 2) // 3}"
            a, w, n = wanted.get(quarter, (0, 0, 0))
            won = r["deal_stage"] == "Won"
            wanted[quarter] = (a + int(Decimal(r["close_value"]) * 100) * won, w + won, n + 1)
    assert views == wanted
    assert [a for a, _, _ in views.values()] == [113467200, 308611100, 298225500, 280249600]


def test_win_loss_by_quarter_rep_product_and_office(sfa: Sfa, maven: Path) -> None:
    """Counts, amounts and rates by plain csv and Decimal. The file's lost deals have an amount of 0: none has a rate by value."""
    load(sfa, maven)
    office = {r["sales_agent"]: r["regional_office"] for r in rows(maven / "sales_teams.csv")}
    boss = {r["sales_agent"]: r["manager"] for r in rows(maven / "sales_teams.csv")}
    series = {r["product"]: r["series"] for r in rows(maven / "products.csv")}
    closed = [r for r in rows(maven / "sales_pipeline.csv") if r["deal_stage"] in ("Won", "Lost")]
    for r in closed:
        month, _, year = r["close_date"].split("/")
        r["quarter"] = f"{year}-Q{(int(month) + 2) // 3}"
        r["product"] = {"GTXPro": "GTX Pro"}.get(r["product"], r["product"])
    keys = {
        "quarter": lambda r: r["quarter"],
        "rep": lambda r: r["sales_agent"],
        "manager": lambda r: boss[r["sales_agent"]],
        "region": lambda r: office[r["sales_agent"]],
        "product": lambda r: r["product"],
        "family": lambda r: series[r["product"]],
        "account": lambda r: r["account"] or None,
    }
    for by, key in keys.items():
        found = {r[by]: r for r in sfa.ok("report", "winloss", "--by", by, "--json").json["rows"]}
        assert found.keys() == {key(r) for r in closed}
        for value, row in found.items():
            own = [r for r in closed if key(r) == value]
            won = [Decimal(r["close_value"]) for r in own if r["deal_stage"] == "Won"]
            assert (row["won_count"], row["lost_count"]) == (len(won), len(own) - len(won))
            assert Decimal(row["won_amount"]["amount"]) == sum(won)
            assert row["win_rate"] == float(Decimal(len(won)) / Decimal(len(own)))
            assert row["win_rate_by_value"] is None
    quarters = sfa.ok("report", "winloss", "--by", "quarter", "--json").json["rows"]
    assert [(r["quarter"], Decimal(r["won_amount"]["amount"])) for r in quarters] == [
        ("2017-Q1", 1_134_672),
        ("2017-Q2", 3_086_111),
        ("2017-Q3", 2_982_255),
        ("2017-Q4", 2_802_496),
    ]


def test_maven_quarter_against_the_one_before(sfa: Sfa, maven: Path) -> None:
    load(sfa, maven)
    report = sfa.ok("report", "winloss", "--by", "region", "--period", "2017-Q2", "--versus", "previous", "--json").json
    assert (report["versus"]["start"], report["versus"]["end"]) == ("2017-01-01", "2017-04-01")
    assert Decimal(report["total"]["before_won_amount"]["amount"]) == 1_134_672
    closed = [r for r in rows(maven / "sales_pipeline.csv") if r["deal_stage"] in ("Won", "Lost")]
    first, second = ([r for r in closed if (int(r["close_date"].split("/")[0]) + 2) // 3 == q] for q in (1, 2))
    one, two = (sum(r["deal_stage"] == "Won" for r in part) / len(part) for part in (first, second))
    assert report["total"]["change"] == pytest.approx(two - one)
    assert report["total"]["change_more_than_chance"] is True  # 82.1 % of 647, then 61.7 % of 2,032


def test_discount_from_the_price_list(sfa: Sfa, maven: Path) -> None:
    """Every deal of the file is one unit of its product. By product and overall, by plain csv and Decimal."""
    load(sfa, maven)
    price = {r["product"]: Decimal(r["sales_price"]) for r in rows(maven / "products.csv")}
    won = [r for r in rows(maven / "sales_pipeline.csv") if r["deal_stage"] == "Won"]
    for r in won:
        r["product"] = {"GTXPro": "GTX Pro"}.get(r["product"], r["product"])
    report = sfa.ok("report", "winloss", "--by", "product", "--discount", "--json").json
    assert {r["product"] for r in report["rows"]} == price.keys()
    for row in (*report["rows"], report["total"]):
        own = [r for r in won if row["product"] in (None, r["product"])]  # None: the total
        whole = sum(price[r["product"]] for r in own)
        assert (row["listed_count"], Decimal(row["list_amount"]["amount"])) == (len(own), whole)
        assert row["discount"] == pytest.approx(float(1 - sum(Decimal(r["close_value"]) for r in own) / whole), abs=1e-12)
        assert (row["lost_listed_count"], row["lost_discount"]) == (0, None)  # the file's lost deals have an amount of 0
    assert (report["total"]["listed_count"], report["total"]["won_count"]) == (4238, 4238)


def test_by_size_nothing_is_named_where_losses_have_no_amount(sfa: Sfa, maven: Path) -> None:
    """No lost deal of the file has an amount: by size only won ones stand in the bands, which says nothing of size."""
    load(sfa, maven)
    report = sfa.ok("report", "winloss", "--by", "deal_size", "--json").json
    assert report["total"]["lost_without_amount"] == report["total"]["lost_count"] == 2473
    assert [r["win_rate"] for r in report["rows"] if r["deal_size"] is not None] == [1.0] * (len(report["rows"]) - 1)
    assert report["notable"] == []
