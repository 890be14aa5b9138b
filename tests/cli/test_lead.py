"""Leads from the first call to what they become; every refusal leaves the database as it was."""

from __future__ import annotations

import pytest


@pytest.fixture
def lead(sfa):
    sfa.ok(
        "lead",
        "add",
        "Mary Cole",
        "--company",
        "Green Foods",
        "--email",
        "mary@greenfoods.example",
        "industry=food",
        "country=Ireland",
        "opt_out_sms=yes",
        "source=web",
    )
    return sfa


def counts(sfa) -> dict[str, int]:
    return {noun: len(sfa.ok(noun, "list", "--json").json) for noun in ("account", "contact", "lead", "opp", "activity")}


def test_qualify_and_disqualify(lead) -> None:
    assert "Qualified L-1 Mary Cole" in lead.ok("lead", "qualify", "mary", "--rating", "hot", "title=Buyer").err
    record = lead.ok("lead", "show", "L-1", "--json").json
    assert (record["status"], record["rating"], record["title"]) == ("qualified", "hot", "Buyer")
    assert lead.ok("lead", "disqualify", "L-1", "--reason", "no budget").out == "L-1\n"
    assert lead.ok("lead", "show", "L-1", "--json").json["reason"] == "no budget"
    again = lead.ok("lead", "disqualify", "L-1", "--reason", "no budget")
    assert "Nothing to change" in again.err and again.out == ""
    assert lead("lead", "convert", "L-1").code == 4
    assert lead.ok("lead", "qualify", "L-1", "--json").json["reason"] is None


def test_convert_makes_account_contact_and_opportunity(lead) -> None:
    done = lead.ok("lead", "convert", "L-1", "--amount", "12k", "--role", "champion")
    assert done.out == "L-1\n" and "new account A-1 Green Foods" in done.err and "take back: sfa undo" in done.err
    account = lead.ok("account", "show", "A-1", "--json").json
    contact = lead.ok("contact", "show", "C-1", "--json").json
    deal = lead.ok("opp", "show", "O-1", "--json").json
    assert (account["name"], account["industry"], account["country"], account["types"]) == ("Green Foods", "food", "Ireland", ["prospect"])
    assert (contact["name"], contact["account_ref"], contact["email"]) == ("Mary Cole", "A-1", "mary@greenfoods.example")
    assert contact["opt_out_sms"] == {"date": "2026-11-23", "source": "asked"} and contact["opt_out_email"] is None
    assert (deal["name"], deal["account_ref"], deal["contact_ref"], deal["stage"]) == ("Green Foods", "A-1", "C-1", "Prospecting")
    assert (deal["amount"], deal["close"], deal["source"]) == ({"amount": "12000.00", "currency": "USD"}, "2026-12-31", "web")
    assert [(c["ref"], c["role"], c["primary"]) for c in deal["related"]["contacts"]] == [("C-1", "champion", True)]
    after = lead.ok("lead", "show", "L-1", "--json").json
    assert (after["status"], after["converted"]) == ("converted", "2026-11-23")
    assert (after["account_ref"], after["contact_ref"], after["opportunity_ref"]) == ("A-1", "C-1", "O-1")
    assert account["owner"] == contact["owner"] == deal["owner"] == after["owner"]


def test_the_owner_is_the_leads(lead) -> None:
    lead.ok("user", "add", "Ben Okafor")
    lead.ok("lead", "edit", "L-1", "owner=Ben Okafor")
    lead.ok("lead", "convert", "L-1")
    assert lead.ok("opp", "show", "O-1", "--json").json["owner"] == "Ben Okafor"


def test_the_close_date_is_the_fiscal_quarters_end(lead, monkeypatch) -> None:
    monkeypatch.setenv("SFA_FISCAL_MONTH", "2")
    lead.ok("lead", "convert", "L-1")
    assert lead.ok("opp", "show", "O-1", "--json").json["close"] == "2027-01-31"


def test_options_say_what_the_opportunity_is(lead) -> None:
    lead.ok("product", "add", "Flow Meter")
    lead.ok(
        "lead",
        "convert",
        "L-1",
        "product=Flow Meter",
        "--opp",
        "First order",
        "--close",
        "2027-03-01",
        "--stage",
        "proposal",
        "--amount",
        "€5k",
    )
    deal = lead.ok("opp", "show", "O-1", "--json").json
    assert (deal["name"], deal["product"], deal["close"], deal["stage"], deal["probability"]) == (
        "First order",
        "Flow Meter",
        "2027-03-01",
        "Proposal",
        50,
    )
    assert deal["amount"] == {"amount": "5000.00", "currency": "EUR"}


def test_a_new_account_may_have_another_name_than_the_leads_company(lead) -> None:
    lead.ok("lead", "convert", "L-1", "--new-account", "--account", "Green Foods Cork", "--no-opp")
    assert lead.ok("account", "show", "A-1", "--json").json["name"] == "Green Foods Cork"
    assert lead.ok("lead", "show", "L-1", "--json").json["company"] == "Green Foods"


