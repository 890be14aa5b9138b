"""The forecast of a period: quota, closed, commit, best case, pipeline, weighted, attainment, gap and coverage, by any dimension."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.session import Session
from sfa.commands.tables import (
    By,
    Figure,
    Filters,
    PeriodOption,
    Table,
    apart,
    asked,
    extra,
    heading,
    labelled,
    ordered,
    period_of,
    record_of,
    write,
)

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.sales.rollup import Forecast, Row
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Counted

MACHINE = (
    Figure("quota", "money", "Quota", drop=2),
    Figure("closed", "money", "Closed"),
    Figure("commit", "money", people=False),
    Figure("most_likely", "money", people=False),
    Figure("best_case", "money", people=False),
    Figure("pipeline", "money", people=False),
    Figure("cumulative", "object", people=False),
    Figure("cumulative_commit", "money", "Commit"),
    Figure("cumulative_most_likely", "money", "Most likely", drop=7),
    Figure("cumulative_best_case", "money", "Best case"),
    Figure("cumulative_open_pipeline", "money", "Open pipeline", drop=3),
    Figure("weighted", "money", "Weighted", drop=5),
    Figure("attainment", "ratio", "Attainment", drop=1),
    Figure("gap", "money", "Gap", drop=6),
    Figure("coverage", "times", "Coverage", drop=4),
    Figure("overdue", "money", people=False),
    Figure("undated", "money", people=False),
    Figure("due_before", "money", people=False),
    Figure("closed_at_plan_rate", "money", people=False),
    Figure("counts", "object", people=False),
)
SINGLE = {"commit": "Commit", "most_likely": "Most likely", "best_case": "Best case", "pipeline": "Pipeline"}
CUMULATIVE = ("cumulative_commit", "cumulative_most_likely", "cumulative_best_case", "cumulative_open_pipeline")


def command(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: By = "rep",
    cumulative: Annotated[
        bool, typer.Option("--cumulative/--single", help="Columns that include what is surer (the default), or each category alone.")
    ] = True,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Print the forecast of a period with quotas and attainment.

    Closed deals count by their closed date, open ones by their expected close. Cumulative columns: Commit = closed + commit; Best case
    = Commit + most likely + best case; Open pipeline = all that is open. Gap = quota - closed; Coverage = open pipeline / gap. By rep
    a manager's line adds up own deals and all reports below. The period is this quarter unless given.

    Examples:
      sfa forecast --period 2026-Q4
      sfa forecast --period 2026-Q4 --by product source:web --single --format json
    """
    from sfa.sales.rollup import forecast
    from sfa.store.queries import forecast as query
    from sfa.store.queries.scope import snapshot

    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period)
        found = query.counted(store, by, span, asked(store, words))
        found = found._replace(dimensions=apart(found.dimensions, MACHINE))
        names = [d.name for d in found.dimensions]
        made = forecast(names, found.groups, found.people, found.quotas, span, query.fiscal(store, span))
        write(store, _table(store, found, made, span, by, cumulative, chosen), chosen)


command.words = True  # type: ignore[attr-defined]


def _table(store: Store, found: Counted, made: Forecast, span: Period, by: str, cumulative: bool, format: str) -> Table:
    from sfa.store.queries.dimensions import Labels

    dims = found.dimensions
    labels = [Labels(store, d, {r.key[i] for r in made.rows}) for i, d in enumerate(dims)]
    lines = made.slicer.lines
    weights = [(r.key, r.figures.closed + r.figures.commit + r.figures.best_case + r.figures.most_likely) for r in made.rows]
    by_key = {r.key: r for r in made.rows}
    rows, nested = [], store.currency if format in ("json", "ndjson") else ""
    for key in ordered(dims, labels, weights, lines.order):
        cells = _cells(by_key[key], nested)
        rows.append({**labelled(dims, labels, key), **_place(found, made, dims[0].name, key[0]), **cells})
    total = _cells(made.total, nested)
    more = {**extra(store, span, found.rates), **_more(store, found, made)}
    columns = [(d.name, record_of(d)) for d in dims]
    if dims[0].name == "rep":
        columns += [("manager", "user")] if "manager" not in (d.name for d in dims) else []
    what = heading(store, "Forecast", span, by, found.rates)
    figures = _figures(made, cumulative, format)
    table = Table(columns, figures, rows, total, store.currency, what, _notes(found, made, store, span), more, mark=_met)
    if format in ("table", "md", "html"):
        tree = _tree(found, made, rows) if made.managers else None
        table = table._replace(dimensions=[(d.name, "") for d in dims], people_rows=tree)
    return table


