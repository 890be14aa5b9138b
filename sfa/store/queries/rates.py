"""Conversion into the company currency, exactly, in SQL: each deal at the rate of its day, rounded half to even deal by deal.

The latest rate on or before a day counts, of the pair either way round. A day without one stops the report by name; nothing ever counts
at a rate of 1."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from math import gcd
from operator import itemgetter
from typing import NamedTuple

from sfa.errors import Refused
from sfa.messages import say, together
from sfa.sales import dates, money
from sfa.store.database import Store
from sfa.store.queries import scope

_LARGEST = 2**63 - 1


class Rate(NamedTuple):
    """From `start` on (ISO), minor units of the company currency are minor units × `num` ÷ `den`."""

    currency: str
    start: str
    num: int
    den: int


def timeline(store: Store) -> list[Rate]:
    """Every rate between another currency and the report's, by currency and day; on one day the direct one beats its inverse.

    Into a currency that is not the company's, a currency without a rate to it goes by way of the company's: both rates of the day."""
    base = store.currency
    direct = _quoted(store, base)
    if base != store.home and base in {c for c, _ in _quoted(store, store.home)}:
        direct = _by_way_of(_quoted(store, store.home), store.home, base, {c for c, _ in direct} - {store.home}) | direct
    out = []
    for (other, day), (num, den) in sorted(direct.items()):
        num, den = num * 10 ** money.exponent(base), den * 10 ** money.exponent(other)
        by = gcd(num, den)
        out.append(Rate(other, day, num // by, den // by))
    return out


Quoted = dict[tuple[str, str], tuple[int, int]]
"""(currency, day) → what one of it costs in another currency, as a fraction."""


def _quoted(store: Store, base: str) -> Quoted:
    """The rates that were set between `base` and another currency."""
    found: Quoted = {}
    rows = store.db.execute(
        'SELECT currency,base,"date",rate FROM rate WHERE (base=?1)<>(currency=?1) ORDER BY base=?1', (base,)
    ).fetchall()
    for currency, to, day, text in rows:
        num, den = money.rate_parts(text)
        found[(currency, day) if to == base else (to, day)] = (num, den) if to == base else (den, num)
    return found


def _by_way_of(home: Quoted, company: str, base: str, skip: set[str]) -> Quoted:
    """Rates into `base` of the currencies that have one into the company's: the one divided by that of `base`, from each day on which
    both are known and either changes."""
    out: Quoted = {}
    lines: dict[str, list[tuple[str, tuple[int, int]]]] = {}
    for (currency, day), rate in sorted(home.items()):
        lines.setdefault(currency, []).append((day, rate))
    own = lines.pop(base)
    lines[company] = [("0001-01-01", (1, 1))]
    for currency in lines.keys() - skip:
        line = lines[currency]
        for day in {d for d, _ in (*own, *line)}:
            at, at_own = (bisect_right(x, day, key=itemgetter(0)) for x in (line, own))
            if at and at_own:
                (n, d), (m, e) = line[at - 1][1], own[at_own - 1][1]
                out[currency, day] = n * e, d * m
    return out


def rate_on(store: Store, currency: str, day: date) -> Rate:
    """The rate that holds on a day. Raises Refused naming currency, day and command."""
    if currency == store.currency:
        return Rate(currency, "", 1, 1)
    held = [r for r in timeline(store) if r.currency == currency and r.start <= day.isoformat()]
    if not held:
        raise missing(store, currency, day.isoformat())
    return held[-1]


class Converter:
    """Converts amounts into the report's currency by the rates that the store shows when it is made."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.lines: dict[str, tuple[list[str], list[Rate]]] = {}
        for rate in timeline(store):
            days, found = self.lines.setdefault(rate.currency, ([], []))
            days.append(rate.start)
            found.append(rate)

    def knows(self, currency: str | None, day: str) -> bool:
        """Whether a rate of this currency holds on an ISO day."""
        return currency is None or currency == self.store.currency or bool(bisect_right(self.lines.get(currency, ([], []))[0], day))

    def __call__(self, amount: int | None, currency: str | None, day: str) -> int:
        """Minor units at the rate that holds on an ISO day, 0 for a blank amount. Raises Refused naming currency, day and command."""
        if not amount or currency is None or currency == self.store.currency:
            return amount or 0
        days, found = self.lines.get(currency, ([], []))
        at = bisect_right(days, day)
        if not at:
            raise missing(self.store, currency, day)
        return convert(amount, found[at - 1])

    def ranked(self, amount: int | None, currency: str | None, day: str) -> tuple[int, str]:
        """(minor units, currency) for what only ranks deals: converted where a rate of the day is known, else as it stands."""
        if self.knows(currency, day):
            return self(amount, currency, day), self.store.currency
        return amount or 0, currency or self.store.currency


def used(store: Store, currencies: list[str], day: date) -> list[Rate]:
    """The rates that hold on a day for those of `currencies` that have one: what a report's heading names."""
    held = {r.currency: r for r in timeline(store) if r.start <= day.isoformat()}
    return [held[c] for c in currencies if c in held]


def convert(amount: int, rate: Rate) -> int:
    """Minor units of the company currency, half to even."""
    return money.half_even(amount * rate.num, rate.den)


def missing(store: Store, currency: str, day: str) -> Refused:
    """The error for a rate that is not there. It names every other one that some deal lacks too, so that all can be set in one go."""
    message = say(
        "there is no exchange rate of {currency} to {currency2} on {day} or before", currency=currency, currency2=store.currency, day=day
    )
    if store.moment is not None:
        return Refused(
            say("{message} that was known then", message=message),
            say("A rate that is set now was not known then. Leave those deals out: currency:{currency}", currency=store.currency),
        )
    commands = remedy(store, {currency: day})
    if len(commands) == 1:
        return Refused(message, commands[0])
    told = say("{count} rates are missing; one holds from its day on, until the next:", count=len(commands))
    return Refused(message, "\n  ".join([told, *commands]))