def test_no_opp(lead) -> None:
    assert lead("lead", "convert", "L-1", "--no-opp", "--amount", "5").code == 2
    lead.ok("lead", "convert", "L-1", "--no-opp")
    assert counts(lead) == {"account": 1, "contact": 1, "lead": 1, "opp": 0, "activity": 0}
    assert lead.ok("lead", "show", "L-1", "--json").json["opportunity"] is None


def test_undo_takes_all_of_it_back_and_it_can_be_done_again(lead) -> None:
    lead.ok("log", "L-1", "call", "First talk", "--next", "ring her", "--due", "+2d")
    before = lead.ok("lead", "show", "L-1", "--json").json
    lead.ok("lead", "convert", "L-1")
    lead.ok("undo", "--yes")
    assert lead.ok("lead", "show", "L-1", "--json").json == before
    assert counts(lead) == {"account": 0, "contact": 0, "lead": 1, "opp": 0, "activity": 1}
    lead.ok("lead", "convert", "L-1")


def test_a_converted_lead_is_read_only(lead) -> None:
    lead.ok("lead", "convert", "L-1")
    for argv in (
        ("lead", "convert", "L-1"),
        ("lead", "edit", "L-1", "rating=hot"),
        ("lead", "qualify", "L-1"),
        ("lead", "disqualify", "L-1", "--reason", "x"),
        ("log", "L-1", "call", "again"),
    ):
        result = lead(*argv)
        assert result.code == 4 and "Hint" in result.err, (argv, result)
    assert counts(lead)["opp"] == 1


def test_a_status_of_converted_comes_only_from_converting(lead) -> None:
    assert lead("lead", "edit", "L-1", "status=converted").code == 2
    assert lead("lead", "add", "X", "status=converted").code == 2
    assert lead("lead", "edit", "L-1", "account=A-1").code == 2


def test_what_is_there_is_taken_and_only_its_blanks_are_filled(lead) -> None:
    lead.ok("account", "add", "GREEN FOODS", "industry=retail")
    lead.ok("contact", "add", "M. Cole", "--account", "A-1", "--email", "mary@greenfoods.example", "title=Director")
    lead.ok("lead", "edit", "L-1", "title=Buyer", "phone=+353 1 555 0100")
    done = lead.ok("lead", "convert", "L-1")
    assert ", contact C-1 M. Cole" in done.err and "new account" not in done.err
    account, contact = (lead.ok(n, "show", r, "--json").json for n, r in (("account", "A-1"), ("contact", "C-1")))
    assert (account["industry"], account["country"]) == ("retail", "Ireland")
    assert (contact["name"], contact["title"], contact["phone"]) == ("M. Cole", "Director", "+35315550100")
    assert contact["opt_out_sms"]["date"] == "2026-11-23"
    lead.ok("undo", "--yes")
    # An opt-out that stands is lifted by nothing but a person's edit.
    assert lead.ok("contact", "show", "C-1", "--json").json["opt_out_sms"]["date"] == "2026-11-23"
    assert lead.ok("contact", "show", "C-1", "--json").json["phone"] is None
    assert lead.ok("account", "show", "A-1", "--json").json["country"] is None


@pytest.mark.parametrize(
    ("made", "listed", "deciding", "account", "contact"),
    [
        ([("account", "Green Foods"), ("account", "green foods")], ["A-1", "A-2"], ["--account", "A-2"], "A-2", "C-1"),
        ([("account", "Green Foods"), ("account", "green foods")], ["A-1", "A-2"], ["--new-account"], "A-3", "C-1"),
        ([("account", "Green Foods Ltd")], ["A-1"], ["--account", "A-1"], "A-1", "C-1"),
        ([("account", "Green Foods Ltd")], ["A-1"], ["--new-account", "--account", "Green Foods Cork"], "A-2", "C-1"),
        (
            [("contact", "A", "email=mary@greenfoods.example"), ("contact", "B", "email=mary@greenfoods.example")],
            ["C-1", "C-2"],
            ["--contact", "C-2"],
            "A-1",
            "C-2",
        ),
        ([("contact", "A", "email=mary@greenfoods.example")] * 2, ["C-1", "C-2"], ["--new-contact"], "A-1", "C-3"),
        (
            [("account", "Elsewhere"), ("contact", "Mary", "account=Elsewhere", "email=mary@greenfoods.example")],
            ["C-1", "A-1"],
            ["--contact", "C-1"],
            "A-1",
            "C-1",
        ),
        (
            [("account", "Elsewhere"), ("contact", "Mary", "account=Elsewhere", "email=mary@greenfoods.example")],
            ["C-1", "A-1"],
            ["--new-contact"],
            "A-2",
            "C-2",
        ),
        (
            [("account", "Green Foods"), ("contact", "Mary Cole", "account=Green Foods", "email=mc@greenfoods.example")],
            ["C-1"],
            ["--contact", "C-1"],
            "A-1",
            "C-1",
        ),
    ],
)
def test_where_it_is_not_sure_nothing_is_written_and_the_option_that_decides_is_named(
    lead, made, listed: list[str], deciding: list[str], account: str, contact: str
) -> None:
    for noun, *words in made:
        lead.ok(noun, "add", *words)
    before = counts(lead)
    stopped = lead("lead", "convert", "L-1")
    assert stopped.code == 5 and all(ref in stopped.err for ref in listed), stopped
    assert "--new-" in stopped.err and counts(lead) == before
    lead.ok("lead", "convert", "L-1", *deciding)
    after = lead.ok("lead", "show", "L-1", "--json").json
    assert (after["account_ref"], after["contact_ref"]) == (account, contact)


