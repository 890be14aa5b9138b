"""Reading files of rows: encodings, delimiters, headers, and records that cannot be trusted.

The expected cells are written out by hand, come from the answers beside the sample files, or from the csv module's own
writer; none is computed with the code under test.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfa.errors import BadValue, NotFound, Refused, SfaError, UsageError
from sfa.reading.encodings import Unsure
from sfa.reading.tabular import Dialect, Row, open_table

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """read(text or bytes, **options) -> (header, rows, dialect)"""

    def _read(content: str | bytes, **options: Any) -> tuple[list[str], list[Row], Dialect]:
        path = tmp_path / "table.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with open_table(str(path), **options) as table:
            return table.header, list(table), table.dialect

    return _read


def sample(folder: str, name: str = "") -> Path:
    path = DATA / folder / name
    if not path.exists():
        pytest.skip(f"sample data is absent: {path}")
    return path


def cells(rows: list[Row]) -> list[list[str]]:
    return [row.cells for row in rows]


def good(rows: list[Row]) -> list[list[str]]:
    return [row.cells for row in rows if not row.problem]


# --- real files -------------------------------------------------------------------------------------------------------------


def test_suitecrm_export_keeps_its_short_last_record() -> None:
    with open_table(str(sample("headers_reference", "suitecrm_leads_export.csv"))) as table:
        rows = list(table)
    assert len(table.header) == 61
    assert table.header[:3] == ["First Name", "Last Name", "ID"]
    assert [(row.line, row.problem, len(row.cells)) for row in rows] == [(2, "", 61), (3, "", 61)]
    assert rows[0].cells[15:20] == ["", "10 Southwold Path", "San Mateo", "", "33078"]
    assert rows[1].cells == ["John", "Doe", "john.smith@example.com", "4441234567", *[""] * 57]


def test_maven_dictionary_has_a_spreadsheet_title_above_its_header() -> None:
    with open_table(str(sample("maven_crm", "data_dictionary.csv"))) as table:
        assert table.dialect.header_line == 2
        assert table.dialect.notes == ("1 line before the header skipped",)
    assert table.header[:2] == ["account", "sector"]


# --- encodings --------------------------------------------------------------------------------------------------------------

CHINESE = "客户名称,联系人,电话,预估金额\r\n北京科技有限公司,王小明,010-1234,50000\r\n上海Acme贸易,李琪,021-99,A和B\r\n"
WESTERN = "Company,Name,City,Fee\nGröße & Söhne,Müller,Zürich,€ 10\nL’Oréal,Conceição,São Paulo,“x”\n"
PLAIN = "Company,Name\nAcme,Smith\n"


@pytest.mark.parametrize(
    ("text", "codec", "mark", "expected"),
    [
        (CHINESE, "utf-8", b"", "utf-8"),
        (CHINESE, "utf-8", codecs.BOM_UTF8, "utf-8"),
        (CHINESE, "gb18030", b"", "gb18030"),
        (WESTERN, "utf-8", b"", "utf-8"),
        (WESTERN, "cp1252", b"", "cp1252"),
        *(
            (text, f"utf-16-{end}", mark, f"utf-16-{end}")
            for text in (CHINESE, WESTERN, PLAIN)
            for end in ("le", "be")
            for mark in (b"", getattr(codecs, f"BOM_UTF16_{end.upper()}"))
        ),
    ],
)
def test_encoding_is_found(read: Any, text: str, codec: str, mark: bytes, expected: str) -> None:
    header, rows, dialect = read(mark + text.encode(codec))
    lines = text.splitlines()
    assert (header, cells(rows)) == (lines[0].split(","), [line.split(",") for line in lines[1:]])
    assert dialect.encoding == expected
    guessed = expected in ("gb18030", "cp1252") or (expected.startswith("utf-16") and not mark)
    assert bool(dialect.notes) == guessed


def test_a_guess_is_noted_with_a_sample(read: Any) -> None:
    assert read(CHINESE.encode("gb18030"))[2].notes == ("read as GB18030 (a guess), for example '客户名称'",)
    assert read(WESTERN.encode("cp1252"))[2].notes == ("read as cp1252 (a guess), for example 'Größe & Söhne'",)


@pytest.mark.parametrize("name", ["张伟", "欧阳娜娜", "A股", "大客户", "（上海）", "北京，上海"])
def test_a_single_chinese_name_suffices(read: Any, name: str) -> None:
    assert read(f"name,city\n{name},x\n".encode("gb18030"))[1][0].cells == [name, "x"]


@pytest.mark.parametrize(
    "name", ["Müller", "José", "Größe", "AÇÃO", "Conceição", "O’Brien", "Åse", "ÉCOLE", "100 €", "« né »", "Größ", "cœur", "naïve – ‘so’"]
)
def test_a_single_western_name_suffices(read: Any, name: str) -> None:
    assert read(f"name,city\n{name},x\n".encode("cp1252"))[1][0].cells == [name, "x"]


@pytest.mark.parametrize(("name", "codec", "others"), [("李", "gb18030", ["Ао"]), ("à", "cp1252", ["Ó"]), ("cioè", "cp1252", ["cioč"])])
def test_too_little_to_go_by_stops_with_the_candidates(read: Any, name: str, codec: str, others: list[str]) -> None:
    with pytest.raises(Unsure, match="cannot be sure of the encoding") as caught:
        read(f"name,city\n{name},x\n".encode(codec))
    said = dict(caught.value.readings)
    assert said[codec] == [name]
    assert all([other] in said.values() for other in others)
    assert "--encoding" in caught.value.hint and codec in caught.value.hint and name in caught.value.message
    assert read(f"name,city\n{name},x\n".encode(codec), encoding=codec)[1][0].cells == [name, "x"]


@pytest.mark.parametrize("content", [b"a,b\ncaf\xe9 \xe8 \x81,x\n", "n\nชื่อ\nที่อยู่\n".encode("cp874")])
def test_text_in_no_known_encoding_is_refused_not_garbled(read: Any, content: bytes) -> None:
    with pytest.raises(BadValue, match="cannot tell the encoding"):
        read(content)


def test_nearly_utf8_is_damaged_utf8_not_another_encoding(read: Any) -> None:
    content = "naïve,b\r\nßäöü,é\r\n".encode() + b"caf\xe9,1\r\n"
    place = f"line 3, byte {content.index(bytes([0xE9, 0x2C])) + 1} of the file (0xE9)"
    with pytest.raises(BadValue, match=re.escape(f"cannot be read as UTF-8: {place}")):
        read(content)


@pytest.mark.parametrize(
    ("content", "encoding", "place"),
    [
        (b"a,b\r\nx,y\r\n\xff,1\r\n", "utf-8", "line 3, byte 11 of the file (0xFF)"),
        (b"a,b\rx,y\r\x81,1\r", "cp1252", "line 3, byte 9 of the file (0x81)"),
        ("a,b\nx,".encode("utf-16-le") + b"\x00\xd8\n\x00", "utf-16-le", "line 2, byte 13 of the file (0x00)"),
        ("a,b\nx,é".encode()[:-1], "utf-8", "line 2, byte 7 of the file (0xC3)"),
        (b"a" * (3 << 20) + b",b\n1,\xff\n", "utf-8", f"line 2, byte {(3 << 20) + 6} of the file (0xFF)"),
    ],
)
def test_undecodable_bytes_are_placed(read: Any, content: bytes, encoding: str, place: str) -> None:
    with pytest.raises(BadValue, match=re.escape(place)):
        read(content, encoding=encoding)


def test_a_character_across_two_chunks_is_whole(read: Any) -> None:
    filler = "x" * ((1 << 20) - len("a,b\n") - 1)
    assert read(f"a,b\n{filler}é,2\n")[1][0].cells == [filler + "é", "2"]


def test_given_encodings(read: Any) -> None:
    assert read("a,b\né,1\n".encode("utf-16"), encoding="UTF-16")[1][0].cells == ["é", "1"]
    for end in ("le", "be"):
        assert read("a,b\né,1\n".encode(f"utf-16-{end}"), encoding="utf-16")[1][0].cells == ["é", "1"]
    assert read("a,b\né,1\n".encode("utf-8-sig"), encoding="utf8")[0] == ["a", "b"]
    assert read(b"\xff\xfea,b\n1,2\n", encoding="latin-1")[0] == ["ÿþa", "b"]
    for wrong in ("klingon", "rot13", "hex", "idna", "a\0b", "\udc80"):
        with pytest.raises(BadValue, match="unknown encoding"):
            read("a,b\n1,2\n", encoding=wrong)


# --- files that are no tables -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "file is empty"),
        (b"\n\r\n  \n\t\n", "file is empty"),
        (b",,,\n,,,\n", "file is empty"),
        (codecs.BOM_UTF8, "file is empty"),
        (codecs.BOM_UTF16_LE + b"\n\0", "file is empty"),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml" + b"\0" * 80 + b"xl/workbook.xml", "Excel workbook"),
        (b"PK\x03\x04" + b"\0" * 26 + b"readme.txt", "ZIP archive"),
        (b"SQLite format 3\0" + b"\0" * 99, "SQLite database"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
        (b"%PDF-1.4\n1 0 obj\n", "PDF"),
        (b"\xef\xbb\xbf<html><table>", "HTML"),
        (bytes(range(256)) * 9, "binary file"),
        (b"abc,\0\1\2\3,def\nxyz,1,2", "binary file"),
        (b"\0" * 5000, "binary file"),
        (gzip.compress(b"a,b\n1,2\n" * 999)[:-20], "damaged compressed file"),
        (b"\x1f\x8b", "damaged compressed file"),
        (b"\x1f\x8b\x08garbage garbage garbage", "damaged compressed file"),
        (b'"Name,City\nAnn,Rome\n', "header of .* line 1, column 1: a quote is opened here and never closed"),
        (b"x" * (70 << 20), "without a line end"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_table_is_named(read: Any, content: bytes, words: str) -> None:
    with pytest.raises(BadValue, match=words):
        read(content)


def test_a_workbook_gets_a_hint(read: Any) -> None:
    with pytest.raises(BadValue) as caught:
        read(b"PK\x03\x04..[Content_Types].xml..xl/workbook.xml")
    assert "save it as CSV" in caught.value.hint


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for missing in (str(tmp_path / "none.csv"), "", "a\0b", "\udc80"):
        with pytest.raises(NotFound):
            open_table(missing)
    with pytest.raises(SfaError):
        open_table("x" * 5000)
    with pytest.raises(UsageError) as caught:
        open_table(str(tmp_path))
    assert not isinstance(caught.value, BadValue)
    assert caught.value.hint


def test_forbidden_and_failing_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n")

    def fail(error: OSError) -> None:
        def refuse(*_args: Any) -> Any:
            raise error

        monkeypatch.setattr("sfa.reading.encodings.open", refuse, raising=False)

    fail(PermissionError(13, "Permission denied"))
    with pytest.raises(Refused):
        open_table(str(path))
    fail(OSError(5, "Input/output error"))
    with pytest.raises(SfaError, match="Input/output error"):
        open_table(str(path))


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input(monkeypatch: pytest.MonkeyPatch, pack: Any) -> None:
    source = io.BytesIO(pack("名,b\n王,2\n".encode("gb18030")))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(source))
    with open_table("-") as table:
        assert (table.header, list(table)) == (["名", "b"], [Row(2, ["王", "2"], "")])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_with_a_name(tmp_path: Path) -> None:
    import threading

    path = tmp_path / "pipe"
    os.mkfifo(path)
    threading.Thread(target=lambda: path.write_text("a;b\n1;2\n")).start()
    with open_table(str(path)) as table:
        assert cells(list(table)) == [["1", "2"]]


def test_closing_gives_the_file_back(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2\n" * 100_000)
    with open_table(str(path)) as table:
        assert next(iter(table)).cells == ["1", "2"]
    with pytest.raises(ValueError, match="closed"):
        list(table)


# --- delimiter, header, preamble --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "delimiter", "header", "rows"),
    [
        ("a,b\n1,2\n", ",", ["a", "b"], [["1", "2"]]),
        ("a;b;c\n1,5;2,5;3,5\n1,0;2,0;3,0\n", ";", ["a", "b", "c"], [["1,5", "2,5", "3,5"], ["1,0", "2,0", "3,0"]]),
        ("a\tb\nx, y\tz\n", "\t", ["a", "b"], [["x, y", "z"]]),
        ("a|b\n1|2\n", "|", ["a", "b"], [["1", "2"]]),
        ("a;b\n", ";", ["a", "b"], []),
        ('a,b\n"1;2;3",x\n"4;5;6",y\n', ",", ["a", "b"], [["1;2;3", "x"], ["4;5;6", "y"]]),
        ("a,b;c\n1,2;3\n", ",", ["a", "b;c"], [["1", "2;3"]]),  # both fit: the comma
        ("Name;City\nDoe, John;Rome, Italy, EU\nRoe, Jane;Bonn, Germany, EU\n", ";", ["Name", "City"], None),
        ("Name;City\n" + "Doe, John;Rome, Italy, EU\n" * 9 + "Roe, J, Bonn, EU\n", ";", ["Name", "City"], None),
        ("sep=;\na;b\n1,5;2\n", ";", ["a", "b"], [["1,5", "2"]]),
        ("SEP=|\r\na,x|b\r\n1,2|2\r\n", "|", ["a,x", "b"], [["1,2", "2"]]),
        ("sep=^\na^b\n1^2\n", "^", ["a", "b"], [["1", "2"]]),
        ("name\nAnn\nBob\n", ",", ["name"], [["Ann"], ["Bob"]]),
        ("address\nDoe; John\nRoe; Jane\n", ",", ["address"], [["Doe; John"], ["Roe; Jane"]]),
        ("'a','b'\n'1,5','it is'\n", ",", ["a", "b"], [["1,5", "it is"]]),
    ],
)
def test_delimiter(read: Any, text: str, delimiter: str, header: list[str], rows: list[list[str]] | None) -> None:
    got, records, dialect = read(text)
    assert (got, dialect.delimiter) == (header, delimiter)
    assert rows is None or cells(records) == rows
    assert not [row for row in records if row.problem]


def test_irregular_text_under_one_word_is_no_table(read: Any) -> None:
    header, rows, _ = read("remark\nred, green, blue\none, two, three\nplain\na, b, c\na, b\n")
    assert header == ["remark"]
    assert [row.line for row in rows if row.problem] == [2, 3, 5, 6]


def test_given_delimiter(read: Any) -> None:
    assert read("a~b,c\n1~2,3\n", delimiter="~")[0] == ["a", "b,c"]
    assert read("a\tb,c\n1\t2,3\n", delimiter="tab")[0] == read("a\tb,c\n1\t2,3\n", delimiter="\\t")[0] == ["a", "b,c"]
    assert read("a,b\n1,2\n", delimiter=";")[0] == ["a,b"]
    for wrong in ('"', "\n", "ab"):
        with pytest.raises(BadValue, match="no delimiter"):
            read("a,b\n", delimiter=wrong)


@pytest.mark.parametrize(
    ("text", "line", "header"),
    [
        (
            'Notes:\n"When exporting, some e-mails, you may notice, are missing."\n\nFirst Name,Last Name,URL\nAnn,Lee,x\nBo,Ek,y\n',
            4,
            ["First Name", "Last Name", "URL"],
        ),
        ('Notes:\r\n"one\r\ntwo"\r\n\r\nName,City\r\nAnn,Rome\r\nBo,Bonn\r\n', 5, ["Name", "City"]),
        ("Report of May,,,,\nDone:,,,,\n,,,,\nName,Firm,City,Tel,Mail\nAnn,Acme,Rome,1,2\n", 4, ["Name", "Firm", "City", "Tel", "Mail"]),
        ("sep=;\nLeads\n\nName;City;Tel\nAnn;Rome;1\n", 4, ["Name", "City", "Tel"]),
    ],
)
def test_preamble_is_skipped_and_noted(read: Any, text: str, line: int, header: list[str]) -> None:
    got, rows, dialect = read(text)
    assert (got, dialect.header_line) == (header, line)
    assert any("before the header skipped" in note for note in dialect.notes)
    assert rows[0].line == line + 1
    assert [len(row.cells) for row in rows] == [len(header)] * len(rows)
    assert not [row for row in rows if row.problem]


def test_figures_in_the_header_do_not_push_it_down(read: Any) -> None:
    header, rows, dialect = read("Account,2024,2025\nAcme,1,2\nBeta,none,none\n")
    assert (header, len(rows)) == (["Account", "2024", "2025"], 2)
    assert dialect.notes == ("line 1 is read as the header although it holds figures",)


def test_header_cells_are_cleaned_and_unique(read: Any) -> None:
    text = '\ufeff  Name ,\u00a0E-Mail\u00a0,,"Phone\r\n  (work)",Name,Name (2),Name,\n1,2,3,4,5,6,7,8\n'
    header, _, dialect = read(text)
    assert header == ["Name", "E-Mail", "column 3", "Phone (work)", "Name (3)", "Name (2)", "Name (4)", "column 8"]
    assert "column 5 repeats the name 'Name' and is called 'Name (3)'" in dialect.notes


@given(st.lists(st.sampled_from(["", "a", "b", "a (2)", "column 2", "a (3)", "column 2 (2)"]), min_size=1, max_size=12))
def test_header_names_are_always_unique(names: list[str]) -> None:
    from sfa.reading.table import unique_names as _names

    unique, _ = _names(names)
    assert len(set(unique)) == len(names)
    assert all(new == old for new, old in zip(unique, names, strict=True) if old and names.count(old) == 1)


def test_without_a_header(read: Any) -> None:
    header, rows, dialect = read("1;2;3\n4;5\n", header=False)
    assert (header, dialect.header_line) == (["column 1", "column 2", "column 3"], 0)
    assert rows == [Row(1, ["1", "2", "3"], ""), Row(2, ["4", "5", ""], "")]
    assert len(read("1\n2;3\n4;5\n6;7\n8;9;\n", header=False, delimiter=";")[0]) == 2


# --- records ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_line_ends_and_line_numbers(read: Any, end: str) -> None:
    text = end.join(["", "a,b", "1,2", "", " , ", f'"x{end}y",3', '4,"', '"', "5,6", ""])
    _, rows, dialect = read(text)
    assert dialect.header_line == 2
    assert rows == [Row(3, ["1", "2"], ""), Row(6, [f"x{end}y", "3"], ""), Row(8, ["4", end], ""), Row(10, ["5", "6"], "")]


def test_mixed_line_ends(read: Any) -> None:
    assert [(row.line, row.cells) for row in read("a,b\r\n1,2\r3,4\n5,6\r\n\r7,8")[1]] == [
        (2, ["1", "2"]),
        (3, ["3", "4"]),
        (4, ["5", "6"]),
        (6, ["7", "8"]),
    ]


def test_only_line_ends_end_lines(read: Any) -> None:
    odd = "x\x0b\x0c\x1c\x85\u2028y"
    assert cells(read(f"a,b\n{odd},2\n")[1]) == [[odd, "2"]]


def test_ragged_rows(read: Any) -> None:
    rows = read("a,b,c\n1\n1,2,3, ,\n1,2,3,,4\n")[1]
    assert rows[:2] == [Row(2, ["1", "", ""], ""), Row(3, ["1", "2", "3"], "")]
    assert rows[2] == Row(4, ["1", "2", "3", "", "4"], "line 4: 5 cells where the header has 3; '4' is too many")


def test_nul_characters_spoil_their_record_only(read: Any) -> None:
    rows = read("a,b\n1,2\nx,y\0z\n3,4\n" + "5,6\n" * 20)[1]
    assert [(row.line, row.problem) for row in rows if row.problem] == [(3, "line 3: cell 2 holds a NUL character")]
    assert len(rows) == 23


@pytest.mark.parametrize("legal", ['5" pipe', 'the "best" one', 'x"', "it's", "6'2\""])
def test_quotes_inside_an_unquoted_cell_are_text(read: Any, legal: str) -> None:
    assert read(f"a,b,c\n1,{legal},2\n3,4,5\n")[1] == [Row(2, ["1", legal, "2"], ""), Row(3, ["3", "4", "5"], "")]


# text of the lines after the header `a,b,c`: what is reported, what is read
DAMAGED = [
    pytest.param(
        '1,"abc"def,2\n3,4,5\n',
        [(2, "line 2, column 8: text follows a closing quote", ["1", '"abc"def', "2"])],
        [["3", "4", "5"]],
        id="stray",
    ),
    pytest.param(
        '1,"abc" ,2\n3,4,5\n',
        [(2, "line 2, column 8: text follows a closing quote", ["1", '"abc" ', "2"])],
        [["3", "4", "5"]],
        id="blank behind quote",
    ),
    pytest.param(
        '1,"abc,2\n3,4,5\n6,7,8\n',
        [(2, "line 2, column 3: a quote is opened here and never closed", ["1", '"abc', "2"])],
        [["3", "4", "5"], ["6", "7", "8"]],
        id="never closed",
    ),
    pytest.param(
        '"say ""hi""","abc"d,2\n',
        [(2, "line 2, column 19: text follows a closing quote", ['say "hi"', '"abc"d', "2"])],
        [],
        id="sound cells of a damaged record are unquoted",
    ),
    pytest.param(
        '1,2,3\n4,5,"6\n7,8,9\n10,"11, Inc",12\n',
        [(3, "line 3, column 5: a quote is opened here and not closed before line 5, column 5", ["4", "5", '"6'])],
        [["1", "2", "3"], ["7", "8", "9"], ["10", "11, Inc", "12"]],
        id="closed by a neighbour",
    ),
    pytest.param(
        '1,"x,2\n3,4,5\n6,", y",7\n8,9,10\n',
        [(2, "line 2, column 3: a quote is opened here and takes in the lines after it", ["1", '"x', "2"])],
        [["3", "4", "5"], ["6", ", y", "7"], ["8", "9", "10"]],
        id="closed by a neighbour that begins with the delimiter",
    ),
    pytest.param(
        '1,"x,2\n3,4,5\n6,y",7\n8,9,10\n',
        [(2, "line 2, column 3: a quote is opened here and takes in the lines after it", ["1", '"x', "2"])],
        [["3", "4", "5"], ["6", 'y"', "7"], ["8", "9", "10"]],
        id="two stray quotes that look like a pair",
    ),
    pytest.param(
        '1,"one\ntwo" three,2\n4,5,6\n7,8\n',
        [
            (2, "line 2, column 3: a quote is opened here and not closed before line 3, column 5", ["1", '"one']),
            (3, "line 3: only 2 of 3 cells, right after a damaged record: perhaps a part of it", ['two" three', "2"]),
        ],
        [["4", "5", "6"], ["7", "8", ""]],
        id="the rest of a damaged record is no record",
    ),
    pytest.param(
        '"l1\nl2",x,"y\n1,2,3\n4,5,6\n',
        [(2, "line 3, column 7: a quote is opened here and never closed", ["l1\nl2", "x", '"y'])],
        [["1", "2", "3"], ["4", "5", "6"]],
        id="opened in the second line of a record",
    ),
    pytest.param(
        '1,"a,2\n3,"b,4\n5,6,7\n8,"c,9\n',
        [
            (2, "line 2, column 3: a quote is opened here and not closed before line 3, column 4", ["1", '"a', "2"]),
            (3, "line 3, column 3: a quote is opened here and not closed before line 5, column 4", ["3", '"b', "4"]),
            (5, "line 5, column 3: a quote is opened here and never closed", ["8", '"c', "9"]),
        ],
        [["5", "6", "7"]],
        id="many",
    ),
]


