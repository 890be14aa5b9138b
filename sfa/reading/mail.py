"""Mail as it lies on a disk: mbox files, Maildirs, folders of messages, one message. Each message comes with its headers read.

Bodies are passed over without being looked at, unless they are asked for. What a header means is told by `headers.py`.
"""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sfa.errors import NotFound, UsageError
from sfa.messages import say
from sfa.reading import headers
from sfa.reading.headers import Address
from sfa.sales.mails import place

LONGEST_HEAD = 256 << 10
"""Bytes of headers that are read; what goes on for longer is no header."""
LONGEST_BODY = 4 << 20
"""Bytes of a message of which the text is looked for, where it is asked for."""
LONGEST_TEXT = 20_000
_END = re.compile(rb"\r?\n\r?\n")
_MARK, LONGEST_MARK = b"\nFrom ", 400
_STAMPED = re.compile(rb"\d:\d\d.*\d{4}")
_LENGTH = re.compile(rb"(?im)^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?$")
_ROLES = {"deleted": "T", "drafts": "D", "spam": "J"}
_HEAD = re.compile(rb"(?:[!-9;-~]+[ \t]*:|>?From )")
_PASSED_BY = (".msf", ".dat", ".db", ".sqlite", ".json", ".html", ".lock", ".cmeta", ".ibex", ".index")
_OUTLOOK = (".pst", ".ost", ".msg", ".olm")


class Mail(NamedTuple):
    """One message: where it stands, its id (a hash of what it says where it has none), the ids of those that it answers, when it was sent
    (None: nobody knows), from whom to whom, its subject, its headers by name, its text ("" unless asked for); `dated`: the Date header
    told when."""

    place: str
    id: str
    parents: tuple[str, ...]
    when: datetime | None
    dated: bool
    sender: Address | None
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    subject: str
    headers: dict[str, str]
    flags: str
    body: str = ""


class Raw(NamedTuple):
    """A message before it is read: where it stands, its headers' bytes, when it was put there as far as the place tells, its flags in a
    Maildir (T deleted, D a draft) with what its folder is (T, D, J for junk), and its bytes, where its text is asked for."""

    place: str
    head: bytes
    put: str
    flags: str
    whole: bytes = b""


class Mailbox:
    """Files of mail. `strange` are names of files that hold none, `size` the bytes of all."""

    def __init__(self, path: str, bodies: bool = False) -> None:
        if not os.path.exists(path):
            raise NotFound(say("there is no file or folder {path!r}", path=path[-60:]))
        if path.lower().endswith(_OUTLOOK):
            raise UsageError(say("{path!r} is Outlook's own form", path=path[-60:]), "Save the mail as .eml files or export it as mbox.")
        self.path, self.bodies = path, bodies
        self.strange: list[str] = []
        self.folder = os.path.isdir(path)

    def raw(self) -> Iterator[Raw]:
        """Every message, unread. Raises UsageError for a single file that holds none."""
        if not self.folder:
            found = self._file(self.path)
            first = next(found, None)
            if first is None and self.strange:
                raise UsageError(
                    say("{path!r} is no mail", path=self.path[-60:]), "It takes mbox files, Maildirs, .eml files and folders of them."
                )
            if first is not None:
                yield first
            yield from found
            return
        for path in _files(self.path):
            yield from self._file(path)

    def _file(self, path: str) -> Iterator[Raw]:
        name = os.path.basename(path)
        if self.folder and (name.startswith(".") or name.lower().endswith(_PASSED_BY)):
            return
        try:
            stream = open(path, "rb")  # noqa: SIM115
        except OSError as error:
            if not self.folder:
                raise UsageError(say("{path!r} cannot be read: {why}", path=path[-60:], why=error.strerror)) from None
            self.strange.append(name)
            return
        role = _ROLES.get(self._place(path), "")
        with stream:
            start = stream.read(4096)
            if start.startswith(b"From "):
                yield from (raw._replace(flags=role) for raw in self._mbox(stream, name))
            elif not start.strip() and not self.folder:
                return
            elif (first := _envelope(start)) >= 0:
                yield from (raw._replace(flags=raw.flags + role) for raw in self._message(stream, path, first))
            else:
                self.strange.append(name)

    def _place(self, path: str) -> str:
        """Why what lies in a file below the folder is no conversation, by what its folders, and itself, are called."""
        if not self.folder:
            return ""
        return next(filter(None, map(place, os.path.relpath(path, self.path).split(os.sep))), "")

    def _message(self, stream: Any, path: str, first: int) -> Iterator[Raw]:
        stream.seek(first)
        head = stream.read(LONGEST_HEAD)
        end = _END.search(head)
        name = os.path.basename(path)
        _, _, flags = name.partition(":2,") if ":2," in name else name.partition("!2,")
        in_maildir = os.path.basename(os.path.dirname(path)) in ("cur", "new")
        if name.endswith(".emlx"):
            flags, in_maildir = _apples(stream, first), True
        put = name.partition(".")[0] if in_maildir and name.partition(".")[0].isdigit() else ""
        whole = (head + stream.read(LONGEST_BODY))[:LONGEST_BODY] if self.bodies else b""
        yield Raw(name, head[: end.start()] if end else head, put, flags if in_maildir else "", whole)

    def _mbox(self, stream: Any, name: str) -> Iterator[Raw]:
        with _mapped(stream) as data:
            starts = _starts(data)
            at, line = next(starts, (len(data), b""))
            number = 0
            while at < len(data):
                following, next_line = next(starts, (len(data), b""))
                number += 1
                begin = at + len(line) + 1
                end = _END.search(data, at + len(line), min(begin + LONGEST_HEAD, following))
                stop = end.start() if end else min(begin + LONGEST_HEAD, following)
                if end and (over := _counted(data, begin, end)) > following:
                    # It says how long it is: what looks like another message in it is a part of it.
                    while following < over:
                        following, next_line = next(starts, (len(data), b""))
                whole = data[begin : min(following, begin + LONGEST_BODY)] if self.bodies else b""
                yield Raw(
                    say("{name}, message {number:,}", name=name, number=number), data[begin:stop], line[5:].decode("latin-1"), "", whole
                )
                at, line = following, next_line


