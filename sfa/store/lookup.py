"""Finding the one record a person means: a reference, an external id, an exact name, a unique part of a name, in this order."""

from __future__ import annotations

from typing import Any

from sfa.errors import Ambiguous, NotFound, UsageError
from sfa.messages import say, together
from sfa.sales import refs
from sfa.sales.dates import parse_period_key
from sfa.sales.kinds import KINDS, Kind
from sfa.sales.values import clean, quoted
from sfa.store import near, recent
from sfa.store.database import Store, columns_of
from sfa.store.schema import q

NAMED = ("opportunity", "account", "contact", "lead", "product", "user")
"""The kinds whose records people call by name."""
MOST_NEAR = 20_000
"""Names that one without accents, or a near miss, is looked for among."""
MERGED, WAS = "#merged", "#was"
"""The sources under which it is remembered what a merged record was called: its reference; its name or e-mail."""
LONGEST_PART = 1_000
"""Characters; nobody types a longer part of a name."""


def get(store: Store, kind: str, number: int) -> dict[str, Any] | None:
    """The record with this id as a dict of stored values, or None."""
    k = store.kinds[kind]
    row = store.db.execute(f"SELECT {columns_of(k)} FROM {q(kind)} WHERE id=?", (number,)).fetchone()
    return dict(zip(("id", *k.columns, "op", "since"), row, strict=True)) if row else None


def standing(store: Store, kind: str, given: dict[str, Any]) -> dict[str, Any] | None:
    """The rate or quota that stands where a new one would: with the same values in the fields that are unique together."""
    unique = store.kinds[kind].unique
    clause = together(" AND ", (f"{q(u)} IS ?" for u in unique))
    row = store.db.execute(f"SELECT id FROM {q(kind)} WHERE {clause}", [given[u] for u in unique]).fetchone()
    return get(store, kind, row[0]) if row else None


def find(store: Store, kind: Kind, text: str, within: dict[str, Any] | None = None) -> dict[str, Any]:
    """The one record of `kind` that `text` names; `within` narrows names to records with these values (a stage of one pipeline).

    Raises NotFound with near names, Ambiguous listing what matches, UsageError for another kind's reference."""
    text = clean(text)
    if not text:
        raise UsageError(say("an empty text names no {noun}", noun=kind.noun))
    numbers = _candidates(store, kind, text, within or {})
    if len(numbers) == 1:
        record = get(store, kind.name, numbers[0])
        assert record is not None
        return record
    if numbers:
        raise Ambiguous(
            say(
                "{text} matches {count} {plural}:\n",
                text=quoted(text),
                count="more than 50" if len(numbers) > 50 else len(numbers),
                plural=kind.plural,
            )
            + _listing(store, kind, numbers[:8]),
            "Use the reference, or more of the name.",
        )
    raise missing(store, kind, text)


def merged_into(store: Store, kind: str, number: int) -> int | None:
    """The record that the one with this id became when it was merged, or None."""
    row = store.db.execute(
        "SELECT record FROM external WHERE \"kind\"=? AND coalesce(source,'')=? AND external=?",
        (kind, MERGED, refs.long_form(kind, number)),
    ).fetchone()
    return row[0] if row else None


def merged_away(store: Store, kind: str, number: int) -> list[tuple[str, int]]:
    """The records that became part of this one when they were merged, in any version but one that was taken back."""
    from sfa.store.queries.scope import taken_back

    mine = '"kind"=?1 AND record=?2 AND source=?3'
    rows = store.db.execute(
        f"SELECT external FROM main.external WHERE {mine} UNION"
        f" SELECT external FROM main.external_history v WHERE {mine} AND NOT {taken_back('v')}",
        (kind, number, MERGED),
    )
    return [given for (text,) in rows if (given := refs.parse(text, store.site))]


def resolved(store: Store, text: str) -> tuple[str, int] | None:
    """(kind, id) of the record that a reference means, the merged one's in place of one that was merged; None for any other text."""
    given = refs.parse(text, store.site)
    if given is None or get(store, *given):
        return given
    became = merged_into(store, *given)
    return given if became is None else (given[0], became)


def all_matching(store: Store, kind: Kind, text: str) -> list[int]:
    """Every id that `text` may mean in a filter; a part of a name may match several. Raises NotFound for none."""
    numbers = _candidates(store, kind, clean(text), {}, most=100_000, every=True)
    if not numbers:
        raise missing(store, kind, text)
    return numbers


def any_kind(store: Store, text: str, kinds: tuple[str, ...] = NAMED) -> tuple[Kind, dict[str, Any]]:
    """The record of any kind that `text` names: by reference, else by name among `kinds`."""
    return the_one(store, text, all_kinds(store, text, kinds))


