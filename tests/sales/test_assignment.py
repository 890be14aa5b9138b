"""Who gets which lead: turns, loads, absent people, rules that never get anything. No database."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfa.sales.assignment import LEAST_LOADED, Distribution, Given, Rule, covers, shadowed, ties
from sfa.sales.filters import parse
from sfa.sales.kinds import KINDS

LEAD = KINDS["lead"]
ANNA, BEN, CLEO, DINA = 1, 2, 3, 4


def rule(people: tuple[int, ...], method: str = "round_robin", absent: tuple[int, ...] = (), last: int | None = None, order: float = 1,
         condition: str = "") -> Rule:  # fmt: skip
    return Rule(7, "r", order, tuple(parse(condition.split(), LEAD)), people, method, frozenset(absent), last)


def people(rules: list[Rule], rows: list[tuple[int | None, int | None]], loads: dict[int, int] | None = None, default: int | None = None):
    turns = Distribution(rules, loads if loads is not None else {}, default)
    return [turns.give(*row).person for row in rows], turns


@pytest.mark.parametrize(
    ("last", "absent", "expected"),
    [
        (None, (), [ANNA, BEN, CLEO, ANNA, BEN]),
        (ANNA, (), [BEN, CLEO, ANNA, BEN, CLEO]),
        (CLEO, (), [ANNA, BEN, CLEO, ANNA, BEN]),
        (BEN, (CLEO,), [ANNA, BEN, ANNA, BEN, ANNA]),
        (CLEO, (CLEO,), [ANNA, BEN, ANNA, BEN, ANNA]),
        (BEN, (BEN,), [CLEO, ANNA, CLEO, ANNA, CLEO]),
        (DINA, (), [ANNA, BEN, CLEO, ANNA, BEN]),
    ],
)
def test_turns_go_on_behind_whoever_had_the_last(last, absent, expected) -> None:
    assert people([rule((ANNA, BEN, CLEO), absent=absent, last=last)], [(0, None)] * 5)[0] == expected


def test_the_least_loaded_gets_it_and_ties_go_by_the_list() -> None:
    got, turns = people([rule((BEN, ANNA), LEAST_LOADED)], [(0, None)] * 5, {BEN: 2})
    assert got == [ANNA, ANNA, BEN, ANNA, BEN]
    assert turns.loads == {BEN: 4, ANNA: 3}


def test_loads_count_over_all_rules_and_move_with_the_record() -> None:
    rules = [rule((BEN,)), rule((BEN, ANNA), LEAST_LOADED)]
    got, turns = people(rules, [(0, None), (0, CLEO), (1, None)], {CLEO: 1})
    assert (got, turns.loads) == ([BEN, BEN, ANNA], {BEN: 2, CLEO: 0, ANNA: 1})


def test_whose_it_is_already_stays_and_takes_no_turn() -> None:
    turns = Distribution([rule((ANNA, BEN))], {}, DINA)
    assert turns.give(0, BEN) == Given(BEN, 0, 2, True)
    assert turns.give(0, CLEO) == Given(ANNA, 0, 1)
    assert turns.give(None, CLEO) == Given(CLEO, None, 0, True)
    assert turns.give(None, None) == Given(DINA, None)
    assert turns.last_turns() == [(7, ANNA, 1)]


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(1, 9), min_size=1, max_size=5, unique=True), st.sampled_from(["round_robin", "least_loaded"]), st.data()
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(st.integers(0, 4), max_size=60),
    st.integers(1, 9),
)
def test_everything_gets_exactly_one_owner_and_turns_are_fair(specs, hits, default) -> None:
    rules = []
    for who, method, data in specs:
        absent = data.draw(st.lists(st.sampled_from(who), max_size=len(who) - 1, unique=True)) if len(who) > 1 else []
        rules.append(Rule(len(rules), "r", 1, (), tuple(who), method, frozenset(absent), data.draw(st.sampled_from([None, *who]))))
    rows = [(h if h < len(rules) else None, None) for h in hits]
    turns = Distribution(rules, {}, default)
    got = [turns.give(*row) for row in rows]
    assert len(got) == len(rows) and all(g.person is not None for g in got)
    assert Distribution(rules, {}, default).give_new([at for at, _ in rows]) == [g.person for g in got]
    for at, one in enumerate(rules):
        counts = Counter(g.person for g in got if g.rule == at)
        assert set(counts) <= set(one.present)
        if one.method == "round_robin":
            every = [counts[p] for p in one.present]
            assert max(every) - min(every) <= 1


@settings(max_examples=100)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=6), st.integers(1, 5))
def test_turns_are_the_same_in_one_load_and_in_several(sizes, n) -> None:
    """Split over loads, each beginning behind the last turn of the one before, the turns are those of a single load."""
    who = tuple(range(1, n + 1))
    whole = Distribution([rule(who)], {}, None).give_new([0] * sum(sizes))
    parts: list[int | None] = []
    last = None
    for size in sizes:
        turns = Distribution([rule(who, last=last)], {}, None)
        parts += turns.give_new([0] * size)
        last = turns.last_turns()[0][1] if turns.last_turns() else last
    assert parts == whole


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("", "country:Ireland", True),
        ("country:Ireland", "", False),
        ("country:Ireland", "country:ireland industry:food", True),
        ("country:Ireland industry:food", "country:Ireland", False),
        ("country:Ireland,Spain", "country:Spain", True),
        ("country:Spain", "country:Ireland,Spain", False),
        ("country:any", "country:Spain", True),
        ("country:any", "country:none", False),
        ("country:any", "-country:Spain", False),
        ("-country:Spain", "-country:Spain,Ireland", True),
        ("-country:Spain,Ireland", "-country:Spain", False),
        ("country:Ireland", "-country:Ireland", False),
        ("-country:Ireland", "country:Ireland", False),
        ("employees>100", "employees>500", True),
        ("employees>500", "employees>100", False),
        ("employees>=500", "employees>500", True),
        ("employees>500", "employees>=500", False),
        ("employees>500", "employees>500", True),
        ("employees<500", "employees>500", False),
        ("employees>100", "employees:500", True),
        ("employees<100", "employees:500", False),
        ("created>2026-01-01", "created>2026-02-01", False),
        ("name~foo", "company~foo", False),
        ("name~foo", "name~foo rating:hot", True),
    ],
)
def test_a_condition_takes_all_of_another(wide: str, narrow: str, expected: bool) -> None:
    assert covers(parse(wide.split(), LEAD), parse(narrow.split(), LEAD)) is expected


def test_rules_that_never_get_anything_and_ties() -> None:
    rules = [rule((1,), condition=c, order=o) for c, o in (("source:web", 1), ("source:web rating:hot", 2), ("", 2), ("rating:hot", 3))]
    assert shadowed(rules) == [(1, 0), (3, 2)]
    assert ties(rules) == [(2, 1)]
