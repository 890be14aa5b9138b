"""Forgetting a person: the one thing that is not remembered.

Personal fields and free text are blanked in every version, the commands that touched them lose their words, the search index is made
anew, and what SQLite would leave lying in the file is overwritten. Ids, amounts, stages and dates stay. A keyed hash of the person's
e-mail stays too, so that an import doesn't bring them back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from sfa.sales.kinds import Field, Kind
from sfa.sales.names import mailbox
from sfa.sales.persons import Traces
from sfa.sales.phones import WRITTEN
from sfa.sales.refs import show
from sfa.store import textindex
from sfa.store.database import Store, errors
from sfa.store.lookup import merged_away
from sfa.store.migrations import with_columns
from sfa.store.operations import Operation, operation
from sfa.store.queries.scope import taken_back
from sfa.store.schema import q

ERASED = "(erased)"
PERSONS = ("contact", "lead", "user")
Record = tuple[str, int]
_LINKS = {"contact": "contact", "lead": "lead"}
"""Kind of person → the field of an activity that names one; what a user logged is about others and stays."""
_NOUNS = ("lead", "opp", "account", "contact", "log", "activity", "task", "product", "user", "quota", "undo", "redo")
_VERBS = (
    "add",
    "edit",
    "delete",
    "convert",
    "qualify",
    "disqualify",
    "propose",
    "negotiate",
    "win",
    "lose",
    "reopen",
    "move",
    "hand-over",
    "done",
    "snooze",
    "reschedule",
)


class Person(NamedTuple):
    """What erasing would touch: the person's records, their activities, and records of others that bear the same e-mail."""

    records: list[Record]
    activities: list[int]
    namesakes: list[Record]


class Erased(NamedTuple):
    """What was done. `busy`: another program has the file open, so that old pages stay until `sfa db vacuum`."""

    versions: int
    commands: int
    mentions: int
    busy: bool


def person(store: Store, kind: str, number: int) -> Person:
    """The person behind a contact, lead or user, deleted or not: a lead and the contact that it became are one person."""
    records = [(kind, number)]
    read = store.db.execute
    true = f"NOT {taken_back('v')}"
    both = "SELECT {} FROM lead WHERE {}=?1 UNION SELECT {} FROM lead_history v WHERE {}=?1 AND " + true
    if kind == "contact":
        records += [("lead", r[0]) for r in read(both.format("id", "contact", "id", "contact"), (number,))]
    elif kind == "lead":
        records += [("contact", r[0]) for r in read(both.format("contact", "id", "contact", "id"), (number,)) if r[0] is not None]
    records += [r for who in list(records) for r in merged_away(store, *who)]
    activities: set[int] = set()
    for name, n in records:
        if name in _LINKS:
            column = q(_LINKS[name])
            sql = f"SELECT id FROM activity WHERE {column}=?1 UNION SELECT id FROM activity_history v WHERE {column}=?1 AND {true}"
            activities |= {r[0] for r in read(sql, (n,))}
        if name == "contact":
            beside = "SELECT activity FROM activity_contact WHERE contact=?1"
            beside += f" UNION SELECT activity FROM activity_contact_history v WHERE contact=?1 AND {true}"
            activities |= {r[0] for r in read(beside, (n,))}
    mails = values(store, records, "email")
    same = [(k, r[0]) for k in PERSONS for m in mails for r in read(f"SELECT id FROM {k} WHERE email=?", (m,))]
    return Person(records, sorted(activities), [r for r in dict.fromkeys(same) if r not in records])


def together(persons: Iterable[Person]) -> Person:
    """Several persons' records, or one person's that were found one by one, as what one erasure touches."""
    persons = list(persons)
    records = list(dict.fromkeys(r for p in persons for r in p.records))
    namesakes = [r for r in dict.fromkeys(r for p in persons for r in p.namesakes) if r not in records]
    return Person(records, sorted({a for p in persons for a in p.activities}), namesakes)


def traces(store: Store, records: Iterable[Record]) -> Traces:
    """What tells of a person in free text: the names, e-mails and phones that their records had in any version."""
    records = list(records)
    return Traces(*(values(store, records, of) for of in ("name", "email", "phone")))


