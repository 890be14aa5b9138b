"""Reading records: listings with filters, a record's relations and timeline, full-text search."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales.filters import Condition
from sfa.sales.kinds import Field, Kind, referrers
from sfa.sales.phones import phone_key
from sfa.sales.sheets import Column, Sheet
from sfa.store import participants, textindex
from sfa.store.database import Store
from sfa.store.schema import indexes, q, search_text
from sfa.store.where import TOUCHING, where

PAGE = 1_000
"""Records up to which the first ones are found before anything of them is read."""
LOOKED_THROUGH = 20_000
"""Records that are looked through in the order of an index for those of a page."""


def select(
    store: Store,
    kind: Kind,
    names: list[str],
    conditions: list[Condition],
    order: str = "",
    limit: int = 0,
    only: int | None = None,
    within: str = "",
    beside: tuple[str, ...] = (),
    named: Mapping[str, Mapping[int, str]] = {},
) -> Sheet:
    """The records that fit all conditions, with the columns asked for. `order` is field names, `-` in front for falling;
    blanks come last. `within` is another condition and `beside` are further expressions at the rows' ends, both SQL over the alias t.
    References to kinds that `named` has the names of come as ids. Raises UsageError for an unknown field."""
    parts: list[str] = []
    joins: dict[str, str] = {}
    columns = [_by_id(kind, n, parts, named) or _column(store, kind, n, parts, joins) for n in names]
    clause, params = where(store, kind, conditions)
    if only is not None:
        clause, params = f"t.id=? AND {clause}", [only, *params]
    if within:
        clause = f"({clause}) AND {within}"
    ordering = _order(store, kind, order or kind.order, joins)
    if 0 < limit <= PAGE and only is None:
        page = _first(store, kind, order or kind.order, conditions, f"({clause})", params, limit)
        clause, params = f"t.id IN ({','.join(map(str, page))})", []
    parts += beside
    sql = f"SELECT {','.join(parts)} FROM {q(kind.name)} t {' '.join(joins.values())} WHERE {clause} ORDER BY {ordering}"
    return Sheet(columns, store.db.execute(sql + (f" LIMIT {int(limit)}" if limit else ""), params))


def _first(store: Store, kind: Kind, order: str, conditions: list[Condition], clause: str, params: list[Any], limit: int) -> list[int]:
    """The ids that a page begins with: only what they are ordered by is read of all records, or nothing where an index has that order and
    most records fit. No index has an order in which blanks come last: the blank ones are asked for apart."""
    joins: dict[str, str] = {}
    ordering = _order(store, kind, order, joins)
    source, name = f"{q(kind.name)} t {' '.join(joins.values())}", order.partition(",")[0].strip().lstrip("-")
    if name in ("id", "ref") or kind.field(name).type == "ref":
        return _ids(store, f"SELECT t.id FROM {source} WHERE {clause} ORDER BY {ordering} LIMIT ?", [*params, limit])
    filled = f"t.{q(name)} IS NOT NULL"
    first = ordering.replace(" NULLS LAST", "", 1)
    usual = all(c.path in ("stage", "is") and "mine" not in c.values for c in conditions)
    if usual and not joins and "," not in order and f"{kind.name}_{name}" in indexes(kind):
        # Where the first ones are not among so many, the index would lead from one end of the file to the other.
        begun = f"SELECT * FROM {q(kind.name)} t WHERE {filled} ORDER BY {first} LIMIT {LOOKED_THROUGH}"
        found = _ids(store, f"SELECT t.id FROM ({begun}) t WHERE {clause} LIMIT ?", [*params, limit])
        if len(found) == limit:
            return found
    # The signs keep SQLite from going by the index of the order.
    found = _ids(store, f"SELECT t.id FROM {source} WHERE {clause} AND +{filled} ORDER BY +{first} LIMIT ?", [*params, limit])
    if len(found) < limit and not kind.field(name).required:
        blank = f"SELECT t.id FROM {source} WHERE {clause} AND t.{q(name)} IS NULL ORDER BY {ordering} LIMIT ?"
        found += _ids(store, blank, [*params, limit - len(found)])
    return found


def _ids(store: Store, sql: str, params: list[Any]) -> list[int]:
    return [row[0] for row in store.db.execute(sql, params)]


def count(store: Store, kind: Kind, conditions: list[Condition]) -> int:
    """How many records fit."""
    clause, params = where(store, kind, conditions)
    return int(store.db.execute(f"SELECT count(*) FROM {q(kind.name)} t WHERE {clause}", params).fetchone()[0])


def ids(store: Store, kind: Kind, conditions: list[Condition]) -> list[int]:
    """The ids of the records that fit."""
    clause, params = where(store, kind, conditions)
    return [r[0] for r in store.db.execute(f"SELECT t.id FROM {q(kind.name)} t WHERE {clause} ORDER BY t.id", params)]


def names(store: Store, kind: str, **fields: str) -> list[str]:
    """The names of a kind's records that have these values, in order."""
    clause = " AND ".join(f"{q(f)}=?" for f in fields) or "1"
    return [row[0] for row in store.db.execute(f"SELECT name FROM {q(kind)} WHERE {clause} ORDER BY name", list(fields.values()))]


