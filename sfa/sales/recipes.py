"""How a file of another product's export is read as records of a kind: what its cells say that a column of ours does not take as it stands
(ids of either of two kinds, pick-list words, tasks that are not done yet) is made of them.

Pure: headers and texts in, texts out. Which file is of which kind `bundles.py` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Container, Sequence
from typing import NamedTuple

from sfa.errors import BadValue
from sfa.messages import say
from sfa.sales import profiles
from sfa.sales.activityfiles import activity
from sfa.sales.bundles import ABOUT, PARENTS, Facts, Seen, beside, field_names, is_id, stem
from sfa.sales.derived import Derived, is_true, long_id, nothing
from sfa.sales.kinds import KINDS, Field, Kind
from sfa.sales.mapping import plain
from sfa.sales.values import FALSE, TRUE

_WORDS: dict[tuple[str, str], dict[str, str]] = {
    ("account", "types"): {
        "customerdirect": "customer", "customerchannel": "partner", "channelpartnerreseller": "partner", "installationpartner": "partner",
        "technologypartner": "partner", "reseller": "partner", "vendor": "supplier",
    },
    ("lead", "status"): {
        "opennotcontacted": "new", "open": "new", "workingcontacted": "working", "contacted": "working", "nurturing": "working",
        "inprogress": "working", "connected": "working", "attemptedtocontact": "working", "closedconverted": "qualified",
        "opendeal": "qualified", "closednotconverted": "disqualified", "unqualified": "disqualified", "badtiming": "disqualified",
    },
    ("opportunity", "type"): {
        "newcustomer": "new", "newbusiness": "new", "existingcustomerupgrade": "existing", "existingcustomerdowngrade": "existing",
        "existingcustomerreplacement": "existing", "existingbusiness": "existing", "addon": "existing", "upsell": "existing",
        "renewalbusiness": "renewal",
    },
    ("opportunity", "category"): {"upside": "best_case", "notforecasted": "omitted"},
    ("opportunity_contact", "role"): {
        "decisionmaker": "decision_maker", "economicdecisionmaker": "economic_buyer", "economicbuyer": "economic_buyer",
        "executivesponsor": "executive_sponsor", "businessuser": "user", "technicalbuyer": "evaluator", "influencer": "influencer",
    },
}  # fmt: skip
"""(kind, field) → a word of other products' pick lists, plain → ours."""


Words = dict[str, dict[str, str]]
"""Field → a word of a pick list → ours."""


class Recipe(NamedTuple):
    """How a file is read: the columns made of others, the places of those that something is made of, and the columns that say which rows
    were deleted: (place, whether yes says so)."""

    derived: tuple[Derived, ...]
    used: frozenset[int]
    deleted: tuple[tuple[int, bool], ...]


