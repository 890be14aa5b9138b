"""The options that many commands have, each worded once, and nothing else: a command that needs no more than these starts sooner."""

from __future__ import annotations

from typing import Annotated

import typer

Format = Annotated[
    str,
    typer.Option(
        "--format",
        "-f",
        metavar="FORMAT",
        help="table, tsv, csv, json, ndjson, md or html (default: a table on a terminal, TSV in a pipe).",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="The same as --format json.")]
AsOf = Annotated[str, typer.Option("--as-of", metavar="DATE", help="Show what was true then; a date means the end of that day.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Answer yes to every question.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and write nothing.")]
Columns = Annotated[
    str, typer.Option("--columns", metavar="A,B", help="The columns to show; a reference's field as account.industry; all for all.")
]
Sort = Annotated[str, typer.Option("--sort", "-s", metavar="A,-B", help="Sort by these fields; - in front for falling.")]
Limit = Annotated[
    int | None,
    typer.Option("--limit", "-n", metavar="N", min=0, help="Rows at most; 0 shows all (default: 50 on a terminal, all in a pipe)."),
]
Effective = Annotated[str, typer.Option("--effective", metavar="DATE", help="Date the change back: it took effect then.")]
