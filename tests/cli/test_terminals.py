"""The program at a real (pseudo) terminal, small and large, on dark and on light, without colours, on one that can do nothing, in a locale
of ASCII alone and in a Chinese one: what arrives there fits, stays aligned and can be read.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from unicodedata import category, east_asian_width

import pytest

sys.path.insert(0, str(Path(__file__).parent))
terminalkit = pytest.importorskip("terminalkit", reason="needs a pseudo-terminal (not on Windows)", exc_type=ImportError)

SMALL, LARGE = (24, 80), (50, 200)
COLOURED = {"NO_COLOR": "", "COLORTERM": "truecolor"}
LOOKS = {
    "coloured": COLOURED,
    "no colours": {"NO_COLOR": "1"},
    "dumb": {"NO_COLOR": "", "TERM": "dumb"},
    "ascii": {**COLOURED, "LC_ALL": "C"},
    "chinese": {**COLOURED, "LC_ALL": "zh_CN.UTF-8", "SFA_LANGUAGE": ""},
}
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "200x50"])
LOOKED = pytest.mark.parametrize("look", LOOKS)
TALKED = pytest.mark.parametrize(
    ("look", "size"),
    [("coloured", SMALL), ("no colours", LARGE), ("dumb", SMALL), ("ascii", SMALL), ("chinese", SMALL), ("chinese", LARGE)],
)
"""Where somebody is asked: every look once, and the widest letters in both sizes."""

RECORDS = """
account add 'Blue Harbor'
account add 上海澜海船舶设备有限公司 country=China
account add 'Zürich Kräne AG — Süd'
contact add '陈 晓明' account=上海澜海船舶设备有限公司 email=chen@lanhai.example birthday=1980-11-24
contact add 'Wei Zhang' 'account=Blue Harbor'
opp add 'Dock cranes' 'account=Blue Harbor' amount=60k close=2026-10-10
opp add 码头起重机续约与保养合同二零二六年度 account=上海澜海船舶设备有限公司 amount=178k close=2026-12-18
opp edit O-2 next_step=发报价单给采购部
opp add 'Kräne für Zürich → Süd' 'account=Zürich Kräne AG — Süd' amount=90k close=2026-12-01 stage=propose
opp add 'A deal with a name that goes on and on until nobody reads it any more' amount=5k
lead add '李 小龙，主任' company=北京星辰科技有限公司
task add 给陈晓明打电话，谈码头起重机的交货期和付款条件 opportunity=O-2 due=2026-11-20
task add 'Send the quote to Wei' opportunity=O-1 due=2026-11-23
"""
TABLES = (
    "opp board;today;week;opp list;account list;contact list;lead list;task list;opp show O-2;opp health;review --list;forecast;history"
)
"""Commands whose every line has to fit."""


@pytest.fixture
def deals(sfa, monkeypatch):
    """Deals in Latin and Chinese letters, some of them silent since August."""
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")
    monkeypatch.setenv("SFA_TODAY", "2026-08-20T09:00:00Z")
    sfa.ok("shell", input=RECORDS)
    monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    sfa.ok("log", "O-2", "call", "谈过了")
    return sfa


def started(sfa, look: str, size: tuple[int, int], *argv: str, command: tuple[str, ...] = (), **env: str) -> terminalkit.Terminal:
    """A terminal that only itself says how large it is."""
    own = {"COLUMNS": "", "LINES": "", "LANG": "", "LC_CTYPE": "", "EDITOR": "", "VISUAL": "", **LOOKS[look], **env}
    return terminalkit.Terminal(sfa.folder, *argv, size=size, env=own, command=command)


def cells(line: str) -> str:
    """A line, a character for each column of the terminal: a wide letter is followed by a NUL."""
    return "".join(c + "\0" * (east_asian_width(c) in "WF") for c in line if category(c) not in ("Mn", "Me", "Cf"))


def bands(lines: list[str]) -> list[tuple[int, int]]:
    """The columns of a table: where each begins and ends. Between two of them all lines have at least two blanks."""
    wide = max(map(len, lines))
    used = "".join("#" if any(line[i : i + 1].strip(" ") for line in lines) else " " for i in range(wide))
    return [found.span() for found in re.finditer(r"#+(?: #+)*", used)]


# What colours there may be ----------------------------------------------------------------------------------------------------------

XTERM = {31: "cd0000", 32: "00cd00", 33: "cdcd00", 34: "0000ee", 35: "cd00cd", 36: "00cdcd"}
XTERM |= {91: "ff0000", 92: "00ff00", 93: "ffff00", 94: "5c5cff", 95: "ff00ff", 96: "00ffff"}
"""The named colours as xterm has them. Black, white and the two greys (30, 37, 90, 97) are what some themes have as their background."""


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, by WCAG 2.1."""

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


