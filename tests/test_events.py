"""Calendars as events: the recurrence examples of RFC 5545 with the dates that it gives, zones, states, and any text at all."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfa.errors import SfaError
from sfa.reading import events
from sfa.reading.events import Event, times

NEW_YORK = "DTSTART;TZID=America/New_York:"


def read(folder: Path, *lines: str, head: str = "CALSCALE:GREGORIAN", name: str = "VEVENT") -> list[Event]:
    text = "\n".join(["BEGIN:VCALENDAR", head, f"BEGIN:{name}", "UID:1@x", "SUMMARY:x", *lines, f"END:{name}", "END:VCALENDAR", ""])
    (folder / "a.ics").write_bytes(text.replace("\n", "\r\n").encode("utf-8", "surrogatepass"))
    return events.read(str(folder / "a.ics"))[0]


def expanded(folder: Path, *lines: str, first: date = date(1997, 1, 1), last: date = date(2003, 1, 1)) -> list[str]:
    (event,) = read(folder, *lines)
    assert not event.problem and event.series
    return times(event.series, first, last)


# What RFC 5545 (3.8.5.3) lists: the rule, then month-day of each time by New York's clock, all at nine.
@pytest.mark.parametrize(
    ("start", "rule", "days"),
    [
        ("19970902", "FREQ=DAILY;COUNT=10", "1997: 09-02 09-03 09-04 09-05 09-06 09-07 09-08 09-09 09-10 09-11"),
        ("19970902", "FREQ=DAILY;INTERVAL=10;COUNT=5", "1997: 09-02 09-12 09-22 10-02 10-12"),
        (
            "19970901",
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
            "1997: 09-01 09-03 09-05 09-15 09-17 09-19 09-29 10-01 10-03 10-13 10-15 10-17 10-27 10-29 10-31 11-10 11-12 11-14 11-24 11-26"
            " 11-28 12-08 12-10 12-12 12-22",
        ),
        ("19970905", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997: 09-05 10-03 11-07 12-05 1998: 01-02 02-06 03-06 04-03 05-01 06-05"),
        ("19970928", "FREQ=MONTHLY;COUNT=6;BYMONTHDAY=-3", "1997: 09-28 10-29 11-28 12-29 1998: 01-29 02-26"),
        ("19970902", "FREQ=MONTHLY;UNTIL=20001231T000000Z;BYDAY=FR;BYMONTHDAY=13", "1998: 02-13 03-13 11-13 1999: 08-13 2000: 10-13"),
        ("19970904", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997: 09-04 10-07 11-06"),
        (
            "19970610",
            "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
            "1997: 06-10 07-10 1998: 06-10 07-10 1999: 06-10 07-10 2000: 06-10 07-10 2001: 06-10 07-10",
        ),
        ("19961105", "FREQ=YEARLY;INTERVAL=4;COUNT=2;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "1996: 11-05 2000: 11-07"),
    ],
)
def test_the_examples_of_rfc_5545(tmp_path: Path, start: str, rule: str, days: str) -> None:
    expected, year = [], 0
    for word in days.split():
        if word.endswith(":"):
            year = int(word[:-1])
            continue
        day = date(year, int(word[:2]), int(word[3:]))
        # New York's summer time then: from the first Sunday in April to the last in October.
        april, october = date(year, 4, 1), date(year, 10, 31)
        begins = april.replace(day=1 + (6 - april.weekday()) % 7)
        ends = october.replace(day=31 - (october.weekday() + 1) % 7)
        expected.append(f"{day}T{13 if begins <= day < ends else 14}:00:00Z")
    assert expanded(tmp_path, f"{NEW_YORK}{start}T090000", f"RRULE:{rule}", first=date(1996, 1, 1)) == expected


def test_times_left_out_and_added(tmp_path: Path) -> None:
    found = expanded(
        tmp_path,
        f"{NEW_YORK}19970902T090000",
        "RRULE:FREQ=DAILY;COUNT=3",
        "EXDATE:19970903T130000Z",
        "RDATE;TZID=America/New_York:19970910T100000,19970911T100000",
    )
    assert found == ["1997-09-02T13:00:00Z", "1997-09-04T13:00:00Z", "1997-09-10T14:00:00Z", "1997-09-11T14:00:00Z"]
    assert expanded(tmp_path, "DTSTART;VALUE=DATE:19970902", "RDATE;VALUE=DATE:19970910") == ["1997-09-02", "1997-09-10"]
    assert expanded(tmp_path, "DTSTART:19970902T090000", "RRULE:FREQ=DAILY;COUNT=2") == ["1997-09-02T09:00:00", "1997-09-03T09:00:00"]


def test_an_hour_that_the_clock_skips(tmp_path: Path) -> None:
    """Half past two on the last Sunday of March is not there in Berlin; the day before and after it is."""
    found = expanded(
        tmp_path, "DTSTART;TZID=Europe/Berlin:20260328T023000", "RRULE:FREQ=DAILY;COUNT=3", first=date(2026, 1, 1), last=date(2027, 1, 1)
    )
    assert (found[0], found[2]) == ("2026-03-28T01:30:00Z", "2026-03-30T00:30:00Z") and len(found) == 3


def test_a_window_and_an_end_without_a_time(tmp_path: Path) -> None:
    lines = (f"{NEW_YORK}19970902T090000", "RRULE:FREQ=DAILY;UNTIL=19970905")
    assert [m[:10] for m in expanded(tmp_path, *lines)] == ["1997-09-02", "1997-09-03", "1997-09-04", "1997-09-05"]
    assert [m[:10] for m in expanded(tmp_path, *lines, first=date(1997, 9, 4), last=date(1997, 9, 4))] == ["1997-09-04"]


@pytest.mark.parametrize(
    ("lines", "what", "said"),
    [
        (("DTSTART:20261130T090000Z", "STATUS:cancelled"), "status", "CANCELLED"),
        (("DTSTART:20261130T090000Z", "CATEGORIES:Call"), "kind", "call"),
        (
            ("DTSTART:20261130T090000Z", "ATTENDEE;CN=Wei;PARTSTAT=accepted:MAILTO:Wei@X.example"),
            "people",
            (("Wei", "wei@x.example", "ACCEPTED"),),
        ),
        (("DTSTART:20261130T090000Z", "LAST-MODIFIED:20261101T080000Z", "SEQUENCE:3"), "order", (3, "2026-11-01T08:00:00Z")),
        (("DTSTART:20261130T090000Z", "DTSTAMP:20261101T080000Z"), "modified", ""),
        (("SUMMARY:y",), "problem", "line 3: this event has no start (DTSTART)"),
        (("DTSTART;TZID=Nowhere:20261130T090000",), "problem", "line 3: DTSTART: the time zone 'Nowhere' is not known"),
    ],
)
def test_what_an_event_says(tmp_path: Path, lines: tuple[str, ...], what: str, said: object) -> None:
    (event,) = read(tmp_path, *lines)
    assert getattr(event, what) == said


def test_a_message_says_when_it_was_written(tmp_path: Path) -> None:
    (event,) = read(tmp_path, "DTSTART:20261130T090000Z", "DTSTAMP:20261101T080000Z", head="METHOD:REQUEST")
    assert (event.method, event.modified) == ("REQUEST", "2026-11-01T08:00:00Z")


WORDS = """BEGIN:VEVENT END:VEVENT BEGIN:VTODO END:VTODO BEGIN:VTIMEZONE END:VTIMEZONE END:VCALENDAR BEGIN:VCALENDAR UID:1 UID:2 TZID:x
DTSTART:20261123T140000Z DTSTART;TZID=x:20261123T140000 DTSTART;VALUE=DATE:99991231 DTSTART;VALUE=DATE:20260228 DUE:00010101T000000Z
RECURRENCE-ID:x RRULE:x RRULE:FREQ=DAILY RRULE:FREQ=WEEKLY;UNTIL=x RRULE:FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2 EXDATE:x RDATE:20261124T140000Z
ATTENDEE:mailto: ATTENDEE;PARTSTAT=DECLINED:mailto:a@x SEQUENCE:² PRIORITY:99 METHOD:REPLY STATUS:CANCELLED COMPLETED:x
PERCENT-COMPLETE:100"""
LINES = st.one_of(
    st.sampled_from([*WORDS.split(), " x", ""]),
    st.text(max_size=30),
    st.builds(
        "{}:{}".format, st.sampled_from(["SUMMARY", "DTSTART", "RRULE", "DUE", "EXDATE", "UID", "LAST-MODIFIED"]), st.text(max_size=20)
    ),
)


@given(st.lists(LINES, max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "any.ics"
    path.write_bytes("\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines]).encode("utf-8", "surrogatepass"))
    try:
        found, _, _ = events.read(str(path))
    except SfaError:
        return
    for event in found:
        assert event.problem or event.uid
        if event.series and events.readable(event.series):
            times(event.series, date(2026, 11, 1), date(2026, 12, 1))
