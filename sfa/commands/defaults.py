"""What new records begin with, by kind: `sfa config default`. Kept in the config file as they are typed, so that `close=eom` is read anew
every time."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sfa import output
from sfa.commands.nouns import split
from sfa.commands.options import Format, Json, Yes
from sfa.commands.session import Session
from sfa.errors import NotFound, UsageError
from sfa.messages import say, together
from sfa.sales import values
from sfa.sales.kinds import KINDS, Kind, kind_of
from sfa.sales.sheets import Sheet, column
from sfa.sales.steps import Step

HELP = "Say what new records begin with"
DEFAULTED = ("opportunity", "account", "contact", "lead", "product", "task")
"""The kinds whose `add` takes defaults."""
Of = Annotated[str, typer.Argument(metavar="KIND", help="opp, account, contact, lead, product or task.")]


def usually(session: Session, kind: Kind, texts: dict[str, str]) -> dict[str, str]:
    """What a new record begins with by `sfa config default`, without what was given of it. A field that is gone is told and passed over."""
    found = {n: v for n, v in session.settings.table(f"default.{kind.name}").items() if n not in texts}
    for name in [n for n in found if n not in kind.by_name]:
        output.warning(
            say("the default {name}={pop} is passed over: {word} has no such field", name=name, pop=found.pop(name), word=kind.word)
        )
    return found


def begun_with(usual: dict[str, str]) -> str:
    """What to say of the defaults that a record began with."""
    return say(", by default {usual}", usual=together(", ", (f"{n}={v}" for n, v in usual.items()))) if usual else ""


def set_(
    ctx: typer.Context,
    kind: Of,
    fields: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE...", help="As `add` takes them.")],
    yes: Yes = False,
) -> None:
    """Give fields of new records a value where none is given.

    `add` says what it took. Dates such as eom or +30d are counted from the day on which a record is added.

    Examples:
      sfa config default set opp source=web close=eom
      sfa config default set task priority=high
    """
    from sfa.store import intake

    session: Session = ctx.obj
    of = _kind(kind)
    there = os.path.exists(session.settings.get("db"))
    if there:
        with session.store() as store:
            of = store.kinds[of.name]
            rest, texts = split(of, fields)
            _check(of, rest, texts)
            intake.stored(store, of, texts)
    else:
        rest, texts = split(of, fields)
        _check(of, rest, texts)
    for name, text in texts.items():
        former = session.settings.keep(f"default.{of.name}.{name}", text.strip())
        back = f"sfa config default set {of.noun} {name}={former}" if former else f"sfa config default unset {of.noun} {name}"
        output.changed(
            say("New {plural} begin with {name}={text}  (take back: {back})", plural=of.plural, name=name, text=text.strip(), back=back),
            undo=False,
        )


def unset(
    ctx: typer.Context,
    kind: Of,
    names: Annotated[list[str], typer.Argument(metavar="FIELD...", help="The fields that are blank again in new records.")],
    yes: Yes = False,
) -> None:
    """Take defaults out again.

    Examples:
      sfa config default unset opp source
      sfa config default unset opp source close
    """
    session: Session = ctx.obj
    of = _kind(kind)
    there = session.settings.table(f"default.{of.name}")
    wanted = [n.strip().lower().replace("-", "_") for n in names]
    if missing := next((n for n in wanted if n not in there), ""):
        raise NotFound(
            say("new {plural} have no default for {missing!r}", plural=of.plural, missing=missing[:60]),
            say("Defaults: {there}", there=together(", ", there) or "none"),
        )
    for name in wanted:
        former = session.settings.keep(f"default.{of.name}.{name}", "")
        back = f"sfa config default set {of.noun} {name}={former}"
        output.changed(
            say("New {plural} have no {name} by default  (take back: {back})", plural=of.plural, name=name, back=back), undo=False
        )


def listing(ctx: typer.Context, format: Format = "", json: Json = False) -> None:
    """List what new records begin with.

    Examples:
      sfa config default list
      sfa config default list --json
    """
    session: Session = ctx.obj
    rows = [(KINDS[k].noun, n, v) for k in DEFAULTED for n, v in sorted(session.settings.table(f"default.{k}").items())]
    columns = [column(name, "text", i) for i, name in enumerate(("kind", "field", "value"))]
    output.sheet(Sheet(columns, rows), output.View(output.chosen_format(format, json), 0, session.settings.calendar()))


def _kind(word: str) -> Kind:
    kind = kind_of(word)
    if kind.name not in DEFAULTED:
        raise UsageError(
            say("{plural} take no defaults", plural=kind.plural),
            say("Kinds: {defaulted}", defaulted=together(", ", (KINDS[k].noun for k in DEFAULTED))),
        )
    return kind


def _check(kind: Kind, rest: list[str], texts: dict[str, str]) -> None:
    """Raise UsageError for what can be no default: a word, a name, a change of what is there, nothing at all."""
    if rest or not texts:
        raise UsageError(
            say("{rest} is no FIELD=VALUE", rest=values.quoted(rest[0])) if rest else "no field was given", "As in source=web."
        )
    for name, text in texts.items():
        if kind.field(name).managed or name in ("name", "external_id"):
            raise UsageError(say("{title} can have no default", title=kind.field(name).title), "It is every record's own.")
        if isinstance(text, Step) or not text.strip() or not text.isprintable():
            raise UsageError(
                say("{title} needs a value that can be seen", title=kind.field(name).title), f"sfa config default unset {kind.noun} {name}"
            )


COMMANDS = {"set": set_, "unset": unset, "list": listing}
