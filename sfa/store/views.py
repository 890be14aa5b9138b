"""The views that `sfa sql` reads: names beside ids, and the figures of reports by the same definitions.

They are temporary and stand over the tables by their plain names, so that under --as-of they show the past like everything else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sfa.sales.dates import Period
from sfa.sales.fields import Kind
from sfa.sales.refs import SPAN
from sfa.store.database import Store
from sfa.store.queries import rates, scope, visits
from sfa.store.queries.forecast import PROBABILITY, category
from sfa.store.schema import q

GENERAL = ("account", "contact", "lead", "product", "user", "stage", "reason", "activity", "task", "quota", "rate")
"""Kinds of which a view shows the fields and no more."""
MINOR = "in minor units (cents) of currency; money(amount, currency) writes it out"


DAY = 86_400_000 << scope.SITE_BITS
"""A day on the scale of operations."""


class Column(NamedTuple):
    """One column of a view: its SQL and what it means."""

    name: str
    sql: str
    meaning: str


class View(NamedTuple):
    """A view before it is made. `source` is what stands behind FROM; `prepare` fills the temporary tables that it looks into."""

    name: str
    about: str
    columns: list[Column]
    source: str
    prepare: Callable[[], object] | None = None


def views(store: Store, period: Period) -> list[View]:
    """Every view; `period` is that of v_forecast. Nothing is made yet."""
    return [
        _opportunity(store),
        _closed(store),
        _forecast(store, period),
        _stage_visit(store),
        *(View(f"v_{name}", _about(store.kinds[name]), *_fields(store, store.kinds[name])) for name in GENERAL),
    ]


def make(store: Store, query: str, period: Period) -> None:
    """Make the views that a query names. Raises Refused for what their definitions need and is not there."""
    named = {w.lower() for w in re.findall(r"\w+", query)}
    for view in views(store, period):
        if view.name in named:
            if view.prepare is not None:
                view.prepare()
            columns = ",".join(f"{c.sql} AS {q(c.name)}" for c in view.columns)
            store.db.execute(f"CREATE TEMP VIEW {view.name} AS SELECT {columns} FROM {view.source}")


def _about(kind: Kind) -> str:
    return f"Every {kind.word}: its fields, references by name and by id"


def _ref(store: Store, kind: Kind, id: str = "t.id") -> Column:
    own = f"{id}/{SPAN}={store.site}"
    return Column("ref", f"CASE WHEN {own} THEN '{kind.prefix}-'||({id}%{SPAN}) ELSE sfa_ref('{kind.name}',{id}) END", "as people see it")


def _fields(store: Store, kind: Kind, own: dict[str, str] | None = None) -> tuple[list[Column], str]:
    """The columns of a kind's fields and the source that they are read from; `own` is SQL for fields that are told otherwise."""
    columns, source = [Column("id", "t.id", "the record's number"), *([_ref(store, kind)] if kind.prefix else [])], f"{q(kind.name)} t"
    for f in kind.stored:
        sql = (own or {}).get(f.name, f"t.{q(f.name)}")
        if f.type == "ref":
            source += f" LEFT JOIN {q(f.to)} j_{f.name} ON j_{f.name}.id={sql}"
            columns += [Column(f.name, f"j_{f.name}.name", f.title), Column(f"{f.name}_id", sql, f"{f.title}: its number")]
            continue
        more = f", {MINOR}" if f.type == "money" else ": 1 or 0" if f.type == "bool" else ", per cent" if f.type == "percent" else ""
        columns.append(Column(f.name, sql, f.title + more))
        if f.type == "period":
            columns += [Column("starts", f"substr({sql},1,10)", "its first day"), Column("ends", f"substr({sql},12,10)", "the day after")]
    return columns, source


# Deals ------------------------------------------------------------------------------------------------------------------------------


def _outcome(ends: scope.Stages) -> str:
    parts = [f"WHEN t.stage IN ({ids}) THEN '{name}'" for ids, name in ((ends.won, "won"), (ends.lost, "lost")) if ids]
    return f"CASE {' '.join(parts)} ELSE 'open' END" if parts else "'open'"


