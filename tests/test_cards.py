"""vCards as rows: the grammar of three versions, what programs make of it, cards that are damaged, and any text at all."""

from __future__ import annotations

import base64
import gzip
import quopri
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sfa.errors import SfaError
from sfa.reading.contentlines import escaped, folded, logical, parts_of
from sfa.reading.tabular import open_table


def read(folder: Path, text: str | bytes, encoding: str = "") -> tuple[list[tuple[int, dict[str, str], str]], tuple[str, ...]]:
    """((line, filled cells, problem) of each row, notes)."""
    path = folder / "cards.vcf"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    with open_table(str(path), encoding=encoding) as table:
        rows = [(r.line, {h: c for h, c in zip(table.header, r.cells, strict=True) if c}, r.problem) for r in table]
        assert len(set(table.header)) == len(table.header)
        return rows, table.dialect.notes


def one(folder: Path, *lines: str, version: str = "3.0", ends: str = "\r\n") -> dict[str, str]:
    """The cells of a card with these lines."""
    ((_, cells, problem),), _ = read(folder, ends.join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]))
    assert not problem
    return cells


# Grammar ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ends", ["\r\n", "\n", "\r", "\r\r\n"])
def test_every_line_end(tmp_path: Path, ends: str) -> None:
    assert one(tmp_path, "FN:Ann Ba", " ker", "NOTE:x", ends=ends) == {"name": "Ann Baker", "description": "x"}


@pytest.mark.parametrize(
    ("version", "line", "cell"),
    [
        ("3.0", r"NOTE:a\, b\; c\\d\ne\Nf", "a, b; c\\d\ne\nf"),
        ("3.0", r"NOTE:http\://x \"y\" C:\Users", 'http://x "y" C:\\Users'),
        ("2.1", r"NOTE:C:\new\, a\;b", "C:\\new, a;b"),
        ("2.1", "NOTE;QUOTED-PRINTABLE:a=0D=0Ab=3D", "a\nb="),
        ("2.1", "NOTE;ENCODING=quoted-printable;CHARSET=ISO-8859-1:Gr=FC=DFe", "Grüße"),
        ("2.1", "NOTE;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=CD=F5=CE=B0", "王伟"),
        ("4.0", 'NOTE;LANGUAGE="en:us;x":a:b', "a:b"),
        ("4.0", 'NOTE;X="open:a', "a"),
    ],
)
def test_values(tmp_path: Path, version: str, line: str, cell: str) -> None:
    assert one(tmp_path, line, version=version)["description"] == cell


def test_quoted_printable_over_several_lines(tmp_path: Path) -> None:
    text = "Straße zum Löwen, Größe äöü " * 9
    lines = quopri.encodestring(text.strip().encode()).decode().split("\n")
    assert len(lines) > 5
    assert one(tmp_path, f"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:{lines[0]}", *lines[1:], "TITLE:x", version="2.1") == {
        "description": text.strip(),
        "title": "x",
    }


def test_a_soft_break_before_a_blank_line_ends_there(tmp_path: Path) -> None:
    lines = ("ORG;ENCODING=QUOTED-PRINTABLE:=C3=84=", "", "CATEGORIES:Friends")
    assert one(tmp_path, *lines, version="2.1") == {"company": "Ä", "categories": "Friends"}


@pytest.mark.parametrize("indent", [" ", "    ", ""])
def test_pictures_are_counted_not_kept(tmp_path: Path, indent: str) -> None:
    photo = base64.b64encode(bytes(range(256)) * 3).decode()
    lines = [photo[i : i + 70] for i in range(0, len(photo), 70)]
    card = ["BEGIN:VCARD", "VERSION:2.1", "PHOTO;JPEG;ENCODING=BASE64:", *(indent + x for x in lines), "", "FN:Ann", "END:VCARD"]
    rows, notes = read(tmp_path, "\n".join(card))
    assert rows == [(1, {"name": "Ann"}, "")]
    assert notes == ("1 vCard", "1 picture, sound or key left out")


