"""Stage visits and what is made of them, against plain Python over random histories that the test wrote itself."""

from __future__ import annotations

import itertools
import math
import statistics
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from conftest import Sfa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

Row = dict[str, Any]
NUMBERS = itertools.count()
BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
OPEN = ("Prospecting", "Qualification", "Proposal", "Negotiation")
STAGES = (*OPEN, "Won", "Lost", None)
PERIOD = ("2026-04-01", "2026-05-01")


class Version(NamedTuple):
    """What a deal was from a moment on."""

    at: datetime
    stage: str | None
    owner: str
    amount: int


class Deal(NamedTuple):
    """A deal as the test wrote it: the day on which it was opened and its versions."""

    opened: str | None
    versions: list[Version]
    source: str | None = None


class Visit(NamedTuple):
    """A visit as the definitions have it; start None: unknown, left None: still there."""

    stage: str | None
    start: datetime | None
    left: datetime | None
    owner: str
    amount: int
    known: datetime


CHANGE = st.tuples(st.sampled_from(STAGES), st.sampled_from(["anna", "Ben"]), st.integers(0, 5))
DEALS = st.lists(
    st.tuples(
        st.sampled_from([None, "same", "same", "2025-12-24", "2026-03-01"]),
        st.lists(st.tuples(st.integers(1, 700), CHANGE), min_size=1, max_size=7),
        st.sampled_from(["web", None]),
    ),
    min_size=1,
    max_size=6,
)


def written(sfa: Sfa, deals: list[Any]) -> list[Deal]:
    """A fresh database with these deals, written by the program's own writer at the hours of each change."""
    from sfa.settings import Settings
    from sfa.store.database import connect
    from sfa.store.operations import operation

    path = sfa.folder / f"visits{next(NUMBERS)}.db"
    sfa.monkeypatch.setenv("SFA_DB", str(path))
    made = [Deal(None, [], source) for _, _, source in deals]
    steps: list[tuple[datetime, int, Any]] = []
    for i, (_, changes, _) in enumerate(deals):
        at = BEGIN + timedelta(hours=i)
        for hours, change in changes:
            steps.append((at, i, change))
            at += timedelta(hours=hours)
    store = connect(str(path), Settings().calendar()._replace(now=BEGIN - timedelta(days=99)), write=True, me="anna")
    with operation(store, "people") as op:
        op.insert("user", {"name": "Ben", "active": 1})
    people = dict(store.db.execute("SELECT name,id FROM user").fetchall())
    stages = {None: None, **dict(store.db.execute("SELECT name,id FROM stage").fetchall())}
    ids: dict[int, int] = {}
    for at, i, (stage, owner, amount) in sorted(steps, key=lambda s: s[:2]):
        if at >= TODAY:
            continue
        store.calendar = store.calendar._replace(now=at, today=at.date())
        opened = {"same": at.date().isoformat()}.get(deals[i][0], deals[i][0])
        closed = at.date().isoformat() if stage in ("Won", "Lost") else None
        values = {"stage": stages[stage], "owner": people[owner], "amount": amount * 100, "currency": "USD", "closed": closed}
        with operation(store, "a change") as op:
            if i not in ids:
                ids[i] = op.insert("opportunity", {**values, "name": f"Deal {i}", "opened": opened, "source": deals[i][2]})
                made[i] = made[i]._replace(opened=opened)
            else:
                op.update("opportunity", ids[i], values)
        made[i].versions.append(Version(at, stage, owner, amount))
    store.close()
    return [d for d in made if d.versions]


def visits_of(deal: Deal, until: datetime = TODAY) -> list[Visit]:
    """The visits of a deal by the definitions, at a moment."""
    out: list[Visit] = []
    for v in (v for v in deal.versions if v.at <= until):
        if out and out[-1].stage == v.stage:
            out[-1] = out[-1]._replace(owner=v.owner, amount=v.amount)
            continue
        start: datetime | None = v.at
        if not out and (deal.opened is None or deal.opened < v.at.date().isoformat()):
            first = deal.opened is not None and v.stage in (None, "Prospecting")
            start = datetime.fromisoformat(f"{deal.opened}T00:00:00+00:00") if first else None
        if out:
            out[-1] = out[-1]._replace(left=v.at)
        out.append(Visit(v.stage, start, None, v.owner, v.amount, v.at))
    return out


def days(start: datetime, end: datetime) -> float:
    return round((end - start) / timedelta(hours=1)) / 24


