"""One leg of a movement, opened: its deals with old and new value, who changed them and when; and deals that went a way round."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sfa import output
from sfa.commands.forecast.changes import CLOSED, LABELS, Movement, row_label, signed
from sfa.commands.forecast.table import in_unit
from sfa.commands.tables import Figure, Table, write
from sfa.errors import Ambiguous, NotFound, SfaError, UsageError
from sfa.messages import say, together

if TYPE_CHECKING:
    from sfa.sales.movement import Stop
    from sfa.store.database import Store
    from sfa.store.history import Change
    from sfa.store.queries.movement import State

FIELDS = {
    **dict.fromkeys(("pulled_in", "pushed_in", "pushed_out", "pulled_out"), ("close", "closed", "stage")),
    **dict.fromkeys(("won", "lost", "reopened", "newly_won", "reopened_won"), ("stage",)),
    **dict.fromkeys(("increased", "decreased", "amended"), ("amount", "currency", "closed", "owner")),
    **dict.fromkeys(("transferred_in", "transferred_out"), ("owner", "category", "stage", "close", "product", "account")),
}
"""Leg → the fields whose change makes it, the first that changed counts."""
ENDS = ("opening", "closing")
Names = tuple[str, ...]


def leg(made: Movement, asked: str, format: str) -> None:
    """Write the deals of one leg. Raises UsageError, NotFound, Ambiguous; fails loudly where they do not add up to it."""
    row, name = _asked(made, asked)
    total = made.steps[row].of(name)
    rows = list(_end_rows(made, row, name) if name in ENDS else _leg_rows(made, row, name))
    if sum(r["amount"] for r in rows) != total:
        raise SfaError(
            say("the deals of {row_label} do not add up to {name}", row_label=row_label(made, row), name=name),
            "This is a mistake of the program; please report it.",
        )
    rows.sort(key=lambda r: (-abs(r["amount"]), r["ref"]))
    label = {**LABELS, **CLOSED}[name]
    from sfa.commands.forecast.changes import title

    figures = [
        Figure("change", "text", "what changed", people=name not in ENDS),
        Figure("who", "text", "who", people=name not in ENDS),
        Figure("when", "text", "when", people=name not in ENDS),
        Figure("amount", "money", label),
    ]
    dims = [("ref", ""), ("deal", ""), ("owner", "")]
    for r in rows:
        r["amount"] = signed(name, r["amount"])
    head = title(made).split("\n")
    what = together("\n", [say("{label} of {row_label}, {head}", label=label, row_label=row_label(made, row), head=head[0]), *head[1:]])
    whole = {"amount": signed(name, total)} if rows else None
    from sfa.commands.forecast.changes import more_of

    more = {**more_of(made), "row": row_label(made, row), "leg": name}
    write(made.store, Table(dims, in_unit(made.ask, figures), rows, whole, made.store.currency, what, [], more, wrap=True), format)


def _asked(made: Movement, asked: str) -> tuple[Any, str]:
    """The row's key and the leg that a person names."""
    import difflib

    text, _, last = asked.rpartition(":")
    name = last.strip().lower().replace("-", "_").replace(" ", "_")
    name = {"closed_now": "closed_now", "up": "increased", "down": "decreased"}.get(name, name)
    if name not in {**LABELS, **CLOSED} or name in ("currency", "closed_then", "closed_now"):
        known = [n for n in (*LABELS, "newly_won", "amended", "reopened_won") if n != "currency"]
        near = difflib.get_close_matches(name, known, 1)
        raise UsageError(
            say("there is no leg {last!r} to open", last=last[:60]),
            say("Did you mean {near!r}?", near=near[0]) if near else say("Legs: {known}; ROW:LEG for a row.", known=together(", ", known)),
        )
    if not text or text.strip().casefold() == "total":
        return None, name
    labels = {k: row_label(made, k) for k in made.steps if k is not None}
    wanted = text.strip().casefold().replace(":", " / ")
    found = [k for k, label in labels.items() if label.casefold() == wanted] or [
        k for k, label in labels.items() if wanted in label.casefold()
    ]
    if len(found) != 1:
        some = ", ".join([labels[k] for k in found[:8]] or [*labels.values()][:8]) or "none: add --by"
        kind: type[SfaError] = Ambiguous if found else NotFound
        raise kind(
            say("{text!r} names {count} rows of this movement", text=text[:60], count=len(found) or "no"), say("Rows: {some}", some=some)
        )
    return found[0], name


