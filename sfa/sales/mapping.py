"""Which column of a file is which field: matched by the names that products give them, corrected by a map file.

Cells are read in `cells.py`; here only headers and the map are looked at, and cells where a header says nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales import guesses
from sfa.sales.kinds import Field, Kind
from sfa.sales.mapfile import Map as Map
from sfa.sales.mapfile import read_map as read_map
from sfa.sales.profiles import aliases, names_of, words
from sfa.sales.profiles import plain as plain
from sfa.sales.profiles.profile import Profile
from sfa.sales.values import quoted

IGNORED = ("sfa_line", "sfa_reason")
"""Columns that a file of rejected rows has beside its own; they are never looked at."""
DATES = "sfa_dates"
"""The column in which such a file has how dates are written, where only the whole file that it is from could prove it."""
CERTAIN, LIKELY, GUESS = "certain", "likely", "guess"
"""How sure a column's field is: said by the map, a product's profile or the field's own name; by a name that exports in general use; by
what the cells look like alone."""
_TEXTS = {"note": "note", "call": "call", "meeting": "meeting", "email": "email"}
"""What the header of an activity's text begins with → what activities are then."""
_MANAGED = 1000
_PROFILE = -1000


class Mapped(NamedTuple):
    """One column that goes somewhere: its place in the row, its header, the field that it feeds, how sure that is."""

    at: int
    header: str
    field: Field
    sure: str = CERTAIN


class Plan(NamedTuple):
    """Where the columns of a file go: those mapped, and (place, header) of those that go nowhere. `map` has the values of the product
    that it is of beside those given. `deleted` is the place of the column that says which rows are gone there (-1: none); `may_be` are
    columns whose cells look like a field's which another column may be as well: they go nowhere. `outcome` is the place of a column that
    says of a deal that it is won or lost whatever its stage (-1: none)."""

    kind: Kind
    columns: tuple[Mapped, ...]
    left: tuple[tuple[int, str], ...]
    map: Map
    profile: Profile | None = None
    deleted: int = -1
    may_be: tuple[Mapped, ...] = ()
    outcome: int = -1

    @property
    def width(self) -> int:
        """The columns of the file, as far as they are known here."""
        return 1 + max((at for at in (*(c.at for c in self.columns), *(at for at, _ in self.left), self.deleted, self.outcome)), default=0)

    def feeding(self, name: str) -> list[Mapped]:
        """The columns that feed the field called `name`."""
        return [c for c in self.columns if c.field.name == name]


# Headers ----------------------------------------------------------------------------------------------------------------------------


def match(kind: Kind, header: list[str], samples: list[list[str]], given: Map, profile: Profile | None = None, guess: bool = False) -> Plan:
    """Where each column of a file goes. A header that the product's profile names beats one that is a field's name, that one its label,
    that one an alias, and, with `guess`, that one what cells look like; each field takes one column, a field that holds several values
    takes all that fit. Raises UsageError where nothing fits or the map names no column."""
    taken = {i: (field, CERTAIN) for i, field in _explicit(kind, header, given).items()}
    aside = set(map(plain, (*IGNORED, DATES, *names_of(profile, kind.name, ""))))
    free = [i for i, name in enumerate(header) if i not in taken and plain(name) not in aside]
    for i in free:
        if _is_own(kind, header[i], i, samples):
            taken[i] = Field("id", "self", to=kind.name), CERTAIN
            break
    used = {f.name for f, _ in taken.values() if f} | given.set.keys()
    filled = {i for i in free if any(i < len(row) and row[i].strip() for row in samples)}
    # Of two columns that are as surely a field, the one that holds something is it.
    for rank, i, field in sorted(
        _candidates(kind, header, free, profile),
        key=lambda c: (c[0] >= 0, c[0] >= _MANAGED, c[1] not in filled and c[0] not in (0, 1), *c[:2]),
    ):
        if i not in taken and (field.name not in used or (field.many and field.name not in given.set)):
            taken[i] = field, LIKELY if rank % _MANAGED > 1 and rank >= 0 else CERTAIN
            used.add(field.name)
    seen, may_be = guesses.of(kind, [i for i in free if i not in taken], samples, used) if guess else ({}, {})
    taken |= {i: (field, GUESS) for i, field in seen.items()}
    columns = tuple(Mapped(i, header[i], f, sure) for i, (f, sure) in sorted(taken.items()) if f)
    if not columns:
        raise UsageError(
            say("no column fits a field of {plural}: {header}", plural=kind.plural, header=together(", ", map(quoted, header[:8]))),
            say("Say with --map which is which. Fields: {fields}", fields=together(", ", (f.name for f in kind.fields))),
        )
    given = _usual_kind(kind, columns, given)
    deleted = _deleted(header, profile, {c.at for c in columns})
    outcome = _outcome(header, profile, columns)
    mapped = {c.at for c in columns} | {deleted, outcome}
    left = tuple((i, name) for i, name in enumerate(header) if i not in mapped and plain(name) not in map(plain, (*IGNORED, DATES)))
    doubtful = tuple(Mapped(i, header[i], f, GUESS) for i, f in sorted(may_be.items()))
    return Plan(kind, columns, left, _with_values(kind, given, profile), profile, deleted, doubtful, outcome)


