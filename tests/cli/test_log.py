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


# In one line ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def acme(sfa):
    """An account with one open deal and two contacts; a namesake of one elsewhere."""
    for line in (
        "account add|Acme Corp",
        "contact add|Wei Zhang|account=Acme Corp",
        "contact add|Li Na|account=Acme Corp",
        "contact add|Wei Lin",
        "opp add|Renewal 2027|account=Acme Corp|amount=52000|close=eom",
    ):
        first, *rest = line.split("|")
        sfa.ok(*first.split(), *rest)
    return sfa


def last(sfa, number: int = 1) -> dict:
    return sfa.ok("activity", "show", f"AC-{number}", "--json").json


def deal(sfa, ref: str = "O-1") -> dict:
    return sfa.ok("opp", "show", ref, "--json").json


def test_a_call_with_all_that_follows_from_it_and_one_undo(acme) -> None:
    before = deal(acme)
    done = acme.ok(
        "log", "acme", "call", "spoke with @wei, wants the quote for $48k", "--next", "send quote", "--due", "fri", "--move", "propose"
    )
    made = last(acme)
    assert (made["text"], made["contact_ref"], made["opportunity_ref"]) == ("spoke with Wei Zhang, wants the quote for $48k", "C-1", "O-1")
    assert (made["next_step"], made["due"]) == ("send quote", "2026-11-27")
    now = deal(acme)
    assert (now["stage"], now["amount"]["amount"], now["next_step"], now["probability"]) == ("Proposal", "48000.00", "send quote", 50)
    assert "on O-1 Renewal 2027, the open deal of Acme Corp, and set the deal's next step; stage Prospecting → Proposal" in done.err
    assert "Read @wei as C-1 Wei Zhang; $48k as the deal's amount." in done.err
    acme.ok("undo", "--yes")
    assert deal(acme) == before and acme("activity", "show", "AC-1").code == 3


def test_several_people_a_date_and_a_kind_in_the_text(acme) -> None:
    done = acme.ok("log", "acme", "Met @wei and @li.na #visit -> send the sample to @wei +3d")
    made = last(acme)
    assert (made["kind"], made["text"], made["contact_ref"]) == ("visit", "Met Wei Zhang and Li Na", "C-1")
    assert (made["next_step"], made["due"]) == ("send the sample to Wei Zhang", "2026-11-26")
    assert "@li.na as C-2 Li Na" in done.err and "+3d as due Thu 2026-11-26" in done.err and "#visit as the kind" in done.err


@pytest.mark.parametrize(
    ("words", "kind", "text", "step"),
    [
        (("@wei", "call", "wants it"), "call", "Wei Zhang wants it", None),
        (("call", "wants it", "+fri"), "call", "wants it", "follow up"),
        (("just a sentence",), "note", "just a sentence", None),
        (("call", "--plain", "@wei +3d #visit $9k -> x"), "call", "@wei +3d #visit $9k -> x", None),
        (("call", "3+3d, a#b, x@y.example, 5-$9"), "call", "3+3d, a#b, x@y.example, 5-$9", None),
    ],
)
def test_words_in_any_order(acme, words: tuple[str, ...], kind: str, text: str, step: str | None) -> None:
    acme.ok("log", "acme", *words)
    made = last(acme)
    assert (made["kind"], made["text"], made["next_step"]) == (kind, text, step)
    assert deal(acme)["amount"]["amount"] == "52000.00"


def test_a_pasted_text_is_never_read_for_tokens(acme) -> None:
    acme.ok("log", "acme", "email", "-", "@wei", "+fri", input="we pay $9k to @bob\n-> tomorrow")
    made = last(acme)
    assert (made["text"], made["contact_ref"], made["due"]) == ("we pay $9k to @bob\n-> tomorrow", "C-1", "2026-11-27")
    assert deal(acme)["amount"]["amount"] == "52000.00"


def test_fields_of_the_deal_in_the_same_breath(acme) -> None:
    acme.ok("log", "acme", "call", "they bought elsewhere", "--move", "lose", "reason=expensive")
    assert (deal(acme)["stage"], deal(acme)["reason"]) == ("Lost", "Too expensive")
    acme.ok("opp", "reopen", "O-1")
    acme.ok("log", "acme", "call", "x", "amount=60k", "close=eoq", "a=b")
    assert last(acme, 2)["text"] == "x a=b"
    assert (deal(acme)["amount"]["amount"], deal(acme)["close"]) == ("60000.00", "2026-12-31")


