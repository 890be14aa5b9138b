"""People's names: what is first, what is last, and that nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import naming


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Anna Ferrari", "Anna", "Ferrari"),
        ("Mary Ann O'Brien", "Mary Ann", "O'Brien"),
        ("Dr. Anna Ferrari", "Anna", "Ferrari"),
        ("Prof. Dr. Max Müller", "Max", "Müller"),
        ("Dr. House", "", "House"),
        ("Martin Luther King Jr.", "Martin Luther", "King"),
        ("Max Mustermann, PhD", "Max", "Mustermann"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("Jan van der Berg", "Jan", "van der Berg"),
        ("Don Juan", "Don", "Juan"),
        ("山田 太郎", "太郎", "山田"),
        ("欧阳 娜娜", "娜娜", "欧阳"),
        ("王伟", "", ""),
        ("김 민준", "민준", "김"),
        ("Madonna", "", ""),
        ("King, Jr.", "", ""),
        ("Acme, Inc.", "", ""),
    ],
)
def test_parts_of_a_name(name: str, first: str, last: str) -> None:
    assert naming.split(name) == (first, last)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Zhang, Wei", ("Wei", "Zhang")),
        ("van der Berg, Jan", ("Jan", "van der Berg")),
        ("García Márquez, Gabriel", ("Gabriel", "García Márquez")),
        ("王, 伟", ("伟", "王")),
        ("King, Jr.", None),
        ("Acme, Inc.", None),
        ("Smith, Jones & Partners", None),
        ("Max Mustermann, PhD", None),
        ("Zhang,", None),
        (", Wei", None),
        ("a, b, c", None),
        ("Zhang Wei", None),
    ],
)
def test_the_last_name_first(name: str, parts: tuple[str, str] | None) -> None:
    assert naming.last_first(name) == parts


@given(st.text(max_size=60))
def test_every_part_is_of_the_name_and_no_name_is_reduced_to_a_part_of_nothing(name: str) -> None:
    first, last = naming.split(name)
    for part in (first, last):
        assert all(word in name for word in part.split())
    assert last or not first
    found = naming.last_first(name)
    assert found is None or (found[0] and found[1])
