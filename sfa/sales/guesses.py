"""What a column is by what its cells look like, where its header says nothing. What may be either of two columns is neither."""

from __future__ import annotations

import re
from collections.abc import Callable

from sfa.sales.countries import region
from sfa.sales.kinds import Field, Kind

_FEWEST = 3
"""Filled cells that a column must have before it is guessed at, of which no one may speak against the guess."""


def _is_phone(cell: str) -> bool:
    return (
        bool(re.fullmatch(r"\+?[\d\s().\-/]{7,25}", cell))
        and sum(c.isdigit() for c in cell) >= 7
        and not cell.isdigit()
        and not _dated(cell)
    )


def _dated(cell: str) -> bool:
    return bool(re.match(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}", cell) or re.fullmatch(r"[\d.]+", cell))


_LOOKS: dict[str, Callable[[str], bool]] = {
    "email": lambda cell: bool(re.fullmatch(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+", cell)),
    "phone": _is_phone,
    "website": lambda cell: bool(re.fullmatch(r"(?i)(?:https?://|www\.)[^\s/@]+\.[^\s@]+", cell)),
    "country": lambda cell: len(cell) > 1 and bool(region(cell)),
}
"""Field → whether a cell looks like one of its."""


def of(kind: Kind, free: list[int], samples: list[list[str]], used: set[str]) -> tuple[dict[int, Field], dict[int, Field]]:
    """(Place → field of the columns `free` whose cells leave no doubt, the same of those of which several may be the one field). Fields in
    `used` are taken."""
    sure: dict[int, Field] = {}
    doubtful: dict[int, Field] = {}
    for name, looks in _LOOKS.items():
        if name not in kind.by_name or name in used:
            continue
        fits = [at for at in free if _fits(at, looks, samples, 2 if name == "country" else 1)]
        (sure if len(fits) == 1 else doubtful).update(dict.fromkeys(fits, kind.by_name[name]))
    return sure, doubtful


def _fits(at: int, looks: Callable[[str], bool], samples: list[list[str]], different: int) -> bool:
    cells = [c for c in (row[at].strip() for row in samples if at < len(row)) if c]
    return len(cells) >= _FEWEST and len({*cells}) >= different and all(map(looks, cells))
