"""What was found out about a file before anything is loaded: told to a person, who may disagree with a guess; described for the JSON
summary; written as a map file."""

from __future__ import annotations

from typing import Any

from sfa import output
from sfa.commands.files import may_write, written_whole
from sfa.commands.sources import SAMPLE, Source, without
from sfa.languages import spoken
from sfa.messages import say, together
from sfa.sales import mapfile, values
from sfa.sales.mapping import GUESS, Mapped, Plan
from sfa.sales.values import quoted
from sfa.wrapping import cell_width

LEFT_OUT = 20
"""Columns left out that are named."""


def agreed(found: Source, told: bool, yes: bool) -> Source:
    """A source as a person wants it: its mapping told where it is to be, and guesses asked about where somebody can be asked."""
    if told:
        tell_mapping(found)
    if not yes and output.interactive():
        for column in [c for c in found.plan.columns if c.sure == GUESS]:
            if output.ask(say("Take {header} for {title}? [Y/n]", header=quoted(column.header), title=column.field.title)).lower() in (
                "n",
                "no",
            ):
                found = without(found, column.at)
    return found


def tell_mapping(found: Source, what: str = "") -> None:
    """What was found out about a file, for a person; `what` is said of it first."""
    dialect, plan = found.table.dialect, found.plan
    mark = {"\t": "tab"}.get(dialect.delimiter, repr(dialect.delimiter))
    shape = say("delimiter {mark}", mark=mark) if dialect.delimiter else " ".join(filter(None, (dialect.form, dialect.part)))
    how = together(", ", filter(None, (dialect.encoding, shape)))
    output.message(say("{name}: {what}{how}, {count} columns", name=found.name, what=what, how=how, count=len(found.table.header)))
    if plan.profile and not what:
        output.message(
            say(
                "  looks like {article} export of {plural} (--profile none: take it for no product's)",
                article=article(plan.profile.title),
                plural=plan.kind.plural,
            )
        )
    for note in found.notes:
        output.message(say("  {note}", note=note))
    new = {f.name for f in found.created}
    columns = [
        (c.at, c.header, c.field.name, say("new, {type}", type=c.field.type) if c.field.name in new else c.sure) for c in plan.columns
    ]
    columns += [(w.at, w.header, w.title, "certain") for w in found.wide]
    wide = min(40, max(cell_width(header) for _, header, _, _ in columns))
    most = max(12, output.width() - wide - 32) if output.watched() else 40
    samples = {at: _cut(_sample(found, at), min(most, 40)) for at, *_ in columns}
    room = max(map(cell_width, samples.values()))
    for at, header, goes, sure in sorted(columns):
        output.message(
            say(
                "  {header} → {goes:<16} {sample}  {what}",
                header=_filled_up(values.visible(header), wide),
                goes=goes,
                sample=_filled_up(samples[at], room),
                what=sure,
            )
        )
    for name, value in plan.map.set.items():
        where, shown = _filled_up(spoken("every row"), wide), _filled_up(quoted(value), room)
        output.message(say("  {where} → {name:<16} {shown}  {what}", where=where, name=name, shown=shown, what="certain"))
    for column in plan.may_be:
        header = _filled_up(column.header, wide)
        output.message(say("  {header}   may be {title}, as others may: say which with --map", header=header, title=column.field.title))
    if plan.outcome >= 0:
        output.message(say("  {header} → stage where it says won or lost", header=_filled_up(found.table.header[plan.outcome], wide)))
    _tell_left(found, "" if what else "; --create-fields makes fields of them")


def _cut(sample: str, most: int) -> str:
    """A sample in quotes, as long as there is room for."""
    shown = quoted(sample) if sample else ""
    if cell_width(shown) <= most:
        return shown
    while cell_width(shown) > most - 1:
        shown = shown[:-1]
    return shown + "…"


def _filled_up(text: str, wide: int) -> str:
    """A text with blanks up to so many columns of a terminal, of which Chinese characters take two."""
    return text + " " * (wide - cell_width(text))


