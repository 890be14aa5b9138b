"""What a shell is told at every press of Tab, and that it is told without loading the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from sfa.sales.kinds import ACTIVITY_KINDS


@pytest.fixture
def world(sfa, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(sfa.folder / "cache"))
    sfa.ok("account", "add", "Acme Corp")
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("opp", "add", "Acme renewal", "account=Acme Corp")
    sfa.ok("opp", "add", "Blue scanners", "account=Blue Harbor")
    sfa.ok("opp", "add", "Old one")
    sfa.ok("opp", "win", "O-3")
    sfa.ok("stage", "add", "Demo", "--verb", "demo", "--probability", "40")
    return sfa


def told(sfa, *words: str, shell: str = "fish") -> dict[str, str]:
    """What may stand at the end of these words, with what it is."""
    done = sfa.process("__complete", shell, *words)
    assert (done.code, done.err) == (0, "")
    return {line.partition("\t")[0]: line.partition("\t")[2] for line in done.out.splitlines()}


def test_commands_and_options(world) -> None:
    assert {"opp", "log", "review", "help"} <= told(world, "").keys()
    assert told(world, "fore") == {"forecast": "Print the forecast of a period with quotas and attainment"}
    verbs = told(world, "opp", "")
    assert {"add", "edit", "propose", "win", "demo"} <= verbs.keys() and verbs["demo"] == "Move an opportunity to Demo"
    assert told(world, "opp", "add", "--acc").keys() == {"--account"}
    assert "--reason" in told(world, "opp", "lose", "O-1", "--")
    assert "--as-of" in told(world, "report", "winloss", "--")


def test_records(world) -> None:
    assert told(world, "opp", "show", "") == {"O-1": "Acme renewal", "O-2": "Blue scanners"}
    assert told(world, "opp", "show", "O-") == {"O-1": "Acme renewal", "O-2": "Blue scanners", "O-3": "Old one"}
    assert told(world, "opp", "win", "o2") == {"O-2": "Blue scanners"}
    assert told(world, "opp", "demo", "ac") == {"Acme renewal": "O-1"}
    assert told(world, "opp", "add", "x", "--account", "bl") == {"Blue Harbor": "A-2"}
    assert told(world, "opp", "add", "x", "--account=bl") == {"--account=Blue Harbor": "A-2"}
    assert told(world, "log", "'Acm") == {"Acme renewal": "O-1", "Acme Corp": "A-1"}
    assert told(world, "--db", "nowhere.db", "opp", "show", "") == {}
    assert told(world, "opp", "show", "zzz") == {}


def test_values(world) -> None:
    assert told(world, "log", "acme", "").keys() == set(ACTIVITY_KINDS)
    assert told(world, "log", "acme", "call", "x", "--move", "pro") == {"propose": "Proposal", "Proposal": "S-3", "Prospecting": "S-1"}
    assert told(world, "opp", "list", "-f", "js").keys() == {"json"}
    assert told(world, "opp", "edit", "O-1", "clo").keys() == {"close=", "closed="}
    assert told(world, "opp", "edit", "O-1", "type=ex").keys() == {"type=existing"}
    assert told(world, "opp", "edit", "O-1", "owner=").keys() == {"owner=anna"}
    assert told(world, "opp", "list", "stage:pros") == {"stage:Prospecting": "S-1"}
    assert told(world, "completion", "").keys() == {"bash", "zsh", "fish", "powershell"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sfa op", ["opp", "open"]),
        ("sfa opp edit O-1 stage=prop", ["propose", "Proposal"]),
        ("sfa opp list owner:", ["anna"]),
        ("sfa log 'Acme C", ["Acme Corp"]),
        ("sfa log Acme\\ C", ["Acme Corp"]),
        ('sfa opp show "Acme renewal" ', []),
        ("sfa log 'Acme Corp' ca", ["call"]),
    ],
)
def test_a_line_of_bash(world, line: str, expected: list[str]) -> None:
    assert list(told(world, line, shell="bash")) == expected


def test_it_never_fails_loudly(world, monkeypatch) -> None:
    for words in ((), ("fish",), ("nosuch", ""), ("fish", "opp", "nosuch", ""), ("bash", "sfa 'opp"), ("fish", "\udcff", "")):
        done = world.process("__complete", *words)
        assert (done.code, done.err) == (0, ""), words
    world.db.write_bytes(b"no database at all")
    assert told(world, "opp", "show", "") == {}
    assert "opp" in told(world, "")
    cache = world.folder / "cache" / "sfa" / "completion.bin"
    cache.write_bytes(b"damaged")
    assert "opp" in told(world, "") and cache.stat().st_size > 10_000
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/nowhere")
    assert "opp" in told(world, "")


def test_the_database_of_the_config_file(world, monkeypatch) -> None:
    other = world.folder / "other.db"
    shutil.copy(world.db, other)
    world.ok("config", "set", "db", str(other))
    monkeypatch.delenv("SFA_DB")
    world.db.unlink()
    assert "O-1" in told(world, "opp", "show", "")


def test_nothing_that_takes_time_is_loaded(world) -> None:
    told(world, "")
    code = (
        "import sys, os, atexit; sys.argv=['sfa','__complete','fish','opp','show','ac'];"
        "os._exit=lambda c: None; import sfa.completing as c; c.main(sys.argv[2:]);"
        "print('LOADED', *sorted(m for m in sys.modules if m.partition('.')[0] in ('typer','rich','typing','re','json','sfa')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, cwd=world.folder)
    loaded = done.stdout.partition("LOADED ")[2].split()
    assert loaded == ["sfa", "sfa.completing", "sfa.places", "sfa.store", "sfa.store.completing"], done


def test_it_looks_by_index_alone(world) -> None:
    """A million names are not read: the plans of the statements search, they do not scan the records."""
    import sqlite3

    from sfa.store import completing

    db = sqlite3.connect(world.db)
    seen: list[str] = []
    db.set_trace_callback(seen.append)
    for begun in ("", "O-1", "ac"):
        completing._of_kind(db, "opportunity", "O", 0, begun)
    db.set_trace_callback(None)
    for sql in seen:
        plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql)]
        assert not [p for p in plan if p.startswith("SCAN opportunity") or (p.startswith("SCAN t") and "INDEX" not in p)], (sql, plan)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_the_script_is_one_that_its_shell_reads(world, shell: str) -> None:
    script = world.ok("completion", shell).out
    assert f"__complete {shell}" in script
    if program := shutil.which({"powershell": "pwsh"}.get(shell, shell)):
        check = {"fish": ["--no-execute"], "powershell": ["-NoProfile", "-File"]}.get(shell, ["-n"])
        path = world.folder / "script.ps1"
        path.write_text(script)
        done = subprocess.run([program, *check, str(path)], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_saved_filters_and_aliases(world) -> None:
    world.ok("filter", "save", "hot", "amount>50k")
    world.ok("filter", "save", "house", "is:mine")
    world.ok("filter", "save", "hers", "source:web", "--kind", "lead")
    world.ok("config", "alias", "add", "hotlist", "opp list -f csv")
    assert told(world, "opp", "list", "@h") == {"@hot": "amount>50k", "@house": "is:mine"}
    assert told(world, "opp", "list", "is:open", "-@ho").keys() == {"-@hot", "-@house"}
    assert told(world, "lead", "list", "@") == {"@hers": "source:web"}
    assert told(world, "sfa opp list @ho", shell="bash").keys() == {"@hot", "@house"}
    assert told(world, "report", "pipeline", "@hot") == {"@hot": "amount>50k"}
    assert told(world, "filter", "show", "h").keys() == {"hot", "house", "hers"}
    assert told(world, "hotl") == {"hotlist": "opp list -f csv"}
    assert told(world, "hotlist", "@hou").keys() == {"@house"}
    assert "--sort" in told(world, "hotlist", "--s")
    assert told(world, "config", "set", "hook") == {"hooks": "", "hook_timeout": ""}
    assert "hooks" in told(world, "help", "")
    assert "--by" in told(world, "forecast", "--") and "changes" in told(world, "forecast", "")


def test_powershell_hands_the_words_over_in_the_environment(world) -> None:
    def told_to(*words: str) -> list[str]:
        done = world.process("__complete", "powershell", env={"SFA_COMPLETE": "\n".join(words)})
        assert (done.code, done.err) == (0, "")
        return done.out.splitlines()

    assert told_to("opp", "show", "ac") == ["Acme renewal\tO-1"]
    assert "opp\tWork with opportunities: qualify, propose, negotiate, win, lose" in told_to("")
    assert told_to("opp", "add", "x", "--account=bl") == ["--account=Blue Harbor\tA-2"]
    assert told_to("opp", "list", "owner:") == ["owner:anna\tU-1"]
    assert world.process("__complete", "powershell").out == ""


def test_powershell_itself(world) -> None:
    """The script's own function, as PowerShell calls it."""
    if not (program := shutil.which("pwsh")):
        pytest.skip("pwsh is absent")
    sfa = world.folder / "sfa"
    sfa.write_text(f'#!/bin/sh\nexec {sys.executable} -m sfa "$@"\n')
    sfa.chmod(0o755)
    ask = (
        "sfa completion powershell | Out-String | Invoke-Expression;"
        "(TabExpansion2 'sfa opp show Acm' 16).CompletionMatches | ForEach-Object { $_.CompletionText }"
    )
    env = {**os.environ, "PATH": f"{world.folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([program, "-NoProfile", "-Command", ask], capture_output=True, text=True, env=env, cwd=world.folder)
    assert done.stdout.strip() == "'Acme renewal'", done


def test_an_unknown_shell(sfa) -> None:
    failed = sfa("completion", "bsh")
    assert failed.code == 2 and "Did you mean 'bash'" in failed.err


def test_bash_inserts_a_name_with_blanks(world) -> None:
    """The script's own function, as bash calls it, with the names quoted."""
    if not shutil.which("bash"):
        pytest.skip("bash is absent")
    sfa = world.folder / "sfa"
    sfa.write_text(f'#!/bin/sh\nexec {sys.executable} -m sfa "$@"\n')
    sfa.chmod(0o755)
    ask = (
        "source <(sfa completion bash); COMP_LINE='sfa opp show Acm'; COMP_POINT=${#COMP_LINE}; COMP_WORDS=(sfa opp show Acm);"
        " COMP_CWORD=3; COMP_TYPE=9; _sfa_complete 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    env = {**os.environ, "PATH": f"{world.folder}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, env=env, cwd=world.folder)
    assert done.stdout == "Acme\\ renewal\n", done
