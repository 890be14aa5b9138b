"""`sfa rule`, and leads and accounts that go to the right person: on add, on import, by `assign`."""

from __future__ import annotations

import csv
import random
from collections import Counter
from pathlib import Path

import pytest


@pytest.fixture
def team(sfa):
    for name in ("Anna Ferrari", "Ben Okafor", "Cleo Marin"):
        sfa.ok("user", "add", name)
    return sfa


def owners(sfa, *filters: str, kind: str = "lead") -> dict[str, str]:
    return {r["name"]: r["owner"] or "" for r in sfa.ok(kind, "list", *filters, "--json").json}


def test_a_new_lead_goes_to_the_first_rule_that_fits(team) -> None:
    assert team.ok("rule", "add", "Irish", "country:Ireland", "employees>500", "--to", "ben").out == "AR-1\n"
    team.ok("rule", "add", "Rest", "-source:fair", "--to", "Ben,Cleo")
    said = team.ok("lead", "add", "Jo Park", "country=Ireland", "employees=501").err
    assert said == "Added L-1 Jo Park → Ben Okafor (Irish)  (take back: sfa undo)\n"
    assert "→ Ben Okafor (Rest: 1 of 2 in turn)" in team.ok("lead", "add", "A B", "country=Ireland").err
    assert "→ Cleo Marin (Rest: 2 of 2 in turn)" in team.ok("lead", "add", "B C").err
    # Neither a rule nor a default: whoever types. An owner that is given is not asked about.
    assert "→" not in team.ok("lead", "add", "C D", "source=fair").err
    team.ok("lead", "add", "D E", "--owner", "Anna")
    assert owners(team) == {"Jo Park": "Ben Okafor", "A B": "Ben Okafor", "B C": "Cleo Marin", "C D": "Anna Ferrari", "D E": "Anna Ferrari"}
    team.ok("config", "set", "default_owner", "cleo")
    assert "→ Cleo Marin (no rule fits)" in team.ok("lead", "add", "E F", "source=fair").err
    team.ok("config", "set", "assign", "off")
    team.ok("lead", "add", "F G")
    assert owners(team, "name:F G") == {"F G": "Anna Ferrari"}
    assert team.ok("db", "check").out.endswith("ok\n")


def test_undo_gives_the_turn_back_in_whatever_order(team) -> None:
    team.ok("rule", "add", "All", "--to", "Anna,Ben,Cleo")
    following = lambda: team.ok("rule", "show", "All", "--json").json["next"]  # noqa: E731
    team.ok("lead", "add", "One")
    first = team.ok("history", "--limit", "1", "--json").json[0]["operation"]
    team.ok("lead", "add", "Two")
    assert following() == "Cleo Marin"
    team.ok("undo", first)
    assert following() == "Cleo Marin"
    team.ok("undo")
    assert following() == "Anna Ferrari"
    team.ok("redo")
    assert following() == "Cleo Marin"


def test_an_import_gives_what_has_no_owner(team, tmp_path: Path) -> None:
    team.ok("rule", "add", "Web", "source:web", "--to", "Ben,Cleo")
    rows = [("A A", "", "web"), ("B B", "Anna Ferrari", "web"), ("C C", "", "web"), ("D D", "", "fair"), ("E E", "", "web")]
    with open("l.csv", "w", newline="") as f:
        csv.writer(f).writerows([("Name", "Owner", "Source"), *rows])
    dry = team.ok("import", "lead", "l.csv", "--dry-run", "--json").json
    assert dry["assigned"] == {"Anna Ferrari": 1, "Ben Okafor": 2, "Cleo Marin": 1}
    done = team.ok("import", "lead", "l.csv")
    assert "assigned by the rules: 1 to Anna Ferrari, 2 to Ben Okafor, 1 to Cleo Marin" in done.err
    expected = {"A A": "Ben Okafor", "B B": "Anna Ferrari", "C C": "Cleo Marin", "D D": "Anna Ferrari", "E E": "Ben Okafor"}
    assert owners(team) == expected
    assert team.ok("import", "lead", "l.csv", "--json").json["unchanged"] == 5
    assert team.ok("rule", "show", "Web", "--json").json["next"] == "Cleo Marin"
    team.ok("undo")
    assert team.ok("rule", "show", "Web", "--json").json["next"] == "Ben Okafor"
    Path("m.csv").write_text("Name\nX X\nY Y\n")
    team.ok("config", "set", "default_owner", "Cleo")
    team.ok("import", "lead", "m.csv")
    assert owners(team) == {"X X": "Cleo Marin", "Y Y": "Cleo Marin"}
    assert team.ok("db", "check").out.endswith("ok\n")


def test_without_rules_an_import_is_what_it_was(team) -> None:
    Path("l.csv").write_text("Name,Owner\nA A,\nB B,Ben Okafor\n")
    assert "assigned" not in team.ok("import", "lead", "l.csv", "--json").json
    assert owners(team) == {"A A": "", "B B": "Ben Okafor"}
    Path("m.csv").write_text("Name\nC C\n")
    team.ok("import", "lead", "m.csv")
    assert owners(team, "name:C C") == {"C C": "Anna Ferrari"}


