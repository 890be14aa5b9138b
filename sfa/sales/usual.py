"""What is usual for a stage, learnt from won deals: how long they stayed in it, how long they were silent, how soon they were won.

A touch is an activity, a change of stage, the opening or the win. Days are numbers of days (ordinals); where they come from is the store's
business."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from sfa.sales.statistics import WEAK, percentile

MOST, LEAST = 90, 10
"""Unusual is what is beyond 9 of 10 won deals."""


class Told(NamedTuple):
    """What is known of a deal: the open stages that it entered with the days (None: it was closed then), whether the start of the first
    is known or is just its opening; the days of its activities; the day on which it was won, or None."""

    entered: Sequence[tuple[int, int | None]]
    known: bool
    touched: Sequence[int]
    won: int | None


class Usual(NamedTuple):
    """Of one stage: the days that 9 of 10 visits took at most, that 9 of 10 silences lasted at most, that 9 of 10 deals needed at least
    from entering it to the win; each None where it rests on fewer than 30 cases, whose numbers stand behind."""

    stay: int | None = None
    silence: int | None = None
    remaining: int | None = None
    stays: int = 0
    silences: int = 0


def silences(deal: Told, until: int) -> list[tuple[int | None, int]]:
    """(stage, days) of every time between two touches that follow each other, up to the day `until`; of the stage in which it began."""
    first = deal.entered[0][0]
    days = sorted({d for d in (*(day for day, _ in deal.entered), *deal.touched, until) if first <= d <= until})
    out, at = [], 0
    for day, after in pairwise(days):
        while at + 1 < len(deal.entered) and deal.entered[at + 1][0] <= day:
            at += 1
        out.append((deal.entered[at][1], after - day))
    return out


class Learnt:
    """What is learnt deal by deal: histograms by stage."""

    def __init__(self) -> None:
        self.stays: dict[int, dict[int, int]] = {}
        self.silences: dict[int, dict[int, int]] = {}
        self.remaining: dict[int, dict[int, int]] = {}

    def add(self, deal: Told) -> None:
        """Learn from a won deal. A stage that was entered again counts each of its visits, what remained counts from the first. Visits
        of which the start is not known, or that would end before they began, are left out."""
        if deal.won is None or not deal.entered:
            return
        seen: set[int] = set()
        for i, (day, stage) in enumerate(deal.entered):
            after = deal.entered[i + 1][0] if i + 1 < len(deal.entered) else deal.won
            if stage is None or (i == 0 and not deal.known):
                continue
            if after >= day:
                _count(self.stays, stage, after - day)
            if stage not in seen and deal.won >= day:
                _count(self.remaining, stage, deal.won - day)
            seen.add(stage)
        for of, days in silences(deal, deal.won):
            if of is not None:
                _count(self.silences, of, days)

    def usual(self) -> dict[int, Usual]:
        """Stage → what is usual in it."""
        out = {}
        for stage in self.stays.keys() | self.silences.keys():
            stays, quiet, left = (of.get(stage, {}) for of in (self.stays, self.silences, self.remaining))
            out[stage] = Usual(_beyond(stays, MOST), _beyond(quiet, MOST), _beyond(left, LEAST), sum(stays.values()), sum(quiet.values()))
        return out


def _count(into: dict[int, dict[int, int]], stage: int, days: int) -> None:
    counts = into.setdefault(stage, {})
    counts[days] = counts.get(days, 0) + 1


def _beyond(counts: Mapping[int, int], percent: int) -> int | None:
    return percentile(counts, percent) if sum(counts.values()) >= WEAK else None
