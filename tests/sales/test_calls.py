"""Calls, adjustments and judgments beside the deals, against what is written out here; targets of any tree count nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfa.errors import Refused
from sfa.sales.calls import Adjustment, Call, Judgment, Standing, called, may_adjust, missing, standings, whole
from sfa.sales.dates import parse_period_key
from sfa.sales.forecast import COLUMNS, IN, Figures, Group, Person, Tree, cumulative, roll_up, tree
from sfa.sales.goals import forecast
from sfa.sales.targets import Assigned, Quota, Quotas, bearers, targets, total_target

BOSS, NORA, BEN, WEI, SAM = 1, 2, 3, 4, 5
PEOPLE = {
    BOSS: Person(BOSS, "Boss"),
    NORA: Person(NORA, "Nora", BOSS),
    BEN: Person(BEN, "Ben", NORA),
    WEI: Person(WEI, "王伟", NORA),
    SAM: Person(SAM, "Sam", BOSS),
}
LINES = tree(PEOPLE, PEOPLE)
OWN = {BOSS: Figures(commit=10), BEN: Figures(closed=30, commit=100), WEI: Figures(best_case=50, n_best_case=1), SAM: Figures(pipeline=7)}
ROLLED = roll_up(LINES, OWN)


def adjusts(owner: int, manager: int | None, amount: int, column: str = "commit", gross: int = 0) -> Adjustment:
    return Adjustment(owner, manager, column, amount, gross, "", "2026-11-20T09:00:00Z")


def judges(manager: int | None, included: bool, natural: bool, owner: int = WEI, amount: int = 50, deal: int = 77) -> Judgment:
    return Judgment(deal, manager, "commit", included, owner, amount, natural, "", "2026-11-20T09:00:00Z")


def commit(said: list[Adjustment], judged: list[Judgment]) -> dict[int, tuple[int, int, int | None]]:
    """person → (gross, adjusted, figure)."""
    found = standings(LINES, OWN, ROLLED, "commit", said, judged)
    return {p: (s.gross, s.adjusted, s.figure) for p, s in found.items()}


# Adjustments ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ([], {}),
        ([adjusts(BEN, NORA, 90)], {BEN: (130, 130, 90), NORA: (130, 90, None), BOSS: (140, 100, None)}),
        ([adjusts(BEN, NORA, 90), adjusts(NORA, BOSS, 200)], {BEN: (130, 130, 90), NORA: (130, 90, 200), BOSS: (140, 210, None)}),
        ([adjusts(BEN, BOSS, 90)], {}),
        ([adjusts(BEN, SAM, 90)], {}),
        ([adjusts(BEN, None, 90)], {}),
        ([adjusts(BEN, NORA, 90, "best_case")], {}),
        ([adjusts(BEN, NORA, 0)], {BEN: (130, 130, 0), NORA: (130, 0, None), BOSS: (140, 10, None)}),
        ([adjusts(BOSS, None, 500)], {BOSS: (140, 140, 500)}),
        ([adjusts(99, NORA, 90)], {}),
    ],
)
def test_adjustments(said: list[Adjustment], changed: dict[int, Any]) -> None:
    plain = {BOSS: (140, 140, None), NORA: (130, 130, None), BEN: (130, 130, None), WEI: (0, 0, None), SAM: (0, 0, None)}
    assert commit(said, []) == {**plain, **changed}


def test_how_far_the_gross_has_moved_since() -> None:
    found = standings(LINES, OWN, ROLLED, "commit", [adjusts(BEN, NORA, 90, gross=150), adjusts(WEI, NORA, 5, gross=0)], [])
    assert (found[BEN].moved, found[WEI].moved, found[SAM].moved) == (130 - 150, 0, None)


def test_a_part_of_the_company_has_what_its_managers_outside_say() -> None:
    """Of Nora's team alone: Boss, who is not in it, says 200 of Nora and leaves Wei's deal in."""
    team = {p: PEOPLE[p] for p in (NORA, BEN, WEI)}
    lines = tree(team, team)
    over = {p: person.manager for p, person in PEOPLE.items()}
    own = {p: OWN[p] for p in team if p in OWN}
    for said, judged, expected in (
        ([adjusts(NORA, BOSS, 200)], [], 200),
        ([], [judges(BOSS, True, False)], 130 + 50),
        ([], [], None),
    ):
        found = standings(lines, own, roll_up(lines, own), "commit", said, judged, over)
        assert found[NORA].figure == expected
        assert whole(lines, found) == Standing(130, 130 if expected is None else expected)
        assert found[BEN].figure is None


@st.composite
def companies(draw: st.DrawFn) -> tuple[dict[int, Person], Tree]:
    """People of whom each reports to an earlier one or to nobody."""
    people: dict[int, Person] = {}
    for i in range(1, draw(st.integers(1, 9)) + 1):
        people[i] = Person(i, f"p{i}", draw(st.sampled_from([None, *people])))
    return people, tree(people, people)


MONEY = st.integers(-1000, 1000)


@settings(max_examples=60)
@given(companies(), st.data())
def test_the_adjusted_roll_up_by_its_definition(company: tuple[dict[int, Person], Tree], data: st.DataObject) -> None:
    """Own + Σ over reports (their manager's figure, else their adjusted roll-up), at any depth; the gross is what it is without."""
    people, lines = company
    own = {p: Figures(*(data.draw(MONEY) for _ in range(4))) for p in people}
    said = [
        adjusts(p, data.draw(st.sampled_from([None, *people])), data.draw(MONEY), column)
        for p in people
        for column in COLUMNS
        if data.draw(st.booleans())
    ]
    rolled = roll_up(lines, own)
    for column in COLUMNS:
        figures = {a.owner: a.amount for a in said if a.column == column and people[a.owner].manager == a.manager}

        def value(person: int, figures: dict[int, int] = figures, column: str = column) -> int:
            return figures.get(person, adjusted(person, figures, column))

        def adjusted(person: int, figures: dict[int, int], column: str) -> int:
            reports = [p for p in people if people[p].manager == person]
            return getattr(cumulative(own[person]), column) + sum(value(p, figures, column) for p in reports)

        found = standings(lines, own, rolled, column, said, [])
        bare = standings(lines, own, rolled, column, [], [])
        assert {p: s.adjusted for p, s in found.items()} == {p: adjusted(p, figures, column) for p in people}
        assert {p: s.gross for p, s in found.items()} == {p: s.adjusted for p, s in bare.items()}
        tops = [p for p in people if people[p].manager is None]
        assert whole(lines, found) == Standing(sum(bare[p].gross for p in tops), sum(value(p) for p in tops))


# Judgments --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("judged", "changed"),
    [
        ([judges(NORA, True, False)], {WEI: (0, 0, 50), NORA: (130, 180, None), BOSS: (140, 190, None)}),
        ([judges(BOSS, True, False)], {NORA: (130, 130, 180), BOSS: (140, 190, None)}),
        ([judges(NORA, True, False), judges(BOSS, True, False)], {WEI: (0, 0, 50), NORA: (130, 180, None), BOSS: (140, 190, None)}),
        ([judges(NORA, True, False), judges(BOSS, False, False)], {WEI: (0, 0, 50), NORA: (130, 180, 130)}),
        ([judges(NORA, False, False)], {}),
        ([judges(SAM, True, False)], {}),
        ([judges(WEI, True, False)], {}),
        (
            [judges(NORA, False, True, BEN, 100), judges(BOSS, True, True, BEN, 100)],
            {BEN: (130, 130, 30), NORA: (130, 30, 130)},
        ),
        ([judges(NORA, True, False, owner=NORA), judges(BOSS, True, False, owner=NORA)], {NORA: (130, 130, 180), BOSS: (140, 190, None)}),
        ([judges(None, True, False, owner=BOSS)], {BOSS: (140, 140, 190)}),
    ],
    ids=["include", "from above", "both", "above says no", "as it is", "not theirs", "the owner", "back in", "handed up", "at the top"],
)
def test_judgments(judged: list[Judgment], changed: dict[int, Any]) -> None:
    plain = {BOSS: (140, 140, None), NORA: (130, 130, None), BEN: (130, 130, None), WEI: (0, 0, None), SAM: (0, 0, None)}
    assert commit([], judged) == {**plain, **changed}


