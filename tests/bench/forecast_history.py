"""Forecasts of a company with a long history: now, as of a year back, what a week moved, a quarter's trend, its velocity;
how their time grows with the number of deals, and how much memory they take."""

from __future__ import annotations

import statistics
from datetime import date, timedelta
from math import log
from pathlib import Path

from long_history import prepare
from measure import Row, cpu, environment, memory, ratio, sfa

TODAY = date.today()
WEEK_AGO, QUARTER_AGO, YEAR_AGO = (str(TODAY - timedelta(days=d)) for d in (7, 91, 365))
YEARS = (f"{TODAY.year - 2}-01-01", f"{TODAY.year + 2}-01-01")
"""All years in which the deals are due or closed."""
NOW = sfa("forecast", "--period", f"{YEARS[0]}..{TODAY.year + 1}-12-31", "--by", "rep,month", "--format", "tsv")
PAST = [*NOW, "--as-of", YEAR_AGO]
CHANGES = sfa("forecast", "changes", "--since", WEEK_AGO, "--period", "this quarter", "--by", "rep", "--format", "tsv")
TREND = sfa("forecast", "trend", "--period", "last quarter", "--every", "week", "--format", "tsv")
VELOCITY = sfa("report", "velocity", "--by", "rep", "--format", "tsv")
ONE = sfa("forecast", "--period", "last quarter", "--as-of", QUARTER_AGO, "--by", "category", "--format", "tsv")
"""One of the trend's moments."""
COLUMNS = ("closed", "commit", "most_likely", "best_case", "pipeline")
GROWTH, MOST_MEMORY = 1.1, 300
"""The exponent of the number of deals; MiB."""


def same_sql() -> str:
    """What a person would write for the amounts of the report's table: each category alone, the cumulative ones, what is open, the
    weighted amount, the overdue one; a deal without a category or a probability has its stage's."""
    sets = [(c,) for c in COLUMNS] + [COLUMNS[:n] for n in (2, 3, 4)] + [COLUMNS[1:]]
    amounts = ",".join(f"sum(CASE WHEN c IN ({','.join(map(repr, names))}) THEN amount END)" for names in sets)
    return f"""SELECT owner,substr(d,1,7),{amounts},sum(CASE WHEN o='open' AND c<>'omitted' THEN round(amount*p/100.0) END),
 sum(CASE WHEN o='open' AND c<>'omitted' AND d<date('now') THEN amount END),count(*)
FROM (SELECT t.owner,CASE WHEN s.outcome='won' THEN t.closed ELSE t."close" END d,s.outcome o,t.amount,
 coalesce(t.probability,s.probability) p,CASE WHEN s.outcome='won' THEN 'closed' ELSE coalesce(t.category,s.category) END c
 FROM opportunity t JOIN stage s ON s.id=t.stage WHERE s.outcome<>'lost')
WHERE d>='{YEARS[0]}' AND d<'{YEARS[1]}' GROUP BY 1,2 ORDER BY 1,2;"""


def rows(folder: Path, deals: int = 1_000_000, fewer: int = 10_000) -> list[Row]:
    """The issue's figures: now ≤ 2 × the same SQL in the sqlite3 shell; a year back ≤ 4 × now; the changes of a week ≤ 3 s of CPU; a
    trend of 13 weeks ≤ 5 × one report of the past; velocity ≤ 3 s of CPU. Each forecast grows no faster than n^1.1 and
    takes no more than 300 MiB."""
    path = prepare(folder / "many.db", deals)
    env, sql = environment(path), ["sqlite3", "-separator", "\t", str(path), same_sql()]
    out = [
        Row(f"sfa forecast --by rep,month, {deals:,} deals", "the same grouped SQL in the sqlite3 shell", 2, _against(NOW, sql, path)),
        Row("the same as of a year back", "the same now", 4, _against(PAST, NOW, path)),
        Row("sfa forecast changes, a quarter over a week", "3 s of CPU", 1, statistics.median(cpu(CHANGES, env) for _ in range(3)) / 3),
        Row("sfa report velocity --by rep", "3 s of CPU", 1, statistics.median(cpu(VELOCITY, env) for _ in range(3)) / 3),
        Row("sfa forecast trend, 13 weeks", "one report of the past", 5, _against(TREND, ONE, path)),
    ]
    small, none = prepare(folder / "fewer.db", fewer), prepare(folder / "none.db", 0)
    for what, command in (("now", NOW), ("a year back", PAST), ("changes", CHANGES), ("trend", TREND)):
        often, seldom, start = (statistics.median(cpu(command, environment(p)) for _ in range(3)) for p in (path, small, none))
        power = log((often - start) / (seldom - start)) / log(deals / fewer)
        out.append(Row(f"{what}: growth from {fewer:,} deals", "the exponent of n", GROWTH, power, f"{often:.1f} s, {seldom:.2f} s"))
    most = max(memory(command, env) for command in (NOW, PAST, CHANGES, TREND))
    return [*out, Row("memory of the largest of these", f"{MOST_MEMORY} MiB", 1, most / MOST_MEMORY, f"{most} MiB")]


def _against(command: list[str], base: list[str], path: Path) -> float:
    env = environment(path)
    return ratio(lambda: cpu(command, env), lambda: cpu(base, env), 3)
