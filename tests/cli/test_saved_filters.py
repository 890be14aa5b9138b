"""Filters under a name: saved, tried first, taken as @name wherever filters are."""

from __future__ import annotations

import pytest


@pytest.fixture
def deals(sfa, monkeypatch):
    monkeypatch.setenv("SFA_TODAY", "2026-10-05T09:00:00Z")
    sfa.ok("account", "add", "Blue Harbor", "country=Ireland")
    sfa.ok("account", "add", "Star Ferries", "country=Norway")
    for name, account, amount, stage in (
        ("Cranes", "Blue Harbor", "60k", "propose"),
        ("Meters", "Star Ferries", "5k", "propose"),
        ("Gauges", "Star Ferries", "70k", "qualify"),
        ("Empty", "Blue Harbor", "", "qualify"),
    ):
        sfa.ok("opp", "add", name, f"account={account}", f"amount={amount}")
        sfa.ok("opp", stage, name)
    monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    sfa.ok("filter", "save", "hot", "stage:propose amount>50k")
    return sfa


def names(sfa, *words: str) -> list[str]:
    return sorted(r["name"] for r in sfa.ok("opp", "list", *words, "--json").json)


def test_it_stands_for_its_words(deals) -> None:
    assert names(deals, "@hot") == ["Cranes"] == names(deals, "stage:propose", "amount>50k")
    assert names(deals, "@HOT", "account.country:Norway") == []
    # All else, blank amounts among it: not (a and b).
    assert names(deals, "-@hot") == ["Empty", "Gauges", "Meters"] == names(deals, "!@hot")
    assert names(deals, "-@hot", "account:blue") == ["Empty"]


def test_what_is_saved_is_told(deals) -> None:
    saved = deals.ok("filter", "save", "big", "amount>50k")
    assert saved.err == "Saved @big: amount>50k; 2 opportunities now  (take back: sfa undo)\n"
    assert deals.ok("filter", "save", "big", "amount>65k").err == (
        "Changed @big: amount>50k → amount>65k; 1 opp now  (take back: sfa undo)\n"
    )
    assert "so already" in deals.ok("filter", "save", "big", "amount>65k").err
    deals.ok("undo")
    assert names(deals, "@big") == ["Cranes", "Gauges"]
    assert [(r["name"], r["kind"], r["condition"]) for r in deals.ok("filter", "list", "--json").json] == [
        ("big", "opportunity", "amount>50k"),
        ("hot", "opportunity", "stage:propose amount>50k"),
    ]
    shown = deals.ok("filter", "show", "hot", "--json").json
    assert shown == {"name": "hot", "kind": "opportunity", "condition": "stage:propose amount>50k", "found": 1, "used_by": []}


def test_filters_within_filters(deals) -> None:
    deals.ok("filter", "save", "blue-hot", "@hot", "account:Blue Harbor")
    deals.ok("filter", "save", "rest", "-@blue-hot", "amount:any")
    assert names(deals, "@blue-hot") == ["Cranes"]
    assert names(deals, "@rest") == ["Gauges", "Meters"]
    deals.ok("filter", "save", "hot", "amount<10k")
    assert names(deals, "@blue-hot") == [] and names(deals, "@rest") == ["Cranes", "Gauges", "Meters"]


def test_a_circle_is_refused(deals) -> None:
    deals.ok("filter", "save", "a", "@hot")
    deals.ok("filter", "save", "b", "-@a")
    failed = deals("filter", "save", "hot", "@b")
    assert failed.code == 4 and "@hot → @b → @a → @hot" in failed.err
    assert deals("filter", "save", "new", "@new").code == 4
    # One that another program made goes round no more often.
    import sqlite3

    with sqlite3.connect(deals.db) as db:
        db.execute("UPDATE saved_filter SET condition='@b' WHERE name='hot'")
    assert deals("opp", "list", "@a").code == 4


@pytest.mark.parametrize(
    ("words", "code", "line", "carets"),
    [
        (["stage:propose amout>50k"], 2, "stage:propose amout>50k", "              ^^^^^^^^^"),
        (["stage:propose", "close:foo", "is:mine"], 2, "stage:propose close:foo is:mine", "              ^^^^^^^^^"),
        (["account:'Blue Harbr' is:mine"], 3, "'account:Blue Harbr' is:mine", "^^^^^^^^^^^^^^^^^^^^"),
        (["account:北京 amount>lots"], 3, "account:北京 amount>lots", "^^^^^^^^^^^^"),
        (["-@cold is:open"], 3, "-@cold is:open", "^^^^^^"),
        (["is:closd"], 2, "is:closd", "^^^^^^^^"),
    ],
)
def test_a_wrong_filter_is_pointed_at(deals, words: list[str], code: int, line: str, carets: str) -> None:
    failed = deals("filter", "save", "x", *words)
    assert failed.code == code
    assert failed.err.split("\n")[1:3] == [f"  {line}", f"  {carets}"], failed.err
    assert len(deals.ok("filter", "list", "--json").json) == 1


def test_names(deals) -> None:
    for name in ("-", "2", "a.b", "a b", "", "@", "x" * 61):
        assert deals("filter", "save", "--", name, "is:open").code == 2, name
    deals.ok("filter", "save", "@热门", "is:open")
    assert len(names(deals, "@热门")) == 4
    # What is no name of a filter stays what it was: a record touched before, a part of an address.
    assert deals.ok("opp", "show", "@-", "--json").json["name"] == "Empty"
    deals.ok("contact", "add", "Wei", "email=wei@blue.example")
    assert len(deals.ok("contact", "list", "@blue.example", "--json").json) == 1


