"""New leads and contacts linked to the account that they surely belong to, where the setting `duplicates` says link. What is sure
`sales/belonging.py` says."""

from __future__ import annotations

from typing import Any, Protocol

from sfa.sales.belonging import NOWHERE, Belongs, Firms
from sfa.sales.names import domains
from sfa.store import textindex
from sfa.store.database import Store
from sfa.store.leads import accounts_like
from sfa.store.schema import q

Record = dict[str, Any]
FIELD = {"lead": "matched_account", "contact": "account"}
"""Which field says where records of a kind belong."""
_TOLD = ("company", "email", "other_emails", "website", "country")
MOST = 200
_ALL = "SELECT id, name, website, country FROM account"


class Filler(Protocol):
    """What gives new records of a load more than their rows do, before they are written: columns `values` of the fields `names`."""

    def fill(self, names: list[str], values: list[Any], many: int) -> None: ...


def of(store: Store, kind: str, record: Record) -> Belongs:
    """Where one record belongs; only accounts that may be meant are read."""
    if kind not in FIELD or record.get(FIELD[kind]) is not None:
        return NOWHERE
    numbers = {a["id"] for a in accounts_like(store, record.get("company") or "")}
    table = q("account_search")
    for domain in domains(record):
        if wanted := textindex.match(domain):
            sql = f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT {MOST}"
            numbers |= {r[0] for r in store.db.execute(sql, (wanted,))}
    if not numbers:
        return NOWHERE
    return Firms(store.db.execute(f"{_ALL} WHERE id IN ({','.join(map(str, sorted(numbers)))})")).of(record)


class Belonging:
    """Links the new records of a load, all of one kind. `linked` and `unsure` count them."""

    def __init__(self, store: Store, kind: str, then: Filler | None) -> None:
        self.kind, self.then, self.linked, self.unsure = kind, then, 0, 0
        self.firms = Firms(store.db.execute(_ALL))

    def fill(self, names: list[str], values: list[Any], many: int) -> None:
        """Link those of `many` new records that surely belong to an account and have none; then what else fills them has its turn."""
        field = FIELD[self.kind]
        told = {n: values[names.index(n)] for n in _TOLD if n in names}
        there = values[names.index(field)] if field in names else [None] * many
        if told and (self.firms.by_name or self.firms.by_domain):
            given = [t if t is not None else self._of({n: v[i] for n, v in told.items()}) for i, t in enumerate(there)]
            if field in names:
                values[names.index(field)] = given
            else:
                names.append(field)
                values.append(given)
        if self.then:
            self.then.fill(names, values, many)

    def _of(self, record: Record) -> int | None:
        found = self.firms.of(record)
        self.linked += found.account is not None
        self.unsure += bool(found.choices)
        return found.account
