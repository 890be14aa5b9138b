"""Contacts: the people at an account, with how they may and may not be reached."""

from __future__ import annotations

from sfa.commands.nouns import verbs

COMMANDS = verbs(
    "contact",
    {
        "add": "sfa contact add 'Nora Lind' --account 'Blue Harbor' --title 'Head of Buying'\n"
        "sfa contact add first_name=Wei last_name=Chen account=A-1 opt_out_sms=yes",
        "list": "sfa contact list account:'Blue Harbor'\n"
        "sfa contact list opt_out_email:none email:any --columns name,email,account.country",
        "show": "sfa contact show 'Wei Zhang'\nsfa contact show C-1 --json",
        "edit": "sfa contact edit 'Wei Zhang' title='Chief Buyer' phone='+353 1 555 0100'\n"
        "sfa contact edit C-1 opt_out_email='2026-11-02 asked by phone'\n"
        "sfa contact edit C-1 cadence=monthly channel=email times=mornings birthday=05-01",
        "delete": "sfa contact delete 'Wei Zhang' --yes\nsfa contact delete C-1 --dry-run",
    },
)
