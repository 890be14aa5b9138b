"""Conflicts, working days, holidays and birthdays: what is said when something is planned, and what the day shows."""

from __future__ import annotations

import pytest

from sfa import daysoff


@pytest.fixture
def world(sfa):
    sfa.ok("account", "add", "Acme Corp")
    sfa.ok("contact", "add", "Wei Zhang", "account=Acme Corp", "phone=+353 1 555 0100")
    sfa.ok("opp", "add", "Renewal", "account=Acme Corp")
    sfa.ok("task", "add", "plant tour", "--due", "fri 10:30")
    return sfa


def said(result) -> list[str]:
    return [line for line in result.err.splitlines() if "on that day" in line or "working" in line]


TOUR = "Warning: K-1 plant tour is at 10:30 on that day"


@pytest.mark.parametrize(
    ("argv", "clash"),
    [
        (("log", "acme", "call", "x", "--next", "offer", "--due", "fri 10:00"), True),
        (("log", "acme", "call", "x", "--next", "offer", "--due", "fri 9:30"), False),
        (("log", "acme", "call", "x", "--next", "offer", "--due", "fri 11:29"), True),
        (("log", "acme", "call", "x", "--next", "offer", "--due", "fri 11:30"), False),
        (("log", "acme", "call", "x", "--next", "offer", "--due", "fri"), False),
        (("log", "acme", "meeting", "x", "--when", "fri 8:00", "--duration", "3h"), True),
        (("log", "acme", "meeting", "x", "--when", "fri 8:00", "--duration", "2h30"), False),
        (("task", "add", "other", "--due", "fri 10:00"), True),
        (("task", "add", "other", "--due", "thu 10:00"), False),
        (("task", "add", "other", "--due", "fri 10:00", "owner=Ben"), False),
    ],
)
def test_what_is_planned_at_that_hour_is_named(world, argv: tuple[str, ...], clash: bool) -> None:
    world.ok("user", "add", "Ben")
    assert said(world.ok(*argv)) == ([TOUR] if clash else [])


def test_a_step_with_a_time_is_an_appointment_and_stands_in_the_way_of_others(world) -> None:
    world.ok("log", "acme", "call", "x -> send offer !high", "--due", "fri 14:00")
    record = world.ok("activity", "show", "AC-1", "--json").json
    assert (record["due"], record["at"], record["priority"]) == ("2026-11-27", "14:00", "high")
    assert said(world.ok("task", "reschedule", "K-1", "fri 14:30")) == ["Warning: AC-1 send offer is at 14:00 on that day"]
    assert said(world.ok("task", "reschedule", "AC-1", "fri 13:45")) == ["Warning: K-1 plant tour is at 14:30 on that day"]
    made = world.ok("agenda", "fri", "--json").json["sections"]
    shown = [(a["ref"], a["at"], a["what"], a["command"]) for a in made["appointments"]]
    assert shown == [("AC-1", "13:45", "! send offer", "sfa task done AC-1"), ("K-1", "14:30", "plant tour", "sfa task done K-1")]
    assert made["steps"] == []
    world.monkeypatch.setenv("SFA_TODAY", "2026-11-27T09:00:00Z")
    now = world.ok("today", "--json").json["sections"]
    assert ([a["ref"] for a in now["appointments"]], now["steps"], now["tasks"]) == (["AC-1", "K-1"], [], [])
    world.ok("activity", "edit", "AC-1", "due=")
    assert world.ok("activity", "show", "AC-1", "--json").json["at"] is None, "a time without a day is none"
    assert world("activity", "edit", "AC-1", "at=9:00").code == 2


def test_urgent_steps_come_first(world) -> None:
    world.ok("log", "O-1", "call", "x", "--next", "first", "--due", "today", "--when", "2026-11-20")
    world.ok("log", "A-1", "call", "y", "--next", "second", "--due", "2026-11-01", "--priority", "high", "--when", "2026-11-20")
    assert [s["what"] for s in world.ok("today", "--json").json["sections"]["steps"]] == ["! second", "first"]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("log", "O-1", "call", "x !high"), "!high is the priority of a next step"),
        (("log", "O-1", "call", "x", "--priority", "high"), "--priority is the priority of a next step"),
        (("log", "O-1", "call", "x 45m", "--duration", "1h"), "duration is given twice"),
        (("log", "O-1", "call", "x", "--duration", "long"), "not a length of time"),
        (("log", "O-1", "call", "x", "--outcome", "great"), "reached, left_message"),
        (("log", "O-1", "call", "x -> y !high", "--priority", "low"), "priority is given twice"),
    ],
)
def test_what_cannot_be(world, argv: tuple[str, ...], says: str) -> None:
    result = world(*argv)
    assert result.code == 2 and says in result.err
    assert world.ok("activity", "list", "--json").json == []


