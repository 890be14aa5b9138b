"""Undo and redo of single cases; random ones are in test_machine.py."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest
from storekit import NOW, add, at, edit, last, open_store, outside, remove, table

from sfa.errors import Ambiguous, NotFound, Refused
from sfa.store import textindex
from sfa.store.check import check
from sfa.store.database import Store
from sfa.store.operations import delete_cascade, operation
from sfa.store.undo import latest, redo_target, undo


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path / "sfa.db")


def names(store: Store) -> list[str]:
    return sorted(table(store, "account", "name").values())


def test_bare_undo_and_redo_walk_back_and_forth(store: Store) -> None:
    for name in "ABC":
        add(store, "account", name=name)
    seen = []
    for _ in range(3):
        undo(store, latest(store), "undo")
        seen.append(names(store))
    with pytest.raises(NotFound):
        latest(store)
    for _ in range(3):
        undo(store, latest(store, redo=True), "redo")
        seen.append(names(store))
    with pytest.raises(NotFound):
        latest(store, redo=True)
    assert seen == [["A", "B"], ["A"], [], ["A"], ["A", "B"], ["A", "B", "C"]]
    undo(store, latest(store), "undo")
    assert names(store) == ["A", "B"], "what was done again can be taken back again"
    assert check(store) == []


def test_a_new_operation_ends_what_redo_could_do(store: Store) -> None:
    add(store, "account", name="A")
    undo(store, latest(store), "undo")
    add(store, "account", name="B")
    with pytest.raises(NotFound):
        latest(store, redo=True)
    # By its number it can be done again all the same.
    first = store.db.execute("SELECT min(undoes) FROM op").fetchone()[0]
    undo(store, redo_target(store, first), "redo")
    assert names(store) == ["A", "B"]


def test_an_operation_is_not_taken_back_twice_by_two_processes(store: Store) -> None:
    number = add(store, "account", name="A")
    op = edit(store, "account", number, name="B")
    other = open_store(Path(store.path))
    undo(store, op, "undo")
    before = last(store)
    with pytest.raises(NotFound):
        undo(other, op, "undo")
    assert last(store) == before


def test_all_or_nothing_lists_every_clash(store: Store) -> None:
    a, b, c = (add(store, "account", name=n) for n in "ABC")
    with operation(store, "bulk") as op:
        for n in (a, b, c):
            op.update("account", n, {"industry": "x"})
    edit(store, "account", a, industry="y")
    remove(store, "account", b)
    before = last(store)
    with pytest.raises(Ambiguous) as error:
        undo(store, op.id, "undo")
    assert "A-1: industry was changed again since" in error.value.message
    assert "A-2: was deleted since" in error.value.message
    assert (last(store), table(store, "account", "industry")) == (before, {a: "y", c: "x"})
    written, clashes = undo(store, op.id, "undo", partial=True)
    assert (written, len(clashes), table(store, "account", "industry")) == (1, 2, {a: "y", c: None})


def test_what_changed_nothing_has_nothing_against_it(store: Store) -> None:
    """Other programs write what was there already; whatever becomes of the record then, that can be taken back."""
    number = add(store, "account", name="A", industry="x")
    store.db.execute("UPDATE account SET industry='x' WHERE id=?", (number,))
    same = last(store)
    remove(store, "account", number)
    assert undo(store, same, "undo") == (0, [])
    assert table(store, "account", "industry") == {}


def test_a_record_that_others_refer_to_stands_against_it_and_partial_spares_it(store: Store) -> None:
    with operation(store, "import") as op:
        ids = [op.insert("account", {"name": n, "external_id": f"X{n}"}) for n in "ABC"]
    add(store, "contact", name="Wei", account=ids[1])
    with pytest.raises(Ambiguous, match=r"A-2: is referred to by C-1 \(account\)"):
        undo(store, op.id, "undo")
    assert len(names(store)) == 3
    written, clashes = undo(store, op.id, "undo", partial=True)
    assert names(store) == ["B"]
    assert [(c.kind, c.id) for c in clashes] == [("account", ids[1])]
    assert written == 4  # two accounts and their external ids
    assert store.db.execute("SELECT external FROM external").fetchall() == [("XB",)], "who stays keeps the external id"
    assert check(store) == []


def test_restoring_needs_what_it_refers_to(store: Store) -> None:
    a = add(store, "account", name="A")
    c = add(store, "contact", name="Wei", account=a)
    gone = remove(store, "contact", c)
    remove(store, "account", a)
    with pytest.raises(Ambiguous, match="its account A-1 is gone"):
        undo(store, gone, "undo")
    undo(store, latest(store), "undo")
    undo(store, gone, "undo")
    assert table(store, "contact", "name", "account") == {c: ("Wei", a)}


def test_a_cascade_comes_back_whole(store: Store) -> None:
    a = add(store, "account", name="A", external_id="7")
    c = add(store, "contact", name="Wei", account=a)
    o = add(store, "opportunity", name="Deal", account=a, contact=c)
    lead = add(store, "lead", name="Mary", account=a)
    before = {k: table(store, k, "name", "account") for k in ("contact", "opportunity", "lead")}
    with operation(store, "cascade") as op:
        assert delete_cascade(op, store.kinds["account"], [a]) == 3
    assert table(store, "lead", "account") == {lead: None} and not table(store, "opportunity", "name")
    undo(store, op.id, "undo")
    assert {k: table(store, k, "name", "account") for k in before} == before
    assert store.db.execute("SELECT record, external FROM external").fetchall() == [(a, "7")]
    assert check(store) == [] and o in table(store, "opportunity", "name")


def test_a_name_taken_since_is_a_conflict(store: Store) -> None:
    r = add(store, "reason", name="Season", outcome="lost")
    op = remove(store, "reason", r)
    add(store, "reason", name="SEASON", outcome="won")
    with pytest.raises(Ambiguous, match="another reason has the same name by now"):
        undo(store, op, "undo")


def test_swapped_names_swap_back(store: Store) -> None:
    a = add(store, "reason", name="A", outcome="lost")
    b = add(store, "reason", name="B", outcome="lost")
    with operation(store, "swap") as op:
        op.update("reason", a, {"name": "tmp"})
        op.update("reason", b, {"name": "A"})
        op.update("reason", a, {"name": "B"})
    undo(store, op.id, "undo")
    reasons = table(store, "reason", "name")
    assert (reasons[a], reasons[b]) == ("A", "B")
    assert check(store) == []


def test_an_opt_out_is_never_lifted(store: Store) -> None:
    c = add(store, "contact", name="Wei")
    op = edit(store, "contact", c, opt_out_email="2026-11-23 asked", title="Boss")
    undo(store, op, "undo")
    assert table(store, "contact", "opt_out_email", "title") == {c: ("2026-11-23 asked", None)}


def test_taking_back_a_change_dated_back_takes_it_out_of_the_past(tmp_path: Path) -> None:
    early = open_store(tmp_path / "old.db", now=NOW - timedelta(days=300))
    u = add(early, "user", name="Ben", team="North")
    store = open_store(tmp_path / "old.db")
    then = int((NOW - timedelta(days=100)).timestamp() * 1000) << 20

    def team(days: int) -> str:
        moment = int((NOW - timedelta(days=days)).timestamp() * 1000) << 20
        past = at(Path(store.path), moment)
        try:
            return str(table(past, "user", "team")[u])
        finally:
            past.close()

    with operation(store, "move", effective=then) as op:
        op.update("user", u, {"team": "South"})
    assert (team(200), team(50)) == ("North", "South")
    undo(store, op.id, "undo")
    assert (team(200), team(50), table(store, "user", "team")[u]) == ("North", "North", "North")
    undo(store, latest(store, redo=True), "redo")
    assert (team(200), team(50), table(store, "user", "team")[u]) == ("North", "South", "South")
    assert check(store) == []
    with pytest.raises(Refused, match="before the version"), operation(store, "too early", effective=then - 1) as op:
        op.update("user", u, {"team": "West"})


def test_dry_run_writes_nothing(store: Store) -> None:
    a = add(store, "account", name="A")
    op = edit(store, "account", a, name="B")
    before = last(store)
    assert undo(store, op, "undo", dry_run=True) == (1, [])
    assert (last(store), names(store)) == (before, ["B"])


def test_the_making_of_the_database_stays(store: Store) -> None:
    first = store.db.execute("SELECT min(id) FROM op").fetchone()[0]
    with pytest.raises(Refused):
        undo(store, first, "undo")
    with pytest.raises(NotFound):
        undo(store, 12345, "undo")


def test_loaded_past_versions_are_hidden_by_undo_and_shown_by_redo(store: Store) -> None:
    a = add(store, "account", name="now")
    created = store.db.execute("SELECT since FROM account").fetchone()[0]
    with operation(store, "import history") as op:
        store.db.execute(
            "INSERT INTO account_history(id,name,op,since,until_op,until) VALUES(?,'then',?,?,?,?)",
            (a, op.id, created - (10**9 << 20), op.id, created),
        )
        op.changes = 1

    def then() -> dict[int, str]:
        past = at(Path(store.path), created - (10**8 << 20))
        try:
            return table(past, "account", "name")
        finally:
            past.close()

    assert then() == {a: "then"} and check(store) == []
    undo(store, op.id, "undo")
    assert then() == {} and check(store) == []
    undo(store, latest(store, redo=True), "redo")
    assert then() == {a: "then"} and table(store, "account", "name") == {a: "now"}


def test_large_operations_come_back_within_seconds(tmp_path: Path) -> None:
    """Leads loaded, half of them edited and half deleted, all taken back one by one. Generous bounds: a slip to quadratic work takes
    minutes."""
    store = open_store(tmp_path / "large.db")
    count = 40_000
    with operation(store, "load") as load:
        first = load.new_id("lead", count)
        store.db.execute(
            "WITH n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<?1-1)"
            " INSERT INTO lead(id,name,email,company,op,since) SELECT ?2+i,'Lead '||i,'l'||i||'@x.example','Co '||(i%1000),?3,?4 FROM n",
            (count, first, load.id, load.since),
        )
        textindex.fill(store, "lead")
        load.changes = count
    sums = "SELECT count(*), total(id), count(rating), total(length(name)) FROM lead"
    loaded = store.db.execute(sums).fetchone()
    for sql in ("DELETE FROM lead WHERE id%2=0", "UPDATE lead SET rating='hot' WHERE id%2=0"):
        with operation(store, sql) as op:
            op.changes = store.db.execute(sql).rowcount
        start = time.process_time()
        assert undo(store, op.id, "undo") == (count // 2, [])
        assert time.process_time() - start < 8
        assert store.db.execute(sums).fetchone() == loaded
    start = time.process_time()
    assert undo(store, load.id, "undo") == (count, [])
    assert time.process_time() - start < 8
    assert store.db.execute("SELECT count(*) FROM lead").fetchone()[0] == 0
    assert outside(Path(store.path)).execute("SELECT count(*) FROM lead_search_docsize").fetchone()[0] == 0
