"""Reports on closed and open deals, each in a module of its own that is imported when it runs."""

from __future__ import annotations

from sfa.commands.grouping import Lazy

COMMANDS = Lazy(
    "sfa.commands.report",
    {
        "winloss": "winloss",
        "competitors": "winloss",
        "reasons": "reasons",
        "lost-from": "winloss",
        "leaderboard": "winloss",
        "pipeline": "pipeline",
        "funnel": "funnel",
        "cycle": "cycle",
        "velocity": "velocity",
        "cohort": "cohort",
        "activity": "activity",
        "cadence": "cadence",
        "concentration": "concentration",
        "visits": "visits",
        "winback": "winback",
        "slippage": "slippage",
        "stale": "stale",
        "coverage": "coverage",
        "save": "saved",
        "run": "saved",
        "list": "saved:listing",
        "forget": "saved",
    },
)
