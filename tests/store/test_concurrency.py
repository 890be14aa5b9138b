"""Many processes at one file: nothing is lost, nothing fails, and a killed one leaves no trace."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from storekit import add, at, edit, last, open_store, table

from sfa.store.check import check

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROCESSES, WRITES = 8, 200

WRITER = """
import sys
from pathlib import Path
from storekit import open_store, NOW
from sfa.store.operations import operation
path, me, writes = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
store = open_store(path, me="anna")
for i in range(writes):
    with operation(store, f"write {me} {i}") as op:
        number = op.insert("account", {"name": f"{me} {i}"})
        count = store.db.execute("SELECT employees FROM account WHERE id=?", (shared,)).fetchone()[0]
        op.update("account", shared, {"employees": count + 1})
"""


def start(code: str, *argv: object) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE)))}
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, argv)], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def finish(workers: list[subprocess.Popen[bytes]]) -> None:
    """Let all go at once, and none may fail."""
    for w in workers:
        assert w.stdin
        w.stdin.write(b"\n")
        w.stdin.flush()
    for w in workers:
        _, err = w.communicate(timeout=120)
        assert w.returncode == 0, err.decode()


def test_eight_processes_write_two_hundred_times_each(tmp_path: Path) -> None:
    path = tmp_path / "sfa.db"
    store = open_store(path)
    shared = add(store, "account", name="shared", employees=0)
    before = store.db.execute("SELECT count(*) FROM op").fetchone()[0]
    finish([start(WRITER.replace("shared", str(shared)), path, f"p{i}", WRITES) for i in range(PROCESSES)])
    names = set(table(store, "account", "name").values()) - {"shared"}
    assert names == {f"p{i} {j}" for i in range(PROCESSES) for j in range(WRITES)}
    assert table(store, "account", "employees")[shared] == PROCESSES * WRITES, "no count was lost between reading and writing"
    assert store.db.execute("SELECT count(*) FROM op").fetchone()[0] == before + PROCESSES * WRITES
    assert store.db.execute("SELECT count(DISTINCT id>>20) FROM op").fetchone()[0] == before + PROCESSES * WRITES
    assert check(store) == []


CREATOR = """
import sys
from pathlib import Path
from storekit import open_store, add
sys.stdin.readline()
add(open_store(Path(sys.argv[1]), me="anna"), "account", name=sys.argv[2])
"""


@pytest.mark.parametrize("run", range(3))
def test_processes_that_make_the_database_at_once(tmp_path: Path, run: int) -> None:
    path = tmp_path / "deep" / "sfa.db"
    finish([start(CREATOR, path, f"p{i}") for i in range(5)])
    store = open_store(path)
    assert sorted(table(store, "account", "name").values()) == [f"p{i}" for i in range(5)]
    assert list(table(store, "user", "name").values()) == ["anna"]
    assert store.db.execute("SELECT count(*) FROM stage").fetchone()[0] == 6
    assert check(store) == []


KILLED = """
import sys
from pathlib import Path
from storekit import open_store
from sfa.store.operations import operation
store = open_store(Path(sys.argv[1]))
store.db.execute("PRAGMA cache_size=20")  # so that pages reach the disk before the commit
with operation(store, "large") as op:
    for i in range(10**7):
        op.insert("lead", {"name": f"Lead {i}", "description": "x" * 2000})
        if i == 3000:
            print("deep in it", flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no kill -9 here")
def test_kill_in_the_middle_of_a_large_operation(tmp_path: Path) -> None:
    path = tmp_path / "sfa.db"
    store = open_store(path)
    number = add(store, "account", name="A")
    before = last(store)
    worker = start(KILLED, path)
    assert worker.stdout and worker.stdout.readline() == b"deep in it\n"
    # A reader is not kept waiting by the writer, and sees what was there before.
    began = time.monotonic()
    assert table(open_store(path, write=False), "lead", "name") == {}
    assert time.monotonic() - began < 5
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    store.close()
    after = open_store(path)
    assert (last(after), table(after, "lead", "name"), table(after, "account", "name")) == (before, {}, {number: "A"})
    assert check(after) == []
    assert add(after, "lead", name="next") == after.site * 10**12 + 1, "ids that were never written are given again"


def test_a_reader_keeps_the_moment_that_it_began_with(tmp_path: Path) -> None:
    path = tmp_path / "sfa.db"
    store = open_store(path)
    number = add(store, "account", name="old")
    reader = open_store(path, write=False)
    rows = reader.db.execute("SELECT name FROM account, (SELECT 1 UNION SELECT 2)")
    assert rows.fetchone() == ("old",)
    op = edit(store, "account", number, name="new")
    assert rows.fetchone() == ("old",)
    assert table(at(path, op), "account", "name") == {number: "new"}


def test_real_commands_at_once(tmp_path: Path) -> None:
    """The program itself, from nothing: every one of them makes, or finds, the database and the user."""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    commands = [[sys.executable, "-m", "sfa", "account", "add", f"Account {i}"] for i in range(10)]
    running = [subprocess.Popen(c, env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for c in commands]
    refs = set()
    for process in running:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, err.decode()
        refs.add(out.decode().strip())
    assert refs == {f"A-{i}" for i in range(1, 11)}
    store = open_store(tmp_path / "sfa.db")
    assert len(table(store, "user", "name")) == 1 and check(store) == []
