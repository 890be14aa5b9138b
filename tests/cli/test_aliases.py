"""Commands under names of one's own, and what new records begin with."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.fixture
def world(sfa):
    sfa.ok("opp", "add", "Cranes", "amount=60k")
    sfa.ok("opp", "add", "Meters", "amount=5k")
    return sfa


def test_an_alias_is_its_command(world) -> None:
    said = world.ok("config", "alias", "add", "big", "opp list 'amount>50k'")
    assert said.err == "sfa big is sfa opp list 'amount>50k'  (take back: sfa config alias delete big)\n"
    assert world.ok("big", "--columns", "name").out == "name\nCranes\n"
    world.ok("config", "alias", "add", "bigname", "big", "--columns", "name")
    assert world.ok("bigname", "--format", "csv").out == "name\nCranes\n"
    assert world.ok("--me", "ben", "bigname").out == "name\nCranes\n"
    assert world.ok("big", "--help").out.startswith("Usage: sfa opp list")
    assert world.ok("config", "alias", "list", "--json").json == [
        {"name": "big", "command": "opp list 'amount>50k'"},
        {"name": "bigname", "command": "big --columns name"},
    ]
    world.ok("config", "alias", "add", "big", "opp", "list")
    assert world.ok("bigname").out == "name\nCranes\nMeters\n"
    world.ok("config", "alias", "delete", "big")
    failed = world("bigname")
    assert failed.code == 2 and "No such command 'big'" in failed.err


def test_the_log_keeps_the_command(world) -> None:
    world.ok("config", "alias", "add", "up", "opp edit amount+=10%")
    world.ok("--me", "ben", "up", "Cranes")
    assert world.ok("history", "--limit", "1", "--json").json[0]["command"] == "--me ben opp edit amount+=10% Cranes"
    assert world("up", "Nowhere", "--json").err.startswith('{"error"')


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("opp", "today"), 4, "opp is a command of sfa"),
        (("help", "today"), 4, "help is a command of sfa"),
        (("x", "tody"), 2, "'tody' is no command. Did you mean 'today'?"),
        (("x", "opp lst"), 2, "sfa opp has no command 'lst'. Did you mean 'list'?"),
        (("x", "x"), 4, "aliases go round in a circle: x → x"),
        (("x", "opp list 'a"), 2, "a quote is not closed"),
        (("a b", "today"), 2, "is no name for an alias"),
        (("-x", "today"), 2, ""),
        (("x", ""), 2, "'' is no command"),
    ],
)
def test_what_is_no_alias(world, words: tuple[str, ...], code: int, said: str) -> None:
    failed = world("config", "alias", "add", *words)
    assert failed.code == code and said in failed.err
    assert world.ok("config", "alias", "list", "--json").json == []


def test_a_circle_is_refused(world) -> None:
    world.ok("config", "alias", "add", "a", "today")
    world.ok("config", "alias", "add", "b", "a")
    assert world("config", "alias", "add", "a", "b").code == 4
    # Written by hand it goes round no more often, and the commands stay reachable.
    (world.folder / "config.toml").write_text('[alias]\na = "b"\nb = "a --json"\nopp = "today"\nc = "opp list \'x"\n')
    assert world("a").code == 4 and "a → b → a" in world("a").err
    assert world.ok("opp", "list", "--columns", "name").out == "name\nCranes\nMeters\n"
    assert world("c").code == 2


def test_a_common_slip_may_be_an_alias(world) -> None:
    world.ok("config", "alias", "add", "win", "opp win")
    world.ok("win", "Cranes")
    assert world.ok("opp", "show", "Cranes", "--json").json["stage"] == "Won"


def test_aliases_stand_in_the_help_and_are_completed(world) -> None:
    assert "Your aliases" not in world.ok("--help").out
    world.ok("config", "alias", "add", "fc", "forecast --by rep")
    assert "Your aliases:\n  fc  forecast --by rep" in world.ok("--help").out
    world.ok("config", "alias", "add", "q", 'opp list "name~say \\"hi\\"" --sort')
    told = world.process("__complete", "fish", "f").out.splitlines()
    assert "fc\tforecast --by rep" in told
    assert "--team" in world.process("__complete", "fish", "fc", "--").out
    assert world.process("__complete", "fish", "config", "alias", "delete", "").out.splitlines()[0] == "fc\tforecast --by rep"
    # A damaged file keeps nobody from the help.
    (world.folder / "config.toml").write_text("alias = [")
    assert "Selling:" in world.ok("--help").out and world("fc").code == 2


def test_commands_do_not_pay_for_aliases(world) -> None:
    world.ok("config", "alias", "add", "fc", "forecast")
    code = (
        "import sys; from sfa import cli; cli.run(['opp', 'list']); assert 'sfa.commands.aliases' not in sys.modules;"
        "cli.run(['fc']); assert 'sfa.commands.aliases' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


# Defaults ---------------------------------------------------------------------------------------------------------------------------


def test_new_records_begin_with_the_defaults(sfa) -> None:
    said = sfa.ok("config", "default", "set", "opp", "source=web", "close=eom", "owner=ben")
    assert said.err.splitlines()[0] == "New opportunities begin with source=web  (take back: sfa config default unset opp source)"
    sfa.ok("user", "add", "ben")
    made = sfa.ok("opp", "add", "One")
    assert made.err == "Added O-1 One, by default close=eom, owner=ben, source=web  (take back: sfa undo)\n"
    assert sfa.ok("opp", "add", "Two", "--source", "fair", "close=2027-01-05", "owner=anna").err.startswith("Added O-2 Two  (")
    found = {r["name"]: (r["source"], r["close"], r["owner"]) for r in sfa.ok("opp", "list", "--json").json}
    assert found == {"One": ("web", "2026-11-30", "ben"), "Two": ("fair", "2027-01-05", "anna")}
    assert sfa.ok("account", "add", "Blue").err.startswith("Added A-1 Blue  (")
    sfa.ok("config", "default", "unset", "opp", "close", "owner")
    assert sfa.ok("opp", "add", "Three").err.startswith("Added O-3 Three, by default source=web  (")
    assert sfa.ok("config", "default", "list", "--json").json == [{"kind": "opp", "field": "source", "value": "web"}]


def test_a_blank_given_beats_a_default(sfa) -> None:
    sfa.ok("config", "default", "set", "opp", "source=web")
    sfa.ok("opp", "add", "One", "source=")
    assert sfa.ok("opp", "show", "One", "--json").json["source"] is None


def test_defaults_of_tasks_and_of_ones_own_fields(sfa) -> None:
    sfa.ok("config", "default", "set", "task", "priority=high", "due=+1d")
    assert "priority" not in sfa.ok("task", "add", "call", "--priority", "low", "--due", "fri").err
    assert "by default due=+1d, priority=high" in sfa.ok("task", "add", "write").err
    assert sfa.ok("task", "show", "write", "--json").json["due"] == "2026-11-24"
    sfa.ok("config", "field", "add", "lead", "tier", "choice", "--choices", "gold,silver")
    sfa.ok("config", "default", "set", "lead", "tier=gold")
    sfa.ok("lead", "add", "Jo")
    assert sfa.ok("lead", "show", "Jo", "--json").json["tier"] == "gold"
    # In a database that has no such field it is passed over, and told.
    other = sfa.ok("--db", "other.db", "lead", "add", "Mo")
    assert "Warning: the default tier=gold is passed over" in other.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("opp", "name=x"), 2, "name can have no default"),
        (("opp", "souce=web"), 2, "Did you mean"),
        (("opp", "close=someday"), 2, "close"),
        (("opp", "stage=Nowhere"), 3, "no stage matches"),
        (("opp", "web"), 2, "'web' is no FIELD=VALUE"),
        (("opp", "source="), 2, "needs a value"),
        (("opp", "amount+=5"), 2, "needs a value"),
        (("rate", "rate=1"), 2, "rates take no defaults"),
    ],
)
def test_what_is_no_default(sfa, words: tuple[str, ...], code: int, said: str) -> None:
    sfa.ok("opp", "add", "One")
    failed = sfa("config", "default", "set", *words)
    assert failed.code == code and said in failed.err
    assert sfa.ok("config", "default", "list", "--json").json == []
    assert sfa("config", "default", "unset", "opp", "source").code == 3


def test_tables_of_the_config_file_written_by_hand(sfa) -> None:
    (sfa.folder / "config.toml").write_text(
        '[alias]\nl = "opp list"\ndb = "db path"\n[default.opportunity]\nsource = "web"\n[retention]\nlead = "24m"\n'
    )
    sfa.ok("opp", "add", "One")
    assert sfa.ok("opp", "show", "One", "--json").json["source"] == "web"
    assert "One" in sfa.ok("l").out and sfa.ok("config", "get", "retention.lead").out == "24m\n"
    # The alias called db is no database: names are completed from the real one.
    assert "O-1\tOne" in sfa.process("__complete", "fish", "opp", "show", "").out
    sfa.ok("config", "set", "limit", "20")
    assert "One" in sfa.ok("l").out
    (sfa.folder / "config.toml").write_text('[other]\nx = "y"\n')
    assert sfa("opp", "list").code == 2