@pytest.mark.parametrize(("text", "reported", "rest"), DAMAGED)
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_damaged_quotes_are_reported_and_swallow_nobody(
    read: Any, text: str, reported: list[Any], rest: list[list[str]], delimiter: str
) -> None:
    swap = str.maketrans(",;", ";,") if delimiter == ";" else {}
    rows = read(("a,b,c\n" + text).translate(swap))[1]
    assert [(row.line, row.problem, row.cells) for row in rows if row.problem] == [
        (
            line,
            problem,
            [cell.translate(swap) for cell in found],
        )
        for line, problem, found in reported
    ]
    assert good(rows) == [[cell.translate(swap) for cell in row] for row in rest]


def test_a_long_note_is_no_swallowed_neighbour(read: Any) -> None:
    note = "Dear all,\n\nplease call, or write, or come.\nYours, A, B, C\n"
    text = io.StringIO()
    csv.writer(text).writerows([["a", "b", "c", "d", "e"], ["1", note, "2", "3", note], ["4", "5", "6", "7", note]])
    assert cells(read(text.getvalue())[1]) == [["1", note.replace("\n", "\n"), "2", "3", note], ["4", "5", "6", "7", note]]


def test_every_lost_quote_of_a_big_file_is_found(read: Any) -> None:
    lines = [f'{n},"Name {n}","City, {n}",x,y' for n in range(60_000)]
    broken = set(range(7, 60_000, 1_999))
    lines = [line.replace(f'{n}"', f"{n}", 1) if n in broken else line for n, line in enumerate(lines)]
    _, rows, _ = read("id,name,city,e,f\n" + "\n".join(lines) + "\n")
    assert {row.line - 2 for row in rows if row.problem} == broken
    assert good(rows) == [[str(n), f"Name {n}", f"City, {n}", "x", "y"] for n in range(60_000) if n not in broken]


