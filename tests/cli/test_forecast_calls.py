"""What people say of a forecast: who may say it, what stands, how it is taken back, and what stays of it."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import Sfa

COMPANY = (
    "user add Boss team=HQ admin=yes",
    "user add Nora manager=Boss team=North",
    "user add Ben manager=Nora team=North",
    "user add Bea manager=Nora team=North",
    "user add Sam manager=Boss team=South",
    "opp add 'Deal one' amount=100k close=2026-12-10 owner=Ben category=commit",
    "opp add 'Deal two' amount=50k close=2026-12-11 owner=Bea category=best_case",
    "opp add 'Deal three' amount=70k close=2026-12-12 owner=Nora category=pipeline",
    "opp add 'Won one' amount=30k owner=Ben opened=2026-10-02",
    "opp win O-4 closed=2026-11-01",
    "opp add 'Of the boss' amount=12k close=2026-12-30 owner=Boss category=commit",
)
BUILT: dict[str, bytes] = {}


@pytest.fixture
def firm(sfa: Sfa, monkeypatch: pytest.MonkeyPatch) -> Sfa:
    """Boss (administrator) over Nora (Ben, Bea) and Sam, made on 1 October; it is 23 November. The company is made once."""
    import shlex

    if "db" not in BUILT:
        monkeypatch.setenv("SFA_TODAY", "2026-10-01T08:00:00Z")
        for line in COMPANY[:5]:
            sfa.ok("--me", "Boss", *shlex.split(line))
        for line in COMPANY[5:]:
            monkeypatch.setenv("SFA_TODAY", "2026-11-02T08:00:00Z")
            sfa.ok("--me", "Boss", *shlex.split(line))
        BUILT["db"] = sfa.db.read_bytes()
    sfa.db.write_bytes(BUILT["db"])
    monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    monkeypatch.setenv("SFA_ME", "Boss")
    return sfa


def sheet(sfa: Sfa, *argv: str) -> dict[str, dict[str, Any]]:
    """name → row of the call sheet, amounts as whole numbers; "" → the total."""
    found = sfa.ok("forecast", "calls", "--json", *argv).json
    rows = {r["rep"] or "": r for r in [*found["rows"], found["total"]]}
    return {n: {k: int(float(v["amount"])) if isinstance(v, dict) else v for k, v in r.items()} for n, r in rows.items()}


# Who may --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("me", "line", "code", "words"),
    [
        ("Nora", "adjust Ben commit 90k", 0, "Noted adjustment FA-1 2026-Q4: commit of Ben 90,000 USD, gross 130,000 USD"),
        ("Nora", "adjust ben most-likely 90k", 0, "most likely of Ben"),
        ("Nora", "adjust U-3 best 90k", 0, "best case of Ben"),
        ("Boss", "adjust Nora commit 0", 0, "commit of Nora 0 USD, gross 130,000 USD"),
        ("Boss", "adjust Boss commit 1m", 0, "commit of Boss 1,000,000 USD, gross 142,000 USD"),
        ("Boss", "adjust Ben commit 90k", 4, "only Nora, to whom Ben reports, says this of Ben"),
        ("Ben", "adjust Ben commit 90k", 4, "only Nora"),
        ("Sam", "adjust Ben commit 90k", 4, "only Nora"),
        ("Newcomer", "adjust Ben commit 90k", 4, "only Nora"),
        ("Sam", "adjust Boss commit 90k", 4, "Boss reports to nobody, and Sam is no administrator"),
        ("Newcomer", "adjust Boss commit 90k", 4, "Boss reports to nobody, and Newcomer is no administrator"),
        ("Nora", "adjust Nobody commit 90k", 3, "no user matches 'Nobody'"),
        ("Nora", "adjust B commit 90k", 5, "'B' matches 3 users"),
        ("Nora", "adjust Ben closed 90k", 2, "Values: commit, most_likely, best_case"),
        ("Nora", "adjust Ben commit much", 2, "'much' is not an amount"),
        ("Nora", "adjust Ben commit 1e30", 2, "not an amount"),
        ("Nora", "adjust Ben commit €90k", 4, "there is no exchange rate of EUR to USD on 2026-11-23"),
        ("Nora", "adjust Ben commit none", 3, "there is nothing to withdraw"),
        ("Nora", "adjust Ben commit 90k --period 2026-Q5", 2, "2026 has Q1 to Q4"),
        ("Nora", "adjust Ben commit 90k --period all", 2, "a period with a beginning and an end"),
        ("Nora", "judge O-2 include", 0, "Noted judgment FJ-1 2026-Q4: Deal two in commit"),
        ("Boss", "judge O-2 include --column best_case", 0, "Deal two in best case"),
        ("Boss", "judge O-5 exclude", 0, "Of the boss not in commit"),
        ("Sam", "judge O-2 include", 4, "only Nora"),
        ("Bea", "judge O-2 include", 4, "only Nora"),
        ("Sam", "judge O-5 include", 4, "Sam is no administrator"),
        ("Nora", "judge O-4 exclude", 4, "this deal is closed"),
        ("Nora", "judge O-2 include --period 2027-Q1", 4, "not due in 2027-Q1"),
        ("Nora", "judge O-2 perhaps", 2, "Verdicts: include, exclude, none."),
        ("Nora", "judge O-99 include", 3, "no opportunity matches"),
        ("Nora", "judge O-2 none", 3, "there is nothing to withdraw"),
        ("Ben", "call --commit 120k --best 150k", 0, "FC-1 2026-Q4: Ben: commit 120,000 USD (roll-up 130,000 USD), best case 150,000 USD"),
        ("Nora", "call --rep Ben --commit 0", 0, "Ben: commit 0 USD"),
        ("Newcomer", "call --commit 5", 0, "Newcomer: commit 5 USD (roll-up 0 USD)"),
        ("Ben", "call", 2, "a call says an amount"),
        ("Ben", "call --commit=-5", 2, "an amount of 0 or more"),
        ("Ben", "call --commit 1 --period all", 2, "a period with a beginning and an end"),
        ("Ben", "call --commit none", 3, "there is nothing to withdraw"),
        ("Ben", "call --commit 5 --best €5", 4, "there is no exchange rate of EUR"),
    ],
)
def test_who_may_say_what(firm: Sfa, me: str, line: str, code: int, words: str) -> None:
    import shlex

    before = firm.ok("forecast", "calls", "--json").json
    done = firm("--me", me, "forecast", *shlex.split(line))
    assert done.code == code and words in done.err, done
    if code:
        assert done.out == "" and firm.ok("forecast", "calls", "--json").json == before
    else:
        kind = {"adjust": "FA", "judge": "FJ", "call": "FC"}[line.split()[0]]
        assert done.out == f"{kind}-1\n" and "sfa undo" in done.err


def test_hints_lead_on(firm: Sfa) -> None:
    import shlex

    refused = firm("forecast", "adjust", "Ben", "commit", "90k")
    hint = next(x for x in refused.err.splitlines() if x.startswith("Hint: "))
    words = shlex.split(hint.removeprefix("Hint: sfa ").removesuffix("…"))
    firm.ok(*words, "forecast", "adjust", "Ben", "commit", "90k")
    firm.ok("user", "edit", "Nora", "active=no")
    refused = firm("--me", "Sam", "forecast", "adjust", "Ben", "commit", "80k")
    assert (refused.code, "Nora, to whom Ben reports, is inactive, and Sam is no administrator" in refused.err) == (4, True)
    hint = next(x for x in refused.err.splitlines() if x.startswith("Hint: "))
    firm.ok(*shlex.split(hint.partition("sfa ")[2]))
    firm.ok("--me", "Sam", "forecast", "adjust", "Ben", "commit", "80k")
    assert sheet(firm)["Ben"]["commit_manager"] == 80_000, "in the name of the vacant post, where the manager's stood"
    assert firm("--me", "Nora", "forecast", "adjust", "Ben", "commit", "70k").code == 4


# What stands --------------------------------------------------------------------------------------------------------------------


def test_side_by_side(firm: Sfa) -> None:
    """Own Boss 12, Ben 30 won + 100 commit, Bea 50 best case, Nora 70 pipeline (all k)."""
    firm.ok("forecast", "call", "--rep", "Ben", "--commit", "120k", "--best", "150k", "--note", "Pier signs")
    firm.ok("forecast", "call", "--rep", "Sam", "--commit", "20k")
    firm.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "100k", "--note", "will slip")
    firm.ok("--me", "Nora", "forecast", "judge", "O-2", "include", "--note", "promised")
    firm.ok("forecast", "adjust", "Nora", "best_case", "170k")
    rows = sheet(firm)
    commit = {n: tuple(r[f"commit_{c}"] for c in ("rollup", "call", "manager", "adjusted")) for n, r in rows.items()}
    assert commit == {
        "Boss": (142_000, None, None, 12_000 + 150_000),
        "Nora": (130_000, None, None, 100_000 + 50_000),
        "Bea": (0, None, 50_000, 0),
        "Ben": (130_000, 120_000, 100_000, 130_000),
        "Sam": (0, 20_000, None, 0),
        "": (142_000, 140_000, None, 162_000),
    }
    best = {n: tuple(r[f"best_case_{c}"] for c in ("rollup", "call", "manager", "adjusted")) for n, r in rows.items()}
    assert best == {
        "Boss": (192_000, None, None, 12_000 + 170_000),
        "Nora": (180_000, None, 170_000, 180_000),
        "Bea": (50_000, None, None, 50_000),
        "Ben": (130_000, 150_000, None, 130_000),
        "Sam": (0, None, None, 0),
        "": (192_000, 150_000, None, 182_000),
    }
    assert rows["Ben"]["note"] == "Pier signs"
    whole = firm.ok("forecast", "--json").json
    assert whole["no_call"] == ["Boss", "Nora", "Bea"]
    assert whole["total"]["call"] == {
        "commit": {"amount": "140000.00", "currency": "USD"},
        "best_case": {"amount": "150000.00", "currency": "USD"},
    }
    assert whole["total"]["adjusted"]["commit"]["amount"] == "162000.00"
    boss = next(m for m in whole["managers"] if m["manager"] == "Boss")
    assert boss["adjusted"]["commit"]["amount"] == "162000.00" and boss["cumulative"]["commit"]["amount"] == "142000.00"
    text = firm.ok("forecast", "calls", "--format", "table").out
    for line in (
        "Ben, 2026-11-23: Pier signs",
        "Sam, 2026-11-23: no note",
        "Nora on Ben's commit, 2026-11-23: will slip",
        "Nora counts O-2 Deal two in commit: promised",
        "No call yet: Boss, Nora, Bea",
    ):
        assert line in text.splitlines()
    assert "*" not in text
    assert {d["ref"]: d["amount"]["amount"] for d in firm.ok("opp", "list", "--json").json} == {
        "O-1": "100000.00",
        "O-2": "50000.00",
        "O-3": "70000.00",
        "O-4": "30000.00",
        "O-5": "12000.00",
    }


def test_what_has_moved_since(firm: Sfa) -> None:
    firm.ok("forecast", "call", "--rep", "Ben", "--commit", "120k", "--best", "150k")
    firm.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "100k")
    firm.ok("opp", "edit", "O-1", "amount=80k")
    ben = sheet(firm)["Ben"]
    assert (ben["commit_call_moved"], ben["best_case_call_moved"], ben["commit_manager_moved"]) == (-20_000, -20_000, -20_000)
    text = firm.ok("forecast", "calls", "--format", "table").out
    assert "120,000*" in text and "100,000*" in text and "150,000*" in text
    assert "Ben, 2026-11-23: no note; commit roll-up -20,000 USD since; best roll-up -20,000 USD since" in text
    stale = "Stale: commit of Ben 100,000 USD; the gross has moved -20,000 USD since 2026-11-23"
    assert stale in text and stale in firm.ok("forecast", "--format", "table").out
    firm.ok("opp", "edit", "O-1", "amount=150k")
    assert "the gross has moved +50,000 USD since" in firm.ok("forecast", "--format", "table").out
    firm.ok("forecast", "call", "--rep", "Ben", "--best", "210k")
    ben = sheet(firm)["Ben"]
    assert (ben["commit_call"], ben["commit_call_moved"]) == (120_000, 50_000), "a call of best case alone leaves commit as it was said"
    assert (ben["best_case_call"], ben["best_case_call_moved"]) == (210_000, 0)


def test_replaced_and_withdrawn_and_taken_back(firm: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    def says(day: str, *argv: str) -> str:
        monkeypatch.setenv("SFA_TODAY", f"{day}T12:00:00Z")
        return firm.ok("--me", "Ben", "forecast", "call", *argv).out

    assert says("2026-11-03", "--commit", "110k", "--note", "first") == "FC-1\n"
    assert says("2026-11-10", "--commit", "120k", "--best", "140k") == "FC-1\n"
    assert says("2026-11-17", "--best", "none") == "FC-1\n"
    assert says("2026-11-20", "--commit", "-") == ""
    monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    stood = {d: sheet(firm, "--as-of", d).get("Ben", {}) for d in ("2026-11-02", "2026-11-03", "2026-11-12", "2026-11-18", "2026-11-20")}
    assert [(r.get("commit_call"), r.get("best_case_call"), r.get("note")) for r in stood.values()] == [
        (None, None, None),
        (110_000, None, "first"),
        (120_000, 140_000, None),
        (120_000, None, None),
        (None, None, None),
    ]
    then = next(r for r in firm.ok("forecast", "--as-of", "2026-11-12", "--json").json["rows"] if r["rep"] == "Ben")
    assert then["call"]["commit"]["amount"] == "120000.00" and then["call"]["made"] == "2026-11-10T12:00:00Z"
    told = {(r["what"], r["field"], r["before"], r["after"]) for r in firm.ok("history", "FC-1", "--json").json}
    assert told >= {
        ("created", "commit", None, "110,000 USD"),
        ("changed", "commit", "110,000 USD", "120,000 USD"),
        ("changed", "note", "first", None),
        ("changed", "best_case", "140,000 USD", None),
    }
    assert [what for what, *_ in told].count("deleted") == 1
    firm.ok("--me", "Ben", "undo", "--yes")
    assert sheet(firm)["Ben"]["commit_call"] == 120_000
    firm.ok("--me", "Ben", "redo", "--yes")
    assert sheet(firm)["Ben"]["commit_call"] is None
    firm.ok("--me", "Nora", "forecast", "judge", "O-2", "include")
    firm.ok("--me", "Nora", "forecast", "judge", "O-2", "exclude", "--column", "best_case")
    assert sheet(firm)["Bea"]["commit_manager"] == 50_000 and sheet(firm)["Bea"]["best_case_manager"] == 0
    firm.ok("--me", "Nora", "forecast", "judge", "O-2", "none")
    firm.ok("--me", "Nora", "forecast", "judge", "O-2", "none", "--column", "best_case")
    assert sheet(firm)["Bea"]["commit_manager"] is None and sheet(firm)["Bea"]["best_case_manager"] is None


def test_a_judged_deal_that_closes_or_moves_away_is_judged_no_more(firm: Sfa) -> None:
    firm.ok("--me", "Nora", "forecast", "judge", "O-2", "include")
    firm.ok("opp", "win", "O-2")
    assert (sheet(firm)["Bea"]["commit_rollup"], sheet(firm)["Bea"]["commit_manager"]) == (50_000, None)
    firm.ok("undo", "--yes")
    firm.ok("opp", "edit", "O-2", "close=2027-02-01")
    assert "Bea" not in sheet(firm)
    firm.ok("undo", "--yes")
    assert sheet(firm)["Bea"]["commit_manager"] == 50_000


# Currencies -----------------------------------------------------------------------------------------------------------------------


def test_a_call_in_another_currency_stands_in_the_companys(firm: Sfa) -> None:
    firm.ok("rate", "set", "EUR", "1.085", "--date", "2026-11-01")
    done = firm.ok("--me", "Ben", "forecast", "call", "--commit", "€100,000.01", "--best", "€0.02")
    assert "commit 108,500.01 USD" in done.err, "100,000.01 × 1.085 = 108,500.01085"
    assert "best case 0.02 USD" in done.err, "0.02 × 1.085 = 0.0217"
    done = firm.ok("--me", "Ben", "forecast", "call", "--commit", "120k", "--best", "€200k")
    assert "commit 120,000 USD" in done.err and "best case 217,000 USD" in done.err
    firm.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "EUR 200k")
    assert sheet(firm)["Ben"]["commit_manager"] == 217_000
    euros = firm.ok("forecast", "calls", "--currency", "EUR", "--json").json
    ben = next(r for r in euros["rows"] if r["rep"] == "Ben")
    assert ben["commit_manager"] == {"amount": "200000.00", "currency": "EUR"}
    assert ben["commit_rollup"] == {"amount": "119815.67", "currency": "EUR"}, "100,000 and 30,000 ÷ 1.085, each rounded"
    missing = firm("forecast", "calls", "--currency", "JPY")
    assert missing.code == 4 and "USD to JPY" in missing.err


@pytest.mark.parametrize(("currency", "said", "stored"), [("JPY", "1.2m", "1200000"), ("KWD", "1234.567", "1234.567")])
def test_currencies_with_other_decimals(sfa: Sfa, currency: str, said: str, stored: str) -> None:
    sfa.ok("config", "set", "currency", currency)
    sfa.ok("user", "add", "Ann")
    sfa.ok("opp", "add", "Deal", "amount=500", "close=2026-12-01", "owner=Ann", "category=commit")
    sfa.ok("forecast", "call", "--rep", "Ann", "--commit", said)
    row = sfa.ok("forecast", "calls", "--json").json["rows"][0]
    assert row["commit_call"] == {"amount": stored, "currency": currency}
    assert float(row["commit_rollup"]["amount"]) == 500
    assert stored[:3].replace("1", "1,", 1)[:3] in sfa.ok("forecast", "calls", "--format", "table").out


# People -----------------------------------------------------------------------------------------------------------------------------


def test_nothing_disappears_when_people_move_leave_or_a_team_is_dissolved(firm: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    """Said in November; in the new year Nora leaves, Ben and Bea report to Sam: the old quarter stays as it was said."""
    firm.ok("user", "add", "Idle", "manager=Nora")
    firm.ok("quota", "set", "Nora", "2026-Q4", "400k")
    firm.ok("quota", "set", "Ben", "2026-Q4", "200k")
    firm.ok("forecast", "call", "--rep", "Idle", "--commit", "5k", "--note", "no deals yet")
    firm.ok("forecast", "call", "--rep", "Nora", "--commit", "125k")
    firm.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "100k")
    firm.ok("--me", "Nora", "forecast", "judge", "O-2", "include")
    assert sheet(firm)["Idle"]["commit_call"] == 5_000
    monkeypatch.setenv("SFA_TODAY", "2027-01-04T12:00:00Z")
    before, quotas = sheet(firm, "--period", "2026-Q4"), firm.ok("forecast", "--period", "2026-Q4", "--json").json["managers"]
    for name in ("Ben", "Bea", "Idle"):
        firm.ok("user", "edit", name, "manager=Sam", "team=South", "--effective", "2027-01-02")
    firm.ok("user", "edit", "Nora", "active=no")
    assert sheet(firm, "--period", "2026-Q4") == before
    assert firm.ok("forecast", "--period", "2026-Q4", "--json").json["managers"] == quotas
    assert firm("user", "delete", "Nora", "--yes").code == 4


def test_a_former_managers_figure_counts_no_more_and_is_named(firm: Sfa) -> None:
    firm.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "100k")
    assert sheet(firm)["Boss"]["commit_adjusted"] == 112_000
    firm.ok("user", "edit", "Ben", "manager=Sam")
    rows = sheet(firm)
    assert rows["Ben"]["commit_manager"] is None and rows["Boss"]["commit_adjusted"] == 142_000
    note = "Not counted, as Ben no longer reports to Nora: commit of Ben 100,000 USD"
    for view in (("calls",), ("show",), ("calls", "--team", "Ben")):
        assert note in firm.ok("forecast", *view, "--format", "table").out
    firm.ok("--me", "Sam", "forecast", "adjust", "Ben", "commit", "90k")
    assert sheet(firm)["Ben"]["commit_manager"] == 90_000
    firm.ok("user", "edit", "Ben", "manager=Nora")
    assert sheet(firm)["Ben"]["commit_manager"] == 100_000, "each manager's own figure"


def test_a_team_alone_keeps_what_is_said_of_it(firm: Sfa) -> None:
    firm.ok("forecast", "adjust", "Nora", "commit", "111k")
    firm.ok("forecast", "judge", "O-1", "exclude", "--column", "best_case")
    whole, part = sheet(firm), sheet(firm, "--team", "North")
    for name in ("Nora", "Ben", "Bea"):
        assert {k: v for k, v in part[name].items() if k != "level"} == {k: v for k, v in whole[name].items() if k != "level"}
    assert (part[""]["commit_adjusted"], part[""]["best_case_adjusted"]) == (111_000, 80_000)
    text = firm.ok("forecast", "--team", "North", "--format", "table").out
    assert "no longer reports" not in text
    assert "Boss counts O-1 Deal one not in best case" in firm.ok("forecast", "calls", "--team", "North", "--format", "table").out


# Shapes -------------------------------------------------------------------------------------------------------------------------


def test_json_of_what_was_said(firm: Sfa) -> None:
    said = firm.ok("--me", "Ben", "forecast", "call", "--commit", "120k", "--note", "x", "--json").json
    assert {n: said[n] for n in ("ref", "owner", "note", "best_case", "made")} == {
        "ref": "FC-1",
        "owner": "Ben",
        "note": "x",
        "best_case": None,
        "made": "2026-11-23T12:00:00Z",
    }
    assert said["commit"] == {"amount": "120000.00", "currency": "USD"} and said["rollup_commit"]["amount"] == "130000.00"
    made = firm.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "100k", "--json").json
    assert (made["ref"], made["owner"], made["manager"], made["column"], made["gross"]["amount"]) == (
        "FA-1", "Ben", "Nora", "commit", "130000.00",
    )  # fmt: skip
    judged = firm.ok("--me", "Nora", "forecast", "judge", "O-2", "include", "--json").json
    assert (judged["ref"], judged["opportunity_ref"], judged["manager"], judged["included"]) == ("FJ-1", "O-2", "Nora", True)
    found = firm.ok("forecast", "calls", "--json").json
    assert {*found} == {"rows", "total", "period", "as_of", "currency", "rates", "no_call", "judgments"}
    columns = {f"{c}_{p}" for c in ("commit", "most_likely", "best_case") for p in ("rollup", "call", "manager", "adjusted")}
    assert {*found["rows"][0]} >= columns | {"rep", "rep_ref", "level", "made", "note"}
    assert found["judgments"] == [{"ref": "O-2", "deal": "Deal two", "manager": "Nora", "column": "commit", "included": True, "note": None}]
    heads = firm.ok("forecast", "calls").out.splitlines()[0].split("\t")
    assert columns <= {*heads}


def test_withdrawing_tells_programs_nothing(firm: Sfa) -> None:
    firm.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "100k")
    done = firm.ok("--me", "Nora", "forecast", "adjust", "Ben", "commit", "withdraw")
    assert (done.out, "Withdrew the adjustment" in done.err) == ("", True)


def test_long_names_and_notes_stay_readable_at_80_columns(firm: Sfa, monkeypatch: pytest.MonkeyPatch) -> None:
    import re
    import sys

    firm.ok("user", "edit", "Ben", "name=Benjamin Archibald Featherstonehaugh-Cholmondeley of Ravensthorpe")
    firm.ok("forecast", "call", "--rep", "Benjamin", "--commit", "1,234,567", "--best", "2m", "--note", "and so " * 40)
    firm.ok("--me", "Nora", "forecast", "adjust", "Benjamin", "commit", "999,999")
    firm.ok("opp", "edit", "O-1", "amount=180k")
    monkeypatch.setattr(type(sys.stdout), "isatty", lambda stream: True, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    lines = re.sub("\x1b\\[[0-9;]*m", "", firm.ok("forecast", "calls").out).split("\n")
    assert max(map(len, lines)) <= 80
    row = next(line for line in lines if "Benjamin" in line)
    assert "1.23m*" in row and "2m*" in row and "…" in row
    assert sum("and so" in line for line in lines) >= 3, "the note goes on below"
