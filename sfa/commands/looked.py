"""When a person last looked at their day: kept in a small file of the user's own, never in the company's database.

The company's history tells what was written; that somebody read is nobody's business there, and a read must not write."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sfa.settings import Settings
    from sfa.store.database import Store


def since(settings: Settings, store: Store, me: int) -> int | None:
    """The last operation that the person had seen before today: at the last look on an earlier day, so that looking twice a day shows the
    same; before the first look, the person's own last operation of an earlier day."""
    held = _read(settings.state).get(_key(store, me), {})
    today = store.calendar.today.isoformat()
    known = held.get("last") if held.get("day", today) < today else held.get("base")
    if isinstance(known, int):
        return known
    from sfa.store.queries.day import last_own

    return last_own(store, me, store.calendar.today)


def mark(settings: Settings, store: Store, me: int, base: int | None) -> None:
    """Remember that the person has looked now. Where the file cannot be written it is left alone: the day is shown all the same."""
    import json

    from sfa.store.queries.day import latest

    path, everything = settings.state, _read(settings.state)
    everything[_key(store, me)] = {"day": store.calendar.today.isoformat(), "base": base, "last": max(latest(store), store.now_ms << 20)}
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".new", "w", encoding="utf-8") as f:
            json.dump(everything, f)
        os.replace(path + ".new", path)
    except OSError:
        pass


def _key(store: Store, me: int) -> str:
    return f"{store.site}-{me}"


def _read(path: str) -> dict[str, Any]:
    import json

    try:
        with open(path, encoding="utf-8") as f:
            held = json.load(f)
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in held.items() if isinstance(v, dict)} if isinstance(held, dict) else {}
