"""The pictures of the reports, made of the rows of their tables: rates with intervals, Pareto, funnel, histogram, trend."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sfa.commands.tables import Table, label_of, worded
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.page import Bars, Lines

Row = dict[str, Any]
MOST_ROWS = 40
"""Bars of a picture; more are a table."""
MOST_PICTURES = 12
"""Pictures of a report that is sliced."""
MOST_LINES = 5
MOST_PARTS = 20
"""Bars of a Pareto; all that is less is one bar more, so that the sum is still the whole."""


def rates(table: Table, rate: str, of: str, said: str) -> list[Bars]:
    """The rate of each row with its Wilson 95 % interval; `of` is what the rate is a part of, by its figure, `said` what it is called."""
    from sfa.page import Bars, Level

    rows = [r for r in table.rows if r.get(rate) is not None]
    if not rows:
        return []
    named, shown = _labels(table), rows[:MOST_ROWS]
    levels = tuple(
        Level(named(r), (f"{r[of]:,}", _percent(r[rate], r["weak"])), r[rate], r[f"{rate}_low"], r[f"{rate}_high"], weak=r["weak"])
        for r in shown
    )
    whole = (table.total or {}).get(rate)
    legend = [say("Dot: {said}", said=said.lower()), "from end to end: its 95 % interval"]
    legend += ["ring and *: a weak rate of fewer than 30"] if any(r["weak"] for r in shown) else []
    legend += [say("upright line: all, {percent}", percent=_percent(whole))] if whole is not None else []
    return [Bars(said + _some(shown, rows), ("n", said), levels, True, whole, "; ".join(legend))]


def pareto(pairs: Iterable[tuple[str, float, str]], title: str) -> list[Bars]:
    """(label, size, the size as text) by falling size, with the share of each and the running sum, which ends at the whole; what is not
    above 0 has no bar."""
    from sfa.page import Bars, Level

    falling = sorted((p for p in pairs if p[1] > 0), key=lambda p: -p[1])
    whole, reached, levels = sum(size for _, size, _ in falling), 0.0, []
    for label, size, text in falling:
        reached += size
        levels.append(Level(label, (text, _percent(size / whole), _percent(reached / whole)), size / whole, reached=reached / whole))
    if not levels:
        return []
    if len(levels) > MOST_PARTS + 1:
        rest = 1 - (levels[MOST_PARTS - 1].reached or 0)
        others = Level(say("{count:,} others", count=len(levels) - MOST_PARTS), ("", _percent(rest), _percent(1)), rest, reached=1.0)
        levels = [*levels[:MOST_PARTS], others]
    return [Bars(title, ("", "Share", "Sum"), tuple(levels), True, legend="Bar: share; dot: sum of the shares from the top")]


def losses(table: Table) -> list[Bars]:
    """Why, or where, deals are lost."""
    shared = any(f.name == "shared_lost_count" for f in table.figures)
    of = next(f for f in table.figures if f.name == ("shared_lost_count" if shared else "lost_count"))
    named = _labels(table)
    return pareto(((named(r), r[of.name], worded(of, r[of.name], "", False, False)) for r in table.rows), "Lost deals")


def revenue(table: Table) -> list[Bars]:
    """How much of the revenue the largest accounts bring."""
    of = next(f for f in table.figures if f.name == "won_amount")
    named = _labels(table)
    pairs = ((named(r), r["won_amount"], worded(of, r["won_amount"], table.currency, True, False)) for r in table.rows)
    return pareto(pairs, "Won amount")


def funnels(table: Table) -> list[Bars]:
    """For each slice and pipeline the deals that entered each stage, and those won of the ones that entered the first."""
    from sfa.page import Bars, Level

    slices: dict[tuple[str, ...], list[Row]] = {}
    names = [n for n, _ in table.dimensions if n != "stage"]
    for row in table.rows:
        slices.setdefault(tuple(label_of(row, n) for n in names), []).append(row)
    out = []
    for key, rows in slices.items():
        levels = [
            Level(r["stage"], (f"{r['entered']:,}", _percent(r["conversion"], r["weak"])), r["entered"], weak=r["weak"]) for r in rows
        ]
        levels.append(Level("Won", (f"{rows[0]['won']:,}", ""), rows[0]["won"]))
        out.append(Bars(" / ".join(key) or "Deals by stage", ("Entered", "Conversion"), tuple(levels)))
    legend = "Conversion: reached a later stage, of those that entered. Won: of those that entered the first stage"
    legend += ". Light and *: fewer than 30 entered" if any(r["weak"] for r in table.rows) else ""
    out = _few(out)
    return [*out[:-1], *(last._replace(legend=". ".join(filter(None, (legend, last.legend)))) for last in out[-1:])]


def lead_funnel(table: Table) -> list[Bars]:
    """How far all leads came."""
    from sfa.page import Bars, Level

    total = table.total or {}
    if not total.get("leads"):
        return []
    steps = [
        (label, total[name])
        for label, name in (("Created", "leads"), ("Qualified", "qualified"), ("Converted", "converted"), ("Won", "won"))
    ]
    levels = tuple(Level(label, (f"{n:,}", _percent(n / total["leads"])), n) for label, n in steps)
    return [Bars("Leads", ("Leads", "Of all"), levels)]


def cycles(table: Table) -> list[Bars]:
    """For each slice how many won deals took how long, and lost ones where nothing is sliced."""
    from sfa.page import Bars, Level
    from sfa.sales.statistics import histogram

    out = []
    sliced = [n for n, _ in table.dimensions if n != "step" and n != "stage"]
    for row in table.rows:
        if not row.get("lengths") or (sliced and row["step"] != "Won deals"):
            continue
        found = histogram(row["lengths"])
        levels = tuple(Level(_days(low, high), (f"{n:,}", _percent(n / row["n"])), n) for low, high, n in found)
        title = together(" / ", [*(label_of(row, n) for n in sliced), say("{step} by days from opened to closed", step=row["step"])])
        legend = say("Median {median_days:.4g} days, 90 % within {p90_days:.4g}", median_days=row["median_days"], p90_days=row["p90_days"])
        out.append(Bars(title, ("Deals", "Share"), levels, legend=legend + (say("; only {n:,} deals", n=row["n"]) if row["weak"] else "")))
    return _few(out)


def reasons(table: Table) -> list[Bars | Lines]:
    """Which reasons weigh most, and how many deals the first of them had over time. Months without any deal are a gap."""
    from sfa.page import Lines, Series

    named = _labels(table)
    out: list[Bars | Lines] = [*pareto(((named(r), r["total"], f"{r['total']:,}") for r in table.rows), "Deals by reason")]
    times = sorted({t for row in table.rows for t in row["counts"]})
    labels: list[Any] = times[:1]
    for before, t in pairwise(times):
        labels += [t] if before.end >= t.start else [None, t]
    largest = sorted(table.rows, key=lambda r: -r["total"])[:MOST_LINES]
    series = [(named(r), tuple(r["counts"].get(t, 0) if t else None for t in labels)) for r in largest]
    if len(times) > 1:
        lines = tuple(Series(name, values, f"{values[-1]:,}") for name, values in series)
        out.append(Lines("Deals over time", tuple(t.name if t else "" for t in labels), lines))
    return out


def _labels(table: Table) -> Any:
    names = [n for n, _ in table.dimensions if n != "rank"]
    return lambda row: " / ".join(label_of(row, n) for n in names)


def _percent(share: float | None, weak: bool = False) -> str:
    return "–" if share is None else f"{share * 100:.1f} %" + ("*" if weak else "")


def _days(low: int, high: int | None) -> str:
    return say("{low:,} and more", low=low) if high is None else f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _some(shown: Sequence[Any], all: Sequence[Any]) -> str:
    return say(", the first {count:,} of {count2:,}", count=len(shown), count2=len(all)) if len(shown) < len(all) else ""


def _few(pictures: list[Bars]) -> list[Bars]:
    """The first few, the last of which says that there are more."""
    if len(pictures) <= MOST_PICTURES:
        return pictures
    last = pictures[MOST_PICTURES - 1]
    rest = say("{count:,} more are not drawn: the table has them", count=len(pictures) - MOST_PICTURES)
    return [*pictures[: MOST_PICTURES - 1], last._replace(legend=f"{last.legend}. {rest}" if last.legend else rest)]
