"""Doing again what was taken back: `sfa redo`."""

from __future__ import annotations

from typing import Annotated

import typer

from sfa.commands.nouns import DryRun, Yes
from sfa.commands.session import Session
from sfa.commands.undo import Partial, carry_out
from sfa.store import history, undo


def command(
    ctx: typer.Context,
    number: Annotated[
        str, typer.Argument(metavar="[OPERATION]", help="What was taken back (default: your last undo, if nothing came after it).")
    ] = "",
    partial: Partial = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Do again what your last undo took back.

    Examples:
      sfa redo
      sfa redo --dry-run
    """
    session: Session = ctx.obj
    with session.store() as store:
        target = undo.redo_target(store, history.parse_short(store, number)) if number else undo.latest(store, redo=True)
        carry_out(store, session.command, target, "Did again", partial, dry_run, yes)
