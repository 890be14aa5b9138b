"""Stages: the steps of a pipeline. Their rules are in `sales/pipeline.py`; a stage's verb becomes a command of `sfa opp`."""

from __future__ import annotations

from sfa.commands.nouns import verbs

COMMANDS = verbs(
    "stage",
    {
        "add": "sfa stage add Demo --order 2.5 --probability 35 --verb demo --exit-criteria amount,contact\n"
        "sfa stage add 'On hold' --probability 10 --category omitted",
        "list": "sfa stage list\nsfa stage list outcome:open --columns name,probability,category,exit_criteria",
        "edit": "sfa stage edit Proposal --probability 60 --exit-criteria amount\n"
        "sfa stage edit Lost required_fields=reason,competitor\nsfa stage edit S-4 name=Contract verb=contract",
    },
    only=("add", "list", "edit"),
)
