"""What a mail is to a company: a table of who wrote to whom, and of what is passed over."""

from __future__ import annotations

import pytest

from sfa.sales import mails
from sfa.sales.holders import meant
from sfa.sales.mails import Known, judge, passed

WEI, JO, ANNA, BO = ("Wei", "wei@harbor.example"), ("Jo", "jo@silva.example"), ("", "anna@house.example"), ("", "bo@house.example")
NEW, SWITCH, COLLEAGUE = ("Ann", "ann@harbor.example"), ("", "office@harbor.example"), ("", "cleo@house.example")
STRANGER = ("Max", "max@gmail.com")
KNOWN = Known(
    {
        WEI[1]: {("contact", 1, 10)},
        JO[1]: {("lead", 2, None)},
        ANNA[1]: {("user", 1, None)},
        SWITCH[1]: {("contact", 3, 10), ("contact", 4, 10)},
        "old@other.example": {("contact", 9, 11), ("contact", 8, 12)},
        "ext@house.example": {("contact", 5, 13)},
    },
    {"harbor.example": 10},
    {ANNA[1]: 1, BO[1]: 2, "anna@gmail.com": 1},
    frozenset(["house.example"]),
)


@pytest.mark.parametrize(
    ("sender", "to", "cc", "verdict"),
    [
        # reason, direction, contact, lead, account, owner
        (WEI, [ANNA], [], ("", "in", 1, None, 10, 1)),
        (ANNA, [WEI], [], ("", "out", 1, None, 10, 1)),
        (ANNA, [JO, WEI], [], ("", "out", 1, 2, 10, 1)),
        (("", "anna@gmail.com"), [WEI], [], ("", "out", 1, None, 10, 1)),
        (NEW, [BO], [], ("", "in", None, None, 10, 2)),
        (("", "new@eu.harbor.example"), [BO], [], ("", "in", None, None, 10, 2)),
        (NEW, [BO], [WEI], ("", "in", 1, None, 10, 2)),
        (SWITCH, [ANNA], [], ("", "in", None, None, 10, 1)),
        (("", "old@other.example"), [ANNA], [], ("", "in", 8, None, 12, 1)),
        (COLLEAGUE, [WEI], [ANNA], ("", "out", 1, None, 10, None)),
        (ANNA, [BO, COLLEAGUE], [], ("internal", "in", None, None, None, None)),
        (ANNA, [], [], ("nobody", "in", None, None, None, None)),
        (None, [ANNA], [], ("internal", "in", None, None, None, None)),
        (STRANGER, [ANNA], [], ("unknown", "in", None, None, None, 1)),
        (STRANGER, [ANNA], [WEI], ("", "in", 1, None, 10, 1)),
        # Somebody outside who has an address of the house is a contact all the same.
        (("", "ext@house.example"), [ANNA], [], ("", "in", 5, None, 13, 1)),
    ],
)
def test_whom_a_mail_was_with(sender, to, cc, verdict) -> None:
    assert judge(sender, to, cc, KNOWN)[:6] == verdict


@pytest.mark.parametrize(
    ("sender", "to", "others"),
    [
        (WEI, [ANNA, ("", "ext@house.example"), WEI, JO], (5,)),
        (ANNA, [("", "old@other.example"), WEI, BO, SWITCH, STRANGER], (1,)),
        (ANNA, [JO, ("", "old@other.example"), WEI], (1,)),
        (ANNA, [SWITCH], ()),
    ],
)
def test_further_contacts_are_there_too(sender, to, others) -> None:
    assert judge(sender, to, [], KNOWN).others == others


def test_strangers_are_those_whom_nobody_has() -> None:
    assert judge(NEW, [ANNA], [STRANGER], KNOWN).strangers == (("Ann", "ann@harbor.example", 10),)
    assert judge(WEI, [ANNA], [STRANGER], KNOWN).strangers == ()
    assert judge(ANNA, [STRANGER, WEI, NEW], [], KNOWN).strangers == (("Max", "max@gmail.com", None), ("Ann", "ann@harbor.example", 10))


