"""Quotas and exchange rates as people set them."""

from __future__ import annotations

import csv
from decimal import Decimal
from typing import Any

import pytest

Sfa = Any


@pytest.fixture
def people(sfa: Sfa) -> Sfa:
    for name in ("Ann", "Ben"):
        sfa.ok("user", "add", name)
    return sfa


def test_set_lists_and_changes(people: Sfa) -> None:
    added = people.ok("quota", "set", "Ann", "2026-Q4", "400k")
    assert added.out == "QT-1\n"
    assert "Added QT-1 2026-Q4: owner Ann, amount 400,000 USD" in added.err
    assert "sfa undo" in added.err
    changed = people.ok("quota", "set", "ann", "2026-Q4", "€ 350.000,00")
    assert changed.out == "QT-1\n"
    assert "Changed QT-1 2026-Q4: currency USD → EUR, amount 400,000 USD → 350,000 EUR" in changed.err
    people.ok("quota", "set", "Ben", "2026", "1.2m", "--json")
    rows = people.ok("quota", "list", "--json").json
    assert [(r["ref"], r["owner"], r["period"]["name"], r["amount"]) for r in rows] == [
        ("QT-2", "Ben", "2026", {"amount": "1200000.00", "currency": "USD"}),
        ("QT-1", "Ann", "2026-Q4", {"amount": "350000.00", "currency": "EUR"}),
    ]
    assert [r["ref"] for r in people.ok("quota", "list", "owner:Ann", "--json").json] == ["QT-1"]
    assert [r["ref"] for r in people.ok("quota", "list", "period:2026-Q4", "--json").json] == ["QT-1"]


def test_an_amount_without_currency_is_the_companys_again(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "300 EUR")
    people.ok("quota", "set", "Ann", "2026-Q4", "300")
    assert people.ok("quota", "list", "--json").json[0]["amount"] == {"amount": "300.00", "currency": "USD"}


def test_the_same_quota_again_changes_nothing(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "400k")
    again = people.ok("quota", "set", "Ann", "2026-10-01..2026-12-31", "400,000.00")
    assert "Nothing to change" in again.err
    assert again.out == ""


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("Nobody", "2026-Q4", "1"), 3),
        (("Ann", "someday", "1"), 2),
        (("Ann", "2026-Q4", "much"), 2),
        (("Ann", "2026-Q4", "(5)"), 2),
        (("Ann", "2026-Q4", ""), 2),
        (("Ann", "2026-Q4", "1e20"), 2),
        (("", "2026-Q4", "1"), 2),
        (("Ann", "2026-Q4"), 2),
    ],
)
def test_what_is_no_quota_is_refused(people: Sfa, argv: tuple[str, ...], code: int) -> None:
    assert people("quota", "set", *argv).code == code
    assert people.ok("quota", "list", "--json").json == []


def test_a_quota_of_zero_has_no_attainment(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "0")
    people.ok("opp", "add", "A", "--owner", "Ann", "--amount", "5", "stage=won")
    row = people.ok("forecast", "--json").json["rows"][0]
    assert row["quota"] == {"amount": "0.00", "currency": "USD"}
    assert (row["attainment"], row["gap"], row["coverage"]) == (None, {"amount": "-5.00", "currency": "USD"}, None)


def test_delete(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "400k")
    assert people("quota", "delete", "QT-1").code == 1
    people.ok("quota", "delete", "QT-1", "--yes")
    assert people.ok("quota", "list", "--json").json == []


def test_rates(sfa: Sfa) -> None:
    assert "Added RT-1 EUR: base USD, date 2026-11-23, rate 1.0842" in sfa.ok("rate", "set", "eur", "1.0842").err
    assert "Changed RT-1 EUR: rate 1.0842 → 1.09" in sfa.ok("rate", "set", "EUR", "1.09", "--date", "today").err
    assert "Nothing to change" in sfa.ok("rate", "set", "EUR", "1.09").err
    sfa.ok("rate", "set", "USD", "151.3", "--base", "JPY", "--date", "2026-10-01")
    rows = sfa.ok("rate", "list", "--json").json
    assert [(r["currency"], r["base"], r["date"], r["rate"]) for r in rows] == [
        ("USD", "JPY", "2026-10-01", "151.3"),
        ("EUR", "USD", "2026-11-23", "1.09"),
    ]
    sfa.ok("rate", "delete", "RT-1", "--yes")
    assert len(sfa.ok("rate", "list", "--json").json) == 1


