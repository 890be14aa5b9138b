"""What the tests of movement and of past moments share: random histories of a few deals, written by the program's own commands at
rising moments, and what the listing said after every step."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

Row = dict[str, Any]
Rates = list[tuple[str, str, Fraction]]
"""(currency, from which day, what one costs in dollars), in order of day."""
NUMBERS = itertools.count()


def histories(examples: int) -> settings:
    """So many examples. A history takes too long to be made smaller by trial."""
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    checks = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
    return settings(max_examples=examples, deadline=None, phases=phases, suppress_health_check=checks)


BEGIN = datetime(2076, 9, 25, 9, tzinfo=UTC)
"""Ahead of the machine's clock, which stamps what other programs write, for as long as anyone runs these tests."""
MANAGERS = {"Nora": "Boss", "Sam": "Boss", "Ann": "Nora", "Ben": "Nora", "Cat": "Sam"}
TEAMS = {"Nora": "North", "Ann": "North", "Ben": "North", "Sam": "South", "Cat": "South"}
PEOPLE = ("Boss", *MANAGERS)
DIGITS = {"JPY": 0}
CATEGORY = {"Prospecting": "pipeline", "Qualification": "pipeline", "Proposal": "best_case", "Negotiation": "commit"}


class Moment(NamedTuple):
    """What the listing said: `at` as a text to ask for, the deals by reference, the rates that were known."""

    at: str
    deals: dict[str, Row]
    rates: Rates
    seen: Any = None

    @property
    def day(self) -> str:
        return self.at[:10]


CLOSES = st.sampled_from(["2076-09-15", "2076-10-05", "2076-10-31", "2076-11-01", "2076-11-10", "2076-12-20", "2077-01-01", "2077-01-10"])
AMOUNTS = st.one_of(st.integers(-(10**4), 10**7), st.sampled_from([0, 5000, 12345])).map(lambda n: f"amount={n / 100:.2f}")
EDITS = st.one_of(
    AMOUNTS,
    AMOUNTS,
    CLOSES.map("close={}".format),
    CLOSES.map("close={}".format),
    st.sampled_from(["close=", "amount=", "currency=USD", "currency=EUR", "source=web", "source=fair"]),
    st.sampled_from(PEOPLE).map("owner={}".format),
    st.sampled_from(["category=commit", "category=omitted", "category=pipeline", "product=Meter"]),
)
DEALS = st.integers(0, 5)
CLOSED = st.sampled_from(["", "", "", "closed=2076-09-30", "closed=2076-10-01", "closed=2076-11-15", "closed=2077-01-01"])
STAGES = st.sampled_from(["Prospecting", "Proposal", "Negotiation"])
OPERATIONS = st.one_of(
    st.tuples(st.just("add"), st.lists(EDITS, min_size=2, max_size=4), CLOSES),
    st.tuples(st.just("edit"), DEALS, st.lists(EDITS, min_size=1, max_size=2)),
    st.tuples(st.just("edit"), DEALS, st.lists(EDITS, min_size=1, max_size=2)),
    st.tuples(st.just("win"), DEALS, CLOSED),
    st.tuples(st.just("win"), DEALS, CLOSED),
    st.tuples(st.just("lose"), DEALS),
    st.tuples(st.just("reopen"), DEALS),
    st.tuples(st.just("move"), DEALS, STAGES),
    st.tuples(st.just("delete"), DEALS),
    st.tuples(st.just("undo")),
    st.tuples(st.just("rate"), st.sampled_from(["2076-01-01", "2076-10-01", "2076-10-20", ""]), st.integers(5000, 20000)),
    st.tuples(st.just("outside"), DEALS, st.sampled_from(["amount", "category", "owner", "delete", "insert", "stage"])),
)
STEPS = st.lists(st.tuples(st.sampled_from([1, 1, 30, 100, 300]), OPERATIONS), min_size=5, max_size=11)
"""(hours since the step before, what is done)."""
SAID = st.tuples(st.just("say"), st.sampled_from(["call", "adjust", "judge"]), st.sampled_from(["Nora", "Sam"]), st.integers(0, 9))
AROUND = st.one_of(
    st.tuples(st.just("user"), st.sampled_from(["Ann", "Ben", "Cat"]), st.sampled_from(["Nora", "Sam", "Boss", ""])),
    SAID,
    st.tuples(st.just("quota"), st.sampled_from(["Ann", "Nora", "Boss"]), st.integers(1, 9)),
    st.tuples(st.just("stage"), st.sampled_from(["category=commit", "category=pipeline probability=35", "category=omitted"])),
)
"""What changes around the deals: reporting lines, what people say, quotas, a stage."""


