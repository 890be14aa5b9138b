"""Filters become SQL here: conditions of `sales/filters.py` to a WHERE clause over the alias `t`."""

from __future__ import annotations

from typing import Any

from sfa.errors import UsageError
from sfa.sales import dates, moments, money
from sfa.sales.filters import Condition
from sfa.sales.kinds import Field, Kind
from sfa.sales.values import FALSE, TRUE, Context, clean, quoted, read
from sfa.store import lookup
from sfa.store.database import Store
from sfa.store.schema import q

Sql = tuple[str, list[Any]]
BLANK = ("none", "")
_WHOLE = 7
"""Digits that are a whole phone number, but for its country."""
TOUCHING = {
    "opportunity": "{t}.opportunity IN ({n}) OR {t}.lead IN (SELECT id FROM lead WHERE opportunity IN ({n}))",
    "contact": "{t}.contact IN ({n}) OR {t}.lead IN (SELECT id FROM lead WHERE contact IN ({n}))"
    " OR {t}.id IN (SELECT activity FROM activity_contact WHERE contact IN ({n}))",
    "lead": "{t}.lead IN ({n})",
    "account": "{t}.account IN ({n}) OR {t}.opportunity IN (SELECT id FROM opportunity WHERE account IN ({n}))"
    " OR {t}.contact IN (SELECT id FROM contact WHERE account IN ({n}))"
    " OR {t}.id IN (SELECT x.activity FROM activity_contact x JOIN contact c ON c.id=x.contact WHERE c.account IN ({n}))"
    " OR {t}.lead IN (SELECT id FROM lead WHERE account IN ({n}) OR matched_account IN ({n}))",
    "user": "{t}.owner IN ({n})",
}
"""Kind → which activities are on records of it: an account's with those of its contacts, deals and leads, a contact's and a deal's with
those of the lead that they came from."""
LONGEST_LIKE = 20_000
"""Bytes; SQLite takes no pattern over 50,000. A longer text is compared as it stands."""


def where(store: Store, kind: Kind, conditions: list[Condition], alias: str = "t") -> Sql:
    """(SQL, parameters) of all conditions joined by AND; "1" for none. Raises UsageError, BadValue, NotFound for values that fit not."""
    parts, params = [], []
    for c in conditions:
        sql, values = _condition(store, kind, c, alias)
        parts.append(f"({sql}) IS NOT TRUE" if c.negated else f"({sql})")
        params += values
    return (" AND ".join(parts) or "1"), params


def _condition(store: Store, kind: Kind, c: Condition, alias: str) -> Sql:
    if c.within:
        return where(store, kind, [*c.within], alias)
    if c.path == "is":
        return _any([_state(store, kind, v, alias) for v in c.values])
    if c.path == "ref":
        return f"{alias}.id IN ({','.join(str(lookup.find(store, kind, v)['id']) for v in c.values)})", []
    if c.path == "text":
        return _text(kind, c.values[0], alias)
    name, _, inner = c.path.partition(".")
    if inner:
        field = kind.field(name)
        sql, params = _condition(store, store.kinds[field.to], c._replace(path=inner, negated=False), "j")
        blank = f"{alias}.{q(name)} IS NULL OR " if c.op == ":" and any(v.lower() in BLANK for v in c.values) else ""
        return f"{blank}{alias}.{q(name)} IN (SELECT j.id FROM {q(field.to)} j WHERE {sql})", params
    return _any([_value(store, kind, kind.field(name), c.op, v, alias) for v in c.values])


def _any(parts: list[Sql]) -> Sql:
    return " OR ".join(s for s, _ in parts), [v for _, values in parts for v in values]


def _text(kind: Kind, text: str, alias: str) -> Sql:
    names = kind.search or tuple(f.name for f in kind.stored if f.type == "text")
    return _any([_contains(f"{alias}.{q(n)}", text) for n in names])


def _contains(column: str, text: str) -> Sql:
    text = clean(text)
    if len(text.encode()) > LONGEST_LIKE:
        return f"instr({column},?)>0", [text]
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{column} LIKE ? ESCAPE '\\'", [f"%{escaped}%"]


