"""Duplicates: whether two people, or two companies, are the same.

Pure comparisons of two records; which are compared is for `blocking.py` and the store to choose. Blank never equals blank. Source:
FORMULAS, "Leads". A score is the sum of the points of what agrees (`_POINTS`), less what speaks against it (`_AGAINST`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sfa.sales.names import FREE_DOMAINS, NICKNAMES, company_key, domains, emails, folded, is_role, mailbox, name, phones

Record = dict[str, Any]
CERTAIN, LIKELY, NO = "certain", "likely", ""
SCORE, SIMILAR = 70, 80
"""From which score on two records are likely one, and how alike two words must be, in per cent, to be one misspelt."""

_POINTS = {"same": 50, "other order": 48, "nickname": 45, "initial": 35, "similar": 40}
"""A person's name that agrees in this way; of a company the same without its legal form counts 70, a similar one 45."""
_BESIDE = {"phone": 35, "company": 25, "company (similar)": 20, "domain": 25, "role e-mail": 20, "e-mail (similar)": 15, "address": 20}
_FIRM = {"name": 70, "name (similar)": 45, "domain": 25, "phone": 25, "address": 20, "city": 5}
_AGAINST = {"other e-mail": 5, "other country": 10, "other domain": 15}


class Verdict(NamedTuple):
    """How sure it is that two records are one (`certain`, `likely` or ""), the fields that agree, a score from 0 to 100, and how they
    agree, in words."""

    level: str
    because: tuple[str, ...]
    score: int = 0
    evidence: tuple[str, ...] = ()


class Person(NamedTuple):
    """What of a person is compared, ready for it: plain tuples of texts, blank where nothing is known."""

    words: str
    given: str
    family: str
    canonical: str
    generation: str
    emails: tuple[str, ...]
    roles: tuple[str, ...]
    phones: tuple[str, ...]
    company: str
    domains: tuple[str, ...]
    address: str
    country: str
    external: tuple[str, ...]


class Company(NamedTuple):
    """What of a company is compared, ready for it."""

    name: str
    key: str
    domains: tuple[str, ...]
    phones: tuple[str, ...]
    address: str
    city: str
    country: str
    external: tuple[str, ...]


def person_of(record: Record) -> Person:
    """A lead or contact as it is compared; `company` is the lead's, or the name of the contact's account."""
    mails = [mailbox(m) for m in sorted(emails(record))]
    roles = tuple(m for m in mails if _role(m))
    return Person(
        *name(record),
        tuple(m for m in mails if m not in roles) if roles else tuple(mails),
        roles,
        tuple(phones(record)),
        company_key(record.get("company")),
        tuple(sorted(domains(record, mails))),
        _address(record),
        folded(record.get("country")),
        _external(record),
    )


def company_of(record: Record) -> Company:
    """An account as it is compared, or a lead's company given as `name`."""
    return Company(
        folded(record.get("name")),
        company_key(record.get("name")),
        tuple(sorted(domains(record))),
        tuple(phones(record)),
        _address(record),
        folded(record.get("city")),
        folded(record.get("country")),
        _external(record),
    )


def person(one: Record, other: Record) -> Verdict:
    """Compare two people. Certain: the same external id, or the same personal e-mail. A role address, a phone, the company, its domain
    or the postal address need an agreeing name; together they must reach the score."""
    return people(person_of(one), person_of(other))


