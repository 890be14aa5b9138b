"""`sfa edit`: a record in an editor; and edits by relative values."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest


@pytest.fixture
def deal(sfa, monkeypatch):
    """A deal, and `edit(text)`: the program's editor runs this Python over `form`, the text that it was given."""
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("opp", "add", "Renewal", "account=Blue Harbor", "amount=48k", "close=eom", "description=two\nlines")

    def edit(change: str, *argv: str):
        script = sfa.folder / "editor.py"
        script.write_text(
            "import sys, re, os\npath = sys.argv[1]\nform = open(path, encoding='utf-8').read()\n"
            f"{change}\nopen(path, 'w', encoding='utf-8').write(form)\n",
            encoding="utf-8",
        )
        monkeypatch.setenv("EDITOR", shlex.join([sys.executable, str(script)]))
        return sfa(*(argv or ("edit", "renewal")))

    sfa.edit = edit
    return sfa


def show(sfa, ref: str = "O-1") -> dict:
    return sfa.ok("opp", "show", ref, "--json").json


def kept(text: str) -> Path:
    """The file that an error says the text is kept in."""
    return Path(re.search(r"kept in (\S+\.toml)", text)[1])  # type: ignore[index]


def set_(field: str, value: str) -> str:
    return f"form = re.sub(r'^{field} .*', '{field} = \"{value}\"', form, flags=re.M)"


def test_what_is_changed_is_written_by_the_rules_of_edit(deal) -> None:
    done = deal.edit(f"{set_('amount', '52k')}; {set_('stage', 'propose')}; {set_('source', '')}")
    assert done.code == 0 and "stage Prospecting → Proposal, probability 10 % → 50 %" in done.err
    now = show(deal)
    assert (now["amount"]["amount"], now["stage"], now["description"]) == ("52000.00", "Proposal", "two\nlines")
    assert deal.ok("history", "--limit", "1", "--json").json[0]["command"] == "edit renewal"
    deal.ok("undo", "--yes")
    assert (show(deal)["amount"]["amount"], show(deal)["stage"]) == ("48000.00", "Prospecting")


@pytest.mark.parametrize("change", ["pass", "form = ''", "form = form + '# a comment'", "form = form.replace('amount ', 'amount')"])
def test_unchanged_or_emptied_nothing_is_written(deal, change: str) -> None:
    before = deal.ok("history", "--json").json
    done = deal.edit(change)
    assert done.code == 0 and "Nothing" in done.err
    assert deal.ok("history", "--json").json == before


def test_a_line_left_out_leaves_its_field(deal) -> None:
    assert "Nothing to change" in deal.edit("form = re.sub(r'^(amount|close) .*', '', form, flags=re.M)").err
    assert show(deal)["amount"]["amount"] == "48000.00"


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        (set_("amount", "lots"), 2, 'amount = "lots"\n           ^^^^^^'),
        (set_("account", "Nobody"), 3, "no account matches 'Nobody'\n  account = \"Nobody\"\n            ^^^^^^^^"),
        ("form = form.replace('amount ', 'amunt ')", 2, "opportunity has no field 'amunt'\n  amunt "),
        ("form = form.replace('\"48000.00\"', '48k')", 2, "this is not TOML"),
        (set_("stage", "lost"), 2, 'a lost deal needs a reason\n  stage = "lost"\n          ^^^^^^'),
        (set_("type", "exsting"), 2, "Did you mean 'existing'"),
        (set_("name", ""), 2, "name cannot be blank"),
        ("form += 'closed = \"x\"'", 2, "this is not TOML"),
        ("sys.exit(3)", 1, "ended with 3"),
    ],
)
def test_what_is_wrong_is_pointed_at_and_kept(deal, change: str, code: int, says: str) -> None:
    before = deal.ok("history", "--json").json
    failed = deal.edit(change)
    assert failed.code == code and says in failed.err, failed.err
    path = kept(failed.err)
    assert "description" in path.read_text("utf-8")
    path.unlink()
    assert deal.ok("history", "--json").json == before


def test_what_another_changed_meanwhile_is_a_conflict(deal) -> None:
    program = shlex.join([sys.executable, "-m", "sfa", "--me", "ben", "opp", "edit", "O-1"])
    failed = deal.edit(f"os.system({program + ' amount=1k'!r}); {set_('amount', '52k')}")
    assert failed.code == 5 and "changed meanwhile by another: amount" in failed.err
    kept(failed.err).unlink()
    assert show(deal)["amount"]["amount"] == "1000.00"
    done = deal.edit(f"os.system({program + ' close=2026-12-24'!r}); {set_('amount', '52k')}")
    assert done.code == 0
    assert (show(deal)["amount"]["amount"], show(deal)["close"]) == ("52000.00", "2026-12-24")


def test_every_kind(deal) -> None:
    deal.ok("lead", "add", "Mary Cole", "company=Green Foods")
    for ref in ("A-1", "L-1", "S-1", "R-1", "U-1"):
        assert "Nothing to change" in deal.edit("pass", "edit", ref).err, ref
    assert deal.edit(set_("company", "Greener Foods"), "edit", "mary").code == 0
    assert deal.ok("lead", "show", "L-1", "--json").json["company"] == "Greener Foods"


def test_without_an_editor(deal, monkeypatch) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    failed = deal("edit", "O-1")
    assert failed.code == 2 and "EDITOR" in failed.err


# Relative values --------------------------------------------------------------------------------------------------------------------


def test_relative_values(deal) -> None:
    deal.ok("opp", "edit", "O-1", "amount+=10%", "close+=7d")
    assert (show(deal)["amount"]["amount"], show(deal)["close"]) == ("52800.00", "2026-12-07")
    deal.ok("account", "edit", "blue", "types+=customer")
    assert deal.ok("account", "show", "A-1", "--json").json["types"] == ["prospect", "customer"]
    assert deal("opp", "edit", "O-1", "name+=x").code == 2
    assert deal("opp", "edit", "O-1", "description=+=x").code == 0
    assert show(deal)["description"] == "+=x"


def test_of_many_old_and_new_are_shown_first(deal) -> None:
    for i in (2, 3):
        deal.ok("opp", "add", f"deal {i}", f"amount={i}000", f"close=2026-12-0{i}")
    asked = deal("opp", "edit", "is:open", "close+=7d", "amount+=10%")
    assert asked.code == 1
    lines = [re.split(r"\s{2,}", line.rstrip()) for line in asked.err.splitlines()[:5]]
    assert lines[0] == ["ref", "name", "expected close", "amount"]
    assert lines[2] == ["O-1", "Renewal", "2026-11-30 → 2026-12-07", "48,000 USD → 52,800 USD"]
    assert lines[4] == ["O-3", "deal 3", "2026-12-03 → 2026-12-10", "3,000 USD → 3,300 USD"]
    deal.ok("opp", "edit", "is:open", "close+=7d", "--yes")
    assert [r["close"] for r in deal.ok("opp", "list", "--json").json] == ["2026-12-07", "2026-12-09", "2026-12-10"]
    deal.ok("undo", "--yes")
    assert [r["close"] for r in deal.ok("opp", "list", "--json").json] == ["2026-11-30", "2026-12-02", "2026-12-03"]
