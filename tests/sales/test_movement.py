"""Legs of a movement: every way in, through and out, and the identities for any two ends."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import SfaError
from sfa.sales.movement import (
    BELOW,
    BEYOND,
    CHANGES,
    CLOSED,
    ENTRIES,
    EXITS,
    UNDATED,
    WITHIN,
    End,
    Steps,
    Stop,
    add_up,
    goes_round,
    legs,
    where_is,
)

HERE = ("north",)
LEGS = (*ENTRIES, *CHANGES, *EXITS)


def end(outcome: str = "open", due: str = WITHIN, amount: int = 100, **more: Any) -> End:
    """A deal at one moment, in the window unless said otherwise; `closed` is within where it is won or lost."""
    known = {"closed": UNDATED if outcome == "open" else WITHIN, "scope": True, "own": amount, "value": amount, "rows": HERE, **more}
    return End(outcome=outcome, due=due, amount=amount, **{"closed_rows": known["rows"], **known})


def pipeline(before: End | None, after: End | None, born: str = "new", row: Any = None) -> dict[str, int]:
    """The legs of the pipeline in one row; a currency of 0 is none."""
    found = [x for x in legs(before, after, born) if x.row == row and x.name in ("opening", "currency", *LEGS, "closing")]
    assert len({x.name for x in found}) == len(found)
    return {x.name: x.amount for x in found if x.name != "currency" or x.amount}


def closed(before: End | None, after: End | None, row: Any = None) -> dict[str, int]:
    return {x.name: x.amount for x in legs(before, after) if x.row == row and x.name in ("closed_then", *CLOSED, "closed_now")}


IN = end()
LATER, EARLIER, NEVER = end(due=BEYOND), end(due=BELOW), end(due=UNDATED)
WON, LOST, OMITTED = end("won"), end("lost"), end(scope=False)


@pytest.mark.parametrize(
    "before, after, expected",
    [
        (IN, IN, {"opening": 100, "closing": 100}),
        (IN, end(amount=130), {"opening": 100, "increased": 30, "closing": 130}),
        (IN, end(amount=60), {"opening": 100, "decreased": 40, "closing": 60}),
        (end(amount=-50), end(amount=-70), {"opening": -50, "decreased": 20, "closing": -70}),
        (end(amount=0), end(amount=0), {"opening": 0, "closing": 0}),
        (end(amount=110, own=100), end(amount=110), {"opening": 100, "currency": 10, "closing": 110}),
        (end(amount=90, own=100), end(amount=120), {"opening": 100, "currency": -10, "increased": 30, "closing": 120}),
        # Ways in.
        (None, IN, {"new": 100, "closing": 100}),
        (LATER, IN, {"pulled_in": 100, "closing": 100}),
        (NEVER, IN, {"pulled_in": 100, "closing": 100}),
        (EARLIER, IN, {"pushed_in": 100, "closing": 100}),
        (OMITTED, IN, {"transferred_in": 100, "closing": 100}),
        (end(due=BEYOND, scope=False), IN, {"pulled_in": 100, "closing": 100}),
        (LOST, IN, {"reopened": 100, "closing": 100}),
        (WON, IN, {"reopened": 100, "closing": 100}),
        (end("won", closed=BELOW), IN, {"reopened": 100, "closing": 100}),
        (LATER, end(amount=150), {"pulled_in": 100, "increased": 50, "closing": 150}),
        (end("lost", amount=80), end(amount=60), {"reopened": 80, "decreased": 20, "closing": 60}),
        # What the opening's rate was does not matter to a deal that was not in.
        (end(due=BEYOND, amount=110, own=100), end(amount=110), {"pulled_in": 110, "closing": 110}),
        # Ways out, at the later amount.
        (IN, WON, {"opening": 100, "won": 100}),
        (IN, end("won", amount=120), {"opening": 100, "increased": 20, "won": 120}),
        (IN, LOST, {"opening": 100, "lost": 100}),
        (IN, end("lost", amount=0), {"opening": 100, "decreased": 100, "lost": 0}),
        (IN, end("lost", due=BEYOND, closed=BEYOND), {"opening": 100, "lost": 100}),
        (IN, LATER, {"opening": 100, "pushed_out": 100}),
        (IN, NEVER, {"opening": 100, "pushed_out": 100}),
        (IN, end(due=BEYOND, amount=70), {"opening": 100, "decreased": 30, "pushed_out": 70}),
        (IN, EARLIER, {"opening": 100, "pulled_out": 100}),
        (IN, OMITTED, {"opening": 100, "transferred_out": 100}),
        (IN, end("won", scope=False), {"opening": 100, "transferred_out": 100}),
        (IN, None, {"opening": 100, "removed": 100}),
        (end(amount=110, own=100), None, {"opening": 100, "currency": 10, "removed": 110}),
        # Won on a day outside the window: what counts is that day, not when it was due.
        (IN, end("won", closed=BEYOND), {"opening": 100, "pushed_out": 100}),
        (IN, end("won", closed=BELOW), {"opening": 100, "pulled_out": 100}),
        (IN, end("won", due=BEYOND), {"opening": 100, "won": 100}),
        # Won in the window without having been in: in and out at the later amount.
        (None, WON, {"new": 100, "won": 100}),
        (end(due=BEYOND, amount=80), WON, {"pulled_in": 100, "won": 100}),
        (end(due=BELOW, amount=80), WON, {"pushed_in": 100, "won": 100}),
        (end(due=UNDATED, amount=80), WON, {"pulled_in": 100, "won": 100}),
        (end("lost", amount=80), WON, {"reopened": 100, "won": 100}),
        (end(scope=False, amount=80), WON, {"transferred_in": 100, "won": 100}),
        # Never in the pipeline of the window.
        (None, None, {}),
        (None, LATER, {}),
        (None, LOST, {}),
        (None, OMITTED, {}),
        (None, end("won", closed=BELOW), {}),
        (None, end("won", scope=False), {}),
        (LATER, EARLIER, {}),
        (LATER, LOST, {}),
        (LATER, None, {}),
        (OMITTED, OMITTED, {}),
        (WON, end("won", amount=120), {}),
        (WON, LOST, {}),
        (WON, LATER, {}),
        (end("won", closed=BELOW), WON, {}),
        (end("won", scope=False), WON, {}),
    ],
)
def test_legs_of_the_pipeline(before: End | None, after: End | None, expected: dict[str, int]) -> None:
    assert pipeline(before, after) == expected
    assert pipeline(before, after, row="north") == expected


def test_a_first_import_is_not_new() -> None:
    assert pipeline(None, IN, "imported") == {"imported": 100, "closing": 100}
    assert pipeline(None, WON, "imported") == {"imported": 100, "won": 100}
    assert pipeline(LATER, IN, "imported") == {"pulled_in": 100, "closing": 100}


@pytest.mark.parametrize(
    "before, after, expected",
    [
        (None, WON, {"newly_won": 100, "closed_now": 100}),
        (IN, WON, {"newly_won": 100, "closed_now": 100}),
        (LATER, WON, {"newly_won": 100, "closed_now": 100}),
        (LOST, WON, {"newly_won": 100, "closed_now": 100}),
        # The rate of the closed day, not that of the open deal.
        (IN, end("won", amount=100, value=90), {"newly_won": 90, "closed_now": 90}),
        (WON, WON, {"closed_then": 100, "closed_now": 100}),
        (WON, end("won", amount=130), {"closed_then": 100, "amended": 30, "closed_now": 130}),
        (WON, end("won", amount=70), {"closed_then": 100, "amended": -30, "closed_now": 70}),
        # The closed day moved in and out; in and out of the filter.
        (end("won", closed=BELOW), WON, {"amended": 100, "closed_now": 100}),
        (end("won", closed=BEYOND), WON, {"amended": 100, "closed_now": 100}),
        (end("won", scope=False), WON, {"amended": 100, "closed_now": 100}),
        (WON, end("won", closed=BELOW), {"closed_then": 100, "amended": -100}),
        (WON, end("won", closed=BEYOND), {"closed_then": 100, "amended": -100}),
        (WON, end("won", scope=False), {"closed_then": 100, "amended": -100}),
        (WON, None, {"closed_then": 100, "amended": -100}),
        (WON, IN, {"closed_then": 100, "reopened_won": 100}),
        (WON, LATER, {"closed_then": 100, "reopened_won": 100}),
        (WON, end(amount=500), {"closed_then": 100, "reopened_won": 100}),
        (WON, LOST, {"closed_then": 100, "reopened_won": 100}),
        (IN, LOST, {}),
        (end("won", closed=BELOW), end("won", closed=BEYOND), {}),
        (end("won", closed=BELOW), IN, {}),
        (None, None, {}),
    ],
)
def test_legs_of_what_is_closed(before: End | None, after: End | None, expected: dict[str, int]) -> None:
    assert closed(before, after) == expected
    assert closed(before, after, "north") == expected


NORTH, SOUTH = {"rows": ("north",)}, {"rows": ("south",)}


@pytest.mark.parametrize(
    "before, after, north, south",
    [
        (end(**NORTH), end(**SOUTH), {"opening": 100, "transferred_out": 100}, {"transferred_in": 100, "closing": 100}),
        (
            end(**NORTH),
            end(amount=130, **SOUTH),
            {"opening": 100, "transferred_out": 100},
            {"transferred_in": 100, "increased": 30, "closing": 130},
        ),
        (
            end(amount=110, own=100, **NORTH),
            end("won", amount=120, **SOUTH),
            {"opening": 100, "currency": 10, "transferred_out": 110},
            {"transferred_in": 110, "increased": 10, "won": 120},
        ),
        (end(**NORTH), end("lost", **SOUTH), {"opening": 100, "transferred_out": 100}, {"transferred_in": 100, "lost": 100}),
        (end(**NORTH), end(due=BEYOND, **SOUTH), {"opening": 100, "transferred_out": 100}, {"transferred_in": 100, "pushed_out": 100}),
        (end(**NORTH), None, {"opening": 100, "removed": 100}, {}),
        # It was not in: all of it is the later row's.
        (end(due=BEYOND, **NORTH), end(amount=130, **SOUTH), {}, {"pulled_in": 100, "increased": 30, "closing": 130}),
        (None, end(**SOUTH), {}, {"new": 100, "closing": 100}),
    ],
)
def test_a_deal_that_goes_to_another_row(before: End, after: End | None, north: dict[str, int], south: dict[str, int]) -> None:
    assert pipeline(before, after, row="north") == north
    assert pipeline(before, after, row="south") == south
    total = pipeline(before, after)
    assert not {"transferred_in", "transferred_out"} & total.keys()
    assert {n: total.get(n, 0) for n in (*north, *south) if "transferred" not in n} == {
        n: north.get(n, 0) + south.get(n, 0) for n in (*north, *south) if "transferred" not in n
    }


def test_a_deal_that_counts_for_every_manager_above() -> None:
    """From Nora's team to Sam's, both below Boss, for whom nothing moved."""
    before, after = end(rows=("Nora", "Boss")), end(amount=130, rows=("Sam", "Boss"))
    assert pipeline(before, after, row="Nora") == {"opening": 100, "transferred_out": 100}
    assert pipeline(before, after, row="Sam") == {"transferred_in": 100, "increased": 30, "closing": 130}
    assert pipeline(before, after, row="Boss") == pipeline(before, after) == {"opening": 100, "increased": 30, "closing": 130}


def test_a_won_deal_of_another_person() -> None:
    """Who is credited changed: taken from one row, put into another, nothing in the total."""
    before, after = end("won", rows=("north",)), end("won", amount=130, rows=("south",))
    assert closed(before, after, "north") == {"closed_then": 100, "amended": -100}
    assert closed(before, after, "south") == {"amended": 130, "closed_now": 130}
    assert closed(before, after) == {"closed_then": 100, "amended": 30, "closed_now": 130}


def test_where_a_won_deal_counts_is_not_the_row_that_it_leaves() -> None:
    """By month: it leaves November's pipeline and is closed in December."""
    before = end(rows=("2026-11",))
    after = end("won", rows=("2026-11",), closed_rows=("2026-12",))
    assert pipeline(before, after, row="2026-11") == {"opening": 100, "won": 100}
    assert pipeline(before, after, row="2026-12") == {}
    assert closed(before, after, "2026-11") == {}
    assert closed(before, after, "2026-12") == {"newly_won": 100, "closed_now": 100}


