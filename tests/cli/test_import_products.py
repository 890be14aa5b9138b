"""`sfa import` of other products' exports: recognised, told, corrected by a person, saved as a map, with fields made of what is left."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from exports import folder_of, rows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_import import dump, listed, summary, write

HUBSPOT = """Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Associated Company,Country/Region
101,Jo,Silva,jo@silva.example,21 343 0000,,Lead,Silva Lda,Portugal
102,Wei,Zhang,mailto:Wei <wei@keji.example>; w2@keji.example,010-62785001,,Customer,北京科技,China
"""


def test_a_product_is_recognised_and_its_ids_are_kept_under_its_name(sfa: Sfa) -> None:
    write(sfa, "c.csv", HUBSPOT)
    told = sfa.ok("import", "contact", "c.csv", "--on-missing", "create", "--dry-run")
    assert "looks like a HubSpot export of contacts" in told.err
    assert "Phone Number       → phone            '21 343 0000'       certain" in told.err
    done = summary(sfa, "contact", "c.csv", "--on-missing", "create")
    assert (done["new"], done["files"][0]["profile"]) == (2, "hubspot")
    assert sfa.ok("sql", "SELECT DISTINCT source FROM external").out.split() == ["source", "hubspot"]
    wei = next(r for r in listed(sfa, "contact") if r["name"] == "Wei Zhang")
    assert (wei["email"], wei["other_emails"]) == ("wei@keji.example", ["w2@keji.example"])
    assert (wei["phone"], wei["phone_written"]) == ("+861062785001", "010-62785001")
    before = dump(sfa)
    assert summary(sfa, "contact", "c.csv")["unchanged"] == 2 and dump(sfa) == before
    # The same people without the marks of the product are found by its name alone.
    write(sfa, "d.csv", "Id,First Name,Last Name\n101,Jo,Silva\n")
    assert summary(sfa, "contact", "d.csv", "--source", "hubspot")["unchanged"] == 1
    assert summary(sfa, "contact", "d.csv", "--profile", "hubspot")["unchanged"] == 1


def test_ids_that_came_without_a_source_are_found_again(sfa: Sfa) -> None:
    write(sfa, "c.csv", HUBSPOT)
    summary(sfa, "contact", "c.csv", "--on-missing", "create", "--profile", "none")
    again = summary(sfa, "contact", "c.csv", "--on-missing", "create", "--on-duplicate", "fill")
    assert (again["new"], again["updated"]) == (0, 2)
    assert sfa.ok("sql", "SELECT count(*) FROM external WHERE source IS NULL").out.split()[-1] == "2"


def test_stages_of_a_product_are_read_as_the_nearest(sfa: Sfa) -> None:
    write(sfa, "d.csv", "Record ID,Deal Name,Deal Stage,Amount,Deal owner\n1,A,contractsent,$342.09K,\n2,B,closedwon,5,\n3,C,Proposal,5,\n")
    done = summary(sfa, "opp", "d.csv")
    assert "stages read as the nearest of ours: contractsent → Negotiation" in done["notes"]
    assert {r["name"]: r["stage"] for r in listed(sfa, "opp")} == {"A": "Negotiation", "B": "Won", "C": "Proposal"}
    assert next(r for r in listed(sfa, "opp") if r["name"] == "A")["amount"]["amount"] == "342090.00"
    # A stage of that very name goes before what the product's profile says.
    sfa.ok("stage", "add", "contractsent", "--order", "4", "--probability", "80", "--category", "commit")
    write(sfa, "e.csv", "Record ID,Deal Name,Deal Stage,Amount,Deal owner\n9,Z,contractsent,5,\n")
    assert summary(sfa, "opp", "e.csv")["notes"] == []


def test_rows_that_are_deleted_there_are_passed_over(sfa: Sfa) -> None:
    write(sfa, "a.csv", "Id,IsDeleted,Name,OwnerId,SystemModstamp\n001,true,Gone,,x\n002,false,There,,x\n003,,Blank,,x\n")
    done = summary(sfa, "account", "a.csv")
    assert (done["read"], done["new"], done["skipped"]) == (3, 2, 1)
    assert done["notes"] == ["rows of records that are deleted there were passed over: 1"]
    assert {r["name"] for r in listed(sfa, "account")} == {"There", "Blank"}


def test_short_ids_of_salesforce_mean_the_long_ones(sfa: Sfa) -> None:
    write(sfa, "a.csv", "Id,IsDeleted,Name,OwnerId,SystemModstamp\n001Ec00000GGw3hIAD,,Walker,,x\n")
    summary(sfa, "account", "a.csv")
    write(
        sfa,
        "o.csv",
        "Opportunity ID,Opportunity Name,Account ID,Stage,Opportunity Owner\n006Ec00000AieKF,Deal,001Ec00000GGw3h,Closed Won,\n",
    )
    summary(sfa, "opp", "o.csv")
    deal = listed(sfa, "opp")[0]
    assert (deal["account"], deal["external_id"]) == ("Walker", "006Ec00000AieKFIAZ")


GUESSED = "Person,Contact detail,Where\n" + "".join(f"P{i} X,p{i}@x.example,{c}\n" for i, c in enumerate(("Peru", "Chile", "Peru", "Cuba")))


def test_what_cells_look_like_is_a_guess(sfa: Sfa) -> None:
    write(sfa, "l.csv", GUESSED)
    told = sfa.ok("import", "lead", "l.csv", "--dry-run")
    assert "Contact detail → email            'p0@x.example'  guess" in told.err and "left out: Person (4)" in told.err
    done = summary(sfa, "lead", "l.csv", "--dry-run")
    assert done["files"][0]["guessed"] == ["Contact detail", "Where"] and done["new"] == 4
    # Two columns that may be the e-mail are no guess.
    write(sfa, "m.csv", "Company,This,That\n" + "".join(f"C{i},p{i}@x.example,q{i}@x.example\n" for i in range(4)))
    told = sfa.ok("import", "lead", "m.csv", "--dry-run")
    assert "may be email, as others may" in told.err
    assert summary(sfa, "lead", "m.csv", "--dry-run")["files"][0]["columns"] == {"Company": "company"}


def test_a_value_for_every_row_beats_the_map(sfa: Sfa) -> None:
    write(sfa, "l.csv", "Name,Company,Heat\nJo Silva,Silva,cold\n")
    write(sfa, "m.toml", '[columns]\nHeat = "rating"\n[set]\nsource = "map"\n')
    summary(sfa, "lead", "l.csv", "--map", "m.toml", "--set", "rating=warm", "--set", "source=fair", "--set", "Company=Other")
    lead = listed(sfa, "lead")[0]
    assert (lead["rating"], lead["source"], lead["company"]) == ("warm", "fair", "Other")
    for wrong, message in (
        ("rating", "--set takes field=value"),
        ("shoe=1", "--set: lead has no field 'shoe'"),
        ("account=A-1", "set by the"),
    ):
        refused = sfa("import", "lead", "l.csv", "--set", wrong)
        assert refused.code == 2 and message in refused.err


def test_a_saved_map_gives_the_same_result(sfa: Sfa) -> None:
    write(sfa, "c.csv", 'Record ID,Full Name,Mail,"The ""odd"" one",Lifecycle Stage,Rating\n1,Jo Silva,jo@x.example,38,Lead,Select\n')
    one = summary(sfa, "lead", "c.csv", "--set", "source=fair", "--save-map", "m.toml", "--dry-run")
    text = (sfa.folder / "m.toml").read_text(encoding="utf-8")
    assert '"Full Name" = "name"  # likely, \'Jo Silva\'' in text and 'profile = "hubspot"' in text and 'source = "fair"' in text
    two = summary(sfa, "lead", "c.csv", "--map", "m.toml", "--dry-run")
    assert {k: v for k, v in one.items() if k not in ("seconds", "files")} == {
        k: v for k, v in two.items() if k not in ("seconds", "files")
    }
    assert one["files"][0]["columns"] == two["files"][0]["columns"]
    refused = sfa("import", "lead", "c.csv", "--save-map", "m.toml", "--dry-run")
    assert refused.code == 1 and "is there already" in refused.err


def test_words_that_stand_for_a_blank(sfa: Sfa) -> None:
    write(
        sfa,
        "l.csv",
        "First Name,Last Name,Company,Email,Employees,Rating,Created,Title\n"
        "Jo,Null,N/A,-,n/a,none,NULL,Select\nMax,None,#N/A,none,Select,?,-,(null)\n--None--,Select,x,a@x.example,--None--,?,#N/A,NULL\n",
    )
    write(sfa, "m.toml", '[blank]\nRating = ["?"]\nTitle = []\n')
    assert summary(sfa, "lead", "l.csv", "--map", "m.toml")["new"] == 3
    found = {r["last_name"]: r for r in listed(sfa, "lead")}
    assert set(found) == {"Null", "None", "Select"}
    assert [found[n]["company"] for n in ("Null", "None", "Select")] == [None, None, "x"]
    assert [found[n]["title"] for n in ("Null", "None", "Select")] == ["Select", "(null)", "NULL"]
    assert [found[n]["rating"] for n in ("Null", "None", "Select")] == ["none", None, None]
    assert all(r["employees"] is None for r in found.values()) and found["Null"]["email"] is None
    assert found["Select"]["first_name"] is None
    write(sfa, "n.csv", "Name,Company,Employees\nAl Ba,nil,nil\n")
    refused = sfa("import", "lead", "n.csv")
    assert refused.code == 4 and "'nil' is not a number" in refused.err
    sfa.ok("config", "set", "blank_words", "nil")
    summary(sfa, "lead", "n.csv")


def test_names_with_the_last_one_first_and_several_numbers(sfa: Sfa) -> None:
    write(
        sfa,
        "l.csv",
        'Name,Company,Phone,Country\n"Zhang, Wei",K,"+353 1 555 0100; 01 555 0101",Ireland\n"Acme, Inc.",Acme,call Jo,\n王伟,,,中国\n',
    )
    done = summary(sfa, "lead", "l.csv")
    assert done["new"] == 3
    found = {r["name"]: r for r in listed(sfa, "lead")}
    wei = found["Wei Zhang"]
    assert (wei["first_name"], wei["last_name"], wei["phone"], wei["other_phones"]) == ("Wei", "Zhang", "+35315550100", ["+35315550101"])
    assert found["Acme, Inc."]["phone"] == "call Jo" and "王伟" in found
    assert summary(sfa, "lead", "l.csv")["unchanged"] == 3


def test_phones_as_they_are_written(sfa: Sfa) -> None:
    sfa.ok("config", "set", "phones", "as_written")
    write(sfa, "l.csv", "Name,Phone,Country\nJo Silva,(01) 555 0100,Ireland\n")
    summary(sfa, "lead", "l.csv")
    lead = listed(sfa, "lead")[0]
    assert (lead["phone"], lead["phone_written"]) == ("(01) 555 0100", None)
    # In one form from now on: the same file differs in nothing.
    sfa.ok("config", "set", "phones", "e164")
    assert summary(sfa, "lead", "l.csv")["unchanged"] == 1
    sfa.ok("config", "set", "phone_country", "Irland")
    assert sfa.ok("config", "get", "phone_country").out.strip() == "IE"
    sfa.ok("lead", "edit", "L-1", "phone=01 555 0101", "country=")
    assert listed(sfa, "lead")[0]["phone"] == "+35315550101"


def test_days_as_numbers(sfa: Sfa) -> None:
    write(sfa, "o.csv", "Name,Close Date,Created Date\nA,46344,1763856000000\nB,,1763942400000\n")
    assert summary(sfa, "opp", "o.csv")["new"] == 2
    deal = next(r for r in listed(sfa, "opp") if r["name"] == "A")
    # 46344 days after 1899-12-30; 1763856000 seconds after 1970-01-01.
    assert (deal["close"], deal["opened"]) == ("2026-11-18", "2025-11-23")
    write(sfa, "p.csv", "Name,Close Date\nC,46344\nD,2026-01-02\n")
    refused = sfa("import", "opp", "p.csv")
    assert refused.code == 4 and "'46344' is not a date" in refused.err


FIELDS = """Name,Company,Score,Signed On,Fee,Plan,VIP,Reference,Empty
""" + "".join(
    f"P{i} X,C{i},{i}.5,{13 + i % 9}/02/2026,€{i}k,{'gold' if i % 2 else 'silver'},{'yes' if i % 3 else 'no'},r-{i},\n" for i in range(24)
)


def test_fields_of_ones_own_are_made_of_columns_and_taken_back(sfa: Sfa) -> None:
    write(sfa, "l.csv", FIELDS)
    trial = summary(sfa, "lead", "l.csv", "--create-fields", "--dry-run")
    made = {"score": "number", "signed_on": "date", "plan": "choice", "vip": "bool", "reference": "text", "fee": "text"}
    assert trial["created_fields"] == made and trial["left_out"] == []
    told = sfa.ok("import", "lead", "l.csv", "--create-fields", "--dry-run").err
    assert "new, choice" in told and "Empty" not in told.split("Nothing was written")[1]
    done = summary(sfa, "lead", "l.csv", "--create-fields")
    assert {k: v for k, v in done.items() if k not in ("seconds", "operation", "dry_run")} == {
        k: v for k, v in trial.items() if k not in ("seconds", "operation", "dry_run")
    }
    assert sfa.ok("sql", "SELECT count(*) FROM op WHERE command LIKE '%import%'").out.split()[-1] == "1"
    lead = next(r for r in listed(sfa, "lead") if r["name"] == "P3 X")
    assert (lead["score"], lead["signed_on"], lead["plan"], lead["vip"], lead["fee"]) == (3.5, "2026-02-16", "gold", False, "€3k")
    assert summary(sfa, "lead", "l.csv")["unchanged"] == 24
    whole = listed(sfa, "lead")
    sfa.ok("undo")
    assert listed(sfa, "lead") == [] and sfa.ok("config", "field", "list", "--json").json == []
    sfa.ok("redo")
    assert listed(sfa, "lead") == whole
    sfa.ok("undo")
    assert summary(sfa, "lead", "l.csv", "--create-fields")["new"] == 24
    assert sfa("import", "quota", "l.csv", "--create-fields").code == 2


CELL = st.sampled_from(
    [
        "",
        "Jo Silva",
        "jo@x.example",
        "JO@X.example",
        "bad mail@",
        "n/a",
        "-",
        "12",
        "1,200",
        "x",
        "2026-02-30",
        "03/04/26",
        "A-1",
        "new",
        "Select",
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.lists(st.lists(CELL, min_size=7, max_size=7), min_size=1, max_size=12), policy=st.sampled_from(["skip", "update", "fill"]))
def test_a_trial_counts_as_the_run_does(sfa: Sfa, body: list[list[str]], policy: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["Name", "Email", "Employees", "Created", "Status", "Company", "Owner"], *body])
    write(sfa, "t.csv", out.getvalue())

    def run(*more: str) -> dict[str, Any]:
        done = sfa("import", "lead", "t.csv", "--on-duplicate", policy, "--rejects", "r.csv", "--yes", "--json", *more)
        assert done.code in (0, 7), done.err
        return {k: v for k, v in done.json.items() if k not in ("seconds", "operation", "dry_run")}

    trial = run("--dry-run")
    assert trial == run()
    assert trial["read"] == sum(map(any, body)) == sum(trial[k] for k in ("new", "updated", "unchanged", "skipped", "rejected"))


def test_every_lead_of_a_wide_file(sfa: Sfa, shared: Path) -> None:
    path = folder_of(shared, "dbt_salesforce_seeds") / "sf_lead_data.csv"
    done = summary(sfa, "lead", str(path), "--on-missing", "create")
    file = rows(path)
    assert len(file[0]) == 382 and done["new"] == len(file) == 1
    lead = listed(sfa, "lead")[0]
    mine = {
        "name": "name",
        "first_name": "first_name",
        "last_name": "last_name",
        "company": "company",
        "email": "email",
        "industry": "industry",
    }
    assert {f: lead[f] for f in mine} == {f: file[0][c] for c, f in mine.items()}
    assert (lead["status"], lead["converted"], lead["external_id"]) == ("converted", file[0]["converted_date"][:10], file[0]["id"])
    # Each filled cell went somewhere or is named as left out.
    filled = sum(1 for v in file[0].values() if v)
    assert filled - len(done["left_out"]) == len([c for c in done["files"][0]["columns"] if file[0][c]]) + 1  # is_deleted


@pytest.mark.parametrize("header", ["", "a" * 500, "\x1b[31mred", 'q"uote'])
def test_odd_headers_are_told_and_saved_harmlessly(sfa: Sfa, header: str) -> None:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([["Name", header, "Company"], ["Jo Silva", "1", "x"]])
    write(sfa, "t.csv", out.getvalue())
    told = sfa.ok("import", "lead", "t.csv", "--dry-run", "--save-map", "m.toml", "--yes")
    assert "\x1b" not in told.err
    assert summary(sfa, "lead", "t.csv", "--map", "m.toml", "--dry-run")["new"] == 1


PIPEDRIVE = """Deal - ID,Deal - Title,Deal - Value,Deal - Organization,Deal - Contact person,Deal - Stage,Deal - Pipeline,Deal - Status
1,A,100,Acme,Jo Silva,Proposal Made,Pipeline,Open
2,B,200,Acme,Jo Silva,Demo Scheduled,Pipeline,Won
3,C,300,Acme,Jo Silva,Contact Made,pipeline,Lost
"""


def test_what_pipedrive_says_of_a_deal_goes_before_its_stage(sfa: Sfa) -> None:
    write(sfa, "d.csv", PIPEDRIVE)
    told = sfa.ok("import", "opp", "d.csv", "--on-missing", "create", "--dry-run").err
    assert "Deal - Status         → stage where it says won or lost" in told and "left out" not in told
    done = summary(sfa, "opp", "d.csv", "--on-missing", "create")
    assert {r["name"]: r["stage"] for r in listed(sfa, "opp")} == {"A": "Proposal", "B": "Won", "C": "Lost"}
    assert "pipelines read as the nearest of ours: Pipeline → Sales, pipeline → Sales" in done["notes"]
    assert summary(sfa, "opp", "d.csv")["unchanged"] == 3


def test_a_pipeline_of_that_name_goes_before_the_usual_one_and_another_is_refused(sfa: Sfa) -> None:
    sfa.ok("pipeline", "add", "Pipeline")
    write(sfa, "d.csv", PIPEDRIVE)
    assert not [n for n in summary(sfa, "opp", "d.csv", "--on-missing", "create")["notes"] if n.startswith("pipelines read")]
    assert {r["pipeline"] for r in listed(sfa, "opp")} == {"Pipeline"}
    write(sfa, "e.csv", PIPEDRIVE.replace(",Pipeline,", ",Partners,"))
    refused = sfa("import", "opp", "e.csv", "--on-missing", "create")
    assert refused.code == 4 and "`sfa pipeline add` makes one" in refused.err


def test_people_written_with_their_address_are_found_by_it(sfa: Sfa) -> None:
    write(sfa, "c.csv", HUBSPOT)
    summary(sfa, "contact", "c.csv", "--on-missing", "create")
    head = "Record ID,Note body,Activity date,Associated Contact\n"
    write(sfa, "n.csv", head + "1,Called,2026-01-05 10:00,J. Silva (jo@silva.example)\n2,Met,2026-01-06 10:00,New One (new@one.example)\n")
    done = summary(sfa, "activity", "n.csv", "--on-missing", "create")
    assert done["created"] == {"contact": 1}
    assert {r["text"]: r["contact"] for r in listed(sfa, "activity")} == {"Called": "Jo Silva", "Met": "New One"}
    assert {r["kind"] for r in listed(sfa, "activity")} == {"note"}
    assert "new@one.example" in {r["email"] for r in listed(sfa, "contact")}


def test_reasons_say_what_can_be_done(sfa: Sfa) -> None:
    write(sfa, "l.csv", "Name,Company,Owner,Status\n" + "".join(f"P {n},C {n},Rep {n},frobbed\n" for n in range(25)))
    refused = sfa("import", "lead", "l.csv")
    assert refused.code == 4 and "  15 more: status: … is not" not in refused.err
    assert "[values.status] in a map file says" in refused.err
    write(sfa, "m.csv", "Name,Company,Owner\n" + "".join(f"P {n},C {n},Rep {n}\n" for n in range(25)))
    refused = sfa("import", "lead", "m.csv")
    assert "  15 more: no user is called …\nHint: --on-missing create makes users, --on-missing blank leaves" in refused.err
    write(sfa, "a.csv", "Subject,Date\nx,2026-01-05\n")
    assert "--set field=value gives a value to every row" in sfa("import", "activity", "a.csv").err


def test_a_title_page_is_no_table(sfa: Sfa) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(str(sfa.folder / "b.xlsx"))
    book.add_worksheet("Übersicht").write(0, 0, "Leadliste")
    book.add_worksheet("Leads").write_row(0, 0, ["Firma", "Ansprechpartner", "Status"])
    book.get_worksheet_by_name("Leads").write_row(1, 0, ["Bau GmbH", "Uwe Böhm", "in Bearbeitung"])
    book.close()
    assert summary(sfa, "lead", "b.xlsx")["files"][0]["part"] == "Leads"
    assert [(r["name"], r["status"]) for r in listed(sfa, "lead")] == [("Uwe Böhm", "working")]
    refused = sfa("import", "lead", "b.xlsx", "--sheet", "Übersicht")
    assert refused.code == 2


@pytest.mark.parametrize(
    ("word", "kind"), [("deals", "opp"), ("companies", "account"), ("客户", "account"), ("people", "contact"), ("Notes", "activity")]
)
def test_kinds_by_what_other_products_call_them(sfa: Sfa, word: str, kind: str) -> None:
    write(sfa, "x.csv", "name,text,kind,when\nA,B,note,2026-01-05\n")
    assert json.loads(sfa.ok("import", word, "x.csv", "--dry-run", "--json").out)["kind"] == kind


def test_no_kind_is_made_up(sfa: Sfa) -> None:
    write(sfa, "x.csv", "name\nA\n")
    for word in ("dealstage", "dealcontacts", "campaigns"):
        assert sfa("import", word, "x.csv").code == 2