def made(folder: Path) -> Path:
    """A file with six people, a product, rates and three deals, to be copied."""
    from sfa.settings import Settings
    from sfa.store import deals as writer
    from sfa.store.database import connect
    from sfa.store.operations import operation

    path = folder / "company.db"
    calendar = Settings().calendar()._replace(today=BEGIN.date(), now=BEGIN)
    store = connect(str(path), calendar, write=True, me="Founder", currency="USD")
    with operation(store, "opp add") as op:
        ids: dict[str, int | None] = {"Boss": op.insert("user", {"name": "Boss", "active": 1})}
        for name, manager in MANAGERS.items():
            ids[name] = op.insert("user", {"name": name, "manager": ids[manager], "team": TEAMS[name], "active": 1})
        op.insert("product", {"name": "Meter", "active": 1})
        for currency, rate in (("EUR", "1.0842"), ("JPY", "0.0066666667")):
            op.insert("rate", {"currency": currency, "base": "USD", "date": "2075-12-31", "rate": rate})
        stages = dict(store.db.execute("SELECT name,id FROM stage").fetchall())
        for name, owner, stage, currency, close in (
            ("First", "Ann", "Proposal", "USD", "2076-11-10"),
            ("Second", "Cat", "Negotiation", "EUR", "2076-12-20"),
            ("Third", None, "Prospecting", "JPY", "2077-01-10"),
        ):
            given = {"name": name, "owner": ids.get(owner or ""), "stage": stages[stage], "amount": 123456, "currency": currency}
            writer.add(op, store.kinds["opportunity"], {**given, "close": close})
    store.close()
    return path


def run(sfa: Any, company: Path, steps: list[Any], look: Callable[[], Any] | None = None) -> list[Moment]:
    """Do the steps in a copy of the company; what stood at the beginning and after each, and what `look` saw then."""
    path = sfa.folder / f"history{next(NUMBERS)}.db"
    shutil.copy(company, path)
    sfa.monkeypatch.setenv("SFA_DB", str(path))
    sfa.monkeypatch.setenv("SFA_ME", "Boss")
    now = BEGIN
    out = [remember(sfa, now, None, look)]
    for hours, step in steps:
        now += timedelta(hours=hours)
        sfa.monkeypatch.setenv("SFA_TODAY", now.isoformat())
        done(sfa, path, out[-1], *step)
        out.append(remember(sfa, now, None if step[0] in ("undo", "rate") else out[-1], look))
    return out


