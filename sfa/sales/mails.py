"""What a mail is to a company: which way it went, whom it was with, whose it is; or why it is no conversation with anybody.

Pure rules over plain values: who has which address is asked of the store, what a header says of the reader.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from sfa.sales.holders import NOBODY, Holder, Whose, meant
from sfa.sales.names import FREE_DOMAINS

PASSED = {
    "lists": "of mailing lists",
    "bounces": "undeliverable or receipts",
    "automatic": "automatic",
    "spam": "spam",
    "drafts": "drafts",
    "deleted": "deleted there",
    "internal": "internal",
    "nobody": "to nobody",
}
"""Why a message is passed over, and how that is told."""
_PLACES = {
    "deleted": "trash, bin, deleted, deleted items, deleted messages, papierkorb, gelöschte elemente, gelöschte objekte, corbeille,"
    " éléments supprimés, papelera, elementos eliminados, cestino, posta eliminata, prullenbak, verwijderde items, lixeira, kosz,"
    " 已删除, 已删除邮件, 已刪除的郵件, ゴミ箱, 削除済みアイテム, 휴지통, 지운 편지함",
    "drafts": "drafts, draft, templates, outbox, unsent messages, entwürfe, vorlagen, postausgang, brouillons, boîte d'envoi,"
    " borradores, bozze, concepten, rascunhos, 草稿, 草稿箱, 草稿夹, 下書き, 임시보관함, 임시 보관함",
    "spam": "spam, junk, junk email, junk e-mail, bulk mail, spamverdacht, junk-e-mail, indésirables, courrier indésirable,"
    " correo no deseado, posta indesiderata, ongewenste e-mail, 垃圾邮件, 垃圾郵件, 迷惑メール, 스팸, 스팸함",
}
"""What the folders and labels are called in which messages lie that are no conversation (any more)."""
_PLACE_OF = {name.strip(): reason for reason, names in _PLACES.items() for name in names.split(",")}
_MACHINES = ("mailer-daemon", "postmaster", "mail-daemon")
_SILENT = ("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "do_not_reply")
_DELETED = 0x0008
"""Thunderbird's mark for a message that is gone and still in the file (X-Mozilla-Status)."""


class Known(NamedTuple):
    """What is known of addresses: who has them, which account a domain is of, those of the person and of users (address → user, None for
    further ones of the person's), the domains of the company itself."""

    people: Mapping[str, Collection[Holder]]
    domains: Mapping[str, int]
    own: Mapping[str, int | None]
    house: frozenset[str]


class Verdict(NamedTuple):
    """What a mail is: why it is passed over ("" for one that is kept, "unknown" for one of strangers alone), which way it went, the
    contact, lead and account that it was with, the user whose it is, the strangers among those it was with (with the account of their
    domain), the further contacts."""

    reason: str
    direction: str = "in"
    contact: int | None = None
    lead: int | None = None
    account: int | None = None
    owner: int | None = None
    strangers: tuple[tuple[str, str, int | None], ...] = ()
    others: tuple[int, ...] = ()


def domain(address: str) -> str:
    return address.rpartition("@")[2]


def place(name: str) -> str:
    """Why what lies in a folder, or has a label, of that name is passed over; "" for other names. Folders may be called INBOX.Trash,
    .Trash, Trash.sbd or Trash.mbox."""
    plain = name.casefold()
    for ending in (".mbox", ".sbd", ".imapmbox", ".mbx"):
        plain = plain.removesuffix(ending)
    return _PLACE_OF.get(plain.rpartition(".")[2].rpartition("/")[2].strip(" []"), "")


def passed(headers: Mapping[str, str], flags: str, sender: str, house: frozenset[str]) -> str:
    """Why a mail is no message from a person to a person, as a key of PASSED; "" where it is one.

    A list at the company's own domain (sales@…) is how customers reach it."""
    get = headers.get
    local, precedence = sender.partition("@")[0], get("precedence", "").strip().lower()
    labels = {place(label) for label in get("x-gmail-labels", "").split(",")}
    if "T" in flags or _marked(get("x-mozilla-status", "")) or "deleted" in labels:
        return "deleted"
    if "D" in flags or "drafts" in labels:
        return "drafts"
    if "J" in flags or get("x-spam-flag", "").strip().lower() == "yes" or "spam" in labels:
        return "spam"
    report = get("content-type", "").lower().lstrip().startswith("multipart/report")
    if report or local in _MACHINES or get("return-path", "").strip() == "<>":
        return "bounces"
    automatic = get("auto-submitted", "no").partition(";")[0].strip().lower() not in ("no", "")
    if automatic or "x-autoreply" in headers or "x-autorespond" in headers or precedence == "auto_reply" or local in _SILENT:
        return "automatic"
    listed = get("list-id", "") or get("list-post", "") or get("list-unsubscribe", "")
    named = get("list-id", "").strip(" <>").lower().rpartition("<")[2]
    if (listed or precedence in ("bulk", "list", "junk")) and not any(named.endswith(h) for h in house):
        return "lists"
    return ""


