"""`sfa report stale`: open deals that have been silent for longer than is usual in their stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import Explain, explained
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, asked, extra, heading, limited, period_of, write

if TYPE_CHECKING:
    from sfa.store.queries.health import Deal

STALE = (
    Figure("amount", "money", "Amount"),
    Figure("silent_days", "count", "Silent"),
    Figure("usual_days", "count", "Usual"),
    Figure("last_touch", "words", "Last touch", drop=1),
    Figure("touch_kind", "text", "Kind", drop=4),
    Figure("rep", "text", "Rep", drop=2),
    Figure("stage", "text", "Stage", drop=3),
    Figure("next_step", "text", "Next step", drop=6),
    Figure("next_due", "words", "Due", drop=5),
    Figure("usual_from", "text", people=False),
    Figure("usual_n", "count", people=False),
)


def stale(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    days: Annotated[int | None, typer.Option("--days", metavar="N", min=0, help="Stale after this many days in every stage.")] = None,
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report open deals without an activity or change of stage for longer than usual.

    Usual is learnt stage by stage: 9 of 10 silences of deals that were won were no longer. --days sets it; where fewer than 30 silences are
    known the setting health_silent_days holds. The largest amount first.

    Examples:
      sfa report stale --days 3
      sfa report stale owner:me --period 'this quarter' --format csv
    """
    from sfa.store.queries import health as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("stale")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, "all")
        usual, learnt = query.learn(store)
        deals = query.gather(store, asked(store, words), usual, span if period else None)
        names = query.owners(store)
        set_to = int(session.settings.get("health_silent_days"))
        rows = [row for d in deals if (row := _row(d, names, days, set_to))["silent_days"] > row["usual_days"]]
        rows.sort(key=lambda r: (-r["amount"], -r["silent_days"], r["deal#"]))
        total = {"amount": sum(r["amount"] for r in rows)}
        title = heading(store, "Stale deals", span if period else None, "amount")
        more = {**extra(store, span), "open_deals": len(deals), "stale_deals": len(rows), "learnt_from_won_deals": learnt}
        dims = [("deal", "" if chosen in ("table", "md", "html") else "opportunity")]
        notes = _notes(len(rows), len(deals), learnt, days, set_to, rows)
        table = Table(dims, STALE, rows, total if rows else None, store.currency, title, notes, more, mark=_marked)
        return write(store, limited(table, words), chosen)


stale.words = True  # type: ignore[attr-defined]


def _row(d: Deal, names: dict[Any, str], days: int | None, set_to: int) -> dict[str, Any]:
    f = d.facts
    learnt = f.usual.silence if days is None else None
    return {
        "deal": d.name,
        "deal#": d.id,
        "amount": d.amount,
        "silent_days": f.silent,
        "usual_days": days if days is not None else set_to if learnt is None else learnt,
        "usual_from": "option" if days is not None else "setting" if learnt is None else "won deals",
        "usual_n": f.usual.silences if learnt is not None else None,
        "last_touch": f.last_touch,
        "touch_kind": d.touch_kind,
        "rep": names.get(d.owner),
        "stage": f.stage,
        "next_step": f.next_step,
        "next_due": f.step_due,
    }


def _marked(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return shown + "*" if figure.name == "usual_days" and row.get("usual_from") == "setting" else shown


def _notes(stale: int, of: int, learnt: int, days: int | None, set_to: int, rows: list[dict[str, Any]]) -> list[str]:
    notes = [f"{stale:,} of {of:,} open deals"]
    if days is None:
        notes[0] += f"; what is usual was learnt from {learnt:,} won deals"
    if any(r["usual_from"] == "setting" for r in rows):
        notes.append(f"* too few won deals to learn from: the setting health_silent_days, {set_to}")
    return notes
