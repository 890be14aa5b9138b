"""Win/loss and its presets against plain Python over `sfa opp list --json` and `sfa history --json`."""

from __future__ import annotations

import itertools
import random
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import erf
from pathlib import Path
from typing import Any

import pytest
from test_reports import check_outcomes, converted, minor

Sfa = Any
Row = dict[str, Any]
TODAY = date(2026, 11, 23)
STAGES = ("Prospecting", "Qualification", "Proposal", "Negotiation")
PRESETS = ("winloss", "competitors", "reasons", "lost-from", "leaderboard")
SIZES = [(1, "1–9"), (10, "10–49"), (50, "50–249"), (250, "250–999"), (1000, "1,000+")]
CYCLES = [(0, "0–30"), (31, "31–60"), (61, "61–90"), (91, "91–180"), (181, "181+")]
PUSHES = [(0, "0"), (1, "1"), (2, "2"), (3, "3+")]
STEPS = ("1k", "2k", "5k", "10k", "20k", "50k", "100k", "200k", "500k", "1m")
EDGES = [int(s[:-1]) * {"k": 10**3, "m": 10**6}[s[-1]] * 100 for s in STEPS]
AMOUNTS = [(-(10**15), "under 1k"), *zip(EDGES, [f"{a}–{b}" for a, b in itertools.pairwise(STEPS)] + ["1m+"], strict=True)]
REVENUES = [(edge * 1000, re.sub("[km]", lambda m: {"k": "m", "m": "bn"}[m[0]], label)) for edge, label in AMOUNTS]


def banded(bands: list[tuple[int, str]], value: int | None) -> str | None:
    """The label of the band that a number is in."""
    at = bisect_right([edge for edge, _ in bands], value) - 1 if value is not None else -1
    return bands[at][1] if at >= 0 else None


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """160 deals with a past: pushed, pulled, reopened; won, lost, open; some without amounts, dates, accounts, reasons."""
    from sfa.settings import Settings
    from sfa.store import deals as writer
    from sfa.store.database import connect
    from sfa.store.operations import operation

    path = tmp_path_factory.mktemp("winloss") / "company.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
        store = connect(str(path), Settings().calendar(), write=True, me="Boss", currency="USD")
    dice = random.Random(11)
    kind = store.kinds["opportunity"]
    ids: dict[str | None, int | None] = {None: None}
    stages = dict(store.db.execute("SELECT name,id FROM stage").fetchall())
    reasons: dict[str, list[int]] = {"won": [], "lost": []}
    for number, outcome in store.db.execute("SELECT id,outcome FROM reason"):
        reasons[outcome].append(number)
    with operation(store, "people") as op:
        for name in ("Ann", "Ben", "Cat"):
            ids[name] = op.insert("user", {"name": name, "active": 1})
        for name, people, revenue, currency in (
            ("Acme", 9, 4_000_000_00, "USD"),
            ("Basel", 250, 10**11, "EUR"),
            ("Città", None, None, "USD"),
            ("Dakar", 0, 99_999_999, "USD"),
            ("Rival", 5000, 10**13, "USD"),
            ("Other", None, None, "USD"),
        ):
            values = {"name": name, "employees": people, "annual_revenue": revenue, "currency": currency, "country": name[:2]}
            ids[name] = op.insert("account", values)
        for name, rate in (("2026-01-01", "1.0842"), ("2026-11-01", "1.1")):
            op.insert("rate", {"currency": "EUR", "base": "USD", "date": name, "rate": rate})
        op.update("reason", reasons["lost"][0], {"weight": 3})
        op.update("reason", reasons["lost"][1], {"weight": 0.5})
    for i in range(160):
        year = dice.choice([2025, 2026, 2026])
        closed = date(year, dice.choice([1, 5, 9, 10, 10, 11, 11, 12][: 7 if year == 2026 else 8]), dice.randint(1, 23))
        opened = dice.choice([None, *[closed - timedelta(days=dice.randint(-3, 240)) for _ in range(9)]])
        close = closed - timedelta(days=dice.randint(0, 200))
        given = {
            "name": f"Deal {i}",
            "owner": ids[dice.choice(["Ann", "Ann", "Ben", "Cat", None])],
            "account": ids[dice.choice(["Acme", "Basel", "Città", "Dakar", None])],
            "competitor": ids[dice.choice(["Rival", "Other", None, None])],
            "amount": dice.choice([None, *[int(10 ** dice.uniform(4, 9)) for _ in range(9)]]),
            "currency": "EUR" if year == 2026 and dice.random() < 0.3 else "USD",
            "stage": stages[dice.choice(STAGES)],
            "close": dice.choice([None, *[close.isoformat()] * 5]),
            "opened": opened.isoformat() if opened else None,
            "type": dice.choice([None, "new", "existing", "renewal"]),
        }
        with operation(store, "add") as op:
            number = writer.add(op, kind, {k: v for k, v in given.items() if v is not None or k == "owner"})
            if opened is None:
                op.update("opportunity", number, {"opened": None})
        for _ in range(dice.choice([0, 0, 1, 2, 5])):
            close += timedelta(days=dice.randint(-15, 50))
            with operation(store, "put off") as op:
                op.update("opportunity", number, {"close": dice.choice([close.isoformat()] * 6 + [None])})
        outcome = dice.choice(["won", "lost", "lost", "open"])
        if outcome == "open":
            continue
        end = {"stage": stages[outcome.capitalize()], "closed": closed.isoformat()}
        end["reason"] = dice.choice([*reasons[outcome], None])
        if end["reason"] and dice.random() < 0.5:
            end["secondary_reason"] = dice.choice([r for r in reasons[outcome] if r != end["reason"]])
        with operation(store, outcome) as op:
            op.update("opportunity", number, end)
        if dice.random() < 0.1:
            with operation(store, "reopen") as op:
                op.update("opportunity", number, {"stage": given["stage"], "closed": None, "reason": None, "secondary_reason": None})
            if dice.random() < 0.5:
                with operation(store, outcome) as op:
                    op.update("opportunity", number, end | {"close": "2027-05-01"})
    store.close()
    return path


