"""Tasks: added in one line, done, put off, moved, repeated; what is said and what is refused."""

from __future__ import annotations

import pytest


@pytest.fixture
def world(sfa):
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("opp", "add", "Dock cranes", "account=Blue Harbor", "amount=60k")
    return sfa


def task(sfa, ref: str):
    return sfa.ok("task", "show", ref, "--json").json


def test_one_line(world) -> None:
    done = world.ok("task", "add", "send", "the", "quote", "--opp", "dock", "--due", "fri", "--repeat", "weekly")
    assert done.out == "K-1\n"
    assert "Added K-1 send the quote on O-1 Dock cranes, due Fri 2026-11-27, every week on Fri" in done.err
    made = task(world, "K-1")
    assert (made["due"], made["at"], made["opportunity_ref"], made["owner"], made["priority"]) == (
        "2026-11-27",
        None,
        "O-1",
        "anna",
        "normal",
    )
    assert [t["ref"] for t in world.ok("opp", "show", "O-1", "--json").json["related"]["tasks"]] == ["K-1"]


@pytest.mark.parametrize(
    ("due", "day", "at"),
    [
        ("fri 14:30", "2026-11-27", "14:30"),
        ("tomorrow at 9am", "2026-11-24", "09:00"),
        ("2026-12-01T08:15", "2026-12-01", "08:15"),
        ("12:30 pm", "2026-11-23", "12:30"),
        ("2026-12-01", "2026-12-01", None),
    ],
)
def test_a_day_with_a_time(world, due: str, day: str, at: str | None) -> None:
    world.ok("task", "add", "call", "--due", due)
    assert (task(world, "K-1")["due"], task(world, "K-1")["at"]) == (day, at)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("call", "at=25:00", "due=fri"), "'25:00' is not a time of day"),
        (("call", "at=noon", "due=fri"), "'noon' is not a time of day"),
        (("call", "at=9:00"), "a time needs a day"),
        (("call", "--repeat", "sometimes"), "'sometimes' is no way to repeat"),
        (("--due", "fri"), "what is required"),
        (("call", "name=ring"), "given twice"),
    ],
)
def test_what_cannot_be(world, words, message: str) -> None:
    failed = world("task", "add", *words)
    assert (failed.code, message in failed.err) == (2, True), failed.err
    assert world.ok("task", "list", "--json").json == []


def test_done_makes_the_next_one_and_undo_takes_both_back(world) -> None:
    world.ok("task", "add", "report", "--due", "mon 9:00", "--repeat", "every 2 weeks", "opportunity=O-1", "priority=high", "note=see Wei")
    said = world.ok("task", "done", "report")
    assert "Done: K-1 report; the next one is K-2, Mon 2026-12-07" in said.err
    first, second = task(world, "K-1"), task(world, "K-2")
    assert (first["done"], second["done"], second["due"]) == ("2026-11-23", None, "2026-12-07")
    same = ("name", "at", "opportunity_ref", "priority", "note", "owner", "repeat")
    assert [first[n] for n in same] == [second[n] for n in same]
    again = world("task", "done", "K-1")
    assert (again.code, "is done since 2026-11-23" in again.err) == (4, True)
    world.ok("undo", "--yes")
    assert [(t["ref"], t["done"]) for t in world.ok("task", "list", "--json").json] == [("K-1", None)]
    world.ok("redo", "--yes")
    assert [t["ref"] for t in world.ok("task", "list", "is:open", "--json").json] == ["K-2"]
    assert "Done: K-2 report" in world.ok("task", "done", "report").err, "the open one of that name is meant"


def test_the_last_one(world) -> None:
    world.ok("task", "add", "remind", "--due", "today", "--repeat", "FREQ=DAILY;COUNT=2")
    assert "the next one is K-2" in world.ok("task", "done", "K-1").err
    assert "it was the last one" in world.ok("task", "done", "K-2").err


def test_moving_one_of_several_keeps_the_rhythm(world) -> None:
    world.ok("task", "add", "report", "--due", "fri", "--repeat", "weekly")
    world.ok("task", "reschedule", "report", "tomorrow")
    assert "K-2, Fri 2026-12-04" in world.ok("task", "done", "report").err, "Friday's was this one"
    world.ok("task", "reschedule", "report", "2026-12-07")
    world.monkeypatch.setenv("SFA_TODAY", "2026-12-07T12:00:00Z")
    assert "K-3, Fri 2026-12-11" in world.ok("task", "done", "report").err


def test_snooze_and_reschedule(world) -> None:
    world.ok("task", "add", "call", "--due", "today")
    assert "snoozed until 2026-11-26" in world.ok("task", "snooze", "K-1", "+3d").err
    assert world.ok("today", "--json").json["sections"]["tasks"] == []
    world.ok("task", "reschedule", "call", "2026-11-25 10:00")
    held = task(world, "K-1")
    assert (held["due"], held["at"], held["snoozed"]) == ("2026-11-25", "10:00", None)
    assert "it is so already" in world.ok("task", "reschedule", "call", "2026-11-25 10:00").err
    assert world("task", "snooze", "K-9", "+3d").code == 3
    assert world("task", "snooze", "K-1", "someday").code == 2


