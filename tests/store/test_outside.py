"""Other programs write into the file with plain SQL: everything they do is kept, found and stays whole."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from storekit import add, open_store, outside, remove

from sfa.sales.refs import SPAN, show
from sfa.store import history, records
from sfa.store.check import check
from sfa.store.schema import OUTSIDE
from sfa.store.undo import undo

Versions = list[tuple[str | None, bool]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sfa.db"


def versions(db: sqlite3.Connection, kind: str, number: int, field: str) -> list[str]:
    """The field in every superseded version, oldest first, without what is only set aside."""
    sql = f'SELECT "{field}" FROM {kind}_history WHERE id=? AND until_op>0 ORDER BY since'
    return [r[0] for r in db.execute(sql, (number,))]


@pytest.mark.parametrize("recursive", [False, True])
def test_insert_update_delete_are_kept_under_an_operation_of_their_own(path: Path, recursive: bool) -> None:
    store = open_store(path)
    db = outside(path, recursive=recursive)
    db.execute("INSERT INTO account(name,industry) VALUES('Pier','old')")
    number = db.execute("SELECT id FROM account").fetchone()[0]
    db.execute("UPDATE account SET industry='new' WHERE id=?", (number,))
    db.execute("DELETE FROM account WHERE id=?", (number,))
    assert versions(db, "account", number, "industry") == ["old", "new"]
    done = [d for d in history.operations(store, limit=0) if d.command == OUTSIDE]
    assert [(d.actor, d.records) for d in done] == [("", 1)] * 3
    changes = history.record(store, store.kinds["account"], number)
    assert [(c.what, c.field, c.before, c.after) for c in changes] == [
        ("created", "name", None, "Pier"),
        ("created", "industry", None, "old"),
        ("changed", "industry", "old", "new"),
        ("deleted", "", None, None),
    ]
    assert check(store) == []


def test_undo_takes_back_what_another_program_did(path: Path) -> None:
    store = open_store(path)
    a, b = add(store, "account", name="A"), add(store, "account", name="B")
    outside(path).execute("UPDATE account SET name='X' WHERE id=?", (a,))
    op = next(history.operations(store, limit=1)).id
    assert undo(store, op, "undo")[0] == 1
    assert dict(store.db.execute("SELECT id,name FROM account")) == {a: "A", b: "B"}


def test_one_statement_over_many_rows(path: Path) -> None:
    store = open_store(path)
    for i in range(50):
        add(store, "account", name=f"A{i}")
    outside(path).execute("UPDATE account SET industry=name")
    assert store.db.execute("SELECT count(*) FROM account WHERE industry=name").fetchone()[0] == 50
    assert store.db.execute("SELECT count(*) FROM account_history WHERE industry IS NULL").fetchone()[0] == 50
    assert check(store) == []


def test_search_finds_what_another_program_wrote(path: Path) -> None:
    store = open_store(path)
    a = add(store, "account", name="Alpha")
    db = outside(path)
    db.execute("INSERT INTO account(name) VALUES('Belugas')")
    db.execute("UPDATE account SET name='Gamma' WHERE id=?", (a,))

    def found(text: str) -> list[str]:
        return [h.label for h in records.search(store, text, ["account"], 10)]

    assert (found("beluga"), found("gamma"), found("alpha")) == (["Belugas"], ["Gamma"], [])
    assert check(store) == []
    add(store, "account", name="Delta")  # the next write of ours indexes what waits
    assert store.db.execute("SELECT count(*) FROM unindexed").fetchone()[0] == 0
    assert (found("beluga"), found("gamma"), found("alpha")) == (["Belugas"], ["Gamma"], [])
    db.execute("DELETE FROM account WHERE name='Belugas'")
    assert found("beluga") == []
    add(store, "account", name="Epsilon")
    assert found("beluga") == [] and check(store) == []


def test_ids_of_another_programs_records_are_ours_and_never_given_twice(path: Path) -> None:
    store = open_store(path)
    db = outside(path)
    db.execute("INSERT INTO product(name) VALUES('First')")  # into an empty table
    first = db.execute("SELECT id FROM product").fetchone()[0]
    assert first == store.site * SPAN + 1 and show("product", first, store.site) == "P-1"
    db.execute("DELETE FROM product")
    db.execute("INSERT INTO product(name) VALUES('Second')")
    assert db.execute("SELECT id FROM product").fetchone()[0] == first + 1
    assert add(store, "product", name="Third") == first + 2
    remove(store, "product", first + 2)
    db.execute("INSERT INTO product(name) VALUES('Fourth')")
    assert db.execute("SELECT max(id) FROM product").fetchone()[0] == first + 3


@pytest.mark.parametrize("recursive", [False, True])
class TestKeys:
    """Reasons have a key: their name, capitals forgiven. SQLite's conflict clauses may delete, keep or change the one in the way."""

    def reason(self, path: Path, recursive: bool) -> tuple[sqlite3.Connection, int]:
        store = open_store(path)
        self.store = store
        number = add(store, "reason", name="Season", outcome="lost", group="old")
        return outside(path, recursive=recursive), number

    def test_replace_by_a_name_in_other_capitals(self, path: Path, recursive: bool) -> None:
        db, number = self.reason(path, recursive)
        db.execute("REPLACE INTO reason(name,outcome,\"group\") VALUES('SEASON','won','new')")
        assert versions(db, "reason", number, "group") == ["old"]
        assert db.execute("SELECT count(*) FROM reason WHERE id=?", (number,)).fetchone()[0] == 0
        assert check(self.store) == []

    def test_replace_of_the_same_id(self, path: Path, recursive: bool) -> None:
        db, number = self.reason(path, recursive)
        db.execute("REPLACE INTO reason(id,name,outcome,\"group\") VALUES(?,'Season','won','new')", (number,))
        assert versions(db, "reason", number, "group") == ["old"]
        assert check(self.store) == []

    def test_replace_with_every_column_copied(self, path: Path, recursive: bool) -> None:
        """A tool that writes whole rows back writes op and since too."""
        db, number = self.reason(path, recursive)
        db.execute("REPLACE INTO reason SELECT * FROM reason WHERE id=?", (number,))
        assert versions(db, "reason", number, "group") == ["old"]
        assert check(self.store) == []

    @pytest.mark.parametrize(
        "insert",
        [
            "INSERT OR IGNORE INTO reason(name,outcome) VALUES('Season','won')",
            "INSERT INTO reason(name,outcome) VALUES('Season','won') ON CONFLICT DO NOTHING",
        ],
    )
    def test_ignored_inserts_leave_nothing_even_when_another_follows(self, path: Path, recursive: bool, insert: str) -> None:
        db, number = self.reason(path, recursive)
        db.execute(insert)
        db.execute("INSERT INTO reason(name,outcome) VALUES('Other','won')")
        assert versions(db, "reason", number, "group") == []
        assert check(self.store) == []

    def test_upsert(self, path: Path, recursive: bool) -> None:
        db, number = self.reason(path, recursive)
        db.execute("INSERT INTO reason(id,name,outcome) VALUES(?,'x','won') ON CONFLICT(id) DO UPDATE SET \"group\"='new'", (number,))
        assert versions(db, "reason", number, "group") == ["old"]
        assert check(self.store) == []

    def test_update_or_replace_keeps_the_one_that_it_deletes(self, path: Path, recursive: bool) -> None:
        db, number = self.reason(path, recursive)
        other = add(self.store, "reason", name="Other", outcome="won")
        db.execute("UPDATE OR REPLACE reason SET name='SEASON' WHERE id=?", (other,))
        assert versions(db, "reason", number, "name") == ["Season"]
        assert versions(db, "reason", other, "name") == ["Other"]
        assert db.execute("SELECT id FROM reason WHERE name='SEASON'").fetchall() == [(other,)]
        assert check(self.store) == []

    def test_update_or_ignore(self, path: Path, recursive: bool) -> None:
        db, number = self.reason(path, recursive)
        other = add(self.store, "reason", name="Other", outcome="won")
        db.execute("UPDATE OR IGNORE reason SET name='SEASON' WHERE id=?", (other,))
        db.execute("UPDATE reason SET \"group\"='later' WHERE id=?", (other,))
        assert (versions(db, "reason", number, "name"), versions(db, "reason", other, "name")) == ([], ["Other"])
        assert check(self.store) == []


