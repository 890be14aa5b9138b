"""Who is credited with a won deal, after any history: against a model that follows each deal by itself."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from storekit import add, at, edit, last, open_store, remove, table

from sfa.store.database import Store
from sfa.store.queries import scope
from sfa.store.undo import undo

DEALS, STEPS = 12, 120


def credited(store: Store) -> dict[int, int | None]:
    """deal → who the reports credit with it."""
    sql = scope.owner(store, scope.scope(store, None, []), scope.stages(store))
    return dict(store.db.execute(f"SELECT t.id,{sql} FROM opportunity t").fetchall())


@pytest.mark.parametrize("seed", range(4))
def test_the_owner_at_the_last_winning_whatever_came_after(tmp_path: Path, seed: int) -> None:
    dice, path = random.Random(seed), tmp_path / "a.db"
    store = open_store(path)
    people = [add(store, "user", name=name) for name in ("Ada", "Ben", "Cem")]
    stages = {outcome: number for number, outcome in table(store, "stage", "outcome").items()}
    owners: dict[int, int | None] = {add(store, "opportunity", name=f"Deal {i}", owner=people[0]): people[0] for i in range(DEALS)}
    won: dict[int, int | None] = {}
    """Deals that are won → the owner when they became so."""
    seen = []
    for step in range(STEPS):
        deal, what = dice.choice(list(owners)), dice.choice(["hand over", "hand over", "win", "win", "lose", "reopen", "rename", "delete"])
        to = dice.choice([*people, None])
        if what == "hand over":
            edit(store, "opportunity", deal, owner=to)
            owners[deal] = to
        elif what == "win":
            edit(store, "opportunity", deal, stage=stages["won"], closed=f"2076-11-{1 + step % 23:02}")
            won.setdefault(deal, owners[deal])
        elif what in ("lose", "reopen"):
            closed = what == "lose"
            edit(store, "opportunity", deal, stage=stages["lost" if closed else "open"], closed="2076-11-20" if closed else None)
            won.pop(deal, None)
        elif what == "rename":
            edit(store, "opportunity", deal, name=f"Deal at step {step}")
        else:
            undo(store, remove(store, "opportunity", deal), "undo")
        seen.append((last(store), owners | won))
    assert credited(store) == seen[-1][1]
    store.close()
    for op, expected in seen[:: STEPS // 20]:
        then = at(path, op)
        assert credited(then) == expected
        then.close()
    assert any(credit != owner for credit, owner in zip(seen[-1][1].values(), owners.values(), strict=True))
