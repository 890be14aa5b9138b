"""Everything that comes in as rows of a file: what kind of file it is, the dialect, the header, and records with their line numbers.

The reading counterpart of output.py. It knows no kind, field or database. It never guesses silently: what it decided stands
in `Dialect.notes`, and a record that cannot be trusted carries the reason in `Row.problem`. Bytes and encoding are in
`encodings.py`; how records come out of lines, sheets and JSON is in `reading/`.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from typing import IO, NamedTuple

from sfa.errors import BadValue, SfaError, UsageError
from sfa.messages import say
from sfa.reading import escapes
from sfa.reading.encodings import Encoding, find_encoding, open_bytes
from sfa.reading.lined import open_lined
from sfa.reading.records import Records, Split
from sfa.reading.table import CHUNK, SAMPLE, Dialect, Row, Table, excerpt, is_numeric, is_preamble, unique_names
from sfa.reading.workbooks import is_workbook

__all__ = ["Dialect", "Row", "Table", "open_table"]

_DELIMITERS = ",;\t|"
_RARE = "\x1f\x01^~¦§:"
"""Delimiters that are believed only where every record fits."""


class _Given(NamedTuple):
    """What is said about a file that need not be found out."""

    encoding: str
    delimiter: str
    header: bool
    part: str


def open_table(path: str, *, encoding: str = "", delimiter: str = "", header: bool = True, sheet: str = "", table: str = "") -> Table:
    """Open a file of rows ("-": standard input; gzip is unpacked): delimited text, JSON, NDJSON, vCards, a calendar or a
    workbook, told by its content.

    `encoding` and `delimiter` override the detection; `header=False` names the columns "column 1", "column 2", …; `sheet` names a
    workbook's sheet, `table` one of several arrays of a JSON document.
    Raises NotFound (no such file), UsageError (a folder, no such sheet), Refused (not permitted), BadValue (empty, binary, damaged or
    undecodable), Unsure (several encodings are believable).
    """
    name = "standard input" if path == "-" else repr(path[-60:])
    delimiter = _given_delimiter(delimiter)
    with ExitStack() as resources:
        with _readable(name):
            raw = open_bytes(path, name, resources)
            head = raw.read(1 << 16)
            raw.seek(0)
            workbook = is_workbook(head, raw)
            if sheet and not workbook:
                raise UsageError(say("{name} has no sheets", name=name), "Leave --sheet out.")
            if table and workbook:
                raise UsageError(say("{name} has sheets, no tables", name=name), "Name one of them with --sheet.")
            if (encoding or delimiter) and workbook:
                raise UsageError(say("{name} is a workbook, not text", name=name), "Leave --encoding and --delimiter out.")
            found = Encoding("", 0, False, ()) if workbook else find_encoding(raw, name, encoding)
            raw.seek(found.skip)
            if not workbook and (lined := open_lined(raw, found, name, resources)):
                if table:
                    raise UsageError(
                        say("{name} holds {form}s, no tables to choose from", name=name, form=lined.dialect.form), "Leave --table out."
                    )
                lined.again = partial(open_table, path, encoding=found.codec)
                return lined
        given = _Given(found.codec, delimiter, header, sheet or table)
        if workbook:
            return _sheet(raw, path, name, given, resources)
        text = resources.enter_context(io.TextIOWrapper(raw, encoding=found.codec, newline=""))
        return _text(text, path, name, found, given, resources)


def sheets(path: str) -> list[str]:
    """The names of the filled sheets of a workbook; none of any other file, or of one that cannot be read."""
    with ExitStack() as resources:
        try:
            raw = open_bytes(path, path, resources)
            head = raw.read(1 << 16)
            raw.seek(0)
            if not is_workbook(head, raw):
                return []
        except (SfaError, OSError, EOFError):
            return []
        from sfa.reading.workbooks import titles

        return titles(raw, repr(path[-60:]))


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """What goes wrong with the bytes of a file, in words."""
    import lzma
    import zlib

    try:
        yield
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        raise BadValue(say("{name} is a damaged compressed file: {error}", name=name, error=error)) from error
    except OSError as error:
        if error.errno is None:  # gzip and bzip2 say so what is wrong with the data
            raise BadValue(say("{name} is a damaged compressed file: {error}", name=name, error=error)) from error
        raise SfaError(say("cannot read {name}: {why}", name=name, why=error.strerror or error)) from error


def _sheet(raw: IO[bytes], path: str, name: str, given: _Given, resources: ExitStack) -> Table:
    from sfa.reading.workbooks import read_sheet

    found = read_sheet(raw, name, given.part, given.header)
    dialect = Dialect("", "", "", found.grid.line, (*found.notes, *found.grid.notes), "sheet", found.name)
    again = partial(open_table, path, header=given.header, sheet=found.name)
    return Table(found.grid.header, dialect, found.grid.rows, resources.pop_all(), again)


def _text(text: io.TextIOWrapper, path: str, name: str, found: Encoding, given: _Given, resources: ExitStack) -> Table:
    """A table out of text: JSON, else delimited."""
    start = text.tell()
    lines = text.readlines(CHUNK)
    from sfa.reading.objects import looks_like_json, read_objects

    if not given.delimiter and looks_like_json("".join(lines[:100])[:1000]):
        text.seek(start)
        objects = read_objects(text, name, given.part, given.header)
        dialect = Dialect(found.codec, "", "", 0, (*found.notes, *objects.notes), objects.form, objects.part)
        again = partial(open_table, path, encoding=found.codec, header=given.header, table=objects.part)
        return Table(objects.header, dialect, objects.rows, resources.pop_all(), again, objects.places)
    if given.part:
        raise UsageError(say("{name} holds rows of text, no tables to choose from", name=name), "Leave --table out.")
    layout = _find_layout(lines, name, given.delimiter, given.header)
    how = layout.how
    dialect = Dialect(found.codec, how.delimiter, how.quote, layout.header_line, (*found.notes, *layout.notes))
    rest = layout.lines[layout.skip :]
    more = (lambda size: escapes.hide(text.readlines(size), how.delimiter)) if how.escaped else text.readlines
    records = Records(rest, layout.skip, more, how, len(layout.header), found.nul, layout.top)
    again = partial(open_table, path, encoding=found.codec, delimiter=how.delimiter, header=given.header)
    return Table(
        layout.header, dialect, escapes.shown(records) if how.escaped else iter(records), resources.pop_all(), again, records.places
    )


def _given_delimiter(delimiter: str) -> str:
    delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter.lower(), delimiter)
    if len(delimiter) > 1 or delimiter in ('"', "\r", "\n"):
        raise BadValue(say("{delimiter!r} is no delimiter", delimiter=delimiter[:60]), "give one character, or the word tab")
    return delimiter


# --- dialect and header -----------------------------------------------------------------------------------------------------


class _Layout(NamedTuple):
    lines: list[str]
    how: Split
    header: list[str]
    top: list[str]  # the header as it stands in the file
    header_line: int
    skip: int  # physical lines to leave out before the first record
    notes: tuple[str, ...]


class _Reading(NamedTuple):
    """The sample as one delimiter splits it: rows with the last line of each, the usual width, the header's place, the fit (0 to 1)."""

    how: Split
    rows: list[tuple[Row, int]]
    width: int
    at: int
    fit: float


