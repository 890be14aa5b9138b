"""One import as it runs: files of one kind loaded within an operation, bad rows put aside, what became of everything summed up.

The command that asks for it is `commands/import_.py`; what becomes of a row is decided in `store/loading.py`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import zip_longest
from shutil import copyfileobj
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from sfa.commands.alike import worded
from sfa.commands.files import may_write, nameless, written_whole
from sfa.commands.importing.mapping import described
from sfa.commands.importing.summary import remedies
from sfa.commands.session import Session
from sfa.commands.sources import Source, is_rejects, written_orders
from sfa.errors import Ambiguous, Refused, UsageError
from sfa.messages import say, together
from sfa.progress import Progress
from sfa.reading.table import Row, excerpt
from sfa.sales.kinds import KINDS, Kind, with_user_fields
from sfa.sales.mapping import DATES, IGNORED
from sfa.sales.rows import RowReader
from sfa.store.database import Store
from sfa.store.duplicates import MATCHED
from sfa.store.gathering import Gathering
from sfa.store.loading import Differing, Load, Options
from sfa.store.operations import Operation, tried
from sfa.store.past import Past

if TYPE_CHECKING:
    from sfa.store.alike import Likely
    from sfa.store.assigning import Giver
    from sfa.store.belonging import Belonging

SHOWN = 10
"""Reasons that an error lists; the others are told by what they share."""
_QUOTED = re.compile(r"['\"].*['\"](; did you mean .*)?")


Place = tuple[int, int]
"""Which of the files, and the line in it."""


class _Dry(Exception):
    """Ends an operation that is only tried."""


def apart(session: Session, resources: ExitStack, dry_run: bool) -> None:
    """A trial where there is no database yet makes none: it runs in one that is thrown away."""
    if dry_run and not os.path.exists(session.settings.get("db")):
        import tempfile

        folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="sfa-"))
        session.settings.given["db"] = os.path.join(folder, "trial.db")


def kinds_of(session: Session) -> dict[str, Kind]:
    """The kinds, with the company's own fields where there is a database."""
    if not os.path.exists(session.settings.get("db")):
        return KINDS
    with session.store() as store:
        return store.kinds


class Loaded(NamedTuple):
    """What came of the files of one kind: the load, the readers of its files."""

    load: Load | Past
    readers: list[RowReader]


@contextmanager
def loading(session: Session, dry_run: bool, adds_users: bool) -> Iterator[Operation]:
    """The one operation that an import is; a trial ends without it."""
    from sfa.store import bulk
    from sfa.store.operations import operation

    with session.store(write=True) as store:
        bulk.ready(store)
        try:
            with operation(store, session.command, adds_users=adds_users) as op:
                yield op
                if dry_run:
                    raise _Dry
        except _Dry:
            pass


def done(op: Operation, dry_run: bool) -> str | None:
    """How the operation is called that an import is; None where it changed nothing."""
    from sfa.store import history

    return history.short(op.id) if op.changes and not dry_run else None


