"""`sfa shell`: many commands in one process, from a script and at a real terminal."""

from __future__ import annotations

import os
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, os.path.dirname(__file__))
from terminalkit import Terminal

from sfa.commands.shell import words
from sfa.errors import UsageError


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("opp list", ["opp", "list"]),
        ("  sfa opp   list ", ["opp", "list"]),
        ("opp show 'Blue Harbor'", ["opp", "show", "Blue Harbor"]),
        ('log acme call "it isn\'t" --next \'say "yes"\'', ["log", "acme", "call", "it isn't", "--next", 'say "yes"']),
        ("opp list amount>50k close<eom", ["opp", "list", "amount>50k", "close<eom"]),
        (r"opp show Blue\ Harbor", ["opp", "show", "Blue Harbor"]),
        ("opp edit O-1 next_step=''", ["opp", "edit", "O-1", "next_step="]),
        ("log acme note '|' # no comment", ["log", "acme", "note", "|", "#", "no", "comment"]),
        ("log 北京 call 谈过了->报价", ["log", "北京", "call", "谈过了->报价"]),
        ("", []),
    ],
)
def test_the_words_of_a_line(line: str, expected: list[str]) -> None:
    assert words(line) == expected


@pytest.mark.parametrize(
    ("line", "wrong", "below"),
    [
        ("log acme call it isn't so", "a quote is not closed", "                    ^"),
        ('log 北京 call "so', "a quote is not closed", "              ^"),
        ("opp list | head", "'|' has no meaning here", "         ^"),
        ("opp list 'a' >> x", "'>>' has no meaning here", "             ^^"),
        ("opp list \\", "a quote is not closed", "         ^"),
    ],
)
def test_what_is_no_line(line: str, wrong: str, below: str) -> None:
    with pytest.raises(UsageError) as failed:
        words(line)
    assert failed.value.message.split("\n") == [wrong, f"  {line}", f"  {below}"]


@given(st.text())
def test_any_text_is_a_line_or_refused(text: str) -> None:
    try:
        assert all(isinstance(w, str) for w in words(text))
    except UsageError:
        pass


@given(st.lists(st.text().filter(lambda w: w not in ("sfa",) and "\x00" not in w), max_size=6))
def test_quoted_words_come_back(given_words: list[str]) -> None:
    import shlex

    assert words(" ".join("'" + w.replace("'", "'\"'\"'") + "'" for w in given_words)) == given_words
    assert words(shlex.join(["x", *(f"'{w}" for w in given_words)]))[0] == "x"


def test_windows_paths_keep_their_backslashes() -> None:
    assert words(r"export opp -o C:\out\new.csv", backslash=False) == ["export", "opp", "-o", r"C:\out\new.csv"]


# A script ---------------------------------------------------------------------------------------------------------------------------


def test_a_script_says_what_its_commands_say(sfa) -> None:
    lines = "account add 'Blue Harbor'\n\n# a comment\nopp add Cranes 'account=Blue Harbor' amount=60k\nopp list amount>50k --json\n"
    done = sfa.ok("shell", input=lines)
    assert done.out.split("\n", 2)[:2] == ["A-1", "O-1"]
    assert done.out.endswith(sfa.ok("opp", "list", "--json").out)
    assert "Added A-1 Blue Harbor  (take back: sfa undo)" in done.err
    assert [line.split("\t")[3] for line in sfa.ok("history", "--limit", "2").out.splitlines()[1:]] == [
        "opp add Cranes 'account=Blue Harbor' amount=60k",
        "account add 'Blue Harbor'",
    ]


def test_it_stops_at_the_first_error_with_its_exit_code_and_line(sfa) -> None:
    failed = sfa("shell", input="\ufeffopp add One\nopp show O-99\nopp add Two\n")
    assert failed.code == 3
    assert "no opportunity matches 'O-99'" in failed.err
    assert "Error: line 2 failed with exit code 3: opp show O-99\nHint: Nothing behind it was run." in failed.err
    assert len(sfa.ok("opp", "list", "--json").json) == 1
    assert sfa("shell", input="opp add 'x\n").code == 2


