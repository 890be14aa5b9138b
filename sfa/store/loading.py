"""Loading files of records: each row becomes a new record, a change to one that is there, or a reason why not.

Rows go through in batches of columns, so that memory stays bounded and the work is done column by column. Rows that refer to records
of their own kind which are not there yet wait until the file has been read, and follow those that they refer to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sfa.errors import BadValue, SfaError
from sfa.messages import say
from sfa.sales import arrivals
from sfa.sales.cells import Bad
from sfa.sales.kinds import Kind
from sfa.sales.refs import show
from sfa.sales.rows import Columns, RowReader
from sfa.sales.values import quoted
from sfa.store import bulk, deals
from sfa.store.belonging import Filler
from sfa.store.erase import blocker
from sfa.store.identity import Identity
from sfa.store.linking import OWN, ROW, References
from sfa.store.newcomers import Newcomers
from sfa.store.operations import Operation
from sfa.store.remembered import Numbers
from sfa.store.waiting import Line, Waiting, levels, waiting

BATCH = 2_000
MANY = 6_000
"""New records from which on a load does without what guards single writes."""
SETTLED = ("stage", "reason")
"""The kinds whose rows go one by one through the rules that bind people, because others of the kind matter to them."""
Record = dict[str, Any]
Rejected = Callable[[int, Sequence[str], str], None]


class Options(NamedTuple):
    """How a load meets what is there: the source of external ids, what differing rows do ("" stops), what unknown references do;
    the nearest of our stages by another system's, for where there is no stage of its name; `pipelines` what it calls its usual one."""

    source: str = ""
    on_duplicate: str = ""
    on_missing: str = "reject"
    stages: dict[str, str] = {}
    pipelines: frozenset[str] = frozenset()


class Todo(NamedTuple):
    """A batch of rows, read: their values by column, what new records get beside, why rows are bad, lack something or wait, and all that
    may identify them."""

    rows: Sequence[Line]
    columns: Columns
    made: Columns
    lacking: dict[int, str]
    bad: Bad
    held: set[int]
    own: list[Any] | None
    external: list[Any] | None
    keys: list[list[Any]]
    hashes: dict[int, str]


class Met(NamedTuple):
    """A row whose record is there: by what it is known, the external id that it gives to it (None: none that is new to it), and the
    one that it has."""

    row: int
    record: int
    by: str
    name: str | None
    had: str | None


class Differing(NamedTuple):
    """A row that differs from its record."""

    line: int
    before: Record
    different: Record


