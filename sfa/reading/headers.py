"""The headers of a mail: cut out of its bytes, unfolded, decoded (RFC 5322, 2047), whatever they are made of.

The standard library's parser takes about a millisecond for a message and raises on what mailers really send; of a mail only a few headers
matter here, and each of them is read by itself. What cannot be read is shown as it stands, never left out.
"""

from __future__ import annotations

import re
from binascii import Error as BadBase64
from binascii import a2b_base64, a2b_qp
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

WANTED = frozenset(
    b"from sender to cc bcc date subject message-id in-reply-to references return-path received delivery-date content-type list-id"
    b" list-post list-unsubscribe precedence auto-submitted x-autoreply x-autorespond x-spam-flag x-mozilla-status x-gmail-labels".split()
)
_JOINED = frozenset((b"to", b"cc", b"bcc"))
_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?]*)?\?([bBqQ])\?([^?]*)\?=")
_WORDS = re.compile(rf"{_WORD.pattern}(?:\s*{_WORD.pattern})*")
_CODECS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-euc-jp": "euc-jp",
    "big5": "cp950",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-8-e": "iso-8859-8",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
}
"""What mailers write more than the charset that they name has, and names that Python does not know."""
_TOKEN = re.compile(r'"((?:[^"\\]|\\.){0,500})"|\(((?:[^()\\]|\\.){0,500})\)|<([^<>]{0,1000})>|([,;:])|([^"(<,;:]+|.)', re.DOTALL)
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]]{1,64}@[^\s@<>,;:\"()\[\]]{1,255}")
_ZONES = {
    "CET": "+0100",
    "MET": "+0100",
    "MEZ": "+0100",
    "CEST": "+0200",
    "MEST": "+0200",
    "MESZ": "+0200",
    "BST": "+0100",
    "WEST": "+0100",
    "EET": "+0200",
    "EEST": "+0300",
    "MSK": "+0300",
    "IST": "+0530",
    "SGT": "+0800",
    "HKT": "+0800",
    "JST": "+0900",
    "KST": "+0900",
    "AEST": "+1000",
    "AEDT": "+1100",
    "NZST": "+1200",
    "NZDT": "+1300",
}
_FARTHEST = 14 * 3600
"""Seconds that a clock on earth may be ahead of UTC, or behind."""
_EARLIEST = datetime(1971, 1, 1, tzinfo=UTC)

Address = tuple[str, str]
"""(Name, address in lower case); the name may be blank."""


def fields(block: bytes) -> dict[str, str]:
    """The wanted headers of a block by name in lower case: unfolded, as text, not yet decoded. Of several the first counts; recipients
    are joined."""
    found: dict[bytes, bytes] = {}
    name = b""
    for line in block.split(b"\n"):
        if line[:1] in b" \t" and line:
            if name:
                found[name] += b" " + line.strip()
            continue
        head, colon, value = line.partition(b":")
        name = head.rstrip().lower() if colon else b""
        if name not in WANTED:
            name = b""
        elif name not in found:
            found[name] = value.strip()
        elif name in _JOINED:
            found[name] += b", " + value.strip()
        else:
            name = b""
    charset = re.search(rb'(?i)charset="?([\w.:-]+)', found.get(b"content-type", b""))
    own = charset[1].decode("ascii") if charset else ""
    return {key.decode("ascii"): _text(value, own) for key, value in found.items()}


def _text(raw: bytes, charset: str) -> str:
    """Bytes of a header: ASCII as it should be, else UTF-8, else what the message says that its body is in."""
    if raw.isascii():
        return raw.decode("ascii")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _read(raw, charset)


def _codec(charset: str) -> str:
    """The codec that a charset's name means: `x-sjis`, `cp-850`, `GB2312` too."""
    name = charset.lower()
    name = _CODECS.get(name) or _CODECS.get(plain := name.removeprefix("x-")) or plain
    return re.sub(r"\Acp-(?=\d)", "cp", name)


