"""The command reference, made from the program's own help, and the examples that stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sfa.cli import COMMANDS, SECTIONS, _app
from sfa.commands.session import Session

WIDTH = 80


def commands() -> Iterator[tuple[str, str]]:
    """(full name, help text) of every command, depth first, groups before their verbs. Needs an environment without a database."""
    session = Session([], {})
    root = _app()
    with root.make_context("sfa", ["config"], obj=session, terminal_width=WIDTH, resilient_parsing=True) as ctx:
        yield "sfa", _text(root, ctx)
        for name in COMMANDS:
            yield from _walk(root.get_command(ctx, name), ctx, name)


def _walk(command: Any, parent: Any, name: str) -> Iterator[tuple[str, str]]:
    context = command.make_context(name, [], parent=parent, resilient_parsing=True, terminal_width=WIDTH)
    yield context.command_path, _text(command, context)
    if hasattr(command, "list_commands"):
        for verb in command.list_commands(context):
            yield from _walk(command.get_command(context, verb), context, verb)


def _text(command: Any, context: Any) -> str:
    return re.sub(r"[ \t]+$", "", command.get_help(context), flags=re.M).rstrip()


def examples(text: str) -> list[str]:
    """The command lines under Examples in a help text."""
    found = re.search(r"^ *Examples:\n((?: +.*\n?)+)", text, re.M)
    return [line.strip() for line in found[1].splitlines() if line.strip()] if found else []


def document() -> str:
    """The reference as Markdown."""
    parts = ["# Command reference\n\nMade from the program's help by `make docs`; a check fails when it drifts.\n"]
    toc = [f"- {title}: " + ", ".join(f"[{n}](#sfa-{n})" for n in names) for title, names in SECTIONS.items()]
    parts.append("\n".join(toc) + "\n")
    for name, text in commands():
        level = "##" if name.count(" ") <= 1 else "###"
        parts.append(f"{level} {name}\n\n```text\n{text}\n```\n")
    return "\n".join(parts)


def manual() -> str:
    """The manual page. Needs an environment without a database."""
    from sfa.commands.manual import page

    with _app().make_context("sfa", ["config"], obj=Session([], {}), resilient_parsing=True) as ctx:
        return page(ctx)
