"""`sfa db …` and `sfa erase`."""

from __future__ import annotations

import os
import sqlite3
import stat

import pytest


@pytest.fixture
def filled(sfa) -> None:
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("contact", "add", "Wei Zhang", "--account", "blue", "--email", "wei@harbor.example")
    sfa.ok("log", "C-1", "call", "about the garden")


def test_path(sfa) -> None:
    assert sfa.ok("db", "path").out == f"{sfa.db}\n"
    assert not sfa.db.exists()
    assert sfa.ok("--db", "here.db", "db", "path").out == f"{sfa.folder / 'here.db'}\n"


def test_check(sfa, filled) -> None:
    assert sfa.ok("db", "check").out == f"{sfa.db}: ok\n"
    sqlite3.connect(sfa.db, isolation_level=None).execute("DROP TRIGGER account_update")
    broken = sfa("db", "check")
    assert broken.code == 6 and "the trigger account_update is missing" in broken.err and broken.out == ""
    assert "made anew" in sfa.ok("db", "check", "--repair-schema").err
    assert "made anew" in sfa.ok("db", "check", "--repair-search").err
    assert "No operation is ahead" in sfa.ok("db", "check", "--repair-clock").err


@pytest.mark.parametrize(
    "argv", [("db", "check"), ("db", "backup"), ("db", "vacuum"), ("history",), ("undo",), ("redo",), ("erase", "C-1", "--yes")]
)
def test_a_missing_file_is_not_made(sfa, argv: tuple[str, ...]) -> None:
    refused = sfa(*argv)
    assert refused.code == 6 and "there is no database" in refused.err and not sfa.db.exists()


def test_backup(sfa, filled) -> None:
    made = sfa.ok("db", "backup").out.strip()
    assert made == f"{sfa.db}.20261123T120000.backup"
    assert os.name == "nt" or stat.S_IMODE(os.stat(made).st_mode) == 0o600
    assert sfa.ok("--db", made, "account", "list", "--columns", "name").out == "name\nBlue Harbor\n"
    assert sfa.ok("--db", made, "db", "check").code == 0
    assert sfa.ok("db", "backup").out.strip() != made, "the next one has a name of its own"
    sfa.ok("db", "backup", "mine.db")
    before = (sfa.folder / "mine.db").read_bytes()
    refused = sfa("db", "backup", "mine.db")
    assert refused.code == 4 and "is there already" in refused.err and (sfa.folder / "mine.db").read_bytes() == before
    (sfa.folder / "safe").mkdir()
    assert sfa.ok("db", "backup", "safe").out.startswith("safe/sfa.db.")
    assert sfa("db", "backup", "no/such/folder.db").code == 6


def test_vacuum(sfa, filled) -> None:
    other = sqlite3.connect(sfa.db, isolation_level=None)
    other.execute("CREATE TABLE waste AS SELECT zeroblob(2000000) AS x")
    other.execute("DROP TABLE waste")
    other.close()
    size = sum(os.path.getsize(f"{sfa.db}{e}") for e in ("", "-wal") if os.path.exists(f"{sfa.db}{e}"))
    assert "bytes" in sfa.ok("db", "vacuum").err
    assert os.path.getsize(sfa.db) < size
    sfa.ok("db", "check")


def test_a_clock_that_was_wrong(sfa, filled) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", "2036-01-01")
    sfa.ok("account", "edit", "A-1", "industry=x")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-24")
    refused = sfa("account", "add", "Next")
    assert refused.code == 6 and "ahead of the clock" in refused.err and "--repair-clock" in refused.err
    assert sfa.ok("account", "list", "--columns", "industry").out == "industry\nx\n", "reading goes on"
    assert sfa("db", "check").code == 6
    assert "1 operations were moved" in sfa.ok("db", "check", "--repair-clock").err
    sfa.ok("account", "add", "Next")
    assert sfa.ok("history", "A-1", "--json").json[0]["when"].startswith("2026-11-24")


def test_a_day_back_is_refused_and_hours_are_not(sfa, filled) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-22T11:00:00Z")
    assert sfa("account", "add", "Next").code == 6
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-22T13:00:00Z")
    sfa.ok("account", "add", "Next")


# Erasing ----------------------------------------------------------------------------------------------------------------------------


def test_erase_asks_and_then_forgets(sfa, filled) -> None:
    refused = sfa("erase", "Wei Zhang")
    assert refused.code == 1 and "--yes is required" in refused.err
    shown = sfa.ok("erase", "Wei", "--dry-run")
    assert "C-1 Wei Zhang and the text of 1 activities would be erased" in shown.err
    sfa.ok("db", "backup")
    done = sfa.ok("erase", "Wei Zhang", "--yes")
    assert "Erased C-1" in done.err and "cannot be taken back" in done.err
    assert "these copies still hold the data" in done.err and ".backup" in done.err
    everything = (
        sfa.ok("history").out + sfa.ok("history", "C-1").out + sfa.ok("contact", "show", "C-1").out + sfa.ok("activity", "list").out
    )
    assert not [w for w in ("Wei", "Zhang", "harbor.example", "garden") if w in everything]
    assert sfa("search", "Zhang").out.count("Zhang") == 0
    data = sfa.db.read_bytes().lower()
    assert not [w for w in (b"zhang", b"wei@", b"garden") if w in data]
    assert sfa.ok("db", "check").code == 0


def test_erase_is_for_persons_and_for_good(sfa, filled) -> None:
    assert sfa("erase", "A-1", "--yes").code == 2
    assert sfa("erase", "Nobody", "--yes").code == 3
    sfa.ok("erase", "C-1", "--yes")
    number = sfa.ok("history", "--json").json[0]["operation"]
    refused = sfa("undo", number)
    assert refused.code == 4 and "an erasure cannot be taken back" in refused.err
    sfa.ok("undo")  # takes what came before, and that is blank
    assert sfa.ok("history", "C-1", "--json").code == 0


def test_an_import_does_not_bring_an_erased_person_back(sfa, filled) -> None:
    sfa.ok("erase", "C-1", "--yes")
    file = sfa.folder / "people.csv"
    file.write_text("Name,Email\nWei Zhang,Wei@Harbor.example\nJo Silva,jo@silva.example\n")
    for kind in ("contact", "lead"):
        refused = sfa("import", kind, "people.csv")
        assert refused.code != 0 and "erased" in refused.err
        assert sfa("import", kind, "people.csv", "--rejects", f"{kind}.bad.csv").code == 7
        names = [r["name"] for r in sfa.ok(kind, "list", "--json").json]
        assert "Jo Silva" in names and "Wei Zhang" not in names
    assert b"Zhang" not in sfa.db.read_bytes()
