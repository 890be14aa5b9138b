"""`check` finds every kind of damage, and its repairs mend what they say; the clock among them."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from storekit import NOW, add, at, edit, last, open_store, outside, remove, table

from sfa.errors import DatabaseError
from sfa.store import check as checking
from sfa.store.check import check
from sfa.store.database import Store
from sfa.store.operations import operation
from sfa.store.undo import latest, undo


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A file with some past: versions, a deleted record, an undo, external ids, loaded past versions."""
    store = open_store(tmp_path / "sfa.db")
    a = add(store, "account", name="Pier", external_id="X1")
    edit(store, "account", a, name="Pier 2", industry="x")
    b = add(store, "account", name="Gone")
    remove(store, "account", b)
    add(store, "contact", name="Wei", account=a)
    undo(store, latest(store), "undo")
    undo(store, latest(store, redo=True), "redo")
    assert check(store) == []
    return store


def damage(store: Store, *statements: str) -> None:
    """Write without triggers and foreign keys, as damage does."""
    db = sqlite3.connect(store.path, isolation_level=None)
    db.execute("PRAGMA foreign_keys=OFF")
    kept = db.execute("SELECT name, sql FROM sqlite_master WHERE type='trigger'").fetchall()
    for name, _ in kept:
        db.execute(f'DROP TRIGGER "{name}"')
    for statement in statements:
        db.execute(statement)
    for _, sql in kept:
        db.execute(sql)
    db.close()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM account WHERE name='Pier 2'", "contact 1 refers to an account that is not there"),
        ("UPDATE account_history SET until=until+1 WHERE name='Pier'", "A-1: two versions overlap"),
        ("UPDATE account_history SET until=until-1 WHERE name='Pier'", "A-1: there is a gap between two versions"),
        ("UPDATE account_history SET until=since-1 WHERE name='Pier'", "A-1: a version ends before it begins"),
        ("UPDATE account_history SET until_op=until_op+1 WHERE name='Pier'", "written by an operation that is not known"),
        ("UPDATE account SET op=5, since=5", "A-1: the current version is older than one of its history"),
        ("UPDATE account SET op=0", "A-1: written by an operation that is not known"),
        ("DELETE FROM op WHERE command='edit'", "A-1: written by an operation that is not known"),
        ("INSERT INTO writing VALUES(1,1)", "left a row in the table `writing`"),
        ("DELETE FROM external WHERE 0", ""),
        ("UPDATE external SET record=99", "1 external ids belong to an account that is not there: 'X1'"),
        ("UPDATE external SET \"kind\"='spaceship'", "of an unknown kind 'spaceship'"),
        ("UPDATE counter SET n=0 WHERE kind='account'", "the counter of accounts is behind"),
        ("UPDATE op SET actor=1 WHERE command='edit'", "done by a user that never was"),
        ("DROP INDEX ix_account_name", "the index ix_account_name is missing"),
        ("INSERT INTO account_search(rowid,text) VALUES(77,'nobody')", "the search index of accounts is not up to date"),
        ("INSERT INTO account_search(account_search) VALUES('delete-all')", "the search index of accounts is not up to date"),
        ("ALTER TABLE account RENAME COLUMN industry TO trade", "account has no column industry"),
        ("DROP TABLE quota_history", "the table quota_history is missing"),
    ],
)
def test_damage_is_found(store: Store, statement: str, told: str) -> None:
    if "RENAME" in statement or "DROP TABLE" in statement:
        db = outside(Path(store.path))
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute(statement)
    else:
        damage(store, statement)
    problems = [p.replace(str(store.site), "").replace("000000000001", "1") for p in check(store)]
    if told:
        assert any(told in p for p in problems), problems
    else:
        assert problems == []


@pytest.mark.parametrize("name", ["account_update", "account_delete", "account_insert", "account_replace", "account_reindex", "account_id"])
def test_lost_triggers_are_found_and_made_anew(store: Store, name: str) -> None:
    outside(Path(store.path)).execute(f"DROP TRIGGER {name}")
    assert any(f"the trigger {name} is missing" in p for p in check(store))
    checking.repair_schema(store)
    assert check(store) == []


def test_the_search_index_is_made_anew(store: Store) -> None:
    damage(store, "INSERT INTO account_search(account_search) VALUES('delete-all')", "DELETE FROM contact_search_data WHERE id>10")
    assert len([p for p in check(store) if "search" in p]) == 2
    checking.repair_search(store)
    assert check(store) == []


