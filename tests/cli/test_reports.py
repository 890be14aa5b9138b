"""Reports of the real program against plain Python over the rows of `sfa opp list --json`, with Decimal and Fraction."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Sfa = Any
Row = dict[str, Any]
COLUMNS = ("closed", "commit", "most_likely", "best_case", "pipeline")
DIGITS = {"JPY": 0, "KWD": 3}
START, END, TODAY = "2026-10-01", "2027-01-01", "2026-11-23"
RATES = {"EUR": [("2026-01-01", "1.0842"), ("2026-11-01", "1.1")], "JPY": [("2026-01-01", "0.0066666667")], "KWD": [("2025-12-31", "3.25")]}
NUMBERS = itertools.count()
USERS = ("Boss", "Nora", "Sam", "Ann", "Ben", "Cat")
MANAGERS = {"Nora": "Boss", "Sam": "Boss", "Ann": "Nora", "Ben": "Nora", "Cat": "Sam"}
TEAMS = {"Nora": "North", "Ann": "North", "Ben": "North", "Sam": "South", "Cat": "South"}

DEALS = st.lists(
    st.fixed_dictionaries(
        {
            "owner": st.sampled_from([None, *USERS]),
            "stage": st.sampled_from(["Prospecting", "Qualification", "Proposal", "Negotiation", "Won", "Lost"]),
            "category": st.sampled_from(["", "", "most_likely", "omitted", "commit"]),
            "probability": st.sampled_from([None, 0, 33, 55]),
            "amount": st.one_of(st.none(), st.integers(-(10**5), 10**9), st.just(0)),
            "currency": st.sampled_from(["USD", "USD", "EUR", "JPY", "KWD"]),
            "close": st.one_of(
                st.none(), st.sampled_from(["2026-09-30", "2026-10-01", "2026-11-22", "2026-11-23", "2026-12-31", "2027-01-01"])
            ),
            "closed": st.sampled_from(["2026-09-30", "2026-10-01", "2026-11-01", "2026-12-31", "2027-01-01"]),
            "opened": st.sampled_from([None, "2026-01-15", "2026-09-01", "2026-10-31"]),
            "source": st.sampled_from([None, "web", "referral"]),
            "account": st.sampled_from([None, "Acme", "Basel AG", "Città"]),
            "product": st.sampled_from([None, "Meter", "Valve"]),
            "type": st.sampled_from([None, "new", "existing"]),
        }
    ),
    max_size=14,
)


def new_book(sfa: Sfa, deals: Iterable[Row], home: str = "USD", quotas: Iterable[tuple[str, str, int]] = ()) -> None:
    """A fresh database with six people, three accounts, two products and these deals, written through the program's own writer."""
    path = sfa.folder / f"book{next(NUMBERS)}.db"
    sfa.monkeypatch.setenv("SFA_DB", str(path))
    from sfa.settings import Settings
    from sfa.store import deals as writer
    from sfa.store.database import connect
    from sfa.store.operations import operation

    store = connect(str(path), Settings().calendar(), write=True, me="Boss", currency=home)
    kind = store.kinds["opportunity"]
    with operation(store, "book") as op:
        ids: dict[str | None, int | None] = {None: None, "Boss": store.db.execute("SELECT id FROM user").fetchone()[0]}
        for name in USERS[1:]:
            ids[name] = op.insert("user", {"name": name, "manager": ids[MANAGERS[name]], "team": TEAMS.get(name), "active": 1})
        for name, industry, country in (("Acme", "steel", "US"), ("Basel AG", "pharma", "Switzerland"), ("Città", None, "Italy")):
            ids[name] = op.insert("account", {"name": name, "industry": industry, "country": country, "types": "customer"})
        for name, family in (("Meter", "sensors"), ("Valve", None)):
            ids[name] = op.insert("product", {"name": name, "family": family, "active": 1})
        stages = dict(store.db.execute("SELECT name,id FROM stage").fetchall())
        reasons = dict(store.db.execute("SELECT name,id FROM reason").fetchall())
        for currency, dated in RATES.items():
            for day, rate in dated:
                op.insert("rate", {"currency": currency, "base": "USD", "date": day, "rate": rate})
        for owner, days, amount in quotas:
            covers = "team" if owner in MANAGERS.values() else "own"
            op.insert(
                "quota", {"owner": ids[owner], "period": days, "amount": amount, "currency": "USD", "covers": covers, "measure": "revenue"}
            )
        for i, d in enumerate(deals):
            given = {k: d[k] for k in ("amount", "currency", "close", "opened", "source", "type", "probability") if d.get(k) is not None}
            given |= {"name": f"Deal {i}", "stage": stages[d["stage"]], "account": ids[d.get("account")], "product": ids[d.get("product")]}
            given["owner"] = ids[d.get("owner")]
            if d["stage"] in ("Won", "Lost"):
                given |= {"closed": d["closed"], "reason": reasons["Best fit" if d["stage"] == "Won" else "No budget"]}
                given.pop("probability", None)
            elif d.get("category"):
                given["category"] = d["category"]
            number = writer.add(op, kind, {k: v for k, v in given.items() if v is not None or k == "owner"})
            if d.get("opened") is None:
                op.update("opportunity", number, {"opened": None})
    store.close()


@pytest.fixture
def book(sfa: Sfa) -> Callable[..., None]:
    return lambda *a, **k: new_book(sfa, *a, **k)


