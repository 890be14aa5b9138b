"""Commands under names of one's own: `sfa config alias`, and what an alias stands for. They are kept in the config file."""

from __future__ import annotations

import re
import shlex
from collections.abc import Container, Sequence
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.grouping import suggestion
from sfa.commands.options import Format, Json, Yes
from sfa.commands.session import Session
from sfa.errors import NotFound, Refused, UsageError, did_you_mean
from sfa.messages import say, together
from sfa.sales.sheets import Sheet, column

HELP = "Give a command a name of your own"
_NAME = r"[^\W\d_][\w-]{0,29}"
Name = Annotated[str, typer.Argument(metavar="NAME", help="What it is called.")]


def expanded(session: Session, words: list[str], known: Container[str]) -> list[str]:
    """The command line that `words` stand for: an alias in front gives way to its words, and those to theirs. The operation log then keeps
    the command itself. Raises UsageError for an alias that nobody can read, Refused for those that go round in a circle."""
    aliases = session.settings.table("alias")
    path: list[str] = []
    out = words
    while out and out[0] in aliases and out[0] not in known:
        if out[0] in path:
            raise Refused(
                say("aliases go round in a circle: {it}", it=together(" → ", [*path, out[0]])), "Give one of them another command."
            )
        path.append(out[0])
        out = [*_split(aliases[out[0]]), *out[1:]]
    if path:
        session.argv = [*session.argv[: len(session.argv) - len(words)], *out]
    return out


def add(
    ctx: typer.Context,
    name: Name,
    words: Annotated[list[str], typer.Argument(metavar="COMMAND...", help="A command with its options, in quotes or as it is.")],
) -> None:
    """Give a command a name: what is typed behind it is added to it.

    No command of sfa can be hidden by one; one alias may begin with another.

    Examples:
      sfa config alias add fc 'forecast --by rep'
      sfa config alias add hotlist opp list amount:any --sort -amount
    """
    from sfa.cli import COMMANDS

    session: Session = ctx.obj
    given = _split(words[0]) if len(words) == 1 else words
    given = given[1:] if given[:1] == ["sfa"] else given
    if not re.fullmatch(_NAME, name):
        raise UsageError(
            say("{name!r} is no name for an alias", name=name[:60]), "Begin with a letter; letters, digits, _ and - may follow."
        )
    if name in COMMANDS or name == "help":
        raise Refused(say("{name} is a command of sfa, which no alias may hide", name=name), "Choose another name.")
    aliases = session.settings.table("alias")
    _must_run(ctx, given, {**aliases, name: shlex.join(given)})
    line = shlex.join(given)
    former = session.settings.keep(f"alias.{name}", line)
    back = f"sfa config alias add {name} {shlex.quote(former)}" if former else f"sfa config alias delete {name}"
    output.changed(say("sfa {name} is sfa {line}  (take back: {back})", name=name, line=line, back=back), undo=False)


def listing(ctx: typer.Context, format: Format = "", json: Json = False) -> None:
    """List the aliases.

    Examples:
      sfa config alias list
      sfa config alias list --json
    """
    session: Session = ctx.obj
    rows = sorted(session.settings.table("alias").items())
    columns = [column(name, "text", i) for i, name in enumerate(("name", "command"))]
    output.sheet(Sheet(columns, rows), output.View(output.chosen_format(format, json), 0, session.settings.calendar()))


def delete(ctx: typer.Context, name: Name, yes: Yes = False) -> None:
    """Delete an alias.

    Examples:
      sfa config alias delete fc
      sfa config alias delete fc --yes
    """
    session: Session = ctx.obj
    aliases = session.settings.table("alias")
    if name not in aliases:
        raise NotFound(
            say("there is no alias {name!r}", name=name[:60]),
            say("{near}`sfa config alias list` shows them.", near=did_you_mean(name[:60], *aliases)),
        )
    former = session.settings.keep(f"alias.{name}", "")
    output.changed(
        say("Deleted {name}  (take back: sfa config alias add {name} {quote})", name=name, quote=shlex.quote(former)), undo=False
    )


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        raise UsageError(say("a quote is not closed in {text!r}", text=text[:80])) from None


def _must_run(ctx: typer.Context, words: Sequence[str], aliases: dict[str, str]) -> None:
    """Raise where a command line does not begin with a command (and its verb), or comes back to the alias that it is for."""
    from sfa.cli import COMMANDS

    trial = Session([], {})
    trial.settings._file = {f"alias.{n}": text for n, text in aliases.items()}
    out = expanded(trial, [*words], COMMANDS)
    first, second = (*out, "", "")[:2]
    if first not in COMMANDS and first != "help":
        known = [*COMMANDS, *aliases]
        raise UsageError(
            say("{first!r} is no command.{suggestion}", first=first[:60], suggestion=suggestion(first, known)),
            "As in: sfa config alias add fc 'forecast --by rep'",
        )
    group: Any = ctx.find_root().command.get_command(ctx, first)  # type: ignore[attr-defined]
    if hasattr(group, "list_commands") and second and second[0] != "-" and group.get_command(ctx, second) is None:
        raise UsageError(
            say(
                "sfa {first} has no command {second!r}.{suggestion}",
                first=first,
                second=second[:60],
                suggestion=suggestion(second, group.list_commands(ctx)),
            )
        )


add.verbatim = True  # type: ignore[attr-defined]
COMMANDS = {"add": add, "list": listing, "delete": delete}
