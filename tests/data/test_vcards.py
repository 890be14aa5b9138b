"""Address books as nine programs write them, against a table made by reading the files with one's eyes.

A fax and a pager are no phones. Where a card has several addresses the preferred one counts, else the one at work, else the first.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import Sfa
from exports import folder_of

from sfa.reading.tabular import open_table

N = "Ñ"


class Read(NamedTuple):
    """A card as a person reads it: name, e-mail addresses with the preferred one first, phone at work, mobile phone, other phones, the
    address as street, city, state, postal code, country."""

    name: str
    emails: tuple[str, ...] = ()
    phone: str = ""
    mobile: str = ""
    others: tuple[str, ...] = ()
    address: tuple[str, str, str, str, str] = ("", "", "", "", "")


CRESCENT = "Crescent moon drive\n555-asd\nNice Area, Albaney, New York 12345\nUnited States of America"
USA = "United States of America"
BUSINESS = "905-777-1234", "905-555-1234", ("905-666-1234", "905-222-1234")
SILICON = ("Silicon Alley 5,", "New York", "New York", "12345", USA)
CARDS: dict[str, list[Read]] = {
    "John_Doe_ANDROID": [
        Read("", ("john.doe@company.com",)),
        Read("", ("jane.doe@company.com",)),
        Read("Ñ Ñ Ñ Ñ Ñ", (), "", "123456789"),
        Read(" ".join(N * 11), (), "", "123456", ("3456789", "234567", "45678901")),
        Read("Ñ Ñ Ñ Ñ", ("bob@company.com", N * 14), "123456", "123456"),
        Read(N * 4, ("henry@company.com",), "", "55556666"),
    ],
    "John_Doe_BLACK_BERRY": [Read("John Doe", (), "", "+96123456789")],
    "John_Doe_EVOLUTION": [
        Read(
            "Mr. John Richter, James Doe Sr.",
            ("john.doe@ibm.com",),
            "905-555-1234",
            "905-666-1234",
            (),
            ("ASB-123\n15 Crescent moon drive", "Albaney", "New York", "12345", USA),
        )
    ],
    "John_Doe_GMAIL": [
        Read("Mr. John Richter, James Doe Sr.", ("john.doe@ibm.com",), "", "905-555-1234", ("905-666-1234",), (CRESCENT, "", "", "", ""))
    ],
    "John_Doe_IPHONE": [Read("Mr. John Richter James Doe Sr.", ("john.doe@ibm.com",), *BUSINESS, SILICON)],
    "John_Doe_LOTUS_NOTES": [
        Read(
            "Mr. Doe John I Johny",
            ("john.doe@ibm.com", "billy_bob@gmail.com"),
            "",
            "+1 (212) 204-34456",
            (),
            ("25334\nSouth cresent drive, Building 5, 3rd floo r", "New York", "New York", "NYC887", "U.S.A."),
        )
    ],
    "John_Doe_MAC_ADDRESS_BOOK": [Read("Mr. John Richter,James Doe Sr.", ("john.doe@ibm.com",), *BUSINESS, SILICON)],
    "John_Doe_MS_OUTLOOK": [
        Read(
            "Mr. John Richter James Doe Sr.",
            ("john.doe@ibm.cm",),
            "(905) 555-1234",
            "",
            ("(905) 666-1234",),
            ("Cresent moon drive", "Albaney", "New York", "12345", USA),
        )
    ],
    "fullcontact": [
        Read(
            "Prefix FirstName MiddleName LastName Suffix",
            tuple(f"{w}@example.com" for w in ("home", "work", "school", "other", "custom")),
            "555-555-1112",
            "555-555-1113",
            ("555-555-1114", "555-555-1115", "555-555-1118", "555-555-1119", "555-555-1111"),
            ("WorkExtended\nWorkStreet", "WorkCity", "WorkState", "WorkPostal", "WorkCountry"),
        )
    ],
    "gmail-list": [
        Read("Arnold Smith", ("asmithk@gmail.com",)),
        Read("Chris Beatle", ("chrisy55d@yahoo.com",)),
        Read("Doug White", ("dwhite@gmail.com",)),
    ],
    "gmail-single": [
        Read(
            "Greg Dartmouth",
            ("gdartmouth@hotmail.com",),
            "",
            "555 555 1111",
            ("555 555 2222",),
            ("123 Home St\nHome City, HM 12345", "", "", "", ""),
        )
    ],
    "gmail-single2": [
        Read(
            "VCard Test",
            tuple(f"{w}@example.com" for w in ("email", "homeemail", "workemail", "otheremail", "customcategory")),
            "5555551113",
            "5555551115",
            tuple(f"555555{n}" for n in (1111, 1114, 1116, 1112, 1119, 1121)),
            ("113 Main St", "NY", "New York", "10011", ""),
        )
    ],
    # The address label's parameter is not quoted and goes on into the value, so that a person can only guess where the address begins.
    "issue114": [
        Read(
            "Dummy, Dummy",
            ("dummy.dummy@dummy.com",),
            "+49 9876 54321",
            "+49 1234 56789",
            (),
            (
                "BHG01:^n61352 Bad Homburg^nGERMANY:61352 Bad Homburg\nGERMANY:\nBHG01:\nDummy-Dummy-Strasse 1",
                "Bad Homburg",
                "",
                "61352",
                "Germany",
            ),
        )
    ],
    "outlook-2003": [
        Read(
            "John Doe III",
            ("jdoe@hotmail.com",),
            "BusinessPhone",
            "MobilePhone",
            ("HomePhone",),
            ("TheOffice\n123 Main St", "Austin", "TX", "12345", USA),
        )
    ],
    "outlook-2007": [
        Read(
            "Mr. Michael Angstadt Jr.",
            ("mike.angstadt@gmail.com",),
            "(111) 555-1111",
            "(111) 555-4444",
            ("(111) 555-2222",),
            ("TheOffice\n222 Broadway", "New York", "NY", "99999", "USA"),
        )
    ],
    "rfc2426-example": [
        Read(
            "Frank Dawson",
            ("Frank_Dawson@Lotus.com", "fdawson@earthlink.net"),
            "+1-919-676-9515",
            "",
            (),
            ("6544 Battleford Drive", "Raleigh", "NC", "27613-3502", "U.S.A."),
        ),
        Read(
            "Tim Howes",
            ("howes@netscape.com",),
            "+1-415-937-3419",
            "",
            (),
            ("501 E. Middlefield Rd.", "Mountain View", "CA", "94043", "U.S.A."),
        ),
    ],
    "rfc6350-example": [
        Read(
            "Simon Perreault",
            ("simon.perreault@viagenie.ca",),
            "+1-418-656-9254 ext 102",
            "+1-418-262-6501",
            (),
            ("Suite D2-630\n2875 Laurier", "Quebec", "QC", "G1V 2M2", "Canada"),
        )
    ],
    "thunderbird-MoreFunctionsForAddressBook-extension": [
        Read(
            "John Doe",
            ("doe.john@hotmail.com", *(f"additional-email{n}@company.com" for n in ("", 1, 2, 3))),
            "555-555-1111",
            "555-555-5555",
            ("555-555-2222",),
            ("222 Broadway\nSuite 100", "New York", "NY", "98765", "USA"),
        )
    ],
}
NOT_LOADED = {"John_Doe_ANDROID": [36]}
"""Lines of cards whose e-mail is none: fourteen Ñ. A phone that is none (the word BusinessPhone) is kept as it is."""


@pytest.fixture
def folder(shared: Path) -> Path:
    return folder_of(shared, "ezvcard_samples")


def cells(path: Path) -> list[dict[str, str]]:
    with open_table(str(path)) as table:
        out = []
        for row in table:
            assert not row.problem
            out.append(dict(zip(table.header, row.cells, strict=True)))
        return out


def listed(text: str) -> tuple[str, ...]:
    return tuple(p for p in text.split(", ") if p)


def test_the_table_is_of_all_files(folder: Path) -> None:
    assert {p.stem for p in folder.glob("*.vcf")} == set(CARDS)


@pytest.mark.parametrize("name", CARDS)
def test_cards_are_read_as_a_person_reads_them(folder: Path, name: str) -> None:
    found = [
        Read(
            c.get("name", ""),
            (*listed(c.get("email", "")), *listed(c.get("other_emails", ""))),
            c.get("phone", ""),
            c.get("mobile", ""),
            listed(c.get("other_phones", "")),
            tuple(c.get(n, "") for n in ("street", "city", "state", "postal_code", "country")),  # type: ignore[arg-type]
        )
        for c in cells(folder / f"{name}.vcf")
    ]
    assert found == CARDS[name]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("John_Doe_EVOLUTION", {"company": "IBM", "department": "Accounting, Dungeon", "external_id": "477343c8e6bf375a9bac1f96a5000837"}),
        ("John_Doe_IPHONE", {"first_name": "John", "last_name": "Doe", "birthday": "2012-06-06", "website": "http://www.ibm.com"}),
        ("outlook-2003", {"company": "Company, The", "description": "This is the note field!!\nSecond line\n\nThird line is empty"}),
        ("gmail-single2", {"website": "http://www.example5.com", "pager": "5555551120", "fax": "5555551117, 5555551118"}),
        ("fullcontact", {"title": "Title1", "other titles": "Title2", "company": "Organization1", "birthday": "2016-08-01"}),
    ],
)
def test_what_else_they_say(folder: Path, name: str, told: dict[str, str]) -> None:
    assert told.items() <= cells(folder / f"{name}.vcf")[0].items()


@pytest.mark.parametrize("name", CARDS)
def test_a_trial_and_the_load_count_alike(sfa: Sfa, folder: Path, name: str) -> None:
    argv = ("import", "contact", str(folder / f"{name}.vcf"), "--on-missing", "create", "--rejects", "bad.csv", "--json")
    code = 7 if name in NOT_LOADED else 0
    counted: list[dict[str, Any]] = []
    for more in (["--dry-run"], [], []):
        found = sfa(*argv, "--yes", *more)
        assert found.code == code, found.err
        counted.append({k: found.json[k] for k in ("read", "new", "unchanged", "rejected")})
    bad = len(NOT_LOADED.get(name, ()))
    many = len(CARDS[name])
    assert counted[0] == counted[1] == {"read": many, "new": many - bad, "unchanged": 0, "rejected": bad}
    assert counted[2] == {"read": many, "new": 0, "unchanged": many - bad, "rejected": bad}
    names = {c["name"] for c in sfa.ok("contact", "list", "--json").json}
    assert {c.name for c in CARDS[name] if c.name and c.name != "Ñ Ñ Ñ Ñ"} <= names
