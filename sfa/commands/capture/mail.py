"""`sfa capture mail`: messages of mailboxes as activities on the contacts, leads, accounts and deals that they are about."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import islice
from time import perf_counter
from typing import Annotated, Any, NamedTuple

import typer

from sfa import output
from sfa.commands.capture import told
from sfa.commands.importing.run import apart, done, loading
from sfa.commands.nouns import DryRun, Format, Json, Yes
from sfa.commands.session import Session, view
from sfa.commands.sources import spooled
from sfa.errors import UsageError
from sfa.messages import say, together
from sfa.progress import Progress
from sfa.reading.mail import Mail, Mailbox, Raw, read
from sfa.sales import mails, refs, values
from sfa.sales.mails import PASSED, Known, Verdict
from sfa.sales.moments import parse_stamp, stamp_text
from sfa.sales.names import FREE_DOMAINS
from sfa.sales.sheets import Sheet, column
from sfa.store import attendees, capturing
from sfa.store.attaching import Running
from sfa.store.capturing import MAIL, Entry
from sfa.store.erase import blocker
from sfa.store.operations import Operation

BATCH = 2_000
LONGEST_SUBJECT = 1_000
AHEAD = timedelta(days=2)
"""How far a mail's date may be ahead of the clock: other machines' clocks are not right either."""


def command(
    ctx: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE|FOLDER...", help="mbox files, Maildirs, .eml files, folders of them; - reads standard input."),
    ],
    since: Annotated[str, typer.Option("--since", metavar="DATE", help="Only messages from that day on.")] = "",
    bodies: Annotated[bool, typer.Option("--bodies", help="Keep the text of messages too, not their subject alone.")] = False,
    unknown: Annotated[bool, typer.Option("--unknown", help="List who nobody here has as an address, and write nothing.")] = False,
    format: Format = "",
    json: Json = False,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Log the messages of mailboxes on the contacts, leads and accounts that they were with.

    Each message is logged once, by its Message-ID: running it again adds what is new. Contacts and leads are known by their addresses,
    accounts by the domain of their website or of their contacts, never by a public provider's. What users of sfa wrote is sent, all else
    received; further addresses of yours stand in the setting `addresses`. A reply goes to the deal of its thread, other messages to the one
    deal of the contact, else of the account, that was running when they were written.

    It stands with everybody who is known among those who wrote and got it. Only the subject is kept. Mail among colleagues, mailing lists,
    automatic replies, bounces, spam, drafts and deleted messages are passed over and counted, also by the names of their folders. A message
    whose activity you deleted is not logged again.

    Examples:
      sfa capture mail inbox.mbox
      sfa capture mail Maildir --since 'last month' --dry-run
      sfa capture mail inbox.mbox --unknown
    """
    session: Session = ctx.obj
    chosen = output.chosen_format(format, json)
    if format not in ("", "json") and not unknown:
        raise UsageError(say("there is no format {format!r} for a summary", format=format[:60]), "Formats: json")
    with ExitStack() as resources:
        apart(session, resources, dry_run or unknown)
        boxes = [Mailbox(spooled(resources) if f == "-" else f, bodies) for f in files]
        with loading(session, dry_run or unknown, adds_users=False) as op:
            capture = _Capture(op, session, _start(since, op))
            for box in boxes:
                capture.take(box)
            if unknown:
                return _unknown(capture, session, chosen)
            capture.write()
            names = ", ".join("standard input" if f == "-" else f for f in files)
            summary = capture.summary(names, done(op, dry_run), dry_run)
            details = capture.details(files)
    if json or format == "json":
        output.json_object(summary)
    else:
        told.outcome(summary, say("{things} of {names}", things=told.things(summary["read"], "message"), names=names), details)
    return None


def _start(since: str, op: Operation) -> datetime | None:
    """The moment from which on messages count. Raises UsageError for one to come."""
    if not since:
        return None
    from sfa.sales.dates import parse_period

    calendar = op.store.calendar
    start = parse_period(since, calendar).start
    if start > calendar.today:
        raise UsageError(say("--since {since!r} is in the future", since=since[:60]))
    return parse_stamp(start.isoformat(), calendar)


class _Kept(NamedTuple):
    """A message that will be logged: of the mail only what that takes."""

    id: str
    parents: tuple[str, ...]
    when: str
    text: str
    verdict: Verdict


class _Stranger(NamedTuple):
    """Someone whom nobody has as an address: name, how many messages they sent and got, the day of the last, the account of the domain."""

    name: str
    sent: int
    got: int
    last: str
    account: int | None


