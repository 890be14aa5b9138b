"""`sfa opp health`: which open deals need a call today and why, or what every rule says of one of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.session import Session, view
from sfa.errors import Refused
from sfa.messages import say, together
from sfa.sales.sheets import Column, Sheet, column

if TYPE_CHECKING:
    from sfa.sales.health import Finding, Limits
    from sfa.store.database import Store
    from sfa.store.queries.health import Deal

CALLS = 10
"""How many deals a person is shown: what can be called in a day."""


class Judged(NamedTuple):
    """A deal with what speaks against it, and its grade."""

    deal: Deal
    against: list[Finding]
    grade: str


def health(
    ctx: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="[REF | FILTER...]", show_default=False)] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-n", metavar="N", min=0, help="Deals at most; 0 shows all (default: 10 for people, all for programs)."),
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print what the rules mean instead.")] = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Show which open deals need a call, worst first, and why.

    Plain rules, each with its fact: expected close past or missing, pushed, stalled, silent, hurried, amount cut, no contact in a deciding
    role, a competitor, no next step. A deal with 3 reasons is a risk, with fewer to watch; risks come first, the largest amount first.
    Named alone, one deal is told in full. Thresholds are settings: sfa config list.

    Examples:
      sfa opp health owner:me
      sfa opp health O-1
    """
    from sfa.commands.report.shared import explained
    from sfa.sales import filters
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("health")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    with session.store(as_of=as_of) as store, snapshot(store):
        kind = store.kinds["opportunity"]
        if words and len(words) == 1 and not filters.is_condition(words[0], kind):
            return _one(store, words[0], limits(session), chosen)
        return _many(store, words or [], limits(session), chosen, limit)


health.words = True  # type: ignore[attr-defined]


def limits(session: Session) -> Limits:
    """The thresholds that are set."""
    from sfa.sales.health import Limits

    return Limits(*(int(session.settings.get(f"health_{name}")) for name in Limits._fields))


def _judged(deals: Sequence[Deal], bounds: Limits) -> list[Judged]:
    """The deals, worst first."""
    from sfa.sales.health import grade, reasons, worst_first

    found = [(deal, reasons(deal.facts, bounds)) for deal in deals]
    made = [Judged(deal, against, grade(len(against), bounds)) for deal, against in found]
    return [made[i] for i in worst_first([(j.grade, j.deal.amount, j.deal.name) for j in made])]


def assessed(store: Store, words: Sequence[str], bounds: Limits) -> tuple[list[Judged], Callable[[int], Judged | None]]:
    """The open deals that fit the filters, worst first; and what judges one deal again, None for one that is not open any more."""
    from sfa.sales import filters, refs
    from sfa.store import filtering
    from sfa.store.queries import health as query
    from sfa.store.queries.scope import snapshot

    kind = store.kinds["opportunity"]
    with snapshot(store):
        usual, _ = query.learn(store)
        found = _judged(query.gather(store, filtering.conditions(store, words, kind), usual), bounds)

    def again(number: int) -> Judged | None:
        only = filters.Condition("ref", ":", (refs.long_form(kind.name, number),), False)
        with snapshot(store):
            return next(iter(_judged(query.gather(store, [only], usual), bounds)), None)

    return found, again


MARKS = {"risk": "!", "watch": "~"}
"""How a grade is marked where there is no room for its word."""


def marks(store: Store, numbers: Sequence[int], bounds: Limits) -> dict[int, str]:
    """Open deal → the mark of its grade; one that is good has none."""
    from sfa.store.queries import health as query

    if not numbers:
        return {}
    usual, _ = query.learn(store)
    found = _judged(query.gather(store, [], usual, only=numbers), bounds)
    return {j.deal.id: MARKS[j.grade] for j in found if j.grade in MARKS}


def listing(store: Store, found: Sequence[Judged], format: str) -> Sheet:
    """Deals with what speaks against each."""
    from sfa.store.queries import health as query

    names = query.owners(store)
    return _for_people(store, found, names) if format in ("table", "md", "html") else _for_programs(store, found, names, format)


