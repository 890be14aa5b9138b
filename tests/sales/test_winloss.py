"""Win/loss arithmetic against published values and the standard library."""

from __future__ import annotations

import statistics as library
from collections.abc import Iterable
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales.statistics import WEAK, difference, least_difference, mean, median, ratio, wilson
from sfa.sales.winloss import Group, Listed, Outcomes, Share, against_others, by_value, notable, rates, shared_losses


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


@pytest.mark.parametrize(
    ("k", "n", "other", "m", "value", "low", "high"),
    [
        (56, 70, 48, 80, 0.2, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.6, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.5714, 0.0582, 0.8062),
        (5, 56, 0, 29, 0.0893, -0.0381, 0.1926),
        (0, 10, 0, 20, 0.0, -0.1611, 0.2775),
        (0, 10, 0, 10, 0.0, -0.2775, 0.2775),
        (10, 10, 0, 20, 1.0, 0.6791, 1.0),
        (10, 10, 0, 10, 1.0, 0.6075, 1.0),
    ],
)
def test_difference_published(k: int, n: int, other: int, m: int, value: float, low: float, high: float) -> None:
    """Newcombe 1998, table II, method 10."""
    found = difference(k, n, other, m)
    assert found is not None
    assert [round(x, 4) for x in found[:3]] == [value, low, high]


RATES = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(RATES, RATES)
def test_difference_holds_what_it_should(one: tuple[int, int], two: tuple[int, int]) -> None:
    """p from the standard library's normal distribution; both ways round; the interval holds the difference."""
    found, back = difference(*one, *two), difference(*two, *one)
    assert found is not None and back is not None
    (k, n), (other, m) = one, two
    assert -1 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    assert (back.value, back.low, back.high) == pytest.approx((-found.value, -found.high, -found.low))
    pooled = Fraction(k + other, n + m)
    variance = pooled * (1 - pooled) * (Fraction(1, n) + Fraction(1, m))
    z = abs(k / n - other / m) / float(variance) ** 0.5 if variance else 0.0
    assert found.p == pytest.approx(2 * (1 - library.NormalDist().cdf(z)), abs=1e-9)
    assert found.weak is (min(n, m) < WEAK)
    assert found.more_than_chance() is (found.p < 0.05 and min(n, m) >= WEAK)
    assert not found.more_than_chance(10) or found.p < 0.005


def test_a_difference_needs_two_rates() -> None:
    assert difference(0, 0, 1, 2) is None
    assert difference(1, 2, 0, 0) is None
    assert not difference(29, 29, 0, 1000).more_than_chance()  # type: ignore[union-attr]


SIDE = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 6))


@given(SIDE, SIDE)
def test_the_least_difference_of_all_that_may_yet_come(one: tuple[int, int, int], two: tuple[int, int, int]) -> None:
    """Every way in which the undecided cases of both sides can end, one by one. Sides: successes, failures, undecided."""
    n, m = sum(one), sum(two)
    found = least_difference(one[0], n, one[2], two[0], m, two[2])
    if not n or not m or one[0] * m == two[0] * n:
        assert found is None
        return
    ends = [Fraction(one[0] + i, n) - Fraction(two[0] + j, m) for i in range(one[2] + 1) for j in range(two[2] + 1)]
    if min(ends) <= 0 <= max(ends):
        assert found is None
    else:
        assert found is not None
        assert found.value == pytest.approx(float(min(ends, key=abs)))


def rated(won: int, lost: int) -> Outcomes:
    return outcomes(Group(True, won, won, won, {}), Group(False, lost, lost, lost, {}))


def added(rows: Iterable[Outcomes]) -> Outcomes:
    return outcomes(*(Group(won, n, n, n, {}) for o in rows for won, n in ((True, o.won_count), (False, o.lost_count))))


