"""The stage verbs of a database that may not be there: what the command line offers under `sfa opp`."""

from __future__ import annotations

import os
import sqlite3

from sfa.store.migrations import DEFAULT_STAGES


def verbs_of(path: str) -> dict[str, str]:
    """verb → stage name of every pipeline, in order; the defaults where the file is missing or cannot be read."""
    defaults = {verb: name for name, _, _, _, _, verb in DEFAULT_STAGES if verb}
    if not os.path.exists(path):
        return defaults
    try:
        db = sqlite3.connect(path, timeout=5)
        try:
            return (
                dict(db.execute('SELECT verb, name FROM stage WHERE verb IS NOT NULL ORDER BY pipeline DESC, "order"').fetchall())
                or defaults
            )
        finally:
            db.close()
    except sqlite3.Error:
        return defaults
