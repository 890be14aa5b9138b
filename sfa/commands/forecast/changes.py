"""`sfa forecast changes`: what moved in the open pipeline of a period between two moments, leg by leg, down to the deals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.forecast.asking import Currency, Measure, Rep, Team, asking, told
from sfa.commands.forecast.table import in_unit
from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import Format, Json
from sfa.commands.tables import (
    NONE,
    Figure,
    Filters,
    PeriodOption,
    Table,
    apart,
    extra,
    headline,
    labelled,
    ordered,
    quantity,
    record_of,
    write,
)
from sfa.errors import UsageError
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.commands.session import Session
    from sfa.sales.movement import End, Leg, Steps
    from sfa.sales.rollup import Slicer
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask
    from sfa.store.queries.movement import Moved, State

LABELS = {
    "opening": "Opening",
    "currency": "Currency",
    "new": "New",
    "imported": "Imported",
    "pulled_in": "Pulled in",
    "pushed_in": "Pushed in",
    "reopened": "Reopened",
    "transferred_in": "Transferred in",
    "increased": "Increased",
    "decreased": "Decreased",
    "won": "Won",
    "lost": "Lost",
    "pushed_out": "Pushed out",
    "pulled_out": "Pulled out",
    "transferred_out": "Transferred out",
    "removed": "Removed",
    "closing": "Closing",
}
CLOSED = {"closed_then": "Closed then", "newly_won": "Won", "amended": "Amended", "reopened_won": "Reopened", "closed_now": "Closed now"}
DOWN = ("decreased", "won", "lost", "pushed_out", "pulled_out", "transferred_out", "removed", "reopened_won")
"""Legs that take away."""


class Movement(NamedTuple):
    """A movement ready to be shown: `steps` by row key, the total under None; `ends` makes legs of the deals that changed."""

    store: Store
    ask: Ask
    by: str
    found: Moved
    slicer: Slicer
    steps: dict[Any, Steps]
    ends: Ends
    since: int
    about: str

    def legs(self) -> Iterator[tuple[Leg, State | None, State | None]]:
        """Every leg of every deal that changed, with its two states."""
        from sfa.sales.movement import legs

        for before, after, born in self.found.changed:
            for leg in legs(*self.ends(before, after), born):
                yield leg, before, after


@with_filters
def changes(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    since: Annotated[str, typer.Option("--since", metavar="MOMENT", help="From when: a day (its start), 'today 08:00', -7d.")] = "-7d",
    until: Annotated[str, typer.Option("--until", metavar="MOMENT", help="Until when (default: now); a day means its end.")] = "",
    by: Annotated[
        str, typer.Option("--by", metavar="A[,B]", help="A waterfall for each rep, manager, team, product, … (default: one).")
    ] = "",
    rep: Rep = "",
    team: Team = "",
    measure: Measure = "revenue",
    currency: Currency = "",
    explain: Annotated[str, typer.Option("--explain", metavar="[ROW:]LEG", help="Open one leg into its deals: who, when, from, to.")] = "",
    path: Annotated[bool, typer.Option("--path", help="List deals that went a way round: out and in again, up and down.")] = False,
    format: Format = "",
    json: Json = False,
) -> None:
    """Show what moved in a period's open pipeline between two moments.

    Opening + currency + entries + increases - decreases - exits = closing, for every deal and every row; the program checks it. Legs
    compare the two moments alone. What is closed moves beside it: closed then + won + amended - reopened = closed now. A deal that goes
    to another row is transferred at its earlier amount.

    Examples:
      sfa forecast changes --period 2026-Q4 --since -7d
      sfa forecast changes --since 2026-11-16 --by rep --format csv
      sfa forecast changes --since 'today 08:00' --explain new
    """
    chosen = output.chosen_format(format, json)
    with asking(ctx.obj, period, words, rep=rep, team=team, measure=measure, currency=currency, until=until) as (store, ask):
        made = compute(store, ask, by, moment_of(ctx.obj, since, store), told(words, rep, team))
        if path:
            from sfa.commands.forecast.leg import detours

            return detours(made, chosen)
        if explain:
            from sfa.commands.forecast.leg import leg

            return leg(made, explain, chosen)
        if chosen == "table" and not by:
            return _picture(made)
        return write(store, table(made, chosen), chosen)


def moment_of(session: Session, text: str, store: Store) -> int:
    """A moment on the scale of operations; a day means its start. Raises UsageError where it is not before the later one."""
    from sfa.sales.moments import parse_past
    from sfa.store.queries import scope

    at = parse_past(text, session.settings.calendar())
    if at >= scope.now(store):
        raise UsageError(
            say("--since {text!r} is not before the later moment", text=text[:60]), "Give an earlier one, such as -7d or a date."
        )
    return (int(at.timestamp() * 1000) << 20) | 0xFFFFF


def compute(store: Store, ask: Ask, by: str, since: int, about: str) -> Movement:
    """The movement by a dimension, its identities checked."""
    from sfa.sales.movement import Steps, add_up, legs
    from sfa.sales.rollup import slicer
    from sfa.store.queries import movement as query
    from sfa.store.queries.forecast import fiscal

    found = query.movement(store, by, ask, since)
    names = [d.name for d in found.dimensions]
    by_rows = slicer(names, found.people, _owners(found), fiscal(store, ask.period))
    steps: dict[Any, Steps] = {None: Steps()}
    ends = Ends(found, ask, by_rows)
    for before, after, born in found.changed:
        add_up(steps, legs(*ends(before, after), born))
    for still in found.still:
        for row in (None, *(by_rows.rows_of(still.values) if names else ())):
            at = steps.setdefault(row, Steps())
            if still.won:
                at.add("closed_then", still.value, still.deals)
                at.add("closed_now", still.value, still.deals)
                continue
            at.add("opening", still.own, still.deals)
            at.add("closing", still.amount, still.deals)
            if still.amount != still.own:
                at.add("currency", still.amount - still.own, still.deals)
    for row, at in steps.items():
        at.check("the total" if row is None else say("row {first}", first=row))
    return Movement(store, ask, by, found, by_rows, steps, ends, since, about)


def _owners(found: Moved) -> set[Any]:
    """The people in charge of the deals of a movement, where a dimension is about people."""
    at = [i for i, d in enumerate(found.dimensions) if d.to == "user"]
    owners = {s.values[i] for i in at for b, a, _ in found.changed for s in (b, a) if s}
    owners |= {s.values[i] for i in at for s in found.still}
    return {o for o in owners if not o or o in found.people}


class Ends:
    """Makes both ends of a deal, as the rules take them, of its states at the two moments; none where it is in scope at neither, so that
    nothing is asked of such deals, not even a rate."""

    def __init__(self, found: Moved, ask: Ask, by_rows: Slicer) -> None:
        from sfa.store.queries.movement import MOVING

        self.now, self.today, self.opening = found.now, found.today, found.opening
        self.start, self.stop = ask.period.start.isoformat(), ask.period.end.isoformat()
        self.rows_of = by_rows.rows_of if by_rows.names else lambda values: ()
        self.moving = [i for i, d in enumerate(found.dimensions) if d.name in MOVING]

    def __call__(self, before: State | None, after: State | None) -> tuple[End | None, End | None]:
        if not any(end and end.scope for end in (before, after)):
            return None, None
        first = self._end(before) if before else None
        last = self._end(after) if after else None
        if first and before and first.is_in:
            first = first._replace(own=self.opening(before.amount, before.currency))
            if last and after and not last.is_in:
                last = last._replace(rows=first.rows if not after.scope else self._left(before, after) if self.moving else last.rows)
        return first, last

    def _left(self, before: State, after: State) -> Sequence[Any]:
        """The rows that a deal leaves: the stage, category and month that it was in, of the person who has it now."""
        return self.rows_of([before.values[i] if i in self.moving else v for i, v in enumerate(after.values)])

    def _end(self, state: State) -> End:
        """One end. Out of scope it is in no row: nobody of the report may have it."""
        from sfa.sales.movement import WITHIN, End, where_is

        due, closed = where_is(state.close, self.start, self.stop), where_is(state.closed, self.start, self.stop)
        amount = self.now(state.amount, state.currency, self.today)
        counts = state.outcome == "won" and state.scope and closed == WITHIN
        value = self.now(state.amount, state.currency, state.closed or "") if counts else 0
        rows = self.rows_of(state.values) if state.scope else ()
        return End(state.outcome, due, closed, state.scope, amount, amount, value, rows, rows)


# Shown ------------------------------------------------------------------------------------------------------------------------------


def table(made: Movement, format: str) -> Table:
    """A row for each slice with every leg; without a slice a row for each leg."""
    if not made.by:
        return _by_leg(made, format)
    from sfa.sales.movement import Steps
    from sfa.store.queries.dimensions import Labels

    dims = apart(made.found.dimensions, [Figure(n, "money") for n in LABELS])
    keys = [k for k in made.steps if k is not None]
    labels = [Labels(made.store, d, {k[i] for k in keys}) for i, d in enumerate(dims)]
    weights = [(k, float(made.steps[k].of("opening") + made.steps[k].of("closing"))) for k in keys]
    rows = [{**labelled(dims, labels, k), **_cells(made.steps[k])} for k in ordered(dims, labels, weights, made.slicer.lines.order)]
    total = made.steps.get(None, Steps())
    people = format in ("table", "md", "html")
    used = [n for n in LABELS if n in ("opening", "closing") or any(s.of(n) or s.count.get(n) for s in made.steps.values())]
    figures = [Figure(n, "money", LABELS[n], people=n in used, drop=0 if n in ("opening", "closing", "won") else 1) for n in LABELS]
    if people and 16 + 9 * len(used) > output.width():
        figures = [f if f.name in ("opening", "closing") else f._replace(people=False) for f in figures] + _grouped()
        figures.sort(key=lambda f: ORDER.index(f.name) if f.name in ORDER else 99)
    figures += [Figure(n, "money", people=False) for n in CLOSED]
    figures += [Figure(f"n_{n}", "count", people=False) for n in (*LABELS, *CLOSED)]
    columns = [(d.name, "" if people else record_of(d)) for d in dims]
    figures, cells = in_unit(made.ask, figures), _cells(total)
    if people:
        rows, cells = [_signed(r) for r in rows], _signed(cells)
    return Table(
        columns, figures, rows, cells, made.store.currency, title(made), notes(made), more_of(made), mark=_nothing if people else None
    )


def _signed(row: dict[str, Any]) -> dict[str, Any]:
    """A row for people, who add it up from left to right: what takes away is negative."""
    return {n: -v if n in (*DOWN, "grouped_won", "grouped_lost", "grouped_out") and v else v for n, v in row.items()}


def _nothing(row: dict[str, Any], figure: Figure, shown: str) -> str:
    return "" if figure.name not in ("opening", "closing") and not row.get(figure.name) else shown


ORDER = ("opening", "grouped_new", "grouped_in", "grouped_change", "grouped_won", "grouped_lost", "grouped_out", "closing")


def _grouped() -> list[Figure]:
    """The legs in fewer columns, for a narrow terminal."""
    return [
        Figure("grouped_new", "money", "New", drop=1),
        Figure("grouped_in", "money", "In", drop=2),
        Figure("grouped_change", "money", "Change", drop=3),
        Figure("grouped_won", "money", "Won"),
        Figure("grouped_lost", "money", "Lost", drop=4),
        Figure("grouped_out", "money", "Out", drop=5),
    ]


def _cells(steps: Steps) -> dict[str, Any]:
    out: dict[str, Any] = {n: steps.of(n) for n in (*LABELS, *CLOSED)}
    out |= {f"n_{n}": steps.count.get(n, 0) for n in (*LABELS, *CLOSED)}
    out["grouped_new"] = steps.of("new") + steps.of("imported")
    out["grouped_in"] = sum(steps.of(n) for n in ("pulled_in", "pushed_in", "reopened", "transferred_in"))
    out["grouped_change"] = steps.of("increased") - steps.of("decreased") + steps.of("currency")
    out |= {"grouped_won": steps.of("won"), "grouped_lost": steps.of("lost")}
    out["grouped_out"] = sum(steps.of(n) for n in ("pushed_out", "pulled_out", "transferred_out", "removed"))
    return out


def _by_leg(made: Movement, format: str) -> Table:
    """A row a leg."""
    total = made.steps[None]
    names = {**LABELS, **(CLOSED if format in ("json", "ndjson", "tsv", "csv") else {})}
    rows = [
        {
            "leg": n if format in ("json", "ndjson", "tsv", "csv") else label,
            "deals": total.count.get(n, 0),
            "amount": signed(n, total.of(n)),
        }
        for n, label in names.items()
        if format in ("json", "ndjson") or n in ("opening", "closing") or total.count.get(n)
    ]
    figures = in_unit(made.ask, [Figure("deals", "count", "Deals"), Figure("amount", "money", "Amount")])
    return Table([("leg", "")], figures, rows, None, made.store.currency, title(made), notes(made), more_of(made))


def signed(name: str, amount: int) -> int:
    """A leg as it changes the pipeline: what takes away is negative."""
    return -amount if name in DOWN else amount


def title(made: Movement) -> str:
    """Which moments and which window."""
    from sfa.sales.moments import local_text, stamp_text
    from sfa.store.queries import scope

    begin = local_text(stamp_text(scope.at(made.since)), made.store.calendar)
    first = headline("Changes", made.ask.period, made.by)
    unit = "number of deals" if made.ask.measure == "count" else say("in {currency}", currency=made.store.currency)
    end = local_text(stamp_text(scope.now(made.store)), made.store.calendar)
    second = say("From {begin} to {end}, {unit}", begin=begin, end=end, unit=unit)
    return together("\n", [first, second, *([made.about] if made.about else [])])


def notes(made: Movement) -> list[str]:
    """The movement of what is closed, and the rates."""
    steps = made.steps[None]
    out = []
    if any(steps.count.get(n) for n in CLOSED):
        parts = [say("closed then {amount}", amount=_human(made, steps.of("closed_then")))]
        for name, sign, word in (("newly_won", "+", "won"), ("amended", "+", "amended"), ("reopened_won", "−", "reopened")):
            if steps.count.get(name):
                parts.append(say("{sign} {what} {amount}", sign=sign, what=word, amount=_human(made, steps.of(name))))
        out.append(say("Closed: {parts} = closed now {amount}", parts=together(" ", parts), amount=_human(made, steps.of("closed_now"))))
    if steps.of("won") != steps.of("newly_won"):
        out.append(
            "Won leaves the pipeline at the later moment's rate of an open deal, and counts as closed at the rate of its closed date"
        )
    return out


def _human(made: Movement, amount: int) -> str:
    from sfa.sales import money

    return f"{quantity(amount):,}" if made.ask.measure == "count" else money.human(amount, made.store.currency)


def more_of(made: Movement) -> dict[str, Any]:
    from sfa.sales.moments import stamp_text
    from sfa.store.queries import scope

    return {**extra(made.store, made.ask.period), "since": stamp_text(scope.at(made.since)), "until": stamp_text(scope.now(made.store))}


def _picture(made: Movement) -> None:
    """The waterfall of the total, drawn."""
    steps = made.steps[None]
    shown = [n for n in LABELS if n in ("opening", "closing") or steps.count.get(n)]
    rows = [
        (LABELS[n], f"{steps.count.get(n, 0):,}", in_words(made, n), signed(n, steps.of(n)), n in ("opening", "closing")) for n in shown
    ]
    output.line(title(made))
    output.waterfall(rows)
    for note in notes(made):
        output.paragraph(note)


def in_words(made: Movement, name: str) -> str:
    """The total's leg with its sign; the currency stands in the heading."""
    value = signed(name, made.steps[None].of(name))
    text = _human(made, abs(value)).rpartition(" ")[0] if made.ask.measure != "count" else _human(made, abs(value))
    if name in ("opening", "closing"):
        return text
    return f"{'-' if value < 0 else '+'}{text}"


def row_label(made: Movement, key: Any) -> str:
    """What a row is called."""
    from sfa.store.queries.dimensions import Labels

    if key is None:
        return "the total"
    dims = made.found.dimensions
    labels = [Labels(made.store, d, {key[i]}) for i, d in enumerate(dims)]
    texts = labelled(dims, labels, key)
    return " / ".join(str(texts[d.name] or NONE) for d in dims)
