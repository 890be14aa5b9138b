"""`sfa import` from everything that holds rows: sheets, JSON, SQLite files, packed ones; what is said where a file cannot be read."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa

ROWS = [
    ["Name", "Company", "Email", "Created"],
    ["Jo Silva", "Silva Lda", "jo@silva.example", "2026-03-04"],
    ["王伟", "北京科技有限公司", "wang@keji.example", "2026-03-05"],
]


def make(folder: Path, form: str) -> str:
    """The same two leads in a file of this form; its name tells nothing."""
    path = folder / f"{form}.data"
    objects = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    text = io.StringIO()
    csv.writer(text).writerows(ROWS)
    if form == "sheet":
        import xlsxwriter

        book = xlsxwriter.Workbook(str(path))
        book.add_worksheet("Notes")
        sheet = book.add_worksheet("Leads")
        for n, row in enumerate(ROWS):
            sheet.write_row(n, 0, row)
        book.close()
    elif form == "SQLite":
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE leads(Name, Company, Email, Created)")
            db.executemany("INSERT INTO leads VALUES(?,?,?,?)", ROWS[1:])
    else:
        content = {
            "CSV": text.getvalue(),
            "JSON": json.dumps({"done": True, "records": objects}, indent=2),
            "NDJSON": "".join(json.dumps(each) + "\n" for each in objects),
        }[form]
        path.write_bytes(content.encode())
    return path.name


def leads(sfa: Sfa) -> list[list[str]]:
    return [[r[n] for n in ("name", "company", "email", "created")] for r in sfa.ok("lead", "list", "--json").json]


@pytest.mark.parametrize("form", ["CSV", "JSON", "NDJSON", "sheet", "SQLite"])
@pytest.mark.parametrize("way", ["file", "stdin", "gzip"])
def test_the_same_leads_from_every_form(sfa: Sfa, form: str, way: str) -> None:
    name = make(sfa.folder, form)
    content = (sfa.folder / name).read_bytes()
    if way == "gzip":
        if form in ("sheet", "SQLite"):
            pytest.skip("packed already, or not read as a stream")
        (sfa.folder / name).write_bytes(gzip.compress(content))
    if way == "stdin":
        done = sfa.process("import", "lead", "-", "--json", input=content)
    else:
        done = sfa("import", "lead", name, "--json")
    assert done.code == 0, done
    assert (done.json["new"], done.json["files"][0]["form"]) == (2, form)
    assert sorted(leads(sfa)) == sorted(ROWS[1:])
    assert sfa.ok("import", "lead", name, "--json").json["unchanged"] == 2


@pytest.mark.parametrize("form", ["JSON", "NDJSON", "sheet", "SQLite"])
def test_what_is_told_before_a_trial(sfa: Sfa, form: str) -> None:
    shown = sfa.ok("import", "lead", make(sfa.folder, form), "--dry-run").err
    part = {"sheet": " Leads", "SQLite": " leads", "JSON": " records", "NDJSON": ""}[form]
    encoding = "" if form in ("sheet", "SQLite") else "utf-8, "
    assert f"{form}.data: {encoding}{form}{part}, 4 columns" in shown
    assert "Company → company          'Silva Lda'" in shown
    assert ("--sheet reads another: 'Notes'" in shown) == (form == "sheet")
    assert not sfa.db.exists()


@pytest.mark.parametrize("form", ["sheet", "NDJSON", "SQLite"])
def test_rejected_rows_are_csv_whatever_the_source(sfa: Sfa, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROWS", [*ROWS, ["Mary", "Green, Ltd", "nothing", "2026-03-06"]])
    done = sfa("import", "lead", make(sfa.folder, form), "--rejects", "bad.csv", "--json")
    assert (done.code, done.json["new"], done.json["rejected"]) == (7, 2, 1)
    with open(sfa.folder / "bad.csv", encoding="utf-8", newline="") as stream:
        header, row = csv.reader(stream)
    assert header == [*ROWS[0], "sfa_line", "sfa_reason"]
    assert row[:4] == ROWS[-1] and "is not an e-mail address" in row[5] and "\n" not in row[5]
    (sfa.folder / "bad.csv").write_text((sfa.folder / "bad.csv").read_text().replace("nothing", "mary@green.example"))
    assert sfa.ok("import", "lead", "bad.csv", "--json").json["new"] == 1
    assert ["Mary", "Green, Ltd", "mary@green.example", "2026-03-06"] in leads(sfa)


def test_quotas_and_history_come_from_sheets_and_json_too(sfa: Sfa) -> None:
    import xlsxwriter

    sfa.ok("account", "add", "Acme")
    book = xlsxwriter.Workbook("q.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Rep", "Q1 2027", "Q2 2027"])
    sheet.write_row(1, 0, ["anna", 300000, 320000.0])
    book.close()
    assert sfa.ok("import", "quota", "q.xlsx", "--json").json["quotas"] == 2
    assert [q["amount"]["amount"] for q in sfa.ok("quota", "list", "--json").json] == ["300000.00", "320000.00"]
    sfa.ok("opp", "add", "Deal", "--amount", "48k", "--close", "2026-12-15")
    past = [{"opportunity": "Deal", "changed": "2026-09-01T09:00:00Z", "stage": "Prospecting", "amount": 40000}]
    Path("h.json").write_text(json.dumps(past))
    assert sfa.ok("import", "history", "h.json", "--json").json["new"] == 1


def test_dates_of_a_sheet_need_no_proof_and_those_of_json_get_theirs(sfa: Sfa) -> None:
    Path("d.ndjson").write_text(
        "".join(json.dumps({"Name": f"D{n}", "Close Date": d}) + "\n" for n, d in enumerate(["03/04/26", "13/04/26"]))
    )
    done = sfa.ok("import", "opp", "d.ndjson", "--json").json
    assert "Close Date: dates read day first, as the whole column proves" in done["files"][0]["notes"]
    assert {d["close"] for d in sfa.ok("opp", "list", "--json").json} == {"2026-04-03", "2026-04-13"}


def test_sixty_thousand_rows_to_the_last(sfa: Sfa) -> None:
    with open("big.csv", "w", encoding="gb18030") as stream:
        stream.write("Name,Company,Email\n")
        stream.writelines(f"P {n},Firm {n % 999},p{n}@x.example\n" for n in range(60_000))
        stream.write("王伟,北京公司,last@x.example\n")
    assert sfa.ok("import", "lead", "big.csv", "--json").json["new"] == 60_001
    assert [r[:2] for r in leads(sfa) if r[2] == "last@x.example"] == [["王伟", "北京公司"]]


BROKEN = 'Name,Company\nA,B\n"C,D\nE,F,G\n王伟,"北京"公司\n'


def test_a_caret_shows_where_a_row_is_wrong(sfa: Sfa) -> None:
    Path("b.csv").write_text(BROKEN, encoding="utf-8")
    found = sfa("import", "lead", "b.csv")
    assert found.code == 4
    assert '  line 3: column 1: a quote is opened here and not closed before line 5, column 5\n    "C,D\n    ^\n' in found.err
    assert "  line 4: 3 cells where the header has 2; 'G' is too many\n    E,F,G\n        ^\n" in found.err
    assert f'  line 5: column 8: text follows a closing quote\n    王伟,"北京"公司\n    {" " * 11}^\n' in found.err
    Path("n.json").write_text('{"Name": "A"}\n{"Name" "B"}\n')
    assert '  line 2: column 9: expecting \':\' delimiter\n    {"Name" "B"}\n            ^\n' in sfa("import", "lead", "n.json").err
    Path("d.json").write_text('[{"Name": "A"},\n {"Name" "B"}]\n')
    found = sfa("import", "lead", "d.json")
    assert found.code == 2 and "d.json is not JSON: line 2, column 10: expecting ':' delimiter\n" in found.err
    assert json.loads(sfa("import", "lead", "d.json", "--json").err)["error"]["exit_code"] == 2


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (("empty.csv",), 2, "file is empty: empty.csv"),
        (("blank.csv",), 2, "file is empty: blank.csv"),
        ((".",), 2, ". is a folder"),
        (("none.csv",), 3, "there is no file none.csv"),
        (("picture.png",), 2, "picture.png is a picture"),
        (("leads.zip",), 2, "leads.zip is a ZIP archive"),
        (("leads.csv", "--sheet", "A"), 2, "leads.csv has no sheets"),
        (("leads.csv", "--table", "A"), 2, "no tables to choose from"),
        (("two.db",), 2, "two.db has 2 tables"),
        (("two.db", "--encoding", "utf-8"), 2, "two.db is a SQLite database, not text"),
        (("people.vcf", "--table", "A"), 2, "people.vcf holds vCards, no tables to choose from"),
        (("cut.gz",), 2, "cut.gz is a damaged compressed file"),
    ],
)
def test_files_that_cannot_be_read(sfa: Sfa, argv: tuple[str, ...], code: int, said: str) -> None:
    Path("leads.csv").write_text("Name\nJo\n")
    Path("people.vcf").write_text("BEGIN:VCARD\nVERSION:3.0\nFN:Jo\nEND:VCARD\n")
    Path("empty.csv").write_text("")
    Path("blank.csv").write_text("\n ,,\n\n")
    Path("picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    Path("leads.zip").write_bytes(b"PK\x03\x04" + b"\0" * 26 + b"readme.txt")
    Path("cut.gz").write_bytes(gzip.compress(b"Name\nJo\n" * 1000)[:-12])
    with sqlite3.connect("two.db") as db:
        db.executescript("CREATE TABLE a(x); CREATE TABLE b(x)")
    found = sfa("import", "lead", *argv)
    assert (found.code, said in found.err) == (code, True), found
    assert not sfa.db.exists()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="a file that may not be read: not here, or not for root")
def test_a_file_that_may_not_be_read(sfa: Sfa) -> None:
    Path("secret.csv").write_text("Name\nJo\n")
    os.chmod("secret.csv", 0)
    found = sfa("import", "lead", "secret.csv")
    assert found.code == 4 and "secret.csv may not be read" in found.err


def test_a_header_alone_loads_nothing(sfa: Sfa) -> None:
    Path("h.csv").write_text("Name,Company\n")
    done = sfa.ok("import", "lead", "h.csv")
    assert "0 rows of h.csv: nothing to do. Nothing was changed." in done.err


# --- several believable encodings -------------------------------------------------------------------------------------------

DOUBTFUL = "Name,Company\nRossi,cioè\n".encode("cp1252")


def test_where_the_encoding_is_not_sure_nothing_is_loaded(sfa: Sfa) -> None:
    Path("a.csv").write_bytes(DOUBTFUL)
    found = sfa("import", "lead", "a.csv")
    assert found.code == 2 and not sfa.db.exists()
    assert "cannot be sure of the encoding of a.csv, which may be read as\n  cp1250  'cioč'\n  cp1252  'cioè'\n" in found.err
    assert "Hint: name the right one: --encoding cp1250 or cp1252" in found.err
    sfa.ok("import", "lead", "a.csv", "--encoding", "cp1252")
    assert leads(sfa)[0][1] == "cioè"


@pytest.mark.parametrize(("answer", "company", "code"), [("2", "cioè", 0), ("cp1250", "cioč", 0), ("", None, 2), ("9", None, 2)])
def test_a_person_is_asked_for_it(sfa: Sfa, monkeypatch: pytest.MonkeyPatch, answer: str, company: str | None, code: int) -> None:
    Path("a.csv").write_bytes(DOUBTFUL)
    monkeypatch.setattr("sfa.output.interactive", lambda: True)
    found = sfa("import", "lead", "a.csv", input=f"{answer}\n")
    assert found.code == code
    assert "  1  cp1250  'cioč'\n  2  cp1252  'cioè'\n" in found.err
    assert [r[1] for r in leads(sfa)] == [company] if company else not sfa.db.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no pseudo-terminals here")
def test_asking_on_a_real_terminal(sfa: Sfa) -> None:
    import pty

    Path("a.csv").write_bytes(DOUBTFUL)
    ours, theirs = pty.openpty()
    child: Any = subprocess.Popen([sys.executable, "-m", "sfa", "import", "lead", "a.csv"], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while b"nothing to stop" not in seen:
        seen += os.read(ours, 4096)
    os.write(ours, b"2\n")
    try:
        while data := os.read(ours, 4096):
            seen += data
    except OSError:
        pass  # the other end was closed
    os.close(ours)
    assert child.wait(60) == 0, seen
    assert leads(sfa)[0][1] == "cioè"


def test_ids_that_a_spreadsheet_rounded_are_not_taken_for_one(sfa: Sfa) -> None:
    rows = "\r\n".join(f"9,2E+09;Müller {n}" for n in range(3))
    (sfa.folder / "saved.csv").write_bytes(f"Record ID;Company name\r\n{rows}\r\n".encode("cp1252"))
    found = sfa("import", "account", "saved.csv", "--on-duplicate", "update")
    assert found.code == 4 and "line 2 and 2 more: external id: '9,2E+09' is no whole id: a spreadsheet rounded it" in found.err
