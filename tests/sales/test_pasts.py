"""What rows of history make of a deal's past, and which rows are which: tables of cases and properties, without a database."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import UsageError
from sfa.sales import histories, pasts
from sfa.sales.kinds import KINDS
from sfa.sales.mapping import Map
from sfa.sales.pasts import Change, Step, Visit

OPEN, PROPOSAL, WON, LOST = 1, 2, 3, 4
STAGES = {
    OPEN: {"id": OPEN, "pipeline": 9, "probability": 10, "category": "pipeline", "outcome": "open"},
    PROPOSAL: {"id": PROPOSAL, "pipeline": 9, "probability": 50, "category": "best_case", "outcome": "open"},
    WON: {"id": WON, "pipeline": 9, "probability": 100, "category": "closed", "outcome": "won"},
    LOST: {"id": LOST, "pipeline": 9, "probability": 0, "category": "omitted", "outcome": "lost"},
}
FIRST = {"name": "Deal", "stage": PROPOSAL, "amount": 900, "currency": "USD", "owner": 7, "probability": 60, "category": "commit"}


def at(day: int, minute: int = 0) -> str:
    return f"2026-03-{day:02}T09:{minute:02}:00Z"


def change(day: int, field: str, old: Any, new: Any, line: int = 0) -> Change:
    return Change(at(day), field, old, new, line=line)


def value(day: int, field: str, new: Any) -> Change:
    """A change in a file that tells no old values."""
    return Change(at(day), field, None, new, says_old=False)


def read(steps: list[Step], *fields: str) -> list[tuple[Any, ...]]:
    return [(int(s.at[8:10]), *(s.given.get(f) for f in fields)) for s in steps]


# Which rows are which -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "shape", "columns"),
    [
        (
            "Id,OpportunityId,CreatedById,CreatedDate,StageName,Amount,ExpectedRevenue,CloseDate,Probability,ForecastCategory",
            "history",
            "opportunity,changed,stage,amount,close,probability,category",
        ),
        ("Id,OpportunityId,CreatedById,CreatedDate,DataType,Field,OldValue,NewValue", "field history", "opportunity,changed,field,old,new"),
        ("Opportunity Name,Edit Date,Field / Event,Old Value,New Value", "field history", "opportunity,changed,field,old,new"),
        ("deal_id,timestamp,_fivetran_synced,source,name,source_id,value", "field history", "opportunity,changed,field,new"),
        ("Opportunity Name,Stage,Edit Date,Field / Event,Old Value,New Value", "field history", "opportunity,changed,field,old,new"),
        ("opportunity,field,old,new,changed", "field history", "opportunity,field,old,new,changed"),
        ("deal_id,_fivetran_synced,date_entered,source,value", "stage history", "opportunity,entered,stage"),
        ("opportunity,stage,entered,left", "stage history", "opportunity,stage,entered,left"),
        ("deal_id,name,stage,value,timestamp", "history", "opportunity,stage,amount,changed"),
        ("id,_fivetran_start,created_date,stage_name,amount,owner_id", "history", "opportunity,changed,stage,amount,owner"),
    ],
)
def test_the_headers_say_the_shape(header: str, shape: str, columns: str) -> None:
    plan = histories.shape(header.split(","), [], Map())
    assert (plan.kind.name, [c.field.name for c in plan.columns]) == (shape, columns.split(","))


def test_a_map_says_what_the_headers_do_not() -> None:
    plan = histories.shape(["Deal", "Phase", "In", "Out"], [], Map({"Phase": "stage", "In": "entered", "Out": "left"}))
    assert (plan.kind.name, len(plan.columns)) == ("stage history", 4)
    plan = histories.shape(["Deal", "Old Value", "New Value", "Edit Date"], [], Map(set={"field": "Stage"}))
    assert plan.kind.name == "field history"
    with pytest.raises(UsageError, match="has no field 'left'"):
        histories.shape(["a", "b"], [], Map({"a": "left", "b": "old"}))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("StageName", "stage"),
        ("Stage", "stage"),
        ("dealstage", "stage"),
        ("Amount", "amount"),
        ("CloseDate", "close"),
        ("closedate", "close"),
        ("Expected close", "close"),
        ("Probability", "probability"),
        ("Probability (%)", "probability"),
        ("ForecastCategoryName", "category"),
        ("OwnerId", "owner"),
        ("Owner", "owner"),
        ("hubspot_owner_id", "owner"),
        ("Name", "name"),
        ("dealname", "name"),
        ("NextStep", "next_step"),
        ("CurrencyIsoCode", "currency"),
        ("AccountId", "account"),
        ("Competitor__c", "competitor"),
        ("Closed on", None),
        ("pipeline", None),
        ("external_id", None),
        ("hs_analytics_source", None),
        ("locked", None),
        ("", None),
        ("__c", None),
    ],
)
def test_field_names(name: str, field: str | None) -> None:
    found = histories.field_changed(histories.changed_fields(KINDS["opportunity"]), name)
    assert (found.name if found else None) == field


def test_markers_and_dates() -> None:
    assert histories.is_marker("created", None, None) and histories.is_marker("Created", "", "")
    assert not histories.is_marker("created", None, "2026-01-01") and not histories.is_marker("locked", None, None)
    # 1772668800 is 2026-03-05T00:00:00Z
    assert [histories.dated(t) for t in ("1772668800000", "2026-03-05", "20260305", "")] == ["2026-03-05", "2026-03-05", "20260305", ""]


# Stages with entry and exit -----------------------------------------------------------------------------------------------------------


def visit(start: int, end: int | None, stage: int = OPEN, line: int = 0) -> Visit:
    return Visit(at(start), at(end) if end else None, {"stage": stage}, line)


@pytest.mark.parametrize(
    ("visits", "over", "gaps"),
    [
        ([visit(1, 5), visit(5, 9)], {}, 1),
        ([visit(1, 5), visit(5, None)], {}, 0),
        ([visit(1, None), visit(5, None)], {}, 0),
        ([visit(5, None), visit(1, 4)], {}, 1),
        ([visit(1, 4), visit(5, 8), visit(9, None)], {}, 2),
        ([visit(1, 20), visit(5, None)], {1: 0}, 0),
        ([visit(1, 6), visit(5, None)], {1: 0}, 1),
        ([visit(5, None), visit(1, 6)], {0: 1}, 1),
        ([visit(1, 9), visit(2, 3), visit(4, 5), visit(9, None)], {1: 0, 2: 0}, 0),
        ([visit(1, 1), visit(1, None)], {}, 0),
        ([visit(1, None), visit(1, None)], {}, 0),
    ],
)
def test_gaps_and_overlaps(visits: list[Visit], over: dict[int, int], gaps: int) -> None:
    found = pasts.overlaps(visits)
    assert found == {i: visits[j] for i, j in over.items()}
    steps, counted = pasts.visited([v for i, v in enumerate(visits) if i not in found], at(20))
    assert counted == gaps
    assert [s.at for s in steps] == sorted(v.at for i, v in enumerate(visits) if i not in found)


# Changes of fields --------------------------------------------------------------------------------------------------------------------


def test_before_a_change_its_old_value_held() -> None:
    changes = [change(9, "stage", OPEN, PROPOSAL), change(5, "amount", 500, 900), change(9, "owner", 6, 7)]
    found = pasts.rebuilt(FIRST, changes, at(1))
    assert read(found.steps, "stage", "amount", "owner") == [(1, OPEN, 500, 6), (5, OPEN, 900, 6), (9, PROPOSAL, 900, 7)]
    assert found.contrary == []


def test_without_a_beginning_the_past_begins_with_the_first_change() -> None:
    assert read(pasts.rebuilt(FIRST, [change(5, "amount", 500, 900)]).steps, "amount") == [(5, 900)]
    assert read(pasts.rebuilt(FIRST, [], at(2)).steps, "stage") == [(2, PROPOSAL)]
    late = pasts.rebuilt(FIRST, [change(5, "amount", 500, 900)], at(6))
    assert read(late.steps, "amount") == [(5, 900)]


def test_without_old_values_the_change_before_held() -> None:
    changes = [value(1, "stage", OPEN), value(3, "amount", 500), value(5, "amount", 900), value(7, "stage", PROPOSAL)]
    found = pasts.rebuilt(FIRST, changes, at(1))
    wanted = [(1, OPEN, None), (1, OPEN, None), (3, OPEN, 500), (5, OPEN, 900), (7, PROPOSAL, 900)]
    assert read(found.steps, "stage", "amount") == wanted and found.contrary == []


def test_what_a_deal_is_never_without_held_from_the_beginning() -> None:
    found = pasts.rebuilt(FIRST, [change(5, "stage", None, PROPOSAL), change(7, "name", None, "Deal")], at(1))
    assert read(found.steps, "stage", "name") == [(1, PROPOSAL, "Deal"), (5, PROPOSAL, "Deal"), (7, PROPOSAL, "Deal")]


@pytest.mark.parametrize(
    ("changes", "amounts", "lines"),
    [
        # The new value of line 2 is not the old one of line 3, which held before that change.
        ([change(3, "amount", 100, 200, 2), change(6, "amount", 300, 900, 3)], [(1, 100), (3, 300), (6, 900)], [2]),
        # The last change holds until the known version begins, which says 900.
        ([change(3, "amount", 100, 200, 2)], [(1, 100), (3, 200)], [2]),
        ([change(3, "amount", 100, 900, 2)], [(1, 100), (3, 900)], []),
        ([change(3, "amount", 100, None, 2), change(4, "amount", None, 900, 3)], [(1, 100), (3, None), (4, 900)], []),
    ],
)
def test_a_new_value_that_is_not_what_is_known_later_is_told(
    changes: list[Change], amounts: list[tuple[int, Any]], lines: list[int]
) -> None:
    found = pasts.rebuilt(FIRST, changes, at(1))
    assert read(found.steps, "amount") == amounts
    assert [c.line for c in found.contrary] == lines


def test_changes_of_one_moment_lead_to_each_other_whatever_their_order() -> None:
    changes = [change(5, "amount", 2, 900), change(5, "amount", 1, 2), change(5, "stage", OPEN, PROPOSAL)]
    found = pasts.rebuilt(FIRST, changes, at(1))
    assert read(found.steps, "amount") == [(1, 1), (5, 2), (5, 900)] and found.contrary == []
    # Where nothing tells the order, that of the file is kept.
    assert read(pasts.rebuilt(FIRST, [value(5, "amount", 1), value(5, "amount", 900)]).steps, "amount") == [(5, 1), (5, 900)]


def test_probability_and_category_are_those_known_until_the_stage_changes() -> None:
    steps = pasts.rebuilt(FIRST, [change(9, "stage", OPEN, PROPOSAL), change(5, "amount", 1, 2), change(12, "amount", 2, 900)], at(1)).steps
    made = pasts.versions(FIRST, steps, STAGES, lambda moment: moment[:10])
    assert [(v["probability"], v["category"]) for v in made] == [(10, "pipeline"), (10, "pipeline"), (60, "commit"), (60, "commit")]


def test_a_last_stage_that_is_not_the_known_one_sets_its_own_probability() -> None:
    found = pasts.rebuilt(FIRST, [change(9, "stage", PROPOSAL, OPEN, 2)], at(1))
    made = pasts.versions(FIRST, found.steps, STAGES, lambda moment: moment[:10])
    assert [(v["stage"], v["probability"]) for v in made] == [(PROPOSAL, 50), (OPEN, 10)] and len(found.contrary) == 1


def test_amounts_keep_their_figures_in_another_currency() -> None:
    first = {**FIRST, "amount": 1200, "currency": "JPY"}
    steps = pasts.rebuilt(first, [change(5, "currency", "USD", "JPY")], at(1)).steps
    assert read(steps, "amount", "currency") == [(1, 120000, "USD"), (5, 1200, "JPY")]


def test_the_same_said_twice_counts_once() -> None:
    one, again, other = change(5, "owner", 6, 7, 2), change(5, "owner", 6, 7, 3), change(6, "owner", 6, 7, 4)
    assert pasts.distinct([one, again, other]) == [one, other]


STATES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([OPEN, PROPOSAL, WON, LOST]),
        st.one_of(st.none(), st.integers(0, 5)),
        st.sampled_from([6, 7, None]),
    ),
    min_size=1,
    max_size=8,
)


def told(states: list[tuple[int, int, Any, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Random states as (moment, state), moments not falling."""
    minute, out = 0, []
    for gap, stage, amount, owner in states:
        minute += gap
        out.append((at(1, minute), {"stage": stage, "amount": amount, "owner": owner}))
    return out