def _find_layout(lines: list[str], name: str, delimiter: str, header: bool) -> _Layout:
    skip, notes, quote = 0, [], _quote(lines)
    if lines and (told := re.fullmatch(r'"?sep=([^"])"?[\r\n]*', lines[0], re.IGNORECASE)):
        skip, delimiter = 1, delimiter or told[1]
        notes.append(say("line 1 names the delimiter: {told!r}", told=told[1]))
    best = _best_reading(lines, skip, delimiter, quote)
    if not best.rows:
        raise BadValue(say("file is empty: {name}", name=name))
    lines, best = _escaped(lines, skip, best)
    if best.how.escaped:
        notes.append("a backslash takes away the meaning of the quote, delimiter or backslash behind it")
    if not header:
        return _Layout(lines, best.how, [f"column {n + 1}" for n in range(best.width)], [], 0, skip, tuple(notes))
    row, last = best.rows[best.at]
    if row.problem:
        place = excerpt(lines[row.line - 1].rstrip("\r\n"), 1 + max(0, lines[row.line - 1].find(quote)))
        raise BadValue(
            say("the header of {name} cannot be read: {problem}\n{place}", name=name, problem=row.problem, place=place),
            "mend the quotes in the file",
        )
    if best.at:
        above = row.line - 1 - skip
        notes.append(say("{above} line{s} before the header skipped", above=above, s="s" if above > 1 else ""))
    if any(is_numeric(cell) for cell in row.cells):
        notes.append(say("line {line} is read as the header although it holds figures", line=row.line))
    names, renamed = unique_names([escapes.show(cell) for cell in row.cells])
    return _Layout(lines, best.how, names, row.cells, row.line, last, (*notes, *renamed))


