"""Mail as programs write it: boxes of every kind against the standard library, headers that break every rule, and any bytes at all."""

from __future__ import annotations

import email.policy
import email.utils
import mailbox
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfa.errors import NotFound, UsageError
from sfa.reading import headers
from sfa.reading.mail import Mail, Mailbox, Raw, read

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def everything(path: Path, bodies: bool = False) -> list[Mail]:
    return [read(raw, NOW) for raw in Mailbox(str(path), bodies).raw()]


def one(block: bytes) -> Mail:
    return read(Raw("x", block, "", ""), NOW)


def message(number: int, sender: str = "王伟 <wei@x.example>", subject: str = "Angebot für Zähler, 王伟") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, '"Ferrari, Änna" <anna@house.example>, bo@house.example', f"{subject} {number}"
    made["Date"] = email.utils.format_datetime(datetime(2026, 11, 1 + number, 9, 30, tzinfo=UTC))
    made["Message-ID"] = f"<{number}.{'x' * 60}@x.example>"
    made.set_content(f"Hello\n\nFrom here on it is number {number}.\nFrom: somebody\n")
    made.add_attachment(b"\x00\x01" * 2000, maintype="application", subtype="octet-stream", filename="a.bin")
    return made


def add_to(box: mailbox.Mailbox[mailbox.Message], many: int = 5) -> None:
    for i in range(many):
        box.add(message(i))
    box.flush()