def test_every_kind_has_its_own(deals) -> None:
    deals.ok("lead", "add", "Jo", "source=web")
    deals.ok("filter", "save", "hot", "source:web", "--kind", "lead")
    assert len(deals.ok("lead", "list", "@hot", "--json").json) == 1 and names(deals, "@hot") == ["Cranes"]
    failed = deals("account", "list", "@hot")
    assert failed.code == 3 and "but one for leads and opportunities" in failed.err
    assert "Did you mean 'hot'" in deals("opp", "list", "@hott").err
    assert deals("filter", "show", "hot").code == 2
    assert deals.ok("filter", "show", "hot", "--kind", "lead").out == "source:web\n"
    assert deals("filter", "save", "x", "is:open", "--kind", "rate").code == 2


def test_everywhere_that_filters_are_taken(deals) -> None:
    for command in (
        ("export", "opp", "@hot", "--format", "ndjson"),
        ("opp", "board", "@hot"),
        ("opp", "health", "@hot"),
        ("report", "pipeline", "@hot"),
        ("report", "winloss", "@hot", "--period", "2026"),
        ("report", "funnel", "-@hot"),
        ("report", "stale", "@hot"),
        ("forecast", "@hot"),
        ("forecast", "changes", "-@hot"),
        ("forecast", "trend", "-@hot"),
    ):
        found, plain = deals.ok(*command), deals.ok(*command[:1], *(w for w in command[1:] if "@" not in w))
        assert found.out != plain.out or command[1] in ("winloss", "funnel", "stale", "changes", "trend"), command
        assert "Gauges" not in found.out or "-@hot" in command
    deals.ok("opp", "edit", "@hot", "amount=61k")
    assert deals.ok("opp", "show", "Cranes", "--json").json["amount"]["amount"] == "61000.00"
    deals.ok("opp", "edit", "-@hot", "source=web", "--yes")
    assert names(deals, "source:web") == ["Empty", "Gauges", "Meters"]
    assert deals("opp", "edit", "@cold", "amount=1", "--yes").code == 3


def test_the_same_as_its_words_in_reports(deals) -> None:
    for command in ("forecast", "report pipeline", "forecast changes", "forecast trend", "report slippage"):
        plain = deals.ok(*command.split(), "stage:propose", "amount>50k", "--json")
        assert deals.ok(*command.split(), "@hot", "--json").json == plain.json, command
    deals.ok("filter", "save", "irish", "account.country:Ireland")
    for command in ("forecast", "report pipeline", "forecast changes", "forecast trend", "report slippage"):
        plain = deals.ok(*command.split(), "-account.country:Ireland", "--json")
        assert deals.ok(*command.split(), "-@irish", "--json").json == plain.json, command


def test_rules_and_saved_reports_know_it(deals) -> None:
    deals.ok("user", "add", "Ben")
    deals.ok("filter", "save", "web", "source:web", "--kind", "lead")
    deals.ok("rule", "add", "Web", "@web", "--to", "Ben")
    deals.ok("lead", "add", "Jo", "source=web")
    deals.ok("lead", "add", "Mo", "source=fair")
    assert {r["name"]: r["owner"] for r in deals.ok("lead", "list", "--json").json} == {"Jo": "Ben", "Mo": "anna"}
    deals.ok("report", "save", "hotlist", "opp", "list", "@hot", "--columns", "name")
    assert deals.ok("report", "run", "hotlist").out == "name\nCranes\n"


def test_what_others_use_is_not_deleted(deals) -> None:
    deals.ok("filter", "save", "b", "-@HOT")
    deals.ok("report", "save", "hotlist", "opp", "list", "@hot")
    failed = deals("filter", "delete", "hot")
    assert failed.code == 4 and "@hot is used by the filter @b, the report hotlist" in failed.err
    deals.ok("report", "forget", "hotlist")
    deals.ok("filter", "delete", "b")
    assert deals.ok("filter", "delete", "hot").err.startswith("Deleted @hot: stage:propose amount>50k")
    assert deals("filter", "delete", "hot").code == 3
    deals.ok("undo")
    assert names(deals, "@hot") == ["Cranes"]


def test_it_is_todays_under_as_of(deals, monkeypatch) -> None:
    """A filter is no record of the past: what is asked for today is asked of then."""
    monkeypatch.setenv("SFA_TODAY", "2026-12-24T12:00:00Z")
    deals.ok("filter", "save", "xmas", "amount>50k")
    assert names(deals, "@xmas", "--as-of", "2026-12-01") == ["Cranes", "Gauges"]


def test_a_whole_company_takes_its_filters_along(deals) -> None:
    deals.ok("export", "all", "-o", "all.zip")
    deals.ok("--db", "copy.db", "import", "bundle", "all.zip")
    assert [r["name"] for r in deals.ok("--db", "copy.db", "opp", "list", "@hot", "--json").json] == ["Cranes"]


def test_log_still_takes_people(deals) -> None:
    deals.ok("contact", "add", "Hot Pot", "account=Blue Harbor")
    deals.ok("log", "Cranes", "call", "spoke with @hot about it")
    assert deals.ok("activity", "list", "--json").json[0]["contact"] == "Hot Pot"
