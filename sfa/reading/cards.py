"""vCards (2.1, 3.0, 4.0) as a table: one row a card, columns named like our fields, so that an import takes them as it takes a CSV file.

The lines are `contentlines.py`'s. What there is no field for is a column all the same, and told as left out or fed by a map file to a
field of the company's own; pictures and keys are counted only. A card that cannot be trusted is a row with the reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, TextIO

from sfa.messages import say
from sfa.reading.contentlines import LONGEST, Problem, Property, logical, parse, parts_of, physical, text_of
from sfa.reading.tabular import Row

COLUMNS = (
    "id",
    "external_id",
    "name",
    "first_name",
    "last_name",
    "middle name",
    "name prefix",
    "name suffix",
    "nickname",
    "company",
    "department",
    "title",
    "role",
    "email",
    "other_emails",
    "phone",
    "mobile",
    "other_phones",
    "fax",
    "pager",
    "street",
    "city",
    "state",
    "postal_code",
    "country",
    "other addresses",
    "website",
    "other websites",
    "description",
    "birthday",
    "language",
    "anniversary",
    "messaging",
    "categories",
    "other titles",
    "other companies",
)
"""The columns that a file of cards can have, in order, besides those that its own properties name."""
_OTHER = "other properties"
_STRAY = "belongs to no card"
_OURS = "X-SFA-"
"""What a property begins with that says one of our fields by name."""
_OWN_ID = re.compile(r"(?i)[CL]-[0-9a-z]{4}-[0-9]{1,12}\Z")
_BEGIN = re.compile(r"(?i)\s*BEGIN\s*:\s*VCARD\s*\Z")
_END = re.compile(r"(?i)\s*END\s*:\s*VCARD\s*\Z")
_AGENT = re.compile(r"(?i)(?:[\w-]+\.)?AGENT[^:]*:\s*\Z")
_TECHNICAL = re.compile(
    "VERSION|PRODID|REV|CLASS|PROFILE|MAILER|SORT-STRING|NAME|SOURCE|CLIENTPIDMAP|XML|LABEL|KIND|X-AB(?:UID|LABEL|ADR|SHOWAS)|X-GENERATOR|"
    "X-ADDRESSBOOKSERVER-KIND|X-ID|X-ETAG|X-MS-OL-.*|X-(?:EVOLUTION-)?FILE-AS|X-COUCHDB-APPLICATION-ANNOTATIONS|X-IMAGE(?:TYPE|HASH)"
)
"""Properties that say something about the card, not about the person."""
_BINARY = frozenset(("PHOTO", "LOGO", "SOUND", "KEY", "X-MS-CARDPICTURE"))
_TO = {
    "NICKNAME": "nickname",
    "ROLE": "role",
    "LANG": "language",
    "ANNIVERSARY": "anniversary",
    "X-ANNIVERSARY": "anniversary",
    "X-EVOLUTION-ANNIVERSARY": "anniversary",
    "X-MS-ANNIVERSARY": "anniversary",
}
"""Properties that only go into columns that we have no field for."""
_MESSAGING = re.compile(
    "IMPP|X-(?:AIM|ICQ|JABBER|MSN|YAHOO|SKYPE|SKYPE-USERNAME|GTALK|GOOGLE-TALK|QQ|MS-IMADDRESS|TWITTER|SOCIALPROFILE|GADUGADU|GROUPWISE|SIP)"
)
_JUST_WORDS = frozenset(("pref", "voice", "text", "msg", "video", "internet", "parcel", "postal", "dom", "intl"))
_OPTOUTS = {
    "no e-mail": "opt_out_email",
    "no calls": "opt_out_phone",
    "no letters": "opt_out_mail",
    "no text messages": "opt_out_sms",
    "no visits": "opt_out_visit",
    "do not contact": "do_not_contact",
}
"""Categories that say what a person does not want; other programs keep those where they drop properties that they do not know."""


class Card(NamedTuple):
    """One card, or what stands in its place: the line where it begins, its cells by column, why it cannot be trusted, whether it is a group
    (a list of other cards), how many pictures, sounds and keys it had."""

    line: int
    cells: dict[str, str]
    problem: str = ""
    group: bool = False
    binary: int = 0


def survey(stream: TextIO, codec: str) -> tuple[list[str], list[str]]:
    """The columns that the cards of a file fill, in our order, and what there is to say about the file."""
    used, many, groups, binary = Counter[str](), 0, 0, 0
    for card in cards(stream, codec):
        many += not card.group and not card.problem.endswith(_STRAY)
        groups += card.group
        binary += card.binary
        if not card.group:
            used.update(card.cells.keys())
    order = {name: n for n, name in enumerate(COLUMNS)}
    extra = [name for name in used if name not in order and name != _OTHER]
    notes = [say("{many:,} vCard{s}", many=many, s="s" if many != 1 else "")]
    if groups:
        notes.append(say("{groups:,} group{s} left out: lists of other cards", groups=groups, s="s" if groups > 1 else ""))
    if binary:
        notes.append(say("{binary:,} picture{s}, sound{s} or key{s} left out", binary=binary, s="s" if binary > 1 else ""))
    known = sorted((n for n in used if n in order), key=order.__getitem__)
    return [*known, *extra, *([_OTHER] if _OTHER in used else [])] or ["name"], notes


def rows(stream: TextIO, codec: str, header: list[str]) -> Iterator[Row]:
    """Each card as a row of `header`."""
    for card in cards(stream, codec):
        if not card.group:
            yield Row(card.line, [card.cells.get(name, "") for name in header], card.problem)


def cards(stream: TextIO, codec: str) -> Iterator[Card]:
    """Every card of a text, in order; text that belongs to no card stands in the place of one, with a problem."""
    start, nested, stray, size = 0, 0, False, 0
    lines: list[tuple[int, str]] = []
    for number, line in physical(stream):
        if _BEGIN.match(line):
            while lines and not lines[-1][1].strip():
                lines.pop()
            if start and lines and not nested and _AGENT.match(lines[-1][1]):
                lines.pop()
                nested += 1
            else:
                if start:
                    yield _card(
                        start,
                        lines,
                        codec,
                        say("line {start}: this card never ends: another begins in line {number}", start=start, number=number),
                    )
                start, lines, nested, size = number, [], 0, 0
            stray = False
        elif _END.match(line) and start:
            if nested:
                nested -= 1
            else:
                yield _card(start, lines, codec, _too_long(start, size))
                start, lines = 0, []
        elif start:
            size += len(line)
            if not nested and size <= LONGEST:
                lines.append((number, line))
        elif line.strip("\ufeff \t\x1a"):
            if not stray:
                short = line.strip()
                yield Card(number, {_OTHER: short}, say("line {number}: {short!r} {stray}", number=number, short=short[:40], stray=_STRAY))
            stray = True
    if start:
        yield _card(start, lines, codec, say("line {start}: this card never ends", start=start))


def _too_long(line: int, size: int) -> str:
    return (
        say("line {line}: this card is longer than {longest} million characters", line=line, longest=LONGEST >> 20)
        if size > LONGEST
        else ""
    )


def _card(line: int, lines: list[tuple[int, str]], codec: str, problem: str = "") -> Card:
    found: list[Property] = []
    for number, text in logical(lines):
        try:
            found.append(parse(number, text))
        except Problem as error:
            problem = problem or str(error)
    reader = _Reader(found, codec)
    try:
        reader.read()
    except Problem as error:
        problem = problem or str(error)
    cells = {name: text for name, text in reader.cells.items() if text}
    return Card(line, cells, problem, reader.group, reader.binary)


class _Reader:
    """Makes the cells of one card out of its properties."""

    def __init__(self, found: list[Property], codec: str) -> None:
        self.codec, self.cells, self.binary = codec, dict[str, str](), 0
        self.by_name: dict[str, list[Property]] = {}
        for p in found:
            self.by_name.setdefault(p.name, []).append(p)
        self.old = any(p.value.strip() == "2.1" for p in self.by_name.get("VERSION", []))
        self.group = any(p.value.strip().lower() == "group" for n in ("KIND", "X-ADDRESSBOOKSERVER-KIND") for p in self.by_name.get(n, []))
        labels = ((p.group.lower(), self._loosely(p)) for p in self.by_name.get("X-ABLABEL", []) if p.group)
        self.labels = {g: re.sub(r"_\$!<(.*)>!\$_", r"\1", label).strip().lower() for g, label in labels}

    def read(self) -> None:
        """Fill the cells. Raises Problem where a property that feeds a field is no text."""
        self._rest()
        self._id()
        self._emails()
        self._phones()
        self._single("TITLE", "title", "other titles")
        self._addresses()
        self._websites()
        self._name()
        self._company()
        self._join("description", [self._text(p) for p in self.by_name.get("NOTE", [])], "\n")

    # Helpers ------------------------------------------------------------------------------------------------------------------------

    def _text(self, found: Property, raw: str | None = None) -> str:
        return text_of(found, found.value if raw is None else raw, self.codec, self.old)

    def _loosely(self, found: Property, raw: str | None = None) -> str:
        """The text of what only goes into columns that are left out: a bad byte in it is no reason against the card."""
        try:
            return text_of(found, found.value if raw is None else raw, self.codec, self.old, strict=False)
        except Problem:
            return ""

    def _parts(self, found: Property) -> list[str]:
        parts = parts_of(found.value)
        if found.encoding == "QUOTED-PRINTABLE":
            # Some phones break lines between parts and join them again, but for the sign of it.
            parts = [p.removesuffix("=") for p in parts]
        return [self._text(found, p) for p in parts]

    def _join(self, column: str, texts: list[str], by: str = ", ") -> None:
        texts = list(dict.fromkeys(t for t in texts if t))
        if texts:
            self.cells[column] = by.join([*([self.cells[column]] if self.cells.get(column) else []), *texts])

    def _types(self, found: Property) -> set[str]:
        """What kind of phone, e-mail or address a property is: its types and the label that its group has."""
        types = found.types
        if label := self.labels.get(found.group.lower()):
            types |= {label}
        return types

    @staticmethod
    def _preference(found: Property) -> int:
        """1 is the most preferred, 100 one of which nothing is said."""
        for text in found.parameters.get("PREF", []):
            if text.isdecimal():
                return max(1, min(99, int(text[:3])))
        return 1 if "pref" in found.types else 100

    def _preferred(self, name: str) -> list[Property]:
        return sorted((p for p in self.by_name.get(name, []) if p.value.strip(" ;")), key=self._preference)

    def _single(self, name: str, column: str, others: str) -> None:
        found = self._preferred(name)
        for p in found[:1]:
            self.cells[column] = self._text(p)
        self._join(others, [self._loosely(p) for p in found[1:]])

    # Fields -------------------------------------------------------------------------------------------------------------------------

    def _name(self) -> None:
        for p in self.by_name.get("N", [])[:1]:
            parts = self._parts(p)
            for column, part in zip(("last_name", "first_name", "middle name", "name prefix", "name suffix"), parts, strict=False):
                self.cells[column] = part
        names = [self._text(p) for p in self.by_name.get("FN", [])]
        self.cells["name"] = next((n for n in names if n), "")
        if self.cells.get("last_name") == self.cells["name"] and not self.cells.get("first_name"):
            # A name that nobody has divided.
            self.cells.pop("last_name", None)
        if not self.cells["name"]:
            middle = self.cells.get("middle name", "")
            first, last = self.cells.get("first_name", ""), self.cells.get("last_name", "")
            self.cells["name"] = " ".join(filter(None, (first, middle, last))) if middle else ""

    def _id(self) -> None:
        for p in self.by_name.get("UID", [])[:1]:
            text = re.sub(r"(?i)^urn:uuid:", "", self._text(p))
            own = _OWN_ID.match(text)
            self.cells["id" if own else "external_id"] = text

    def _company(self) -> None:
        found = self._preferred("ORG")
        for p in found[:1]:
            name, *units = self._parts(p)
            self.cells["company"] = name
            self._join("department", units)
        self._join("other companies", [self._loosely(p).replace(";", ", ") for p in found[1:]])

    def _emails(self) -> None:
        texts = []
        for p in self._preferred("EMAIL"):
            text = re.sub(r"(?i)^mailto:", "", self._text(p))
            if p.types & {"x400", "ex"}:
                # An address within Exchange or an older mail system.
                self._join(_OTHER, [f"EMAIL: {text}"], "\n")
            else:
                texts.append(text)
        texts = list({t.lower(): t for t in reversed(texts) if t}.values())[::-1]
        self.cells["email"] = "".join(texts[:1])
        self.cells["other_emails"] = ", ".join(texts[1:])

    def _phones(self) -> None:
        sorts: dict[str, list[str]] = {"fax": [], "pager": [], "mobile": [], "phone": [], "plain": [], "other": []}
        for p in self._preferred("TEL"):
            sorts[_sort(self._types(p))].append(_number(self._text(p)))
        if not sorts["phone"]:
            sorts["phone"], sorts["plain"] = sorts["plain"][:1], sorts["plain"][1:]
        self.cells["phone"], self.cells["mobile"] = ("".join(sorts[n][:1]) for n in ("phone", "mobile"))
        others = [*sorts["phone"][1:], *sorts["mobile"][1:], *sorts["plain"], *sorts["other"]]
        self._join("other_phones", [n for n in others if n not in (self.cells["phone"], self.cells["mobile"])])
        self._join("fax", sorts["fax"])
        self._join("pager", sorts["pager"])

    def _addresses(self) -> None:
        found = self._preferred("ADR")
        chosen = next((p for p in found if self._preference(p) < 100), None)
        chosen = chosen or next((p for p in found if "work" in self._types(p)), None) or (found[0] if found else None)
        for p in found:
            if p is not chosen:
                self._join("other addresses", [", ".join(filter(None, (self._loosely(p, part) for part in parts_of(p.value))))], "\n")
                continue
            box, extended, street, city, state, code, country = [*self._parts(p), *[""] * 7][:7]
            self.cells["street"] = "\n".join(filter(None, (box, extended, street)))
            self.cells |= {"city": city, "state": state, "postal_code": code, "country": country}

    def _websites(self) -> None:
        found = self._preferred("URL")
        found.sort(key=lambda p: self._preference(p) if self._preference(p) < 100 else 100 if "work" in self._types(p) else 101)
        texts = list(dict.fromkeys(self._loosely(p) for p in found))
        self.cells["website"] = "".join(texts[:1])
        self._join("other websites", texts[1:], "\n")

    def _rest(self) -> None:
        """What has a column of its own that nothing here is done with, and all that has none."""
        for name, found in self.by_name.items():
            for p in found:
                if name in _BINARY or p.encoding in ("B", "BASE64") or p.value.startswith("data:"):
                    self.binary += bool(p.value.strip())
                elif name.startswith(_OURS):
                    self.cells[name.removeprefix(_OURS).lower().replace("-", "_")] = self._text(p)
                elif name == "CATEGORIES":
                    self._categories(p)
                elif name in _TO:
                    self._join(_TO[name], [self._loosely(p)])
                elif _MESSAGING.fullmatch(name):
                    text, service = self._loosely(p), "" if name == "IMPP" else name.removeprefix("X-").lower() + ": "
                    self._join("messaging", [service + text if text else ""])
                elif name == "BDAY":
                    self._birthday(p)
                elif name not in _READ and not _TECHNICAL.fullmatch(name):
                    label = self.labels.get(p.group.lower(), "") or name
                    if text := self._loosely(p):
                        self._join(_OTHER, [f"{label}: {text}"], "\n")

    def _categories(self, found: Property) -> None:
        for word in (w.strip() for w in self._loosely(found).split(",")):
            if column := _OPTOUTS.get(word.lower()):
                self.cells.setdefault(column, "yes")
            else:
                self._join("categories", [word])

    def _birthday(self, found: Property) -> None:
        """A whole date, or a month and a day: `--0322` as vCard 4.0 has it, or with a year that is to be left out, as Apple writes it."""
        if "birthday" in self.cells:
            return
        text = self._loosely(found)
        omitted = {*found.parameters.get("X-APPLE-OMIT-YEAR", []), "1604"}
        if day := re.match(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)", text):
            year, *rest = day.groups()
            self.cells["birthday"] = "-".join(["-" if year in omitted else year, *rest])
        elif day := re.match(r"--(\d\d)-?(\d\d)(?!\d)", text):
            self.cells["birthday"] = "-".join(["-", *day.groups()])
        elif text:
            self._join(_OTHER, [f"BDAY: {text}"], "\n")


_READ = frozenset(("N", "FN", "UID", "ORG", "EMAIL", "TEL", "TITLE", "ADR", "URL", "NOTE", "BEGIN", "END"))


def _number(text: str) -> str:
    """A phone number without what phones put around it: marks of direction, odd blanks and dashes; digits to be dialled later are an
    extension."""
    text = re.sub("[\u200b-\u200f\u202a-\u202e\u2066-\u2069]", "", text)
    text = re.sub("[\u2010-\u2015]", "-", text.replace("\u00a0", " ").replace("\u202f", " "))
    if text.lower().startswith("tel:"):
        text = re.sub(r"(?i)^tel:|;(?!ext=)[^;]*", "", text)
    return re.sub(r"(?i)(?<=\d)\s*(?:;ext=|[,;pw]+)\s*(\d{1,12})#?\Z", r" ext \1", text).strip()


def _sort(types: set[str]) -> str:
    """Which of our fields a phone with these types is for; a plain one is nobody's in particular."""
    words = types - _JUST_WORDS
    if any("fax" in w for w in words):
        return "fax"
    if any("pager" in w for w in words):
        return "pager"
    if words & {"cell", "mobile", "iphone", "pcs", "car"}:
        return "mobile"
    if "work" in words:
        return "phone"
    return "plain" if words <= {"main"} else "other"
