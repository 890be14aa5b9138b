"""Which of very many records are compared at all: those that share a key, so that the work does not grow with the square of their number.

Keys are the mailbox, the last digits of a phone, initial and sound of the family name at a company or domain, the start of a company's
name, external ids. Records that too many share a key with (info@, a domain with ten thousand people) are compared with their neighbours
in the order of names alone, and that is told. Source: FORMULAS, "Leads", Duplicates.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from sfa.sales.matching import Company, Person, Verdict
from sfa.sales.names import NICKNAMES, phonetic

CROWD = 40
"""Records that share a key from which on they are compared with their neighbours alone."""
NEIGHBOURS = 8
START = 8
"""Letters of a company's name that count in a key."""
_BITS, _PARTS = 24, 16
_MASK = (1 << _BITS) - 1
_HASH = (1 << 64 - _BITS) - 1


class Pair(NamedTuple):
    """Two records by their places in the search, and what they are to each other."""

    one: int
    other: int
    verdict: Verdict


class Crowd(NamedTuple):
    """A key that so many records share that they were not all compared with each other."""

    key: str
    records: int


def person_keys(p: Person) -> list[str]:
    """The keys of a person; two people who share none are never compared."""
    out = [f"e-mail {m}" for m in (*p.emails, *p.roles)]
    out += [f"phone {n[-8:]}" for n in p.phones]
    out += [f"external id {x}" for x in p.external]
    if not p.words:
        return out
    firm = p.company.replace(" ", "")[:START]
    sound = f"{p.canonical[:1]} {phonetic(p.family)}" if p.words.isascii() else p.words
    if firm:
        out.append(f"name and company {sound} {firm}")
        if p.given and p.words.isascii():
            # Family and given name may stand the wrong way round.
            out.append(f"name and company {NICKNAMES.get(p.family, p.family)[:1]} {phonetic(p.given)} {firm}")
    out += [f"name and domain {sound} {d}" for d in p.domains]
    if not firm and not p.domains and p.address:
        out.append(f"name and address {sound} {p.address}")
    return out


def company_keys(c: Company) -> list[str]:
    """The keys of a company."""
    out = [f"domain {d}" for d in c.domains]
    out += [f"phone {n[-8:]}" for n in c.phones]
    out += [f"external id {x}" for x in c.external]
    if c.key:
        out.append(f"name {c.key.replace(' ', '')}")
    if c.name and c.name != c.key:
        out.append(f"whole name {c.name}")
    if c.address:
        out.append(f"address {c.address}")
    return list(dict.fromkeys(out))


class Search:
    """Records to be compared: `add` them all, then ask for `pairs`. Keys are kept as numbers, records as bytes, so that a million fit.

    `made` turns what was stored back into a Person or Company, `keys` gives its keys, `compare` the verdict on two."""

    def __init__(
        self, made: Callable[[Any], Any], keys: Callable[[Any], list[str]], compare: Callable[[Any, Any], Verdict], least: int
    ) -> None:
        self.made, self.keys, self.compare, self.least = made, keys, compare, least
        self.records: list[bytes] = []
        self.parts = [array("Q") for _ in range(_PARTS)]
        self.crowds: list[Crowd] = []

    def add(self, record: Any) -> int:
        """Take a record in; returns its place."""
        place = len(self.records)
        self.records.append(marshal.dumps(tuple(record)))
        for key in self.keys(record):
            number = hash(key) & _HASH
            self.parts[number % _PARTS].append(number << _BITS | place)
        return place

    def blocks(self) -> Iterator[tuple[int, list[int]]]:
        """(key as a number, places of the records that share it), a key at a time."""
        for part in self.parts:
            members: list[int] = []
            before = -1
            for entry in sorted(part):
                key = entry >> _BITS
                if key != before:
                    if len(members) > 1:
                        yield before, members
                    members = []
                    before = key
                members.append(entry & _MASK)
            if len(members) > 1:
                yield before, members

    def pairs(self, wanted: Callable[[int, int], bool]) -> Iterator[Pair]:
        """Every two records that reach the score, each pair once. `wanted` says whether a pair is of interest; it is asked first."""
        loads, made, compare = marshal.loads, self.made, self.compare
        found: set[tuple[int, int]] = set()
        for key, places in self.blocks():
            block = {p: made(loads(self.records[p])) for p in places}
            for one, other in self._in_block(key, block):
                pair = (one, other) if one < other else (other, one)
                if not wanted(*pair) or pair in found:
                    continue
                verdict = compare(block[one], block[other])
                if verdict.level and verdict.score >= self.least:
                    found.add(pair)
                    yield Pair(*pair, verdict)

    def _in_block(self, key: int, block: dict[int, Any]) -> Iterator[tuple[int, int]]:
        if len(block) <= CROWD:
            return combinations(block, 2)
        self._tell_crowd(key, block)
        ordered = sorted(block, key=lambda p: (block[p], p))
        return ((p, q) for at, p in enumerate(ordered) for q in ordered[at + 1 : at + 1 + NEIGHBOURS])

    def _tell_crowd(self, key: int, block: dict[int, Any]) -> None:
        named = next((k for k in self.keys(next(iter(block.values()))) if hash(k) & _HASH == key), "")
        self.crowds.append(Crowd(named, len(block)))


def clusters(pairs: Sequence[Pair]) -> list[list[int]]:
    """The records that hang together by pairs, those of each cluster in order, the largest cluster first."""
    head: dict[int, int] = {}

    def root(place: int) -> int:
        while head.setdefault(place, place) != place:
            head[place] = place = head[head[place]]
        return place

    for pair in pairs:
        one, other = sorted((root(pair.one), root(pair.other)))
        head[other] = one
    out: dict[int, list[int]] = {}
    for place in sorted(head):
        out.setdefault(root(place), []).append(place)
    return sorted(out.values(), key=lambda c: (-len(c), c))
