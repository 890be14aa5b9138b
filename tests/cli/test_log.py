"""Logging on every kind of record, and the activities that it makes."""

from __future__ import annotations

import pytest


@pytest.fixture
def world(sfa):
    sfa.ok("account", "add", "Blue Harbor Ltd")
    sfa.ok("contact", "add", "Wei Zhang", "account=Blue Harbor Ltd")
    sfa.ok("lead", "add", "Mary Cole", "company=Green Foods")
    sfa.ok("opp", "add", "Renewal", "account=Blue Harbor Ltd")
    return sfa


@pytest.mark.parametrize(
    ("ref", "field", "target"),
    [("A-1", "account", "A-1"), ("wei", "contact", "C-1"), ("L-1", "lead", "L-1"), ("renewal", "opportunity", "O-1")],
)
def test_on_any_kind(world, ref: str, field: str, target: str) -> None:
    assert world.ok("log", ref, "call", "Talked").out == "AC-1\n"
    record = world.ok("activity", "show", "AC-1", "--json").json
    links = {f: record[f"{f}_ref"] for f in ("account", "contact", "lead", "opportunity")}
    assert links == {**dict.fromkeys(links), field: target}
    assert (record["kind"], record["text"], record["when"], record["owner"]) == ("call", "Talked", "2026-11-23T12:00:00Z", "anna")
    noun = {"opportunity": "opp"}.get(field, field)
    assert [a["ref"] for a in world.ok(noun, "show", target, "--json").json["timeline"]] == ["AC-1"]


def test_the_timeline_for_people_has_the_next_step_behind_the_text(world) -> None:
    world.ok("log", "O-1", "visit", "Met them", "--next", "send quote", "--due", "2026-11-30")
    world.ok("log", "O-1", "call", "Talked", "--next", "call again")
    world.ok("activity", "edit", "AC-2", "done=yes")
    world.ok("log", "O-1", "note", "Nothing more")
    shown = world.ok("opp", "show", "O-1", "--format", "table").out.partition("timeline\n")[2].splitlines()
    assert shown[0].split() == ["ref", "when", "kind", "owner", "text"]
    assert [line.partition("anna")[2].strip() for line in shown[2:]] == [
        "Nothing more",
        "Talked → call again (done)",
        "Met them → send quote by 2026-11-30",
    ]


def test_the_next_step_of_a_deal_is_kept_on_the_deal(world) -> None:
    done = world.ok(
        "log",
        "O-1",
        "visit",
        "Met all of them",
        "--next",
        "send the quote",
        "--due",
        "+3d",
        "--contact",
        "wei",
        "--when",
        "yesterday 15:30",
    )
    assert "set the deal's next step" in done.err
    activity = world.ok("activity", "show", "AC-1", "--json").json
    assert (activity["next_step"], activity["due"], activity["contact_ref"]) == ("send the quote", "2026-11-26", "C-1")
    assert activity["when"] == "2026-11-22T15:30:00Z" and activity["done"] is False
    assert world.ok("opp", "show", "O-1", "--json").json["next_step"] == "send the quote"
    assert "send the quote" in world.ok("opp", "list", "--columns", "next_step").out
    world.ok("log", "O-1", "note", "Nothing new")
    assert world.ok("opp", "show", "O-1", "--json").json["next_step"] == "send the quote"


def test_a_new_lead_becomes_one_that_is_worked_on(world) -> None:
    assert "status working" in world.ok("log", "L-1", "email", "Sent brochure").err
    assert world.ok("lead", "show", "L-1", "--json").json["status"] == "working"
    world.ok("lead", "qualify", "L-1")
    assert "status" not in world.ok("log", "L-1", "email", "Again").err
    assert world.ok("lead", "show", "L-1", "--json").json["status"] == "qualified"


def test_one_operation(world) -> None:
    before = world.ok("opp", "show", "O-1", "--json").json
    world.ok("log", "O-1", "call", "x", "--next", "y")
    world.ok("undo", "--yes")
    assert world.ok("opp", "show", "O-1", "--json").json == before


def test_text_from_words_and_from_stdin(world) -> None:
    world.ok("log", "O-1", "note", "several", "words", "here")
    world.ok("log", "O-1", "note", "-", input="line one\nline two — 北京\n")
    texts = [a["text"] for a in world.ok("activity", "list", "--sort", "id", "--json").json]
    assert texts == ["several words here", "line one\nline two — 北京"]


def test_json_is_the_activity(world) -> None:
    assert world.ok("log", "O-1", "note", "x", "--json").json["opportunity_ref"] == "O-1"


def test_the_list_is_newest_first_and_knows_what_is_open(world) -> None:
    world.ok("log", "O-1", "call", "old", "--when", "2026-11-01", "--next", "later", "--due", "2026-11-02")
    world.ok("log", "O-1", "call", "new", "--next", "soon", "--due", "2026-12-01")
    world.ok("log", "O-1", "call", "middle", "--when", "2026-11-10")
    assert [a["text"] for a in world.ok("activity", "list", "--json").json] == ["new", "middle", "old"]
    assert [a["text"] for a in world.ok("activity", "list", "is:open", "--sort", "due", "--json").json] == ["old", "new"]
    assert [a["text"] for a in world.ok("activity", "list", "is:overdue", "--json").json] == ["old"]
    world.ok("activity", "edit", "AC-1", "done=yes")
    assert world.ok("activity", "list", "is:overdue", "--json").json == []
    world.ok("activity", "delete", "AC-1", "--yes")
    assert len(world.ok("activity", "list", "--json").json) == 2


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("nobody", "call", "x"), 3, "nothing matches 'nobody'"),
        (("O-99", "call", "x"), 3, "O-99"),
        (("O-1", "ring", "x"), 2, "call, email, visit, note"),
        (("O-1", "call"), 2, "text is missing"),
        (("O-1", "call", "  "), 2, "text is missing"),
        (("O-1", "call", "x", "--due", "+3d"), 2, "--next"),
        (("O-1", "call", "x", "--next", "y", "--due", "2026-02-30"), 2, "2026-02-30"),
        (("O-1", "call", "x", "--when", "whenever"), 2, "whenever"),
        (("O-1", "call", "x", "--contact", "nobody"), 3, "nobody"),
        (("U-1", "call", "x"), 2, "account, contact, lead, opportunity"),
        (("S-1", "call", "x"), 2, "account, contact, lead, opportunity"),
        (("", "call", "x"), 2, "empty"),
        (("Blue Harbor Ltd", "call", "x", "--nxt", "y"), 2, "--next"),
    ],
)
def test_what_is_wrong_writes_nothing(world, argv: tuple[str, ...], code: int, says: str) -> None:
    result = world("log", *argv)
    assert result.code == code and says in result.err, result
    assert world.ok("activity", "list", "--json").json == []
    assert world.ok("lead", "show", "L-1", "--json").json["status"] == "new"


def test_a_name_that_several_records_have(world) -> None:
    world.ok("opp", "add", "Renewal two")
    result = world("log", "renew", "call", "x")
    assert result.code == 5 and "O-1" in result.err and "O-2" in result.err


def test_what_is_still_to_come_is_said(world) -> None:
    assert "future" in world.ok("log", "O-1", "visit", "Fair", "--when", "+3d").err


def test_bytes_that_are_no_text(world) -> None:
    result = world.process("log", "O-1", "note", "-", input=b"\xff\xfe\x00bad")
    assert result.code == 2 and "UTF-8" in result.err
