"""`sfa lead assign`, `sfa account assign`: who gets which record by the rules of `sfa rule`, shown and then done. New records go through
the same rules when they are added or imported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.grouping import for_kind
from sfa.commands.grouping import words as takes_conditions
from sfa.commands.nouns import ASK_FROM, DryRun, Format, Json, Yes, chosen, counted
from sfa.commands.session import Session, view
from sfa.messages import say, together
from sfa.sales.assignment import LEAST_LOADED, Given, Rule
from sfa.sales.kinds import Kind
from sfa.sales.sheets import Sheet, column
from sfa.store import assigning, lookup
from sfa.store.assigning import Outcome
from sfa.store.database import Store
from sfa.store.operations import Operation, operation

EXAMPLES = {
    "lead": ("sfa lead assign --dry-run", "sfa lead assign status:new source:web --yes"),
    "account": ("sfa account assign --dry-run", "sfa account assign country:Ireland types:customer --yes"),
}


def command(kind_name: str) -> Callable[..., Any]:
    """The command for one kind, with its examples."""
    shown = "\n".join(f"  {line}" for line in EXAMPLES[kind_name])
    return for_kind(kind_name, assign, f"{for_kind(kind_name, assign).__doc__}\n\nExamples:\n{shown}").make()


def on(session: Session) -> bool:
    """Whether new records are given to people by the rules."""
    return session.settings.get("assign") == "on"


def why(given: Given, rules: Sequence[Rule]) -> str:
    """Why somebody gets a record: the rule, and where in its list they stand."""
    if given.rule is None:
        return "no rule fits; stays" if given.stays else "no rule fits"
    rule = rules[given.rule]
    if given.stays:
        return say("{name}: stays", name=rule.name)
    if len(rule.people) == 1:
        return rule.name
    return say(
        "{name}: {place} of {count}{word}",
        name=rule.name,
        place=given.place,
        count=len(rule.people),
        word=", the least loaded" if rule.method == LEAST_LOADED else " in turn",
    )


def given_to(op: Operation, kind: Kind, number: int, default: str) -> str:
    """Give one new record to whom the rules say; returns what is told of it."""
    outcome = assigning.one(op, kind, number, default)
    if outcome is None:
        return ""
    for note in outcome.notes:
        output.warning(note)
    given = outcome.assigned[0].given
    if given.person is None or (given.rule is None and not default):
        return ""
    return say(" → {name} ({why})", name=_name(op.store, given.person), why=why(given, outcome.rules))


def _name(store: Store, user: int | None) -> str:
    return "" if user is None else lookup.label(store.kinds["user"], lookup.get(store, "user", user) or {})


@takes_conditions
def assign(
    ctx: typer.Context,
    kind: Kind,
    words: Annotated[list[str] | None, typer.Argument(metavar="[REF|FILTER]...", show_default=False)] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    format: Format = "",
    json: Json = False,
) -> None:
    """Give {plural} to people by the rules of `sfa rule`.

    Without a filter the open ones that nobody owns. One that belongs to one of its rule's people already stays with them, so that doing
    it again changes nothing. What no rule fits stays with its owner; where it has none, the setting default_owner says who gets it, else
    it is yours. With --dry-run who would get what, and why; otherwise one operation, which `sfa undo` takes back.
    """
    session: Session = ctx.obj
    as_what = output.chosen_format(format, json)
    with session.store(write=not dry_run) as store:
        kind = store.kinds[kind.name]
        scope, params = _scope(store, kind, words or [])
        default = session.settings.get("default_owner") if kind.name == "lead" else ""
        if dry_run:
            outcome = assigning.decide(store, kind, scope, params, default)
            _notes(outcome)
            output.sheet(_sheet(store, kind, outcome, outcome.assigned), view(store, as_what))
            return output.message(say("Nothing was written; {told}.", told=_told(store, kind, outcome)))
        outcome = assigning.decide(store, kind, scope, params, default)
        if len(outcome.moved) >= ASK_FROM:
            for row in _rows(store, kind, outcome, outcome.moved[:10]):
                output.message(say("  {first} → {second}  ({third})", first=row[1], second=row[4], third=row[5]))
            if len(outcome.moved) > 10:
                output.message(say("  and {count:,} more", count=len(outcome.moved) - 10))
            output.confirm(
                say(
                    "Give {counted} to {outcome}?",
                    counted=counted(kind, len(outcome.moved)),
                    outcome=together(", ", assigning.counted(store, outcome)),
                ),
                yes,
            )
        with operation(store, session.command) as op:
            # Asked again: somebody else may have written while the question stood.
            outcome = assigning.decide(store, kind, scope, params, default)
            assigning.write(op, kind, outcome)
        _notes(outcome)
        _tell(store, kind, outcome, as_what if (format or json) else "")
    return None


def _tell(store: Store, kind: Kind, outcome: Outcome, format: str) -> None:
    if outcome.moved:
        output.changed(say("Assigned {told}", told=_told(store, kind, outcome)))
    else:
        output.message(say("Nothing to change: {told}.", told=_told(store, kind, outcome)))
    if format:
        output.sheet(_sheet(store, kind, outcome, outcome.moved), view(store, format))


def _scope(store: Store, kind: Kind, words: list[str]) -> tuple[str, list[Any]]:
    """The records asked about, as SQL: converted leads are read-only and never among them."""
    from json import dumps

    if not words:
        return f"t.owner IS NULL AND {assigning.OPEN[kind.name]}", []
    changeable = " AND t.converted IS NULL" if kind.name == "lead" else ""
    return f"t.id IN (SELECT value FROM json_each(?)){changeable}", [dumps(chosen(store, kind, words))]


def _notes(outcome: Outcome) -> None:
    if not outcome.rules:
        output.warning("no rule is in force; `sfa rule add` makes one")
    for note in outcome.notes:
        output.warning(note)


def _told(store: Store, kind: Kind, outcome: Outcome) -> str:
    """`5 leads: 3 to Ben Okafor, 2 to Cleo Marin; 1 stays where it is`."""
    moved = len(outcome.moved)
    stay = len(outcome.assigned) - moved
    if not outcome.assigned:
        return say("no {word} fits", word=kind.word)
    text = counted(kind, moved)
    if moved:
        text += ": " + together(", ", (say("{n:,} to {name}", n=n, name=name) for name, n in assigning.counted(store, outcome).items()))
    return text + (
        say("; {stay:,} stay{s} where {word}", stay=stay, s="s" if stay == 1 else "", word="it is" if stay == 1 else "they are")
        if stay
        else ""
    )


def _rows(store: Store, kind: Kind, outcome: Outcome, which: list[Any]) -> Iterator[tuple[Any, ...]]:
    names: dict[int | None, str] = {}

    def name(user: int | None) -> str:
        if user not in names:
            names[user] = _name(store, user)
        return names[user]

    for one in which:
        record = lookup.get(store, kind.name, one.id) or {}
        label = lookup.label(kind, record)
        yield (
            one.id,
            label,
            record.get("company" if kind.name == "lead" else "country"),
            name(one.before),
            name(one.given.person),
            why(one.given, outcome.rules),
        )


def _sheet(store: Store, kind: Kind, outcome: Outcome, which: list[Any]) -> Sheet:
    columns = [
        column("ref", "self", 0, to=kind.name),
        column("name", "text", 1),
        column("company" if kind.name == "lead" else "country", "text", 2),
        column("from", "text", 3),
        column("to", "text", 4),
        column("why", "text", 5),
    ]
    return Sheet(columns, _rows(store, kind, outcome, which), spare=True)
