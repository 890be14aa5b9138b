"""The manager's page: forecast, what moved, the trend and the calls as one document, on paper (PDF), in a browser (HTML) or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sfa import output
from sfa.commands.files import may_write, written_whole
from sfa.errors import Refused, UsageError

if TYPE_CHECKING:
    from sfa.commands.forecast.table import View
    from sfa.commands.session import Session
    from sfa.commands.tables import Table
    from sfa.page import Block, Page, Row

PAGES = ("md", "html", "pdf")
PAPERS = ("a4", "letter")
WEEK = timedelta(days=7)
BARRED = "attainment"
ENDS = ("opening", "closing")


def format_of(format: str, json: bool, file: str) -> str:
    """The format in force: as asked, else what the ending of the file says, else what a terminal or a pipe gets. Raises UsageError."""
    ending = file.rpartition(".")[2].lower() if "." in file else ""
    if not format and not json and ending in (*output.FORMATS, "pdf"):
        return ending
    if format == "pdf" and not json:
        return format
    return output.chosen_format(format, json)


@contextmanager
def into(file: str, yes: bool) -> Iterator[None]:
    """Within this, what is written to stdout goes into a file, whole or not at all; "" leaves it where it is."""
    if not file:
        yield
        return
    may_write(file, yes)
    with written_whole(file) as stream, redirect_stdout(stream):
        yield
    output.message(f"Wrote {file}")


def write(page: Page, format: str, paper: str, file: str, yes: bool, session: Session) -> None:
    """Print a page. Raises UsageError for an unknown paper, and for a PDF that would go to a terminal."""
    from sfa import printing

    size = paper.strip().lower()
    if size not in PAPERS:
        raise UsageError(f"--paper is not {paper[:60]!r}", f"Values: {', '.join(PAPERS)}")
    if format != "pdf":
        text = printing.markdown(page) if format == "md" else printing.html(page, "letter" if size == "letter" else "a4")
        with into(file, yes):
            return output.document(text)
    if not file and output.to_terminal():
        raise UsageError("a PDF is no text for a terminal", "Name a file: -o forecast.pdf")
    if file:
        may_write(file, yes)
    printed = printing.pdf(page, "letter" if size == "letter" else "a4", session.settings.calendar().now)
    for lack in printed.lacking:
        output.warning(lack)
    if not file:
        return output.document(printed.data)
    with written_whole(file) as stream:
        stream.buffer.write(printed.data)
    return output.message(f"Wrote {file}: {printed.pages} page{'s' if printed.pages != 1 else ''}")


def forecast(session: Session, view: View) -> Page:
    """The page of a forecast: its table, and where it is by rep and of all deals the movement of a week, the trend and the calls."""
    from sfa.commands.forecast.table import table
    from sfa.page import Heading, Notes, Page
    from sfa.store.operations import secretless

    made = table(view)
    title, as_of, *facts = made.title.split("\n")
    notes = [*made.notes, *_rounded(view, made)]
    blocks: list[Block] = [_grid(made, view.store.currency)]
    if notes:
        blocks.append(Notes(tuple(notes)))
    moved = [*_movement(view), *_trend(view)]
    if moved:
        blocks += [Heading("Movement and trend"), *moved]
    if view.said:
        blocks += _calls(view)
    head, _, by = title.rpartition(" by ")
    return Page(head, f"By {by}", as_of, tuple(facts), tuple(blocks), f"sfa {secretless(session.command)}")


def _rounded(view: View, table: Table) -> list[str]:
    """The remark that amounts are rounded, where they are: rows on paper are whole units, and may add up to one more or less."""
    unit = _unit(view) if view.currency else 1
    rows = [*(table.people_rows or table.rows), table.total or {}]
    odd = any(isinstance(v := r.get(f.name), int) and v % unit for f in table.figures if f.type == "money" and f.people for r in rows)
    return [f"Amounts are rounded to whole {view.currency}; the program adds up the exact ones"] if odd else []


def _grid(table: Table, currency: str) -> Any:
    """A report's table as a grid: a group for each manager, bars for attainment."""
    from sfa.commands.tables import label_of, worded
    from sfa.page import Bar, Grid, Head, Row

    figures = [f for f in table.figures if f.people]
    rows = [*(table.rows if table.people_rows is None else table.people_rows)]

    def cells(row: dict[str, Any], first: tuple[str, ...]) -> tuple[str | Bar, ...]:
        shown = [(f, worded(f, row.get(f.name), currency, False, False)) for f in figures]
        marked = [(f, table.mark(row, f, s) if table.mark else s) for f, s in shown]
        return (*first, *(Bar(s, row.get(f.name)) if f.name == BARRED and row.get(f.name) is not None else s for f, s in marked))

    heads = tuple(Head(n.replace("_", " ").capitalize()) for n, _ in table.dimensions)
    heads += tuple(Head(f.label, right=f.type != "text") for f in figures)
    groups: list[list[Row]] = []
    for row in rows:
        labels = tuple(label_of(row, n).strip() for n, _ in table.dimensions)
        subtotal = bool(row.get("subtotal"))
        if subtotal or not groups:
            groups.append([])
        groups[-1].append(Row(cells(row, labels), int(row.get("level") or 0) if table.people_rows is not None else 0, subtotal))
    blank = tuple("Total" if not i else "" for i in range(len(table.dimensions)))
    total = None if table.total is None else Row(cells(table.total, blank), strong=True)
    return Grid(heads, tuple(map(tuple, groups)), total)


