"""Which account somebody surely belongs to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales.belonging import Firms

ACCOUNTS = [
    (1, "Blue Harbor Ltd", "https://www.blueharbor.example/about", "Ireland"),
    (2, "Acme GmbH", None, "Germany"),
    (3, "Acme Inc.", None, "United States"),
    (4, "Star Ferries", "star.example", None),
    (5, "Star Ferries Cargo", "star.example", None),
    (6, "北京科技有限公司", None, "China"),
    (7, "Old Mill", "mill.example", "Wales"),
]


@pytest.mark.parametrize(
    ("record", "account", "because", "choices"),
    [
        ({"company": "BLUE HARBOR"}, 1, "name", ()),
        ({"company": "Blue Harbor Limited", "country": "Ireland"}, 1, "name", ()),
        ({"company": "Blue Harbor", "country": "Canada"}, None, "", (1,)),
        ({"company": "Blue Harbor", "country": "Canada", "email": "jo@blueharbor.example"}, 1, "name, domain", ()),
        ({"email": "jo@blueharbor.example"}, 1, "domain", ()),
        ({"other_emails": "x@gmail.com,jo@blueharbor.example"}, 1, "domain", ()),
        ({"website": "http://blueharbor.example"}, 1, "domain", ()),
        ({"email": "blueharbor@gmail.com"}, None, "", ()),
        ({"company": "Acme"}, None, "", (2, 3)),
        ({"company": "Acme GmbH"}, 2, "name", ()),
        ({"company": "Acme", "country": "united states"}, 3, "name", ()),
        ({"email": "a@star.example"}, None, "", (4, 5)),
        ({"email": "a@star.example", "company": "Star Ferries"}, 4, "name, domain", ()),
        ({"email": "a@mill.example", "company": "Star Ferries"}, None, "", (4, 7)),
        ({"company": "北京科技"}, 6, "name", ()),
        ({"company": "GmbH"}, None, "", ()),
        ({"company": None, "email": None}, None, "", ()),
        ({}, None, "", ()),
    ],
)
def test_where_somebody_belongs(record: dict[str, Any], account: int | None, because: str, choices: tuple[int, ...]) -> None:
    found = Firms(ACCOUNTS).of(record)
    assert (found.account, found.because, tuple(sorted(found.choices))) == (account, because, choices)


@given(st.text(), st.text(), st.text())
def test_any_text(company: str, email: str, country: str) -> None:
    found = Firms([*ACCOUNTS, (8, company, email, country)]).of({"company": company, "email": email, "country": country})
    assert found.account is None or not found.choices
