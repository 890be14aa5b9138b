"""What moved between any two moments of a real organisation's history, against a replay of its csv file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import organisation
import pytest
from conftest import Sfa

WIDE = ("2020-01-01..2030-12-31", "2020-01-01", "2031-01-01")
ENTRIES = ("new", "imported", "pulled_in", "pushed_in", "reopened", "transferred_in", "increased")
EXITS = ("won", "lost", "pushed_out", "pulled_out", "transferred_out", "removed", "decreased")


class Fact(NamedTuple):
    stage: str
    cents: int
    close: str


History = dict[str, list[tuple[datetime, Fact]]]
"""Deal → what it was from when on."""


@pytest.fixture
def history(shared: Path, sfa: Sfa) -> History:
    """What the file says, loaded with its past."""
    folder = organisation.files(shared)
    sfa.ok("config", "set", "time_zone", "UTC")
    organisation.load_deals(sfa, folder)
    sfa.ok("import", "history", str(folder / "OpportunityHistory.csv"), "--source", "sf")
    out: History = {}
    for row in organisation.history(folder):
        fact = Fact(row["StageName"], round(float(row["Amount"] or 0) * 100), organisation.close_date(row).isoformat())
        out.setdefault(row["OpportunityId"], []).append((organisation.when(row), fact))
    return out


def at(history: History, moment: datetime) -> dict[str, Fact]:
    past = {deal: [f for when, f in steps if when <= moment] for deal, steps in history.items()}
    return {deal: facts[-1] for deal, facts in past.items() if facts}


def pipeline(facts: dict[str, Fact], start: str, end: str) -> dict[str, Fact]:
    """The open deals that are due in a window."""
    return {d: f for d, f in facts.items() if not f.stage.startswith("Closed") and start <= f.close < end}


def totals(facts: Iterable[Fact]) -> tuple[int, int]:
    """How many deals, and their cents."""
    cents = [f.cents for f in facts]
    return len(cents), sum(cents)


def legs(sfa: Sfa, period: str, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
    """Leg → (deals, cents as they change the pipeline)."""
    moments = [m.strftime("%Y-%m-%d %H:%M") for m in (since, until)]
    rows = sfa.ok("forecast", "changes", "--period", period, "--since", moments[0], "--until", moments[1], "--json").json["rows"]
    return {r["leg"]: (r["deals"], round(float(r["amount"]["amount"]) * 100)) for r in rows}


def closed_days(sfa: Sfa, moment: datetime) -> dict[str, str]:
    """Deal → the day on which it was won, of those that were won at a moment."""
    listing = sfa.ok("opp", "list", "stage:won", "--as-of", moment.strftime("%Y-%m-%d %H:%M"), "--json").json
    return {d["external_id"]: d["closed"] for d in listing}


@pytest.mark.parametrize("period, start, end", [WIDE, ("2026-Q1", "2026-01-01", "2026-04-01")])
def test_between_any_two_moments(sfa: Sfa, history: History, period: str, start: str, end: str) -> None:
    moments = sorted({when for steps in history.values() for when, _ in steps})
    assert len(moments) == 7
    moments.append(datetime(2026, 11, 20))
    created = {d["external_id"]: d["opened"] for d in sfa.ok("opp", "list", "--json").json}
    won = {m: {d for d, day in closed_days(sfa, m).items() if start <= day < end} for m in moments}
    for since, until in combinations(moments, 2):
        found = legs(sfa, period, since, until)
        before, after = at(history, since), at(history, until)
        was, now = pipeline(before, start, end), pipeline(after, start, end)
        assert found["opening"] == totals(was.values())
        assert found["closing"] == totals(now.values())
        assert found["opening"][1] + sum(found[n][1] for n in (*ENTRIES, *EXITS)) == found["closing"][1]
        gone = {d: after[d] for d in was.keys() - now.keys()}
        lost = totals(f for f in gone.values() if f.stage == "Closed Lost")
        assert found["lost"] == (lost[0], -lost[1])
        # Won since: those that were in, and those that came in only to be won.
        entered = {d for d in won[until] if d not in before or before[d].stage != "Closed Won"}
        ends = totals(after[d] for d in entered)
        assert found["won"] == (ends[0], -ends[1]) and found["newly_won"] == ends
        # The history was loaded with its past: what was opened on the day of the earlier moment or later is new.
        came = {d: created[d] >= since.date().isoformat() for d in {*now, *entered} - before.keys()}
        assert found["new"] == totals(after[d] for d, new in came.items() if new)
        assert found["imported"] == totals(after[d] for d, new in came.items() if not new)
        changed = {d for d in before.keys() & {*now, *gone} if d in was or d in now}
        assert found["increased"][1] + found["decreased"][1] == sum(after[d].cents - before[d].cents for d in changed)
        assert found["closed_then"] == totals(before[d] for d in won[since])
        assert found["closed_now"] == totals(after[d] for d in won[until])
        again = totals(before[d] for d in won[since] if after[d].stage != "Closed Won")
        assert found["reopened_won"] == (again[0], -again[1])
        assert found["currency"] == found["removed"] == (0, 0)


def test_won_and_later_lost(sfa: Sfa, history: History) -> None:
    """Seven deals were won on loading and lost on 7 March: they leave what is closed, and were in no pipeline meanwhile."""
    twice = {d for d, steps in history.items() if [f.stage for _, f in steps][-2:] == ["Closed Won", "Closed Lost"]}
    assert len(twice) == 7
    won, lost = datetime(2026, 3, 7, 20, 58), datetime(2026, 3, 7, 21, 0)
    found = legs(sfa, WIDE[0], won, lost)
    assert found["reopened_won"] == (7, -sum(at(history, won)[d].cents for d in twice))
    moments = [m.strftime("%Y-%m-%d %H:%M") for m in (won, lost)]
    asked = ("--period", WIDE[0], "--since", moments[0], "--until", moments[1])
    opened = sfa.ok("forecast", "changes", *asked, "--explain", "reopened_won", "--json").json
    refs = {r["ref"]: r for r in opened["rows"]}
    known = {d["ref"]: d["external_id"] for d in sfa.ok("opp", "list", "--json").json}
    assert {known[r] for r in refs} == twice
    assert {r["change"] for r in refs.values()} == {"stage Won → Lost"}
