"""Why deals are won and lost: what a reason may be, which reasons a deal may have, what two of them share, when a lost deal is worth
another try. How often each occurs is `winloss.py`'s."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sfa.errors import Refused, UsageError
from sfa.messages import say
from sfa.sales import money
from sfa.sales.dates import add_months

Record = dict[str, Any]
Number = int | float
MOST_MONTHS = 120


def defined(reason: Record, given: Record, groups: Iterable[str] = ()) -> Record:
    """A reason as it may be kept. `reason` is it whole (new, or as an edit would leave it), `given` what was said of it just now, `groups`
    are those of the other reasons.

    A weight is above 0. Only a loss is recoverable, and only a recoverable one has months until revisit: whole ones, 1 to 120. Giving
    months says that it is recoverable, saying that it is not takes them away. A group that a known one differs from by capitals alone is
    that one. Raises UsageError, Refused."""
    out = dict(reason)
    weight, months = out.get("weight"), given.get("revisit_months")
    if weight is not None and weight <= 0:
        raise UsageError(
            say("weight: {weight:g} is not above 0", weight=weight), "A reason of weight 2 takes twice the part of one of weight 1."
        )
    if months is not None and (months != int(months) or not 1 <= months <= MOST_MONTHS):
        raise UsageError(
            say("months until revisit: {months:g} is not a whole number from 1 to {most_months}", months=months, most_months=MOST_MONTHS)
        )
    if (out.get("outcome") or "lost") != "lost":
        if given.get("recoverable") or months is not None:
            raise Refused("only a lost deal can be tried again", "Leave recoverable and revisit_months out of a reason for wins.")
        out |= {"recoverable": None, "revisit_months": None}
    elif months is not None:
        if given.get("recoverable") == 0:
            raise Refused("what is lost for good is not tried again", "Leave revisit_months out, or make it recoverable=yes.")
        out["recoverable"] = 1
    elif not out.get("recoverable"):
        out["revisit_months"] = None
    group = out.get("group") or ""
    out["group"] = next((g for g in groups if g.casefold() == group.casefold()), group) or None
    return out


def redefined(before: Record, after: Record, deals: int) -> None:
    """Refuse to make a reason for losses one for wins, or the other way round, while `deals` were closed for it."""
    if before["outcome"] != after["outcome"] and deals:
        many = say("{deals} deals were", deals=deals) if deals > 1 else "a deal was"
        raise Refused(
            say("{many} {outcome} for {name!r}, so its outcome stays", many=many, outcome=before["outcome"], name=before["name"]),
            "Add another reason: sfa reason add NAME",
        )


def fit(outcome: str, primary: Record | None, secondary: Record | None) -> None:
    """Refuse reasons that do not go together, or not with a deal's outcome: a report by reason would say what nobody meant."""
    if secondary and not primary:
        raise Refused("a secondary reason stands beside a primary one", "Add the primary one: reason=…")
    if primary and secondary and primary["id"] == secondary["id"]:
        raise Refused(say("{name!r} is the primary reason already", name=primary["name"]), "Give another secondary reason, or none.")
    for reason in (primary, secondary):
        if reason and outcome != "open" and reason["outcome"] not in (None, outcome):
            raise Refused(
                say("{name!r} is a reason for {outcome} deals", name=reason["name"], outcome=reason["outcome"]),
                say("`sfa reason list outcome:{outcome}` shows the others.", outcome=outcome),
            )


def shares(amount: int, primary_weight: Number | None, secondary_weight: Number | None) -> tuple[int, int]:
    """What of an amount (minor units, or hundredths of a deal) is put down to a deal's primary and to its secondary reason: in proportion
    to their weights, 1 where blank, by largest remainder, so that both add up to it. Equal remainders favour the primary one."""
    from fractions import Fraction

    one, other = (Fraction(str(w)) if w is not None else Fraction(1) for w in (primary_weight, secondary_weight))
    scale = one.denominator * other.denominator
    first, second = money.allocate(amount, [int(one * scale), int(other * scale)])
    return first, second


def lost_alone(outcome: str, given: Record) -> None:
    """Refuse a day to try again for a deal that is not lost."""
    if given.get("revisit") and outcome != "lost":
        raise Refused(say("a deal that is {outcome} is not tried again", outcome=outcome), "Only a lost deal has a revisit date.")


def revisit(closed: str | None, reason: Record | None) -> str | None:
    """The day (ISO) from which a deal lost on `closed` for `reason` is worth another try: the reason's months later, on the last day of a
    month that is too short. None for a loss for good, and where the reason has no months."""
    if not closed or not reason or not reason.get("recoverable") or not reason.get("revisit_months"):
        return None
    return add_months(date.fromisoformat(closed), int(reason["revisit_months"])).isoformat()


def tried_again(before: Record, after: Record, was: Record | None, now: Record | None) -> str | None:
    """When a lost deal whose date nobody gives is tried again, `was` and `now` being its primary reasons: as its reason says, unless
    somebody has said otherwise before."""
    own: str | None = before.get("revisit")
    return revisit(after.get("closed"), now) if own == revisit(before.get("closed"), was) else own