def test_only_what_is_more_than_chance_is_notable() -> None:
    rows = {
        ("halved",): rated(60, 140),
        ("plain",): rated(105, 95),
        ("few",): rated(0, 29),
        (None,): rated(2, 98),
        ("other",): rated(300, 300),
        ("good",): rated(450, 150),
    }
    found = notable(rows, added(rows.values()))
    assert [key for key, _ in found] == [("good",), ("halved",)]
    assert found[0][1] == against_others(rows["good",], added(rows.values()))
    assert found[1][1] == difference(60, 200, 105 + 2 + 300, 200 + 29 + 100 + 600)
    assert notable({("only",): rated(60, 140)}, rated(60, 140)) == []


def test_what_one_row_does_is_not_put_down_to_the_rest() -> None:
    """Beside a row that is never won, every other one wins more than all others together."""
    rows = {("never",): rated(0, 2000), **{(f"row {i}",): rated(1000, 1000) for i in range(3)}}
    better = against_others(rows["row 1",], added(rows.values()))
    assert better is not None and better.value > 0.1 and better.more_than_chance(len(rows))
    assert [key for key, _ in notable(rows, added(rows.values()))] == [("never",)]


def test_a_striking_row_among_many_may_be_chance() -> None:
    """38 of 100 against 50 %: more than chance for one row, but not where a hundred were looked at."""
    odd, total = rated(38, 62), rated(1000, 1000)
    found = against_others(odd, total)
    assert found is not None and found.more_than_chance()
    assert [k for k, _ in notable({("odd",): odd}, total)] == [("odd",)]
    many = {("odd",): odd, **{(f"row {i}",): rated(50, 50) for i in range(99)}}
    assert notable(many, total) == []


def test_losses_shared_by_weight() -> None:
    """1: price, weight 2; 2: product, without; 3: competitor, weight 1."""
    reasons = {1: (2.0, "price"), 2: (None, "product"), 3: (1.0, None)}
    groups = [
        ((1, "web", None, None), Group(False, 4, 4, 400, {})),
        ((1, "web", 2, 11), Group(False, 1, 1, 100, {})),
        ((2, None, 3, 12), Group(False, 1, 1, 101, {})),
        ((None, "web", None, None), Group(False, 1, 0, 0, {})),
        ((1, "web", None, None), Group(True, 9, 9, 900, {})),
    ]
    names = ["reason", "source", "secondary_reason", "deal"]
    found = shared_losses(names, groups, reasons, lambda values: [values])
    assert found == {
        None: Share(700, 601),
        (1, "web"): Share(400 + 67, 400 + 67),
        (2, "web"): Share(33, 33),
        (2, None): Share(50, 51),
        (3, None): Share(50, 50),
        (None, "web"): Share(100, 0),
    }
    by_group = [((reasons[v[0]][1] if v[0] else None, v[0], v[2], v[3]), g) for v, g in groups]
    found = shared_losses(["reason_group", "reason", "secondary_reason", "deal"], by_group, reasons, lambda values: [values])
    assert found == {
        None: Share(700, 601),
        ("price",): Share(467, 467),
        ("product",): Share(83, 84),
        (None,): Share(150, 50),
    }


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


@pytest.mark.parametrize(
    ("won", "lost", "discount", "lost_discount"),
    [
        ([], [], None, None),
        ([None], [None], None, None),
        ([Listed()], [], None, None),
        ([Listed(1, 90, 100)], [], 0.1, None),
        ([Listed(1, 0, 100)], [Listed(2, 150, 200)], 1.0, 0.25),
        ([Listed(1, 150, 100)], [], -0.5, None),
        ([Listed(1, 100, 100)], [], 0.0, None),
        ([Listed(1, 50, 100), None, Listed(3, 900, 900)], [Listed(1, 110, 100)], 0.05, -0.1),  # of the whole, not the mean of 50 % and 0
    ],
)
def test_the_discount_is_that_on_the_whole(
    won: list[Listed | None], lost: list[Listed | None], discount: float | None, lost_discount: float | None
) -> None:
    o = outcomes(*(Group(side, 5, 5, 0, {}, found) for side, part in ((True, won), (False, lost)) for found in part))
    assert (o.listed.discount, o.lost_listed.discount) == (discount, lost_discount)
    assert o.listed.deals == sum(x.deals for x in won if x)
