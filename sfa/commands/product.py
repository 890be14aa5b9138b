"""Products: what is sold, with a list price."""

from __future__ import annotations

from sfa.commands.nouns import verbs

COMMANDS = verbs(
    "product",
    {
        "add": "sfa product add 'Flow Meter XL' --code FM-XL --family meters --list-price 1200\n"
        "sfa product add Calibration list_price='€450' family=services",
        "list": "sfa product list family:meters\nsfa product list active:yes 'list_price>1k' --sort -list_price",
        "show": "sfa product show 'Flow Meter'\nsfa product show P-1 --json",
        "edit": "sfa product edit 'Flow Meter' --list-price 950\nsfa product edit P-1 active=no",
        "delete": "sfa product delete 'Flow Meter' --yes\nsfa product delete P-1 --dry-run",
    },
)
