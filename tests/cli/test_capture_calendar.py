"""Calendars captured, kept up to date, and written: what programs do with events and tasks between two captures."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from conftest import Sfa

WEI = "ATTENDEE;CN=Wei:mailto:wei@harbor.example"
ANNA = "ATTENDEE;PARTSTAT={}:mailto:anna@house.example"
STAMP = "DTSTAMP:20261101T080000Z"


@pytest.fixture
def world(sfa: Sfa) -> Sfa:
    for line in (
        ("config", "set", "time_zone", "Europe/Berlin"),
        ("user", "add", "Anna Ferrari", "email=anna@house.example"),
        ("account", "add", "Blue Harbor", "website=harbor.example"),
        ("contact", "add", "Wei Zhang", "--account", "Blue Harbor", "--email", "wei@harbor.example", "--phone", "+353 1 555 0100"),
        ("opp", "add", "Renewal", "--account", "Blue Harbor", "opened=2026-06-01", "--close", "2026-12-31"),
    ):
        sfa.ok(*line)
    return sfa


def put(sfa: Sfa, *events: str, name: str = "work.ics", method: str = "") -> str:
    head = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//x\n{f'METHOD:{method}' if method else 'CALSCALE:GREGORIAN'}\n"
    (sfa.folder / name).write_bytes(f"{head}{''.join(events)}END:VCALENDAR\n".replace("\n", "\r\n").encode())
    return name


def event(*lines: str, uid: str = "1@x", name: str = "VEVENT") -> str:
    return "\n".join([f"BEGIN:{name}", f"UID:{uid}", STAMP, *lines, f"END:{name}", ""])


def capture(sfa: Sfa, *events: str, method: str = "") -> dict[str, object]:
    made: dict[str, object] = sfa.ok("capture", "calendar", put(sfa, *events, method=method), "--json").json
    return made


def planned(sfa: Sfa) -> list[tuple[object, ...]]:
    rows = sfa.ok("activity", "list", "--sort", "when", "--json").json
    return [tuple(r[k] for k in ("when", "text", "contact", "opportunity", "answer")) for r in rows]


TOUR = ("DTSTART;TZID=Europe/Berlin:20261130T100000", "SUMMARY:Plant tour", "LOCATION:Gate 3")


def test_an_event_with_a_contact_is_a_visit_on_their_deal(world: Sfa) -> None:
    made = capture(
        world, event(*TOUR, WEI, ANNA.format("NEEDS-ACTION")), event("DTSTART;VALUE=DATE:20261224", "SUMMARY:Holiday", uid="2@x")
    )
    assert (made["new"], made["nobody"], made["on_deals"]) == (1, 1, 1)
    assert planned(world) == [("2026-11-30T09:00:00Z", "Plant tour (Gate 3)", "Wei Zhang", "Renewal", "open")]
    assert world.ok("activity", "list", "--json").json[0]["kind"] == "visit"
    assert "visit: Plant tour (Gate 3) (not answered yet)" in world.ok("agenda", "2026-11-30", "--format", "table").out
    again = capture(world, event(*TOUR, WEI, ANNA.format("NEEDS-ACTION")))
    assert (again["new"], again["unchanged"], again["operation"]) == (0, 1, None)
    world.ok("capture", "calendar", put(world, event("DTSTART;VALUE=DATE:20261224", "SUMMARY:Holiday", uid="2@x")), "--all")
    assert planned(world)[1][:2] == ("2026-12-23T23:00:00Z", "Holiday")
    world.ok("undo")
    world.ok("undo")
    assert planned(world) == [] and world.ok("db", "check").code == 0


def test_a_company_is_known_by_its_name_in_the_title(world: Sfa) -> None:
    world.ok("account", "add", "Star Ferries AS")
    titles = ("Besuch BLUE HARBOR, gate 3", "Star Ferries or Blue Harbor?", "Rising stars of ferries", "Blue Harbors")
    events = [event("DTSTART:20261130T100000Z", f"SUMMARY:{t}", uid=f"{i}@x") for i, t in enumerate(titles)]
    assert (capture(world, *events)["new"], capture(world, *events)["nobody"]) == (1, 3)
    assert planned(world) == [("2026-11-30T10:00:00Z", "Besuch BLUE HARBOR, gate 3", None, "Renewal", None)]


def test_what_is_answered_and_moved_elsewhere_comes_back(world: Sfa) -> None:
    capture(world, event(*TOUR, WEI, ANNA.format("NEEDS-ACTION")))
    moved = ("DTSTART;TZID=Europe/Berlin:20261130T140000", *TOUR[1:], "SEQUENCE:1", "LAST-MODIFIED:20261124T080000Z")
    made = world.ok("capture", "calendar", put(world, event(*moved, WEI, ANNA.format("ACCEPTED"))))
    assert "1 updated" in made.err and "AC-1 Plant tour (Gate 3): 2026-11-30 10:00 → 2026-11-30 14:00" in made.err
    assert planned(world) == [("2026-11-30T13:00:00Z", "Plant tour (Gate 3)", "Wei Zhang", "Renewal", "accepted")]
    # An older file changes nothing back; what was changed here later than there stays.
    assert capture(world, event(*TOUR, WEI, "LAST-MODIFIED:20261101T080000Z"))["kept"] == 1
    world.ok("activity", "edit", "AC-1", "when=2026-12-01 09:00")
    assert capture(world, event(*moved[:-1], "LAST-MODIFIED:20261122T080000Z", WEI))["kept"] == 1
    assert planned(world)[0][0] == "2026-12-01T08:00:00Z"


@pytest.mark.parametrize(
    ("lines", "method", "what"),
    [
        (("STATUS:CANCELLED", WEI), "", "cancelled"),
        ((WEI,), "CANCEL", "cancelled"),
        ((WEI, ANNA.format("DECLINED")), "", "declined"),
    ],
)
def test_what_does_not_take_place_is_taken_off(world: Sfa, lines: tuple[str, ...], method: str, what: str) -> None:
    assert capture(world, event(*TOUR, *lines), method=method)[what] == 1
    capture(world, event(*TOUR, WEI))
    made = world.ok("capture", "calendar", put(world, event(*TOUR, *lines), method=method))
    assert f"{what}, taken off: AC-1 Plant tour (Gate 3), 2026-11-30 10:00" in made.err
    assert planned(world) == []
    world.ok("undo")
    world.ok("activity", "edit", "AC-1", "next_step=bring the meter")
    made = world.ok("capture", "calendar", put(world, event(*TOUR, *lines), method=method))
    assert f"{what} there, but written on here: kept: AC-1" in made.err
    assert len(planned(world)) == 1


def test_a_repeated_event_is_each_of_its_times(world: Sfa) -> None:
    """Fridays at ten in Berlin over the end of summer time, one left out, one moved; counted by hand in UTC."""
    series = ("DTSTART;TZID=Europe/Berlin:20261016T100000", "RRULE:FREQ=WEEKLY;COUNT=8", "SUMMARY:Weekly", WEI)
    left = "EXDATE;TZID=Europe/Berlin:20261023T100000"
    moved = event("RECURRENCE-ID;TZID=Europe/Berlin:20261106T100000", "DTSTART;TZID=Europe/Berlin:20261107T110000", "SUMMARY:Moved", WEI)
    made = capture(world, event(*series, left), moved)
    zone = ZoneInfo("Europe/Berlin")
    fridays = [datetime(2026, 10, 16, 10, tzinfo=zone) + timedelta(weeks=i) for i in range(8)]
    fridays = [datetime(f.year, f.month, f.day, 11 if f.day == 7 else 10, tzinfo=zone) for f in fridays]
    expected = [f for i, f in enumerate(fridays) if i not in (1, 3)] + [datetime(2026, 11, 7, 11, tzinfo=zone)]
    assert [row[0] for row in planned(world)] == sorted(f.astimezone(UTC).isoformat()[:19] + "Z" for f in expected)
    assert (made["new"], [row[1] for row in planned(world)].count("Moved")) == (7, 1)
    # Two weeks later one more is left out, and the last one with it.
    less = ("DTSTART;TZID=Europe/Berlin:20261016T100000", "RRULE:FREQ=WEEKLY;UNTIL=20261127T090000Z", "SUMMARY:Weekly", WEI)
    made = capture(world, event(*less, left), moved)
    assert (made["removed"], made["new"]) == (1, 0)
    assert planned(world)[-1][0] == "2026-11-27T09:00:00Z"
    world.ok("undo")
    assert len(planned(world)) == 7
    assert capture(world, event(*series, left), moved)["operation"] is None


def test_an_endless_event_ends_where_it_is_asked_to(world: Sfa) -> None:
    name = put(world, event("DTSTART;VALUE=DATE:20261101", "RRULE:FREQ=MONTHLY;BYDAY=-1FR", "SUMMARY:Review", WEI))
    made = world.ok("capture", "calendar", name, "--since", "2026-11-15", "--until", "2027-02-01", "--json").json
    # The last Fridays from November to January.
    assert [row[0][:10] for row in planned(world)] == ["2026-11-26", "2026-12-24", "2027-01-28"] and made["new"] == 3


@pytest.mark.parametrize("rule", ["FREQ=SECONDLY", "FREQ=DAILY;BYHOUR=1,2", "FREQ=WEEKLY;X=1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"])
def test_of_odd_rules_the_first_time_is_taken(world: Sfa, rule: str) -> None:
    made = capture(world, event(*TOUR, f"RRULE:{rule}", WEI))
    assert (made["new"], made["first_only"]) == (1, 1)


def test_tasks_are_taken_and_done_elsewhere(world: Sfa) -> None:
    todo = ("SUMMARY:Send offer", "DUE;TZID=Europe/Berlin:20261201T090000", "PRIORITY:1", "DESCRIPTION:with terms")
    weekly = ("SUMMARY:Check orders", "DTSTART;VALUE=DATE:20261123", "DUE;VALUE=DATE:20261123", "RRULE:FREQ=WEEKLY;BYDAY=MO")
    old = event("SUMMARY:Old", "STATUS:COMPLETED", uid="9@x", name="VTODO")
    made = capture(world, event(*todo, name="VTODO"), event(*weekly, uid="2@x", name="VTODO"), old)
    assert (made["new"], made["done_already"]) == (2, 1)
    first, second = world.ok("task", "list", "--sort", "ref", "--json").json
    assert [first[k] for k in ("name", "due", "at", "priority", "note")] == ["Send offer", "2026-12-01", "09:00", "high", "with terms"]
    assert [second[k] for k in ("name", "due", "at", "repeat")] == ["Check orders", "2026-11-23", None, "FREQ=WEEKLY;BYDAY=MO"]
    done = world.ok(
        "capture",
        "calendar",
        put(world, event(*todo, "STATUS:COMPLETED", name="VTODO"), event(*weekly, "COMPLETED:20261123T100000Z", uid="2@x", name="VTODO")),
    )
    assert "done elsewhere: K-2 Check orders; the next one is K-3, Mon 2026-11-30" in done.err
    assert [(r["name"], r["due"]) for r in world.ok("task", "list", "is:open", "--json").json] == [("Check orders", "2026-11-30")]
    gone = capture(world, event(*todo, "STATUS:CANCELLED", uid="3@x", name="VTODO"))
    assert gone["cancelled"] == 1


def test_answers_of_others_are_told(world: Sfa) -> None:
    capture(world, event(*TOUR, WEI))
    name = put(world, event(*TOUR, "ATTENDEE;PARTSTAT=DECLINED:mailto:wei@harbor.example"), method="REPLY")
    assert "answers: C-1 Wei Zhang declined AC-1 Plant tour (Gate 3), 2026-11-30 10:00" in world.ok("capture", "calendar", name).err
    assert len(planned(world)) == 1
    own = capture(world, event(*TOUR, ANNA.format("TENTATIVE")), method="REPLY")
    assert own["updated"] == 1 and planned(world)[0][4] == "tentative"


def test_of_a_folder_of_invitations_the_newest_counts(world: Sfa) -> None:
    folder = world.folder / "calendar"
    folder.mkdir()
    late = ("DTSTART;TZID=Europe/Berlin:20261130T160000", *TOUR[1:])
    for name, lines in (("b.ics", (*late, "SEQUENCE:2", WEI)), ("c.ics", (*TOUR, "SEQUENCE:1", WEI)), ("d.ics", (*TOUR, WEI))):
        put(world, event(*lines), name=f"calendar/{name}", method="REQUEST")
    (folder / "notes.txt").write_text("no calendar")
    (folder / "e.ics").write_text("no calendar")
    made = world.ok("capture", "calendar", "calendar", "--json").json
    assert (made["read"], made["older"], made["strange_files"]) == (1, 2, ["e.ics"])
    assert planned(world)[0][0] == "2026-11-30T15:00:00Z"


def test_import_and_capture_know_the_same_events(world: Sfa) -> None:
    name = put(world, event(*TOUR, WEI))
    world.ok("import", "activity", name)
    assert world.ok("capture", "calendar", name, "--json").json["new"] == 0
    world.ok("undo")
    world.ok("undo")
    world.ok("capture", "calendar", name)
    assert world.ok("import", "activity", name, "--on-duplicate", "skip", "--json").json["new"] == 0
    assert len(planned(world)) == 1


def test_broken_events_are_told_and_the_others_taken(world: Sfa) -> None:
    broken = event("DTSTART:garbage", "SUMMARY:x", uid="2@x")
    made = world("capture", "calendar", put(world, event(*TOUR, WEI), broken, event("SUMMARY:no start", uid="3@x")), "--json")
    assert made.code == 7 and (made.json["new"], made.json["rejected"]) == (1, 2)
    assert [r["line"] for r in made.json["reasons"]] == [13, 19]


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [(("none.ics",), 3, "there is no file"), (("a.txt",), 2, "is no calendar"), (("work.ics", "--since", "x"), 2, "x")],
)
def test_wrong_input(world: Sfa, argv: tuple[str, ...], code: int, says: str) -> None:
    put(world, event(*TOUR, WEI))
    (world.folder / "a.txt").write_text("text")
    failed = world("capture", "calendar", *argv)
    assert failed.code == code and says in failed.err


# Out --------------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def plans(world: Sfa) -> Sfa:
    for line in (
        ("task", "add", "plant visit", "--account", "blue", "--due", "fri 14:30"),
        ("task", "add", "check orders", "--due", "mon", "--repeat", "every 2 weeks", "--priority", "high", "note=see; file, 王伟\nline 2"),
        ("task", "add", "someday"),
        ("log", "O-1", "call", "Spoke", "--next", "send quote", "--due", "+3d"),
        ("log", "O-1", "visit", "Demo at site", "--when", "2026-12-02 09:00", "--contact", "wei"),
        ("log", "O-1", "visit", "All day", "--when", "2026-12-03 00:00"),
    ):
        world.ok(*line)
    return world


def components(sfa: Sfa, name: str) -> dict[str, dict[str, str]]:
    """UID → the properties of a component, by a reader of its own."""
    from icalendar import Calendar

    calendar = Calendar.from_ical((sfa.folder / name).read_bytes())
    assert not calendar.errors and all(not c.errors for c in calendar.walk())
    return {str(c["UID"]): {k: v.to_ical().decode() for k, v in c.items()} | {"": c.name} for c in calendar.subcomponents}


def test_plans_as_a_calendar(plans: Sfa) -> None:
    made = plans.ok("calendar", "--ics", "plans.ics")
    assert made.out == "" and "Wrote 6 appointments and tasks to plans.ics" in made.err
    found = components(plans, "plans.ics")
    assert len(found) == 6 and all(re.fullmatch(r"(AC|K)-[0-9a-z]{4}-\d+(-next)?", uid) for uid in found)
    by_name = {c["SUMMARY"]: c for c in found.values()}
    assert by_name["plant visit"][""] == "VEVENT" and by_name["plant visit"]["DTSTART"] == "20261127T133000Z"
    assert (by_name["check orders"]["PRIORITY"], by_name["check orders"]["RRULE"]) == ("1", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
    assert by_name["check orders"]["DESCRIPTION"] == "see\\; file\\, 王伟\\nline 2"
    assert by_name["Demo at site"]["DESCRIPTION"] == "O-1 Renewal\\, Blue Harbor\\nWei Zhang\\, +35315550100\\, wei@harbor.example"
    assert by_name["All day"]["DTSTART"] == "20261203"
    assert by_name["send quote"]["DUE"] == "20261126" and by_name["someday"][""] == "VTODO"
    # Written again it says the same, to the byte.
    before = (plans.folder / "plans.ics").read_bytes()
    plans.ok("calendar", "--ics", "plans.ics")
    assert (plans.folder / "plans.ics").read_bytes() == before
    plans.ok("task", "reschedule", "plant visit", "thu 10:00")
    plans.ok("calendar", "--ics", "plans.ics")
    assert next(c for c in components(plans, "plans.ics").values() if c["SUMMARY"] == "plant visit")["SEQUENCE"] == "1"


@pytest.mark.parametrize(
    "how", [("calendar", "--ics", "out.ics"), ("export", "task", "-o", "out.ics"), ("export", "activity", "-o", "out.ics")]
)
def test_what_goes_out_comes_back_without_a_change(plans: Sfa, how: tuple[str, ...]) -> None:
    before = plans.ok("task", "list", "--json").out + plans.ok("activity", "list", "--json").out
    plans.ok(*how)
    made = plans.ok("capture", "calendar", "out.ics", "--json").json
    assert (made["operation"], made["new"], made["unchanged"], made["rejected"]) == (None, 0, made["read"], 0)
    assert plans.ok("task", "list", "--json").out + plans.ok("activity", "list", "--json").out == before


def test_what_is_done_and_moved_in_a_calendar_program_comes_back(plans: Sfa) -> None:
    plans.ok("calendar", "--ics", "plans.ics")
    path = plans.folder / "plans.ics"
    text = path.read_bytes().decode().replace("LAST-MODIFIED:20261123T120000Z", "LAST-MODIFIED:20261124T090000Z")
    text = text.replace("DTSTART:20261127T133000Z", "DTSTART:20261127T150000Z").replace(
        "DTSTART:20261202T080000Z", "DTSTART:20261202T100000Z"
    )
    parts = text.split("BEGIN:VTODO")
    parts = [p.replace("STATUS:NEEDS-ACTION", "STATUS:COMPLETED") if "send quote" in p or "someday" in p else p for p in parts]
    path.write_bytes("BEGIN:VTODO".join(parts).encode())
    made = plans.ok("capture", "calendar", "plans.ics")
    assert "4 updated" in made.err
    tasks = {r["name"]: r for r in plans.ok("task", "list", "--json").json}
    assert (tasks["plant visit"]["at"], tasks["someday"]["done"]) == ("16:00", "2026-11-23")
    assert plans.ok("activity", "show", "AC-1", "--json").json["done"] is True
    assert plans.ok("activity", "show", "AC-2", "--json").json["when"] == "2026-12-02T10:00:00Z"
    plans.ok("undo")
    assert plans.ok("activity", "show", "AC-1", "--json").json["done"] is False


def test_a_folder_follows_what_is_planned(plans: Sfa) -> None:
    folder = plans.folder / "plans"
    folder.mkdir()
    (folder / "other.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    assert "6 changed, 0 taken off" in plans.ok("calendar", "--ics", "plans").err
    assert "0 changed, 0 taken off" in plans.ok("calendar", "--ics", "plans").err
    plans.ok("task", "delete", "someday", "--yes")
    assert "0 changed, 1 taken off" in plans.ok("calendar", "--ics", "plans").err
    assert len(list(folder.iterdir())) == 6 and (folder / "other.ics").exists()
    made = plans.ok("capture", "calendar", "plans", "--json").json
    assert made["operation"] is None and made["unchanged"] == 5


def test_another_file_is_not_written_over(plans: Sfa) -> None:
    put(plans, event(*TOUR, WEI))
    assert plans("calendar", "--ics", "work.ics").code == 1
    assert plans("calendar", "--ics", "plans.txt").code == 2
    assert "Plant tour" in (plans.folder / "work.ics").read_text()
    plans.ok("calendar", "--ics", "work.ics", "--yes")


def test_what_came_from_a_calendar_is_not_sent_back_to_it(world: Sfa) -> None:
    capture(world, event(*TOUR, WEI))
    assert "Wrote 0 appointments" in world.ok("calendar", "--ics", "plans.ics").err


def test_all_who_were_asked_are_on_it_and_how_long_it_takes(world: Sfa) -> None:
    world.ok("contact", "add", "Jo Silva", "--account", "Blue Harbor", "--email", "jo@harbor.example")
    jo, end = "ATTENDEE;PARTSTAT={}:mailto:jo@harbor.example", "DTEND;TZID=Europe/Berlin:20261130T{}00"
    made = capture(world, event(*TOUR, end.format("1130"), WEI, jo.format("ACCEPTED")))
    (row,) = world.ok("activity", "list", "--json").json
    assert (made["new"], row["contact"], row["others"], row["duration"]) == (1, "Wei Zhang", ["Jo Silva"], 90)
    assert "AC-1" in world("task", "add", "Ring", "due=2026-11-30 11:15").err
    capture(world, event(*TOUR, end.format("1045"), "LAST-MODIFIED:20270101T080000Z", WEI))
    (row,) = world.ok("activity", "list", "--json").json
    assert (row["others"], row["duration"]) == (["Jo Silva"], 45)
    world.ok("undo")
    world.ok("undo")
    world.ok("undo")
    assert capture(world, event(*TOUR, jo.format("DECLINED"), WEI))["new"] == 1
    (row,) = world.ok("activity", "list", "--json").json
    assert (row["contact"], row["others"]) == ("Wei Zhang", [])


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (("LOCATION:Gate 3",), "visit"),
        ((), "meeting"),
        (("LOCATION:Microsoft Teams Meeting",), "meeting"),
        (("LOCATION:https://meet.example/abc",), "meeting"),
        (("CATEGORIES:MEETING", "LOCATION:Gate 3"), "meeting"),
        (("CATEGORIES:Letter",), "letter"),
        (("CATEGORIES:Anruf",), "call"),
    ],
)
def test_what_kind_an_appointment_is(world: Sfa, lines: tuple[str, ...], kind: str) -> None:
    capture(world, event("DTSTART:20261130T100000Z", "SUMMARY:Talk", *lines, WEI))
    assert world.ok("activity", "list", "--json").json[0]["kind"] == kind


def test_what_lasts_is_not_over(world: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    end = "DTEND;TZID=Europe/Berlin:20261130T120000"
    capture(world, event(*TOUR, end, WEI), event("DTSTART;VALUE=DATE:20261130", "SUMMARY:Fair", WEI, uid="2@x"))
    world.ok("log", "Wei", "visit", "Planned", "--when", "2026-11-30 10:00", "--duration", "2h")
    monkeypatch.setenv("SFA_TODAY", "2026-11-30T10:30:00Z")
    world.ok("log", "Wei", "visit", "Logged", "--when", "11:00", "--duration", "2h")
    for argv in (("today",), ("agenda", "2026-11-29..2026-12-02"), ("week",)):
        found = [(r["at"], r["what"]) for r in world.ok(*argv, "--json").json["sections"]["appointments"]]
        assert found == [(None, "meeting: Fair"), ("10:00", "visit: Plant tour (Gate 3)"), ("10:00", "visit: Planned")], argv
    assert "all day  meeting: Fair" in world.ok("today", "--format", "table").out
    monkeypatch.setenv("SFA_TODAY", "2026-12-01T00:30:00Z")
    assert "Fair" not in world.ok("today", "--format", "table").out


def test_each_file_of_a_folder_has_its_own_zones(world: Sfa) -> None:
    (world.folder / "all").mkdir()
    for number, offset in enumerate(("+0300", "+0900")):
        zone = f"BEGIN:VTIMEZONE\nTZID:Customized Time Zone\nBEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:{offset}\n"
        zone += f"TZOFFSETTO:{offset}\nEND:STANDARD\nEND:VTIMEZONE\n"
        one = event("DTSTART;TZID=Customized Time Zone:20261130T140000", "SUMMARY:Talk", WEI, uid=f"{number}@x")
        put(world, zone, one, name=f"all/{number}.ics")
    world.ok("capture", "calendar", "all")
    assert [row[0] for row in planned(world)] == ["2026-11-30T05:00:00Z", "2026-11-30T11:00:00Z"]


def test_what_is_gone_from_a_calendar_is_told(world: Sfa) -> None:
    weekly = event("DTSTART:20261201T090000Z", "RRULE:FREQ=WEEKLY;COUNT=2", "SUMMARY:Weekly", WEI, uid="2@x")
    capture(world, event(*TOUR, WEI), weekly)
    capture(world, event(*TOUR, WEI), weekly)
    other = put(world, event(*TOUR, WEI, uid="3@x"), name="other.ics")
    assert "no longer" not in world.ok("capture", "calendar", other).err
    made = world.ok("capture", "calendar", put(world, event(*TOUR, WEI)))
    assert "no longer in it: AC-2 Weekly, 2026-12-01 10:00\n  no longer in it: AC-3 Weekly" in made.err
    assert "if it does not take place: sfa activity delete AC-2 AC-3\n" in made.err
    assert "no longer" not in world.ok("capture", "calendar", put(world, event(*TOUR, WEI), method="REQUEST")).err


def test_one_time_of_a_series_that_i_declined_is_taken_off_alone(world: Sfa) -> None:
    mine = ANNA.format("DECLINED")
    daily = event("DTSTART:20261130T090000Z", "RRULE:FREQ=DAILY;COUNT=3", "SUMMARY:Daily", WEI)
    capture(world, daily)
    capture(world, event("RECURRENCE-ID:20261201T090000Z", "DTSTART:20261201T090000Z", "SUMMARY:Daily", mine), method="REPLY")
    assert [row[0][:10] for row in planned(world)] == ["2026-11-30", "2026-12-02"]
    capture(world, event("RECURRENCE-ID:20261130T090000Z", "DTSTART:20261130T090000Z", "SUMMARY:Daily", mine), method="REPLY")
    assert [row[0][:10] for row in planned(world)] == ["2026-12-02"]


def test_times_added_as_periods_and_changes_of_all_later_times(world: Sfa) -> None:
    more = "RDATE;VALUE=PERIOD:20261202T090000Z/20261202T100000Z,20261203T090000Z/PT1H"
    later = event("RECURRENCE-ID;RANGE=THISANDFUTURE:20261202T090000Z", "DTSTART:20261202T110000Z", "SUMMARY:Talk", WEI)
    made = capture(world, event("DTSTART:20261201T090000Z", more, "SUMMARY:Talk", WEI), later)
    assert [row[0] for row in planned(world)] == ["2026-12-01T09:00:00Z", "2026-12-02T11:00:00Z", "2026-12-03T09:00:00Z"]
    assert made["one_only"] == 1


def test_a_rhythm_and_a_time_of_day_come_back(world: Sfa) -> None:
    world.ok("task", "add", "Send offer", "due=fri 10:15", "repeat=weekly")
    world.ok("log", "Wei", "call", "x -> ring back +fri 9:00 !high")
    world.ok("calendar", "--ics", "out.ics")
    text = (world.folder / "out.ics").read_text()
    assert "DUE:20261127T080000Z" in text and "SUMMARY:ring back" in text and "PRIORITY:1" in text
    assert world.ok("capture", "calendar", "out.ics", "--json").json["unchanged"] == 2
    later = (
        re.sub(r"LAST-MODIFIED:\w+", "LAST-MODIFIED:20270101T000000Z", text).replace("T080000Z", "T090000Z").replace("T091500Z", "T101500Z")
    )
    (world.folder / "out.ics").write_bytes(later.replace("\n", "\r\n").encode())
    assert world.ok("capture", "calendar", "out.ics", "--json").json["updated"] == 2
    (task,) = world.ok("task", "list", "--json").json
    assert (task["at"], task["repeat"]) == ("11:15", "FREQ=WEEKLY;BYDAY=FR")
    (activity,) = world.ok("activity", "list", "--json").json
    assert (activity["due"], activity["at"]) == ("2026-11-27", "10:00")
