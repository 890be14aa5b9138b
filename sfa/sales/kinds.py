"""Every kind of record and its fields, described once.

Tables, triggers, arguments, filters, CSV headers, JSON, help and completion are made from this page. It says what there is, not how
a value is read (`values.py`), nor where it is kept (`store/schema.py`).
"""

from __future__ import annotations

from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales.arranged import ARRANGED
from sfa.sales.arranged import ASSIGNED as ASSIGNED
from sfa.sales.arranged import FILTERED as FILTERED
from sfa.sales.arranged import METHODS as METHODS
from sfa.sales.fields import TYPES as TYPES
from sfa.sales.fields import USER_TYPES as USER_TYPES
from sfa.sales.fields import Field as Field
from sfa.sales.fields import Kind as Kind
from sfa.sales.fields import kind as _kind
from sfa.sales.fields import unknown as unknown
from sfa.sales.groups import (
    ADDRESS,
    CURRENCY,
    EXTERNAL,
    MANAGED,
    NOTED,
    OPTOUTS,
    ORIGIN,
    OWNER,
    PERSON,
    SOURCE,
    TARGET,
    WISHES,
    reach,
    written,
)
from sfa.sales.groups import FORECAST_COLUMNS as FORECAST_COLUMNS

CATEGORIES = ("pipeline", "best_case", "most_likely", "commit", "closed", "omitted")
ACCOUNT_TYPES = ("prospect", "customer", "supplier", "partner", "competitor", "internal", "consumer")
ACTIVITY_KINDS = ("call", "email", "visit", "note", "meeting", "letter", "fax", "web", "chat", "event")
ACTIVITY_OUTCOMES = (
    "reached",
    "left_message",
    "no_answer",
    "busy",
    "wrong_number",
    "no_show",
    "cancelled",
    "positive",
    "neutral",
    "negative",
)
PRIORITIES = ("high", "normal", "low")
LEAD_STATUSES = ("new", "working", "qualified", "disqualified", "converted")
ROLES = ("decision_maker", "economic_buyer", "champion", "evaluator", "influencer", "user", "procurement", "executive_sponsor", "other")
OUTCOMES = ("open", "won", "lost")
DEAL_TYPES = ("new", "existing", "renewal")
COVERS = ("own", "team")
"""Whose deals a quota is about: a person's own, or theirs and those of everyone below."""


