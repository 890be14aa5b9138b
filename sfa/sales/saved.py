"""Which command lines may be saved as reports: those that read."""

from __future__ import annotations

from collections.abc import Sequence

from sfa.errors import Refused, UsageError
from sfa.messages import say

LISTS = ("list", "ls", "show", "board", "health")
"""Verbs of nouns that read."""
WHOLE = ("sql", "search", "history")
"""Commands that read, whatever stands behind them."""
WRITES = {"forecast": ("call", "adjust", "judge"), "report": ("save", "run", "forget")}
"""Commands that read but for these words behind them."""


def check(words: Sequence[str], commands: Sequence[str]) -> None:
    """Raise UsageError where `words` are no command line of one of `commands`, Refused where it does not read."""
    if not words:
        raise UsageError("a saved report needs a command", "As in: sfa report save friday forecast --by team")
    first, second = words[0], words[1] if len(words) > 1 else ""
    if first not in commands:
        raise UsageError(
            say("{first!r} is no command", first=first[:60]),
            "Leave sfa out; options such as --db stand before: sfa --db FILE report run NAME",
        )
    if first in WHOLE or (first in WRITES and second not in WRITES[first]) or second in LISTS:
        return
    line = " ".join(words[:2])
    hint = "Reports, forecasts, lists, searches and sql can be saved."
    if (first, second) == ("report", "run"):
        raise Refused("a saved report does not run another one", "Save the command itself; sfa report list shows it.")
    raise Refused(say("sfa {line} is not a report: only commands that read are saved", line=line[:60]), hint)


def joined(saved: Sequence[str], more: Sequence[str]) -> list[str]:
    """The saved words and those given when it is run. A format that is given then takes the place of the saved one: --json is one too."""
    given = [word for w in more for word in (("--format", "json") if w == "--json" else (w,))]
    other = any(w in ("--format", "-f") or w.startswith("--format=") for w in given)
    return [*(w for w in saved if not (other and w == "--json")), *given]
