"""`sfa export`: what it writes comes back: unchanged into the same database, without loss into an empty one."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KINDS = ("user", "pipeline", "stage", "reason", "account", "contact", "product", "opp", "lead", "activity", "quota", "rate",
         "forecast-call", "forecast-adjustment", "forecast-judgment")  # fmt: skip


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def build(sfa: Sfa) -> None:
    """A company with every type of value, names that repeat, text that spreadsheets and shells would trip over."""
    for line in (
        "user|add|Ben Okafor|email=ben@house.example|team=EMEA|active=no",
        "user|add|Uma Rao|email=uma@house.example|manager=Ben|region=APAC",
        "pipeline|add|Renewals|--description|For what ends|--stages|Review,Proposal",
        "stage|add|Verbal yes|pipeline=Renewals|probability=95|category=most_likely|exit_criteria=close,amount|required_fields=source",
        "reason|add|Price, mostly|outcome=lost|group=price|weight=2.5|revisit_months=9",
        "reason|add|Gone|recoverable=no",
        "account|add|Acme|country=Italy|annual_revenue=1234567.89|currency=EUR|employees=12|types=customer,partner|website==HYPERLINK(1)",
        'account|add|Acme|country=Perú|description=Line one\nline "two", =not a formula|external_id=CRM-1',
        "account|add|'=quoted|parent=A-1|phone=+39 02 555",
        "contact|add|王伟|account=A-1|email=wei@x.example|other_emails=a@x.example,b@x.example|other_phones=+1 555 0100,555-0101",
        "contact|add|Jo One|account=A-2|opt_out_email=2026-03-04 web form|title=-VP-",
        "contact|add|Jo One|account=A-1|owner=Uma",
        "product|add|Flow Meter|code=FM-1|list_price=1200|currency=JPY|active=no",
        "opp|add|Deal|account=A-1|contact=C-3|amount=48k|currency=EUR|close=2026-12-31|product=P-1|owner=Ben|next_step=@home",
        "opp|add|Deal|account=A-2|pipeline=Renewals|amount=-500|type=existing|probability=35|category=commit|source=web",
        "opp|add|Deal|account=A-2|external_id=0061",
        "opp|add|Due|account=A-2|owner=Uma|amount=70|close=2026-12-30",
        "opp|win|O-1|closed=2026-11-01",
        "opp|lose|O-3|reason=Price, mostly|secondary_reason=Gone|reason_note==bad, or\nso|competitor=A-2|revisit=2027-03-01",
        "lead|add|Mary Cole|company=Green Foods|email=mary@green.example|rating=hot|employees=3.5",
        "lead|add|Mary Cole|company=Green Foods",
        "log|O-2|call|Talked\nabout it|--next|send quote|--due|2026-12-01",
        "log|C-3|note|Something else",
        "quota|set|Ben|2026-Q4|300k",
        "rate|set|EUR|1.0842|--date|2026-10-01",
        "user|edit|anna|admin=yes",
        "user|edit|Ben|active=no|manager=anna",
        "forecast|call|--rep|Uma|--commit|1,234.56|--best|€2k|--note|=Pier, signs",
        "--me|anna|forecast|adjust|Uma|best_case|900.01|--note|a\nb",
        "--me|anna|forecast|adjust|anna|commit|0",
        "--me|anna|forecast|judge|O-4|include|--column|most_likely",
    ):
        sfa.ok(*line.split("|"))


def test_round_trip_of_every_kind(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    build(sfa)
    before = {k: sfa.ok("export", k).out for k in KINDS}
    for kind in KINDS:
        (sfa.folder / f"{kind}.csv").write_text(before[kind], encoding="utf-8", newline="")
        same = sfa.ok("import", kind, f"{kind}.csv", "--json").json
        assert (same["unchanged"], same["operation"]) == (same["read"], None), same
        assert same["read"] == len(rows(before[kind])) > 0 and same["left_out"] == []
    monkeypatch.setenv("SFA_DB", str(sfa.folder / "second.db"))
    for kind in KINDS:
        done = sfa("import", kind, f"{kind}.csv", "--json")
        assert done.code == 0, (kind, done.err)
    for kind in KINDS:
        wanted, got = rows(before[kind]), rows(sfa.ok("export", kind).out)
        assert said(sfa, wanted) == said(sfa, got), kind
        again = sfa.ok("import", kind, f"{kind}.csv", "--json").json
        assert again["unchanged"] == again["read"], (kind, again)


def said(sfa: Sfa, found: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows without their own ids; a reference by id (names that repeat) says only of what kind it is."""

    def cell(name: str, text: str) -> str:
        prefix = {"account": "A", "contact": "C", "opportunity": "O", "competitor": "A", "lead": "L", "parent": "A"}.get(name)
        return prefix if prefix and text.startswith(prefix + "-") and text.count("-") == 2 else text

    return sorted(({n: cell(n, t) for n, t in r.items() if n != "id"} for r in found), key=lambda r: json.dumps(r))


