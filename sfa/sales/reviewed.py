"""A reviewed list of pairs: which records go into which, chains followed to their end. Pure: reading the file is the command's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sfa.messages import say

Who = tuple[str, int]


class Decision(NamedTuple):
    """A line of the file: which of the two is kept; True merges the other into it, False says that they are two, None nothing."""

    line: int
    keep: Who
    other: Who
    merge: bool | None


def resolved(merges: Sequence[Decision]) -> tuple[dict[Who, list[Who]], list[tuple[int, str]]]:
    """Survivor → the records that go into it, for lines that merge: C into B and B into A are both into A. Lines that contradict each
    other (a record into two survivors, a circle) are returned with what is wrong with them."""
    into: dict[Who, Decision] = {}
    problems: list[tuple[int, str]] = []
    for d in merges:
        before = into.get(d.other)
        if before is None:
            into[d.other] = d
        elif _end(into, before.keep) != _end(into, d.keep):
            problems.append((d.line, say("this record goes into another one by line {line}", line=before.line)))
    for d in merges:
        if _end(into, d.keep) is None:
            problems.append((d.line, "the pairs go round in a circle"))
    groups: dict[Who, list[Who]] = {}
    if not problems:
        for other in into:
            keep = _end(into, other)
            if keep is not None:
                groups.setdefault(keep, []).append(other)
    return groups, problems


def _end(into: dict[Who, Decision], who: Who) -> Who | None:
    """The record that one ends up in; None where there is no end."""
    seen = {who}
    while who in into:
        who = into[who].keep
        if who in seen:
            return None
        seen.add(who)
    return who