def test_a_date_alone_is_that_of_the_deals_next_step(acme) -> None:
    acme.ok("log", "acme", "call", "x -> send quote")
    acme.ok("log", "acme", "call", "still at it +3d", "amount+=10%")
    made = last(acme, 2)
    assert (made["next_step"], made["due"]) == ("send quote", "2026-11-26")
    assert deal(acme)["amount"]["amount"] == "57200.00"


def test_a_reference_is_the_record_itself_and_a_name_its_open_deal(acme) -> None:
    acme.ok("log", "A-1", "call", "x")
    acme.ok("log", "acme", "call", "x", "--deal", "none")
    acme.ok("log", "acme corp", "call", "x")
    acme.ok("opp", "edit", "O-1", "contact=Li Na")
    acme.ok("log", "li na", "call", "x")
    links = [(a["account_ref"], a["opportunity_ref"], a["contact_ref"]) for a in (last(acme, n) for n in (1, 2, 3, 4))]
    assert links == [("A-1", None, None), ("A-1", None, None), (None, "O-1", None), (None, "O-1", "C-2")]


def test_several_open_deals(acme) -> None:
    acme.ok("opp", "add", "Pilot", "account=Acme Corp")
    told = acme.ok("log", "acme", "call", "x").err
    assert "on A-1 Acme Corp" in told and "Its open deals: O-1 Renewal 2027, O-2 Pilot. For one of them: --deal O-1" in told
    assert "on O-2 Pilot, a deal of Acme Corp" in acme.ok("log", "acme", "call", "x", "--deal", "pil").err
    assert "on O-1 Renewal 2027 " in acme.ok("log", "acme ren", "call", "x").err
    acme.ok("opp", "win", "O-2")
    assert "on O-1 Renewal 2027, the open deal" in acme.ok("log", "acme", "call", "x").err
    acme.ok("opp", "add", "Renewal of old", "account=Acme Corp")
    acme.ok("opp", "lose", "O-3", "--reason", "timing")
    assert "on O-1 Renewal 2027 " in acme.ok("log", "renewal", "call", "of two with this name one is open").err


def test_what_cannot_be_logged_so(acme) -> None:
    acme.ok("opp", "add", "Pilot", "account=Acme Corp")
    acme.ok("lead", "add", "Mary Cole")
    before = deal(acme)
    for argv, code, says in (
        (("acme", "call", "x", "--move", "propose"), 5, "2 open deals: O-1 Renewal 2027, O-2 Pilot"),
        (("acme", "call", "for $4k"), 5, "--deal O-1"),
        (("L-1", "call", "x", "--move", "propose"), 4, "no open deal"),
        (("O-1", "call", "x", "--move", "propse"), 3, "Did you mean 'propose'"),
        (("O-1", "call", "x", "--move", "lose"), 2, "a lost deal needs a reason"),
        (("O-1", "call", "met @bob"), 3, "--plain keeps @bob as text"),
        (("acme", "call", "x +3d", "--due", "fri", "--next", "y"), 2, "twice"),
        (("O-1", "call", "for €4k"), 2, "is in EUR"),
        (("O-1", "call", "x", "--deal", "O-2"), 2, "--deal goes with"),
        (("O-1", "call", "+3d"), 2, "text is missing"),
    ):
        result = acme("log", *argv)
        assert result.code == code and says in result.err, (argv, result)
    assert acme.ok("activity", "list", "--json").json == [] and deal(acme) == before
    assert "$4k as text: there is no open deal" in acme.ok("log", "L-1", "call", "has $4k").err


def test_a_person_of_the_deal_goes_before_a_namesake(acme) -> None:
    acme.ok("contact", "add", "Wei Ming", "account=Acme Corp")
    assert acme("log", "O-1", "call", "met @wei").code == 5
    acme.ok("opp", "contact", "O-1", "Wei Ming", "--role", "champion")
    acme.ok("log", "O-1", "call", "met @wei")
    assert last(acme)["contact"] == "Wei Ming"