def remedy(store: Store, asked: dict[str, str]) -> list[str]:
    """The commands that set every rate which is missing, for the currencies of `asked` (→ the day that needs one) and those of all deals:
    from the beginning of the year in which one is needed first, the calendar's or the fiscal one, where also its plan rate holds."""
    today = scope.calendar(store).today.isoformat()
    needed = dict(asked)
    sql = "SELECT currency,min(coalesce(closed,?)) FROM opportunity WHERE amount IS NOT NULL AND currency<>? GROUP BY currency"
    for currency, day in store.db.execute(sql, (today, store.currency)):
        needed[currency] = min(day, needed.get(currency, day))
    known: dict[str, str] = {}
    for rate in timeline(store):
        known.setdefault(rate.currency, rate.start)
    lacking = {c: day for c, day in needed.items() if c in asked or known.get(c, "9999") > day}
    base = "" if store.currency == store.home else f" --base {store.currency}"
    return [f"sfa rate set {c} RATE{base} --date {_year_of(store, day)}" for c, day in sorted(lacking.items())]


def _year_of(store: Store, day: str) -> str:
    """The first day of the year that an ISO day is in, of the calendar's or the fiscal one, whichever began first."""
    on = date.fromisoformat(day)
    return min(date(on.year, 1, 1), dates.parse_period("this fy", store.calendar._replace(today=on)).start).isoformat()


def lacking(store: Store, currencies: Iterable[str | None]) -> dict[str, str]:
    """Currency → today, of those that no rate of today is known for: what only ranks deals goes on without, and says so."""
    day = scope.calendar(store).today.isoformat()
    converter = Converter(store)
    return {c: day for c in sorted({c for c in currencies if c}) if not converter.knows(c, day)}


def untold(store: Store, missing: dict[str, str]) -> list[str]:
    """What is said once where deals are shown in their own currencies for want of a rate, a line each; nothing where none is missing."""
    if not missing:
        return []
    said = say(
        "No exchange rate of {missing} to {currency}: those deals stand in their own currency",
        missing=together(", ", missing),
        currency=store.currency,
    )
    if store.moment is not None:
        return [said]
    return [say("{said} until you set it:", said=said), *(f"  {c}" for c in remedy(store, missing))]


def prepare(store: Store) -> None:
    """Fill the temporary table of rates that `converted` looks into, and make the exact functions for what 64 bits cannot hold."""
    db = store.db
    db.execute("CREATE TEMP TABLE IF NOT EXISTS fx(currency TEXT, start TEXT, num, den, most INTEGER)")
    db.execute("CREATE INDEX IF NOT EXISTS temp.fx_day ON fx(currency, start)")
    db.execute("DELETE FROM temp.fx")
    db.executemany("INSERT INTO temp.fx VALUES(?,?,?,?,?)", [_row(r) for r in timeline(store)])
    db.create_function("sfa_convert", 3, _convert, deterministic=True)
    db.create_function("sfa_share", 2, money.share, deterministic=True)


def _row(rate: Rate) -> tuple[str, str, int | str, int | str, int]:
    if 2 * rate.den > _LARGEST or rate.num > _LARGEST:
        return rate.currency, rate.start, str(rate.num), str(rate.den), -1
    return rate.currency, rate.start, rate.num, rate.den, _LARGEST // rate.num


def _convert(amount: int, num: int | str, den: int | str) -> int:
    return money.half_even(amount * int(num), int(den))


def join(alias: str, currency: str, day: str) -> str:
    """The join that finds the rate of `currency` on `day` (SQL expressions); no row's columns are NULL where there is none."""
    return (
        f"LEFT JOIN temp.fx {alias} ON {alias}.rowid=(SELECT f.rowid FROM temp.fx f WHERE f.currency={currency} AND f.start<={day}"
        " ORDER BY f.start DESC LIMIT 1)"
    )


def converted(store: Store, alias: str, amount: str, currency: str) -> str:
    """The SQL of an amount in the company currency, with `join` before it; NULL where the rate is missing."""
    n, d = f"{alias}.num", f"{alias}.den"
    product = f"(abs({amount})*{n})"
    rounded = f"({product}/{d}+(2*({product}%{d})>{d} OR (2*({product}%{d})={d} AND ({product}/{d})%2=1)))"
    return (
        f"CASE WHEN {currency}='{store.currency}' THEN {amount} WHEN {n} IS NULL THEN NULL"
        f" WHEN abs({amount})>{alias}.most THEN sfa_convert({amount},{n},{d})"
        f" WHEN {amount}<0 THEN -{rounded} ELSE {rounded} END"
    )


_SHIFT = 2 * 10**17
"""A multiple of 200 that lifts every product of an amount within money.LIMIT and a percentage above zero: / and % then round down."""


def weighted(amount: str, percent: str, bounded: bool) -> str:
    """The SQL of amount × percent ÷ 100, half to even: exact for amounts within money.LIMIT, which is all that is stored (`bounded`);
    converted ones may be larger."""
    lifted = f"({amount}*{percent}+{_SHIFT + 50})"
    fast = f"{lifted}/100-({lifted}%200=100)-{_SHIFT // 100}"
    return fast if bounded else f"CASE WHEN abs({amount})>{money.LIMIT} THEN sfa_share({amount},{percent}) ELSE {fast} END"
