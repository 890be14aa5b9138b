"""The five verbs that every noun has: add, list, show, edit, delete. What is special about a noun is in the noun's own file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.grouping import Deferred, for_kind, words
from sfa.commands.options import AsOf as AsOf
from sfa.commands.options import Columns as Columns
from sfa.commands.options import DryRun as DryRun
from sfa.commands.options import Effective as Effective
from sfa.commands.options import Format as Format
from sfa.commands.options import Json as Json
from sfa.commands.options import Limit as Limit
from sfa.commands.options import Sort as Sort
from sfa.commands.options import Yes as Yes
from sfa.commands.session import Session, view
from sfa.errors import NotFound, Refused, SfaError, UsageError
from sfa.messages import say, together
from sfa.sales import filters, refs, steps, values
from sfa.sales.kinds import ASSIGNED, KINDS, Field, Kind, unknown
from sfa.sales.phones import WRITTEN
from sfa.store import deals, filtering, intake, lookup, records
from sfa.store.database import Store
from sfa.store.operations import Operation, operation

Words = Annotated[list[str] | None, typer.Argument(metavar="[WORD]...", show_default=False)]
PREVIEWED = 10
"""Records that are shown before an edit of many."""
MOST_COLUMNS = 2
"""Fields that a preview has columns for."""
ASK_FROM = 3
"""Edits of this many records and every delete ask first."""


def split(kind: Kind, given: list[str] | None) -> tuple[list[str], dict[str, str]]:
    """Words and assignments: `field=value` with a field that the kind has is an assignment, `field+=value` a relative one, all else a
    word."""
    rest, fields = [], {}
    for word in given or []:
        name, sign, _ = word.partition("=")
        if found := assignment(kind, word):
            fields[found[0]] = found[1]
        elif sign and name.strip().lower().replace("-", "_").isidentifier() and not any(c in name for c in "<>!:~ "):
            raise unknown(kind, name)
        else:
            rest.append(word)
    return rest, fields


def assignment(kind: Kind, word: str) -> tuple[str, str] | None:
    """(field, value) where `word` sets a field that the kind has, the value a `Step` where it is relative; None for any other word."""
    name, sign, value = word.partition("=")
    step = name[-1:] if sign and name[-1:] in ("+", "-") else ""
    plain = name.removesuffix(step).strip().lower().replace("-", "_")
    if not sign or plain not in kind.by_name:
        return None
    return plain, steps.step(step, value) if step else value


def add(
    ctx: typer.Context, kind: Kind, words: Words = None, json: Json = False, yes: Yes = False, fields: dict[str, str] | None = None
) -> None:
    """Add a new {kind}.

    The words are its name; any field can be given as field=value, the common ones as options.
    """
    from sfa.commands import defaults
    from sfa.commands.alike import belonging, lines

    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds[kind.name]
        rest, assigned = split(kind, words)
        texts = {**assigned, **(fields or {})}
        usual = defaults.usually(session, kind, texts)
        texts = {**usual, **texts}
        if rest:
            if "name" not in kind.by_name or "name" in texts:
                raise UsageError(say("{rest} has no place here", rest=values.quoted(rest[0])), "Give fields as field=value or as options.")
            texts["name"] = " ".join(rest)
        _ask_missing(kind, texts)
        with operation(store, session.command, adds_users=kind.name == "user") as op:
            given = intake.stored(store, kind, texts)
            belongs = belonging(session, store, kind, given)
            number = deals.add(op, kind, {**given, **belongs.fields})
            more = _assigned(session, op, kind, number) if kind.name in ASSIGNED and "owner" not in texts else ""
            alike = lines(session, store, kind, number, yes)
        tell(store, kind, number, "Added", json, defaults.begun_with(usual) + belongs.told + more)
        for told in [*belongs.unsure(store, kind, number), *alike]:
            output.warning(told)
        if kind.name == "user":
            for twin in lookup.namesakes(store, kind, number):
                output.warning(
                    say("{ref} has the same name; only its reference tells them apart", ref=refs.show(kind.name, twin, store.site))
                )


def _assigned(session: Session, op: Operation, kind: Kind, number: int) -> str:
    """Give a new record to whom the rules say, and say so."""
    from sfa.commands.assign import given_to, on

    return given_to(op, kind, number, session.settings.get("default_owner")) if on(session) else ""


def _ask_missing(kind: Kind, texts: dict[str, str]) -> None:
    """Ask a person at a terminal for a name where nothing given makes one."""
    makes_name = {"name", "first_name", "last_name", "email", "company", "account", "external_id"}
    if "name" in kind.by_name and not makes_name & texts.keys() and output.interactive():
        texts["name"] = output.ask(say("{word} name", word=kind.word))


def tell(store: Store, kind: Kind, number: int, what: str, json: bool, more: str = "", listed: bool = False) -> None:
    """Say in one line what was written; in a pipe the reference goes to stdout, with --json the record (`listed`: in an array)."""
    record = lookup.get(store, kind.name, number) or {}
    ref = refs.show(kind.name, number, store.site)
    output.changed(say("{what} {ref} {label}{more}", what=what, ref=ref, label=lookup.label(kind, record), more=more))
    if kind.name == "opportunity":
        from sfa.sales.pipeline import warnings

        for text in warnings(record, store.calendar.today.isoformat()):
            output.warning(text)
    if json:
        made = as_json(store, kind, number)
        output.json_object([made] if listed else made)
    elif not output.to_terminal():
        output.line(ref)


def as_json(store: Store, kind: Kind, number: int) -> dict[str, Any]:
    """A record as JSON: all its fields."""
    sheet = records.select(store, kind, ["ref", *(f.name for f in kind.fields)], [], only=number)
    return next(iter(output.objects(sheet, view(store, "json"))))


@words
def list_(
    ctx: typer.Context,
    kind: Kind,
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILTER]...", show_default=False)] = None,
    columns: Columns = "",
    sort: Sort = "",
    limit: Limit = None,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
    fields: dict[str, str] | None = None,
) -> None:
    """List {plural}.

    Filters: field:value, field>value, field~text, -field:value, field:none, is:mine; see `sfa help filters`.
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    on_screen = chosen == "table" and output.to_terminal()
    with session.store(as_of=as_of) as store:
        kind = store.kinds[kind.name]
        conditions = filtering.conditions(store, words, kind) + filters.parse([f"{k}:{v}" for k, v in (fields or {}).items()], kind)
        most = int(session.settings.get("limit")) if limit is None and on_screen else limit or 0
        names = column_names(kind, columns, full=chosen not in ("table", "md", "html"))
        sheet = records.select(store, kind, names, conditions, sort, most)
        output.sheet(sheet._replace(spare=not columns), view(store, chosen))
        if chosen == "table" and (states := [w for w in words or [] if w.lower() in filters.STATES.get(kind.name, ())]):
            output.message(say("{states} was looked for as text; the state is is:{states2}", states=states[0], states2=states[0].lower()))
        if most and on_screen and (whole := records.count(store, kind, conditions)) > most:
            output.message(say("{most} of {whole:,} {plural} shown; --limit 0 shows all.", most=most, whole=whole, plural=kind.plural))


