"""Loading past versions of opportunities (`import history`), such as Salesforce's OpportunityHistory: what each deal was before the first
version that this database knows. Nothing current moves; the versions are stamped as made and ended by the import, and undo hides them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sfa.sales import arrivals
from sfa.sales.kinds import Kind
from sfa.sales.rows import RowReader
from sfa.store.linking import References
from sfa.store.loading import BATCH, Options, Rejected
from sfa.store.operations import Operation
from sfa.store.schema import q
from sfa.store.waiting import Line

Record = dict[str, Any]
_GIVEN = ("amount", "currency", "close", "probability", "category")


class Past:
    """A load of past versions in progress. Rows may come in any order: `file` collects them, `finish` writes."""

    def __init__(self, op: Operation, kind: Kind, options: Options, rejected: Rejected) -> None:
        self.op, self.store, self.kind, self.rejected = op, op.store, kind, rejected
        self.references = References(op, kind, options.source, "reject")
        self.counts: Counter[str] = Counter()
        self.notes: Counter[str] = Counter()
        self.steps: dict[int, list[tuple[str, int, Record]]] = {}
        self.given: set[str] = set()
        deals = op.store.db.execute("SELECT id, pipeline, currency FROM opportunity").fetchall()
        self.pipelines: dict[int, int | None] = {d[0]: d[1] for d in deals}
        self.currencies: dict[int, str | None] = {d[0]: d[2] for d in deals}

    def file(self, reader: RowReader, rows: Iterable[Line], progress: Callable[[int], None] = lambda done: None) -> None:
        """Collect the rows of one file."""
        self.given |= reader.names
        stream = iter(rows)
        while part := list(islice(stream, BATCH)):
            self.counts["read"] += len(part)
            for row in part:
                if row.problem:
                    self._reject(row, row.problem)
            sound = [r for r in part if not r.problem]
            if sound:
                self._batch(reader, sound)
            progress(self.counts["read"])

    def _reject(self, row: Line, reason: str) -> None:
        self.counts["rejected"] += 1
        self.rejected(row.line, row.cells, reason.removeprefix(f"line {row.line}: ").removeprefix(f"line {row.line}, "))

    def _batch(self, reader: RowReader, rows: Sequence[Line]) -> None:
        columns, bad = reader.read([r.cells for r in rows])
        for name in ("opportunity", "changed", "stage"):
            if name not in columns:
                columns[name] = [None] * len(rows)
            for i, value in enumerate(columns[name]):
                if value is None:
                    bad.setdefault(i, f"a past version needs {name}: no such column, or its cell is blank")
        found = self.references.column(self.kind.field("opportunity"), columns["opportunity"], None, bad)
        near = [self.pipelines.get(n) if n else None for n in found]
        stages = self.references.column(self.kind.field("stage"), columns["stage"], near, bad)
        for i, row in enumerate(rows):
            deal, stage = found[i], stages[i]
            if i in bad or deal is None or stage is None:
                self._reject(row, bad.get(i, "it cannot be read"))
                continue
            step = {n: columns[n][i] for n in _GIVEN if n in columns} | {"stage": stage}
            if "currency" not in reader.names and step.get("currency") == self.store.currency:
                step = self._in_currency_of(deal, step)
            self.steps.setdefault(deal, []).append((columns["changed"][i], len(self.steps.get(deal, ())), step))

    def _in_currency_of(self, deal: int, step: Record) -> Record:
        """A step whose amount names no currency is in its deal's."""
        from sfa.sales.money import exponent, half_even

        currency = self.currencies.get(deal) or self.store.currency
        amount = half_even(step["amount"] * 10 ** exponent(currency), 10 ** exponent(self.store.currency))
        return {**step, "amount": amount, "currency": currency}

    def finish(self) -> None:
        """Write the versions of every deal that has none loaded yet."""
        db = self.store.db
        loaded = {r[0] for r in db.execute("SELECT DISTINCT id FROM opportunity_history WHERE op=until_op AND since>0")}
        stages = _stages(db)
        columns = self.store.kinds["opportunity"].columns
        names = ",".join(q(c) for c in ("id", *columns, "op", "since", "until_op", "until"))
        sql = f"INSERT INTO opportunity_history({names}) VALUES({','.join('?' * (len(columns) + 5))})"
        for deal, steps in self.steps.items():
            if deal in loaded:
                self.counts["unchanged"] += len(steps)
                continue
            rows = self._versions(deal, sorted(steps, key=lambda s: s[:2]), columns, stages)
            db.executemany(sql, rows)
            self.op.changes += len(rows)
            self.counts["new"] += len(rows)
            if len(rows) < len(steps):
                self.counts["skipped"] += len(steps) - len(rows)
                self.notes["rows are not before the first version that is known of their deal"] += len(steps) - len(rows)
        self._surroundings()

    def _surroundings(self) -> None:
        """Give everything that the loaded past refers to (stages, owners and their managers, accounts …) a past as long: its earliest
        known version, so that a moment before this database was made shows deals with their stages and owners."""
        from json import dumps

        db, mine = self.store.db, (self.op.id, self.op.id)
        since = db.execute("SELECT min(since) FROM opportunity_history WHERE op=? AND until_op=?", mine).fetchone()[0]
        waiting, done = [self.store.kinds["opportunity"]], set[tuple[str, int]]()
        while waiting:
            kind = waiting.pop()
            for field in (f for f in kind.fields if f.type == "ref"):
                name, past = q(field.name), q(kind.name + "_history")
                sql = f"SELECT DISTINCT {name} FROM {past} WHERE op=? AND until_op=? AND {name} IS NOT NULL"
                new = {r[0] for r in db.execute(sql, mine)} - {n for k, n in done if k == field.to}
                done |= {(field.to, n) for n in new}
                target = self.store.kinds[field.to]
                if field.to != "opportunity" and new and db.execute(_lengthen(target), (*mine, since, dumps(sorted(new)))).rowcount:
                    waiting.append(target)

    def _versions(
        self, deal: int, steps: list[tuple[str, int, Record]], columns: Sequence[str], stages: dict[int, Record]
    ) -> list[tuple[Any, ...]]:
        """The rows of one deal's past, oldest first, each until the next began and the last until the first known version began."""
        first = self._first(deal, columns)
        begun: list[tuple[int, Record]] = []
        for changed, _, row in steps:
            since = _moment(changed, self.store.site)
            if begun and since <= begun[-1][0]:
                # Steps within the same moment keep their order a millisecond apart.
                since = begun[-1][0] + (1 << 20)
            if since >= first["since"]:
                break
            given = {n: v for n, v in row.items() if v is not None or n in ("amount", "close")}
            begun.append((since, arrivals.past_deal(first, given, stages[row["stage"]], changed[:10])))
        ends = [since for since, _ in begun[1:]] + [first["since"]]
        return [
            (deal, *(version[c] for c in columns), self.op.id, since, self.op.id, until)
            for (since, version), until in zip(begun, ends, strict=True)
        ]

    def _first(self, deal: int, columns: Sequence[str]) -> Record:
        """The earliest version of a deal that is known, with its `since`."""
        names = ",".join(q(c) for c in (*columns, "since"))
        row = self.store.db.execute(
            f"SELECT {names} FROM opportunity_history WHERE id=?1 AND since>0 AND until_op>0"
            f" UNION ALL SELECT {names} FROM opportunity WHERE id=?1 ORDER BY since LIMIT 1",
            (deal,),
        ).fetchone()
        return dict(zip((*columns, "since"), row, strict=True))


def _lengthen(kind: Kind) -> str:
    """SQL that gives records (?4, JSON ids) a version of operation ?1 from moment ?3 until their earliest known one began."""
    past, names = q(kind.name + "_history"), ",".join(q(c) for c in ("id", *kind.columns))
    known = f"SELECT {names},since FROM {q(kind.name)} UNION ALL SELECT {names},since FROM {past} WHERE since>0 AND until_op>0"
    first = f"SELECT {names},min(since) AS began FROM ({known}) WHERE id IN (SELECT value FROM json_each(?4)) GROUP BY id"
    return f"INSERT INTO {past}({names},op,since,until_op,until) SELECT {names},?1,?3,?2,began FROM ({first}) WHERE began>?3"


def _stages(db: Any) -> dict[int, Record]:
    names = ("id", "pipeline", "probability", "category", "outcome")
    return {r[0]: dict(zip(names, r, strict=True)) for r in db.execute(f"SELECT {','.join(names)} FROM stage")}


def _moment(stamp: str, site: int) -> int:
    """A stored stamp on the scale of operations."""
    return (int(datetime.fromisoformat(stamp).timestamp() * 1000) << 20) | site