def test_an_adjustment_beats_judgments_of_the_same_person() -> None:
    found = commit([adjusts(WEI, NORA, 5)], [judges(NORA, True, False)])
    assert (found[WEI], found[NORA]) == ((0, 0, 5), (130, 135, None))


@settings(max_examples=60)
@given(companies(), st.data())
def test_every_deal_counts_once_as_its_highest_judge_sees_it(company: tuple[dict[int, Person], Tree], data: st.DataObject) -> None:
    """A person's adjusted roll-up is the sum of the deals below whose verdict is in: that of the highest manager from the person down
    to the owner's who has judged it, else the deal's own category."""
    people, lines = company

    def above(person: int) -> list[int]:
        """The managers over somebody, the nearest first."""
        over = people[person].manager
        return [] if over is None else [over, *above(over)]

    deals = [(100 + i, data.draw(st.sampled_from([*people])), data.draw(MONEY), data.draw(st.booleans())) for i in range(4)]
    verdicts = {(d[0], m): data.draw(st.booleans()) for d in deals for m in [None, *people] if data.draw(st.booleans())}
    judged = [judges(m, v, natural, owner, amount, d) for d, owner, amount, natural in deals for m in [None, *people]
              if (v := verdicts.get((d, m))) is not None]  # fmt: skip
    own = {p: Figures(commit=sum(a for _, o, a, natural in deals if o == p and natural)) for p in people}
    found = standings(lines, own, roll_up(lines, own), "commit", [], judged)

    def counted(person: int, judge: int | None, deal: tuple[int, int, int, bool]) -> int:
        """A deal in somebody's roll-up as seen by `judge`, who is that person, or their manager."""
        number, owner, amount, natural = deal
        chain = above(owner)
        chain = [*chain, None] if judge is None else chain[: chain.index(judge) + 1] if judge in chain else []
        seen = [verdicts[number, m] for m in chain if (number, m) in verdicts]
        return amount if (seen[-1] if seen else natural) else 0

    for person in people:
        team = [d for d in deals if d[1] == person or person in above(d[1])]
        assert found[person].adjusted == sum(counted(person, person, d) for d in team)
        said = found[person].adjusted if found[person].figure is None else found[person].figure
        assert said == sum(counted(person, people[person].manager, d) for d in team)
        assert found[person].gross == sum(a for _, _, a, natural in team if natural)


