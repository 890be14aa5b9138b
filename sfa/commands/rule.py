"""Rules that say who gets new leads and accounts: ordered, the first that fits. `sfa lead assign` applies them, and so do adding and
importing; deciding is `sales/assignment.py`'s."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.assign import _name as person
from sfa.commands.grouping import words as takes_conditions
from sfa.commands.nouns import DryRun, Format, Json, Yes, split
from sfa.commands.session import Session, view
from sfa.errors import Refused, UsageError
from sfa.messages import say, together
from sfa.sales import filters
from sfa.sales.assignment import LEAST_LOADED, ROUND_ROBIN, Distribution
from sfa.sales.kinds import ASSIGNED, METHODS, Field, Kind
from sfa.sales.refs import show as ref_of
from sfa.sales.sheets import Column, Sheet, column
from sfa.sales.values import clean
from sfa.store import assigning, deals, filtering, intake, lookup
from sfa.store.assigning import Defined
from sfa.store.database import Store
from sfa.store.operations import operation
from sfa.store.where import where

Record = dict[str, Any]
For = Annotated[str, typer.Option("--for", metavar="KIND", help="lead or account.")]
To = Annotated[str, typer.Option("--to", metavar="PEOPLE", help="Who gets them: one person, or several with commas between.")]
Method = Annotated[
    str, typer.Option("--method", metavar="METHOD", help="Among several: round_robin (in turn, the default) or least_loaded (open leads).")
]
Order = Annotated[str, typer.Option("--order", metavar="NUMBER", help="Its place: rules are tried from the lowest (default: last).")]
Active = Annotated[str, typer.Option("--active", metavar="YES|NO", help="Whether it is in force.")]
Rule = Annotated[str, typer.Argument(metavar="RULE", help="A rule, by name or reference.")]


@takes_conditions
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="How the rule is called.")],
    condition: Annotated[list[str] | None, typer.Argument(metavar="[FILTER]...", show_default=False)] = None,
    to: To = "",
    method: Method = "",
    order: Order = "",
    of: For = "lead",
    active: Active = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Add a rule: who gets the new leads, or accounts, that a filter fits.

    The first rule that fits gives; one without a filter fits all. Filters are those of `sfa lead list`; see `sfa help filters`. What no
    rule fits goes to the setting default_owner, else to whoever adds it. Rules give leads that are added or imported without an owner;
    `sfa config set assign off` stops that.

    Examples:
      sfa rule add 'Big Irish' country:Ireland 'employees>500' --to 'Ben Okafor'
      sfa rule add Everybody --to 'Ben,Cleo' --method least_loaded --order 99
    """
    session: Session = ctx.obj
    if not to:
        raise UsageError("who gets them was not said", "Add --to 'Ben Okafor', or --to 'Ben,Cleo' for several.")
    with session.store(write=True) as store:
        kind = _for(store, of)
        if filters.is_condition(name.lstrip("-!"), kind):
            raise UsageError(
                say("{clean!r} is a filter; the rule's name comes first", clean=clean(name)[:60]),
                "As in sfa rule add NAME country:Ireland --to Ben.",
            )
        given = _given(store, kind, {"name": name, "order": order, "method": method, "active": active})
        given = {**given, "kind": kind.name, "condition": _condition(store, kind, condition or [])}
        people = _people(store, to)
        with operation(store, session.command) as op:
            if given.get("order") is None:
                given["order"] = assigning.last_order(store, kind) + 1
            number = deals.add(op, store.kinds["assignment_rule"], given)
            assigning.set_people(op, number, people)
        _tell(store, number, "Added", json)


@takes_conditions
def edit(
    ctx: typer.Context,
    rule: Rule,
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILTER|FIELD=VALUE]...", show_default=False)] = None,
    to: To = "",
    method: Method = "",
    order: Order = "",
    active: Active = "",
    everything: Annotated[bool, typer.Option("--all", help="Take the filter away: it fits all.")] = False,
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Edit a rule; a filter takes the place of the one that it has.

    Turns go on where they were for those who stay in its list.

    Examples:
      sfa rule edit 'Web leads' --to 'Cleo,Ben' --order 5
      sfa rule edit 'Web leads' source:web country:Ireland name='Irish web leads'
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        before = lookup.find(store, store.kinds["assignment_rule"], rule)
        kind = store.kinds[before["kind"]]
        assigned = dict(w.split("=", 1) for w in words or [] if w.partition("=")[0] in ("name", "order", "method", "active"))
        condition = [w for w in words or [] if w.partition("=")[0] not in assigned]
        if condition and everything:
            raise UsageError("a filter and --all exclude each other")
        options = {"order": order, "method": method, "active": active}
        given = _given(store, kind, {**{n: v for n, v in options.items() if v}, **assigned})
        if condition or everything:
            given["condition"] = _condition(store, kind, condition)
        if not given and not to:
            raise UsageError("nothing to change was given", "Give a filter, --to, --order, --method, --active or name=….")
        people = _people(store, to) if to else None
        with operation(store, session.command) as op:
            changed = bool(deals.change(op, store.kinds["assignment_rule"], before, given))
            if people is not None:
                changed = assigning.set_people(op, before["id"], people) or changed
        if not changed:
            return output.message("Nothing to change: it is so already.")
        _tell(store, before["id"], "Changed", json)
    return None


