"""Reports beside another period (`--versus`): against the same report of that period alone, and against plain Python over a listing.

The company's day is 29 February 2028, so that a year ago has no such day."""

from __future__ import annotations

import itertools
import random
import re
import shutil
import statistics
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from test_reports import minor

Sfa = Any
Row = dict[str, Any]
NUMBERS = itertools.count()
TODAY = "2028-02-29T12:00:00Z"
STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation")
DAY = timedelta(days=1)
# Asked for, and by hand: what is reported, what it is compared with (first and last days).
RUNNING = [
    ("2028", "last-year", "2028-01-01..2028-02-29", "2027-01-01..2027-02-28"),
    ("2028-Q1", "previous", "2028-01-01..2028-02-29", "2027-10-01..2027-11-29"),
    ("2027-Q1", "2028-Q1", "2027-01-01..2027-03-01", "2028-01-01..2028-02-29"),
]
OVER = [
    ("2027-Q4", "previous", "2027-10-01..2027-12-31", "2027-07-01..2027-09-30"),
    ("2027-Q3", "last-year", "2027-07-01..2027-09-30", "2026-07-01..2026-09-30"),
    ("2027", "2026-Q4", "2027-01-01..2027-12-31", "2026-10-01..2026-12-31"),
]
# Report, the columns that a row is known by, figures of the other period, the one whose change is told.
REPORTS = [
    (("funnel",), ("pipeline", "stage"), ("entered", "advanced", "open", "undecided", "conversion"), "conversion"),
    (("funnel", "--by", "rep"), ("rep", "pipeline", "stage"), ("entered", "advanced", "open", "undecided", "conversion"), "conversion"),
    (("funnel", "--by", "manager", "type:new"), ("manager", "stage"), ("entered", "conversion"), "conversion"),
    (("funnel", "--leads"), ("source",), ("leads", "converted", "undecided", "conversion"), "conversion"),
    (("cycle",), ("step", "stage"), ("n", "median_days"), "median_days"),
    (("cycle", "--by", "rep"), ("rep", "step", "stage"), ("n", "median_days"), "median_days"),
    (("activity",), ("outcome",), ("deals", "touches_per_deal"), "touches_per_deal"),
    (("activity", "--by", "type"), ("type", "outcome"), ("deals", "touches_per_deal"), "touches_per_deal"),
    (("activity", "--leads"), ("source",), ("leads", "answered", "median_days"), "median_days"),
    (("concentration",), ("account",), ("rank", "won_amount", "share"), "share"),
]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Deals, leads and calls written month by month from January 2026 on, by whom it was at the time; in 2027 fewer are won."""
    from sfa.settings import Settings
    from sfa.store import deals as writer
    from sfa.store.database import connect
    from sfa.store.operations import operation

    path = tmp_path_factory.mktemp("versus") / "company.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SFA_TODAY", "2026-01-02T12:00:00Z")
        store = connect(str(path), Settings().calendar(), write=True, me="Boss", currency="USD")
    dice, kind, open_deals = random.Random(5), store.kinds["opportunity"], {}
    stages = dict(store.db.execute("SELECT name,id FROM stage").fetchall())
    reasons = {o: [n for (n,) in store.db.execute("SELECT id FROM reason WHERE outcome=?", (o,))][:3] for o in ("won", "lost")}
    with operation(store, "people") as op:
        boss = store.db.execute("SELECT id FROM user").fetchone()[0]
        people = [op.insert("user", {"name": name, "manager": boss, "active": 1}) for name in ("Ann", "Ben")]
        accounts = [op.insert("account", {"name": name}) for name in ("Acme", "Basel", "Città", "Dakar", "Essen", "Fano", "Gent")]
    for month in range(26):
        first = date(2026 + month // 12, month % 12 + 1, 1)
        for day in (first + 4 * DAY, first + 19 * DAY):
            store.calendar = store.calendar._replace(now=datetime(day.year, day.month, day.day, 12, tzinfo=UTC), today=day)
            with operation(store, "half a month") as op:
                for number in dice.sample([*open_deals], len(open_deals) // 3):
                    won = dice.random() < (0.5 if day.year != 2027 else 0.15)
                    step = dice.choice(["move", "end", "end"])
                    if step == "move":
                        op.update("opportunity", number, {"stage": stages[dice.choice(STAGES)], "close": str(day + 40 * DAY)})
                        continue
                    reason = reasons["won" if won else "lost"][min(dice.choice([0, 1, 2]), 2 if day.year != 2028 else 1)]
                    op.update("opportunity", number, {"stage": stages["Won" if won else "Lost"], "closed": str(day), "reason": reason})
                    del open_deals[number]
                for i in range(12):
                    opened = day - dice.randint(0, 4) * DAY
                    deal = {"name": f"Deal {day} {i}", "owner": dice.choice([*people, boss]), "stage": stages[dice.choice(STAGES)]}
                    deal |= {"amount": dice.randint(1, 10**6), "currency": "USD", "opened": str(opened)}
                    deal |= {"close": str(day + dice.randint(5, 90) * DAY), "account": dice.choice(accounts[: 4 + month // 8])}
                    deal |= {"type": dice.choice(["new", "existing"]), "category": dice.choice(["commit", "best_case", "pipeline"])}
                    open_deals[writer.add(op, kind, deal)] = None
                    number = dice.choice([*open_deals])
                    when = f"{day - dice.randint(0, 3) * DAY}T10:00:00Z"
                    op.insert("activity", {"kind": "call", "text": "Spoke", "when": when, "opportunity": number})
                    status = dice.choice(["new", "qualified", "disqualified", "converted"])
                    lead = {"name": f"Lead {day} {i}", "source": dice.choice(["web", "fair"]), "status": status, "created": str(opened)}
                    lead_id = op.insert("lead", lead)
                    if i % 2:
                        when = f"{opened + dice.randint(0, 9) * DAY}T10:00:00Z"
                        op.insert("activity", {"kind": "call", "text": "Spoke", "when": when, "lead": lead_id})
    store.close()
    return path


@pytest.fixture
def at(company: Path, sfa: Sfa) -> Sfa:
    sfa.monkeypatch.setenv("SFA_TODAY", TODAY)
    sfa.monkeypatch.setenv("SFA_DB", str(company))
    return sfa


def edges(days: str) -> tuple[str, str]:
    """The first day and the one after the last."""
    first, last = days.split("..")
    return first, str(date.fromisoformat(last) + DAY)


def check(at: Sfa, argv: tuple[str, ...], keys: tuple[str, ...], names: tuple[str, ...], of: str, days: tuple[str, str, str, str]) -> int:
    """Compare a compared report with both periods' own; how many rows there are."""
    period, versus, this, other = days
    found = at.ok("report", *argv, "--period", period, "--versus", versus, "--json").json
    assert (found["versus"]["start"], found["versus"]["end"]) == edges(other)
    alone = [at.ok("report", *argv, "--period", span, "--json").json for span in (this, other)]
    now, then = ({tuple(r[k] for k in keys): r for r in x["rows"]} for x in alone)
    rows = {tuple(r[k] for k in keys): r for r in found["rows"]}
    assert len(rows) == len(found["rows"])
    assert rows.keys() == now.keys() | then.keys()
    for key, row in rows.items():
        if key in now:
            assert {k: row[k] for k in now[key]} == now[key]
        if row.get("outcome") == "open":
            assert row["change"] is None and row[f"before_{of}"] is None
            continue
        for name in names:
            blank = (
                0 if name in ("entered", "advanced", "open", "undecided", "leads", "converted", "answered", "n", "deals", "share") else None
            )
            old = then[key][name] if key in then else blank
            assert row[f"before_{name}"] == (old if old is not None or name != "won_amount" else {"amount": "0.00", "currency": "USD"}), (
                name
            )
        was = then[key][of] if key in then else (0 if of == "share" else None)
        if row[of] is None or was is None:
            assert row["change"] is None
        else:
            assert row["change"] == pytest.approx(row[of] - was)
    return len(rows)


