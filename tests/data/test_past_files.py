"""A real organisation's history of deals, loaded in all three shapes: every moment is compared with a replay by csv and datetime."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import Sfa
from exports import folder_of, rows
from organisation import OURS, close_date, files, history, load_deals, when

COLUMNS = ("StageName", "Amount", "CloseDate")
Facts = dict[str, tuple[str, Decimal | None, str]]
"""Deal → its stage, amount and close date."""


@pytest.fixture
def folder(shared: Path) -> Path:
    return files(shared)


def fact(row: dict[str, str]) -> tuple[str, Decimal | None, str]:
    amount = Decimal(row["Amount"]) if row["Amount"] else None
    return OURS.get(row["StageName"], row["StageName"]), amount, close_date(row).isoformat()


def in_order(folder: Path) -> dict[str, list[dict[str, str]]]:
    """Deal → its rows in order of time, those of one minute as in the file."""
    out: dict[str, list[dict[str, str]]] = {}
    for row in history(folder):
        out.setdefault(row["OpportunityId"], []).append(row)
    return out


def company(sfa: Sfa, folder: Path) -> Facts:
    """The deals as they are now, in the stages of that organisation; what the file says of them."""
    load_deals(sfa, folder)
    return {r["Id"]: fact(r) for r in rows(folder / "Opportunity.csv")}


def shown(sfa: Sfa, moment: str = "") -> Facts:
    deals = sfa.ok("opp", "list", *(["--as-of", moment] if moment else []), "--json").json
    return {d["external_id"]: (d["stage"], Decimal(d["amount"]["amount"]) if d["amount"] else None, d["close"]) for d in deals}


def same_at_every_moment(sfa: Sfa, folder: Path, expected: Callable[[datetime], Facts]) -> None:
    """The listing as of each moment of the file, and of the minutes beside it, is what the replay says."""
    moments = sorted({when(r) for r in history(folder)})
    assert len(moments) == 7
    for moment in moments:
        assert shown(sfa, moment.strftime("%Y-%m-%d %H:%M")) == expected(moment), moment
    assert shown(sfa, "2026-02-23 20:54") == {}
    assert shown(sfa, "2026-11-20") == expected(datetime(2026, 11, 20))


def snapshots_at(folder: Path) -> Callable[[datetime], Facts]:
    """The replay of the file as it is: a deal is what its last row says."""
    told = in_order(folder)

    def at(moment: datetime) -> Facts:
        past = {deal: [r for r in steps if when(r) <= moment] for deal, steps in told.items()}
        return {deal: fact(steps[-1]) for deal, steps in past.items() if steps}

    return at


def write(path: Path, header: str, lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(header.split(","))
        out.writerows(lines)


def load(sfa: Sfa, file: str, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = sfa.ok("import", "history", file, "--source", "sf", *more, "--json").json
    return found


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
def test_snapshots(sfa: Sfa, folder: Path, zone: str) -> None:
    """Times without a zone are the company's."""
    sfa.ok("config", "set", "time_zone", zone)
    now = company(sfa, folder)
    path = str(folder / "OpportunityHistory.csv")
    done = load(sfa, path)
    assert (done["read"], done["new"], done["notes"]) == (48, 48, [])
    same_at_every_moment(sfa, folder, snapshots_at(folder))
    assert shown(sfa) == now
    first = min(when(r) for r in history(folder)).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    assert len(shown(sfa, first.isoformat())) == 31
    assert load(sfa, path)["unchanged"] == 48
    sfa.ok("undo", "--yes")
    assert shown(sfa, "2026-03-08") == {} and shown(sfa) == now


def test_won_and_later_lost(sfa: Sfa, folder: Path) -> None:
    """Deals that were won on loading and lost on 7 March, closed on the day of each in the company's zone."""
    sfa.ok("config", "set", "time_zone", "America/New_York")
    company(sfa, folder)
    load(sfa, str(folder / "OpportunityHistory.csv"))
    twice = {d for d, s in in_order(folder).items() if [r["StageName"] for r in s][-2:] == ["Closed Won", "Closed Lost"]}
    assert len(twice) == 7
    won = {d["external_id"]: d for d in sfa.ok("opp", "list", "stage:won", "--as-of", "2026-03-07 20:58", "--json").json}
    # The one that was made a day later was won on that day.
    assert twice <= won.keys() and {won[d]["closed"] for d in twice} == {"2026-02-23", "2026-02-24"}
    lost = {d["external_id"]: d for d in sfa.ok("opp", "list", "stage:lost", "--as-of", "2026-03-07 21:00", "--json").json}
    assert twice <= lost.keys() and {(lost[d]["category"], lost[d]["probability"]) for d in twice} == {("omitted", 0)}


def changes(folder: Path) -> list[list[str]]:
    """The same history as Salesforce's OpportunityFieldHistory would tell it, the newest change first as in its pages."""
    out = []
    for deal, steps in in_order(folder).items():
        out.append([deal, "created", "", "", steps[0]["CreatedDate"]])
        for was, now in pairwise(steps):
            out += [[deal, f, was[f], now[f], now["CreatedDate"]] for f in COLUMNS if was[f] != now[f]]
    return sorted(out, key=lambda r: when({"CreatedDate": r[4]}), reverse=True)


