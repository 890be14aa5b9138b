"""A whole company out and in again: the copy is equal, table by table, and stays so; a damaged export is refused with the place."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from test_export import build

PASSING = ("unindexed", "writing")


def tables(db: Path) -> dict[str, list[Any]]:
    """Every row of every table that is not an index, blanks, types and order of versions included."""
    with sqlite3.connect(db) as found:
        names = [
            r[0] for r in found.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE '%\\_search%' ESCAPE '\\'")
        ]
        out = {}
        for name in names:
            columns = [r[1] for r in found.execute(f'PRAGMA table_info("{name}")')]
            each = ",".join(f'"{c}",typeof("{c}")' for c in columns)
            out[name] = [tuple(columns), *sorted(found.execute(f'SELECT {each} FROM "{name}"').fetchall(), key=repr)]
        return out


def parts(db: Path) -> set[tuple[Any, ...]]:
    with sqlite3.connect(db) as found:
        return set(found.execute("SELECT type, name, sql FROM sqlite_master"))


def lively(sfa: Sfa) -> str:
    """A company with everything that a database may remember; returns the operation that deleted a record."""
    build(sfa)
    for line in (
        "config|field|add|opp|renewal|date|--label|Renewal day",
        "config|field|add|opp|fee|money",
        "config|field|add|account|gone|choice|--choices|low,high",
        "account|edit|A-2|gone=low",
        "undo",
        "undo",
        "opp|edit|O-2|renewal=2027-01-31|fee=12.34",
        "report|save|friday|forecast|--by|team",
        "activity|delete|AC-2|--yes",
        "erase|L-1|--yes",
    ):
        sfa.ok(*line.split("|"))
    (sfa.folder / "past.csv").write_text(
        "opportunity,changed,stage,amount\n0061,2026-09-01T09:00:00Z,Qualification,100\n0061,2026-10-01T09:00:00Z,Proposal,200\n"
    )
    sfa.ok("import", "history", "past.csv")
    (sfa.folder / "past2.csv").write_text("opportunity,changed,stage,amount\nDue,2026-09-01T09:00:00Z,Prospecting,100\n")
    sfa.ok("import", "history", "past2.csv")
    sfa.ok("undo")
    with sqlite3.connect(sfa.db) as other:  # another program: an empty text, a text like our mark, a real number
        last = "(SELECT max(id) FROM op)"
        other.execute(f"UPDATE account SET industry='', website='\\x', employees=2.5, op={last}, since={last} WHERE id%1000000=3")
    return str(sfa.ok("history", "--json").json[0]["operation"])


def test_the_copy_is_equal(sfa: Sfa) -> None:
    lively(sfa)
    done = sfa.ok("export", "all", "-o", "out")
    assert "Wrote" in done.err and done.out == ""
    copy = sfa.folder / "copy.db"
    sfa.ok("--db", str(copy), "import", "bundle", "out")
    before, after = tables(sfa.db), tables(copy)
    assert before.keys() == after.keys()
    for name in before:
        if name not in PASSING:
            assert before[name] == after[name], name
    assert len(before["opportunity_history"]) > 5 and len(before["erased"]) > 1 and len(before["saved_report"]) == 2
    assert any(v[0].count("gone") for v in (before["account"],)), "a field that was taken back keeps its column"
    assert parts(sfa.db) == parts(copy)
    assert "ok" in sfa.ok("--db", str(copy), "db", "check").out + sfa.ok("--db", str(copy), "db", "check").err
    sfa.ok("--db", str(copy), "export", "all", "-o", "again")
    names = sorted(p.name for p in (sfa.folder / "out").iterdir())
    assert names == sorted(p.name for p in (sfa.folder / "again").iterdir()) and "opportunity.csv" in names
    for name in names:
        assert (sfa.folder / "out" / name).read_bytes() == (sfa.folder / "again" / name).read_bytes(), name


def test_what_the_copy_says_and_can_take_back(sfa: Sfa) -> None:
    deleted = lively(sfa)
    sfa.ok("export", "all", "-o", "out.zip")
    copy = str(sfa.folder / "copy.db")
    sfa.ok("--db", copy, "import", "bundle", "out.zip")
    for words in (
        ("report", "pipeline", "--as-of", "2026-09-15", "--json"),
        ("opp", "list", "--as-of", "2026-10-15", "--json"),
        ("forecast", "--period", "2026-Q4", "--json"),
        ("history", "--json"),
        ("search", "Deal", "--json"),
        ("export", "opp"),
    ):
        assert sfa.ok("--db", copy, *words).out == sfa.ok(*words).out, words
    for db in (str(sfa.db), copy):
        sfa.ok("--db", db, "undo", "--yes")
    assert deleted
    for db in (str(sfa.db), copy):
        assert sfa("--db", db, "activity", "show", "AC-2").code == 3
        found = sfa.ok("--db", db, "history", "--json").json
        target = next(o["operation"] for o in found if o["command"].startswith("activity delete"))
        sfa.ok("--db", db, "undo", target)
    assert sfa.ok("--db", copy, "activity", "show", "AC-2", "--json").out == sfa.ok("activity", "show", "AC-2", "--json").out
    assert sfa.ok("--db", copy, "account", "add", "Next", "--json").json["ref"] == sfa.ok("account", "add", "Next", "--json").json["ref"]


def test_as_of_a_past_moment(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFA_TODAY", "2026-10-20T12:00:00Z")
    build(sfa)
    then = {w: sfa.ok(*w).out for w in (("opp", "list", "--json"), ("report", "pipeline", "--json"), ("export", "account"))}
    monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    sfa.ok("opp", "edit", "O-2", "amount=1")
    sfa.ok("opp", "delete", "O-4", "--yes", "--cascade")
    sfa.ok("account", "add", "Later")
    (sfa.folder / "past.csv").write_text("opportunity,changed,stage\n0061,2026-09-01T09:00:00Z,Proposal\n")
    sfa.ok("import", "history", "past.csv")
    for moment in ("2026-10-20", "2026-09-15"):
        sfa.ok("export", "all", "--as-of", moment, "-o", moment)
        copy = f"{moment}.db"
        sfa.ok("--db", copy, "import", "bundle", moment)
        sfa.ok("--db", copy, "db", "check")
    monkeypatch.setenv("SFA_TODAY", "2026-10-20T12:00:00Z")
    for words, text in then.items():
        assert sfa.ok("--db", "2026-10-20.db", *words).out == text
    old = sfa.ok("--db", "2026-09-15.db", "opp", "list", "--json").json
    assert [(o["name"], o["stage"], o["account"]) for o in old] == [("Deal", "Proposal", "Acme")]


def test_as_of_a_moment_before_what_is_referred_to(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something dated back may refer to what was made later: it is left blank, and the copy is sound."""
    monkeypatch.setenv("SFA_TODAY", "2026-09-01T12:00:00Z")
    sfa.ok("user", "add", "Ben Okafor")
    monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    sfa.ok("user", "add", "Uma Rao")
    sfa.ok("user", "edit", "Ben", "manager=Uma", "--effective", "2026-09-10")
    assert sfa.ok("user", "show", "Ben", "--json").json["manager"] == "Uma Rao"
    sfa.ok("export", "all", "--as-of", "2026-09-15", "-o", "old")
    sfa.ok("--db", "old.db", "import", "bundle", "old")
    sfa.ok("--db", "old.db", "db", "check")
    assert {u["name"]: u["manager"] for u in sfa.ok("--db", "old.db", "user", "list", "--json").json} == {"anna": None, "Ben Okafor": None}