@pytest.mark.parametrize(("argv", "keys", "names", "of"), REPORTS, ids=lambda x: " ".join(x) if isinstance(x, tuple) else x)
@pytest.mark.parametrize("days", [*RUNNING, OVER[1]], ids=lambda d: f"{d[0]} {d[1]}")
def test_beside_the_other_periods_own_report(
    at: Sfa, argv: tuple[str, ...], keys: tuple[str, ...], names: tuple[str, ...], of: str, days: tuple[str, str, str, str]
) -> None:
    assert check(at, argv, keys, names, of, days)


def test_other_ended_periods(at: Sfa) -> None:
    for days in OVER[::2]:
        for argv, keys, names, of in (REPORTS[0], REPORTS[4], REPORTS[9]):
            assert check(at, argv, keys, names, of, days)


def test_fiscal_weeks(company: Path, at: Sfa, tmp_path: Path) -> None:
    """4-4-5 from the Monday nearest to 1 January: FY26 has 53 weeks, from 29 December 2025; FY27 begins on 4 January, FY28 on the 3rd."""
    shutil.copy(company, tmp_path / "weeks.db")
    at.monkeypatch.setenv("SFA_DB", str(tmp_path / "weeks.db"))
    at.ok("config", "set", "fiscal_weeks", "4-4-5")
    for days in (
        ("FY27-Q1", "last-year", "2027-01-04..2027-04-04", "2025-12-29..2026-03-29"),
        ("FY28-Q1", "last-year", "2028-01-03..2028-02-29", "2027-01-04..2027-03-02"),
    ):
        for argv, keys, names, of in (REPORTS[0], REPORTS[4], REPORTS[6], REPORTS[9]):
            assert check(at, argv, keys, names, of, days)
    rows = at.ok("report", "reasons", "--by", "reason,month", "--period", "FY27-Q1", "--versus", "last-year", "--json").json["rows"]
    alone = at.ok("report", "reasons", "--by", "reason,month", "--period", "FY26-Q1", "--json").json["rows"]
    assert {r["month"] for r in rows} == {"FY27-M01", "FY27-M02", "FY27-M03"}
    then = {(r["reason"], r["month"].replace("26", "27")): r["lost_count"] for r in alone}
    assert {(r["reason"], r["month"]): r["before_lost_count"] for r in rows if r["before_lost_count"]} == then


