"""Activities: what was logged on records, listed and corrected. `sfa log` writes them."""

from __future__ import annotations

from sfa.commands.nouns import verbs

COMMANDS = verbs(
    "activity",
    {
        "list": "sfa activity list is:open owner:me --sort due\nsfa activity list kind:call 'when:this month' --limit 10\n"
        "sfa activity list tags:pricing outcome:positive 'duration>30m' others:wei",
        "show": "sfa activity show AC-1\nsfa activity show AC-1 --json",
        "edit": "sfa activity edit AC-1 done=yes\nsfa activity edit AC-1 text='Talked to Wei about the renewal' when='yesterday 15:30'",
        "delete": "sfa activity delete AC-1 --yes\nsfa activity delete AC-1 --dry-run",
    },
    only=("list", "show", "edit", "delete"),
)
