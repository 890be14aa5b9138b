"""Web pages, mail addresses and phone numbers as addresses that another program can be handed. What records hold is other people's text:
nothing but http, https, mailto and tel ever comes out of here, and nothing that a program could take for an option."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from sfa.errors import Refused
from sfa.messages import say

_SAFE = "/:?#[]@!$&'()*+,;=%-._~"
_HOST = r"(?:[\w-]+\.)+[\w-]{2,}\.?|localhost|\d+\.\d+\.\d+\.\d+"


def web(text: str) -> str:
    """A web page's address: https where none is said. Raises Refused for any other scheme, for a host that is none, for one that hides
    behind a user's name (https://bank.example@other.example)."""
    text = text.strip()
    if not text.isprintable() or re.search(r"\s", text):
        raise _no(text)
    if not re.match(r"(?i)https?://", text):
        if re.match(r"(?i)[a-z][a-z0-9+.-]*:(?!\d)", text) or text.startswith(("/", "\\", "-", ".")):
            raise _no(text)
        text = "https://" + text
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise _no(text) from None
    if "@" in parts.netloc or "\\" in text or not re.fullmatch(_HOST, host):
        raise _no(text)
    scheme, rest = text.split(":", 1)
    return f"{scheme.lower()}:{quote(rest, safe=_SAFE)}"


def _no(text: str) -> Refused:
    shown = "".join(c if c.isprintable() else "?" for c in text[:60])
    return Refused(say("{shown!r} is not the address of a web page", shown=shown), "Only http and https are opened.")


def mail(address: str) -> str:
    """A mail address as mailto:. Raises Refused for what is none."""
    address = address.strip()
    if not re.fullmatch(r"[^\s@<>\"(),:;\\]+@[^\s@<>\"(),:;\\]+", address) or not address.isprintable():
        raise Refused(say("{address!r} is no e-mail address", address=address[:60]))
    return "mailto:" + quote(address, safe="@+._-~!$*")


def phone(number: str) -> str:
    """A phone number as tel:, its extension behind it. Raises Refused for what has no digits."""
    main, _, more = re.sub(r"(?i)\s*(?:ext\.?|x|;ext=|durchwahl)\s*(\d+)\s*\Z", r"#\1", number.strip()).partition("#")
    digits = re.sub(r"\D", "", main)
    extension = re.sub(r"\D", "", more)
    if len(digits) < 3:
        raise Refused(say("{number!r} is no phone number", number=number[:60]))
    return f"tel:{'+' if main.lstrip().startswith('+') else ''}{digits}{f';ext={extension}' if extension else ''}"
