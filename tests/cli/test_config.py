"""`sfa config …` and `sfa help`."""

from __future__ import annotations

import pytest

from sfa.sales.kinds import KINDS
from sfa.settings import SETTINGS


def test_list_shows_each_value_and_where_it_comes_from(sfa) -> None:
    sfa.ok("config", "set", "currency", "eur")
    sfa.monkeypatch.setenv("SFA_LIMIT", "7")
    rows = {r["name"]: r for r in sfa.ok("--me", "ben", "config", "list", "--json").json}
    assert list(rows) == list(SETTINGS)
    seen = {n: (rows[n]["value"], rows[n]["from"]) for n in ("me", "currency", "limit", "fiscal_month", "db")}
    assert seen == {
        "me": ("ben", "option"),
        "currency": ("EUR", "file"),
        "limit": ("7", "environment"),
        "fiscal_month": ("1", "default"),
        "db": (str(sfa.db), "environment"),
    }


def test_set_get_unset(sfa) -> None:
    assert sfa.ok("config", "get", "currency").out == "USD\n"
    said = sfa.ok("config", "set", "Currency", "chf").err
    assert "currency is CHF" in said and "sfa config unset currency" in said
    assert sfa.ok("config", "get", "currency").out == "CHF\n"
    assert 'currency = "CHF"' in (sfa.folder / "config.toml").read_text()
    assert sfa.ok("config", "unset", "currency").code == 0
    assert sfa.ok("config", "get", "currency").out == "USD\n"
    sfa.monkeypatch.setenv("SFA_CURRENCY", "GBP")
    assert "goes first" in sfa.ok("config", "set", "currency", "EUR").err
    assert sfa.ok("config", "get", "currency").out == "GBP\n"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("currency", "euroes", 2),
        ("fiscal_month", "13", 2),
        ("fiscal_month", "one", 2),
        ("date_order", "middle", 2),
        ("time_zone", "Mars/Base", 2),
        ("limit", "-1", 2),
        ("colour", "red", 3),
    ],
)
def test_values_that_cannot_be_are_not_written(sfa, name: str, value: str, code: int) -> None:
    assert sfa("config", "set", "--", name, value).code == code
    assert not (sfa.folder / "config.toml").exists()


def test_near_names_are_suggested(sfa) -> None:
    assert "'currency'" in sfa("config", "get", "curency").err


@pytest.mark.parametrize(
    ("text", "told"), [("currency = [", "cannot be read"), ("colour = 'red'", "unknown setting 'colour'"), ("\x00\xff", "cannot be read")]
)
def test_a_broken_config_file(sfa, text: str, told: str) -> None:
    (sfa.folder / "config.toml").write_bytes(text.encode("latin-1"))
    refused = sfa("config", "list")
    assert refused.code == 2 and told in refused.err and "config.toml" in refused.err


def test_a_config_value_that_cannot_be_names_its_setting(sfa) -> None:
    (sfa.folder / "config.toml").write_text('fiscal_month = "99"\n')
    refused = sfa("opp", "list")
    assert refused.code == 2 and "fiscal_month" in refused.err
    sfa.ok("config", "unset", "fiscal_month")
    assert sfa("opp", "list").code == 6


def test_a_field_of_ones_own_has_every_power(sfa) -> None:
    sfa.ok("account", "add", "Pier")
    sfa.ok("config", "field", "add", "account", "tier", "choice", "--choices", "gold,silver", "--label", "Service tier")
    sfa.ok("account", "edit", "A-1", "tier=gold")
    assert sfa.ok("account", "list", "tier:gold", "--columns", "name,tier").out == "name\ttier\nPier\tgold\n"
    assert sfa.ok("account", "show", "A-1", "--json").json["tier"] == "gold"
    refused = sfa("account", "edit", "A-1", "tier=lead")
    assert refused.code == 2 and "gold, silver" in refused.err
    assert sfa.ok("config", "field", "list", "--json").json == [
        {"kind": "account", "name": "tier", "type": "choice", "label": "Service tier", "choices": "gold,silver"}
    ]
    assert "tier" in sfa.ok("help", "fields", "account").out
    assert sfa.ok("export", "account").out.splitlines()[0].split(",")[-1] == "tier" or "tier" in sfa.ok("export", "account").out
    sfa.ok("undo")
    sfa.ok("undo")
    assert sfa("account", "list", "tier:gold").code == 2
    assert sfa("config", "field", "add", "account", "name", "text").code == 4
    assert sfa("config", "field", "add", "spaceship", "x", "text").code == 2
    assert sfa("config", "field", "add", "account", "x", "shape").code == 2


@pytest.mark.parametrize("topic", ["filters", "formats", "dates", "exit-codes", "environment", "fields"])
def test_help_topics(sfa, topic: str) -> None:
    text = sfa.ok("help", topic).out
    assert len(text.splitlines()) >= 5 and topic in sfa.ok("help").out
    if topic == "environment":
        assert all(s.variable in text and s.help in text for s in SETTINGS.values())


@pytest.mark.parametrize("kind", [k for k in KINDS.values() if k.prefix], ids=lambda k: k.noun)
def test_help_names_every_field(sfa, kind) -> None:
    lines = sfa.ok("help", "fields", kind.noun).out.splitlines()
    assert [line.split()[0] for line in lines] == [f.name for f in kind.fields]
    assert all(len(line.split()) > 1 for line in lines)


def test_help_of_an_unknown_topic(sfa) -> None:
    refused = sfa("help", "cooking")
    assert refused.code == 3 and "filters" in refused.err


def test_a_machine_whose_zone_has_no_name_keeps_its_own_time(sfa) -> None:
    """As on Windows, or with a rule in TZ: three hours east of Greenwich, 10:00 is 07:00 UTC."""
    env = {"TZ": "XYZ-3", "SFA_TODAY": ""}
    assert sfa.process("config", "get", "time_zone", env=env).out == "local\n"
    sfa.process("account", "add", "Acme", env=env)
    logged = sfa.process("log", "Acme", "call", "hello", "--when", "2026-11-20 10:00", "--json", env=env)
    assert logged.code == 0, logged.err
    assert logged.json["when"] == "2026-11-20T07:00:00Z"
    assert "2026-11-20 10:00" in sfa.process("activity", "list", "--format", "table", env=env).out