def standing(steps: list[tuple[str, dict[str, Any]]], moment: str) -> dict[str, Any]:
    """The plainest replay: the last state that began at the moment or before."""
    return [state for begun, state in steps if begun <= moment][-1]


@given(STATES, st.booleans())
def test_changes_taken_from_a_history_make_the_same_history(states: list[tuple[int, int, Any, Any]], old: bool) -> None:
    """Whether the file tells old values or not, every moment is as it was."""
    true = told(states)
    first = {**FIRST, **true[-1][1]}
    made = [] if old else [Change(true[0][0], f, None, v, False) for f, v in true[0][1].items()]
    for (_, was), (moment, now) in pairwise(true):
        made += [Change(moment, f, was[f] if old else None, now[f], old) for f in now if now[f] != was[f]]
    found = pasts.rebuilt(first, made, true[0][0] if old else "")
    assert found.contrary == []
    rebuilt = [(s.at, {f: s.given.get(f, first[f]) for f in ("stage", "amount", "owner")}) for s in found.steps]
    for moment, _ in true:
        assert standing(rebuilt, moment) == standing(true, moment)


# Whole versions -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stages", "first", "closed"),
    [
        # Won, amended, then lost: the winning day stays, the known version tells when it was lost.
        ([(1, OPEN), (3, WON), (5, WON), (8, LOST)], (LOST, "2026-03-20"), [None, "2026-03-03", "2026-03-03", "2026-03-20"]),
        # Won twice: the first time it was closed on its own day.
        ([(1, WON), (3, OPEN), (5, WON)], (WON, "2026-03-20"), ["2026-03-01", None, "2026-03-20"]),
        ([(1, LOST)], (OPEN, None), ["2026-03-01"]),
        ([(1, OPEN)], (WON, "2026-03-20"), [None]),
    ],
)
def test_closed_dates(stages: list[tuple[int, int]], first: tuple[int, str | None], closed: list[str | None]) -> None:
    known = {**FIRST, "stage": first[0], "closed": first[1], "reason": 5 if first[0] == LOST else None}
    made = pasts.versions(known, [Step(at(d), {"stage": s}) for d, s in stages], STAGES, lambda moment: moment[:10])
    assert [v["closed"] for v in made] == closed
    assert [(v["category"], v["probability"]) for v in made] == [(STAGES[s]["category"], STAGES[s]["probability"]) for _, s in stages]
    assert [v["reason"] for v in made] == [5 if s == LOST == first[0] else None for _, s in stages]
    assert all(v["pipeline"] == 9 and v["name"] == "Deal" for v in made)


def test_an_open_version_is_never_in_the_category_closed() -> None:
    made = pasts.version(FIRST, {"stage": OPEN, "category": "closed", "probability": 25}, STAGES[OPEN], "2026-03-01", False)
    assert (made["category"], made["probability"]) == ("pipeline", 25)


def test_a_deal_without_a_stage_keeps_what_is_known() -> None:
    first = {**FIRST, "stage": None, "probability": None}
    steps = pasts.rebuilt(first, [change(5, "amount", 1, 900)], at(1)).steps
    assert [(v["stage"], v["amount"]) for v in pasts.versions(first, steps, {}, str)] == [(None, 1), (None, 900)]