def test_changes_of_fields(sfa: Sfa, folder: Path) -> None:
    """Replayed backwards from the deals as they are now. Stages and amounts are those of the snapshots; a close date that was moved without
    a row is what it is now."""
    now = company(sfa, folder)
    told = changes(folder)
    write(sfa.folder / "changes.csv", "OpportunityId,Field,OldValue,NewValue,CreatedDate", told)
    done = load(sfa, "changes.csv")
    assert (done["read"], done["new"], done["rejected"], done["notes"]) == (len(told), len(told), 0, [])
    created = {r[0]: when({"CreatedDate": r[4]}) for r in told if r[1] == "created"}

    def at(moment: datetime) -> Facts:
        known = {d: f for d, f in now.items() if d in created and created[d] <= moment}
        state = {d: dict(zip(COLUMNS, f, strict=True)) for d, f in known.items()}
        for deal, field, old, _, written in told:
            if field != "created" and deal in state and when({"CreatedDate": written}) > moment:
                row = {"StageName": "", "Amount": "", "CloseDate": "01/01/26"} | {field: old}
                state[deal][field] = fact(row)[COLUMNS.index(field)]
        return {d: (f["StageName"], f["Amount"], f["CloseDate"]) for d, f in state.items()}

    same_at_every_moment(sfa, folder, at)
    snapshots = snapshots_at(folder)
    for moment in {when(r) for r in history(folder)}:
        assert {d: f[:2] for d, f in at(moment).items()} == {d: f[:2] for d, f in snapshots(moment).items()}
    assert shown(sfa) == now
    assert load(sfa, "changes.csv")["unchanged"] == len(told)
    sfa.ok("undo", "--yes")
    assert shown(sfa, "2026-03-08") == {} and shown(sfa) == now


def test_changes_without_old_values(sfa: Sfa, folder: Path) -> None:
    """As HubSpot tells them: every value with the moment from which it held. All that the snapshots say is in them."""
    now = company(sfa, folder)
    names = {"StageName": "dealstage", "Amount": "amount", "CloseDate": "closedate"}
    told = []
    for deal, steps in in_order(folder).items():
        for was, is_now in pairwise([dict.fromkeys(names, ""), *steps]):
            at = when(is_now).isoformat(" ") + ".000"
            told += [[deal, at, names[f], is_now[f]] for f in names if is_now[f] != was[f]]
    write(sfa.folder / "deal_property_history.csv", "deal_id,timestamp,name,value", told)
    (sfa.folder / "us.toml").write_text('[format]\ndates = "mdy"\n')
    done = load(sfa, "deal_property_history.csv", "--map", "us.toml")
    # Close dates were moved in the organisation without a row of history: each is told.
    moved = [d for d, steps in in_order(folder).items() if fact(steps[-1])[2] != now[d][2]]
    assert done["new"] == len(told) and len(moved) == 25
    assert [n.partition(" (lines ")[0] + n[n.rindex(":") :] for n in done["notes"]] == ["new values are not what is known later: 25"]
    same_at_every_moment(sfa, folder, snapshots_at(folder))
    assert shown(sfa) == now


def test_stages_with_entry_and_exit(sfa: Sfa, folder: Path) -> None:
    """Such rows say the stage; amount and close date are what they are now."""
    now = company(sfa, folder)
    told = []
    for deal, steps in in_order(folder).items():
        ends = [r["CreatedDate"] for r in steps[1:]] + [""]
        told += [[deal, r["StageName"], r["CreatedDate"], end] for r, end in zip(steps, ends, strict=True)]
    write(sfa.folder / "stages.csv", "Opportunity ID,Stage,Date entered,Date exited", told[::-1])
    done = load(sfa, "stages.csv")
    assert (done["new"], done["notes"]) == (48, [])
    snapshots = snapshots_at(folder)
    same_at_every_moment(sfa, folder, lambda moment: {d: (f[0], *now[d][1:]) for d, f in snapshots(moment).items()})
    assert load(sfa, "stages.csv")["unchanged"] == 48


def test_headers_of_hubspots_exports(sfa: Sfa, shared: Path) -> None:
    """Their values are hashed: the shape is known, every property is left out and told."""
    path = folder_of(shared, "dbt_hubspot_seeds") / "deal_property_history_data.csv"
    sfa.ok("opp", "add", "Deal")
    done = load(sfa, str(path))
    file = rows(path)
    assert done["files"][0]["columns"] == {"deal_id": "opportunity", "timestamp": "changed", "name": "field", "value": "new"}
    assert (done["read"], done["skipped"], done["operation"]) == (len(file), len(file), None)
    left = {c["column"]: c["cells"] for c in done["left_out"]}
    assert {n.removeprefix("field "): c for n, c in left.items() if n.startswith("field ")} == {
        n: sum(r["name"] == n for r in file) for n in {r["name"] for r in file}
    }
