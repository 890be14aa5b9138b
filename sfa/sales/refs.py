"""References: how a record is called. `O-12` for a record of this database, `O-k7q2-12` for one of another site.

An id is `site * 10**12 + n`, so that databases never draw the same one. Nothing here looks a record up.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sfa.sales.kinds import KINDS

SPAN = 10**12
SITES = 2**20
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUE = {c: i for i, c in enumerate(_ALPHABET)} | {"o": 0, "i": 1, "l": 1}
_PREFIXES = {k.prefix: k.name for k in KINDS.values() if k.prefix}
_REF = r"(?i)([A-Za-z]{1,2})-?(?:([0-9a-z]{4})-)?([0-9]{1,12})\Z"


def site_text(site: int) -> str:
    """A site number below 2**20 as four characters of base 32."""
    return "".join(_ALPHABET[site >> shift & 31] for shift in (15, 10, 5, 0))


def show(kind: str, number: int, site: int) -> str:
    """The reference people see for record id `number` in a database whose own site is `site`."""
    prefix = KINDS[kind].prefix
    home, n = divmod(number, SPAN)
    return f"{prefix}-{n}" if home == site else f"{prefix}-{site_text(home)}-{n}"


def shower(kind: str, site: int) -> Callable[[str, int], str]:
    """`show` for many records of one kind: own ones without a search."""
    begin, own, end = f"{KINDS[kind].prefix}-", site * SPAN, (site + 1) * SPAN
    return lambda _, number: f"{begin}{number - own}" if own <= number < end else show(kind, number, site)


def long_form(kind: str, number: int) -> str:
    """The reference that means the same record in every database."""
    home, n = divmod(number, SPAN)
    return f"{KINDS[kind].prefix}-{site_text(home)}-{n}"


def long_forms(kind: str, numbers: Sequence[int | None]) -> list[str | None]:
    """`long_form` of many records, most of which are of one site."""
    site = next((n // SPAN for n in numbers if n is not None), 0)
    begin, own, end = f"{KINDS[kind].prefix}-{site_text(site)}-", site * SPAN, (site + 1) * SPAN
    return [None if n is None else f"{begin}{n - own}" if own <= n < end else long_form(kind, n) for n in numbers]


def parse(text: str, site: int) -> tuple[str, int] | None:
    """(kind, id) where `text` has the form of a reference (`O-12`, `o12`, `O-k7q2-12`), else None."""
    found = re.match(_REF, text.strip())
    if not found or found[1].upper() not in _PREFIXES:
        return None
    home = site
    if found[2]:
        digits = found[2].lower()
        if any(c not in _VALUE for c in digits):
            return None
        home = 0
        for c in digits:
            home = home * 32 + _VALUE[c]
    return _PREFIXES[found[1].upper()], home * SPAN + int(found[3])
