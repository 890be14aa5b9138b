"""Short tokens in a logged text."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import UsageError
from sfa.sales import shorthand
from sfa.sales.dates import Calendar

MONDAY = Calendar(date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC))
KINDS = ("call", "email", "visit", "note")


def said(text: str) -> tuple[str, str, str, str, str, list[str]]:
    """(text, next step, due, amount, kind, people) with every person called by the name typed."""
    got = shorthand.read(text, MONDAY, KINDS)
    names = {p: p.name for p in got.people}
    return (
        shorthand.joined(got.text, names),
        shorthand.joined(got.next_step, names),
        got.due,
        got.amount,
        got.kind,
        [p.name for p in got.people],
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("spoke with Wei", ("spoke with Wei", "", "", "", "", [])),
        ("spoke with @wei, wants it", ("spoke with wei, wants it", "", "", "", "", ["wei"])),
        ("@wei and @li.na at the fair", ("wei and li na at the fair", "", "", "", "", ["wei", "li na"])),
        ("met @wei @li.na @bo", ("met wei, li na, bo", "", "", "", "", ["wei", "li na", "bo"])),
        ("@wei then @wei again", ("wei then wei again", "", "", "", "", ["wei"])),
        ("见了 @王伟，很好", ("见了 王伟，很好", "", "", "", "", ["王伟"])),
        # 2026-11-23 is a Monday: three days on is the 26th, the Friday is the 27th, the month ends on the 30th.
        ("talked +3d", ("talked", "", "2026-11-26", "", "", [])),
        ("talked -> send quote +fri", ("talked", "send quote", "2026-11-27", "", "", [])),
        ("talked -> send +fri 10:00", ("talked", "send", "2026-11-27 10:00", "", "", [])),
        ("talked -> send +fri at 2pm, then", ("talked", "send, then", "2026-11-27 14:00", "", "", [])),
        ("talked -> send +fri 25:00", ("talked", "send 25:00", "2026-11-27", "", "", [])),
        ("talked → call @wei +eom", ("talked", "call wei", "2026-11-30", "", "", ["wei"])),
        ("talked => next", ("talked", "next", "", "", "", [])),
        ("-> send quote", ("", "send quote", "", "", "", [])),
        ("wants it for $48k now", ("wants it for $48k now", "", "", "$48k", "", [])),
        ("wants it for €1.234,50.", ("wants it for €1.234,50.", "", "", "€1.234,50", "", [])),
        ("met them #visit", ("met them", "", "", "", "visit", [])),
        ("a+b, a->b, 3+3d", ("a+b, a->b, 3+3d", "", "", "", "", [])),
        ("mail wei@x.example or +353 1 555", ("mail wei@x.example or +353 1 555", "", "", "", "", [])),
        ("#1 of the list, #demo, !high", ("#1 of the list", "", "", "", "", [])),
        ("showed the #demo to @wei.", ("showed the demo to wei.", "", "", "", "", ["wei"])),
        ("cable of 30m length", ("cable of 30m length", "", "", "", "", [])),
        ("talked, 1h30", ("talked", "", "", "", "", [])),
        ("done. #a #b -> next #c!", ("done.", "next!", "", "", "", [])),
        ("@ alone, $ alone, + alone", ("@ alone, $ alone, + alone", "", "", "", "", [])),
        ('said "@wei" and (+3d)', ('said "@wei" and (+3d)', "", "", "", "", [])),
        ("+whenever", ("+whenever", "", "", "", "", [])),
    ],
)
def test_what_is_understood(text: str, expected: tuple[str, str, str, str, str, list[str]]) -> None:
    assert said(text) == expected


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("talked 45m", "duration", "45m"),
        ("talked for 1h30 about it", "duration", "1h30"),
        ("talked 2h", "duration", "2h"),
        ("talked 45", "duration", ""),
        ("€45m deal", "duration", ""),
        ("x -> call !high", "priority", "high"),
        ("x !urgent", "priority", ""),
        ("#Pricing and #demo, again #pricing", "tags", ("pricing", "demo")),
        ("ticket #4711 and #x-2", "tags", ("x-2",)),
        ("#CALL #demo", "kind", "call"),
    ],
)
def test_what_else_is_understood(text: str, field: str, value: object) -> None:
    assert getattr(shorthand.read(text, MONDAY, KINDS), field) == value


@pytest.mark.parametrize("text", ["+3d or +4d", "$4k or $5k", "#call #visit", "x !high !low", "30m or 45m"])
def test_one_thing_said_twice_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="which of them"):
        shorthand.read(text, MONDAY, KINDS)


def test_the_same_thing_twice_is_no_harm() -> None:
    assert said("$4k, yes $4k")[3] == "$4k"


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_text_without_signs_stays(text: str) -> None:
    try:
        got = shorthand.read(text, MONDAY, KINDS)
    except UsageError:
        return
    if not set(text) & set("@#!+$€£¥₹→->=0123456789"):
        assert "".join(got.text) == text and not got.next_step


@given(st.lists(st.sampled_from(["spoke", "wants", "@wei", "+3d", "$48k", "#call", "報價", "a@b.example"]), max_size=8))
def test_words_that_are_no_tokens_are_never_lost(words: list[str]) -> None:
    # People named one after the other are a list, with commas.
    text = [w.removesuffix(",") for w in said(" ".join(words))[0].split()]
    assert [w for w in text if w != "wei"] == [w for w in words if w not in ("@wei", "+3d", "#call")]
