"""Past moments of the forecast: a report as of then is the one that was printed then, whatever came later; the trend is a row of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from historykit import AROUND, OPERATIONS, SAID, STEPS, around, histories, made, run
from hypothesis import given
from hypothesis import strategies as st

Sfa = Any
PERIOD = ("--period", "2076-Q4")
EVERYTHING = st.lists(st.tuples(st.sampled_from([1, 30, 200]), OPERATIONS | AROUND), min_size=6, max_size=12)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("company"))


REPORTS = (
    ("forecast", *PERIOD, "--json"),
    ("forecast", *PERIOD, "--by", "manager", "--across", "month", "--json"),
    ("forecast", "calls", *PERIOD, "--json"),
    ("forecast", "pace", *PERIOD, "--json"),
    ("forecast", *PERIOD, "--team", "North", "--by", "team,stage", "--json"),
)


@histories(4)
@given(EVERYTHING, st.sampled_from(REPORTS))
def test_as_of_later_is_what_was_printed_then(sfa: Sfa, company: Path, steps: list[Any], argv: tuple[str, ...]) -> None:
    """Deals, people, calls, managers' figures, quotas, stages and rates change; what was said stays said."""
    moments = run(sfa, company, steps, lambda: sfa(*argv))
    for moment in moments:
        assert sfa(*argv, "--as-of", moment.at) == moment.seen, moment.at
    assert {m.seen.code for m in moments} == {0}


# Trend --------------------------------------------------------------------------------------------------------------------------------

LIMITS = ([], ["source:web"], ["amount>50"], ["--measure", "count"], ["--rep", "Ann"], ["--team", "North"], ["owner:Ann"])
CUMULATIVE = ("commit", "most_likely", "best_case", "open_pipeline")


def trend(sfa: Sfa, every: str, first: date, last: date, *limit: str) -> list[dict[str, Any]]:
    between = ("--since", first.isoformat(), "--until", last.isoformat())
    rows: list[dict[str, Any]] = sfa.ok("forecast", "trend", *PERIOD, "--every", every, *between, *limit, "--json").json["rows"]
    return rows


@histories(4)
@given(STEPS, st.sampled_from(LIMITS), st.sampled_from(["week", "week", "month"]))
def test_every_point_of_a_trend_is_the_forecast_as_of_that_day(
    sfa: Sfa, company: Path, steps: list[Any], limit: list[str], every: str
) -> None:
    moments = run(sfa, company, steps)
    first, last = date(2076, 9, 24), date.fromisoformat(moments[-1].day) - timedelta(days=1)
    rows = trend(sfa, every, first, last, *limit) if first <= last else []
    for row in rows:
        total = sfa.ok("forecast", *PERIOD, *limit, "--as-of", row["day"], "--json").json["total"]
        assert {n: row[n] for n in ("closed", "weighted")} == {n: total[n] for n in ("closed", "weighted")}, row["day"]
        assert {n: row[n] for n in CUMULATIVE} == {n: total["cumulative"][n] for n in CUMULATIVE}, row["day"]
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    ends = [d for d in days if d == last or (d.weekday() == 6 if every == "week" else (d + timedelta(days=1)).day == 1)]
    # Nothing is known of the day before the first operation.
    assert [r["day"] for r in rows] == [d.isoformat() for d in ends if d >= date(2076, 9, 25)]


@histories(3)
@given(STEPS, st.sampled_from(LIMITS[:4]))
def test_one_pass_over_the_versions_is_one_report_after_another(sfa: Sfa, company: Path, steps: list[Any], limit: list[str]) -> None:
    from sfa.store.queries import trend as query

    moments = run(sfa, company, steps)
    between = (date(2076, 9, 25), date.fromisoformat(moments[-1].day))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query, "_at", lambda *_: pytest.fail("no stage has changed: one pass is enough"))
        fast = trend(sfa, "week", *between, *limit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query, "_in_one_pass", lambda *_: pytest.fail("told to go one by one"))
        patch.setattr(query, "_steady", lambda *_: False)
        assert trend(sfa, "week", *between, *limit) == fast


