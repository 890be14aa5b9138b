"""`sfa report cadence`: who is contacted more often or less often than they want to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa import output
from sfa.commands.nouns import AsOf, Format, Json
from sfa.commands.report.shared import Explain, explained
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, extra, headline, limited, period_of, write
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.sales.cadence import Rating
    from sfa.sales.dates import Period
    from sfa.store.database import Store
    from sfa.store.queries.cadence import Contacted

ONE = (
    Figure("account", "text", "Account", drop=2),
    Figure("rep", "text", "Rep", drop=3),
    Figure("cadence", "text", "Wants"),
    Figure("wanted", "number", "Wanted", drop=1),
    Figure("actual", "count", "Actual"),
    Figure("rating", "text", "Rating"),
    Figure("last", "words", "Last"),
    Figure("next_due", "words", "Next due"),
    Figure("late", "bool", people=False),
    Figure("days", "count", people=False),
    Figure("channel", "text", people=False),
    Figure("do_not_contact", "text", people=False),
)
MANY = (
    Figure("contacts", "count", "Contacts"),
    Figure("under", "count", "Under"),
    Figure("as_wanted", "count", "As wanted"),
    Figure("over", "count", "Over"),
    Figure("late", "count", "Overdue"),
    Figure("wanted", "number", "Wanted"),
    Figure("actual", "count", "Actual"),
)
GROUPS = ("rep", "team", "account", "cadence", "channel")
By = Annotated[str, typer.Option("--by", metavar="WHAT", help=f"Sums by {', '.join(GROUPS)} instead of one row a contact.")]
Row = dict[str, Any]


def cadence(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    by: By = "",
    explain: Explain = False,
    format: Format = "",
    json: Json = False,
    as_of: AsOf = "",
) -> None:
    """Report which contacts hear from you more often or less often than they want to.

    Of the contacts that have a cadence (sfa contact edit REF cadence=monthly): how often they wanted to be contacted in the period, on how
    many days they were, when last, and when the next contact is due. Who is not to be contacted, and was all the same, is in it too. The
    period is the last 90 days; filters are of contacts.

    Examples:
      sfa report cadence is:mine
      sfa report cadence --by rep --period 2026-Q4 --json
    """
    from sfa.sales.cadence import PERIOD
    from sfa.store import filtering
    from sfa.store.queries import cadence as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("cadence")
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    grouped = _group(by)
    with session.store(as_of=as_of) as store, snapshot(store):
        span = period_of(store, period, f"last {PERIOD} days")
        conditions = filtering.conditions(store, words, store.kinds["contact"])
        rated = [(c, r) for c in query.contacted(store, span, conditions) if (r := _rated(store, c, span)) is not None]
        people = chosen in ("table", "md", "html")
        rows = _groups(rated, grouped) if grouped else _contacts(store, rated)
        sums = _sums([r for _, r in rated])
        target = "" if people else {"rep": "user", "account": "account", "": "contact"}.get(grouped, "")
        table = Table(
            [(grouped or "contact", target)],
            MANY if grouped else ONE,
            rows,
            sums if grouped and rows else None,
            store.currency,
            _title(store, span, grouped or "contact"),
            [] if grouped or not rows else [_said(sums)],
            {**extra(store, span), "sums": sums},
            mark=_marked if people else None,
        )
        return write(store, limited(table, words), chosen)


cadence.words = True  # type: ignore[attr-defined]


def _group(by: str) -> str:
    """What is summed by. Raises UsageError."""
    from sfa.errors import UsageError, did_you_mean

    name = {"owner": "rep"}.get(by.strip().lower(), by.strip().lower())
    if name and name not in GROUPS:
        raise UsageError(
            say("the cadence of contacts is not summed by {by!r}", by=by[:60]),
            say("{near}By: {groups}", near=did_you_mean(name[:60], *GROUPS), groups=together(", ", GROUPS)),
        )
    return name


def _title(store: Store, span: Period, by: str) -> str:
    from sfa.sales.moments import local_text, stamp_text
    from sfa.store.queries import scope

    moment = local_text(stamp_text(scope.now(store)), store.calendar)
    return together("\n", [headline("Cadence", span, by), say("As of {moment}", moment=moment)])


def _rated(store: Store, c: Contacted, span: Period) -> Rating | None:
    """A contact's rating; None for one who is not to be contacted and was not."""
    from datetime import timedelta

    from sfa.sales.cadence import rated
    from sfa.store.queries import scope

    if c.barred is not None and not c.days:
        return None
    today = min(scope.calendar(store).today, span.end - timedelta(days=1))
    return rated(c.cadence, c.barred is not None, len(c.days), c.length, c.last, today)


