"""Settings, and the company's own fields."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.grouping import FunctionGroup
from sfa.commands.nouns import AsOf, Format, Json, Yes
from sfa.commands.session import Session, view
from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales.sheets import Sheet, column
from sfa.settings import SETTINGS

Name = Annotated[str, typer.Argument(metavar="NAME", help="A setting; `sfa config list` shows them.")]


def list_(ctx: typer.Context, format: Format = "", json: Json = False) -> None:
    """List the settings: each value and where it comes from.

    Examples:
      sfa config list
      sfa config list --format json
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    rows = [(s.name, *session.settings.where(s.name), s.variable, say("{text}", text=s.help)) for s in SETTINGS.values()]
    columns = [column(name, "text", i) for i, name in enumerate(("name", "value", "from", "variable", "help"))]
    if chosen == "table":
        columns = columns[:3] + columns[4:]
    output.sheet(Sheet(columns, rows), output.View(chosen, 0, session.settings.calendar()))


def get(ctx: typer.Context, name: Name) -> None:
    """Print the value of one setting.

    Examples:
      sfa config get currency
      sfa config get db
    """
    session: Session = ctx.obj
    output.line(session.settings.get(session.settings.known(name).name))


def set_(
    ctx: typer.Context,
    name: Name,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="Its new value; `sfa config unset` goes back to the default.")],
    yes: Yes = False,
) -> None:
    """Set a setting in the config file.

    Examples:
      sfa config set currency EUR
      sfa config set fiscal_month 4
    """
    session: Session = ctx.obj
    name = session.settings.known(name).name
    if not value.strip():
        raise UsageError(say("{name} needs a value", name=name), say("sfa config unset {name} takes it out of the file.", name=name))
    said = _holidays(session, value) if name == "country" else ""
    former = session.settings.set(name, value)
    back = f"sfa config set {name} {former}" if former else f"sfa config unset {name}"
    output.changed(
        say(
            "{name} is {file} in {path}  (take back: {back})",
            name=name,
            file=session.settings.file[name],
            path=session.settings.path,
            back=back,
        ),
        undo=False,
    )
    _overruled(session, name)
    if said:
        output.warning(said)


def _holidays(session: Session, value: str) -> str:
    """What there is to say about a country's holidays before it is set. Raises UsageError for a part that it does not have."""
    from sfa import daysoff
    from sfa.settings import check

    return daysoff.check(check(session.settings.known("country"), value))


def unset(ctx: typer.Context, name: Name, yes: Yes = False) -> None:
    """Take a setting out of the config file.

    Examples:
      sfa config unset date_order
      sfa config unset currency
    """
    session: Session = ctx.obj
    former = session.settings.set(name, "")
    back = say("  (take back: sfa config set {name} {former})", name=name, former=former) if former else ""
    output.changed(
        say(
            "{name} is {settings}, the default{back}",
            name=name,
            settings=session.settings.get(session.settings.known(name).name) or "not set",
            back=back,
        ),
        undo=False,
    )
    _overruled(session, name)


def _overruled(session: Session, name: str) -> None:
    value, origin = session.settings.where(session.settings.known(name).name)
    if origin in ("option", "environment"):
        output.warning(say("the {origin} says {value}, and that goes first", origin=origin, value=value))


def field_add(
    ctx: typer.Context,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="opp, account, contact, lead, …")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in renewal_date=eoq, filters and columns: renewal_date.")],
    type: Annotated[str, typer.Argument(metavar="TYPE", help="text, money, date, stamp, choice, bool, number, email, phone, percent.")],
    label: Annotated[str, typer.Option("--label", metavar="TEXT", help="How it is called in tables.")] = "",
    choices: Annotated[str, typer.Option("--choices", metavar="A,B", help="The values of a choice.")] = "",
    yes: Yes = False,
) -> None:
    """Give a kind a field of your own, with all the powers of the others.

    Examples:
      sfa config field add opp renewal_date date
      sfa config field add account tier choice --choices gold,silver,bronze --label 'Service tier'
    """
    from sfa.sales.kinds import kind_of
    from sfa.store import fields
    from sfa.store.operations import operation

    session: Session = ctx.obj
    with session.store(write=True) as store:
        of = store.kinds[kind_of(kind).name]
        picks = [c.strip() for c in choices.split(",") if c.strip()]
        with operation(store, session.command) as op:
            made = fields.add(op, of, name, type, label.strip(), picks)
        output.changed(say("Added the field {name} to {plural}", name=made.name, plural=of.plural))


def field_list(ctx: typer.Context, format: Format = "", json: Json = False, as_of: AsOf = "") -> None:
    """List your own fields.

    Examples:
      sfa config field list
      sfa config field list --json
    """
    from sfa.store.records import select

    session: Session = ctx.obj
    with session.store(as_of=as_of) as store:
        sheet = select(store, store.kinds["field"], list(store.kinds["field"].listed), [], "kind,name")
        output.sheet(sheet, view(store, output.chosen_format(format, json)))


class ConfigGroup(FunctionGroup):
    """The config commands, with the groups `field`, `alias` and `default` among them."""

    def get_command(self, ctx: Any, name: str) -> Any:
        if name == "field":
            return FunctionGroup("field", "Add and list your own fields", {"add": field_add, "list": field_list})
        if name in ("alias", "default"):
            from sfa.commands import aliases, defaults

            of = {"alias": aliases, "default": defaults}[name]
            return FunctionGroup(name, of.HELP, of.COMMANDS)
        return super().get_command(ctx, name)


def field() -> None:
    """Add and list your own fields."""


def alias() -> None:
    """Give a command a name of your own."""


def default() -> None:
    """Say what new records begin with."""


GROUP = ConfigGroup
COMMANDS = {"list": list_, "get": get, "set": set_, "unset": unset, "field": field, "alias": alias, "default": default}
