"""Quotas: what a person, or the team of whoever has reports, is to win in a period. Without a quota a team's is the sum of its people's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import DryRun, Format, Json, Yes, as_json, counted, tell_put, verbs
from sfa.commands.session import Session, view
from sfa.errors import Ambiguous, UsageError
from sfa.messages import say, together
from sfa.store.operations import Operation, operation

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.sales.kinds import Kind
    from sfa.sales.sheets import Sheet
    from sfa.store.database import Store
    from sfa.store.intake import Put
    from sfa.store.quotas import Copy

Record = dict[str, Any]
SHOWN = 10
"""Quotas that an error lists."""


class _Dry(Exception):
    """Ends an operation that is only tried."""


@contextmanager
def _writing(store: Store, command: str, dry_run: bool) -> Iterator[Operation]:
    """One operation, taken back at its end where it is only tried."""
    try:
        with operation(store, command) as op:
            yield op
            if dry_run:
                raise _Dry
    except _Dry:
        pass


# Setting ----------------------------------------------------------------------------------------------------------------------------


def set_(
    ctx: typer.Context,
    rep: Annotated[str, typer.Argument(metavar="REP", help="A user's reference or name.")],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="2026-Q4, FY26-Q1, 2026-11, 2026.")],
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="400k, €350.000,00; 0 is a quota of zero; under --count, deals.")],
    team: Annotated[
        bool | None,
        typer.Option("--team/--own", help="For the team, or the person's own deals (default: team, of whoever has reports)."),
    ] = None,
    count: Annotated[bool, typer.Option("--count", help="A number of deals won, not an amount.")] = False,
    measure: Annotated[str, typer.Option("--measure", metavar="FIELD", help="A money field of your own, such as arr.")] = "",
    family: Annotated[str, typer.Option("--family", metavar="NAME", help="For deals with products of this family only.")] = "",
    ramp: Annotated[str, typer.Option("--ramp", metavar="STEPS", help="Divide it over quarters or months: 50%,75%,100%,100%.")] = "",
    json: Json = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Set a person's quota for a period, or change it.

    A year's quota counts evenly in its quarters and months, except where a finer one is set. With --ramp the quarters (or months) get
    quotas of their own: AMOUNT is the whole of the period, the steps say in which proportion; the parts add up to it.

    Examples:
      sfa quota set 'Ben Okafor' 2026-Q4 400k
      sfa quota set anna 2027 2.4m --team --ramp 50%,75%,100%,100%
      sfa quota set ben 2027-Q1 12 --count
    """
    from sfa.sales import quotas
    from sfa.store import intake
    from sfa.store.quotas import known

    if count and measure not in ("", quotas.COUNT):
        raise UsageError("--count and --measure exclude each other")
    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds["quota"]
        measure = quotas.measure(quotas.COUNT if count else measure or quotas.REVENUE, known(store))
        figure = "count" if measure == quotas.COUNT else "amount"
        texts = {"owner": rep, "period": period, "measure": measure, "family": family, figure: amount}
        texts |= {} if team is None else {"covers": "team" if team else "own"}
        given = intake.keyed(store, kind, quotas.checked(intake.stored(store, kind, texts), known(store)))
        wanted = _ramped(store, given, period, ramp) if ramp else [given]
        with _writing(store, session.command, dry_run) as op:
            done = [intake.put(op, kind, each) for each in wanted]
            if ramp or dry_run:
                _tell_parts(store, kind, done, given, "Would set" if dry_run else "Set")
        if dry_run:
            return output.message("Nothing was written.")
        if ramp:
            _warn_of_whole(store, kind, given)
            return output.json_object([as_json(store, kind, d.number) for d in done]) if json else None
        tell_put(store, kind, done[0], _told(given), json, _of_whom(store, given))
    return None


def _ramped(store: Store, given: Record, period: str, ramp: str) -> list[Record]:
    from sfa.sales import quotas
    from sfa.sales.dates import parse_period

    weights = quotas.steps(ramp)
    return quotas.ramped(given, weights, quotas.parts(parse_period(period, store.calendar), len(weights), store.calendar))


def _warn_of_whole(store: Store, kind: Kind, given: Record) -> None:
    """Warn where the period that was divided has another quota of its own: reports of the whole period show that one."""
    from sfa.sales.refs import show
    from sfa.store.lookup import label, standing

    whole = standing(store, "quota", given)
    if whole and any(whole[n] != given.get(n) for n in ("amount", "count", "currency")):
        ref = show("quota", whole["id"], store.site)
        output.warning(
            say(
                "{label} keeps a quota of its own, {ref} of {figure}, which counts for the whole of it",
                label=label(kind, whole),
                ref=ref,
                figure=_figure(whole),
            )
        )


