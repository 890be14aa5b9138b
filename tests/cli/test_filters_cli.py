"""The filter grammar on a real database: what each condition finds, and searching everything."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A database of four deals, made once."""
    import os
    import shlex
    import subprocess
    import sys
    from pathlib import Path

    place = tmp_path_factory.mktemp("filters")
    env = {k: v for k, v in os.environ.items() if not k.startswith("SFA_")}
    env |= {"SFA_DB": str(place / "sfa.db"), "SFA_CONFIG": str(place / "c.toml"), "SFA_TODAY": "2026-11-23T12:00:00Z", "SFA_ME": "anna"}
    env |= {"TZ": "UTC", "PYTHONPATH": str(Path(__file__).parent.parent.parent)}
    steps = """
        user add 'Ben Okafor'
        account add Acme industry=tech country=Ireland
        account add 'Société Générale' industry='retail banking' country=France
        account add 北京科技有限公司 industry=tech
        contact add 'Wei Zhang' account=Acme email=wei@acme.example
        opp add 'Alpha renewal' account=Acme amount=5k close=2026-11-10 source=web
        opp add 'Beta new' account='Société Générale' amount=20k close=2026-12-15 source=fair stage=proposal owner='Ben Okafor'
        opp add 'Gamma' account=北京科技有限公司 amount=€20k close=2027-02-01
        opp add 'Delta 100%' amount=1000
        opp win Gamma closed=2026-10-05
        log Alpha call 'Talked about the renewal' --next 'send quote' --due 2026-11-20
        lead add 'Mary Cole' company='Green Foods' email=mary@greenfoods.example
        lead add 'Jo Park' status=qualified
        lead add 'Al Gone' status=disqualified
        """
    for step in steps.strip().splitlines():
        done = subprocess.run([sys.executable, "-m", "sfa", *shlex.split(step)], env=env, cwd=place, capture_output=True, text=True)
        assert done.returncode == 0, (step, done.stderr)
    return place


@pytest.fixture
def deals(sfa, folder, monkeypatch):
    monkeypatch.setenv("SFA_DB", str(folder / "sfa.db"))
    return sfa


def found(sfa, *words: str, noun: str = "opp") -> str:
    """The first letters of what is found, sorted."""
    return "".join(sorted(r["name"][0] for r in sfa.ok(noun, "list", *words, "--json").json))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "ABDG"),
        ("owner:me", "ADG"),
        ("owner:ben", "B"),
        ("-owner:me", "B"),
        ("owner!=me", "B"),
        ("owner:me,ben", "ABDG"),
        ("is:open", "ABD"),
        ("is:won", "G"),
        ("is:closed", "G"),
        ("is:open,won", "ABDG"),
        ("-is:open", "G"),
        ("is:overdue", "A"),
        ("is:mine is:open", "AD"),
        ("stage:proposal", "B"),
        ("stage:prospecting,proposal", "ABD"),
        ("account:acme", "A"),
        ("account:none", "D"),
        ("account:any", "ABG"),
        ("-account:acme", "BDG"),
        ("account.industry:tech", "AG"),
        ("account.industry~bank", "B"),
        ("account.country:ireland", "A"),
        ("account.industry:none", "D"),
        ("account.industry:any", "ABG"),
        ("-account.industry:any", "D"),
        ("account.industry:none,tech", "ADG"),
        ("amount>10k", "BG"),
        ("amount>=20k", "BG"),
        ("amount<=1000", "D"),
        ("amount:5k", "A"),
        ("amount:5,000", "A"),
        ("amount>€10k", "G"),
        ("currency:eur", "G"),
        ("close:2026-Q4", "AB"),
        ("close:2026-11", "A"),
        ("close:2026-11-10", "A"),
        ("close<2026-11-10", ""),
        ("close<=2026-11-10", "A"),
        ("close>2026-12", "G"),
        ("close>=2026-12-15", "BG"),
        ("close:none", "D"),
        ("-close:none", "ABG"),
        ("closed:2026-Q4", "G"),
        ("source:web", "A"),
        ("-source:web", "BDG"),
        ("source:w*", "A"),
        ("source~a", "B"),
        ("source:WEB", "A"),
        ("name~e", "AB" + "D"),
        ("name~100%", "D"),
        ("name~%", "D"),
        ("text~renewal", "A"),
        ("renewal", "A"),
        ("-text~renewal", "BDG"),
        ("probability>=50", "BG"),
        ("category:best_case", "B"),
        ("next-step:any", "A"),
        ("owner:me amount>2k is:open", "A"),
        ("--owner ben", "B"),
        ("--stage proposal", "B"),
        ("--owner me is:won", "G"),
    ],
)
def test_what_a_filter_finds(deals, words: str, expected: str) -> None:
    import shlex

    assert found(deals, *shlex.split(words)) == expected


@pytest.mark.parametrize(
    ("noun", "words", "expected"),
    [
        ("lead", "is:open", "JM"),
        ("lead", "is:closed", "A"),
        ("lead", "status:qualified", "J"),
        ("user", "active:yes", "Ba"),
        ("account", "industry:tech", "A北"),
    ],
)
def test_other_kinds(deals, noun: str, words: str, expected: str) -> None:
    assert found(deals, words, noun=noun) == expected


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["amout>3"], 2, "Did you mean 'amount'"),
        (["name>3"], 2, "no order"),
        (["is:lots"], 2, "is:open"),
        (["amount>lots"], 2, "'lots' is not an amount"),
        (["close:someday"], 2, "someday"),
        (["owner:nobody"], 3, "nobody"),
        (["stage:nosuch"], 3, "nosuch"),
        (["category:nosuch"], 2, "best_case"),
        (["name.x:1"], 2, "not a reference"),
        (["account.nosuch:1"], 2, "nosuch"),
        (["probability:lots"], 2, "percentage"),
    ],
)
def test_what_cannot_be_asked(deals, words: list[str], code: int, says: str) -> None:
    result = deals("opp", "list", *words)
    assert (result.code, result.out) == (code, "") and says in result.err, result


