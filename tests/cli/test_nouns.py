"""The five verbs that every noun has: what they say, what they refuse, and that no text hurts them."""

from __future__ import annotations

import pytest

NAMED = ("account", "contact", "lead", "product", "user", "opp")
NASTY = {
    "markup": "[red]x[/b]",
    "sql": "'; DROP TABLE opportunity;--",
    "emoji": "🎉 👩‍👩‍👧 deal",
    "chinese": "北京科技有限公司",
    "right to left": "شركة \u202eabc",
    "escape": "a\x1b[31mred\x1b]0;title\x07b",
    "newlines": "one\ntwo\r\nthree\tfour",
    "long": "x" * 20_000,
    "formula": "=cmd()",
    "percent": "100%_\\x",
    "quotes": "\"'`´",
    "zero width": "a\u200bb\ufeff",
    "none": "none",
}


def names(sfa, noun: str, *more: str) -> list[str]:
    return [r["name"] for r in sfa.ok(noun, "list", *more, "--json").json]


def stored_as(text: str) -> str:
    """Text is kept as it is but for blanks around it and the way a line ends."""
    return text.replace("\r\n", "\n").strip().strip("\ufeff")


@pytest.mark.parametrize("noun", ["account", "lead", "opp"])
def test_any_text_is_kept_and_shown_without_control_characters(sfa, noun: str) -> None:
    refs = {}
    for what, text in NASTY.items():
        refs[what] = sfa.ok(noun, "add", f"name={text}").out.strip()
        sfa.ok(noun, "edit", refs[what], "name=plain")
        sfa.ok(noun, "edit", refs[what], f"name={text}")
    kept = {r["ref"]: r["name"] for r in sfa.ok(noun, "list", "--json").json}
    for what, text in NASTY.items():
        assert kept[refs[what]] == stored_as(text), what
        found = sfa.ok(noun, "show", text, "--json").json
        assert (found["ref"], found["name"]) == (refs[what], stored_as(text)), what
    for argv in [(noun, "list", "--columns", "name", "-f", f) for f in ("table", "tsv", "csv", "md", "html")] + [
        (noun, "show", refs["escape"], "-f", "table"),
        (noun, "show", refs["right to left"], "-f", "table"),
    ]:
        out = sfa.ok(*argv).out
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(out), argv
    assert "[red]x[/b]" in sfa.ok(noun, "list", "-f", "table").out


@pytest.mark.parametrize("noun", NAMED)
def test_text_that_looks_like_something_else_is_given_as_an_assignment(sfa, noun: str) -> None:
    for text in ("a=b", "-5", "--yes", "amount=3", "O-12", "me"):
        ref = sfa.ok(noun, "add", f"name={text}").out.strip()
        assert sfa.ok(noun, "show", ref, "--json").json["name"] == text


@pytest.mark.parametrize("noun", NAMED)
def test_what_is_no_name_is_refused_and_nothing_is_written(sfa, noun: str) -> None:
    sfa.ok(noun, "add", "name=first")
    before = sfa.ok(noun, "list", "--json").json
    for text in ("", "   ", "\udcff", "a\udc80b", "\x00"):
        for argv in ((noun, "add", f"name={text}"), (noun, "add", text), (noun, "edit", "first", f"name={text}"), (noun, "show", text)):
            result = sfa(*argv)
            assert result.code == 2 and result.err.startswith("Error: "), (argv, result)
            assert result.out == "" and "unexpected" not in result.err
    assert sfa.ok(noun, "list", "--json").json == before