def _starts(data: Any) -> Iterator[tuple[int, bytes]]:
    """Where messages begin in an mbox file, and the line that they begin with. A sentence that begins with "From " has no time of day and
    no year."""
    at = 0 if data[:5] == b"From " else data.find(_MARK) + 1
    while at or data[:5] == b"From ":
        blank = at == 0 or data[at - 2 : at] == b"\n\n" or data[at - 3 : at] == b"\n\r\n"
        end = data.find(b"\n", at, at + LONGEST_MARK)
        line = data[at : at + LONGEST_MARK if end < 0 else end]
        if blank and (at == 0 or _STAMPED.search(line)):
            yield at, line
        at = data.find(_MARK, at) + 1
        if not at:
            return


def _counted(data: Any, begin: int, end: re.Match[bytes]) -> int:
    """Where a message ends that says its length (Content-Length), where that is the end of the file or another message's beginning, else
    0: many say a length that is not true."""
    found = _LENGTH.search(data, begin, end.start())
    stop = end.end() + int(found[1]) if found else 0
    ahead = data[stop : stop + 6].lstrip(b"\r\n")[:5] if found and stop <= len(data) else b"none"
    return stop if ahead in (b"From ", b"From", b"") else 0


@contextmanager
def _mapped(stream: Any) -> Iterator[Any]:
    """The bytes of a file, which only come into memory where they are looked at."""
    data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        yield data
    finally:
        # Whoever stops half way still holds a place in it: it goes with that.
        with suppress(BufferError):
            data.close()


def _apples(stream: Any, first: int) -> str:
    """The flags that Apple Mail keeps behind a message, as those of a Maildir."""
    stream.seek(0)
    digits = re.match(rb"\d{1,10}", stream.read(12))
    stream.seek(first + int(digits[0]) if digits else 0)
    found = re.search(rb"<key>flags</key>\s*<integer>(\d{1,19})</integer>", stream.read(64 << 10))
    return ("T" if int(found[1]) & 2 else "") + ("D" if int(found[1]) & 64 else "") if found else ""