@pytest.mark.parametrize("kind", ["mbox", "Maildir", "MH", "eml", "crlf"])
def test_boxes_that_the_standard_library_writes(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "box"
    if kind in ("mbox", "crlf"):
        add_to(mailbox.mbox(path))
    elif kind == "Maildir":
        add_to(mailbox.Maildir(path))
        (path / "tmp" / "half").write_bytes(b"From: x@x.example\nSubject: half\n")
    elif kind == "MH":
        add_to(mailbox.MH(path))
    else:
        path.mkdir()
        for i in range(5):
            (path / f"{i}.eml").write_bytes(message(i).as_bytes(policy=email.policy.SMTP))
    if kind == "crlf":
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    found = sorted(everything(path), key=lambda m: m.when or NOW)
    assert [m.subject for m in found] == [f"Angebot für Zähler, 王伟 {i}" for i in range(5)]
    assert [m.id for m in found] == [f"{i}.{'x' * 60}@x.example" for i in range(5)]
    assert {m.sender for m in found} == {("王伟", "wei@x.example")}
    assert {m.to for m in found} == {(("Ferrari, Änna", "anna@house.example"), ("", "bo@house.example"))}
    assert [m.when for m in found] == [datetime(2026, 11, 1 + i, 9, 30, tzinfo=UTC) for i in range(5)]


def test_text_is_read_where_it_is_asked_for(tmp_path: Path) -> None:
    add_to(mailbox.mbox(tmp_path / "box"), 2)
    assert [m.body for m in everything(tmp_path / "box")] == ["", ""]
    assert everything(tmp_path / "box", bodies=True)[1].body == "Hello\n\nFrom here on it is number 1.\nFrom: somebody"
    html = EmailMessage()
    html["From"], html["Subject"] = "a@x.example", "x"
    html.set_content("<style>p{}</style><p>Good &amp; <b>cheap</b></p><p>Wei</p>", subtype="html")
    (tmp_path / "h.eml").write_bytes(html.as_bytes())
    assert everything(tmp_path / "h.eml", bodies=True)[0].body == "Good & cheap\nWei"


def test_a_sentence_that_begins_with_from_is_no_message(tmp_path: Path) -> None:
    path = tmp_path / "inbox"
    path.write_bytes(
        b"From - Fri Nov 20 09:15:00 2026\nFrom: a@x.example\nSubject: one\n\nDear all,\n\nFrom now on prices rise.\n\n"
        b"From b@x.example Sat Nov 21 09:15:00 2026\nFrom: b@x.example\nSubject: two\n\nx\n"
    )
    assert [(m.subject, str(m.when)[:16], m.dated) for m in everything(path)] == [
        ("one", "2026-11-20 09:15", False),
        ("two", "2026-11-21 09:15", False),
    ]


def test_folders_pass_over_what_is_no_mail(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    (folder / "deep").mkdir(parents=True)
    add_to(mailbox.mbox(folder / "deep" / "Inbox"), 2)
    (folder / "deep" / "Inbox.msf").write_bytes(b"// <!-- mork -->")
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "1.emlx").write_bytes(b"123       \nFrom: a@x.example\nSubject: Apple\n\nx")
    box = Mailbox(str(folder))
    assert [read(raw, NOW).subject for raw in box.raw()][:1] == ["Apple"]
    assert box.strange == ["photo.png"]


def test_a_length_that_is_true_is_believed(tmp_path: Path) -> None:
    inner = b"See below\n\nFrom b@x.example Sat Nov 21 09:15:00 2026\nFrom: b@x.example\nSubject: inner\n\nx\n"
    start = b"From - Fri Nov 20 09:15:00 2026\nFrom: a@x.example\nSubject: outer\nContent-Length: %d\n\n"
    last = b"From c@x.example Sat Nov 21 10:15:00 2026\nFrom: c@x.example\nSubject: last\n\nx\n"
    path = tmp_path / "inbox"
    for length, subjects in ((len(inner), ["outer", "last"]), (7, ["outer", "inner", "last"]), (10**9, ["outer", "inner", "last"])):
        path.write_bytes(start % length + inner + b"\n" + last)
        assert [m.subject for m in everything(path)] == subjects
        path.write_bytes(start % length + inner)
        assert [m.subject for m in everything(path)] == subjects[:-1]


def test_folders_say_what_lies_in_them(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    for name in (".INBOX.Trash/cur", ".Entwürfe/cur", "Junk.mbox/Messages", ".Sent/cur", "Archive.sbd"):
        (folder / name).mkdir(parents=True)
        for number in range(2):
            (folder / name / f"{number}").write_bytes(f"From: a@x.example\nSubject: {name}\n\nx".encode())
    (folder / "Archive.sbd" / "Deleted Items").write_bytes(b"From - Fri Nov 20 09:15:00 2026\nFrom: a@x.example\nSubject: box\n\nx")
    assert {(m.subject.partition("/")[0], m.flags) for m in everything(folder)} == {
        (".INBOX.Trash", "T"),
        (".Entwürfe", "D"),
        ("Junk.mbox", "J"),
        (".Sent", ""),
        ("Archive.sbd", ""),
        ("box", "T"),
    }
    assert [m.flags for m in everything(folder / "Junk.mbox" / "Messages")] == ["", ""]


@pytest.mark.parametrize(("number", "flags"), [(8623750145, ""), (8623750147, "T"), (65, "D")])
def test_what_apple_mail_writes(tmp_path: Path, number: int, flags: str) -> None:
    text = b"From: a@x.example\nSubject: Apple\n\nx\n"
    plist = f"<?xml version='1.0'?><plist><dict><key>flags</key>\n\t<integer>{number}</integer></dict></plist>".encode()
    (tmp_path / "1.emlx").write_bytes(f"{len(text)}      \n".encode() + text + plist)
    (found,) = everything(tmp_path / "1.emlx")
    assert (found.subject, found.flags) == ("Apple", flags)


@pytest.mark.parametrize("ahead", [b"\xef\xbb\xbf", b"\r\n\r\n", b"\n"])
def test_what_stands_in_front_of_a_message_costs_no_header(tmp_path: Path, ahead: bytes) -> None:
    (tmp_path / "1.eml").write_bytes(ahead + b"From: a@x.example\nSubject: x\n\n")
    assert [m.sender for m in everything(tmp_path / "1.eml")] == [("", "a@x.example")]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("Fri, 20 Nov. 2026 10:00:00 +0100", "09:00"),
        ("Fri, 20 Nov 2026 10:00:00 CET", "09:00"),
        ("Fri, 20 Nov 2026 10:00:00 (JST)", "10:00"),
        ("Fri, 20 Nov 2026 10:00:00 JST", "01:00"),
        ("Fri, 20 Nov 2026 10:00:00 EST", "15:00"),
        ("Fri, 20 Nov 2026 10:00:00 UTC+01:00", "09:00"),
        ("Fri, 20 Nov 2026 10:00:00 +2500", None),
    ],
)
def test_zones_of_a_date(text: str, at: str | None) -> None:
    found = headers.moment(text, NOW)
    assert (found and f"{found:%H:%M}") == at


def test_ids_that_are_none_are_nobodys() -> None:
    found = [
        one(b"From: a@x.example\nSubject: %d\nMessage-ID: %b\n" % (n, i)) for n, i in enumerate((b"<>", b"<>", b"<a b@x>", b"<a c@x>"))
    ]
    assert len({m.id for m in found}) == 4 and found[2].id == "ab@x"


