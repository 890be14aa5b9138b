"""What was done: the list of operations, and a record's changes field by field with who, when and by which command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sfa.errors import NotFound
from sfa.messages import say
from sfa.sales.kinds import Kind
from sfa.sales.refs import parse, show
from sfa.store.database import Store
from sfa.store.lookup import MERGED
from sfa.store.schema import q


class Done(NamedTuple):
    """One operation. `at` is the time in ms; `undone_by` the undo in force, if any."""

    id: int
    at: int
    actor: str
    command: str
    undoes: int | None
    undone_by: int | None
    records: int


class Change(NamedTuple):
    """One field of one record at one moment. `what` is created, changed or deleted; `currencies` those of the amounts before and after."""

    at: int
    op: int
    actor: str
    command: str
    what: str
    field: str
    before: Any
    after: Any
    currencies: tuple[str | None, str | None] = (None, None)


def short(op: int) -> str:
    """An operation's number as people see and type it: its time in ms, in hexadecimal."""
    return f"{op >> 20:x}"


def parse_short(store: Store, text: str) -> int:
    """The operation that `text` names: its number, or three and more of its last figures. Raises NotFound."""
    wanted = text.strip().lower().lstrip("#")
    rows: list[int] = [r[0] for r in store.db.execute("SELECT id FROM op ORDER BY id DESC")]
    found = [o for o in rows if wanted in (short(o), str(o))] or [o for o in rows if len(wanted) >= 3 and short(o).endswith(wanted)]
    if len(found) != 1:
        what = (
            say("{text!r} ends the numbers of {count} operations", text=text[:60], count=len(found))
            if found
            else say("no operation is called {text!r}", text=text[:60])
        )
        ref = parse(text, store.site)
        raise NotFound(what, say("`sfa history {text}` lists what changed it.", text=text.strip()) if ref else "`sfa history` lists them.")
    return found[0]


_OPS = """
SELECT o.id, coalesce(u.name,''), o.command, o.undoes,
 (SELECT max(x.id) FROM op x WHERE x.undoes=o.id AND x.id<=?1 AND NOT EXISTS(SELECT 1 FROM op r WHERE r.undoes=x.id AND r.id<=?1))
FROM op o LEFT JOIN main.user u ON u.id=o.actor
"""


def operations(store: Store, *, actor: int | None = None, limit: int = 20, only: int | None = None) -> Iterator[Done]:
    """The latest operations, newest first; `actor` limits them to one user's, `limit` 0 gives all."""
    where, params = ["o.id<=?1"], [2**62 if store.moment is None else store.moment]
    for clause, value in (("o.actor=?", actor), ("o.id=?", only)):
        if value is not None:
            where.append(clause)
            params.append(value)
    sql = f"{_OPS} WHERE {' AND '.join(where)} ORDER BY o.id DESC" + (f" LIMIT {int(limit)}" if limit else "")
    rows = store.db.execute(sql, params).fetchall()
    touched = _touched(store, [r[0] for r in rows])
    for number, who, command, undoes, undone in rows:
        yield Done(number, number >> 20, who, command, undoes, undone, touched.get(number, 0))


def _touched(store: Store, ops: list[int]) -> dict[int, int]:
    """operation → how many records of kinds that people see it wrote, changed or deleted."""
    out: dict[int, int] = {}
    store.db.execute("CREATE TEMP TABLE IF NOT EXISTS listed(op INTEGER PRIMARY KEY)")
    store.db.execute("DELETE FROM temp.listed")
    store.db.executemany("INSERT INTO temp.listed VALUES(?)", ((op,) for op in ops))
    some = "IN (SELECT op FROM temp.listed)"
    for kind in store.kinds.values():
        if kind.noun:
            now, past = f"main.{q(kind.name)}", f"main.{q(kind.name + '_history')}"
            pairs = (
                f"SELECT op AS o,id FROM {now} WHERE op {some} UNION SELECT op,id FROM {past} WHERE op {some}"
                f" UNION SELECT until_op,id FROM {past} WHERE until_op {some}"
            )
            for op, count in store.db.execute(f"SELECT o,count(*) FROM ({pairs}) GROUP BY o"):
                out[op] = out.get(op, 0) + count
    return out


