"""What may be handed to another program, and that nothing else ever is."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sfa.errors import Refused
from sfa.sales import addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("blue.example", "https://blue.example"),
        ("www.blue.example/a b".replace(" ", "%20"), "https://www.blue.example/a%20b"),
        ("HTTP://Blue.example", "http://Blue.example"),
        (" https://blue.example/x?y=1&z=2#top ", "https://blue.example/x?y=1&z=2#top"),
        ("blue.example:8080/x", "https://blue.example:8080/x"),
        ("https://blue.example/北京", "https://blue.example/%E5%8C%97%E4%BA%AC"),
        ('https://blue.example/"><script>', "https://blue.example/%22%3E%3Cscript%3E"),
        ("https://192.168.0.1/", "https://192.168.0.1/"),
        ("https://blue.example/@me", "https://blue.example/@me"),
    ],
)
def test_web_pages(text: str, address: str) -> None:
    assert addresses.web(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "file:///etc/passwd",
        "/etc/passwd",
        "\\\\server\\share",
        "data:text/html,x",
        "ftp://blue.example",
        "mailto:a@b.example",
        "smb://x/y",
        "-x",
        "--new-window",
        "https://",
        "https://bank.example@other.example/",
        "https://other.example\\@bank.example",
        "blue",
        "a b.example",
        "https://blue.example/\nx",
        "https://blue.example:port/",
        "https://[::1",
        "",
    ],
)
def test_what_is_no_web_page(text: str) -> None:
    with pytest.raises(Refused):
        addresses.web(text)


def test_mail_and_phone() -> None:
    assert addresses.mail("wei.zhang+x@blue.example") == "mailto:wei.zhang+x@blue.example"
    assert addresses.mail("a?cc=b@c.example") == "mailto:a%3Fcc=b@c.example".replace("=", "%3D")
    assert addresses.mail("a&b%0d@c.example") == "mailto:a%26b%250d@c.example"
    for wrong in ("", "wei", "a@b@c", "a b@c.example", "<a@b.example>", "a@b.example,c@d.example", "a@b.example\nBcc:x"):
        with pytest.raises(Refused):
            addresses.mail(wrong)
    assert addresses.phone("+4930901820") == "tel:+4930901820"
    assert addresses.phone("+49 (30) 90 18-20 ext. 12") == "tel:+4930901820;ext=12"
    assert addresses.phone("030/901820") == "tel:030901820"
    for wrong in ("", "call me", "12"):
        with pytest.raises(Refused):
            addresses.phone(wrong)


@given(st.text() | st.from_regex(r"(https?:|file:|-|javascript:)?(//)?[^\x00]{0,30}"))
@example("https:/x.yz")
def test_nothing_else_ever_comes_out(text: str) -> None:
    for make, form in (
        (addresses.web, r"https?://[!-~]+"),
        (addresses.mail, r"mailto:[!-~]+@[!-~]+"),
        (addresses.phone, r"tel:\+?[0-9]+(;ext=[0-9]+)?"),
    ):
        try:
            made = make(text)
        except Refused:
            continue
        assert re.fullmatch(form, made), made
        assert not set(made) & set(" \"'<>\\^`{|}") - {"'"}, made
