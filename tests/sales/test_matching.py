"""Who is the same person, which company is the same: tables of cases, and what must hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import matching
from sfa.sales.matching import CERTAIN, LIKELY, NO

WEI = {"name": "Wei Zhang", "email": "wei@blueharbor.example", "company": "Blue Harbor Ltd", "phone": "+353 1 555 0100"}


@pytest.mark.parametrize(
    ("other", "level"),
    [
        ({"email": "WEI@blueharbor.example"}, CERTAIN),
        ({"other_emails": "x@y.example,wei@blueharbor.example"}, CERTAIN),
        ({"name": "Wei Zhang"}, NO),
        ({"name": "Wei Zhang", "company": "Blue Harbor"}, LIKELY),
        ({"name": "zhang, WÉI", "company": "BLUE HARBOR LIMITED"}, LIKELY),
        ({"name": "Wei Zhang", "phone": "(01) 555 0100"}, LIKELY),
        ({"phone": "+353 1 555 0100"}, NO),
        ({"phone": "+353 1 555 0100", "company": "Blue Harbor Ltd"}, NO),
        ({"name": "Nora Lind", "company": "Blue Harbor Ltd"}, NO),
        ({"name": "Wei Zhang", "company": "Red Harbor"}, NO),
        ({}, NO),
    ],
)
def test_person(other: dict[str, str], level: str) -> None:
    assert matching.person(WEI, other).level == level
    assert matching.person(other, WEI).level == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ({"email": "info@x.example"}, {"email": "info@x.example"}, NO),
        ({"email": "info@x.example", "name": "A B"}, {"email": "info@x.example", "name": "B A"}, LIKELY),
        ({"email": "sales.emea@x.example"}, {"email": "sales.emea@x.example"}, NO),
        ({"email": "salesman@x.example"}, {"email": "salesman@x.example"}, CERTAIN),
        ({"external_id": "7"}, {"external_id": "7"}, CERTAIN),
        ({"external_id": ""}, {"external_id": ""}, NO),
        ({"name": "王伟", "company": "北京科技"}, {"name": "王伟", "company": "北京科技有限公司"}, LIKELY),
        ({"name": "かとう", "company": "X"}, {"name": "がとう", "company": "X"}, NO),
        ({"name": "A B", "phone": "12345"}, {"name": "A B", "phone": "12345"}, NO),
    ],
)
def test_person_pairs(one: dict[str, str], other: dict[str, str], level: str) -> None:
    assert matching.person(one, other).level == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ({"name": "Blue Harbor"}, {"name": "BLUE harbor "}, CERTAIN),
        ({"name": "Blue Harbor"}, {"name": "Blue Harbor Ltd."}, LIKELY),
        ({"name": "Foo S.A."}, {"name": "Foo GmbH"}, LIKELY),
        ({"name": "Blue Harbor", "website": "https://www.bh.example/x"}, {"name": "Blue Harbor Ltd", "website": "bh.example"}, CERTAIN),
        ({"name": "Blue Harbor", "email": "a@gmail.com"}, {"name": "Blue Harbor Ltd", "email": "b@gmail.com"}, LIKELY),
        ({"name": "Blue", "website": "bh.example"}, {"name": "Harbor", "website": "bh.example"}, NO),
        ({"name": "Ltd"}, {"name": "GmbH"}, NO),
        ({"name": ""}, {"name": ""}, NO),
        ({"name": "株式会社トヨタ"}, {"name": "トヨタ"}, LIKELY),
    ],
)
def test_company(one: dict[str, str], other: dict[str, str], level: str) -> None:
    assert matching.company(one, other).level == level


BOB = {"name": "Bob Cole", "company": "Acme Ltd", "phone": "+353 1 555 0100", "email": "bob@acme.example"}


@pytest.mark.parametrize(
    ("other", "level", "evidence"),
    [
        ({"name": "Robert Cole", "company": "Acme"}, LIKELY, "name (nickname), company"),
        ({"name": "Cole, Bob", "phone": "(01) 5550100"}, LIKELY, "name, phone"),
        ({"first_name": "Cole", "last_name": "Bob", "phone": "(01) 5550100"}, LIKELY, "name (other order), phone"),
        ({"first_name": "Cole", "last_name": "Robert", "company": "Acme"}, LIKELY, "name (nickname), company"),
        ({"first_name": "Cole,", "last_name": "Robert", "company": "Acme"}, LIKELY, "name (nickname), company"),
        ({"name": "B Cole", "phone": "(01) 5550100"}, LIKELY, "name (initial), phone"),
        ({"name": "B Cole", "company": "Acme"}, NO, "name (initial), company"),
        ({"name": "Bob Coles", "phone": "(01) 5550100"}, LIKELY, "name (similar), phone"),
        ({"name": "Rob Clark", "company": "Acme", "phone": "(01) 5550100"}, NO, ""),
        ({"name": "Bob Cole Jr.", "company": "Acme"}, NO, "name, company"),
        ({"name": "Bob Cole", "email": "b.cole@acme.example"}, LIKELY, "name, domain, other e-mail"),
        ({"name": "Bob Cole", "email": "bob+news@acme.example"}, CERTAIN, "e-mail, name, domain"),
        ({"name": "Nora Lind", "email": "BOB@acme.example"}, CERTAIN, "e-mail, domain"),
        ({"name": "Bob Cole", "company": "Acme", "country": "Norway"}, LIKELY, "name, company"),
    ],
)
def test_evidence(other: dict[str, str], level: str, evidence: str) -> None:
    for verdict in (matching.person(BOB, other), matching.person(other, BOB)):
        assert (verdict.level, ", ".join(verdict.evidence)) == (level, evidence), verdict
        assert (verdict.score >= matching.SCORE) == (level != NO)


@pytest.mark.parametrize(
    ("one", "other", "least", "most"),
    [
        ({"name": "Acme", "website": "a.example"}, {"name": "Acme Ltd", "website": "b.example"}, 50, 60),
        ({"name": "Acme Steelworks", "phone": "+353 1 555 0100"}, {"name": "Acme Steelwork", "phone": "01 5550100"}, 70, 94),
        ({"name": "Plant 12", "website": "p.example"}, {"name": "Plant 13", "website": "p.example"}, 0, 0),
        ({"name": "Acme", "country": "Norway"}, {"name": "Acme", "country": "Spain"}, 85, 95),
    ],
)
def test_scores_of_companies(one: dict[str, str], other: dict[str, str], least: int, most: int) -> None:
    for verdict in (matching.company(one, other), matching.company(other, one)):
        assert least <= verdict.score <= most, verdict


def test_thresholds_are_settings() -> None:
    one, other = matching.person_of(BOB), matching.person_of({"name": "Robert Cole", "company": "Acme"})
    assert [matching.people(one, other, least).level for least in (60, 70, 71)] == [LIKELY, LIKELY, NO]
    other = matching.person_of({"name": "Bob Colne", "phone": BOB["phone"]})
    assert [matching.people(one, other, similar=s).level for s in (80, 90)] == [LIKELY, NO]


RECORDS = st.fixed_dictionaries(
    {},
    optional={n: st.text(max_size=30) | st.none() for n in ("name", "first_name", "email", "other_emails", "phone", "company", "website")},
)


@given(RECORDS, RECORDS)
def test_comparing_is_symmetric_and_never_crashes(one: dict[str, str], other: dict[str, str]) -> None:
    assert matching.person(one, other) == matching.person(other, one)
    assert matching.company(one, other) == matching.company(other, one)


@given(RECORDS)
def test_blank_equals_nothing(record: dict[str, str]) -> None:
    blank = dict.fromkeys(record, "")
    assert matching.person(record, blank).level == NO
    assert matching.company(record, blank).level == NO
