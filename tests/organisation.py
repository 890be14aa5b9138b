"""A real organisation's deals and their history, two files of another product: read by csv and datetime alone, loaded in its stages."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from conftest import Sfa
from exports import folder_of, rows

STAGES = ("Needs Analysis", "Value Proposition", "Id. Decision Makers", "Perception Analysis", "Proposal/Price Quote", "Negotiation/Review")
OURS = {"Closed Won": "Won", "Closed Lost": "Lost"}


def files(shared: Path) -> Path:
    return folder_of(shared, "sf_powerbi_history")


def when(row: dict[str, str]) -> datetime:
    return datetime.strptime(row["CreatedDate"], "%m/%d/%y %I:%M %p")


def close_date(row: dict[str, str]) -> date:
    return datetime.strptime(row["CloseDate"], "%m/%d/%y").date()


def history(folder: Path) -> list[dict[str, str]]:
    """The rows of its history in order of time, those of one minute as in the file."""
    return sorted(rows(folder / "OpportunityHistory.csv"), key=when)


def load_deals(sfa: Sfa, folder: Path) -> None:
    """Its deals as they are now, in its stages."""
    for i, name in enumerate(STAGES):
        sfa.ok("stage", "add", name, "--probability", "50", "--order", f"3.{i + 1}")
    sfa.ok("import", "opp", str(folder / "Opportunity.csv"), "--source", "sf", "--on-missing", "blank")