def _marked(status: str) -> bool:
    try:
        return bool(int(status.strip() or "0", 16) & _DELETED)
    except ValueError:
        return False


def judge(sender: tuple[str, str] | None, to: Sequence[tuple[str, str]], cc: Sequence[tuple[str, str]], known: Known) -> Verdict:
    """Whom a mail was with. The sender of a received one goes before those who got it too, of those the first; a contact before a lead;
    whoever is known by name before a company that is known by its domain."""
    recipients = [*to, *cc]
    mine = {a for _, a in (*recipients, *([sender] if sender else [])) if ours(a, known)}
    outgoing = sender is not None and (sender[1] in mine or (not known.own and _written_to(sender[1], recipients, known)))
    others = [r for r in recipients if r[1] not in mine]
    if not outgoing and sender:
        others.insert(0, sender)
    if not others:
        return Verdict("internal" if recipients or not outgoing else "nobody")
    owners = [sender] if outgoing and sender else recipients
    owner = next((known.own[a] for _, a in owners if known.own.get(a) is not None), None)
    strangers = tuple((name, a, company(a, known)) for name, a in others if a not in known.people)
    if not outgoing and sender and sender[1] in known.people:
        strangers = ()
    elif not outgoing:
        strangers = strangers[:1]
    (contact, lead, account), further = everybody(others, known)
    reason = "" if contact or lead or account else "unknown"
    return Verdict(reason, "out" if outgoing else "in", contact, lead, account, owner, strangers, further)


def _written_to(sender: str, recipients: Sequence[tuple[str, str]], known: Known) -> bool:
    """Whether a mail went to somebody who is known from somebody who is not: where nobody's own address is, that one was sent."""
    return not _known(sender, known) and any(_known(a, known) for _, a in recipients)


def ours(address: str, known: Known) -> bool:
    """Whether an address is the company's: a user's, or any at its domain that is no contact's or lead's."""
    return address in known.own or (domain(address) in known.house and not _outside(address, known))


def _outside(address: str, known: Known) -> list[Holder]:
    return [h for h in known.people.get(address, ()) if h[0] != "user"]


def _known(address: str, known: Known) -> bool:
    return bool(_outside(address, known)) or company(address, known) is not None


def company(address: str, known: Known) -> int | None:
    """The account whose domain an address is at, or below: eu.harbor.example is Harbor's too."""
    at = domain(address)
    while at and at not in known.domains:
        at = at.partition(".")[2]
    return known.domains.get(at)


def whom(others: Sequence[tuple[str, str]], known: Known) -> Whose:
    """(Contact, lead, account) of the first who is known."""
    for _, address in others:
        if (found := meant(_outside(address, known))) != NOBODY:
            return found
    return None, None, next((at for _, a in others if (at := company(a, known)) is not None), None)


def everybody(others: Sequence[tuple[str, str]], known: Known) -> tuple[Whose, tuple[int, ...]]:
    """Whom something was with, as `whom` says, and the further contacts among those who took part. Where a contact and a lead did, both are
    named: it belongs on the timeline of either."""
    contact, lead, account = whom(others, known)
    if contact is None and lead is None:
        return (contact, lead, account), ()
    contacts: dict[int, int | None] = {}
    for _, address in others:
        person, found, of = meant(_outside(address, known))
        lead = lead or found
        if person is not None:
            contacts.setdefault(person, of)
    if contact is None and contacts:
        contact, account = next(iter(contacts.items()))
    return (contact, lead, account), tuple(n for n in contacts if n != contact)


def of_company(domains: Mapping[str, set[int]]) -> dict[str, int]:
    """Domain → the one account that it is of; public providers' domains and those of several accounts are no account's."""
    return {d: next(iter(found)) for d, found in domains.items() if len(found) == 1 and d not in FREE_DOMAINS and "." in d}


def house(addresses: Collection[str]) -> frozenset[str]:
    """The company's own domains, by the addresses of its people."""
    return frozenset(d for d in map(domain, addresses) if d) - FREE_DOMAINS
