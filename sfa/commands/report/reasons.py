"""`sfa report reasons`: the trend of the reasons why deals are lost, or won."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf
from sfa.commands.pages import Out, printable, report
from sfa.commands.report.outcomes import PEOPLE, Made, compute, left_out
from sfa.commands.report.shared import (
    CHANGE,
    Explain,
    Versus,
    chance_notes,
    change_cells,
    change_marked,
    columns,
    explained,
    tested,
    titled,
    versus_of,
    with_before,
)
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, asked, extra, heading, labelled, ordered, period_of
from sfa.errors import UsageError
from sfa.messages import say

if TYPE_CHECKING:
    from sfa.sales.winloss import Key, Outcomes

COMPARED = (Figure("share", "ratio", "Share"), Figure("before_share", "ratio", "Before"), *CHANGE)
"""Of a reason in all its months or quarters."""


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
    versus: Versus = "",
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report the trend of reasons: how many deals were lost for each, month by month or quarter by quarter.

    A cell is a number of deals and their part of all losses of the month or quarter. --versus sets the part of all losses of another
    period beside each reason; for programs beside each month or quarter that of the one at the same place.

    Examples:
      sfa report reasons --period 'last 4 quarters'
      sfa report reasons --by reason_group,month --period ytd --json
      sfa report reasons --period ytd --versus last-year
    """
    from sfa.commands.report import pictures
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("reasons")
    session: Session = ctx.obj
    with session.store(as_of=as_of) as store, snapshot(store):
        conditions = asked(store, [*(words or []), "is:won" if won else "is:lost"])
        made = compute(store, by, period_of(store, period, "all"), conditions, versus)
        if len(made.found.dimensions) != 2 or made.found.dimensions[1].name not in ("month", "quarter"):
            raise UsageError(
                "a trend is by something and then by month or quarter", "As in --by reason,quarter or --by reason_group,month."
            )
        table = trend(made, by, won, out.format)
        return report(session, store, table, out, "reasons", lambda: pictures.reasons(table), words)


def trend(made: Made, by: str, won: bool, format: str) -> Table:
    """A row for each reason with a column for each month or quarter; for programs a row for each of both."""
    from sfa.store.queries.dimensions import Labels

    store, dims = made.store, made.found.dimensions
    found = {k: _count(made.rows.get(k), won) for k in (*made.rows, *made.before)}
    then = {k: _count(o, won) for k, o in made.before.items()}
    labels = [Labels(store, d, {k[i] for k in found}) for i, d in enumerate(dims)]
    keys = ordered(dims, labels, [*found.items()])
    more = {**extra(store, made.span), **versus_of(made.pair), **left_out(made)}
    title = titled(heading(store, "Reasons of won deals" if won else "Reasons of lost deals", made.span, by), made.pair)
    notes = [say("{undated:,} closed without a closed date: in no period", undated=made.found.undated)] if made.found.undated else []
    whole, before = _sums(found, 1), _sums(then, 1)
    if format not in PEOPLE:
        name = "won" if won else "lost"
        figures = [Figure(f"{name}_count", "count"), Figure("share", "ratio"), Figure(f"{name}_amount", "money")]
        compared = [Figure(f"before_{name}_count", "count"), *COMPARED[1:]]
        rows = [{**labelled(dims, labels, k), f"{name}_count": found[k], f"{name}_amount": _amount(made.rows.get(k), won)} for k in keys]
        cells = [(found[k], whole[k[1]], then.get(k, 0), before.get(k[1], 0)) for k in keys]
        for row, own in zip(rows, _shares(cells), strict=True):
            row |= {**own, f"before_{name}_count": own["before_count"]}
        return Table(columns(dims, format), with_before(figures, compared, made.pair, False), rows, None, store.currency, title, [], more)
    times = sorted({k[1] for k in made.rows})
    figures = [Figure(str(t), "words", t.name, drop=len(times) - i) for i, t in enumerate(times)]
    figures = with_before([*figures, Figure("total", "count", "Total")], COMPARED, made.pair, True)
    own, old, rows = _sums(found, 0), _sums(then, 0), []
    shares = _shares([(own[r], sum(own.values()), old.get(r, 0), sum(old.values())) for r in dict.fromkeys(k[0] for k in keys)])
    for first, compared_cells in zip(dict.fromkeys(k[0] for k in keys), shares, strict=True):
        counts = {t: found[first, t] for t in times if (first, t) in made.rows}
        parts: dict[str, Any] = {str(t): f"{counts[t]:,} {counts[t] / whole[t] * 100:3.0f} %" if t in counts else "" for t in times}
        rows.append({**labelled(dims[:1], labels[:1], (first,)), **parts, "total": own[first], "counts": counts, **compared_cells})
    total: dict[str, Any] = {**{str(t): f"{whole[t]:,}      " for t in times}, "total": sum(whole.values())}
    notes += chance_notes(rows)
    return Table([(dims[0].name, "")], figures, rows, total, store.currency, title, notes, more, mark=change_marked)


def _sums(counts: Mapping[Key, int], at: int) -> dict[Any, int]:
    """The deals by one part of their key."""
    out: dict[Any, int] = {}
    for key, n in counts.items():
        out[key[at]] = out.get(key[at], 0) + n
    return out


def _shares(cells: Sequence[tuple[int, int, int, int]]) -> list[dict[str, Any]]:
    """Of (deals, of all, deals before, of all before) each: the shares, and how far they changed."""
    from sfa.sales.statistics import difference, ratio

    changes = [difference(*c) for c in cells]
    tests = tested(changes)
    return [
        {"share": ratio(n, whole), "before_count": then, "before_share": ratio(then, before), **change_cells(change, tests, change)}
        for (n, whole, then, before), change in zip(cells, changes, strict=True)
    ]


def _amount(o: Outcomes | None, won: bool) -> int:
    return 0 if o is None else o.won_amount if won else o.lost_amount


def _count(o: Outcomes | None, won: bool) -> int:
    return 0 if o is None else o.won_count if won else o.lost_count
