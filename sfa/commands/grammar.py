"""The commands, options and arguments of the whole program as plain data, for a shell's completion: made once, then kept in a file.

A node is {"help", "options": {"--account": [type, more]}, "words": [[type, more], …], "commands": {name: node}, "kind", "usual": the one
that runs where none is named}; types are flag, text, choice, record, stage, field, file, filter and alias; `more` is what they need
(choices, kinds).
"""

from __future__ import annotations

from typing import Any

from sfa.output import FORMATS
from sfa.sales.kinds import KINDS, Field, Kind
from sfa.settings import SETTINGS

Node = dict[str, Any]
ANY = ("opportunity", "account", "contact", "lead", "product", "user", "activity")
PEOPLE = {"rep": "user", "user": "user", "manager": "user", "deal": "opportunity", "contact": "contact", "heir": "user", "leaver": "user"}
"""Names of options and arguments that are no fields, and the kind of record that they take."""
NAMED = {"delete": {"filter": "filter", "alias": "alias"}, "show": {"filter": "filter"}, "save": {"filter": "filter"}}
"""Verbs whose first word is the name of a saved filter or of an alias, by their nouns."""
FILES = ("file", "files", "path", "rejects", "output", "map", "db")


def tree() -> Node:
    """The whole program. Imports every command: takes about a second."""
    from sfa.cli import COMMANDS, _app
    from sfa.commands.session import Session

    root = _app()
    with root.make_context("sfa", ["config"], obj=Session([], {}), resilient_parsing=True) as ctx:
        made = _node(root, None)
        made["commands"] = {name: _walk(root.get_command(ctx, name), ctx, name) for name in (*COMMANDS, "help")}
    made["kinds"] = {k.name: [k.prefix, [[f.name, *_of_field(f)] for f in k.fields if not f.managed]] for k in KINDS.values() if k.prefix}
    return made


def _walk(command: Any, parent: Any, name: str) -> Node:
    ctx = command.make_context(name, [], parent=parent, resilient_parsing=True)
    # A report's filters are on deals, whatever it is called; that on leads is on leads.
    names = ("lead",) if name == "leads" else () if parent.info_name == "report" else (name, parent.info_name)
    kind = next((k for k in KINDS.values() if k.noun and k.noun in names), None)
    made = _node(command, kind)
    if name in NAMED and parent.info_name in NAMED[name]:
        made["words"] = [[NAMED[name][parent.info_name], "", False], *made["words"][1:]]
    if hasattr(command, "list_commands"):
        if usual := getattr(command, "usual", ""):
            made["usual"] = usual
        made["commands"] = {verb: _walk(command.get_command(ctx, verb), ctx, verb) for verb in command.list_commands(ctx)}
    return made


def _node(command: Any, kind: Kind | None) -> Node:
    help_text = (command.help or "").partition("\n")[0].rstrip(".")
    made: Node = {"help": help_text, "options": {"--help": ["flag", ""]}, "words": [], "kind": kind.name if kind else ""}
    for p in command.params:
        if p.param_type_name == "argument":
            made["words"].append([*_word(p, command.name, kind), p.nargs == -1])
        else:
            of = ["flag", ""] if p.is_flag else _value(max(p.opts, key=len).lstrip("-").replace("-", "_"), kind)
            made["options"] |= {name: [*of, p.help or ""] for name in p.opts}
    return made


def _value(name: str, kind: Kind | None) -> list[Any]:
    """What an option takes."""
    if name == "format":
        return ["choice", list(FORMATS)]
    if name in ("move", "stage"):
        return ["stage", ""]
    field = kind.by_name.get(name) if kind else None
    if field:
        return _of_field(field)
    if name in PEOPLE:
        return ["record", [PEOPLE[name]]]
    if name in ("outcome", "priority"):
        return _of_field(KINDS["activity"].field(name))
    return ["file", ""] if name in FILES else ["text", ""]


def _of_field(field: Field) -> list[Any]:
    if field.to == "stage":
        return ["stage", ""]
    if field.type in ("ref", "people"):
        return ["record", [field.to]]
    if field.type == "bool":
        return ["choice", ["yes", "no"]]
    return ["choice", list(field.choices)] if field.choices else ["text", ""]


def topics() -> tuple[str, ...]:
    """What `sfa help` explains."""
    from sfa.cli import TOPICS

    return TOPICS


def _word(argument: Any, command: str, kind: Kind | None) -> list[Any]:
    """What an argument takes, as its name in the help tells."""
    name, shown = argument.name, (argument.metavar or "").upper()
    if command in ("log",) and name == "kind":
        return ["choice", list(KINDS["activity"].field("kind").choices)]
    if "REF" in shown and "FILTER" not in shown:
        return ["record", [kind.name] if kind else list(ANY)]
    if name in PEOPLE:
        return ["record", [PEOPLE[name]]]
    if shown == "CONTACT":
        return ["record", ["contact"]]
    if shown == "STAGE":
        return ["stage", ""]
    if "FILTER" in shown or "WORD" in shown or "FIELD=VALUE" in shown:
        return ["field", "REF" in shown]
    if shown.strip("[]") == "TOPIC":
        return ["choice", [*topics()]]
    if name == "name" and command in ("get", "set", "unset"):
        return ["choice", list(SETTINGS)]
    if name == "kind":
        return ["choice", [k.noun for k in KINDS.values() if k.noun]]
    if shown == "SHELL":
        return ["choice", ["bash", "zsh", "fish", "powershell"]]
    return ["file", ""] if name in FILES else ["text", ""]
