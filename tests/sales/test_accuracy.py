"""Accuracy of forecasts against the definitions, written out with fractions."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales.accuracy import HIT, RANKED, Accuracy, Pair, accuracy, hit, ranks


def pairs(*figures: tuple[int, int]) -> list[Pair]:
    return [Pair(f"2026-Q{i}", *f) for i, f in enumerate(figures, 1)]


def test_three_periods_by_hand() -> None:
    """Errors +20, −50, 0 of actuals 100, 200, 300: bias −10 a period, −30 ÷ 600; WAPE 70 ÷ 600; one exact and none other within 10 %."""
    found = accuracy(pairs((120, 100), (150, 200), (300, 300)))
    assert found == Accuracy(3, 570, 600, -10.0, -0.05, pytest.approx(70 / 600), 1, pytest.approx(1 / 3))


def test_errors_of_the_parts_do_not_cancel_out() -> None:
    """A team's forecast is exact because one rep's miss is another's luck: no bias, a hit, and yet a WAPE of 100 ÷ 300."""
    parts = pairs((150, 100), (150, 200))
    found = accuracy([Pair("2026-Q1", 300, 300)], parts)
    assert (found.bias, found.bias_rate, found.hits, found.hit_rate) == (0, 0, 1, 1)
    assert found.wape == pytest.approx(Fraction(100, 300))
    assert accuracy([Pair("2026-Q1", 300, 300)]).wape == 0


@pytest.mark.parametrize(
    "forecast, actual, is_hit",
    [
        (110, 100, True),
        (111, 100, False),
        (90, 100, True),
        (89, 100, False),
        (1100, 1001, True),
        (1101, 1001, True),
        (1102, 1001, False),
        (-90, -100, True),
        (-110, -100, True),
        (-89, -100, False),
        (100, -100, False),
        (0, 0, True),
        (1, 0, False),
        (-1, 0, False),
        (0, 1, False),
        (11 * 10**17, 10**18, True),
        (11 * 10**17 + 1, 10**18, False),
    ],
)
def test_a_hit_is_within_ten_per_cent_of_what_came(forecast: int, actual: int, is_hit: bool) -> None:
    assert hit(Pair("2026-Q1", forecast, actual)) == is_hit


def test_nothing_forecast_and_nothing_closed() -> None:
    assert accuracy([]) == Accuracy(0, 0, 0, None, None, None, 0, None)
    assert accuracy(pairs((50, 0), (30, 0))) == Accuracy(2, 80, 0, 40, None, None, 0, 0)


def test_negative_actuals_weigh_by_their_size() -> None:
    """Credits of −100 and sales of 100: the sum of the actuals is 0, that of their sizes 200."""
    found = accuracy(pairs((-80, -100), (120, 100)))
    assert (found.actual, found.bias, found.bias_rate, found.wape) == (0, 20, 0.2, 0.2)


FIGURES = st.lists(st.tuples(st.integers(-(10**13), 10**13), st.integers(-(10**13), 10**13) | st.just(0)), max_size=12)


@given(FIGURES, st.none() | FIGURES)
def test_every_figure_by_its_definition(team: list[tuple[int, int]], reps: list[tuple[int, int]] | None) -> None:
    found = accuracy(pairs(*team), None if reps is None else pairs(*reps))
    parts = team if reps is None else reps
    errors = [f - a for f, a in team]
    assert (found.n, found.forecast, found.actual) == (len(team), sum(f for f, _ in team), sum(a for _, a in team))
    size, of_parts = sum(abs(a) for _, a in team), sum(abs(a) for _, a in parts)
    expected = {
        "bias": Fraction(sum(errors), len(team)) if team else None,
        "bias_rate": Fraction(sum(errors), size) if size else None,
        "wape": Fraction(sum(abs(f - a) for f, a in parts), of_parts) if of_parts else None,
        "hit_rate": Fraction(found.hits, len(team)) if team else None,
    }
    for name, value in expected.items():
        shown = getattr(found, name)
        assert (shown is None) == (value is None), name
        assert shown is None or shown == pytest.approx(float(value)), name
    assert found.hits == sum(abs(Fraction(f - a)) <= Fraction(HIT, 100) * abs(a) for f, a in team)
    if found.wape is not None and reps is None:
        assert found.bias_rate is not None and abs(found.bias_rate) <= found.wape * (1 + 1e-12)


def of(wape: float | None, n: int = RANKED) -> Accuracy:
    return Accuracy(n, 0, 0, 0, None, wape, 0, 0)


def test_ranked_from_eight_periods_on() -> None:
    assert RANKED == 8
    assert ranks({1: of(0.3), 2: of(0.1, n=7), 3: of(0.2, n=8), 4: of(0.1, n=40), 5: of(None)}) == {4: 1, 3: 2, 1: 3}
    assert ranks({1: of(0.3, n=7)}) == ranks({}) == {}


def test_equal_ones_share_a_rank() -> None:
    assert ranks({9: of(0.2), 3: of(0.1), 7: of(0.2), 1: of(0.4)}) == {3: 1, 7: 2, 9: 2, 1: 4}
