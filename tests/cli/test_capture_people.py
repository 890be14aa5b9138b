"""Where captured mail and calls meet what contacts wish: several people on one activity, lengths, outcomes, cadence, warnings."""

from __future__ import annotations

import pytest
from conftest import Sfa

MAIL = """From x@x Fri Nov 20 09:15:00 2026
From: anna@house.example
To: Wei <wei@harbor.example>, Jo <jo@harbor.example>
Cc: mary@green.example, jo@harbor.example
Date: 20 Nov 2026 09:00:00 +0000
Message-ID: <1@x.example>
Subject: Prices

"""
CALLS = """Date,Number,Type,Duration
2026-11-20 09:15:00,+35315550100,Outgoing,0
2026-11-20 10:15:00,+35315550100,Outgoing,291
2026-11-20 11:15:00,+35315550100,Missed,0
2026-11-20 12:15:00,+35315550101,Outgoing,20
"""


@pytest.fixture
def world(sfa: Sfa) -> Sfa:
    for line in (
        ("user", "add", "Anna Ferrari", "email=anna@house.example"),
        ("account", "add", "Blue Harbor"),
        ("contact", "add", "Wei Zhang", "account=Blue Harbor", "email=wei@harbor.example", "phone=+353 1 555 0100", "cadence=weekly"),
        ("contact", "add", "Jo Silva", "account=Blue Harbor", "email=jo@harbor.example", "phone=+353 1 555 0101", "cadence=weekly"),
        ("lead", "add", "Mary Cole", "company=Green Foods", "email=mary@green.example"),
    ):
        sfa.ok(*line)
    return sfa


def put(sfa: Sfa, name: str, text: str) -> str:
    (sfa.folder / name).write_text(text)
    return name


def logged(sfa: Sfa, *names: str) -> list[tuple[object, ...]]:
    return [tuple(r[n] for n in names) for r in sfa.ok("activity", "list", "--sort", "when", "--json").json]


def test_a_mail_to_several_stands_with_each_of_them_and_counts_for_each(world: Sfa) -> None:
    world.ok("capture", "mail", put(world, "in.mbox", MAIL))
    assert logged(world, "contact", "others", "lead", "account") == [("Wei Zhang", ["Jo Silva"], "Mary Cole", "Blue Harbor")]
    rows = world.ok("report", "cadence", "--json").json
    assert {r["contact"]: r["actual"] for r in rows["rows"]} == {"Wei Zhang": 1, "Jo Silva": 1}
    for ref in ("C-1", "C-2"):
        assert "Prices" in world.ok("contact", "show", ref, "--format", "table").out
    assert "Prices" in world.ok("lead", "show", "L-1", "--format", "table").out
    again = world.ok("capture", "mail", "in.mbox", "--json").json
    assert (again["new"], again["unchanged"]) == (0, 1)
    world.ok("undo")
    assert world.ok("sql", "SELECT count(*) n FROM activity_contact", "--json").json == [{"n": 0}]
    world.ok("db", "check")


def test_calls_have_a_length_and_an_outcome(world: Sfa) -> None:
    world.ok("capture", "calls", put(world, "calls.csv", CALLS))
    assert logged(world, "text", "duration", "outcome") == [
        ("No answer", None, "no_answer"),
        ("Call, 4 min 51 s", 5, "reached"),
        ("Missed call", None, "no_answer"),
        ("Call, 20 s", 1, "reached"),
    ]
    shown = world.ok("contact", "show", "C-1", "--format", "table").out
    assert "Call, 4 min 51 s (reached)" in shown and "Missed call (no answer)" in shown and "No answer (" not in shown


def test_who_was_not_reached_is_still_due(world: Sfa) -> None:
    world.ok("capture", "calls", put(world, "calls.csv", "\n".join(CALLS.splitlines()[:2])))
    assert world.ok("report", "cadence", "--json").json["rows"][0]["actual"] == 0


def test_who_does_not_want_it_is_named(world: Sfa) -> None:
    world.ok("contact", "edit", "jo", "do_not_contact=2026-11-19 asked")
    world.ok("contact", "edit", "wei", "opt_out_phone=2026-11-20")
    made = world.ok("capture", "mail", put(world, "in.mbox", MAIL))
    assert "sent or called against their wish: C-2 Jo Silva (1)\n" in made.err
    assert "against their wish: C-2 Jo Silva (1)\n" in world.ok("capture", "calls", put(world, "calls.csv", CALLS)).err


def test_nobody_is_asked_to_contact_who_was_erased(world: Sfa) -> None:
    world.ok("contact", "edit", "wei", "channel=call")
    world.ok("erase", "C-1", "--yes")
    assert [r["contact"] for r in world.ok("report", "cadence", "--json").json["rows"]] == ["Jo Silva"]
    assert [r["ref"] for r in world.ok("today", "--json").json["sections"]["contacts"]] == ["C-2"]
    world.ok("db", "check")


def test_who_wrote_was_not_written_to(world: Sfa) -> None:
    put(
        world,
        "in.mbox",
        MAIL.replace("From: anna@house.example\nTo: Wei <wei@harbor.example>, Jo", "From: wei@harbor.example\nTo: anna@house.example, Jo"),
    )
    assert world.ok("capture", "mail", "in.mbox", "--json").json["received"] == 1
    assert [r["actual"] for r in world.ok("report", "cadence", "--json").json["rows"]] == [0, 0]
    assert world.ok("log", "wei", "call", "They rang", "direction=in").code == 0
    world.ok("activity", "edit", "AC-2", "direction=in")
    assert sum(r["actual"] for r in world.ok("report", "cadence", "--json").json["rows"]) == 1