@pytest.mark.parametrize(
    "argv",
    [("USD", "1"), ("EUR", "0"), ("EUR", "-1"), ("EUR", "dear"), ("XYZ", "1"), ("EUR", "1", "--base", "EUR"), ("EUR", "1", "--date", "x")],
)
def test_what_is_no_rate_is_refused(sfa: Sfa, argv: tuple[str, ...]) -> None:
    assert sfa("rate", "set", *argv).code == 2
    assert sfa("rate", "list").code in (0, 6)


# Own and team, counts, families, measures -------------------------------------------------------------------------------------------


def test_own_and_team(people: Sfa) -> None:
    people.ok("user", "edit", "Ben", "manager=Ann")
    assert "amount 900 USD (for the team)" in people.ok("quota", "set", "Ann", "2026-Q4", "900").err
    assert "amount 200 USD (for own deals)" in people.ok("quota", "set", "Ann", "2026-Q4", "200", "--own").err
    assert "amount 900 USD → 950 USD (for the team)" in people.ok("quota", "set", "Ann", "2026-Q4", "950").err
    plain = people.ok("quota", "set", "Ben", "2026-Q4", "300").err
    assert "amount 300 USD  (take back" in plain
    assert "(for the team)" in people.ok("quota", "set", "Ben", "2026-Q4", "700", "--team").err
    rows = people.ok("quota", "list", "--sort", "owner,covers", "--json").json
    assert [(r["owner"], r["covers"], r["amount"]["amount"]) for r in rows] == [
        ("Ann", "own", "200.00"),
        ("Ann", "team", "950.00"),
        ("Ben", "own", "300.00"),
        ("Ben", "team", "700.00"),
    ]


def test_counts_families_and_measures_are_quotas_of_their_own(people: Sfa) -> None:
    people.ok("product", "add", "Flow Meter", "--family", "Sensors")
    people.ok("config", "field", "add", "opp", "arr", "money")
    people.ok("quota", "set", "Ann", "2026-Q4", "400k")
    assert "owner Ann, count 12" in people.ok("quota", "set", "Ann", "2026-Q4", "12", "--count").err
    assert "product family Sensors" in people.ok("quota", "set", "Ann", "2026-Q4", "50k", "--family", "sensors").err
    assert "measure arr" in people.ok("quota", "set", "Ann", "2026-Q4", "90k", "--measure", "arr").err
    assert "count 12 → 13" in people.ok("quota", "set", "Ann", "2026-Q4", "13", "--count").err
    rows = people.ok("quota", "list", "--json").json
    assert sorted((r["measure"], r["family"] or "", r["count"], (r["amount"] or {}).get("amount")) for r in rows) == [
        ("arr", "", None, "90000.00"),
        ("count", "", 13, None),
        ("revenue", "", None, "400000.00"),
        ("revenue", "Sensors", None, "50000.00"),
    ]


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (("1.5", "--count"), "whole number of 0 or more"),
        (("-5", "--count"), ""),
        (("5", "--measure", "margin"), "Measures: revenue, count"),
        (("5", "--family", "Valves"), "Families: Sensors"),
        (("5", "--count", "--measure", "revenue"), "exclude each other"),
        (("5", "--ramp", "1,2,3"), "needs 3 (months)"),
        (("5", "--ramp", "x,1,1"), "made of weights"),
    ],
)
def test_what_a_quota_cannot_be_is_said(people: Sfa, argv: tuple[str, ...], says: str) -> None:
    people.ok("product", "add", "Flow Meter", "--family", "Sensors")
    period = "2026" if "1,2,3" in argv else "2026-Q4"
    failed = people("quota", "set", "Ann", period, *argv)
    assert failed.code == 2
    assert says.replace("3 (months)", "4 (quarters) or 12 (months)") in failed.err
    assert people.ok("quota", "list", "--json").json == []


