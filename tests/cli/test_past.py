"""`sfa import history`: the past of deals, and of what they refer to, before this database was made."""

from __future__ import annotations

from typing import Any

import pytest

ROWS = """OpportunityId,CreatedDate,StageName,Amount,CloseDate
D-1,2026-03-05T09:00:00Z,Qualification,80,2026-09-30
D-1,2026-01-05T09:00:00Z,Prospecting,50,2026-06-30
"""


def _world(sfa: Any) -> None:
    sfa.ok("user", "add", "Bo", "email=bo@house.example")
    sfa.ok("user", "add", "Al", "manager=Bo")
    sfa.ok("account", "add", "Acme")
    sfa.ok("opp", "add", "Deal", "external_id=D-1", "amount=100", "stage=proposal", "account=Acme", "owner=Al")
    (sfa.folder / "history.csv").write_text(ROWS)


def test_a_moment_before_the_database_shows_deals_with_stage_owner_and_account(sfa: Any) -> None:
    _world(sfa)
    sfa.ok("import", "history", "history.csv")
    seen = {}
    for day in ("2026-01-01", "2026-02-01", "2026-04-01", "2026-11-23"):
        deals = sfa.ok("opp", "list", "is:open", "--json", "--as-of", day).json
        seen[day] = [(d["stage"], d["amount"]["amount"], d["owner"], d["account"]) for d in deals]
    assert seen == {
        "2026-01-01": [],
        "2026-02-01": [("Prospecting", "50.00", "Al", "Acme")],
        "2026-04-01": [("Qualification", "80.00", "Al", "Acme")],
        "2026-11-23": [("Proposal", "100.00", "Al", "Acme")],
    }
    rows = sfa.ok("forecast", "--by", "manager", "--period", "2026-Q2", "--as-of", "2026-02-01", "--json").json["rows"]
    assert [(r["manager"], r["pipeline"]["amount"]) for r in rows] == [("Bo", "50.00")]


def test_undo_hides_the_past_and_redo_shows_it_again(sfa: Any) -> None:
    _world(sfa)
    sfa.ok("import", "history", "history.csv")

    def past() -> tuple[int, int]:
        return tuple(len(sfa.ok(kind, "list", "--json", "--as-of", "2026-02-01").json) for kind in ("opp", "account"))

    assert past() == (1, 1)
    sfa.ok("undo", "--yes")
    assert past() == (0, 0)
    sfa.ok("redo", "--yes")
    assert past() == (1, 1)
    assert sfa.ok("import", "history", "history.csv", "--json").json["unchanged"] == 2


# Changes of fields, and stages with entry and exit ------------------------------------------------------------------------------------


def _deal(sfa: Any, **fields: str) -> None:
    """One deal of Al, in Proposal with 900 now."""
    sfa.ok("user", "add", "Bo", "email=bo@house.example")
    sfa.ok("user", "add", "Cy", "email=cy@house.example")
    sfa.ok("user", "add", "Al", "manager=Bo")
    given = {"amount": "900", "stage": "proposal", "owner": "Al", "opened": "2026-01-02", "close": "2026-09-30", **fields}
    sfa.ok("opp", "add", "Deal", "external_id=D-1", *(f"{k}={v}" for k, v in given.items()))


def _load(sfa: Any, text: str, *more: str, map: str = "") -> Any:
    (sfa.folder / "h.csv").write_text(text)
    (sfa.folder / "h.toml").write_text(map)
    return sfa("import", "history", "h.csv", "--map", "h.toml", *more)


def _done(sfa: Any, text: str, *more: str, map: str = "") -> Any:
    result = _load(sfa, text, *more, "--json", map=map)
    assert result.code == 0, result
    return result.json


def _then(sfa: Any, moment: str, *fields: str) -> Any:
    deals = sfa.ok("opp", "list", "--as-of", moment, "--json").json
    return [tuple(d[f]["amount"] if isinstance(d[f], dict) else d[f] for f in fields) for d in deals]


CHANGES = "OpportunityId,Field,OldValue,NewValue,CreatedDate\n"


