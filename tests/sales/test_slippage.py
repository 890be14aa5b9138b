"""Pushes, moves and days of an expected close; what became of a locked forecast."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales.dates import Calendar, fiscal_month_index
from sfa.sales.slippage import FATES, Locked, Pushed, Slips, Version, fate, slips


def calendar_month(day: date) -> int:
    return day.year * 12 + day.month


def of(*closes: str | None) -> list[Version]:
    """Open versions one after the other, each by another person."""
    return [Version(i, 100 + i, close, True) for i, close in enumerate(closes)]


@pytest.mark.parametrize(
    ("closes", "pushes", "later", "days", "net"),
    [
        ((), 0, 0, 0, None),
        ((None,), 0, 0, 0, None),
        (("2026-01-10",), 0, 0, 0, 0),
        (("2026-01-10", "2026-01-20"), 0, 1, 10, 10),
        (("2026-01-31", "2026-02-01"), 1, 1, 1, 1),
        (("2026-01-10", "2026-03-10", "2026-03-20"), 1, 2, 69, 69),
        (("2026-01-10", "2026-02-10", "2026-01-10", "2026-02-10"), 2, 2, 62, 31),
        (("2026-03-10", "2026-02-10"), 0, 0, 0, -28),
        (("2026-01-10", None, "2026-02-10"), 1, 1, 31, 31),
        ((None, "2026-01-10", "2026-01-10"), 0, 0, 0, 0),
        (("2026-12-31", "2027-01-01"), 1, 1, 1, 1),
    ],
)
def test_moves(closes: tuple[str | None, ...], pushes: int, later: int, days: int, net: int | None) -> None:
    found = slips(of(*closes), calendar_month)
    assert (found.pushes, found.later, found.days, found.net) == (pushes, later, days, net)


def test_the_last_later_move_is_told() -> None:
    found = slips(of("2026-01-10", "2026-02-10", "2026-03-10", "2026-02-01"), calendar_month)
    assert found.last == Version(2, 102, "2026-03-10", True)
    assert found.first == "2026-01-10"


def test_a_closed_deal_does_not_move() -> None:
    one, two = of("2026-01-10", "2026-05-10")
    assert slips([one, two._replace(open=False)], calendar_month) == Slips(0, 0, 0, 0, "2026-01-10", None)
    # Reopened, its date is compared with the one that it had while it was open.
    assert slips([one, two._replace(open=False), two], calendar_month).pushes == 1


def test_months_are_fiscal_ones() -> None:
    """In a 4-4-5 year that begins on 2026-02-02 its first month ends on 2026-03-01."""
    weeks = Calendar(date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC), 2, "end", "", "", "4-4-5", "monday")
    versions = of("2026-02-27", "2026-03-01", "2026-03-02")
    assert slips(versions, lambda d: fiscal_month_index(d, weeks)).pushes == 1
    assert slips(versions, lambda d: fiscal_month_index(d, weeks._replace(fiscal_weeks=""))).pushes == 1
    assert slips(of("2026-03-01", "2026-03-02"), lambda d: fiscal_month_index(d, weeks)).pushes == 1
    assert slips(of("2026-03-01", "2026-03-02"), calendar_month).pushes == 0


@given(st.lists(st.one_of(st.none(), st.dates(date(2025, 1, 1), date(2027, 1, 1)).map(str)), max_size=12))
def test_moves_against_plain_counting(closes: list[str | None]) -> None:
    known = [c for c in closes if c]
    pairs = [*pairwise(known)]
    found = slips(of(*closes), calendar_month)
    assert found.later == sum(b > a for a, b in pairs)
    assert found.pushes == sum(b[:7] > a[:7] for a, b in pairs)
    assert found.days == sum(max(0, (date.fromisoformat(b) - date.fromisoformat(a)).days) for a, b in pairs)


@pytest.mark.parametrize(
    ("outcome", "closed", "what"),
    [
        ("won", "2026-10-01", "won"),
        ("won", "2026-12-31", "won"),
        ("won", "2027-01-01", "slipped"),
        ("won", "2026-09-30", "slipped"),
        ("won", None, "slipped"),
        ("lost", "2026-12-31", "lost"),
        ("lost", "2026-09-01", "lost"),
        ("lost", None, "lost"),
        ("lost", "2027-01-01", "slipped"),
        ("open", None, "slipped"),
        (None, None, "removed"),
    ],
)
def test_fates(outcome: str | None, closed: str | None, what: str) -> None:
    assert fate(outcome, closed, "2026-10-01", "2027-01-01") == what


def test_rates_of_a_lock() -> None:
    lock = Locked()
    assert lock.rate("slipped") is None
    for what, amount in (("won", 60), ("lost", 10), ("slipped", 25), ("removed", 5)):
        lock.add(what, amount)
    assert (lock.deals, lock.forecast) == (4, 100)
    assert lock.rate("slipped", "lost", "removed") == 0.4
    assert sum(lock.rate(f) or 0 for f in FATES) == 1


def test_groups_add_up() -> None:
    moved, still = slips(of("2026-01-10", "2026-02-20"), calendar_month), slips(of("2026-01-10"), calendar_month)
    assert Pushed().plus(moved, 100).plus(still, 7) == Pushed(2, 1, 107, 100, 1, 1, 41)
