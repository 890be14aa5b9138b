"""Exchange rates: dated, one way round each; a report takes the latest on or before a deal's day, either way round."""

from __future__ import annotations

from typing import Annotated

import typer

from sfa import output
from sfa.commands.nouns import Json, Yes, differences, tell, verbs
from sfa.commands.session import Session


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
    from sfa.errors import UsageError
    from sfa.store import intake
    from sfa.store.operations import operation
    from sfa.store.queries.rates import standing

    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds["rate"]
        texts = {"currency": currency, "base": base or store.currency, "date": date or "today", "rate": rate}
        with operation(store, session.command) as op:
            given = intake.stored(store, kind, texts)
            if given["currency"] == given["base"]:
                raise UsageError(f"a rate is between two currencies, not {given['base']} and itself", "Name the other with --base.")
            before = standing(store, "rate", given)
            if before is None:
                changed, number = {}, op.insert("rate", given)
            else:
                number = before["id"]
                changed = op.update("rate", number, given)
        if before is not None and not changed:
            return output.message("Nothing to change: it is so already.")
        told = {name: given[name] for name in ("base", "date", "rate")} if before is None else changed
        more = ": " + differences(store, kind, before or {"currency": given["currency"]}, told)
        tell(store, kind, number, "Added" if before is None else "Changed", json, more)
    return None


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
