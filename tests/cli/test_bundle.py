"""Another product's whole export, by `sfa import bundle`: everything linked, in one operation, and what was not taken is said."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from bundlekit import Rows, by_id, hubspot, quoted, salesforce, sf_id, written, zipped
from conftest import Sfa

STAGES = {"Needs Analysis": "Needs Analysis", "Closed Won": "Won", "Closed Lost": "Lost"}
TYPES = {"New Customer": "new", "Existing Customer - Upgrade": "existing"}


def alive(rows: Rows) -> Rows:
    return [r for r in rows if r.get("IsDeleted") != "1"]


def long(text: str) -> str:
    """The long form of an id of the files: the prefix and the number say which it is."""
    return sf_id(text[:3], int(text[11:15])) if text else ""


def load(sfa: Sfa, path: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("import", "bundle", str(path), *more, "--json").json
    return found


def test_a_weekly_export_of_salesforce(sfa: Sfa) -> None:
    files = salesforce()
    done = load(sfa, zipped(sfa.folder / "WE_00D.zip", files), "--on-missing", "create")
    parts = {p["file"]: p for p in done["files"]}
    taken = [n for n in files if n not in ("PricebookEntry.csv", "Campaign.csv", "CampaignMember.csv")]
    assert sorted(parts) == sorted(taken)
    assert {n: (p["read"], p["deleted"]) for n, p in parts.items()} == {
        n: (len(alive(files[n])), len(files[n]) - len(alive(files[n]))) for n in taken
    }
    assert {(f["file"], f["rows"]) for f in done["left_out"]} == {("PricebookEntry.csv", 1), ("Campaign.csv", 2), ("CampaignMember.csv", 5)}
    assert done["stages"] == ["Needs Analysis", "Negotiation/Review"] and done["created"] == {}
    assert done["rejected"] == 0 and done["new"] == sum(len(alive(files[n])) for n in taken)

    names = {r["Id"]: r["Name"] for n in ("Account.csv", "User.csv") for r in files[n]}
    accounts = by_id(sfa.ok("account", "list", "--json").json)
    assert accounts.keys() == {r["Id"] for r in alive(files["Account.csv"])}
    for row in alive(files["Account.csv"]):
        record = accounts[row["Id"]]
        assert (record["name"], record["owner"]) == (row["Name"], names[long(row["OwnerId"])])
        assert record["description"] == row["Description"] and record["street"] == row["BillingStreet"]
        assert record["parent"] == (names[row["ParentId"]] if row["ParentId"] else None)
    assert accounts[sf_id("001", 1)]["types"] == ["customer"] and accounts[sf_id("001", 3)]["types"] == ["partner"]
    contacts = by_id(sfa.ok("contact", "list", "--json").json)
    assert {i: c["account"] for i, c in contacts.items()} == {r["Id"]: names[long(r["AccountId"])] for r in files["Contact.csv"]}
    assert contacts[sf_id("003", 2)]["opt_out_email"] and not contacts[sf_id("003", 1)]["opt_out_email"]
    users = by_id(sfa.ok("user", "list", "--json").json)
    assert {i: u["manager"] for i, u in users.items() if i} == {r["Id"]: names.get(r["ManagerId"]) for r in files["User.csv"]}
    assert [users[sf_id("005", i)]["active"] for i in (1, 2, 3, 4)] == [True, True, False, True]

    deals = by_id(sfa.ok("opp", "list", "--json").json)
    rows = alive(files["Opportunity.csv"])
    assert deals.keys() == {r["Id"] for r in rows}
    wanted = sum(Decimal(r["Amount"]) for r in rows if r["Amount"])
    assert sum(Decimal(d["amount"]["amount"]) for d in deals.values() if d["amount"]) == wanted
    assert Counter(d["stage"] for d in deals.values()) == Counter(STAGES.get(r["StageName"], r["StageName"]) for r in rows)
    for row in rows:
        deal = deals[row["Id"]]
        assert (deal["account"], deal["owner"]) == (names[long(row["AccountId"])], names[row["OwnerId"]])
        assert deal["type"] == TYPES.get(row["Type"]) and deal["closed"] == (row["CloseDate"] if row["IsClosed"] == "1" else None)
    assert parts["Opportunity.csv"]["notes"] == [
        f"words of type that are none of ours, left blank: {sum(r['Type'] == 'Barter' for r in rows)} ('Barter')"
    ]
    primary = {sf_id("006", 1): "First1 Last1", sf_id("006", 2): "First3 Last3"}
    assert {i: d["contact"] for i, d in deals.items() if d["contact"]} == primary
    people = sfa.ok("opp", "show", "Deal, no. 1", "--json").json["related"]["contacts"]
    assert [(c["name"], c["role"], c["primary"]) for c in people] == [
        ("First1 Last1", "decision_maker", True), ("First2 Last2", "economic_buyer", False),
    ]  # fmt: skip
    assert parts["OpportunityContactRole.csv"]["notes"] == ["words of role that are none of ours, left blank: 1 ('Gatekeeper')"]

    leads = by_id(sfa.ok("lead", "list", "--json").json)
    assert [leads[sf_id("00Q", i)]["status"] for i in range(1, 6)] == ["new", "working", "converted", "disqualified", "new"]
    third = leads[sf_id("00Q", 3)]
    assert (third["account"], third["contact"], third["opportunity"]) == ("Star Ferries", "First1 Last1", "Deal, no. 1")
    assert third["converted"] == "2026-04-01"

    tasks = by_id(sfa.ok("activity", "list", "--json").json)
    call, quote, mail, case = (tasks[sf_id("00T", i)] for i in range(1, 5))
    assert (call["kind"], call["contact"], call["opportunity"], call["lead"]) == ("call", "First1 Last1", "Deal, no. 1", None)
    assert (quote["kind"], quote["lead"], quote["next_step"], quote["due"], quote["done"]) == (
        "note", "Mary Lead1", "Send the quote", "2026-11-30", False,
    )  # fmt: skip
    assert quote["when"] == "2026-03-01T09:00:00Z" and call["when"].startswith("2026-06-03")
    assert (mail["kind"], mail["account"], mail["text"]) == ("email", 'The "Best" Foods', "Email: hello\nLong,\nlonger")
    assert (case["opportunity"], case["account"], case["contact"]) == (None, None, None)
    visit = tasks[sf_id("00U", 1)]
    assert (visit["kind"], visit["when"], visit["contact"]) == ("visit", "2026-07-01T13:30:00Z", "First3 Last3")

    past = sfa.ok("opp", "list", "--as-of", "2026-04-15", "--json").json
    assert {d["external_id"]: (d["stage"], d["amount"]["amount"]) for d in past} == {
        sf_id("006", i): ("Prospecting", f"{i * 500}.00") for i in (3, 8)
    } | {sf_id("006", 5): ("Needs Analysis", "5000.25")}
    sfa.ok("db", "check")


def test_again_and_back(sfa: Sfa) -> None:
    path = zipped(sfa.folder / "export.zip", salesforce())
    sfa.ok("account", "add", "Mine")
    tried = load(sfa, path, "--on-missing", "create", "--dry-run")
    assert sfa.ok("opp", "list", "--json").json == [] and tried["operation"] is None
    done = load(sfa, path, "--on-missing", "create")
    same = ("read", "new", "updated", "unchanged", "skipped", "duplicates", "rejected", "deleted", "created", "stages")
    assert {n: tried[n] for n in same} == {n: done[n] for n in same}
    assert [{n: p[n] for n in same[:8]} for p in tried["files"]] == [{n: p[n] for n in same[:8]} for p in done["files"]]
    again = load(sfa, path, "--on-missing", "create")
    assert (again["unchanged"], again["operation"], again["stages"]) == (again["read"], None, [])
    sfa.ok("undo")
    assert [a["name"] for a in sfa.ok("account", "list", "--json").json] == ["Mine"]
    for noun in ("opp", "lead", "contact", "product", "activity"):
        assert sfa.ok(noun, "list", "--json").json == []
    assert len(sfa.ok("stage", "list", "--json").json) == 6
    sfa.ok("redo")
    assert load(sfa, path, "--on-missing", "create")["unchanged"] == done["read"]


def test_a_trial_makes_no_database(sfa: Sfa) -> None:
    path = written(sfa.folder / "export", salesforce())
    assert load(sfa, path, "--on-missing", "create", "--dry-run")["new"] > 50
    assert not sfa.db.exists()


def test_what_the_mapping_says_before(sfa: Sfa) -> None:
    path = written(sfa.folder / "export", salesforce())
    said = sfa.ok("import", "bundle", str(path), "--on-missing", "create", "--dry-run").err
    assert "Account.csv: accounts, utf-8" in said and "Campaign.csv: left out: campaigns" in said
    assert said.index("User.csv: users") < said.index("Account.csv: accounts") < said.index("OpportunityHistory.csv: history")


def test_nothing_is_loaded_where_a_row_is_bad(sfa: Sfa) -> None:
    files = salesforce()
    files["Contact.csv"][3]["Email"] = "not an address"
    files["Opportunity.csv"][0]["Amount"] = "much"
    path = written(sfa.folder / "export", files)
    refused = sfa("import", "bundle", str(path), "--on-missing", "create")
    assert refused.code == 4
    assert "Contact.csv: 1 row cannot be loaded" in refused.err and "Opportunity.csv: " in refused.err and "'much'" in refused.err
    assert sfa("account", "list").code == 6 or sfa.ok("account", "list", "--json").json == []

    done = sfa("import", "bundle", str(path), "--on-missing", "blank", "--rejects", "bad", "--json")
    assert done.code == 7, done
    with (sfa.folder / "bad" / "Contact.csv").open(encoding="utf-8", newline="") as stream:
        bad = list(csv.DictReader(stream))
    assert [r["Id"] for r in bad] == [sf_id("003", 4)] and "not an address" in bad[0]["sfa_reason"]
    assert list(bad[0])[:-2] == list(files["Contact.csv"][0]), "the file's own columns, and no others"
    assert bad[0] | {} == {**files["Contact.csv"][3], "sfa_line": bad[0]["sfa_line"], "sfa_reason": bad[0]["sfa_reason"]}
    assert not (sfa.folder / "bad" / "User.csv").exists()


def test_rejected_rows_are_mended_and_come_in(sfa: Sfa) -> None:
    files = salesforce()
    files["Account.csv"][1]["NumberOfEmployees"] = "none of your business"
    path = written(sfa.folder / "export", files)
    first = sfa("import", "bundle", str(path), "--on-missing", "create", "--rejects", "bad", "--json")
    assert first.code == 7
    assert sfa("import", "bundle", str(path), "--on-missing", "create", "--rejects", "bad").code == 1
    for bad in (sfa.folder / "bad").iterdir():
        bad.write_text(bad.read_text(encoding="utf-8").replace("none of your business", "120"), encoding="utf-8")
    # What others refer to was made of its id; the row tells the rest.
    assert first.json["created"] == {"account": 1}
    mended = load(sfa, sfa.folder / "bad", "--on-missing", "create", "--on-duplicate", "update")
    assert (mended["rejected"], mended["updated"], mended["read"]) == (0, 1, 1)
    whole = salesforce()
    whole["Account.csv"][1]["NumberOfEmployees"] = "120"
    same = load(sfa, written(sfa.folder / "whole", whole), "--on-missing", "create")
    assert same["unchanged"] == same["read"] and same["operation"] is None


def test_files_that_differ_from_what_is_there(sfa: Sfa) -> None:
    files = salesforce()
    load(sfa, written(sfa.folder / "one", files), "--on-missing", "create")
    files["Account.csv"][0]["Industry"] = "Ferries"
    files["Opportunity.csv"][0]["Amount"] = "77"
    path = written(sfa.folder / "two", files)
    refused = sfa("import", "bundle", str(path), "--on-missing", "create")
    assert refused.code == 5 and "Account.csv: 1 row differs" in refused.err and "Opportunity.csv: 1 row differs" in refused.err
    done = load(sfa, path, "--on-missing", "create", "--on-duplicate", "update")
    assert (done["updated"], done["fields_changed"]) == (2, 2)


def test_owners_that_nobody_knows(sfa: Sfa) -> None:
    files = {n: r for n, r in salesforce().items() if n != "User.csv"}
    path = written(sfa.folder / "export", files)
    refused = sfa("import", "bundle", str(path))
    assert refused.code == 4 and "no user is called" in refused.err and "--on-missing create" in refused.err
    assert load(sfa, path, "--on-missing", "create")["created"] == {"user": 3}


def test_owners_by_name_are_made_where_the_bundle_has_no_file_of_them(sfa: Sfa) -> None:
    files = {n: r for n, r in hubspot().items() if n != "owners.csv"}
    path = written(sfa.folder / "export", files)
    refused = sfa("import", "bundle", str(path), "--on-missing", "reject")
    assert refused.code == 4 and "no user is called 'ida@house.example'" in refused.err
    assert load(sfa, path)["created"] == {"user": 1}
    files["hubspot-crm-exports-all-contacts-2026-11-20.csv"][0]["Associated Company IDs"] = ""
    files["hubspot-crm-exports-all-contacts-2026-11-20.csv"][0]["Associated Company"] = "Nowhere Ltd"
    refused = sfa("import", "bundle", str(written(sfa.folder / "two", files)), "--on-duplicate", "update")
    assert refused.code == 4 and "no account is called 'Nowhere Ltd'" in refused.err, "there is a file of accounts"


def test_stages_that_there_are_not(sfa: Sfa) -> None:
    files = salesforce()
    done = load(sfa, written(sfa.folder / "export", files))
    notes = next(p["notes"] for p in done["files"] if p["file"] == "Opportunity.csv")
    assert "stages read as the nearest of ours: Needs Analysis → Qualification, Negotiation/Review → Negotiation" in notes
    sfa.ok("undo")
    files["Opportunity.csv"][0]["StageName"] = "Hoping"
    refused = sfa("import", "bundle", str(written(sfa.folder / "odd", files)))
    assert (
        refused.code == 4
        and "there is no stage 'Hoping'" in refused.err
        and "--on-missing create makes pipelines and stages" in refused.err
    )
    load(sfa, sfa.folder / "export", "--on-missing", "create")
    stages = [(s["name"], s["probability"], s["category"], s["outcome"]) for s in sfa.ok("stage", "list", "--json").json]
    assert stages == [
        ("Prospecting", 10, "pipeline", "open"),
        ("Qualification", 20, "pipeline", "open"),
        ("Needs Analysis", 20, "pipeline", "open"),
        ("Proposal", 50, "best_case", "open"),
        ("Negotiation", 75, "commit", "open"),
        ("Negotiation/Review", 90, "commit", "open"),
        ("Won", 100, "closed", "won"),
        ("Lost", 0, "omitted", "lost"),
    ]


def test_the_files_of_hubspot(sfa: Sfa) -> None:
    files = hubspot()
    done = load(sfa, zipped(sfa.folder / "hubspot.zip", files), "--on-missing", "create")
    assert done["new"] == sum(map(len, files.values())) and done["rejected"] == 0 and done["created"] == {}
    deals = by_id(sfa.ok("opp", "list", "--json").json)
    rows = files["hubspot-crm-exports-all-deals-2026-11-20.csv"]
    assert sum(Decimal(d["amount"]["amount"]) for d in deals.values()) == sum(Decimal(r["Amount"]) for r in rows)
    firms = {r["Record ID"]: r["Company name"] for r in files["hubspot-crm-exports-all-companies-2026-11-20.csv"]}
    stages = {"Closed Won": "Won", "Closed Lost": "Lost"}
    for row in rows:
        deal = deals[row["Record ID"]]
        assert (deal["account"], deal["owner"]) == (firms[row["Associated Company IDs"]], "Ida Holm")
        assert deal["stage"] == stages.get(row["Deal Stage"], row["Deal Stage"]) and deal["close"] == row["Close Date"][:10]
    assert {c["account"] for c in sfa.ok("contact", "list", "--json").json} == set(firms.values())


def test_packed_files_in_folders_below(sfa: Sfa) -> None:
    folder = sfa.folder / "export" / "data"
    folder.mkdir(parents=True)
    for name, rows in salesforce().items():
        (folder / f"{name}.gz").write_bytes(gzip.compress(quoted(rows).encode()))
    (folder / ".DS_Store").write_bytes(b"\0\1")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    done = load(sfa, sfa.folder / "export", "--on-missing", "create")
    assert len(done["files"]) == 11 and [f["file"] for f in done["left_out"] if f["rows"] is None] == ["data/picture.png"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nothing",), 3, "there is no folder or file"),
        (("empty",), 2, "nothing in empty is recognised"),
        (("odd",), 2, "poems.csv: there is no kind of record for it"),
        (("one.csv",), 2, "neither a folder nor a ZIP"),
        (("odd", "empty"), 2, "one folder, one ZIP file or one workbook"),
        (("export", "--map", "map.toml"), 2, "--map of a bundle says which file it is for"),
        (("export", "--map", "Leads.csv=none"), 2, "no file 'Leads.csv'"),
        (("export", "--map", "Lead.csv=poem"), 2, "there is no kind of record called 'poem'"),
        (("export", "--map", "Lead.csv=quota"), 2, "bundles hold no quotas"),
        (("export", "--map", "Lead.csv=gone.toml"), 2, "'gone.toml' cannot be read"),
        (("export", "--set", "weight=1"), 2, "no kind of record in the bundle has such a field"),
        (("export", "--set", "lead.status"), 2, "--set takes field=value"),
        (("export", "--profile", "sap"), 2, "there is no profile 'sap'"),
        (("export", "--date-order", "dym"), 2, "--date-order"),
        (("export", "--create-fields"), 2, "files one by one"),
        (("export", "--on-duplicate", "perhaps"), 2, "--on-duplicate is not"),
        (("export", "--rejects", "one.csv"), 2, "is a file"),
    ],
)
def test_what_cannot_be(sfa: Sfa, words: tuple[str, ...], code: int, said: str) -> None:
    (sfa.folder / "empty").mkdir()
    (sfa.folder / "odd").mkdir()
    (sfa.folder / "odd" / "poems.csv").write_text("title,line\nOde,O wild\n")
    (sfa.folder / "one.csv").write_text("Name\nX\n")
    written(sfa.folder / "export", salesforce())
    found = sfa("import", "bundle", *words)
    assert found.code == code and said in found.err, found
    assert not sfa.db.exists() or sfa.ok("account", "list", "--json").json == []


def test_a_folder_of_plain_exports_of_ours(sfa: Sfa) -> None:
    """What `sfa export KIND` wrote, kind by kind, comes in at once, whatever the order of the names."""
    from test_export import build, rows, said

    build(sfa)
    folder = sfa.folder / "ours"
    folder.mkdir()
    kinds = ("user", "pipeline", "stage", "reason", "account", "contact", "product", "opp", "lead", "activity")
    for kind in kinds:
        sfa.ok("export", kind, "-o", f"ours/{kind}.csv")
    done = load_into(sfa, "copy.db", folder)
    assert len(done["files"]) == len(kinds) and done["left_out"] == [] and done["rejected"] == 0
    for kind in kinds:
        wanted, got = (rows(sfa.ok("--db", db, "export", kind).out) for db in (str(sfa.db), "copy.db"))
        assert said(sfa, wanted) == said(sfa, got), kind


def load_into(sfa: Sfa, db: str, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("--db", db, "import", "bundle", str(path), "--json").json
    return found


def test_cards_and_calendars_among_the_files(sfa: Sfa) -> None:
    folder = sfa.folder / "things"
    folder.mkdir()
    (folder / "phone.vcf").write_text(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Wei Zhang\nN:Zhang;Wei;;;\nEMAIL:wei@x.example\nORG:Blue Harbor\nEND:VCARD\n"
    )
    (folder / "log.ics").write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:1@x\nDTSTART:20261101T100000Z\nSUMMARY:Visit\nATTENDEE:mailto:wei@x.example\n"
        "END:VEVENT\nEND:VCALENDAR\n"
    )
    (folder / "accounts.csv").write_text("Name\nBlue Harbor\n")
    load(sfa, folder)
    assert [(c["name"], c["account"]) for c in sfa.ok("contact", "list", "--json").json] == [("Wei Zhang", "Blue Harbor")]
    assert [(a["text"], a["kind"]) for a in sfa.ok("activity", "list", "--json").json] == [("Visit", "meeting")]


PIPEDRIVE = {
    "org-export.csv": "Organization - ID,Organization - Name,Organization - Label,Organization - Owner\n1,Acme,Hot lead,Dana\n",
    "people.csv": "Person - ID,Person - Name,Person - Organization,Person - Email - Work\n1,Jo Silva,Acme,jo@acme.example\n",
    "x.csv": (
        "Deal - ID,Deal - Title,Deal - Value,Deal - Organization,Deal - Contact person,Deal - Stage,Deal - Pipeline,Deal - Status\n"
        "1,A,100,Acme,Jo Silva,Proposal Made,Pipeline,Open\n2,B,200,Acme,Jo Silva,Demo Scheduled,Pipeline,Won\n"
    ),
    "y.csv": "Note - ID,Note - Content,Note - Add time,Note - User,Note - Deal,Note - Organization\n1,Hello,2026-01-05 10:00,Dana,A,Acme\n",
    "z.csv": "Colour,Weight\nred,5\n",
}


def test_a_folder_of_pipedrives_lists_is_known_by_its_headers(sfa: Sfa) -> None:
    folder = sfa.folder / "lists"
    folder.mkdir()
    for name, text in PIPEDRIVE.items():
        (folder / name).write_text(text, encoding="utf-8")
    done = json.loads(sfa.ok("import", "bundle", "lists", "--on-missing", "create", "--json").out)
    assert {f["file"]: (f["kind"], f["new"]) for f in done["files"]} == {
        "org-export.csv": ("account", 1),
        "people.csv": ("contact", 1),
        "x.csv": ("opp", 2),
        "y.csv": ("activity", 1),
    }
    assert [f["file"] for f in done["left_out"]] == ["z.csv"] and not any(f["left_out"] for f in done["files"])
    deals = json.loads(sfa.ok("opp", "list", "--json").out)
    assert {d["name"]: d["stage"] for d in deals} | {"B": "Won"} == {"A": "Proposal Made", "B": "Won"}
    assert sfa.ok("sql", "SELECT s.name FROM opportunity o JOIN stage s ON s.id=o.stage WHERE o.name='B'").out.split() == ["name", "Won"]
    assert json.loads(sfa.ok("account", "list", "--json").out)[0]["types"] == ["prospect"]
    note = json.loads(sfa.ok("activity", "list", "--json").out)[0]
    assert (note["kind"], note["text"], note["opportunity"], note["account"]) == ("note", "Hello", "A", "Acme")
    sfa.ok("undo", "--yes")
    assert json.loads(sfa.ok("account", "list", "--json").out) == []


def test_what_is_said_of_single_files(sfa: Sfa) -> None:
    files = salesforce()
    files["people.csv"] = [{"Who": "Ada Byron", "Where": "Star Ferries", "Since": "03/04/2026"}]
    path = written(sfa.folder / "export", files)
    (sfa.folder / "people.toml").write_text('[columns]\nWho = "name"\nWhere = "account"\nSince = ""\n[format]\nkind = "contact"\n')
    (sfa.folder / "leads.toml").write_text(
        '[columns]\nCompany = ""\n[values.status]\nOdd = "working"\n"Open - Not Contacted" = "qualified"\n'
    )
    how = ("--map", "people.csv=people.toml", "--map", "Lead=leads.toml", "--map", "Product2.csv=none", "--set", "opp.currency=EUR")
    done = load(sfa, path, *how, "--set", "lead.rating=hot", "--profile", "salesforce")
    assert {"file": "Product2.csv", "rows": None, "why": "it is said not to be loaded"} in done["left_out"]
    assert [(c["name"], c["account"]) for c in sfa.ok("contact", "list", "name~Ada", "--json").json] == [("Ada Byron", "Star Ferries")]
    leads = by_id(sfa.ok("lead", "list", "--json").json)
    assert [leads[sf_id("00Q", i)]["status"] for i in range(1, 6)] == ["qualified", "working", "converted", "disqualified", "working"]
    assert {(lead["company"], lead["rating"]) for lead in leads.values()} == {(None, "hot")}
    assert {o["amount"]["currency"] for o in sfa.ok("opp", "list", "--json").json if o["amount"]} == {"EUR"}
    same = load(sfa, path, *how, "--set", "lead.rating=hot")
    assert same["unchanged"] == same["read"], "whether the product is named or recognised"


def test_a_folder_of_maps_says_the_same_as_no_map(sfa: Sfa) -> None:
    for name, files in (("sf", salesforce()), ("hs", hubspot())):
        path = written(sfa.folder / name, files)
        first = load(sfa, path, "--save-map", f"{name}-maps")
        again = load(sfa, path, "--map", f"{name}-maps")
        assert again["unchanged"] == first["read"] and again["operation"] is None
    assert sfa("import", "bundle", "sf", "--save-map", "sf-maps").code == 1, "maps that are there are not written over unasked"


def test_names_of_campaigns(sfa: Sfa) -> None:
    files = salesforce()
    files["Opportunity.csv"][1]["CampaignId"] = sf_id("701", 9)
    done = load(sfa, written(sfa.folder / "export", files))
    leads, contacts, deals = (by_id(sfa.ok(noun, "list", "--json").json) for noun in ("lead", "contact", "opp"))
    assert [leads[sf_id("00Q", i)]["campaign"] for i in (1, 2, 3)] == ["Fair, Cork", "Spring", None], "the latest that is not deleted"
    assert {c["campaign"] for i, c in contacts.items() if i != sf_id("003", 7)} == {None} and contacts[sf_id("003", 7)][
        "campaign"
    ] == "Spring"
    assert deals[sf_id("006", 1)]["campaign"] == "Spring" and deals[sf_id("006", 2)]["campaign"] is None
    notes = next(p["notes"] for p in done["files"] if p["file"] == "Opportunity.csv")
    assert "campaigns that no file names, left blank: 1" in notes
    why = {f["file"]: f["why"] for f in done["left_out"]}
    assert why["CampaignMember.csv"] == "each lead and contact keeps the name of its latest campaign; 1 of earlier ones are left out"
    sfa.ok("lead", "convert", "Mary Lead2", "--new-account", "--new-contact")
    assert [o["campaign"] for o in sfa.ok("opp", "list", "account:Company 2", "--json").json] == ["Spring"]