READABLE = {code for code, colour in XTERM.items() if min(contrast(colour, "000000"), contrast(colour, "ffffff")) >= 3}
PLAIN = {0, 1, 7, 22, 27, 39}
"""Reset, bold, the terminal's own two colours exchanged, and back: readable wherever text is."""


def colours(raw: bytes) -> set[int]:
    """Every number of every SGR sequence; those of 38;5;n and 48;… are among them."""
    return {int(n or 0) for found in re.findall(rb"\x1b\[([0-9;:]*)m", raw) for n in re.split(rb"[;:]", found)}


def escapes(raw: bytes, but: bytes = b"") -> list[bytes]:
    """The escapes, without those that the pattern `but` finds whole."""
    found = re.findall(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|.?)", raw)
    return [e for e in found if not (but and re.fullmatch(but, e))]


def held(look: str, raw: bytes, typed: str = "") -> None:
    """What every look promises of all that arrives, besides the echo of what was typed."""
    said = raw.decode("utf-8", "replace").replace(typed, "") if typed else raw.decode("utf-8", "replace")
    if look in ("no colours", "dumb"):
        assert escapes(raw) == []
    assert colours(raw) <= PLAIN | READABLE
    assert look != "ascii" or said.isascii(), sorted(set(said) - set(map(chr, range(128))))
    assert "\ufffd" not in said


def test_what_is_readable_on_dark_and_on_light() -> None:
    assert sorted(READABLE) == [31, 35, 91, 94, 95]
    assert round(contrast("000000", "ffffff"), 1) == 21
    assert colours(b"\x1b[1;31mx\x1b[0m\x1b[38;5;102;48;5;231;7m") == {1, 31, 0, 38, 5, 102, 48, 231, 7}


@LOOKED
@SIZES
def test_no_line_is_longer_than_the_terminal(deals, look, size) -> None:
    (deals.folder / "commands").write_text(TABLES.replace(";", "\n"))
    t = started(deals, look, size, command=("sh", "-c", f"{sys.executable} -m sfa shell < commands"))
    assert t.end() == 0, t.seen
    held(look, t.raw)
    lines = t.seen.splitlines()
    assert [line for line in lines if len(cells(line)) > size[1]] == [] and len(lines) > 100
    # The room is used.
    assert max(len(cells(line)) for line in lines) > size[1] - 2
    if look in ("coloured", "ascii", "chinese"):
        assert {31, 35} <= colours(t.raw)
    words = ("商机", "金额", "预计成交", "任务", "今天") if look == "chinese" else ("deal", "amount", "Tasks", "today")
    assert all(w in t.seen for w in words)


LISTS = {
    "opp list": "编号 名称 客户 负责人 阶段 金额 预计成交",
    "account list": "编号 名称 客户类别 国家 负责人",
    "contact list": "编号 名称 客户 邮箱",
    "lead list": "编号 名称 公司 状态 负责人",
}


@pytest.mark.parametrize("look", ["chinese", "ascii"])
@SIZES
def test_columns_stay_columns(deals, look, size) -> None:
    """Each cell of a column begins where its heading does, or ends there."""
    running = {line: started(deals, look, size, *line.split()) for line in LISTS}
    for line, t in running.items():
        assert t.end() == 0
        table = [cells(text) for text in t.seen.rstrip().split("\n")]
        rule = next(i for i, text in enumerate(table) if set(text) <= set("─-"))
        heading, body = table[:rule], table[rule + 1 :]
        found = bands([*heading, *body])
        if look == "chinese":
            assert [heading[-1][a:b].strip(" ").replace("\0", "") for a, b in found] == LISTS[line].split()
        assert len(found) == len(LISTS[line].split()), t.seen
        assert len(table[rule]) == found[-1][1]
        for a, b in found:
            column = [text[a:b].ljust(b - a) for text in (heading[-1], *body) if text[a:b].strip()]
            assert all(c[0] != " " for c in column) or all(c[-1] != " " for c in column), t.seen


