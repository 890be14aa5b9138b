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
    if status == "won" and not q.start <= deal["closed"] < q.end:
        owner = deal["owner"]  # the report credits nobody with it
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


# Legs opened, ways round, what cannot be asked ------------------------------------------------------------------------------------------

Q4 = ("--period", "2076-Q4")
SINCE = ("--since", "2076-09-25T09:01:00Z")


class Deals:
    """A company whose deals are written step by step, an hour apart."""

    def __init__(self, sfa: Sfa, company: Path) -> None:
        self.sfa, self.hour = sfa, 0
        run(sfa, company, [])

    def step(self, *argv: str, me: str = "Boss") -> str:
        """Do it and say when it was done, as people read it."""
        self.hour += 1
        at = f"2076-10-{1 + self.hour // 24:02} {self.hour % 24:02}:00"
        self.sfa.monkeypatch.setenv("SFA_TODAY", at.replace(" ", "T") + ":00Z")
        self.sfa.monkeypatch.setenv("SFA_ME", me)
        self.sfa.ok(*argv)
        return at

    def changes(self, *argv: str) -> Any:
        return self.sfa.ok("forecast", "changes", *Q4, *SINCE, *argv, "--json").json


@pytest.fixture
def deals(sfa: Sfa, company: Path) -> Deals:
    return Deals(sfa, company)


def test_every_leg_opens_into_its_deals(deals: Deals) -> None:
    """First 1,234.56 USD of Ann, due in November; Second 1,234.56 EUR of Cat, due in December; Third 123,456 JPY, due in January."""
    steps: dict[str, tuple[str, str, str, str]] = {}

    def step(leg: str, deal: str, who: str, *argv: str) -> None:
        steps[leg] = (deal, who, deals.step(*argv, me=who), leg)

    step("new", "Fourth", "Ann", "opp", "add", "Fourth", "amount=500", "close=2076-12-01", "owner=Ann")
    step("increased", "First", "Ben", "opp", "edit", "First", "amount=2000")
    step("won", "First", "Ann", "opp", "win", "First")
    step("pulled_in", "Third", "Cat", "opp", "edit", "Third", "close=2076-11-30")
    step("decreased", "Second", "Sam", "opp", "edit", "Second", "amount=1000")
    step("pushed_out", "Second", "Nora", "opp", "edit", "Second", "close=2077-03-01")
    step("newly_won", "Fifth", "Ben", "opp", "add", "Fifth", "amount=70", "close=2076-12-01", "owner=Ben", "stage=Won", "closed=2076-10-01")
    movement = {r["leg"]: r for r in deals.changes()["rows"]}
    words = {
        "new": "added by opp add Fourth",
        "increased": "amount 1,234.56 USD → 2,000 USD",
        "won": "stage Proposal → Won",
        "pulled_in": "expected close 2077-01-10 → 2076-11-30",
        "decreased": "amount 1,234.56 EUR → 1,000 EUR",
        "pushed_out": "expected close 2076-12-20 → 2077-03-01",
        "newly_won": "added by opp add Fifth",
    }
    for leg, (deal, who, when, _) in steps.items():
        opened = deals.changes("--explain", leg)
        assert (opened["leg"], opened["row"]) == (leg, "the total")
        assert opened["total"]["amount"] == movement[leg]["amount"] and len(opened["rows"]) == movement[leg]["deals"]
        assert sum(minor(r["amount"]) for r in opened["rows"]) == minor(opened["total"]["amount"])
        row = next(r for r in opened["rows"] if r["deal"] == deal)
        assert (row["change"], row["who"], row["when"]) == (words[leg], who, when), leg
    assert {leg for leg, r in movement.items() if r["deals"]} == {*steps, "opening", "closing", "closed_now"}
    for end, names in (("opening", {"First", "Second"}), ("closing", {"Third", "Fourth"})):
        opened = deals.changes("--explain", end)
        assert {r["deal"] for r in opened["rows"]} == names and opened["total"]["amount"] == movement[end]["amount"]


@histories(3)
@given(STEPS, st.sampled_from(["rep", "month,rep", "manager", "stage"]), st.integers(0, 99))
def test_the_deals_of_any_leg_add_up_to_it(sfa: Sfa, company: Path, steps: list[Any], by: str, first: int) -> None:
    moments = run(sfa, company, steps)
    between = ("forecast", "changes", *Q4, "--since", moments[first % (len(moments) - 1)].at)
    report = sfa.ok(*between, "--by", by, "--json").json
    named = [("total", report["total"]), *((" / ".join(r[n] or "(none)" for n in by.split(",")), r) for r in report["rows"])]
    for row, cells in named:
        for leg in {*PIPELINE, *CLOSED} - {"currency", "closed_then", "closed_now"}:
            if cells[f"n_{leg}"] and (row == "total" or leg not in ("opening", "closing")):
                opened = sfa.ok(*between, "--by", by, "--explain", f"{row}:{leg}", "--json").json
                assert len(opened["rows"]) == cells[f"n_{leg}"]
                assert abs(sum(minor(r["amount"]) for r in opened["rows"])) == abs(minor(cells[leg]))
                assert all(r["who"] and r["when"] and r["change"] for r in opened["rows"] if leg not in ("opening", "closing"))


