"""Which column of a file is which field: matched by the names that products give them, corrected by a map file.

Cells are read in `cells.py`; here only headers and the map file are looked at.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sfa.errors import BadValue, UsageError
from sfa.sales.aliases import aliases
from sfa.sales.kinds import Field, Kind
from sfa.sales.values import quoted

IGNORED = ("sfa_line", "sfa_reason")
"""Columns that a file of rejected rows has beside its own; they are never looked at."""

_TABLES = ("columns", "values", "set", "format", "multiply", "period")
LENGTHS = ("day", "month", "quarter", "half", "year")
_MANAGED = 1000


class Map(NamedTuple):
    """What a map file says: column → field ("" leaves it out), field → {value in the file: our value}, field → value of every row,
    field → factor of its figures, how dates are written ("" is found out), the decimal mark, the columns of a file that does not name
    them; and where a date stands for a period, how long that is ("": none does) and whether it begins with the "nearest" month (`snap`)."""

    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    set: dict[str, str] = {}
    multiply: dict[str, int] = {}
    dates: str = ""
    decimal: str = ""
    header: tuple[str, ...] = ()
    length: str = ""
    snap: str = ""


class Mapped(NamedTuple):
    """One column that goes somewhere: its place in the row, its header, the field that it feeds."""

    at: int
    header: str
    field: Field


class Plan(NamedTuple):
    """Where the columns of a file go: those mapped, and (place, header) of those that go nowhere."""

    kind: Kind
    columns: tuple[Mapped, ...]
    left: tuple[tuple[int, str], ...]
    map: Map

    def feeding(self, name: str) -> list[Mapped]:
        """The columns that feed the field called `name`."""
        return [c for c in self.columns if c.field.name == name]


def plain(header: str) -> str:
    """A header without case, blanks, underscores and punctuation."""
    return re.sub(r"[\W_]+", "", header.casefold())


def read_map(text: str, kind: Kind, name: str = "the map file") -> Map:
    """The map file's text (TOML) for `kind`. Raises UsageError naming the key that is wrong."""
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} is not TOML: {error}", "`sfa import --help` shows what a map file looks like.") from None
    for key, value in data.items():
        if key not in _TABLES:
            raise UsageError(f"{name}: there is no table [{key[:60]}]", f"Tables: {', '.join(f'[{t}]' for t in _TABLES)}")
        if not isinstance(value, dict):
            raise UsageError(f"{name}: {key} is a table", f"Write [{key}] on a line of its own.")
    values = {_field(kind, key, f"{name}: [values.{key}]").name: _texts(v, f"{name}: [values.{key}]") for key, v in _of(data, "values")}
    constants = {_field(kind, k, f"{name}: [set] {k}").name: _text(v, f"{name}: [set] {k}") for k, v in _of(data, "set")}
    factors = {_field(kind, k, f"{name}: [multiply] {k}").name: _factor(kind, k, v, name) for k, v in _of(data, "multiply")}
    columns = {k: _target(kind, k, v, name) for k, v in _of(data, "columns")}
    return Map(
        columns, values, constants, factors, **_formats(data.get("format", {}), name), **_periods(kind, data.get("period", {}), name)
    )


def _of(data: dict[str, Any], table: str) -> list[tuple[str, Any]]:
    return list(data.get(table, {}).items())


def _field(kind: Kind, key: str, where: str) -> Field:
    try:
        return kind.field(key)
    except UsageError as error:
        raise UsageError(f"{where}: {error.message}", error.hint) from None


def _target(kind: Kind, column: str, value: Any, name: str) -> str:
    where = f"{name}: [columns] {column[:60]}"
    text = _text(value, where).strip()
    return _field(kind, text, where).name if text else ""