# Against the listing ----------------------------------------------------------------------------------------------------------------


def closed_in(deals: list[Row], days: str, stage: str) -> list[Row]:
    start, end = edges(days)
    return [d for d in deals if d["stage"] == stage and start <= d["closed"] < end]


@pytest.mark.parametrize("days", [RUNNING[0], OVER[1]], ids=lambda d: d[0])
def test_from_the_listing(at: Sfa, days: tuple[str, str, str, str]) -> None:
    """Medians, shares and ranks of both periods, each from the deals."""
    deals, argv = at.ok("opp", "list", "--json").json, ["--period", days[0], "--versus", days[1], "--json"]
    for stage in ("Won", "Lost"):
        row = next(r for r in at.ok("report", "cycle", *argv).json["rows"] if r["step"] == stage.lower())
        cycles = [
            [(date.fromisoformat(d["closed"]) - date.fromisoformat(d["opened"])).days for d in closed_in(deals, span, stage)]
            for span in days[2:]
        ]
        middle = [statistics.median(c) for c in cycles]
        assert [row["n"], row["before_n"]] == [*map(len, cycles)]
        assert [row["median_days"], row["before_median_days"], row["change"]] == [*middle, middle[0] - middle[1]]
    brought: list[dict[str, int]] = []
    for span in days[2:]:
        won = Counter[str]()
        for d in closed_in(deals, span, "Won"):
            won[d["account"]] += minor(d["amount"])
        brought.append(dict(won))
    report = at.ok("report", "concentration", *argv).json
    for row in report["rows"]:
        now, then = (x.get(row["account"], 0) for x in brought)
        ranks = [sorted(x.values(), reverse=True).index(n) + 1 if n else None for x, n in zip(brought, (now, then), strict=True)]
        assert [row["rank"], row["before_rank"]] == ranks
        assert [minor(row["won_amount"]), minor(row["before_won_amount"])] == [now, then]
        assert row["change"] == pytest.approx(now / sum(brought[0].values()) - then / sum(brought[1].values()))
    for name, x in (("", brought[0]), ("before_", brought[1])):
        largest = -(-len(x) // 5)
        assert report["top"][f"{name}accounts"] == largest
        assert report["top"][f"{name}share"] == pytest.approx(sum(sorted(x.values())[-largest:]) / sum(x.values()))
    assert "before" in at.ok("report", "concentration", *argv[:-1], "--format", "table").out.partition("bring")[2].splitlines()[0]


@pytest.mark.parametrize("won", [False, True])
@pytest.mark.parametrize("days", [("2028-Q1", "last-year", "2028-01-01..2028-02-29", "2027-01-01..2027-02-28"), OVER[0]])
def test_reasons_from_the_listing(at: Sfa, days: tuple[str, str, str, str], won: bool) -> None:
    deals, stage = at.ok("opp", "list", "--json").json, "Won" if won else "Lost"
    argv = ["report", "reasons", "--by", "reason,month", "--period", days[0], "--versus", days[1], *(["--won"] if won else [])]
    months = [[*dict.fromkeys(str(date.fromisoformat(edges(s)[0]) + n * DAY)[:7] for n in range(85))] for s in days[2:]]
    place = dict(zip(months[1], months[0], strict=True))
    now = Counter((d["reason"], d["closed"][:7]) for d in closed_in(deals, days[2], stage))
    then = Counter((d["reason"], place[d["closed"][:7]]) for d in closed_in(deals, days[3], stage))
    rows = {(r["reason"], r["month"]): r for r in at.ok(*argv, "--json").json["rows"]}
    assert rows.keys() == now.keys() | then.keys()
    count = f"{stage.lower()}_count"
    for key, row in rows.items():
        whole = [sum(n for k, n in x.items() if k[1] == key[1]) for x in (now, then)]
        shares = [x[key] / n if n else None for x, n in zip((now, then), whole, strict=True)]
        assert [row[count], row[f"before_{count}"], row["share"], row["before_share"]] == [now[key], then[key], *shares]
        assert row["change"] == (pytest.approx(shares[0] - shares[1]) if None not in shares else None)
    text = at.ok(*argv, "--format", "table").out
    for reason in {k[0] for k in rows}:
        a, b = (Fraction(sum(n for k, n in x.items() if k[0] == reason), sum(x.values())) for x in (now, then))
        shown = re.search(rf"^{re.escape(reason)} .* ([\d.]+) % +([\d.]+) % +([-+][\d.]+)", text, re.M)
        assert shown and [*map(float, shown.groups())] == pytest.approx([float(x * 100) for x in (a, b, a - b)], abs=0.0501)


# As they stood ----------------------------------------------------------------------------------------------------------------------


def months_of(days: str) -> list[str]:
    start, end = map(date.fromisoformat, edges(days))
    return [*dict.fromkeys(str(start + n * DAY)[:7] for n in range((end - start).days))]


@pytest.mark.parametrize(
    ("asked", "this", "other", "now", "then"),
    [
        (("2028-Q1", "last-year"), "2028-01-01..2028-02-29", "2027-01-01..2027-02-28", "2028-02-29", "2027-02-28"),
        (("2027-Q4", "previous"), "2027-10-01..2027-12-31", "2027-07-01..2027-09-30", "2028-02-29", "2027-11-29"),
        (("2027-Q3", "2027-Q4"), "2027-07-01..2027-09-30", "2027-10-01..2027-12-31", "2027-11-29", "2028-02-29"),
    ],
)
@pytest.mark.parametrize("by", ["month", "month,rep"])
def test_cohorts_of_one_age_from_the_listing(at: Sfa, by: str, asked: tuple[str, str], this: str, other: str, now: str, then: str) -> None:
    """What each month's deals had become, by their dates: months of both periods beside each other in their order."""
    deals = at.ok("opp", "list", "--json").json
    found = at.ok("report", "cohort", "--by", by, "--period", asked[0], "--versus", asked[1], "--json").json
    counts: list[Counter[tuple[Any, ...]]] = [Counter(), Counter()]
    for c, span, day in zip(counts, (this, other), (now, then), strict=True):
        place = dict(zip(months_of(span), months_of(this), strict=True))
        start, end = edges(span)
        for d in deals:
            if start <= d["opened"] < end:
                stood = d["stage"] if d["closed"] and d["closed"] <= day else "open"
                c[(place[d["opened"][:7]], *([d["owner"]] if "rep" in by else []), stood)] += 1
    rows = {tuple(r[n] for n in by.split(",")): r for r in found["rows"]}
    assert rows.keys() == {k[:-1] for c in counts for k in c}
    assert found["versus"]["as_of"] == then
    for key, row in rows.items():
        for name, c in (("", counts[0]), ("before_", counts[1])):
            won, lost, still = (c[(*key, s)] for s in ("Won", "Lost", "open"))
            made = won + lost + still
            assert [row[f"{name}{n}"] for n in ("created", "won", "lost", "open")] == [made, won, lost, still]
            assert row[f"{name}conversion"] == (pytest.approx(won / made) if made else None)
    assert found["total"]["before_created"] == sum(counts[1].values())


@pytest.mark.parametrize(
    ("period", "versus", "due", "day"), [("", "2027-06-30", "", "2027-06-30"), ("2028-Q1", "previous", "2027-Q4", "2027-11-29")]
)
def test_stale_deals_of_another_day(at: Sfa, period: str, versus: str, due: str, day: str) -> None:
    argv = ["report", "stale", "--days", "3", *(["--period", period] if period else []), "--versus", versus]
    now = at.ok(*argv, "--json").json
    then = at.ok("report", "stale", "--days", "3", *(["--period", due] if due else []), "--as-of", day, "--json").json
    was, old = now["versus"], {r["deal_ref"] for r in then["rows"]}
    assert [was["as_of"], was["stale_deals"], was["open_deals"]] == [day, len(old), then["open_deals"]]
    assert was["amount"] == then["total"]["amount"]
    assert old and all(r["stale_before"] is (r["deal_ref"] in old) for r in now["rows"])
    assert was["still_stale"] == sum(r["deal_ref"] in old for r in now["rows"])
    assert f"On {day} {len(old)} of {then['open_deals']} open deals" in " ".join(at.ok(*argv, "--format", "table").out.split())


def test_what_was_due_to_be_won_back(sfa: Sfa) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-03-02T12:00:00Z")
    sfa.ok("reason", "add", "Dear", "outcome=lost", "recoverable=yes", "revisit_months=2")
    for name, amount in (("Alpha", "100"), ("Beta", "30"), ("Gamma", "7")):
        sfa.ok("account", "add", name)
        sfa.ok("opp", "add", f"{name} deal", "--account", name, "--amount", amount)
        sfa.ok("opp", "lose", f"{name} deal", "--reason", "Dear")
    sfa.ok("opp", "edit", "Gamma deal", "revisit=2026-09-01")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-09-03T12:00:00Z")
    sfa.ok("opp", "reopen", "Beta deal")
    argv = ["report", "winback", "--versus", "2026-05-02"]
    found = sfa.ok(*argv, "--json").json
    assert [r["deal"] for r in found["rows"]] == ["Alpha deal", "Gamma deal"]
    lost = {"amount": "130.00", "currency": "USD"}
    assert found["versus"] == {"as_of": "2026-05-02", "due": 2, "lost_amount": lost, "still_due": 1}
    assert "On 2026-05-02 2 were due, 130 USD; 1 of them still are" in sfa.ok(*argv, "--format", "table").out
    for ahead, due in (([], 0), (["--within", "1d"], 2)):
        assert sfa.ok("report", "winback", *ahead, "--versus", "2026-05-01", "--json").json["versus"]["due"] == due
    assert sfa("report", "winback", "--versus", "2025-01-01").code == 4
    assert sfa("report", "winback", "--versus", "2027").code == 2


def on(sfa: Sfa, day: str, *commands: str) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", f"{day}T12:00:00Z")
    for line in commands:
        sfa.ok(*line.split())


@pytest.mark.parametrize("by", ["rep", "manager"])
def test_coverage_as_it_stood(sfa: Sfa, by: str) -> None:
    """Quarters of 100: before one day 60 of pipeline for the 75 that are missing, now 80 for 60; by hand."""
    on(sfa, "2027-09-01", "user add Cid", "user add Ann --manager Cid", "quota set Ann 2027-Q4 100", "quota set Ann 2028-Q1 100")
    on(
        sfa,
        "2027-09-01",
        "opp add One --owner Ann --amount 25 --close 2027-12-01",
        "opp add Two --owner Ann --amount 60 --close 2027-12-02",
    )
    on(sfa, "2027-11-28", "opp win One")
    on(sfa, "2027-11-30", "opp win Two", "opp add Three --owner Ann --amount 80 --close 2028-03-30")
    on(sfa, "2028-02-28", "opp add Four --owner Ann --amount 40 --close 2028-03-30", "opp win Four")
    on(sfa, "2028-02-29", "quota list")
    argv = ["report", "coverage", "--by", by, "--periods", "1", "--json"]
    now = sfa.ok(*argv, "--period", "2028-Q1").json
    then = sfa.ok(*argv, "--period", "2027-Q4", "--as-of", "2027-11-29").json
    both = sfa.ok(*argv, "--period", "2028-Q1", "--versus", "previous").json
    old = {r["rep"]: r for r in then["rows"]}
    assert both["versus"]["as_of"] == "2027-11-29" and len(both["rows"]) == len(now["rows"]) == len(old) > 0
    for row, own in zip([*both["rows"], *both["totals"]], [*now["rows"], *now["totals"]], strict=True):
        was = old[own["rep"]] if "rep" in own else then["totals"][0]
        assert {k: row[k] for k in own} == own
        assert [row[f"before_{n}"] for n in ("quota", "closed", "gap", "open_pipeline", "coverage", "met")] == [
            was[n] for n in ("quota", "closed", "gap", "open_pipeline", "coverage", "met")
        ]
        assert [row["before_coverage"], row["coverage"], row["change"]] == pytest.approx([60 / 75, 80 / 60, 80 / 60 - 60 / 75])


# More than chance -------------------------------------------------------------------------------------------------------------------


def book(sfa: Sfa, deals: list[tuple[str, str, int]]) -> None:
    """A fresh database with so many deals of each opening day and stage."""
    from sfa.settings import Settings
    from sfa.store import deals as writer
    from sfa.store.database import connect
    from sfa.store.operations import operation

    path = str(sfa.folder / f"book{next(NUMBERS)}.db")
    sfa.monkeypatch.setenv("SFA_DB", path)
    sfa.monkeypatch.setenv("SFA_TODAY", TODAY)
    store = connect(path, Settings().calendar(), write=True, me="Boss", currency="USD")
    stages = dict(store.db.execute("SELECT name,id FROM stage").fetchall())
    reasons = {o.capitalize(): n for n, o in store.db.execute("SELECT id,outcome FROM reason")}
    with operation(store, "deals") as op:
        for opened, stage, many in deals:
            closed = {"closed": opened, "reason": reasons[stage]} if stage in reasons else {}
            for i in range(many):
                writer.add(op, store.kinds["opportunity"], {"name": f"{stage} {i}", "stage": stages[stage], "opened": opened, **closed})
    store.close()


@pytest.mark.parametrize(
    ("rest", "wins", "marked"),
    [
        ("Lost", 20, True),  # 45 of 60 before, 20 of 60 now: for good
        ("Prospecting", 20, False),  # the other 40 may yet go on
        ("Lost", 44, False),  # 44 of 60: chance
        ("Lost", 34, False),  # p = 0.034 alone, but four stages are looked at
    ],
)
def test_a_fall_is_marked_only_if_it_stays(sfa: Sfa, rest: str, wins: int, marked: bool) -> None:
    book(sfa, [("2027-02-01", "Won", 45), ("2027-02-01", "Lost", 15), ("2028-02-01", "Won", wins), ("2028-02-01", rest, 60 - wins)])
    argv = ["report", "funnel", "--period", "2028", "--versus", "last-year"]
    row = at_stage(sfa, argv, "Prospecting")
    assert (row["conversion"], row["before_conversion"]) == (wins / 60, 0.75)
    low, high = interval(wins, 60, 45, 60)
    assert [row["change"], row["change_low"], row["change_high"]] == pytest.approx([wins / 60 - 0.75, low, high])
    assert row["change_more_than_chance"] is marked
    text = sfa.ok(*argv, "--format", "table").out
    assert ("!" in text) is (marked or rest == "Prospecting")  # the second is the note on what is open
    assert bool(re.search(r"^Prospecting .*-\d+\.\d!", text, re.M)) is marked


def test_a_rise_is_marked_at_once_unless_the_others_are_open(sfa: Sfa) -> None:
    for rest, marked in (("Lost", True), ("Prospecting", False)):
        book(sfa, [("2027-02-01", "Won", 20), ("2027-02-01", rest, 40), ("2028-02-01", "Won", 45), ("2028-02-01", "Prospecting", 15)])
        row = at_stage(sfa, ["report", "funnel", "--period", "2028", "--versus", "last-year"], "Prospecting")
        assert row["change"] > 0.4 and row["change_more_than_chance"] is marked


def at_stage(sfa: Sfa, argv: list[str], stage: str) -> Row:
    return next(r for r in sfa.ok(*argv, "--json").json["rows"] if r["stage"] == stage)


def interval(a: int, n: int, b: int, m: int) -> tuple[float, float]:
    """Newcombe's, with Wilson's bounds as the roots of (p − x)² = z² x (1 − x) / n."""
    z = 1.959963984540054
    sides = []
    for k, of in ((a, n), (b, m)):
        p, c = k / of, z * z / of
        root = ((2 * p + c) ** 2 - 4 * (1 + c) * p * p) ** 0.5
        sides.append((p, (2 * p + c - root) / (2 + 2 * c), (2 * p + c + root) / (2 + 2 * c)))
    (p, pl, ph), (q, ql, qh) = sides
    return p - q - ((p - pl) ** 2 + (qh - q) ** 2) ** 0.5, p - q + ((ph - p) ** 2 + (q - ql) ** 2) ** 0.5


# Locked periods, and what is asked wrongly ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("versus", "others"), [("last-year", "2026-Q4"), ("previous", "2027-Q2"), ("2027-Q3", "2027-Q3")])
def test_slip_rates_of_locked_periods(at: Sfa, versus: str, others: str) -> None:
    argv = ["report", "slippage", "--locked", "+14d", "--periods", "2", "--json"]
    for by, key in ((), "period"), (("--by", "rep"), "rep"):
        found = at.ok(*argv, *by, "--period", "2027-Q4", "--versus", versus).json
        now, then = (at.ok(*argv, *by, "--period", last).json for last in ("2027-Q4", others))
        assert found["versus"] == then["periods"] and len(found["versus"]) == 2
        pairs = (
            {b[key]: a for a, b in zip(then["rows"], now["rows"], strict=True)} if key == "period" else {r[key]: r for r in then["rows"]}
        )
        for row, own, old in [*((r, o, pairs[r[key]]) for r, o in zip(found["rows"], now["rows"], strict=True)), *totals(found, now, then)]:
            assert {k: row[k] for k in own} == own
            assert [row["before_count"], row["before_slip_rate"]] == [old["count"], old["slip_rate"]]
            assert row["change"] == pytest.approx(own["slip_rate"] - old["slip_rate"])
    assert "Against 20" in at.ok(*argv[:-1], "--period", "2027-Q4", "--versus", versus, "--format", "table").out


def totals(*reports: Any) -> list[tuple[Row, Row, Row]]:
    a, b, c = ({k: v for k, v in r["total"].items() if k not in ("period", "rep", "rep_ref")} for r in reports)
    return [(a, b, c)]


NAMES = [("funnel",), ("funnel", "--leads"), ("cycle",), ("activity",), ("activity", "--leads"), ("concentration",), ("reasons",)]


@pytest.mark.parametrize("argv", [*NAMES, ("slippage", "--locked", "+14d")], ids=" ".join)
def test_on_a_narrow_terminal_and_in_every_format(at: Sfa, argv: tuple[str, ...]) -> None:
    days = ["--versus", "last-year", *(["--period", "2028"] if argv[0] != "slippage" else [])]
    heads = [at.ok("report", *argv, *days, "--format", f).out.splitlines()[0] for f in ("tsv", "csv")]
    assert all("before_" in head and "change" in head and "interval" not in head for head in heads)
    at.monkeypatch.setenv("COLUMNS", "80")
    at.monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: True, raising=False)
    text = re.sub("\x1b\\[[0-9;]*m", "", at.ok("report", *argv, *days, "--format", "table").out)
    assert max(map(len, text.splitlines())) <= 80
    assert "Against 20" in text and "…" not in text
    assert re.search("[Bb]efore", text) and "Change" in text
    assert all(re.search(rf" \{sign}\d+\.\d", text) for sign in "+-") or argv[-1] in ("--leads", "+14d")