def test_a_listing_leaves_out_what_is_usual(people: Sfa) -> None:
    people.ok("quota", "set", "Ann", "2026-Q4", "400k")
    head = people.ok("quota", "list", "--format", "table").out.splitlines()[0].split()
    assert head == ["ref", "owner", "period", "amount"]
    people.ok("quota", "set", "Ben", "2026-Q4", "12", "--count", "--team")
    head = people.ok("quota", "list", "--format", "table").out.splitlines()[0].split()
    assert head == ["ref", "owner", "period", "covers", "measure", "amount", "count"]
    asked = people.ok("quota", "list", "--format", "table", "--columns", "ref,measure", "owner:Ann").out
    assert asked.split()[:2] == ["ref", "measure"]


# Ramps ------------------------------------------------------------------------------------------------------------------------------


def test_a_ramp_sets_the_parts(people: Sfa) -> None:
    tried = people.ok("quota", "set", "Ann", "2027", "1,000,000.01", "--ramp", "50%,75%,100%,100%", "--dry-run")
    assert "Would set 4 quotas of Ann: 2027-Q1 153,846.16 USD, 2027-Q2 230,769.23 USD" in tried.err
    assert people.ok("quota", "list", "--json").json == []
    done = people.ok("quota", "set", "Ann", "2027", "1,000,000.01", "--ramp", "50%,75%,100%,100%")
    assert done.err.count("\n") == 1 and "Set 4 quotas of Ann" in done.err and "sfa undo" in done.err
    rows = people.ok("quota", "list", "--json").json
    exact = [Decimal("1000000.01") * w / 325 for w in (50, 75, 100, 100)]
    found = [Decimal(r["amount"]["amount"]) for r in rows]
    assert [r["period"]["name"] for r in rows] == ["2027-Q1", "2027-Q2", "2027-Q3", "2027-Q4"]
    assert sum(found) == Decimal("1000000.01") and all(abs(f - e) < Decimal("0.01") for f, e in zip(found, exact, strict=True))
    assert "Nothing to change" in people.ok("quota", "set", "Ann", "2027", "1,000,000.01", "--ramp", "2,3,4,4").err
    people.ok("undo")
    assert people.ok("quota", "list", "--json").json == []
    people.ok("quota", "set", "Ann", "2027", "5")
    warned = people.ok("quota", "set", "Ann", "2027", "8", "--ramp", "1,1,1,1").err
    assert "Warning: 2027 keeps a quota of its own, QT-5 of 5 USD" in warned
    assert "Warning" not in people.ok("quota", "set", "Ann", "2027", "5", "--ramp", "1,1,1,2").err
    for ref in ("QT-5", "QT-6", "QT-7", "QT-8", "QT-9"):
        people.ok("quota", "delete", ref, "--yes")
    people.ok("quota", "set", "Ben", "2027-Q1", "10", "--count", "--ramp", "1,1,1")
    assert [r["count"] for r in people.ok("quota", "list", "--json").json] == [4, 3, 3]


# Copies -----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def year(people: Sfa) -> Sfa:
    people.ok("user", "add", "Old")
    people.ok("quota", "set", "Ann", "2026", "1000.50")
    people.ok("quota", "set", "Ann", "2026-Q1", "333.25")
    people.ok("quota", "set", "Ben", "2026-02", "100 EUR")
    people.ok("quota", "set", "Ben", "2026-Q4", "13", "--count")
    people.ok("quota", "set", "Old", "2026-Q4", "77")
    people.ok("quota", "set", "Ann", "2025-Q4", "1")
    people.ok("user", "edit", "Old", "active=no")
    return people


