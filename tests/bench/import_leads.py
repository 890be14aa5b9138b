"""Imports of leads against the sqlite3 shell's `.import` of the same file into a table with the same indexes and the same search index,
filled in bulk, and against what else reads such a file. It is made here: 15 columns, 5 % duplicates by e-mail, 0.2 % bad rows, some of it
not ASCII."""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from math import log
from pathlib import Path

from measure import Row, cpu, environment, memory, ratio, sfa

ROWS = 200_000
SIZES = (10_000, 100_000, 1_000_000)
HEADER = "first_name,last_name,company,title,email,phone,website,industry,employees,street,city,postal_code,country,source,rating"
FIRST = ("Anna", "Ben", "Carla", "David", "Eva", "Frank", "Grace", "Hugo", "Irène", "Jürgen", "Karin", "Luís", "Mary", "Noël", "Olga", "静")
LAST = ("Ferrari", "Okafor", "Novák", "Müller", "Smith", "Jones", "Dubois", "Rossi", "Hansen", "Kowalski", "Silva", "Tanaka", "王", "Cole")
FIRMS = ("Harbor", "Foods", "Logistics", "Chemicals", "Paper", "Steel", "Optics", "Systems", "Energy", "Textiles")
PLACES = (("Dublin", "Ireland"), ("Lyon", "France"), ("Köln", "Germany"), ("Porto", "Portugal"), ("Austin", "United States"))
PLACES += (("Paris", "France"), ("Leeds", "United Kingdom"), ("Ghent", "Belgium"), ("北京", "China"))
TITLES = ("Head of maintenance", "Buyer", "CEO", "Plant manager", "Quality engineer")
BASE = """
.bail on
PRAGMA journal_mode=WAL;
CREATE TABLE lead({columns});
CREATE INDEX i_name ON lead(last_name COLLATE NOCASE);
CREATE INDEX i_company ON lead(company COLLATE NOCASE);
CREATE INDEX i_email ON lead(email);
CREATE VIRTUAL TABLE lead_search USING fts5(text, content='', tokenize="unicode61 remove_diacritics 2");
.mode csv
.import --skip 1 {csv} lead
INSERT INTO lead_search(rowid,text) SELECT rowid, first_name||' '||last_name||' '||company||' '||email||' '||title||' '||phone||' '||city
 FROM lead;
"""


def generate(path: Path, rows: int = ROWS) -> Path:
    """Write a CSV file of `rows` leads, always the same for the same number."""
    dice = random.Random(11)
    pick = dice.choice
    emails: list[str] = []
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(HEADER + "\n")
        for i in range(rows):
            first, last, firm, (city, country) = pick(FIRST), pick(LAST), pick(FIRMS), pick(PLACES)
            company = f"{last} {firm} {dice.randrange(40_000)}"
            email = f"{i}.{firm.lower()}@firm{dice.randrange(60_000)}.example"
            if emails and dice.random() < 0.05:
                email = pick(emails)
            elif dice.random() < 0.002:
                email = "not an address"
            elif len(emails) < 20_000:
                emails.append(email)
            phone = f"+{dice.randrange(30, 60)} {dice.randrange(10, 99)} {dice.randrange(10**6, 10**7)}"
            street = f'"{dice.randrange(1, 300)} {pick(FIRMS)} Street, Floor {dice.randrange(9)}"'
            stream.write(
                f"{first},{last},{company},{pick(TITLES)},{email},{phone},www.{firm.lower()}{i % 9999}.example,{firm.lower()},"
                f"{dice.randrange(5, 9000)},{street},{city},{dice.randrange(10_000, 99_999)},{country},web,warm\n"
            )
    return path


def ours(path: Path, phones: str = "as_written", again: bool = False) -> float:
    """CPU seconds of the import into a new database, or `again` into the one that has it all."""
    db = path.with_suffix(".db")
    if not again:
        _gone(db)
    command = sfa("import", "lead", str(path), "--on-duplicate", "skip", "--rejects", str(path.with_suffix(".rejects.csv")), "--yes")
    return cpu(command, {**environment(db), "SFA_PHONES": phones}, ok=(7,))


