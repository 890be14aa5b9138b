"""What a loaded past refers to gets a past as long: stages, owners and their managers, accounts …"""

from __future__ import annotations

from json import dumps

from sfa.sales.kinds import Kind
from sfa.store.operations import Operation
from sfa.store.schema import q


def lengthen(op: Operation) -> None:
    """Give everything that the past which `op` loaded refers to its earliest known version from as early on, so that a moment before this
    database was made shows deals with their stages and owners; and all of them the ids that other systems give them."""
    db, mine, kinds = op.store.db, (op.id, op.id), op.store.kinds
    since = db.execute("SELECT min(since) FROM opportunity_history WHERE op=? AND until_op=?", mine).fetchone()[0]
    ids = "SELECT DISTINCT {0} FROM {1} WHERE op=? AND until_op=? AND {0} IS NOT NULL"
    waiting = [kinds["opportunity"]]
    done = {"opportunity": {r[0] for r in db.execute(ids.format("id", "opportunity_history"), mine)}}
    while waiting:
        kind = waiting.pop()
        for field in (f for f in kind.fields if f.type == "ref" and f.to != "opportunity"):
            new = {r[0] for r in db.execute(ids.format(q(field.name), q(kind.name + "_history")), mine)} - done.setdefault(field.to, set())
            done[field.to] |= new
            if new and db.execute(_copy(kinds[field.to]), (*mine, since, dumps(sorted(new)))).rowcount:
                waiting.append(kinds[field.to])
    for name, numbers in done.items():
        sql = 'SELECT id FROM external WHERE "kind"=? AND record IN (SELECT value FROM json_each(?))'
        links = [r[0] for r in db.execute(sql, (name, dumps(sorted(numbers))))]
        db.execute(_copy(kinds["external"]), (*mine, since, dumps(links)))


def _copy(kind: Kind) -> str:
    """SQL that gives records (?4, JSON ids) a version of operation ?1 from moment ?3 until their earliest known one began."""
    past, names = q(kind.name + "_history"), ",".join(q(c) for c in ("id", *kind.columns))
    known = f"SELECT {names},since FROM {q(kind.name)} UNION ALL SELECT {names},since FROM {past} WHERE since>0 AND until_op>0"
    first = f"SELECT {names},min(since) AS began FROM ({known}) WHERE id IN (SELECT value FROM json_each(?4)) GROUP BY id"
    return f"INSERT INTO {past}({names},op,since,until_op,until) SELECT {names},?1,?3,?2,began FROM ({first}) WHERE began>?3"