# Calls ------------------------------------------------------------------------------------------------------------------------------


def call(owner: int, commit: int | None, best: int | None = None, rollup: tuple[int, int] = (0, 0)) -> Call:
    return Call(owner, (commit, best), rollup, "", "2026-11-20T09:00:00Z")


def test_a_call_and_what_moved_since() -> None:
    said = call(BEN, 120, None, (100, 150))
    assert (said.of("commit"), said.of("best_case"), said.of("most_likely")) == (120, None, None)
    assert (said.moved("commit", 130), said.moved("best_case", 140)) == (30, -10)


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ([], {}),
        ([call(BEN, 120)], {BEN: (120, 1), NORA: (120, 1), BOSS: (120, 1)}),
        ([call(BEN, 120), call(WEI, 30)], {BEN: (120, 1), WEI: (30, 1), NORA: (150, 2), BOSS: (150, 2)}),
        ([call(BEN, 120), call(NORA, 200), call(SAM, 0)], {BEN: (120, 1), NORA: (200, 1), SAM: (0, 1), BOSS: (200, 2)}),
        ([call(BEN, None, 9)], {}),
    ],
)
def test_what_is_called_for_a_team(calls: list[Call], expected: dict[int, tuple[int, int]]) -> None:
    assert called(LINES, {c.owner: c for c in calls}, "commit") == expected


def test_who_has_not_called() -> None:
    own = {BOSS: Figures(n_commit=1), BEN: Figures(n_commit=1), WEI: Figures()}
    assert missing(LINES, PEOPLE, own, [SAM], {}) == [BOSS, NORA, BEN, SAM]
    assert missing(LINES, PEOPLE, own, [], {NORA: call(NORA, 1)}) == [BOSS, BEN]
    gone = {**PEOPLE, BEN: PEOPLE[BEN]._replace(active=False)}
    assert missing(LINES, gone, own, [], {}) == [BOSS, NORA]


@pytest.mark.parametrize(
    ("over", "actor", "admin", "post"),
    [
        (PEOPLE[NORA], NORA, False, NORA),
        (PEOPLE[NORA], BOSS, True, Refused),
        (PEOPLE[NORA], BEN, False, Refused),
        (PEOPLE[NORA], None, False, Refused),
        (PEOPLE[NORA]._replace(active=False), SAM, True, NORA),
        (PEOPLE[NORA]._replace(active=False), NORA, False, Refused),
        (PEOPLE[NORA]._replace(active=False), SAM, False, Refused),
        (None, SAM, True, None),
        (None, SAM, False, Refused),
        (None, None, False, Refused),
    ],
)
def test_who_may_say_something_of_a_report(over: Person | None, actor: int | None, admin: bool, post: Any) -> None:
    if post is Refused:
        with pytest.raises(Refused, match="Ben"):
            may_adjust(PEOPLE[BEN], over, actor, admin, lambda p: PEOPLE[p].name)
    else:
        assert may_adjust(PEOPLE[BEN], over, actor, admin, lambda p: PEOPLE[p].name) == post


