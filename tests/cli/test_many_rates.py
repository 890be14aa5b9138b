"""Years of daily rates, as finance departments keep them: another currency by way of the company's, exact and without a wait."""

from __future__ import annotations

import time
from datetime import date, timedelta
from fractions import Fraction

from conftest import Sfa

FIRST = date(2018, 1, 1)
DAYS = 3000
OTHERS = ("GBP", "CHF", "SEK", "NOK", "DKK", "CAD")


def quoted(currency: str, number: int) -> str:
    """Some rate of the day, another one each day."""
    return f"{1 + (number * 37 + sum(map(ord, currency))) % 9973 / 10000:.4f}"


def test_years_of_daily_rates_into_a_currency_that_is_not_the_companys(sfa: Sfa) -> None:
    """Euros have a rate on even days, pounds and the others on every third: that of the day is the last one of each."""
    steps = {"EUR": 2} | dict.fromkeys(OTHERS, 3)
    table = {c: {n: quoted(c, n) for n in range(0, DAYS, step)} for c, step in steps.items()}
    rows = [f"{c},USD,{FIRST + timedelta(n)},{rate}" for c, line in table.items() for n, rate in line.items()]
    sfa.ok("import", "rate", "-", input="currency,base,date,rate\n" + "\n".join(rows) + "\n")
    closed = {1: "GBP", 2: "GBP", 3: "USD", 1000: "GBP", 1001: "GBP", 1501: "CHF", 2222: "GBP", 2999: "GBP"}
    deals = [f"D{n},A,Won,100,{c},{FIRST + timedelta(n)},{FIRST + timedelta(n)}" for n, c in closed.items()]
    sfa.ok(
        "import", "opp", "-", "--on-missing", "create", input="name,account,stage,amount,currency,close,closed\n" + "\n".join(deals) + "\n"
    )
    people = [f"P{i},{2018 + i % 8}-Q1,1000" for i in range(80)]
    sfa.ok("import", "quota", "-", "--on-missing", "create", input="owner,period,amount\n" + "\n".join(people) + "\n")

    def last(currency: str, day: int) -> Fraction:
        return Fraction(table[currency][day - day % steps[currency]]) if currency != "USD" else Fraction(1)

    began = time.perf_counter()
    found = sfa.ok("forecast", "--period", "all", "--currency", "EUR", "--json", "--explain", "total:closed").json
    assert time.perf_counter() - began < 5
    told = {r["deal"]: r["amount"]["amount"] for r in found["rows"]}
    assert told == {f"D{n}": f"{round(10000 * last(c, n) / last('EUR', n)) / 100:.2f}" for n, c in closed.items()}
    total = sfa.ok("forecast", "--period", "2020-Q1", "--currency", "EUR", "--json").json["total"]
    day = (date(2020, 1, 1) - FIRST).days
    assert total["quota"]["amount"] == f"{10 * round(100_000 / last('EUR', day)) / 100:.2f}"
