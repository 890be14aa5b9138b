"""Tasks: what is to be done and until when; done, put off and moved in one line, next steps of activities among them."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands import defaults, nouns, planned
from sfa.commands.grouping import for_kind
from sfa.commands.nouns import Json, Words, Yes, differences, tell
from sfa.commands.session import Session
from sfa.errors import NotFound, Refused, UsageError
from sfa.messages import say
from sfa.sales import refs
from sfa.sales.dates import parse_date
from sfa.sales.kinds import Kind
from sfa.sales.shorthand import due_day
from sfa.store import deals, intake, lookup, planning
from sfa.store.database import Store
from sfa.store.operations import operation

Record = dict[str, Any]
Refs = Annotated[
    list[str], typer.Argument(metavar="REF...", help="Tasks, or next steps of activities, by reference (K-1, AC-12) or by words.")
]
Ref = Annotated[str, typer.Argument(metavar="REF", help="A task or an activity's next step, by reference (K-1, AC-12) or by words.")]
When = Annotated[str, typer.Argument(metavar="WHEN", help="A day, or with tasks a day and a time: +3d, fri, 'tomorrow 14:30'.")]


def add(
    ctx: typer.Context,
    kind: Kind,
    words: Words = None,
    opp: Annotated[str, typer.Option("--opp", metavar="REF", help="The opportunity that it is about.")] = "",
    json: Json = False,
    yes: Yes = False,
    fields: dict[str, str] | None = None,
) -> None:
    """Add a task.

    The words say what is to be done, and a day as the last of several when. --due takes a day, or a day and a time ('fri 14:30'): then it
    is an appointment, and others at that hour are named, as is a day that nobody works on. --repeat takes weekly, 'every 2 weeks', 'every
    mon, thu' or a rule of RFC 5545: when it is done, the next one is made.

    Examples:
      sfa task add 'send the quote' --opp dock --due fri
      sfa task add 'plant tour' --account 'Star Ferries' --due 'tomorrow 14:30' --priority high
      sfa task add 'check the orders' --due mon --repeat 'every 2 weeks'
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds[kind.name]
        rest, assigned = nouns.split(kind, words)
        texts = {**assigned, **(fields or {}), **({"opportunity": opp} if opp else {})}
        usual = defaults.usually(session, kind, texts)
        if len(rest) > 1 and not texts.get("due") and (day := due_day("+" + rest[-1].removeprefix("+"), store.calendar)):
            rest, texts["due"] = rest[:-1], day
        texts = {**usual, **texts}
        if rest:
            if "name" in texts:
                raise UsageError("what is to be done is given twice", "The words are it, or name=…")
            texts["name"] = " ".join(rest)
        if not texts.get("name") and output.interactive():
            texts["name"] = output.ask("What is to be done")
        with operation(store, session.command) as op:
            number = deals.add(op, kind, intake.stored(store, kind, texts))
        _told(store, kind, number, "Added", json, defaults.begun_with(usual))


def _told(store: Store, kind: Kind, number: int, what: str, json: bool, more: str = "") -> None:
    """Say what is planned now, and what else there is at the time."""
    record = lookup.get(store, kind.name, number) or {}
    tell(store, kind, number, what, json, _planned(store, record) + more)
    planned.tell(store, kind, number)


def _planned(store: Store, task: Record) -> str:
    """What a task is about and when it is due, in words."""
    out = planning.about(store, task)
    if task.get("due"):
        from datetime import date

        out += say(
            ", due {day:%a} {due}{at}",
            day=date.fromisoformat(task["due"]),
            due=task["due"],
            at=" " + task["at"] if task.get("at") else "",
        )
    if task.get("repeat"):
        from sfa.sales.recurrence import describe

        out += say(", {describe}", describe=describe(task["repeat"]))
    return out


