"""Making one record of several: `sfa merge`. Which value of a field wins is decided in `sales/merging.py`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import DryRun, Json, Yes, as_json, tell
from sfa.commands.session import Session
from sfa.errors import Refused, UsageError
from sfa.messages import say, together
from sfa.progress import Progress
from sfa.sales import refs, values
from sfa.sales.kinds import Kind
from sfa.sales.merging import Choice
from sfa.store import duplicates, lookup, merging
from sfa.store.database import Store
from sfa.store.merging import Plan
from sfa.store.operations import Operation, operation

SHOWN = 10
MERGE, NOT = ("merge", "m", "yes", "y", "x", "1"), ("not", "n", "no", "0", "different")
"""What a reviewed file may say under decision; blank leaves the pair as it is."""


class _Dry(Exception):
    """Ends an operation that is only tried."""


def command(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[REF]...", help="The records; the first survives unless --keep names another.")
    ] = None,
    keep: Annotated[str, typer.Option("--keep", metavar="REF", help="The record that survives (default: the first).")] = "",
    take: Annotated[
        list[str] | None, typer.Option("--take", metavar="FIELD=REF", help="Take a field's value from this record; may be repeated.")
    ] = None,
    pairs: Annotated[str, typer.Option("--from", metavar="FILE", help="Merge the pairs of a reviewed CSV file; - is standard input.")] = "",
    dry_run: DryRun = False,
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Make one record of several contacts, accounts or leads.

    The survivor keeps its values; its blanks are filled by the others, the one changed last first. E-mails and phones of the others become
    further ones, the strictest opt-outs stand, descriptions are joined. Deals, activities, leads and all that belongs to the others become
    the survivor's, and their references go on meaning it. `sfa undo` takes it all back, but no opt-out is lifted.

    --from takes the file that `sfa duplicates --format csv` writes: columns keep and merge, and decision, where merge merges the pair, not
    remembers that they are two, and blank leaves them alone. All of it is done or nothing.

    Examples:
      sfa merge A-1 A-4 --dry-run
      sfa merge A-1 A-4 --take industry=A-4 --yes
    """
    session: Session = ctx.obj
    if pairs:
        if words or keep or take:
            raise UsageError("--from takes its records from the file alone")
        return _from_file(session, pairs, dry_run, json, yes)
    if len(words or []) < 2:
        raise UsageError("name the records to be made one", "sfa merge A-1 A-4, the one to keep first; or --from FILE")
    with session.store(write=True) as store:
        kind, numbers = _named(store, words or [])
        survivor = lookup.find(store, kind, keep)["id"] if keep else numbers[0]
        if survivor not in numbers:
            numbers.append(survivor)
        numbers.sort(key=lambda n: n != survivor)
        plan = merging.plan(store, kind, numbers, _takes(store, kind, numbers, take or []))
        _preview(store, plan)
        if dry_run:
            if json:
                output.json_object(_as_json(store, plan))
            return output.message("Nothing was written.")
        names = ", ".join(_called(store, kind, r) for r in plan.records[1:])
        output.confirm(say("Merge {names} into {called}?", names=names, called=_called(store, kind, plan.records[0])), yes)
        with operation(store, session.command) as op:
            # Between the look and the write another program may have been at work.
            plan = merging.plan(store, kind, numbers, _takes(store, kind, numbers, take or []))
            merging.carry_out(op, plan)
        tell(
            store,
            kind,
            survivor,
            "Merged",
            json,
            say(" ← {records}{moved}", records=together(", ", (_ref(store, kind, r) for r in plan.records[1:])), moved=_moved(store, plan)),
        )
    return None


def _named(store: Store, words: list[str]) -> tuple[Kind, list[int]]:
    """The kind and ids of the records named. Raises UsageError where they are of several kinds, or one."""
    found = [lookup.any_kind(store, w, duplicates.MATCHED) for w in words]
    kinds = {kind.name for kind, _ in found}
    if kinds == {"lead", "contact"}:
        lead, contact = (next(r["id"] for k, r in found if k.name == name) for name in ("lead", "contact"))
        one, other = refs.show("lead", lead, store.site), refs.show("contact", contact, store.site)
        raise UsageError("a lead becomes a contact by converting it", f"sfa lead convert {one} --contact {other} --no-opp")
    if len(kinds) > 1:
        raise UsageError(say("records of several kinds cannot be made one: {kinds}", kinds=together(", ", sorted(kinds))))
    numbers = list(dict.fromkeys(record["id"] for _, record in found))
    return found[0][0], numbers


def _takes(store: Store, kind: Kind, numbers: list[int], given: list[str]) -> dict[str, int]:
    """Field → the id of the record whose value wins. Raises UsageError."""
    out = {}
    for word in given:
        name, sign, ref = word.partition("=")
        if not sign:
            raise UsageError(say("--take {word!r} names no record", word=word[:60]), "--take FIELD=REF, as in --take industry=A-4")
        number = lookup.find(store, kind, ref)["id"]
        if number not in numbers:
            raise UsageError(say("{ref} is none of the records to be made one", ref=ref))
        out[kind.field(name).name] = number
    return out