def test_names_that_repeat_are_told_apart(sfa: Sfa) -> None:
    build(sfa)
    found = rows(sfa.ok("export", "contact", "--columns", "name,account").out)
    ids = {r["id"]: r["country"] for r in rows(sfa.ok("export", "account").out)}
    assert [ids[r["account"]] for r in found if r["name"] == "Jo One"] != [] and "Acme" not in {r["account"] for r in found}
    assert {ids[r["account"]] for r in found} == {"Italy", "Perú"}


def test_cells_that_a_spreadsheet_would_run(sfa: Sfa) -> None:
    sfa.ok("account", "add", "name==1+1", "phone=+49 30 1", "website=@sum", "description='=x")
    plain = rows(sfa.ok("export", "account").out)[0]
    assert (plain["name"], plain["phone"], plain["website"], plain["description"]) == ("'=1+1", "+49 30 1", "'@sum", "''=x")
    raw = rows(sfa.ok("export", "account", "--raw").out)[0]
    assert (raw["name"], raw["website"], raw["description"]) == ("=1+1", "@sum", "'=x")


def test_filters_columns_formats_and_the_past(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme", "country=Italy", "industry=steel")
    sfa.ok("account", "add", "Other", "country=Peru")
    sfa.ok("opp", "add", "Deal", "account=Acme", "amount=5")
    assert sfa.ok("export", "account", "country:Italy", "--columns", "name,industry").out == "name,industry\nAcme,steel\n"
    assert sfa.ok("export", "opp", "--columns", "name,account.industry,amount").out == "name,account.industry,amount\nDeal,steel,5.00\n"
    assert sfa.ok("export", "account", "--format", "json").json[0]["ref"] == "A-1"
    assert sfa.ok("export", "account", "--json").json[1]["name"] == "Other"
    assert len(sfa.ok("export", "account", "-country:Italy", "--format", "ndjson").out.splitlines()) == 1
    assert sfa.ok("export", "account", "--as-of", "2026-11-01").out.splitlines()[1:] == []
    assert sfa("export", "account", "--columns", "nme").code == 2
    assert sfa("export", "nothing").code == 2 and sfa("export", "field").code == 2


def test_to_a_file_whole_or_not_at_all(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Köln GmbH")
    done = sfa.ok("export", "account", "--output", "out.csv")
    assert done.out == "" and "Wrote 1 account to out.csv" in done.err
    first = (sfa.folder / "out.csv").read_text(encoding="utf-8")
    assert rows(first)[0]["name"] == "Köln GmbH"
    refused = sfa("export", "account", "--output", "out.csv")
    assert refused.code == 1 and "there already" in refused.err
    sfa.ok("account", "add", "Second")
    assert "Wrote 2 accounts" in sfa.ok("export", "account", "--output", "out.csv", "--yes").err
    assert len(rows((sfa.folder / "out.csv").read_text(encoding="utf-8"))) == 2
    assert sfa("export", "account", "nothing:here", "--output", "new.csv").code == 2
    assert sfa("export", "account", "--output", "no/folder/x.csv").code == 2
    assert sorted(p.name for p in Path(sfa.folder).glob("*.csv")) == ["out.csv"] and not list(Path(sfa.folder).glob(".sfa-*"))


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), max_size=12)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXT, TEXT, st.sampled_from(["", "=", "'", "'=", "-", "@", "''+", "\t=", "A\nB"])), min_size=3, max_size=25))
def test_any_text_survives(sfa: Sfa, made: list[tuple[str, str, str]]) -> None:
    """Any names and notes, written, exported, imported, come back the same."""
    from sfa.cli import run
    from sfa.sales.blanks import blank_words
    from sfa.sales.values import clean
    from sfa.settings import SETTINGS

    none = {word.lower() for word in blank_words(SETTINGS["blank_words"].default)}
    sfa.db.unlink(missing_ok=True)
    for end in ("-wal", "-shm"):
        Path(str(sfa.db) + end).unlink(missing_ok=True)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["external_id", "name", "description"])
    writer.writerows([f"E{i}", f"{odd}{a}" or "x", f"{odd}{b}"] for i, (a, b, odd) in enumerate(made))
    (sfa.folder / "in.csv").write_text(buffer.getvalue(), encoding="utf-8", newline="")
    code = run(["import", "account", "in.csv"])
    names = [clean(f"{odd}{a}").strip().lower() for a, _, odd in made if odd or a]
    if any(not name or name in none for name in names):
        return  # a name that says nothing is a reject, tested elsewhere
    assert code == 0
    for db in (sfa.db, sfa.folder / "other.db"):
        (sfa.folder / "out.csv").unlink(missing_ok=True)
        assert run(["export", "account", "--output", "out.csv"]) == 0
        for end in ("", "-wal", "-shm"):
            Path(str(sfa.folder / "other.db") + end).unlink(missing_ok=True)
        assert run(["--db", str(db), "import", "account", "out.csv"]) == 0
        assert stored(sfa.db) == stored(db)


