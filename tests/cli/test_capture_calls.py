"""Call logs captured through the program: once each, by number, with what was missed."""

from __future__ import annotations

import pytest
from conftest import Sfa

PHONE = """Date,Time,Name,Phone Number,Call Type,Duration
2026-11-20,09:15:00,Wei Zhang,+353 1 555 0100,Incoming,00:04:12
2026-11-20,10:00:00,Wei Zhang,+353 1 555 0100,Missed,00:00:00
2026-11-21,11:00:00,,030 901820,Outgoing,61
2026-11-21,12:00:00,,Private number,Missed,0
2026-11-21,12:10:00,Max,+49 30 555 123 45,Incoming,30
"""
PBX = """calldate,clid,src,dst,duration,billsec,disposition,uniqueid
2026-11-22 09:15:00,Anna,101,0035315550100,80,72,ANSWERED,176.12
2026-11-22 10:15:00,,+35315550100,101,20,0,NO ANSWER,176.13
2026-11-22 10:16:00,,101,102,20,10,ANSWERED,176.14
"""


@pytest.fixture
def world(sfa: Sfa) -> Sfa:
    for line in (
        ("config", "set", "phone_country", "DE"),
        ("user", "add", "Anna Ferrari", "email=anna@house.example"),
        ("account", "add", "Blue Harbor"),
        ("contact", "add", "Wei Zhang", "--account", "Blue Harbor", "--phone", "+353 1 555 0100"),
        ("account", "add", "Spree", "--phone", "+49 30 901820"),
        ("opp", "add", "Renewal", "--account", "Blue Harbor", "opened=2026-06-01", "--close", "2026-12-31"),
        ("lead", "add", "Mary Cole", "--company", "Green Foods", "--phone", "+353 1 555 0199"),
    ):
        sfa.ok(*line)
    return sfa


def put(sfa: Sfa, text: str, name: str = "calls.csv") -> str:
    (sfa.folder / name).write_text(text, encoding="utf-8")
    return name


def logged(sfa: Sfa) -> list[tuple[object, ...]]:
    rows = sfa.ok("activity", "list", "--sort", "when", "--json").json
    return [tuple(r[k] for k in ("when", "direction", "text", "contact", "account", "opportunity")) for r in rows]


def test_a_phones_log(world: Sfa) -> None:
    made = world.ok("capture", "calls", put(world, PHONE))
    assert "5 calls of calls.csv: 3 new  (take back: sfa undo)" in made.err
    assert "missed and not called back: C-1 Wei Zhang (2026-11-20 10:00)" in made.err
    assert "1 with withheld numbers" in made.err
    assert "1 call with 1 number that nobody has: sfa capture calls calls.csv --unknown" in made.err
    assert logged(world) == [
        ("2026-11-20T09:15:00Z", "in", "Call, 4 min 12 s", "Wei Zhang", "Blue Harbor", "Renewal"),
        ("2026-11-20T10:00:00Z", "in", "Missed call", "Wei Zhang", "Blue Harbor", "Renewal"),
        ("2026-11-21T11:00:00Z", "out", "Call, 1 min 1 s", None, "Spree", None),
    ]
    again = world.ok("capture", "calls", "calls.csv", "--json").json
    assert (again["new"], again["unchanged"], again["operation"]) == (0, 3, None)
    world.ok("undo")
    assert logged(world) == []


def test_a_telephone_systems_log(world: Sfa) -> None:
    made = world.ok("capture", "calls", put(world, PBX), "--json").json
    assert (made["read"], made["new"], made["internal"], made["missed"]) == (3, 2, 1, 1)
    assert [row[:3] for row in logged(world)] == [
        ("2026-11-22T09:15:00Z", "out", "Call, 1 min 12 s"),
        ("2026-11-22T10:15:00Z", "in", "Missed call"),
    ]
    assert made["not_called_back"] == [{"number": "+35315550100", "name": "C-1 Wei Zhang", "when": "2026-11-22T10:15:00Z"}]


