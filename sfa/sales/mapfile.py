"""Map files: what a person says about a file that its headers do not, read from TOML and written as TOML."""

from __future__ import annotations

from typing import Any, NamedTuple

from sfa.errors import BadValue, UsageError
from sfa.messages import say, together
from sfa.sales import profiles
from sfa.sales.kinds import Field, Kind
from sfa.sales.values import quoted, visible

_TABLES = ("columns", "values", "set", "format", "multiply", "period", "blank")
LENGTHS = ("day", "month", "quarter", "half", "year")


class Map(NamedTuple):
    """What a map file says: column → field ("" leaves it out), field → {value in the file: our value}, field → value of every row,
    field → factor of its figures, how dates are written ("" is found out), the decimal mark, the columns of a file that does not name
    them; and where a date stands for a period, how long that is ("": none does) and whether it begins with the "nearest" month (`snap`);
    column → what stands for a blank in it (nothing: no word does); the profile that the file is read by ("" recognises it); the kind of
    record that it holds ("": told otherwise)."""

    columns: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    set: dict[str, str] = {}
    multiply: dict[str, int] = {}
    dates: str = ""
    decimal: str = ""
    header: tuple[str, ...] = ()
    length: str = ""
    snap: str = ""
    blank: dict[str, tuple[str, ...]] = {}
    profile: str = ""
    kind: str = ""


def read_map(text: str, kind: Kind, name: str = "the map file") -> Map:
    """The map file's text (TOML) for `kind`. Raises UsageError naming the key that is wrong."""
    import tomllib

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            say("{name} is not TOML: {error}", name=name, error=error), "`sfa import --help` shows what a map file looks like."
        ) from None
    for key, value in data.items():
        if key not in _TABLES:
            raise UsageError(
                say("{name}: there is no table [{key}]", name=name, key=key[:60]),
                say("Tables: {tables}", tables=together(", ", (f"[{t}]" for t in _TABLES))),
            )
        if not isinstance(value, dict):
            raise UsageError(say("{name}: {key} is a table", name=name, key=key), say("Write [{key}] on a line of its own.", key=key))
    values = {
        _field(kind, key, say("{name}: [values.{key}]", name=name, key=key)).name: _texts(
            v, say("{name}: [values.{key}]", name=name, key=key)
        )
        for key, v in _of(data, "values")
    }
    constants = {
        _field(kind, k, say("{name}: [set] {k}", name=name, k=k)).name: _text(v, say("{name}: [set] {k}", name=name, k=k))
        for k, v in _of(data, "set")
    }
    factors = {
        _field(kind, k, say("{name}: [multiply] {k}", name=name, k=k)).name: _factor(kind, k, v, name) for k, v in _of(data, "multiply")
    }
    columns = {k: _target(kind, k, v, name) for k, v in _of(data, "columns")}
    blanks = {k: _words(v, say("{name}: [blank] {k}", name=name, k=k[:60])) for k, v in _of(data, "blank")}
    more = _formats(data.get("format", {}), name) | _periods(kind, data.get("period", {}), name)
    return Map(columns, values, constants, factors, **more, blank=blanks)


def _of(data: dict[str, Any], table: str) -> list[tuple[str, Any]]:
    return list(data.get(table, {}).items())


def _field(kind: Kind, key: str, where: str) -> Field:
    try:
        return kind.field(key)
    except UsageError as error:
        raise UsageError(say("{where}: {message}", where=where, message=error.message), error.hint) from None


def _target(kind: Kind, column: str, value: Any, name: str) -> str:
    where = say("{name}: [columns] {column}", name=name, column=column[:60])
    text = _text(value, where).strip()
    return _field(kind, text, where).name if text else ""