def test_an_unclosed_quote_does_not_make_reading_quadratic(read: Any) -> None:
    """Each line opens a quote; naive resumption would scan the rest of the file for each: 20,000 × 300 KB."""
    start = time.process_time()
    rows = read("a,b,c\n" + '1,"x,2\n3,"",""\n' * 20_000)[1]
    assert time.process_time() - start < 5
    assert sum(1 for row in rows if row.problem) == 20_000
    start = time.process_time()
    rows = read("a,b,c\n" + 'a","b\n' * 20_000)[1]
    assert time.process_time() - start < 5


def test_ten_megabytes_in_a_cell_survive(read: Any) -> None:
    one, many = "x" * (10 << 20), "line of a note\n" * 700_000
    rows = read(f'a,b,c\n1,{one},2\n3,"{many}",4\n5,6,7\n')[1]
    assert [(row.line, row.problem, [len(cell) for cell in row.cells]) for row in rows] == [
        (2, "", [1, 10 << 20, 1]),
        (3, "", [1, len(many), 1]),
        (700_004, "", [1, 1, 1]),
    ]


def test_more_than_the_limit_in_a_cell_is_reported(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = 1 << 17
    monkeypatch.setattr("sfa.reading.records.CELL_LIMIT", limit)
    before = csv.field_size_limit(limit)
    try:
        rows = read("a,b\n1," + "x" * (limit + 1) + "\n2,3\n")[1]
        assert [row.problem for row in rows] == [f"line 2: a cell is longer than {limit} characters", ""]
        count = 2_000_000  # much more than is held at a time
        rows = read('a,b\n1,"open\n' + "2,3\n" * count)[1]
    finally:
        csv.field_size_limit(before)
    assert rows[0] == Row(2, ["1", '"open'], "line 2, column 3: a quote is opened here and never closed")
    assert (len(rows), rows[-1]) == (1 + count, Row(2 + count, ["2", "3"], ""))


# --- properties -------------------------------------------------------------------------------------------------------------

CELL = st.text(
    alphabet=st.one_of(st.sampled_from(",;\t|\"'\n\r ab1é客=\0"[:-1]), st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    max_size=8,
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], str, str, int]:
    delimiter = draw(st.sampled_from(",;\t|"))
    width = draw(st.integers(2, 6))

    def believable(row: list[str]) -> bool:
        # A cell whose lines each have as many delimiters as the table may be taken for swallowed neighbours, from four on.
        return sum(cell.count(delimiter) for cell in row if re.search(r"[\r\n]", cell)) < (4 if width > 2 else 1)

    rows = draw(st.lists(st.lists(CELL, min_size=width, max_size=width).filter(believable), max_size=12))
    return (
        rows,
        delimiter,
        draw(st.sampled_from(["\n", "\r\n", "\r"])),
        draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])),
    )


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables())
def test_what_the_csv_writer_wrote_is_read_back(read: Any, table: tuple[list[list[str]], str, str, int]) -> None:
    rows, delimiter, end, quoting = table
    text = io.StringIO(newline="")
    if any({"\r", "\n"} & set(cell) for row in rows for cell in row):
        quoting = csv.QUOTE_ALL  # the writer of Python 3.11 leaves a CR bare when lines end with LF
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    names = [f"name {letter}" for letter in "abcdef"[: len(rows[0]) if rows else 2]]
    lines = []
    for row in [names, *rows]:
        written = text.getvalue()
        lines.append(len(re.findall(r"\r\n|\r|\n", written)) + 1)
        writer.writerow(row)
    header, got, dialect = read(text.getvalue(), encoding="utf-8")
    assert (header, dialect.delimiter) == (names, delimiter)
    wanted = [Row(line, row, "") for line, row in zip(lines[1:], rows, strict=True) if any(cell.strip() for cell in row)]
    assert got == wanted


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200) | st.text(alphabet=',;"\n\rab1 é客\0', max_size=200).map(lambda text: text.encode()), st.booleans())
def test_any_bytes_are_a_table_or_a_plain_error(read: Any, content: bytes, header: bool) -> None:
    try:
        names, rows, dialect = read(content, header=header)
    except SfaError as error:
        assert error.message
        return
    assert len(names) == len(set(names)) > 0
    assert all(row.problem or len(row.cells) == len(names) for row in rows)
    starts = [row.line for row in rows]
    assert starts == sorted(set(starts))
    assert all(line > dialect.header_line for line in starts)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(alphabet='",ab', max_size=12), min_size=1, max_size=8))