def _read(raw: bytes, charset: str) -> str:
    codec = _codec(charset)
    # Circled figures and the like stand in what calls itself iso-2022-jp.
    for each in (codec or "cp1252", *(("iso2022_jp_2004",) if codec == "iso-2022-jp" else ())):
        try:
            return raw.decode(each)
        except (LookupError, UnicodeError):
            pass
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        # Shift states and half characters: what can be read of it in its own charset says more than all of it in a wrong one.
        try:
            return raw.decode(codec or "cp1252", "replace")
        except (LookupError, UnicodeError):
            return raw.decode("cp1252", "replace")


def decoded(text: str) -> str:
    """A header's text with its encoded words read. Words of one charset that follow each other are read together: mailers cut characters
    in two."""
    return _WORDS.sub(lambda run: "".join(_run(run[0])), text) if "=?" in text else text


def _run(text: str) -> Iterator[str]:
    charset, parts = "", b""
    for word in _WORD.finditer(text):
        if parts and word[1].lower() != charset:
            yield _read(parts, charset)
            parts = b""
        charset = word[1].lower()
        parts += _bytes(word[2], word[3])
    yield _read(parts, charset)


def _bytes(how: str, text: str) -> bytes:
    raw = text.encode("utf-8", "replace")
    if how in "qQ":
        return a2b_qp(raw, header=True)
    try:
        return a2b_base64(raw + b"=" * (-len(raw) % 4))
    except BadBase64:
        return raw


def addresses(text: str) -> list[Address]:
    """The addresses of a header, members of groups among them, each once. What is no address (undisclosed-recipients, Exchange's own
    names) is left out."""
    if not text:
        return []
    out: dict[str, str] = {}
    words: list[str] = []
    comment = angle = ""
    for quoted, remark, inside, mark, plain in (*_TOKEN.findall(text), ("", "", "", ",", "")):
        if inside:
            angle = inside
        elif remark:
            comment = remark
        elif not mark:
            words.append(re.sub(r"\\(.)", r"\1", quoted) if quoted else plain)
        else:
            # What stands in front of a colon is the name of a group.
            if mark != ":" and (found := _ADDRESS.search(angle) or _ADDRESS.search("".join(words))):
                name = "".join(words).strip() if angle else comment
                out.setdefault(found[0].lower().rstrip("."), decoded(name).strip("'\" \t"))
            words, comment, angle = [], "", ""
    return [(name if name.lower() != address else "", address) for address, name in out.items()]


def ids(text: str) -> list[str]:
    """The message ids of a header, without their brackets; of ids that are none (`<>`) nothing."""
    return [made for found in re.findall(r"<([^<>]+)>", text) if (made := "".join(found.split()))] or [
        word for word in text.split()[:1] if word.strip("<>")
    ]


def moment(text: str, before: datetime) -> datetime | None:
    """A header's date, in UTC; None where it is none, or one that no mail of today can have."""
    from email.utils import parsedate_tz

    if not text:
        return None
    # Nov. 2026 and Fr., and zones that RFC 5322 does not name.
    text = re.sub(r"(?<=[A-Za-z])\.", "", text)
    text = re.sub(r"\b(?:UTC|GMT) ?([+-]\d\d):?(\d\d)\b", r"\1\2", text)
    text = re.sub(r"\b[A-Z]{3,4}\b(?=\W*\Z)", lambda zone: _ZONES.get(zone[0], zone[0]), text)
    try:
        parts = parsedate_tz(text)
        if parts is None:
            made = datetime.fromisoformat(text.strip())
            made = made.replace(tzinfo=made.tzinfo or UTC).astimezone(UTC)
        else:
            year, month, day, hour, minute, second = parts[:6]
            if abs(parts[9] or 0) > _FARTHEST:
                return None
            made = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC) - timedelta(seconds=parts[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None
    return made.replace(microsecond=0) if _EARLIEST <= made <= before else None
