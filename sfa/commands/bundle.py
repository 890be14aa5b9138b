"""`sfa import bundle`: the files of a whole company in one operation: an export of ours as an equal database (`restoring.py`), or another
product's files, each recognised by its name and header, loaded in the order in which they refer to each other.

What a file is, and what its cells mean, `sales/bundles.py` and `sales/recipes.py` say; each file is then loaded as `sfa import KIND FILE`
loads it.
"""

from __future__ import annotations

import os
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import islice
from time import perf_counter
from typing import Any, NamedTuple

from sfa import output
from sfa.commands import restoring
from sfa.commands.files import may_write
from sfa.commands.importing import pipelines
from sfa.commands.importing.given import MAP, NO_KIND, Given, bare
from sfa.commands.importing.mapping import article, tell_mapping, write_map
from sfa.commands.importing.run import Loaded, Run, apart, done, kinds_of, loading
from sfa.commands.importing.summary import tell_created, tell_likely, tell_notes, tell_outcome
from sfa.commands.importing.together import deleted, known
from sfa.commands.session import Session
from sfa.commands.shaping import Shape
from sfa.commands.sources import Source, Ways, ask_encoding, open_source
from sfa.errors import BadValue, Declined, Refused, RejectedRows, SfaError, UsageError
from sfa.messages import say, together
from sfa.reading.encodings import Unsure
from sfa.reading.lined import TAKES
from sfa.reading.tabular import Table, open_table, sheets
from sfa.sales import bundles, mapping, profiles, recipes
from sfa.sales.bundles import Facts, Seen
from sfa.sales.kinds import Kind
from sfa.sales.profiles.profile import Profile
from sfa.store.linking import CREATED
from sfa.store.loading import Options
from sfa.store.operations import Operation

SAMPLE = 200
TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
"""Endings of files that surely hold rows: how many, is said where they are left out."""
TOTALS = ("read", "new", "updated", "unchanged", "skipped", "duplicates", "rejected", "fields_changed")


class How(NamedTuple):
    """How the files are read and what is shown: `--delimiter`, `--json`, `--dry-run`, `--yes`, `--save-map`."""

    delimiter: str
    as_json: bool
    dry_run: bool
    yes: bool
    save_maps: str = ""


class File(NamedTuple):
    """A file of the bundle, or a sheet of one: where it is, what was seen of it, the kind that it holds ("": why it is left out)."""

    path: str
    seen: Seen
    kind: str
    why: str
    sheet: str = ""


def load(session: Session, paths: Sequence[str], options: Options, rejects: str, given: Given, how: How) -> None:
    """Load a bundle and tell what became of it. Raises RejectedRows (exit 7) where some rows went to the folder of rejected ones."""
    if len(paths) != 1:
        raise UsageError("a bundle is one folder, one ZIP file or one workbook", "As in sfa import bundle export.zip")
    name = os.path.normpath(paths[0])
    with ExitStack() as resources:
        folder = resources.enter_context(restoring.unpacked(name, resources))
        if ours := restoring.find(folder):
            if rejects or options != Options(on_missing="") or given.any() or how.save_maps:
                raise UsageError("a bundle of sfa comes back as it was: there is nothing to choose", "Leave the options out.")
            summary = restoring.restore(session, restoring.Bundle(ours, name), how.dry_run)
            return output.json_object(summary) if how.as_json else restoring.tell(session, summary)
        apart(session, resources, how.dry_run)
        bundle = Foreign(session, name, folder, options, rejects, given, how)
        summary = bundle.load(resources)
    output.json_object(summary) if how.as_json else _tell(summary)
    if summary["rejected"]:
        raise RejectedRows(
            say("{rejected:,} of {read:,} rows were rejected", rejected=summary["rejected"], read=summary["read"])
            + ("" if how.dry_run else say("; they stand in {rejects}", rejects=rejects)),
            "Each has its reason in the column sfa_reason. Mend them there and import that folder.",
        )
    return None


