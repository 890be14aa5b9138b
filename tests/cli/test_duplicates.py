"""`sfa duplicates` and what `add` and `import` say of records that are there already."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest


@pytest.fixture
def world(sfa):
    for line in (
        "account add 'Blue Harbor Ltd' --country Ireland website=bh.example",
        "account add 'Blue Harbor Limited' website=https://www.bh.example/",
        "account add '株式会社トヨタ'",
        "contact add 'Wei Zhang' --account A-1 --email wei@bh.example",
        "contact add 'Zhang, Wei' --account A-2",
        "contact add 'Bob Cole' --account A-1 phone='+353 1 555 0100' country=Ireland",
        "contact add 'Robert Cole' --account A-1 country=Norway",
        "contact add '张伟' --account A-3",
        "contact add first_name=伟 last_name=张 --account A-3",
        "contact add Blank",
        "contact add Void",
        "lead add 'Wei Zhang' --email WEI@bh.example",
        "lead add 'Nora Lind' company='BLUE HARBOR'",
    ):
        import shlex

        sfa.ok(*shlex.split(line))
    return sfa


def pairs(result) -> set[tuple[str, str, int]]:
    return {(r["keep"], r["merge"], r["score"]) for r in result.json["rows"]}


def test_people_companies_and_leads_are_found(world) -> None:
    found = pairs(world.ok("duplicates", "--json"))
    assert found == {("A-1", "A-2", 100), ("C-1", "C-2", 80), ("C-5", "C-6", 75), ("C-1", "L-1", 100), ("C-2", "L-1", 75)}
    assert pairs(world.ok("duplicates", "contact", "--json", "--min-score", "60")) >= {("C-3", "C-4", 65)}
    assert pairs(world.ok("duplicates", "contact", "--json", "--min-score", "79")) == {("C-1", "C-2", 80)}


def test_leads_against_one_kind(world) -> None:
    assert pairs(world.ok("duplicates", "lead", "--against", "account", "--json", "--min-score", "60")) == {
        ("A-1", "L-2", 70),
        ("A-2", "L-2", 70),
    }
    assert pairs(world.ok("duplicates", "lead", "--against", "lead", "--json")) == set()
    world.ok("lead", "convert", "L-1", "--no-opp", "--contact", "C-1")
    assert pairs(world.ok("duplicates", "lead", "--json")) == set()


def test_a_filter_needs_one_of_the_two(world) -> None:
    world.ok("contact", "edit", "C-2", "country=China")
    assert pairs(world.ok("duplicates", "contact", "country:China", "--json")) == {("C-1", "C-2", 80)}
    assert pairs(world.ok("duplicates", "contact", "country:Peru", "--json")) == set()


def test_clusters(world) -> None:
    world.ok("contact", "add", "Zhang Wei", "--account", "A-1")
    rows = world.ok("duplicates", "contact", "--clusters", "--json").json["rows"]
    assert [(r["cluster"], r["ref"]) for r in rows] == [(1, "C-1"), (1, "C-2"), (1, "C-9"), (2, "C-5"), (2, "C-6")]
    numbers = [r["cluster"] for r in world.ok("duplicates", "--clusters", "--json").json["rows"]]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1)), "numbered on over the kinds"


def test_a_limit_holds_for_all_kinds(world) -> None:
    shown = world.ok("duplicates", "--limit", "2", "--json")
    assert len(shown.json["rows"]) == 2 and "5 pairs among" in shown.err and "the first 2 shown" in shown.err
    assert len({r["cluster"] for r in world.ok("duplicates", "--clusters", "--limit", "3", "--json").json["rows"]}) == 3


def test_the_file_to_review(world) -> None:
    rows = list(csv.DictReader(io.StringIO(world.ok("duplicates", "--format", "csv").out)))
    assert list(rows[0])[:6] == ["decision", "keep", "merge", "score", "level", "evidence"]
    assert {(r["keep"], r["merge"]): r["decision"] for r in rows} == {
        ("A-1", "A-2"): "merge",
        ("C-1", "C-2"): "",
        ("C-5", "C-6"): "",
        ("C-1", "L-1"): "",
        ("C-2", "L-1"): "",
    }


def test_a_table_is_understood_in_80_columns(world) -> None:
    out = world.ok("duplicates", "contact", "--format", "table").out
    assert re.search(r"80  C-1\s+Wei Zhang\s+C-2\s+Zhang, Wei\s+name, company, domain", out)


def test_what_is_not_the_same_is_left_out_until_it_is_taken_back(world) -> None:
    told = world.ok("duplicates", "C-1", "C-2", "--not")
    assert "Not the same: C-1 Wei Zhang, C-2 Zhang, Wei" in told.err
    assert "Nothing to change" in world.ok("duplicates", "C-2", "C-1", "--not").err
    result = world.ok("duplicates", "contact", "--json")
    assert (("C-1", "C-2", 80) in pairs(result), result.json["dismissed"]) == (False, 1)
    world.ok("undo")
    assert ("C-1", "C-2", 80) in pairs(world.ok("duplicates", "contact", "--json"))


def test_the_past_is_searched_too(world) -> None:
    world.monkeypatch.setenv("SFA_TODAY", "2026-11-24T12:00:00Z")
    world.ok("merge", "C-1", "C-2", "--yes")
    assert ("C-1", "C-2", 80) not in pairs(world.ok("duplicates", "contact", "--json"))
    assert ("C-1", "C-2", 80) in pairs(world.ok("duplicates", "contact", "--json", "--as-of", "2026-11-23"))


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("opp",), 2),
        (("contact", "word"), 2),
        (("contact", "nofield:x"), 2),
        (("contact", "--against", "lead"), 2),
        (("contact", "--min-score", "0"), 2),
        (("contact", "--min-score", "101"), 2),
        (("C-1", "--not"), 2),
        (("C-1", "C-2"), 2),
        (("C-1", "C-1", "--not"), 2),
        (("C-1", "nobody", "--not"), 3),
    ],
)
def test_wrong_words(world, argv: tuple[str, ...], code: int) -> None:
    assert world("duplicates", *argv).code == code


def test_thresholds_are_settings(world) -> None:
    world.ok("config", "set", "duplicates_score", "81")
    assert pairs(world.ok("duplicates", "contact", "--json")) == set()


# Adding -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        ("contact add 'Zhang Wei' --account A-1", "C-1 Wei Zhang is likely the same"),
        ("contact add Other --email wei+x@bh.example", ""),
        ("contact add Other --email wei@bh.example", "C-1 Wei Zhang is the same: e-mail"),
        ("contact add 'Bobby Cole' phone='+353 1 555 0100'", "C-3 Bob Cole is likely the same: name (nickname), phone"),
        ("contact add '伟 张' --account A-3", "C-5 张伟 is likely the same: name (other order), company"),
        ("lead add 'Bob Cole' company='Blue Harbor Ltd'", "make them one: sfa lead convert L-3 --contact C-3 --no-opp"),
        ("account add 'Blue Harbor GmbH'", "A-1 Blue Harbor Ltd is likely the same: name; make them one: sfa merge A-1 A-4"),
        ("account add 'Blu Harbor' website=http://bh.example", "A-1 Blue Harbor Ltd is likely the same: name (similar), domain"),
        ("account add 'Red Harbor'", ""),
        ("contact add 'Wei Zhang'", ""),
    ],
)
def test_add_warns(world, argv: str, told: str) -> None:
    import shlex

    err = world.ok(*shlex.split(argv)).err
    assert (told in err) if told else ("Warning" not in err), err


def test_add_can_block_and_be_told_otherwise(world) -> None:
    world.ok("config", "set", "duplicates", "block")
    before = len(world.ok("contact", "list", "--json").json)
    refused = world("contact", "add", "Other", "--email", "wei@bh.example")
    assert refused.code == 4 and "C-1 Wei Zhang is the same" in refused.err and "--yes" in refused.err
    assert len(world.ok("contact", "list", "--json").json) == before
    world.ok("contact", "add", "Other", "--email", "wei@bh.example", "--yes")
    world.ok("contact", "add", "Quite Another")
    world.ok("config", "set", "duplicates", "off")
    assert "Warning" not in world.ok("contact", "add", "More", "--email", "wei@bh.example").err


def test_blank_fields_warn_of_nobody(sfa) -> None:
    for _ in range(3):
        assert "Warning" not in sfa.ok("contact", "add", "Anon").err
        assert "Warning" not in sfa.ok("lead", "add", "Anon").err


# Importing --------------------------------------------------------------------------------------------------------------------------

LEADS = (
    "Name,Company,Email\nBob Cole,Blue Harbor Ltd,bob@x.example\n"
    + "Robert Cole,Blue Harbor,\nNew One,Else,new@x.example\nPat,,pat@bh.example\n"
)


def test_an_import_reports_likely_duplicates(world, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(LEADS, encoding="utf-8")
    world.ok("contact", "add", "Pat Doe", "--email", "pat@bh.example")
    summary = world.ok("import", "lead", "l.csv", "--dry-run", "--json").json
    assert (summary["new"], summary["likely_duplicates"]) == (4, 3)
    done = world.ok("import", "lead", "l.csv")
    assert "likely duplicates: 3 (name, company: 2; e-mail, domain: 1), see `sfa duplicates lead --of last`" in done.err
    assert len(pairs(world.ok("duplicates", "lead", "--of", "last", "--json"))) == 6, (
        "each with both Bob Coles, one with Pat, and with each other"
    )
    assert world.ok("import", "lead", "l.csv", "--json").json["likely_duplicates"] == 0


def test_an_import_can_block(world, tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text(LEADS, encoding="utf-8")
    world.ok("contact", "add", "Pat Doe", "--email", "pat@bh.example")
    world.monkeypatch.setenv("SFA_DUPLICATES", "block")
    refused = world("import", "lead", "l.csv")
    assert refused.code == 4 and "3 rows cannot be loaded, so none was:\n  line 2: likely the same as C-3 Bob Cole" in refused.err
    assert "--yes loads rows that are likely there already" in refused.err
    assert len(world.ok("lead", "list", "--json").json) == 2
    tried = world("import", "lead", "l.csv", "--rejects", "bad.csv", "--dry-run", "--json")
    aside = world("import", "lead", "l.csv", "--rejects", "bad.csv", "--json")
    assert (aside.code, aside.json["new"], aside.json["rejected"], aside.json["likely_duplicates"]) == (7, 1, 3, 0)
    assert (tried.json["new"], tried.json["rejected"], tried.json["reasons"]) == (1, 3, aside.json["reasons"])
    bad = list(csv.DictReader((tmp_path / "bad.csv").open(encoding="utf-8")))
    assert [r["sfa_line"] for r in bad] == ["2", "3", "5"] and bad[2]["sfa_reason"].startswith("the same as C-9 Pat Doe: e-mail")
    world.ok("undo")
    world.ok("import", "lead", "l.csv", "--yes")
    world.monkeypatch.setenv("SFA_DUPLICATES", "off")
    (tmp_path / "l.csv").write_text(LEADS.replace("bob@", "bobby@"), encoding="utf-8")
    assert world.ok("import", "lead", "l.csv", "--json", "--on-duplicate", "skip").json["likely_duplicates"] is None


def test_a_large_import_counts_the_plain_ones(sfa, tmp_path: Path) -> None:
    rows = [f"Person {i},Firm {i},p{i}@x.example" for i in range(1_000)]
    rows += [f"Person {i},FIRM {i},q{i}@x.example" for i in range(10, 30)]
    (tmp_path / "l.csv").write_text("Name,Company,Email\n" + "\n".join(rows) + "\n", encoding="utf-8")
    sfa.ok("contact", "add", "Another", "--email", "p5@x.example")
    summary = sfa.ok("import", "lead", "l.csv", "--json").json
    assert (summary["new"], summary["likely_duplicates"]) == (1_020, 21)


def test_many_accounts_are_looked_through(sfa, tmp_path: Path) -> None:
    names = [f"Firm {i} {end}" for i in range(60) for end in ("Ltd", "GmbH")]
    (tmp_path / "a.csv").write_text("Account Name\n" + "\n".join(names) + "\n", encoding="utf-8")
    summary = sfa.ok("import", "account", "a.csv", "--json").json
    assert (summary["likely_duplicates"], summary["likely_by"], summary["compared_whole"]) == (60, {"name": 60}, True)
    assert len(sfa.ok("duplicates", "account", "--json").json["rows"]) == 60
    (tmp_path / "b.csv").write_text("Account Name\nFirm 7 AB\nOther\n", encoding="utf-8")
    assert sfa.ok("import", "account", "b.csv", "--json").json["likely_duplicates"] == 1
    of_last = sfa.ok("duplicates", "account", "--of", "last", "--json").json["rows"]
    assert len(of_last) == 2 and {r["merge_name"] for r in of_last} == {"Firm 7 AB"}, "the new one with each of those that were there"


def test_very_many_are_told_by_what_tells_most(sfa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from sfa.store import alike

    monkeypatch.setattr(alike, "SEARCHED", 50)
    names = [f"Firm {i} {end}" for i in range(60) for end in ("Ltd", "GmbH")]
    (tmp_path / "a.csv").write_text("Account Name\n" + "\n".join(names) + "\n", encoding="utf-8")
    done = sfa.ok("import", "account", "a.csv")
    assert "likely duplicates by what tells most alone: 60 (name: 60); `sfa duplicates account --of last` looks further" in done.err
    people = "".join(f"Person {i},p{i}@x.example,Firm {i} Ltd\n" for i in range(60)) * 2
    people = people[: len(people) // 2] + people[len(people) // 2 :].replace("@x", "@y")
    (tmp_path / "c.csv").write_text("Name,Email,Account\n" + people, encoding="utf-8")
    assert sfa.ok("import", "contact", "c.csv", "--json").json["likely_by"] == {"name, company": 60}


def test_only_what_an_operation_made(sfa, tmp_path: Path) -> None:
    for name in ("Blue Harbor Ltd", "Old Mill", "Blue Harbor GmbH"):
        sfa.ok("account", "add", name)
    sfa.ok("account", "edit", "Old Mill", "industry=Food")
    assert pairs(sfa.ok("duplicates", "account", "--of", "last", "--json")) == set(), "that one was changed, not made"
    sfa.ok("undo")
    assert len(pairs(sfa.ok("duplicates", "account", "--of", "last", "--json"))) == 1
    assert sfa("duplicates", "account", "--of", "12345678").code == 3
