"""Accounts: the companies that we sell to, buy from, work with and compete against."""

from __future__ import annotations

from sfa.commands.nouns import assigning, verbs

COMMANDS = {
    **verbs(
        "account",
        {
            "add": """sfa account add 'Grey Quay Ltd' --industry logistics --country Ireland
sfa account add 'Other Rival' types=competitor website=rival.example""",
            "list": """sfa account list types:customer country:Ireland
sfa account list owner:me --columns ref,name,annual_revenue --sort -annual_revenue""",
            "show": "sfa account show 'Blue Harbor'\nsfa account show A-1 --json",
            "edit": "sfa account edit 'Blue Harbor' types=customer,partner employees=120\nsfa account edit country:Ireland owner=me --yes",
            "delete": "sfa account delete 'Old Mill' --yes\nsfa account delete A-1 --cascade --dry-run",
        },
    ),
    "assign": assigning("account"),
}