def _figures(made: Forecast, cumulative: bool, format: str) -> list[Figure]:
    """The figures of a format: programs get all of them, people those of the view they chose; most likely only when it is used."""
    figures = [f for f in MACHINE if f.type != "object"] if format in ("tsv", "csv") else [*MACHINE]
    if format in ("json", "ndjson"):
        figures = [f for f in figures if f.name not in CUMULATIVE]
    if made.slicer.names[0] in ("rep", "manager"):
        figures.insert(0, Figure("level", "count", people=False))
    if not cumulative:
        seen = {f.name for f in figures if f.people} - {*CUMULATIVE} | {*SINGLE}
        figures = [f._replace(people=f.name in seen, label=SINGLE.get(f.name, f.label)) for f in figures]
    if not made.total.figures.n_most_likely:
        figures = [f._replace(people=f.people and f.name not in ("most_likely", "cumulative_most_likely")) for f in figures]
    if made.total.target is None or made.total.target.quota is None:
        figures = [f._replace(people=f.people and f.name not in ("quota", "attainment", "gap", "coverage")) for f in figures]
    return figures


def _cells(row: Row, currency: str = "") -> dict[str, Any]:
    """The figures of a row by name: amounts in minor units, rates as fractions of 1; with a currency also what JSON nests."""
    from sfa.sales import forecast as rules

    f, t = row.figures, row.target or rules.Target()
    c = rules.cumulative(f)
    gap = rules.gap(t)
    out = f._asdict()
    out |= {"quota": t.quota, "attainment": rules.attainment(t), "gap": gap, "coverage": rules.coverage(t, c.open_pipeline)}
    out |= {"met": gap is not None and gap <= 0, "due_before": f.before, "closed_at_plan_rate": f.plan}
    out |= zip(CUMULATIVE, c, strict=True)
    if currency:
        nested = {name: _plain(Figure(name, "money"), value, currency) for name, value in c._asdict().items()}
        counts = {n: out["n_" + n] for n in (*rules.SINGLE, "omitted", "overdue", "undated")}
        out |= {"cumulative": nested, "counts": counts | {"due_before": f.n_before, "without_amount": f.n_blank}}
    return out


def _place(found: Counted, made: Forecast, name: str, value: Any) -> dict[str, Any]:
    """Where a person stands: level (0 at the top) and manager."""
    if name not in ("rep", "manager"):
        return {}
    lines = made.slicer.lines
    over = lines.manager.get(value or 0)
    return {
        "level": lines.level.get(value or 0, 0),
        **({"manager": found.people[over].name if over else None, "manager#": over} if name == "rep" else {}),
    }


