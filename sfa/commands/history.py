"""What was done, and how a record came to be what it is: `sfa history`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json, Limit
from sfa.commands.session import Session, view
from sfa.errors import NotFound
from sfa.sales import dates, refs, values
from sfa.sales.kinds import Kind
from sfa.sales.sheets import Sheet, column
from sfa.store import history, lookup
from sfa.store.database import Store


def command(
    ctx: typer.Context,
    ref: Annotated[str, typer.Argument(metavar="[REF]", help="A record; without it, the list of operations.")] = "",
    user: Annotated[str, typer.Option("--user", metavar="NAME", help="Only this user's operations.")] = "",
    limit: Limit = None,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Show what was done, newest first, or how one record changed, field by field.

    Examples:
      sfa history --limit 5
      sfa history O-1
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store:
        sheet = _record(store, ref) if ref else _operations(store, user, 20 if limit is None else limit)
        output.sheet(sheet, view(store, chosen))


def _stamp(ms: int) -> str:
    return dates.stamp_text(datetime.fromtimestamp(ms / 1000, UTC))


def _operations(store: Store, user: str, limit: int) -> Sheet:
    actor = lookup.find(store, store.kinds["user"], user)["id"] if user else None
    rows = []
    for done in history.operations(store, actor=actor, limit=limit):
        taken = history.short(done.undone_by) if done.undone_by else None
        back = history.short(done.undoes) if done.undoes else None
        rows.append((history.short(done.id), _stamp(done.at), done.actor or None, done.command, done.records, back, taken))
    columns = [
        column("operation", "text", 0),
        column("when", "stamp", 1),
        column("who", "text", 2),
        column("command", "text", 3),
        column("records", "count", 4),
        column("undoes", "text", 5),
        column("undone_by", "text", 6, label="undone by"),
    ]
    return Sheet(columns, rows)


def _record(store: Store, text: str) -> Sheet:
    kind, number = find(store, text)
    rows = []
    for change in history.record(store, kind, number):
        before, after = (_worded(store, kind, change.field, *v) for v in zip((change.before, change.after), change.currencies, strict=True))
        rows.append((_stamp(change.at), change.actor or None, change.what, change.field or None, before, after, change.command))
    names = (
        ("when", "stamp"),
        ("who", "text"),
        ("what", "text"),
        ("field", "text"),
        ("before", "text"),
        ("after", "text"),
        ("command", "text"),
    )
    return Sheet([column(name, type, i) for i, (name, type) in enumerate(names)], rows)


def find(store: Store, text: str, kinds: tuple[str, ...] = lookup.NAMED) -> tuple[Kind, int]:
    """The record that `text` names; one that was deleted answers to its reference still. Raises NotFound."""
    given = refs.parse(text, store.site)
    if given and history.versions(store, store.kinds[given[0]], given[1]):
        return store.kinds[given[0]], given[1]
    try:
        kind, record = lookup.any_kind(store, text, kinds)
    except NotFound as error:
        raise NotFound(error.message, "A deleted record answers to its reference, as in `sfa history O-12`.") from None
    return kind, record["id"]


def _worded(store: Store, kind: Kind, name: str, value: Any, currency: str | None) -> str | None:
    """A stored value in words: references by name."""
    if value is None or not name:
        return None
    field = kind.by_name.get(name)
    if field is None:
        return str(value)
    if field.type == "ref":
        found = history.versions(store, store.kinds[field.to], value)
        ref = refs.show(field.to, value, store.site) if store.kinds[field.to].prefix else str(value)
        return lookup.label(store.kinds[field.to], found[-1]) or ref if found else ref
    return values.human(field, value, currency or store.currency, store.calendar)