def test_ids_never_change(path: Path) -> None:
    store = open_store(path)
    number = add(store, "account", name="A")
    with pytest.raises(sqlite3.IntegrityError, match="ids never change"):
        outside(path).execute("UPDATE account SET id=id+1 WHERE id=?", (number,))


def test_a_row_left_in_writing_is_told_and_then_taken_away(path: Path) -> None:
    store = open_store(path)
    number = add(store, "account", name="A")
    outside(path).execute("INSERT INTO writing SELECT id,id FROM op LIMIT 1")
    assert [p for p in check(store) if "writing" in p]
    add(store, "account", name="B")
    assert check(store) == []
    assert history.record(store, store.kinds["account"], number)


@pytest.mark.skipif(shutil.which("sqlite3") is None, reason="there is no sqlite3 shell on this machine")
def test_the_sqlite3_shell(path: Path) -> None:
    store = open_store(path)
    number = add(store, "account", name="A")
    sql = f"UPDATE account SET name='from the shell' WHERE id={number}; INSERT INTO account(name) VALUES('shell');"
    subprocess.run(["sqlite3", str(path), sql], check=True, capture_output=True)
    assert versions(store.db, "account", number, "name") == ["A"]
    assert [h.label for h in records.search(store, "shell", ["account"], 5)] == ["from the shell", "shell"]
    assert check(store) == []
