"""What the people of the file wish and do not want; the strictest opt-out of all that are one person counts, as on export."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sfa.sales.groups import OPT_OUTS
from sfa.sales.wishes import EVERYTHING, OPT_OUT_OF, Wishes
from sfa.store import lookup, optouts
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


def against(store: Store, kind: str, done: Iterable[tuple[str, str, int]]) -> dict[tuple[str, int], int]:
    """Of what was done (when, and which contact or lead it was with): who did not want this kind of activity by then → how often.

    The day on which somebody said so is not counted: nobody knows what came first."""
    unwilling: dict[tuple[str, int], str] = {}
    field = OPT_OUT_OF[kind]
    for of_kind in OF:
        sql = f"SELECT id, do_not_contact, {field} FROM {of_kind} t WHERE {optouts.barred(of_kind, field.removeprefix('opt_out_'))}"
        for number, *_ in store.db.execute(sql).fetchall():
            who = of(store, of_kind, number)
            unwilling[of_kind, number] = min(who.barred[f] for f in (EVERYTHING, field) if f in who.barred) if who else ""
    found: Counter[tuple[str, int]] = Counter()
    for when, of_kind, number in done if unwilling else ():
        found[of_kind, number] += (of_kind, number) in unwilling and unwilling[of_kind, number][:10] < when[:10]
    return +found
