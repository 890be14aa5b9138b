"""Deal health, stale deals and coverage of the demo company against plain counting over its tables, now and as of an earlier day."""

from __future__ import annotations

import itertools
import math
import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import demokit
import pytest

Row = dict[str, Any]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demokit.made(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def demo(sfa, company: Path):
    return demokit.given(sfa, company)


def cents(amount: Row | None) -> int:
    return int(Decimal(amount["amount"]) * 100) if amount else 0


class World:
    """The file's tables as they stood at a moment, read with plain SQL and walked in Python."""

    def __init__(self, path: Path, moment: datetime) -> None:
        db = sqlite3.connect(path)
        db.row_factory = sqlite3.Row
        # What was written within one moment has later numbers: now is everything.
        at = (int(moment.timestamp() * 1000) << 20) | 0xFFFFF if moment < NOW else 2**62 - 1
        self.today = moment.date()
        names = 'id,name,stage,"close",amount,currency,opened,closed,next_step,competitor'
        rows = db.execute(
            f"SELECT {names},since,{2**62} AS until FROM opportunity UNION ALL SELECT {names},since,until FROM opportunity_history"
        ).fetchall()
        self.past: dict[int, list[sqlite3.Row]] = {}
        for r in sorted((r for r in rows if 0 < r["since"] <= at), key=lambda r: r["since"]):
            self.past.setdefault(r["id"], []).append(r)
        self.deals = {n: held[-1] for n, held in self.past.items() if held[-1]["until"] > at}
        self.stages = {r["id"]: r for r in db.execute('SELECT id,name,outcome,"order" FROM stage')}
        self.first = min((s for s in self.stages.values() if s["outcome"] == "open"), key=lambda s: s["order"])["id"]
        stamp = moment.isoformat()[:19] + "Z"
        acts = db.execute('SELECT id,opportunity,"when",next_step,due,done FROM activity WHERE opportunity IS NOT NULL AND since<=?', (at,))
        self.activities: dict[int, list[sqlite3.Row]] = {}
        for a in acts:
            self.activities.setdefault(a["opportunity"], []).append(a)
        self.stamp = stamp
        self.rates = [
            (d, Fraction(r)) for d, r in db.execute("SELECT date,rate FROM rate WHERE currency='EUR' AND base='USD' ORDER BY date")
        ]

    def home(self, deal: sqlite3.Row) -> int:
        if not deal["amount"] or deal["currency"] == "USD":
            return deal["amount"] or 0
        return round(deal["amount"] * [r for d, r in self.rates if d <= str(self.today)][-1])

    def outcome(self, stage: int) -> str:
        return self.stages[stage]["outcome"]

    def touched(self, number: int) -> list[date]:
        return [date.fromisoformat(a["when"][:10]) for a in self.activities.get(number, []) if a["when"] <= self.stamp]

    def stays(self, number: int) -> list[tuple[date, int]]:
        """(day, stage) of every change of stage; the first on the day of opening."""
        out: list[tuple[date, int]] = []
        for v in self.past[number]:
            if not out or out[-1][1] != v["stage"]:
                out.append((datetime.fromtimestamp((v["since"] >> 20) / 1000, UTC).date(), v["stage"]))
        return [(date.fromisoformat(self.deals[number]["opened"]), out[0][1]), *out[1:]]

    def begun(self, number: int) -> bool:
        """Whether the start of a deal's first visit is known: opened on the very day, or in the first stage."""
        first = self.past[number][0]
        born = str(datetime.fromtimestamp((first["since"] >> 20) / 1000, UTC).date())
        return bool(first["stage"] == self.first or self.deals[number]["opened"] >= born)

    def usual(self) -> tuple[dict[int, int], dict[int, int], int]:
        """Stage → the 90th percentile of stays and of silences of the deals won in two years; and how many those are."""
        stays: dict[int, list[int]] = {}
        quiet: dict[int, list[int]] = {}
        won = [n for n, d in self.deals.items() if self.outcome(d["stage"]) == "won"]
        won = [n for n in won if str(self.today - timedelta(days=730)) < self.deals[n]["closed"] <= str(self.today)]
        for n in won:
            path = [(day, s) for day, s in self.stays(n) if self.outcome(s) == "open"]
            end = date.fromisoformat(self.deals[n]["closed"])
            for (day, stage), (after, _) in zip(path, [*path[1:], (end, 0)], strict=True):
                if (day, stage) != path[0] or self.begun(n):
                    stays.setdefault(stage, []).append((after - day).days)
            days = sorted({*(d for d, _ in path), *(t for t in self.touched(n) if path[0][0] <= t <= end), end})
            for a, b in itertools.pairwise(days):
                quiet.setdefault([s for d, s in path if d <= a][-1], []).append((b - a).days)
        return {s: p90(v) for s, v in stays.items()}, {s: p90(v) for s, v in quiet.items()}, len(won)


def p90(values: list[int]) -> int:
    assert len(values) >= 30
    return sorted(v for v in values if v >= 0)[math.ceil(len([v for v in values if v >= 0]) * 0.9) - 1]


@pytest.mark.parametrize("moment", [NOW, NOW - timedelta(days=200), NOW + timedelta(days=40)])
def test_stale_and_stalled_deals_against_plain_counting(demo, moment: datetime) -> None:
    """Forty days later half of the pipeline is silent; 200 days back the file knew of no activity yet."""
    options = []
    if moment < NOW:
        options = ["--as-of", moment.isoformat()]
    else:
        demo.monkeypatch.setenv("SFA_TODAY", moment.isoformat())
    world = World(demo.db, moment)
    stays, quiet, won = world.usual()
    report = demo.ok("report", "stale", "--json", *options).json
    assert report["learnt_from_won_deals"] == won
    wanted = []
    stalled = {}
    for n, d in world.deals.items():
        if world.outcome(d["stage"]) != "open":
            continue
        path = world.stays(n)
        last = max([path[-1][0], *world.touched(n)])
        silent = (world.today - last).days
        if silent > quiet[d["stage"]]:
            wanted.append((world.home(d), d["name"], silent, quiet[d["stage"]], str(last)))
        known = len(path) > 1 or world.begun(n)
        stalled[d["name"]] = known and (world.today - path[-1][0]).days > stays[d["stage"]]
    found = [(cents(r["amount"]), r["deal"], r["silent_days"], r["usual_days"], r["last_touch"]) for r in report["rows"]]
    assert sorted(found) == sorted(wanted)
    assert [f[0] for f in found] == sorted((f[0] for f in found), reverse=True)
    assert report["open_deals"] == len(stalled)
    assert moment < NOW or wanted
    judged = demo.ok("opp", "health", "--json", *options).json["rows"]
    assert {r["name"] for r in judged if "stalled" in {w["rule"] for w in r["why"]}} == {n for n, s in stalled.items() if s}
    assert {r["name"] for r in judged if "silent" in {w["rule"] for w in r["why"]}} == {w[1] for w in wanted}


def test_days_of_ones_own(demo) -> None:
    rows = demo.ok("report", "stale", "--days", "20", "--json").json["rows"]
    world = World(demo.db, NOW)
    silent = {}
    for n, d in world.deals.items():
        if world.outcome(d["stage"]) == "open":
            silent[d["name"]] = (world.today - max([world.stays(n)[-1][0], *world.touched(n)])).days
    assert {r["deal"] for r in rows} == {n for n, s in silent.items() if s > 20}
    assert rows and {r["usual_from"] for r in rows} == {"option"}


def test_health_of_all_open_deals_against_plain_counting(demo) -> None:
    """The rules that need no learning, from the tables; grades, order and the money at risk from the reasons."""
    world = World(demo.db, NOW)
    report = demo.ok("opp", "health", "--json").json
    deals = {r["name"]: r for r in demo.ok("opp", "list", "is:open", "--json", "--limit", "0").json}
    assert len(report["rows"]) == report["deals"] == len(deals) > 100
    by_name = {d["name"]: n for n, d in world.deals.items() if world.outcome(d["stage"]) == "open"}
    for r in report["rows"]:
        n, deal, rules = by_name[r["name"]], deals[r["name"]], {w["rule"] for w in r["why"]}
        held = [v for v in world.past[n] if world.outcome(v["stage"]) == "open"]
        closes = [v["close"] for v in held if v["close"]]
        pushes = sum(b[:7] > a[:7] for a, b in itertools.pairwise(closes))
        assert ("pushed" in rules) == (pushes >= 2), r
        assert ("close date" in rules) == (deal["close"] is None or deal["close"] < "2026-11-23")
        peak = max((v["amount"] for v in held if v["amount"] and v["currency"] == world.deals[n]["currency"]), default=0)
        assert ("amount" in rules) == (peak > 0 and 10 * (world.deals[n]["amount"] or 0) <= 7 * peak)
        assert ("competitor" in rules) == (deal["competitor"] is not None)
        assert "contact" not in rules
        newest = max((a for a in world.activities.get(n, []) if a["next_step"]), key=lambda a: (a["when"], a["id"]), default=None)
        planned = newest if newest and newest["done"] != 1 else None
        own = deal["next_step"]
        overdue = bool(planned and planned["due"] and planned["due"] < "2026-11-23" and own in (None, planned["next_step"]))
        assert ("next step" in rules) == (overdue or not (planned or own)), r
        assert r["reasons"] == len(rules)
        assert r["grade"] == ("risk" if len(rules) >= 3 else "watch" if rules else "good")
        assert cents(r["amount"]) == world.home(world.deals[n])
    assert report["grades"] == {g: Counter(r["grade"] for r in report["rows"])[g] for g in ("good", "watch", "risk")}
    assert cents(report["at_risk"]) == sum(cents(r["amount"]) for r in report["rows"] if r["grade"] == "risk")
    order = [("risk", "watch", "good").index(r["grade"]) * 10**12 - cents(r["amount"]) for r in report["rows"]]
    assert order == sorted(order)


def test_contacts_with_roles_thresholds_and_one_deal(demo) -> None:
    ref = demo.ok("opp", "health", "--json").json["rows"][0]["ref"]
    person = demo.ok("contact", "list", "--json", "--limit", "1").json[0]["ref"]
    demo.ok("opp", "contact", ref, person, "--role", "decision_maker")
    report = demo.ok("opp", "health", "--json").json["rows"]
    assert {r["ref"] for r in report if "contact" not in {w["rule"] for w in r["why"]}} == {ref}
    one = demo.ok("opp", "health", ref, "--json").json
    row = next(r for r in report if r["ref"] == ref)
    assert [{"rule": x["rule"], "fact": x["fact"]} for x in one["rules"] if x["against"]] == row["why"]
    assert (one["grade"], len(one["rules"])) == (row["grade"], 9)
    demo.ok("config", "set", "health_risk", "9")
    demo.ok("config", "set", "health_pushes", "1")
    strict = demo.ok("opp", "health", "--json").json["rows"]
    assert not [r for r in strict if r["grade"] == "risk"]
    pushed = [sum("pushed" in {w["rule"] for w in r["why"]} for r in rows) for rows in (report, strict)]
    assert pushed[0] < pushed[1] == demo.ok("report", "slippage", "--json").json["open"]["pushed_count"]


def test_health_for_people_and_pipes(demo) -> None:
    table = demo.ok("opp", "health", "--format", "table").out.splitlines()
    assert sum(line.startswith("O-") for line in table) == 10
    assert any(line.startswith("  close date") for line in table)
    assert any("10 of 146 shown" in line for line in table)
    assert demo.ok("opp", "health", "owner:none", "--format", "csv").out.splitlines() == [
        "ref,name,account,owner,stage,amount,currency,close,grade,reasons,why"
    ]
    assert len(demo.ok("opp", "health", "-n", "3").out.splitlines()) == 4
    won = demo.ok("opp", "list", "is:won", "--json", "--limit", "1").json[0]["ref"]
    refused = demo("opp", "health", won)
    assert (refused.code, "is not open" in refused.err) == (4, True)
    assert demo("opp", "health", "nosuch deal").code == 3


def test_coverage_is_pace_period_by_period(demo) -> None:
    """Each period's figures are those of the forecast of it; what is required is learnt before the first one."""
    report = demo.ok("report", "coverage", "--periods", "2", "--json").json
    assert [p["name"] for p in report["periods"]] == ["2026-Q4", "2027-Q1"]
    pace = {r["rep"]: r for r in demo.ok("forecast", "pace", "--period", "2026-Q4", "--json").json["rows"]}
    for period, total in zip(("2026-Q4", "2027-Q1"), report["totals"], strict=True):
        rows = {r["rep"]: r for r in report["rows"] if r["period"] == period}
        forecast = demo.ok("forecast", "show", "--by", "rep", "--period", period, "--json").json
        alone = {r["rep"]: r for r in forecast["rows"]}
        managed = {r["manager"] for r in demo.ok("forecast", "show", "--by", "manager", "--period", period, "--json").json["rows"]}
        for name, r in rows.items():
            if name not in managed:
                assert r["gap"] == alone[name]["gap"] and r["open_pipeline"] == alone[name]["cumulative"]["open_pipeline"]
            gap, have = cents(r["gap"]), cents(r["open_pipeline"])
            assert r["coverage"] == (pytest.approx(have / gap, rel=1e-4) if gap > 0 else None)
            need = pace.get(name, {}).get("required_coverage")
            assert r["required_coverage"] == need
            assert r["short"] == (gap > 0 and need is not None and have / gap < need)
        assert total["gap"] == forecast["total"]["gap"]
        assert total["open_pipeline"] == forecast["total"]["cumulative"]["open_pipeline"]
    assert any(r["short"] for r in report["rows"]) and not all(r["short"] for r in report["rows"])
    alone = demo.ok("report", "coverage", "--period", "2027-Q1", "--periods", "1", "--by", "manager", "--json").json
    wanted = [r for r in report["rows"] if r["period"] == "2027-Q1" and r["rep"] in {m["rep"] for m in alone["rows"]}]
    assert alone["rows"] == wanted and wanted
    table = demo.ok("report", "coverage", "--format", "table").out
    assert "2026-Q4 coverage" in table.replace("\n", " ") and "!" in table
