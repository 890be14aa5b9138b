"""`sfa capture calls`: call logs of phones and telephone systems as activities."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from hashlib import blake2b
from itertools import islice
from time import perf_counter
from typing import Annotated, Any

import typer

from sfa import output
from sfa.commands.capture import told
from sfa.commands.importing.mapping import agreed
from sfa.commands.importing.run import apart, done, loading
from sfa.commands.nouns import DryRun, Format, Json, Yes
from sfa.commands.session import Session, view
from sfa.commands.sources import Source, Ways, open_source, read_map, spooled
from sfa.errors import RejectedRows, UsageError
from sfa.messages import say, together
from sfa.sales import calllog, refs, values
from sfa.sales.calllog import Call, CallRows
from sfa.sales.cells import Bad
from sfa.sales.holders import NOBODY, Whose, meant
from sfa.sales.mapfile import Map
from sfa.sales.moments import local_text, stamp_text
from sfa.sales.rows import Line
from sfa.sales.sheets import Sheet, column
from sfa.store import capturing, intake
from sfa.store.attaching import Running
from sfa.store.capturing import CALLS, Entry
from sfa.store.operations import Operation

BATCH = 2_000
AHEAD = timedelta(days=2)
"""How far a call may be ahead of the clock."""
UNREAD = 5
"""Rows that cannot be read, and missed calls, that are told one by one."""


def command(
    ctx: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="CSV, XLSX, JSON … of a phone or a PBX; - reads standard input.")],
    map: Annotated[str, typer.Option("--map", metavar="FILE", help="A map file (TOML): what the headers do not say.")] = "",
    unknown: Annotated[bool, typer.Option("--unknown", help="List the numbers that nobody here has, and write nothing.")] = False,
    encoding: Annotated[str, typer.Option("--encoding", metavar="NAME", help="The file's encoding (default: found out).")] = "",
    format: Format = "",
    json: Json = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Log the calls of a call log on the contacts, leads and accounts whose numbers they were with.

    Columns are found by their headers, as in `sfa import`: date and time, number (or caller and callee), direction, duration, name, status.
    A map file ([columns]) names others: when, clock, number, caller, callee, direction, status, talk_time, name, user, external_id. Numbers
    without a country are of the setting `phone_country`. Each call is logged once. A call goes to the one deal of the contact, else of the
    account, that was running then. Missed calls that nobody has returned are told.

    Examples:
      sfa capture calls calls.csv
      sfa capture calls calls.csv --unknown
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    as_json = json or format == "json"
    if format not in ("", "json") and not unknown:
        raise UsageError(say("there is no format {format!r} for a summary", format=format[:60]), "Formats: json")
    with ExitStack() as resources:
        apart(session, resources, dry_run or unknown)
        ways = Ways(encoding, profile="none")
        given = read_map(map, calllog.LOG)
        sources = [_opened(f, given, session, ways, resources) for f in files]
        sources = [agreed(s, not as_json and (dry_run or output.watched()), yes or unknown) for s in sources]
        with loading(session, dry_run or unknown, adds_users=False) as op:
            capture = _Capture(op)
            for source in sources:
                capture.take(source)
            if unknown:
                return _unknown(capture, session, chosen)
            capture.write()
            summary = capture.summary(", ".join(s.name for s in sources), done(op, dry_run), dry_run)
            details = capture.details(files)
    if as_json:
        output.json_object(summary)
    else:
        told.outcome(summary, say("{things} of {file}", things=told.things(summary["read"], "call"), file=summary["file"]), details)
    if summary["rejected"]:
        raise RejectedRows(
            say("{things} could not be read", things=told.things(summary["rejected"], "row")), "Mend the file and capture it again."
        )
    return None


def _opened(path: str, given: Map, session: Session, ways: Ways, resources: ExitStack) -> Source:
    """A call log ready to be read. A time of day without a day beside it is one of both (3CX: Call Time)."""
    name, path = ("standard input", spooled(resources)) if path == "-" else ("", path)
    source = open_source(path, calllog.LOG, given, session.settings.calendar(), ways, resources)
    clocks = source.plan.feeding("clock")
    if clocks and not source.plan.feeding("when"):
        columns = {**given.columns, clocks[0].header: "when"}
        source = open_source(path, calllog.LOG, given._replace(columns=columns), session.settings.calendar(), ways, resources)
    return source._replace(name=name or source.name)


class _Capture:
    """Call logs being read within an operation. `counts` says what became of every row."""

    def __init__(self, op: Operation) -> None:
        self.op, self.store = op, op.store
        self.ahead = stamp_text(op.store.calendar.now + AHEAD)
        self.numbers = capturing.Numbers(op.store)
        self.users = capturing.users(op.store)
        self.deleted = capturing.deleted(op.store, CALLS)
        self.counts: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.kept: list[tuple[str, str, Call, Whose]] = []
        self.met: list[tuple[str, Call]] = []
        self.strangers: dict[str, list[Call]] = {}
        self.reasons: list[tuple[int, str]] = []
        self.deals: Counter[int] = Counter()
        self.unwanted: list[str] = []
        self.started = perf_counter()

    def take(self, source: Source) -> None:
        """Read a log; what is to be logged is kept."""
        reader = CallRows(source.plan, intake.context(self.store), source.orders)
        minutes = any(calllog.in_minutes(c.header) for c in source.plan.feeding("talk_time"))
        rows = source.rows()
        while part := list(islice(rows, BATCH)):
            self.counts["read"] += len(part)
            sound = [r for r in part if not r.problem]
            self._reject([(r.line, r.problem) for r in part if r.problem])
            bad: Bad = {}
            kept, columns, bad = reader.batch(sound)
            found = calllog.calls(columns, [r.line for r in kept], bad, minutes)
            bad |= {i: "it is in the future" for i, c in self._at(kept, found) if c.when > self.ahead}
            self._reject([(kept[i].line, why) for i, why in bad.items() if why])
            self.counts["no_calls"] += sum(not why for why in bad.values())
            found = [c for c in found if c.when <= self.ahead]
            self._batch(list(self._sided(found)))

    @staticmethod
    def _at(kept: Sequence[Line], found: Sequence[Call]) -> list[tuple[int, Call]]:
        """Each call with its place among the rows."""
        places = {row.line: i for i, row in enumerate(kept)}
        return [(places[call.line], call) for call in found]

    def _reject(self, reasons: Sequence[tuple[int, str]]) -> None:
        self.reasons += reasons
        self.counts["rejected"] += len(reasons)

    def _sided(self, found: Sequence[Call]) -> Iterator[Call]:
        """The calls, those of a telephone system with the side that is not of the house as their number."""
        for call in found:
            if not call.number and any(call.sides):
                caller, callee = call.sides
                inside = [calllog.internal(side) for side in call.sides]
                incoming = inside[1] if inside[0] != inside[1] else bool(self.numbers.of(caller)[1]) or not self.numbers.of(callee)[1]
                call = call._replace(number=caller if incoming else callee, direction="in" if incoming else "out")
            yield call

    def _batch(self, found: Sequence[Call]) -> None:
        named = [(_id(c, self.numbers.of(c.number)[0]), c) for c in found]
        there = capturing.there(self.store, CALLS, [i for i, _ in named])
        for key, call in named:
            number, holders = self.numbers.of(call.number)
            whose = meant(holders)
            if key in self.seen:
                self.counts["copies"] += 1
                continue
            self.seen.add(key)
            if whose != NOBODY:
                self.met.append((number, call))
            if calllog.withheld(call.number) or not call.number:
                self.counts["withheld"] += 1
            elif calllog.internal(call.number):
                self.counts["internal"] += 1
            elif whose == NOBODY:
                self.counts["unknown"] += 1
                self.strangers.setdefault(number, []).append(call)
            elif key in there:
                self.counts["unchanged"] += 1
            elif key in self.deleted:
                self.counts["deleted_here"] += 1
            else:
                self.kept.append((key, number, call, whose))

    def write(self) -> None:
        """Log what was kept, in the order of its time."""
        running, entries = Running(self.store), []
        self.kept.sort(key=lambda k: k[2].when)
        for key, _, call, (contact, lead, account) in self.kept:
            deal, several = running.deal(contact, account, call.when[:10])
            self.counts["several_deals"] += several
            if deal is not None:
                self.deals[deal] += 1
            owner = self.users.get(call.user.lower())
            text, result = calllog.told(call), calllog.result(call)
            entries.append(Entry(key, call.when, "call", call.direction, text, deal, contact, lead, account, owner, *result))
            self.counts["missed"] += call.direction != "out" and not call.answered
        capturing.write(self.op, CALLS, entries)
        self.unwanted = told.unwanted(self.store, entries)
        self.counts["new"] = len(entries)
        talked = (lead for _, _, call, (_, lead, _) in self.kept if lead is not None and (call.answered or call.direction == "out"))
        self.counts["leads_answered"] = capturing.answered(self.op, talked)

    def summary(self, names: str, operation: str | None, dry_run: bool) -> dict[str, Any]:
        """What became of the calls."""
        counted = (
            "read",
            "new",
            "unchanged",
            "copies",
            "missed",
            "internal",
            "withheld",
            "unknown",
            "deleted_here",
            "no_calls",
            "rejected",
        )
        return {
            "file": names,
            **{n: self.counts[n] for n in (*counted, "several_deals", "leads_answered")},
            "on_deals": self.deals.total(),
            "unknown_numbers": len(self.strangers),
            "not_called_back": [
                {"number": number, "name": self._called(number, call), "when": call.when} for number, call in calllog.unanswered(self.met)
            ],
            "reasons": [{"line": line, "reason": why} for line, why in self.reasons],
            "seconds": round(perf_counter() - self.started, 3),
            "operation": operation,
            "dry_run": dry_run,
        }

    def _called(self, number: str, call: Call) -> str:
        """Whom a number is of, as people know them."""
        from sfa.store import lookup

        whose = meant(self.numbers.of(number)[1])
        for kind, found in zip(("contact", "lead", "account"), whose, strict=True):
            if found is not None:
                record = lookup.get(self.store, kind, found) or {}
                return f"{refs.show(kind, found, self.store.site)} {lookup.label(self.store.kinds[kind], record)}"
        return call.name or number

    def details(self, files: Sequence[str]) -> list[str]:
        """What a person should know beside the counts."""
        n, things = self.counts, told.things
        lines = told.on_deals(self.store, self.deals, n["new"] - self.deals.total(), n["several_deals"])
        lines += self.unwanted
        waiting = sorted(calllog.unanswered(self.met), key=lambda c: c[1].when, reverse=True)
        if waiting:
            shown = [
                say("{called} ({moment})", called=self._called(number, c), moment=local_text(c.when, self.store.calendar))
                for number, c in waiting[:UNREAD]
            ]
            more = say(" and {count:,} more", count=len(waiting) - UNREAD) if len(waiting) > UNREAD else ""
            lines.append(say("missed and not called back: {shown}{more}", shown=together(", ", shown), more=more))
        for key, what in (
            ("copies", "more of the same call"),
            ("no_calls", "with no day and no number, as of totals"),
            ("internal", "with extensions and short numbers"),
            ("withheld", "with withheld numbers"),
            ("deleted_here", "deleted here before, not logged again"),
        ):
            lines += [say("{many:,} {noun}", many=n[key], noun=what)] if n[key] else []
        if self.strangers:
            command = shlex.join(["sfa", "capture", "calls", *files, "--unknown"])
            numbers = things(len(self.strangers), "number that nobody has", "numbers that nobody has")
            lines.append(say("{things} with {numbers}: {command}", things=things(n["unknown"], "call"), numbers=numbers, command=command))
            if not self.numbers.region and any(not s.startswith("+") for s in self.strangers):
                lines.append("numbers without a country are not known: `sfa config set phone_country DE` says whose they are")
        lines += [say("line {line}: {why}", line=line, why=why) for line, why in self.reasons[:UNREAD]]
        return lines


def _id(call: Call, number: str) -> str:
    """What a call is known by: its id in the log, else when it was, with whom and which way it went."""
    if call.id:
        return call.id[:400]
    said = f"{call.when}|{number}|{call.direction or ''}"
    return "hash:" + blake2b(said.encode("utf-8", "replace"), digest_size=12).hexdigest()


def _unknown(capture: _Capture, session: Session, format: str) -> None:
    """List the numbers that nobody has, the most frequent first, each with the command that adds who it is."""
    made = [column("number", "text", 0), column("name", "text", 1), column("calls", "count", 2), column("missed", "count", 3)]
    made += [column("last", "stamp", 4), column("command", "text", 5)]
    rows = []
    for number, found in sorted(capture.strangers.items(), key=lambda i: (-len(i[1]), i[0])):
        name = values.clean(values.visible(next((c.name for c in found if c.name), "")))
        add = shlex.join(["sfa", "lead", "add", name or number, "--phone", number])
        missed = sum(c.direction != "out" and not c.answered for c in found)
        rows.append((values.visible(number), name or None, len(found), missed, max(c.when for c in found), add))
    output.sheet(Sheet(made, rows), view(capture.store, format))