def nearest_rank(values: list[float]) -> float:
    """The 90th percentile: the least value that at least 90 % do not exceed."""
    return sorted(values)[math.ceil(len(values) * 9 / 10) - 1]


def stamp(at: datetime | None) -> str | None:
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")


@settings(
    max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(DEALS, st.integers(0, 4000))
def test_visits_and_time_in_stage(sfa: Sfa, deals: list[Any], hours: int) -> None:
    known = written(sfa, deals)
    for until, argv in ((TODAY, []), (at := BEGIN + timedelta(hours=hours, minutes=20), ["--as-of", stamp(at) or ""])):
        told = sfa.ok("report", "visits", "--json", *argv).json
        expected = [(f"Deal {i}", v) for i, d in enumerate(known) for v in visits_of(d, until)]
        named = {f"Deal {i}": f"Deal {n}" for n, i in enumerate(sorted({int(r["opportunity"][5:]) for r in told}))}
        assert [(named[r["opportunity"]], r["stage"], r["entered"], r["left"], r["owner"], r["amount"]["amount"]) for r in told] == [
            (n, v.stage, stamp(v.start), stamp(v.left), v.owner, f"{v.amount}.00") for n, v in renumbered(expected)
        ]
        report = sfa.ok("report", "cycle", "--json", *argv).json
        in_open = [v for _, v in expected if v.stage not in ("Won", "Lost")]
        assert report["visits"] == {
            "closed": sum(v.left is not None for v in in_open),
            "open": sum(v.left is None for v in in_open),
            "unknown_start": sum(v.start is None for v in in_open),
        }
        assert report["visits"]["closed"] + report["visits"]["open"] == len([r for r in told if r["outcome"] == "open"])
        steps = {r["stage"]: r for r in report["rows"] if r["step"] == "stage"}
        assert steps.keys() == {v.stage for v in in_open}
        for stage, row in steps.items():
            check_step(row, [v for v in in_open if v.stage == stage], until)


def renumbered(found: list[tuple[str, Visit]]) -> list[tuple[str, Visit]]:
    """The visits with deals numbered in the order in which they occur."""
    order = {n: f"Deal {i}" for i, n in enumerate(dict.fromkeys(n for n, _ in found))}
    return [(order[n], v) for n, v in found]


def check_step(row: Row, visits: list[Visit], now: datetime) -> None:
    over = [days(v.start, v.left) for v in visits if v.start and v.left]
    ages = [days(v.start, now) for v in visits if v.start and not v.left]
    assert (row["n"], row["open"]) == (len(over), sum(v.left is None for v in visits))
    assert row["unknown_start"] == sum(v.start is None for v in visits)
    assert row["mean_days"] == (pytest.approx(statistics.fmean(over)) if over else None)
    assert row["median_days"] == (pytest.approx(statistics.median(over)) if over else None)
    assert row["p90_days"] == (pytest.approx(nearest_rank(over)) if over else None)
    assert row["open_median_days"] == (pytest.approx(statistics.median(ages)) if ages else None)


@settings(
    max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(DEALS)
def test_funnel_by_its_definition(sfa: Sfa, deals: list[Any]) -> None:
    known = written(sfa, deals)
    for argv, start, end in (([], "0000", "9999"), (["--period", "2026-04"], *PERIOD)):
        report = sfa.ok("report", "funnel", *argv, "--json").json
        assert {r["stage"]: [r[k] for k in KEYS] for r in report["rows"]} == funnel(known, start, end)
        reached = [r["of_first"] for r in report["rows"]]
        assert reached == sorted(reached, reverse=True)
        if not argv:
            assert [r["entered"] for r in report["rows"]] == reached
        sliced = sfa.ok("report", "funnel", *argv, "--by", "source", "--json").json["rows"]
        for source in {d.source for d in known}:
            mine = {r["stage"]: [r[k] for k in KEYS] for r in sliced if r["source"] == source}
            assert mine == funnel([d for d in known if d.source == source], start, end)


KEYS = ("entered", "advanced", "won", "lost", "open", "of_first", "visits", "median_days")


def funnel(deals: list[Deal], start: str, end: str) -> dict[str, list[Any]]:
    """Stage → its figures. A deal is in a stage from when it first is in it or past it; its first version counts from its opening day."""
    out = {}
    for i, stage in enumerate(OPEN, 1):
        counts, stays = [0] * 6, []
        for deal in deals:
            visits = visits_of(deal)
            when = [v.known.date().isoformat() for v in visits]
            ranks = [5 if v.stage == "Won" else 0 if v.stage == "Lost" else OPEN.index(v.stage or "Prospecting") + 1 for v in visits]
            when[0], ranks[0] = deal.opened or when[0], max(ranks[0], 1)
            entered = {n: min([w for w, r in zip(when, ranks, strict=True) if r >= n], default=None) for n in range(1, 5)}
            if start <= (entered[1] or "") < end:
                counts[5] += max(ranks) >= i
            if not start <= (entered[i] or "") < end:
                continue
            last = visits[-1].stage
            counts[0] += 1
            counts[1] += max(ranks) > i
            counts[2 if last == "Won" else 3 if last == "Lost" else 4] += 1
            stays += [days(v.start, v.left) for v in visits if v.stage == stage and v.start and v.left]
        out[stage] = [*counts, len(stays), pytest.approx(statistics.median(stays)) if stays else None]
    return out


def test_every_odd_deal_has_its_place(sfa: Sfa) -> None:
    """Reopened, won and then lost, closed on the day it was made, without dates: none vanishes."""

    def at(day: str) -> None:
        sfa.monkeypatch.setenv("SFA_TODAY", f"{day}T10:00:00Z")

    at("2026-01-05")
    for name in ("reopened", "twice", "undated"):
        sfa.ok("opp", "add", name)
    sfa.ok("opp", "edit", "undated", "opened=", "--yes")
    at("2026-01-15")
    sfa.ok("opp", "win", "reopened", "reason=best fit")
    sfa.ok("opp", "win", "twice", "reason=best fit")
    at("2026-01-20")
    sfa.ok("opp", "reopen", "reopened", "--stage", "proposal")
    straight_to(sfa, "twice", "Lost", "2026-01-20")
    sfa.ok("opp", "add", "at once")
    sfa.ok("opp", "win", "at once", "reason=best fit")
    sfa.ok("opp", "lose", "undated", "--reason", "no budget")
    sfa.ok("opp", "add", "backwards", "opened=2026-02-01", "stage=lost", "reason=no budget", "closed=2026-01-19")
    rows = sfa.ok("report", "visits", "--json").json
    path = {n: [r["stage"] for r in rows if r["opportunity"] == n] for n in ("reopened", "twice", "at once", "undated", "backwards")}
    assert path == {
        "reopened": ["Prospecting", "Won", "Proposal"],
        "twice": ["Prospecting", "Won", "Lost"],
        "at once": ["Prospecting", "Won"],
        "undated": ["Prospecting", "Lost"],
        "backwards": ["Lost"],
    }
    assert [r["entered"] for r in rows if r["opportunity"] == "undated"] == [None, "2026-01-20T10:00:00Z"]
    report = sfa.ok("report", "cycle", "--json").json
    assert report["left_out"] == {
        "negative_cycles": 1,
        "cycles_without_dates": 1,
        "closed_without_date": 0,
        "visits_of_unknown_start": 1,
    }
    steps = {r["stage"] or r["step"]: r for r in report["rows"]}
    assert (steps["won"]["n"], steps["won"]["median_days"]) == (1, 0)
    assert (steps["lost"]["n"], steps["lost"]["median_days"]) == (1, 15)
    # Two that stayed ten days, and the one that was won within the day that it was made.
    assert (steps["Prospecting"]["n"], steps["Prospecting"]["median_days"], steps["Prospecting"]["p90_days"]) == (3, 10, 10)
    assert (steps["Proposal"]["n"], steps["Proposal"]["open"]) == (0, 1)
    said = sfa.ok("report", "cycle", "--format", "table").out
    for line in ("1 deals closed before they were opened", "1 closed deals without an opening date", "1 visits that began before anything"):
        assert line in said
    assert sfa.ok("report", "velocity", "--json").json["left_out"]["negative_cycles"] == 1
    assert sfa.ok("report", "cohort", "--json").json["left_out"]["without_opening_date"] == 1


def straight_to(sfa: Sfa, name: str, stage: str, closed: str) -> None:
    """A deal in a stage without the rules of moving, as imports write it."""
    from sfa.settings import Settings
    from sfa.store.database import connect
    from sfa.store.operations import operation

    store = connect(str(sfa.db), Settings().calendar(), write=True, me="anna")
    number = store.db.execute("SELECT id FROM opportunity WHERE name=?", (name,)).fetchone()[0]
    to = store.db.execute("SELECT id FROM stage WHERE name=?", (stage,)).fetchone()[0]
    with operation(store, "import") as op:
        op.update("opportunity", number, {"stage": to, "closed": closed})
    store.close()


def test_the_opening_day_begins_in_the_companys_zone(sfa: Sfa) -> None:
    sfa.ok("config", "set", "time_zone", "Asia/Tokyo")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-01-10T20:00:00Z")
    sfa.ok("opp", "add", "early", "opened=2026-01-09")
    sfa.ok("opp", "add", "same day", "opened=2026-01-11")
    sfa.ok("opp", "add", "later stage", "opened=2026-01-09", "stage=proposal")
    sfa.ok("opp", "add", "made in it", "stage=proposal")
    entered = {r["opportunity"]: r["entered"] for r in sfa.ok("report", "visits", "--json").json}
    now = "2026-01-10T20:00:00Z"
    assert entered == {"early": "2026-01-08T15:00:00Z", "same day": now, "later stage": None, "made in it": now}


def test_a_period_takes_the_visits_that_ended_in_it(sfa: Sfa) -> None:
    for day, argv in (
        ("2026-01-05", ["add", "A"]),
        ("2026-01-31", ["qualify", "A"]),
        ("2026-02-10", ["propose", "A"]),
        ("2026-03-01", ["win", "A", "reason=best fit"]),
    ):
        sfa.monkeypatch.setenv("SFA_TODAY", f"{day}T10:00:00Z")
        sfa.ok("opp", *argv)
    report = sfa.ok("report", "cycle", "--period", "2026-02", "--json").json
    assert [(r["step"], r["stage"], r["n"], r["median_days"]) for r in report["rows"]] == [
        ("won", None, 0, None),
        ("lost", None, 0, None),
        ("stage", "Qualification", 1, 10),
    ]
    before = sfa.ok("report", "cycle", "--as-of", "2026-02-20", "--json").json["rows"]
    assert [(r["stage"], r["n"], r["open"]) for r in before if r["stage"]] == [
        ("Prospecting", 1, 0),
        ("Qualification", 1, 0),
        ("Proposal", 0, 1),
    ]


def test_slices_are_of_one_lasting_dimension(sfa: Sfa) -> None:
    sfa.ok("opp", "add", "A", "source=web", "stage=proposal")
    for report in ("cycle", "velocity", "funnel", "activity"):
        for by in ("stage", "month", "rep,source", "produkt"):
            assert sfa("report", report, "--by", by).code == 2, (report, by)
        for shape in ("table", "tsv", "csv", "json", "ndjson", "md", "html"):
            assert "web" in sfa.ok("report", report, "--by", "source", "--format", shape).out, (report, shape)
    assert sfa("report", "cohort", "--by", "source").code == 2
    assert sfa("report", "concentration", "--a", "96").code == 2
    for report in ("visits", "funnel", "cycle", "velocity", "cohort", "activity", "concentration"):
        assert "docs/figures.md#" in sfa.ok("report", report, "--explain").out


def test_what_was_taken_back_is_no_visit(sfa: Sfa) -> None:
    def stages(*more: str) -> list[str]:
        return [r["stage"] for r in sfa.ok("report", "visits", "--json", *more).json]

    moments = iter(f"2026-11-{day:02}T09:00:00Z" for day in range(2, 20))

    def step(*argv: str) -> None:
        sfa.monkeypatch.setenv("SFA_TODAY", next(moments))
        sfa.ok(*argv)

    step("opp", "add", "Pier", "--amount", "10k")
    step("opp", "propose", "Pier")
    assert stages() == ["Prospecting", "Proposal"]
    step("undo", "--yes")
    assert stages() == ["Prospecting"], "a mistake is no visit"
    assert stages("--as-of", "2026-11-03T12:00:00Z") == ["Prospecting", "Proposal"], "nor was it one before it was taken back"
    step("redo", "--yes")
    assert stages() == ["Prospecting", "Proposal"]
    step("opp", "win", "Pier")
    assert stages() == ["Prospecting", "Proposal", "Won"]
    visits = sfa.ok("report", "visits", "--json").json
    assert [v["left"] and v["left"][:10] for v in visits] == ["2026-11-05", "2026-11-06", None]