def test_a_page_of_garbage_is_found(store: Store) -> None:
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    root = store.db.execute("SELECT rootpage FROM sqlite_master WHERE name='ix_account_name'").fetchone()[0]
    store.close()
    with open(store.path, "r+b") as f:
        f.seek((root - 1) * 4096)
        f.write(b"\x55" * 4096)
    broken = open_store(Path(store.path), write=False)
    assert any("SQLite" in p or "malformed" in p for p in check(broken))


# The clock ---------------------------------------------------------------------------------------------------------------------------


def test_a_clock_that_went_back_is_refused_and_repaired(tmp_path: Path) -> None:
    path = tmp_path / "sfa.db"
    right = open_store(path)
    a = add(right, "account", name="before")
    c = add(open_store(path, now=NOW + timedelta(days=2000)), "account", name="dated back")
    wrong = open_store(path, now=NOW + timedelta(days=4000))
    edit(wrong, "account", a, name="wrong 1")
    b = add(wrong, "account", name="wrong 2", parent=a)
    then = int((NOW + timedelta(days=3000)).timestamp() * 1000) << 20
    with operation(wrong, "effective", effective=then) as op:
        op.update("account", c, {"industry": "x"})
    gone = remove(wrong, "account", b)
    undo(wrong, gone, "undo")
    edit(wrong, "account", b, name="wrong 3")
    order = [r[0] for r in wrong.db.execute("SELECT command FROM op ORDER BY id")]
    state = table(wrong, "account", "name", "parent", "industry")
    wrong.close()

    with pytest.raises(DatabaseError, match="ahead of the clock") as refused:
        add(right, "account", name="now")
    assert "--repair-clock" in refused.value.hint
    assert any("ahead of the clock" in p for p in check(right))

    moved, saved = checking.repair_clock(right)
    assert moved == 7 and Path(saved).exists()
    assert check(right) == []
    assert last(right) >> 20 <= right.now_ms + 1000
    assert [r[0] for r in right.db.execute("SELECT command FROM op ORDER BY id")] == order
    assert table(right, "account", "name", "parent", "industry") == state
    add(right, "account", name="now")
    undo(right, latest(right), "undo")
    undo(right, latest(right), "undo")
    assert table(right, "account", "name")[b] == "wrong 2", "undo still knows what stood before"
    assert checking.repair_clock(open_store(path, now=NOW + timedelta(days=1))) == (0, "")


def test_a_clock_a_little_behind_is_no_trouble(tmp_path: Path) -> None:
    late = open_store(tmp_path / "sfa.db")
    a = add(late, "account", name="A")
    early = open_store(tmp_path / "sfa.db", now=NOW - timedelta(hours=20))
    before = last(late)
    assert edit(early, "account", a, name="B") > before and check(early) == []
    with pytest.raises(DatabaseError):
        add(open_store(tmp_path / "sfa.db", now=NOW - timedelta(hours=25)), "account", name="C")


@pytest.mark.parametrize(
    ("zone", "asked", "utc"),
    [
        ("Europe/Berlin", "2026-03-29", "2026-03-29T21:59:59.999"),  # the day that has 23 hours ends at UTC+2
        ("Europe/Berlin", "2026-10-25", "2026-10-25T22:59:59.999"),  # the day that has 25 hours ends at UTC+1
        ("Asia/Shanghai", "2028-02-29", "2028-02-29T15:59:59.999"),
        ("America/New_York", "2026-11-01", "2026-11-02T04:59:59.999"),
        ("UTC", "2026-11-23", "2026-11-23T23:59:59.999"),
    ],
)
def test_as_of_a_day_is_its_end_where_the_company_is(tmp_path: Path, zone: str, asked: str, utc: str) -> None:
    from sfa.sales.moments import parse_stamp

    edge = datetime.fromisoformat(utc).replace(tzinfo=UTC)
    path = tmp_path / "sfa.db"
    a = add(open_store(path, now=edge - timedelta(hours=1)), "account", name="old")
    inside, after = open_store(path, now=edge, zone=zone), open_store(path, now=edge + timedelta(milliseconds=1), zone=zone)
    edit(inside, "account", a, name="last millisecond")
    edit(after, "account", a, name="next day")
    asking = open_store(path, write=False, now=NOW + timedelta(days=900), zone=zone)
    asking.show_as_of(parse_stamp(asked, asking.calendar, end=True))
    assert table(asking, "account", "name") == {a: "last millisecond"}
    past = at(path, last(after))
    assert table(past, "account", "name") == {a: "next day"}
