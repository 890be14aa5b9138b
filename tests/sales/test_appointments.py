"""What an event of a calendar makes of a record: companies named in titles, what counts as a difference."""

from __future__ import annotations

import pytest

from sfa.sales import appointments

NAMES = [
    (1, "Blue Harbor Ltd"),
    (2, "Blue Harbor Logistics GmbH"),
    (3, "Müller & Söhne"),
    (4, "Acme"),
    (5, "Norwind"),
    (6, "Norwind Inc."),
    (7, "北京科技有限公司"),
]


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("Visit Blue Harbor", 1),
        ("visit blue-harbor (gate 3)", 1),
        ("Blue Harbor Logistics GmbH: demo", 2),
        ("Muller Sohne, lunch", 3),
        # Too short to be sure of, the name of two, names of two, no name.
        ("Acme", None),
        ("Norwind", None),
        ("Blue Harbor and Blue Harbor Logistics", None),
        ("Blue and harbor", None),
        ("拜访北京科技", 7),
        ("", None),
    ],
)
def test_companies_in_titles(text: str, account: int | None) -> None:
    assert appointments.named(text, appointments.company_names(NAMES)) == account


@pytest.mark.parametrize(
    ("record", "made", "different"),
    [
        ({"text": "Tour (Gate 3)", "when": "a"}, {"text": "Tour (Gate 3)", "when": "a"}, {}),
        ({"text": "Tour\nthey want two", "when": "a"}, {"text": "Tour", "when": "b"}, {"when": "b"}),
        ({"text": "Tour\nthey want two"}, {"text": "Demo"}, {"text": "Demo\nthey want two"}),
        ({"text": "x", "contact": 1}, {"text": "x", "contact": 2, "account": 3}, {}),
        ({"text": "x", "contact": 1, "others": [3]}, {"text": "x", "contact": 1, "others": [3, 4]}, {"others": [3, 4]}),
        ({"text": "x", "contact": None}, {"text": "x", "contact": 2, "account": 3}, {"contact": 2, "account": 3}),
        ({"name": "a", "due": None, "at": "09:00"}, {"name": "a", "due": "2026-12-01", "at": None}, {"due": "2026-12-01", "at": None}),
    ],
)
def test_what_a_calendar_says_otherwise(record, made, different) -> None:
    assert appointments.different(record, made) == different


def test_places_and_priorities() -> None:
    assert appointments.text("Tour", "Gate 3") == "Tour (Gate 3)"
    assert appointments.text("Tour at Gate 3", "Gate 3") == "Tour at Gate 3"
    assert appointments.text("", "https://meet.example/x") == "(no title)"
    assert [appointments.priority(n) for n in (0, 1, 4, 5, 6, 9)] == ["normal", "high", "high", "normal", "low", "low"]
    assert all(appointments.priority(appointments.number(p)) == p for p in ("high", "normal", "low"))
