"""Reasons: why deals are won and lost, as win/loss reports group them, and when a lost one is worth another try. Their rules are in
`sales/reasons.py`."""

from __future__ import annotations

from sfa.commands.nouns import verbs

COMMANDS = verbs(
    "reason",
    {
        "add": "sfa reason add 'Stayed with incumbent' --group competitor --revisit-months 12\n"
        "sfa reason add 'Faster delivery' --outcome won --weight 2",
        "list": "sfa reason list outcome:lost\nsfa reason list group:price recoverable:yes --format csv",
        "edit": "sfa reason edit 'Too expensive' name='Price too high' revisit_months=9\n"
        "sfa reason edit R-4 --group budget --recoverable no",
    },
    only=("add", "list", "edit"),
)
