"""`sfa db purge`: what the retention settings say has been kept too long, shown and then erased."""

from __future__ import annotations

from sfa import output
from sfa.commands.erase import warn_of_copies
from sfa.commands.session import Session, view
from sfa.messages import say, together
from sfa.sales.refs import show
from sfa.sales.retention import cutoff, months
from sfa.sales.sheets import Sheet, column
from sfa.store import retention
from sfa.store.database import Store
from sfa.store.retention import Due


def run(session: Session, yes: bool, dry_run: bool, format: str) -> None:
    """Erase what is due; with `dry_run` list it."""
    spans = {k: session.settings.get(f"retention.{k}") for k in retention.KINDS}
    spans = {k: s for k, s in spans.items() if s}
    if not spans:
        return output.message("No retention is set, so nothing has been kept too long; as in `sfa config set retention.lead 24m`.")
    with session.store() as store:
        today = store.calendar.today
        due = retention.due(store, {k: cutoff(today, months(k, s)).isoformat() for k, s in spans.items()})
        if dry_run:
            output.sheet(_sheet(store, due, spans), view(store, format))
            _tell_kept(due)
            return output.message(say("Nothing was written; {counted} would be erased.", counted=_counted(due)))
        _tell_kept(due)
        if not due.old:
            return output.message("Nothing has been kept too long.")
        for old in due.old[:10]:
            output.message(
                say("  {ref} {label}: nothing since {last}", ref=show(old.kind, old.id, store.site), label=old.label, last=old.last)
            )
        if len(due.old) > 10:
            output.message(say("  and {count:,} more; --dry-run lists all", count=len(due.old) - 10))
        output.confirm(say("Erase {counted}, for good?", counted=_counted(due)), yes)
        done = retention.purge(store, due, "db purge")
        output.message(
            say(
                "Erased {counted}: {versions:,} versions, the words of {commands:,} commands, {mentions:,} "
                "mentions elsewhere. This cannot be taken back.",
                counted=_counted(due),
                versions=done.versions,
                commands=done.commands,
                mentions=done.mentions,
            )
        )
        warn_of_copies(store, done)
    return None


def _counted(due: Due) -> str:
    """`2 leads, 1 contact and the texts of 3 activities`."""
    n = {k: sum(o.kind == k for o in due.old) for k in retention.KINDS}
    parts = [f"{n[k]:,} {k}{'s' if n[k] != 1 else ''}" for k in ("lead", "contact") if n[k]]
    if n["activity"]:
        parts.append(
            say(
                "the text{s} of {activity:,} activit{ies}",
                s="s" if n["activity"] != 1 else "",
                activity=n["activity"],
                ies="ies" if n["activity"] != 1 else "y",
            )
        )
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts) or "nothing"


def _tell_kept(due: Due) -> None:
    if due.kept:
        output.message(
            "Kept although old: " + together(", ", (say("{n:,} {why}", n=n, why=why) for why, n in sorted(due.kept.items()))) + "."
        )


def _sheet(store: Store, due: Due, spans: dict[str, str]) -> Sheet:
    columns = [column(n, "text", at) for at, n in enumerate(("ref", "name", "last", "why"))]
    rows = [
        (
            show(o.kind, o.id, store.site),
            o.label,
            o.last,
            say("nothing since {last}; retention.{kind} is {spans}", last=o.last, kind=o.kind, spans=spans[o.kind]),
        )
        for o in due.old
    ]
    return Sheet(columns, rows, wrap=True)