def versions(store: Store, kind: Kind, number: int) -> list[dict[str, Any]]:
    """Every version of a record, oldest first, as rows with `op`, `since`, `until_op`, `until` (the last two None for the current one)."""
    names = ("id", *kind.columns, "op", "since", "until_op", "until")
    cols = ",".join(q(c) for c in ("id", *kind.columns, "op", "since"))
    rows = store.db.execute(
        f"SELECT * FROM (SELECT {cols},until_op,until FROM main.{q(kind.name + '_history')} WHERE id=?1 AND since>0 AND until_op>0"
        f" UNION ALL SELECT {cols},NULL,NULL FROM main.{q(kind.name)} WHERE id=?1) ORDER BY since, until_op IS NULL, until_op",
        (number,),
    )
    out = [dict(zip(names, r, strict=True)) for r in rows]
    return [v for v in out if store.moment is None or v["since"] <= store.moment]


def record(store: Store, kind: Kind, number: int) -> list[Change]:
    """A record's changes, oldest first. Raises NotFound for an id that never was."""
    found = versions(store, kind, number)
    if not found:
        raise NotFound(say("no {word} has this reference", word=kind.word))
    ops = {op for v in found for op in (v["op"], v["until_op"]) if op}
    who = {op: _author(store, op) for op in ops}
    out: list[Change] = []
    former: dict[str, Any] | None = None
    for version in found:
        if former is not None and former["until"] != version["since"]:
            out.append(_deleted(former, who))
            former = None
        out += _changes(kind, former, version, who)
        former = version
    out += _mergers(store, kind, number)
    if kind.name == "activity":
        out += _taking_part(store, number, found[0]["op"])
    if former is not None and former["until"] is not None and (store.moment is None or former["until"] <= store.moment):
        out.append(_deleted(former, who))
    return out


def _mergers(store: Store, kind: Kind, number: int) -> list[Change]:
    """That other records became part of this one, and that it was taken back: their references as `after`."""
    limit = 2**62 if store.moment is None else store.moment
    past = 'SELECT {},"kind",record,source,external FROM main.external_history'
    begun = f'SELECT op,since,"kind",record,source,external FROM main.external UNION ALL {past.format("op,since")}'
    ended = past.format("until_op AS op,until AS since")
    out = []
    for what, rows in (("merged", begun), ("parted", ended)):
        sql = f'SELECT since,op,external FROM ({rows}) WHERE "kind"=?1 AND record=?2 AND source=?3 AND since BETWEEN 1 AND ?4'
        for since, op, text in store.db.execute(sql, (kind.name, number, MERGED, limit)).fetchall():
            who, command = _author(store, op)
            if given := parse(text, store.site):
                out.append(Change(since >> 20, op, who, command, what, "", None, show(*given, store.site)))
    return out


def _taking_part(store: Store, number: int, made: int) -> list[Change]:
    """Who took part in an activity beside its main contact, and who does no more; those whom it was made with are part of its making."""
    limit = 2**62 if store.moment is None else store.moment
    sql = (
        "SELECT since,op,contact,0 FROM (SELECT since,op,contact,activity FROM main.activity_contact"
        " UNION ALL SELECT since,op,contact,activity FROM main.activity_contact_history WHERE since>0)"
        " WHERE activity=?1 AND since<=?2 UNION ALL SELECT until,until_op,contact,1 FROM main.activity_contact_history"
        " WHERE activity=?1 AND since>0 AND until BETWEEN 1 AND ?2 ORDER BY 1"
    )
    out = []
    for since, op, contact, gone in store.db.execute(sql, (number, limit)).fetchall():
        who, command = _author(store, op)
        before, after = (contact, None) if gone else (None, contact)
        out.append(Change(since >> 20, op, who, command, "created" if op == made and not gone else "changed", "others", before, after))
    return out


def _author(store: Store, op: int) -> tuple[str, str]:
    """Who did an operation, by which command."""
    sql = "SELECT coalesce(u.name,''), o.command FROM op o LEFT JOIN main.user u ON u.id=o.actor WHERE o.id=?"
    return store.db.execute(sql, (op,)).fetchone() or ("", "")


def _changes(kind: Kind, former: dict[str, Any] | None, version: dict[str, Any], who: dict[int, tuple[str, str]]) -> list[Change]:
    """What a version differs in from the one before; without one, every field that it fills."""
    actor, command = who.get(version["op"], ("", ""))
    what, before = ("changed", former) if former else ("created", {})
    currencies = (before.get("currency"), version.get("currency"))
    return [
        Change(version["since"] >> 20, version["op"], actor, command, what, f.name, before.get(f.name), version[f.name], currencies)
        for f in kind.stored
        if version[f.name] != before.get(f.name)
    ]


def _deleted(version: dict[str, Any], who: dict[int, tuple[str, str]]) -> Change:
    actor, command = who.get(version["until_op"], ("", ""))
    return Change(version["until"] >> 20, version["until_op"], actor, command, "deleted", "", None, None)
