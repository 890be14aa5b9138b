"""Slippage that the program prints against listings alone: random histories, pushes as of any moment, the fate of a locked quarter."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from historykit import STEPS, Moment, Row, category_of, cents, histories, made, minor, run
from hypothesis import given

Sfa = Any
KEPT = STEPS.map(lambda steps: [s for s in steps if s[1][0] != "undo"])
"""What was undone counts for nothing: a listing does not tell that, a test of its own does."""
LOCK, START, END = "2076-10-15", "2076-10-01", "2077-01-01"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("company"))


def is_open(deal: Row) -> bool:
    return deal["stage"] not in ("Won", "Lost")


def pushes(moments: list[Moment], ref: str) -> tuple[int, int]:
    """(Pushes, later moves) of a deal by what the listing said after every step."""
    seen = [m.deals[ref]["close"] for m in moments if ref in m.deals and is_open(m.deals[ref])]
    pairs = [*pairwise(c for c in seen if c)]
    return sum(b[:7] > a[:7] for a, b in pairs), sum(b > a for a, b in pairs)


@histories(8)
@given(KEPT)
def test_pushes_and_locks_of_random_histories(sfa: Sfa, company: Path, steps: list[Any]) -> None:
    moments = run(sfa, company, steps)
    for last in {len(moments) - 1, len(moments) // 2}:
        options = [] if last == len(moments) - 1 else ["--as-of", moments[last].at]
        then = moments[last].deals
        model = {ref: pushes(moments[: last + 1], ref) for ref, deal in then.items() if is_open(deal)}
        report = sfa.ok("report", "slippage", "--json", *options).json
        printed = {r["deal_ref"]: (r["pushes"], r["later_moves"]) for r in report["rows"]}
        assert printed == {ref: m for ref, m in model.items() if m[1]}
        assert (report["open"]["count"], report["open"]["pushes"]) == (len(model), sum(p for p, _ in model.values()))
        by_rep = sfa.ok("report", "slippage", "--by", "rep", "--json", *options).json["rows"]
        assert sum(r["count"] for r in by_rep) == len(model)
        for r in by_rep:
            mine = [model[ref] for ref, deal in then.items() if is_open(deal) and deal["owner"] == r["rep"]]
            assert (r["count"], r["pushed_count"], r["pushes"]) == (len(mine), sum(p > 0 for p, _ in mine), sum(p for p, _ in mine))
            assert r["pushed_rate"] == pytest.approx(sum(p > 0 for p, _ in mine) / len(mine))
            assert r["weak"]
    locked(sfa, moments)


def locked(sfa: Sfa, moments: list[Moment]) -> None:
    """The fourth quarter as it stood on its 15th day, against what the last listing says of its deals."""
    sfa.monkeypatch.setenv("SFA_TODAY", max(moments[-1].at, "2077-01-05T12:00:00Z"))
    lock = [m for m in moments if m.at <= f"{LOCK}T23:59:59Z"][-1]
    model: dict[Any, dict[str, int]] = {}
    for ref, deal in lock.deals.items():
        if not (
            is_open(deal) and deal["close"] and START <= deal["close"] < END and category_of(deal) in ("commit", "most_likely", "best_case")
        ):
            continue
        now = moments[-1].deals.get(ref)
        what = "slipped"
        if now is None:
            what = "removed"
        elif now["stage"] == "Won" and START <= now["closed"] < END:
            what = "won"
        elif now["stage"] == "Lost" and now["closed"] < END:
            what = "lost"
        row = model.setdefault(deal["owner"], dict.fromkeys(("won", "lost", "slipped", "removed", "count"), 0))
        row[what] += cents(deal["amount"], lock.rates, LOCK)
        row["count"] += 1
    report = sfa.ok("report", "slippage", "--locked", "+14d", "--period", "2076-Q4", "--periods", "1", "--by", "rep", "--json").json
    printed = {}
    for r in report["rows"]:
        printed[r["rep"]] = {n: r[n] if n == "count" else minor(r[n]) for n in ("won", "lost", "slipped", "removed", "count")}
        missed, whole = minor(r["slipped"]) + minor(r["lost"]) + minor(r["removed"]), minor(r["forecast"])
        assert r["slip_rate"] == (pytest.approx(missed / whole) if whole else None)
    assert printed == model
    assert report["total"]["count"] == sum(r["count"] for r in model.values())
    by_period = sfa.ok("report", "slippage", "--locked", "+14d", "--period", "2076-Q4", "--periods", "1", "--json").json
    assert [(r["period"], r["count"]) for r in by_period["rows"]] == [("2076-Q4", report["total"]["count"])]
    assert all(by_period["total"][n] == v for n, v in report["total"].items() if n not in ("rep", "rep_ref"))


def at(sfa: Sfa, moment: str, *argv: str) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", moment)
    sfa.ok(*argv)


def test_who_pushed_when_and_what_was_taken_back(sfa: Sfa) -> None:
    sfa.ok("user", "add", "Ben Okafor", "email=ben@house.example")
    sfa.ok("opp", "add", "Deal", "close=2026-11-28", "amount=100")
    sfa.ok("opp", "add", "Still", "close=2026-11-28", "amount=40")
    at(sfa, "2026-11-24", "opp", "edit", "Deal", "close=2026-11-30")
    at(sfa, "2026-11-25", "--me", "ben", "opp", "edit", "Deal", "close=2026-12-10")
    at(sfa, "2026-11-26", "opp", "edit", "Deal", "amount=90")
    row = sfa.ok("report", "slippage", "--json").json["rows"][0]
    wanted = {"deal": "Deal", "pushes": 1, "later_moves": 2, "days_moved": 12, "net_days": 12, "first_close": "2026-11-28"}
    wanted |= {"close": "2026-12-10", "last_moved": "2026-11-25", "moved_by": "Ben Okafor"}
    assert {n: row[n] for n in wanted} == wanted
    at(sfa, "2026-11-27", "opp", "edit", "Still", "close=2027-01-10")
    assert len(sfa.ok("report", "slippage", "--json").json["rows"]) == 2
    at(sfa, "2026-11-28", "undo", "--yes")
    assert [r["deal"] for r in sfa.ok("report", "slippage", "--json").json["rows"]] == ["Deal"]
    # As of the day before, nobody had taken it back yet.
    assert len(sfa.ok("report", "slippage", "--json", "--as-of", "2026-11-27").json["rows"]) == 2
    at(sfa, "2026-11-29", "redo", "--yes")
    again = {r["deal"]: r["pushes"] for r in sfa.ok("report", "slippage", "--json").json["rows"]}
    assert again == {"Deal": 1, "Still": 1}


def test_options_and_formats(sfa: Sfa) -> None:
    sfa.ok("opp", "add", "Deal", "close=2026-11-28", "amount=100")
    sfa.ok("opp", "edit", "Deal", "close=2026-12-10")
    assert "1 of 1 open deals were pushed" in sfa.ok("report", "slippage", "--format", "table").out
    assert sfa.ok("report", "slippage", "-f", "csv").out.splitlines()[1].startswith("Deal,1,1,12,12,100.00,2026-11-28,2026-12-10,")
    assert sfa.ok("report", "slippage", "--period", "2026-11", "--json").json["rows"] == []
    assert sfa.ok("report", "slippage", "--explain").out.startswith("A push is a move")
    early = sfa.ok("report", "slippage", "--locked", "+14d", "--json").json
    assert (early["rows"], early["left_out"]) == ([], {"periods_before_history": 4})
    for bad in (["--locked", "+14d", "--period", "2026-Q4"], ["--locked", "+200d"], ["--by", "nosuch"]):
        assert sfa("report", "slippage", *bad).code == 2, bad
