"""`sfa report concentration`: how much of the won revenue the largest accounts bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sfa.commands.grouping import words as with_filters
from sfa.commands.nouns import AsOf
from sfa.commands.pages import Out, printable, report
from sfa.commands.report.shared import Explain, Versus, against, before, explained, titled, versus_of, with_before
from sfa.commands.report.sliced import PEOPLE_READ
from sfa.commands.session import Session
from sfa.commands.tables import Figure, Filters, PeriodOption, Table, asked, extra, heading, period_of
from sfa.errors import UsageError
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.sales.durations import Share
    from sfa.store.database import Store
    from sfa.store.queries.cycles import Revenue

FIGURES = (
    Figure("rank", "count", "Rank"),
    Figure("won_amount", "money", "Won amount"),
    Figure("won_count", "count", "Deals"),
    Figure("share", "ratio", "Share"),
    Figure("cumulative_share", "ratio", "Cumulative"),
    Figure("class", "text", "Class"),
)
COMPARED = (
    Figure("before_rank", "count", "Rank before"),
    Figure("before_won_amount", "money", "Amount before", drop=2),
    Figure("before_share", "ratio", "Share before", drop=1),
    Figure("change", "points", "Change"),
)
TOP = 20
"""Per cent of the accounts whose share is told."""


@with_filters
@printable
def concentration(
    ctx: typer.Context,
    words: Filters = None,
    period: PeriodOption = "",
    a: Annotated[int, typer.Option("--a", min=1, max=100, metavar="PERCENT", help="Class A: the largest up to this share.")] = 80,
    b: Annotated[int, typer.Option("--b", min=1, max=100, metavar="PERCENT", help="Class B: the next up to this share.")] = 95,
    versus: Versus = "",
    explain: Explain = False,
    *,
    out: Out,
    as_of: AsOf = "",
) -> None:
    """Report how much of the won revenue the largest accounts bring, with classes A, B and C.

    Deals count by their closed date; without --period all time. A: the largest accounts that bring 80 % together, B: the next up to 95 %,
    C: the rest; the account that crosses an edge is still of the class before it. --versus sets the rank and share in another period beside
    each; accounts that brought something only then come last, without a rank.

    Examples:
      sfa report concentration
      sfa report concentration --period 2026 --a 70 --format csv
      sfa report concentration --period ytd --versus last-year
    """
    from sfa.commands.report import pictures
    from sfa.store.queries import cycles as query
    from sfa.store.queries.scope import snapshot

    if explain:
        return explained("concentration")
    if a > b:
        raise UsageError(say("class A would end at {a} %, behind class B at {b} %", a=a, b=b), "As in --a 80 --b 95.")
    session: Session = ctx.obj
    chosen = out.format
    with session.store(as_of=as_of) as store, snapshot(store):
        conditions = asked(store, words)
        span, pair = against(store, period_of(store, period, "all"), versus)
        found = query.revenue(store, span, conditions)
        rows, shares = _rows(store, found, a, b)
        title = heading(store, "Won revenue", span, "account", more=say(", at the rate of each closed date") if found.converted else "")
        more = {**extra(store, span), **versus_of(pair), **_summary(found, shares, a, b)}
        whole: dict[str, Any] = {"won_amount": sum(s.amount for s in shares), "won_count": sum(r["won_count"] for r in rows)}
        dims = [("account", "" if chosen in PEOPLE_READ else "account")]
        if pair:
            then, old = _rows(store, query.revenue(store, pair.other, conditions), a, b)
            rows = _beside(rows, then)
            more["top"] |= before(more["top"], _top(old), ("accounts", "share"), "share")
            whole["before_won_amount"] = sum(s.amount for s in old)
        figures = with_before(FIGURES, COMPARED, pair, chosen in PEOPLE_READ)
        table = Table(dims, figures, rows, whole, store.currency, titled(title, pair), _notes(store, more), more)
        return report(session, store, table, out, "concentration", lambda: pictures.revenue(table), words)


def _rows(store: Store, found: Revenue, a: int, b: int) -> tuple[list[dict[str, Any]], list[Share]]:
    from sfa.sales.durations import graded
    from sfa.store.queries.dimensions import Dimension, Labels

    accounts = {number: (amount, deals) for number, amount, deals in found.accounts if number is not None}
    labels = Labels(store, Dimension("account", "", (), "account"), accounts)
    falling = sorted(accounts, key=lambda n: (-accounts[n][0], labels.name(n) or ""))
    shares = graded((accounts[n][0] for n in falling), a, b)
    rows = []
    for number, s in zip(falling, shares, strict=True):
        named = {"account": labels.name(number), "account#": number, "won_amount": s.amount, "won_count": accounts[number][1]}
        rows.append({**named, "rank": s.rank, "share": s.share, "cumulative_share": s.cumulative, "class": s.grade})
    return rows, shares


def _beside(rows: list[dict[str, Any]], then: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The accounts with what each brought in the other period; last, by their rank then, those that brought something only then."""
    old, here = {r["account#"]: r for r in then}, {r["account#"] for r in rows}
    # Of what brought nothing at all nobody has a share.
    now, none = ({"won_amount": 0, "won_count": 0, "share": 0.0 if any(r["share"] for r in found) else None} for found in (rows, then))
    gone = [{"account": r["account"], "account#": n, **now} for n, r in old.items() if n not in here]
    compared = ("rank", "won_amount", "share")
    return [{**r, **before(r, old.get(r["account#"], none), compared, "share")} for r in (*rows, *gone)]