def _at(parts: list[str], sql: str) -> int:
    if sql not in parts:
        parts.append(sql)
    return parts.index(sql)


def _join(joins: dict[str, str], alias: str, field: Field) -> str:
    """The alias of the table a reference points to, joined when it is not yet."""
    name = f"{alias}_{field.name}"
    joins.setdefault(name, f"LEFT JOIN {q(field.to)} {name} ON {name}.id={alias}.{q(field.name)}")
    return name


def _by_id(kind: Kind, name: str, parts: list[str], named: Mapping[str, Mapping[int, str]]) -> Column | None:
    """The column of a reference to a kind whose names are known."""
    field = kind.by_name.get(name)
    if field is None or field.type != "ref" or field.to not in named:
        return None
    at = _at(parts, f"t.{q(name)}")
    return Column(name, field, at, at, named[field.to])


def _column(store: Store, kind: Kind, name: str, parts: list[str], joins: dict[str, str], alias: str = "t", full: str = "") -> Column:
    full = full or name
    if name in ("ref", "id"):
        return Column(full, Field(name, "self", to=kind.name), _at(parts, f"{alias}.id"))
    first, _, inner = name.partition(".")
    field = kind.field(first)
    if inner:
        if field.type != "ref":
            raise UsageError(say("{first} is not a reference, so there is no column {full!r}", first=first, full=full))
        return _column(store, store.kinds[field.to], inner, parts, joins, _join(joins, alias, field), full)
    if field.type == "people":
        return Column(full, field, _at(parts, participants.names_sql(alias)), _at(parts, participants.ids_sql(alias)))
    if not field.stored:
        mine = f"e.\"kind\"='{kind.name}' AND e.record={alias}.id AND substr(coalesce(e.source,''),1,1)<>'#'"
        sql = f"(SELECT min(e.external) FROM external e WHERE {mine})"
        return Column(full, field, _at(parts, sql))
    if field.type == "ref":
        return Column(full, field, _at(parts, f"{_join(joins, alias, field)}.name"), _at(parts, f"{alias}.{q(first)}"))
    beside = _at(parts, f"{alias}.currency") if field.type == "money" and "currency" in kind.columns else -1
    return Column(full, field, _at(parts, f"{alias}.{q(first)}"), beside)


def _order(store: Store, kind: Kind, order: str, joins: dict[str, str]) -> str:
    out = []
    for name in order.split(","):
        name = name.strip()
        falling = name.startswith("-")
        if name.lstrip("-") in ("id", "ref"):
            out.append("t.id" + (" DESC" if falling else ""))
            continue
        field = kind.field(name.lstrip("-"))
        if not field.stored:
            raise UsageError(say("a listing cannot be sorted by {name}", name=field.name))
        target = f"t.{q(field.name)}"
        if field.type == "ref":
            to = store.kinds[field.to]
            inner = _join(joins, "t", field)
            target = f'{inner}."order"' if to.name == "stage" else f"{inner}.name COLLATE NOCASE" if "name" in to.columns else target
        elif field.type == "text":
            target += " COLLATE NOCASE"
        out.append(f"{target}{(' DESC' if falling else '')} NULLS LAST")
    return ",".join([*out, "t.id"])


def related(store: Store, kind: Kind, number: int, limit: int = 50) -> dict[str, Sheet]:
    """Records that refer to this one, by plural; activities are the timeline's."""
    out: dict[str, Sheet] = {}
    for other, field in referrers(store.kinds, kind.name):
        if other.name == "activity" or not other.prefix:
            continue
        names = [n for n in ("ref", *other.listed) if n != field.name]
        wanted = [Condition(field.name, ":", (_ref_text(store, kind, number),), False)]
        if other.name == "task":
            wanted.append(Condition("is", ":", ("open",), False))
        listing = select(store, other, names, wanted, limit=limit)._replace(spare=other.name == "task")
        rows = list(listing.rows)
        if rows:
            key = other.plural if other.plural not in out else f"{other.plural} ({field.title})"
            out[key] = listing._replace(rows=iter(rows))
    return out


def _ref_text(store: Store, kind: Kind, number: int) -> str:
    from sfa.sales.refs import long_form

    return long_form(kind.name, number)


