"""Calendars as rows: the examples of RFC 5545 and what programs write, time zones of every kind, damage, and any text at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfa.errors import SfaError
from sfa.reading.tabular import open_table

ZONE = """BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{offset}
TZOFFSETTO:{offset}
TZNAME:X
END:STANDARD
END:VTIMEZONE
"""


def read(folder: Path, *parts: str, whole: bool = True) -> tuple[list[tuple[int, dict[str, str], str]], list[str]]:
    """((line, filled cells, problem) of each row, notes)."""
    text = "".join(part if part.endswith("\n") else part + "\n" for part in parts)
    path = folder / "calendar.ics"
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{text}END:VCALENDAR\n" if whole else text
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8", "surrogatepass"))
    with open_table(str(path)) as table:
        rows = [(r.line, {h: c for h, c in zip(table.header, r.cells, strict=True) if c}, r.problem) for r in table]
        return rows, list(table.dialect.notes)


def event(*lines: str, name: str = "VEVENT") -> str:
    return "\n".join([f"BEGIN:{name}", "UID:1@x.example", *lines, f"END:{name}"])


def one(folder: Path, *lines: str, name: str = "VEVENT", more: str = "") -> dict[str, str]:
    ((_, cells, problem),), _ = read(folder, *([more] if more else []), event(*lines, name=name))
    assert not problem
    return cells


@pytest.mark.parametrize(
    ("start", "when"),
    [
        ("DTSTART:19970714T170000Z", "1997-07-14T17:00:00Z"),
        ("DTSTART;VALUE=DATE:20070628", "2007-06-28"),
        # Without a zone it is the time of wherever one is: the company's zone is put in when the cell is read.
        ("DTSTART:20261123T140000", "2026-11-23T14:00:00"),
        # Half past one in New York in summer is four hours before UTC, in winter five.
        ("DTSTART;TZID=America/New_York:20260701T013000", "2026-07-01T05:30:00Z"),
        ("DTSTART;TZID=America/New_York:20261201T013000", "2026-12-01T06:30:00Z"),
        ("DTSTART;TZID=W. Europe Standard Time:20261201T013000", "2026-12-01T00:30:00Z"),
        ("DTSTART;TZID=/softwarestudio.org/Tzfile/Europe/Berlin:20261201T013000", "2026-12-01T00:30:00Z"),
    ],
)
def test_when(tmp_path: Path, start: str, when: str) -> None:
    assert one(tmp_path, start, "SUMMARY:x")["when"] == when


@pytest.mark.parametrize("order", [1, -1])
def test_a_zone_that_the_file_defines(tmp_path: Path, order: int) -> None:
    parts = [ZONE.format(name="Hill Top", offset="+0545"), event("DTSTART;TZID=Hill Top:20261123T140000", "SUMMARY:x")]
    rows, _ = read(tmp_path, *parts[::order])
    assert [(cells["when"], problem) for _, cells, problem in rows] == [("2026-11-23T08:15:00Z", "")]


def test_text_folded_and_escaped(tmp_path: Path) -> None:
    cells = one(
        tmp_path, "DTSTART:20261123T140000Z", "SUMMARY:Budget\\, sco", " pe\\; time", "DESCRIPTION:One\\nTwo \\\\ 王", "LOCATION:Room 1"
    )
    assert cells == {
        "external_id": "1@x.example",
        "when": "2026-11-23T14:00:00Z",
        "kind": "visit",
        "text": "Budget, scope; time\nOne\nTwo \\ 王",
        "location": "Room 1",
    }


@pytest.mark.parametrize(
    ("categories", "kind", "left"),
    [
        (["CATEGORIES:Phone Call"], "call", ""),
        (["CATEGORIES:Business,E-Mail"], "email", "Business"),
        (["CATEGORIES:Business", "CATEGORIES:CALL"], "call", "Business"),
        (["CATEGORIES:Besprechung", "CATEGORIES:Anruf"], "call", "Besprechung"),
        (["CATEGORIES:Recall"], "meeting", "Recall"),
        ([], "meeting", ""),
    ],
)
def test_kinds(tmp_path: Path, categories: list[str], kind: str, left: str) -> None:
    cells = one(tmp_path, "DTSTART:20261123T140000Z", "SUMMARY:x", *categories)
    assert (cells["kind"], cells.get("categories", "")) == (kind, left)


def test_a_task_is_a_note_with_a_next_step(tmp_path: Path) -> None:
    lines = ("DTSTAMP:20261101T080000Z", "SUMMARY:Send quote", "DESCRIPTION:With terms", "DUE;TZID=Europe/Berlin:20261130T090000")
    cells = one(tmp_path, *lines, name="VTODO")
    assert cells == {
        "external_id": "1@x.example",
        "when": "2026-11-01T08:00:00Z",
        "kind": "note",
        "text": "Send quote\nWith terms",
        "next_step": "Send quote",
        "due": "2026-11-30",
        "done": "no",
    }
    done = one(tmp_path, *lines, "STATUS:COMPLETED", "COMPLETED:20261120T100000Z", name="VTODO")
    assert (done["done"], done["when"]) == ("yes", "2026-11-20T10:00:00Z")


def test_who_was_there_the_organizer_last(tmp_path: Path) -> None:
    lines = (
        "ORGANIZER:MAILTO:Me@us.example",
        'ATTENDEE;CN="Ann, B":mailto:ann@x.example',
        "ATTENDEE:urn:uuid:1",
        "DTSTART:20261123T140000Z",
    )
    assert one(tmp_path, *lines, "SUMMARY:x")["contact"] == "ann@x.example, me@us.example"


def test_of_a_repeated_event_the_first_time_is_taken(tmp_path: Path) -> None:
    rows, notes = read(
        tmp_path,
        event("DTSTART:20261123T140000Z", "RRULE:FREQ=WEEKLY", "SUMMARY:Weekly"),
        event("RECURRENCE-ID:20261130T140000Z", "DTSTART:20261201T140000Z", "SUMMARY:Moved"),
        event("DTSTART:20261123T140000Z", "STATUS:CANCELLED", "SUMMARY:Off"),
    )
    assert [cells["text"] for _, cells, _ in rows] == ["Weekly"]
    assert notes == [
        "1 event or task",
        "1 repeated event: only the first time of each is taken",
        "1 cancelled, left out",
        "1 changed times of repeated events left out",
    ]


def test_a_changed_time_without_its_series_stands_alone(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, event("RECURRENCE-ID:20261130T140000Z", "DTSTART:20261201T140000Z", "SUMMARY:Moved"))
    assert [(c["external_id"], c["when"]) for _, c, _ in rows] == [("1@x.example/20261130T140000Z", "2026-12-01T14:00:00Z")]


def test_an_alarm_is_part_of_its_event(tmp_path: Path) -> None:
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT15M", "DESCRIPTION:Reminder", "END:VALARM")
    assert one(tmp_path, "DTSTART:20261123T140000Z", *alarm, "SUMMARY:x")["text"] == "x"


GOOD = event("DTSTART:20261123T140000Z", "SUMMARY:good")


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        (event("DTSTART:garbage", "SUMMARY:x"), "line 9: Expected"),
        (event("SUMMARY:x"), "line 9: this event has no start (DTSTART)"),
        (event("DTSTART;TZID=Nowhere:20261123T140000", "SUMMARY:x"), "line 9: DTSTART: the time zone 'Nowhere' is not known"),
        (event("DTSTART:20261123T140000Z", "no property", "SUMMARY:x"), "line 9: Content line could not be parsed"),
        ("BEGIN:VEVENT\nUID:9\nDTSTART:20261123T140000Z", "line 9: this VEVENT never ends: another begins in line 12"),
    ],
)
def test_a_damaged_event_is_a_row_with_a_reason_and_its_neighbours_are_sound(tmp_path: Path, part: str, problem: str) -> None:
    rows, _ = read(tmp_path, GOOD, part, GOOD)
    assert [cells.get("text") for _, cells, why in rows if not why] == ["good", "good"]
    ((line, _, why),) = [r for r in rows if r[2]]
    assert line == 9
    assert why.startswith(problem)


def test_the_file_ends_too_early(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, f"BEGIN:VCALENDAR\n{GOOD}\nBEGIN:VEVENT\nSUMMARY:x", whole=False)
    assert [problem for _, _, problem in rows] == ["", "line 7: this VEVENT never ends"]


WORDS = """BEGIN:VEVENT END:VEVENT BEGIN:VTODO END:VTODO BEGIN:VALARM END:VALARM BEGIN:VTIMEZONE END:VTIMEZONE END:VCALENDAR
BEGIN:VCALENDAR DTSTART:20261123T140000Z DTSTART;TZID=x:20261123T140000 DTSTART;VALUE=DATE:99999999 DUE:00010101T000000Z
RECURRENCE-ID:x RRULE:x UID:1 TZID:x TZOFFSETTO:+9999 CATEGORIES:, ATTENDEE:mailto: STATUS:CANCELLED"""
LINES = st.one_of(
    st.sampled_from([*WORDS.split(), " x", ""]),
    st.text(max_size=30),
    st.builds(
        "{}:{}".format, st.sampled_from(["SUMMARY", "DTSTART", "DTEND;TZID=UTC", "DUE", "URL", "CREATED", "X-SFA-A"]), st.text(max_size=20)
    ),
)


@given(st.lists(LINES, max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    try:
        rows, _ = read(tmp_path_factory.getbasetemp(), "BEGIN:VCALENDAR", *lines, whole=False)
    except SfaError:
        return
    assert all(problem or cells.get("when") or "text" not in cells for _, cells, problem in rows)
