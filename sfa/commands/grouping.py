"""How functions become commands: built one at a time when they are called, with an option for each common field of a kind."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo

from sfa.languages import spoken
from sfa.messages import say, together
from sfa.sales.kinds import KINDS, Kind

Function = Callable[..., Any]
_NEGATED = r"-(?:@|[A-Za-z_][A-Za-z0-9_.-]*(?::|~|!=|[<>]=?))"


class Command(TyperCommand):
    """A command of sfa: `-2` among its words is no option but a reference, the record that was touched before the last one."""

    def make_parser(self, ctx: Any) -> Any:
        parser = super().make_parser(ctx)
        process = parser._process_opts

        def option_or_word(arg: str, state: Any) -> None:
            if re.fullmatch(r"-[1-9]\d?", arg):
                state.largs.append(arg)
            else:
                process(arg, state)

        parser._process_opts = option_or_word  # type: ignore[method-assign]
        return parser


class Words(Command):
    """A command whose words may be conditions: `-source:web` is one of them, not an option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, ["!" + a[1:] if a.startswith("-") and re.match(_NEGATED, a) else a for a in args])


class Verbatim(Command):
    """A command whose words behind the first one are another command's: none of them is an option of its own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = next((i + 1 for i, a in enumerate(args) if not a.startswith("-")), len(args))
        rest = args[first:]
        return super().parse_args(ctx, [*args[:first], "--", *(rest[1:] if rest[:1] == ["--"] else rest)] if rest else args)


class FunctionGroup(TyperGroup):
    """A noun: its verbs are functions, each built when it is called; help needs only their first lines."""

    def __init__(self, name: str, help: str, table: Mapping[str, Function | Deferred]) -> None:
        super().__init__(name=name, help=spoken(help), no_args_is_help=True, rich_markup_mode=None)
        self.table = table
        self.built: dict[str, Any] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        return list(self.table)

    def get_command(self, ctx: Any, name: str) -> Any:
        name = {"ls": "list", "rm": "delete"}.get(name, name)
        if name in self.table and name not in self.built:
            self.built[name] = build(name, self.table[name])
        return self.built.get(name)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section(spoken("Commands")):
            formatter.write_dl([(name, about(f).partition("\n")[0].rstrip(".。")) for name, f in self.table.items()])

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            from sfa.commands.meant import unknown

            raise unknown(ctx, args, self.list_commands(ctx), self.name or "")
        return super().resolve_command(ctx, args)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Did you mean …? or nothing."""
    import difflib

    near = difflib.get_close_matches(word, known, 2)
    return say(" Did you mean {near}?", near=together(" or ", (repr(n) for n in near))) if near else ""


class Deferred:
    """A command of a kind that is not made before it is called: help needs only its first line."""

    def __init__(self, make: Callable[[], Function], doc: str) -> None:
        self.make, self.__doc__, self.said = make, doc, True


class Lazy(Mapping[str, Function | Deferred]):
    """A noun's commands by name: those `here`, and others each in a module of a package that is imported when it is asked for: `homes` has
    the module, and behind a colon the function where it is not called like the command."""

    def __init__(self, package: str, homes: Mapping[str, str], here: Mapping[str, Function | Deferred] | None = None) -> None:
        self.package, self.homes, self.here = package, homes, here or {}

    def __getitem__(self, name: str) -> Function | Deferred:
        from importlib import import_module

        if name in self.here:
            return self.here[name]
        module, _, function = self.homes[name].partition(":")
        found: Function = getattr(import_module(f"{self.package}.{module}"), function or name.replace("-", "_"))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter((*self.here, *self.homes))

    def __len__(self) -> int:
        return len(self.here) + len(self.homes)


@lru_cache(256)
def build(name: str, function: Function | Deferred) -> Any:
    """The command made of a function: its parameters, its help with the examples kept as they stand. It is made once in a process."""
    if isinstance(function, Deferred):
        function = function.make()
    cls = Verbatim if getattr(function, "verbatim", False) else Words if getattr(function, "words", False) else Command
    info = CommandInfo(name=name, cls=cls, callback=function, help=_help(function))
    made = get_command_from_info(info, pretty_exceptions_short=False, rich_markup_mode=None)
    speak(made)
    return made


def speak(command: Any) -> None:
    """Say what a command and its options and arguments are for in the language in force."""
    if isinstance(command, TyperGroup) and command.help:
        command.help = spoken(command.help, "help")
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = spoken(parameter.help)


def about(function: Function | Deferred) -> str:
    """What a command is for, in the language in force; of one made for a kind that has been said already."""
    text = inspect.getdoc(function) or ""
    return text if getattr(function, "said", False) else spoken(text, "help")


def _help(function: Function) -> str:
    return re.sub(r"\n\n([^\W\d]+ ?[:：])\n(?=  )", r"\n\n\b\n\1\n", about(function))


def words(function: Function) -> Function:
    """Mark a command whose words may be conditions."""
    function.words = True  # type: ignore[attr-defined]
    return function


def for_kind(kind_name: str, function: Function, doc: str = "", skip: Iterable[str] = (), filters: bool = False) -> Deferred:
    """`function` for one kind: its parameter `kind` is bound, its parameter `fields` becomes an option for each common field of the kind
    and is filled with those given (name → text)."""
    kind = KINDS[kind_name]
    doc = spoken(doc or inspect.getdoc(function) or "", "help")
    doc = (
        doc.replace("{noun}", spoken(kind.noun, "noun"))
        .replace("{kind}", spoken(kind.word, "noun"))
        .replace("{plural}", spoken(kind.plural, "noun"))
    )
    return Deferred(lambda: _bound(kind, function, doc, skip, filters), doc)


def _bound(kind: Kind, function: Function, doc: str, skip: Iterable[str], filters: bool) -> Function:
    signature = inspect.signature(function, eval_str=True)
    options = {f"field_{f.name}": f for f in kind.fields if f.option and f.name not in skip} if "fields" in signature.parameters else {}
    parameters = [p for p in signature.parameters.values() if p.name not in ("kind", "fields")]
    parameters += [_option(kind, f, key, filters) for key, f in options.items()]

    def command(**given: Any) -> Any:
        fields = {f.name: given.pop(key) for key, f in options.items()}
        if "fields" in signature.parameters:
            given["fields"] = {k: v for k, v in fields.items() if v is not None}
        return function(kind=kind, **given)

    command.__signature__ = signature.replace(parameters=sorted(parameters, key=lambda p: p.default is not p.empty))  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__, command.said = doc, True  # type: ignore[attr-defined]
    command.words = getattr(function, "words", False)  # type: ignore[attr-defined]
    return command


def _option(kind: Kind, field: Any, key: str, filters: bool) -> inspect.Parameter:
    title = spoken(field.title, "column")
    if filters:
        help = say("Filter by {title}.", title=title)
    else:
        what = say(": one of {choices}", choices=together(", ", field.choices)) if field.choices else ""
        help = say("{title}{what}.", title=title[0].upper() + title[1:], what=what)
    annotation = Annotated[str | None, typer.Option("--" + field.name.replace("_", "-"), metavar=field.type.upper(), help=spoken(help))]
    return inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
