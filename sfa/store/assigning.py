"""Giving leads and accounts to people by the company's rules. Conditions become SQL and are asked of many records at once; who gets
which record is decided in `sales/assignment.py`.

Whose turn it is stands in no field that later turns would write over: each operation notes the last turn that it gave, so that undoing
any of them, in whatever order, leaves the turns of the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from sfa.errors import SfaError
from sfa.messages import say
from sfa.sales import assignment
from sfa.sales.assignment import Distribution, Given, Rule
from sfa.sales.kinds import Field, Kind
from sfa.store import bulk, filtering, lookup
from sfa.store.database import Store
from sfa.store.operations import Operation, find_me
from sfa.store.schema import column_type, q
from sfa.store.where import where

Record = dict[str, Any]
OPEN = {"lead": "status IN ('new','working','qualified')", "account": "1"}
"""What counts as a person's load."""


class Defined(NamedTuple):
    """A rule as it was defined. `rule` is None where it cannot give; `problems` say why, and what else is odd about it;
    `hindrances` are those of them that keep it, or some of its people, from getting anything."""

    record: Record
    rule: Rule | None
    people: tuple[int, ...]
    problems: tuple[str, ...]
    hindrances: tuple[str, ...] = ()


def last_order(store: Store, kind: Kind) -> float:
    """The highest order of a rule for records of `kind`; 0 where there is none."""
    found: float = store.db.execute('SELECT coalesce(max("order"),0) FROM assignment_rule WHERE "kind"=?', (kind.name,)).fetchone()[0]
    return found


def set_people(op: Operation, rule: int, people: Sequence[int]) -> bool:
    """Make these the people of a rule; whether they were others, or in another order."""
    rows = op.store.db.execute('SELECT id, person FROM assignment_member WHERE rule=? ORDER BY "order", id', (rule,)).fetchall()
    if [p for _, p in rows] == [*people]:
        return False
    known = {p: n for n, p in rows}
    for number, user in rows:
        if user not in people:
            op.delete("assignment_member", number)
    for place, user in enumerate(people, 1):
        if user in known:
            op.update("assignment_member", known[user], {"order": place})
        else:
            op.insert("assignment_member", {"rule": rule, "person": user, "order": place})
    return True


class Assigned(NamedTuple):
    """A record and who gets it. `before` is its owner so far."""

    id: int
    before: int | None
    given: Given


class Outcome(NamedTuple):
    """What assigning comes to: every record asked about, by the rules in force, and what is to be told of them."""

    turns: Distribution
    assigned: list[Assigned]
    notes: list[str]

    @property
    def rules(self) -> Sequence[Rule]:
        return self.turns.rules

    @property
    def moved(self) -> list[Assigned]:
        """The records that get another owner."""
        return [a for a in self.assigned if a.given.person is not None and a.given.person != a.before]


def words(text: str | None) -> list[str]:
    """The conditions of a rule, one a word, as they were typed."""
    import shlex

    try:
        return shlex.split(text or "")
    except ValueError:
        return [text or ""]


def joined(conditions: Sequence[str]) -> str | None:
    """Conditions as a rule keeps them; None for every record."""
    import shlex

    return shlex.join("-" + w[1:] if w[:1] == "!" else w for w in conditions if w.strip()) or None


def any_rule(store: Store, kind: str) -> bool:
    """Whether there is an active rule for records of a kind."""
    return store.db.execute('SELECT 1 FROM assignment_rule WHERE "kind"=? AND active=1 LIMIT 1', (kind,)).fetchone() is not None


def defined(store: Store, kind: str) -> list[Defined]:
    """The rules for records of a kind, in their order, with what is wrong with them."""
    names = ("id", "name", "kind", "order", "condition", "method", "active")
    cols = ",".join(q(n) for n in names)
    rows = store.db.execute(f'SELECT {cols} FROM assignment_rule WHERE "kind"=? ORDER BY "order", id', (kind,)).fetchall()
    turns = dict(store.db.execute("SELECT rule, person FROM assignment_turn GROUP BY rule HAVING id=max(id)").fetchall())
    out = [_defined(store, dict(zip(names, r, strict=True)), turns) for r in rows]
    places = [i for i, d in enumerate(out) if d.rule]
    usable = [out[i].rule for i in places]
    for at, by in assignment.shadowed(usable):  # type: ignore[arg-type]
        _add(out, places[at], say("unreachable: {name!r} takes all that it would get", name=out[places[by]].record["name"]))
    for at, other in assignment.ties(usable):  # type: ignore[arg-type]
        _add(
            out,
            places[at],
            say("has the same order as {name!r}, which goes first because it is older", name=out[places[other]].record["name"]),
        )
    return out


