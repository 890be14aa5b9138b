"""Whatever is typed, piped or lies in the database's place ends in a clear error with the right exit code, and nothing changes."""

from __future__ import annotations

import os
import sqlite3

import pytest

TEXTS = {
    "empty": "",
    "blanks": "   \t ",
    "escape": "a\x1b[31mred\x1b[0m\x07\x08b",
    "markup": "[red]x[/b] [link=http://x]",
    "emoji": "👩‍👩‍👧‍👦 🚀",
    "cjk": "北京科技有限公司 東京 서울",
    "rtl": "שלום \u202eabc\u202c مرحبا",
    "quotes": 'O\'Brien "the" `best` $HOME $(id) ;',
    "sql": "'); DROP TABLE account; --",
    "percent": "100%_\\ ^a* ?",
    "option": "-x --yes",
    "newline": "one\ntwo\r\nthree",
    "surrogate": "lone \udcff\ud800",
    "nul": "a\x00b",
    "fts": 'NEAR(a b) AND "x OR *',
    "glob": "=cmd|' /C calc'!A0",
    "braces": "{0} {name} %s %(x)s",
    "long": "x" * 100_000,
}
COMMANDS = [
    ("account", "add", "--", "{}"),
    ("account", "add", "Pier", "description={}"),
    ("account", "edit", "A-1", "industry={}"),
    ("account", "show", "--", "{}"),
    ("account", "list", "--", "{}"),
    ("account", "list", "name:{}"),
    ("account", "list", "text~{}"),
    ("account", "list", "--columns={}"),
    ("account", "list", "--sort={}"),
    ("account", "list", "--as-of={}"),
    ("account", "list", "--format={}"),
    ("account", "delete", "--yes", "--", "{}"),
    ("opp", "add", "Deal", "--account={}"),
    ("opp", "add", "Deal", "--amount={}"),
    ("opp", "add", "Deal", "--close={}"),
    ("opp", "add", "Deal", "--stage={}"),
    ("opp", "add", "Deal", "currency={}"),
    ("contact", "add", "Wei", "--email={}"),
    ("log", "A-1", "note", "--", "{}"),
    ("search", "--", "{}"),
    ("history", "--", "{}"),
    ("history", "--user={}"),
    ("undo", "--", "{}"),
    ("redo", "--", "{}"),
    ("erase", "--yes", "--", "{}"),
    ("import", "account", "--", "{}"),
    ("export", "--", "{}"),
    ("config", "set", "me", "--", "{}"),
    ("config", "get", "--", "{}"),
    ("config", "field", "add", "account", "--", "{}", "text"),
    ("help", "--", "{}"),
    ("forecast", "--period={}"),
    ("report", "winloss", "--by={}"),
    ("--me", "{}", "account", "list"),
    ("{}",),
]
EXPECTED = {0, 1, 2, 3, 4, 5, 6}


@pytest.fixture
def started(sfa) -> None:
    sfa.ok("account", "add", "Blue Harbor")


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_survives_everywhere(sfa, started, text: str) -> None:
    sfa.monkeypatch.setattr("shutil.get_terminal_size", lambda fallback=(80, 24): os.terminal_size((80, 24)))
    for command in COMMANDS:
        argv = [part.replace("{}", TEXTS[text]) for part in command]
        result = sfa(*argv)
        shown = [a[:40] for a in argv]
        assert result.code in EXPECTED, (shown, result.code, result.err[:500])
        assert "Traceback" not in result.err and "unexpected" not in result.err, (shown, result.err[:500])
        if result.code:
            assert result.err.startswith(("Error: ", "{")), (shown, result.err[:200])
            assert len(result.err) < 4000, (shown, len(result.err))
        assert "\x1b" not in result.out + result.err and "\x07" not in result.out + result.err, shown
        assert "\u202e" not in result.out + result.err, shown
    assert sfa.ok("db", "check").out.endswith(": ok\n")


