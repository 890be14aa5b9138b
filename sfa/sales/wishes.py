"""What a person wishes and does not want, against what is done: which opt-out a kind of activity touches, and which channel to propose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sfa.messages import say
from sfa.sales.groups import OPTOUTS

EVERYTHING = "do_not_contact"
OPT_OUT_OF = {
    "call": "opt_out_phone",
    "email": "opt_out_email",
    "letter": "opt_out_mail",
    "chat": "opt_out_sms",
    "visit": "opt_out_visit",
}
"""Kind of activity → the opt-out of those who do not want it; other kinds only `do_not_contact` speaks of."""
_REACHING = ("call", "email", "meeting", "visit", "letter", "fax", "chat", "event")
_SAID = {"email": "e-mail", "chat": "messages", "meeting": "meetings", "visit": "visits", "letter": "letters", "call": "calls"}
_LABELS = {f.name: f.label for f in OPTOUTS}


class Wishes(NamedTuple):
    """One person: their name, what they opted out of (field → `date source`, the strictest of all their records), which channel they
    want, how often, when, in which language, and which channels there is an address for."""

    name: str
    barred: Mapping[str, str]
    channel: str | None = None
    cadence: str | None = None
    times: str | None = None
    language: str | None = None
    reach: frozenset[str] = frozenset()


def refusal(who: Wishes, kind: str) -> str:
    """What to warn of where an activity of this kind is with somebody who does not want it; "" where they do not mind."""
    if kind not in _REACHING:
        return ""
    if EVERYTHING in who.barred:
        return say("{name} is not to be contacted{since}", name=who.name, since=_since(who.barred[EVERYTHING]))
    field = OPT_OUT_OF.get(kind, "")
    return (
        say("{name} wants {labels}{since}", name=who.name, labels=_LABELS[field], since=_since(who.barred[field]))
        if field in who.barred
        else ""
    )


def _since(value: str) -> str:
    day, _, source = value.partition(" ")
    return say(" (since {day}{more})", day=day, more=f", {source}" if source else "")


def preference(who: Wishes) -> str:
    """`prefers e-mail, mornings, in German`; "" where nothing is known."""
    said = [say("prefers {said}", said=_SAID.get(who.channel, who.channel))] if who.channel else []
    said += [who.times] if who.times else []
    said += [say("in {language}", language=who.language)] if who.language else []
    return ", ".join(said)


def proposed(who: Wishes) -> str | None:
    """The kind of activity to contact somebody by: the wanted one, else the first of call, e-mail and meeting that they do not mind and
    have an address for; None for nobody to be contacted."""
    if EVERYTHING in who.barred:
        return None
    free = [k for k in dict.fromkeys((who.channel, "call", "email", "meeting")) if k and OPT_OUT_OF.get(k, "") not in who.barred]
    return next((k for k in free if k == who.channel or k in who.reach or k == "meeting"), "meeting")
