"""`sfa history`, `undo` and `redo` as people meet them."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def past(sfa) -> None:
    sfa.ok("user", "add", "Anna Ferrari", "email=anna@house.example")
    sfa.ok("account", "add", "Blue Harbor", "--country", "Ireland")
    sfa.ok("opp", "add", "Renewal", "--account", "blue", "--amount", "10k", "--close", "eom")
    sfa.ok("opp", "edit", "O-1", "amount=12k", "currency=EUR", "next_step=call Wei")


def rows(text: str) -> list[list[str]]:
    return [line.split("\t") for line in text.splitlines()]


def test_operations_newest_first(sfa) -> None:
    head, *lines = rows(sfa.ok("history").out)
    assert head == ["operation", "when", "who", "command", "records", "undoes", "undone_by"]
    assert [line[3] for line in lines] == [
        "opp edit O-1 amount=12k currency=EUR 'next_step=call Wei'",
        "opp add Renewal --account blue --amount 10k --close eom",
        "account add 'Blue Harbor' --country Ireland",
        "user add 'Anna Ferrari' email=anna@house.example",
        "(new database)",
    ]
    assert {line[2] for line in lines[:-1]} == {"Anna Ferrari"} and lines[0][1] == "2026-11-23T12:00:00Z"
    assert [line[4] for line in lines[:4]] == ["1", "1", "1", "1"]
    assert len(sfa.ok("history", "--limit", "2", "--json").json) == 2


def test_a_record_field_by_field(sfa) -> None:
    changes = sfa.ok("history", "O-1", "--json").json
    latest = [(c["what"], c["field"], c["before"], c["after"]) for c in changes if c["what"] == "changed"]
    assert latest == [
        ("changed", "amount", "10,000 USD", "12,000 EUR"),
        ("changed", "currency", "USD", "EUR"),
        ("changed", "next_step", None, "call Wei"),
    ]
    created = {c["field"]: c["after"] for c in changes if c["what"] == "created"}
    assert created["account"] == "Blue Harbor" and created["stage"] == "Prospecting" and created["owner"] == "Anna Ferrari"
    assert changes[0]["who"] == "Anna Ferrari" and changes[0]["command"].startswith("opp edit O-1")
    # For people a new record is one line, and before and after stand together.
    text = sfa.ok("history", "Renewal", "--format", "table").out
    assert "amount: 10,000 USD → 12,000 EUR" in text and text.count("created:") == 1


def test_deleted_records_answer_to_their_reference(sfa) -> None:
    sfa.ok("opp", "delete", "O-1", "--yes")
    changes = sfa.ok("history", "o1", "--json").json
    assert (changes[0]["what"], changes[0]["command"]) == ("deleted", "opp delete O-1 --yes")
    gone = sfa("history", "Renewal")
    assert gone.code == 3 and "answers to its reference" in gone.err
    assert sfa("history", "O-77").code == 3


def test_as_of_and_user(sfa) -> None:
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-25")
    sfa.ok("--me", "Ben", "opp", "edit", "O-1", "amount=1k")
    assert len(sfa.ok("history", "--user", "Ben", "--json").json) == 1
    assert len(sfa.ok("history", "--as-of", "2026-11-23", "--json").json) == 5
    before = sfa.ok("history", "O-1", "--as-of", "2026-11-24", "--json").json
    assert before[0]["after"] == "12,000 EUR"
    sfa.ok("--me", "Ben", "undo")
    assert [o["undone_by"] for o in sfa.ok("history", "--as-of", "2026-11-24", "--json").json] == [None] * 5


@pytest.mark.parametrize(("zone", "shown"), [("Asia/Shanghai", "2026-11-23 20:00"), ("America/New_York", "2026-11-23 07:00")])
def test_times_are_those_of_the_company(sfa, zone: str, shown: str) -> None:
    sfa.monkeypatch.setenv("SFA_TIME_ZONE", zone)
    assert shown in sfa.ok("history", "--format", "table").out


def test_undo_and_redo_say_what_they_did(sfa) -> None:
    done = sfa.ok("undo")
    assert "Took back: opp edit O-1 amount=12k currency=EUR 'next_step=call Wei' (1 record)" in done.err and done.out == ""
    assert sfa.ok("opp", "show", "O-1", "--json").json["amount"] == {"amount": "10000.00", "currency": "USD"}
    again = sfa.ok("redo")
    assert "Did again: opp edit O-1" in again.err
    assert sfa.ok("opp", "show", "O-1", "--json").json["amount"] == {"amount": "12000.00", "currency": "EUR"}
    nothing = sfa("redo")
    assert nothing.code == 3 and "nothing to do again" in nothing.err


def test_undo_of_a_named_operation(sfa) -> None:
    number = sfa.ok("history", "--json").json[2]["operation"]
    refused = sfa("undo", number)
    assert refused.code == 5 and "A-1: is referred to by O-1 (account)" in refused.err and "--partial" in refused.err
    sfa.ok("undo")
    sfa.ok("undo")
    sfa.ok("undo", number[-4:])
    assert sfa.ok("account", "list", "--json").json == []
    twice = sfa("undo", number)
    assert twice.code == 3 and "taken back already" in twice.err
    sfa.ok("redo", number)
    assert len(sfa.ok("account", "list", "--json").json) == 1
    assert sfa("undo", "zzz").code == 3
    assert sfa("undo", "").code == 0  # an empty word names nothing, so it is the last one


def test_clash_is_exit_5_and_lists(sfa) -> None:
    number = sfa.ok("history", "--json").json[0]["operation"]
    sfa.ok("opp", "edit", "O-1", "next_step=mail Wei")
    refused = sfa("undo", number)
    assert refused.code == 5 and "O-1: next step was changed again since" in refused.err
    assert sfa.ok("opp", "show", "O-1", "--json").json["amount"]["currency"] == "EUR"
    partial = sfa.ok("undo", number, "--partial")
    assert "left alone" in partial.err
    assert sfa.ok("opp", "show", "O-1", "--json").json["amount"]["currency"] == "USD"


def test_bulk_undo_works_in_scripts_and_dry_run_writes_nothing(sfa) -> None:
    for i in range(4):
        sfa.ok("account", "add", f"Account {i}")
    sfa.ok("account", "edit", "name~Account", "industry=x", "--yes")
    shown = sfa.ok("undo", "--dry-run")
    assert "4 records" in shown.err and "Nothing was written" in shown.err
    assert len(sfa.ok("account", "list", "industry:x", "--json").json) == 4
    sfa.ok("undo")  # nobody is asked where nobody can answer
    assert sfa.ok("account", "list", "industry:x", "--json").json == []


def test_nothing_to_take_back(sfa) -> None:
    refused = sfa("--me", "ben", "undo")
    assert refused.code == 3 and "nothing of yours" in refused.err


def test_a_secret_is_not_remembered(sfa) -> None:
    sfa.ok("account", "edit", "A-1", "description=token: abc123")
    assert "abc123" not in sfa.ok("history").out