@pytest.mark.parametrize(
    "day, place",
    [("2026-09-30", BELOW), ("2026-10-01", WITHIN), ("2026-12-31", WITHIN), ("2027-01-01", BEYOND), (None, UNDATED)],
)
def test_where_a_day_lies(day: str | None, place: str) -> None:
    assert where_is(day, "2026-10-01", "2027-01-01") == place


# Any two ends -----------------------------------------------------------------------------------------------------------------------

PLACES = st.sampled_from([BELOW, WITHIN, WITHIN, BEYOND, UNDATED])
AMOUNTS = st.integers(-(10**12), 10**12) | st.sampled_from([0, 100])
SINGLE = st.sampled_from([("north",), ("south",), ("",)])
SEVERAL = st.lists(st.sampled_from(["Boss", "Nora", "Sam", "Ann"]), max_size=4, unique=True).map(tuple)


def ends(rows: st.SearchStrategy[tuple[Any, ...]]) -> st.SearchStrategy[End | None]:
    outcomes = st.sampled_from(["open", "open", "won", "lost"])
    built = st.builds(End, outcomes, PLACES, PLACES, st.sampled_from([True, True, False]), AMOUNTS, AMOUNTS, AMOUNTS, rows, rows)
    return st.none() | built


def histories(rows: st.SearchStrategy[tuple[Any, ...]]) -> st.SearchStrategy[Any]:
    return st.lists(st.tuples(ends(rows), ends(rows), st.sampled_from(["new", "imported"])), max_size=6)


