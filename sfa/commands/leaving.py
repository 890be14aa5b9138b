"""What is said when people leave the file: who was left out, and whose addresses are blank, because they opted out."""

from __future__ import annotations

from sfa import output
from sfa.commands.nouns import counted
from sfa.messages import say
from sfa.sales.kinds import Kind
from sfa.store.optouts import Left

_ADDRESS = {"mail": "a postal address", "visit": "an address", "email": "an e-mail", "sms": "a number", "phone": "a phone"}


def tell(kind: Kind, left: Left, channel: str) -> None:
    """Say who was left out of an export for a channel, and which cells are blank."""
    if channel and (left.opted_out or left.without):
        output.message(
            say(
                "Left out: {counted} who opted out, {without:,} without {address}.",
                counted=counted(kind, left.opted_out),
                without=left.without,
                address=_ADDRESS[channel],
            )
        )
    for name, many in left.blank.items():
        cells = say(
            "{many:,} cell{s} of people who opted out {be} blank", many=many, s="s" if many > 1 else "", be="are" if many > 1 else "is"
        )
        output.message(
            say("{cells}; with the columns opt_out_{name} and do_not_contact they are written beside it.", cells=cells, name=name)
        )