KINDS: dict[str, Kind] = {
    k.name: k
    for k in (
        _kind(
            "user",
            "U",
            "user",
            (
                Field("name", required=True, personal=True, listed=True),
                Field("email", "email", personal=True, listed=True, option=True),
                Field("manager", "ref", to="user", listed=True, option=True),
                Field("team", listed=True, option=True),
                Field("region", listed=True, option=True),
                Field("active", "bool", listed=True, default="yes"),
                Field("admin", "bool", "administrator"),
                EXTERNAL,
            ),
            key=("email", "name"),
            search=("name", "email", "team"),
        ),
        _kind(
            "account",
            "A",
            "account",
            (
                Field("name", required=True, listed=True),
                Field("parent", "ref", to="account", option=True),
                Field("types", "choice", choices=ACCOUNT_TYPES, many=True, listed=True, default="prospect", option=True),
                Field("industry", listed=True, option=True),
                Field("employees", "number", option=True),
                Field("annual_revenue", "money", "annual revenue"),
                CURRENCY._replace(option=False),
                Field("phone", "phone", option=True),
                written("phone"),
                Field("website", option=True),
                *(f._replace(personal=False, listed=f.name == "country") for f in ADDRESS),
                OWNER,
                SOURCE,
                Field("description", personal=True),
                EXTERNAL,
            ),
            key=("name",),
            search=("name", "website", "industry", "city", "description"),
        ),
        _kind(
            "contact",
            "C",
            "contact",
            (
                *PERSON,
                Field("account", "ref", to="account", listed=True, option=True),
                *reach(True),
                *ADDRESS,
                *OPTOUTS,
                OWNER._replace(listed=False),
                *(f._replace(option=False) for f in ORIGIN),
                Field("description", personal=True),
                EXTERNAL,
                *WISHES,
            ),
            key=("email",),
            search=("name", "email", "other_emails", "title", "phone", "mobile", "description"),
        ),
        _kind(
            "lead",
            "L",
            "lead",
            (
                *PERSON,
                Field("company", listed=True, option=True),
                *reach(False),
                Field("website"),
                Field("industry"),
                Field("employees", "number"),
                *ADDRESS,
                *OPTOUTS,
                *(f._replace(listed=f.name == "source") for f in ORIGIN),
                Field("status", "choice", choices=LEAD_STATUSES, listed=True, option=True, default="new"),
                Field("rating", listed=True, option=True),
                OWNER,
                Field("created", "date", default="today"),
                Field("description", personal=True),
                Field("reason", label="reason"),
                Field("converted", "date", managed=True),
                Field("matched_account", "ref", "matched account", to="account", listed=True),
                Field("account", "ref", "became account", to="account", managed=True),
                Field("contact", "ref", "became contact", to="contact", managed=True),
                Field("opportunity", "ref", "became opportunity", to="opportunity", managed=True),
                EXTERNAL,
            ),
            key=("email",),
            search=("name", "company", "email", "other_emails", "title", "phone", "mobile", "city", "description"),
            order="-created",
        ),
        _kind(
            "product",
            "P",
            "product",
            (
                Field("name", required=True, listed=True),
                Field("code", listed=True, option=True),
                Field("family", listed=True, option=True),
                Field("list_price", "money", "list price", listed=True, option=True),
                CURRENCY,
                Field("active", "bool", default="yes"),
                Field("description"),
                EXTERNAL,
            ),
            key=("name",),
            search=("name", "code", "family", "description"),
        ),
        _kind(
            "pipeline",
            "PL",
            "pipeline",
            (Field("name", required=True, listed=True), Field("description", listed=True)),
            unique=("name",),
        ),
        _kind(
            "stage",
            "S",
            "stage",
            (
                Field("name", required=True, listed=True),
                Field("pipeline", "ref", to="pipeline", required=True, listed=True, option=True),
                Field("order", "number", required=True, listed=True, option=True),
                Field("probability", "percent", required=True, listed=True, option=True),
                Field("category", "choice", "forecast category", choices=CATEGORIES, required=True, listed=True, option=True),
                Field("outcome", "choice", "kind", choices=OUTCOMES, required=True, listed=True, default="open", option=True),
                Field("verb", listed=True, option=True),
                Field("exit_criteria", label="exit criteria", listed=True, option=True),
                Field("required_fields", label="required fields", listed=True, option=True),
            ),
            unique=("pipeline", "name"),
            order="pipeline,order",
        ),
        _kind(
            "reason",
            "R",
            "reason",
            (
                Field("name", required=True, listed=True),
                Field("outcome", "choice", choices=("won", "lost"), required=True, listed=True, default="lost", option=True),
                Field("group", listed=True, option=True),
                Field("weight", "number", listed=True, option=True),
                Field("recoverable", "bool", listed=True, option=True),
                Field("revisit_months", "number", "months until revisit", listed=True, option=True),
            ),
            unique=("name",),
        ),
        _kind(
            "opportunity",
            "O",
            "opp",
            (
                Field("name", required=True, listed=True),
                Field("account", "ref", to="account", listed=True, option=True),
                Field("contact", "ref", "primary contact", to="contact", option=True),
                OWNER,
                Field("pipeline", "ref", to="pipeline", option=True),
                Field("stage", "ref", to="stage", listed=True, option=True),
                Field("amount", "money", listed=True, option=True),
                CURRENCY,
                Field("close", "date", "expected close", listed=True, option=True),
                Field("closed", "date", "closed on"),
                Field("opened", "date", "opened on", default="today"),
                Field("probability", "percent", option=True),
                Field("category", "choice", "forecast category", choices=CATEGORIES, option=True),
                Field("product", "ref", to="product", option=True),
                *ORIGIN,
                Field("type", "choice", choices=DEAL_TYPES, option=True),
                Field("next_step", label="next step", personal=True, option=True),
                Field("reason", "ref", to="reason", option=True),
                Field("secondary_reason", "ref", "secondary reason", to="reason", option=True),
                Field("reason_note", label="reason note", personal=True, option=True),
                Field("competitor", "ref", to="account", option=True),
                Field("revisit", "date", option=True),
                Field("description", personal=True),
                EXTERNAL._replace(),
            ),
            plural="opportunities",
            key=(),
            search=("name", "next_step", "description"),
            order="close",
        ),
        _kind(
            "opportunity_contact",
            "",
            "",
            (
                Field("opportunity", "ref", to="opportunity", required=True),
                Field("contact", "ref", to="contact", required=True),
                Field("role", "choice", choices=ROLES),
            ),
            unique=("opportunity", "contact"),
            order="id",
        ),
        _kind(
            "activity",
            "AC",
            "activity",
            (
                Field("when", "stamp", required=True, listed=True, default="now", option=True),
                Field("kind", "choice", choices=ACTIVITY_KINDS, required=True, listed=True, option=True),
                Field("direction", "choice", choices=("in", "out")),
                Field("answer", "choice", "invitation", choices=("accepted", "tentative", "open")),
                Field("text", required=True, personal=True, listed=True, option=True),
                Field("opportunity", "ref", to="opportunity", listed=True, option=True),
                Field("contact", "ref", to="contact", listed=True, option=True),
                Field("lead", "ref", to="lead", option=True),
                Field("account", "ref", to="account", option=True),
                OWNER,
                Field("next_step", label="next step", personal=True, listed=True, option=True),
                Field("due", "date", listed=True, option=True),
                Field("done", "bool", "next step done", default="no"),
                EXTERNAL,
                Field("others", "people", "also with", to="contact"),
                Field("at", label="time of next step"),
                Field("priority", "choice", "priority of next step", choices=PRIORITIES),
                Field("duration", "duration", option=True),
                Field("outcome", "choice", choices=ACTIVITY_OUTCOMES, option=True),
                Field("tags", many=True, personal=True, option=True),
            ),
            plural="activities",
            search=("text", "next_step"),
            order="-when",
        ),
        _kind(
            "activity_contact",
            "",
            "",
            (Field("activity", "ref", to="activity", required=True), Field("contact", "ref", to="contact", required=True)),
            unique=("activity", "contact"),
            order="id",
        ),
        _kind(
            "task",
            "K",
            "task",
            (
                Field("name", label="what", required=True, personal=True, listed=True),
                Field("due", "date", listed=True, option=True),
                Field("at", label="time", listed=True),
                Field("priority", "choice", choices=PRIORITIES, listed=True, option=True, default="normal", usual="normal"),
                Field("opportunity", "ref", to="opportunity", listed=True, option=True),
                Field("account", "ref", to="account", listed=True, option=True),
                Field("contact", "ref", to="contact", listed=True, option=True),
                Field("lead", "ref", to="lead", listed=True, option=True),
                OWNER,
                Field("done", "date", listed=True),
                Field("repeat", listed=True, option=True),
                Field("snoozed", "date", "snoozed until", listed=True),
                Field("slot", "date", "due by its rhythm", managed=True),
                Field("note", personal=True, option=True),
                EXTERNAL,
            ),
            search=("name", "note"),
            order="due",
        ),
        _kind(
            "quota",
            "QT",
            "quota",
            (
                *TARGET,
                Field("covers", "choice", choices=COVERS, required=True, listed=True, option=True, usual="own"),
                Field("measure", required=True, listed=True, option=True, default="revenue", usual="revenue"),
                Field("family", label="product family", listed=True, option=True),
                Field("amount", "money", listed=True, option=True),
                Field("count", "number", listed=True, option=True),
                CURRENCY,
            ),
            unique=("owner", "period", "covers", "measure", "family"),
            order="period",
        ),
        _kind(
            "forecast_call",
            "FC",
            "forecast-call",
            (
                *TARGET,
                Field("commit", "money", listed=True),
                Field("best_case", "money", "best case", listed=True),
                Field("rollup_commit", "money", "roll-up commit", listed=True),
                Field("rollup_best_case", "money", "roll-up best case", listed=True),
                CURRENCY,
                *NOTED,
            ),
            unique=("owner", "period"),
            order="period",
        ),
        _kind(
            "forecast_adjustment",
            "FA",
            "forecast-adjustment",
            (
                *TARGET,
                *MANAGED,
                Field("amount", "money", required=True, listed=True),
                Field("gross", "money", required=True, listed=True),
                CURRENCY,
                *NOTED,
            ),
            unique=("owner", "manager", "period", "column"),
            order="period",
        ),
        _kind(
            "forecast_judgment",
            "FJ",
            "forecast-judgment",
            (
                Field("opportunity", "ref", to="opportunity", required=True, listed=True, option=True),
                TARGET[1],
                *MANAGED,
                Field("included", "bool", required=True, listed=True),
                *NOTED,
            ),
            unique=("opportunity", "manager", "period", "column"),
            order="period",
        ),
        _kind(
            "rate",
            "RT",
            "rate",
            (
                Field("currency", "currency", required=True, listed=True, option=True),
                Field("base", "currency", required=True, listed=True, option=True),
                Field("date", "date", required=True, listed=True, option=True),
                Field("rate", "rate", required=True, listed=True, option=True),
            ),
            unique=("currency", "base", "date"),
            order="date",
        ),
        *ARRANGED,
        _kind(
            "external",
            "",
            "",
            (Field("kind", required=True), Field("record", "id", required=True), Field("source"), Field("external", required=True)),
            unique=("kind", "source", "external"),
            order="id",
        ),
        _kind(
            "field",
            "",
            "field",
            (
                Field("kind", required=True, listed=True),
                Field("name", required=True, listed=True),
                Field("type", "choice", choices=USER_TYPES, required=True, listed=True),
                Field("label", listed=True),
                Field("choices", listed=True),
            ),
            unique=("kind", "name"),
        ),
    )
}

