"""Deals by the stages that they passed, for the funnel, counted in SQL."""

from __future__ import annotations

from typing import Any, NamedTuple

from sfa.sales import dates
from sfa.sales.filters import Condition
from sfa.sales.forecast import Person
from sfa.sales.funnel import Step
from sfa.store.database import Store
from sfa.store.queries import dimensions, scope, visits
from sfa.store.queries.dimensions import Dimension
from sfa.store.queries.scope import Scope, Stages

Row = tuple[Any, ...]
FIGURES = len(Step._fields)


class Funnel(NamedTuple):
    """`stages` are (pipeline, stage) by name of the open stages of each pipeline, in order; `steps` (values of the dimensions, stage,
    figures) and `stays` (values, stage, hours of closed visits, visits) likewise; `assumed` counts deals whose first known version
    was past the first stage; `leads` is status → number of the leads created in the period, None where filters are on deals."""

    dimensions: list[Dimension]
    stages: list[tuple[str, str]]
    steps: list[tuple[Row, tuple[str, str], Step]]
    stays: list[tuple[Row, tuple[str, str], int, int]]
    people: dict[int, Person]
    assumed: int
    leads: dict[str, int] | None


def funnel(store: Store, by: str, period: dates.Period, conditions: list[Condition]) -> Funnel:
    """Stage conversion by `by` ("" for none): which deals entered each stage in a period and what became of them.

    A deal enters a stage when it first is in it or past it. Its first version counts from the day it was opened, with every earlier
    stage passed then; one that is known only as lost entered the first stage."""
    within, ends = scope.scope(store, period, conditions), scope.stages(store)
    pipelines: dict[int, list[tuple[int, str, str]]] = {}
    for number, name, of, called, outcome in store.db.execute(
        'SELECT s.id,s.name,s.pipeline,p.name,s.outcome FROM stage s JOIN pipeline p ON p.id=s.pipeline ORDER BY p.id,s."order",s.id'
    ):
        if outcome == "open":
            pipelines.setdefault(of, []).append((number, called, name))
    own = {"month": "NULL", "category": "NULL", "owner": scope.owner(store, within, ends)}
    asked = dimensions.parse(store, by, own) if by else []
    visits.prepare(store, conditions)
    most = max((len(s) for s in pipelines.values()), default=0)
    _entries(store, within, ends, asked, pipelines, most)
    keys = [f"k{i}" for i in range(len(asked))]
    sums = "".join(
        f",sum(e{i}=1),sum(e{i}=1 AND top>{i}),sum(e{i}=1 AND outcome=1),sum(e{i}=1 AND outcome=2),sum(e{i}=1 AND outcome=0)"
        f",sum(e{i}=1 AND outcome=0 AND top<={i}),sum(e1=1 AND top>={i})"
        for i in range(1, most + 1)
    )
    by_pipeline = f"GROUP BY {','.join([*keys, 'pipeline'])}"
    steps, present = [], set()
    for row in store.db.execute(f"SELECT {','.join([*keys, 'pipeline'])}{sums} FROM temp.entry {by_pipeline}"):
        present.add(row[len(keys)])
        for i, (_, called, name) in enumerate(pipelines.get(row[len(keys)], ())):
            figures = row[len(keys) + 1 + FIGURES * i :][:FIGURES]
            steps.append((row[: len(keys)], (called, name), Step(*(v or 0 for v in figures))))
    stages = [(called, name) for of, found in pipelines.items() if of in present for _, called, name in found]
    assumed = store.db.execute("SELECT coalesce(sum(assumed),0) FROM temp.entry").fetchone()[0]
    leads = None if conditions else _leads(store, within)
    return Funnel(asked, stages, steps, _stays(store, keys, pipelines), scope.people(store, within.period), assumed, leads)


