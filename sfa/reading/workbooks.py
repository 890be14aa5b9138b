"""Sheets of workbooks as rows: XLSX, XLSB, XLS and ODS, by python-calamine (the optional extra `sheets`)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from sfa.errors import BadValue, Refused, SfaError, UsageError
from sfa.messages import say
from sfa.reading.table import Grid, grid, text_of

_UNPACKED = 1 << 30
"""Bytes that a workbook may be unpacked."""
_MOST, _LOOSE = 30_000_000, 4_000_000
"""Cells from the first filled one of a sheet to the last that are held: at all, and where most of them are empty. One stray cell in the
farthest corner would need all the memory there is."""
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Sheet(NamedTuple):
    """A sheet's rows below their header, its name, and what there is to say about it."""

    name: str
    grid: Grid
    notes: tuple[str, ...]


def is_workbook(head: bytes, raw: IO[bytes]) -> bool:
    """Whether the file is a workbook by its content."""
    if head.startswith(_OLE):
        return True
    if not head.startswith(b"PK\x03\x04"):
        return False
    return any(re.match(r"xl/workbook\.|content\.xml$", name) for name in _members(raw))


def _members(raw: IO[bytes]) -> dict[str, int]:
    """The files in a ZIP archive with their unpacked sizes; none where it is damaged."""
    import zipfile

    try:
        with zipfile.ZipFile(raw) as archive:
            return {each.filename: each.file_size for each in archive.infolist()}
    except Exception:  # the module fails in many ways on a damaged archive
        return {}
    finally:
        raw.seek(0)


def read_sheet(raw: IO[bytes], name: str, wanted: str, header: bool) -> Sheet:
    """The sheet `wanted`, by default the first that has a table in it, else anything. Raises BadValue, UsageError, Refused (a password)."""
    try:
        import python_calamine as calamine
    except ImportError:
        hint = "Without it, save the sheet as CSV (UTF-8)."
        raise Refused(say("{name} is a workbook, which needs the optional part: pip install 'sfa[sheets]'", name=name), hint) from None
    _check_size(raw, name)
    try:
        with calamine.CalamineWorkbook.from_filelike(raw) as book:
            return _choose(book, name, wanted, header)
    except calamine.PasswordError:
        raise Refused(
            say("{name} is locked with a password", name=name), "Take the password off in the spreadsheet program, or save as CSV."
        ) from None
    except SfaError:
        raise
    except Exception as error:
        raise BadValue(
            say("{name} is a damaged workbook: {error}", name=name, error=str(error)[:200] or type(error).__name__),
            "Open and save it again.",
        ) from None
    except BaseException as error:
        # The library's own crashes on damaged files are no Exceptions.
        if type(error).__name__ != "PanicException":
            raise
        raise BadValue(say("{name} is a damaged workbook", name=name), "Open it in a spreadsheet program and save it again.") from None


def titles(raw: IO[bytes], name: str) -> list[str]:
    """The names of a workbook's sheets that are shown and hold anything; none where it cannot be read."""
    try:
        import python_calamine as calamine

        _check_size(raw, name)
        with calamine.CalamineWorkbook.from_filelike(raw) as book:
            return [each for each in _shown(book) if book.get_sheet_by_name(each).start is not None]
    except Exception:
        return []  # whoever reads it says what is wrong
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        return []


def _check_size(raw: IO[bytes], name: str) -> None:
    """Raise BadValue where a workbook would need far more memory than its data are worth."""
    import zipfile

    members = _members(raw)
    if sum(members.values()) > _UNPACKED:
        raise BadValue(
            say("{name} is too large: unpacked it has over {unpacked} GB", name=name, unpacked=_UNPACKED >> 30),
            "Save the sheet as CSV (UTF-8).",
        )
    sheets = [each for each in members if re.search(r"(^|/)xl/worksheets/[^/]+\.xml$|^content\.xml$", each, re.IGNORECASE)]
    if not sheets:
        return
    with zipfile.ZipFile(raw) as archive:
        for each in sheets:
            try:
                with archive.open(each) as stream:
                    area, filled = _extent(stream) if each != "content.xml" else _repeated(stream)
            except Exception:
                continue  # the module fails in many ways on a damaged archive; whoever reads it says what is wrong
            if area > _MOST or area > max(_LOOSE, 20 * filled):
                raise BadValue(
                    say("a sheet of {name} spans {area:,} cells, of which {filled:,} are filled", name=name, area=area, filled=filled),
                    "Clear the stray cells far below or right of the data, or save the sheet as CSV (UTF-8).",
                )
    raw.seek(0)


