"""`sfa report reasons`: the trend of the reasons why deals are lost, or won."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf
from sfa.commands.pages import Out, printable, report
from sfa.commands.report.outcomes import PEOPLE, Made, compute, left_out
from sfa.commands.report.shared import Explain, columns, explained
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, asked, extra, heading, labelled, ordered, period_of
from sfa.errors import UsageError

if TYPE_CHECKING:
    from sfa.sales.winloss import Outcomes


@with_filters
@printable
def reasons(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: Annotated[
        str, typer.Option("--by", metavar="A,TIME", help="reason or reason_group (or any dimension), then month or quarter.")
    ] = "reason,quarter",
    won: Annotated[bool, typer.Option("--won", help="The reasons of won deals instead.")] = False,
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report the trend of reasons: how many deals were lost for each, month by month or quarter by quarter.

    A cell is a number of deals and their part of all losses of the month or quarter.

    Examples:
      sfa report reasons --period 'last 4 quarters'
      sfa report reasons --by reason_group,month --period ytd --json
    """
    from sfa.commands.report import pictures
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("reasons")
    session: Session = ctx.obj
    with session.store(as_of=as_of) as store, snapshot(store):
        conditions = asked(store, [*(words or []), "is:won" if won else "is:lost"])
        made = compute(store, by, period_of(store, period, "all"), conditions)
        if len(made.found.dimensions) != 2 or made.found.dimensions[1].name not in ("month", "quarter"):
            raise UsageError(
                "a trend is by something and then by month or quarter", "As in --by reason,quarter or --by reason_group,month."
            )
        table = trend(made, by, won, out.format)
        return report(session, store, table, out, "reasons", lambda: pictures.reasons(table), words)


def trend(made: Made, by: str, won: bool, format: str) -> Table:
    """A row for each reason with a column for each month or quarter; for programs a row for each of both."""
    from sfa.sales.statistics import ratio
    from sfa.store.queries.dimensions import Labels

    store, dims = made.store, made.found.dimensions
    labels = [Labels(store, d, {k[i] for k in made.rows}) for i, d in enumerate(dims)]
    keys = ordered(dims, labels, [(k, _count(o, won)) for k, o in made.rows.items()])
    times = sorted({k[1] for k in keys})
    whole = {t: sum(_count(o, won) for k, o in made.rows.items() if k[1] == t) for t in times}
    name = "won" if won else "lost"
    more = {**extra(store, made.span), **left_out(made)}
    title = heading(store, "Reasons of won deals" if won else "Reasons of lost deals", made.span, by)
    notes = [f"{made.found.undated:,} closed without a closed date: in no period"] if made.found.undated else []
    if format not in PEOPLE:
        figures = [Figure(f"{name}_count", "count"), Figure("share", "ratio"), Figure(f"{name}_amount", "money")]
        rows = [
            {
                **labelled(dims, labels, k),
                f"{name}_count": _count(made.rows[k], won),
                "share": ratio(_count(made.rows[k], won), whole[k[1]]),
                f"{name}_amount": made.rows[k].won_amount if won else made.rows[k].lost_amount,
            }
            for k in keys
        ]
        return Table(columns(dims, format), figures, rows, None, store.currency, title, [], more)
    figures = [Figure(str(t), "words", t.name, drop=len(times) - i) for i, t in enumerate(times)]
    figures.append(Figure("total", "count", "Total"))
    rows = []
    for first in dict.fromkeys(k[0] for k in keys):
        found = {t: _count(made.rows[first, t], won) for t in times if (first, t) in made.rows}
        cells: dict[str, Any] = {str(t): f"{found[t]:,} {found[t] / whole[t] * 100:3.0f} %" if t in found else "" for t in times}
        rows.append({**labelled(dims[:1], labels[:1], (first,)), **cells, "total": sum(found.values()), "counts": found})
    total: dict[str, Any] = {**{str(t): f"{whole[t]:,}      " for t in times}, "total": sum(whole.values())}
    return Table([(dims[0].name, "")], figures, rows, total, store.currency, title, notes, more)


def _count(o: Outcomes, won: bool) -> int:
    return o.won_count if won else o.lost_count
