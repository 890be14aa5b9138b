"""`sfa merge`: named records, a reviewed file, what is asked and told, and what meets the survivor afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def world(sfa, tmp_path: Path):
    (tmp_path / "a.csv").write_text("Id,Account Name,Industry\n1,Acme,\n2,Acme Ltd,steel\n3,Acme Corp,paper\n4,Other,\n", encoding="utf-8")
    sfa.ok("import", "account", "a.csv")
    sfa.ok("contact", "add", "Bob Cole", "--account", "A-1", "--email", "bob@acme.example")
    sfa.ok("contact", "add", "Robert Cole", "--account", "A-2", "--email", "rob@acme.example", "title=CEO")
    sfa.ok("opp", "add", "Deal", "--account", "A-2")
    sfa.monkeypatch.setenv("SFA_TODAY", "2026-11-24T12:00:00Z")
    return sfa


def refs(sfa, noun: str) -> set[str]:
    return {r["ref"] for r in sfa.ok(noun, "list", "--json").json}


def test_the_preview_says_which_value_wins_and_why(world) -> None:
    told = world.ok("merge", "A-1", "A-2", "A-3", "--dry-run", "--take", "industry=A-2").err
    assert "A-1 Acme ← A-2 Acme Ltd, A-3 Acme Corp\n" in told
    assert "  name             Acme; not Acme Ltd, Acme Corp\n" in told
    assert "  industry         steel (taken: A-2); not paper\n" in told
    assert "  moves with them: 1 contact, 1 opp\n" in told and told.endswith("Nothing was written.\n")
    assert len(refs(world, "account")) == 4
    made = world.ok("merge", "A-1", "A-2", "A-3", "--dry-run", "--json").json
    assert made["fields"]["industry"] == {"value": "steel", "from": "A-2", "why": "was blank"}
    assert made["moves"] == {"contact": 1, "opportunity": 1}


def test_merging_asks_and_tells(world) -> None:
    refused = world("merge", "A-1", "A-2")
    assert refused.code == 1 and "--yes is required" in refused.err and len(refs(world, "account")) == 4
    done = world.ok("merge", "A-1", "A-2", "--yes", "--json")
    assert done.json["ref"] == "A-1" and done.json["industry"] == "steel"
    assert "Merged A-1 Acme ← A-2, with 1 contact, 1 opp  (take back: sfa undo)" in done.err


def test_keep_names_the_survivor(world) -> None:
    assert world.ok("merge", "A-1", "A-2", "--keep", "A-2", "--yes").out == "A-2\n"
    assert refs(world, "account") == {"A-2", "A-3", "A-4"}


def test_old_references_and_the_past(world) -> None:
    world.ok("merge", "A-1", "A-2", "--yes")
    shown = world.ok("account", "show", "A-2", "--json")
    assert shown.json["ref"] == "A-1" and shown.err == "A-2 was merged into A-1.\n"
    assert world.ok("account", "show", "acme ltd", "--json").json["ref"] == "A-1"
    assert world.ok("opp", "list", "account:A-2", "--json").json[0]["account_ref"] == "A-1"
    then = world.ok("account", "list", "--as-of", "2026-11-23", "--json").json
    assert {r["ref"] for r in then} == {"A-1", "A-2", "A-3", "A-4"}
    old = world.ok("account", "show", "A-2", "--as-of", "2026-11-23", "--json")
    assert (old.json["ref"], old.json["name"], old.err) == ("A-2", "Acme Ltd", "")
    assert "merged with A-2" in world.ok("history", "A-1", "--format", "table").out
    assert "deleted" in world.ok("history", "A-2", "--format", "table").out
    world.ok("undo")
    assert "apart from A-2 again" in world.ok("history", "A-1", "--format", "table").out
    assert world.ok("account", "show", "A-2", "--json").json["name"] == "Acme Ltd"


@pytest.mark.parametrize("order", [("A-1", "A-2"), ("A-2", "A-1")])
def test_a_row_of_the_old_id_meets_the_survivor(world, order: tuple[str, str], tmp_path: Path) -> None:
    own = world.ok("account", "show", "A-2", "--json").json["id"]
    world.ok("merge", *order, "--yes")
    summary = world.ok("import", "account", "a.csv", "--json", "--on-duplicate", "skip").json
    assert (summary["new"], summary["rejected"]) == (0, 0)
    (tmp_path / "o.csv").write_text(f"Id,Name,Account\n7,D7,2\n8,D8,Acme Ltd\n9,D9,{own}\n", encoding="utf-8")
    world.ok("import", "opp", "o.csv")
    deals = world.ok("opp", "list", "name~D", "--json").json
    assert {d["account_ref"] for d in deals} == {order[0]}


def test_a_row_of_the_old_e_mail_meets_the_survivor(world, tmp_path: Path) -> None:
    world.ok("merge", "C-1", "C-2", "--yes")
    (tmp_path / "c.csv").write_text("Name,Email,Title\nRobert Cole,rob@acme.example,CEO\n", encoding="utf-8")
    summary = world.ok("import", "contact", "c.csv", "--json", "--on-duplicate", "skip").json
    assert (summary["new"], summary["duplicates"] + summary["skipped"] + summary["unchanged"]) == (0, 1)
    world.ok("undo")
    assert world.ok("import", "contact", "c.csv", "--json").json["unchanged"] == 1


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("A-1",), 2),
        ((), 2),
        (("A-1", "A-1"), 2),
        (("A-1", "C-1"), 2),
        (("A-1", "A-99"), 3),
        (("A-1", "A-2", "--take", "industry"), 2),
        (("A-1", "A-2", "--take", "industry=A-3"), 2),
        (("A-1", "A-2", "--take", "industry=A-1"), 2),
        (("A-1", "A-2", "--take", "nofield=A-1"), 2),
        (("A-1", "A-2", "--keep", "A-99"), 3),
        (("O-1", "O-1"), 2),
        (("A-1", "--from", "x.csv"), 2),
        (("--from", "nothing.csv"), 3),
    ],
)
def test_what_is_wrong_changes_nothing(world, argv: tuple[str, ...], code: int) -> None:
    assert world("merge", *argv, "--yes").code == code
    assert len(refs(world, "account")) == 4


def test_a_lead_and_its_contact(world) -> None:
    world.ok("lead", "add", "Bob Cole", "--email", "bob@acme.example")
    refused = world("merge", "C-1", "L-1", "--yes")
    assert refused.code == 2 and "sfa lead convert L-1 --contact C-1 --no-opp" in refused.err
    world.ok("lead", "convert", "L-1", "--contact", "C-1", "--no-opp")
    world.ok("lead", "add", "Bob Cole", "company=Acme")
    assert world("merge", "L-1", "L-2", "--yes").code == 4


# From a file ------------------------------------------------------------------------------------------------------------------------


def test_a_reviewed_file_with_a_chain(world) -> None:
    text = "keep,merge,decision,note\nA-2,A-3,merge,x\nA-1,A-2,Merge,\nC-1,C-2,not,\nA-1,A-4,,\n"
    dry = world.ok("merge", "--from", "-", "--dry-run", "--json", input=text)
    assert (dry.json["merged"], dry.json["not_the_same"], dry.json["without_decision"]) == (2, 1, 1)
    assert len(refs(world, "account")) == 4
    assert world("merge", "--from", "-", input=text).code == 1
    done = world.ok("merge", "--from", "-", "--yes", input=text)
    assert "A-1 Acme ← A-3 Acme Corp, A-2 Acme Ltd" in done.err.replace("A-2 Acme Ltd, A-3 Acme Corp", "A-3 Acme Corp, A-2 Acme Ltd")
    assert "Merged 2 records into 1; 1 pair is not the same; 1 without a decision left alone  (take back: sfa undo)" in done.err
    assert refs(world, "account") == {"A-1", "A-4"}
    assert world.ok("account", "show", "A-3", "--json").json["ref"] == "A-1"
    world.ok("undo")
    assert len(refs(world, "account")) == 4
    assert len(world.ok("duplicates", "contact", "--json").json["rows"]) == 1


def test_a_file_without_decisions_merges_every_pair(world, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("keep;merge\nA-1;A-2\nA-1;A-3\n", encoding="utf-8")
    world.ok("merge", "--from", "p.csv", "--yes")
    assert refs(world, "account") == {"A-1", "A-4"}
    again = world("merge", "--from", "p.csv", "--yes")
    assert again.code == 4 and "line 2: keep and merge are one record" in again.err


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        ("A-1,A-2,merge\nA-1,A-99,merge", 3),
        ("A-1,C-1,merge", 2),
        ("A-1,A-2,merge\nA-2,A-1,merge", 2),
        ("A-1,A-2,merge\nA-3,A-2,merge", 3),
        ("A-1,A-2,perhaps", 2),
        ("A-1,,merge", 2),
        ("O-1,A-1,merge", 2),
    ],
)
def test_bad_lines_are_told_and_nothing_is_done(world, tmp_path: Path, rows: str, line: int) -> None:
    (tmp_path / "p.csv").write_text(f"keep,merge,decision\n{rows}\n", encoding="utf-8")
    refused = world("merge", "--from", "p.csv", "--yes")
    assert refused.code == 4 and f"line {line}: " in refused.err, refused
    assert len(refs(world, "account")) == 4


def test_the_file_of_duplicates_is_taken_as_it_is(world, tmp_path: Path) -> None:
    world.ok("contact", "add", "B Cole", "--email", "bob@acme.example")
    written = world.ok("duplicates", "--format", "csv").out
    (tmp_path / "p.csv").write_text(written, encoding="utf-8")
    done = world.ok("merge", "--from", "p.csv", "--yes")
    assert "Merged 1 record into 1" in done.err
    assert refs(world, "contact") == {"C-1", "C-2"}


def test_erasing_a_person_erases_what_was_merged_into_them(world) -> None:
    world.ok("merge", "C-1", "C-2", "--yes")
    world.ok("erase", "C-1", "--yes")
    assert b"rob@acme" not in world.db.read_bytes() and b"Robert Cole" not in world.db.read_bytes()
    assert world.ok("db", "check").code == 0