def test_where_it_may_go(sfa: Sfa) -> None:
    build(sfa)
    sfa.ok("export", "all", "-o", "out")
    assert sfa("export", "all", "-o", "out").code == 1
    sfa.ok("account", "add", "More")
    sfa.ok("export", "all", "-o", "out", "--yes")
    assert "More" in (sfa.folder / "out" / "account.csv").read_text()
    (sfa.folder / "out" / "mine.txt").write_text("kept")
    refused = sfa("export", "all", "-o", "out", "--yes")
    assert refused.code == 1 and (sfa.folder / "out" / "mine.txt").read_text() == "kept"
    assert sfa("export", "all").code == 2 and sfa("export", "all", "name:x", "-o", "y").code == 2
    assert sfa("export", "all", "-o", "no/where/out").code == 2
    full = sfa("import", "bundle", "out")
    assert full.code == 4 and "holds records already" in full.err and "--db" in full.err
    sfa.ok("--db", "new.db", "import", "bundle", "out", "--dry-run")
    assert not (sfa.folder / "new.db").exists()
    assert sfa("--db", "new.db", "import", "bundle", "nowhere").code == 3
    assert sfa("--db", "new.db", "import", "bundle", "past.csv").code == 3
    assert not [p for p in os.listdir(sfa.folder) if p.endswith((".part", ".old"))]


