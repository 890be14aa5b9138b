"""What a quota may be, and what is made of one: its ramp over the parts of a period, its copy in another period with growth.

How far a quota is reached is `targets.py`'s; which columns of a file hold quotas `wide.py`'s.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sfa.errors import BadValue, UsageError
from sfa.messages import say, together
from sfa.sales import dates, money
from sfa.sales.dates import Calendar, Period
from sfa.sales.kinds import Kind
from sfa.sales.values import quoted

REVENUE, COUNT = "revenue", "count"
LARGEST = 10**15
Record = dict[str, Any]


class Known(NamedTuple):
    """What quotas can be about: the measures, and the families that products are of."""

    measures: tuple[str, ...] = (REVENUE, COUNT)
    families: tuple[str, ...] = ()


def measures(opportunity: Kind) -> tuple[str, ...]:
    """Revenue, count, and the money fields that the company added to opportunities."""
    return (REVENUE, COUNT, *(f.name for f in opportunity.fields if f.user and f.type == "money"))


def measure(text: str, known: Known) -> str:
    """The measure that a text names. Raises BadValue with the list."""
    wanted = text.strip().lower().replace("-", "_").replace(" ", "_")
    if wanted not in known.measures:
        raise BadValue(
            say("there is no measure {text}", text=quoted(text)), say("Measures: {measures}", measures=together(", ", known.measures))
        )
    return wanted


def family(text: str, known: Known) -> str:
    """The product family that a text names, as products have it. Raises BadValue with the list; a family of no product is none."""
    folded = {f.casefold(): f for f in reversed(known.families)}
    found = text if text in known.families else folded.get(text.strip().casefold())
    if found is None:
        hint = (
            say("Families: {families}", families=together(", ", known.families[:20]))
            if known.families
            else "A product's family is one of its fields."
        )
        raise BadValue(say("no product is of the family {text}", text=quoted(text)), hint)
    return found


def checked(given: Record, known: Known) -> Record:
    """A quota as it may be kept: its measure and family by their own names, and exactly one figure of 0 or more: a whole number of deals
    where the measure is `count`, else an amount in minor units. Raises BadValue."""
    out = {**given, "measure": measure(given.get("measure") or REVENUE, known)}
    if given.get("family"):
        out["family"] = family(given["family"], known)
    amount, count = given.get("amount"), given.get("count")
    if out["measure"] == COUNT:
        if amount is not None:
            raise BadValue("a quota of deals is a count, not an amount")
        if count is None or count < 0 or count != int(count) or count > LARGEST:
            raise BadValue("a quota of deals is a whole number of 0 or more", "As in 12.")
    else:
        if count is not None:
            raise BadValue(say("a quota of {measure} is an amount, not a count", measure=out["measure"]))
        if amount is None or amount < 0:
            raise BadValue("a quota is an amount of 0 or more", "As in 400k or 1.2m.")
    return out


# Ramps ------------------------------------------------------------------------------------------------------------------------------


def months(period: Period, cal: Calendar) -> list[Period]:
    """The months of a period: the fiscal ones where it is of a fiscal year of weeks. Raises UsageError where it is not of whole months."""
    own = cal if dates.of_fiscal_weeks(period, cal) else cal._replace(fiscal_weeks="")
    out = []
    day = period.start
    while day < period.end:
        out.append(dates.fiscal_month(day, own))
        day = out[-1].end
    if out[0].start != period.start or out[-1].end != period.end:
        raise UsageError(
            say("{describe} is not made of whole months", describe=dates.describe(period)), "Take a year, a half, a quarter or a month."
        )
    return out


def parts(period: Period, many: int, cal: Calendar) -> list[Period]:
    """The `many` parts of a year, half or quarter: its months, or its quarters. Raises UsageError for any other number."""
    whole = months(period, cal)
    ways = {len(whole): "months"} | ({len(whole) // 3: "quarters"} if len(whole) in (6, 12) else {})
    if len(whole) not in (3, 6, 12):
        raise UsageError(
            say("{describe} has no parts to ramp over", describe=dates.describe(period)), "A ramp goes over a year, a half or a quarter."
        )
    if many not in ways:
        allowed = " or ".join(f"{n} ({unit})" for n, unit in sorted(ways.items()))
        raise UsageError(
            say(
                "the ramp has {many} step{s}, {name} needs {allowed}",
                many=many,
                s="s" if many != 1 else "",
                name=period.name,
                allowed=allowed,
            )
        )
    step = len(whole) // many
    edges = [(whole[i].start, whole[i + step - 1].end) for i in range(0, len(whole), step)]
    return [_called(start, end, period, cal) for start, end in edges]


def _called(start: date, end: date, of: Period, cal: Calendar) -> Period:
    """A part under its fiscal name where the whole is a fiscal period, else under its calendar name."""
    if of.name.startswith("FY"):
        for part in (dates.fiscal_month(start, cal), dates.fiscal_quarter(start, cal)):
            if (part.start, part.end) == (start, end):
                return part
    return dates.parse_period_key(dates.period_key(start, end))


def steps(text: str) -> list[int]:
    """The weights of a ramp: percentages (`50%,75%,100%,100%`) or plain numbers (`1,1,2,2`), as whole numbers in the same proportion.

    Raises BadValue."""
    words = [w.strip() for w in text.split(",")]
    found = [re.fullmatch(r"(\d{1,6}(?:\.\d{1,4})?)\s*(%?)", w) for w in words]
    bad = next((w for w, m in zip(words, found, strict=True) if m is None), None)
    if bad is not None:
        raise BadValue(say("a ramp is made of weights, not {bad}", bad=quoted(bad)), "As in 50%,75%,100%,100% or 1,1,2,2.")
    if len({m[2] for m in found if m}) > 1:
        raise BadValue(say("the ramp {text} mixes percentages and plain weights", text=quoted(text)))
    weights = [int(Decimal(m[1]) * 10_000) for m in found if m]
    if not any(weights):
        raise BadValue(say("the ramp {text} has no weight above 0", text=quoted(text)))
    return weights


def ramped(given: Record, weights: list[int], over: list[Period]) -> list[Record]:
    """One quota for each part of a period; their figures add up to that of `given`, by largest remainder."""
    name = "amount" if given.get("amount") is not None else "count"
    shares = money.allocate(int(given[name]), weights)
    return [{**given, "period": dates.period_key(p.start, p.end), name: share} for p, share in zip(over, shares, strict=True)]


# Copies -----------------------------------------------------------------------------------------------------------------------------


class Move(NamedTuple):
    """From the months of one period to those of another: edge of a month → the edge at the same place."""

    edges: dict[date, date]

    def of(self, key: str) -> str | None:
        """The stored period at the same place; None for one that does not begin and end with a month."""
        period = dates.parse_period_key(key)
        start, end = self.edges.get(period.start), self.edges.get(period.end)
        return dates.period_key(start, end) if start and end else None


def move(source: Period, target: Period, cal: Calendar) -> Move:
    """How the quotas of `source` find their places in `target`. Raises UsageError where these are not of the same kind."""
    ours, theirs = months(source, cal), months(target, cal)
    fiscal = [dates.of_fiscal_weeks(p, cal) for p in (source, target)]
    if len(ours) != len(theirs) or fiscal[0] != fiscal[1]:
        raise UsageError(
            say("{name} and {name2} are not of the same kind", name=source.name, name2=target.name),
            say(
                "{name} has {count} month{s}, {name2} {count2}: copy a year to a year.",
                name=source.name,
                count=len(ours),
                s="s" if len(ours) != 1 else "",
                name2=target.name,
                count2=len(theirs),
            )
            if len(ours) != len(theirs)
            else "One is a fiscal period of weeks, the other a calendar one.",
        )
    if source.start == target.start:
        raise UsageError(say("{name} and {name2} are the same period", name=source.name, name2=target.name))
    return Move({a.start: b.start for a, b in zip(ours, theirs, strict=True)} | {ours[-1].end: theirs[-1].end})


def growth(text: str) -> Decimal:
    """A percentage such as `8%`, `-2.5` as a number. Raises BadValue for what is none, and for less than -100."""
    found = re.fullmatch(r"([+-]?\d{1,4}(?:\.\d{1,4})?)\s*%?", money.plain(text).strip())
    if found is None or Decimal(found[1]) < -100:
        raise BadValue(say("{text} is no growth", text=quoted(text)), "A percentage of -100 or more, such as 8% or -2.5%.")
    return Decimal(found[1])


def grown(record: Record, percent: Decimal) -> Record:
    """The figure of a quota grown by a percentage, half-even to whole units of its currency (or whole deals); as it is under 0 percent."""
    if not percent:
        return {}
    if record.get("amount") is None:
        return {"count": _rounded(int(record["count"]), percent, 1)}
    unit = 10 ** money.exponent(record["currency"])
    return {"amount": _rounded(record["amount"], percent, unit) * unit}


def _rounded(figure: int, percent: Decimal, unit: int) -> int:
    top, bottom = (100 + percent).as_integer_ratio()
    return money.half_even(figure * top, 100 * bottom * unit)
