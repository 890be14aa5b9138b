"""Turns in the database: whatever is added, loaded, undone and redone, whose turn it is follows from what stands."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from storekit import add, open_store

from sfa.store import assigning
from sfa.store.check import check
from sfa.store.operations import operation
from sfa.store.undo import redo_target, undo


@settings(max_examples=15, deadline=None)
@given(steps=st.lists(st.one_of(st.integers(1, 5), st.sampled_from(["undo first", "undo last", "redo"])), max_size=10))
def test_turns_follow_from_what_stands(tmp_path_factory, steps) -> None:
    """The model keeps, of every operation that stands, the last turn that it gave; the newest of them says who is next."""
    store = open_store(Path(tmp_path_factory.mktemp("turns")) / "sfa.db")
    people = [add(store, "user", name=f"U{i}", active=1) for i in range(3)]
    rule = add(store, "assignment_rule", name="All", kind="lead", order=1, method="round_robin", active=1)
    with operation(store, "members") as op:
        assigning.set_people(op, rule, people)
    standing: dict[int, int] = {}
    undone: list[tuple[int, int]] = []
    for step in steps:
        last = standing[max(standing)] if standing else None
        following = 0 if last is None else (people.index(last) + 1) % 3
        assert assigning.defined(store, "lead")[0].rule.last == last
        if isinstance(step, int):
            with operation(store, "import") as op:
                first = op.new_id("lead", step)
                store.db.executemany("INSERT INTO lead(id,name) VALUES(?,'x')", [(first + i,) for i in range(step)])
                outcome = assigning.decide(store, store.kinds["lead"], "t.owner IS NULL", [])
                assigning.write(op, store.kinds["lead"], outcome)
            assert [a.given.person for a in outcome.assigned] == [people[(following + i) % 3] for i in range(step)]
            standing[op.id] = outcome.assigned[-1].given.person
        elif step == "redo" and undone:
            target, turn = undone.pop()
            undo(store, redo_target(store, target), "redo")
            standing[target] = turn
        elif step != "redo" and standing:
            target = min(standing) if step == "undo first" else max(standing)
            undo(store, target, "undo")
            undone.append((target, standing.pop(target)))
    assert store.db.execute("SELECT count(*) FROM lead WHERE owner IS NULL").fetchone()[0] == 0
    assert check(store) == []
    store.close()