def stored(db: Path) -> list[Any]:
    import sqlite3

    with sqlite3.connect(db) as found:
        return found.execute("SELECT name, description FROM account ORDER BY name, description").fetchall()


# Files for other programs -------------------------------------------------------------------------------------------------------------


def test_a_workbook(sfa: Sfa) -> None:
    from datetime import date, datetime

    from python_calamine import CalamineWorkbook

    build(sfa)
    done = sfa.ok("export", "opp", "-o", "deals.xlsx")
    assert done.out == "" and "Wrote 4 opportunities to deals.xlsx" in done.err
    book = CalamineWorkbook.from_path(str(sfa.folder / "deals.xlsx"))
    header, *found = book.get_sheet_by_name("opportunities").to_python()
    first = dict(zip(header, found[0], strict=True))
    plain = rows(sfa.ok("export", "opp", "--raw").out)[0]
    assert (first["amount"], first["currency"]) == (48000.0, "EUR") and isinstance(first["amount"], float)
    assert (first["close"], first["closed"]) == (date(2026, 12, 31), date(2026, 11, 1))
    assert first["next_step"] == "@home" == plain["next_step"] and first["id"] == plain["id"]
    sfa.ok("export", "account", "--columns", "name,annual_revenue,website", "-o", "a.xlsx")
    header, *found = CalamineWorkbook.from_path(str(sfa.folder / "a.xlsx")).get_sheet_by_index(0).to_python()
    assert header == ["name", "annual_revenue", "annual_revenue currency", "website"]
    assert found[0] == ["Acme", 1234567.89, "EUR", "=HYPERLINK(1)"], "a text, not a formula"
    sfa.ok("export", "all", "-o", "all.xlsx")
    book = CalamineWorkbook.from_path(str(sfa.folder / "all.xlsx"))
    assert {"accounts", "opportunities", "activities"} <= set(book.sheet_names)
    header, *found = book.get_sheet_by_name("activities").to_python()
    assert found[0][header.index("when")] == datetime(2026, 11, 23, 12, 0)
    header, *found = book.get_sheet_by_name("users").to_python()
    assert [r[header.index("active")] for r in found if r[header.index("name")] == "Ben Okafor"] == [False]