def _add(out: list[Defined], at: int, problem: str) -> None:
    out[at] = out[at]._replace(problems=(*out[at].problems, problem))


def _defined(store: Store, record: Record, turns: dict[int, int]) -> Defined:
    found = store.db.execute(
        'SELECT u.id, u.name, u.active FROM assignment_member m JOIN user u ON u.id=m.person WHERE m.rule=? ORDER BY m."order", m.id',
        (record["id"],),
    ).fetchall()
    people = tuple(r[0] for r in found)
    absent = [(n, name) for n, name, active in found if active == 0]
    odd = [say("{name} is inactive and is passed over", name=name) for _, name in absent]
    kind, rule = store.kinds[record["kind"]], None
    try:
        conditions = tuple(filtering.conditions(store, words(record["condition"]), kind))
        where(store, kind, list(conditions))
    except SfaError as error:
        odd.append(say("its condition cannot be read, so it gives nothing: {message}", message=error.message))
    else:
        if len(absent) == len(people):
            odd.append("it has nobody to give to, so that the next rule does")
        elif record["active"]:
            away = frozenset(n for n, _ in absent)
            rule = Rule(record["id"], record["name"], record["order"], conditions, people, record["method"], away, turns.get(record["id"]))
    return Defined(record, rule, people, tuple(odd), tuple(odd))


def decide(store: Store, kind: Kind, scope: str, params: Sequence[Any], default: str = "", *, fresh: bool = False) -> Outcome:
    """Who gets the records of `kind` that `scope` (SQL over the alias t) finds. `default`, a user's name, gets what no rule gives to
    anybody, else whoever acts. Of `fresh` records no owner counts as theirs yet."""
    turns, which, values, notes = _ready(store, kind, default)
    sql = f"SELECT t.id, t.owner, {which} FROM {q(kind.name)} t WHERE {scope} ORDER BY t.id"
    rows = store.db.execute(sql, (*values, *params)).fetchall()
    given = [Assigned(n, owner, turns.give(at, None if fresh else owner)) for n, owner, at in rows]
    return Outcome(turns, given, notes)


def _ready(store: Store, kind: Kind, default: str) -> tuple[Distribution, str, list[Any], list[str]]:
    """The rules in force, ready to give; the SQL (over the alias t), with its parameters, of which of them a record fits; what is odd."""
    found = defined(store, kind.name)
    rules = [d.rule for d in found if d.rule]
    notes = [say("rule {name!r}: {p}", name=d.record["name"], p=p) for d in found if d.record["active"] for p in d.hindrances]
    cases, values = [], []
    for at, rule in enumerate(rules):
        sql, some = where(store, kind, list(rule.conditions))
        cases.append(f"WHEN {sql} THEN {at}")
        values += some
    last = default_owner(store, default, notes) if default else find_me(store)
    loads = _loads(store, kind.name) if any(r.method == assignment.LEAST_LOADED for r in rules) else {}
    return Distribution(rules, loads, last), f"CASE {' '.join(cases)} END" if cases else "NULL", values, notes


