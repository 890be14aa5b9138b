"""`sfa today`: what a seller has to do now, in one look."""

from __future__ import annotations

from datetime import timedelta

import typer

from sfa import output
from sfa.commands import day
from sfa.commands.day import Rep, Team
from sfa.commands.options import AsOf, Format, Json
from sfa.commands.session import Session


def command(ctx: typer.Context, rep: Rep = "", team: Team = False, format: Format = "", json: Json = False, as_of: AsOf = "") -> None:
    """Show what today asks of you, and the command that deals with each line.

    Appointments still to come; tasks due; next steps due in the last 30 days (of a deal, that of its newest activity); open deals whose
    expected close has passed, then those that nobody has planned anything for, the most money first; new leads that nobody has answered,
    with how long; contacts of yours whom you have not reached for as long as they wish, by the channel that they want, and those who have
    their birthday; lost deals to try again; what others changed on your deals since you looked on an earlier day. A public holiday stands
    in the heading (setting country).

    JSON: from, to, people, sections (appointments, tasks, steps, late, stepless, leads, contacts, birthdays, revisits, changes: lists of
    day, at, ref, id, what, about, about_ref, owner, amount, command, more), holidays (day, name), left_out (how many more), changes_since.

    Examples:
      sfa today
      sfa today --team --json
    """
    from sfa.commands import looked
    from sfa.store.queries.scope import calendar

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store:
        people = day.whose(store, rep, team)
        mine = not (rep or team or as_of)
        since = looked.since(session.settings, store, people[0]) if mine else None
        found = day.now(store, people, day.filters_of(rep, team, people, store), since)
        today = calendar(store).today
        if chosen != "table":
            return day.for_programs(session, store, found, today, today + timedelta(days=1), chosen)
        day.show_now(store, found, day.heading(store, people, rep, team, day.spelt(today, calendar(store))))
        if mine:
            looked.mark(session.settings, store, people[0], since)
    return None
