"""`sfa week`: the rest of the week, day by day."""

from __future__ import annotations

from datetime import timedelta

import typer

from sfa import output
from sfa.commands import day
from sfa.commands.day import Rep, Team
from sfa.commands.options import AsOf, Format, Json
from sfa.commands.session import Session
from sfa.messages import say


def command(ctx: typer.Context, rep: Rep = "", team: Team = False, format: Format = "", json: Json = False, as_of: AsOf = "") -> None:
    """Show what is planned from today to Sunday: appointments, tasks, next steps, expected closes, contacts due, birthdays,
    lost deals to try again; public holidays (setting country).

    What is late stands in sfa today. JSON is that of sfa agenda.

    Examples:
      sfa week
      sfa week --rep Ben --json
    """
    from sfa.store.queries.scope import calendar

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store:
        people = day.whose(store, rep, team)
        today = calendar(store).today
        end = today + timedelta(days=7 - today.weekday())
        found = day.planned(store, people, today, end)
        if chosen != "table":
            return day.for_programs(session, store, found, today, end, chosen)
        title = say("Week {week}, from {spelt}", week=today.isocalendar().week, spelt=day.spelt(today))
        empty = say(
            "Nothing is planned for the rest of this week; the next one: sfa agenda {end}..{end2}", end=end, end2=end + timedelta(days=6)
        )
        return day.show_days(store, found, day.heading(store, people, rep, team, title), empty)