class Giver:
    """Gives the new records of a load to people, batch by batch, before they are written: the conditions are asked of a small table that
    holds no more columns than they name."""

    def __init__(self, op: Operation, kind: Kind, default: str) -> None:
        self.op, self.kind = op, kind
        self.turns, self.which, self.params, self.notes = _ready(op.store, kind, default)
        self.names = [f for f in kind.stored if f.name in set(re.findall(r'\bt\."?(\w+)', self.which))]
        self.counts: Counter[int | None] = Counter()
        db = op.store.db
        db.execute("DROP TABLE IF EXISTS temp.newcomer")
        # A column without a type keeps numbers and texts as they are, as STRICT tables keep them in a column of ANY.
        db.execute(f"CREATE TEMP TABLE newcomer(id INTEGER PRIMARY KEY{''.join(',' + _typed(f) for f in self.names)})")

    def fill(self, names: list[str], values: list[Any], many: int) -> None:
        """Give those of `many` new records, by the columns `values` of the fields `names`, that have no owner one."""
        owners = values[names.index("owner")] if "owner" in names else [None] * many
        given = self._given(names, values, [i for i, o in enumerate(owners) if o is None] if "owner" in names else range(many))
        self.counts.update(given)
        if "owner" in names:
            following = iter(given)
            values[names.index("owner")] = [next(following) if o is None else o for o in owners]
        else:
            names.append("owner")
            values.append(given)

    def _given(self, names: list[str], values: list[Any], rows: Sequence[int]) -> list[int | None]:
        if not self.turns.rules:
            return [self.turns.default] * len(rows)
        if not self.names:
            return self.turns.give_new([0] * len(rows))
        db = self.op.store.db
        columns = [values[names.index(f.name)] if f.name in names else None for f in self.names]
        picked = [[None] * len(rows) if c is None else [c[i] for i in rows] if len(rows) < len(c) else c for c in columns]
        marks = ",?" * len(columns)
        db.executemany(f"INSERT INTO temp.newcomer VALUES(?{marks})", zip(range(len(rows)), *picked, strict=True))
        found = [r[0] for r in db.execute(f"SELECT {self.which} FROM temp.newcomer t ORDER BY t.id", self.params)]
        db.execute("DELETE FROM temp.newcomer")
        return self.turns.give_new(found)

    def finish(self) -> dict[str, int]:
        """Note whose turn it was; returns name → how many they got."""
        self.op.store.db.execute("DROP TABLE temp.newcomer")
        _note_turns(self.op, self.turns)
        return _named(self.op.store, self.counts)


def _typed(field: Field) -> str:
    of = column_type(field)
    return f"{q(field.name)} {'' if of == 'ANY' else of}"


def default_owner(store: Store, name: str, notes: list[str]) -> int | None:
    """The user that the setting default_owner names; whoever acts, with a note, where that is nobody active."""
    try:
        user = lookup.find(store, store.kinds["user"], name)
    except SfaError as error:
        notes.append(say("default_owner: {message}", message=error.message))
        return find_me(store)
    if user["active"] == 0:
        notes.append(say("default_owner: {name} is inactive", name=user["name"]))
        return find_me(store)
    return int(user["id"])


def _loads(store: Store, kind: str) -> dict[int, int]:
    sql = f"SELECT owner, count(*) FROM {q(kind)} WHERE owner IS NOT NULL AND {OPEN[kind]} GROUP BY owner"
    return dict(store.db.execute(sql).fetchall())


def write(op: Operation, kind: Kind, outcome: Outcome) -> None:
    """Give the records to those who get them, and note whose turn it was."""
    moved = outcome.moved
    op.store.db.executemany(f"UPDATE {q(kind.name)} SET owner=? WHERE id=?", ((a.given.person, a.id) for a in moved))
    op.changes += len(moved)
    _note_turns(op, outcome.turns)


def _note_turns(op: Operation, turns: Distribution) -> None:
    given = turns.last_turns()
    first = bulk.next_number(op.store, "assignment_turn")
    bulk.insert(op, "assignment_turn", ("rule", "person", "count"), ((first + i, *t) for i, t in enumerate(given)), len(given))


def one(op: Operation, kind: Kind, number: int, default: str) -> Outcome | None:
    """Give one new record to somebody, whoever made it; None where neither a rule nor a default says anything about its kind."""
    if not (any_rule(op.store, kind.name) or (default and kind.name == "lead")):
        return None
    outcome = decide(op.store, kind, "t.id=?", [number], default if kind.name == "lead" else "", fresh=True)
    write(op, kind, outcome)
    return outcome


def counted(store: Store, outcome: Outcome) -> dict[str, int]:
    """Name → how many records they got, in the order of the names."""
    return _named(store, Counter(a.given.person for a in outcome.moved))


def _named(store: Store, counts: Counter[int | None]) -> dict[str, int]:
    names = {n: (lookup.get(store, "user", n) or {}).get("name") or "" for n in counts if n is not None}
    return {names[n]: counts[n] for n in sorted(names, key=lambda n: names[n])}