def _top(shares: list[Share]) -> dict[str, Any]:
    """How many accounts are the top 20 %, and what they bring."""
    from sfa.sales.durations import top

    n, share = top(shares, TOP)
    return {"percent": TOP, "accounts": n, "share": share}


def _summary(found: Revenue, shares: list[Share], a: int, b: int) -> dict[str, Any]:
    """What stands beside the rows: the top 20 %, the classes, what is left out."""
    without = [(amount, deals) for number, amount, deals in found.accounts if number is None]
    return {
        "accounts": len(shares),
        "top": _top(shares),
        "classes": {grade: sum(s.grade == grade for s in shares) for grade in "ABC"},
        "edges": {"a": a, "b": b},
        "left_out": {
            "without_account": sum(deals for _, deals in without),
            "without_account_amount": sum(amount for amount, _ in without),
            "without_amount": found.blank,
            "won_without_date": found.undated,
        },
    }


def _notes(store: Store, more: dict[str, Any]) -> list[str]:
    from sfa.sales.money import human

    top, classes, out = more["top"], more["classes"], more["left_out"]
    notes = []
    then = (
        say(
            ", before {before_share:.1f} % ({before_accounts:,})",
            before_share=top["before_share"] * 100,
            before_accounts=top["before_accounts"],
        )
        if top.get("before_share") is not None
        else ""
    )
    if top["share"] is not None:
        notes.append(
            say(
                "The top {top} % of {accounts:,} accounts ({accounts2:,}) bring {share:.1f} %{then}",
                top=TOP,
                accounts=more["accounts"],
                accounts2=top["accounts"],
                share=top["share"] * 100,
                then=then,
            )
        )
        notes.append(
            together(", ", (say("{grade}: {n:,}", grade=grade, n=n) for grade, n in classes.items()))
            + say(" (A up to {a} %, B up to {b} %)", a=more["edges"]["a"], b=more["edges"]["b"])
        )
    if out["without_account"]:
        lost = human(out["without_account_amount"], store.currency)
        notes.append(
            say("{without_account:,} won deals without an account, {lost}: in no share", without_account=out["without_account"], lost=lost)
        )
    if out["without_amount"]:
        notes.append(say("{without_amount:,} won deals without an amount, counted as 0", without_amount=out["without_amount"]))
    if out["won_without_date"]:
        notes.append(say("{won_without_date:,} won deals without a closed date: in no period", won_without_date=out["won_without_date"]))
    return notes
