"""The program in Simplified Chinese: what people read is translated, what programs read stays as it is."""

from __future__ import annotations

import gettext
import json
import re
from pathlib import Path

import pytest

from sfa import languages
from sfa.messages import Message, lines, say, together
from sfa.sales import money
from sfa.wrapping import cell_width

CATALOGUE = Path(languages.FOLDER) / "zh_CN" / "LC_MESSAGES" / "sfa.mo"
ZH = {"SFA_LANGUAGE": "zh_CN", "COLUMNS": "80"}


@pytest.fixture
def world(sfa):
    sfa.ok("user", "add", "Anna Ferrari")
    sfa.ok("account", "add", "澜海集团", "--country", "China")
    sfa.ok("opp", "add", "澜海 renewal", "--account", "澜海集团", "--amount", "178万", "--close", "2026-12-18")
    sfa.ok("opp", "add", "Nothing to show.", "--account", "澜海集团", "--amount", "5k")
    return sfa


@pytest.fixture
def chinese():
    languages.use("zh_CN")
    yield
    languages.use("en")


# Messages ---------------------------------------------------------------------------------------------------------------------------


def test_a_message_is_its_english_text_and_is_said_in_the_language_in_force(chinese) -> None:
    made = say("Hint: {hint}", hint=say("no {word} fits.", word="opportunity"))
    assert made == "Hint: no opportunity fits." and isinstance(made, Message)
    said = languages.spoken(made)
    assert said.startswith("提示") and "商机" in said and "fits" not in said
    languages.use("en")
    assert languages.spoken(made) == made


def test_data_in_a_message_stays_as_it_is(chinese) -> None:
    said = languages.spoken(say("{what} {ref} {label}{more}", what="Added", ref="O-1", label="amount", more=""))
    assert said == "已添加 O-1 amount"


def test_lists_days_and_amounts_are_written_as_the_language_does(chinese) -> None:
    from datetime import date

    assert languages.spoken(together(", ", [say("{n}", n=1), say("Total")])) == "1，合计"
    assert languages.spoken(say("{day:%a}", day=date(2026, 11, 29))) == "周日"
    assert languages.spoken(say("{day:%B} {day.year}", day=date(2026, 11, 29))) == "2026 年 11 月"
    assert money.human(178_000_000, "CNY", compact=True) == "1.78m CNY"
    assert languages.spoken(money.human(178_000_000, "CNY", compact=True)) == "178万 CNY"
    assert languages.spoken(money.human(-12_345_600_000, "CNY", compact=True)) == "-1.23亿 CNY"
    assert languages.spoken(money.human(950_000, "CNY", compact=True)) == "9,500 CNY"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (together("\n", ["a", together("\n", [say("b"), "c"])]), ["a", "b", "c"]),
        (say("a") + ("\n" + say("b")), ["a", "b"]),
        ("a\nb", ["a", "b"]),
        (say("one line"), ["one line"]),
    ],
)
def test_lines_of_messages_stay_messages(text: str, expected: list[str]) -> None:
    assert lines(text) == expected == text.split("\n")


def test_a_message_without_another_that_it_begins_with() -> None:
    whole = say("line {line}: {why}", line=3, why=say("no amount"))
    rest = whole.removeprefix(say("line {line}: ", line=3))
    assert rest == "no amount" and isinstance(rest, Message)
    assert whole.removeprefix("line ") == "3: no amount"


# The catalogue ----------------------------------------------------------------------------------------------------------------------


def test_every_translation_fills_with_what_its_message_has() -> None:
    with CATALOGUE.open("rb") as file:
        texts = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    places = re.compile(r"(?<!\{)\{(\w+[^{}]*)\}(?!\})")
    wrong = []
    for message, text in texts.items():
        asked = str(message).rpartition("\x04")[2]
        named = {p.split(":")[0].split("!")[0].split(".")[0] for p in places.findall(asked)}
        used = {p.split(":")[0].split("!")[0].split(".")[0] for p in places.findall(text)}
        if message and not used <= named:
            wrong.append((message, text))
    assert wrong == [] and len(texts) > 3000


# The program ------------------------------------------------------------------------------------------------------------------------


