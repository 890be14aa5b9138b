"""Several contacts on one activity, through everything that knows contacts: shown, found, taken back, merged, erased, exported, loaded."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def world(sfa):
    for line in (
        "account add|Acme Corp",
        "contact add|Wei Zhang|account=Acme Corp|email=wei@acme.example",
        "contact add|Anna Li|account=Acme Corp|email=li@acme.example",
        "contact add|Bo Lee, Jr.|email=bo@lee.example",
        "opp add|Renewal|account=Acme Corp|amount=52000",
    ):
        first, *rest = line.split("|")
        sfa.ok(*first.split(), *rest)
    return sfa


def people(sfa, ref: str = "AC-1") -> tuple[str | None, list[str]]:
    record = sfa.ok("activity", "show", ref, "--json").json
    return record["contact_ref"], record["others_ref"]


def timeline(sfa, noun: str, ref: str) -> list[str]:
    return [a["ref"] for a in sfa.ok(noun, "show", ref, "--json").json["timeline"]]


@pytest.mark.parametrize(
    ("argv", "main", "others"),
    [
        (("acme", "visit", "Met @wei and @li and @bo"), "C-1", ["C-2", "C-3"]),
        (("acme", "visit", "x", "--contact", "anna", "--contact", "wei"), "C-2", ["C-1"]),
        (("acme", "visit", "with @bo too", "--contact", "anna"), "C-2", ["C-3"]),
        (("anna", "visit", "with @bo"), "C-2", ["C-3"]),
        (("acme", "visit", "@wei and @wei"), "C-1", []),
        (("O-1", "visit", "nobody named"), None, []),
    ],
)
def test_the_first_is_the_main_one(world, argv: tuple[str, ...], main: str | None, others: list[str]) -> None:
    world.ok("log", *argv)
    assert people(world) == (main, others)


def test_it_stands_on_the_screen_of_each_of_them(world) -> None:
    world.ok("log", "acme", "meeting", "Prices @wei @anna 1h30", "--outcome", "positive", "--tag", "Pricing")
    for noun, ref in (("contact", "C-1"), ("contact", "C-2"), ("opp", "O-1"), ("account", "A-1")):
        assert timeline(world, noun, ref) == ["AC-1"]
    assert timeline(world, "contact", "C-3") == []
    shown = world.ok("contact", "show", "C-2", "--format", "table").out
    assert "Prices Wei Zhang, Anna Li (1 h 30, positive, with Wei Zhang and Anna Li) #pricing" in shown
    assert "also with       Anna Li" in world.ok("activity", "show", "AC-1", "--format", "table").out
    told = world.ok("contact", "show", "C-2", "--json").json["timeline"][0]
    assert (told["others"], told["duration"], told["outcome"], told["tags"]) == (["Anna Li"], 90, "positive", ["pricing"])


def test_a_contact_without_an_account_is_on_the_accounts_timeline_only_by_the_deal(world) -> None:
    world.ok("log", "C-3", "call", "x", "--contact", "anna")
    assert timeline(world, "account", "A-1") == ["AC-1"], "Anna is of that account"
    world.ok("activity", "edit", "AC-1", "others=")
    assert timeline(world, "account", "A-1") == []


def test_filters_find_them(world) -> None:
    world.ok("log", "acme", "call", "x @wei @bo 45m #a #b")
    world.ok("log", "acme", "call", "y @wei 10m #b")

    def found(*words: str) -> list[str]:
        return [a["text"] for a in world.ok("activity", "list", *words, "--json", "--sort", "id").json]

    assert found("others:C-3") == ["x Wei Zhang, Bo Lee, Jr."] and len(found("others:none")) == 1 and len(found("-others:bo")) == 1
    assert len(found("tags:b")) == 2 and len(found("tags:A")) == 1 and found("tags:c") == []
    assert len(found("duration>30m")) == 1 and len(found("duration<=45m")) == 2 and found("outcome:reached") == []


def test_edit_and_undo(world) -> None:
    world.ok("log", "acme", "call", "x @wei @anna")
    done = world.ok("activity", "edit", "AC-1", "others=C-3,anna")
    assert people(world) == ("C-1", ["C-2", "C-3"]) and "also with Anna Li → Bo Lee, Jr., Anna Li" in done.err
    world.ok("undo")
    assert people(world) == ("C-1", ["C-2"])
    world.ok("undo")
    assert world("activity", "show", "AC-1").code == 3
    world.ok("redo")
    assert people(world) == ("C-1", ["C-2"])
    assert world("activity", "edit", "AC-1", "others=nobody").code == 3
    world.ok("activity", "edit", "AC-1", "others=wei")
    assert people(world) == ("C-1", []), "the main one is not named twice"
    assert "Nothing to change" in world.ok("activity", "edit", "AC-1", "others=wei").err


def test_history_and_as_of(world) -> None:
    world.monkeypatch.setenv("SFA_TODAY", "2026-11-24T12:00:00Z")
    world.ok("log", "acme", "call", "x @wei @anna")
    world.monkeypatch.setenv("SFA_TODAY", "2026-11-25T12:00:00Z")
    world.ok("activity", "edit", "AC-1", "others=C-3")
    changes = [(c["what"], c["before"], c["after"]) for c in world.ok("history", "AC-1", "--json").json if c["field"] == "others"]
    assert sorted(changes, key=str) == [("changed", "Anna Li", None), ("changed", None, "Bo Lee, Jr."), ("created", None, "Anna Li")]
    assert world.ok("activity", "show", "AC-1", "--as-of", "2026-11-24", "--json").json["others_ref"] == ["C-2"]
    assert "Anna Li" in world.ok("history", "AC-1", "--format", "table").out


def test_deleting_a_person_takes_them_off_and_deleting_the_activity_leaves_nothing(world) -> None:
    world.ok("log", "acme", "call", "x @wei @bo")
    world.ok("contact", "delete", "C-3", "--yes")
    assert people(world) == ("C-1", [])
    world.ok("undo")
    assert people(world) == ("C-1", ["C-3"])
    world.ok("activity", "delete", "AC-1", "--yes")
    world.ok("contact", "delete", "C-3", "--yes")
    world.ok("undo")
    world.ok("undo", "--yes")
    assert people(world) == ("C-1", ["C-3"])
    assert world.ok("db", "check").code == 0


@pytest.mark.parametrize(
    ("keep", "merge", "main", "others"), [("C-1", "C-2", "C-1", ["C-3"]), ("C-3", "C-2", "C-1", ["C-3"]), ("C-2", "C-1", "C-2", ["C-3"])]
)
def test_merging_people_who_were_there_together(world, keep: str, merge: str, main: str, others: list[str]) -> None:
    world.ok("log", "acme", "call", "x @wei @anna @bo")
    world.ok("merge", keep, merge, "--yes")
    assert people(world) == (main, others)
    assert timeline(world, "contact", keep) == ["AC-1"]
    world.ok("undo")
    assert people(world) == ("C-1", ["C-2", "C-3"])
    assert world.ok("db", "check").code == 0


def test_erasing_one_of_them_blanks_what_was_logged_and_keeps_the_others(world) -> None:
    world.ok("log", "acme", "call", "talked about Anna's boat @wei @anna #boat")
    world.ok("erase", "C-2", "--yes")
    record = world.ok("activity", "show", "AC-1", "--json").json
    assert (record["text"], record["tags"], record["contact"], record["kind"]) == ("(erased)", [], "Wei Zhang", "call")
    raw = world.db.read_bytes()
    assert b"boat" not in raw and b"Anna Li" not in raw


def test_the_dossier_of_one_of_them_holds_it(world) -> None:
    world.ok("log", "acme", "call", "talked about prices @wei @anna")
    world.ok("export", "person", "C-2", "--output", "anna")
    told = json.loads((world.folder / "anna" / "person.json").read_text())
    assert [(a["ref"], a["fields"]["others"]) for a in told["activities"]] == [("AC-1", "Anna Li")]
    assert any(h["field"] == "others" for h in told["activities"][0]["history"])


def test_out_and_in_again(world) -> None:
    world.ok("log", "acme", "meeting", "x @wei @bo @anna #a 45m -> call !high", "--due", "fri 10:00", "--outcome", "no show")
    world.ok("contact", "edit", "C-1", "cadence=monthly", "channel=email", "birthday=--02-29", "do_not_contact=2026-10-01 left")
    for kind in ("account", "contact", "opp", "activity"):
        world.ok("export", kind, "--output", f"{kind}.csv")
    before = {k: world.ok("export", k, "--json").json for k in ("contact", "activity")}
    world.monkeypatch.setenv("SFA_DB", str(world.folder / "new.db"))
    for kind in ("account", "contact", "opp", "activity"):
        world.ok("import", kind, f"{kind}.csv")
    assert people(world) == ("C-1", ["C-3", "C-2"])
    for kind, rows in before.items():
        after = world.ok("export", kind, "--json").json
        assert [{k: v for k, v in r.items() if k not in ("id", "owner")} for r in after] == [
            {k: v for k, v in r.items() if k not in ("id", "owner")} for r in rows
        ]
    assert "1 unchanged" in world.ok("import", "activity", "activity.csv").err
    world.ok("undo")
    assert world.ok("activity", "list", "--json").json == []


def test_import_by_name_and_what_an_update_does(world) -> None:
    (world.folder / "a.csv").write_text("id2,when,kind,text,contact,others\nX1,2026-11-01,call,x,Wei Zhang,Anna Li; wei@acme.example\n")
    world.ok("import", "activity", "a.csv", "--map", _map(world))
    assert people(world) == ("C-1", ["C-2"])
    (world.folder / "a.csv").write_text("id2,when,kind,text,contact,others\nX1,2026-11-01,call,x,Wei Zhang,bo@lee.example\n")
    told = world.ok("import", "activity", "a.csv", "--map", _map(world))
    assert people(world) == ("C-1", ["C-2"]) and "--on-duplicate update takes the file's" in told.err
    world.ok("import", "activity", "a.csv", "--map", _map(world), "--on-duplicate", "fill")
    assert people(world) == ("C-1", ["C-2"])
    world.ok("import", "activity", "a.csv", "--map", _map(world), "--on-duplicate", "update")
    assert people(world) == ("C-1", ["C-3"])
    (world.folder / "b.csv").write_text("when,kind,text,contact,others\n2026-11-01,call,y,Wei Zhang,Nobody Known\n")
    wrong = world("import", "activity", "b.csv")
    assert wrong.code == 4 and "Nobody Known" in wrong.err
    world.ok("import", "activity", "b.csv", "--on-missing", "create")
    assert people(world, "AC-2") == ("C-1", ["C-4"])


def _map(sfa) -> str:
    (sfa.folder / "m.toml").write_text('[columns]\nid2 = "external_id"\n')
    return "m.toml"


def test_a_whole_company_comes_back_with_them(world) -> None:
    world.ok("log", "acme", "meeting", "x @wei @bo @anna")
    world.ok("activity", "edit", "AC-1", "others=C-3")
    world.ok("export", "all", "--output", "all.zip")
    world.ok("--db", "new.db", "import", "bundle", "all.zip")
    world.monkeypatch.setenv("SFA_DB", str(world.folder / "new.db"))
    assert people(world) == ("C-1", ["C-3"])
    world.ok("undo")
    assert people(world) == ("C-1", ["C-3", "C-2"])


def test_two_contacts_on_one_outside_the_program_keep_history(world) -> None:
    import sqlite3

    world.ok("log", "acme", "call", "x @wei")
    db = sqlite3.connect(world.db)
    db.execute("INSERT INTO activity_contact(activity,contact) SELECT a.id,c.id FROM activity a, contact c WHERE c.name='Anna Li'")
    db.commit()
    db.execute("DELETE FROM activity_contact")
    db.commit()
    assert db.execute("SELECT count(*) FROM activity_contact_history WHERE until_op>0").fetchone() == (1,)
    db.close()


def test_words_of_other_systems_that_are_none_of_ours_reject_nothing_and_are_told(world) -> None:
    """Columns that had no field before must not make an export unloadable now."""
    rows = ("Connected,Urgent,00:30", "No Answer,High,45", "f240bbac-87c9,Whenever,soon", "Left voicemail,Low,", ",,")
    body = "".join(f"2026-11-0{n},call,x{n},{row}\n" for n, row in enumerate(rows, 1))
    (world.folder / "calls.csv").write_text("Date,Type,Subject,Call Outcome,Priority,Duration\n" + body)
    told = world.ok("import", "activity", "calls.csv").err
    for field in ("outcome", "priority of next step", "duration"):
        assert f"cells of {field} that are none of its values, left blank: 1" in told
    made = world.ok("activity", "list", "--json", "--sort", "id").json
    assert [(a["outcome"], a["priority"], a["duration"]) for a in made] == [
        ("reached", "high", 30),
        ("no_answer", "high", 45),
        (None, None, None),
        ("left_message", "low", None),
        (None, None, None),
    ]
    world.ok("export", "activity", "--output", "own.csv")
    own = (world.folder / "own.csv").read_text()
    (world.folder / "own.csv").write_text(own.replace("left_message", "left_massage"))
    wrong = world("import", "activity", "own.csv")
    assert wrong.code == 4 and "left_massage" in wrong.err, "in a file of our own it is a mistake"