def test_changes_of_fields_are_read_by_the_type_of_each(sfa: Any) -> None:
    _deal(sfa, probability="60")
    sfa.ok("config", "field", "add", "opp", "renewal", "date")
    done = _done(
        sfa,
        CHANGES
        + "D-1,created,,,2026-01-05T09:00:00Z\n"
        + "D-1,StageName,Prospecting,Qualification,2026-02-03T09:00:00.000+0000\n"
        + "D-1,Amount,\"$1,500.00\",1.2k,02/13/2026 08:55 PM\n"
        + "D-1,CloseDate,2026-06-30,2026-09-30,2026-03-01 10:00\n"
        + "D-1,Amount,1200,900,2026-03-01 10:00\n"
        + "D-1,ForecastCategoryName,Pipeline,Best Case,2026-03-01 10:00\n"
        + "D-1,Stage,Qualification,Proposal,2026-04-01T09:00:00+02:00\n"
        + "D-1,Name,Old name,Deal,2026-04-02\n"
        + "D-1,Renewal__c,,2027-01-01,2026-04-03\n"
        + "D-1,Territory,a,b,2026-04-03\n"
        + "D-1,locked,,,2026-04-03\n",
    )  # fmt: skip
    assert (done["read"], done["new"], done["skipped"], done["rejected"]) == (11, 9, 2, 0)
    assert done["left_out"] == [{"column": "field Territory", "cells": 1}, {"column": "field locked", "cells": 1}]
    assert done["notes"] == ["new values are not what is known later (line 10): 1"]
    fields = ("stage", "amount", "close", "category", "probability", "name")
    assert [_then(sfa, m, *fields) for m in ("2026-01-05T08:59:59Z", "2026-01-05T09:00:00Z", "2026-02-13 20:55")] == [
        [],
        [("Prospecting", "1500.00", "2026-06-30", "pipeline", 10, "Old name")],
        [("Qualification", "1200.00", "2026-06-30", "pipeline", 20, "Old name")],
    ]
    # No row tells the probability: it is today's, which was set by hand in this stage, and before that the stage's.
    assert _then(sfa, "2026-03-01 10:00", *fields) == [("Qualification", "900.00", "2026-09-30", "best_case", 20, "Old name")]
    assert _then(sfa, "2026-04-01 07:00", *fields) == [("Proposal", "900.00", "2026-09-30", "best_case", 60, "Old name")]
    assert _then(sfa, "2026-04-03", "name", "renewal") == [("Deal", "2027-01-01")]
    assert _then(sfa, "2026-04-02", "renewal") == [(None,)]
    check = sfa("db", "check")
    assert check.code == 0, check


def test_times_without_a_zone_are_the_companys(sfa: Any) -> None:
    sfa.ok("config", "set", "time_zone", "America/New_York")
    _deal(sfa, stage="won", closed="2026-06-01")
    _done(sfa, "deal,stage,changed\nD-1,Won,03/17/26 09:00 PM\nD-1,Proposal,2026-03-19T01:00:00Z\nD-1,Won,2026-06-01\n")
    moments = ("2026-03-18T00:59:59Z", "2026-03-18T01:00:00Z", "2026-03-19T01:00:00Z", "2026-06-01 00:00")
    # Won in the evening of the 17th, which is the 18th in UTC.
    wanted = [[], [("Won", "2026-03-17")], [("Proposal", None)], [("Won", "2026-06-01")]]
    assert [_then(sfa, m, "stage", "closed") for m in moments] == wanted


def test_an_owners_change_moves_the_credit_of_a_won_deal(sfa: Any) -> None:
    """Won by Cy, handed to Al afterwards: the roll-up of that quarter credits Cy. Salesforce names an owner twice, by id and by name."""
    _deal(sfa, stage="won", closed="2026-03-20")
    sfa.ok("user", "edit", "Cy", "external_id=005A")
    done = _done(
        sfa,
        CHANGES
        + "D-1,Owner,005A,Al,2026-05-01T09:00:00Z\n"
        + "D-1,Owner,Cy,Al,2026-05-01T09:00:00Z\n"
        + "D-1,StageName,Negotiation,Closed Won,2026-03-20T09:00:00Z\n",
    )
    assert done["notes"] == ["rows say the same as another of the same moment: 1"] and done["new"] == 3
    seen = [_then(sfa, m, "owner", "stage") for m in ("2026-01-02", "2026-04-01", "2026-05-02", "2026-11-23")]
    assert seen == [[("Cy", "Negotiation")], [("Cy", "Won")], [("Al", "Won")], [("Al", "Won")]]
    rows = sfa.ok("forecast", "--by", "rep", "--period", "2026-Q1", "--json").json["rows"]
    assert {r["rep"]: r["closed"]["amount"] for r in rows if r["closed"] and r["closed"]["amount"] != "0.00"} == {"Cy": "900.00"}