def figures(sfa: Sfa, period: str) -> list[tuple[Any, ...]]:
    rows = sfa.ok("quota", "list", "--sort", "owner,period", "--json").json
    names = [
        (r["owner"], r["period"]["name"], (r["amount"] or {}).get("amount"), (r["amount"] or {}).get("currency"), r["count"]) for r in rows
    ]
    return [n for n in names if n[1].startswith(period)]


def test_a_copy_with_growth(year: Sfa) -> None:
    before = year.ok("quota", "list", "--json").out
    tried = year.ok("quota", "copy", "2026", "2027", "--growth", "8%", "--dry-run", "--json")
    assert [(r["owner"], r["to"], r["what"]) for r in tried.json][-1] == ("Old", None, "not active")
    assert "Would copy 4 quotas of 2026 to 2027, grown by 8% and rounded to whole units: 4 new. Nothing was written." in tried.err
    assert year.ok("quota", "list", "--json").out == before
    done = year.ok("quota", "copy", "2026", "2027", "--growth", "8%")
    assert "Copied 4 quotas" in done.err and "left out, not active: 1 of Old" in done.err
    wanted = [
        ("Ann", "2027-Q1", str(round(Decimal("333.25") * 108 / 100)) + ".00", "USD", None),
        ("Ann", "2027", str(round(Decimal("1000.50") * 108 / 100)) + ".00", "USD", None),
        ("Ben", "2027-02", "108.00", "EUR", None),
        ("Ben", "2027-Q4", None, None, round(Decimal(13) * 108 / 100)),
    ]
    assert figures(year, "2027") == wanted
    assert "4 unchanged. Nothing was changed." in year.ok("quota", "copy", "2026", "2027", "--growth", "8").err
    year.ok("undo")
    assert year.ok("quota", "list", "--json").out == before


def test_a_copy_without_growth_keeps_every_cent_and_comes_back(year: Sfa) -> None:
    year.ok("quota", "copy", "2026", "2027")
    first = figures(year, "2026")
    assert [(n[0], n[1].replace("2027", "2026"), *n[2:]) for n in figures(year, "2027")] == [n for n in first if n[0] != "Old"]
    assert "4 unchanged" in year.ok("quota", "copy", "2027", "2026").err
    assert figures(year, "2026") == first


def test_quotas_that_are_there_stop_a_copy(year: Sfa) -> None:
    year.ok("quota", "set", "Ann", "2027", "5")
    year.ok("quota", "set", "Ben", "2027-Q4", "13", "--count")
    stopped = year("quota", "copy", "2026", "2027", "--growth", "-50%")
    assert stopped.code == 5
    assert "2 quotas are there with other figures:\n  Ann 2027: 5 USD → 500 USD\n  Ben 2027-Q4: 13 deals → 6 deals" in stopped.err
    assert len(figures(year, "2027")) == 2
    skipped = year.ok("quota", "copy", "2026", "2027", "--growth", "-50%", "--on-duplicate", "skip")
    assert "2 new, 2 skipped" in skipped.err
    assert ("Ann", "2027", "5.00", "USD", None) in figures(year, "2027")
    updated = year.ok("quota", "copy", "2026", "2027", "--growth", "-50%", "--on-duplicate", "update")
    assert "2 changed, 2 unchanged" in updated.err
    assert ("Ann", "2027", "500.00", "USD", None) in figures(year, "2027")


def test_a_copy_of_some(year: Sfa) -> None:
    year.ok("user", "edit", "Ben", "team=North")
    assert "1 quota of 2026-Q1 to 2026-Q2" in year.ok("quota", "copy", "2026-Q1", "2026-Q2", "--rep", "Ann").err
    assert "2 quotas of 2026 to 2027" in year.ok("quota", "copy", "2026", "2027", "--team", "north").err
    assert {n[0] for n in figures(year, "2027")} == {"Ben"}
    assert "3 quotas of 2026 to 2028" in year.ok("quota", "copy", "2026", "2028", "--rep", "Ann", "--dry-run").err
    assert "0 quotas of 2024 to 2025: nothing to copy. Nothing was changed." in year.ok("quota", "copy", "2024", "2025").err


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("2026", "2027-Q1"), 2),
        (("2026", "2026"), 2),
        (("2026-W05", "2026-W06"), 2),
        (("2026", "2027", "--growth", "lots"), 2),
        (("2026", "2027", "--on-duplicate", "merge"), 2),
        (("2026", "2027", "--rep", "Nobody"), 3),
        (("2026", "2027", "--team", "Nowhere"), 3),
        (("2026", "2027", "--team", "Ann", "--rep", "Ann"), 2),
    ],
)
def test_what_cannot_be_copied(year: Sfa, argv: tuple[str, ...], code: int) -> None:
    assert year("quota", "copy", *argv).code == code
    assert figures(year, "2027") == []


