"""The records that the user touched last, read from the history: `-` is the latest, `-2` the one before it."""

from __future__ import annotations

import re

from sfa.errors import NotFound
from sfa.messages import say
from sfa.sales.kinds import Kind
from sfa.store.database import Store
from sfa.store.schema import q

FORM = r"@?-([1-9]\d?)?\Z"
KINDS = ("opportunity", "account", "contact", "lead", "activity")
MOST_OPERATIONS = 1_000
"""Operations that are gone back through; who did more since has not the record in mind."""
LOGGED = ("opportunity", "account", "contact", "lead")
"""What is logged on a record touches it too."""


def place(text: str) -> int:
    """Which of the last records `text` asks for: 1 for `-` (or `@-`), 2 for `-2`; 0 where it is no such thing."""
    found = re.match(FORM, text)
    return int(found[1] or 1) if found else 0


def find(store: Store, kinds: list[Kind], text: str) -> tuple[Kind, int]:
    """(kind, id) of the record at that place among those of `kinds` that the user wrote or logged something on. Raises NotFound."""
    from sfa.store.operations import find_me

    me, wanted = find_me(store), place(text)
    seen: list[tuple[str, int]] = []
    by_name = {k.name: k for k in kinds if k.name in KINDS}
    ops = store.db.execute("SELECT id FROM op WHERE actor=? ORDER BY id DESC LIMIT ?", (me, MOST_OPERATIONS)).fetchall()
    for (op,) in ops if by_name else []:
        for name, number in _touched(store, list(by_name), op, wanted):
            if (name, number) not in seen:
                seen.append((name, number))
                if len(seen) == wanted:
                    return by_name[name], number
    one, many = (kinds[0].word, kinds[0].plural) if len(kinds) == 1 else ("record", "records")
    raise NotFound(
        say("you have touched only {count} {many} lately", count=len(seen), many=many if len(seen) > 1 else one)
        if seen
        else say("you have touched no {one} yet", one=one)
    )


def _touched(store: Store, names: list[str], op: int, most: int) -> list[tuple[str, int]]:
    """Records that an operation wrote, and that are still there, what was logged on first."""
    out: list[tuple[str, int]] = []
    on = [n for n in LOGGED if n in names]
    for row in store.db.execute(f"SELECT {','.join(map(q, on)) or 'NULL'} FROM activity WHERE op=? LIMIT ?", (op, most)):
        out += [(n, number) for n, number in zip(on, row, strict=False) if number is not None]
    for name in names:
        sql = (
            f"SELECT id FROM {q(name)} WHERE op=?1 UNION"
            f" SELECT h.id FROM main.{q(name + '_history')} h JOIN {q(name)} t ON t.id=h.id WHERE h.op=?1 ORDER BY id DESC LIMIT ?2"
        )
        out += [(name, number) for (number,) in store.db.execute(sql, (op, most))]
    return out
