"""`sfa sql`: the views say what the reports say, now and as of then; nothing but reading is possible; mistakes are told in plain words."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import demokit
import pytest

VIEWS = ("v_opportunity", "v_closed", "v_forecast", "v_stage_visit", "v_account", "v_contact", "v_lead", "v_product", "v_user", "v_stage")
VIEWS += ("v_reason", "v_activity", "v_task", "v_quota", "v_rate")


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demokit.made(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def demo(sfa, company: Path):
    return demokit.given(sfa, company)


def asked(sfa, query: str, *more: str):
    return sfa.ok("sql", query, "--json", *more).json


def cents(amount: dict[str, str]) -> int:
    return int(Decimal(amount["amount"]) * 100)


@pytest.mark.parametrize("moment", [(), ("--as-of", "2026-06-30")])
def test_views_say_what_the_listing_and_the_reports_say(demo, moment) -> None:
    """Every deal of the listing, the totals of win/loss by reason and rep, the forecast's columns, the pipeline."""
    deals = {r["ref"]: r for r in demo.ok("opp", "list", "--json", "--limit", "0", *moment).json}
    rows = asked(demo, "SELECT ref,name,owner,stage,outcome,amount,currency,close,closed,account FROM v_opportunity", *moment)
    assert len(rows) == len(deals) > 1000
    for r in rows:
        deal = deals[r["ref"]]
        names = ("name", "owner", "stage", "close", "account")
        assert [r[n] for n in names] == [deal[n] for n in names]
        assert r["amount"] == (cents(deal["amount"]) if deal["amount"] else None)
        assert r["outcome"] == {"Won": "won", "Lost": "lost"}.get(r["stage"], "open")
    for by, column in (("rep", "owner"), ("reason", "reason"), ("family", "family")):
        report = demo.ok("report", "winloss", "--by", by, "--json", *moment).json
        told = {r[by]: (r["won_count"], r["lost_count"], cents(r["won_amount"]), cents(r["lost_amount"])) for r in report["rows"]}
        sums = "sum(won) w, sum(1-won) l, sum(won*amount_home) wa, sum((1-won)*coalesce(amount_home,0)) la"
        rows = asked(demo, f"SELECT {column},{sums} FROM v_closed GROUP BY 1", *moment)
        assert {r[column]: (r["w"], r["l"], r["wa"], r["la"]) for r in rows} == told
    open_now = demo.ok("report", "pipeline", "--by", "stage", "--json", *moment).json["rows"]
    query = "SELECT stage,count(*) n,sum(amount_home) a,sum(weighted_home) w FROM v_opportunity WHERE outcome='open' GROUP BY 1"
    assert {r["stage"]: (r["n"], r["a"], r["w"]) for r in asked(demo, query, *moment)} == {
        r["stage"]: (r["count"], cents(r["amount"]), cents(r["weighted"])) for r in open_now
    }


@pytest.mark.parametrize("period", ["", "2026-Q3", "2027-Q1"])
@pytest.mark.parametrize("moment", [(), ("--as-of", "2026-08-15")])
def test_the_forecast_view_adds_up_to_the_forecast(demo, period, moment) -> None:
    options = (["--period", period] if period else []) + [*moment]
    report = demo.ok("forecast", "show", "--by", "rep", "--json", *options).json
    names = ("closed", "commit", "most_likely", "best_case", "pipeline")
    told = {(r["rep"], n): cents(r[n]) for r in report["rows"] for n in names if cents(r[n])}
    rows = asked(demo, "SELECT owner,category,sum(amount_home) a,sum(weighted_home) w FROM v_forecast GROUP BY 1,2", *options)
    assert {(r["owner"], r["category"]): r["a"] for r in rows if r["a"]} == told
    assert sum(r["w"] for r in rows) == cents(report["total"]["weighted"])
    overdue = asked(demo, "SELECT coalesce(sum(amount_home),0) a FROM v_forecast WHERE overdue", *options)[0]["a"]
    assert overdue == cents(report["total"]["overdue"])
    assert told


def test_visits_are_those_of_the_report(demo) -> None:
    rows = asked(demo, "SELECT ref,stage,entered,left,days FROM v_stage_visit")
    report = demo.ok("report", "visits", "--json").json
    report = report["rows"] if isinstance(report, dict) else report
    assert len(rows) == len(report) > 5000
    assert Counter(r["stage"] for r in rows) == Counter(r["stage"] for r in report)
    lasted = [r for r in rows if r["entered"] and r["left"]]
    assert all(r["days"] is not None and r["days"] >= 0 for r in lasted)
    assert all(r["days"] is None for r in rows if not (r["entered"] and r["left"]))


def test_every_view_is_listed_with_its_columns(demo) -> None:
    demo.ok("task", "add", "call")
    listed: dict[str, list[str]] = {}
    for row in demo.ok("sql", "--views", "--json").json:
        listed.setdefault(row["view"], []).append(row["column"])
        assert row["meaning"], row
    assert set(listed) == set(VIEWS)
    for name, columns in listed.items():
        rows = asked(demo, f"SELECT * FROM {name} LIMIT 1")
        assert ["", *rows[0]] == columns, name


def test_own_fields_are_columns(sfa) -> None:
    sfa.ok("config", "field", "add", "opp", "arr", "money")
    sfa.ok("opp", "add", "Deal", "amount=10", "arr=7.50")
    assert asked(sfa, "SELECT arr,money(arr,currency) AS t FROM v_opportunity") == [{"arr": 750, "t": "7.50"}]


