"""Columns of cells become columns of stored values, many rows at a time.

A whole column is read in one go where all its cells are plain; only where one is not are they taken one by one, so that a bad cell costs
its own column alone. References are the store's to look up. Nothing here knows files or headers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from sfa.errors import BadValue
from sfa.messages import say
from sfa.sales import values
from sfa.sales.datecolumns import FRACTION, NUMBERED, stamp_of
from sfa.sales.kinds import Field
from sfa.sales.values import Context, clean

Bad = dict[int, str]
"""Row → why it cannot be loaded; the first reason stays."""
Reader = Callable[[Sequence[str], Bad], list[Any]]

_REMEMBERED = 50_000
_DEFUSED = r"'+[=+\-@\t\r]"
_PLAIN_EMAIL = r"[\w.+\-]{1,90}@[\w\-]+(?:\.[\w\-]+)+\Z|\Z"
_PLAIN_PHONE = r"\+?(?:[ ().\-/]{0,2}\d){3,25}\Z|\Z"


def text_of(cell: str) -> str:
    """A cell as text: cleaned, without the apostrophe that keeps a spreadsheet from running it. Raises BadValue for what is no text."""
    cell = clean(cell)
    return cell[1:] if cell[:1] == "'" and re.match(_DEFUSED, cell) else cell


def reader(
    field: Field,
    context: Context,
    order: str = "",
    replace: dict[str, str] | None = None,
    factor: int = 1,
    blanks: frozenset[str] = frozenset(),
    more: dict[int, list[str]] | None = None,
) -> Reader:
    """The reader of a column that feeds `field` (not of references, whose cells stay text, and not of money: `amounts`).

    `order` is how dates (see datecolumns.date_reader) or percentages are written, `replace` our value for a value in the file, `factor`
    what numbers are multiplied by, `blanks` the words that stand for a blank cell; `more` takes, by row, what a cell of e-mails or phones
    holds beside the first."""
    if not replace and not field.many:
        if field.type in ("text", "external", "self", "ref", "people"):
            return _Texts(field, blanks).read
        if field.type in ("email", "phone"):
            return _Matching(field, context, blanks, more).read
    return _Remembering(field, _one(field, context, order, factor), replace or {}, blanks).read


def each(read: Callable[[str], Any], field: Field, cells: Sequence[str], bad: Bad) -> list[Any]:
    """Cells read one by one; a bad one is noted and None."""
    out = []
    for i, cell in enumerate(cells):
        try:
            out.append(read(cell))
        except BadValue as error:
            note(bad, i, field, error)
            out.append(None)
    return out


def note(bad: Bad, row: int, field: Field, error: BadValue) -> None:
    """Remember why a row is bad, unless a reason is known."""
    message = error.message
    if not message.startswith(field.title + ":"):
        message = say("{title}: {message}", title=field.title, message=message)
    bad.setdefault(row, say("{message} ({hint})", message=message, hint=error.hint.rstrip(".")) if error.hint else message)


def _sound(whole: str) -> bool:
    """Whether cleaning each of these cells, joined, would be no more than stripping it: composed text without odd characters."""
    if not whole.isascii():
        from unicodedata import is_normalized

        if "\ufeff" in whole or not is_normalized("NFC", whole) or any("\ud800" <= c <= "\udfff" for c in set(whole)):
            return False
    return "\0" not in whole and "\r" not in whole and not any("'" + c in whole for c in "=+-@'\t\r")


def _whole_id(cell: str) -> None:
    """Raise BadValue for an id of which a spreadsheet left the first figures: many records would have the same."""
    if re.fullmatch(r"\s*\d[.,]?\d*E\+\d\d\s*", cell):
        raise BadValue(
            say("{cell} is no whole id: a spreadsheet rounded it", cell=values.quoted(cell)),
            "Export again, and do not save the file in one",
        )


class _Texts:
    """Plain text: where all cells of a batch are sound, stripping is all there is to do."""

    def __init__(self, field: Field, blanks: frozenset[str]) -> None:
        self.field, self.blanks = field, blanks

    def read(self, cells: Sequence[str], bad: Bad) -> list[Any]:
        whole = "".join(cells)
        if self.field.type == "external" and "E+" in whole:
            each(_whole_id, self.field, cells, bad)
        if _sound(whole):
            out: list[Any] = [c.strip() or None for c in cells]
        else:
            out = each(lambda c: text_of(c) or None, self.field, cells, bad)
        if not self.blanks.isdisjoint(out):
            out = [None if c in self.blanks else c for c in out]
        return out


class _Matching:
    """E-mail addresses and phone numbers: a pattern says that they are plain, the rest is read with care."""

    def __init__(self, field: Field, context: Context, blanks: frozenset[str], more: dict[int, list[str]] | None) -> None:
        self.field, self.context, self.blanks, self.more = field, context, blanks, more
        self.matches = re.compile(_PLAIN_EMAIL if field.type == "email" else _PLAIN_PHONE, re.ASCII).match

    def read(self, cells: Sequence[str], bad: Bad) -> list[Any]:
        stripped = [c.strip() for c in cells]
        out: list[Any] = [c.lower() or None for c in stripped] if self.field.type == "email" else [c or None for c in stripped]
        matched = list(map(self.matches, stripped))
        if None in matched:
            for i, found in enumerate(matched):
                if found is None:
                    out[i] = self._with_care(cells[i], i, bad)
        return out

    def _with_care(self, cell: str, row: int, bad: Bad) -> Any:
        try:
            text = text_of(cell)
            if text in self.blanks or text.lower() in self.blanks:
                return None
            return self._careful(text, row)
        except BadValue as error:
            note(bad, row, self.field, error)
            return None

    def _careful(self, text: str, row: int) -> Any:
        """One cell: the first of several where there is room for the others; what is no phone number is kept as it is, for a person."""
        parts = several_in(self.field, text)
        if self.more is not None and len(parts) > 1:
            found = [values.read(self.field, p, self.context) if self.field.type == "email" else p for p in parts]
            self.more[row] = found[1:]
            return found[0]
        if self.field.type == "phone":
            return text or None
        return values.read(self.field, text, self.context)


def several_in(field: Field, text: str) -> list[str]:
    """The e-mails or phone numbers of one cell."""
    if field.type == "phone":
        from sfa.sales import phones

        return phones.several(text)
    return (
        [p for p in (p.strip() for p in re.split(r"[,;|\n]|\s:::\s|\s(?=[^\s@<>]+@)(?![^<]*>)", text)) if p and "@" in p]
        if "@" in text
        else []
    )


class _Remembering(dict[str, Any]):
    """Values that recur: each different cell is read once."""

    def __init__(self, field: Field, one: Callable[[str], Any], replace: dict[str, str], blanks: frozenset[str]) -> None:
        super().__init__()
        self.field, self.one, self.blanks = field, one, blanks
        self.replace = {k.strip(): v for k, v in replace.items()}
        self.folded = {k.casefold(): v for k, v in self.replace.items()}

    def __missing__(self, cell: str) -> Any:
        if len(self) > _REMEMBERED:
            self.clear()
        text = text_of(cell)
        text = self.replace.get(text, self.folded.get(text.casefold(), text)) if self.replace else text
        blank = not text or text in self.blanks or text.lower() in self.blanks
        value = self[cell] = None if blank else self.one(text)
        return value

    def read(self, cells: Sequence[str], bad: Bad) -> list[Any]:
        try:
            return list(map(self.__getitem__, cells))
        except BadValue:
            return each(self.__getitem__, self.field, cells, bad)


def _one(field: Field, context: Context, order: str, factor: int) -> Callable[[str], Any]:
    if field.type == "percent" and order != FRACTION:
        return lambda text: _whole_percent(field, text, context)
    if field.type == "percent":
        return lambda text: _part(field, text, context)
    if field.type == "date":
        from sfa.sales.datecolumns import date_reader

        return date_reader(order or context.calendar.order)
    if order in ("ymd", "dmy", "mdy"):
        context = context._replace(calendar=context.calendar._replace(order=order))
    if field.type == "stamp" and "%" in order:
        return _stamp_reader(order, context)
    if field.type == "stamp" and order in NUMBERED:
        return lambda text: stamp_of(text, order)
    if field.type == "phone" and field.many:
        return lambda text: ",".join(dict.fromkeys(p for p in (p.strip() for p in re.split(r"[,;|\n]|\s:::\s", text)) if p)) or None
    if field.type == "choice":
        return lambda text: choice(field, text, context)
    if field.type == "number" and not field.many:
        return lambda text: _number(field, text, context, factor)
    if field.type in ("text", "external", "ref", "people") and not field.many:
        return lambda text: text
    return lambda text: values.read(field, text, context)


def _whole_percent(field: Field, text: str, context: Context) -> Any:
    """A percentage that another system computed (33.52) as the nearest whole one."""
    if found := re.fullmatch(r"([1-9]\d?)[.,](\d{1,6})( ?%)?", text):
        return round(float(f"{found[1]}.{found[2]}"))
    return values.read(field, text, context)


def _part(field: Field, text: str, context: Context) -> Any:
    """A percentage written as a part of 1."""
    if re.fullmatch(r"[01](?:\.\d+)?|\.\d+", text) and float(text) <= 1:
        return round(float(text) * 100)
    return values.read(field, text, context)


def _number(field: Field, text: str, context: Context, factor: int) -> Any:
    if text.isascii() and text.isdigit() and len(text) < 16:
        return int(text) * factor
    value = values.read(field, text, context)
    return value * factor if value is not None else None


def _stamp_reader(pattern: str, context: Context) -> Callable[[str], Any]:
    from sfa.sales.datecolumns import date_reader
    from sfa.sales.moments import parse_stamp, stamp_text

    day = date_reader(pattern)

    def read(text: str) -> str:
        # The pattern gives the day; what follows it is the time.
        clock = re.search(r"\d{1,2}:\d\d.*$", text)
        found = day(text[: clock.start()] if clock and "%H" not in pattern else text) or ""
        return stamp_text(parse_stamp(f"{found} {clock[0]}" if clock else found, context.calendar))

    return read


def choice(field: Field, text: str, context: Context) -> Any:
    """The choice that a cell names; other products write them without blanks (`BestCase`)."""
    if not field.many:
        wanted = re.sub(r"[\W_]+", "", text.casefold())
        for known in field.choices:
            if known.replace("_", "") == wanted:
                return known
    return values.read(field, text, context)


def several(cells: Sequence[tuple[str, ...]]) -> list[str]:
    """The cells of several columns that feed one field, joined row by row."""
    return [",".join(c for c in (c.strip() for c in row) if c) for row in cells]


class Amounts:
    """The reader of a money column: amounts in minor units of each row's currency."""

    def __init__(
        self,
        field: Field,
        context: Context,
        factor: int = 1,
        replace: dict[str, str] | None = None,
        blanks: frozenset[str] = frozenset(),
    ) -> None:
        self.blanks = blanks
        self.field, self.context, self.factor, self.replace = field, context, factor, replace or {}
        self.known: dict[tuple[str, str], tuple[int | None, str]] = {}

    def read(self, cells: Sequence[str], given: list[str | None], named: list[str | None], bad: Bad) -> list[int | None]:
        """`given` are the rows' own currencies (None: the usual one). Where an amount is there, `named` gets the currency that it is in:
        an amount may name it (`€12k`) where the row does not."""
        out: list[int | None] = []
        usual, known = self.context.currency, self.known
        for i, cell in enumerate(cells):
            wanted = given[i] or named[i] or usual
            try:
                amount, currency = known.get((cell, wanted)) or self._one(cell, wanted)
                if currency != wanted and amount is not None and (given[i] or named[i]):
                    raise BadValue(
                        say("{cell} is in {currency}, the row in {wanted}", cell=values.quoted(cell), currency=currency, wanted=wanted)
                    )
            except BadValue as error:
                note(bad, i, self.field, error)
                amount = None
            else:
                if amount is not None:
                    named[i] = currency
            out.append(amount)
        return out

    def _one(self, cell: str, wanted: str) -> tuple[int | None, str]:
        from sfa.sales import money

        text = text_of(cell)
        text = self.replace.get(text, text)
        found: tuple[int | None, str] = (None, wanted)
        if text and text not in self.blanks and text.lower() not in self.blanks:
            if self.factor > 1 and re.fullmatch(r"-?\d{1,15}\.\d{1,9}", text) and self.context.decimal != ",":
                from decimal import Decimal

                # Millions may have more decimals than cents: 0.2505 million is 250500.00.
                found = (money.parse(f"{Decimal(text) * self.factor:f}".rstrip("0").rstrip("."), wanted, ".").amount, wanted)
            else:
                got = money.parse(text, wanted, self.context.decimal or None)
                found = (got.amount * self.factor, got.currency)
        if len(self.known) > _REMEMBERED:
            self.known.clear()
        self.known[cell, wanted] = found
        return found
