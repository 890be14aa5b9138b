"""What is easily lost on the way: parents of notes, ids of associated companies, parts of 1, the order of dates of rejected rows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from bundlekit import Rows, hubspot, salesforce, sf_id, written
from conftest import Sfa


def load(sfa: Sfa, path: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("import", "bundle", str(path), *more, "--json").json
    return found


def test_the_parents_of_zohos_notes(sfa: Sfa) -> None:
    files: dict[str, Rows] = {
        "Accounts_001.csv": [{"Record Id": "zcrm_1", "Account Name": "Star Ferries", "Account Owner": "Ida Holm", "Modified Time": ""}],
        "Contacts_001.csv": [{"Record Id": "zcrm_2", "Last Name": "Park", "Contact Owner": "Ida Holm", "Account Name": "Star Ferries"}],
        "Deals_001.csv": [{"Record Id": "zcrm_3", "Deal Name": "Crane", "Stage": "Proposal", "Amount": "5", "Closing Date": "2026-12-01"}],
        "Leads_001.csv": [{"Record Id": "zcrm_4", "Last Name": "Moss", "Company": "Old Mill", "Lead Owner": "Ida Holm", "Lead Status": ""}],
        "Notes_001.csv": [
            {"Record Id": f"n{i}", "Note Owner": "Ida Holm", "Note Title": "", "Note Content": f"Text {i}", "Parent ID.id": parent,
             "Created Time": "2026-10-01 10:00"}
            for i, parent in enumerate(("zcrm_1", "zcrm_2", "zcrm_3", "zcrm_4", "zcrm_9", ""))
        ],
    }  # fmt: skip
    done = load(sfa, written(sfa.folder / "zoho", files))
    notes = {a["text"]: a for a in sfa.ok("activity", "list", "--json").json}
    found = {t: (n["account"], n["contact"], n["opportunity"], n["lead"]) for t, n in notes.items()}
    assert found == {
        "Text 0": ("Star Ferries", None, None, None),
        "Text 1": (None, "Park", None, None),
        "Text 2": (None, None, "Crane", None),
        "Text 3": (None, None, None, "Moss"),
        "Text 4": (None, None, None, None),
        "Text 5": (None, None, None, None),
    }
    said = next(p["notes"] for p in done["files"] if p["file"] == "Notes_001.csv")
    assert "about records that no file holds, left without them: 1" in said


def test_hubspots_ids_go_before_names(sfa: Sfa) -> None:
    files = hubspot()
    companies, contacts = (f"hubspot-crm-exports-all-{n}-2026-11-20.csv" for n in ("companies", "contacts"))
    files[companies][1]["Company name"] = "Firm 1"  # two of one name: the ids alone tell them apart
    files[contacts][1]["Associated Company"] = "Firm 1"
    files[contacts][2] |= {"Associated Company IDs": "9000000003;9000000004"}
    files[contacts][3] |= {"Associated Company IDs": ""}
    done = load(sfa, written(sfa.folder / "hs", files))
    assert done["rejected"] == 0
    firms = {a["ref"]: a["external_id"] for a in sfa.ok("account", "list", "--json").json}
    homes = {c["external_id"]: firms[c["account_ref"]] for c in sfa.ok("contact", "list", "--json").json}
    assert homes == {"00000001": "9000000001", "00000002": "9000000002", "00000003": "9000000003", "00000004": "9000000004"}
    said = next(p["notes"] for p in done["files"] if p["file"] == contacts)
    assert "with several of account, of which the first is kept: 1" in said


def test_what_follows_from_a_rejected_row_is_said_once(sfa: Sfa) -> None:
    files = salesforce()
    files["Opportunity.csv"][0]["Amount"] = "much"
    files["Task.csv"] += [{**files["Task.csv"][0], "Id": sf_id("00T", n)} for n in range(20, 32)]
    path = written(sfa.folder / "export", files)
    refused = sfa("import", "bundle", str(path))
    assert refused.code == 4
    assert (
        "Task.csv: 13 rows cannot be loaded, so none was:\n  line 2 and 12 more: it refers to an opportunity that is rejected"
        in refused.err
    )
    aside = sfa("import", "bundle", str(path), "--rejects", "bad", "--json")
    assert aside.code == 7
    with (sfa.folder / "bad" / "Task.csv").open(encoding="utf-8", newline="") as stream:
        assert {r["sfa_reason"] for r in csv.DictReader(stream)} == {f"no opportunity is called '{sf_id('006', 1)}'"}


def test_rejected_rows_keep_how_dates_are_written(sfa: Sfa) -> None:
    rows = "Name,Stage,Amount,Close Date\nOne,Prospecting,1,03/04/2026\nTwo,Prospecting,much,05/04/2026\nThree,Prospecting,3,31/12/2026\n"
    (sfa.folder / "d.csv").write_text(rows)
    assert sfa("import", "opp", "d.csv", "--rejects", "bad.csv").code == 7
    bad = (sfa.folder / "bad.csv").read_text()
    assert bad.startswith("Name,Stage,Amount,Close Date,sfa_dates,sfa_line,sfa_reason\nTwo,Prospecting,much,05/04/2026,dmy,3,")
    (sfa.folder / "bad.csv").write_text(bad.replace("much", "2"))
    assert "left out" not in sfa.ok("import", "opp", "bad.csv").err
    deals = {d["name"]: d["close"] for d in sfa.ok("opp", "list", "--json").json}
    assert deals == {"One": "2026-04-03", "Two": "2026-04-05", "Three": "2026-12-31"}
    (sfa.folder / "iso.csv").write_text("Name,Amount,Close Date\nFour,much,2026-03-04\n")
    sfa("import", "opp", "iso.csv", "--rejects", "iso-bad.csv")
    assert (sfa.folder / "iso-bad.csv").read_text().startswith("Name,Amount,Close Date,sfa_line,sfa_reason\n"), "no column without need"


def test_the_order_of_dates_can_be_said(sfa: Sfa) -> None:
    (sfa.folder / "d.csv").write_text("Name,Close Date\nOne,03/04/2026\n")
    assert sfa("import", "opp", "d.csv", "--date-order", "dym").code == 2
    sfa.ok("import", "opp", "d.csv", "--date-order", "DMY")
    assert sfa.ok("opp", "list", "--json").json[0]["close"] == "2026-04-03"


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [((0.25, 1, 0), (25, 100, 0)), ((1, 1, 0), (100, 100, 0)), ((0.125, 0.5, 0.1), (12, 50, 10)), ((25, 1, 0), (25, 1, 0))],
)
def test_percentages_of_a_workbook(sfa: Sfa, cells: tuple[float, ...], wanted: tuple[int, ...]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(sfa.folder / "d.xlsx") as book:
        sheet, percent = book.add_worksheet(), book.add_format({"num_format": "0%"})
        sheet.write_row(0, 0, ("Name", "Stage", "Probability"))
        for n, cell in enumerate(cells, 1):
            sheet.write_row(n, 0, (f"Deal {n}", "Qualification"))
            sheet.write_number(n, 2, cell, percent)
    sfa.ok("import", "opp", "d.xlsx")
    found = {d["name"]: d["probability"] for d in sfa.ok("opp", "list", "--json").json}
    assert tuple(found[f"Deal {n}"] for n in (1, 2, 3)) == wanted


def test_history_by_the_references_of_this_database(sfa: Sfa) -> None:
    sfa.ok("opp", "add", "Crane", "--amount", "5k")
    (sfa.folder / "h.csv").write_text("Deal,Stage,Changed\nO-1,Prospecting,2026-01-05\n")
    assert sfa.ok("import", "history", "h.csv", "--json").json["new"] == 1
    (sfa.folder / "t.csv").write_text("Name,Opportunity\nCall,O-1\n")
    assert "no opportunity is called 'O-1'" in sfa("import", "task", "t.csv").err, "elsewhere it may be anybody's number"


def test_phones_are_grouped_for_people_alone(sfa: Sfa) -> None:
    sfa.ok("contact", "add", "Jo Park", "--phone", "+353 1 5550100")
    assert "+353 1 555 0100" in sfa.ok("contact", "list", "--format", "table").out
    assert "+35315550100" in sfa.ok("contact", "list").out and "+353 1 555" not in sfa.ok("contact", "list", "--columns", "name,phone").out


def test_erasing_takes_all_that_own_fields_say_of_a_person(sfa: Sfa) -> None:
    for name, of in (("hired", "date"), ("met", "stamp"), ("score", "number"), ("vip", "bool")):
        sfa.ok("config", "field", "add", "contact", name, of)
    sfa.ok("account", "add", "Blue Harbor", "--phone", "+353 1 555 0100")
    own = ("hired=1980-02-03", "met=2026-01-02 10:00", "score=7", "vip=yes")
    sfa.ok("contact", "add", "Jo Park", "--account", "Blue Harbor", "--phone", "+353 1 555 0100", *own)
    sfa.ok("erase", "Jo Park", "--yes")
    person = sfa.ok("contact", "list", "--json").json[0]
    assert [person[n] for n in ("hired", "met", "score", "vip")] == [None] * 4
    firm = sfa.ok("account", "list", "--json").json[0]
    assert (firm["phone"], firm["phone_written"]) == ("+35315550100", "+353 1 555 0100"), "the company's number is the company's"


def test_a_kind_that_is_none(sfa: Sfa) -> None:
    found = sfa("duplicates", "foo")
    assert found.code == 2 and found.err == "Error: 'foo' is neither contact, account nor lead\nHint: As in sfa duplicates contact\n"
    assert "'contact'" in sfa("duplicates", "contct").err