class Foreign:
    """A bundle of another product's."""

    def __init__(self, session: Session, name: str, folder: str, options: Options, rejects: str, given: Given, how: How) -> None:
        self.session, self.name, self.options, self.rejects, self.given, self.how = session, name, options, rejects, given, how
        self.encodings: dict[str, str] = {}
        self.started = perf_counter()
        self.kinds = kinds_of(session)
        self.left: list[File] = []
        self.files = sorted(
            self._recognised(folder), key=lambda f: (bundles.ORDER.index(f.kind), "field" in f.seen.name.lower(), f.seen.name)
        )
        if not self.files:
            told = [say("{name}: {why}", name=f.seen.name, why=f.why) for f in self.left[:20]]
            raise UsageError(
                together("\n  ", [say("nothing in {name} is recognised", name=name), *told]),
                "Import the files one by one: sfa import KIND FILE",
            )
        self.product = self._product()
        self.facts = self._facts()
        self.shapes: dict[str, Shape] = {}

    # What there is ------------------------------------------------------------------------------------------------------------------

    def _recognised(self, folder: str) -> Iterator[File]:
        for path, sheet in _sheets(sorted(_walked(folder))):
            name = os.path.join(os.path.relpath(path, folder), sheet) if sheet else os.path.relpath(path, folder)
            said = self.given.kind(name)
            try:
                if said == NO_KIND:
                    raise BadValue("it is said not to be loaded")
                seen = self._seen(path, name, sheet)
            except BadValue as error:
                table = path.lower().endswith(TABLES) and not isinstance(error, Unsure)
                why = error.message if table or said or sheet else "it is not a file of rows"
                self.left.append(File(path, Seen(name, (), ()), "", why, sheet))
                continue
            kind, why = (said, "") if said else bundles.kind_of_file(seen)
            if kind and not said and not self.given.mapped(name):
                yield from (File(path, part, part.part.kind if part.part else kind, "", sheet) for part in bundles.parts(seen, kind))
            elif kind:
                yield File(path, seen, kind, "", sheet)
            else:
                self.left.append(File(path, seen, "", why, sheet))

    def _seen(self, path: str, name: str, sheet: str) -> Seen:
        """What a file is by its beginning; where several encodings are believable a person is asked. Raises SfaError."""
        read = partial(open_table, path, delimiter="" if sheet else self.how.delimiter, sheet=sheet)
        encoding = self.given.encoding(name)
        try:
            try:
                table = read(encoding=encoding)
            except Unsure as error:
                if not path.lower().endswith(TABLES):
                    raise
                error.message = say("{name}: {message}", name=name, message=error.message)
                if not output.interactive():
                    raise Refused(
                        error.message,
                        say("Say which it is: --encoding {quote}={readings}", quote=shlex.quote(name), readings=error.readings[0][0]),
                    ) from None
                encoding = ask_encoding(error)
                table = read(encoding=encoding)
        except Refused:
            raise
        except SfaError as error:
            if path.lower().endswith(TABLES) and not error.message.startswith("file is empty"):
                raise type(error)(
                    say("{name}: {message}", name=name, message=error.message),
                    say("Without it: --map {quote}={no_kind}", quote=shlex.quote(name), no_kind=NO_KIND),
                ) from None
            raise BadValue("it is empty" if error.message.startswith("file is empty") else error.message) from None
        self.encodings[path] = encoding
        with table:
            form = table.dialect.form if table.dialect.form in TAKES else ""
            return Seen(name, tuple(table.header), [r.cells for r in islice(table, SAMPLE) if not r.problem], form)

    def _opened(self, file: File) -> Table:
        delimiter = "" if file.sheet else self.how.delimiter
        return open_table(file.path, encoding=self.encodings.get(file.path, ""), delimiter=delimiter, sheet=file.sheet)

    def _product(self) -> Profile | None:
        """The product that most of the files are of whose product their headers show."""
        wanted = {f.seen.name: self.given.profile(f.seen.name) for f in self.files}
        shown = Counter(p.name for f in self.files if (p := profiles.of_file(f.seen.header, wanted[f.seen.name])))
        return profiles.called(shown.most_common(1)[0][0]) if shown else None

    def _facts(self) -> Facts:
        """What the files together say that a single one does not; files that are taken for that alone say so."""
        of = {f.seen.name: f for f in (*self.files, *self.left)}
        loaded = [(f.kind, f.seen) for f in self.files]
        facts, taken = known(loaded, [f.seen for f in self.left], lambda seen, names: self._columns(of[seen.name], names))
        self.left = [f._replace(why=taken.get(f.seen.name, f.why)) for f in self.left]
        gone: set[str] = set()
        for file in self.files:
            if file.kind in bundles.ABOUT:
                with self._opened(file) as table:
                    gone.update(deleted(file.seen, (row.cells for row in table if not row.problem)))
        return facts._replace(deleted=frozenset(gone))

    def _columns(self, file: File, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """The cells of columns of a whole file, by their plain headers ("" where it has no such column). Deleted rows are left out."""
        heads = [mapping.plain(h) for h in bundles.field_names(file.seen.header)]
        places = [heads.index(n) if n in heads else -1 for n in names]
        for cells in self._alive(file):
            yield tuple(cells[p] if p >= 0 else "" for p in places)

    def _alive(self, file: File) -> Iterator[Sequence[str]]:
        """The cells of a file's rows, without those of deleted records."""
        recipe, part = recipes.recipe(self.kinds["account"], file.seen, {}, Facts()), file.seen.part
        with self._opened(file) as table:
            for row in table:
                if not row.problem and not recipes.is_deleted(recipe, row.cells) and (not part or part.has(row.cells)):
                    yield row.cells

    # Loading ------------------------------------------------------------------------------------------------------------------------

    def load(self, resources: ExitStack) -> dict[str, Any]:
        """Load every file in one operation, whole or not at all, and return the summary."""
        runs = [self._run(file, resources) for file in self.files]
        self.given.check([f.seen.name for f in (*self.files, *self.left)])
        if self.rejects:
            self._check_rejects()
        if self.how.save_maps:
            self._save_maps(runs)
        if not self.how.as_json and (self.how.dry_run or output.watched()):
            if self.product and not self.given.wishes.profile:
                looks = say("{name} looks like {article} export", name=self.name, article=article(self.product.title))
                output.message(say("{looks} (--profile NAME: it is another's, --profile none: nobody's)", looks=looks))
            for run in runs:
                tell_mapping(run.sources[0], say("{plural}, ", plural=run.kind.plural if run.kind.noun else run.kind.word))
            for file in self.left:
                output.message(say("{name}: left out: {why}", name=file.seen.name, why=file.why))
        gone: set[str] = set()
        for run in runs:
            run.gone = gone
        with loading(self.session, self.how.dry_run, any(f.kind == "user" for f in self.files)) as op, ExitStack() as files:
            for run in runs:
                if run.rejects and not self.how.dry_run:
                    os.makedirs(os.path.dirname(run.rejects), exist_ok=True)
                files.enter_context(run.rejects_file())
            made = self._stages(op, runs)
            loaded = [run.run(op) for run in runs]
            self._check(op, runs, loaded)
            likely = [run.likely(op.store, part.load) for run, part in zip(runs, loaded, strict=True)]
            operation = done(op, self.how.dry_run)
            parts = [run.summary(part, operation, many) for run, part, many in zip(runs, loaded, likely, strict=True)]
        return self._summary(runs, parts, made, operation)

    def _run(self, file: File, resources: ExitStack) -> Run:
        kind, name = self._kind(file.kind), file.seen.name
        wanted = self.given.profile(name)
        try:
            given = self.given.map(name, kind)
            shape = Shape(kind, file.seen, self.facts, given, profiles.of_bundle(file.seen.header, wanted, self.product))
            ways = Ways(self.encodings.get(file.path, ""), "" if file.sheet else self.how.delimiter, sheet=file.sheet)
            found = open_source(file.path, kind, given, self.session.settings.calendar(), ways, resources, shape)
        except SfaError as error:
            error.message = say("{name}: {message}", name=name, message=error.message)
            raise
        self.shapes[name] = shape
        product = found.plan.profile or profiles.of_file(file.seen.header, wanted) or self.product
        found = found._replace(name=name, plan=found.plan._replace(profile=product))
        rejects = os.path.join(self.rejects, _flat(file.seen.name)) if self.rejects else ""
        options = self.options
        if product:
            usual = frozenset(filter(None, product.pipelines.split(" | ")))
            options = options._replace(stages=product.stages, pipelines=usual)
        if file.kind == "activity" and self._numbered(file, found):
            options = options._replace(source=f"{options.source or (product.name if product else 'import')}-{bundles.stem(name)}")
        held = frozenset(f.kind for f in self.files)
        return Run(self.session, kind, [found], options, rejects, self.how.dry_run, self.how.yes, self._makes(), held)

    def _numbered(self, file: File, found: Source) -> bool:
        """Whether the activities of one of several files have numbers that those of another may have as well: small ones."""
        own = found.plan.feeding("external_id")
        several = sum(f.kind == "activity" for f in self.files) > 1
        if not own or not several or " - " in own[0].header or own[0].header == "external_id":
            return False
        numbers = [c for row in file.seen.rows if own[0].at < len(row) and (c := row[own[0].at].strip())]
        unique = self.product is not None and self.product.name == "hubspot"
        return bool(numbers) and not unique and all(n.isascii() and n.isdigit() and len(n) < 10 for n in numbers)

    def _makes(self) -> frozenset[str]:
        """The kinds whose records are made of their names where nothing was said about references to nothing: those that the bundle has
        no file of, as HubSpot's has none of its owners."""
        return frozenset() if self.options.on_missing else frozenset(CREATED) - {f.kind for f in self.files}

    def _save_maps(self, runs: list[Run]) -> None:
        """Write the map of each file into a folder, to be corrected and given back whole."""
        folder = self.how.save_maps
        try:
            os.makedirs(folder, exist_ok=True)
        except OSError as error:
            raise UsageError(
                say("{folder!r} cannot be made: {why}", folder=folder, why=error.strerror), "Maps of a bundle go to a folder."
            ) from None
        paths = [os.path.join(folder, os.path.basename(bare(_flat(run.sources[0].name))) + MAP) for run in runs]
        for path in paths:
            may_write(path, self.how.yes)
        for run, path in zip(runs, paths, strict=True):
            shape = self.shapes[run.sources[0].name]
            write_map(path, run.sources[0], shape.given._replace(kind=run.kind.noun or run.kind.name), shape.saved())
        output.message(
            say(
                "The mappings of {count} files stand in {folder}; --map {quote} reads them.",
                count=len(runs),
                folder=folder,
                quote=shlex.quote(folder),
            )
        )

    def _kind(self, name: str) -> Kind:
        from sfa.sales.histories import history

        return history(self.kinds["opportunity"]) if name == "history" else self.kinds[name]

    def _check_rejects(self) -> None:
        if os.path.exists(self.rejects) and not os.path.isdir(self.rejects):
            raise UsageError(
                say("{rejects!r} is a file", rejects=self.rejects),
                "The rejected rows of a bundle go to a folder, a file for each of its files.",
            )
        if os.path.isdir(self.rejects) and os.listdir(self.rejects) and not self.how.yes:
            raise Declined(
                say("{rejects!r} is there already and is not empty", rejects=self.rejects),
                "Name another folder, or add --yes to write into it.",
            )

    def _stages(self, op: Operation, runs: list[Run]) -> pipelines.Made:
        """Make the pipelines and stages that deals are in, unless the bundle has a file that names them."""
        if self.options.on_missing != "create" or self.facts.stages:
            return pipelines.Made([], [])
        files = [
            pipelines.Deals(self.shapes[file.seen.name], partial(self._alive, file))
            for file in self.files
            if file.kind in ("opportunity", "history")
        ]
        usual = frozenset(name for run in runs for name in run.options.pipelines)
        return pipelines.make(op, files, usual, self.product.stages if self.product else {})

    def _check(self, op: Operation, runs: list[Run], loaded: list[Loaded]) -> None:
        """Raise what stands against any of the files, all of it at once."""
        found: list[tuple[Run, SfaError]] = []
        for run, part in zip(runs, loaded, strict=True):
            try:
                run.check(op.store, part.load)
            except SfaError as error:
                found.append((run, error))
        if not found:
            return
        worst = next((e for _, e in found if isinstance(e, Refused)), found[0][1])
        told = together("\n", (say("{name}: {message}", name=run.sources[0].name, message=error.message) for run, error in found))
        hints = list(dict.fromkeys(error.hint for _, error in found if error.hint))
        hint = hints[0].replace("--rejects FILE", "--rejects FOLDER").replace("the file or the map", "the files")
        missing = self.options.on_missing != "create" and ("there is no stage" in told or "no pipeline is called" in told)
        raise type(worst)(told, hint + (" --on-missing create makes pipelines and stages, too." if missing else ""))

    def _summary(self, runs: list[Run], parts: list[dict[str, Any]], made: pipelines.Made, operation: str | None) -> dict[str, Any]:
        for run, part in zip(runs, parts, strict=True):
            shape = self.shapes[run.sources[0].name]
            part["deleted"] = shape.deleted
            part["notes"] += shape.losses()
        created: Counter[str] = Counter()
        for part in parts:
            created.update(part["created"])
        return {
            "file": self.name,
            "kind": "bundle",
            **{n: sum(part[n] for part in parts) for n in TOTALS},
            "deleted": sum(part["deleted"] for part in parts),
            "created": dict(created),
            "pipelines": made.pipelines,
            "stages": made.stages,
            "files": parts,
            "left_out": [{"file": f.seen.name, "rows": self._rows(f), "why": f.why} for f in self.left],
            "seconds": round(perf_counter() - self.started, 3),
            "operation": operation,
            "dry_run": self.how.dry_run,
        }

    def _rows(self, file: File) -> int | None:
        """How many rows a file has that is left out; None where nobody can say."""
        if not file.seen.header or not (file.sheet or file.path.lower().endswith(TABLES)):
            return None
        with self._opened(file) as table:
            return sum(1 for _ in table)


def _walked(folder: str) -> Iterator[str]:
    """The files in a folder and below it, without hidden ones and what other programs leave."""
    for parent, inner, names in os.walk(folder):
        inner[:] = [n for n in inner if not n.startswith((".", "__MACOSX"))]
        yield from (os.path.join(parent, n) for n in names if not n.startswith((".", "~$")))


def _sheets(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The files, workbooks of several sheets once for each ("": the only one)."""
    for path in paths:
        names = sheets(path) if path.lower().endswith(restoring.WORKBOOKS) else []
        yield from ((path, name) for name in (names if len(names) > 1 else [""]))


def _flat(name: str) -> str:
    """The name of a file of rejected rows: of a packed file it is not packed; those of a workbook's sheets have a folder of their own."""
    if (found := re.search(r"(?i)\.(?:xls[xmb]?|ods)(?=[\\/])", name)) is not None:
        return os.path.join(name[: found.start()].replace(os.sep, "_"), f"{name[found.end() + 1 :]}.csv")
    flat = name.replace(os.sep, "_")
    return flat[:-3] if flat.lower().endswith(".gz") else flat


def _tell(summary: dict[str, Any]) -> None:
    """The summary for a person."""
    for part in summary["files"]:
        counts = [
            say("{many:,} {what}", many=part[n], what=n)
            for n in ("new", "updated", "unchanged", "skipped", "rejected", "deleted")
            if part[n]
        ]
        rows = say("{read:,} row{s}", read=part["read"], s="s" if part["read"] != 1 else "")
        output.message(
            say(
                "  {file}: {rows} of {plural}: {counts}",
                file=part["file"],
                rows=rows,
                plural=part["plural"],
                counts=together(", ", counts) or "nothing to do",
            )
        )
        tell_notes(part, "    ")
        tell_likely(part, "    ")
        if part["left_out"]:
            cells = [say("{column} ({cells:,})", column=c["column"], cells=c["cells"]) for c in part["left_out"]]
            output.message("    left out: " + ", ".join(cells))
    for file in summary["left_out"]:
        rows = "" if file["rows"] is None else say(" ({rows:,} row{s})", rows=file["rows"], s="s" if file["rows"] != 1 else "")
        output.message(say("  {file}{rows}: left out: {why}", file=file["file"], rows=rows, why=file["why"]))
    if summary["pipelines"]:
        output.message(say("  pipelines made: {pipelines}; their stages: `sfa stage list`", pipelines=together(", ", summary["pipelines"])))
    if summary["stages"]:
        output.message(say("  stages made: {stages}", stages=together(", ", summary["stages"])))
    tell_created(summary)
    counts = [
        say("{many:,} {what}", many=summary[n], what=n)
        for n in ("new", "updated", "unchanged", "skipped", "rejected", "deleted")
        if summary[n]
    ]
    many = len(summary["files"])
    rows = say("{read:,} row{s}", read=summary["read"], s="s" if summary["read"] != 1 else "")
    text = say(
        "{rows} of {many} file{s} in {file}: {counts}",
        rows=rows,
        many=many,
        s="s" if many > 1 else "",
        file=summary["file"],
        counts=together(", ", counts) or "nothing to do",
    )
    tell_outcome(summary, text)
