"""How often, when and how people want to be contacted: frequencies, birthdays, lengths of time, refusals and proposals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import BadValue
from sfa.sales import birthdays, cadence, spans, wishes
from sfa.sales.dates import Calendar
from sfa.sales.wishes import Wishes

MONDAY = Calendar(date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("text", "stored", "said"),
    [
        ("weekly", "1w", "weekly"),
        ("Monthly", "1m", "monthly"),
        ("quarterly", "3m", "quarterly"),
        ("fortnightly", "2w", "every 2 weeks"),
        ("every 6w", "6w", "every 6 weeks"),
        ("every 6 weeks", "6w", "every 6 weeks"),
        ("6w", "6w", "every 6 weeks"),
        ("every month", "1m", "monthly"),
        ("every 2 quarters", "6m", "every 6 months"),
        ("10 days", "10d", "every 10 days"),
        ("yearly", "1y", "yearly"),
    ],
)
def test_frequencies(text: str, stored: str, said: str) -> None:
    assert (cadence.parse(text), cadence.words(stored)) == (stored, said)
    assert cadence.parse(said) == stored


@pytest.mark.parametrize("text", ["", "often", "0w", "every", "month", "6", "-1w", "every 1000w", "6x"])
def test_what_is_no_frequency(text: str) -> None:
    with pytest.raises(BadValue):
        cadence.parse(text)


@pytest.mark.parametrize(
    ("value", "last", "due"),
    [
        ("1w", "2026-11-16", "2026-11-23"),
        ("1m", "2026-01-31", "2026-02-28"),
        ("1y", "2024-02-29", "2025-02-28"),
        ("10d", "2026-12-25", "2027-01-04"),
    ],
)
def test_when_the_next_contact_is_due(value: str, last: str, due: str) -> None:
    assert cadence.due(value, date.fromisoformat(last)) == date.fromisoformat(due)
    assert cadence.due(value, None) is None


@pytest.mark.parametrize(
    ("every", "contacts", "length", "last", "rating", "late"),
    [
        # Monthly over 90 days wants 90 ÷ 30.4375 = 2.96: two or three are as wanted.
        ("1m", 1, 90, "2026-11-20", "under", False),
        ("1m", 2, 90, "2026-11-20", "as wanted", False),
        ("1m", 3, 90, "2026-11-20", "as wanted", False),
        ("1m", 4, 90, "2026-11-20", "over", False),
        ("1m", 2, 90, "2026-10-20", "under", True),
        ("1m", 4, 90, "2026-10-20", "over", True),
        # Due today is not late yet.
        ("1m", 2, 90, "2026-10-23", "as wanted", False),
        ("1y", 0, 90, "2026-01-01", "as wanted", False),
        ("1y", 2, 90, "2026-11-01", "over", False),
        ("1w", 0, 2, None, "under", True),
    ],
)
def test_ratings(every: str, contacts: int, length: int, last: str | None, rating: str, late: bool) -> None:
    got = cadence.rated(every, False, contacts, length, date.fromisoformat(last) if last else None, MONDAY.today)
    assert (got.rating, got.late) == (rating, late)


def test_nobody_who_is_not_to_be_contacted_wants_any() -> None:
    assert cadence.rated("1w", True, 1, 90, None, MONDAY.today)[:3] == (0.0, 1, "over")
    assert cadence.rated("1w", True, 0, 90, None, MONDAY.today)[:3] == (0.0, 0, "as wanted")


@given(st.integers(1, 999), st.sampled_from("dwmy"), st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_the_next_contact_is_after_the_last_and_longer_is_later(count: int, unit: str, last: date) -> None:
    value = f"{count}{unit}"
    due, longer = cadence.due(value, last), cadence.due(f"{count + 1}{unit}", last)
    assert due and longer and last < due <= longer
    assert cadence.parse(cadence.words(value)) == value
    if due.year < 2200:
        assert abs((due - last).days - cadence.days(value)) <= 4


# Birthdays --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("1980-05-01", "1980-05-01"),
        ("05-01", "--05-01"),
        ("--0501", "--05-01"),
        ("--05-01", "--05-01"),
        ("1 May", "--05-01"),
        ("May 1", "--05-01"),
        ("5月1日", "--05-01"),
        ("1 may 1980", "1980-05-01"),
        ("29 feb", "--02-29"),
        ("02-29", "--02-29"),
        ("25/12/55", "1955-12-25"),
        ("25/12/99", "1999-12-25"),
    ],
)
def test_birthdays_are_read(text: str, stored: str) -> None:
    assert birthdays.parse(text, MONDAY) == stored


@pytest.mark.parametrize("text", ["02-30", "13-01", "1981-02-29", "soon", "31 June"])
def test_what_is_no_birthday(text: str) -> None:
    with pytest.raises(BadValue):
        birthdays.parse(text, MONDAY)


@pytest.mark.parametrize(
    ("value", "start", "end", "day"),
    [
        ("1980-11-23", "2026-11-23", "2026-11-24", "2026-11-23"),
        ("1980-11-24", "2026-11-23", "2026-11-24", None),
        ("--02-29", "2026-02-23", "2026-03-02", "2026-02-28"),
        ("--02-29", "2028-02-28", "2028-03-01", "2028-02-29"),
        ("--02-29", "2028-02-28", "2028-02-29", None),
        ("--01-02", "2026-12-28", "2027-01-04", "2027-01-02"),
    ],
)
def test_when_they_fall(value: str, start: str, end: str, day: str | None) -> None:
    got = birthdays.between(value, date.fromisoformat(start), date.fromisoformat(end))
    assert (got and got.isoformat()) == day


@given(st.dates(date(1920, 1, 1), date(2026, 1, 1)), st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 400))
def test_the_spans_of_days_find_every_birthday_that_falls(born: date, start: date, length: int) -> None:
    end = start + timedelta(days=length)
    falls = birthdays.between(born.isoformat(), start, end) is not None
    found = any(first <= f"{born:%m-%d}" <= last for first, last in birthdays.keys(start, end))
    assert found or not falls


def test_how_old() -> None:
    assert birthdays.turns("1980-11-23", date(2026, 11, 23)) == 46 and birthdays.turns("--11-23", date(2026, 11, 23)) is None


# Lengths of time --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45m", 45),
        ("45 min", 45),
        ("90", 90),
        ("1h30", 90),
        ("1h30m", 90),
        ("1 h 30 min", 90),
        ("1:30", 90),
        ("1.5h", 90),
        ("2h", 120),
        ("0,25h", 15),
    ],
)
def test_lengths_are_read(text: str, minutes: int) -> None:
    assert spans.minutes(text) == minutes


@pytest.mark.parametrize("text", ["long", "1:75", "-5", "h", "8 days", "99999", "1.5h30"])
def test_what_is_no_length(text: str) -> None:
    with pytest.raises(BadValue):
        spans.minutes(text)


@given(st.integers(0, spans.LONGEST))
def test_lengths_come_back(count: int) -> None:
    assert spans.minutes(spans.words(count)) == count


# Refusals and proposals -------------------------------------------------------------------------------------------------------------

NO_CALLS = {"opt_out_phone": "2026-03-04 asked by phone"}


@pytest.mark.parametrize(
    ("barred", "kind", "said"),
    [
        ({}, "call", ""),
        (NO_CALLS, "call", "Wei wants no calls (since 2026-03-04, asked by phone)"),
        (NO_CALLS, "email", ""),
        ({"opt_out_visit": "2026-03-04"}, "visit", "Wei wants no visits (since 2026-03-04)"),
        ({"opt_out_mail": "2026-03-04"}, "letter", "Wei wants no letters (since 2026-03-04)"),
        ({"do_not_contact": "2026-03-04 left"}, "meeting", "Wei is not to be contacted (since 2026-03-04, left)"),
        ({"do_not_contact": "2026-03-04 left"}, "note", ""),
        ({"do_not_contact": "2026-03-04 left"}, "web", ""),
    ],
)
def test_refusals(barred: dict[str, str], kind: str, said: str) -> None:
    assert wishes.refusal(Wishes("Wei", barred), kind) == said


@pytest.mark.parametrize(
    ("barred", "channel", "reach", "proposed"),
    [
        ({}, None, {"call", "email"}, "call"),
        ({}, None, {"email"}, "email"),
        ({}, None, set(), "meeting"),
        ({}, "visit", {"call"}, "visit"),
        (NO_CALLS, None, {"call", "email"}, "email"),
        (NO_CALLS, "call", {"call"}, "meeting"),
        ({"do_not_contact": "2026-03-04"}, "call", {"call"}, None),
    ],
)
def test_proposals(barred: dict[str, str], channel: str | None, reach: set[str], proposed: str | None) -> None:
    assert wishes.proposed(Wishes("Wei", barred, channel, reach=frozenset(reach))) == proposed


@given(
    st.sets(st.sampled_from([*wishes.OPT_OUT_OF.values(), wishes.EVERYTHING])),
    st.none() | st.sampled_from(["call", "email", "visit", "letter", "chat", "meeting"]),
    st.sets(st.sampled_from(["call", "email"])),
)
def test_what_is_proposed_is_never_refused(barred: set[str], channel: str | None, reach: set[str]) -> None:
    who = Wishes("Wei", dict.fromkeys(barred, "2026-03-04"), channel, reach=frozenset(reach))
    kind = wishes.proposed(who)
    assert kind is None or wishes.refusal(who, kind) == ""
