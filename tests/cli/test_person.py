"""`sfa export person`: all that is held about one person, in one folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest


@pytest.fixture
def wei(sfa):
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("config", "field", "add", "lead", "nickname", "text")
    Path("leads.csv").write_text(
        "Name,Email,Company,Opt Out Phone,Id\nWei Zhang,wei@harbor.example,Blue Harbor,2026-03-04 web form,X-1\n"
        "Ana Gil,ana@harbor.example,Blue Harbor,,X-2\n"
    )
    sfa.ok("import", "lead", "leads.csv")
    sfa.ok("lead", "edit", "L-1", "title=Head of Buying", "nickname=nick-wei")
    sfa.ok("lead", "edit", "L-1", "title=Director")
    sfa.ok("log", "L-1", "call", "wants <b>a boat</b>")
    sfa.ok("lead", "convert", "L-1", "--amount", "12k", "--role", "champion")
    sfa.ok("lead", "add", "Zhang, Wei", "email=WEI+fair@harbor.example")
    sfa.ok("lead", "delete", "L-3", "--yes")
    sfa.ok("lead", "add", "WEI ZHANG", "company=Blue Harbor")
    sfa.ok("lead", "edit", "L-2", "description=knows Zhang Wei")
    sfa.ok("db", "backup")
    return sfa


@pytest.mark.parametrize("who", ["C-1", "L-1", "wei@harbor.example", "WEI+x@harbor.example"])
def test_all_that_is_held_is_in_one_folder(wei, who: str) -> None:
    done = wei.ok("export", "person", who, "--output", "wei")
    assert "L-4 WEI ZHANG" in done.err and "may be the same person" in done.err
    assert sorted(f.name for f in Path("wei").iterdir()) == ["person.json", "person.md"]
    told = json.loads(Path("wei/person.json").read_text())
    assert {r["ref"]: r["deleted"] for r in told["records"]} == {"C-1": False, "L-1": False, "L-3": True}
    lead = next(r for r in told["records"] if r["ref"] == "L-1")
    assert lead["fields"]["nickname"] == "nick-wei" and lead["external_ids"] == ["X-1"]
    assert ("title", "Head of Buying", "Director") in {(c["field"], c["before"], c["after"]) for c in lead["history"]}
    assert [a["fields"]["text"] for a in told["activities"]] == ["wants <b>a boat</b>"]
    assert [(d["ref"], d["role"]) for d in told["opportunities"]] == [("O-1", "champion")]
    assert {(o["record"], o["channel"]) for o in told["opt_outs"]} == {("L-1", "phone"), ("C-1", "phone")}
    assert all("web form" in o["given"] for o in told["opt_outs"])
    assert [o["command"] for o in told["origin"] if o["record"] == "L-1"] == ["import lead leads.csv"]
    assert [(m["record"], m["field"]) for m in told["mentions"]] == [("L-2", "description")]
    assert any("lead add" in c["command"] for c in told["commands"])
    assert len(told["copies"]) == 1 and told["copies"][0].endswith(".backup")
    page = Path("wei/person.md").read_text()
    for text in (
        "### L-1 (lead)",
        "title Head of Buying → Director",
        "wants &lt;b>a boat",
        "import lead leads.csv",
        "knows Zhang Wei",
        ".backup",
    ):
        assert text in page, text
    assert "ana@harbor.example" not in page + Path("wei/person.json").read_text()


def test_a_folder_that_is_there_is_left_alone(wei) -> None:
    Path("mine").mkdir()
    Path("mine/letter.txt").write_text("x")
    assert wei("export", "person", "C-1", "--output", "mine", "--yes").code == 1
    assert [f.name for f in Path("mine").iterdir()] == ["letter.txt"]
    wei.ok("export", "person", "C-1", "--output", "new")
    assert wei("export", "person", "C-1", "--output", "new").code == 1
    wei.ok("export", "person", "C-1", "--output", "new", "--yes")
    assert not list(Path().glob(".sfa-*"))


def test_an_error_while_writing_leaves_nothing(wei, monkeypatch: pytest.MonkeyPatch) -> None:
    from sfa.commands import dossier

    monkeypatch.setattr(dossier, "page", lambda told: 1 / 0)
    assert wei("export", "person", "C-1", "--output", "wei").code == 1
    assert not Path("wei").exists() and not list(Path().glob(".sfa-*"))


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("C-1",), 2),
        (("C-1", "--json", "--output", "x"), 2),
        ((), 2),
        (("C-1", "C-2", "--output", "x"), 2),
        (("A-1", "--output", "x"), 2),
        (("nobody@x.example", "--output", "x"), 3),
        (("C-99", "--output", "x"), 3),
        (("Wei Zhang", "--output", "x"), 5),
        (("C-1", "--output", "no/such/folder"), 2),
    ],
)
def test_wrong_use(wei, argv, code) -> None:
    assert wei("export", "person", *argv).code == code
    assert not Path("x").exists()
