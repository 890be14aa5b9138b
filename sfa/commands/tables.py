"""What all reports share: their options, headings and order, and their sheets for people and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.session import view
from sfa.languages import spoken
from sfa.messages import say, together
from sfa.sales.sheets import Column, Sheet, column
from sfa.wrapping import cell_width

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.sales.filters import Condition
    from sfa.store.database import Store
    from sfa.store.queries.dimensions import Dimension
    from sfa.store.queries.rates import Rate

Filters = Annotated[list[str] | None, typer.Argument(metavar="[FILTER]...", show_default=False)]
PeriodOption = Annotated[str, typer.Option("--period", "-p", metavar="PERIOD", help="2026-Q4, FY26-Q1, 'last quarter', ytd, A..B, all.")]
By = Annotated[
    str,
    typer.Option(
        "--by",
        metavar="A[,B]",
        help="Slice by rep, manager, team, region, product, family, month, quarter, stage, source, industry, … or any field; two at most.",
    ),
]
NONE = "(none)"
LABEL = 30
"""A longer name is rather cut on a terminal than that a figure goes for want of room."""


class Figure(NamedTuple):
    """One figure of a report. `type` is money, deals (hundredths of them), ratio, signed (a ratio with its sign), points (the difference of
    two ratios), times, count, days, bool, object, words (beside numbers) or text; `people` whether people see it; the higher `drop`, the
    sooner it goes where a terminal is narrow (0 stays)."""

    name: str
    type: str
    label: str = ""
    people: bool = True
    drop: int = 0


class Table(NamedTuple):
    """A report before it is written. Rows and total are dicts of figures by name; of dimension d a row holds its label as d (None for
    blank) and, where it is a record, the id as d + '#'. `people_rows` replaces the rows for people (a tree with subtotals); with `wrap`
    their long texts go over several lines of a terminal."""

    dimensions: Sequence[tuple[str, str]]
    figures: Sequence[Figure]
    rows: Sequence[dict[str, Any]]
    total: dict[str, Any] | None
    currency: str
    title: str
    notes: Sequence[str]
    extra: dict[str, Any]
    people_rows: Sequence[dict[str, Any]] | None = None
    mark: Callable[[dict[str, Any], Figure, str], str] | None = None
    wrap: bool = False


def limited(table: Table, words: Sequence[str] | None) -> Table:
    """The table with a line above it that says which filters it is limited to."""
    return table._replace(title=together("\n", [table.title, say("Only {words}", words=together(", ", words))])) if words else table


def write(store: Store, table: Table, format: str) -> None:
    """Write a report to stdout in a format."""
    if format in ("table", "md", "html"):
        # A long table is not drawn by rich: nothing in it is cut, and its heads are single lines.
        drawn = format == "table" and len(table.people_rows or table.rows) <= output.RICH_ROWS
        data = for_people(table, output.width() if drawn else 100_000)
    else:
        data = for_programs(table, null=format in ("json", "ndjson"))
    output.sheet(data, view(store, format), as_report=format == "json")


# For programs -----------------------------------------------------------------------------------------------------------------------


def for_programs(table: Table, null: bool) -> Sheet:
    """The sheet with every figure exactly; blank values of dimensions are null or (none)."""
    columns: list[Column] = []
    names: list[str] = []
    for name, to in table.dimensions:
        at = len(names)
        names.append(name)
        if to:
            names.append(name + "#")
        columns.append(column(name, "ref" if to else "text", at, at + 1 if to else -1, to=to))
    end = len(names) + len(table.figures)
    columns += [
        column(
            f.name,
            {"times": "ratio", "signed": "ratio", "points": "ratio", "deals": "number"}.get(f.type, f.type),
            len(names) + i,
            end if f.type == "money" else -1,
        )
        for i, f in enumerate(table.figures)
    ]

    figures, ids = [f.name for f in table.figures], [n.endswith("#") for n in names]
    deals = [i for i, f in enumerate(table.figures) if f.type == "deals"]

    def cells(row: dict[str, Any], blank: str | None) -> tuple[Any, ...]:
        labels = [blank if v is None and not is_id else v for v, is_id in zip(map(row.get, names), ids, strict=True)]
        found = [*map(row.get, figures)]
        for i in deals:
            found[i] = quantity(found[i])
        return (*labels, *found, table.currency)

    rows = (cells(r, None if null else NONE) for r in table.rows)
    total = None if table.total is None else cells(table.total, None)
    return Sheet(columns, rows, total, extra=table.extra)


# For people -------------------------------------------------------------------------------------------------------------------------


def for_people(table: Table, width: int) -> Sheet:
    """The sheet in words: whole amounts where they fit `width`, else short ones (1.2m), else without the least important figures."""
    figures = [f for f in table.figures if f.people]
    rows = [*(table.rows if table.people_rows is None else table.people_rows)]
    cents = any(
        isinstance(r.get(f.name), int) and r[f.name] % 100 for f in figures if f.type == "money" for r in (*rows, table.total or {})
    )
    notes = [*table.notes]
    grid = _grid(table, figures, rows, False, cents)
    labels = len(table.dimensions)
    short = _wide(grid, labels) > width
    if short:
        grid = _grid(table, figures, rows, True, cents)
    dropped: list[str] = []
    while _wide(grid, labels) > width and any(f.drop for f in figures):
        least = max(figures, key=lambda f: f.drop)
        figures.remove(least)
        if least.label.strip():
            dropped.append(spoken(least.label.strip(), "column"))
        grid = _grid(table, figures, rows, True, cents)
    if dropped and (rows or table.total is not None):
        notes.append(say("Not shown for want of room: {dropped}.", dropped=together(", ", reversed(dropped))))
    columns = [column(h, t, i, label=h) for i, (h, t) in enumerate(_heads(table, figures, short))]
    body, total = (grid[1:], None) if table.total is None else (grid[1:-1], grid[-1])
    return Sheet(columns, body, total, table.title, None, tuple(notes), table.wrap)


def _grid(table: Table, figures: Sequence[Figure], rows: Iterable[dict[str, Any]], compact: bool, cents: bool) -> list[tuple[str, ...]]:
    """The head, the rows and the total as texts."""

    def cells(row: dict[str, Any], total: bool) -> tuple[str, ...]:
        labels = [say("Total") if total and not i else "" if total else label_of(row, n) for i, (n, _) in enumerate(table.dimensions)]
        shown = [(f, worded(f, row.get(f.name), table.currency, compact, cents)) for f in figures]
        return (*labels, *(table.mark(row, f, s) if table.mark else s for f, s in shown))

    return [
        tuple(h for h, _ in _heads(table, figures, compact)),
        *(cells(r, False) for r in rows),
        *([] if table.total is None else [cells(table.total, True)]),
    ]


def _heads(table: Table, figures: Sequence[Figure], compact: bool) -> list[tuple[str, str]]:
    """(head, type) of every column; where room is short the words of a head stand on lines of their own."""
    heads = [(n.replace("_", " "), "text") for n, _ in table.dimensions] + [
        (f.label or f.name, "text" if f.type == "text" else "number") for f in figures
    ]
    # Each word of a heading may stand on a line of its own; one in another language is short.
    return [(spoken(h, "column").strip().replace(" ", "\n"), t) for h, t in heads] if compact else heads


def label_of(row: dict[str, Any], name: str) -> str:
    """What the row is called in one of its dimensions."""
    label = row.get(name)
    return NONE if label is None else str(label).replace("_", " ") if name == "category" else str(label)


def worded(f: Figure, value: Any, currency: str, compact: bool, cents: bool) -> str:
    """A figure for a person; the currency stands in the heading. Without `cents` amounts are rounded to whole units, half to even."""
    if value is None:
        return "–" if f.type in ("ratio", "times", "days", "signed", "points") else ""
    if isinstance(value, str):
        return value
    if f.type == "money":
        from sfa.sales import money

        if compact:
            return money.short(value, currency)
        if not cents:
            return f"{money.half_even(value, 10 ** money.exponent(currency)):,}"
        whole, _, rest = money.text(value, currency).partition(".")
        return f"{'-' if value < 0 else ''}{abs(int(whole)):,}{'.' + rest if rest else ''}"
    if f.type == "deals":
        return f"{quantity(value):,}"
    if f.type == "signed":
        return f"{value * 100:+.1f} %"
    if f.type == "points":
        return f"{value * 100:+.1f}"
    if f.type == "ratio":
        return f"{value * 100:.1f} %"
    if f.type == "times":
        return f"{value:.1f}×"
    return f"{value:.1f}" if f.type == "days" else f"{value:,}"


def quantity(hundredths: int | None) -> int | float | None:
    """A number of deals from hundredths of deals; weighted counts have a part."""
    if hundredths is None:
        return None
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100


def _wide(grid: Sequence[tuple[str, ...]], labels: int) -> int:
    """Columns that a sheet takes; of its `labels` first ones, which can be cut, no more than LABEL each."""
    wide = [max(cell_width(line) for cell in c for line in cell.split("\n")) for c in zip(*grid, strict=True)]
    return sum(min(w, LABEL) if i < labels else w for i, w in enumerate(wide)) + 2 * len(wide) - 2


# Shared by reports ------------------------------------------------------------------------------------------------------------------


def period_of(store: Store, text: str, default: str = "") -> Period:
    """The period asked for, read on the day that the report speaks of; without one `default`, else the quarter in progress."""
    from sfa.sales.dates import parse_period
    from sfa.store.queries import scope

    return parse_period(text or default, scope.calendar(store)) if text or default else scope.default_period(store)


def asked(store: Store, words: Sequence[str] | None) -> list[Condition]:
    """The conditions on a report's deals. Raises UsageError for a bare period, which as a text would find nothing."""
    from sfa.errors import BadValue, UsageError
    from sfa.sales import filters
    from sfa.sales.dates import parse_period
    from sfa.store import filtering

    kind = store.kinds["opportunity"]
    found = filtering.conditions(store, words, kind)
    for word in words or []:
        if not filters.is_condition(word, kind):
            try:
                parse_period(word, store.calendar)
            except BadValue:
                continue
            raise UsageError(
                say("{word!r} is a period, not a filter", word=word),
                say("Give it as --period {word!r}; deals with this text: 'text~{word}'", word=word),
            )
    return found


