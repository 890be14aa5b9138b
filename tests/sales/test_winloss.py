"""Win/loss arithmetic against published values and the standard library."""

from __future__ import annotations

import statistics as library
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales.statistics import WEAK, mean, median, ratio, wilson
from sfa.sales.winloss import Group, Outcomes, by_value, rates


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(0, 10, 0.0, 0.278), (8, 10, 0.490, 0.943), (50, 100, 0.404, 0.596), (10, 10, 0.722, 1.0), (1, 1, 0.207, 1)]
)
def test_wilson_published(k: int, n: int, low: float, high: float) -> None:
    found = wilson(k, n)
    assert found is not None
    assert (round(found[0], 3), round(found[1], 3)) == (low, high)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_the_rate_and_solves_its_equation(case: tuple[int, int]) -> None:
    """The ends are where |p − rate| = z √(p(1−p)/n)."""
    k, n = case
    found = wilson(k, n)
    assert found is not None
    low, high = found
    assert 0 <= low <= k / n <= high <= 1
    for p in found:
        if 0 < p < 1:
            assert abs(p - k / n) == pytest.approx(1.959963984540054 * (p * (1 - p) / n) ** 0.5, rel=1e-6, abs=1e-9)


def test_nothing_divides_by_nothing() -> None:
    assert wilson(0, 0) is None
    assert ratio(1, 0) is None
    assert mean({}) is None
    assert median({}) is None
    r = rates(Outcomes())
    assert (r.win_rate, r.win_rate_low, r.average_deal, r.cycle_mean_days, r.win_rate_by_value) == (None,) * 5


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_mean_and_median(days: list[int]) -> None:
    counts = {d: days.count(d) for d in days}
    assert mean(counts) == pytest.approx(library.fmean(days))
    assert median(counts) == library.median(days)


def outcomes(*groups: Group) -> Outcomes:
    o = Outcomes()
    for g in groups:
        o.add(g)
    return o


def test_rates_of_a_small_book() -> None:
    o = outcomes(
        Group(True, 3, 3, 550, {10: 2, 30: 1}),
        Group(True, 1, 1, 100, {-4: 1}),
        Group(False, 3, 3, 350, {5: 3}),
        Group(False, 1, 1, 0, {}),
    )
    r = rates(o)
    assert (o.won_count, o.lost_count, o.negative, o.undated) == (4, 4, 1, 1)
    assert r.win_rate == 0.5
    assert r.average_deal == 162  # 650 / 4 = 162.5, half to even
    assert r.win_rate_by_value == 650 / 1000
    assert r.cycle_mean_days == pytest.approx((10 + 10 + 30) / 3)
    assert r.cycle_median_days == 10
    assert r.lost_cycle_mean_days == 5
    assert r.weak


@pytest.mark.parametrize(
    ("lost", "blank", "known"), [(10, 2, True), (10, 3, False), (5, 1, True), (4, 1, False), (1, 1, False), (0, 0, True)]
)
def test_by_value_needs_amounts_of_four_fifths_of_the_losses(lost: int, blank: int, known: bool) -> None:
    o = outcomes(Group(True, 1, 1, 100, {1: 1}), Group(False, lost, lost - blank, (lost - blank) * 100, {1: lost}))
    assert (by_value(o) is not None) is known
    if known:
        assert by_value(o) == float(Fraction(100, 100 + (lost - blank) * 100))


def test_weak_below_thirty() -> None:
    assert rates(outcomes(Group(True, WEAK - 1, 0, 0, {}))).weak
    assert not rates(outcomes(Group(True, WEAK, 0, 0, {}))).weak
