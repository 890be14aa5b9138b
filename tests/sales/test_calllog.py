"""Call logs: durations, directions and results in the words of phones and telephone systems."""

from __future__ import annotations

import pytest

from sfa.sales import calllog
from sfa.sales.calllog import LOG, Call
from sfa.sales.mapping import Map, match


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("252", 252),
        ("4:12", 252),
        ("04:12", 252),
        ("0:04:12", 252),
        ("1:00:00", 3600),
        ("4m12s", 252),
        ("4 min 12 sec", 252),
        ("1 h 2 min", 3720),
        ("PT4M12S", 252),
        ("4分12秒", 252),
        ("1小时2分钟", 3720),
        ("12,4", 12),
        ("0", 0),
        ("", None),
        ("long", None),
    ],
)
def test_durations(text: str, seconds: int | None) -> None:
    assert calllog.duration(text) == seconds


def test_minutes_where_the_header_says_so() -> None:
    assert calllog.duration("2.5", minutes=True) == 150
    assert [calllog.in_minutes(h) for h in ("Duration (min)", "Minutes", "duration_minutes", "Duration", "Admin")] == [
        True,
        True,
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("direction", "status", "talk", "made"),
    [
        ("Incoming", "", "60", ("in", True, "Call, 1 min")),
        ("Outgoing call", "", "0", ("out", False, "No answer")),
        ("OUTBOUND", "ANSWERED", "75", ("out", True, "Call, 1 min 15 s")),
        ("Missed", "", "", ("in", False, "Missed call")),
        ("missed_call", "", "0", ("in", False, "Missed call")),
        ("Inbound", "No Answer", "", ("in", False, "Missed call")),
        ("inbound", "voicemail", "20", ("in", False, "Voicemail")),
        ("呼出", "", "1:00:00", ("out", True, "Call, 1 h")),
        ("未接来电", "", "", ("in", False, "Missed call")),
        ("Eingehend", "", "", ("in", True, "Call")),
        ("3", "", "0", ("in", False, "Missed call")),
        ("", "", "10", (None, True, "Call, 10 s")),
    ],
)
def test_calls(direction: str, status: str, talk: str, made: tuple[str | None, bool, str]) -> None:
    columns = {
        "when": ["2026-11-20T09:15:00Z"],
        "number": ["+35315550100"],
        "direction": [direction],
        "status": [status],
        "talk_time": [talk],
    }
    bad: dict[int, str] = {}
    (call,) = calllog.calls(columns, [2], bad)
    assert (call.direction, call.answered, calllog.told(call)) == made and not bad


def test_rows_that_are_no_calls() -> None:
    bad: dict[int, str] = {3: "when: 'Totals' is no date"}
    columns = {"when": [None, "2026-11-20T09:15:00Z", None, None], "number": ["1", None, None, None]}
    (withheld,) = calllog.calls(columns, [2, 3, 4, 5], bad)
    assert (withheld.line, withheld.number) == (3, "") and bad == {0: "it has no date", 2: "", 3: ""}


@pytest.mark.parametrize(
    ("header", "goes"),
    [
        ("Date,Time,Name,Phone Number,Call Type,Duration", "when clock name number direction talk_time"),
        ("calldate,clid,src,dst,duration,billsec,disposition,uniqueid", "when - caller callee - talk_time status external_id"),
        (
            "Call ID,From,To,Direction,Start time,Duration (min),Result,User",
            "external_id caller callee direction when talk_time status user",
        ),
        ("日期,号码,类型,时长,姓名", "when number direction talk_time name"),
        ("Datum,Uhrzeit,Rufnummer,Richtung,Dauer", "when clock number direction talk_time"),
    ],
)
def test_headers(header: str, goes: str) -> None:
    names = header.split(",")
    plan = match(LOG, names, [["x"] * len(names)], Map())
    at = {c.at: c.field.name for c in plan.columns}
    assert " ".join(at.get(i, "-") for i in range(len(names))) == goes


def call(when: str, direction: str | None, answered: bool) -> Call:
    return Call(1, f"2026-11-20T{when}:00Z", "+1", "", direction, answered, None, "", "")


def test_missed_calls_that_nobody_returned() -> None:
    missed, back, later = call("09:00", "in", False), call("10:00", "out", False), call("11:00", "in", False)
    assert calllog.unanswered([("a", missed)]) == [("a", missed)]
    assert calllog.unanswered([("a", back), ("a", missed)]) == []
    assert calllog.unanswered([("a", missed), ("b", back)]) == [("a", missed)]
    assert calllog.unanswered([("a", later), ("a", missed), ("a", back)]) == [("a", later)]


def test_numbers_that_are_nobodys() -> None:
    assert [calllog.withheld(n) for n in ("Private", "anonymous", "-1", "私人号码", "+35315550100", "")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
    assert [calllog.internal(n) for n in ("101", "112", "+35315550100", "")] == [True, True, False, False]