def _movement(view: View) -> list[Block]:
    """The waterfall of the last week, where history reaches back so far."""
    from sfa.commands.forecast.changes import LABELS, compute, signed
    from sfa.page import Step, Waterfall
    from sfa.store.queries import scope

    since = int((scope.now(view.store) - WEEK).timestamp() * 1000) << scope.SITE_BITS | 0xFFFFF
    try:
        made = compute(view.store, view.ask, "", since, "")
    except Refused:
        return []
    steps = made.steps[None]
    shown = [n for n in LABELS if n in ENDS or steps.count.get(n)]
    unit = _unit(view)
    return [
        Waterfall(
            f"Open pipeline, the 7 days to {scope.calendar(view.store).today}",
            tuple(Step(LABELS[n], _step(view, n, v), v / unit, n in ENDS) for n in shown for v in [signed(n, steps.of(n))]),
        )
    ]


def _step(view: View, leg: str, amount: int) -> str:
    """A leg of the waterfall, rounded like the table; all but the ends have a sign."""
    from sfa.commands.tables import Figure, worded

    text = worded(Figure(leg, "money" if view.currency else "deals"), abs(amount), view.store.currency, False, False)
    return ("−" if amount < 0 else "" if leg in ENDS else "+") + text


def _unit(view: View) -> int:
    """How many of the integers that amounts are make a whole unit."""
    from sfa.sales.money import exponent

    return 10 ** exponent(view.currency) if view.currency else 100


def _trend(view: View) -> list[Block]:
    """How the forecast stood at the end of each week of the period."""
    from sfa.commands.forecast.trend import CALLED, SHOWN, cells, points
    from sfa.page import Lines, Series

    try:
        found, _ = points(view.store, view.ask, "week")
    except UsageError:
        return []
    if len(found) < 2:
        return []
    rows, unit = [cells(p) for p in found], _unit(view)
    series = []
    for name, label in {**SHOWN, **CALLED}.items():
        values = [r[name] for r in rows]
        if name == "weighted" or all(v is None for v in values):
            continue
        last = next((v for v in reversed(values) if v is not None), 0)
        series.append(Series(label, tuple(None if v is None else v / unit for v in values), _short(view, last)))
    return [Lines("How it stood each week", tuple(p.day.isoformat()[5:] for p in found), tuple(series))]


def _short(view: View, amount: int) -> str:
    from sfa.commands.tables import quantity
    from sfa.sales import money

    return money.human(amount, view.currency, compact=True).rpartition(" ")[0] if view.currency else f"{quantity(amount):,}"


def _calls(view: View) -> list[Block]:
    """The call sheet, each call with its note."""
    from sfa.commands.forecast.calls import table
    from sfa.page import Heading, Notes
    from sfa.sales.calls import COLUMNS

    said = view.said
    assert said is not None
    missing = f"No call yet: {', '.join(said.people[p].name for p in said.missing)}"
    if not said.anything:
        return [Heading("Calls"), Notes((missing,))] if said.missing else []
    sheet = table(view.store, view.ask, said, "html", "")
    parts = [f"{column}_{part}" for column in COLUMNS for part in ("call", "manager")]
    rows = [{**r, "level": 0, "rep": r["rep"].strip()} for r in sheet.rows if any(r.get(n) is not None for n in parts)]
    notes = [missing if n.startswith("No call yet") else n for n in sheet.notes]
    return [Heading("Calls"), _grid(sheet._replace(rows=rows), view.store.currency), Notes(tuple(notes))]
