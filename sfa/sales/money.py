"""Amounts of money as people write them, and exact arithmetic on them: integer minor units with an ISO 4217 code.

Not here: which currency is the company's, which dated rate applies, and how tables align amounts. Nothing is ever a float.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sfa.errors import BadValue
from sfa.messages import Scaled, say, together

LIMIT = 10**15
"""No single amount is larger than this many minor units, either way: beyond it a file was misread."""

_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU
CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD
JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO
NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT
TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
ANG BGN CUC HRK SLL ZWL"""
CURRENCIES = frozenset(_CODES.split())
"""Every ISO 4217 code money can be held in: no metals, no test codes; last, the few withdrawn since 2020 that old deals carry."""

_EXPONENTS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV"), 0),
    **dict.fromkeys(("XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

# A mark that several currencies share keeps the default currency if that is one of them, else it means the first; "?" is no first.
# fmt: off
_MARKS = {
    "$": "USD AUD CAD NZD SGD HKD TWD MXN ARS CLP COP UYU DOP BBD BMD BND BSD BZD FJD GYD JMD KYD LRD NAD SBD SRD TTD XCD",
    "£": "GBP EGP FKP GIP LBP SDG SHP SSP SYP", "¥": "JPY CNY", "kr": "? SEK NOK DKK ISK", "kr.": "? DKK SEK NOK ISK",
    "rs": "INR PKR LKR NPR MUR SCR", "rs.": "INR PKR LKR NPR MUR SCR", "₨": "INR PKR LKR NPR MUR SCR",
    "€": "EUR", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₪": "ILS", "₫": "VND", "฿": "THB", "₱": "PHP", "₦": "NGN",
    "₴": "UAH", "₸": "KZT", "₾": "GEL", "₼": "AZN", "₡": "CRC", "₲": "PYG", "₵": "GHS", "zł": "PLN", "kč": "CZK", "ft": "HUF",
    "元": "CNY", "圆": "CNY", "rmb": "CNY", "cn¥": "CNY", "円": "JPY", "jp¥": "JPY", "원": "KRW", "fr.": "CHF", "sfr.": "CHF",
    "us$": "USD", "a$": "AUD", "au$": "AUD", "c$": "CAD", "ca$": "CAD", "nz$": "NZD", "s$": "SGD", "hk$": "HKD", "nt$": "TWD",
    "mx$": "MXN", "r$": "BRL",
}
# Longest first: they are also tried as prefixes, as in "12mio€". Not "cr": beside an amount it is a bookkeeper's credit.
_POWERS = {
    "crore": 7, "lakh": 5, "mio": 6, "mln": 6, "mn": 6, "mm": 6, "bn": 9, "k": 3, "m": 6, "b": 9, "万": 4, "萬": 4, "亿": 8, "億": 8,
}
# fmt: on

# fmt: off
_NAMED = {
    "US DOLLAR": "USD", "EURO": "EUR", "POUND STERLING": "GBP", "BRITISH POUND": "GBP", "SWISS FRANC": "CHF", "JAPANESE YEN": "JPY",
    "YEN": "JPY", "CHINESE YUAN": "CNY", "YUAN": "CNY", "CANADIAN DOLLAR": "CAD", "AUSTRALIAN DOLLAR": "AUD", "NEW ZEALAND DOLLAR": "NZD",
    "INDIAN RUPEE": "INR", "SWEDISH KRONA": "SEK", "NORWEGIAN KRONE": "NOK", "DANISH KRONE": "DKK", "POLISH ZLOTY": "PLN",
    "CZECH KORUNA": "CZK", "HUNGARIAN FORINT": "HUF", "BRAZILIAN REAL": "BRL", "MEXICAN PESO": "MXN", "SINGAPORE DOLLAR": "SGD",
    "HONG KONG DOLLAR": "HKD", "SOUTH AFRICAN RAND": "ZAR", "TURKISH LIRA": "TRY", "SCHWEIZER FRANKEN": "CHF",
    "人民币": "CNY", "美元": "USD", "欧元": "EUR", "日元": "JPY", "港币": "HKD", "英镑": "GBP", "日本円": "JPY",
}
# fmt: on
"""What currencies are called in other products' pick lists, in capitals and of one only."""
_LOOKALIKES = {"−": "-", "–": "-", "—": "-", "﹣": "-", "’": "'", "‘": "'", "′": "'", "ʼ": "'", "￥": "¥", "￡": "£", "￦": "₩"}
_LOOKALIKES |= dict.fromkeys("\u200b\u200e\u200f\u202a\u202c\u2060\ufeff", "")

_HINT = "amounts look like 1234.50, 12k, 1.2m, €1.234,56 or USD 12k"


class Money(NamedTuple):
    """An amount in minor units (cents; whole yen) and the ISO 4217 code it is in."""

    amount: int
    currency: str


def exponent(currency: str) -> int:
    """Digits after the decimal mark in `currency`: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


def currency_code(text: str) -> str:
    """The ISO 4217 code that `text` is, in capitals. Raises BadValue, with near codes as the hint, when it is none."""
    code = plain(text).strip().upper()
    if code in CURRENCIES:
        return code
    if named := _NAMED.get(re.sub(r"S?(?:: ?\S{1,3})?$", "", code)):
        return named
    codes = [known for known in _MARKS.get(code.lower(), "").split() if known != "?"][:4]
    if not codes and 2 <= len(code) <= 5:
        from difflib import get_close_matches

        codes = get_close_matches(code, sorted(CURRENCIES), n=4, cutoff=0.6)
    hint = say("did you mean {codes}?", codes=together(" or ", codes)) if codes else "use a three-letter ISO 4217 code such as USD or EUR"
    raise BadValue(say("{quoted} is not a currency code", quoted=_quoted(text)), hint)


def parse(text: str, currency: str, decimal: str | None = None) -> Money:
    """Read an amount as a person or another program wrote it; `currency` holds where the text names none.

    `decimal` ("." or ",") fixes the decimal mark. Without it: of two different marks the last is decimal; a mark that is
    repeated groups; a single "." is decimal; a single "," groups when it stands as in 1,234 (one to three digits, not a lone
    zero, then exactly three), and is decimal otherwise. So 1.234 EUR is refused rather than guessed. Spaces and apostrophes
    group; groups must be of three digits, or Indian (12,34,567). Multipliers: k m bn, lakh crore, 万 亿.
    Negative: -5, 5-, (5); callers decide whether that is allowed. Raises BadValue for anything else, for more decimals than
    the currency has (trailing zeros are fine, but for 48.000, which may be thousands where no `decimal` mark is given), and beyond LIMIT.
    """
    if decimal != "," and (simple := re.fullmatch(r"(-?)([0-9]{1,12})(?:\.([0-9]{1,4}))?", text)):
        sign, whole, fraction = simple.groups("")
        power = 0
    elif written := re.fullmatch(r"(-?)([0-9])\.([0-9]{1,16})E([0-9]{1,2})", text.strip()):
        # As Java, and so Salesforce's exports, write 10 million and more: with all its figures, unlike a spreadsheet's 1.25E+07.
        sign, whole, fraction = written.groups()[:3]
        power = int(written[4])
    else:
        sign, number, power, currency = _pieces(text, currency)
        whole, fraction = _split(number, decimal, text)
    amount = _scaled(int(whole + fraction), exponent(currency) + power - len(fraction))
    if amount is None:
        raise _too_fine(text, currency, power, fraction)
    if decimal is None and len(fraction) == 3 > exponent(currency) and not power and re.fullmatch(r"[1-9]\d{0,2}", whole):
        # 48.000 is forty-eight here and forty-eight thousand there.
        few, many = f"{whole}.{fraction[:2]}", whole + fraction
        raise BadValue(say("{quoted} may be {few} or {many}", quoted=_quoted(text), few=few, many=many), "Write one of the two.")
    if amount > LIMIT:
        raise BadValue(
            say("{quoted} is too large for an amount", quoted=_quoted(text)), say("the largest is {amount}", amount=human(LIMIT, currency))
        )
    return Money(-amount if sign == "-" else amount, currency)


def plain(text: str) -> str:
    """`text` with full-width forms, other scripts' digits, odd spaces, minus signs and apostrophes as their ASCII equals."""
    if text.isascii():
        return text
    return "".join(map(_plain_character, text))


def _plain_character(character: str) -> str:
    if "！" <= character <= "～":
        return chr(ord(character) - 0xFEE0)
    if character.isspace():
        return " "
    if character.isdecimal():
        return str(int(character))
    return _LOOKALIKES.get(character, character)


def _pieces(text: str, currency: str) -> tuple[str, str, int, str]:
    """Sign ("-" or ""), digits with their marks, power of ten of the multiplier, currency."""
    cleaned = plain(text).strip()
    if not cleaned:
        raise BadValue("an amount is missing", _HINT)
    # "100,-" and "CHF 100.-" mean no cents, not a minus.
    cleaned = re.sub(r"(?<=\d)[.,]--?(?!\d)", "", cleaned)
    # A mark right after a letter belongs to the abbreviation: "Rs.500" is 500.
    found = re.search(r"(?:(?<![^\W\d_])[.,])?\d(?:[\d.,' ]*\d)?", cleaned)
    if found is None or len(cleaned) > 80:
        raise BadValue(say("{quoted} is not an amount", quoted=_quoted(text)), _HINT)
    lead, tail = cleaned[: found.start()], cleaned[found.end() :]
    if re.search(r"\d", tail):
        hint = "write the number out, without an exponent" if re.match(r"[eE][-+]?\d", tail) else _HINT
        raise BadValue(say("{quoted} is not an amount", quoted=_quoted(text)), hint)
    sign = "".join(re.findall(r"[-+()]", lead + tail))
    before, after = (re.findall(r"[^\s()+-]+", part) for part in (lead, tail))
    power, after = _multiplier(after)
    if sign not in ("", "+", "-", "()"):
        raise BadValue(say("{quoted} is not an amount", quoted=_quoted(text)), _HINT)
    return "-" if sign in ("-", "()") else "", found[0], power, _currency(before + after, currency, text)


def _multiplier(words: list[str]) -> tuple[int, list[str]]:
    """The power of ten that the words after a number begin with, and the words without it."""
    if not words or _candidates(words[0]):
        return 0, words
    first = words[0].lower()
    if first in _POWERS:
        return _POWERS[first], words[1:]
    for name, power in _POWERS.items():
        if first.startswith(name) and _candidates(first[len(name) :]):
            return power, [first[len(name) :], *words[1:]]
    return 0, words


def _candidates(mark: str) -> list[str]:
    """The codes that a code or mark may stand for, its first choice first; none when it is unknown."""
    return [mark.upper()] if mark.upper() in CURRENCIES else _MARKS.get(mark.lower(), "").split()


def _currency(marks: list[str], default: str, text: str) -> str:
    """The one currency that all marks in the text may mean."""
    if not marks:
        return default
    common = _candidates(marks[0])
    for mark in marks[1:]:
        common = [code for code in common if code in _candidates(mark)]
    if not common:
        problem = "names two currencies" if all(map(_candidates, marks)) else "is not an amount in a currency we know"
        raise BadValue(say("{quoted} {problem}", quoted=_quoted(text), problem=problem), _HINT)
    if default in common:
        return default
    if common[0] == "?":
        raise BadValue(
            say("{quoted} may be in several currencies", quoted=_quoted(text)),
            say("write the code: {common}", common=together(", ", common[1:])),
        )
    return common[0]


def _split(number: str, decimal: str | None, text: str) -> tuple[str, str]:
    """Digits before and after the decimal mark, grouping checked and removed."""
    mark = decimal or _decimal_mark(number)
    whole, _, fraction = number.partition(mark) if mark else (number, "", "")
    separators = set(re.findall(r"\D", whole))
    groups = re.split(r"\D", whole)
    if fraction.strip("0123456789") or len(separators) > 1 or not (len(groups) == 1 or _grouped(groups)):
        hint = say("the decimal mark is set to {mark!r}", mark=mark) if decimal else _HINT
        raise BadValue(say("{quoted} has misplaced digit groups or decimal marks", quoted=_quoted(text)), hint)
    return "".join(groups), fraction


def _decimal_mark(number: str) -> str:
    marks = re.findall(r"[.,]", number)
    if len(set(marks)) == 2:
        return str(marks[-1])
    if len(marks) != 1:
        return ""
    if marks[0] == "," and re.fullmatch(r"[1-9]\d{0,2},\d{3}", number):
        return ""
    return str(marks[0])


def _grouped(groups: list[str]) -> bool:
    """Whether groups of digits are 1,234,567 or the Indian 12,34,567."""
    sizes = [len(group) for group in groups]
    first, middle, last = sizes[0], set(sizes[1:-1]), sizes[-1]
    return last == 3 and ((1 <= first <= 3 and middle <= {3}) or (1 <= first <= 2 and middle == {2}))


def _scaled(digits: int, power: int) -> int | None:
    """digits × 10^power, or None when that is not whole."""
    scale: int = 10 ** abs(power)
    if power >= 0:
        return digits * scale
    quotient, rest = divmod(digits, scale)
    return None if rest else quotient


def _too_fine(text: str, currency: str, power: int, fraction: str) -> BadValue:
    digits = exponent(currency)
    hint = say("{currency} has {digits} decimal{s}", currency=currency, digits=digits or "no", s="s" if digits != 1 else "")
    if not power and len(fraction) == 3:
        hint += "; for thousands leave the mark out"
    return BadValue(
        say("{quoted} is not a whole number of the smallest units of {currency}", quoted=_quoted(text), currency=currency), hint
    )


def _quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:59] + "…")


