"""Rows of a calendar as activities: whom an event was with follows from the addresses of its attendees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sfa.sales.cells import Bad
from sfa.sales.mapping import Plan
from sfa.sales.moments import stamp_text
from sfa.sales.rows import Columns, RowReader
from sfa.sales.values import Context


class Person(NamedTuple):
    """Someone with an e-mail address: a contact, a lead or a user, by the long form of the reference; a contact's account likewise."""

    kind: str
    ref: str
    account: str | None = None


Known = Callable[[set[str]], dict[str, set[Person]]]
"""Finds who has these addresses (in lower case)."""


class AttendeeRows(RowReader):
    """Reads batches of rows; an event gets the one contact, else the one lead, that its attendees' addresses name, and that contact's
    account. `notes` counts what is still to come, attendees that nobody here has as an address, and events with several contacts."""

    def __init__(self, plan: Plan, context: Context, orders: dict[int, str], known: Known) -> None:
        super().__init__(plan, context, orders)
        self.known = known
        self.now = stamp_text(context.calendar.now)

    def read(self, rows: Sequence[Sequence[str]], again: bool = False) -> tuple[Columns, Bad]:
        columns, bad = super().read(rows, again)
        if not again and (coming := sum(when is not None and when > self.now for when in columns.get("when", ()))):
            self.notes["of them are still to come"] += coming
        given = [name for name in ("contact", "lead") if name in columns]
        cells = [tuple(_addresses(columns[name][i]) for name in given) for i in range(len(rows))]
        people = self.known({address for row in cells for each in row for address in each})
        accounts = columns.get("account") or [None] * len(rows)
        for i, row in enumerate(cells):
            addresses = list(dict.fromkeys(address for each in row for address in each))
            if not addresses:
                continue
            found = set().union(*(people.get(a, set()) for a in addresses))
            contacts, leads = ([p for p in found if p.kind == k] for k in ("contact", "lead"))
            chosen = {
                "contact": contacts[0] if len(contacts) == 1 else None,
                "lead": leads[0] if len(leads) == 1 and not contacts else None,
            }
            for name, each in zip(given, row, strict=True):
                if each:
                    person = chosen[name]
                    columns[name][i] = person.ref if person else None
                    accounts[i] = accounts[i] or (person.account if person else None)
            if not again and (strangers := sum(not people.get(a) for a in addresses)):
                self.notes["attendees who are no contact, lead or user here, left out"] += strangers
            if not again and len(contacts) > 1:
                self.notes["activities with several known contacts, linked to none"] += 1
        if any(accounts):
            columns["account"] = accounts
        return columns, bad


def _addresses(cell: str | None) -> list[str]:
    """The addresses in a cell; none where it says something else."""
    parts = [p.strip().lower() for p in (cell or "").split(",") if p.strip()]
    return parts if parts and all("@" in p for p in parts) else []
