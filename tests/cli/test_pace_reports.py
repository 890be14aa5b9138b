"""Velocity, sales cycles, cohorts, concentration and activity, against plain Python over the listings of the program."""

from __future__ import annotations

import math
import statistics
import sys
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from conftest import Sfa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_reports import DEALS, RATES, TODAY, converted, minor, new_book

Row = dict[str, Any]
QUICK = settings(
    max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
ANY_PERIOD = st.sampled_from([("", "0000", "9999"), ("2026-Q4", "2026-10-01", "2027-01-01"), ("2026-11", "2026-11-01", "2026-12-01")])


def cycle_of(deal: Row) -> int | None:
    """Days from opened to closed; None where a date is missing or closed comes first."""
    if not (deal["opened"] and deal["closed"]):
        return None
    days = (date.fromisoformat(deal["closed"]) - date.fromisoformat(deal["opened"])).days
    return days if days >= 0 else None


def closed_in(deals: list[Row], start: str, end: str) -> tuple[list[Row], list[Row]]:
    """Won and lost deals of a period."""
    found = [d for d in deals if d["closed"] and start <= d["closed"] < end]
    return [d for d in found if d["stage"] == "Won"], [d for d in found if d["stage"] == "Lost"]


def amounts(deals: list[Row]) -> int:
    return sum(converted(d["amount"], d["closed"]) or 0 for d in deals)


@QUICK
@given(DEALS, ANY_PERIOD)
def test_velocity_and_cycle_from_the_listing(sfa: Sfa, deals: list[Row], period: tuple[str, str, str]) -> None:
    new_book(sfa, deals)
    listed = sfa.ok("opp", "list", "--json").json
    name, *edges = period
    argv = ["--period", name, "--json"] if name else ["--json"]
    for by in ("rep", "source"):
        key = {"rep": "owner"}.get(by, by)
        report = sfa.ok("report", "velocity", "--by", by, *argv).json
        check_velocity(report["total"], listed, *edges)
        rows = {r[by]: r for r in report["rows"]}
        assert len(rows) == len(report["rows"])
        for value, row in rows.items():
            check_velocity(row, [d for d in listed if d[key] == value], *edges)
        won, lost = closed_in(listed, *edges)
        qualified = [d for d in listed if d["stage"] in ("Qualification", "Proposal", "Negotiation")]
        assert {d[key] for d in (*won, *lost, *qualified)} == rows.keys()
        steps = sfa.ok("report", "cycle", "--by", by, *argv).json["rows"]
        for value in rows:
            for step, ended in (("won", won), ("lost", lost)):
                days = [n for d in ended if d[key] == value and (n := cycle_of(d)) is not None]
                row = next(r for r in steps if r[by] == value and r["step"] == step)
                assert (row["n"], row["weak"]) == (len(days), True)
                assert row["mean_days"] == (pytest.approx(statistics.fmean(days)) if days else None)
                assert row["median_days"] == (statistics.median(days) if days else None)
                assert row["p90_days"] == (sorted(days)[math.ceil(len(days) * 9 / 10) - 1] if days else None)


def check_velocity(row: Row, deals: list[Row], start: str, end: str) -> None:
    won, lost = closed_in(deals, start, end)
    qualified = sum(d["stage"] in ("Qualification", "Proposal", "Negotiation") for d in deals)
    days = [n for d in won if (n := cycle_of(d)) is not None]
    assert (row["open_qualified"], row["won_count"], row["closed_count"]) == (qualified, len(won), len(won) + len(lost))
    assert row["cycle_mean_days"] == (pytest.approx(statistics.fmean(days)) if days else None)
    if not won:
        assert (row["average_won"], row["velocity"]) == (None, None)
        return
    average, rate = Fraction(amounts(won), len(won)), Fraction(len(won), len(won) + len(lost))
    assert (minor(row["average_won"]), row["win_rate"]) == (round(average), pytest.approx(float(rate)))
    if not sum(days):
        assert row["velocity"] is None
    else:
        assert minor(row["velocity"]) == round(qualified * average * rate / Fraction(sum(days), len(days)))


@QUICK
@given(DEALS)
def test_cohorts_from_the_listing(sfa: Sfa, deals: list[Row]) -> None:
    new_book(sfa, deals)
    listed = sfa.ok("opp", "list", "--json").json
    report = sfa.ok("report", "cohort", "--json").json
    assert report["left_out"]["without_opening_date"] == sum(d["opened"] is None for d in listed)
    assert report["total"]["created"] == sum(d["opened"] is not None for d in listed)
    months = {d["opened"][:7] for d in listed if d["opened"]}
    assert [r["month"] for r in report["rows"]] == sorted(months)
    for row in report["rows"]:
        mine = [d for d in listed if d["opened"] and d["opened"][:7] == row["month"]]
        won = [d for d in mine if d["stage"] == "Won"]
        assert (row["created"], row["won"]) == (len(mine), len(won))
        assert row["created"] == row["won"] + row["lost"] + row["open"]
        assert (row["conversion"], minor(row["won_amount"])) == (len(won) / len(mine), amounts(won))
        last = date.fromisoformat(row["month"] + "-01") + timedelta(days=31)
        last = last.replace(day=1) - timedelta(days=1)
        for days in (30, 60, 90, 180):
            ripe = (date.fromisoformat(TODAY) - last).days >= days
            early = sum((n := cycle_of(d)) is not None and n <= days for d in won)
            assert row[f"won_within_{days}_days"] == (early if ripe else None)
            assert row[f"within_{days}_days"] == (early / len(mine) if ripe else None)
    by_quarter = sfa.ok("report", "cohort", "--by", "quarter,source", "--json").json
    assert sum(r["created"] for r in by_quarter["rows"]) == report["total"]["created"]


def test_a_cohort_is_blank_until_all_its_deals_are_old_enough(sfa: Sfa) -> None:
    for day in ("2026-08-24", "2026-08-01"):
        sfa.ok("opp", "add", day, f"opened={day}", "stage=won", "closed=2026-09-10", "reason=best fit")
    # The month's last day is 31 August, 90 days before 29 November.
    for today, within in (("2026-11-28", None), ("2026-11-29", 1.0)):
        sfa.monkeypatch.setenv("SFA_TODAY", f"{today}T12:00:00Z")
        row = sfa.ok("report", "cohort", "--json").json["rows"][0]
        assert (row["within_60_days"], row["within_90_days"], row["conversion"]) == (1.0, within, 1.0)


@QUICK
@given(DEALS, ANY_PERIOD)
def test_concentration_from_the_listing(sfa: Sfa, deals: list[Row], period: tuple[str, str, str]) -> None:
    new_book(sfa, deals)
    name, start, end = period
    won, _ = closed_in(sfa.ok("opp", "list", "--json").json, start, end)
    report = sfa.ok("report", "concentration", *(["--period", name] if name else []), "--json").json
    brought = {a: amounts([d for d in won if d["account"] == a]) for a in {d["account"] for d in won} - {None}}
    assert {r["account"]: minor(r["won_amount"]) for r in report["rows"]} == brought
    assert [minor(r["won_amount"]) for r in report["rows"]] == sorted(brought.values(), reverse=True)
    whole, before = sum(a for a in brought.values() if a > 0), 0
    for row in report["rows"]:
        amount = minor(row["won_amount"])
        grade = "C" if amount <= 0 else "A" if before < Fraction(80, 100) * whole else "B" if before < Fraction(95, 100) * whole else "C"
        before += max(amount, 0)
        assert (row["class"], row["cumulative_share"]) == (grade, pytest.approx(before / whole) if whole else None)
    assert report["left_out"]["without_account"] == sum(d["account"] is None for d in won)
    assert report["left_out"]["without_amount"] == sum(d["amount"] is None for d in won)


def test_classes_and_the_top_accounts(sfa: Sfa) -> None:
    sizes = [500, 200, 120, 100, 50, 30, 0]
    for i, amount in enumerate(sizes):
        sfa.ok("account", "add", f"Account {i}")
        sfa.ok("opp", "add", f"Deal {i}", "--account", f"Account {i}", "--amount", str(amount), "stage=won", "reason=best fit")
    sfa.ok("opp", "add", "Nowhere", "--amount", "1000", "stage=won", "reason=best fit")
    report = sfa.ok("report", "concentration", "--json").json
    # 500 + 200 are 70 %: the next one crosses 80 % and is still of class A; 920 are 92 %: the next crosses 95 %, still B.
    assert "".join(r["class"] for r in report["rows"]) == "AAABBCC"
    assert (report["top"], report["classes"]) == ({"percent": 20, "accounts": 2, "share": 0.7}, {"A": 3, "B": 2, "C": 2})
    assert report["left_out"]["without_account"] == 1
    said = sfa.ok("report", "concentration", "--format", "table").out
    assert "The top 20 % of 7 accounts (2) bring 70.0 %" in said
    assert "1 won deals without an account, 1,000 USD: in no share" in said
    narrow = sfa.ok("report", "concentration", "--a", "50", "--b", "70", "--json").json
    assert "".join(r["class"] for r in narrow["rows"]) == "ABCCCCC"


def test_velocity_by_hand_and_against_another_period(sfa: Sfa) -> None:
    """Four deals won of ten, 100 days each, 50,000 on average; 20 open: 20 x 50,000 x 40 % / 100 = 4,000 a day."""
    sfa.monkeypatch.setenv("SFA_TODAY", "2025-06-30T10:00:00Z")
    for i in range(10):
        sfa.ok("opp", "add", f"then {i}", "stage=proposal")
    sfa.ok("opp", "add", "won then", "--amount", "30000", "opened=2025-05-01", "stage=won", "closed=2025-05-31", "reason=best fit")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-06-30T10:00:00Z")
    for i in range(10):
        sfa.ok("opp", "add", f"now {i}", "stage=qualification")
        end = ["stage=won", "reason=best fit", f"amount={20000 + 20000 * i}"] if i < 4 else ["stage=lost", "reason=no budget"]
        sfa.ok("opp", "add", f"closed {i}", "opened=2026-02-20", "closed=2026-05-31", *end)
    report = sfa.ok("report", "velocity", "--period", "2026", "--versus", "last-year", "--json").json
    total = report["total"]
    assert [total[k] for k in ("open_qualified", "win_rate", "cycle_mean_days")] == [20, 0.4, 100]
    assert (total["average_won"]["amount"], total["velocity"]["amount"]) == ("50000.00", "4000.00")
    # A year ago: 10 x 30,000 x 100 % / 30.
    assert [total[f"before_{k}"] for k in ("open_qualified", "win_rate", "cycle_mean_days")] == [10, 1.0, 30]
    assert (total["before_velocity"]["amount"], total["change"]) == ("10000.00", pytest.approx(-0.6))
    early = sfa.ok("report", "velocity", "--period", "2026", "--versus", "2024", "--json").json["total"]
    assert (early["before_open_qualified"], early["before_velocity"]) == (None, None)
    assert (
        "Nothing is known of the deals that were open"
        in sfa.ok("report", "velocity", "--period", "2026", "--versus", "2024", "--format", "table").out
    )
    assert sfa("report", "velocity", "--versus", "previous").code == 2


def test_a_missing_rate_is_named(sfa: Sfa) -> None:
    sfa.ok("opp", "add", "A", "--amount", "5 EUR", "stage=won", "reason=best fit", "closed=2026-02-03")
    for report in ("velocity", "cohort", "concentration"):
        failed = sfa("report", report)
        assert failed.code == 4
        assert "EUR" in failed.err and "2026-02-03" in failed.err
    sfa.ok("rate", "set", "EUR", RATES["EUR"][0][1], "--date", "2026-01-01")
    assert sfa.ok("report", "velocity", "--json").json["total"]["average_won"]["amount"] == "5.42"


# Activity and leads -----------------------------------------------------------------------------------------------------------------


def test_touches_of_won_lost_and_open_deals(sfa: Sfa) -> None:
    sfa.ok("config", "set", "time_zone", "America/New_York")
    for name in ("won", "lost", "open", "quiet"):
        sfa.ok("opp", "add", name, "opened=2026-09-01")
    touches = {
        "won": [("call", "2026-10-01 09:00"), ("call", "2026-10-05 09:00"), ("email", "2026-10-20 23:30"), ("visit", "2026-10-21 00:30")],
        "lost": [("note", "2026-10-02 09:00")],
        "open": [("call", "2026-11-01 09:00"), ("email", "2026-11-19 23:00"), ("email", "2026-11-30 10:00")],
    }
    for name, found in touches.items():
        for kind, when in found:
            sfa.ok("log", name, kind, "text", "--when", when)
    sfa.ok("opp", "win", "won", "reason=best fit", "closed=2026-10-20")
    sfa.ok("opp", "lose", "lost", "--reason", "no budget", "closed=2026-10-20")
    rows = {r["outcome"]: r for r in sfa.ok("report", "activity", "--json").json["rows"]}
    # On the day of closing touches still count, up to its end in New York; what is planned for later does not.
    assert [rows["won"][k] for k in ("deals", "touched", "touches", "calls_per_deal", "emails_per_deal", "visits_per_deal")] == [
        1, 1, 3, 2, 1, 0,
    ]  # fmt: skip
    assert [rows["lost"][k] for k in ("touches", "notes_per_deal", "silent_median_days")] == [1, 1, None]
    open_ones = rows["open"]
    assert [open_ones[k] for k in ("deals", "touched", "touches", "touches_per_deal", "touches_median")] == [2, 1, 2, 1.0, 1.0]
    assert open_ones["silent_median_days"] == 4
    november = {r["outcome"]: r["deals"] for r in sfa.ok("report", "activity", "--period", "2026-11", "--json").json["rows"]}
    assert november == {"won": 0, "lost": 0, "open": 2}
    before = {r["outcome"]: r["touches"] for r in sfa.ok("report", "activity", "--json", "--by", "rep").json["rows"]}
    assert before == {"won": 3, "lost": 1, "open": 2}


def test_leads_by_source(sfa: Sfa) -> None:
    for name, source in (("a", "web"), ("b", "web"), ("c", "web"), ("d", "fair"), ("e", "fair"), ("f", "")):
        sfa.ok("lead", "add", name, "--company", f"{name} Ltd", f"source={source}", "created=2026-11-10")
    sfa.ok("lead", "qualify", "a")
    sfa.ok("lead", "convert", "a")
    sfa.ok("lead", "convert", "b")
    sfa.ok("lead", "qualify", "d")
    sfa.ok("lead", "disqualify", "d", "--reason", "too small")
    deal = next(d["ref"] for d in sfa.ok("opp", "list", "--json").json if d["account"] == "a Ltd")
    sfa.ok("opp", "win", deal, "reason=best fit")
    sfa.ok("log", "c", "call", "text", "--when", "2026-11-10 18:00")
    sfa.ok("log", "e", "call", "text", "--when", "2026-11-13 00:10")
    sfa.ok("log", "e", "call", "text", "--when", "2026-11-20 00:10")
    report = sfa.ok("report", "funnel", "--leads", "--json").json
    keys = ("leads", "qualified", "converted", "won", "disqualified")
    assert {r["source"]: [r[k] for k in keys] for r in report["rows"]} == {
        "web": [3, 2, 2, 1, 0],
        "fair": [2, 1, 0, 0, 1],
        None: [1, 0, 0, 0, 0],
    }
    assert [report["total"][k] for k in keys] == [6, 3, 2, 1, 1]
    assert sfa.ok("report", "funnel", "--leads", "source:web", "--json").json["total"]["leads"] == 3
    assert sfa.ok("report", "funnel", "--leads", "--period", "2025", "--json").json["rows"] == []
    told = {r["source"]: r for r in sfa.ok("report", "activity", "--leads", "--json").json["rows"]}
    assert (told["web"]["answered"], told["web"]["median_days"], told["web"]["same_day"]) == (1, 0, 1)
    assert (told["fair"]["answered"], told["fair"]["median_days"], told["fair"]["answered_rate"]) == (1, 3, 0.5)
    assert sfa("report", "funnel", "--leads", "--by", "phone").code == 2
    assert sfa.ok("report", "funnel", "--leads", "--by", "rep", "--json").json["rows"][0]["owner"] == "anna"


def test_an_empty_table_names_no_columns_that_it_has_no_room_for(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a quota coverage has no rows: nothing was left out. With one, at this width, something is."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: True, raising=False)
    sfa.ok("user", "add", "Ben")
    empty = sfa.ok("report", "coverage")
    assert "Nothing to show." in empty.out + empty.err and "want of room" not in empty.out + empty.err
    sfa.ok("quota", "set", "Ben", "2026-Q4", "1m")
    full = sfa.ok("report", "coverage")
    assert "want of room" in full.out + full.err
