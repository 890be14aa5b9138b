"""The duplicates among a million contacts at a hundred thousand companies: CPU, memory, and how much of what was planted is found.

Three in a hundred contacts are doubles of another one, made in ways that exports make them; who is whose double is kept beside the
database. Precision is the share of the pairs found that were planted, recall the share of those planted that is found.
"""

from __future__ import annotations

import csv
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from filling import opened
from measure import Row, environment, memory, sfa

SECONDS = 120
"""CPU seconds that a million contacts may take."""
SITE = 10**12
_FIRST = """Robert William Elizabeth Margaret Anna Carla David Eva Grace Hugo Irène Jürgen Karin Luís Noël Olga Pierre Quentin Rosa Stefan
Tomás Ursula Victor Wanda Xavier Yara Zoë Amara Bilal Chiara Dmitri Erik Fatima Giulia Hassan Ines Jakub Kenji Leila Marek Nadia Omar
Priya Rafael Sofia Tariq Uma Vera Walter Yusuf"""
FIRST = _FIRST.split()
NICK = {"Robert": "Bob", "William": "Bill", "Elizabeth": "Liz", "Margaret": "Peggy"}
HAN = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华"
PLACES = ("Ireland", "France", "Germany", "Portugal", "Spain", "China")
_ADJECTIVES = "Blue Red Green North South East West Old New High Deep Bright Silver Golden Iron Grand Royal First Union Star"
ADJECTIVES = _ADJECTIVES.split()
_TRADES = "Harbor Foods Logistics Chemicals Paper Steel Optics Systems Energy Textiles Marine Motors Timber Glass Tools"
TRADES = _TRADES.split()
LEGAL = ("Ltd", "GmbH", "S.A.", "Inc.", "B.V.", "AB", "S.p.A.", "GmbH & Co. KG", "")
COLUMNS = ("id", "name", "first_name", "last_name", "account", "email", "phone", "country")
Contact = dict[str, object]


def _families(dice: random.Random) -> list[str]:
    starts = "b br c d f g gr h k l m n p r s st t tr v w z"
    parts = [c + v for c in starts.split() for v in ("a", "e", "i", "o", "u", "ei", "au")]
    ends = ("n", "r", "s", "ll", "nd", "rg", "tz", "sen", "son", "mann", "ova", "ez", "ini", "ski")
    return sorted({(dice.choice(parts) + dice.choice(parts) + dice.choice(ends)).title() for _ in range(20_000)})