@pytest.mark.parametrize("text", ["markup", "emoji", "cjk", "quotes", "sql", "percent", "braces", "glob"])
def test_text_comes_back_as_it_went_in(sfa, text: str) -> None:
    ref = sfa.ok("account", "add", "--", TEXTS[text]).out.strip()
    assert sfa.ok("account", "show", ref, "--json").json["name"] == TEXTS[text]
    assert sfa.ok("account", "show", "--", TEXTS[text]).code == 0
    assert [r["name"] for r in sfa.ok("account", "list", "--json").json] == [TEXTS[text]]


@pytest.mark.parametrize(
    ("argv", "code", "told"),
    [
        (("opp", "add", "D", "--amount", "1e20"), 2, "1e20"),
        (("opp", "add", "D", "--amount", "NaN"), 2, "NaN"),
        (("opp", "add", "D", "--amount", "9" * 30), 2, "999"),
        (("opp", "add", "D", "--amount", "10k XYZ"), 2, "XYZ"),
        (("opp", "add", "D", "currency=DOLLARS"), 2, "DOLLARS"),
        (("opp", "add", "D", "--close", "2026-02-30"), 2, "2026-02-30"),
        (("opp", "add", "D", "--close", "03/04/26"), 2, "03/04/26"),
        (("opp", "add", "D", "--stage", "Nowhere"), 3, "Nowhere"),
        (("opp", "add", "D", "--probability", "101"), 2, "101"),
        (("opp", "add", "D", "--account", "Nobody"), 3, "Nobody"),
        (("opp", "add", "D", "--account", "O-1"), 3, "O-1"),
        (("opp", "show", "O-99"), 3, "O-99"),
        (("opp", "show", "A-1"), 2, "A-1"),
        (("account", "edit", "A-1", "colour=red"), 2, "colour"),
        (("account", "list", "colour:red"), 2, "colour"),
        (("account", "list", "--format", "xls"), 2, "xls"),
        (("account", "frobnicate"), 2, "frobnicate"),
        (("acount", "list"), 2, "account"),
        (("import", "account", "missing.csv"), 3, "missing.csv"),
        (("import", "account", "."), 2, "folder"),
        (("import", "account", "empty.csv"), 2, "empty"),
        (("import", "account", "binary.csv"), 2, "binary.csv"),
        (("account", "list", "--as-of", "2026-13-01"), 2, "2026-13-01"),
    ],
)
def test_bad_values_are_named_and_change_nothing(sfa, started, argv: tuple[str, ...], code: int, told: str) -> None:
    (sfa.folder / "empty.csv").write_bytes(b"")
    (sfa.folder / "binary.csv").write_bytes(bytes(range(256)) * 50)
    before = sfa.ok("history").out
    result = sfa(*argv)
    assert (result.code, told in result.err, result.out) == (code, True, ""), result
    assert sfa.ok("history").out == before


def test_ten_megabytes(sfa, started) -> None:
    text = "y" * 10_000_000
    sfa.ok("account", "edit", "A-1", f"description={text}")
    assert sfa.ok("account", "show", "A-1", "--json").json["description"] == text
    assert sfa.ok("account", "list", f"description:{text}", "--columns", "name").out == "name\nBlue Harbor\n"
    assert len(sfa("account", "show", "--", text).err) < 1000
    assert len(sfa.ok("history", "--json").json[0]["command"]) <= 2000
    sfa.ok("undo")
    sfa.ok("db", "check")


def test_a_negative_amount_is_allowed_with_a_warning(sfa, started) -> None:
    assert "Warning" in sfa.ok("opp", "add", "Credit", "--account", "blue", "--amount=-5k").err


def test_an_ambiguous_name_lists_what_matches(sfa, started) -> None:
    sfa.ok("account", "add", "Blue Harbor North")
    sfa.ok("account", "add", "Blue Harbor South")
    refused = sfa("account", "show", "harbor n o")
    assert refused.code in (0, 3, 5)
    refused = sfa("account", "show", "Blue Har")
    assert refused.code == 5 and "A-2" in refused.err and "A-3" in refused.err


