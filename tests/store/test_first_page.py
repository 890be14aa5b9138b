"""The first page of a list is the beginning of the whole list, whatever the order, the filters and the blanks."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from storekit import open_store

from sfa.sales import filters
from sfa.store import records
from sfa.store.database import Store
from sfa.store.operations import find_me, operation

ORDERS = [
    "",
    "close",
    "-close",
    "amount",
    "-amount",
    "name",
    "-name",
    "account",
    "-account",
    "stage",
    "stage,-amount",
    "-closed",
    "next_step",
    "id",
    "-ref",
    "owner,close",
    "probability",
]
ASKED = [
    [],
    ["is:open"],
    ["is:won"],
    ["is:open", "amount>50"],
    ["stage:proposal"],
    ["account:none"],
    ["close:none"],
    ["next_step~call"],
    ["is:mine"],
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = open_store(tmp_path_factory.mktemp("page") / "x.db")
    dice = random.Random(5)
    stages = made.db.execute("SELECT id,outcome FROM stage").fetchall()
    with operation(made, "test") as op:
        accounts = [op.insert("account", {"name": f"Account {dice.randrange(5)}"}) for _ in range(6)]
        me = find_me(made)
        for i in range(300):
            stage, outcome = dice.choice(stages)
            day = f"2026-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
            op.insert(
                "opportunity",
                {
                    "name": f"{dice.choice('abCD')} {i % 7}",
                    "account": dice.choice([None, *accounts]),
                    "owner": me if dice.random() < 0.5 else None,
                    "stage": stage,
                    "amount": dice.choice([None, *range(100, 20_000, 900)]),
                    "currency": "USD",
                    "close": dice.choice([None, day, day]),
                    "closed": None if outcome == "open" else day,
                    "probability": 50,
                    "category": {"open": "pipeline", "won": "closed", "lost": "omitted"}[outcome],
                    "next_step": dice.choice([None, "call", "write"]),
                },
            )
    return made


@pytest.mark.parametrize("through", [0, 40, 20_000])
@pytest.mark.parametrize("order", ORDERS)
def test_a_page_is_the_beginning_of_the_list(store: Store, monkeypatch: pytest.MonkeyPatch, order: str, through: int) -> None:
    monkeypatch.setattr(records, "LOOKED_THROUGH", through)
    kind = store.kinds["opportunity"]
    for words in ASKED:
        asked = filters.parse(words, kind, store.kinds)
        whole = list(records.select(store, kind, ["ref", "name", "close"], asked, order).rows)
        assert words != [] or len(whole) == 300
        for limit in (1, 7, 60, 250):
            page = list(records.select(store, kind, ["ref", "name", "close"], asked, order, limit).rows)
            assert page == whole[:limit], (order, words, limit)


def test_a_page_of_the_past(store: Store) -> None:
    """Under --as-of views stand in the tables' places."""
    kind = store.kinds["opportunity"]
    whole = list(records.select(store, kind, ["ref"], [], "-close").rows)
    store.show_as_of(store.calendar.now + timedelta(hours=1))
    assert list(records.select(store, kind, ["ref"], [], "-close", 9).rows) == whole[:9]
