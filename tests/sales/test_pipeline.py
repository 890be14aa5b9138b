"""Moving through a pipeline, defining its stages, and what a new record is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import Refused, SfaError, UsageError
from sfa.sales import drafts, pipeline
from sfa.sales.dates import Calendar
from sfa.sales.kinds import KINDS
from sfa.sales.values import Context

TODAY = "2026-11-23"
NAMES = ("Prospecting", "Qualification", "Proposal", "Negotiation")
STAGES: list[dict[str, Any]] = [
    {"id": i, "pipeline": 1, "name": n, "order": i, "probability": p, "category": c, "outcome": o, "verb": v, "exit_criteria": x}
    for i, (n, p, c, o, v, x) in enumerate(
        (
            ("Prospecting", 10, "pipeline", "open", None, None),
            ("Qualification", 20, "pipeline", "open", "qualify", "amount"),
            ("Proposal", 50, "best_case", "open", "propose", "contact,close"),
            ("Negotiation", 75, "commit", "open", "negotiate", None),
            ("Won", 100, "closed", "won", "win", None),
            ("Lost", 0, "omitted", "lost", "lose", None),
        ),
        1,
    )
]
BY_NAME = {s["name"]: s for s in STAGES}
FULL = {"amount": 100, "contact": 3, "close": "2026-12-01", "reason": 4}


def deal(stage: str, **fields: Any) -> dict[str, Any]:
    s = BY_NAME[stage]
    closed = {"closed": "2026-11-01"} if s["outcome"] != "open" else {}
    return {"id": 9, "stage": s["id"], "pipeline": 1, "probability": s["probability"], "category": s["category"], **closed, **fields}


def move(before: dict[str, Any], to: str, given: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return pipeline.move(before, STAGES, BY_NAME[to], given or {}, TODAY, **more)


@pytest.mark.parametrize("start", NAMES)
@pytest.mark.parametrize("to", [*NAMES, "Won", "Lost"])
def test_a_stage_sets_probability_category_and_closed_date(start: str, to: str) -> None:
    target = BY_NAME[to]
    out = move(deal(start, **FULL), to)
    assert (out["stage"], out["probability"], out["category"]) == (target["id"], target["probability"], target["category"])
    assert out["closed"] == (TODAY if target["outcome"] != "open" else None)


@pytest.mark.parametrize(
    ("start", "to", "lacking"),
    [
        ("Prospecting", "Qualification", None),
        ("Prospecting", "Proposal", "amount"),
        ("Prospecting", "Won", "amount"),
        ("Qualification", "Proposal", "amount"),
        ("Proposal", "Negotiation", "contact, close"),
        ("Proposal", "Qualification", None),
        ("Qualification", "Lost", None),
        ("Negotiation", "Won", None),
    ],
)
def test_exit_criteria_bind_on_the_way_forward(start: str, to: str, lacking: str | None) -> None:
    before = deal(start, reason=4)
    if lacking is None:
        move(before, to)
        return
    with pytest.raises(Refused, match=lacking):
        move(before, to)
    move(before, to, bind=False)
    move(before, to, FULL)


def test_given_values_beat_the_stages() -> None:
    out = move(deal("Prospecting", **FULL), "Proposal", {"probability": 66, "category": "most_likely"})
    assert (out["probability"], out["category"]) == (66, "most_likely")


def test_winning_ignores_a_probability_and_takes_a_date() -> None:
    out = move(deal("Negotiation"), "Won", {"probability": 5, "category": "commit", "closed": "2026-11-20"})
    assert (out["probability"], out["category"], out["closed"]) == (100, "closed", "2026-11-20")


@pytest.mark.parametrize(("start", "to"), [("Won", "Lost"), ("Lost", "Won"), ("Won", "Proposal"), ("Lost", "Prospecting")])
def test_a_closed_deal_moves_on_only_by_reopening(start: str, to: str) -> None:
    with pytest.raises(Refused, match=r"is (won|lost)"):
        move(deal(start, **FULL), to)


def test_a_lost_deal_needs_a_reason_except_from_an_import() -> None:
    with pytest.raises(UsageError, match="reason"):
        move(deal("Proposal"), "Lost")
    assert move(deal("Proposal"), "Lost", bind=False)["closed"] == TODAY
    assert move(deal("Proposal"), "Lost", {"reason": 4})["category"] == "omitted"


def test_an_open_deal_is_never_closed() -> None:
    with pytest.raises(Refused, match="never"):
        move(deal("Prospecting"), "Qualification", {"category": "closed"})


@pytest.mark.parametrize("start", ["Won", "Lost"])
def test_reopening_goes_to_the_last_open_stage_and_clears_date_and_reason(start: str) -> None:
    out = pipeline.reopened(deal(start, **FULL), STAGES, None, {})
    assert (out["stage"], out["closed"], out["reason"]) == (BY_NAME["Negotiation"]["id"], None, None)
    assert pipeline.reopened(deal(start), STAGES, BY_NAME["Proposal"], {})["probability"] == 50
    with pytest.raises(Refused):
        pipeline.reopened(deal(start), STAGES, BY_NAME["Won"], {})


def test_an_open_deal_cannot_be_reopened() -> None:
    with pytest.raises(Refused):
        pipeline.reopened(deal("Proposal"), STAGES, None, {})


@pytest.mark.parametrize(
    ("stage", "given", "refused"),
    [
        ("Proposal", {"category": "commit"}, False),
        ("Proposal", {"category": "closed"}, True),
        ("Won", {"category": "commit"}, True),
        ("Lost", {"category": "pipeline"}, True),
        ("Lost", {"category": "omitted"}, False),
        ("Proposal", {"closed": "2026-11-01"}, True),
        ("Proposal", {"closed": None}, False),
        ("Won", {"closed": "2026-11-01"}, False),
        ("Won", {"closed": None}, True),
        ("Won", {"probability": 50}, True),
        ("Proposal", {"probability": 50}, False),
    ],
)
def test_what_an_edit_may_set(stage: str, given: dict[str, Any], refused: bool) -> None:
    if refused:
        with pytest.raises(Refused):
            pipeline.edited(deal(stage), BY_NAME[stage], given)
    else:
        assert pipeline.edited(deal(stage), BY_NAME[stage], given) == given


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ({"amount": -1}, ["negative"]),
        ({"amount": 1, "close": "2026-11-22", "category": "commit"}, ["has passed"]),
        ({"close": "2026-11-22", "category": "closed"}, []),
        ({"close": TODAY, "category": "commit"}, []),
        ({"closed": "2026-11-24", "category": "closed"}, ["future"]),
        ({"closed": "2026-11-01", "opened": "2026-11-02", "category": "closed"}, ["before it was opened"]),
        ({}, []),
    ],
)
def test_warnings(after: dict[str, Any], words: list[str]) -> None:
    found = pipeline.warnings(after, TODAY)
    assert len(found) == len(words) and all(w in f for w, f in zip(words, found, strict=True))


# Defining stages ---------------------------------------------------------------------------------------------------------------------

FIELDS = [f.name for f in KINDS["opportunity"].fields]


def defined(**stage: Any) -> dict[str, Any]:
    return pipeline.defined({"name": "New", "pipeline": 1, **stage}, STAGES, FIELDS)


def test_a_stage_that_says_little_is_completed() -> None:
    out = defined(probability=30)
    assert (out["outcome"], out["category"], out["order"], out["verb"], out["exit_criteria"]) == ("open", "pipeline", 4.5, None, None)
    assert defined(outcome="won")["order"] == 7
    first = pipeline.defined({"name": "A", "pipeline": 1, "probability": 10}, [], FIELDS)
    assert first["order"] == 1


@pytest.mark.parametrize(("outcome", "category", "probability"), [("won", "closed", 100), ("lost", "omitted", 0)])
def test_the_outcome_fixes_category_and_probability(outcome: str, category: str, probability: int) -> None:
    assert (defined(outcome=outcome)["category"], defined(outcome=outcome)["probability"]) == (category, probability)
    for wrong in ({"category": "commit"}, {"probability": 50}):
        with pytest.raises(Refused):
            defined(outcome=outcome, **wrong)


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        ({}, UsageError),
        ({"probability": 10, "category": "closed"}, Refused),
        ({"probability": 10, "order": 5}, Refused),
        ({"probability": 10, "order": 9}, Refused),
        ({"outcome": "won", "order": 3}, Refused),
        ({"probability": 10, "verb": "list"}, Refused),
        ({"probability": 10, "verb": "propose"}, Refused),
        ({"probability": 10, "verb": "WIN"}, Refused),
        ({"probability": 10, "verb": "two words"}, UsageError),
        ({"probability": 10, "verb": "-x"}, UsageError),
        ({"probability": 10, "verb": "dé"}, UsageError),
        ({"probability": 10, "exit_criteria": "amount,amout"}, UsageError),
        ({"outcome": "lost", "exit_criteria": "amount"}, Refused),
    ],
)
def test_what_a_stage_cannot_be(stage: dict[str, Any], error: type[SfaError]) -> None:
    with pytest.raises(error):
        defined(**stage)


def test_criteria_and_verbs_are_tidied() -> None:
    out = defined(probability=10, verb="Send-Quote", exit_criteria="Amount, next-step,amount")
    assert (out["verb"], out["exit_criteria"]) == ("send-quote", "amount,next_step")


def test_a_pipeline_keeps_an_open_a_won_and_a_lost_stage() -> None:
    lost = BY_NAME["Lost"]
    others = [s for s in STAGES if s is not lost]
    with pytest.raises(Refused, match="only lost"):
        pipeline.redefined(lost, {**lost, "outcome": "won"}, others, 0)
    second = {**lost, "id": 7}
    pipeline.redefined(lost, {**lost, "outcome": "won"}, [*others, second], 0)
    with pytest.raises(Refused, match="2 opportunities"):
        pipeline.redefined(lost, {**lost, "outcome": "won"}, [*others, second], 2)
    pipeline.redefined(lost, {**lost, "name": "Gone"}, others, 2)


@given(st.lists(st.text(min_size=1, max_size=8).filter(lambda t: t.strip() == t), min_size=1, max_size=9, unique_by=str.casefold))
def test_a_pipeline_from_names_obeys_the_rules(names: list[str]) -> None:
    if all(n.casefold() in ("won", "lost") for n in names):
        with pytest.raises(UsageError):
            pipeline.stages_named(names)
        return
    made = pipeline.stages_named(names)
    kept: list[dict[str, Any]] = []
    for stage in made:
        kept.append({"pipeline": 1, "verb": None, **pipeline.defined({"pipeline": 1, **stage}, kept, FIELDS)})
    assert [s["outcome"] for s in kept][-2:] == ["won", "lost"]
    percents = [s["probability"] for s in kept if s["outcome"] == "open"]
    assert percents == sorted(percents) and all(10 <= p <= 90 for p in percents)
    assert [s["order"] for s in kept] == list(range(1, len(kept) + 1))


# New records -------------------------------------------------------------------------------------------------------------------------

CONTEXT = Context(Calendar(date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC)), "EUR")


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        ("Wei", "Zhang", "Wei Zhang"),
        ("伟", "王", "王伟"),
        (None, "Zhang", "Zhang"),
        ("Ana", None, "Ana"),
        (None, None, ""),
        ("Wei", "王", "Wei 王"),
    ],
)
def test_full_names(first: str | None, last: str | None, name: str) -> None:
    assert drafts.full_name(first, last) == name


@pytest.mark.parametrize(
    ("kind", "record", "texts", "name"),
    [
        ("contact", {"first_name": "Wei", "last_name": "Zhang"}, {}, "Wei Zhang"),
        ("contact", {"email": "wei@x.example"}, {}, "wei"),
        ("contact", {"name": "W", "first_name": "Wei"}, {}, "W"),
        ("lead", {"company": "Green Foods", "email": "m@x.example"}, {}, "Green Foods"),
        ("opportunity", {"external_id": "X-9"}, {"account": "Blue", "product": "Meter"}, "Blue — Meter"),
        ("opportunity", {"external_id": "X-9"}, {"account": "Blue"}, "Blue"),
        ("opportunity", {"external_id": "X-9"}, {}, "X-9"),
        ("user", {"email": "ben@x.example"}, {}, "ben"),
    ],
)
def test_names_are_made(kind: str, record: dict[str, str], texts: dict[str, str], name: str) -> None:
    assert drafts.named(KINDS[kind], record, texts)["name"] == name


def test_a_record_without_anything_to_be_called_by_is_refused() -> None:
    for kind in ("account", "contact", "lead", "product", "opportunity", "user"):
        with pytest.raises(UsageError, match="name is required"):
            drafts.check(KINDS[kind], drafts.named(KINDS[kind], {}))


def test_a_name_of_two_words_gives_first_and_last() -> None:
    assert drafts.named(KINDS["contact"], {"name": "Ana María Silva"})["last_name"] == "Silva"
    assert "last_name" not in drafts.named(KINDS["lead"], {"name": "Green Foods", "company": "Green Foods"})


def test_defaults() -> None:
    assert drafts.defaults(KINDS["opportunity"], CONTEXT) == {"opened": TODAY, "currency": "EUR"}
    assert drafts.defaults(KINDS["lead"], CONTEXT) == {"status": "new", "created": TODAY}
    assert drafts.defaults(KINDS["user"], CONTEXT) == {"active": 1}


# What a stage requires --------------------------------------------------------------------------------------------------------------

PICKY = [{**s, "required_fields": {"Won": "competitor", "Lost": "reason,competitor", "Proposal": "amount"}.get(s["name"])} for s in STAGES]


@pytest.mark.parametrize(
    ("start", "to", "has", "given_now", "lacking"),
    [
        ("Negotiation", "Won", {}, {}, "competitor"),
        ("Negotiation", "Won", {"competitor": 2}, {}, None),
        ("Negotiation", "Won", {}, {"competitor": 2}, None),
        ("Negotiation", "Won", {"competitor": 2}, {"competitor": None}, "competitor"),
        ("Prospecting", "Lost", {}, {}, "reason, competitor"),
        ("Prospecting", "Lost", {}, {"competitor": 2}, "reason"),
        ("Prospecting", "Lost", {"reason": 4}, {"competitor": 2}, None),
        ("Prospecting", "Proposal", {"amount": None}, {}, "amount"),
        ("Prospecting", "Proposal", {"amount": 0}, {}, None),
        ("Negotiation", "Proposal", {}, {}, "amount"),  # going back is coming in as well
        ("Prospecting", "Negotiation", {}, {}, None),  # a stage that is skipped is not come into
    ],
)
def test_what_a_stage_requires(start: str, to: str, has: dict[str, Any], given_now: dict[str, Any], lacking: str | None) -> None:
    stages = [{**s, "exit_criteria": None} for s in PICKY]
    target = next(s for s in stages if s["name"] == to)
    if lacking is None:
        assert pipeline.move(deal(start, **has), stages, target, given_now, TODAY)["stage"] == target["id"]
        return
    with pytest.raises(Refused, match=f"stage {to} requires {lacking}$") as refused:
        pipeline.move(deal(start, **has), stages, target, given_now, TODAY)
    assert all(f"{name}=…" in refused.value.hint for name in lacking.split(", "))
    assert pipeline.move(deal(start, **has), stages, target, given_now, TODAY, bind=False)["stage"] == target["id"]


def test_reopening_clears_how_a_deal_ended() -> None:
    said = {"reason": 4, "secondary_reason": 5, "reason_note": "too dear", "revisit": "2027-05-23"}
    out = pipeline.reopened(deal("Lost", **said, competitor=2), STAGES, None, {})
    assert {n: out[n] for n in said} == dict.fromkeys(said) and "competitor" not in out and out["closed"] is None


def test_a_revisit_before_the_loss_is_said() -> None:
    assert any("tried again" in w for w in pipeline.warnings({"closed": "2026-11-01", "revisit": "2026-10-31"}, TODAY))
    assert not any("tried again" in w for w in pipeline.warnings({"closed": "2026-11-01", "revisit": "2026-11-01"}, TODAY))
