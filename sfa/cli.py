"""The root command: groups that load when they are used, global options, and `main`, the only place where errors become exit codes."""

from __future__ import annotations

import gc

# Loading modules makes many objects and hardly any garbage: collecting meanwhile is a tenth of a short command's time.
gc.set_threshold(100_000, 20, 20)

import os
import sys
from functools import cache
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sfa.commands.grouping import FunctionGroup, build, speak
from sfa.commands.session import Session
from sfa.errors import SfaError
from sfa.languages import spoken, use
from sfa.messages import say, together

SECTIONS: dict[str, dict[str, str]] = {
    "Selling": {
        "today": "Show what today asks for, and what deals with each of it",
        "week": "Show the rest of the week",
        "agenda": "Show what is planned on a day or in a period",
        "calendar": "Show a month or a week with what is planned on each day",
        "task": "Work with tasks: add, done, snooze, reschedule",
        "lead": "Work with leads: qualify, disqualify, convert",
        "opp": "Work with opportunities: qualify, propose, negotiate, win, lose",
        "account": "Work with accounts",
        "contact": "Work with contacts",
        "log": "Log a call, e-mail, visit or note on a record",
        "capture": "Log mail, calls and calendars that are there already",
        "review": "Go through your open deals, one key each",
        "edit": "Edit any record in your editor",
        "activity": "List and correct what was logged",
        "search": "Search names, companies, e-mails and notes",
        "open": "Open a record's web page, mail or phone",
    },
    "Managing": {
        "forecast": "Print the forecast of a period with quotas and attainment",
        "report": "Win/loss, funnel, velocity and other reports on deals",
        "quota": "Set and list quotas",
        "rate": "Set and list exchange rates",
        "product": "Work with products",
        "user": "Work with users: sellers, managers, hand-over",
        "filter": "Save filters under a name, taken as @name everywhere",
        "pipeline": "Define pipelines",
        "stage": "Define the stages of a pipeline",
        "reason": "Define the reasons for wins and losses",
        "rule": "Say who gets which new leads and accounts",
    },
    "Data": {
        "import": "Load records from CSV files, vCards and calendars",
        "export": "Write records as CSV, JSON and more",
        "duplicates": "Find records that are likely one",
        "merge": "Make one record of several",
        "sql": "Ask in SQL, read-only, over views that say what the reports say",
        "history": "Show what was done, or how a record changed",
        "undo": "Take the last operation back",
        "redo": "Do again what was taken back",
        "erase": "Blank a person's data in every version, for good",
        "db": "Check, back up and locate the database",
        "config": "Show and change settings and your own fields",
        "shell": "Type commands without sfa in front, answered at once",
        "completion": "Let your shell complete commands and names",
        "demo": "Load the demo company and look around",
    },
}
COMMANDS = {name: help for section in SECTIONS.values() for name, help in section.items()}
TOPICS = ("filters", "formats", "dates", "import", "exit-codes", "environment", "fields", "refs", "shell", "hooks", "man")


class Root(TyperGroup):
    """Imports a command's module when that command runs or its help is asked, and not before."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [*COMMANDS, "help"]

    def get_command(self, ctx: Any, name: str) -> Any:
        if name not in COMMANDS and name != "help":
            return None
        from importlib import import_module

        module = import_module(f"sfa.commands.{name}_" if name in ("import", "help") else f"sfa.commands.{name}")
        table = getattr(module, "COMMANDS", None)
        if table is None:
            return build(name, module.command)
        return getattr(module, "GROUP", FunctionGroup)(name, COMMANDS[name], table)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(spoken(title)):
                formatter.write_dl([(name, spoken(about)) for name, about in commands.items()], col_max=12)
        with formatter.section(spoken("More")):
            formatter.write_dl([("help TOPIC", spoken(say("Explain {topics}", topics=together(", ", TOPICS))))], col_max=12)
        if aliases := _aliases(ctx):
            with formatter.section(spoken("Your aliases")):
                formatter.write_dl([*sorted(aliases.items())], col_max=12)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS and args[0] != "help":
            from sfa.commands.aliases import expanded

            # Only what is no command is looked up: whoever has aliases pays nothing for them elsewhere.
            args = expanded(ctx.obj, args, COMMANDS)
        if args and not args[0].startswith("-") and args[0] not in COMMANDS and args[0] != "help":
            from sfa.commands.meant import unknown

            raise unknown(ctx, args, [*COMMANDS, "help"])
        return super().resolve_command(ctx, args)


def _aliases(ctx: Any) -> dict[str, str]:
    """The aliases, for the help; a damaged config file is no reason to give none."""
    try:
        found: dict[str, str] = ctx.obj.settings.table("alias")
    except SfaError:
        return {}
    return found


def _version(value: bool) -> None:
    if value:
        from sfa import __version__

        print_version(__version__)
        raise typer.Exit()


def print_version(version: str) -> None:
    """Write the version on stdout."""
    from sfa import output

    output.line(f"sfa {version}")


def root(
    ctx: typer.Context,
    db: Annotated[
        str, typer.Option("--db", metavar="FILE", help="The database file (SFA_DB; default: the data folder's sfa/sfa.db).")
    ] = "",
    me: Annotated[str, typer.Option("--me", metavar="NAME", help="Act as this user (SFA_ME; default: your login name).")] = "",
    no_hooks: Annotated[bool, typer.Option("--no-hooks", help="Run no hooks (SFA_HOOKS=off).")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Sales force automation in your terminal: leads, deals, forecasts and win/loss in one SQLite file.

    Start with `sfa demo` to look around, `sfa import bundle FOLDER` to bring your data, `sfa COMMAND --help` for examples.
    """
    given = {k: v for k, v in (("db", db), ("me", me), ("hooks", "off" if no_hooks else "")) if v}
    ctx.obj.settings.given.update(given)