# What is told -----------------------------------------------------------------------------------------------------------------------


def _ref(store: Store, kind: Kind, record: dict[str, Any]) -> str:
    return refs.show(kind.name, record["id"], store.site)


def _called(store: Store, kind: Kind, record: dict[str, Any]) -> str:
    return f"{_ref(store, kind, record)} {lookup.label(kind, record)}"


def _preview(store: Store, plan: Plan) -> None:
    """Field by field what the merged record will hold where the records differ, whose it is and why, and what will not be kept."""
    kind, records = plan.kind, plan.records
    output.message(
        say(
            "{called} ← {records}",
            called=_called(store, kind, records[0]),
            records=together(", ", (_called(store, kind, r) for r in records[1:])),
        )
    )
    for name, choice in plan.chosen.items():
        if all(r.get(name) == choice.value for r in records):
            continue
        shown = _worded(store, kind, name, choice.value, _currency(plan)) or "(blank)"
        left = list(dict.fromkeys(t for r in _outdone(plan, name, choice) if (t := _worded(store, kind, name, r[name], r.get("currency")))))
        more = say(" ({why})", why=_why(store, plan, choice)) if choice.why or choice.whose else ""
        unseen = say("; not {left}", left=together(", ", left)) if left else ""
        output.message(say("  {title:<16} {shown}{more}{unseen}", title=kind.by_name[name].title, shown=shown, more=more, unseen=unseen))
    if plan.moving:
        output.message(say("  moves with them: {counted}", counted=_counted(store, plan)))


def _outdone(plan: Plan, name: str, choice: Choice) -> list[dict[str, Any]]:
    """The records whose own value of a field will not be seen any more."""
    if choice.whose == -1 or choice.why in ("all of them", "joined", "the strictest") or name == "currency":
        return []
    reached = {"email": "other_emails", "phone": "other_phones", "mobile": "other_phones"}.get(name)
    if reached in plan.kind.columns:
        return []
    return [r for r in plan.records if r.get(name) not in (None, "", choice.value)]


def _why(store: Store, plan: Plan, choice: Choice) -> str:
    if choice.whose < 0:
        return choice.why
    whose = _ref(store, plan.kind, plan.records[choice.whose])
    return say("{why}: {whose}", why=choice.why, whose=whose) if choice.why else whose


def _currency(plan: Plan) -> str | None:
    return plan.chosen["currency"].value if "currency" in plan.chosen else None


def _worded(store: Store, kind: Kind, name: str, value: Any, currency: str | None) -> str:
    if value in (None, ""):
        return ""
    field = kind.by_name[name]
    if field.type == "ref":
        return lookup.label(store.kinds[field.to], lookup.get(store, field.to, value) or {})
    text = values.human(field, value, currency or store.currency, store.calendar).replace("\n", " ")
    return text if len(text) <= 60 else text[:59] + "…"


def _counted(store: Store, plan: Plan) -> str:
    from sfa.commands.nouns import counted

    names = {
        "opportunity_contact": ("role on a deal", "roles on deals"),
        "activity_contact": ("part in an activity", "parts in activities"),
    }
    parts = []
    for name, many in plan.moving.items():
        parts.append(f"{many:,} {names[name][many != 1]}" if name in names else counted(store.kinds[name], many))
    return ", ".join(parts)


def _moved(store: Store, plan: Plan) -> str:
    return say(", with {counted}", counted=_counted(store, plan)) if plan.moving else ""


def _as_json(store: Store, plan: Plan) -> dict[str, Any]:
    """A preview as JSON: the records, each field's value in words and whose it is, what moves."""
    kind = plan.kind
    return {
        "keep": _ref(store, kind, plan.records[0]),
        "merge": [_ref(store, kind, r) for r in plan.records[1:]],
        "fields": {
            name: {
                "value": _worded(store, kind, name, c.value, _currency(plan)) or None,
                "from": _ref(store, kind, plan.records[c.whose]) if c.whose >= 0 else None,
                "why": c.why or None,
            }
            for name, c in plan.chosen.items()
        },
        "moves": dict(plan.moving),
        "dry_run": True,
    }


# From a reviewed file ---------------------------------------------------------------------------------------------------------------


