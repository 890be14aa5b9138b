"""`sfa agenda`: what is planned on any day or in any period."""

from __future__ import annotations

from typing import Annotated

import typer

from sfa import output
from sfa.commands import day
from sfa.commands.day import Rep, Team
from sfa.commands.options import AsOf, Format, Json
from sfa.commands.session import Session
from sfa.messages import say


def command(
    ctx: typer.Context,
    when: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATE|PERIOD]", help="As in fri, 2026-12, next week (default today).", show_default=False),
    ] = None,
    rep: Rep = "",
    team: Team = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Show what is planned on a day or in a period: appointments, tasks, next steps, expected closes, contacts due, birthdays, holidays.

    Lost deals to try again too. JSON: from, to, people, sections (appointments, tasks, steps, closing, revisits, contacts, birthdays:
    lists of day, at, ref, id, what, about, about_ref, owner, amount, command, more), holidays (day, name), left_out.

    Examples:
      sfa agenda fri
      sfa agenda next week --json
    """
    from sfa.sales.dates import describe, parse_period
    from sfa.store.queries.scope import calendar

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store:
        people = day.whose(store, rep, team)
        period = parse_period(" ".join(when or ["today"]), calendar(store))
        found = day.planned(store, people, period.start, period.end)
        if chosen != "table":
            return day.for_programs(session, store, found, period.start, period.end, chosen)
        one = (period.end - period.start).days == 1
        title = day.heading(
            store, people, rep, team, say("Agenda {spelt}", spelt=day.spelt(period.start, calendar(store)) if one else describe(period))
        )
        return day.show_days(store, found, title, "Nothing is planned then.")
