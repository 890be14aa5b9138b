"""What becomes of the fields of records that are made one: the survivor's value, unless it is blank; then the most recently changed
other's. Nothing that a person can be reached by is lost, and the strictest opt-out stands.

Pure rules over stored values; moving what belongs to the records is the store's. Source: FORMULAS, "Leads", Duplicates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales.conversion import ADDRESS, NAMES
from sfa.sales.kinds import Field, Kind
from sfa.sales.names import name_key
from sfa.sales.phones import WRITTEN, phone_key

Record = dict[str, Any]
_REACHED = {"email": "other_emails", "phone": "other_phones", "mobile": "other_phones"}
"""Field → the field with further values where the other records' own values go."""


class Choice(NamedTuple):
    """The value of one field of the merged record: whose it is (its place among the records, -1 for a union of several) and why."""

    value: Any
    whose: int
    why: str


def merged(kind: Kind, records: Sequence[Record], takes: dict[str, int]) -> dict[str, Choice]:
    """Field → what the merged record holds, for every field that any of `records` fills. The first of them survives, the others come in
    the order of their last change, the latest first. `takes` says for which fields another record's value wins.

    Raises UsageError for a field that cannot be taken."""
    out: dict[str, Choice] = {}
    _check_takes(kind, records, takes)
    takes = _groups(takes)
    own = {r["id"] for r in records}
    currency = _currency(kind, records, takes)
    for field in kind.stored:
        offered = [_offered(kind, field, r, own, currency) for r in records]
        if any(v is not None for v in offered):
            out[field.name] = _choose(field, records, offered, takes.get(field.name), kind)
    for name in _REACHED:
        _reached(kind, records, out, name)
    for name in kind.columns:
        if name.endswith(WRITTEN):
            _as_written(records, out, name)
    return out


def changes(survivor: Record, chosen: dict[str, Choice]) -> Record:
    """What is to be written into the survivor."""
    return {name: c.value for name, c in chosen.items() if survivor.get(name) != c.value}


def _check_takes(kind: Kind, records: Sequence[Record], takes: dict[str, int]) -> None:
    for name, at in takes.items():
        field = kind.field(name)
        if field.managed or field.sticky or not field.stored or field.many:
            raise UsageError(say("{title} cannot be taken from one record: every record's value counts", title=field.title))
        if records[at].get(field.name) in (None, ""):
            raise UsageError(say("{title} is blank there", title=field.title), "Name a record that fills it.")


def _groups(takes: dict[str, int]) -> dict[str, int]:
    """A name is taken with its parts, an amount with its currency, an address whole."""
    out = dict(takes)
    for group in (NAMES, ADDRESS):
        given = [takes[n] for n in group if n in takes]
        if given:
            out |= {n: takes.get(n, given[0]) for n in group}
    return out


def _currency(kind: Kind, records: Sequence[Record], takes: dict[str, int]) -> str | None:
    """The currency of the merged record's amounts. Raises UsageError where amounts are taken in two."""
    if "currency" not in kind.columns:
        return None
    amounts = [f.name for f in kind.fields if f.type == "money"]
    taken = {records[at].get("currency") for name, at in takes.items() if name in amounts}
    if len(taken) > 1:
        raise UsageError("amounts in different currencies cannot be taken into one record")
    if taken:
        return next(iter(taken))
    if "currency" in takes:
        return str(records[takes["currency"]]["currency"])
    holds = [r for r in records if any(r.get(n) is not None for n in amounts)]
    return (holds or list(records))[0].get("currency")


def _offered(kind: Kind, field: Field, record: Record, own: set[int], currency: str | None) -> Any:
    """What a record offers for a field: no parent that is one of the records, no amount in another currency than the merged record's."""
    value = record.get(field.name)
    if value == "" or (field.type == "ref" and field.to == kind.name and value in own):
        return None
    if field.type == "money" and "currency" in kind.columns and record.get("currency") != currency:
        return None
    return currency if field.name == "currency" and value is not None else value


def _choose(field: Field, records: Sequence[Record], offered: list[Any], taken: int | None, kind: Kind) -> Choice:
    filled = [(at, v) for at, v in enumerate(offered) if v is not None]
    if taken is not None:
        return Choice(offered[taken], taken, "taken")
    if field.sticky:
        at, value = min(filled, key=lambda f: (str(f[1]), f[0]))
        return Choice(value, at, "the strictest")
    if field.many:
        parts = list(dict.fromkeys(p for _, v in filled for p in str(v).split(",") if p))
        return Choice(",".join(parts), filled[0][0] if len(filled) == 1 else -1, "all of them")
    if field.name == "description":
        texts = list(dict.fromkeys(str(v) for _, v in filled))
        apart = [t for t in texts if not any(t != other and t in other for other in texts)]
        return Choice(
            "\n\n".join(apart),
            filled[0][0] if len(apart) == 1 else -1,
            "joined" if len(apart) > 1 else "was blank" if offered[0] is None else "",
        )
    if offered[0] is not None:
        return Choice(offered[0], 0, "")
    group = next((g for g in (NAMES, ADDRESS) if field.name in g), ())
    for at, value in filled:
        if not group or _fits(group, records[0], records[at]):
            return Choice(value, at, "was blank")
    return Choice(None, 0, "")


def _fits(group: tuple[str, ...], survivor: Record, other: Record) -> bool:
    """Whether blanks of a name or an address may be filled: parts of two different ones are never mixed."""
    if group == NAMES:
        return name_key(survivor) == name_key(other)
    return not any(survivor.get(n) and other.get(n) and survivor[n].casefold() != other[n].casefold() for n in group)


def _reached(kind: Kind, records: Sequence[Record], out: dict[str, Choice], name: str) -> None:
    """Put the other records' e-mail or phone, which is not the merged one's, among the further ones."""
    further = _REACHED[name]
    if name not in kind.columns or further not in kind.columns:
        return
    key = str.lower if name == "email" else _number
    here = {key(str(out[n].value)) for n, to in _REACHED.items() if to == further and n in out and out[n].value}
    parts = [p for p in (out[further].value or "").split(",") if p] if further in out else []
    before = list(parts)
    parts = [p for p in parts if key(p) not in here]
    for record in records:
        value = record.get(name)
        if value and key(value) not in here and key(value) not in map(key, parts):
            parts.append(value)
    if parts != before:
        out[further] = Choice(",".join(parts) or None, -1, "all of them")


def _as_written(records: Sequence[Record], out: dict[str, Choice], name: str) -> None:
    """How a number was written goes with the number; of several numbers joined all that was written is kept."""
    number = name.removesuffix(WRITTEN)
    kept = out.get(number, Choice(None, 0, ""))
    text = None
    if kept.value is not None and kept.whose >= 0:
        text = records[kept.whose].get(name)
    elif kept.value is not None:
        moved = [n for n, to in _REACHED.items() if to == number]
        own = {key for n in moved if n in out and (key := _number(str(out[n].value)))}
        texts = [r.get(name) for r in records]
        texts += [r.get(n + WRITTEN) for r in records for n in moved if r.get(n) and _number(r[n]) not in own]
        text = ", ".join(dict.fromkeys(t for t in texts if t)) or None
    out.pop(name, None)
    if text is not None or records[0].get(name) is not None:
        out[name] = Choice(text, kept.whose, kept.why)


def _number(phone: str) -> str:
    """What two ways to write a phone number have in common: its last eight digits, whether the country stands before them or not."""
    return phone_key(phone)[-8:]