def test_own_fields_of_a_reference(deals) -> None:
    deals.ok("config", "field", "add", "account", "tier", "choice", "--choices", "gold,silver")
    deals.ok("account", "edit", "acme", "tier=gold")
    assert found(deals, "account.tier:gold") == "A"
    assert found(deals, "account.tier:none") == "BDG"
    assert deals.ok("report", "pipeline", "account.tier:gold", "--json").json["total"]["count"] == 1
    assert deals("opp", "list", "account.tier>gold").code == 2


def test_sorting_limits_and_columns(deals) -> None:
    names = [r["name"][0] for r in deals.ok("opp", "list", "--sort", "-amount,name", "--json").json]
    assert names == ["B", "G", "A", "D"]
    assert [r["name"][0] for r in deals.ok("opp", "list", "--sort", "stage,-close", "--json").json] == ["A", "D", "B", "G"]
    assert (
        deals.ok("opp", "list", "--sort", "close", "--limit", "1", "--columns", "ref,account.country,close").out
        == "ref\taccount.country\tclose\nO-1\tIreland\t2026-11-10\n"
    )
    assert len(deals.ok("opp", "list", "--limit", "0", "--json").json) == 4
    assert deals.ok("opp", "list", "owner:me", "name:nothing", "--json").json == []


def search(sfa, *words: str) -> str:
    return " ".join(r["ref"] for r in sfa.ok("search", *words, "--json").json)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["acme"], "A-1 C-1"),
        (["Wei", "acme"], "C-1"),
        (["zhang wei"], "C-1"),
        (["wei@acme.example"], "C-1"),
        (["renew"], "O-1 AC-1"),
        (["RENEWAL", "--kind", "opp"], "O-1"),
        (["renewal", "--kind", "activity,leads"], "AC-1"),
        (["societe", "generale"], "A-2"),
        (["SOCIÉTÉ"], "A-2"),
        (["北京"], "A-3"),
        (["科技"], "A-3"),
        (["green", "foods"], "L-1"),
        (["quote"], "O-1 AC-1"),
        (["nosuchword"], ""),
        (["enewal"], ""),
    ],
)
def test_search(deals, words: list[str], expected: str) -> None:
    assert search(deals, *words) == expected
    # A scan of the past finds at least what the index finds.
    assert set(expected.split()) <= set(search(deals, *words, "--as-of", "2026-11-23").split())


def test_search_shows_ref_kind_name_and_detail(deals) -> None:
    result = deals.ok("search", "mary")
    assert result.out.splitlines()[0].split("\t")[:4] == ["ref", "kind", "name", "detail"]
    assert result.out.splitlines()[1].split("\t")[:4] == ["L-1", "lead", "Mary Cole", "Green Foods"]
    assert search(deals, "mary", "--as-of", "2026-11-01") == ""


def test_a_search_that_finds_nothing_is_no_error(deals) -> None:
    nothing = deals.ok("search", "nosuchword")
    assert "Nothing holds 'nosuchword'" in nothing.err and nothing.out.count("\n") == 1
    assert deals.ok("search", "nosuchword", "--json").json == []


def test_more_than_the_limit_is_said(deals) -> None:
    some = deals.ok("search", "a", "--limit", "2")
    assert some.out.count("\n") == 3 and "--limit 0" in some.err
    assert deals.ok("search", "a", "--limit", "0").out.count("\n") > 3


@pytest.mark.parametrize(
    ("argv", "code"),
    [(["x", "--kind", "nosuch"], 2), (["x", "--kind", "stage"], 2), ([""], 2), (["\udcff"], 2), ([], 2), (["a b " * 500], 2)],
)
def test_what_cannot_be_searched(deals, argv: list[str], code: int) -> None:
    assert deals("search", *argv).code == code


@pytest.mark.parametrize(
    "text", ['"', "'", "*", "AND", "NEAR(", "a OR b", "-x", "^a", "{a}:b", "%", "_", "🎉", "\x1b[31m", "[red]", "x" * 20_000]
)
def test_no_text_breaks_a_search(deals, text: str) -> None:
    for more in ((), ("--as-of", "2026-11-23")):
        result = deals("search", *more, "--", text)
        assert result.code == 0 and "\x1b" not in result.out + result.err, result.err[:300]


def test_references_are_conditions(sfa) -> None:
    for name in ("one", "two", "three"):
        sfa.ok("opp", "add", name)
    for words, names in (
        (("O-2",), ["two"]),
        (("ref:O-1,O-3",), ["one", "three"]),
        (("-ref:O-2",), ["one", "three"]),
        (("O-2", "is:won"), []),
    ):
        assert sorted(r["name"] for r in sfa.ok("opp", "list", *words, "--json").json) == sorted(names), words
    sfa.ok("opp", "edit", "O-1", "O-3", "amount=5")
    assert [r["ref"] for r in sfa.ok("opp", "list", "amount:5", "--json").json] == ["O-1", "O-3"]
    assert sfa("opp", "list", "ref:O-9").code == 3


def test_the_future_is_not_shown(sfa) -> None:
    sfa.ok("account", "add", "Acme")
    assert len(sfa.ok("account", "list", "--as-of", "today", "--json").json) == 1
    refused = sfa("account", "list", "--as-of", "2026-11-24")
    assert refused.code == 2 and "future" in refused.err
