"""When a person last looked at their day: kept in a small file of the user's own, never in the company's database.

The company's history tells what was written; that somebody read is nobody's business there, and a read must not write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfa.settings import Settings
    from sfa.store.database import Store

Look = tuple[str, int | None, int]
"""The day of the last look, the last operation that was known before that day's first, and the last one that is known now."""


def since(settings: Settings, store: Store, me: int) -> int | None:
    """The last operation that the person had seen before today: at the last look on an earlier day, so that looking twice a day shows the
    same; before the first look, the person's own last operation of an earlier day."""
    day, base, last = _read(_path(settings)).get(_key(store, me), ("", None, 0))
    today = store.calendar.today.isoformat()
    known = None if not day else last if day < today else base
    if known is not None:
        return known
    from sfa.store.queries.day import last_own

    return last_own(store, me, store.calendar.today)


def mark(settings: Settings, store: Store, me: int, base: int | None) -> None:
    """Remember that the person has looked now. Where the file cannot be written it is left alone: the day is shown all the same."""
    from sfa.store.queries.day import latest

    path = _path(settings)
    everything = _read(path)
    everything[_key(store, me)] = (store.calendar.today.isoformat(), base, max(latest(store), store.now_ms << 20))
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as f:
            f.writelines(f"{key}\t{day}\t{'' if first is None else first}\t{last}\n" for key, (day, first, last) in everything.items())
        os.replace(path + ".new", path)
    except OSError:
        pass


def _path(settings: Settings) -> str:
    return os.path.join(settings.state, "looked.tsv")


def _key(store: Store, me: int) -> str:
    return f"{store.site}-{me}"


def _read(path: str) -> dict[str, Look]:
    """What the file holds; a line that is none of ours is left out."""
    try:
        with open(path, encoding="utf-8") as f:
            rows = [line.rstrip("\n").split("\t") for line in f]
    except (OSError, UnicodeDecodeError):
        return {}
    good = [r for r in rows if len(r) == 4 and (r[2].isdecimal() or not r[2]) and r[3].isdecimal()]
    return {key: (day, int(base) if base else None, int(last)) for key, day, base, last in good}
