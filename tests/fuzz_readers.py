"""Random damage to files of every form that is read: no crash, no hang, no row lost, and memory within bounds.

    python tests/fuzz_readers.py [SECONDS] [SEED]

runs for that long (60 seconds) and ends with exit code 1 at the first input that breaks a promise; the input is kept as
fuzz-crash.bin. It tells every ten seconds how many inputs it tried and how much memory the process has taken at most. Where
the package atheris is installed,

    python tests/fuzz_readers.py --atheris [libFuzzer's options]

lets it choose the inputs by what code they reach. `tests/test_fuzz.py` does the same for a few hundred inputs.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import sqlite3
import sys
import tempfile
import time
import zipfile
from contextlib import ExitStack
from functools import cache
from pathlib import Path

from sfa.commands.sources import _opened
from sfa.errors import SfaError

MOST_MEMORY = 300
"""MiB that the process may take at most."""
MOST_SECONDS = 10
"""Seconds of CPU that one input may take."""
TOKENS = (
    *(b'"', b'""', b"'", b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\\", b'\\"', b"\xef\xbb\xbf", b"\xff\xfe", b"\x1f\x8b\x08"),
    *(b"{", b"}", b"[", b"]", b":", b'{"a":', b"\\ud800", b"1e999999999", b"PK\x03\x04", b"SQLite format 3\0", b"sep=", b"\x1b$B", b"\x1a"),
    *("é北ł".encode(), "é".encode("cp1252"), "北京".encode("gbk"), "東京".encode("cp932"), b"\xff" * 4, b"=" * 70, b"A1", b"1048576"),
)


def table_rows() -> list[list[str]]:
    rows = [["Id", "Name", "Company", "E-mail", "Amount", "Close Date"]]
    for n in range(12):
        rows.append([str(n), f"Jörg {n}", f'Acme "{n}", Inc', f"p{n}@x.example", f"1.{n:03},50", f"2026-03-{n + 1:02}"])
    return rows


@cache
def seeds() -> list[bytes]:
    """A small sound file of every form."""
    import csv

    rows = table_rows()
    found: list[bytes] = []
    for delimiter, end in ((",", "\n"), (";", "\r\n"), ("\t", "\r")):
        text = io.StringIO()
        csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(rows)
        found += [text.getvalue().encode(codec) for codec in ("utf-8", "utf-16", "cp1252", "cp850")]
    found.append(gzip.compress(found[0]))
    chinese = "客户名称,联系人,电话\n北京科技有限公司,王小明,010-1234\n上海贸易,李琪,021-99\n"
    found += [chinese.encode("gb18030"), "顧客,氏名\n東京商事,山田太郎\n".encode("cp932")]
    found.append(b'Notes:\n"a, b"\n\nName,City,Tel\n"Jo \\"x\\"",Rome,1\nAl,"Bonn\nam Rhein",2\n')
    objects = [dict(zip(rows[0], row, strict=True)) | {"Owner": {"Name": "a", "Tags": [1, [2], {"x": None}]}} for row in rows[1:]]
    found += [json.dumps(objects, indent=1).encode(), json.dumps({"done": True, "records": objects}).encode()]
    found.append("".join(json.dumps(each) + "\n" for each in objects).encode())
    found.append(
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Jo\r\nTEL;HOME:+49 1\r\nEND:VCARD\r\n" * 3
    )
    found.append(
        "BEGIN:VCARD\nVERSION:4.0\nFN:Søren\n  K\nitem1.EMAIL;TYPE=work:s@x.example\nADR:;;A\\, B;C;;1;D\nEND:VCARD\n".encode() * 3
    )
    lines = ("BEGIN:VEVENT", "UID:1", "DTSTART;TZID=Europe/Rome:20260304T100000", "SUMMARY:Call Jörg", "ATTENDEE:mailto:p1@x.example")
    event = "\r\n".join((*lines, "END:VEVENT", ""))
    found.append(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event * 3}END:VCALENDAR\r\n".encode())
    found += [_sqlite(rows), *_workbook(rows)]
    return found


def _sqlite(rows: list[list[str]]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a"
        db = sqlite3.connect(path)
        db.execute(f"CREATE TABLE leads({', '.join(f'c{n}' for n in range(len(rows[0])))})")
        db.executemany(f"INSERT INTO leads VALUES({','.join('?' * len(rows[0]))})", rows)
        db.commit()
        db.close()
        return path.read_bytes()


def _workbook(rows: list[list[str]]) -> list[bytes]:
    try:
        import xlsxwriter
    except ImportError:
        return []
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("Leads")
    for n, row in enumerate(rows):
        sheet.write_row(n, 0, [float(cell) if cell.isdigit() else cell for cell in row])
    book.close()
    return [stream.getvalue(), repacked(stream.getvalue(), lambda name, content: content)]


def repacked(archive: bytes, change: object) -> bytes:
    """A ZIP archive with changed contents and right checksums, so that damage gets past the unpacking."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for each in old.namelist():
            new.writestr(each, change(each, old.read(each)))  # type: ignore[operator]
    return out.getvalue()