def _leg_rows(made: Movement, row: Any, name: str) -> Iterator[dict[str, Any]]:
    for one, before, after in made.legs():
        if one.name == name and one.row == row:
            state = after or before
            assert state is not None
            change = _change(made, state.id, name, before is None)
            yield {**_deal(made, state), **_told(made, change, before, after), "amount": one.amount}


def _end_rows(made: Movement, row: Any, name: str) -> Iterator[dict[str, Any]]:
    """The deals that are open in the window at one of the two moments."""
    from contextlib import nullcontext

    from sfa.sales.forecast import IN, LATE
    from sfa.store.queries import forecast as query

    with made.store.past(made.since) if name == "opening" else nullcontext():
        for d in query.deals(made.store, made.by or "rep", made.ask):
            fits = d.place in (IN, LATE) and d.category not in ("closed", "omitted")
            if fits and (row is None or row in made.slicer.rows_of(d.values)):
                # Where no rate was known then, the movement took the later one.
                lacking = name == "opening" and d.value and not d.amount
                amount = made.found.opening(d.value, d.currency) if lacking else d.amount
                yield {**_named(made, d.id, d.owner), "amount": amount}


def _deal(made: Movement, state: State) -> dict[str, Any]:
    from sfa.store.history import versions

    last = versions(made.store, made.store.kinds["opportunity"], state.id)[-1]
    return _named(made, state.id, last["owner"], last["name"])


def _named(made: Movement, number: int, owner: int | None, name: str = "") -> dict[str, Any]:
    from sfa.sales.refs import show
    from sfa.store import lookup

    person = made.found.people.get(owner or 0)
    deal = name or (lookup.get(made.store, "opportunity", number) or {}).get("name")
    return {"ref": show("opportunity", number, made.store.site), "deal": deal, "owner": person.name if person else None}


def _change(made: Movement, number: int, name: str, fresh: bool) -> Change | None:
    """The last change between the two moments that makes the leg."""
    from sfa.store import history

    since = made.since >> 20
    found = [c for c in history.record(made.store, made.store.kinds["opportunity"], number) if c.at > since]
    if name == "removed":
        return next((c for c in reversed(found) if c.what == "deleted"), None)
    if fresh:
        return found[0] if found else None
    for field in FIELDS.get(name, ()):
        changed = [c for c in found if c.field == field]
        if changed:
            return changed[-1]
    return found[-1] if found else None


def _told(made: Movement, change: Change | None, before: State | None, after: State | None) -> dict[str, Any]:
    """What changed in words, by whom, when."""
    from sfa.sales.moments import local_text, stamp_text
    from sfa.store.queries import scope

    if change is None:
        return {"change": "what it refers to changed", "who": "", "when": ""}
    when = local_text(stamp_text(scope.at(change.at << 20)), made.store.calendar)
    return {"change": _words(made, change, before, after), "who": change.actor or change.command, "when": when}


def _words(made: Movement, change: Change, before: State | None, after: State | None) -> str:
    from sfa.commands.nouns import differences

    kind = made.store.kinds["opportunity"]
    if change.what == "deleted":
        return "deleted"
    if before is None:
        # Without options and fields: what it was given stands in the deal.
        return say("added by {re}", re=re.split(" (?=-|[^ ]+=)", change.command)[0][:40])
    # Old and new are those of the two moments where the field is one that the states hold.
    currency = {"currency": (after or before).currency}
    old = {change.field: change.before, **currency}
    if before and after and change.field in ("close", "closed"):
        old[change.field] = getattr(before, change.field)
        return differences(made.store, kind, old, {change.field: getattr(after, change.field)})
    if before and after and change.field == "amount" and made.ask.measure == "revenue":
        old = {"amount": before.amount, "currency": before.currency}
        return differences(made.store, kind, old, {"amount": after.amount})
    return differences(made.store, kind, old, {change.field: change.after})