def test_past_owners_who_are_no_users_are_made_on_request(sfa: Any) -> None:
    _deal(sfa)
    text = CHANGES + "D-1,Owner,Zoe,Al,2026-05-01T09:00:00Z\n"
    refused = _load(sfa, text)
    assert refused.code == 4 and "no user is called 'Zoe'" in refused.err and "--on-missing create" in refused.err
    assert _done(sfa, text, "--on-missing", "create")["created"] == {"user": 1}
    assert _then(sfa, "2026-02-01", "owner") == [("Zoe",)]
    sfa.ok("undo", "--yes")
    assert _then(sfa, "2026-02-01", "owner") == [] and [u["name"] for u in sfa.ok("user", "list", "--json").json].count("Zoe") == 0


def test_a_map_says_fields_stages_and_dates(sfa: Any) -> None:
    _deal(sfa)
    done = _done(
        sfa,
        "Deal,What,Was,Became,Moment\nD-1,Phase,Lead,Offer,02.03.2026 14:30\nD-1,Due,31.07.2026,30.09.2026,03.03.2026\n"
        "D-1,Colour,red,blue,03.03.2026\nD-1,Sum,0.5,0.9,04.03.2026\n",
        map='[columns]\nWhat = "field"\nWas = "old"\nBecame = "new"\nMoment = "changed"\n'
        '[values.field]\nPhase = "stage"\nDue = "close"\nColour = ""\nSum = "amount"\n'
        '[values.stage]\nLead = "Prospecting"\nOffer = "Proposal"\n[multiply]\namount = 1000\n[format]\ndates = "dmy"\n',
    )
    assert (done["new"], done["left_out"], done["notes"]) == (3, [{"column": "field Colour", "cells": 1}], [])
    assert _then(sfa, "2026-03-02 14:29", "stage", "close", "amount") == [("Prospecting", "2026-07-31", "500.00")]
    assert _then(sfa, "2026-03-02 14:30", "stage", "close", "amount") == [("Proposal", "2026-07-31", "500.00")]
    assert _then(sfa, "2026-03-05", "stage", "close", "amount") == [("Proposal", "2026-09-30", "900.00")]


def test_dates_of_changed_fields_are_read_as_they_prove(sfa: Any) -> None:
    _deal(sfa)
    _done(sfa, CHANGES + "D-1,CloseDate,03/04/2026,06/30/2026,2026-02-01\nD-1,CloseDate,06/30/2026,09/30/2026,2026-03-01\n")
    assert _then(sfa, "2026-01-15", "close") == [("2026-03-04",)]
    refused = _load(sfa, CHANGES + "D-1,CloseDate,31/04/2026,04/31/2026,2026-02-01\n")
    assert refused.code == 2 and "not in one order" in refused.err


def test_without_old_values_a_deal_begins_with_its_first_row(sfa: Any) -> None:
    """HubSpot's dates may be milliseconds: 1782777600000 is 2026-06-30."""
    _deal(sfa)
    _done(
        sfa,
        "deal_id,timestamp,name,value\nD-1,2026-02-01 10:00:00.123,dealstage,Prospecting\nD-1,2026-02-03 10:00:00,amount,900\n"
        "D-1,2026-02-02 10:00:00,closedate,1782777600000\nD-1,2026-02-04 10:00:00,dealstage,Proposal\n"
        "D-1,2026-02-05,closedate,2026-09-30T00:00:00Z\n",
    )
    seen = [_then(sfa, f"2026-02-0{d} 12:00", "stage", "amount", "close") for d in range(1, 6)]
    assert _then(sfa, "2026-01-31", "stage") == []
    assert seen == [
        [("Prospecting", None, None)],
        [("Prospecting", None, "2026-06-30")],
        [("Prospecting", "900.00", "2026-06-30")],
        [("Proposal", "900.00", "2026-06-30")],
        [("Proposal", "900.00", "2026-09-30")],
    ]


