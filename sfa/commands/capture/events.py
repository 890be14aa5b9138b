"""Events and tasks of a calendar becoming records, and following it: what `sfa capture calendar` does with what was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from time import perf_counter
from typing import Any

from sfa.commands.capture import told
from sfa.commands.session import Session
from sfa.errors import BadValue
from sfa.messages import say
from sfa.reading.calendars import NEXT, of_time
from sfa.reading.events import Event, readable, times
from sfa.sales import appointments, mails, recurrence, refs, values
from sfa.sales.appointments import ANSWERS, DECLINED
from sfa.sales.holders import NOBODY, Whose, meant
from sfa.sales.kinds import Kind
from sfa.sales.mails import Known
from sfa.sales.moments import local_text, parse_stamp, stamp_text
from sfa.store import attendees, capturing, deals, lookup, participants, planning
from sfa.store.attaching import Running
from sfa.store.linking import source_of
from sfa.store.operations import Operation

Record = dict[str, Any]
TOLD = 5
"""Events of one sort that are told one by one."""


class Events:
    """A calendar being taken over, within an operation. `counts` says what became of every event."""

    def __init__(self, op: Operation, session: Session, first: date | None, last: date, everything: bool) -> None:
        self.op, self.store, self.first, self.last, self.everything = op, op.store, first, last, everything
        self.calendar = op.store.calendar
        self.now = stamp_text(self.calendar.now)
        self.own = capturing.own_addresses(op.store, session.settings.get("addresses").split(","))
        house = mails.house(self.own)
        self.domains = {d: a for d, a in capturing.company_domains(op.store).items() if d not in house}
        self.known = Known({}, self.domains, self.own, house)
        self.companies: dict[str, int] | None = None
        self.find, self.running = attendees.holders(op.store), Running(op.store)
        self.sources = {kind: source_of(op, op.store.kinds[kind], capturing.CALENDAR) for kind in ("activity", "task")}
        self.gone = {kind: capturing.deleted(op.store, source, kind) for kind, source in self.sources.items()}
        self.counts: Counter[str] = Counter()
        self.deals: Counter[int] = Counter()
        self.said: dict[str, list[str]] = {}
        self.reasons: list[tuple[int, str]] = []
        self.strange: list[str] = []
        self.started = perf_counter()

    def take(self, found: Sequence[Event]) -> None:
        """Take the events of a file over."""
        self.counts["read"] += len(found)
        self.known = self.known._replace(people=self.find({a for e in found for _, a, _ in e.people}))
        changed: dict[str, set[str]] = {}
        for event in found:
            if event.at and not event.problem and event.method != "REPLY":
                changed.setdefault(event.uid, set()).add(event.at)
        firsts = {e.uid: e.start for e in found if e.series and not e.at and not e.problem}
        for event in found:
            if event.problem:
                self._reject(event, event.problem)
            elif event.method == "REPLY":
                self._reply(event)
            elif event.task and event.uid.endswith(NEXT):
                self._step(event)
            elif event.task or capturing.called(self.store, "task", event.uid) is not None:
                self._task(event)
            else:
                self._event(event, changed.get(event.uid, set()), firsts.get(event.uid, ""))

    def _reject(self, event: Event, why: str) -> None:
        self.counts["rejected"] += 1
        self.reasons.append((event.line, why.removeprefix(say("line {line}: ", line=event.line))))

    def _say(self, what: str, text: str) -> None:
        self.said.setdefault(what, []).append(text)

    # Appointments -------------------------------------------------------------------------------------------------------------------

    def _event(self, event: Event, changed: set[str], start: str) -> None:
        """An event, each time of one that repeats; `changed` are times of it that stand for themselves, `start` the series' first."""
        mine = appointments.answer(event.people, {*self.own})
        off = "cancelled" if event.status == "CANCELLED" or event.method == "CANCEL" else "declined" if mine == DECLINED else ""
        whose, others = self._whose(event)
        try:
            if event.at:
                self.counts["one_only"] += event.later_too
                found = {event.uid if event.at == start else of_time(event.uid, event.at): event.start or event.at}
            elif event.series and readable(event.series):
                since = self.first or event.series.start.date()
                moments = [m for m in times(event.series, since, self.last) if m not in changed]
                found = {event.uid if m == event.start else of_time(event.uid, m): m for m in moments}
            else:
                self.counts["first_only"] += event.series is not None
                found = {event.uid: event.start}
            stamps = {uid: stamp_text(parse_stamp(m, self.calendar)) for uid, m in found.items()}
        except (BadValue, ValueError, OverflowError) as error:
            return self._reject(event, str(error))
        if event.series and not event.at:
            self._left_out(
                event, {*stamps}, {of_time(event.uid, at) for at in changed} | ({event.uid} if event.start in changed else set())
            )
        for uid, when in stamps.items():
            if self.first and when[:10] < self.first.isoformat():
                self.counts["earlier"] += 1
            elif off:
                self._off("activity", uid, off)
            else:
                self._put(event, uid, when, whose, others, ANSWERS.get(mine))
        self._declined_by_others(event, stamps)
        return None

    def _whose(self, event: Event) -> tuple[Whose, tuple[int, ...]]:
        """Whom an event is with, and the further contacts: by the addresses of those who were asked and did not decline, else by a
        company's name in what it is called."""
        asked = sorted((p for p in event.people if not mails.ours(p[1], self.known)), key=lambda p: p[2] == DECLINED)
        found, others = mails.everybody([(n, a) for n, a, _ in asked], self.known)
        if found != NOBODY:
            stays = {meant(self.known.people.get(a, ()))[0] for _, a, said in asked if said != DECLINED}
            return found, tuple(n for n in others if n in stays)
        if self.companies is None:
            self.companies = capturing.companies(self.store)
        return (None, None, appointments.named(f"{event.summary}\n{event.location}", self.companies)), ()

    def _left_out(self, event: Event, there: set[str], changed: set[str]) -> None:
        """Times of a series that it has no more are taken off, where they were still to come."""
        for uid, number in capturing.times_of(self.store, event.uid).items():
            record = lookup.get(self.store, "activity", number)
            if uid not in there | changed and record and record["when"] > self.now and record["when"][:10] <= self.last.isoformat():
                self._off("activity", uid, "left out")

    def _put(self, event: Event, uid: str, when: str, whose: Whose, others: tuple[int, ...], answer: str | None) -> None:
        """An appointment as the calendar has it: added, changed, or left as it is here."""
        kind = self.store.kinds["activity"]
        number = capturing.called(self.store, "activity", uid)
        contact, lead, account = whose
        if number is None and (uid in self.gone["activity"] or (whose == NOBODY and not self.everything)):
            self.counts["deleted_here" if uid in self.gone["activity"] else "nobody"] += 1
            return
        deal, several = self.running.deal(contact, account, when[:10])
        text = values.clean(values.visible(appointments.text(event.summary, event.location)))
        made: Record = {"when": when, "text": text, "contact": contact, "lead": lead, "account": account, "opportunity": deal}
        made |= {"duration": event.minutes, "others": [*others]}
        if number is None:
            new = {n: v for n, v in {**made, "answer": answer}.items() if v is not None}
            self._add(kind, {**new, "kind": event.kind or appointments.kind_of(event.location)}, uid)
            self.counts["coming"] += when > self.now
            self.counts["several_deals"] += several
            if deal is not None:
                self.deals[deal] += 1
            return
        record = {**(lookup.get(self.store, "activity", number) or {}), "others": participants.others(self.store, number)}
        self._change(kind, event, record, appointments.different(record, made), {"answer": answer} if answer else {})

    def _add(self, kind: Kind, new: Record, uid: str) -> None:
        self.op.link(kind.name, deals.add(self.op, kind, new), uid, self.sources[kind.name])
        self.counts["new"] += 1

    def _change(self, kind: Kind, event: Event, record: Record, different: Record, always: Record) -> None:
        """Write what the calendar says otherwise, unless it was changed here since then."""
        answered = {n: v for n, v in always.items() if record.get(n) != v}
        if different and not self._newer(event, record):
            self.counts["kept"] += 1
            different = {}
        elif not different and not answered:
            self.counts["unchanged"] += 1
        if different or answered:
            deals.change(self.op, kind, record, {**different, **answered})
            self.counts["updated"] += 1
            ref = refs.show(kind.name, record["id"], self.store.site)
            before = local_text(record["when"], self.calendar) if "when" in different else ""
            after = local_text(different["when"], self.calendar) if before else ""
            if before:
                self._say(
                    "moved", say("{ref} {label}: {before} → {after}", ref=ref, label=lookup.label(kind, record), before=before, after=after)
                )
            if answered:
                self._say(
                    "answered elsewhere",
                    say("{ref} {label}: {answer}", ref=ref, label=lookup.label(kind, record), answer=answered["answer"]),
                )

    def _newer(self, event: Event, record: Record) -> bool:
        """Whether the calendar's state is newer than the one here."""
        if event.modified:
            try:
                return stamp_text(parse_stamp(event.modified, self.calendar)) > capturing.changed_at(record)
            except BadValue:
                pass
        return not capturing.written_by_hand(self.store, record)

    def _off(self, kind_name: str, uid: str, why: str) -> None:
        """Take off what does not take place; what somebody has written on stays, and is told."""
        number = capturing.called(self.store, kind_name, uid)
        if number is None:
            self.counts[why.replace(" ", "_")] += 1
            return
        kind = self.store.kinds[kind_name]
        record = lookup.get(self.store, kind_name, number) or {}
        what = f"{refs.show(kind_name, number, self.store.site)} {lookup.label(kind, record)}"
        if record.get("when"):
            what += say(", {moment}", moment=local_text(record["when"], self.calendar))
        ours = refs.parse(uid, self.store.site) is not None
        if record.get("next_step") or record.get("done") or (not ours and capturing.written_by_hand(self.store, record)):
            self.counts["unchanged"] += 1
            self._say(say("{why} there, but written on here: kept", why=why), what)
            return
        self.op.delete(kind_name, number)
        self.counts["removed"] += 1
        self._say(say("{why}, taken off", why=why), what)

    def _reply(self, event: Event) -> None:
        """An answer to an invitation: told, and where it is one's own, kept."""
        uid = of_time(event.uid, event.at) if event.at else event.uid
        number = capturing.called(self.store, "activity", uid)
        if number is None and event.at:
            # The first time of a series has the series' own id.
            first, uid = capturing.called(self.store, "activity", event.uid), event.uid
            made = lookup.get(self.store, "activity", first) if first is not None else None
            number = first if made and made["when"] == stamp_text(parse_stamp(event.at, self.calendar)) else None
        record = lookup.get(self.store, "activity", number) if number is not None else None
        for name, address, said in event.people[:1]:
            if record is None:
                self.counts["nobody"] += 1
            elif address in self.own and said == DECLINED:
                self._off("activity", uid, "declined")
            elif address in self.own:
                answered = {"answer": ANSWERS[said]} if said in ANSWERS else {}
                self._change(self.store.kinds["activity"], event, record, {}, answered)
            else:
                self.counts["unchanged"] += 1
                self._tell_answer(name, address, said, record)

    def _declined_by_others(self, event: Event, stamps: dict[str, str]) -> None:
        """Say which contacts do not come to what is still ahead."""
        coming = [uid for uid, when in stamps.items() if when > self.now]
        number = capturing.called(self.store, "activity", coming[0]) if coming else None
        record = lookup.get(self.store, "activity", number) if number is not None else None
        for name, address, said in event.people:
            if record and said == DECLINED and address not in self.own:
                self._tell_answer(name, address, said, record)

    def _tell_answer(self, name: str, address: str, said: str, record: Record) -> None:
        kind = self.store.kinds["activity"]
        who = values.visible(name) or address
        contact = meant(self.known.people.get(address, ()))[0]
        if contact is not None:
            who = f"{refs.show('contact', contact, self.store.site)} {(lookup.get(self.store, 'contact', contact) or {}).get('name')}"
        ref = refs.show("activity", record["id"], self.store.site)
        self._say(
            "answers",
            say(
                "{who} {said} {ref} {label}, {moment}",
                who=who,
                said=said.lower(),
                ref=ref,
                label=lookup.label(kind, record),
                moment=local_text(record["when"], self.calendar),
            ),
        )

    # Tasks ----------------------------------------------------------------------------------------------------------------------------

    def _task(self, event: Event) -> None:
        """A to-do as a task: added, changed, done."""
        kind = self.store.kinds["task"]
        number = capturing.called(self.store, "task", event.uid)
        if event.status == "CANCELLED" or event.method == "CANCEL":
            return self._off("task", event.uid, "cancelled")
        if number is None and (event.done or event.uid in self.gone["task"]):
            self.counts["deleted_here" if event.uid in self.gone["task"] else "done_already"] += 1
            return None
        try:
            made = self._todo(event)
        except (BadValue, ValueError, OverflowError) as error:
            return self._reject(event, str(error))
        if not event.series and refs.parse(event.uid, self.store.site):
            # A task with a time goes out as the one event that it is next.
            del made["repeat"]
        if number is None:
            if self.first and (made["due"] or "9999") < self.first.isoformat():
                self.counts["earlier"] += 1
                return None
            note = values.clean(values.visible(event.description)) or None
            (contact, lead, account), _ = self._whose(event)
            whose = {"contact": contact, "lead": lead, "account": account}
            return self._add(kind, {n: v for n, v in {**made, **whose, "note": note}.items() if v is not None}, event.uid)
        record = lookup.get(self.store, "task", number) or {}
        if event.done and not record["done"]:
            self._say("done elsewhere", "".join(planning.finish(self.op, kind, record)))
            self.counts["updated"] += 1
            return None
        return self._change(kind, event, record, {} if record["done"] else appointments.different(record, made), {})

    def _todo(self, event: Event) -> Record:
        """The fields of a task. Raises BadValue for a day that is none."""
        due, at = self._day(event.due or event.start)
        rule = None
        if event.series and event.series.rule and due:
            until = f";UNTIL={event.series.until:%Y%m%d}" if event.series.until else ""
            try:
                rule = recurrence.parse(event.series.rule + until, date.fromisoformat(due))
            except BadValue:
                self.counts["first_only"] += 1
        name = values.clean(values.visible(event.summary)) or "(no title)"
        return {"name": name, "due": due, "at": at, "priority": appointments.priority(event.priority), "repeat": rule}

    def _day(self, moment: str) -> tuple[str | None, str | None]:
        """The day and the time of day of a moment, by the company's clock."""
        if not moment:
            return None, None
        local = local_text(stamp_text(parse_stamp(moment, self.calendar)), self.calendar)
        return local[:10], local[11:] if "T" in moment else None

    def _step(self, event: Event) -> None:
        """The next step of an activity, which went out as a to-do: done, or put off, elsewhere."""
        kind = self.store.kinds["activity"]
        number = capturing.called(self.store, "activity", event.uid.removesuffix(NEXT))
        record = lookup.get(self.store, "activity", number) if number is not None else None
        if record is None or not record["next_step"] or record["done"]:
            self.counts["unchanged"] += 1
        elif event.done:
            self._say("done elsewhere", "".join(planning.finish(self.op, kind, record)))
            self.counts["updated"] += 1
        else:
            due, at = self._day(event.due)
            # A program that keeps days alone tells no time.
            self._change(kind, event, record, appointments.different(record, {"due": due, **({"at": at} if at else {})}), {})

    def gone_there(self, found: Sequence[Event], files: Sequence[str]) -> None:
        """Say which appointments to come are in their calendar no more. That may be an export of fewer days: nothing is taken off."""
        if any(e.problem or e.method not in ("", "PUBLISH") for e in found):
            return
        kind, there = self.store.kinds["activity"], {e.uid for e in found}
        missing = [n for n, uid in capturing.followed(self.store, files, self.now).items() if uid not in there]
        for number in missing:
            record = lookup.get(self.store, kind.name, number) or {}
            ref = refs.show(kind.name, number, self.store.site)
            self._say("no longer in it", f"{ref} {lookup.label(kind, record)}, {local_text(record['when'], self.calendar)}")
        if missing:
            named = " ".join(refs.show(kind.name, n, self.store.site) for n in missing[:TOLD])
            self._say("if it does not take place", f"sfa activity delete {named}")

    # What became of it ----------------------------------------------------------------------------------------------------------------

    def summary(self, names: str, operation: str | None, dry_run: bool) -> dict[str, Any]:
        """What became of the events."""
        counted = ("read", "new", "updated", "unchanged", "removed", "kept", "nobody", "cancelled", "declined", "done_already")
        more = ("earlier", "older", "deleted_here", "first_only", "one_only", "several_deals", "coming", "rejected")
        return {
            "file": names,
            **{n: self.counts[n] for n in (*counted, *more)},
            "on_deals": self.deals.total(),
            "told": self.said,
            "strange_files": self.strange,
            "reasons": [{"line": line, "reason": why} for line, why in self.reasons],
            "seconds": round(perf_counter() - self.started, 3),
            "operation": operation,
            "dry_run": dry_run,
        }

    def details(self) -> list[str]:
        """What a person should know beside the counts."""
        n = self.counts
        lines = told.on_deals(self.store, self.deals, 0, 0)
        lines += [say("{coming:,} of the new ones are still to come", coming=n["coming"])] if n["coming"] else []
        for what, texts in self.said.items():
            lines += [say("{what}: {text}", what=what, text=text) for text in texts[:TOLD]]
            lines += [say("{what}: {count:,} more", what=what, count=len(texts) - TOLD)] if len(texts) > TOLD else []
        for key, what in (
            ("kept", "changed here since then: kept as they are"),
            ("nobody", "with nobody who is known here (--all takes them)"),
            ("cancelled", "cancelled"),
            ("declined", "declined"),
            ("done_already", "tasks done before they were ever here"),
            ("earlier", "before --since"),
            ("older", "older states of the same event"),
            ("deleted_here", "deleted here before, not taken again"),
            ("one_only", "change all later times of their series too: only the first of these was changed"),
            ("first_only", "repeat in a way that is not understood: their first time only"),
        ):
            lines += [say("{many:,} {noun}", many=n[key], noun=what)] if n[key] else []
        lines += [say("line {line}: {why}", line=line, why=why) for line, why in _first(self.reasons)]
        return [*lines, *told.strange(self.strange)]


def _first(reasons: Iterable[tuple[int, str]]) -> list[tuple[int, str]]:
    return list(reasons)[:TOLD]