COMMON = ("id", "op", "since")


def kind_of(word: str) -> Kind:
    """The kind a person names (`opp`, `opportunities`, `leads`). Raises UsageError with the list."""
    import difflib

    w = word.strip().lower().replace("-", "_")
    w = {"deal": "opp", "deals": "opp"}.get(w, w)
    public = [k for k in KINDS.values() if k.noun]
    for k in public:
        if w in (k.name, k.noun, k.plural, k.noun + "s", k.name + "s"):
            return k
    near = difflib.get_close_matches(w, [n for k in public for n in (k.noun, k.plural)], 1)
    hint = say("Did you mean {near!r}?", near=near[0]) if near else say("Kinds: {public}", public=together(", ", (k.noun for k in public)))
    raise UsageError(say("there is no kind of record called {word!r}", word=word[:60]), hint)


def with_user_fields(kind: Kind, fields: list[Field]) -> Kind:
    """`kind` with a company's own fields behind its own."""
    return kind._replace(fields=(*kind.fields, *fields)) if fields else kind


def referrers(kinds: dict[str, Kind], name: str) -> list[tuple[Kind, Field]]:
    """Every (kind, field) that can point at a record of kind `name`."""
    return [(k, f) for k in kinds.values() for f in k.fields if f.type == "ref" and f.to == name]
