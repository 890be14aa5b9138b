"""The filter grammar: what words mean, and that no word crashes it."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfa.errors import SfaError, UsageError
from sfa.sales import filters
from sfa.sales.filters import Condition
from sfa.sales.kinds import KINDS

OPP = KINDS["opportunity"]


@pytest.mark.parametrize(
    ("word", "condition"),
    [
        ("owner:me", Condition("owner", ":", ("me",), False)),
        ("Owner:me", Condition("owner", ":", ("me",), False)),
        ("stage:proposal,won", Condition("stage", ":", ("proposal", "won"), False)),
        ("amount>10k", Condition("amount", ">", ("10k",), False)),
        ("amount>=10k", Condition("amount", ">=", ("10k",), False)),
        ("amount:1,500", Condition("amount", ":", ("1,500",), False)),
        ("-source:web", Condition("source", ":", ("web",), True)),
        ("!source:web", Condition("source", ":", ("web",), True)),
        ("source!=web", Condition("source", ":", ("web",), True)),
        ("-source!=web", Condition("source", ":", ("web",), False)),
        ("source=web", Condition("source", ":", ("web",), False)),
        ("next-step:none", Condition("next_step", ":", ("none",), False)),
        ("account.industry:tech", Condition("account.industry", ":", ("tech",), False)),
        ("text~renewal", Condition("text", "~", ("renewal",), False)),
        ("text:renewal", Condition("text", "~", ("renewal",), False)),
        ("renewal", Condition("text", "~", ("renewal",), False)),
        ("-renewal", Condition("text", "~", ("renewal",), True)),
        ("http://x.example", Condition("text", "~", ("http://x.example",), False)),
        ("name~a:b", Condition("name", "~", ("a:b",), False)),
        ("is:open,won", Condition("is", ":", ("open", "won"), False)),
        ("-is:mine", Condition("is", ":", ("mine",), True)),
        ("北京", Condition("text", "~", ("北京",), False)),
        ("=cmd()", Condition("text", "~", ("=cmd()",), False)),
    ],
)
def test_words(word: str, condition: Condition) -> None:
    assert filters.parse([word], OPP) == [condition]


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("ownr:me", "owner"),
        ("is:opn", "is:open"),
        ("name>a", "field:value"),
        ("amount.x:1", "account"),
        ("account.industri:tech", "industry"),
        ("owner.is:open", "Fields"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_right(word: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        filters.parse([word], OPP)
    assert hint in caught.value.hint


def test_blank_words_ask_nothing() -> None:
    assert filters.parse(["", "  "], OPP) == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [("owner:me", True), ("is:open", True), ("text~x", True), ("O-12", False), ("12:30", False), ("a b", False), ("http://x", False)],
)
def test_conditions_are_told_from_references(word: str, expected: bool) -> None:
    assert filters.is_condition(word, OPP) is expected


WORDS = st.text(max_size=40) | st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-", "!"]),
    st.sampled_from([*OPP.by_name, "is", "text", "account.name", "nosuch"]),
    st.sampled_from([":", "=", "!=", "<", "<=", ">", ">=", "~"]),
    st.text(max_size=20),
)


@given(WORDS, st.sampled_from([k for k in KINDS.values() if k.noun]))
@example("\udcff:x", OPP)
@example("is:", OPP)
@example("-", OPP)
@example("!", OPP)
def test_never_crashes(word: str, kind: object) -> None:
    try:
        for condition in filters.parse([word], kind):  # type: ignore[arg-type]
            assert condition.values and condition.op in (":", "<", "<=", ">", ">=", "~")
    except SfaError as error:
        assert error.exit_code == 2


@given(
    st.sampled_from([f.name for f in OPP.fields if f.type == "text"]), st.text(alphabet=st.characters(exclude_characters=","), max_size=20)
)
def test_negation_is_its_own_opposite(name: str, value: str) -> None:
    plain = filters.parse([f"{name}:{value}"], OPP)[0]
    minus, unequal = filters.parse([f"-{name}:{value}"], OPP)[0], filters.parse([f"{name}!={value}"], OPP)[0]
    assert minus == unequal == plain._replace(negated=True)


SAVED = {"hot": ["stage:proposal", "amount>50k"], "warm": ["@hot", "is:mine"], "cold": ["-@hot"], "a": ["@b"], "b": ["is:open", "-@a"]}


def test_a_saved_filter_is_taken_apart() -> None:
    parse = lambda *words: filters.parse(words, OPP, saved=SAVED.__getitem__)  # noqa: E731
    hot = [Condition("stage", ":", ("proposal",), False), Condition("amount", ">", ("50k",), False)]
    assert parse("@hot", "close:any") == [*hot, Condition("close", ":", ("any",), False)]
    assert parse("@warm") == [*hot, Condition("is", ":", ("mine",), False)]
    assert parse("-@hot") == [Condition("saved", ":", ("hot",), True, tuple(hot))] == parse("@cold")
    assert list(filters.leaves(parse("-@warm"))) == parse("@warm")


def test_saved_filters_in_a_circle() -> None:
    for word in ("@a", "-@b"):
        with pytest.raises(SfaError, match=r"circle: @[ab] → @[ab] → @[ab]"):
            filters.parse([word], OPP, saved=SAVED.__getitem__)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("@hot", "hot"),
        ("-@hot", "hot"),
        ("!@a-b_2", "a-b_2"),
        ("@热门", "热门"),
        ("@-", ""),
        ("@-2", ""),
        ("@2", ""),
        ("@acme.com", ""),
        ("a@b", ""),
        ("@", ""),
        ("@_x", ""),
        ("@hot pot", ""),
    ],
)
def test_what_is_the_name_of_a_saved_filter(word: str, name: str) -> None:
    assert filters.saved_name(word) == name
    assert filters.is_condition(word, OPP) == bool(name)
