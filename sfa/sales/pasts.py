"""What rows of history make of a deal's past: snapshots, stages that it was in, changes of its fields become versions of the whole deal.

Pure decisions over stored values: moments are UTC 'YYYY-MM-DDTHH:MM:SSZ', so that their order is that of their texts. Which rows are
which is told in `histories.py`; reading and writing them is the store's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from sfa.sales import pipeline
from sfa.sales.money import exponent, half_even

Record = dict[str, Any]
ALWAYS = ("name", "stage", "currency")
"""The fields that a deal is never without."""


class Step(NamedTuple):
    """What a deal was from the moment `at` on: stored values by field, its stage among them."""

    at: str
    given: Record


class Visit(NamedTuple):
    """A stage that a deal was in from `at` until `left` (None: it is not said), and what else its row, on `line`, says of the deal then."""

    at: str
    left: str | None
    given: Record
    line: int = 0


class Change(NamedTuple):
    """A field's change at the moment `at`. `says_old` is whether the file tells old values, a blank one too."""

    at: str
    field: str
    old: Any
    new: Any
    says_old: bool = True
    line: int = 0


# Stages that a deal was in ------------------------------------------------------------------------------------------------------------


def overlaps(visits: Sequence[Visit]) -> dict[int, Visit]:
    """Place of a visit that began while an earlier one lasted → that one. Of two that began together the first given is the earlier."""
    out: dict[int, Visit] = {}
    last: Visit | None = None
    for i in sorted(range(len(visits)), key=lambda i: visits[i].at):
        if last and last.left and visits[i].at < last.left:
            out[i] = last
        else:
            last = visits[i]
    return out


def visited(visits: Iterable[Visit], until: str) -> tuple[list[Step], int]:
    """The steps of visits that do not overlap, and in how many gaps (up to `until`, from when the deal is known) the earlier stage had to
    be kept."""
    in_order = sorted(visits, key=lambda v: v.at)
    ends = [v.at for v in in_order[1:]] + [until]
    gaps = sum(v.left is not None and v.left < end for v, end in zip(in_order, ends, strict=True))
    return [Step(v.at, v.given) for v in in_order], gaps


# Changes of fields --------------------------------------------------------------------------------------------------------------------


class Rebuilt(NamedTuple):
    """A past made of changes: its steps, oldest first, and the changes whose new value is not what is known later."""

    steps: list[Step]
    contrary: list[Change]


def rebuilt(first: Record, changes: Sequence[Change], begun: str = "", money: Sequence[str] = ("amount",)) -> Rebuilt:
    """The past of a deal, reconstructed backwards from `first`, the earliest version that is known: before a change its old value held;
    where the file tells none, the new value of the change before, and before the first one the field was blank.

    A field that a deal is never without held its first known value from the beginning. `begun` is when the deal began ("": with the first
    change). Changes of one moment are one step unless they are of the same field: then they are taken in the order in which each leads to
    the next, else as given. A change whose new value is not what is known later is told: it yields to the next change's old value, and
    holds until `first` where it is the last of its field. Amounts (`money`) are in the currency of `first`; they keep their figures in
    another."""
    wanted = sorted(changes, key=lambda c: c.at)
    left = {f: [c for c in wanted if c.field == f] for f in dict.fromkeys(c.field for c in wanted)}
    contrary: list[Change] = []
    after = _at_last(first, left, money, contrary)
    steps: list[Step] = []
    for at, together in reversed([(at, list(group)) for at, group in groupby(wanted, key=lambda c: c.at)]):
        for save in reversed(_saves(together, after)):
            steps.append(Step(at, _in_its_currency(after, first, money)))
            for change in save:
                if change.new != after[change.field]:
                    contrary.append(change)
                left[change.field].remove(change)
                after[change.field] = _before(change, left[change.field])
            if any(c.field == "stage" for c in save):
                after = _without_stages(after, left)
    if begun and (not wanted or begun <= wanted[0].at):
        steps.append(Step(begun, _in_its_currency(after, first, money)))
    return Rebuilt(steps[::-1], sorted(contrary, key=lambda c: c.line))


def _at_last(first: Record, changes: dict[str, list[Change]], money: Sequence[str], contrary: list[Change]) -> Record:
    """What a deal was after all its changes (by field, in order of time): fields that change hold what the last change made of them, even
    where `first` knows otherwise, which is noted as `contrary`."""
    after = {n: first.get(n) for n in ("stage", *pipeline.SET_BY_STAGE, *(money if "currency" in changes else ()))}
    for field, own in changes.items():
        last = _chained([c for c in own if c.at == own[-1].at], first.get(field))[-1]
        after[field] = last.new
        if last.new != first.get(field):
            contrary.append(last)
    return after if after["stage"] == first.get("stage") else _without_stages(after, changes)


