"""How an import may end other than well: killed, interrupted too late, with rows that no file can hold; and what is left and told then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import Sfa

from sfa import output
from sfa.errors import DatabaseError
from sfa.store import dumping

MANY = 120_000


@pytest.mark.skipif(sys.platform == "win32", reason="files without a name are a matter of POSIX")
@pytest.mark.parametrize("ended_by", [signal.SIGKILL, signal.SIGTERM])
def test_a_kill_leaves_no_file_of_rejected_rows(sfa: Sfa, ended_by: signal.Signals) -> None:
    sfa.ok("account", "add", "Acme")
    with open(sfa.folder / "big.csv", "w", encoding="utf-8") as stream:
        stream.write("Name,Company,Email\n")
        stream.writelines(f"Person {i},Firm {i % 999},{'none' if i % 100 == 9 else f'p{i}@x.example'}\n" for i in range(MANY))
    before = set(os.listdir(sfa.folder))
    words = ["import", "lead", "big.csv", "--rejects", "bad.csv"]
    child = subprocess.Popen([sys.executable, "-m", "sfa", *words], cwd=sfa.folder, stderr=subprocess.DEVNULL)
    wal, deadline = sfa.folder / "sfa.db-wal", time.monotonic() + 60
    while child.poll() is None and not (wal.exists() and wal.stat().st_size > 200_000) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert child.poll() is None, "it ended before it could be killed"
    child.send_signal(ended_by)
    child.wait()
    assert {n for n in os.listdir(sfa.folder) if not n.startswith("sfa.db-")} == before
    assert sfa.ok("lead", "list", "--json").json == []


def test_who_interrupts_after_the_commit_is_told_that_it_stands(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    said = output.message

    def late(*words: str) -> None:
        if not words or "take back" in words[0]:
            raise KeyboardInterrupt
        said(*words)

    (sfa.folder / "a.csv").write_text("Name,Company\nJo Silva,Silva\n", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(output, "message", late)
        stopped = sfa("import", "lead", "a.csv")
    assert stopped.code == 130 and "what this command wrote stands" in stopped.err
    assert [r["name"] for r in sfa.ok("lead", "list", "--json").json] == ["Jo Silva"]
    with monkeypatch.context() as patch:
        patch.setattr("sfa.store.operations.index_pending", lambda store: late())
        stopped = sfa("lead", "add", "Mary Byrne", "--company", "Byrne")
    assert stopped.code == 130 and "Nothing was changed" in stopped.err
    assert len(sfa.ok("lead", "list", "--json").json) == 1


def test_half_a_character_goes_to_the_rejects_by_its_number(sfa: Sfa) -> None:
    (sfa.folder / "a.json").write_text('[{"Name": "Jo \\ud800", "Company": "X"}, {"Name": "Mary", "Company": "Y"}]', encoding="utf-8")
    trial = sfa("import", "lead", "a.json", "--rejects", "bad.csv", "--dry-run")
    done = sfa("import", "lead", "a.json", "--rejects", "bad.csv")
    assert (trial.code, done.code) == (7, 7), done
    assert "Jo \\ud800,X" in (sfa.folder / "bad.csv").read_text(encoding="utf-8")


def test_a_transaction_that_the_disk_ended_hides_no_error(sfa: Sfa) -> None:
    from datetime import UTC, datetime

    from sfa.sales.dates import Calendar
    from sfa.store.database import connect

    now = datetime.now(UTC)
    sfa.ok("account", "add", "Acme")
    store = connect(str(sfa.db), Calendar(now.date(), now, time_zone="UTC"), write=False, me="anna")
    with pytest.raises(DatabaseError, match="full"), dumping.steady(store):
        store.db.execute("ROLLBACK")
        raise DatabaseError("the disk is full")
    store.close()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes")
def test_a_device_is_not_written_over_nor_waited_for(sfa: Sfa) -> None:
    (sfa.folder / "a.csv").write_text("Name,Company,Email\nJo Silva,Silva,bad\n", encoding="utf-8")
    sfa.ok("account", "add", "Acme")
    os.mkfifo(sfa.folder / "pipe.csv")
    for words in (["import", "lead", "a.csv", "--rejects", "pipe.csv"], ["export", "lead", "-o", "pipe.csv"]):
        done = sfa.process(*words, "--yes", timeout=20)
        assert done.code == 2 and "no file but a device or a pipe" in done.err


def test_no_file_is_written_over_a_database(sfa: Sfa) -> None:
    (sfa.folder / "a.csv").write_text("Name,Company,Email\nJo Silva,Silva,bad\nMary Byrne,Byrne,m@b.example\n", encoding="utf-8")
    sfa.ok("account", "add", "Acme")
    for words in (
        ["import", "lead", "a.csv", "--rejects", "sfa.db"],
        ["import", "lead", "a.csv", "--rejects", "bad.csv", "--save-map", "sfa.db"],
        ["export", "account", "-o", "sfa.db"],
        ["export", "all", "-o", "sfa.db"],
        ["export", "account", "--format", "csv", "-o", "sfa.db"],
        ["report", "funnel", "--format", "html", "-o", "sfa.db"],
    ):
        done = sfa(*words, "--yes")
        assert done.code in (2, 4), (words, done)
        assert [r["name"] for r in sfa.ok("account", "list", "--json").json] == ["Acme"], words
    assert sfa.ok("lead", "list", "--json").json == []