@histories(2)
@given(EVERYTHING)
def test_a_trend_across_changes_of_a_stage(sfa: Sfa, company: Path, steps: list[Any]) -> None:
    """What a deal without a category of its own counted as is said by its stage as it was then."""
    bare, edited = (1, ("outside", 0, "stage")), (100, ("stage", "category=commit probability=70"))
    moments = run(sfa, company, [bare, edited, *steps[:5]])
    last = date.fromisoformat(moments[-1].day)
    for row in trend(sfa, "day", date(2076, 9, 25), last)[:: 3 if (last - date(2076, 9, 25)).days > 9 else 1]:
        total = sfa.ok("forecast", *PERIOD, "--as-of", row["day"], "--json").json["total"]
        assert {n: row[n] for n in CUMULATIVE} == {n: total["cumulative"][n] for n in CUMULATIVE}, row["day"]


# People who move ----------------------------------------------------------------------------------------------------------------------


@histories(2)
@given(STEPS, st.sampled_from(["", "2077-01-05"]))
def test_moving_a_rep_changes_no_report_of_an_ended_period(sfa: Sfa, company: Path, steps: list[Any], effective: str) -> None:
    run(sfa, company, [(h, s) for h, s in steps if s[0] != "outside"])
    sfa.ok("forecast", "call", *PERIOD, "--rep", "Ann", "--commit", "5k", "--yes")
    ended = [
        ("forecast", *PERIOD),
        ("forecast", *PERIOD, "--by", "manager"),
        ("forecast", *PERIOD, "--by", "team", "--across", "month"),
        ("forecast", *PERIOD, "--team", "North"),
        ("forecast", "calls", *PERIOD),
        ("forecast", "changes", *PERIOD, "--since", "2076-09-26", "--by", "manager,stage"),
        ("forecast", "changes", *PERIOD, "--since", "2076-09-26", "--until", "2076-10-20", "--by", "team"),
        ("forecast", "trend", *PERIOD, "--team", "North", "--every", "month"),
        ("forecast", "accuracy", *PERIOD, "--periods", "1", "--by", "manager"),
    ]
    sfa.monkeypatch.setenv("SFA_TODAY", "2077-04-20T12:00:00Z")
    before = [sfa.ok(*argv, "--json").json for argv in ended]
    sfa.ok("user", "edit", "Ann", "manager=Sam", "team=South", *(["--effective", effective] if effective else []))
    for argv, then in zip(ended, before, strict=True):
        assert sfa.ok(*argv, "--json").json == then, argv
    # The quarter in progress follows the new lines at once.
    sfa.ok("opp", "add", "Next", "amount=1000", "close=2077-05-01", "owner=Ann")
    found = {r["manager"]: r["pipeline"]["amount"] for r in sfa.ok("forecast", "--by", "manager", "--json").json["rows"]}
    assert found["Sam"] == "1000.00" and found.get("Nora", "0.00") == "0.00"


@histories(2)
@given(STEPS, st.lists(SAID, min_size=1, max_size=4))
def test_what_people_say_changes_neither_deals_nor_the_gross(sfa: Sfa, company: Path, steps: list[Any], said: list[Any]) -> None:
    run(sfa, company, steps)

    def gross() -> Any:
        found = sfa.ok("forecast", *PERIOD, "--json").json
        kept = ("closed", "commit", "most_likely", "best_case", "pipeline", "cumulative", "weighted", "counts")
        rows = [{n: r[n] for n in ("rep", *kept)} for r in (*found["rows"], found["total"])]
        return [r for r in rows if any(r["counts"].values())], sfa.ok("opp", "list", "--json").out

    before = gross()
    for verb, *rest in said:
        around(sfa, "O-1", verb, *rest)
    assert gross() == before