def summed(deals: list[tuple[End | None, End | None, str]]) -> dict[Any, Steps]:
    steps: dict[Any, Steps] = {None: Steps()}
    for before, after, born in deals:
        add_up(steps, legs(before, after, born))
    return steps


@given(histories(SEVERAL))
def test_every_row_closes(deals: list[tuple[End | None, End | None, str]]) -> None:
    for row, at in summed(deals).items():
        at.check(f"row {row}")
        into = sum(at.of(n) for n in ENTRIES) + at.of("increased")
        out = sum(at.of(n) for n in EXITS) + at.of("decreased")
        assert at.of("opening") + at.of("currency") + into - out == at.of("closing")
        assert at.of("closed_then") + at.of("newly_won") + at.of("amended") - at.of("reopened_won") == at.of("closed_now")


@given(histories(SINGLE))
def test_rows_add_up_to_the_total(deals: list[tuple[End | None, End | None, str]]) -> None:
    steps = summed(deals)
    total = steps.pop(None)
    for name in ("opening", "currency", *LEGS, "closing", "closed_then", *CLOSED, "closed_now"):
        if name not in ("transferred_in", "transferred_out"):
            assert sum(at.of(name) for at in steps.values()) == total.of(name), name
    moved = {n: sum(at.of(n) for at in steps.values()) - total.of(n) for n in ("transferred_in", "transferred_out")}
    assert moved["transferred_in"] == moved["transferred_out"]


