"""Rows of a file of history are read into what they say of which deal: steps, visits to stages, changes of fields. What they make of the
deal's past is decided in `sales/pasts.py`, and written by `past.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sfa.errors import BadValue, UsageError
from sfa.messages import say
from sfa.sales import histories
from sfa.sales.cells import Amounts, Bad, reader
from sfa.sales.datecolumns import prove_order
from sfa.sales.kinds import Field
from sfa.sales.pasts import ALWAYS, Change, Step, Visit, rescaled
from sfa.sales.rows import Columns, RowReader
from sfa.store.linking import References
from sfa.store.waiting import Line

Record = dict[str, Any]
Reject = Callable[[Line, str], None]


class Deal(NamedTuple):
    """What must be known of a deal to read rows about it."""

    pipeline: int | None
    currency: str | None
    account: int | None


class Fact(NamedTuple):
    """What one row says of a deal, from the moment `at` on. `what` is None for a row that only says that the deal began."""

    at: str
    row: Line
    what: Step | Visit | Change | None


class PastRows:
    """Reads the rows of one file. `facts` is deal → what its rows say, in their order; `counts` gets the rows left out as skipped."""

    def __init__(self, read: RowReader, deals: dict[int, Deal], references: References, reject: Reject, counts: Counter[str]) -> None:
        self.read, self.deals, self.references, self.reject, self.counts = read, deals, references, reject, counts
        self.store = references.store
        self.kind = read.kind
        self.facts: dict[int, list[Fact]] = {}
        self.fields = histories.changed_fields(self.store.kinds["opportunity"])
        self.pending: dict[str, list[tuple[int, str, Line, str, str]]] = {}

    def batch(self, rows: Sequence[Line]) -> None:
        """Read some of the rows."""
        columns, bad = self.read.read([r.cells for r in rows])
        if self.kind is histories.CHANGES:
            rows, columns, bad = self._of_our_fields(rows, columns, bad)
        self._needed([f.name for f in self.kind.fields if f.required and f.name != "new"], columns, len(rows), bad)
        found = self.references.column(self.kind.field("opportunity"), columns["opportunity"], None, bad)
        deals = [self.deals.get(n or 0, Deal(None, None, None)) for n in found]
        if self.kind is histories.CHANGES:
            self._changes(rows, columns, found, bad)
        else:
            self._states(rows, columns, found, deals, bad)

    def _needed(self, names: Sequence[str], columns: Columns, many: int, bad: Bad) -> None:
        for name in names:
            if name not in columns:
                columns[name] = [None] * many
            for i, value in enumerate(columns[name]):
                if value is None:
                    bad.setdefault(i, say("a past version needs {name}: no such column, or its cell is blank", name=name))

    # Steps and visits

    def _states(self, rows: Sequence[Line], columns: Columns, found: list[int | None], deals: list[Deal], bad: Bad) -> None:
        visits = self.kind is histories.VISITS
        stages = self.references.column(self.kind.field("stage"), columns["stage"], [d.pipeline for d in deals], bad)
        if "owner" in columns:
            columns["owner"] = list(self.references.column(self.kind.field("owner"), columns["owner"], None, bad))
        for i, row in enumerate(rows):
            deal, stage = found[i], stages[i]
            if visits and i not in bad and (left := columns.get("left", [None] * len(rows))[i]) and left < columns["entered"][i]:
                bad[i] = "the stage was left before it was entered"
            if i in bad or deal is None or stage is None:
                self.reject(row, bad.get(i, "it cannot be read"))
                continue
            given = {n: columns[n][i] for n in histories.GIVEN if n in columns} | {"stage": stage}
            if "currency" not in self.read.names and given.get("currency") == self.store.currency:
                given = self._in_currency_of(deals[i], given)
            # A blank cell says nothing, except that there is no amount or date.
            given = {n: v for n, v in given.items() if v is not None or n in ("amount", "close")}
            at = columns["entered" if visits else "changed"][i]
            what = Visit(at, columns["left"][i] if "left" in columns else None, given, row.line) if visits else Step(at, given)
            self.facts.setdefault(deal, []).append(Fact(at, row, what))

    def _in_currency_of(self, deal: Deal, given: Record) -> Record:
        """A row whose amount names no currency is in its deal's."""
        currency = deal.currency or self.store.currency
        return {**given, "amount": rescaled(given["amount"], self.store.currency, currency), "currency": currency}

    # Changes of fields

    def _of_our_fields(self, rows: Sequence[Line], columns: Columns, bad: Bad) -> tuple[list[Line], Columns, Bad]:
        """The rows without those about fields that there is nothing of ours for: they are counted and told as left out."""
        blank: list[Any] = [None] * len(rows)
        names, olds, news = (columns.get(n, blank) for n in ("field", "old", "new"))
        written = [c.at for c in self.read.plan.feeding("field")]
        keep = []
        for i, row in enumerate(rows):
            name = names[i] or next((row.cells[at].strip() for at in written), "")
            says_nothing = "old" in columns and not olds[i] and not news[i]
            known = histories.is_marker(name, olds[i], news[i]) or (
                names[i] and not says_nothing and histories.field_changed(self.fields, name)
            )
            if known or not name:
                keep.append(i)
                continue
            self.counts["skipped"] += 1
            self.read.left_out[f"field {name}"] += 1
        kept = {i: k for k, i in enumerate(keep)}
        return (
            [rows[i] for i in keep],
            {n: [values[i] for i in keep] for n, values in columns.items()},
            {kept[i]: why for i, why in bad.items() if i in kept},
        )

    def _changes(self, rows: Sequence[Line], columns: Columns, found: list[int | None], bad: Bad) -> None:
        blank: list[Any] = [None] * len(rows)
        names, olds, news = (columns.get(n, blank) for n in ("field", "old", "new"))
        for i, row in enumerate(rows):
            deal = found[i]
            if i in bad or deal is None:
                self.reject(row, bad.get(i, "it cannot be read"))
            elif histories.is_marker(names[i], olds[i], news[i]):
                self.facts.setdefault(deal, []).append(Fact(columns["changed"][i], row, None))
            elif field := histories.field_changed(self.fields, names[i]):
                self.pending.setdefault(field.name, []).append((deal, columns["changed"][i], row, olds[i] or "", news[i] or ""))

    def finish(self) -> None:
        """Read what could not be read before the whole file was seen: the values of each changed field."""
        says_old = "old" in self.read.names
        for name, rows in self.pending.items():
            field = self.store.kinds["opportunity"].field(name)
            order = self._order(field, [text for *_, old, new in rows for text in (old, new)])
            bad: Bad = {}
            deals = [self.deals[r[0]] for r in rows]
            olds = self._values(field, [old for _, _, _, old, _ in rows], deals, order, bad)
            news = self._values(field, [new for _, _, _, _, new in rows], deals, order, bad)
            for i, (deal, at, row, _, _) in enumerate(rows):
                if news[i] is None and field.name in ALWAYS:
                    bad.setdefault(i, say("{title}: a deal is never without it, and the new value is blank", title=field.title))
                if i in bad:
                    self.reject(row, bad[i])
                else:
                    change = Change(at, name, olds[i], news[i], says_old, row.line)
                    self.facts.setdefault(deal, []).append(Fact(at, row, change))
        for facts in self.facts.values():
            facts.sort(key=lambda f: f.row.line)

    def _order(self, field: Field, texts: Sequence[str]) -> str:
        """How the dates of a changed field are written: as the map says, as they prove, as those of the changes do."""
        if field.type not in ("date", "stamp"):
            return ""
        given = self.read.plan.map.dates
        try:
            return given or prove_order(texts) or next(iter(self.read.orders.values()), "")
        except BadValue as error:
            raise UsageError(
                say("{title}: {message}", title=field.title, message=error.message),
                "Say how dates are written: [format] dates in a map file.",
            ) from None

    def _values(self, field: Field, texts: Sequence[str], deals: Sequence[Deal], order: str, bad: Bad) -> Sequence[Any]:
        given, context = self.read.plan.map, self.read.context
        replace, factor = given.values.get(field.name), given.multiply.get(field.name, 1)
        if field.type == "money":
            currencies: list[str | None] = [d.currency or self.store.currency for d in deals]
            return Amounts(field, context, factor, replace).read(texts, currencies, [None] * len(texts), bad)
        if field.type in ("date", "stamp"):
            texts = [histories.dated(t) for t in texts]
        values = reader(field, context, order, replace, factor)(texts, bad)
        if field.type != "ref":
            return values
        near = {"stage": [d.pipeline for d in deals], "contact": [d.account for d in deals]}.get(field.to)
        return self.references.column(field, values, near, bad)