@SIZES
def test_the_day_and_the_board_stay_aligned_in_chinese(deals, size) -> None:
    day, board = (started(deals, "chinese", size, *argv) for argv in (("today",), ("opp", "board")))
    assert (day.end(), board.end()) == (0, 0)
    assert day.seen.startswith("2026 年 11 月 23 日 星期一\n")
    rows = [cells(line) for line in day.seen.splitlines() if line.startswith("  ")]
    assert len({row.rindex("  sfa ") for row in rows}) == 1 and len(rows) >= 6
    lines = [cells(line) for line in board.seen.splitlines()]
    head, rule = lines[0], next(i for i, line in enumerate(lines) if set(line.strip()) == {"─"})
    starts = [found.start() for found in re.finditer(r"\S+", head)]
    assert len(starts) == 4 and len({b - a for a, b in pairwise(starts)}) <= 2
    for line in [*lines[:rule], *lines[rule + 1 : -1]]:
        # A column begins with a mark, the two blanks below it, or nothing; what stood before it has ended.
        assert all(line[at - 1 : at] in ("", " ") for at in starts[1:]), board.seen
    cards = [line[at : at + 6] for line in lines[rule + 1 : -1] for at in starts if re.match(r"[!~ ] O-", line[at:])]
    assert len(cards) == 4


# What is asked ----------------------------------------------------------------------------------------------------------------------

NAME = "Öl für 北京"


@TALKED
def test_what_is_asked_and_answered(deals, look, size) -> None:
    chinese = look == "chinese"
    add, delete, log = (started(deals, look, size, *a) for a in (("opp", "add"), ("opp", "delete", "O-4"), ("log", "O-1", "call")))
    add.until("名称" if chinese else "opportunity name: ")
    add.send(f"{NAME}\n")
    assert add.end() == 0 and ("已添加 O-5" if chinese else "Added O-5") in add.seen
    delete.until("[y/N]")
    delete.send("n\n")
    assert delete.end() == 1
    log.until("发生了什么" if chinese else "What happened: ")
    log.send("spoke -> quote +fri\n")
    assert log.end() == 0 and "2026-11-27" in log.seen
    for t in (add, delete, log):
        held(look, t.raw, NAME)
    assert deals.ok("opp", "list", "--json").json[-1]["name"] == NAME


@TALKED
def test_the_review(deals, look, size) -> None:
    t = started(deals, look, size, "review")
    t.until("u ")
    t.until("q ")
    shown = t.seen
    assert [line for line in shown.splitlines() if len(cells(line)) > size[1]] == []
    t.send("n")
    t.until("无" if look == "chinese" else "none")
    t.send("call\n")
    t.until("q ")
    t.send("q")
    assert t.end() == 0
    held(look, t.raw)
    assert [d["next_step"] for d in deals.ok("opp", "list", "next_step=call", "--json").json] == ["call"]


EDITOR = """
import os, re, sys
size = os.get_terminal_size(0)
os.write(1, f"EDITOR {size.columns}x{size.lines} {os.isatty(0)} {os.isatty(1)}? ".encode())
answer = sys.stdin.readline().strip()
text = open(sys.argv[1], encoding="utf-8").read()
named = re.sub('(?m)^name( *)= .*', f'name = "{answer}"', text)
new = named if named != text else answer + chr(10) + text
open(sys.argv[1], "w", encoding="utf-8").write(new)
"""


