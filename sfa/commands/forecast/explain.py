"""One cell of a forecast, opened: its formula with the figures in it, the deals that it is made of, the rates used, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sfa.commands.forecast.crossed import figure_called
from sfa.commands.forecast.table import View, figures_of, human, in_unit, said_of_all
from sfa.commands.tables import NONE, Figure, Table, extra, labelled, write
from sfa.errors import Ambiguous, NotFound, SfaError, UsageError
from sfa.messages import say, together
from sfa.sales.forecast import Figures, below, cumulative

if TYPE_CHECKING:
    from sfa.commands.forecast.said import Said
    from sfa.sales.goals import Row
    from sfa.store.queries.forecast import Deal

CATEGORIES = {
    "closed": ("closed",),
    "commit": ("commit",),
    "most_likely": ("most_likely",),
    "best_case": ("best_case",),
    "pipeline": ("pipeline",),
    "cumulative_commit": ("closed", "commit"),
    "cumulative_most_likely": ("closed", "commit", "most_likely"),
    "cumulative_best_case": ("closed", "commit", "most_likely", "best_case"),
    "cumulative_open_pipeline": ("commit", "most_likely", "best_case", "pipeline"),
    "weighted": ("commit", "most_likely", "best_case", "pipeline"),
    "overdue": ("commit", "most_likely", "best_case", "pipeline"),
    "attainment": ("closed",),
    "gap": ("closed",),
    "quota": (),
    "coverage": ("commit", "most_likely", "best_case", "pipeline"),
    **dict.fromkeys(("called_commit", "figure_commit", "adjusted_commit"), ("closed", "commit")),
}
"""Figure → the forecast categories of the deals that it is made of."""


SPOKEN = {
    "call": Figure("called_commit", "money", "call"),
    "manager's": Figure("figure_commit", "money", "manager's figure"),
    "adjusted": Figure("adjusted_commit", "money", "adjusted"),
}
"""What people say of commit; the deals behind it are those of commit."""
COMMIT = "cumulative_commit"


class Cell(NamedTuple):
    """The row that was named: its key (None: the total), what it is called in each dimension, the row, the people of a manager's roll-up,
    and the person of whose roll-up something may be said."""

    key: tuple[Any, ...] | None
    labels: tuple[str, ...]
    row: Row
    team: frozenset[int] | None = None
    person: int | None = None

    @property
    def label(self) -> str:
        return " / ".join(self.labels)


def cell(view: View, asked: str) -> None:
    """Write what a cell is made of. Raises UsageError, NotFound, Ambiguous; and fails loudly where the deals do not add up to it."""
    name, shown = _asked(view, asked)
    found = _row(view, name)
    deals = _deals(view, found, shown)
    cells = {**figures_of(view, found.row, found.person), **({} if found.key or found.person else said_of_all(view))}
    _proved(shown, deals, found)
    text = say(
        "{label}{label2} of {label3}: {worded}",
        label=shown.label[0].upper(),
        label2=shown.label[1:],
        label3=found.label,
        worded=_worded(view, shown, cells),
    )
    rows = [_deal_row(view, d, shown) for d in deals]
    title = f"{text}\n{_formula(view, shown, cells, found)}"
    figures = [
        Figure("stage", "text", "stage"),
        Figure("category", "text", "category"),
        Figure("day", "words", "counts on"),
        Figure("own_amount", "text", "own currency", people=any(d.rate_day for d in deals), drop=3),
        Figure("rate_day", "words", "rate of", people=any(d.rate_day for d in deals), drop=2),
        Figure("amount", "money", "amount"),
        Figure("counted", "money", "counted", people=shown.name in ("weighted", "attainment", "gap")),
    ]
    more = {**extra(view.store, view.ask.period, view.found.rates), "row": found.label, "column": shown.label}
    more |= {"value": _json(view, shown, cells), "formula": _formula(view, shown, cells, found)}
    total = {"amount": sum(d.amount for d in deals), "counted": sum(_counted(d, shown) for d in deals)}
    dims = [("ref", ""), ("deal", ""), ("owner", "")]
    notes = _said(view, found, shown)
    table = Table(dims, in_unit(view.ask, figures), rows, total if rows else None, view.store.currency, title, notes, more)
    write(view.store, table, view.format)


def _asked(view: View, asked: str) -> tuple[str, Figure]:
    """The row and the figure that ROW:COLUMN names; a column alone is one of the total. Raises UsageError."""
    name, _, text = asked.rpartition(":")
    spoken = {"manager": "manager's", "managers": "manager's", "called_commit": "call", "adjusted_commit": "adjusted"}
    wanted = text.strip().lower().replace("-", "_")
    said = SPOKEN.get(spoken.get(wanted, wanted))
    if said and view.said is None:
        raise UsageError("calls and figures stand beside a forecast by rep of all deals alone", "Leave filters, --by and --measure out.")
    try:
        return name, said or figure_called(text, view.cumulative)
    except UsageError as error:
        if name:
            raise UsageError(error.message, say("{hint}, {spoken}", hint=error.hint, spoken=together(", ", SPOKEN))) from None
        raise UsageError(
            say("--explain {asked!r} names no column", asked=asked[:60]),
            say("As in '{asked}:commit'. {hint}", asked=asked[:60], hint=error.hint),
        ) from None


def _row(view: View, name: str) -> Cell:
    """The row of the forecast that a person names: total, a manager (with all below), `NAME (own)`, or a label; two with a colon."""
    from sfa.store.queries.dimensions import Labels

    dims, made = view.found.dimensions, view.made
    if name.strip().casefold() in ("", "total"):
        return Cell(None, ("the total",), made.total)
    own = name.strip().casefold().endswith("(own)")
    bare = name.strip()[:-5] if own else name
    if len(dims) > 1 and ":" not in bare:
        raise UsageError(
            say("{name!r} names no row: rows are of {count} dimensions", name=name[:60], count=len(dims)), "As in 'Ben:2026-11:commit'."
        )
    cuts = [i for i, c in enumerate(bare) if c == ":"] if len(dims) > 1 else [len(bare)]
    wanted = [tuple(w.strip() for w in (bare[:i], bare[i + 1 :]))[: len(dims)] for i in cuts]
    labels = [Labels(view.store, d, {r.key[i] for r in made.rows}) for i, d in enumerate(dims)]
    options: list[Cell] = []
    for row in made.rows:
        texts = labelled(dims, labels, row.key)
        alone = row.key[0] if len(dims) == 1 and dims[0].name == "rep" and row.key[0] not in made.managers else None
        options.append(Cell(row.key, tuple(str(texts[d.name] or NONE) for d in dims), row, None, alone))
    if dims[0].name == "rep" and not own:
        people = view.found.people
        heads = {m: Cell(None, (people[m].name,), row, below(people, m), m) for m, row in made.managers.items()}
        options = [c for c in options if c.key and c.key[0] not in heads] + [*heads.values()]
    return _named(options, wanted, bare)


def _named(options: Sequence[Cell], wanted: Sequence[Sequence[str]], asked: str) -> Cell:
    """The option whose labels are these texts, else contain them; `wanted` are the ways to read what was asked."""
    ways = [tuple(w.casefold() for w in way) for way in wanted]
    parted = [(c, tuple(label.casefold() for label in c.labels)) for c in options]
    exact = [c for c, parts in parted if parts in ways]
    near = exact or [c for c, parts in parted if any(all(t in p for t, p in zip(way, parts, strict=True)) for way in ways)]
    if len(near) == 1:
        return near[0]
    shown = ", ".join(c.label for c in (near or options)[:8])
    if near:
        raise Ambiguous(
            say("{asked!r} matches {count} rows: {shown}", asked=asked[:60], count=len(near), shown=shown), "Use more of the name."
        )
    raise NotFound(say("no row of this forecast is called {asked!r}", asked=asked[:60]), say("Rows: {shown}, total", shown=shown))


def _deals(view: View, found: Cell, figure: Figure) -> list[Deal]:
    """The deals behind a cell."""
    from sfa.sales.forecast import IN, LATE
    from sfa.store.queries import forecast as query

    places = (LATE,) if figure.name == "overdue" else (IN, LATE)
    deals = [d for d in query.deals(view.store, view.by, view.ask) if d.place in places and d.category in CATEGORIES[figure.name]]
    if found.team is not None:
        return [d for d in deals if d.owner in found.team]
    if found.key is not None:
        return [d for d in deals if found.key in view.made.slicer.rows_of(d.values)]
    return deals


def _counted(deal: Deal, figure: Figure) -> int:
    if figure.name in ("attainment", "gap"):
        return deal.plan
    return deal.weighted if figure.name == "weighted" else deal.amount


def _proved(figure: Figure, deals: Sequence[Deal], found: Cell) -> None:
    """Fail where the deals listed do not make the figure printed: a forecast that cannot be opened cannot be defended."""
    f = found.row.figures
    expected = {**f._asdict(), **{f"cumulative_{n}": v for n, v in cumulative(f)._asdict().items()}}
    if figure.name in expected and sum(_counted(d, figure) for d in deals) != expected[figure.name]:
        raise SfaError(
            say("the deals of {label} do not add up to its {label2}", label=found.label, label2=figure.label),
            "This is a mistake of the program; please report it.",
        )


def _formula(view: View, figure: Figure, cells: dict[str, Any], found: Cell) -> str:
    """How the figure is made, with the figures in it."""
    target = found.row.target

    def amount(name: str) -> str:
        return human(view, cells[name] or 0)

    parts = CATEGORIES[figure.name]
    if figure in SPOKEN.values():
        return say("beside a roll-up of closed {amount} + commit {amount2}", amount=amount("closed"), amount2=amount("commit"))
    if figure.name == "quota":
        return "What is set: `sfa quota list` shows it" if cells["quota"] is not None else "No quota is set"
    if figure.name in ("attainment", "gap", "coverage"):
        if target is None or target.quota is None:
            return "No quota is set, or none that these rows or filters have"
        counted = human(view, target.counted)
        if figure.name == "attainment":
            return say("closed at the rates of the period's first day {counted} ÷ quota {amount}", counted=counted, amount=amount("quota"))
        if figure.name == "gap":
            return say("quota {amount} − closed at the rates of the period's first day {counted}", amount=amount("quota"), counted=counted)
        return say("open pipeline {amount} ÷ gap {amount2}", amount=amount("cumulative_open_pipeline"), amount2=amount("gap"))
    if figure.name == "weighted":
        return "the sum over open deals of amount × probability, each rounded half-even"
    if figure.name == "overdue":
        return "open deals of the period whose expected close has passed"
    return " + ".join(f"{p.replace('_', ' ')} {amount(p)}" for p in parts)


def _worded(view: View, figure: Figure, cells: dict[str, Any]) -> str:
    from sfa.commands.tables import worded

    value = cells.get(figure.name)
    if figure.type == "money":
        return human(view, value) if value is not None else "–"
    return "met" if figure.name == "coverage" and cells.get("met") else worded(figure, value, view.store.currency, False, True)


def _json(view: View, figure: Figure, cells: dict[str, Any]) -> Any:
    from sfa.commands.forecast.table import plain

    return plain(figure.type, cells.get(figure.name), view.currency)


def _deal_row(view: View, deal: Deal, figure: Figure) -> dict[str, Any]:
    from sfa.sales import money
    from sfa.sales.refs import show
    from sfa.store import lookup

    record = lookup.get(view.store, "opportunity", deal.id) or {}
    stage = (lookup.get(view.store, "stage", record["stage"]) or {}).get("name") if record.get("stage") else None
    owner = view.found.people.get(deal.owner or 0)
    return {
        "ref": show("opportunity", deal.id, view.store.site),
        "deal": record.get("name"),
        "owner": owner.name if owner else None,
        "stage": stage or "",
        "category": deal.category.replace("_", " "),
        "day": record.get("closed") if deal.category == "closed" else record.get("close"),
        "own_amount": money.human(deal.value, deal.currency) if deal.value is not None and deal.currency else "",
        "rate_day": deal.rate_day,
        "amount": deal.amount,
        "counted": _counted(deal, figure),
    }


def _said(view: View, found: Cell, figure: Figure) -> list[str]:
    """What people say of the row, where it is one person's roll-up."""
    column = "commit" if figure in SPOKEN.values() else figure.name.removeprefix("cumulative_")
    said, person = view.said, found.person
    if said is None or person not in said.lines.level or column not in said.standings:
        return []
    out, stand = [], said.standings[column][person]
    if (call := said.calls.get(person)) and call.of(column) is not None:
        moved = call.moved(column, stand.gross)
        since = (
            say("; the roll-up has moved {word}{amount} since", word="+" if moved > 0 else "", amount=human(view, moved)) if moved else ""
        )
        out.append(
            say(
                "Called {amount} on {made}{more}{since}",
                amount=human(view, call.of(column) or 0),
                made=call.made[:10],
                more=say(": {note}", note=call.note) if call.note else "",
                since=since,
            )
        )
    for a in said.adjustments:
        if a.owner == person and a.column == column and a not in said.out_of_force:
            out.append(
                say(
                    "Manager's figure {amount} of {made}{more}",
                    amount=human(view, a.amount),
                    made=a.made[:10],
                    more=say(": {note}", note=a.note) if a.note else "",
                )
            )
    out += _judgments(view, said, person, column)
    if stand.adjusted != stand.gross:
        own = getattr(cumulative(said.own.get(person, Figures())), column)
        parts = [say("own deals {amount}", amount=human(view, own))]
        for report in said.lines.reports[person]:
            below = said.standings[column][report]
            what = " (manager's figure)" if below.figure is not None else ""
            parts.append(f"{said.names[report]} {human(view, below.adjusted if below.figure is None else below.figure)}{what}")
        out.append(
            say(
                "Adjusted roll-up {amount} = {parts}; gross {human2}",
                amount=human(view, stand.adjusted),
                parts=together(" + ", parts),
                human2=human(view, stand.gross),
            )
        )
    return out


def _judgments(view: View, said: Said, person: int, column: str) -> list[str]:
    """The deals of a person's roll-up that their manager counts otherwise, where nothing else makes the manager's figure."""
    from sfa.sales.refs import show

    adjusted = any(a.owner == person and a.column == column and a not in said.out_of_force for a in said.adjustments)
    figure = said.standings[column][person].figure
    if figure is None or adjusted:
        return []
    team = below(said.people, person)
    mine = [j for j in said.judgments if j.column == column and j.manager == said.over[person] and j.owner in team]
    deals = [
        f"{show('opportunity', j.deal, view.store.site)} {'in' if j.included else 'not in'}{f' ({j.note})' if j.note else ''}" for j in mine
    ]
    return [say("Manager's figure {amount}, with {deals}", amount=human(view, figure), deals=together(", ", deals))]
