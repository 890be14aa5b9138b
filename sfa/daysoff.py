"""Public holidays of a country, by the library `holidays`, which is asked once a quarter: it takes longer to load than a command may.

What it said is kept in a small file of the user's own, beside what `sfa today` remembers; nothing is lost with it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta

from sfa.errors import UsageError
from sfa.messages import say, together

KEPT = timedelta(days=90)
"""How long what the library said holds: governments do move holidays, and newer versions know."""


def known(country: str, folder: str, today: date) -> Callable[[int], dict[date, str]]:
    """A function from years to their holidays (day → name) in `country`: a code, with a part of the country behind it where holidays
    differ (DE-BY). Where the library is not there, there are none."""
    found: dict[int, dict[date, str]] = {}

    def of(year: int) -> dict[date, str]:
        if year not in found:
            path = os.path.join(folder, f"holidays-{country}-{year}.tsv")
            kept = _read(path, today)
            if kept is None:
                try:
                    kept = ask(country, year)
                except (UsageError, ImportError):
                    kept = {}
                else:
                    _write(path, kept, today)
            found[year] = kept
        return found[year]

    return of


def ask(country: str, year: int) -> dict[date, str]:
    """The holidays of a year as the library knows them. Raises UsageError for a country or part that it does not know, ImportError
    where it is not installed."""
    import holidays

    code, _, part = country.partition("-")
    try:
        return dict(holidays.country_holidays(code, subdiv=part or None, years=year, language="en_US").items())
    except NotImplementedError:
        known = holidays.list_supported_countries().get(code)
        hint = (
            say("Parts of {code}: {known}", code=code, known=together(", ", known))
            if known
            else "Without holidays only weekends are known."
        )
        raise UsageError(say("no holidays of {country} are known", country=country), hint) from None


def check(country: str) -> str:
    """What there is to say about a country that was just set: that its holidays are not known here, or "". Raises UsageError for a part
    that it does not have."""
    try:
        ask(country, 2026)
    except ImportError:
        return "holidays need one more package: pip install 'sfa[holidays]'; until then only weekends are known"
    return ""


def _read(path: str, today: date) -> dict[date, str] | None:
    """What is kept, None where nothing is that holds still."""
    try:
        with open(path, encoding="utf-8") as f:
            first, *lines = f.read().splitlines()
        if not timedelta() <= today - date.fromisoformat(first) <= KEPT:
            return None
        return {date.fromisoformat(day): name for day, name in (line.split("\t") for line in lines)}
    except (OSError, ValueError):
        return None


def _write(path: str, kept: dict[date, str], today: date) -> None:
    """Keep it; where the file cannot be written the library is asked again the next time."""
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.writelines([f"{today}\n", *(f"{day}\t{name}\n" for day, name in sorted(kept.items()))])
        os.replace(path + ".new", path)
    except OSError:
        pass
