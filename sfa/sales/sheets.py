"""A sheet: typed columns over rows of stored values. Listings and reports return sheets; `output.py` alone knows how they are written."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Any, NamedTuple

from sfa.sales.kinds import Field


class Column(NamedTuple):
    """One column. `at` is the index of its value in a row; `beside` that of the currency (money) or of the id (reference), or -1. For files
    of many rows a reference may be given by its id alone, with the `names` of all ids; or by a name, of which those in `apart` are borne
    by several records, whose ids stand for them."""

    name: str
    field: Field
    at: int
    beside: int = -1
    names: Mapping[int, str] | None = None
    apart: Container[str] = ()


class Sheet(NamedTuple):
    """Columns and rows; rows may be a stream that is walked once. `total` is a last row apart from the others, `extra` goes into the
    JSON beside them (period, as_of …), `notes` are said to people below; with `wrap` long texts go
    over several lines; with `spare` a person is not shown columns that are blank (or say what is usual) in every row."""

    columns: list[Column]
    rows: Iterable[tuple[Any, ...]]
    total: tuple[Any, ...] | None = None
    title: str = ""
    extra: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()
    wrap: bool = False
    spare: bool = False


def column(name: str, type: str, at: int, beside: int = -1, label: str = "", to: str = "") -> Column:
    """A report's column: `type` is a field type, or count, ratio (a fraction of 1), days (a float), object (JSON only)."""
    return Column(name, Field(name, type, label, to), at, beside)
