"""Relative values: amounts, numbers, dates and lists."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import UsageError
from sfa.sales import steps
from sfa.sales.dates import Calendar
from sfa.sales.kinds import KINDS
from sfa.sales.values import Context

HOW = Context(Calendar(date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC)))
DEAL, ACCOUNT = KINDS["opportunity"].by_name, KINDS["account"].by_name


@pytest.mark.parametrize(
    ("field", "value", "sign", "by", "expected"),
    [
        ("amount", 4_800_000, "+", "10%", "52800.00"),
        ("amount", 4_800_000, "-", "12.5 %", "42000.00"),
        ("amount", 4_800_000, "+", "5k", "53000.00"),
        ("amount", 4_800_000, "-", "$1,000.50", "46999.50"),
        ("close", "2026-11-30", "+", "7d", "2026-12-07"),
        ("close", "2026-11-30", "-", "2w", "2026-11-16"),
        ("close", "2026-01-31", "+", "1m", "2026-02-28"),
        ("close", "2026-11-30", "+", "1q", "2027-02-28"),
        ("probability", 50, "+", "10", "60"),
        ("probability", 50, "-", "10 %", "40"),
    ],
)
def test_of_a_deal(field: str, value: object, sign: str, by: str, expected: str) -> None:
    assert steps.taken(DEAL[field], steps.step(sign, by), value, HOW, "USD") == expected


def test_of_a_list_and_a_number() -> None:
    types, people = ACCOUNT["types"], ACCOUNT["employees"]
    assert steps.taken(types, steps.step("+", "cust,partner"), "prospect,partner", HOW, "USD") == "prospect,partner,customer"
    assert steps.taken(types, steps.step("-", "prospect"), "prospect,partner", HOW, "USD") == "partner"
    assert steps.taken(people, steps.step("+", "50%"), 30, HOW, "USD") == "45"
    assert steps.taken(people, steps.step("-", "5"), 30, HOW, "USD") == "25"


@pytest.mark.parametrize(
    ("field", "value", "by", "says"),
    [
        ("amount", None, "10%", "blank"),
        ("amount", 100, "€5", "is in EUR"),
        ("amount", 100, "lots", "not an amount"),
        ("amount", 100, " ", "by how much"),
        ("close", "2026-11-30", "fri", "no length of time"),
        ("name", "x", "y", "cannot be changed by"),
        ("account", 7, "1", "cannot be changed by"),
    ],
)
def test_what_cannot_be(field: str, value: object, by: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        steps.taken(DEAL[field], steps.step("+", by), value, HOW, "USD")


@given(st.integers(-(10**9), 10**9), st.integers(0, 500), st.sampled_from("+-"))
def test_a_percentage_is_exact(cents: int, percent: int, sign: str) -> None:
    got = Decimal(steps.taken(DEAL["amount"], steps.step(sign, f"{percent}%"), cents, HOW, "USD"))
    factor = 1 + Decimal(percent) / 100 * (1 if sign == "+" else -1)
    assert got == (Decimal(cents) / 100 * factor).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
