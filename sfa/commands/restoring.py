"""A bundle of ours (`whole.py` writes it) as a database again: unpacked, proved file by file, then loaded whole or not at all."""

from __future__ import annotations

import csv
import hashlib
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from sfa import output
from sfa.commands.session import Session
from sfa.commands.whole import MANIFEST, SETTINGS, VERSION, manifest_of
from sfa.errors import BadValue, NotFound, Refused, SfaError, UsageError
from sfa.messages import say
from sfa.progress import Progress
from sfa.store import dumping, migrations

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
"""Endings of files that hold several sheets."""


@contextmanager
def unpacked(path: str, resources: ExitStack) -> Iterator[str]:
    """The folder at `path`, or that of a ZIP file, unpacked for as long as this lasts, or one that holds a workbook alone. Raises BadValue,
    UsageError."""
    import shutil
    import tempfile

    if os.path.isdir(path):
        yield path
        return
    if not os.path.exists(path):
        raise NotFound(say("there is no folder or file {path!r}", path=path))
    if path.lower().endswith(WORKBOOKS):
        folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="sfa-"))
        shutil.copy(path, folder)
        yield folder
        return
    if not zipfile.is_zipfile(path):
        raise UsageError(say("{path!r} is neither a folder nor a ZIP file", path=path), "A single file: sfa import KIND FILE")
    folder = resources.enter_context(tempfile.TemporaryDirectory(prefix="sfa-"))
    try:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
    except (zipfile.BadZipFile, RuntimeError, OSError, EOFError) as error:
        raise BadValue(say("{path!r} cannot be unpacked: {error}", path=path, error=error)) from None
    yield folder


def find(folder: str) -> str:
    """The folder that holds a bundle of ours: this one, or the only one in it (as some programs pack); "" where there is none."""
    if os.path.isfile(os.path.join(folder, MANIFEST)) and manifest_of(folder):
        return folder
    inner = [e.path for e in os.scandir(folder) if e.is_dir() and not e.name.startswith((".", "__MACOSX"))]
    return inner[0] if len(inner) == 1 and manifest_of(inner[0]) else ""


def _numbers(found: Any) -> bool:
    return isinstance(found, dict) and all(isinstance(v, str) and v.isdigit() for v in found.values())


