"""`sfa import`: files of rows into records. What becomes of a row is decided in `store/loading.py`; here files are opened, the map is
read, the mapping and the outcome are told."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import zip_longest
from time import perf_counter
from typing import Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.files import may_write, written_whole
from sfa.commands.importing.mapping import agreed, described, save
from sfa.commands.importing.summary import tell_summary
from sfa.commands.nouns import DryRun, Json, Yes
from sfa.commands.session import Session
from sfa.commands.sources import Source, Ways, is_rejects, open_source, read_map
from sfa.errors import Ambiguous, Refused, RejectedRows, UsageError
from sfa.reading.table import excerpt
from sfa.sales.histories import history as history_kind
from sfa.sales.kinds import KINDS, Kind, kind_of, with_user_fields
from sfa.sales.mapfile import with_set
from sfa.sales.mapping import IGNORED
from sfa.sales.rows import RowReader
from sfa.store.database import Store
from sfa.store.loading import Differing, Load, Options
from sfa.store.operations import Operation
from sfa.store.past import Past

SHOWN = 10
"""Reasons that an error lists."""


class _Dry(Exception):
    """Ends an operation that is only tried."""


def command(
    ctx: typer.Context,
    kind: Annotated[
        str,
        typer.Argument(metavar="KIND", help="lead, account, contact, opp, …, history (past stages of deals) or bundle (a whole export)."),
    ],
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="CSV, XLSX, JSON, SQLite …; - reads standard input. A bundle's folder or ZIP.")
    ],
    map: Annotated[str, typer.Option("--map", metavar="FILE", help="A map file (TOML): what the headers do not say.")] = "",
    source: Annotated[
        str, typer.Option("--source", metavar="NAME", help="The system that the file's ids are from, where there are several.")
    ] = "",
    on_duplicate: Annotated[
        str, typer.Option("--on-duplicate", metavar="WHAT", help="Rows that differ from their record: skip, update, fill (blanks) or fail.")
    ] = "",
    on_missing: Annotated[
        str, typer.Option("--on-missing", metavar="WHAT", help="References to nothing: reject the row, create the record, or leave blank.")
    ] = "reject",
    rejects: Annotated[
        str, typer.Option("--rejects", metavar="FILE", help="Write bad rows here, with their reasons, and load the others.")
    ] = "",
    encoding: Annotated[str, typer.Option("--encoding", metavar="NAME", help="The file's encoding (default: found out).")] = "",
    delimiter: Annotated[str, typer.Option("--delimiter", metavar="CHARACTER", help="Between cells (default: found out); tab.")] = "",
    sheet: Annotated[str, typer.Option("--sheet", metavar="NAME", help="The sheet of a workbook (default: the first filled one).")] = "",
    table: Annotated[str, typer.Option("--table", metavar="NAME", help="The table of a SQLite file, or an array of a JSON document.")] = "",
    format: Annotated[str, typer.Option("--format", "-f", metavar="FORMAT", help="json: the summary on standard output.")] = "",
    json: Json = False,
    profile: Annotated[
        str, typer.Option("--profile", metavar="NAME", help="The product that the files are from (default: recognised), or none.")
    ] = "",
    set: Annotated[list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A value for every row; may be repeated.")] = None,
    save_map: Annotated[
        str, typer.Option("--save-map", metavar="FILE", help="Write the mapping as a map file, to be corrected and used again.")
    ] = "",
    create_fields: Annotated[
        bool, typer.Option("--create-fields", help="Make a field of your own of each column that is left out otherwise.")
    ] = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Load records from files: CSV and the like, sheets, JSON, SQLite tables, vCards and calendars.

    Columns are matched to fields by their headers; exports of known products are recognised (`sfa help import`). All rows are
    loaded or, without --rejects, none. A row is the record with its external id, else with its natural key (e-mail, name, …); running the
    same file again changes nothing. `sfa undo` takes an import back.

    A won or lost deal's close date is also its closed date where the file has only one of them. Deals enter any stage without its exit
    criteria, and lost ones without a reason. An owner who is not a user is a reason to reject a row: load users first, or leave the
    column out, or --on-missing create. Stages are never made by an import but for `import bundle … --on-missing create`.

    A bundle is a folder or ZIP file: what `sfa export all` wrote becomes an equal database, in a file that is new; other products' files
    are recognised by their names and headers and loaded in the order in which they refer to each other, whatever the order of their rows,
    in one operation. Rows of deleted records are left out and counted, words of pick lists that are none of ours left blank and counted,
    and what is not taken is listed. --rejects names a folder then.

    A sheet is one of XLSX, XLS or ODS, JSON an array or an object a line (NDJSON); the content tells which, not the name. Text may be
    packed (gzip, bzip2, xz). Its encoding is found out and shown with a sample; where several are believable, you are asked, or
    --encoding names it. Lines before the header are skipped. A row with a stray or unclosed quote is rejected by itself, and shown with a
    caret. Nested JSON objects are columns such as Owner.Name.

    History is rows of a deal's state at a time, of changes of one field each (field, old value, new value, changed), or of stages (entered,
    left): which one, the headers say. It ends where this database's own knowledge of the deal begins.

    Contacts and leads are read from vCards (2.1, 3.0, 4.0), activities from calendars (iCalendar), by what the file holds. A card's UID is
    the record's external id; its company is the contact's account. An event is a visit unless a category says call or e-mail, with the one
    contact or lead that has an attendee's address; of a repeated one the first time is taken.

    Quotas stand one a row, or one in each column of a period (Q1 2026, 2026-01, FY26-Q1; Jan or Q1 with a column Year or [set] period =
    "2026"). Blank, - and NULL are none, 0 is a zero. A column of a total or of a longer period is left out unless [columns] says amount.

    Columns:
      [columns]                  # column in the file = our field ("" leaves it out)
      sales_agent = "owner"
      [values.stage]             # our field: value in the file = our value
      Engaging = "Qualification"
      [set]                      # the same for every row
      currency = "USD"
      [multiply]                 # figures in thousands or millions
      annual_revenue = 1000000
      [format]
      dates = "mdy"              # ymd, dmy, mdy, or a pattern such as %d.%m.%Y
      decimal = "."
      profile = "hubspot"        # the product that the file is from, or none
      header = "Id, Date, Goal"  # the columns of a file without a header
      [blank]                    # column in the file: what stands for a blank in it
      Rating = ["Select", "?"]
      [period]                   # quotas with a date in place of a period
      length = "quarter"         # day, month, quarter, half or year from it
      snap = "nearest"           # with the month that begins nearest to it

    Examples:
      sfa import lead leads.csv --on-missing create --source webform
      sfa import lead leads.csv --set rating=warm --save-map leads.toml --dry-run
      sfa import opp opportunities.csv --on-missing create --dry-run
      sfa import lead leads.ndjson --rejects bad.csv
      sfa import quota quotas.csv
      sfa import contact phone.vcf --on-missing create
      sfa import bundle crm --on-missing create
    """
    from sfa.sales.arrivals import MISSING, POLICIES

    as_json = json or format == "json"
    if format not in ("", "json"):
        raise UsageError(f"there is no format {format[:60]!r} for a summary", "Formats: json")
    if on_duplicate and on_duplicate not in POLICIES:
        raise UsageError(f"--on-duplicate is not {on_duplicate[:60]!r}", f"Values: {', '.join(POLICIES)}")
    if on_missing not in MISSING:
        raise UsageError(f"--on-missing is not {on_missing[:60]!r}", f"Values: {', '.join(MISSING)}")
    if source.startswith("#"):
        raise UsageError("a source's name does not start with #")
    session: Session = ctx.obj
    if kind.strip().lower() == "bundle":
        from sfa.commands import bundle

        if map:
            raise UsageError("a bundle takes no map file", "Import the file that needs one by itself: sfa import KIND FILE --map MAP.toml")
        options = Options(source.strip(), on_duplicate, on_missing)
        return bundle.load(session, files, options, rejects, bundle.How(encoding, delimiter, as_json, dry_run, yes))
    with ExitStack() as resources:
        apart(session, resources, dry_run)
        kinds = kinds_of(session)
        of = history_kind(kinds["opportunity"]) if kind.strip().lower() == "history" else _kind(kinds, kind)
        given = with_set(read_map(map, of), of, set or [])
        ways = Ways(encoding, delimiter, profile, create_fields and of.name not in ("history", "quota"), sheet, table)
        if create_fields and not ways.create_fields:
            raise UsageError(f"{of.plural} take no fields of your own", "--create-fields is for leads, accounts, deals and the like.")
        sources: list[Source] = []
        for file in files:
            sources.append(open_source(file, of, given, session.settings.calendar(), ways, resources))
            of = with_user_fields(of, list(sources[-1].created))
        told = not as_json and (dry_run or output.watched())
        sources = [agreed(found, told, yes) for found in sources]
        if save_map:
            save(save_map, sources[0], given, yes)
        stages = {t: o for s in sources if s.plan.profile for t, o in s.plan.profile.stages.items()}
        run = Run(session, of, sources, Options(source.strip(), on_duplicate, on_missing, stages), rejects, dry_run)
        if rejects:
            run.check_rejects(yes)
        summary = run.load(yes)
    output.json_object(summary) if as_json else tell_summary(of, summary)
    if summary["rejected"]:
        raise RejectedRows(
            f"{summary['rejected']:,} of {summary['read']:,} rows were rejected" + ("" if dry_run else f"; they stand in {rejects}"),
            "Each has its reason in the column sfa_reason. Mend them there and import that file.",
        )
    return None


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


