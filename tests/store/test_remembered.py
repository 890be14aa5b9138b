"""What a load remembers of its records is what a dictionary and a set would."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sfa.store.remembered import Numbers, Remembered

BASE = 7 * 10**12 + 1


class Colliding(str):
    """A text whose hash says little, so that one is taken for another unless the texts themselves are compared."""

    __slots__ = ()

    def __hash__(self) -> int:
        return len(self) % 3


def remembered(batches: list[list[str]], text: type[str]) -> None:
    there: dict[int, str] = {}
    model: dict[str, Any] = {}
    known = Remembered(BASE, there.get)
    number = BASE
    for batch in batches:
        for each in batch:
            key = text(each)
            before = known.get(key)
            assert before == model.get(each)
            if before is None:
                known.put(key, number)
                model[each] = number
                there[number] = key
                number += 1
        known.settle()
        assert not known.recent
    for each, found in model.items():
        assert known.get(text(each)) == found
    assert known.get(text("never met")) is None


@given(st.lists(st.lists(st.text(max_size=4), max_size=30), max_size=8))
def test_a_settled_key_means_its_record(batches: list[list[str]]) -> None:
    remembered(batches, str)


@given(st.lists(st.lists(st.text(max_size=4), max_size=30), max_size=8))
def test_keys_of_one_hash_are_told_apart(batches: list[list[str]]) -> None:
    remembered(batches, Colliding)


def test_the_table_grows_with_its_records() -> None:
    known = Remembered(BASE, lambda number: f"k{number - BASE}")
    for start in range(0, 30_000, 2_000):
        for n in range(start, start + 2_000):
            known.put(f"k{n}", BASE + n)
        known.settle()
    assert [known.get(f"k{n}") for n in (0, 1, 29_999)] == [BASE, BASE + 1, BASE + 29_999]
    assert known.get("k30000") is None


def test_several_records_of_a_key_and_records_from_before_stay_as_they_are() -> None:
    known = Remembered(BASE, {BASE: "a"}.get)
    known.add("a", BASE)
    known.settle()
    known.add("a", BASE + 1)
    known.add("a", BASE + 1)
    known.add("old", 5)
    known.settle()
    assert known.get("a") == (BASE, BASE + 1)
    assert known.get("old") == 5


@given(st.sets(st.integers(0, 10**14)), st.integers(0, 10**14))
def test_a_set_of_numbers(members: set[int], other: int) -> None:
    numbers = Numbers()
    for member in members:
        numbers.add(member)
    assert all(member in numbers for member in members)
    assert (other in numbers) == (other in members)
