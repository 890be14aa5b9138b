"""What the people of the file wish and do not want; the strictest opt-out of all that are one person counts, as on export."""

from __future__ import annotations

from sfa.sales.groups import OPT_OUTS
from sfa.sales.wishes import Wishes
from sfa.store import lookup
from sfa.store.database import Store

OF = ("contact", "lead")


def of(store: Store, kind: str, number: int) -> Wishes | None:
    """The wishes of a contact or lead; None where there is none such."""
    record = lookup.get(store, kind, number) if kind in OF else None
    if record is None:
        return None
    barred: dict[str, str] = {}
    for other, n in _same(store, kind, record["id"], record.get("email"), record.get("contact")):
        for field, value in zip(OPT_OUTS, _optouts(store, other, n), strict=True):
            if value and (field not in barred or value < barred[field]):
                barred[field] = value
    reach = {"call"} if record.get("phone") or record.get("mobile") else set()
    reach |= {"email"} if record.get("email") else set()
    wished = {n: record.get(n) for n in ("channel", "cadence", "times", "language")}
    return Wishes(record["name"], barred, reach=frozenset(reach), **wished)


def _optouts(store: Store, kind: str, number: int) -> tuple[str | None, ...]:
    found: tuple[str | None, ...] = store.db.execute(f"SELECT {','.join(OPT_OUTS)} FROM {kind} WHERE id=?", (number,)).fetchone()
    return found


def _same(store: Store, kind: str, number: int, email: str | None, became: int | None) -> list[tuple[str, int]]:
    """The records that are one person with this one: itself, its lead or contact, those with its e-mail."""
    found = [(kind, number)]
    if kind == "lead" and became is not None:
        found.append(("contact", became))
    if kind == "contact":
        found += [("lead", r[0]) for r in store.db.execute("SELECT id FROM lead WHERE contact=?", (number,))]
    if email:
        found += [(k, r[0]) for k in OF for r in store.db.execute(f"SELECT id FROM {k} WHERE email=?", (email,))]
    return list(dict.fromkeys(found))
