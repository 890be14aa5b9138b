"""Spans of retention and the day before which nothing may have happened."""

from __future__ import annotations

from datetime import date

import pytest

from sfa.errors import BadValue
from sfa.sales.retention import cutoff, months


@pytest.mark.parametrize(("text", "expected"), [("24m", 24), ("3y", 36), (" 1M ", 1), ("120m", 120)])
def test_spans(text: str, expected: int) -> None:
    assert months("x", text) == expected


@pytest.mark.parametrize("text", ["", "0m", "24", "m", "2w", "-3m", "1.5y", "9999m", "٣m"])
def test_no_spans(text: str) -> None:
    with pytest.raises(BadValue, match="retention"):
        months("retention.lead", text)


@pytest.mark.parametrize(
    ("today", "span", "expected"),
    [
        (date(2026, 11, 23), 24, date(2024, 11, 23)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 1), 12, date(2025, 12, 1)),
    ],
)
def test_cutoffs(today: date, span: int, expected: date) -> None:
    assert cutoff(today, span) == expected
