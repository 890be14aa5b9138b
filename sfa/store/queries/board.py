"""The board: open deals by stage, each stage with its number of deals, its sum and the deals that close first."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sfa.messages import say, together
from sfa.sales import money, refs
from sfa.sales.filters import Condition
from sfa.sales.sheets import Sheet, column
from sfa.store.database import Store
from sfa.store.queries import rates, scope


class Deal(NamedTuple):
    """One card. `amount` in minor units of `currency`; both may be None."""

    id: int
    name: str
    account: str | None
    amount: int | None
    currency: str | None
    close: str | None


class Stage(NamedTuple):
    """One column of the board: an open stage. `sums` are (minor units, currency), the company's alone where every rate is known, else
    one for each currency; `deals` those that close first, `number` counts all."""

    stage: str
    pipeline: str
    number: int
    sums: list[tuple[int, str]]
    deals: list[Deal]

    def summary(self) -> str:
        """Number and sums in a line: `4 deals, 1.2m USD`."""
        worth = together(" + ", [money.human(a, c, compact=True) for a, c in self.sums])
        deals = say("{number:,} deal{s}", number=self.number, s="" if self.number == 1 else "s")
        return say("{deals}, {worth}", deals=deals, worth=worth) if worth else deals

    def cards(self, store: Store, marks: dict[int, str]) -> list[tuple[str, str, str]]:
        """Each deal as two lines and its mark: its reference and name, and its amount (without the company's currency) and expected close
        (without the year in progress), with an exclamation mark when that has passed; a last one counts those not shown."""
        today = scope.calendar(store).today.isoformat()
        out = []
        for d in self.deals:
            currency = d.currency or store.currency
            own = currency == store.currency
            worth = "" if d.amount is None else money.short(d.amount, currency) if own else money.human(d.amount, currency, compact=True)
            day = "" if d.close is None else d.close[5:] if d.close[:4] == today[:4] else d.close
            due = day + ("!" if d.close is not None and d.close < today else "")
            ref = refs.show("opportunity", d.id, store.site)
            out.append((f"{ref} {d.name}", together(" ", [x for x in (worth, due) if x]), marks.get(d.id, "")))
        if self.number > len(self.deals):
            out.append((say("and {rest:,} more", rest=self.number - len(self.deals)), "", ""))
        return out


def board(store: Store, conditions: list[Condition], limit: int) -> list[Stage]:
    """The open stages in order with their open deals that fit; at most `limit` deals each, those that
    close first (0: all). Pipelines other
    than the first are there when they have such deals."""
    within = scope.scope(store, None, conditions)
    clause = f"{scope.stages(store).open} AND {within.where}"
    sql = f"SELECT t.stage,t.currency,count(*),sum(t.amount),count(t.amount) FROM opportunity t WHERE {clause} GROUP BY 1,2 ORDER BY 1,2"
    sums: dict[Any, list[tuple[str, int, int, int]]] = {}
    for stage, currency, n, amount, filled in store.db.execute(sql, within.params):
        sums.setdefault(stage, []).append((currency, n, amount or 0, filled))
    ordered = """SELECT s.id,s.name,p.id,p.name FROM stage s JOIN pipeline p ON p.id=s.pipeline WHERE s.outcome='open'
        ORDER BY p.id,s."order",s.id"""
    rows = store.db.execute(ordered).fetchall()
    shown = {p for s, _, p, _ in rows if s in sums} or {min((p for _, _, p, _ in rows), default=0)}
    at = {c: r for c in {c for parts in sums.values() for c, *_ in parts if c} if (r := _rate(store, c, within.day))}
    out = []
    for number, name, pipeline, called in rows:
        if pipeline in shown:
            parts = sums.get(number, [])
            deals = _deals(store, clause, within.params, number, limit) if parts else []
            out.append(Stage(name, called, sum(p[1] for p in parts), _worth(store, clause, within.params, number, parts, at), deals))
    return out


def _rate(store: Store, currency: str, day: date) -> rates.Rate | None:
    held = rates.used(store, [currency], day)
    return rates.Rate(currency, "", 1, 1) if currency == store.currency else held[0] if held else None


def _worth(
    store: Store, clause: str, params: list[Any], stage: int, parts: list[tuple[str, int, int, int]], at: dict[str, rates.Rate]
) -> list[tuple[int, str]]:
    """The sums of a column: in the company currency, deal by deal, where every rate is known, else by currency."""
    filled = [(amount, currency) for currency, _, amount, n in parts if n]
    if any(c not in at for _, c in filled) or all(c == store.currency for _, c in filled):
        return filled
    sql = f"SELECT t.amount,t.currency FROM opportunity t WHERE {clause} AND t.stage=? AND t.amount IS NOT NULL"
    return [(sum(rates.convert(a, at[c]) for a, c in store.db.execute(sql, (*params, stage))), store.currency)]


def _deals(store: Store, clause: str, params: list[Any], stage: int, limit: int) -> list[Deal]:
    sql = (
        f"SELECT t.id,t.name,(SELECT a.name FROM account a WHERE a.id=t.account),t.amount,t.currency,t.{scope.CLOSE} FROM opportunity t"
        f" WHERE {clause} AND t.stage=? ORDER BY t.{scope.CLOSE} IS NULL,t.{scope.CLOSE},t.amount DESC,t.id"
        + (f" LIMIT {int(limit)}" if limit else "")
    )
    return [Deal(*row) for row in store.db.execute(sql, (*params, stage))]


def as_sheet(columns: list[Stage]) -> Sheet:
    """The board as rows for programs: a deal each, with its stage."""
    rows = [(c.pipeline, c.stage, d.id, d.name, d.account, d.amount, d.currency, d.close) for c in columns for d in c.deals]
    return Sheet(
        [
            column("pipeline", "text", 0),
            column("stage", "text", 1),
            column("ref", "self", 2, to="opportunity"),
            column("name", "text", 3),
            column("account", "text", 4),
            column("amount", "money", 5, 6),
            column("currency", "text", 6),
            column("close", "date", 7),
        ],
        rows,
    )
