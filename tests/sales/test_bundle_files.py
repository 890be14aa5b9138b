"""Which file of an export is which, and what its cells become."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import bundles, derived, recipes
from sfa.sales.bundles import Facts, Seen
from sfa.sales.kinds import KINDS


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("Account.csv", "account"),
        ("data/Account.csv.gz", "account"),
        ("sf_account_data.csv", "account"),
        ("hubspot-crm-exports-all-deals-2026-11-20.csv", "deals"),
        ("contacts (2).csv", "contacts"),
        ("Opportunity_2026-01-31_1.csv", "opportunity"),
        ("OpportunityFieldHistory.csv", "opportunityfieldhistory"),
        ("sales_pipeline.csv", "salespipeline"),
        ("Product2.csv", "product"),
        ("客户.csv", "客户"),
        ("2026.csv", ""),
    ],
)
def test_the_name_of_the_thing(name: str, stem: str) -> None:
    assert bundles.stem(name) == stem


@pytest.mark.parametrize(
    ("name", "header", "kind"),
    [
        ("User.csv", "Id,Username,LastName,Email", "user"),
        ("sales_teams.csv", "sales_agent,manager,regional_office", "user"),
        ("Account.csv", "Id,Name,ParentId", "account"),
        ("x.csv", "Id,Name,BillingCity", "account"),
        ("x.csv", "Id,AccountId,LastName,MailingStreet", "contact"),
        ("x.csv", "Id,Name,StageName,Amount,CloseDate", "opportunity"),
        ("x.csv", "Id,WhoId,WhatId,Subject", "activity"),
        ("x.csv", "Company,LastName,Lead Status", "lead"),
        ("deal_data.csv", "deal_id,deal_pipeline_stage_id,property_dealname", "opportunity"),
        ("OpportunityContactRole.csv", "Id,OpportunityId,ContactId,Role", "opportunity_contact"),
        ("OpportunityHistory.csv", "Id,OpportunityId,StageName,CreatedDate", "history"),
        ("Campaign.csv", "Id,Name", ""),
        ("AccountHistory.csv", "Id,AccountId,Field,OldValue,NewValue", ""),
        ("AccountContactRelation.csv", "Id,AccountId,ContactId,LastName", ""),
        ("Account.csv", "Colour,Size", ""),
        ("poems.csv", "title,line", ""),
    ],
)
def test_which_kind_a_file_holds(name: str, header: str, kind: str) -> None:
    heads = header.split(",")
    found, why = bundles.kind_of_file(Seen(name, heads, [["x"] * len(heads)]))
    assert found == kind and bool(why) != bool(kind)
    assert bundles.kind_of_file(Seen(name, heads, []))[0] == ""


@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=6))
def test_any_name_and_header_is_read(name: str, header: list[str]) -> None:
    kind, why = bundles.kind_of_file(Seen(name, header, [[""] * len(header)]))
    assert (kind in bundles.ORDER) != bool(why)


def test_every_name_of_a_file_is_of_a_kind_that_is_loaded() -> None:
    assert set(bundles.ORDER) - {"history"} <= KINDS.keys()
    for kind, fields in bundles.CALLED.items():
        assert fields.keys() <= KINDS[kind].by_name.keys(), kind


@pytest.mark.parametrize(
    ("short", "long"),
    [
        # As Salesforce's own documents and exports show them.
        ("0015500000Xyy06", "0015500000Xyy06AAB"),
        ("001Ec00000FzlUd", "001Ec00000FzlUdIAJ"),
        ("005Ec000004o8yH", "005Ec000004o8yHIAQ"),
        ("006bm00000LKJNN", "006bm00000LKJNNAA5"),
        ("00QEc00000BBaeX", "00QEc00000BBaeXMAT"),
    ],
)
def test_short_ids_become_long_ones(short: str, long: str) -> None:
    assert derived.long_id(short) == long and derived.long_id(long) == long and derived.is_short(short)


@given(st.text(max_size=20))
def test_long_ids_of_any_text(text: str) -> None:
    out = derived.long_id(text)
    assert out == text or (len(text) == 15 and out.startswith(text) and len(out) == 18)
    assert derived.long_id(out) == out


@pytest.mark.parametrize(
    ("kind", "field", "theirs", "ours"),
    [
        ("account", "types", "Customer - Direct", "customer"),
        ("account", "types", "Prospect", "prospect"),
        ("account", "types", "Customer;Partner", "customer,partner"),
        ("account", "types", "Martian", ""),
        ("lead", "status", "Open - Not Contacted", "new"),
        ("opportunity", "type", "Existing Customer - Upgrade", "existing"),
        ("opportunity", "category", "BestCase", "best_case"),
        ("opportunity", "category", "Most Likely", "most_likely"),
        ("opportunity_contact", "role", "Economic Buyer", "economic_buyer"),
    ],
)
def test_words_of_pick_lists(kind: str, field: str, theirs: str, ours: str) -> None:
    of = KINDS[kind]
    recipe = recipes.recipe(of, Seen("x.csv", ["A"], [[theirs]]), {0: of.by_name[field]}, Facts())
    assert [(d.field, d.make(theirs)) for d in recipe.derived] == [(field, ours)]


TASK = ["WhoId", "WhatId", "Subject", "ActivityDate", "Status", "IsClosed", "CreatedDate", "TaskSubtype", "AccountId", "Description"]


@pytest.mark.parametrize(
    ("cells", "wanted"),
    [
        (
            ["003x", "006y", "Call", "2026-06-03", "Completed", "1", "2026-05-01", "Call", "001z", "Long"],
            {"contact": "003x", "lead": "", "opportunity": "006y", "account": "001z", "kind": "call", "when": "2026-06-03", "next_step": "",
             "due": "", "text": "Call\nLong"},
        ),
        (
            ["00Qx", "", "Quote", "2026-06-03", "Not Started", "0", "2026-05-01", "Task", "", ""],
            {"contact": "", "lead": "00Qx", "opportunity": "", "account": "", "kind": "note", "when": "2026-05-01", "next_step": "Quote",
             "due": "2026-06-03", "text": "Quote"},
        ),
        (
            ["", "500x", "", "", "", "", "2026-05-01", "", "", ""],
            {"contact": "", "lead": "", "opportunity": "", "account": "", "kind": "note", "when": "2026-05-01", "next_step": "", "due": "",
             "text": "(no subject)"},
        ),
    ],
)  # fmt: skip
def test_tasks(cells: list[str], wanted: dict[str, str]) -> None:
    recipe = recipes.recipe(KINDS["activity"], Seen("Task.csv", TASK, [cells]), {}, Facts())
    assert {d.field: d.make(*(cells[p] for p in d.places)) for d in recipe.derived} == wanted


@pytest.mark.parametrize(
    ("cells", "gone"),
    [(["1", ""], True), (["TRUE", "x"], True), (["false", "x"], False), (["", "x"], False), (["0", "x"], False), ([], False)],
)
def test_deleted_rows(cells: list[str], gone: bool) -> None:
    recipe = recipes.recipe(KINDS["account"], Seen("Account.csv", ["IsDeleted", "Name"], [cells]), {}, Facts())
    assert recipes.is_deleted(recipe, cells) is gone


def test_stages_that_deals_are_in() -> None:
    rows = [
        ("Prospecting", "10", "0", "0", "Pipeline"),
        ("Id. Decision Makers", "60", "0", "0", "BestCase"),
        ("Id. Decision Makers", "60.0", "0", "0", ""),
        ("Odd", "", "", "", ""),
        ("Signed", "100", "1", "1", "Closed"),
        ("Gone", "0", "TRUE", "false", "Omitted"),
        ("Closed Won (2)", "", "", "", ""),
        ("", "5", "", "", ""),
    ]
    assert [tuple(s) for s in recipes.steps(rows, {"prospecting"})] == [
        ("Odd", 10, "open", "pipeline"),
        ("Id. Decision Makers", 60, "open", "best_case"),
        ("Gone", 0, "lost", "omitted"),
        ("Closed Won (2)", 100, "won", "closed"),
        ("Signed", 100, "won", "closed"),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"), [("0.2", "20"), ("1.0", "100"), ("1", "100"), ("20", "20"), ("75 %", "75"), ("", ""), ("x", "")]
)
def test_probabilities(text: str, wanted: str) -> None:
    assert recipes.per_cent(text) == wanted


def test_an_address_book_holds_contacts() -> None:
    header = ["Vorname", "Nachname", "Firma", "Telefon geschäftlich", "E-Mail-Adresse", "Notizen"]
    seen = bundles.Seen("outlook.csv", header, [["Uwe", "Böhm", "Bau GmbH", "0221 4711", "u@bau.example", ""]])
    assert bundles.kind_of_file(seen) == ("contact", "")
    assert bundles.kind_of_file(seen._replace(name="x.csv", header=["Farbe", "Gewicht"]))[0] == ""


@pytest.mark.parametrize(
    ("name", "outcome"),
    [("Gewonnen", "won"), ("Affaire gagnée", "won"), ("Deal lost", "lost"), ("Verloren", "lost"), ("丢单", "lost"),
     ("Wondering", "open"), ("Persona", "open")],
)  # fmt: skip
def test_stages_that_are_over_by_their_names(name: str, outcome: str) -> None:
    (step,) = recipes.steps([(name, "50", "", "", "")], ())
    assert step.outcome == outcome
    (step,) = recipes.steps([(name, "50", "0", "", "")], ())
    assert step.outcome == "open", "a column says that it is not closed"