@pytest.mark.parametrize("noun", ["account", "opp", "activity", "stage"])
def test_a_filter_or_reference_of_any_text_ends_in_words(sfa, noun: str) -> None:
    sfa.ok("account", "add", "x")
    for text in ("", "\udcff", "🎉", "'; DROP TABLE lead;--", "[red]", "%", "x" * 20_000, "O-99999999999999999", "-", "=", "a:b:c", "is:"):
        for argv in (
            (noun, "list", "--", text),
            (noun, "list", f"name:{text}"),
            (noun, "list", f"text~{text}"),
            (noun, "edit", "--yes", "--", text, "name=y"),
        ):
            result = sfa(*argv)
            assert result.code in (0, 2, 3, 5) and "unexpected" not in result.err, (argv[:2], result.err[:300])
            assert len(result.err) < 2000
    assert names(sfa, "account") in (["x"], ["y"])


def test_any_text_can_be_logged(sfa) -> None:
    sfa.ok("opp", "add", "Renewal")
    for text in NASTY.values():
        ref = sfa.ok("log", "O-1", "note", "--next", text, "--", text).out.strip()
        record = sfa.ok("activity", "show", ref, "--json").json
        assert record["text"] == record["next_step"] == stored_as(text)
        assert sfa.ok("opp", "show", "O-1", "--json").json["next_step"] == stored_as(text)
        assert "\x1b" not in sfa.ok("opp", "show", "O-1", "--format", "table").out


def test_a_bad_text_to_log_writes_nothing(sfa) -> None:
    sfa.ok("opp", "add", "Renewal")
    for text in ("\udcff", "", "\x00"):
        assert sfa("log", "O-1", "note", text).code == 2
    assert sfa("log", "O-1", "note", "fine", "--next", "\udcff").code == 2
    assert sfa.ok("activity", "list", "--json").json == []


def test_a_cell_that_a_spreadsheet_would_run_is_defused(sfa) -> None:
    sfa.ok("account", "add", "name==cmd()")
    assert "'=cmd()" in sfa.ok("account", "list", "--columns", "name", "--format", "csv").out
    assert "'=cmd()" not in sfa.ok("account", "list", "--columns", "name", "--format", "tsv").out


# Adding and editing ------------------------------------------------------------------------------------------------------------------