def text(amount: int, currency: str) -> str:
    """The machine form of minor units, "1234.50" or "1200" for JPY; parse(…, decimal=".") reads it back."""
    digits = exponent(currency)
    if digits == 2 and amount >= 0:
        return f"{amount // 100}.{amount % 100:02d}"
    if not digits:
        return str(amount)
    whole, rest = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{digits}d}"


def texts(amounts: Sequence[int | None], currencies: Sequence[str | None]) -> list[str | None]:
    """The machine forms of many amounts, None for a blank one; a blank currency is USD."""
    if all(exponent(c or "USD") == 2 for c in set(currencies)) and min(filter(None, amounts), default=0) >= 0:
        return [None if a is None else f"{a // 100}.{a % 100:02d}" if a else "0.00" for a in amounts]
    return [None if a is None else text(a, c or "USD") for a, c in zip(amounts, currencies, strict=True)]


def human(amount: int, currency: str, compact: bool = False) -> str:
    """For people: "1,234.50 EUR", "48,000 EUR"; compact: "48k EUR", "1.2m EUR", rounded to three figures or so."""
    if compact:
        return say("{amount} {currency}", amount=short(amount, currency), currency=currency)
    return f"{_whole(amount, currency)} {currency}"


def short(amount: int, currency: str) -> str:
    """The compact form without the currency: "48k"; small amounts are not shortened."""
    return say("{amount}", amount=Short(amount, currency))


