"""Columns without a field: what type their cells prove, what looks like a field that the header does not say, which words are blank, and
map files that are written and read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import blanks, guesses, inference, mapfile
from sfa.sales.kinds import KINDS
from sfa.store.fields import RESERVED

DEAL, LEAD = KINDS["opportunity"], KINDS["lead"]


def column(*cells: str) -> inference.Column:
    made = inference.Column("X")
    for cell in cells:
        made.see(cell)
    return made


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["yes", "no", ""], "bool"),
        (["TRUE", "FALSE"], "bool"),
        (["0", "1"], "bool"),
        (["1", "1"], "number"),
        (["1", "2,500", "-3.5"], "number"),
        (["007", "12"], "text"),
        (["2026-01-02", "2026-02-03"], "date"),
        (["2026-01-02T00:00:00.000+0000"], "date"),
        (["13/02/2026", "01/02/2026"], "date"),
        (["01/02/2026", "03/04/2026"], "text"),
        (["13/02/2026", "02/13/2026"], "text"),
        (["2026-01-02 10:30", "2026-01-02T11:00:00Z"], "stamp"),
        (["12 %", "100%"], "percent"),
        (["€12k", "USD 5"], "money"),
        (["a@b.co", "c@d.org"], "email"),
        (["+49 30 901820", "(212) 555-0100"], "phone"),
        (["gold", "silver"] * 5, "choice"),
        (["gold", "silver"], "text"),
        (["gold", "Gold"] * 5, "text"),
        (["a,b", "c"] * 5, "text"),
        (["yes", "maybe"] * 5, "choice"),
    ],
)
def test_types(cells: list[str], expected: str) -> None:
    assert column(*cells).type(DEAL)[0] == expected


def test_what_has_no_currency_has_no_amounts() -> None:
    assert column("€12k", "€5").type(LEAD) == ("text", ())


@pytest.mark.parametrize(
    ("header", "name", "label"),
    [
        ("Branch__c", "branch", "Branch__c"),
        ("BillingGeocodeAccuracy", "billing_geocode_accuracy", "BillingGeocodeAccuracy"),
        ("区域", "区域", ""),
        ("2nd phone", "x_2nd_phone", "2nd phone"),
        ("Name", "name_2", "Name"),
        ("id", "id_2", "id"),
        ("%", "x", "%"),
    ],
)
def test_names_of_fields(header: str, name: str, label: str) -> None:
    made = inference.Column(header)
    made.see("x")
    field = inference.fields(LEAD, {3: made, 4: inference.Column("blank")}, RESERVED)[3]
    assert (field.name, field.label) == (name, label)


@given(st.lists(st.text(max_size=12), max_size=8), st.text(max_size=50))
def test_any_column_has_a_type_and_a_name(cells: list[str], header: str) -> None:
    made = inference.Column(header)
    for cell in cells:
        made.see(cell)
    of, choices = made.type(DEAL)
    assert of in (*inference._TESTS, "choice", "text") and bool(choices) == (of == "choice")
    for field in inference.fields(DEAL, {0: made}, RESERVED).values():
        assert field.name not in DEAL.by_name and field.name not in RESERVED and len(field.name) <= 41


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["a@b.co", "", "c@d.org", "e@f.net"], "email"),
        (["a@b.co", "x", "c@d.org", "e@f.net"], None),
        (["a@b.co", "c@d.org"], None),
        (["+49 30 901820", "(212) 555-0100", "030-901 820"], "phone"),
        (["2026-01-02", "2026-01-03", "2026-01-04"], None),
        (["1234567", "2345678", "3456789"], None),
        (["www.a.example", "https://b.example/x", "www.c.example"], "website"),
        (["Peru", "Chile", "Peru"], "country"),
        (["Peru", "Peru", "Peru"], None),
    ],
)
def test_guesses(cells: list[str], expected: str | None) -> None:
    sure, doubtful = guesses.of(LEAD, [0], [[c] for c in cells], set())
    assert [f.name for f in sure.values()] == ([expected] if expected else []) and not doubtful
    if expected:
        assert guesses.of(LEAD, [0], [[c] for c in cells], {expected}) == ({}, {})
        both = guesses.of(LEAD, [0, 1], [[c, c] for c in cells], set())
        assert both[0] == {} and [f.name for f in both[1].values()] == [expected] * 2


WORDS = blanks.blank_words("NULL, N/A, #N/A, (null), --None--, -, none, Select")


@pytest.mark.parametrize(
    ("name", "blank", "kept"),
    [
        ("last_name", "#N/A (null) --None-- -", "NULL Null none None Select N/A"),
        ("company", "#N/A (null) --None-- - N/A n/a NULL", "null Null none None Select"),
        ("employees", "#N/A n/a NULL none None Select select - --None--".replace("None ", ""), "nil"),
        ("email", "none Select N/A", "nobody"),
    ],
)
def test_blank_words(name: str, blank: str, kept: str) -> None:
    words = blanks.of(LEAD, LEAD.field(name), WORDS)
    assert all(w in words or w.lower() in words for w in blank.split()) if name in ("employees", "email") else set(blank.split()) <= words
    assert not {*kept.split()} & words


def test_a_choice_of_ones_own_is_no_blank() -> None:
    field = LEAD.field("status")._replace(choices=("none", "some"))
    assert "none" not in blanks.of(LEAD, field, WORDS) and "-" in blanks.of(LEAD, field, WORDS)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MAPS = st.builds(
    mapfile.Map,
    columns=st.just({}),
    header=st.just(()),
    length=st.just(""),
    snap=st.just(""),
    values=st.dictionaries(st.sampled_from(["status", "rating"]), st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=3), max_size=2),
    set=st.dictionaries(st.sampled_from(["source", "title"]), TEXTS, max_size=2),
    multiply=st.dictionaries(st.just("employees"), st.integers(1, 10**6), max_size=1),
    dates=st.sampled_from(["", "dmy", "%d.%m.%Y"]),
    decimal=st.sampled_from(["", ","]),
    blank=st.dictionaries(TEXTS, st.lists(TEXTS, max_size=3).map(tuple), max_size=2),
    profile=st.sampled_from(["", "hubspot", "none"]),
)


@given(MAPS, st.dictionaries(TEXTS, st.sampled_from(["", "name", "email"]), max_size=4), st.lists(TEXTS, max_size=2))
def test_a_map_that_is_written_is_read_again(given_: mapfile.Map, columns: dict[str, str], notes: list[str]) -> None:
    lines = [mapfile.Line(c, f, note) for (c, f), note in zip(columns.items(), [*notes, "", "", "", ""], strict=False)]
    assert mapfile.read_map(mapfile.written(given_, lines, notes), LEAD) == given_._replace(columns=columns)