def test_the_person_tells_which_of_two_likely_accounts(lead) -> None:
    lead.ok("account", "add", "Green Foods Ltd")
    lead.ok("contact", "add", "Mary", "account=A-1", "email=mary@greenfoods.example")
    lead.ok("lead", "convert", "L-1")
    assert lead.ok("lead", "show", "L-1", "--json").json["account_ref"] == "A-1"


def test_a_role_address_is_nobodys(sfa) -> None:
    sfa.ok("contact", "add", "Jo Park", "email=info@delta.example")
    sfa.ok("lead", "add", "Ana Silva", "company=Delta", "email=info@delta.example")
    sfa.ok("lead", "convert", "L-1")
    assert sfa.ok("lead", "show", "L-1", "--json").json["contact_ref"] == "C-2"


def test_a_lead_without_a_company_is_a_consumer(sfa) -> None:
    sfa.ok("lead", "add", "Ana Silva", "street=Rua 1", "country=Portugal")
    sfa.ok("lead", "convert", "L-1")
    account = sfa.ok("account", "show", "A-1", "--json").json
    assert (account["name"], account["types"], account["country"], account["street"]) == ("Ana Silva", ["consumer"], "Portugal", None)


def test_open_activities_move_along_and_done_ones_stay(lead) -> None:
    lead.ok("log", "L-1", "call", "First talk")
    lead.ok("log", "L-1", "email", "Sent brochure", "--next", "ring her", "--due", "+5d")
    lead.ok("log", "L-1", "note", "Asked around", "--next", "find address", "--due", "+2d")
    lead.ok("activity", "edit", "AC-2", "done=yes")
    done = lead.ok("lead", "convert", "L-1")
    assert "1 open activity moved along" in done.err
    found = {a["ref"]: a for a in lead.ok("activity", "list", "--json").json}
    assert {r: a["opportunity_ref"] for r, a in found.items()} == {"AC-1": None, "AC-2": None, "AC-3": "O-1"}
    assert found["AC-3"]["contact_ref"] == "C-1" and found["AC-3"]["lead_ref"] == "L-1"
    deal = lead.ok("opp", "show", "O-1", "--json").json
    assert deal["next_step"] == "find address" and len(deal["timeline"]) == 3


def test_own_fields_are_carried_over(lead) -> None:
    for kind in ("lead", "opp"):
        lead.ok("config", "field", "add", kind, "budget", "number")
    lead.ok("lead", "edit", "L-1", "budget=40")
    lead.ok("lead", "convert", "L-1")
    assert lead.ok("opp", "show", "O-1", "--json").json["budget"] == 40


def test_adding_a_person_who_is_there_warns_and_does_not_block(lead) -> None:
    again = lead.ok("lead", "add", "M Cole", "email=MARY@greenfoods.example")
    assert again.out == "L-2\n" and "Warning: L-1 Mary Cole is the same: e-mail" in again.err
    contact = lead.ok("contact", "add", "M Cole", "other_emails=mary@greenfoods.example")
    assert contact.err.count("is the same: e-mail") == 2
    assert "Warning" not in lead.ok("lead", "add", "Else", "email=else@x.example").err


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("convert", "nobody"), 3),
        (("convert", "L-1", "--account", "nothing"), 3),
        (("convert", "L-1", "--contact", "nobody"), 3),
        (("convert", "L-1", "--contact", "C-1", "--new-contact"), 2),
        (("convert", "L-1", "--amount", "much"), 2),
        (("convert", "L-1", "--close", "2026-02-30"), 2),
        (("convert", "L-1", "--stage", "nosuch"), 3),
        (("convert", "L-1", "--role", "boss"), 2),
        (("convert", "L-1", "amout=3"), 2),
        (("convert", "L-1", "word"), 2),
        (("convert", "L-1", "--stage", "lost"), 2),
        (("qualify", "L-1", "status=new", "word"), 2),
    ],
)
def test_what_is_wrong_changes_nothing(lead, argv: tuple[str, ...], code: int) -> None:
    before = counts(lead), lead.ok("lead", "show", "L-1", "--json").json
    assert lead("lead", *argv).code == code
    assert (counts(lead), lead.ok("lead", "show", "L-1", "--json").json) == before
