"""The first day after deals in several currencies came in: what ranks deals goes on without rates, totals stop and name all of them."""

from __future__ import annotations

import re
import shlex

import pytest
from conftest import Sfa

DEALS = (
    ("Kran", "900 EUR", "2026-12-01"),
    ("Crane", "500 USD", "2026-12-01"),
    ("Derrick", "700 GBP", "2026-12-01"),
    ("Grue", "100 EUR", "2026-12-01"),
)


@pytest.fixture
def three(sfa: Sfa) -> Sfa:
    """Open deals in three currencies, one won in francs two years ago, and no rate at all. All of the open ones are at risk."""
    for name, amount, close in DEALS:
        sfa.ok("opp", "add", name, "--amount", amount, "--close", close, "--owner", "anna")
        sfa.ok("opp", "edit", name, "close=2026-11-01")
    sfa.ok("opp", "add", "Alt", "--amount", "50 CHF", "stage=won", "closed=2024-05-06", "opened=2024-01-02")
    sfa.ok("config", "set", "health_risk", "2")
    return sfa


def test_health_shows_deals_in_their_own_currency_and_names_the_rates_once(three: Sfa) -> None:
    shown = three.ok("opp", "health", "--format", "table")
    rows = [line for line in shown.out.splitlines() if line.startswith("O-")]
    assert [re.split(r"\s{2,}", r.strip())[-2:] for r in rows] == [
        ["900 EUR", "risk"],
        ["700 GBP", "risk"],
        ["500", "risk"],
        ["100 EUR", "risk"],
    ]
    assert "At risk: 4 deals, 500 USD + 1,000 EUR + 700 GBP" in shown.out
    assert shown.out.count("No exchange rate of EUR, GBP to USD") == 1
    made = three.ok("opp", "health", "--json").json
    assert [(r["name"], r["amount"]) for r in made["rows"][:2]] == [
        ("Kran", {"amount": "900.00", "currency": "EUR"}),
        ("Derrick", {"amount": "700.00", "currency": "GBP"}),
    ]
    assert made["at_risk"] is None and made["missing_rates"] == ["EUR", "GBP"]
    assert made["at_risk_by_currency"][0] == {"amount": "500.00", "currency": "USD"}
    assert three.ok("opp", "health", "Kran", "--json").json["amount"] == {"amount": "900.00", "currency": "EUR"}


def test_a_review_goes_on(three: Sfa) -> None:
    shown = three.ok("review", "--list", "--format", "table")
    assert [r.split()[1] for r in shown.out.splitlines() if r.startswith("O-")] == ["Kran", "Derrick", "Crane", "Grue"]
    assert shown.err.count("No exchange rate of EUR, GBP to USD") == 1


@pytest.mark.parametrize("argv", ["forecast", "forecast trend", "report pipeline", "report stale --days 0", "report winloss --period 2024"])
def test_totals_stop_and_every_rate_is_set_in_one_go(three: Sfa, argv: str) -> None:
    three.ok("rate", "set", "CHF", "1.1", "--date", "2025-01-01")
    three.monkeypatch.setenv("SFA_TODAY", "2026-11-25T12:00:00Z")
    stopped = three(*argv.split())
    assert (stopped.code, stopped.out) == (4, "")
    commands = re.findall(r"sfa (rate set .*)", stopped.err)
    assert commands == [
        "rate set CHF RATE --date 2024-01-01",
        "rate set EUR RATE --date 2026-01-01",
        "rate set GBP RATE --date 2026-01-01",
    ]
    for command in commands:
        three.ok(*shlex.split(command.replace("RATE", "1.25")))
    for again in ("forecast", "report pipeline", "report winloss --period 2024", "report stale", "opp health", "forecast trend"):
        assert "rate set" not in three.ok(*again.split()).err, again


def test_a_fiscal_year_begins_before_the_calendars(three: Sfa) -> None:
    """Plan rates hold from the first day of a quarter or year: of the one that began first."""
    three.ok("config", "set", "fiscal_month", "7")
    assert "sfa rate set CHF RATE --date 2023-07-01" in three("report", "winloss", "--period", "2024").err


def test_into_another_currency(three: Sfa) -> None:
    stopped = three("forecast", "--currency", "EUR")
    assert re.findall(r"sfa rate set .*", stopped.err) == [
        "sfa rate set CHF RATE --base EUR --date 2024-01-01",
        "sfa rate set GBP RATE --base EUR --date 2026-01-01",
        "sfa rate set USD RATE --base EUR --date 2026-01-01",
    ]


def test_what_was_not_known_then_cannot_be_set_now(three: Sfa) -> None:
    three.monkeypatch.setenv("SFA_TODAY", "2026-11-25T12:00:00Z")
    shown = three.ok("opp", "health", "--as-of", "2026-11-24", "--format", "table").out
    assert "No exchange rate of EUR, GBP" in shown and "rate set" not in shown