def all_kinds(store: Store, text: str, kinds: tuple[str, ...]) -> list[tuple[Kind, int]]:
    """(kind, id) of every record among `kinds` that `text` may mean, exact names before parts. Raises UsageError for an empty text."""
    if not clean(text):
        raise UsageError("an empty text names no record")
    if (given := resolved(store, text)) and get(store, *given):
        return [(store.kinds[given[0]], given[1])]
    if recent.place(clean(text)):
        return [recent.find(store, [store.kinds[name] for name in kinds], clean(text))]
    found: list[tuple[Kind, int]] = []
    for name in kinds:
        found += [(store.kinds[name], n) for n in _candidates(store, store.kinds[name], clean(text), {}, exact=True)]
    if not found:
        for name in kinds:
            found += [(store.kinds[name], n) for n in _candidates(store, store.kinds[name], clean(text), {})]
    return found


def the_one(store: Store, text: str, found: list[tuple[Kind, int]]) -> tuple[Kind, dict[str, Any]]:
    """The only one of the records found for `text`. Raises NotFound for none, Ambiguous listing several."""
    if len(found) == 1:
        record = get(store, found[0][0].name, found[0][1])
        assert record is not None
        return found[0][0], record
    if found:
        lines = "\n".join(_listing(store, k, [n]) for k, n in found[:8])
        raise Ambiguous(
            say("{text} matches {count} records:\n{lines}", text=quoted(text), count=len(found), lines=lines), "Use the reference."
        )
    raise NotFound(say("nothing matches {text}", text=quoted(text)), "`sfa search TEXT` looks everywhere.")


def _candidates(
    store: Store, kind: Kind, text: str, within: dict[str, Any], most: int = 51, exact: bool = False, every: bool = False
) -> list[int]:
    if not text:
        return []
    if recent.place(text):
        return [recent.find(store, [kind], text)[1]]
    given = resolved(store, text)
    if given and given[0] == kind.name and get(store, *given):
        return [given[1]]
    if kind.name == "user" and text.lower() == "me":
        from sfa.store.operations import find_me

        me = find_me(store)
        return [me] if me else []
    called = 'SELECT DISTINCT record FROM external WHERE "kind"=? AND external=? AND source IS NOT ? LIMIT ?'
    if rows := store.db.execute(called, (kind.name, text, WAS, most)).fetchall():
        return [r[0] for r in rows]
    names = [f.name for f in kind.fields if f.name in ("name", "email", "code") and f.stored]
    scope = "".join(f" AND {q(n)} IS ?" for n in within)
    table = q(kind.name)
    for name in names:
        if rows := _called(store, kind, name, text, scope, [*within.values()], most):
            return rows
    once = "SELECT DISTINCT record FROM external WHERE \"kind\"=? AND coalesce(source,'')=? AND external=? COLLATE NOCASE LIMIT ?"
    if rows := store.db.execute(once, (kind.name, WAS, text, most)).fetchall():
        return [r[0] for r in rows]
    if given and given[0] != kind.name and get(store, *given):
        raise UsageError(
            say("{text} is {article}, not {article2}", text=text, article=_article(KINDS[given[0]].name), article2=_article(kind.name))
        )
    if exact or "name" not in names or len(text) > LONGEST_PART:
        return []
    begun = near.begun(store, kind, text, most) if not within and not every else None
    if begun or (begun == [] and near.large(store, kind) and near.meant(store, kind, text)):
        # Among very many names an inner part of a word is looked for only where nothing near was meant.
        return begun
    parts = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_").split()
    likes = " AND ".join("name LIKE ? ESCAPE '\\'" for _ in parts)
    sql = f"SELECT id FROM {table} WHERE {likes}{scope} LIMIT ?"
    found = [r[0] for r in store.db.execute(sql, (*(f"%{p}%" for p in parts), *within.values(), most))]
    if not found and every:
        found = near.begun(store, kind, text, most) or []
    return found or _without_accents(store, kind, text, within, most)


def _called(store: Store, kind: Kind, name: str, text: str, scope: str, params: list[Any], most: int) -> list[int]:
    """The ids of the records that `text` is the name, e-mail or code of; those with the same capitals alone, where there are any."""
    if name == "email" and "@" not in text:
        return []
    # The index of names does not heed capitals: without COLLATE it would not be used.
    sql = f"SELECT id,{q(name)}=?1 FROM {q(kind.name)} WHERE {q(name)}=?1 COLLATE NOCASE{scope} LIMIT ?"
    rows = store.db.execute(sql.replace("?1", "?"), (text, text, *params, most)).fetchall()
    return [n for n, same in rows if same] or [n for n, _ in rows]