@pytest.fixture
def at(company: Path, sfa: Sfa) -> Sfa:
    sfa.monkeypatch.setenv("SFA_DB", str(company))
    return sfa


def closed(at: Sfa) -> list[Row]:
    return [r for r in at.ok("opp", "list", "--json").json if r["stage"] in ("Won", "Lost")]


def versions(at: Sfa, ref: str) -> Iterator[dict[str, str | None]]:
    """The stage and expected close of each version of a deal, oldest first, from the list of its changes."""
    state: dict[str, str | None] = {"stage": None, "close": None}
    changes = at.ok("history", ref, "--json").json[::-1]
    for _, group in itertools.groupby(changes, key=lambda c: c["operation"]):
        state = state | {c["field"]: c["after"] for c in group if c["field"] in state}
        yield state


def pushed(at: Sfa, row: Row) -> int | None:
    found, last = 0, None
    for v in versions(at, row["ref"]):
        if v["stage"] in STAGES and v["close"]:
            found += last is not None and v["close"][:7] > last[:7]
            last = v["close"]
    return found if found or row["close"] else None


def last_open(at: Sfa, row: Row) -> str | None:
    return [v["stage"] for v in versions(at, row["ref"]) if v["stage"] in STAGES][-1]


def cents(row: Row) -> int | None:
    return converted(row["amount"], row["closed"])


def check(at: Sfa, by: str, key: Callable[[Row], Any], *argv: str, deals: list[Row] | None = None) -> list[Row]:
    """Every row of a report by one dimension against its deals; none vanishes."""
    deals = closed(at) if deals is None else deals
    report = at.ok("report", "winloss", "--by", by, "--json", *argv).json
    name = {"group": "reason_group"}.get(by, by)
    found = {r[name]: r for r in report["rows"]}
    keyed = [(key(d), d) for d in deals]
    assert found.keys() == {k for k, _ in keyed}
    check_outcomes(report["total"], deals)
    lost = sum(d["stage"] == "Lost" for d in deals)
    for value, row in found.items():
        own, others = ([d for k, d in keyed if (k == value) is mine] for mine in (True, False))
        check_outcomes(row, own)
        assert row["others_win_rate"] == (sum(d["stage"] == "Won" for d in others) / len(others) if others else None)
        assert row["difference"] == (pytest.approx(row["win_rate"] - row["others_win_rate"]) if others else None)
        assert row["loss_share"] == sum(d["stage"] == "Lost" for d in own) / lost
        assert row["weak"] is (len(own) < 30)
    assert sum(r["loss_share"] for r in found.values()) == pytest.approx(1)
    return list(report["rows"])