def recipe(
    kind: Kind,
    seen: Seen,
    feeds: dict[int, Field],
    facts: Facts,
    words: Words | None = None,
    said: Collection[str] = (),
    values: dict[str, dict[str, str]] | None = None,
) -> Recipe:
    """How the file `seen` is read as records of `kind`, where `feeds` says which column feeds which field, `words` are those of its pick
    lists. For the fields that are `said` (by a map, by --set) nothing is made of other columns; `values` are what a map says of words."""
    header = [plain(h) for h in field_names(seen.header)]
    at = {h: i for i, h in reversed(list(enumerate(header)))}
    derived: list[Derived] = []
    words = profiles.words(kind.name, None) if words is None else words
    if kind.name == "activity" and not seen.form:
        derived += activity(stem(seen.name), header, {f.name for f in feeds.values()})
        derived += _parents(at, feeds, facts)
    elif kind.name == "stage":
        derived += _stage(at)
    elif kind.name == "user" and {"firstname", "lastname"} <= at.keys() and _place(feeds, "name") in (-1, at.get("username", -1)):
        # A person's name goes before what they log in with.
        derived.append(Derived("name", (at["firstname"], at["lastname"]), lambda first, last: f"{first.strip()} {last.strip()}".strip()))
    elif kind.name == "lead" and "isconverted" in at and (status := at.get("status", at.get("leadstatus", -1))) >= 0:
        ours = _word(kind, "status", words)
        derived.append(Derived("status", (status, at["isconverted"]), lambda s, c: "converted" if is_true(c) else ours(s), _lost("status")))
    elif kind.name == "opportunity" and len(ends := [at[h] for h in at if h.removeprefix("deal") in _ENDS]) > 1:
        derived.append(Derived("closed", tuple(ends), lambda *cells: next((c.strip() for c in cells if c.strip()), "")))
    if kind.name == "opportunity" and "active" in at and not facts.stages and (stage := _place(feeds, "stage")) >= 0:
        # Odoo puts lost deals into its archive, in the stage that they were in.
        derived.append(Derived("stage", (stage, at["active"]), lambda s, a: "Lost" if a.strip().lower() in FALSE else s))
    if "user" not in facts.kinds and "ownerid" in at and (named := at.get(f"{kind.name}owner", -1)) >= 0:
        # Without a file of users their names say more than their ids.
        derived.append(Derived("owner", (named, at["ownerid"]), lambda name, number: name.strip() or number))
    derived += _associated(kind, at, feeds, facts, {d.field for d in derived})
    derived += _by_ids(header, feeds, facts, {d.field for d in derived})
    derived += _linked(kind, feeds, facts, {d.field for d in derived})
    derived = [d for d in derived if d.field not in said]
    taken = {d.field for d in derived}
    for place, field in feeds.items():
        if field.name in taken:
            continue
        if made := _of_one(kind, field, facts, words):
            lost = _lost(field.title) if field.type == "choice" else _LOSSES.get(field.name, "")
            derived.append(Derived(field.name, (place,), made, lost))
    derived = [_told(d, (values or {}).get(d.field, {})) for d in derived]
    used = {p for d in derived for p in d.places} | ({at["pipelineid"]} if kind.name == "pipeline" and "pipelineid" in at else set())
    if kind.name == "stage" and "stageid" in at:
        used.add(at["stageid"])
    deleted = [(at[h], True) for h in ("isdeleted", "fivetrandeleted", "deleted") if h in at and at[h] not in feeds] + [
        (at[h], False) for h in ("fivetranactive",) if h in at
    ]
    return Recipe(tuple(derived), frozenset(used | {p for p, _ in deleted}), tuple(deleted))


def _place(feeds: dict[int, Field], name: str) -> int:
    return next((p for p, f in feeds.items() if f.name == name), -1)


def _told(derived: Derived, values: dict[str, str]) -> Derived:
    """A column made of others where a map says what words in it mean."""
    if not values:
        return derived
    known, make = {k.strip().casefold(): v for k, v in values.items()}, derived.make

    def made(*cells: str) -> str:
        found = next((known[c.strip().casefold()] for c in cells if c.strip().casefold() in known), None)
        return make(*cells) if found is None else found

    return derived._replace(make=made)


def _linked(kind: Kind, feeds: dict[int, Field], facts: Facts, taken: set[str]) -> list[Derived]:
    """The fields that files of links give, where the file itself has no column for them."""
    own = next((place for place, f in feeds.items() if f.name == "external_id"), -1)
    taken = taken | {f.name for f in feeds.values()}

    def there(field: Field) -> bool:
        return field.type != "ref" or field.to in facts.kinds

    return [
        Derived(field, (own,), lambda cell, ids=ids: ids.get(long_id(cell.strip()), ""))
        for (of, field), ids in facts.links.items()
        if of == kind.name and own >= 0 and field not in taken and there(kind.by_name[field])
    ]


_ENDS = ("dealclosedon", "closedon", "wontime", "losttime")
"""Columns of the day on which a deal was won or lost, of which Pipedrive has several, without its word in front."""
_ASSOCIATED = {"account": "company", "contact": "contact", "opportunity": "deal"}


