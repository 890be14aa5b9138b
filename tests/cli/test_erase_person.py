"""`sfa erase --person`: shown, asked about, done; and nothing brings the person back."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def wei(sfa):
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("contact", "add", "Wei Zhang", "--account", "Blue Harbor", "--email", "wei@harbor.example", "--phone", "+353 1 555 0100")
    sfa.ok("lead", "add", "Zhang Wei", "--email", "wei+fair@harbor.example", "--company", "Harbour")
    sfa.ok("lead", "add", "ZHANG, Wei", "--phone", "01 5550100")
    sfa.ok("log", "L-1", "call", "wants a boat")
    return sfa


def test_it_is_shown_and_asked_about_and_then_gone(wei) -> None:
    shown = wei.ok("erase", "--person", "wei@harbor.example", "--dry-run").err
    assert "C-1 Wei Zhang, L-1 Zhang Wei and the text of 1 activities would be erased." in shown
    assert "likely the same person" in shown and "L-2" in shown and "name, phone agree" in shown and "--likely" in shown
    assert wei("erase", "--person", "wei@harbor.example").code == 1
    assert "L-2" not in wei.ok("erase", "--person", "wei@harbor.example", "--yes").err.split("Erased")[1]
    assert [r["name"] for r in wei.ok("lead", "list", "--json").json] == ["(erased)", "ZHANG, Wei"]
    assert wei.ok("db", "check").out.endswith("ok\n")


def test_likely_ones_are_taken_when_asked_for(wei) -> None:
    assert wei("erase", "--person", "Wei Zhang", "--yes").code == 5
    assert "Erased" in wei.ok("erase", "--person", "Wei Zhang", "--likely", "--yes").err
    data = b"".join(f.read_bytes() for f in Path().glob("sfa.db*"))
    for secret in (b"Wei Zhang", b"Zhang", b"harbor.example", b"5550100", b"boat"):
        assert secret.lower() not in data.lower(), secret
    assert wei("erase", "--person", "Wei Zhang", "--yes").code == 3


def test_several_references_are_one_person(wei) -> None:
    wei.ok("erase", "C-1", "L-2", "--yes")
    assert {r["name"] for r in wei.ok("lead", "list", "--json").json} == {"Zhang Wei", "(erased)"}


def test_a_merge_that_was_taken_back_makes_nobody_the_other(sfa) -> None:
    sfa.ok("contact", "add", "Wei Zhang", "--email", "wei@one.example")
    sfa.ok("contact", "add", "Wei Zhangg", "--email", "other@two.example")
    sfa.ok("log", "C-2", "call", "about boats")
    sfa.ok("merge", "C-1", "C-2", "--yes")
    sfa.ok("undo")
    sfa.ok("erase", "C-1", "--yes")
    assert [r["text"] for r in sfa.ok("activity", "list", "--json").json] == ["about boats"]
    assert [r["email"] for r in sfa.ok("contact", "list", "ref:C-2", "--json").json] == ["other@two.example"]
    assert b"wei@one.example" not in b"".join(f.read_bytes() for f in Path().glob("sfa.db*"))
    (sfa.folder / "two.csv").write_text("name,email\nWei Zhangg,other@two.example\n")
    assert sfa.ok("import", "contact", "two.csv", "--on-duplicate", "skip", "--json").json["rejected"] == 0, "not blocked as the erased one"


def test_whom_a_merge_by_mistake_took_in_leaves_nothing_there(sfa) -> None:
    sfa.ok("contact", "add", "Wei Zhang", "--email", "wei@one.example")
    sfa.ok("contact", "add", "Wei Zhangg", "--email", "other@two.example")
    sfa.ok("merge", "C-1", "C-2", "--yes")
    sfa.ok("undo")
    sfa.ok("erase", "C-2", "--yes")
    assert [r["email"] for r in sfa.ok("contact", "list", "ref:C-1", "--json").json] == ["wei@one.example"]
    assert b"other@two.example" not in b"".join(f.read_bytes() for f in Path().glob("sfa.db*"))
    assert sfa.ok("db", "check").out.endswith("ok\n")


@pytest.mark.parametrize("argv", [(), ("C-1", "--person", "Wei"), ("C-1", "--likely"), ("--person", "  ")])
def test_wrong_use(wei, argv) -> None:
    assert wei("erase", *argv, "--yes").code == 2


def test_an_import_does_not_bring_them_back_under_another_spelling(wei) -> None:
    wei.ok("erase", "--person", "wei@harbor.example", "--likely", "--yes")
    for mail, other in (("WEI@harbor.example", ""), ("wei+again@harbor.example", ""), ("new@home.example", "wei@harbor.example")):
        Path("l.csv").write_text(f"Name,Email,Other Emails\nWei Zhang,{mail},{other}\n")
        refused = wei("import", "lead", "l.csv", "--map", _map())
        assert refused.code == 4 and "erased" in refused.err, refused
    assert len(wei.ok("lead", "list", "--json").json) == 2


def _map() -> str:
    Path("m.toml").write_text('[columns]\n"Other Emails" = "other_emails"\n')
    return "m.toml"


def test_what_was_typed_in_the_shell_goes_too(wei, monkeypatch) -> None:
    """The lines that name the person in any spelling; all others stay."""
    typed = Path(wei.folder) / ".local" / "state" / "sfa" / "shell_history"
    typed.parent.mkdir(parents=True)
    typed.write_text("opp list\nlead show 'Zhang Wei'\ncontact edit C-1 email=wei@harbor.example\nlog L-2 call '+353 15550100'\nundo\n")
    wei.ok("erase", "--person", "Wei Zhang", "--likely", "--yes")
    assert typed.read_text() == "opp list\nundo\n"