def test_bands_from_the_listing(at: Sfa) -> None:
    accounts = {a["name"]: a for a in at.ok("account", "list", "--json").json}

    def size(d: Row) -> str | None:
        return banded(SIZES, accounts[d["account"]]["employees"]) if d["account"] else None

    def revenue(d: Row) -> str | None:
        return banded(REVENUES, converted(accounts[d["account"]]["annual_revenue"], str(TODAY))) if d["account"] else None

    def deal(d: Row) -> str | None:
        return banded(AMOUNTS, cents(d) or None if d["stage"] == "Lost" else cents(d))

    def cycle(d: Row) -> str | None:
        return banded(CYCLES, (date.fromisoformat(d["closed"]) - date.fromisoformat(d["opened"])).days) if d["opened"] else None

    for by, key, bands in (
        ("account_size", size, SIZES),
        ("account-revenue", revenue, REVENUES),
        ("deal_size", deal, AMOUNTS),
        ("cycle", cycle, CYCLES),
    ):
        rows = check(at, by.replace("-", "_"), key)
        labels = [r[by.replace("-", "_")] for r in rows]
        assert len(labels) > 2, by
        order = [label for _, label in bands]
        assert labels == sorted(labels, key=lambda n: (n is None, order.index(n) if n else 0)), by


def test_pushes_and_stage_lost_from_by_history(at: Sfa) -> None:
    deals = closed(at)
    counts = {d["ref"]: pushed(at, d) for d in deals}
    assert {0, 1, 2, None} <= set(counts.values())
    check(at, "pushes", lambda d: banded(PUSHES, counts[d["ref"]]), deals=deals)
    stages = {d["ref"]: last_open(at, d) for d in deals}
    check(at, "stage", lambda d: stages[d["ref"]], deals=deals)
    rows = at.ok("report", "lost-from", "--json").json["rows"]
    lost = [d for d in deals if d["stage"] == "Lost"]
    assert {r["stage"]: r["lost_count"] for r in rows} == Counter(stages[d["ref"]] for d in lost)
    assert [r["stage"] for r in rows] == [s for s in STAGES if s in stages.values()]


def test_other_dimensions_from_the_listing(at: Sfa) -> None:
    groups = {r["name"]: r["group"] for r in at.ok("reason", "list", "--json").json}
    deals = closed(at)
    check(at, "group", lambda d: groups.get(d["reason"]), deals=deals)
    check(at, "secondary_reason", lambda d: d["secondary_reason"], deals=deals)
    check(at, "competitor", lambda d: d["competitor"], deals=deals)
    check(at, "type", lambda d: d["type"], deals=deals)
    check(at, "month", lambda d: d["closed"][:7], deals=deals)
    check(at, "pipeline", lambda d: d["pipeline"], "type:new", deals=[d for d in deals if d["type"] == "new"])
    report = at.ok("report", "winloss", "--by", "deal_size,pushes", "--json").json
    assert sum(r["won_count"] + r["lost_count"] for r in report["rows"]) == len(deals)


# Compared ---------------------------------------------------------------------------------------------------------------------------


def wins(deals: list[Row], start: str, end: str) -> tuple[int, int]:
    """(won, closed) from the first day up to but without the last."""
    own = [d for d in deals if start <= d["closed"] < end]
    return sum(d["stage"] == "Won" for d in own), len(own)


def chance(k: int, n: int, other: int, m: int) -> float:
    pooled = (k + other) / (n + m)
    spread = (pooled * (1 - pooled) * (1 / n + 1 / m)) ** 0.5
    return 1 - erf(abs(k / n - other / m) / spread / 2**0.5) if spread else 1.0


