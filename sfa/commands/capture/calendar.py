"""`sfa capture calendar`: appointments and tasks of calendars, and what became of those that came from here."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import timedelta
from typing import Annotated

import typer

from sfa import output
from sfa.commands.capture import told
from sfa.commands.capture.events import Events
from sfa.commands.importing.run import apart, done, loading
from sfa.commands.nouns import DryRun, Json, Yes
from sfa.commands.session import Session
from sfa.commands.sources import spooled
from sfa.errors import RejectedRows
from sfa.messages import say
from sfa.reading import events
from sfa.sales.dates import parse_date

AHEAD = timedelta(days=90)
"""How far ahead repeated events are taken."""


def command(
    ctx: typer.Context,
    files: Annotated[
        list[str], typer.Argument(metavar="FILE|FOLDER...", help="iCalendar files (.ics), folders of them; - reads standard input.")
    ],
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Only what is on that day or later.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="Repeated events up to that day (default: 90 days ahead).")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also events with nobody who is known here.")] = False,
    json: Json = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Bring appointments and tasks of calendars in, and up to date.

    An event with a contact, a lead or somebody at an account's domain becomes an activity on their one running deal, with everybody who was
    asked: a visit where it has a place, else a meeting, unless its category says call, letter and so on. Attendees are known by their
    addresses, a company also by its name in the title. Each time of a repeated event is one of its own. A to-do becomes a task. Known by
    their UIDs, they follow the calendar: times that move, times left out, tasks done there, what you answered to an invitation. What was
    changed here after it was changed there stays. A cancelled event, or one that you declined, is taken off, unless you have written on it;
    one that is no longer in its file is told. What came from here (`sfa calendar --ics`, `sfa export`) is known again.

    Descriptions of events are not kept; those of tasks are their notes. `sfa import activity FILE.ics` takes any event as it stands.

    Examples:
      sfa capture calendar work.ics
      sfa capture calendar work.ics --since today --dry-run
    """
    session: Session = ctx.obj
    calendar = session.settings.calendar()
    first = parse_date(since, calendar) if since else None
    last = parse_date(until, calendar) if until else calendar.today + AHEAD
    with ExitStack() as resources:
        apart(session, resources, dry_run)
        found = [events.read(spooled(resources) if f == "-" else f) for f in files]
        with loading(session, dry_run, adds_users=False) as op:
            capture = Events(op, session, first, last, everything)
            for made, strange, older in found:
                capture.take(made)
                capture.strange += strange
                capture.counts["older"] += older
            capture.gone_there([e for made, _, _ in found for e in made], files)
            names = ", ".join("standard input" if f == "-" else f for f in files)
            summary = capture.summary(names, done(op, dry_run), dry_run)
            details = capture.details()
    if json:
        output.json_object(summary)
    else:
        told.outcome(
            summary,
            say("{things} of {names}", things=told.things(summary["read"], "event or task", "events and tasks"), names=names),
            details,
        )
    if summary["rejected"]:
        raise RejectedRows(
            say("{things} could not be read", things=told.things(summary["rejected"], "event")), "The others were taken; the lines say why."
        )
