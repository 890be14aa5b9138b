"""`sfa report activity`: how often deals are touched, won against lost, and how soon leads are answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import (
    Explain,
    Versus,
    against,
    before,
    change_marked,
    columns,
    explained,
    titled,
    versus_of,
    with_before,
)
from sfa.commands.report.sliced import PEOPLE_READ, OneBy, in_order, one, slices
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, apart, asked, extra, heading, limited, period_of, write
from sfa.messages import say
from sfa.sales.kinds import ACTIVITY_KINDS

if TYPE_CHECKING:
    from sfa.sales.touches import Touching
    from sfa.store.database import Store
    from sfa.store.queries.touches import Touches

USUAL_KINDS = 4
"""The first kinds of activities have columns always, the others where somebody logged some."""


def plural(kind: str) -> str:
    """calls, emails, faxes, web."""
    return {"fax": "faxes", "web": "web"}.get(kind, kind + "s")


FIGURES = (
    Figure("deals", "count", "Deals"),
    Figure("touched", "count", "Touched", drop=1),
    Figure("touches", "count", "Touches", drop=2),
    Figure("touches_per_deal", "number", "A deal"),
    Figure("touches_median", "number", "Median"),
    *(Figure(f"{word}_per_deal", "number", word.capitalize(), drop=3 + i) for i, word in enumerate(map(plural, ACTIVITY_KINDS))),
    Figure("silent_median_days", "days", "Silent days"),
    Figure("silent_p90_days", "days", "90 % within", drop=1),
    Figure("weak", "bool", people=False),
)
COMPARED = (
    Figure("before_deals", "count", people=False),
    Figure("before_touches_per_deal", "number", "A deal before"),
    Figure("change", "number", "Change"),
)


@with_filters
def activity(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: OneBy = "",
    leads: Annotated[bool, typer.Option("--leads", help="How soon leads were answered instead; filters and --by are of leads.")] = False,
    versus: Versus = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report how often deals are touched, won against lost, and how long open ones are silent.

    A touch is an activity logged on the deal, up to the day it was closed. Won and lost deals count by their closed date (all time without
    --period), open ones as they stand. With --leads: days from a lead's creation to the first activity on it.
    --versus sets the touches a deal of those closed in another period beside them.

    Examples:
      sfa report activity --period 2026 --versus last-year
      sfa report activity --leads --by owner --json
    """
    from sfa.store.queries import touches as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("activity")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span, pair = against(store, period_of(store, period, "all"), versus)
        if leads:
            from sfa.commands.report.leads import answered

            return write(store, limited(answered(store, by, span, pair, words, chosen), words), chosen)
        conditions = asked(store, words)
        found = query.touches(store, one(by, "activity"), span, conditions)
        other = query.touches(store, by, pair.other, conditions) if pair else None
        found = found._replace(dimensions=apart(found.dimensions, (*FIGURES, *COMPARED)))
        rows = _rows(store, found, other)
        title = titled(heading(store, "Activity", span, f"{by},outcome" if by else "outcome"), pair)
        left_out = {"closed_without_date": found.undated}
        notes = ["* fewer than 30 deals: a weak figure"] if any(r["weak"] for r in rows) else []
        notes += [say("{undated:,} closed deals without a closed date: in no period", undated=found.undated)] if found.undated else []
        dims = [*columns(found.dimensions, chosen), ("outcome", "")]
        more = {**extra(store, span), **versus_of(pair), "left_out": left_out}
        figures = with_before(_filled(rows), COMPARED, pair, chosen in PEOPLE_READ)
        table = Table(dims, figures, rows, None, store.currency, title, notes, more)
        return write(store, limited(table, words)._replace(mark=_starred if chosen in PEOPLE_READ else None), chosen)


def _filled(rows: list[dict[str, Any]]) -> tuple[Figure, ...]:
    """The figures, for people without the rarer kinds that nobody logged."""
    rare = {f"{plural(kind)}_per_deal" for kind in ACTIVITY_KINDS[USUAL_KINDS:]}
    return tuple(f._replace(people=f.people and (f.name not in rare or any(r[f.name] for r in rows))) for f in FIGURES)


def _rows(store: Store, found: Touches, other: Touches | None) -> list[dict[str, Any]]:
    from sfa.sales.touches import OUTCOMES, Touching

    by_rows = slices(store, found.dimensions, found.people, [v for v, _ in found.groups], None)
    made, then = _added(store, found), _added(store, other) if other else {}
    keys = dict.fromkeys((*made, *then))
    cells = [(key, float(sum(t.deals for t in made.get(key, {}).values())), key) for key in keys]
    out = []
    for labels, key in in_order(store, found.dimensions, by_rows, cells):
        for name in OUTCOMES:
            row = {**labels, "outcome": name, **_cells(made.get(key, {}).get(name) or Touching())}
            if other:
                # Open deals are of no period: they stand as they do now in both.
                old = None if name == "open" else _cells(then.get(key, {}).get(name) or Touching())
                row |= before(row, old, ("deals", "touches_per_deal"), "touches_per_deal")
            out.append(row)
    return out


def _added(store: Store, found: Touches) -> dict[Any, dict[str, Touching]]:
    """The deals of each slice by outcome."""
    from sfa.sales.touches import Touching

    by_rows = slices(store, found.dimensions, found.people, [v for v, _ in found.groups], None)
    made: dict[Any, dict[str, Touching]] = {} if found.dimensions else {(): {}}
    for values, group in found.groups:
        for key in by_rows.rows_of(values):
            made.setdefault(key, {}).setdefault(group.outcome, Touching()).add(group.touches, group.silent, group.deals)
    return made


def _cells(t: Touching) -> dict[str, Any]:
    from sfa.sales.statistics import WEAK, mean, median, percentile, ratio

    out: dict[str, Any] = {"deals": t.deals, "touched": t.touched, "touches": sum(t.by_kind), "touches_per_deal": mean(t.counts)}
    out["touches_median"] = median(t.counts)
    out |= {f"{plural(kind)}_per_deal": ratio(n, t.deals) for kind, n in zip(ACTIVITY_KINDS, t.by_kind, strict=True)}
    return {**out, "silent_median_days": median(t.silent), "silent_p90_days": percentile(t.silent, 90), "weak": 0 < t.deals < WEAK}


def _starred(row: dict[str, Any], figure: Figure, shown: str) -> str:
    value = row.get(figure.name)
    if value is None:
        open_only, closed_only = figure.name.startswith("silent"), figure.name in ("before_touches_per_deal", "change")
        return "" if (closed_only if row.get("outcome") == "open" else open_only) else "–"
    if figure.name == "change":
        return change_marked(row, figure, shown)
    if figure.type == "number":
        shown = f"{value:.1f}"
    return shown + "*" if figure.name in ("touches_per_deal", "silent_median_days") and row.get("weak") else shown