def people(a: Person, b: Person, least: int = SCORE, similar: int = SIMILAR) -> Verdict:
    """`person` for people made ready. `least` is the score from which they are likely one, `similar` how alike misspelt words are."""
    beside = _beside(a, b)
    sure = [f for f in ("external id", "e-mail") if f in beside]
    named = _named(a, b, similar)
    if not sure and (not named or not beside):
        return Verdict(NO, _because(beside, named))
    if "company" not in beside and a.company and b.company and _alike(a.company, b.company):
        beside.append("company (similar)")
    evidence = [*sure, *([f"name ({named})" if named != "same" else "name"] if named else []), *(f for f in beside if f not in sure)]
    if sure:
        return Verdict(CERTAIN, _because(beside, named), 100 if named or not (a.words and b.words) else 95, tuple(evidence))
    if not (a.roles and b.roles) and _mails_alike(a, b):
        evidence.append("e-mail (similar)")
    points = sum(_BESIDE.get(f, 0) for f in evidence)
    if "domain" in beside and ("company" in beside or "company (similar)" in beside):
        # They tell of the same thing.
        points -= _BESIDE["domain"] - 5
    against = _contrary(a, b)
    score = max(0, min(94, _POINTS[named] + points - sum(_AGAINST[x] for x in against)))
    if a.generation != b.generation and (a.generation or b.generation):
        score = min(score, 60)
    return Verdict(LIKELY if score >= least else NO, _because(beside, named), score, (*evidence, *against))


def company(one: Record, other: Record) -> Verdict:
    """Compare two companies (name, website, email, phone, address, external_id).

    Certain: the same external id, or the same name whatever its capitals. Likely: the same name but for the legal form; with the same
    domain or phone beside it, that is certain too. A similar name needs a domain, a phone or an address beside it."""
    return companies(company_of(one), company_of(other))


def companies(a: Company, b: Company, least: int = SCORE) -> Verdict:
    """`company` for companies made ready."""
    beside = [
        what
        for what, agrees in (
            ("external id", _share(a.external, b.external)),
            ("domain", _share(a.domains, b.domains)),
            ("phone", _phones_agree(a.phones, b.phones)),
            ("address", bool(a.address) and a.address == b.address),
        )
        if agrees
    ]
    named = "same" if a.key and a.key == b.key else ""
    if not named and a.key and b.key and beside and _alike(a.key, b.key):
        named = "similar"
    exact = bool(a.name) and a.name == b.name
    because = _because(beside, "same" if named == "same" else "")
    if "external id" not in because and not named:
        return Verdict(NO, because)
    if a.city and a.city == b.city and "address" not in beside:
        beside.append("city")
    told = [] if not named else ["name" if exact or named == "same" else "name (similar)"]
    against = ["other country"] if a.country and b.country and a.country != b.country else []
    against += ["other domain"] if a.domains and b.domains and "domain" not in beside else []
    lost = sum(_AGAINST[x] for x in against)
    evidence = (*[f for f in beside if f == "external id"], *told, *(f for f in beside if f != "external id"), *against)
    if "external_id" in because or exact or (named == "same" and {"domain", "phone"} & {*beside}):
        return Verdict(CERTAIN, because, 100 - lost, evidence)
    score = max(0, min(94, sum(_FIRM.get(f, 0) for f in (*told, *beside)) - lost))
    return Verdict(LIKELY if named == "same" or score >= least else NO, because, score, evidence)


def _because(beside: list[str], named: str) -> tuple[str, ...]:
    """The fields that agree, by their names."""
    fields = [_FIELDS.get(f, f) for f in beside]
    if named:
        fields.insert(sum(f in ("external_id", "email") for f in fields[:2]), "name")
    return tuple(dict.fromkeys(fields))


_FIELDS = {"external id": "external_id", "e-mail": "email", "role e-mail": "email"}


def _beside(a: Person, b: Person) -> list[str]:
    """What agrees beside the name."""
    out = []
    if a.external and _share(a.external, b.external):
        out.append("external id")
    if a.emails and _share(a.emails, b.emails):
        out.append("e-mail")
    elif a.roles and _share(a.roles, b.roles):
        out.append("role e-mail")
    if a.phones and b.phones and _phones_agree(a.phones, b.phones):
        out.append("phone")
    if a.company and a.company == b.company:
        out.append("company")
    if a.domains and _share(a.domains, b.domains):
        out.append("domain")
    if a.address and a.address == b.address:
        out.append("address")
    return out


