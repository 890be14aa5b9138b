"""What people say of a forecast: `call` states a person's own figure, `adjust` a manager's for a direct report, `judge` a manager's view of
one deal. Deals never change by it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa.commands.nouns import Json, Yes
from sfa.errors import NotFound, Refused, UsageError
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.commands.forecast.said import Said
    from sfa.commands.session import Session
    from sfa.sales.dates import Period
    from sfa.store.database import Store
    from sfa.store.operations import Operation

Period_ = Annotated[str, typer.Option("--period", "-p", metavar="PERIOD", help="Which forecast (default: the quarter in progress).")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; it is printed beside the figure.")]
Column = Annotated[str, typer.Option("--column", metavar="COLUMN", help="commit, most_likely or best_case.")]
AMOUNTS = ("commit", "best_case", "rollup_commit", "rollup_best_case")
WITHDRAWN = ("none", "-", "withdraw")


def call(
    ctx: typer.Context,
    period: Period_ = "",
    commit: Annotated[str, typer.Option("--commit", metavar="AMOUNT", help="What you commit to, closed included; none withdraws it.")] = "",
    best: Annotated[str, typer.Option("--best", metavar="AMOUNT", help="Your best case, closed included; none withdraws it.")] = "",
    note: Note = "",
    rep: Annotated[str, typer.Option("--rep", metavar="NAME", help="Whose call it is.")] = "me",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """State what you will bring in a period: commit and best case, closed included.

    A manager's call is for the whole team. The call keeps the roll-up beside which it was made, so that everyone sees what moved since.
    A new call replaces the one before, which history keeps, together with its note; what it leaves out of commit and best case stays
    said. Calls never enter a roll-up.

    Examples:
      sfa forecast call --period 2026-Q4 --commit 1.2m --best 1.6m --note 'Pier signs in December'
      sfa forecast call --rep 'Ben Okafor' --commit 300k
    """
    if not commit and not best:
        raise UsageError("a call says an amount", "Give --commit, --best or both, as in --commit 1.2m.")

    def write(store: Store, op: Operation, span: Period, said: Said) -> int | None:
        from sfa.sales.forecast import Figures, cumulative
        from sfa.store import intake, lookup

        key = {"owner": _person(store, rep)["id"], **_period(span)}
        texts = {n: "" if t.lower() in WITHDRAWN else t for n, t in (("commit", commit), ("best_case", best)) if t}
        given: dict[str, int | None] = {}
        for name, text in texts.items():
            one = intake.stored(store, store.kinds["forecast_call"], {name: text})
            given |= {name: one[name]} | _into_own(store, one, [name])
            if (given[name] or 0) < 0:
                raise UsageError(say("{name}: a call is an amount of 0 or more", name=name.replace("_", " ")), "As in 300k.")
        before = lookup.standing(store, "forecast_call", key) or {}
        if before.get("currency") not in (None, store.currency):
            before |= _into_own(store, before, [n for n in AMOUNTS if before[n] is not None])
        rolled = cumulative(said.rolled.get(key["owner"], Figures()))
        values = {n: before.get(n) for n in AMOUNTS} | {"currency": store.currency}
        values |= given | {f"rollup_{n}": getattr(rolled, n) for n in texts}
        if values["commit"] is None and values["best_case"] is None:
            _withdraw(store, op, "forecast_call", key)
            return None
        return _put(store, op, "forecast_call", {**key, **values, **_stamp(store), "note": note or None})

    _carry_out(ctx.obj, period, write, "call", json)


def adjust(
    ctx: typer.Context,
    rep: Annotated[str, typer.Argument(metavar="REP", help="A direct report of yours.")],
    column: Annotated[str, typer.Argument(metavar="COLUMN", help="commit, most_likely or best_case.")],
    amount: Annotated[
        str, typer.Argument(metavar="AMOUNT", help="Your figure for them with all below, closed included; none withdraws it.")
    ],
    period: Period_ = "",
    note: Note = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Put your own figure beside what a direct report's deals add up to.

    The gross stays visible; when it moves afterwards the adjustment is marked stale. Only the direct manager adjusts, an administrator
    where the post is vacant.

    Examples:
      sfa forecast adjust 'Ben Okafor' commit 250k --note 'Pier will slip'
      sfa forecast adjust 'Ben Okafor' best_case none
    """

    def write(store: Store, op: Operation, span: Period, said: Said) -> int | None:
        from sfa.sales import values
        from sfa.sales.forecast import cumulative
        from sfa.store import intake

        person = _person(store, rep)
        kind = store.kinds["forecast_adjustment"]
        key = {"owner": person["id"], "manager": _post(store, said, person["id"]), **_period(span)}
        key["column"] = values.choose(kind.field("column"), column)
        if amount.lower() in WITHDRAWN:
            _withdraw(store, op, "forecast_adjustment", key)
            return None
        given = intake.stored(store, kind, {"amount": amount})
        rolled = said.rolled.get(person["id"])
        gross = getattr(cumulative(rolled), key["column"]) if rolled else 0
        values_ = {**key, **_stamp(store), "note": note or None, "gross": gross, "currency": store.currency}
        return _put(store, op, "forecast_adjustment", {**values_, "amount": given["amount"], **_into_own(store, given, {"amount": amount})})

    _carry_out(ctx.obj, period, write, "adjustment", json)


