"""Phone numbers: as they are kept (E.164, an extension behind it), found in what people write with the help of the row's country.

The phone library knows what a number is; because it takes some 20 µs for one, plain numbers are checked against its own patterns here, and
only the others are handed to it. A text that is no valid number is kept as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from sfa.sales.countries import region as region_of

WRITTEN = "_written"
"""The ending of the field that keeps a phone number as it was written, beside the one that holds it in one form."""
_REMEMBERED = 50_000
_SEPARATORS = {ord(c): None for c in " ().-/\u00a0\u2010\u2011\u2012\u2013\u2014\u202f"}
_TYPES = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)


def normal(text: str, region: str = "") -> str | None:
    """`text` as E.164 (`+493012345`, with an extension `+493012345 x12`), or None where it is no valid number as far as can be told:
    one that names no country needs the `region` (two letters) that it is from."""
    digits = text.translate(_SEPARATORS)
    if digits.isascii() and "(0)" not in text:
        if digits[:1] == "+" and digits[1:].isdigit():
            sure = _sure(digits[1:])
            if sure is not None:
                return digits if sure else None
        elif region and digits.isdigit() and (found := _home(digits, region)):
            return found
    return _by_library(text, region)


def _sure(digits: str) -> bool | None:
    """Whether digits with their country's code are a number; None where that takes the library, which alone knows dialling."""
    codes = _codes()
    for size in (1, 2, 3):
        if code := codes[digits[:size]]:
            rest = digits[size:]
            if code.trunk and (dialled := code.trunk(rest)) and dialled.end():
                return None
            pattern = code.by_length[len(rest)]
            return bool(pattern and pattern(rest))
    # +00… is dialled from somewhere; any other beginning is no country's.
    return None if digits[0] == "0" else False


def _home(digits: str, region: str) -> str | None:
    """Digits as dialled within their region, as E.164, where there is no doubt."""
    home = _region(region)
    if home is None or digits.startswith(home.code) or home.abroad(digits):
        return None
    if home.trunk_digits and digits.startswith(home.trunk_digits):
        digits = digits[len(home.trunk_digits) :]
        if digits.startswith(home.code):
            return None
    elif home.trunk and home.trunk(digits):
        return None
    number = home.code + digits
    return f"+{number}" if _sure(number) else None


Match = Callable[[str], Any]


class _Lengths(dict[int, Match | None]):
    """Length → the matcher of all numbers of that length; most lengths are never met, and compiling takes its time."""

    def __init__(self, patterns: dict[int, list[str]]) -> None:
        super().__init__()
        self.patterns = patterns

    def __missing__(self, size: int) -> Match | None:
        patterns = self.patterns.get(size)
        self[size] = found = re.compile("|".join(patterns)).fullmatch if patterns else None
        return found


class _Code(NamedTuple):
    """The numbers of a country's code: length → what a number of that length matches; what trunk digits in front match."""

    by_length: _Lengths
    trunk: Match | None


class _Region(NamedTuple):
    code: str
    trunk_digits: str
    trunk: Match | None
    abroad: Match


class _Codes(dict[str, _Code | None]):
    """Calling code → its numbers, made when first asked for."""

    def __missing__(self, digits: str) -> _Code | None:
        from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

        found = self[digits] = None
        regions = COUNTRY_CODE_TO_REGION_CODE.get(int(digits)) if digits[:1] != "0" and digits else None
        if not regions:
            return found
        if regions == ("001",):
            all_of = [PhoneMetadata.metadata_for_nongeo_region(int(digits), None)]
        else:
            all_of = [PhoneMetadata.metadata_for_region(r, None) for r in regions]
        trunks = {m.national_prefix_for_parsing for m in all_of if m and m.national_prefix_for_parsing}
        trunk = re.compile("|".join(f"(?:{t})" for t in sorted(trunks))).match if trunks else None
        self[digits] = _Code(_patterns(all_of), trunk)
        return self[digits]