def _told(given: Record) -> tuple[str, ...]:
    """The fields that the line for a new quota names."""
    more = tuple(n for n in ("measure", "family") if given.get(n) not in (None, "revenue", "count"))
    return ("owner", "count" if given.get("count") is not None else "amount", *more)


def _of_whom(store: Store, given: Record) -> str:
    """Whether a quota is the team's or the person's own, of people with reports."""
    from sfa.store.intake import covered

    if covered(store, given["owner"]) == "own" and given["covers"] == "own":
        return ""
    return " (for the team)" if given["covers"] == "team" else " (for own deals)"


def _tell_parts(store: Store, kind: Kind, done: list[Put], given: Record, what: str) -> None:
    """The quotas that were put, in one line."""
    from sfa.store import lookup

    texts = [f"{lookup.label(kind, d.changed | (d.before or {}))} {_figure({**given, **(d.before or {}), **d.changed})}" for d in done]
    changed = [d for d in done if d.changed]
    name = (lookup.get(store, "user", given["owner"]) or {})["name"]
    text = say(
        "{what} {counted} of {name}{of_whom}: {texts}",
        what=what,
        counted=counted(kind, len(done)),
        name=name,
        of_whom=_of_whom(store, given),
        texts=together(", ", texts),
    )
    if not changed:
        output.message(say("Nothing to change: {texts} is so already.", texts=together(", ", texts)))
    elif what == "Set":
        output.changed(text)
    else:
        output.message(text)


def _figure(record: Record) -> str:
    from sfa.sales import money

    if record.get("amount") is None:
        return say("{count:,} deal{s}", count=record["count"], s="s" if record["count"] != 1 else "")
    return money.human(record["amount"], record["currency"])


# Copying ----------------------------------------------------------------------------------------------------------------------------