def _entries(
    store: Store, within: Scope, ends: Stages, asked: list[Dimension], pipelines: dict[int, list[tuple[int, str, str]]], most: int
) -> None:
    """Fill the temporary table `entry`: deal, values of the dimensions, pipeline, outcome (1 won, 2 lost, 0 open), the furthest stage by
    rank, and for each rank whether it was entered before the period (0), in it (1) or after it (2)."""
    ranks = " ".join(f"WHEN {s[0]} THEN {i}" for stages in pipelines.values() for i, s in enumerate(stages, 1))
    won = f"WHEN v.stage IN ({ends.won}) THEN {most + 1}" if ends.won else ""
    lost = f"WHEN v.stage IN ({ends.lost}) THEN 0" if ends.lost else ""
    rank = f"CASE {won} {lost} ELSE CASE v.stage {ranks or 'WHEN 0 THEN 0'} ELSE 1 END END"
    begins, finishes = visits.edges(store, within)
    opened = f"CASE WHEN t.opened<'{within.start}' THEN 0 WHEN t.opened<'{within.end}' THEN 1 ELSE 2 END"
    later = f"CASE WHEN v.entered<{begins} THEN 0 WHEN v.entered<{finishes} THEN 1 ELSE 2 END"
    entries = "".join(f",min(CASE WHEN rank>={i} THEN place END) AS e{i}" for i in range(1, most + 1))
    outcome = f"CASE WHEN t.stage IN ({ends.won or 'NULL'}) THEN 1 WHEN t.stage IN ({ends.lost or 'NULL'}) THEN 2 ELSE 0 END"
    keys = "".join(f",{d.sql} AS k{i}" for i, d in enumerate(asked))
    names = "".join(f",k{i}" for i in range(len(asked)))
    # What other programs wrote may name no pipeline: the stage's counts, else the first.
    pipeline = f"coalesce(t.pipeline,(SELECT s.pipeline FROM stage s WHERE s.id=t.stage),{next(iter(pipelines), 'NULL')})"
    store.db.execute("DROP TABLE IF EXISTS temp.entry")
    store.db.execute(
        f"""CREATE TEMP TABLE entry AS
WITH ranked AS (
 SELECT v.id,{rank} AS reached,v.entered=first_value(v.entered) OVER (PARTITION BY v.id ORDER BY v.entered) AS first,{pipeline} AS pipeline,
  {outcome} AS outcome,{opened} AS opened,t.opened IS NOT NULL AS dated,{later} AS later{keys}
 FROM temp.visit v JOIN opportunity t ON t.id=v.id {dimensions.joins(asked)}),
placed AS (
 SELECT *,max(reached,first) AS rank,first AND reached<>1 AS assumed,CASE WHEN first AND dated THEN opened ELSE later END AS place
 FROM ranked)
SELECT id,pipeline,outcome{names},max(rank) AS top,max(assumed) AS assumed{entries} FROM placed GROUP BY id"""
    )


def _stays(store: Store, keys: list[str], pipelines: dict[int, list[tuple[int, str, str]]]) -> list[tuple[Row, tuple[str, str], int, int]]:
    """The closed visits with a known start to the stages that their deals entered in the period."""
    entered = {s[0]: i for stages in pipelines.values() for i, s in enumerate(stages, 1)}
    if not entered:
        return []
    names = {s[0]: (s[1], s[2]) for stages in pipelines.values() for s in stages}
    counts = " ".join(f"WHEN {number} THEN e.e{i}" for number, i in entered.items())
    n = len(keys)
    sql = (
        f"SELECT {','.join([*(f'e.{k}' for k in keys), 'v.stage'])},{visits.length('v.start', 'v.left')},count(*) FROM {visits.SPANS} v"
        f" JOIN temp.entry e ON e.id=v.id WHERE v.left IS NOT NULL AND v.start IS NOT NULL AND CASE v.stage {counts} END=1"
        f" GROUP BY {','.join(str(i + 1) for i in range(n + 2))}"
    )
    store.db.execute("CREATE UNIQUE INDEX temp.entry_id ON entry(id)")
    return [(r[:n], names[r[n]], r[n + 1], r[n + 2]) for r in store.db.execute(sql)]


def _leads(store: Store, within: Scope) -> dict[str, int]:
    sql = f"SELECT status,count(*) FROM lead WHERE created>='{within.start}' AND created<'{within.end}' GROUP BY status"
    return {status or "new": n for status, n in store.db.execute(sql)}
