"""Closed deals by one or two dimensions: the computation that `sfa report winloss` and its presets show different columns of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sfa.commands.report.shared import (
    CHANGE,
    WEAKNESS,
    against,
    aligned,
    chance_notes,
    change_cells,
    change_marked,
    columns,
    difference_cells,
    owners,
    tested,
    titled,
    versus_of,
)
from sfa.commands.report.shared import rows as rows_of
from sfa.commands.tables import NONE, Figure, Table, apart, extra, heading
from sfa.errors import UsageError
from sfa.messages import say

if TYPE_CHECKING:
    from sfa.sales.comparison import Compared
    from sfa.sales.dates import Period
    from sfa.sales.filters import Condition
    from sfa.sales.rollup import Slicer
    from sfa.sales.winloss import Key, Outcomes, Share
    from sfa.store.database import Store
    from sfa.store.queries.dimensions import Dimension
    from sfa.store.queries.winloss import Closed

PEOPLE = ("table", "md", "html")
REASONED = ("reason", "reason_group", "secondary_reason")
"""Dimensions that follow from the outcome: win rates by them say nothing, and no row is notable."""
FIGURES = {
    f.name: f
    for f in (
        Figure("count", "count", "Met"),
        Figure("won_count", "count", "Won"),
        Figure("lost_count", "count", "Lost"),
        Figure("win_rate", "ratio", "Win rate"),
        Figure("win_rate_low", "ratio", people=False),
        Figure("win_rate_high", "ratio", people=False),
        Figure("interval", "words", "Interval"),
        Figure("others_win_rate", "ratio", "Without"),
        Figure("difference", "points", "Difference"),
        Figure("difference_low", "ratio", people=False),
        Figure("difference_high", "ratio", people=False),
        Figure("difference_p", "ratio", people=False),
        Figure("difference_interval", "words", "Its interval"),
        *CHANGE,
        Figure("before_win_rate", "ratio", "Before"),
        Figure("before_won_count", "count", "Won before"),
        Figure("before_lost_count", "count", "Lost before"),
        Figure("before_won_amount", "money", "Won before"),
        Figure("before_lost_amount", "money", "Amount before"),
        Figure("win_rate_by_value", "ratio", "By value"),
        Figure("won_amount", "money", "Won amount"),
        Figure("lost_amount", "money", "Lost amount"),
        Figure("loss_share", "ratio", "Of losses"),
        Figure("loss_share_by_value", "ratio", "Of lost amount"),
        Figure("shared_lost_count", "deals", "Lost, shared"),
        Figure("shared_lost_amount", "money", "Amount, shared"),
        Figure("shared_loss_share", "ratio", "Of losses"),
        Figure("shared_loss_share_by_value", "ratio", "Of lost amount"),
        Figure("listed_count", "count", "Listed"),
        Figure("list_amount", "money", "List"),
        Figure("discount", "signed", "Discount"),
        Figure("lost_listed_count", "count", "Listed, lost"),
        Figure("lost_list_amount", "money", "List, lost"),
        Figure("lost_discount", "signed", "Discount, lost"),
        Figure("average_deal", "money", "Average deal"),
        Figure("average_lost", "money", "Average lost"),
        Figure("cycle_mean_days", "days", "Mean days"),
        Figure("cycle_median_days", "days", "Median days"),
        Figure("lost_cycle_mean_days", "days", "Mean to loss"),
        Figure("lost_cycle_median_days", "days", "Median to loss"),
        Figure("lost_without_amount", "count", people=False),
        Figure("weak", "bool", people=False),
    )
}
COMPARED = tuple(n for n in FIGURES if n.startswith(("change", "before_")))
SHARED = tuple(n for n in FIGURES if n.startswith("shared_"))
DISCOUNTS = {"discount": "listed_count", "lost_discount": "lost_listed_count"}
"""Discount → the number of deals that it rests on."""
LISTED = tuple(n for n in FIGURES if "list" in n or n.endswith("discount"))


class Preset(NamedTuple):
    """What one of the reports shows: figure → when it goes where a terminal is narrow (0 stays, the highest first). Programs get these,
    their intervals and whether they are weak; `every`: all there are. `ranked`: rows by won amount, with their rank."""

    title: str
    shown: dict[str, int]
    every: bool = False
    ranked: bool = False
    notable: bool = True

    def figures(self, format: str, compared: bool, shared: bool, discount: bool) -> list[Figure]:
        """The figures for a format, in their order."""
        left_out = (*(() if compared else COMPARED), *(() if shared else SHARED), *(() if discount else LISTED))
        found = [f for f in FIGURES.values() if f.name not in left_out]
        if format in PEOPLE:
            return [f._replace(people=True, drop=self.shown[f.name]) for f in found if f.name in self.shown]
        ends = ("", "_low", "_high", "_p", "_more_than_chance")
        names = {n + end for n in self.shown for end in ends} | {"weak"}
        return [f for f in found if f.type != "words" and ((self.every and f.name != "count") or f.name in names)]


class Made(NamedTuple):
    """Outcomes ready to be shown: by row and in total, `before` of the compared period (None where none was asked for); `shares` of the
    losses by row, where they are shared among reasons; `discount`: list prices were asked for."""

    store: Store
    found: Closed
    slicer: Slicer
    span: Period
    rows: dict[Key, Outcomes]
    total: Outcomes
    pair: Compared | None
    before: dict[Key, Outcomes]
    total_before: Outcomes | None
    shares: dict[Key | None, Share] | None
    discount: bool

    def tests(self) -> int:
        """How many rows have a change that could be more than chance: 30 deals or more in both periods."""
        from sfa.sales.winloss import change

        return tested(change(o, self.before[k]) for k, o in self.rows.items() if k in self.before)


def compute(
    store: Store, by: str, span: Period, conditions: list[Condition], versus: str = "", shared: bool = False, discount: bool = False
) -> Made:
    """Count the deals closed in a period, and those of the period that it is compared with. Raises UsageError, BadValue, Refused."""
    from sfa.store.queries import winloss as query

    span, pair = against(store, span, versus)
    also = _also(by) if shared else ()
    found = query.closed(store, by, span, conditions, also, discount)
    names, counted = [d.name for d in found.dimensions], found.groups
    if shared:
        asked = len(names) - len(also) - 1
        found = found._replace(dimensions=found.dimensions[:asked], groups=[(values[:asked], g) for values, g in counted])
    found = found._replace(dimensions=apart(found.dimensions, FIGURES.values()))
    slicer, rows, total = _sliced(store, found, span)
    shares = None
    if shared:
        from sfa.sales.winloss import shared_losses

        shares = shared_losses(names, counted, query.reasons(store), slicer.rows_of)
    if pair is None:
        return Made(store, found, slicer, span, rows, total, None, {}, None, shares, discount)
    other = query.closed(store, by, pair.other, conditions)
    other = other._replace(dimensions=found.dimensions, groups=aligned(store, other.dimensions, other.groups, span, pair.other))
    _, before, total_before = _sliced(store, other, span)
    return Made(store, found, slicer, span, rows, total, pair, before, total_before, shares, discount)


def _also(by: str) -> tuple[str, ...]:
    """The dimensions that sharing needs beside those asked for."""
    names = [n.strip().lower().replace("-", "_") for n in by.split(",")]
    if "secondary_reason" in names or len({"reason", "reason_group", "group"} & {*names}) != 1:
        raise UsageError("losses are shared among reasons", "Slice by them: --by reason --shared, or --by reason_group,rep --shared")
    return ("secondary_reason",) if "reason" in names else ("reason", "secondary_reason")


def _sliced(store: Store, found: Closed, span: Period) -> tuple[Slicer, dict[Key, Outcomes], Outcomes]:
    """The groups as rows: a deal counts for every manager above, days become months and quarters."""
    from sfa.sales.rollup import slicer
    from sfa.sales.winloss import Outcomes
    from sfa.store.queries.forecast import fiscal

    by_rows = slicer([d.name for d in found.dimensions], found.people, owners(found), fiscal(store, span))
    rows: dict[Key, Outcomes] = {}
    total = Outcomes()
    for values, group in found.groups:
        total.add(group)
        for key in by_rows.rows_of(values):
            rows.setdefault(key, Outcomes()).add(group)
    return by_rows, rows, total


# Shown ------------------------------------------------------------------------------------------------------------------------------


def table(made: Made, preset: Preset, by: str, format: str) -> Table:
    """The table of a preset."""
    from sfa.sales.winloss import MOST_BLANK

    store, found = made.store, made.found
    keys = {*made.rows, *made.before, *(k for k in made.shares or () if k is not None)}
    tests = made.tests()
    weights = {k: _weight(made.rows.get(k), made.before.get(k), preset) for k in keys}
    people = made.slicer.lines.order if made.slicer.names[0] == "manager" and not preset.ranked else ()
    rows = rows_of(store, found.dimensions, [(k, weights[k], {**cells(made, k, tests), "": k}) for k in keys], people)
    total, names = cells(made, None), {d.name for d in found.dimensions}
    # By size, losses without an amount stand apart: where they are many, what is left wins more than it did.
    blank = "deal_size" in names and made.total.lost_blank * 100 > MOST_BLANK * made.total.lost_count
    notable = _notable(made) if preset.notable and not names & {*REASONED, "stage"} and not blank else []
    named = {r.pop(""): _called(found.dimensions, r) for r in rows}
    notes = _left_out_notes(left_out(made))
    if any(_weak(r, name) for r in (*rows, total) for name in ("win_rate", *DISCOUNTS) if name in preset.shown):
        notes.insert(0, WEAKNESS)
    notes += _discount_notes(made, preset) if made.discount else []
    for i, (k, rate, others) in enumerate(notable):
        aside = say(" but {named}", named=named[notable[0][0]]) if i else ""
        notes.append(
            say(
                "{named}: {rate:.1f} % against {others:.1f} % of all others{aside}, more than chance",
                named=named[k],
                rate=rate * 100,
                others=others * 100,
                aside=aside,
            )
        )
    notes += chance_notes((*rows, total))
    more = {**extra(store, made.span), **left_out(made), **versus_of(made.pair)}
    more["notable"] = [{"row": named[k], "win_rate": rate, "others_win_rate": others} for k, rate, others in notable]
    figures = preset.figures(format, made.pair is not None, made.shares is not None, made.discount)
    dims = columns(found.dimensions, format)
    if preset.ranked:
        rows = _ranked(rows, format in PEOPLE)
        dims = [("rank", ""), *dims] if format in PEOPLE else dims
        figures = figures if format in PEOPLE else [Figure("rank", "count"), *figures]
    return Table(dims, figures, rows, total, store.currency, title(made, preset.title, by), notes, more, mark=_marked)


def _called(dimensions: Sequence[Dimension], row: dict[str, Any]) -> str:
    """What a row is called in a sentence; a band is nothing without what it is of."""
    label = {d.name: NONE if row[d.name] is None else str(row[d.name]) for d in dimensions}
    return " / ".join(f"{d.name.replace('_', ' ')} {label[d.name]}" if d.banded else label[d.name] for d in dimensions)


def _weight(now: Outcomes | None, before: Outcomes | None, preset: Preset) -> float:
    """What rows are sorted by: the larger first."""
    amounts = [(o.won_amount, 0 if preset.ranked else o.lost_amount) if o else (0, 0) for o in (now, before)]
    return sum(amounts[0]) + sum(amounts[1]) * 1e-9


def _ranked(rows: list[dict[str, Any]], people: bool) -> list[dict[str, Any]]:
    """Rows with a rank as they stand; those that rest on few deals come last and have none."""
    strong = [r for r in rows if not r["weak"]]
    ranked = [{"rank": str(i) if people else i, **r} for i, r in enumerate(strong, 1)]
    return ranked + [{"rank": "–" if people else None, **r} for r in rows if r["weak"]]


def title(made: Made, what: str, by: str) -> str:
    """Which deals, compared with which."""
    text = heading(made.store, what, made.span, by, more=say(", each deal at the rate of its closed date") if made.found.converted else "")
    return titled(text, made.pair)


def cells(made: Made, key: Key | None, tests: int = 1) -> dict[str, Any]:
    """Every figure of a row, one of `tests` rows whose change is looked at; of the total under None."""
    from sfa.sales.money import half_even
    from sfa.sales.statistics import ratio
    from sfa.sales.winloss import Outcomes, against_others, rates

    total = made.total
    o = total if key is None else made.rows.get(key) or Outcomes()
    r, others = rates(o), against_others(o, total) if key is not None else None
    rest = total.count - o.count
    filled = o.lost_count - o.lost_blank
    out = {
        "count": o.count,
        "won_count": o.won_count,
        "lost_count": o.lost_count,
        "won_amount": o.won_amount,
        "lost_amount": o.lost_amount,
        "lost_without_amount": o.lost_blank,
        "listed_count": o.listed.deals,
        "list_amount": o.listed.list,
        "discount": o.listed.discount,
        "lost_listed_count": o.lost_listed.deals,
        "lost_list_amount": o.lost_listed.list,
        "lost_discount": o.lost_listed.discount,
        "loss_share": ratio(o.lost_count, total.lost_count),
        "loss_share_by_value": ratio(o.lost_amount, total.lost_amount),
        "average_lost": half_even(o.lost_amount, filled) if filled else None,
        "interval": _between(r.win_rate_low, r.win_rate_high),
        "others_win_rate": ratio(total.won_count - o.won_count, rest) if key is not None else None,
        **difference_cells("difference", others),
        **r._asdict(),
    }
    if made.pair is not None:
        out |= _compared(o, made.total_before, 1) if key is None else _compared(o, made.before.get(key), tests)
    return out | (_shared_cells(made, key) if made.shares is not None else {})


def _compared(o: Outcomes, before: Outcomes | None, tests: int) -> dict[str, Any]:
    from sfa.sales.statistics import ratio
    from sfa.sales.winloss import Outcomes, change

    then = before or Outcomes()
    found = change(o, then)
    return {
        **change_cells(found, tests, found),
        "before_win_rate": ratio(then.won_count, then.count),
        "before_won_count": then.won_count,
        "before_lost_count": then.lost_count,
        "before_won_amount": then.won_amount,
        "before_lost_amount": then.lost_amount,
    }


def _shared_cells(made: Made, key: Key | None) -> dict[str, Any]:
    from sfa.sales.statistics import ratio
    from sfa.sales.winloss import Share

    shares = made.shares or {}
    own, whole = shares.get(key, Share()), shares.get(None, Share())
    return {
        "shared_lost_count": own.deals,
        "shared_lost_amount": own.amount,
        "shared_loss_share": ratio(own.deals, whole.deals),
        "shared_loss_share_by_value": ratio(own.amount, whole.amount),
    }


def _between(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low * 100:.1f}–{high * 100:.1f} %"


def _marked(row: dict[str, Any], figure: Figure, shown: str) -> str:
    """A weak rate with a star, a change that is more than chance with a mark."""
    return shown + "*" if _weak(row, figure.name) else change_marked(row, figure, shown)


def _weak(row: dict[str, Any], name: str) -> bool:
    """Whether a figure of a row is a rate that rests on fewer than 30 deals."""
    from sfa.sales.statistics import WEAK

    if row.get(name) is None or name not in ("win_rate", *DISCOUNTS):
        return False
    return bool(row["weak"]) if name == "win_rate" else bool(row[DISCOUNTS[name]] < WEAK)


def _discount_notes(made: Made, preset: Preset) -> list[str]:
    """What the discounts that people see rest on."""
    total = made.total
    parts = [
        ("discount", "Discount", total.listed.deals, say("{won_count:,} won", won_count=total.won_count)),
        ("lost_discount", "Discount, lost", total.lost_listed.deals, say("{lost_count:,} lost", lost_count=total.lost_count)),
    ]
    rule = "deals, those with an amount whose product has a list price; each counts as one unit"
    return [
        say("{label}: of {n:,} of {ended} {rule}", label=label, n=n, ended=ended, rule=rule)
        for name, label, n, ended in parts
        if name in preset.shown
    ]


def _notable(made: Made) -> list[tuple[Key, float, float]]:
    """The rows that differ from all others by more than chance: their rate, and that of the others."""
    from sfa.sales.winloss import notable

    out = []
    for key, found in notable(made.rows, made.total):
        o = made.rows[key]
        rate = o.won_count / o.count
        out.append((key, rate, rate - found.value))
    return out


def left_out(made: Made) -> dict[str, Any]:
    """What the figures leave out, each counted."""
    return {
        "left_out": {
            "lost_without_amount": made.total.lost_blank,
            "negative_cycles": made.total.negative,
            "cycles_without_dates": made.total.undated,
            "closed_without_date": made.found.undated,
            "reopened_since": made.found.reopened,
        }
    }


def _left_out_notes(more: dict[str, Any]) -> list[str]:
    out = more["left_out"]
    said = {
        "lost_without_amount": "lost without an amount: not in lost amount and win rate by value (– where over 20 % of the losses)",
        "negative_cycles": "closed before they were opened: not in the days",
        "cycles_without_dates": "without an opening date: not in the days",
        "closed_without_date": "closed without a closed date: in no period",
        "reopened_since": "reopened since: counted as open",
    }
    return [say("{many:,} {what}", many=out[name], what=text) for name, text in said.items() if out[name]]
