"""How a value of each type is read from text and shown again: one reader and three writers (for people, for pipes, for JSON).

References are read by the store, which alone can look them up; here they are text.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from sfa.errors import BadValue, did_you_mean
from sfa.messages import say, together
from sfa.sales import dates, moments, money
from sfa.sales.fields import PEOPLE_END
from sfa.sales.groups import ALSO_CALLED
from sfa.sales.kinds import Field

_TRUE = "1 yes y true t on x ✓ ✔ ja oui si sí sim da tak wahr vrai vero verdadero verdadeiro 是 有 真 はい 예"
_FALSE = "0 no n false f off ✗ nein non não nao нет nie nej nee falsch faux falso 否 无 假 いいえ 아니요"
TRUE, FALSE = frozenset(_TRUE.split()), frozenset(_FALSE.split())
FIGURES = frozenset(("ratio", "days", "count"))
LONGEST = 50_000_000
_CONTROL = (
    "\x1b\\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f"
    "\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_EMAIL = r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]+\Z"
_PHONE = r"(?i)[+(]?[\d\s().\-/+*#]*\d[\d\s().\-/+*#]*(?:\s*(?:x|ext\.?|extension)\s*\d+)?\Z"
_NUMBER = r"[+-]?(?:\d{1,15}(?:\.\d{1,9})?|\d\.\d{1,16}E\d{1,2})\Z"


class Context(NamedTuple):
    """What reading a value needs to know: the calendar, the currency of cells without one, the decimal mark ("" infers), the source
    named on an opt-out that gives none; whether `phones` are kept in one form (e164) or as_written, and the `region` of those that name
    no country; the words that stand for a blank cell of a file."""

    calendar: dates.Calendar
    currency: str = "USD"
    decimal: str = ""
    source: str = ""
    phones: str = "e164"
    region: str = ""
    blanks: frozenset[str] = frozenset()


def quoted(text: str) -> str:
    """`text` for an error message: visible, on one line, at most 60 characters."""
    text = visible(text).replace("\n", " ")
    return repr(text if len(text) <= 60 else text[:57] + "...")


def visible(text: str) -> str:
    """`text` without control characters, terminal escapes, marks and overrides of direction, blanks without a width and lone surrogates;
    tabs and line ends stay."""
    if text.isprintable():
        return text
    return re.sub(_CONTROL, "", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean(text: str) -> str:
    """Text as it is stored: no NUL, no surrounding blanks, line ends as LF, composed (NFC). Raises BadValue where it is not text at all."""
    text = text.strip()
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    import unicodedata

    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadValue(
            say("{text} is not valid text", text=quoted(text)),
            "It holds bytes that are not UTF-8; write it again, or import it with --encoding.",
        ) from None
    if len(text) > LONGEST:
        raise BadValue(
            say("a text of {count:,} characters is too long", count=len(text)), say("At most {longest:,} are kept.", longest=LONGEST)
        )
    return unicodedata.normalize("NFC", text).replace("\0", "").strip("\ufeff \u00a0\t\r\n")


def read(field: Field, text: str, context: Context, currency: str = "") -> Any:
    """The stored form of `text` for `field`, or None for blank. Raises BadValue naming the field.

    money: int minor units of `currency` (else the context's); date: 'YYYY-MM-DD'; stamp: UTC 'YYYY-MM-DDTHH:MM:SSZ';
    bool: 0 or 1; percent: 0..100; many: comma-joined; ref and external: the text."""
    text = clean(text)
    if not text:
        return None
    try:
        if field.many:
            return _many(field, text)
        return _READERS.get(field.type, _text)(field, text, context, currency)
    except BadValue as error:
        if error.message.startswith(field.title + ":"):
            raise
        raise BadValue(say("{title}: {message}", title=field.title, message=error.message), error.hint) from None


def _text(field: Field, text: str, context: Context, currency: str) -> str:
    return text


def _money(field: Field, text: str, context: Context, currency: str) -> int:
    wanted = currency or context.currency
    got = money.parse(text, wanted, context.decimal or None)
    if got.currency != wanted:
        raise BadValue(
            say("{text} is in {currency}, the record in {wanted}", text=quoted(text), currency=got.currency, wanted=wanted),
            say("Give the currency too: currency={currency}", currency=got.currency),
        )
    return got.amount


def _date(field: Field, text: str, context: Context, currency: str) -> str:
    return dates.parse_date(text, context.calendar).isoformat()


def _stamp(field: Field, text: str, context: Context, currency: str) -> str:
    return moments.stamp_text(moments.parse_stamp(text, context.calendar))


def _period(field: Field, text: str, context: Context, currency: str) -> str:
    period = dates.parse_period(text, context.calendar)
    return dates.period_key(period.start, period.end)


def _choice(field: Field, text: str, context: Context, currency: str) -> str:
    return choose(field, text)


def choose(field: Field, text: str) -> str:
    """The choice that `text` names: exactly, else by an unambiguous beginning. Raises BadValue with the list."""
    wanted = text.strip().lower().replace(" ", "_").replace("-", "_")
    folded = {c.lower().replace(" ", "_").replace("-", "_"): c for c in field.choices}
    if wanted in folded:
        return folded[wanted]
    if field.name in ("kind", "channel") and (other := ALSO_CALLED.get(wanted)) in field.choices:
        return str(other)
    starts = [c for f, c in folded.items() if f.startswith(wanted)]
    if len(starts) == 1 and len(wanted) > 1:
        return starts[0]
    raise BadValue(
        say("{text} is not one of its values", text=quoted(text)),
        say("{near}Values: {choices}", near=did_you_mean(text[:60], *field.choices), choices=together(", ", field.choices)),
    )


def _many(field: Field, text: str) -> str:
    parts = [p for p in (p.strip() for p in re.split(r"[,;\n]", text)) if p]
    one = field._replace(many=False)
    if one.type == "choice":
        return ",".join(dict.fromkeys(choose(one, p) for p in parts))
    read_one = _email if one.type == "email" else _phone if one.type == "phone" else _tag
    return ",".join(dict.fromkeys(read_one(one, p, None, "") for p in parts))


def _tag(field: Field, text: str, context: Context | None, currency: str) -> str:
    """A word of a list that people make up: without its # and in small letters, so that one word has one form."""
    return "-".join(text.lstrip("#").casefold().split())


def _duration(field: Field, text: str, context: Context, currency: str) -> int:
    from sfa.sales.spans import minutes

    return minutes(text)


def _cadence(field: Field, text: str, context: Context, currency: str) -> str:
    from sfa.sales import cadence

    return cadence.parse(text)


def _birthday(field: Field, text: str, context: Context, currency: str) -> str | None:
    from sfa.sales import birthdays

    if re.fullmatch(r"0+[-/.]0+[-/.]0+", text):
        # Outlook's word for none.
        return None
    return birthdays.parse(text, context.calendar)


def _bool(field: Field, text: str, context: Context, currency: str) -> int:
    word = text.lower()
    if word in TRUE or word in FALSE:
        return int(word in TRUE)
    raise BadValue(say("{text} is neither yes nor no", text=quoted(text)))


def _number(field: Field, text: str, context: Context, currency: str) -> int | float:
    plain = re.sub("[\\s\u00a0\u202f'’]", "", text).replace("_", "x")
    if found := re.fullmatch(r"\((.+)\)", plain):
        plain = f"-{found[1]}"
    plain = plain.replace(".", "").replace(",", ".") if context.decimal == "," else re.sub(r",(?=\d{3}(?:\D|$))", "", plain)
    if not re.match(_NUMBER, plain):
        raise BadValue(say("{text} is not a number", text=quoted(text)))
    value = float(plain)
    return int(value) if value.is_integer() else value


def _email(field: Field, text: str, context: Context | None, currency: str) -> str:
    address = re.sub(r"^mailto:", "", text, flags=re.I)
    if found := re.fullmatch(r"[^<>]*<([^<>]+)>", address):
        address = found[1].strip()
    if not re.match(_EMAIL, address) or len(address) > 320:
        raise BadValue(say("{text} is not an e-mail address", text=quoted(text)))
    return address.lower()


def _phone(field: Field, text: str, context: Context | None, currency: str) -> str:
    if re.match(_PHONE, text) and 3 <= sum(c.isdigit() for c in text) <= 25:
        return text
    from sfa.sales import phones

    # Letters that stand for digits (1-800-FLOWERS) are for the phone library to judge.
    if phones.normal(text, context.region if context else "") is None:
        raise BadValue(say("{text} is not a phone number", text=quoted(text)))
    return text


def _percent(field: Field, text: str, context: Context, currency: str) -> int:
    plain = text.rstrip(" %\u00a0")
    if re.fullmatch(r"0[.,]\d{1,2}0*", plain) and "%" not in text:
        # A part of one, as HubSpot writes it.
        plain = str(round(float(plain.replace(",", ".")) * 100))
    if not re.fullmatch(r"\d{1,3}(?:[.,]0+)?", plain) or not 0 <= int(re.split("[.,]", plain)[0]) <= 100:
        raise BadValue(say("{text} is not a whole percentage from 0 to 100", text=quoted(text)))
    return int(re.split("[.,]", plain)[0])


def _currency(field: Field, text: str, context: Context, currency: str) -> str:
    return money.currency_code(text)


def _rate(field: Field, text: str, context: Context, currency: str) -> str:
    money.rate_parts(text)
    return f"0{text}" if text.startswith(".") else text


def _optout(field: Field, text: str, context: Context, currency: str) -> str | None:
    word, _, rest = text.partition(" ")
    if word.lower() in FALSE and not rest:
        return None
    today = context.calendar.today.isoformat()
    if word.lower() in TRUE:
        return f"{today} {rest or context.source or 'asked'}"
    return f"{dates.parse_date(word, context.calendar).isoformat()} {rest or context.source or 'asked'}"


_READERS = {
    "money": _money,
    "date": _date,
    "stamp": _stamp,
    "period": _period,
    "choice": _choice,
    "bool": _bool,
    "number": _number,
    "email": _email,
    "phone": _phone,
    "percent": _percent,
    "currency": _currency,
    "rate": _rate,
    "optout": _optout,
    "duration": _duration,
    "cadence": _cadence,
    "birthday": _birthday,
}


def raw(field: Field, value: Any, currency: str, calendar: dates.Calendar) -> Any:
    """A stored value for pipes and files: machine-readable text that `read` takes again; None is blank."""
    if value is None:
        return ""
    if field.type == "money":
        return money.text(value, currency)
    if field.type == "bool":
        return "yes" if value else "no"
    if field.type == "period":
        return dates.parse_period_key(value).name
    if field.type == "people":
        return str(value).replace(PEOPLE_END, ", ")
    return value


def human(field: Field, value: Any, currency: str, calendar: dates.Calendar) -> str:
    """A stored value for a person at a terminal; None is blank, in a report's figure a dash."""
    if value is None or value == "":
        return "–" if field.type in FIGURES else ""
    if field.type == "ratio":
        return f"{value * 100:.1f} %"
    if field.type == "days":
        return f"{value:.1f}"
    if field.type == "count":
        return f"{value:,}"
    if field.type == "money":
        return money.human(value, currency)
    if field.type == "stamp":
        return moments.local_text(value, calendar)
    if field.type == "percent":
        return f"{value} %"
    if field.type == "period":
        return dates.name_for_people(dates.parse_period_key(value), calendar)
    if field.type == "people":
        return str(value).replace(PEOPLE_END, ", ")
    if field.type in _WORDED:
        return _worded(field.type, value)
    if field.type == "choice":
        return str(value).replace("_", " ").replace(",", ", ")
    if field.type == "phone":
        from sfa.sales import phones

        return ", ".join(map(phones.for_people, str(value).split(",")))
    if field.many:
        return str(value).replace(",", ", ")
    if field.type == "number" and isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    shown = raw(field, value, currency, calendar)
    # A message stays one.
    return shown if isinstance(shown, str) else str(shown)


_WORDED = ("duration", "cadence", "birthday")


def _worded(type: str, value: Any) -> str:
    """A value of the types that have words of their own for people."""
    from sfa.sales import birthdays, cadence, spans

    if type == "duration":
        return spans.words(value)
    return cadence.words(value) if type == "cadence" else birthdays.words(value)


def plain(field: Field, value: Any, currency: str) -> Any:
    """A stored value for JSON: money as {"amount", "currency"}, yes/no as true/false, opt-outs as {"date", "source"}, lists as arrays."""
    if field.many:
        return value.split(",") if value else []
    if field.type == "people":
        return value.split(PEOPLE_END) if value else []
    if value is None:
        return None
    if field.type == "money":
        return {"amount": money.text(value, currency), "currency": currency}
    if field.type == "bool":
        return bool(value)
    if field.type == "period":
        period = dates.parse_period_key(value)
        return {"name": period.name, "start": period.start.isoformat(), "end": period.end.isoformat()}
    if field.type == "optout":
        day, _, source = value.partition(" ")
        return {"date": day, "source": source}
    return value
