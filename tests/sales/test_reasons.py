"""What a reason may be, which reasons a deal may have, what two of them share, when a lost deal is tried again."""

from __future__ import annotations

import calendar
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import Refused, SfaError, UsageError
from sfa.sales import arrivals, reasons

BLANK = {"group": None, "weight": None, "recoverable": None, "revisit_months": None}
LOSS = {"id": 4, "name": "Too expensive", "outcome": "lost", **BLANK, "group": "price", "recoverable": 1, "revisit_months": 6}
WIN = {"id": 1, "name": "Best fit", "outcome": "won", **BLANK}
OTHER = {"id": 5, "name": "Missing feature", "outcome": "lost", **BLANK}


@pytest.mark.parametrize(
    ("before", "said", "made"),
    [
        ({}, {"name": "X"}, {"name": "X", "group": None, "revisit_months": None}),
        ({}, {"name": "X", "revisit_months": 6}, {"recoverable": 1, "revisit_months": 6}),
        ({}, {"name": "X", "recoverable": 1}, {"recoverable": 1, "revisit_months": None}),
        ({}, {"name": "X", "recoverable": 0}, {"recoverable": 0, "revisit_months": None}),
        ({}, {"name": "X", "outcome": "won", "weight": 0.5}, {"weight": 0.5, "recoverable": None}),
        ({}, {"name": "X", "group": "PRICE"}, {"group": "price"}),
        ({}, {"name": "X", "group": "prices"}, {"group": "prices"}),
        (LOSS, {"recoverable": 0}, {"recoverable": 0, "revisit_months": None}),
        (LOSS, {"recoverable": None}, {"recoverable": None, "revisit_months": None}),
        (LOSS, {"revisit_months": None}, {"recoverable": 1, "revisit_months": None}),
        (LOSS, {"revisit_months": 12.0}, {"recoverable": 1, "revisit_months": 12}),
        (LOSS, {"weight": 3}, {"weight": 3, "recoverable": 1, "revisit_months": 6}),
        (LOSS, {"outcome": "won"}, {"outcome": "won", "recoverable": None, "revisit_months": None}),
        ({**LOSS, "recoverable": 0, "revisit_months": None}, {"revisit_months": 3}, {"recoverable": 1, "revisit_months": 3}),
        (WIN, {"outcome": "lost", "revisit_months": 120}, {"recoverable": 1, "revisit_months": 120}),
    ],
)
def test_what_a_reason_is_made_of(before: dict[str, Any], said: dict[str, Any], made: dict[str, Any]) -> None:
    out = reasons.defined({**before, **said}, said, ["timing", "price"])
    assert {n: out.get(n) for n in made} == made


@pytest.mark.parametrize(
    ("before", "said", "error", "says"),
    [
        ({}, {"weight": 0}, UsageError, "above 0"),
        ({}, {"weight": -1.5}, UsageError, "above 0"),
        ({}, {"revisit_months": 0}, UsageError, "whole number from 1"),
        ({}, {"revisit_months": 2.5}, UsageError, "whole number from 1"),
        ({}, {"revisit_months": 121}, UsageError, "to 120"),
        ({}, {"revisit_months": 6, "recoverable": 0}, Refused, "for good"),
        ({}, {"outcome": "won", "revisit_months": 6}, Refused, "only a lost deal"),
        ({}, {"outcome": "won", "recoverable": 1}, Refused, "only a lost deal"),
        (WIN, {"recoverable": 1}, Refused, "only a lost deal"),
    ],
)
def test_what_a_reason_cannot_be(before: dict[str, Any], said: dict[str, Any], error: type[SfaError], says: str) -> None:
    with pytest.raises(error, match=says):
        reasons.defined({**before, **said}, said)


def test_an_outcome_stays_while_deals_have_it() -> None:
    reasons.redefined(LOSS, {**LOSS, "outcome": "won"}, 0)
    reasons.redefined(LOSS, {**LOSS, "name": "Price"}, 9)
    for deals, says in ((1, "a deal was lost for 'Too expensive'"), (3, "3 deals were lost")):
        with pytest.raises(Refused, match=says):
            reasons.redefined(LOSS, {**LOSS, "outcome": "won"}, deals)


@pytest.mark.parametrize(
    ("outcome", "primary", "secondary", "says"),
    [
        ("lost", LOSS, OTHER, ""),
        ("lost", LOSS, None, ""),
        ("lost", None, None, ""),
        ("open", WIN, None, ""),
        ("open", LOSS, WIN, ""),
        ("won", WIN, None, ""),
        ("lost", None, LOSS, "beside a primary"),
        ("open", None, LOSS, "beside a primary"),
        ("lost", LOSS, LOSS, "is the primary reason already"),
        ("lost", WIN, None, "'Best fit' is a reason for won deals"),
        ("lost", LOSS, WIN, "'Best fit' is a reason for won deals"),
        ("won", WIN, LOSS, "'Too expensive' is a reason for lost deals"),
    ],
)
def test_which_reasons_a_deal_may_have(outcome: str, primary: Any, secondary: Any, says: str) -> None:
    if not says:
        return reasons.fit(outcome, primary, secondary)
    with pytest.raises(Refused, match=says):
        reasons.fit(outcome, primary, secondary)
    return None


# Shares -----------------------------------------------------------------------------------------------------------------------------

WEIGHT = st.one_of(st.none(), st.integers(1, 10**6), st.decimals("0.001", "1000", places=3).map(float))


