"""Loading activities with several people: the column `others` names, beside the main contact, who else took part.

Everything else of a load is `loading.py`'s."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sfa.messages import say
from sfa.sales.cells import Bad
from sfa.sales.rows import Columns, Line, RowReader
from sfa.store import participants
from sfa.store.loading import Load, Met, Todo

_APART = re.compile(r"[,;|\n]")


class Gathering(Load):
    """A load of activities."""

    def _refer(self, columns: Columns, bad: Bad, held: set[int] | None) -> None:
        super()._refer(columns, bad, held)
        if "others" in columns:
            near = columns.get("account")
            columns["others"] = [self._people(i, text, near[i] if near else None, bad) for i, text in enumerate(columns["others"])]

    def _people(self, row: int, text: str | None, account: int | None, bad: Bad) -> list[int]:
        """The contacts that a cell names; what is wrong with one of them is wrong with the row."""
        parts = [p.strip() for p in _APART.split(text or "") if p.strip()]
        wrong: Bad = {}
        found = self.references.column(self.kind.field("contact"), parts, [account] * len(parts), wrong)
        if wrong:
            bad.setdefault(row, say("also with: {wrong}", wrong=wrong[min(wrong)].partition(": ")[2] or wrong[min(wrong)]))
        return list(dict.fromkeys(n for n in found if n is not None))

    def _insert(self, reader: RowReader, todo: Todo, fresh: list[int], first: int) -> None:
        super()._insert(reader, todo, fresh, first)
        if "others" not in todo.columns:
            return
        mains = todo.columns.get("contact") or [None] * len(todo.rows)
        pairs = [(first + n, c) for n, i in enumerate(fresh) for c in todo.columns["others"][i] if c != mains[i]]
        participants.load(self.op, pairs)

    def _meet(self, columns: Columns, there: list[Met], rows: Sequence[Line]) -> None:
        super()._meet(columns, there, rows)
        for met in there if "others" in columns else ():
            self._others(met.record, columns["others"][met.row])

    def _others(self, activity: int, given: list[int]) -> None:
        """Who took part in an activity that is there: as the file says with update, filled where nobody is named, else told."""
        row: Any = self.store.db.execute("SELECT contact FROM activity WHERE id=?", (activity,)).fetchone()
        wanted, now = [c for c in given if c != row[0]], participants.others(self.store, activity)
        if not wanted or wanted == now:
            return
        if self.options.on_duplicate == "update" or (self.options.on_duplicate == "fill" and not now):
            participants.put(self.op, activity, wanted)
            self.notes["activities that were there got other people beside their contact"] += 1
        else:
            self.notes["activities that were there name other people beside their contact; --on-duplicate update takes the file's"] += 1
