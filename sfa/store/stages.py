"""The stage verbs of a database that may not be there: what the command line offers under `sfa opp`."""

from __future__ import annotations

import os
import sqlite3
from typing import NamedTuple

from sfa.store.database import opened
from sfa.store.migrations import DEFAULT_STAGES


class Verb(NamedTuple):
    """What a verb does: the name of its stage, and what a deal in it is (open, won, lost)."""

    stage: str
    outcome: str


def verbs_of(path: str) -> tuple[dict[str, Verb], sqlite3.Connection | None]:
    """The verbs of every pipeline, in order, the defaults where the file is missing or cannot be read; and the connection, with which the
    command itself may go on: to read the schema again would cost more than all else here."""
    defaults = {verb: Verb(name, outcome) for name, _, _, _, outcome, verb in DEFAULT_STAGES if verb}
    if not os.path.exists(path):
        return defaults, None
    try:
        db = opened(path)
        try:
            rows = db.execute('SELECT verb, name, outcome FROM stage WHERE verb IS NOT NULL ORDER BY pipeline DESC, "order"')
            return {verb: Verb(*rest) for verb, *rest in rows} or defaults, db
        except BaseException:
            db.close()
            raise
    except sqlite3.Error:
        return defaults, None