# The file ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("argv", [("account", "list"), ("account", "add", "X"), ("db", "check"), ("undo",), ("history",), ("search", "x")])
@pytest.mark.parametrize("what", ["folder", "text", "foreign", "newer", "corrupt", "truncated", "fifo"])
def test_what_is_no_database_is_told_and_left_alone(sfa, what: str, argv: tuple[str, ...]) -> None:
    if what == "folder":
        sfa.db.mkdir()
    elif what == "text":
        sfa.db.write_text("Dear diary\n" * 1000)
    elif what == "foreign":
        sqlite3.connect(sfa.db).execute("CREATE TABLE account(name)")
    elif what == "fifo":
        if not hasattr(os, "mkfifo"):
            pytest.skip("no fifos here")
        os.mkfifo(sfa.db)
    else:
        sfa.ok("account", "add", "Pier")
        db = sqlite3.connect(sfa.db, isolation_level=None)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        if what == "newer":
            db.execute("PRAGMA user_version=99")
        db.close()
        data = bytearray(sfa.db.read_bytes())
        if what == "corrupt":
            data[5_000:60_000] = bytes(b ^ 0xA5 for b in data[5_000:60_000])
        sfa.db.write_bytes(data[: len(data) // 3] if what == "truncated" else data)
    before = sfa.db.read_bytes() if sfa.db.is_file() else None
    result = sfa(*argv)
    assert result.code == 6, result
    assert result.err.startswith("Error: ") and "Traceback" not in result.err and result.out == ""
    if before is not None:
        assert sfa.db.read_bytes() == before


def test_a_locked_database(sfa, started) -> None:
    from sfa.store import database

    sfa.monkeypatch.setattr(database, "WAIT", 0.1)
    other = sqlite3.connect(sfa.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refused = sfa("account", "add", "X")
    assert refused.code == 6 and "locked" in refused.err
    assert sfa.ok("account", "list", "--columns", "name").out == "name\nBlue Harbor\n"
    other.execute("ROLLBACK")
    sfa.ok("account", "add", "X")


def test_an_empty_file_is_taken_as_a_new_one(sfa) -> None:
    sfa.db.write_bytes(b"")
    assert sfa("account", "list").code == 6
    sfa.ok("account", "add", "X")
    sfa.ok("db", "check")


def test_a_disk_that_is_full(sfa, started) -> None:
    """Files may grow no further: the kernel's own limit stands for the disk's."""
    resource = pytest.importorskip("resource")
    before = sfa.ok("history").out
    size = sfa.db.stat().st_size
    pid = os.fork()
    if pid == 0:
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        from sfa.cli import run

        try:
            os._exit(run(["account", "add", "Big", "description=" + "x" * 5_000_000]))
        except BaseException:
            os._exit(99)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 6
    assert sfa.ok("history").out == before
    sfa.ok("db", "check")


def test_errors_are_json_for_those_who_ask_for_json(sfa, started) -> None:
    import json

    refused = sfa("account", "show", "Nobody", "--json")
    told = json.loads(refused.err)["error"]
    assert (refused.code, told["exit_code"], told["kind"], refused.out) == (3, 3, "not_found", "")


def test_sfa_today_that_is_no_date(sfa, started) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", "someday")
    refused = sfa("account", "list")
    assert refused.code == 2 and "someday" in refused.err and "SFA_TODAY" in refused.err


def test_a_closed_pipe_is_no_error(sfa, started) -> None:
    import subprocess
    import sys

    for i in range(3):
        sfa.ok("account", "add", f"Account {i}")
    script = f"{sys.executable} -m sfa account list --format csv | head -n 1; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=sfa.folder)
    assert done.stderr == ""


@pytest.mark.skipif(os.name == "nt", reason="a shell closes the streams")
@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("account list --json >&-", 0, ""),
        ("account add Pier >&-", 0, "Added A-2 Pier"),
        ("account show nobody >&-", 3, "no account matches 'nobody'"),
        ("account show nobody >&- 2>&-", 3, ""),
        ("log A-1 note - <&-", 2, "the text is missing"),
        ("import lead - <&-", 2, "empty"),
    ],
)
def test_closed_streams_are_no_streams(sfa, script: str, code: int, said: str) -> None:
    import subprocess
    import sys

    sfa.ok("account", "add", "Blue Harbor")
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m sfa {script}"], capture_output=True, text=True, cwd=sfa.folder)
    assert done.returncode == code, done
    assert said in done.stderr and "unexpected" not in done.stderr
    sfa.ok("db", "check")
