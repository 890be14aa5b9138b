"""An import of 200,000 leads against the sqlite3 shell's `.import` of the same file into a table with the same indexes and the same
search index, filled in bulk. The file is made here: 15 columns, 5 % duplicates by e-mail, 0.2 % bad rows, some of it not ASCII."""

from __future__ import annotations

import random
from pathlib import Path

from measure import Row, cpu, environment, memory, ratio, sfa

ROWS = 200_000
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


def ours(path: Path, phones: str) -> float:
    """CPU seconds of the import into a new database, phone numbers brought into one form ("e164") or left "as_written"."""
    db = path.with_suffix(".db")
    _gone(db)
    rejects = path.with_suffix(".rejects.csv")
    rejects.unlink(missing_ok=True)
    command = sfa("import", "lead", str(path), "--on-duplicate", "skip", "--rejects", str(rejects))
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


def rows(folder: Path) -> list[Row]:
    """200,000 leads ≤ 2.5 × CPU of `.import`, ≤ 3.5 × with phone numbers brought into one form, under 200 MiB."""
    path = generate(folder / "leads.csv")
    what, other = "sfa import lead, 200,000 rows of 15 columns", "sqlite3 .import, the same indexes and FTS5"
    plain = ratio(lambda: ours(path, "as_written"), lambda: base(path), 3)
    found = ratio(lambda: ours(path, "e164"), lambda: base(path), 3)
    return [Row(f"{what}, phones as written", other, 2.5, plain), Row(f"{what}, phones in one form", other, 3.5, found, _memory(path))]


def _memory(path: Path) -> str:
    """The largest memory of one import; "" where the system has no account of it."""
    db = path.with_suffix(".db")
    _gone(db)
    argv = [*sfa("import", "lead", str(path), "--on-duplicate", "skip", "--rejects", str(path.with_suffix(".m.csv"))), "--yes"]
    most = memory(argv, environment(db))
    return f"{most} MiB at most" if most else ""
