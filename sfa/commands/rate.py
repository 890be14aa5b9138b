"""Exchange rates: dated, one way round each; a report takes the latest on or before a deal's day, either way round."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa.commands.nouns import Json, Yes, put, verbs
from sfa.errors import UsageError
from sfa.messages import say


def set_(
    ctx: typer.Context,
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help="The currency that is worth so much, such as EUR.")],
    rate: Annotated[str, typer.Argument(metavar="RATE", help="What one of it costs, such as 1.0842.")],
    base: Annotated[str, typer.Option("--base", metavar="CURRENCY", help="In this currency (default: the company's).")] = "",
    date: Annotated[str, typer.Option("--date", metavar="DATE", help="From this day on (default: today).")] = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Set an exchange rate that holds from a day on, or correct it.

    Examples:
      sfa rate set EUR 1.0842
      sfa rate set EUR 1.0715 --base USD --date 2026-10-01
    """
    texts = {"currency": currency, "base": base or ctx.obj.settings.get("currency"), "date": date or "today", "rate": rate}
    put(ctx.obj, "rate", texts, _check, ("base", "date", "rate"), json)


def _check(given: dict[str, Any]) -> None:
    if given["currency"] == given["base"]:
        raise UsageError(say("a rate is between two currencies, not {base} and itself", base=given["base"]), "Name the other with --base.")


COMMANDS = {
    "set": set_,
    **verbs(
        "rate",
        {
            "list": "sfa rate list currency:EUR --sort -date\nsfa rate list 'date>=2026-10-01' --json",
            "delete": "sfa rate delete RT-1 --yes\nsfa rate delete RT-1 --dry-run",
        },
        only=("list", "delete"),
    ),
}
