"""Address books and calendars through the program: in, out again, and into another database without loss."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Sfa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

PERSON = "name,first_name,last_name,title,email,other_emails,phone,mobile,other_phones,street,city,state,postal_code,country,description"
OPTOUTS = "opt_out_email,opt_out_phone,opt_out_mail,opt_out_sms"


def listed(sfa: Sfa, noun: str, columns: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sfa.ok(noun, "list", "--json", "--columns", columns).json
    return rows


def elsewhere(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the program works on another, empty database."""
    monkeypatch.setenv("SFA_DB", str(sfa.folder / "other.db"))


def fill(sfa: Sfa) -> None:
    sfa.ok("account", "add", "name=Müller & Söhne; Partner, GmbH")
    rows = (
        "name,first_name,last_name,account,email,other emails,phone,mobile,other phones,street,city,state,postal code,country,description,"
        "opt_out_email,opt_out_sms\n"
        '"Dr. Zoë Müller","Zoë","Müller","Müller & Söhne; Partner, GmbH",zoe@m.example,"z@home.example,z2@home.example",+49 30 1,+49 170 2,'
        '"+49 30 33,+49 30 44","Straße 1\nHaus B, 2. Stock",Berlin,,10115,Germany,"Zeile; eins\nzwei \\n, drei",2026-03-04 web form,\n'
        "王伟,伟,王,,wang@keji.example,,,+86 138 0000 0000,,北京市朝阳区建国路八十八号,北京,,100000,China,,,yes\n"
        "Cher,,,,,,,,+1 212 555 0000,,,,,,,,\n"
    )
    (sfa.folder / "people.csv").write_text(rows, encoding="utf-8")
    sfa.ok("import", "contact", "people.csv")


@pytest.mark.parametrize("noun", ["contact", "lead"])
def test_people_come_back_as_they_went(sfa: Sfa, monkeypatch: pytest.MonkeyPatch, noun: str) -> None:
    fill(sfa)
    company = "account" if noun == "contact" else "company"
    if noun == "lead":
        (sfa.folder / "people.csv").write_text((sfa.folder / "people.csv").read_text().replace(",account,", ",company,"))
        sfa.ok("import", "lead", "people.csv")
    before = listed(sfa, noun, f"id,{company},{PERSON},{OPTOUTS}")
    assert len(before) == 3
    told = sfa.ok("export", noun, "-o", "people.vcf")
    assert "Wrote 3" in told.err
    text = (sfa.folder / "people.vcf").read_bytes()
    assert text.count(b"BEGIN:VCARD\r\nVERSION:3.0\r\n") == 3
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    elsewhere(sfa, monkeypatch)
    summary = sfa.ok("import", noun, "people.vcf", "--on-missing", "create", "--json").json
    assert (summary["read"], summary["new"], summary["left_out"]) == (3, 3, [])
    after = listed(sfa, noun, f"{company},{PERSON},{OPTOUTS}")
    drop = ("id", "account_ref")
    assert [{k: v for k, v in r.items() if k not in drop} for r in after] == [{k: v for k, v in r.items() if k not in drop} for r in before]
    # Known by the id that they have in the first database, whatever else changed.
    assert sfa.ok("import", noun, "people.vcf", "--json").json["unchanged"] == 3
    (sfa.folder / "people.vcf").write_bytes(text.replace(b"zoe@m.example", b"zoe@new.example"))
    assert sfa.ok("import", noun, "people.vcf", "--on-duplicate", "update", "--json").json["updated"] == 1


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"]), min_size=1, max_size=40).map(str.strip).filter(bool)