def erase(store: Store, who: Person, command: str = "", blocked: Iterable[Record] | None = None, needle: Traces | None = None) -> Erased:
    """Erase for good, as one operation that nobody can take back. The e-mails of `blocked` records (default: all of them) are kept as keyed
    hashes, so that no import brings them back; `needle` is what is looked for in texts (default: all that tells of them). Raises
    DatabaseError."""
    store.db.execute("PRAGMA secure_delete=ON")
    needle = traces(store, who.records) if needle is None else needle
    command = command or "erase " + " ".join(show(k, n, store.site) for k, n in who.records)
    with errors(store.path):
        with operation(store, command) as op:
            _remember(store, values(store, who.records if blocked is None else blocked, "email"))
            commands = _commands(store, who, needle)
            versions = sum(_blank(op, name, n) for name, n in _own(store, who))
            mentions = _mentions(op, needle) if needle else 0
            op.changes += 1
            for name in {"activity", "task", *PERSONS, "account", "opportunity"}:
                if store.kinds[name].search:
                    textindex.fill(store, name)
        return Erased(versions, commands, mentions, not compact(store))


def compact(store: Store) -> bool:
    """Rewrite the file without free pages and empty the WAL; False where another program's reading keeps the old one."""
    store.db.execute("VACUUM")
    return not store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]


def copies(path: str) -> list[str]:
    """Databases that lie beside this one and bear its name: backups, which may still hold what was erased here."""
    import os

    folder, own = os.path.split(os.path.abspath(path))
    stem = own.rpartition(".")[0] or own
    out = []
    for name in sorted(os.listdir(folder)):
        if name.startswith(stem) and name not in (own, own + "-wal", own + "-shm") and os.path.isfile(os.path.join(folder, name)):
            try:
                with open(os.path.join(folder, name), "rb") as f:
                    if f.read(15) == b"SQLite format 3":
                        out.append(os.path.join(os.path.dirname(path), name))
            except OSError:
                continue
    return out


def _personal(kind: Kind) -> list[Field]:
    """What is personal of a kind: the fields marked so, and every text of the company's own, even of fields that were taken back; of a
    person all that the company's own fields say but amounts."""
    if kind.name in PERSONS:
        return [f for f in kind.stored if f.personal or (f.user and f.type != "money")]
    return [f for f in kind.stored if f.personal or (f.user and f.type in ("text", "email", "phone"))]


def _blank(op: Operation, name: str, number: int) -> int:
    """Blank the personal fields of a record in all its versions; returns how many versions there are."""
    db = op.store.db
    sets = ",".join(f"{q(f.name)}={repr(ERASED) if f.required else 'NULL'}" for f in _personal(with_columns(db, op.store.kinds[name])))
    count = db.execute(f"UPDATE {q(name)} SET {sets} WHERE id=?", (number,)).rowcount
    # The version that this very update ended is in the history by now.
    return count + db.execute(f"UPDATE {q(name + '_history')} SET {sets} WHERE id=?", (number,)).rowcount - min(count, 1)


def values(store: Store, records: Iterable[Record], kind_of_field: str) -> list[str]:
    """Every value that the records' fields of a type (email, phone, or name) held in any version but those that were taken back: what a
    merge by mistake gave them is another person's."""
    out: dict[str, None] = {}
    for name, number in records:
        for field in store.kinds[name].stored:
            if field.type == kind_of_field or field.name == kind_of_field:
                for table, true in ((name, "1"), (name + "_history", f"NOT {taken_back('v')}")):
                    rows = store.db.execute(f"SELECT {q(field.name)} FROM {q(table)} v WHERE id=? AND {true}", (number,))
                    texts = [t for (value,) in rows if value for t in (value.split(",") if field.many else [value])]
                    out |= dict.fromkeys(t for t in texts if t != ERASED)
    return list(out)


def _own(store: Store, who: Person) -> list[Record]:
    """What is blanked whole: the person's records, what was logged on them, and the tasks about them."""
    tasks: set[int] = set()
    for name, n in who.records:
        if name in _LINKS:
            column = q(_LINKS[name])
            past = f"SELECT id FROM task_history v WHERE {column}=?1 AND NOT {taken_back('v')}"
            sql = f"SELECT id FROM task WHERE {column}=?1 UNION {past}"
            tasks |= {r[0] for r in store.db.execute(sql, (n,))}
    return [*who.records, *(("activity", a) for a in who.activities), *(("task", t) for t in sorted(tasks))]


def _commands(store: Store, who: Person, needle: Traces) -> int:
    """Take the words out of the commands that touched the person or their activities, and the person's data out of all others."""
    db, touched = store.db, set()
    for name, number in _own(store, who):
        h = q(name + "_history")
        sql = f"SELECT op FROM {q(name)} WHERE id=?1 UNION SELECT op FROM {h} WHERE id=?1 UNION SELECT until_op FROM {h} WHERE id=?1"
        touched |= {r[0] for r in db.execute(sql, (number,))}
    count = 0
    for number, command in db.execute("SELECT id, command FROM op").fetchall():
        text = _told(command) if number in touched else command
        text = needle.scrub(text, ERASED) if needle else text
        if text != command:
            db.execute("UPDATE op SET command=? WHERE id=?", (text, number))
            count += 1
    return count