def _contacts(store: Store, rated: Sequence[tuple[Contacted, Rating]]) -> list[Row]:
    """A row a contact: those who hear too little first, the longest overdue before the others, then those who hear too much."""
    from datetime import date

    from sfa.sales import cadence as rules

    order = {rules.UNDER: 0, rules.OVER: 1, rules.AS_WANTED: 2}
    ranked = sorted(rated, key=lambda p: (order[p[1].rating], p[1].due or date.min, p[0].name, p[0].id))
    return [
        {
            "contact": c.name,
            "contact#": c.id,
            "account": c.account[0],
            "rep": c.owner[0],
            "cadence": "never" if c.barred is not None else rules.words(c.cadence or ""),
            "wanted": round(r.wanted, 1),
            "actual": r.actual,
            "rating": r.rating,
            "last": c.last.isoformat() if c.last else None,
            "next_due": None if c.barred is not None else r.due.isoformat() if r.due else "now",
            "late": r.late,
            "days": c.length,
            "channel": c.channel,
            "do_not_contact": c.barred,
        }
        for c, r in ranked
    ]


def _groups(rated: Sequence[tuple[Contacted, Rating]], by: str) -> list[Row]:
    """A row a group, most of those who hear too little first."""
    from sfa.sales import cadence as rules

    key: dict[str, Callable[[Contacted], tuple[str | None, int | None]]] = {
        "rep": lambda c: c.owner,
        "account": lambda c: c.account,
        "team": lambda c: (c.team, None),
        "channel": lambda c: (c.channel, None),
        "cadence": lambda c: ("never" if c.barred is not None else rules.words(c.cadence or ""), None),
    }
    parts: dict[tuple[str | None, int | None], list[Rating]] = {}
    for c, r in rated:
        parts.setdefault(key[by](c), []).append(r)
    rows: list[Row] = [{by: name, f"{by}#": number, **_sums(part)} for (name, number), part in parts.items()]
    return sorted(rows, key=lambda row: (-row["under"], -row["over"], row[by] is None, str(row[by])))


def _sums(part: Sequence[Rating]) -> Row:
    from sfa.sales.cadence import AS_WANTED, OVER, UNDER

    counts = {name: sum(r.rating == rating for r in part) for name, rating in (("under", UNDER), ("over", OVER), ("as_wanted", AS_WANTED))}
    wanted = round(sum(r.wanted for r in part), 1)
    return {"contacts": len(part), **counts, "late": sum(r.late for r in part), "wanted": wanted, "actual": sum(r.actual for r in part)}


def _said(sums: Row) -> str:
    """The sums in a line."""
    s, many = sums, "contact" if sums["contacts"] == 1 else "contacts"
    return say(
        "{contacts:,} {many}: {under:,} under, {over:,} over, {as_wanted:,} as wanted; {late:,} overdue",
        contacts=s["contacts"],
        many=many,
        under=s["under"],
        over=s["over"],
        as_wanted=s["as_wanted"],
        late=s["late"],
    )


def _marked(row: Row, figure: Figure, shown: str) -> str:
    """What people see of a figure: one decimal for what was wanted, never where there was no contact."""
    if figure.name == "wanted" and row.get("wanted") is not None:
        return f"{row['wanted']:.1f}"
    return "never" if figure.name == "last" and row.get("last") is None and "next_due" in row else shown
