"""What reports say of leads with --leads: how far they came, and how soon they were answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sfa.commands.report.sliced import PEOPLE_READ
from sfa.commands.tables import Figure, Table, extra, heading, labelled, ordered, record_of
from sfa.sales.durations import NINETY

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.sales.touches import Leading
    from sfa.store.database import Store

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
WEAKNESS = "* fewer than 30 leads: a weak figure"


def funnel(store: Store, by: str, span: Period, words: Sequence[str] | None, format: str) -> Table:
    """Leads created in a period, how many were ever qualified, converted, and won as deals."""
    return _table(store, by or "source", span, words, format, FUNNEL, "Leads", _funnel)


def answered(store: Store, by: str, span: Period, words: Sequence[str] | None, format: str) -> Table:
    """Leads created in a period and the days until the first activity on each."""
    return _table(store, by or "source", span, words, format, ANSWERED, "Response to leads", _answered)


def _table(
    store: Store, by: str, span: Period, words: Sequence[str] | None, format: str, figures: Sequence[Figure], what: str, cells: Any
) -> Table:
    from sfa.sales import filters
    from sfa.sales.touches import Leading
    from sfa.store.queries import touches as query
    from sfa.store.queries.dimensions import Labels

    dimension = query.lead_dimension(store, by)
    conditions = filters.parse([*(words or [])], store.kinds["lead"], store.kinds)
    made: dict[tuple[Any, ...], Leading] = {}
    total = Leading()
    for group in query.leads(store, dimension.name, span, conditions):
        total.add(*group[1:])
        made.setdefault((None if group.value == "" else group.value,), Leading()).add(*group[1:])
    labels = [Labels(store, dimension, {k[0] for k in made})]
    keys = ordered([dimension], labels, [(k, float(x.leads)) for k, x in made.items()])
    rows = [{**labelled([dimension], labels, k), **cells(made[k])} for k in keys]
    notes = [WEAKNESS] if any(r["weak"] for r in rows) else []
    if total.undated:
        notes.append(f"{total.undated:,} leads without a day of creation: not in the days")
    more = {**extra(store, span), "left_out": {"leads_without_date": total.undated}}
    people = format in PEOPLE_READ
    dims = [(dimension.name, "" if people else record_of(dimension))]
    title = heading(store, what, span, dimension.name)
    return Table(dims, figures, rows, cells(total), store.currency, title, notes, more, mark=_starred if people else None)


def _funnel(x: Leading) -> dict[str, Any]:
    from sfa.sales.statistics import WEAK, ratio, wilson

    low, high = wilson(x.converted, x.leads) or (None, None)
    out: dict[str, Any] = {n: getattr(x, n) for n in ("leads", "qualified", "converted", "won", "disqualified")}
    out |= {"qualified_rate": ratio(x.qualified, x.leads), "conversion": ratio(x.converted, x.leads), "won_rate": ratio(x.won, x.leads)}
    return {**out, "conversion_low": low, "conversion_high": high, "weak": x.leads < WEAK}


def _answered(x: Leading) -> dict[str, Any]:
    from sfa.sales.statistics import WEAK, median, percentile, ratio

    n = sum(x.answers.values())
    rate, days = ratio(n, x.leads), {"median_days": median(x.answers), "p90_days": percentile(x.answers, NINETY)}
    return {"leads": x.leads, "answered": n, "answered_rate": rate, **days, "same_day": x.answers.get(0, 0), "weak": x.leads < WEAK}


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    marked = figure.name in ("conversion", "won_rate", "answered_rate", "median_days", "p90_days")
    return shown + "*" if marked and row.get("weak") and row.get(figure.name) is not None else shown
