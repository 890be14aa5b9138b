"""What reports say of leads with --leads: how far they came, and how soon they were answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sfa.commands.report.shared import (
    CHANGE,
    before,
    chance_notes,
    change_cells,
    change_marked,
    tested,
    titled,
    versus_of,
    with_before,
)
from sfa.commands.report.sliced import PEOPLE_READ
from sfa.commands.tables import Figure, Table, extra, heading, labelled, ordered, record_of
from sfa.messages import say
from sfa.sales.durations import NINETY

if TYPE_CHECKING:
    from sfa.sales.comparison import Compared
    from sfa.sales.dates import Period
    from sfa.sales.filters import Condition
    from sfa.sales.touches import Leading
    from sfa.store.database import Store
    from sfa.store.queries.dimensions import Dimension

FUNNEL = (
    Figure("leads", "count", "Leads"),
    Figure("qualified", "count", "Qualified"),
    Figure("converted", "count", "Converted"),
    Figure("won", "count", "Won"),
    Figure("qualified_rate", "ratio", "Qualified", people=False),
    Figure("conversion", "ratio", "Conversion"),
    Figure("conversion_low", "ratio", people=False),
    Figure("conversion_high", "ratio", people=False),
    Figure("won_rate", "ratio", "Won of all", drop=1),
    Figure("disqualified", "count", "Disqualified", drop=2),
    Figure("undecided", "count", people=False),
    Figure("weak", "bool", people=False),
)
ANSWERED = (
    Figure("leads", "count", "Leads"),
    Figure("answered", "count", "Answered"),
    Figure("answered_rate", "ratio", "Rate"),
    Figure("median_days", "days", "Median days"),
    Figure("p90_days", "days", "90 % within"),
    Figure("same_day", "count", "Same day", drop=1),
    Figure("weak", "bool", people=False),
)
FUNNEL_COMPARED = (
    Figure("before_leads", "count", people=False),
    Figure("before_converted", "count", people=False),
    Figure("before_undecided", "count", people=False),
    Figure("before_conversion", "ratio", "Before"),
    *CHANGE,
)
ANSWERED_COMPARED = (
    Figure("before_leads", "count", people=False),
    Figure("before_answered", "count", people=False),
    Figure("before_median_days", "days", "Before"),
    Figure("change", "days", "Change"),
)
WEAKNESS = "* fewer than 30 leads: a weak figure"


def funnel(store: Store, by: str, span: Period, pair: Compared | None, words: Sequence[str] | None, format: str) -> Table:
    """Leads created in a period, how many were ever qualified, converted, and won as deals."""
    from sfa.sales.statistics import difference, least_difference

    table = _table(store, by or "source", span, pair, words, format, "Leads", _funnel)
    rows = [*table.rows, table.total or {}]
    if pair:
        changes = [difference(r["converted"], r["leads"], r["before_converted"], r["before_leads"]) for r in rows]
        tests = tested(changes[:-1])
        for i, (r, change) in enumerate(zip(rows, changes, strict=True)):
            now, then = ([r[start + n] for n in ("converted", "leads", "undecided")] for start in ("", "before_"))
            r |= change_cells(change, tests if i < len(rows) - 1 else 1, least_difference(*now, *then))
    figures = with_before(FUNNEL, FUNNEL_COMPARED, pair, format in PEOPLE_READ)
    notes = [*table.notes, *chance_notes(rows, "leads")]
    if any(r.get("before_undecided") or (pair and r.get("undecided")) for r in rows):
        notes.append("Open leads may yet be converted, and earlier ones had longer to: ! only where it stays whatever becomes of them")
    return table._replace(figures=figures, notes=notes)


def answered(store: Store, by: str, span: Period, pair: Compared | None, words: Sequence[str] | None, format: str) -> Table:
    """Leads created in a period and the days until the first activity on each."""
    table = _table(store, by or "source", span, pair, words, format, "Response to leads", _answered)
    return table._replace(figures=with_before(ANSWERED, ANSWERED_COMPARED, pair, format in PEOPLE_READ))


def _table(
    store: Store, by: str, span: Period, pair: Compared | None, words: Sequence[str] | None, format: str, what: str, cells: Any
) -> Table:
    """The leads as rows without figures; beside them, where they are compared, those of the other period as `before_…`."""
    from sfa.sales.touches import Leading
    from sfa.store import filtering
    from sfa.store.queries import touches as query
    from sfa.store.queries.dimensions import Labels

    dimension = query.lead_dimension(store, by)
    conditions = filtering.conditions(store, words, store.kinds["lead"])
    made, total = _added(store, dimension, span, conditions)
    then, total_then = _added(store, dimension, pair.other, conditions) if pair else ({}, Leading())
    found = {k: made.get(k, Leading()) for k in (*made, *then)}
    labels = [Labels(store, dimension, {k[0] for k in found})]
    keys = ordered([dimension], labels, [(k, float(x.leads)) for k, x in found.items()])

    def compared(now: Leading, old: Leading) -> dict[str, Any]:
        shown = cells(now)
        return {**shown, **before(shown, cells(old), BEFORE[cells], BEFORE[cells][-1])} if pair else shown

    rows = [{**labelled([dimension], labels, k), **compared(found[k], then.get(k, Leading()))} for k in keys]
    notes = [WEAKNESS] if any(r["weak"] for r in rows) else []
    if total.undated:
        notes.append(say("{undated:,} leads without a day of creation: not in the days", undated=total.undated))
    more = {**extra(store, span), **versus_of(pair), "left_out": {"leads_without_date": total.undated}}
    people = format in PEOPLE_READ
    dims = [(dimension.name, "" if people else record_of(dimension))]
    title = titled(heading(store, what, span, dimension.name), pair)
    return Table(dims, (), rows, compared(total, total_then), store.currency, title, notes, more, mark=_starred if people else None)


def _added(store: Store, dimension: Dimension, span: Period, conditions: list[Condition]) -> tuple[dict[tuple[Any, ...], Leading], Leading]:
    """The leads of a period by row, and all together."""
    from sfa.sales.touches import Leading
    from sfa.store.queries import touches as query

    made: dict[tuple[Any, ...], Leading] = {}
    total = Leading()
    for group in query.leads(store, dimension.name, span, conditions):
        total.add(*group[1:])
        made.setdefault((None if group.value == "" else group.value,), Leading()).add(*group[1:])
    return made, total


def _funnel(x: Leading) -> dict[str, Any]:
    from sfa.sales.statistics import WEAK, ratio, wilson

    low, high = wilson(x.converted, x.leads) or (None, None)
    out: dict[str, Any] = {n: getattr(x, n) for n in ("leads", "qualified", "converted", "won", "disqualified")}
    out |= {"qualified_rate": ratio(x.qualified, x.leads), "conversion": ratio(x.converted, x.leads), "won_rate": ratio(x.won, x.leads)}
    undecided = x.leads - x.converted - x.disqualified
    return {**out, "undecided": undecided, "conversion_low": low, "conversion_high": high, "weak": x.leads < WEAK}


def _answered(x: Leading) -> dict[str, Any]:
    from sfa.sales.statistics import WEAK, median, percentile, ratio

    n = sum(x.answers.values())
    rate, days = ratio(n, x.leads), {"median_days": median(x.answers), "p90_days": percentile(x.answers, NINETY)}
    return {"leads": x.leads, "answered": n, "answered_rate": rate, **days, "same_day": x.answers.get(0, 0), "weak": x.leads < WEAK}


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    marked = figure.name in ("conversion", "won_rate", "answered_rate", "median_days", "p90_days")
    return shown + "*" if marked and row.get("weak") and row.get(figure.name) is not None else change_marked(row, figure, shown)


BEFORE = {_funnel: ("leads", "converted", "undecided", "conversion"), _answered: ("leads", "answered", "median_days")}
"""Figures of the other period beside a row; the last one's change is told."""
