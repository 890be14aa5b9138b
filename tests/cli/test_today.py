"""today, week, agenda and calendar: what stands where, once, with the command that deals with it."""

from __future__ import annotations

import pytest

from sfa.commands import calendar as month_view


@pytest.fixture
def world(sfa):
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-20T09:00:00Z")
    sfa.ok("user", "add", "anna")
    sfa.ok("user", "add", "Ben Okafor", "manager=anna")
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("opp", "add", "Dock cranes", "account=Blue Harbor", "amount=60k", "close=2026-12-18")
    sfa.ok("opp", "add", "Pier lights", "account=Blue Harbor", "amount=9k", "close=2026-11-21")
    sfa.ok("opp", "add", "Ben's own", "owner=Ben", "amount=1k")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    return sfa


def sections(sfa, *argv: str) -> dict[str, list[str]]:
    made = sfa.ok(*(argv or ("today",)), "--json").json["sections"]
    return {name: [i["ref"] for i in items] for name, items in made.items() if items}


def test_each_deal_stands_once(world) -> None:
    assert sections(world) == {"late": ["O-2"], "stepless": ["O-1"]}, "what is late is not told again as without a next step"


@pytest.mark.parametrize(
    "plan",
    [
        ("opp", "edit", "O-1", "next_step=call Wei"),
        ("log", "O-1", "call", "Talked", "--next", "send quote", "--due", "+9d"),
        ("task", "add", "send quote", "--opp", "O-1", "--due", "+9d"),
    ],
)
def test_whatever_is_planned_is_a_next_step(world, plan) -> None:
    world.ok(*plan)
    assert sections(world) == {"late": ["O-2"]}


def test_a_newer_next_step_replaces_an_earlier_one(world) -> None:
    world.ok("log", "O-1", "call", "Talked", "--next", "send quote", "--due", "today", "--when", "2026-11-20 10:00")
    assert sections(world)["steps"] == ["AC-1"]
    world.ok("log", "O-1", "call", "Again", "--next", "ring on Friday", "--due", "fri", "--when", "2026-11-21 10:00")
    assert "steps" not in sections(world)
    assert sections(world, "week")["steps"] == ["AC-2"]


def test_steps_of_closed_deals_ask_for_nothing(world) -> None:
    world.ok("log", "O-1", "call", "Talked", "--next", "send quote", "--due", "today")
    world.ok("opp", "win", "O-1")
    assert sections(world) == {"late": ["O-2"]}


def test_steps_that_are_late_for_long_are_counted(world) -> None:
    world.ok("log", "O-1", "call", "Talked", "--next", "send quote", "--due", "2026-09-01")
    made = world.ok("today", "--json").json
    assert (made["sections"]["steps"], made["left_out"]) == ([], {"steps": 1})
    shown = world.ok("today", "--format", "table").out
    assert "1 more: sfa activity list is:mine is:overdue" in shown


def test_tasks_high_ones_first_then_by_day(world) -> None:
    world.ok("task", "add", "some day")
    world.ok("task", "add", "today's", "--due", "today")
    world.ok("task", "add", "late", "--due", "2026-11-19")
    world.ok("task", "add", "urgent", "--due", "today", "--priority", "high")
    world.ok("task", "add", "tomorrow's", "--due", "tomorrow")
    world.ok("task", "add", "at four", "--due", "today 16:00")
    found = sections(world)
    assert (found["tasks"], found["appointments"]) == (["K-4", "K-3", "K-2", "K-1"], ["K-6"])
    shown = world.ok("today", "--format", "table").out
    assert [line.split("  ")[1:3] for line in shown.splitlines() if line.startswith("  K-3")] == [["K-3", "4 d late"]]


def test_planned_visits_are_appointments_and_past_ones_are_not(world) -> None:
    world.ok("log", "O-1", "visit", "plant", "--when", "today 15:00")
    world.ok("log", "O-1", "visit", "was", "--when", "today 9:00")
    made = world.ok("today", "--json").json["sections"]["appointments"]
    assert [(a["ref"], a["at"], a["about_ref"], a["command"]) for a in made] == [("AC-1", "15:00", "O-1", "sfa log O-1 visit")]


