"""Stages as data: a company's own stages, their rules and their verbs; pipelines; reasons."""

from __future__ import annotations

import pytest


@pytest.fixture
def deal(sfa):
    sfa.ok("account", "add", "Acme")
    sfa.ok("contact", "add", "Wei", "account=Acme")
    sfa.ok("opp", "add", "Big deal", "account=Acme")
    return sfa


def stage_of(sfa, ref: str = "O-1") -> tuple[str, int, str]:
    record = sfa.ok("opp", "show", ref, "--json").json
    return record["stage"], record["probability"], record["category"]


def test_the_default_pipeline(sfa) -> None:
    sfa.ok("account", "add", "Acme")
    rows = sfa.ok("stage", "list", "--json").json
    assert [(r["name"], r["probability"], r["category"], r["outcome"], r["verb"]) for r in rows] == [
        ("Prospecting", 10, "pipeline", "open", None),
        ("Qualification", 20, "pipeline", "open", "qualify"),
        ("Proposal", 50, "best_case", "open", "propose"),
        ("Negotiation", 75, "commit", "open", "negotiate"),
        ("Won", 100, "closed", "won", "win"),
        ("Lost", 0, "omitted", "lost", "lose"),
    ]


def test_a_stage_of_ones_own_becomes_a_command(deal) -> None:
    assert deal("opp", "demo", "O-1").code == 2
    deal.ok("stage", "add", "Demo", "--order", "2.5", "--probability", "35", "--verb", "demo", "--exit-criteria", "amount,contact")
    assert "Move an opportunity to Demo" in deal.ok("opp", "--help").out
    assert "sfa opp demo O-1" in deal.ok("opp", "demo", "--help").out
    deal.ok("opp", "demo", "O-1")
    assert stage_of(deal) == ("Demo", 35, "pipeline")
    refused = deal("opp", "propose", "O-1", "--amount", "5k")
    assert refused.code == 4 and "stage Demo may be left only with contact" in refused.err
    assert stage_of(deal) == ("Demo", 35, "pipeline") and deal.ok("opp", "show", "O-1", "--json").json["amount"] is None
    deal.ok("opp", "propose", "O-1", "--amount", "5k", "contact=Wei")
    assert stage_of(deal) == ("Proposal", 50, "best_case")


def test_skipping_a_stage_skips_nothing_that_it_asks_for(deal) -> None:
    deal.ok("stage", "add", "Demo", "--order", "2.5", "--probability", "35", "--verb", "demo", "--exit-criteria", "amount")
    assert deal("opp", "win", "O-1").code == 4
    assert deal("opp", "edit", "O-1", "stage=negotiation").code == 4
    deal.ok("opp", "qualify", "O-1")
    deal.ok("opp", "win", "O-1", "--amount", "5k")
    assert stage_of(deal) == ("Won", 100, "closed")
    assert deal.ok("opp", "show", "O-1", "--json").json["closed"] == "2026-11-23"


def test_criteria_of_the_companys_own_fields(deal) -> None:
    deal.ok("config", "field", "add", "opp", "budget", "money")
    deal.ok("stage", "edit", "Prospecting", "--exit-criteria", "budget")
    assert deal("opp", "qualify", "O-1").code == 4
    deal.ok("opp", "qualify", "O-1", "budget=5")


def test_losing_needs_no_criteria_but_a_reason(deal) -> None:
    deal.ok("stage", "edit", "Prospecting", "--exit-criteria", "amount")
    assert deal("opp", "lose", "O-1").code == 2
    deal.ok("opp", "lose", "O-1", "--reason", "too exp")
    assert deal.ok("opp", "show", "O-1", "--json").json["reason"] == "Too expensive"


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("add", "X"), 2, "probability"),
        (("add", "X", "probability=10", "--verb", "list"), 4, "a command already"),
        (("add", "X", "probability=10", "--verb", "win"), 4, "Won already"),
        (("add", "X", "probability=10", "--verb", "two words"), 2, "plain word"),
        (("add", "X", "probability=101"), 2, "0 to 100"),
        (("add", "X", "probability=10", "category=closed"), 4, "never"),
        (("add", "X", "probability=10", "order=9"), 4, "below 5"),
        (("add", "X", "probability=10", "order=first"), 2, "number"),
        (("add", "X", "outcome=won", "probability=50"), 4, "100"),
        (("add", "X", "probability=10", "--exit-criteria", "amout"), 2, "'amount'"),
        (("add", "Won", "outcome=won"), 4, "S-5"),
        (("add", "won", "outcome=won"), 4, "S-5"),
        (("add", "X", "probability=10", "pipeline=nosuch"), 3, "nosuch"),
        (("edit", "Proposal", "name=Won"), 4, "S-5"),
        (("edit", "Proposal", "category=closed"), 4, "never"),
        (("edit", "Prospecting", "outcome=won", "order=7"), 4, "an opportunity is in stage"),
        (("edit", "Lost", "outcome=won"), 4, "only lost"),
        (("edit", "Proposal", "order=8"), 4, "below 5"),
        (("edit", "Won", "order=1"), 4, "above 4"),
        (("edit", "Proposal", "verb=negotiate"), 4, "Negotiation already"),
        (("edit", "nosuch", "order=1"), 3, "nosuch"),
        (("edit", "Proposal", "name="), 2, "blank"),
    ],
)
def test_what_a_stage_cannot_be(deal, argv: tuple[str, ...], code: int, says: str) -> None:
    before = deal.ok("stage", "list", "--json").json
    result = deal("stage", *argv)
    assert result.code == code and says in result.err, result
    assert deal.ok("stage", "list", "--json").json == before