_ACCOUNT = (
    Column("industry", "j_account.industry", "the account's industry"),
    Column("country", "j_account.country", "the account's country"),
    Column("family", "j_product.family", "the product's family"),
    Column("reason_group", 'j_reason."group"', "the reason's group"),
)
_PEOPLE = (
    Column("manager", "(SELECT m.name FROM user m WHERE m.id=j_owner.manager)", "the owner's manager today"),
    Column("team", "j_owner.team", "the owner's team today"),
    Column("region", "j_owner.region", "the owner's region today"),
)


def _opportunity(store: Store) -> View:
    kind, ends, today = store.kinds["opportunity"], scope.stages(store), scope.calendar(store).today
    outcome = _outcome(ends)
    columns, source = _fields(store, kind, {"category": category(ends), "probability": PROBABILITY})
    day = f"CASE WHEN {outcome}='open' THEN '{today}' ELSE coalesce(t.closed,'{today}') END"
    home = _home(store, "t.amount", "t.currency", day)
    share = rates.weighted(home, PROBABILITY, False)
    columns += [
        Column("outcome", outcome, "open, won or lost"),
        Column("stage_order", 'j_stage."order"', "where the stage stands in its pipeline"),
        Column("amount_home", home, f"the amount in minor units of {store.currency}: open at today's rate, closed at the closed day's"),
        Column(
            "weighted_home",
            f"CASE WHEN {outcome}='open' AND {category(ends)}<>'omitted' THEN {share} END",
            "amount × probability of open deals, omitted ones without",
        ),
        Column("age_days", f"CAST(julianday('{today}')-julianday(t.opened) AS INTEGER)", "days since it was opened"),
        *_ACCOUNT,
        *_PEOPLE,
    ]
    source += " " + rates.join("fx", "t.currency", day)
    return View("v_opportunity", "Every deal as it stands", columns, source, lambda: rates.prepare(store))


def _closed(store: Store) -> View:
    """Won and lost deals by win/loss's definitions: a lost one at its last non-zero open amount, a won one its owner's at winning."""
    kind, ends = store.kinds["opportunity"], scope.stages(store)
    ended = ",".join(x for x in (ends.won, ends.lost) if x) or "NULL"
    owner = _credited(ends)
    columns, source = _fields(store, kind, {"owner": owner})
    kept = {"id", "ref", "name", "account", "account_id", "owner", "owner_id", "pipeline", "closed", "opened", "product", "source", "type"}
    kept |= {"reason", "reason_id", "secondary_reason", "competitor", "competitor_id", "revisit"}
    own = {f.name for f in kind.fields if f.user}
    source += f" LEFT JOIN main.opportunity_history b ON b.rowid={scope.last_open(ends, 'h.rowid')}"
    last = scope.last_open(ends, "h.rowid", " AND h.amount<>0")
    source += f" LEFT JOIN main.opportunity_history l ON l.rowid={ends.if_won('NULL', last)}"
    amount = ends.if_won("t.amount", "coalesce(l.amount,nullif(t.amount,0))")
    currency = "CASE WHEN l.rowid IS NULL THEN t.currency ELSE l.currency END"
    source += " " + rates.join("fx", f"({currency})", "t.closed") + f" WHERE t.stage IN ({ended}) AND t.closed IS NOT NULL"
    made = [c for c in columns if c.name in kept or c.name in own]
    made += [
        Column("outcome", _outcome(ends), "won or lost"),
        Column("won", ends.if_won("1", "0"), "1 for a won deal, 0 for a lost one: avg(won) is the win rate"),
        Column("amount", amount, f"what counts: of a lost deal its last open amount that was not 0; {MINOR}"),
        Column("currency", currency, "the amount's currency"),
        Column("amount_home", _home(store, amount, currency, "t.closed"), f"the same in {store.currency}, at the rate of the closed day"),
        Column("cycle_days", scope.CYCLE, "days from opened to closed"),
        Column("stage_from", "(SELECT s.name FROM stage s WHERE s.id=b.stage)", "the last open stage; blank where history tells none"),
        *_ACCOUNT,
        *_PEOPLE,
    ]
    return View("v_closed", "Won and lost deals with a closed date, as win/loss counts them", made, source, lambda: _prepare(store))