def _whole(amount: int, currency: str) -> str:
    whole, _, rest = text(abs(amount), currency).partition(".")
    return f"{'-' if amount < 0 else ''}{int(whole):,}{'.' + rest if rest.strip('0') else ''}"


class Short(Scaled):
    """An amount in a unit of thousands or more, in whatever units a language counts."""

    def __init__(self, amount: int, currency: str) -> None:
        self.amount, self.currency = amount, currency

    def within(self, units: Sequence[tuple[int, str]]) -> str:
        amount, digits = abs(self.amount), exponent(self.currency)
        for power, letter in units:
            # What the next smaller unit would print as 1000 is 1 of this one.
            if half_even(amount, 10 ** (digits + power - 3)) >= 1000:
                for places in (2, 1, 0):
                    shown = half_even(amount * 10**places, 10 ** (digits + power))
                    if shown < 1000 or places == 0:
                        whole, part = divmod(shown, 10**places)
                        decimals = f".{part:0{places}d}".rstrip("0").rstrip(".") if places else ""
                        return f"{'-' if self.amount < 0 else ''}{whole:,}{decimals}{letter}"
        return _whole(self.amount, self.currency)


def half_even(numerator: int, denominator: int) -> int:
    """numerator ÷ denominator to the nearest integer, exact halves to the even one; any signs. ZeroDivisionError on 0."""
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    quotient, rest = divmod(numerator, denominator)
    return quotient + (2 * rest > denominator or (2 * rest == denominator and quotient % 2 == 1))