def article(title: str) -> str:
    return say("an {title}", title=title) if title[0] in "AEIO" else f"a {title}"


def _sample(found: Source, at: int) -> str:
    return next((r.cells[at].strip() for r in found.sample if at < len(r.cells) and r.cells[at].strip()), "")


def _filled(found: Source, at: int) -> int:
    return sum(bool(at < len(r.cells) and r.cells[at].strip()) for r in found.sample)


def _tell_left(found: Source, otherwise: str) -> None:
    """The columns that go nowhere, with how many of their cells hold anything; `otherwise` says what can be done."""
    counts = [(name, _filled(found, at)) for at, name in found.plan.left]
    filled = [(name, n) for name, n in counts if n]
    of = say(" (cells filled in the first {sample} rows)", sample=SAMPLE) if len(found.sample) == SAMPLE else ""
    if filled:
        named = together(", ", (say("{name} ({n})", name=name, n=n) for name, n in filled[:LEFT_OUT]))
        more = say(" and {count} more", count=len(filled) - LEFT_OUT) if len(filled) > LEFT_OUT else ""
        output.message(say("  left out{of}: {named}{more}{otherwise}", of=of, named=named, more=more, otherwise=otherwise))
    if blank := len(counts) - len(filled):
        output.message(
            say(
                "  left out: {blank} column{s} without any cell filled{of}",
                blank=blank,
                s="s" if blank > 1 else "",
                of=of.replace("cells filled ", ""),
            )
        )


def described(found: Source) -> dict[str, Any]:
    """How one file was read, for the JSON summary."""
    return {
        "file": found.name,
        "form": found.table.dialect.form,
        "part": found.table.dialect.part,
        "encoding": found.table.dialect.encoding,
        "delimiter": found.table.dialect.delimiter,
        "profile": found.plan.profile.name if found.plan.profile else None,
        "columns": {c.header: c.field.name for c in found.plan.columns} | {w.header: w.title for w in found.wide},
        "guessed": [c.header for c in found.plan.columns if c.sure == GUESS],
        "left_out": [name for _, name in found.plan.left],
        "notes": list(found.notes),
    }


def save(path: str, found: Source, given: mapfile.Map, yes: bool) -> None:
    """Write all that is known of a file as a map file. Raises Declined where there is one and --yes was not given."""
    may_write(path, yes)
    write_map(path, found, given, found.plan)
    output.message(say("The mapping stands in {path}.", path=path))


def write_map(path: str, found: Source, given: mapfile.Map, plan: Plan) -> None:
    """Write a map file of a file, where `plan` says of its own columns where they go."""
    orders = {found.orders.get(c.at) for c in plan.columns if c.at in found.orders}
    dates = given.dates or (orders.pop() or "" if len(orders) == 1 and not orders & {"serial", "epoch"} else "")
    profile = found.plan.profile.name if found.plan.profile else given.profile or "none"
    goes: dict[int, Mapped] = {c.at: c for c in plan.columns}
    told = {*goes, *(at for at, _ in plan.left)}
    seen: set[str] = set()
    lines = []
    wide = {w.at for w in found.wide}
    for at, header in enumerate(found.own_header):
        if header.strip() and header not in seen and at in told - wide:
            seen.add(header)
            column, sample = goes.get(at), _sample(found, at)
            note = ", ".join(t for t in (column.sure if column else "", quoted(sample) if sample else "blank") if t)
            own = column is not None and column.field.type == "self"
            if not own:
                lines.append(mapfile.Line(header, column.field.name if column else "", note))
    notes = [
        say("How {name} was read: sfa import {group} FILE --map {path}", name=found.name, group=plan.kind.noun, path=path),
        *found.notes,
    ]
    with written_whole(path) as stream:
        stream.write(mapfile.written(given._replace(dates=dates, profile=profile), lines, notes))