def test_what_people_read_is_chinese(world) -> None:
    listed = world.process("opp", "list", "--format", "table", env=ZH)
    head = listed.out.splitlines()[0]
    assert "名称" in head and "阶段" in head and "name" not in head
    assert "Nothing to show." in listed.out, "a deal's name is data"
    added = world.process("opp", "edit", "O-1", "amount=2m", env=ZH)
    assert "已修改 O-1 澜海 renewal" in added.err and "金额" in added.err
    wrong = world.process("opp", "show", "nosuch", env=ZH)
    assert wrong.code == 3 and wrong.err.startswith("错误") and "'nosuch'" in wrong.err
    usage = world.process("opp", "list", "--nosuch", env=ZH)
    assert usage.code == 2 and "没有选项 --nosuch" in usage.err


def test_what_programs_read_is_the_same_in_every_language(world) -> None:
    for argv in (
        ("opp", "list", "--json"),
        ("opp", "list"),
        ("forecast", "--json"),
        ("opp", "health", "--json"),
        ("config", "list", "--json"),
    ):
        told = [world.process(*argv, env={"SFA_LANGUAGE": language}) for language in ("en", "zh_CN")]
        assert told[0].code == told[1].code == 0
        assert told[0].out.replace('"en"', "") == told[1].out.replace('"zh_CN"', ""), argv
    fault = world.process("opp", "show", "nosuch", "--json", env=ZH)
    assert json.loads(fault.err)["error"]["message"] == "no opportunity matches 'nosuch'"


def test_the_language_is_the_settings_else_the_locales(world) -> None:
    def heading(**env: str) -> str:
        blank = {"SFA_LANGUAGE": "", "LC_ALL": "", "LANG": "C.UTF-8"}
        return world.process("opp", "list", "--format", "table", env={**blank, **env}).out.splitlines()[0]

    assert "name" in heading()
    assert "名称" in heading(LANG="zh_CN.UTF-8")
    assert "名称" in heading(LANG="en_US.UTF-8", LC_ALL="zh_CN.GB18030")
    assert "name" in heading(LANG="zh_CN.UTF-8", SFA_LANGUAGE="en")
    world.ok("config", "set", "language", "zh_CN")
    assert "名称" in heading(LANG="en_US.UTF-8")
    assert world("config", "set", "language", "xx").code == 2


def test_help_is_chinese_and_fits(world) -> None:
    for argv in (("--help",), ("opp", "--help"), ("opp", "add", "--help"), ("log", "--help"), ("import", "--help"), ("forecast", "--help")):
        told = world.process(*argv, env=ZH).out
        assert told.startswith(("用法：", "用法:")), told[:80]
        own = [line for line in told.splitlines() if not line.lstrip().startswith(("sfa ", "{", "'"))]
        assert max(map(cell_width, own)) <= 80, argv
        assert sum(bool(re.search("[\u4e00-\u9fff]", line)) for line in own) > len(own) / 3
    for topic in ("filters", "formats", "dates", "exit-codes", "refs", "shell", "hooks", "environment", "import"):
        assert re.search("[\u4e00-\u9fff]", world.process("help", topic, env=ZH).out), topic


def test_a_forecast_and_its_page_are_chinese(world) -> None:
    told = world.process("forecast", "--format", "table", env=ZH).out
    assert "截至" in told and "加权" in told and "As of" not in told
    page = world.process("forecast", "--format", "md", "-o", "f.md", env=ZH)
    assert page.code == 0
    text = (world.folder / "f.md").read_text()
    assert "预测" in text and "As of" not in text and "sfa forecast --format md" in text


def test_a_command_in_a_hint_is_not_translated(world) -> None:
    assert "`sfa opp list`" in world.process("opp", "show", "O-99", env=ZH).err
    assert "`sfa reason list`" in world.process("opp", "lose", "O-1", "--reason", "zzz", env=ZH).err


def test_a_day_is_said_with_its_number(world) -> None:
    assert re.search(r"^\d{4} 年 \d{1,2} 月 \d{1,2} 日 星期.", world.process("today", "--format", "table", env=ZH).out)
