"""Which column is which field, and what a map file may say: tables of cases and properties."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import BadValue, UsageError
from sfa.sales import arrivals, cells
from sfa.sales.dates import Calendar
from sfa.sales.kinds import KINDS
from sfa.sales.mapping import Map, match, plain, read_map, settled
from sfa.sales.rows import RowReader
from sfa.sales.values import Context

CONTEXT = Context(Calendar(date(2026, 11, 23), datetime(2026, 11, 23, 12, tzinfo=UTC)), "USD")


def mapped(kind: str, header: list[str], given: Map | None = None, samples: list[list[str]] | None = None) -> dict[str, str]:
    plan = match(KINDS[kind], header, samples or [], given or Map())
    return {c.header: c.field.name for c in plan.columns}


@pytest.mark.parametrize(
    ("kind", "header", "expected"),
    [
        ("opportunity", ["Opportunity Name", "close_date", "STAGE NAME"], ["name", "close", "stage"]),
        ("opportunity", ["Id", "AccountId", "StageName", "OwnerId"], ["external_id", "account", "stage", "owner"]),
        ("opportunity", ["opportunity_id", "sales_agent", "deal_stage", "engage_date"], ["external_id", "owner", "stage", "opened"]),
        ("account", ["account", "sector", "office_location", "subsidiary_of"], ["name", "industry", "country", "parent"]),
        ("lead", ["Account", "Company"], ["account", "company"]),
        ("lead", ["Account"], ["company"]),
        ("contact", ["HomePhone", "OtherPhone", "AssistantPhone"], ["other_phones"] * 3),
        ("contact", ["Person - Email (Work)", "Person - Name*", "Organization - Name*"], ["email", "name", "account"]),
        ("lead", ["公司", "联系人", "手机"], ["company", "name", "mobile"]),
        ("user", ["sales_agent", "manager", "regional_office"], ["name", "manager", "region"]),
    ],
)
def test_headers(kind: str, header: list[str], expected: list[str]) -> None:
    assert list(mapped(kind, header).values()) == expected


def test_a_name_beats_a_label_and_a_label_an_alias() -> None:
    assert mapped("opportunity", ["Deal Name", "Name"]) == {"Name": "name"}
    assert mapped("opportunity", ["Close Date", "Expected close"]) == {"Expected close": "close"}


def test_one_column_a_field_the_first_alias_wins() -> None:
    plan = match(KINDS["account"], ["External_id__c", "Name", "Id"], [], Map())
    assert {c.header: c.field.name for c in plan.columns} == {"Name": "name", "Id": "external_id"}
    assert plan.left == ((0, "External_id__c"),)


def test_our_own_long_ids_are_told_from_other_systems() -> None:
    header = ["id", "name"]
    assert mapped("account", header, samples=[["A-k7q2-12", "x"], ["", "y"]]) == {"id": "id", "name": "name"}
    assert mapped("account", header, samples=[["001Ec00000GGw3h", "x"]]) == {"id": "external_id", "name": "name"}
    assert mapped("account", ["ref", "name"], samples=[["A-12", "x"]]) == {"name": "name"}


def test_columns_of_a_rejects_file_are_passed_over() -> None:
    plan = match(KINDS["account"], ["name", "sfa_line", "sfa_reason"], [], Map())
    assert [c.header for c in plan.columns] == ["name"] and plan.left == ()


def test_a_file_that_fits_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="no column fits a field of accounts: 'a', 'b', 'c'"):
        match(KINDS["account"], ["a", "b", "c"], [], Map())


MAP = """
[columns]
"Deal label" = "name"
"Close value" = ""
[values.stage]
Engaging = "Qualification"
[set]
currency = "EUR"
probability = 30
[multiply]
amount = 1000
[format]
dates = "dmy"
decimal = ","
"""


def test_a_map_file() -> None:
    found = read_map(MAP, KINDS["opportunity"])
    assert found == Map(
        {"Deal label": "name", "Close value": ""},
        {"stage": {"Engaging": "Qualification"}},
        {"currency": "EUR", "probability": "30"},
        {"amount": 1000},
        "dmy",
        ",",
    )
    assert mapped("opportunity", ["deal_label", "close_value", "Probability"], found) == {"deal_label": "name"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[colums]\na='b'", r"no table \[colums\]"),
        ("[columns]\na = 'nme'", r"\[columns\] a: account has no field 'nme'"),
        ("[columns]\na = ['name']", r"\[columns\] a is one value"),
        ("[values]\nstage = 'x'", r"\[values.stage\]: account has no field"),
        ("[values]\nindustry = 'x'", r"\[values.industry\] is a table"),
        ("[set]\nfoo = 'x'", r"\[set\] foo: account has no field 'foo'"),
        ("[format]\ndates = 'd.m.y'", r"\[format\] dates: 'd.m.y' is not a date order"),
        ("[format]\ndecimal = ';'", r"\[format\] decimal"),
        ("[format]\nzone = 'x'", r"\[format\] has no 'zone'"),
        ("[multiply]\nname = 2", r"\[multiply\] name: only amounts"),
        ("[multiply]\nannual_revenue = 0", r"\[multiply\] annual_revenue is a whole number"),
        ("columns = 3", "columns is a table"),
        ("[columns", "is not TOML"),
    ],
)
def test_errors_of_a_map_file_name_the_key(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        read_map(text, KINDS["account"])


@pytest.mark.parametrize(
    ("columns", "set_", "message"),
    [
        ({"secto": "industry"}, {}, r"'secto': the file has no such column"),
        ({"a": "name", "b": "name"}, {}, r"'a' and 'b' both feed name"),
        ({"a": "name"}, {"name": "x"}, r"'a' feeds name, which \[set\] gives"),
    ],
)
def test_a_map_that_does_not_fit_the_file(columns: dict[str, str], set_: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        match(KINDS["account"], ["a", "b", "sector"], [], Map(columns, set=set_))


@pytest.mark.parametrize(("text", "sure"), [("", True), ("2026-11-23", True), ("20261123", True), ("Nov 3 2026", True), ("3/4/26", False)])
def test_settled_dates(text: str, sure: bool) -> None:
    assert settled(text) is sure


@given(st.text())
def test_plain_is_idempotent_and_never_fails(text: str) -> None:
    assert plain(plain(text)) == plain(text)


def rows(kind: str, header: list[str], body: list[list[str]], given: Map | None = None) -> tuple[dict[str, list[object]], cells.Bad]:
    plan = match(KINDS[kind], header, body, given or Map())
    return RowReader(plan, CONTEXT, {}).read(body)


def test_a_batch_of_rows() -> None:
    columns, bad = rows(
        "lead",
        ["First Name", "Last Name", "Email", "Employees", "Home Phone", "Other Phone", "Status", "x"],
        [
            [" Jo ", "Silva", "JO@Silva.Example ", "1,200", "+1 555 0100", "", "NEW", "?"],
            ["", "", "no address", "12", "", "555-0199", "", ""],
            ["伟", "王", "", "", "+1 555 0100", "555 0111", "work", "!"],
        ],
    )
    assert columns["name"] == ["Jo Silva", None, "王伟"]
    assert columns["email"] == ["jo@silva.example", None, None]
    assert columns["employees"] == [1200, 12, None]
    assert columns["other_phones"] == ["+1 555 0100", "555-0199", "+1 555 0100,555 0111"]
    assert columns["status"] == ["new", None, "working"]
    assert list(bad) == [1] and "email: 'no address' is not an e-mail address" in bad[1]


@pytest.mark.parametrize(
    ("cells_", "map_", "amounts", "currencies"),
    [
        ([["12.50", ""], ["", ""]], Map(), [1250, None], ["USD", None]),
        ([["€12.50", ""], ["1200", "JPY"]], Map(), [1250, 1200], ["EUR", "JPY"]),
        ([["1.234,50", "EUR"]], Map(decimal=","), [123450], ["EUR"]),
        ([["0.2505", ""]], Map(multiply={"amount": 10**6}), [25050000], ["USD"]),
        ([["3", ""]], Map(multiply={"amount": 1000}), [300000], ["USD"]),
        ([["n/a", ""]], Map(values={"amount": {"n/a": ""}}), [None], [None]),
    ],
)
def test_amounts(cells_: list[list[str]], map_: Map, amounts: list[object], currencies: list[object]) -> None:
    columns, bad = rows("opportunity", ["amount", "currency"], cells_, map_)
    assert (columns["amount"], columns["currency"], bad) == (amounts, currencies, {})


def test_an_amount_against_its_row() -> None:
    _, bad = rows("opportunity", ["amount", "currency"], [["€5", "USD"]])
    assert "is in EUR, the row in USD" in bad[0]


def test_an_apostrophe_of_ours_is_taken_off() -> None:
    assert [cells.text_of(c) for c in ("'=1+1", "''=1", "'quoted'", "O'Brien", "'-5 %")] == ["=1+1", "'=1", "'quoted'", "O'Brien", "-5 %"]


@given(st.lists(st.text(), min_size=1, max_size=5))
def test_any_text_is_read_alike_alone_and_in_a_batch(texts: list[str]) -> None:
    bad: cells.Bad = {}
    batch = cells.reader(KINDS["account"].field("name"), CONTEXT)(texts, bad)
    for i, text in enumerate(texts):
        try:
            assert batch[i] == (cells.text_of(text) or None)
        except BadValue:
            assert batch[i] is None and i in bad


@given(st.lists(st.sampled_from(["a@b.co", "A@B.CO", "x", "", "é@b.co", "Jo <jo@x.org>", "+44 20 7946", "(1) 2-3", "n/a"]), min_size=1))
def test_patterns_agree_with_the_careful_reader(texts: list[str]) -> None:
    from sfa.sales import values

    for name in ("email", "phone"):
        field = KINDS["lead"].field(name)
        bad: cells.Bad = {}
        out = cells.reader(field, CONTEXT)(texts, bad)
        for i, text in enumerate(texts):
            try:
                assert out[i] == values.read(field, text, CONTEXT)
            except BadValue:
                # For a phone no row is turned away: it is kept as it is.
                assert out[i] == (text if name == "phone" else None) and (i in bad) is (name == "email")


@pytest.mark.parametrize(
    ("given", "outcome", "before", "expected", "dropped"),
    [
        ({"close": "2026-01-02"}, "won", None, {"close": "2026-01-02", "closed": "2026-01-02"}, []),
        ({"closed": "2026-01-02"}, "lost", None, {"close": "2026-01-02", "closed": "2026-01-02"}, []),
        ({"closed": "2026-01-02", "close": None}, "won", None, {"closed": "2026-01-02"}, []),
        ({"closed": "2026-01-02", "amount": 5}, "open", None, {"amount": 5}, ["closed"]),
        ({"probability": 90, "category": "commit", "amount": 5}, "won", None, {"amount": 5}, []),
        ({"close": "2026-01-02"}, "won", {"closed": "2026-02-02"}, {"close": "2026-01-02"}, []),
        ({"probability": 90}, "open", None, {"probability": 90}, []),
    ],
)
def test_a_deals_row_by_its_outcome(
    given: arrivals.Record, outcome: str, before: arrivals.Record | None, expected: arrivals.Record, dropped: list[str]
) -> None:
    assert arrivals.deal(given, outcome, before) == (expected, dropped)


def test_what_a_policy_lets_a_row_write() -> None:
    kind = KINDS["lead"]
    before = {"name": "Jo", "phone": None, "rating": "hot", "opt_out_email": "2026-01-01 web"}
    given = {"name": "Jo", "phone": "123", "rating": "cold", "opt_out_email": "2026-11-23 import"}
    different = arrivals.differing(kind, before, given)
    assert different == {"phone": "123", "rating": "cold"}
    assert arrivals.to_write(kind, before, different, "update") == different
    assert arrivals.to_write(kind, before, different, "fill") == {"phone": "123"}
    assert arrivals.to_write(kind, before, different, "skip") == {}


def test_filling_never_puts_an_amount_into_another_currency() -> None:
    kind = KINDS["opportunity"]
    before = {"amount": None, "currency": "EUR", "source": None}
    different = arrivals.differing(kind, before, {"amount": 500, "currency": "USD", "source": "web"})
    assert arrivals.to_write(kind, before, different, "fill") == {"source": "web"}
