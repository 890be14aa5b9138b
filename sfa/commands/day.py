"""A day as its person sees it: what asks for something, each line with its reference and the command that deals with it.

`today`, `week`, `agenda` and `calendar` are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.session import Session, view
from sfa.messages import say, together
from sfa.sales import money, refs, tasks
from sfa.sales.sheets import Sheet, column
from sfa.store import lookup
from sfa.store.database import Store
from sfa.store.queries import day as query
from sfa.store.queries import people as book
from sfa.store.queries.scope import calendar

if TYPE_CHECKING:
    from sfa.sales.dates import Calendar
    from sfa.store.queries.day import Item

Rep = Annotated[str, typer.Option("--rep", metavar="NAME", help="Another person's day.")]
Team = Annotated[bool, typer.Option("--team", help="Also that of everyone who reports to you (to --rep).")]
MOST = 5
"""Deals, leads, contacts and revisits of a section; the command that shows the rest stands below."""
TITLES = {
    "appointments": say("Appointments"),
    "tasks": say("Tasks"),
    "steps": "Next steps due",
    "late": "Expected close passed",
    "stepless": "Deals without a next step",
    "leads": "Leads waiting for a first answer",
    "contacts": "Revisits due",
    "birthdays": say("Birthdays"),
    "revisits": "Lost deals to try again",
    "closing": "Expected to close",
    "changes": "Changed by others since",
}
"""Section → what people read; its name is the key in JSON."""


class Day(NamedTuple):
    """What was found: sections in order with the command for what was left out, of whom, from when on changes are told, the day that comes
    next where there is nothing, and of a period its first day and the day after it."""

    people: list[int]
    sections: dict[str, list[Item]]
    left: dict[str, tuple[int, str]]
    since: int | None = None
    next: str | None = None
    span: tuple[date, date] | None = None


def whose(store: Store, rep: str, team: bool) -> list[int]:
    """The people that --rep and --team mean."""
    number = lookup.find(store, store.kinds["user"], rep)["id"] if rep else None
    return query.people(store, number, team)


def now(store: Store, people: list[int], filters: str, since: int | None) -> Day:
    """What today asks of people. `filters` is what the rest is listed by (is:mine)."""
    today = calendar(store).today
    tomorrow, back = today + timedelta(days=1), today - timedelta(days=query.LOOK_BACK)
    planned = query.appointments(store, people, today, tomorrow)
    timed = {(i.kind, i.id) for i in planned}
    late, stepless = query.closings(store, people, None, today, MOST), query.stepless(store, people, today, MOST)
    leads, revisits = query.waiting(store, people, MOST), query.revisits(store, people, back, tomorrow, MOST)
    steps = [i for i in query.steps(store, people, back, tomorrow) if (i.kind, i.id) not in timed]
    todo = [i for i in query.tasks(store, people, None, tomorrow) if (i.kind, i.id) not in timed]
    contacts = book.contacts(store, people, None, tomorrow, MOST)
    found = {
        "appointments": planned,
        "tasks": todo[: MOST * 4],
        "steps": steps[: MOST * 2],
        "late": late.items,
        "stepless": book.by_channel(store, stepless.items),
        "leads": book.by_channel(store, leads.items),
        "contacts": contacts.items,
        "birthdays": book.birthdays(store, people, today, tomorrow),
        "revisits": revisits.items,
    }
    older = query.older_steps(store, people, back)
    left = {
        "tasks": (
            len(todo) - len(found["tasks"]),
            f"sfa task list {filters} is:open 'due<=today' --sort priority,due",
        ),
        "steps": (len(steps) - len(found["steps"]) + older, f"sfa activity list {filters} is:overdue --sort -due"),
        "late": (late.left, f"sfa opp list {filters} is:overdue --sort -amount"),
        "stepless": (stepless.left, f"sfa opp list {filters} is:open next_step:none --sort -amount"),
        "leads": (leads.left, f"sfa lead list {filters} status:new --sort -created"),
        "contacts": (contacts.left, f"sfa report cadence {filters}"),
        "revisits": (revisits.left, f"sfa report winback {filters}"),
    }
    if since is not None and len(people) == 1:
        changed = query.changes(store, people[0], since, MOST)
        found["changes"], left["changes"] = changed.items, (changed.left, "sfa history")
    empty = not any(found.values())
    return Day(people, found, left, since, query.coming(store, people, today) if empty else None)


def planned(store: Store, people: list[int], start: date, end: date) -> Day:
    """What is planned from `start` up to but without `end`."""
    days = query.appointments(store, people, start, end)
    found = {
        "appointments": days,
        "tasks": [i for i in query.tasks(store, people, start, end) if not i.at],
        "steps": [i for i in query.steps(store, people, start, end) if not i.at],
        "closing": query.closings(store, people, start, end, 0).items,
        "revisits": query.revisits(store, people, start, end, 0).items,
        "contacts": book.contacts(store, people, start, end, 0).items,
        "birthdays": book.birthdays(store, people, start, end),
    }
    return Day(people, found, {}, span=(start, end))


# Shown ------------------------------------------------------------------------------------------------------------------------------


def command_for(store: Store, item: Item) -> str:
    """The command that deals with a line."""
    ref = refs.show(item.kind, item.id, store.site)
    if item.section in ("contacts", "birthdays"):
        return f"sfa log {ref} {item.channel}"
    if item.section == "appointments" and item.channel:
        about = item.about and refs.show(item.about[0], item.about[1], store.site)
        return f"sfa log {about} {item.channel}" if about else f"sfa activity show {ref}"
    return {
        "late": f"sfa opp edit {ref} close=DATE",
        "stepless": f"sfa log {ref} {item.channel}" if item.channel else f"sfa opp show {ref}",
        "leads": f"sfa log {ref} {item.channel}" if item.channel else f"sfa lead show {ref}",
        "revisits": f"sfa opp reopen {ref}",
        "closing": f"sfa opp show {ref}",
        "changes": f"sfa history {ref}",
    }.get(item.section, f"sfa task done {ref}")


def line(store: Store, item: Item, names: dict[int, str], when: str) -> tuple[str, ...]:
    """One line for a person: reference, when, what on what of whom, the command."""
    parts = [item.text]
    if item.amount is not None:
        parts.append(money.human(item.amount, item.currency or store.currency, compact=True))
    if item.more:
        parts.append(item.more)
    elif item.about:
        parts.append(item.about[2])
    if len(names) > 1 and item.owner in names:
        parts.append(names[item.owner])
    return refs.show(item.kind, item.id, store.site), when, together(" · ", parts), command_for(store, item)


def _when(item: Item, today: date) -> str:
    """How long a line of today is due, or for how long it waits."""
    if item.section == "changes" and item.day != today.isoformat():
        return (item.day or "")[5:]
    if item.section in ("stepless", "changes", "appointments", "birthdays"):
        return item.at or WORDS["appointments"] * (item.section == "appointments")
    if item.section == "leads":
        days = (today - date.fromisoformat(item.day)).days if item.day else None
        return "" if days is None else say("today") if days <= 0 else say("{days} d", days=days)
    return item.at if item.at and item.day == today.isoformat() else tasks.late(item.day, today)


def show_now(store: Store, found: Day, title: str) -> None:
    """Today for a person: sections where they have something."""
    from sfa.sales.moments import local_text
    from sfa.store.queries.scope import at

    cal = calendar(store)
    names = query.names(store, found.people)
    shown = []
    for name, items in found.sections.items():
        more, command = found.left.get(name, (0, ""))
        if items or more:
            head = TITLES[name]
            if name == "changes" and found.since is not None:
                head += f" {local_text(at(found.since).isoformat(), cal)}"
            note = say("{word}{more:,} more: {command}", word="and " if items else "", more=more, command=command) if more else ""
            shown.append((head, [line(store, i, names, _when(i, cal.today)) for i in items], note))
    output.line(title)
    if shown:
        return output.planner(shown, 2)
    output.line("")
    output.line("Nothing asks for you today.")
    following = (
        say("Next comes {spelt}: sfa agenda {next}", spelt=spelt(found.next), next=found.next)
        if found.next
        else "Nothing is planned; your deals: sfa opp list is:mine is:open"
    )
    return output.line(following)


WORDS = {
    "appointments": say("all day"),
    "tasks": say("task"),
    "steps": say("step"),
    "closing": say("close"),
    "revisits": say("revisit"),
    "contacts": say("contact"),
    "birthdays": say("birthday"),
}


def show_days(store: Store, found: Day, title: str, empty: str) -> None:
    """A period for a person: each day that has something, in the order of its hours."""
    names = query.names(store, found.people)
    by_day: dict[str, list[tuple[str, ...]]] = {}
    order = list(found.sections)
    items = [i for part in found.sections.values() for i in part if i.day]
    cal = calendar(store)
    for day in holidays(cal, *found.span) if found.span else {}:
        by_day.setdefault(day.isoformat(), [])
    for item in sorted(items, key=lambda i: (i.day or "", i.at or "~", order.index(i.section))):
        by_day.setdefault(item.day or "", []).append(line(store, item, names, item.at or WORDS.get(item.section, "")))
    output.line(title)
    if not by_day:
        output.line("")
        return output.line(empty)
    return output.planner([(spelt(d, cal), rows, "") for d, rows in sorted(by_day.items())], 2)


def spelt(day: str | date, cal: Calendar | None = None) -> str:
    """`Monday 23 November 2026`; with a calendar also what holiday it is."""
    d = date.fromisoformat(day) if isinstance(day, str) else day
    name = cal.off(d.year).get(d) if cal and cal.off else ""
    return say("{day:%A} {day.day} {day:%B} {day.year}{holiday}", day=d, holiday=say(", {name}", name=name) if name else "")


def holidays(cal: Calendar, start: date, end: date) -> dict[date, str]:
    """The public holidays from `start` up to but without `end`, by day."""
    if cal.off is None:
        return {}
    years = range(start.year, end.year + 1)
    return {d: name for year in years for d, name in sorted(cal.off(year).items()) if start <= d < end}


def heading(store: Store, people: Sequence[int], rep: str, team: bool, text: str) -> str:
    """The title, with whose day it is where it is not one's own."""
    if team:
        return say("{text} — {names} and {count} more", text=text, names=query.names(store, people[:1])[people[0]], count=len(people) - 1)
    return f"{text} — {query.names(store, people)[people[0]]}" if rep else text


