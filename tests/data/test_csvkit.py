"""The examples of csvkit: for each file what should become of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from conftest import Sfa
from exports import folder_of

from sfa.errors import BadValue
from sfa.reading.tabular import open_table

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"

# Files with something to find out: header, records, lines with a problem.
EXACTLY: dict[str, tuple[list[str], list[list[str]], list[int]]] = {
    "bad.csv": (
        ["column_a", "column_b", "column_c"],
        [["1", "27", "", "I'm too long!"], ["", "I'm too short!", ""], ["0", "mixed types.... uh oh", "17"]],
        [2],
    ),
    "bad_skip_lines.csv": (
        ["column_a", "column_b", "column_c"],
        [["1", "27", "", "I'm too long!"], ["", "I'm too short!", ""], ["0", "mixed types.... uh oh", "17"]],
        [5],
    ),
    "blanks.csv": (["a", "b", "c", "d", "e", "f"], [["", "NA", "N/A", "NONE", "NULL", "."]], []),
    "blanks_converted.csv": (["a", "b", "c", "d", "e", "f"], [], []),
    "dummy.csv.bz2": (["a", "b", "c"], [["1", "2", "3"]], []),
    "dummy.csv.gz": (["a", "b", "c"], [["1", "2", "3"]], []),
    "dummy.tsv": (["a", "b", "c"], [["1", "2", "3"]], []),
    "join_a_short.csv": (["a", "b", "c"], [["1", "b", ""], ["2", "", ""], ["3", "b", "c"]], []),
    "mac_newlines.csv": (["a", "b", "c"], [["1", "2", "3"], ["Once upon\ra time", "5", "6"]], []),
    "no_header_row.csv": (["1", "2", "3"], [], []),
    "null_byte.csv": (["a", "b", "c"], [["\0", "2", "3"]], [2]),
    "optional_quote_characters.csv": (["a", "b", "c"], [["1", "2", "3"]], []),
    "sniff_limit.csv": (["a", "b", "c"], [["1", "2", "3"]], []),
    "test_empty_columns.csv": (["a", "b", "c", "column 4", "column 5"], [["a", "", "", "", ""], ["", "", "c", "", ""]], []),
    "test_empty_columns_long_row.csv": (["a", "b", "c"], [], []),
    "test_empty_columns_short_row.csv": (["a", "b", "c"], [], []),
    "test_extra_header.csv": (["a", "b", "c", "d"], [["1", "2", "3", ""]], []),
    "test_header_newline.csv": (["start end", "b", "c"], [["d", "e", "f"]], []),
    "test_latin1.csv": (["a", "b", "c"], [["1", "2", "3"], ["4", "5", "©"]], []),
    "test_locale.csv": (["a", "b", "c"], [["1,7", "200.000.000", ""]], []),
    "test_skip_lines.csv": (["a", "b", "c"], [["1", "2", "3"]], []),
    "test_utf16_big.csv": (["a", "b", "c"], [["1", "2", "3"], ["4", "5", "ʤ"]], []),
    "test_utf16_little.csv": (["a", "b", "c"], [["1", "2", "3"], ["4", "5", "ʤ"]], []),
    "test_utf8_bom.csv": (["foo", "bar", "baz"], [["1", "2", "3"], ["4", "5", "ʤ"]], []),
}

# Plain files: (columns, rows); every cell as the csv module reads it.
PLAINLY = {
    "date_like_number.csv": (1, 1),
    "dummy.csv": (3, 1),
    "dummy2.csv": (3, 1),
    "dummy3.csv": (3, 2),
    "dummy_col_shuffled.csv": (3, 1),
    "dummy_col_shuffled_ragged.csv": (4, 1),
    "foo1.csv": (3, 2),
    "foo2.csv": (3, 2),
    "iris.csv": (5, 150),
    "irismeta.csv": (3, 3),
    "join_a.csv": (3, 3),
    "join_b.csv": (3, 3),
    "join_no_header_row.csv": (3, 3),
    "join_short.csv": (5, 2),
    "no_header_row2.csv": (3, 0),
    "no_header_row3.csv": (3, 1),
    "sheetsxls_converted.csv": (9, 5),
    "sheetsxlsx_converted.csv": (9, 5),
    "sort_ints_nulls.csv": (3, 3),
    "test_date_format.csv": (1, 2),
    "test_date_format_converted.csv": (1, 2),
    "test_geo.csv": (12, 17),
    "test_geojson.csv": (7, 3),
    "test_ignore_case.csv": (3, 5),
    "test_join_short_rows.csv": (3, 3),
    "test_literal_order.csv": (2, 3),
    "test_locale_converted.csv": (3, 1),
    "test_no_leading_zeroes.csv": (3, 1),
    "test_numeric_date_format.csv": (1, 2),
    "test_precision.csv": (1, 1),
    "test_utf8.csv": (3, 2),
    "testdbf_converted.csv": (12, 8),
    "testfixed_converted.csv": (8, 4),
    "testfixed_schema.csv": (3, 8),
    "testfixed_schema_no_inference.csv": (3, 3),
    "testjson_converted.csv": (7, 5),
    "testjson_multiline_converted.csv": (3, 2),
    "testjson_nested_converted.csv": (7, 2),
    "testxls_converted.csv": (8, 5),
    "testxls_unicode_converted.csv": (3, 1),
    "testxlsx_converted.csv": (8, 5),
    "testxlsx_noinference_converted.csv": (8, 5),
    "testxlsx_unicode_converted.csv": (3, 1),
}


def test_all_of_them_are_here() -> None:
    names = {path.name for path in folder_of(SHARED, "csvkit_examples").iterdir() if ".csv" in path.name or ".tsv" in path.name}
    assert names == {*EXACTLY, *PLAINLY, "empty.csv"}


@pytest.mark.parametrize("name", EXACTLY)
def test_what_is_found_out(name: str) -> None:
    header, records, bad = EXACTLY[name]
    with open_table(str(folder_of(SHARED, "csvkit_examples") / name)) as table:
        rows = list(table)
    assert (table.header, [row.cells for row in rows], [row.line for row in rows if row.problem]) == (header, records, bad)


@pytest.mark.parametrize("name", PLAINLY)
def test_plain_files(name: str) -> None:
    path = folder_of(SHARED, "csvkit_examples") / name
    with open(path, newline="", encoding="utf-8") as stream:
        header, *every = csv.reader(stream)
    with open_table(str(path)) as table:
        rows = list(table)
    assert (len(header), len(rows)) == PLAINLY[name]
    assert table.header == [cell or f"column {number}" for number, cell in enumerate(header, 1)]
    assert [row.cells for row in rows] == [[*row, *[""] * (len(header) - len(row))] for row in every if any(row)]
    assert not any(row.problem for row in rows)


def test_an_empty_file_is_said_to_be_empty() -> None:
    with pytest.raises(BadValue, match="file is empty"):
        open_table(str(folder_of(SHARED, "csvkit_examples") / "empty.csv"))


@pytest.mark.parametrize("name", ["no_header_row.csv", "no_header_row2.csv"])
def test_a_file_without_a_header_is_no_import(sfa: Sfa, name: str) -> None:
    found = sfa("import", "lead", str(folder_of(SHARED, "csvkit_examples") / name))
    assert found.code == 2 and "no column" in found.err


def test_a_row_that_is_too_long_is_shown_with_a_caret(sfa: Sfa) -> None:
    (sfa.folder / "m.toml").write_text('[columns]\ncolumn_a = "name"\ncolumn_b = "company"\n')
    found = sfa("import", "lead", str(folder_of(SHARED, "csvkit_examples") / "bad.csv"), "--map", "m.toml")
    assert found.code == 4
    assert 'line 2: 4 cells where the header has 3; "I\'m too long!" is too many\n    1,27,,"I\'m too long!"\n          ^\n' in found.err