@pytest.mark.parametrize(
    ("period", "versus", "this", "other"),
    [
        ("2026-Q4", "last-year", ("2026-10-01", "2027-01-01"), ("2025-10-01", "2025-11-24")),
        ("2026-Q4", "previous", ("2026-10-01", "2027-01-01"), ("2026-07-01", "2026-08-24")),
        ("2026", "2025", ("2026-01-01", "2027-01-01"), ("2025-01-01", "2025-11-24")),
        ("2025", "2026", ("2025-01-01", "2025-11-24"), ("2026-01-01", "2026-11-24")),
        ("2026-09", "last-year", ("2026-09-01", "2026-10-01"), ("2025-09-01", "2025-10-01")),
    ],
)
def test_compared_with_another_period(at: Sfa, period: str, versus: str, this: tuple[str, str], other: tuple[str, str]) -> None:
    deals = closed(at)
    report = at.ok("report", "winloss", "--by", "type", "--period", period, "--versus", versus, "--json").json
    assert (report["versus"]["start"], report["versus"]["end"]) == other
    rows = {r["type"]: r for r in report["rows"]} | {"total": report["total"]}
    counts = [(r["won_count"] + r["lost_count"], r["before_won_count"] + r["before_lost_count"]) for r in report["rows"]]
    tests = sum(min(pair) >= 30 for pair in counts)
    for name in {d["type"] for d in deals if this[0] <= d["closed"] < this[1] or other[0] <= d["closed"] < other[1]} | {"total"}:
        own = [d for d in deals if name in ("total", d["type"])]
        (k, n), (before, m) = wins(own, *this), wins(own, *other)
        row = rows[name]
        assert (row["won_count"], row["lost_count"], row["before_won_count"], row["before_lost_count"]) == (k, n - k, before, m - before)
        if not n or not m:
            assert row["change"] is None and not row["change_more_than_chance"]
            continue
        assert row["change"] == pytest.approx(k / n - before / m)
        assert row["change_low"] <= row["change"] <= row["change_high"]
        p = chance(k, n, before, m)
        assert row["change_p"] == pytest.approx(p, abs=1e-9)
        assert row["change_more_than_chance"] is (p * (1 if name == "total" else tests) < 0.05 and min(n, m) >= 30)
        assert minor(row["before_won_amount"]) == sum(
            cents(d) or 0 for d in own if other[0] <= d["closed"] < other[1] and d["stage"] == "Won"
        )


def test_months_stand_beside_the_same_months(at: Sfa) -> None:
    deals = closed(at)
    report = at.ok("report", "winloss", "--by", "month", "--period", "2026", "--versus", "last-year", "--json").json
    for row in report["rows"]:
        first = f"{int(row['month'][:4]) - 1}{row['month'][4:]}"
        k, n = wins(deals, first, min(first + "-99", "2025-11-24"))
        assert (row["before_won_count"], row["before_lost_count"]) == (k, n - k)
    assert sum(r["before_won_count"] for r in report["rows"]) == report["total"]["before_won_count"] > 0


def test_a_change_is_marked_only_where_it_is_more_than_chance(at: Sfa) -> None:
    text = at.ok("report", "winloss", "--by", "type", "--period", "2026", "--versus", "last-year", "--format", "table").out
    assert "Against 2025-01-01 to 2025-11-23 of 2025" in text
    report = at.ok("report", "winloss", "--by", "type", "--period", "2026", "--versus", "last-year", "--json").json
    marked = sum(r["change_more_than_chance"] for r in (*report["rows"], report["total"]))
    assert text.count("!") == marked + (1 if marked else 0)


def test_what_cannot_be_compared(at: Sfa) -> None:
    for argv in (["--versus", "last-year"], ["--period", "all", "--versus", "previous"], ["--period", "2026", "--versus", "someday"]):
        failed = at("report", "winloss", *argv)
        assert (failed.code, failed.out) == (2, ""), argv
    assert "all time has no period before it" in at("report", "winloss", "--versus", "last-year").err


def test_pipeline_beside_how_it_stood(at: Sfa) -> None:
    """The file knows nothing of a year ago: refused, by name. Of its own day before, it does."""
    failed = at("report", "pipeline", "--versus", "last-year")
    assert failed.code == 4 and "2025-11-23" in failed.err
    at.monkeypatch.setenv("SFA_TODAY", "2026-11-30T12:00:00Z")
    now = at.ok("report", "pipeline", "--by", "rep", "--json").json
    both = at.ok("report", "pipeline", "--by", "rep", "--versus", "2026-11-24", "--json").json
    then = at.ok("report", "pipeline", "--by", "rep", "--as-of", "2026-11-24", "--json").json
    assert [r["amount"] for r in both["rows"]] == [r["amount"] for r in now["rows"]]
    before = {r["rep"]: r for r in then["rows"]}
    for row in (*both["rows"], both["total"] | {"rep": "total"}):
        old = then["total"] if row["rep"] == "total" else before[row["rep"]]
        assert (row["before_count"], row["before_amount"], row["before_weighted"]) == (old["count"], old["amount"], old["weighted"])
        assert minor(row["change_amount"]) == minor(row["amount"]) - minor(row["before_amount"])
    assert both["versus"] == {"as_of": "2026-11-24", "period": None}


