"""Tables of quotas with a column for each month, quarter, half or year: which headers name a period, and which are totals of others.

Headers alone are looked at here (of a column `Year` its cells too); the quotas in the cells are read in `quotarows.py`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sfa.errors import BadValue, UsageError
from sfa.messages import say
from sfa.sales import mapping
from sfa.sales.dates import Calendar, Period, describe, parse_period, plainly
from sfa.sales.kinds import Kind
from sfa.sales.values import quoted

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG = ("uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember")
_NAMES = {name: i for i, short in enumerate(_MONTHS, 1) for name in (short, short + _LONG[i - 1])} | {"sept": 9}
_MOST = {"h": 2, "q": 4, "m": 12}
_MONTHS_IN = {"y": 12, "h": 6, "q": 3, "m": 1, "n": 1}
_YEAR = r"(?P<year>fy ?(?:\d{4}|\d\d)|\d{4})"
_SHORT = r"(?P<short>\d\d)"
_GAP = r"[-/., ]*"
_FORMS = (
    _YEAR,
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})",
    r"(?P<month>\d{1,2})/(?P<year>\d{4})",
    f"(?P<name>[a-z]{{3,9}})(?:{_GAP}{_YEAR}|[-/., ]+{_SHORT})?",
    rf"{_YEAR}{_GAP}(?P<name>[a-z]{{3,9}})",
    f"(?P<unit>[qhm])(?P<number>\\d{{1,2}})(?:[-/., ]+(?:{_YEAR}|{_SHORT}))?",
    rf"{_YEAR}{_GAP}(?P<unit>[qhm])(?P<number>\d{{1,2}})",
)
_TOTAL = r"(?:.*\b)?(?:totals?|sum|annual|ytd)(?:\b.*)?|fy|(?:full|fiscal)? ?year|合计|总计"
_YEARS = r"(?i)\s*(?:fy ?)?(?:19|20|21)\d\d\s*|\s*fy ?\d\d\s*"


class Part(NamedTuple):
    """The period that a header names: `unit` y, h, q, m (by number) or n (a month by name); `year` "2026", "FY26", or "" where the row or
    the map says it."""

    unit: str
    number: int
    year: str


class Wide(NamedTuple):
    """A column of quotas: its place, its header, its period and what that is called, and whether the map calls its figures counts."""

    at: int
    header: str
    part: Part
    period: str
    counted: bool = False

    @property
    def title(self) -> str:
        return say("{word} of {period}", word="count" if self.counted else "amount", period=self.period)


def part_of(header: str) -> Part | None:
    """The period that a header names, None for any other header. A year of two digits counts after a month or a quarter (`Jan-26`)."""
    try:
        text = plainly(header)
    except ValueError:
        return None
    text = re.sub(r"\b(?:sales|quotas?|targets?|goals?|budget)\b", " ", text).replace("'", " ").replace("_", " ").strip(" -:()")
    for form in _FORMS:
        if (found := re.fullmatch(form, " ".join(text.split()))) is None:
            continue
        got = {"year": None, "short": None, "month": None, "name": None, "unit": None, "number": None, **found.groupdict()}
        year = got["year"].replace(" ", "").upper() if got["year"] else f"20{got['short']}" if got["short"] else ""
        if got["name"]:
            return Part("n", _NAMES[got["name"]], year) if got["name"] in _NAMES else None
        unit, number = got["unit"] or ("m" if got["month"] else "y"), int(got["number"] or got["month"] or 1)
        return Part(unit, number, year) if 1 <= number <= _MOST.get(unit, 1) else None
    return None


def resolve(part: Part, base: str, cal: Calendar) -> Period:
    """The period of a part; `base` is the year (or the whole period) that its row names, "" for none. Raises BadValue."""
    whole = parse_period(base, cal) if base else None
    year = part.year or (whole.name if whole else "")
    if not re.fullmatch(r"(?i)(?:fy ?)?\d{2,4}", year):
        raise BadValue(
            say("a year is needed where {year} stands", year=quoted(year)) if year else "no year is given", "As in 2026 or FY26."
        )
    fiscal = year.upper().startswith("FY")
    number = (part.number - cal.fiscal_month) % 12 + 1 if part.unit == "n" and fiscal else part.number
    unit = "m" if part.unit == "n" else part.unit
    text = year if unit == "y" else f"{year}-{number:02d}" if unit == "m" and not fiscal else f"{year}-{unit}{number}"
    period = parse_period(text, cal)
    if whole and not (whole.start <= period.start and period.end <= whole.end):
        raise BadValue(say("{name} is not within {describe}", name=period.name, describe=describe(whole)))
    return period


class Found(NamedTuple):
    """What a header turned out to hold: columns of quotas, (place, header) of totals, the header that is left to be matched to fields
    (blank where a column is taken), and the map without what it says of the columns taken."""

    columns: tuple[Wide, ...]
    totals: tuple[tuple[int, str], ...]
    header: list[str]
    map: mapping.Map


def match(kind: Kind, header: list[str], samples: list[list[str]], given: mapping.Map, cal: Calendar) -> tuple[mapping.Plan, Found | None]:
    """Where the columns of a file of quotas go, those that name periods among them. Raises UsageError."""
    found = find(header, samples, given, cal)
    if found is None:
        return mapping.match(kind, header, samples, given), None
    plan = mapping.match(kind, found.header, samples, found.map)
    columns = tuple(c._replace(header=header[c.at]) for c in plan.columns if c.field.name != "id")
    mapped = {c.at for c in columns} | {w.at for w in found.columns}
    left = tuple((i, header[i]) for i, _ in plan.left if i not in mapped)
    own = tuple((c.at, header[c.at]) for c in plan.columns if c.field.name == "id")
    if not any(w.part.year for w in found.columns) and "period" not in found.map.set and not plan.feeding("period"):
        raise UsageError(
            say("{header} says no year, and nothing else in the file does", header=quoted(found.columns[0].header)),
            'Give it in a map file: [set] period = "2026" (or "FY26"); or add a column Year.',
        )
    return mapping.Plan(kind, columns, (*left, *own), given), found


def find(header: list[str], samples: list[list[str]], given: mapping.Map, cal: Calendar) -> Found | None:
    """The columns of a header that name periods, None where none does.

    A column whose period holds that of another, or that is called a total, is left out unless the map makes it an amount: parents and
    children are never added together."""
    said = {mapping.plain(name): target for name, target in given.columns.items()}
    wide: list[Wide] = []
    for at, name in enumerate(header):
        target, part = said.get(mapping.plain(name)), part_of(name)
        if part and target in (None, "amount", "count"):
            period = resolve(part, "", cal).name if part.year else say("{name} of the row's year", name=name.strip())
            wide.append(Wide(at, name, part, period, target == "count"))
    if not wide:
        return None
    sums = [w for w in wide if mapping.plain(w.header) not in said and any(_holds(w.part, o.part, cal) for o in wide)]
    columns = tuple(w for w in wide if w not in sums)
    _check_twice(columns, cal)
    totals = [(w.at, w.header) for w in sums]
    names = list(header)
    for at, name in enumerate(header):
        if any(at == w.at for w in wide):
            names[at] = ""
        elif mapping.plain(name) in said:
            continue
        elif re.fullmatch(r"(?i)(?:fiscal |fy )?year|fy", name.strip()) and _years(samples, at):
            names[at] = "period"
        elif re.fullmatch(_TOTAL, plainly(name[:200])) or mapping.plain(name) in ("quota", "target", "salesquota", "amount", "count"):
            names[at] = ""
            totals.append((at, name))
    at_work = {mapping.plain(w.header) for w in wide}
    rest = given._replace(columns={n: t for n, t in given.columns.items() if mapping.plain(n) not in at_work})
    return Found(columns, tuple(sorted(totals)), names, rest)


def _years(samples: list[list[str]], at: int) -> bool:
    """Whether a column holds years, not sums."""
    cells = [row[at] for row in samples if at < len(row) and row[at].strip()]
    return bool(cells) and all(re.fullmatch(_YEARS, cell) for cell in cells)


def _holds(whole: Part, part: Part, cal: Calendar) -> bool:
    """Whether the period of one column takes in that of another. Of months by name in a year yet unknown, every longer column does."""
    if _MONTHS_IN[whole.unit] <= _MONTHS_IN[part.unit]:
        return False
    if whole.year and part.year:
        outer, inner = resolve(whole, "", cal), resolve(part, "", cal)
        return outer.start <= inner.start and inner.end <= outer.end
    if whole.unit == "y" or part.unit == "n":
        return True
    first, size = (part.number - 1) * _MONTHS_IN[part.unit], _MONTHS_IN[whole.unit]
    return first // size == whole.number - 1


def _check_twice(columns: tuple[Wide, ...], cal: Calendar) -> None:
    seen: dict[object, str] = {}
    for w in columns:
        key = (w.counted, resolve(w.part, "", cal)[:2] if w.part.year else w.part)
        if key in seen:
            raise UsageError(
                say("{seen} and {header} are of the same period", seen=quoted(seen[key]), header=quoted(w.header)),
                'Leave one out: [columns] with "".',
            )
        seen[key] = w.header
