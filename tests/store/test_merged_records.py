"""Merging in the store: everything that belongs to the losers is the survivor's, and undo leaves the database as it was."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from storekit import add, open_store, table

from sfa.errors import Refused, UsageError
from sfa.sales.kinds import referrers
from sfa.store import duplicates, lookup, merging, records
from sfa.store.check import check
from sfa.store.database import Store
from sfa.store.operations import operation
from sfa.store.undo import latest, undo


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "sfa.db")


def dump(store: Store) -> dict[str, Any]:
    """Every current record of every kind, without which operation wrote it."""
    return {k.name: table(store, k.name, *k.columns) for k in store.kinds.values()}


def merge(store: Store, kind: str, *numbers: int) -> None:
    with operation(store, f"merge {kind}") as op:
        merging.carry_out(op, merging.plan(store, store.kinds[kind], numbers))


def children(store: Store, kind: str, *numbers: int) -> dict[tuple[str, str], int]:
    """(kind, field) → how many records refer to any of `numbers`."""
    marks = ",".join("?" * len(numbers))
    return {
        (k.name, f.name): store.db.execute(f'SELECT count(*) FROM "{k.name}" WHERE "{f.name}" IN ({marks})', numbers).fetchone()[0]
        for k, f in referrers(store.kinds, kind)
    }


def grown(store: Store, dice: random.Random) -> None:
    """A small company with references of every sort between its records."""
    accounts: list[int] = []
    for i in range(5):
        accounts.append(add(store, "account", name=f"Acme {i}", industry=dice.choice((None, "steel", "paper")), types="customer"))
        with operation(store, "parent") as op:
            op.update("account", accounts[-1], {"parent": dice.choice([None, *accounts[:-1]])})
            op.link("account", accounts[-1], f"acc-{i}")
            op.link("account", accounts[-1], f"001{i}", "salesforce")
    contacts = [
        add(
            store,
            "contact",
            name=f"Bob Cole {i}",
            email=f"bob{i}@acme.example",
            phone=dice.choice((None, f"+353 1 55501{i:02}")),
            account=dice.choice([None, *accounts]),
            description=dice.choice((None, "golfer", "tall")),
        )
        for i in range(5)
    ]
    leads = [add(store, "lead", name=f"Lead {i}", company="Acme", email=f"l{i}@acme.example", status="new") for i in range(4)]
    for i in range(6):
        deal = add(
            store,
            "opportunity",
            name=f"Deal {i}",
            account=dice.choice(accounts),
            contact=dice.choice([None, *contacts]),
            competitor=dice.choice([None, *accounts]),
            stage=min(table(store, "stage", "name")),
            pipeline=min(table(store, "pipeline", "name")),
        )
        for contact in dice.sample(contacts, dice.randrange(4)):
            add(store, "opportunity_contact", opportunity=deal, contact=contact, role=dice.choice((None, "champion")))
        some = dice.sample(contacts, 3)
        met = add(store, "activity", when="2026-01-01T10:00:00Z", kind="call", text="spoke", opportunity=deal, contact=some[0])
        for contact in some[1 : dice.randrange(1, 4)]:
            add(store, "activity_contact", activity=met, contact=contact)
        add(store, "activity", when="2026-01-01T10:00:00Z", kind="note", text="saw", lead=dice.choice(leads), account=dice.choice(accounts))


@pytest.mark.parametrize("seed", range(12))
def test_children_stay_and_undo_restores_everything(store: Store, seed: int) -> None:
    dice = random.Random(seed)
    grown(store, dice)
    stages = [dump(store)]
    for _ in range(4):
        kind = dice.choice(("account", "contact", "lead"))
        there = sorted(table(store, kind, "name"))
        if len(there) < 3:
            continue
        numbers = dice.sample(there, dice.choice((2, 3)))
        before = children(store, kind, *numbers)
        merge(store, kind, *numbers)
        after = children(store, kind, numbers[0])
        for (other, field), many in before.items():
            if other == "activity_contact":
                mains = table(store, "activity", "contact")
                met = {a for v in stages[-1][other].values() for a, c in [v[:2]] if c in numbers and mains[a] != numbers[0]}
                assert after[other, field] == len(met), "one part an activity, none for its main contact"
            elif other == "opportunity_contact":
                deals = {d for v in stages[-1][other].values() for d, c in [v[:2]] if c in numbers}
                assert after[other, field] == len(deals), "one link a deal"
            elif field != "parent":
                assert after[other, field] == many, (other, field)
        assert not any(children(store, kind, *numbers[1:]).values())
        assert not check(store), "sound"
        ids = [t for k, n, s, t in table(store, "external", "kind", "record", "source", "external").values() if s != "#merged"]
        for number in numbers[1:]:
            assert lookup.resolved(store, f"{store.kinds[kind].prefix}-{number % 10**12}") == (kind, numbers[0])
        assert {t for k, n, s, t in stages[0]["external"].values()} <= {*ids}
        stages.append(dump(store))
    while len(stages) > 1:
        assert dump(store) == stages.pop()
        undo(store, latest(store), "undo")
        assert dump(store) == stages[-1]
    assert not check(store)


def test_undo_and_redo_of_a_merge(store: Store) -> None:
    one, two = add(store, "contact", name="A", email="a@x.example"), add(store, "contact", name="B", email="b@x.example", title="CEO")
    merge(store, "contact", one, two)
    merged = dump(store)
    undo(store, latest(store), "undo")
    undo(store, latest(store, redo=True), "redo")
    assert dump(store) == merged
    assert table(store, "contact", "title", "other_emails") == {one: ("CEO", "b@x.example")}


def test_no_opt_out_is_lifted_by_taking_a_merge_back(store: Store) -> None:
    one, two = add(store, "contact", name="A"), add(store, "contact", name="B", opt_out_email="2026-03-04 form")
    merge(store, "contact", one, two)
    undo(store, latest(store), "undo")
    assert table(store, "contact", "opt_out_email") == {one: "2026-03-04 form", two: "2026-03-04 form"}


def test_a_role_on_a_deal_is_kept_once(store: Store) -> None:
    one, two = add(store, "contact", name="A"), add(store, "contact", name="B")
    deal = add(store, "opportunity", name="D", stage=min(table(store, "stage", "name")), pipeline=min(table(store, "pipeline", "name")))
    add(store, "opportunity_contact", opportunity=deal, contact=one)
    add(store, "opportunity_contact", opportunity=deal, contact=two, role="champion")
    merge(store, "contact", one, two)
    assert list(table(store, "opportunity_contact", "contact", "role").values()) == [(one, "champion")]


def test_no_account_comes_to_stand_above_itself(store: Store) -> None:
    top = add(store, "account", name="Top")
    middle = add(store, "account", name="Middle", parent=top)
    low = add(store, "account", name="Low", parent=middle)
    merge(store, "account", top, low)
    assert table(store, "account", "parent") == {top: None, middle: top}


def test_chains_of_references_end_at_the_survivor(store: Store) -> None:
    a, b, c = (add(store, "account", name=n) for n in "ABC")
    merge(store, "account", b, c)
    merge(store, "account", a, b)
    for number, name in ((b, "B"), (c, "C")):
        assert lookup.resolved(store, f"A-{number % 10**12}") == ("account", a)
        assert lookup.find(store, store.kinds["account"], name)["id"] == a


def test_a_new_record_of_the_old_name_is_itself(store: Store) -> None:
    a, b = add(store, "account", name="Acme"), add(store, "account", name="Acme Ltd")
    merge(store, "account", a, b)
    new = add(store, "account", name="Acme Ltd")
    assert lookup.find(store, store.kinds["account"], "Acme Ltd")["id"] == new


@pytest.mark.parametrize("kind", ["opportunity", "product"])
def test_other_kinds_are_not_merged(store: Store, kind: str) -> None:
    with pytest.raises(UsageError):
        merging.plan(store, store.kinds[kind], [1, 2])


def test_converted_leads_are_refused(store: Store) -> None:
    one, two = add(store, "lead", name="A", status="new"), add(store, "lead", name="A", status="converted", converted="2026-01-01")
    with pytest.raises(Refused, match="converted"):
        merging.plan(store, store.kinds["lead"], [one, two])


def test_what_was_said_not_to_be_the_same_is_kept_and_taken_back(store: Store) -> None:
    one, two = (add(store, "contact", name="Bob Cole", phone="+353 1 555 0100") for _ in range(2))
    kind, rules = store.kinds["contact"], duplicates.Rules()
    assert len(duplicates.find(store, kind, ("contact",), [], rules).pairs) == 1
    with operation(store, "not") as op:
        assert duplicates.dismiss(op, [("contact", one), ("contact", two)]) == 1
        assert duplicates.dismiss(op, [("contact", two), ("contact", one)]) == 0
    found = duplicates.find(store, kind, ("contact",), [], rules)
    assert (found.pairs, found.dismissed) == ([], 1)
    assert next(iter(records.select(store, kind, ["external_id"], []).rows)) == (None,)
    undo(store, latest(store), "undo")
    assert len(duplicates.find(store, kind, ("contact",), [], rules).pairs) == 1


def test_what_was_said_of_a_record_does_not_hold_of_the_one_that_it_became(store: Store) -> None:
    one, two, three = (add(store, "contact", name="Bob Cole", phone="+353 1 555 0100") for _ in range(3))
    with operation(store, "not") as op:
        duplicates.dismiss(op, [("contact", two), ("contact", three)])
    merge(store, "contact", one, two)
    found = duplicates.find(store, store.kinds["contact"], ("contact",), [], duplicates.Rules())
    assert [(p.keep[1], p.merge[1]) for p in found.pairs] == [(one, three)]
    undo(store, latest(store), "undo")
    assert duplicates.find(store, store.kinds["contact"], ("contact",), [], duplicates.Rules()).dismissed == 1


def test_an_id_of_two_systems_tells_that_two_records_are_one(store: Store) -> None:
    one, two, three = (add(store, "contact", name=n) for n in ("Bob", "Eva", "Ann"))
    with operation(store, "link") as op:
        for number, source in ((one, "a"), (two, "b")):
            op.link("contact", number, "0035e00000ABCDEAA1", source)
        for number, source in ((one, "c"), (three, "d")):
            op.link("contact", number, "12", source)
    found = duplicates.find(store, store.kinds["contact"], ("contact",), [], duplicates.Rules())
    assert [(p.keep[1], p.merge[1], p.verdict.level) for p in found.pairs] == [(one, two, "certain")]