def test_into_a_database_that_nobody_has_written_to(sfa: Sfa) -> None:
    build(sfa)
    sfa.ok("export", "all", "-o", "out")
    fresh = sfa.folder / "fresh.db"
    assert sfa("--db", str(fresh), "account", "edit", "A-1", "name=x").code == 3
    assert fresh.exists()
    sfa.ok("--db", str(fresh), "import", "bundle", "out")
    assert tables(fresh)["account"] == tables(sfa.db)["account"]


def edit(path: Path, old: bytes, new: bytes) -> None:
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, 1))


@pytest.mark.parametrize(
    ("what", "place"),
    [
        ("missing", "account.csv: the file is missing"),
        ("changed", "account.csv: it was changed after it was written"),
        ("cut", "contact.csv: it has 2 rows, of 3"),
        ("cells", "account.csv: line 2: "),
        ("header", "account.csv: line 1: "),
        ("manifest", "manifest.json"),
        ("signed", "account.csv: line 2: "),
        ("dangling", "contact 1 refers to an account that is not there"),
    ],
)
def test_a_damaged_one_is_refused_with_the_place(sfa: Sfa, what: str, place: str) -> None:
    import hashlib

    for line in ("account add Acme", "contact add One account=Acme", "contact add Two", "contact add Three"):
        sfa.ok(*line.split())
    sfa.ok("export", "all", "-o", "out")
    folder = sfa.folder / "out"
    manifest = json.loads((folder / "manifest.json").read_text())
    account, contact = folder / "account.csv", folder / "contact.csv"

    def sign(path: Path) -> None:
        entry = next(f for f in manifest["files"] if f["file"] == path.name)
        entry["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()

    if what == "missing":
        account.unlink()
    elif what == "changed":
        edit(account, b"Acme", b"Axme")
    elif what == "cut":
        contact.write_bytes(b"".join(contact.read_bytes().splitlines(True)[:-1]))
    elif what == "cells":
        edit(account, b",Acme", b"Acme")
    elif what == "header":
        edit(account, b"name", b"nome")
    elif what == "manifest":
        manifest["tables"]["account"] = "ATTACH 'x' AS y"
    elif what == "signed":
        edit(account, b"prospect", b"prospect")
        lines = account.read_bytes().splitlines(True)
        account.write_bytes(lines[0] + lines[1].replace(lines[1].split(b",")[0], b"one", 1))
        sign(account)
    else:
        number = account.read_bytes().splitlines()[1].split(b",")[0]
        edit(contact, b"," + number + b",", b"," + number[:-1] + b"7,")
        sign(contact)
        place = "refers to an account that is not there"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    refused = sfa("--db", "new.db", "import", "bundle", "out")
    assert refused.code == 4 and place in refused.err, refused
    assert not [p for p in os.listdir(sfa.folder) if p.startswith("new.db")]


def test_a_newer_one_and_an_older_schema(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme")
    sfa.ok("export", "all", "-o", "out")
    path = sfa.folder / "out" / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "schema": manifest["schema"] + 1}))
    refused = sfa("--db", "new.db", "import", "bundle", "out")
    assert refused.code == 4 and "newer sfa" in refused.err