def test_several_changes_of_one_minute_are_all_kept(sfa: Any) -> None:
    _deal(sfa)
    changes = [
        "StageName,Prospecting,Qualification",
        "Amount,500,900",
        "StageName,Qualification,Negotiation",
        "StageName,Negotiation,Proposal",
    ]
    _done(sfa, CHANGES + "".join(f"D-1,{c},02/23/26 08:55 PM\n" for c in changes))
    # The last of them holds from that minute on; the others were a moment before.
    assert _then(sfa, "2026-02-23 20:55", "stage") == [("Proposal",)]
    assert _then(sfa, "2026-02-23T20:54:59Z", "stage") == [("Prospecting",)]
    told = [(c["field"], c["after"]) for c in sfa.ok("history", "O-1", "--json").json if c["field"] in ("stage", "amount")][::-1]
    # Those that touch each other in the file and are of different fields were made at once.
    assert [a for f, a in told if f == "stage"][:4] == ["Prospecting", "Qualification", "Negotiation", "Proposal"]
    raised = next(i for i, (f, a) in enumerate(told) if f == "amount" and "900" in str(a))
    assert raised < told.index(("stage", "Negotiation"))


def test_stages_with_entry_and_exit(sfa: Any) -> None:
    _deal(sfa)
    done = _done(
        sfa,
        "Deal,Stage,Entered,Left\nD-1,Proposal,2026-04-01,\nD-1,Qualification,2026-02-10,2026-03-20\nD-1,Prospecting,2026-01-10,2026-02-10\n",
    )
    assert (done["new"], done["notes"]) == (3, ["gaps between two stages, in which the earlier one was kept: 1"])
    days = ("2026-01-09", "2026-01-10", "2026-02-10", "2026-03-25", "2026-04-01")
    seen = [_then(sfa, d, "stage", "probability", "amount", "owner") for d in days]
    assert seen[0] == [] and [s[0] for s in seen[1:]] == [
        ("Prospecting", 10, "900.00", "Al"),
        ("Qualification", 20, "900.00", "Al"),
        ("Qualification", 20, "900.00", "Al"),
        ("Proposal", 50, "900.00", "Al"),
    ]


VISITS = """deal,stage,entered,left
D-1,Prospecting,2026-01-10,2026-03-01
D-1,Qualification,2026-02-10,2026-03-20
D-1,Negotiation,2026-04-10,2026-04-01
D-1,Proposal,2026-05-01,
"""


def test_overlapping_stages_are_rejected(sfa: Any) -> None:
    _deal(sfa)
    refused = _load(sfa, VISITS)
    assert (
        refused.code == 4
        and "line 3: the stage was entered while the one of line 2 lasted, which was left on 2026-03-01 00:00" in refused.err
    )
    assert "line 4: the stage was left before it was entered" in refused.err
    assert _then(sfa, "2026-06-01", "stage") == []
    for _ in range(2):
        # Run again, the same rows are bad and the others unchanged.
        result = _load(sfa, VISITS, "--rejects", "bad.csv", "--yes", "--json")
        assert (result.code, result.json["rejected"]) == (7, 2)
    assert (result.json["new"], result.json["unchanged"]) == (0, 2)
    assert [line.split(",")[1] for line in (sfa.folder / "bad.csv").read_text().splitlines()[1:]] == ["Negotiation", "Qualification"]
    assert [_then(sfa, d, "stage") for d in ("2026-02-15", "2026-05-02")] == [[("Prospecting",)], [("Proposal",)]]


BAD = [
    ("D-1,StageName,Prospecting,Engaging,2026-02-01", "stage: there is no stage 'Engaging'"),
    ("D-1,StageName,Engaging,Proposal,2026-02-01", "stage: there is no stage 'Engaging'"),
    ("D-1,Amount,12,twelve,2026-02-01", "amount: 'twelve'"),
    ("D-1,Amount,€12,€900,2026-02-01", "amount: '€12' is in EUR, the row in USD"),
    ("D-1,CloseDate,soon,2026-09-30,2026-02-01", "expected close: 'soon'"),
    ("D-1,Probability,10,110,2026-02-01", "probability: '110' is not a whole percentage"),
    ("D-1,Amount,12,900,sometime", "changed: 'sometime'"),
    ("D-1,Amount,12,900,", "a past version needs changed"),
    ("D-1,,12,900,2026-02-01", "a past version needs field"),
    ("D-9,Amount,12,900,2026-02-01", "no opportunity is called 'D-9'"),
    (",Amount,12,900,2026-02-01", "a past version needs opportunity"),
    ("D-1,StageName,Proposal,,2026-02-01", "stage: a deal is never without it"),
    ("D-1,Owner,Nobody,Al,2026-02-01", "no user is called 'Nobody'"),
]


