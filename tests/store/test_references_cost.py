"""What a reference costs does not grow with what there is: it is looked for by indexes alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from storekit import open_store

from sfa.store.linking import References
from sfa.store.operations import operation


@pytest.mark.parametrize("text", ["0015g00000Zz999AAA", "Nobody Ltd", "nobody@nowhere.example"])
@pytest.mark.parametrize("field", ["account", "contact", "owner"])
def test_what_is_not_there_is_looked_for_by_indexes(tmp_path: Path, field: str, text: str) -> None:
    store = open_store(tmp_path / "x.db")
    asked: list[str] = []
    with operation(store, "test") as op:
        references = References(op, store.kinds["opportunity"], "salesforce", "reject")
        kind = store.kinds["opportunity"].by_name[field]
        references.find(kind, text, None)
        store.db.set_trace_callback(asked.append)
        assert references.find(kind, text, None) is None
        store.db.set_trace_callback(None)
        assert asked
        for sql in asked:
            plans = [row[3] for row in store.db.execute(f"EXPLAIN QUERY PLAN {sql}")]
            assert not [p for p in plans if p.startswith("SCAN")], sql
            assert not [p for p in plans if "ix_external_record (kind=?)" in p], sql
    store.close()