def minor(money: Row | None) -> int:
    """Minor units of a JSON amount."""
    return 0 if money is None else int(Decimal(money["amount"]).scaleb(DIGITS.get(money["currency"], 2)))


def converted(money: Row | None, day: str) -> int | None:
    """Cents of USD at the latest rate on or before a day, half to even."""
    if money is None:
        return None
    if money["currency"] == "USD":
        return minor(money)
    rate = [r for d, r in RATES[money["currency"]] if d <= day][-1]
    return round(Fraction(money["amount"]) * Fraction(rate) * 100)


def counted(rows: list[Row]) -> list[tuple[Row, str, str, int]]:
    """(deal, column, place, cents) of every deal that a forecast of the fourth quarter knows, by the definitions alone."""
    out = []
    for r in rows:
        won, lost = r["stage"] == "Won", r["stage"] == "Lost"
        if lost or (won and not START <= r["closed"] < END):
            continue
        amount = converted(r["amount"], r["closed"] if won else TODAY) or 0
        place = "in"
        if not won:
            place = "undated" if r["close"] is None else "before" if r["close"] < START else "after" if r["close"] >= END else "in"
        out.append((r, "closed" if won else r["category"], place, amount))
    return out


def check_row(row: Row, deals: list[tuple[Row, str, str, int]]) -> None:
    """One row of a forecast against the deals that belong to it."""
    single = {c: sum(a for _, col, p, a in deals if col == c and p == "in") for c in COLUMNS}
    assert {c: minor(row[c]) for c in COLUMNS} == single
    commit = single["closed"] + single["commit"]
    likely = commit + single["most_likely"]
    cumulative = {"commit": commit, "most_likely": likely, "best_case": likely + single["best_case"]}
    cumulative["open_pipeline"] = sum(single.values()) - single["closed"]
    assert {k: minor(v) for k, v in row["cumulative"].items()} == cumulative
    open_ones = [(r, a, p) for r, c, p, a in deals if c not in ("closed", "omitted")]
    weighted = sum(round(Fraction(a * r["probability"], 100)) for r, a, p in open_ones if p == "in")
    assert minor(row["weighted"]) == weighted
    assert minor(row["overdue"]) == sum(a for r, a, p in open_ones if p == "in" and r["close"] < TODAY)
    assert minor(row["undated"]) == sum(a for _, a, p in open_ones if p == "undated")
    assert minor(row["due_before"]) == sum(a for _, a, p in open_ones if p == "before")
    assert row["counts"]["closed"] == sum(c == "closed" and p == "in" for _, c, p, _ in deals)
    assert row["counts"]["omitted"] == sum(c == "omitted" and p == "in" for _, c, p, _ in deals)
    assert row["counts"]["without_amount"] == sum(r["amount"] is None and c != "omitted" and p == "in" for r, c, p, _ in deals)


INDUSTRY = {"Acme": "steel", "Basel AG": "pharma"}
FAMILY = {"Meter": "sensors"}
KEYS: dict[str, Callable[[Row], Any]] = {
    "rep": lambda r: r["owner"],
    "team": lambda r: TEAMS.get(r["owner"]),
    "product": lambda r: r["product"],
    "family": lambda r: FAMILY.get(r["product"]),
    "stage": lambda r: r["stage"],
    "source": lambda r: r["source"],
    "industry": lambda r: INDUSTRY.get(r["account"]),
    "currency": lambda r: r["currency"],
    "type": lambda r: r["type"],
}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEALS)
def test_forecast_from_the_listing(sfa: Sfa, deals: list[Row]) -> None:
    new_book(sfa, deals)
    known = counted(sfa.ok("opp", "list", "--json").json)
    for by, key in KEYS.items():
        report = sfa.ok("forecast", "--period", "2026-Q4", "--by", by, "--json").json
        check_row(report["total"], known)
        rows = {r[by]: r for r in report["rows"]}
        assert len(rows) == len(report["rows"])
        for value, row in rows.items():
            check_row(row, [d for d in known if key(d[0]) == value])
        assert {key(d[0]) for d in known if d[2] != "after" and d[1] != "omitted"} <= rows.keys()
    for by in ("category", "month", "quarter", "country", "account", "competitor", "rep,month", "product,type"):
        report = sfa.ok("forecast", "--period", "2026-Q4", "--by", by, "--json").json
        for column in (*COLUMNS, "weighted", "overdue"):
            assert sum(minor(r[column]) for r in report["rows"]) == minor(report["total"][column])
        check_row(report["total"], known)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEALS)
def test_win_loss_from_the_listing(sfa: Sfa, deals: list[Row]) -> None:
    new_book(sfa, deals)
    rows = [r for r in sfa.ok("opp", "list", "--json").json if r["stage"] in ("Won", "Lost")]
    for by in ("rep", "source", "product", "industry"):
        report = sfa.ok("report", "winloss", "--by", by, "--json").json
        check_outcomes(report["total"], rows)
        assert sum(r["won_count"] + r["lost_count"] for r in report["rows"]) == len(rows)
        for row in report["rows"]:
            check_outcomes(row, [r for r in rows if KEYS[by](r) == row[by]])


