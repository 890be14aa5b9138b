"""Dynamics 365 Sales: the columns of its Excel exports, and the logical names of its tables."""

from sfa.sales.profiles.profile import Profile

_WISHES = {
    "opt_out_email": "do not allow emails | do not allow bulk emails | donotemail | donotbulkemail",
    "opt_out_phone": "do not allow phone calls | donotphone",
    "opt_out_mail": "do not allow mails | donotpostalmail",
}
_ALLOWED = {"Do Not Allow": "yes", "Allow": "no"}

PROFILE = Profile(
    "dynamics",
    "Dynamics 365",
    "!(do not modify) contact | !(do not modify) account | !(do not modify) lead | !(do not modify) opportunity"
    " | !(do not modify) row checksum | !(do not modify) modified on | !est. revenue | !est. close date | potential customer"
    " | !=parentcustomerid | !=telephone1 | !=emailaddress1 | !=estimatedvalue | !=estimatedclosedate | =statecode | !=address1_city"
    " | !(do not modify) activity | !(do not modify) user"
    " | status reason | main phone | address 1: city | business phone | created on | modified on | topic",
    {
        "user": {
            "external_id": "(do not modify) user | systemuserid",
            "name": "full name | fullname",
            "email": "primary email | internalemailaddress",
            "manager": "manager | parentsystemuserid",
            "team": "business unit | businessunitid",
            "active": "status",
        },
        "account": {
            "external_id": "(do not modify) account | accountid | account",
            "name": "account name | name",
            "parent": "parent account | parentaccountid",
            "phone": "main phone | telephone1",
            "website": "website | websiteurl",
            "industry": "industry | industrycode",
            "annual_revenue": "annual revenue | revenue",
            "employees": "number of employees | numberofemployees",
            "types": "relationship type | customertypecode",
            "street": "address 1: street 1 | address1_line1",
            "city": "address 1: city | address1_city",
            "state": "address 1: state/province | address1_stateorprovince",
            "postal_code": "address 1: zip/postal code | address1_postalcode",
            "country": "address 1: country/region | address1_country",
            "owner": "owner | ownerid",
        },
        "contact": {
            **_WISHES,
            "external_id": "(do not modify) contact | contactid",
            "name": "full name | fullname",
            "account": "company name | parentcustomerid | account name",
            "title": "job title | jobtitle",
            "email": "email | emailaddress1",
            "other_emails": "email address 2 | email address 3 | emailaddress2 | emailaddress3",
            "phone": "business phone | telephone1",
            "mobile": "mobile phone | mobilephone",
            "other_phones": "home phone | telephone2 | telephone3",
            "street": "address 1: street 1 | address1_line1",
            "city": "address 1: city | address1_city",
            "state": "address 1: state/province | address1_stateorprovince",
            "postal_code": "address 1: zip/postal code | address1_postalcode",
            "country": "address 1: country/region | address1_country",
            "owner": "owner | ownerid",
        },
        "lead": {
            **_WISHES,
            "": "topic | subject | (do not modify) row checksum | (do not modify) modified on",
            "external_id": "(do not modify) lead | leadid",
            "name": "name | fullname | full name",
            "company": "company name | companyname",
            "title": "job title | jobtitle",
            "email": "email | emailaddress1",
            "phone": "business phone | telephone1",
            "mobile": "mobile phone | mobilephone",
            "street": "street 1 | address1_line1 | address 1: street 1",
            "city": "city | address1_city | address 1: city",
            "state": "state/province | address1_stateorprovince",
            "postal_code": "zip/postal code | address1_postalcode",
            "country": "country/region | address1_country",
            "source": "lead source | leadsourcecode",
            "rating": "rating | leadqualitycode",
            "status": "status reason | status | statuscode",
            "created": "created on | createdon",
            "owner": "owner | ownerid",
        },
        "opportunity": {
            "external_id": "(do not modify) opportunity | opportunityid",
            "name": "topic | name",
            "account": "potential customer | account | parentaccountid | customerid",
            "contact": "contact | parentcontactid",
            "amount": "est. revenue | estimatedvalue",
            "close": "est. close date | estimatedclosedate",
            "closed": "actual close date | actualclosedate",
            "opened": "created on | createdon",
            "probability": "probability | closeprobability",
            "stage": "pipeline phase | sales stage | stepname | salesstage | status | status reason | statecode",
            "currency": "currency | transactioncurrencyid",
            "owner": "owner | ownerid",
        },
        "activity": {
            "external_id": (
                "(do not modify) activity | (do not modify) task | (do not modify) phone call | (do not modify) appointment | activityid"
            ),
            "owner": "owner | ownerid",
            "priority": "priority | prioritycode",
            "duration": "duration | actualdurationminutes",
        },
    },
    {
        "user": {"active": {"Enabled": "yes", "Disabled": "no"}},
        "contact": dict.fromkeys(_WISHES, _ALLOWED),
        "account": {
            "types": {
                "Competitor": "competitor",
                "Customer": "customer",
                "Partner": "partner",
                "Prospect": "prospect",
                "Reseller": "partner",
            }
            | {"Supplier": "supplier", "Vendor": "supplier", "Consultant": "", "Influencer": "", "Investor": "", "Press": "", "Other": ""}
        },
        "lead": {
            **dict.fromkeys(_WISHES, _ALLOWED),
            "status": {
                "Open": "new",
                "New": "new",
                "Contacted": "working",
                "Qualified": "qualified",
                "Disqualified": "disqualified",
                "Lost": "disqualified",
                "Cannot Contact": "disqualified",
                "No Longer Interested": "disqualified",
                "Canceled": "disqualified",
            },
        },
    },
    {
        "1-Qualify": "Qualification",
        "2-Develop": "Qualification",
        "3-Propose": "Proposal",
        "4-Close": "Negotiation",
        "Qualify": "Qualification",
        "Develop": "Qualification",
        "Propose": "Proposal",
        "Close": "Negotiation",
        "Open": "Prospecting",
        "In Progress": "Qualification",
        "On Hold": "Prospecting",
        "Won": "Won",
        "Lost": "Lost",
        "Canceled": "Lost",
        "Out-Sold": "Lost",
    },
    outcome="status | statecode",
)
