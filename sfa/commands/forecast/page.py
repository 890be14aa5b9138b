"""The manager's page: forecast, movement, trend and calls as one document, on paper (PDF), in a browser (HTML) or as Markdown."""

from __future__ import annotations

from sfa import output

PAGES = ()


def format_of(format: str, json: bool, file: str) -> str:
    """The format in force: as asked, else what the ending of the file says, else what a terminal or a pipe gets. Raises UsageError."""
    ending = file.rpartition(".")[2].lower() if "." in file else ""
    if not format and not json and ending in (*output.FORMATS, "pdf"):
        return ending
    if format == "pdf" and not json:
        return format
    return output.chosen_format(format, json)