def test_groups_have_labels(tmp_path: Path) -> None:
    lines = (
        "item1.TEL:1111",
        "item1.X-ABLabel:Work",
        "item2.TEL:2222",
        "item2.X-ABLabel:_$!<Mobile>!$_",
        "item3.TEL:3333",
        "item3.X-ABLabel:Boat",
    )
    assert one(tmp_path, *lines) == {"phone": "1111", "mobile": "2222", "other_phones": "3333"}


@pytest.mark.parametrize(
    ("lines", "cells"),
    [
        (["TEL;HOME:1111", "TEL:2222"], {"phone": "2222", "other_phones": "1111"}),
        (["TEL;TYPE=work:1111", "TEL;TYPE=work;TYPE=pref:2222"], {"phone": "2222", "other_phones": "1111"}),
        (["TEL;TYPE=work;PREF=2:1111", "TEL;TYPE=work;PREF=1:2222"], {"phone": "2222", "other_phones": "1111"}),
        (['TEL;VALUE=uri;TYPE="cell,voice":tel:+1-418;ext=102;phone-context=x'], {"mobile": "+1-418 ext 102"}),
        (["TEL;CELL:\u202a+49\u00a030\u201112\u202c"], {"mobile": "+49 30-12"}),
        (["TEL;WORK:030 12,,34#", "TEL;HOME:030 12;34", "TEL;HOME:030 5"], {"phone": "030 12 ext 34", "other_phones": "030 5"}),
        (["EMAIL;TYPE=EX:/o=x", "EMAIL:a@x.example"], {"email": "a@x.example", "other properties": "EMAIL: /o=x"}),
        (["TEL;TYPE=HOMEFAX:1111", "TEL;TYPE=pager:2222"], {"fax": "1111", "pager": "2222"}),
        (["EMAIL:a@x.example", "EMAIL;PREF:b@x.example", "EMAIL:A@x.example"], {"email": "b@x.example", "other_emails": "a@x.example"}),
        (["ADR;HOME:;;1;H", "ADR;WORK:;;2;W"], {"street": "2", "city": "W", "other addresses": "1, H"}),
        (["ADR;HOME;PREF:;;1;H", "ADR;WORK:;;2;W"], {"street": "1", "city": "H", "other addresses": "2, W"}),
        (["ADR;HOME:;;;;;;", "ADR:9;;2;W"], {"street": "9\n2", "city": "W"}),
        (
            ["FN:", "N:Doe;Jo;Ann;Dr.;"],
            {"name": "Jo Ann Doe", "first_name": "Jo", "middle name": "Ann", "last_name": "Doe", "name prefix": "Dr."},
        ),
        (["FN:Acme", "N:Acme;;;;", "ORG:Acme;R&D;Lab"], {"name": "Acme", "company": "Acme", "department": "R&D, Lab"}),
        (["UID:urn:uuid:1-2", "BDAY:19800322"], {"external_id": "1-2", "birthday": "1980-03-22"}),
        (["UID:C-k7q2-12", "BDAY:--0322"], {"id": "C-k7q2-12", "birthday": "--03-22"}),
        (["FN:A", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29"], {"name": "A", "birthday": "--02-29"}),
        (["FN:A", "BDAY:soon", "LANG:de"], {"name": "A", "other properties": "BDAY: soon", "language": "de"}),
        (
            ["CATEGORIES:VIP,no e-mail", "X-SFA-OPT-OUT-SMS:2026-03-04 web"],
            {"categories": "VIP", "opt_out_email": "yes", "opt_out_sms": "2026-03-04 web"},
        ),
        (["X-SFA-OPT-OUT-EMAIL:2026-03-04 web", "CATEGORIES:No e-mail"], {"opt_out_email": "2026-03-04 web"}),
        (["X-MANAGER:Ann", "IMPP:skype:jo", "X-AIM:jo5"], {"other properties": "X-MANAGER: Ann", "messaging": "skype:jo, aim: jo5"}),
    ],
)
def test_what_goes_where(tmp_path: Path, lines: list[str], cells: dict[str, str]) -> None:
    assert one(tmp_path, *lines, version="2.1") == cells


def test_a_card_in_a_card_is_its_agent(tmp_path: Path) -> None:
    text = "BEGIN:VCARD\nFN:Boss\nAGENT:\nBEGIN:VCARD\nFN:Secretary\nEND:VCARD\nTITLE:CEO\nEND:VCARD\n"
    assert read(tmp_path, text)[0] == [(1, {"name": "Boss", "title": "CEO"}, "")]


def test_an_agent_that_never_ends_takes_in_no_neighbour(tmp_path: Path) -> None:
    text = "BEGIN:VCARD\nFN:Boss\nAGENT:\nBEGIN:VCARD\nFN:Secretary\nEND:VCARD\nBEGIN:VCARD\nFN:Ann\nEND:VCARD\n"
    assert [(line, cells["name"], bool(problem)) for line, cells, problem in read(tmp_path, text)[0]] == [
        (1, "Boss", True),
        (7, "Ann", False),
    ]


def test_lists_of_cards_are_left_out_and_said(tmp_path: Path) -> None:
    text = "BEGIN:VCARD\nFN:Friends\nX-ADDRESSBOOKSERVER-KIND:group\nEND:VCARD\nBEGIN:VCARD\nFN:Ann\nEND:VCARD\n"
    assert read(tmp_path, text) == ([(5, {"name": "Ann"}, "")], ("1 vCard", "1 group left out: lists of other cards"))


# Files ------------------------------------------------------------------------------------------------------------------------------

CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë Müller\r\nEND:VCARD\r\n"


@pytest.mark.parametrize(
    "content",
    [
        CARD.encode(),
        b"\xef\xbb\xbf" + CARD.encode(),
        CARD.encode("utf-16"),
        gzip.compress(CARD.encode(), mtime=0),
        b"\r\n \r\n" + CARD.encode(),
    ],
)
def test_encodings_and_packing(tmp_path: Path, content: bytes) -> None:
    ((_, cells, problem),), _ = read(tmp_path, content)
    assert (cells, problem) == ({"name": "Zoë Müller"}, "")


def test_a_guess_is_said_and_can_be_overruled(tmp_path: Path) -> None:
    rows, notes = read(tmp_path, CARD.encode("cp1252"))
    assert rows[0][1] == {"name": "Zoë Müller"}
    assert any("guess" in n for n in notes)
    rows, notes = read(tmp_path, CARD.encode("cp850"), encoding="cp850")
    assert rows[0][1] == {"name": "Zoë Müller"}


# Damage -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (
            "BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nEND:VCARD\n",
            [(1, "A", "line 1: this card never ends: another begins in line 3"), (3, "B", "")],
        ),
        ("BEGIN:VCARD\nFN:A\nEND:VCARD\nBEGIN:VCARD\nFN:B\n", [(1, "A", ""), (4, "B", "line 4: this card never ends")]),
        (
            "BEGIN:VCARD\nFN:A\nNOTE:one\ntwo\nEND:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD",
            [(1, "A", "line 4: 'two' is no property: a line that should have been folded?"), (6, "B", "")],
        ),
        ("BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE:=FF=FE\nEND:VCARD\n", [(1, "", "line 2: FN cannot be read as utf-8")]),
        ("BEGIN:VCARD\nFN;CHARSET=NONE;ENCODING=QUOTED-PRINTABLE:a\nEND:VCARD\n", [(1, "", "line 2: FN cannot be read as NONE")]),
        (
            "BEGIN:VCARD\nFN:A\nEND:VCARD\nlost\nfound\nBEGIN:VCARD\nFN:B\nEND:VCARD",
            [(1, "A", ""), (4, "", "line 4: 'lost' belongs to no card"), (6, "B", "")],
        ),
        # What is left out anyway is no reason against a card.
        ("BEGIN:VCARD\nFN:A\nORG:x\nORG;ENCODING=QUOTED-PRINTABLE:=80\nEND:VCARD\n", [(1, "A", "")]),
    ],
)
def test_damaged_cards_are_rows_with_a_reason(tmp_path: Path, text: str, rows: list[tuple[int, str, str]]) -> None:
    assert [(line, cells.get("name", ""), problem) for line, cells, problem in read(tmp_path, text)[0]] == rows


