"""What a person typed becomes stored values: fields read by type, references looked up, new records completed."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sfa.errors import BadValue, NotFound, UsageError, did_you_mean
from sfa.messages import say, together
from sfa.sales import drafts, money, steps
from sfa.sales.kinds import Field, Kind
from sfa.sales.values import Context, clean, read
from sfa.store import lookup
from sfa.store.database import Store
from sfa.store.operations import Operation, find_me
from sfa.store.schema import q

Record = dict[str, Any]


def context(store: Store) -> Context:
    """How this store's values are read."""
    return Context(store.calendar, store.currency, phones=store.phones, region=store.phone_country)


def stored(store: Store, kind: Kind, texts: dict[str, str], before: Record | None = None) -> Record:
    """The stored values of `texts` (field → text; "" blanks). `before` is the record being edited: its currency and pipeline count.

    An amount that names its currency sets the record's. Raises UsageError, BadValue, NotFound, Ambiguous."""
    before = before or {}
    out: Record = {}
    how = context(store)
    fields = {kind.field(name).name: text for name, text in texts.items()}
    if kind.name in ("task", "activity"):
        from sfa.sales.tasks import timed

        fields = timed(fields)
    for name, text in fields.items():
        if isinstance(text, steps.Step):
            own = before.get("currency") or how.currency
            fields[name] = steps.taken(kind.field(name), text, before.get(name), how, own)
        if kind.field(name).managed:
            raise UsageError(
                say("{title} is set by the program", title=kind.field(name).title), say("See `sfa {group} --help`.", group=kind.noun)
            )
    currency = _currency(kind, fields, before, how)
    if currency and "currency" in kind.columns and kind.name != "rate" and currency != before.get("currency"):
        out["currency"] = currency
    # The pipeline says which stages there are, the account which contacts come first.
    for name in sorted(fields, key=lambda n: n not in ("pipeline", "account")):
        field, text = kind.field(name), fields[name]
        if field.type == "people":
            near = {**before, **out}
            out[name] = [n for part in re.split(r"[,;\n]", text) if (n := reference(store, kind, field, part, near)) is not None]
        elif field.type == "ref":
            out[name] = reference(store, kind, field, text, {**before, **out})
        elif not (name == "currency" and "currency" in out):
            out[name] = read(field, text, how, currency)
    _phones(kind, out, fields, {**before, **out}.get("country"), how)
    return _same_figures(kind, before, out)


def _phones(kind: Kind, out: Record, texts: dict[str, str], country: str | None, how: Context) -> None:
    """Bring phone numbers into the form that they are kept in, and keep how they were written."""
    from sfa.sales import phones

    names = [n for n in texts if kind.field(n).type == "phone" and n + phones.WRITTEN in kind.columns]
    if not names:
        return
    reader = phones.Reader(how.region)
    for name in names:
        regions = reader.regions_of([country])
        if how.phones == "e164":
            (out[name],), (written,) = reader.column([out[name]], regions, kind.field(name).many)
        else:
            written = None
        out[name + phones.WRITTEN] = written


def _same_figures(kind: Kind, before: Record, out: Record) -> Record:
    """An edit of the currency alone keeps the figures: 48,000 USD becomes 48,000 EUR, and 48,000 JPY, which has no cents.

    Raises BadValue where the new currency has too few digits, UsageError for a blank one."""
    amounts = [f.name for f in kind.fields if f.type == "money"]
    if not amounts or "currency" not in out or not before.get("currency"):
        return out
    if out["currency"] is None:
        raise UsageError("currency cannot be blank", "Give a code such as EUR.")
    rescaled = {
        n: money.parse(money.text(before[n], before["currency"]), out["currency"], ".").amount for n in amounts if before.get(n) is not None
    }
    return {**rescaled, **out}


def _currency(kind: Kind, fields: dict[str, str], before: Record, how: Context) -> str:
    if fields.get("currency"):
        return money.currency_code(clean(fields["currency"]))
    fallback = before.get("currency") or how.currency
    for field in kind.fields:
        if field.type == "money" and fields.get(field.name) and not before.get("currency"):
            try:
                return money.parse(clean(fields[field.name]), fallback, how.decimal or None).currency
            except BadValue:
                # It is refused with the field's name where the field itself is read.
                break
    return str(fallback)


def reference(store: Store, kind: Kind, field: Field, text: str, near: Record) -> int | None:
    """The id that `text` refers to; None for blank. A stage is looked for in the record's pipeline, a contact first in its account."""
    if not clean(text):
        return None
    target = store.kinds[field.to]
    if field.to == "stage" and kind.name == "opportunity":
        return int(stage(store, text, near.get("pipeline"))["id"])
    if field.to == "contact" and near.get("account"):
        try:
            return int(lookup.find(store, target, text, {"account": near["account"]})["id"])
        except NotFound:
            pass
    return int(lookup.find(store, target, text)["id"])


