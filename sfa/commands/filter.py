"""Saved filters: `sfa filter save`, `list`, `show` and `delete`. They are the company's: everybody's lists and reports know @name."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.grouping import words
from sfa.commands.nouns import Format, Json, Yes, counted
from sfa.commands.session import Session, view
from sfa.errors import NotFound, Refused, SfaError, UsageError
from sfa.messages import say, together
from sfa.sales import filters
from sfa.sales.kinds import FILTERED, KINDS, Kind, kind_of
from sfa.store import filtering, records
from sfa.store.database import Store
from sfa.store.operations import operation
from sfa.store.where import where
from sfa.wrapping import cell_width

LONGEST = 2000
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the filter is called: letters, digits, _ and -.")]
Of = Annotated[
    str,
    typer.Option(
        "--kind", metavar="KIND", help="What it is about: opp, lead, account, contact, activity, task … (default: opp).", show_default=False
    ),
]


COMPARED = ("money", "number", "percent", "count", "date", "stamp")
"""Types of fields whose values are compared with < and >."""


@words
def save(
    ctx: typer.Context,
    name: Name,
    given: Annotated[list[str], typer.Argument(metavar="FILTER...", help="As in a listing; saved ones (@other) too.")],
    kind: Of = "opp",
    yes: Yes = False,
) -> None:
    """Save a filter under a name; one that is there already changes.

    It is tried first: what is wrong with it is pointed at. From then on @NAME stands for it in lists, exports, reports, rules and bulk
    edits, beside other filters or inside of other saved ones, and -@NAME for all that it leaves out.

    Examples:
      sfa filter save hot 'stage:propose amount>50k'
      sfa filter save mine-hot @big is:mine -source:web
      sfa filter save fresh status:new 'created>-30d' --kind lead
    """
    from sfa.store import intake

    session: Session = ctx.obj
    name = _name(name)
    with session.store(write=True) as store:
        of = _kind(store, kind)
        parts = [w for word in given for w in _split(word)]
        if bare := next((w for w in parts if w in of.by_name and of.field(w).type in COMPARED), ""):
            # What the shell leaves of amount>50k, the rest of which is a file by now.
            raise UsageError(
                say("{bare} alone is the name of a field", bare=bare), say("Quote what has < or > in it: '{bare}>50k'", bare=bare)
            )
        _try(store, of, name, parts)
        texts = {"kind": of.name, "name": _standing(store, of, name), "condition": filtering.joined(parts)}
        if len(texts["condition"]) > LONGEST:
            raise UsageError(
                say("a filter of {count:,} characters is too long to be saved", count=len(texts["condition"])),
                say("At most {longest:,} are kept.", longest=LONGEST),
            )
        with operation(store, session.command) as op:
            done = intake.put(op, store.kinds["saved_filter"], intake.stored(store, store.kinds["saved_filter"], texts))
        fits = counted(of, records.count(store, of, filtering.conditions(store, [f"@{name}"], of)))
        if not done.changed:
            return output.message(say("Nothing to change: @{name} is so already; {fits} now.", name=name, fits=fits))
        was = say("{condition} → ", condition=done.before["condition"]) if done.before else ""
        output.changed(
            say(
                "{what} @{name}: {was}{condition}; {fits} now",
                what="Changed" if was else "Saved",
                name=name,
                was=was,
                condition=texts["condition"],
                fits=fits,
            )
        )
    return None


def listing(ctx: typer.Context, format: Format = "", json: Json = False) -> None:
    """List the saved filters.

    Examples:
      sfa filter list
      sfa filter list --json
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store() as store:
        kind = store.kinds["saved_filter"]
        sheet = records.select(store, kind, ["name", "kind", "condition", "owner"], [], order="kind,name")
        output.sheet(sheet, view(store, chosen))


