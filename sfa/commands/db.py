"""The database file: where it is, whether it is whole, a copy of it, its size."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sfa import output
from sfa.commands.nouns import DryRun, Format, Json, Yes
from sfa.commands.session import Session
from sfa.errors import DatabaseError, Refused
from sfa.messages import say


def path(ctx: typer.Context) -> None:
    """Print where the database file is, or will be.

    Examples:
      sfa db path
      sfa --db team.db db path
    """
    session: Session = ctx.obj
    output.line(os.path.abspath(session.settings.get("db")))


def check(
    ctx: typer.Context,
    repair_clock: Annotated[
        bool, typer.Option("--repair-clock", help="Renumber operations that are ahead of the clock, because it was wrong then.")
    ] = False,
    repair_search: Annotated[bool, typer.Option("--repair-search", help="Make the search index anew.")] = False,
    repair_schema: Annotated[bool, typer.Option("--repair-schema", help="Make triggers and indexes anew.")] = False,
) -> None:
    """Check that the database is whole; exit code 6 and a list where it isn't.

    SQLite's own check, references, the history of every record, operations, external ids, triggers and indexes, the search index.

    Examples:
      sfa db check
      sfa db check --repair-search
    """
    from sfa.store import check as checking

    session: Session = ctx.obj
    with session.store() as store:
        if repair_schema:
            checking.repair_schema(store)
            output.message("Triggers and indexes were made anew.")
        if repair_clock:
            moved, saved = checking.repair_clock(store)
            output.message(
                say("{moved} operations were moved before now; the file as it was: {saved}", moved=moved, saved=saved)
                if moved
                else "No operation is ahead."
            )
        if repair_search:
            checking.repair_search(store)
            output.message("The search index was made anew.")
        problems = checking.check(store)
        if problems:
            listed = "\n".join(f"  {p}" for p in problems)
            raise DatabaseError(
                say(
                    "{count} thing{word} wrong with {path}:\n{listed}",
                    count=len(problems),
                    word="s are" if len(problems) > 1 else " is",
                    path=store.path,
                    listed=listed,
                ),
                "Copy the file aside before you repair anything; `sfa db backup` makes such copies.",
            )
        output.line(say("{path}: ok", path=store.path))


def backup(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="The copy (default: beside the database, named by the time).")] = "",
) -> None:
    """Copy the database, safely while others write; the copy is yours alone to read.

    Examples:
      sfa db backup
      sfa db backup monday.db
    """
    from sfa.store.database import errors
    from sfa.store.migrations import backup as copy
    from sfa.store.migrations import free_name

    session: Session = ctx.obj
    with session.store() as store:
        stamp = f"{store.calendar.now:%Y%m%dT%H%M%S}"
        if os.path.isdir(file):
            file = os.path.join(file, os.path.basename(store.path))
            file = free_name(f"{file}.{stamp}", ".backup")
        target = file or free_name(f"{store.path}.{stamp}", ".backup")
        try:
            with errors(target):
                copy(store.path, target)
        except FileExistsError:
            raise Refused(say("{target} is there already", target=target), "A backup overwrites nothing; give another name.") from None
        except OSError as error:
            raise DatabaseError(say("{target} cannot be written: {why}", target=target, why=error.strerror), "Give another FILE.") from None
        output.line(target)
        output.message(
            say(
                "{size:,} bytes copied. To go back to it, put it in the place of {path}.",
                size=os.path.getsize(target),
                path=store.path,
            )
        )


def vacuum(ctx: typer.Context) -> None:
    """Rewrite the file without unused space.

    Examples:
      sfa db vacuum
      sfa --db sfa.db db vacuum
    """
    from sfa.store.erase import compact

    session: Session = ctx.obj
    with session.store() as store:
        before = _size(store.path)
        whole = compact(store)
        output.message(say("{path}: {before:,} → {size:,} bytes", path=store.path, before=before, size=_size(store.path)))
        if not whole:
            output.warning("another program has the file open, so that part of it stays until that one closes.")


def _size(path: str) -> int:
    return sum(os.path.getsize(path + ending) for ending in ("", "-wal") if os.path.exists(path + ending))


def purge(ctx: typer.Context, yes: Yes = False, dry_run: DryRun = False, format: Format = "", json: Json = False) -> None:
    """Erase what has been kept longer than the retention settings say, for good.

    Leads and contacts without a change, an activity or a deal since then lose all that is personal, as by `sfa erase`; activities their
    text. Converted leads stay, people on open deals, and what is still to be done. Of people who opted out, a keyed hash of the e-mail
    stays, so that no import brings them back without their opt-out; without an e-mail they stay. With --dry-run what would go, and why.

    Examples:
      sfa db purge --dry-run
      sfa db purge --yes
    """
    from sfa.commands.purge import run

    run(ctx.obj, yes, dry_run, output.chosen_format(format, json))


COMMANDS = {"path": path, "check": check, "backup": backup, "vacuum": vacuum, "purge": purge}
