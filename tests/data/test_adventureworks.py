"""AdventureWorks: sellers, the history of their quotas and dated exchange rates, in files without headers. The figures are computed here,
with the csv module and Decimal."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Sfa
from exports import folder_of

EMPLOYEES = """
[format]
header = "BusinessEntityID, NationalIDNumber, LoginID, OrganizationNode, OrganizationLevel, JobTitle, BirthDate, MaritalStatus, Gender, \
HireDate, SalariedFlag, VacationHours, SickLeaveHours, CurrentFlag, rowguid, ModifiedDate"
[columns]
BusinessEntityID = "external_id"
LoginID = "name"
CurrentFlag = "active"
"""
HISTORY = """
[format]
header = "BusinessEntityID, QuotaDate, SalesQuota, rowguid, ModifiedDate"
[columns]
BusinessEntityID = "owner"
[period]
length = "quarter"
snap = "nearest"
"""
SELLERS = """
[format]
header = "BusinessEntityID, TerritoryID, SalesQuota, Bonus, CommissionPct, SalesYTD, SalesLastYear, rowguid, ModifiedDate"
[columns]
BusinessEntityID = "owner"
[set]
period = "FY26"
"""
RATES = """
[format]
header = "CurrencyRateID, CurrencyRateDate, FromCurrencyCode, ToCurrencyCode, AverageRate, EndOfDayRate, ModifiedDate"
[columns]
EndOfDayRate = "rate"
AverageRate = ""
"""
WITHDRAWN = ("DEM", "FRF", "VEB")
"""Currencies of the file that are no ISO 4217 codes any more."""


@pytest.fixture
def works(shared: Path, sfa: Sfa) -> Path:
    folder = folder_of(shared, "adventureworks_oltp")
    for name, text in (("employees", EMPLOYEES), ("history", HISTORY), ("sellers", SELLERS), ("rates", RATES)):
        (sfa.folder / f"{name}.toml").write_text(text)
    return folder


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream, delimiter="\t"))


def load(sfa: Sfa, kind: str, file: Path, map: str, *more: str) -> dict[str, Any]:
    done: dict[str, Any] = sfa.ok("import", kind, str(file), "--map", map, *more, "--json").json
    return done


def quarter(text: str) -> str:
    """The quarter meant by a date up to three days before the end of a month: it begins with the next month."""
    day = date.fromisoformat(text[:10])
    start = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    assert (start - day).days in (1, 2, 3)
    months = start.year * 12 + start.month - 1 + 3
    end = date(months // 12, months % 12 + 1, 1)
    return f"{start}..{end - timedelta(days=1)}"


def test_every_quota_of_the_history_arrives(sfa: Sfa, works: Path) -> None:
    people = load(sfa, "user", works / "Employee.csv", "employees.toml")
    assert (people["read"], people["new"], people["rejected"]) == (290, 290, 0)
    done = load(sfa, "quota", works / "SalesPersonQuotaHistory.csv", "history.toml")
    assert (done["read"], done["quotas"], done["new"], done["rejected"], done["notes"]) == (163, 163, 163, 0, [])
    assert {c["column"]: c["cells"] for c in done["left_out"]} == {"rowguid": 163, "ModifiedDate": 163}

    logins = {r[0]: r[2] for r in rows(works / "Employee.csv")}
    file = rows(works / "SalesPersonQuotaHistory.csv")
    wanted = {(logins[r[0]], quarter(r[1])): Decimal(r[2]) for r in file}
    found = sfa.ok("quota", "list", "--json").json
    ours = {(q["owner"], q["period"]["name"]): Decimal(q["amount"]["amount"]) for q in found}
    assert len(wanted) == len(found) == 163 and len({r[0] for r in file}) == 17
    assert ours == wanted

    sums: dict[str, Decimal] = defaultdict(Decimal)
    for (owner, _), amount in ours.items():
        sums[owner] += amount
    for number in {r[0] for r in file}:
        assert sums[logins[number]] == sum(Decimal(r[2]) for r in file if r[0] == number)
    assert sum(sums.values()) == sum(Decimal(r[2]) for r in file) == 95_714_000
    again = load(sfa, "quota", works / "SalesPersonQuotaHistory.csv", "history.toml")
    assert (again["unchanged"], again["operation"]) == (163, None)


def test_the_quarters_are_the_fiscal_ones_of_a_year_from_june(sfa: Sfa, works: Path) -> None:
    sfa.ok("config", "set", "fiscal_month", "6")
    load(sfa, "user", works / "Employee.csv", "employees.toml")
    load(sfa, "quota", works / "SalesPersonQuotaHistory.csv", "history.toml")
    file = rows(works / "SalesPersonQuotaHistory.csv")
    first = sfa.ok("quota", "list", "period:FY23-Q1", "--json").json
    assert sum(Decimal(q["amount"]["amount"]) for q in first) == sum(Decimal(r[2]) for r in file if r[1].startswith("2022-05-30"))
    # The year's copy keeps each quarter's place.
    copied = sfa.ok("quota", "copy", "FY23", "FY26").err
    assert f"Copied {sum(r[1] < '2023-05-01' for r in file)} quotas of FY23 to FY26" in copied
    last = sfa.ok("quota", "list", "period:FY26-Q1", "--json").json
    assert {(q["owner"], q["amount"]["amount"]) for q in last} == {(q["owner"], q["amount"]["amount"]) for q in first}


def test_a_blank_quota_is_none(sfa: Sfa, works: Path) -> None:
    load(sfa, "user", works / "Employee.csv", "employees.toml")
    done = load(sfa, "quota", works / "SalesPerson.csv", "sellers.toml")
    file = rows(works / "SalesPerson.csv")
    blank = [r[0] for r in file if not r[2]]
    assert "274" in blank and len(blank) == 3
    assert (done["read"], done["quotas"], done["new"], done["notes"]) == (17, 14, 14, ["rows without any quota: 3"])
    found = sfa.ok("quota", "list", "--json").json
    logins = {r[0]: r[2] for r in rows(works / "Employee.csv")}
    assert {q["owner"]: Decimal(q["amount"]["amount"]) for q in found} == {logins[r[0]]: Decimal(r[2]) for r in file if r[2]}


def test_a_seller_who_is_no_user_is_said(sfa: Sfa, works: Path) -> None:
    refused = sfa("import", "quota", str(works / "SalesPersonQuotaHistory.csv"), "--map", "history.toml")
    assert refused.code == 4 and "163 rows cannot be loaded, so none was" in refused.err and "no user is called '274'" in refused.err


def test_rates(sfa: Sfa, works: Path) -> None:
    file = rows(works / "CurrencyRate.csv")
    refused = sfa("import", "rate", str(works / "CurrencyRate.csv"), "--map", "rates.toml")
    lost = Counter(r[3] for r in file if r[3] in WITHDRAWN)
    assert refused.code == 4 and f"{sum(lost.values()):,} rows cannot be loaded, so none was" in refused.err
    for code, many in lost.items():
        assert f"and {many - 1:,} more: base: '{code}' is not a currency code" in refused.err
    done = sfa("import", "rate", str(works / "CurrencyRate.csv"), "--map", "rates.toml", "--rejects", "bad.csv", "--json")
    assert (done.code, done.json["read"], done.json["rejected"]) == (7, len(file), sum(lost.values())) and len(file) == 13_532
    wanted = {(r[2], r[3], r[1][:10]): Decimal(r[5]) for r in file if r[3] not in WITHDRAWN}
    assert done.json["new"] == len(wanted) == len(file) - sum(lost.values())
    found = sfa.ok("rate", "list", "--json").json
    assert {(r["currency"], r["base"], r["date"]): Decimal(r["rate"]) for r in found} == wanted
    with open(sfa.folder / "bad.csv", encoding="utf-8", newline="") as stream:
        assert Counter(r["ToCurrencyCode"] for r in csv.DictReader(stream)) == lost
    # The map says what the old code is now; the rejected rows are a file with a header, of the same map.
    (sfa.folder / "rates.toml").write_text(RATES + '[values.base]\nVEB = "VES"\nDEM = "BGN"\nFRF = "XPF"\n')
    mended = load(sfa, "rate", sfa.folder / "bad.csv", "rates.toml")
    assert (mended["new"], mended["rejected"]) == (sum(lost.values()), 0)


def test_a_rate_of_the_file_converts(sfa: Sfa, works: Path) -> None:
    sfa("import", "rate", str(works / "CurrencyRate.csv"), "--map", "rates.toml", "--rejects", "bad.csv")
    file = rows(works / "CurrencyRate.csv")
    day, rate = max((r[1][:10], Decimal(r[5])) for r in file if r[3] == "EUR")
    sfa.ok("opp", "add", "Bikes", "amount=1000 EUR", "close=2026-12-01")
    total = sfa.ok("forecast", "--json").json["total"]["cumulative"]["open_pipeline"]
    assert day < "2026-11-23"
    assert abs(Decimal(total["amount"]) - Decimal(1000) / rate) <= Decimal("0.005") and total["currency"] == "USD"
