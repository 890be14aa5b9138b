"""Odoo: leads, opportunities and contacts by label and by the names of their models' fields."""

from sfa.sales.profiles.profile import Profile

_STREET = {"street": "street", "city": "city", "postal_code": "zip", "state": "state | state_id", "country": "country | country_id"}

PROFILE = Profile(
    "odoo",
    "Odoo",
    "!=partner_name | !=email_from | =contact_name | =user_id | =partner_id | =country_id | =stage_id | !=planned_revenue | !=is_company"
    " | =expected_revenue | external id | salesperson | sales team | expected revenue | expected closing | is a company | tags"
    " | display name | related company | =team_id | created on | =create_date | company type",
    {
        "account": {
            "name": "name | display name | complete name",
            "external_id": "external id | id",
            "parent": "related company | parent_id | parent_id/id",
            "phone": "phone",
            "owner": "salesperson | user_id",
            "description": "notes | comment",
            "industry": "industry | industry_id",
            **_STREET,
        },
        "contact": {
            "name": "name | display name",
            "external_id": "external id | id",
            "account": "related company | parent_id | company name | parent_name",
            "title": "job position | function",
            "mobile": "mobile",
            "owner": "salesperson | user_id",
            "description": "notes | comment",
            **_STREET,
        },
        "lead": {
            "": "name | opportunity | lead | display name | type",
            "name": "contact name | contact_name | contact",
            "company": "company name | partner_name | customer | partner_id",
            "external_id": "external id | id",
            "email": "email | email_from",
            "title": "job position | function",
            "owner": "salesperson | user_id",
            "source": "source | source_id | medium | medium_id",
            "created": "created on | create_date",
            "description": "internal notes | notes | description",
            "rating": "priority",
            **_STREET,
        },
        "opportunity": {
            "": "type",
            "name": "opportunity | name | display name",
            "external_id": "external id | id",
            "account": "customer | partner_id | company name | partner_name",
            "contact": "contact name | contact_name",
            "amount": "expected revenue | expected_revenue | planned_revenue",
            "close": "expected closing | date_deadline",
            "closed": "closed date | date_closed",
            "opened": "created on | create_date | date_open",
            "stage": "stage | stage_id",
            "probability": "probability",
            "owner": "salesperson | user_id",
            "reason": "lost reason | lost_reason_id",
            "source": "source | source_id",
            "description": "internal notes | notes | description",
        },
        "product": {
            "list_price": "sales price | list_price",
            "code": "internal reference | default_code",
            "external_id": "external id | id",
        },
    },
    {},
    {
        "New": "Prospecting",
        "Qualified": "Qualification",
        "Proposition": "Proposal",
        "Proposal": "Proposal",
        "Negotiation": "Negotiation",
        "Won": "Won",
        "Lost": "Lost",
    },
)
