"""Reports that are printed: the options that say how and where to, and the page that a report makes of its pictures, table and notes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.files import may_write, written_whole
from sfa.commands.nouns import Json
from sfa.errors import UsageError
from sfa.languages import spoken
from sfa.messages import Message, lines, say, together

if TYPE_CHECKING:
    from sfa.commands.session import Session
    from sfa.commands.tables import Table
    from sfa.page import Bars, Block, Grid, Lines, Page, Row
    from sfa.store.database import Store

PAGES = ("md", "html", "pdf")
PAPERS = ("a4", "letter")
BARRED = "attainment"
PageFormat = Annotated[
    str, typer.Option("--format", "-f", metavar="FORMAT", help="table, tsv, csv, json, ndjson; md, html and pdf print a page.")
]
OutputFile = Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="Write to this file; its ending says the format.")]
PaperSize = Annotated[str, typer.Option("--paper", metavar="SIZE", help="Of the page: a4 or letter.")]
Overwrite = Annotated[bool, typer.Option("--yes", "-y", help="Overwrite the file of --output.")]
Chart = Annotated[bool, typer.Option("--chart", help="Draw the figures instead of the table; html and pdf have both.")]


class Out(NamedTuple):
    """How a report is written: the `format` of its table (of a PDF html), the `page` that is made (md, html, pdf, or none), whether the
    figures are drawn on the terminal, the file it goes to ("" is stdout)."""

    format: str
    page: str
    chart: bool
    file: str
    paper: str
    yes: bool


OPTIONS: dict[str, tuple[Any, Any]] = {
    "format": (PageFormat, ""),
    "json": (Json, False),
    "chart": (Chart, False),
    "output_file": (OutputFile, ""),
    "paper": (PaperSize, "a4"),
    "yes": (Overwrite, False),
}
"""Option → what it is and its default."""


def printable(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command, in the place of its parameter `out`, the options that say how a report is written."""
    signature = inspect.signature(function, eval_str=True)
    parameters: list[inspect.Parameter] = []
    for p in signature.parameters.values():
        if p.name == "out":
            made = OPTIONS.items()
            parameters += [inspect.Parameter(n, p.kind, default=default, annotation=of) for n, (of, default) in made]
        else:
            parameters.append(p)

    def command(*args: Any, **given: Any) -> Any:
        asked = out(**{name: given.pop(name, default) for name, (_, default) in OPTIONS.items()})
        return function(*args, **given, out=asked)

    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    command.__doc__ = function.__doc__
    return command


def out(format: str, json: bool, chart: bool, output_file: str, paper: str, yes: bool) -> Out:
    """What the options ask for. Raises UsageError."""
    # A picture is text: it goes into a pipe, or a file of any other ending, as it stands.
    chosen = "table" if chart and not (format or json or _ending(output_file)) else format_of(format, json, output_file)
    if chart and chosen not in ("table", *PAGES):
        raise UsageError(say("--chart draws for people, {chosen} is for programs", chosen=chosen), "Leave one of them out.")
    page = chosen if chosen in PAGES else ""
    return Out("html" if page else chosen, page, chart, output_file, paper, yes)


def format_of(format: str, json: bool, file: str) -> str:
    """The format in force: as asked, else what the ending of the file says, else what a terminal or a pipe gets. Raises UsageError."""
    if not format and not json and (ending := _ending(file)):
        return ending
    if format == "pdf" and not json:
        return format
    return output.chosen_format(format, json)


def _ending(file: str) -> str:
    """The format that a file's name says, if it says one."""
    ending = file.rpartition(".")[2].lower() if "." in file else ""
    return ending if ending in (*output.FORMATS, "pdf") else ""


@contextmanager
def into(file: str, yes: bool) -> Iterator[None]:
    """Within this, what is written to stdout goes into a file, whole or not at all; "" leaves it where it is."""
    if not file:
        yield
        return
    may_write(file, yes)
    with written_whole(file) as stream, redirect_stdout(stream):
        yield
    output.message(say("Wrote {file}", file=file))


def write(page: Page, format: str, paper: str, file: str, yes: bool, session: Session) -> None:
    """Print a page. Raises UsageError for an unknown paper, and for a PDF that would go to a terminal."""
    from sfa import printing

    page = spoken_page(page)
    size = paper.strip().lower()
    if size not in PAPERS:
        raise UsageError(say("--paper is not {paper!r}", paper=paper[:60]), say("Values: {papers}", papers=together(", ", PAPERS)))
    if format != "pdf":
        text = printing.markdown(page) if format == "md" else printing.html(page, "letter" if size == "letter" else "a4")
        with into(file, yes):
            return output.document(text)
    if not file and output.to_terminal():
        raise UsageError("a PDF is no text for a terminal", "Name a file: -o report.pdf")
    if file:
        may_write(file, yes)
    printed = printing.pdf(page, "letter" if size == "letter" else "a4", session.settings.calendar().now)
    for lack in printed.lacking:
        output.warning(lack)
    if not file:
        return output.document(printed.data)
    with written_whole(file) as stream:
        stream.buffer.write(printed.data)
    return output.message(say("Wrote {file}: {pages} page{s}", file=file, pages=printed.pages, s="s" if printed.pages != 1 else ""))


