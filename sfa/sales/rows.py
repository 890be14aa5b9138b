"""Rows of a file as columns of stored values: every mapped column read, amounts with their currencies, names made of their parts.

Compiled once a file. References come out as text, for the store to look up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from typing import Any, Protocol

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales import blanks, drafts, naming, phones
from sfa.sales.cells import Amounts, Bad, Reader, reader, several
from sfa.sales.kinds import Field
from sfa.sales.mapping import Plan, plain
from sfa.sales.values import TRUE, Context

Columns = dict[str, list[Any]]
MORE = {"email": "other_emails", "phone": "other_phones", "mobile": "other_phones"}
"""Field of one value → the field that takes what else a cell of it holds."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def long_id(text: str) -> str:
    """A Salesforce id of 15 characters, where capitals count, with the three that say which they are; any other text as it is."""
    if not re.fullmatch(r"[0-9a][0-9A-Za-z]{14}", text) or sum(c.isdigit() for c in text) < 4:
        return text
    capitals = [sum(1 << i for i, c in enumerate(text[at : at + 5]) if "A" <= c <= "Z") for at in (0, 5, 10)]
    return text + "".join(_LETTERS[n] for n in capitals)


SOFT = {"activity": ("priority", "outcome", "duration"), "contact": ("channel", "cadence")}
"""Kind → fields that only tell something beside: another system's word for it that is none of ours rejects no row."""


class Line(Protocol):
    """One row of a file: where it starts, its cells, why it cannot be trusted ("" when it can)."""

    @property
    def line(self) -> int: ...
    @property
    def cells(self) -> list[str]: ...
    @property
    def problem(self) -> str: ...