def test_an_older_schema_is_brought_up_to_date(sfa: Sfa) -> None:
    """A dump of the oldest file that there is, made by hand as that sfa would have, becomes what its migration makes of it."""
    import csv
    import gzip
    import hashlib

    old = sfa.folder / "old.db"
    old.write_bytes(gzip.decompress((Path(__file__).parent.parent / "store" / "version1.db.gz").read_bytes()))
    folder = sfa.folder / "out"
    folder.mkdir()
    files = []
    with sqlite3.connect(old) as db:
        names = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type='table'").fetchall())
        passing = {n: s for n, s in names.items() if not n.startswith("sqlite_") and "_search" not in n}
        triggers = dict(db.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'").fetchall())
        sequences = {n: str(s) for n, s in db.execute("SELECT * FROM sqlite_sequence")}
        for name in passing:
            if name in PASSING or name.endswith("_history"):
                continue
            columns = [r[1] for r in db.execute(f'PRAGMA table_info("{name}")')]
            kind = name + "_history" in passing
            listed = ",".join(f'"{c}"' for c in columns)
            sql = f'SELECT {listed}{",NULL,NULL" if kind else ""} FROM "{name}"'
            if kind:
                sql += f' UNION ALL SELECT {listed},until_op,until FROM "{name}_history"'
                columns += ["until_op", "until"]
            rows = db.execute(sql).fetchall()
            path = folder / f"{name}.csv"
            with path.open("w", newline="", encoding="utf-8") as stream:
                csv.writer(stream, lineterminator="\n").writerows([columns, *rows])
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            files.append({"file": path.name, "table": name, "rows": len(rows), "sha256": digest, "columns": columns})
    manifest = {
        "format": "sfa bundle",
        "version": 1,
        "schema": 1,
        "tables": passing,
        "files": files,
        "sequences": sequences,
        "triggers": triggers,
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    sfa.ok("--db", "new.db", "import", "bundle", "out")
    sfa.ok("--db", str(old), "opp", "list")  # migrates it
    mine, theirs = tables(sfa.folder / "new.db"), tables(old)
    assert {n: v for n, v in mine.items() if n not in PASSING} == {n: v for n, v in theirs.items() if n not in PASSING}
    sfa.ok("--db", "new.db", "db", "check")


@pytest.mark.parametrize("going", ["out", "out.zip"])
def test_a_kill_leaves_nothing(sfa: Sfa, going: str) -> None:
    """Stopped at any moment, neither half an export nor half a database is there."""
    sfa.ok("demo", str(sfa.db))
    sfa.ok("export", "all", "-o", "whole")
    for words, left in ((("export", "all", "-o", going), sfa.folder / going), (("--db", "new.db", "import", "bundle", "whole"), None)):
        for wait in (0.12, 0.25, 0.4):
            started = subprocess.Popen([sys.executable, "-m", "sfa", *words], cwd=sfa.folder, stderr=subprocess.DEVNULL)
            time.sleep(wait)
            started.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
            code = started.wait()
            if code == 0:
                break
            if left:
                assert not left.exists()
            else:
                assert sfa("--db", "new.db", "opp", "list").code == 6
    for path in (sfa.folder / "new.db", sfa.folder / "new.db-wal", sfa.folder / "new.db-shm"):
        path.unlink(missing_ok=True)
    sfa.ok("--db", "new.db", "import", "bundle", "whole")


def test_a_zip_that_another_program_packed(sfa: Sfa) -> None:
    sfa.ok("account", "add", "Acme")
    sfa.ok("export", "all", "-o", "out")
    with zipfile.ZipFile(sfa.folder / "packed.zip", "w") as archive:
        for path in (sfa.folder / "out").iterdir():
            archive.write(path, f"company/{path.name}")
    sfa.ok("--db", "new.db", "import", "bundle", "packed.zip")
    assert tables(sfa.folder / "new.db")["account"] == tables(sfa.db)["account"]
    (sfa.folder / "broken.zip").write_bytes((sfa.folder / "packed.zip").read_bytes()[:-30])
    assert sfa("--db", "n.db", "import", "bundle", "broken.zip").code == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no rights of this kind")
def test_nobody_else_may_read_it(sfa: Sfa) -> None:
    """It holds all that the database holds, whose file is its owner's alone."""
    sfa.ok("account", "add", "Acme")
    for name in ("all", "all.zip"):
        sfa.ok("export", "all", "-o", str(sfa.folder / name))
    paths = [sfa.folder / "all", sfa.folder / "all.zip", *(sfa.folder / "all").iterdir()]
    assert len(paths) > 10 and all(p.stat().st_mode & 0o077 == 0 for p in paths)
