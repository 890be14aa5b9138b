"""What type a company's own field wants to be that takes a column of a file: told by all of its cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sfa.errors import BadValue
from sfa.sales import money
from sfa.sales.datecolumns import prove_order
from sfa.sales.kinds import Field, Kind
from sfa.sales.values import FALSE, TRUE

_DISTINCT = 5_000
"""Different cells that are looked at; a column with more is judged by these, and no choice."""
_CHOICES, _OFTEN = 8, 5
"""Different values that a choice may have, and how often each must come on the average."""

_DAY = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d\d)|\d{4}[/.]\d{1,2}[/.]\d{1,2}"


def _is_money(cell: str) -> bool:
    if cell.isascii() and not re.search(r"[A-Za-z$]", cell):
        return False
    if not re.search(r"[$£€¥₹₩₽￥]|\b[A-Z]{3}\b", cell) or not re.search(r"\d", cell):
        return False
    try:
        money.parse(cell, "USD")
    except BadValue:
        return False
    return True


def _is(pattern: str) -> Callable[[str], bool]:
    match = re.compile(pattern).fullmatch
    return lambda cell: match(cell) is not None


_TESTS: dict[str, Callable[[str], bool]] = {
    "bool": lambda cell: cell.lower() in TRUE or cell.lower() in FALSE,
    "date": _is(rf"(?:{_DAY})(?:[T ]00:00(?::00)?(?:\.0+)?(?:Z|\+0000)?)?"),
    "stamp": _is(f"(?:{_DAY})[T ]\\d{{1,2}}:\\d\\d(?::\\d\\d)?(?:[.,]\\d+)?(?: ?[AaPp][Mm])?(?:Z|[+-]\\d\\d:?\\d\\d)?"),
    "percent": _is(r"\d{1,2} ?%|100 ?%"),
    "number": _is(r"[+-]?(?:0|[1-9]\d{0,14}|[1-9]\d{0,2}(?:,\d{3})+)(?:\.\d{1,9})?|-?\d\.\d{1,16}E\d{1,2}"),
    "money": _is_money,
    "email": _is(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+"),
    "phone": _is(r"(?=(?:\D*\d){7})\+[\d\s().\-/]{7,25}|\(\d{2,5}\) ?[\d\s\-]{5,15}"),
}
"""Type → whether a cell is one of its, in the order in which they are tried."""


class Column:
    """A column of a file, seen cell by cell."""

    def __init__(self, header: str) -> None:
        self.header, self.filled = header, 0
        self.may_be = dict(_TESTS)
        self.values: dict[str, None] = {}

    def see(self, cell: str) -> None:
        """Take one more cell into account."""
        if not cell:
            return
        self.filled += 1
        if cell in self.values or len(self.values) > _DISTINCT:
            return
        self.values[cell] = None
        self.may_be = {of: test for of, test in self.may_be.items() if test(cell)}

    def type(self, kind: Kind) -> tuple[str, tuple[str, ...]]:
        """The type of field, and the choices of a choice."""
        for of in self.may_be:
            if (of == "money" and "currency" not in kind.by_name) or (of == "date" and not self._one_order()):
                continue
            if of == "stamp" and not self._one_order():
                continue
            if of == "bool" and len(self.values) < 2 and {*self.values} & {"1", "0", "x", "t", "f"}:
                continue
            return of, ()
        values = list(self.values)
        few = len(values) <= _CHOICES and self.filled >= _OFTEN * len(values)
        if few and len({v.casefold() for v in values}) == len(values) and all(len(v) <= 40 and not re.search(r"[,;\n]", v) for v in values):
            return "choice", tuple(sorted(values))
        return "text", ()

    def _one_order(self) -> bool:
        try:
            return prove_order(self.values) is not None
        except BadValue:
            return False


def field(kind: Kind, column: Column, taken: set[str]) -> Field:
    """The field of the company's own for a column of a file; none of those `taken` has its name."""
    of, choices = column.type(kind)
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"__?c$", "", column.header.strip()))
    plain = re.sub(r"\W+", "_", words).strip("_").lower()[:38].strip("_")
    plain = plain if re.match(r"[^\W\d]", plain) else f"x_{plain}".rstrip("_")
    name, n = plain, 2
    while name in taken:
        name, n = f"{plain}_{n}", n + 1
    return Field(name, of, column.header.strip() if column.header.strip() != name else "", choices=choices, user=True)


def fields(kind: Kind, columns: dict[int, Column], reserved: frozenset[str]) -> dict[int, Field]:
    """Place → new field of the columns that hold anything."""
    taken = {*kind.by_name, *reserved}
    out: dict[int, Any] = {}
    for at, column in columns.items():
        if column.filled:
            out[at] = field(kind, column, taken)
            taken.add(out[at].name)
    return out
