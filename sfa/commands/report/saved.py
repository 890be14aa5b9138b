"""Saved reports: a command line under a name. `sfa report save`, `run`, `list` and `forget`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import Format, Json, Words, Yes
from sfa.commands.session import Session, view
from sfa.errors import NotFound, Refused, UsageError
from sfa.messages import say

if TYPE_CHECKING:
    from sfa.store.database import Store

LONGEST = 2000
"""Characters of a command; the log keeps no more either."""
Name = Annotated[str, typer.Argument(metavar="NAME", help="What the report is called.")]


def save(ctx: typer.Context, name: Name, words: Words = None, yes: Yes = False) -> None:
    """Save a command that reads under a name, as it is typed behind it.

    Everything behind the name belongs to the command, its options too.

    Examples:
      sfa report save monday forecast --by team --period 'this quarter'
      sfa report save calls opp health owner:me --format html
    """
    from sfa.cli import COMMANDS
    from sfa.sales.saved import check
    from sfa.store import deals, intake
    from sfa.store.operations import operation, secretless

    session: Session = ctx.obj
    check(words or [], [*COMMANDS])
    with session.store(write=True) as store:
        kind = store.kinds["saved_report"]
        line = shlex.join(words or [])
        if len(line) > LONGEST:
            raise UsageError(
                say("a command of {count:,} characters is too long to be saved", count=len(line)),
                say("At most {longest:,} are kept.", longest=LONGEST),
            )
        texts = {"name": name, "command": secretless(line)}
        with operation(store, session.command) as op:
            deals.add(op, kind, intake.stored(store, kind, texts))
    output.changed(say("Saved {name}: sfa {command}", name=name, command=texts["command"]))


def run(ctx: typer.Context, name: Name, words: Words = None) -> None:
    """Run a saved report; more options and filters may stand behind its name.

    An option that the report has already counts as given last.

    Examples:
      sfa report run friday
      sfa report run friday --format csv
    """
    from sfa.cli import COMMANDS
    from sfa.cli import run as run_command
    from sfa.sales.saved import check, joined

    session: Session = ctx.obj
    with session.store() as store:
        saved = _words(_find(store, name))
    check(saved, [*COMMANDS])
    code = run_command(joined(saved, words or []), session.settings.given)
    if code:
        raise typer.Exit(code)


def listing(ctx: typer.Context, format: Format = "", json: Json = False) -> None:
    """List the saved reports.

    Examples:
      sfa report list
      sfa report list --json
    """
    from sfa.store import records

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store() as store:
        kind = store.kinds["saved_report"]
        output.sheet(records.select(store, kind, ["name", "command", "owner"], [], order="name"), view(store, chosen))


def forget(ctx: typer.Context, name: Name, yes: Yes = False) -> None:
    """Forget a saved report.

    Examples:
      sfa report forget friday
      sfa report forget Friday --yes
    """
    from sfa.store.operations import operation

    session: Session = ctx.obj
    with session.store(write=True) as store:
        saved = _find(store, name)
        with operation(store, session.command) as op:
            op.delete("saved_report", saved["id"])
    output.changed(say("Forgot {name}: sfa {command}", name=saved["name"], command=saved["command"]))


def _words(saved: dict[str, Any]) -> list[str]:
    """The words of a saved command. Raises Refused for one that another program wrote and no shell could read."""
    try:
        return shlex.split(saved["command"])
    except ValueError:
        raise Refused(
            say("{name} cannot be read as a command: {command}", name=saved["name"], command=saved["command"][:60]), "sfa report forget it."
        ) from None


def _find(store: Store, name: str) -> dict[str, Any]:
    """The saved report of that name, or of a part of it. Raises NotFound, Ambiguous."""
    from sfa.store import lookup

    try:
        return lookup.find(store, store.kinds["saved_report"], name)
    except NotFound:
        raise NotFound(say("no report is saved as {name!r}", name=name[:60]), "sfa report list shows them all.") from None


save.verbatim = run.verbatim = True  # type: ignore[attr-defined]
