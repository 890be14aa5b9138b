"""Quotas: what a person is to win in a period. A manager's quota is their team's; without one it is the sum of the reports' quotas."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa.commands.nouns import Json, Yes, put, verbs
from sfa.errors import BadValue


def set_(
    ctx: typer.Context,
    rep: Annotated[str, typer.Argument(metavar="REP", help="A user's reference or name.")],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="2026-Q4, FY26-Q1, 2026-11, 2026.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="400k, €350.000,00; 0 is a quota of zero.")],
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Set a person's quota for a period, or change it.

    A year's quota counts evenly in its quarters and months, except where a finer one is set.

    Examples:
      sfa quota set 'Ben Okafor' 2026-Q4 400k
      sfa quota set anna 2027 2.4m
    """
    put(ctx.obj, "quota", {"owner": rep, "period": period, "amount": amount}, _check, ("owner", "amount"), json)


def _check(given: dict[str, Any]) -> None:
    if given.get("amount") is None or given["amount"] < 0:
        raise BadValue("a quota is an amount of 0 or more", "As in 400k or 1.2m.")


COMMANDS = {
    "set": set_,
    **verbs(
        "quota",
        {
            "list": "sfa quota list period:2026-Q4\nsfa quota list owner:me --sort -amount",
            "delete": "sfa quota delete QT-1 --yes\nsfa quota delete QT-1 --dry-run",
        },
        only=("list", "delete"),
    ),
}
