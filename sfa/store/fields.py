"""The company's own fields: real columns of the two tables of a kind, described by a versioned record that undo can take back."""

from __future__ import annotations

import re

from sfa.errors import Refused, UsageError
from sfa.messages import say, together
from sfa.sales.kinds import COMMON, USER_TYPES, Field, Kind
from sfa.sales.values import quoted
from sfa.store import migrations
from sfa.store.operations import Operation
from sfa.store.schema import column, column_type, q

_SQL = ("rowid", "oid", "_rowid_", "until", "until_op")
_OURS = ("ref", "is", "text", "related", "timeline", "sfa_line", "sfa_reason")
RESERVED = frozenset((*COMMON, *_SQL, *_OURS))


def add(op: Operation, kind: Kind, name: str, of: str, label: str, choices: list[str]) -> Field:
    """Give a kind a field of the company's own. A column that an undo left behind is taken up again with its history.

    Raises UsageError for a name or type that cannot be, Refused for a field that is there."""
    field = _field(kind, name, of, label, choices)
    store, table, past = op.store, q(kind.name), q(kind.name + "_history")
    found = {r[1] for r in store.db.execute(f"PRAGMA main.table_info({table})")}
    if field.name not in found:
        store.db.execute(f"ALTER TABLE main.{table} ADD COLUMN {column(kind, field)}")
        store.db.execute(f"ALTER TABLE main.{past} ADD COLUMN {q(field.name)} {column_type(field)}")
        migrations.remake_kind(store.db, migrations.with_columns(store.db, kind))
    elif not _same_column(op, kind, field):
        raise Refused(say("{name} was once a field of another type", name=field.name), "Its history is kept; choose another name.")
    op.insert("field", {"kind": kind.name, "name": field.name, "type": of, "label": label or None, "choices": ",".join(choices) or None})
    return field


def _same_column(op: Operation, kind: Kind, field: Field) -> bool:
    """Whether the column that is there was made for such a field: its type and its CHECK, as the table's own SQL has them."""
    sql: str = op.store.db.execute("SELECT sql FROM main.sqlite_master WHERE type='table' AND name=?", (kind.name,)).fetchone()[0]
    _, there, rest = sql.partition(", " + column(kind, field))
    return bool(there) and rest.lstrip()[:1] in (",", ")")


def _field(kind: Kind, name: str, of: str, label: str, choices: list[str]) -> Field:
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    if not re.fullmatch(r"[^\W\d]\w{0,40}", plain) or plain in RESERVED or plain.endswith("_ref"):
        raise UsageError(say("{name} cannot be the name of a field", name=quoted(name)), "Letters, digits and _, as in renewal_date.")
    if plain in kind.by_name:
        raise Refused(say("{word} has a field {plain} already", word=kind.word, plain=plain))
    if of not in USER_TYPES:
        raise UsageError(
            say("{of} is not a type of field", of=quoted(of)), say("Types: {user_types}", user_types=together(", ", USER_TYPES))
        )
    if (of == "choice") != bool(choices):
        raise UsageError("a choice needs its choices" if of == "choice" else "only a choice has choices", "--choices low,medium,high")
    if of == "money" and "currency" not in kind.columns:
        raise UsageError(say("a {noun} has no currency, so it has no amounts", noun=kind.noun), "Use a number.")
    return Field(plain, of, label, choices=tuple(choices), user=True)