def _associated(kind: Kind, at: dict[str, int], feeds: dict[int, Field], facts: Facts, taken: set[str]) -> list[Derived]:
    """HubSpot's columns of the ids of associated records, where the bundle has these: the first of several, else what a name says."""
    out = []
    for field, thing in _ASSOCIATED.items():
        names = (f"primaryassociated{thing}id", f"associated{thing}idsprimary", f"associated{thing}ids", f"associated{thing}id")
        places = [at[n] for n in names if n in at]
        if not places or field not in facts.kinds or field not in kind.by_name or field in taken:
            continue
        named = next((p for p, f in feeds.items() if f.name == field and p not in places), None)

        def made(*cells: str, ids: int = len(places)) -> str:
            found = next((c for c in cells[:ids] if c.strip()), "")
            return re.split(r"[;,|]", found)[0].strip() if found else next((c.strip() for c in cells[ids:] if c.strip()), "")

        def more(*cells: str, title: str = kind.by_name[field].title) -> str:
            return (
                say("with several of {title}, of which the first is kept", title=title) if re.search(r"\d\s*[;,|]\s*\d", cells[0]) else ""
            )

        out.append(Derived(field, (*places, *([] if named is None else [named])), made, of_more=more))
    return out


def _by_ids(header: Sequence[str], feeds: dict[int, Field], facts: Facts, taken: set[str]) -> list[Derived]:
    """References whose ids stand beside their names (Zoho's Account Name.id, Pipedrive's Deal - Organization ID): an id that the bundle
    has a record of goes before a name, which several may have."""
    out = []
    for place, field in feeds.items():
        known = facts.ids.get(field.to) if field.type == "ref" and field.name not in taken else None
        at = next((header.index(b) for b in beside(header[place]) if b in header), place)
        if known and at != place and at not in feeds:
            out.append(
                Derived(field.name, (at, place), lambda number, name, known=known: number.strip() if number.strip() in known else name)
            )
    return out


def _parents(at: dict[str, int], feeds: dict[int, Field], facts: Facts) -> list[Derived]:
    """Columns that name a record of any kind (Zoho's Parent ID, Dynamics' Regarding), by what the bundle's files say which kind it is."""
    places = tuple(at[n] for n in PARENTS if n in at)
    if not places or not facts.whose:
        return []
    fed = {f.name for p, f in feeds.items() if p not in places}

    def pointing(kind: str) -> Callable[..., str]:
        return lambda *cells: next((c.strip() for c in cells if facts.whose.get(c.strip()) == kind), "")

    def unknown(*cells: str) -> str:
        filled = [c.strip() for c in cells if c.strip()]
        return "about records that no file holds, left without them" if filled and not any(facts.whose.get(c) for c in filled) else ""

    free = [field for field in ABOUT if field not in fed]
    return [Derived(field, places, pointing(field), of_more=unknown if n == 0 else nothing) for n, field in enumerate(free)]


def is_deleted(recipe: Recipe, cells: Sequence[str]) -> bool:
    """Whether a row is of a record that was deleted there."""
    for place, yes in recipe.deleted:
        word = cells[place].strip().lower() if place < len(cells) else ""
        if word in (TRUE if yes else FALSE):
            return True
    return False


