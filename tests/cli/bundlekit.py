# ruff: noqa: E501
"""Whole exports of two products, made here: the weekly data export of Salesforce (a ZIP, every cell in quotes) and HubSpot's files."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
Rows = list[dict[str, str]]


def sf_id(prefix: str, n: int) -> str:
    """An id as Salesforce makes them: 15 characters whose capitals count, 3 more that say which they are."""
    short = f"{prefix}5g00000{'aBcDeF'[n % 6]}{n:04d}"
    assert len(short) == 15
    ends = ""
    for start in (0, 5, 10):
        bits = "".join("1" if c.isupper() else "0" for c in reversed(short[start : start + 5]))
        ends += LETTERS[int(bits, 2)]
    return short + ends


def quoted(rows: Rows) -> str:
    """A file as the weekly export has it."""
    out = io.StringIO()
    names = list(dict.fromkeys(n for row in rows for n in row))
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([row.get(n, "") for n in names] for row in rows)
    return out.getvalue()


def stamped(**more: str) -> dict[str, str]:
    return {"CreatedDate": "2026-03-01T09:00:00.000Z", "SystemModstamp": "2026-10-01T09:00:00.000Z", **more}


def salesforce() -> dict[str, Rows]:
    """The rows of every file by its name."""
    user = [
        {"Id": sf_id("005", i), "Username": f"u{i}@house.example.prod", "LastName": last, "FirstName": first, "Name": f"{first} {last}",
         "Email": f"u{i}@house.example", "IsActive": "1" if i != 3 else "0", "ManagerId": sf_id("005", 4) if i < 4 else "",
         "ProfileId": sf_id("00e", 1), **stamped()}
        for i, (first, last) in enumerate((("Ida", "Holm"), ("Ben", "Okafor"), ("Zoë", "O'Neil"), ("王", "伟")), 1)
    ]  # fmt: skip
    account = [
        {"Id": sf_id("001", i), "IsDeleted": "1" if i == 7 else "0", "Name": name, "Type": kind, "ParentId": sf_id("001", 6) if i == 1 else "",
         "BillingStreet": "1 Quay,\n2nd floor", "BillingCity": "Galway", "BillingCountry": "Ireland", "Phone": "+353 91 555 010",
         "Website": f"www.a{i}.example", "Industry": "Shipping", "AnnualRevenue": "1250000.5", "NumberOfEmployees": "1200",
         "Description": 'They said "yes",\nthen\n\n"no"', "OwnerId": sf_id("005", 1 + i % 3)[: 15 if i % 2 else 18], **stamped()}
        for i, (name, kind) in enumerate(
            (("Blue Harbor, Ltd", "Customer - Direct"), ("Star Ferries", "Prospect"), ('The "Best" Foods', "Customer - Channel"),
             ("北京科技有限公司", "Other"), ("Old Mill", ""), ("Harbor Group", "Customer - Direct"), ("Gone", "Prospect")), 1)
    ]  # fmt: skip
    contact = [
        {"Id": sf_id("003", i), "IsDeleted": "0", "AccountId": sf_id("001", 1 + i % 6)[: 15 if i % 3 else 18], "LastName": f"Last{i}",
         "FirstName": f"First{i}", "Email": f"c{i}@a{i}.example", "Phone": "(512) 757-6000", "Title": "SVP, Procurement",
         "HasOptedOutOfEmail": "1" if i == 2 else "0", "OwnerId": sf_id("005", 1), "Description": "a\nb", **stamped()}
        for i in range(1, 9)
    ]  # fmt: skip
    product = [
        {"Id": sf_id("01t", i), "Name": f"Meter {i}", "ProductCode": f"M-{i}", "Family": "Sensors", "IsActive": "1", "IsDeleted": "0"}
        for i in (1, 2)
    ]
    stages = ("Prospecting", "Needs Analysis", "Negotiation/Review", "Closed Won", "Closed Lost")
    chance = dict(zip(stages, ("10", "20", "90", "100", "0"), strict=True))
    opportunity = [
        {"Id": sf_id("006", i), "IsDeleted": "1" if i == 20 else "0", "AccountId": sf_id("001", 1 + i % 6)[: 15 if i % 2 else 18],
         "Name": f"Deal, no. {i}", "StageName": stages[i % 5], "Amount": "" if i == 4 else f"{i * 1000 + 0.25:.2f}", "Probability": chance[stages[i % 5]],
         "CloseDate": f"2026-{1 + i % 12:02}-15", "Type": ("New Customer", "Existing Customer - Upgrade", "Barter", "")[i % 4],
         "LeadSource": "Web", "IsClosed": "1" if i % 5 > 2 else "0", "IsWon": "1" if i % 5 == 3 else "0",
         "ForecastCategoryName": ("Pipeline", "Pipeline", "Commit", "Closed", "Omitted")[i % 5], "Pricebook2Id": sf_id("01s", 1),
         "OwnerId": sf_id("005", 1 + i % 3), "CampaignId": sf_id("701", 1), "Description": "Two\nlines", **stamped()}
        for i in range(1, 21)
    ]  # fmt: skip
    lead = [
        {"Id": sf_id("00Q", i), "IsDeleted": "0", "LastName": f"Lead{i}", "FirstName": "Mary", "Company": f"Company {i}",
         "Email": f"l{i}@lead.example", "Status": status, "LeadSource": "Trade Show", "OwnerId": sf_id("005", 2),
         "IsConverted": "1" if i == 3 else "0", "ConvertedDate": "2026-04-01" if i == 3 else "",
         "ConvertedAccountId": sf_id("001", 2) if i == 3 else "", "ConvertedContactId": sf_id("003", 1) if i == 3 else "",
         "ConvertedOpportunityId": sf_id("006", 1) if i == 3 else "", **stamped()}
        for i, status in enumerate(("Open - Not Contacted", "Working - Contacted", "Closed - Converted", "Closed - Not Converted", "Odd"), 1)
    ]  # fmt: skip
    history = [
        {"Id": sf_id("008", n), "OpportunityId": sf_id("006", i), "StageName": "Prospecting", "Amount": f"{i * 500}.00",
         "CloseDate": "2026-09-30", "Probability": "10", "ForecastCategory": "Pipeline", "CreatedDate": f"2026-0{3 + n}-02T10:00:00.000Z",
         "IsDeleted": "0"}
        for i in (3, 8) for n in (1, 2)
    ]  # fmt: skip
    field_history = [
        {"Id": sf_id("017", 1), "IsDeleted": "0", "OpportunityId": sf_id("006", 5), "CreatedById": sf_id("005", 1),
         "CreatedDate": "2026-05-05T08:00:00.000Z", "Field": "StageName", "OldValue": "Needs Analysis", "NewValue": "Prospecting"}
    ]  # fmt: skip
    task = [
        {"Id": sf_id("00T", i), "WhoId": who, "WhatId": what, "Subject": subject, "ActivityDate": "2026-11-30" if i == 2 else "2026-06-03",
         "Status": "Not Started" if i == 2 else "Completed", "Priority": "Normal", "IsClosed": "0" if i == 2 else "1", "TaskSubtype": kind,
         "OwnerId": sf_id("005", 2), "Description": "Long,\nlonger", "IsDeleted": "0", **stamped()}
        for i, (who, what, subject, kind) in enumerate(
            ((sf_id("003", 1), sf_id("006", 1), "Call", "Call"), (sf_id("00Q", 1), "", "Send the quote", "Task"),
             (sf_id("003", 2), sf_id("001", 3), "Email: hello", "Email"), ("", sf_id("500", 3), "About a case", "Task")), 1)
    ]  # fmt: skip
    event = [
        {"Id": sf_id("00U", 1), "WhoId": sf_id("003", 3), "WhatId": sf_id("006", 2), "Subject": "Visit the plant",
         "ActivityDateTime": "2026-07-01T13:30:00.000Z", "ActivityDate": "2026-07-01", "OwnerId": sf_id("005", 1), "IsDeleted": "0", **stamped()}
    ]  # fmt: skip
    role = [
        {"Id": sf_id("00K", n), "OpportunityId": sf_id("006", i), "ContactId": sf_id("003", c), "Role": word, "IsPrimary": first, "IsDeleted": "0"}
        for n, (i, c, word, first) in enumerate(((1, 1, "Decision Maker", "1"), (1, 2, "Economic Buyer", "0"), (2, 3, "Gatekeeper", "1")), 1)
    ]  # fmt: skip
    return {
        "Task.csv": task,
        "User.csv": user,
        "Account.csv": account,
        "Contact.csv": contact,
        "Product2.csv": product,
        "PricebookEntry.csv": [{"Id": sf_id("01u", 1), "Product2Id": sf_id("01t", 1), "UnitPrice": "9.5"}],
        "Opportunity.csv": opportunity,
        "OpportunityHistory.csv": history,
        "OpportunityFieldHistory.csv": field_history,
        "Lead.csv": lead,
        "Event.csv": event,
        "Campaign.csv": [{"Id": sf_id("701", i), "Name": n, "IsActive": "1"} for i, n in ((1, "Spring"), (2, "Fair, Cork"))],
        "CampaignMember.csv": [
            {
                "Id": sf_id("00v", n),
                "IsDeleted": gone,
                "CampaignId": sf_id("701", c),
                "LeadId": sf_id("00Q", w) if w < 6 else "",
                "ContactId": "" if w < 6 else sf_id("003", w),
                "FirstRespondedDate": day,
                "CreatedDate": day,
            }
            for n, (c, w, day, gone) in enumerate(
                (
                    (2, 1, "2026-05-02", "0"),
                    (1, 1, "2026-04-01", "0"),
                    (1, 2, "2026-04-01", "0"),
                    (1, 7, "2026-04-03", "0"),
                    (2, 2, "2026-09-01", "1"),
                ),
                1,
            )
        ],
        "OpportunityContactRole.csv": role,
    }


def hubspot() -> dict[str, Rows]:
    """The files that HubSpot's export of objects writes, with its labels."""
    companies = [
        {"Record ID": f"9{i:09d}", "Company name": f"Firm {i}", "Company Domain Name": f"firm{i}.example", "Industry": "LOGISTICS",
         "Company owner": "ida@house.example", "City": "Cork", "Create Date": "2026-02-03 10:11"}
        for i in range(1, 5)
    ]  # fmt: skip
    contacts = [
        {"Record ID": f"{i:08d}", "First Name": "Jo", "Last Name": f"Silva {i}", "Email": f"jo{i}@firm{i}.example", "Phone Number": "555 0100",
         "Job Title": "Buyer", "Contact owner": "ida@house.example", "Associated Company IDs": f"9{i:09d}", "Associated Company": f"Firm {i}",
         "Lifecycle Stage": "customer"}
        for i in range(1, 5)
    ]  # fmt: skip
    deals = [
        {"Record ID": f"7{i:09d}", "Deal Name": f"Deal {i}", "Deal Stage": ("Appointment Scheduled", "Closed Won", "Closed Lost")[i % 3],
         "Pipeline": "Sales", "Amount": f"{i * 100}.10", "Close Date": f"2026-0{i}-20 00:00", "Deal owner": "ida@house.example",
         "Deal Type": "New Business", "Associated Company IDs": f"9{1 + i % 4:09d}"}
        for i in range(1, 7)
    ]  # fmt: skip
    owners = [{"Id": "411", "Email": "ida@house.example", "First Name": "Ida", "Last Name": "Holm"}]
    return {
        "hubspot-crm-exports-all-deals-2026-11-20.csv": deals,
        "hubspot-crm-exports-all-contacts-2026-11-20.csv": contacts,
        "hubspot-crm-exports-all-companies-2026-11-20.csv": companies,
        "owners.csv": owners,
    }


def zipped(path: Path, files: dict[str, Rows]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in files.items():
            archive.writestr(name, quoted(rows))
    return path


def written(folder: Path, files: dict[str, Rows]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        (folder / name).write_text(quoted(rows), encoding="utf-8", newline="")
    return folder


def by_id(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {r["external_id"]: r for r in found}