def test_add_says_what_and_how_to_take_it_back(sfa) -> None:
    done = sfa.ok("account", "add", "Blue", "Harbor", "Ltd", "--country", "Ireland", "types=customer,partner")
    assert done.out == "A-1\n" and done.err == "Added A-1 Blue Harbor Ltd  (take back: sfa undo)\n"
    record = sfa.ok("account", "add", "Second", "--json").json
    assert (record["ref"], record["name"], record["owner"], record["types"]) == ("A-2", "Second", "anna", ["prospect"])


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("account", "add"), 2, "name is required"),
        (("opp", "add"), 2, "an account and a product"),
        (("account", "add", "X", "name=Y"), 2, "'X' has no place here"),
        (("account", "add", "X", "industri=food"), 2, "Did you mean 'industry'"),
        (("account", "add", "X", "types=friend"), 2, "prospect, customer"),
        (("account", "add", "X", "employees=many"), 2, "employees: 'many' is not a number"),
        (("account", "add", "X", "employees=1e9"), 2, "employees"),
        (("account", "add", "X", "owner=nobody"), 3, "no user matches 'nobody'"),
        (("account", "add", "X", "parent=nothing"), 3, "no account matches"),
        (("contact", "add", "X", "email=not one"), 2, "email: 'not one' is not an e-mail address"),
        (("contact", "add", "X", "phone=call me"), 2, "phone: 'call me' is not a phone number"),
        (("contact", "add", "X", "opt_out_email=2026-02-30 web"), 2, "no e-mail"),
        (("product", "add", "X", "active=perhaps"), 2, "neither yes nor no"),
        (("product", "add", "X", "list_price=1e20"), 2, "list price"),
        (("product", "add", "X", "list_price=NaN"), 2, "list price: 'NaN' is not an amount"),
        (("product", "add", "X", "currency=XXX"), 2, "not a currency code"),
        (("opp", "add", "X", "amount=999999999999999999"), 2, "too large"),
        (("opp", "add", "X", "close=2026-02-30"), 2, "does not exist"),
        (("opp", "add", "X", "close=03/04/26"), 2, "two different days"),
        (("opp", "add", "X", "stage=nosuch"), 3, "no stage matches"),
        (("opp", "add", "X", "probability=120"), 2, "0 to 100"),
        (("opp", "add", "X", "category=closed"), 4, "never"),
        (("opp", "add", "X", "stage=lost"), 2, "reason"),
        (("opp", "add", "X", "amount=12.50", "currency=JPY"), 2, "JPY has no decimals"),
        (("opp", "add", "X", "--amount", "€5", "currency=USD"), 2, "in EUR"),
        (("opp", "ad", "X"), 2, "Did you mean 'add'"),
        (("ops", "list"), 2, "Did you mean 'opp'"),
        (("opp", "show", "A-1"), 3, "no opportunity matches 'A-1'"),
        (("opp", "list", "--columns", "nosuch"), 2, "no field 'nosuch'"),
        (("opp", "list", "--sort", "nosuch"), 2, "no field 'nosuch'"),
        (("opp", "list", "--format", "xml"), 2, "Formats: table"),
        (("opp", "list", "--json", "--format", "csv"), 2, "exclude"),
        (("opp", "list", "--limit", "-1"), 2, "limit"),
        (("opp", "edit", "type=new"), 2, "name the opp"),
        (("opp", "edit", "O-1"), 2, "nothing to change"),
        (("activity", "show", "AC-9"), 3, "no activity matches"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_writes_nothing(sfa, argv: tuple[str, ...], code: int, says: str) -> None:
    sfa.ok("user", "add", "Somebody")
    before = sfa.db.read_bytes(), sfa.db.with_name("sfa.db-wal").exists()
    result = sfa(*argv)
    assert (result.code, result.out) == (code, "") and says in result.err, result
    assert (sfa.db.read_bytes(), sfa.db.with_name("sfa.db-wal").exists()) == before


def test_an_error_as_json(sfa) -> None:
    sfa.ok("account", "add", "x")
    import json

    error = json.loads(sfa("account", "show", "nosuch", "--json").err)["error"]
    assert (error["kind"], error["exit_code"]) == ("not_found", 3)


def test_references(sfa) -> None:
    for name in ("Blue Harbor Ltd", "Blue Sky", "Green Foods", "blue"):
        sfa.ok("account", "add", name)
    sfa.ok("account", "edit", "A-2", "external_id=X-77")
    expected = {"A-2": "A-2", "a2": "A-2", "X-77": "A-2", "green": "A-3", "harbor ltd": "A-1", "BLUE": "A-4", "Blue Sky": "A-2"}
    for text, ref in expected.items():
        assert sfa.ok("account", "show", text, "--json").json["ref"] == ref, text
    long = sfa.ok("account", "show", "A-2", "--json").json["id"]
    assert sfa.ok("account", "show", long, "--json").json["ref"] == "A-2"
    several = sfa("account", "show", "blu")
    assert several.code == 5 and all(r in several.err for r in ("A-1", "A-2", "A-4"))
    near = sfa("account", "show", "gren foods")
    assert near.code == 3 and "Did you mean A-3 Green Foods?" in near.err
    sfa.ok("opp", "add", "deal")
    assert "is an account, not an opportunity" in sfa("opp", "show", "A-1").err


def test_a_name_is_found_without_its_accents(sfa) -> None:
    for name in ("Verrerie Étretat", "Muller AG", "Müller GmbH"):
        sfa.ok("account", "add", name)
    for text, ref in (("etretat", "A-1"), ("VERRERIE ÉTRE", "A-1"), ("muller gmbh", "A-3"), ("muller", "A-2"), ("müller", "A-3")):
        assert sfa.ok("account", "show", text, "--json").json["ref"] == ref, text
    assert sfa("account", "show", "verriere").code == 3
    sfa.ok("opp", "add", "Windows", "account=etretat")
    assert [r["ref"] for r in sfa.ok("opp", "list", "account:etretat", "--json").json] == ["O-1"]


def test_a_record_in_every_format(sfa) -> None:
    import json

    sfa.ok("account", "add", "Blue | Harbor")
    assert sfa.ok("account", "show", "A-1", "--format", "table").out.startswith("ref       A-1\nname      Blue | Harbor\n")
    assert "\n| name     | Blue \\| Harbor |\n" in sfa.ok("account", "show", "A-1", "--format", "md").out
    assert sfa.ok("account", "show", "A-1", "--format", "html").out.startswith("<table>")
    line, end = sfa.ok("account", "show", "A-1", "--format", "ndjson").out.split("\n")
    assert (json.loads(line)["name"], end) == ("Blue | Harbor", "")


def test_an_edit_of_many_is_shown_asked_about_and_one_operation(sfa) -> None:
    for i in range(4):
        sfa.ok("lead", "add", f"lead {i}", f"email=l{i}@x.example")
    before = sfa.ok("lead", "list", "--json").json
    asked = sfa("lead", "edit", "status:new", "rating=hot")
    assert asked.code == 1 and asked.err.count("hot\n") == 4 and "--yes" in asked.err
    dry = sfa.ok("lead", "edit", "status:new", "rating=hot", "--dry-run")
    assert "Nothing was written; 4 of 4" in dry.err
    assert sfa.ok("lead", "list", "--json").json == before
    assert "Changed 4 leads" in sfa.ok("lead", "edit", "status:new", "rating=hot", "--yes").err
    assert "Changed 2 leads" in sfa.ok("lead", "edit", "name:lead 0,lead 1", "rating=").err
    assert len(sfa.ok("lead", "edit", "status:new", "rating=cold", "--yes", "--json").json) == 4
    sfa.ok("undo", "--yes")
    assert [r["rating"] for r in sfa.ok("lead", "list", "--sort", "name", "--json").json] == [None, None, "hot", "hot"]
    assert "no lead fits" in sfa.ok("lead", "edit", "status:working", "rating=hot").err
    assert "it is so already" in sfa.ok("lead", "edit", "L-4", "rating=hot").err


def test_an_edit_of_many_is_whole_or_not_at_all_and_names_what_stands_against_it(sfa) -> None:
    for i in range(3):
        sfa.ok("opp", "add", f"deal {i}", "amount=5")
    sfa.ok("opp", "win", "O-2")
    before = sfa.ok("opp", "list", "--json").json
    result = sfa("opp", "edit", "name~deal", "stage=proposal", "--yes")
    assert result.code == 4 and "O-2 deal 1: the deal is won" in result.err
    assert sfa.ok("opp", "list", "--json").json == before


def test_delete(sfa) -> None:
    sfa.ok("account", "add", "Acme")
    sfa.ok("contact", "add", "Wei", "account=Acme")
    sfa.ok("opp", "add", "deal", "account=Acme", "contact=Wei")
    refused = sfa("account", "delete", "Acme", "--yes")
    assert refused.code == 4 and "2 records refer to it" in refused.err and "C-1" in refused.err and "--cascade" in refused.err
    assert sfa("contact", "delete", "Wei").code == 4
    assert sfa("account", "delete", "Acme", "--cascade").code == 1
    assert "1 account and up to 2 more" in sfa.ok("account", "delete", "Acme", "--cascade", "--dry-run").err
    assert names(sfa, "account") == ["Acme"]
    sfa.ok("contact", "delete", "Wei", "--cascade", "--yes")
    assert sfa.ok("opp", "show", "O-1", "--json").json["contact"] is None
    assert "Deleted 2 records" in sfa.ok("account", "delete", "Acme", "--cascade", "--yes").err
    assert names(sfa, "account") == names(sfa, "opp") == []
    sfa.ok("undo", "--yes")
    assert names(sfa, "account") == ["Acme"] and names(sfa, "opp") == ["deal"]


# Opportunities -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def deals(sfa):
    sfa.ok("account", "add", "Acme")
    sfa.ok("account", "add", "Rival")
    sfa.ok("contact", "add", "Wei Zhang", "account=Acme")
    sfa.ok("contact", "add", "Wei Chen", "account=Rival")
    sfa.ok("product", "add", "Flow Meter")
    return sfa


def test_a_deal_without_a_name(deals) -> None:
    deals.ok("opp", "add", "account=Acme", "product=Flow Meter")
    deals.ok("opp", "add", "account=Acme")
    deals.ok("opp", "add", "external_id=X-9")
    assert names(deals, "opp", "--sort", "id") == ["Acme — Flow Meter", "Acme", "X-9"]


def test_a_contact_is_looked_for_in_the_account_first(deals) -> None:
    deals.ok("opp", "add", "a", "--contact", "wei", "--account", "Acme")
    deals.ok("opp", "add", "b", "contact=wei", "--account", "Rival")
    assert deals("opp", "add", "c", "contact=wei").code == 5
    assert [r["contact"] for r in deals.ok("opp", "list", "--sort", "id", "--json").json] == ["Wei Zhang", "Wei Chen"]
    deals.ok("opp", "edit", "a", "account=Rival", "contact=wei")
    assert deals.ok("opp", "show", "a", "--json").json["contact"] == "Wei Chen"


def test_people_on_a_deal(deals) -> None:
    deals.ok("opp", "add", "deal", "account=Acme")
    assert "primary contact (decision maker) of deal" in deals.ok("opp", "contact", "deal", "Wei Zhang", "--role", "decision").err
    deals.ok("opp", "contact", "deal", "Wei Chen", "--role", "champion")
    people = deals.ok("opp", "show", "deal", "--json").json["related"]["contacts"]
    assert [(p["name"], p["role"], p["primary"]) for p in people] == [
        ("Wei Zhang", "decision_maker", True),
        ("Wei Chen", "champion", False),
    ]
    deals.ok("opp", "contact", "deal", "Wei Chen", "--primary")
    assert deals.ok("opp", "show", "deal", "--json").json["contact"] == "Wei Chen"
    deals.ok("opp", "contact", "deal", "Wei Chen", "--remove")
    assert deals.ok("opp", "show", "deal", "--json").json["contact"] is None
    assert deals("opp", "contact", "deal", "Wei Chen", "--remove").code == 3
    wrong = deals("opp", "contact", "deal", "Wei Zhang", "--role", "boss")
    assert wrong.code == 2 and "role" in wrong.err and "champion" in wrong.err
    assert deals("opp", "contact", "deal", "Wei Zhang", "--remove", "--primary").code == 2


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        (["amount=€12.500,00"], ("12500.00", "EUR")),
        (["amount=12k", "currency=JPY"], ("12000", "JPY")),
        (["amount=$1,500,000.00 "], ("1500000.00", "USD")),
        (["--amount", "1.2m"], ("1200000.00", "USD")),
        (["amount=-50"], ("-50.00", "USD")),
        (["amount=KWD 1.5", "currency=KWD"], ("1.500", "KWD")),
    ],
)
def test_amounts(deals, given: list[str], amount: tuple[str, str]) -> None:
    done = deals.ok("opp", "add", "deal", *given)
    assert ("negative" in done.err) == amount[0].startswith("-")
    got = deals.ok("opp", "show", "deal", "--json").json["amount"]
    assert (got["amount"], got["currency"]) == amount