def test_what_is_no_mail_at_all(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("name,email\nWei,wei@x.example\n")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "a.pst").write_bytes(b"!BDN")
    with pytest.raises(UsageError, match="is no mail"):
        everything(tmp_path / "a.csv")
    with pytest.raises(UsageError, match="Outlook"):
        everything(tmp_path / "a.pst")
    with pytest.raises(NotFound):
        everything(tmp_path / "none")
    assert everything(tmp_path / "empty") == []


def test_a_huge_message_is_read_by_its_headers(tmp_path: Path) -> None:
    path = tmp_path / "huge.eml"
    with path.open("wb") as stream:
        stream.write(b"From: a@x.example\nSubject: huge\n\n")
        for _ in range(64):
            stream.write(b"A" * (1 << 20))
    (raw,) = Mailbox(str(path)).raw()
    assert len(raw.head) < 100 and read(raw, NOW).subject == "huge"
    path.write_bytes(b"From: a@x.example\nSubject: long\nX: " + b"A" * (4 << 20))
    (raw,) = Mailbox(str(path)).raw()
    assert len(raw.head) == 256 << 10 and read(raw, NOW).subject == "long"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("=?utf-8?B?546L5Lyf?=", "王伟"),
        ("=?UTF-8?Q?Gr=C3=BC=C3=9Fe_aus?= Wien", "Grüße aus Wien"),
        # A character cut in two by the mailer: the words are read together.
        ("=?utf-8?B?546L5L==?= =?utf-8?B?vJ8=?=", "王伟"),
        ("=?gb2312?B?sai82w==?=", "报价"),
        ("=?x-sjis?B?jKmQz4dA?=", "見積①"),
        ("=?shift_jis?B?7uCLtA==?=", "髙橋"),
        ("=?cp-850?B?gg==?=", "é"),
        ("=?ISO-8859-8-I?B?5Pby5A==?=", "הצעה"),
        ("=?windows-874?B?w9Kk0g==?=", "ราคา"),
        ("=?iso-2022-jp?B?GyQoUS0hGyRCOCtAURsoQg==?=", "①見積"),
        ("=?big5?B?+daj4Q==?=", "碁€"),
        ("=?iso-8859-6?B?5dHNyMc=?=", "مرحبا"),
        ("=?windows-1252?Q?=80_5?=", "€ 5"),
        ("=?no-such-charset?Q?caf=C3=A9?=", "café"),
        ("=?utf-8?B?bm90?= base64!?=", "not base64!?="),
        ("=?utf-8*en?Q?tagged?=", "tagged"),
        ("a =?utf-8?Q?b?= =?utf-8?Q?c?= d", "a bc d"),
        # A codec that is none of texts.
        ("=?hex?Q?41?=", "41"),
        ("plain ? = text", "plain ? = text"),
    ],
)
def test_encoded_words(text: str, said: str) -> None:
    assert headers.decoded(text) == said


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("wei@X.example", [("", "wei@x.example")]),
        ("Wei Zhang <wei@x.example>", [("Wei Zhang", "wei@x.example")]),
        ('"Zhang, Wei (Sales)" <wei@x.example>', [("Zhang, Wei (Sales)", "wei@x.example")]),
        ("wei@x.example (Wei Zhang)", [("Wei Zhang", "wei@x.example")]),
        ("Team: a@x.example, Bo <b@x.example>;, c@x.example", [("", "a@x.example"), ("Bo", "b@x.example"), ("", "c@x.example")]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?Q?Zhang=2C_Wei?= <wei@x.example>, 'Bo' <bo@x.example>", [("Zhang, Wei", "wei@x.example"), ("Bo", "bo@x.example")]),
        ("wei@x.example <wei@x.example>", [("", "wei@x.example")]),
        ("a@x.example, A <a@x.example>", [("", "a@x.example")]),
        ("<wei@x.example", [("", "wei@x.example")]),
        ('"unclosed <wei@x.example>', [("unclosed", "wei@x.example")]),
        ("/O=ORG/OU=EX/CN=WEI", []),
        ("wei at x.example", []),
        ("张伟 <wei@例子.example>", [("张伟", "wei@例子.example")]),
        ("a@x.example; b@x.example", [("", "a@x.example"), ("", "b@x.example")]),
    ],
)
def test_addresses(text: str, found: list[tuple[str, str]]) -> None:
    assert headers.addresses(text) == found


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Fri, 20 Nov 2026 09:15:00 +0100", "2026-11-20 08:15"),
        ("20 Nov 2026 09:15 EST", "2026-11-20 14:15"),
        ("Fri, 20 Nov 2026 09:15:00 -0000", "2026-11-20 09:15"),
        ("Fri, 20 Nov 26 09:15:00 GMT", "2026-11-20 09:15"),
        ("2026-11-20T09:15:00+01:00", "2026-11-20 08:15"),
        ("Fri, 20 Nov 2026 09:15:00 +0100 (CET)", "2026-11-20 08:15"),
        ("Fri, 20 Nov 2036 09:15:00 +0000", None),
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),
        ("Fri, 99 Nov 2026 09:15:00 +0100", None),
        ("Fri, 31 Feb 2026 09:15:00 +0100", None),
        ("Fri, 20 Nov 2026 25:15:00 +0100", None),
        ("Fri, 20 Nov 2026 09:15:60 +0000", "2026-11-20 09:15"),
        ("yesterday", None),
        ("", None),
        ("Fri, 20 Nov 2026 09:15:00 +999999999999", None),
    ],
)
def test_dates(text: str, when: str | None) -> None:
    found = headers.moment(text, NOW)
    assert (str(found)[:16] if found else None) == when