@pytest.mark.parametrize(
    ("amount", "weights", "wanted"),
    [
        (100, (None, None), (50, 50)),
        (101, (None, None), (51, 50)),  # equal remainders: the primary one has the odd cent
        (-101, (None, None), (-51, -50)),
        (100, (2, None), (67, 33)),
        (100, (None, 2), (33, 67)),
        (100, (0.5, 1.5), (25, 75)),
        (10, (0.1, 0.2), (3, 7)),
        (0, (3, 1), (0, 0)),
        (1, (1, 1_000_000), (0, 1)),
    ],
)
def test_what_two_reasons_share(amount: int, weights: tuple[Any, Any], wanted: tuple[int, int]) -> None:
    assert reasons.shares(amount, *weights) == wanted


@given(st.integers(-(10**15), 10**15), WEIGHT, WEIGHT)
def test_shares_add_up_and_are_nearest(amount: int, first: Any, second: Any) -> None:
    """Both parts make the whole, and the primary one is its exact part rounded to the nearest unit, a half up (away from zero)."""
    one, other = reasons.shares(amount, first, second)
    assert one + other == amount
    weights = [Fraction(str(1 if w is None else w)) for w in (first, second)]
    exact = abs(amount) * weights[0] / sum(weights)
    assert abs(one) == int(exact + Fraction(1, 2)) and one * amount >= 0


# When to try again ------------------------------------------------------------------------------------------------------------------


@given(st.dates(date(1950, 1, 1), date(2150, 1, 1)), st.integers(1, 120))
def test_a_revisit_is_so_many_months_later(closed: date, months: int) -> None:
    year, month = divmod(closed.year * 12 + closed.month - 1 + months, 12)
    wanted = date(year, month + 1, min(closed.day, calendar.monthrange(year, month + 1)[1]))
    assert reasons.revisit(closed.isoformat(), {"recoverable": 1, "revisit_months": months}) == wanted.isoformat()


@pytest.mark.parametrize(
    ("closed", "reason"),
    [
        (None, LOSS),
        ("2026-01-01", None),
        ("2026-01-01", {**LOSS, "recoverable": 0}),
        ("2026-01-01", {**LOSS, "recoverable": None}),
        ("2026-01-01", {**LOSS, "revisit_months": None}),
    ],
)
def test_no_revisit(closed: str | None, reason: dict[str, Any] | None) -> None:
    assert reasons.revisit(closed, reason) is None


def test_what_somebody_said_of_the_revisit_stays() -> None:
    later = {**LOSS, "revisit_months": 12}
    lost = {"closed": "2026-08-31", "revisit": "2027-02-28"}
    for before, after, was, now, wanted in (
        ({}, {"closed": "2026-08-31"}, None, LOSS, "2027-02-28"),  # just lost
        ({"closed": None, "revisit": None}, {"closed": "2026-08-31"}, LOSS, LOSS, "2027-02-28"),  # its reason was known before
        (lost, lost, LOSS, later, "2027-08-31"),  # the reason is another one
        (lost, {**lost, "closed": "2026-07-31"}, LOSS, LOSS, "2027-01-31"),
        (lost, lost, LOSS, OTHER, None),  # it was for good
        ({**lost, "revisit": "2027-01-01"}, {**lost, "revisit": "2027-01-01"}, LOSS, later, "2027-01-01"),
        ({**lost, "revisit": None}, {**lost, "revisit": None}, LOSS, later, None),
    ):
        assert reasons.tried_again(before, after, was, now) == wanted, (before, after)


def test_only_a_lost_deal_is_tried_again() -> None:
    reasons.lost_alone("lost", {"revisit": "2027-01-01"})
    reasons.lost_alone("won", {"revisit": None})
    for outcome in ("open", "won"):
        with pytest.raises(Refused, match="not tried again"):
            reasons.lost_alone(outcome, {"revisit": "2027-01-01"})


# Files ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "outcome", "before", "made", "dropped"),
    [
        ({"secondary_reason": 5}, "lost", None, {"reason": 5}, []),
        ({"reason": 4, "secondary_reason": 5}, "lost", None, {"reason": 4, "secondary_reason": 5}, []),
        ({"reason": 4, "secondary_reason": 4}, "lost", None, {"reason": 4}, ["secondary_reason"]),
        ({"secondary_reason": 5}, "lost", {"reason": 4}, {"secondary_reason": 5}, []),
        ({"secondary_reason": 5}, "lost", {"reason": 5}, {}, ["secondary_reason"]),
        ({"revisit": "2027-01-01"}, "lost", None, {"revisit": "2027-01-01"}, []),
        ({"revisit": "2027-01-01", "closed": "2026-01-01"}, "open", None, {}, ["closed", "revisit"]),
        ({"revisit": "2027-01-01", "reason": None}, "won", None, {}, ["revisit"]),
    ],
)
def test_a_row_of_a_deal(given: dict[str, Any], outcome: str, before: Any, made: dict[str, Any], dropped: list[str]) -> None:
    assert arrivals.deal(given, outcome, before) == (made, dropped)


def test_a_file_that_reopens_a_deal_clears_how_it_ended() -> None:
    before = {"stage": 6, "closed": "2026-01-01", "reason": 4, "secondary_reason": 5, "reason_note": "x", "revisit": "2027-01-01"}
    stage = {"id": 2, "pipeline": 1, "probability": 20, "category": "pipeline", "outcome": "open"}
    out = arrivals.moved_deal(before, {"stage": 2}, stage, "2026-11-23")
    assert {n: out[n] for n in before} == {**dict.fromkeys(before), "stage": 2}
    assert arrivals.moved_deal(before, {"stage": 2, "reason": 7}, stage, "2026-11-23")["reason"] == 7