def test_pipeline_of_a_quarter_beside_the_one_before(sfa: Sfa) -> None:
    """On the 54th day of each quarter: what was due in it and open."""
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-08-01T09:00:00Z")
    sfa.ok("opp", "add", "Old", "--amount", "100", "--close", "2026-09-10")
    sfa.ok("opp", "add", "Gone", "--amount", "30", "--close", "2026-07-20")
    sfa.ok("opp", "add", "Later", "--amount", "7", "--close", "2026-12-10")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-08-20T09:00:00Z")
    sfa.ok("opp", "lose", "Gone", "--reason", "no budget")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-08-25T09:00:00Z")
    sfa.ok("opp", "edit", "Old", "amount=900")  # after the 54th day
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    report = sfa.ok("report", "pipeline", "--period", "2026-Q4", "--by", "month", "--versus", "previous", "--json").json
    assert report["versus"] == {"as_of": "2026-08-23", "period": {"start": "2026-07-01", "end": "2026-10-01"}}
    assert [(r["month"], minor(r["amount"]), minor(r["before_amount"])) for r in report["rows"]] == [("2026-12", 700, 10_000)]
    text = sfa.ok("report", "pipeline", "--period", "2026-Q4", "--versus", "previous", "--format", "table").out
    assert "Before: those due 2026-Q3 (2026-07-01 to 2026-09-30) as of 2026-08-23" in text


# Shared reasons ---------------------------------------------------------------------------------------------------------------------


def test_losses_shared_between_two_reasons(at: Sfa) -> None:
    """By largest remainder, the primary reason first; every slice adds up to the losses."""
    reasons = {r["name"]: r for r in at.ok("reason", "list", "--json").json}
    lost = [d for d in closed(at) if d["stage"] == "Lost"]
    assert sum(d["secondary_reason"] is not None for d in lost) > 20

    def parts(d: Row, whole: int) -> list[tuple[str | None, int]]:
        if d["secondary_reason"] is None:
            return [(d["reason"], whole)]
        w, v = (
            Fraction(str(reasons[d[f]]["weight"])) if reasons[d[f]]["weight"] is not None else Fraction(1)
            for f in ("reason", "secondary_reason")
        )
        first = whole * w / (w + v)
        primary = first.__floor__() + (first % 1 >= Fraction(1, 2))
        return [(d["reason"], primary), (d["secondary_reason"], whole - primary)]

    for by, called in (("reason", lambda n: n), ("reason_group", lambda n: reasons[n]["group"] if n else None)):
        amounts: Counter[str | None] = Counter()
        counts: Counter[str | None] = Counter()
        for d in lost:
            for name, part in parts(d, cents(d) or 0):
                amounts[called(name)] += part
            for name, part in parts(d, 100):
                counts[called(name)] += part
        report = at.ok("report", "winloss", "--by", by, "--shared", "--json").json
        assert {r[by]: minor(r["shared_lost_amount"]) for r in report["rows"]} == dict(amounts)
        assert {r[by]: round(r["shared_lost_count"] * 100) for r in report["rows"]} == dict(counts)
        total = report["total"]
        assert minor(total["shared_lost_amount"]) == minor(total["lost_amount"]) == sum(amounts.values())
        assert total["shared_lost_count"] == total["lost_count"] == len(lost)
        sliced = at.ok("report", "winloss", "--by", f"{by},month", "--shared", "--json").json["rows"]
        for name in amounts:
            assert sum(minor(r["shared_lost_amount"]) for r in sliced if r[by] == name) == amounts[name]
    for by in ("rep", "reason,reason_group", "reason,secondary_reason"):
        assert at("report", "winloss", "--by", by, "--shared").code == 2


# Presets ----------------------------------------------------------------------------------------------------------------------------


