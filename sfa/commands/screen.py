"""One record on one screen: its fields, the records that belong to it, its timeline; and the same as JSON."""

from __future__ import annotations

import re
from typing import Any

from sfa import output
from sfa.commands.session import view
from sfa.messages import say, together
from sfa.sales import refs
from sfa.sales.kinds import Kind
from sfa.sales.sheets import Sheet, column
from sfa.store import records
from sfa.store.database import Store


def whole(store: Store, kind: Kind, number: int, fields: dict[str, Any]) -> dict[str, Any]:
    """A record as JSON: its `fields`, then `related` and `timeline`."""
    how = view(store, "json")
    related: dict[str, Any] = {name: list(output.objects(s, how)) for name, s in records.related(store, kind, number).items()}
    if kind.name == "opportunity":
        related["contacts"] = [
            {"ref": refs.show("contact", i, store.site), "name": n, "title": t, "role": r, "primary": p}
            for i, n, t, r, p in records.deal_contacts(store, number)
        ]
    return {
        **fields,
        "related": related,
        "timeline": list(output.objects(records.timeline(store, kind, number), how)),
    }


def show(store: Store, kind: Kind, number: int, format: str) -> None:
    """A record for a person: filled fields, then what belongs to it."""
    how = view(store, format)
    sheet = records.select(store, kind, ["ref", *(f.name for f in kind.fields)], [], only=number)
    output.fields(_dialled(sheet) if format == "table" else sheet, how)
    for title, part in _parts(store, kind, number):
        output.section(part._replace(title=title), how)


def _dialled(sheet: Sheet) -> Sheet:
    """Phone numbers in groups, as people write them; how they were written before only where that has other digits."""
    from sfa.sales import phones

    (row,), at = list(sheet.rows), {c.name: c.at for c in sheet.columns}
    shown = list(row)
    for name, i in at.items():
        if name + phones.WRITTEN in at and row[i]:
            other = at[name + phones.WRITTEN]
            if re.sub(r"\D", "", row[other] or "") == re.sub(r"\D", "", row[i]):
                shown[other] = None
            shown[i] = ",".join(map(phones.for_people, row[i].split(",")))
    return sheet._replace(rows=[tuple(shown)])


def _parts(store: Store, kind: Kind, number: int) -> list[tuple[str, Sheet]]:
    parts: list[tuple[str, Sheet]] = []
    if kind.name == "opportunity" and (people := records.deal_contacts(store, number)):
        columns = [
            column("ref", "self", 0, to="contact"),
            column("name", "text", 1),
            column("title", "text", 2),
            column("role", "choice", 3),
            column("primary", "bool", 4),
        ]
        parts.append(("contacts", Sheet(columns, people)))
    parts += [(say("{plural}", plural=name), s) for name, s in records.related(store, kind, number, limit=10).items()]
    told = _timeline(store, kind, number)
    return [*parts, (say("timeline"), told)] if told.rows else parts


def _timeline(store: Store, kind: Kind, number: int) -> Sheet:
    """The timeline for people: how long it took, how it ended and with whom, and what is to be done next, stand behind what happened, which
    way it went behind the kind, so that all have room."""
    made = records.timeline(store, kind, number)
    at = {c.name: c.at for c in made.columns}
    shown = [c for c in made.columns if c.name in ("ref", "when", "kind", "owner", "text")]
    rows = []
    for row in made.rows:
        got = {name: row[i] for name, i in at.items()}
        text = got["text"] + _circumstances(got)
        if got["next_step"]:
            due = say(" by {it}", it=" ".join(filter(None, (got["due"], got["at"])))) if got["due"] else ""
            text = say(
                "{text} → {next_step}{due}{word}", text=text, next_step=got["next_step"], due=due, word=" (done)" if got["done"] else ""
            )
        told = list(row)
        told[at["text"]], told[at["kind"]] = text, " ".join(filter(None, (got["kind"], got["direction"])))
        rows.append(tuple(told))
    return made._replace(columns=shown, rows=rows)


def _circumstances(got: dict[str, Any]) -> str:
    """` (45 min, positive, with Wei Zhang and Anna Li)`."""
    from sfa.sales.calllog import tells_length
    from sfa.sales.fields import PEOPLE_END
    from sfa.sales.spans import words

    said = [words(got["duration"])] if got["duration"] and not tells_length(got["text"]) else []
    ended = (got["outcome"] or "").replace("_", " ")
    said += [ended] if ended and ended != got["text"].lower() else []
    if got["others"]:
        people = [n for n in (got["contact"], *got["others"].split(PEOPLE_END)) if n]
        said.append(
            say("with {people} and {people2}", people=together(", ", people[:-1]), people2=people[-1])
            if len(people) > 1
            else say("with {people}", people=people[0])
        )
    tags = "".join(f" #{t}" for t in (got["tags"] or "").split(",") if t)
    return (say(" ({said})", said=together(", ", said)) if said else "") + tags
