"""Messages for people: broken between words where the terminal ends, whole in a pipe."""

from __future__ import annotations

import io
import sys

import pytest

from sfa import output
from sfa.wrapping import cell_width

LONG = "  left out: " + ", ".join(f"Column {n} ({n})" for n in range(30)) + "; --create-fields makes fields of them"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(monkeypatch: pytest.MonkeyPatch, text: str, stream: io.StringIO) -> list[str]:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr(sys, "stderr", stream)
    output.message(text)
    return stream.getvalue().split("\n")[:-1]


def test_a_long_message_is_broken_between_words_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = said(monkeypatch, LONG, Terminal())
    assert len(lines) > 5 and all(len(line) < 80 for line in lines)
    assert all(line.startswith("    ") for line in lines[1:]) and lines[0].startswith("  left")
    assert " ".join(line.strip() for line in lines) == LONG.strip()
    assert said(monkeypatch, LONG, io.StringIO()) == [LONG]


def test_chinese_characters_take_two_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = said(monkeypatch, "left out " + " ".join(["客户名称"] * 20), Terminal())
    assert all(cell_width(line) < 80 for line in lines) and len(lines) == 3 and sum(line.count("客") for line in lines) == 20


def test_what_points_into_a_file_and_long_words_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    pointed = "line 3:\n    " + "x " * 60 + "\n    ^"
    assert said(monkeypatch, pointed, Terminal()) == pointed.split("\n")
    assert said(monkeypatch, "see " + "y" * 100, Terminal()) == ["see", "  " + "y" * 100]


def test_what_is_told_is_broken_but_commands_are_copied_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = "Moved O-1 Dock cranes: stage Qualification → Proposal, probability 20 % → 50 %, forecast category pipeline → best case"
    lines = said(monkeypatch, moved + "  (take back: sfa undo)", Terminal())
    assert all(len(line) < 80 for line in lines) and " ".join(line.strip() for line in lines).startswith(moved)
    assert lines[-1].endswith("(take back: sfa undo)") and lines[1].startswith("  ")
    hint = "Hint: sfa account edit A-1 types=competitor,customer,partner description='a very long text that is to be copied whole'"
    assert said(monkeypatch, hint, Terminal()) == [hint]
    ticked = "Hint: x" + " and more words" * 4 + " `sfa opp edit O-12 amount=48k close=eom stage=propose`"
    assert said(monkeypatch, ticked, Terminal())[1] == "  `sfa opp edit O-12 amount=48k close=eom stage=propose`"
    dots = "  1 of these: several deals were running at that time (`sfa activity edit REF opportunity=…` says which)"
    assert said(monkeypatch, dots, Terminal())[1] == "    (`sfa activity edit REF opportunity=…` says which)"
    wide = "提示：" + "商机已经结单" * 5 + "`sfa opp reopen 码头起重机续约与保养合同` 之后再试"
    assert said(monkeypatch, wide, Terminal())[1] == "  `sfa opp reopen 码头起重机续约与保养合同` 之后再试"
