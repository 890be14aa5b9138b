"""People on deals: contacts with roles, one of them primary."""

from __future__ import annotations

from typing import Any

from sfa.errors import NotFound
from sfa.messages import say
from sfa.store.operations import Operation

Record = dict[str, Any]


def on_deal(op: Operation, deal: Record, contact: Record, role: str | None, *, primary: bool = False, remove: bool = False) -> str:
    """Put a contact on a deal or take it off; returns what was done in words. The first contact of a deal is its primary one."""
    row = op.store.db.execute(
        "SELECT id, role FROM opportunity_contact WHERE opportunity=? AND contact=?", (deal["id"], contact["id"])
    ).fetchone()
    if remove:
        if row is None and deal["contact"] != contact["id"]:
            raise NotFound("this contact is not on the deal")
        if row:
            op.delete("opportunity_contact", row[0])
        if deal["contact"] == contact["id"]:
            op.update("opportunity", deal["id"], {"contact": None})
        return "is no longer on"
    if row is None:
        op.insert("opportunity_contact", {"opportunity": deal["id"], "contact": contact["id"], "role": role})
    elif role:
        op.update("opportunity_contact", row[0], {"role": role})
    if primary or deal["contact"] is None:
        as_what = f" ({role.replace('_', ' ')})" if role else ""
        op.update("opportunity", deal["id"], {"contact": contact["id"]})
        return say("is the primary contact{as_what} of", as_what=as_what)
    return say("is {role} on", role=(role or "contact").replace("_", " "))
