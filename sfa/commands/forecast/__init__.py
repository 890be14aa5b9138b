"""The forecast: the figures of a period, what people say of them, how they moved, and how good earlier ones were.

`sfa forecast` alone prints it; the words behind it are commands, each in a module of its own that is imported when it runs."""

from __future__ import annotations

from typing import Any

from sfa.commands.grouping import FunctionGroup, Lazy, suggestion
from sfa.messages import say

HOMES = {
    "show": "show",
    "pace": "pace",
    "calls": "calls",
    "call": "saying",
    "adjust": "saying",
    "judge": "saying",
    "changes": "changes",
    "trend": "trend",
    "accuracy": "accuracy",
}
"""Command → the module that has it."""


class Forecasts(FunctionGroup):
    """A noun that prints where no command is named: `sfa forecast --by team` is `sfa forecast show --by team`."""

    usual = "show"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        first = args[0] if args else ""
        if first in ("--help", "-h"):
            return super().parse_args(ctx, args)
        if first not in self.table:
            if first.isalpha() and (meant := suggestion(first, self.list_commands(ctx))):
                ctx.fail(say("No such command {first!r}.{meant} A filter by text is text~{first}.", first=first, meant=meant))
            args = [self.usual, *args]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        show = self.get_command(ctx, "show")
        with show.make_context(ctx.info_name, [], parent=ctx.parent, resilient_parsing=True) as own:
            show.format_help(own, formatter)
        self.format_commands(ctx, formatter)


COMMANDS = Lazy("sfa.commands.forecast", HOMES)
GROUP = Forecasts