def test_a_date_is_taken_from_where_there_is_one() -> None:
    received = b"Received: from a by b; Fri, 20 Nov 2026 09:15:00 +0100\n"
    made = one(b"From: a@x.example\nDate: odd\n" + received + b"Received: from c; Thu, 19 Nov 2026 09:15:00 +0100\nSubject: x")
    assert (str(made.when)[:16], made.dated) == ("2026-11-20 08:15", False)
    assert one(b"From: a@x.example\nSubject: x").when is None
    assert str(read(Raw("x", b"From: a@x.example", "1795252500", ""), NOW).when)[:16] == "2026-11-21 09:15"


def test_junk_in_headers_is_shown_as_far_as_it_can_be_read() -> None:
    assert one("Subject: Grüße".encode("latin-1")).subject == "Grüße"
    assert one("Subject: Grüße".encode()).subject == "Grüße"
    assert one("Content-Type: text/plain; charset=gbk\nSubject: 报价".encode("gbk")).subject == "报价"
    assert one(b"Subject : spaced\nno colon here\nFROM:a@x.example\n\tfolded <b@x.example>").subject == "spaced"
    assert one(b"Subject: one\n two\n\tthree").subject == "one two three"
    assert one(b"Subject: first\nSubject: second").subject == "first"
    assert one(b"Subject: \x1b[31mred\x1b[0m\x00").subject


def test_without_an_id_it_is_known_by_what_it_says() -> None:
    first, same, other = (one(b"From: a@x.example\nSubject: " + s) for s in (b"x", b" x ", b"y"))
    assert first.id.startswith("hash:") and first.id == same.id != other.id
    assert one(b"Message-ID: <" + b"x" * 5000 + b">").id.startswith("hash:")
    assert one(b"Message-ID: bare@x.example").id == "bare@x.example"
    assert one(b"References: <1@x> <2@x>\nIn-Reply-To: <2@x>").parents == ("2@x", "1@x")


NAMES = st.sampled_from(
    [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"Content-Type", b"Received", b"X-Mozilla-Status"]
)
PIECES = st.sampled_from(
    [b"=?utf-8?B?", b"?=", b"<", b">", b'"', b"(", b"\\", b":", b";", b",", b"@", b"a@x.example", b"\n ", b"\xff", b"20 Nov 2026"]
)
VALUES = st.one_of(st.binary(max_size=40), st.lists(PIECES, max_size=12).map(b"".join))


@given(st.lists(st.tuples(NAMES, VALUES).map(lambda p: p[0] + b": " + p[1]), max_size=12).map(b"\n".join), st.text(max_size=30))
@settings(max_examples=300, deadline=None)
def test_any_headers_are_read(block: bytes, put: str) -> None:
    made = read(Raw("x", block, put, ""), NOW)
    assert made.id and all("@" in a for _, a in (*made.to, *made.cc))
    for _, address in made.to:
        assert address == address.lower() and " " not in address


@given(
    st.lists(
        st.one_of(st.binary(max_size=60), st.sampled_from([b"From a Fri Nov 20 09:15:00 2026\n", b"\n\n", b"\r\n\r\n", b"From: a@x\n"])),
        max_size=20,
    )
)
@settings(max_examples=200, deadline=None)
def test_any_file_is_mail_or_refused(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(b"".join(parts))
    try:
        everything(path, bodies=True)
    except UsageError:
        return


def test_thousands_of_quotes_take_no_time() -> None:
    from time import process_time

    before = process_time()
    for text in ('"' * 100_000, '"\\' * 50_000, "(" * 100_000, "<" * 100_000, "=?" * 50_000, "a@" * 50_000):
        headers.addresses(text)
        headers.decoded(text)
    assert process_time() - before < 5
