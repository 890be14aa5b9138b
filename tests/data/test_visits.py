"""Stage visits of a real organisation's deals, against a replay of its history file by csv and datetime."""

from __future__ import annotations

import statistics
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from organisation import OURS, files, history, load_deals, when


@pytest.fixture
def folder(shared: Path) -> Path:
    return files(shared)


def replayed(folder: Path) -> dict[str, list[tuple[str, datetime, datetime | None]]]:
    """Deal → (stage, entered, left) of each of its visits, by the file alone; rows that follow each other in one stage are one visit."""
    out: dict[str, list[tuple[str, datetime, datetime | None]]] = {}
    for row in history(folder):
        stage, visits = OURS.get(row["StageName"], row["StageName"]), out.setdefault(row["OpportunityId"], [])
        if visits and visits[-1][0] == stage:
            continue
        if visits:
            visits[-1] = (*visits[-1][:2], when(row))
        visits.append((stage, when(row), None))
    return out


def test_visits_are_those_of_the_file(sfa: Sfa, folder: Path) -> None:
    load_deals(sfa, folder)
    alone = sfa.ok("report", "visits", "--json").json
    told = {d["ref"]: d["external_id"] for d in sfa.ok("opp", "list", "--json").json}
    assert len(alone) == len(told) == 36
    # Of deals without a past only the beginning in the first stage is known: the day on which they were opened.
    assert {r["stage"] for r in alone if r["entered"]} == {"Prospecting"}
    assert all((r["entered"] is None) == (r["stage"] != "Prospecting") for r in alone)
    sfa.ok("import", "history", str(folder / "OpportunityHistory.csv"), "--source", "sf")
    expected = replayed(folder)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in sfa.ok("report", "visits", "--json").json:
        found.setdefault(told[row["opportunity_ref"]], []).append(row)
    assert {d: [v["stage"] for v in visits] for d, visits in found.items()} == {d: [v[0] for v in e] for d, e in expected.items()}
    assert sum(map(len, expected.values())) > len(told)
    lengths: dict[str, list[int]] = {}
    for deal, visits in found.items():
        for row, (stage, entered, left) in zip(visits, expected[deal], strict=True):
            assert (row["left"] or "")[:16] == ("" if left is None else left.strftime("%Y-%m-%dT%H:%M"))
            if row["entered"] is not None:
                lengths.setdefault(stage, []).extend([] if left is None else [round((left - entered).total_seconds() / 3600)])
    # They were opened on the day that their history begins: no start is unknown.
    assert all(row["entered"] for visits in found.values() for row in visits)
    report = sfa.ok("report", "cycle", "--json").json
    for row in (r for r in report["rows"] if r["step"] == "stage"):
        hours = lengths.get(row["stage"], [])
        assert row["n"] == len(hours)
        assert row["median_days"] == (pytest.approx(statistics.median(hours) / 24) if hours else None)
    steps = sfa.ok("report", "funnel", "--json").json["rows"]
    order = [s["stage"] for s in steps]
    for i, step in enumerate(steps):
        rank = {stage: n for n, stage in enumerate(order)} | {"Won": len(order), "Lost": -1}
        reached = [max([0, *(rank[v[0]] for v in visits)]) for visits in expected.values()]
        assert (step["entered"], step["advanced"]) == (sum(r >= i for r in reached), sum(r > i for r in reached))
        assert step["won"] == sum(r >= i and visits[-1][0] == "Won" for r, visits in zip(reached, expected.values(), strict=True))