@pytest.mark.parametrize(("row", "reason"), BAD)
def test_a_bad_change_stops_the_load_or_is_rejected(sfa: Any, row: str, reason: str) -> None:
    _deal(sfa)
    good = "D-1,Amount,500,900,2026-03-01\n"
    before = sfa.ok("history").out
    refused = _load(sfa, CHANGES + good + row + "\n")
    assert refused.code == 4 and f"line 3: {reason}" in refused.err, refused.err
    assert sfa.ok("history").out == before and _then(sfa, "2026-06-01", "stage") == []
    result = _load(sfa, CHANGES + good + row + "\n", "--rejects", "bad.csv", "--json")
    assert (result.code, result.json["new"], result.json["rejected"]) == (7, 1, 1)
    assert reason in (sfa.folder / "bad.csv").read_text(encoding="utf-8")
    assert _then(sfa, "2026-02-15", "amount") == [("500.00",)]


def test_values_that_contradict_each_other_are_told(sfa: Any) -> None:
    _deal(sfa)
    done = _done(sfa, CHANGES + "D-1,Amount,100,200,2026-02-01\nD-1,Amount,300,400,2026-03-01\n")
    assert done["notes"] == ["new values are not what is known later (lines 2, 3): 2"]
    seen = [_then(sfa, f"2026-0{m}-15", "amount")[0][0] for m in (1, 2, 3)]
    assert seen == ["100.00", "300.00", "400.00"]
    assert sfa.ok("opp", "list", "--json").json[0]["amount"]["amount"] == "900.00"


def test_a_trial_writes_nothing(sfa: Any) -> None:
    _deal(sfa)
    before = sfa.db.read_bytes()
    done = _load(sfa, CHANGES + "D-1,Amount,500,900,2026-03-01\n", "--dry-run")
    assert done.code == 0 and "each row is a change of one field" in done.err and "1 new. Nothing was written." in done.err
    assert sfa.db.read_bytes() == before


def test_again_unchanged_after_undo_new(sfa: Any) -> None:
    _deal(sfa)
    text = CHANGES + "D-1,created,,,2026-01-05\nD-1,Amount,500,900,2026-03-01\nD-1,Amount,900,950,2027-03-01\n"
    first = _done(sfa, text)
    assert (first["new"], first["skipped"]) == (2, 1)
    again = _done(sfa, text)
    assert (again["new"], again["unchanged"], again["skipped"], again["operation"]) == (0, 2, 1, None)
    late = ["rows are not before the first version that is known of their deal: 1"]
    assert first["notes"] == again["notes"] == late
    other = _done(sfa, CHANGES + "D-1,Amount,400,500,2026-02-01\n")
    assert other["skipped"] == 1 and other["notes"] == [
        "rows are of deals whose past is loaded already; `sfa undo` takes that import back: 1"
    ]
    sfa.ok("undo", "--yes")
    assert _then(sfa, "2026-03-02", "amount") == []
    assert _done(sfa, text)["new"] == 2
    assert _then(sfa, "2026-03-02", "amount") == [("900.00",)]


def test_files_of_two_shapes_are_loaded_one_by_one(sfa: Any) -> None:
    _deal(sfa)
    (sfa.folder / "v.csv").write_text("deal,stage,entered\nD-1,Prospecting,2026-01-10\n")
    (sfa.folder / "c.csv").write_text(CHANGES + "D-1,Amount,500,900,2026-03-01\n")
    refused = sfa("import", "history", "v.csv", "c.csv")
    assert refused.code == 2 and "different shapes" in refused.err and _then(sfa, "2026-06-01", "stage") == []


def test_amounts_are_in_the_deals_currency_of_the_time(sfa: Any) -> None:
    _deal(sfa, amount="120000", currency="JPY")
    _done(sfa, CHANGES + "D-1,CurrencyIsoCode,USD,JPY,2026-03-01\nD-1,Amount,800,120000,2026-03-01\n")
    deals = [sfa.ok("opp", "list", "--as-of", d, "--json").json[0]["amount"] for d in ("2026-02-01", "2026-03-02")]
    assert deals == [{"amount": "800.00", "currency": "USD"}, {"amount": "120000", "currency": "JPY"}]
