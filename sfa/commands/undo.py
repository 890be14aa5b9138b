"""Taking operations back: `sfa undo`."""

from __future__ import annotations

from typing import Annotated

import typer

from sfa import output
from sfa.commands.nouns import DryRun, Yes
from sfa.commands.session import Session
from sfa.messages import say
from sfa.store import history, undo
from sfa.store.database import Store

ASK_FROM = 3
"""Taking back this many records asks first, on a terminal."""
Partial = Annotated[bool, typer.Option("--partial", help="Take back what no later change stands against.")]


def command(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(metavar="[OPERATION]", help="As `sfa history` shows it (default: your last one).")] = "",
    partial: Partial = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Take back your last operation, or the one named.

    All of it or nothing: a later change to the same field, or a record made by it that others refer to, stands against it and is listed.
    An undo is an operation too; `sfa redo` does again what it took back.

    Examples:
      sfa undo
      sfa undo --dry-run
    """
    session: Session = ctx.obj
    with session.store() as store:
        target = history.parse_short(store, number) if number else undo.latest(store)
        carry_out(store, session.command, target, "Took back", partial, dry_run, yes)


def carry_out(store: Store, command: str, target: int, what: str, partial: bool, dry_run: bool, yes: bool) -> None:
    """Take an operation back after showing what that means where it is much, and say what was done."""
    done = next(history.operations(store, only=target))
    if dry_run or (done.records >= ASK_FROM and output.interactive() and not yes):
        written, clashes = undo.undo(store, target, command, partial=partial, dry_run=True)
        output.message(say("{command}: {written:,} records would be written", command=done.command, written=written))
        if clashes:
            output.message(undo.list_clashes(store, clashes))
        if dry_run:
            return output.message("Nothing was written.")
        output.confirm("Go on?", yes)
    written, clashes = undo.undo(store, target, command, partial=partial)
    what_of = next(history.operations(store, only=done.undoes)).command if done.undoes else done.command
    output.changed(
        say("{what}: {what_of} ({written:,} record{s})", what=what, what_of=what_of, written=written, s="" if written == 1 else "s"),
        undo=False,
    )
    if clashes:
        output.warning(say("left alone, changed since:\n{list_clashes}", list_clashes=undo.list_clashes(store, clashes)))
    if what == "Took back":
        output.message("Do it again: sfa redo")
    return None