def test_transfers_between_rows_are_opened(deals: Deals) -> None:
    when = deals.step("opp", "edit", "First", "owner=Cat")
    for asked in ("Ann:transferred_out", "cat:Transferred in"):
        (row,) = deals.changes("--by", "rep", "--explain", asked)["rows"]
        assert (row["deal"], row["change"], row["who"], row["when"]) == ("First", "owner Ann → Cat", "Boss", when)
    assert [r["amount"]["amount"] for r in deals.changes("--by", "rep", "--explain", "Ann:transferred out")["rows"]] == ["-1234.56"]
    assert deals.changes("--explain", "transferred_out")["rows"] == []


def test_a_deleted_deal_is_named(deals: Deals) -> None:
    when = deals.step("opp", "delete", "First", "--yes", me="Nora")
    (row,) = deals.changes("--explain", "removed")["rows"]
    assert (row["deal"], row["owner"], row["change"], row["who"], row["when"]) == ("First", "Ann", "deleted", "Nora", when)


@pytest.mark.parametrize(
    "asked, code, words",
    [
        ("Ann:wonn", 2, "Did you mean 'won'?"),
        ("banana", 2, "Legs: opening, new"),
        ("currency", 2, "Legs: opening, new"),
        ("Nobody:won", 3, "'Nobody' names no rows of this movement"),
        ("n:won", 5, "'n' names 2 rows of this movement"),
    ],
)
def test_legs_and_rows_that_are_not_there(deals: Deals, asked: str, code: int, words: str) -> None:
    deals.step("opp", "edit", "First", "owner=Ben")
    found = deals.sfa("forecast", "changes", *Q4, *SINCE, "--by", "rep", "--explain", asked)
    assert found.code == code and words in found.err


def test_a_row_without_rows(deals: Deals) -> None:
    deals.step("opp", "edit", "First", "owner=Ben")
    found = deals.sfa("forecast", "changes", *Q4, *SINCE, "--explain", "Ann:closing")
    assert found.code == 3 and "add --by" in found.err


def test_ways_round(deals: Deals) -> None:
    """Out and in again, in and out again, up and down; and no deal whose legs tell all."""
    ways = {
        "First": [("out", "close=2077-02-01"), ("in at 1,234.56 USD", "close=2076-12-01")],
        "Second": [("in at 2,000 EUR", "amount=2000"), ("in at 900 EUR", "amount=900")],
        "Third": [("in at 123,456 JPY", "close=2076-12-01"), ("out", "close=")],
    }
    starts = {"First": "in at 1,234.56 USD", "Second": "in at 1,234.56 EUR", "Third": "out"}
    told = {d: [f"2076-09-25 09:01 {w}"] for d, w in starts.items()}
    for deal, way in ways.items():
        for what, edit in way:
            told[deal].append(f"{deals.step('opp', 'edit', deal, edit)} {what}")
    straight = ("amount=5", "close=2077-01-05")
    for name, edits in (("New and won", ()), ("New and up", ("amount=7", "amount=9")), ("Pulled in", ("close=2076-12-30",))):
        deals.step("opp", "add", name, *(straight if name == "Pulled in" else ("amount=5", "close=2076-12-01")), "owner=Ann")
        for edit in edits:
            deals.step("opp", "edit", name, edit)
    deals.step("opp", "win", "New and won")
    until = deals.step("opp", "edit", "New and up", "amount=10")
    found = deals.changes("--path")["rows"]
    assert {r["deal"]: r["way"] for r in found} == {d: ", ".join(way) for d, way in told.items()}
    # What comes after the later moment is no part of the way.
    deals.step("opp", "edit", "New and up", "close=2077-01-01")
    deals.step("opp", "delete", "Pulled in", "--yes")
    assert deals.changes("--path", "--until", until)["rows"] == found
    assert {r["deal"] for r in deals.changes("--path", "--rep", "Cat")["rows"]} == {"Second"}
    deals.sfa.ok("forecast", "changes", *Q4, "--since", until, "--path", "--format", "table")


def test_a_deal_deleted_and_brought_back_went_a_way_round(deals: Deals) -> None:
    out = deals.step("opp", "delete", "First", "--yes")
    back = deals.step("undo", "--yes")
    (row,) = deals.changes("--path")["rows"]
    assert row["way"] == f"2076-09-25 09:01 in at 1,234.56 USD, {out} out, {back} in at 1,234.56 USD"
    assert not any(r["deals"] for r in deals.changes()["rows"] if r["leg"] not in ("opening", "closing"))


def rows_of(path: Path, *rows: str) -> str:
    path.write_text("id,name,amount,currency,close,opened\n" + "\n".join(rows) + "\n")
    return str(path)


