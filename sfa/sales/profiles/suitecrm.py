"""SuiteCRM (and SugarCRM, which it comes from)."""

from sfa.sales.profiles.profile import Profile

_ADDRESS = {
    "street": "primary address street | primary_address_street",
    "city": "primary address city | primary_address_city",
    "state": "primary address state | primary_address_state",
    "postal_code": "primary address postalcode | primary_address_postalcode",
    "country": "primary address country | primary_address_country",
}
_OWNER = "assigned to | assigned user | assigned_user_name | assigned user name | assigned_user_id"
_PERSON = {
    "external_id": "id",
    "email": "email address | email | email1",
    "other_emails": "non primary e-mails | other email | email2",
    "phone": "office phone | phone_work",
    "mobile": "mobile | phone_mobile",
    "other_phones": "home phone | other phone | phone_home | phone_other | assistant phone",
    "owner": _OWNER,
    "opt_out_phone": "do not call",
    "description": "description",
    **_ADDRESS,
}

PROFILE = Profile(
    "suitecrm",
    "SuiteCRM",
    "!primary address street | !=primary_address_street | !=assigned_user_id | !assigned user id | !non primary e-mails | date created"
    " | =date_entered | date modified | assigned to | assigned user"
    " | modified by | !alt address street | !lawful basis | status description"
    " | opportunity amount | portal application | sales stage | =sales_stage | deleted",
    {
        "account": {
            "external_id": "id",
            "name": "name | account name",
            "owner": _OWNER,
            "phone": "office phone | phone_office",
            "employees": "employees",
            "parent": "member of | parent account id | parent_id | parent_name",
            "street": "billing street | billing_address_street",
            "city": "billing city | billing_address_city",
            "state": "billing state | billing_address_state",
            "postal_code": "billing postal code | billing_address_postalcode",
            "country": "billing country | billing_address_country",
        },
        "contact": {**_PERSON, "account": "account name | account_name | account id"},
        "lead": {
            "": "converted | deleted",
            **_PERSON,
            "company": "account name | account_name",
            "created": "date created | date_entered",
            "account": "account id | account_id",
            "contact": "contact id | contact_id",
            "opportunity": "opportunity id | opportunity_id",
        },
        "opportunity": {
            "external_id": "id",
            "name": "opportunity name | name",
            "account": "account name | account_name | account id",
            "amount": "opportunity amount | amount",
            "close": "expected close date | date_closed",
            "opened": "date created | date_entered",
            "stage": "sales stage | sales_stage",
            "probability": "probability (%) | probability",
            "owner": _OWNER,
            "type": "type | opportunity_type",
            "currency": "currency | currency_id",
        },
        "activity": {"external_id": "id", "owner": _OWNER, "direction": "direction"},
    },
    {
        "account": {
            "types": {"Analyst": "", "Integrator": "partner", "Investor": "", "Other": "", "Press": "", "Reseller": "partner"},
        },
        "lead": {
            "status": {"Assigned": "working", "In Process": "working", "Recycled": "new", "Dead": "disqualified", "Converted": "converted"},
        },
        "opportunity": {"type": {"Existing Business": "existing", "New Business": "new"}, "currency": {"-99": ""}},
    },
    {
        "Prospecting": "Prospecting",
        "Qualification": "Qualification",
        "Needs Analysis": "Qualification",
        "Value Proposition": "Qualification",
        "Id. Decision Makers": "Qualification",
        "Perception Analysis": "Proposal",
        "Proposal/Price Quote": "Proposal",
        "Negotiation/Review": "Negotiation",
        "Closed Won": "Won",
        "Closed Lost": "Lost",
    },
    deleted="deleted",
)
