"""What names, e-mails and phones come down to when they are compared: without capitals, accents, order, nicknames and legal forms.

Keys only; what two records with the same keys are to each other is decided in `matching.py`. A name that is not blank never comes down
to nothing: Chinese, Japanese and Korean names are their own characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from sfa.sales.phones import phone_key

Record = dict[str, Any]

_ROLE_ADDRESSES = """
info sales contact office admin support hello mail team service kontakt buchhaltung einkauf verkauf vertrieb accounts accounting
billing finance invoices orders purchasing procurement marketing press jobs hr help enquiries inquiries reception postmaster
webmaster noreply no-reply newsletter feedback general secretary empfang post ventas contacto comercial contabilidad"""
ROLE_ADDRESSES = frozenset(_ROLE_ADDRESSES.split())
_FREE_DOMAINS = """
gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com aol.com gmx.de gmx.net
web.de proton.me protonmail.com mail.ru yandex.ru qq.com 163.com 126.com foxmail.com sina.com naver.com orange.fr free.fr
libero.it t-online.de yahoo.co.uk yahoo.co.jp mac.com pm.me hey.com duck.com mail.com gmx.at gmx.ch gmx.com fastmail.com tutanota.com
posteo.de mailbox.org freenet.de arcor.de bluewin.ch outlook.de outlook.fr hotmail.de hotmail.fr hotmail.it hotmail.es hotmail.co.uk live.de
live.fr live.co.uk yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.ca yahoo.com.br yahoo.com.cn yahoo.co.in rocketmail.com aol.de comcast.net
verizon.net att.net sbcglobal.net cox.net btinternet.com wanadoo.fr laposte.net sfr.fr virgilio.it tiscali.it alice.it wp.pl o2.pl onet.pl
interia.pl seznam.cz centrum.cz rediffmail.com uol.com.br bol.com.br terra.com.br yeah.net sina.cn sohu.com aliyun.com 139.com 189.cn
daum.net hanmail.net nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp bk.ru list.ru inbox.ru rambler.ru yandex.com ukr.net"""
FREE_DOMAINS = frozenset(_FREE_DOMAINS.split())
_LEGAL_FORMS = """
ltd limited llc llp lp inc incorporated corp corporation co company plc gmbh mbh ag kg kgaa ohg ug gbr ev eg aktiengesellschaft
se sa sas sasu sarl eurl sci snc srl srls spa sl slu slp ltda lda cv rl bv nv vof oy oyj ab as asa aps ks kft zrt bt nyrt sro doo dd ad
ood eood oo zoo spz spj sia uab pty pte pvt private sdn bhd tbk kk gk ооо оао зао пао ао ип тоо тов
ذمم شمم شمل شمك شذمم محدودة المحدودة"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
LEADING_FORMS = frozenset(["ооо", "оао", "зао", "пао", "ао", "ип", "тоо", "тов", "чп", "pt", "شركة"])
"""Legal forms that stand in front of the name."""
_JOINTS = frozenset(["de", "s", "z", "sp", "spol", "i", "o", "und", "and", "et", "mit"])
"""What stands between the parts of a legal form: S.A. de C.V., Sp. z o.o."""
LEGAL_FORMS_CJK = (
    *("股份有限公司", "有限责任公司", "有限責任公司", "有限公司", "株式会社", "合同会社", "有限会社", "合資会社"),
    *("유한책임회사", "유한회사", "주식회사", "(株)", "(有)", "(주)"),
)
_PARTICLES = frozenset(["and", "und", "et", "y", "e", "the", "&", "of"])
_HONORIFICS = frozenset(
    ["mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "mme", "mlle", "sr", "sra", "srta", "dott", "ing", "mag", "dipl"]
)
_GENERATIONS = frozenset(["jr", "junior", "ii", "iii", "iv"])
_NICKNAMES = """
robert bob rob bobby robbie bert | william bill will billy willy liam | richard dick rick rich ricky | james jim jimmy jamie
john jack johnny jon | michael mike mick mickey mikey | joseph joe joey | thomas tom tommy | charles charlie chuck
edward ed eddie ted ned | theodore theo | daniel dan danny | david dave davey | andrew andy drew | anthony tony toni antonio anton
nicholas nick nicolas niko klaus | christopher chris kit | stephen steve steven stefan stephan | matthew matt mathew | samuel sam sammy
benjamin ben benny | alexander alex sasha alec lex саша саня | gregory greg | patrick pat paddy | peter pete | timothy tim | kenneth ken
ronald ron ronnie | donald don donnie | lawrence larry laurie | raymond ray | frederick fred freddy fritz friedrich | philip phil phillip
geoffrey geoff jeff jeffrey | gerald gerry jerry | walter walt | leonard len lenny leo | francis frank frankie | henry harry hank heinrich
elizabeth liz lizzie beth betty eliza lisa elisabeth | margaret maggie meg peggy margarete greta | katherine kate kathy katie
katherine catherine cathy kathryn katharina kasia | jennifer jen jenny | susan sue susie susanne
patricia patty tricia | deborah deb debbie | barbara barb
rebecca becky | victoria vicky | jessica jess jessie | samantha sammie | alexandra sandra | christina christine tina | theresa terry tess
johannes hans hannes | wolfgang wolf | ulrich uli | matthias matze | maximilian max | sebastian basti | manfred manni | dieter didi
jose pepe ze | josef sepp | francisco paco pancho chico | ignacio nacho | dolores lola | manuel manolo | guadalupe lupe | concepcion concha
giuseppe pino peppe beppe | luigi gigi | giovanni gianni vanni | francesca franca | cornelis kees | hendrik henk | dmitri dima dmitry дима
mikhail misha миша | vladimir vova volodya вова володя | ekaterina katya катя | natalia natasha наташа | malgorzata gosia | aleksandr шура
"""
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": ""}
)
_CLASSES = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556", "hw")
IDEOGRAPHS = re.compile("[\u1100-\u11ff\u2e80-\u9fff\ua000-\ua4cf\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]")


