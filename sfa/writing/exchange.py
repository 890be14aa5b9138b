"""Records in the forms that address books and calendars read: vCard and iCalendar. The writing counterpart of `cards.py`, `calendars.py`.

vCards are 3.0: phones, Google, Apple, Outlook and Thunderbird all read it, of 4.0 several drop types or the whole card. A UID is the
record's own global id, so that a second import updates, here and elsewhere. What a person does not want (no calls, …) is said twice: as a
category that people see and most programs keep, and exactly, with date and source, as X-SFA-OPT-OUT-….
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sfa.reading.contentlines import escaped, folded
from sfa.sales.spans import minutes

PRODUCT = "-//sfa//EN"
CARD = (
    "name",
    "first_name",
    "last_name",
    "account",
    "company",
    "title",
    "email",
    "other_emails",
    "phone",
    "mobile",
    "other_phones",
    "street",
    "city",
    "state",
    "postal_code",
    "country",
    "website",
    "description",
    "department",
    "nickname",
    "fax",
    "birthday",
    "language",
)
"""Fields that a vCard has a place for; some are a company's own, if it has made them, as an import of cards suggests."""
OPTOUTS = {
    "opt_out_email": "No e-mail",
    "opt_out_phone": "No calls",
    "opt_out_mail": "No letters",
    "opt_out_sms": "No text messages",
    "opt_out_visit": "No visits",
    "do_not_contact": "Do not contact",
}
"""Opt-outs, and the categories that say them to people."""
EVENT = ("when", "kind", "text", "contact", "contact.email", "lead", "lead.email", "next_step", "due", "done", "duration")
"""Our fields that an event has a place for."""
Texts = Mapping[str, str]
"""Field → its value as text, of those that are filled."""


def card(uid: str, given: Texts, also: Texts) -> str:
    """A contact or lead as a vCard; the values of `also` go along under their own names."""
    get = {name: escaped(text) for name, text in given.items()}
    first, last = get.get("first_name", ""), get.get("last_name", "")
    name = get.get("name", "") or " ".join(filter(None, (first, last))) or get.get("email", "") or uid
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"PRODID:{PRODUCT}", f"UID:{uid}", f"FN:{name}"]
    # Outlook shows N alone: a name that nobody has divided stands in it whole.
    lines.append(f"N:{last if first or last else name};{first};;;")
    company = get.get("account") or get.get("company") or ""
    unit = ";" + get["department"] if "department" in get else ""
    lines += [f"ORG:{company}{unit}"] if company or unit else []
    lines += [f"NICKNAME:{get['nickname']}"] if "nickname" in get else []
    lines += [f"TITLE:{get['title']}"] if "title" in get else []
    lines += [f"EMAIL;TYPE=INTERNET,PREF:{get['email']}"] if "email" in get else []
    lines += [f"EMAIL;TYPE=INTERNET:{e}" for e in _each(given, "other_emails")]
    lines += [f"TEL;TYPE=WORK,VOICE:{get['phone']}"] if "phone" in get else []
    lines += [f"TEL;TYPE=CELL,VOICE:{get['mobile']}"] if "mobile" in get else []
    lines += [f"TEL;TYPE=OTHER:{p}" for p in _each(given, "other_phones")]
    lines += [f"TEL;TYPE=WORK,FAX:{get['fax']}"] if "fax" in get else []
    address = [get.get(n, "") for n in ("street", "city", "state", "postal_code", "country")]
    lines += ["ADR;TYPE=WORK:;;" + ";".join(address)] if any(address) else []
    lines += [f"URL:{get['website']}"] if "website" in get else []
    lines += [f"NOTE:{get['description']}"] if "description" in get else []
    lines += _birthday(get["birthday"]) if "birthday" in get else []
    lines += [f"LANG:{get['language']}"] if "language" in get else []
    words = [word for n, word in OPTOUTS.items() if n in given]
    lines += [f"CATEGORIES:{','.join(words)}"] if words else []
    lines += [f"{_own(n)}:{get[n]}" for n in OPTOUTS if n in get]
    lines += [f"{_own(n)}:{escaped(text)}" for n, text in also.items()]
    return "".join(map(folded, [*lines, "END:VCARD"]))


def _birthday(value: str) -> list[str]:
    """The day; one without its year in the year 1604, as Apple writes it and others read it: vCard 3.0 has no other way."""
    return [f"BDAY;X-APPLE-OMIT-YEAR=1604:1604{value[1:]}" if value.startswith("--") else f"BDAY:{value}"]


def _each(given: Texts, name: str) -> list[str]:
    return [escaped(p.strip()) for p in given.get(name, "").split(",") if p.strip()]


def _own(name: str) -> str:
    """The property of ours that holds a field."""
    return "X-SFA-" + name.upper().replace("_", "-").replace(".", "-")


def calendar_begin() -> str:
    """What stands before the events of a calendar."""
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nCALSCALE:GREGORIAN\r\nMETHOD:PUBLISH\r\n"


def calendar_end() -> str:
    """What stands behind them."""
    return "END:VCALENDAR\r\n"


def events(uid: str, given: Texts, also: Texts, when: datetime | date, now: datetime) -> str:
    """An activity as an event and, where it has a next step that is not done, as a task beside it. `when` is a date for one without a
    time of day."""
    from icalendar import Event, vCalAddress, vText

    event = Event()
    event.add("UID", uid)
    event.add("DTSTAMP", now)
    event.add("DTSTART", when)
    if isinstance(when, datetime) and "duration" in given:
        event.add("DURATION", timedelta(minutes=minutes(given["duration"])))
    event.add("SUMMARY", given["text"].partition("\n")[0])
    if "\n" in given["text"]:
        event.add("DESCRIPTION", given["text"])
    event.add("CATEGORIES", [given["kind"].upper()])
    event.add("TRANSP", "TRANSPARENT")
    for who in ("contact", "lead"):
        if address := given.get(f"{who}.email"):
            person = vCalAddress(f"mailto:{address}")
            person.params["CN"] = vText(given.get(who, address).replace('"', "'"))
            event.add("ATTENDEE", person)
    for name in ("next_step", "due", "done"):
        if name in given and (name != "done" or "next_step" in given):
            event.add(_own(name), vText(given[name]))
    for name, text in also.items():
        event.add(_own(name), vText(text))
    out = str(event.to_ical(), "utf-8")
    return out + _task(uid, given, now) if "next_step" in given and given.get("done") != "yes" else out


def _task(uid: str, given: Texts, now: datetime) -> str:
    from icalendar import Todo

    from sfa.reading.calendars import NEXT

    task = Todo()
    task.add("UID", uid + NEXT)
    task.add("DTSTAMP", now)
    task.add("SUMMARY", given["next_step"])
    task.add("DESCRIPTION", given["text"])
    task.add("RELATED-TO", uid)
    task.add("STATUS", "NEEDS-ACTION")
    if "due" in given:
        task.add("DUE", date.fromisoformat(given["due"]))
    return str(task.to_ical(), "utf-8")