def test_keep_going_runs_the_rest(sfa) -> None:
    failed = sfa("shell", "--keep-going", input="opp add One\nopp show O-99\nopp lst\nopp add Two\nexit\nopp add Three\n")
    assert failed.code == 3
    assert "Line 2 failed with exit code 3: opp show O-99" in failed.err and "Line 3 failed with exit code 2: opp lst" in failed.err
    assert "Error: 2 lines failed, the first of them line 2: opp show O-99" in failed.err
    assert [r["name"] for r in sfa.ok("opp", "list", "--json").json] == ["One", "Two"]
    assert sfa.ok("shell", "--keep-going", input="opp list\n").code == 0


def test_nothing_is_left_of_a_command(sfa) -> None:
    """As of a past moment, another actor, another format, another setting: each is the one command's alone."""
    sfa.ok("opp", "add", "One")
    lines = [
        "opp list --as-of 2026-11-22 --json",
        "opp list --columns name --format csv",
        "opp list --columns name",
        "--me ben opp add Two",
        "opp add Three",
        "config set currency EUR",
        "opp add Four amount=1k",
        "config set currency CHF",
        "opp add Five amount=1k",
        "--db other.db opp add Six",
        "opp list --columns name,owner,currency",
    ]
    done = sfa.ok("shell", input="\n".join(lines))
    assert done.out.startswith("[]\nname\nOne\nname\nOne\nO-2\n")
    assert done.out.endswith(
        "name\towner\tcurrency\nOne\tanna\tUSD\nTwo\tben\tUSD\nThree\tanna\tUSD\nFour\tanna\tEUR\nFive\tanna\tCHF\n"
    ), done.out


def test_the_options_of_the_shell_hold_within_it(sfa) -> None:
    sfa.ok("--db", "other.db", "--me", "ben", "shell", input="opp add One\n--me cleo opp add Two\n")
    assert not sfa.db.exists()
    found = sfa.ok("--db", "other.db", "opp", "list", "--json").json
    assert [(r["name"], r["owner"]) for r in found] == [("One", "ben"), ("Two", "cleo")]
    assert sfa.ok("--db", "other.db", "history", "--json").json[0]["command"] == "--me cleo opp add Two"


def test_a_new_stage_is_a_verb_at_once(sfa) -> None:
    sfa.ok("shell", input="opp add One\nopp list\nstage add Demo --verb demo --probability 40\nopp demo One\n")
    assert sfa.ok("opp", "show", "One", "--json").json["stage"] == "Demo"


def test_commands_do_not_read_the_script(sfa) -> None:
    """A command that reads stdin finds it empty, and nobody is asked."""
    failed = sfa("shell", "--keep-going", input="import lead -\nopp add\nopp add One\naccount add A\naccount delete A-1\n")
    assert failed.code != 0
    assert [r["name"] for r in sfa.ok("opp", "list", "--json").json] == ["One"]
    assert "--yes is required when not running interactively" in failed.err
    assert len(sfa.ok("account", "list", "--json").json) == 1


