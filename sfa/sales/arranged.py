"""The kinds of records that say how a company works with the others: saved reports, saved filters, and rules on who gets what."""

from __future__ import annotations

from sfa.sales.fields import Field, Kind, kind

ASSIGNED = ("lead", "account")
"""The kinds whose new records rules give to people."""
FILTERED = ("opportunity", "account", "contact", "lead", "activity", "task", "product", "user")
"""The kinds whose filters can be saved."""
METHODS = ("round_robin", "least_loaded")

ARRANGED: tuple[Kind, ...] = (
    kind(
        "saved_report",
        "SR",
        "saved-report",
        (
            Field("name", required=True, listed=True),
            Field("command", required=True, listed=True),
            Field("owner", "ref", to="user", listed=True, default="me"),
        ),
        unique=("name",),
    ),
    kind(
        "saved_filter",
        "SF",
        "saved-filter",
        (
            Field("name", required=True, listed=True),
            Field("kind", "choice", "for", choices=FILTERED, required=True, listed=True, default="opportunity"),
            Field("condition", required=True, listed=True),
            Field("owner", "ref", to="user", listed=True, default="me"),
        ),
        unique=("kind", "name"),
        order="kind,name",
    ),
    kind(
        "assignment_rule",
        "AR",
        "rule",
        (
            Field("name", required=True, listed=True),
            Field("kind", "choice", "for", choices=ASSIGNED, required=True, listed=True, default="lead", usual="lead"),
            Field("order", "number", required=True, listed=True, option=True),
            Field("condition", listed=True),
            Field("method", "choice", choices=METHODS, required=True, listed=True, default="round_robin"),
            Field("active", "bool", listed=True, option=True, default="yes", usual="yes"),
        ),
        unique=("kind", "name"),
        order="kind,order",
    ),
    kind(
        "assignment_member",
        "AM",
        "assignment-member",
        (
            Field("rule", "ref", to="assignment_rule", required=True, listed=True),
            Field("person", "ref", to="user", required=True, listed=True),
            Field("order", "number", required=True, listed=True),
        ),
        unique=("rule", "person"),
        order="rule,order",
    ),
    kind(
        "assignment_turn",
        "",
        "",
        (
            Field("rule", "id", required=True),
            Field("person", "id", required=True),
            Field("count", "number", required=True),
        ),
        order="id",
    ),
)
