"""Reading quotas: what they can be about, those of a period, what copying them comes to. What a quota may be is in `sales/quotas.py`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple

from sfa.sales import quotas
from sfa.sales.dates import Period, parse_period_key
from sfa.store import lookup
from sfa.store.database import Store
from sfa.store.schema import q

Record = dict[str, Any]


def known(store: Store) -> quotas.Known:
    """The measures and product families that quotas can be about now."""
    rows = store.db.execute("SELECT DISTINCT family FROM product WHERE family IS NOT NULL ORDER BY family")
    return quotas.Known(quotas.measures(store.kinds["opportunity"]), tuple(r[0] for r in rows))


def within(store: Store, period: Period) -> list[Record]:
    """The quotas of all periods within one, with the owner's `name` and `active`, by person and period."""
    columns = ("id", *store.kinds["quota"].columns)
    names = ",".join(f"t.{q(c)}" for c in columns)
    rows = store.db.execute(
        f"SELECT {names}, u.name, u.active FROM quota t JOIN user u ON u.id=t.owner"
        " WHERE substr(t.period,1,10)>=? AND substr(t.period,12)<=? ORDER BY u.name, t.owner, t.period, t.id",
        (period.start.isoformat(), period.end.isoformat()),
    )
    return [dict(zip((*columns, "name", "active"), r, strict=True)) for r in rows]


class Copy(NamedTuple):
    """A quota to be copied: the one that it is made of, the new one ({} where it is left out), the one that stands there, and what that
    makes of it: new, different, unchanged, or why it is left out."""

    source: Record
    record: Record
    before: Record | None
    what: str

    def writes(self, on_duplicate: str) -> bool:
        """Whether it is written, `on_duplicate` (skip, update) saying what of different ones."""
        return self.what == "new" or (self.what == "different" and on_duplicate == "update")

    @property
    def name(self) -> str:
        return str(self.source["name"])

    @property
    def origin(self) -> str:
        return parse_period_key(self.source["period"]).name

    @property
    def period(self) -> str:
        return parse_period_key(self.record["period"]).name if self.record else ""


def copies(store: Store, found: list[Record], move: quotas.Move, percent: Decimal) -> list[Copy]:
    """What copying the quotas `found` comes to, each moved and grown."""
    return [_copied(store, source, move, percent) for source in found]


def _copied(store: Store, source: Record, move: quotas.Move, percent: Decimal) -> Copy:
    period = move.of(source["period"])
    if not source["active"]:
        return Copy(source, {}, None, "not active")
    if period is None:
        return Copy(source, {}, None, "not of whole months")
    columns = store.kinds["quota"].columns
    record = {**{c: source[c] for c in columns}, "period": period, **quotas.grown(source, percent)}
    before = lookup.standing(store, "quota", record)
    if before is None:
        return Copy(source, record, None, "new")
    same = all(before[c] == record[c] for c in columns)
    return Copy(source, record, before, "unchanged" if same else "different")
