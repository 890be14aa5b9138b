"""What people say of a forecast by rep, gathered: calls, managers' figures and how everyone stands with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sfa.sales.calls import Adjustment, Call, Judgment, Standing
    from sfa.sales.forecast import Figures, Person, Tree
    from sfa.sales.goals import Forecast
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask, Counted


class Said(NamedTuple):
    """`own` are everyone's own figures, `rolled` those with all below, `standings` how they stand by column; `out_of_force` adjustments of
    somebody to whom the person no longer reports; `missing` who has not called. `over` and `names` are everyone's
    managers and names, in this report or not."""

    lines: Tree
    people: dict[int, Person]
    own: dict[int, Figures]
    rolled: dict[int, Figures]
    calls: dict[int, Call]
    adjustments: list[Adjustment]
    judgments: list[Judgment]
    standings: dict[str, dict[int, Standing]]
    missing: list[int]
    out_of_force: list[Adjustment]
    over: Mapping[int, int | None]
    names: dict[int, str]

    @property
    def anything(self) -> bool:
        """Whether anybody said anything."""
        return bool(self.calls or self.adjustments or self.judgments)

    def whole(self, column: str) -> tuple[Standing, int | None]:
        """Everyone together: how they stand, and what was called by the people at the top, or where they did not by their reports."""
        from sfa.sales.calls import called, whole

        reach = called(self.lines, self.calls, column)
        tops = [reach[p][0] for p in self.lines.order if self.lines.manager[p] is None and p in reach]
        return whole(self.lines, self.standings[column]), sum(tops) if tops else None


def gather(store: Store, ask: Ask, found: Counted, made: Forecast) -> Said:
    """`made` is the forecast by rep alone. Raises Refused for a missing rate."""
    from sfa.sales import calls as rules
    from sfa.sales.forecast import NOBODY, roll_up, tree
    from sfa.store.queries import calls as query
    from sfa.store.queries import scope

    lines, people = made.slicer.lines, found.people
    own = {row.key[0] or NOBODY: row.figures for row in made.rows}
    rolled = roll_up(lines, own)
    everyone = people if ask.only is None else scope.people(store, ask.period)
    over = lines.manager if ask.only is None else {**lines.manager, **tree(everyone, lines.order).manager}
    day = scope.calendar(store).today
    calls = {p: c for p, c in query.calls(store, ask.period, day).items() if p in lines.level}
    said = [a for a in query.adjustments(store, ask.period, day) if a.owner in lines.level]
    judged = query.judgments(store, ask)
    standings = {c: rules.standings(lines, own, rolled, c, said, judged, over) for c in rules.COLUMNS}
    missing = rules.missing(lines, people, own, made.assigned.people, calls)
    gone = [a for a in said if over[a.owner] != a.manager]
    names = {p.id: p.name for p in everyone.values()}
    return Said(lines, people, own, rolled, calls, said, judged, standings, missing, gone, over, names)


def speakable(ask: Ask, names: list[str]) -> bool:
    """Whether calls can stand beside a forecast: it is of revenue, by rep, of all deals."""
    return names == ["rep"] and not ask.conditions and ask.measure == "revenue"


def by_rep(store: Store, ask: Ask) -> tuple[Counted, Forecast]:
    """The forecast by rep, with everyone of whom something is said."""
    from sfa.sales.goals import forecast
    from sfa.store.queries import calls
    from sfa.store.queries import forecast as query

    found, fiscal = query.counted(store, "rep", ask), query.fiscal(store, ask.period)
    also = calls.spoken_of(store, ask.period)
    return found, forecast(["rep"], found.groups, found.people, found.quotas, ask.period, fiscal, also)
