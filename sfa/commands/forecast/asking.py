"""What the forecast's commands are asked with: period, filters, whose deals, which measure, which currency, as of when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sfa.commands.session import Session
from sfa.commands.tables import asked, period_of
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.sales.dates import Period
    from sfa.sales.forecast import Person
    from sfa.store.database import Store
    from sfa.store.queries.forecast import Ask

Rep = Annotated[str, typer.Option("--rep", metavar="NAME", help="Only this person's own deals.")]
Team = Annotated[str, typer.Option("--team", metavar="NAME", help="Only this team, or this person and everyone below.")]
Measure = Annotated[str, typer.Option("--measure", metavar="NAME", help="revenue, count, or an own money field such as arr.")]
Currency = Annotated[str, typer.Option("--currency", metavar="CODE", help="Convert into this currency (default: the company's).")]


@contextmanager
def asking(
    session: Session,
    period: str,
    words: Sequence[str] | None = None,
    *,
    rep: str = "",
    team: str = "",
    measure: str = "revenue",
    currency: str = "",
    as_of: str = "",
    until: str = "",
    ended: bool = False,
) -> Iterator[tuple[Store, Ask]]:
    """The store at the moment asked for (`as_of`, or `until` which is another name of it) and what the forecast is asked for, in one view
    of the file. Where no period is named it is the quarter in progress, with `ended` the last one that is over."""
    from sfa.sales.money import currency_code
    from sfa.store.queries.forecast import Ask
    from sfa.store.queries.scope import last_period, snapshot

    with session.store(as_of=as_of or until) as store, snapshot(store):
        if currency:
            store.currency = currency_code(currency)
        span = last_period(store) if ended and not period else period_of(store, period)
        yield store, Ask(span, asked(store, words), whose(store, span, rep, team), _measure(measure))


def _measure(text: str) -> str:
    """A measure by its name; the amount is revenue."""
    name = text.strip().lower().replace("-", "_")
    return "revenue" if name == "amount" else name


def whose(store: Store, span: Period, rep: str, team: str) -> frozenset[int] | None:
    """The people that --rep and --team name: by who was in which team and reported to whom in the period; None for everyone.

    Raises NotFound, Ambiguous, UsageError."""
    from sfa.errors import NotFound, UsageError
    from sfa.sales.forecast import below
    from sfa.store import lookup
    from sfa.store.queries.forecast import people

    if not rep and not team:
        return None
    if rep and team:
        raise UsageError("--rep and --team exclude each other", "--rep NAME is one person, --team NAME a team or all below a person.")
    kind = store.kinds["user"]
    if rep:
        return frozenset({int(lookup.find(store, kind, rep)["id"])})
    found = people(store, span, None)
    members = _team(found, team)
    if members:
        return members
    try:
        return below(found, int(lookup.find(store, kind, team)["id"]))
    except NotFound:
        teams = sorted({p.team for p in found.values() if p.team})
        hint = (
            say("Teams: {teams}; or a person's name for all below.", teams=together(", ", teams))
            if teams
            else "No user has a team: sfa user edit NAME team=…"
        )
        raise NotFound(say("no team or person is called {team!r}", team=team[:60]), hint) from None


def _team(people: dict[int, Person], name: str) -> frozenset[int]:
    wanted = name.strip().casefold()
    return frozenset(p.id for p in people.values() if p.team and p.team.casefold() == wanted)


def told(words: Sequence[str] | None, rep: str, team: str) -> str:
    """The line that says what a report is limited to; "" for nothing."""
    parts = [say("rep {rep}", rep=rep)] * bool(rep) + [say("team {team}", team=team)] * bool(team) + [*(words or [])]
    return say("Only {parts}", parts=together(", ", parts)) if parts else ""
