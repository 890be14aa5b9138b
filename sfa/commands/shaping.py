"""A file of a bundle made to fit while it is read: columns made of others behind its own, rows of deleted records left out and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

from sfa.errors import UsageError
from sfa.reading.tabular import Row, Table
from sfa.sales import bundles, histories, profiles, recipes
from sfa.sales.bundles import Facts, Seen
from sfa.sales.derived import nothing
from sfa.sales.kinds import Field, Kind
from sfa.sales.mapping import Map, Mapped, Plan, match, plain
from sfa.sales.profiles.profile import Profile
from sfa.sales.values import quoted

WORDS = 5
"""How many words of a pick list that are none of ours are shown."""


class Shape:
    """How one file of a bundle is read as records of `kind`, where `given` is its map, and `profile` the product whose labels it has.
    `deleted` counts rows left out, `lost` what could not be kept of others, `unknown` has words that were none of ours."""

    def __init__(self, kind: Kind, seen: Seen, facts: Facts, given: Map, profile: Profile | None) -> None:
        self.kind, self.seen = kind, seen
        self.deleted = 0
        self.lost: Counter[str] = Counter()
        self.unknown: dict[str, dict[str, None]] = {}
        names = dict(zip(seen.header, bundles.field_names(seen.header), strict=True))
        self.names = tuple(bundles.field_names(seen.header))
        self.given = given._replace(columns={names.get(c, c): f for c, f in given.columns.items()})
        self.base = self._base(kind, seen, profile)
        fields = {c.at: c.field for c in self.base.columns}
        said = {f for f in self.given.columns.values() if f} | self.given.set.keys()
        self.recipe = recipes.recipe(self.base.kind, seen, fields, facts, profiles.words(kind.name, profile), said, self.given.values)
        self.width = len(seen.header)
        self.gone = facts.deleted
        self.refers = self._references() if facts.deleted else ()

    def _base(self, kind: Kind, seen: Seen, profile: Profile | None) -> Plan:
        """Where the file's own columns go."""
        names, samples, given = bundles.field_names(seen.header), list(map(list, seen.rows)), self.given
        if kind.name == "history":
            return histories.shape(names, samples, given)
        try:
            plan = match(kind, names, samples, given, profile)
        except UsageError:
            if given != Map():
                raise
            plan = Plan(kind, (), tuple(enumerate(names)), given)
        aside = {i for i, n in enumerate(names) if given.columns.get(n) == ""}
        more = bundles.explicit(kind, names, {c.field.name for c in plan.columns} | given.set.keys())
        taken = {c.at for c in plan.columns} | aside
        added = [Mapped(i, names[i], self._field(kind, name)) for i, name in more.items() if i not in taken]
        columns = tuple(sorted((*plan.columns, *added), key=lambda c: c.at))
        if "external_id" not in given.columns.values():
            columns = self._by_id(columns, names, samples)
        there = {c.at for c in columns} | {plan.outcome, plan.deleted}
        return plan._replace(columns=columns, left=tuple((i, n) for i, n in enumerate(names) if i not in there))

    def saved(self) -> Plan:
        """Where the file's own columns go, as a map says it: nothing is said of those that something is made of together with others."""
        feeds = Counter(p for d in self.recipe.derived for p in {*d.places})
        together = {d.field for d in self.recipe.derived if len({*d.places}) > 1 or any(feeds[p] > 1 for p in d.places)}
        columns = tuple(c for c in self.base.columns if c.field.name not in together)
        return self.base._replace(columns=columns, left=tuple((i, n) for i, n in self.base.left if i not in self.recipe.used))

    @staticmethod
    def _by_id(columns: tuple[Mapped, ...], names: list[str], samples: list[list[str]]) -> tuple[Mapped, ...]:
        """Records are known by the id that the others of the bundle refer to, not by one that a third system gave them."""
        at = next((i for i, n in enumerate(names) if plain(n) == "id"), -1)
        if at < 0 or any(c.at == at for c in columns) or not all(row[at].strip() for row in samples if at < len(row)):
            return columns
        return tuple(c._replace(at=at, header=names[at]) if c.field.name == "external_id" else c for c in columns)

    @staticmethod
    def _field(kind: Kind, name: str) -> Field:
        return kind.by_name[name]

    def shaped(self, table: Table, again: bool = False) -> Table:
        """The table with the columns made of others, without rows of deleted records; read `again`, nothing is counted."""
        heads = [f"{' + '.join(table.header[p] for p in dict.fromkeys(d.places))}" for d in self.recipe.derived]
        resources = ExitStack()
        resources.callback(table.close)
        rows = self._rows(table, again)
        return Table([*table.header, *heads], table.dialect, rows, resources, lambda: self.shaped(table.again(), again=True), table.places)

    def losses(self) -> list[str]:
        """What could not be kept, each with how often, and the first words of pick lists that were none of ours."""
        out = []
        for text, n in self.lost.items():
            words = list(self.unknown.get(text, ())) if text.startswith("words") else []
            shown = f" ({', '.join(map(quoted, words[:WORDS]))}{', …' if len(words) > WORDS else ''})" if words else ""
            out.append(f"{text}: {n:,}{shown}")
        return out

    def _references(self) -> tuple[tuple[int, Field], ...]:
        """(place, field) of the columns, own and made, whose cells name other records."""
        made = {d.field for d in self.recipe.derived}
        own = [(c.at, c.field) for c in self.base.columns if c.field.name not in made]
        more = [(self.width + i, self.base.kind.by_name[d.field]) for i, d in enumerate(self.recipe.derived)]
        return tuple((at, field) for at, field in (*own, *more) if field.type == "ref")

    def _without_gone(self, cells: list[str], again: bool) -> bool:
        """Blank the cells that name records which were deleted there; whether the row is something without them."""
        for at, field in self.refers:
            if at < len(cells) and cells[at].strip() in self.gone:
                if field.required:
                    return False
                cells[at] = ""
                self.lost[f"{field.title} that was deleted there, left blank"] += not again
        return True

    def _rows(self, table: Table, again: bool) -> Iterator[Row]:
        derived, recipe, part = self.recipe.derived, self.recipe, self.seen.part
        for row in table:
            cells = row.cells
            if row.problem:
                yield row
                continue
            if part and not part.has(cells):
                continue
            if recipe.deleted and recipes.is_deleted(recipe, cells):
                self.deleted += not again
                continue
            made = []
            for d in derived:
                given = [cells[p] for p in d.places]
                text = d.make(*given)
                if d.lost and not text and not again and given[0].strip():
                    self.lost[d.lost] += 1
                    self.unknown.setdefault(d.lost, {})[given[0].strip()] = None
                elif d.of_more is not nothing and not again and (said := d.of_more(*given)):
                    self.lost[said] += 1
                made.append(text)
            whole = [*cells, *made]
            if self.refers and not self._without_gone(whole, again):
                self.deleted += not again
                continue
            yield Row(row.line, whole, "")

    def plan(self, table: Table, samples: list[list[str]]) -> Plan:
        """Where the columns go: the file's own that nothing is made of, and those made of others."""
        used, kind = self.recipe.used, self.base.kind
        made = tuple(Mapped(self.width + i, table.header[self.width + i], kind.by_name[d.field]) for i, d in enumerate(self.recipe.derived))
        derived = {d.field for d in self.recipe.derived}
        own = tuple(c for c in self.base.columns if c.field.name not in derived)
        left = tuple((i, n) for i, n in self.base.left if i not in used)
        # What words of these fields mean is settled where they are made.
        values = {f: v for f, v in self.base.map.values.items() if f not in derived}
        return self.base._replace(columns=(*own, *made), left=left, map=self.base.map._replace(values=values))
