"""`sfa demo`: the company of examples/company in a database, its figures against the files, and what it does not overwrite."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest

COMPANY = Path(__file__).parent.parent / "examples" / "company"
ANCHOR = "2026-11-20T12:00:00Z"


def rows(name: str) -> list[dict[str, str]]:
    with (COMPANY / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture
def demo(sfa: Any) -> Any:
    sfa.monkeypatch.setenv("SFA_TODAY", ANCHOR)
    sfa.tour = sfa.ok("demo", "demo.db")
    sfa.monkeypatch.setenv("SFA_DB", str(sfa.folder / "demo.db"))
    return sfa


def test_every_record_arrives_and_the_file_is_sound(demo: Any) -> None:
    for kind, name in (("user", "users"), ("account", "accounts"), ("contact", "contacts"), ("lead", "leads"), ("activity", "activities")):
        assert len(demo.ok(kind, "list", "--json").json) == len(rows(name)), kind
    deals = rows("opportunities")
    assert Counter(d["stage"] for d in demo.ok("opp", "list", "--json").json) == Counter(d["stage"] for d in deals)
    assert demo.ok("db", "check").out.endswith(": ok\n")


def test_the_tour_shows_board_forecast_and_win_loss(demo: Any) -> None:
    shown = [line for line in demo.tour.out.splitlines() if line.startswith("$ ")]
    assert shown == ["$ sfa opp board --limit 3", "$ sfa forecast", "$ sfa report winloss --by competitor"]
    for text in ("Negotiation: 37 deals", "Forecast 2026-Q4", "Helen Ashworth", "Attainment", "Vantora Sensors AG", "32.7 %"):
        assert text in demo.tour.out, text


def test_closed_and_attainment_of_a_quarter(demo: Any) -> None:
    """Won deals of 2026-Q3, each at the rate of its own day; attainment at that of 1 July."""
    rates = sorted((r["date"], Decimal(r["rate"])) for r in rows("rates"))

    def usd(deal: dict[str, str], day: str) -> Decimal:
        rate = Decimal(1) if deal["currency"] == "USD" else [r for d, r in rates if d <= day][-1]
        return (Decimal(deal["amount"]) * rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN)

    won = [d for d in rows("opportunities") if d["stage"] == "Won" and "2026-07-01" <= d["closed"] < "2026-10-01"]
    made = demo.ok("forecast", "--period", "2026-Q3", "--json").json
    assert Decimal(made["total"]["closed"]["amount"]) == sum(usd(d, d["closed"]) for d in won)
    quotas = {q["owner"]: Decimal(q["amount"]) for q in rows("quotas") if q["period"] == "2026-Q3"}
    wanted = {who: sum((usd(d, "2026-07-01") for d in won if d["owner"] == who), Decimal(0)) / quota for who, quota in quotas.items()}
    found = {r["rep"]: r["attainment"] for r in made["rows"] if r["attainment"] is not None}
    assert found.keys() == wanted.keys()
    assert all(abs(found[who] - float(wanted[who])) < 1e-6 for who in wanted)


def test_calls_stand_as_of_when_they_were_made(demo: Any) -> None:
    """What the program finds the deals to have added up to at the moment of each call is what the generator wrote beside it."""
    said = rows("forecast_calls")
    for made in ("2025-01-13T13:30:00Z", "2026-07-13T12:00:00Z", "2026-10-26T13:30:00Z", "2026-11-16T13:30:00Z"):
        known = {c["owner"]: c for c in said if c["made"] <= made and c["period"] == next(x["period"] for x in said if x["made"] == made)}
        period = next(iter(known.values()))["period"]
        for row in demo.ok("forecast", "calls", "--period", period, "--as-of", made, "--json").json["rows"]:
            call = known.get(row["rep"])
            assert (row["commit_call"] or {}).get("amount") == (call and call["commit"]), (made, row)
            if call and call["made"] == made:
                assert Decimal(row["commit_rollup"]["amount"]) == Decimal(call["rollup_commit"]), (made, row)
                assert Decimal(row["best_case_rollup"]["amount"]) == Decimal(call["rollup_best_case"]), (made, row)
                assert not Decimal(row["commit_call_moved"]["amount"]), (made, row)
    sheet = demo.ok("forecast", "calls", "--json").json
    assert sheet["no_call"] == ["Oliver Hartley", "Renée Tremblay"] and len(sheet["judgments"]) == 1
    assert {r["rep"] for r in sheet["rows"] if r["commit_manager"]} == {"Jürgen Müller", "Dana Whitfield"}


def test_accuracy_of_calls_against_the_files(demo: Any) -> None:
    """Bias of a rep's calls of eight quarters: sum of errors by sum of what was closed, at the rates of the closed days."""
    rates = sorted((r["date"], Decimal(r["rate"])) for r in rows("rates"))
    who, forecast, actual = "Claire Lefèvre", Decimal(0), Decimal(0)
    for call in (c for c in rows("forecast_calls") if c["owner"] == who and c["period"] != "2026-Q4"):
        forecast += Decimal(call["commit"])
    for deal in (
        d for d in rows("opportunities") if d["owner"] == who and d["stage"] == "Won" and "2024-10-01" <= d["closed"] < "2026-10-01"
    ):
        rate = [r for d, r in rates if d <= deal["closed"]][-1]
        actual += (Decimal(deal["amount"]) * rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    (row,) = [r for r in demo.ok("forecast", "accuracy", "--json").json["rows"] if r["rep"] == who]
    assert Decimal(row["actual"]["amount"]) == actual
    assert abs(row["call_bias_rate"] - float((forecast - actual) / actual)) < 1e-6


def test_what_was_said_can_be_imported_as_any_file(demo: Any) -> None:
    for kind, name in (("forecast-adjustment", "forecast_adjustments"), ("forecast-judgment", "forecast_judgments")):
        done = demo.ok("import", kind, str(COMPANY / f"{name}.csv"), "--json").json
        assert done["unchanged"] == done["read"] == len(rows(name)), done
    last = {c["owner"]: c for c in rows("forecast_calls") if c["period"] == "2026-Q4"}
    with (demo.folder / "calls.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(next(iter(last.values()))))
        writer.writeheader()
        writer.writerows(last.values())
    assert demo.ok("import", "forecast-call", "calls.csv", "--json").json["unchanged"] == len(last) == 14


def test_the_past_is_there(demo: Any) -> None:
    """The open deals of a past evening, from the rows of their history."""
    day, state = "2025-06-30", {}
    for row in rows("opportunity_history"):
        if row["changed"][:10] <= day:
            state[row["opportunity"]] = row["stage"]
    wanted = Counter(s for s in state.values() if s not in ("Won", "Lost"))
    deals = demo.ok("opp", "list", "is:open", "--as-of", day, "--json").json
    assert Counter(d["stage"] for d in deals) == wanted and wanted.total() > 50


def test_it_stands_at_today(sfa: Any) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", "2027-03-02T12:00:00Z")
    sfa.ok("demo", "demo.db")
    sfa.monkeypatch.setenv("SFA_DB", str(sfa.folder / "demo.db"))
    moved = {d["external_id"]: d["close"] for d in sfa.ok("opp", "list", "is:open", "--json").json}
    from datetime import date

    shift = date(2027, 3, 2) - date(2026, 11, 20)
    assert moved == {
        d["external_id"]: (date.fromisoformat(d["close"]) + shift).isoformat() if d["close"] else None
        for d in rows("opportunities")
        if d["stage"] not in ("Won", "Lost")
    }
    assert sfa.ok("forecast", "--json").json["total"]["attainment"] is not None
    sheet = sfa.ok("forecast", "calls", "--json").json
    assert sheet["no_call"] == ["Oliver Hartley", "Renée Tremblay"]
    made = {r["rep"]: r["made"] for r in sheet["rows"]}
    assert made["Claire Lefèvre"] == "2027-02-05T12:00:00Z"  # 25 days ago, as on 20 November
    (claire,) = [r for r in sfa.ok("forecast", "accuracy", "--json").json["rows"] if r["rep"] == "Claire Lefèvre"]
    assert claire["call_periods"] == 8


def test_it_replaces_an_earlier_demo_and_nothing_else(sfa: Any) -> None:
    sfa.ok("account", "add", "Mine")
    refused = sfa("demo", str(sfa.db))
    assert refused.code == 4 and "not an earlier demo" in refused.err
    assert [a["name"] for a in sfa.ok("account", "list", "--json").json] == ["Mine"]
    (sfa.folder / "notes.db").write_text("not a database")
    assert sfa("demo", "notes.db").code == 4 and (sfa.folder / "notes.db").read_text() == "not a database"
    sfa.ok("demo", "demo.db")
    sfa.ok("demo", "demo.db")