# Days and hours ---------------------------------------------------------------------------------------------------------------------


def test_a_due_day_that_nobody_works_on_is_told_with_the_next_working_day(world) -> None:
    weekend = "Sat 2026-11-28 is a weekend; the next working day is Mon 2026-11-30."
    assert said(world.ok("task", "add", "x", "--due", "sat")) == [weekend]
    assert said(world.ok("log", "O-1", "call", "x -> y +sat")) == [weekend]
    assert said(world.ok("task", "reschedule", "K-1", "sat")) == [weekend]
    assert said(world.ok("task", "add", "x", "--due", "fri 12:00")) == []
    world.ok("config", "set", "working_hours", "sun-thu 8:00-16:00")
    friday = "Fri 2026-11-27 is no working day; the next working day is Sun 2026-11-29."
    assert said(world.ok("task", "add", "x", "--due", "fri")) == [friday]
    hours = "16:30 is outside the working hours, Sun–Thu 08:00–16:00."
    assert said(world.ok("task", "add", "x", "--due", "thu 16:30")) == [hours]
    world.ok("task", "add", "counted", "--due", "+4wd")
    assert world.ok("task", "show", "counted", "--json").json["due"] == "2026-11-29"
    world.ok("log", "O-1", "call", "x -> counted too +4wd")
    assert world.ok("activity", "show", "AC-2", "--json").json["due"] == "2026-11-29"


@pytest.fixture
def germany(world):
    pytest.importorskip("holidays", reason="the extra `holidays` is not installed")
    world.ok("config", "set", "country", "Germany-by")
    world.monkeypatch.setenv("SFA_TODAY", "2026-12-23T12:00:00Z")
    return world


def test_holidays_are_named_everywhere(germany) -> None:
    # In Bavaria: 25 and 26 December 2026 (Friday, Saturday), 1 and 6 January 2027.
    assert germany.ok("config", "get", "country").out == "DE-BY\n"
    told = said(germany.ok("task", "add", "visit", "--due", "2026-12-25"))
    assert told == ["Fri 2026-12-25 is Christmas Day; the next working day is Mon 2026-12-28."]
    assert "Thursday" not in germany.ok("week", "--format", "table").out
    assert "Friday 25 December 2026, Christmas Day" in germany.ok("week", "--format", "table").out
    assert germany.ok("week", "--json").json["holidays"][0] == {"day": "2026-12-25", "name": "Christmas Day"}
    assert "2027-01-06" in [h["day"] for h in germany.ok("agenda", "2027-01", "--json").json["holidays"]]
    month = germany.ok("calendar", "2026-12", "--format", "table").out
    assert " 25*" in month and "* 25 Christmas Day" in month
    assert {"2026-12-25", "2026-12-26"} <= {r["day"] for r in germany.ok("calendar", "2026-12", "--json").json if r["holiday"]}
    germany.monkeypatch.setenv("SFA_TODAY", "2026-12-25T12:00:00Z")
    assert germany.ok("today", "--format", "table").out.startswith("Friday 25 December 2026, Christmas Day\n")
    germany.ok("task", "add", "later", "--due", "+1wd")
    assert germany.ok("task", "show", "later", "--json").json["due"] == "2026-12-28"


def test_the_library_is_asked_once_and_is_not_needed(germany) -> None:
    asked: list[tuple[str, int]] = []

    def ask(country: str, year: int) -> dict:
        asked.append((country, year))
        raise ImportError("holidays")

    germany.ok("week", "--format", "table")
    germany.monkeypatch.setattr(daysoff, "ask", ask)
    assert "Christmas Day" in germany.ok("week", "--format", "table").out and asked == []
    germany.monkeypatch.setenv("SFA_TODAY", "2027-03-24T12:00:00Z")
    assert "2026-12-25" not in str(germany.ok("agenda", "2026-12", "--json").json["holidays"]), "what is kept holds for a quarter"
    assert ("DE-BY", 2026) in asked
    assert said(germany.ok("task", "add", "x", "--due", "sat"))[0].startswith("Sat 2027-03-27 is a weekend")
    warned = germany.ok("config", "set", "country", "Ireland")
    assert "pip install 'sfa[holidays]'" in warned.err
    assert germany.ok("config", "get", "country").out == "IE\n"