def show(ctx: typer.Context, name: Name, kind: Of = "", json: Json = False) -> None:
    """Show a saved filter: what it asks for, and how many records it finds.

    Examples:
      sfa filter show hot
      sfa filter show hot --json
    """
    session: Session = ctx.obj
    with session.store() as store:
        of, saved = _found(store, _name(name), kind)
        found = records.count(store, of, filtering.conditions(store, [f"@{saved['name']}"], of))
        used = filtering.users(store, of, saved["name"])
        if json:
            return output.json_object(
                {"name": saved["name"], "kind": of.name, "condition": saved["condition"], "found": found, "used_by": used}
            )
        output.line(saved["condition"])
        output.message(
            say("@{name}: {counted} now", name=saved["name"], counted=counted(of, found))
            + (say("; used by {used}", used=together(", ", used)) if used else "")
        )
    return None


def delete(ctx: typer.Context, name: Name, kind: Of = "", yes: Yes = False) -> None:
    """Delete a saved filter; one that others use is kept.

    Examples:
      sfa filter delete hot
      sfa filter delete hot --kind opp
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        of, saved = _found(store, _name(name), kind)
        if used := filtering.users(store, of, saved["name"]):
            raise Refused(say("@{name} is used by {used}", name=saved["name"], used=together(", ", used)), "Change or delete those first.")
        with operation(store, session.command) as op:
            op.delete("saved_filter", saved["id"])
    output.changed(say("Deleted @{name}: {condition}", name=saved["name"], condition=saved["condition"]))


def _name(text: str) -> str:
    """A filter's name without its @. Raises UsageError for one that could not be asked for."""
    name = text.strip().removeprefix("@")
    if filters.saved_name("@" + name) != name or len(name) > 60:
        raise UsageError(
            say("{text!r} is no name for a filter", text=text[:60]), "Begin with a letter; letters, digits, _ and - may follow."
        )
    return name


def _kind(store: Store, word: str) -> Kind:
    kind = kind_of(word)
    if kind.name not in FILTERED:
        raise UsageError(
            say("filters of {plural} cannot be saved", plural=kind.plural),
            say("Kinds: {filtered}", filtered=together(", ", (KINDS[k].noun for k in FILTERED))),
        )
    return store.kinds[kind.name]


def _split(word: str) -> list[str]:
    """The conditions in one argument: 'stage:propose amount>50k' is two, account:Blue Harbor one, as no later word of it is a condition."""
    parts = filtering.split(word)
    more = parts[1:]
    return parts if more and all(map(filters.is_shaped, more)) else [word]


def _standing(store: Store, kind: Kind, name: str) -> str:
    """The name as it is kept, where a filter is called so but for its capitals."""
    try:
        return str(filtering.find(store, kind, name)["name"])
    except NotFound:
        return name


def _try(store: Store, kind: Kind, name: str, parts: list[str]) -> None:
    """Read a filter word by word. Raises what is wrong with it, pointing at the word."""
    line = filtering.joined(parts)
    at = 0
    for part in parts:
        shown = filtering.joined([part])
        try:
            where(store, kind, filtering.conditions(store, [part], kind, around=(name,)))
        except SfaError as error:
            room = " " * cell_width(line[:at])
            error.message = f"{error.message}\n  {line}\n  {room}{'^' * cell_width(shown)}"
            raise
        at += len(shown) + 1


def _found(store: Store, name: str, word: str) -> tuple[Kind, dict[str, Any]]:
    """The filter of that name: of the kind that is named, else of the only kind that has one. Raises NotFound, UsageError."""
    if word:
        kind = _kind(store, word)
        return kind, filtering.find(store, kind, name)
    found = []
    for kind_name in FILTERED:
        try:
            found.append((store.kinds[kind_name], filtering.find(store, store.kinds[kind_name], name)))
        except NotFound:
            continue
    if not found:
        return store.kinds["opportunity"], filtering.find(store, store.kinds["opportunity"], name)
    if len(found) > 1:
        raise UsageError(
            say("{name!r} is a filter of {found}", name=name, found=together(" and of ", (k.plural for k, _ in found))),
            say("Add --kind {noun}.", noun=found[0][0].noun),
        )
    return found[0]


COMMANDS = {"save": save, "list": listing, "show": show, "delete": delete}