def test_who_drives_it_through_pipes_reads_between_two_commands(sfa) -> None:
    import subprocess

    process = subprocess.Popen(
        [sys.executable, "-m", "sfa", "shell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    for name in ("One", "Two"):
        process.stdin.write(f"opp add {name}\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith("O-")
    process.stdin.close()
    assert process.wait(30) == 0


def test_keep_going_is_for_scripts(sfa, monkeypatch) -> None:
    monkeypatch.setattr("sfa.output.interactive", lambda: True)
    failed = sfa("shell", "--keep-going")
    assert failed.code == 2 and "--keep-going is for commands from a pipe" in failed.err


# At a terminal ----------------------------------------------------------------------------------------------------------------------

pytestmark_terminal = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals are POSIX's")


@pytest.fixture
def terminal(sfa, monkeypatch):
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(sfa.folder / "cache"))
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("opp", "add", "Dock cranes", "account=Blue Harbor", "amount=60k")
    sfa.ok("opp", "add", "Flow meters", "amount=5k")
    started = []

    def start(*argv: str) -> Terminal:
        started.append(Terminal(sfa.folder, *argv, "shell"))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()


@pytestmark_terminal
def test_the_prompt_and_the_exit_code(terminal) -> None:
    line = terminal()
    line.until("sfa anna>")
    line.send("opp show O-9\r")
    line.until("no opportunity matches 'O-9'")
    line.until("[3] sfa anna>")
    line.send("opp list amount>50k --columns name\r")
    assert "Dock cranes" in line.until("Dock cranes")
    seen = line.until("sfa anna>")
    assert "[3]" not in seen
    line.send("\x04")
    assert line.end() == 0


@pytestmark_terminal
def test_names_and_commands_are_completed(terminal, sfa) -> None:
    sfa.ok("filter", "save", "hot", "amount>50k")
    sfa.ok("config", "alias", "add", "hotlist", "opp list @hot")
    line = terminal()
    line.until("anna>")
    line.send("opp sh\t")
    line.until("ow")
    line.send("dock\t")
    line.until("'Dock cranes'")
    line.send("\r")
    line.until("60,000 USD")
    line.until("anna>")
    line.send("hotl\t")
    line.until("ist")
    line.send("--columns name\r")
    line.until("Dock cranes")
    line.until("anna>")
    line.send("opp list @h\t")
    line.until("ot")
    line.send("--columns amount\r")
    line.until("60,000 USD")
    line.until("anna>")
    line.send("exit\r")
    assert line.end() == 0


@pytestmark_terminal
def test_what_was_typed_comes_back(terminal, sfa) -> None:
    line = terminal()
    line.until("anna>")
    line.send("opp list --columns name\r")
    line.until("Flow meters")
    line.until("anna>")
    line.send(" opp show 'Flow meters'\r")
    line.until("5,000 USD")
    line.until("anna>")
    line.send("\x04")
    assert line.end() == 0
    kept = sfa.folder / ".local" / "state" / "sfa" / "shell_history"
    # A line that begins with a blank is not remembered; only its owner reads the file.
    assert kept.read_text() == "opp list --columns name\n" and kept.stat().st_mode & 0o077 == 0
    again = terminal()
    again.until("anna>")
    again.send("\x1b[A\r")
    again.until("opp list --columns name")
    again.until("Flow meters")
    again.until("anna>")
    again.send("quit\r")
    assert again.end() == 0


@pytestmark_terminal
def test_ctrl_c_drops_the_line_and_ends_a_command_but_not_the_shell(terminal) -> None:
    line = terminal("--me", "ben")
    line.until("sfa ben>")
    line.send("opp add Half")
    line.until("Half")
    line.send("\x03")
    line.until("sfa ben>")
    line.send("opp delete O-1 --cascade\r")
    line.until("[y/N]")
    # The question is out a moment before the answer is waited for; no person is that fast.
    time.sleep(0.3)
    line.send("\x03")
    line.until("Nothing was changed by this command.")
    line.until("[130] sfa ben>")
    line.send("opp list --columns name\r")
    seen = line.until("Flow meters")
    assert "Dock cranes" in seen and "Half" not in seen
    line.until("ben>")
    line.send("\x04")
    assert line.end() == 0


@pytestmark_terminal
def test_a_question_is_answered(terminal, sfa) -> None:
    line = terminal()
    line.until("anna>")
    line.send("opp delete O-2\r")
    line.until("[y/N]")
    line.send("y\r")
    line.until("Deleted 1 record")
    line.until("anna>")
    line.send("\x04")
    assert line.end() == 0
    assert len(sfa.ok("opp", "list", "--json").json) == 1
