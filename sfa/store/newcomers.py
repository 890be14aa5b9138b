"""New records of a load: what they get beside what their rows say (names made of other fields, defaults, what a stage sets), and what they
lack. Which rows are new, and the writing, is `loading.py`'s.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress
from typing import Any

from sfa.errors import BadValue
from sfa.messages import say
from sfa.sales import arrivals, drafts
from sfa.sales.kinds import Kind
from sfa.sales.rows import Columns, RowReader
from sfa.store import deals, intake
from sfa.store.database import Store
from sfa.store.operations import find_me

Record = dict[str, Any]
_NAMING = ("name", "first_name", "last_name", "company", "email", "account", "product")


class Newcomers:
    """What new records of a kind are made of. `defaults` are those of the kind, `stages` (of deals alone) the stages by id, `dropped`
    counts cells of fields that a rule blanks."""

    def __init__(self, store: Store, kind: Kind) -> None:
        self.store, self.kind = store, kind
        self.today = store.calendar.today.isoformat()
        self.names: dict[tuple[str, int], str] = {}
        self.dropped: Counter[str] = Counter()
        self.stages: dict[int, Record] = {}
        self.defaults = drafts.defaults(kind, intake.context(store))
        if "owner" in kind.columns and kind.field("owner").default == "me":
            self.defaults["owner"] = find_me(store)
        if kind.name == "stage":
            self.defaults["pipeline"] = intake.default_pipeline(store)
        if kind.name == "opportunity":
            names = ("id", "name", "pipeline", "probability", "category", "outcome", "order")
            rows = store.db.execute('SELECT id,name,pipeline,probability,category,outcome,"order" FROM stage')
            self.stages = {r[0]: dict(zip(names, r, strict=True)) for r in rows}

    def made(self, reader: RowReader, columns: Columns, external: list[Any] | None, many: int) -> tuple[Columns, dict[int, str]]:
        """What new records get beside what their rows say: names made of other fields, and which rows lack what is required."""
        made: Columns = {}
        if "name" in self.kind.by_name:
            self._names(columns, made, external, many)
        lacking: dict[int, str] = {}
        for field in self.kind.fields:
            if field.required and not (field.name in self.defaults and self.defaulted(reader, field.name)):
                values = made.get(field.name) or columns.get(field.name)
                if values is None or None in values:
                    missing = range(many) if values is None else [i for i, v in enumerate(values) if v is None]
                    for i in missing:
                        lacking.setdefault(
                            i,
                            say("a new {word} needs {title}: no such column, or its cell is blank", word=self.kind.word, title=field.title),
                        )
        return made, lacking

    def defaulted(self, reader: RowReader, name: str) -> bool:
        """Whether the default of a field fills its blank cells."""
        return arrivals.defaulted(self.kind, name in reader.names, name)

    def _names(self, columns: Columns, made: Columns, external: list[Any] | None, many: int) -> None:
        names = columns.get("name") or [None] * many
        parted = "last_name" in self.kind.by_name
        blank = [i for i, n in enumerate(names) if n is None]
        firsts, lasts = (columns.get(n) or [None] * many for n in ("first_name", "last_name"))
        whole = [i for i in range(many) if names[i] and not firsts[i] and not lasts[i] and " " in names[i]] if parted else []
        if not blank and not whole:
            return
        targets = ("name", "first_name", "last_name") if parted else ("name",)
        for target in targets:
            made[target] = list(columns.get(target) or [None] * many)
        for i in (*blank, *whole):
            row = {n: columns[n][i] for n in _NAMING if n in columns}
            texts = {n: self._name_of(n, row.get(n)) for n in ("account", "product")} if self.stages else {}
            named = drafts.named(self.kind, {**row, "external_id": external[i] if external else None}, texts)
            for target in targets:
                made[target][i] = named.get(target)

    def _name_of(self, kind: str, number: int | None) -> str | None:
        if number is None:
            return None
        if (kind, number) not in self.names:
            self.names[kind, number] = self.store.db.execute(f"SELECT name FROM {kind} WHERE id=?", (number,)).fetchone()[0]
        return self.names[kind, number]

    def deal(self, columns: Columns, made: Columns, i: int, many: int) -> None:
        """Apply the rules of its stage to a new deal. Raises Refused."""
        given = {n: v[i] for n, v in columns.items() if n in self.kind.by_name}
        stage = self.stage_of(given)
        settled, dropped = arrivals.deal(given, stage["outcome"], None)
        self.dropped.update(dropped)
        for name, value in {**arrivals.new_deal(settled, stage, self.today), **arrivals.blanked(given, settled)}.items():
            if name not in made:
                made[name] = list(columns.get(name) or [None] * many)
            made[name][i] = value

    def stage_of(self, given: Record, before: Record | None = None) -> Record:
        """The stage that a deal's row puts it in: its own, the one it is in, else the first of its pipeline. Raises BadValue."""
        number = given.get("stage") or (before or {}).get("stage")
        if number:
            stage = self.stages[number]
            if given.get("pipeline") and stage["pipeline"] != given["pipeline"]:
                raise BadValue("the stage belongs to another pipeline")
            return stage
        pipeline = given.get("pipeline") or intake.default_pipeline(self.store)
        within = [s for s in self.stages.values() if s["pipeline"] == pipeline and s["outcome"] == "open"]
        if not within:
            raise BadValue("its pipeline has no open stage")
        return min(within, key=lambda s: (s["order"], s["id"]))

    def settled(self, columns: Columns, made: Columns) -> None:
        """Apply the rules of its kind to the one new record of a batch. Raises SfaError."""
        given = {n: v[0] for n, v in columns.items() if v[0] is not None}
        for name, value in deals.prepared(self.store, self.kind, {**self.defaults, **given}).items():
            made[name] = [value]

    def covers(self, columns: Columns, many: int) -> None:
        """Say what each quota covers where its row does not."""
        owners = columns.get("owner") or [None] * many
        usual = {owner: intake.covered(self.store, owner) for owner in {*owners}}
        given = columns.get("covers") or [None] * many
        columns["covers"] = [c or usual[owner] for c, owner in zip(given, owners, strict=True)]

    def values(self, reader: RowReader, columns: Columns, made: Columns, fresh: list[int], many: int) -> tuple[list[str], list[Any]]:
        """The names and values, column by column, of the rows `fresh` of a batch of `many`, as new records: defaults filled."""
        every = len(fresh) == many
        chosen = bytearray(many)
        for i in fresh:
            chosen[i] = 1
        names: list[str] = []
        values: list[Any] = []
        for field in self.kind.stored:
            column = made.get(field.name) or columns.get(field.name)
            default = self.defaults.get(field.name) if self.defaulted(reader, field.name) else None
            if column is None and default is None:
                continue
            picked: Any = [default] * len(fresh) if column is None else column if every else list(compress(column, chosen))
            if column is not None and default is not None and None in picked:
                picked = [default if v is None else v for v in picked]
            names.append(field.name)
            values.append(picked)
        return names, values
