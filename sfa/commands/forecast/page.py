"""The manager's page: forecast, what moved, the trend and the calls as one document, on paper (PDF), in a browser (HTML) or as Markdown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sfa.commands.pages import grid, parted, rounded
from sfa.errors import Refused, UsageError
from sfa.messages import lines, say, together

if TYPE_CHECKING:
    from sfa.commands.forecast.table import View
    from sfa.commands.session import Session
    from sfa.page import Block, Page

WEEK = timedelta(days=7)
ENDS = ("opening", "closing")


def forecast(session: Session, view: View) -> Page:
    """The page of a forecast: its table, and where it is by rep and of all deals the movement of a week, the trend and the calls."""
    from sfa.commands.forecast.table import table
    from sfa.page import Heading, Notes, Page
    from sfa.store.operations import secretless

    made = table(view)
    title, as_of, *facts = lines(made.title)
    notes = [*made.notes, *(rounded(made, view.currency) if view.currency else [])]
    blocks: list[Block] = [grid(made, view.store.currency)]
    if notes:
        blocks.append(Notes(tuple(notes)))
    moved = [*_movement(view), *_trend(view)]
    if moved:
        blocks += [Heading("Movement and trend"), *moved]
    if view.said:
        blocks += _calls(view)
    head, by = parted(title)
    return Page(head, say("By {by}", by=by), as_of, tuple(facts), tuple(blocks), f"sfa {secretless(session.command)}")


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
            say("Open pipeline, the 7 days to {today}", today=scope.calendar(view.store).today),
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
    from sfa.commands.forecast.trend import lines, points

    try:
        found, _ = points(view.store, view.ask, "week")
    except UsageError:
        return []
    return [*lines(view.store, view.ask, found, "week")]


def _calls(view: View) -> list[Block]:
    """The call sheet, each call with its note."""
    from sfa.commands.forecast.calls import table
    from sfa.page import Heading, Notes
    from sfa.sales.calls import COLUMNS

    said = view.said
    assert said is not None
    missing = say("No call yet: {missing}", missing=together(", ", (said.people[p].name for p in said.missing)))
    if not said.anything:
        return [Heading("Calls"), Notes((missing,))] if said.missing else []
    sheet = table(view.store, view.ask, said, "html", "")
    parts = [f"{column}_{part}" for column in COLUMNS for part in ("call", "manager")]
    rows = [{**r, "level": 0, "rep": r["rep"].strip()} for r in sheet.rows if any(r.get(n) is not None for n in parts)]
    notes = [missing if n.startswith("No call yet") else n for n in sheet.notes]
    return [Heading("Calls"), grid(sheet._replace(rows=rows), view.store.currency), Notes(tuple(notes))]
