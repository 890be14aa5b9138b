"""How records are named: parts of names in any order, by account, by what was touched last, and by slips of the keys."""

from __future__ import annotations

import pytest


@pytest.fixture
def world(sfa):
    for words in (
        ("account", "add", "Acme Corp"),
        ("account", "add", "Étoile Verrerie"),
        ("account", "add", "北京科技有限公司"),
        ("opp", "add", "Acme — Renewal 2027", "account=Acme Corp"),
        ("opp", "add", "Pilot line", "account=Étoile Verrerie"),
        ("opp", "add", "流量計 更新", "account=北京科技有限公司"),
        ("opp", "add", "Dock scanners", "account=Acme Corp", "description=renewal of the fleet"),
        ("contact", "add", "Wei Zhang", "account=Acme Corp"),
        ("lead", "add", "Mary Cole", "company=Green Foods"),
    ):
        sfa.ok(*words)
    return sfa


@pytest.mark.parametrize(
    ("noun", "text", "ref"),
    [
        ("opp", "acme ren", "O-1"),
        ("opp", "ren acme", "O-1"),
        ("opp", "2027", "O-1"),
        ("opp", "ACME dock", "O-4"),
        ("opp", "scan acm", "O-4"),
        ("opp", "etoile", "O-2"),
        ("opp", "pil étoile", "O-2"),
        ("opp", "北京", "O-3"),
        ("opp", "科技 更新", "O-3"),
        ("opp", "流量計", "O-3"),
        ("opp", "cann", "O-4"),
        ("account", "verrerie etoile", "A-2"),
        ("account", "京科", "A-3"),
        ("contact", "acme wei", "C-1"),
        ("lead", "green mary", "L-1"),
    ],
)
def test_a_record_is_found_by(world, noun: str, text: str, ref: str) -> None:
    assert world.ok(noun, "show", text, "--json").json["ref"] == ref


def test_what_several_records_have_is_listed(world) -> None:
    several = world("opp", "show", "acme")
    # Its own name goes before its account's: O-4 is only of that account.
    assert several.code == 0 and "O-1" in several.out
    world.ok("opp", "edit", "O-1", "name=Renewal 2027")
    several = world("opp", "show", "acme")
    assert several.code == 5 and "O-1" in several.err and "O-4" in several.err


def test_a_reference_that_is_not_there_is_never_taken_for_a_name(world) -> None:
    world.ok("opp", "add", "Order 99")
    assert world("opp", "win", "O-99").code == 3
    assert world("opp", "win", "o99").code == 3


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (("opp", "win", "acme reneval"), "Did you mean O-1 Acme — Renewal 2027?"),
        (("opp", "edit", "dock scaners", "amount=5"), "Did you mean O-4 Dock scanners?"),
        (("opp", "delete", "acem renewal"), "Did you mean O-1 Acme — Renewal 2027?"),
        (("account", "edit", "etoile verrrie", "types=partner"), "Did you mean A-2 Étoile Verrerie?"),
        (("log", "acme corp", "call", "met @zhagn"), "Did you mean C-1 Wei Zhang?"),
    ],
)
def test_a_slip_is_suggested_and_never_written(world, argv: tuple[str, ...], hint: str) -> None:
    before = world.ok("history", "--json").json
    failed = world(*argv)
    assert (failed.code, failed.out) == (3, "") and hint in failed.err
    assert world.ok("history", "--json").json == before


def test_a_slip_is_shown_to_a_person_alone(world, monkeypatch) -> None:
    assert world("opp", "show", "dock scaners", "--json").code == 3
    from sfa import output

    monkeypatch.setattr(output, "to_terminal", lambda: True)
    shown = world.ok("opp", "show", "dock scaners")
    assert "No opportunity is called 'dock scaners'; the nearest is O-4 Dock scanners." in shown.err and "O-4" in shown.out
    world.ok("opp", "add", "Dock scanner")
    assert world("opp", "show", "dok scanner").code == 3


def test_after_another_program_wrote_names_are_found_all_the_same(world) -> None:
    import sqlite3

    with sqlite3.connect(world.db) as db:
        db.execute("UPDATE opportunity SET name='Quay cranes' WHERE name LIKE 'Dock%'")
    db.close()
    assert world.ok("opp", "show", "quay", "--json").json["ref"] == "O-4"
    assert world("opp", "show", "dock").code == 3


def test_as_of_the_past_a_part_of_the_name_does(world) -> None:
    assert world.ok("opp", "show", "dock", "--as-of", "today", "--json").json["ref"] == "O-4"


# What was touched last --------------------------------------------------------------------------------------------------------------


def test_the_last_records(world) -> None:
    ref = lambda *argv: world.ok(*argv, "--json").json["ref"]  # noqa: E731
    assert [ref("opp", "show", t) for t in ("-", "-2", "@-3", "-4")] == ["O-4", "O-3", "O-2", "O-1"]
    world.ok("opp", "edit", "O-2", "amount=5")
    assert [ref("opp", "show", t) for t in ("-", "@-", "-2", "-3")] == ["O-2", "O-2", "O-4", "O-3"]
    world.ok("log", "O-1", "call", "x")
    assert [ref("opp", "show", t) for t in ("-", "-2")] == ["O-1", "O-2"]
    assert ref("account", "show", "-") == "A-3" and ref("activity", "show", "-") == "AC-1"
    world.ok("opp", "edit", "-", "amount=7")
    assert world.ok("opp", "show", "O-1", "--json").json["amount"]["amount"] == "7.00"
    world.ok("log", "-", "note", "y")
    assert world.ok("activity", "show", "-", "--json").json["opportunity_ref"] == "O-1"


def test_the_last_records_are_mine_and_still_there(world) -> None:
    world.ok("--me", "ben", "opp", "edit", "O-1", "amount=5")
    assert world.ok("opp", "show", "-", "--json").json["ref"] == "O-4"
    assert world.ok("--me", "ben", "opp", "show", "-", "--json").json["ref"] == "O-1"
    world.ok("opp", "delete", "O-4", "--cascade", "--yes")
    assert world.ok("opp", "show", "-", "--json").json["ref"] == "O-3"
    missing = world("opp", "show", "-9")
    assert missing.code == 3 and "only 3 opportunities" in missing.err
    assert world("--me", "cleo", "opp", "win", "-").code == 3


def test_a_number_with_a_minus_is_still_a_value(world) -> None:
    world.ok("opp", "edit", "O-1", "--source", "-2")
    assert world.ok("opp", "show", "O-1", "--json").json["source"] == "-2"
    assert world("opp", "list", "--limit", "-2").code == 2
    assert world("opp", "show", "-x").code == 2


# Searching --------------------------------------------------------------------------------------------------------------------------


def test_a_search_that_finds_nothing_says_what_is_near(world) -> None:
    person = world.ok("search", "dock", "scaners", "--format", "table")
    assert "Nothing holds 'dock scaners'; near it is 'dock scanners':" in person.err and "O-4" in person.out
    program = world.ok("search", "dock", "scaners", "--json")
    assert program.json == [] and "Did you mean 'dock scanners'?" in program.err
    assert "near" not in world.ok("search", "dock", "--format", "table").err
    assert "Did you mean" not in world.ok("search", "xyzzyx").err