def deal_contacts(store: Store, number: int) -> list[tuple[int, str, str | None, str | None, bool]]:
    """(contact id, name, title, role, primary) of everyone on an opportunity, the primary contact first."""
    rows = store.db.execute(
        "SELECT c.id, c.name, c.title, r.role, o.contact IS c.id FROM opportunity o JOIN contact c ON c.id=o.contact OR c.id IN"
        " (SELECT contact FROM opportunity_contact WHERE opportunity=o.id)"
        " LEFT JOIN opportunity_contact r ON r.opportunity=o.id AND r.contact=c.id WHERE o.id=? ORDER BY 5 DESC, c.name",
        (number,),
    )
    return [(a, b, c, d, bool(e)) for a, b, c, d, e in rows]


TIMELINE = (
    *("ref", "when", "kind", "direction", "owner", "text", "next_step", "due", "done", "at"),
    *("contact", "others", "duration", "outcome", "tags"),
)
"""What of an activity stands in a timeline."""


def timeline(store: Store, kind: Kind, number: int, limit: int = 20) -> Sheet:
    """The activities on a record, newest first: an account's with those of its contacts and deals, a contact's and a deal's with those
    of the lead that they came from."""
    activity = store.kinds["activity"]
    scope = TOUCHING[kind.name].format(t="t", n=int(number)) if kind.name in TOUCHING else None
    parts: list[str] = []
    joins: dict[str, str] = {}
    columns = [_column(store, activity, n, parts, joins) for n in TIMELINE]
    if scope is None:
        return Sheet(columns, iter(()))
    sql = f'SELECT {",".join(parts)} FROM activity t {" ".join(joins.values())} WHERE {scope} ORDER BY t."when" DESC, t.id DESC LIMIT ?'
    return Sheet(columns, store.db.execute(sql, (limit,)), wrap=True)


class Hit(NamedTuple):
    """A record that a search found."""

    kind: str
    id: int
    label: str
    detail: str


def search(store: Store, text: str, kinds: list[str], limit: int) -> list[Hit]:
    """Records whose text holds every word of `text` (words may be begun). Under --as-of the views are scanned."""
    out: list[Hit] = []
    for name in kinds:
        kind = store.kinds[name]
        label = "trim(coalesce(r.name,''))" if "name" in kind.columns else 'substr(r."text",1,80)'
        detail = {
            "contact": "(SELECT name FROM account WHERE id=r.account)",
            "lead": "r.company",
            "opportunity": "(SELECT name FROM account WHERE id=r.account)",
            "task": "r.due",
        }.get(name)
        detail = detail or (
            "r.email" if name == "user" else "r.industry" if name == "account" else "r.code" if name == "product" else 'r."when"'
        )
        found, params = _matching(store, kind, text, limit)
        rows = store.db.execute(f"SELECT r.id, {label}, {detail} FROM {q(name)} r WHERE {found} LIMIT ?", (*params, limit))
        out += [Hit(name, r[0], r[1] or "", r[2] or "") for r in rows]
    return out


_DIALLED = r"\+?[\d\s().\-/\u00a0]+"
FEWEST_DIGITS = 5
"""Digits from which on what is searched for may be a phone number."""


def _matching(store: Store, kind: Kind, text: str, limit: int) -> tuple[str, list[Any]]:
    textindex.register(store)
    digits = phone_key(text) if re.fullmatch(_DIALLED, text) else ""
    if len(digits) >= FEWEST_DIGITS and "phone" in kind.columns:
        return _with_number(kind, digits, *_in_text(store, kind, text, -1))
    return _in_text(store, kind, text, limit)


def _with_number(kind: Kind, digits: str, found: str, params: list[Any]) -> tuple[str, list[Any]]:
    """The records that `found` finds, and those with a phone number that holds the digits, however it was written."""
    names = [f.name for f in kind.stored if f.type == "phone" and not f.user]
    return f"{found} OR " + " OR ".join(f"r.{q(n)} LIKE ?" for n in names), [*params, *[f"%{digits}%"] * len(names)]


def _in_text(store: Store, kind: Kind, text: str, limit: int) -> tuple[str, list[Any]]:
    # Signs and emoji are no words to the index: they are looked for in the records themselves.
    if store.moment is not None or not textindex.match(text):
        return _scan(kind, text)
    table, wanted = q(kind.name + "_search"), textindex.wanted(store, kind.name, text)
    hits = f"r.id IN (SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT ?)" if wanted else "0"
    behind = f"SELECT id FROM unindexed WHERE kind='{kind.name}'"
    if not store.db.execute(f"{behind} LIMIT 1").fetchone():
        return hits, [wanted, limit] if wanted else []
    found, words = _scan(kind, text)
    known = [wanted, -1] if wanted else []
    return f"({hits}) AND r.id NOT IN ({behind}) OR r.id IN ({behind}) AND ({found})", [*known, *words]


def _scan(kind: Kind, text: str) -> tuple[str, list[Any]]:
    words = textindex.folded(text).split()
    sql = " AND ".join(f"instr(folded({search_text(kind, 'r.')}),?)>0" for _ in words)
    return sql or "0", words