def _named(a: Person, b: Person, similar: int) -> str:
    """How two names agree: same, other order, nickname, initial, similar; "" where they do not, or one is blank."""
    if not a.words or not b.words:
        return ""
    if a.words == b.words:
        return "same" if a.family == b.family or a.given == "" or b.given == "" else "other order"
    if not (a.given and b.given):
        return ""
    if a.family == b.family:
        return _given(a, b, similar)
    if a.canonical == b.canonical and _misspelt(a.family, b.family, similar):
        return "similar"
    if any(x.family == y.given and NICKNAMES.get(y.family, y.family) == x.canonical for x, y in ((a, b), (b, a))):
        return "nickname"
    if a.given == b.family and _misspelt(a.family, b.given, similar):
        return "similar"
    return "similar" if b.given == a.family and _misspelt(b.family, a.given, similar) else ""


def _given(a: Person, b: Person, similar: int) -> str:
    """How two given names agree, the family names being the same."""
    if a.given == b.given:
        # A middle name on one side alone.
        return "same"
    if a.canonical == b.canonical:
        return "nickname"
    short, long = sorted((a.given, b.given), key=len)
    if len(short) == 1 and long[0] == short:
        return "initial"
    return "similar" if _misspelt(short, long, similar) else ""


@cache
def _distances() -> tuple[Callable[..., float], Callable[..., float]]:
    from rapidfuzz.distance import OSA
    from rapidfuzz.fuzz import token_sort_ratio

    return OSA.normalized_similarity, token_sort_ratio


def _misspelt(one: str, other: str, similar: int) -> bool:
    """Whether two words are one with letters left out, added, exchanged or swapped."""
    if abs(len(one) - len(other)) > 2 or min(len(one), len(other)) < 3:
        return False
    return _distances()[0](one, other) * 100 >= similar


@lru_cache(maxsize=50_000)
def _alike(one: str, other: str) -> bool:
    """Whether two companies' keys are nearly the same; figures must be the very same (Plant 12 is not Plant 13)."""
    if one.replace(" ", "") == other.replace(" ", ""):
        return True
    if min(len(one), len(other)) < 5 or sorted(re.findall(r"\d+", one)) != sorted(re.findall(r"\d+", other)):
        return False
    return _distances()[1](one, other) >= 90


def _mails_alike(a: Person, b: Person) -> bool:
    """Whether two personal addresses are nearly the same."""
    return any(len(m) > 8 and _distances()[0](m, n) >= 0.9 for m in a.emails for n in b.emails)


def _contrary(a: Person, b: Person) -> list[str]:
    """What speaks against two people being one: other addresses at the same firm, other countries."""
    out = []
    here, there = ({m.rpartition("@")[2] for m in x.emails} - FREE_DOMAINS for x in (a, b))
    if here & there and not _share(a.emails, b.emails) and not _mails_alike(a, b):
        out.append("other e-mail")
    if a.country and b.country and a.country != b.country:
        out.append("other country")
    return out


def _share(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return any(x in other for x in one)


def _phones_agree(mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Whether any two numbers agree: all digits, or at least the last eight where one of them lacks the country."""
    return any(a.endswith(b) or b.endswith(a) for a in mine for b in theirs)


def _address(record: Record) -> str:
    """A postal address as one key; blank without a street."""
    street = folded(record.get("street"))
    if not street:
        return ""
    place = folded(record.get("postal_code")) or folded(record.get("city"))
    return re.sub(r"\W+", "", street) + "|" + re.sub(r"\W+", "", place) if place else ""


def _external(record: Record) -> tuple[str, ...]:
    given = record.get("external_id")
    return tuple(given) if isinstance(given, (tuple, list)) else (given,) if given else ()


@lru_cache(maxsize=50_000)
def _role(email: str) -> bool:
    return is_role(email)
