"""JSON as rows: an array of objects, a document with such an array inside, or an object a line (NDJSON).

A nested object's fields become columns `Owner.Name`, a list becomes one cell. Figures keep the digits that the file has.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain
from json import JSONDecodeError, JSONDecoder
from typing import Any, NamedTuple, TextIO

from sfa.errors import BadValue, UsageError
from sfa.messages import say, together
from sfa.reading.table import PLACES, Row, checked, excerpt, text_of, unfit, unique_names

_CHUNK = 1 << 20
_LONGEST = 64 << 20  # characters of one object, or of a document that is not read piece by piece
_COLUMNS = 10_000
_HELD = 20_000
"""Objects that are kept from the first reading, which finds the columns; of longer files each is read twice."""
_BETWEEN = "; "
_BEGINNING = re.compile(r'\ufeff?\s*(?:\{\s*["}]|\[\s*[{\[\]])')


class Item(NamedTuple):
    """One object: the line where it starts, its fields as text, why it cannot be read (and then its text, and the column of the fault)."""

    line: int
    fields: dict[str, str]
    problem: str = ""
    text: str = ""
    column: int = 0


class Objects(NamedTuple):
    """What was found: JSON or NDJSON, which array of a document, the columns, the rows, and places of problems."""

    form: str
    part: str
    header: list[str]
    notes: tuple[str, ...]
    rows: Iterator[Row]
    places: dict[int, tuple[str, int]]


def looks_like_json(head: str) -> bool:
    return _BEGINNING.match(head) is not None


def read_objects(text: TextIO, name: str, part: str, header: bool) -> Objects:
    """Read JSON from where `text` stands. `part` names one of several arrays. Raises BadValue, UsageError."""
    start = text.tell()
    form = _form(text)
    text.seek(start)
    if form == "document":
        part, found = _chosen(_document(text, name), part, name)
        if found and all(isinstance(each, list) for each in found):
            return _lists(((n, each) for n, each in enumerate(found, 1)), part, header, name)
        return _table("JSON", part, lambda: (_item(n, each) for n, each in enumerate(found, 1)), name)
    if part:
        raise UsageError(say("{name} is one array, not a document with several", name=name), "Leave --table out.")
    if form == "NDJSON":
        return _table(form, "", lambda: _each_line(_from(text, start)), name)
    elements = _elements(_from(text, start), name)
    if (first := next(elements, None)) is not None and isinstance(first[1], list):
        return _lists(chain([first], elements), "", header, name)
    return _table("JSON", "", lambda: (_item(*each) for each in _elements(_from(text, start), name)), name)


def _from(text: TextIO, start: int) -> TextIO:
    text.seek(start)
    return text


def _form(text: TextIO) -> str:
    """array, document or NDJSON: by how the text begins, and whether its first line is an object by itself and others follow."""
    first = _line(text)
    if first.lstrip("\ufeff \t\r\n").startswith("["):
        return "array"
    try:
        whole = isinstance(_DECODER.decode(first.strip("\ufeff \t\r\n")), dict)
    except (JSONDecodeError, RecursionError):
        whole = False
    second = _line(text)
    # The first line of NDJSON may be the damaged one.
    return "NDJSON" if second and (whole or (first.rstrip().endswith("}") and second.startswith("{"))) else "document"


def _line(text: TextIO) -> str:
    while line := text.readline(_LONGEST):
        if line.strip("\ufeff \t\r\n"):
            return line
    return ""


# --- values -----------------------------------------------------------------------------------------------------------------


def _number(text: str) -> str:
    """A JSON number as it stands, but 48000 for 48000.0, and without exponent where that is a figure people write."""
    if "e" not in text and "E" not in text:
        whole, _, part = text.partition(".")
        return text if part.strip("0") else whole
    from decimal import Decimal, InvalidOperation

    try:
        figure = Decimal(text)
    except InvalidOperation:
        return text
    return f"{figure:f}" if -30 < figure.adjusted() < 30 else text


_DECODER = JSONDecoder(parse_float=_number, parse_int=str, parse_constant=lambda word: "" if word == "NaN" else word)


def _flat(value: dict[str, Any], prefix: str, out: dict[str, str]) -> None:
    for key, each in value.items():
        name = f"{prefix}{key}"
        if isinstance(each, dict):
            _flat(each, f"{name}.", out)
        elif isinstance(each, list):
            _join(each, name, out)
        else:
            out[f"{name} (2)" if name in out else name] = text_of(each)


def _join(values: list[Any], name: str, out: dict[str, str]) -> None:
    """A list as one cell; a list of objects as one cell for each of their fields."""
    if values and all(isinstance(each, dict) for each in values):
        parts: dict[str, list[str]] = {}
        for each in values:
            fields: dict[str, str] = {}
            _flat(each, "", fields)
            for key, text in fields.items():
                parts.setdefault(key, []).extend([text] if text else [])
        out.update({f"{name}.{key}": _BETWEEN.join(texts) for key, texts in parts.items()})
        return
    texts = []
    for each in values:
        fields = {}
        if isinstance(each, list | dict):
            _flat({"": each}, "", fields)
        texts += list(fields.values()) or [text_of(each) if not isinstance(each, list | dict) else ""]
    out[name] = _BETWEEN.join(filter(None, texts))


def _item(line: int, value: Any, text: str = "") -> Item:
    if not isinstance(value, dict):
        what = {list: "a list", bool: "true or false", type(None): "null"}.get(type(value), "a single value")
        return Item(
            line, {}, say("line {line}: {what} where an object should be", line=line, what=what), text or text_of(value) or "null", 1
        )
    fields: dict[str, str] = {}
    try:
        _flat(value, "", fields)
    except RecursionError:
        return Item(line, {}, say("line {line}: it is too deeply nested", line=line), text, 1)
    return Item(line, fields)


# --- sources of objects -----------------------------------------------------------------------------------------------------


def _each_line(text: TextIO) -> Iterator[Item]:
    number = 0
    while lines := text.readlines(_CHUNK):
        for raw in lines:
            number += 1
            line = raw.strip("\ufeff \t\r\n")
            if not line:
                continue
            try:
                yield _item(number, _DECODER.decode(line), line)
            except JSONDecodeError as error:
                column = error.pos + 1 + (len(raw) - len(raw.lstrip("\ufeff \t\r\n")))
                yield Item(
                    number,
                    {},
                    say("line {number}, column {column}: {said}", number=number, column=column, said=_said(error.msg)),
                    raw.rstrip("\r\n"),
                    column,
                )
            except RecursionError:
                yield Item(number, {}, say("line {number}: it is too deeply nested", number=number), line, 1)


def _said(message: str) -> str:
    return message[:1].lower() + message[1:].removesuffix(" starting at").replace("control character at", "control character")


class _Pieces:
    """Text read piece by piece; what lies behind is let go of, but line and column of a place are still known."""

    def __init__(self, text: TextIO, name: str) -> None:
        self.text, self.name, self.buffer, self.at, self.ended = text, name, "", 0, False
        self.line, self.behind = 1, 0  # of the buffer's beginning: its line, and how much of that line is gone
        self._counted = (0, 0)  # a place in the buffer, and the line ends before it

    def more(self) -> bool:
        """Fetch more behind the rest, and let go of what was read; False at the end of the file."""
        fetched = self.text.read(max(_CHUNK, len(self.buffer) - self.at))
        self.ended = not fetched
        done, rest = self.buffer[: self.at], self.buffer[self.at :]
        self.line += done.count("\n")
        self.behind = len(done) - done.rfind("\n") - 1 if "\n" in done else self.behind + len(done)
        self.buffer, self.at, self._counted = rest + fetched, 0, (0, 0)
        return bool(fetched)

    def here(self) -> int:
        """The line of the present place."""
        at, ends = self._counted
        self._counted = (self.at, ends + self.buffer.count("\n", at, self.at))
        return self.line + self._counted[1]

    def mark(self) -> str:
        """The next character that is not blank, "" at the end."""
        while True:
            if blank := _BLANK.match(self.buffer, self.at):
                self.at = blank.end()
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def value(self) -> Any:
        """The JSON value that starts here. Raises BadValue where there is none."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self.buffer, self.at)
                if end < len(self.buffer) or self.ended:
                    self.at = end
                    return value
            except RecursionError:
                raise BadValue(say("{name} is too deeply nested", name=self.name)) from None
            except JSONDecodeError as error:
                # A fault near the end may be only that the rest has not been read yet.
                if self.ended or not (error.msg.startswith("Unterminated") or error.pos > len(self.buffer) - 20):
                    raise self.broken(error.msg, error.pos) from None
            if len(self.buffer) - self.at > _LONGEST:
                raise BadValue(
                    say(
                        "{name}: the object in line {line} is longer than {longest} million characters",
                        name=self.name,
                        line=self.line,
                        longest=_LONGEST >> 20,
                    )
                )
            self.more()

    def broken(self, said: str, at: int) -> BadValue:
        """The error for a place in the buffer, with the line and a caret."""
        start = self.buffer.rfind("\n", 0, at) + 1
        stop = self.buffer.find("\n", at)
        column = at - start + 1
        shown = excerpt(self.buffer[start : stop if stop >= 0 else len(self.buffer)], column)
        line = self.line + self.buffer.count("\n", 0, at)
        column += 0 if start else self.behind
        told = "\n".join(f"  {part}" for part in shown.split("\n"))
        return BadValue(
            say(
                "{name} is not JSON: line {line}, column {column}: {said}\n{told}",
                name=self.name,
                line=line,
                column=column,
                said=_said(said),
                told=told,
            ),
            "Mend the file.",
        )