def _told(command: str) -> str:
    """What is left of a command: its noun and verb. Imports and the like name only files."""
    words = command.split()
    if not words or words[0] in ("import", "demo", "erase", "db") or command.startswith(("(another", "(new")):
        return command
    kept = [w for w, known in zip(words[:2], (_NOUNS, _VERBS), strict=False) if w in known]
    return " ".join([*kept, ERASED])


def _mentions(op: Operation, needle: Traces) -> int:
    """Take the person's data out of the free text of every other record, in every version; returns how many cells held some."""
    db, count = op.store.db, 0
    db.create_function("scrubbed", 1, lambda text: needle.scrub(text, ERASED) if isinstance(text, str) else text, deterministic=True)
    # The history comes last, because the updates before it move the versions that they end there.
    for ending in ("", "_history"):
        for kind in op.store.kinds.values():
            for field in free_text(with_columns(db, kind)):
                column = q(field.name)
                # No two external ids may be the same.
                new = f"'{ERASED} '||\"kind\"||' '||record||' '||id" if kind.name == "external" else f"scrubbed({column})"
                sql = f"UPDATE {q(kind.name + ending)} SET {column}={new} WHERE scrubbed({column}) IS NOT {column}"
                count += db.execute(sql).rowcount
    # What a merge by mistake gave to others stays with them in the version that was taken back.
    for name in PERSONS:
        for field in _personal(with_columns(db, op.store.kinds[name])):
            column = q(field.name)
            those = f"{taken_back('v')} AND scrubbed({column}) IS NOT {column}"
            sql = f"UPDATE {q(name + '_history')} AS v SET {column}=scrubbed({column}) WHERE {those}"
            count += db.execute(sql).rowcount
    return count


def free_text(kind: Kind) -> list[Field]:
    """Where people write about people. Names of other persons are theirs; an external id changes only where it is the e-mail. Names that
    no two records of a kind may share (stages, reports) are no place for persons."""
    if kind.name == "external":
        return [kind.field("external")]
    if kind.name in PERSONS:
        own = ("company", "title", "website", "reason", "description")
        return [f for f in kind.stored if f.name in own or (f.user and f.type == "text")]
    if kind.name in ("account", "opportunity", "activity", "task"):
        # How a company's phone was written goes with its phone, which is the company's.
        return [f for f in kind.stored if f.type == "text" and not (f.managed and f.name.endswith(WRITTEN))]
    return [f for f in kind.stored if f.type == "text" and f.name not in kind.unique and not f.required and kind.name != "field"]


# What may not come back -------------------------------------------------------------------------------------------------------------


def _hash(secret: str, mail: str) -> str:
    import hashlib
    import hmac

    return hmac.new(bytes.fromhex(secret), mail.strip().lower().encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _remember(store: Store, mails: Iterable[str]) -> None:
    secret = store.db.execute("SELECT secret FROM this").fetchone()[0]
    if secret is None:
        import secrets

        secret = secrets.token_hex(32)
        store.db.execute("UPDATE this SET secret=?", (secret,))
    for mail in mails:
        for text in {mail.strip().lower(), mailbox(mail)}:
            store.db.execute("INSERT INTO erased(kind,hash) VALUES('email',?) ON CONFLICT DO NOTHING", (_hash(secret, text),))


def blocker(store: Store, kind: str) -> Callable[[str], bool] | None:
    """A quick test for the e-mails of many records of a kind: whether the person behind one was erased, so that no import may bring
    them back, under a tag (`wei+news@…`) neither. None where nobody was, or the kind is none of persons."""
    hashes = {r[0] for r in store.db.execute("SELECT hash FROM erased WHERE kind='email'")} if kind in PERSONS else set()
    if not hashes:
        return None
    secret: str = store.db.execute("SELECT secret FROM this").fetchone()[0]

    def test(mail: str) -> bool:
        plain, box = mail.strip().lower(), mailbox(mail)
        return _hash(secret, plain) in hashes or (box != plain and _hash(secret, box) in hashes)

    return test


def is_erased(store: Store, kind: str, email: str) -> bool:
    """Whether the person with this e-mail was erased, as whatever kind of record they stood here."""
    test = blocker(store, kind)
    return test is not None and test(email)