# Targets of any tree ----------------------------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(companies(), st.data())
def test_targets_count_nothing_twice(company: tuple[dict[int, Person], Tree], data: st.DataObject) -> None:
    """By its definition: a team's target is what is set for it with all that was closed below, else own + Σ of the reports'. Where no
    team's is set above another quota, the roots' targets are those of the bearers."""
    people, lines = company
    amounts = st.dictionaries(st.sampled_from([*people]), st.integers(0, 500))
    quota = Assigned(data.draw(amounts), data.draw(amounts))
    own = {p: Figures(plan=data.draw(st.integers(0, 99)), n_closed=1) for p in people if data.draw(st.booleans())}

    def closed(p: int) -> int:
        return own.get(p, Figures()).plan

    def team(p: int) -> list[int]:
        return [p, *(x for r in people if people[r].manager == p for x in team(r))]

    def target(p: int) -> tuple[int | None, int]:
        if p in quota.team:
            return quota.team[p], sum(map(closed, team(p)))
        parts = [target(r) for r in people if people[r].manager == p]
        parts += [(quota.own[p], closed(p))] if p in quota.own else []
        set_ = [q for q, _ in parts if q is not None]
        return (sum(set_) if set_ else None), sum(c for _, c in parts)

    found = targets(lines, quota, own)
    assert {p: (t.quota, t.counted) for p, t in found.items()} == {p: target(p) for p in people}
    covered = {x for p in quota.team for x in team(p)} | {*quota.own}
    roots = total_target(found[p] for p in people if people[p].manager is None)
    assert sorted(roots.without) == sorted(p for p in own if p not in covered)
    overriding = [p for p in quota.team if (p in quota.own) or any(x in quota.team or x in quota.own for x in team(p)[1:])]
    parts = total_target(bearers(lines, quota, own).values())
    if not overriding:
        assert (parts.quota, parts.counted) == (roots.quota, roots.counted)
    assert parts.counted <= sum(map(closed, people))


def test_families_have_goals_of_their_own_among_people_and_months() -> None:
    """Sensors: Ben 90 for the quarter; pumps: Sam 60 of his own, Boss 500 for the team."""
    period = parse_period_key("2026-10-01/2027-01-01")
    quarter = (period.start, period.end)
    quotas: dict[str | None, Quotas] = {
        None: Quotas({BEN: [Quota(*quarter, 1000)]}),
        "sensors": Quotas({BEN: [Quota(*quarter, 90)]}),
        "pumps": Quotas({SAM: [Quota(*quarter, 60)]}, {BOSS: [Quota(*quarter, 500)]}),
    }
    deals = [("sensors", BEN, "2026-11", 40), ("pumps", SAM, "2026-12", 7), ("pumps", BEN, "2026-12", 3), (None, SAM, "2026-10", 1000)]

    def rows(*names: str) -> dict[Any, tuple[int | None, int]]:
        groups = []
        for family, owner, month, amount in deals:
            told = {"family": family, "rep": owner, "manager": owner, "month": month}
            groups.append((tuple(told[n] for n in names), owner, Group("closed", IN, 1, 1, amount, 0, amount)))
        made = forecast(names, groups, PEOPLE, quotas, period)
        assert made.total.figures.closed == 1050
        total = made.total.target
        assert total is not None and (total.quota, total.counted, total.without) == (590, 50, ())
        return {
            tuple(v.name if hasattr(v, "name") else v for v in r.key): (r.target.quota, r.target.counted)
            for r in made.rows
            if r.target and r.target.quota is not None
        }

    assert rows("family") == {("sensors",): (90, 40), ("pumps",): (500, 10)}
    assert rows("family", "rep") == {("sensors", BEN): (90, 40), ("pumps", SAM): (60, 7)}
    by_month = rows("month", "family")
    assert by_month == {
        **{(m, "sensors"): (30, c) for m, c in (("2026-10", 0), ("2026-11", 40), ("2026-12", 0))},
        **{(m, "pumps"): (q, c) for m, q, c in (("2026-10", 167, 0), ("2026-11", 167, 0), ("2026-12", 166, 10))},
    }
