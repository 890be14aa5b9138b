"""A person under many spellings, in fields and in texts. No database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales.names import mailbox
from sfa.sales.persons import Traces, name_keys


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Wei Zhang", "ZHANG, Wei", True),
        ("José Núñez", "Jose Nunez", True),
        ("José Núñez", "Jose\u0301 Nu\u0301n\u0303ez", True),
        ("Jörg Müller", "Joerg Mueller", True),
        ("Jörg Müller", "Jorg Muller", True),
        ("Joerg Mueller", "Jörg Müller", True),
        ("Søren Ærø", "Soren Aero", True),
        ("Jo O'Brien", "Jo OBrien", True),
        ("Jo O'Brien", "Jo O’Brien", True),
        ("Anne-Marie Dupont", "Dupont Anne Marie", True),
        ("张伟", "张 伟", True),
        ("张伟", "伟张", True),
        ("王小明", "小明 王", True),
        ("Ｗｅｉ Ｚｈａｎｇ", "wei zhang", True),
        ("Wei Zhang", "Wei Zhao", False),
        ("Wei Zhang", "Wei", False),
        ("张伟", "张维", False),
        ("山田太郎", "山田花子", False),
    ],
)
def test_spellings_of_one_name(one: str, other: str, same: bool) -> None:
    assert bool(name_keys(one) & name_keys(other)) is same


def test_mailboxes() -> None:
    assert mailbox(" Wei+News@Harbor.Example") == "wei@harbor.example"
    assert mailbox("w.e.i+x@googlemail.com") == mailbox("wei@gmail.com")
    assert mailbox("w.ei@harbor.example") != mailbox("wei@harbor.example")
    assert mailbox("+x@harbor.example") == "+x@harbor.example"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("met Wei Zhang today", "met X today"),
        ("met ZHANG,  wei today", "met X today"),
        ("Zhang Wei's desk, Wei\nZhang", "X's desk, X"),
        ("Wei Zhangs; Weiß Zhang; Zhang", "Wei Zhangs; Weiß Zhang; Zhang"),
        ("我们和张伟谈了", "我们和X谈了"),
        ("call +353 1 555 0100 or (01) 555-0100.", "call X or X."),
        ("00353 15550100 2026", "X 2026"),
        ("2026-11-23 14:30, 15550199, 1555010", "2026-11-23 14:30, 15550199, 1555010"),
        ("mail <WEI+x@harbor.example>, wei@harbor.example.", "mail <X>, X."),
        ("email=wei@harbor.example", "email=X"),
        ("请发wei@harbor.example谢谢", "请发X谢谢"),
        ("wei@harbor.example.com notwei@harbor.example", "wei@harbor.example.com notwei@harbor.example"),
        ("'Wei Zhang' --email=wei@harbor.example", "'X' --email=X"),
        ("", ""),
    ],
)
def test_traces_in_texts(text: str, left: str) -> None:
    traces = Traces(["Wei Zhang", "张伟", "Zhang"], ["wei@harbor.example"], ["+353 1 555 0100"])
    assert traces.scrub(text, "X") == left


def test_names_with_quotes_as_the_shell_writes_them() -> None:
    assert Traces(["Jo O'Brien"], [], []).scrub("""add 'Jo O'"'"'Brien' x, Jo OBrien""", "X") == "add 'X' x, X"
    assert Traces(["Jörg Müller"], [], []).scrub("Joerg Mueller; Jorg Muller; JÖRG MÜLLER; Mueller", "X") == "X; X; X; Mueller"


def test_nothing_known_finds_nothing() -> None:
    assert not Traces(["Mary"], [], ["12"]) and Traces([], [], []).scrub("Mary 12", "X") == "Mary 12"


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_name_is_found_and_leaves_no_trace_of_itself(before: str, after: str) -> None:
    traces = Traces(["Wei Zhang", "张伟"], ["wei@harbor.example"], ["+353 1 555 0100"])
    for what in ("Wei Zhang", "wei@harbor.example", "+353 1 555 0100"):
        left = traces.scrub(f"{before} {what} {after}", "X")
        assert what not in left
        assert traces.scrub(left, "X") == left or what not in before + after


@given(st.text(max_size=80))
def test_any_name_any_text(text: str) -> None:
    name_keys(text)
    Traces([text], [text], [text]).scrub(text, "X")