def _envelope(start: bytes) -> int:
    """Where a single message begins in its file, by its first bytes; -1 where there is none. Apple Mail puts the length in front."""
    ahead = re.match(rb"(?:\xef\xbb\xbf)?\s*(?:\d{1,10} *\r?\n)?", start)
    first = ahead.end() if ahead else 0
    lines = [line.rstrip(b"\r") for line in start[first:].split(b"\n")]
    names = {line.partition(b":")[0].strip().lower() for line in lines if _HEAD.match(line)}
    return first if _HEAD.match(lines[0]) and names & {b"from", b"date", b"message-id", b"received", b"subject", b"to"} else -1


def _files(folder: str) -> Iterator[str]:
    """Every file below a folder, in order; of a Maildir not what is still being delivered."""
    for where, folders, names in os.walk(folder):
        if {"cur", "new", "tmp"} <= {*folders}:
            folders.remove("tmp")
        folders.sort()
        yield from (os.path.join(where, name) for name in sorted(names))


# One message ------------------------------------------------------------------------------------------------------------------------


def read(raw: Raw, before: datetime) -> Mail:
    """A message with its headers read; nothing in it can make this fail. Dates after `before` are none."""
    found = headers.fields(raw.head)
    when = headers.moment(found.get("date", ""), before)
    dated = when is not None
    senders = headers.addresses(found.get("from", "")) or headers.addresses(found.get("sender", ""))
    answered = (*headers.ids(found.get("in-reply-to", "")), *reversed(headers.ids(found.get("references", ""))))
    own = next((i for i in headers.ids(found.get("message-id", "")) if len(i) <= 400), "")
    return Mail(
        raw.place,
        own or _hashed(found),
        tuple(dict.fromkeys(answered))[:50],
        when or _otherwise(found, raw.put, before),
        dated,
        senders[0] if senders else None,
        tuple(headers.addresses(found.get("to", ""))),
        tuple(headers.addresses(", ".join(filter(None, (found.get("cc"), found.get("bcc")))))),
        " ".join(headers.decoded(found.get("subject", "")).split()),
        {**found, "x-gmail-labels": headers.decoded(found["x-gmail-labels"])} if "x-gmail-labels" in found else found,
        raw.flags,
        _body(raw.whole) if raw.whole else "",
    )


def _hashed(found: dict[str, str]) -> str:
    """What a message without an id is known by."""
    from hashlib import blake2b

    said = "\n".join(" ".join(found.get(name, "").split()) for name in ("from", "to", "cc", "date", "subject"))
    return "hash:" + blake2b(said.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _otherwise(found: dict[str, str], put: str, before: datetime) -> datetime | None:
    """When a message without a usable date was sent: by the last server that passed it on, else by when it was put where it is."""
    for text in (found.get("received", "").rpartition(";")[2], found.get("delivery-date", "")):
        if made := headers.moment(text, before):
            return made
    if put.isascii() and put.isdigit():
        made = datetime.fromtimestamp(int(put), UTC) if len(put) <= 10 else None
        return made if made and made <= before else None
    # What stands behind the sender in the line that begins a message of an mbox file: Mon Nov 23 10:15:00 2026.
    clock = re.search(r"([A-Z][a-z]{2} +\d{1,2}) (\d{1,2}:\d\d(?::\d\d)?)\D*?(?: [+-]\d{4})? *(\d{4})", put)
    return headers.moment(f"{clock[1]} {clock[3]} {clock[2]}", before) if clock else None


def _body(whole: bytes) -> str:
    """The text of a message as people read it; "" where there is none that can be read."""
    from email.parser import BytesParser
    from email.policy import default

    whole = re.sub(rb"(?m)^>(?=>*From )", b"", whole)
    try:
        part = BytesParser(policy=default).parsebytes(whole).get_body(("plain", "html"))
        text = "" if part is None else str(part.get_content())
        html = part is not None and part.get_content_subtype() == "html"
    except Exception:  # The library raises what it happens to on mail that breaks the rules.
        return ""
    if html:
        from html import unescape

        text = re.sub(r"(?is)<(script|style|head)\b.*?</\1\s*>", " ", text)
        text = unescape(re.sub(r"<[^<>]*>", " ", re.sub(r"(?i)<(?:br|/p|/div|/tr|/h\d)[^<>]*>", "\n", text)))
    lines = [" ".join(line.split()) if html else line.rstrip() for line in text.replace("\r\n", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_TEXT]
