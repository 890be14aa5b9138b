"""The rules of deal health one by one, grades, order; what is usual for a stage against plain counting; percentiles."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales.health import Facts, Limits, findings, grade, reasons, worst_first
from sfa.sales.statistics import percentile
from sfa.sales.usual import Learnt, Told, Usual, silences

LIMITS = Limits(pushes=2, silent_days=14, cut_percent=30, risk=3)
USUAL = Usual(stay=20, silence=10, remaining=15, stays=40, silences=90)
SOUND = Facts(
    stage="Proposal",
    usual=USUAL,
    today=date(2026, 11, 23),
    days_in_stage=20,
    silent=10,
    last_touch="2026-11-13",
    pushes=1,
    days_moved=12,
    deciding=True,
    close="2026-11-23",
    planned=20,
    amount=71_00,
    peak=100_00,
    currency="EUR",
    competitor=None,
    next_step="send quote",
    step_due="2026-11-23",
)


def test_a_sound_deal_has_no_reasons() -> None:
    """Every figure stands at the last value that is still usual."""
    assert reasons(SOUND, LIMITS) == []
    assert grade(0, LIMITS) == "good"


@pytest.mark.parametrize(
    ("rule", "change", "fact"),
    [
        ("close date", {"close": "2026-11-22"}, "expected 2026-11-22, 1 day ago"),
        ("close date", {"close": None}, "no expected close"),
        ("pushed", {"pushes": 2, "days_moved": 62}, "2 times into a later month, 62 days in all"),
        ("stalled", {"days_in_stage": 21}, "21 days in Proposal; 9 of 10 won deals took 20 at most"),
        ("silent", {"silent": 11}, "11 days without an activity or change of stage; 9 of 10 won deals waited 10 at most"),
        ("silent", {"silent": 15, "usual": USUAL._replace(silence=None)}, "the setting is 14"),
        ("silent", {"silent": None}, "no activity"),
        ("hurried", {"planned": 14}, "14 days from entering Proposal to the expected close; 9 of 10 won deals needed 15 or more"),
        ("amount", {"amount": 70_00}, "cut by 30 %: 100 EUR once, 70 EUR now"),
        ("amount", {"amount": None}, "cut by 100 %"),
        ("contact", {"deciding": False}, "no contact in a deciding role"),
        ("competitor", {"competitor": "Rival Corp"}, "against Rival Corp"),
        ("next step", {"next_step": None, "step_due": None}, "no next step"),
        ("next step", {"step_due": "2026-11-20"}, "send quote: was due 2026-11-20, 3 days ago"),
    ],
)
def test_each_rule_speaks_alone(rule: str, change: dict[str, object], fact: str) -> None:
    found = reasons(SOUND._replace(**change), LIMITS)
    assert [r.rule for r in found] == [rule]
    assert fact in found[0].fact


@pytest.mark.parametrize(
    "change",
    [
        {"days_in_stage": None, "planned": None},
        {"usual": Usual(silence=10)},
        {"deciding": None},
        {"peak": None, "amount": None},
        {"peak": 0, "amount": 0},
        {"silent": 14, "usual": USUAL._replace(silence=None)},
        {"next_step": "call", "step_due": None},
    ],
)
def test_what_nobody_knows_is_held_against_nobody(change: dict[str, object]) -> None:
    made = SOUND._replace(**change)
    assert reasons(made, LIMITS) == []
    assert all(f.fact for f in findings(made, LIMITS))


def test_grades_and_order() -> None:
    assert [grade(n, LIMITS) for n in range(5)] == ["good", "watch", "watch", "risk", "risk"]
    rows = [("good", 900, "a"), ("risk", 10, "b"), ("watch", 500, "c"), ("risk", 20, "d"), ("risk", 20, "C")]
    assert worst_first(rows) == [4, 3, 1, 2, 0]


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 100))
def test_percentile_is_the_nearest_rank(values: list[int], percent: int) -> None:
    counts = {v: values.count(v) for v in values}
    wanted = sorted(values)[math.ceil(len(values) * percent / 100) - 1] if values else None
    assert percentile(counts, percent) == wanted


def test_silences_belong_to_the_stage_in_which_they_began() -> None:
    deal = Told([(10, 1), (20, 2), (30, None), (40, 2)], True, [5, 15, 15, 20, 25, 60], 50)
    assert silences(deal, 50) == [(1, 5), (1, 5), (2, 5), (2, 5), (None, 10), (2, 10)]
    assert silences(Told([(10, 1)], True, [], None), 10) == []


DAYS = st.lists(st.integers(0, 40), max_size=6)


@given(st.lists(st.tuples(DAYS, DAYS, st.booleans()), min_size=25, max_size=60))
def test_what_is_usual_against_plain_counting(deals: list[tuple[list[int], list[int], bool]]) -> None:
    """Deals that go through stages 1, 2, 1, 2 … in the days of the first list, with touches on those of the second."""
    learnt = Learnt()
    stays: dict[int, list[int]] = {1: [], 2: []}
    quiet: dict[int, list[int]] = {1: [], 2: []}
    left: dict[int, list[int]] = {1: [], 2: []}
    for moves, touched, known in deals:
        days = sorted({0, *moves})
        entered = [(day, 1 + i % 2) for i, day in enumerate(days)]
        won = days[-1] + 3
        learnt.add(Told(entered, known, touched, won))
        for i, (day, stage) in enumerate(entered):
            if i or known:
                stays[stage].append([*days, won][i + 1] - day)
        for stage in (1, 2):
            first = next((d for i, (d, s) in enumerate(entered) if s == stage and (i or known)), None)
            if first is not None:
                left[stage].append(won - first)
        moments = sorted({*days, won, *(t for t in touched if t <= won)})
        for a, b in pairwise(moments):
            quiet[[s for d, s in entered if d <= a][-1]].append(b - a)
    usual = learnt.usual()
    for stage in (1, 2):
        found = usual.get(stage, Usual())
        for got, values, percent in ((found.stay, stays, 90), (found.silence, quiet, 90), (found.remaining, left, 10)):
            of = sorted(values[stage])
            assert got == (of[math.ceil(len(of) * percent / 100) - 1] if len(of) >= 30 else None)
        assert (found.stays, found.silences) == (len(stays[stage]), len(quiet[stage]))
