"""What is said when people leave the file: who was left out, and whose addresses are blank, because they opted out."""

from __future__ import annotations

from sfa import output
from sfa.commands.nouns import counted
from sfa.sales.kinds import Kind
from sfa.store.optouts import Left

_ADDRESS = {"mail": "a postal address", "visit": "an address", "email": "an e-mail", "sms": "a number", "phone": "a phone"}


def tell(kind: Kind, left: Left, channel: str) -> None:
    """Say who was left out of an export for a channel, and which cells are blank."""
    if channel and (left.opted_out or left.without):
        output.message(f"Left out: {counted(kind, left.opted_out)} who opted out, {left.without:,} without {_ADDRESS[channel]}.")
    for name, many in left.blank.items():
        cells = f"{many:,} cell{'s' if many > 1 else ''} of people who opted out {'are' if many > 1 else 'is'} blank"
        output.message(f"{cells}; with the columns opt_out_{name} and do_not_contact they are written beside it.")
