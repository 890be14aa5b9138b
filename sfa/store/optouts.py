"""Opt-outs, honoured where people leave the file: who may be contacted on a channel, and whose addresses are left blank.

The strictest opt-out of a person counts: that of a record itself, of the contact that a lead became (and the other way round), and of any
other contact or lead with the same e-mail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales.filters import Condition
from sfa.sales.kinds import Kind
from sfa.sales.sheets import Sheet
from sfa.store import records
from sfa.store.database import Store
from sfa.store.schema import q
from sfa.store.where import where

CHANNELS = {
    "email": ("email", "other_emails"),
    "phone": ("phone", "mobile", "other_phones"),
    "mail": ("street", "postal_code"),
    "sms": ("mobile",),
    "visit": (),
}
"""Channel → the fields that reach a person there; a mobile number is blank where its owner wants no calls, a street where they
want no letters."""
EVERYTHING = "do_not_contact"
_REACHED_BY = {
    **CHANNELS,
    "mail": ("street", "city", "postal_code"),
    "sms": ("mobile", "phone"),
    "visit": ("street", "city", "postal_code"),
}
"""Channel → the fields of which one must be filled for it."""
OF = ("contact", "lead")


class Left:
    """What an export leaves out or blank: people who `opted_out` of the channel asked for, those `without` an address on it, and cells
    that are `blank` because their owner opted out, by channel. The last is complete when the rows have been walked."""

    def __init__(self) -> None:
        self.opted_out = self.without = 0
        self.blank: dict[str, int] = {}


def barred(kind: str, channel: str, alias: str = "t") -> str:
    """SQL: whether the contact or lead `alias` does not want to be contacted on a channel, or at all."""
    return f"({opted_out(kind, f'opt_out_{channel}', alias)} OR {opted_out(kind, EVERYTHING, alias)})"


def opted_out(kind: str, field: str, alias: str) -> str:
    """SQL: whether the contact or lead `alias`, or another record of the same person, has an opt-out."""
    out = f"{field} IS NOT NULL"
    mails = " UNION ".join(f"SELECT lower(email) FROM {k} WHERE {out} AND email IS NOT NULL" for k in OF)
    linked = (
        f"{alias}.contact IN (SELECT id FROM contact WHERE {out})"
        if kind == "lead"
        else f"{alias}.id IN (SELECT contact FROM lead WHERE {out} AND contact IS NOT NULL)"
    )
    return f"({alias}.{out} OR ({alias}.email IS NOT NULL AND lower({alias}.email) IN ({mails})) OR coalesce({linked},0))"


def select(
    store: Store,
    kind: Kind,
    names: list[str],
    conditions: list[Condition],
    channel: str = "",
    told: Sequence[str] | None = None,
    named: Mapping[str, Mapping[int, str]] = {},
) -> tuple[Sheet, Left]:
    """The records that fit, for leaving the file, in the order in which they were made; with `channel` those alone who may be contacted
    there. References to kinds that `named` has the names of come as ids.

    An address that a person does not want to be used is blank where the channel's opt-out is not among the columns, those of them that
    are `told` (default: all), to warn of it. Raises UsageError for a channel that there is none, or a kind that is nobody to contact."""
    left = Left()
    within = _within(store, kind, conditions, channel, left) if channel else ""
    columns: list[tuple[int, str]] = []
    beside: list[str] = []
    for at, name in enumerate(names):
        for one, sql in _unwarned(store, kind, name, names if told is None else told):
            columns.append((at, one))
            beside.append(sql)
    sheet = records.select(store, kind, names, conditions, "id", within=within, beside=tuple(beside), named=named)
    if not columns:
        return sheet, left
    return sheet._replace(rows=_blanked(sheet, columns, left)), left


def _within(store: Store, kind: Kind, conditions: list[Condition], channel: str, left: Left) -> str:
    if kind.name not in OF:
        raise UsageError(say("--for is about people, not {plural}", plural=kind.plural), "Contacts and leads are exported for a channel.")
    if channel not in CHANNELS:
        raise UsageError(
            say("--for is not {channel!r}", channel=channel[:60]), say("Channels: {channels}", channels=together(", ", CHANNELS))
        )
    reached = "(" + " OR ".join(f"t.{q(n)} IS NOT NULL" for n in _REACHED_BY[channel]) + ")"
    no = barred(kind.name, channel)
    clause, params = where(store, kind, conditions)
    sql = f"SELECT coalesce(sum({no}),0), coalesce(sum(NOT {no} AND NOT {reached}),0) FROM {q(kind.name)} t WHERE {clause}"
    left.opted_out, left.without = store.db.execute(sql, params).fetchone()
    return f"NOT {no} AND {reached}"


def _unwarned(store: Store, kind: Kind, name: str, told: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(channel, SQL of whether its owner opted out) for a column that reaches people on a channel whose opt-out is no column beside it."""
    path, alias = name.split("."), "t"
    for step in path[:-1]:
        field = kind.field(step)
        if field.type != "ref":
            return
        kind, alias = store.kinds[field.to], f"{alias}_{field.name}"
    if kind.name in OF:
        for channel, fields in CHANNELS.items():
            untold = [f for f in (f"opt_out_{channel}", EVERYTHING) if ".".join([*path[:-1], f]) not in told]
            if path[-1] in fields and untold:
                yield channel, f"({' OR '.join(opted_out(kind.name, f, alias) for f in untold)})"


def _blanked(sheet: Sheet, columns: list[tuple[int, str]], left: Left) -> Iterator[tuple[Any, ...]]:
    """The rows with blanks in place of addresses not to be used; whether they are stands at the rows' ends."""
    first = -len(columns)
    places = [(sheet.columns[at].at, channel) for at, channel in columns]
    for row in sheet.rows:
        if any(row[first:]):
            cells = list(row)
            for (at, channel), no in zip(places, row[first:], strict=True):
                if no and cells[at] is not None:
                    cells[at] = None
                    left.blank[channel] = left.blank.get(channel, 0) + 1
            row = tuple(cells)
        yield row
