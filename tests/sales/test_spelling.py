"""Slips of the keys, against a slow and plain computation of the same distance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import spelling

WORDS = st.text(alphabet="abcd", max_size=6)


def slowly(a: str, b: str) -> int:
    """The distance by trying everything, straight from its definition."""
    if not a or not b:
        return len(a) + len(b)
    best = min(slowly(a[:-1], b) + 1, slowly(a, b[:-1]) + 1, slowly(a[:-1], b[:-1]) + (a[-1] != b[-1]))
    if len(a) > 1 and len(b) > 1 and a[-1] == b[-2] and a[-2] == b[-1]:
        best = min(best, slowly(a[:-2], b[:-2]) + 1)
    return best


@given(WORDS, WORDS, st.integers(0, 3))
def test_the_distance(a: str, b: str, most: int) -> None:
    assert spelling.distance(a, b, most) == min(slowly(a, b), most + 1)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("reneval", "renewal"),
        ("renwal", "renewal"),
        ("renewla", "renewal"),
        ("harbr", "harbor"),
        ("arbor", "harbor"),
        ("acem", "acme"),
        ("rneew", "renewal"),
        ("robtic", "robotics"),
    ],
)
def test_what_was_meant(word: str, meant: str) -> None:
    known = ["renewal", "harbor", "acme", "robotics", "quote", "pilot"]
    assert [w for _, w in spelling.nearest(word, known)] == [meant]


@pytest.mark.parametrize("word", ["ab", "2027", "xyzzy", "", "q2027"])
def test_what_is_not_guessed_at(word: str) -> None:
    assert spelling.nearest(word, ["abc", "2026", "renewal", "q2026"]) == []


def test_the_nearest_comes_first() -> None:
    assert spelling.nearest("gauges", ["gorgos", "gouges", "gauge", "gorges"]) == [(1, "gouges"), (1, "gauge"), (2, "gorges")]


@given(st.text(alphabet="abcdefg", min_size=3, max_size=9), st.data())
def test_one_slip_is_always_forgiven(word: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    slip = data.draw(st.sampled_from([word[:at] + word[at + 1 :], word[:at] + "x" + word[at:], word[:at] + "x" + word[at + 1 :]]))
    if spelling.allowed(slip):
        assert word in [w for _, w in spelling.nearest(slip, [word])]
