"""Amounts: what is read and refused, exact rounding against fractions, and parts that add up."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfa.errors import BadValue
from sfa.sales import money
from sfa.sales.money import Money

CURRENCIES = st.sampled_from(sorted(money.CURRENCIES))
AMOUNTS = st.integers(-money.LIMIT, money.LIMIT)


@pytest.mark.parametrize(
    ("text", "default", "whole", "currency"),
    [
        ("1234", "EUR", "1234", "EUR"),
        ("1234.5", "EUR", "1234.5", "EUR"),
        ("12k", "EUR", "12000", "EUR"),
        ("12 K", "EUR", "12000", "EUR"),
        ("1.2m", "EUR", "1200000", "EUR"),
        ("1,5m", "EUR", "1500000", "EUR"),
        ("2bn", "EUR", "2000000000", "EUR"),
        ("2b", "EUR", "2000000000", "EUR"),
        ("3 mio €", "USD", "3000000", "EUR"),
        ("5 lakh", "INR", "500000", "INR"),
        ("1.5 crore", "INR", "15000000", "INR"),
        ("12万元", "USD", "120000", "CNY"),
        ("€1.234,56", "USD", "1234.56", "EUR"),
        ("$1,500,000.00 ", "EUR", "1500000", "USD"),
        ("$1,500", "CAD", "1500", "CAD"),
        ("$1,500 AUD", "USD", "1500", "AUD"),
        ("US$ 20", "CAD", "20", "USD"),
        ("USD $20", "CAD", "20", "USD"),
        ("1 234,50 EUR", "USD", "1234.50", "EUR"),
        ("1\u202f234,50\u00a0€", "USD", "1234.50", "EUR"),
        ("USD 12k", "EUR", "12000", "USD"),
        ("usd12k", "EUR", "12000", "USD"),
        ("12 kEUR", "USD", "12000", "EUR"),
        ("12k€", "USD", "12000", "EUR"),
        ("5 MAD", "USD", "5", "MAD"),
        ("CHF 1'234.50", "EUR", "1234.50", "CHF"),
        ("CHF 1’234.50", "EUR", "1234.50", "CHF"),
        ("CHF 100.-", "EUR", "100", "CHF"),
        ("100,-- €", "USD", "100", "EUR"),
        ("(1,200)", "EUR", "-1200", "EUR"),
        ("($1,200.50)", "EUR", "-1200.50", "USD"),
        ("(12k) EUR", "USD", "-12000", "EUR"),
        ("-5", "EUR", "-5", "EUR"),
        ("−5", "EUR", "-5", "EUR"),
        ("-$5", "EUR", "-5", "USD"),
        ("$-5", "EUR", "-5", "USD"),
        ("5-", "EUR", "-5", "EUR"),
        ("+5", "EUR", "5", "EUR"),
        ("¥1,200", "EUR", "1200", "JPY"),
        ("￥1,200", "CNY", "1200", "CNY"),
        ("CN¥1,200", "EUR", "1200", "CNY"),
        ("1200元", "EUR", "1200", "CNY"),
        ("RMB 1200", "EUR", "1200", "CNY"),
        ("£0.99", "EUR", "0.99", "GBP"),
        ("£3", "EGP", "3", "EGP"),
        ("₹12,34,567.00", "EUR", "1234567", "INR"),
        ("Rs.500", "EUR", "500", "INR"),
        ("$.50", "EUR", "0.50", "USD"),
        ("kr 500", "NOK", "500", "NOK"),
        ("１２，３４５．６０", "EUR", "12345.60", "EUR"),
        ("－１２", "EUR", "-12", "EUR"),
        ("١٢٣", "EUR", "123", "EUR"),
        # One mark: a point is decimal unless repeated, a comma groups where three digits follow it.
        ("1,234", "EUR", "1234", "EUR"),
        ("1,23", "EUR", "1.23", "EUR"),
        ("1.23", "EUR", "1.23", "EUR"),
        ("1.234", "KWD", "1.234", "KWD"),
        ("0,125", "KWD", "0.125", "KWD"),
        ("1234,567", "KWD", "1234.567", "KWD"),
        ("1 234,567", "KWD", "1234.567", "KWD"),
        ("1.234.567", "EUR", "1234567", "EUR"),
        ("1,234,567", "EUR", "1234567", "EUR"),
        # More decimals than the currency has are fine when they come out whole.
        ("1.500000", "EUR", "1.5", "EUR"),
        ("12.00", "JPY", "12", "JPY"),
        ("1.2345m", "JPY", "1234500", "JPY"),
        ("1.23456k", "EUR", "1234.56", "EUR"),
    ],
)
def test_amounts_that_are_read(text: str, default: str, whole: str, currency: str) -> None:
    digits = {"JPY": 0, "KWD": 3}.get(currency, 2)
    assert money.parse(text, default) == Money(int(Decimal(whole).scaleb(digits)), currency)


@pytest.mark.parametrize(
    ("text", "decimal", "amount"),
    [("1.234", ",", 123400), ("1,234", ",", None), ("1,23", ",", 123), ("1,234", ".", 123400), ("1,23", ".", None), ("1234.50", ",", None)],
)
def test_a_fixed_decimal_mark(text: str, decimal: str, amount: int | None) -> None:
    if amount is None:
        with pytest.raises(BadValue):
            money.parse(text, "EUR", decimal)
    else:
        assert money.parse(text, "EUR", decimal) == Money(amount, "EUR")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("", "missing", "12k"),
        ("   ", "missing", "12k"),
        ("abc", "'abc' is not an amount", "12k"),
        ("nan", "'nan' is not an amount", ""),
        ("inf", "'inf' is not an amount", ""),
        ("-", "'-' is not an amount", ""),
        ("1e20", "'1e20' is not an amount", "without an exponent"),
        ("1e-2", "'1e-2' is not an amount", "without an exponent"),
        ("1_000", "'1_000' is not an amount", ""),
        ("12 abc", "currency we know", ""),
        ("12%", "currency we know", ""),
        ("1,200.00 CR", "currency we know", ""),
        ("USD.50", "currency we know", ""),
        ("€12 USD", "two currencies", ""),
        ("12 kr", "several currencies", "SEK, NOK, DKK"),
        ("--5", "is not an amount", ""),
        ("(-5)", "is not an amount", ""),
        ("(5", "is not an amount", ""),
        ("1,23,4", "misplaced", ""),
        ("1,234,56", "misplaced", ""),
        ("12 34", "misplaced", ""),
        ("12,3,456", "misplaced", ""),
        ("123,45,678", "misplaced", ""),
        ("1.234.5", "misplaced", ""),
        ("1'234 567", "misplaced", ""),
        ("10²", "currency we know", ""),
        ("1.234", "smallest units of EUR", "for thousands"),
        ("1.2345678k", "smallest units of EUR", "2 decimals"),
        ("1.50 JPY", "smallest units of JPY", "no decimals"),
        ("10000000000000.01", "too large", "10,000,000,000,000 EUR"),
        ("99999bn", "too large", ""),
        ("9" * 5000, "is not an amount", ""),
    ],
)
def test_amounts_that_are_refused(text: str, message: str, hint: str) -> None:
    with pytest.raises(BadValue) as caught:
        money.parse(text, "EUR")
    assert message in caught.value.message
    assert hint in caught.value.hint
    assert len(caught.value.message) < 140


@given(st.text() | st.text(alphabet="0123456789.,'-+() kmbn€$¥元EURSD٣²\u202f", max_size=20), CURRENCIES, st.sampled_from([None, ".", ","]))
def test_any_text_is_read_or_refused(text: str, currency: str, decimal: str | None) -> None:
    try:
        read = money.parse(text, currency, decimal)
    except BadValue as error:
        assert error.message.isprintable()
        return
    assert abs(read.amount) <= money.LIMIT
    assert read.currency in money.CURRENCIES


@given(AMOUNTS, CURRENCIES)
def test_machine_and_human_forms_are_read_back(amount: int, currency: str) -> None:
    assert money.parse(money.text(amount, currency), currency, decimal=".") == (amount, currency)
    assert Decimal(money.text(amount, currency)).scaleb(money.exponent(currency)) == amount
    assert money.parse(money.human(amount, currency), "EUR", decimal=".") == (amount, currency)


@given(st.integers(0, 10**12), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", "."), ("\u00a0", ","), ("", "."), ("", ",")]))
def test_every_notation_reads_the_same(cents: int, marks: tuple[str, str]) -> None:
    group, decimal = marks
    written = f"{cents // 100:,}".replace(",", group) + f"{decimal}{cents % 100:02d}"
    assert money.parse(written, "EUR").amount == cents
    assert money.parse(f"-€{written}", "USD", decimal) == (-cents, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "full", "compact"),
    [
        (123450, "EUR", "1,234.50 EUR", "1.23k EUR"),
        (4800000, "EUR", "48,000 EUR", "48k EUR"),
        (4825000, "EUR", "48,250 EUR", "48.2k EUR"),
        (4835000, "EUR", "48,350 EUR", "48.4k EUR"),
        (-120000000, "EUR", "-1,200,000 EUR", "-1.2m EUR"),
        (99995000, "EUR", "999,950 EUR", "1m EUR"),
        (96000000, "EUR", "960,000 EUR", "960k EUR"),
        (99949999, "EUR", "999,499.99 EUR", "999k EUR"),
        (9996000, "EUR", "99,960 EUR", "100k EUR"),
        (99950, "EUR", "999.50 EUR", "1k EUR"),
        (50, "EUR", "0.50 EUR", "0.50 EUR"),
        (0, "EUR", "0 EUR", "0 EUR"),
        (1200, "JPY", "1,200 JPY", "1.2k JPY"),
        (1234, "KWD", "1.234 KWD", "1.234 KWD"),
        (10**15, "EUR", "10,000,000,000,000 EUR", "10,000bn EUR"),
    ],
)
def test_forms_for_people(amount: int, currency: str, full: str, compact: str) -> None:
    assert money.human(amount, currency) == full
    assert money.human(amount, currency, compact=True) == compact


@given(AMOUNTS, CURRENCIES)
def test_the_compact_form_is_within_half_a_percent(amount: int, currency: str) -> None:
    number, code = money.human(amount, currency, compact=True).split()
    shown = money.parse(number, code, ".").amount
    assert abs(shown - amount) * 200 <= abs(amount)


def test_machine_forms() -> None:
    assert [money.text(*m) for m in ((123450, "EUR"), (-5, "EUR"), (0, "EUR"), (1200, "JPY"), (1, "KWD"), (1, "CLF"))] == [
        *("1234.50", "-0.05", "0.00", "1200", "0.001", "0.0001")
    ]


@pytest.mark.parametrize(
    ("text", "code"), [("eur", "EUR"), (" Usd ", "USD"), ("ＪＰＹ", "JPY"), ("Euro", "EUR"), ("US Dollars: $", "USD"), ("人民币", "CNY")]
)
def test_currency_codes(text: str, code: str) -> None:
    assert money.currency_code(text) == code


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("UDS", "USD"),
        ("€", "EUR"),
        ("$", "USD"),
        ("kr", "SEK"),
        ("", "ISO 4217"),
        ("XXX", ""),
        ("XAU", ""),
        ("12", "ISO 4217"),
    ],
)
def test_currency_codes_that_are_none(text: str, hint: str) -> None:
    with pytest.raises(BadValue) as caught:
        money.currency_code(text)
    assert hint in caught.value.hint


def test_every_code_is_three_capitals_and_every_special_exponent_is_of_a_known_one() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in money.CURRENCIES)
    special = {code: money.exponent(code) for code in money.CURRENCIES if money.exponent(code) != 2}
    assert {code for code, digits in special.items() if digits == 3} == {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
    assert {code for code, digits in special.items() if digits == 4} == {"CLF", "UYW"}
    assert {"JPY", "KRW", "VND", "CLP", "ISK", "XOF"} <= {code for code, digits in special.items() if digits == 0}
    assert len(special) == 7 + 2 + 17


@given(st.integers(), st.integers().filter(bool))
def test_rounding_is_that_of_fractions(numerator: int, denominator: int) -> None:
    assert money.half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@given(st.integers(-50, 50), st.sampled_from([2, -2, 4, 10, -10]))
def test_rounding_near_halves(numerator: int, denominator: int) -> None:
    exact = Decimal(numerator) / Decimal(denominator)
    assert money.half_even(numerator, denominator) == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


@pytest.mark.parametrize(
    ("text", "parts"),
    [("1.0842", (10842, 10**4)), ("2", (2, 1)), (" 0.50 ", (50, 100)), (".9697", (9697, 10**4)), ("0.000000000001", (1, 10**12))],
)
def test_rates(text: str, parts: tuple[int, int]) -> None:
    assert money.rate_parts(text) == parts


@pytest.mark.parametrize("text", ["", "0", "0.00", "-1", "1,5", "1e3", "nan", "1.", ".", "1.0000000000001", "x", "1/2"])
def test_rates_that_are_none(text: str) -> None:
    with pytest.raises(BadValue):
        money.rate_parts(text)


@given(AMOUNTS, st.integers(1, 10**9), st.integers(0, 12), CURRENCIES, CURRENCIES)
def test_conversion_is_exact_and_half_even(amount: int, number: int, decimals: int, source: str, target: str) -> None:
    rate = money.rate_parts(format(Decimal(number).scaleb(-decimals), "f"))
    exact = Fraction(amount, 10 ** money.exponent(source)) * Fraction(number, 10**decimals) * 10 ** money.exponent(target)
    assert money.convert(amount, rate, source, target) == round(exact)


def test_conversion_by_hand() -> None:
    assert money.convert(100_00, (15525, 100), "USD", "JPY") == 15525  # 100 USD at 155.25 are 15,525 yen
    assert money.convert(1_000, (325, 100), "KWD", "USD") == 325  # 1 dinar at 3.25 is 3.25 USD


@given(st.lists(st.tuples(st.none() | AMOUNTS, st.sampled_from(["EUR", "USD", "JPY", "KWD", None]))))
def test_many_amounts_at_once_are_written_as_each_alone(pairs: list[tuple[int | None, str | None]]) -> None:
    for some in (pairs, [(a and abs(a), "EUR") for a, _ in pairs]):
        expected = [None if a is None else money.text(a, c or "USD") for a, c in some]
        assert money.texts([a for a, _ in some], [c for _, c in some]) == expected


@given(AMOUNTS, st.integers(0, 100))
def test_weighted_amounts(amount: int, percent: int) -> None:
    assert money.share(amount, percent) == round(Fraction(amount * percent, 100))


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_parts_add_up_and_are_within_one_of_exact(total: int, weights: list[int]) -> None:
    parts = money.allocate(total, weights)
    assert sum(parts) == total
    shares = weights if any(weights) else [1] * len(weights)
    for part, weight in zip(parts, shares, strict=True):
        assert abs(part - Fraction(total * weight, sum(shares))) < 1
    assert money.allocate(-total, weights) == [-part for part in parts]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (7, [1, 2, 2], [1, 3, 3]),  # exactly 1.4, 2.8, 2.8: the larger remainders get the two units that are left
        (10, [66, 17, 17], [6, 2, 2]),  # exactly 6.6, 1.7, 1.7
        (5, [0, 0], [3, 2]),
        (10, [3, 0, 3], [5, 0, 5]),
        (0, [], []),
    ],
)
def test_parts_by_hand(total: int, weights: list[int], parts: list[int]) -> None:
    assert money.allocate(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(1, []), (1, [1, -1])])
def test_parts_that_cannot_be_made(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        money.allocate(total, weights)