@cache
def _app() -> Root:
    from typer.main import get_group

    app = typer.Typer(cls=Root, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True, add_completion=False)
    app.callback()(root)
    group = get_group(app)
    speak(group)
    return group  # type: ignore[return-value]


def run(argv: list[str], given: dict[str, str] | None = None) -> int:
    """Run one command line and return its exit code; every error ends here. `given` are options of the root that hold unless it names them
    itself."""
    from typer._click.exceptions import ClickException, NoArgsIsHelpError

    session = Session(argv, dict(given or {}))
    try:
        use(language := _language(session))
        group = _app()
        if language != "en":
            from sfa.commands import helping

            helping.begin()
        with group.make_context("sfa", list(argv), obj=session) as ctx:
            group.invoke(ctx)
        sys.stdout.flush()
        return 0
    except NoArgsIsHelpError as error:
        sys.stdout.write(error.ctx.get_help() + "\n")
        return 0 if not argv else 2
    except ClickException as error:
        return _usage(error, session)
    except typer.Exit as exit:
        return int(exit.exit_code)
    except SfaError as error:
        return _fail(error, session)
    except (KeyboardInterrupt, EOFError, typer.Abort):
        return _fail(_interrupted(session.wrote), session)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("SFA_DEBUG"):
            raise
        return _fail(_unexpected(error), session)
    finally:
        session.end()


def _language(session: Session) -> str:
    """The language in force; English where the settings cannot be read, which whatever needs them tells."""
    try:
        return session.settings.get("language")
    except SfaError:
        return "en"


def _fail(error: SfaError, session: Session) -> int:
    from sfa import output

    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    output.error(error, session.wants_json)
    return error.exit_code


def _interrupted(wrote: bool) -> SfaError:
    late = "It came too late: what this command wrote stands. `sfa history` shows it, `sfa undo` takes it back."
    error = SfaError("interrupted", late if wrote else "Nothing was changed by this command.")
    error.exit_code = 130
    return error


def _unexpected(error: Exception) -> SfaError:
    if isinstance(error, OSError) and error.strerror:
        return SfaError(f"{error.strerror}{f': {error.filename}' if error.filename else ''}")
    if isinstance(error, RecursionError | MemoryError):
        return SfaError("the input is too large or too deeply nested")
    return SfaError(
        say("unexpected: {name}: {error}", name=type(error).__name__, error=error), "SFA_DEBUG=1 shows where; please report it."
    )


def _usage(error: Any, session: Session) -> int:
    from sfa.errors import UsageError

    path = error.ctx.command_path if getattr(error, "ctx", None) else "sfa"
    message = error.format_message().rstrip(".")
    message = message if len(message) <= 300 else message[:299] + "…"
    if _language(session) != "en":
        from sfa.commands.helping import misread

        message = misread(message)
    return _fail(UsageError(message, _for_example(error) or _as_field(error, session) or f"{path} --help"), session)


def _as_field(error: Any, session: Session) -> str:
    """Where `sfa log` is given a field of the deal as an option: how it takes fields."""
    from sfa.sales.kinds import KINDS

    name = str(getattr(error, "option_name", "")).lstrip("-").replace("-", "_")
    if error.ctx is None or error.ctx.info_name != "log" or name not in KINDS["opportunity"].by_name:
        return ""
    return say("Fields of the deal are given as field=value, as in {field}=…", field=name)


def _for_example(error: Any) -> str:
    """Where something is missing, the first example of the command: it says more than its pages."""
    import re

    from typer._click.exceptions import MissingParameter

    if not isinstance(error, MissingParameter) or error.ctx is None:
        return ""
    found = re.search(r"^\s+((?:\S.* \| )?sfa .+)$", error.ctx.command.help or "", re.MULTILINE)
    path = error.ctx.command_path
    return say("For example: {example}\nMore: {path} --help", example=found[1], path=path) if found else ""


def main() -> None:
    """The entry point: UTF-8 on every stream whatever the locale, none for what was closed (`>&-`), then `run`."""
    sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY))
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    from sfa import plainly

    if plainly.wanted(os.environ):
        plainly.use(sys.stdout, sys.stderr)
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or 1
    # Nothing is left to tidy up: taking the interpreter down object by object would cost more than a small command itself.
    os._exit(code)