def check_outcomes(row: Row, deals: list[Row]) -> None:
    won, lost = ([d for d in deals if d["stage"] == s] for s in ("Won", "Lost"))
    assert (row["won_count"], row["lost_count"]) == (len(won), len(lost))
    assert row["win_rate"] == (len(won) / len(deals) if deals else None)
    amount = sum(converted(d["amount"], d["closed"]) or 0 for d in won)
    with_amount = [d for d in lost if d["amount"] and minor(d["amount"])]
    lost_amount = sum(converted(d["amount"], d["closed"]) or 0 for d in with_amount)
    assert (minor(row["won_amount"]), minor(row["lost_amount"])) == (amount, lost_amount)
    assert row["lost_without_amount"] == len(lost) - len(with_amount)
    if won:
        assert minor(row["average_deal"]) == round(Fraction(amount, len(won)))
    enough = len(lost) - len(with_amount) <= Fraction(len(lost), 5)
    whole = amount + lost_amount
    assert row["win_rate_by_value"] == (pytest.approx(amount / whole) if enough and whole > 0 else None)
    days = [(date.fromisoformat(d["closed"]) - date.fromisoformat(d["opened"])).days for d in won if d["opened"]]
    days = [n for n in days if n >= 0]
    assert row["cycle_mean_days"] == (pytest.approx(statistics.fmean(days)) if days else None)
    assert row["cycle_median_days"] == (statistics.median(days) if days else None)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DEALS)
def test_pipeline_from_the_listing(sfa: Sfa, deals: list[Row]) -> None:
    new_book(sfa, deals)
    rows = sfa.ok("opp", "list", "is:open", "--json").json
    for by in ("stage", "rep", "currency"):
        report = sfa.ok("report", "pipeline", "--by", by, "--json").json
        for row, mine in [(report["total"], rows), *((r, [d for d in rows if KEYS[by](d) == r[by]]) for r in report["rows"])]:
            amounts = [(d, converted(d["amount"], TODAY) or 0) for d in mine]
            assert (row["count"], minor(row["amount"])) == (len(mine), sum(a for _, a in amounts))
            weighted = sum(round(Fraction(a * d["probability"], 100)) for d, a in amounts if d["category"] != "omitted")
            assert minor(row["weighted"]) == weighted
            late = [a for d, a in amounts if d["close"] and d["close"] < TODAY]
            assert (row["overdue_count"], minor(row["overdue"])) == (len(late), sum(late))
            ages = [(date.fromisoformat(TODAY) - date.fromisoformat(d["opened"])).days for d in mine if d["opened"]]
            assert row["average_age_days"] == (pytest.approx(statistics.fmean(ages)) if ages else None)


# The hierarchy, quotas, credit ------------------------------------------------------------------------------------------------------

QUARTER = "2026-10-01/2027-01-01"


def deal(owner: str | None, stage: str, amount: int, close: str = "2026-12-01", closed: str = "2026-11-05", **more: Any) -> Row:
    return {"owner": owner, "stage": stage, "amount": amount, "currency": "USD", "close": close, "closed": closed, **more}


