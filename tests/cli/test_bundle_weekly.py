"""What weekly exports of Salesforce hold that small ones do not: amounts as Java writes them, queues, deleted records that others still
name, users without their whole name, line items, how long calls took."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bundlekit import salesforce, sf_id, written
from conftest import Sfa


def load(sfa: Sfa, path: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("import", "bundle", str(path), *more, "--json").json
    return found


def by_id(sfa: Sfa, noun: str) -> dict[str, Any]:
    return {r["external_id"]: r for r in sfa.ok(noun, "list", "--json").json}


def test_amounts_of_ten_million_and_more(sfa: Sfa) -> None:
    files = salesforce()
    files["Account.csv"][0]["AnnualRevenue"] = "3.5E8"
    files["Opportunity.csv"][0]["Amount"] = "1.234567891E7"
    load(sfa, written(sfa.folder / "export", files), "--on-missing", "create")
    assert by_id(sfa, "account")[sf_id("001", 1)]["annual_revenue"]["amount"] == "350000000.00"
    assert by_id(sfa, "opp")[sf_id("006", 1)]["amount"]["amount"] == "12345678.91"


def test_users_are_called_as_people_are(sfa: Sfa) -> None:
    files = salesforce()
    for row in files["User.csv"]:
        del row["Name"]
    load(sfa, written(sfa.folder / "export", files), "--on-missing", "create")
    assert {u["name"] for u in by_id(sfa, "user").values()} >= {"Ida Holm", "Ben Okafor", "Zoë O'Neil", "王 伟"}


def test_what_a_queue_owns_has_no_owner(sfa: Sfa) -> None:
    files = salesforce()
    files["Lead.csv"][0]["OwnerId"] = sf_id("00G", 1)
    done = load(sfa, written(sfa.folder / "export", files), "--on-missing", "create")
    assert done["created"] == {} and by_id(sfa, "lead")[sf_id("00Q", 1)]["owner"] is None
    notes = next(p["notes"] for p in done["files"] if p["file"] == "Lead.csv")
    assert "owned by a queue, left without an owner of their own: 1" in notes


def test_what_names_deleted_records(sfa: Sfa) -> None:
    files = salesforce()
    gone = sf_id("001", 7)
    files["Account.csv"][1]["ParentId"] = gone
    files["Contact.csv"][0]["AccountId"] = gone[:15]
    files["OpportunityContactRole.csv"][0]["OpportunityId"] = sf_id("006", 20)
    path = written(sfa.folder / "export", files)
    done = load(sfa, path)
    parts = {p["file"]: p for p in done["files"]}
    assert "parent that was deleted there, left blank: 1" in parts["Account.csv"]["notes"]
    assert "account that was deleted there, left blank: 1" in parts["Contact.csv"]["notes"]
    assert (parts["OpportunityContactRole.csv"]["new"], parts["OpportunityContactRole.csv"]["deleted"]) == (2, 1)
    assert by_id(sfa, "contact")[sf_id("003", 1)]["account"] is None
    again = load(sfa, path)
    assert (again["operation"], again["deleted"], again["unchanged"]) == (None, done["deleted"], done["new"])


def test_no_record_is_made_of_an_id_that_should_be_in_a_file(sfa: Sfa) -> None:
    files = salesforce()
    files["Contact.csv"][0]["AccountId"] = sf_id("001", 99)
    path = written(sfa.folder / "export", files)
    refused = sfa("import", "bundle", str(path))
    assert refused.code == 4 and "no account is called" in refused.err
    done = load(sfa, path, "--on-missing", "create")
    assert done["created"] == {} and by_id(sfa, "contact")[sf_id("003", 1)]["account"] is None
    assert next(p["blanked"] for p in done["files"] if p["file"] == "Contact.csv") == {"account": 1}


def test_reasons_products_of_lines_and_lengths_of_calls(sfa: Sfa) -> None:
    files = salesforce()
    files["Opportunity.csv"][3]["Loss_Reason__c"] = "Lost to nobody"
    files["Task.csv"][0]["CallDurationInSeconds"] = "90"
    files["OpportunityLineItem.csv"] = [
        {"Id": sf_id("00k", n), "OpportunityId": sf_id("006", 1), "Product2Id": sf_id("01t", n), "Quantity": "1.0"} for n in (2, 1)
    ]
    done = load(sfa, written(sfa.folder / "export", files), "--on-missing", "create")
    deals = by_id(sfa, "opp")
    assert deals[sf_id("006", 4)]["reason"] == "Lost to nobody" and done["created"] == {"reason": 1}
    assert deals[sf_id("006", 1)]["product"] == "Meter 2" and deals[sf_id("006", 2)]["product"] is None
    assert by_id(sfa, "activity")[sf_id("00T", 1)]["duration"] == 2
