"""Salesforce: the API's names (Data Loader, weekly export, warehouse copies) and the labels of its reports."""

from sfa.sales.profiles.profile import Profile

_ADDRESS = {
    "street": "{0}street | {0}address line 1 | address line 1",
    "city": "{0}city",
    "state": "{0}state/province | {0}state | {0}state/province (text only)",
    "postal_code": "{0}zip/postal code | {0}postalcode",
    "country": "{0}country | {0}country (text only)",
}


def _address(prefix: str) -> dict[str, str]:
    return {field: names.format(prefix) for field, names in _ADDRESS.items()}


PROFILE = Profile(
    "salesforce",
    "Salesforce",
    "!system modstamp | last modified by id | is deleted | master record id | created by id | owner id | account id | last referenced date"
    " | last viewed date | stage name | !opportunity owner | opportunity id | lead id | contact id | lead owner | account owner"
    " | fiscal period | who id | what id | user role id | profile id | product code | pricebook2 id | photo url | parent id"
    " | converted account id | reports to id | forecast category name | has opportunity line item | is closed | is won | created date",
    {
        "account": {
            "name": "account name",
            "external_id": "id | account id | 18 digit account id",
            "parent": "parent account id | parent id | parent account",
            **_address("billing "),
        },
        "contact": {
            "external_id": "id | contact id",
            "account": "account id | account name",
            "other_emails": "email 2 | secondary_email_c | secondary_email__c",
            **_address("mailing "),
        },
        "lead": {
            "external_id": "id | lead id",
            "company": "company / account | company",
            "created": "created date | create date",
            "other_emails": "secondary_email_c | secondary_email__c",
            **_address(""),
        },
        "opportunity": {
            "external_id": "id | opportunity id",
            "account": "account id | account name",
            "opened": "created date | create date",
            "close": "close date",
            "owner": "owner id | opportunity owner",
            "competitor": "main competitor(s) | competitor__c",
            "product": "product__c | product_c",
            "reason": "loss_reason__c | loss_reason_c | closed_lost_reason__c | closed_lost_reason_c | loss reason",
        },
        "activity": {
            "when": "activity date time | start date time | activity date | start | date",
            "text": "subject",
            "kind": "task subtype | activity type | type",
            "external_id": "id | activity id",
            "due": "due date",
        },
        "product": {"external_id": "id | product id", "name": "product name"},
        "user": {"external_id": "id | user id", "manager": "manager id", "region": "division", "team": "department"},
    },
    {
        "account": {
            "types": {
                "Customer - Direct": "customer",
                "Customer - Channel": "customer",
                "Channel Partner / Reseller": "partner",
                "Installation Partner": "partner",
                "Technology Partner": "partner",
                "Analyst": "",
                "Integrator": "partner",
                "Investor": "",
                "Press": "",
                "Reseller": "partner",
                "Other": "",
            }
        },
        "lead": {
            "status": {
                "Open - Not Contacted": "new",
                "Open": "new",
                "Working - Contacted": "working",
                "Contacted": "working",
                "Nurturing": "working",
                "Unqualified": "disqualified",
                "Closed - Not Converted": "disqualified",
                "Closed - Converted": "converted",
            }
        },
        "opportunity": {
            "type": {
                "New Business": "new",
                "New Customer": "new",
                "Existing Business": "existing",
                "Existing Customer - Upgrade": "existing",
                "Existing Customer - Replacement": "existing",
                "Existing Customer - Downgrade": "existing",
            }
        },
        "activity": {
            "kind": {"Task": "note", "Event": "visit", "Meeting": "meeting", "Other": "note", "List Email": "email", "Cadence": "note"}
        },
    },
    {
        "Prospecting": "Prospecting",
        "Qualification": "Qualification",
        "Needs Analysis": "Qualification",
        "Discovery": "Qualification",
        "Value Proposition": "Qualification",
        "Id. Decision Makers": "Qualification",
        "Perception Analysis": "Proposal",
        "Proposal/Price Quote": "Proposal",
        "Proposal/Quote": "Proposal",
        "Proposal": "Proposal",
        "Negotiation/Review": "Negotiation",
        "Negotiation": "Negotiation",
        "Closed Won": "Won",
        "Closed Lost": "Lost",
    },
    long_ids=True,
    deleted="is deleted",
)