def column_names(kind: Kind, asked: str, full: bool) -> list[str]:
    """The columns of a listing: as asked, else every field in machine formats and the usual ones for people.

    Raises UsageError naming the valid ones."""
    if asked and asked != "all":
        names = [c.strip().lower().replace("-", "_") for c in asked.split(",") if c.strip()]
        for name in names:
            if name not in ("ref", "id"):
                kind.field(name.partition(".")[0])
        return names
    own = [f.name for f in kind.fields if f.user]
    return ["ref", *(f.name for f in kind.fields)] if full or asked == "all" else ["ref", *kind.listed, *own]


def show(
    ctx: typer.Context,
    kind: Kind,
    ref: Annotated[str, typer.Argument(metavar="REF", help="A reference, or a name or part of one.")],
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Show one {kind}: its fields, related records and timeline."""
    from sfa.commands import screen

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store:
        kind = store.kinds[kind.name]
        # A script is never given another record than the one that it named.
        record, nearly = lookup.seen(store, kind, ref) if output.to_terminal() else (lookup.find(store, kind, ref), "")
        if nearly:
            output.message(nearly)
        _tell_merged(store, kind, ref, record["id"])
        if chosen in ("json", "ndjson"):
            output.json_object(screen.whole(store, kind, record["id"], as_json(store, kind, record["id"])), chosen)
        else:
            screen.show(store, kind, record["id"], chosen)


def _tell_merged(store: Store, kind: Kind, text: str, number: int) -> None:
    """Say that the reference given is that of a record which became part of the one shown."""
    given = refs.parse(text, store.site)
    if given and given[0] == kind.name and given[1] != number and lookup.merged_into(store, *given) == number:
        output.message(
            say("{ref} was merged into {ref2}.", ref=refs.show(*given, store.site), ref2=refs.show(kind.name, number, store.site))
        )


@words
def edit(
    ctx: typer.Context,
    kind: Kind,
    words: Annotated[list[str], typer.Argument(metavar="REF|FILTER... FIELD=VALUE...")],
    yes: Yes = False,
    dry_run: DryRun = False,
    effective: Effective = "",
    json: Json = False,
    fields: dict[str, str] | None = None,
) -> None:
    """Edit one {kind}, or all that a filter finds.

    Fields are set by field=value or by options; an empty value blanks. What is there changes by field+=value and field-=value: amount+=10%,
    close+=7d, types+=customer. Edits of three and more are shown and asked about.
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds[kind.name]
        rest, assigned = split(kind, words)
        texts = {**assigned, **(fields or {})}
        if not texts:
            raise UsageError("nothing to change was given", "Give field=value, as in amount=48k.")
        targets = chosen(store, kind, rest)
        since = effective_moment(store, effective)
        changes = _carry_out(store, session.command, kind, targets, texts, since, dry=True) if len(targets) >= ASK_FROM or dry_run else []
        if changes:
            _preview(store, kind, changes)
            if not dry_run:
                output.confirm(say("Change {counted}?", counted=counted(kind, len(changes))), yes)
        if dry_run:
            return output.message(say("Nothing was written; {count} of {count2} would change.", count=len(changes), count2=len(targets)))
        done = _carry_out(store, session.command, kind, targets, texts, since)
        _tell_edit(store, kind, done, targets, json, one=len(targets) == 1 and not any(filters.is_condition(w, kind) for w in rest))
    return None


def effective_moment(store: Store, text: str) -> int | None:
    """When a change took effect, on the operations' scale; None for now. Raises UsageError for a date to come."""
    if not text:
        return None
    from sfa.sales.moments import parse_stamp

    moment = parse_stamp(text, store.calendar)
    if moment > store.calendar.now:
        raise UsageError("--effective takes a past date", "A change in the future is made when it comes.")
    return int(moment.timestamp() * 1000) << 20 | store.site


def chosen(store: Store, kind: Kind, rest: list[str]) -> list[int]:
    """The ids that a reference or a filter means. Raises UsageError when neither was given."""
    if not rest:
        raise UsageError(say("name the {word}", word=kind.word), "A reference or a name; or filters, as in owner:me.")
    if len(rest) == 1 and not filters.is_condition(rest[0], kind):
        try:
            return [lookup.find(store, kind, rest[0])["id"]]
        except NotFound:
            if not filters.is_shaped(rest[0]):
                raise
            return records.ids(store, kind, filtering.conditions(store, rest, kind))
    if all(refs.parse(w, store.site) for w in rest):
        return list(dict.fromkeys(lookup.find(store, kind, w)["id"] for w in rest))
    if not any(filters.is_condition(w, kind) for w in rest):
        return [lookup.find(store, kind, " ".join(rest))["id"]]
    return records.ids(store, kind, filtering.conditions(store, rest, kind))


class _Dry(Exception):
    """Ends an operation that is only tried."""


def _carry_out(
    store: Store, command: str, kind: Kind, targets: list[int], texts: dict[str, str], since: int | None, dry: bool = False
) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Write the edit of every target in one operation; returns (record before, changed fields) of those that changed."""
    out = []
    try:
        with operation(store, command, effective=since) as op:
            for number in targets:
                before = lookup.get(store, kind.name, number)
                if before is None:
                    continue
                changed = _changed(op, kind, before, texts, alone=len(targets) == 1)
                if changed:
                    out.append((before, changed))
            if dry:
                raise _Dry
    except _Dry:
        pass
    return out


def _changed(op: Operation, kind: Kind, before: dict[str, Any], texts: dict[str, str], *, alone: bool) -> dict[str, Any]:
    """Edit one record; where it is one of several, what is wrong with it is said with its reference."""
    try:
        return deals.change(op, kind, before, intake.stored(op.store, kind, texts, before))
    except SfaError as error:
        if not alone and not isinstance(error, Refused):
            error.message = say(
                "{ref} {label}: {message}",
                ref=refs.show(kind.name, before["id"], op.store.site),
                label=lookup.label(kind, before),
                message=error.message,
            )
        raise


def counted(kind: Kind, n: int) -> str:
    """`1 lead`, `3 leads`."""
    return say("{n:,} {noun}", n=n, noun=kind.plural if n != 1 else kind.noun)


def _preview(store: Store, kind: Kind, changes: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """A table of the first records that would change: reference, name, and of each field what it was and what it becomes. Where it has
    too many columns, a line each."""
    first = changes[:PREVIEWED]
    fields = list(dict.fromkeys(name for _, changed in first for name in _told(changed)))
    named = [(refs.show(kind.name, before["id"], store.site), lookup.label(kind, before)) for before, _ in first]
    if len(fields) > MOST_COLUMNS:
        for (ref, name), (before, changed) in zip(named, first, strict=True):
            output.message(say("  {ref} {name}: {differences}", ref=ref, name=name, differences=differences(store, kind, before, changed)))
    else:
        rows = [[*n, *(_change(store, kind, b, c, f) for f in fields)] for n, (b, c) in zip(named, first, strict=True)]
        output.preview(["ref", "name", *(kind.by_name.get(f, Field(f)).title for f in fields)], rows)
    if len(changes) > PREVIEWED:
        output.message(say("  and {count:,} more", count=len(changes) - PREVIEWED))


def differences(store: Store, kind: Kind, before: dict[str, Any], changed: dict[str, Any]) -> str:
    """What changed, in words: `amount 10,000 USD → 48,000 USD, stage Proposal → Won`."""
    told = [(kind.by_name.get(n, Field(n)).title, _change(store, kind, before, changed, n)) for n in _told(changed)]
    return together(", ", [say("{title} {change}", title=title, change=change) for title, change in told])


def _told(changed: dict[str, Any]) -> list[str]:
    """The fields of a change that are worth a word: not how a phone number was written, where the number itself has changed."""
    return [n for n in changed if not (n.endswith(WRITTEN) and n.removesuffix(WRITTEN) in changed)]


def _change(store: Store, kind: Kind, before: dict[str, Any], changed: dict[str, Any], name: str) -> str:
    """What a field was and is now; nothing where it has not changed."""
    field = kind.by_name.get(name, Field(name))
    if name not in changed:
        return ""
    was, now = _worded(store, field, before), _worded(store, field, {**before, **changed})
    return say("{was} → {now}", was=was, now=now) if was and now else now or say("cleared (was {was})", was=was)


def _worded(store: Store, field: Field, record: dict[str, Any]) -> str:
    value = record.get(field.name)
    if value is None:
        return ""
    if field.type == "people":
        people = [lookup.get(store, field.to, n) or {} for n in value]
        return ", ".join(lookup.label(store.kinds[field.to], p) for p in people)
    if field.type == "ref":
        target = lookup.get(store, field.to, value) or {}
        return lookup.label(store.kinds[field.to], target)
    shown = values.human(field, value, record.get("currency") or store.currency, store.calendar)
    return shown if len(shown) <= 60 else shown[:59] + "…"


def _tell_edit(
    store: Store, kind: Kind, done: list[tuple[dict[str, Any], dict[str, Any]]], targets: list[int], json: bool, one: bool
) -> None:
    """What was edited; as JSON the record that was named (`one`), or the list of those that a filter found and that changed."""
    if not done:
        why = say("no {word} fits.", word=kind.word) if not targets else "it is so already."
        output.message(say("Nothing to change: {why}", why=why))
    elif len(done) == 1:
        before, changed = done[0]
        said = say(": {differences}", differences=differences(store, kind, before, changed))
        return tell(store, kind, before["id"], "Changed", json, said, listed=not one)
    else:
        output.changed(say("Changed {count} {plural}", count=len(done), plural=kind.plural))
    if json:
        output.json_object(as_json(store, kind, targets[0]) if one else [as_json(store, kind, before["id"]) for before, _ in done])
    return None


def put(
    session: Session, kind_name: str, texts: dict[str, str], check: Callable[[dict[str, Any]], None], told: tuple[str, ...], json: bool
) -> None:
    """Set the one record that its key names, such as a day's rate: changed where it is there, else added.

    `check` raises for values that cannot be; `told` are the fields that the message for a new one names."""
    with session.store(write=True) as store:
        kind = store.kinds[kind_name]
        with operation(store, session.command) as op:
            given = intake.keyed(store, kind, intake.stored(store, kind, texts))
            check(given)
            done = intake.put(op, kind, given)
        tell_put(store, kind, done, told, json)


def tell_put(store: Store, kind: Kind, done: intake.Put, told: tuple[str, ...], json: bool, more: str = "") -> None:
    """Say what became of a record that was put where its key says; `told` are the fields that are named of a new one."""
    if not done.changed:
        return output.message("Nothing to change: it is so already.")
    changed = done.changed if done.before else {name: done.changed[name] for name in told}
    what = ": " + differences(store, kind, done.before or {"currency": done.changed["currency"]}, changed) + more
    return tell(store, kind, done.number, "Changed" if done.before else "Added", json, what)


def delete(
    ctx: typer.Context,
    kind: Kind,
    words: Annotated[list[str], typer.Argument(metavar="REF...", help="References, or names or parts of names.")],
    cascade: Annotated[bool, typer.Option("--cascade", help="Delete also what cannot be without it.")] = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Delete {plural}; `sfa undo` brings them back.

    One that others refer to is refused with a list unless --cascade is given.
    """
    from sfa.errors import Refused
    from sfa.store.operations import delete_cascade, referring

    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds[kind.name]
        targets = list(dict.fromkeys(lookup.find(store, kind, w)["id"] for w in words))
        others = [r for r in referring(store, kind, targets) if not (r[0] == kind.name and r[2] in targets)]
        if others and not cascade:
            shown = together(", ", (say("{ref} ({f})", ref=refs.show(k, n, store.site), f=f) for k, f, n in others[:8]))
            many = "another record refers" if len(others) == 1 else say("{count} records refer", count=len(others))
            raise Refused(
                say("{many} to it: {shown}{word}", many=many, shown=shown, word=" …" if len(others) > 8 else ""),
                "--cascade deletes what cannot be without it and blanks the rest.",
            )
        for n in targets[:10]:
            output.message(
                say(
                    "  {ref} {label}",
                    ref=refs.show(kind.name, n, store.site),
                    label=lookup.label(kind, lookup.get(store, kind.name, n) or {}),
                )
            )
        if dry_run:
            touched = say("and up to {count} more would be touched", count=len(others)) if others else "would be deleted"
            return output.message(say("Nothing was written; {counted} {touched}.", counted=counted(kind, len(targets)), touched=touched))
        output.confirm(
            say(
                "Delete {counted}{more}?",
                counted=counted(kind, len(targets)),
                more=say(" and what belongs to it ({count} records refer to it)", count=len(others)) if others else "",
            ),
            yes,
        )
        with operation(store, session.command) as op:
            count = delete_cascade(op, kind, targets)
        output.changed(say("Deleted {count} record{s}", count=count, s="s" if count != 1 else ""))
    return None


def verbs(
    kind_name: str, examples: dict[str, str], only: tuple[str, ...] = ("add", "list", "show", "edit", "delete"), skip: tuple[str, ...] = ()
) -> dict[str, Deferred]:
    """The common verbs for a kind, each with its examples (verb → lines of help)."""
    functions: dict[str, Callable[..., Any]] = {"add": add, "list": list_, "show": show, "edit": edit, "delete": delete}
    made = {}
    for verb in only:
        deferred = for_kind(kind_name, functions[verb], skip=skip, filters=verb == "list")
        shown = "\n".join(f"  {line}" for line in examples[verb].strip().split("\n"))
        made[verb] = for_kind(kind_name, functions[verb], f"{deferred.__doc__}\n\nExamples:\n{shown}", skip=skip, filters=verb == "list")
    return made


def assigning(kind_name: str) -> Deferred:
    """The verb `assign` for a kind; its module is imported when it is called."""

    def make() -> Callable[..., Any]:
        from sfa.commands.assign import command

        return command(kind_name)

    return Deferred(make, f"Give {KINDS[kind_name].plural} to people by the rules of `sfa rule`.")
