"""What a report can be sliced by: one table from names to SQL, shared by all reports.

Beside the names here, any choice, text or reference of an opportunity is a dimension, the company's own fields included, and any text
or choice of a record that it refers to (account.city)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales.bands import BANDS
from sfa.sales.kinds import CATEGORIES, Field
from sfa.store.database import Store
from sfa.store.queries import rates, scope
from sfa.store.schema import q

NAMED = {
    "rep": "owner",
    "manager": "owner",
    "team": "owner",
    "region": "owner",
    "product": "product",
    "family": "product.family",
    "month": "month",
    "quarter": "month",
    "stage": "stage",
    "category": "category",
    "source": "source",
    "industry": "account.industry",
    "country": "account.country",
    "currency": "currency",
    "type": "type",
    "account": "account",
    "competitor": "competitor",
    "reason": "reason",
    "reason_group": "reason.group",
    "pipeline": "pipeline",
}
"""Dimension → what it is made of. manager, team and region are looked up from the person in charge, quarters from months."""

PEOPLE = ("rep", "manager", "team", "region")
SLICED = ("text", "choice", "ref", "bool", "currency")


class Dimension(NamedTuple):
    """One way to slice. `sql` is the value over alias t and `joins`; `to` the kind of record that it is the id of, if any; `banded`: it
    is the number of one of the BANDS of this name."""

    name: str
    sql: str
    joins: tuple[str, ...] = ()
    to: str = ""
    banded: bool = False


def parse(store: Store, text: str, own: dict[str, str]) -> list[Dimension]:
    """The dimensions that `--by a,b` names. `own` is the report's SQL for owner, month, category and whatever it sees differently; for
    bands of something that not every deal has (cycle, pushes, deal_size), that of the number.

    Raises UsageError naming the valid ones."""
    names = [n for n in (n.strip().lower().replace("-", "_") for n in text.split(",")) if n]
    if not 1 <= len(names) <= 2:
        raise UsageError("a report is sliced by one or two dimensions", "As in --by rep or --by rep,month.")
    known = store.kinds["opportunity"].by_name
    names = ["rep" if n == "owner" else "reason_group" if n == "group" and n not in known else n for n in names]
    if len(set(names)) < len(names):
        raise UsageError(say("--by names {names!r} twice", names=names[0]))
    return [_one(store, n, own) for n in names]


def _one(store: Store, name: str, own: dict[str, str]) -> Dimension:
    path = NAMED.get(name, name)
    first, _, inner = path.partition(".")
    kind = store.kinds["opportunity"]
    if name in BANDS and name not in kind.by_name:
        return _banded(store, name, own)
    if path == "month":
        return Dimension(name, own["month"])
    field = kind.by_name.get(first)
    if field is None or not _sliceable(store, field, inner):
        raise _unknown(store, name, own)
    sql = own.get(first, f"t.{q(first)}")
    if not inner:
        return Dimension(name, _spelled(field, sql), (), field.to if name not in PEOPLE[1:] else "user")
    value = _spelled(store.kinds[field.to].field(inner), f"j_{first}.{q(inner)}")
    return Dimension(name, value, (f"LEFT JOIN {q(field.to)} j_{first} ON j_{first}.id={sql}",))


def _banded(store: Store, name: str, own: dict[str, str]) -> Dimension:
    """The bands of a number: of the report's own, or of the account's."""
    if not name.startswith("account_"):
        if name not in own:
            raise _unknown(store, name, own)
        return Dimension(name, band(name, own[name]), (), "", True)
    join = f"LEFT JOIN account j_account ON j_account.id={own.get('account', 't.account')}"
    if name == "account_size":
        return Dimension(name, band(name, "j_account.employees"), (join,), "", True)
    today = scope.calendar(store).today
    sql = "SELECT DISTINCT currency FROM account WHERE annual_revenue IS NOT NULL AND currency<>? ORDER BY 1"
    for (currency,) in store.db.execute(sql, (store.currency,)).fetchall():
        rates.rate_on(store, currency, today)
    rates.prepare(store)
    revenue = rates.converted(store, "fa", "j_account.annual_revenue", "j_account.currency")
    return Dimension(name, band(name, revenue), (join, rates.join("fa", "j_account.currency", f"'{today}'")), "", True)


def band(name: str, number: str) -> str:
    """The SQL of which of the BANDS of a name a number is in; NULL where it is blank or below them."""
    bands = BANDS[name]
    below = f" WHEN {number}<{bands.lowest} THEN NULL" if bands.lowest is not None else ""
    steps = "".join(f" WHEN {number}<{edge} THEN {i}" for i, edge in enumerate(bands.edges))
    return f"CASE WHEN ({number}) IS NULL THEN NULL{below}{steps} ELSE {len(bands.edges)} END"


def _spelled(field: Field, sql: str) -> str:
    return f"CASE {sql} WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END" if field.type == "bool" else sql


def _sliceable(store: Store, field: Field, inner: str) -> bool:
    if field.many or field.type not in SLICED:
        return False
    if not inner:
        return field.type != "text" or field.user or field.name not in ("name", "next_step", "description")
    target = store.kinds[field.to].by_name.get(inner) if field.type == "ref" else None
    return target is not None and not target.many and target.type in ("text", "choice", "bool", "currency")


def _unknown(store: Store, name: str, seen: dict[str, str]) -> UsageError:
    import difflib

    own = [n for n in BANDS if n.startswith("account_") or n in seen]
    own += [f.name for f in store.kinds["opportunity"].fields if f.user and _sliceable(store, f, "")]
    near = difflib.get_close_matches(name, [*NAMED, *own], 1)
    known = say("Dimensions: {it}, or a field such as account.city", it=together(", ", [*NAMED, *own]))
    return UsageError(
        say("a report cannot be sliced by {name!r}", name=name[:60]),
        say("Did you mean {near!r}? {known}", near=near[0], known=known) if near else known,
    )


def joins(dimensions: Iterable[Dimension]) -> str:
    """The joins that all dimensions need, each once."""
    return " ".join(dict.fromkeys(j for d in dimensions for j in d.joins))


class Labels:
    """What the values of a dimension are called, and in which order they stand."""

    def __init__(self, store: Store, dimension: Dimension, values: Iterable[Any]) -> None:
        self.dimension = dimension
        self.names: dict[Any, str] = {}
        self.ranks: dict[Any, Any] = {}
        wanted = {v for v in values if v is not None}
        if dimension.to == "stage":
            self._stages(store)
        elif dimension.banded:
            self.names = {v: BANDS[dimension.name].label(v, store.currency) for v in wanted}
            self.ranks = {v: v for v in wanted}
        elif dimension.to and dimension.name not in ("team", "region"):
            self.names = _names(store, dimension.to, wanted)
        elif dimension.name == "category":
            self.ranks = {c: i for i, c in enumerate(CATEGORIES)}
        elif dimension.name in ("month", "quarter"):
            self.ranks = {v: v for v in wanted}
        self.ordered = bool(self.ranks)

    def _stages(self, store: Store) -> None:
        several = store.db.execute("SELECT count(DISTINCT pipeline) FROM stage").fetchone()[0] > 1
        rows = store.db.execute(
            'SELECT s.id,s.name,p.name FROM stage s JOIN pipeline p ON p.id=s.pipeline ORDER BY p.id,s."order",s.id'
        ).fetchall()
        for rank, (number, name, pipeline) in enumerate(rows):
            self.names[number] = f"{name} ({pipeline})" if several else name
            self.ranks[number] = rank

    def name(self, value: Any) -> str | None:
        """What a value is called; None for a blank one."""
        if value is None or value == "":
            return None
        if value in self.names:
            return self.names[value]
        return str(value)


def _names(store: Store, kind: str, wanted: set[Any]) -> dict[Any, str]:
    numbers = [n for n in wanted if isinstance(n, int)]
    if len(numbers) > 500:
        return dict(store.db.execute(f"SELECT id,name FROM {q(kind)}").fetchall())
    marks = ",".join(map(str, numbers))
    return dict(store.db.execute(f"SELECT id,name FROM {q(kind)} WHERE id IN ({marks})").fetchall())
