"""What the fields of merged records hold: a table of cases."""

from __future__ import annotations

from typing import Any

import pytest

from sfa.errors import UsageError
from sfa.sales.kinds import KINDS
from sfa.sales.merging import changes, merged

ONE: dict[str, Any] = {
    "id": 1,
    "name": "Bob Cole",
    "first_name": "Bob",
    "last_name": "Cole",
    "email": "bob@a.example",
    "phone": "+353 1 555 0100",
}
MAILS = {"email": "r@a.example", "other_emails": "x@a.example"}
PARTS = {"first_name": "Bob", "last_name": "Cole"}


@pytest.mark.parametrize(
    ("kind", "one", "other", "expected"),
    [
        ("contact", {}, {"title": "CEO"}, {"title": "CEO"}),
        ("contact", {"title": "CFO"}, {"title": "CEO"}, {}),
        ("contact", {}, {"email": "r@a.example"}, {"other_emails": "r@a.example"}),
        ("contact", {}, {"email": "BOB@a.example"}, {}),
        ("contact", {"email": None}, MAILS, MAILS),
        ("contact", {"other_emails": "r@a.example"}, {"email": "r@a.example"}, {}),
        ("contact", {}, {"phone": "(01) 5550100"}, {}),
        ("contact", {}, {"phone": "+353 1 555 0199"}, {"other_phones": "+353 1 555 0199"}),
        ("contact", {}, {"mobile": "+353 86 5550101"}, {"mobile": "+353 86 5550101"}),
        ("contact", {"other_phones": "+1 555 5550101"}, {"mobile": "+1 555 5550101"}, {"mobile": "+1 555 5550101", "other_phones": None}),
        ("contact", {}, {"opt_out_email": "2026-03-04 form"}, {"opt_out_email": "2026-03-04 form"}),
        ("contact", {"opt_out_email": "2026-03-04 a"}, {"opt_out_email": "2026-01-02 b"}, {"opt_out_email": "2026-01-02 b"}),
        ("contact", {"opt_out_email": "2026-03-04 a"}, {}, {}),
        ("contact", {"description": "golfer"}, {"description": "tall"}, {"description": "golfer\n\ntall"}),
        ("contact", {"description": "tall golfer"}, {"description": "golfer"}, {}),
        ("contact", {"first_name": None, "last_name": None}, {**PARTS, "name": "Bob Cole"}, PARTS),
        ("contact", {"first_name": None, "last_name": None}, {"first_name": "Robert", "last_name": "Cole", "name": "Robert Cole"}, {}),
        ("contact", {"city": "Cork"}, {"city": "Dublin", "street": "Quay 1"}, {}),
        ("contact", {"city": "Cork"}, {"city": "CORK", "street": "Quay 1"}, {"street": "Quay 1"}),
        ("account", {"types": "customer"}, {"types": "supplier,customer"}, {"types": "customer,supplier"}),
        ("account", {"currency": "USD"}, {"currency": "EUR", "annual_revenue": 300}, {"currency": "EUR", "annual_revenue": 300}),
        ("account", {"currency": "USD", "annual_revenue": 5}, {"currency": "EUR", "annual_revenue": 300}, {}),
        ("account", {"parent": 2}, {"parent": 9}, {"parent": 9}),
        ("account", {"parent": None}, {"parent": 1}, {}),
        ("lead", {"status": "working", "created": "2026-05-01"}, {"status": "qualified", "created": "2026-01-01"}, {}),
    ],
)  # fmt: skip
def test_two_records(kind: str, one: dict[str, Any], other: dict[str, Any], expected: dict[str, Any]) -> None:
    base = ONE if kind != "account" else {"id": 1, "name": "Acme"}
    survivor = {**dict.fromkeys(KINDS[kind].columns), **base, **one}
    loser = {**dict.fromkeys(KINDS[kind].columns), "id": 2, "name": base["name"], **other}
    assert changes(survivor, merged(KINDS[kind], [survivor, loser], {})) == expected


def test_the_one_changed_last_fills_a_blank_and_a_taken_value_wins() -> None:
    kind = KINDS["account"]
    records = [{**dict.fromkeys(kind.columns), "id": i, "name": f"N{i}", "industry": v} for i, v in enumerate((None, "steel", "paper"))]
    assert merged(kind, records, {})["industry"][:2] == ("steel", 1)
    assert merged(kind, records, {"industry": 2, "name": 2})["industry"][:2] == ("paper", 2)
    assert changes(records[0], merged(kind, records, {"name": 2})) == {"name": "N2", "industry": "steel"}


@pytest.mark.parametrize("field", ["opt_out_email", "other_emails", "external_id", "title"])
def test_what_cannot_be_taken(field: str) -> None:
    blank = {**dict.fromkeys(KINDS["contact"].columns), "name": "X"}
    with pytest.raises(UsageError):
        merged(
            KINDS["contact"], [{**blank, "id": 1}, {**blank, "id": 2, "opt_out_email": "2026-01-01", "other_emails": "a@b.c"}], {field: 1}
        )


@pytest.mark.parametrize(
    ("one", "other", "takes", "expected"),
    [
        ({"phone": "+353 1 555 0100"}, {"phone": "+353 1 555 0100", "phone_written": "(01) 5550100"}, {}, {}),
        ({}, {"phone": "+35315550101", "phone_written": "01 5550101"}, {}, {"phone": "+35315550101", "phone_written": "01 5550101"}),
        (
            {"phone": "+35315550100", "phone_written": "01 5550100"},
            {"phone": "+35315550101"},
            {"phone": 1},
            {"phone": "+35315550101", "phone_written": None, "other_phones": "+35315550100", "other_phones_written": "01 5550100"},
        ),
        (
            {"phone": "+35315550100"},
            {"phone": "+35315550101", "phone_written": "01 5550101"},
            {},
            {"other_phones": "+35315550101", "other_phones_written": "01 5550101"},
        ),
        (
            {"other_phones": "+353865550101", "other_phones_written": "086 5550101"},
            {"mobile": "+353865550101", "mobile_written": "086-5550101"},
            {},
            {"mobile": "+353865550101", "mobile_written": "086-5550101", "other_phones": None, "other_phones_written": None},
        ),
    ],
)
def test_how_a_number_was_written_goes_with_the_number(one: Any, other: Any, takes: dict[str, int], expected: dict[str, Any]) -> None:
    kind = KINDS["contact"]
    blank = {**dict.fromkeys(kind.columns), **PARTS, "name": "Bob Cole"}
    records = [{**blank, **one, "id": 1}, {**blank, **other, "id": 2}]
    assert changes(records[0], merged(kind, records, takes)) == expected