def test_a_file_of_something_else_is_not_taken_for_cards(tmp_path: Path) -> None:
    assert read(tmp_path, "name,email\nBEGIN:VCARD,a@x.example\n")[0] == [(2, {"name": "BEGIN:VCARD", "email": "a@x.example"}, "")]


def test_a_card_without_bounds_is_not_held_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfa.reading.cards.LONGEST", 2000)
    text = "BEGIN:VCARD\nFN:A\n" + "NOTE:x\n" * 1000 + "END:VCARD\nBEGIN:VCARD\nFN:B\nEND:VCARD\n"
    rows, _ = read(tmp_path, text)
    assert [(line, cells["name"], problem.partition("than")[0]) for line, cells, problem in rows] == [
        (1, "A", "line 1: this card is longer "),
        (1004, "B", ""),
    ]


# Any text ---------------------------------------------------------------------------------------------------------------------------

LINES = st.one_of(
    st.sampled_from(
        [
            "BEGIN:VCARD",
            "END:VCARD",
            "begin:vcard ",
            "VERSION:2.1",
            "AGENT:",
            "KIND:group",
            "FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=C3=",
            "=91;",
            " folded",
            "PHOTO;BASE64:",
            "AAAA",
            "",
            "N:a;b\\;c;",
            'TEL;TYPE="x,y:1',
            "item1.X-ABLabel:_$!<Work>!$_",
            "EMAIL;PREF=0:x",
        ]
    ),
    st.text(max_size=30),
    st.builds(
        "{}{}:{}".format,
        st.sampled_from(["FN", "N", "ORG", "ADR", "TEL", "EMAIL", "NOTE", "UID", "BDAY", "URL", "item1.TEL", "X-SFA-"]),
        st.sampled_from(
            ["", ";CELL", ";TYPE=WORK,PREF", ";ENCODING=QUOTED-PRINTABLE", ";ENCODING=B", ";CHARSET=GBK", ";PREF=\u00b2", ";=;;"]
        ),
        st.text(max_size=30),
    ),
)