def done(ctx: typer.Context, refs: Refs, json: Json = False, yes: Yes = False) -> None:
    """Mark tasks as done, and next steps of activities.

    Of a task that repeats the next one is made; days that passed meanwhile are not caught up on. A deal's next step that is done is blanked
    on the deal too. `sfa undo` takes all of it back.

    Examples:
      sfa task done K-1
      sfa task done K-1 AC-1
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        chosen = [_find(store, text) for text in dict.fromkeys(refs)]
        for kind, record in chosen:
            _must_be_open(store, kind, record)
        with operation(store, session.command) as op:
            said = [planning.finish(op, kind, record) for kind, record in chosen]
        _say(store, chosen, [(say("Done: {text}", text=text), more) for text, more in said], json)


def snooze(ctx: typer.Context, ref: Ref, until: When, json: Json = False, yes: Yes = False) -> None:
    """Put a task off: today leaves it out until then; its due date stays.

    A next step of an activity gets the day as its due date.

    Examples:
      sfa task snooze K-1 +3d
      sfa task snooze 'call the bank' +1w
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind, record = _find(store, ref)
        _must_be_open(store, kind, record)
        day = record.get("due") if kind.name == "task" else None
        if day and parse_date(until, store.calendar).isoformat() <= day:
            named = f"{refs.show(kind.name, record['id'], store.site)} {planning.called(kind, record)}"
            raise Refused(
                say("{named} is due only on {day}: there is nothing to put off", named=named, day=day), f"sfa task reschedule {ref} …"
            )
        _change(session, store, kind, record, {"snoozed" if kind.name == "task" else "due": until}, "Snoozed", json)


def reschedule(ctx: typer.Context, ref: Ref, when: When, json: Json = False, yes: Yes = False) -> None:
    """Give a task another due date, and a time where one is named.

    One that repeats keeps its rhythm: only this one moves.

    Examples:
      sfa task reschedule K-1 mon
      sfa task reschedule 'call the bank' 'tomorrow 9:30'
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind, record = _find(store, ref)
        _must_be_open(store, kind, record)
        _change(session, store, kind, record, {"due": when}, "Rescheduled", json)


def _find(store: Store, text: str) -> tuple[Kind, Record]:
    """The task, or the activity with a next step, that is meant; of tasks with one name the open one, and where no task is called so one's
    own next step."""
    given = refs.parse(text, store.site)
    if given and given[0] == "activity":
        kind = store.kinds["activity"]
        record = lookup.find(store, kind, text)
        if not record["next_step"]:
            raise UsageError(say("{text} has no next step", text=text))
        return kind, record
    kind = store.kinds["task"]
    if not given and (number := planning.only_open(store, text)) is not None:
        return kind, lookup.get(store, kind.name, number) or {}
    try:
        return kind, lookup.find(store, kind, text)
    except NotFound:
        step = None if given else planning.only_step(store, text)
        if step is None:
            raise
        return store.kinds["activity"], lookup.get(store, "activity", step) or {}


def _must_be_open(store: Store, kind: Kind, record: Record) -> None:
    if record["done"]:
        more = say(" since {done}", done=record["done"]) if kind.name == "task" else ""
        hint = "`sfa task edit REF done=` opens it again." if kind.name == "task" else "`sfa activity edit REF done=no` opens it again."
        raise Refused(
            say(
                "{ref} {called} is done{more}",
                ref=refs.show(kind.name, record["id"], store.site),
                called=planning.called(kind, record),
                more=more,
            ),
            hint,
        )


def _change(session: Session, store: Store, kind: Kind, record: Record, texts: dict[str, str], what: str, json: bool) -> None:
    with operation(store, session.command) as op:
        changed = deals.change(op, kind, record, intake.stored(store, kind, texts, record))
    if not changed:
        return output.message("Nothing to change: it is so already.")
    tell(store, kind, record["id"], what, json, ": " + differences(store, kind, record, changed))
    if {"due", "at"} & changed.keys():
        planned.tell(store, kind, record["id"])
    return None


def _say(store: Store, chosen: list[tuple[Kind, Record]], said: list[tuple[str, str]], json: bool) -> None:
    for text, more in said:
        output.changed(say("{text}{more}", text=text, more=more))
    if json:
        made = [nouns.as_json(store, kind, record["id"]) for kind, record in chosen]
        output.json_object(made if len(made) > 1 else made[0])
    elif not output.to_terminal():
        for kind, record in chosen:
            output.line(refs.show(kind.name, record["id"], store.site))


COMMANDS = {
    "add": for_kind("task", add, skip=("opportunity",)),
    "done": done,
    "snooze": snooze,
    "reschedule": reschedule,
    **nouns.verbs(
        "task",
        {
            "list": "sfa task list is:open is:mine\nsfa task list due:today priority:high --columns ref,name,account",
            "show": "sfa task show K-1\nsfa task show K-1 --json",
            "edit": "sfa task edit K-1 priority=high due='fri 14:30'\nsfa task edit K-1 repeat= note='ask for Wei'",
            "delete": "sfa task delete K-1 --yes\nsfa task delete K-1 --dry-run",
        },
        only=("list", "show", "edit", "delete"),
    ),
}
