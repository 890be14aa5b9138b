"""What names come down to: tables of cases in many languages, and what must hold for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.sales import names


@pytest.mark.parametrize(
    ("company", "key"),
    [
        ("Acme GmbH & Co. KG", "acme"),
        ("Acme, S.A. de C.V.", "acme"),
        ("Acme S. de R.L. de C.V.", "acme"),
        ("Smith and Sons Ltd.", "smith sons"),
        ("Smith & Sons", "smith sons"),
        ("The Blue Harbor Company", "blue harbor"),
        ("ACME s.r.o.", "acme"),
        ("Acme Sp. z o.o.", "acme"),
        ("Maersk A/S", "maersk"),
        ("Müller Aktiengesellschaft", "muller"),
        ("Straße AG", "strasse"),
        ("Ørsted A/S", "orsted"),
        ("ООО «Ромашка»", "ромашка"),
        ("Ромашка, ООО", "ромашка"),
        ("株式会社トヨタ", "トヨタ"),
        ("トヨタ㈱", "トヨタ"),
        ("北京科技股份有限公司", "北京科技"),
        ("北京科技有限责任公司", "北京科技"),
        ("삼성전자 주식회사", "삼성전자"),
        ("شركة النور ذ.م.م", "النور"),
        ("PT Astra Tbk", "astra"),
        ("Acme Pvt. Ltd.", "acme"),
        ("Ltd", "ltd"),
        ("有限公司", "有限公司"),
        ("Bank of Co", "bank"),
        ("", ""),
        (None, ""),
    ],
)
def test_company_names_without_legal_forms(company: str | None, key: str) -> None:
    assert names.company_key(company) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Wei Zhang"}, {"name": "Zhang, Wei"}),
        ({"name": "Wei Zhang"}, {"first_name": "Zhang", "last_name": "Wei"}),
        ({"name": "张伟"}, {"first_name": "伟", "last_name": "张"}),
        ({"name": "张伟"}, {"name": "伟 张"}),
        ({"name": "张 伟"}, {"first_name": "张", "last_name": "伟"}),
        ({"name": "José García"}, {"name": "JOSE GARCIA"}),
        ({"name": "Dr. Eva Novák"}, {"name": "Eva Novak"}),
        ({"name": "O'Brien, Pat"}, {"name": "Pat O’Brien"}),
        ({"name": "김 철수"}, {"name": "철수 김"}),
        ({"name": "أحمد علي"}, {"name": "احمد علي"}),
    ],
)
def test_a_name_in_any_order_and_spelling_is_one(one: dict[str, str], other: dict[str, str]) -> None:
    assert names.name_key(one) == names.name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("smith", "smyth"), ("meyer", "maier"), ("catherine", "katherine"), ("philip", "filip"), ("mueller", "muller"), ("knight", "night")],
)
def test_what_sounds_alike_has_one_key(one: str, other: str) -> None:
    assert names.phonetic(one) == names.phonetic(other)


@pytest.mark.parametrize(("one", "other"), [("smith", "jones"), ("王", "李"), ("кузнецов", "смирнов"), ("lee", "roth")])
def test_what_sounds_unlike_has_not(one: str, other: str) -> None:
    assert names.phonetic(one) != names.phonetic(other)


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [("a.b+crm@gmail.com", "ab@gmail.com"), ("ab@googlemail.com", "ab@gmail.com"), ("a.b+x@firm.example", "a.b@firm.example")],
)
def test_addresses_of_one_mailbox(address: str, mailbox: str) -> None:
    assert names.mailbox(address) == mailbox


def test_nicknames_of_several_languages() -> None:
    pairs = (
        ("Bob", "Robert"),
        ("Liz", "Elizabeth"),
        ("Uli", "Ulrich"),
        ("Paco", "Francisco"),
        ("Саша", "Alexander"),
        ("Gosia", "Małgorzata"),
    )
    for nick, whole in pairs:
        one, other = names.name({"name": f"{nick} X"}), names.name({"name": f"{whole} X"})
        assert one.canonical == other.canonical, nick


WORD = st.text(st.characters(categories=("L",)), min_size=1, max_size=20)


@given(WORD)
def test_a_word_never_comes_down_to_nothing(word: str) -> None:
    assert names.name_key({"name": word})
    assert names.company_key(word)
    assert names.phonetic(names.folded(word))


@given(st.text("王李张伟芳娜かとうトヨタ김철수", min_size=1, max_size=6), st.text("王李张伟芳娜かとう김", min_size=1, max_size=4))
def test_family_and_given_name_in_characters_stand_in_any_order(family: str, given_name: str) -> None:
    apart = names.name_key({"first_name": given_name, "last_name": family})
    assert apart == names.name_key({"name": family + given_name}) == names.name_key({"name": f"{given_name} {family}"}) != ""