class Run:
    """One import: its files, how it meets what is there, where bad rows go, and what became of everything."""

    def __init__(
        self,
        session: Session,
        kind: Kind,
        sources: list[Source],
        options: Options,
        rejects: str,
        dry_run: bool,
        yes: bool = False,
        makes: frozenset[str] = frozenset(),
        held: frozenset[str] = frozenset(),
    ) -> None:
        self.session, self.kind, self.sources, self.options, self.dry_run = session, kind, sources, options, dry_run
        self.yes, self.makes, self.held = yes, makes, held
        self.rejects = rejects
        self.reasons: dict[str, list[int]] = {}
        self.others = Counter[str]()
        self.places: dict[str, tuple[str, int]] = {}
        self.reading: Source | None = None
        self.giver: Giver | None = None
        self.belonging: Belonging | None = None
        self.unwanted: dict[Place, str] = {}
        self.orders: list[str] = []
        self.gone: set[str] = set()
        self.rejected = 0
        self.writer: Any = None
        self.started = perf_counter()

    def check_rejects(self, yes: bool) -> None:
        """Raise where the file for rejected rows cannot take them."""
        may_write(self.rejects, yes, is_rejects)
        if len({tuple(s.table.header) for s in self.sources}) > 1:
            raise UsageError("--rejects takes the rows of files with the same header only", "Import the files one by one.")

    def load(self) -> dict[str, Any]:
        """Load everything in one operation and return the summary. Raises Refused (exit 4) for bad rows without --rejects, Ambiguous
        (exit 5) for rows that differ from their records where nothing was said about them."""
        with loading(self.session, self.dry_run, adds_users=self.kind.name == "user") as op, self.rejects_file():
            loaded = self.run(op)
            self.check(op.store, loaded.load)
            likely = self.likely(op.store, loaded.load)
            return self.summary(loaded, done(op, self.dry_run), likely)

    def run(self, op: Operation) -> Loaded:
        """Load the files within an operation; `check` says whether what came of it may stand. Where the setting `duplicates` says block,
        rows that are likely there already are found by a first try and rejected by the second."""
        from sfa.store.linking import source_of

        self._create_fields(op)
        profile = next((s.plan.profile for s in self.sources if s.plan.profile), None)
        calendar = any(s.table.dialect.form == "iCalendar" for s in self.sources)
        if (profile or calendar) and not self.options.source:
            named = _source_name(profile.name, self.sources[0]) if profile else "calendar"
            self.options = self.options._replace(source=source_of(op, self.kind, named))
        if self.blocks:
            writer, self.writer = self.writer, None
            noted: list[Place] = []
            with tried(op):
                self.unwanted = self._unwanted(op.store, self._loaded(op, noted).load, noted)
            self.writer, self.rejected = writer, 0
            for told in (self.reasons, self.others, self.places):
                told.clear()
        return self._loaded(op)

    @property
    def blocks(self) -> bool:
        """Whether rows that are likely there already are not to be loaded."""
        return self.session.settings.get("duplicates") == "block" and not self.yes and self.kind.name in MATCHED

    def _loaded(self, op: Operation, noted: list[Place] | None = None) -> Loaded:
        """Load the files; where `noted` is given, for a try, after which they are opened again, it takes the place of each new record."""
        kinds: dict[str, type[Load] | type[Past]] = {"history": Past, "activity": Gathering}
        load: Load | Past = kinds.get(self.kind.name, Load)(op, self.kind, self.options, self._reject)
        load.references.makes, load.references.held, load.references.gone = self.makes, self.held, self.gone
        self._prepare_giving(op, load)
        readers = []
        for at in range(len(self.sources)):
            lines: list[int] = []
            if isinstance(load, Load) and noted is not None:
                load.noted = lines
            readers.append(self._file(op.store, load, at))
            if noted is not None:
                noted += [(at, line) for line in lines]
                self.sources[at] = self.sources[at].opened_again()
        load.finish()
        return Loaded(load, readers)

    def _unwanted(self, store: Store, load: Load | Past, noted: list[Place]) -> dict[Place, str]:
        """Why rows that made new records are likely there already."""
        from sfa.sales.refs import show
        from sfa.store import alike
        from sfa.store.lookup import get, label

        if isinstance(load, Past):
            return {}
        likely = alike.loaded(store, self.kind, load.ranges, self.session.rules(), whole=True)
        places = dict(zip((n for first, last in load.ranges for n in range(first, last + 1)), noted, strict=True))
        out = {}
        for number, ((kind, twin), verdict) in likely.twins.items():
            new = kind == self.kind.name and twin in places
            which = say("line {places},", places=places[twin][1]) if new else show(kind, twin, store.site)
            name = label(store.kinds[kind], get(store, kind, twin) or {})
            sure = "the same" if verdict.level == "certain" else "likely the same"
            out[places[number]] = say(
                "{sure} as {which} {name}: {evidence}", sure=sure, which=which, name=name, evidence=worded(verdict.evidence)
            )
        return out

    def _prepare_giving(self, op: Operation, load: Load | Past) -> None:
        """Where the company's rules say who gets new records, those that name no owner go to whom they say; where it is wanted, those that
        surely belong to an account are linked to it."""
        from sfa.sales.kinds import ASSIGNED
        from sfa.store.belonging import FIELD, Belonging

        if isinstance(load, Load) and self.kind.name in ASSIGNED and self.session.settings.get("assign") == "on":
            self._prepare_assigning(op, load)
        if isinstance(load, Load) and self.kind.name in FIELD and self.session.settings.get("duplicates") == "link":
            load.giver = self.belonging = Belonging(op.store, self.kind.name, load.giver)

    def _prepare_assigning(self, op: Operation, load: Load) -> None:
        from sfa.store.assigning import Giver, any_rule

        default = self.session.settings.get("default_owner") if self.kind.name == "lead" else ""
        if default or any_rule(op.store, self.kind.name):
            load.giver = self.giver = Giver(op, self.kind, default)
            load.newcomers.defaults["owner"] = None

    def _create_fields(self, op: Operation) -> None:
        """Make the company's own fields that the files bring along, within the import's operation."""
        from sfa.store import fields

        kind = op.store.kinds.get(self.kind.name, self.kind)
        for field in (f for s in self.sources for f in s.created):
            fields.add(op, kind, field.name, field.type, field.label, list(field.choices))
            kind = with_user_fields(kind, [field])
            op.store.kinds = {**op.store.kinds, kind.name: kind}

    @contextmanager
    def rejects_file(self) -> Iterator[None]:
        """The file that rejected rows go to; it is there when there are any, and not after a trial. Until all is read they stand in one
        without a name, of which nothing is left however the program ends."""
        if not self.rejects or self.dry_run:
            yield
            return
        import csv

        with nameless(self.rejects) as stream:
            self.writer = csv.writer(stream, lineterminator="\n")
            self.orders = [written_orders(s) for s in self.sources]
            self.writer.writerow([*self._own_columns(self.sources[0].own_header), *([DATES] if any(self.orders) else []), *IGNORED])
            yield
            if self.rejected:
                stream.seek(0)
                with written_whole(self.rejects) as whole:
                    copyfileobj(stream, whole)

    def _own_columns(self, cells: Sequence[str]) -> list[str]:
        """A row without the columns that an earlier import's rejects file had beside its own."""
        found = self.sources[0]
        return [c for name, c in zip_longest(found.own_header, found.own_cells(cells), fillvalue="") if name not in (*IGNORED, DATES)]

    def _reject(self, line: int, cells: Sequence[str], reason: str) -> None:
        self.rejected += 1
        whole, reason = reason, self._followed(cells, reason)
        if reason in self.reasons:
            self.reasons[reason][1] += 1
        elif len(self.reasons) >= SHOWN:
            self.others[_QUOTED.sub("…", reason, count=1)] += 1
        else:
            self.reasons[reason] = [line, 1]
            if self.reading and (place := self.reading.table.places.get(line)):
                self.places[reason] = place
        if self.writer:
            dates = [self.orders[self.sources.index(self.reading)] if self.reading else ""] if any(self.orders) else []
            self.writer.writerow([*self._own_columns(cells), *dates, line, whole])

    def _followed(self, cells: Sequence[str], reason: str) -> str:
        """The reason against a row as it is told: that it refers to a row which is rejected itself is said once for all such rows."""
        if self.reading and self.kind.name != "history":
            from sfa.store.linking import nobody

            named = [c for n in ("external_id", "name") for c in self.reading.plan.feeding(n)]
            self.gone |= {nobody(self.kind, text) for c in named if c.at < len(cells) and (text := cells[c.at].strip())}
        if (missing := reason.partition("; did you mean")[0]) not in self.gone or missing in self.reasons:
            return reason
        return say(
            "it refers to {word} {missing} that is rejected",
            word="an" if missing[3] in "aeio" else "a",
            missing=missing[3:].partition(" is called ")[0],
        )

    def _file(self, store: Store, load: Load | Past, at: int) -> RowReader:
        found = self.sources[at]
        from sfa.sales.blanks import blank_words
        from sfa.sales.values import Context

        source = self.options.source or "import"
        blanks = blank_words(self.session.settings.get("blank_words"))
        context = Context(store.calendar, store.currency, "", source, store.phones, store.phone_country, blanks)
        if self.kind.name == "quota":
            from sfa.sales.quotarows import QuotaRows
            from sfa.store.quotas import known

            reader: RowReader = QuotaRows(found.plan, found.wide, context, found.orders, known(store))
        elif found.table.dialect.form == "iCalendar":
            from sfa.sales.attendees import AttendeeRows
            from sfa.store import attendees

            reader = AttendeeRows(found.plan, context, found.orders, attendees.known(store))
        else:
            reader = RowReader(found.plan, context, found.orders)
        progress = Progress(say("Reading {name}", name=os.path.basename(found.name)), found.rows_at_most)
        self.reading = found
        load.file(reader, self._rows(found, at), progress.at)
        progress.done()
        return reader

    def _rows(self, found: Source, at: int) -> Iterator[Row]:
        """The rows of a file; those that are not wanted carry the reason."""
        if not self.unwanted:
            return found.rows()
        return (r._replace(problem=self.unwanted.get((at, r.line), r.problem)) for r in found.rows())

    def check(self, store: Store, load: Load | Past) -> None:
        """Raise where rows are bad and nobody said where they should go, or differ from their records and nobody said what then."""
        if self.rejected and not self.rejects:
            told = [self._told(r, line, n) for r, (line, n) in self.reasons.items()]
            told += [say("{many:,} more: {what}", many=many, what=what) for what, many in self.others.items()]
            what = "row cannot" if self.rejected == 1 else "rows cannot"
            raise Refused(
                say("{rejected:,} {what} be loaded, so none was:\n  ", rejected=self.rejected, what=what) + "\n  ".join(told),
                remedies(self.kind, [*self.reasons, *self.others], self.options.on_missing),
            )
        if isinstance(load, Past) or not load.counts["differing"]:
            return
        many, earlier = load.counts["differing"], any(d.before["id"] >= load.first for d in load.differing)
        what = "quota" if self.kind.name == "quota" else "row"
        one = "an earlier row" if earlier else "a record already there"
        several = "earlier rows or records already there" if earlier else "records already there"
        raise Ambiguous(
            say(
                "{many:,} {more}:\n",
                many=many,
                more=say("{what}s differ from {several}", what=what, several=several)
                if many > 1
                else say("{what} differs from {one}", what=what, one=one),
            )
            + "\n".join(self._difference(store, d, load.first) for d in load.differing),
            "Nothing was loaded."
            if self.options.on_duplicate
            else "Add --on-duplicate update (the file wins), fill (only blanks) or skip (leave them as they are).",
        )

    def _told(self, reason: str, line: int, many: int) -> str:
        """A reason for a person: the first line that it is true of, and where in it a caret points."""
        shown = [f"\n    {part}" for part in excerpt(*self.places[reason]).split("\n")] if reason in self.places else []
        return say(
            "line {line}{more}: {reason}{shown}",
            line=line,
            more=say(" and {many:,} more", many=many - 1) if many > 1 else "",
            reason=reason,
            shown="".join(shown),
        )

    def _difference(self, store: Store, found: Differing, first: int) -> str:
        from sfa.commands.nouns import differences
        from sfa.sales.refs import show
        from sfa.store.lookup import label

        before = {"external_id": None, **found.before}
        changes = differences(store, self.kind, before, found.different)
        which = "an earlier row," if before["id"] >= first else show(self.kind.name, before["id"], store.site)
        return say(
            "  line {line}: {which} {label}: {changes}", line=found.line, which=which, label=label(self.kind, before), changes=changes
        )

    def likely(self, store: Store, load: Load | Past) -> Likely | None:
        """How many of the new records are likely there twice, None where that was not looked for."""
        from sfa.store import alike

        if self.session.settings.get("duplicates") == "off" or isinstance(load, Past) or self.kind.name not in MATCHED:
            return None
        return alike.loaded(store, self.kind, load.ranges, self.session.rules())

    def summary(self, loaded: Loaded, done: str | None, likely: Likely | None) -> dict[str, Any]:
        """What became of the rows."""
        load, readers = loaded
        left, said = Counter[str](), Counter(load.notes)
        if load.counts["deleted"]:
            said["rows of records that are deleted there were passed over"] = load.counts["deleted"]
        for reader in readers:
            left.update(reader.left_out)
            said.update(reader.notes)
        dropped = load.newcomers.dropped if isinstance(load, Load) else Counter()
        giver, linked = self.giver, self.belonging
        if linked and linked.unsure:
            said["not linked to an account, as several may be meant or it is not sure"] = linked.unsure
        names = ("read", "new", "updated", "unchanged", "skipped", "duplicates", "rejected", "fields_changed")
        return {
            "file": ", ".join(s.name for s in self.sources),
            "kind": self.kind.noun or self.kind.name,
            "plural": self.kind.plural if self.kind.noun else f"{self.kind.word}s",
            **{n: load.counts[n] for n in names},
            **({"quotas": sum(load.counts[n] for n in names[1:5])} if self.kind.name == "quota" else {}),
            "matched_by": dict(load.matched_by) if isinstance(load, Load) else {},
            "likely_duplicates": likely.many if likely else None,
            "likely_by": dict(likely.by.most_common()) if likely else {},
            "compared_whole": likely.whole if likely else None,
            **({"linked": linked.linked} if linked else {}),
            "created": dict(load.references.created),
            "blanked": dict(load.references.blanked + dropped),
            **({"assigned": giver.finish(), "assigned_notes": giver.notes} if giver else {}),
            "left_out": [{"column": c, "cells": n} for c, n in left.items()],
            "notes": [
                *(say("{text}: {n:,}", text=text, n=n) for text, n in said.items()),
                *_read_as("pipeline", load.references.pipelines_as),
                *_read_as("stage", load.references.read_as),
            ],
            "reasons": [{"reason": text, "rows": n, "line": line} for text, (line, n) in self.reasons.items()],
            "created_fields": {f.name: f.type for s in self.sources for f in s.created},
            "files": [described(s) for s in self.sources],
            "seconds": round(perf_counter() - self.started, 3),
            "operation": done,
            "dry_run": self.dry_run,
        }


def _source_name(product: str, source: Source) -> str:
    """What ids of a product are kept under: Pipedrive numbers its notes and its activities from 1 each."""
    own = source.plan.feeding("external_id")
    return f"{product}-notes" if own and own[0].header.lower().startswith("note - ") else product


def _read_as(what: str, read_as: dict[str, str]) -> list[str]:
    """How another system's stages or pipelines were read, where any had to be."""
    return (
        [
            say(
                "{what}s read as the nearest of ours: {read_as}",
                what=what,
                read_as=together(", ", (say("{a} → {b}", a=a, b=b) for a, b in read_as.items())),
            )
        ]
        if read_as
        else []
    )
