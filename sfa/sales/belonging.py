"""Which account a lead, or a contact without one, belongs to: by the company's domain (of its e-mail or website, unless a public
provider's) or the company's name without its legal form. Where several accounts fit, none is taken.

Pure; the accounts come from `store/belonging.py`. Names and domains are compared as everywhere: `names.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from sfa.sales.names import company_key, domains, folded

Record = dict[str, Any]


class Belongs(NamedTuple):
    """The account that somebody surely belongs to and by what ("domain", "name", "name, domain"), or those among which it is not sure."""

    account: int | None
    because: str = ""
    choices: tuple[int, ...] = ()


NOWHERE = Belongs(None)


class Firm(NamedTuple):
    """An account as far as it says who belongs to it."""

    id: int
    name: str
    country: str


class Firms:
    """Accounts by their domains and names."""

    def __init__(self, accounts: Iterable[tuple[int, str, str | None, str | None]] = ()) -> None:
        """`accounts` are (id, name, website, country)."""
        self.by_domain: dict[str, list[Firm]] = {}
        self.by_name: dict[str, list[Firm]] = {}
        for number, name, website, country in accounts:
            firm = Firm(number, folded(name), folded(country))
            if key := company_key(name):
                self.by_name.setdefault(key, []).append(firm)
            for domain in domains({"website": website}) if website else ():
                self.by_domain.setdefault(domain, []).append(firm)

    def of(self, record: Record) -> Belongs:
        """Where a lead or contact (company, email, other_emails, website, country) belongs.

        The name and the domain must not say different things. Of several accounts of a name the one that bears the very name, else the one
        in the country, is meant; a name alone says nothing of a company in another country."""
        company = record.get("company")
        named = self.by_name.get(company_key(company), []) if company else []
        web = [f for d in domains(record) for f in self.by_domain.get(d, ())]
        if named and web:
            both = [f for f in named if f in web]
            if not both:
                return Belongs(None, "", tuple(dict.fromkeys(f.id for f in (*named, *web))))
            return self._one(both, "name, domain", record)
        return self._one(named, "name", record) if named else self._one(web, "domain", record)

    @staticmethod
    def _one(firms: list[Firm], because: str, record: Record) -> Belongs:
        found = list(dict.fromkeys(firms))
        whole, country = folded(record.get("company")), folded(record.get("country"))
        if len(found) > 1:
            exact = [f for f in found if f.name == whole]
            near = [f for f in exact or found if country and f.country == country]
            found = exact if len(exact) == 1 else near if len(near) == 1 else found
        if len(found) != 1:
            return Belongs(None, "", tuple(f.id for f in found)) if found else NOWHERE
        only = found[0]
        if because == "name" and country and only.country and country != only.country:
            return Belongs(None, "", (only.id,))
        return Belongs(only.id, because)
