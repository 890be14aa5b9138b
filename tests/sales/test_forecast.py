"""The forecast's arithmetic, against computations written out here."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import targets as rules
from sfa.sales.dates import Period
from sfa.sales.forecast import (
    BEFORE,
    IN,
    LATE,
    UNDATED,
    Figures,
    Group,
    Person,
    add,
    below,
    blank_row,
    cumulative,
    roll_up,
    span_of,
    tree,
)
from sfa.sales.goals import forecast
from sfa.sales.targets import (
    Assigned,
    Quota,
    Quotas,
    Target,
    attainment,
    bearers,
    coverage,
    elapsed,
    gap,
    over_assigned,
    own_target,
    pace,
    part,
    quota_for,
    targets,
    total_target,
)

AMOUNT = st.integers(-(10**12), 10**12)


def test_salesforce_vector() -> None:
    f = Figures(closed=50, commit=100, best_case=150, pipeline=200)
    c = cumulative(f)
    assert (c.commit, c.best_case, c.open_pipeline) == (150, 300, 450)
    assert c.most_likely == 150


@given(AMOUNT, AMOUNT, AMOUNT, AMOUNT, AMOUNT)
def test_cumulative_identities(closed: int, commit: int, likely: int, best: int, pipeline: int) -> None:
    c = cumulative(Figures(closed, commit, likely, best, pipeline))
    assert c.commit - closed == commit
    assert c.most_likely - c.commit == likely
    assert c.best_case - c.most_likely == best
    assert c.open_pipeline == c.best_case - closed + pipeline


@pytest.mark.parametrize(
    ("target", "open_pipeline", "rate", "left", "covered"),
    [
        (Target(1000, 400), 900, 0.4, 600, 1.5),
        (Target(1000, 1000), 900, 1.0, 0, None),
        (Target(1000, 1200), 900, 1.2, -200, None),
        (Target(0, 50), 10, None, -50, None),
        (Target(None, 0), 10, None, None, None),
        (Target(400, 0), 0, 0.0, 400, 0.0),
    ],
)
def test_attainment_gap_coverage(target: Target, open_pipeline: int, rate: float | None, left: int | None, covered: float | None) -> None:
    assert attainment(target) == rate
    assert gap(target) == left
    assert coverage(target, open_pipeline) == covered


def test_groups_go_where_they_belong() -> None:
    row = blank_row()
    for g in (
        Group("closed", IN, 2, 1, 500, 0, 490),
        Group("commit", IN, 1, 1, 100, 75),
        Group("commit", LATE, 1, 1, 40, 30),
        Group("pipeline", BEFORE, 1, 1, 7, 1),
        Group("best_case", UNDATED, 2, 0, 9, 4),
        Group("omitted", IN, 3, 3, 1000, 900),
        Group("omitted", BEFORE, 3, 3, 1000, 900),
    ):
        add(row, g)
    f = Figures(*row)
    assert (f.closed, f.plan, f.commit, f.weighted, f.overdue) == (500, 490, 140, 105, 40)
    assert (f.before, f.undated, f.n_before, f.n_undated, f.n_omitted, f.n_blank) == (7, 9, 1, 2, 3, 1)
    assert (f.pipeline, f.best_case, f.deals, f.n_overdue) == (0, 0, 4, 1)


# Quotas -----------------------------------------------------------------------------------------------------------------------------


def span(text: str) -> tuple[date, date]:
    """2026, 2026-Q4, 2026-H1 or 2026-11, worked out by hand."""
    year = int(text[:4])
    rest = text[5:]
    if not rest:
        first, size = 0, 12
    elif rest[0] in "QH":
        size = 3 if rest[0] == "Q" else 6
        first = (int(rest[1:]) - 1) * size
    else:
        first, size = int(rest) - 1, 1
    last = first + size
    return date(year, first + 1, 1), date(year + last // 12, last % 12 + 1, 1)


@pytest.mark.parametrize(
    ("quotas", "asked", "expected"),
    [
        ([], "2026-Q4", None),
        ([("2026-Q4", 300)], "2026-Q4", 300),
        ([("2026-Q4", 300), ("2026", 4000)], "2026-Q4", 300),
        ([("2026-10", 10), ("2026-11", 20), ("2026-12", 30)], "2026-Q4", 60),
        ([("2026-Q4", 300), ("2026-10", 10)], "2026-Q4", 300),
        ([("2026", 1000)], "2026-Q4", 250),
        ([("2026", 1001)], "2026-Q1", 251),
        ([("2026", 1001)], "2026-Q2", 250),
        ([("2026", 1001)], "2026-01", 84),
        ([("2026-Q4", 100)], "2026-10", 34),
        ([("2026-Q4", 100)], "2026-12", 33),
        ([("2026", 1200), ("2026-10", 200)], "2026-Q4", 400),
        ([("2026", 1200), ("2026-H2", 900)], "2026-Q4", 450),
        ([("2026-Q1", 100), ("2026-01", 90), ("2026-Q2", 100)], "2026", 200),
        ([("2026-Q1", 100)], "2026-Q4", None),
        ([("2026-Q4", 0)], "2026-Q4", 0),
        ([("2026-Q3", 90), ("2026-Q4", 120)], "2026-H2", 210),
    ],
)
def test_quota_for(quotas: list[tuple[str, int]], asked: str, expected: int | None) -> None:
    assert quota_for([Quota(*span(name), amount) for name, amount in quotas], *span(asked)) == expected


def test_a_quota_over_a_period_that_cuts_two_quarters() -> None:
    """November to January: two thirds of the fourth quarter, one third of the first."""
    quotas = [Quota(*span("2026-Q4"), 300), Quota(*span("2027-Q1"), 600)]
    assert quota_for(quotas, date(2026, 11, 1), date(2027, 2, 1)) == 200 + 200


@given(st.integers(0, 10**12), st.integers(0, 365), st.integers(0, 365))
def test_parts_of_a_quota_add_up(amount: int, a: int, b: int) -> None:
    odd = Quota(date(2026, 1, 5), date(2026, 12, 28), amount)
    steps = sorted({odd.start, odd.end, *(odd.start + timedelta(days=min(x, 350)) for x in (a, b))})
    assert sum(part(odd, x, y) for x, y in pairwise(steps)) == amount
    year = Quota(date(2026, 1, 1), date(2027, 1, 1), amount)
    cuts = sorted({year.start, year.start + timedelta(days=a), year.start + timedelta(days=b), year.end})
    assert sum(part(year, x, y) for x, y in pairwise(cuts)) == amount
    months = [part(year, *span(f"2026-{m:02}")) for m in range(1, 13)]
    quarters = [part(year, *span(f"2026-Q{q}")) for q in range(1, 5)]
    assert quarters == [sum(months[i : i + 3]) for i in (0, 3, 6, 9)]
    assert sum(quarters) == amount
    assert max(quarters) - min(quarters) <= 1
    assert all(abs(Fraction(amount, 12) - m) < 2 for m in months)


def test_months_and_quarters_of_a_month() -> None:
    assert span_of("month", "2026-12") == Period(date(2026, 12, 1), date(2027, 1, 1), "2026-12")
    assert span_of("quarter", "2026-05") == Period(date(2026, 4, 1), date(2026, 7, 1), "2026-Q2")
    fiscal = Period(date(2026, 4, 1), date(2026, 7, 1), "FY27-Q1")
    assert span_of("quarter", "2026-05", lambda unit, day: fiscal) is fiscal


# Reporting lines --------------------------------------------------------------------------------------------------------------------

BOSS, NORTH, SOUTH, ANN, BEN, CAT = 1, 2, 3, 4, 5, 6
PEOPLE = {
    BOSS: Person(BOSS, "Boss"),
    NORTH: Person(NORTH, "Nora", BOSS, "North"),
    SOUTH: Person(SOUTH, "Sam", BOSS, "South"),
    ANN: Person(ANN, "Ann", NORTH, "North"),
    BEN: Person(BEN, "Ben", NORTH, "North"),
    CAT: Person(CAT, "Cat", SOUTH, "South"),
}


def test_tree_and_roll_up() -> None:
    lines = tree(PEOPLE, [ANN, BEN, CAT])
    assert lines.order == (BOSS, NORTH, ANN, BEN, SOUTH, CAT)
    assert [lines.level[p] for p in lines.order] == [0, 1, 2, 2, 1, 2]
    assert lines.above(ANN) == [NORTH, BOSS]
    assert lines.above(NORTH) == [NORTH, BOSS]
    whole = roll_up(lines, {ANN: Figures(closed=1), BEN: Figures(closed=10), NORTH: Figures(closed=100), CAT: Figures(closed=1000)})
    assert {p: f.closed for p, f in whole.items()} == {BOSS: 1111, NORTH: 111, SOUTH: 1000, ANN: 1, BEN: 10, CAT: 1000}


def test_a_circle_is_cut() -> None:
    lines = tree({1: Person(1, "a", 2), 2: Person(2, "b", 3), 3: Person(3, "c", 1), 4: Person(4, "d", 3)}, [4, 1])
    assert sorted(lines.order) == [1, 2, 3, 4]
    assert lines.manager[1] is None
    assert lines.heads == {1, 2, 3}


@given(st.dictionaries(st.integers(1, 12), st.one_of(st.none(), st.integers(1, 12)), min_size=1))
def test_any_lines_make_a_tree(managers: dict[int, int | None]) -> None:
    people = {p: Person(p, f"p{p}", m) for p, m in managers.items()}
    lines = tree(people, people)
    assert sorted(lines.order) == sorted(people)
    whole = roll_up(lines, {p: Figures(closed=1) for p in people})
    assert sum(whole[p].closed for p in lines.order if lines.manager[p] is None) == len(people)
    for p in lines.order:
        below = {x for x in people if p in [x, *lines.above(x)]}
        assert whole[p].closed == len(below)


def test_targets_add_up_unless_set() -> None:
    lines = tree(PEOPLE, PEOPLE)
    own = {p: Figures(plan=100, n_closed=1) for p in (ANN, BEN, CAT)}
    quota = Assigned({ANN: 150, CAT: 80})
    reach = targets(lines, quota, own)
    assert reach[NORTH] == Target(150, 100, (BEN,))
    assert reach[BOSS] == Target(230, 200, (BEN,))
    assert bearers(lines, quota, own) == {ANN: Target(150, 100), CAT: Target(80, 100)}
    quota = Assigned({ANN: 150, CAT: 80}, {NORTH: 500})
    reach = targets(lines, quota, own)
    assert reach[NORTH] == Target(500, 200, ())
    assert reach[BOSS] == Target(580, 300, ())
    assert bearers(lines, quota, own) == {ANN: Target(150, 100), CAT: Target(80, 100)}, "what is divided further is not added to its parts"
    assert over_assigned(lines, quota, NORTH) == (500, 150)
    assert over_assigned(lines, Assigned({ANN: 150}), NORTH) is None
    assert over_assigned(lines, Assigned({}, {NORTH: 500}), NORTH) is None


def test_a_selling_managers_own_quota_is_a_part_of_the_teams() -> None:
    lines = tree(PEOPLE, PEOPLE)
    own = {NORTH: Figures(plan=30, n_closed=1), ANN: Figures(plan=100, n_closed=1)}
    reach = targets(lines, Assigned({ANN: 150, NORTH: 50}), own)
    assert reach[NORTH] == Target(200, 130)
    reach = targets(lines, Assigned({ANN: 150, NORTH: 50}, {NORTH: 300}), own)
    assert reach[NORTH] == Target(300, 130)
    assert over_assigned(lines, Assigned({ANN: 150, NORTH: 50}, {NORTH: 300}), NORTH) == (300, 200)
    assert bearers(lines, Assigned({NORTH: 50}, {NORTH: 300}), own) == {NORTH: Target(50, 30)}
    assert bearers(lines, Assigned({}, {NORTH: 300, BOSS: 900}), own) == {NORTH: Target(300, 130)}


def test_whose_quota_is_whose() -> None:
    lines = tree(PEOPLE, PEOPLE)
    assert own_target(lines, Assigned({}, {NORTH: 500}), NORTH, Figures(plan=3)) == Target()
    assert own_target(lines, Assigned({NORTH: 50}, {NORTH: 500}), NORTH, Figures(plan=3)) == Target(50, 3)
    assert own_target(lines, Assigned({ANN: 500}), ANN, Figures(plan=3)) == Target(500, 3)
    assert own_target(lines, Assigned({}, {ANN: 500}), ANN, Figures(plan=3)) == Target(500, 3), "a team of one"
    assert total_target([Target(5, 1), Target(None, 0, (7,)), Target(6, 2)]) == Target(11, 3, (7,))


def test_quotas_by_person() -> None:
    period = Period(*span("2026-Q4"), "2026-Q4")
    quotas = Quotas({ANN: [Quota(*span("2026"), 400)], BEN: [Quota(*span("2025"), 400)]}, {NORTH: [Quota(*span("2026-Q4"), 7)]})
    assert quotas.within(period) == Assigned({ANN: 100}, {NORTH: 7})


def test_who_is_below() -> None:
    assert below(PEOPLE, NORTH) == {NORTH, ANN, BEN}
    assert below(PEOPLE, BOSS) == set(PEOPLE)
    assert below({1: Person(1, "a", 2), 2: Person(2, "b", 1)}, 1) == {1, 2}


@pytest.mark.parametrize(
    ("today", "share", "expected"),
    [
        (date(2026, 9, 30), Fraction(0), None),
        (date(2026, 10, 1), Fraction(1, 92), 46.0),
        (date(2026, 11, 15), Fraction(46, 92), 1.0),
        (date(2026, 12, 31), Fraction(1), 0.5),
        (date(2027, 5, 1), Fraction(1), 0.5),
    ],
)
def test_pace_is_attainment_against_the_elapsed_share(today: date, share: Fraction, expected: float | None) -> None:
    period = Period(*span("2026-Q4"), "2026-Q4")
    assert elapsed(period, today) == pytest.approx(float(share))
    assert pace(Target(200, 100), period, today) == (None if expected is None else pytest.approx(expected))
    assert pace(Target(), period, today) is None


def test_a_year_of_weeks_is_divided_by_quarters_of_13_weeks() -> None:
    """2026-02-01 to 2027-01-31 are 52 weeks, 2023-01-29 to 2024-02-04 are 53."""
    year = Quota(date(2026, 2, 1), date(2027, 1, 31), 120_000_000)
    starts = [year.start + timedelta(weeks=13 * i) for i in range(5)]
    assert [part(year, a, b) for a, b in pairwise(starts)] == [30_000_000] * 4
    long = Quota(date(2023, 1, 29), date(2024, 2, 4), 53_000)
    edges = [*(long.start + timedelta(weeks=13 * i) for i in range(4)), long.end]
    assert [part(long, a, b) for a, b in pairwise(edges)] == [13_000, 13_000, 13_000, 14_000]


# Whole forecasts --------------------------------------------------------------------------------------------------------------------

GROUPS = st.lists(
    st.tuples(
        st.sampled_from([None, *PEOPLE]),
        st.sampled_from(["2026-10", "2026-11", "2026-12"]),
        st.sampled_from(["closed", "commit", "most_likely", "best_case", "pipeline", "omitted"]),
        st.integers(0, 10**9),
    ),
    max_size=30,
)


@given(GROUPS)
def test_every_slice_adds_up(deals: list[tuple[int | None, str, str, int]]) -> None:
    period = Period(*span("2026-Q4"), "2026-Q4")
    totals = set()
    for names in (("rep",), ("month",), ("team",), ("region",), ("quarter",), ("rep", "month"), ("quarter", "team")):
        groups = []
        for owner, month, category, amount in deals:
            values = tuple(month if n in ("month", "quarter") else owner for n in names)
            groups.append((values, owner, Group(category, IN, 1, 1, amount, amount // 2, amount)))
        made = forecast(names, groups, PEOPLE, {}, period)
        whole = Figures()
        for row in made.rows:
            whole = whole.plus(row.figures)
        assert whole == made.total.figures
        totals.add(whole)
    assert len(totals) == 1
    assert totals.pop().closed == sum(a for _, _, c, a in deals if c == "closed")


@given(GROUPS)
def test_manager_rows_are_their_teams(deals: list[tuple[int | None, str, str, int]]) -> None:
    period = Period(*span("2026-Q4"), "2026-Q4")
    groups = [((o,), o, Group(c, IN, 1, 1, a, 0, a)) for o, _, c, a in deals]
    made = forecast(("manager",), groups, PEOPLE, None, period)
    team = {NORTH: {NORTH, ANN, BEN}, SOUTH: {SOUTH, CAT}, BOSS: set(PEOPLE)}
    closed = {r.key[0]: r.figures.closed for r in made.rows}
    for manager, people in team.items():
        assert closed.get(manager, 0) == sum(a for o, _, c, a in deals if c == "closed" and o in people)
    assert closed.get(None, 0) == sum(a for o, _, c, a in deals if c == "closed" and o is None)


@pytest.mark.parametrize(
    ("quotas", "found"),
    [
        ([], False),
        ([("2026-01-01", "2027-01-01")], False),
        ([("2026-10-01", "2027-01-01")], True),
        ([("2026-01-01", "2026-07-01"), ("2026-07-01", "2027-01-01")], False),
        ([("2026-01-01", "2026-04-01"), ("2026-07-01", "2027-01-01")], True),
        ([("2025-01-01", "2028-01-01"), ("2026-10-01", "2027-01-01")], False),
        ([("2027-01-01", "2028-01-01")], False),
    ],
)
def test_a_quota_for_a_part_of_the_period_is_noticed(quotas: list[tuple[str, str]], found: bool) -> None:
    given = [rules.Quota(date.fromisoformat(a), date.fromisoformat(b), 100) for a, b in quotas]
    assert rules.in_part(given, date(2026, 1, 1), date(2027, 1, 1)) is found