@pytest.mark.parametrize(("value", "says"), [("Atlantis", "is no country"), ("DE-XX", "Parts of DE: BB, BE")])
def test_what_is_no_country(germany, value: str, says: str) -> None:
    result = germany("config", "set", "country", value)
    assert (result.code, germany.ok("config", "get", "country").out) == (2, "DE-BY\n") and says in result.err


@pytest.mark.parametrize("broken", ["", "x", "2026-12-01\nnonsense\tX\n", "2026-12-01\n2026-12-25"])
def test_a_broken_memory_is_made_anew(germany, broken: str) -> None:
    germany.ok("week", "--format", "table")
    kept = next((germany.folder / ".local" / "state" / "sfa").glob("holidays-DE-BY-2026.tsv"))
    kept.write_text(broken)
    assert "Christmas Day" in germany.ok("week", "--format", "table").out


def test_holidays_load_only_where_a_country_is_set_and_nothing_at_start_up(world) -> None:
    import subprocess
    import sys

    code = (
        "import sys\nfrom sfa.cli import run\nrun(['today','--json'])\nsys.exit('holidays' in sys.modules or 'sfa.daysoff' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=world.folder).returncode == 0


# Birthdays --------------------------------------------------------------------------------------------------------------------------


def test_birthdays_of_ones_book(world) -> None:
    world.ok("user", "add", "Ben")
    world.ok("contact", "edit", "C-1", "birthday=1980-11-23")
    world.ok("contact", "add", "Leap Lou", "birthday=29 feb", "opt_out_phone=yes", "phone=+353 1 555 0102", "email=lou@x.example")
    world.ok("contact", "add", "Ben's", "birthday=11-23", "owner=Ben")
    made = world.ok("today", "--json").json["sections"]["birthdays"]
    assert [(b["ref"], b["what"], b["about"], b["command"]) for b in made] == [
        ("C-1", "Wei Zhang turns 46", "Acme Corp", "sfa log C-1 call")
    ]
    assert "Birthdays\n  C-1" in world.ok("today", "--format", "table").out
    for today, day in (("2027-02-24", "2027-02-28"), ("2028-02-24", "2028-02-29")):
        world.monkeypatch.setenv("SFA_TODAY", f"{today}T12:00:00Z")
        made = world.ok("agenda", "next 7 days", "--json").json["sections"]["birthdays"]
        assert [(b["day"], b["what"], b["command"]) for b in made] == [(day, "Leap Lou", "sfa log C-2 email")]
        assert [r["birthdays"] for r in world.ok("calendar", day[:7], "--json").json if r["day"] == day] == [1]
    world.monkeypatch.setenv("SFA_TODAY", "2027-12-28T12:00:00Z")
    world.ok("contact", "edit", "C-1", "birthday=01-02")
    assert [b["ref"] for b in world.ok("week", "--json").json["sections"]["birthdays"]] == ["C-1"], "over the end of a year"


def test_birthdays_on_cards_go_out_and_come_back(world) -> None:
    world.ok("contact", "edit", "C-1", "birthday=02-29", "language=de")
    world.ok("contact", "add", "Jo", "birthday=1980-05-01")
    world.ok("export", "contact", "--output", "c.vcf")
    cards = (world.folder / "c.vcf").read_text()
    assert "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29" in cards and "BDAY:1980-05-01" in cards and "LANG:de" in cards
    world.ok("--db", "new.db", "import", "contact", "c.vcf", "--on-missing", "create")
    rows = world.ok("--db", "new.db", "contact", "list", "--columns", "name,birthday,language", "--json", "--sort", "name").json
    assert [(r["birthday"], r["language"]) for r in rows] == [("1980-05-01", None), ("--02-29", "de")]
    for text, day in (("--0501", "--05-01"), ("--05-01", "--05-01"), ("19800501", "1980-05-01"), ("1980-05-01T00:00:00Z", "1980-05-01")):
        (world.folder / "one.vcf").write_text(f"BEGIN:VCARD\nVERSION:4.0\nFN:Card {text}\nBDAY:{text}\nEND:VCARD\n")
        world.ok("--db", "new.db", "import", "contact", "one.vcf")
        found = world.ok("--db", "new.db", "contact", "list", f"name:Card {text}", "--columns", "birthday", "--json").json
        assert [r["birthday"] for r in found] == [day]
