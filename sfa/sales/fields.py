"""What a kind of record and a field are: the words of the one description that `kinds.py` gives."""

from __future__ import annotations

from typing import NamedTuple

from sfa.errors import UsageError
from sfa.messages import say, together

TYPES = {
    "text": "any text",
    "money": "an amount such as 12k, 1.2m, €1.234,56",
    "currency": "a currency code such as EUR",
    "date": "a date such as 2026-11-23, fri, +3d, eom",
    "stamp": "a date and time such as 2026-11-23 14:30",
    "period": "a period such as 2026-Q4, FY26-Q1, 2026-11",
    "ref": "a reference such as O-12, a name or a unique part of one",
    "choice": "one of a list",
    "bool": "yes or no",
    "number": "a number",
    "email": "an e-mail address",
    "phone": "a phone number",
    "percent": "a whole percentage from 0 to 100",
    "rate": "what one of the currency costs in the base, such as 1.0842 USD for one EUR",
    "optout": "yes, or a date and a source such as '2026-03-04 web form'",
    "duration": "a length of time such as 45m, 1h30 or 90 (minutes)",
    "cadence": "how often, such as weekly, monthly, every 6w",
    "birthday": "a date, or a day and a month such as 05-01",
    "people": "references or names, with commas between them",
    "external": "the record's id in another system",
    "id": "the id of a record of any kind",
}
PEOPLE_END = "\x1f"
"""Between the names of several people in one value: no name holds it."""
USER_TYPES = ("text", "money", "date", "stamp", "choice", "bool", "number", "email", "phone", "percent")


class Field(NamedTuple):
    """One field. `many` holds several values in one cell (comma-separated); `sticky` values are never lifted by import or undo;
    `personal` ones are blanked by `sfa erase`; `listed` ones stand in a plain listing; `option` ones have an option of their own. What is
    `usual` need not be shown where every record of a listing has it."""

    name: str
    type: str = "text"
    label: str = ""
    to: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    many: bool = False
    sticky: bool = False
    personal: bool = False
    listed: bool = False
    option: bool = False
    default: str = ""
    user: bool = False
    managed: bool = False
    usual: str = ""

    @property
    def stored(self) -> bool:
        """Whether the field is a column of its kind's table."""
        return self.type not in ("external", "people")

    @property
    def title(self) -> str:
        return self.label or self.name.replace("_", " ")


class Kind(NamedTuple):
    """One kind of record. `noun` is its command; where a file has no id, the fields that are `unique` together identify a record, else
    any of `key`."""

    name: str
    prefix: str
    noun: str
    plural: str
    fields: tuple[Field, ...]
    key: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    order: str = "name"
    unique: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """What a record of this kind is called in a sentence."""
        return self.name.replace("_", " ")

    @property
    def by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    @property
    def stored(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.stored)

    @property
    def columns(self) -> tuple[str, ...]:
        """Column names in table order, without id, op and since."""
        return tuple(f.name for f in self.fields if f.stored)

    @property
    def listed(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields if f.listed)

    def field(self, name: str) -> Field:
        """The field called `name` (dashes and upper case forgiven). Raises UsageError with the nearest names."""
        wanted = name.strip().lower().replace("-", "_")
        for f in self.fields:
            if f.name == wanted:
                return f
        raise unknown(self, name)


def kind(name: str, prefix: str, noun: str, fields: tuple[Field, ...], plural: str = "", **more: object) -> Kind:
    """A kind of record; where no plural is given, it is the noun's with an s."""
    return Kind(name, prefix, noun, plural or noun + "s", fields, **more)  # type: ignore[arg-type]


def unknown(kind: Kind, name: str) -> UsageError:
    """The error for a field that a kind does not have, naming the nearest ones."""
    import difflib

    names = [f.name for f in kind.fields]
    near = difflib.get_close_matches(name.lower(), names, 3)
    hint = (
        say("Did you mean {near}?", near=together(" or ", (repr(n) for n in near)))
        if near
        else say("Fields: {names}", names=together(", ", names))
    )
    return UsageError(say("{word} has no field {name!r}", word=kind.word, name=name[:60]), hint)
