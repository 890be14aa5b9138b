"""Exports of two Salesforce organisations and the files of csv-spectrum: no cell is lost that there is a field for."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from exports import folder_of, rows


def load(sfa: Sfa, kind: str, path: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("import", kind, str(path), "--source", "sf", *more, "--json").json
    return found


def by_id(sfa: Sfa, noun: str) -> dict[str, dict[str, Any]]:
    return {r["external_id"]: r for r in sfa.ok(noun, "list", "--json").json}


def check(file: list[dict[str, str]], found: dict[str, dict[str, Any]], fields: dict[str, str]) -> None:
    """Every filled cell of the named columns is in the record with the same Id, as text."""
    assert len(file) == len(found)
    for row in file:
        record = found[row["Id"]]
        for column, name in fields.items():
            if row[column]:
                value = record[name]
                same = Decimal(value["amount"]) == Decimal(row[column]) if isinstance(value, dict) else str(value) == row[column]
                # A number is kept in one form, and how it was written beside it.
                same = same or record.get(f"{name}_written") == row[column]
                assert same, (row["Id"], column, value)


STAGES = """
[values.stage]
Discovery = "Prospecting"
"Proposal/Quote" = "Proposal"
"""


def test_data_cloud(sfa: Sfa, shared: Path) -> None:
    sf = folder_of(shared, "sf_datacloud")
    refused = sfa("import", "account", str(sf / "Account.csv"), "--source", "sf")
    assert refused.code == 4 and "no user is called '005Ec000004oBPNIA2'" in refused.err
    accounts = load(sfa, "account", sf / "Account.csv", "--on-missing", "create")
    assert accounts["created"] == {"user": len({r["OwnerId"] for r in rows(sf / "Account.csv")})}
    load(sfa, "contact", sf / "Contact.csv")
    leads = load(sfa, "lead", sf / "Lead.csv")
    (sfa.folder / "stages.toml").write_text(STAGES)
    load(sfa, "opp", sf / "Opportunity.csv", "--map", "stages.toml", "--on-missing", "create")

    address = {f"Billing{c}": f for c, f in (("Street", "street"), ("City", "city"), ("State", "state"), ("Country", "country"))}
    fields = {"Name": "name", "Phone": "phone", "Website": "website", "Industry": "industry", "OwnerId": "owner"}
    more = {"BillingPostalCode": "postal_code", "AnnualRevenue": "annual_revenue", "NumberOfEmployees": "employees"}
    check(rows(sf / "Account.csv"), by_id(sfa, "account"), {**address, **fields, **more})
    mailing = {c.replace("Billing", "Mailing"): f for c, f in address.items()}
    person = {"Name": "name", "FirstName": "first_name", "LastName": "last_name", "Email": "email", "Phone": "phone"}
    contacts = by_id(sfa, "contact")
    check(rows(sf / "Contact.csv"), contacts, {**mailing, **person, "MailingPostalCode": "postal_code"})
    names = {r["Id"]: r["Name"] for r in rows(sf / "Account.csv")}
    for row in rows(sf / "Contact.csv"):
        assert (contacts[row["Id"]]["other_phones_written"] or contacts[row["Id"]]["other_phones"]) in (
            row["HomePhone"],
            [row["HomePhone"]],
        )
        assert contacts[row["Id"]]["account"] == names.get(row["AccountId"])
    found = by_id(sfa, "lead")
    plain = {
        "Street": "street",
        "City": "city",
        "State": "state",
        "PostalCode": "postal_code",
        "Country": "country",
        "LeadSource": "source",
    }
    check(rows(sf / "Lead.csv"), found, {**person, **plain})
    # The file's companies are accounts' ids: the account's name stands for them.
    assert {r["company"] for r in found.values()} == {names[r["Company"]] for r in rows(sf / "Lead.csv")}
    assert leads["notes"] == ["companies given by an account's id got its name: 60"]
    assert {r["Id"]: r["Status"].lower() for r in rows(sf / "Lead.csv")} == {i: r["status"] for i, r in found.items()}

    deals = by_id(sfa, "opp")
    check(rows(sf / "Opportunity.csv"), deals, {"Name": "name", "CloseDate": "close", "Product__c": "product", "Amount": "amount"})
    outcomes = {"Closed Won": "Won", "Closed Lost": "Lost", "Discovery": "Prospecting", "Proposal/Quote": "Proposal"}
    categories = {"BestCase": "best_case", "Pipeline": "pipeline", "Closed": "closed", "Omitted": "omitted", "Commit": "commit"}
    for row in rows(sf / "Opportunity.csv"):
        deal = deals[row["Id"]]
        assert deal["stage"] == outcomes.get(row["StageName"], row["StageName"])
        assert deal["category"] == categories[row["ForecastCategory"]]
        assert deal["account"] == names[row["AccountId"]]
        assert deal["closed"] == (row["CloseDate"] if row["IsClosed"] else None)
        assert deal["opened"] == row["CreatedDate"][:10]


def test_every_cell_left_out_is_named(sfa: Sfa, shared: Path) -> None:
    path = folder_of(shared, "sf_datacloud") / "Lead.csv"
    done = load(sfa, "lead", path, "--on-missing", "create")
    file = rows(path)
    mapped = set(done["files"][0]["columns"])
    filled = {c: sum(bool(r[c].strip()) for r in file) for c in file[0]}
    assert {c["column"]: c["cells"] for c in done["left_out"]} == {c: n for c, n in filled.items() if n and c not in mapped}


HISTORY_STAGES = """
[values.stage]
"Id. Decision Makers" = "Qualification"
"Needs Analysis" = "Qualification"
"Value Proposition" = "Qualification"
"Perception Analysis" = "Proposal"
"Proposal/Price Quote" = "Proposal"
"Negotiation/Review" = "Negotiation"
"""
TYPES = '[values.types]\n"Customer - Direct" = "customer"\n"Customer - Channel" = "partner"\n'
STATUS = """
[values.status]
"Open - Not Contacted" = "new"
"Working - Contacted" = "working"
"Closed - Converted" = "qualified"
"Closed - Not Converted" = "disqualified"
"""


def test_an_organisation_with_history(sfa: Sfa, shared: Path) -> None:
    sf = folder_of(shared, "sf_powerbi_history")
    for name, text in (("stages", HISTORY_STAGES), ("types", TYPES), ("status", STATUS)):
        (sfa.folder / f"{name}.toml").write_text(text)
    load(sfa, "account", sf / "Account.csv", "--map", "types.toml")
    load(sfa, "contact", sf / "Contact.csv")
    load(sfa, "opp", sf / "Opportunity.csv", "--map", "stages.toml", "--on-missing", "blank")
    leads = load(sfa, "lead", sf / "Lead.csv", "--map", "status.toml", "--on-missing", "create")
    converted = [r for r in rows(sf / "Lead.csv") if r["IsConverted"] == "TRUE"]
    found = by_id(sfa, "lead")
    assert {r["Id"] for r in converted} == {i for i, r in found.items() if r["status"] == "converted"}
    assert {r["converted"] for r in found.values()} == {None, "2026-02-24"}
    deals = {r["Id"]: r["Name"] for r in rows(sf / "Opportunity.csv")}
    assert {r["Id"]: deals.get(r["ConvertedOpportunityId"]) for r in converted} == {
        r["Id"]: found[r["Id"]]["opportunity"] for r in converted
    }
    known = {r["Id"] for r in rows(sf / "Account.csv")}
    assert leads["blanked"].get("account", 0) == sum(r["ConvertedAccountId"] not in known for r in converted)

    steps = rows(sf / "OpportunityHistory.csv")
    now = sfa.ok("opp", "list", "--json").out
    # `SFA_TODAY` lies after every change: none is left out.
    done = load(sfa, "history", sf / "OpportunityHistory.csv", "--map", "stages.toml")
    there = [s for s in steps if s["OpportunityId"] in deals]
    assert (done["read"], done["new"], done["rejected"]) == (48, 48, 0) and len(there) == 48
    assert sfa.ok("opp", "list", "--json").out == now
    assert sfa.ok("opp", "list", "--as-of", "2026-02-22", "--json").json == []
    assert len(sfa.ok("opp", "list", "--as-of", "2026-03-08", "--json").json) == len({s["OpportunityId"] for s in steps})
    assert load(sfa, "history", sf / "OpportunityHistory.csv", "--map", "stages.toml")["unchanged"] == 48


SPECTRUM = {
    "comma_in_quotes": '[columns]\nfirst = "industry"\nlast = "name"\nzip = "postal_code"\n',
    "empty": '[columns]\na = "name"\nb = "industry"\nc = "website"\n',
    "escaped_quotes": '[columns]\na = "name"\nb = "description"\n',
    "json": '[columns]\nkey = "name"\nval = "description"\n',
    "location_coordinates": '[columns]\n"Contact Phone Number" = "phone"\n"Location Coordinates" = "description"\nCities = "city"\n'
    'Counties = "state"\n[set]\nname = "Somewhere"\n',
}
for other in ("empty_crlf", "newlines", "newlines_crlf", "simple", "simple_crlf", "utf8"):
    SPECTRUM[other] = SPECTRUM["empty"]
SPECTRUM["quotes_and_newlines"] = SPECTRUM["escaped_quotes"]


@pytest.mark.parametrize("name", sorted(SPECTRUM))
def test_csv_spectrum(sfa: Sfa, shared: Path, name: str) -> None:
    spectrum = folder_of(shared, "csv_spectrum")
    (sfa.folder / "map.toml").write_text(SPECTRUM[name])
    if name == "location_coordinates":  # the answer beside it is of another row
        wanted = list(csv.DictReader((spectrum / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
    else:
        wanted = json.loads((spectrum / f"{name}.json").read_text(encoding="utf-8"))
    done = sfa.ok("import", "account", str(spectrum / f"{name}.csv"), "--map", "map.toml", "--json").json
    assert done["new"] == len(wanted) and done["left_out"] == []
    columns = done["files"][0]["columns"]
    found = {a["name"]: a for a in sfa.ok("account", "list", "--json").json}
    named = next((c for c, f in columns.items() if f == "name"), "")
    for row in wanted:
        texts = {c: t.replace("\r\n", "\n").strip() for c, t in row.items()}
        record = found[texts.get(named, "Somewhere")]
        assert {c: record[f] or "" for c, f in columns.items()} == {c: texts[c] for c in columns}


def test_the_files_cover_the_spectrum(shared: Path) -> None:
    assert {p.stem for p in folder_of(shared, "csv_spectrum").glob("*.csv")} == set(SPECTRUM)