def test_the_currency_changes_only_when_it_is_said(deals) -> None:
    deals.ok("opp", "add", "deal", "amount=100")
    refused = deals("opp", "edit", "deal", "amount=€90")
    assert refused.code == 2 and "currency=EUR" in refused.err
    deals.ok("opp", "edit", "deal", "amount=€90", "currency=EUR")
    deals.ok("opp", "edit", "deal", "currency=JPY")
    assert deals.ok("opp", "show", "deal", "--json").json["amount"] == {"amount": "90", "currency": "JPY"}
    deals.ok("opp", "edit", "deal", "currency=EUR", "amount=90.55")
    assert deals("opp", "edit", "deal", "currency=JPY").code == 2
    assert deals("opp", "edit", "deal", "currency=").code == 2
    assert deals.ok("opp", "show", "deal", "--json").json["amount"] == {"amount": "90.55", "currency": "EUR"}
    deals.ok("opp", "edit", "deal", "amount=")
    assert deals.ok("opp", "show", "deal", "--json").json["amount"] is None


def test_setting_the_stage_follows_the_rules(deals) -> None:
    deals.ok("opp", "add", "deal", "amount=100")
    deals.ok("opp", "edit", "deal", "stage=won", "closed=2026-11-01")
    record = deals.ok("opp", "show", "deal", "--json").json
    assert (record["stage"], record["probability"], record["category"], record["closed"]) == ("Won", 100, "closed", "2026-11-01")
    for wrong in (["stage=proposal"], ["stage=lost", "reason=timing"], ["category=commit"], ["probability=50"], ["closed="]):
        assert deals("opp", "edit", "deal", *wrong).code == 4, wrong
    deals.ok("opp", "reopen", "deal", "--stage", "proposal")
    assert deals("opp", "edit", "deal", "stage=lost").code == 2
    assert deals("opp", "edit", "deal", "closed=2026-11-01").code == 4
    deals.ok("opp", "edit", "deal", "stage=lost", "reason=timing")
    record = deals.ok("opp", "show", "deal", "--json").json
    assert (record["probability"], record["category"], record["closed"], record["reason"]) == (0, "omitted", "2026-11-23", "Bad timing")