def remember(sfa: Any, now: datetime, before: Moment | None, look: Callable[[], Any] | None) -> Moment:
    """What the listing says a minute later, the rates that it knows, and what is seen."""
    at = (now + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    sfa.monkeypatch.setenv("SFA_TODAY", at)
    deals = {r["ref"]: r for r in sfa.ok("opp", "list", "--json").json}
    seen = look() if look else None
    if before is not None:
        return Moment(at, deals, before.rates, seen)
    rates = sfa.ok("rate", "list", "--json").json
    return Moment(at, deals, sorted((r["currency"], r["date"], Fraction(r["rate"])) for r in rates), seen)


def done(sfa: Any, path: Path, last: Moment, verb: str, *rest: Any) -> None:
    """Do one step; one that a rule refuses is no step."""
    refs = list(last.deals)
    deal = refs[rest[0] % len(refs)] if rest and isinstance(rest[0], int) and refs else ""
    if verb == "add":
        fields, close = rest
        sfa("opp", "add", f"Deal {next(NUMBERS)}", "owner=Ben", f"close={close}", *fields)
    elif verb == "rate":
        sfa.ok("rate", "set", "EUR", str(Decimal(rest[1]) / 10000), *(["--date", rest[0]] if rest[0] else []))
    elif verb in ("user", "say", "quota", "stage"):
        around(sfa, deal or "O-1", verb, *rest)
    elif verb == "undo":
        sfa("undo", "--yes")
    elif not deal:
        return
    elif verb == "edit":
        sfa("opp", "edit", deal, *rest[1], "--yes")
    elif verb == "outside":
        sfa.ok("account", "add", f"Account {next(NUMBERS)}")  # so that the file's clock, which other programs' writes follow, is ours
        outside(path, last.deals[deal], rest[1])
    else:
        more = {"lose": ["reason=no budget"], "win": [rest[1]] if rest[1:] and rest[1] else [], "move": rest[1:]}.get(verb, [])
        sfa("opp", verb, deal, *more, *(["--yes"] if verb == "delete" else []))


def around(sfa: Any, deal: str, verb: str, *rest: Any) -> None:
    """One change around the deals."""
    if verb == "user":
        sfa("user", "edit", rest[0], f"manager={rest[1]}", f"team={'South' if rest[1] == 'Sam' else 'North'}")
    elif verb == "quota":
        sfa("quota", "set", rest[0], "2076-Q4", f"{rest[1]}k", "--yes")
    elif verb == "stage":
        sfa("stage", "edit", "Proposal", *rest[0].split(), "--yes")
    else:
        said = {"call": ["call", "--commit", f"{rest[2]}k"], "adjust": ["adjust", rest[1], "best_case", f"{rest[2]}k"]}
        sfa("forecast", *said.get(rest[0], ["judge", deal, "include", "--column", "commit"]), "--period", "2076-Q4", "--yes")


def outside(path: Path, deal: Row, what: str) -> None:
    """Another program's plain SQL, by the deal's name."""
    db = sqlite3.connect(path, isolation_level=None)
    stage = "(SELECT id FROM stage WHERE name='Proposal')"
    sql = {
        "amount": "UPDATE opportunity SET amount=coalesce(amount,0)+777, currency='USD' WHERE name=?",
        "category": "UPDATE opportunity SET category=NULL WHERE name=? AND closed IS NULL",
        "owner": "UPDATE opportunity SET owner=(SELECT id FROM user WHERE name='Sam') WHERE name=?",
        "delete": "DELETE FROM opportunity WHERE name=?",
        "insert": f"INSERT INTO opportunity(name,amount,currency,close,stage) VALUES('Copy of '||?,5000,'USD','2076-12-01',{stage})",
        "stage": f"UPDATE opportunity SET stage={stage}, category=NULL, probability=NULL WHERE name=? AND closed IS NULL",
    }[what]
    db.execute(sql, (deal["name"],))
    db.close()


# Figures from listings --------------------------------------------------------------------------------------------------------------


def minor(money: Row | int | None) -> int:
    """Minor units of a JSON amount; a number of deals as it is."""
    if money is None or isinstance(money, int):
        return money or 0
    return int(Decimal(money["amount"]).scaleb(DIGITS.get(money["currency"], 2)))


def cents(money: Row | None, rates: Rates, day: str) -> int:
    """Cents of dollars at the latest rate on or before a day, half to even; nothing for a blank amount."""
    if money is None or not minor(money):
        return 0
    if money["currency"] == "USD":
        return minor(money)
    rate = [r for c, d, r in rates if c == money["currency"] and d <= day][-1]
    return round(Fraction(money["amount"]) * rate * 100)


def credited(moments: list[Moment], i: int) -> dict[str, str | None]:
    """Reference → who is credited at the i-th moment: the owner, of a won deal the one when it was won for the last time."""
    out = {}
    for ref, deal in moments[i].deals.items():
        owner = deal["owner"]
        for former in reversed(moments[:i] if deal["stage"] == "Won" else []):
            if ref in former.deals:
                if former.deals[ref]["stage"] != "Won":
                    break
                owner = former.deals[ref]["owner"]
        out[ref] = owner
    return out


def category_of(deal: Row) -> str:
    """The forecast category of an open deal: its own, else its stage's."""
    return deal["category"] or CATEGORY[deal["stage"]]