class Bundle:
    """A bundle of ours, opened: its manifest is read and believed in, its files are yet to be proved (`verify`)."""

    def __init__(self, folder: str, name: str) -> None:
        self.folder, self.name = folder, name
        self.manifest = manifest_of(folder)
        self._check_manifest()

    def _check_manifest(self) -> None:
        found = self.manifest
        if found.get("version") != VERSION or not isinstance(found.get("schema"), int) or found["schema"] > migrations.VERSION:
            raise Refused(say("{name} was written by a newer sfa", name=self.name), "Update sfa: pip install --upgrade sfa")
        tables, triggers = found.get("tables"), found.get("triggers")
        known = {*dumping.ours(), "writing", "unindexed"}
        sound = (
            isinstance(tables, dict)
            and isinstance(triggers, dict)
            and isinstance(found.get("files"), list)
            and _numbers(found.get("sequences"))
        )
        made = sound and all(n in known and dumping.makes("TABLE", n, sql) for n, sql in tables.items())  # type: ignore[union-attr]
        if not made or not all(dumping.makes("TRIGGER", n, sql) for n, sql in triggers.items()):  # type: ignore[union-attr]
            raise self._damaged(MANIFEST, "its list of tables is not one of ours")
        listed = tables or {}
        for file in found["files"]:
            fits = (
                isinstance(file, dict)
                and {"file", "table", "rows", "sha256", "columns"} <= file.keys()
                and isinstance(file["rows"], int)
                and file["table"] in listed
            )
            if not fits or file["file"] != f"{file['table']}.csv" or not all(isinstance(c, str) for c in file["columns"]):
                raise self._damaged(MANIFEST, "its list of files is not one of ours")

    def _damaged(self, file: str, why: str) -> Refused:
        return Refused(
            say("{name} is damaged: {file}: {why}", name=self.name, file=file, why=why),
            "Nothing was written. Take another copy of the export.",
        )

    def verify(self, step: Callable[[str], None] = lambda file: None) -> None:
        """Prove every file by its checksum, its header and its number of rows. Raises Refused with the place of what is wrong."""
        for file in self.manifest["files"]:
            step(file["file"])
            path = os.path.join(self.folder, file["file"])
            try:
                with open(path, "rb") as stream:
                    proved = hashlib.file_digest(stream, "sha256").hexdigest() == file["sha256"]
            except FileNotFoundError:
                raise self._damaged(file["file"], "the file is missing") from None
            except OSError as error:
                raise SfaError(say("cannot read {path!r}: {why}", path=path, why=error.strerror)) from None
            if not proved:
                raise self._damaged(file["file"], self._first_fault(file) or "it was changed after it was written: its checksum differs")

    def _first_fault(self, file: dict[str, Any]) -> str:
        """The first thing that is wrong with a file whose checksum differs, with its line; "" where each row looks right."""
        wide, many, line = len(file["columns"]), 0, 1
        csv.field_size_limit(1 << 30)
        try:
            with open(os.path.join(self.folder, file["file"]), encoding="utf-8", newline="") as stream:
                reader = csv.reader(stream, strict=True)
                if next(reader, None) != file["columns"]:
                    return "line 1: its header is not the one that was written"
                for row in reader:
                    many, line = many + 1, reader.line_num
                    if len(row) != wide:
                        return say("line {line}: {count} cells where there should be {wide}", line=line, count=len(row), wide=wide)
        except (csv.Error, UnicodeDecodeError) as error:
            return say("after line {line}: {error}", line=line, error=error)
        return say("it has {many:,} rows, of {rows:,} that were written", many=many, rows=file["rows"]) if many != file["rows"] else ""

    def _reader(self, file: dict[str, Any], progress: Progress, read: int) -> Iterator[Sequence[str]]:
        csv.field_size_limit(1 << 30)
        with open(os.path.join(self.folder, file["file"]), encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            next(reader, None)
            for n, row in enumerate(reader):
                if not n % 10_000:
                    progress.at(read + n)
                yield row

    def parts(self) -> Iterator[tuple[str, Sequence[str], Callable[[], Iterator[Sequence[str]]]]]:
        """Table, columns and rows of every file."""
        progress, read = Progress("Loading", sum(f["rows"] for f in self.manifest["files"])), 0
        for file in self.manifest["files"]:
            yield file["table"], file["columns"], lambda file=file, read=read: self._reader(file, progress, read)  # type: ignore[misc]
            read += file["rows"]
        progress.done()

    def wrong(self, table: str, error: dumping.Wrong) -> Refused:
        """The error for a row that its table does not take, with its line."""
        file = next(f for f in self.manifest["files"] if f["table"] == table)
        line = 1
        with open(os.path.join(self.folder, file["file"]), encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream)
            for at, _ in enumerate(reader):
                if at == error.at + 1:
                    break
                line = reader.line_num + 1
        return self._damaged(file["file"], say("line {line}: {why}", line=line, why=error.why))


def restore(session: Session, bundle: Bundle, dry_run: bool) -> dict[str, Any]:
    """Make the database of this session out of a bundle, and return the summary. Raises Refused; nothing is written then."""
    path = session.settings.get("db")
    if not dumping.is_new(path):
        raise Refused(
            say("{path} holds records already, and a bundle of sfa becomes a new database", path=path),
            "sfa --db NEW.db import bundle … makes one beside it.",
        )
    bundle.verify()
    manifest = bundle.manifest
    of = dumping.Whole(manifest["schema"], manifest["tables"], manifest["triggers"], {n: int(v) for n, v in manifest["sequences"].items()})
    with ExitStack() as resources:
        if dry_run:
            import tempfile

            path = os.path.join(resources.enter_context(tempfile.TemporaryDirectory(prefix="sfa-")), "trial.db")
        dumping.restore(path, session.settings.calendar(), of, bundle.parts(), bundle.wrong)
    rows = {f["table"]: f["rows"] for f in manifest["files"]}
    return {
        "file": bundle.name,
        "kind": "bundle",
        "read": sum(rows.values()),
        "rows": {t: n for t, n in rows.items() if n},
        "operations": rows.get("op", 0),
        "settings": _other_settings(session, manifest.get("settings") or {}),
        "dry_run": dry_run,
    }


def _other_settings(session: Session, theirs: dict[str, str]) -> dict[str, str]:
    """The settings that figures depend on and that are others here."""
    return {n: v for n, v in theirs.items() if n in SETTINGS and isinstance(v, str) and session.settings.get(n) != v}


def tell(session: Session, summary: dict[str, Any]) -> None:
    """The summary for a person."""
    text = say(
        "{read:,} rows of {file}, {operations:,} operations among them",
        read=summary["read"],
        file=summary["file"],
        operations=summary["operations"],
    )
    if summary["dry_run"]:
        output.message(say("{text}: all sound. Nothing was written.", text=text))
    else:
        output.message(say("{text}: {settings} is the same database again", text=text, settings=session.settings.get("db")))
    for name, value in summary["settings"].items():
        output.message(
            say(
                "  there {name} was {value}: sfa config set {name} {value2}",
                name=name,
                value=value or "(none)",
                value2=value or chr(39) * 2,
            )
        )