def test_fields_of_the_companys_own(deals) -> None:
    deals.ok("config", "field", "add", "opp", "renewal", "date")
    deals.ok("opp", "add", "deal", "renewal=2027-01-01")
    deals.ok("opp", "propose", "deal", "renewal=2027-02-01")
    assert deals.ok("opp", "list", "renewal:2027-02", "--json").json[0]["renewal"] == "2027-02-01"


def test_an_edit_of_one_record_is_an_object_and_of_a_filter_an_array(sfa) -> None:
    sfa.ok("opp", "add", "Deal")
    assert sfa.ok("opp", "edit", "Deal", "amount=5", "--json").json["amount"] == {"amount": "5.00", "currency": "USD"}
    assert sfa.ok("opp", "edit", "Deal", "amount=5", "--json").json["ref"] == "O-1"
    assert [r["ref"] for r in sfa.ok("opp", "edit", "is:open", "amount=6", "--json").json] == ["O-1"]


@pytest.mark.parametrize("noun", ["user", "account"])
def test_a_second_record_of_one_name_is_told(sfa, noun: str) -> None:
    assert "Warning" not in sfa.ok(noun, "add", "Bob Vance").err
    told = sfa.ok(noun, "add", "bob vance").err
    assert ("has the same name" if noun == "user" else "Warning: A-1 Bob Vance is the same: name") in told
    assert "Warning" not in sfa.ok(noun, "add", "Bob Vancey").err


def test_a_reopened_deal_goes_back_to_where_it_was(sfa) -> None:
    sfa.ok("opp", "add", "Deal")
    sfa.ok("opp", "qualify", "Deal")
    sfa.ok("opp", "lose", "Deal", "--reason", "too expensive")
    assert sfa("opp", "reopen", "Deal", "soon").code == 2
    deal = sfa.ok("opp", "reopen", "Deal", "close=+30d", "--json").json
    assert (deal["stage"], deal["probability"], deal["closed"], deal["reason"]) == ("Qualification", 20, None, None)
    sfa.ok("opp", "win", "Deal")
    deal = sfa.ok("opp", "reopen", "Deal", "stage=proposal", "--json").json
    assert (deal["stage"], deal["probability"], deal["category"]) == ("Proposal", 50, "best_case")