def _home(store: Store, amount: str, currency: str, day: str) -> str:
    """The SQL of an amount in the report's currency at the rate of a day. A missing rate stops the query: see `reading`."""
    value = rates.converted(store, "fx", f"({amount})", f"({currency})")
    return f"(CASE WHEN ({amount}) IS NOT NULL THEN coalesce({value},sfa_missing({currency},{day})) END)"


def _credited(ends: scope.Stages) -> str:
    """The SQL of who is credited with a deal, once `_prepare` has looked them up."""
    found = "coalesce((SELECT c.owner FROM temp.credit c WHERE c.id=t.id),t.owner)"
    return ends.if_won(found, "t.owner")


def _prepare(store: Store) -> None:
    """Look up rates, and who is credited with won deals."""
    rates.prepare(store)
    scope.owner(store, scope.scope(store, None, []), scope.stages(store))


def _forecast(store: Store, period: Period) -> View:
    within = scope.scope(store, period, [])
    ends, close, day = scope.stages(store), f"t.{scope.CLOSE}", within.day
    won = f"t.stage IN ({ends.won}) AND t.closed>='{within.start}' AND t.closed<'{within.end}'" if ends.won else "0"
    due = f"{ends.open} AND {close}>='{within.start}' AND {close}<'{within.end}'"
    on = ends.if_won("t.closed", f"'{day}'")
    home = _home(store, "t.amount", "t.currency", on)
    share = rates.weighted(home, PROBABILITY, False)
    columns, source = _fields(store, store.kinds["opportunity"], {"owner": _credited(ends)})
    kept = ("id", "ref", "name", "account", "owner", "owner_id", "pipeline", "stage", "stage_id", "amount", "currency", "close", "closed")
    made = [c for c in columns if c.name in (*kept, "product", "source", "type")]
    made += [
        Column("category", category(ends), "closed, commit, most_likely, best_case or pipeline"),
        Column("amount_home", f"coalesce({home},0)", f"in minor units of {store.currency}: open at today's rate, won at the closed day's"),
        Column("weighted_home", ends.if_won("0", f"coalesce({share},0)"), "amount × probability of open deals"),
        Column("overdue", ends.if_won("0", f"{close}<'{day}'"), "1 where the expected close has passed"),
        Column("month", f"substr({ends.if_won('t.closed', close)},1,7)", "of the closed or expected day"),
        *_PEOPLE,
    ]
    source += " " + rates.join("fx", "t.currency", on)
    source += f" WHERE ({won} OR {due}) AND {category(ends)}<>'omitted'"
    about = f"The deals of the forecast's columns: due or won in {period.name} (--period names another)"
    return View("v_forecast", about, made, source, lambda: _prepare(store))


def _stage_visit(store: Store) -> View:
    kind = store.kinds["opportunity"]
    stamp = "strftime('%Y-%m-%dT%H:%M:%SZ',({}>>20)/1000,'unixepoch')"
    columns = [
        Column("opportunity_id", "v.id", "the deal's number"),
        Column("ref", _ref(store, kind, "v.id").sql, "the deal as people see it"),
        Column("name", "t.name", "the deal"),
        Column("pipeline", "p.name", "pipeline"),
        Column("stage", "s.name", "stage"),
        Column("stage_id", "v.stage", "stage: its number"),
        Column("stage_outcome", "coalesce(s.outcome,'open')", "open, won or lost"),
        Column("entered", stamp.format("v.start"), "when the visit began (UTC); blank where nobody knows"),
        Column("left", stamp.format("v.left"), "when the next one began; blank while the deal is there"),
        Column("days", f"max(v.left-v.start,0)/{DAY}.0", "how long it lasted, of visits that ended and whose start is known"),
    ]
    source = f"{visits.SPANS} v JOIN opportunity t ON t.id=v.id LEFT JOIN stage s ON s.id=v.stage LEFT JOIN pipeline p ON p.id=s.pipeline"
    return View("v_stage_visit", "Every visit of a deal to a stage", columns, source, lambda: visits.prepare(store, []))