def _without_stages(state: Record, changes: dict[str, list[Change]]) -> Record:
    """A deal's state in another stage than the one that is known: that stage sets what no change tells."""
    return {n: v for n, v in state.items() if n in changes or n not in pipeline.SET_BY_STAGE}


def _before(change: Change, earlier: list[Change]) -> Any:
    """What the field was before a change; `earlier` are its changes before this one."""
    if change.old is not None or (change.says_old and change.field not in ALWAYS):
        return change.old
    return earlier[-1].new if earlier else change.new if change.field in ALWAYS else None


def _saves(together: Sequence[Change], after: Record) -> list[list[Change]]:
    """The changes of one moment in the order in which they were made, those made at once together. `after` is what they led to."""
    queues = {f: _chained([c for c in together if c.field == f], after[f]) for f in {c.field for c in together}}
    out: list[list[Change]] = [[]]
    for field in (c.field for c in together):
        if any(c.field == field for c in out[-1]):
            out.append([])
        out[-1].append(queues[field].pop(0))
    return out


def _chained(changes: list[Change], after: Any) -> list[Change]:
    """Changes of one field at one moment so that each leads to the next and the last to `after`; where none does, the last one given."""
    left, out = list(changes), list[Change]()
    while left:
        found = next((c for c in reversed(left) if c.new == after), left[-1])
        left.remove(found)
        out.append(found)
        after = found.old if found.says_old else left[-1].new if left else None
    return out[::-1]


def distinct(changes: Iterable[Change]) -> list[Change]:
    """Changes without those that say the same as another of the same moment, as a file does that names an owner by id and again by name."""
    return list({(c.at, c.field, c.old, c.new): c for c in reversed(list(changes))}.values())[::-1]


def _in_its_currency(state: Record, first: Record, money: Sequence[str]) -> Record:
    """A copy of a deal's state, its amounts in the minor units of its currency at the time."""
    was, now = first.get("currency"), state.get("currency")
    if not was or not now or exponent(was) == exponent(now):
        return dict(state)
    return {**state, **{n: rescaled(state[n], was, now) for n in money if state.get(n) is not None}}


def rescaled(amount: int, was: str, now: str) -> int:
    """Minor units of one currency as those of another with the same figure: 12.00 USD is 12 JPY."""
    return half_even(amount * 10 ** exponent(now), 10 ** exponent(was))


# Whole versions -----------------------------------------------------------------------------------------------------------------------


def versions(first: Record, steps: Sequence[Step], stages: dict[int, Record], day: Callable[[str], str]) -> list[Record]:
    """The version of a deal that each step makes, given in their order. `first` is the earliest version that is known, `stages` the stages
    by id, `day` the company's day of a moment.

    The steps of one stay in a closed stage were all closed on the day on which it began, in the last stay on the day that `first` tells."""
    out: list[Record] = []
    same = len(steps)
    while same and steps[same - 1].given["stage"] == first.get("stage"):
        same -= 1
    began = ""
    for i, step in enumerate(steps):
        if not i or steps[i - 1].given["stage"] != step.given["stage"]:
            began = day(step.at)
        out.append(version(first, step.given, stages.get(step.given["stage"]), began, i >= same))
    return out


def version(first: Record, row: Record, stage: Record | None, day: str, same: bool) -> Record:
    """A past version of a deal: what the row says, the rest as in the first version that is known. `day` is when its stay in this stage
    began, ISO; `same` whether that stay is the one that `first` knows.

    A version in a closed stage was closed on that day, unless the stay is the same and `first` tells its date; an open one has neither
    closed date nor reason."""
    out = {**first, **row}
    if stage is None:
        return out
    out |= {"stage": stage["id"], "pipeline": stage["pipeline"]}
    if stage["outcome"] == "open":
        out |= {"closed": None, "reason": None}
        for name in pipeline.SET_BY_STAGE:
            out[name] = row.get(name) if row.get(name) is not None else stage[name]
        if out["category"] == "closed":
            out["category"] = stage["category"]
        return out
    won = stage["outcome"] == "won"
    out |= {"probability": 100 if won else 0, "category": "closed" if won else "omitted"}
    out["closed"] = first["closed"] if same and first.get("closed") else day
    return out if same or "reason" in row else {**out, "reason": None}