# Detours ----------------------------------------------------------------------------------------------------------------------------


def detours(made: Movement, format: str) -> None:
    """Write the deals that were in and out of the window, or changed their amount and back, between the two moments."""
    from sfa.commands.forecast.changes import title
    from sfa.store.queries.movement import touched

    limited = bool(made.ask.conditions) or made.ask.only is not None
    within = sorted(s.id for b, a, _ in made.found.changed for s in (a or b,) if s and any(e and e.scope for e in (b, a)))
    found = [row for number in (within if limited else touched(made.store)) if (row := _detour(made, number))]
    if not found and format == "table":
        return output.message("No deal went a way round: what the legs say is all that happened.")
    figures = [Figure("way", "text", "way")]
    head = title(made).replace("Changes", "Ways round", 1)
    return write(
        made.store, Table([("ref", ""), ("deal", ""), ("owner", "")], figures, found, None, made.store.currency, head, [], {}), format
    )


def _detour(made: Movement, number: int) -> dict[str, Any] | None:
    """The way of one deal, where its legs do not tell it."""
    from sfa.sales.moments import local_text, stamp_text
    from sfa.sales.movement import WITHIN, goes_round, where_is
    from sfa.store.history import versions
    from sfa.store.queries import scope

    store = made.store
    known = versions(store, store.kinds["opportunity"], number)
    ends = scope.stages(store)
    way = _way(made, known, {int(n) for n in f"{ends.won},{ends.lost}".split(",") if n})
    days = made.ask.period.start.isoformat(), made.ask.period.end.isoformat()
    won = str(known[-1]["stage"]) in ends.won.split(",") and where_is(known[-1]["closed"], *days) == WITHIN
    if not goes_round([stop for _, stop in way], won):
        return None
    shown: list[tuple[int, str]] = []
    for since, stop in way:
        text = say("in at {money}", money=_money(stop, store)) if stop.inside else "out"
        if not shown or shown[-1][1] != text:
            shown.append((since, text))
    text = ", ".join(f"{local_text(stamp_text(scope.at(since)), store.calendar)} {what}" for since, what in shown)
    return {**_named(made, number, known[-1]["owner"], known[-1]["name"]), "way": text}


def _way(made: Movement, known: Sequence[dict[str, Any]], closed: set[int]) -> list[tuple[int, Stop]]:
    """What a deal was from the earlier moment on, and since when; out where it was not there."""
    from sfa.sales.movement import WITHIN, Stop, where_is

    start, stop = made.ask.period.start.isoformat(), made.ask.period.end.isoformat()
    now, nowhere = made.store.moment, Stop(False, None, None)
    out: list[tuple[int, Stop]] = [(made.since, nowhere)]
    for v, later in zip(known, [*known[1:], None], strict=True):
        inside = v["stage"] not in closed and where_is(v["close"], start, stop) == WITHIN and v["category"] != "omitted"
        out.append((max(v["since"], made.since), Stop(inside, v["amount"], v["currency"] or made.store.currency)))
        if v["until"] is not None and (later is None or v["until"] < later["since"]) and (now is None or v["until"] <= now):
            out.append((max(v["until"], made.since), nowhere))
    # Of what was before, the last is what held.
    first = max(i for i, (since, _) in enumerate(out) if since == made.since)
    return out[first:]


def _money(stop: Stop, store: Store) -> str:
    from sfa.sales import money

    return money.human(stop.amount, stop.currency or store.currency) if stop.amount is not None else "no amount"
