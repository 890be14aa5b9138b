"""Relative values: `amount+=10%`, `amount-=5k`, `close+=7d`, `types+=customer` say what becomes of a field's present value."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sfa.errors import UsageError
from sfa.messages import say
from sfa.sales import dates, money, values
from sfa.sales.fields import Field

TAKES = "amounts and numbers (amount+=10%, amount-=5k), dates (close+=7d) and lists (types+=customer)"


class Step(str):
    """The text behind `+=` or `-=`; `sign` is which of them."""

    sign = "+"


def step(sign: str, text: str) -> Step:
    """A relative value."""
    made = Step(text)
    made.sign = sign
    return made


def taken(field: Field, by: Step, value: Any, context: values.Context, currency: str) -> str:
    """The text of what `field` becomes when its present (stored) value takes this step. Raises UsageError where it cannot."""
    if not by.strip():
        raise UsageError(
            say("{title}: {name}{sign}= says by how much", title=field.title, name=field.name, sign=by.sign),
            say("Relative are {takes}.", takes=TAKES),
        )
    if field.many:
        return _list(field, by, value or "")
    if field.type not in ("money", "number", "percent", "date"):
        raise UsageError(
            say("{title} cannot be changed by {sign}=", title=field.title, sign=by.sign), say("Relative are {takes}.", takes=TAKES)
        )
    if value is None:
        raise UsageError(
            say("{title} is blank, so nothing can be added to it", title=field.title), say("Give it a value: {name}=…", name=field.name)
        )
    if field.type == "date":
        return _day(field, by, value, context)
    return _amount(field, by, value, currency) if field.type == "money" else _number(field, by, value, context)


def _signed(by: Step, value: Any) -> Any:
    return value if by.sign == "+" else -value


def _day(field: Field, by: Step, value: str, context: values.Context) -> str:
    """The date so many days, weeks, months … on."""
    if not re.fullmatch(r"\s*\d{1,4} ?(d|w|m|q|y|days?|weeks?|months?|quarters?|years?)\s*", by):
        raise UsageError(say("{title}: {by} is no length of time", title=field.title, by=values.quoted(by)), "As in 7d, 2w, 1m, 1q.")
    from_there = context.calendar._replace(today=date.fromisoformat(value))
    return dates.parse_date(f"{by.sign}{by.strip()}", from_there).isoformat()


def _share(by: Step) -> int | None:
    """A percentage as hundredths of a per cent: 1250 for 12.5%."""
    found = re.fullmatch(r"\s*(\d{1,4})(?:[.,](\d{1,2}))?\s?%\s*", by)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


def _amount(field: Field, by: Step, value: int, currency: str) -> str:
    share = _share(by)
    if share is None:
        given = money.parse(by, currency)
        if given.currency != currency:
            raise UsageError(
                say(
                    "{title}: {by} is in {currency}, the record in {currency2}",
                    title=field.title,
                    by=values.quoted(by),
                    currency=given.currency,
                    currency2=currency,
                )
            )
        return money.text(value + _signed(by, given.amount), currency)
    return money.text(money.half_even(value * (10_000 + _signed(by, share)), 10_000), currency)


def _number(field: Field, by: Step, value: float, context: values.Context) -> str:
    share = _share(by) if field.type == "number" else None
    if share is not None:
        return f"{value * (10_000 + _signed(by, share)) / 10_000:.9g}"
    given = values.read(field._replace(type="number"), by.rstrip(" %"), context)
    return f"{value + _signed(by, given):.12g}"


def _list(field: Field, by: Step, value: str) -> str:
    """The list with these values more, or without them."""
    own = [v for v in value.split(",") if v]
    given = [values.choose(field, p) if field.choices else p.strip() for p in by.split(",") if p.strip()]
    return ",".join(dict.fromkeys([*own, *given]) if by.sign == "+" else [v for v in own if v not in given])
