"""What the files of a bundle say together that a single one does not: which ids there are, what files of links and lists of names say.

Read before anything is loaded; what is made of it `sales/recipes.py` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from sfa.messages import say
from sfa.sales import bundles, mapping, recipes
from sfa.sales.bundles import Facts, Seen
from sfa.sales.derived import is_short, long_id
from sfa.sales.kinds import KINDS

Cells = Callable[[Seen, Sequence[str]], Iterator[tuple[str, ...]]]
"""The cells of columns of a whole file, by their plain headers."""


class Known(NamedTuple):
    """The facts, and what they took from files that are not loaded themselves: file → what to say of it."""

    facts: Facts
    taken: dict[str, str]


def known(loaded: Sequence[tuple[str, Seen]], left: Iterable[Seen], cells: Cells) -> Known:
    """What is known of a bundle whose files with a kind are `loaded`."""
    every = [*(seen for _, seen in loaded), *(seen for seen in left if seen.rows)]
    given = (cell.strip() for _, seen in loaded for row in seen.rows for cell in row)
    short = any(is_short(c) for c in given if len(c) == 15)
    links = _links(every, cells)
    names: dict[str, dict[str, str]] = {"pipeline": {}, "stage": {}}
    for kind, seen in loaded:
        if kind in names:
            for number, label in cells(seen, (f"{kind}id", "label")):
                if number.strip() and label.strip():
                    names[kind][number.strip()] = label.strip()
    campaigns, taken = _campaigns(every, cells, links)
    whose = _whose(loaded, cells)
    kinds = frozenset(kind for kind, _ in loaded)
    facts = Facts(short, links, names["pipeline"], names["stage"], campaigns, kinds, whose, ids=_ids(loaded, cells))
    return Known(facts, taken)


def deleted(seen: Seen, rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The ids of the records of a file that were deleted there."""
    heads = _heads(seen)
    recipe = recipes.recipe(KINDS["account"], seen, {}, Facts())
    if recipe.deleted and "id" in heads:
        at = heads.index("id")
        yield from (long_id(cells[at].strip()) for cells in rows if recipes.is_deleted(recipe, cells))


def _whose(loaded: Sequence[tuple[str, Seen]], cells: Cells) -> dict[str, str]:
    """The kind of record that ids and names are of, where activities name records of any kind."""
    if not any(kind == "activity" and {*_heads(seen)} & {*bundles.PARENTS} for kind, seen in loaded):
        return {}
    out: dict[str, str] = {}
    for kind, seen in loaded:
        if kind in bundles.ABOUT:
            heads = _heads(seen)
            for texts in cells(seen, [_first(heads, words) for words in bundles.ABOUT[kind]]):
                for text in filter(None, map(str.strip, texts)):
                    out[text] = kind if out.get(text, kind) == kind else ""
    return out


def _ids(loaded: Sequence[tuple[str, Seen]], cells: Cells) -> dict[str, frozenset[str]]:
    """The ids of the records of each kind, where a file has ids beside names."""
    if not any({*heads} & {b for h in heads for b in bundles.beside(h)} for heads in (_heads(seen) for _, seen in loaded)):
        return {}
    out: dict[str, set[str]] = {}
    for kind, seen in loaded:
        if words := {**{k: ids for k, (ids, _) in bundles.ABOUT.items()}, "user": bundles.USERS}.get(kind):
            out.setdefault(kind, set()).update(c.strip() for (c,) in cells(seen, (_first(_heads(seen), words),)) if c.strip())
    return {kind: frozenset(ids) for kind, ids in out.items()}


def _links(every: Sequence[Seen], cells: Cells) -> dict[tuple[str, str], dict[str, str]]:
    links: dict[tuple[str, str], dict[str, str]] = {}
    for seen in every:
        kind, field, one, other, counts = bundles.LINKS.get(bundles.stem(seen.name), ("", "", "", "", ""))
        if kind:
            found = links.setdefault((kind, field), {})
            for number, to, yes in cells(seen, (one, other, counts)):
                if not counts or yes.strip().lower() in ("1", "true", "yes"):
                    found.setdefault(long_id(number.strip()), long_id(to.strip()))
    return links


def _campaigns(every: Sequence[Seen], cells: Cells, links: dict[tuple[str, str], dict[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """Id → name of the campaigns, and what is said of their files. Each member's latest campaign goes into `links`."""
    names: dict[str, str] = {}
    said: dict[str, str] = {}
    for seen in (s for s in every if bundles.stem(s.name) in bundles.CAMPAIGNS):
        heads = _heads(seen)
        ours = [_first(heads, words) for words in bundles.CAMPAIGN]
        names |= {long_id(i.strip()): n.strip() for i, n in cells(seen, ours) if i.strip() and n.strip()}
        said[seen.name] = "campaigns are known by their names alone: leads, contacts and deals keep them"
    for seen in (s for s in every if bundles.stem(s.name) in bundles.MEMBERS):
        said[seen.name] = _members(seen, cells, names, links)
    return names, said


def _members(seen: Seen, cells: Cells, names: dict[str, str], links: dict[tuple[str, str], dict[str, str]]) -> str:
    """The latest campaign of each lead and contact, into `links`; what is said of the file."""
    heads = _heads(seen)
    campaign, lead, contact, either, when = (_first(heads, words) for words in bundles.MEMBER)
    latest: dict[tuple[str, str], tuple[str, str]] = {}
    many = 0
    for number, a, b, c, moment in cells(seen, (campaign, lead, contact, either, when)):
        kind, who = ("lead", a) if a.strip() else ("contact", b) if b.strip() else ("lead" if c.strip().startswith("00Q") else "contact", c)
        name = names.get(long_id(number.strip()), "" if bundles.is_id(number.strip()) else number.strip())
        if name and who.strip():
            many += 1
            key = (kind, long_id(who.strip()))
            latest[key] = max(latest.get(key, ("", "")), (moment.strip(), name), key=lambda found: found[0])
    for (kind, who), (_, name) in latest.items():
        links.setdefault((kind, "campaign"), {})[who] = name
    earlier = say("; {many:,} of earlier ones are left out", many=many - len(latest)) if many > len(latest) else ""
    return say("each lead and contact keeps the name of its latest campaign{earlier}", earlier=earlier)


def _heads(seen: Seen) -> list[str]:
    return [mapping.plain(h) for h in bundles.field_names(seen.header)]


def _first(heads: Sequence[str], words: str) -> str:
    """The first of some names that is among a file's headers, else the first of all."""
    names = words.split()
    return next((n for n in names if n in heads), names[0])
