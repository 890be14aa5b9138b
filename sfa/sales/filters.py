"""The filter language, one grammar everywhere: `owner:me stage:proposal 'amount>10k' close:2026-Q4 -source:web text~renewal`.

Here words become conditions; the store makes SQL of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sfa.errors import Refused, UsageError, did_you_mean
from sfa.messages import say, together
from sfa.sales.kinds import KINDS, Kind, unknown
from sfa.sales.refs import parse as parse_ref
from sfa.sales.values import quoted

_SAVED = r"([-!]?)@([^\W\d_][\w-]*)\Z"
"""A saved filter: its name begins with a letter, which tells it from `@-`, the record touched last, and from `@acme.com`."""
_TOKEN = r"(?s)([-!]?)([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)?)(!=|<=|>=|:|=|<|>|~)(.*)\Z"
STATES = {
    "opportunity": ("open", "won", "lost", "closed", "overdue", "mine"),
    "lead": ("open", "closed", "mine"),
    "activity": ("open", "overdue", "mine"),
    "task": ("open", "done", "overdue", "mine"),
    "account": ("mine",),
    "contact": ("mine",),
    "quota": ("mine",),
}
OF_PEOPLE = ("team", "region", "manager")
"""Fields of a record's owner that reports slice by, so that people ask for them as if they were the record's."""
ORDERED = ("money", "date", "stamp", "number", "percent", "period", "rate", "duration")
HELP = """\
field:value      is (a reference by ref, name or part of it; a date by day or period; text may end in *)
field:a,b        is one of
field>value      also >=, <, <=: amounts, dates, numbers, percentages
field~text       contains
field:none       is blank; field:any is filled
-field:value     is not (blank ones included); also field!=value
text~word        any text of the record contains; a bare word is the same
O-12             this record; ref:O-12,O-13 these
is:open          also won, lost, closed, overdue, mine
account.industry:tech   a field of the record that a reference points to
@hot             what a saved filter finds (sfa filter save hot …); -@hot all else
"""


class Condition(NamedTuple):
    """One condition: `path` is a field, one of a reference (account.industry), `text`, `ref` or `is`; `values` are alternatives. One that
    asks for what a saved filter does not find has `saved` as its path and that filter's own conditions `within`."""

    path: str
    op: str
    values: tuple[str, ...]
    negated: bool
    within: tuple[Condition, ...] = ()


def is_condition(word: str, kind: Kind) -> bool:
    """Whether `word` reads as a condition on a field that `kind` has; otherwise it may be a reference or free text."""
    found = re.match(_TOKEN, word)
    if saved_name(word):
        return True
    return found is not None and (found[2].partition(".")[0].lower().replace("-", "_") in {*kind.by_name, "is", "text", "ref"})


def is_shaped(word: str) -> bool:
    """Whether `word` is meant as a condition, on whatever field."""
    return saved_name(word) != "" or re.match(_TOKEN, word) is not None


def saved_name(word: str) -> str:
    """The name of the saved filter that `word` asks for (@hot, -@hot), or nothing."""
    found = re.match(_SAVED, word.strip())
    return found[2] if found else ""


def leaves(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """The single conditions, those within others too."""
    for c in conditions:
        if c.within:
            yield from leaves(c.within)
        else:
            yield c


def parse(
    words: Sequence[str],
    kind: Kind,
    kinds: Mapping[str, Kind] = KINDS,
    saved: Callable[[str], list[str]] | None = None,
    around: tuple[str, ...] = (),
) -> list[Condition]:
    """The conditions in `words`; a word that is none asks for its text. `kinds` are the company's, with its own fields; `saved` gives the
    words of a saved filter, `around` are the names of those that these words stand in. Raises UsageError for an unknown field or an odd
    operator, Refused for saved filters that go round in a circle."""
    out = []
    for word in words:
        if (name := saved_name(word)) and saved:
            inner = _saved(name, kind, kinds, saved, around)
            # What has to hold anyway stands beside the others; what must not hold together stands together.
            out += [Condition("saved", ":", (name,), True, tuple(inner))] if word.strip()[0] in "-!" else inner
        elif word.strip():
            out.append(_one(word, kind, kinds))
    return out


def _saved(name: str, kind: Kind, kinds: Mapping[str, Kind], saved: Callable[[str], list[str]], around: tuple[str, ...]) -> list[Condition]:
    path = (*around, name)
    if name.casefold() in {n.casefold() for n in around}:
        raise Refused(
            say("saved filters go round in a circle: {path}", path=together(" → ", ("@" + n for n in path))),
            "Save one of them without the other.",
        )
    return parse(saved(name), kind, kinds, saved, path)


def _one(word: str, kind: Kind, kinds: Mapping[str, Kind]) -> Condition:
    found = re.match(_TOKEN, word.strip())
    named = parse_ref(word.strip().lstrip("-!"), 0)
    if named and named[0] == kind.name:
        return Condition("ref", ":", (word.strip().lstrip("-!"),), word.strip()[0] in "-!")
    if not found or found[4].startswith("//"):
        negated = word[0] in "-!" and len(word) > 1
        return Condition("text", "~", (word[1:] if negated else word,), negated)
    minus, path, op, value = found.groups()
    path = path.lower().replace("-", "_")
    negated = bool(minus) != (op == "!=")
    op = ":" if op in ("=", "!=") else op
    values = tuple(v.strip() for v in value.split(",")) if op == ":" and not re.match(r".*\d,\d", value) else (value.strip(),)
    if path == "is":
        return Condition(path, op, _states(kind, values), negated)
    if path == "ref":
        return Condition(path, ":", values, negated)
    if path != "text":
        _check(kind, path, op, word, kinds)
    return Condition(path, "~" if path == "text" else op, values, negated)


def _states(kind: Kind, values: tuple[str, ...]) -> tuple[str, ...]:
    known = STATES.get(kind.name, ())
    for v in values:
        if v not in known:
            raise UsageError(
                say("{v} is not a state of {plural}", v=quoted("is:" + v), plural=kind.plural),
                say(
                    "{near}States: {known}",
                    near=did_you_mean("is:" + v[:60], *("is:" + s for s in known)),
                    known=together(", ", ("is:" + s for s in known)),
                )
                if known
                else "",
            )
    return values


def _check(kind: Kind, path: str, op: str, word: str, kinds: Mapping[str, Kind]) -> None:
    name, _, inner = path.partition(".")
    if name not in kind.by_name:
        if name in OF_PEOPLE and "owner" in kind.by_name:
            raise UsageError(
                say("{word} has no field {name!r}: the owner has", word=kind.word, name=name), say("As in owner.{name}:NAME.", name=name)
            )
        raise unknown(kind, name)
    field = kind.by_name[name]
    if inner:
        if field.type != "ref":
            raise UsageError(
                say("{name} is not a reference, so {path} says nothing", name=name, path=quoted(path)),
                say("References: {fields}", fields=together(", ", (f.name for f in kind.fields if f.type == "ref"))),
            )
        field = kinds[field.to].field(inner)
    if op in ("<", "<=", ">", ">=") and field.type not in ORDERED:
        raise UsageError(
            say("{word}: {title} has no order", word=quoted(word), title=field.title), "Use field:value, or field~text for a part of it."
        )
