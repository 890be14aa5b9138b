"""`sfa export` for address books and calendars: which records and fields go out; how they are written is `sfa/writing/exchange.py`'s."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sfa import output
from sfa.commands import leaving
from sfa.commands.files import may_write, written_whole
from sfa.commands.nouns import column_names, counted
from sfa.commands.session import Session
from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.sales import values
from sfa.sales.dates import Calendar
from sfa.sales.kinds import Kind, kind_of
from sfa.sales.refs import long_form
from sfa.sales.sheets import Sheet
from sfa.store import filtering, optouts
from sfa.store.database import Store

FORMATS = {"vcard": ("contact", "lead"), "ics": ("activity", "task")}
"""Format → the kinds that go out in it."""
_ENDINGS = {"vcf": "vcard", "vcard": "vcard", "ics": "ics", "ical": "ics"}
_AT_ONCE = 500


def format_of(format: str, file: str, json: bool) -> str:
    """vcard or ics where that is asked for, or where the file's name says so and nothing else was asked for; else ""."""
    if format or json:
        return _ENDINGS.get(format.lower(), "")
    return _ENDINGS.get(file.rpartition(".")[2].lower(), "") if "." in file else ""


def export(
    session: Session,
    kind: str,
    filter: list[str],
    columns: str,
    format: str,
    file: str,
    as_of: str,
    yes: bool,
    raw: bool,
    channel: str = "",
) -> None:
    """Write the records of a kind that the filter finds as vCards or a calendar; `channel` leaves only people who may be
    contacted there. Raises UsageError for a kind that has no such form."""
    from sfa.writing import exchange, schedule

    of = kind_of(kind)
    if of.name not in FORMATS[format]:
        others = next((f for f, kinds in FORMATS.items() if of.name in kinds), "csv")
        raise UsageError(
            say("{plural} are not written as {format}", plural=of.plural, format=format),
            say("{formats} are; here: --format {others}", formats=together(" and ", FORMATS[format]), others=others),
        )
    with session.store(as_of=as_of) as store:
        of = store.kinds[of.name]
        every = exchange.CARD if format == "vcard" else schedule.TODO if of.name == "task" else exchange.EVENT
        places = [n for n in every if n.partition(".")[0] in of.by_name]
        places += exchange.OPTOUTS if format == "vcard" else []
        wanted = column_names(of, columns, full=True) if columns else places
        always = ["when", "kind", "text"] if of.name == "activity" else ["name"]
        names = list(dict.fromkeys(["id", *wanted, *always, *(f.name for f in of.fields)]))
        # A calendar tells whom somebody met; it is no list of people to write to.
        told = wanted if format == "vcard" else [*wanted, *(f"{k}.{f}" for k in optouts.OF for f in ("opt_out_email", optouts.EVERYTHING))]
        sheet, out = optouts.select(store, of, names, filtering.conditions(store, filter, of), channel, told=told)
        left = set(names) - {*wanted, *always, "id", "ref", "done"}
        missed: dict[str, None] = {}
        texts = _written(store, of, format, sheet, {*wanted, *always}, set(places), left, missed, raw)
        if not file:
            while part := list(islice(texts, _AT_ONCE)):
                # As bytes: a line's end is the same on every system.
                output.document("".join(text for _, text in part).encode("utf-8", "replace"))
        else:
            may_write(file, yes)
            with written_whole(file) as stream:
                many = 0
                for records_in, text in texts:
                    many += records_in
                    stream.write(text)
            output.message(say("Wrote {counted} to {file}", counted=counted(of, many), file=file))
        leaving.tell(of, out, channel)
        if missed:
            listed = [n for n in of.by_name if n in missed]
            output.message(say("Not in it: {listed}. What --columns names goes along as X-SFA-…", listed=together(", ", listed)))


def _written(
    store: Store,
    kind: Kind,
    format: str,
    sheet: Sheet,
    wanted: set[str],
    places: set[str],
    left: set[str],
    missed: dict[str, None],
    raw: bool,
) -> Iterator[tuple[int, str]]:
    """(Records, text) piece by piece; fields of `left` that a record has are put into `missed`."""
    from sfa.writing import exchange

    readers = {c.name: _reader(store, c) for c in sheet.columns if c.name not in ("id", "ref")}
    at = next(c.at for c in sheet.columns if c.name == "id")
    if format == "ics":
        yield 0, exchange.calendar_begin()
    for row in sheet.rows:
        every = {name: text for name, read in readers.items() if (text := read(row))}
        missed.update(dict.fromkeys(left & every.keys()))
        chosen = {n: text if raw else values.visible(text) for n, text in every.items() if n in wanted}
        given = {n: text for n, text in chosen.items() if n in places}
        also = {n: text for n, text in chosen.items() if n not in places}
        uid = long_form(kind.name, row[at])
        if format == "vcard":
            yield 1, exchange.card(uid, given, also)
        elif kind.name == "task":
            yield 1, _task(store, uid, row[at], given, also)
        else:
            yield 1, exchange.events(uid, given, also, _moment(given["when"], store.calendar), store.calendar.now.replace(microsecond=0))
    if format == "ics":
        yield 0, exchange.calendar_end()


def _task(store: Store, uid: str, number: int, given: dict[str, str], also: dict[str, str]) -> str:
    """A task as a to-do."""
    from sfa.commands.feed import moment
    from sfa.sales import appointments
    from sfa.store.queries import feed
    from sfa.writing import schedule

    versions, since = feed.version(store, "task", number)
    get = given.get
    due = moment(store, get("due"), get("at"))
    done = date.fromisoformat(given["done"]) if "done" in given else None
    of = schedule.Version(uid, versions, since.replace(microsecond=0))
    return schedule.todo(of, given["name"], get("note", ""), due, appointments.number(get("priority")), done, get("repeat", ""), also)


def _reader(store: Store, column: Any) -> Callable[[tuple[Any, ...]], str]:
    """A function from a row to the text of one of its cells."""
    field, at, beside = column.field, column.at, column.beside

    def read(row: tuple[Any, ...]) -> str:
        currency = row[beside] if beside >= 0 and field.type == "money" else store.currency
        return str(values.raw(field, row[at], currency, store.calendar))

    return read


def _moment(stamp: str, calendar: Calendar) -> datetime | date:
    """When an activity was; a date where it has no time of day, which is kept as the day's beginning."""
    from sfa.sales.moments import zone_of

    moment = datetime.fromisoformat(stamp).astimezone(UTC)
    local = moment.astimezone(zone_of(calendar))
    return local.date() if (local.hour, local.minute, local.second) == (0, 0, 0) else moment
