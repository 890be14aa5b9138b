"""What a seller types who has not read the manual: each line is answered with the exact one that does it, and that one is right."""

from __future__ import annotations

import re
import shlex

import pytest
from conftest import Sfa

LINES = """
deals                        | opp list is:mine is:open
my deals                     | opp list is:mine is:open
opps                         | opp list is:mine is:open
deals won                    | opp list is:won
deals amount>10k             | opp list 'amount>10k'
opp mine                     | opp list is:mine
opp open                     | opp list is:open
late                         | opp list is:mine is:overdue
won                          | opp list is:mine is:won --sort -closed
board                        | opp board
health                       | opp health
win dock                     | opp win dock
lose dock                    | opp lose dock
propose dock                 | opp propose dock
dock win                     | opp win dock
close dock                   | opp win dock (or: sfa opp lose dock)
push dock                    | opp edit dock close+=1m
push dock +2w                | opp edit dock close+=2w
push dock fri                | opp edit dock close=fri
pull dock 1w                 | opp edit dock close-=1w
opp push dock +1m            | opp edit dock close+=1m
amount dock 48k              | opp edit dock amount=48k
opp amount dock 48k          | opp edit dock amount=48k
opp close dock eom           | opp edit dock close=eom
set dock amount 5k           | opp edit dock amount=5k
update O-1 amount=5k         | opp edit O-1 amount=5k
dock amount=5k               | opp edit dock amount=5k
opp update O-1 amount=5k     | opp edit O-1 amount=5k
new deal Cranes              | opp add Cranes
opp new Cranes               | opp add Cranes
add contact 'Jo Li'          | contact add 'Jo Li'
create lead 'Jo Li'          | lead add 'Jo Li'
delete O-1                   | opp delete O-1
rm K-1                       | task delete K-1
show deals                   | opp list
list contacts                | contact list
show 'blue harbor'           | account show 'blue harbor'
blue harbor                  | account show 'blue harbor'
dock                         | opp show dock
opp dock                     | opp show dock
contact wei                  | contact show wei
customer blue                | account show blue
O-1                          | opp show O-1
A-1                          | account show A-1
who wei                      | search wei
find blue harbor             | search blue harbor
note dock 'asked for terms'  | log dock note 'asked for terms'
call dock 'wants a quote'    | log dock call 'wants a quote'
call dock                    | log dock call TEXT
dock called 'wants it'       | log dock call 'wants it'
opp log dock called          | log dock called
calls                        | activity list is:mine kind:call
todo                         | today
next                         | today
tasks                        | task list is:mine is:open
done K-1                     | task done K-1
task finish K-1              | task done K-1
task call the bank           | task add 'call the bank'
remind 'call the bank' fri   | task add 'call the bank' --due fri
remind me to call Wei        | task add 'to call Wei'
tomorrow                     | agenda tomorrow
fri                          | agenda fri
next week                    | agenda 'next week'
plan                         | week
people                       | contact list
leads                        | lead list is:mine is:open
lead new Mary                | lead add Mary
lead call L-1                | log L-1 call TEXT
convert L-1                  | lead convert L-1
target                       | quota list
numbers                      | forecast
stale                        | report stale
hygiene                      | opp health
timeline dock                | opp show dock
oops                         | undo
whoami                       | config get me
version                      | --version
serach wei                   | search wei
opp ad Cranes                | opp add Cranes
edit dock amount=5k          | opp edit dock amount=5k
help deals                   | opp --help
help log                     | log --help
"""
PAIRS = [[part.strip() for part in line.split("|")] for line in LINES.strip().splitlines()]


@pytest.fixture
def dock(sfa: Sfa) -> Sfa:
    sfa.ok("account", "add", "Blue Harbor")
    sfa.ok("contact", "add", "Wei Zhang", "--account", "blue")
    sfa.ok("opp", "add", "Dock cranes", "--account", "blue", "--amount", "60k", "--close", "2026-12-18", "--owner", "anna")
    sfa.ok("lead", "add", "Mary Cole", "--company", "Green Foods")
    sfa.ok("reason", "add", "too expensive", "--outcome", "lost") if "expensive" not in sfa("reason", "list").out else None
    sfa.ok("task", "add", "write to the port", "--due", "fri")
    return sfa


@pytest.mark.parametrize(("typed", "line"), PAIRS)
def test_the_exact_line(dock: Sfa, typed: str, line: str) -> None:
    failed = dock(*shlex.split(typed))
    assert failed.out == "" and failed.code in (2, 3)
    hint = re.search(r"Hint: (?:It is a command: )?sfa (.*)", failed.err)
    assert hint and hint[1] == line, failed.err
    # And it does something: nobody is led from one error to the next.
    for part in re.split(r" \(or: sfa |\)", line):
        if not part:
            continue
        words = [w.replace("TEXT", "spoke to them") for w in shlex.split(part)]
        words += ["--reason", "too expensive"] if words[:2] == ["opp", "lose"] else []
        done = dock(*words, *(["--yes"] if "delete" in words or "undo" in words else []), *(["--cascade"] if "delete" in words else []))
        if words[:2] == ["opp", "lose"] and done.code == 4 and "won already" in done.err:
            continue  # it was just won
        assert done.code == 0, (part, done.err)


@pytest.mark.parametrize("typed", ["xyzzy", "opp xyzzy", "pipeline xyzzy", "xyzzy O-1", "42"])
def test_what_nobody_understands(dock: Sfa, typed: str) -> None:
    failed = dock(*typed.split())
    assert failed.code == 2 and "No such command" in failed.err and "--help" in failed.err


def test_nothing_is_asked_of_a_database_that_is_not_there(sfa: Sfa) -> None:
    failed = sfa("acme")
    assert failed.code == 2 and not sfa.db.exists()
    assert sfa("win", "acme").err.endswith("Hint: sfa opp win acme\n")


def test_a_state_that_was_typed_as_a_word(dock: Sfa) -> None:
    assert "the state is is:open" in dock.ok("opp", "list", "open", "--format", "table").err
    assert "the state" not in dock.ok("opp", "list", "is:open", "--format", "table").err


@pytest.mark.parametrize(
    ("words", "kind", "text"),
    [
        (("called,", "wants", "the", "quote"), "call", "called, wants the quote"),
        (("met @wei, likes it",), "meeting", "met Wei Zhang, likes it"),
        (("Emailed", "the", "brochure"), "email", "Emailed the brochure"),
        (("callous remark",), "note", "callous remark"),
        (("called",), "call", "called"),
    ],
)
def test_a_sentence_says_what_kind_of_thing_happened(dock: Sfa, words: tuple[str, ...], kind: str, text: str) -> None:
    made = dock.ok("log", "dock", *words, "--json").json
    assert (made["kind"], made["text"]) == (kind, text)


def test_of_several_deals_the_open_one_is_moved(dock: Sfa) -> None:
    """A closed one cannot be; of several open ones none is chosen, and only they are listed."""
    dock.ok("opp", "add", "Dock lights", "--account", "blue", "--amount", "1k", "--close", "2026-12-01")
    dock.ok("opp", "lose", "Dock lights", "--reason", "too expensive")
    assert "O-1" in dock.ok("opp", "propose", "dock").out
    dock.ok("opp", "add", "Dock doors", "--account", "blue", "--amount", "1k", "--close", "2026-12-01")
    failed = dock("opp", "negotiate", "dock")
    assert failed.code == 5 and "O-3" in failed.err and "O-1" in failed.err and "O-2" not in failed.err
