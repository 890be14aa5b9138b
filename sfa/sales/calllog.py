"""Call logs of phones and telephone systems: what their columns are, which way a call went, whether anybody answered, how long it took.

Where the columns go is found by `mapping.py`, like those of every other file; whose number it was is asked of the store.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from sfa.messages import say
from sfa.sales.cells import Bad
from sfa.sales.kinds import Field, Kind
from sfa.sales.phones import phone_key
from sfa.sales.profiles import plain
from sfa.sales.rows import Columns, RowReader

LOG = Kind(
    "call log",
    "",
    "call log",
    "calls",
    (
        Field("when", "stamp", required=True),
        Field("clock", label="time"),
        Field("number"),
        Field("caller"),
        Field("callee"),
        Field("direction"),
        Field("status"),
        Field("talk_time", label="talk time"),
        Field("name"),
        Field("user"),
        Field("external_id", "external", "external id"),
    ),
)
SHORT = 6
"""Digits up to which a number is an extension of the house, a short code or an emergency call."""
_OUT = (
    "out outgoing outbound dialed dialled placed called made ausgehend gewählt abgehend sortant émis saliente uscente uitgaand"
    " 呼出 去电 已拨 拨出 発信 2"
)
_IN = "in incoming inbound received answered eingehend ankommend angenommen entrant reçu entrante inkomend 呼入 来电 已接 接听 着信 1"
_MISSED = (
    "missed unanswered noanswer abandoned verpasst entgangen inabwesenheit manqué perdida perdita gemist 未接 未接来电 不在着信 3"
    " rejected declined refused blocked abgelehnt 拒接 5"
)
_VOICEMAIL = "voicemail mailbox messagerie 语音信箱 4"
_FAILED = (
    "noanswer unanswered missed busy failed cancelled canceled congestion chanunavail rejected declined abandoned no false notanswered"
    " besetzt"
)
_WITHHELD = "private privat anonymous anonym unknown unbekannt withheld restricted unavailable blocked hidden inconnu 未知 私人号码 -1 -2"


class Call(NamedTuple):
    """One call: its line, when it was (UTC), the other side's number, its name as the log has it, which way it went (None: the log does
    not say), whether somebody spoke, its seconds (None: not told), the user as the log has them, its id there, whether a machine took it,
    and who called whom, where the log has both."""

    line: int
    when: str
    number: str
    name: str
    direction: str | None
    answered: bool
    seconds: int | None
    user: str
    id: str
    voicemail: bool = False
    sides: tuple[str, str] = ("", "")


_WEEKDAY = r"\A\s*[^\W\d_]{2,10}\.?,?\s+(?=\d)"
_CLOCK = r"[T ]\d{1,2}:\d\d.*\Z"


class CallRows(RowReader):
    """Reads batches of rows; the time of day may stand in a column of its own."""

    def _cells(self, name: str, across: list[tuple[str, ...]], many: int) -> Sequence[str]:
        cells = super()._cells(name, across, many)
        if name == "when":
            # Fri 11/20/2026 is no Friday to come.
            cells = [re.sub(_WEEKDAY, "", cell) for cell in cells]
        if name != "when" or "clock" not in self.places:
            return cells
        clocks = super()._cells("clock", across, many)
        return [
            f"{re.sub(_CLOCK, '', day.strip())} {clock.strip()}" if clock.strip() else day for day, clock in zip(cells, clocks, strict=True)
        ]


def calls(columns: Columns, lines: Sequence[int], bad: Bad, minutes: bool = False) -> list[Call]:
    """The calls of a batch of rows; what is wrong with others is put into `bad`, "" for a line of totals, which is no call. `minutes`:
    durations are figures of minutes. A number that a log leaves blank was withheld."""
    many = len(lines)
    blank: list[str | None] = [None] * many
    get = {f.name: columns.get(f.name) or blank for f in LOG.fields}
    made = []
    for i in range(many):
        row = {name: str(values[i] or "").strip() for name, values in get.items()}
        numbered = any(row[n] for n in ("number", "caller", "callee", "name"))
        if i in bad or not row["when"]:
            bad[i] = (bad.get(i) or "it has no date") if numbered else ""
        else:
            made.append(_call(lines[i], row, minutes))
    return made


def _call(line: int, row: dict[str, str], minutes: bool) -> Call:
    said = " ".join((row["direction"], row["status"]))
    words = _words(row["direction"])
    out, failed = bool(words & _set(_OUT)), bool(_words(row["status"]) & _set(_FAILED))
    missed = bool(words & _set(_MISSED))
    voicemail = bool(_words(said) & _set(_VOICEMAIL))
    direction = "out" if out else "in" if missed or voicemail or words & _set(_IN) else None
    seconds = duration(row["talk_time"], minutes)
    answered = not (missed or failed or voicemail) and not (seconds == 0 and row["talk_time"] != "")
    number = row["number"] or (row["callee"] if direction == "out" else row["caller"] if direction else "")
    sides = (row["caller"], row["callee"])
    # Where a telephone system names the caller, that of a call out is a colleague.
    name = "" if direction == "out" and row["caller"] else row["name"]
    return Call(line, row["when"], number, name, direction, answered, seconds, row["user"], row["external_id"], voicemail, sides)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _words(text: str) -> set[str]:
    """The words of a cell, and all of it as one: "No Answer", "missed_call", 未接来电."""
    folded = text.casefold()
    return {*re.findall(r"\w+", folded.replace("_", " ")), plain(text)} - {"call", "calls"}


def duration(text: str, minutes: bool = False) -> int | None:
    """Seconds of a duration: 252, 4:12, 0:04:12, 4 min 12 s, 4m12s, PT4M12S; None where it is none."""
    found = text.strip().lower().removeprefix("pt")
    if not found:
        return None
    if re.fullmatch(r"\d{1,7}(?:[.,]\d+)?", found):
        return round(float(found.replace(",", ".")) * (60 if minutes else 1))
    if m := re.fullmatch(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{2})(?:[.,]\d+)?", found):
        return int(m[1] or 0) * 3600 + int(m[2]) * 60 + int(m[3])
    units = {"h": 3600, "m": 60, "s": 1, "小": 3600, "时": 3600, "分": 60, "秒": 1}
    parts = re.findall(r"(\d{1,6})\s*([hms小时分秒])[a-zà-ÿ小时分秒钟.]*", found)
    return sum(int(n) * units[unit] for n, unit in parts) if parts else None


def in_minutes(header: str) -> bool:
    """Whether a column of durations says in its header that it holds minutes; those of Dialpad (talk_duration) do."""
    return header.strip().lower() == "talk_duration" or bool(re.search(r"(?i)\bmin(?:s|utes?|uten)?\b|分钟", header.replace("_", " ")))


def withheld(number: str) -> bool:
    """Whether a log says that the other side did not show its number."""
    return number.strip().casefold() in _set(_WITHHELD) or (bool(number) and not any(c.isdigit() for c in number))


def internal(number: str) -> bool:
    """Whether a number is an extension or a short code."""
    return 0 < len(phone_key(number)) <= SHORT


def told(call: Call) -> str:
    """What a call is in a timeline: `Call, 4 min 12 s`, `Missed call`, `No answer`."""
    if call.voicemail:
        return "Voicemail"
    if not call.answered:
        return "No answer" if call.direction == "out" else "Missed call"
    return say("Call, {spelt}", spelt=spelt(call.seconds)) if call.seconds else "Call"


def result(call: Call) -> tuple[int | None, str | None]:
    """(Minutes, outcome) of a call, as activities keep them: whoever spoke was reached, however short it was. A voicemail that was left
    here reached nobody of theirs."""
    if not call.answered:
        return None, "left_message" if call.voicemail and call.direction == "out" else "no_answer"
    if not call.seconds:
        return None, "reached" if call.direction == "in" else None
    return max(1, round(call.seconds / 60)), "reached"


def tells_length(text: str) -> bool:
    """Whether a text is one of `told` that says how long a call took."""
    return re.fullmatch(r"Call,(?: \d+ (?:h|min|s))+", text) is not None


def spelt(seconds: int) -> str:
    """`1 h 5 min`, `4 min 12 s`, `40 s`."""
    hours, rest = divmod(seconds, 3600)
    parts = [(hours, "h"), (rest // 60, "min"), (0 if hours else rest % 60, "s")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n)


def unanswered(calls: Sequence[tuple[str, Call]]) -> list[tuple[str, Call]]:
    """Of calls with the key of whom they were with, the last missed one of each who was neither called nor spoken with afterwards."""
    last: dict[str, Call] = {}
    for key, call in sorted(calls, key=lambda c: c[1].when):
        if call.direction == "in" and not call.answered:
            last[key] = call
        else:
            last.pop(key, None)
    return list(last.items())
