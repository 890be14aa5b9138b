"""Users: managers, and what happens when somebody leaves."""

from __future__ import annotations

import pytest


@pytest.fixture
def team(sfa):
    sfa.ok("user", "add", "Mia Chief")
    sfa.ok("user", "add", "Ben Okafor", "manager=Mia Chief")
    sfa.ok("user", "add", "Cleo Marin", "manager=Ben Okafor")
    own = "owner=Ben Okafor"
    sfa.ok("account", "add", "Acme", own)
    sfa.ok("contact", "add", "Wei", own, "account=Acme")
    for name in ("open", "won", "lost"):
        sfa.ok("opp", "add", name, own, "amount=100")
    sfa.ok("opp", "win", "won")
    sfa.ok("opp", "lose", "lost", "--reason", "no budget")
    for name, status in (("n", "new"), ("w", "working"), ("q", "qualified"), ("d", "disqualified")):
        sfa.ok("lead", "add", name, own, f"status={status}")
    sfa.ok("log", "open", "call", "done with")
    sfa.ok("log", "open", "call", "to do", "--next", "ring")
    sfa.ok("activity", "edit", "kind:call", own, "--yes")
    return sfa


def owners(sfa, noun: str, key: str = "name") -> dict[str, str]:
    return {r[key]: r["owner"] for r in sfa.ok(noun, "list", "--json").json}


def test_hand_over_moves_what_is_open_and_keeps_results(team) -> None:
    told = team.ok("user", "hand-over", "Ben Okafor", "Mia Chief", "--yes").err
    assert "1 account, 1 contact, 3 leads, 1 opp, 1 activity" in told
    assert "1 still reports to Ben Okafor" in told
    assert owners(team, "account") == {"Acme": "Mia Chief"} and owners(team, "contact") == {"Wei": "Mia Chief"}
    assert owners(team, "opp") == {"open": "Mia Chief", "won": "Ben Okafor", "lost": "Ben Okafor"}
    assert owners(team, "lead") == {"n": "Mia Chief", "w": "Mia Chief", "q": "Mia Chief", "d": "Ben Okafor"}
    assert owners(team, "activity", "text") == {"done with": "Ben Okafor", "to do": "Mia Chief"}
    assert team.ok("user", "show", "Ben Okafor", "--json").json["active"] is False


def test_all_moves_also_what_is_done_but_never_closed_deals(team) -> None:
    team.ok("user", "hand-over", "Ben Okafor", "Mia Chief", "--all", "--keep-active", "--yes")
    assert owners(team, "opp") == {"open": "Mia Chief", "won": "Ben Okafor", "lost": "Ben Okafor"}
    assert set(owners(team, "lead").values()) == set(owners(team, "activity", "text").values()) == {"Mia Chief"}
    assert team.ok("user", "show", "Ben Okafor", "--json").json["active"] is True


def test_it_is_one_operation(team) -> None:
    before = [team.ok(n, "list", "--json").json for n in ("account", "contact", "opp", "lead", "activity", "user")]
    team.ok("user", "hand-over", "Ben Okafor", "Mia Chief", "--yes")
    team.ok("undo", "--yes")
    assert [team.ok(n, "list", "--json").json for n in ("account", "contact", "opp", "lead", "activity", "user")] == before


def test_it_asks_and_a_dry_run_writes_nothing(team) -> None:
    before = team.db.read_bytes()
    refused = team("user", "hand-over", "Ben Okafor", "Mia Chief")
    assert refused.code == 1 and "--yes" in refused.err
    assert "would go to Mia Chief" in team.ok("user", "hand-over", "Ben Okafor", "Mia Chief", "--dry-run").err
    assert team.db.read_bytes() == before


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("Ben Okafor", "Ben Okafor"), 2),
        (("Ben Okafor", "nobody"), 3),
        (("nobody", "Ben Okafor"), 3),
        (("Ben Okafor", "Mia Chief", "--effective", "+3d"), 2),
        (("Ben Okafor", "Mia Chief", "--effective", "never"), 2),
        (("Ben Okafor", "Mia Chief", "--effective", "2020-01-01"), 4),
    ],
)
def test_what_is_wrong_changes_nothing(team, argv: tuple[str, ...], code: int) -> None:
    before = owners(team, "opp")
    assert team("user", "hand-over", *argv, "--yes").code == code
    assert owners(team, "opp") == before


def test_nobody_hands_over_to_a_leaver(team) -> None:
    team.ok("user", "edit", "Mia Chief", "active=no")
    assert team("user", "hand-over", "Ben Okafor", "Mia Chief", "--yes").code == 4


def test_it_can_be_dated_back(team, monkeypatch) -> None:
    monkeypatch.setenv("SFA_TODAY", "2026-12-10T12:00:00Z")
    team.ok("user", "hand-over", "Ben Okafor", "Mia Chief", "--effective", "2026-12-01", "--yes")
    then = {r["name"]: r["owner"] for r in team.ok("opp", "list", "--as-of", "2026-12-02", "--json").json}
    assert then["open"] == "Mia Chief"
    assert {r["owner"] for r in team.ok("opp", "list", "--as-of", "2026-11-25", "--json").json} == {"Ben Okafor"}


def test_managers_make_no_circle(team) -> None:
    assert team("user", "edit", "Mia Chief", "manager=Cleo Marin").code == 4
    assert team("user", "edit", "Ben Okafor", "manager=Ben Okafor").code == 4
    team.ok("user", "edit", "Cleo Marin", "manager=Mia Chief")


def test_me_is_a_user(sfa) -> None:
    sfa.ok("account", "add", "Acme")
    assert sfa.ok("user", "show", "me", "--json").json["name"] == "anna"
