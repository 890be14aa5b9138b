"""What each report's figures mean, in a few sentences: `--explain` prints them. The manual (docs/figures.md) says the same at length."""

from __future__ import annotations

from typing import NamedTuple


class Definition(NamedTuple):
    """`says` are sentences, one a line; `section` is the heading of docs/figures.md that says more."""

    says: tuple[str, ...]
    section: str

    @property
    def link(self) -> str:
        """The page of the manual."""
        return "docs/figures.md#" + self.section.lower().replace(" ", "-").replace("/", "")


DEFINITIONS = {
    "pipeline": Definition(
        (
            "The deals that are open, as they stand; with --period those expected to close in it.",
            "Weighted = the sum of amount × probability, each rounded half-even; omitted deals have none.",
            "Overdue = their expected close has passed. Age = days since they were opened.",
        ),
        "Pipeline and funnel",
    ),
}
"""Report → what its figures mean."""