class RowReader:
    """Reads batches of rows by a plan. `orders` says how dates are written, by column; `left_out` counts filled cells that go nowhere,
    `notes` what else there is to say, `passed` rows of records that are gone in the system that the file is from."""

    def __init__(self, plan: Plan, context: Context, orders: dict[int, str]) -> None:
        self.plan, self.kind, self.orders = plan, plan.kind, orders
        self.context = context._replace(decimal=plan.map.decimal)
        self.left_out: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.passed = 0
        fields = {c.field.name: c.field for c in plan.columns} | {n: plan.kind.field(n) for n in plan.map.set}
        self.places = {name: [c.at for c in plan.feeding(name)] for name in fields if name not in plan.map.set}
        replace = plan.map.values
        self.more: dict[str, dict[int, list[str]]] = {n: {} for n, to in MORE.items() if n in fields and to in self.kind.by_name}
        self.amounts = {
            n: Amounts(f, self.context, self._factor(n), replace.get(n), self._blanks(f)) for n, f in fields.items() if f.type == "money"
        }
        self.readers: dict[str, Reader] = {n: self._reader(f, orders) for n, f in fields.items() if n not in self.amounts}
        self.numbers = [f for f in self.kind.fields if f.type == "phone" and f.name + phones.WRITTEN in self.kind.by_name]
        one_form = context.phones == "e164" and any(f in self.numbers for f in fields.values())
        self.phones = phones.Reader(context.region) if one_form else None
        self.names = frozenset(fields)
        """The fields that the file or the map gives."""
        self._check_constants()

    def _factor(self, name: str) -> int:
        return self.plan.map.multiply.get(name, 1)

    def _reader(self, field: Field, orders: dict[int, str]) -> Reader:
        order = next((orders[at] for at in self.places.get(field.name, ()) if at in orders), "") or self.plan.map.dates
        replace, more = self.plan.map.values.get(field.name), self.more.get(field.name)
        read = reader(field, self.context, order, replace, self._factor(field.name), self._blanks(field), more)
        return self._leniently(field, read) if self._is_soft(field) else read

    def _is_soft(self, field: Field) -> bool:
        """Whether what a field does not have as a value is no reason against a row: another system's word for what is only told beside."""
        named = {*self.plan.map.columns.values(), *self.plan.map.set}
        return field.name in SOFT.get(self.kind.name, ()) and not self._is_ours and field.name not in named

    @property
    def _is_ours(self) -> bool:
        """Whether the file has ids of ours, as what sfa wrote has."""
        return any(c.field.type == "self" for c in self.plan.columns)

    def _leniently(self, field: Field, read: Reader) -> Reader:
        """A reader that leaves such cells blank, and counts them."""

        def lenient(cells: Sequence[str], bad: Bad) -> list[Any]:
            wrong: Bad = {}
            out = read(cells, wrong)
            if wrong:
                self.notes[say("cells of {title} that are none of its values, left blank", title=field.title)] += len(wrong)
            return list(out)

        return lenient

    def _blanks(self, field: Field) -> frozenset[str]:
        """What stands for a blank in the columns of a field: words of the setting, unless the map names those of a column. In a file with
        ids of ours a note `-` is one: what is blank there is empty."""
        words = frozenset() if self._is_ours else blanks.of(self.kind, field, self.context.blanks)
        for column in self.plan.feeding(field.name):
            for header, named in self.plan.map.blank.items():
                if plain(header) == plain(column.header):
                    words = words | {*named} if named else frozenset()
        return words

    def _check_constants(self) -> None:
        bad: Bad = {}
        for name, text in self.plan.map.set.items():
            if name in self.readers:
                self.readers[name]([text], bad)
        if bad:
            raise UsageError(say("[set] {problem}", problem=bad[0]))

    def batch(self, rows: Sequence[Line], again: bool = False) -> tuple[Sequence[Line], Columns, Bad]:
        """The records of these rows: the row of each, their values by field, and why rows are bad."""
        if (at := self.plan.deleted) >= 0:
            kept = [r for r in rows if r.cells[at].strip().lower() not in TRUE]
            self.passed += 0 if again else len(rows) - len(kept)
            rows = kept
        return (rows, *self.read([r.cells for r in rows], again))

    def read(self, rows: Sequence[Sequence[str]], again: bool = False) -> tuple[Columns, Bad]:
        """field → values of these rows, and why rows are bad. Rows read `again` are not counted twice."""
        bad: Bad = {}
        across = list(zip(*rows, strict=True)) or [()] * self.plan.width
        many = len(rows)
        columns = {name: read(self._cells(name, across, many), bad) for name, read in self.readers.items()}
        self._outcomes(columns, across)
        self._several(columns, many)
        self._phones(columns, many)
        if self.plan.profile and self.plan.profile.long_ids:
            self._long_ids(columns)
        self._money(columns, across, many, bad)
        self._turned(columns, many)
        self._name(columns, many)
        for at, header in () if again else self.plan.left:
            if filled := sum(map(bool, map(str.strip, across[at]))):
                self.left_out[header] += filled
        return columns, bad

    def _cells(self, name: str, across: list[tuple[str, ...]], many: int) -> Sequence[str]:
        if name in self.plan.map.set:
            return list(repeat(self.plan.map.set[name], many))
        places = self.places[name]
        return across[places[0]] if len(places) == 1 else several(list(zip(*(across[at] for at in places), strict=True)))

    def _money(self, columns: Columns, across: list[tuple[str, ...]], many: int, bad: Bad) -> None:
        if not self.amounts:
            return
        given = columns.get("currency") or [None] * many
        named: list[str | None] = [None] * many
        for name, amounts in self.amounts.items():
            columns[name] = list(amounts.read(self._cells(name, across, many), given, named, bad))
        if "currency" in self.kind.by_name:
            columns["currency"] = [g or n for g, n in zip(given, named, strict=True)]

    def _outcomes(self, columns: Columns, across: list[tuple[str, ...]]) -> None:
        """Deals that another column says are won or lost have that for their stage."""
        if (at := self.plan.outcome) >= 0 and "stage" in columns:
            closed = ("won", "lost")
            said = [cell.strip() for cell in across[at]]
            columns["stage"] = [word if word.lower() in closed else stage for word, stage in zip(said, columns["stage"], strict=True)]

    def _several(self, columns: Columns, many: int) -> None:
        """What a cell held beside its first e-mail or phone goes where there is room for several."""
        for name, found in self.more.items():
            if found:
                to = columns[MORE[name]] = list(columns.get(MORE[name]) or [None] * many)
                for i, values in found.items():
                    to[i] = ",".join(dict.fromkeys([*(to[i].split(",") if to[i] else []), *values]))
                found.clear()

    def _long_ids(self, columns: Columns) -> None:
        """Ids of 15 characters as the 18 that mean the same."""
        for name in columns:
            if self.kind.by_name[name].type in ("external", "ref") if name in self.kind.by_name else False:
                columns[name] = [long_id(t) if t and len(t) == 15 else t for t in columns[name]]

    def _phones(self, columns: Columns, many: int) -> None:
        """Phone numbers in the form that they are kept in, by the country of each row; how they were written beside them."""
        if not self.phones:
            return
        regions = self.phones.regions_of(columns["country"]) if "country" in columns else [self.phones.home] * many
        for field in [f for f in self.numbers if f.name in columns]:
            kept, written = self.phones.column(columns[field.name], regions, field.many)
            columns[field.name] = kept
            columns.setdefault(field.name + phones.WRITTEN, written)

    def _name(self, columns: Columns, many: int) -> None:
        """A person's name from its parts, where the row has none."""
        if "last_name" not in self.kind.by_name or not ("first_name" in columns or "last_name" in columns):
            return
        blank: list[Any] = [None] * many
        parts = (columns.get(n) or blank for n in ("name", "first_name", "last_name"))
        columns["name"] = [
            name or (f"{first} {last}" if first and last and first.isascii() else drafts.full_name(first, last) or None)
            for name, first, last in zip(*parts, strict=True)
        ]

    def _turned(self, columns: Columns, many: int) -> None:
        """Whole names that have the last name first are said in the other order; both parts are known then. Where the file has the parts,
        the whole is what they are said like; where it has ids of ours, names are as somebody here wanted them."""
        given = columns.get("name")
        if not given or "last_name" not in self.kind.by_name or {"first_name", "last_name", "id"} & self.names:
            return
        turned = {i: parts for i, n in enumerate(given) if n and "," in n and (parts := naming.last_first(n))}
        if turned:
            whole, firsts, lasts = (list(columns.get(n) or [None] * many) for n in ("name", "first_name", "last_name"))
            for i, (first, last) in turned.items():
                whole[i] = drafts.full_name(first, last)
                firsts[i], lasts[i] = (firsts[i], lasts[i]) if firsts[i] or lasts[i] else (first, last)
            columns.update(name=whole, first_name=firsts, last_name=lasts)

    def texts(self, row: Sequence[str]) -> str:
        """What the mapped cells of a row say, for telling rows without any id apart."""
        cells = ((c.field.name, row[c.at].strip()) for c in self.plan.columns)
        return "\x1f".join(f"{name}={cell}" for name, cell in sorted(cells) if cell)
