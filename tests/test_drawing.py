"""How tables are laid out in the columns of a terminal."""

from __future__ import annotations

from sfa.drawing import plain


def test_the_name_of_a_record_gives_last() -> None:
    """Of a person's row the name is read, not the longer address."""
    heads = ["ref", "name", "company", "email"]
    rows = [["L-1", "Małgorzata Wiśniewski", "Łęczna Armatura Sp. z o.o.", "malgorzata.wisniewski@leczna-armatura.example"]]
    for room, expected in (
        (60, "L-1  Małgorzata Wiśniewski  Łęczna Armatur…  malgorzata.wis…"),
        (40, "L-1  Małgorzata Wiś…  Łęczna …  malgorz…"),
        (20, "L-1  Małgorz…  Łęczna …  malgorz…"),
    ):
        assert plain(heads, rows, [False] * 4, [True, False, False, False], room).splitlines()[-1] == expected
