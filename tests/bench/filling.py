"""How the benchmarks fill a database in one stroke: past the triggers and indexes, which are made again at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from measure import ROOT, environment

if TYPE_CHECKING:
    from sfa.store.database import Store


def opened(path: Path) -> Store:
    """A new database at `path` of its first user, Anna."""
    os.environ.update(environment(path))
    sys.path.insert(0, str(ROOT))
    from sfa.settings import Settings
    from sfa.store.database import connect

    return connect(str(path), Settings().calendar(), write=True, me="anna")


@contextmanager
def unguarded(store: Store, *kinds: str) -> Iterator[None]:
    """Records of these kinds without triggers and indexes, inside the transaction that is open; both are made again afterwards."""
    from sfa.store import migrations, schema

    for name in kinds:
        for trigger in schema.triggers(store.kinds[name]):
            store.db.execute(f'DROP TRIGGER "{trigger}"')
        for index in schema.indexes(store.kinds[name]):
            store.db.execute(f'DROP INDEX "ix_{index}"')
    yield
    for name in kinds:
        migrations.remake_kind(store.db, store.kinds[name])


def deals_unguarded(store: Store) -> AbstractContextManager[None]:
    """The same for opportunities alone."""
    return unguarded(store, "opportunity")
