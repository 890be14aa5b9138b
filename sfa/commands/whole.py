"""`sfa export all`: a whole company in a folder or ZIP of our own, which `sfa import bundle` makes the same database of again.

One CSV file a table, every version of every record in it as it is stored, and `manifest.json`, which says what they are and proves
each file by its checksum. Which rows stand in them is `store/dumping.py`'s; `restoring.py` reads them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, NamedTuple

from sfa import output
from sfa.commands.session import Session
from sfa.errors import Declined, UsageError
from sfa.messages import say
from sfa.progress import Progress
from sfa.store import dumping
from sfa.store.database import Store

MANIFEST = "manifest.json"
FORMAT = "sfa bundle"
VERSION = 1
HOW = (
    "CSV in UTF-8, as the database has it: amounts in the smallest units of their currency, references are ids, times are milliseconds"
    " since 1970 shifted left by 20. A blank cell is NULL; a backslash in front is taken off. A row without until is current."
)
SETTINGS = ("currency", "time_zone", "fiscal_month", "fiscal_named_by", "fiscal_weeks", "fiscal_week_start", "date_order")
"""The settings that figures depend on."""
Opener = Callable[[str], Any]


class Written(NamedTuple):
    """What an export of everything holds: how many rows of each table are current, how many superseded."""

    current: dict[str, int]
    past: dict[str, int]


# Out --------------------------------------------------------------------------------------------------------------------------------


def export(session: Session, path: str, as_of: str, yes: bool) -> None:
    """Write the database of this session to a folder, or a ZIP file by its ending. Whole or not at all."""
    if not path:
        raise UsageError("export all writes a folder or a ZIP file", "Name it: sfa export all -o backup, or -o backup.zip")
    zipped = path.lower().endswith(".zip")
    _may_write(path, zipped, yes)
    with session.store(as_of=as_of) as store:
        settings = {name: session.settings.get(name) for name in SETTINGS}
        with (_zip if zipped else _folder)(path) as opener:
            done = _write(store, opener, settings)
    many = sum(done.current[k] for k in store.kinds if k in done.current)
    past = sum(done.past.values())
    output.message(
        say(
            "Wrote {many:,} records and {past:,} earlier versions of them, {op:,} operations, to {path}",
            many=many,
            past=past,
            op=done.current["op"],
            path=path,
        )
    )
    output.message(say("  the same database again: sfa --db NEW.db import bundle {path}", path=path))


def _may_write(path: str, zipped: bool, yes: bool) -> None:
    """Raise Declined where something is there already, unless --yes was given and it is an export of ours."""
    if zipped:
        from sfa.commands.files import may_write

        return may_write(path, yes)
    if os.path.exists(path) and not os.path.isdir(path):
        raise UsageError(say("{path!r} is a file", path=path), "Name a folder, or a file that ends in .zip.")
    if not os.path.isdir(path) or not os.listdir(path):
        return None
    if not yes:
        raise Declined(
            say("{path!r} is there already and is not empty", path=path),
            "Name another folder, or add --yes to write over an earlier export.",
        )
    if not set(os.listdir(path)) <= {MANIFEST, *(f["file"] for f in manifest_of(path).get("files", ()))}:
        raise Declined(say("{path!r} holds other things than an earlier export", path=path), "Name another folder.")
    return None


def manifest_of(folder: str) -> dict[str, Any]:
    """The manifest of a folder of ours, {} where there is none."""
    try:
        with open(os.path.join(folder, MANIFEST), encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("format") == FORMAT else {}


@contextmanager
def _folder(path: str) -> Iterator[Opener]:
    """A folder that takes its name when all is written; readable by its owner alone, as the database is."""
    import tempfile

    parent, name = os.path.split(os.path.abspath(path))
    try:
        made = tempfile.mkdtemp(prefix=f".{name}-", suffix=".part", dir=parent)
    except OSError as error:
        raise UsageError(say("{path!r} cannot be written: {why}", path=path, why=error.strerror)) from None
    try:
        yield lambda file: open(os.path.join(made, file), "wb", opener=lambda p, flags: os.open(p, flags, 0o600))  # noqa: SIM115
        former = made + ".old"
        if os.path.isdir(path):
            os.rename(path, former)
        os.rename(made, path)
        shutil.rmtree(former, ignore_errors=True)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


@contextmanager
def _zip(path: str) -> Iterator[Opener]:
    """A ZIP file that takes its name when all is written, readable by its owner alone; the same content makes the same bytes."""
    from sfa.commands.files import made_whole

    with made_whole(path, 0o600) as made, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:

        def opened(file: str) -> IO[bytes]:
            entry = zipfile.ZipInfo(file)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            return archive.open(entry, "w", force_zip64=True)

        yield opened


class _Counted(io.RawIOBase):
    """A stream that hashes what goes through."""

    def __init__(self, to: IO[bytes]) -> None:
        self.to, self.hash = to, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.hash.update(data)
        self.to.write(data)
        return len(data)


def _write(store: Store, opener: Opener, settings: dict[str, str]) -> Written:
    """Write every table and, last, the manifest."""
    done, files = Written({}, {}), []
    progress = Progress("Writing")
    with dumping.steady(store):
        of = dumping.whole(store)
        for part in dumping.parts(store):
            with opener(f"{part.table}.csv") as to:
                counted = _Counted(to)
                with io.TextIOWrapper(io.BufferedWriter(counted, 1 << 18), encoding="utf-8", newline="") as text:
                    current, past = _rows(text, part, dumping.rows(store, part), progress)
                    text.flush()
                files.append(
                    {
                        "file": f"{part.table}.csv",
                        "table": part.table,
                        "rows": current + past,
                        "sha256": counted.hash.hexdigest(),
                        "columns": list(part.columns),
                    }
                )
            done.current[part.table] = current
            if part.versions:
                done.past[part.table] = past
        with opener(MANIFEST) as to:
            to.write((json.dumps(_manifest(store, of, files, settings), ensure_ascii=False, indent=1) + "\n").encode())
    progress.done()
    return done


def _rows(text: io.TextIOWrapper, part: dumping.Part, rows: Iterator[tuple[Any, ...]], progress: Progress) -> tuple[int, int]:
    """Write the rows of a table; returns how many are current and how many were superseded."""
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(part.columns)
    many = past = 0
    for row in rows:
        writer.writerow(row)
        many += 1
        past += part.versions and row[-1] is not None
        if not many % 10_000:
            progress.at(many)
    return many - past, past


def _manifest(store: Store, of: dumping.Whole, files: list[dict[str, Any]], settings: dict[str, str]) -> dict[str, Any]:
    from sfa.sales.refs import site_text

    own = [{"kind": k.name, "name": f.name, "type": f.type, "label": f.label, "choices": list(f.choices)}
           for k in store.kinds.values() for f in k.fields if f.user]  # fmt: skip
    return {
        "format": FORMAT,
        "version": VERSION,
        "how": HOW,
        "schema": of.schema,
        "site": site_text(store.site),
        "as_of": store.moment and str(store.moment),
        "settings": settings,
        "fields": own,
        "files": files,
        "sequences": {name: str(n) for name, n in of.sequences.items()},
        "tables": of.tables,
        "triggers": of.triggers,
    }