def _tree(found: Counted, made: Forecast, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of reps under their managers: each manager's subtotal, then the manager's own deals and everyone below, indented."""
    lines, by_rep = made.slicer.lines, {r["rep#"]: r for r in rows}
    out = []
    for person in lines.order:
        indent = "  " * lines.level[person]
        own = by_rep.get(person or None)
        if person in made.managers:
            out.append({"rep": indent + found.people[person].name, **_cells(made.managers[person])})
            if own:
                out.append({**own, "rep": f"{indent}  {own['rep']} (own)"})
        elif own:
            out.append({**own, "rep": indent + (own["rep"] or "(none)")})
    return out


def _met(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return "met" if figure.name == "coverage" and row.get("met") else shown


def _notes(found: Counted, made: Forecast, store: Store, span: Period) -> list[str]:
    """The memo lines: what is in the columns and late, what is in none of them, who has no quota."""
    from sfa.sales.money import human

    f, target = made.total.figures, made.total.target
    notes = []
    for what, n, amount in (
        ("Of which overdue (expected close has passed)", f.n_overdue, f.overdue),
        ("Due before the period and still open, in no column", f.n_before, f.before),
        ("Open without an expected close, in no column", f.n_undated, f.undated),
    ):
        if n:
            notes.append(f"{what}: {n:,} deal{'s' if n != 1 else ''}, {human(amount, store.currency)}")
    if f.n_blank:
        notes.append(f"Deals without an amount, counted as 0: {f.n_blank:,}")
    if target is not None and target.quota is not None:
        if target.without:
            amount = f.plan - target.counted
            people = "1 person" if len(target.without) == 1 else f"{len(target.without):,} people"
            notes.append(f"Without quota: {people}, closed {human(amount, store.currency)} (not in attainment, gap and coverage)")
        if f.plan != f.closed:
            notes.append(f"Closed at the rates of the period's first day, as attainment and gap take it: {human(f.plan, store.currency)}")
        notes += _over_assigned(found, made, store)
        notes += _in_part(found, span)
    return notes


def _in_part(found: Counted, span: Period) -> list[str]:
    """Who has a quota for a part of the period only, so that their attainment compares unlike things."""
    from sfa.sales.forecast import in_part

    who = [
        found.people[p].name for p, quotas in (found.quotas or {}).items() if p in found.people and in_part(quotas, span.start, span.end)
    ]
    if not who:
        return []
    some = ", ".join(who[:5]) + (f" and {len(who) - 5} more" if len(who) > 5 else "")
    return [f"Quota for a part of the period only, closed for all of it: {some} (their attainment is too high)"]


def _over_assigned(found: Counted, made: Forecast, store: Store) -> list[str]:
    from sfa.sales.forecast import over_assigned
    from sfa.sales.money import human

    out = []
    for person in made.managers:
        both = over_assigned(made.slicer.lines, made.assigned, person)
        if both and both[0] and both[0] != both[1]:
            share = both[1] / both[0] - 1
            out.append(
                f"{found.people[person].name}: quota {human(both[0], store.currency)}, assigned to reports"
                f" {human(both[1], store.currency)} ({share * 100:+.1f} %)"
            )
    return out


def _more(store: Store, found: Counted, made: Forecast) -> dict[str, Any]:
    """What JSON has beside rows and total: managers' subtotals, and the memo of people without a quota."""
    from sfa.sales.money import text
    from sfa.sales.refs import show

    target = made.total.target
    out: dict[str, Any] = {}
    if target is not None and target.quota is not None:
        amount = made.total.figures.plan - target.counted
        out["without_quota"] = {
            "people": [found.people[p].name if p else None for p in target.without],
            "closed": {"amount": text(amount, store.currency), "currency": store.currency},
        }
    if not made.managers:
        return out
    figures = [f for f in _figures(made, True, "json") if f.name != "level"]
    out["managers"] = []
    for person, row in made.managers.items():
        cells = _cells(row, store.currency)
        own = {f.name: _plain(f, cells.get(f.name), store.currency) for f in figures}
        place = {"level": made.slicer.lines.level[person]}
        out["managers"].append({"manager": found.people[person].name, "manager_ref": show("user", person, store.site), **place, **own})
    return out


def _plain(figure: Figure, value: Any, currency: str) -> Any:
    from sfa.sales.money import text

    return {"amount": text(value, currency), "currency": currency} if figure.type == "money" and value is not None else value
