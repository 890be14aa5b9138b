"""Pipedrive: exports with the entity before each name (`Deal - Title`) and without."""

from sfa.sales.profiles.profile import Profile

PROFILE = Profile(
    "pipedrive",
    "Pipedrive",
    "!person - name | !person - name* | !deal - title | !organization - name | !organization - name* | !person - first name"
    " | !deal - pipedrive system id | !deal - stage | !person - owner | !organization - owner | !organization - id | !deal - id"
    " | !person - id | !lead - title | !note - content | !activity - subject | expected close date"
    " | currency of value | lost reason | won time | lost time | weighted value"
    " | contact person | deal created | person - phone | person - email (work) | activity - subject*",
    {
        "account": {
            "name": "organization - name | organization - name* | organization | name",
            "external_id": "organization - id | organization - pipedrive system id | id",
            "owner": "organization - owner | owner",
            "street": "organization - address | organization - street/road name of address | address",
            "city": "organization - city/town/village/locality of address",
            "state": "organization - state/county of address",
            "postal_code": "organization - zip/postal code of address",
            "country": "organization - country of address",
            "website": "organization - website | website",
            "industry": "organization - industry | industry",
            "employees": "organization - number of employees | organization - employee count",
            "annual_revenue": "organization - annual revenue",
            "types": "organization - label | label",
        },
        "contact": {
            "name": "person - name | person - name* | name",
            "first_name": "person - first name | first name",
            "last_name": "person - last name | last name",
            "external_id": "person - id | person - pipedrive system id | id",
            "account": "person - organization | organization - name | organization - name* | organization",
            "email": "person - email - work | person - email (work) | person - email | email - work | email",
            "other_emails": (
                "person - email - home | person - email (home) | person - email - other | person - email (other)"
                " | email - home | email - other"
            ),
            "phone": "person - phone - work | person - phone (work) | person - phone | phone - work | phone",
            "mobile": "person - phone - mobile | person - phone (mobile) | phone - mobile",
            "other_phones": (
                "person - phone - home | person - phone (home) | person - phone - other | person - phone (other)"
                " | phone - home | phone - other"
            ),
            "owner": "person - owner | owner",
            "title": "person - job title | job title",
            "opt_out_email": "person - marketing status | marketing status",
            "birthday": "person - birthday",
            "description": "note - content | note - content* | person - notes",
        },
        "lead": {
            "name": "person - name | person - name* | lead - person | contact person",
            "first_name": "person - first name",
            "last_name": "person - last name",
            "company": "organization - name | organization - name* | lead - organization | organization",
            "external_id": "lead - id | lead - pipedrive system id | id",
            "email": "person - email - work | person - email (work) | person - email",
            "other_emails": "person - email - home | person - email (home) | person - email - other",
            "phone": "person - phone - work | person - phone (work) | person - phone",
            "mobile": "person - phone - mobile | person - phone (mobile)",
            "owner": "lead - owner | owner",
            "source": "lead - source | lead - source name",
            "street": "organization - address",
            "created": "lead - lead created | lead created",
            "description": "note - content | note - content* | lead - title",
        },
        "opportunity": {
            "name": "deal - title | title",
            "external_id": "deal - id | deal - pipedrive system id | id",
            "account": "deal - organization | organization - name | organization - name* | organization* | organization",
            "contact": "deal - contact person | contact person* | contact person | person - name | person - name*",
            "owner": "deal - owner | owner",
            "pipeline": "deal - pipeline | pipeline",
            "stage": "deal - stage | stage | deal - status",
            "amount": "deal - value | value",
            "currency": "deal - currency of value | deal - currency | currency of value | currency",
            "close": "deal - expected close date | expected close date",
            "closed": (
                "deal - deal closed on | deal - closed on | deal closed on | deal - won time | deal - lost time | won time | lost time"
            ),
            "opened": "deal - deal created | deal - creation date | deal created | creation date",
            "probability": "deal - probability | probability",
            "reason": "deal - lost reason | lost reason",
            "product": "deal - product name | product name",
            "description": "note - content | note - content*",
        },
        "activity": {
            "text": "activity - subject | activity - subject* | note - content | note - content* | subject",
            "when": "activity - due date | note - add time | note - created | due date",
            "kind": "activity - type | type",
            "external_id": "activity - id | note - id | id",
            "owner": "activity - assigned to user | note - user | note - owner | assigned to user",
            "opportunity": "activity - deal | note - deal | deal",
            "contact": "activity - contact person | note - person | contact person",
            "account": "activity - organization | note - organization | organization",
            "done": "activity - done | done",
            "due": "activity - due date | due date",
            "duration": "activity - duration | duration",
            "priority": "activity - priority | priority",
        },
    },
    {
        "account": {"types": {"Customer": "customer", "Hot lead": "prospect", "Warm lead": "prospect", "Cold lead": "prospect"}},
        "contact": {"opt_out_email": {"Unsubscribed": "yes", "Subscribed": "no", "No consent": "", "Never subscribed": "", "Bounced": ""}},
        "activity": {
            "kind": {"Meeting": "meeting", "Lunch": "meeting", "Task": "note", "Deadline": "note", "Call": "call", "Email": "email"},
        },
    },
    {
        "Qualified": "Prospecting",
        "Contact Made": "Qualification",
        "Lead In": "Prospecting",
        "Demo Scheduled": "Qualification",
        "Proposal Made": "Proposal",
        "Negotiations Started": "Negotiation",
        "Open": "Prospecting",
        "Won": "Won",
        "Lost": "Lost",
    },
    pipelines="Pipeline | Sales Pipeline",
    outcome="deal - status | status",
)