def test_an_import_and_one_by_one_agree_with_the_rules_computed_here(team) -> None:
    """Many rows over several batches against a plain computation; least-loaded ones among them."""
    team.ok("rule", "add", "Big Irish", "country:Ireland", "employees>500", "--to", "Ben")
    team.ok("rule", "add", "Web", "source:web,fair", "--to", "Cleo,Anna", "--method", "least-loaded")
    team.ok("rule", "add", "Rest", "-country:Spain", "--to", "Anna,Ben,Cleo")
    chance = random.Random(5)
    rows = [
        (f"N{i}", chance.choice(["Ireland", "Spain", ""]), chance.choice(["", "10", "500", "501", "9000"]), chance.choice(["Web", "x", ""]))
        for i in range(5000)
    ]
    with open("l.csv", "w", newline="") as f:
        csv.writer(f).writerows([("Last Name", "Country", "Employees", "Source"), *rows])
    loads: Counter[str] = Counter()
    turn, expected = 0, {}
    for name, country, employees, source in rows:
        if country == "Ireland" and int(employees or 0) > 500:
            who = "Ben Okafor"
        elif source == "Web":
            who = min(("Cleo Marin", "Anna Ferrari"), key=lambda p: loads[p])
        elif country != "Spain":
            who = ("Anna Ferrari", "Ben Okafor", "Cleo Marin")[turn % 3]
            turn += 1
        else:
            who = "Anna Ferrari"
            loads[who] -= 1  # whoever loads it gets what is left: no rule's giving
        loads[who] += 1
        expected[name] = who
    done = team.ok("import", "lead", "l.csv", "--json").json
    assert done["assigned"] == dict(sorted(Counter(expected.values()).items()))
    assert owners(team) == expected


def test_assign_shows_who_would_get_what_and_why(team) -> None:
    team.ok("config", "set", "assign", "off")
    for name in ("A A", "B B", "C C"):
        team.ok("lead", "add", name, "owner=", "source=web")
    team.ok("lead", "add", "D D", "owner=")
    team.ok("rule", "add", "Web", "source:web", "--to", "Ben,Cleo")
    dry = team.ok("lead", "assign", "--dry-run", "--json")
    assert [(r["ref"], r["to"], r["why"]) for r in dry.json] == [
        ("L-1", "Ben Okafor", "Web: 1 of 2 in turn"),
        ("L-2", "Cleo Marin", "Web: 2 of 2 in turn"),
        ("L-3", "Ben Okafor", "Web: 1 of 2 in turn"),
        ("L-4", "Anna Ferrari", "no rule fits"),
    ]
    assert "Nothing was written; 4 leads: 1 to Anna Ferrari, 2 to Ben Okafor, 1 to Cleo Marin." in dry.err
    assert set(owners(team).values()) == {""}
    refused = team("lead", "assign")
    assert (refused.code, refused.err.count("→")) == (1, 4)
    before = team.ok("history", "--json").json
    assert "Assigned 4 leads" in team.ok("lead", "assign", "--yes").err
    assert len(team.ok("history", "--json").json) == len(before) + 1
    assert owners(team) == {"A A": "Ben Okafor", "B B": "Cleo Marin", "C C": "Ben Okafor", "D D": "Anna Ferrari"}
    assert "Nothing to change" in team.ok("lead", "assign", "status:new", "--yes").err
    assert "L-1" in team.ok("lead", "assign", "L-1", "L-2", "--dry-run").out
    team.ok("lead", "edit", "L-2", "owner=Anna")
    team.ok("lead", "assign", "L-2")
    assert owners(team, "L-2") == {"B B": "Cleo Marin"}
    team.ok("undo")
    team.ok("undo")
    team.ok("undo")
    assert set(owners(team).values()) == {""}


def test_people_who_are_away_are_passed_over_and_told(team) -> None:
    team.ok("rule", "add", "Web", "source:web", "--to", "Ben,Cleo")
    team.ok("rule", "add", "Rest", "--to", "Anna")
    team.ok("user", "edit", "Ben", "active=no")
    said = team.ok("lead", "add", "A A", "source=web").err
    assert "Ben Okafor is inactive and is passed over" in said and "→ Cleo Marin (Web: 2 of 2 in turn)" in said
    team.ok("user", "edit", "Cleo", "active=no")
    said = team.ok("lead", "add", "B B", "source=web").err
    assert "nobody to give to" in said and "→ Anna Ferrari (Rest)" in said
    assert team("rule", "check").code == 4
    assert team("rule", "add", "X", "--to", "Ben").code == 4


