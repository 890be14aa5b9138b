"""Reasons: why deals are won and lost, as win/loss reports group them."""

from __future__ import annotations

from sfa.commands.nouns import verbs

COMMANDS = verbs(
    "reason",
    {
        "add": "sfa reason add 'Stayed with incumbent' --group competitor\nsfa reason add 'Faster delivery' --outcome won",
        "list": "sfa reason list outcome:lost\nsfa reason list group:price --format csv",
        "edit": "sfa reason edit 'Too expensive' name='Price too high'\nsfa reason edit R-4 --group budget",
    },
    only=("add", "list", "edit"),
)