def list_(
    ctx: typer.Context,
    of: Annotated[str, typer.Option("--for", metavar="KIND", help="Only those for lead, or account.")] = "",
    format: Format = "",
    json: Json = False,
) -> None:
    """List the rules in the order in which they are tried, with what is wrong with them.

    Rules that never get anything, that share their order with another, and people who are inactive are told.

    Examples:
      sfa rule list
      sfa rule list --for lead --json
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store() as store:
        kinds = [_for(store, of).name] if of else [*ASSIGNED]
        found = [d for k in kinds for d in assigning.defined(store, k)]
        output.sheet(_for_people(store, found) if chosen in ("table", "md", "html") else _sheet(store, found), view(store, chosen))


def show(ctx: typer.Context, rule: Rule, format: Format = "", json: Json = False) -> None:
    """Show one rule: its filter, its people, whose turn is next.

    Examples:
      sfa rule show 'Web leads'
      sfa rule show AR-1 --json
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store() as store:
        found = _one(store, lookup.find(store, store.kinds["assignment_rule"], rule)["id"])
        sheet = _sheet(store, [found])
        if chosen in ("json", "ndjson"):
            return output.json_object(next(output.objects(sheet, view(store, "json"))), chosen)
        output.fields(sheet, view(store, chosen)) if chosen == "table" else output.sheet(sheet, view(store, chosen))
    return None


def delete(ctx: typer.Context, rule: Rule, yes: Yes = False, dry_run: DryRun = False) -> None:
    """Delete a rule; `sfa undo` brings it back. Records that it gave stay with whom they are.

    Examples:
      sfa rule delete 'Web leads' --yes
      sfa rule delete AR-1 --dry-run
    """
    from sfa.store.operations import delete_cascade

    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds["assignment_rule"]
        found = lookup.find(store, kind, rule)
        named = say("the rule {ref_of} {name}", ref_of=ref_of(kind.name, found["id"], store.site), name=found["name"])
        if dry_run:
            return output.message(say("Nothing was written; {named} would be deleted.", named=named))
        output.confirm(say("Delete {named}?", named=named), yes)
        with operation(store, session.command) as op:
            delete_cascade(op, kind, [found["id"]])
        output.changed(say("Deleted {named}", named=named))
    return None


def check(ctx: typer.Context) -> None:
    """Check the rules; exit code 4 and a list where something is wrong with them.

    Rules that an earlier one leaves nothing to, that have the same order, whose filter cannot be read or whose people are inactive.

    Examples:
      sfa rule check
      sfa --db sfa.db rule check
    """
    session: Session = ctx.obj
    with session.store() as store:
        found = [d for k in ASSIGNED for d in assigning.defined(store, k)]
        problems = [say("  {name}: {p}", name=d.record["name"], p=p) for d in found if d.record["active"] for p in d.problems]
        if problems:
            raise Refused("something is wrong with the rules:\n" + "\n".join(problems), "`sfa rule edit RULE` mends them.")
        output.line(say("{count} rule{s}: ok", count=len(found), s="s" if len(found) != 1 else ""))


def _for(store: Store, word: str) -> Kind:
    from sfa.sales.kinds import kind_of

    kind = kind_of(word)
    if kind.name not in ASSIGNED:
        raise UsageError(
            say("{plural} are not assigned by rules", plural=kind.plural), say("Kinds: {assigned}", assigned=together(", ", ASSIGNED))
        )
    return store.kinds[kind.name]


def _given(store: Store, kind: Kind, texts: dict[str, str]) -> Record:
    """Stored values of what was given of a rule. Raises UsageError for a method that there is none."""
    if texts.get("method"):
        texts = {**texts, "method": texts["method"].strip().lower().replace("-", "_").replace(" ", "_")}
        if texts["method"] not in METHODS:
            raise UsageError(
                say("--method is not {method!r}", method=texts["method"][:60]), say("Values: {methods}", methods=together(", ", METHODS))
            )
    return intake.stored(store, store.kinds["assignment_rule"], {n: v for n, v in texts.items() if v or n == "name"})


