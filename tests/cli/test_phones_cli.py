"""Phone numbers through the program: typed, shown, searched, filtered and erased in whatever way they are written."""

from __future__ import annotations

import pytest
from conftest import Sfa


@pytest.fixture
def people(sfa: Sfa) -> Sfa:
    sfa.ok("account", "add", "Blue Harbor", "country=Deutschland", "phone=030 901820")
    sfa.ok(
        "contact",
        "add",
        "Wei Zhang",
        "--account",
        "Blue Harbor",
        "phone=(01) 555 0100",
        "mobile=+44 (0)20 7946 0018 ext. 12",
        "country=Irland",
    )
    return sfa


def test_typed_numbers_have_one_form_and_keep_their_own(people: Sfa) -> None:
    wei = people.ok("contact", "show", "Wei", "--json").json
    assert (wei["phone"], wei["phone_written"], wei["mobile"]) == ("+35315550100", "(01) 555 0100", "+442079460018 x12")
    assert people.ok("account", "show", "Blue", "--json").json["phone"] == "+4930901820"
    told = people.ok("contact", "edit", "Wei", "phone=+353 1 555 0101").err
    assert "phone +353 1 555 0100 → +353 1 555 0101" in told and "as written" not in told
    people.ok("contact", "edit", "Wei", "phone=")
    wei = people.ok("contact", "show", "Wei", "--json").json
    assert (wei["phone"], wei["phone_written"]) == (None, None)
    refused = people("contact", "edit", "Wei", "phone=call me")
    assert refused.code == 2 and "not a phone number" in refused.err
    assert people("contact", "edit", "Wei", "phone_written=x").code == 2


@pytest.mark.parametrize(
    "text", ["+353 1 555 0100", "(01) 555 0100", "01 5550100", "00353 1 5550100", "555 0100", "+35315550100", "7946 0018"]
)
def test_search_and_filters_find_every_spelling(people: Sfa, text: str) -> None:
    assert [h["name"] for h in people.ok("search", text, "--kind", "contact", "--json").json] == ["Wei Zhang"]
    field = "mobile" if text.startswith("7946") else "phone"
    assert [c["name"] for c in people.ok("contact", "list", f"{field}:{text}", "--json").json] == ["Wei Zhang"]
    assert [c["name"] for c in people.ok("contact", "list", f"{field}~{text[-4:]}", "--json").json] == ["Wei Zhang"]
    assert people.ok("contact", "list", f"{field}:+49 30 9999999", "--json").json == []


def test_how_a_number_was_written_is_erased_with_the_person(people: Sfa) -> None:
    people.ok("log", "A-1", "note", "Wei is at (01) 555 0100 till noon")
    people.ok("erase", "Wei Zhang", "--yes")
    assert "555 0100" not in people.ok("activity", "list", "--json").out
    assert people.ok("contact", "show", "C-1", "--json").json["phone_written"] is None


def test_a_converted_lead_hands_on_how_its_number_was_written(sfa: Sfa) -> None:
    sfa.ok("lead", "add", "Jo Silva", "--company", "Silva", "phone=21 343 0000", "country=Portugal")
    sfa.ok("lead", "convert", "L-1")
    jo = sfa.ok("contact", "show", "Jo", "--json").json
    assert (jo["phone"], jo["phone_written"]) == ("+351213430000", "21 343 0000")
