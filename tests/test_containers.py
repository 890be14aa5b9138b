"""Rows out of JSON, NDJSON, workbooks and SQLite files: the expected cells are written out by hand."""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import fuzz_readers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.commands.sources import _opened
from sfa.errors import BadValue, Refused, SfaError, UsageError
from sfa.reading.table import excerpt, text_of
from sfa.reading.tabular import Row, Table, open_table


def written(folder: Path, content: str | bytes) -> str:
    path = folder / "file"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def read(folder: Path, content: str | bytes, **options: Any) -> tuple[list[str], list[Row], Table]:
    with open_table(written(folder, content), **options) as table:
        return table.header, list(table), table


# --- JSON -------------------------------------------------------------------------------------------------------------------

OWNED = '[{"Id": "1", "Owner": {"Name": "Anna", "Team": {"Region": "EMEA"}}, "Tags": ["a", "b"]},\n {"Id": "2", "Owner": null}]'


@pytest.mark.parametrize(
    ("text", "form", "header", "rows"),
    [
        ('[{"a": "1", "b": "2"}, {"b": "3", "c": "4"}]', "JSON", ["a", "b", "c"], [["1", "2", ""], ["", "3", "4"]]),
        (OWNED, "JSON", ["Id", "Owner.Name", "Owner.Team.Region", "Tags"], [["1", "Anna", "EMEA", "a; b"], ["2", "", "", ""]]),
        ('{"totalSize": 1, "done": true, "records": [{"a": "1"}]}', "JSON", ["a"], [["1"]]),
        ('{"data": {"leads": {"nodes": [{"a": "1"}]}}}', "JSON", ["a"], [["1"]]),
        ('{"a": "1", "b": 2}', "JSON", ["a", "b"], [["1", "2"]]),
        ('[["a", "b"], ["1", 2], ["3"]]', "JSON", ["a", "b"], [["1", "2"], ["3", ""]]),
        ('{"a": "1"}\n\n{"a": "2", "b": "x"}\n', "NDJSON", ["a", "b"], [["1", ""], ["2", "x"]]),
        ('\ufeff{"a": "1"}\r\n{"a": "2"}\r\n', "NDJSON", ["a"], [["1"], ["2"]]),
        ('[{"e": [{"value": "a@b", "label": "work"}, {"value": "c@d"}]}]', "JSON", ["e.value", "e.label"], [["a@b; c@d", "work"]]),
        ('[{"a": true, "b": false, "c": null, "d": NaN}]', "JSON", ["a", "b", "c", "d"], [["true", "false", "", ""]]),
        (
            '[{"a": 48000.0, "b": 0.1, "c": 12345678901234567890, "d": 1.5e3, "e": -0}]',
            "JSON",
            list("abcde"),
            [["48000", "0.1", "12345678901234567890", "1500", "-0"]],
        ),
        ('[{"": "1", "a": "2", " a ": "3"}]', "JSON", ["column 1", "a", "a (2)"], [["1", "2", "3"]]),
        ('[{"a.b": "1", "a": {"b": "2"}}]', "JSON", ["a.b", "a.b (2)"], [["1", "2"]]),
        ('[{"a": ""}, {}, {"a": "1"}]', "JSON", ["a"], [["1"]]),
    ],
)
def test_json(tmp_path: Path, text: str, form: str, header: list[str], rows: list[list[str]]) -> None:
    got, found, table = read(tmp_path, text)
    assert (got, [row.cells for row in found], table.dialect.form) == (header, rows, form)
    assert not any(row.problem for row in found)


@pytest.mark.parametrize("text", ["{name},b\n1,2\n", "[x],b\n1,2\n", "a,b\n[1],{2}\n", '"{",b\n1,2\n'])
def test_braces_alone_do_not_make_json(tmp_path: Path, text: str) -> None:
    header, rows, table = read(tmp_path, text)
    assert (len(header), len(rows), table.dialect.form) == (2, 1, "CSV")


def test_lines_of_json_are_counted(tmp_path: Path) -> None:
    text = '[\n\n {"a":\n  "1"},\n{"a": "2"}, {"a": "3"}\n,{"a": "4"}]\n'
    assert [row.line for row in read(tmp_path, text)[1]] == [3, 5, 5, 6]
    many = "[\n" + ",\n".join(json.dumps({"n": n, "text": "x" * 500}) for n in range(6_000)) + "\n]"  # several pieces of the file
    rows = read(tmp_path, many)[1]
    assert [row.line for row in rows] == list(range(2, 6_002)) and rows[-1].cells[0] == "5999"


