"""What a new user meets: help that fits the terminal, errors that show the line to type, questions that show their answers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sfa import cli, settings
from sfa.commands import help_
from sfa.wrapping import cell_width

sys.path.insert(0, str(Path(__file__).parent))


@pytest.mark.parametrize("topic", ["", *cli.TOPICS[:-1]])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_topics_fit_the_terminal_and_stay_whole_in_a_pipe(topic: str, language: str, sfa, monkeypatch) -> None:
    words = ("help", topic) if topic else ("help",)
    monkeypatch.setenv("SFA_LANGUAGE", language)
    piped = sfa.ok(*words).out
    monkeypatch.setattr("sfa.output.width", lambda: 80)
    shown = sfa.ok(*words).out
    assert max(map(cell_width, shown.splitlines())) < 80
    assert "".join(shown.split()) == "".join(piped.split())


def test_the_words_that_explain_stay_in_their_column(sfa, monkeypatch) -> None:
    monkeypatch.setattr("sfa.output.width", lambda: 80)
    lines = sfa.ok("help", "environment").out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("SFA_ME "))
    assert lines[at + 1].startswith(" " * lines[at].index("Who")) and not lines[at + 1][lines[at].index("Who")].isspace()


def test_every_topic_is_said_in_a_line(sfa) -> None:
    assert set(help_.ABOUT) == set(cli.TOPICS)
    assert sfa.ok("help").out.count("\n  sfa help ") == len(cli.TOPICS)


@pytest.mark.parametrize(
    ("words", "example"),
    [
        (("quota", "set", "100k"), "sfa quota set 'Ben Okafor' 2026-Q4 400k"),
        (("log",), "sfa log "),
        (("opp", "win"), "sfa opp win O-1 "),
        (("opp", "move", "x"), "sfa opp move O-1 negotiation"),
        (("task", "done"), "sfa task done K-1"),
    ],
)
def test_what_is_missing_is_shown_by_an_example(sfa, words: tuple[str, ...], example: str) -> None:
    failed = sfa(*words)
    assert failed.code == 2
    assert f"Hint: For example: {example}" in failed.err and "More: sfa " in failed.err.splitlines()[-1]


def test_a_refusal_names_the_record_that_was_understood(sfa) -> None:
    sfa.ok("opp", "add", "Dock cranes")
    sfa.ok("opp", "win", "dock")
    for words in (("opp", "lose", "dock", "--reason", "price"), ("log", "dock", "call", "x", "--move", "propose")):
        failed = sfa(*words)
        assert failed.code == 4
        assert failed.err == "Error: O-1 Dock cranes: the deal is won already\nHint: Reopen it first: sfa opp reopen O-1\n"


def test_a_month_explains_its_letters(sfa) -> None:
    sfa.ok("account", "add", "Acme")
    assert sfa.ok("calendar", "--format", "table").out.splitlines()[-1] == "49  30"
    sfa.ok("opp", "add", "Dock cranes", "close=2026-11-30")
    sfa.ok("task", "add", "call", "--due", "2026-11-27")
    assert sfa.ok("calendar", "--format", "table").out.splitlines()[-1] == "t tasks; c expected closes"


def test_without_a_variable_the_system_says_who_it_is() -> None:
    pwd = pytest.importorskip("pwd", reason="Windows has the variable")
    import os

    assert settings.Settings({}, {"SFA_CONFIG": "/nowhere"}).get("me") == pwd.getpwuid(os.getuid()).pw_name


def test_the_question_for_a_reason_shows_the_reasons(sfa, tmp_path) -> None:
    terminalkit = pytest.importorskip("terminalkit", reason="needs a pseudo-terminal (not on Windows)", exc_type=ImportError)
    sfa.ok("opp", "add", "Dock cranes")
    t = terminalkit.Terminal(tmp_path, "opp", "lose", "dock")
    asked = t.until("Reason: ")
    assert "Reasons: Bad timing, " in asked and "Too expensive" in asked
    t.send("expens\n")
    t.until("revisit 2027-05-23")
    assert t.end() == 0


def test_a_text_in_chinese_keeps_its_full_stop(sfa, monkeypatch) -> None:
    from sfa import languages

    languages.use("zh_CN")
    try:
        assert languages.spoken("客户要 quote。") == "客户要 quote。"
        assert languages.spoken("nothing is called so here.") == "nothing is called so here."
    finally:
        languages.use("en")


@pytest.mark.parametrize("amount", ["48.000", "52.500", "-9.000"])
def test_an_amount_that_means_two_is_refused(sfa, amount: str) -> None:
    """It is forty-eight here and forty-eight thousand there; written with two decimals or a mark for thousands it is clear."""
    refused = sfa("opp", "add", "Pumps", f"amount={amount}")
    assert refused.code == 2 and "may be" in refused.err
    for clear in ("48.00", "48,000", "48000", "48.000,00", "0.125k"):
        sfa.ok("opp", "add", f"Pumps {clear}", f"amount={clear}")
    assert [r["amount"]["amount"] for r in sfa.ok("opp", "list", "--sort", "ref", "--json").json] == [
        *("48.00", "48000.00", "48000.00", "48000.00", "125.00")
    ]


def test_the_line_in_its_order_is_named(sfa) -> None:
    sfa.ok("account", "add", "Cranes Ltd")
    turned = sfa("log", "call", "cranes", "talked about prices")
    assert turned.code == 2 and "sfa log cranes call 'talked about prices'" in turned.err
    assert "sfa opp win O-1" in sfa("opp", "won", "O-1").err


def test_what_a_shell_took_of_a_filter_is_missed(sfa) -> None:
    """Without quotes `amount>50k` is `amount`, and a file called 50k."""
    refused = sfa("filter", "save", "hot", "stage:propose", "amount")
    assert refused.code == 2 and "'amount>50k'" in refused.err
    assert sfa.ok("filter", "list", "--json").json == []


@pytest.mark.parametrize(
    ("words", "name", "due"),
    [
        (("ring Wei", "tomorrow"), "ring Wei", "2026-11-24"),
        (("ring", "Wei", "+3d"), "ring Wei", "2026-11-26"),
        (("ring", "Wei", "下周五"), "ring Wei", "2026-12-04"),
        (("tomorrow",), "tomorrow", None),
        (("ring Wei tomorrow",), "ring Wei tomorrow", None),
        (("count", "3"), "count 3", None),
        (("call", "afri"), "call afri", None),
        (("ring", "fri", "--due", "mon"), "ring fri", "2026-11-23"),
    ],
)
def test_the_last_word_of_a_task_may_be_its_day(sfa, words: tuple[str, ...], name: str, due: str | None) -> None:
    made = sfa.ok("task", "add", *words, "--json").json
    assert (made["name"], made["due"]) == (name, due)


def test_log_asks_for_what_the_stage_requires(sfa, tmp_path) -> None:
    terminalkit = pytest.importorskip("terminalkit", reason="needs a pseudo-terminal (not on Windows)", exc_type=ImportError)
    sfa.ok("opp", "add", "Dock cranes")
    t = terminalkit.Terminal(tmp_path, "log", "dock", "call", "they bought elsewhere", "--move", "lose")
    t.until("Reasons: ")
    t.until("Reason: ")
    t.send("expens\n")
    assert "reason Too expensive" in " ".join(t.until("revisit 2027-05-23").split())
    assert t.end() == 0


def test_a_number_alone_is_told_its_reference(sfa) -> None:
    sfa.ok("opp", "add", "Dock cranes")
    failed = sfa("opp", "win", "1")
    assert failed.code == 3 and failed.err.endswith("Hint: Did you mean O-1 Dock cranes?\n")
    assert sfa("opp", "win", "2").err.endswith("Hint: `sfa opp list` shows what there is.\n")


def test_a_field_given_to_log_as_an_option_is_told_its_form(sfa) -> None:
    sfa.ok("opp", "add", "Dock cranes")
    assert "as in next_step=…" not in sfa("log", "O-1", "call", "x", "--nonsense", "5").err
    failed = sfa("log", "O-1", "call", "x", "--amount", "5k")
    assert failed.code == 2 and failed.err.endswith("Hint: Fields of the deal are given as field=value, as in amount=…\n")


def test_an_edit_names_the_field_that_there_is_not(sfa) -> None:
    sfa.ok("opp", "add", "Dock: cranes")
    failed = sfa("opp", "edit", "stge:proposal", "amount=5")
    assert failed.code == 2 and failed.err == "Error: opportunity has no field 'stge'\nHint: Did you mean 'stage'?\n"
    # A name with a colon is a name.
    sfa.ok("opp", "edit", "Dock: cranes", "amount=5")


def test_help_says_the_same_in_the_same_words() -> None:
    """Of every option and argument in all the help: it is explained, in words that can be read, with a default once."""
    import re

    sys.path.insert(0, str(Path(__file__).parent.parent))
    import reference

    wrong = []
    for name, text in reference.commands():
        flat = " ".join(text.split())
        wrong += [(name, found) for found in re.findall(r"\S+ <[a-z ]+>|reads stdin|[Ss]ee the error[^.]*|Only with this \w+", flat)]
        wrong += [(name, line) for line in text.splitlines() if re.fullmatch(r"  (\[?[A-Z][A-Z|=.\[\]]*)\s+(\[required\])?", line)]
        wrong += [(name, found[0]) for found in re.finditer(r"\(default: (\w+)\)\.? \[default: \1\]", flat)]
    assert wrong == []
