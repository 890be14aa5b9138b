"""What the reports on deals share: their people, columns and rows, and how a period is set beside another (`--versus`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.tables import Figure, labelled, ordered, record_of
from sfa.messages import lines, say, together

if TYPE_CHECKING:
    from datetime import date

    from sfa.commands.session import Session
    from sfa.sales.comparison import Compared
    from sfa.sales.dates import Period
    from sfa.sales.statistics import Difference
    from sfa.store.database import Store
    from sfa.store.queries.dimensions import Dimension

Values = tuple[Any, ...]
"""What a group was counted by, in the order of the dimensions."""
Explain = Annotated[bool, typer.Option("--explain", help="Print what the figures mean instead.")]
Versus = Annotated[str, typer.Option("--versus", metavar="PERIOD", help="Compare with last-year, previous, or any period.")]
WEAKNESS = "* fewer than 30 deals: a weak rate"
CHANGE = (
    Figure("change", "points", "Change"),
    Figure("change_interval", "words", "Its interval", drop=7),
    Figure("change_low", "ratio", people=False),
    Figure("change_high", "ratio", people=False),
    Figure("change_p", "ratio", people=False),
    Figure("change_more_than_chance", "bool", people=False),
)
"""How far a rate is from that of another period, with its interval."""


def owners(found: Any) -> set[Any]:
    """The people in charge of counted deals, where a dimension is about people."""
    at = [i for i, d in enumerate(found.dimensions) if d.to == "user"]
    return {values[i] for values, _ in found.groups for i in at if values[i] is None or values[i] in found.people}


def columns(dimensions: Sequence[Dimension], format: str) -> list[tuple[str, str]]:
    """The columns of the dimensions: with the records that they are for programs."""
    return [(d.name, "" if format in ("table", "md", "html") else record_of(d)) for d in dimensions]


def rows(
    store: Store, dimensions: Sequence[Dimension], cells: Sequence[tuple[tuple[Any, ...], float, dict[str, Any]]], people: Sequence[int]
) -> list[dict[str, Any]]:
    """Rows in order: (key, weight, figures) with the names of their keys."""
    from sfa.store.queries.dimensions import Labels

    labels = [Labels(store, d, {key[i] for key, _, _ in cells}) for i, d in enumerate(dimensions)]
    by_key = {key: figures for key, _, figures in cells}
    keys = ordered(dimensions, labels, [(key, weight) for key, weight, _ in cells], people)
    return [{**labelled(dimensions, labels, key), **by_key[key]} for key in keys]


# Beside another period -------------------------------------------------------------------------------------------------------------


def against(store: Store, span: Period, versus: str) -> tuple[Period, Compared | None]:
    """The days that a report is of, and what `--versus` compares them with: None without it. Of a period that is over only as much is
    reported as has elapsed of one that is not. Raises UsageError, BadValue."""
    from sfa.sales.comparison import compared
    from sfa.store.queries import scope

    if not versus:
        return span, None
    calendar = scope.calendar(store)
    pair = compared(span, versus, calendar)
    # Nothing has happened yet in what is left of a running period: it keeps its name.
    return (pair.this if pair.this.end <= calendar.today else span), pair


@contextmanager
def stood(session: Session, store: Store, span: Period | None, versus: str) -> Iterator[tuple[Store, Period | None, date]]:
    """For what stands open: the store as it was on the day that `--versus` names, the period whose deals are compared, and that day.

    Raises Refused where the file knows of no deal so early, UsageError for a day that is not past."""
    from sfa.errors import Refused
    from sfa.sales.comparison import standing
    from sfa.store.queries import scope

    due, day = standing(span, versus, scope.calendar(store))
    begin = scope.at(scope.history_begins(store)).date()
    if day < begin:
        raise Refused(say("nothing is known of how deals stood on {day}", day=day), say("History begins on {begin}.", begin=begin))
    with session.store(as_of=day.isoformat()) as past, scope.snapshot(past):
        yield past, due, day


def titled(title: str, pair: Compared | None) -> str:
    """A report's heading, with the period that it is compared with below its first line."""
    from sfa.sales.dates import describe

    if pair is None:
        return title
    first, *rest = lines(title)
    part = say(" of {name}", name=pair.whole_other.name) if pair.other != pair.whole_other else ""
    against = say("Against {period}{part}", period=describe(pair.other), part=part)
    return together("\n", [first, against, *rest])


