"""`sfa import` through the program: what becomes of rows, what stops an import, what a summary says, that nothing is left half done."""

from __future__ import annotations

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa

LEADS = """Name,Company,Email,Lead Source,Shoe size
Jo Silva,Silva Lda,jo@silva.example,Web,38
王伟,北京科技有限公司,wang@keji.example,Referral,
"""


def write(sfa: Sfa, name: str, text: str, encoding: str = "utf-8") -> str:
    (sfa.folder / name).write_bytes(text.encode(encoding))
    return name


def summary(sfa: Sfa, *argv: str, input: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("import", *argv, "--json", input=input).json
    return found


def listed(sfa: Sfa, noun: str, *argv: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sfa.ok(noun, "list", *argv, "--json").json
    return found


def dump(sfa: Sfa) -> list[str]:
    with sqlite3.connect(sfa.db) as db:
        return list(db.iterdump())


def operations(sfa: Sfa) -> int:
    with sqlite3.connect(sfa.db) as db:
        return int(db.execute("SELECT count(*) FROM op").fetchone()[0])


def test_a_first_import_and_the_same_again(sfa: Sfa) -> None:
    write(sfa, "leads.csv", LEADS)
    first = summary(sfa, "lead", "leads.csv")
    assert {k: first[k] for k in ("file", "kind", "read", "new", "rejected", "dry_run")} == {
        "file": "leads.csv",
        "kind": "lead",
        "read": 2,
        "new": 2,
        "rejected": 0,
        "dry_run": False,
    }
    assert first["left_out"] == [{"column": "Shoe size", "cells": 1}] and first["operation"]
    assert first["files"][0]["columns"] == {"Name": "name", "Company": "company", "Email": "email", "Lead Source": "source"}
    jo = next(r for r in listed(sfa, "lead") if r["name"] == "Jo Silva")
    assert (jo["first_name"], jo["last_name"], jo["company"], jo["source"], jo["status"]) == ("Jo", "Silva", "Silva Lda", "Web", "new")
    assert jo["owner"] == "anna" and jo["created"] == "2026-11-23"
    before = dump(sfa)
    again = summary(sfa, "lead", "leads.csv")
    assert (again["unchanged"], again["new"], again["operation"]) == (2, 0, None)
    assert dump(sfa) == before


def test_one_import_is_one_operation_and_undo_takes_it_back(sfa: Sfa) -> None:
    write(sfa, "leads.csv", LEADS)
    sfa.ok("import", "lead", "leads.csv")
    assert "L-2" in sfa.ok("search", "北京").out
    sfa.ok("undo")
    assert listed(sfa, "lead") == []
    sfa.ok("redo")
    assert len(listed(sfa, "lead")) == 2


def test_standard_input(sfa: Sfa) -> None:
    assert summary(sfa, "lead", "-", input=LEADS)["new"] == 2
    assert summary(sfa, "lead", "-", input="Name;E-mail;created\nA B;a@b.example;23/11/2026\nC D;c@d.example;01/02/2026\n")["new"] == 2
    assert {r["name"]: r["created"] for r in listed(sfa, "lead")}["C D"] == "2026-02-01"


def test_a_trial_writes_nothing_and_counts_the_same(sfa: Sfa) -> None:
    write(sfa, "leads.csv", LEADS)
    trial = summary(sfa, "lead", "leads.csv", "--dry-run")
    assert not sfa.db.exists()
    real = summary(sfa, "lead", "leads.csv")
    fixed = ("read", "new", "updated", "unchanged", "skipped", "duplicates", "rejected", "created", "left_out")
    assert {k: trial[k] for k in fixed} == {k: real[k] for k in fixed}
    assert trial["dry_run"] and trial["operation"] is None
    before = dump(sfa)
    shown = sfa.ok("import", "lead", "leads.csv", "--dry-run")
    assert dump(sfa) == before
    assert "Company     → company" in shown.err and "left out: Shoe size" in shown.err and "Nothing was written" in shown.err


def test_all_rows_or_none(sfa: Sfa) -> None:
    write(sfa, "bad.csv", "Name,Email\nJo,jo@x.example\nMary,nothing\nBen,nothing\n,\n\nUwe,@\n")
    result = sfa("import", "lead", "bad.csv")
    assert result.code == 4
    assert "3 rows cannot be loaded, so none was" in result.err
    assert "line 3 and 1 more: email: 'nothing' is not an e-mail address" in result.err
    assert "--rejects" in result.err
    assert not sfa.db.exists() or listed(sfa, "lead") == []


def test_rejects_go_to_a_file_that_can_be_mended_and_imported(sfa: Sfa) -> None:
    text = 'Name,Company,Email\nJo,"Silva, Lda",jo@x.example\nMary,Green,nothing\nMax,Müller,max@x.example,surplus\n'
    write(sfa, "in.csv", text)
    result = sfa("import", "lead", "in.csv", "--rejects", "bad.csv", "--json")
    assert result.code == 7
    assert (result.json["new"], result.json["rejected"]) == (1, 2)
    with open(sfa.folder / "bad.csv", encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["Name", "Company", "Email", "sfa_line", "sfa_reason"]
    assert rows[1][:4] == ["Mary", "Green", "nothing", "3"] and "is not an e-mail address" in rows[1][4]
    assert rows[2][:4] == ["Max", "Müller", "max@x.example", "surplus"] and rows[2][4] == "4"
    write(sfa, "mended.csv", "Name,Company,Email,sfa_line,sfa_reason\nMary,Green,mary@x.example,3,email\n")
    mended = summary(sfa, "lead", "mended.csv")
    assert (mended["new"], mended["left_out"]) == (1, [])
    assert sfa("import", "lead", "in.csv", "--rejects", "bad.csv").code == 7  # our own file may be written over
    write(sfa, "notes.txt", "keep me")
    refused = sfa("import", "lead", "in.csv", "--rejects", "notes.txt")
    assert refused.code == 1 and (sfa.folder / "notes.txt").read_text() == "keep me"


def test_rejects_of_a_clean_file_leave_no_file(sfa: Sfa) -> None:
    write(sfa, "leads.csv", LEADS)
    sfa.ok("import", "lead", "leads.csv", "--rejects", "bad.csv")
    assert not (sfa.folder / "bad.csv").exists()


DIFFERENT = "Name,Email,Phone,Rating\nJo Silva,jo@silva.example,555-0100,hot\n"


@pytest.mark.parametrize(
    ("policy", "phone", "rating", "count"),
    [("skip", None, "cold", "skipped"), ("fill", "555-0100", "cold", "updated"), ("update", "555-0100", "hot", "updated")],
)
def test_a_row_that_differs_from_its_record(sfa: Sfa, policy: str, phone: str | None, rating: str, count: str) -> None:
    sfa.ok("lead", "add", "Jo Silva", "email=jo@silva.example", "rating=cold", "company=Silva")
    write(sfa, "in.csv", DIFFERENT)
    stopped = sfa("import", "lead", "in.csv")
    assert stopped.code == 5
    assert "line 2: L-1 Jo Silva: phone 555-0100, rating cold → hot" in stopped.err and "--on-duplicate update" in stopped.err
    assert sfa("import", "lead", "in.csv", "--on-duplicate", "fail").code == 5
    done = summary(sfa, "lead", "in.csv", "--on-duplicate", policy)
    assert done[count] == 1
    lead = listed(sfa, "lead")[0]
    assert (lead["phone"], lead["rating"], lead["company"]) == (phone, rating, "Silva")


def test_duplicates_within_a_file(sfa: Sfa) -> None:
    rows = ["Name,Email,Phone", "Jo,jo@x.example,1234", "Jo,JO@x.example,1234", "Jo,jo@x.example,5678", "Joe,jo@x.example,"]
    write(sfa, "in.csv", "\n".join(rows))
    assert sfa("import", "lead", "in.csv").code == 5
    done = summary(sfa, "lead", "in.csv", "--on-duplicate", "update")
    assert [done[k] for k in ("new", "unchanged", "updated", "duplicates", "fields_changed")] == [1, 1, 2, 3, 2]
    lead = listed(sfa, "lead")[0]
    assert (lead["name"], lead["phone"]) == ("Joe", "5678")
    assert len(sfa.ok("search", "joe").out.splitlines()) >= 1


def test_a_row_that_differs_from_an_earlier_row(sfa: Sfa) -> None:
    """The record of an earlier row is not there when nothing was loaded: it has no reference to look for."""
    sfa.ok("lead", "add", "Ann", "--email", "ann@b.example")
    file = write(sfa, "twice.csv", "Name,Company,Email\nPat,A,pat@b.example\nDup,Y,PAT@b.example\n")
    found = sfa("import", "lead", file)
    assert found.code == 5
    assert "1 row differs from an earlier row:\n  line 3: an earlier row, Pat: name Pat → Dup, company A → Y" in found.err
    file = write(sfa, "both.csv", "Name,Company,Email\nPat,A,pat@b.example\nDup,A,PAT@b.example\nAnna,,ann@b.example\n")
    found = sfa("import", "lead", file)
    assert "2 rows differ from earlier rows or records already there:" in found.err
    assert "  line 4: L-1 Ann: name Ann → Anna" in found.err


def test_headers_of_a_person_s_name(sfa: Sfa) -> None:
    sfa.ok("import", "lead", write(sfa, "a.csv", "first,last,company\nJo,Park,Delta\n"))
    sfa.ok("import", "lead", write(sfa, "b.csv", "姓名,公司名称,邮箱\n王伟,北京公司,wang@b.example\n"))
    assert [(r["name"], r["company"]) for r in listed(sfa, "lead")] == [("Jo Park", "Delta"), ("王伟", "北京公司")]


def test_a_reason_names_the_line_once(sfa: Sfa) -> None:
    found = sfa("import", "lead", write(sfa, "open.csv", 'Name,Company\nA,B\n"C,D\n'))
    assert "  line 3: column 1: a quote is opened here and never closed" in found.err


def test_opt_outs_are_never_lifted(sfa: Sfa) -> None:
    sfa.ok("lead", "add", "Jo", "email=jo@x.example", "opt_out_email=2026-01-05 letter")
    write(sfa, "in.csv", "Name,Email,HasOptedOutOfEmail,Do Not Call\nJo,jo@x.example,FALSE,1\n")
    sfa.ok("import", "lead", "in.csv", "--on-duplicate", "update", "--source", "fair")
    lead = listed(sfa, "lead")[0]
    assert lead["opt_out_email"] == {"date": "2026-01-05", "source": "letter"}
    assert lead["opt_out_phone"] == {"date": "2026-11-23", "source": "fair"}
    later = sfa.process("import", "lead", "in.csv", "--source", "fair", "--json", env={"SFA_TODAY": "2026-12-24"})
    assert later.json["unchanged"] == 1


def test_references(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Blue Harbor Ltd")
    sfa.ok("user", "add", "Ben Okafor", "email=ben@house.example")
    write(sfa, "c.csv", "Name,Account,Owner\nA One,blue harbor ltd,ben@house.example\nB Two,Blue Harbour Ltd,me\n")
    wrong = sfa("import", "contact", "c.csv")
    assert wrong.code == 4 and "line 3: no account is called 'Blue Harbour Ltd'; did you mean 'Blue Harbor Ltd'?" in wrong.err
    blank = summary(sfa, "contact", "c.csv", "--on-missing", "blank", "--dry-run")
    assert (blank["new"], blank["blanked"]) == (2, {"account": 1})
    made = summary(sfa, "contact", "c.csv", "--on-missing", "create")
    assert made["created"] == {"account": 1}
    assert [(r["account"], r["owner"]) for r in listed(sfa, "contact", "--sort", "name")] == [
        ("Blue Harbor Ltd", "Ben Okafor"),
        ("Blue Harbour Ltd", "anna"),
    ]
    sfa.ok("undo")
    assert len(listed(sfa, "account")) == 1


def test_an_ambiguous_reference_is_a_reason(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme", "country=Italy")
    sfa.ok("account", "add", "Acme", "country=Peru")
    write(sfa, "c.csv", "Name,Account\nA One,Acme\n")
    assert "2 accounts are called 'Acme'" in sfa("import", "contact", "c.csv").err
    write(sfa, "a.csv", "Name,Phone\nAcme,555-0100\n")
    assert "2 accounts are called 'acme'" in sfa("import", "account", "a.csv").err


def test_parents_may_come_later_at_any_depth(sfa: Sfa) -> None:
    names = [f"Firm {i}" for i in range(30)]
    body = [f"{name},{parent}" for name, parent in zip(names, [*names[1:], ""], strict=True)]
    write(sfa, "a.csv", "\n".join(["Name,Parent account,x", *(b + ",1" for b in body)]))
    done = summary(sfa, "account", "a.csv")
    assert (done["new"], done["left_out"]) == (30, [{"column": "x", "cells": 30}])
    assert {r["name"]: r["parent"] for r in listed(sfa, "account")} == dict(zip(names, [*names[1:], None], strict=True))
    assert summary(sfa, "account", "a.csv")["unchanged"] == 30


def test_a_circle_of_parents_is_refused(sfa: Sfa) -> None:
    write(sfa, "a.csv", "Name,Parent\nA,B\nB,A\nC,C\nD,\n")
    result = sfa("import", "account", "a.csv", "--rejects", "bad.csv", "--json")
    assert (result.code, result.json["new"], result.json["rejected"]) == (7, 1, 3)
    sfa.ok("account", "add", "A")
    write(sfa, "b.csv", "Name,Parent\nE,A\nA,E\n")
    assert "would make a circle" in sfa("import", "account", "b.csv", "--on-duplicate", "update").err


def test_managers_are_created_where_the_file_has_no_row_for_them(sfa: Sfa) -> None:
    write(sfa, "u.csv", "Name,Manager\nBen,Carla\nCarla,Dora\n")
    done = summary(sfa, "user", "u.csv", "--on-missing", "create")
    assert (done["new"], done["created"]) == (2, {"user": 1})
    assert {r["name"]: r["manager"] for r in listed(sfa, "user")} | {"anna": None} == {
        "anna": None,
        "Ben": "Carla",
        "Carla": "Dora",
        "Dora": None,
    }


def test_external_ids_by_source(sfa: Sfa) -> None:
    write(sfa, "a.csv", "Id,Name\n001,Acme\n002,Acme\n")
    assert summary(sfa, "account", "a.csv", "--source", "crm")["new"] == 2
    write(sfa, "b.csv", "Id,Name,Phone\n001,Acme International,555-0100\n")
    done = summary(sfa, "account", "b.csv", "--source", "crm", "--on-duplicate", "update")
    assert (done["updated"], done["fields_changed"]) == (1, 2)
    assert sorted(r["name"] for r in listed(sfa, "account")) == ["Acme", "Acme International"]
    write(sfa, "c.csv", "Name,AccountId\nJo One,001\nMo Two,002\n")
    sfa.ok("import", "contact", "c.csv", "--source", "crm")
    assert {r["account_ref"] for r in listed(sfa, "contact")} == {"A-1", "A-2"}
    assert summary(sfa, "account", "a.csv", "--source", "erp", "--on-duplicate", "skip")["new"] == 1  # `Acme International` is no Acme


def test_an_id_that_belongs_to_another_record_is_a_reason(sfa: Sfa) -> None:
    write(sfa, "a.csv", "external_id,name\nX1,One\nX2,Two\n")
    sfa.ok("import", "account", "a.csv")
    exported = sfa.ok("export", "account", "--columns", "id,name,external_id").out.replace("One,X1", "One,X2")
    write(sfa, "b.csv", exported)
    assert "its external id 'X2' belongs to A-2" in sfa("import", "account", "b.csv", "--on-duplicate", "update").err


DEALS = """Name,Account,Stage,Amount,Currency,Close Date,Created Date,Forecast Category
Open deal,Acme,Proposal,1000,,12/31/2026,1/5/2026,Commit
Won deal,Acme,Closed Won,2000.50,EUR,6/30/2026,1/5/2026,Closed
Lost deal,Acme,closed lost,300,,5/15/2026,2/15/2026,Omitted
,Acme,Won,400,,7/1/2026,1/5/2026,
"""


def test_deals(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme")
    write(sfa, "o.csv", DEALS)
    done = sfa("import", "opp", "o.csv")
    assert done.code == 0, done.err
    deals = {r["name"]: r for r in listed(sfa, "opp")}
    assert {n: (d["stage"], d["probability"], d["category"], d["close"], d["closed"], d["opened"]) for n, d in deals.items()} == {
        "Open deal": ("Proposal", 50, "commit", "2026-12-31", None, "2026-01-05"),
        "Won deal": ("Won", 100, "closed", "2026-06-30", "2026-06-30", "2026-01-05"),
        "Lost deal": ("Lost", 0, "omitted", "2026-05-15", "2026-05-15", "2026-02-15"),
        "Acme": ("Won", 100, "closed", "2026-07-01", "2026-07-01", "2026-01-05"),
    }
    assert deals["Won deal"]["amount"] == {"amount": "2000.50", "currency": "EUR"}
    assert summary(sfa, "opp", "o.csv")["unchanged"] == 4


def test_deals_move_and_reopen_by_import(sfa: Sfa) -> None:
    head = "external_id,name,stage,close\n"
    write(sfa, "o.csv", head + "D1,Deal,Proposal,2026-12-31\nD2,Other,Lost,2026-03-01\n")
    sfa.ok("import", "opp", "o.csv")
    write(sfa, "o.csv", head + "D1,Deal,Won,2026-11-20\nD2,Other,Qualification,2026-12-31\n")
    assert summary(sfa, "opp", "o.csv", "--on-duplicate", "update")["updated"] == 2
    won, other = sorted(listed(sfa, "opp"), key=lambda d: str(d["name"]))
    assert (won["stage"], won["closed"], won["category"], won["probability"]) == ("Won", "2026-11-20", "closed", 100)
    assert (other["stage"], other["closed"], other["category"], other["probability"]) == ("Qualification", None, "pipeline", 20)


def test_unknown_stages_are_listed_and_never_made(sfa: Sfa) -> None:
    write(sfa, "o.csv", "Name,Stage\nDeal,Engaging\n")
    for policy in ("reject", "create", "blank"):
        err = sfa("import", "opp", "o.csv", "--on-missing", policy).err
        assert "there is no stage 'Engaging'" in err and "Qualification" in err
    write(sfa, "map.toml", '[values.stage]\nengaging = "Qualification"\n')
    sfa.ok("import", "opp", "o.csv", "--map", "map.toml")
    assert listed(sfa, "opp")[0]["stage"] == "Qualification"


def test_an_open_deal_has_no_closed_date(sfa: Sfa) -> None:
    write(sfa, "o.csv", "Name,Stage,Closed on\nDeal,Proposal,2026-01-01\n")
    assert summary(sfa, "opp", "o.csv")["blanked"] == {"closed": 1}


def test_rows_without_any_id_are_known_by_what_they_say(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme")
    write(
        sfa,
        "act.csv",
        "when,kind,text,account\n2026-11-01 09:00,call,Hello,Acme\n2026-11-01 09:00,call,Hello,Acme\n2026-11-02,note,Hm,Acme\n",
    )
    done = summary(sfa, "activity", "act.csv")
    assert (done["new"], done["unchanged"], done["duplicates"]) == (2, 1, 1)
    assert summary(sfa, "activity", "act.csv")["unchanged"] == 3
    assert all(r["external_id"] is None for r in listed(sfa, "activity"))


def test_other_kinds(sfa: Sfa) -> None:
    write(sfa, "q.csv", "owner,period,amount\nanna,2026-Q4,300k\nanna,2027,1.2m\n")
    write(sfa, "r.csv", "currency,base,date,rate\nEUR,USD,2026-10-01,1.0842\n")
    write(sfa, "s.csv", "name,order,probability,category,outcome\nDemo,2.5,30,pipeline,open\n")
    sfa.ok("account", "add", "x")
    for kind, file, many in (("quota", "q.csv", 2), ("rate", "r.csv", 1), ("stage", "s.csv", 1)):
        assert summary(sfa, kind, file)["new"] == many
        assert summary(sfa, kind, file)["unchanged"] == many
    write(sfa, "q.csv", "owner,period,amount\nanna,2026-Q4,310k\n")
    assert summary(sfa, "quota", "q.csv", "--on-duplicate", "update")["updated"] == 1


def test_a_stage_obeys_its_pipeline(sfa: Sfa) -> None:
    write(sfa, "s.csv", "name,order,probability,category,outcome\nSigned,7,60,commit,won\n")
    assert "won" in sfa("import", "stage", "s.csv").err
    write(sfa, "s.csv", "name,order,outcome\nSigned,7,won\n")
    sfa.ok("import", "stage", "s.csv")
    assert next(s for s in listed(sfa, "stage") if s["name"] == "Signed")["probability"] == 100


def test_several_files_are_one_operation(sfa: Sfa) -> None:
    write(sfa, "a.csv", "Name,Parent\nChild,Mother\n")
    write(sfa, "b.csv", "Company;Land\nMother;DE\n")
    assert sfa("import", "account", "a.csv", "b.csv").code == 4  # the parent is looked for in the same file
    done = summary(sfa, "account", "b.csv", "a.csv")
    assert done["new"] == 2 and len(done["files"]) == 2
    sfa.ok("undo")
    assert listed(sfa, "account") == []


@pytest.mark.parametrize(
    ("encoding", "said"), [("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("cp1252", "cp1252"), ("gb18030", "gb18030")]
)
def test_encodings(sfa: Sfa, encoding: str, said: str) -> None:
    name = "Société générale à Genève" if encoding == "cp1252" else "北京科技有限公司上海分公司"
    write(sfa, "a.csv", f"Name;City\n{name};Köln\n" if encoding != "gb18030" else f"Name;City\n{name};上海\n", encoding)
    done = summary(sfa, "account", "a.csv")
    assert (done["files"][0]["encoding"], done["files"][0]["delimiter"]) == (said, ";")
    assert listed(sfa, "account")[0]["name"] == name


def test_date_orders(sfa: Sfa) -> None:
    write(sfa, "a.csv", "Name,Close Date,Created Date\nD1,03/04/26,13/01/2026\nD2,02/04/26,01/02/2026\n")
    done = summary(sfa, "opp", "a.csv")
    assert "Created Date: dates read day first, as the whole column proves" in done["files"][0]["notes"]
    assert {d["name"]: d["close"] for d in listed(sfa, "opp")} == {"D1": "2026-04-03", "D2": "2026-04-02"}
    write(sfa, "b.csv", "Name,Close Date\nD3,03/04/26\n")
    assert "may be two different days" in sfa("import", "opp", "b.csv").err
    write(sfa, "c.csv", "Name,Close Date\nD3,13/04/26\nD4,04/13/26\n")
    mixed = sfa("import", "opp", "c.csv")
    assert mixed.code == 2 and "column 'Close Date'" in mixed.err
    write(sfa, "map.toml", '[format]\ndates = "mdy"\n')
    sfa.ok("import", "opp", "b.csv", "--map", "map.toml")
    assert {d["name"]: d["close"] for d in listed(sfa, "opp")}["D3"] == "2026-03-04"


def test_a_proof_may_stand_far_down_a_long_file(sfa: Sfa) -> None:
    rows = [f"Deal {i},," for i in range(300)] + ["Last,03/04/26,", "Proof,02/28/26,"]
    write(sfa, "a.csv", "\n".join(["Name,Close Date,x", *rows]))
    sfa.ok("import", "opp", "a.csv")
    assert {d["name"]: d["close"] for d in listed(sfa, "opp")}["Last"] == "2026-03-04"


def test_own_fields_are_matched_and_loaded(sfa: Sfa) -> None:
    sfa.ok("config", "field", "add", "account", "renewal", "date")
    write(sfa, "a.csv", "Name,Renewal\nAcme,2027-01-31\n")
    sfa.ok("import", "account", "a.csv")
    assert listed(sfa, "account")[0]["renewal"] == "2027-01-31"


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("import", "gadgets", "leads.csv"), 2, "no kind of record"),
        (("import", "field", "leads.csv"), 2, "not imported"),
        (("import", "lead", "none.csv"), 3, "there is no file"),
        (("import", "lead", "."), 2, "is a folder"),
        (("import", "lead", "empty.csv"), 2, "empty"),
        (("import", "lead", "leads.csv", "--map", "none.toml"), 2, "cannot be read"),
        (("import", "lead", "leads.csv", "--on-duplicate", "perhaps"), 2, "--on-duplicate"),
        (("import", "lead", "leads.csv", "--on-missing", "perhaps"), 2, "--on-missing"),
        (("import", "lead", "leads.csv", "--format", "csv"), 2, "no format"),
        (("import", "lead", "leads.csv", "--source", "#id"), 2, "source"),
        (("import", "lead", "leads.csv", "--rejects", "no/where.csv"), 2, "cannot be written"),
        (("import", "quota", "leads.csv", "--rejects", "x.csv"), 2, "no column fits"),
    ],
)
def test_what_is_refused_changes_nothing(sfa: Sfa, argv: tuple[str, ...], code: int, said: str) -> None:
    write(sfa, "leads.csv", LEADS)
    write(sfa, "empty.csv", "")
    sfa.ok("account", "add", "Acme")
    before = dump(sfa)
    result = sfa(*argv)
    assert result.code == code and said in result.err, result
    assert dump(sfa) == before
    assert not [p for p in os.listdir(sfa.folder) if p.endswith(".part")]


def test_an_error_as_json(sfa: Sfa) -> None:
    write(sfa, "bad.csv", "Name,Email\nJo,nothing\n")
    result = sfa("import", "lead", "bad.csv", "--json")
    assert result.out == "" and json.loads(result.err)["error"]["exit_code"] == 4


def test_killed_in_the_middle_nothing_is_changed(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme")
    with open(sfa.folder / "big.csv", "w", encoding="utf-8") as stream:
        stream.write("Name,Company,Email\n")
        stream.writelines(f"Person {i},Firm {i % 999},p{i}@x.example\n" for i in range(120_000))
    before = dump(sfa)
    child = subprocess.Popen([sys.executable, "-m", "sfa", "import", "lead", "big.csv"], cwd=sfa.folder, stderr=subprocess.DEVNULL)
    wal = Path(f"{sfa.db}-wal")
    deadline = time.monotonic() + 60
    while child.poll() is None and not (wal.exists() and wal.stat().st_size > 200_000) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert child.poll() is None, "it ended before it could be killed"
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert dump(sfa) == before
    with sqlite3.connect(sfa.db) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    triggers = [line for line in before if "CREATE TRIGGER" in line]
    assert [line for line in dump(sfa) if "CREATE TRIGGER" in line] == triggers


def test_a_long_load_leaves_triggers_indexes_and_search_as_they_were(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme")

    def schema() -> set[tuple[str, str]]:
        with sqlite3.connect(sfa.db) as db:
            return set(db.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))

    before = schema()
    with open(sfa.folder / "big.csv", "w", encoding="utf-8") as stream:
        stream.write("Id,Name,Company,Email\n")
        stream.writelines(f"E{i},Person {i},Firm {i % 99},p{i % 11_000}@x.example\n" for i in range(12_000))
    done = summary(sfa, "lead", "big.csv")
    assert done["new"] == 12_000 and schema() == before
    assert len(sfa.ok("search", "Person 11999").out.splitlines()) >= 1
    sfa.ok("lead", "edit", "L-5", "name=Zebulon")
    assert "Zebulon" in sfa.ok("history", "L-5").out
    assert summary(sfa, "lead", "big.csv", "--on-duplicate", "skip")["skipped"] == 1
    check = sfa("db", "check")
    assert check.code == 0 or "No module" in check.err, check


HISTORY = """OpportunityId,CreatedDate,StageName,Amount,CloseDate,Probability,ForecastCategory
D1,2026-03-01T10:00:00Z,Proposal,900,2026-06-30,50,BestCase
D1,2026-01-10T09:00:00Z,Prospecting,500,2026-05-31,10,Pipeline
D1,2026-06-15T12:00:00Z,Closed Won,1000,2026-06-15,100,Closed
"""


def test_history_of_deals(sfa: Sfa) -> None:
    write(sfa, "o.csv", "Id,Name,Stage,Amount,Close Date,Created Date\nD1,Deal,Won,1000,2026-06-15,2026-01-10\n")
    sfa.ok("import", "opp", "o.csv")
    before = listed(sfa, "opp")
    write(sfa, "h.csv", HISTORY)
    done = summary(sfa, "history", "h.csv")
    assert (done["read"], done["new"], done["kind"]) == (3, 3, "history")
    assert listed(sfa, "opp") == before
    assert listed(sfa, "opp", "--as-of", "2026-01-09") == []

    def then(day: str) -> tuple[Any, ...]:
        deal = listed(sfa, "opp", "--as-of", day)[0]
        return (deal["stage"], deal["amount"]["amount"], deal["close"], deal["closed"], deal["category"], deal["probability"])

    assert then("2026-01-10") == ("Prospecting", "500.00", "2026-05-31", None, "pipeline", 10)
    assert then("2026-03-02") == ("Proposal", "900.00", "2026-06-30", None, "best_case", 50)
    assert then("2026-06-16") == ("Won", "1000.00", "2026-06-15", "2026-06-15", "closed", 100)
    again = summary(sfa, "history", "h.csv")
    assert (again["unchanged"], again["operation"]) == (3, None)
    sfa.ok("undo")
    assert listed(sfa, "opp", "--as-of", "2026-03-02") == [] and listed(sfa, "opp") == before
    sfa.ok("redo")
    assert then("2026-03-02")[0] == "Proposal"


def test_history_rows_that_cannot_be_loaded(sfa: Sfa) -> None:
    write(sfa, "o.csv", "Id,Name,Stage\nD1,Deal,Proposal\n")
    sfa.ok("import", "opp", "o.csv")
    write(
        sfa, "h.csv", "opportunity,changed,stage\nD1,2026-01-10,Prospecting\nD9,2026-01-10,Prospecting\nD1,,Won\nD1,2026-01-10,Engaging\n"
    )
    result = sfa("import", "history", "h.csv", "--rejects", "bad.csv", "--json")
    assert (result.code, result.json["new"], result.json["rejected"]) == (7, 1, 3)
    reasons = (sfa.folder / "bad.csv").read_text(encoding="utf-8")
    assert "no opportunity is called 'D9'" in reasons and "needs changed" in reasons and "no stage 'Engaging'" in reasons


def test_history_after_the_first_known_version_is_passed_over(sfa: Sfa) -> None:
    write(sfa, "o.csv", "Id,Name,Stage\nD1,Deal,Proposal\n")
    sfa.ok("import", "opp", "o.csv")
    write(sfa, "h.csv", "opportunity,changed,stage\nD1,2026-01-10,Prospecting\nD1,2027-01-10,Won\n")
    done = summary(sfa, "history", "h.csv")
    assert (done["new"], done["skipped"]) == (1, 1) and done["notes"]


def test_history_without_currency_is_in_the_deals_own(sfa: Sfa) -> None:
    write(sfa, "o.csv", "Id,Name,Amount,Currency\nD1,Deal,120000,JPY\n")
    sfa.ok("import", "opp", "o.csv")
    write(sfa, "h.csv", "opportunity,changed,stage,amount\nD1,2026-01-10,Prospecting,90000\n")
    sfa.ok("import", "history", "h.csv")
    assert listed(sfa, "opp", "--as-of", "2026-02-01")[0]["amount"] == {"amount": "90000", "currency": "JPY"}


def test_by_what_rows_are_known(sfa: Sfa) -> None:
    """Each row whose record is there counts once, by the first thing that says so: its own id, the other system's, its key."""
    sfa.ok("account", "add", "Old Mill")
    own = sfa.ok("account", "show", "Old Mill", "--json").json["id"]
    first = summary(sfa, "account", write(sfa, "first.csv", "id,external_id,name\n,x1,Acme\n,,Bolt\n,,Bolt\n"))
    assert (first["new"], first["duplicates"], first["matched_by"]) == (2, 1, {"name": 1})
    path = write(sfa, "again.csv", f"id,external_id,name\n,x1,Acme\n,,Bolt\n{own},,Old Mill\n")
    again = summary(sfa, "account", path)
    assert again["unchanged"] == 3 and again["matched_by"] == {"external_id": 1, "name": 1, "id": 1}
    told = sfa.ok("import", "account", path).err
    assert "already there by external id: 1, name: 1, id: 1" in told


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("leads-2026.csv", "It looks like leads: sfa import lead leads-2026.csv"),
        ("deals of 2026.csv", "It looks like opportunities: sfa import opp 'deals of 2026.csv'"),
        ("numbers.csv", "As in sfa import lead numbers.csv"),
        ("crm", "sfa import bundle crm"),
        ("nothing.csv", "sfa import bundle FOLDER"),
    ],
)
def test_a_file_without_its_kind_is_looked_at(sfa: Sfa, word: str, said: str) -> None:
    """Whoever forgets the kind is told the whole line that they wanted."""
    write(sfa, "leads-2026.csv", "First Name,Last Name,Company,Lead Status\nJo,Silva,Silva Lda,new\n")
    write(sfa, "deals of 2026.csv", "Deal Name,Deal Stage,Amount\nCrane,Proposal,9000\n")
    write(sfa, "numbers.csv", "1,2,3\n4,5,6\n")
    (sfa.folder / "crm").mkdir()
    found = sfa("import", word)
    assert found.code == 2 and said in found.err