def _without_accents(store: Store, kind: Kind, text: str, within: dict[str, Any], most: int) -> list[int]:
    """The records whose names hold every part of `text` when accents and capitals do not matter, as in `sfa search`."""
    from sfa.store.textindex import folded

    parts = folded(text).split()
    scope = "".join(f" AND {q(n)} IS ?" for n in within)
    rows = store.db.execute(f"SELECT id,name FROM {q(kind.name)} WHERE 1{scope} LIMIT {MOST_NEAR}", list(within.values()))
    return [n for n, name in rows if parts and all(p in folded(name) for p in parts)][:most]


def _article(noun: str) -> str:
    return ("an " if noun[0] in "aeio" else "a ") + noun.replace("_", " ")


def _listing(store: Store, kind: Kind, numbers: list[int]) -> str:
    lines = []
    for n in numbers:
        record = get(store, kind.name, n) or {}
        lines.append(f"  {refs.show(kind.name, n, store.site):8} {label(kind, record)}")
    return "\n".join(lines)


def namesakes(store: Store, kind: Kind, number: int, most: int = 3) -> list[int]:
    """The ids of other records of this name, whatever the capitals."""
    sql = f"SELECT o.id FROM {q(kind.name)} r JOIN {q(kind.name)} o ON o.name=r.name COLLATE NOCASE AND o.id<>r.id WHERE r.id=? LIMIT ?"
    return [row[0] for row in store.db.execute(sql, (number, most))]


def label(kind: Kind, record: dict[str, Any]) -> str:
    """What a record is called in a message: its name, else its text, else its reference's worth."""
    period = parse_period_key(record["period"]).name if record.get("period") else ""
    text = str(record.get("name") or record.get("text") or period or record.get("currency") or "").replace("\n", " ")
    return text if len(text) <= 60 else text[:59] + "…"


def near_names(store: Store, kind: Kind, text: str, most: int = 3) -> list[str]:
    """Names of `kind` close to `text`, best first."""
    import difflib

    names = [r[0] for r in store.db.execute(f"SELECT name FROM {q(kind.name)} LIMIT {MOST_NEAR}") if r[0] != text]
    folded = {n.casefold().replace(" ", ""): n for n in names}
    return [folded[m] for m in difflib.get_close_matches(text.casefold().replace(" ", ""), folded, most, 0.7)]


def near_words(store: Store, kind: Kind, text: str, most: int = 3) -> list[str]:
    """Names of `kind` with a word close to `text`, best first: people give the first word of a company's name for the whole."""
    import difflib

    named: dict[str, list[str]] = {}
    for (name,) in store.db.execute(f"SELECT name FROM {q(kind.name)} ORDER BY name LIMIT {MOST_NEAR}"):
        for word in {w for w in name.casefold().split() if len(w) > 2}:
            named.setdefault(word, []).append(name)
    found = difflib.get_close_matches(text.casefold(), named, most, 0.75)
    return list(dict.fromkeys(name for word in found for name in named[word]))[:most]


def seen(store: Store, kind: Kind, text: str) -> tuple[dict[str, Any], str]:
    """The record that `text` names, for a person to look at: one that is only nearly called so will do, and is told in the second value.

    Raises as `find` does."""
    try:
        return find(store, kind, text), ""
    except NotFound:
        numbers = near.meant(store, kind, clean(text))
        record = get(store, kind.name, numbers[0]) if len(numbers) == 1 else None
        if record is None:
            raise
        return record, say(
            "No {word} is called {text}; the nearest is {short}.", word=kind.word, text=quoted(text), short=_short(store, kind, record)
        )


def _short(store: Store, kind: Kind, record: dict[str, Any]) -> str:
    return f"{refs.show(kind.name, record['id'], store.site)} {label(kind, record)}"


def missing(store: Store, kind: Kind, text: str) -> NotFound:
    """The error for a text that names nothing, with near names."""
    if text.isdecimal() and len(text) < 10 and (own := get(store, kind.name, store.site * 10**12 + int(text))):
        hint = say("Did you mean {either}?", either=_short(store, kind, own))
        return NotFound(say("no {word} matches {text}", word=kind.word, text=quoted(text)), hint)
    if meant := near.meant(store, kind, text):
        return NotFound(
            say("no {word} matches {text}", word=kind.word, text=quoted(text)),
            say("Did you mean {either}?", either=either([_short(store, kind, r) for r in near.names(store, kind, meant[:3])])),
        )
    alike: list[str] = []
    if "name" in kind.by_name and not near.large(store, kind):
        alike = [repr(n) for n in near_names(store, kind, text) or near_words(store, kind, text)]
    hint = say("Did you mean {either}?", either=either(alike)) if alike else say("`sfa {group} list` shows what there is.", group=kind.noun)
    return NotFound(say("no {word} matches {text}", word=kind.word, text=quoted(text)), hint)


def either(names: list[str]) -> str:
    """Several things to choose from, in words."""
    return say("{names} or {names2}", names=together(", ", names[:-1]), names2=names[-1]) if len(names) > 1 else "".join(names)
