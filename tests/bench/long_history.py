"""A company that has sold for two years, made in one stroke: every deal in ten versions, nine of them in the history.

The hours of these years are played one by one, so that superseded versions stand in the file in the order in which they ended, as they
do in a database that was written day by day, and every hour with a change is one operation."""

from __future__ import annotations

import os
import random
import sqlite3
from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filling import deals_unguarded, opened

REPS, MANAGERS, DIRECTORS, SITE = 1000, 100, 5, 10**12
HOURS, VERSIONS, HOUR_MS = 730 * 24, 10, 3_600_000
OPEN, WON, LOST = range(3)
UNBORN = 255
SOURCES, TYPES, CATEGORIES = ("web", "referral", "event", "partner", None), ("new", "existing"), ("pipeline", "best_case", "commit")
COLUMNS = 'id,name,owner,pipeline,stage,amount,currency,"close",closed,opened,probability,category,source,type,op,since'
VALUES = "?1,?2,?3,{pipeline},?4,?5,'USD',?6,?7,?8,?9,?10,?11,?12,?13,?13"


class Company:
    """The deals as they stand at one simulated hour, in compact arrays, one place each: deal i is the place i. Days and hours count
    from the beginning."""

    def __init__(self, size: int, site: int, stages: list[tuple[int, int, str]], first: datetime, ops: list[int]) -> None:
        self.size, self.site, self.stages, self.ops = size, site, stages, ops
        self.days = [(first + timedelta(days=d)).date().isoformat() for d in range(3 * HOURS // 24)]
        self.dice = random.Random(7).random
        self.version, self.fate, self.last = array("B", [UNBORN]) * size, array("B", bytes(size)), array("H", [0]) * size
        self.stage, self.category = array("B", bytes(size)), array("B", bytes(size))
        self.owner, self.close, self.since = (array("H", [0]) * size for _ in range(3))
        self.begun, self.amount = array("H", [0]) * size, array("L", [0]) * size
        self.closed = array("H", [0]) * size

    def play(self) -> Iterator[tuple[Any, ...]]:
        """Live through all hours; every superseded version is yielded when it ends."""
        due: list[array[int] | None] = [array("L") for _ in range(HOURS)]
        for i in range(self.size):
            due[int((HOURS - 100) * (i / self.size) ** 2)].append(i)  # type: ignore[union-attr]
        for hour in range(HOURS):
            for i in due[hour] or ():
                if self.version[i] == UNBORN:
                    self._open(i, hour)
                else:
                    yield (*self.row(i), self.ops[hour])
                    self.version[i] += 1
                    self._change(i, hour // 24)
                self.since[i] = hour
                left = VERSIONS - 1 - self.version[i]
                if left:
                    slack = self.last[i] - hour - left
                    after = slack if left == 1 else int(slack * self.dice() * 2 / left)
                    due[hour + 1 + after].append(i)  # type: ignore[union-attr]
            due[hour] = None

    def row(self, i: int) -> tuple[Any, ...]:
        """A deal as it stands, in the order of VALUES."""
        stage, probability, category = self.stages[self.stage[i]]
        closed = self.days[self.closed[i]] if self.closed[i] else None
        category = CATEGORIES[self.category[i] - 1] if self.category[i] else category
        owner = self.site + 1 + DIRECTORS + MANAGERS + self.owner[i]
        opened, close, op = self.days[self.begun[i]], self.days[self.close[i]], self.ops[self.since[i]]
        own = (self.amount[i], close, closed, opened, probability, category, SOURCES[i % 5], TYPES[i % 3 == 0])
        return self.site + 1 + i, f"Delivery {i} of parts", owner, stage, *own, op

    def _open(self, i: int, hour: int) -> None:
        dice = self.dice
        self.version[i], self.begun[i], self.owner[i] = 0, hour // 24, int(dice() * REPS)
        fate = dice()
        self.fate[i] = WON if fate < 0.3 else LOST if fate < 0.65 else OPEN
        room = HOURS - VERSIONS - hour
        # An open deal was last changed in the past two months, a closed one at any time.
        self.last[i] = hour + VERSIONS - 1 + (room - int(min(room, 1440) * dice()) if self.fate[i] == OPEN else int(room * dice()))
        self.amount[i] = 100_000 + int(dice() * dice() * 20_000_000)
        self.close[i] = hour // 24 + 30 + int(dice() * 200)

    def _change(self, i: int, day: int) -> None:
        """What a deal's next version has changed: most move forward, many are put off, some are handed over; one in three has a version
        after it was closed."""
        dice = self.dice
        version, what = self.version[i], dice()
        end = VERSIONS - 1 - (i % 3 == 2) if self.fate[i] else VERSIONS
        furthest = 3 if self.fate[i] else i % 4
        if version == end:
            self.stage[i], self.category[i], self.closed[i] = (4 if self.fate[i] == WON else 5), 0, day
        elif what < 0.02 or (version > end and what < 0.3):
            self.owner[i] = int(dice() * REPS)
        elif version > end or what < 0.2:
            self.amount[i] = int(self.amount[i] * (0.8 + dice() / 2))
        elif what < 0.5 and self.stage[i] < furthest:
            self.stage[i], self.category[i] = self.stage[i] + 1, 0
        elif what < 0.8:
            self.close[i] = max(self.close[i], day) + 10 + int(dice() * 80)
        elif what < 0.9:
            self.category[i] = 1 + int(dice() * 3)
        else:
            self.close[i] = day + 7 + int(dice() * 30)


def prepare(path: Path, rows: int) -> Path:
    """Make the company's database with `rows` deals, up to this hour. Everybody but the deals is there a month earlier."""
    last = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    first = last - timedelta(hours=HOURS)
    made = first - timedelta(days=30)
    os.environ["SFA_TODAY"] = f"{made:%Y-%m-%dT%H:%M:%SZ}"
    store = opened(path)
    del os.environ["SFA_TODAY"]
    from sfa.store import textindex

    db, site = store.db, store.site * SITE
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-300000", "foreign_keys=OFF"):
        db.execute("PRAGMA " + pragma)
    db.execute("BEGIN IMMEDIATE")
    ops = [(int(first.timestamp() * 1000) + h * HOUR_MS) << 20 | store.site for h in range(HOURS)]
    _people(db, site, ops, last.year)
    db.executemany("INSERT INTO op(id,actor,command) VALUES(?,?,'(an hour of selling)')", ((op, site + 1) for op in ops))
    stages = db.execute('SELECT id,probability,category FROM stage ORDER BY "order"').fetchall()
    with deals_unguarded(store):
        _deals(db, Company(rows, site, stages, first, ops))
    textindex.fill(store, "opportunity")
    db.execute("UPDATE counter SET n=? WHERE kind='opportunity'", (rows,))
    db.execute("DELETE FROM writing")
    db.execute("COMMIT")
    db.execute("PRAGMA journal_mode=WAL")
    store.close()
    return path


def _people(db: sqlite3.Connection, site: int, ops: list[int], year: int) -> None:
    """Directors, managers and reps, a quota for every rep; one rep in twenty came to another manager in the middle of these years."""
    begin, middle = db.execute("SELECT max(id) FROM op").fetchone()[0], ops[HOURS // 2]
    over = site + DIRECTORS + 1
    people: list[tuple[int, str, int | None]] = [(site + i, f"Director {i}", None) for i in range(1, DIRECTORS + 1)]
    people += [(site + DIRECTORS + i, f"Manager {i}", site + 1 + i % DIRECTORS) for i in range(1, MANAGERS + 1)]
    reps = [(over + MANAGERS - 1 + i, f"Rep {i}", over + i % MANAGERS) for i in range(1, REPS + 1)]
    people += reps
    db.execute("INSERT INTO writing VALUES(?,?)", (begin, begin))
    db.executemany("INSERT INTO user(id,name,manager,team,active) VALUES(?1,?2,?3,'Team '||coalesce(?3%8,'0'),1)", people)
    quotas = ((rep, f"{year}-01-01/{year + 1}-01-01", 3_000_000_000 + rep % SITE * 1001) for rep, _, _ in reps)
    db.executemany("INSERT INTO quota(id,owner,period,covers,measure,amount,currency) VALUES(?1,?1,?2,'own','revenue',?3,'USD')", quotas)
    db.execute("UPDATE writing SET op=?1, since=?1", (middle,))
    db.executemany("UPDATE user SET manager=? WHERE id=?", ((over + (boss - over + 7) % MANAGERS, rep) for rep, _, boss in reps[::20]))


def _deals(db: sqlite3.Connection, company: Company) -> None:
    values = VALUES.format(pipeline=company.site + 1)
    db.executemany(f"INSERT INTO opportunity_history({COLUMNS},until_op,until) VALUES({values},?14,?14)", company.play())
    db.executemany(f"INSERT INTO opportunity({COLUMNS}) VALUES({values})", map(company.row, range(company.size)))
