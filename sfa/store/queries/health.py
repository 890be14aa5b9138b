"""What is known of open deals for their health and for stale ones, and what is usual for each stage, gathered in few statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sfa.sales import dates
from sfa.sales.filters import Condition
from sfa.sales.health import DECIDING, Facts
from sfa.sales.slippage import slips
from sfa.sales.usual import Learnt, Told, Usual
from sfa.store.database import Store
from sfa.store.queries import scope, versions
from sfa.store.queries.rates import Converter

LEARN_FROM = 5_000
"""The deals won last that are learnt from: more would say the same and take longer."""
LEARN_DAYS = 730
"""How far back: what was usual years ago is not any more."""


class Deal(NamedTuple):
    """An open deal: its facts, and what names it. `amount` is in minor units of `currency`: the report's, at today's rate, or its own where
    there is none; `touch_kind` what the last touch was: a kind of activity, stage or opened."""

    id: int
    name: str
    account: str | None
    owner: int | None
    stage: int | None
    amount: int
    currency: str
    touch_kind: str
    facts: Facts


def learn(store: Store) -> tuple[dict[int, Usual], int]:
    """What is usual for each stage, and of how many won deals that is: those of which an open stage is known."""
    ends = scope.stages(store)
    today = scope.calendar(store).today
    if not ends.won:
        return {}, 0
    clause = f"t.stage IN ({ends.won}) AND t.closed>? AND t.closed<=?"
    first = (today - timedelta(days=LEARN_DAYS)).isoformat()
    versions.choose(store, clause, (first, today.isoformat()), f"ORDER BY t.closed DESC,t.id DESC LIMIT {LEARN_FROM}")
    days = {n: (opened, closed) for n, opened, closed in _days(store)}
    read = versions.Reader(store)
    touched: dict[int, list[int]] = {}
    for number, stamp, _ in versions.touches(store):
        touched.setdefault(number, []).append(read.stamped(stamp))
    learnt, told = Learnt(), 0
    for number, held in versions.versions(store):
        opened, closed = days[number]
        entered, known = read.entered(held, opened)
        if entered[-1][1] is None:
            entered.pop()
        told += bool(entered)
        learnt.add(Told(entered, known, touched.get(number, ()), date.fromisoformat(closed).toordinal()))
    return learnt.usual(), told


def _days(store: Store) -> list[tuple[int, str | None, str]]:
    return store.db.execute("SELECT t.id,t.opened,t.closed FROM opportunity t WHERE t.id IN (SELECT id FROM temp.asked)").fetchall()


def gather(
    store: Store, conditions: list[Condition], usual: dict[int, Usual], period: dates.Period | None = None, only: Sequence[int] = ()
) -> list[Deal]:
    """The open deals that fit with their facts, by id; with `period` those expected to close in it, with `only` some of them. A
    deal without a rate stays in its own currency."""
    within, ends = scope.scope(store, period, conditions), scope.stages(store)
    due = f" AND t.{scope.CLOSE}>='{within.start}' AND t.{scope.CLOSE}<'{within.end}'" if within.period else ""
    due += f" AND t.id IN ({','.join(map(str, only))})" if only else ""
    versions.choose(store, f"{ends.open} AND {within.where}{due}", within.params)
    calendar, read, convert = scope.calendar(store), versions.Reader(store), Converter(store)
    last: dict[int, tuple[str, str]] = {}
    for number, stamp, kind in versions.touches(store):
        if number not in last or stamp > last[number][0]:
            last[number] = (stamp, kind)
    deciding = {r[0] for r in store.db.execute(_DECIDING)}
    roles = store.db.execute("SELECT EXISTS(SELECT 1 FROM opportunity_contact WHERE role IS NOT NULL)").fetchone()[0]
    steps = {r[0]: (r[1], r[2]) for r in store.db.execute(_STEPS) if r[3] != 1}
    out = []
    rows = zip(store.db.execute(_DEALS), versions.versions(store), strict=True)
    for (number, name, account, owner, stage, called, amount, currency, close, opened, own_step, rival), (_, held) in rows:
        entered, known = read.entered(held, opened)
        moved = slips(read.moves(held), lambda day: dates.fiscal_month_index(day, calendar))
        touch, kind = _last_touch(entered, read, last.get(number))
        since = entered[-1][0] if known or len(entered) > 1 else None
        step, step_due = steps.get(number, (None, None))
        if own_step and own_step != step:
            step_due = None  # it was given to the deal itself, and the date is that of another one
        peaks = [v.amount for v in held if v.amount is not None and v.currency == currency and read.is_open(v.stage)]
        facts = Facts(
            stage=called or "no stage",
            usual=usual.get(stage, Usual()),
            today=calendar.today,
            days_in_stage=None if since is None else calendar.today.toordinal() - since,
            silent=calendar.today.toordinal() - touch,
            last_touch=date.fromordinal(touch).isoformat(),
            pushes=moved.pushes,
            days_moved=moved.days,
            deciding=number in deciding if roles else None,
            close=close,
            planned=None if since is None or close is None else date.fromisoformat(close).toordinal() - since,
            amount=amount,
            peak=max(peaks, default=None),
            currency=currency,
            competitor=rival,
            next_step=own_step or step,
            step_due=step_due,
        )
        worth = convert.ranked(amount, currency, str(calendar.today))
        out.append(Deal(number, name, account, owner, stage, *worth, kind, facts))
    return out


def _last_touch(entered: list[tuple[int, int | None]], read: versions.Reader, last: tuple[str, str] | None) -> tuple[int, str]:
    """The day and the kind of the last touch: the activity, unless the stage was changed on a later day."""
    day, kind = entered[-1][0], "stage" if len(entered) > 1 else "opened"
    if last is not None and (on := read.stamped(last[0])) >= day:
        return on, last[1]
    return day, kind


_DECIDING = (
    "SELECT DISTINCT opportunity FROM opportunity_contact WHERE opportunity IN (SELECT id FROM temp.asked)"
    f" AND role IN ({','.join(repr(r) for r in DECIDING)})"
)
_STEPS = (
    "SELECT opportunity,next_step,due,done,max(\"when\"||printf('%020d',id)) FROM activity WHERE opportunity IN (SELECT id FROM temp.asked)"
    " AND next_step IS NOT NULL GROUP BY opportunity"
)
"""The step of a deal's newest activity with one: those before it were replaced by it. max() takes the others along."""
_DEALS = (
    'SELECT t.id,t.name,a.name,t.owner,t.stage,s.name,t.amount,t.currency,t."close",t.opened,t.next_step,r.name FROM opportunity t'
    " LEFT JOIN stage s ON s.id=t.stage LEFT JOIN account a ON a.id=t.account LEFT JOIN account r ON r.id=t.competitor"
    " WHERE t.id IN (SELECT id FROM temp.asked) ORDER BY t.id"
)
"""What `gather` reads, deals in the order of their versions."""


def owners(store: Store) -> dict[Any, str]:
    """id → name of every user."""
    return dict(store.db.execute("SELECT id,name FROM user").fetchall())
