"""Zoho CRM: exports with and without the ids of owners beside their names."""

from sfa.sales.profiles.profile import Profile

PROFILE = Profile(
    "zoho",
    "Zoho CRM",
    "!lead owner.id | !contact owner.id | !account owner.id | !deal owner.id | !note owner.id"
    " | !created by.id | !modified by.id | !unsubscribed mode"
    " | created time | modified time | lead owner id | contact owner id | account owner id | deal owner id | record id | closing date"
    " | !potential name | last activity time | email opt out | secondary email | tag | no. of employees | reporting to",
    {
        "user": {"external_id": "record id | user id", "active": "status"},
        "account": {
            "external_id": "record id | account id",
            "name": "account name",
            "owner": "account owner | account owner.id | account owner id",
            "parent": "parent account | parent account.id",
            "types": "account type",
            "employees": "employees | no. of employees",
            "street": "billing street",
            "city": "billing city",
            "state": "billing state",
            "postal_code": "billing code | billing zip",
            "country": "billing country",
        },
        "contact": {
            "external_id": "record id | contact id",
            "name": "contact name | full name",
            "account": "account name | account name.id",
            "owner": "contact owner | contact owner.id | contact owner id",
            "other_emails": "secondary email",
            "other_phones": "other phone | home phone | asst phone",
            "street": "mailing street",
            "city": "mailing city",
            "state": "mailing state",
            "postal_code": "mailing zip",
            "country": "mailing country",
            "opt_out_email": "email opt out",
        },
        "lead": {
            "external_id": "record id | lead id",
            "name": "lead name | full name",
            "title": "designation | title",
            "owner": "lead owner | lead owner.id | lead owner id",
            "employees": "no. of employees",
            "other_emails": "secondary email",
            "opt_out_email": "email opt out",
            "postal_code": "zip code",
            "created": "created time",
        },
        "opportunity": {
            "external_id": "record id | deal id | potential id",
            "name": "deal name | potential name",
            "owner": "deal owner | deal owner.id | deal owner id | potential owner",
            "account": "account name | account name.id",
            "contact": "contact name | contact name.id",
            "close": "closing date",
            "opened": "created time",
            "reason": "reason for loss | reason for loss__s",
            "category": "forecast category",
        },
        "activity": {
            "external_id": "record id | note id | task id | call id | event id",
            "text": "note content | note title | subject | title",
            "when": "created time | call start time | start datetime | due date",
            "owner": "note owner | task owner | call owner | host | owner",
            "opportunity": "deal name | related to",
            "contact": "contact name",
            "account": "account name",
        },
        "product": {"external_id": "record id | product id", "list_price": "unit price", "active": "product active"},
    },
    {
        "user": {"active": {"active": "yes", "inactive": "no", "deleted": "no", "disabled": "no", "closed": "no"}},
        "account": {
            "types": {
                "Analyst": "",
                "Distributor": "partner",
                "Integrator": "partner",
                "Investor": "",
                "Other": "",
                "Press": "",
                "Reseller": "partner",
                "Vendor": "supplier",
            }
        },
        "lead": {
            "status": {
                "Attempted to Contact": "working",
                "Contact in Future": "working",
                "Contacted": "working",
                "Junk Lead": "disqualified",
                "Lost Lead": "disqualified",
                "Not Contacted": "new",
                "Pre-Qualified": "qualified",
                "Not Qualified": "disqualified",
            }
        },
        "opportunity": {"type": {"New Business": "new", "Existing Business": "existing"}},
    },
    {
        "Qualification": "Qualification",
        "Needs Analysis": "Qualification",
        "Value Proposition": "Qualification",
        "Identify Decision Makers": "Qualification",
        "Id. Decision Makers": "Qualification",
        "Proposal/Price Quote": "Proposal",
        "Negotiation/Review": "Negotiation",
        "Closed Won": "Won",
        "Closed Lost": "Lost",
        "Closed-Lost to Competition": "Lost",
        "Closed Lost to Competition": "Lost",
    },
    pipelines="Standard (Standard) | Standard",
)