def _from_file(session: Session, path: str, dry_run: bool, json: bool, yes: bool) -> None:
    """Merge and dismiss what a reviewed file says, in one operation."""
    from sfa.sales.reviewed import Decision, resolved

    with session.store(write=True) as store:
        decisions, problems = _read(store, path)
        merges: list[Decision] = [d for d in decisions if d.merge is True]
        groups, more = resolved(merges)
        if problems := sorted(problems + more):
            told = together("\n  ", (say("line {line}: {text}", line=line, text=text) for line, text in problems[:SHOWN]))
            left = say("\n  and {count} more", count=len(problems) - SHOWN) if len(problems) > SHOWN else ""
            raise Refused(
                say("{count} of the pairs cannot be merged, so none was:\n  {told}{left}", count=len(problems), told=told, left=left),
                "Mend or delete these lines.",
            )
        apart = [[d.keep, d.other] for d in decisions if d.merge is False]
        blank = sum(d.merge is None for d in decisions)
        for keep, others in list(groups.items())[:SHOWN]:
            output.message(say("  {full} ← {others}", full=_full(store, keep), others=together(", ", (_full(store, o) for o in others))))
        if len(groups) > SHOWN:
            output.message(say("  and {count} more", count=len(groups) - SHOWN))
        many = sum(map(len, groups.values()))
        said = say("{many:,} record{s} into {count:,}", many=many, s="" if many == 1 else "s", count=len(groups))
        beside = say("; {count:,} pair{word} not the same", count=len(apart), word=" is" if len(apart) == 1 else "s are") * bool(
            apart
        ) + say("; {blank:,} without a decision left alone", blank=blank) * bool(blank)
        if not groups and not apart:
            return output.message(say("Nothing to merge{beside}.", beside=beside))
        if not dry_run:
            output.confirm(say("Merge {said}{beside}?", said=said, beside=beside), yes)
        try:
            with operation(store, session.command) as op:
                _merge_all(op, groups)
                for pair in apart:
                    duplicates.dismiss(op, pair)
                if dry_run:
                    raise _Dry
        except _Dry:
            output.message(say("Nothing was written; {said} would be merged{beside}.", said=said, beside=beside))
        else:
            output.changed(say("Merged {said}{beside}", said=said, beside=beside))
        if json:
            kept = [as_json(store, store.kinds[k], n) for k, n in groups] if not dry_run else [_full(store, w) for w in groups]
            output.json_object({"merged": many, "kept": kept, "not_the_same": len(apart), "without_decision": blank, "dry_run": dry_run})
    return None


def _full(store: Store, who: tuple[str, int]) -> str:
    kind = store.kinds[who[0]]
    return _called(store, kind, lookup.get(store, *who) or {"id": who[1]})


def _merge_all(op: Operation, groups: dict[tuple[str, int], list[tuple[str, int]]]) -> None:
    progress = Progress("Merging", len(groups))
    for at, (keep, others) in enumerate(groups.items()):
        plan = merging.plan(op.store, op.store.kinds[keep[0]], [keep[1], *(n for _, n in others)])
        merging.carry_out(op, plan)
        progress.at(at)
    progress.done()


def _read(store: Store, path: str) -> tuple[list[Any], list[tuple[int, str]]]:
    """The decisions of a reviewed file, and the lines that are wrong. Raises UsageError for a file without the columns."""
    from sfa.errors import SfaError
    from sfa.reading.tabular import open_table
    from sfa.sales.reviewed import Decision

    decisions: list[Any] = []
    problems: list[tuple[int, str]] = []
    with open_table(path) as table:
        at = {name.strip().lower(): i for i, name in enumerate(table.header)}
        if "keep" not in at or "merge" not in at:
            raise UsageError("the file needs the columns keep and merge", "`sfa duplicates --format csv` writes such a file.")
        for row in table:
            if row.problem:
                problems.append((row.line, row.problem))
                continue
            cells = {n: row.cells[i].strip() if i < len(row.cells) else "" for n, i in at.items()}
            try:
                decision = _decision(cells.get("decision") if "decision" in at else "merge")
                if decision is None and not (cells["keep"] and cells["merge"]):
                    continue
                (kind, keep), (other_kind, other) = (lookup.any_kind(store, cells[n], duplicates.MATCHED) for n in ("keep", "merge"))
                _check(store, kind, keep, other_kind, other, decision)
            except SfaError as error:
                problems.append((row.line, error.message.replace("\n", " ")))
                continue
            decisions.append(Decision(row.line, (kind.name, keep["id"]), (other_kind.name, other["id"]), decision))
    return decisions, problems


def _check(store: Store, kind: Kind, keep: dict[str, Any], other_kind: Kind, other: dict[str, Any], decision: bool | None) -> None:
    if decision is None:
        return
    if (kind.name, keep["id"]) == (other_kind.name, other["id"]):
        raise UsageError("keep and merge are one record")
    if decision:
        if kind.name != other_kind.name:
            raise UsageError("records of several kinds cannot be made one; convert the lead instead")
        merging.plan(store, kind, [keep["id"], other["id"]])


def _decision(text: str | None) -> bool | None:
    """What a cell under decision says: True merges, False says not the same, None nothing. Raises UsageError."""
    word = (text or "").strip().lower()
    if not word:
        return None
    if word in MERGE:
        return True
    if word in NOT:
        return False
    raise UsageError(say("decision {word} is neither merge nor not", word=values.quoted(word)))
