"""Reports, quotas and conversion of a company whose fiscal year has whole weeks: by hand, from the days alone."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

Sfa = Any
# 4-4-5 from the Monday nearest to 1 January 2026: 29 December 2025, 26 January, 23 February, then 30 March.
EDGES = [date(2025, 12, 29), date(2026, 1, 26), date(2026, 2, 23), date(2026, 3, 30)]
MONTHS = ["FY26-M01", "FY26-M02", "FY26-M03"]
DAYS = [edge + timedelta(days=n) for edge in EDGES for n in (-1, 0)]
"""The last day before and the first day of each month: only six of the eight are in the quarter."""


@pytest.fixture
def weeks(sfa: Sfa) -> Sfa:
    """Eight deals of 1, 2, 4 … 128 dollars on the days about the edges, of two reps in turn, so that a sum says which deals are in it."""
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-03-10")
    sfa.ok("config", "set", "fiscal_weeks", "4-4-5")
    for name in ("Ann", "Ben"):
        sfa.ok("user", "add", name)
    for i, day in enumerate(DAYS):
        sfa.ok("opp", "add", f"D{i}", "--amount", str(2**i), "--close", str(day), "--owner", ("Ann", "Ben")[i % 2])
    return sfa


def by_time(report: Any, what: str, figure: str = "pipeline") -> dict[str, Fraction]:
    return {row[what]: Fraction(row[figure]["amount"]) for row in report["rows"]}


def expected(edges: list[date], names: list[str]) -> dict[str, Fraction]:
    """The sum of the deals of each span of days that has any."""
    sums = [sum(2**i for i, day in enumerate(DAYS) if a <= day < b) for a, b in pairwise(edges)]
    return {name: Fraction(total) for name, total in zip(names, sums, strict=True) if total}


def test_a_forecast_by_fiscal_months(weeks: Sfa) -> None:
    for argv in (["--period", "FY26-Q1"], [], ["--period", "FY26-M01..FY26-M03"]):
        report = weeks.ok("forecast", "--by", "month", *argv, "--json").json
        assert by_time(report, "month") == expected(EDGES, MONTHS) == {"FY26-M01": 2 + 4, "FY26-M02": 8 + 16, "FY26-M03": 32 + 64}
        assert sum(by_time(report, "month").values()) == Fraction(report["total"]["pipeline"]["amount"]) == 126
        assert (report["period"]["start"], report["period"]["end"]) == ("2025-12-29", "2026-03-30")
    assert report["total"]["due_before"]["amount"] == "1.00"
    by_rep = weeks.ok("forecast", "--by", "rep,month", "--period", "FY26-Q1", "--json").json["rows"]
    assert [(r["rep"], r["month"], r["pipeline"]["amount"]) for r in by_rep] == [
        (rep, month, f"{cents}.00")
        for rep, amounts in (("Ann", (4, 16, 64)), ("Ben", (2, 8, 32)))
        for month, cents in zip(MONTHS, amounts, strict=True)
    ]


def test_a_calendar_period_has_calendar_months(weeks: Sfa) -> None:
    report = weeks.ok("forecast", "--by", "month", "--period", "2026-Q1", "--json").json
    edges = [date(2026, n, 1) for n in range(1, 5)]
    assert by_time(report, "month") == expected(edges, ["2026-01", "2026-02", "2026-03"])
    assert by_time(weeks.ok("forecast", "--by", "quarter", "--period", "2026-Q1", "--json").json, "quarter") == {
        "2026-Q1": 4 + 8 + 16 + 32 + 64 + 128
    }


def test_a_year_by_fiscal_quarters(weeks: Sfa) -> None:
    report = weeks.ok("forecast", "--by", "quarter", "--period", "FY26", "--json").json
    assert by_time(report, "quarter") == {"FY26-Q1": 126, "FY26-Q2": 128}
    assert Fraction(report["total"]["pipeline"]["amount"]) == 254


def test_the_other_reports_by_fiscal_months(weeks: Sfa) -> None:
    report = weeks.ok("report", "pipeline", "--by", "month", "--period", "FY26-Q1", "--json").json
    assert by_time(report, "month", "amount") == expected(EDGES, MONTHS)
    for i, day in enumerate(DAYS):
        weeks.ok("opp", "win", f"O-{i + 1}", f"closed={day}", "reason=Best fit")
    report = weeks.ok("report", "winloss", "--by", "month", "--period", "FY26-Q1", "--json").json
    assert by_time(report, "month", "won_amount") == expected(EDGES, MONTHS)
    report = weeks.ok("report", "winloss", "--by", "quarter", "--period", "FY25..FY26", "--json").json
    assert by_time(report, "quarter", "won_amount") == {"FY25-Q4": 1, "FY26-Q1": 126, "FY26-Q2": 128}
    # For all time the months are the calendar's.
    report = weeks.ok("report", "winloss", "--by", "month", "--json").json
    assert list(by_time(report, "month", "won_amount")) == ["2025-12", "2026-01", "2026-02", "2026-03"]


def test_a_years_quota_is_found_whole_and_its_parts_add_up(weeks: Sfa) -> None:
    weeks.ok("quota", "set", "Ann", "FY26", "1000.01")
    weeks.ok("quota", "set", "Ben", "FY26-M02", "70")
    assert "FY26-M02" in weeks.ok("quota", "list", "--format", "table").out
    assert weeks.ok("quota", "list", "period:FY26", "--json").json[0]["owner"] == "Ann"
    report = weeks.ok("forecast", "--period", "FY26", "--json").json
    assert {r["rep"]: r["quota"]["amount"] for r in report["rows"]} == {"Ann": "1000.01", "Ben": "70.00"}
    for unit, count in (("quarter", 4), ("month", 12)):
        parts = by_time(weeks.ok("forecast", "--by", unit, "--period", "FY26", "--json").json, unit, "quota")
        assert len(parts) == count
        assert sum(parts.values()) == Fraction("1070.01")
        # FY26 has 53 weeks; each part is within a cent a day of its share of the 371 days.
        for name, amount in parts.items():
            days = 98 if name == "FY26-Q4" else 91 if unit == "quarter" else 35 if int(name[-2:]) % 3 == 0 else 28
            days += 7 if name == "FY26-M12" else 0
            own = 70 if name in ("FY26-Q1", "FY26-M02") else 0
            assert abs(amount - own - Fraction("1000.01") * days / 371) <= Fraction(days, 100), name


def test_a_converted_lead_is_due_at_the_fiscal_quarters_end(weeks: Sfa) -> None:
    weeks.ok("lead", "add", "Cleo Ruiz", "company=Pier")
    weeks.ok("lead", "convert", "L-1")
    assert weeks.ok("opp", "show", "O-9", "--json").json["close"] == "2026-03-29"
    weeks.ok("opp", "edit", "O-1", "close=eofq")
    assert weeks.ok("opp", "list", "close:2026-03-29", "--columns", "ref").out.split() == ["ref", "O-1", "O-7", "O-9"]


def test_a_retailers_year(sfa: Sfa) -> None:
    for name, value in (("month", "2"), ("named_by", "start"), ("weeks", "4-5-4"), ("week_start", "sunday")):
        sfa.ok("config", "set", f"fiscal_{name}", value)
    # 23 November 2026 is in the last quarter of the year that the National Retail Federation begins on 1 February.
    assert sfa.ok("config", "get", "fiscal_weeks").out == "4-5-4\n"
    sfa.ok("opp", "add", "A", "--amount", "1", "--close", "eofy")
    assert sfa.ok("opp", "show", "O-1", "--json").json["close"] == "2027-01-30"
    assert sfa.ok("forecast", "--json").json["period"] == {"name": "FY26-Q4", "start": "2026-11-01", "end": "2027-01-31"}


@pytest.mark.parametrize(("name", "value"), [("fiscal_weeks", "4-4-4"), ("fiscal_weeks", "445"), ("fiscal_week_start", "sun")])
def test_weeks_that_are_refused(sfa: Sfa, name: str, value: str) -> None:
    refused = sfa("config", "set", name, value)
    assert refused.code == 2 and "Values: " in refused.err