def extra(store: Store, period: Period, rates: Sequence[Rate] = ()) -> dict[str, Any]:
    """What stands beside the rows in JSON. The period is half-open; `rates` are those that open deals were converted at."""
    from sfa.sales.moments import stamp_text
    from sfa.store.queries import scope

    return {
        "period": {"name": period.name, "start": period.start.isoformat(), "end": period.end.isoformat()},
        "as_of": stamp_text(scope.now(store)),
        "currency": store.currency,
        "rates": [{"currency": r.currency, "date": r.start} for r in rates],
    }


def heading(store: Store, what: str, period: Period | None, by: str, rates: Sequence[Rate] = (), more: str = "") -> str:
    """The first lines of a report: what, which days, by what (dimensions with commas between them), as of when, in which currency and at
    which rates; `more` follows on the second."""
    moment, at = _moment(store), ""
    if rates:
        at = say(
            ", rates: {rates}", rates=together(", ", [say("{currency} of {start}", currency=r.currency, start=r.start) for r in rates])
        )
    second = say("As of {moment}, in {currency}{at}{more}", moment=moment, currency=store.currency, at=at, more=more)
    return together("\n", [headline(what, period, by), second])


def headline(what: str, period: Period | None, by: str) -> str:
    """The first line of a report."""
    from sfa.sales.dates import FIRST, LAST, describe

    days = ""
    if period is not None:
        everything = (period.start, period.end) == (FIRST, LAST)
        days = say(" all time") if everything else say(" {period}", period=describe(period))
    if not by:
        return say("{what}{days}", what=what, days=days)
    named = together(" and ", [say("{field}", field=name.replace("_", " ")) for name in by.split(",")])
    return say("{what}{days} by {by}", what=what, days=days, by=named)