# Files ------------------------------------------------------------------------------------------------------------------------------

WIDE = """Rep,Region,Q1 2026,2026-Q2,Q3'26,Q4 2026,Total
Ann,North,"$100,000.00",1.2m,-,0,"1,300,000"
Ben,South,NULL,n/a,,50k,50000
Ben,South,,–,,,
"""


def test_a_wide_table(people: Sfa) -> None:
    (people.folder / "wide.csv").write_text(WIDE, encoding="utf-8")
    trial = people.ok("import", "quota", "wide.csv", "--dry-run")
    assert "  2026-Q2 → amount of 2026-Q2 '1.2m'" in trial.err and "Total: taken for a total of other columns, left out" in trial.err
    assert "3 rows of wide.csv with 4 quotas: 4 new. Nothing was written." in trial.err
    assert people.ok("quota", "list", "--json").json == []
    done = people.ok("import", "quota", "wide.csv", "--json").json
    assert {k: done[k] for k in ("read", "quotas", "new", "rejected", "notes")} == {
        "read": 3,
        "quotas": 4,
        "new": 4,
        "rejected": 0,
        "notes": ["rows without any quota: 1"],
    }
    assert done["left_out"] == [{"column": "Region", "cells": 3}, {"column": "Total", "cells": 2}]
    assert figures(people, "2026") == [
        ("Ann", "2026-Q1", "100000.00", "USD", None),
        ("Ann", "2026-Q2", "1200000.00", "USD", None),
        ("Ann", "2026-Q4", "0.00", "USD", None),
        ("Ben", "2026-Q4", "50000.00", "USD", None),
    ]
    again = people.ok("import", "quota", "wide.csv", "--json").json
    assert (again["unchanged"], again["new"], again["operation"]) == (4, 0, None)


def test_a_bad_cell_rejects_its_row(people: Sfa) -> None:
    rows = ["Rep,Jan 2026,Feb 2026,Mar 2026", "Ann,1,2,3", "Ben,4,x,6", "Cee,1,2,3", "Ben,4,5,(6)", ",7,8,9"]
    (people.folder / "in.csv").write_text("\n".join(rows))
    refused = people("import", "quota", "in.csv")
    assert refused.code == 4 and "4 rows cannot be loaded, so none was" in refused.err
    assert "line 3: Feb 2026: 'x' is not an amount" in refused.err and "line 4: no user is called 'Cee'" in refused.err
    assert "line 5: Mar 2026: a quota is an amount of 0 or more" in refused.err
    done = people("import", "quota", "in.csv", "--rejects", "bad.csv", "--json")
    assert (done.code, done.json["read"], done.json["new"], done.json["rejected"]) == (7, 5, 3, 4)
    assert {n[0] for n in figures(people, "2026")} == {"Ann"}
    with open(people.folder / "bad.csv", encoding="utf-8", newline="") as stream:
        bad = list(csv.reader(stream))
    assert [r[:5] for r in bad[1:]] == [
        ["Ben", "4", "x", "6", "3"],
        ["Cee", "1", "2", "3", "4"],
        ["Ben", "4", "5", "(6)", "5"],
        ["", "7", "8", "9", "6"],
    ]
    assert "a new quota needs owner" in bad[4][5]
    people.ok("user", "add", "Cee")
    text = (people.folder / "bad.csv").read_text()
    (people.folder / "bad.csv").write_text(
        text.replace("Ben,4,x,6", "Ben,4,5,6").replace("(6)", "6").replace("\n,7,", "\nAnn,1,").replace("1,8,9", "1,2,3")
    )
    mended = people.ok("import", "quota", "bad.csv", "--json").json
    assert (mended["read"], mended["quotas"], mended["new"], mended["unchanged"]) == (4, 12, 6, 6)