# Reports ----------------------------------------------------------------------------------------------------------------------------


def report(
    session: Session,
    store: Store,
    table: Table,
    out: Out,
    name: str,
    pictures: Callable[[], Sequence[Bars | Lines]],
    words: Sequence[str] | None = None,
) -> None:
    """Write a report as asked: its table; its pictures on the terminal; or the page of both, with what the figures mean (those of
    sfa/sales/definitions.py under `name`) and what it was limited to (`words`)."""
    from sfa.commands.tables import limited
    from sfa.commands.tables import write as write_table

    about = say("Only {words}", words=together(", ", words)) if words else ""
    if out.page:
        return write(
            page(session, table, pictures() if out.page != "md" else (), name, about), out.page, out.paper, out.file, out.yes, session
        )
    with into(out.file, out.yes):
        if not out.chart:
            return write_table(store, limited(table, words), out.format)
        return _drawn(table, pictures(), about)


def _drawn(table: Table, pictures: Sequence[Bars | Lines], about: str) -> None:
    """The pictures between the title and the notes of a report."""
    if not pictures:
        return output.message("Nothing to draw.")
    for text in (*lines(table.title), *([about] if about else [])):
        output.line(text)
    for picture in pictures:
        output.line("")
        output.picture(picture)
    if table.notes:
        output.line("")
    for note in table.notes:
        output.paragraph(note)
    return None


def page(session: Session, table: Table, pictures: Sequence[Bars | Lines], name: str, about: str) -> Page:
    """A report on paper: its pictures, its table, its notes, and what the figures mean."""
    from sfa.page import Heading, Notes, Page, Text
    from sfa.sales.definitions import DEFINITIONS
    from sfa.store.operations import secretless

    first, *rest = lines(table.title)
    as_of = next((text for text in rest if text.startswith("As of ")), "")
    facts = (*(text for text in rest if text != as_of), *([about] if about else []))
    head, by = parted(first)
    notes = (*table.notes, *rounded(table, table.currency))
    blocks: list[Block] = [*pictures, grid(table, table.currency) if table.rows else Text("Nothing to show.")]
    if notes:
        blocks.append(Notes(notes))
    if name in DEFINITIONS:
        blocks += [Heading("What the figures mean"), Notes(DEFINITIONS[name].says)]
    return Page(head, say("By {by}", by=by) if by else "", as_of, facts, tuple(blocks), f"sfa {secretless(session.command)}")


def parted(first: str) -> tuple[str, str]:
    """The first line of a report as its subject and by what it slices."""
    if isinstance(first, Message) and first.template.endswith(" by {by}"):
        return say(first.template.removesuffix(" by {by}"), **first.values), first.values["by"]
    head, _, by = first.rpartition(" by ")
    return (head, by) if head else (first, "")


def spoken_page(page: Page) -> Page:
    """A page in the language in force; the cells of its tables are data unless they are messages."""
    said: Page = _spoken(page, "")
    return said._replace(command=page.command)


def _spoken(thing: Any, context: str) -> Any:
    from sfa.page import Head, Row

    if isinstance(thing, str):
        return thing if context == "data" and not isinstance(thing, Message) else spoken(thing, "" if context == "data" else context)
    if not isinstance(thing, tuple):
        return thing
    within = "column" if isinstance(thing, Head) else "data" if isinstance(thing, Row) else context
    parts = [_spoken(part, within) for part in thing]
    return type(thing)(*parts) if hasattr(thing, "_fields") else tuple(parts)


def rounded(table: Table, currency: str) -> list[str]:
    """The remark that amounts are rounded, where they are: rows on paper are whole units, and may add up to one more or less."""
    from sfa.sales.money import exponent

    unit = 10 ** exponent(currency)
    rows = [*(table.people_rows or table.rows), table.total or {}]
    odd = any(isinstance(v := r.get(f.name), int) and v % unit for f in table.figures if f.type == "money" and f.people for r in rows)
    return [say("Amounts are rounded to whole {currency}; the program adds up the exact ones", currency=currency)] if odd else []


def grid(table: Table, currency: str) -> Grid:
    """A report's table as a grid: a group for each manager, bars for attainment."""
    from sfa.commands.tables import label_of, worded
    from sfa.page import Bar, Grid, Head, Row

    figures = [f for f in table.figures if f.people]
    rows = [*(table.rows if table.people_rows is None else table.people_rows)]

    def cells(row: dict[str, Any], first: tuple[str, ...]) -> tuple[str | Bar, ...]:
        shown = [(f, worded(f, row.get(f.name), currency, False, False)) for f in figures]
        marked = [(f, table.mark(row, f, s) if table.mark else s) for f, s in shown]
        return (*first, *(Bar(s, row.get(f.name)) if f.name == BARRED and row.get(f.name) is not None else s for f, s in marked))

    heads = tuple(Head(spoken(n.replace("_", " "), "column").capitalize()) for n, _ in table.dimensions)
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