def _patterns(all_of: list[Any]) -> _Lengths:
    """What the numbers of these regions match, by their length."""
    by_length: dict[int, list[str]] = {}
    for meta in all_of:
        mine: dict[int, dict[str, None]] = {}
        for name in _TYPES:
            what = getattr(meta, name, None)
            if what is not None and what.national_number_pattern:
                for size in what.possible_length or meta.general_desc.possible_length:
                    mine.setdefault(size, {})[what.national_number_pattern] = None
        whole = rf"(?=(?:{meta.general_desc.national_number_pattern})\Z)"
        for size, patterns in mine.items():
            by_length.setdefault(size, []).append(f"{whole}(?:{'|'.join(patterns)})")
    by_length.pop(-1, None)
    return _Lengths(by_length)


@cache
def _codes() -> _Codes:
    return _Codes()


@cache
def _region(region: str) -> _Region | None:
    from phonenumbers import PhoneMetadata

    meta = PhoneMetadata.metadata_for_region(region, None)
    if meta is None:
        return None
    parsing = meta.national_prefix_for_parsing
    plain = parsing if parsing and parsing.isdigit() and not meta.national_prefix_transform_rule else ""
    trunk = re.compile(parsing).match if parsing else None
    return _Region(str(meta.country_code), plain, trunk, re.compile(meta.international_prefix or r"\Z(?!)").match)


def _by_library(text: str, region: str) -> str | None:
    if len(text) > 60 or not any(c.isdigit() for c in text):
        return None
    import phonenumbers as lib

    try:
        number = lib.parse(text, region or None)
    except lib.NumberParseException:
        return None
    if not lib.is_valid_number(number):
        return None
    stored: str = lib.format_number(number, lib.PhoneNumberFormat.E164)
    return f"{stored} x{number.extension}" if number.extension else stored


def several(text: str) -> list[str]:
    """The numbers of a cell that may hold more than one. A slash or a comma between digits belongs to a number."""
    return [p for p in (p.strip() for p in re.split(r"[;\n|]|,(?!\d)|, (?=[+(0])|\s/\s|\s:::\s", text)) if p]


def many(text: str, region: str = "") -> str:
    """The comma-joined numbers of a field that holds several, each once, in one form where they are valid."""
    parts = [p.strip() for p in text.split(",") if p.strip()]
    return ",".join(dict.fromkeys(normal(p, region) or p for p in parts))


def for_people(text: str) -> str:
    """A number that is kept in one form, in the groups in which people of its country write it for the world."""
    if not text.startswith("+"):
        return text
    import phonenumbers as lib

    try:
        return str(lib.format_number(lib.parse(text, None), lib.PhoneNumberFormat.INTERNATIONAL)).replace(" ext. ", " x")
    except lib.NumberParseException:
        return text


class Reader:
    """Reads columns of phone numbers; what recurs is read once. `home` is the region of rows that name no country."""

    def __init__(self, home: str = "") -> None:
        self.home = home
        self.known: dict[tuple[str, str], tuple[str, str | None]] = {}
        self.regions: dict[str | None, str] = {None: home}

    def regions_of(self, countries: Sequence[str | None]) -> list[str]:
        """The region of each row by its country; the usual one where that says nothing."""
        known = self.regions
        for country in {*countries} - known.keys():
            known[country] = region_of(country) or self.home
        return [known[c] for c in countries]

    def column(self, texts: Sequence[str | None], regions: Sequence[str], holds_many: bool) -> tuple[list[str | None], list[str | None]]:
        """(The numbers as they are kept, as they were written where that is something else) of a column."""
        if len(self.known) > _REMEMBERED:
            self.known.clear()
        kept: list[str | None] = [None] * len(texts)
        written: list[str | None] = [None] * len(texts)
        known = self.known
        for i, text in enumerate(texts):
            if text:
                key = (text, regions[i])
                found = known.get(key)
                if found is None:
                    stored = many(text, regions[i]) if holds_many else normal(text, regions[i]) or text
                    found = known[key] = (stored, None if stored == text else text)
                kept[i], written[i] = found
        return kept, written


def phone_key(phone: str) -> str:
    """The digits of a phone number without what stands for the country or the trunk in front (00, +, 0), and without an extension."""
    number = re.split(r"(?i)\s*(?:x|ext\.?|extension)\s*(?=\d+\s*\Z)", phone)[0] if "x" in phone or "X" in phone else phone
    return re.sub(r"\D", "", number.replace("(0)", "")).lstrip("0")
