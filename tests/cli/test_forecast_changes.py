"""The movement that the program prints against one made of two listings alone: random histories, any two moments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from historykit import MANAGERS, STEPS, TEAMS, Moment, Row, category_of, cents, credited, histories, made, minor, run
from hypothesis import given
from hypothesis import strategies as st

Sfa = Any
PIPELINE = ("opening", "currency", "new", "imported", "pulled_in", "pushed_in", "reopened", "transferred_in", "increased", "decreased")
PIPELINE += ("won", "lost", "pushed_out", "pulled_out", "transferred_out", "removed", "closing")
CLOSED = ("closed_then", "newly_won", "amended", "reopened_won", "closed_now")
PERIODS = {"2076-Q4": ("2076-10-01", "2077-01-01"), "2076-11": ("2076-11-01", "2076-12-01")}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("company"))


# The definitions, once more ----------------------------------------------------------------------------------------------------------


class Side(NamedTuple):
    """A deal at one of the two moments: in the pipeline of the window, closed in it, won or lost at all; whether it fits the filters;
    cents at the later moment's rates, those that the report of its own moment counted, those of a won deal at its closed day's rate."""

    deal: Row
    owner: str | None
    status: str
    due: str | None
    fits: bool
    inside: bool
    closed: bool
    amount: int
    own: int
    value: int


class Question(NamedTuple):
    """What the program is asked: the window, the dimensions, which deals fit, whose deals (None: everyone's), whether deals are only
    counted."""

    start: str
    end: str
    by: str
    fits: Callable[[Row], bool]
    only: tuple[str, ...] | None
    count: bool


def side(q: Question, deal: Row | None, owner: str | None, own: Moment, later: Moment) -> Side | None:
    if deal is None:
        return None
    status = {"Won": "won", "Lost": "lost"}.get(deal["stage"], "open")
    fits = q.fits(deal) and (q.only is None or owner in q.only) and (status != "open" or category_of(deal) != "omitted")
    inside = status == "open" and fits and deal["close"] is not None and q.start <= deal["close"] < q.end
    closed = status == "won" and fits and q.start <= deal["closed"] < q.end
    amount, own_amount = cents(deal["amount"], later.rates, later.day), cents(deal["amount"], own.rates, own.day)
    value = cents(deal["amount"], later.rates, deal["closed"]) if status == "won" else 0
    if q.count:
        amount = own_amount = value = 1
    return Side(deal, owner, status, deal["close"], fits, inside, closed, amount, own_amount, value)


def way_in(q: Question, a: Side | None) -> str:
    if a is None:
        return "new"
    if a.status != "open":
        return "reopened"
    if a.due is None or a.due >= q.end:
        return "pulled_in"
    return "pushed_in" if a.due < q.start else "transferred_in"


def way_out(q: Question, b: Side | None) -> str:
    if b is None:
        return "removed"
    if b.status == "lost" or b.closed:
        return b.status
    day = b.deal["closed"] if b.status == "won" else b.due
    if day is None or day >= q.end:
        return "pushed_out"
    return "pulled_out" if day < q.start else "transferred_out"


def above(q: Question, owner: str | None) -> list[Any]:
    """The managers whose teams have a person's deals, among those whose deals are looked at."""
    heads = {m for p, m in MANAGERS.items() if q.only is None or (p in q.only and m in q.only)}
    out = [owner] if owner in heads else []
    while owner in MANAGERS and MANAGERS[owner] in heads:
        owner = MANAGERS[owner]
        out.append(owner)
    return [*out] or [None]


def value_of(q: Question, s: Side, name: str) -> list[Any]:
    """What a deal counts under, by one dimension."""
    if name == "rep":
        return [s.owner]
    if name == "manager":
        return above(q, s.owner)
    if name == "team":
        return [TEAMS.get(s.owner or "")]
    if name == "month":
        day = s.deal["closed"] if s.status == "won" else s.due
        return [day and day[:7]]
    if name == "category":
        return ["closed" if s.status == "won" else category_of(s.deal) if s.status == "open" else "omitted"]
    return [s.deal[name]]


def keys(q: Question, s: Side | None, left: Side | None = None) -> set[tuple[Any, ...]]:
    """The rows of a deal; one that left the pipeline leaves the month, stage and category that it was in, one that left
    the filters every row that it was in."""
    if s is None or not q.by:
        return set()
    if left and not s.fits:
        s = left
    out: list[tuple[Any, ...]] = [()]
    for name in q.by.split(","):
        held = left if left and name in ("month", "stage", "category") else s
        out = [(*k, v) for k in out for v in value_of(q, held, name)]
    return set(out)


def expected(q: Question, earlier: Moment, later: Moment, credit: Sequence[dict[str, str | None]]) -> dict[Any, Counter[str]]:
    """Row → legs with amounts, and numbers of deals under n_…; the total under None."""
    out: dict[Any, Counter[str]] = {None: Counter()}

    def put(row: Any, name: str, amount: int) -> None:
        out.setdefault(row, Counter())[name] += amount
        out[row]["n_" + name] += 1

    for ref in sorted(earlier.deals.keys() | later.deals.keys()):
        a = side(q, earlier.deals.get(ref), credit[0].get(ref), earlier, later)
        b = side(q, later.deals.get(ref), credit[1].get(ref), later, later)
        of_closed(q, a, b, put)
        was_in, is_in = bool(a and a.inside), bool(b and b.inside)
        passes = bool(b and b.closed and not (a and a.status == "won"))
        if not (was_in or is_in or passes):
            continue
        rows0 = keys(q, a)
        rows1 = rows0 if b is None else keys(q, b, a if was_in and not is_in else None)
        start = (a if a and (was_in or is_in) else b).amount  # type: ignore[union-attr]
        finish = b.amount if b else start
        if a and was_in:
            for row in (None, *rows0):
                put(row, "opening", a.own)
                if a.amount != a.own:
                    put(row, "currency", a.amount - a.own)
            for row in rows0 - rows1:
                put(row, "transferred_out", start)
            for row in rows1 - rows0:
                put(row, "transferred_in", start)
        for row in (None, *rows1):
            if not was_in:
                put(row, way_in(q, a), start)
            if finish != start:
                put(row, "increased" if finish > start else "decreased", abs(finish - start))
            put(row, "closing" if is_in else way_out(q, b), finish)
    return out


def of_closed(q: Question, a: Side | None, b: Side | None, put: Callable[[Any, str, int], None]) -> None:
    rows0, rows1 = keys(q, a) if a and a.closed else set(), keys(q, b) if b and b.closed else set()
    for row in (None, *sorted(rows0 | rows1, key=str)):
        then = a.value if a and a.closed and (row is None or row in rows0) else None
        now = b.value if b and b.closed and (row is None or row in rows1) else None
        if then is not None:
            put(row, "closed_then", then)
        if now is not None:
            put(row, "closed_now", now)
        if then is not None and now is None and b and b.status != "won":
            put(row, "reopened_won", then)
        elif then is None and now is not None and not (a and a.status == "won"):
            put(row, "newly_won", now)
        elif then != now:
            put(row, "amended", (now or 0) - (then or 0))


def figures(cells: Row) -> Counter[str]:
    """The legs of a printed row that are not empty."""
    found = {n: minor(cells[n]) for n in (*PIPELINE, *CLOSED)} | {f"n_{n}": cells[f"n_{n}"] for n in (*PIPELINE, *CLOSED)}
    return Counter({n: v for n, v in found.items() if v})


def same(printed: Counter[str], model: Counter[str], about: object) -> None:
    """A currency counts its deals only where it changed them."""
    assert printed == Counter({n: v for n, v in model.items() if v}), about


# Random histories ---------------------------------------------------------------------------------------------------------------------

BYS = ("rep", "manager", "stage", "month", "source", "currency", "category", "team", "rep,month", "manager,stage")
LIMITS: dict[str, tuple[list[str], Callable[[Row], bool], tuple[str, ...] | None]] = {
    "": ([], lambda deal: True, None),
    "web": (["source:web"], lambda deal: deal["source"] == "web", None),
    "big": (["amount>50"], lambda deal: deal["amount"] is not None and float(deal["amount"]["amount"]) > 50, None),
    "rep": (["--rep", "Ann"], lambda deal: True, ("Ann",)),
    "team": (["--team", "North"], lambda deal: True, ("Nora", "Ann", "Ben")),
    "below": (["--team", "Sam", "currency:USD"], lambda deal: deal["currency"] == "USD", ("Sam", "Cat")),
}
COUNTED = st.sampled_from([False, False, False, True])
QUESTIONS = st.tuples(st.sampled_from(list(PERIODS)), st.sampled_from(BYS), st.sampled_from(["", "", *LIMITS]), COUNTED)


@histories(6)
@given(STEPS, st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), QUESTIONS), min_size=4, max_size=4))
def test_the_movement_of_two_listings(sfa: Sfa, company: Path, steps: list[Any], asked: list[Any]) -> None:
    moments = run(sfa, company, steps)
    for first, second, (period, by, limit, count) in asked:
        i, j = sorted((first % len(moments), second % len(moments)))
        if i == j:
            i, j = (i - 1, j) if i else (0, 1)
        words, fits, only = LIMITS[limit]
        q = Question(*PERIODS[period], by, fits, only, count)
        ask = ["--period", period, *words, *(["--measure", "count"] if count else []), "--json"]
        between = ["forecast", "changes", *ask, "--since", moments[i].at, *(["--until", moments[j].at] if j < len(moments) - 1 else [])]
        model = expected(q, moments[i], moments[j], (credited(moments, i), credited(moments, j)))
        report = sfa.ok(*between, "--by", by).json
        same(figures(report["total"]), model[None], "total")
        names = by.replace("currency", "currency_name").split(",")
        printed = {tuple(r[n] for n in names): figures(r) for r in report["rows"]}
        assert printed.keys() == model.keys() - {None}
        for row, legs in printed.items():
            same(legs, model[row], row)
        whole = sfa.ok(*between).json["rows"]
        down = ("decreased", "won", "lost", "pushed_out", "pulled_out", "transferred_out", "removed", "reopened_won")
        alone = {r["leg"]: (minor(r["amount"]) * (-1 if r["leg"] in down else 1), r["deals"]) for r in whole}
        alone["newly_won"] = alone.get("newly_won", (0, 0))
        assert alone == {n: (model[None][n], model[None]["n_" + n]) for n in alone} and len(alone) == len(PIPELINE) + len(CLOSED)
        for moment, name in ((moments[i], "opening"), (moments[j], "closing")):
            total = sfa.ok("forecast", *ask, "--as-of", moment.at).json["total"]
            assert minor(total["cumulative"]["open_pipeline"]) == model[None][name]
