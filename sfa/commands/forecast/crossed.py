"""A forecast of two dimensions as a cross table: rows of the one, columns of the other, one figure in the cells. Row totals, column totals
and the corner are forecasts of their own, so that they hold for figures that do not add up, such as attainment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sfa.commands.forecast.table import CUMULATIVE, SINGLE, View, figures_of, heading_of, human, in_unit
from sfa.commands.tables import Figure, Table, extra, labelled, ordered
from sfa.errors import UsageError
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.sales.goals import Forecast

FIGURES = {
    "quota": Figure("quota", "money", "quota"),
    "closed": Figure("closed", "money", "closed"),
    "commit": Figure("cumulative_commit", "money", "commit"),
    "most_likely": Figure("cumulative_most_likely", "money", "most likely"),
    "best_case": Figure("cumulative_best_case", "money", "best case"),
    "open_pipeline": Figure("cumulative_open_pipeline", "money", "open pipeline"),
    "weighted": Figure("weighted", "money", "weighted"),
    "attainment": Figure("attainment", "ratio", "attainment"),
    "gap": Figure("gap", "money", "gap"),
    "coverage": Figure("coverage", "times", "coverage"),
    "overdue": Figure("overdue", "money", "overdue"),
}
"""What the cells of a cross table, and --explain, call the figures."""


def figure_called(name: str, cumulative: bool = True) -> Figure:
    """The figure that a person names. Raises UsageError with the list."""
    import difflib

    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    wanted = {"best": "best_case", "likely": "most_likely", "pipeline": "open_pipeline" if cumulative else "pipeline"}.get(wanted, wanted)
    if not cumulative and wanted in SINGLE:
        return Figure(wanted, "money", wanted.replace("_", " "))
    if wanted in CUMULATIVE:
        wanted = wanted.removeprefix("cumulative_")
    if wanted not in FIGURES:
        near = difflib.get_close_matches(wanted, FIGURES, 1)
        known = say("Figures: {figures}", figures=together(", ", FIGURES))
        raise UsageError(
            say("a forecast has no figure {name!r}", name=name[:60]),
            say("Did you mean {near!r}? {known}", near=near[0], known=known) if near else known,
        )
    return FIGURES[wanted]


def crossed(view: View, figure: str) -> Table:
    """The cross table of a forecast by two dimensions."""
    from sfa.store.queries.dimensions import Labels

    shown = figure_called(figure, view.cumulative)
    dims = view.found.dimensions
    labels = [Labels(view.store, d, {r.key[i] for r in view.made.rows}) for i, d in enumerate(dims)]
    weights = [(r.key, float(r.figures.closed + r.figures.commit)) for r in view.made.rows]
    keys = ordered(dims, labels, weights, view.made.slicer.lines.order)
    across = list(dict.fromkeys(ordered(dims[1:], labels[1:], [((k[1],), w) for k, w in weights], view.made.slicer.lines.order)))
    heads = {k[0]: labelled(dims[1:], labels[1:], k)[dims[1].name] for k in across}
    columns = {value: f"{i}" for i, value in enumerate(heads)}
    value = {r.key: figures_of(view, r).get(shown.name) for r in view.made.rows}
    by_row, by_column = _alone(view, 0), _alone(view, 1)
    sums = [{r.key[0]: figures_of(view, r).get(shown.name) for r in part.rows} for part in (by_row, by_column)]
    rows = []
    for first in dict.fromkeys(k[0] for k in keys):
        cells = {columns[second]: value.get((first, second)) for second in columns}
        rows.append({**labelled(dims[:1], labels[:1], (first,)), **cells, "total": sums[0].get(first)})
    total = {**{columns[second]: sums[1].get(second) for second in columns}, "total": figures_of(view, view.made.total).get(shown.name)}
    figures = [Figure(name, shown.type, _head(heads[v], view)) for v, name in columns.items()]
    figures.append(Figure("total", shown.type, "Total"))
    if view.format in ("tsv", "csv"):
        names = _apart([f.label for f in figures], {dims[0].name})
        figures = [f._replace(name=n) for f, n in zip(figures, names, strict=True)]
        rows = [{**r, **{n: r.get(key) for n, key in zip(names, (*columns.values(), "total"), strict=True)}} for r in rows]
    title = heading_of(view).replace("\n", f", {shown.label}\n", 1)
    notes = _left_out(view)
    figures = in_unit(view.ask, figures)
    return Table([(dims[0].name, "")], figures, rows, total, view.store.currency, title, notes, extra(view.store, view.ask.period))


def _head(label: Any, view: View) -> str:
    return "(none)" if label is None else str(label).replace("_", " ") if view.found.dimensions[1].name == "category" else str(label)


def _apart(labels: Sequence[str], taken: set[str]) -> list[str]:
    """Names of columns for programs: the labels, numbered where two are the same."""
    out: list[str] = []
    for label in labels:
        name, n = label, 2
        while name in taken:
            name, n = say("{label} ({n})", label=label, n=n), n + 1
        taken.add(name)
        out.append(name)
    return out


def _alone(view: View, at: int) -> Forecast:
    """The same deals by one of the two dimensions."""
    from sfa.sales.goals import forecast
    from sfa.store.queries.forecast import fiscal

    names = [view.found.dimensions[at].name]
    groups = [((values[at],), owner, group) for values, owner, group in view.found.groups]
    return forecast(names, groups, view.found.people, view.found.quotas, view.ask.period, fiscal(view.store, view.ask.period))


def _left_out(view: View) -> list[str]:
    f = view.made.total.figures
    notes = []
    for what, n, amount in (("Due before the period", f.n_before, f.before), ("Without an expected close", f.n_undated, f.undated)):
        if n:
            notes.append(
                say(
                    "{what}, open and in no column: {n:,} deal{s}, {amount}",
                    what=what,
                    n=n,
                    s="s" if n != 1 else "",
                    amount=human(view, amount),
                )
            )
    return notes
