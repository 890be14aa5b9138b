"""How a row of a file meets the record that is there: what differs, what may be written, what a deal's stage makes of the row.

Pure decisions over stored values; reading cells is in `cells.py`, finding the record the store's.
"""

from __future__ import annotations

from typing import Any

from sfa.sales import pipeline
from sfa.sales.kinds import Field, Kind
from sfa.sales.phones import WRITTEN, phone_key

Record = dict[str, Any]
_FEWEST = 7
"""Digits of a phone number at least that say that two are one."""
POLICIES = ("skip", "update", "fill", "fail")
MISSING = ("reject", "create", "blank")


def differing(kind: Kind, before: Record, given: Record) -> Record:
    """The filled fields of a row that the record does not hold so. An opt-out that stands is never lifted nor dated anew."""
    different = {name: value for name, value in given.items() if value is not None and before.get(name) != value}
    if not different:
        return {}
    fields = kind.by_name
    out = {name: value for name, value in different.items() if not (before.get(name) is not None and fields[name].sticky)}
    for name in [n for n in out if fields[n].type == "phone" and _same_number(before, n, out[n])]:
        del out[name]
    return _with_phones(fields, before, given, out)


def _same_number(before: Record, name: str, value: str) -> bool:
    """Whether a record has a number already, kept or written in another way."""
    if before.get(name) is None:
        return False
    if value == before.get(name + WRITTEN):
        return True
    one, other = phone_key(before[name]), phone_key(value)
    return len(min(one, other, key=len)) >= _FEWEST and (one.endswith(other) or other.endswith(one))


def _with_phones(fields: dict[str, Field], before: Record, given: Record, out: Record) -> Record:
    """How a number was written goes with the number: it differs where that does, and is blanked where that came in the form it has."""
    for name in [n for n in out if n.endswith(WRITTEN) and n.removesuffix(WRITTEN) in given]:
        del out[name]
    for name in [number + WRITTEN for number in out]:
        if name in fields and given.get(name) != before.get(name):
            out[name] = given.get(name)
    return out


def counted(written: Record) -> int:
    """How many fields that a person would count are written."""
    return sum(not name.endswith(WRITTEN) for name in written)


def to_write(kind: Kind, before: Record, different: Record, policy: str) -> Record:
    """What `policy` lets a row write: update all that differs, fill only what is blank (no amount in another currency), else nothing."""
    if policy == "update":
        return different
    if policy != "fill":
        return {}
    blank = {n: v for n, v in different.items() if before.get(n) is None and before.get(n.removesuffix(WRITTEN)) is None}
    foreign = "currency" in different and before.get("currency") is not None
    fields = kind.by_name
    return {n: v for n, v in blank.items() if not (foreign and fields[n].type == "money")}


def defaulted(kind: Kind, column: bool, name: str) -> bool:
    """Whether a default fills a blank cell: where the file has no such column, and for choices and yes/no, which are never unknown.

    A blank date or owner in a file that has the column stays blank: the file says that it is not known."""
    field = kind.by_name[name]
    return not column or (field.type in ("choice", "bool", "currency") and not field.many)


def deal(given: Record, outcome: str, before: Record | None) -> tuple[Record, list[str]]:
    """A deal's row (None is a blank cell) as its stage's outcome lets it be, and the fields that it had to drop.

    The date that a deal is expected to close serves as the one when it did where the row has no other, and the other way round where the
    file has no such column. A closed deal's probability and category are its outcome's; an open one has no closed date, and only a lost
    one a day to try again. A secondary reason without a primary one is the primary; one that is the same is dropped."""
    out = {n: v for n, v in given.items() if v is not None}
    dropped = [n for n in _UNFIT[outcome] if out.pop(n, None) is not None]
    if (second := out.get("secondary_reason")) is not None:
        first = out.get("reason") or (before or {}).get("reason")
        if first is None:
            out["reason"] = out.pop("secondary_reason")
        elif first == second:
            del out["secondary_reason"]
            dropped.append("secondary_reason")
    if outcome == "open":
        return out, dropped
    if before is None or before.get("closed") is None:
        if "closed" not in out and "close" in out:
            out["closed"] = out["close"]
        if "close" not in given and "closed" in out:
            out["close"] = out["closed"]
    return {n: v for n, v in out.items() if n not in pipeline.SET_BY_STAGE}, dropped


_UNFIT = {"open": ("closed", "revisit"), "won": ("revisit",), "lost": ()}
"""Outcome → the fields that a deal with it cannot have."""


def new_deal(given: Record, stage: Record, today: str) -> Record:
    """A new deal in `stage`: the stage sets what the row does not say; exit criteria, required fields and reasons bind people, not files.

    Raises Refused for an open deal in the category closed."""
    return {**given, **pipeline.entered(given, stage, given, today, bind=False)}


def blanked(given: Record, settled: Record) -> Record:
    """The fields of a row that `deal` took away and no stage sets again, as blanks."""
    return {n: None for n in ("secondary_reason", "revisit") if given.get(n) is not None and n not in settled}


def moved_deal(before: Record, written: Record, stage: Record, today: str) -> Record:
    """What else changes in a deal that a file moves to another stage; of a deal that is open again nothing is said of how it ended."""
    out = {**written, **pipeline.entered({**before, **written}, stage, written, today, bind=False)}
    if stage["outcome"] == "open" and before.get("closed") is not None:
        out = {**dict.fromkeys(pipeline.OF_OUTCOME), **out}
    return {n: v for n, v in out.items() if before.get(n) != v}
