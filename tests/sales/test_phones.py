"""Phone numbers: one form for what people write, by the country of the row. The phone library itself is the judge."""

from __future__ import annotations

import random

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import arrivals, phones
from sfa.sales.countries import region
from sfa.sales.kinds import KINDS
from sfa.sales.phones import phone_key


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("+353 1 555 0100", "", "+35315550100"),
        ("(01) 555 0100", "Ireland", "+35315550100"),
        ("030 901820", "Deutschland", "+4930901820"),
        ("0049 30 901820", "DE", "+4930901820"),
        ("+49 (0)30 901820", "", "+4930901820"),
        ("(212) 555-0100", "USA", "+12125550100"),
        ("1-212-555-0100 ext. 12", "US", "+12125550100 x12"),
        ("+44 20 7946 0018 x 7", "", "+442079460018 x7"),
        ("010-62785001", "中国", "+861062785001"),
        ("03-3224-9999", "日本", "+81332249999"),
        ("06 6982", "Italia", "+39066982"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("030 901820", "", None),
        ("12", "DE", None),
        ("555-0199", "US", None),
        ("+99 123 4567", "", None),
        ("call me", "US", None),
        ("", "US", None),
    ],
)
def test_one_form(text: str, country: str, expected: str | None) -> None:
    assert phones.normal(text, region(country)) == expected


@pytest.mark.parametrize(
    ("country", "expected"),
    [
        ("Germany", "DE"),
        ("GERMANY ", "DE"),
        ("deu", "DE"),
        ("de", "DE"),
        ("Österreich", "AT"),
        ("Osterreich", "AT"),
        ("中国", "CN"),
        ("U.S.A.", "US"),
        ("The Netherlands", "NL"),
        ("ドイツ", "DE"),
        ("대한민국", "KR"),
        ("Atlantis", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_countries(country: str | None, expected: str) -> None:
    assert region(country) == expected


def test_every_country_is_one_that_the_library_knows() -> None:
    from sfa.sales.countries import _known

    assert set(_known().values()) - {"AQ"} <= phonenumbers.SUPPORTED_REGIONS


def by_library(text: str, of: str) -> str | None:
    try:
        number = phonenumbers.parse(text, of or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    form = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{form} x{number.extension}" if number.extension else form


REGIONS = (
    "DE",
    "US",
    "GB",
    "CN",
    "JP",
    "IT",
    "FR",
    "BR",
    "AR",
    "MX",
    "RU",
    "KZ",
    "CH",
    "AU",
    "IN",
    "HU",
    "LT",
    "CI",
    "SM",
    "CA",
    "FI",
    "TR",
)


@pytest.mark.parametrize("of", REGIONS)
def test_the_short_way_says_what_the_library_says(of: str) -> None:
    dice = random.Random(of)
    code = str(phonenumbers.country_code_for_region(of))
    for _ in range(600):
        start = dice.choice(["", "0", "1", "8", "06", "00", f"+{code}", f"+{code}0", code, "+", f"+{code} {code}"])
        text = start + "".join(dice.choice("0123456789 ") for _ in range(dice.randrange(3, 13)))
        if dice.random() < 0.5 and (example := phonenumbers.example_number_for_type(of, dice.choice((0, 1, 3, 4, 6)))):
            text = phonenumbers.format_number(example, dice.choice((0, 1, 2)))[:-2] + str(dice.randrange(10, 99))
        assert phones.normal(text, of) == by_library(text, of), text


@given(st.text(max_size=40), st.sampled_from(["", "DE", "US", "XX"]))
def test_any_text_is_a_number_or_none_and_stays_itself(text: str, of: str) -> None:
    found = phones.normal(text, of)
    if found is not None:
        assert phones.normal(found, of) == found
        assert phones.for_people(found)


@given(st.lists(st.sampled_from(["+353 1 555 0100", "01 5550100", None, "nobody", "+353 1 555 0100,01 555 0101"]), max_size=6))
def test_a_column_is_its_cells(texts: list[str | None]) -> None:
    reader = phones.Reader("IE")
    kept, written = reader.column(texts, reader.regions_of(["Ireland"] * len(texts)), True)
    for text, k, w in zip(texts, kept, written, strict=True):
        assert k == (phones.many(text, "IE") if text else None)
        assert (w or k) == text


def test_a_row_with_its_number_written_otherwise_does_not_differ() -> None:
    kind = KINDS["contact"]
    before = {"phone": "+4930901820", "phone_written": "030 901820", "mobile": None}
    assert arrivals.differing(kind, before, {"phone": "+4930901820", "phone_written": "+49 30 901820"}) == {}
    # A number that an earlier version kept as it was written is the same number still.
    assert arrivals.differing(kind, {"phone": "030 901820"}, {"phone": "+4930901820", "phone_written": "030 901820"}) == {}
    other = {"phone": "+4930901821", "phone_written": "030 901821"}
    assert arrivals.differing(kind, before, other) == other
    # The new one came in the form that it has: nothing of the old one stays.
    assert arrivals.differing(kind, before, {"phone": "+4930901821", "phone_written": None}) == {
        "phone": "+4930901821",
        "phone_written": None,
    }
    assert arrivals.counted(other) == 1
    new = {"mobile": "+491711234567", "mobile_written": "0171 1234567", **other}
    assert arrivals.to_write(kind, before, arrivals.differing(kind, before, new), "fill") == {
        "mobile": "+491711234567",
        "mobile_written": "0171 1234567",
    }


def test_an_extension_is_no_part_of_the_number() -> None:
    assert phone_key("+353 1 555 0100 ext. 12") == phone_key("+35315550100 x9") == "35315550100"
    assert phone_key("+44 (0)20 7946 0018") == "442079460018"
