# ruff: noqa: E501
"""Exports of lists by HubSpot, Pipedrive and Zoho: ids beside names that several records have, pipelines that are not there yet, tasks
that are still to be done, numbers that activities and notes share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bundlekit import Rows, written
from conftest import Sfa

STAMP = "2026-03-01 09:00:00"


def load(sfa: Sfa, path: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("import", "bundle", str(path), *more, "--json").json
    return found


def by_id(sfa: Sfa, noun: str) -> dict[str, Any]:
    return {r["external_id"]: r for r in sfa.ok(noun, "list", "--json").json}


def pipedrive() -> dict[str, Rows]:
    def deal(n: int, pipeline: str, stage: str, status: str, won: str = "", lost: str = "") -> dict[str, str]:
        return {
            "Deal - ID": str(n), "Deal - Title": f"Deal {n}", "Deal - Value": "100", "Deal - Currency of Value": "EUR",
            "Deal - Organization": "Twin Oy", "Deal - Organization ID": "2", "Deal - Pipeline": pipeline, "Deal - Contact person": "Ann",
            "Deal - Contact person ID": "12", "Deal - Stage": stage, "Deal - Status": status, "Deal - Deal created": STAMP,
            "Deal - Won time": won, "Deal - Lost time": lost, "Deal - Deal closed on": "", "Deal - Owner": "Ida Holm",
        }  # fmt: skip

    return {
        "organizations-77-1.csv": [{"Organization - ID": str(n), "Organization - Name": "Twin Oy"} for n in (1, 2)],
        "people-77-1.csv": [
            {"Person - ID": str(n), "Person - Name": "Ann", "Person - Organization": "Twin Oy", "Person - Organization ID": str(n - 10),
             "Person - Email - Work": f"ann{n}@twin.example", "Person - Marketing status": status}
            for n, status in ((11, "Subscribed"), (12, "Unsubscribed"))
        ],
        "deals-77-1.csv": [
            deal(1, "Pipeline", "Contact Made", "Open"), deal(2, "Renewals", "Review", "Open"),
            deal(3, "Renewals", "Offer", "Won", won="2026-05-02 10:00:00"), deal(4, "Pipeline", "Qualified", "Lost", lost="2026-06-03 10:00:00"),
        ],
        "activities-77-1.csv": [
            {"Activity - ID": str(n), "Activity - Done": done, "Activity - Type": kind, "Activity - Subject": f"Subject {n}",
             "Activity - Due date": "2026-04-02", "Activity - Due time": "10:30", "Activity - Duration": "00:45", "Activity - Add time": STAMP,
             "Activity - Deal": "Deal 1", "Activity - Deal ID": "1", "Activity - Note": "More", "Activity - Assigned to user": "Ida Holm"}
            for n, done, kind in ((1, "Done", "Call"), (2, "To do", "Task"))
        ],
        "notes-77-1.csv": [{"Note - ID": "1", "Note - Content": "Met", "Note - Deal": "Deal 2", "Note - User": "Ida Holm", "Note - Add time": STAMP}],
    }  # fmt: skip


def test_pipedrive(sfa: Sfa) -> None:
    path = written(sfa.folder / "export", pipedrive())
    refused = sfa("import", "bundle", str(path))
    assert refused.code == 4 and "no pipeline is called 'Renewals'" in refused.err
    assert "--on-missing create makes pipelines and stages" in refused.err
    done = load(sfa, path, "--on-missing", "create")
    assert (done["new"], done["pipelines"], done["stages"]) == (11, ["Renewals"], ["Contact Made", "Qualified"])
    deals = by_id(sfa, "opp")
    assert [(deals[n]["pipeline"], deals[n]["stage"], deals[n]["closed"]) for n in "1234"] == [
        ("Sales", "Contact Made", None), ("Renewals", "Review", None), ("Renewals", "Won", "2026-05-02"), ("Sales", "Lost", "2026-06-03"),
    ]  # fmt: skip
    contacts = by_id(sfa, "contact")
    assert not contacts["11"]["opt_out_email"] and contacts["12"]["opt_out_email"]
    events = {a["text"]: a for a in sfa.ok("activity", "list", "--json").json}
    call, task, note = events["Subject 1\nMore"], events["Subject 2\nMore"], events["Met"]
    assert (call["kind"], call["when"], call["duration"], call["next_step"]) == ("call", "2026-04-02T10:30:00Z", 45, None)
    assert (task["when"], task["next_step"], task["due"], task["done"]) == ("2026-03-01T09:00:00Z", "Subject 2", "2026-04-02", False)
    assert (note["opportunity"], note["kind"]) == ("Deal 2", "note")
    assert load(sfa, path, "--on-missing", "create")["operation"] is None
    sfa.ok("undo", "--yes")
    assert sfa.ok("pipeline", "list", "--json").json[0]["name"] == "Sales" and len(sfa.ok("pipeline", "list", "--json").json) == 1


def test_ids_go_before_names_that_several_have(sfa: Sfa) -> None:
    load(sfa, written(sfa.folder / "export", pipedrive()), "--on-missing", "create")
    people = {c["external_id"]: c for c in sfa.ok("contact", "list", "--json", "--columns", "ref,external_id,email").json}
    moved = sfa.ok("opp", "list", f"contact:{people['12']['ref']}", "--json").json
    assert len(moved) == 4


def test_zohos_tasks_calls_and_users(sfa: Sfa) -> None:
    files: dict[str, Rows] = {
        "Users_001.csv": [
            {"Record Id": f"zcrm_{n}", "First Name": first, "Last Name": "Holm", "Email": f"{first}@z.example", "Status": status}
            for n, first, status in ((1, "Ida", "active"), (2, "Old", "inactive"))
        ],
        "Accounts_001.csv": [
            {"Record Id": f"zcrm_1{n}", "Account Owner.id": "zcrm_2", "Account Owner": "Old Holm", "Account Name": "Twin", "Modified Time": STAMP,
             "Parent Account.id": parent, "Parent Account": "Twin" if parent else ""}
            for n, parent in ((1, "zcrm_12"), (2, ""))
        ],
        "Leads_001.csv": [
            {"Record Id": f"zcrm_3{n}", "Lead Owner.id": "zcrm_1", "Lead Owner": "Ida Holm", "Last Name": f"Moss{n}", "Company": "Mill",
             "Lead Status": status, "Is Converted": converted}
            for n, status, converted in ((1, "Contacted", "false"), (2, "Contacted", "true"), (3, "", "false"))
        ],
        "Tasks_001.csv": [
            {"Record Id": f"zcrm_4{n}", "Task Owner.id": "zcrm_1", "Task Owner": "Ida Holm", "Subject": "Send it", "Due Date": "2026-12-01",
             "Status": status, "Created Time": STAMP, "Modified Time": STAMP}
            for n, status in ((1, "Not Started"), (2, "Completed"))
        ],
        "Calls_001.csv": [
            {"Record Id": "zcrm_51", "Call Owner.id": "zcrm_1", "Call Owner": "Ida Holm", "Subject": "Rang", "Call Type": "Inbound",
             "Call Start Time": "2026-02-03 10:00:00", "Call Duration": "05:10", "Call Duration (in seconds)": "310", "Created Time": STAMP}
        ],
    }  # fmt: skip
    done = load(sfa, written(sfa.folder / "export", files))
    assert done["rejected"] == 0 and done["created"] == {}
    assert {u["name"]: u["active"] for u in by_id(sfa, "user").values() if u["external_id"]} == {"Ida Holm": True, "Old Holm": False}
    leads = by_id(sfa, "lead")
    assert [leads[f"zcrm_3{n}"]["status"] for n in (1, 2, 3)] == ["working", "converted", "new"]
    assert not [n for p in done["files"] for n in p["notes"] if "status" in n]
    events = by_id(sfa, "activity")
    task, over, call = (events[f"zcrm_{n}"] for n in (41, 42, 51))
    assert (task["next_step"], task["due"], task["when"]) == ("Send it", "2026-12-01", "2026-03-01T09:00:00Z")
    assert (over["next_step"], over["when"][:10]) == (None, "2026-12-01")
    assert (call["when"], call["direction"], call["duration"]) == ("2026-02-03T10:00:00Z", "in", 6)


def test_hubspots_tasks_and_second_pipeline(sfa: Sfa) -> None:
    files: dict[str, Rows] = {
        "hubspot-crm-exports-all-deals-2026-11-20.csv": [
            {"Record ID": str(n), "Deal Name": f"Deal {n}", "Deal Stage": stage, "Pipeline": "Partners", "Close Date": STAMP, "Create Date": STAMP,
             "Deal owner": "Ida Holm (ida@house.example)", "Amount": "5", "Deal probability": chance, "Is Closed Won": won, "Is Deal Closed?": over}
            for n, (stage, chance, won, over) in enumerate(
                (("Pilot", "0.4", "false", "false"), ("Signed", "1", "true", "true"), ("Dropped", "0", "false", "true")), 1)
        ],
        "hubspot-crm-exports-all-tasks-2026-11-20.csv": [
            {"Record ID": str(n), "Task Title": "Ring back", "Task notes": "soon", "Task Status": status, "Task Type": "Call",
             "Due date": "2026-12-24 10:00", "Assigned to": "Ida Holm (ida@house.example)", "Create date": STAMP, "Associated Deal IDs": "1"}
            for n, status in ((8, "Not started"), (9, "Completed"))
        ],
    }  # fmt: skip
    done = load(sfa, written(sfa.folder / "export", files), "--on-missing", "create")
    assert done["pipelines"] == ["Partners"]
    stages = [(s["name"], s["probability"], s["outcome"]) for s in sfa.ok("stage", "list", "pipeline:Partners", "--json").json]
    assert stages == [("Pilot", 40, "open"), ("Dropped", 0, "lost"), ("Signed", 100, "won")]
    task, over = (by_id(sfa, "activity")[n] for n in "89")
    assert (task["kind"], task["text"], task["next_step"], task["due"]) == ("call", "Ring back\nsoon", "Ring back", "2026-12-24")
    assert (task["opportunity"], over["next_step"], over["when"][:10]) == ("Deal 1", None, "2026-12-24")


def test_dynamics_says_in_its_columns_what_a_file_holds(sfa: Sfa) -> None:
    def rows(thing: str, *rows: dict[str, str]) -> Rows:
        return [
            {f"(Do Not Modify) {thing}": f"{n}b5b5fab-8f4d-3e27-dda1-494c73cf256d", "(Do Not Modify) Row Checksum": "x", **r}
            for n, r in enumerate(rows, 1)
        ]

    files = {
        "My Open Things 11-20-2026 10-15-00 AM.csv": rows("Lead", {"Name": "Pat Doe", "Last Name": "Doe", "Company Name": "Mill", "Do not allow Bulk Emails": "Do Not Allow", "Status Reason": "Contacted", "Owner": "Ida Holm"}),
        "Contacts.csv": rows("Contact", {"Full Name": "Ann Lee", "Last Name": "Lee", "Do not allow Emails": "Do Not Allow", "Do not allow Phone Calls": "Allow"}),
        "Accounts.csv": rows("Account", {"Account Name": "Contoso"}),
        "All Opportunities.csv": rows(
            "Opportunity",
            *({"Topic": f"Deal {s}", "Potential Customer": "Contoso", "Account": "", "Contact": "Ann Lee", "Est. Revenue": "$5.00", "Pipeline Phase": "3-Propose",
               "Status": s, "Currency": "US Dollar", "Est. Close Date": "06/27/2026", "Actual Close Date": "06/28/2026" if s != "Open" else ""} for s in ("Open", "Won", "Lost")),
        ),
        "Doings.csv": rows("Activity", {"Activity Type": "Phone Call", "Subject": "Ring", "Regarding": "Deal Open", "Activity Status": "Open", "Due Date": "06/29/2026 1:00 PM", "Created On": "06/20/2026 1:00 PM"}),
        "Staff.csv": rows("User", {"Full Name": "Ida Holm", "Primary Email": "ida@c.example", "Status": "Disabled"}),
    }  # fmt: skip
    done = load(sfa, written(sfa.folder / "export", files))
    assert {p["file"].split(".")[0].split(" 11")[0]: p["kind"] for p in done["files"]} == {
        "My Open Things": "lead", "Contacts": "contact", "Accounts": "account", "All Opportunities": "opp", "Doings": "activity", "Staff": "user",
    }  # fmt: skip
    (lead,), (contact,) = (sfa.ok(noun, "list", "--json").json for noun in ("lead", "contact"))
    assert lead["opt_out_email"] and contact["opt_out_email"] and not contact["opt_out_phone"]
    assert {d["name"]: (d["stage"], d["account"]) for d in sfa.ok("opp", "list", "--json").json} == {
        "Deal Open": ("Proposal", "Contoso"), "Deal Won": ("Won", "Contoso"), "Deal Lost": ("Lost", "Contoso"),
    }  # fmt: skip
    (call,) = sfa.ok("activity", "list", "--json").json
    assert (call["kind"], call["opportunity"], call["due"], call["next_step"]) == ("call", "Deal Open", "2026-06-29", "Ring")
    assert [u["active"] for u in sfa.ok("user", "list", "--json").json if u["name"] == "Ida Holm"] == [False]


def test_odoos_files_hold_two_kinds_each(sfa: Sfa) -> None:
    files: dict[str, Rows] = {
        "Contact (res.partner).csv": [
            {"External ID": f"__export__.res_partner_{n}", "Name": name, "Is a Company": company, "Related Company": parent, "Salesperson": "Ida Holm", "Email": ""}
            for n, name, company, parent in ((1, "Azure", "True", ""), (2, "Brandon Field", "False", "Azure"))
        ],
        "Lead_Opportunity (crm.lead).csv": [
            {"External ID": f"__export__.crm_lead_{n}", "Opportunity": f"Quote {n}", "Type": of, "Customer": "Azure", "Contact Name": "Brandon Field", "Company Name": "",
             "Salesperson": "Ida Holm", "Stage": "Proposition", "Expected Revenue": "40000.0", "Probability": "33.52", "Created on": STAMP, "Active": active}
            for n, of, active in ((1, "Opportunity", "True"), (2, "Opportunity", "False"), (3, "Lead", "True"))
        ],
    }  # fmt: skip
    path = written(sfa.folder / "export", files)
    done = load(sfa, path)
    assert [(p["file"].split(" of ")[0], p["new"]) for p in done["files"]] == [
        ("companies", 1),
        ("people", 1),
        ("opportunities", 2),
        ("leads", 1),
    ]
    (contact,), (lead,) = (sfa.ok(noun, "list", "--json").json for noun in ("contact", "lead"))
    assert (contact["name"], contact["account"]) == ("Brandon Field", "Azure") and (lead["name"], lead["company"]) == (
        "Brandon Field",
        "Azure",
    )
    assert {d["name"]: (d["stage"], d["account"], d["contact"], d["probability"]) for d in sfa.ok("opp", "list", "--json").json} == {
        "Quote 1": ("Proposal", "Azure", "Brandon Field", 34), "Quote 2": ("Lost", "Azure", "Brandon Field", 0),
    }  # fmt: skip
    assert load(sfa, path)["operation"] is None
    files["Contact (res.partner).csv"].append({**files["Contact (res.partner).csv"][1], "External ID": "x3", "Email": "none of it"})
    path = written(sfa.folder / "export2", files)
    assert sfa("import", "bundle", str(path), "--rejects", "bad").code == 7
    (bad,) = (sfa.folder / "bad").iterdir()
    bad.write_text(bad.read_text(encoding="utf-8").replace("none of it", "b@azure.example"), encoding="utf-8")
    assert [(p["kind"], p["new"]) for p in load(sfa, sfa.folder / "bad")["files"]] == [("contact", 1)]


def test_suitecrms_parents_owners_and_base_currency(sfa: Sfa) -> None:
    files: dict[str, Rows] = {
        "Accounts.csv": [{"Name": f"Mill {n}", "ID": f"{n}b5b5fab-8f4d-3e27-dda1-494c73cf256d", "Parent Account ID": parent, "Assigned User Name": "ida", "Assigned User ID": "u1", "Deleted": "0"}
                         for n, parent in ((1, "2b5b5fab-8f4d-3e27-dda1-494c73cf256d"), (2, ""))],
        "Opportunities.csv": [{"Opportunity Name": f"Deal {n}", "ID": f"{n}c5b5fab-8f4d-3e27-dda1-494c73cf256d", "Opportunity Amount": "1,250.50", "Currency": "-99", "Sales Stage": "Prospecting",
                               "Account Name": "Mill 1", "Assigned User Name": "ida", "Deleted": gone} for n, gone in ((1, "0"), (2, "1"))],
        "Calls.csv": [{"Subject": f"Call {n}", "ID": f"{n}d5b5fab-8f4d-3e27-dda1-494c73cf256d", "Status": "Held", "Start Date": "2026-04-30 10:00", "Parent Type": "Opportunities",
                       "Parent ID": f"{n}c5b5fab-8f4d-3e27-dda1-494c73cf256d", "Assigned User Name": "ida"} for n in (1, 2)],
    }  # fmt: skip
    done = load(sfa, written(sfa.folder / "export", files))
    assert (done["new"], done["deleted"]) == (5, 1)
    assert {a["name"]: a["parent"] for a in sfa.ok("account", "list", "--json").json} == {"Mill 1": "Mill 2", "Mill 2": None}
    (deal,) = sfa.ok("opp", "list", "--json").json
    assert deal["amount"] == {"amount": "1250.50", "currency": "USD"}
    assert [(c["owner"], c["opportunity"]) for c in by_id(sfa, "activity").values()] == [("ida", "Deal 1"), ("ida", None)]


def test_a_chinese_folder(sfa: Sfa) -> None:
    files: dict[str, Rows] = {
        "客户_20261120.csv": [{"客户编号": f"KH{n}", "客户名称": "同名公司", "电话": "", "负责人": "张三", "创建时间": "2024/3/5 10:20"} for n in (1, 2)],
        "联系人.csv": [{"联系人编号": "LX1", "姓名": "王伟", "客户编号": "KH2", "客户名称": "同名公司", "手机": "", "邮箱": "w@x.example"}],
        "商机.csv": [
            {"商机编号": f"SJ{n}", "商机名称": f"采购{n}", "客户编号": f"KH{n}", "客户名称": "同名公司", "销售阶段": stage, "预估金额": "120万", "预计成交日期": "2026年5月6日"}
            for n, stage in ((1, "赢单"), (2, "商务会谈"))
        ],
    }  # fmt: skip
    folder = written(sfa.folder / "export", files)
    for path in folder.iterdir():
        path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    done = load(sfa, folder, "--on-missing", "create")
    assert (done["new"], done["stages"]) == (5, ["商务会谈"])
    assert {d["name"]: d["stage"] for d in sfa.ok("opp", "list", "--json").json} == {"采购1": "Won", "采购2": "商务会谈"}
    accounts = {a["external_id"]: a["ref"] for a in sfa.ok("account", "list", "--json").json}
    assert [c["name"] for c in sfa.ok("contact", "list", f"account:{accounts['KH2']}", "--json").json] == ["王伟"]
    assert [d["name"] for d in sfa.ok("opp", "list", f"account:{accounts['KH1']}", "--json").json] == ["采购1"]


def workbook(path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        for name, rows in (
            ("Read me", [["Our export"], ["of 2026"]]),
            (
                "Contacts",
                [
                    ["Contact ID", "First Name", "Last Name", "Account Name", "Employees"],
                    [7, "Ann", "Lee", "Mill", ""],
                    [8, "Bo", "Ray", "Nowhere", ""],
                ],
            ),
            ("Accounts", [["Account ID", "Account Name", "Zip"], [1001, "Mill", "01067"]]),
            ("Empty", []),
        ):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)  # fmt: skip


def test_every_sheet_of_a_workbook(sfa: Sfa) -> None:
    workbook(sfa.folder / "crm.xlsx")
    refused = sfa("import", "bundle", "crm.xlsx")
    assert refused.code == 4 and "crm.xlsx/Contacts: 1 row cannot be loaded" in refused.err
    found = sfa("import", "bundle", "crm.xlsx", "--rejects", "bad", "--json")
    assert found.code == 7 and [(p["file"], p["new"]) for p in found.json["files"]] == [("crm.xlsx/Accounts", 1), ("crm.xlsx/Contacts", 1)]
    assert [(f["file"], f["rows"]) for f in found.json["left_out"]] == [("crm.xlsx/Read me", 1)]
    (bad,) = (sfa.folder / "bad").rglob("*.csv")
    assert bad.name == "Contacts.csv"
    bad.write_text(bad.read_text(encoding="utf-8").replace("Nowhere", "Mill"), encoding="utf-8")
    assert load(sfa, sfa.folder / "bad")["new"] == 1
    assert {c["name"]: (c["account"], c["external_id"]) for c in sfa.ok("contact", "list", "--json").json} == {
        "Ann Lee": ("Mill", "7"),
        "Bo Ray": ("Mill", "8"),
    }
    sfa.ok("import", "bundle", "crm.xlsx", "--save-map", "maps", "--dry-run", "--map", "Contacts=none")
    assert [p.name for p in (sfa.folder / "maps").iterdir()] == ["Accounts.toml"]
    assert sfa.ok("import", "bundle", "crm.xlsx", "--map", "Contacts=none", "--json").json["read"] == 1
