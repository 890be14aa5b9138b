"""What became of a capture: counted, told to a person, given as JSON to a script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sfa import output
from sfa.commands.importing.summary import tell_outcome
from sfa.store import attaching
from sfa.store.database import Store

MOST_NAMED = 3
"""Deals and strange files that are named."""


def things(many: int, one: str, several: str = "") -> str:
    """`1 message`, `3 messages`."""
    return f"{many:,} {one if many == 1 else several or one + 's'}"


def outcome(summary: Mapping[str, Any], what: str, details: Sequence[str]) -> None:
    """The line that says what was read and what became of it, then what else there is to say."""
    ways = [f"{summary[n]:,} {word}" for n, word in (("sent", "sent"), ("received", "received")) if summary.get(n)]
    which = f" ({', '.join(ways)})" if ways else ""
    counts = [f"{summary['new']:,} new{which}"] if summary["new"] else []
    counts += [f"{summary[n]:,} {word}" for n, word in (("updated", "updated"), ("removed", "taken off")) if summary.get(n)]
    counts += [f"{summary['unchanged']:,} already there"] if summary["unchanged"] else []
    tell_outcome(dict(summary), f"{what}: {', '.join(counts) or 'nothing to capture'}")
    for line in details:
        output.message(f"  {line}")


def on_deals(store: Store, deals: Counter[int], alone: int) -> list[str]:
    """What went to deals, and what stays on contacts, leads and accounts."""
    lines = []
    if deals:
        most = [n for n, _ in deals.most_common()]
        lines.append(f"on {things(len(deals), 'deal')}: {deals.total():,} ({attaching.listing(store, most, MOST_NAMED)})")
    if alone:
        lines.append(f"on contacts, leads and accounts alone: {alone:,}")
    return lines


def strange(names: Sequence[str]) -> list[str]:
    """Files that hold nothing of what is captured."""
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return [f"files that hold none: {', '.join(names[:MOST_NAMED])}{more}"] if names else []