def test_a_bad_line_of_ndjson_is_a_rejected_row(tmp_path: Path) -> None:
    text = '{"a": "1"}\n{"a" "2"}\n[3]\n5\n{"a": "x\\u0000"}\n{"a": "\\ud83d"}\n{"a": "6"}\n'
    _, rows, table = read(tmp_path, text)
    assert [(row.line, row.problem) for row in rows] == [
        (1, ""),
        (2, "line 2, column 6: expecting ':' delimiter"),
        (3, "line 3: a list where an object should be"),
        (4, "line 4: a single value where an object should be"),
        (5, "line 5: cell 1 holds a NUL character"),
        (6, "line 6: cell 1 holds half a character (a lone surrogate)"),
        (7, ""),
    ]
    assert rows[1].cells == ['{"a" "2"}'] and table.places[2] == ('{"a" "2"}', 6)


def test_the_first_line_of_ndjson_may_be_the_bad_one(tmp_path: Path) -> None:
    assert [bool(row.problem) for row in read(tmp_path, '{"a" "1"}\n{"a": "2"}\n')[1]] == [True, False]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[{"a": "1"},\n {"a": "2" "b": 1}]', 'line 2, column 12: expecting \',\' delimiter\n  {"a": "2" "b": 1}'),
        ('[{"a": "1"}', "line 1, column 12: the array is not closed"),
        ('[{"a": "1"},]', "line 1, column 13: expecting a value"),
        ('[{"a": "1"} {"a": "2"}]', "line 1, column 13: expecting ',' or ']'"),
        ('[{"a": "1"}] x', "line 1, column 14: expecting nothing more"),
        ('{"records": [{"a": "1"}, {"a"]}', "line 1, column 30: expecting ':' delimiter"),
        ('[{"a": "1', "unterminated string"),
        ("[" * 100_000 + "{", "too deeply nested"),
        ("[]", "file is empty"),
        ("[{}]", "holds no objects"),
        ("[[]]", "file is empty"),
        ("[" + ",".join(f'{{"k{n}": 1}}' for n in range(10_001)) + "]", "more than 10,000 different fields"),
    ],
)
def test_what_is_wrong_with_json_is_placed(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(BadValue) as caught:
        read(tmp_path, text)
    assert place in caught.value.message


def test_one_of_several_arrays_is_named(tmp_path: Path) -> None:
    text = '{"leads": [{"a": "1"}], "more": {"deals": [{"b": "2"}, {"b": "3"}]}}'
    with pytest.raises(UsageError, match=r"leads \(1\), more.deals \(2\)"):
        read(tmp_path, text)
    assert read(tmp_path, text, table="more.deals")[0] == ["b"]
    with pytest.raises(UsageError, match="no array of objects 'x'"):
        read(tmp_path, text, table="x")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("text", ['[\n{"a": "é北"}]', '{"a": "é北"}\n{"a": "x"}\n'])
def test_json_in_other_encodings_and_packed(tmp_path: Path, codec: str, text: str) -> None:
    assert read(tmp_path, gzip.compress(text.encode(codec)))[1][0].cells == ["é北"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), VALUES, min_size=1, max_size=4), min_size=1, max_size=6), st.sampled_from([None, 1])
)
def test_any_json_of_objects_is_rows_or_a_plain_error(
    tmp_path_factory: pytest.TempPathFactory, records: list[Any], indent: int | None
) -> None:
    folder = tmp_path_factory.mktemp("json")
    for text in (json.dumps(records, indent=indent), "\n".join(map(json.dumps, records)) + "\n{}\n"):
        try:
            header, rows, _ = read(folder, text, encoding="utf-8")
        except BadValue as error:
            assert "no objects" in error.message or "empty" in error.message
            continue
        assert all(row.problem or len(row.cells) == len(header) for row in rows)
        texts = {v for each in records for v in each.values() if isinstance(v, str) and v.isprintable() and v.strip()}
        assert texts <= {cell for row in rows for cell in row.cells}


# --- workbooks --------------------------------------------------------------------------------------------------------------


