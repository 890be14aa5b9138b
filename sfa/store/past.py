"""Loading past versions of opportunities (`import history`): what each deal was before the first version that this database knows.
Nothing current moves; the versions are stamped as made and ended by the import, and undo hides them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales import histories, pasts
from sfa.sales.kinds import Kind
from sfa.sales.moments import local_text, parse_stamp, stamp_text
from sfa.sales.pasts import Change, Step, Visit
from sfa.sales.rows import RowReader
from sfa.store import surroundings
from sfa.store.linking import References
from sfa.store.loading import BATCH, Options, Rejected
from sfa.store.operations import Operation
from sfa.store.pastrows import Deal, Fact, PastRows
from sfa.store.schema import q
from sfa.store.waiting import Line

Record = dict[str, Any]
MILLISECOND = 1 << 20
_SHOWN = 10
_LATE = "rows are not before the first version that is known of their deal"
_AGAIN = "rows are of deals whose past is loaded already; `sfa undo` takes that import back"


class Past:
    """A load of past versions in progress. Rows may come in any order: `file` collects them, `finish` writes."""

    def __init__(self, op: Operation, kind: Kind, options: Options, rejected: Rejected) -> None:
        self.op, self.store, self.kind, self.rejected = op, op.store, kind, rejected
        self.references = References(op, kind, options.source, options.on_missing, options.stages)
        self.counts: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.facts: dict[int, list[Fact]] = {}
        self.shape = ""
        self.contrary: list[int] = []
        self.columns = op.store.kinds["opportunity"].columns
        self.money = tuple(f.name for f in op.store.kinds["opportunity"].fields if f.type == "money")
        self.stages = _stages(op.store.db)
        rows = op.store.db.execute("SELECT id, pipeline, currency, account FROM opportunity")
        self.deals = {r[0]: Deal(*r[1:]) for r in rows}

    def file(self, reader: RowReader, rows: Iterable[Line], progress: Callable[[int], None] = lambda done: None) -> None:
        """Collect the rows of one file. Raises UsageError where it is of another shape than the one before."""
        if self.shape not in ("", reader.kind.name):
            raise UsageError("the files hold history of different shapes", "Import them one by one.")
        self.shape = reader.kind.name
        read = PastRows(reader, self.deals, self.references, self._reject, self.counts)
        stream = iter(rows)
        while part := list(islice(stream, BATCH)):
            self.counts["read"] += len(part)
            for row in part:
                if row.problem:
                    self._reject(row, row.problem)
            sound = [r for r in part if not r.problem]
            if sound:
                read.batch(sound)
            progress(self.counts["read"])
        read.finish()
        for deal, facts in read.facts.items():
            self.facts.setdefault(deal, []).extend(facts)

    def _reject(self, row: Line, reason: str) -> None:
        self.counts["rejected"] += 1
        self.rejected(
            row.line, row.cells, reason.removeprefix(say("line {line}: ", line=row.line)).removeprefix(say("line {line}, ", line=row.line))
        )

    def finish(self) -> None:
        """Write the versions of every deal that has none loaded yet."""
        names = ",".join(q(c) for c in ("id", *self.columns, "op", "since", "until_op", "until"))
        sql = f"INSERT INTO opportunity_history({names}) VALUES({','.join('?' * (len(self.columns) + 5))})"
        for deal, facts in self.facts.items():
            facts = self._without_overlaps(facts)
            if not self._is_loaded(deal, facts):
                rows = self._versions(deal, facts)
                self.store.db.executemany(sql, rows)
                self.op.changes += len(rows)
        if self.contrary:
            lines = ", ".join(map(str, self.contrary[:_SHOWN])) + (" …" if len(self.contrary) > _SHOWN else "")
            word = "lines" if len(self.contrary) > 1 else "line"
            self.notes[f"new values are not what is known later ({word} {lines})"] += len(self.contrary)
        surroundings.lengthen(self.op)

    def _is_loaded(self, deal: int, facts: Sequence[Fact]) -> bool:
        """Whether a deal has a loaded past. Rows at whose moments one of its versions begins are counted as unchanged."""
        sql = "SELECT since>>20, until FROM opportunity_history WHERE id=? AND op=until_op AND since>0"
        loaded: dict[int, int] = dict(self.store.db.execute(sql, (deal,)).fetchall())
        known = max(loaded.values(), default=0)
        for fact in facts if loaded else ():
            since = _moment(fact.at, self.store.site)
            same = since >> 20 in loaded
            self.counts["unchanged" if same else "skipped"] += 1
            if not same:
                self.notes[_LATE if since >= known else _AGAIN] += 1
        return bool(loaded)

    def _without_overlaps(self, facts: list[Fact]) -> list[Fact]:
        """What a deal's rows say without visits to stages that began while another lasted: those are rejected."""
        over = pasts.overlaps([f.what for f in facts if isinstance(f.what, Visit)])
        for i, other in over.items():
            until = local_text(other.left or "", self.store.calendar)
            self._reject(
                facts[i].row,
                say("the stage was entered while the one of line {line} lasted, which was left on {until}", line=other.line, until=until),
            )
        return [f for i, f in enumerate(facts) if i not in over]

    def _versions(self, deal: int, facts: Sequence[Fact]) -> list[tuple[Any, ...]]:
        """The rows of one deal's past, oldest first, each until the next began and the last until the first known version began."""
        first = self._first(deal)
        early = [f for f in facts if _moment(f.at, self.store.site) < first["since"]]
        self.counts["new"] += len(early)
        if late := len(facts) - len(early):
            self.counts["skipped"] += late
            self.notes[_LATE] += late
        steps = self._steps(early, first)
        if not steps:
            return []
        found = pasts.versions(first, steps, self.stages, lambda at: local_text(at, self.store.calendar)[:10])
        since, until = [0] * len(steps), first["since"]
        for i in reversed(range(len(steps))):
            # Of steps at one moment the last holds from then on, those before it end a millisecond earlier each.
            since[i] = until = min(_moment(steps[i].at, self.store.site), until - MILLISECOND)
        ends = [*since[1:], first["since"]]
        return [
            (deal, *(version[c] for c in self.columns), self.op.id, begun, self.op.id, end)
            for version, begun, end in zip(found, since, ends, strict=True)
        ]

    def _steps(self, facts: Sequence[Fact], first: Record) -> list[Step]:
        """What the rows of a deal say, as steps in order."""
        visits = [f.what for f in facts if isinstance(f.what, Visit)]
        if visits:
            until = stamp_text(datetime.fromtimestamp((first["since"] >> 20) / 1000, UTC))
            steps, gaps = pasts.visited(visits, until)
            if gaps:
                self.notes["gaps between two stages, in which the earlier one was kept"] += gaps
            return steps
        if self.shape == histories.CHANGES.name:
            return self._rebuilt(facts, first)
        return sorted((f.what for f in facts if isinstance(f.what, Step)), key=lambda s: s.at)

    def _rebuilt(self, facts: Sequence[Fact], first: Record) -> list[Step]:
        changes = [f.what for f in facts if isinstance(f.what, Change)]
        begun = min((f.at for f in facts if f.what is None), default="")
        earliest = min((c.at for c in changes), default="")
        if not begun and first.get("opened") and any(c.says_old for c in changes):
            # Old values held before the first change: since the deal was opened.
            opened = stamp_text(parse_stamp(first["opened"], self.store.calendar))
            begun = opened if opened < earliest else ""
        different = pasts.distinct(changes)
        if same := len(changes) - len(different):
            self.notes["rows say the same as another of the same moment"] += same
        found = pasts.rebuilt(first, different, begun, self.money)
        self.contrary += [c.line for c in found.contrary]
        return found.steps

    def _first(self, deal: int) -> Record:
        """The earliest version of a deal that is known, with its `since`."""
        names = ",".join(q(c) for c in (*self.columns, "since"))
        row = self.store.db.execute(
            f"SELECT {names} FROM opportunity_history WHERE id=?1 AND since>0 AND until_op>0"
            f" UNION ALL SELECT {names} FROM opportunity WHERE id=?1 ORDER BY since LIMIT 1",
            (deal,),
        ).fetchone()
        return dict(zip((*self.columns, "since"), row, strict=True))


def _stages(db: Any) -> dict[int, Record]:
    names = ("id", "pipeline", "probability", "category", "outcome")
    return {r[0]: dict(zip(names, r, strict=True)) for r in db.execute(f"SELECT {','.join(names)} FROM stage")}


def _moment(stamp: str, site: int) -> int:
    """A stored stamp on the scale of operations."""
    return (int(datetime.fromisoformat(stamp).timestamp() * 1000) << 20) | site