def test_leads_until_they_are_answered(world) -> None:
    world.ok("lead", "add", "Mary Cole", "company=Green Foods", "created=2026-11-20")
    world.ok("lead", "add", "Jo Park", "created=2026-11-22")
    world.ok("lead", "add", "Ben's", "owner=Ben")
    assert sections(world)["leads"] == ["L-2", "L-1"]
    assert "3 d" in world.ok("today", "--format", "table").out
    world.ok("log", "L-2", "call", "Hello")
    assert sections(world)["leads"] == ["L-1"]


def test_revisits(world) -> None:
    world.ok("opp", "lose", "O-1", "--reason", "too expensive", "revisit=2026-11-22")
    assert sections(world)["revisits"] == ["O-1"]
    world.ok("opp", "add", "New try", "account=Blue Harbor", "next_step=call")
    assert "revisits" not in sections(world), "the account has a newer deal"


def test_what_others_changed_since_an_earlier_day(world) -> None:
    def look(day: str) -> str:
        world.monkeypatch.setenv("SFA_TODAY", f"{day}T18:00:00Z")
        return world.ok("today", "--format", "table").out

    def ben(day: str, *argv: str) -> None:
        world.monkeypatch.setenv("SFA_TODAY", f"{day}T09:00:00Z")
        world.ok("--me", "Ben", *argv)

    assert "Changed" not in look("2026-11-23")
    ben("2026-11-24", "opp", "edit", "O-1", "amount=48k")
    world.monkeypatch.setenv("SFA_TODAY", "2026-11-24T10:00:00Z")
    world.ok("opp", "edit", "O-2", "amount=8k")
    for _ in range(2):
        shown = look("2026-11-24")
        assert "Changed by others since 2026-11-23 18:00" in shown
        assert "Dock cranes · 60,000 USD → 48,000 USD (by Ben Okafor)" in shown
        assert "Pier lights" not in shown.partition("Changed")[2], "one's own changes are known"
    assert "Changed" not in look("2026-11-25"), "seen yesterday"
    ben("2026-11-26", "opp", "edit", "O-1", "owner=Ben")
    assert "owner anna → Ben Okafor" in look("2026-11-26")


def test_a_look_writes_nothing_into_the_database_and_needs_no_file(world) -> None:
    before = world.db.read_bytes()
    world.ok("today", "--format", "table")
    state = world.folder / ".local" / "state" / "sfa" / "looked.tsv"
    assert state.read_text().count("\t") == 3
    for broken in ("", "\n", "{", "a\tb\tc\td\n", "a\tb\t\t\u00b2"):
        state.write_text(broken)
        world.ok("today", "--format", "table")
    world.monkeypatch.setenv("XDG_STATE_HOME", str(world.db))
    world.ok("today", "--format", "table")
    assert world.db.read_bytes() == before


def test_of_whom(world) -> None:
    assert sections(world, "today", "--rep", "Ben") == {"stepless": ["O-3"]}
    team = world.ok("today", "--team", "--json").json
    assert (team["people"], [i["owner"] for i in team["sections"]["stepless"]]) == (["anna", "Ben Okafor"], ["anna", "Ben Okafor"])
    assert world("today", "--rep", "Nobody").code == 3
    stranger = world("--me", "zoe", "today")
    assert (stranger.code, "no user called 'zoe' yet" in stranger.err) == (3, True)


def test_the_most_money_first_and_how_to_see_the_rest(world) -> None:
    for n in range(8):
        world.ok("opp", "add", f"Deal {n}", f"amount={n + 1}k")
    world.ok("opp", "add", "In euros", "amount=€50k")
    world.ok("rate", "set", "EUR", "2", "--date", "2026-01-01")
    made = world.ok("today", "--json").json
    assert [i["what"] for i in made["sections"]["stepless"]] == ["In euros", "Dock cranes", "Deal 7", "Deal 6", "Deal 5"]
    assert made["left_out"] == {"stepless": 5}
    shown = world.ok("today", "--format", "table").out
    rest = shown.partition("and 5 more: sfa ")[2].splitlines()[0]
    assert len(world.ok(*rest.split(), "--json").json) == 11, "the command lists them all, and the one that is late"