def damaged(data: bytes, rng: random.Random) -> bytes:
    """The bytes with a few random changes; of a workbook the parts inside."""
    if data.startswith(b"PK\x03\x04") and rng.random() < 0.8:
        victim = rng.choice(("sheet1.xml", "workbook.xml", "sharedStrings.xml", "styles.xml"))
        return repacked(data, lambda name, content: _changed(content, rng) if name.endswith(victim) else content)
    if data.startswith(b"\x1f\x8b") and rng.random() < 0.5:
        return gzip.compress(_changed(gzip.decompress(data), rng))
    return _changed(data, rng)


def _changed(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at, wide = rng.randrange(len(data) + 1), rng.choice((0, 0, 1, 2, 9, 40))
        what = rng.random()
        if what < 0.5:
            data = data[:at] + rng.choice(TOKENS) * rng.choice((1, 1, 1, 2, 50)) + data[at + wide :]
        elif what < 0.7:
            data = data[:at] + rng.randbytes(rng.choice((1, 1, 2, 8))) + data[at + wide :]
        elif what < 0.85:
            other = rng.randrange(len(data) + 1)
            data = data[:at] + data[other : other + rng.choice((5, 50, 500))] + data[at:]
        else:
            data = data[:at] if rng.random() < 0.3 else data[:at] + data[at + wide * 5 :]
    return data


def one(data: bytes, path: str) -> str:
    """Read one input to its end and check what is promised; what it was taken for, or the kind of its error."""
    with open(path, "wb") as stream:
        stream.write(data)
    started = time.process_time()
    try:
        with _opened(path, "", "", "", "", True) as table:
            header, last, count = table.header, 0, 0
            assert header and len(set(header)) == len(header), f"names that are not unique: {header}"
            for row in table:
                assert row.problem or len(row.cells) == len(header), f"{len(row.cells)} cells under {len(header)}: {row}"
                assert row.line > last or table.dialect.form == "JSON", f"line {row.line} after {last}"
                assert row.line > table.dialect.header_line
                assert "\n" not in row.problem
                last, count = row.line, count + 1
            if table.dialect.form == "CSV":
                _none_lost(data, table.dialect, header, count)
            return table.dialect.form
    except SfaError as error:
        assert error.message and error.exit_code in (1, 2, 3, 4, 5, 6)
        return type(error).__name__
    finally:
        spent = time.process_time() - started
        assert spent < MOST_SECONDS, f"it took {spent:.1f} s"


def _none_lost(data: bytes, dialect: object, header: list[str], count: int) -> None:
    """Where no quote can join lines, every line below the header that holds anything is a row."""
    with ExitStack() as resources:
        if data.startswith(b"\x1f\x8b"):
            stream = resources.enter_context(gzip.GzipFile(fileobj=io.BytesIO(data)))
            data = stream.read()
    text = data.decode(dialect.encoding, "replace").removeprefix("\ufeff")  # type: ignore[attr-defined]
    if '"' in text or "'" in text or "\\" in text:
        return
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")[dialect.header_line :]  # type: ignore[attr-defined]
    filled = [line for line in lines if any(cell.strip() for cell in line.split(dialect.delimiter))]  # type: ignore[attr-defined]
    filled = [line for line in filled if line != "\x1a"]
    assert count == len(filled), f"{count} rows out of {len(filled)} lines"


def memory() -> float:
    """MiB that the process has taken at most."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 if sys.platform != "darwin" else 1 << 20)


def run(seconds: float, seed: int) -> int:
    """Damage and read for so long; 1 at the first broken promise."""
    # What wants all the memory there is must not take the machine with it.
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    rng = random.Random(seed)
    kinds: dict[str, int] = {}
    count, started, told = 0, time.monotonic(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "input")
        while time.monotonic() - started < seconds:
            data = damaged(rng.choice(seeds()), rng)
            try:
                kind = one(data, path)
                assert memory() < MOST_MEMORY, f"{memory():.0f} MiB of memory"
            except BaseException:
                Path("fuzz-crash.bin").write_bytes(data)
                sys.stderr.write(f"broken by input {count + 1} of seed {seed}, kept in fuzz-crash.bin\n")
                raise
            kinds[kind] = kinds.get(kind, 0) + 1
            count += 1
            if time.monotonic() - told > 10:
                told = time.monotonic()
                sys.stderr.write(f"{count:,} inputs in {told - started:.0f} s, {memory():.0f} MiB at most\n")
    sys.stderr.write(f"{count:,} inputs in {seconds:.0f} s, {memory():.0f} MiB at most: {kinds}\n")
    return 0


def guided() -> None:
    """Let atheris choose the inputs."""
    import atheris  # type: ignore[import-not-found]

    path = os.path.join(tempfile.mkdtemp(), "input")
    corpus = tempfile.mkdtemp()
    for n, seed in enumerate(seeds()):
        Path(corpus, str(n)).write_bytes(seed)
    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *sys.argv[2:], corpus], lambda data: one(data, path))
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--atheris"]:
        guided()
    numbers = [float(each) for each in sys.argv[1:3]]
    sys.exit(run(numbers[0] if numbers else 60, int(numbers[1]) if len(numbers) > 1 else 1))
