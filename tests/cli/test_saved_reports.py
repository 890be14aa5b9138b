"""Saved reports: what is saved runs as typed, with more options behind; it is listed, forgotten and taken back."""

from __future__ import annotations

import sqlite3

import pytest


@pytest.fixture
def two(sfa):
    sfa.ok("opp", "add", "Pump deal", "--amount", "100", "--close", "2026-12-01")
    sfa.ok("opp", "add", "Valve deal", "--amount", "50", "--close", "2026-12-02", "source=web")
    return sfa


def test_a_saved_report_prints_what_the_command_prints(two) -> None:
    two.ok("report", "save", "friday", "opp", "list", "is:open", "--sort", "-amount", "--columns", "name,amount")
    plain = two.ok("opp", "list", "is:open", "--sort", "-amount", "--columns", "name,amount").out
    assert two.ok("report", "run", "friday").out == plain
    assert plain.splitlines()[1].startswith("Pump deal")
    # More filters and options stand behind the name.
    csv = two.ok("report", "run", "FRIDAY", "source:web", "--format", "csv").out
    assert csv == "name,amount\nValve deal,50.00\n"
    assert [r["name"] for r in two.ok("report", "run", "fri", "--json").json] == ["Pump deal", "Valve deal"]


def test_options_behind_the_name_belong_to_the_command(two) -> None:
    two.ok("report", "save", "a", "--", "forecast", "--by", "rep", "--json")
    two.ok("report", "save", "b", "sql", "SELECT name FROM v_opportunity WHERE name LIKE 'Pump%' -- --json")
    rows = {r["name"]: r["command"] for r in two.ok("report", "list", "--json").json}
    assert rows == {
        "a": "forecast --by rep --json",
        "b": "sql 'SELECT name FROM v_opportunity WHERE name LIKE '\"'\"'Pump%'\"'\"' -- --json'",
    }
    assert two.ok("report", "run", "a").json["rows"][0]["rep"] == "anna"
    assert two.ok("report", "run", "b").out == "name\nPump deal\n"
    assert two.ok("report", "run", "a", "-f", "csv").out.startswith("rep,")


def test_names_are_unique_and_what_writes_is_refused(two) -> None:
    two.ok("report", "save", "friday", "forecast")
    again = two("report", "save", "Friday", "opp", "list")
    assert (again.code, "already" in again.err) == (4, True)
    before = two.ok("history", "--json").json
    for line in ("opp add x", "forecast call --commit 1", "report run friday", "undo"):
        refused = two("report", "save", "x", *line.split())
        assert refused.code == 4, line
    assert two("report", "save", "x").code == 2
    assert two.ok("history", "--json").json == before
    assert [r["name"] for r in two.ok("report", "list", "--json").json] == ["friday"]


def test_saving_and_forgetting_are_taken_back(two) -> None:
    two.ok("report", "save", "friday", "forecast")
    two.ok("report", "forget", "friday")
    assert two.ok("report", "list", "--json").json == []
    two.ok("undo", "--yes")
    assert two.ok("report", "run", "friday", "--json").json["rows"]
    two.ok("undo", "--yes")
    gone = two("report", "run", "friday")
    assert (gone.code, "no report is saved as 'friday'" in gone.err) == (3, True)


def test_it_runs_in_the_same_database_and_fails_with_the_same_code(two) -> None:
    two.ok("--db", "other.db", "report", "save", "all", "opp", "list", "--json")
    assert two.ok("--db", "other.db", "report", "run", "all").json == []
    assert two("report", "run", "all").code == 3
    two.ok("report", "save", "bad", "opp", "list", "nosuch:1")
    assert two("report", "run", "bad").code == 2


def test_secrets_are_not_kept(two) -> None:
    two.ok("report", "save", "s", "opp", "list", "text~token=abc123")
    assert "abc123" not in two.ok("report", "list").out + two.ok("history").out


def test_what_another_program_wrote_is_checked_again(two) -> None:
    """A saved command is not a way to write, whoever put it there."""
    two.ok("report", "save", "friday", "forecast")
    for command, said in (
        ("opp delete O-1 --yes --cascade", "not a report"),
        ("opp list 'x", "cannot be read"),
        ("report run friday", "another"),
    ):
        db = sqlite3.connect(two.db)
        db.execute("UPDATE saved_report SET command=?", (command,))
        db.commit()
        db.close()
        refused = two("report", "run", "friday")
        assert (refused.code, said in refused.err) == (4, True), refused
    assert len(two.ok("opp", "list", "--json").json) == 2


def test_a_command_too_long_is_refused_and_not_cut(two) -> None:
    assert two("report", "save", "long", "opp", "list", "name~" + "x" * 3000).code == 2
    assert two.ok("report", "list", "--json").json == []
