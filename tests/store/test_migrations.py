"""Files of other versions, files that are none of ours, places that cannot be written."""

from __future__ import annotations

import gzip
import multiprocessing
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from storekit import add, edit, open_store, outside, table

from sfa.errors import DatabaseError, Refused
from sfa.store import database, migrations
from sfa.store.check import check
from sfa.store.database import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sfa.db"


def add_nickname(db: sqlite3.Connection) -> None:
    db.execute("ALTER TABLE account ADD COLUMN nickname TEXT")
    db.execute("ALTER TABLE account_history ADD COLUMN nickname TEXT")


def fill_nickname(db: sqlite3.Connection) -> None:
    db.execute("UPDATE account SET nickname=upper(name)")


STEPS = (*migrations.STEPS, add_nickname, fill_nickname)
NOW = migrations.VERSION


def version(path: Path) -> int:
    return int(outside(path).execute("PRAGMA user_version").fetchone()[0])


def test_steps_run_in_order_after_a_backup(path: Path) -> None:
    store = open_store(path)
    add(store, "account", name="Pier")
    saved = migrations.migrate(store.db, str(path), STEPS)
    assert version(path) == 1 + len(STEPS)
    assert outside(path).execute("SELECT nickname FROM account").fetchall() == [("PIER",)]
    copy = outside(Path(saved))
    assert copy.execute("PRAGMA user_version").fetchone()[0] == NOW
    assert copy.execute("SELECT name FROM account").fetchall() == [("Pier",)]
    assert stat.S_IMODE(os.stat(saved).st_mode) == 0o600 or os.name == "nt"
    # The new column's history is kept: the triggers were made anew.
    outside(path).execute("UPDATE account SET nickname='other'")
    assert ("PIER",) in outside(path).execute("SELECT nickname FROM account_history").fetchall()


def test_nothing_to_do_makes_no_backup(path: Path) -> None:
    store = open_store(path)
    assert migrations.migrate(store.db, str(path)) == ""
    assert os.listdir(path.parent) and not [n for n in os.listdir(path.parent) if "backup" in n]