# Many deals -------------------------------------------------------------------------------------------------------------------------


def _many(store: Store, words: list[str], bounds: Limits, format: str, limit: int | None) -> None:
    from sfa.sales.health import GRADES
    from sfa.store import filtering
    from sfa.store.queries import health as query
    from sfa.store.queries import rates

    usual, learnt = query.learn(store)
    conditions = filtering.conditions(store, words, store.kinds["opportunity"])
    all_of_them = _judged(query.gather(store, conditions, usual), bounds)
    missing = rates.lacking(store, (j.deal.currency for j in all_of_them))
    people = format in ("table", "md", "html")
    most = (CALLS if people else 0) if limit is None else limit
    shown = all_of_them[:most] if most else all_of_them
    risk = at_risk(store, all_of_them)
    names = query.owners(store)
    if people:
        data = _for_people(store, shown, names)
        return output.sheet(
            data._replace(title=_title(store, words), notes=_notes(store, all_of_them, len(shown), learnt, missing)), view(store, format)
        )
    counts = {g: sum(j.grade == g for j in all_of_them) for g in GRADES}
    # A sum never mixes currencies: where a rate is missing there is one for each.
    whole = None if missing else _money(risk.get(store.currency, 0), store.currency)
    extra = {"deals": len(all_of_them), "grades": counts, "at_risk": whole, "learnt_from_won_deals": learnt}
    if missing:
        extra |= {"at_risk_by_currency": [_money(a, c) for c, a in risk.items()], "missing_rates": [*missing]}
    return output.sheet(_for_programs(store, shown, names, format)._replace(extra=extra), view(store, format), as_report=format == "json")


def at_risk(store: Store, found: Sequence[Judged]) -> dict[str, int]:
    """Currency → minor units of the deals at risk: the report's first, then those that have no rate."""
    from sfa.sales.health import RISK

    sums: dict[str, int] = {}
    for j in found:
        if j.grade == RISK and j.deal.amount:
            sums[j.deal.currency] = sums.get(j.deal.currency, 0) + j.deal.amount
    return dict(sorted(sums.items(), key=lambda s: (s[0] != store.currency, s[0])))


def _money(amount: int, currency: str) -> dict[str, str]:
    from sfa.sales import money

    return {"amount": money.text(amount, currency), "currency": currency}


def _title(store: Store, words: Sequence[str]) -> str:
    from sfa.sales.moments import local_text, stamp_text
    from sfa.store.queries import scope

    first = say(
        "Deal health, as of {moment}, in {currency}",
        moment=local_text(stamp_text(scope.now(store)), store.calendar),
        currency=store.currency,
    )
    return together("\n", [first, say("Only {words}", words=together(", ", words))]) if words else first


def _notes(store: Store, found: Sequence[Judged], shown: int, learnt: int, missing: dict[str, str]) -> tuple[str, ...]:
    from sfa.sales import money
    from sfa.store.queries import rates

    risk = " + ".join(money.human(a, c) for c, a in at_risk(store, found).items()) or money.human(0, store.currency)
    many = {g: sum(j.grade == g for j in found) for g in ("risk", "watch", "good")}
    said = [
        say(
            "At risk: {risk:,} deals, {risk2}; to watch: {watch:,}; good: {good:,}",
            risk=many["risk"],
            risk2=risk,
            watch=many["watch"],
            good=many["good"],
        )
    ]
    if shown < len(found):
        said.append(say("{shown:,} of {count:,} shown; --limit 0 shows all", shown=shown, count=len(found)))
    said.append(_learnt(learnt))
    return (*said, *rates.untold(store, missing))


def _learnt(deals: int) -> str:
    return (
        say("What is usual was learnt from {deals:,} won deal{s}", deals=deals, s="" if deals == 1 else "s")
        if deals
        else "No deal was won yet to learn from"
    )