def test_appointments_within_an_hour_are_named(world) -> None:
    world.ok("task", "add", "tour", "--due", "fri 14:30")
    world.ok("log", "O-1", "visit", "plant", "--when", "fri 15:00")
    assert "Warning: K-1 tour is at 14:30" in (said := world.ok("task", "add", "call", "--due", "fri 15:00").err)
    assert "Warning: AC-1 plant is at 15:00" in said
    assert "Warning" not in world.ok("task", "add", "call", "--due", "fri 16:00").err
    assert "Warning" in world.ok("task", "reschedule", "K-3", "fri 15:10").err


def test_next_steps_of_activities_are_done_and_put_off_alike(world) -> None:
    world.ok("log", "O-1", "call", "Talked", "--next", "send quote", "--due", "today")
    world.ok("task", "snooze", "AC-1", "fri")
    assert world.ok("activity", "show", "AC-1", "--json").json["due"] == "2026-11-27"
    assert "O-1 Dock cranes has no next step now" in world.ok("task", "done", "AC-1").err
    assert world.ok("opp", "show", "O-1", "--json").json["next_step"] is None
    assert world("task", "done", "AC-1").code == 4
    world.ok("undo", "--yes")
    assert world.ok("opp", "show", "O-1", "--json").json["next_step"] == "send quote"
    world.ok("log", "O-1", "note", "Nothing")
    assert world("task", "done", "AC-2").code == 2


def test_filters(world) -> None:
    world.ok("task", "add", "late", "--due", "2026-11-20")
    world.ok("task", "add", "put off", "due=2026-11-20", "snoozed=2026-12-01")
    world.ok("task", "add", "to come", "--due", "fri")
    names = lambda *words: [t["name"] for t in world.ok("task", "list", *words, "--json").json]  # noqa: E731
    assert names("is:overdue") == ["late"]
    world.ok("task", "done", "late")
    assert (names("is:done"), names("is:open", "is:mine")) == (["late"], ["put off", "to come"])


def test_editing_follows_the_rules(world) -> None:
    world.ok("task", "add", "call", "--due", "fri", "--repeat", "weekly")
    failed = world("task", "edit", "K-1", "due=")
    assert (failed.code, "needs a day" in failed.err) == (2, True)
    world.ok("task", "edit", "K-1", "repeat=", "due=")
    assert task(world, "K-1")["repeat"] is None
    world.ok("task", "edit", "K-1", "repeat=every wed")
    assert task(world, "K-1")["due"] == "2026-11-25"


def test_a_converted_leads_tasks_move_along(world) -> None:
    world.ok("lead", "add", "Mary Cole", "company=Green Foods")
    world.ok("task", "add", "call", "--lead", "Mary", "--due", "fri")
    world.ok("task", "add", "was", "--lead", "Mary", "--due", "today")
    world.ok("task", "done", "was")
    world.ok("lead", "convert", "L-1")
    assert (task(world, "K-1")["opportunity_ref"], task(world, "K-1")["contact_ref"]) == ("O-2", "C-1")
    assert task(world, "K-2")["opportunity_ref"] is None


def test_tasks_are_handed_over_and_found(world) -> None:
    world.ok("user", "add", "Ben Okafor")
    world.ok("task", "add", "call the harbor master", "--due", "fri")
    world.ok("user", "hand-over", "anna", "Ben", "--yes")
    assert task(world, "K-1")["owner"] == "Ben Okafor"
    assert [h["ref"] for h in world.ok("search", "harbor", "--json").json if h["ref"].startswith("K")] == ["K-1"]


def test_erasing_a_person_blanks_what_was_to_be_done_with_them(world) -> None:
    world.ok("contact", "add", "Wei Zhang", "account=Blue Harbor", "email=wei@harbor.example")
    world.ok("task", "add", "ask about her leave", "--contact", "Wei", "note=she told me at lunch", "due=fri")
    world.ok("task", "add", "send Wei Zhang the quote", "--opp", "O-1")
    world.ok("task", "snooze", "K-1", "+9d")
    world.ok("erase", "C-1", "--yes")
    assert [(task(world, k)["name"], task(world, k)["note"]) for k in ("K-1", "K-2")] == [
        ("(erased)", None),
        ("send (erased) the quote", None),
    ]
    assert [h for h in world.ok("search", "leave", "--json").json if h["ref"] == "K-1"] == []
    raw = world.db.read_bytes()
    assert b"leave" not in raw and b"lunch" not in raw


def test_what_is_due_only_later_is_not_put_off(world) -> None:
    world.ok("task", "add", "later", "due=2026-12-12")
    refused = world("task", "snooze", "later", "+1w")
    assert refused.code == 4 and "is due only on 2026-12-12: there is nothing to put off" in refused.err
    world.ok("task", "snooze", "later", "2026-12-13")
