"""Opt-outs: honoured on export, never lifted by an import, an edit of many, or an undo."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def people(sfa):
    sfa.ok("account", "add", "Pier")
    sfa.ok("contact", "add", "Ann A", "email=ann@a.example", "phone=+353 1 5550101", "account=Pier")
    sfa.ok("contact", "add", "Bob B", "email=bob@b.example", "opt_out_email=2026-03-04 web form", "street=Quay 1")
    sfa.ok("contact", "add", "Cid C", "mobile=+353 87 5550103", "opt_out_phone=yes")
    sfa.ok("lead", "add", "Robert B", "email=BOB@b.example", "company=Pier")
    sfa.ok("lead", "add", "Dee D", "email=dee@d.example", "opt_out_sms=yes", "mobile=+353 87 5550104")
    return sfa


def names(result) -> list[str]:
    return [line.split(",")[0] for line in result.out.splitlines()[1:]]


@pytest.mark.parametrize(
    ("kind", "channel", "expected", "told"),
    [
        ("contact", "email", ["Ann A"], "Left out: 1 contact who opted out, 1 without an e-mail."),
        ("contact", "phone", ["Ann A"], "Left out: 1 contact who opted out, 1 without a phone."),
        ("contact", "mail", ["Bob B"], "Left out: 0 contacts who opted out, 2 without a postal address."),
        ("contact", "sms", ["Ann A", "Cid C"], "Left out: 0 contacts who opted out, 1 without a number."),
        # Robert is Bob: the same e-mail opted out as a contact.
        ("lead", "email", ["Dee D"], "Left out: 1 lead who opted out, 0 without an e-mail."),
        ("lead", "sms", [], "Left out: 1 lead who opted out, 1 without a number."),
    ],
)
def test_a_list_for_a_channel_holds_only_who_may_be_contacted(people, kind, channel, expected, told) -> None:
    done = people.ok("export", kind, "--for", channel, "--columns", f"name,{'email' if channel == 'email' else 'owner'}")
    assert sorted(names(done)) == expected and told in done.err


def test_filters_and_files_go_along(people) -> None:
    done = people.ok("export", "contact", "account:Pier", "--for", "email", "-o", "x.csv")
    assert "Wrote 1 contact to x.csv" in done.err and "Left out" not in done.err
    assert "ann@a.example" in Path("x.csv").read_text()


def test_the_opt_out_of_a_lead_binds_the_contact_that_it_became(people) -> None:
    people.ok("lead", "convert", "Dee D", "--new-account", "--account", "Dee", "--no-opp")
    people.ok("contact", "edit", "Dee D", "opt_out_sms=", "email=other@d.example")
    assert "Dee D" not in names(people.ok("export", "contact", "--for", "sms", "--columns", "name"))


def test_addresses_without_their_opt_out_beside_them_are_blank(people) -> None:
    done = people.ok("export", "contact", "--columns", "name,email,mobile")
    assert done.out == "name,email,mobile\nAnn A,ann@a.example,\nBob B,,\nCid C,,\n"
    assert "1 cell of people who opted out is blank; with the columns opt_out_email and do_not_contact they" in done.err
    assert "bob@b.example" in people.ok("export", "contact", "--columns", "name,email,opt_out_email").out
    assert [r["email"] for r in people.ok("export", "lead", "--columns", "name,email", "--json").json if r["name"] == "Robert B"] == [None]
    people.ok("opp", "add", "Deal", "account=Pier", "contact=Bob B")
    assert "bob@" not in people.ok("export", "opp", "--columns", "name,contact.email").out
    assert "bob@" in people.ok("export", "opp", "--columns", "name,contact.email,contact.opt_out_email").out


def test_all_columns_are_a_backup(people) -> None:
    done = people.ok("export", "contact")
    assert "bob@b.example" in done.out and "web form" in done.out and "blank" not in done.err


@pytest.mark.parametrize(
    ("argv", "says"), [(("contact", "--for", "fax"), "email, phone, mail, sms"), (("opp", "--for", "email"), "people")]
)
def test_wrong_use(people, argv, says) -> None:
    result = people("export", *argv)
    assert result.code == 2 and says in result.err


@pytest.mark.parametrize("policy", ["update", "fill"])
@pytest.mark.parametrize("cell", ["", "no", "2099-01-01 bought list"])
def test_no_import_lifts_an_opt_out_or_dates_it_anew(people, policy, cell) -> None:
    before = people.ok("contact", "show", "Bob B", "--json").json["opt_out_email"]
    Path("c.csv").write_text(f"Name,Email,Opt Out Email,Title\nBob B,bob@b.example,{cell},Chief\n")
    people("import", "contact", "c.csv", "--on-duplicate", policy)
    after = people.ok("contact", "show", "Bob B", "--json").json
    assert after["opt_out_email"] == before and before


def test_an_import_that_brought_an_opt_out_is_undone_but_for_that(people) -> None:
    Path("c.csv").write_text("Name,Email,Opt Out Email,Title\nAnn A,ann@a.example,2026-05-05 letter,Chief\n")
    people.ok("import", "contact", "c.csv", "--on-duplicate", "update")
    people.ok("undo")
    ann = people.ok("contact", "show", "Ann A", "--json").json
    assert ann["title"] is None and "2026-05-05" in str(ann["opt_out_email"])
    assert "Ann A" not in names(people.ok("export", "contact", "--for", "email", "--columns", "name"))


def test_cards_are_for_a_channel_too(people) -> None:
    done = people.ok("export", "contact", "--for", "email", "--format", "vcard")
    assert done.out.count("BEGIN:VCARD") == 1 and "Left out: 1 contact who opted out" in done.err
    assert "bob@b.example" in people.ok("export", "contact", "--format", "vcard").out
    bare = people.ok("export", "contact", "--format", "vcard", "--columns", "email")
    assert "ann@a.example" in bare.out and "bob@b.example" not in bare.out
    assert people("export", "activity", "--for", "email", "--format", "ics").code == 2
