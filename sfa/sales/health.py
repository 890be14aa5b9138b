"""Deal health: plain rules over what is known of an open deal, each with the fact beside it, and the grade that they come to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple

from sfa.messages import say
from sfa.sales import money
from sfa.sales.usual import Usual

DECIDING = ("decision_maker", "economic_buyer", "executive_sponsor")
"""Roles of a contact who can say yes."""
GOOD, WATCH, RISK = GRADES = ("good", "watch", "risk")


class Limits(NamedTuple):
    """From where on a rule speaks: pushes, days without a touch (where the stage has no usual), per cent that the amount was cut; and how
    many rules make a deal a risk."""

    pushes: int
    silent_days: int
    cut_percent: int
    risk: int


class Facts(NamedTuple):
    """What is known of an open deal today. Days are since entering its stage and since the last touch (None: nobody knows); `peak` is the
    most it was ever worth while open, in its own currency; `planned` the days from entering the stage to the expected close; `step_due`
    the earliest day of an open next step; `deciding` is None where no deal has contacts with roles."""

    stage: str
    usual: Usual
    today: date
    days_in_stage: int | None
    silent: int | None
    last_touch: str | None
    pushes: int
    days_moved: int
    deciding: bool | None
    close: str | None
    planned: int | None
    amount: int | None
    peak: int | None
    currency: str | None
    competitor: str | None
    next_step: str | None
    step_due: str | None


class Finding(NamedTuple):
    """What one rule says of a deal: whether it speaks against it, and the fact."""

    rule: str
    against: bool
    fact: str


def findings(f: Facts, limits: Limits) -> list[Finding]:
    """What every rule says, in order."""
    return [Finding(name, *rule(f, limits)) for name, rule in RULES.items()]


def reasons(f: Facts, limits: Limits) -> list[Finding]:
    """What speaks against a deal."""
    return [x for x in findings(f, limits) if x.against]


def grade(against: int, limits: Limits) -> str:
    """good without a reason, risk from `limits.risk` on, else watch."""
    return GOOD if not against else RISK if against >= limits.risk else WATCH


Said = tuple[bool, str]


def _stalled(f: Facts, limits: Limits) -> Said:
    if f.days_in_stage is None:
        return False, say("nobody knows since when it is in {stage}", stage=f.stage)
    here = say("{days} in {stage}", days=_days(f.days_in_stage), stage=f.stage)
    if f.usual.stay is None:
        return False, say("{here}; too few won deals to say what is usual", here=here)
    return f.days_in_stage > f.usual.stay, say("{here}; 9 of 10 won deals took {stay} at most", here=here, stay=f.usual.stay)


def allowed_silence(usual: Usual, limits: Limits) -> int:
    """The days that a deal may be without a touch: as learnt for its stage, else as set."""
    return limits.silent_days if usual.silence is None else usual.silence


def _silent(f: Facts, limits: Limits) -> Said:
    if f.silent is None:
        return True, say("no activity, and no day from which on to count")
    most = allowed_silence(f.usual, limits)
    usual = (
        say("the setting is {most}", most=most) if f.usual.silence is None else say("9 of 10 won deals waited {most} at most", most=most)
    )
    return f.silent > most, say("{days} without an activity or change of stage; {usual}", days=_days(f.silent), usual=usual)


def _pushed(f: Facts, limits: Limits) -> Said:
    if not f.pushes:
        return False, say("never pushed into a later month")
    times = say("{pushes} times", pushes=f.pushes) if f.pushes > 1 else "once"
    return f.pushes >= limits.pushes, say("{times} into a later month, {days} in all", times=times, days=_days(f.days_moved))


def _past(f: Facts, limits: Limits) -> Said:
    if f.close is None:
        return True, say("no expected close")
    days = (f.today - date.fromisoformat(f.close)).days
    if days > 0:
        return True, say("expected {close}, {days} ago", close=f.close, days=_days(days))
    return False, say("expected {close}, in {days}", close=f.close, days=_days(-days)) if days else say(
        "expected {close}, today", close=f.close
    )


def _hurried(f: Facts, limits: Limits) -> Said:
    if f.close is not None and f.close < f.today.isoformat():
        return False, say("the expected close has passed")
    if f.close is None or f.planned is None:
        return False, say("no plan to hold against what is usual")
    plan = say("{days} from entering {stage} to the expected close", days=_days(f.planned), stage=f.stage)
    if f.usual.remaining is None:
        return False, say("{plan}; too few won deals to say what is usual", plan=plan)
    return f.planned < f.usual.remaining, say(
        "{plan}; 9 of 10 won deals needed {remaining} or more", plan=plan, remaining=f.usual.remaining
    )


def _cut(f: Facts, limits: Limits) -> Said:
    if not f.peak or f.peak <= 0 or f.currency is None:
        return False, say("no amount")
    now = f.amount or 0
    if now >= f.peak:
        return False, say("never worth more than {amount}", amount=money.human(f.peak, f.currency))
    percent = money.half_even((f.peak - now) * 100, f.peak)
    against = (f.peak - now) * 100 >= limits.cut_percent * f.peak
    return against, say(
        "cut by {percent} %: {amount} once, {human2} now",
        percent=percent,
        amount=money.human(f.peak, f.currency),
        human2=money.human(now, f.currency),
    )


def _contact(f: Facts, limits: Limits) -> Said:
    if f.deciding is None:
        return False, say("no deal has contacts with roles")
    return not f.deciding, say("a contact in a deciding role") if f.deciding else say("no contact in a deciding role")


def _competitor(f: Facts, limits: Limits) -> Said:
    return f.competitor is not None, say("against {competitor}", competitor=f.competitor) if f.competitor else "none named"


def _step(f: Facts, limits: Limits) -> Said:
    if f.step_due is not None and f.step_due < f.today.isoformat():
        late = (f.today - date.fromisoformat(f.step_due)).days
        return True, say("{next_step}: was due {step_due}, {days} ago", next_step=f.next_step, step_due=f.step_due, days=_days(late))
    if not f.next_step:
        return True, say("no next step")
    return False, f.next_step + (say(", due {step_due}", step_due=f.step_due) if f.step_due else "")


def _days(n: int) -> str:
    return say("{n:,} day", n=n) if n == 1 else say("{n:,} days", n=n)


RULES: dict[str, Callable[[Facts, Limits], Said]] = {
    "close date": _past,
    "pushed": _pushed,
    "stalled": _stalled,
    "silent": _silent,
    "hurried": _hurried,
    "amount": _cut,
    "contact": _contact,
    "competitor": _competitor,
    "next step": _step,
}
"""Rule → what it says of a deal."""


def worst_first(rows: Sequence[tuple[str, int, str]]) -> list[int]:
    """The places of (grade, amount, name) in the order of a list: risks first, in each grade the largest amount first."""
    return sorted(range(len(rows)), key=lambda i: (-GRADES.index(rows[i][0]), -rows[i][1], rows[i][2].casefold()))