def test_a_step_that_fails_changes_nothing(path: Path) -> None:
    def broken(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM account")
        raise ValueError("step")

    store = open_store(path)
    number = add(store, "account", name="Pier")
    with pytest.raises(ValueError, match="step"):
        migrations.migrate(store.db, str(path), (*migrations.STEPS, add_nickname, broken))
    assert (version(path), table(store, "account", "name"), check(store)) == (NOW, {number: "Pier"}, [])


def test_a_step_that_leaves_dangling_references_is_refused(path: Path) -> None:
    def orphaning(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM account")

    store = open_store(path)
    number = add(store, "account", name="Pier")
    add(store, "contact", name="Wei", account=number)
    with pytest.raises(DatabaseError, match="dangling"):
        migrations.migrate(store.db, str(path), (*migrations.STEPS, orphaning))
    assert table(store, "account", "name") == {number: "Pier"}
    assert store.db.execute("PRAGMA foreign_keys").fetchone()[0] == 1


def _race(path: str, start: object, done: object) -> None:
    db = sqlite3.connect(path, isolation_level=None, timeout=30)
    start.wait()  # type: ignore[attr-defined]
    done.put(migrations.migrate(db, path, STEPS))  # type: ignore[attr-defined]


def test_two_processes_migrate_once(path: Path) -> None:
    add(open_store(path), "account", name="Pier")
    context = multiprocessing.get_context("spawn")
    start, done = context.Barrier(3), context.Queue()
    workers = [context.Process(target=_race, args=(str(path), start, done)) for _ in range(3)]
    for w in workers:
        w.start()
    saved = [done.get(timeout=60) for _ in workers]
    for w in workers:
        w.join()
    assert sorted(bool(s) for s in saved) == [False, False, True]
    assert version(path) == NOW + 2


def first_version(path: Path) -> None:
    """A file that the first release wrote: Helen, to whom Ben reports; their quotas, Ben's changed once; a deal of Ben's with an own
    field, another deleted."""
    path.write_bytes(gzip.decompress((Path(__file__).parent / "version1.db.gz").read_bytes()))


def test_a_file_of_the_first_release_is_opened_whole(path: Path) -> None:
    first_version(path)
    store = open_store(path)
    assert version(path) == NOW and check(store) == []
    assert len([n for n in os.listdir(path.parent) if n.endswith(".backup")]) == 1
    users = dict(store.db.execute("SELECT name,id FROM user"))
    quotas = table(store, "quota", "owner", "covers", "measure", "family", "amount", "count")
    assert sorted(quotas.values()) == sorted(
        [(users["Helen Ash"], "team", "revenue", None, 30_000_000, None), (users["Ben Ok"], "own", "revenue", None, 12_000_000, None)]
    )
    told = store.db.execute("SELECT name,recoverable,revisit_months FROM reason WHERE recoverable IS NOT NULL").fetchall()
    assert len(told) == 7 and ("Too expensive", 1, 6) in told
    assert not store.db.execute("SELECT 1 FROM op WHERE command='(another program)'").fetchall(), "what a migration writes is its own"
    past = store.db.execute("SELECT covers,measure,amount FROM quota_history WHERE until_op>0").fetchall()
    assert past == [("own", "revenue", 10_000_000)]
    assert list(table(store, "opportunity", "name", "type", "arr").values()) == [("Deal one", "new", 500_000)]
    deal = next(iter(table(store, "opportunity", "name")))
    edit(store, "opportunity", deal, type="renewal")
    with pytest.raises(Refused):
        edit(store, "opportunity", deal, type="other")
    assert add(store, "opportunity", name="Deal three") == deal + 2, "the number of a deleted deal is not given again"
    assert add(store, "forecast_call", owner=users["Ben Ok"], period="2026-10-01/2027-01-01", made="2026-11-20T12:00:00Z") % 10**12 == 1
    assert add(store, "assignment_rule", name="Web", kind="lead", order=1, method="round_robin") % 10**12 == 1
    assert check(store) == []


def test_a_file_of_the_first_release_has_the_schema_of_a_new_one(path: Path, tmp_path: Path) -> None:
    """The same tables with the same columns, indexes and triggers."""
    first_version(path)
    old, new = open_store(path), open_store(tmp_path / "new.db")

    def shape(store: Store) -> dict[str, object]:
        rows = store.db.execute("SELECT type,name,sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        columns = {n: {r[1:3] for r in store.db.execute(f'PRAGMA table_info("{n}")')} for t, n, _ in rows if t == "table"}
        for name in ("opportunity", "opportunity_history"):
            columns[name].discard(("arr", "INTEGER"))
        return columns | {n: sql.replace(',"arr"', "").replace(',OLD."arr"', "") for t, n, sql in rows if t != "table"}

    assert shape(old) == shape(new)


def test_own_fields_that_are_called_like_new_ones_keep_their_values(path: Path) -> None:
    """A company kept birthdays and tags in fields of its own: they are called own_… now, with their past; a birthday is one."""
    first_version(path)
    db = outside(path)
    site = db.execute("SELECT site FROM this").fetchone()[0] * 10**12
    for table_, column, of in (("contact", "birthday", "date"), ("contact", "language", "text"), ("activity", "tags", "text")):
        check_ = " CHECK(birthday GLOB '[12][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]')" if of == "date" else ""
        db.execute(f"ALTER TABLE {table_} ADD COLUMN {column} TEXT{check_}")
        db.execute(f"ALTER TABLE {table_}_history ADD COLUMN {column} TEXT")
        db.execute('INSERT INTO field("kind",name,"type") VALUES(?,?,?)', (table_, column, of))
    db.execute("DROP TRIGGER contact_update")
    db.execute("INSERT INTO contact(id,name,birthday,language) VALUES(?,'Wei','1980-05-01','Mandarin')", (site + 77,))
    db.execute("INSERT INTO activity(id,\"when\",kind,\"text\",tags) VALUES(?,'2026-01-01T10:00:00Z','call','x','A b')", (site + 78,))
    db.close()
    store = open_store(path)
    assert check(store) == []
    names = {f.name for f in store.kinds["contact"].fields if f.user}
    assert names == {"own_birthday", "own_language"} and {f.name for f in store.kinds["activity"].fields if f.user} == {"own_tags"}
    assert list(table(store, "contact", "birthday", "own_birthday", "language", "own_language").values()) == [
        ("1980-05-01", "1980-05-01", None, "Mandarin")
    ]
    assert ("A b", None) in table(store, "activity", "own_tags", "tags").values()
    number = next(iter(table(store, "contact", "name")))
    edit(store, "contact", number, own_language="French", birthday="--05-01")
    assert store.db.execute("SELECT own_language,birthday FROM contact_history WHERE id=?", (number,)).fetchall()[-1] == (
        "Mandarin",
        "1980-05-01",
    )
    with pytest.raises(Refused):
        edit(store, "contact", number, birthday="soon")


def refused(path: Path, write: bool = True) -> str:
    with pytest.raises(DatabaseError) as error:
        open_store(path, write=write)
    assert error.value.hint
    return error.value.message


def test_a_newer_file_is_refused(path: Path) -> None:
    open_store(path).close()
    outside(path).execute("PRAGMA user_version=99")
    assert "newer sfa (schema 99" in refused(path)
    assert "newer" in refused(path, write=False)


def test_files_that_are_not_ours(path: Path, tmp_path: Path) -> None:
    outside(path).execute("CREATE TABLE t(x)")
    assert "is not an sfa database" in refused(path)
    assert outside(path).execute("SELECT name FROM sqlite_master").fetchall() == [("t",)]
    text = tmp_path / "notes.txt"
    text.write_text("not a database, and long enough to be looked at" * 100)
    assert "is not an sfa database" in refused(text)
    assert text.read_text().startswith("not a database")
    assert "is a folder" in refused(tmp_path)
    if os.name != "nt":
        os.mkfifo(tmp_path / "pipe")
        assert "not an ordinary file" in refused(tmp_path / "pipe")
        assert "not an ordinary file" in refused(Path("/dev/null"))
    assert "cannot be made" in refused(text / "below" / "a.db")


def test_a_missing_or_empty_file_is_made_by_a_write_alone(path: Path) -> None:
    assert "there is no database" in refused(path, write=False) and not path.exists()
    path.write_bytes(b"")
    assert "there is no database" in refused(path, write=False)
    add(open_store(path), "account", name="A")
    assert check(open_store(path)) == []


def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "sfa.db"
    before = os.umask(0)
    try:
        add(open_store(deep), "account", name="A")
        modes = {n: stat.S_IMODE(os.stat(deep.parent / n).st_mode) for n in os.listdir(deep.parent)}
    finally:
        os.umask(before)
    assert os.name == "nt" or set(modes.values()) == {0o600}, modes


def test_a_database_whose_making_was_cut_short_is_made_by_the_next_write(path: Path) -> None:
    """Between switching to WAL and the commit the file is one page long and holds nothing."""
    outside(path).execute("PRAGMA journal_mode=WAL")
    assert path.stat().st_size > 0
    assert "there is no database" in refused(path, write=False)
    add(open_store(path), "account", name="A")
    assert check(open_store(path)) == []


def test_a_locked_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "WAIT", 0.1)
    store = open_store(path)
    number = add(store, "account", name="A")
    other = outside(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseError, match="locked by another program"):
        add(open_store(path), "account", name="B")
    assert table(open_store(path, write=False), "account", "name") == {number: "A"}, "reading goes on"
    other.execute("ROLLBACK")
    add(store, "account", name="B")


def test_a_full_disk_changes_nothing(path: Path) -> None:
    store = open_store(path)
    add(store, "account", name="A")
    pages = store.db.execute("PRAGMA page_count").fetchone()[0]
    store.db.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(DatabaseError, match="is full"):
        add(store, "account", name="B", description="x" * 100_000)
    assert list(table(store, "account", "name").values()) == ["A"]
    store.db.execute("PRAGMA max_page_count=1000000")
    add(store, "account", name="C")
    assert check(store) == []


def test_a_disk_that_is_full_when_the_file_is_made(tmp_path: Path) -> None:
    """No byte can be written: the half-made file is taken up again later."""
    resource = pytest.importorskip("resource")
    path = tmp_path / "sfa.db"
    pid = os.fork()
    if pid == 0:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
        try:
            open_store(path)
        except DatabaseError:
            os._exit(6)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 6
    add(open_store(path), "account", name="A")
    assert check(open_store(path)) == []


def test_a_file_that_may_not_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Permissions mean nothing to root, so the answer of the system is put in its mouth."""
    number = add(open_store(path), "account", name="A")
    monkeypatch.setattr(os, "access", lambda name, mode: False)
    assert "cannot be written" in refused(path)
    store = open_store(path, write=False)
    assert table(store, "account", "name") == {number: "A"}
    with pytest.raises(DatabaseError, match="cannot be written"):
        add(store, "account", name="B")


@pytest.mark.parametrize("at", [16, 100, 4096 * 3, 4096 * 20])
def test_flipped_bytes_end_in_a_clear_error(path: Path, at: int) -> None:
    store = open_store(path)
    for i in range(200):
        add(store, "account", name=f"Account {i}", description="x" * 200)
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    with open(path, "r+b") as f:
        f.seek(at)
        page = f.read(2000)
        f.seek(at)
        f.write(bytes(b ^ 0xFF for b in page))
    try:
        damaged = open_store(path, write=False)
        problems = check(damaged)
    except DatabaseError as error:
        problems = [error.message]
    assert problems


def test_backup_while_another_writes(path: Path, tmp_path: Path) -> None:
    store = open_store(path)
    number = add(store, "account", name="A")
    other = outside(path)
    other.execute("BEGIN IMMEDIATE")
    other.execute("UPDATE account SET name='not yet'")
    target = tmp_path / "copy.db"
    migrations.backup(str(path), str(target))
    other.execute("COMMIT")
    assert table(open_store(target), "account", "name") == {number: "A"}
    with pytest.raises(FileExistsError):
        migrations.backup(str(path), str(target))