def _deleted(header: list[str], profile: Profile | None, mapped: set[int]) -> int:
    """The place of the column that says that a record is deleted in the product, -1 for none."""
    name = plain(profile.deleted) if profile and profile.deleted else ""
    return next((i for i, h in enumerate(header) if name and plain(h) == name and i not in mapped), -1)


def _usual_kind(kind: Kind, columns: tuple[Mapped, ...], given: Map) -> Map:
    """The map with what activities are that no column says it of: notes, calls, meetings, by what the column of their text is called."""
    if kind.name != "activity" or "kind" in given.set or any(c.field.name == "kind" for c in columns):
        return given
    text = next((plain(c.header) for c in columns if c.field.name == "text"), "")
    found = next((ours for start, ours in _TEXTS.items() if text.startswith(start)), "")
    return given._replace(set={**given.set, "kind": found}) if found else given


def _outcome(header: list[str], profile: Profile | None, columns: tuple[Mapped, ...]) -> int:
    """The place of the column that says which deals are won and lost where another gives the stage, -1 for none."""
    names = [*map(plain, profile.outcome.split(" | "))] if profile and profile.outcome else []
    taken = {c.at for c in columns}
    staged = any(c.field.name == "stage" and c.field.to == "stage" for c in columns)
    return next((i for n in names for i, h in enumerate(header) if plain(h) == n and i not in taken), -1) if staged else -1


def _with_values(kind: Kind, given: Map, profile: Profile | None) -> Map:
    """The map with our values for the product's own and for words in general use; what the map says of a value goes first."""
    values = words(kind.name, profile)
    fields = {*values, *given.values}
    return given._replace(
        values={f: {**_but(values.get(f, {}), given.values.get(f, {})), **given.values.get(f, {})} for f in sorted(fields)}
    )


def _but(values: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """Values without those that are given otherwise, capitals forgiven."""
    other = set(map(str.casefold, given))
    return {k: v for k, v in values.items() if k.casefold() not in other}


def _explicit(kind: Kind, header: list[str], given: Map) -> dict[int, Field | None]:
    """Place → field of the columns that the map names; None for those that it leaves out."""
    out: dict[int, Field | None] = {}
    names: dict[str, str] = {}
    for key, target in given.columns.items():
        places = [i for i, name in enumerate(header) if name == key] or [i for i, name in enumerate(header) if plain(name) == plain(key)]
        if not places:
            import difflib

            near = difflib.get_close_matches(key, header, 3)
            raise UsageError(
                say("[columns] {key!r}: the file has no such column", key=key[:60]),
                say("Did you mean {near}?", near=" or ".join(map(repr, near)))
                if near
                else say("Columns: {header}", header=together(", ", header[:40])),
            )
        field = kind.field(target) if target else None
        if field and field.name in names and not field.many:
            raise UsageError(
                say("[columns] {names!r} and {key!r} both feed {name}", names=names[field.name], key=key, name=field.name),
                "A field takes one column.",
            )
        if field and field.name in given.set:
            raise UsageError(
                say("[columns] {key!r} feeds {name}, which [set] gives to every row", key=key, name=field.name), "Leave one of them out."
            )
        if field:
            names[field.name] = key
        out[places[0]] = field
    return out


def _candidates(kind: Kind, header: list[str], free: list[int], profile: Profile | None) -> list[tuple[int, int, Field]]:
    """(rank, place, field) of every fit; what the program sets itself comes last."""
    out = []
    heads = [(i, plain(header[i])) for i in free]
    for field in kind.fields:
        names = [plain(n) for n in (field.name, field.title, *aliases(kind.name, field.name))]
        later = _MANAGED if field.managed else 0
        own = [plain(n) for n in names_of(profile, kind.name, field.name)]
        for i, head in heads:
            if head and head in own:
                out.append((_PROFILE + own.index(head), i, field))
            elif head and head in names:
                out.append((later + names.index(head), i, field))
    return out


def _is_own(kind: Kind, name: str, at: int, samples: list[list[str]]) -> bool:
    """Whether a column holds this program's own ids in the long form, which mean the same record in every database."""
    if plain(name) not in ("id", "ref") or not kind.prefix:
        return False
    cells = [c for c in (row[at].strip() for row in samples if at < len(row)) if c]
    return bool(cells) and all(re.fullmatch(own_form(kind), c) for c in cells)


def own_form(kind: Kind) -> str:
    """The pattern of a long reference to a record of `kind`."""
    return rf"(?i){kind.prefix}-[0-9a-z]{{4}}-[0-9]{{1,12}}"


def date_columns(plan: Plan) -> list[Mapped]:
    """The columns whose cells are dates, in an order of day and month yet to be found."""
    dated = ("date", "stamp", "optout", "birthday", *(["period"] if plan.map.length else []))
    return [] if plan.map.dates else [c for c in plan.columns if c.field.type in dated]


def settled(text: str) -> bool:
    """Whether a date cell reads the same in every order: blank, or its year in front."""
    return not text or bool(re.match(r"\d{4}(?!\d)|\d{8}(?!\d)", text.strip())) or not re.match(r"\s*\d", text)