def test_presets_are_win_loss_with_other_columns(at: Sfa) -> None:
    for preset, by in (("competitors", "competitor"), ("leaderboard", "rep")):
        whole = {r[by]: r for r in at.ok("report", "winloss", "--by", by, "--period", "2026", "--json").json["rows"]}
        rows = at.ok("report", preset, "--period", "2026", "--json").json["rows"]
        assert len(rows) == len(whole)
        for row in rows:
            same = set(row) & set(whole[row[by]])
            assert {k: row[k] for k in same} == {k: whole[row[by]][k] for k in same}
    met = {r["competitor"]: r["count"] for r in at.ok("report", "competitors", "--json").json["rows"]}
    assert met == Counter(d["competitor"] for d in closed(at))


def test_the_leaderboard_ranks_nobody_on_few_deals(at: Sfa) -> None:
    rows = at.ok("report", "leaderboard", "--json").json["rows"]
    strong = [r for r in rows if not r["weak"]]
    assert strong and len(strong) < len(rows)
    assert [r["rank"] for r in rows] == [*range(1, len(strong) + 1), *[None] * (len(rows) - len(strong))]
    amounts = [minor(r["won_amount"]) for r in strong]
    assert amounts == sorted(amounts, reverse=True)


def test_the_trend_of_reasons(at: Sfa) -> None:
    deals = closed(at)
    for won, outcome in ((False, "Lost"), (True, "Won")):
        own = Counter((d["reason"], d["closed"][:7]) for d in deals if d["stage"] == outcome)
        rows = at.ok("report", "reasons", "--by", "reason,month", "--json", *(["--won"] if won else [])).json["rows"]
        assert {(r["reason"], r["month"]): r[f"{outcome.lower()}_count"] for r in rows} == own
        for month in {m for _, m in own}:
            assert sum(r["share"] for r in rows if r["month"] == month) == pytest.approx(1)
    text = at.ok("report", "reasons", "--format", "table").out
    assert re.search(r"^reason +2025-Q2 .* 2026-Q4 +Total$", text, re.M)
    assert re.search(rf"^Total .* {sum(d['stage'] == 'Lost' for d in deals)}$", text, re.M)
    assert at("report", "reasons", "--by", "reason").code == at("report", "reasons", "--by", "month,reason").code == 2


@pytest.mark.parametrize("name", PRESETS)
def test_every_format_and_a_narrow_terminal(at: Sfa, name: str) -> None:
    for shape in ("table", "tsv", "csv", "json", "ndjson", "md", "html"):
        assert at.ok("report", name, "--format", shape).out, shape
    told = at.ok("report", name, "--explain").out
    assert "docs/figures.md#winloss" in told and "%s" not in told
    at.monkeypatch.setenv("COLUMNS", "80")
    import sys

    at.monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: True, raising=False)
    more = [] if name == "reasons" else ["--period", "2026", "--versus", "last-year"]
    text = re.sub("\x1b\\[[0-9;]*m", "", at.ok("report", name, *more, "--format", "table").out)
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text


def test_bands_only_where_there_is_something_to_band(at: Sfa) -> None:
    assert at.ok("report", "pipeline", "--by", "account_size", "--json").json["rows"]
    failed = at("report", "pipeline", "--by", "cycle")
    assert failed.code == 2 and "account_size" in failed.err and "pushes" not in failed.err
    assert "pushes" in at("report", "winloss", "--by", "puhses").err


def test_what_was_taken_back_never_was(sfa: Sfa) -> None:
    for deal in ("Deal", "Other"):
        sfa.ok("opp", "add", deal, "amount=100")
    sfa.ok("opp", "negotiate", "Deal")
    sfa.ok("opp", "lose", "Deal", "--reason", "Bad timing")
    for mistake in (("win", "Other"), ("reopen", "Deal", "--stage", "Qualification")):
        sfa.ok("opp", *mistake)
        sfa.ok("undo", "--yes")
    report = sfa.ok("report", "winloss", "--by", "stage", "--json").json
    assert [(r["stage"], r["lost_count"]) for r in report["rows"]] == [("Negotiation", 1)]
    assert report["left_out"]["reopened_since"] == 0
    sfa.ok("opp", "reopen", "Deal", "--stage", "Qualification")
    assert sfa.ok("report", "winloss", "--json").json["left_out"]["reopened_since"] == 1
