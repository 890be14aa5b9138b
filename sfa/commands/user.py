"""Users: sellers and managers; and handing over what a leaver had."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import DryRun, Effective, Yes, counted, effective_moment, verbs
from sfa.commands.session import Session
from sfa.errors import Refused, UsageError
from sfa.messages import say
from sfa.sales import filters, refs
from sfa.store import deals, filtering, lookup, records
from sfa.store.database import Store
from sfa.store.operations import Operation, operation

Record = dict[str, Any]
HANDED = {"account": (), "contact": (), "lead": ("is:open",), "opportunity": ("is:open",), "activity": ("is:open",), "task": ("is:open",)}
"""What is handed over, with the filter that tells what is still open."""


def hand_over(
    ctx: typer.Context,
    leaver: Annotated[str, typer.Argument(metavar="FROM", help="Who hands over.")],
    heir: Annotated[str, typer.Argument(metavar="TO", help="Who takes over.")],
    everything: Annotated[
        bool, typer.Option("--all/--open-only", help="Hand over also closed leads and what was logged (default: open work only).")
    ] = False,
    keep_active: Annotated[bool, typer.Option("--keep-active", help="Do not make FROM inactive.")] = False,
    effective: Effective = "",
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Hand over a leaver's accounts, contacts, open leads, open deals and open activities.

    FROM becomes inactive. Won and lost deals keep their owner: they are FROM's results. It is one operation; `sfa undo` takes it back.

    Examples:
      sfa user hand-over 'Ben Okafor' 'Anna Ferrari' --yes
      sfa user hand-over 'Ben Okafor' me --all --keep-active --dry-run
    """
    session: Session = ctx.obj
    with session.store(write=True) as store:
        kind = store.kinds["user"]
        old, new = lookup.find(store, kind, leaver), lookup.find(store, kind, heir)
        if old["id"] == new["id"]:
            raise UsageError(say("{label} cannot hand over to themselves", label=lookup.label(kind, old)))
        if new["active"] == 0:
            raise Refused(say("{label} is inactive", label=lookup.label(kind, new)), "Hand over to an active user.")
        targets = _targets(store, old["id"], everything)
        told = _told(store, targets)
        if dry_run:
            return output.message(say("Nothing was written; {told} would go to {label}.", told=told, label=lookup.label(kind, new)))
        output.confirm(
            say("Hand over {told} from {label} to {label2}?", told=told, label=lookup.label(kind, old), label2=lookup.label(kind, new)), yes
        )
        with operation(store, session.command, effective=effective_moment(store, effective)) as op:
            _move(op, targets, old, new, retire=not keep_active)
        output.changed(
            say("Handed over {told} from {label} to {label2}", told=told, label=lookup.label(kind, old), label2=lookup.label(kind, new))
        )
        _reports(store, old)
    return None


def _targets(store: Store, owner: int, everything: bool) -> dict[str, list[int]]:
    """kind → ids of what goes over. Closed deals never do."""
    mine = f"owner:{refs.long_form('user', owner)}"
    out = {}
    for name, still_open in HANDED.items():
        asked = [mine] if everything and name != "opportunity" else [mine, *still_open]
        out[name] = records.ids(store, store.kinds[name], filtering.conditions(store, asked, store.kinds[name]))
    return out


def _told(store: Store, targets: dict[str, list[int]]) -> str:
    parts = [counted(store.kinds[n], len(ids)) for n, ids in targets.items() if ids]
    return ", ".join(parts) or "nothing"


def _move(op: Operation, targets: dict[str, list[int]], old: Record, new: Record, *, retire: bool) -> None:
    for name, ids in targets.items():
        for number in ids:
            try:
                op.update(name, number, {"owner": new["id"]})
            except Refused as refused:
                raise Refused(
                    say("{ref}: {message}", ref=refs.show(name, number, op.store.site), message=refused.message), refused.hint
                ) from None
    if retire:
        deals.change(op, op.store.kinds["user"], old, {"active": 0})


def _reports(store: Store, old: Record) -> None:
    """Say who still reports to the leaver."""
    conditions = filters.parse([f"manager:{refs.long_form('user', old['id'])}"], store.kinds["user"])
    if count := records.count(store, store.kinds["user"], conditions):
        ref = refs.show("user", old["id"], store.site)
        output.message(
            say(
                "{count} still report{s} to {name}: sfa user edit manager:{ref} manager=…",
                count=count,
                s="s" if count == 1 else "",
                name=old["name"],
                ref=ref,
            )
        )


COMMANDS = {
    **verbs(
        "user",
        {
            "add": "sfa user add 'Cleo Marin' --email cleo@example.com --manager 'Anna Ferrari' --team North\n"
            "sfa user add 'Dag Berg' region=Nordics",
            "list": "sfa user list active:yes --sort team\nsfa user list manager:'Anna Ferrari' --columns name,team,region",
            "show": "sfa user show 'Anna Ferrari'\nsfa user show me --json",
            "edit": "sfa user edit 'Ben Okafor' --team South\nsfa user edit 'Ben Okafor' manager= active=no",
            "delete": "sfa user delete 'Ben Okafor' --cascade --dry-run\nsfa user delete 'Cleo Marin' --yes",
        },
    ),
    "hand-over": hand_over,
}
