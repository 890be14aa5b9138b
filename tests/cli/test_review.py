"""`sfa review` in a real (pseudo) terminal: every key, resuming, undoing, leaving."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
terminalkit = pytest.importorskip("terminalkit", reason="needs a pseudo-terminal (not on Windows)", exc_type=ImportError)
KEYS = "q quit"


@pytest.fixture
def deals(sfa, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(sfa.folder / "state"))
    for name, amount in (("small", "5k"), ("large", "90k"), ("middle", "20k")):
        sfa.ok("opp", "add", name, f"amount={amount}", "close=2026-12-15")
    sfa.ok("--me", "ben", "opp", "add", "of another", "amount=999k")
    return sfa


def show(sfa, ref: str) -> dict:
    return sfa.ok("opp", "show", ref, "--json").json


def test_the_order_is_most_money_first_and_only_mine(deals) -> None:
    assert [d["name"] for d in deals.ok("review", "--list", "--json").json] == ["large", "middle", "small"]
    assert [d["name"] for d in deals.ok("review", "owner:ben", "--list", "--json").json] == ["of another"]


def test_without_a_terminal(deals) -> None:
    failed = deals("review", input="")
    assert failed.code == 2 and "--list" in failed.err


def test_a_whole_review(deals) -> None:
    before = len(deals.ok("history", "--json").json)
    t = terminalkit.Terminal(deals.folder, "review")
    first = t.until(KEYS)
    assert "1 of 3  O-2  large" in first and "90,000 USD" in first
    assert all(len(line) < 80 for line in first.splitlines())
    t.send("a")
    assert "stage Prospecting → Qualification" in t.until(KEYS)
    t.send("m")
    t.until("+=10%): ")
    t.send("+=10%\n")
    assert "amount 90,000 USD → 99,000 USD" in t.until(KEYS)
    t.send("d")
    t.until("+=7d): ")
    t.send("eoq\n")
    assert "2026-12-15 → 2026-12-31" in t.until(KEYS)
    t.send("n")
    t.until("Next step (none): ")
    t.send("call @wei, 报价\n")
    assert "next step call @wei, 报价" in t.until(KEYS)
    t.send("s")
    assert "2 of 3  O-3  middle" in t.until(KEYS)
    t.send("l")
    asked = t.until("Reason: ")
    assert "Reasons: Bad timing, Lost to competitor" in asked.replace("\n", "")
    t.send("timing\n")
    lost = t.until(KEYS)
    assert "stage Prospecting → Lost" in lost and "3 of 3  O-1  small" in lost
    t.send("u")
    assert "Taken back." in t.until("2 of 3  O-3  middle")
    t.until(KEYS)
    t.send("x")
    t.until(KEYS)
    t.send("\x1b[A")
    t.send("m")
    t.until("+=10%): ")
    t.send("lots\n")
    assert "not an amount" in t.until("Hint")
    t.send("q")
    assert "Reviewed 1 of 3: 4 changes. 2 left" in t.until("goes on.")
    assert t.end() == 0
    large = show(deals, "O-2")
    assert (large["stage"], large["amount"]["amount"], large["close"]) == ("Qualification", "99000.00", "2026-12-31")
    assert show(deals, "O-3")["stage"] == "Prospecting"
    done = [h["command"] for h in deals.ok("history", "--json").json][: -before or None]
    assert done[::-1] == [
        "opp qualify O-2",
        "opp edit O-2 amount+=10%",
        "opp edit O-2 close=eoq",
        "opp edit O-2 'next_step=call @wei, 报价'",
        "opp lose O-3 reason=timing",
        done[0],
    ]
    assert done[0].startswith("undo")


def test_it_goes_on_where_it_was_left(deals, monkeypatch) -> None:
    t = terminalkit.Terminal(deals.folder, "review")
    t.until(KEYS)
    t.send("s")
    t.until("2 of 3")
    t.until(KEYS)
    t.send("\x03")
    assert "Reviewed 1 of 3: no changes. 2 left" in t.until("goes on.")
    assert t.end() == 0
    names = lambda *more: [d["name"] for d in deals.ok("review", "--list", "--json", *more).json]  # noqa: E731
    assert names() == ["middle", "small"] and len(names("--again")) == 3
    assert [d["name"] for d in deals.ok("--me", "ben", "review", "is:open", "--list", "--json").json][1:] == ["large", "middle", "small"]
    monkeypatch.setenv("SFA_TODAY", "2026-11-24T08:00:00Z")
    assert len(names()) == 3
    monkeypatch.setenv("SFA_TODAY", "2026-11-23T12:00:00Z")
    t = terminalkit.Terminal(deals.folder, "review")
    t.until("1 of 2  O-3  middle")
    t.send("s")
    t.until("2 of 2")
    t.until(KEYS)
    t.send(" ")
    assert "Reviewed 2 of 2: no changes." in t.until("changes.")
    assert t.end() == 0
    assert "all were reviewed today" in _said(deals)


def _said(sfa) -> str:
    t = terminalkit.Terminal(sfa.folder, "review")
    out = t.until("goes through them.")
    t.end()
    return out


def test_winning_is_asked_about(deals) -> None:
    deals.ok("opp", "negotiate", "O-2")
    t = terminalkit.Terminal(deals.folder, "review", "O-2")
    t.until(KEYS)
    t.send("a")
    t.until("Win large? [y/N]: ")
    t.send("n\n")
    t.until(KEYS)
    t.send("a")
    t.until("[y/N]: ")
    t.send("y\n")
    assert "Reviewed 1 of 1: 1 change." in t.until("change.")
    assert t.end() == 0 and show(deals, "O-2")["stage"] == "Won"


def test_a_state_file_that_is_damaged_is_as_if_there_were_none(deals) -> None:
    path = deals.folder / "state" / "sfa" / "reviewed.json"
    path.parent.mkdir(parents=True)
    for text in ("not json", "[]", '{"x": 1}', ""):
        path.write_text(text)
        assert len(deals.ok("review", "--list", "--json").json) == 3


def test_logging_asks_or_opens_the_editor(deals, monkeypatch) -> None:
    monkeypatch.delenv("EDITOR", raising=False)
    monkeypatch.delenv("VISUAL", raising=False)
    t = terminalkit.Terminal(deals.folder, "log", "O-1", "call")
    t.until("What happened: ")
    t.send("spoke -> quote +fri\n")
    assert "+fri as due Fri 2026-11-27" in t.until("11-27.")
    assert t.end() == 0
    script = deals.folder / "ed.py"
    script.write_text("import sys\nopen(sys.argv[1], 'a').write('two\\nlines')\n")
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    t = terminalkit.Terminal(deals.folder, "log", "O-1", "note")
    t.until("Logged note AC-2")
    assert t.end() == 0
    assert deals.ok("activity", "show", "AC-2", "--json").json["text"] == "two\nlines"


def test_the_editor_is_opened_again_below_what_is_wrong(deals, monkeypatch) -> None:
    script = deals.folder / "ed.py"
    script.write_text(
        "import sys, re\nform = open(sys.argv[1]).read()\n"
        "good = '#!' in form\nopen('second.toml', 'w').write(form) if good else None\n"
        "open(sys.argv[1], 'w').write(re.sub(r'^amount .*', 'amount = \"' + ('7k' if good else 'lots') + '\"', form, flags=re.M))\n"
    )
    monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
    t = terminalkit.Terminal(deals.folder, "edit", "O-1")
    t.until("amount 5,000 USD → 7,000 USD")
    assert t.end() == 0
    again = (deals.folder / "second.toml").read_text()
    assert "amount = \"lots\"\n#!       ^^^^^^\n#! amount: 'lots' is not an amount\n" in again
