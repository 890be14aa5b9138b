"""The products whose exports are known: recognised by a file's header, each with its names for our fields and its values for ours.

What products share is in `common.py`, in other languages than English in `europe.py`; a product's own names go before it. Which column then
is which field `mapping.py` says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales.profiles.common import ALIASES
from sfa.sales.profiles.europe import VALUES, WORDS
from sfa.sales.profiles.profile import Profile

ENOUGH = 3
"""What the marks of a profile must come to before a file is taken for one of the product's."""
NONE = "none"


_SIMPLE = str.maketrans(
    "戶絡電話郵備註負責機預計銷階額幣種來狀態創時間編號業務員產類職稱網國縣標題優級聯繫輸單競爭對贏結簽約經專進內價實際詳細錄轉",
    "户络电话邮备注负责机预计销阶额币种来状态创时间编号业务员产类职称网国县标题优级联系输单竞争对赢结签约经专进内价实际详细录转",
)
"""Traditional characters of headers as the simplified ones."""


def plain(header: str) -> str:
    """A header without case, blanks, underscores and punctuation; traditional Chinese as simplified."""
    text = header if header.isascii() else header.translate(_SIMPLE)
    return re.sub(r"[\W_]+", "", text.casefold())


@cache
def every() -> dict[str, Profile]:
    """Name → profile, in the order in which they are tried."""
    from sfa.sales.profiles import addressbooks, dynamics, eastasia, hubspot, odoo, pipedrive, salesforce, suitecrm, zoho

    of_products = (m.PROFILE for m in (salesforce, hubspot, pipedrive, zoho, dynamics, odoo, suitecrm))
    found = (*of_products, addressbooks.LINKEDIN, addressbooks.GOOGLE, addressbooks.OUTLOOK, eastasia.PROFILE)
    return {p.name: p for p in found}


def called(name: str) -> Profile | None:
    """The profile called `name`; None for "none". Raises UsageError with the list."""
    wanted = name.strip().lower()
    if wanted == NONE:
        return None
    if wanted not in every():
        raise UsageError(
            say("there is no profile {name!r}", name=name[:60]), say("Profiles: {profiles}, none", profiles=together(", ", every()))
        )
    return every()[wanted]


def recognise(header: Sequence[str]) -> Profile | None:
    """The product that a header row is of, by the marks that it has; None where no product's come to enough."""
    names = {h.strip().casefold() for h in header}
    folded = {plain(h) for h in header}
    best, most = None, ENOUGH - 1
    for profile in every().values():
        if (found := _weight(profile, names, folded)) > most:
            best, most = profile, found
    return best


def of_file(header: Sequence[str], wanted: str = "") -> Profile | None:
    """The product that a file is of: as somebody says ("none", a name), else recognised by its header."""
    return called(wanted) if wanted else recognise(header)


def of_bundle(header: Sequence[str], wanted: str = "", usual: Profile | None = None) -> Profile | None:
    """The product that a file of a whole export is of ("none", a name, "" recognises it, else what most files are of: `usual`), where
    it has the labels: its tables behind are read by `recipes`."""
    found = of_file(header, wanted) or (None if wanted else usual)
    return found if found and not any(h.casefold().startswith("property_") for h in header) else None


def _weight(profile: Profile, names: set[str], folded: set[str]) -> int:
    total = 0
    for mark in profile.marks.split(" | "):
        name = mark.lstrip("!=")
        # A mark with a dot, a dash or brackets is told from others by them alone.
        if (name in names) if re.search(r"[.(]| - |=", mark) or mark[-1] == "=" else (plain(name) in folded):
            total += ENOUGH if mark[0] == "!" else 1
    return total


def names_of(profile: Profile | None, kind: str, field: str) -> tuple[str, ...]:
    """What the product calls a field of a kind, first choice first; "" asks for what it has that we leave out."""
    text = profile.headers.get(kind, {}).get(field, "") if profile else ""
    return tuple(text.split(" | ")) if text else ()


def words(kind: str, profile: Profile | None) -> dict[str, dict[str, str]]:
    """Field → a word of a pick list → ours: those of the product, else those in general use."""
    ours = dict(VALUES.get(kind, {}))
    for name, values in (profile.values.get(kind, {}) if profile else {}).items():
        own = {k.casefold() for k in values}
        ours[name] = {**{k: v for k, v in ours.get(name, {}).items() if k not in own}, **values}
    return ours


def aliases(kind: str, field: str) -> tuple[str, ...]:
    """What exports in general call a field of a kind, besides its own name and label; English names first."""
    texts = (words.get(kind, {}).get(field, "") for words in (ALIASES, WORDS))
    return tuple(name for text in texts if text for name in text.split(" | "))