class _Capture:
    """Mailboxes being read within an operation. `counts` says what became of every message."""

    def __init__(self, op: Operation, session: Session, start: datetime | None) -> None:
        self.op, self.store, self.start = op, op.store, start
        self.own = capturing.own_addresses(op.store, session.settings.get("addresses").split(","))
        self.house = mails.house(self.own)
        self.domains = {d: a for d, a in capturing.company_domains(op.store).items() if d not in self.house}
        self.find = attendees.holders(op.store)
        self.erased = blocker(op.store, "contact")
        self.deleted = capturing.deleted(op.store, MAIL)
        self.before = op.store.calendar.now + AHEAD
        self.counts: Counter[str] = Counter()
        self.seen: set[str] = set()
        self.kept: list[_Kept] = []
        self.strangers: dict[str, _Stranger] = {}
        self.undated: list[str] = []
        self.strange: list[str] = []
        self.unwanted: list[str] = []
        self.deals: Counter[int] = Counter()
        self.ours_met = False
        self.often: Counter[str] = Counter()
        self.started = perf_counter()

    def take(self, box: Mailbox) -> None:
        """Read a mailbox; what is to be logged is kept."""
        progress = Progress("Reading mail")
        stream = box.raw()
        while part := list(islice(stream, BATCH)):
            self._batch(part)
            progress.at(self.counts["read"])
        progress.done()
        self.strange += box.strange

    def _batch(self, part: Sequence[Raw]) -> None:
        self.counts["read"] += len(part)
        every = [read(raw, self.before) for raw in part]
        there = capturing.there(self.store, MAIL, [m.id for m in every])
        found = [m for m in self._fresh(every) if not self._passed(m)]
        people = self.find({a for m in found for _, a in (*m.to, *m.cc, *((m.sender,) if m.sender else ()))})
        known = Known(people, self.domains, self.own, self.house)
        for m in found:
            verdict = mails.judge(m.sender, m.to, m.cc, known)
            if not self.own:
                self.often.update({a for _, a in (*m.to, *m.cc, *((m.sender,) if m.sender else ()))})
            self.ours_met |= verdict.owner is not None or verdict.direction == "out"
            if verdict.reason in PASSED:
                self.counts[verdict.reason] += 1
                continue
            self._meet_strangers(m, verdict)
            if m.id in there:
                self.counts["unchanged"] += 1
            elif verdict.reason:
                self.counts["unknown"] += 1
            elif m.when is None:
                self.counts["undated"] += 1
                self.undated.append(m.place)
            else:
                self.counts["odd_dates"] += not m.dated
                self.kept.append(_Kept(m.id, m.parents, stamp_text(m.when), _text(m), verdict))

    def _fresh(self, found: Sequence[Mail]) -> Iterator[Mail]:
        """The messages that were not deleted here, nor come twice, nor are earlier than asked for."""
        for m in found:
            if m.id in self.seen:
                self.counts["copies"] += 1
                continue
            self.seen.add(m.id)
            if m.id in self.deleted:
                self.counts["deleted_here"] += 1
            elif self.start and m.when and m.when < self.start:
                self.counts["earlier"] += 1
            else:
                yield m

    def _passed(self, m: Mail) -> bool:
        reason = mails.passed(m.headers, m.flags, m.sender[1] if m.sender else "", self.house)
        self.counts[reason] += bool(reason)
        return bool(reason)

    def _meet_strangers(self, m: Mail, verdict: Verdict) -> None:
        for name, address, account in verdict.strangers:
            if self.erased and self.erased(address):
                continue
            was = self.strangers.get(address) or _Stranger("", 0, 0, "", account)
            out = verdict.direction == "out"
            last = max(was.last, m.when.date().isoformat() if m.when else "")
            self.strangers[address] = _Stranger(was.name or name, was.sent + (not out), was.got + out, last, account)

    def write(self) -> None:
        """Log what was kept, in the order of its time, so that answers find the deal of what they answer."""
        self.kept.sort(key=lambda k: k.when)
        of = capturing.threads(self.store, {p for k in self.kept for p in k.parents})
        running, entries = Running(self.store), []
        for k in self.kept:
            v = k.verdict
            deal = next((of[p] for p in k.parents if p in of and _fits(running, of[p], v)), None)
            self.counts["threads"] += deal is not None
            if deal is None:
                deal, several = running.deal(v.contact, v.account, k.when[:10])
                self.counts["several_deals"] += several
            if deal is not None:
                of[k.id] = deal
                self.deals[deal] += 1
            entries.append(Entry(k.id, k.when, "email", v.direction, k.text, deal, v.contact, v.lead, v.account, v.owner, others=v.others))
            self.counts["sent" if v.direction == "out" else "received"] += 1
        capturing.write(self.op, MAIL, entries)
        self.unwanted = told.unwanted(self.store, entries)
        self.counts["new"] = len(entries)
        answered = (k.verdict.lead for k in self.kept if k.verdict.lead is not None and k.verdict.direction == "out")
        self.counts["leads_answered"] = capturing.answered(self.op, answered)

    def summary(self, names: str, operation: str | None, dry_run: bool) -> dict[str, Any]:
        """What became of the messages."""
        counted = ("read", "new", "sent", "received", "unchanged", "copies", "earlier", *PASSED, "unknown", "deleted_here", "undated")
        more = ("odd_dates", "threads", "several_deals", "leads_answered")
        return {
            "file": names,
            **{n: self.counts[n] for n in (*counted, *more)},
            "on_deals": self.deals.total(),
            "unknown_addresses": len(self.strangers),
            "undated_messages": self.undated,
            "strange_files": self.strange,
            "seconds": round(perf_counter() - self.started, 3),
            "operation": operation,
            "dry_run": dry_run,
        }

    def details(self, files: Sequence[str]) -> list[str]:
        """What a person should know beside the counts."""
        n, things = self.counts, told.things
        lines = told.on_deals(self.store, self.deals, n["new"] - self.deals.total(), n["several_deals"])
        if n["leads_answered"]:
            lines.append(say("{things} that you wrote to: worked on from now on", things=things(n["leads_answered"], "new lead")))
        lines += self.unwanted
        over = [say("{many:,} {noun}", many=n[key], noun=what) for key, what in PASSED.items() if n[key]]
        lines += [say("passed over: {over}", over=together(", ", over))] if over else []
        for key, what in (
            ("copies", "copies of the same message"),
            ("earlier", "before --since"),
            ("deleted_here", "deleted here before, not logged again"),
            ("odd_dates", "with no usable Date: the time of delivery was taken"),
        ):
            lines += [say("{many:,} {noun}", many=n[key], noun=what)] if n[key] else []
        if self.undated:
            lines.append(
                say(
                    "{count:,} without any date, not logged: {undated}",
                    count=len(self.undated),
                    undated=together(", ", self.undated[: told.MOST_NAMED]),
                )
            )
        if self.strangers:
            command = shlex.join(["sfa", "capture", "mail", *files, "--unknown"])
            what = say("{unknown:,} of strangers alone; ", unknown=n["unknown"]) if n["unknown"] else ""
            lines.append(
                say(
                    "{what}{things}: {command}",
                    what=what,
                    things=things(len(self.strangers), "unknown address", "unknown addresses"),
                    command=command,
                )
            )
        return [*lines, *told.strange(self.strange), *self._whose()]

    def _whose(self) -> list[str]:
        """What to say where it is not sure which way the mail went."""
        if not self.own:
            often = next((a for a, _ in self.often.most_common(1)), "you@example.com")
            return [
                say(
                    "no user has an e-mail address, so which way mail went is guessed; is this yours? sfa user edit me email={often}",
                    often=often,
                )
            ]
        if self.kept and not self.ours_met:
            return ["none of it is from or to an address of a user: `sfa config set addresses you@example.com` names further ones of yours"]
        return []