def for_programs(session: Session, store: Store, found: Day, start: date, end: date, format: str) -> None:
    """The lines as data: in JSON by section with what was left out, else a table of all."""
    names = query.names(store, found.people)
    fields = "section day at ref id what about about_ref owner amount currency command more"
    rows = []
    for section, items in found.sections.items():
        for i in items:
            ref, about = refs.show(i.kind, i.id, store.site), refs.show(i.about[0], i.about[1], store.site) if i.about else None
            what = (section, i.day, i.at, ref, refs.long_form(i.kind, i.id), i.text, i.about[2] if i.about else None, about)
            rows.append((*what, names.get(i.owner or 0), i.amount, i.currency or store.currency, command_for(store, i), i.more or None))
    types = {"day": "date", "amount": "money"}
    columns = [column(n, types.get(n, "text"), at, 10 if n == "amount" else -1) for at, n in enumerate(fields.split())]
    how = view(store, format)
    if format not in ("json", "ndjson"):
        return output.sheet(Sheet(columns, rows), how)
    made: dict[str, Any] = {name: [] for name in found.sections}
    for item in output.objects(Sheet(columns, rows), how):
        del item["currency"]
        made[item.pop("section")].append(item)
    whole = {
        "from": start.isoformat(),
        "to": (end - timedelta(days=1)).isoformat(),
        "people": [names[n] for n in found.people if n in names],
        "sections": made,
        "holidays": [{"day": d.isoformat(), "name": name} for d, name in holidays(calendar(store), start, end).items()],
        "left_out": {name: n for name, (n, _) in found.left.items() if n},
    }
    if found.since is not None:
        from sfa.store.queries.scope import at

        whole["changes_since"] = at(found.since).isoformat(timespec="seconds").replace("+00:00", "Z")
    return output.json_object(whole, format)


def filters_of(rep: str, team: bool, people: Sequence[int], store: Store) -> str:
    """The filter by which the rest is listed."""
    if team:
        return f"'owner:{','.join(refs.show('user', n, store.site) for n in people)}'" if len(people) <= 8 else ""
    return f"owner:{refs.show('user', people[0], store.site)}" if rep else "is:mine"