def _text(value: Any, where: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        raise UsageError(f"{where} is one value", 'Write it in quotes: key = "value".')
    return str(value)


def _texts(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise UsageError(f"{where} is a table", 'Write [values.stage], then lines such as Engaging = "Qualification".')
    return {k: _text(v, f"{where} {k}") for k, v in value.items()}


def _factor(kind: Kind, key: str, value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(f"{name}: [multiply] {key} is a whole number above 0", "Figures in millions: 1000000.")
    if kind.field(key).type not in ("money", "number"):
        raise UsageError(f"{name}: [multiply] {key}: only amounts and numbers are multiplied")
    return value


def _formats(given: dict[str, Any], name: str) -> dict[str, Any]:
    from sfa.sales.datecolumns import date_reader

    for key in given:
        if key not in ("dates", "decimal", "header"):
            raise UsageError(f"{name}: [format] has no {key[:60]!r}", "It has dates, decimal and header.")
    dates, decimal = (_text(given.get(key, ""), f"{name}: [format] {key}") for key in ("dates", "decimal"))
    if decimal not in ("", ".", ","):
        raise UsageError(f"{name}: [format] decimal is '.' or ',', not {quoted(decimal)}")
    try:
        date_reader(dates)
    except BadValue as error:
        raise UsageError(f"{name}: [format] dates: {error.message}", error.hint) from None
    header = tuple(n.strip() for n in _text(given.get("header", ""), f"{name}: [format] header").split(",")) if given.get("header") else ()
    if any(not n for n in header) or len(set(map(str.casefold, header))) < len(header):
        raise UsageError(f"{name}: [format] header names each column, by a name of its own", 'As in header = "Id, Date, Amount".')
    return {"dates": dates, "decimal": decimal, "header": header}


def _periods(kind: Kind, given: dict[str, Any], name: str) -> dict[str, Any]:
    if given and not any(f.type == "period" for f in kind.fields):
        raise UsageError(f"{name}: [period]: {kind.plural} have no period")
    allowed = {"length": LENGTHS, "snap": ("nearest",)}
    for key, value in given.items():
        if value not in allowed.get(key, ()):
            what = f"{key} is one of {', '.join(allowed[key])}" if key in allowed else f"has no {key[:60]!r}"
            raise UsageError(f"{name}: [period] {what}", 'As in length = "quarter" and snap = "nearest".')
    if given and "length" not in given:
        raise UsageError(f"{name}: [period] needs a length", f"One of {', '.join(LENGTHS)}.")
    return dict(given)


# Headers ----------------------------------------------------------------------------------------------------------------------------


def match(kind: Kind, header: list[str], samples: list[list[str]], given: Map) -> Plan:
    """Where each column of a file goes. A header that is a field's name beats one that is its label, that one an alias; each field takes
    one column, a field that holds several values takes all that fit. Raises UsageError where nothing fits or the map names no column."""
    taken = _explicit(kind, header, given)
    free = [i for i, name in enumerate(header) if i not in taken and plain(name) not in map(plain, IGNORED)]
    for i in free:
        if _is_own(kind, header[i], i, samples):
            taken[i] = Field("id", "self", to=kind.name)
            break
    used = {f.name for f in taken.values() if f} | given.set.keys()
    for _, i, field in sorted(_candidates(kind, header, free), key=lambda c: c[:2]):
        if i not in taken and (field.name not in used or (field.many and field.name not in given.set)):
            taken[i] = field
            used.add(field.name)
    columns = tuple(Mapped(i, header[i], f) for i, f in sorted(taken.items()) if f)
    if not columns:
        raise UsageError(
            f"no column fits a field of {kind.plural}: {', '.join(map(quoted, header[:8]))}",
            f"Say with --map which is which. Fields: {', '.join(f.name for f in kind.fields)}",
        )
    mapped = {c.at for c in columns}
    left = tuple((i, name) for i, name in enumerate(header) if i not in mapped and plain(name) not in map(plain, IGNORED))
    return Plan(kind, columns, left, given)


def _explicit(kind: Kind, header: list[str], given: Map) -> dict[int, Field | None]:
    """Place → field of the columns that the map names; None for those that it leaves out."""
    out: dict[int, Field | None] = {}
    names: dict[str, str] = {}
    for key, target in given.columns.items():
        places = [i for i, name in enumerate(header) if name == key] or [i for i, name in enumerate(header) if plain(name) == plain(key)]
        if not places:
            import difflib

            near = difflib.get_close_matches(key, header, 3)
            raise UsageError(
                f"[columns] {key[:60]!r}: the file has no such column",
                f"Did you mean {' or '.join(map(repr, near))}?" if near else f"Columns: {', '.join(header[:40])}",
            )
        field = kind.field(target) if target else None
        if field and field.name in names and not field.many:
            raise UsageError(f"[columns] {names[field.name]!r} and {key!r} both feed {field.name}", "A field takes one column.")
        if field and field.name in given.set:
            raise UsageError(f"[columns] {key!r} feeds {field.name}, which [set] gives to every row", "Leave one of them out.")
        if field:
            names[field.name] = key
        out[places[0]] = field
    return out


def _candidates(kind: Kind, header: list[str], free: list[int]) -> list[tuple[int, int, Field]]:
    """(rank, place, field) of every fit; what the program sets itself comes last."""
    out = []
    heads = [(i, plain(header[i])) for i in free]
    for field in kind.fields:
        names = [plain(n) for n in (field.name, field.title, *aliases(kind.name, field))]
        later = _MANAGED if field.managed else 0
        out += [(later + names.index(head), i, field) for i, head in heads if head and head in names]
    return out


def _is_own(kind: Kind, name: str, at: int, samples: list[list[str]]) -> bool:
    """Whether a column holds this program's own ids in the long form, which mean the same record in every database."""
    if plain(name) not in ("id", "ref") or not kind.prefix:
        return False
    cells = [c for c in (row[at].strip() for row in samples if at < len(row)) if c]
    return bool(cells) and all(re.fullmatch(own_form(kind), c) for c in cells)


def own_form(kind: Kind) -> str:
    """The pattern of a long reference to a record of `kind`."""
    return rf"(?i){kind.prefix}-[0-9a-z]{{4}}-[0-9]{{1,12}}"


def date_columns(plan: Plan) -> list[Mapped]:
    """The columns whose cells are dates, in an order of day and month yet to be found."""
    dated = ("date", "stamp", "optout", *(["period"] if plan.map.length else []))
    return [] if plan.map.dates else [c for c in plan.columns if c.field.type in dated]


def settled(text: str) -> bool:
    """Whether a date cell reads the same in every order: blank, or its year in front."""
    return not text or bool(re.match(r"\d{4}(?!\d)|\d{8}", text.strip())) or not re.match(r"\s*\d", text)