def test_what_cannot_be_compared(at: Sfa) -> None:
    for argv in NAMES:
        for wrong in (["--versus", "previous"], ["--versus", "last-year"], ["--period", "2028", "--versus", "someday"]):
            assert at("report", *argv, *wrong).code in (2, 4), (argv, wrong)
    assert "Compare locked periods" in at("report", "slippage", "--versus", "last-year").err


def test_pictures_and_pages_of_compared_reports(at: Sfa) -> None:
    for name in ("funnel", "cycle", "concentration", "reasons"):
        argv = ["report", name, "--period", "2028-Q1", "--versus", "last-year"]
        assert at.ok(*argv, "--chart").out
        page = at.ok(*argv, "--chart", "--format", "html").out
        assert "<svg" in page and "Change" in page


def test_a_velocity_is_of_as_many_days_as_the_running_period(at: Sfa) -> None:
    found = at.ok("report", "velocity", "--period", "2027-Q1", "--versus", "2028-Q1", "--json").json["total"]
    now, then = (at.ok("report", "velocity", "--period", span, "--json").json["total"] for span in RUNNING[2][2:])
    assert (
        found["closed_count"]
        == now["closed_count"]
        < at.ok("report", "velocity", "--period", "2027-Q1", "--json").json["total"]["closed_count"]
    )
    assert [found["before_win_rate"], found["before_cycle_mean_days"]] == [then["win_rate"], then["cycle_mean_days"]]