def rate_parts(text: str) -> tuple[int, int]:
    """An exchange rate as an exact fraction: "1.0842" is (10842, 10**4). Raises BadValue unless positive, ≤ 12 decimals."""
    found = re.fullmatch(r"(?=\.?[0-9])([0-9]{0,12})(?:\.([0-9]{1,12}))?", plain(text).strip())
    if found is None or not (found[1] + (found[2] or "")).strip("0"):
        raise BadValue(
            say("{quoted} is not an exchange rate", quoted=_quoted(text)), "a rate is a positive number such as 1.0842, at most 12 decimals"
        )
    fraction = found[2] or ""
    return int(found[1] + fraction), 10 ** len(fraction)


def convert(amount: int, rate: tuple[int, int], from_currency: str, to_currency: str) -> int:
    """Minor units of `to_currency` for `amount` minor units of `from_currency`, half-even.

    `rate` is what one whole unit of `from_currency` costs in whole units of `to_currency`, as (numerator, denominator).
    """
    return half_even(amount * rate[0] * 10 ** exponent(to_currency), rate[1] * 10 ** exponent(from_currency))


def share(amount: int, percent: int) -> int:
    """amount × percent ÷ 100, half-even: the weighted amount of a deal."""
    return half_even(amount * percent, 100)


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights` (none negative) by largest remainder: the parts sum to it exactly.

    Equal remainders favour the earlier; a negative total is split as its opposite; weights that are all 0 count as equal.
    Raises ValueError for a negative weight, or for no weights unless the total is 0.
    """
    if any(weight < 0 for weight in weights) or (total and not weights):
        raise ValueError("a total needs weights to be split by, none of them negative")
    if len(set(weights)) == 1:
        least, more = divmod(abs(total), len(weights))
        parts = [least + 1] * more + [least] * (len(weights) - more)
        return [-part for part in parts] if total < 0 else parts
    whole = sum(weights)
    parts = [abs(total) * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: -(abs(total) * weights[i] % whole))
    for i in by_remainder[: abs(total) - sum(parts)]:
        parts[i] += 1
    return [-part for part in parts] if total < 0 else parts