def test_numbers_without_a_country_are_known_by_their_end(world: Sfa) -> None:
    world.ok("config", "unset", "phone_country")
    text = "Date,Number,Type,Duration\n2026-11-20 09:15,01 555 0100,Incoming,60\n2026-11-20 09:20,555 9999,Incoming,60\n"
    made = world.ok("capture", "calls", put(world, text))
    assert [row[3] for row in logged(world)] == ["Wei Zhang"]
    assert "`sfa config set phone_country DE` says whose they are" in made.err


def test_unknown_numbers_are_listed_with_the_command_that_adds_them(world: Sfa) -> None:
    name = put(world, PHONE)
    (row,) = world.ok("capture", "calls", name, "--unknown", "--json").json
    assert (row["number"], row["name"], row["calls"], row["missed"]) == ("+493055512345", "Max", 1, 0)
    import shlex

    assert logged(world) == []
    world.ok(*shlex.split(row["command"])[1:])
    assert world.ok("capture", "calls", name, "--json").json["new"] == 4


def test_a_lead_that_was_spoken_with_is_worked_on(world: Sfa) -> None:
    row = "Date,Number,Type,Duration\n2026-11-20 09:15,+353 1 555 0199,{},{}\n"
    world.ok("capture", "calls", put(world, row.format("Missed", 0)))
    assert world.ok("lead", "show", "Mary", "--json").json["status"] == "new"
    world.ok("capture", "calls", put(world, row.format("Outgoing", 90)))
    assert world.ok("lead", "show", "Mary", "--json").json["status"] == "working"


def test_rows_that_cannot_be_read_are_told(world: Sfa) -> None:
    made = world("capture", "calls", put(world, PHONE + "bad,x,,+49 30 901820,Outgoing,61\n,,,,,\n2026-11-22,10:00,,,Incoming,5\n"))
    assert made.code == 7
    assert "line 7: when: 'bad x' is not a date" in made.err and "2 with withheld numbers" in made.err
    assert len(logged(world)) == 3


def test_a_dry_run_counts_the_same(world: Sfa) -> None:
    name = put(world, PHONE)
    before = world.db.read_bytes()
    dry = world.ok("capture", "calls", name, "--dry-run", "--json").json
    assert world.db.read_bytes() == before
    real = world.ok("capture", "calls", name, "--json").json
    apart = {"dry_run", "operation", "seconds"}
    assert {k: v for k, v in dry.items() if k not in apart} == {k: v for k, v in real.items() if k not in apart}


def test_a_map_names_columns_that_nobody_knows(world: Sfa) -> None:
    text = "wann;wer;wie\n20.11.2026 09:15;+353 1 555 0100;raus\n"
    assert world("capture", "calls", put(world, text)).code == 2
    (world.folder / "map.toml").write_text('[columns]\nwann = "when"\nwer = "number"\n[set]\ndirection = "out"\n')
    world.ok("capture", "calls", "calls.csv", "--map", "map.toml")
    assert [row[:2] for row in logged(world)] == [("2026-11-20T09:15:00Z", "out")]


def test_dates_of_unsure_order_are_refused(world: Sfa) -> None:
    failed = world("capture", "calls", put(world, "Date,Number\n03/04/2026 09:15,+35315550100\n"))
    assert failed.code in (2, 7) and "03/04" in failed.err
    world.ok("capture", "calls", put(world, "Date,Number\n03/04/2026 09:15,+35315550100\n25/04/2026 09:15,+35315550100\n"))
    assert [row[0] for row in logged(world)] == ["2026-04-03T09:15:00Z", "2026-04-25T09:15:00Z"]


