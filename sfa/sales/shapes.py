"""The columns of CSV files that other products' import wizards take, by product and kind: what they call a column, and our field in it.

Only what goes out; what other products' exports call our fields when they come in is in `aliases.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales.kinds import ACTIVITY_KINDS, Kind


class Always(dict[Any, str]):
    """The same text for every value."""

    def get(self, key: Any, default: Any = None) -> Any:
        return self[""]


class Shaped(NamedTuple):
    """One column: its header, our field (dotted for a referred record's), and what our values are called there."""

    header: str
    field: str
    names: dict[Any, str] | None = None


_TRUE = {1: "TRUE", 0: "FALSE", None: "FALSE"}
_CATEGORIES = {
    "pipeline": "Pipeline",
    "best_case": "Best Case",
    "most_likely": "Most Likely",
    "commit": "Commit",
    "closed": "Closed",
    "omitted": "Omitted",
}
_CLOSED = {"open": "FALSE", "won": "TRUE", "lost": "TRUE", None: "FALSE"}
_WON = {"open": "FALSE", "won": "TRUE", "lost": "FALSE", None: "FALSE"}
_ACTIVITIES = {**dict.fromkeys(ACTIVITY_KINDS, "Other"), "call": "Call", "email": "Email", "visit": "Meeting", "meeting": "Meeting"}
_TYPES = {"new": "New Business", "existing": "Existing Business", "renewal": "Renewal"}
_HUBSPOT_TYPES = {"new": "newbusiness", "existing": "existingbusiness", "renewal": "existingbusiness"}
_STATUSES = {
    "new": "Open - Not Contacted",
    "working": "Working - Contacted",
    "qualified": "Closed - Converted",
    "converted": "Closed - Converted",
    "disqualified": "Closed - Not Converted",
}
_HUBSPOT_STATUSES = {
    "new": "NEW",
    "working": "IN_PROGRESS",
    "qualified": "OPEN_DEAL",
    "converted": "CONNECTED",
    "disqualified": "UNQUALIFIED",
}


def _address(*headers: str) -> tuple[Shaped, ...]:
    ours = ("street", "city", "state", "postal_code", "country")
    return tuple(Shaped(header, field) for header, field in zip(headers, ours, strict=True))


_BILLING = _address("BillingStreet", "BillingCity", "BillingState", "BillingPostalCode", "BillingCountry")
_MAILING = _address("MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry")
_LEAD = _address("Street", "City", "State", "PostalCode", "Country")
_HUBSPOT_ADDRESS = _address("Street Address", "City", "State/Region", "Postal Code", "Country/Region")


def _shaped(*columns: tuple[Any, ...] | Shaped) -> tuple[Shaped, ...]:
    return tuple(c if isinstance(c, Shaped) else Shaped(*c) for c in columns)


_SALESFORCE_IDS = (("Id", "external_id"), ("External_ID__c", "id"))


class Given(dict[Any, str]):
    """TRUE for anything that is there."""

    def get(self, key: Any, default: Any = None) -> Any:
        return "FALSE" if key is None else "TRUE"


_OPTED = Given()

SHAPES: dict[str, dict[str, tuple[Shaped, ...]]] = {
    "salesforce": {
        "user": _shaped(
            *_SALESFORCE_IDS,
            ("Name", "name"),
            ("Email", "email"),
            ("ManagerId", "manager.external_id"),
            ("Department", "team"),
            ("IsActive", "active", _TRUE),
        ),
        "account": _shaped(
            *_SALESFORCE_IDS,
            ("Name", "name"),
            ("ParentId", "parent.external_id"),
            ("Parent Account", "parent"),
            ("Type", "types"),
            ("Industry", "industry"),
            ("NumberOfEmployees", "employees"),
            ("AnnualRevenue", "annual_revenue"),
            ("CurrencyIsoCode", "currency"),
            ("Phone", "phone"),
            ("Website", "website"),
            *_BILLING,
            ("OwnerId", "owner.external_id"),
            ("Account Owner", "owner"),
            ("AccountSource", "source"),
            ("Description", "description"),
        ),
        "contact": _shaped(
            *_SALESFORCE_IDS,
            ("FirstName", "first_name"),
            ("LastName", "last_name"),
            ("AccountId", "account.external_id"),
            ("Account Name", "account"),
            ("Title", "title"),
            ("Email", "email"),
            ("Phone", "phone"),
            ("MobilePhone", "mobile"),
            *_MAILING,
            ("HasOptedOutOfEmail", "opt_out_email", _OPTED),
            ("DoNotCall", "opt_out_phone", _OPTED),
            ("OwnerId", "owner.external_id"),
            ("Contact Owner", "owner"),
            ("LeadSource", "source"),
            ("Description", "description"),
        ),
        "lead": _shaped(
            *_SALESFORCE_IDS,
            ("FirstName", "first_name"),
            ("LastName", "last_name"),
            ("Company", "company"),
            ("Title", "title"),
            ("Email", "email"),
            ("Phone", "phone"),
            ("MobilePhone", "mobile"),
            ("Website", "website"),
            ("Industry", "industry"),
            ("NumberOfEmployees", "employees"),
            *_LEAD,
            ("HasOptedOutOfEmail", "opt_out_email", _OPTED),
            ("DoNotCall", "opt_out_phone", _OPTED),
            ("LeadSource", "source"),
            ("Status", "status", _STATUSES),
            ("Rating", "rating"),
            ("OwnerId", "owner.external_id"),
            ("Lead Owner", "owner"),
            ("CreatedDate", "created"),
            ("Description", "description"),
        ),
        "product": _shaped(
            *_SALESFORCE_IDS,
            ("Name", "name"),
            ("ProductCode", "code"),
            ("Family", "family"),
            ("UnitPrice", "list_price"),
            ("CurrencyIsoCode", "currency"),
            ("IsActive", "active", _TRUE),
            ("Description", "description"),
        ),
        "opportunity": _shaped(
            *_SALESFORCE_IDS,
            ("Name", "name"),
            ("AccountId", "account.external_id"),
            ("Account Name", "account"),
            ("ContactId", "contact.external_id"),
            ("StageName", "stage"),
            ("Amount", "amount"),
            ("CurrencyIsoCode", "currency"),
            ("CloseDate", "close"),
            ("Probability", "probability"),
            ("ForecastCategoryName", "category", _CATEGORIES),
            ("IsClosed", "stage.outcome", _CLOSED),
            ("IsWon", "stage.outcome", _WON),
            ("Type", "type", _TYPES),
            ("NextStep", "next_step"),
            ("LeadSource", "source"),
            ("OwnerId", "owner.external_id"),
            ("Opportunity Owner", "owner"),
            ("CreatedDate", "opened"),
            ("Description", "description"),
        ),
        "activity": _shaped(
            *_SALESFORCE_IDS,
            ("Subject", "text"),
            ("ActivityDate", "when"),
            ("Type", "kind", _ACTIVITIES),
            ("Status", "id", Always({"": "Completed"})),
            ("Priority", "id", Always({"": "Normal"})),
            ("WhoId", "contact.external_id"),
            ("WhatId", "opportunity.external_id"),
            ("AccountId", "account.external_id"),
            ("OwnerId", "owner.external_id"),
        ),
    },
    "hubspot": {
        "account": _shaped(
            ("Record ID", "external_id"),
            ("Company name", "name"),
            ("Company Domain Name", "website"),
            ("Industry", "industry"),
            ("Number of Employees", "employees"),
            ("Annual Revenue", "annual_revenue"),
            ("Phone Number", "phone"),
            *_HUBSPOT_ADDRESS,
            ("Company owner", "owner.email"),
            ("Description", "description"),
        ),
        "contact": _shaped(
            ("Record ID", "external_id"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("Phone Number", "phone"),
            ("Mobile Phone Number", "mobile"),
            ("Job Title", "title"),
            ("Company Name", "account"),
            ("Associated Company IDs", "account.external_id"),
            *_HUBSPOT_ADDRESS,
            ("Contact owner", "owner.email"),
            ("Message", "description"),
        ),
        "lead": _shaped(
            ("Record ID", "external_id"),
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("Phone Number", "phone"),
            ("Mobile Phone Number", "mobile"),
            ("Job Title", "title"),
            ("Company Name", "company"),
            ("Website URL", "website"),
            *_HUBSPOT_ADDRESS,
            ("Lifecycle Stage", "id", Always({"": "lead"})),
            ("Lead Status", "status", _HUBSPOT_STATUSES),
            ("Contact owner", "owner.email"),
            ("Create Date", "created"),
            ("Message", "description"),
        ),
        "product": _shaped(
            ("Record ID", "external_id"),
            ("Name", "name"),
            ("SKU", "code"),
            ("Unit price", "list_price"),
            ("Product description", "description"),
        ),
        "opportunity": _shaped(
            ("Record ID", "external_id"),
            ("Deal Name", "name"),
            ("Pipeline", "pipeline"),
            ("Deal Stage", "stage"),
            ("Amount", "amount"),
            ("Currency", "currency"),
            ("Close Date", "close"),
            ("Create Date", "opened"),
            ("Deal owner", "owner.email"),
            ("Deal Type", "type", _HUBSPOT_TYPES),
            ("Associated Company", "account"),
            ("Associated Company IDs", "account.external_id"),
            ("Associated Contact IDs", "contact.external_id"),
            ("Closed Lost Reason", "reason"),
            ("Next step", "next_step"),
            ("Deal Description", "description"),
        ),
    },
}


def shape(product: str, kind: Kind) -> tuple[Shaped, ...]:
    """The columns of `kind` as `product` takes them. Raises UsageError naming what there is."""
    found = SHAPES.get(product.strip().lower())
    if found is None:
        raise UsageError(say("there is no shape {product!r}", product=product[:60]), say("Shapes: {shapes}", shapes=together(", ", SHAPES)))
    if kind.name not in found:
        raise UsageError(
            say("{plural} have no shape for {product}", plural=kind.plural, product=product),
            say("It takes {found}.", found=together(", ", found)),
        )
    return found[kind.name]