def prepare(path: Path, many: int) -> set[frozenset[int]]:
    """Make the database; returns the pairs that were planted, by the numbers of their contacts."""
    store, dice = opened(path), random.Random(5)
    db, site = store.db, store.site * SITE
    op = db.execute("SELECT max(id) FROM op").fetchone()[0]
    families, firms = _families(dice), max(many // 10, 10)
    names = [f"{dice.choice(ADJECTIVES)} {dice.choice(families)} {dice.choice(TRADES)}" for _ in range(firms)]
    for pragma in ("cache_size=-500000", "synchronous=OFF"):
        db.execute("PRAGMA " + pragma)
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO writing VALUES(?,?)", (op, op))
    kinds = [store.kinds[n] for n in ("account", "contact")]
    _strip(store, kinds)
    rows = ((site + i + 1, f"{n} {dice.choice(LEGAL)}".strip(), op, op) for i, n in enumerate(names))
    db.executemany("INSERT INTO account(id,name,op,since) VALUES(?,?,?,?)", rows)
    truth: set[frozenset[int]] = set()
    former: list[Contact] = []

    def contacts():  # type: ignore[no-untyped-def]
        for i in range(1, many + 1):
            if former and dice.random() < 0.03:
                first = former.pop(dice.randrange(len(former)))
                made = {**first, **dice.choice(DOUBLES)(first, dice), "id": i}
                truth.add(frozenset((int(str(first["id"])), i)))
            else:
                made = _contact(i, dice, families, firms)
                if dice.random() < 0.05:
                    former.append(made)
            yield (site + i, *(made[c] for c in COLUMNS[1:4]), site + int(str(made["account"])), *(made[c] for c in COLUMNS[5:]), op, op)

    marks = ",".join("?" * (len(COLUMNS) + 2))
    db.executemany(f"INSERT INTO contact({','.join(COLUMNS)},op,since) VALUES({marks})", contacts())
    db.executemany("UPDATE counter SET n=? WHERE kind=?", [(firms, "account"), (many, "contact")])
    db.execute("DELETE FROM writing")
    _put_back(store, kinds)
    db.execute("COMMIT")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return truth


def _strip(store, kinds) -> None:  # type: ignore[no-untyped-def]
    from sfa.store import schema

    for kind in kinds:
        for name in schema.triggers(kind):
            store.db.execute(f'DROP TRIGGER "{name}"')


def _put_back(store, kinds) -> None:  # type: ignore[no-untyped-def]
    from sfa.store import schema

    for kind in kinds:
        for sql in schema.triggers(kind).values():
            store.db.execute(sql)


def _contact(i: int, dice: random.Random, families: list[str], firms: int) -> Contact:
    firm = dice.randrange(firms) + 1
    if dice.random() < 0.1:
        family, first = dice.choice(HAN), "".join(dice.choice(GIVEN) for _ in range(dice.randrange(1, 3)))
        name, local = family + first, f"u{i}"
    else:
        family, first = dice.choice(families), dice.choice(FIRST)
        name, local = f"{first} {family}", f"{first}.{family}".lower()
    mail = f"info@firm{firm}.example" if dice.random() < 0.03 else f"{local}@firm{firm}.example" if dice.random() < 0.8 else None
    phone = f"+353 {dice.randrange(10, 99)} {dice.randrange(10**6, 10**7)}" if dice.random() < 0.7 else None
    return dict(zip(COLUMNS, (i, name, first, family, firm, mail, phone, dice.choice(PLACES)), strict=True))


def _reformatted(c: Contact, dice: random.Random) -> Contact:
    """The same e-mail with a label and in capitals, else another way to write the phone."""
    mail, phone = c["email"], str(c["phone"] or "+353 1 5550100").replace(" ", "-").replace("+353-", "(0)")
    return {"email": str(mail).replace("@", "+crm@").upper() if mail and "info@" not in str(mail) else mail, "phone": phone}


def _nickname(c: Contact, dice: random.Random) -> Contact:
    first = NICK.get(str(c["first_name"]), str(c["first_name"]))
    return {"first_name": first, "name": _joined(first, c["last_name"]), "email": None}


def _order(c: Contact, dice: random.Random) -> Contact:
    return {"first_name": c["last_name"], "last_name": c["first_name"], "name": _joined(c["last_name"], c["first_name"]), "email": None}


def _misspelt(c: Contact, dice: random.Random) -> Contact:
    """Two letters of the family name swapped; the phone is the same."""
    last, phone = str(c["last_name"]), c["phone"] or f"+353 21 {dice.randrange(10**6, 10**7)}"
    at = dice.randrange(1, len(last) - 1) if len(last) > 4 else 0
    swapped = last[:at] + last[at + 1] + last[at] + last[at + 2 :] if at else last
    return {"last_name": swapped, "name": _joined(c["first_name"], swapped), "email": None, "phone": phone}


def _initial(c: Contact, dice: random.Random) -> Contact:
    first = str(c["first_name"])
    return {"first_name": first[:1], "name": _joined(first[:1], c["last_name"]), "email": None}


def _joined(first: object, last: object) -> str:
    return f"{last}{first}" if not str(last).isascii() and ord(str(last)[0]) > 0x2E80 else f"{first} {last}"


DOUBLES: tuple[Callable[[Contact, random.Random], Contact], ...] = (_reformatted, _nickname, _order, _misspelt, _initial)


def found(path: Path, out: Path) -> set[frozenset[int]]:
    """The pairs that the program finds, by the numbers of their contacts."""
    with out.open("w") as stream:
        command = sfa("duplicates", "contact", "--format", "csv")
        subprocess.run(command, env=environment(path), stdout=stream, stderr=subprocess.DEVNULL, check=True)
    with out.open() as stream:
        return {frozenset((int(r["keep"][2:]), int(r["merge"][2:]))) for r in csv.DictReader(stream)}


def rows(folder: Path, many: int = 1_000_000) -> list[Row]:
    """Duplicates among 1,000,000 contacts ≤ 120 s of CPU and 1 GiB."""
    from measure import cpu

    path = folder / "contacts.db"
    truth = prepare(path, many)
    seconds = cpu(sfa("duplicates", "contact", "--format", "csv"), environment(path))
    most = memory(sfa("duplicates", "contact", "--format", "csv"), environment(path))
    pairs = found(path, folder / "pairs.csv")
    hits = len(pairs & truth)
    note = f"{seconds:.0f} s, {most} MiB (1024), precision {hits / max(len(pairs), 1):.3f}, recall {hits / max(len(truth), 1):.3f}"
    ratio = max(seconds / SECONDS, most / 1024)
    return [Row(f"sfa duplicates contact, {many:,} contacts", f"{SECONDS} s of CPU, 1 GiB", 1.0, ratio, note)]


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        for row in rows(Path(place), int(sys.argv[1])):
            sys.stdout.write(f"{row}\n")