def judge(
    ctx: typer.Context,
    deal: Annotated[str, typer.Argument(metavar="REF", help="An open deal of somebody below you.")],
    verdict: Annotated[str, typer.Argument(metavar="VERDICT", help="include, exclude, or none to withdraw it.")],
    column: Column = "commit",
    period: Period_ = "",
    note: Note = "",
    json: Json = False,
    yes: Yes = False,
) -> None:
    """Count one deal of somebody below you into a column of your figure, or out of it.

    It changes your figure alone, neither the deal nor anybody's roll-up.

    Examples:
      sfa forecast judge 'Dock cranes' include --note 'Signature is promised'
      sfa forecast judge 'Dock cranes' none --column best_case
    """

    def write(store: Store, op: Operation, span: Period, said: Said) -> int | None:
        from sfa.sales import values
        from sfa.store import lookup

        record = lookup.find(store, store.kinds["opportunity"], deal)
        kind = store.kinds["forecast_judgment"]
        key = {"opportunity": record["id"], "manager": _judge(store, said, record), **_period(span)}
        key["column"] = values.choose(kind.field("column"), column)
        word = verdict.strip().lower()
        if word in WITHDRAWN:
            _withdraw(store, op, "forecast_judgment", key)
            return None
        if word not in ("include", "exclude"):
            raise UsageError(say("{verdict!r} is no verdict", verdict=verdict[:60]), "Verdicts: include, exclude, none.")
        if record["stage"] and (lookup.get(store, "stage", record["stage"]) or {}).get("outcome") != "open":
            raise Refused("this deal is closed, so nobody has to judge it", "An open one: sfa opp list is:open")
        if not record["close"] or not span.start.isoformat() <= record["close"] < span.end.isoformat():
            raise Refused(say("this deal is not due in {name}", name=span.name), "Judge it in the period of its expected close: --period.")
        return _put(store, op, "forecast_judgment", {**key, "included": int(word == "include"), **_stamp(store), "note": note or None})

    _carry_out(ctx.obj, period, write, "judgment", json)


# Shared -----------------------------------------------------------------------------------------------------------------------------


def _carry_out(session: Session, period: str, write: Callable[[Store, Operation, Period, Said], int | None], what: str, json: bool) -> None:
    """One operation in which `write` sees the forecast as it stands and says something of it; then tell what was said."""
    from sfa import output
    from sfa.commands.forecast.said import by_rep, gather
    from sfa.commands.nouns import tell
    from sfa.commands.tables import period_of
    from sfa.sales.dates import FIRST, LAST
    from sfa.store.operations import operation
    from sfa.store.queries.forecast import Ask

    with session.store(write=True) as store:
        span = period_of(store, period)
        if (span.start, span.end) == (FIRST, LAST):
            raise UsageError("this is said of a period with a beginning and an end", "As in --period 2026-Q4.")
        with operation(store, session.command) as op:
            ask = Ask(span, [])
            said = gather(store, ask, *by_rep(store, ask))
            number = write(store, op, span, said)
        if number is None:
            output.changed(say("Withdrew the {what}", what=what))
        else:
            kind = store.kinds[f"forecast_{what}"]
            tell(store, kind, number, say("Noted {what}", what=what), json, ": " + _worded(store, kind.name, number))


