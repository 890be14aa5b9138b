"""Files of content lines, vCards and calendars, as tables: told by what they begin with, whatever they are called.

Such a file is gone through twice, so that its columns are known before its first row is, and little of it is held in memory.
"""

from __future__ import annotations

import io
import re
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.reading.encodings import Encoding, find_encoding

if TYPE_CHECKING:
    from sfa.reading.tabular import Table

_HEAD = re.compile(r"\ufeff?\s*BEGIN[ \t]*:[ \t]*(VCARD|VCALENDAR)[ \t]*(?:[\r\n]|\Z)", re.IGNORECASE)
TAKES = {"vCard": ("contact", "lead"), "iCalendar": ("activity",)}
"""What a file holds → the kinds of records that can be made of it."""
_PLURALS = {"contact": "contacts", "lead": "leads", "activity": "activities"}
_CALLED = {"vCard": "vCards", "iCalendar": "a calendar"}


def open_lined(raw: IO[bytes], found: Encoding, name: str, resources: ExitStack) -> Table | None:
    """The table of a file of vCards or a calendar, None where it is neither. Raises SfaError."""
    from sfa.reading.tabular import Dialect, Table

    start = raw.read(4096)
    if found.codec.startswith("utf-16") and _HEAD.match(start.decode("ascii", "replace")):
        # A NUL somewhere in a short file looks like UTF-16, but its first line cannot be that.
        raw.seek(0)
        found = find_encoding(raw, name, "utf-8")
    head = start.decode(found.codec, "replace")
    raw.seek(found.skip)
    told = _HEAD.match(head)
    if not told:
        return None
    form = "vCard" if told[1].upper() == "VCARD" else "iCalendar"
    if form == "vCard":
        from sfa.reading.cards import rows, survey
    else:
        from sfa.reading.calendars import rows, survey
    text = io.TextIOWrapper(raw, encoding=found.codec, newline="")
    header, notes = survey(text, found.codec)
    text.detach()
    raw.seek(found.skip)
    text = resources.enter_context(io.TextIOWrapper(raw, encoding=found.codec, newline=""))
    dialect = Dialect(found.codec, "", "", 0, (*found.notes, *notes), form)
    return Table(header, dialect, rows(text, found.codec, header), resources.pop_all())


def check_kind(form: str, kind: str, name: str) -> None:
    """Raise UsageError where no records of `kind` can be made of what the file `name` holds."""
    takes = TAKES.get(form, (kind,))
    if kind not in takes:
        raise UsageError(
            say(
                "{name} holds {called}, which become {takes}",
                name=name,
                called=_CALLED[form],
                takes=together(" or ", (_PLURALS[k] for k in takes)),
            ),
            f"sfa capture calendar {name}" if kind == "task" else f"sfa import {takes[0]} {name}",
        )
