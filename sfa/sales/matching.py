"""Duplicates: whether two people, or two companies, are the same.

Pure comparisons of two records; which are compared is for the store to choose. Blank never equals blank. Source: FORMULAS, "Leads".
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, NamedTuple

Record = dict[str, Any]
CERTAIN, LIKELY, NO = "certain", "likely", ""

_ROLE_ADDRESSES = """
info sales contact office admin support hello mail team service kontakt buchhaltung einkauf verkauf vertrieb accounts accounting
billing finance invoices orders purchasing procurement marketing press jobs hr help enquiries inquiries reception postmaster
webmaster noreply no-reply newsletter feedback general secretary empfang post ventas contacto comercial contabilidad"""
ROLE_ADDRESSES = frozenset(_ROLE_ADDRESSES.split())
_FREE_DOMAINS = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com aol.com gmx.de gmx.net
web.de proton.me protonmail.com mail.ru yandex.ru qq.com 163.com 126.com foxmail.com sina.com naver.com orange.fr free.fr
libero.it t-online.de yahoo.co.uk yahoo.co.jp"""
FREE_DOMAINS = frozenset(_FREE_DOMAINS.split())
_LEGAL_FORMS = """
ltd limited llc llp lp inc incorporated corp corporation co company plc gmbh mbh ag kg ohg ug se sa sas sarl srl spa sl bv nv oy
oyj ab as asa aps kft zrt sro doo pty pte bhd kk"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
LEGAL_FORMS_CJK = ("股份有限公司", "有限责任公司", "有限公司", "株式会社", "合同会社", "유한회사", "주식회사")


class Verdict(NamedTuple):
    """How sure it is that two records are one (`certain`, `likely` or ""), and the fields that agree."""

    level: str
    because: tuple[str, ...]


def person(one: Record, other: Record) -> Verdict:
    """Compare two people (leads or contacts; `company` is the lead's, or the name of the contact's account).

    Certain: the same external id, or the same personal e-mail. A role address or a phone needs an agreeing name, and so does working for
    the same company: two such fields are likely."""
    shared = emails(one) & emails(other)
    because = tuple(
        name
        for name, agrees in (
            ("external_id", _same(one.get("external_id"), other.get("external_id"))),
            ("email", bool(shared)),
            ("name", _same(name_key(one), name_key(other))),
            ("phone", _phones_agree(one, other)),
            ("company", _same(company_key(one.get("company")), company_key(other.get("company")))),
        )
        if agrees
    )
    if "external_id" in because or any(not is_role(e) for e in shared):
        return Verdict(CERTAIN, because)
    return Verdict(LIKELY if "name" in because and len(because) > 1 else NO, because)


def company(one: Record, other: Record) -> Verdict:
    """Compare two companies (name, website, email, phone, city, external_id).

    Certain: the same external id, or the same name whatever its capitals. Likely: the same name but for the legal form; with the same
    domain or phone beside it, that is certain too."""
    because = tuple(
        name
        for name, agrees in (
            ("external_id", _same(one.get("external_id"), other.get("external_id"))),
            ("name", _same(company_key(one.get("name")), company_key(other.get("name")))),
            ("domain", bool(domains(one) & domains(other))),
            ("phone", _phones_agree(one, other)),
        )
        if agrees
    )
    exact = _same(_folded(one.get("name")), _folded(other.get("name")))
    if "external_id" in because or exact or ("name" in because and len(because) > 1):
        return Verdict(CERTAIN, because)
    return Verdict(LIKELY if "name" in because else NO, because)


def emails(record: Record) -> frozenset[str]:
    """Every e-mail address of a record, in lower case."""
    found = [record.get("email") or "", *(record.get("other_emails") or "").split(",")]
    return frozenset(e.strip().lower() for e in found if e.strip())


def is_role(email: str) -> bool:
    """Whether an address belongs to a function (info@, sales@ …) rather than to a person."""
    return re.split(r"[+.\d]", email.partition("@")[0].lower(), maxsplit=1)[0] in ROLE_ADDRESSES


def domains(record: Record) -> frozenset[str]:
    """The company's domains that a record shows: of its website, and of its e-mails unless a public provider's."""
    web = re.sub(r"^[a-z]+://", "", (record.get("website") or "").strip().lower()).partition("/")[0]
    found = {web.removeprefix("www."), *(e.rpartition("@")[2] for e in emails(record))}
    return frozenset(d for d in found if d) - FREE_DOMAINS


def name_key(record: Record) -> str:
    """A person's name without capitals, accents and order: `Zhang, Wei` is `wei zhang`."""
    whole = " ".join(p for p in (record.get("first_name"), record.get("last_name")) if p) or record.get("name") or ""
    return " ".join(sorted(re.findall(r"\w+", _folded(whole))))


def company_key(name: str | None) -> str:
    """A company's name without capitals, accents, punctuation and its legal form at the end."""
    plain = _folded(re.sub(r"(?<=\w)\.(?=\w\b)", "", name or ""))
    for form in LEGAL_FORMS_CJK:
        plain = plain.removesuffix(form).removeprefix(form) or plain
    words = re.findall(r"\w+", plain)
    while len(words) > 1 and words[-1] in LEGAL_FORMS:
        words.pop()
    return " ".join(words)


def phone_key(phone: str) -> str:
    """The digits of a phone number without what stands for the country or the trunk in front (00, +, 0), and without an extension."""
    number = re.split(r"(?i)\s*(?:x|ext\.?|extension)\s*(?=\d+\s*\Z)", phone)[0]
    return re.sub(r"\D", "", number.replace("(0)", "")).lstrip("0")


def _phones_agree(one: Record, other: Record) -> bool:
    """Whether any two numbers agree: all digits, or at least the last eight where one of them lacks the country."""
    mine, theirs = _phones(one), _phones(other)
    return any(a.endswith(b) or b.endswith(a) for a in mine for b in theirs)


def _phones(record: Record) -> set[str]:
    texts = [record.get("phone") or "", record.get("mobile") or "", *(record.get("other_phones") or "").split(",")]
    return {k for k in map(phone_key, texts) if len(k) >= 8}


def _folded(text: str | None) -> str:
    """Without capitals and accents; a mark that makes another letter (a Japanese dakuten) stays."""
    plain = unicodedata.normalize("NFKD", (text or "").strip().casefold())
    return unicodedata.normalize("NFC", "".join(c for c in plain if not "\u0300" <= c <= "\u036f"))


def _same(one: str | None, other: str | None) -> bool:
    return bool(one) and one == other