@example("one", "two", "ÿ")
@example("Zhang, Wei", "1 Main", "x")
@example("N/A", "Select", "-")
@given(NAMES, NAMES, NAMES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_and_text_come_back(sfa: Sfa, name: str, street: str, note: str) -> None:
    (sfa.folder / "sfa.db").unlink(missing_ok=True)
    sfa.ok("contact", "add", f"name={name}", f"street={street}", f"description={note}", "email=a@x.example")
    before = listed(sfa, "contact", PERSON)
    sfa.ok("export", "contact", "-o", "one.vcf", "--yes")
    (sfa.folder / "sfa.db").unlink()
    sfa.ok("import", "contact", "one.vcf")
    assert listed(sfa, "contact", "name,street,description") == [{k: before[0][k] for k in ("name", "street", "description")}]


def test_columns_choose_and_take_along(sfa: Sfa) -> None:
    sfa.ok("lead", "add", "name=Ann Baker", "email=ann@x.example", "source=Web fair; Köln", "phone=030 1")
    text = sfa.ok("export", "lead", "--format", "vcard", "--columns", "name,source")
    lines = text.out.splitlines()
    assert "X-SFA-SOURCE:Web fair\\; Köln" in lines
    assert not any(line.startswith(("EMAIL", "TEL")) for line in lines)
    assert "Not in it: first_name, last_name, email, phone, status, owner, created." in text.err
    (sfa.folder / "lead.vcf").write_text(text.out, newline="")
    assert sfa.ok("import", "lead", "lead.vcf", "--dry-run", "--json").json["files"][0]["columns"]["source"] == "source"


def test_fields_of_ones_own_that_cards_have_go_out_and_in(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = (("department", "text"), ("nickname", "text"), ("fax", "phone"))
    given = ("birthday=1980-05-01", "department=R&D; Lab", "nickname=Jo", "fax=030 55")
    for field in fields:
        sfa.ok("config", "field", "add", "contact", *field)
    sfa.ok("contact", "add", "name=Ann Baker", *given)
    text = sfa.ok("export", "contact", "-o", "x.vcf").err
    assert "Not in it: owner." in text
    assert b"BDAY:1980-05-01\r\n" in (sfa.folder / "x.vcf").read_bytes()
    elsewhere(sfa, monkeypatch)
    for field in fields:
        sfa.ok("config", "field", "add", "contact", *field)
    assert sfa.ok("import", "contact", "x.vcf", "--json").json["left_out"] == []
    assert listed(sfa, "contact", "birthday,department,nickname,fax") == [dict(g.split("=") for g in given)]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("opp", "--format", "vcard"), "opportunities are not written as vcard"),
        (("contact", "-o", "x.ics"), "contacts are not written as ics"),
        (("activity", "--format", "vcard"), "here: --format ics"),
    ],
)
def test_other_kinds_have_no_such_form(sfa: Sfa, argv: tuple[str, ...], says: str) -> None:
    sfa.ok("account", "add", "name=A")
    found = sfa("export", *argv)
    assert found.code == 2
    assert says in found.err


def test_an_asked_format_beats_the_ending(sfa: Sfa) -> None:
    sfa.ok("contact", "add", "name=A B")
    sfa.ok("export", "contact", "--format", "csv", "-o", "x.vcf")
    assert (sfa.folder / "x.vcf").read_text().startswith("id,name")


@pytest.mark.parametrize(("file", "kind"), [("x.vcf", "activity"), ("x.vcf", "opp"), ("x.ics", "contact")])
def test_files_become_what_they_hold(sfa: Sfa, file: str, kind: str) -> None:
    (sfa.folder / "x.vcf").write_text("BEGIN:VCARD\nFN:A\nEND:VCARD\n")
    (sfa.folder / "x.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n")
    found = sfa("import", kind, file)
    assert found.code == 2
    assert "which become" in found.err


def test_bad_cards_go_to_a_file_that_can_be_mended(sfa: Sfa) -> None:
    bad = "BEGIN:VCARD\nFN:Bob\nEMAIL:nobody\nEND:VCARD\nBEGIN:VCARD\nTITLE:x\nEND:VCARD\n"
    cards = f"BEGIN:VCARD\nFN:Ann\nEMAIL:ann@x.example\nEND:VCARD\n{bad}"
    (sfa.folder / "x.vcf").write_text(cards)
    stopped = sfa("import", "contact", "x.vcf")
    assert stopped.code == 4
    assert "line 5: email: 'nobody' is not an e-mail address" in stopped.err
    assert "line 9: a new contact needs name" in stopped.err
    assert sfa("import", "contact", "x.vcf", "--rejects", "bad.csv").code == 7
    bad = (sfa.folder / "bad.csv").read_text()
    assert bad.splitlines()[0] == "name,title,email,sfa_line,sfa_reason"
    (sfa.folder / "bad.csv").write_text(bad.replace("nobody", "bob@x.example").replace(",x,", "Cy,x,"))
    assert sfa.ok("import", "contact", "bad.csv", "--json").json["new"] == 2


# Calendars --------------------------------------------------------------------------------------------------------------------------

EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1@x.example
DTSTART;TZID=Europe/Berlin:20261120T100000
SUMMARY:Budget
ORGANIZER:mailto:anna@us.example
ATTENDEE:mailto:{who}
ATTENDEE:mailto:stranger@x.example
END:VEVENT
END:VCALENDAR
"""


def calendar(sfa: Sfa, who: str) -> None:
    (sfa.folder / "x.ics").write_text(EVENT.format(who=who))


def test_an_attendee_who_is_known_is_whom_it_was_with(sfa: Sfa) -> None:
    sfa.ok("account", "add", "name=Acme")
    sfa.ok("contact", "add", "name=Bo Ek", "email=bo@acme.example", "other_emails=bo2@acme.example", "account=Acme")
    sfa.ok("contact", "add", "name=Cy Fo", "email=cy@acme.example", "other_emails=both@acme.example")
    sfa.ok("contact", "add", "name=Di Go", "email=di@acme.example", "other_emails=both@acme.example")
    sfa.ok("lead", "add", "name=Ed Ho", "email=ed@acme.example")
    found = {}
    for who in ("bo@acme.example", "BO2@acme.example", "ed@acme.example", "both@acme.example", "nobody@acme.example"):
        calendar(sfa, who)
        summary = sfa.ok("import", "activity", "x.ics", "--json").json
        row = listed(sfa, "activity", "when,kind,text,contact,lead,account")[0]
        assert (row["when"], row["kind"], row["text"]) == ("2026-11-20T09:00:00Z", "meeting", "Budget")
        found[who] = (row["contact"], row["lead"], row["account"], *summary["notes"])
        sfa.ok("undo")
    strangers = "attendees who are no contact, lead or user here, left out: "
    assert found == {
        "bo@acme.example": ("Bo Ek", None, "Acme", strangers + "2"),
        "BO2@acme.example": ("Bo Ek", None, "Acme", strangers + "2"),
        "ed@acme.example": (None, "Ed Ho", None, strangers + "2"),
        "both@acme.example": (None, None, None, strangers + "2", "activities with several known contacts, linked to none: 1"),
        "nobody@acme.example": (None, None, None, strangers + "3"),
    }


def test_what_is_still_to_come_is_said(sfa: Sfa) -> None:
    calendar(sfa, "anna@us.example")
    (sfa.folder / "x.ics").write_text((sfa.folder / "x.ics").read_text().replace("20261120", "20991120"))
    assert "of them are still to come: 1" in sfa.ok("import", "activity", "x.ics", "--json").json["notes"]


def test_a_second_import_updates(sfa: Sfa) -> None:
    calendar(sfa, "bo@acme.example")
    sfa.ok("import", "activity", "x.ics")
    assert sfa.ok("import", "activity", "x.ics", "--json").json["unchanged"] == 1
    (sfa.folder / "x.ics").write_text(EVENT.format(who="bo@acme.example").replace("T100000", "T110000"))
    summary = sfa.ok("import", "activity", "x.ics", "--on-duplicate", "update", "--json").json
    assert (summary["new"], summary["updated"]) == (0, 1)


def test_activities_come_back_as_they_went(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    for command in (
        ("config", "set", "time_zone", "Europe/Berlin"),
        ("contact", "add", "name=Bo, Ek", "email=bo@acme.example"),
        ("lead", "add", "name=Ed Ho", "email=ed@acme.example"),
        (
            "log",
            "C-1",
            "call",
            "Budget; approved,\n\nall of it",
            "--next",
            "Send, quote",
            "--due",
            "2026-12-01",
            "--when",
            "2026-11-20 10:15",
        ),
        ("log", "L-1", "email", "Sent \\n the brochure", "--when", "2026-11-19"),
        ("log", "C-1", "note", "Done thing", "--next", "x", "--when", "2026-11-18 09:00"),
        ("activity", "edit", "AC-3", "done=yes"),
    ):
        sfa.ok(*command)
    columns = "id,when,kind,text,contact,lead,next_step,due,done"
    before = listed(sfa, "activity", columns)
    sfa.ok("export", "activity", "-o", "all.ics")
    text = (sfa.folder / "all.ics").read_text(encoding="utf-8")
    assert text.count("BEGIN:VEVENT") == 3
    assert text.count("BEGIN:VTODO") == 1
    assert "DTSTART;VALUE=DATE:20261119" in text
    sfa.ok("export", "contact", "-o", "people.vcf")
    sfa.ok("export", "lead", "-o", "leads.vcf")
    elsewhere(sfa, monkeypatch)
    sfa.ok("config", "set", "time_zone", "Europe/Berlin")
    sfa.ok("import", "contact", "people.vcf")
    sfa.ok("import", "lead", "leads.vcf")
    told = sfa.ok("import", "activity", "all.ics", "--json").json
    assert told["new"] == 3
    assert "1 next steps, which are their activities'" in told["files"][0]["notes"]
    after = listed(sfa, "activity", columns)
    drop = ("id", "contact_ref", "lead_ref")
    assert [{k: v for k, v in r.items() if k not in drop} for r in after] == [{k: v for k, v in r.items() if k not in drop} for r in before]
    assert sfa.ok("import", "activity", "all.ics", "--json").json["unchanged"] == 3


def test_the_written_calendar_is_read_by_the_library(sfa: Sfa) -> None:
    from icalendar import Calendar

    sfa.ok("contact", "add", "name=Bo Ek", "email=bo@acme.example")
    sfa.ok("log", "C-1", "call", "Größe " * 30, "--next", "Ring back", "--due", "+3d")
    text = sfa.ok("export", "activity", "--format", "ics").out
    components = {c.name: c for c in Calendar.from_ical(text).walk()}
    assert components["VEVENT"]["SUMMARY"] == ("Größe " * 30).strip()
    assert str(components["VEVENT"]["ATTENDEE"]) == "mailto:bo@acme.example"
    assert components["VTODO"]["UID"] == components["VEVENT"]["UID"] + "-next"