def _condition(store: Store, kind: Kind, words: list[str]) -> str | None:
    """A rule's filter as it is kept, tried once. Raises UsageError for a word that is none, BadValue and the like for its values."""
    for word in words:
        if not filters.is_condition(word.lstrip("-!"), kind):
            split(kind, [word])
            raise UsageError(
                say("{clean!r} is no filter", clean=clean(word)[:60]), "Give FIELD:VALUE, as in country:Ireland; a name of words in quotes."
            )
    conditions = filtering.conditions(store, words, kind)
    if odd := next((c.path for c in conditions if c.path in ("external_id", "ref")), None):
        raise UsageError(say("a rule cannot ask for {odd}", odd=odd), "New records have none yet.")
    where(store, kind, conditions)
    return assigning.joined(words)


def _people(store: Store, text: str) -> list[int]:
    """The users that a list names, each once. Raises Refused for one who is inactive."""
    out = []
    for name in text.split(","):
        if not name.strip():
            continue
        user = lookup.find(store, store.kinds["user"], name)
        if user["active"] == 0:
            raise Refused(say("{label} is inactive", label=lookup.label(store.kinds["user"], user)), "Leads go to active users.")
        out.append(user["id"])
    if not out:
        raise UsageError("--to names nobody", "As in --to 'Ben Okafor'.")
    return list(dict.fromkeys(out))


def _one(store: Store, number: int) -> Defined:
    kind = (lookup.get(store, "assignment_rule", number) or {})["kind"]
    return next(d for d in assigning.defined(store, kind) if d.record["id"] == number)


def _tell(store: Store, number: int, what: str, json: bool) -> None:
    """Say what was written, and what is odd about it now."""
    found = _one(store, number)
    ref = ref_of("assignment_rule", number, store.site)
    names = ", ".join(person(store, p) for p in found.people)
    output.changed(
        say(
            "{what} {ref} {name}: {condition} → {names}",
            what=what,
            ref=ref,
            name=found.record["name"],
            condition=found.record["condition"] or "every " + found.record["kind"],
            names=names,
        )
    )
    for problem in found.problems:
        output.warning(problem)
    for other in assigning.defined(store, found.record["kind"]):
        if other.record["id"] != number and any(repr(found.record["name"]) in p for p in other.problems):
            output.warning(say("{name}: {problems}", name=other.record["name"], problems=together("; ", other.problems)))
    if json:
        output.json_object(next(output.objects(_sheet(store, [found]), view(store, "json"))))
    elif not output.to_terminal():
        output.line(ref)


def _sheet(store: Store, found: list[Defined]) -> Sheet:
    columns = [
        column("ref", "self", 0, to="assignment_rule"),
        column("order", "number", 1),
        column("name", "text", 2),
        column("for", "text", 3),
        column("condition", "text", 4),
        column("to", "text", 5),
        column("method", "text", 6),
        column("next", "text", 7),
        column("active", "bool", 8),
        column("note", "text", 9),
    ]
    return Sheet(columns, _rows(store, found), wrap=True, spare=True)


def _for_people(store: Store, found: list[Defined]) -> Sheet:
    """The rules in few columns: who gets them in words, what is wrong below."""
    columns = [
        column("ref", "self", 0, to="assignment_rule"),
        column("order", "number", 1),
        column("name", "text", 2),
        Column("for", Field("for", usual="lead"), 3),
        column("condition", "text", 4),
        column("to", "text", 5),
        Column("active", Field("active", "bool", usual="yes"), 6),
    ]
    rows = []
    for ref, order, name, of, condition, to, method, following, active, _ in _rows(store, found):
        how = (
            say("; in turn, next {following}", following=following) if following else "; the least loaded" if method == LEAST_LOADED else ""
        )
        rows.append((ref, order, name, of, condition or "(all)", to + how, active))
    notes = tuple(say("{name}: {p}", name=d.record["name"], p=p) for d in found if d.record["active"] for p in d.problems)
    return Sheet(columns, rows, wrap=True, spare=True, notes=notes)


def _rows(store: Store, found: list[Defined]) -> Iterator[tuple[Any, ...]]:
    for d in found:
        turn = d.rule and d.rule.method == ROUND_ROBIN and len(d.people) > 1
        following = person(store, Distribution([d.rule], {}, None).give(0, None).person) if turn and d.rule else None
        names = ", ".join(person(store, p) for p in d.people)
        r = d.record
        method = r["method"] if len(d.people) > 1 else None
        yield (
            r["id"],
            r["order"],
            r["name"],
            r["kind"],
            r["condition"],
            names,
            method,
            following,
            r["active"],
            "; ".join(d.problems) or None,
        )


COMMANDS = {"add": add, "list": list_, "show": show, "edit": edit, "delete": delete, "check": check}
