"""`sfa forecast`: the figures of a period by any one or two dimensions, as a table, crossed, explained, or printed as a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sfa.commands.forecast.asking import Currency, Measure, Rep, Team, asking, told
from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf, Json
from sfa.commands.pages import PAGES, OutputFile, Overwrite, PageFormat, PaperSize, format_of, into
from sfa.commands.pages import write as write_page
from sfa.commands.tables import By, Filters, PeriodOption, apart, write
from sfa.errors import UsageError

if TYPE_CHECKING:
    from sfa.commands.forecast.table import View
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask

Across = Annotated[str, typer.Option("--across", metavar="B", help="A second dimension, as columns of the one figure of --figure.")]


@with_filters
def show(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: By = "rep",
    across: Across = "",
    figure: Annotated[str, typer.Option("--figure", metavar="NAME", help="What --across shows: commit, closed, quota, …")] = "commit",
    cumulative: Annotated[
        bool, typer.Option("--cumulative/--single", help="Columns that include what is surer (the default), or each category alone.")
    ] = True,
    rep: Rep = "",
    team: Team = "",
    measure: Measure = "revenue",
    currency: Currency = "",
    explain: Annotated[str, typer.Option("--explain", metavar="ROW:COLUMN", help="Open one cell: its formula, deals and rates.")] = "",
    format: PageFormat = "",
    json: Json = False,
    output_file: OutputFile = "",
    paper: PaperSize = "a4",
    as_of: AsOf = "",
    yes: Overwrite = False,
) -> None:
    """Print the forecast of a period with quotas, calls and attainment.

    Closed deals count by their closed date, open ones by their expected close. Cumulative columns: Commit = closed + commit; Best case
    = Commit + most likely + best case; Open pipeline = all that is open. Gap = quota - closed; Coverage = open pipeline / gap. By rep
    a manager's line adds up own deals and all reports below. The period is this quarter unless given. `--explain Ben:commit` opens a
    cell, `total:closed` one of the total.

    Examples:
      sfa forecast --period 2026-Q4
      sfa forecast show --by product --across month --figure closed source:web
      sfa forecast --explain 'Ben Okafor:commit'
      sfa forecast --period 2026-Q4 --format html -o forecast.html --yes
    """
    from sfa.commands.forecast import page

    chosen = format_of(format, json, output_file)
    if across and explain:
        raise UsageError("--across and --explain exclude each other", "--by A,B --explain 'A:B:COLUMN' opens a cell of two dimensions.")
    with asking(ctx.obj, period, words, rep=rep, team=team, measure=measure, currency=currency, as_of=as_of) as (store, ask):
        view = _view(store, ask, by, across, chosen)._replace(about=told(words, rep, team), cumulative=cumulative)
        if chosen in PAGES and not explain and not across:
            return write_page(page.forecast(ctx.obj, view), chosen, paper, output_file, yes, ctx.obj)
        if chosen == "pdf":
            raise UsageError("a PDF is made of the whole forecast", "Leave --across and --explain out, or take another --format.")
        with into(output_file, yes):
            return _write(view, across, figure, explain, chosen)


def _write(view: View, across: str, figure: str, explain: str, format: str) -> None:
    """Write one view of the forecast to stdout."""
    from sfa.commands.forecast.table import table

    if explain:
        from sfa.commands.forecast.explain import cell

        return cell(view, explain)
    if across and format not in ("json", "ndjson"):
        from sfa.commands.forecast.crossed import crossed

        return write(view.store, crossed(view, figure), format)
    return write(view.store, table(view), format)


def _view(store: Store, ask: Ask, by: str, across: str, format: str) -> View:
    from sfa.commands.forecast import said as saying
    from sfa.commands.forecast.table import MACHINE, View
    from sfa.sales.goals import forecast
    from sfa.store.queries import calls
    from sfa.store.queries import forecast as query

    asked = _two(by, across)
    found = query.counted(store, asked, ask)
    found = found._replace(dimensions=apart(found.dimensions, MACHINE))
    names = [d.name for d in found.dimensions]
    spoken = saying.speakable(ask, names)
    also = calls.spoken_of(store, ask.period) if spoken else ()
    made = forecast(names, found.groups, found.people, found.quotas, ask.period, query.fiscal(store, ask.period), also)
    said = saying.gather(store, ask, found, made) if spoken else None
    return View(store, ask, found, made, said, format, asked)


def _two(by: str, across: str) -> str:
    if across and ("," in by or "," in across):
        raise UsageError("--across takes one dimension, beside one of --by", "As in --by rep --across month.")
    return f"{by},{across}" if across else by
