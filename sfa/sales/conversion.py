"""Converting a lead: what account, contact and opportunity it makes, or which blanks it fills in those that are there already.

Pure rules; finding the candidates and writing is `store/leads.py`. `own` are the names of the company's own fields that the lead and
the record it makes both have. Source: FORMULAS, "Leads", Conversion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sfa.errors import Refused
from sfa.messages import say
from sfa.sales import phones
from sfa.sales.groups import OPT_OUTS as OPT_OUTS
from sfa.sales.matching import CERTAIN, NO, Verdict, company, person
from sfa.sales.names import emails

Record = dict[str, Any]
ADDRESS = ("street", "city", "postal_code", "state", "country")
NAMES = ("name", "first_name", "last_name")
PERSON = ("title", "email", "other_emails", "phone", "mobile", "other_phones", *ADDRESS, *OPT_OUTS, "owner", "description", "campaign")
_WRITTEN = tuple(n + phones.WRITTEN for n in ("phone", "mobile", "other_phones"))
COMPANY = ("website", "industry", "employees", *ADDRESS, "owner", "source")


class Match(NamedTuple):
    """What candidates say: the one record that it is, or those among which a person must choose, or neither (a new one)."""

    found: Record | None
    choices: tuple[Record, ...]
    because: tuple[str, ...] = ()


def check(lead: Record) -> None:
    """Raise Refused for a lead that cannot be converted: it was already, or it is disqualified."""
    if lead.get("converted") or lead.get("status") == "converted":
        raise Refused(
            say("this lead was converted on {lead}", lead=lead.get("converted")),
            "`sfa lead show` names what it became; `sfa undo` takes it back.",
        )
    if lead.get("status") == "disqualified":
        raise Refused("this lead is disqualified", "`sfa lead qualify REF` first, if it is one after all.")


def match_account(lead: Record, candidates: Sequence[Record]) -> Match:
    """The account of the lead's company among `candidates`: one certain match, else those to choose from, else none."""
    wanted = {**lead, "name": lead.get("company")}
    return _decide([(c, company(wanted, c)) for c in candidates])


def match_contact(lead: Record, candidates: Sequence[Record]) -> Match:
    """The person among `candidates` (contacts with `company`, their account's name). A likely one of that very name that nothing
    contradicts is the person; with another e-mail of its own, or a name that is only alike, it is a choice."""
    judged = [(c, person(lead, c)) for c in candidates]
    sure = [
        (c, Verdict(CERTAIN, v.because) if v.level and not _contradicts(lead, c, v) else v)
        for c, v in judged
        if v.level == CERTAIN or not any(w.level == CERTAIN for _, w in judged)
    ]
    return _decide(sure)


def _contradicts(lead: Record, contact: Record, verdict: Verdict) -> bool:
    other_mail = bool(emails(lead) and emails(contact)) and "email" not in verdict.because
    return other_mail or any(e.startswith("name (") and e != "name (other order)" for e in verdict.evidence)


def _decide(judged: Sequence[tuple[Record, Verdict]]) -> Match:
    certain = [(c, v) for c, v in judged if v.level == CERTAIN]
    if len(certain) == 1:
        return Match(certain[0][0], (), certain[0][1].because)
    several = certain or [(c, v) for c, v in judged if v.level != NO]
    return Match(None, tuple(c for c, _ in several))


def account_of(lead: Record, own: Sequence[str]) -> Record:
    """The new account that a lead makes. One without a company makes an account of type consumer in the person's name, which takes
    no more than the country of the address: the rest is the person's."""
    made = {"name": lead.get("company") or lead["name"], "types": "prospect" if lead.get("company") else "consumer"}
    return _present({**made, **_company(lead, own)})


def account_blanks(lead: Record, account: Record, own: Sequence[str]) -> Record:
    """What of the lead fills blanks of an account that is there already."""
    return _blanks(account, {k: v for k, v in _company(lead, own).items() if k not in ("owner", "source")})


def _company(lead: Record, own: Sequence[str]) -> Record:
    taken = {name: lead.get(name) for name in COMPANY} | _own(lead, own)
    return taken if lead.get("company") else {k: v for k, v in taken.items() if k not in ADDRESS[:-1]}


def contact_of(lead: Record, account: int | None, own: Sequence[str]) -> Record:
    """The new contact that a lead makes."""
    return _present({**{n: lead.get(n) for n in (*NAMES, *PERSON, *_WRITTEN)}, **_own(lead, own), "account": account})


def contact_blanks(lead: Record, contact: Record, account: int | None, own: Sequence[str]) -> Record:
    """What of the lead fills blanks of a contact that is there already; its other e-mails and phones join the contact's.

    An opt-out of either stands: the contact's own stays, the lead's fills a blank."""
    offered = {
        **{n: lead.get(n) for n in PERSON if n not in ("owner", "other_emails", "other_phones")},
        **_own(lead, own),
        "account": account,
    }
    out = _blanks(contact, offered)
    out |= {n + phones.WRITTEN: lead.get(n + phones.WRITTEN) for n in ("phone", "mobile") if n in out}
    after = {**contact, **out}
    for many, singles in (("other_emails", ("email",)), ("other_phones", ("phone", "mobile"))):
        joined = _joined(lead, after, many, singles)
        if joined != contact.get(many):
            out[many] = joined
    return out


def _joined(lead: Record, contact: Record, many: str, singles: tuple[str, ...]) -> str | None:
    """The contact's further e-mails or phones with those of the lead that it does not have yet."""
    here = [contact.get(s) for s in singles]
    kept = [p for p in (contact.get(many) or "").split(",") if p]
    new = [p for p in (*(lead.get(s) for s in singles), *(lead.get(many) or "").split(",")) if p and p not in here and p not in kept]
    return ",".join(dict.fromkeys([*kept, *new])) or None


def opportunity_of(lead: Record, account: int, contact: int, given: Record, quarter_end: str, own: Sequence[str]) -> Record:
    """The opportunity that a lead makes: its owner and source, the contact as the primary one, due at the fiscal quarter's end
    (ISO date) unless `given` says otherwise."""
    made = {"account": account, "contact": contact, "owner": lead.get("owner"), "close": quarter_end}
    made |= {name: lead.get(name) for name in ("source", "campaign")}
    return {**_present({**made, **_own(lead, own)}), **given}


def became(account: int, contact: int, opportunity: int | None, today: str) -> Record:
    """The lead's own fields once it is converted."""
    return {"status": "converted", "converted": today, "account": account, "contact": contact, "opportunity": opportunity}


def _own(lead: Record, own: Sequence[str]) -> Record:
    return {name: lead.get(name) for name in own}


def _blanks(before: Record, offered: Record) -> Record:
    """Those of `offered` whose field is blank in `before`; two different addresses are never mixed into one."""
    other_address = any(before.get(n) and offered.get(n) and before[n].casefold() != offered[n].casefold() for n in ADDRESS)
    return {
        name: value
        for name, value in _present(offered).items()
        if before.get(name) in (None, "") and not (name in ADDRESS and other_address)
    }


def _present(record: Record) -> Record:
    return {k: v for k, v in record.items() if v not in (None, "")}