def test_years_of_bare_headers(people: Sfa) -> None:
    people.ok("config", "set", "fiscal_month", "4")
    (people.folder / "y.csv").write_text("Rep,Year,Jan,Q1,FY\nAnn,2026,1,6,7\nBen,FY27,2,6,7\n")
    assert people("import", "quota", "y.csv").code == 0
    assert [n[:3] for n in figures(people, "")] == [("Ann", "2026-01", "1.00"), ("Ben", "2027-01", "2.00")]
    (people.folder / "bare.csv").write_text("Rep,Q1\nAnn,5\n")
    refused = people("import", "quota", "bare.csv")
    assert refused.code == 2 and "'Q1' says no year" in refused.err and '[set] period = "2026"' in refused.err
    (people.folder / "m.toml").write_text('[set]\nperiod = "FY27"\n')
    people.ok("import", "quota", "bare.csv", "--map", "m.toml")
    assert ("Ann", "2026-Q2", "5.00", "USD", None) in figures(people, "2026")
    (people.folder / "two.csv").write_text("Rep,Year,Q1 2026\nAnn,2025,5\n")
    assert "2026-Q1 is not within 2025" in people("import", "quota", "two.csv").err


def test_counts_families_and_own_quotas_in_files(people: Sfa) -> None:
    people.ok("product", "add", "Flow Meter", "--family", "Sensors")
    people.ok("user", "edit", "Ben", "manager=Ann")
    rows = [
        "Rep,Measure,Family,Covers,2026-Q1",
        "Ann,count,,,12",
        "Ann,,sensors,own,4.50",
        "Ann,,,,9",
        "Ben,count,,,1.5",
        "Ben,,pumps,,1",
        "Ben,margin,,,1",
    ]
    (people.folder / "in.csv").write_text("\n".join(rows))
    done = people("import", "quota", "in.csv", "--rejects", "bad.csv")
    assert done.code == 7 and "6 rows of in.csv with 3 quotas: 3 new, 3 rows rejected" in done.err
    bad = (people.folder / "bad.csv").read_text()
    assert "2026-Q1: a quota of deals is a whole number" in bad
    assert "product family: no product is of the family 'pumps'" in bad and "measure: there is no measure 'margin'" in bad
    found = people.ok("quota", "list", "--json").json
    assert [(r["covers"], r["measure"], r["family"], r["count"], (r["amount"] or {}).get("amount")) for r in found] == [
        ("team", "count", None, 12, None),
        ("own", "revenue", "Sensors", None, "4.50"),
        ("team", "revenue", None, None, "9.00"),
    ]


def test_a_longer_period_counts_only_if_the_map_says_so(people: Sfa) -> None:
    (people.folder / "in.csv").write_text("Rep,2026,Q1 2026\nAnn,400,100\n")
    people.ok("import", "quota", "in.csv")
    assert [n[1] for n in figures(people, "2026")] == ["2026-Q1"]
    (people.folder / "m.toml").write_text('[columns]\n2026 = "amount"\n')
    assert "1 new, 1 unchanged" in people.ok("import", "quota", "in.csv", "--map", "m.toml").err
    assert [n[1:3] for n in figures(people, "2026")] == [("2026-Q1", "100.00"), ("2026", "400.00")]


