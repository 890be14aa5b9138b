"""Columns that are made of others while another product's file is read, and what cells of several products mean: Salesforce's ids, yes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sfa.sales.values import TRUE


def nothing(*cells: str) -> str:
    return ""


class Derived(NamedTuple):
    """A column made of others: the field it feeds, the places it is made of, how ("" is blank), and what is said of filled cells that come
    out blank; `of_more` says what is said of cells that it took only a part of."""

    field: str
    places: tuple[int, ...]
    make: Callable[..., str]
    lost: str = ""
    of_more: Callable[..., str] = nothing


def long_id(text: str) -> str:
    """An id of Salesforce's of 15 characters as the one of 18 that means the same; anything else as it is."""
    if len(text) != 15 or not re.fullmatch(r"[A-Za-z0-9]{15}", text) or not re.search(r"\d", text):
        return text
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
    ends = (sum(1 << i for i, c in enumerate(text[start : start + 5]) if "A" <= c <= "Z") for start in (0, 5, 10))
    return text + "".join(letters[n] for n in ends)


def is_short(text: str) -> bool:
    """Whether a text looks like an id of Salesforce's in its short form."""
    return bool(re.fullmatch(r"[a0][0-9A-Za-z]{2}[0-9A-Za-z]{12}", text)) and sum(c.isdigit() for c in text) >= 4


def is_true(cell: str) -> bool:
    return cell.strip().lower() in TRUE