def _worded(store: Store, kind: str, number: int) -> str:
    """What was said, in words."""
    from sfa.sales import money
    from sfa.store import lookup

    record = lookup.get(store, kind, number) or {}
    names = store.kinds[kind].by_name

    def amount(name: str) -> str:
        return money.human(record[name], record["currency"])

    if kind == "forecast_judgment":
        deal = (lookup.get(store, "opportunity", record["opportunity"]) or {}).get("name")
        return f"{deal} {'in' if record['included'] else 'not in'} {record['column'].replace('_', ' ')}"
    person = (lookup.get(store, "user", record["owner"]) or {}).get("name")
    if kind == "forecast_adjustment":
        return say(
            "{column} of {person} {amount}, gross {amount2}",
            column=record["column"].replace("_", " "),
            person=person,
            amount=amount("amount"),
            amount2=amount("gross"),
        )
    said = [
        say("{title} {amount} (roll-up {amount2})", title=names[n].title, amount=amount(n), amount2=amount("rollup_" + n))
        for n in ("commit", "best_case")
        if record[n] is not None
    ]
    return say("{person}: {said}", person=person, said=together(", ", said))


def _person(store: Store, text: str) -> dict[str, Any]:
    from sfa.store import lookup

    return lookup.find(store, store.kinds["user"], text)


def _period(span: Period) -> dict[str, str]:
    from sfa.store.queries.calls import key_of

    return {"period": key_of(span)}


def _stamp(store: Store) -> dict[str, str]:
    from sfa.sales.moments import stamp_text

    return {"made": stamp_text(store.calendar.now)}


def _into_own(store: Store, given: dict[str, Any], texts: Iterable[str]) -> dict[str, Any]:
    """Amounts that name another currency, in the company's, at today's rate: they stand beside a roll-up in that one."""
    from sfa.store.queries import rates

    currency = given.get("currency") or store.currency
    if currency == store.currency:
        return {}
    rate = rates.rate_on(store, currency, store.calendar.today)
    return {n: rates.convert(given[n], rate) for n in texts if given.get(n) is not None}


def _put(store: Store, op: Operation, kind: str, values: dict[str, Any]) -> int:
    """Write a saying in the place of the one that its key names."""
    from sfa.store.lookup import standing

    before = standing(store, kind, {**dict.fromkeys(store.kinds[kind].unique), **values})
    if before:
        op.update(kind, before["id"], values)
        return int(before["id"])
    return op.insert(kind, values)


def _withdraw(store: Store, op: Operation, kind: str, key: dict[str, Any]) -> None:
    from sfa.store.lookup import standing

    before = standing(store, kind, key)
    if before is None:
        raise NotFound("there is nothing to withdraw", "`sfa forecast calls` shows what was said.")
    op.delete(kind, before["id"])


def _post(store: Store, said: Said, person: int) -> int | None:
    """The post in whose name the actor adjusts a person. Raises Refused."""
    from sfa.sales.calls import may_adjust
    from sfa.store import lookup
    from sfa.store.operations import find_me

    me = find_me(store)
    admin = bool((lookup.get(store, "user", me) or {}).get("admin")) if me else False
    people = said.people
    over = people[person].manager
    return may_adjust(people[person], people.get(over) if over else None, me, admin, lambda p: people[p].name)


def _judge(store: Store, said: Said, deal: dict[str, Any]) -> int | None:
    """The post in whose name the actor judges a deal: their own where the owner is below them, else the vacant one above the owner."""
    from sfa.store.operations import find_me

    owner, me = deal["owner"], find_me(store)
    if owner is None:
        raise Refused("this deal has no owner, so it is in nobody's roll-up", "Give it one: sfa opp edit REF owner=…")
    at, seen = said.people[owner].manager, set[int]()
    while at is not None and at not in seen:
        if at == me:
            return me
        seen.add(at)
        at = said.people[at].manager if at in said.people else None
    return _post(store, said, owner)
