"""Filters as people type them become conditions: the one place where saved filters (@hot) are looked up.

They are the company's, not the past's: under --as-of a saved filter means what it means now.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any

from sfa.errors import NotFound, did_you_mean
from sfa.messages import say, together
from sfa.sales import filters
from sfa.sales.filters import Condition
from sfa.sales.kinds import Kind
from sfa.store.database import Store


def conditions(store: Store, words: Sequence[str] | None, kind: Kind, around: tuple[str, ...] = ()) -> list[Condition]:
    """The conditions in `words` on records of `kind`, saved filters taken apart. `around` are filters that these words stand in. Raises as
    `filters.parse`, NotFound for a filter that nobody saved."""
    return filters.parse(words or [], kind, store.kinds, lambda name: split(find(store, kind, name)["condition"]), around)


def find(store: Store, kind: Kind, name: str) -> dict[str, Any]:
    """The saved filter of that name, whatever its capitals, for records of `kind`. Raises NotFound, which tells of other kinds'."""
    row = store.db.execute(
        'SELECT id,name,condition FROM main.saved_filter WHERE "kind"=? AND lower(name)=?', (kind.name, name.lower())
    ).fetchone() or _folded(store, kind, name)
    if row is None:
        known = store.db.execute('SELECT name,"kind" FROM main.saved_filter ORDER BY name').fetchall()
        others = [store.kinds[k].plural for n, k in known if n.casefold() == name.casefold()]
        near = did_you_mean(name[:60], *(n for n, k in known if k == kind.name))
        raise NotFound(
            say("no filter for {plural} is saved as {name!r}", plural=kind.plural, name=name[:60])
            + (say(", but one for {others}", others=together(" and ", others)) if others else ""),
            say("{near}`sfa filter list` shows them; `sfa filter save {name} …` saves one.", near=near, name=name[:40]),
        )
    return {"id": row[0], "name": row[1], "condition": row[2]}


def _folded(store: Store, kind: Kind, name: str) -> Any:
    """The filter whose name is the same but for capitals that SQLite does not know."""
    rows = store.db.execute('SELECT id,name,condition FROM main.saved_filter WHERE "kind"=?', (kind.name,))
    return next((r for r in rows if r[1].casefold() == name.casefold()), None)


def split(text: str) -> list[str]:
    """The words of a filter as it is kept."""
    try:
        return shlex.split(text)
    except ValueError:
        return [text]


def joined(words: Sequence[str]) -> str:
    """Words as a filter is kept: as they are typed in a shell, a minus in front of what is not wanted."""
    return " ".join(_quoted("-" + w[1:] if w[:1] == "!" else w) for w in words)


def _quoted(word: str) -> str:
    """A word in quotes where they are needed to read it again; < and > need none here, though a shell wants them."""
    return word if re.fullmatch(r"[\w@%+=:,./<>~!*&;|()-]+", word) else shlex.quote(word)


def users(store: Store, kind: Kind, name: str) -> list[str]:
    """What asks for a saved filter by its name: other filters, rules and saved reports."""
    sources = (
        ("the filter @", 'SELECT name,condition FROM saved_filter WHERE "kind"=?', (kind.name,)),
        ("the rule ", 'SELECT name,condition FROM assignment_rule WHERE "kind"=?', (kind.name,)),
        ("the report ", "SELECT name,command FROM saved_report", ()),
    )
    out = []
    for what, sql, params in sources:
        for other, text in store.db.execute(sql + (" ORDER BY name"), params):
            if any(filters.saved_name(w).casefold() == name.casefold() for w in split(text or "")):
                out.append(what + other)
    return out
