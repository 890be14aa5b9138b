"""Programs that see each operation before it is kept and after it was."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the hooks here are scripts of POSIX")


@pytest.fixture
def world(sfa):
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("opp", "add", "Cranes", "account=Blue Harbor", "amount=60k")
    return sfa


def hook(sfa, name: str, text: str, mode: int = 0o755) -> Path:
    """A hook in Python: `lines()` are what it is handed, parsed; `sfa(...)` calls the program."""
    path = Path(sfa.folder) / "hooks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    start = (
        f"#!{sys.executable}\nimport json, os, subprocess, sys, time\n"
        "lines = lambda: [json.loads(line) for line in sys.stdin]\n"
        "sfa = lambda *words: subprocess.run([sys.executable, '-m', 'sfa', *words], capture_output=True, text=True)\n"
    )
    path.write_text(start + text)
    path.chmod(mode)
    return path


def seeing(sfa, event: str) -> Path:
    """A hook that keeps what it is handed, a list a call."""
    log = Path(sfa.folder) / f"{event}.log"
    hook(sfa, event, f"open({str(log)!r}, 'a').write(json.dumps(lines()) + '\\n')\n")
    return log


def calls(log: Path) -> list[list[dict[str, Any]]]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def rows(db: Path) -> dict[str, list[Any]]:
    """Everything in the file."""
    with sqlite3.connect(db) as read:
        tables = [r[0] for r in read.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'")]
        return {t: sorted(map(repr, read.execute(f'SELECT * FROM "{t}"'))) for t in tables}


def test_what_a_hook_is_handed(world) -> None:
    before, after = seeing(world, "before"), seeing(world, "after")
    world.ok("opp", "propose", "Cranes", "amount=70k")
    (head, change), (head_after, change_after) = calls(before)[0], calls(after)[0]
    operation = world.ok("history", "--limit", "1", "--json").json[0]["operation"]
    assert head == {
        "event": "before",
        "command": "opp propose Cranes amount=70k",
        "operation": operation,
        "undoes": None,
        "actor": {"ref": "U-1", "name": "anna"},
        "database": str(world.db),
        "counts": {"opportunity": {"added": 0, "changed": 1, "deleted": 0}},
    }
    assert (change["kind"], change["ref"], change["change"]) == ("opportunity", "O-1", "changed")
    assert change["before"]["amount"] == {"amount": "60000.00", "currency": "USD"} and change["before"]["stage"] == "Prospecting"
    assert change["after"] == world.ok("opp", "list", "--format", "ndjson").json
    assert head_after == {**head, "event": "after"} and change_after == change


def test_added_deleted_undone(world) -> None:
    log = seeing(world, "before")
    world.ok("opp", "add", "Meters")
    world.ok("opp", "delete", "Meters", "--yes")
    world.ok("undo")
    world.ok("redo")
    world.ok("opp", "edit", "Cranes", "amount=60k")
    seen = [[(c["ref"], c["change"], c["before"] is None, c["after"] is None) for c in call[1:]] for call in calls(log)]
    added, deleted = [("O-2", "added", True, False)], [("O-2", "deleted", False, True)]
    assert seen == [added, deleted, added, deleted]
    heads = [call[0] for call in calls(log)]
    assert heads[2]["undoes"] == heads[1]["operation"] and heads[3]["undoes"] == heads[2]["operation"]
    assert [h["command"] for h in heads] == ["opp add Meters", "opp delete Meters --yes", "undo", "redo"]


def test_a_veto_leaves_nothing(world) -> None:
    hook(world, "before", "print('not on a Monday', file=sys.stderr); sys.exit(3)\n")
    was = rows(world.db)
    for command in (
        ("opp", "win", "Cranes"),
        ("log", "Cranes", "call", "spoke", "--next", "send", "--due", "fri", "--move", "propose"),
        ("opp", "add", "Other", "account=Blue Harbor"),
        ("--me", "somebody", "opp", "add", "Other"),
        ("user", "add", "Ben"),
        ("undo",),
        ("config", "field", "add", "opp", "tier", "text"),
        ("filter", "save", "hot", "is:open"),
    ):
        failed = world(*command)
        assert failed.code == 4, (command, failed)
        assert "Error: the hook before forbids this: not on a Monday\nHint: Nothing was changed.\n" in failed.err
        assert rows(world.db) == was, command
    world.ok("--no-hooks", "opp", "win", "Cranes")


def test_a_refused_import_leaves_nothing(world) -> None:
    (world.folder / "leads.csv").write_text("Name,Company\n" + "".join(f"Lead {i},Company {i}\n" for i in range(30)))
    hook(world, "before", "head = json.loads(sys.stdin.readline()); sys.exit(head['counts']['lead']['added'] == 30)\n")
    was = rows(world.db)
    assert world("import", "lead", "leads.csv").code == 4 and rows(world.db) == was
    # What is only tried asks no hook.
    assert world.ok("import", "lead", "leads.csv", "--dry-run").code == 0


def test_the_ways_of_failing(world) -> None:
    world.ok("config", "set", "hook_timeout", "1")
    for text, said in (
        ("sys.exit(9)\n", "it ended with exit code 9"),
        ("print('on stdout'); sys.exit(1)\n", "on stdout"),
        ("time.sleep(60)\n", "it took longer than 1 s"),
        ("subprocess.run(['sleep', '60'])\n", "it took longer than 1 s"),
        ("sys.stderr.write('\\x1b[31mred\\x07'); sys.exit(1)\n", "red"),
        ("sys.stderr.write('x' * 10_000_000); sys.exit(1)\n", "xxx"),
        ("os.kill(os.getpid(), 9)\n", "it ended with exit code -9"),
    ):
        hook(world, "before", text)
        failed = world("opp", "win", "Cranes")
        assert failed.code == 4 and f"the hook before forbids this: {said}" in failed.err.replace("\x1b[31m", ""), failed.err[:500]
        assert "\x1b" not in failed.err and len(failed.err) < 6_000
    hook(world, "before", "")
    assert world.ok("opp", "edit", "Cranes", "amount=61k").code == 0


def test_an_after_hook_never_takes_anything_back(world) -> None:
    hook(world, "after", "print('mail server is away', file=sys.stderr); sys.exit(1)\n")
    done = world.ok("opp", "win", "Cranes")
    assert "Warning: the hook after failed: mail server is away; what was done stands" in done.err
    assert world.ok("opp", "show", "Cranes", "--json").json["stage"] == "Won"
    hook(world, "after", "print('told the team')\n")
    told = world.ok("opp", "edit", "Cranes", "source=web", "--json")
    assert "told the team" in told.err and told.json["source"] == "web"


def test_only_safe_files_are_run(world, monkeypatch) -> None:
    path = hook(world, "before", "pass\n", mode=0o644)
    failed = world("opp", "win", "Cranes")
    assert failed.code == 4 and "it is not executable" in failed.err and f"chmod +x {path}" in failed.err
    path.chmod(0o777)
    assert "others may write to" in world("opp", "win", "Cranes").err
    # A group of one's own is nobody else; any other is.
    path.chmod(0o775)
    monkeypatch.setattr("sfa.commands.hooks._private", lambda group: True)
    world.ok("opp", "edit", "Cranes", "source=web")
    monkeypatch.setattr("sfa.commands.hooks._private", lambda group: False)
    assert "others may write to" in world("opp", "win", "Cranes").err
    path.chmod(0o755)
    path.parent.chmod(0o777)
    assert "others may write to" in world("opp", "win", "Cranes").err
    path.parent.chmod(0o755)
    path.write_text("no interpreter\n")
    assert "it cannot be started" in world("opp", "win", "Cranes").err
    path.unlink()
    for name in ("before.md", "before.d/README.txt", "before.d/old.disabled", "before.d/x~", "before.d/.hidden", "beforehand", "other"):
        hook(world, name, "sys.exit(1)\n", mode=0o644)
    (world.folder / "hooks" / "before.d" / "folder").mkdir()
    world.ok("opp", "win", "Cranes")
    after = hook(world, "after", "pass\n", mode=0o644)
    assert "Warning: the hook after failed: it is not executable" in world.ok("opp", "reopen", "Cranes").err
    after.chmod(0o755)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_somebody_else_is_not_run(world) -> None:
    path = hook(world, "before", f"open({str(world.folder / 'ran')!r}, 'w')\n")
    os.chown(path, 12345, 12345)
    failed = world("opp", "win", "Cranes")
    assert failed.code == 4 and "belongs to another user" in failed.err and not (world.folder / "ran").exists()


def test_several_run_in_order_and_the_first_no_counts(world) -> None:
    log = world.folder / "order"
    for name in ("before.d/20-b", "before.d/10-a", "before", "before.d/30-c", "before.d/40-d"):
        hook(world, name, f"open({str(log)!r}, 'a').write({name!r} + ' '); sys.exit({name.endswith('30-c')})\n")
    failed = world("opp", "win", "Cranes")
    assert log.read_text().split() == ["before", "before.d/10-a", "before.d/20-b", "before.d/30-c"]
    assert "the hook before.d/30-c forbids this" in failed.err


def test_a_hook_may_call_sfa(world) -> None:
    """A before hook reads what stood before; an after hook writes, which sets off no hook again."""
    log = world.folder / "said"
    hook(
        world,
        "before",
        "lines(); out = sfa('opp', 'show', 'O-1', '--json'); wrote = sfa('opp', 'add', 'X'); undone = sfa('--me', 'anna', 'undo')\n"
        "said = [json.loads(out.stdout)['stage'], wrote.returncode, wrote.stderr, undone.returncode]\n"
        f"open({str(log)!r}, 'a').write(json.dumps(said))\n",
    )
    hook(world, "after", "head = lines()[0]; sys.exit(sfa('log', 'O-1', 'note', 'seen ' + head['operation']).returncode)\n")
    world.ok("--db", str(world.db), "--me", "ben", "opp", "win", "Cranes")
    stage, wrote, said, undone = json.loads(log.read_text())
    assert (stage, wrote, undone) == ("Prospecting", 4, 4) and "a before hook may read, not write" in said
    noted = world.ok("activity", "list", "--json").json
    assert len(noted) == 1 and noted[0]["text"].startswith("seen 1") and noted[0]["owner"] == "ben"


def test_who_wants_none(world, monkeypatch) -> None:
    hook(world, "before", "sys.exit(1)\n")
    assert world("opp", "win", "Cranes").code == 4
    world.ok("--no-hooks", "opp", "edit", "Cranes", "source=a")
    monkeypatch.setenv("SFA_HOOKS", "off")
    world.ok("opp", "edit", "Cranes", "source=b")
    monkeypatch.delenv("SFA_HOOKS")
    world.ok("config", "set", "hooks", "off")
    world.ok("opp", "edit", "Cranes", "source=c")
    world.ok("config", "unset", "hooks")
    assert world("opp", "edit", "Cranes", "source=d").code == 4
    assert world("shell", input="opp edit Cranes source=d\n").code == 4
    world.ok("--no-hooks", "shell", input="opp edit Cranes source=d\n")
    # Reading asks nobody, and what changes nothing neither.
    world.ok("opp", "list")
    world.ok("opp", "edit", "Cranes", "source=d")


def test_contacts_of_a_deal_and_an_import_are_seen_whole(world) -> None:
    log = seeing(world, "before")
    world.ok("contact", "add", "Wei", "account=Blue Harbor")
    world.ok("opp", "contact", "Cranes", "Wei", "--role", "champion")
    (deal, place) = calls(log)[1][1:]
    assert (deal["kind"], deal["after"]["contact"]) == ("opportunity", "Wei")
    assert (place["kind"], place["ref"], place["change"], place["after"]["role"]) == ("opportunity_contact", None, "added", "champion")
    many = 1_203
    (world.folder / "leads.csv").write_text("Name,Company\n" + "".join(f"Lead {i},Company {i}\n" for i in range(many)))
    world.ok("import", "lead", "leads.csv")
    head, *changes = calls(log)[2]
    assert head["counts"] == {"lead": {"added": many, "changed": 0, "deleted": 0}}
    assert sorted(c["after"]["name"] for c in changes) == sorted(f"Lead {i}" for i in range(many))
    world.ok("lead", "edit", "is:open", "source=fair", "--yes")
    head, *changes = calls(log)[3]
    assert head["counts"] == {"lead": {"added": 0, "changed": many, "deleted": 0}}
    assert {(c["before"]["source"], c["after"]["source"]) for c in changes} == {(None, "fair")}


def test_an_effective_date_does_not_hide_what_was_before(world, monkeypatch) -> None:
    world.ok("user", "add", "Ben")
    log = seeing(world, "before")
    monkeypatch.setenv("SFA_TODAY", "2026-12-10T12:00:00Z")
    world.ok("opp", "edit", "Cranes", "owner=Ben", "--effective", "2026-12-01")
    assert [(c["before"]["owner"], c["after"]["owner"]) for c in calls(log)[0][1:]] == [("anna", "Ben")]


def test_who_reads_the_first_line_costs_no_memory(world) -> None:
    """A hundred thousand rows: what the hook does not read is not made."""
    from sfa.commands import hooks

    made = []
    real = hooks._change
    hook(world, "before", "sys.stdin.readline(); os.close(0)\n")
    (world.folder / "leads.csv").write_text("Name,Company\n" + "".join(f"Lead {i},Company {i}\n" for i in range(20_000)))
    hooks._change = lambda *given: made.append(1) or real(*given)  # type: ignore[assignment]
    try:
        world.ok("import", "lead", "leads.csv")
    finally:
        hooks._change = real
    assert len(made) < 5_000


def test_nothing_is_loaded_where_there_are_no_hooks(world) -> None:
    import subprocess

    code = "import sys; from sfa import cli; cli.run(['opp', 'edit', 'Cranes', 'amount=1']); assert 'sfa.commands.hooks' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
