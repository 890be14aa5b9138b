"""A record as a text to be edited, and where something in it is wrong."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import forms
from sfa.sales.kinds import KINDS

FIELDS = [f for f in KINDS["opportunity"].fields if not f.managed]
# What is stored has been cleaned: no control characters but tabs and line ends, no lone surrogates.
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t'\"\\"), max_size=40)


@given(st.dictionaries(st.sampled_from([f.name for f in FIELDS]), TEXT))
def test_every_text_comes_back(texts: dict[str, str]) -> None:
    form = forms.written("O-1 Deal", FIELDS, texts)
    read, fault = forms.read(form)
    assert fault is None
    assert read == {f.name: texts.get(f.name, "") for f in FIELDS}


def test_it_says_what_a_field_takes() -> None:
    lines = forms.written("O-1 Deal", FIELDS, {"name": "Deal"}).splitlines()
    assert 'name             = "Deal"  # required' in lines
    assert 'type             = ""  # new, existing, renewal' in lines
    assert 'account          = ""  # account' in lines


def test_a_caret_below_what_is_wrong() -> None:
    form = 'name = "x"\namount = "abc"  # an amount\n'
    fault = forms.fault(form, "amount", "'abc' is not an amount")
    assert forms.marked(form, fault, "like 12k") == (
        'name = "x"\namount = "abc"  # an amount\n#!       ^^^^^\n#! \'abc\' is not an amount\n#! like 12k\n'
    )
    assert forms.cleaned(forms.marked(form, fault, "like 12k")) == form
    assert forms.caret(form.splitlines()[1], fault) == "         ^^^^^"
    assert forms.caret('名字 = "x"', forms.fault('名字 = "x"', "名字", "?")) == "       ^^^"
    assert forms.caret("amunt = 1", forms.fault("amunt = 1", "amunt", "?", key=True)) == "^^^^^"


def test_what_is_no_toml() -> None:
    assert forms.read('name = "x"\namount = 48k\n')[1] == forms.Fault(1, 11, 12, forms.read('name = "x"\namount = 48k\n')[1].why)  # type: ignore[union-attr]
    assert "not TOML" in forms.read("name = \n")[1].why  # type: ignore[union-attr]
    assert forms.read("name = [1]\n")[1] is not None
    assert forms.read("amount = 48000\nactive = true\n") == ({"amount": "48000", "active": "yes"}, None)


@given(st.text(max_size=80))
def test_no_text_breaks_reading(text: str) -> None:
    _, fault = forms.read(text)
    if fault:
        forms.marked(text, fault, "hint")