def test_an_empty_day_says_what_comes_next(sfa) -> None:
    sfa.ok("task", "add", "call", "--due", "fri")
    shown = sfa.ok("today", "--format", "table").out
    assert shown.splitlines()[2:] == ["Nothing asks for you today.", "Next comes Friday 27 November 2026: sfa agenda 2026-11-27"]
    sfa.ok("task", "done", "K-1")
    assert "Nothing is planned" in sfa.ok("today", "--format", "table").out
    assert "Nothing is planned for the rest" in sfa.ok("week", "--format", "table").out


def test_week_and_agenda_by_day(world) -> None:
    world.ok("task", "add", "tour", "--due", "fri 14:30")
    world.ok("task", "add", "call", "--due", "thu")
    world.ok("log", "O-1", "call", "Talked", "--next", "send quote", "--due", "fri")
    lines = [line for line in world.ok("week", "--format", "table").out.splitlines() if line]
    assert lines[0] == "Week 48, from Monday 23 November 2026"
    assert [line.split()[0] for line in lines[1:]] == ["Thursday", "K-2", "Friday", "K-1", "AC-1"]
    assert sections(world, "agenda", "2026-12") == {"closing": ["O-1"]}
    assert sections(world, "agenda", "last", "week") == {"closing": ["O-2"]}
    assert sections(world, "agenda", "last", "month") == {}
    assert world("agenda", "whenever").code == 2


def test_as_of(world) -> None:
    world.ok("task", "add", "call", "--due", "today")
    assert "tasks" not in sections(world, "today", "--as-of", "2026-11-22")
    assert sections(world, "today", "--as-of", "2026-11-22")["late"] == ["O-2"]
    assert sections(world, "today", "--as-of", "2026-11-20")["stepless"] == ["O-2", "O-1"][::-1]


def test_lines_fit_the_terminal_and_are_data_in_a_pipe(world) -> None:
    world.ok("task", "add", "a long thing to do " * 9, "--due", "today", "--opp", "O-1")
    world.monkeypatch.setattr("sfa.output.width", lambda: 80)
    assert max(len(line) for line in world.ok("today", "--format", "table").out.splitlines()) <= 80
    head, *rows = world.ok("today").out.splitlines()
    assert head.split("\t")[:4] == ["section", "day", "at", "ref"]
    assert [r.split("\t")[0] for r in rows] == ["tasks", "late"]


def test_the_month(world) -> None:
    world.ok("task", "add", "tour", "--due", "2026-12-18 14:30")
    world.ok("task", "add", "call", "--due", "2026-12-18")
    shown = world.ok("calendar", "2026-12", "--format", "table").out.splitlines()
    assert shown[0] == "December 2026"
    week = next(i for i, line in enumerate(shown) if line.startswith("51"))
    column = shown[week].index(" 18") + 1
    assert shown[week + 1][column : column + 8] == "1a 1t 1c"
    assert world.ok("calendar", "2026-12", "--json").json == [
        {
            "day": "2026-12-18",
            "weekday": "Fri",
            "appointments": 1,
            "tasks": 1,
            "steps": 0,
            "closing": 1,
            "birthdays": 0,
            "contacts": 0,
            "holiday": None,
        }
    ]
    assert "Friday 18 December 2026" in world.ok("calendar", "2026-12-18", "--week", "--format", "table").out


@pytest.mark.parametrize(("first", "days"), [("2026-02-01", 28), ("2028-02-01", 29), ("2026-11-01", 30), ("2027-08-01", 31)])
def test_every_day_of_a_month_stands_once(first: str, days: int) -> None:
    from datetime import date

    lines = month_view.month(date.fromisoformat(first), {}, date(2000, 1, 1))[1:]
    assert [int(w) for line in lines for w in line[3:].split()] == list(range(1, days + 1))