def role(store: Store, text: str) -> str | None:
    """A contact's role on a deal; None for blank. Raises BadValue with the list."""
    value: str | None = read(store.kinds["opportunity_contact"].field("role"), text, context(store))
    return value


def stage(store: Store, text: str, pipeline: int | None) -> Record:
    """The stage called `text` (its name or its verb) in `pipeline`, else in the first pipeline that there is."""
    pipeline = pipeline or default_pipeline(store)
    within = stages(store, pipeline)
    wanted = clean(text).lower()
    for s in within:
        if wanted in (s["name"].lower(), (s["verb"] or "").lower()):
            return s
    try:
        return lookup.find(store, store.kinds["stage"], text, {"pipeline": pipeline})
    except NotFound as error:
        near = did_you_mean(text[:60], *(n for s in within for n in (s["name"], s["verb"]) if n))
        whose = (lookup.get(store, "pipeline", pipeline) or {}).get("name")
        raise NotFound(
            say("{message} in the pipeline {whose}", message=error.message, whose=whose),
            say("{near}Its stages: {within}", near=near, within=together(", ", (s["name"] for s in within))),
        ) from None


def pipelines(store: Store) -> dict[str, int]:
    """Name → id of the pipelines."""
    return {r[0]: r[1] for r in store.db.execute("SELECT name, id FROM pipeline ORDER BY id")}


def default_pipeline(store: Store) -> int:
    """The pipeline of deals that name none: the oldest."""
    return int(store.db.execute("SELECT min(id) FROM pipeline").fetchone()[0])


def stages(store: Store, pipeline: int) -> list[Record]:
    """A pipeline's stages in order."""
    kind = store.kinds["stage"]
    names = ("id", *kind.columns)
    rows = store.db.execute(f'SELECT {",".join(q(n) for n in names)} FROM stage WHERE pipeline=? ORDER BY "order", id', (pipeline,))
    return [dict(zip(names, r, strict=True)) for r in rows]


def names_of(store: Store, kind: Kind, record: Record) -> Record:
    """field → name of what each reference of `record` points to."""
    out = {}
    for f in kind.fields:
        if f.type == "ref" and record.get(f.name) is not None and "name" in store.kinds[f.to].columns:
            row = store.db.execute(f"SELECT name FROM {q(f.to)} WHERE id=?", (record[f.name],)).fetchone()
            out[f.name] = row[0] if row else None
    return out


def external_of(store: Store, kind: Kind, number: int) -> str | None:
    """What another system calls a record, under no source's name."""
    sql = "SELECT external FROM external WHERE \"kind\"=? AND record=? AND coalesce(source,'')=''"
    row = store.db.execute(sql, (kind.name, number)).fetchone()
    return row[0] if row else None


def covered(store: Store, owner: int | None) -> str:
    """What a quota covers where nobody says: the team of whoever has reports, else the person's own deals."""
    return "team" if store.db.execute("SELECT 1 FROM user WHERE manager=? LIMIT 1", (owner,)).fetchone() else "own"


def keyed(store: Store, kind: Kind, given: Record) -> Record:
    """`given` with its whole key: what was left out of the fields that are unique together has its default."""
    usual = drafts.defaults(kind, context(store))
    record = {**given, **{n: usual.get(n) for n in kind.unique if given.get(n) is None}}
    if kind.name == "quota" and record["covers"] is None:
        record["covers"] = covered(store, record.get("owner"))
    return record


def completed(store: Store, kind: Kind, given: Record) -> Record:
    """A new record from the values given: defaults, the owner (me), its name; checked for what is required."""
    record = {**drafts.defaults(kind, context(store)), **{k: v for k, v in keyed(store, kind, given).items() if v is not None}}
    if "owner" in kind.columns and kind.field("owner").default == "me" and "owner" not in given:
        record["owner"] = find_me(store)
    return drafts.check(kind, drafts.named(kind, record, names_of(store, kind, record)))


def add(op: Operation, kind: Kind, given: Record) -> int:
    """Complete and write a new record; returns its id."""
    return op.insert(kind.name, completed(op.store, kind, given))


class Put(NamedTuple):
    """What became of a record that was put where its key says: its id, the one that stood there (None: it is new), what is different."""

    number: int
    before: Record | None
    changed: Record


def put(op: Operation, kind: Kind, given: Record) -> Put:
    """Write the record that its key names, as `keyed` makes it whole: changed where it is there, else added."""
    before = lookup.standing(op.store, kind.name, given)
    if before:
        return Put(before["id"], before, op.update(kind.name, before["id"], given))
    return Put(op.insert(kind.name, completed(op.store, kind, given)), None, given)