@given(st.lists(LINES, max_size=30), st.sampled_from(["\n", "\r\n", "\r"]))
@example(["END:VCARD", "BEGIN:VCARD"], "\n")
@example(["000\0", "BEGIN:VCARD"], "\r\n")
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, lines: list[str], ends: str) -> None:
    text = ends.join(["BEGIN:VCARD", *lines])
    folder = tmp_path_factory.getbasetemp()
    try:
        rows, notes = read(folder, text)
    except SfaError:
        return
    begun = sum(1 for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n") if line.strip().lower() == "begin:vcard")
    left = sum(int(n.split()[0].replace(",", "")) for n in notes if "left out: lists" in n)
    strays = sum("belongs to no card" in problem for _, _, problem in rows)
    nested = begun - (len(rows) - strays + left)
    # Every card is a row, sound or with a reason, or a group that is said; only an agent's card stands within another.
    assert nested >= 0
    assert nested == 0 or any(line.partition(":")[0].upper().startswith("AGENT") for line in lines)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])), st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_folding_and_escaping_come_undone(one: str, other: str) -> None:
    line = f"N:{escaped(one)};{escaped(other)}"
    written = folded(line)
    assert all(len(piece.encode()) <= 75 for piece in written.split("\r\n"))
    ((_, again),) = logical(enumerate(written.split("\r\n")[:-1], 1))
    assert again == line
    assert len(parts_of(again[2:])) == 2