def workbook(path: Path, **sheets: list[list[Any]]) -> str:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"})
    long = book.add_format({"num_format": "[h]:mm:ss"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for n, value in enumerate(row):
                if value is not None:
                    sheet.write(at, n, value, *([long] if isinstance(value, timedelta) else []))
    book.close()
    return str(path)


def test_a_sheet(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.bin",
        Empty=[],
        Leads=[
            ["Leads of May"],
            [],
            ["Name", "Amount", "Close", "Met", "Ok", "Time", "Name"],
            ["王伟", 48000.0, date(2026, 3, 4), datetime(2026, 3, 4, 10, 20), True, time(10, 30), "x"],
            [],
            ["Jo", 0.1 + 0.2, None, None, False, timedelta(hours=30), 4930123456789],
        ],
        Other=[["a"]],
    )
    with open_table(path) as table:
        assert table.header == ["Name", "Amount", "Close", "Met", "Ok", "Time", "Name (2)"]
        assert list(table) == [
            Row(4, ["王伟", "48000", "2026-03-04", "2026-03-04 10:20:00", "true", "10:30:00", "x"], ""),
            Row(6, ["Jo", "0.3", "", "", "false", "30:00:00", "4930123456789"], ""),
        ]
        assert (table.dialect.form, table.dialect.part, table.dialect.header_line) == ("sheet", "Leads", 3)
        assert table.dialect.notes[:2] == (
            "sheet 'Leads' is read; --sheet reads another: 'Empty', 'Other'",
            "1 line before the header skipped",
        )
        with table.again() as again:
            assert next(iter(again)).cells[0] == "王伟"
    with open_table(path, sheet="other") as table:
        assert (table.header, list(table)) == (["a"], [])
    with pytest.raises(UsageError, match="no sheet 'x'") as caught:
        open_table(path, sheet="x")
    assert "'Empty', 'Leads', 'Other'" in caught.value.hint
    with pytest.raises(BadValue, match=r"sheet 'Empty' of .* is empty"):
        open_table(path, sheet="Empty")
    with pytest.raises(UsageError, match="has sheets, no tables"):
        open_table(path, table="x")
    for option in ({"encoding": "cp1252"}, {"delimiter": ";"}):
        with pytest.raises(UsageError, match="is a workbook, not text"):
            open_table(path, **option)


def test_a_sheet_without_a_header(tmp_path: Path) -> None:
    with open_table(workbook(tmp_path / "a", S=[["x", 1], ["y", 2]]), header=False) as table:
        assert (table.header, [row.cells for row in table]) == (["column 1", "column 2"], [["x", "1"], ["y", "2"]])


def test_an_open_document_sheet(tmp_path: Path) -> None:
    def cell(value: str | float | None) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, str):
            return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'

    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    lines = [["Name", "Amount"], ["Jo", 48000.0], ["Al", None]]
    body = "".join(f"<table:table-row>{''.join(map(cell, line))}</table:table-row>" for line in lines)
    rest = (
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    with zipfile.ZipFile(tmp_path / "a", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{body}{rest}</table:table></office:spreadsheet></office:body></office:document-content>',
        )
        archive.writestr(
            "META-INF/manifest.xml", '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        )
    with open_table(str(tmp_path / "a")) as table:
        assert (table.header, [row.cells for row in table]) == (["Name", "Amount"], [["Jo", "48000"], ["Al", ""]])


def test_a_stray_cell_in_the_farthest_corner_takes_no_memory(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(tmp_path / "a"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Name", "City"])
    sheet.write(1_048_575, 16_383, "stray")
    book.close()
    with pytest.raises(BadValue, match="spans 17,179,869,184 cells, of which 3 are filled"):
        open_table(str(tmp_path / "a"))


@pytest.mark.parametrize("ref", [b'r="B91048576"', b"r = 'B91048576'", b'r="ZZZZZB2"'])
def test_a_reference_to_a_cell_far_away_takes_no_memory(tmp_path: Path, ref: bytes) -> None:
    """A damaged reference in a cell, whatever its row says: found by fuzzing, it took 22 GB."""
    content = Path(workbook(tmp_path / "a", S=[["Name", "City"], ["x", "y"]])).read_bytes()
    changed = fuzz_readers.repacked(content, lambda name, part: part.replace(b'r="B2"', ref) if name.endswith("sheet1.xml") else part)
    assert changed != content
    with pytest.raises(BadValue, match="cells, of which 4 are filled"):
        read(tmp_path, changed)


def test_damaged_and_other_workbooks(tmp_path: Path) -> None:
    content = Path(workbook(tmp_path / "a", S=[["Name"], ["x"]])).read_bytes()
    at = content.index(b"xl/worksheets/sheet1.xml") + 40
    with pytest.raises(BadValue, match="damaged workbook"):
        read(tmp_path, content[:at] + b"\0\0\0\0\0\0" + content[at + 6 :])
    with pytest.raises(BadValue):
        read(tmp_path, content[: len(content) // 2])
    with pytest.raises(BadValue, match="damaged workbook"):
        read(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    with pytest.raises(BadValue, match="file is empty"):
        open_table(workbook(tmp_path / "b", S=[], T=[[]]))


def test_without_the_library_the_way_to_install_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = workbook(tmp_path / "a", S=[["Name"], ["x"]])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(Refused, match=r"pip install 'sfa\[sheets\]'"):
        open_table(path)


# --- SQLite -----------------------------------------------------------------------------------------------------------------


def opened(path: Path | str, table: str = "") -> Table:
    return _opened(str(path), "", "", "", table, True)


def test_a_table_of_a_sqlite_file_also_while_others_write(tmp_path: Path) -> None:
    path = tmp_path / "a b?#%.data"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute('CREATE TABLE "my leads"(Id INTEGER, Name TEXT, Amount REAL, Note)')
    other.executemany('INSERT INTO "my leads" VALUES(?,?,?,?)', [(1, "王伟", 48000.0, None), (2, "x\0y", 0.1, b"\xff\x00"), (None,) * 4])
    other.commit()
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO \"my leads\" VALUES(3, 'later', 0, 0)")
    with opened(path) as table:
        rows = iter(table)
        first = next(rows)
        other.commit()
        assert table.header == ["Id", "Name", "Amount", "Note"]
        assert [first, *rows] == [
            Row(1, ["1", "王伟", "48000", ""], ""),
            Row(2, ["2", "x\0y", "0.1", "ff00"], "line 2: cell 2 holds a NUL character"),
        ]
        assert (table.dialect.form, table.dialect.part) == ("SQLite", "my leads")
    with opened(path) as table, table.again() as again:
        assert [row.cells[1] for row in again] == ["王伟", "x\0y", "later"]
    assert other.execute('SELECT count(*) FROM "my leads"').fetchone() == (4,)


def test_which_table_of_a_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    db = sqlite3.connect(path)
    with pytest.raises(SfaError):
        opened(path)
    db.execute("CREATE TABLE leads(a)")
    db.execute("CREATE VIEW best AS SELECT a AS b FROM leads")
    db.execute("INSERT INTO leads VALUES(1)")
    db.commit()
    with pytest.raises(UsageError, match="2 tables") as caught:
        opened(path)
    assert "best, leads" in caught.value.hint
    with opened(path, "BEST") as table:
        assert (table.header, [row.cells for row in table]) == (["b"], [["1"]])
    with pytest.raises(UsageError, match="no table 'x'"):
        opened(path, "x")
    with pytest.raises(UsageError, match="tables, no sheets"):
        _opened(str(path), "", "", "x", "", True)


def test_a_damaged_sqlite_file(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="cannot be read as a SQLite database"):
        opened(written(tmp_path, b"SQLite format 3\0" + b"\x10\0" + b"\xff" * 4000))


# --- cells and places -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (48000.0, "48000"),
        (0.1 + 0.2, "0.3"),
        (1e21, "1000000000000000000000"),
        (1.5e-7, "0.00000015"),
        (-0.0, "0"),
        (123456789.123456, "123456789.123456"),
        (10**20, "100000000000000000000"),
        (True, "true"),
        (None, ""),
        (timedelta(hours=30, seconds=5), "30:00:05"),
    ],
)
def test_a_value_as_the_text_of_a_cell(value: Any, text: str) -> None:
    assert text_of(value) == text


@pytest.mark.parametrize(
    ("line", "column", "shown"),
    [
        ('1,"abc"d', 8, '1,"abc"d\n       ^'),
        ('王伟,"北京"公司', 8, '王伟,"北京"公司\n' + " " * 11 + "^"),
        ("a\tb\x1b[31m,c", 5, "a b [31m,c\n    ^"),
        ("x" * 100 + "!" + "y" * 100, 101, "…" + "x" * 35 + "!" + "y" * 34 + "…\n" + " " * 36 + "^"),
        ("", 1, "\n^"),
    ],
)
def test_a_caret_stands_under_the_place(line: str, column: int, shown: str) -> None:
    assert excerpt(line, column) == shown
