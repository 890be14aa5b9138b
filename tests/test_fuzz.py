"""A short run of `fuzz_readers.py`, and what becomes of damaged rows in an import: every row is accounted for."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

import fuzz_readers
import pytest
from conftest import Sfa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def path() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        yield str(Path(folder) / "input")


@pytest.mark.parametrize("number", range(len(fuzz_readers.seeds())))
def test_sound_files_are_read(path: str, number: int) -> None:
    assert fuzz_readers.one(fuzz_readers.seeds()[number], path) in ("CSV", "JSON", "NDJSON", "sheet", "SQLite", "vCard", "iCalendar")


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes(path: str, data: bytes) -> None:
    fuzz_readers.one(data, path)


@QUICK
@given(st.lists(st.sampled_from(fuzz_readers.TOKENS) | st.binary(max_size=4), max_size=60).map(b"".join))
def test_anything_out_of_what_files_are_made_of(path: str, data: bytes) -> None:
    fuzz_readers.one(data, path)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(range(len(fuzz_readers.seeds()))), st.integers(0, 1 << 32))
def test_damaged_files(path: str, number: int, seed: int) -> None:
    fuzz_readers.one(fuzz_readers.damaged(fuzz_readers.seeds()[number], random.Random(seed)), path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(range(len(fuzz_readers.seeds()))), st.integers(0, 1 << 32))
def test_every_row_of_a_damaged_file_is_accounted_for(sfa: Sfa, number: int, seed: int) -> None:
    """Read is new, updated, unchanged, skipped or rejected, each once; a trial counts as the real run does."""
    data = fuzz_readers.damaged(fuzz_readers.seeds()[number], random.Random(seed))
    (sfa.folder / "in").write_bytes(data)
    argv = ("import", "lead", "in", "--on-duplicate", "skip", "--rejects", "bad.csv", "--yes", "--json")
    trial, real = sfa(*argv, "--dry-run"), sfa(*argv)
    assert trial.code == real.code and real.code in (0, 1, 2, 3, 4, 7), real
    if real.code in (0, 7):
        counts = ("new", "updated", "unchanged", "skipped", "rejected")
        found: dict[str, Any] = json.loads(real.out)
        assert sum(found[n] for n in counts) == found["read"]
        assert {n: trial.json[n] for n in ("read", *counts)} == {n: found[n] for n in ("read", *counts)}