def test_longer_texts_than_a_cell_has_room_for(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme", "description=" + "x" * 40_000)
    done = sfa.ok("export", "account", "-o", "a.xlsx")
    assert "Warning: 1 texts are longer" in done.err


def test_a_workbook_goes_on_in_another_sheet(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    from python_calamine import CalamineWorkbook

    from sfa.writing import workbook

    monkeypatch.setattr(workbook, "MOST_ROWS", 2)
    for i in range(5):
        sfa.ok("account", "add", f"A{i}")
    sfa.ok("export", "account", "-o", "a.xlsx")
    book = CalamineWorkbook.from_path(str(sfa.folder / "a.xlsx"))
    assert book.sheet_names == ["accounts", "accounts 2", "accounts 3"]
    assert [[r[1] for r in book.get_sheet_by_name(n).to_python()] for n in book.sheet_names] == [
        ["name", "A0", "A1"], ["name", "A2", "A3"], ["name", "A4"],
    ]  # fmt: skip


def test_a_plain_database(sfa: Sfa) -> None:
    import sqlite3

    build(sfa)
    assert "Wrote 4 opportunities to deals.db" in sfa.ok("export", "opp", "-o", "deals.db").err
    sfa.ok("export", "all", "-o", "all.sqlite")
    plain = rows(sfa.ok("export", "opp", "--raw").out)
    for name in ("deals.db", "all.sqlite"):
        with sqlite3.connect(sfa.folder / name) as db:
            db.row_factory = sqlite3.Row
            found = [dict(r) for r in db.execute("SELECT * FROM opportunity ORDER BY id")]
            assert [r["name"] for r in found] == [r["name"] for r in plain] and found[0]["amount"] == 48000.0
            assert found[0]["account"] == "Acme" and found[0]["account_id"].startswith("A-") and found[0]["stage"] == "Won"
    with sqlite3.connect(sfa.folder / "all.sqlite") as db:
        joined = "SELECT count(*) FROM opportunity o JOIN account a ON a.id=o.account_id"
        assert db.execute(joined).fetchone()[0] == 4
        assert db.execute("SELECT active FROM user WHERE name='Ben Okafor'").fetchone()[0] == 0
        assert db.execute("SELECT list_price, currency FROM product").fetchone() == (1200.0, "JPY")
    assert sfa("export", "opp", "-o", "deals.db").code == 1


def test_the_ending_says_the_format(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme")
    for ending, begins in (
        ("csv", "id,name"),
        ("tsv", "id\tname"),
        ("json", "[\n"),
        ("ndjson", '{"ref"'),
        ("jsonl", '{"ref"'),
        ("md", "| id"),
    ):
        sfa.ok("export", "account", "-o", f"a.{ending}")
        assert (sfa.folder / f"a.{ending}").read_text().startswith(begins), ending
    sfa.ok("export", "account", "-o", "a.data", "--format", "csv")
    for words, said in (
        (("-o", "a.pdf"), "does not say in its ending"),
        (("-o", "accounts"), "does not say in its ending"),
        (("--format", "xlsx"), "is a file, not text"),
        (("--format", "docx"), "there is no format"),
        (("--as", "salesforce", "--json"), "--as writes CSV"),
        (("--as", "siebel"), "there is no shape"),
    ):
        refused = sfa("export", "account", *words)
        assert refused.code == 2 and said in refused.err, (words, refused)
    assert sfa("export", "all", "--format", "csv", "-o", "x").code == 2
    assert sfa("export", "rate", "--as", "hubspot").code == 2


def test_as_salesforce_takes_it(sfa: Sfa) -> None:
    build(sfa)
    found = rows(sfa.ok("export", "opp", "--as", "salesforce").out)
    won = found[0]
    assert (won["Name"], won["StageName"], won["Amount"], won["CurrencyIsoCode"]) == ("Deal", "Won", "48000.00", "EUR")
    assert (won["IsClosed"], won["IsWon"], won["ForecastCategoryName"], won["CloseDate"]) == ("TRUE", "TRUE", "Closed", "2026-12-31")
    assert [r["Id"] for r in found] == ["", "", "0061", ""] and found[2]["AccountId"] == "CRM-1"
    assert found[1]["Type"] == "Existing Business" and found[1]["ForecastCategoryName"] == "Commit"
    people = rows(sfa.ok("export", "contact", "--as", "salesforce").out)
    assert [r["HasOptedOutOfEmail"] for r in people] == ["FALSE", "TRUE", "FALSE"] and people[0]["Account Name"] == "Acme"
    users = {r["Name"]: r["IsActive"] for r in rows(sfa.ok("export", "user", "--as", "salesforce").out)}
    assert users == {"anna": "TRUE", "Ben Okafor": "FALSE", "Uma Rao": "TRUE"}


def test_as_hubspot_takes_it(sfa: Sfa) -> None:
    build(sfa)
    found = rows(sfa.ok("export", "opp", "is:won", "--as", "hubspot").out)
    assert [(r["Deal Name"], r["Deal Stage"], r["Pipeline"], r["Deal owner"]) for r in found] == [
        ("Deal", "Won", "Sales", "ben@house.example")
    ]
    leads = rows(sfa.ok("export", "lead", "--as", "hubspot").out)
    assert {(r["Lifecycle Stage"], r["Lead Status"]) for r in leads} == {("lead", "NEW")}


def test_every_shape_names_fields_that_there_are(sfa: Sfa) -> None:
    from sfa.sales.shapes import SHAPES

    build(sfa)
    for product, kinds in SHAPES.items():
        for kind, columns in kinds.items():
            out = sfa.ok("export", kind, "--as", product).out
            assert next(csv.reader(io.StringIO(out))) == [c.header for c in columns] and len({c.header for c in columns}) == len(columns)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.none() | st.text(max_size=6), st.none() | TEXT, st.none() | st.integers(-5, 5)), max_size=30), st.booleans())
def test_lines_are_those_of_the_csv_module(made: list[tuple[str | None, str | None, int | None]], raw: bool) -> None:
    """Written column by column, the lines read as those that csv.writer makes of the rows, defused or not. It quotes everything here: of
    itself it forgets a lone carriage return."""
    from datetime import UTC, datetime

    from sfa.output import View
    from sfa.sales.dates import Calendar
    from sfa.sales.sheets import Sheet, column
    from sfa.writing import separated

    calendar = Calendar(datetime(2026, 11, 23, tzinfo=UTC), datetime(2026, 11, 23).date())
    columns = [column("a", "text", 0), column("b", "email", 1), column("c, d", "percent", 2)]
    stream, wanted = io.StringIO(), io.StringIO()
    separated.write(Sheet(columns, iter(made)), columns, View("csv", 1, calendar, raw), stream)
    writer = csv.writer(wanted, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow([c.name for c in columns])
    tidy = (lambda t: t) if raw else separated.defused
    writer.writerows([tidy(a), tidy(b), c] for a, b, c in made)
    assert list(csv.reader(io.StringIO(stream.getvalue(), newline=""))) == list(csv.reader(io.StringIO(wanted.getvalue(), newline="")))