_LOSSES = {"campaign": "campaigns that no file names, left blank", "owner": "owned by a queue, left without an owner of their own"}
_QUEUE = re.compile(r"00G[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
"""An id of Salesforce's of a group of users: of a queue where it owns a record."""


def _lost(title: str) -> str:
    return say("words of {title} that are none of ours, left blank", title=title)


def _of_one(kind: Kind, field: Field, facts: Facts, words: Words) -> Callable[[str], str] | None:
    """How the cells of a column become what our field takes, None where they are taken as they are."""
    if field.type == "choice":
        return _word(kind, field.name, words)
    if kind.name == "opportunity" and field.name == "pipeline" and facts.pipelines:
        return lambda cell: facts.pipelines.get(cell.strip(), cell)
    if field.name == "pipeline" and kind.name == "stage" and facts.pipelines:
        return lambda cell: facts.pipelines.get(cell.strip(), cell)
    if field.name == "campaign":
        return lambda cell: facts.campaigns.get(long_id(cell.strip()), "" if is_id(cell.strip()) else cell)
    if field.name == "stage" and facts.stages:
        return lambda cell: facts.stages.get(cell.strip(), cell)
    if field.name == "owner" and field.to == "user":
        return lambda cell: "" if _QUEUE.fullmatch(cell.strip()) else long_id(cell) if facts.short_ids else cell
    if facts.short_ids and (field.type == "external" or (field.type == "ref" and field.to not in ("stage", "pipeline", "reason"))):
        return long_id
    return None


def _word(kind: Kind, name: str, general: Words) -> Callable[[str], str]:
    """A word of a pick list as ours, "" where we have none such."""
    from sfa.sales.values import choose

    field, known = kind.by_name[name], dict[str, str]()
    words = {**{plain(k): v for k, v in general.get(name, {}).items()}, **_WORDS.get((kind.name, name), {})}

    def one(text: str) -> str:
        key = plain(text)
        for choice in field.choices:
            if plain(choice) == key:
                return choice
        if key in words:
            return words[key]
        try:
            return choose(field, text)
        except BadValue:
            return ""

    def word(cell: str) -> str:
        if cell not in known:
            parts = re.split(r"[;,\n]", cell) if field.many else [cell]
            known[cell] = ",".join(dict.fromkeys(w for w in (one(p.strip()) for p in parts if p.strip()) if w))
        return known[cell]

    return word


# Stages -----------------------------------------------------------------------------------------------------------------------------


def _stage(at: dict[str, int]) -> list[Derived]:
    """Rows of stages, as HubSpot and Salesforce keep them."""
    won, closed, chance = (next((at[n] for n in names if n in at), -1) for names in _STAGE_COLUMNS)
    out = []
    if won >= 0 and closed >= 0:
        out.append(Derived("outcome", (won, closed), lambda w, c: "won" if is_true(w) else "lost" if is_true(c) else "open"))
    if chance >= 0:
        places = tuple(p for p in (chance, won, closed) if p >= 0)
        out.append(Derived("probability", places, lambda p, w="", c="": "100" if is_true(w) else "0" if is_true(c) else per_cent(p)))
    return out


_STAGE_COLUMNS = (("closedwon", "iswon"), ("isclosed",), ("probability", "defaultprobability"))


def per_cent(text: str) -> str:
    """A probability as a whole percentage; HubSpot's are fractions of 1."""
    try:
        value = float(text.strip().rstrip("%"))
    except ValueError:
        return ""
    return str(round(value * 100 if value <= 1 and ("." in text or value == 1) else value))


_GAINED = re.compile(r"closed ?won|\bwon\b|gewonnen|gagnée?s?\b|\bganad[oa]|\bvint[oa]\b|赢单|贏單|成交|受注")
_ENDED = re.compile(_GAINED.pattern + r"|\blost\b|verloren|\bperdue?s?\b|\bperdid[oa]|\bpers[oa]\b|输单|輸單|丢单|丟單|流失|失注|战败")
"""What stages of deals that are over are called, where no column says it: won, or won or lost."""


class Step(NamedTuple):
    """A stage that a bundle's deals are in: its name, probability, outcome, forecast category ("" where nothing says)."""

    name: str
    probability: int
    outcome: str
    category: str


def steps(rows: Sequence[tuple[str, str, str, str, str]], known: Container[str]) -> list[Step]:
    """The stages among deals' (stage, probability, is closed, is won, category) that are not `known` (plain), the least probable first."""
    from collections import Counter

    seen: dict[str, list[tuple[str, str, str, str]]] = {}
    for name, *rest in rows:
        if name.strip() and plain(name) not in known:
            seen.setdefault(name.strip(), []).append(tuple(rest))  # type: ignore[arg-type]
    categories = _word(KINDS["opportunity"], "category", {})
    out = []
    for name, found in seen.items():
        flagged, words = any(c.strip() for _, c, _, _ in found), "closed" in plain(name) or bool(_ENDED.search(name.casefold()))
        closed = any(is_true(c) for _, c, _, _ in found) if flagged else words
        won = any(is_true(w) for _, _, w, _ in found) or (closed and bool(_GAINED.search(name.casefold())))
        outcome = "won" if won else "lost" if closed else "open"
        chances = Counter(p for p, *_ in found if p.strip()).most_common(1)
        probability = {"won": 100, "lost": 0}.get(outcome, int(per_cent(chances[0][0]) or 10) if chances else 10)
        category = next((c for c in (categories(w) for *_, w in found) if c), "")
        if outcome != "open" or category in ("", "closed"):
            category = {"won": "closed", "lost": "omitted"}.get(
                outcome, "commit" if probability >= 75 else "best_case" if probability >= 50 else "pipeline"
            )
        out.append(Step(name, min(max(probability, 0), 100), outcome, category))
    return sorted(out, key=lambda s: (s.outcome != "open", s.probability, s.name))
