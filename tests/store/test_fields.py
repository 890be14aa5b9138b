"""Fields of the company's own: real columns, whose history, as-of, undo, filters and search work like any other's."""

from __future__ import annotations

from pathlib import Path

import pytest
from storekit import add, at, edit, last, open_store, outside, remove, table

from sfa.errors import Ambiguous, Refused, UsageError
from sfa.sales import filters
from sfa.store import fields, history, records
from sfa.store.check import check
from sfa.store.database import Store
from sfa.store.operations import operation
from sfa.store.undo import latest, undo


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "sfa.db")


def make(store: Store, kind: str, name: str, of: str, *choices: str) -> int:
    with operation(store, f"config field add {kind} {name} {of}") as op:
        fields.add(op, store.kinds[kind], name, of, "", list(choices))
    store.load_kinds()
    return op.id


def test_every_power_of_a_field(store: Store) -> None:
    a = add(store, "account", name="Pier")
    before = last(store)
    make(store, "account", "Renewal-Date", "date")
    assert store.kinds["account"].field("renewal_date").type == "date"
    edit(store, "account", a, renewal_date="2026-12-01")
    middle = last(store)
    outside(Path(store.path)).execute("UPDATE account SET renewal_date='2027-01-01'")
    assert [(c.before, c.after) for c in history.record(store, store.kinds["account"], a) if c.field == "renewal_date"] == [
        (None, "2026-12-01"),
        ("2026-12-01", "2027-01-01"),
    ]
    kind = store.kinds["account"]
    assert records.ids(store, kind, filters.parse(["renewal_date>2026-12-31"], kind)) == [a]
    assert table(at(Path(store.path), before), "account", "renewal_date") == {a: None}
    assert table(at(Path(store.path), middle), "account", "renewal_date") == {a: "2026-12-01"}
    undo(store, last(store), "undo")
    assert table(store, "account", "renewal_date") == {a: "2026-12-01"}
    gone = remove(store, "account", a)
    undo(store, gone, "undo")
    assert table(store, "account", "renewal_date") == {a: "2026-12-01"}
    assert check(store) == []
    # Another connection knows it too.
    assert open_store(Path(store.path)).kinds["account"].field("renewal_date").user


def test_undo_hides_an_unused_field_and_adding_it_again_takes_its_column_up(store: Store) -> None:
    a = add(store, "account", name="Pier")
    made = make(store, "account", "tier", "choice", "gold", "silver")
    used = edit(store, "account", a, tier="gold")
    with pytest.raises(Ambiguous, match="1 records that hold a value in tier"):
        undo(store, made, "undo")
    undo(store, used, "undo")
    undo(store, made, "undo")
    assert "tier" not in store.kinds["account"].by_name
    outside(Path(store.path)).execute("UPDATE account SET name='Pier 2'")  # triggers still know the column
    assert check(store) == []
    make(store, "account", "tier", "choice", "gold", "bronze")
    assert store.kinds["account"].field("tier").choices == ("gold", "bronze")
    assert [c.after for c in history.record(store, store.kinds["account"], a) if c.field == "tier"] == ["gold", None], (
        "its history is there"
    )
    undo(store, latest(store), "undo")
    undo(store, latest(store, redo=True), "redo")
    assert "tier" in store.kinds["account"].by_name
    assert check(store) == []


@pytest.mark.parametrize(
    ("first", "second"), [("text", "number"), ("text", "date"), ("date", "text"), ("bool", "percent"), ("percent", "money")]
)
def test_a_column_of_another_type_is_not_taken_up(store: Store, first: str, second: str) -> None:
    undo(store, make(store, "opportunity", "extra", first), "undo")
    with pytest.raises(Refused, match="another type"):
        make(store, "opportunity", "extra", second)
    make(store, "opportunity", "extra", first)


@pytest.mark.parametrize(
    "name", ["id", "op", "since", "ref", "name", "rowid", "_rowid_", "text", "is", "owner_ref", "1st", "a b-c!", "", "x" * 60, 'a"b', "a;b"]
)
def test_names_that_cannot_be(store: Store, name: str) -> None:
    with pytest.raises((UsageError, Refused)):
        make(store, "account", name, "text")
    assert check(store) == []


def test_words_of_sql_and_other_scripts_can(store: Store) -> None:
    for name in ("order", "group", "select", "等级", "größe"):
        make(store, "account", name, "text")
    a = add(store, "account", name="Pier", order="1", group="2", select="3", 等级="甲", größe="x")
    edit(store, "account", a, select="4")
    assert table(store, "account", "order", "select", "等级")[a] == ("1", "4", "甲") and check(store) == []


@pytest.mark.parametrize(
    ("kind", "of", "choices", "told"),
    [
        ("lead", "money", [], "no currency"),
        ("account", "ref", [], "not a type"),
        ("account", "choice", [], "needs its choices"),
        ("account", "text", ["a"], "only a choice"),
    ],
)
def test_types_that_cannot_be(store: Store, kind: str, of: str, choices: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        make(store, kind, "extra", of, *choices)


def test_a_field_that_fails_half_way_leaves_no_column(store: Store) -> None:
    with pytest.raises(RuntimeError), operation(store, "half") as op:
        fields.add(op, store.kinds["account"], "half", "text", "", [])
        raise RuntimeError
    assert "half" not in [r[1] for r in store.db.execute("PRAGMA table_info(account)")]
    assert check(store) == []


def test_a_field_made_beside_one_taken_back_leaves_the_schema_sound(store: Store) -> None:
    undo(store, make(store, "account", "first", "text"), "undo")
    store.load_kinds()
    make(store, "account", "second", "text")
    assert check(store) == []
    make(store, "account", "first", "text")
    make(store, "account", "third", "number")
    assert check(store) == []
