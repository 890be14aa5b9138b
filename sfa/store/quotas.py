"""Reading quotas: what they can be about, those of a period. What a quota may be is in `sales/quotas.py`."""

from __future__ import annotations

from typing import Any

from sfa.sales import quotas
from sfa.sales.dates import Period
from sfa.store.database import Store
from sfa.store.schema import q

Record = dict[str, Any]


def known(store: Store) -> quotas.Known:
    """The measures and product families that quotas can be about now."""
    rows = store.db.execute("SELECT DISTINCT family FROM product WHERE family IS NOT NULL ORDER BY family")
    return quotas.Known(quotas.measures(store.kinds["opportunity"]), tuple(r[0] for r in rows))


def within(store: Store, period: Period) -> list[Record]:
    """The quotas of all periods within one, with the owner's `name`, `team` and `active`, by person and period."""
    columns = ("id", *store.kinds["quota"].columns)
    names = ",".join(f"t.{q(c)}" for c in columns)
    rows = store.db.execute(
        f"SELECT {names}, u.name, u.team, u.active FROM quota t JOIN user u ON u.id=t.owner"
        " WHERE substr(t.period,1,10)>=? AND substr(t.period,12)<=? ORDER BY u.name, t.owner, t.period, t.id",
        (period.start.isoformat(), period.end.isoformat()),
    )
    return [dict(zip((*columns, "name", "team", "active"), r, strict=True)) for r in rows]