def test_the_vector_of_salesforce(sfa: Sfa, book: Callable[..., None]) -> None:
    stages = {"Won": 50, "Negotiation": 100, "Proposal": 150, "Prospecting": 200}
    book([deal("Ann", s, a * 100) for s, a in stages.items()])
    total = sfa.ok("forecast", "--period", "2026-Q4", "--json").json["total"]
    assert [minor(total[c]) // 100 for c in ("closed", "commit", "best_case", "pipeline")] == [50, 100, 150, 200]
    assert {k: minor(v) // 100 for k, v in total["cumulative"].items()} == {
        "commit": 150,
        "most_likely": 150,
        "best_case": 300,
        "open_pipeline": 450,
    }
    lines = sfa.ok("forecast", "--period", "2026-Q4", "--format", "table").out.splitlines()
    assert lines[2].split() == ["rep", "Closed", "Commit", "Best", "case", "Open", "pipeline", "Weighted"]
    assert lines[-1].split() == ["Total", "50", "150", "300", "450", "170"]
    single = sfa.ok("forecast", "--period", "2026-Q4", "--single", "--format", "table").out.splitlines()
    assert single[2].split() == ["rep", "Closed", "Commit", "Best", "case", "Pipeline", "Weighted"]
    assert single[-1].split() == ["Total", "50", "100", "150", "200", "170"]


def test_attainment_gap_coverage_and_those_without_quota(sfa: Sfa, book: Callable[..., None]) -> None:
    deals = [deal("Ann", "Won", 40_000), deal("Ben", "Won", 10_000), deal("Cat", "Won", 90_000), deal("Cat", "Proposal", 30_000)]
    book(deals, quotas=[("Ann", QUARTER, 100_000), ("Cat", QUARTER, 60_000)])
    report = sfa.ok("forecast", "--period", "2026-Q4", "--json").json
    rows = {r["rep"]: r for r in report["rows"]}
    assert (rows["Ann"]["attainment"], minor(rows["Ann"]["gap"]), rows["Ann"]["coverage"]) == (0.4, 60_000, 0.0)
    assert (rows["Cat"]["attainment"], minor(rows["Cat"]["gap"]), rows["Cat"]["coverage"]) == (1.5, -30_000, None)
    assert (rows["Ben"]["quota"], rows["Ben"]["attainment"]) == (None, None)
    # Of 140,000 closed only 130,000 were closed by people with a quota; together they have 160,000.
    assert report["total"]["attainment"] == 130 / 160
    assert minor(report["total"]["gap"]) == 30_000
    assert report["total"]["coverage"] == 1.0
    assert report["without_quota"] == {"people": ["Ben"], "closed": {"amount": "100.00", "currency": "USD"}}
    shown = sfa.ok("forecast", "--period", "2026-Q4", "--format", "table").out
    assert "met" in next(line for line in shown.splitlines() if line.strip().startswith("Cat"))
    assert "Without quota: 1 person, closed 100 USD" in shown


def test_quota_columns_are_blank_where_quotas_have_no_such_slice(sfa: Sfa, book: Callable[..., None]) -> None:
    book([deal("Ann", "Won", 40_000, source="web")], quotas=[("Ann", QUARTER, 100_000)])
    for argv in (["--by", "product"], ["--by", "source"], ["source:web"], ["--by", "rep,stage"]):
        report = sfa.ok("forecast", "--period", "2026-Q4", *argv, "--json").json
        assert report["total"]["quota"] is None, argv
        assert report["total"]["attainment"] is None
        assert "Quota" not in sfa.ok("forecast", "--period", "2026-Q4", *argv, "--format", "table").out
    for argv in (["--by", "team"], ["--by", "month"], ["owner:Ann"], ["owner.team:North"]):
        assert sfa.ok("forecast", "--period", "2026-Q4", *argv, "--json").json["total"]["attainment"] == 0.4, argv
    months = sfa.ok("forecast", "--period", "2026-Q4", "--by", "month", "--json").json["rows"]
    assert [(m["month"], minor(m["quota"])) for m in months] == [("2026-10", 33_334), ("2026-11", 33_333), ("2026-12", 33_333)]
    teams = sfa.ok("forecast", "--period", "2026-Q4", "--by", "team", "--json").json["rows"]
    assert {t["team"]: t["attainment"] for t in teams} == {"North": 0.4}


def test_two_dimensions_share_quotas_only_where_they_have_them(sfa: Sfa, book: Callable[..., None]) -> None:
    quotas = [("Ann", QUARTER, 90_000), ("Ben", QUARTER, 30_000), ("Cat", QUARTER, 60_000)]
    book([deal("Ann", "Won", 40_000), deal("Cat", "Proposal", 30_000)], quotas=quotas)

    def report(by: str) -> Row:
        return sfa.ok("forecast", "--period", "2026-Q4", "--by", by, "--json").json

    # Each row has its own part, people and months without a deal included, so that the rows add up to the total.
    months = [("2026-10", 60_000), ("2026-11", 60_000), ("2026-12", 60_000)]
    assert [(r["month"], minor(r["quota"])) for r in report("quarter,month")["rows"]] == months
    assert [(r["month"], minor(r["quota"])) for r in report("month,quarter")["rows"]] == months
    for by, n in (("rep,month", 9), ("month,rep", 9), ("team,month", 6), ("rep,team", 3), ("quarter,rep", 3)):
        made = report(by)
        assert (len(made["rows"]), sum(minor(r["quota"]) for r in made["rows"]), minor(made["total"]["quota"])) == (n, 180_000, 180_000), by
    assert {(r["rep"], r["month"]): minor(r["quota"]) for r in report("rep,month")["rows"]}["Ben", "2026-12"] == 10_000
    # A team of a manager has no quota of its own: neither the manager's nor the team's is it.
    for by in ("manager,team", "team,region"):
        assert report(by)["total"]["quota"] is None, by


def test_a_dimension_named_like_a_figure_stands_beside_it(sfa: Sfa, book: Callable[..., None]) -> None:
    book([deal("Ann", "Prospecting", 700)])
    for shape in ("table", "csv"):
        assert "Sales" in sfa.ok("forecast", "--by", "pipeline", "--format", shape).out
    row = sfa.ok("forecast", "--by", "pipeline", "--json").json["rows"][0]
    assert (row["pipeline_name"], minor(row["pipeline"])) == ("Sales", 700)
    sfa.ok("config", "field", "add", "opp", "count", "text")
    sfa.ok("opp", "edit", "O-1", "count=first")
    row = sfa.ok("report", "pipeline", "--by", "count", "--json").json["rows"][0]
    assert (row["count_name"], row["count"]) == ("first", 1)


def test_months_do_not_show_what_is_due_before(sfa: Sfa, book: Callable[..., None]) -> None:
    book([deal("Ann", "Proposal", 700, close="2026-08-15"), deal("Ann", "Proposal", 50, close="2026-10-15")])
    report = sfa.ok("forecast", "--period", "2026-Q4", "--by", "month", "--json").json
    assert [r["month"] for r in report["rows"]] == ["2026-10"]
    assert (minor(report["total"]["due_before"]), minor(report["total"]["overdue"])) == (700, 50)
    notes = sfa.ok("forecast", "--period", "2026-Q4", "--format", "table").out
    assert "Of which overdue (expected close has passed): 1 deal, 0.50 USD" in notes
    assert "Due before the period and still open, in no column: 1 deal, 7 USD" in notes


def test_three_levels_and_the_tree(sfa: Sfa, book: Callable[..., None]) -> None:
    amounts = {"Boss": 1, "Nora": 10, "Ann": 100, "Ben": 1000, "Cat": 10_000}
    book([deal(who, "Won", a * 100) for who, a in amounts.items()], quotas=[("Nora", QUARTER, 500_000), ("Ann", QUARTER, 20_000)])
    report = sfa.ok("forecast", "--period", "2026-Q4", "--json").json
    assert [(r["rep"], r["manager"], r["level"], minor(r["closed"]) // 100) for r in report["rows"]] == [
        ("Boss", None, 0, 1),
        ("Nora", "Boss", 1, 10),
        ("Ann", "Nora", 2, 100),
        ("Ben", "Nora", 2, 1000),
        ("Cat", "Sam", 2, 10_000),
    ]
    assert all(r["rep_ref"].startswith("U-") for r in report["rows"])
    subtotals = {m["manager"]: (m["level"], minor(m["closed"]) // 100) for m in report["managers"]}
    assert subtotals == {"Boss": (0, 11_111), "Nora": (1, 1110), "Sam": (1, 10_000)}
    nora = next(m for m in report["managers"] if m["manager"] == "Nora")
    assert (minor(nora["quota"]), nora["attainment"]) == (500_000, 0.222)
    by_manager = sfa.ok("forecast", "--period", "2026-Q4", "--by", "manager", "--json").json
    assert {r["manager"]: (r["level"], minor(r["closed"]) // 100) for r in by_manager["rows"]} == subtotals
    assert minor(by_manager["total"]["closed"]) == 1_111_100
    text = sfa.ok("forecast", "--period", "2026-Q4", "--format", "table").out
    first = [line[:14].rstrip() for line in text.splitlines()[4:14] if not line.startswith("--")]
    assert first == ["Boss", "  Boss (own)", "  Nora", "    Nora (own)", "    Ann", "    Ben", "  Sam", "    Cat", "Total"]
    assert "Nora: quota 5,000 USD, assigned to reports 200 USD (-96.0 %)" in text


def test_reporting_lines_of_an_ended_period_stay(sfa: Sfa) -> None:
    def at(day: str) -> None:
        sfa.monkeypatch.setenv("SFA_TODAY", day)

    at("2026-01-05")
    for name, manager in (("Boss", ""), ("Nora", "Boss"), ("Sam", "Boss"), ("Ann", "Nora")):
        sfa.ok("user", "add", name, f"manager={manager}")
    at("2026-02-01")
    sfa.ok("opp", "add", "One", "--owner", "Ann", "--amount", "100", "--close", "2026-02-01")
    sfa.ok("opp", "win", "One")
    sfa.ok("opp", "add", "Two", "--owner", "Ann", "--amount", "1000", "--close", "2026-05-01")
    at("2026-06-10")
    sfa.ok("user", "edit", "Ann", "manager=Sam", "--effective", "2026-04-15")

    def managers(period: str, *more: str) -> dict[str, int]:
        report = sfa.ok("forecast", "--period", period, "--by", "manager", "--json", *more).json
        return {r["manager"]: minor(r["closed"]) // 100 + minor(r["pipeline"]) // 100 for r in report["rows"] if r["level"] == 1}

    assert managers("2026-Q1") == {"Nora": 100}
    assert managers("2026-Q2") == {"Sam": 1000}
    assert managers("2026-Q2", "--as-of", "2026-04-10") == {"Nora": 1000}
    assert managers("2026-Q2", "--as-of", "2026-04-20") == {"Sam": 1000}
    # A period from before anybody was on record: the first manager that is known.
    assert managers("2025-Q4") == {}
    sfa.ok("opp", "add", "Old", "--owner", "Ann", "--amount", "7", "stage=won", "closed=2025-11-11")
    assert managers("2025-Q4") == {"Nora": 7}


def test_a_won_deal_credits_its_owner_at_winning(sfa: Sfa) -> None:
    for name in ("Ann", "Ben"):
        sfa.ok("user", "add", name)
    sfa.ok("opp", "add", "Kept", "--owner", "Ann", "--amount", "100", "--close", "2026-12-01")
    sfa.ok("opp", "add", "Lost", "--owner", "Ann", "--amount", "3", "--close", "2026-12-01")
    sfa.ok("opp", "win", "Kept", "closed=2026-11-05")
    sfa.ok("opp", "lose", "Lost", "--reason", "no budget")
    sfa.ok("opp", "edit", "Kept", "description=amended")
    sfa.ok("opp", "edit", "Kept", "owner=Ben")
    sfa.ok("opp", "edit", "Lost", "owner=Ben")
    assert sfa.ok("opp", "show", "Kept", "--json").json["owner"] == "Ben"
    rows = sfa.ok("forecast", "--period", "2026-Q4", "--json").json["rows"]
    assert [(r["rep"], minor(r["closed"])) for r in rows] == [("Ann", 10_000)]
    outcomes = sfa.ok("report", "winloss", "--by", "rep", "--json").json["rows"]
    assert {r["rep"]: (r["won_count"], r["lost_count"]) for r in outcomes} == {"Ann": (1, 0), "Ben": (0, 1)}
    # Won again by somebody else after a reopening: the last winning counts.
    sfa.ok("opp", "reopen", "Kept")
    sfa.ok("opp", "win", "Kept", "closed=2026-11-06")
    rows = sfa.ok("forecast", "--period", "2026-Q4", "--json").json["rows"]
    assert [r["rep"] for r in rows] == ["Ben"]


def test_a_lost_deal_counts_at_its_last_open_amount(sfa: Sfa) -> None:
    sfa.ok("opp", "add", "Big", "--amount", "500", "--close", "2026-12-01")
    sfa.ok("opp", "edit", "Big", "amount=800")
    sfa.ok("opp", "edit", "Big", "amount=0")
    sfa.ok("opp", "lose", "Big", "amount=", "--reason", "no budget")
    sfa.ok("opp", "add", "Blank")
    sfa.ok("opp", "lose", "Blank", "--reason", "no budget")
    sfa.ok("opp", "add", "Back", "--amount", "9")
    sfa.ok("opp", "win", "Back")
    sfa.ok("opp", "reopen", "Back")
    report = sfa.ok("report", "winloss", "--json").json
    assert minor(report["total"]["lost_amount"]) == 80_000
    assert report["left_out"] == {
        "lost_without_amount": 1,
        "negative_cycles": 0,
        "cycles_without_dates": 0,
        "closed_without_date": 0,
        "reopened_since": 1,
    }
    assert report["total"]["win_rate_by_value"] is None
    by_stage = sfa.ok("report", "winloss", "--by", "stage", "--json").json["rows"]
    assert [(r["stage"], r["lost_count"]) for r in by_stage] == [("Prospecting", 2)]


def test_as_of(sfa: Sfa) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-10-10T09:00:00Z")
    sfa.ok("opp", "add", "One", "--amount", "100", "--close", "2026-11-01", "stage=proposal")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-10-10T10:00:00Z")
    before = sfa.ok("forecast", "--json").json
    won = sfa.ok("report", "pipeline", "--json").json
    sfa.monkeypatch.setenv("SFA_TODAY", "2027-02-10T09:00:00Z")
    sfa.ok("opp", "win", "One", "amount=120")
    later = sfa.ok("forecast", "--as-of", "2026-10-10T10:00:00Z", "--json").json
    assert later == before
    assert sfa.ok("report", "pipeline", "--as-of", "2026-10-10T10:00:00Z", "--json").json == won
    assert later["period"] == {"name": "2026-Q4", "start": "2026-10-01", "end": "2027-01-01"}
    assert sfa.ok("report", "winloss", "--as-of", "2026-10-11", "--json").json["rows"] == []
    assert sfa.ok("report", "funnel", "--as-of", "2026-10-11", "--json").json["rows"][2]["open"] == 1
    assert sfa.ok("opp", "board", "--as-of", "2026-10-11", "--json").json[0]["stage"] == "Proposal"


# Currencies -------------------------------------------------------------------------------------------------------------------------


def test_rates_of_the_day_and_of_the_plan(sfa: Sfa) -> None:
    sfa.ok("rate", "set", "EUR", "0.9", "--date", "2026-09-01")
    sfa.ok("rate", "set", "EUR", "1.2", "--date", "2026-11-01")
    sfa.ok("rate", "set", "USD", "0.8", "--base", "EUR", "--date", "2026-11-20")
    sfa.ok("opp", "add", "A", "--amount", "100 EUR", "stage=won", "closed=2026-11-02")
    sfa.ok("opp", "add", "B", "--amount", "10000 EUR", "--close", "2026-12-01")
    sfa.ok("quota", "set", "me", "2026-Q4", "200 EUR")
    report = sfa.ok("forecast", "--json").json
    total = report["total"]
    assert minor(total["closed"]) == 12_000
    assert minor(total["pipeline"]) == 1_250_000  # 10,000 EUR at 1 / 0.8, the inverse of the latest rate
    assert report["rates"] == [{"currency": "EUR", "date": "2026-11-20"}]
    assert (minor(total["quota"]), minor(total["closed_at_plan_rate"])) == (18_000, 9_000)
    assert (total["attainment"], minor(total["gap"])) == (0.5, 9_000)
    assert "rates: EUR of 2026-11-20" in sfa.ok("forecast", "--format", "table").out


def test_a_missing_rate_stops_and_names_the_way(sfa: Sfa) -> None:
    sfa.ok("rate", "set", "EUR", "1.1", "--date", "2026-11-01")
    sfa.ok("opp", "add", "A", "--amount", "100 EUR", "stage=won", "closed=2026-10-15")
    sfa.ok("opp", "add", "B", "currency=JPY", "--close", "2026-12-01")
    for argv in (["forecast"], ["report", "winloss"]):
        failed = sfa(*argv, "--json")
        assert (failed.code, failed.out) == (4, ""), argv
        assert "EUR to USD on 2026-10-15" in failed.err
        assert "sfa rate set EUR RATE --date 2026-01-01" in failed.err
    sfa.ok("rate", "set", "EUR", "1.1", "--date", "2026-10-01")
    assert minor(sfa.ok("forecast", "--json").json["total"]["closed"]) == 11_000
    sfa.ok("opp", "edit", "B", "amount=5000")
    assert sfa("report", "pipeline").code == sfa("forecast").code == 4
    assert "EUR" not in sfa.ok("opp", "board", "--format", "table").out.splitlines()[0]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(-(10**15), 10**15), st.sampled_from(["EUR", "JPY", "KWD"]), st.integers(0, 100)), min_size=1, max_size=6
    ),
    st.sampled_from(["USD", "JPY", "KWD", "EUR"]),
    st.dictionaries(
        st.sampled_from(["EUR", "JPY", "KWD", "USD"]),
        st.one_of(
            st.sampled_from(["1", "0.000000000001", "999999999999.999999999999", "1.5", "151.37"]),
            st.decimals("0.0001", "9999", places=6).map(str),
        ),
        min_size=4,
        max_size=4,
    ),
    st.booleans(),
)
def test_conversion_in_sql_is_exact(
    sfa: Sfa, tmp_path: Path, deals: list[tuple[int, str, int]], home: str, priced: dict[str, str], inverse: bool
) -> None:
    check_conversion(tmp_path, deals, home, priced, inverse)


@pytest.mark.parametrize(("home", "rate"), [("USD", "1.084231"), ("USD", "0.333333333333"), ("KWD", "9.999999"), ("JPY", "151.37")])
@pytest.mark.parametrize("inverse", [False, True])
def test_conversion_of_amounts_that_overflow(tmp_path: Path, home: str, rate: str, inverse: bool) -> None:
    deals = [(sign * (10**15 - odd), "EUR", percent) for sign in (1, -1) for odd in (0, 1, 63) for percent in (1, 33, 100)]
    check_conversion(tmp_path, deals, home, {"EUR": rate}, inverse)


def check_conversion(tmp_path: Path, deals: list[tuple[int, str, int]], home: str, priced: dict[str, str], inverse: bool) -> None:
    """`rates.converted` and `rates.weighted` against Fraction, for amounts that 64 bits can and cannot multiply."""
    from sfa.settings import Settings
    from sfa.store.database import connect
    from sfa.store.operations import operation
    from sfa.store.queries import rates

    path = tmp_path / f"fx{next(NUMBERS)}.db"
    store = connect(str(path), Settings().calendar(), write=True, me="x", currency=home)
    with operation(store, "rates") as op:
        for currency, rate in priced.items():
            if currency != home:
                pair = (home, currency) if inverse else (currency, home)
                op.insert("rate", {"currency": pair[0], "base": pair[1], "date": "2026-01-01", "rate": rate})
    rates.prepare(store)
    for amount, currency, percent in deals:
        price = Fraction(1) if currency == home else 1 / Fraction(priced[currency]) if inverse else Fraction(priced[currency])
        scale = Fraction(10) ** (DIGITS.get(home, 2) - DIGITS.get(currency, 2))
        expected = round(amount * price * scale)
        if abs(expected) >= 2**62:
            continue
        value = rates.converted(store, "fx", "t.amount", "t.currency")
        share = rates.weighted(value, "t.percent", bounded=False)
        source = "(SELECT ? amount, ? currency, ? percent) t " + rates.join("fx", "t.currency", "'2026-05-05'")
        found = store.db.execute(f"SELECT {value},{share} FROM {source}", (amount, currency, percent)).fetchone()
        assert found == (expected, round(Fraction(expected * percent, 100)))
    store.close()


# Funnel, board, errors --------------------------------------------------------------------------------------------------------------


def test_funnel_by_hand(sfa: Sfa) -> None:
    def at(day: str) -> None:
        sfa.monkeypatch.setenv("SFA_TODAY", day)

    at("2026-01-10")
    for name in "ABCD":
        sfa.ok("opp", "add", name)
    at("2026-02-10")
    sfa.ok("opp", "move", "A", "proposal")  # skips Qualification
    sfa.ok("opp", "move", "B", "qualification")
    sfa.ok("opp", "lose", "C", "--reason", "no budget")
    at("2026-03-10")
    sfa.ok("opp", "win", "A")
    sfa.ok("opp", "move", "B", "prospecting")  # back, and on again: counts once
    sfa.ok("opp", "move", "B", "qualification")
    at("2026-04-10")
    sfa.ok("opp", "lose", "B", "--reason", "no budget")
    sfa.ok("opp", "add", "E", "stage=negotiation", "opened=2025-12-01")

    def steps(*argv: str) -> dict[str, tuple[int, ...]]:
        rows = sfa.ok("report", "funnel", "--json", *argv).json["rows"]
        return {r["stage"][:4]: tuple(r[k] for k in ("entered", "advanced", "won", "lost", "open")) for r in rows}

    assert steps() == {"Pros": (5, 3, 1, 2, 2), "Qual": (3, 2, 1, 1, 1), "Prop": (2, 2, 1, 0, 1), "Nego": (2, 1, 1, 0, 1)}
    assert steps("--period", "2026-01") == {"Pros": (4, 2, 1, 2, 1), "Qual": (0,) * 5, "Prop": (0,) * 5, "Nego": (0,) * 5}
    assert steps("--period", "2026-02") == {"Pros": (0,) * 5, "Qual": (2, 1, 1, 1, 0), "Prop": (1, 1, 1, 0, 0), "Nego": (0,) * 5}
    assert steps("--period", "2026-03")["Nego"] == (1, 1, 1, 0, 0)
    assert steps("--period", "2025") == {k: (1, int(k != "Nego"), 0, 0, 1) for k in ("Pros", "Qual", "Prop", "Nego")}
    assert steps("is:lost")["Pros"] == (2, 1, 0, 2, 0)
    report = sfa.ok("report", "funnel", "--json").json
    assert report["assumed_earlier_stages"] == 1
    sfa.ok("opp", "add", "F", "stage=lost", "reason=no budget")  # known only as lost: it entered the first stage
    assert steps()["Pros"] == (6, 3, 1, 3, 2)
    report = sfa.ok("report", "funnel", "--json").json
    assert report["assumed_earlier_stages"] == 2
    entered = [r["entered"] for r in report["rows"]]
    assert entered == sorted(entered, reverse=True)


def test_funnel_counts_leads(sfa: Sfa) -> None:
    for name in ("a", "b", "c"):
        sfa.ok("lead", "add", name, "--company", "x")
    assert sfa.ok("report", "funnel", "--json").json["leads"] == {"new": 3}
    assert "Leads created: 3, of which 3 new" in sfa.ok("report", "funnel", "--format", "table").out
    assert sfa.ok("report", "funnel", "source:web", "--json").json["leads"] is None


def test_board(sfa: Sfa) -> None:
    sfa.ok("rate", "set", "EUR", "1.1")
    sfa.ok("opp", "add", "北京科技 renewal", "--amount", "1000 EUR", "--close", "2026-11-01")
    sfa.ok("opp", "add", "Two", "--amount", "500", "--close", "2027-01-05")
    sfa.ok("opp", "add", "Three", "stage=proposal")
    sfa.ok("opp", "add", "Gone", "stage=won")
    assert sfa.ok("opp", "board", "--format", "table").out.splitlines() == [
        "Prospecting: 2 deals, 1.6k USD",
        "  ~ O-1 北京科技 renewal  1k EUR 11-01!",
        "  ~ O-2 Two  500 2027-01-05",
        "Qualification: 0 deals",
        "Proposal: 1 deal",
        "  ~ O-3 Three",
        "Negotiation: 0 deals",
        "~ to watch; a date with ! has passed; why: sfa opp health REF",
    ]
    assert "and 1 more" in sfa.ok("opp", "board", "--format", "table", "--limit", "1").out
    assert [(r["stage"], r["ref"]) for r in sfa.ok("opp", "board", "--json").json] == [
        ("Prospecting", "O-1"),
        ("Prospecting", "O-2"),
        ("Proposal", "O-3"),
    ]


def test_unknown_dimensions_and_empty_reports(sfa: Sfa) -> None:
    sfa.ok("user", "add", "Ann")
    for argv in (["forecast"], ["report", "winloss"], ["report", "pipeline"]):
        failed = sfa(*argv, "--by", "produkt")
        assert failed.code == 2
        assert "produkt" in failed.err
        assert "product" in failed.err
        assert sfa(*argv, "--by", "rep,month,stage").code == 2
        assert sfa(*argv, "--by", "name").code == 2
        for shape in ("table", "tsv", "csv", "json", "ndjson", "md", "html"):
            assert sfa(*argv, "--format", shape).code == 0, (argv, shape)
    assert sfa("forecast", "--period", "someday").code == 2
    for shape in ("table", "tsv", "csv", "json", "ndjson", "md", "html"):
        assert sfa("report", "funnel", "--format", shape).code == 0


def test_a_bare_period_is_no_filter(sfa: Sfa) -> None:
    """As a text it would find no deal, and a forecast of nothing is worse than an error."""
    sfa.ok("opp", "add", "2027 line", "--amount", "10", "--close", "2026-12-01")
    for argv in (["forecast", "2026-Q4"], ["report", "winloss", "2026"], ["report", "pipeline", "ytd"], ["report", "funnel", "FY26"]):
        failed = sfa(*argv)
        assert (failed.code, failed.out) == (2, ""), argv
        assert f"--period '{argv[-1]}'" in failed.err
    for word in ("line", "text~2027", ""):
        assert len(sfa.ok("forecast", word, "--json").json["rows"]) == 1, word


def test_own_fields_are_dimensions(sfa: Sfa) -> None:
    sfa.ok("config", "field", "add", "opp", "channel", "text")
    sfa.ok("opp", "add", "A", "--amount", "10", "--close", "2026-12-01", "channel=partner")
    sfa.ok("opp", "add", "B", "--amount", "5", "--close", "2026-12-01")
    rows = sfa.ok("forecast", "--by", "channel", "--json").json["rows"]
    assert [(r["channel"], minor(r["pipeline"])) for r in rows] == [("partner", 1000), (None, 500)]
    assert "(none)" in sfa.ok("forecast", "--by", "channel").out


def test_fiscal_quarters(sfa: Sfa) -> None:
    sfa.monkeypatch.setenv("SFA_FISCAL_MONTH", "4")
    sfa.ok("opp", "add", "A", "--amount", "10", "--close", "2026-12-01")
    assert sfa.ok("forecast", "--json").json["period"] == {"name": "FY27-Q3", "start": "2026-10-01", "end": "2027-01-01"}
    rows = sfa.ok("forecast", "--period", "FY27", "--by", "quarter", "--json").json["rows"]
    assert [r["quarter"] for r in rows] == ["FY27-Q3"]
    rows = sfa.ok("forecast", "--period", "2026", "--by", "quarter", "--json").json["rows"]
    assert [r["quarter"] for r in rows] == ["2026-Q4"]


@pytest.mark.parametrize(
    "argv", [("forecast",), ("forecast", "--by", "team,month"), ("report", "winloss", "--by", "rep"), ("report", "pipeline")]
)
def test_tables_fit_eighty_columns(sfa: Sfa, book: Callable[..., None], argv: tuple[str, ...]) -> None:
    """On a terminal short amounts come first, then the least important figures go and a note names them; in a pipe all is there."""
    import re
    import sys

    amounts = (123_456_789_12, 98_765_432_10, 1_234_567_89)
    book([deal(who, s, a) for who, a in zip(("Ann", "Ben", "Cat"), amounts, strict=True) for s in ("Won", "Proposal", "Lost")])
    wide = sfa.ok(*argv, "--format", "table").out
    assert "Not shown" not in wide
    assert "223,456,789.11" in wide
    sfa.monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: True, raising=False)
    sfa.monkeypatch.setenv("COLUMNS", "80")
    narrow = re.sub("\x1b\\[[0-9;]*m", "", sfa.ok(*argv).out)
    table = [line for line in narrow.split("\n")[2:] if line and line[0] != "*" and "deal" not in line and "Not shown" not in line]
    assert max(map(len, table)) <= 80
    assert "Total" in narrow
    assert "…" not in narrow
    assert "223m" in narrow or "223,456,789.11" in narrow
