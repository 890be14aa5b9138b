"""What was found out about a file before anything is loaded: told to a person, or described for the JSON summary."""

from __future__ import annotations

from typing import Any

from sfa import output
from sfa.commands.sources import Source
from sfa.sales.values import quoted


def tell_mapping(found: Source) -> None:
    """What was found out about a file, for a person, before anything is loaded."""
    dialect, plan = found.table.dialect, found.plan
    mark = {"\t": "tab"}.get(dialect.delimiter, repr(dialect.delimiter))
    shape = f"delimiter {mark}" if dialect.delimiter else dialect.form
    output.message(f"{found.name}: {dialect.encoding}, {shape}, {len(found.table.header)} columns")
    for note in found.notes:
        output.message(f"  {note}")
    columns = sorted([(c.at, c.header, c.field.name) for c in plan.columns] + [(w.at, w.header, w.title) for w in found.wide])
    wide = min(40, max(len(header) for _, header, _ in columns))
    for at, header, goes in columns:
        sample = next((r.cells[at].strip() for r in found.sample if at < len(r.cells) and r.cells[at].strip()), "")
        output.message(f"  {header:<{wide}} → {goes:<16} {quoted(sample) if sample else ''}".rstrip())
    for name, value in plan.map.set.items():
        output.message(f"  {'every row':<{wide}} → {name:<16} {quoted(value)}")
    if plan.left:
        output.message(f"  left out: {', '.join(name for _, name in plan.left)}")


def described(found: Source) -> dict[str, Any]:
    """How one file was read, for the JSON summary."""
    return {
        "file": found.name,
        "encoding": found.table.dialect.encoding,
        "delimiter": found.table.dialect.delimiter,
        "columns": {c.header: c.field.name for c in found.plan.columns} | {w.header: w.title for w in found.wide},
        "left_out": [name for _, name in found.plan.left],
        "notes": list(found.notes),
    }
