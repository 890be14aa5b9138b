"""`sfa review`: a person's open deals one after the other, most money at risk first, each answered with a key."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import typer

from sfa import keys, output
from sfa.commands.health import Judged, assessed, limits, listing
from sfa.commands.nouns import Format, Json, differences
from sfa.commands.opp import ask_for_stage
from sfa.commands.reviewed import Reviewed
from sfa.commands.session import Session, view
from sfa.errors import SfaError, UsageError
from sfa.messages import say
from sfa.sales import money, refs, steps
from sfa.sales.kinds import Kind
from sfa.store import deals, intake, lookup, records, undo
from sfa.store.database import Store
from sfa.store.operations import operation

Record = dict[str, Any]
KEYS = "a advance  m amount  d date  n next step  l lose  s next deal  u undo  q quit"


class Round(NamedTuple):
    """A review in progress: what it goes through, what judges a deal again, what was done in it ((operation, place) each), what was
    reviewed today."""

    store: Store
    kind: Kind
    queue: list[Judged]
    judge: Callable[[int], Judged | None]
    done: list[tuple[int, int]]
    reviewed: Reviewed


def command(
    ctx: typer.Context,
    words: Annotated[list[str] | None, typer.Argument(metavar="[FILTER]...", show_default=False)] = None,
    again: Annotated[bool, typer.Option("--again", help="Also those that you have reviewed today.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="Only show what is still to be reviewed, in order.")] = False,
    format: Format = "",
    json: Json = False,
) -> None:
    """Go through your open deals, one key each.

    Most money at risk first (see sfa opp health). a advances the deal to its next stage, m sets the amount, d the expected close,
    n the next step, l loses it, s goes on to the next deal, u takes the last answer back, q quits. Each answer is an operation of its own.
    A review that was left goes on where it was; filters choose other deals than yours.

    Examples:
      sfa review --list
      sfa review close:2026-Q4 'amount>10k' --list
    """
    session: Session = ctx.obj
    if not list_ and not output.interactive():
        raise UsageError(
            "a review needs a terminal", "`sfa review --list` shows its deals; `sfa opp edit FILTER field=value` changes many."
        )
    from sfa.store.queries import rates

    with session.store(write=not list_) as store:
        reviewed = Reviewed(session.settings, store.path, store.me, store.calendar.today.isoformat())
        found, judge = assessed(store, words or ["is:mine"], limits(session))
        queue = [j for j in found if again or j.deal.id not in reviewed.ids]
        for told in rates.untold(store, rates.lacking(store, (j.deal.currency for j in queue))):
            output.message(told)
        if list_:
            chosen = output.chosen_format(format, json)
            return output.sheet(listing(store, queue, chosen), view(store, chosen))
        if not queue:
            return output.message(
                "Nothing to review: " + ("all were reviewed today; --again goes through them." if found else "no open deal.")
            )
        return _walk(Round(store, store.kinds["opportunity"], queue, judge, [], reviewed))


command.words = True  # type: ignore[attr-defined]


def _walk(r: Round) -> None:
    """Show deal after deal and do what the keys say."""
    at = 0
    try:
        _show(r, at)
        while at < len(r.queue):
            before = at
            try:
                at, shown = _answer(r, at, keys.read())
            except SfaError as error:
                output.error(error, as_json=False)
                shown = True
            if at < len(r.queue) and (at != before or not shown):
                _show(r, at)
    except KeyboardInterrupt:
        output.message("")
    left = sum(j.deal.id not in r.reviewed.ids for j in r.queue)
    what = say("{count} change{s}", count=len(r.done) or "no", s="" if len(r.done) == 1 else "s")
    output.message(
        say("Reviewed {count} of {count2}: {what}.", count=len(r.queue) - left, count2=len(r.queue), what=what)
        + (say(" {left} left: sfa review goes on.", left=left) if left else "")
    )


def _answer(r: Round, at: int, key: str) -> tuple[int, bool]:
    """(the place to go on at, whether the deal need not be shown again) after a key."""
    deal = r.queue[at].deal
    if key in ("q", keys.END):
        raise KeyboardInterrupt
    if key in ("s", "\n", "\r", " "):
        r.reviewed.add(deal.id)
        return at + 1, False
    if key == "u":
        return _undo(r, at), False
    act = {"a": _advance, "m": _amount, "d": _date, "n": _step, "l": _lose}.get(key)
    if act is None:
        output.message(say("{keys}", keys=KEYS) if key else "")
        return at, True
    before = lookup.get(r.store, r.kind.name, deal.id)
    if before is None:
        output.message("It was deleted meanwhile.")
        return at + 1, False
    gone = act(r, at, before)
    if gone:
        r.reviewed.add(deal.id)
    return at + gone, False


def _advance(r: Round, at: int, before: Record) -> bool:
    """Move the deal to the next stage of its pipeline; after the last open one it is won, which is asked about."""
    target = _next_stage(r, before)
    if target is None:
        output.message("There is no stage behind this one.")
        return False
    if target["outcome"] == "won" and not output.agreed(say("Win {label}?", label=lookup.label(r.kind, before))):
        return False
    _move(r, at, before, target)
    return bool(target["outcome"] == "won")


def _next_stage(r: Round, deal: Record) -> Record | None:
    stages = intake.stages(r.store, deal["pipeline"])
    now = next((s for s in stages if s["id"] == deal["stage"]), None)
    later = [s for s in stages if s["outcome"] != "lost" and (now is None or s["order"] > now["order"])]
    return later[0] if later and (now is None or now["outcome"] == "open") else None


def _lose(r: Round, at: int, before: Record) -> bool:
    target = next(s for s in intake.stages(r.store, before["pipeline"]) if s["outcome"] == "lost")
    _move(r, at, before, target)
    return True


def _move(r: Round, at: int, before: Record, target: Record) -> None:
    """Move the deal, asking for what the stage requires."""
    texts: dict[str, str] = {}
    ask_for_stage(r.store, r.kind, target, before, texts)
    given = [f"{n}={t}" for n, t in texts.items()]
    words = [target["verb"]] if target["verb"] else ["move"]
    _write(r, at, before, texts, [*words, _ref(r, before), *([] if target["verb"] else [target["name"]]), *given], target["id"])


def _amount(r: Round, at: int, before: Record) -> bool:
    now = money.human(before["amount"], before["currency"]) if before["amount"] is not None else say("none")
    return _set(r, at, before, "amount", output.ask(say("Amount ({now}; 48k, +=10%)", now=now)))


def _date(r: Round, at: int, before: Record) -> bool:
    return _set(r, at, before, "close", output.ask(say("Expected close ({close}; fri, eom, +=7d)", close=before["close"] or say("none"))))


def _step(r: Round, at: int, before: Record) -> bool:
    return _set(r, at, before, "next_step", output.ask(say("Next step ({next_step})", next_step=before["next_step"] or say("none"))))


def _set(r: Round, at: int, before: Record, field: str, answer: str) -> bool:
    """Set one field; an empty answer leaves it as it is."""
    if answer:
        relative = answer[:2] in ("+=", "-=") and field != "next_step"
        texts: dict[str, str] = {field: steps.step(answer[0], answer[2:]) if relative else answer}
        _write(r, at, before, texts, ["edit", _ref(r, before), f"{field}{answer}" if relative else f"{field}={answer}"])
    return False


def _write(r: Round, at: int, before: Record, texts: dict[str, str], words: list[str], stage: int | None = None) -> None:
    """Write one answer as one operation, remembered as the command that does the same."""
    moved = {"stage": stage} if stage is not None else {}
    with operation(r.store, shlex.join(["opp", *words])) as op:
        changed = deals.change(op, r.kind, before, {**intake.stored(r.store, r.kind, texts, before), **moved})
    if changed:
        r.done.append((op.id, at))
        output.message(
            say(
                "Changed {ref}: {differences}  (take back: u)",
                ref=_ref(r, before),
                differences=differences(r.store, r.kind, before, changed),
            )
        )


def _undo(r: Round, at: int) -> int:
    """Take the last answer of this review back; returns the place of its deal."""
    if not r.done:
        output.message("Nothing was changed in this review yet.")
        return at
    number, place = r.done.pop()
    undo.undo(r.store, number, "undo")
    r.reviewed.forget(r.queue[place].deal.id)
    output.message("Taken back.")
    return place


def _ref(r: Round, deal: Record) -> str:
    return refs.show(r.kind.name, deal["id"], r.store.site)


# One deal on the screen -------------------------------------------------------------------------------------------------------------


def _show(r: Round, at: int) -> None:
    """What a person needs to decide, in at most a dozen lines, and the keys."""
    deal = lookup.get(r.store, r.kind.name, r.queue[at].deal.id)
    judged = r.judge(r.queue[at].deal.id)
    if deal is None or judged is None:
        output.message("It is not open any more: s goes on, u takes the last answer back.")
        return
    names = intake.names_of(r.store, r.kind, deal)
    today = r.store.calendar.today.isoformat()
    amount = "none" if deal["amount"] is None else money.human(deal["amount"], deal["currency"])
    late = " (overdue)" if deal["close"] and deal["close"] < today else ""
    target = _next_stage(r, deal)
    stage = f"{names.get('stage')}" + (say(", then {name}", name=target["name"]) if target else "")
    rows = [
        ("stage", stage),
        ("amount", amount),
        ("close", f"{deal['close']}{late}" if deal["close"] else say("none")),
        ("next step", deal["next_step"] or say("none")),
    ]
    rows += [("last", text) for text in [_last(r, deal)] if text]
    rows += [(judged.grade if i == 0 else "", say("{rule}: {fact}", rule=f.rule, fact=f.fact)) for i, f in enumerate(judged.against[:5])]
    above = " · ".join(t for t in (deal["name"], names.get("account")) if t)
    output.card(say("{at} of {count}  {ref}  {above}", at=at + 1, count=len(r.queue), ref=_ref(r, deal), above=above), rows, KEYS)


def _last(r: Round, deal: Record) -> str:
    """The last activity on the deal, in a line."""
    sheet = records.timeline(r.store, r.kind, deal["id"], 1)
    at = {c.name: c.at for c in sheet.columns}
    row = next(iter(sheet.rows), None)
    return say("{first} {second}: {third}", first=row[at["when"]][:10], second=row[at["kind"]], third=row[at["text"]]) if row else ""
