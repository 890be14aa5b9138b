"""The manual page, made from the program's own help: `sfa help man`, and the file that an installation puts where `man sfa` finds it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from sfa import __version__
from sfa.cli import COMMANDS, SECTIONS
from sfa.commands.help_ import environment, topic_text
from sfa.messages import say

EXAMPLES = (
    ("Look around in a demo company", "sfa demo"),
    ("Bring your data", "sfa import bundle export.zip --on-missing create"),
    ("What today asks for", "sfa today"),
    ("Note a call, agree on the next step, move the deal", "sfa log acme call 'wants the quote by Friday' --next 'send quote' --due fri"),
    ("Your open deals over 10,000", "sfa opp list is:open is:mine 'amount>10k'"),
    ("The forecast of the quarter", "sfa forecast --by rep"),
    ("Take the last command back", "sfa undo"),
)
FILES = (
    ("~/.local/share/sfa/sfa.db", "The database ($SFA_DB, --db); with $XDG_DATA_HOME there."),
    ("~/.config/sfa/config.toml", "Settings, aliases and defaults ($SFA_CONFIG); with $XDG_CONFIG_HOME there."),
    ("~/.config/sfa/hooks/", "Programs that run before and after operations: beside the config file."),
    ("~/.local/state/sfa/", "When you last looked, and what you typed in sfa shell."),
)


def page(ctx: Any) -> str:
    """The page in the language of man; opp has the verbs of the database at hand, or the usual ones."""
    root = ctx.find_root()
    about, _, more = inspect.cleandoc(root.command.help or "").partition("\n")
    parts = [
        f'.TH SFA 1 "" "sfa {__version__}" "User Commands"',
        *_section("NAME"),
        f"sfa \\- {_inline('sales force automation for the terminal')}",
    ]
    parts += [*_section("SYNOPSIS"), ".B sfa", "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIVERB\\fR] [\\fIWORDS\\fR]..."]
    parts += [*_section("DESCRIPTION"), _inline(about), *_paragraphs(more)]
    parts += [".PP", "Every command and verb has its own help, with examples:", ".B sfa", "\\fICOMMAND\\fR", ".BR \\-\\-help ."]
    parts += [*_section("OPTIONS"), *_options(root.command)]
    for title, names in SECTIONS.items():
        parts += _section(say("{title} commands", title=title).upper())
        for name in names:
            parts += _command(root, name)
    for title, text in (
        ("FILTERS", topic_text("filters")),
        ("REFERENCES", topic_text("refs")),
        ("DATES AND PERIODS", topic_text("dates")),
        ("OUTPUT FORMATS", topic_text("formats")),
        ("SHELL, SAVED FILTERS, ALIASES AND DEFAULTS", topic_text("shell")),
        ("HOOKS", topic_text("hooks")),
        ("EXIT STATUS", topic_text("exit-codes")),
        ("ENVIRONMENT", environment()),
    ):
        parts += [*_section(title), *_verbatim(text)]
    parts += [*_section("FILES"), *_terms(FILES), *_section("EXAMPLES"), *_terms(EXAMPLES, flip=True)]
    return "\n".join(parts) + "\n"


def _section(title: str) -> list[str]:
    return [f'.SH "{title}"']


def _inline(text: str) -> str:
    """A line of text: nothing in it is read as a command of the page's language."""
    shown = text.replace("\\", "\\e").replace("-", "\\-").strip()
    return "\\&" + shown if shown[:1] in (".", "'") else shown


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        if paragraph.strip():
            yield ".PP"
            yield _inline(" ".join(paragraph.split()))


def _verbatim(text: str) -> list[str]:
    """Lines as they stand."""
    lines = [line.replace("\\", "\\e").replace("-", "\\-") for line in text.split("\n")]
    return [".nf", *("\\&" + line if line[:1] in (".", "'") else line for line in lines), ".fi"]


def _terms(rows: tuple[tuple[str, str], ...], flip: bool = False) -> Iterator[str]:
    for term, text in rows:
        yield ".TP"
        yield f"\\fB{_inline(text if flip else term)}\\fR"
        yield _inline(term if flip else text)


def _options(command: Any) -> Iterator[str]:
    for p in command.params:
        if p.param_type_name == "option":
            yield ".TP"
            value = "" if p.is_flag else f" \\fI{p.metavar or p.name.upper()}\\fR"
            yield ", ".join(f"\\fB{_inline(name)}\\fR" for name in p.opts) + value
            yield _inline(p.help or "")


def _command(root: Any, name: str) -> Iterator[str]:
    """A command with what it is for, and its verbs with theirs."""
    yield ".TP"
    yield f"\\fBsfa {name}\\fR"
    yield _inline(COMMANDS[name]) + "."
    command = root.command.get_command(root, name)
    if hasattr(command, "list_commands"):
        inner = command.make_context(name, [], parent=root, resilient_parsing=True)
        yield ".RS"
        for verb in command.list_commands(inner):
            found = command.get_command(inner, verb)
            yield ".TP"
            yield f"\\fB{_inline(verb)}\\fR"
            yield _inline((found.help or "").partition("\n")[0])
        yield ".RE"