def test_a_long_table_and_its_export(people: Sfa) -> None:
    (people.folder / "in.csv").write_text("Rep,Quarter,Quota,Deals\nAnn,2026-Q4,400k,12\nBen,Q4 2026,-,\nBen,2026-Q3,0,\n")
    done = people.ok("import", "quota", "in.csv").err
    assert "3 rows of in.csv with 3 quotas: 3 new" in done and "rows without any quota: 1" in done
    assert figures(people, "2026") == [
        ("Ann", "2026-Q4", "400000.00", "USD", None),
        ("Ann", "2026-Q4", None, None, 12),
        ("Ben", "2026-Q3", "0.00", "USD", None),
    ]
    (people.folder / "out.csv").write_text(people.ok("export", "quota").out)
    assert people.ok("import", "quota", "out.csv", "--json").json["unchanged"] == 3
    (people.folder / "in.csv").write_text("Rep,Quarter,Quota\nAnn,2026-Q4,500k\n")
    stopped = people("import", "quota", "in.csv")
    assert stopped.code == 5 and "1 quota differs from a record already there" in stopped.err


def test_dates_in_place_of_periods(people: Sfa) -> None:
    (people.folder / "in.csv").write_text("Rep,Start Date,Quota\nAnn,30/05/2026,4\nBen,02/09/2026,5\n")
    refused = people("import", "quota", "in.csv", "--rejects", "bad.csv")
    assert refused.code == 7 and "is a day" in (people.folder / "bad.csv").read_text()
    (people.folder / "m.toml").write_text('[period]\nlength = "quarter"\n')
    assert "2026-05-30 is not the first day of a month" in people("import", "quota", "in.csv", "--map", "m.toml").err
    (people.folder / "m.toml").write_text('[period]\nlength = "quarter"\nsnap = "nearest"\n')
    people.ok("import", "quota", "in.csv", "--map", "m.toml")
    assert [n[1] for n in figures(people, "")] == ["2026-06-01..2026-08-31", "2026-09-01..2026-11-30"]


def test_a_file_without_a_header(people: Sfa) -> None:
    (people.folder / "in.csv").write_text("Ann;2026-Q1;5\nBen;2026-Q1;x\n")
    (people.folder / "m.toml").write_text('[format]\nheader = "Who, Period, Quota"\n[columns]\nWho = "owner"\n')
    done = people("import", "quota", "in.csv", "--map", "m.toml", "--rejects", "bad.csv")
    assert done.code == 7 and "2 rows of in.csv with 1 quota: 1 new, 1 row rejected" in done.err
    bad = (people.folder / "bad.csv").read_text()
    assert bad.startswith("Who,Period,Quota,sfa_line,sfa_reason\nBen,2026-Q1,x,2,")
    (people.folder / "bad.csv").write_text(bad.replace(",x,", ",6,"))
    mended = people.ok("import", "quota", "bad.csv", "--map", "m.toml").err
    assert "1 row of bad.csv with 1 quota: 1 new" in mended
    (people.folder / "m.toml").write_text('[format]\nheader = "Rep, Period"\n')
    assert "names 2 columns, the file has 3" in people("import", "quota", "in.csv", "--map", "m.toml").err


def test_thousands_and_currencies_of_a_wide_table(people: Sfa) -> None:
    (people.folder / "in.csv").write_text("Rep,Currency,Q1 2026,Q2 2026\nAnn,,0.5,€2\nBen,EUR,3,4 USD\n")
    (people.folder / "m.toml").write_text("[multiply]\namount = 1000\n")
    mixed = people("import", "quota", "in.csv", "--map", "m.toml")
    assert mixed.code == 4 and "line 3: Q2 2026: '4 USD' is in USD, the row in EUR" in mixed.err
    (people.folder / "in.csv").write_text("Rep,Currency,Q1 2026,Q2 2026\nAnn,,0.5,€2\nBen,EUR,3,4\n")
    people.ok("import", "quota", "in.csv", "--map", "m.toml")
    assert figures(people, "2026") == [
        ("Ann", "2026-Q1", "500.00", "USD", None),
        ("Ann", "2026-Q2", "2000.00", "EUR", None),
        ("Ben", "2026-Q1", "3000.00", "EUR", None),
        ("Ben", "2026-Q2", "4000.00", "EUR", None),
    ]