def _elements(text: TextIO, name: str) -> Iterator[tuple[int, Any]]:
    """The elements of an array, each with its line. Raises BadValue where the text is not JSON."""
    pieces = _Pieces(text, name)
    pieces.mark()
    pieces.at += 1
    mark = pieces.mark()
    while mark != "]":
        line = pieces.here()
        yield line, pieces.value()
        mark = pieces.mark()
        if mark == ",":
            pieces.at += 1
            mark = pieces.mark()
            if mark == "]":
                raise pieces.broken("expecting a value", pieces.at)
        elif mark != "]":
            raise pieces.broken("expecting ',' or ']'" if mark else "the array is not closed", pieces.at)
    pieces.at += 1
    if pieces.mark():
        raise pieces.broken("expecting nothing more", pieces.at)


_BLANK = re.compile(r"[\ufeff \t\r\n]+")


def _document(text: TextIO, name: str) -> Any:
    whole = text.read(_LONGEST).lstrip("\ufeff")
    if text.read(1):
        raise BadValue(
            say("{name} is a JSON document of more than {longest} million characters", name=name, longest=_LONGEST >> 20),
            "Give the array in it, or NDJSON.",
        )
    try:
        return _DECODER.decode(whole)
    except RecursionError:
        raise BadValue(say("{name} is too deeply nested", name=name)) from None
    except JSONDecodeError as error:
        pieces = _Pieces(text, name)
        pieces.buffer = whole
        raise pieces.broken(error.msg, error.pos) from None