WEI = "+35315550100"
TALKED, MISSED = ("2026-11-20T09:15:00Z", "out", "Call, 4 min 12 s"), ("2026-11-20T10:15:00Z", "in", "Missed call")
LOGS = {
    "3CX": f"""Call Time,Caller ID,Destination,Status,Ringing,Talking,Cost
2026-11-20T09:15:00,Anna (101),{WEI},Answered,00:00:05,00:04:12,
2026-11-20T10:15:00,{WEI},Anna (101),Unanswered,00:00:25,,
Totals,,,,00:00:32,00:05:12,
""",
    "Dialpad": f"""call_id,categories,direction,external_number,internal_number,date_started,talk_duration
d1,"outbound,outbound_connected",outbound,{WEI},+4930123456,2026-11-20 09:15:00.123456,4.2
d2,"inbound,missed",inbound,{WEI},+4930123456,2026-11-20 10:15:00.123456,
""",
    "RingCentral": f"""Direction,Type,Phone Number,Name,Date,Time,Action,Action Result,Duration
Outgoing,Voice,{WEI},Wei,Fri 11/20/2026,9:15 AM,VoIP Call,Call connected,0:04:12
Incoming,Voice,{WEI},Wei,Fri 11/20/2026,10:15 AM,Phone Call,Missed,0:00:20
""",
    "Teams": f"""Call ID,UPN,User Display Name,Caller ID,Call Type,Destination Dialed,Destination Number,Start Time,Duration Seconds
c1,anna@house.example,Anna Ferrari,+4930123456,ucap_out,Ireland,{WEI},11/20/2026 09:15:00,252
c2,anna@house.example,Anna Ferrari,{WEI},ucap_in,Germany,+4930123456,11/20/2026 10:15:00,0
""",
    "Zoom Phone": f"""Call ID,Direction,Caller Name,Caller Number,Callee Name,Callee Number,Start Time,Duration,Call Result
7001,Outbound,Anna Ferrari,101,Wei Zhang,{WEI},2026-11-20 09:15:00,00:04:12,Call connected
7002,Inbound,Wei Zhang,{WEI},Anna Ferrari,101,2026-11-20 10:15:00,00:00:00,Missed
""",
    "iPhone backup": f"""Call type,Date,Duration,Number,Contact,Location,Service
Outgoing,2026-11-20 09:15:00,00:04:12,{WEI},Wei Zhang,Ireland,Phone
Missed,2026-11-20 10:15:00,00:00:00,{WEI},Wei Zhang,Ireland,FaceTime
""",
    "Android backup": f"""number,duration,date,type,presentation,contact_name
{WEI},252,1795166100000,2,1,Wei Zhang
{WEI},0,1795169700000,3,1,Wei Zhang
,0,1795169700000,3,2,(Unknown)
""",
    "Asterisk": f"""accountcode,src,dst,clid,channel,start,answer,end,duration,billsec,disposition,uniqueid
,101,{WEI},x,SIP/101,2026-11-20 09:15:00,2026-11-20 09:15:08,2026-11-20 09:19:20,260,252,ANSWERED,1.1
,{WEI},101,x,SIP/t,2026-11-20 10:15:00,,2026-11-20 10:15:20,20,0,NO ANSWER,1.2
,anonymous,101,x,SIP/t,2026-11-20 10:16:00,,2026-11-20 10:16:20,20,0,NO ANSWER,1.3
""",
}


@pytest.mark.parametrize("program", LOGS)
def test_logs_as_programs_write_them(world: Sfa, program: str) -> None:
    made = world.ok("capture", "calls", put(world, LOGS[program]), "--yes", "--json").json
    assert [row[:3] for row in logged(world)] == [TALKED, MISSED]
    assert (made["new"], made["rejected"], made["missed"]) == (2, 0, 1)
    assert made["withheld"] + made["no_calls"] == (program in ("3CX", "Android backup", "Asterisk"))


def test_calls_that_are_yet_to_come_are_refused(world: Sfa) -> None:
    failed = world("capture", "calls", put(world, f"Date,Number,Type\n2027-11-20 09:15,{WEI},Outgoing\n"), "--json")
    assert failed.code == 7 and "it is in the future" in failed.out