class Name(NamedTuple):
    """A person's name for comparing: all its words in order of the alphabet, given and family name, the given name that a nickname
    stands for, and junior or III."""

    words: str
    given: str
    family: str
    canonical: str
    generation: str


@lru_cache(maxsize=100_000)
def folded(text: str | None) -> str:
    """Without capitals and accents; a mark that makes another letter (a Japanese dakuten) stays."""
    if not text:
        return ""
    plain = text.strip().casefold()
    if plain.isascii():
        return plain
    plain = unicodedata.normalize("NFKD", plain)
    plain = "".join(c for c in plain if not ("\u0300" <= c <= "\u036f" or "\u064b" <= c <= "\u0652"))
    return unicodedata.normalize("NFC", plain).translate(_PLAIN_LETTERS)


NICKNAMES = {folded(n): folded(words[0]) for line in re.split(r"[|\n]", _NICKNAMES) if (words := line.split()) for n in words}
"""Given name → the one that it stands for, or is written like elsewhere."""


@lru_cache(maxsize=100_000)
def _words(text: str) -> tuple[str, ...]:
    plain = folded(text)
    return (plain,) if plain.isascii() and plain.isalpha() else tuple(re.findall(r"\w+", plain.replace("'", "").replace("’", "")))


def name(record: Record) -> Name:
    """The parts of a person's name, from its own fields or from the whole name: `Zhang, Wei` is `Wei Zhang`, titles do not count."""
    first, last = record.get("first_name") or "", record.get("last_name") or ""
    if not (first and last):
        whole = " ".join(p for p in (first, last) if p) or record.get("name") or ""
        before, comma, behind = whole.partition(",")
        first, last = (behind, before) if comma and _words(behind) and not {*_words(behind)} <= _GENERATIONS else ("", whole)
    elif first.endswith(","):
        first, last = last, first
    given, family = list(_words(first)), list(_words(last))
    generation = next((w for w in (*given, *family) if w in _GENERATIONS), "")
    if not _DROPPED.isdisjoint((*given, *family)):
        given = [w for w in given if w not in _DROPPED] or given
        family = [w for w in family if w not in _DROPPED] or family
    if not given and len(family) > 1:
        given, family = family[:-1], family[-1:]
    return _made(given, family, generation)


_DROPPED = _HONORIFICS | _GENERATIONS