def copy(
    ctx: typer.Context,
    source: Annotated[str, typer.Argument(metavar="FROM-PERIOD", help="A year, half, quarter or month, such as 2026 or FY26.")],
    target: Annotated[str, typer.Argument(metavar="TO-PERIOD", help="One of the same kind, such as 2027.")],
    growth: Annotated[str, typer.Option("--growth", metavar="PERCENT", help="Grown so much and rounded to whole units: 8%, -5%.")] = "",
    rep: Annotated[list[str] | None, typer.Option("--rep", metavar="NAME", help="Only this person's; may be repeated.")] = None,
    team: Annotated[str, typer.Option("--team", metavar="NAME", help="Only this team's, or a person's and of everyone below.")] = "",
    on_duplicate: Annotated[
        str, typer.Option("--on-duplicate", metavar="WHAT", help="Quotas that are there with other figures: skip or update.")
    ] = "",
    format: Format = "",
    json: Json = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Copy the quotas of a period to another, such as a year's to the next.

    All quotas within the period are copied, each to the same place in the other: the year's own, those of its quarters and months. People
    who are no longer active are left out and named. --dry-run lists what would be written.

    Examples:
      sfa quota copy 2026 2027 --growth 8%
      sfa quota copy 2026-Q4 2027-Q4 --rep Anna --dry-run
    """
    from sfa.sales import quotas
    from sfa.sales.dates import parse_period
    from sfa.store import intake
    from sfa.store.quotas import copies, within

    if on_duplicate not in ("", "skip", "update"):
        raise UsageError(say("--on-duplicate is not {on_duplicate!r}", on_duplicate=on_duplicate[:60]), "Values: skip, update")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(write=True) as store:
        cal = store.calendar
        first, second = parse_period(source, cal), parse_period(target, cal)
        percent = quotas.growth(growth) if growth else quotas.growth("0")
        people = _people(store, first, rep or [], team)
        found = [r for r in within(store, first) if people is None or r["owner"] in people]
        plan = copies(store, found, quotas.move(first, second, cal), percent)
        _stop(plan, on_duplicate)
        wanted = [c for c in plan if c.writes(on_duplicate)]
        with _writing(store, session.command, dry_run) as op:
            for each in wanted:
                intake.put(op, store.kinds["quota"], each.record)
        grown = say(", {by}", by=_by(percent)) if percent else ""
        if dry_run or json:
            output.sheet(_sheet(store.kinds["quota"], plan, on_duplicate), view(store, chosen))
        _tell_copied(plan, on_duplicate, say("{name} to {name2}{grown}", name=first.name, name2=second.name, grown=grown), dry_run)


def _people(store: Store, period: Period, reps: list[str], team: str) -> set[int] | None:
    """The people that --rep and --team name; None for everyone."""
    if reps and team:
        raise UsageError("--rep and --team exclude each other")
    if reps:
        from sfa.store import lookup

        return {int(lookup.find(store, store.kinds["user"], name)["id"]) for name in reps}
    if team:
        from sfa.commands.forecast.asking import whose

        return set(whose(store, period, "", team) or ())
    return None


def _by(percent: Any) -> str:
    return say("{word} by {percent:f}% and rounded to whole units", word="grown" if percent > 0 else "cut", percent=abs(percent))


def _stop(plan: list[Copy], on_duplicate: str) -> None:
    """Raise Ambiguous where quotas are there with other figures and nobody said what of them."""
    different = [c for c in plan if c.what == "different"]
    if not different or on_duplicate:
        return
    lines = [
        say(
            "  {name} {period}: {figure} → {figure2}",
            name=c.name,
            period=c.period,
            figure=_figure(c.before or {}),
            figure2=_figure(c.record),
        )
        for c in different
    ]
    more = [say("  and {count} more", count=len(lines) - SHOWN)] if len(lines) > SHOWN else []
    many = say("{count} quotas are", count=len(lines)) if len(lines) > 1 else "a quota is"
    raise Ambiguous(
        say("{many} there with other figures:\n", many=many) + "\n".join([*lines[:SHOWN], *more]),
        "Nothing was copied. Add --on-duplicate update (the copy wins) or skip (leave them as they are).",
    )


def _sheet(kind: Kind, plan: list[Copy], on_duplicate: str) -> Sheet:
    """What a copy writes and leaves out, a quota a row."""
    from sfa.sales.sheets import Column, Sheet, column

    columns = [column(name, "text", i) for i, name in enumerate(("owner", "from", "to"))]
    columns += [Column(name, kind.field(name), i) for i, name in enumerate(("covers", "measure", "family"), 3)]
    columns += [column("amount", "money", 6, 11), column("new_amount", "money", 7, 11)]
    columns += [column("count", "number", 8), column("new_count", "number", 9), column("what", "text", 10)]
    rows = []
    for c in plan:
        s, r = c.source, c.record
        what = {"different": {"update": "changed"}.get(on_duplicate, "skipped")}.get(c.what, c.what)
        named = (c.name, c.origin, c.period or None, s["covers"], s["measure"], s["family"])
        rows.append((*named, s["amount"], r.get("amount"), s["count"], r.get("count"), what, s["currency"]))
    return Sheet(columns, rows, spare=True)


def _tell_copied(plan: list[Copy], on_duplicate: str, which: str, dry_run: bool) -> None:
    """What was copied, in one line, and who or what was left out."""
    counts = Counter(c.what for c in plan)
    names = {"new": "new", "different": {"update": "changed"}.get(on_duplicate, "skipped"), "unchanged": "unchanged"}
    told = together(", ", [say("{many:,} {what}", many=counts[n], what=what) for n, what in names.items() if counts[n]])
    many = sum(counts[what] for what in names)
    text = say("{many:,} quota{s} of {which}: {told}", many=many, s="s" if many != 1 else "", which=which, told=told or "nothing to copy")
    if dry_run:
        output.message(say("Would copy {text}. Nothing was written.", text=text))
    elif any(c.writes(on_duplicate) for c in plan):
        output.changed(say("Copied {text}", text=text))
    else:
        output.message(say("{text}. Nothing was changed.", text=text))
    for what in ("not active", "not of whole months"):
        if counts[what]:
            left = ", ".join(sorted({c.name for c in plan if c.what == what}))
            output.message(say("  left out, {what}: {counts:,} of {left}", what=what, counts=counts[what], left=left))


COMMANDS = {
    "set": set_,
    "copy": copy,
    **verbs(
        "quota",
        {
            "list": "sfa quota list period:2026-Q4\nsfa quota list owner:me --sort -amount",
            "delete": "sfa quota delete QT-1 --yes\nsfa quota delete QT-1 --dry-run",
        },
        only=("list", "delete"),
    ),
}
