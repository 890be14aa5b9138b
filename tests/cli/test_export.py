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
    from sfa.sales.values import clean

    sfa.db.unlink(missing_ok=True)
    for end in ("-wal", "-shm"):
        Path(str(sfa.db) + end).unlink(missing_ok=True)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["external_id", "name", "description"])
    writer.writerows([f"E{i}", f"{odd}{a}" or "x", f"{odd}{b}"] for i, (a, b, odd) in enumerate(made))
    (sfa.folder / "in.csv").write_text(buffer.getvalue(), encoding="utf-8", newline="")
    code = run(["import", "account", "in.csv"])
    if any(not clean(f"{odd}{a}").strip() and (odd or a) for a, _, odd in made):
        return  # a name of nothing but blanks is a reject, tested elsewhere
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
