"""Erasing leaves nothing of a person in the file, byte for byte, and nothing brings it back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from storekit import add, edit, open_store, outside, remove, table

from sfa.errors import Refused
from sfa.sales.moments import stamp_text
from sfa.store import erase, fields, history, records
from sfa.store.check import check
from sfa.store.database import Store
from sfa.store.operations import operation
from sfa.store.undo import latest, undo

SECRETS = ("Zhang", "Xiaoming", "xz@harbor.example", "private@mail.example", "5550100", "Harbour Road 7", "divorce", "Geheimrat", "nick-xz")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "sfa.db")


@pytest.fixture
def person(store: Store) -> int:
    """A contact with a past: older versions, a lead that became them, activities, mentions elsewhere, search entries, a field of ours."""
    a = add(store, "account", name="Blue Harbor")
    with operation(store, "config field add contact nickname text") as op:
        fields.add(op, store.kinds["contact"], "nickname", "text", "", [])
    store.load_kinds()
    lead = add(store, "lead", "lead add 'Xiaoming Zhang'", name="Xiaoming Zhang", email="private@mail.example", company="Blue Harbor")
    c = add(
        store,
        "contact",
        "contact add 'Xiaoming Zhang' --email xz@harbor.example",
        name="Xiaoming Zhang",
        first_name="Xiaoming",
        last_name="Zhang",
        email="xz@harbor.example",
        phone="+353 5550100",
        other_phones="5550100",
        street="Harbour Road 7",
        title="Geheimrat",
        account=a,
        external_id="xz@harbor.example",
    )
    edit(store, "lead", lead, contact=c, account=a)
    edit(store, "contact", c, "contact edit C-1 nickname=nick-xz", nickname="nick-xz")
    edit(store, "contact", c, "contact edit C-1 nickname=", nickname=None, title="Director")
    opp = add(
        store,
        "opportunity",
        name="Renewal for XIAOMING ZHANG",
        account=a,
        contact=c,
        amount=4_800_000,
        currency="USD",
        next_step="mail xz@harbor.example",
    )
    act = add(
        store,
        "activity",
        "log C-1 call 'about the divorce'",
        kind="call",
        when=stamp_text(store.calendar.now),
        text="about the divorce",
        contact=c,
        opportunity=opp,
    )
    edit(store, "activity", act, text="about the divorce, again")
    deleted = add(store, "activity", kind="note", when=stamp_text(store.calendar.now), text="Zhang: divorce", contact=c)
    remove(store, "activity", deleted)
    add(
        store,
        "account",
        "account add Other description='ask Xiaoming Zhang'",
        name="Other",
        description="ask Xiaoming  Zhang, +353 (555) 0100",
    )
    return c


def bytes_of(store: Store) -> bytes:
    out = b""
    for ending in ("", "-wal", "-shm"):
        file = Path(store.path + ending)
        out += file.read_bytes() if file.exists() else b""
    return out


def traces(store: Store) -> list[str]:
    data = bytes_of(store)
    return [s for s in SECRETS if re.search(re.escape(s.encode()), data, re.I)]


def test_nothing_is_left_in_the_file(store: Store, person: int) -> None:
    assert set(traces(store)) == set(SECRETS)
    who = erase.person(store, "contact", person)
    assert [k for k, _ in who.records] == ["contact", "lead"] and len(who.activities) == 2
    done = erase.erase(store, who)
    assert not done.busy
    assert traces(store) == []
    assert check(store) == []


def test_what_is_not_personal_stays(store: Store, person: int) -> None:
    erase.erase(store, erase.person(store, "contact", person))
    assert table(store, "contact", "name", "email", "account")[person][0:2] == ("(erased)", None)
    assert list(table(store, "opportunity", "amount", "name").values()) == [(4_800_000, "Renewal for (erased)")]
    assert list(table(store, "activity", "text", "contact").values()) == [("(erased)", person)]
    commands = [r[0] for r in store.db.execute("SELECT command FROM op ORDER BY id")]
    assert "contact add (erased)" in commands and "log (erased)" in commands and commands[-1] == "erase C-1 L-1"
    assert len(history.versions(store, store.kinds["contact"], person)) == 4, "the versions stay, blank"
    assert store.db.execute("SELECT count(*) FROM external").fetchone()[0] == 1
    for text in ("zhang", "xiaoming", "divorce", "geheimrat"):
        assert records.search(store, text, ["contact", "lead", "activity", "opportunity", "account"], 5) == []
    assert [h.label for h in records.search(store, "blue", ["account"], 5)] == ["Blue Harbor"]


def test_nothing_brings_it_back(store: Store, person: int) -> None:
    created = store.db.execute("SELECT op FROM contact_history WHERE id=? ORDER BY since LIMIT 1", (person,)).fetchone()[0]
    edited = store.db.execute("SELECT op FROM contact WHERE id=?", (person,)).fetchone()[0]
    erase.erase(store, erase.person(store, "contact", person))
    erasure = store.db.execute("SELECT max(id) FROM op").fetchone()[0]
    with pytest.raises(Refused, match="erasure"):
        undo(store, erasure, "undo")
    assert latest(store) != erasure
    undo(store, edited, "undo")
    assert table(store, "contact", "name", "title", "nickname")[person] == ("(erased)", None, None)
    with pytest.raises(Exception, match="later change"):
        undo(store, created, "undo")
    assert traces(store) == []


def test_the_email_is_blocked_for_every_kind_and_nobody_elses_is(store: Store, person: int) -> None:
    assert not erase.is_erased(store, "contact", "xz@harbor.example")
    erase.erase(store, erase.person(store, "contact", person))
    for mail in ("xz@harbor.example", "XZ@Harbor.example ", "private@mail.example"):
        assert erase.is_erased(store, "contact", mail) and erase.is_erased(store, "lead", mail)
    assert not erase.is_erased(store, "contact", "other@harbor.example")
    assert not erase.is_erased(store, "account", "xz@harbor.example")
    assert erase.blocker(store, "account") is None
    hashes = {r[0] for r in store.db.execute("SELECT hash FROM erased")}
    other = open_store(Path(store.path).parent / "other.db")
    c = add(other, "contact", name="X", email="xz@harbor.example")
    erase.erase(other, erase.person(other, "contact", c))
    assert not hashes & {r[0] for r in other.db.execute("SELECT hash FROM erased")}, "each file has a key of its own"


def test_a_deleted_person_can_be_erased(store: Store, person: int) -> None:
    store.db.execute("UPDATE opportunity SET contact=NULL")
    store.db.execute("UPDATE activity SET contact=NULL")
    store.db.execute("UPDATE lead SET contact=NULL")
    gone = remove(store, "contact", person)
    who = erase.person(store, "contact", person)
    assert [k for k, _ in who.records] == ["contact", "lead"], "the lead of long ago is known by its history"
    erase.erase(store, who)
    undo(store, gone, "undo")
    assert table(store, "contact", "name", "email")[person] == ("(erased)", None)
    assert check(store) == []


def test_another_person_of_the_same_name_keeps_it_and_the_same_email_is_told(store: Store, person: int) -> None:
    twin = add(store, "contact", name="Xiaoming Zhang", email="twin@harbor.example")
    again = add(store, "lead", name="X. Z.", email="xz@harbor.example")
    who = erase.person(store, "contact", person)
    assert who.namesakes == [("lead", again)]
    erase.erase(store, who)
    assert table(store, "contact", "name")[twin] == "Xiaoming Zhang"


def test_a_reader_that_keeps_old_pages_is_told(store: Store, person: int) -> None:
    reader = outside(Path(store.path))
    rows = reader.execute("SELECT name FROM contact, (SELECT 1 UNION SELECT 2)")
    rows.fetchone()
    store.db.execute("PRAGMA busy_timeout=100")
    assert erase.erase(store, erase.person(store, "contact", person)).busy
    rows.close()
    reader.close()
    assert erase.compact(store)


def test_copies_beside_the_file_are_named(store: Store, tmp_path: Path) -> None:
    from sfa.store.migrations import backup

    backup(store.path, str(tmp_path / "sfa.db.v1.backup"))
    backup(store.path, str(tmp_path / "elsewhere.db"))
    (tmp_path / "sfa.txt").write_text("no database")
    assert [Path(c).name for c in erase.copies(store.path)] == ["sfa.db.v1.backup"]