def versus_of(pair: Compared | None) -> dict[str, Any]:
    """What a report is compared with, for JSON. The period is half-open."""
    if pair is None:
        return {}
    return {"versus": {"name": pair.other.name, "start": pair.other.start.isoformat(), "end": pair.other.end.isoformat()}}


def with_before(figures: Sequence[Figure], compared: Sequence[Figure], pair: Compared | None, people: bool) -> list[Figure]:
    """The figures of a report, with those that compare it where it is compared. Intervals in words are for people."""
    return [*figures, *(f for f in compared if pair and (people or f.type != "words"))]


def before(now: Mapping[str, Any], then: Mapping[str, Any] | None, names: Sequence[str], of: str) -> dict[str, Any]:
    """The figures `names` of a row as they were in the other period (None: there is nothing to compare), and how much more `of` is now."""
    old = then or {}
    change = now[of] - old[of] if now.get(of) is not None and old.get(of) is not None else None
    return {**{f"before_{n}": old.get(n) for n in names}, "change": change}


def difference_cells(name: str, found: Difference | None) -> dict[str, Any]:
    """A difference of two rates as figures."""
    if found is None:
        return {**{name + end: None for end in ("", "_low", "_high", "_p")}, f"{name}_interval": "–"}
    return {
        name: found.value,
        f"{name}_low": found.low,
        f"{name}_high": found.high,
        f"{name}_p": found.p,
        f"{name}_interval": say("{low:+.1f} to {high:+.1f}", low=found.low * 100, high=found.high * 100),
    }


def tested(changes: Iterable[Difference | None]) -> int:
    """How many changes could be more than chance: those of 30 cases or more in both periods."""
    return sum(c is not None and not c.weak for c in changes)


def change_cells(found: Difference | None, tests: int, least: Difference | None) -> dict[str, Any]:
    """The change of a rate, one of so many that are looked at, as figures; `least` is how much remains of it whatever becomes of the cases
    that are not decided yet, and must be more than chance too."""
    more = all(d is not None and d.more_than_chance(tests) for d in (found, least))
    return {**difference_cells("change", found), "change_more_than_chance": more}


def chance_notes(rows: Iterable[Mapping[str, Any]], cases: str = "deals") -> list[str]:
    """What the mark of a change says, where one is marked."""
    said = say("! changed by more than chance: 30 {cases} or more in both periods, p times the number of such rows below 0.05", cases=cases)
    return [said] if any(r.get("change_more_than_chance") for r in rows) else []


def change_marked(row: Mapping[str, Any], figure: Figure, shown: str) -> str:
    """A change with its sign, and with a mark where it is more than chance; other figures as they are."""
    if figure.name != "change":
        return shown
    if figure.type in ("days", "number") and row.get("change") is not None:
        shown = f"{row['change']:+,.1f}"
    return shown + "!" if row.get("change_more_than_chance") else shown


def aligned(
    store: Store, dimensions: Sequence[Dimension], groups: Sequence[tuple[Values, Any]], span: Period, other: Period
) -> list[tuple[Values, Any]]:
    """The groups of a period that `span` is compared with, their months as those of `span` that they stand beside."""
    from sfa.sales.comparison import shifted

    at = [i for i, d in enumerate(dimensions) if d.name in ("month", "quarter")]
    if not at:
        return [*groups]

    def moved(values: Values) -> Values:
        return tuple(shifted(v, span, other, store.calendar) if i in at and v else v for i, v in enumerate(values))

    return [(moved(values), group) for values, group in groups]


def explained(name: str) -> None:
    """Write what a report's figures mean, and where the manual says more."""
    from sfa.sales.definitions import DEFINITIONS

    definition = DEFINITIONS[name]
    for sentence in definition.says:
        output.paragraph(sentence)
    output.line(say("More: {link}", link=definition.link))