def test_a_first_import_is_imported_and_a_nightly_one_brings_new_deals(sfa: Sfa) -> None:
    old = ("a,Alpha,100,USD,2076-12-01,2076-03-01", "b,Beta,200,USD,2076-12-01,2076-10-02")
    sfa.monkeypatch.setenv("SFA_TODAY", "2076-10-01T08:00:00Z")
    sfa.ok("account", "add", "Pier")
    sfa.monkeypatch.setenv("SFA_TODAY", "2076-10-02T20:00:00Z")
    sfa.ok("import", "opp", rows_of(sfa.folder / "first.csv", *old))
    sfa.monkeypatch.setenv("SFA_TODAY", "2076-10-03T08:00:00Z")

    def legs(since: str) -> dict[str, int]:
        found = sfa.ok("forecast", "changes", *Q4, "--since", since, "--json").json["rows"]
        return {r["leg"]: minor(r["amount"]) // 100 for r in found if r["deals"]}

    assert legs("2076-10-02") == {"imported": 300, "closing": 300}
    # The night after: one deal is new, one was forgotten on the first night though it is old.
    late = ("c,Gamma,40,USD,2076-12-01,2076-10-03", "d,Delta,7,USD,2076-12-01,2076-05-05")
    sfa.monkeypatch.setenv("SFA_TODAY", "2076-10-03T20:00:00Z")
    sfa.ok("import", "opp", rows_of(sfa.folder / "second.csv", *old, *late))
    sfa.monkeypatch.setenv("SFA_TODAY", "2076-10-04T08:00:00Z")
    assert legs("2076-10-03") == {"opening": 300, "new": 40, "imported": 7, "closing": 347}
    # From before the first load, both nights brought what was known elsewhere.
    assert legs("2076-10-02") == {"imported": 347, "closing": 347}
    (row,) = sfa.ok("forecast", "changes", *Q4, "--since", "2076-10-03", "--explain", "new", "--json").json["rows"]
    assert (row["deal"], row["who"]) == ("Gamma", "anna")
    # What was imported once and deleted is not imported again when it is brought back.
    sfa.monkeypatch.setenv("SFA_TODAY", "2076-10-04T09:00:00Z")
    sfa.ok("opp", "delete", "Delta", "--yes")
    sfa.monkeypatch.setenv("SFA_TODAY", "2076-10-05T09:00:00Z")
    sfa.ok("undo", "--yes")
    sfa.monkeypatch.setenv("SFA_TODAY", "2076-10-06T09:00:00Z")
    assert legs("2076-10-05") == {"opening": 340, "new": 7, "closing": 347}


def test_moments_that_cannot_be_asked_for(deals: Deals) -> None:
    deals.step("opp", "edit", "First", "amount=1")
    for since, until in (("2077-01-01", ""), ("now", ""), ("2076-10-01", "2076-09-28"), ("2076-09-28 10:00", "2076-09-28 10:00")):
        found = deals.sfa("forecast", "changes", *Q4, "--since", since, *(["--until", until] if until else []))
        assert found.code == 2 and "is not before the later moment" in found.err
    found = deals.sfa("forecast", "changes", *Q4, "--since", "2076-09-01")
    assert found.code == 4 and "nothing is known of any deal so early" in found.err
    since = found.err[found.err.index("--since '") + len("--since '") :].partition("'")[0]
    assert deals.sfa.ok("forecast", "changes", *Q4, "--since", since, "--json").json["rows"]


def test_a_rate_that_was_set_only_later(deals: Deals) -> None:
    """A deal in pounds was there before anyone had set their rate: its opening is at the rate that is known now, nothing is restated.
    Outside the filter it needs none at all."""
    deals.step("opp", "add", "Pounds", "amount=100", "currency=GBP", "close=2076-12-01", "owner=Ann")
    since = deals.step("account", "add", "Later")
    refused = deals.sfa("forecast", "changes", *Q4, *SINCE)
    assert refused.code == 4 and "GBP" in refused.err
    assert deals.changes("currency:USD")["total"] is None
    deals.step("rate", "set", "GBP", "1.5", "--base", "USD", "--date", "2076-10-01")
    deals.step("opp", "edit", "Pounds", "amount=120")
    # As of then no rate was known, and none that is set now would be.
    then = deals.sfa("forecast", *Q4, "--as-of", since)
    assert then.code == 4 and "that was known then" in then.err and "rate set" not in then.err
    assert "currency:USD" in then.err and deals.sfa.ok("forecast", *Q4, "--as-of", since, "currency:USD").out
    asked = ("--since", since, "--rep", "Ann", "currency:GBP")
    found = deals.sfa.ok("forecast", "changes", *Q4, *asked, "--json").json["rows"]
    assert {r["leg"]: minor(r["amount"]) for r in found if r["deals"]} == {"opening": 15000, "increased": 3000, "closing": 18000}
    opened = deals.sfa.ok("forecast", "changes", *Q4, *asked, "--explain", "opening", "--json").json
    assert [minor(r["amount"]) for r in opened["rows"]] == [15000]