def _for_people(store: Store, found: Sequence[Judged], names: dict[Any, str]) -> Sheet:
    """A line for each deal and, below it, one for each reason."""
    from sfa.sales import money, refs

    rows: list[tuple[str, ...]] = []
    for j in found:
        ref = refs.show("opportunity", j.deal.id, store.site)
        about = " · ".join(x for x in (j.deal.name, names.get(j.deal.owner), j.deal.facts.stage) if x)
        worth = money.human(j.deal.amount, j.deal.currency).removesuffix(f" {store.currency}")
        rows.append((ref, about, worth, say("{what}", what=j.grade)))
        rows += [(say("  {what}", what=x.rule), x.fact, "", "") for x in j.against]
    columns = [column("ref", "text", 0), column("deal", "text", 1), column("amount", "number", 2), column("grade", "text", 3)]
    return Sheet(columns, rows, wrap=True)


def _for_programs(store: Store, found: Sequence[Judged], names: dict[Any, str], format: str) -> Sheet:
    columns = [column("ref", "self", 0, to="opportunity"), column("name", "text", 1), column("account", "text", 2)]
    columns += [column("owner", "ref", 3, 4, to="user"), column("stage", "ref", 5, 6, to="stage"), column("amount", "money", 7, 8)]
    columns += [] if format in ("json", "ndjson") else [column("currency", "text", 8)]
    columns += [column("close", "date", 9), column("grade", "text", 10), column("reasons", "count", 11), *_reasons(format)]
    rows = []
    for j in found:
        d = j.deal
        told = [{"rule": x.rule, "fact": x.fact} for x in j.against]
        why = together("; ", (say("{rule}: {fact}", rule=x.rule, fact=x.fact) for x in j.against))
        people = (names.get(d.owner), d.owner, d.facts.stage if d.stage else None, d.stage)
        rows.append((d.id, d.name, d.account, *people, d.amount, d.currency, d.facts.close, j.grade, len(told), told, why))
    return Sheet(columns, rows)


def _reasons(format: str) -> list[Column]:
    """What speaks against a deal: a list in JSON, else one text."""
    return [column("why", "object", 12) if format in ("json", "ndjson") else column("why", "text", 13)]


# One deal ---------------------------------------------------------------------------------------------------------------------------


def _one(store: Store, ref: str, bounds: Limits, format: str) -> None:
    """What every rule says of one deal."""
    from sfa.sales.filters import Condition
    from sfa.sales.health import findings
    from sfa.sales.refs import long_form, show
    from sfa.store import lookup
    from sfa.store.queries import health as query

    kind = store.kinds["opportunity"]
    record = lookup.find(store, kind, ref)
    usual, learnt = query.learn(store)
    deals = query.gather(store, [Condition("ref", ":", (long_form(kind.name, record["id"]),), False)], usual)
    if not deals:
        raise Refused(
            say("{label} is not open", label=lookup.label(kind, record)),
            "Health is told of open deals; `sfa report winloss` of closed ones.",
        )
    judged = _judged(deals, bounds)[0]
    rows = [(x.rule, x.against, x.fact) for x in findings(judged.deal.facts, bounds)]
    named = show(kind.name, record["id"], store.site)
    if format in ("json", "ndjson"):
        told: dict[str, Any] = {"ref": named, "id": long_form(kind.name, record["id"]), "name": judged.deal.name}
        told |= {"grade": judged.grade, "amount": _money(judged.deal.amount, judged.deal.currency), "learnt_from_won_deals": learnt}
        return output.json_object({**told, "rules": [{"rule": r, "against": a, "fact": f} for r, a, f in rows]}, format)
    rows = [(say("{what}", what=r), a, f) for r, a, f in rows]
    columns = [column("rule", "text", 0), column("against", "bool", 1), column("fact", "text", 2)]
    title = say("{named} {name}: {what}", named=named, name=judged.deal.name, what=judged.grade)
    notes = (_learnt(learnt),)
    return output.sheet(Sheet(columns, rows, title=title, notes=notes, wrap=True), view(store, format))