WRITES = [
    "INSERT INTO opportunity(name) VALUES('x')",
    "UPDATE opportunity SET name='x'",
    "DELETE FROM opportunity",
    "REPLACE INTO writing VALUES(1,2)",
    "WITH x AS (SELECT 1) DELETE FROM op",
    "DROP TABLE opportunity",
    "CREATE TABLE x(a)",
    "CREATE TEMP TABLE x(a)",
    "CREATE TEMP VIEW x AS SELECT 1",
    "ALTER TABLE opportunity ADD COLUMN x",
    "ATTACH 'other.db' AS other",
    "DETACH main",
    "PRAGMA query_only=OFF",
    "PRAGMA journal_mode=DELETE",
    "PRAGMA writable_schema=ON",
    "PRAGMA user_version=99",
    "SELECT * FROM pragma_journal_mode('DELETE')",
    "VACUUM INTO 'copy.db'",
    "REINDEX",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT x",
    "SELECT 1; DELETE FROM opportunity",
    "SELECT load_extension('x')",
    "SELECT secret FROM this",
    "SELECT count(*) FROM erased",
    "SELECT * FROM main.this",
    "INSERT INTO account_search(account_search) VALUES('delete-all')",
    "INSERT INTO temp.fx VALUES('EUR','2026-01-01',1,1,1) -- v_opportunity",
]


@pytest.mark.parametrize("query", WRITES)
def test_nothing_but_reading(sfa, query: str) -> None:
    """Each is refused with exit 2 and leaves the file and the folder as they were."""
    sfa.ok("opp", "add", "Deal", "amount=10")
    kept = hashlib.sha256(sfa.db.read_bytes()).hexdigest()
    listing = sorted(p.name for p in sfa.folder.iterdir())
    refused = sfa("sql", query)
    assert (refused.code, refused.out) == (2, ""), refused
    assert refused.err.startswith("Error: ") and "Traceback" not in refused.err
    assert hashlib.sha256(sfa.db.read_bytes()).hexdigest() == kept
    assert sorted(p.name for p in sfa.folder.iterdir()) == listing
    assert [r["name"] for r in sfa.ok("opp", "list", "--json").json] == ["Deal"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM v_oportunity", "Did you mean v_opportunity?"),
        ("SELECT * FROM opportunities", "Did you mean v_opportunity?"),
        ("SELECT nme FROM v_account", "Did you mean name?"),
        ("SELEC 1", "cannot be read near 'SELEC'"),
        ("SELECT 'a", "unrecognized token"),
        ("SELECT ?", "Write the values into the query."),
        ("", "give one query, or --views"),
        ("/* nothing */", "it has no answer"),
    ],
)
def test_mistakes_in_plain_words(sfa, query: str, said: str) -> None:
    sfa.ok("opp", "add", "Deal")
    failed = sfa("sql", query)
    assert failed.code == 2
    assert said in failed.err


def test_every_format_and_type(sfa) -> None:
    sfa.ok("opp", "add", "=cmd", "amount=10")
    figures = "1<<60 AS big,1.5 AS half,x'00ff' AS blob,NULL AS none,1 AS a,2 AS a,9e999 AS inf"
    query = f"SELECT id AS record_id,name,{figures} FROM v_opportunity"
    row = asked(sfa, query)[0]
    record = str(row["record_id"])
    assert row == {"record_id": row["record_id"], "name": "=cmd", "big": str(2**60), "half": 1.5, "blob": "00ff", "none": None} | {
        "a": 1,
        "a_2": 2,
        "inf": "inf",
    }
    assert sfa.ok("sql", query, "-f", "csv").out.splitlines()[1] == f"{record},'=cmd,{2**60},1.5,00ff,,1,2,inf"
    assert sfa.ok("sql", query).out.splitlines()[1].split("\t") == [record, "=cmd", str(2**60), "1.5", "00ff", "", "1", "2", "inf"]
    for format in ("table", "md", "html", "ndjson"):
        assert "=cmd" in sfa.ok("sql", query, "-f", format).out
    assert sfa.ok("sql", "SELECT name FROM v_opportunity WHERE 0", "--json").json == []


def test_a_missing_rate_stops_the_query_by_name(sfa) -> None:
    sfa.ok("opp", "add", "Deal", "amount=10", "currency=EUR")
    assert asked(sfa, "SELECT count(*) AS n FROM v_opportunity") == [{"n": 1}]
    failed = sfa("sql", "SELECT sum(amount_home) FROM v_opportunity")
    assert failed.code == 4
    assert "there is no exchange rate of EUR to USD on 2026-11-23" in failed.err
    sfa.ok("rate", "set", "EUR", "1.1", "--date", "2026-11-01")
    assert asked(sfa, "SELECT sum(amount_home) AS a FROM v_opportunity") == [{"a": 1100}]


def test_a_query_without_end_can_be_interrupted(sfa) -> None:
    sfa.ok("account", "add", "Pier")
    endless = "WITH RECURSIVE a(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM a) SELECT max(x) FROM a"
    running = subprocess.Popen([sys.executable, "-m", "sfa", "sql", endless], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(2)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    finally:
        running.kill()
    assert (running.returncode, out) == (130, "") and "interrupted" in err
