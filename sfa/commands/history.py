"""What was done, and how a record came to be what it is: `sfa history`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json, Limit
from sfa.commands.session import Session, view
from sfa.errors import NotFound
from sfa.messages import say, together
from sfa.sales import moments, refs, values
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
    on_screen = chosen == "table" and output.to_terminal()
    most = (20 if on_screen else 0) if limit is None else limit
    with session.store(as_of=as_of) as store:
        people = chosen in ("table", "md", "html")
        sheet = _record(store, ref, people, most) if ref else _operations(store, user, most, people)
        output.sheet(sheet, view(store, chosen))


def stamp(ms: int) -> str:
    return moments.stamp_text(datetime.fromtimestamp(ms / 1000, UTC))


def _sheet(columns: str, rows: list[tuple[Any, ...]], wrap: bool = False) -> Sheet:
    """A sheet from `name:type …`; a name that begins with - is not shown, its values stay in the rows."""
    parts = [c.partition(":") for c in columns.split()]
    return Sheet([column(name, of, at) for at, (name, _, of) in enumerate(parts) if name[0] != "-"], rows, wrap=wrap)


def _operations(store: Store, user: str, limit: int, people: bool) -> Sheet:
    """The operations; for people whether one is taken back stands in its command's cell, so that 80 columns hold it all."""
    actor = lookup.find(store, store.kinds["user"], user)["id"] if user else None
    rows: list[tuple[Any, ...]] = []
    for done in history.operations(store, actor=actor, limit=limit):
        taken = history.short(done.undone_by) if done.undone_by else None
        back = history.short(done.undoes) if done.undoes else None
        command = (
            say("(taken back) {command}", command=done.command)
            if people and taken
            else say("{command} ({back})", command=done.command, back=back)
            if people and back
            else done.command
        )
        rows.append((history.short(done.id), stamp(done.at), done.actor or None, command, done.records, back, taken))
    hidden = "-" if people else ""
    return _sheet(
        f"operation:operation when:stamp who:text command:text records:count {hidden}undoes:text {hidden}undone_by:text",
        rows,
    )


def _record(store: Store, text: str, people: bool, limit: int) -> Sheet:
    """A record's changes, newest first: a field a row; for people a new record is one row, and before and after stand together."""
    kind, number = find(store, text)
    timed: list[tuple[int, tuple[Any, ...]]] = []
    filled: dict[int, list[str]] = {}
    for change in history.record(store, kind, number):
        title = kind.by_name[change.field].title if change.field in kind.by_name else change.field
        before, after = (worded(store, kind, change.field, *v) for v in zip((change.before, change.after), change.currencies, strict=True))
        short = (
            say("{title}: {before} → {after}", title=title, before=before or say("none"), after=after or say("none"))
            if change.what == "changed"
            else change.what
        )
        if change.what in ("merged", "parted"):
            after = str(change.after)
            short = say("merged with {after}", after=after) if change.what == "merged" else say("apart from {after} again", after=after)
        if people and change.what == "created":
            filled.setdefault(change.op, []).append(say("{title} {after}", title=title, after=after))
            short = say("created: {filled}", filled=together(", ", filled[change.op]))
            if len(filled[change.op]) > 1:
                timed.pop()
        what = short if people else change.what
        operation, actor = history.short(change.op), change.actor or None
        row = (stamp(change.at), operation, actor, what, change.field or None, before, after, change.command)
        timed.append((change.at, row))
    rows = [row for _, row in sorted(timed, key=lambda t: t[0], reverse=True)][: limit or None]
    if people:
        return _sheet("when:stamp -operation:text who:text what:text -field:text -before:text -after:text command:text", rows, wrap=True)
    return _sheet("when:stamp operation:operation who:text what:text field:text before:text after:text command:text", rows)


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


def worded(store: Store, kind: Kind, name: str, value: Any, currency: str | None) -> str | None:
    """A stored value in words: references by name."""
    if value is None or not name:
        return None
    field = kind.by_name.get(name)
    if field is None:
        return str(value)
    if field.type in ("ref", "people"):
        found = history.versions(store, store.kinds[field.to], value)
        ref = refs.show(field.to, value, store.site) if store.kinds[field.to].prefix else str(value)
        return lookup.label(store.kinds[field.to], found[-1]) or ref if found else ref
    return values.human(field, value, currency or store.currency, store.calendar)