def _text(m: Mail) -> str:
    subject = values.clean(values.visible(m.subject))[:LONGEST_SUBJECT] or "(no subject)"
    return f"{subject}\n{values.clean(values.visible(m.body))}".strip()


def _fits(running: Running, deal: int, verdict: Verdict) -> bool:
    """Whether a thread's deal is one of the company that a message was with: threads are forwarded to others."""
    whose = running.account(deal)
    return whose is None or verdict.account is None or whose == verdict.account


def _unknown(capture: _Capture, session: Session, format: str) -> None:
    """List those whom nobody has as an address, the most frequent first, each with the command that adds them."""
    store = capture.store
    made = [column("address", "text", 0), column("name", "text", 1), column("sent", "count", 2), column("received", "count", 3)]
    made += [column("last", "date", 4), column("account", "text", 5), column("command", "text", 6)]
    rows = []
    for address, s in sorted(capture.strangers.items(), key=lambda i: (-i[1].sent - i[1].got, i[0])):
        called = values.clean(values.visible(s.name)) or address.partition("@")[0]
        if s.account is None:
            add = ["sfa", "lead", "add", called, "--email", address]
            if mails.domain(address) not in FREE_DOMAINS:
                add += ["--company", mails.domain(address)]
        else:
            add = ["sfa", "contact", "add", called, "--account", refs.show("account", s.account, store.site), "--email", address]
        account = refs.show("account", s.account, store.site) if s.account else None
        rows.append((address, values.visible(s.name) or None, s.sent, s.got, s.last or None, account, shlex.join(add)))
    output.sheet(Sheet(made, rows), view(store, format))