def test_without_an_address_of_ones_own_the_known_ones_tell() -> None:
    blank = KNOWN._replace(own={}, house=frozenset())
    assert judge(WEI, [STRANGER], [], blank)[:3] == ("", "in", 1)
    assert judge(STRANGER, [WEI], [], blank)[:3] == ("", "out", 1)
    assert judge(STRANGER, [ANNA], [], blank).strangers == (("Max", "max@gmail.com", None),)


@pytest.mark.parametrize(
    ("headers", "flags", "sender", "reason"),
    [
        ({}, "", "wei@x.example", ""),
        ({"auto-submitted": "no"}, "", "wei@x.example", ""),
        ({"auto-submitted": "auto-replied; owner"}, "", "wei@x.example", "automatic"),
        ({"x-autoreply": "yes"}, "", "wei@x.example", "automatic"),
        ({"precedence": "Auto_Reply"}, "", "wei@x.example", "automatic"),
        ({}, "", "no-reply@x.example", "automatic"),
        ({}, "", "MAILER-DAEMON@x.example".lower(), "bounces"),
        ({"return-path": "<>"}, "", "wei@x.example", "bounces"),
        ({"content-type": 'multipart/report; report-type="delivery-status"'}, "", "wei@x.example", "bounces"),
        ({"x-gmail-labels": "Opened,Papierkorb"}, "", "wei@x.example", "deleted"),
        ({"x-gmail-labels": "Spam"}, "", "wei@x.example", "spam"),
        ({"x-gmail-labels": "Trash cans Ltd,Draft contracts"}, "", "wei@x.example", ""),
        ({}, "J", "wei@x.example", "spam"),
        ({"list-id": "News <news.shop.example>"}, "", "wei@x.example", "lists"),
        ({"list-unsubscribe": "<mailto:u@x.example>"}, "", "wei@x.example", "lists"),
        ({"precedence": "bulk"}, "", "wei@x.example", "lists"),
        # A list of one's own company is how customers reach it.
        ({"list-id": "<sales.house.example>", "precedence": "list"}, "", "wei@x.example", ""),
        ({"x-spam-flag": "YES"}, "", "wei@x.example", "spam"),
        ({"x-gmail-labels": "Inbox,Spam"}, "", "wei@x.example", "spam"),
        ({}, "ST", "wei@x.example", "deleted"),
        ({}, "D", "anna@house.example", "drafts"),
        ({}, "RS", "wei@x.example", ""),
        ({"x-mozilla-status": "0009"}, "", "wei@x.example", "deleted"),
        ({"x-mozilla-status": "0001"}, "", "wei@x.example", ""),
        ({"x-mozilla-status": "zz"}, "", "wei@x.example", ""),
    ],
)
def test_what_is_passed_over(headers, flags, sender, reason) -> None:
    assert passed(headers, flags, sender, frozenset(["house.example"])) == reason
    assert not reason or reason in mails.PASSED


def test_domains_of_one_account_alone() -> None:
    assert mails.of_company({"a.example": {1}, "b.example": {1, 2}, "gmail.com": {1}, "local": {1}}) == {"a.example": 1}
    assert mails.house(["a@house.example", "b@gmail.com"]) == {"house.example"}


@pytest.mark.parametrize(
    ("found", "whose"),
    [
        ((), (None, None, None)),
        ((("user", 1, None),), (None, None, None)),
        ((("contact", 1, None), ("lead", 2, None)), (1, None, None)),
        ((("account", 5, 5), ("lead", 2, None)), (None, 2, None)),
        ((("account", 5, 5),), (None, None, 5)),
        ((("contact", 1, None), ("contact", 2, None)), (1, None, None)),
    ],
)
def test_who_of_several_is_meant(found, whose) -> None:
    assert meant(found) == whose
