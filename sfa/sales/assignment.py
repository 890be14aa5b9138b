"""Who gets which lead: ordered rules, the first that fits, its people in turn or the one with the least to do.

Pure decisions over the outcome of the conditions (which rule a record fits), which the store finds out. Nothing here reads a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from sfa.sales.filters import Condition

ROUND_ROBIN, LEAST_LOADED = "round_robin", "least_loaded"


class Rule(NamedTuple):
    """A rule that can give. `people` are its users in the order of its list, `absent` those of them who are inactive; `last` is who had
    the last turn, None where nobody had one yet."""

    id: int
    name: str
    order: float
    conditions: tuple[Condition, ...]
    people: tuple[int, ...]
    method: str = ROUND_ROBIN
    absent: frozenset[int] = frozenset()
    last: int | None = None

    @property
    def present(self) -> tuple[int, ...]:
        return tuple(p for p in self.people if p not in self.absent)


class Given(NamedTuple):
    """Who gets a record: by which rule (its place among the rules; None: nobody's), and at which place of its list they stand, from 1.
    `stays` where the record is one of the rule's people's already."""

    person: int | None
    rule: int | None
    place: int = 0
    stays: bool = False


class Distribution:
    """Records being given to people, one after the other. `loads` is how many open records each person has; it is brought up to date, over
    all rules. `default` gets what no rule fits and nobody owns."""

    def __init__(self, rules: Sequence[Rule], loads: dict[int, int], default: int | None) -> None:
        self.rules, self.loads, self.default = rules, loads, default
        self.turns = [_Turns(rule, loads) for rule in rules]

    def give(self, at: int | None, owner: int | None) -> Given:
        """Who gets a record that fits the rule `at` (None: no rule). One whose owner is one of its rule's people stays theirs, and no turn
        is taken; one that no rule fits stays with its owner."""
        if at is None:
            return Given(self.default if owner is None else owner, None, 0, owner is not None)
        turns = self.turns[at]
        if owner is not None and owner in turns.places and owner not in turns.rule.absent:
            return Given(owner, at, turns.places[owner], True)
        person = turns.take()
        if owner is not None:
            self.loads[owner] = self.loads.get(owner, 0) - 1
        return Given(person, at, turns.places[person])

    def give_new(self, ats: Iterable[int | None]) -> list[int | None]:
        """Who gets new records that nobody owns, by the rules that they fit."""
        takes = [t.take for t in self.turns]
        default = self.default
        return [default if at is None else takes[at]() for at in ats]

    def last_turns(self) -> list[tuple[int, int, int]]:
        """(rule's id, who had its last turn, how many it gave) for the rules that gave any."""
        return [(t.rule.id, t.last, t.given) for t in self.turns if t.last is not None]


class _Turns:
    """The turns of one rule's people."""

    def __init__(self, rule: Rule, loads: dict[int, int]) -> None:
        self.rule, self.loads, self.present = rule, loads, rule.present
        self.places = {p: i for i, p in enumerate(rule.people, 1)}
        self.next = self._first()
        self.last: int | None = None
        self.given = 0
        self.take: Callable[[], int] = self._least if rule.method == LEAST_LOADED else self._turn

    def _first(self) -> int:
        """Where among those present the turn is: with the first one behind whoever had the last turn, who may be away by now."""
        after = self.places.get(self.rule.last or 0, 0)
        people = [*self.rule.people[after:], *self.rule.people[:after]]
        return self.present.index(next(p for p in people if p not in self.rule.absent))

    def _turn(self) -> int:
        return self._count(self.present[(self.next + self.given) % len(self.present)])

    def _least(self) -> int:
        return self._count(min(self.present, key=lambda p: self.loads.get(p, 0)))

    def _count(self, person: int) -> int:
        self.last = person
        self.given += 1
        self.loads[person] = self.loads.get(person, 0) + 1
        return person


# What is wrong with rules ------------------------------------------------------------------------------------------------------------


def shadowed(rules: Sequence[Rule]) -> list[tuple[int, int]]:
    """(rule, the earlier one that takes all it would get), by their places. What cannot be told from the conditions is not told."""
    out = []
    for i, rule in enumerate(rules):
        by = next((j for j in range(i) if covers(rules[j].conditions, rule.conditions)), None)
        if by is not None:
            out.append((i, by))
    return out


def ties(rules: Sequence[Rule]) -> list[tuple[int, int]]:
    """(rule, the one before it that has the same order), by their places: which goes first is then only their age."""
    return [(i, i - 1) for i in range(1, len(rules)) if rules[i].order == rules[i - 1].order]


def covers(wide: Iterable[Condition], narrow: Iterable[Condition]) -> bool:
    """Whether everything that fits all of `narrow` fits all of `wide`, as far as single conditions tell."""
    narrow = list(narrow)
    return all(any(_implies(n, w) for n in narrow) for w in wide)


def _implies(narrow: Condition, wide: Condition) -> bool:
    if narrow.path != wide.path:
        return False
    mine, theirs = ([v.casefold() for v in c.values] for c in (narrow, wide))
    if (narrow.op, narrow.negated) == (wide.op, wide.negated) and mine == theirs:
        return True
    if wide.op == ":" and not wide.negated and narrow.op == ":":
        if theirs in (["any"], ["*"]):
            return not narrow.negated and not {"none", ""} & {*mine}
        return not narrow.negated and {*mine} <= {*theirs}
    # -country:Ireland,Spain lets less through than -country:Ireland does.
    if wide.op == ":" and wide.negated and narrow.negated and narrow.op == ":":
        return {*theirs} <= {*mine}
    if wide.op in _WAY and not wide.negated and not narrow.negated:
        return _within(narrow, wide)
    return False


_WAY = {">": 1, ">=": 1, "<": -1, "<=": -1}


def _within(narrow: Condition, wide: Condition) -> bool:
    """Whether a range of numbers lies in another; dates and amounts in other words are not compared."""
    try:
        mine, theirs = float(narrow.values[0]), float(wide.values[0])
    except ValueError:
        return False
    if narrow.op == ":" and len(narrow.values) == 1:
        return {">": mine > theirs, ">=": mine >= theirs, "<": mine < theirs, "<=": mine <= theirs}[wide.op]
    if _WAY.get(narrow.op) != _WAY[wide.op]:
        return False
    further = (mine - theirs) * _WAY[wide.op]
    return further > 0 or (further == 0 and not (len(wide.op) == 1 and len(narrow.op) == 2))
