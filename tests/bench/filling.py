"""How the benchmarks fill a database in one stroke: past the triggers and indexes, which are made again at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
def deals_unguarded(store: Store) -> Iterator[None]:
    """Opportunities without triggers and indexes, inside the transaction that is open; both are made again afterwards."""
    from sfa.store import migrations, schema

    kind = store.kinds["opportunity"]
    for name in schema.triggers(kind):
        store.db.execute(f'DROP TRIGGER "{name}"')
    for name in schema.indexes(kind):
        store.db.execute(f'DROP INDEX "ix_{name}"')
    yield
    migrations.remake_kind(store.db, kind)