def _chosen(document: Any, part: str, name: str) -> tuple[str, list[Any]]:
    """The array of a document that `part` names, or its only one; a document without any is one object."""
    arrays: dict[str, list[Any]] = {}
    _find_arrays(document, "", arrays, 6)
    if part:
        if part not in arrays:
            raise UsageError(
                say("{name} has no array of objects {part!r}", name=name, part=part[:60]),
                say("It has: {arrays}", arrays=together(", ", arrays)) if arrays else "",
            )
        return part, arrays[part]
    if len(arrays) > 1:
        held = ", ".join(f"{key} ({len(each):,})" for key, each in arrays.items())
        raise UsageError(say("{name} holds several arrays of objects: {held}", name=name, held=held[:300]), "Name one: --table NAME")
    for key, each in arrays.items():
        return key, each
    return "", [document]


def _find_arrays(value: Any, path: str, arrays: dict[str, list[Any]], depth: int) -> None:
    if isinstance(value, dict) and depth:
        for key, each in value.items():
            _find_arrays(each, f"{path}.{key}" if path else key, arrays, depth - 1)
    elif isinstance(value, list) and path and value and isinstance(value[0], dict | list):
        arrays[path] = value


# --- rows -------------------------------------------------------------------------------------------------------------------


def _table(form: str, part: str, items: Callable[[], Iterator[Item]], name: str) -> Objects:
    """Columns out of all objects, in the order in which they come; then the rows."""
    filled: dict[str, bool] = {}
    held: list[Item] = []
    many = 0
    for many, item in enumerate(items(), 1):
        for key, text in item.fields.items():
            if text or key not in filled:
                filled[key] = bool(text) or filled.get(key, False)
        if len(filled) > _COLUMNS:
            raise BadValue(
                say("{name} has more than {columns:,} different fields: its objects are no rows of a table", name=name, columns=_COLUMNS)
            )
        if many <= _HELD:
            held.append(item)
    if not many:
        raise BadValue(say("file is empty: {name}", name=name))
    nested = {key[:at] for key in filled for at in range(len(key)) if key[at] == "."}
    keys = [key for key, some in filled.items() if some or key not in nested]
    if not keys:
        first = held[0]
        raise BadValue(
            say("{name} holds no objects with fields{problem}", name=name, problem=": " + first.problem if first.problem else "")
        )
    header, notes = unique_names(keys)
    places: dict[int, tuple[str, int]] = {}
    return Objects(form, part, header, tuple(notes), _rows(iter(held) if many <= _HELD else items(), keys, places), places)


def _rows(items: Iterator[Item], keys: list[str], places: dict[int, tuple[str, int]]) -> Iterator[Row]:
    blank = ""
    for line, fields, problem, text, column in items:
        if problem:
            if len(places) < PLACES:
                places[line] = (text, column)
            yield Row(line, [text], problem)
            continue
        get = fields.get
        cells = [get(key, blank) for key in keys]
        if any(cells):
            yield Row(line, cells, unfit(line, cells))


def _lists(elements: Iterator[tuple[int, Any]], part: str, header: bool, name: str) -> Objects:
    """An array of arrays: the first one is the header."""
    rows = ((line, [text_of(cell) for cell in each]) for line, each in elements if isinstance(each, list))
    first = next(rows, None)
    if first is None or not first[1]:
        raise BadValue(say("file is empty: {name}", name=name))
    names, notes = unique_names(first[1]) if header else ([f"column {n + 1}" for n in range(len(first[1]))], [])
    return Objects("JSON", part, names, tuple(notes), checked(rows if header else chain([first], rows), len(names)), {})
