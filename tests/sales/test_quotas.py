"""The rules of quotas, their ramps and copies; headers that name periods; periods that begin on a date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import BadValue, UsageError
from sfa.sales import quotas
from sfa.sales.dates import Calendar, fiscal_month, parse_period, period_key
from sfa.sales.kinds import KINDS, Field, with_user_fields
from sfa.sales.mapping import Map, read_map
from sfa.sales.quotarows import begun
from sfa.sales.wide import find, match, part_of, resolve

PLAIN = Calendar(date(2026, 11, 23), datetime(2026, 11, 23, tzinfo=UTC))
APRIL = PLAIN._replace(fiscal_month=4)
WEEKS = PLAIN._replace(fiscal_month=2, fiscal_weeks="4-4-5", fiscal_named_by="start")
KNOWN = quotas.Known(("revenue", "count", "arr"), ("sensors", "Pumps"))
QUOTA = KINDS["quota"]


# Rules ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"amount": 0}, ""),
        ({"amount": 5, "measure": "ARR"}, ""),
        ({"count": 0, "measure": "count"}, ""),
        ({"amount": 5, "family": "pumps"}, ""),
        ({"amount": -1}, "0 or more"),
        ({}, "0 or more"),
        ({"measure": "count"}, "whole number"),
        ({"count": 2}, "not a count"),
        ({"count": 2.5, "measure": "count"}, "whole number"),
        ({"count": -2, "measure": "count"}, "whole number"),
        ({"amount": 5, "measure": "count"}, "not an amount"),
        ({"amount": 5, "count": 5}, "not a count"),
        ({"amount": 5, "measure": "margin"}, "no measure 'margin'"),
        ({"amount": 5, "family": "valves"}, "no product is of the family 'valves'"),
    ],
)
def test_exactly_one_figure_of_a_known_measure(given: dict[str, Any], wrong: str) -> None:
    if wrong:
        with pytest.raises(BadValue, match=wrong):
            quotas.checked(given, KNOWN)
    else:
        found = quotas.checked(given, KNOWN)
        assert found["measure"] == given.get("measure", "revenue").lower()
        assert found.get("family") in (None, "Pumps")


def test_measures_are_the_company_s_money_fields() -> None:
    deal = with_user_fields(KINDS["opportunity"], [Field("arr", "money", user=True), Field("seats", "number", user=True)])
    assert quotas.measures(deal) == ("revenue", "count", "arr")
    with pytest.raises(BadValue) as error:
        quotas.family("x", quotas.Known(("revenue",), ()))
    assert "one of its fields" in error.value.hint


# Ramps ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "many", "cal", "names"),
    [
        ("2026", 4, PLAIN, "2026-Q1 2026-Q2 2026-Q3 2026-Q4"),
        ("2026-H2", 2, PLAIN, "2026-Q3 2026-Q4"),
        ("2026-Q4", 3, PLAIN, "2026-10 2026-11 2026-12"),
        ("FY27", 4, APRIL, "FY27-Q1 FY27-Q2 FY27-Q3 FY27-Q4"),
        ("FY26-Q1", 3, WEEKS, "FY26-M01 FY26-M02 FY26-M03"),
        ("2026-Q4", 3, WEEKS, "2026-10 2026-11 2026-12"),
    ],
)
def test_parts(period: str, many: int, cal: Calendar, names: str) -> None:
    whole = parse_period(period, cal)
    parts = quotas.parts(whole, many, cal)
    assert " ".join(p.name for p in parts) == names
    assert all(parse_period(p.name, cal)[:2] == p[:2] for p in parts)
    assert [p.start for p in parts[1:]] + [whole.end] == [p.end for p in parts] and parts[0].start == whole.start


@pytest.mark.parametrize(("period", "many"), [("2026", 3), ("2026", 5), ("2026-Q4", 4), ("2026-11", 1), ("2026-W05", 3), ("2026-H1", 4)])
def test_a_ramp_has_as_many_steps_as_there_are_parts(period: str, many: int) -> None:
    with pytest.raises(UsageError):
        quotas.parts(parse_period(period, PLAIN), many, PLAIN)


@pytest.mark.parametrize("text", ["", "50%,75", "a,b", "1,-1", "0,0", "1,,2", "50 %%"])
def test_what_is_no_ramp(text: str) -> None:
    with pytest.raises(BadValue):
        quotas.steps(text)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 400), min_size=4, max_size=4).filter(any), st.booleans())
def test_ramp_parts_add_up(amount: int, weights: list[int], percent: bool) -> None:
    steps = quotas.steps(",".join(f"{w}%" if percent else f"{w}.0" for w in weights))
    parts = quotas.ramped({"amount": amount}, steps, quotas.parts(parse_period("2027", PLAIN), 4, PLAIN))
    assert sum(p["amount"] for p in parts) == amount
    # Each is its exact share, less than one cent off.
    assert all(abs(Decimal(p["amount"]) - Decimal(amount * w) / sum(weights)) < 1 for p, w in zip(parts, weights, strict=True))


# Copies -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "cal", "moves"),
    [
        ("2026", "2027", PLAIN, {"2026": "2027", "2026-Q2": "2027-Q2", "2026-02": "2027-02", "2026-H2": "2027-H2", "2026-W05": None}),
        ("2026-Q4", "2027-Q1", PLAIN, {"2026-Q4": "2027-Q1", "2026-12": "2027-03"}),
        ("FY26", "FY27", APRIL, {"FY26-Q1": "FY27-Q1", "FY26": "FY27", "FY26-M12": "FY27-M12"}),
        ("FY26", "FY27", WEEKS, {"FY26-Q1": "FY27-Q1", "FY26-M12": "FY27-M12", "FY26": "FY27", "2026-03": None}),
        ("FY28", "FY29", WEEKS, {"FY28-Q4": "FY29-Q4"}),
    ],
)
def test_quotas_find_the_same_place(source: str, target: str, cal: Calendar, moves: dict[str, str | None]) -> None:
    move = quotas.move(parse_period(source, cal), parse_period(target, cal), cal)

    def key(name: str) -> str:
        return period_key(*parse_period(name, cal)[:2])

    assert {name: move.of(key(name)) for name in moves} == {name: to and key(to) for name, to in moves.items()}


@pytest.mark.parametrize(("source", "target"), [("2026", "2027-Q1"), ("2026", "2026"), ("2026-W05", "2026-W06"), ("2026-11-23", "2027")])
def test_periods_of_different_kinds_are_not_copied(source: str, target: str) -> None:
    with pytest.raises(UsageError):
        quotas.move(parse_period(source, PLAIN), parse_period(target, PLAIN), PLAIN)


def test_a_fiscal_year_of_weeks_is_not_copied_to_a_calendar_year() -> None:
    with pytest.raises(UsageError, match="not of the same kind"):
        quotas.move(parse_period("FY26", WEEKS), parse_period("2027", WEEKS), WEEKS)


@given(st.integers(0, 10**13), st.decimals("-100", "900", places=2), st.sampled_from(["USD", "JPY", "KWD"]))
def test_growth_rounds_to_whole_units(amount: int, percent: Decimal, currency: str) -> None:
    unit = {"USD": 100, "JPY": 1, "KWD": 1000}[currency]
    found = quotas.grown({"amount": amount, "currency": currency}, percent)
    if not percent:
        assert found == {}
    else:
        exact = Decimal(amount) / unit * (1 + percent / 100)
        assert found == {"amount": int(exact.quantize(Decimal(1), ROUND_HALF_EVEN)) * unit}


@given(st.integers(1, 12), st.integers(1, 12), st.integers(2020, 2030))
def test_a_copy_there_and_back_is_the_same(first: int, size: int, year: int) -> None:
    there, back = (quotas.move(parse_period(f"{a}", PLAIN), parse_period(f"{b}", PLAIN), PLAIN) for a, b in ((year, 2031), (2031, year)))
    last = min(12, first + size - 1)
    period = parse_period(f"{year}-{first:02d}..{year}-{last:02d}", PLAIN)
    moved = there.of(period_key(period.start, period.end))
    assert moved is not None and moved.startswith(f"2031-{first:02d}-01/")
    assert back.of(moved) == period_key(period.start, period.end)


@pytest.mark.parametrize(("text", "value"), [("8%", "8"), ("-2.5", "-2.5"), ("+3 %", "3"), ("-100%", "-100"), ("−5%", "-5")])
def test_growth(text: str, value: str) -> None:
    assert quotas.growth(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "x", "-101", "8%%", "1e3", "%"])
def test_what_is_no_growth(text: str) -> None:
    with pytest.raises(BadValue):
        quotas.growth(text)


# Headers ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "name", "cal"),
    [
        ("Jan 2026", "2026-01", PLAIN),
        ("January 2026", "2026-01", PLAIN),
        ("Jan-26", "2026-01", PLAIN),
        ("2026-01", "2026-01", PLAIN),
        ("1/2026", "2026-01", PLAIN),
        ("Q1 2026", "2026-Q1", PLAIN),
        ("Q1'26", "2026-Q1", PLAIN),
        ("2026-Q1", "2026-Q1", PLAIN),
        ("2026Q1", "2026-Q1", PLAIN),
        ("Quota Q3 2026", "2026-Q3", PLAIN),
        ("H2 2026", "2026-H2", PLAIN),
        ("2026", "2026", PLAIN),
        ("FY27-Q1", "FY27-Q1", APRIL),
        ("Q1 FY27", "FY27-Q1", APRIL),
        ("FY27", "FY27", APRIL),
        ("FY27-M02", "FY27-M02", APRIL),
        ("May FY27", "FY27-M02", APRIL),
        ("Mar FY26", "FY26-M02", WEEKS),
    ],
)
def test_headers_that_name_a_period(header: str, name: str, cal: Calendar) -> None:
    part = part_of(header)
    assert part is not None and resolve(part, "", cal)[:2] == parse_period(name, cal)[:2]


@pytest.mark.parametrize(("header", "base", "name"), [("Q1", "2026", "2026-Q1"), ("Jan", "FY27", "FY27-M10"), ("may", "2026", "2026-05")])
def test_headers_without_a_year_take_the_row_s(header: str, base: str, name: str) -> None:
    part = part_of(header)
    assert part is not None and resolve(part, base, APRIL)[:2] == parse_period(name, APRIL)[:2]


@pytest.mark.parametrize(("header", "base"), [("Q1", ""), ("Q1", "2026-Q1"), ("Jan", "someday"), ("Q1 2026", "2027"), ("Q1", "2026-11-23")])
def test_years_that_do_not_fit(header: str, base: str) -> None:
    part = part_of(header)
    assert part is not None
    with pytest.raises(BadValue):
        resolve(part, base, PLAIN)


@pytest.mark.parametrize("header", ["Rep", "Total", "FY", "Year", "Quarter", "Q5", "Q0 2026", "2026-13", "2026-11-23", "Marge", "", "Q126"])
def test_other_headers(header: str) -> None:
    assert part_of(header) is None


@given(st.text(max_size=40))
def test_any_header_is_a_period_or_not(header: str) -> None:
    part = part_of(header)
    if part and part.year:
        assert resolve(part, "", PLAIN).start.year > 1899


def found(header: str, row: str = "", toml: str = "") -> tuple[str, str]:
    """(Columns of quotas, what is left out) of a header, both joined."""
    names = header.split(",")
    given = read_map(toml, QUOTA) if toml else Map()
    plan, wide = match(QUOTA, names, [row.split(",")] if row else [], given, PLAIN)
    return ",".join(w.header for w in wide.columns) if wide else "", ",".join(name for _, name in plan.left)


def test_parents_beside_children_are_left_out() -> None:
    assert found("Rep,Q1 2026,Q2 2026,Total") == ("Q1 2026,Q2 2026", "Total")
    assert found("Rep,2026,Q1 2026,Q2 2026,2027") == ("Q1 2026,Q2 2026,2027", "2026")
    assert found("Rep,Jan 2026,Feb 2026,Mar 2026,Q1 2026,Q2 2026") == ("Jan 2026,Feb 2026,Mar 2026,Q2 2026", "Q1 2026")
    assert found("Rep,Year,Jan,Feb,Q1,FY", "Ann,2026,1,2,3,3") == ("Jan,Feb", "Q1,FY")
    assert found("Rep,Q1 2026,Q2 2026,Year", "Ann,1,2,3")[1] == "Year"
    assert found("Rep,H1,Q3,Q4,FY", "Ann,1,2,3,2026") == ("H1,Q3,Q4", "")
    assert found("Rep,H2,Q3,Q4,FY", "Ann,1,2,3,2026") == ("Q3,Q4", "H2")
    assert found("Rep,Quota,Q1 2026,Grand total,Q1 Total") == ("Q1 2026", "Quota,Grand total,Q1 Total")
    assert found("Rep,2026,Q1 2026", toml='[columns]\n2026="amount"') == ("2026,Q1 2026", "")
    assert found("Rep,Q1 2026,Q2 2026", toml='[columns]\n"Q2 2026"=""') == ("Q1 2026", "Q2 2026")
    assert found("Rep,Period,Quota") == ("", "")


def test_two_columns_of_one_period_are_refused() -> None:
    with pytest.raises(UsageError, match="same period"):
        find(["Rep", "Q1 2026", "2026-Q1"], [], Map(), PLAIN)
    assert find(["Rep", "Q1 2026", "2026-Q1"], [], read_map('[columns]\n"2026-Q1"="count"', QUOTA), PLAIN) is not None


def test_a_year_must_come_from_somewhere() -> None:
    with pytest.raises(UsageError, match="says no year"):
        found("Rep,Q1,Q2", "Ann,1,2")
    assert found("Rep,Q1,Q2", "Ann,1,2", '[set]\nperiod="FY26"') == ("Q1,Q2", "")


# Dates ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "length", "snap", "span"),
    [
        ("2022-06-01", "quarter", "", "2022-06-01 2022-09-01"),
        ("2022-05-30", "quarter", "nearest", "2022-06-01 2022-09-01"),
        ("2023-02-28", "quarter", "nearest", "2023-03-01 2023-06-01"),
        ("2024-02-29", "month", "nearest", "2024-03-01 2024-04-01"),
        ("2022-06-02", "year", "nearest", "2022-06-01 2023-06-01"),
        ("2023-02-15", "month", "nearest", "2023-02-01 2023-03-01"),
        ("2022-12-01", "half", "", "2022-12-01 2023-06-01"),
        ("2022-12-05", "day", "", "2022-12-05 2022-12-06"),
    ],
)
def test_a_period_that_begins_on_a_date(day: str, length: str, snap: str, span: str) -> None:
    start, end, _ = begun(parse_period(day, PLAIN), length, snap, PLAIN)
    assert f"{start} {end}" == span


def test_a_date_that_begins_no_month_needs_to_be_told() -> None:
    with pytest.raises(BadValue, match="not the first day of a month"):
        begun(parse_period("2022-05-30", PLAIN), "quarter", "", PLAIN)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_the_nearest_month_of_a_year_of_weeks(day: date) -> None:
    start, end, _ = begun(parse_period(day.isoformat(), WEEKS), "quarter", "nearest", WEEKS)
    around = fiscal_month(day, WEEKS)
    assert abs(start - day) == min(day - around.start, around.end - day) and start in around[:2]
    # Three months of 4, 4 and 5 weeks in some order, one week more at the end of some years.
    assert timedelta(weeks=13) <= end - start <= timedelta(weeks=15)


@pytest.mark.parametrize(
    "toml",
    ['[period]\nlength="week"', '[period]\nsnap="nearest"', '[period]\nsize="day"', '[format]\nheader="a,,b"', '[format]\nheader="A,a"'],
)
def test_maps_that_say_nothing_sensible(toml: str) -> None:
    with pytest.raises(UsageError):
        read_map(toml, QUOTA)


def test_only_quotas_have_periods() -> None:
    with pytest.raises(UsageError, match="have no period"):
        read_map('[period]\nlength="quarter"', KINDS["lead"])