def _made(given: list[str], family: list[str], generation: str) -> Name:
    together = "".join((*family, *given))
    if IDEOGRAPHS.search(together):
        # Family and given name stand together or apart, in either order: the characters are the name.
        whole = "".join(sorted(together))
        if not given and 2 <= len(together) <= 4:
            given, family = [together[1:]], [together[0]]
        return Name(whole, "".join(given), "".join(family), "".join(given), generation)
    first = given[0] if given else ""
    return Name(" ".join(sorted((*given, *family))), first, " ".join(family), NICKNAMES.get(first, first), generation)


def name_key(record: Record) -> str:
    """A person's name without capitals, accents and order: `Zhang, Wei` is `wei zhang`."""
    return name(record).words


@lru_cache(maxsize=100_000)
def phonetic(word: str) -> str:
    """What a word sounds like: its first letter and up to three classes of consonants, as in Soundex; of other scripts its beginning.
    Never blank unless the word is."""
    if not word.isascii():
        return word if IDEOGRAPHS.search(word) else word[:4]
    plain = re.sub(r"[^a-z]", "", word)
    if not plain:
        return word[:4]
    plain = plain.replace("ph", "f")
    plain = re.sub("^(?:kn|gn)", "n", re.sub("^[cq]", "k", plain))
    head = {"j": "y", "z": "s"}.get(plain[0], plain[0])
    classes = re.sub(r"(\d)\1+", r"\1", plain.translate(_CLASSES))
    tail = re.sub(r"\D", "", classes[1:] if classes[:1].isdigit() else classes)
    return head + tail[:3]


@lru_cache(maxsize=100_000)
def company_key(name: str | None) -> str:
    """A company's name without capitals, accents, punctuation, `and` and its legal form: `Smith & Sons GmbH & Co. KG` is `smith sons`."""
    plain = re.sub(r"(?<=\b\w)/(?=\w\b)", "", re.sub(r"(?<=\w)\.\s?(?=\w\b)", "", folded(name)))
    for form in LEGAL_FORMS_CJK:
        plain = plain.removesuffix(form).removeprefix(form).strip() or plain
    words = re.findall(r"\w+", plain.replace("'", "").replace("’", ""))
    formal = False
    while len(words) > 1 and (words[-1] in LEGAL_FORMS or (formal and words[-1] in _JOINTS)):
        formal = True
        words.pop()
    while len(words) > 1 and words[0] in LEADING_FORMS:
        words.pop(0)
    kept = [w for w in words if w not in _PARTICLES]
    return " ".join(kept if kept else words)


def emails(record: Record) -> frozenset[str]:
    """Every e-mail address of a record, in lower case."""
    email, others = record.get("email"), record.get("other_emails")
    if not others:
        return frozenset((email.strip().lower(),)) if email and email.strip() else frozenset()
    return frozenset(e.strip().lower() for e in (email or "", *others.split(",")) if e.strip())


def mailbox(email: str) -> str:
    """The mailbox behind an address, in lower case: what follows a + is a label of its owner's, and at Google dots mean nothing."""
    local, _, domain = email.strip().lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in ("gmail.com", "googlemail.com"):
        local, domain = local.replace(".", ""), "gmail.com"
    return f"{local}@{domain}"


def is_role(email: str) -> bool:
    """Whether an address belongs to a function (info@, sales@ …) rather than to a person."""
    return re.split(r"[+.\d]", email.partition("@")[0].lower(), maxsplit=1)[0] in ROLE_ADDRESSES


def domains(record: Record, mails: Iterable[str] | None = None) -> frozenset[str]:
    """The company's domains that a record shows: of its website, and of its e-mails unless a public provider's."""
    web = (record.get("website") or "").strip().lower()
    if web:
        web = re.sub(r"^[a-z]+://", "", web).partition("/")[0].removeprefix("www.")
    found = {web, *(e.rpartition("@")[2] for e in (emails(record) if mails is None else mails))}
    found.discard("")
    return frozenset(found) - FREE_DOMAINS


def phones(record: Record) -> frozenset[str]:
    """The keys of every number of a record that is long enough to tell anything: eight digits."""
    texts = [t for n in ("phone", "mobile") if (t := record.get(n))]
    if others := record.get("other_phones"):
        texts += others.split(",")
    return frozenset(k for k in map(phone_key, texts) if len(k) >= 8)
