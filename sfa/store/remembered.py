"""What a load of many rows remembers, in a few bytes a record: by which texts its new records are known, and which were met.

A table of a million e-mail addresses takes 160 MB as a dictionary; the database has their texts already.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable
from typing import Any

Found = int | tuple[int, ...] | None
_FIRST_SIZE = 1 << 12
_PAGE = 15


class Remembered:
    """Key → record, or records. What is put is held as it is until `settle`: by then the new records are written, and of each only its
    key's hash and its number stay. On an equal hash `key_of(number)` asks the database for the very key, so that answers are exact. Without
    it everything stays as it is. New records have numbers from `base` on."""

    def __init__(self, base: int, key_of: Callable[[int], Any] | None) -> None:
        self.base, self.key_of = base, key_of
        self.recent: dict[Any, Found] = {}
        self.exact: dict[Any, Found] = {}
        self.count = 0
        self._room(_FIRST_SIZE)

    def get(self, key: Any) -> Found:
        """The record, the records, or None."""
        found = self.recent.get(key)
        return self.settled(key) if found is None else found

    def settled(self, key: Any) -> Found:
        """The same, for a key that is not among the recent ones."""
        if self.exact and (found := self.exact.get(key)) is not None:
            return found
        if not self.count:
            return None
        hashed, hashes = hash(key) or 1, self._hashes
        at = hashed & self._mask
        while (there := hashes[at]) != 0:
            if there == hashed and self.key_of and self.key_of(number := self.base + self._numbers[at]) == key:
                return number
            at = (at + 1) & self._mask
        return None

    def put(self, key: Any, found: Found) -> None:
        """Remember a record that is being written, or that the database will tell again."""
        self.recent[key] = found

    def keep(self, key: Any, found: Found) -> None:
        """Remember what the database does not say."""
        self.exact[key] = found

    def add(self, key: Any, number: int) -> None:
        """Remember that a further record has this key."""
        before = self.get(key)
        if before is None:
            self.recent[key] = number
        elif before != number and not (isinstance(before, tuple) and number in before):
            self.recent[key] = (*(before if isinstance(before, tuple) else (before,)), number)

    def settle(self) -> None:
        """Let go of the recent keys' texts: their records are in the database now."""
        if 2 * (self.count + len(self.recent)) > self._mask:
            self._grow(4 * (self.count + len(self.recent)))
        hashes, numbers, mask, base = self._hashes, self._numbers, self._mask, self.base
        for key, found in self.recent.items():
            if isinstance(found, int) and self.key_of and 0 <= found - base < 1 << 32:
                hashed = hash(key) or 1
                at = hashed & mask
                while hashes[at] != 0:
                    at = (at + 1) & mask
                hashes[at], numbers[at] = hashed, found - base
                self.count += 1
            else:
                self.exact[key] = found
        self.recent = {}

    def forget(self) -> None:
        """Let go of the recent keys: the database tells them again when it is asked."""
        self.recent = {}

    def _room(self, size: int) -> None:
        self._hashes, self._numbers, self._mask = array("q", bytes(8 * size)), array("I", bytes(4 * size)), size - 1

    def _grow(self, least: int) -> None:
        hashes, numbers = self._hashes, self._numbers
        self._room(1 << least.bit_length())
        mask, into, others = self._mask, self._hashes, self._numbers
        for hashed, number in zip(hashes, numbers, strict=True):
            if hashed:
                at = hashed & mask
                while into[at] != 0:
                    at = (at + 1) & mask
                into[at], others[at] = hashed, number


class Numbers:
    """A set of records, a bit each."""

    def __init__(self) -> None:
        self.pages: defaultdict[int, bytearray] = defaultdict(lambda: bytearray(1 << _PAGE - 3))

    def add(self, number: int) -> None:
        at = number & (1 << _PAGE) - 1
        self.pages[number >> _PAGE][at >> 3] |= 1 << (at & 7)

    def __contains__(self, number: int) -> bool:
        page = self.pages.get(number >> _PAGE)
        at = number & (1 << _PAGE) - 1
        return page is not None and bool(page[at >> 3] >> (at & 7) & 1)
