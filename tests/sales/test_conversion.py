"""What a lead becomes: the rules of FORMULAS, "Leads", Conversion, on plain records."""

from __future__ import annotations

import pytest

from sfa.errors import Refused
from sfa.sales import conversion

LEAD = {
    "id": 1,
    "name": "Mary Cole",
    "first_name": "Mary",
    "last_name": "Cole",
    "company": "Green Foods",
    "email": "mary@greenfoods.example",
    "phone": "+44 20 5550 0101",
    "street": "1 High St",
    "city": "Leeds",
    "country": "United Kingdom",
    "industry": "food",
    "opt_out_email": "2026-10-01 web form",
    "source": "web",
    "owner": 7,
    "status": "qualified",
    "rating": "hot",
    "budget": 5,
}


@pytest.mark.parametrize(
    "state", [{"status": "converted", "converted": "2026-01-02"}, {"converted": "2026-01-02"}, {"status": "disqualified"}]
)
def test_what_cannot_be_converted(state: dict[str, str]) -> None:
    with pytest.raises(Refused):
        conversion.check({**LEAD, **state})


def test_a_new_account_takes_the_company() -> None:
    made = conversion.account_of(LEAD, ["budget"])
    assert made == {
        "name": "Green Foods",
        "types": "prospect",
        "industry": "food",
        "street": "1 High St",
        "city": "Leeds",
        "country": "United Kingdom",
        "owner": 7,
        "source": "web",
        "budget": 5,
    }


def test_a_person_without_a_company_is_a_consumer_whose_address_stays_with_the_person() -> None:
    made = conversion.account_of({**LEAD, "company": None}, [])
    assert (made["name"], made["types"], made["country"]) == ("Mary Cole", "consumer", "United Kingdom")
    assert "street" not in made and "city" not in made


def test_a_new_contact_takes_the_person() -> None:
    made = conversion.contact_of(LEAD, 3, [])
    assert made["account"] == 3 and made["owner"] == 7 and made["opt_out_email"] == "2026-10-01 web form"
    assert {"company", "industry", "source", "status", "rating", "budget", "id"}.isdisjoint(made)
    assert all(v not in (None, "") for v in made.values())


def test_blanks_are_filled_and_nothing_is_overwritten() -> None:
    contact = {
        "id": 9,
        "name": "M. Cole",
        "email": "cole@old.example",
        "phone": "+44 20 5550 0101",
        "title": "Buyer",
        "country": "united kingdom",
        "account": None,
        "opt_out_phone": "2020-01-01 letter",
    }
    filled = conversion.contact_blanks(LEAD, contact, 3, [])
    assert filled == {
        "account": 3,
        "street": "1 High St",
        "city": "Leeds",
        "opt_out_email": "2026-10-01 web form",
        "other_emails": "mary@greenfoods.example",
    }
    assert not {k for k in filled if contact.get(k)}


def test_two_addresses_are_never_mixed() -> None:
    filled = conversion.account_blanks(LEAD, {"name": "Green Foods", "city": "York"}, [])
    assert filled == {"industry": "food"}


def test_the_strictest_opt_out_wins() -> None:
    contact = {"opt_out_email": "2019-05-05 phone", "opt_out_sms": None}
    filled = conversion.contact_blanks({**LEAD, "opt_out_sms": "2026-02-02 form"}, contact, 3, [])
    assert "opt_out_email" not in filled and filled["opt_out_sms"] == "2026-02-02 form"


def test_the_opportunity_has_the_owner_the_source_and_the_quarters_end_unless_given() -> None:
    made = conversion.opportunity_of(LEAD, 3, 9, {"amount": 5, "close": "2027-01-15"}, "2026-12-31", [])
    assert made == {"account": 3, "contact": 9, "owner": 7, "source": "web", "close": "2027-01-15", "amount": 5}
    assert conversion.opportunity_of(LEAD, 3, 9, {}, "2026-12-31", [])["close"] == "2026-12-31"


A, B, C = (
    {"id": 1, "name": "Green Foods"},
    {"id": 2, "name": "green foods"},
    {"id": 3, "name": "Green Foods Ltd"},
)


@pytest.mark.parametrize(
    ("candidates", "found", "choices"),
    [
        ([], None, []),
        ([{"id": 5, "name": "Greenfield"}], None, []),
        ([A], 1, []),
        ([A, C], 1, []),
        ([A, B], None, [1, 2]),
        ([C], None, [3]),
        ([{**C, "website": "greenfoods.example"}], 3, []),
    ],
)
def test_which_account(candidates: list[dict[str, object]], found: int | None, choices: list[int]) -> None:
    match = conversion.match_account(LEAD, candidates)
    assert (match.found and match.found["id"], [c["id"] for c in match.choices]) == (found, choices)


MARY = {"id": 1, "name": "Mary Cole", "company": "Green Foods", "email": "mary@greenfoods.example"}


@pytest.mark.parametrize(
    ("candidates", "found", "choices"),
    [
        ([], None, []),
        ([MARY], 1, []),
        ([MARY, {**MARY, "id": 2}], None, [1, 2]),
        ([{**MARY, "email": None}], 1, []),
        ([MARY, {**MARY, "id": 2, "email": None}], 1, []),
        ([{**MARY, "email": "mc@greenfoods.example"}], None, [1]),
        ([{**MARY, "name": "John Cole", "email": None}], None, []),
    ],
)
def test_which_contact(candidates: list[dict[str, object]], found: int | None, choices: list[int]) -> None:
    match = conversion.match_contact(LEAD, candidates)
    assert (match.found and match.found["id"], [c["id"] for c in match.choices]) == (found, choices)
