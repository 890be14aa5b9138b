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