def _quote(lines: list[str]) -> str:
    sample = [line.strip() for line in lines[:SAMPLE] if line.strip()]
    single = sample and all(re.match(r"'[^'\"]*'(?:[,;\t|]|$)", line) for line in sample)
    return "'" if single and not any('"' in line for line in sample) else '"'


def _escaped(lines: list[str], skip: int, plain: _Reading) -> tuple[list[str], _Reading]:
    """The lines and their reading with backslashes as escapes, where that makes more of them sound; else as they were."""

    def damaged(lines: list[str]) -> int:
        records = Records(lines[skip:], skip, None, plain.how, plain.width)
        return sum(1 for row in records if row.problem)

    if plain.width < 2 or not any("\\" in line for line in lines) or not (before := damaged(lines)):
        return lines, plain
    hidden = escapes.hide(lines, plain.how.delimiter)
    if damaged(hidden) >= before:
        return lines, plain
    found = _reading(hidden, skip, plain.how)
    return hidden, found._replace(how=plain.how._replace(escaped=True))


def _best_reading(lines: list[str], skip: int, delimiter: str, quote: str) -> _Reading:
    """The delimiter whose records agree best about their width; then the wider one, then the comma."""
    readings = [_reading(lines, skip, _split(lines, each, quote)) for each in delimiter or _DELIMITERS]
    usable = [each for each in readings if each.width > 1 and _convincing(each, lines)]
    if not usable and not delimiter:
        rare = [_reading(lines, skip, _split(lines, each, quote)) for each in _RARE if any(each in line for line in lines[:SAMPLE])]
        usable = [each for each in rare if each.width > 2 and each.fit == 1 and len(each.rows) > 1 and not each.at]
    if usable:
        return max(usable, key=lambda each: (each.fit / 2 if each.at else each.fit, each.width))
    return readings[0]._replace(width=max(1, readings[0].width) if delimiter else 1, at=0)


def _split(lines: list[str], delimiter: str, quote: str) -> Split:
    """How records are split by this delimiter: whether blanks stand between it and every quote behind it."""
    sample = "".join(lines[:SAMPLE])
    spaced = delimiter != " " and f"{delimiter} {quote}" in sample and f"{delimiter}{quote}" not in sample
    return Split(delimiter, quote, spaced)


def _reading(lines: list[str], skip: int, how: Split) -> _Reading:
    whole = sum(map(len, lines)) < CHUNK
    records = Records(lines[skip:], skip, (lambda size: []) if whole else None, how)
    rows = [(row, records.end) for row in islice(records, SAMPLE)]
    if not rows:
        return _Reading(how, rows, 0, 0, 0.0)
    widths = Counter(len(row.cells) for row, _ in rows if not row.problem) or Counter({len(rows[0][0].cells): 1})
    often = max(widths.values())
    usual = [width for width, times in widths.items() if times == often]
    first = len(rows[0][0].cells)
    width = first if first in usual else max(usual)
    at = next((n for n, (row, _) in enumerate(rows) if not is_preamble(row.cells, width)), 0)
    if not at and (below := _below_notes(rows, lines)):
        return _Reading(how, rows, len(rows[below][0].cells), below, 1.0)
    return _Reading(how, rows, width, at, often / len(rows))


def _below_notes(rows: list[tuple[Row, int]], lines: list[str]) -> int:
    """Where the header stands of a short table under notes as long as itself, parted from them by an empty line; 0: nowhere."""
    for at, (row, _) in enumerate(rows[:10]):
        wide = len(row.cells)
        if not at or wide < 3 or lines[row.line - 2].strip() or row.problem:
            continue
        like_names = len(set(row.cells)) == wide and all(c and c == c.strip() and len(c) < 40 and not is_numeric(c) for c in row.cells)
        regular = all(len(below.cells) == wide and not below.problem for below, _ in rows[at:])
        if like_names and regular and all(is_preamble(above.cells, wide) for above, _ in rows[:at]):
            return at
    return 0


def _convincing(reading: _Reading, lines: list[str]) -> bool:
    """Lines before the header are only believed where the table below is regular: a list of addresses is one column, not a table."""
    if not reading.at:
        return True
    below = [row for row, _ in reading.rows[reading.at :]]
    regular = sum(1 for row in below if len(row.cells) == reading.width and not row.problem)
    parted = not lines[below[0].line - 2].strip()
    return regular >= 0.75 * len(below) and (reading.width > 2 or parted)
