"""What people say of a forecast beside what the deals add up to: calls, managers' adjustments and judgments. None of it changes a deal.

Amounts are integers in minor units of one currency, all cumulative (closed included). Definitions: FORMULAS, "Forecast"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from sfa.errors import Refused
from sfa.messages import say
from sfa.sales.forecast import COLUMNS as COLUMNS
from sfa.sales.forecast import Figures, Person, Tree, cumulative


class Call(NamedTuple):
    """What a person commits to, and their best case; None where they did not say. `rollup` is what their deals and those of everyone
    below added up to when they said it, in the same order."""

    owner: int
    said: tuple[int | None, int | None]
    rollup: tuple[int, int]
    note: str
    made: str

    def of(self, column: str) -> int | None:
        """The call of a column; most likely has none."""
        return dict(zip(("commit", "best_case"), self.said, strict=True)).get(column)

    def moved(self, column: str, rollup: int) -> int:
        """How far the roll-up has moved since the call."""
        return rollup - dict(zip(("commit", "best_case"), self.rollup, strict=True))[column]


class Adjustment(NamedTuple):
    """A manager's figure in one column for a direct report with all below. `gross` is what that report's roll-up was then."""

    owner: int
    manager: int | None
    column: str
    amount: int
    gross: int
    note: str
    made: str


class Judgment(NamedTuple):
    """A manager's view that one open deal of the period belongs into a column or not. `owner` and `amount` are the deal's, `natural`
    whether its own forecast category puts it there."""

    deal: int
    manager: int | None
    column: str
    included: bool
    owner: int
    amount: int
    natural: bool
    note: str
    made: str


class Standing(NamedTuple):
    """One column of one person with all below: `gross` is what the deals add up to, `figure` what their manager says (None: nothing),
    `adjusted` own deals plus, of each report, the figure said of them, else their adjusted roll-up. `moved` is how far the gross has
    moved since an adjustment; None without one."""

    gross: int
    adjusted: int
    figure: int | None = None
    moved: int | None = None


def standings(
    lines: Tree,
    own: Mapping[int, Figures],
    rolled: Mapping[int, Figures],
    column: str,
    said: Iterable[Adjustment],
    judged: Sequence[Judgment],
    over: Mapping[int, int | None] | None = None,
) -> dict[int, Standing]:
    """How everyone stands in a column. Only the adjustment of the manager that a person reports to counts, and it beats judgments.
    `over` names everyone's manager where `lines` are only a part of the company; what those outside it say counts too.

    Adjusted roll-up = own deals + Σ reports' (manager's figure, else their adjusted roll-up). Source: FORMULAS, "Adjustment"."""
    over = lines.manager if over is None else over
    given = {a.owner: a for a in said if a.column == column and a.owner in lines.level and over[a.owner] == a.manager}
    deals = [j for j in judged if j.column == column and j.owner in lines.level]
    out: dict[int, Standing] = {}
    for person in reversed(lines.order):
        gross = _column(rolled[person], column)
        adjusted = _column(own.get(person, Figures()), column)
        for report in lines.reports[person]:
            below = out[report]
            adjusted += below.adjusted if below.figure is None else below.figure
        figure, moved = None, None
        if person in given:
            figure, moved = given[person].amount, gross - given[person].gross
        elif change := _judged(over, person, deals):
            figure = adjusted + change
        out[person] = Standing(gross, adjusted, figure, moved)
    return out


def _column(f: Figures, column: str) -> int:
    value: int = getattr(cumulative(f), column)
    return value


def _judged(over: Mapping[int, int | None], person: int, deals: Sequence[Judgment]) -> int:
    """What a manager's judgments change of one report's adjusted roll-up: each deal that they see otherwise than those below them."""
    change, manager = 0, over[person]
    for mine in (j for j in deals if j.manager == manager):
        path = _path(over, mine.owner, manager)
        if person not in path:
            continue
        others = {j.manager: j.included for j in deals if j.deal == mine.deal}
        # The owner's own view, from when they managed whose deal it was, is nobody's figure.
        below = next((others[p] for p in reversed(path[1:]) if p in others), mine.natural)
        if mine.included != below:
            change += mine.amount if mine.included else -mine.amount
    return change


def _path(over: Mapping[int, int | None], owner: int, manager: int | None) -> list[int]:
    """From an owner up to, but without, a manager; empty where the owner is not below."""
    path: list[int] = []
    at: int | None = owner
    while at is not None and at != manager:
        path.append(at)
        at = over[at]
    return path if at == manager else []


def whole(lines: Tree, found: Mapping[int, Standing]) -> Standing:
    """Everyone together: the sum over the people who report to nobody; what an administrator says of them is in `adjusted`."""
    tops = [found[p] for p in lines.order if lines.manager[p] is None]
    return Standing(sum(s.gross for s in tops), sum(s.adjusted if s.figure is None else s.figure for s in tops))


def called(lines: Tree, calls: Mapping[int, Call], column: str) -> dict[int, tuple[int, int]]:
    """person → (what is called for them with all below, by how many): their own call, else the sum of their reports'. Only those for
    whom somebody called."""
    out: dict[int, tuple[int, int]] = {}
    for person in reversed(lines.order):
        call = calls[person].of(column) if person in calls else None
        below = [out[p] for p in lines.reports[person] if p in out]
        if call is not None:
            out[person] = call, 1
        elif below:
            out[person] = sum(a for a, _ in below), sum(n for _, n in below)
    return out


def missing(
    lines: Tree, people: Mapping[int, Person], own: Mapping[int, Figures], quota: Iterable[int], calls: Mapping[int, Call]
) -> list[int]:
    """Who has not called though they have deals in the period, a quota or reports; those who left are not asked."""
    asked = {p for p in lines.order if lines.reports[p] or (p in own and own[p].deals)} | {*quota}
    return [p for p in lines.order if p in asked and p in people and people[p].active and p not in calls]


def may_adjust(person: Person, manager: Person | None, actor: int | None, admin: bool, named: Callable[[int], str]) -> int | None:
    """The post (a manager's id, None at the top) in whose name `actor` says something of a direct report. Raises Refused for anybody but
    the manager themselves; where the post is vacant (nobody, or somebody inactive) for anybody but an administrator."""
    if manager is not None and manager.active:
        if actor != manager.id:
            raise Refused(
                say("only {name}, to whom {name2} reports, says this of {name2}", name=manager.name, name2=person.name),
                f"sfa --me {manager.name!r} …",
            )
        return manager.id
    if not admin:
        who = (
            say("{name}, to whom {name2} reports, is inactive", name=manager.name, name2=person.name)
            if manager
            else say("{name} reports to nobody", name=person.name)
        )
        me = named(actor) if actor else "you"
        raise Refused(
            say("{who}, and {me} is no administrator", who=who, me=me), say("An administrator may: sfa user edit {me!r} admin=yes", me=me)
        )
    return manager.id if manager else None
