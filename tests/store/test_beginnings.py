"""Beginnings of words in the search index: spelled out or not, they find the same."""

from __future__ import annotations

import string
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from storekit import open_store

from sfa.store import records, textindex
from sfa.store.operations import operation

WORDS = [
    "spare",
    "spar",
    "sparrow",
    "parts",
    "Ünïted",
    "united",
    "北京",
    "北京科技",
    "straße",
    "2026",
    "2027",
    "a",
    "ab",
    "foo_bar",
    "O'Neil",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), min_size=1, max_size=12),
    asked=st.lists(st.tuples(st.sampled_from(WORDS), st.integers(1, 6)), min_size=1, max_size=3),
    few=st.integers(0, 3),
)
def test_spelled_out_beginnings_find_what_beginnings_find(tmp_path: Path, monkeypatch, names, asked, few) -> None:
    monkeypatch.setattr(textindex, "FEW", few)
    text = " ".join(word[:n] for word, n in asked)
    (tmp_path / "x.db").unlink(missing_ok=True)
    for beside in ("-wal", "-shm"):
        (tmp_path / f"x.db{beside}").unlink(missing_ok=True)
    store = open_store(tmp_path / "x.db")
    with operation(store, "test") as op:
        for words in names:
            op.insert("account", {"name": " ".join(words)})
    sql = "SELECT rowid FROM account_search WHERE account_search MATCH ? ORDER BY rowid"
    plain = [r[0] for r in store.db.execute(sql, (textindex.match(text),))]
    wanted = textindex.wanted(store, "account", text)
    assert ([r[0] for r in store.db.execute(sql, (wanted,))] if wanted else []) == plain
    assert sorted(h.id for h in records.search(store, text, ["account"], -1)) == plain
    store.close()


def test_words_are_found_one_by_one_whatever_their_number(tmp_path: Path) -> None:
    store = open_store(tmp_path / "x.db")
    with operation(store, "test") as op:
        for letter in string.ascii_lowercase:
            for _ in range(3):
                op.insert("account", {"name": f"pre{letter} other"})
    assert textindex.beginning(store, "account", "PRE", 5) == [f"pre{c}" for c in "abcde"]
    assert len(textindex.beginning(store, "account", "pre", 99)) == 26
    assert textindex.beginning(store, "account", "prez", 2) == ["prez"]
    assert textindex.beginning(store, "account", "q", 2) == []
    assert textindex.wanted(store, "account", "prea nothing") is None
    store.close()
