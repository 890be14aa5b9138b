"""`sfa calendar`: a month, or a week, with how much is planned on each day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from sfa import output
from sfa.commands import day
from sfa.commands.day import Rep, Team
from sfa.commands.options import AsOf, Format, Json, Yes
from sfa.commands.session import Session, view
from sfa.languages import spoken
from sfa.messages import say, together
from sfa.sales.sheets import Sheet, column
from sfa.wrapping import cell_width

if TYPE_CHECKING:
    from sfa.store.database import Store

LEGEND = (
    say("a appointments"),
    say("t tasks"),
    say("s next steps"),
    say("c expected closes"),
    say("b birthdays"),
    say("r revisits due"),
)
KINDS = ("appointments", "tasks", "steps", "closing", "birthdays", "contacts")
LETTERS = "atscbr"
BEHIND, AHEAD = timedelta(days=30), timedelta(days=365)
"""What a calendar program is told of, unless a period is named."""


def command(
    ctx: typer.Context,
    when: Annotated[
        list[str] | None, typer.Argument(metavar="[MONTH|WEEK]", help="As in 2026-12, next month, 2026-W49 (default: this month).")
    ] = None,
    week: Annotated[bool, typer.Option("--week", help="The week of that day, each day with its lines.")] = False,
    rep: Rep = "",
    team: Team = False,
    ics: Annotated[
        str, typer.Option("--ics", metavar="FILE|FOLDER", help="Write what is planned there, for a calendar program to subscribe to.")
    ] = "",
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
    yes: Yes = False,
) -> None:
    """Show a month with what is planned on each day; --week a week with its lines.

    Below each day: a appointments, t tasks, s next steps, c expected closes, b birthdays, r contacts due for a revisit. Today stands in
    brackets, a public holiday has a * (setting country) and its name below the month. JSON has a row for each day that has something:
    day, weekday, appointments, tasks, steps, closing, birthdays, contacts, holiday.

    --ics writes an iCalendar file, or into a folder that is there a file each: appointments as events, tasks and next steps as to-dos, from
    30 days ago to a year ahead unless a period is named. UIDs stay, and run again it changes only what has changed. What was captured from
    a calendar is left out, as it is in one. `sfa capture calendar` takes back what was changed there.

    Examples:
      sfa calendar
      sfa calendar 2026-12 --json
      sfa calendar fri --week
      sfa calendar --ics plans.ics
    """
    from sfa.sales.dates import parse_period
    from sfa.store.queries import day as query
    from sfa.store.queries.scope import calendar

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store:
        people = day.whose(store, rep, team)
        today = calendar(store).today
        if ics:
            return _written(store, ics, people, when, yes)
        asked = parse_period(" ".join(when or ["today" if week else "this month"]), calendar(store))
        if week or (asked.end - asked.start == timedelta(days=7) and chosen == "table"):
            return _week(session, store, people, asked.start, chosen, (rep, team))
        start, end = asked.start.replace(day=1), _next_month(asked.end - timedelta(days=1))
        found = query.busy(store, people, start, end)
        off = day.holidays(calendar(store), start, end)
        if chosen != "table":
            names = {d.isoformat(): name for d, name in off.items()}
            days = sorted({*found, *names})
            rows = [(d, f"{date.fromisoformat(d):%a}", *found.get(d, [0] * len(KINDS)), names.get(d)) for d in days]
            columns = [column("day", "date", 0), column("weekday", "text", 1), *(column(k, "count", i + 2) for i, k in enumerate(KINDS))]
            columns.append(column("holiday", "text", len(KINDS) + 2))
            return output.sheet(Sheet(columns, rows), view(store, chosen))
        for first in _months(start, end):
            output.line(day.heading(store, people, rep, team, say("{day:%B} {day.year}", day=first)))
            for text in month(first, found, today, off):
                output.line(text)
        if letters := _legend(found, start, end):
            output.paragraph(letters)
    return None


def _legend(found: Mapping[str, list[int]], start: date, end: date) -> str:
    """What the letters mean that stand below the days."""
    shown = [counts for day, counts in found.items() if start.isoformat() <= day < end.isoformat()]
    return together("; ", [what for i, what in enumerate(LEGEND) if any(counts[i] for counts in shown)])


def _written(store: Store, path: str, people: list[int], when: list[str] | None, yes: bool) -> None:
    """Write what is planned as a calendar."""
    from sfa.commands import feed
    from sfa.sales.dates import parse_period
    from sfa.store.queries.scope import calendar

    cal = calendar(store)
    asked = parse_period(" ".join(when), cal) if when else None
    start, end = (asked.start, asked.end) if asked else (cal.today - BEHIND, cal.today + AHEAD)
    feed.write(store, path, people, start, end, yes)


def _week(session: Session, store: Store, people: list[int], within: date, format: str, whose: tuple[str, bool]) -> None:
    start = within - timedelta(days=within.weekday())
    end = start + timedelta(days=7)
    found = day.planned(store, people, start, end)
    if format != "table":
        return day.for_programs(session, store, found, start, end, format)
    title = day.heading(
        store, people, *whose, say("Week {week}, {start} to {end}", week=start.isocalendar().week, start=start, end=end - timedelta(days=1))
    )
    return day.show_days(store, found, title, "Nothing is planned then.")


def _next_month(last: date) -> date:
    return (last.replace(day=28) + timedelta(days=4)).replace(day=1)


def _months(start: date, end: date) -> list[date]:
    out = [start]
    while (following := _next_month(out[-1])) < end:
        out.append(following)
    return out


def month(first: date, busy: dict[str, list[int]], today: date, off: Mapping[date, str] = {}) -> list[str]:
    """A month in weeks from Monday to Sunday: two lines a week, the days and what they have, 10 characters a day; below it its holidays."""
    monday, end = first - timedelta(days=first.weekday()), _next_month(first)
    names = [spoken(say("{day:%a}", day=monday + timedelta(days=i))) for i in range(7)]
    out = ["    " + "".join(name + " " * (10 - cell_width(name)) for name in names).rstrip()]
    while monday < end:
        days = [monday + timedelta(days=i) for i in range(7)]
        inside = [d for d in days if first <= d < end]
        marks = ["*" if d in off else "" for d in days]
        heads = [(f"[{d.day}]{m}" if d == today else f" {d.day}{m}") if d in inside else "" for d, m in zip(days, marks, strict=True)]
        counts = [_counts(busy.get(d.isoformat(), [])) if d in inside else "" for d in days]
        out.append(f"{monday.isocalendar().week:>2} " + "".join(f"{h:<10}" for h in heads).rstrip())
        if any(counts):
            out.append("    " + "".join(f"{c:<10}" for c in counts).rstrip())
        monday += timedelta(days=7)
    return out + [f"    * {d.day} {name}" for d, name in off.items() if first <= d < end]


def _counts(numbers: list[int]) -> str:
    """`2a 1t 3c`; more than fits is one sum."""
    text = " ".join(f"{n}{letter}" for n, letter in zip(numbers, LETTERS, strict=False) if n)
    return text if len(text) <= 9 else say("{numbers} in all", numbers=sum(numbers))