def base(path: Path) -> float:
    """CPU seconds of the sqlite3 shell."""
    db = path.with_suffix(".base.db")
    _gone(db)
    script = path.with_suffix(".sql")
    columns = ",".join(f"{name} TEXT" for name in HEADER.split(","))
    script.write_text(BASE.format(columns=columns, csv=path), encoding="utf-8")
    return cpu(["sqlite3", str(db), f".read {script}"])


def _gone(db: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(str(db) + end).unlink(missing_ok=True)


def peer(path: Path) -> float:
    """CPU seconds of openleads, into an account of its own."""
    home = path.with_suffix(".home")
    home.mkdir()
    done = cpu([str(Path(sys.executable).parent / "openleads"), "import", str(path)], {**os.environ, "HOME": str(home)})
    shutil.rmtree(home)
    return done


def inserted(path: Path) -> float:
    """CPU seconds of `sqlite-utils insert --csv`, into a table without any index."""
    db = path.with_suffix(".utils.db")
    _gone(db)
    return cpu([str(Path(sys.executable).parent / "sqlite-utils"), "insert", str(db), "lead", str(path), "--csv"])


def rows(folder: Path) -> Iterator[Row]:
    """200,000 leads ≤ 2.5 × CPU of `.import`, 3.5 × with phones made E.164; growth ≤ n^1.05 to a million in under 200 MiB; a second run
    ≤ the first; 100,000 in a tenth of what openleads takes and a quarter of `sqlite-utils insert`."""
    path, middle = generate(folder / "leads.csv"), generate(folder / "middle.csv", SIZES[1])
    shell = "sqlite3 .import, the same indexes and FTS5"
    yield Row("sfa import lead, 200,000 rows of 15 columns", shell, 2.5, ratio(lambda: ours(path), lambda: base(path), 3))
    yield Row("… with phones made E.164", shell, 3.5, ratio(lambda: ours(path, "e164"), lambda: base(path), 3))
    yield Row("… run again", "the first import", 1.0, ratio(lambda: ours(path, again=True), lambda: ours(path), 3))
    yield Row(
        "sfa import lead, 100,000 rows", "sqlite-utils insert --csv", 0.25, ratio(lambda: ours(middle, "e164"), lambda: inserted(middle), 1)
    )
    if find_spec("openleads"):
        seconds = ratio(lambda: ours(middle, "e164"), lambda: peer(middle), 1)
        yield Row("sfa import lead, 100,000 rows", "openleads import", 0.1, seconds)
    yield from _growth(folder)


def _growth(folder: Path) -> Iterator[Row]:
    """How the CPU of an import grows with its rows, and the most memory that a million take."""
    files = [generate(folder / f"{n}.csv", n) for n in SIZES]
    seconds = [ours(path) for path in files]
    first, *_, last = zip(SIZES, seconds, strict=True)
    exponent = log(last[1] / first[1]) / log(last[0] / first[0])
    told = ", ".join(f"{n:,}: {s:.2f} s" for n, s in zip(SIZES, seconds, strict=True))
    yield Row("sfa import lead, growth from 10,000 to a million", "rows, as an exponent", 1.05, exponent, told)
    most = _memory(files[-1])
    yield Row("sfa import lead, a million: memory", "200 MiB", 1.0, most / 200, f"{most} MiB at most")


def _memory(path: Path) -> int:
    """The most memory of one import, in MiB; 0 where the system has no account of it."""
    db = path.with_suffix(".db")
    _gone(db)
    argv = sfa("import", "lead", str(path), "--on-duplicate", "skip", "--rejects", str(path.with_suffix(".m.csv")), "--yes")
    return memory(argv, environment(db))
