"""Which command lines may be saved, and what is made of them when they run."""

from __future__ import annotations

import pytest

from sfa.cli import COMMANDS
from sfa.errors import Refused, UsageError
from sfa.sales.saved import check, joined


@pytest.mark.parametrize(
    "line",
    [
        *(
            "forecast",
            "forecast --by team",
            "forecast owner:me",
            "forecast pace",
            "report winloss --by rep",
            "report list",
            "opp list is:open",
        ),
        *("opp list is:open", "opp health", "opp board", "account ls", "quota list", "sql SELECT", "search pump", "history O-1"),
    ],
)
def test_what_reads_is_saved(line: str) -> None:
    check(line.split(), [*COMMANDS])


@pytest.mark.parametrize(
    "line",
    [
        *(
            "opp add x",
            "opp win O-1",
            "opp edit O-1 amount=1",
            "forecast call --commit 1",
            "forecast adjust A commit 1",
            "forecast judge O-1",
        ),
        *(
            "report save x forecast",
            "report run x",
            "report forget x",
            "undo",
            "redo",
            "import opp f.csv",
            "erase C-1",
            "db vacuum",
            "demo",
        ),
        *("config set limit 3", "log O-1 call x", "lead convert L-1", "quota set A 2026 1", "opp", "export opp", "user hand-over A B"),
    ],
)
def test_what_writes_is_refused(line: str) -> None:
    with pytest.raises(Refused):
        check(line.split(), [*COMMANDS])


@pytest.mark.parametrize("line", ["", "nosuch", "--db x forecast", "sfa forecast"])
def test_what_is_no_command_is_refused(line: str) -> None:
    with pytest.raises(UsageError):
        check(line.split(), [*COMMANDS])


@pytest.mark.parametrize(
    ("saved", "more", "made"),
    [
        ("forecast", "", "forecast"),
        ("forecast --by team", "is:open", "forecast --by team is:open"),
        ("forecast --format md", "--json", "forecast --format md --format json"),
        ("forecast --json", "--format csv", "forecast --format csv"),
        ("forecast --json", "-f csv", "forecast -f csv"),
        ("forecast --json", "--by rep", "forecast --json --by rep"),
    ],
)
def test_more_options_stand_behind(saved: str, more: str, made: str) -> None:
    assert joined(saved.split(), more.split()) == made.split()