def _text(value: Any, where: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        raise UsageError(say("{where} is one value", where=where), 'Write it in quotes: key = "value".')
    return str(value)


def _texts(value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, dict):
        raise UsageError(say("{where} is a table", where=where), 'Write [values.stage], then lines such as Engaging = "Qualification".')
    return {k: _text(v, f"{where} {k}") for k, v in value.items()}


def _words(value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise UsageError(
            say("{where} is a list of words", where=where), 'Write it as in "Lead Status" = ["Select", "?"]; [] takes every word as it is.'
        )
    return tuple(_text(v, where) for v in value)


def _factor(kind: Kind, key: str, value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UsageError(say("{name}: [multiply] {key} is a whole number above 0", name=name, key=key), "Figures in millions: 1000000.")
    if kind.field(key).type not in ("money", "number"):
        raise UsageError(say("{name}: [multiply] {key}: only amounts and numbers are multiplied", name=name, key=key))
    return value


def _formats(given: dict[str, Any], name: str) -> dict[str, Any]:
    from sfa.sales.datecolumns import date_reader

    for key in given:
        if key not in ("dates", "decimal", "header", "profile", "kind"):
            raise UsageError(
                say("{name}: [format] has no {key!r}", name=name, key=key[:60]), "It has dates, decimal, header, profile and kind."
            )
    dates, decimal = (_text(given.get(key, ""), say("{name}: [format] {key}", name=name, key=key)) for key in ("dates", "decimal"))
    if decimal not in ("", ".", ","):
        raise UsageError(say("{name}: [format] decimal is '.' or ',', not {decimal}", name=name, decimal=quoted(decimal)))
    try:
        date_reader(dates)
    except BadValue as error:
        raise UsageError(say("{name}: [format] dates: {message}", name=name, message=error.message), error.hint) from None
    header = (
        tuple(n.strip() for n in _text(given.get("header", ""), say("{name}: [format] header", name=name)).split(","))
        if given.get("header")
        else ()
    )
    if any(not n for n in header) or len(set(map(str.casefold, header))) < len(header):
        raise UsageError(
            say("{name}: [format] header names each column, by a name of its own", name=name), 'As in header = "Id, Date, Amount".'
        )
    profile = _text(given.get("profile", ""), say("{name}: [format] profile", name=name))
    if profile:
        profiles.called(profile)
    kind = _text(given.get("kind", ""), say("{name}: [format] kind", name=name))
    return {"dates": dates, "decimal": decimal, "header": header, "profile": profile, "kind": kind}


def _periods(kind: Kind, given: dict[str, Any], name: str) -> dict[str, Any]:
    if given and not any(f.type == "period" for f in kind.fields):
        raise UsageError(say("{name}: [period]: {plural} have no period", name=name, plural=kind.plural))
    allowed = {"length": LENGTHS, "snap": ("nearest",)}
    for key, value in given.items():
        if value not in allowed.get(key, ()):
            what = (
                say("{key} is one of {allowed}", key=key, allowed=together(", ", allowed[key]))
                if key in allowed
                else say("has no {key!r}", key=key[:60])
            )
            raise UsageError(say("{name}: [period] {what}", name=name, what=what), 'As in length = "quarter" and snap = "nearest".')
    if given and "length" not in given:
        raise UsageError(say("{name}: [period] needs a length", name=name), say("One of {lengths}.", lengths=together(", ", LENGTHS)))
    return dict(given)


def kind_said(text: str) -> str:
    """The kind of record that a map file's text says its file holds; "" where it says none, or is no TOML, which reading it tells."""
    import tomllib

    try:
        found = tomllib.loads(text).get("format", {})
    except tomllib.TOMLDecodeError:
        return ""
    kind = found.get("kind", "") if isinstance(found, dict) else ""
    return kind.strip() if isinstance(kind, str) else ""


def with_set(given: Map, kind: Kind, pairs: list[str]) -> Map:
    """`given` with values of every row from `field=value` texts, which go before all that the map says. Raises UsageError."""
    constants: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise UsageError(say("--set takes field=value, not {pair}", pair=quoted(pair)), "As in --set rating=warm.")
        field = _field(kind, name, "--set")
        if field.managed:
            raise UsageError(say("--set: {title} is set by the program", title=field.title))
        constants[field.name] = value
    columns = {c: "" if f in constants else f for c, f in given.columns.items()}
    return given._replace(columns=columns, set={**given.set, **constants})


# Writing ----------------------------------------------------------------------------------------------------------------------------


class Line(NamedTuple):
    """A column of a file as a map file names it: its header, the field that it feeds ("": none), what to say beside it."""

    column: str
    field: str
    note: str = ""


def written(given: Map, lines: list[Line], notes: list[str]) -> str:
    """The text of a map file that says all that is known of a file: `given` with every column, and notes as comments at its top."""
    out = [
        *(f"# {_on_one_line(note)}" for note in notes),
        "",
        '[columns]                  # column in the file = our field; "" leaves it out',
    ]
    out += [f"{_key(c.column)} = {_string(c.field)}" + (f"  # {_on_one_line(c.note)}" if c.note else "") for c in lines]
    for field, values in given.values.items():
        out += ["", f"[values.{field}]", *(f"{_key(k)} = {_string(v)}" for k, v in values.items())]
    for table, entries in (("set", given.set), ("multiply", given.multiply)):
        if entries:
            out += ["", f"[{table}]", *(f"{k} = {_string(v) if isinstance(v, str) else v}" for k, v in entries.items())]
    if given.blank:
        out += ["", "[blank]", *(f"{_key(k)} = [{', '.join(map(_string, words))}]" for k, words in given.blank.items())]
    formats = {
        "kind": given.kind,
        "profile": given.profile,
        "dates": given.dates,
        "decimal": given.decimal,
        "header": ", ".join(given.header),
    }
    if any(formats.values()):
        out += ["", "[format]", *(f"{k} = {_string(v)}" for k, v in formats.items() if v)]
    if given.length:
        out += [
            "",
            "[period]",
            f"length = {_string(given.length)}",
            *([f"snap = {_string(given.snap)}"] if given.snap else []),
        ]
    return "\n".join(out) + "\n"


def _string(text: str) -> str:
    """A TOML string; what JSON escapes TOML reads, but for DEL."""
    from json import dumps

    return dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


_key = _string


def _on_one_line(text: str) -> str:
    return " ".join(visible(text).split())