def _moment(store: Store) -> str:
    """As of when a report speaks."""
    from sfa.sales.moments import local_text, stamp_text
    from sfa.store.queries import scope

    return local_text(stamp_text(scope.now(store)), store.calendar)


def apart(dimensions: Sequence[Dimension], figures: Iterable[Figure]) -> list[Dimension]:
    """The dimensions under names that no figure has: by pipeline a forecast's row has `pipeline_name` beside the amount `pipeline`."""
    taken = {f.name for f in figures}
    return [d._replace(name=d.name + "_name") if d.name in taken else d for d in dimensions]


def labelled(dimensions: Sequence[Dimension], labels: Sequence[Any], key: Sequence[Any]) -> dict[str, Any]:
    """The cells of a row's key: its names and, of records, their ids."""
    out: dict[str, Any] = {}
    for d, names, value in zip(dimensions, labels, key, strict=True):
        out[d.name] = value.name if d.name in ("month", "quarter") and value else names.name(value)
        out[d.name + "#"] = value if record_of(d) else None
    return out


def record_of(d: Dimension) -> str:
    """The kind of record that a row of this dimension is, if it is one."""
    return "" if d.name in ("team", "region") else d.to


def ordered(
    dimensions: Sequence[Dimension], labels: Sequence[Any], rows: Sequence[tuple[tuple[Any, ...], float]], people: Sequence[int] = ()
) -> list[tuple[Any, ...]]:
    """The keys of `rows` (key, weight) in the order of a report: people as in the tree, stages, categories and time in their own order,
    all else by falling weight, then by name; blank last."""
    ranks: list[dict[Any, int]] = []
    place = {p: i for i, p in enumerate(people)}
    for i, (d, names) in enumerate(zip(dimensions, labels, strict=True)):
        weight: dict[Any, float] = {}
        for key, w in rows:
            weight[key[i]] = weight.get(key[i], 0) + w
        if d.name in ("rep", "manager") and people:
            rank: dict[Any, Any] = {v: (v is None, place.get(v, len(place))) for v in weight}
        elif d.name in ("month", "quarter"):
            rank = {v: (v is None, v) for v in weight}
        elif names.ordered:
            rank = {v: (v is None, names.ranks.get(v, len(names.ranks))) for v in weight}
        else:
            rank = {v: (v is None, -w, names.name(v) or "") for v, w in weight.items()}
        ranks.append({v: n for n, v in enumerate(sorted(rank, key=rank.__getitem__))})
    return sorted((key for key, _ in rows), key=lambda key: tuple(r[v] for r, v in zip(ranks, key, strict=True)))
