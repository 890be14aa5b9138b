"""All that is one person is found, under any spelling, and erased so that no byte of it stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from storekit import add, edit, open_store, remove, table

from sfa.errors import Ambiguous, NotFound
from sfa.sales.moments import stamp_text
from sfa.store import erase, persons
from sfa.store.check import check
from sfa.store.database import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "sfa.db")


@pytest.fixture
def jose(store: Store) -> dict[str, int]:
    """José Núñez: a contact, a lead with a tag in its e-mail, a deleted lead with it among others; somebody of the name at the same
    company, somebody of the name elsewhere, somebody else at the company."""
    a = add(store, "account", name="Muelle SA")
    out = {
        "contact": add(store, "contact", name="José Núñez", email="jose@muelle.example", phone="+34 600 555 100", account=a),
        "tagged": add(store, "lead", name="Nunez, Jose", email="Jose+web@Muelle.example"),
        "gone": add(store, "lead", name="J. N.", email="jn@home.example", other_emails="jose@muelle.example"),
        "home": add(store, "lead", name="Pepe", email="jn@home.example"),
        "likely": add(store, "lead", name="NUNEZ JOSE", company="Muelle SA"),
        "namesake": add(store, "lead", name="Jose Nunez", email="other@other.example", company="Other"),
        "colleague": add(store, "contact", name="Ana Gil", email="ana@muelle.example", account=a),
    }
    remove(store, "lead", out["gone"])
    note = {"kind": "note", "when": stamp_text(store.calendar.now)}
    out["activity"] = add(store, "activity", text="private", lead=out["home"], **note)
    out["mention"] = add(
        store, "activity", text="Ana said: NÚÑEZ, José has 600 555-100, jose+x@muelle.example", contact=out["colleague"], **note
    )
    return out


def found(store: Store, text: str, likely: bool = False) -> tuple[set[int], set[int]]:
    got = persons.find(store, text, likely)
    return {n for k, n in got.certain}, {n for (k, n), _ in got.likely}


@pytest.mark.parametrize("text", ["jose@muelle.example", "JOSE+shop@muelle.example", "jn@home.example", "+34600555100", "600 555 100"])
def test_an_email_or_a_phone_finds_all_that_is_the_person(store: Store, jose: dict[str, int], text: str) -> None:
    certain = persons.find(store, text).certain
    assert set(certain) == {("contact", jose["contact"]), *(("lead", jose[n]) for n in ("tagged", "gone", "home"))}
    assert [r for r, _ in persons.find(store, text).likely] == [("lead", jose["likely"])]
    assert ("lead", jose["likely"]) in persons.find(store, text, likely=True).certain


@pytest.mark.parametrize("text", ["José Núñez", "jose nunez", "NUNEZ, José"])
def test_a_name_that_several_bear_stops_and_lists_them(store: Store, jose: dict[str, int], text: str) -> None:
    with pytest.raises(Ambiguous, match="3 persons"):
        persons.find(store, text)
    with pytest.raises(Ambiguous, match="2 persons"):
        persons.find(store, text, likely=True)
    remove(store, "lead", jose["namesake"])
    erase.erase(store, erase.person(store, "lead", jose["namesake"]))
    assert ("contact", jose["contact"]) in persons.find(store, text, likely=True).certain


def test_nobody_and_shared_addresses(store: Store) -> None:
    for text in ("Nobody", "no@body.example", "0123456", "12", "!"):
        with pytest.raises(NotFound):
            persons.find(store, text)
    one = add(store, "contact", name="Ann A", email="info@pier.example")
    add(store, "contact", name="Bob B", email="info@pier.example")
    with pytest.raises(Ambiguous, match="2 persons"):
        persons.find(store, "info@pier.example")
    assert persons.find(store, "Ann A").certain == [("contact", one)]


def test_names_in_chinese(store: Store) -> None:
    one = add(store, "contact", name="张伟", last_name="张", first_name="伟", email="zw@keji.example")
    two = add(store, "lead", name="伟 张", email="zw@keji.example")
    add(store, "contact", name="张维")
    assert set(persons.find(store, "张 伟").certain) == {("contact", one), ("lead", two)}


def test_no_byte_of_the_person_stays(store: Store, jose: dict[str, int], tmp_path: Path) -> None:
    add(store, "account", "account add x description='call Jose Nunez'", name="Jose Nunez Trading", description="with +34 600 555 100")
    add(
        store,
        "forecast_call",
        owner=add(store, "user", name="Ben"),
        period="2026-10-01/2027-01-01",
        made="2026-11-20T12:00:00Z",
        note="José Núñez",
    )
    edit(store, "contact", jose["contact"], "contact edit C-1 title=Jefe", title="Jefe")
    who = erase.together(erase.person(store, *r) for r in persons.find(store, "jose@muelle.example", likely=True).certain)
    assert who.activities == [jose["activity"]]
    erase.erase(store, who)
    assert check(store) == []
    data = b"".join(f.read_bytes() for f in tmp_path.iterdir() if f.name.startswith("sfa.db"))
    assert erase.copies(store.path) == []
    secrets = (
        "José",
        "Núñez",
        "Nunez, Jose",
        "NUNEZ JOSE",
        "Pepe",
        "muelle.example, ",
        "jose@muelle",
        "jose+",
        "jn@home",
        "600 555",
        "private",
    )
    left = [s for s in secrets if re.search(re.escape(s.encode()), data, re.I)]
    assert left == []
    assert table(store, "activity", "text")[jose["mention"]] == "Ana said: (erased) has (erased), (erased)"
    # Somebody else of that name keeps their own record.
    assert table(store, "lead", "name")[jose["namesake"]] == "Jose Nunez"


def test_an_erased_person_is_blocked_under_another_spelling_of_the_email(store: Store) -> None:
    c = add(store, "contact", name="Wei Z", email="wei.z+crm@gmail.com")
    erase.erase(store, erase.person(store, "contact", c))
    for mail in ("wei.z+crm@gmail.com", "Wei.Z@gmail.com", "weiz@googlemail.com", "weiz+new@gmail.com"):
        assert erase.is_erased(store, "lead", mail), mail
    assert not erase.is_erased(store, "lead", "weizz@gmail.com")
