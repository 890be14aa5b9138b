"""Quotas and exchange rates as people set them."""

from __future__ import annotations

from typing import Any

import pytest

Sfa = Any


@pytest.fixture
def people(sfa: Sfa) -> Sfa:
    for name in ("Ann", "Ben"):
        sfa.ok("user", "add", name)
    return sfa


def test_set_lists_and_changes(people: Sfa) -> None:
    added = people.ok("quota", "set", "Ann", "2026-Q4", "400k")
    assert added.out == "QT-1\n"
    assert "Added QT-1 2026-Q4: owner Ann, amount 400,000 USD" in added.err
    assert "sfa undo" in added.err
    changed = people.ok("quota", "set", "ann", "2026-Q4", "€ 350.000,00")
    assert changed.out == "QT-1\n"
    assert "Changed QT-1 2026-Q4: currency USD → EUR, amount 400,000 USD → 350,000 EUR" in changed.err
    people.ok("quota", "set", "Ben", "2026", "1.2m", "--json")
    rows = people.ok("quota", "list", "--json").json
    assert [(r["ref"], r["owner"], r["period"]["name"], r["amount"]) for r in rows] == [
        ("QT-2", "Ben", "2026", {"amount": "1200000.00", "currency": "USD"}),
        ("QT-1", "Ann", "2026-Q4", {"amount": "350000.00", "currency": "EUR"}),
    ]
    assert [r["ref"] for r in people.ok("quota", "list", "owner:Ann", "--json").json] == ["QT-1"]
    assert [r["ref"] for r in people.ok("quota", "list", "period:2026-Q4", "--json").json] == ["QT-1"]


def test_an_amount_without_currency_is_the_companys_again(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "300 EUR")
    people.ok("quota", "set", "Ann", "2026-Q4", "300")
    assert people.ok("quota", "list", "--json").json[0]["amount"] == {"amount": "300.00", "currency": "USD"}


def test_the_same_quota_again_changes_nothing(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "400k")
    again = people.ok("quota", "set", "Ann", "2026-10-01..2026-12-31", "400,000.00")
    assert "Nothing to change" in again.err
    assert again.out == ""


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("Nobody", "2026-Q4", "1"), 3),
        (("Ann", "someday", "1"), 2),
        (("Ann", "2026-Q4", "much"), 2),
        (("Ann", "2026-Q4", "(5)"), 2),
        (("Ann", "2026-Q4", ""), 2),
        (("Ann", "2026-Q4", "1e20"), 2),
        (("", "2026-Q4", "1"), 2),
        (("Ann", "2026-Q4"), 2),
    ],
)
def test_what_is_no_quota_is_refused(people: Sfa, argv: tuple[str, ...], code: int) -> None:
    assert people("quota", "set", *argv).code == code
    assert people.ok("quota", "list", "--json").json == []


def test_a_quota_of_zero_has_no_attainment(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "0")
    people.ok("opp", "add", "A", "--owner", "Ann", "--amount", "5", "stage=won")
    row = people.ok("forecast", "--json").json["rows"][0]
    assert row["quota"] == {"amount": "0.00", "currency": "USD"}
    assert (row["attainment"], row["gap"], row["coverage"]) == (None, {"amount": "-5.00", "currency": "USD"}, None)


def test_delete(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "400k")
    assert people("quota", "delete", "QT-1").code == 1
    people.ok("quota", "delete", "QT-1", "--yes")
    assert people.ok("quota", "list", "--json").json == []


def test_rates(sfa: Sfa) -> None:
    assert "Added RT-1 EUR: base USD, date 2026-11-23, rate 1.0842" in sfa.ok("rate", "set", "eur", "1.0842").err
    assert "Changed RT-1 EUR: rate 1.0842 → 1.09" in sfa.ok("rate", "set", "EUR", "1.09", "--date", "today").err
    assert "Nothing to change" in sfa.ok("rate", "set", "EUR", "1.09").err
    sfa.ok("rate", "set", "USD", "151.3", "--base", "JPY", "--date", "2026-10-01")
    rows = sfa.ok("rate", "list", "--json").json
    assert [(r["currency"], r["base"], r["date"], r["rate"]) for r in rows] == [
        ("USD", "JPY", "2026-10-01", "151.3"),
        ("EUR", "USD", "2026-11-23", "1.09"),
    ]
    sfa.ok("rate", "delete", "RT-1", "--yes")
    assert len(sfa.ok("rate", "list", "--json").json) == 1


@pytest.mark.parametrize(
    "argv",
    [("USD", "1"), ("EUR", "0"), ("EUR", "-1"), ("EUR", "dear"), ("XYZ", "1"), ("EUR", "1", "--base", "EUR"), ("EUR", "1", "--date", "x")],
)
def test_what_is_no_rate_is_refused(sfa: Sfa, argv: tuple[str, ...]) -> None:
    assert sfa("rate", "set", *argv).code == 2
    assert sfa("rate", "list").code in (0, 6)