def test_no_line_is_lost_whatever_the_quotes(read: Any, lines: list[str]) -> None:
    """Each line that holds a letter is found again: in a row of its own, in a quoted cell, or in a reported row."""
    marked = [f"{line}<{number}>" for number, line in enumerate(lines)]
    _, rows, _ = read("\n".join(["a,b,c,d,e,f,g", *marked]) + "\n", delimiter=",")
    everything = "\n".join("\n".join(row.cells) for row in rows)
    assert [number for number in range(len(lines)) if everything.count(f"<{number}>") != 1] == []


# --- speed and memory -------------------------------------------------------------------------------------------------------


def test_reading_costs_little_more_than_the_csv_module(tmp_path: Path) -> None:
    """Measured 1.45 to 1.6 times `for row in csv.reader(file)`; the bound leaves room for a busy machine."""
    path = tmp_path / "big.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([f"column {letter}" for letter in "abcdefghijklmno"])
        for n in range(50_000):
            company = "Acme, Inc." if n % 2 else "Müller"
            writer.writerow(
                [n, "First", "Last", f"p{n}@example.com", company, "+1 555", "", "DE", "web", "new", "", n * 7, "2026-01-02", "note", "x"]
            )
    base, ours = [], []
    for _ in range(5):
        start = time.process_time()
        with open(path, newline="", encoding="utf-8") as file:
            for _row in csv.reader(file):
                pass
        base.append(time.process_time() - start)
        start = time.process_time()
        with open_table(str(path)) as table:
            count = sum(1 for _row in table)
        ours.append(time.process_time() - start)
    assert count == 50_000
    assert min(ours) < 2.2 * min(base)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    import tracemalloc

    peaks = []
    for count in (60_000, 240_000):
        path = tmp_path / f"{count}.csv"
        path.write_text("a,b,c\n" + 'some text,"more, text",and more\n' * count)
        tracemalloc.start()
        try:
            with open_table(str(path)) as table:
                for _row in table:
                    pass
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


@pytest.mark.parametrize("header", ["name", "name,city"])
def test_the_mark_at_the_end_of_a_dos_file_is_no_row(read: Any, header: str) -> None:
    """Also where the file has a single column, in which it stands like a cell."""
    cells = ",".join(["Ada"] * len(header.split(",")))
    _, rows, _ = read(f"{header}\r\n{cells}\r\n\x1a".encode())
    assert [r.cells[0] for r in rows] == ["Ada"]