@given(histories(SEVERAL))
def test_opening_and_closing_are_those_of_each_moment_alone(deals: list[tuple[End | None, End | None, str]]) -> None:
    """What the pipeline held at each moment does not depend on the other one."""
    steps = summed(deals)
    for side, name, amount in ((0, "opening", "own"), (1, "closing", "amount")):
        present = [d[side] for d in deals if d[side] and d[side].outcome == "open" and d[side].due == WITHIN and d[side].scope]
        assert steps[None].of(name) == sum(getattr(e, amount) for e in present)
        assert steps[None].count.get(name, 0) == len(present)
        by_row = Counter({row: 0 for row in steps if row is not None})
        for e in present:
            for row in e.rows:
                by_row[row] += getattr(e, amount)
        assert {row: at.of(name) for row, at in steps.items() if row is not None} == dict(by_row)


@given(ends(SEVERAL), ends(SEVERAL))
def test_a_deal_has_at_most_one_way_in_one_change_and_one_way_out(before: End | None, after: End | None) -> None:
    found = legs(before, after)
    for row in {x.row for x in found}:
        names = [x.name for x in found if x.row == row]
        assert len(names) == len(set(names))
        assert sum(n in ("opening", *ENTRIES) for n in names) <= 1 and sum(n in (*EXITS, "closing") for n in names) <= 1
        assert sum(n in ("increased", "decreased") for n in names) <= 1
        assert sum(n in CLOSED for n in names) <= 1
    assert all(x.amount > 0 for x in found if x.name in ("increased", "decreased"))


@pytest.mark.parametrize(
    "way, won, round_about",
    [
        ("in 5", False, False),
        ("out, out", False, False),
        ("in 5, in 7, in 9", False, False),
        ("in 9, in 7, out", False, False),
        ("out, in 5, in 7", False, False),
        # Came and was won, which the legs tell; came and went, which they do not.
        ("out, in 5, out", True, False),
        ("out, in 5, out", False, True),
        ("in 5, out", True, False),
        ("in 5, out, in 5", False, True),
        ("in 5, out, in 5, out", False, True),
        ("in 5, out, in 5, out", True, True),
        ("out, in 5, out, in 5", False, True),
        ("in 5, in 7, in 5", False, True),
        ("in 5, in 3, in 9", False, True),
        ("out, in 5, in 7, in 6, out", True, True),
        ("out, in 5, in 7, out", True, False),
    ],
)
def test_ways_round(way: str, won: bool, round_about: bool) -> None:
    stops = [Stop(w.startswith("in"), int(w[3:]) if w.startswith("in") else None, "EUR") for w in way.split(", ")]
    assert goes_round(stops, won) == round_about


def test_amounts_of_two_currencies_are_not_compared() -> None:
    assert not goes_round([Stop(True, 5, "EUR"), Stop(True, 7, "USD"), Stop(True, 6, "EUR")], False)
    assert goes_round([Stop(True, 5, "EUR"), Stop(True, 7, "EUR"), Stop(True, None, "EUR")], False)


def test_what_does_not_add_up_is_told() -> None:
    steps = Steps()
    steps.add("opening", 100)
    steps.add("won", 100)
    steps.check("the total")
    steps.add("increased", 1)
    with pytest.raises(SfaError, match="the movement of the total does not add up"):
        steps.check("the total")
    closed_only = Steps()
    closed_only.add("newly_won", 5)
    with pytest.raises(SfaError, match="does not add up"):
        closed_only.check("row x")
