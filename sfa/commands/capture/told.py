"""What became of a capture: counted, told to a person, given as JSON to a script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sfa import output
from sfa.commands.importing.summary import tell_outcome
from sfa.messages import say, together
from sfa.sales import refs
from sfa.store import attaching, lookup
from sfa.store.capturing import Entry
from sfa.store.database import Store

MOST_NAMED = 3
"""Deals and strange files that are named."""


def things(many: int, one: str, several: str = "") -> str:
    """`1 message`, `3 messages`."""
    return say("{many:,} {noun}", many=many, noun=one if many == 1 else several or f"{one}s")


def outcome(summary: Mapping[str, Any], what: str, details: Sequence[str]) -> None:
    """The line that says what was read and what became of it, then what else there is to say."""
    ways = [say("{sent:,} sent", sent=summary["sent"])] if summary.get("sent") else []
    ways += [say("{received:,} received", received=summary["received"])] if summary.get("received") else []
    which = say(" ({ways})", ways=together(", ", ways)) if ways else ""
    counts = [say("{new:,} new{which}", new=summary["new"], which=which)] if summary["new"] else []
    counts += [say("{updated:,} updated", updated=summary["updated"])] if summary.get("updated") else []
    counts += [say("{removed:,} taken off", removed=summary["removed"])] if summary.get("removed") else []
    counts += [say("{unchanged:,} already there", unchanged=summary["unchanged"])] if summary["unchanged"] else []
    tell_outcome(dict(summary), say("{what}: {counts}", what=what, counts=together(", ", counts) if counts else "nothing to capture"))
    for line in details:
        output.message(say("  {line}", line=line))


def on_deals(store: Store, deals: Counter[int], alone: int, several: int) -> list[str]:
    """What went to deals, and what stays on contacts, leads and accounts: `several` of it because more than one deal was running."""
    lines = []
    if deals:
        most = [n for n, _ in deals.most_common()]
        lines.append(
            say(
                "on {things}: {total:,} ({listing})",
                things=things(len(deals), "deal"),
                total=deals.total(),
                listing=attaching.listing(store, most, MOST_NAMED),
            )
        )
    if alone:
        lines.append(say("on contacts, leads and accounts alone: {alone:,}", alone=alone))
    if several:
        lines.append(
            say(
                "{several_deals:,} of these: several deals were running (`sfa activity edit REF opportunity=…` says which)",
                several_deals=several,
            )
        )
    return lines


def unwanted(store: Store, entries: Sequence[Entry]) -> list[str]:
    """Who was written to, or called, though they do not want that."""
    from sfa.store import wishes

    out = [e for e in entries if e.direction == "out"]
    done = [(e.when, kind, n) for e in out for kind, n in (("lead", e.lead), *(("contact", c) for c in (e.contact, *e.others))) if n]
    found = wishes.against(store, out[0].kind, done) if out else {}
    shown = [
        f"{refs.show(kind, n, store.site)} {lookup.label(store.kinds[kind], lookup.get(store, kind, n) or {})} ({times:,})"
        for (kind, n), times in list(found.items())[:MOST_NAMED]
    ]
    more = say(" and {count:,} more", count=len(found) - MOST_NAMED) if len(found) > MOST_NAMED else ""
    return [say("sent or called against their wish: {shown}{more}", shown=together(", ", shown), more=more)] if found else []


def strange(names: Sequence[str]) -> list[str]:
    """Files that hold nothing of what is captured."""
    more = say(" and {count:,} more", count=len(names) - MOST_NAMED) if len(names) > MOST_NAMED else ""
    return [say("files that hold none: {names}{more}", names=together(", ", names[:MOST_NAMED]), more=more)] if names else []