def _kind(kinds: dict[str, Kind], word: str) -> Kind:
    kind = kind_of(word)
    if not kind.prefix:
        raise UsageError(f"{kind.plural} are not imported", "`sfa config field add KIND NAME TYPE` makes a field.")
    return kinds[kind.name]


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

    def __init__(self, session: Session, kind: Kind, sources: list[Source], options: Options, rejects: str, dry_run: bool) -> None:
        self.session, self.kind, self.sources, self.options, self.dry_run = session, kind, sources, options, dry_run
        self.rejects = rejects
        self.reasons: dict[str, list[int]] = {}
        self.places: dict[str, tuple[str, int]] = {}
        self.reading: Source | None = None
        self.rejected = 0
        self.writer: Any = None
        self.started = perf_counter()

    def check_rejects(self, yes: bool) -> None:
        """Raise where the file for rejected rows cannot take them."""
        may_write(self.rejects, yes, is_rejects)
        if len({tuple(s.table.header) for s in self.sources}) > 1:
            raise UsageError("--rejects takes the rows of files with the same header only", "Import the files one by one.")

    def load(self, yes: bool = False) -> dict[str, Any]:
        """Load everything in one operation and return the summary. Raises Refused (exit 4) for bad rows without --rejects, Ambiguous
        (exit 5) for rows that differ from their records where nothing was said about them."""
        with loading(self.session, self.dry_run, adds_users=self.kind.name == "user") as op, self.rejects_file():
            loaded = self.run(op)
            self.check(op.store, loaded.load)
            likely = self.likely(op.store, loaded.load, yes)
            return self.summary(loaded, done(op, self.dry_run), likely)

    def run(self, op: Operation) -> Loaded:
        """Load the files within an operation; `check` says whether what came of it may stand."""
        from sfa.store.linking import source_of

        self._create_fields(op)
        profile = next((s.plan.profile for s in self.sources if s.plan.profile), None)
        if profile and not self.options.source:
            self.options = self.options._replace(source=source_of(op, self.kind, profile.name))
        load = (Past if self.kind.name == "history" else Load)(op, self.kind, self.options, self._reject)
        self._prepare_giving(op, load)
        readers = [self._file(op.store, load, found) for found in self.sources]
        load.finish()
        return Loaded(load, readers)

    def _prepare_giving(self, op: Operation, load: Load | Past) -> None:
        """Where the company's rules say who gets new records, those that name no owner go to whom they say."""
        from sfa.sales.kinds import ASSIGNED

        if not isinstance(load, Load) or self.kind.name not in ASSIGNED or self.session.settings.get("assign") != "on":
            return
        from sfa.store.assigning import Giver, any_rule

        default = self.session.settings.get("default_owner") if self.kind.name == "lead" else ""
        if default or any_rule(op.store, self.kind.name):
            load.giver = Giver(op, self.kind, default)
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
        """The file that rejected rows go to; it is there when there are any, and not after a trial."""
        if not self.rejects or self.dry_run:
            yield
            return
        import csv

        try:
            with written_whole(self.rejects) as stream:
                self.writer = csv.writer(stream, lineterminator="\n")
                self.writer.writerow([*self._own_columns(self.sources[0].own_header), *IGNORED])
                yield
                if not self.rejected:
                    raise _NoRejects
        except _NoRejects:
            pass

    def _own_columns(self, cells: Sequence[str]) -> list[str]:
        """A row without the columns that an earlier import's rejects file had beside its own."""
        found = self.sources[0]
        return [c for name, c in zip_longest(found.own_header, found.own_cells(cells), fillvalue="") if name not in IGNORED]

    def _reject(self, line: int, cells: Sequence[str], reason: str) -> None:
        self.rejected += 1
        if reason in self.reasons:
            self.reasons[reason][1] += 1
        elif len(self.reasons) < SHOWN:
            self.reasons[reason] = [line, 1]
            if self.reading and (place := self.reading.table.places.get(line)):
                self.places[reason] = place
        if self.writer:
            self.writer.writerow([*self._own_columns(cells), line, reason])

    def _file(self, store: Store, load: Load | Past, found: Source) -> RowReader:
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
        progress = output.Progress(f"Reading {os.path.basename(found.name)}", found.rows_at_most)
        self.reading = found
        load.file(reader, found.rows(), progress.at)
        progress.done()
        return reader

    def check(self, store: Store, load: Load | Past) -> None:
        """Raise where rows are bad and nobody said where they should go, or differ from their records and nobody said what then."""
        if self.rejected and not self.rejects:
            told = [self._told(r, line, n) for r, (line, n) in self.reasons.items()]
            left = self.rejected - sum(n for _, n in self.reasons.values())
            missing = any(" is called " in r for r in self.reasons) and self.options.on_missing == "reject"
            what = "row cannot" if self.rejected == 1 else "rows cannot"
            raise Refused(
                f"{self.rejected:,} {what} be loaded, so none was:\n  "
                + "\n  ".join([*told, *([f"and {left:,} for other reasons"] if left else [])]),
                "Mend the file or the map, or add --rejects FILE to load the others"
                + ("; --on-missing create makes what the rows refer to." if missing else "."),
            )
        if isinstance(load, Past) or not load.counts["differing"]:
            return
        many, earlier = load.counts["differing"], any(d.before["id"] >= load.first for d in load.differing)
        what = "quota" if self.kind.name == "quota" else "row"
        one = "an earlier row" if earlier else "a record already there"
        several = "earlier rows or records already there" if earlier else "records already there"
        raise Ambiguous(
            f"{many:,} {f'{what}s differ from {several}' if many > 1 else f'{what} differs from {one}'}:\n"
            + "\n".join(self._difference(store, d, load.first) for d in load.differing),
            "Nothing was loaded."
            if self.options.on_duplicate
            else "Add --on-duplicate update (the file wins), fill (only blanks) or skip (leave them as they are).",
        )

    def _told(self, reason: str, line: int, many: int) -> str:
        """A reason for a person: the first line that it is true of, and where in it a caret points."""
        shown = [f"\n    {part}" for part in excerpt(*self.places[reason]).split("\n")] if reason in self.places else []
        return f"line {line}{f' and {many - 1:,} more' if many > 1 else ''}: {reason}{''.join(shown)}"

    def _difference(self, store: Store, found: Differing, first: int) -> str:
        from sfa.commands.nouns import differences
        from sfa.sales.refs import show
        from sfa.store.lookup import label

        before = {"external_id": None, **found.before}
        changes = differences(store, self.kind, before, found.different)
        which = "an earlier row," if before["id"] >= first else show(self.kind.name, before["id"], store.site)
        return f"  line {found.line}: {which} {label(self.kind, before)}: {changes}"

    def likely(self, store: Store, load: Load | Past, yes: bool) -> int | None:
        """How many of the new records are likely there twice, None where that was not looked for. Raises Refused (exit 4) where the
        setting `duplicates` says block."""
        from sfa.store import alike

        mode = self.session.settings.get("duplicates")
        if mode == "off" or isinstance(load, Past):
            return None
        likely = alike.loaded(store, self.kind, load.ranges, self.session.rules())
        if likely is None:
            load.notes["accounts among which no likely duplicates were looked for (sfa duplicates account)"] = load.counts["new"]
        if likely and mode == "block" and not yes:
            raise Refused(
                f"{likely:,} of the {load.counts['new']:,} new {self.kind.plural} are likely there already, so none was loaded",
                f"--yes loads them all the same; `sfa duplicates {self.kind.noun}` shows them then.",
            )
        return likely

    def summary(self, loaded: Loaded, done: str | None, likely: int | None) -> dict[str, Any]:
        """What became of the rows."""
        load, readers = loaded
        left, said = Counter[str](), Counter(load.notes)
        if load.counts["deleted"]:
            said["rows of records that are deleted there were passed over"] = load.counts["deleted"]
        for reader in readers:
            left.update(reader.left_out)
            said.update(reader.notes)
        dropped = load.newcomers.dropped if isinstance(load, Load) else Counter()
        giver = load.giver if isinstance(load, Load) else None
        names = ("read", "new", "updated", "unchanged", "skipped", "duplicates", "rejected", "fields_changed")
        return {
            "file": ", ".join(s.name for s in self.sources),
            "kind": self.kind.noun or self.kind.name,
            "plural": self.kind.plural if self.kind.noun else f"{self.kind.word}s",
            **{n: load.counts[n] for n in names},
            **({"quotas": sum(load.counts[n] for n in names[1:5])} if self.kind.name == "quota" else {}),
            "likely_duplicates": likely,
            "created": dict(load.references.created),
            "blanked": dict(load.references.blanked + dropped),
            **({"assigned": giver.finish(), "assigned_notes": giver.notes} if giver else {}),
            "left_out": [{"column": c, "cells": n} for c, n in left.items()],
            "notes": [*(f"{text}: {n:,}" for text, n in said.items()), *_stages_read(load.references.read_as)],
            "reasons": [{"reason": text, "rows": n, "line": line} for text, (line, n) in self.reasons.items()],
            "created_fields": {f.name: f.type for s in self.sources for f in s.created},
            "files": [described(s) for s in self.sources],
            "seconds": round(perf_counter() - self.started, 3),
            "operation": done,
            "dry_run": self.dry_run,
        }


def _stages_read(read_as: dict[str, str]) -> list[str]:
    """How another system's stages were read, where any had to be."""
    return [f"stages read as the nearest of ours: {', '.join(f'{a} → {b}' for a, b in read_as.items())}"] if read_as else []


class _NoRejects(Exception):
    """Ends the writing of a file of rejected rows that would hold none."""