def _state(store: Store, kind: Kind, state: str, alias: str) -> Sql:
    today = store.calendar.today.isoformat()
    if state == "mine":
        from sfa.store.operations import find_me

        return f"{alias}.owner=?", [find_me(store)]
    if kind.name == "lead":
        sql = f"{alias}.status IN ('new','working','qualified')"
        return (sql if state == "open" else f"NOT {sql}"), []
    if kind.name == "activity":
        sql = f"{alias}.next_step IS NOT NULL AND {alias}.done IS NOT 1"
        return (sql, []) if state == "open" else (f"{sql} AND {alias}.due<?", [today])
    if kind.name == "task":
        if state == "overdue":
            return f"{alias}.done IS NULL AND max({alias}.due,coalesce({alias}.snoozed,''))<?", [today]
        return f"{alias}.done IS {'NULL' if state == 'open' else 'NOT NULL'}", []
    stages = f"{alias}.stage IN (SELECT id FROM stage WHERE outcome"
    if state == "overdue":
        return f"{stages}='open') AND {alias}.\"close\"<?", [today]
    return (f"{stages}<>'open')" if state == "closed" else f"{stages}='{state}')"), []


def _value(store: Store, kind: Kind, field: Field, op: str, text: str, alias: str) -> Sql:
    column = f"{alias}.{q(field.name)}" if field.stored else "x"
    if field.type == "people":
        return _people(store, field, op, text, alias)
    if not field.stored:
        return _external(kind, op, text, alias)
    if op == ":" and text.lower() in (*BLANK, "any", "*"):
        return f"{column} IS {'NOT NULL' if text.lower() in ('any', '*') else 'NULL'}", []
    if field.type == "phone" and (op == "~" or (op == ":" and not text.endswith("*"))):
        return _phone(store, kind, field, op, text, column, alias)
    if op == "~" or (op == ":" and text.endswith("*") and len(text) > 1):
        if field.type == "ref":
            return _referred(store, field, op, text, column)
        sql, params = _contains(column, text.rstrip("*"))
        return sql, [p if op == "~" else p[1:] for p in params]
    if field.many:
        return f"','||{column}||',' LIKE ?", [f"%,{read(field, text, _context(store))},%"]
    if kind.name == "activity" and field.name in TOUCHING:
        numbers = lookup.all_matching(store, store.kinds[field.to], text)
        return TOUCHING[field.name].format(t=alias, n=",".join(map(str, numbers))), []
    by_type = {"ref": _referred, "money": _money, "date": _date, "stamp": _date, "period": _period, "bool": _bool, "optout": _bool}
    if field.type in by_type:
        return by_type[field.type](store, field, op, text, column)
    value = read(field, text, _context(store))
    return f"{column} {'=' if op == ':' else op} ?{' COLLATE NOCASE' if isinstance(value, str) else ''}", [value]


def _context(store: Store) -> Context:
    return Context(store.calendar, store.currency, phones=store.phones, region=store.phone_country)


def _phone(store: Store, kind: Kind, field: Field, op: str, text: str, column: str, alias: str) -> Sql:
    """A number in whatever way it is written, with its country or without; with ~ a part of it."""
    from sfa.sales import phones

    digits = phones.phone_key(text)
    likes: list[Sql] = []
    if digits and (op == "~" or len(digits) >= _WHOLE):
        likes.append((f"{column} LIKE ?", [f"%{digits}%"]))
    if op == ":":
        number = phones.normal(text, store.phone_country) or clean(text)
        likes.append((f"{column}=?", [number]))
    written = field.name + phones.WRITTEN
    for name in (column, *([f"{alias}.{q(written)}"] if written in kind.by_name else [])):
        likes.append((f"{name}=?", [clean(text)]) if op == ":" else _contains(name, text))
    return _any(likes)


def _people(store: Store, field: Field, op: str, text: str, alias: str) -> Sql:
    """Who else took part in an activity."""
    there = f"EXISTS(SELECT 1 FROM activity_contact x WHERE x.activity={alias}.id"
    if op == ":" and text.lower() in (*BLANK, "any", "*"):
        return f"{'' if text.lower() in ('any', '*') else 'NOT '}{there})", []
    return f"{there} AND {_referred(store, field, op, text, 'x.contact')[0]})", []