def test_editing_a_stage(deal) -> None:
    deal.ok("stage", "edit", "Proposal", "probability=60", "category=commit", "verb=offer", "name=Offer", "order=3.5")
    deal.ok("opp", "offer", "O-1")
    assert stage_of(deal) == ("Offer", 60, "commit")
    assert deal("opp", "propose", "O-1").code == 2
    deal.ok("stage", "edit", "Offer", "verb=")
    assert deal("opp", "offer", "O-1").code == 2
    deal.ok("stage", "add", "Given up", "outcome=lost", "verb=abandon")
    deal.ok("opp", "abandon", "O-1", "--reason", "timing")
    assert stage_of(deal) == ("Given up", 0, "omitted")


def test_a_second_pipeline_has_stages_of_its_own(deal) -> None:
    deal.ok("pipeline", "add", "Renewals", "--stages", "Review, Offer,Verbal yes")
    rows = deal.ok("stage", "list", "pipeline:Renewals", "--json").json
    assert [(r["name"], r["probability"], r["category"], r["outcome"]) for r in rows] == [
        ("Review", 10, "pipeline", "open"),
        ("Offer", 50, "best_case", "open"),
        ("Verbal yes", 90, "commit", "open"),
        ("Won", 100, "closed", "won"),
        ("Lost", 0, "omitted", "lost"),
    ]
    both = [r["pipeline"] for r in deal.ok("stage", "list", "--json").json]
    assert both == ["Renewals"] * 5 + ["Sales"] * 6
    deal.ok("opp", "add", "Next year", "pipeline=Renewals")
    assert stage_of(deal, "O-2") == ("Review", 10, "pipeline")
    deal.ok("opp", "move", "O-2", "verbal yes")
    deal.ok("opp", "win", "O-2")
    assert deal.ok("opp", "show", "O-2", "--json").json["pipeline"] == "Renewals"
    assert deal("opp", "propose", "O-1", "stage=Review").code in (2, 3)
    assert deal("opp", "move", "O-1", "Review").code == 3
    deal.ok("opp", "edit", "O-1", "pipeline=Renewals")
    assert stage_of(deal, "O-1")[0] == "Review"


def test_a_pipeline_like_another(deal) -> None:
    deal.ok("stage", "edit", "Proposal", "--exit-criteria", "amount")
    assert "6 stages" in deal.ok("pipeline", "add", "Partners", "--like", "Sales").err
    own, copy = (
        [{k: r[k] for k in ("name", "order", "probability", "category", "outcome", "verb", "exit_criteria")} for r in rows]
        for rows in (deal.ok("stage", "list", f"pipeline:{p}", "--json").json for p in ("Sales", "Partners"))
    )
    assert own == copy
    deal.ok("undo", "--yes")
    assert len(deal.ok("stage", "list", "--json").json) == 6


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("add", "Sales"), 4),
        (("add", "X", "--like", "nosuch"), 3),
        (("add", "X", "--like", "Sales", "--stages", "A"), 2),
        (("add", "X", "--stages", "won,lost"), 2),
        (("add", "X", "--stages", "A,a"), 2),
        (("add", "X", "--stages", ","), 2),
        (("add", ""), 2),
        (("edit", "Sales", "name="), 2),
        (("edit", "nosuch", "name=x"), 3),
    ],
)
def test_what_a_pipeline_cannot_be(deal, argv: tuple[str, ...], code: int) -> None:
    result = deal("pipeline", *argv)
    assert result.code == code, result
    assert [p["name"] for p in deal.ok("pipeline", "list", "--json").json] == ["Sales"]
    assert len(deal.ok("stage", "list", "--json").json) == 6


def test_reasons(deal) -> None:
    deal.ok("reason", "add", "Stayed with incumbent", "--group", "competitor")
    deal.ok("reason", "edit", "Too expensive", "name=Price too high")
    assert deal("reason", "add", "no budget").code == 4
    names = [r["name"] for r in deal.ok("reason", "list", "outcome:lost", "group:competitor,price", "--json").json]
    assert names == ["Lost to competitor", "Price too high", "Stayed with incumbent"]
    deal.ok("opp", "lose", "O-1", "--reason", "incumbent")
    assert deal.ok("opp", "show", "O-1", "--json").json["reason"] == "Stayed with incumbent"


def test_a_reason_fits_the_outcome(deal) -> None:
    for argv, why in (
        (("opp", "lose", "O-1", "--reason", "Best fit"), "'Best fit' is a reason for won deals"),
        (("opp", "win", "O-1", "--reason", "Too expensive"), "'Too expensive' is a reason for lost deals"),
    ):
        refused = deal(*argv)
        assert (refused.code, why in refused.err) == (4, True), refused
    assert stage_of(deal) == ("Prospecting", 10, "pipeline")
    deal.ok("opp", "win", "O-1", "--reason", "Best fit")
    assert deal("opp", "edit", "O-1", "reason=Too expensive").code == 4
    deal.ok("opp", "edit", "O-1", "reason=")
    deal.ok("opp", "edit", "O-1", "amount=5k")


def test_a_stage_of_another_pipeline(deal) -> None:
    deal.ok("pipeline", "add", "Renewals", "--stages", "Review,Offer")
    refused = deal("opp", "move", "O-1", "Offer")
    assert refused.code == 3
    assert "no stage matches 'Offer' in the pipeline Sales" in refused.err
    assert "Its stages: Prospecting, Qualification, Proposal, Negotiation, Won, Lost" in refused.err