@SIZES
def test_the_editor_has_the_terminal(deals, size) -> None:
    """It draws and reads there, whatever the look, and what was written in it comes back."""
    (deals.folder / "ed.py").write_text(EDITOR)
    editor = f"{sys.executable} {deals.folder / 'ed.py'}"
    edit, log = (started(deals, "ascii", size, *a, EDITOR=editor) for a in (("edit", "O-1"), ("log", "O-2", "note")))
    for t, text in ((edit, "Hafenkräne 港口"), (log, "第一行 and more")):
        assert t.until("? ").endswith(f"EDITOR {size[1]}x{size[0]} True True? ")
        t.send(f"{text}\n")
        assert t.end() == 0, t.seen
        held("ascii", t.raw, text)
    assert deals.ok("opp", "show", "O-1", "--json").json["name"] == "Hafenkräne 港口"
    assert deals.ok("activity", "show", "AC-2", "--json").json["text"] == "第一行 and more"


# The shell, and bash ----------------------------------------------------------------------------------------------------------------

LINE_EDITOR = rb"\x1b\[(?:\?(?:1|7|12|25|2004)[hl]|[0-9]*[A-DJK]|0(?:;[17])?m|[17]?m)"
"""What the line of `sfa shell` is edited with: the cursor moved and hidden, the rest of the screen cleared, pastes marked, and the line
that is chosen shown reversed. Without these nothing could be completed below a line; they are no colours, so NO_COLOR lets them be."""


@TALKED
def test_the_shell(deals, look, size) -> None:
    t = started(deals, look, size, "shell")
    t.until("anna>")
    if look == "dumb":
        t.send("opp show 'Dock cranes'\n")
    else:
        t.send("opp show \t")
        t.until("O-1")
        t.send("\t")
        t.until("O-4")
        assert len({i for i in range(1, 5) if f"O-{i}" in t.seen}) == 4
        menu = t.raw
        # 18 letters that are two columns wide.
        assert look != "ascii" or "?" * 36 in t.seen
        assert escapes(menu, LINE_EDITOR) == [] and b"\x1b[0;7m" in menu
        t.send("\x15opp show dock\t")
        t.until("'Dock cranes'")
        t.send("\r")
    t.until("Blue Harbor")
    t.until("anna>")
    t.send("exit\n" if look == "dumb" else "exit\r")
    assert t.end() == 0
    held("coloured" if look == "no colours" else look, t.raw)
    assert escapes(t.raw, LINE_EDITOR) == []


@pytest.fixture
def bash(deals) -> Iterator[terminalkit.Terminal]:
    if not (path := shutil.which("bash")):
        pytest.skip("there is no bash on this machine")
    rc = f"PS1='ready> '; bind 'set bell-style none'; sfa() {{ {sys.executable} -m sfa \"$@\"; }}; source <(sfa completion bash)\n"
    (deals.folder / "rc").write_text(rc)
    t = started(deals, "coloured", SMALL, command=(path, "--noprofile", "--rcfile", "rc", "-i"), LC_ALL="C.UTF-8", INPUTRC="/dev/null")
    yield t
    if t.process.poll() is None:
        t.process.kill()


def test_bash_completes_by_tab(bash, deals) -> None:
    for typed, done in (
        ("opp sh\t", "opp show "),
        ("dock\t", "Dock\\ cranes "),
        ("\n", "60,000 USD"),
        ("sfa opp show 码\t", "码头起重机续约与保养合同二零二六年度 "),
        ("\n", "178,000 USD"),
        ("sfa opp show 'dock c\t", "Dock cranes' "),
        ("\n", "60,000 USD"),
        ("sfa opp list owner:an\t", "owner:anna "),
        ("--columns amount\n", "90,000 USD"),
        ("sfa opp edit O-1 stage=pro\t\t", "propose"),
        ("pose\t", "pose "),
        ("amou\t", "amount="),
        ("70k\n", "70,000 USD"),
    ):
        if typed in ("opp sh\t",) or typed.startswith("sfa"):
            bash.until("ready> ")
        bash.send(f"sfa {typed}" if typed == "opp sh\t" else typed)
        bash.until(done)
    bash.until("ready> ")
    bash.send("exit\n")
    assert bash.end() == 0
    assert deals.ok("opp", "show", "O-1", "--json").json["stage"] == "Proposal"