_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']([A-Z]{1,9})(\d{1,18})", re.IGNORECASE)
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br\s*=\s*[\"'](\d{1,18})")


def _extent(stream: IO[bytes]) -> tuple[int, int]:
    """How many cells there are from the first filled row and column of an XLSX sheet to the last, and how many of them are given."""
    columns: set[bytes] = set()
    rows: set[bytes] = set()
    filled, rest = 0, b""
    while chunk := stream.read(1 << 20):
        rest += chunk
        cut = rest.rfind(b"<") if len(chunk) == 1 << 20 else len(rest)
        part, rest = rest[:cut], rest[cut:]
        found = _CELL.findall(part)
        filled += len(found)
        if found:
            letters, numbers = zip(*found, strict=True)
            columns.update(letters)
            rows.update(numbers)
        rows.update(_ROW.findall(part))
    across = [sum((byte - 64) * 26**n for n, byte in enumerate(reversed(each.upper()))) for each in columns]
    down = list(map(int, rows))
    return (max(down, default=0) - min(down, default=0) + 1) * (max(across, default=0) - min(across, default=0) + 1), filled


_LINE = re.compile(rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>", re.DOTALL)
_PLACE = re.compile(rb"<table:(?:covered-)?table-cell\b([^>]*)>")
_TIMES = re.compile(rb"number-(?:rows|columns)-repeated\s*=\s*[\"'](\d{1,18})")


def _repeated(stream: IO[bytes]) -> tuple[int, int]:
    """How many cells with values the sheets of an ODS file come to when repeated ones are written out, and how many are given."""
    area, filled, rest = 0, 0, b""
    while chunk := stream.read(1 << 20):
        rest += chunk
        cut = rest.rfind(b"</table:table-row>") + 18 if b"</table:table-row>" in rest else 0
        part, rest = rest[:cut], rest[cut:]
        for how, cells in _LINE.findall(part):
            given = [each for each in _PLACE.findall(cells) if b"office:value" in each or b"-value=" in each]
            if given:
                filled += len(given)
                area += _times(how) * sum(map(_times, given))
    return area, filled


def _times(attributes: bytes) -> int:
    found = _TIMES.search(attributes)
    return int(found[1]) if found else 1


def _shown(book: Any) -> list[str]:
    """The names of the sheets that are not hidden, of all where all are."""
    visible = [s.name for s in book.sheets_metadata if str(s.typ).endswith("WorkSheet") and str(s.visible).endswith(".Visible")]
    return visible or list(book.sheet_names)


def _choose(book: Any, name: str, wanted: str, header: bool) -> Sheet:
    names = _shown(book)
    if wanted:
        fits = [each for each in book.sheet_names if each == wanted] or [
            each for each in book.sheet_names if each.strip().lower() == wanted.strip().lower()
        ]
        if not fits:
            raise UsageError(
                say("{name} has no sheet {wanted!r}", name=name, wanted=wanted[:60]),
                say("Its sheets: {sheet_names}", sheet_names=", ".join(map(repr, book.sheet_names))[:500]),
            )
        names = fits[:1]
    title: Sheet | None = None
    for each in names:
        sheet = book.get_sheet_by_name(each)
        if sheet.start is None:
            continue
        rows = _cells(sheet)
        try:
            found = grid(rows, header, say("sheet {each!r} of {name}", each=each, name=name))
        except BadValue:
            continue
        others = [other for other in names if other != each]
        told = say("sheet {each!r} is read; --sheet reads another: {others}", each=each, others=", ".join(map(repr, others))[:200])
        chosen = Sheet(each, found, (told,) if others else ())
        if wanted or len(found.header) > 1:
            return chosen
        title = title or chosen  # a sheet of one column is a title page, if another has a table
    if title:
        return title
    raise BadValue(
        say("sheet {wanted!r} of {name} is empty", wanted=wanted, name=name) if wanted else say("file is empty: {name}", name=name)
    )


def _cells(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet by their numbers there; columns before the first filled one are left out."""
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, [cell if type(cell) is str else text_of(cell) for cell in row]