class Load:
    """A load in progress, within one operation. `counts` holds what became of the rows; `differing` those that nothing was said about,
    the first few of them. `giver` gives new records what their rows do not say: owners, accounts; `noted` takes the line of each, in the
    order of their ids, where somebody wants to know."""

    def __init__(self, op: Operation, kind: Kind, options: Options, rejected: Rejected) -> None:
        self.op, self.store, self.kind, self.options, self.rejected = op, op.store, kind, options, rejected
        self.references = References(op, kind, options.source, options.on_missing, options.stages, options.pipelines)
        self.first = bulk.next_number(op.store, kind.name)
        self.identity = Identity(op.store, kind, options.source, self.first)
        self.newcomers = Newcomers(op.store, kind)
        self.is_erased = blocker(op.store, kind.name)
        self.giver: Filler | None = None
        self.noted: list[int] | None = None
        self.counts: Counter[str] = Counter()
        self.reasons: list[tuple[Line, str]] = []
        self.differing: list[Differing] = []
        self.notes: Counter[str] = Counter()
        self.ranges: list[tuple[int, int]] = []
        self.matched = Numbers()
        self.matched_by: Counter[str] = Counter()
        self.waiting: list[Waiting] = []
        self.has_accounts = op.store.db.execute("SELECT 1 FROM external WHERE \"kind\"='account' LIMIT 1").fetchone() is not None

    def file(self, reader: RowReader, rows: Iterable[Line], progress: Callable[[int], None] = lambda done: None) -> None:
        """Load the rows of one file."""
        stream = iter(rows)
        gates: bulk.Gates | None = None
        to_own = any(f.to == self.kind.name for f in self.kind.fields if f.name in reader.names)
        # Stages and reasons of one file are judged by those before them.
        size = 1 if self.kind.name in SETTLED else BATCH
        while part := list(islice(stream, size)):
            self.counts["read"] += len(part)
            if gates is None and self.counts["new"] >= MANY:
                gates = bulk.Gates(self.op, self.kind.name, indexes=self.identity.empty and not to_own)
            sound = [r for r in part if not r.problem]
            if len(sound) < len(part):
                for row in part:
                    if row.problem:
                        self._reject(row, row.problem)
            if sound:
                self._batch(reader, sound, wait=True)
            self._tell_rejected()
            progress(self.counts["read"])
        if gates:
            gates.put_back()
        self._follow(reader)
        self._tell_rejected()

    def finish(self) -> None:
        """Bring what was loaded into the text index."""
        bulk.index(self.op, self.kind, self.ranges)

    def _reject(self, row: Line, reason: str) -> None:
        if self.reasons and self.reasons[-1][0] is row:
            # One row may hold several records; it is rejected once.
            return
        self.counts["rejected"] += 1
        self.reasons.append(
            (row, reason.removeprefix(say("line {line}: ", line=row.line)).removeprefix(say("line {line}, ", line=row.line)))
        )

    def _tell_rejected(self) -> None:
        """Hand on the rejected rows of a batch, in the order of the file."""
        for row, reason in sorted(self.reasons, key=lambda r: r[0].line):
            self.rejected(row.line, row.cells, reason)
        self.reasons.clear()

    # Rows that wait -----------------------------------------------------------------------------------------------------------------

    def _follow(self, reader: RowReader) -> None:
        """Load the rows that waited for others of the file, each after those that it refers to."""
        groups, circle = levels(self.waiting)
        self.waiting = []
        for group in groups:
            self.references.forget(self.kind.name)
            for start in range(0, len(group), BATCH):
                self._batch(reader, [w.row for w in group[start : start + BATCH]], wait=False)
        for w in circle:
            self._reject(w.row, "it refers to itself, at once or over other rows: a circle")

    # One batch ----------------------------------------------------------------------------------------------------------------------

    def _batch(self, reader: RowReader, rows: Sequence[Line], wait: bool) -> None:
        rows, columns, bad = reader.batch(rows, again=not wait)
        self.counts["skipped"] += reader.passed
        self.counts["deleted"] += reader.passed
        reader.passed = 0
        if not rows:
            return
        if self.is_erased:
            for name in ("email", "other_emails"):
                for i, mails in enumerate(columns.get(name, ())):
                    if mails and any(map(self.is_erased, mails.split(","))):
                        bad.setdefault(i, "this person was erased here, for good (sfa erase)")
        texts = {f.name: columns[f.name] for f in self.kind.fields if f.name in columns and f.type == "ref" and f.to == self.kind.name}
        held: set[int] = set()
        self._refer(columns, bad, held if wait else None)
        if self.kind.name == "lead":
            self._lead(columns)
        if self.kind.name == "quota":
            self.newcomers.covers(columns, len(rows))
        own, external = columns.pop("id", None), columns.pop("external_id", None)
        keys = self._keys(columns, len(rows))
        hashes = self._hashes(reader, rows, own, external, keys, bad)
        self.identity.see(columns, own, external, hashes)
        made, lacking = self.newcomers.made(reader, columns, external, len(rows))
        for i in sorted(held):
            if i not in bad:
                self.waiting.append(waiting(rows[i], i, texts, columns, own, external))
        first = bulk.next_number(self.store, self.kind.name)
        todo = Todo(rows, columns, made, lacking, bad, held, own, external, keys, hashes)
        plain = len(keys) == 1 and self.kind.name not in ("opportunity", *SETTLED) and not (own or external or hashes)
        fresh, there = self._sort_plainly(todo, first) if plain else self._sort(todo, first)
        self._insert(reader, todo, fresh, first)
        if not plain:
            self._link(todo, fresh, first)
        if there:
            self._meet(columns, there, rows)
        self.identity.written()

    def _sort_plainly(self, todo: Todo, number: int) -> tuple[list[int], list[Met]]:
        """New rows and those whose record is there, where one natural key says it all: the short way of `_sort`."""
        fresh: list[int] = []
        there: list[Met] = []
        bad, lacking, held, known, rule = todo.bad, todo.lacking, todo.held, self.identity.by_key[0], self.identity.rule(0)
        recent = known.recent
        for i, key in enumerate(todo.keys[0]):
            if i in bad:
                self._reject(todo.rows[i], bad[i])
            elif i in held:
                continue
            elif (found := recent.get(key) or known.settled(key)) is None:
                if i in lacking:
                    self._reject(todo.rows[i], lacking[i])
                    continue
                recent[key] = number
                fresh.append(i)
                number += 1
            elif isinstance(found, int):
                there.append(Met(i, found, rule, None, None))
            else:
                self._reject(todo.rows[i], self.identity.several(found, key).message)
        return fresh, there

    def _sort(self, todo: Todo, number: int) -> tuple[list[int], list[Met]]:
        """The rows that are new, and those whose record is there."""
        identity, own, external, hashes = self.identity, todo.own, todo.external, todo.hashes
        fresh: list[int] = []
        there: list[Met] = []
        for i, row in enumerate(todo.rows):
            if i in todo.bad:
                self._reject(row, todo.bad[i])
                continue
            if i in todo.held:
                continue
            ids = (own[i] if own else None, external[i] if external else None)
            key = tuple(k[i] for k in todo.keys)
            try:
                known = identity.of(*ids, key, hashes.get(i))
                found = known[0] if known else None
                if known is None:
                    if self.kind.name in SETTLED and todo.columns.get("name") not in (None, [None]):
                        self.newcomers.settled(todo.columns, todo.made)
                    elif i in todo.lacking:
                        raise BadValue(todo.lacking[i])
                    if self.kind.name == "opportunity":
                        self.newcomers.deal(todo.columns, todo.made, i, len(todo.rows))
                else:
                    there.append(Met(i, *known, *self._new_name(known[0], ids[1])))
            except SfaError as error:
                self._reject(row, f"{error.message}{f' ({error.hint})' if error.hint else ''}")
                continue
            identity.claim(number if found is None else found, *ids, key, hashes.get(i) if found is None else None, new=found is None)
            if found is None:
                fresh.append(i)
                number += 1
        return fresh, there

    def _new_name(self, number: int, external: str | None) -> tuple[str | None, str | None]:
        """(The external id that a row gives to its record, None where it has it; the one that it has). Raises BadValue where another
        record has it."""
        if external is None:
            return None, None
        taken = self.identity.by_id[self.options.source].get(external)
        if isinstance(taken, int) and taken != number:
            raise BadValue(
                say(
                    "its external id {external} belongs to {ref}",
                    external=quoted(external),
                    ref=show(self.kind.name, taken, self.store.site),
                )
            )
        return (None, None) if taken == number else (external, self.identity.id_of(self.options.source, number))

    def _link(self, todo: Todo, fresh: list[int], first: int) -> None:
        """Keep how other systems call the new records, and the hashes of those that have no other identity."""
        for source, texts in ((OWN, todo.own), (self.options.source, todo.external)):
            if texts:
                bulk.link(self.op, self.kind.name, [(first + n, texts[i]) for n, i in enumerate(fresh) if texts[i] is not None], source)
        hashes = todo.hashes
        bulk.link(self.op, self.kind.name, [(first + n, hashes[i]) for n, i in enumerate(fresh) if i in hashes], ROW)

    def _refer(self, columns: Columns, bad: Bad, held: set[int] | None) -> None:
        """Texts of references become ids; accounts before contacts and pipelines before stages, which they narrow."""
        fields = [f for f in self.kind.fields if f.type == "ref" and f.name in columns]
        for field in sorted(fields, key=lambda f: f.to in ("contact", "stage")):
            near = columns.get({"contact": "account", "stage": "pipeline"}.get(field.to, ""))
            columns[field.name] = list(self.references.column(field, columns[field.name], near, bad, held))

    def _lead(self, columns: Columns) -> None:
        """A lead with a date of conversion is converted; a company that is an account's external id is that account's name."""
        if "converted" in columns:
            status = columns.get("status") or [None] * len(columns["converted"])
            columns["status"] = ["converted" if c else s for c, s in zip(columns["converted"], status, strict=True)]
        if "company" in columns and self.has_accounts:
            from json import dumps

            sql = (
                "SELECT e.external, a.name FROM external e JOIN account a ON a.id=e.record"
                " WHERE e.\"kind\"='account' AND coalesce(e.source,'')=? AND e.external IN (SELECT value FROM json_each(?))"
            )
            texts = dumps([c for c in set(columns["company"]) if c])
            names = dict(self.store.db.execute(sql, (self.options.source, texts)).fetchall())
            if names:
                self.notes["companies given by an account's id got its name"] += sum(c in names for c in columns["company"])
                columns["company"] = [names.get(c, c) for c in columns["company"]]

    def _keys(self, columns: Columns, many: int) -> list[list[Any]]:
        """The natural keys of the rows, folded for comparison."""
        out: list[list[Any]] = []
        for names in self.identity.keys:
            parts = [columns.get(n) or [self.newcomers.defaults.get(n)] * many for n in names]
            if names == ("email",):
                out.append(parts[0])
            else:
                needed = [i for i, n in enumerate(names) if self.kind.by_name[n].required or not self.kind.unique]
                rows = zip(*parts, strict=True)
                out.append([None if any(values[i] is None for i in needed) else Identity.folded(values) for values in rows])
        return out

    def _hashes(
        self, reader: RowReader, rows: Sequence[Line], own: list[Any] | None, external: list[Any] | None, keys: list[list[Any]], bad: Bad
    ) -> dict[int, str]:
        """Row → hash of what it says, for the rows that nothing else identifies."""
        if self.kind.unique:
            return {}
        if not own and not external and len(keys) == 1 and None not in keys[0]:
            return {}
        from hashlib import blake2b

        columns = [c for c in (*keys, own, external) if c]
        plain = [i for i, row in enumerate(zip(*columns, strict=True)) if not any(row) and i not in bad] if columns else range(len(rows))
        return {i: blake2b(reader.texts(rows[i].cells).encode("utf-8", "replace"), digest_size=12).hexdigest() for i in plain}

    def _insert(self, reader: RowReader, todo: Todo, fresh: list[int], first: int) -> None:
        """Write the new records of a batch, with ids from `first` on."""
        if not fresh:
            return
        names, values = self.newcomers.values(reader, todo.columns, todo.made, fresh, len(todo.rows))
        if self.giver:
            self.giver.fill(names, values, len(fresh))
        if self.noted is not None:
            self.noted += [todo.rows[i].line for i in fresh]
        last = first + len(fresh) - 1
        bulk.insert(self.op, self.kind.name, names, zip(range(first, last + 1), *values, strict=True), len(fresh))
        if self.ranges and self.ranges[-1][1] == first - 1:
            first = self.ranges.pop()[0]
        self.ranges.append((first, last))
        self.counts["new"] += len(fresh)

    # Records that are there ---------------------------------------------------------------------------------------------------------

    def _meet(self, columns: Columns, there: list[Met], rows: Sequence[Line]) -> None:
        """Rows whose record is there: unchanged, skipped, or written as the option for duplicates says."""
        records = bulk.records(self.store, self.kind, [m.record for m in there])
        changes: dict[int, Record] = {}
        links: list[tuple[int, str]] = []
        known = [(n, values) for n, values in columns.items() if n in self.kind.columns]
        for i, number, by, name, had in there:
            self.matched_by[by] += 1
            before = records[number] if name is None else {**records[number], "external_id": had}
            self.counts["duplicates"] += number >= self.first or number in self.matched
            self.matched.add(number)
            given = {n: values[i] for n, values in known}
            try:
                written = self._decide(rows[i].line, before, given if name is None else {**given, "external_id": name})
                if written and (self.kind.name in SETTLED or "parent" in written or "manager" in written):
                    bulk.update(self.op, self.kind.name, changes)
                    changes.clear()
                    written = deals.prepared(self.store, self.kind, written, before)
            except SfaError as error:
                self._reject(rows[i], error.message)
                continue
            if written:
                if "external_id" in written:
                    links.append((number, written["external_id"]))
                self.counts["updated"] += 1
                self.counts["fields_changed"] += arrivals.counted(written)
                own = {n: v for n, v in written.items() if n != "external_id"}
                changes.setdefault(number, {}).update(own)
                records[number].update(own)
        bulk.update(self.op, self.kind.name, changes)
        bulk.relink(self.op, self.kind.name, links, self.options.source)

    def _decide(self, line: int, before: Record, given: Record) -> Record:
        """The fields that a row writes into its record, counted as unchanged, skipped or differing where there are none."""
        stage = None
        if self.kind.name == "opportunity":
            stage = self.newcomers.stage_of(given, before)
            given, dropped = arrivals.deal(given, stage["outcome"], before)
            self.newcomers.dropped.update(dropped)
        different = arrivals.differing(self.kind, before, given)
        if not different:
            self.counts["unchanged"] += 1
            return {}
        if self.kind.name == "lead" and before.get("converted"):
            self.notes["converted leads differ and stay as they are: they are read-only"] += 1
            self.counts["skipped"] += 1
            return {}
        if self.options.on_duplicate in ("", "fail"):
            self.counts["differing"] += 1
            if len(self.differing) < 5:
                self.differing.append(Differing(line, dict(before), different))
            return {}
        written = arrivals.to_write(self.kind, before, different, self.options.on_duplicate)
        if not written:
            self.counts["skipped"] += 1
            return {}
        if stage and written.get("stage", before["stage"]) != before["stage"]:
            written = arrivals.moved_deal(before, written, stage, self.newcomers.today)
        return written
