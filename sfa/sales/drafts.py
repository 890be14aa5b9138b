"""What a record must be before it is written: defaults, names made from other fields, required fields. The same for people and imports."""

from __future__ import annotations

from typing import Any

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales import naming
from sfa.sales.kinds import Kind
from sfa.sales.values import Context, read

Record = dict[str, Any]
MAKES_NAME = {
    "opportunity": ", or an account and a product that make one.",
    "lead": ", a company or an e-mail that make one.",
    "contact": ", or an e-mail that makes one.",
    "user": ", or an e-mail that makes one.",
}
"""What stands in for a name that is missing, as a hint says it."""


def defaults(kind: Kind, context: Context) -> Record:
    """The stored defaults of a new record (the owner, `me`, is the store's to fill)."""
    out: Record = {}
    for field in kind.fields:
        if field.default and field.default != "me":
            out[field.name] = read(field, field.default, context)
    if "currency" in kind.columns and any(f.type == "money" for f in kind.fields):
        out["currency"] = context.currency
    return out


def named(kind: Kind, record: Record, texts: Record | None = None) -> Record:
    """`record` with the name that its other fields make, where it has none. `texts` holds names of what its references point to.

    A person: first and last name, else the e-mail's; a lead also its company; a deal: account and product, else the external id."""
    if record.get("name") or "name" not in kind.columns:
        return _parts(kind, record)
    texts = texts or {}
    made = ""
    if "last_name" in kind.columns:
        made = full_name(record.get("first_name"), record.get("last_name"))
        made = made or (record.get("company") or "" if kind.name == "lead" else "") or (record.get("email") or "").partition("@")[0]
    elif kind.name == "opportunity":
        made = " — ".join(t for t in (texts.get("account"), texts.get("product")) if t) or record.get("external_id") or ""
    elif kind.name == "user":
        made = (record.get("email") or "").partition("@")[0]
    return _parts(kind, {**record, "name": made}) if made else record


def full_name(first: str | None, last: str | None) -> str:
    """First and last name in the order of their script: Chinese, Japanese and Korean names put the family first, without a blank."""
    if (
        first
        and last
        and not (first + last).isascii()
        and all("\u3400" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7a3" for c in first + last)
    ):
        return last + first
    return " ".join(p for p in (first, last) if p)


def _parts(kind: Kind, record: Record) -> Record:
    """First and last name from a full one of two words, so that mail merges and duplicates find them."""
    name = record.get("name") or ""
    if (
        kind.name in ("contact", "lead")
        and not record.get("first_name")
        and not record.get("last_name")
        and " " in name
        and name != record.get("company")
    ):
        first, last = naming.split(name)
        return {**record, "first_name": first or None, "last_name": last} if last else record
    return record


def check(kind: Kind, record: Record) -> Record:
    """`record`, complete. Raises UsageError naming what is missing and the option that gives it."""
    for field in kind.fields:
        if field.required and record.get(field.name) in (None, ""):
            also = MAKES_NAME.get(kind.name, "") if field.name == "name" else ""
            raise UsageError(
                say("{noun}: {title} is required", noun=kind.noun or kind.name, title=field.title),
                say("Add {name}=…{also}", name=field.name, also=also),
            )
    if record.get("parent") is not None and record.get("parent") == record.get("id"):
        raise UsageError("an account cannot be its own parent")
    return record
