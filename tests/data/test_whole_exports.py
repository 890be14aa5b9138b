"""Whole exports of real organisations through `sfa import bundle`, against csv and Decimal alone: sums, counts by stage, links."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from conftest import Sfa
from exports import folder_of, rows

CLOSED = {"Closed Won": "Won", "Closed Lost": "Lost"}
Found = dict[str, dict[str, Any]]


def load(sfa: Sfa, folder: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("import", "bundle", str(folder), *more, "--json").json
    return found


def by_id(sfa: Sfa, noun: str) -> Found:
    return {r["external_id"]: r for r in sfa.ok(noun, "list", "--json").json}


def sums(deals: Found, file: list[dict[str, str]], amount: str, stage: str) -> None:
    """Amounts add up by stage, and there are as many deals in each."""
    wanted: Counter[str] = Counter()
    for row in file:
        wanted[CLOSED.get(row[stage], row[stage])] += Decimal(row[amount] or 0)  # type: ignore[assignment]
    got: Counter[str] = Counter()
    for deal in deals.values():
        got[deal["stage"]] += Decimal(deal["amount"]["amount"]) if deal["amount"] else 0  # type: ignore[assignment]
    assert got == wanted
    assert Counter(d["stage"] for d in deals.values()) == Counter(CLOSED.get(r[stage], r[stage]) for r in file)


def again_and_back(sfa: Sfa, folder: Path, done: dict[str, Any]) -> None:
    same = load(sfa, folder, "--on-missing", "create")
    assert (same["unchanged"], same["operation"]) == (done["read"], None)
    sfa.ok("undo")
    for noun in ("account", "opp", "contact", "lead", "product", "activity"):
        assert sfa.ok(noun, "list", "--json").json == []
    assert len(sfa.ok("stage", "list", "--json").json) == 6
    assert "ok" in "".join(sfa.ok("db", "check")[1:])


def test_data_cloud(sfa: Sfa, shared: Path) -> None:
    sf = folder_of(shared, "sf_datacloud")
    done = load(sfa, sf, "--on-missing", "create")
    files = {n: rows(sf / f"{n}.csv") for n in ("Account", "Contact", "Lead", "Opportunity", "Task")}
    assert {p["file"]: (p["read"], p["new"]) for p in done["files"]} == {f"{n}.csv": (len(f), len(f)) for n, f in files.items()}
    owners = {r["OwnerId"] for f in files.values() for r in f if r["OwnerId"]}
    products = {r["Product__c"] for r in files["Opportunity"] if r["Product__c"]}
    assert done["created"] == {"user": len(owners), "product": len(products)}
    assert done["stages"] == ["Discovery", "Proposal/Quote"]
    left = {f["file"]: f["rows"] for f in done["left_out"]}
    for name in ("Campaign", "CampaignMember", "AccountContactRelation"):
        assert left[f"{name}.csv"] == len(rows(sf / f"{name}.csv"))
    sums(by_id(sfa, "opp"), files["Opportunity"], "Amount", "StageName")
    accounts = {r["Id"]: r["Name"] for r in files["Account"]}
    assert {i: d["account"] for i, d in by_id(sfa, "opp").items()} == {r["Id"]: accounts[r["AccountId"]] for r in files["Opportunity"]}
    assert {i: c["account"] for i, c in by_id(sfa, "contact").items()} == {r["Id"]: accounts.get(r["AccountId"]) for r in files["Contact"]}
    assert {i: r["company"] for i, r in by_id(sfa, "lead").items()} == {r["Id"]: accounts[r["Company"]] for r in files["Lead"]}
    people = {r["Id"]: r["Name"] for n in ("Contact", "Lead") for r in files[n]}
    tasks = by_id(sfa, "activity")
    for row in files["Task"]:
        task = tasks[row["Id"]]
        of = "contact" if row["WhoId"].startswith("003") else "lead"
        assert task[of] == people.get(row["WhoId"]) and task["text"].startswith(row["Subject"])
        if row["Status"] != "Completed":
            assert (task["due"], task["next_step"], task["done"]) == (row["ActivityDate"] or None, row["Subject"], False)
    again_and_back(sfa, sf, done)


def test_an_organisation_with_history(sfa: Sfa, shared: Path) -> None:
    sf = folder_of(shared, "sf_powerbi_history")
    done = load(sfa, sf, "--on-missing", "create")
    names = ("Account", "Contact", "Lead", "Opportunity", "OpportunityHistory")
    files = {n: rows(sf / f"{n}.csv") for n in names}
    assert {p["file"]: (p["read"], p["new"], p["rejected"]) for p in done["files"]} == {
        f"{n}.csv": (len(f), len(f), 0) for n, f in files.items()
    }
    deals = by_id(sfa, "opp")
    sums(deals, files["Opportunity"], "Amount", "StageName")
    accounts = {r["Id"]: r["Name"] for r in files["Account"]}
    for row in files["Opportunity"]:
        assert deals[row["Id"]]["account"] == accounts.get(row["AccountId"], row["AccountId"] or None)
    outcomes = {s["name"]: s["outcome"] for s in sfa.ok("stage", "list", "--json").json}
    for row in files["Opportunity"]:
        outcome = "won" if row["IsWon"] == "TRUE" else "lost" if row["IsClosed"] == "TRUE" else "open"
        assert outcomes[CLOSED.get(row["StageName"], row["StageName"])] == outcome
    leads = by_id(sfa, "lead")
    statuses = {
        "Open - Not Contacted": "new",
        "Working - Contacted": "working",
        "Closed - Not Converted": "disqualified",
        "Closed - Converted": "qualified",
    }
    for row in files["Lead"]:
        assert leads[row["Id"]]["status"] == ("converted" if row["IsConverted"] == "TRUE" else statuses[row["Status"]])
    opened = {r["Id"] for r in files["Opportunity"]}
    converted = {r["Id"]: r["ConvertedOpportunityId"] for r in files["Lead"] if r["ConvertedOpportunityId"] in opened}
    assert converted and all(leads[i]["opportunity"] == deals[o]["name"] for i, o in converted.items())
    # Each deal's first row of history is what it was at that moment.
    first: dict[str, dict[str, str]] = {}
    for row in files["OpportunityHistory"]:
        first.setdefault(row["OpportunityId"], row)
    assert len(sfa.ok("opp", "list", "--as-of", "2026-03-08", "--json").json) == len(first)
    again_and_back(sfa, sf, done)


def test_a_plain_folder(sfa: Sfa, shared: Path) -> None:
    folder = folder_of(shared, "maven_crm")
    done = load(sfa, folder, "--on-missing", "create")
    pipeline, accounts, teams = (rows(folder / f"{n}.csv") for n in ("sales_pipeline", "accounts", "sales_teams"))
    assert (done["read"], done["new"]) == (len(pipeline) + len(accounts) + len(teams) + 7, done["read"])
    assert done["created"] == {"user": len({r["manager"] for r in teams}), "product": 1} and done["stages"] == ["Engaging"]
    deals = by_id(sfa, "opp")
    sums(deals, pipeline, "close_value", "deal_stage")
    won = sum(Decimal(d["amount"]["amount"]) for d in deals.values() if d["stage"] == "Won")
    assert won == sum(Decimal(r["close_value"]) for r in pipeline if r["deal_stage"] == "Won") == 10_005_534
    assert {i: d["owner"] for i, d in deals.items()} == {r["opportunity_id"]: r["sales_agent"] for r in pipeline}
    assert Counter(d["account"] for d in deals.values()) == Counter(r["account"] or None for r in pipeline)
    parents = {a["name"]: a["parent"] for a in sfa.ok("account", "list", "--json").json}
    assert parents == {r["account"]: r["subsidiary_of"] or None for r in accounts}
    managers = {u["name"]: u["manager"] for u in sfa.ok("user", "list", "--json").json}
    assert all(managers[r["sales_agent"]] == r["manager"] for r in teams)
    again_and_back(sfa, folder, done)


def test_tables_behind_salesforce(sfa: Sfa, shared: Path) -> None:
    """Rows of a data warehouse, most of them deleted or with scrambled addresses: each is loaded, rejected or counted as deleted."""
    folder = folder_of(shared, "dbt_salesforce_seeds")
    run = sfa("import", "bundle", str(folder), "--on-missing", "blank", "--rejects", "bad", "--json")
    assert run.code == 7
    parts = {p["file"]: p for p in run.json["files"]}
    for name, part in parts.items():
        file = rows(folder / name)
        gone = [
            r for r in file
            if r.get("is_deleted", "").lower() in ("true", "1") or r.get("_fivetran_deleted", "").lower() == "true"
            or r.get("_fivetran_active", "").lower() == "false"
        ]  # fmt: skip
        assert (part["deleted"], part["read"]) == (len(gone), len(file) - len(gone)), name
        assert part["read"] == sum(part[n] for n in ("new", "updated", "unchanged", "skipped", "rejected"))
    assert parts["sf_opportunity_data.csv"]["read"] == 0 and parts["sf_task_data.csv"]["new"] == 10
    # The address of each user is scrambled: no e-mail address, so no user.
    assert parts["sf_user_data.csv"]["rejected"] == parts["sf_user_data.csv"]["read"]
    texts = {t["external_id"]: t["text"] for t in sfa.ok("activity", "list", "--json").json}
    for row in rows(folder / "sf_task_data.csv"):
        assert texts[row["id"]].startswith(row["subject"])
    ids = {p["external_id"] for p in sfa.ok("product", "list", "--json").json}
    assert ids == {r["id"] for r in rows(folder / "sf_product_2_data.csv")}, "the id that deals refer to, not one of a third system"


def test_tables_behind_hubspot(sfa: Sfa, shared: Path) -> None:
    folder = folder_of(shared, "dbt_hubspot_seeds")
    run = sfa("import", "bundle", str(folder), "--on-missing", "blank", "--rejects", "bad", "--json")
    assert run.code == 7
    parts = {p["file"]: p for p in run.json["files"]}
    deals, file = by_id(sfa, "opp"), rows(folder / "deal_data.csv")
    kept = [r for r in file if r["is_deleted"].lower() != "true"]
    assert parts["deal_data.csv"]["new"] == len(kept) == len(deals)
    assert all(deals[r["deal_id"]]["name"] == r["property_dealname"] for r in kept if r["property_dealname"])
    amounts = sum(Decimal(d["amount"]["amount"]) for d in deals.values() if d["amount"])
    assert amounts == sum(Decimal(r["property_amount"]) for r in kept if r["property_amount"])
    companies = {r["id"]: r["property_name"] for r in rows(folder / "company_data.csv")}
    assert {i: a["name"] for i, a in by_id(sfa, "account").items()} == companies
    assert parts["engagement_meeting_data.csv"]["new"] == len(rows(folder / "engagement_meeting_data.csv"))
    assert Counter(a["kind"] for a in sfa.ok("activity", "list", "--json").json) == {"meeting": 100, "note": 3, "call": 1}
    total = sum(p["read"] + p["deleted"] for p in parts.values()) + sum(f["rows"] or 0 for f in run.json["left_out"])
    everything = sum(len(rows(p)) for p in folder.glob("*.csv"))
    assert total == everything, "each row of each file is loaded, rejected, deleted, or in a file that is named as left out"
