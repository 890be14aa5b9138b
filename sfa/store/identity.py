"""Which record a row of a file is: by this program's own id, by the external id, by the natural key (e-mail, name, …), else by a hash
of what the row says. Rows of the same file count as records that are there already.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from sfa.errors import BadValue
from sfa.messages import say
from sfa.sales.kinds import Kind
from sfa.sales.values import quoted
from sfa.store import lookup
from sfa.store.database import Store
from sfa.store.linking import OWN, ROW
from sfa.store.remembered import Found, Remembered
from sfa.store.schema import q

_FOLD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


class Identity:
    """Finds the record of each row. `see` a batch first; then ask `of` row by row, and `claim` what each row turned out to be; say
    `written` when the batch's new records are in the database. New records get ids from `first` on."""

    def __init__(self, store: Store, kind: Kind, source: str, first: int) -> None:
        self.store, self.kind, self.source = store, kind, source
        self.empty = store.db.execute(f"SELECT 1 FROM {q(kind.name)} LIMIT 1").fetchone() is None
        self.keys = (kind.unique,) if kind.unique else tuple((k,) for k in kind.key)
        self.by_id = {s: Remembered(first, partial(self._id_there, s)) for s in (OWN, source, ROW)}
        self.by_key = [Remembered(first, None if kind.unique else partial(self._key_there, names)) for names in self.keys]
        self.first: dict[int, tuple[Any, ...]] = {}
        self.ids_of: dict[tuple[str, int], str | None] = {}
        self.claimed: dict[tuple[str, int], str] = {}
        self.merged = store.db.execute(
            "SELECT 1 FROM external WHERE \"kind\"=? AND coalesce(source,'')=? LIMIT 1", (kind.name, lookup.WAS)
        ).fetchone()
        if kind.unique and not self.empty:
            self._all_keys()

    def _all_keys(self) -> None:
        names = ",".join(q(n) for n in self.kind.unique)
        for number, *values in self.store.db.execute(f"SELECT id,{names} FROM {q(self.kind.name)}"):
            self.by_key[0].keep(self.folded(values), number)

    def _key_there(self, names: tuple[str, ...], number: int) -> Any:
        """The folded natural key that a record has in the database."""
        columns = ",".join(map(q, names))
        row = self.store.db.execute(f"SELECT {columns} FROM {q(self.kind.name)} WHERE id=?", (number,)).fetchone()
        return row and self.folded(row)

    def _id_there(self, source: str, number: int) -> str | None:
        """The id of a source that a record has in the database."""
        row = self.store.db.execute(
            "SELECT external FROM external WHERE \"kind\"=? AND record=? AND coalesce(source,'')=?", (self.kind.name, number, source)
        ).fetchone()
        return str(row[0]) if row else None

    def written(self) -> None:
        """The batch is in the database. Where there were records before, that tells of all of them when it is asked again."""
        for known in (*self.by_id.values(), *self.by_key):
            if self.empty:
                known.settle()
            else:
                known.forget()
        self.ids_of.clear()
        self.first.clear()

    @staticmethod
    def folded(values: Sequence[Any]) -> Any:
        """The key of values: texts in ASCII lower case, as the database's own case-insensitive comparison has it."""
        if len(values) == 1:
            value = values[0]
            return value.translate(_FOLD) if value.__class__ is str else value
        return tuple(v.translate(_FOLD) if v.__class__ is str else v for v in values)

    def see(self, columns: dict[str, list[Any]], own: list[Any] | None, external: list[Any] | None, hashes: dict[int, str]) -> None:
        """Look up in the database what a batch of rows may be."""
        if own:
            self._see_own(own)
        for source, texts in ((OWN, own), (self.source, external), (ROW, list(hashes.values()))):
            if texts and not self.empty:
                self._see_external(source, texts)
        if not self.empty and not self.kind.unique:
            for known, (name,) in zip(self.by_key, self.keys, strict=True):
                if name in columns:
                    self._see_key(known, name, columns[name])

    def _see_own(self, texts: list[Any]) -> None:
        for text in texts:
            if text and self.by_id[OWN].get(text) is None:
                given = lookup.resolved(self.store, text)
                if given and given[0] == self.kind.name and lookup.get(self.store, *given):
                    self.by_id[OWN].put(text, given[1])

    def _see_external(self, source: str, texts: list[Any]) -> None:
        from json import dumps

        known = self.by_id[source]
        wanted = [t for t in texts if t is not None and known.get(t) is None]
        sql = (
            "SELECT external, record FROM external WHERE \"kind\"=? AND coalesce(source,'')=?"
            " AND external IN (SELECT value FROM json_each(?))"
        )
        for text, record in self.store.db.execute(sql, (self.kind.name, source, dumps(wanted))):
            known.put(text, record)
            self.ids_of[source, record] = text

    def _see_key(self, known: Remembered, name: str, values: list[Any]) -> None:
        from json import dumps

        wanted = [v for v in dict.fromkeys(values) if v is not None and known.get(self.folded((v,))) is None]
        if not wanted:
            return
        collate = "" if name == "email" else " COLLATE NOCASE"
        sql = f"SELECT id, {q(name)} FROM {q(self.kind.name)} WHERE {q(name)}{collate} IN (SELECT value FROM json_each(?)) ORDER BY id"
        exact = set(wanted)
        rows = self.store.db.execute(sql, (dumps(wanted),)).fetchall()
        exactly = {self.folded((v,)) for _, v in rows if v in exact}
        for number, value in rows:
            # Where one record bears the very name, those that differ in case alone are other records.
            key = self.folded((value,))
            if value in exact or key not in exactly:
                known.add(key, number)
        if self.merged:
            # What a merged record was called means the one that it became, unless another is called so now.
            sql = (
                "SELECT record, external FROM external WHERE \"kind\"=? AND coalesce(source,'')=?"
                " AND external IN (SELECT value FROM json_each(?))"
            )
            for number, value in self.store.db.execute(sql, (self.kind.name, lookup.WAS, dumps(wanted))):
                if known.get(key := self.folded((value,))) is None:
                    known.put(key, number)

    def of(self, own: str | None, external: str | None, keys: Sequence[Any], hashed: str | None) -> tuple[int, str] | None:
        """The record that a row is and by what it is known, or None for a new one. `keys` holds its folded natural keys (None where blank).

        Raises BadValue where a name means several records."""
        for source, text, by in ((OWN, own, "id"), (self.source, external, "external_id"), (ROW, hashed, "row")):
            if text is not None and isinstance(number := self.by_id[source].get(text), int):
                return number, by
        for at, key in enumerate(keys):
            if key is None:
                continue
            found = self._fitting(self.by_key[at].get(key), at, own, external, keys)
            if len(found) > 1:
                raise self.several(found, key)
            if found:
                return found[0], self.rule(at)
        return None

    def rule(self, at: int) -> str:
        """What a natural key is called: the fields that make it."""
        return ",".join(self.keys[at])

    def several(self, found: Sequence[int], key: Any) -> BadValue:
        """The reason against a row whose natural key several records have."""
        return BadValue(
            say(
                "{count} {plural} are called {key}: add a column of ids, as `sfa export` writes it",
                count=len(found),
                plural=self.kind.plural,
                key=quoted(str(key)),
            )
        )

    def _fitting(self, found: Found, at: int, own: str | None, external: str | None, keys: Sequence[Any]) -> list[int]:
        """Those of the records with a natural key that the row's ids and earlier keys do not speak against."""
        out = []
        for number in (found,) if isinstance(found, int) else found or ():
            others = [
                (source, text) for source, text in ((OWN, own), (self.source, external)) if text and self.id_of(source, number) is not None
            ]
            if not others and (at == 0 or self._agrees(number, at, keys)):
                out.append(number)
        return out

    def id_of(self, source: str, number: int) -> str | None:
        """The id that a record has in a source or was found to have by an earlier row, or None."""
        if (source, number) not in self.ids_of:
            self.ids_of[source, number] = self._id_there(source, number)
        there = self.ids_of[source, number]
        return self.claimed.get((source, number)) if there is None else there

    def _agrees(self, number: int, at: int, keys: Sequence[Any]) -> bool:
        """Whether the keys before the one that fits are blank on one side."""
        if number not in self.first:
            there = lookup.get(self.store, self.kind.name, number) or {}
            self.first[number] = tuple(there.get(names[0]) for names in self.keys)
        return all(keys[i] is None or self.first[number][i] is None for i in range(at))

    def claim(self, number: int, own: str | None, external: str | None, keys: Sequence[Any], hashed: str | None, new: bool) -> None:
        """Remember what a row turned out to be, for the rows after it."""
        for source, text in ((OWN, own), (self.source, external), (ROW, hashed)):
            if text is None:
                continue
            if new:
                self.by_id[source].put(text, number)
                if source != ROW:
                    self.ids_of[source, number] = text
            elif self.by_id[source].get(text) is None:
                # What its record is not said to be called, because rows that differ write nothing.
                self.by_id[source].keep(text, number)
                if source != ROW:
                    self.claimed.setdefault((source, number), text)
        if new and len(self.keys) > 1:
            self.first[number] = tuple(keys)
        for known, key in zip(self.by_key, keys, strict=True):
            if key is not None and new:
                known.add(key, number)
            elif key is not None and known.get(key) is None:
                # Known by its id: the key that the row gives to it means it too.
                known.keep(key, number)
