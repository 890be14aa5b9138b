"""Who has an e-mail address or a phone number, and who of several is meant."""

from __future__ import annotations

from collections.abc import Collection

Holder = tuple[str, int, int | None]
"""Who has it: kind, id, and a contact's account."""
Whose = tuple[int | None, int | None, int | None]
"""Contact, lead and account that something was with; none of them where nobody is known."""
NOBODY: Whose = (None, None, None)


def meant(found: Collection[Holder]) -> Whose:
    """Whom an address or a number means of those who have it. A contact goes before a lead; several contacts of one account, as on a
    switchboard, are that account; of several others the oldest record stands for all."""
    contacts = [h for h in found if h[0] == "contact"]
    accounts = {h[2] for h in contacts}
    if len(contacts) > 1 and len(accounts) == 1 and None not in accounts:
        return None, None, contacts[0][2]
    for kind in ("contact", "lead", "account"):
        if those := [h for h in found if h[0] == kind]:
            _, number, account = min(those, key=lambda h: h[1])
            return (number, None, account) if kind == "contact" else (None, number, None) if kind == "lead" else (None, None, number)
    return NOBODY