def test_what_is_wrong_with_rules_is_told_on_add_list_and_check(team) -> None:
    team.ok("rule", "add", "Web", "source:web", "--to", "Ben")
    assert team.ok("rule", "check").out == "1 rule: ok\n"
    said = team.ok("rule", "add", "Hot web", "source:web", "rating:hot", "--to", "Cleo").err
    assert "unreachable: 'Web' takes all that it would get" in said
    assert "has the same order as 'Web'" in team.ok("rule", "add", "Cold", "rating:cold", "--to", "Cleo", "--order", "1").err
    notes = {r["name"]: r["note"] for r in team.ok("rule", "list", "--json").json}
    assert notes["Web"] is None and "unreachable" in notes["Hot web"] and "same order" in notes["Cold"]
    bad = team("rule", "check")
    assert bad.code == 4 and "Hot web: unreachable" in bad.err and "Cold: has the same order" in bad.err
    # An earlier rule that comes to take it all is told when it is made.
    assert "Cold: unreachable" in team.ok("rule", "add", "All", "--to", "Ben", "--order", "0.5").err


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (("add", "X", "--to", "Nobody"), 3, "no user matches"),
        (("add", "X"), 2, "--to"),
        (("add", "country:Ireland", "--to", "Ben"), 2, "name comes first"),
        (("add", "X", "--to", " , "), 2, "names nobody"),
        (("add", "X", "colour:red", "--to", "Ben"), 2, "no filter"),
        (("add", "X", "word", "--to", "Ben"), 2, "no filter"),
        (("add", "X", "employees>many", "--to", "Ben"), 2, "number"),
        (("add", "X", "external_id:any", "--to", "Ben"), 2, "cannot ask"),
        (("add", "X", "--to", "Ben", "--method", "dice"), 2, "round_robin"),
        (("add", "X", "--to", "Ben", "--for", "opp"), 2, "lead, account"),
        (("add", "web", "--to", "Ben"), 4, "already"),
        (("show", "nothing"), 3, "no assignment rule"),
        (("edit", "Web"), 2, "nothing to change"),
    ],
)
def test_wrong_input_is_refused(team, argv, code, says) -> None:
    team.ok("rule", "add", "Web", "source:web", "--to", "Ben")
    result = team("rule", *argv)
    assert result.code == code and says in result.err, result


def test_rules_are_edited_and_deleted_and_taken_back(team) -> None:
    team.ok("rule", "add", "Web", "source:web", "--to", "Ben,Cleo")
    team.ok("lead", "add", "A A", "source=web")
    team.ok("rule", "edit", "Web", "source:web", "-country:Spain", "--to", "Cleo,Anna,Ben", "name=Not Spain")
    shown = team.ok("rule", "show", "AR-1", "--json").json
    assert (shown["condition"], shown["to"], shown["next"]) == (
        "source:web -country:Spain",
        "Cleo Marin, Anna Ferrari, Ben Okafor",
        "Cleo Marin",
    )
    assert "Nothing to change" in team.ok("rule", "edit", "AR-1", "--to", "Cleo,Anna,Ben").err
    team.ok("rule", "delete", "AR-1", "--yes")
    assert team.ok("rule", "list", "--json").json == []
    team.ok("undo")
    assert team.ok("rule", "show", "AR-1", "--json").json == shown
    assert team("user", "delete", "Cleo", "--yes").code == 4
    assert team.ok("db", "check").out.endswith("ok\n")


def test_accounts_go_by_rules_of_their_own(team) -> None:
    team.ok("rule", "add", "Irish", "country:Ireland", "--for", "account", "--to", "Cleo")
    assert "→ Cleo Marin (Irish)" in team.ok("account", "add", "Quay", "country=Ireland").err
    team.ok("account", "add", "Muelle", "country=Spain")
    assert owners(team, kind="account") == {"Quay": "Cleo Marin", "Muelle": "Anna Ferrari"}
    Path("a.csv").write_text("Name,Country\nPier,Ireland\nPuerto,Spain\n")
    assert team.ok("import", "account", "a.csv", "--json").json["assigned"] == {"Anna Ferrari": 1, "Cleo Marin": 1}
    team.ok("account", "edit", "Quay", "owner=Ben")
    assert team.ok("account", "assign", "country:Ireland", "--dry-run", "--json").json[0]["to"] == "Cleo Marin"


def test_a_rule_whose_filter_breaks_gives_nothing_and_stops_nobody(team) -> None:
    team.ok("account", "add", "Quay")
    team.ok("rule", "add", "Of a user", "owner:Cleo", "--to", "Ben")
    team.ok("user", "delete", "Cleo", "--yes")
    said = team.ok("lead", "add", "A A").err
    assert "cannot be read" in said and "Added L-1" in said
    assert team("rule", "check").code == 4


def test_a_rule_that_gave_something_can_be_taken_back(team) -> None:
    team.ok("rule", "add", "All", "--to", "Ben,Cleo")
    made = team.ok("history", "--limit", "1", "--json").json[0]["operation"]
    team.ok("lead", "add", "A A")
    team.ok("undo", made)
    assert team.ok("rule", "list", "--json").json == [] and owners(team) == {"A A": "Ben Okafor"}
    team.ok("redo")
    assert team.ok("rule", "show", "All", "--json").json["next"] == "Cleo Marin"
    assert team.ok("db", "check").out.endswith("ok\n")


def test_who_is_named_twice_has_one_turn(team) -> None:
    """The same person twice in the list is there once."""
    team.ok("rule", "add", "All", "--to", "Ben,Cleo,ben")
    assert team.ok("rule", "show", "All", "--json").json["to"] == "Ben Okafor, Cleo Marin"
