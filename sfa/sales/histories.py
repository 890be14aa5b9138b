"""Files of what deals once were, as other products keep them: which of three shapes the rows have, and which field of ours a change is of.

What such rows make of a deal's past is decided in `pasts.py`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sfa.sales.kinds import KINDS, Field, Kind
from sfa.sales.mapping import Map, Plan, match, plain
from sfa.sales.profiles import aliases
from sfa.sales.profiles.common import CHANGED_FIELDS

_DEAL = KINDS["opportunity"]
_KEY = Field("opportunity", "ref", to="opportunity", required=True)
GIVEN = ("amount", "currency", "close", "probability", "category", "owner")
"""What rows that are no changes may say of a deal beside its stage."""
_STAGE = _DEAL.field("stage")._replace(required=True)
_STATE = (_STAGE, *(_DEAL.field(name) for name in GIVEN))

SNAPSHOTS = Kind("history", "", "history", "history", (_KEY, Field("changed", "stamp", required=True), *_STATE))
CHANGES = Kind(
    "field history",
    "",
    "history",
    "changes of fields",
    (
        _KEY,
        Field("changed", "stamp", required=True),
        Field("field", required=True),
        Field("old", label="old value"),
        Field("new", label="new value", required=True),
    ),
)
VISITS = Kind("stage history", "", "history", "stages", (_KEY, Field("entered", "stamp", required=True), Field("left", "stamp"), *_STATE))
SHAPES = {
    VISITS.name: "each row is a stage that a deal was in",
    CHANGES.name: "each row is a change of one field",
    SNAPSHOTS.name: "each row is what a deal was from then on",
}
"""Shapes of files by the name of their kind: what is said of each."""

_MARKERS = ("created", "opportunitycreatedfromlead")
_DERIVED = ("pipeline", "closed")
"""What a deal's stage and the days of its changes say already."""


def history(deal: Kind = _DEAL) -> Kind:
    """The kind that a map for any of the shapes is read by: the columns of all of them, and the deal's fields, whose values it may name."""
    columns = {f.name: f for kind in (SNAPSHOTS, CHANGES, VISITS) for f in kind.fields}
    more = [f for f in deal.fields if f.stored and f.name not in columns]
    return Kind("history", "", "history", "history", (*columns.values(), *more))


def shape(header: list[str], samples: list[list[str]], given: Map) -> Plan:
    """Where the columns of a file of history go, in the shape that they make whole, else the one that lacks the least.

    Raises UsageError where nothing fits, or the map does not fit the file."""
    found: list[Plan] = []
    for kind in (SNAPSHOTS, VISITS, CHANGES):
        named = {target for target in given.columns.values() if target} | given.set.keys()
        if named <= kind.by_name.keys():
            found.append(match(kind, header, samples, given))
    # No shape has all the columns that a map names: matching by the usual one says which is too many.
    return min(found, key=_unlike) if found else match(SNAPSHOTS, header, samples, given)


def _unlike(plan: Plan) -> tuple[int, int]:
    """How far a file is from a shape: the needed columns that it lacks; of shapes that it has whole, the one with more telling columns is
    nearer (a report of changes may show the deal's stage beside them, a snapshot has a name and a value)."""
    there = {c.field.name for c in plan.columns} | plan.map.set.keys()
    lacking = len({f.name for f in plan.kind.fields if f.required} - there)
    whole = [VISITS.name, CHANGES.name if "old" in there else "", SNAPSHOTS.name, CHANGES.name]
    return lacking, 0 if lacking else whole.index(plan.kind.name)


# Changes of fields --------------------------------------------------------------------------------------------------------------------


def changed_fields(deal: Kind) -> dict[str, Field]:
    """Name of a field in other products, plain → our field of deals; its own name beats a label, that one an alias."""
    out: dict[str, Field] = {}
    for names in (
        lambda f: (f.name,),
        lambda f: (f.title,),
        lambda f: aliases(deal.name, f.name),
        lambda f: tuple(CHANGED_FIELDS.get(f.name, "").split(" | ")),
    ):
        for field in deal.fields:
            for name in names(field):
                out.setdefault(plain(name), field)
    del out[""]
    return out


def field_changed(fields: dict[str, Field], name: str) -> Field | None:
    """The field of ours that rows called `name` change; None where there is none, or where other fields say the same.

    `fields` are `changed_fields`; the ending of fields that a company added (`__c`) does not count."""
    field = fields.get(plain(name)) or fields.get(plain(re.sub("__c$", "", name)))
    return field if field and field.stored and not field.managed and field.name not in _DERIVED else None


def is_marker(name: str, old: str | None, new: str | None) -> bool:
    """Whether a row says no more than that the deal was made."""
    return not old and not new and plain(name) in _MARKERS


def dated(text: str) -> str:
    """A date as HubSpot's milliseconds since 1970 have it, ISO; any other text as it is."""
    return datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat() if re.fullmatch(r"\s*\d{12,13}\s*", text) else text