def _external(kind: Kind, op: str, text: str, alias: str) -> Sql:
    own = f"e.\"kind\"='{kind.name}' AND e.record={alias}.id AND substr(coalesce(e.source,''),1,1)<>'#'"
    base = f"EXISTS(SELECT 1 FROM external e WHERE {own}"
    if text.lower() in ("none", "any") and op == ":":
        return ("NOT " if text.lower() == "none" else "") + base + ")", []
    if op == "~":
        sql, params = _contains("e.external", text)
        return f"{base} AND {sql})", params
    return base + " AND e.external=?)", [text]


def _referred(store: Store, field: Field, op: str, text: str, column: str) -> Sql:
    # A stage is asked for by its verb too, as it is moved to by it.
    verbs = store.db.execute("SELECT id FROM stage WHERE lower(verb)=?", (text.lower(),)).fetchall() if field.to == "stage" else []
    numbers = [row[0] for row in verbs] or lookup.all_matching(store, store.kinds[field.to], text.rstrip("*"))
    return f"{column} IN ({','.join(map(str, numbers))})", []


def _money(store: Store, field: Field, op: str, text: str, column: str) -> Sql:
    """Amounts compare by their number, whatever the currency; an amount with a currency of its own asks for that one too."""
    given = money.parse(text, store.currency)
    named = any(c.isalpha() for c in text.rstrip("kKmMbBnN")) or any(c in text for c in "€£¥$₹")
    alias = column.rpartition(".")[0]
    digits = money.exponent(given.currency)
    odd = {d: [c for c in sorted(money.CURRENCIES) if money.exponent(c) == d] for d in (0, 3, 4)}
    cases = " ".join(f"WHEN {alias}.currency IN ({','.join(repr(c) for c in cs)}) THEN {column}*{10**4 // 10**d}" for d, cs in odd.items())
    sql = f"(CASE {cases} ELSE {column}*100 END) {'=' if op == ':' else op} ?"
    params: list[Any] = [given.amount * 10 ** (4 - digits)]
    return (sql + f" AND {alias}.currency=?", [*params, given.currency]) if named else (sql, params)


def _date(store: Store, field: Field, op: str, text: str, column: str) -> Sql:
    """A day or a period: `:` inside it, `<` before its start, `<=` before its end, `>` after its end, `>=` from its start."""
    from sfa.errors import BadValue

    try:
        day = dates.parse_date(text, store.calendar)
        period = dates.parse_period(day.isoformat(), store.calendar)
    except BadValue:
        period = dates.parse_period(text, store.calendar)
    start, end = period.start.isoformat(), period.end.isoformat()
    if field.type == "stamp":
        start, end = (moments.stamp_text(moments.parse_stamp(d, store.calendar)) for d in (start, end))
    if op == ":":
        return f"{column}>=? AND {column}<?", [start, end]
    if op in ("<", "<="):
        return f"{column}<?", [start if op == "<" else end]
    return f"{column}>=?", [end if op == ">" else start]


def _period(store: Store, field: Field, op: str, text: str, column: str) -> Sql:
    period = dates.parse_period(text, store.calendar)
    if op == ":":
        return f"substr({column},1,10)>=? AND substr({column},12,10)<=?", [period.start.isoformat(), period.end.isoformat()]
    edge = {"<": period.start, "<=": period.end, ">": period.end, ">=": period.start}[op].isoformat()
    return (f"substr({column},12,10)<=?" if "<" in op else f"substr({column},1,10)>=?"), [edge]


def _bool(store: Store, field: Field, op: str, text: str, column: str) -> Sql:
    word = text.lower()
    if word not in TRUE and word not in FALSE:
        raise UsageError(f"{field.title}: {quoted(text)} is neither yes nor no")
    filled = f"{column} IS NOT NULL" if field.type == "optout" else f"{column}=1"
    return (filled if word in TRUE else f"({filled}) IS NOT TRUE"), []
