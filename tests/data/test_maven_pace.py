"""Velocity, sales cycle, cohorts and concentration of the Maven CRM files, against the csv module, Decimal and Fraction."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from exports import rows
from test_maven import load, maven

__all__ = ["maven"]
Row = dict[str, str]


def day(text: str) -> date:
    return datetime.strptime(text, "%m/%d/%Y").date()


def cycle(row: Row) -> int:
    return (day(row["close_date"]) - day(row["engage_date"])).days


def cents(money: dict[str, Any] | None) -> int | None:
    return None if money is None else int(Fraction(money["amount"]) * 100)


def test_reports_over_time_of_maven(sfa: Sfa, maven: Path) -> None:
    load(sfa, maven)
    file = rows(maven / "sales_pipeline.csv")
    check_velocity(sfa, file)
    check_cycle(sfa, file)
    check_cohorts(sfa, file)
    check_concentration(sfa, file)


def check_velocity(sfa: Sfa, file: list[Row]) -> None:
    report = sfa.ok("report", "velocity", "--by", "rep", "--json").json
    told = {r["rep"]: r for r in report["rows"]} | {None: report["total"]}
    assert told.keys() == {r["sales_agent"] for r in file} | {None}
    for rep, row in told.items():
        mine = [r for r in file if rep in (None, r["sales_agent"])]
        won = [r for r in mine if r["deal_stage"] == "Won"]
        n = sum(r["deal_stage"] in ("Won", "Lost") for r in mine)
        qualified = sum(r["deal_stage"] == "Engaging" for r in mine)
        average = Fraction(sum(100 * int(r["close_value"]) for r in won), len(won))
        days = Fraction(sum(map(cycle, won)), len(won))
        assert (row["open_qualified"], row["won_count"], row["closed_count"], row["cycles"]) == (qualified, len(won), n, len(won))
        assert (cents(row["average_won"]), row["cycle_mean_days"]) == (round(average), pytest.approx(float(days)))
        assert cents(row["velocity"]) == round(qualified * average * Fraction(len(won), n) / days)


def check_cycle(sfa: Sfa, file: list[Row]) -> None:
    report = sfa.ok("report", "cycle", "--by", "product", "--json").json["rows"]
    for product in {r["product"] for r in file}:
        for step, stage in (("won", "Won"), ("lost", "Lost")):
            days = sorted(cycle(r) for r in file if (r["product"], r["deal_stage"]) == (product, stage))
            name = {"GTXPro": "GTX Pro"}.get(product, product)
            row = next(r for r in report if (r["product"], r["step"]) == (name, step))
            assert (row["n"], row["median_days"]) == (len(days), statistics.median(days))
            assert row["p90_days"] == days[math.ceil(len(days) * 9 / 10) - 1]
    # Loaded without a past: no stage was left yet, and of a later stage nobody knows since when.
    total = sfa.ok("report", "cycle", "--json").json
    open_ones = [r["deal_stage"] for r in file if r["deal_stage"] not in ("Won", "Lost")]
    assert total["visits"] == {"closed": 0, "open": len(open_ones), "unknown_start": len(open_ones)}


def check_cohorts(sfa: Sfa, file: list[Row]) -> None:
    report = sfa.ok("report", "cohort", "--by", "month", "--json").json
    opened = defaultdict(list)
    for row in file:
        if row["engage_date"]:
            opened[f"{day(row['engage_date']):%Y-%m}"].append(row)
    assert [r["month"] for r in report["rows"]] == sorted(opened)
    assert report["left_out"]["without_opening_date"] == sum(not r["engage_date"] for r in file)
    for told in report["rows"]:
        mine = opened[told["month"]]
        won = [r for r in mine if r["deal_stage"] == "Won"]
        assert (told["created"], told["won"], cents(told["won_amount"])) == (
            len(mine),
            len(won),
            sum(100 * int(r["close_value"]) for r in won),
        )
        assert [told[f"within_{n}_days"] for n in (30, 90)] == [sum(cycle(r) <= n for r in won) / len(mine) for n in (30, 90)]


def check_concentration(sfa: Sfa, file: list[Row]) -> None:
    report = sfa.ok("report", "concentration", "--json").json
    brought: dict[str, int] = defaultdict(int)
    for row in file:
        if row["deal_stage"] == "Won":
            brought[row["account"]] += 100 * int(row["close_value"])
    falling = sorted(brought.values(), reverse=True)
    assert {r["account"]: cents(r["won_amount"]) for r in report["rows"]} == brought
    top = math.ceil(len(falling) / 5)
    assert report["top"] == {"percent": 20, "accounts": top, "share": pytest.approx(sum(falling[:top]) / sum(falling))}
